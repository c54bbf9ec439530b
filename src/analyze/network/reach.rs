//! Who reaches whom, computed with whole sets of addresses and ports.
//!
//! Packets are not tried one by one. [`Analysis::new`] compiles rules into [`Flows`] and route tables into disjoint
//! intervals once. [`Analysis::ways`] says where routes take packets, with the filters they meet and without evaluating
//! them; it depends on the subnet a packet leaves and on its destination only, so that a few ways serve many interfaces.
//! [`Analysis::pair`] and its like push sets through the filters of those ways, [`Analysis::exposure`] does the same for
//! every interface at once.
//!
//! Doubts are kept apart from certainties: what passes for sure and what may pass are separate sets, and unknown rules
//! only enlarge the second. It shares no code with the tracer of single packets, so that each checks the other.

mod bounds;
mod filters;
mod flows;
mod index;
mod intervals;
mod ways;

pub use bounds::Bounds;
pub use filters::Rules;
pub use flows::Flows;
use index::{Compiled, Index};
use ways::Walker;

use super::packet::{Packet, Reply, Start, Touch, Verdict};
use super::topology::{
    Acl, Attachment, Balancer, Door, Endpoint, Group, GroupSet, Id, Interface, Nat, Network,
    Subnet, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::{Addr, AddrSet, Ports, Traffic};

/// The compiled network. Filters and tables are compiled when they are first asked for.
#[derive(Debug)]
pub struct Analysis<'n> {
    network: &'n Network,
    index: Index,
    compiled: Compiled,
}

/// Something reachable from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The interface that packets reach: behind balancers and doors the target's. Nothing when the thing has none in the
    /// inventory, and then the door says what it is.
    pub interface: Option<Id<Interface>>,
    /// How they come in.
    pub entry: Entry,
    /// What clients address.
    pub outside: Traffic,
    /// What arrives at the interface.
    pub traffic: Traffic,
    /// Who may.
    pub clients: AddrSet,
    /// Whether answers come back.
    pub reply: Reply,
    /// Why it is not certain; nothing if it is.
    pub doubt: Option<Cause>,
    /// The rules that let it in: of security groups, and rows of network ACLs.
    pub rules: Vec<Touch>,
    /// The routes and gateways it stands on.
    pub routes: Vec<Touch>,
    /// A packet to show it with.
    pub witness: (Start, Packet),
}

/// How packets from outside come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// By an address that is public itself.
    Address(Addr),
    /// By a load balancer with public addresses, and the place of its listener.
    Balancer(Id<Balancer>, usize),
    /// By a front door.
    Door(Id<Door>),
}

/// A set of packets that get from one place to another: every combination of source, destination, traffic and source
/// port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Where they start.
    pub start: Start,
    /// Where they end.
    pub end: End,
    /// What they say they are from.
    pub sources: AddrSet,
    /// What they are addressed to by whoever sends them.
    pub destinations: AddrSet,
    /// Protocol and destination ports as sent.
    pub traffic: Traffic,
    /// The source ports, for TCP and UDP.
    pub source_ports: Ports,
    /// Protocol and ports at the end, where a balancer or door changes them.
    pub inside: Traffic,
    /// Whether answers come back.
    pub answered: Attr<bool>,
    /// Why it is not certain that they arrive; nothing if it is.
    pub doubt: Option<Cause>,
    /// What they pass that a person could change: rules, routes, gateways.
    pub touches: Vec<Touch>,
}

/// Where packets end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// In a VPC, by its `local` route. The network ACL of the destination's subnet is still to be passed, except by
    /// packets for the subnet `beside`, which come from there. (Of ways only.)
    Vpc {
        /// The VPC.
        vpc: Id<Vpc>,
        /// The subnet that packets come from inside the VPC.
        beside: Option<Id<Subnet>>,
    },
    /// At an interface.
    Interface(Id<Interface>),
    /// On the internet.
    Internet,
    /// At an AWS service, by a gateway endpoint.
    Service(Id<Endpoint>),
    /// At the site behind a virtual private gateway.
    VpnGateway(Id<Vpc>),
    /// At the site or network behind an attachment of a transit gateway.
    Attachment(Id<Attachment>),
    /// At the door of something else: a service behind an endpoint, a cluster's API.
    Door(Id<Door>),
    /// Nobody can say; anything may follow, with any source.
    Beyond(Cause),
}

/// Where a way starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// In a subnet, at one of its interfaces.
    Subnet(Id<Subnet>),
    /// On the internet.
    Internet,
    /// Behind the virtual private gateway of a VPC.
    VpnGateway(Id<Vpc>),
    /// Behind an attachment of a transit gateway.
    Attachment(Id<Attachment>),
}

