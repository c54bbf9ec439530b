//! Where inventories come from. Rooms do not see each other; what two of them need stands in [`normal`] and in the
//! table of what can be asked of AWS ([`services`]), from which plans ([`plan`]) and least-privilege policies
//! ([`permissions`]) are made. Neither names an SDK, so that the offline tool has them too.

pub mod normal;
pub mod permissions;
pub mod plan;
pub mod services;

#[cfg(feature = "aws")]
pub mod aws;
pub mod aws_json;
pub mod cloudformation;
pub mod predicted;
pub mod terraform;
