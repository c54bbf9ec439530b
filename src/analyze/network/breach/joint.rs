//! What joins environments: for every class of senders, the ways that end in VPCs of others.
//!
//! Ways are kept as [`Leg`]s with their filters and destinations put together where they are equal, since there may be
//! very many of them that say the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use super::flow::Flow;
use super::parties::{Env, Parties};
use super::{Isolation, Kind};
use crate::analyze::network::packet::Touch;
use crate::analyze::network::reach::{Analysis, Bounds, End, Flows, Origin, Passage, Way};
use crate::analyze::network::topology::{
    AttachmentKind, Id, Interface, Nat, Network, Node, Subnet, Vpc,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::traffic::{ICMP, TCP, UDP};
use crate::net::{AddrSet, Traffic};

/// A way from a class of senders into a VPC of another environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leg {
    /// Where it ends.
    pub vpc: Id<Vpc>,
    /// Whose packets.
    pub from: Env,
    /// Who gets them.
    pub to: Env,
    /// What joins the two.
    pub kind: Kind,
    /// The thing that does.
    pub link: Node,
    /// What they meet: a place in [`Legs::filters`].
    pub filter: u32,
    /// What they are addressed to: a place in [`Legs::destinations`].
    pub destinations: u32,
    /// What is declared: a place in [`Legs::declared`].
    pub declared: u32,
    /// Whether they are of IPv6.
    pub v6: bool,
    /// Whether they meet the network ACL of the target's subnet.
    pub border: bool,
    /// Whose packets, and what targets see for their addresses.
    pub senders: Senders,
}

/// Who sends over a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Senders {
    /// A class: a place in [`Parties::classes`].
    Class(u32, Sight),
    /// All that leave for the internet alike: a place in [`Legs::exits`].
    Exit(u32),
}

/// What packets of a leg meet, target's subnet and groups left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// By the address that senders have themselves.
    pub before: Bound,
    /// By the address that targets see.
    pub after: Bound,
    /// By the destination.
    pub destinations: Bound,
    /// Whether targets see another address than that of the sender.
    pub translated: bool,
    /// Whether destinations are public addresses that are translated to those of targets.
    pub public: bool,
    /// Whether incoming rules may refer to groups.
    pub references: Attr<bool>,
    /// Whether outgoing rules may: never over transit gateways.
    pub outgoing_references: Attr<bool>,
    /// Why it is not certain.
    pub doubt: Option<Cause>,
}

/// [`Bounds`] that can be told apart quickly.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bound {
    /// What passes for sure.
    pub least: Flows,
    /// What may pass.
    pub most: Flows,
    /// Why the two differ.
    pub cause: Option<Cause>,
}

impl Bound {
    /// One of the two.
    pub fn side(&self, sure: bool) -> &Flows {
        if sure { &self.least } else { &self.most }
    }
}

impl From<Bounds> for Bound {
    fn from(bounds: Bounds) -> Self {
        Self { least: bounds.least, most: bounds.most, cause: bounds.cause }
    }
}

/// What targets see for the address of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// Its own.
    Own,
    /// One of a NAT gateway: a public one on the internet, else a private one.
    Nat(Id<Nat>, bool),
    /// Its public one; that of IPv6 is its own.
    Public,
}

/// All legs.
#[derive(Debug, Default)]
pub struct Legs {
    /// Sorted.
    pub all: Vec<Leg>,
    pub filters: Vec<Filter>,
    pub destinations: Vec<AddrSet>,
    pub declared: Vec<Vec<Traffic>>,
    /// Classes that leave for the internet alike, with what is seen of them there.
    pub exits: Vec<Vec<(u32, Sight)>>,
}

/// Where packets end that do not end in a VPC, with the environments of their senders.
#[derive(Debug, Default)]
pub struct Ends {
    /// Sites: behind attachments, or the virtual private gateways of VPCs.
    pub sites: BTreeMap<Node, BTreeSet<Env>>,
    /// Interfaces that take packets of others on.
    pub relays: BTreeMap<Id<Interface>, BTreeSet<Env>>,
}

