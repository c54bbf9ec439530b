//! Facts about networks, nominal for now: what rules, routes and attachments say, one resource at a time.
//!
//! [`space`] puts protocols and ports on one axis, [`peers`] addresses into sets with doubts, [`blame`] decides which
//! rules together open something to the internet. The rest applies them.

mod blame;
pub(super) mod exposure;
pub(super) mod isolation;
pub(super) mod network_acl;
mod peers;
mod routing;
pub(super) mod security_group;
mod space;
pub(super) mod subnet;
