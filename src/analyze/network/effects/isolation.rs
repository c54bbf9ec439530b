//! Breaches of isolation as facts: on the VPC they lead into, and on what causes them.

use std::collections::BTreeMap;

use super::compact::{reply, rule_id};
use super::witness::Witnesses;
use super::{Effects, Found};
use crate::analyze::network::breach::{self, Breach, Kind, Level};
use crate::analyze::network::packet::{Start, Touch};
use crate::analyze::network::reach::Analysis;
use crate::analyze::network::topology::{AttachmentKind, Id, Network, Node, Vpc};
use crate::model::paths::{Isolation, IsolationBreach};
use crate::model::{Attr, Cause};

const VPCS: &str = "aws.ec2.vpc";
const GROUPS: &str = "aws.ec2.security_group";
const PEERINGS: &str = "aws.ec2.vpc_peering_connection";
const ATTACHMENTS: &str = "aws.ec2.transit_gateway_attachment";

/// How many breaches one resource lists; nobody can say of those behind them.
const BREACHES_MAX: usize = 256;

/// Breaches by type and name.
type Gathered<'n> = BTreeMap<(&'static str, &'n str), Vec<IsolationBreach>>;

/// Fills who meets whom.
pub(super) fn isolation(
    analysis: &Analysis<'_>,
    found: &breach::Isolation,
    witnesses: &mut Witnesses<'_>,
    effects: &mut Effects,
) {
    let network = analysis.network();
    let mut gathered = Gathered::new();
    for (_, vpc) in network.vpcs.iter() {
        gathered.insert((VPCS, &vpc.name), Vec::new());
    }
    for (_, group) in network.groups.iter() {
        gathered.insert((GROUPS, &group.name), Vec::new());
    }
    for (_, peering) in network.peerings.iter() {
        gathered.insert((PEERINGS, &peering.name), Vec::new());
    }
    for (_, attachment) in network.attachments.iter() {
        gathered.insert((ATTACHMENTS, &attachment.name), Vec::new());
    }
    for breach in &found.breaches {
        let fact = lower(network, breach, witnesses);
        for key in concerned(analysis, breach) {
            gathered.entry(key).or_default().push(fact.clone());
        }
    }
    for (node, cause) in &found.doubts {
        doubt(network, *node, cause, &mut gathered);
    }
    for ((kind, name), mut breaches) in gathered {
        breaches.sort_by(|a, b| order(a).cmp(&order(b)));
        breaches.dedup();
        if breaches.len() > BREACHES_MAX {
            breaches.truncate(BREACHES_MAX);
            let words = format!("more than {BREACHES_MAX} breaches; the others are left out");
            breaches
                .push(nobody_can_say(&Cause::new(crate::model::CauseKind::NotUnderstood, words)));
        }
        let found: Found<Isolation> = if breaches.is_empty() {
            None
        } else {
            Some(Box::new(Isolation { breaches: breaches.into() }))
        };
        effects.isolations.entry(kind).or_default().insert(name.into(), found);
    }
}

fn order(breach: &IsolationBreach) -> (Option<&String>, Option<&String>, Option<&String>) {
    // Those that nobody can say anything of come last.
    (breach.from.known(), breach.to.known(), breach.link_id.known())
}

fn lower(network: &Network, breach: &Breach, witnesses: &mut Witnesses<'_>) -> IsolationBreach {
    let group = match breach.rule {
        Some(Touch::GroupRule(group, ..)) => Some(network.groups[group].name.to_string()),
        _ => None,
    };
    let claimed = match &breach.doubt {
        None => Attr::Known(true),
        Some(cause) => Attr::Unknown(cause.clone()),
    };
    let (reachable, path) = match (breach.level, breach.witness) {
        (Level::Admitted, Some(witness)) => {
            let replayed = witnesses.replay(witness, breach.doubt.as_ref());
            (replayed.reachable, replayed.path)
        }
        (Level::RoutedOnly, Some(witness)) => (claimed, witnesses.way(witness)),
        (_, None) => (claimed, Attr::Known(Vec::new())),
    };
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    IsolationBreach {
        from: breach.from.to_string().into(),
        to: breach.to.to_string().into(),
        kind: kind(breach.kind).to_owned().into(),
        link_id: network.name(breach.link).to_owned().into(),
        group_id: group.into(),
        rule_id: breach.rule.as_ref().and_then(|rule| rule_id(network, rule)).into(),
        traffic: breach.traffic.iter().map(ToString::to_string).collect::<Vec<_>>().into(),
        level: match breach.level {
            Level::Admitted => "admitted",
            Level::RoutedOnly => "routed_only",
        }
        .to_owned()
        .into(),
        reply: reply(&breach.reply),
        senders: count(breach.pairs.0).into(),
        receivers: count(breach.pairs.1).into(),
        reachable,
        path,
    }
}

