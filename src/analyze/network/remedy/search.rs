//! The search for the fewest changes.

use std::collections::BTreeSet;

use super::{Change, Kept, MOST_CHANGES, Outcome, Remedy};
use crate::analyze::network::breach::{self, Breach, Flow};
use crate::analyze::network::packet::{Packet, Start, Touch, Verdict};
use crate::analyze::network::reach::{Analysis, Connection, Entry, Exposure};
use crate::analyze::network::topology::{Id, Interface, Network, Node, Peer, Target};
use crate::analyze::network::trace::Tracer;
use crate::model::Attr;
use crate::net::{AddrSet, Prefix, Traffic};

/// Sets of changes to try; more would take longer than anybody waits.
const MOST_TRIES: usize = 400;

/// The fewest changes after which an interface is not reachable from outside addresses by some traffic any more. Pass
/// the outside addresses that the exposure was found with, and packets of flows that have to stay.
pub fn of_exposure(
    network: &Network,
    exposure: &Exposure,
    outside: &AddrSet,
    keep: &[Kept],
) -> Outcome {
    let Some(interface) = exposure.interface else {
        return Outcome::NoSmallRemedy("what is exposed has no interface in the inventory");
    };
    if exposure.doubt.is_some() {
        return Outcome::NoSmallRemedy("it is not certain that it is exposed");
    }
    let goal = Goal::Exposure { interface, traffic: exposure.traffic, outside: outside.clone() };
    search(network, &goal, keep)
}

/// The fewest changes after which a breach is gone and no other has come. Pass the flows it was found with.
pub fn of_breach(network: &Network, breach: &Breach, flows: &[Flow], keep: &[Kept]) -> Outcome {
    if breach.doubt.is_some() || breach.witness.is_none() {
        return Outcome::NoSmallRemedy("it is not certain that packets get through");
    }
    search(network, &Goal::Breach { breach, flows }, keep)
}

/// What has to end.
enum Goal<'a> {
    Exposure { interface: Id<Interface>, traffic: Traffic, outside: AddrSet },
    Breach { breach: &'a Breach, flows: &'a [Flow] },
}

/// Something that still gets through.
struct Leak {
    start: Start,
    packet: Packet,
    /// Who may come, and with what.
    peers: AddrSet,
    traffic: Traffic,
    /// What it passes, as far as the analysis says.
    touches: Vec<Touch>,
    entry: Option<Entry>,
}

impl Goal<'_> {
    fn leaks(&self, analysis: &Analysis<'_>) -> Vec<Leak> {
        match self {
            Self::Exposure { interface, traffic, outside } => analysis
                .exposure_of(*interface, outside)
                .into_iter()
                .filter(|it| it.traffic.intersection(*traffic).is_some())
                .map(|it| Leak {
                    start: it.witness.0,
                    packet: it.witness.1,
                    traffic: it.traffic.intersection(*traffic).unwrap_or(it.traffic),
                    peers: it.clients,
                    touches: it.rules.into_iter().chain(it.routes).collect(),
                    entry: Some(it.entry),
                })
                .collect(),
            Self::Breach { breach, flows } => breach::isolation(analysis, flows)
                .breaches
                .into_iter()
                .filter(|it| {
                    (&it.from, &it.to, it.kind, it.link, &it.rule)
                        == (&breach.from, &breach.to, breach.kind, breach.link, &breach.rule)
                        && it.level == breach.level
                })
                .filter_map(|it| {
                    let (start, packet) = it.witness?;
                    Some(Leak {
                        start,
                        packet,
                        peers: AddrSet::one(packet.source),
                        traffic: it.traffic.first().copied().unwrap_or(Traffic::ALL),
                        touches: it
                            .rule
                            .into_iter()
                            .chain(it.routes)
                            .chain([Touch::Node(it.link)])
                            .collect(),
                        entry: None,
                    })
                })
                .collect(),
        }
    }

    fn beside(&self) -> Option<Id<Interface>> {
        match self {
            Self::Exposure { interface, .. } => Some(*interface),
            Self::Breach { .. } => None,
        }
    }
}

