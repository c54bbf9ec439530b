//! Which rules admit packets over what joins environments: rule by rule, not pair by pair.
//!
//! Security groups only allow, so that an interface takes a packet if and only if one rule admits it. For each rule with
//! members in a VPC it is computed once whom it admits behind the network ACL, and each joint is asked whether a sender
//! is among those, with outgoing rules that fit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::Kind;
use super::egress::{self, Egress};
use super::joint::{Leg, Legs, Senders, Sight};
use super::parties::{Env, Parties};
use super::pool::{self, Ask, Example, Found, Members, Outlets, Pool, merged};
use crate::analyze::network::packet::Touch;
use crate::analyze::network::reach::{Analysis, Bounds, Flows};
use crate::analyze::network::topology::{
    Acl, Group, Id, Interface, InterfaceKind, Network, Node, Peer, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::{AddrSet, Traffic};

/// What joins two environments at a VPC, and what admits packets there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub from: Env,
    pub to: Env,
    pub kind: Kind,
    pub link: Node,
    /// Nothing where no rule admits any packet, or none filters.
    pub rule: Option<Touch>,
    /// What hands packets on that are admitted: a place in [`Parties::through`].
    pub through: Option<u32>,
}

/// How a joint is used.
#[derive(Debug, Clone, Default)]
pub struct Use {
    pub found: Found,
    /// The VPC where it ends.
    pub vpc: Option<Id<Vpc>>,
    /// Whether packets are admitted; else they are only routed.
    pub admitted: bool,
    pub doubt: Option<Cause>,
}

/// What admits packets to takers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Gate {
    /// A rule of a group, by its place.
    Rule(Id<Group>, usize),
    /// Rules that a group may have besides.
    More(Id<Group>, Cause),
    /// Groups that nobody knows.
    Unknown(Cause),
    /// There is no group.
    Open,
}

/// Takers that everything but groups treats alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Bucket {
    env: Env,
    acl: Attr<Id<Acl>>,
    serves: Serves,
}

/// Where takers answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Serves {
    /// On ports of their own choice.
    All,
    /// Where it stands for an environment: a place in [`Parties::through`].
    Through(u32),
    /// Nobody knows.
    Unknown(Cause),
}

/// What is computed once for all VPCs.
pub struct Admission<'a> {
    pub analysis: &'a Analysis<'a>,
    pub network: &'a Network,
    pub parties: &'a Parties,
    pub egress: &'a Egress,
    pub legs: &'a Legs,
    /// The members of groups that rules refer to, sorted.
    pub postings: HashMap<Id<Group>, Vec<Id<Interface>>>,
    /// Pools that many VPCs ask for.
    shared: Mutex<HashMap<Of, Arc<Pool>>>,
}

/// What a pool is of: classes by what is seen of them, and whether by IPv6.
type Of = (Vec<(u32, Sight)>, bool);

/// Pools of so many classes are shared.
const SHARED: usize = 16;
/// So many addresses of shared pools are kept at a time.
const ROOM: usize = 1 << 20;

/// Legs that differ in their senders only.
struct Joint<'l> {
    leg: &'l Leg,
    pool: usize,
    /// The places in the pool of the sets of outgoing rules that lead there.
    leading: Vec<u32>,
}

/// The work at one VPC.
struct Work<'a, 'l> {
    all: &'a Admission<'a>,
    vpc: Id<Vpc>,
    joints: Vec<Joint<'l>>,
    pools: Vec<Arc<Pool>>,
    uses: BTreeMap<Key, Use>,
    /// Joints that somebody uses or may use, rules left out.
    used: BTreeSet<Key>,
}

impl<'a> Admission<'a> {
    pub fn new(
        analysis: &'a Analysis<'a>,
        parties: &'a Parties,
        egress: &'a Egress,
        legs: &'a Legs,
    ) -> Self {
        let network = analysis.network();
        let postings = postings(network);
        Self { analysis, network, parties, egress, legs, postings, shared: Mutex::default() }
    }

