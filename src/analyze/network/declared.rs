//! What the configuration says about the network: which flows are wanted, and who is outside.

use super::breach::Flow;
use crate::net::AddrSet;

/// The flows between environments, and the named ranges outside of them.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// What may pass.
    pub flows: Vec<Flow>,
    /// Ranges outside whose reach is told.
    pub outside: Vec<Outside>,
}

/// A named range of addresses outside of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addresses: AddrSet,
}