fn search(network: &Network, goal: &Goal<'_>, keep: &[Kept]) -> Outcome {
    let eyes = Eyes::new(network);
    let first = goal.leaks(&eyes.analysis);
    let Some(shown) = first.first().map(|leak| (leak.start, leak.packet)) else {
        return Outcome::NoSmallRemedy("it does not show in this network");
    };
    let kept: Vec<Kept> = keep.iter().filter(|it| eyes.pass(it)).copied().collect();
    let mut frontier: BTreeSet<Vec<Change>> = grown(&eyes, &[], &first);
    let mut tries = 0;
    for _ in 0..MOST_CHANGES {
        let mut found = Vec::new();
        let mut next: BTreeSet<Vec<Change>> = BTreeSet::new();
        for changes in frontier {
            tries += 1;
            if tries > MOST_TRIES {
                return if found.is_empty() {
                    Outcome::NoSmallRemedy("none was found in the time allowed")
                } else {
                    Outcome::Found(ranked(network, goal, found))
                };
            }
            let mut changed = network.clone();
            for change in &changes {
                change.apply(&mut changed);
            }
            let eyes = Eyes::new(&changed);
            if !kept.iter().all(|it| eyes.pass(it)) {
                continue;
            }
            let leaks = goal.leaks(&eyes.analysis);
            if leaks.is_empty() {
                let traced = eyes.tracer.trace(shown.0, shown.1);
                let verified =
                    traced.reply == Verdict::Blocked || traced.forward == Verdict::Blocked;
                found.push(Remedy { changes, keeps: kept.len(), loses: 0, verified });
            } else {
                next.extend(grown(&eyes, &changes, &leaks));
            }
        }
        if !found.is_empty() {
            return Outcome::Found(ranked(network, goal, found));
        }
        if next.is_empty() {
            break;
        }
        frontier = next;
    }
    Outcome::NoSmallRemedy("no few changes end it and keep what has to stay")
}

/// Both analyses of one network.
struct Eyes<'n> {
    analysis: Analysis<'n>,
    tracer: Tracer<'n>,
}

impl<'n> Eyes<'n> {
    fn new(network: &'n Network) -> Self {
        Self { analysis: Analysis::new(network), tracer: Tracer::new(network) }
    }

    /// Whether a packet and its answer pass for sure, as both see it.
    fn pass(&self, (start, packet): &Kept) -> bool {
        if self.tracer.trace(*start, *packet).reply != Verdict::Passes {
            return false;
        }
        let all = self.analysis.connections(
            *start,
            &AddrSet::one(packet.source),
            &AddrSet::one(packet.destination),
        );
        let passes = |it: &Connection| it.doubt.is_none() && it.answered == Attr::Known(true);
        all.iter().any(|it| it.contains(packet) && passes(it))
    }
}

/// The gentlest first.
fn ranked(network: &Network, goal: &Goal<'_>, mut found: Vec<Remedy>) -> Vec<Remedy> {
    let beside = goal.beside();
    for remedy in &mut found {
        remedy.loses = remedy.changes.iter().map(|it| it.loses(network, beside)).sum();
    }
    found.sort_by(|a, b| {
        let weight = |it: &Remedy| it.changes.iter().map(Change::weight).max();
        (!a.verified, a.changes.len(), a.loses, weight(a), &a.changes).cmp(&(
            !b.verified,
            b.changes.len(),
            b.loses,
            weight(b),
            &b.changes,
        ))
    });
    found
}

/// Sets with one more change: any that the first leak offers.
fn grown(eyes: &Eyes<'_>, have: &[Change], leaks: &[Leak]) -> BTreeSet<Vec<Change>> {
    let Some(leak) = leaks.first() else { return BTreeSet::new() };
    let mut touches = leak.touches.clone();
    let trace = eyes.tracer.trace(leak.start, leak.packet);
    for hop in &trace.hops {
        touches.extend(hop.touches.iter().cloned());
    }
    touches.sort_unstable();
    touches.dedup();
    let mut candidates: BTreeSet<Change> = BTreeSet::new();
    for touch in &touches {
        candidates.extend(changes(eyes.analysis.network(), touch, leak));
    }
    candidates
        .into_iter()
        .filter(|change| !have.contains(change))
        .map(|change| {
            let mut set = have.to_vec();
            set.push(change);
            set.sort();
            set
        })
        .collect()
}