    /// The addresses of a group's members in a VPC: the same address elsewhere is somebody else.
    pub fn addresses(&self, group: Id<Group>, vpc: Id<Vpc>) -> AddrSet {
        let members = self.postings.get(&group).map_or(&[][..], Vec::as_slice);
        let members = members.iter().map(|id| &self.network.interfaces[*id]);
        let ranges = members.filter(|it| it.vpc == vpc).flat_map(|it| &it.addresses);
        AddrSet::of(ranges.map(|address| address.range))
    }

    /// The uses of joints that end in a VPC, given the legs that do.
    pub fn at(&self, vpc: Id<Vpc>, legs: &[Leg]) -> BTreeMap<Key, Use> {
        let (joints, pools) = self.joints(legs);
        let mut work =
            Work { all: self, vpc, joints, pools, uses: BTreeMap::new(), used: BTreeSet::new() };
        let members = |group| self.addresses(group, vpc);
        let mut outlets = Outlets::new(self.egress, &members);
        for ((gate, bucket), takers) in self.gates(vpc) {
            work.gate(&gate, &bucket, &takers, &mut outlets);
        }
        work.routed();
        work.uses
    }

    /// The senders of some classes; those of the largest ones are kept, since many VPCs ask for them.
    fn pool(&self, classes: &[(u32, Sight)], v6: bool) -> Arc<Pool> {
        let make = || Arc::new(Pool::new(self.network, self.parties, self.egress, classes, v6));
        if classes.len() < SHARED {
            return make();
        }
        let key = (classes.to_vec(), v6);
        // Whoever panicked while holding the lock left whole pools behind.
        let mut shared = self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(pool) = shared.get(&key) {
            return Arc::clone(pool);
        }
        let pool = make();
        if shared.values().map(|pool| pool.len()).sum::<usize>() > ROOM {
            shared.clear();
        }
        shared.insert(key, Arc::clone(&pool));
        pool
    }

    /// Legs by what is the same for their senders, and those senders.
    fn joints<'l>(&self, legs: &'l [Leg]) -> (Vec<Joint<'l>>, Vec<Arc<Pool>>) {
        let same = |leg: &Leg| match leg.senders {
            Senders::Class(..) => Leg { senders: Senders::Class(0, Sight::Own), ..*leg },
            Senders::Exit(_) => *leg,
        };
        let alike = |a: &Leg, b: &Leg| same(a) == same(b);
        let mut known: HashMap<Of, usize> = HashMap::new();
        let mut pools = Vec::new();
        let mut joints = Vec::new();
        for legs in legs.chunk_by(alike) {
            let Some(leg) = legs.first() else { continue };
            let classes: Vec<(u32, Sight)> = match leg.senders {
                Senders::Exit(at) => self.legs.exits.get(at as usize).cloned().unwrap_or_default(),
                Senders::Class(..) => legs
                    .iter()
                    .filter_map(|leg| match leg.senders {
                        Senders::Class(class, sight) => Some((class, sight)),
                        Senders::Exit(_) => None,
                    })
                    .collect(),
            };
            let pool = *known.entry((classes, leg.v6)).or_insert_with_key(|(classes, v6)| {
                pools.push(self.pool(classes, *v6));
                pools.len() - 1
            });
            let to = self.legs.destinations.get(leg.destinations as usize);
            let senders = pools.get(pool).map(Arc::as_ref);
            let leading = match (senders, to) {
                (Some(senders), Some(to)) => Pool::leading(senders, to),
                _ => Vec::new(),
            };
            joints.push(Joint { leg, pool, leading });
        }
        (joints, pools)
    }

    /// What admits packets in a VPC, with the takers that it holds for, by what else they are alike in.
    fn gates(&self, vpc: Id<Vpc>) -> BTreeMap<(Gate, Bucket), Vec<Id<Interface>>> {
        let mut by_group: BTreeMap<(Id<Group>, Bucket), Vec<Id<Interface>>> = BTreeMap::new();
        let mut out: BTreeMap<(Gate, Bucket), Vec<Id<Interface>>> = BTreeMap::new();
        for taker in self.parties.takers(vpc) {
            let interface = &self.network.interfaces[taker.interface];
            let bucket = Bucket {
                env: taker.env,
                acl: self.network.subnets[interface.subnet].acl.clone(),
                serves: taker.through.map_or_else(|| serves(interface), Serves::Through),
            };
            let taker = taker.interface;
            match &interface.groups {
                Attr::Known(None) => out.entry((Gate::Open, bucket)).or_default().push(taker),
                Attr::Unknown(cause) => {
                    out.entry((Gate::Unknown(cause.clone()), bucket)).or_default().push(taker);
                }
                Attr::Known(Some(set)) => {
                    let set = &self.network.group_sets[*set];
                    if let Some(cause) = &set.doubt {
                        let key = (Gate::Unknown(cause.clone()), bucket.clone());
                        out.entry(key).or_default().push(taker);
                    }
                    for group in &set.groups {
                        by_group.entry((*group, bucket.clone())).or_default().push(taker);
                    }
                }
            }
        }
        for ((id, bucket), takers) in by_group {
            let group = &self.network.groups[id];
            if let Some(cause) = &group.ingress_doubt {
                out.insert((Gate::More(id, cause.clone()), bucket.clone()), takers.clone());
            }
            for (at, rule) in group.ingress.iter().enumerate() {
                if !matches!(rule.peer, Peer::Stale(_)) {
                    out.insert((Gate::Rule(id, at), bucket.clone()), takers.clone());
                }
            }
        }
        out
    }
}

