//! The network as packets meet it: compact, with every reference resolved, and built from resources in one pass.
//!
//! It holds what was collected, never what follows from it: who reaches whom is asked of the analyses over it. What is
//! not known stays unknown with its cause, at the place where a packet would meet it. Whatever AWS keeps showing after
//! its end (deleted peerings, gateways, attachments) is left out.

mod arena;
pub mod build;
mod filter;
mod front;
mod host;
mod route;
mod transit;

use std::collections::HashMap;

pub use arena::{Arena, Id};
pub use filter::{Acl, AclRule, Group, GroupSet, Peer, PrefixList, Rule};
pub use front::{
    Balancer, BalancerKind, Door, DoorKind, Listener, PortMap, Target as LoadTarget, TargetGroup,
    TargetKind,
};
pub use host::{Address, Host, HostKind, Interface, InterfaceKind};
pub use route::{
    Endpoint, EndpointKind, Firewall, FirewallAction, FirewallRule, Nat, Origin, Peering, Route,
    RouteState, RouteTable, Target,
};
pub use transit::{
    Attachment, AttachmentKind, Learned, TransitGateway, TransitRoute, TransitTable, TransitTarget,
};

use crate::ident::{AccountId, Region};
use crate::model::change::is_planned;
use crate::model::{Attr, Cause};
use crate::net::AddrSet;

/// Everything that forwards, filters, sends or receives.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// The account and region of things.
    pub places: Arena<Place>,
    /// VPCs.
    pub vpcs: Arena<Vpc>,
    /// Subnets.
    pub subnets: Arena<Subnet>,
    /// Route tables of VPCs.
    pub tables: Arena<RouteTable>,
    /// Network ACLs.
    pub acls: Arena<Acl>,
    /// Security groups.
    pub groups: Arena<Group>,
    /// Each distinct set of security groups that interfaces carry.
    pub group_sets: Arena<GroupSet>,
    /// Prefix lists, those of AWS included.
    pub lists: Arena<PrefixList>,
    /// Network interfaces.
    pub interfaces: Arena<Interface>,
    /// What is behind interfaces.
    pub hosts: Arena<Host>,
    /// NAT gateways.
    pub nats: Arena<Nat>,
    /// Active peerings.
    pub peerings: Arena<Peering>,
    /// Transit gateways.
    pub transit_gateways: Arena<TransitGateway>,
    /// Attachments of transit gateways.
    pub attachments: Arena<Attachment>,
    /// Route tables of transit gateways.
    pub transit_tables: Arena<TransitTable>,
    /// VPC endpoints.
    pub endpoints: Arena<Endpoint>,
    /// Load balancers.
    pub balancers: Arena<Balancer>,
    /// Their target groups.
    pub target_groups: Arena<TargetGroup>,
    /// Ways in from outside that no public address shows.
    pub doors: Arena<Door>,
    /// Ids and ARNs of all of them.
    pub names: HashMap<Box<str>, Node>,
    /// Why there may be more than is seen of a kind of thing, by place: an interface, peering or balancer that nobody
    /// listed could add a path. Keys are resource types.
    pub gaps: HashMap<(Id<Place>, &'static str), Cause>,
    /// The same for things that do not exist yet, which nothing outside of their plan can lead to.
    pub planned_gaps: HashMap<&'static str, Cause>,
}

/// Anything with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is documented by what it holds")]
pub enum Node {
    Vpc(Id<Vpc>),
    Subnet(Id<Subnet>),
    Table(Id<RouteTable>),
    Acl(Id<Acl>),
    Group(Id<Group>),
    List(Id<PrefixList>),
    Interface(Id<Interface>),
    Host(Id<Host>),
    Nat(Id<Nat>),
    Peering(Id<Peering>),
    TransitGateway(Id<TransitGateway>),
    Attachment(Id<Attachment>),
    TransitTable(Id<TransitTable>),
    Endpoint(Id<Endpoint>),
    Balancer(Id<Balancer>),
    TargetGroup(Id<TargetGroup>),
    Door(Id<Door>),
}

/// An account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

/// A VPC.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// The declared environment.
    pub environment: Attr<Option<Box<str>>>,
    /// Its blocks of both families that are associated; `local` routes reach all of them.
    pub blocks: Attr<AddrSet>,
    /// Blocks of IPv6 that the internet has no way to: private ranges, and those that are not announced.
    pub unannounced: AddrSet,
    /// The id of the internet gateway attached to it.
    pub internet_gateway: Attr<Option<Box<str>>>,
    /// The id of the egress-only internet gateway attached to it.
    pub egress_only_gateway: Attr<Option<Box<str>>>,
    /// The id of the virtual private gateway attached to it.
    pub vpn_gateway: Attr<Option<Box<str>>>,
    /// What is behind that gateway by VPN, where the routes of all its connections were written down; nothing where some
    /// are learned or not known. Direct Connect may bring more.
    pub behind_vpn: Option<AddrSet>,
    /// The table of traffic that enters through the internet gateway or the virtual private gateway, by their ids.
    pub edge_tables: Vec<(Box<str>, Id<RouteTable>)>,
    /// Its subnets, sorted by id.
    pub subnets: Vec<Id<Subnet>>,
}

impl Vpc {
    /// The table of what enters through one of its gateways.
    pub fn edge(&self, gateway: Option<&str>) -> Option<Id<RouteTable>> {
        let gateway = gateway?;
        self.edge_tables.iter().find(|(id, _)| **id == *gateway).map(|(_, table)| *table)
    }
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Its blocks of both families.
    pub blocks: Attr<AddrSet>,
    /// Its availability zone by name; attachments of transit gateways are bound to zones.
    pub zone: Attr<Box<str>>,
    /// Its route table, the VPC's main one if it names none.
    pub table: Attr<Id<RouteTable>>,
    /// Its network ACL, the VPC's default one if it names none.
    pub acl: Attr<Id<Acl>>,
    /// What VPC Block Public Access does to it, exclusions considered.
    pub block: Attr<Block>,
    /// The declared environment.
    pub environment: Attr<Option<Box<str>>>,
}

/// What VPC Block Public Access stops at a subnet's way to internet gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Block {
    /// Nothing.
    #[default]
    Off,
    /// All but what NAT gateways and egress-only gateways began.
    Ingress,
    /// Everything.
    Bidirectional,
}

impl Network {
    /// The thing of an id, ARN or (for load balancers and functions) name.
    pub fn find(&self, name: &str) -> Option<Node> {
        self.names.get(name).copied()
    }

    /// Why there may be more of a type in a place than is seen.
    pub fn gap(&self, place: Id<Place>, kind: &'static str) -> Option<&Cause> {
        self.gaps.get(&(place, kind))
    }

    /// Why there may be more of a type than is seen that has to do with a thing.
    pub fn gap_around(&self, name: &str, place: Id<Place>, kind: &'static str) -> Option<&Cause> {
        if is_planned(name) { self.planned_gaps.get(kind) } else { self.gap(place, kind) }
    }
}
