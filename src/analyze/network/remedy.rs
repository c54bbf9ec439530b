//! The smallest change that ends an exposure or a breach of isolation.
//!
//! Candidates are what a packet that shows the finding touches: the rule that admits it, a row of a network ACL before
//! the one that lets it pass, the route, peering or attachment it takes, its public address. A set of changes is tried
//! on a copy of the network, which both analyses look at again: what still gets through brings the candidates of the
//! next round, as in a search for hitting sets. Sets of fewer changes come first, so that the ones found are smallest;
//! among those, whatever takes least from others.
//!
//! Changes keep the places of rules and routes: what is removed stays in its list as something that matches nothing.

mod change;
mod search;

pub use change::Change;
pub use search::{of_breach, of_exposure};

use super::packet::{Packet, Start};

/// More changes than this are no small remedy.
pub const MOST_CHANGES: usize = 4;

/// Changes that end a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What to change, all of it.
    pub changes: Vec<Change>,
    /// How many of the packets to be kept are kept; all of them.
    pub keeps: usize,
    /// How many other interfaces lose something, at most: those that the changed rules, tables and gateways serve.
    pub loses: usize,
    /// Whether both analyses say that it ends the finding and keeps what is to be kept.
    pub verified: bool,
}

/// What came of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Remedies of the fewest changes, the gentlest first.
    Found(Vec<Remedy>),
    /// No set of up to [`MOST_CHANGES`] changes ends it and keeps what is to be kept, or none was found in time; why.
    NoSmallRemedy(&'static str),
}

/// A packet that has to get through as it did.
pub type Kept = (Start, Packet);

#[cfg(test)]
mod tests;
