//! The words that both analyses of paths speak: packets, where they come from, and what became of them.

use std::fmt;

use serde::Serialize;

use super::topology::{Attachment, Id, Interface, Network, Node, Vpc};
use crate::model::{Attr, Cause};
use crate::net::traffic::{ICMP, ICMPV6, Protocol, TCP, UDP};
use crate::net::{Addr, Ports, Traffic};

/// The ports that clients send from unless more is known: Linux takes 32768-60999, Windows 49152-65535, NAT gateways
/// and load balancers 1024-65535. Source: "Ephemeral ports" in the Amazon VPC user guide.
pub const EPHEMERAL: Ports = Ports { from: 1024, to: 65535 };

/// A packet that begins a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packet {
    /// Where it says it is from.
    pub source: Addr,
    /// Where it goes.
    pub destination: Addr,
    /// The protocol.
    pub protocol: Protocol,
    /// The port it is from, for TCP and UDP.
    pub source_port: u16,
    /// The port it goes to; for ICMP the type in the high byte and the code in the low one; else 0.
    pub port: u16,
}

impl Packet {
    /// The packet's place among protocols and ports.
    pub fn traffic(self) -> u32 {
        Traffic::one(self.protocol, self.port).first
    }

    /// Whether the protocol has ports.
    pub fn has_ports(self) -> bool {
        matches!(self.protocol, TCP | UDP)
    }

    /// The answer to it: addresses and ports swapped; an echo request becomes an echo reply, other messages of ICMP
    /// keep their type, since nothing answers them.
    #[must_use]
    pub fn reply(self) -> Self {
        let port = match (self.protocol, self.port >> 8) {
            (ICMP, 8) => 0,
            (ICMPV6, 128) => 129 << 8,
            (TCP | UDP, _) => self.source_port,
            _ => self.port,
        };
        let source_port = if self.has_ports() { self.port } else { 0 };
        Self {
            source: self.destination,
            destination: self.source,
            protocol: self.protocol,
            source_port,
            port,
        }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} → {} {}",
            self.source,
            self.destination,
            Traffic::one(self.protocol, self.port)
        )
    }
}

/// Where a packet starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Start {
    /// At an interface, from one of its private addresses.
    Interface(Id<Interface>),
    /// On the internet.
    Internet,
    /// At a site behind the virtual private gateway of a VPC.
    VpnGateway(Id<Vpc>),
    /// At a site or in a network behind an attachment of a transit gateway.
    Attachment(Id<Attachment>),
}

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It passes.
    Passes,
    /// It does not.
    Blocked,
    /// Nobody can say.
    Unknown(Cause),
}

impl Verdict {
    /// As a three-valued truth.
    pub fn truth(&self) -> Attr<bool> {
        match self {
            Self::Passes => Attr::Known(true),
            Self::Blocked => Attr::Known(false),
            Self::Unknown(cause) => Attr::Unknown(cause.clone()),
        }
    }

    /// Of a three-valued truth.
    pub fn of(truth: Attr<bool>) -> Self {
        match truth {
            Attr::Known(true) => Self::Passes,
            Attr::Known(false) => Self::Blocked,
            Attr::Unknown(cause) => Self::Unknown(cause),
        }
    }
}

/// How much of the answers comes back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reply {
    /// All of them, whatever port the client sends from.
    Full,
    /// Those to clients that send from these ports.
    Partial(Vec<Ports>),
    /// None: one packet gets in, and no connection comes about.
    None,
    /// Nobody can say.
    Unknown(Cause),
}

/// A step of a packet's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What kind of step it is.
    pub step: Step,
    /// The id of the thing it happens at.
    pub at: String,
    /// The rule, route or setting that decided, as its owner would name it.
    pub by: Option<String>,
    /// What became of the packet.
    pub verdict: Verdict,
    /// Why it was blocked.
    pub code: Option<Code>,
    /// The packet behind this step, when the step changed its addresses or port.
    pub becomes: Option<Packet>,
    /// The things to change if this step should decide otherwise.
    pub touches: Vec<Touch>,
}

/// Something a person could change to let a packet on or to stop it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// A rule of a security group: its group, whether it is for packets coming in, its place in the list.
    GroupRule(Id<super::topology::Group>, bool, usize),
    /// A rule of a network ACL: the ACL, whether it is for packets coming in, its place in the list.
    AclRule(Id<super::topology::Acl>, bool, usize),
    /// A route: the table and its place in the list.
    Route(Id<super::topology::RouteTable>, usize),
    /// A route of a transit gateway.
    TransitRoute(Id<super::topology::TransitTable>, usize),
    /// Anything else as a whole: a peering, an attachment, a balancer, a public address's interface.
    Node(Node),
}

