//! Isolation of declared environments: which of them reach which others, by what, and beyond what was declared.
//!
//! A finding names one cause: the thing that joins two environments (a peering, an attachment, a shared subnet, …) and
//! the rule of a security group that admits packets over it. Where no rule admits any, one finding names the joint
//! alone: a single change would open it. Direction matters, and so does every flow that the configuration declares.

mod admit;
mod egress;
mod flow;
mod joint;
mod parties;
mod pool;
mod relay;
mod through;
mod witness;

use rayon::prelude::*;

pub use flow::{Flow, Party};

use self::admit::{Admission, Key, Use};
use self::egress::Egress;
use self::joint::Leg;
use self::parties::Parties;
use super::packet::{Packet, Reply, Start, Touch};
use super::reach::Analysis;
use super::topology::{Network, Node};
use crate::model::{Attr, Cause};
use crate::net::Traffic;

/// What is known about the isolation of environments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Isolation {
    /// The paths that nobody declared, sorted: certain ones and doubtful ones.
    pub breaches: Vec<Breach>,
    /// Why there may be more: VPCs and interfaces whose environment is not known, tables with routes that nobody read,
    /// VPCs in places where kinds of things were not collected; by the thing, sorted.
    pub doubts: Vec<(Option<Node>, Cause)>,
}

/// A path from one environment to another that nobody declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The environment that packets come from.
    pub from: Box<str>,
    /// The environment that they get to.
    pub to: Box<str>,
    /// By what.
    pub kind: Kind,
    /// The thing that joins the two: the peering, the attachment on the target's side, the shared subnet or VPC, …
    pub link: Node,
    /// The routes that lead over it, sorted.
    pub routes: Vec<Touch>,
    /// The rule that admits packets; nothing when none does, and where no security group filters.
    pub rule: Option<Touch>,
    /// What gets through and is not declared; what would be routed, when nothing gets through.
    pub traffic: Vec<Traffic>,
    /// How far packets get.
    pub level: Level,
    /// Whether answers to the witness come back.
    pub reply: Reply,
    /// How many interfaces may send, and how many receive.
    pub pairs: (usize, usize),
    /// A packet that takes the path.
    pub witness: Option<(Start, Packet)>,
    /// Why it may not be so: a certain breach has none.
    pub doubt: Option<Cause>,
}

/// Finds the paths between declared environments that no flow declares. What is not certain is marked so.
pub fn isolation(analysis: &Analysis<'_>, flows: &[Flow]) -> Isolation {
    let network = analysis.network();
    let mut out = Isolation::default();
    let parties = Parties::new(network);
    out.doubts.extend(parties.doubts.iter().map(|(node, cause)| (Some(*node), cause.clone())));
    out.doubts.extend(unread(network));
    if parties.names.len() < 2 {
        return out;
    }
    let elsewhere = parties.elsewhere(network);
    let (legs, ends) = joint::legs(analysis, &parties, flows, &elsewhere, &mut out);
    let egress = Egress::new(network);
    let admission = Admission::new(analysis, &parties, &egress, &legs);
    let by_vpc: Vec<&[Leg]> = legs.all.chunk_by(|a, b| a.vpc == b.vpc).collect();
    let uses: Vec<(Key, Use)> = by_vpc
        .into_par_iter()
        .filter_map(|legs| legs.first().map(|leg| admission.at(leg.vpc, legs)))
        .flatten_iter()
        .collect();
    out.breaches = uses
        .into_par_iter()
        .filter_map(|(key, used)| witness::breach(analysis, &parties, &key, used))
        .collect();
    out.breaches.extend(relay::relays(analysis, &parties, flows, &ends, &elsewhere));
    out.breaches.sort_by(|a, b| order(a).cmp(&order(b)));
    out.doubts.sort();
    out.doubts.dedup();
    out
}

/// VPCs of environments in places where something that may join them was not read.
fn unread(network: &Network) -> Vec<(Option<Node>, Cause)> {
    const KINDS: [&str; 9] = [
        "aws.ec2.network_interface",
        "aws.ec2.route_table",
        "aws.ec2.subnet",
        "aws.ec2.transit_gateway",
        "aws.ec2.transit_gateway_attachment",
        "aws.ec2.transit_gateway_route_table",
        "aws.ec2.vpc_endpoint",
        "aws.ec2.vpc_peering_connection",
        "aws.elbv2.load_balancer",
    ];
    let mut out = Vec::new();
    for (id, vpc) in network.vpcs.iter().filter(|(_, vpc)| vpc.environment != Attr::Known(None)) {
        let gaps = KINDS.iter().filter_map(|kind| network.gap_around(&vpc.name, vpc.place, kind));
        out.extend(gaps.map(|cause| (Some(Node::Vpc(id)), cause.clone())));
    }
    out
}

/// The order of output.
fn order(breach: &Breach) -> (&str, &str, Level, Kind, Node, Option<&Touch>) {
    let Breach { from, to, level, kind, link, rule, .. } = breach;
    (from, to, *level, *kind, *link, rule.as_ref())
}

/// How far packets get from one environment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// To a target that takes them.
    Admitted,
    /// To the border of the targets: only security groups or network ACLs keep them out, one change away.
    RoutedOnly,
}

/// By what environments are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// They share a subnet, where only security groups hold them apart.
    SharedSubnet,
    /// They share a VPC.
    SameVpc,
    /// Their VPCs are peered.
    Peering,
    /// Their VPCs are attached to one transit gateway, or to peered ones.
    TransitGateway,
    /// One has an endpoint of a service of the other.
    PrivateLink,
    /// A load balancer of one has targets in the other.
    LoadBalancer,
    /// One reaches public addresses of the other by the internet.
    Public,
    /// Both are attached to a site, which may hand packets on.
    Site,
    /// An interface that forwards packets stands between them.
    Relay,
    /// Any other way.
    Other,
}

impl Kind {
    /// The words people read, behind "by".
    pub fn words(self) -> &'static str {
        match self {
            Self::SharedSubnet => "a shared subnet",
            Self::SameVpc => "a shared VPC",
            Self::Peering => "peering",
            Self::TransitGateway => "transit gateway",
            Self::PrivateLink => "PrivateLink",
            Self::LoadBalancer => "load balancer",
            Self::Public => "public addresses",
            Self::Site => "a common site",
            Self::Relay => "an interface that forwards",
            Self::Other => "another way",
        }
    }
}