/// A list where equal things are one.
struct Interned<T> {
    list: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn new() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }
    fn put(&mut self, thing: T) -> u32 {
        let list = &mut self.list;
        *self.places.entry(thing).or_insert_with_key(|thing| {
            list.push(thing.clone());
            u32::try_from(list.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// How packets leave for the internet: whose, where to, and by what.
type Leaving = (Env, AddrSet, Filter);

/// Collects legs.
struct Work<'a> {
    analysis: &'a Analysis<'a>,
    network: &'a Network,
    parties: &'a Parties,
    flows: &'a [Flow],
    legs: Vec<Leg>,
    filters: Interned<Filter>,
    destinations: Interned<AddrSet>,
    declared: Interned<Vec<Traffic>>,
    /// Ways to the internet by what they meet, with the first such way.
    exits: HashMap<Leaving, (Way, Vec<(u32, Sight)>)>,
    ends: Ends,
    doubts: BTreeSet<(Option<Node>, Cause)>,
}

/// The legs between environments; what ends nobody knows where becomes a doubt.
pub fn legs(
    analysis: &Analysis<'_>,
    parties: &Parties,
    flows: &[Flow],
    elsewhere: &[AddrSet],
    isolation: &mut Isolation,
) -> (Legs, Ends) {
    let network = analysis.network();
    let mut work = Work {
        analysis,
        network,
        parties,
        flows,
        legs: Vec::new(),
        filters: Interned::new(),
        destinations: Interned::new(),
        declared: Interned::new(),
        exits: HashMap::new(),
        ends: Ends::default(),
        doubts: BTreeSet::new(),
    };
    for (at, class) in (0_u32..).zip(&parties.classes) {
        let Some(to) = elsewhere.get(usize::from(class.env)) else { continue };
        for way in analysis.ways_out(Origin::Subnet(class.subnet), to) {
            work.way(at, class.env, &way);
        }
    }
    let exits = work.over_the_internet();
    let mut legs = work.legs;
    legs.sort_unstable();
    legs.dedup();
    isolation.doubts.extend(work.doubts);
    let legs = Legs {
        all: legs,
        filters: work.filters.list,
        destinations: work.destinations.list,
        declared: work.declared.list,
        exits,
    };
    (legs, work.ends)
}

impl Work<'_> {
    fn way(&mut self, class: u32, env: Env, way: &Way) {
        let (vpc, beside) = match &way.end {
            End::Vpc { vpc, beside } => (*vpc, *beside),
            End::Beyond(cause) => return self.beyond(env, way, cause),
            End::Internet => {
                let (filter, sight) = self.filter(way, class);
                let key = (env, way.destinations.clone(), narrowed(&filter, &way.destinations));
                let exit = self.exits.entry(key).or_insert_with(|| (way.clone(), Vec::new()));
                exit.1.push((class, sight));
                return;
            }
            End::Attachment(id) => {
                self.ends.sites.entry(Node::Attachment(*id)).or_default().insert(env);
                return;
            }
            End::VpnGateway(vpc) => {
                self.ends.sites.entry(Node::Vpc(*vpc)).or_default().insert(env);
                return;
            }
            _ => return,
        };
        if self.parties.present(vpc).iter().all(|to| *to == env) {
            return;
        }
        let (filter, sight) = self.filter(way, class);
        self.into(env, way, vpc, beside, &filter, Senders::Class(class, sight));
    }

    /// Ways over the internet: how packets leave, and how they get into VPCs, put together. What is returned are the
    /// classes that leave alike.
    fn over_the_internet(&mut self) -> Vec<Vec<(u32, Sight)>> {
        if self.exits.is_empty() {
            return Vec::new();
        }
        let entries = self.analysis.ways(Origin::Internet, &AddrSet::everything());
        let mut exits: Vec<_> = std::mem::take(&mut self.exits).into_iter().collect();
        exits.sort_by(|((a, _, _), (_, x)), ((b, _, _), (_, y))| (a, x).cmp(&(b, y)));
        let mut out = Vec::new();
        for ((env, _, _), (exit, classes)) in exits {
            let senders = Senders::Exit(u32::try_from(out.len()).unwrap_or(u32::MAX));
            let Some((class, _)) = classes.first().copied() else { continue };
            out.push(classes);
            for entry in &entries {
                let End::Vpc { vpc, beside } = entry.end else { continue };
                let destinations = exit.destinations.intersection(&entry.destinations);
                if destinations.is_empty() || self.parties.present(vpc).iter().all(|to| *to == env)
                {
                    continue;
                }
                let way = Way {
                    destinations,
                    end: entry.end.clone(),
                    passages: exit.passages.iter().chain(&entry.passages).cloned().collect(),
                    references: Attr::Known(false),
                    doubt: [&exit.doubt, &entry.doubt].into_iter().flatten().min().cloned(),
                    touches: exit.touches.iter().chain(&entry.touches).cloned().collect(),
                };
                let (filter, _) = self.filter(&way, class);
                self.into(env, &way, vpc, beside, &filter, senders);
            }
        }
        out
    }

    /// Legs of a way that ends in a VPC.
    fn into(
        &mut self,
        env: Env,
        way: &Way,
        vpc: Id<Vpc>,
        beside: Option<Id<Subnet>>,
        filter: &Filter,
        senders: Senders,
    ) {
        let present = self.parties.present(vpc);
        // Inside the subnet where packets come out nothing filters but groups.
        let mut parts = vec![(way.destinations.clone(), true)];
        if let Some(beside) = beside {
            let blocks = match &self.network.subnets[beside].blocks {
                Attr::Known(blocks) => blocks.clone(),
                Attr::Unknown(_) => AddrSet::EMPTY,
            };
            parts = vec![
                (way.destinations.minus(&blocks), true),
                (way.destinations.intersection(&blocks), false),
            ];
        }
        let parts = parts.iter().flat_map(|(to, border)| {
            [(false, AddrSet::v4()), (true, AddrSet::v6())]
                .map(|(v6, family)| (to.intersection(&family), v6, *border))
        });
        for (destinations, v6, border) in parts {
            if destinations.is_empty() {
                continue;
            }
            let inside = beside.filter(|_| !border).map(Node::Subnet);
            let (kind, link) = joint(self.network, way, vpc, inside);
            let filter = self.filters.put(narrowed(filter, &destinations));
            let destinations = self.destinations.put(destinations);
            for to in present.iter().copied().filter(|to| *to != env) {
                let declared = self.declared(env, to, kind, way, link);
                let declared = self.declared.put(declared);
                self.legs.push(Leg {
                    vpc,
                    from: env,
                    to,
                    kind,
                    link,
                    filter,
                    destinations,
                    declared,
                    v6,
                    border,
                    senders,
                });
            }
        }
    }

    /// A way that ends nobody knows where: at an interface that forwards, or a doubt about what it passed last.
    fn beyond(&mut self, env: Env, way: &Way, cause: &Cause) {
        let mut last = None;
        for touch in &way.touches {
            last = match touch {
                Touch::Route(table, _) => Some(Node::Table(*table)),
                Touch::TransitRoute(table, _) => Some(Node::TransitTable(*table)),
                Touch::Node(node) => Some(*node),
                _ => last,
            };
        }
        if let Some(Node::Interface(id)) = last {
            self.ends.relays.entry(id).or_default().insert(env);
        } else {
            self.doubts.insert((last, cause.clone()));
        }
    }

    /// What the flows that may take a way let pass.
    fn declared(&self, from: Env, to: Env, kind: Kind, way: &Way, link: Node) -> Vec<Traffic> {
        let (from, to) = (self.parties.name(from), self.parties.name(to));
        let names = || {
            let touched = way.touches.iter().filter_map(|touch| match touch {
                Touch::Node(node) => Some(*node),
                _ => None,
            });
            touched.chain([link]).flat_map(|node| aliases(self.network, node))
        };
        declared(self.flows, from, to, kind, names)
    }

    fn not_understood(&self, node: Node, words: &str) -> Cause {
        Cause::new(CauseKind::NotUnderstood, format!("{}: {words}", self.network.name(node)))
    }

    /// What a way does to packets of a class, and what is seen of the class behind it.
    fn filter(&self, way: &Way, class: u32) -> (Filter, Sight) {
        let mut before = Bounds::everything();
        let mut after = Bounds::everything();
        let mut destinations = Bounds::everything();
        let mut sight = Sight::Own;
        let mut public = false;
        let mut doubts: Vec<Cause> = way.doubt.iter().cloned().collect();
        for passage in &way.passages {
            match passage {
                Passage::Acl { acl: Attr::Known(acl), ingress } => {
                    let bounds = self.analysis.acl(*acl, *ingress);
                    if public && !ingress {
                        // These see private addresses, and destinations here are public ones.
                        let words = "rows that see translated destinations";
                        doubts.push(self.not_understood(Node::Acl(*acl), words));
                        continue;
                    }
                    let which = match (ingress, sight) {
                        (false, _) => &mut destinations,
                        (true, Sight::Own) => &mut before,
                        (true, _) => &mut after,
                    };
                    meet(which, bounds);
                }
                Passage::Acl { acl: Attr::Unknown(cause), .. } => {
                    meet(&mut after, &Bounds::unknown(cause.clone()));
                }
                Passage::Firewall(id) => {
                    let words = "what the firewall behind it lets pass is not followed here";
                    doubts.push(self.not_understood(Node::Endpoint(*id), words));
                }
                Passage::Nat(nat) => {
                    sight = Sight::Nat(*nat, false);
                    meet(&mut after, &translated());
                }
                Passage::InternetGateway(_) => match sight {
                    Sight::Nat(nat, _) => sight = Sight::Nat(nat, true),
                    Sight::Own | Sight::Public => sight = Sight::Public,
                },
                Passage::EgressOnlyGateway(_) | Passage::Hidden(_) => {}
                Passage::Entry(_) => public = true,
            }
        }
        let class = self.parties.classes.get(class as usize);
        let own = class.map(|class| &self.network.vpcs[self.network.subnets[class.subnet].vpc]);
        if let Some(Attr::Known(blocks)) = own.map(|vpc| &vpc.blocks) {
            before = within(&before, blocks);
        }
        if sight == Sight::Own {
            meet(&mut after, &before);
            before = Bounds::everything();
        }
        let transit =
            way.touches.iter().any(|touch| matches!(touch, Touch::Node(Node::Attachment(_))));
        let filter = Filter {
            before: before.into(),
            after: after.into(),
            destinations: destinations.into(),
            translated: sight != Sight::Own,
            public,
            references: way.references.clone(),
            outgoing_references: if transit || public {
                Attr::Known(false)
            } else {
                way.references.clone()
            },
            doubt: doubts.into_iter().min(),
        };
        (filter, sight)
    }
}

/// A filter as packets to some destinations see it, so that filters that differ elsewhere are one.
fn narrowed(filter: &Filter, destinations: &AddrSet) -> Filter {
    let Bound { least, most, cause } = filter.destinations.clone();
    if cause.is_none() && least == Flows::everything() {
        return filter.clone();
    }
    let bounds = within(&Bounds { least, most, cause }, destinations);
    Filter { destinations: bounds.into(), ..filter.clone() }
}

/// What passes of some peers; everything, if all of theirs does.
fn within(bounds: &Bounds, peers: &AddrSet) -> Bounds {
    if bounds.cause.is_some() {
        return bounds.clone();
    }
    let part = bounds.least.with_peers(peers);
    if part == Flows::of(Traffic::ALL, peers.clone()) {
        Bounds::everything()
    } else {
        Bounds::certain(part)
    }
}

fn meet(have: &mut Bounds, other: &Bounds) {
    let open = Flows::everything();
    if other.cause.is_none() && other.least == open {
        return;
    }
    *have = if have.cause.is_none() && have.least == open {
        other.clone()
    } else {
        have.intersection(other)
    };
}

/// What NAT gateways translate.
fn translated() -> Bounds {
    let all = AddrSet::everything();
    let of = |protocol| (Traffic::protocol(protocol), &all);
    Bounds::certain(Flows::union_of(&[of(ICMP), of(TCP), of(UDP)]))
}

/// What joins the ends of a way, and how.
fn joint(network: &Network, way: &Way, vpc: Id<Vpc>, inside: Option<Node>) -> (Kind, Node) {
    let public = |passage: &Passage| {
        matches!(
            passage,
            Passage::InternetGateway(_) | Passage::EgressOnlyGateway(_) | Passage::Entry(_)
        )
    };
    if way.passages.iter().any(public) {
        return (Kind::Public, Node::Vpc(vpc));
    }
    let nodes = way.touches.iter().rev().filter_map(|touch| match touch {
        Touch::Node(node) => Some(*node),
        _ => None,
    });
    let mut other = None;
    for node in nodes {
        match node {
            Node::Attachment(id) => {
                let attachment = &network.attachments[id];
                if matches!(attachment.kind, AttachmentKind::Vpc { .. })
                    && attachment.vpc() == Some(vpc)
                {
                    return (Kind::TransitGateway, node);
                }
                other = other.or(Some((Kind::TransitGateway, node)));
            }
            Node::TransitGateway(_) => other = other.or(Some((Kind::TransitGateway, node))),
            Node::Peering(_) => return (Kind::Peering, node),
            _ => {}
        }
    }
    other.unwrap_or(match inside {
        Some(subnet) => (Kind::SharedSubnet, subnet),
        None => (Kind::SameVpc, Node::Vpc(vpc)),
    })
}

/// The names by which a configuration may call a thing that a way passes: its own and that of its transit gateway.
pub fn aliases(network: &Network, node: Node) -> Vec<&str> {
    let mut out = vec![network.name(node)];
    if let Node::Attachment(id) = node {
        out.push(network.name(Node::TransitGateway(network.attachments[id].gateway)));
    }
    out
}

/// What declared flows from one environment to another let pass over things with these names, as sorted, disjoint
/// intervals. Who lets in the whole internet lets in other environments by their public addresses.
pub fn declared<'a, I: Iterator<Item = &'a str>>(
    flows: &[Flow],
    from: &str,
    to: &str,
    kind: Kind,
    names: impl Fn() -> I,
) -> Vec<Traffic> {
    let everyone =
        |flow: &Flow| kind == Kind::Public && flow.from.outside() == Some(AddrSet::everything());
    let mut out: Vec<Traffic> = flows
        .iter()
        .filter(|flow| flow.from.is_environment(from) || everyone(flow))
        .filter(|flow| flow.to.is_environment(to))
        .filter(|flow| flow.takes(names()))
        .flat_map(|flow| flow.passes().iter().copied())
        .collect();
    out.sort_unstable();
    let mut merged: Vec<Traffic> = Vec::with_capacity(out.len());
    for traffic in out {
        match merged.last_mut() {
            Some(last) if traffic.first <= last.last.saturating_add(1) => {
                last.last = last.last.max(traffic.last);
            }
            _ => merged.push(traffic),
        }
    }
    merged
}
