//! Load balancers, and other front doors that lead to addresses which are not public themselves.

use super::{Endpoint, GroupSet, Host, Id, Interface, Place, Vpc};
use crate::model::{Attr, Cause};
use crate::net::{Addr, AddrSet, Traffic};

/// A load balancer.
#[derive(Debug, Clone)]
pub struct Balancer {
    /// Its ARN, or its name if it is a classic one.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// What it is.
    pub kind: BalancerKind,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Whether it is meant to have public addresses.
    pub internet_facing: Attr<bool>,
    /// Its interfaces, one for each zone as a rule, sorted by id.
    pub interfaces: Vec<Id<Interface>>,
    /// Why it may have more interfaces than are seen.
    pub doubt: Option<Cause>,
    /// Where it answers.
    pub listeners: Vec<Listener>,
    /// Why it may have more listeners.
    pub listeners_doubt: Option<Cause>,
    /// Whether every node serves the targets of all zones, unless a target group says otherwise.
    pub cross_zone: Attr<bool>,
    /// Whether security groups filter what comes by PrivateLink.
    pub groups_filter_private_link: Attr<bool>,
}

/// What a load balancer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BalancerKind {
    /// It ends connections and opens its own to targets.
    Application,
    /// It hands packets on, and may keep the client's address.
    Network,
    /// It ends connections and opens its own to instances.
    Classic,
    /// It hands packets to appliances.
    Gateway,
}

/// Where a load balancer answers, and to whom that leads.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its ARN, or protocol and port for a classic one.
    pub name: Box<str>,
    /// Which packets; TCP and UDP both for `TCP_UDP`.
    pub traffic: Vec<Traffic>,
    /// Why it may answer elsewhere, or not at all: then `traffic` is all that it may be.
    pub traffic_doubt: Option<Cause>,
    /// The target groups that any of its rules may choose.
    pub targets: Vec<Id<TargetGroup>>,
    /// Why there may be more, or other, targets.
    pub doubt: Option<Cause>,
}

/// A target group; also the instances of a classic load balancer's listener.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// Its ARN.
    pub name: Box<str>,
    /// What its targets are.
    pub kind: TargetKind,
    /// The protocol numbers towards targets.
    pub protocols: Vec<crate::net::traffic::Protocol>,
    /// Its targets.
    pub targets: Vec<Target>,
    /// Why there may be more.
    pub doubt: Option<Cause>,
    /// Whether targets see the client's address, by attribute or by the default for its kind and protocol.
    pub keeps_client: Attr<bool>,
    /// What overrides the balancer's own setting.
    pub cross_zone: Attr<Option<bool>>,
}

/// What the targets of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// Instances, by their primary interface.
    Instance,
    /// Addresses.
    Ip,
    /// A function, without a network in between.
    Function,
    /// Another load balancer.
    Balancer,
}

/// A target.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its id as registered.
    pub name: Box<str>,
    /// The address; nothing for functions, and for instances that are not in the inventory.
    pub addr: Option<Addr>,
    /// The interface of that address, if it is in the inventory.
    pub interface: Option<Id<Interface>>,
    /// The balancer behind a balancer.
    pub balancer: Option<Id<Balancer>>,
    /// The port.
    pub port: Option<u16>,
    /// Whether health checks succeed. When they do for none, all targets are served.
    pub healthy: Attr<bool>,
    /// Whether it is served at all: its zone is enabled and it is registered.
    pub used: Attr<bool>,
}

/// A way in from outside to things without a public address.
#[derive(Debug, Clone)]
pub struct Door {
    /// Its ARN or id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// What it is.
    pub kind: DoorKind,
    /// Who may come.
    pub clients: AddrSet,
    /// Why there may be other clients.
    pub clients_doubt: Option<Cause>,
    /// Where it answers, and to which port of the target that leads.
    pub ports: Vec<PortMap>,
    /// Where it lets clients go, for doors into a whole VPC; everywhere for the others.
    pub destinations: AddrSet,
    /// The VPC it leads into.
    pub vpc: Option<Id<Vpc>>,
    /// Balancers it leads to.
    pub balancers: Vec<Id<Balancer>>,
    /// Interfaces it leads to.
    pub interfaces: Vec<Id<Interface>>,
    /// Interfaces it sends from; nothing where it has none of its own.
    pub senders: Vec<Id<Interface>>,
    /// The groups of those interfaces where they are not in the inventory.
    pub groups: Attr<Option<Id<GroupSet>>>,
    /// Whether targets see the client's address.
    pub keeps_client: Attr<bool>,
    /// Endpoints of consumers, for a PrivateLink service.
    pub consumers: Vec<Id<Endpoint>>,
    /// Accounts whose consumers are not in the inventory.
    pub foreign_consumers: Vec<Box<str>>,
    /// The host it stands for, if it stands for one.
    pub host: Option<Id<Host>>,
    /// Why it may lead further than is seen.
    pub doubt: Option<Cause>,
}

impl Door {
    /// A door for everybody to nowhere; the parts that matter are put into it.
    pub fn to_nowhere(name: &str, place: Id<Place>, kind: DoorKind) -> Self {
        Self {
            name: name.into(),
            place,
            kind,
            clients: AddrSet::everything(),
            clients_doubt: None,
            ports: Vec::new(),
            destinations: AddrSet::everything(),
            vpc: None,
            balancers: Vec::new(),
            interfaces: Vec::new(),
            senders: Vec::new(),
            groups: Attr::Known(None),
            keeps_client: Attr::Known(false),
            consumers: Vec::new(),
            foreign_consumers: Vec::new(),
            host: None,
            doubt: None,
        }
    }
}

/// A port outside and the one it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortMap {
    /// Which packets of clients.
    pub outside: Traffic,
    /// The port of the target; the same as outside when there is none.
    pub inside: Option<u16>,
}

/// What a front door is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoorKind {
    /// AWS Global Accelerator: needs an attached internet gateway, no route, no public address.
    GlobalAccelerator,
    /// A VPC origin of CloudFront.
    CloudFront,
    /// A VPC link of API Gateway.
    ApiGateway,
    /// A PrivateLink service for consumers in other VPCs and accounts.
    PrivateLink,
    /// A service of VPC Lattice.
    Lattice,
    /// A client VPN endpoint.
    ClientVpn,
    /// An EC2 Instance Connect endpoint.
    InstanceConnect,
    /// The public API of a cluster, outside any VPC of the inventory.
    ClusterApi,
}