/// The changes to one thing that may end a leak.
fn changes(network: &Network, touch: &Touch, leak: &Leak) -> Vec<Change> {
    match touch {
        Touch::GroupRule(group, ingress, at) => {
            let it = &network.groups[*group];
            let rules = if *ingress { &it.ingress } else { &it.egress };
            let mut out = vec![Change::RemoveRule(*group, *ingress, *at)];
            if let Some(rule) = rules.get(*at)
                && let (Peer::Addresses(set), Ok(traffic), true) =
                    (&rule.peer, &rule.traffic, *ingress)
            {
                let left = readable(set.minus(&leak.peers));
                if !left.is_empty() && left != *set {
                    out.push(Change::NarrowRule(*group, true, *at, left, *traffic));
                }
                out.extend(
                    without(*traffic, leak.traffic)
                        .into_iter()
                        .map(|traffic| Change::NarrowRule(*group, true, *at, set.clone(), traffic)),
                );
            }
            out
        }
        Touch::AclRule(acl, true, _) => {
            let one = leak.traffic.parts().len() == 1;
            let deny = |peers: AddrSet| Change::DenyRow(*acl, leak.traffic, peers);
            if one { vec![deny(row_peers(leak))] } else { Vec::new() }
        }
        Touch::Route(table, at) => {
            let route = network.tables[*table].routes.get(*at);
            let removable = route.is_some_and(|route| route.target != Target::Local);
            if removable { vec![Change::RemoveRoute(*table, *at)] } else { Vec::new() }
        }
        Touch::TransitRoute(table, at) => vec![Change::RemoveTransitRoute(*table, *at)],
        Touch::Node(Node::Peering(id)) => vec![Change::RemovePeering(*id)],
        Touch::Node(Node::Attachment(id)) => vec![Change::RemoveAttachment(*id)],
        Touch::Node(Node::Interface(id)) => match leak.entry {
            Some(Entry::Address(addr)) => vec![Change::RemovePublicAddress(*id, addr)],
            _ => Vec::new(),
        },
        Touch::AclRule(_, false, _) | Touch::Node(_) => Vec::new(),
    }
}

/// One prefix that holds all peers, as a row takes one.
fn row_peers(leak: &Leak) -> AddrSet {
    let prefixes = leak.peers.prefixes();
    match prefixes.as_slice() {
        [one] => AddrSet::of_prefix(*one),
        _ if leak.packet.destination.is_v6() => AddrSet::v6(),
        _ => "0.0.0.0/0".parse::<Prefix>().map_or_else(|_| AddrSet::v4(), AddrSet::of_prefix),
    }
}

/// Addresses that a person would write into a rule: what is left of everything is its private part.
fn readable(left: AddrSet) -> AddrSet {
    /// More prefixes than this nobody maintains in one rule.
    const MOST: usize = 8;
    if left.prefixes().len() <= MOST {
        return left;
    }
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
    let private: Vec<Prefix> = private.iter().filter_map(|text| text.parse().ok()).collect();
    left.intersection(&AddrSet::of_prefixes(&private))
}

/// What is left of the ports of one protocol at either end.
fn without(traffic: Traffic, gone: Traffic) -> Vec<Traffic> {
    let mut out = Vec::new();
    if traffic.parts().len() != 1 || traffic == Traffic::ALL {
        return out;
    }
    if traffic.first < gone.first {
        out.push(Traffic { first: traffic.first, last: gone.first - 1 });
    }
    if gone.last < traffic.last {
        out.push(Traffic { first: gone.last + 1, last: traffic.last });
    }
    out
}
