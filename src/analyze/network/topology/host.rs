//! What sends and receives.

use super::{Balancer, Endpoint, GroupSet, Id, Nat, Place, Subnet, Vpc};
use crate::model::{Attr, Cause};
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet};

/// A network interface.
#[derive(Debug, Clone)]
pub struct Interface {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region; in shared subnets not those of the subnet.
    pub place: Id<Place>,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Its subnet.
    pub subnet: Id<Subnet>,
    /// Its security groups, as one union; unknown when nobody knows which. Nothing: no group filters here (NAT gateways,
    /// network load balancers without groups, gateway load balancer endpoints, transit gateway attachments).
    pub groups: Attr<Option<Id<GroupSet>>>,
    /// Its addresses, both families, delegated prefixes included.
    pub addresses: Vec<Address>,
    /// Why there may be more addresses, private or public, than are listed.
    pub doubt: Option<Cause>,
    /// Whether it also takes packets that are not addressed to it.
    pub forwards: Attr<bool>,
    /// Whether internet gateways deliver nothing to it that it did not ask for (`DenyAllIgwTraffic`).
    pub shut: Attr<bool>,
    /// What is behind it.
    pub kind: InterfaceKind,
    /// The instance, database, function or cluster it belongs to.
    pub host: Option<Id<Host>>,
    /// The declared environment.
    pub environment: Attr<Option<Box<str>>>,
}

impl Interface {
    /// Whether an address is one of its private ones, or one of its IPv6 ones.
    pub fn has(&self, addr: Addr) -> bool {
        self.addresses.iter().any(|address| address.range.contains(addr))
    }

    /// Those addresses.
    pub fn own(&self) -> AddrSet {
        AddrSet::of(self.addresses.iter().map(|address| address.range))
    }
}

/// An address, or a block of them, of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The private address or addresses. For IPv6 they are what the internet sees as well, if they are global ones.
    pub range: Range,
    /// The public IPv4 address that internet gateways translate to this one.
    pub public: Option<Addr>,
}

/// What is behind an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterfaceKind {
    /// An instance, a container, or anything that listens on ports of its own choice.
    Ordinary,
    /// A load balancer: it answers where it has a listener.
    Balancer(Id<Balancer>),
    /// A load balancer that is not in the inventory: where it answers is not known.
    UnknownBalancer,
    /// A NAT gateway: it takes nothing that was not asked for.
    Nat(Option<Id<Nat>>),
    /// An interface endpoint: it answers on the ports of its service.
    Endpoint(Option<Id<Endpoint>>),
    /// A function: it only sends.
    Function,
    /// An attachment of a transit gateway.
    TransitGateway,
    /// A gateway load balancer endpoint.
    Appliance,
    /// A node of another managed service (database, cache, cluster): it answers on the ports of the service.
    Managed,
}

/// What interfaces belong to.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its id or ARN.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// What it is.
    pub kind: HostKind,
    /// Its interfaces, sorted by id.
    pub interfaces: Vec<Id<Interface>>,
    /// Why it may have more interfaces than are seen.
    pub doubt: Option<Cause>,
    /// Whether it runs; a stopped instance is exposed as soon as it starts.
    pub running: Attr<bool>,
    /// The port it listens on, where the service tells (databases).
    pub port: Option<u16>,
}

/// What a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostKind {
    /// An instance.
    Instance,
    /// A database.
    Database,
    /// A function in a VPC.
    Function,
    /// A Kubernetes cluster.
    Cluster,
    /// A client VPN endpoint or an instance connect endpoint: it sends into the VPC for people.
    Access,
}

impl super::Network {
    /// The interfaces of the machine behind an interface, that one first. Packets among them never leave it, so that no
    /// filter sees them. An interface that forwards, or may, stands alone: appliances keep their networks apart.
    pub fn machine(&self, id: Id<Interface>) -> impl Iterator<Item = Id<Interface>> {
        let bound = |id: &Id<Interface>| self.interfaces[*id].forwards == Attr::Known(false);
        let host = self.interfaces[id].host.map(|host| &self.hosts[host]);
        let host = host.filter(|host| host.kind == HostKind::Instance && bound(&id));
        let mates = host.map_or(&[][..], |host| host.interfaces.as_slice());
        let mates = mates.iter().copied().filter(move |mate| *mate != id && bound(mate));
        std::iter::once(id).chain(mates)
    }
}