/// A kind of step, in the order packets usually meet them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Where it starts.
    Source,
    /// A security group, on the way out.
    SecurityGroupOut,
    /// A network ACL, on the way out of a subnet.
    NetworkAclOut,
    /// A route of a VPC.
    Route,
    /// VPC Block Public Access.
    BlockPublicAccess,
    /// An internet gateway, with its translation.
    InternetGateway,
    /// An egress-only internet gateway.
    EgressOnlyGateway,
    /// A NAT gateway.
    NatGateway,
    /// A virtual private gateway.
    VpnGateway,
    /// A peering.
    Peering,
    /// An attachment of a transit gateway.
    TransitAttachment,
    /// A route of a transit gateway.
    TransitRoute,
    /// A firewall.
    Firewall,
    /// An appliance.
    Appliance,
    /// A VPC endpoint.
    Endpoint,
    /// A front door without a public address.
    FrontDoor,
    /// A network ACL, on the way into a subnet.
    NetworkAclIn,
    /// A security group, on the way in.
    SecurityGroupIn,
    /// A listener of a load balancer.
    Listener,
    /// A target of a load balancer.
    Target,
    /// Where it is received.
    Destination,
}

/// Why a packet was blocked, in the words of AWS' Reachability Analyzer where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are AWS' explanation codes, or in their manner")]
pub enum Code {
    EniSgRulesMismatch,
    SubnetAclRestriction,
    NoRouteToDestination,
    BlackholeRoute,
    BadTarget,
    NoPublicAddress,
    PrivateDestination,
    NoInternetGateway,
    BlockPublicAccess,
    IngressNotAllowed,
    PeeringNotTransitive,
    TgwAttachmentMissingInZone,
    TgwAttachmentNotAssociated,
    TgwRtbCannotRoute,
    TgwBlackhole,
    NatProtocol,
    NatOwnSubnet,
    NoListener,
    NoTarget,
    Hairpin,
    TargetNotServed,
    SourceDestCheck,
    NoSuchDestination,
    SendsOnly,
    FirewallRule,
    ReplyElsewhere,
}

impl Code {
    /// Whether routes and gateways are the reason, whoever sends the packet.
    pub fn is_of_routes(self) -> bool {
        matches!(
            self,
            Self::NoRouteToDestination
                | Self::BlackholeRoute
                | Self::BadTarget
                | Self::PrivateDestination
                | Self::NoInternetGateway
                | Self::BlockPublicAccess
                | Self::PeeringNotTransitive
                | Self::TgwAttachmentMissingInZone
                | Self::TgwAttachmentNotAssociated
                | Self::TgwRtbCannotRoute
                | Self::TgwBlackhole
                | Self::NatOwnSubnet
        )
    }
}

/// The words for a packet that one implementation lets pass and the other does not.
pub fn disagreement(start: Start, packet: Packet) -> String {
    let from = match start {
        Start::Internet => "from the internet",
        _ => "from inside",
    };
    format!(
        "the two analyses disagree about {packet} {from}: this is a mistake in Portcullis, please report it"
    )
}

impl Network {
    /// The name of a node, for people.
    pub fn name(&self, node: Node) -> &str {
        match node {
            Node::Vpc(id) => &self.vpcs[id].name,
            Node::Subnet(id) => &self.subnets[id].name,
            Node::Table(id) => &self.tables[id].name,
            Node::Acl(id) => &self.acls[id].name,
            Node::Group(id) => &self.groups[id].name,
            Node::List(id) => &self.lists[id].name,
            Node::Interface(id) => &self.interfaces[id].name,
            Node::Host(id) => &self.hosts[id].name,
            Node::Nat(id) => &self.nats[id].name,
            Node::Peering(id) => &self.peerings[id].name,
            Node::TransitGateway(id) => &self.transit_gateways[id].name,
            Node::Attachment(id) => &self.attachments[id].name,
            Node::TransitTable(id) => &self.transit_tables[id].name,
            Node::Endpoint(id) => &self.endpoints[id].name,
            Node::Balancer(id) => &self.balancers[id].name,
            Node::TargetGroup(id) => &self.target_groups[id].name,
            Node::Door(id) => &self.doors[id].name,
        }
    }
}