fn serves(interface: &Interface) -> Serves {
    match interface.kind {
        InterfaceKind::UnknownBalancer => Serves::Unknown(Cause::NOT_COLLECTED),
        _ => Serves::All,
    }
}

/// The members of every group that a rule refers to.
fn postings(network: &Network) -> HashMap<Id<Group>, Vec<Id<Interface>>> {
    let mut out: HashMap<Id<Group>, Vec<Id<Interface>>> = HashMap::new();
    for (_, group) in network.groups.iter() {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let Peer::Group { group, .. } = &rule.peer {
                out.entry(*group).or_default();
            }
        }
    }
    for (id, interface) in network.interfaces.iter() {
        if let Attr::Known(Some(set)) = &interface.groups {
            for group in &network.group_sets[*set].groups {
                if let Some(list) = out.get_mut(group) {
                    list.push(id);
                }
            }
        }
    }
    out
}

/// What a gate lets in, of whom, behind the filters of a bucket.
struct Admitted {
    /// Behind the network ACL.
    border: Bounds,
    /// Without it.
    inside: Bounds,
    /// Only members of this group.
    only: Option<Id<Group>>,
}

impl Work<'_, '_> {
    fn gate(
        &mut self,
        gate: &Gate,
        bucket: &Bucket,
        takers: &[Id<Interface>],
        outlets: &mut Outlets<'_>,
    ) {
        let network = self.all.network;
        if !self.joints.iter().any(|joint| joint.leg.to == bucket.env) {
            return;
        }
        let admitted = self.admitted(gate, bucket);
        if admitted.inside.most.is_empty() {
            return;
        }
        let members = |public| Members::new(network, takers.iter().copied(), public);
        let members = [members(false), members(true)];
        for at in 0..self.joints.len() {
            let used =
                self.joints.get(at).filter(|joint| joint.leg.to == bucket.env).and_then(|joint| {
                    let (found, doubt) = self.over(joint, &admitted, &members, outlets)?;
                    Some((*joint.leg, found, doubt))
                });
            if let Some((leg, found, doubt)) = used {
                let (key, more) = self.key(&leg, gate, bucket);
                self.record(key, found, doubt.into_iter().chain(more).min());
            }
        }
    }