/// Where routes take packets, and what they meet. Filters are named, not evaluated. Blocked ways are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What packets are addressed to. Public IPv4 addresses stand as such, also where `end` is in a VPC.
    pub destinations: AddrSet,
    /// Where they end.
    pub end: End,
    /// What they meet, in order.
    pub passages: Vec<Passage>,
    /// Whether rules that refer to security groups can match at the end.
    pub references: Attr<bool>,
    /// Why it is not certain that packets take this way; filters not considered.
    pub doubt: Option<Cause>,
    /// The routes, peerings and attachments it stands on.
    pub touches: Vec<Touch>,
}

/// What packets meet on a way: filters see the packet as translations before them left it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passage {
    /// A network ACL on the way into its subnet (by source) or out of it (by destination).
    Acl {
        /// The ACL.
        acl: Attr<Id<Acl>>,
        /// Into the subnet.
        ingress: bool,
    },
    /// A firewall.
    Firewall(Id<Endpoint>),
    /// A NAT gateway: TCP, UDP and ICMP go on with one of its addresses as source; answers only come back through it.
    Nat(Id<Nat>),
    /// Out by an internet gateway: IPv4 needs a public address of the source, and goes on with it. IPv6 goes on as it is.
    InternetGateway(Id<Vpc>),
    /// Out by an egress-only internet gateway, IPv6 only: answers come back, nothing else does.
    EgressOnlyGateway(Id<Vpc>),
    /// In by an internet gateway: public IPv4 destinations become the private ones they belong to.
    Entry(Id<Vpc>),
}

impl<'n> Analysis<'n> {
    /// Compiles a network.
    pub fn new(network: &'n Network) -> Self {
        Self { network, index: Index::of(network), compiled: Compiled::of(network) }
    }

    /// The network that was compiled.
    pub fn network(&self) -> &'n Network {
        self.network
    }

    /// What is reachable from outside addresses over the internet and front doors, for every interface, sorted by
    /// interface, entry and traffic.
    pub fn exposure(&self, _outside: &AddrSet) -> Vec<Exposure> {
        Vec::new()
    }

    /// What one interface can send another, over all their addresses, paths and balancers in between; exact.
    pub fn pair(&self, _from: Id<Interface>, _to: Id<Interface>) -> Vec<Connection> {
        Vec::new()
    }

    /// Everything that gets from a start to some destinations, wherever that ends. Sites and the internet send from
    /// `sources`; of interfaces those are taken that they have.
    pub fn connections(
        &self,
        _start: Start,
        _sources: &AddrSet,
        _destinations: &AddrSet,
    ) -> Vec<Connection> {
        Vec::new()
    }

    /// What becomes of one packet, and of the answers to it: whether it is in the sets.
    pub fn verdict(&self, _start: Start, _packet: Packet) -> (Verdict, Verdict) {
        (Verdict::Unknown(Cause::NOT_COLLECTED), Verdict::Unknown(Cause::NOT_COLLECTED))
    }

    /// Where routes take packets from a place to some destinations, sorted by destination. Ways that end in a VPC end
    /// there for all of its addresses among the destinations, whether anything has them or not.
    pub fn ways(&self, from: Origin, to: &AddrSet) -> Vec<Way> {
        Walker::ways(self, from, to)
    }

    /// What a network ACL lets into its subnet, by source, or out of it, by destination.
    pub fn acl(&self, acl: Id<Acl>, ingress: bool) -> &Bounds {
        self.compiled.acl(self.network, acl, ingress)
    }

    /// What the groups of an interface admit: into it by source, or out of it by destination.
    pub fn rules(&self, groups: Id<GroupSet>, ingress: bool) -> Rules {
        filters::rules(self.network, &self.network.group_sets[groups], ingress)
    }

    /// The interfaces that carry a group, sorted.
    pub fn members(&self, group: Id<Group>) -> &[Id<Interface>] {
        self.index.members(group)
    }

    /// The interface that has a private address in a VPC.
    pub fn owner(&self, vpc: Id<Vpc>, addr: Addr) -> Option<Id<Interface>> {
        self.index.owner(vpc, addr)
    }

    /// The interfaces of a VPC with addresses in a set, each with those it has.
    pub fn owners(&self, vpc: Id<Vpc>, to: &AddrSet) -> Vec<(Id<Interface>, AddrSet)> {
        self.index.owners(vpc, to)
    }

    /// The interface and the private address behind a public IPv4 address.
    pub fn behind(&self, public: Addr) -> Option<(Id<Interface>, Addr)> {
        self.index.publics.get(&public).copied()
    }
}
