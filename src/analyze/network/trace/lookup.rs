//! Who has an address.

use std::collections::BTreeMap;

use crate::analyze::network::topology::{Address, Id, Interface, Network, Vpc};
use crate::net::{Addr, AddrSet};

/// Addresses of a network.
#[derive(Debug)]
pub(super) struct Lookup {
    private: BTreeMap<(Id<Vpc>, Addr), (Addr, Id<Interface>, Option<Addr>)>,
    public: BTreeMap<Addr, (Id<Interface>, Addr)>,
    /// The VPCs whose interfaces may have more addresses than are listed.
    hazy: BTreeMap<Id<Vpc>, crate::model::Cause>,
    internet: AddrSet,
}

impl Lookup {
    pub(super) fn of(network: &Network) -> Self {
        let mut private = BTreeMap::new();
        let mut public = BTreeMap::new();
        let mut hazy = BTreeMap::new();
        for (id, interface) in network.interfaces.iter() {
            for Address { range, public: seen } in &interface.addresses {
                private.insert((interface.vpc, range.first), (range.last, id, *seen));
                if let Some(addr) = seen {
                    public.insert(*addr, (id, range.first));
                }
            }
            if let Some(cause) = &interface.doubt {
                hazy.entry(interface.vpc).or_insert_with(|| cause.clone());
            }
        }
        for (id, vpc) in network.vpcs.iter() {
            let kind = "aws.ec2.network_interface";
            if let Some(cause) = network.gap_around(&vpc.name, vpc.place, kind) {
                hazy.entry(id).or_insert_with(|| cause.clone());
            }
        }
        Self { private, public, hazy, internet: AddrSet::internet() }
    }

    /// The interface with a private address (or a global IPv6 one) in a VPC, and its public IPv4 address.
    pub(super) fn owner(&self, vpc: Id<Vpc>, addr: Addr) -> Option<(Id<Interface>, Option<Addr>)> {
        let ((of, _), (last, id, public)) = self.private.range(..=(vpc, addr)).next_back()?;
        (*of == vpc && addr <= *last).then_some((*id, *public))
    }

    /// The interface behind a public IPv4 address, and its private one.
    pub(super) fn public(&self, addr: Addr) -> Option<(Id<Interface>, Addr)> {
        self.public.get(&addr).copied()
    }

    /// Why a VPC may have addresses that are not seen.
    pub(super) fn hazy(&self, vpc: Id<Vpc>) -> Option<&crate::model::Cause> {
        self.hazy.get(&vpc)
    }

    /// Whether the internet carries packets to an address.
    pub(super) fn is_internet(&self, addr: Addr) -> bool {
        self.internet.contains(addr)
    }
}
