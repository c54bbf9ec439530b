//! Where packets go inside a VPC and out of it.

use super::{Id, Interface, Place, Subnet, TransitGateway, Vpc};
use crate::model::{Attr, Cause};
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet, Traffic};

/// A route table of a VPC.
#[derive(Debug, Clone)]
pub struct RouteTable {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Its routes in no order that means anything: the longest prefix decides, then [`Origin`].
    pub routes: Vec<Route>,
    /// Why there may be more routes than are listed, to anywhere.
    pub doubt: Option<Cause>,
}

/// A route to one block of addresses; a route to a prefix list stands here once for each entry.
#[derive(Debug, Clone)]
pub struct Route {
    /// The block, always a whole prefix.
    pub destination: Range,
    /// What people know the route by: its prefix or its prefix list.
    pub label: Box<str>,
    /// Where it leads.
    pub target: Target,
    /// How it came about, which decides between equal prefixes.
    pub origin: Origin,
    /// Whether it works.
    pub state: RouteState,
}

/// How a route came about, the stronger first. Source: "Route priority" in the Amazon VPC user guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Written into the table.
    Static,
    /// Written into the table by way of a prefix list.
    PrefixList,
    /// Propagated by a virtual private gateway or a route server.
    Propagated,
}

/// Whether a route works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteState {
    /// It does.
    Active,
    /// Its target is gone; packets that it is the best route for are lost.
    Blackhole,
    /// Nobody can say.
    Unknown(Cause),
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Into the VPC.
    Local,
    /// To the internet gateway with this id.
    InternetGateway(Box<str>),
    /// To the egress-only internet gateway with this id.
    EgressOnlyGateway(Box<str>),
    /// To a NAT gateway.
    Nat(Id<Nat>),
    /// To a peered VPC.
    Peering(Id<Peering>),
    /// To a transit gateway, into the attachment of the VPC.
    TransitGateway(Id<TransitGateway>),
    /// To a virtual private gateway: a site behind VPN or Direct Connect.
    VpnGateway(Box<str>),
    /// To an interface: an appliance or a NAT instance.
    Interface(Id<Interface>),
    /// To a Gateway Load Balancer endpoint, that of a firewall included.
    Endpoint(Id<Endpoint>),
    /// To an AWS service by a gateway endpoint.
    Service(Id<Endpoint>),
    /// To something that ended or was never there (a deleted peering, say): packets are lost.
    Gone(Box<str>),
    /// To something whose further way is not analysed, with what it is: a carrier gateway, a core network, a thing that
    /// is not in the inventory.
    Beyond(Cause),
}

/// A NAT gateway that is available.
#[derive(Debug, Clone)]
pub struct Nat {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Its subnet; regional gateways have none.
    pub subnet: Attr<Option<Id<Subnet>>>,
    /// The table of a regional gateway.
    pub table: Attr<Option<Id<super::RouteTable>>>,
    /// Whether it translates to public addresses at the internet gateway.
    pub public: Attr<bool>,
    /// The private addresses it translates to, with their public ones.
    pub addresses: Attr<Vec<(Addr, Option<Addr>)>>,
}

/// A peering that is active.
#[derive(Debug, Clone)]
pub struct Peering {
    /// Its id.
    pub name: Box<str>,
    /// The two VPCs by id, requester first; nothing in place of one that is not in the inventory.
    pub sides: [(Box<str>, Option<Id<Vpc>>); 2],
    /// The blocks of both sides as the peering states them.
    pub blocks: [AddrSet; 2],
    /// Whether both sides are in one region, as references to security groups demand.
    pub same_region: Attr<bool>,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// What it is.
    pub kind: EndpointKind,
    /// The name of the service behind it.
    pub service: Option<Box<str>>,
    /// Its subnets.
    pub subnets: Vec<Id<Subnet>>,
    /// Its interfaces.
    pub interfaces: Vec<Id<Interface>>,
}

/// What a VPC endpoint is.
#[derive(Debug, Clone)]
pub enum EndpointKind {
    /// To a service by routes (S3, DynamoDB).
    Gateway,
    /// To a service by interfaces. The provider cannot open connections to the consumer.
    Interface,
    /// A firewall of AWS Network Firewall in the way of packets. They go on by the table of its subnet.
    Firewall(Box<Firewall>),
    /// An appliance of somebody else in the way of packets.
    Appliance,
    /// A resource or a service network of VPC Lattice.
    Resource,
}

/// A firewall of AWS Network Firewall, as far as it can be understood. Packets meet the stateless rules, and those that
/// these forward meet the stateful ones.
#[derive(Debug, Clone)]
pub struct Firewall {
    /// The firewall's ARN.
    pub name: Box<str>,
    /// Stateless rules by ascending priority; the first that matches decides.
    pub stateless: Vec<FirewallRule>,
    /// What happens to packets that none of them matches.
    pub stateless_default: Attr<FirewallAction>,
    /// Stateful rules in the order of their evaluation; the first that matches decides.
    pub stateful: Vec<FirewallRule>,
    /// What happens to connections that none of them matches.
    pub stateful_default: Attr<FirewallAction>,
    /// Why the stateful rules may decide otherwise: domain lists, Suricata text, rules that were not read. Packets that
    /// the stateless rules decide are certain all the same.
    pub opaque: Option<Cause>,
}

/// A rule of a firewall.
#[derive(Debug, Clone)]
pub struct FirewallRule {
    /// Its priority or number.
    pub number: i64,
    /// Where packets come from.
    pub sources: AddrSet,
    /// Where they go.
    pub destinations: AddrSet,
    /// Source ports; any when empty.
    pub source_ports: Vec<crate::net::Ports>,
    /// Which packets; any of these.
    pub traffic: Vec<Traffic>,
    /// What happens.
    pub action: FirewallAction,
}

/// What a firewall does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FirewallAction {
    /// Lets it pass.
    Pass,
    /// Drops or rejects it.
    Drop,
    /// Hands it to the stateful rules (stateless rules only).
    Forward,
}