fn nobody_can_say(cause: &Cause) -> IsolationBreach {
    fn unknown<T>(cause: &Cause) -> Attr<T> {
        Attr::Unknown(cause.clone())
    }
    IsolationBreach {
        from: unknown(cause),
        to: unknown(cause),
        kind: unknown(cause),
        link_id: unknown(cause),
        group_id: unknown(cause),
        rule_id: unknown(cause),
        traffic: unknown(cause),
        level: unknown(cause),
        reply: unknown(cause),
        senders: unknown(cause),
        receivers: unknown(cause),
        reachable: unknown(cause),
        path: unknown(cause),
    }
}

/// Where a breach is told: at the VPC it leads into, the group whose rule admits it, and the link.
fn concerned<'n>(analysis: &Analysis<'n>, breach: &Breach) -> Vec<(&'static str, &'n str)> {
    let network = analysis.network();
    let mut out = Vec::new();
    let mut target = None;
    if let Some(Touch::GroupRule(group, ..)) = breach.rule {
        let group = &network.groups[group];
        out.push((GROUPS, &*group.name));
        target = group.vpc;
    }
    match breach.link {
        Node::Peering(at) => out.push((PEERINGS, &*network.peerings[at].name)),
        Node::Attachment(at) => out.push((ATTACHMENTS, &*network.attachments[at].name)),
        _ => {}
    }
    let by_witness = || {
        let (start, packet) = breach.witness?;
        receiver(analysis, start, packet.destination)
    };
    let told_apart = matches!(breach.kind, Kind::Site | Kind::Relay);
    let beside = || vpc_of(network, breach.link).filter(|_| !told_apart);
    if let Some(vpc) = by_witness().or(target).or_else(beside) {
        out.push((VPCS, &*network.vpcs[vpc].name));
    } else {
        // Nobody knows where such packets go on to: told wherever the environment is.
        let is_target = |name: &Attr<Option<Box<str>>>| match name {
            Attr::Known(Some(name)) => *name == breach.to,
            _ => false,
        };
        let targets = network.vpcs.iter().filter(|(_, vpc)| is_target(&vpc.environment));
        out.extend(targets.map(|(_, vpc)| (VPCS, &*vpc.name)));
    }
    out
}

/// The VPC in which a packet ends: the one that a public address is in, or the one with that address whose environment
/// is not the sender's own.
fn receiver(analysis: &Analysis<'_>, start: Start, to: crate::net::Addr) -> Option<Id<Vpc>> {
    let network = analysis.network();
    if let Some((interface, _)) = analysis.behind(to) {
        return Some(network.interfaces[interface].vpc);
    }
    let own = match start {
        Start::Interface(at) => Some(network.interfaces[at].vpc),
        _ => None,
    };
    let has = |vpc: &Id<Vpc>| analysis.owner(*vpc, to).is_some();
    let mut others = network.vpcs.ids().filter(|vpc| Some(*vpc) != own && has(vpc));
    match (others.next(), others.next()) {
        (Some(one), None) => Some(one),
        // Several VPCs use the address; the link tells which is meant.
        (Some(_), Some(_)) => None,
        (None, _) => own.filter(|vpc| has(vpc)),
    }
}

/// The VPC that a thing is in.
fn vpc_of(network: &Network, node: Node) -> Option<Id<Vpc>> {
    match node {
        Node::Vpc(vpc) => Some(vpc),
        Node::Subnet(at) => Some(network.subnets[at].vpc),
        Node::Table(at) => Some(network.tables[at].vpc),
        Node::Group(at) => network.groups[at].vpc,
        Node::Interface(at) => Some(network.interfaces[at].vpc),
        Node::Host(at) => {
            network.hosts[at].interfaces.first().map(|&at| network.interfaces[at].vpc)
        }
        Node::Nat(at) => Some(network.nats[at].vpc),
        Node::Attachment(at) => match network.attachments[at].kind {
            AttachmentKind::Vpc { vpc, .. } => vpc,
            _ => None,
        },
        Node::Balancer(at) => Some(network.balancers[at].vpc),
        Node::Door(at) => network.doors[at].vpc,
        Node::Endpoint(at) => {
            network.endpoints[at].subnets.first().map(|&at| network.subnets[at].vpc)
        }
        Node::Acl(_)
        | Node::List(_)
        | Node::Peering(_)
        | Node::TransitGateway(_)
        | Node::TransitTable(_)
        | Node::TargetGroup(_) => None,
    }
}

/// What may hide breaches is told where they would be: at its VPC, or everywhere.
fn doubt<'n>(network: &'n Network, node: Option<Node>, cause: &Cause, gathered: &mut Gathered<'n>) {
    let unknown = nobody_can_say(cause);
    match node.and_then(|node| vpc_of(network, node)) {
        Some(vpc) => {
            gathered.entry((VPCS, &network.vpcs[vpc].name)).or_default().push(unknown);
        }
        None => gathered.values_mut().for_each(|list| list.push(unknown.clone())),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::SharedSubnet => "shared_subnet",
        Kind::SameVpc => "same_vpc",
        Kind::Peering => "peering",
        Kind::TransitGateway => "transit_gateway",
        Kind::PrivateLink => "private_link",
        Kind::LoadBalancer => "load_balancer",
        Kind::Public => "public",
        Kind::Site => "site",
        Kind::Relay => "relay",
        Kind::Other => "other",
    }
}
