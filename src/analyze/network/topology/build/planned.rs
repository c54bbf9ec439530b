//! Addresses of interfaces that do not exist yet.
//!
//! AWS gives them out when an interface is made: a private one of its subnet, and a public one where it is to have one.
//! Which ones does not matter to what reaches the interface, unless a rule tells addresses of one subnet apart. Each gets
//! one that nothing else has, to be followed like any other.

use std::collections::HashMap;

use super::super::host::Address;
use super::super::{Id, Subnet};
use crate::model::attr::CauseKind;
use crate::model::ec2::NetworkInterface;
use crate::model::{Attr, Cause};
use crate::net::addr::{Addr, Range};

/// Where public addresses stand in: 198.18.0.0/15 is for tests of devices, and nobody's on the internet (RFC 2544).
const PUBLIC: u32 = 0xc612_0000;
/// How many public addresses can stand in.
const PUBLIC_MAX: u32 = 1 << 17;

/// What an interface that does not exist yet will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Planned {
    /// Whether it will have a public address.
    public: bool,
}

impl Planned {
    /// Nothing when the interface exists, or when it is open whether it will have a public address.
    pub(super) fn of(interface: &NetworkInterface) -> Option<Self> {
        let is_later = |cause: &Cause| cause.kind == CauseKind::KnownAfterApply;
        let Attr::Unknown(cause) = &interface.private_ip_address else { return None };
        if !is_later(cause) {
            return None;
        }
        // One address, of which only the value is open: more may be asked for, and have public ones of their own.
        match interface.private_ip_addresses.known().map(Vec::as_slice) {
            Some([one]) if one.private_ip_address.known().is_none() => {}
            _ => return None,
        }
        match &interface.association {
            Attr::Known(None) => Some(Self { public: false }),
            Attr::Known(Some(association)) => match &association.public_ip {
                Attr::Unknown(cause) if is_later(cause) => Some(Self { public: true }),
                _ => None,
            },
            Attr::Unknown(_) => None,
        }
    }
}

/// Gives out addresses that stand in.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    given: HashMap<Id<Subnet>, u32>,
    publics: u32,
}

impl StandIns {
    /// An address of a subnet, from its end, where AWS has reserved the last only.
    pub(super) fn give(
        &mut self,
        planned: Planned,
        id: Id<Subnet>,
        subnet: &Subnet,
    ) -> Option<Address> {
        let blocks = subnet.blocks.known()?;
        let block = blocks.ranges().iter().find(|range| !range.first.is_v6())?;
        let given = self.given.entry(id).or_default();
        *given += 1;
        let behind = u128::from(*given);
        // The first four and the last are AWS' own.
        if block.span() < behind + 6 {
            return None;
        }
        let private = Addr::at(block.last.number() - behind);
        let public = if planned.public {
            self.publics += 1;
            let number = (self.publics < PUBLIC_MAX).then(|| PUBLIC + self.publics)?;
            Some(std::net::Ipv4Addr::from(number).to_string().parse().ok()?)
        } else {
            None
        };
        Some(Address { range: Range::one(private), public })
    }
}
