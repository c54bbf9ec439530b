//! Ways in two steps, where something between two environments decides: a site that both are attached to, an interface
//! that forwards, a machine with a foot in each. Nobody here can say what those do, so that all of it is doubtful.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::Flow;
use super::joint::{Ends, aliases, declared};
use super::parties::{Env, Parties, UNKNOWN};
use super::{Breach, Kind, Level};
use crate::analyze::network::packet::Reply;
use crate::analyze::network::reach::{Analysis, End, Origin};
use crate::analyze::network::topology::{AttachmentKind, Id, Interface, Network, Node};
use crate::model::{Cause, CauseKind};
use crate::net::{AddrSet, Traffic};

/// One such way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Relay {
    from: Env,
    to: Env,
    kind: Kind,
    link: Node,
}

/// All of them that are not declared.
pub fn relays(
    analysis: &Analysis<'_>,
    parties: &Parties,
    flows: &[Flow],
    ends: &Ends,
    elsewhere: &[AddrSet],
) -> Vec<Breach> {
    let network = analysis.network();
    let mut found: BTreeSet<Relay> = BTreeSet::new();
    for (link, senders) in sites(network, ends) {
        for (from, to) in onward(analysis, parties, link, &senders, elsewhere) {
            found.insert(Relay { from, to, kind: Kind::Site, link });
        }
    }
    for (interface, senders) in &ends.relays {
        let link = Node::Interface(*interface);
        for (from, to) in onward(analysis, parties, link, senders, elsewhere) {
            found.insert(Relay { from, to, kind: Kind::Relay, link });
        }
    }
    for (id, host) in network.hosts.iter() {
        let own: BTreeSet<Env> = host
            .interfaces
            .iter()
            .map(|interface| parties.env(*interface))
            .filter(|env| *env < UNKNOWN)
            .collect();
        for from in &own {
            for to in own.iter().filter(|to| *to != from) {
                let link = Node::Host(id);
                found.insert(Relay { from: *from, to: *to, kind: Kind::Relay, link });
            }
        }
    }
    found.into_iter().filter_map(|relay| breach(network, parties, flows, &relay)).collect()
}

fn breach(network: &Network, parties: &Parties, flows: &[Flow], relay: &Relay) -> Option<Breach> {
    let (from, to) = (parties.name(relay.from), parties.name(relay.to));
    let names = || aliases(network, relay.link).into_iter();
    if !declared(flows, from, to, relay.kind, names).is_empty() {
        return None;
    }
    let name = network.name(relay.link);
    let words = match relay.kind {
        Kind::Site => format!("{name}: whether the site hands packets on is not known"),
        _ => format!("{name}: whether it hands packets on is not known"),
    };
    Some(Breach {
        from: from.into(),
        to: to.into(),
        kind: relay.kind,
        link: relay.link,
        routes: Vec::new(),
        rule: None,
        traffic: vec![Traffic::ALL],
        level: Level::RoutedOnly,
        reply: Reply::None,
        pairs: (0, 0),
        witness: None,
        doubt: Some(Cause::new(CauseKind::NotUnderstood, words)),
    })
}

/// Sites with the environments that send to them. Attachments of one site stand for each other.
fn sites(network: &Network, ends: &Ends) -> Vec<(Node, BTreeSet<Env>)> {
    let name = |node: &Node| match node {
        Node::Attachment(id) => match &network.attachments[*id].kind {
            AttachmentKind::Site(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    };
    let mut by_name: BTreeMap<Box<str>, BTreeSet<Env>> = BTreeMap::new();
    for (node, envs) in &ends.sites {
        if let Some(name) = name(node) {
            by_name.entry(name).or_default().extend(envs);
        }
    }
    let mut out: Vec<(Node, BTreeSet<Env>)> = network
        .attachments
        .ids()
        .map(Node::Attachment)
        .filter_map(|node| Some((node, by_name.get(&name(&node)?)?.clone())))
        .collect();
    let gateways = ends.sites.iter().filter(|(node, _)| matches!(node, Node::Vpc(_)));
    out.extend(gateways.map(|(node, envs)| (*node, envs.clone())));
    out
}

/// From whom to whom packets may get over something that is sent to by some.
fn onward(
    analysis: &Analysis<'_>,
    parties: &Parties,
    link: Node,
    senders: &BTreeSet<Env>,
    elsewhere: &[AddrSet],
) -> Vec<(Env, Env)> {
    let network = analysis.network();
    let origin = match link {
        Node::Attachment(id) => Origin::Attachment(id),
        Node::Vpc(id) => Origin::VpnGateway(id),
        Node::Interface(id) => Origin::Subnet(subnet(network, id)),
        _ => return Vec::new(),
    };
    let mut out = Vec::new();
    for from in senders {
        let Some(to) = elsewhere.get(usize::from(*from)) else { continue };
        for way in analysis.ways(origin, to) {
            if let End::Vpc { vpc, .. } = way.end {
                let takers = parties.takers(vpc).iter().filter(|taker| {
                    let addresses = &network.interfaces[taker.interface].addresses;
                    parties.is_itself(**taker)
                        && addresses.iter().any(|a| {
                            let seen = a.public.unwrap_or(a.range.first);
                            way.destinations.contains(a.range.first)
                                || way.destinations.contains(seen)
                        })
                });
                let envs: BTreeSet<Env> = takers.map(|taker| taker.env).collect();
                out.extend(envs.into_iter().filter(|to| to != from).map(|to| (*from, to)));
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn subnet(network: &Network, id: Id<Interface>) -> Id<crate::analyze::network::topology::Subnet> {
    network.interfaces[id].subnet
}
