//! Facts about networks.
//!
//! Nominal ones say what rules, routes and attachments say, one resource at a time: [`space`] puts protocols and ports
//! on one axis, [`peers`] addresses into sets with doubts, [`blame`] decides which rules together open something to the
//! internet.
//!
//! Effective ones follow paths over a [`topology`] of everything: [`trace`] follows one packet and its reply hop by
//! hop, [`reach`] computes with whole sets of addresses and ports. The two share nothing but the topology, so that each
//! checks the other: every witness that `reach` finds is replayed by `trace` before anybody sees it.

mod blame;
pub mod breach;
mod declared;
pub mod effects;
pub(super) mod exposure;
pub(super) mod isolation;
pub(super) mod network_acl;
pub mod packet;
mod peers;
pub mod reach;
pub mod remedy;
mod routing;
#[cfg(test)]
mod sample;
pub(super) mod security_group;
mod shadow;
mod space;
pub(super) mod subnet;
pub mod topology;
pub mod trace;

pub use declared::{Declared, Outside};
