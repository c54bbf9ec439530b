//! Flows that the configuration declares.

use crate::net::{AddrSet, Traffic};

/// Traffic that may pass from one party to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Who may begin.
    pub from: Party,
    /// Whom they may reach.
    pub to: Party,
    /// With which packets; with all when none is named.
    pub traffic: Vec<Traffic>,
    /// The ids of things it has to pass, any of which is enough (a peering, a transit gateway or attachment, an
    /// endpoint service, a load balancer); it may pass anything when none is named.
    pub via: Vec<String>,
    /// Why.
    pub reason: String,
}

/// An end of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A declared environment, by name.
    Environment(String),
    /// Any address of the internet. Who lets in the internet lets in every environment by its public addresses too.
    Internet,
    /// A named range outside of the inventory.
    Outside(String, AddrSet),
    /// Everybody, the internet included.
    Any,
}

impl Party {
    /// Whether it speaks of a whole environment.
    pub fn is_environment(&self, name: &str) -> bool {
        match self {
            Self::Environment(own) => own == name,
            Self::Any => true,
            Self::Internet | Self::Outside(..) => false,
        }
    }

    /// The addresses outside of all environments that it speaks of.
    pub fn outside(&self) -> Option<AddrSet> {
        match self {
            Self::Internet | Self::Any => Some(AddrSet::everything()),
            Self::Outside(_, addresses) => Some(addresses.clone()),
            Self::Environment(_) => None,
        }
    }
}

impl Flow {
    /// The packets it lets pass.
    pub fn passes(&self) -> &[Traffic] {
        if self.traffic.is_empty() { &[Traffic::ALL] } else { &self.traffic }
    }

    /// Whether it may take a way over things with these ids.
    pub fn takes<'a>(&self, mut ids: impl Iterator<Item = &'a str>) -> bool {
        self.via.is_empty() || ids.any(|id| self.via.iter().any(|via| via == id))
    }
}
