//! Privileges: what policies allow in effect, and what follows from it.
//!
//! [`evaluate::evaluate`] decides one request over all layers of policies; every question is asked of it. [`arn`],
//! [`glob`], [`condition`], [`document`] and [`principal`] match, [`request`] says what is known about who asks for what,
//! [`truth`] carries what an answer hangs on. [`estate`] holds all principals, policies and organizations of an inventory.

pub(super) mod admin;
pub mod arn;
pub mod ask;
pub mod catalogue;
pub mod condition;
pub mod declared;
pub mod document;
pub mod effects;
pub mod escalation;
pub mod estate;
pub mod evaluate;
pub mod glob;
mod grants;
pub mod people;
pub mod principal;
pub mod request;
pub mod trust;
pub mod truth;
pub mod usage;

pub use effects::Privileges;