    /// Whether anybody is admitted over a joint, and why that is not certain.
    fn over(
        &self,
        joint: &Joint<'_>,
        admitted: &Admitted,
        members: &[Members; 2],
        outlets: &mut Outlets<'_>,
    ) -> Option<(Found, Option<Cause>)> {
        let (leg, legs) = (joint.leg, self.all.legs);
        let filter = legs.filters.get(leg.filter as usize)?;
        let pool = self.pools.get(joint.pool)?;
        let [private, public] = members;
        let members = if filter.public { public } else { private };
        let by_group = admitted.only.is_some();
        let unmatched = filter.references == Attr::Known(false) || filter.translated;
        if members.is_empty() || (by_group && unmatched) {
            return None;
        }
        let bounds = if leg.border { &admitted.border } else { &admitted.inside };
        let only = admitted.only.and_then(|group| self.all.postings.get(&group));
        let declared = legs.declared.get(leg.declared as usize).map_or(&[][..], Vec::as_slice);
        let destinations = legs.destinations.get(leg.destinations as usize)?;
        let ask = |sure, gate: &Flows, outlets: &mut Outlets<'_>| {
            let rest;
            let gate = if declared.is_empty() {
                gate
            } else {
                rest = without(gate, declared);
                &rest
            };
            let ask = Ask {
                network: self.all.network,
                pool,
                filter,
                filter_at: leg.filter,
                sure,
                gate,
                members,
                destinations,
                leading: &joint.leading,
                only: only.map(Vec::as_slice),
            };
            pool::ask(&ask, outlets)
        };
        let references = match &filter.references {
            Attr::Unknown(cause) if by_group => Some(cause),
            _ => None,
        };
        // Sets say what is certain only where the way itself is.
        if filter.doubt.is_none()
            && references.is_none()
            && let Some(found) = ask(true, &bounds.least, outlets)
        {
            return Some((found, None));
        }
        let causes = [&filter.before.cause, &filter.after.cause, &filter.destinations.cause];
        let causes = causes.into_iter().chain([&filter.doubt, &bounds.cause]).flatten();
        let doubt = causes.chain(references).min();
        // Nothing more may pass than passes for sure.
        if doubt.is_none() && !pool.doubtful && filter.outgoing_references.known().is_some() {
            return None;
        }
        let found = ask(false, &bounds.most, outlets)?;
        let sender = found.example.map(|example| example.sender);
        let own = sender.and_then(|sender| outlets.doubt(sender, filter));
        let doubt = doubt.cloned().into_iter().chain(own).min()?;
        Some((found, Some(doubt)))
    }

    /// What a use is told by, and why that may not be so.
    fn key(&self, leg: &Leg, gate: &Gate, bucket: &Bucket) -> (Key, Option<Cause>) {
        let key = Key {
            from: leg.from,
            to: leg.to,
            kind: leg.kind,
            link: leg.link,
            rule: rule(gate),
            through: None,
        };
        let Serves::Through(at) = bucket.serves else { return (key, None) };
        let Some(through) = self.all.parties.through.get(at as usize) else { return (key, None) };
        let key = Key { through: Some(at), ..key };
        // What stands for another environment is the cause, whichever way packets get there.
        let key = if through.is_own {
            key
        } else {
            Key { kind: through.kind, link: through.link, rule: None, ..key }
        };
        (key, through.doubt.clone())
    }

    /// A use of a joint that was found; a certain one stands before doubtful ones.
    fn record(&mut self, key: Key, found: Found, doubt: Option<Cause>) {
        self.used.insert(Key { rule: None, through: None, ..key.clone() });
        let have = self.uses.entry(key).or_default();
        have.vpc = Some(self.vpc);
        match (have.admitted, &have.doubt, &doubt) {
            // The first, or a certain one after doubtful ones.
            (false, _, _) | (true, Some(_), None) => {
                have.found = found;
                have.doubt = doubt;
                have.admitted = true;
            }
            (true, None, Some(_)) => {}
            (true, _, _) => {
                let traffic = have.found.traffic.iter().chain(&found.traffic).copied().collect();
                have.found.traffic = merged(traffic);
                have.found.senders += found.senders;
                have.found.takers += found.takers;
                have.found.example =
                    [have.found.example, found.example].into_iter().flatten().min();
                have.doubt = [have.doubt.take(), doubt].into_iter().flatten().min();
            }
        }
    }

    /// Joints that nothing is admitted over, and nothing declared.
    fn routed(&mut self) {
        let (network, legs) = (self.all.network, self.all.legs);
        for joint in &self.joints {
            let leg = joint.leg;
            let declared = legs.declared.get(leg.declared as usize).is_some_and(|d| !d.is_empty());
            // Everybody who sends to the internet is routed to everything public.
            if declared || leg.kind == Kind::Public {
                continue;
            }
            let key = Key {
                from: leg.from,
                to: leg.to,
                kind: leg.kind,
                link: leg.link,
                rule: None,
                through: None,
            };
            if self.used.contains(&key) {
                continue;
            }
            let (Some(destinations), Some(filter), Some(pool)) = (
                legs.destinations.get(leg.destinations as usize),
                legs.filters.get(leg.filter as usize),
                self.pools.get(joint.pool),
            ) else {
                continue;
            };
            let takers = self.all.parties.takers(self.vpc).iter();
            let takers =
                takers.filter(|taker| taker.env == leg.to && self.all.parties.is_itself(**taker));
            let takers = takers.map(|taker| taker.interface);
            let members = Members::new(network, takers, filter.public);
            let everyone = AddrSet::everything();
            let Some(destination) = members.first(&everyone, destinations) else { continue };
            let Some((sender, seen)) = pool.first() else { continue };
            let have = self.uses.entry(key).or_default();
            let traffic = Traffic::ALL;
            let example = Example { sender, seen, destination, traffic };
            have.vpc = Some(self.vpc);
            have.found.traffic = vec![traffic];
            have.found.senders += pool.len();
            have.found.takers = have.found.takers.max(members.count(destinations));
            have.found.example = [have.found.example, Some(example)].into_iter().flatten().min();
            have.doubt.clone_from(&filter.doubt);
        }
    }

    fn admitted(&self, gate: &Gate, bucket: &Bucket) -> Admitted {
        let network = self.all.network;
        let mut only = None;
        let rule = match gate {
            Gate::Open => Bounds::everything(),
            Gate::More(_, cause) | Gate::Unknown(cause) => Bounds::unknown(cause.clone()),
            Gate::Rule(group, at) => match network.groups[*group].ingress.get(*at) {
                None => Bounds::NOTHING,
                Some(rule) => {
                    let everyone = AddrSet::everything();
                    if let Peer::Group { group, .. } = &rule.peer {
                        only = Some(*group);
                        match &rule.traffic {
                            Ok(traffic) => Bounds::certain(Flows::of(*traffic, everyone)),
                            Err(cause) => Bounds::unknown(cause.clone()),
                        }
                    } else {
                        let read = egress::peers(network, rule);
                        let flows = |part: Option<(Traffic, &AddrSet)>| match part {
                            Some((traffic, set)) => Flows::of(traffic, set.clone()),
                            None => Flows::NOTHING,
                        };
                        let least = flows(read.least);
                        let most = least.union(&flows(read.most));
                        Bounds { least, most, cause: read.cause }
                    }
                }
            },
        };
        let inside = self.served(rule, &bucket.serves);
        let border = match &bucket.acl {
            Attr::Known(acl) => {
                let acl = self.all.analysis.acl(*acl, true);
                if acl.cause.is_none() && acl.least == Flows::everything() {
                    inside.clone()
                } else {
                    inside.intersection(acl)
                }
            }
            Attr::Unknown(cause) => inside.intersection(&Bounds::unknown(cause.clone())),
        };
        Admitted { border, inside, only }
    }

    /// The part that takers answer.
    fn served(&self, bounds: Bounds, serves: &Serves) -> Bounds {
        match serves {
            Serves::All => bounds,
            Serves::Unknown(cause) => bounds.intersection(&Bounds::unknown(cause.clone())),
            Serves::Through(at) => {
                let through = self.all.parties.through.get(*at as usize);
                let all = AddrSet::everything();
                let parts: Vec<(Traffic, &AddrSet)> =
                    through.iter().flat_map(|it| &it.traffic).map(|t| (*t, &all)).collect();
                bounds.intersection(&Bounds::certain(Flows::union_of(&parts)))
            }
        }
    }
}

fn rule(gate: &Gate) -> Option<Touch> {
    match gate {
        Gate::Rule(group, at) => Some(Touch::GroupRule(*group, true, *at)),
        Gate::More(group, _) => Some(Touch::Node(Node::Group(*group))),
        Gate::Unknown(_) | Gate::Open => None,
    }
}

/// The part of flows outside of some intervals of traffic.
fn without(flows: &Flows, declared: &[Traffic]) -> Flows {
    let all = AddrSet::everything();
    let parts: Vec<(Traffic, &AddrSet)> = declared.iter().map(|t| (*t, &all)).collect();
    flows.minus(&Flows::union_of(&parts))
}
