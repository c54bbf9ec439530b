//! Senders by address, and the question whether any of them gets through to any of some targets.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::egress::{Egress, Outgoing};
use super::joint::{Filter, Sight};
use super::parties::Parties;
use crate::analyze::network::reach::Flows;
use crate::analyze::network::topology::{Id, Interface, Network};
use crate::model::Attr;
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet, Traffic};

/// A sender by one of its addresses.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The address that targets see.
    seen: Addr,
    /// Who it is.
    sender: Id<Interface>,
    /// What its groups let out.
    outgoing: Outgoing,
}

/// The senders of some classes, as targets see them in one family of addresses.
#[derive(Debug)]
pub struct Pool {
    /// Single addresses, sorted.
    entries: Vec<Entry>,
    /// Places of entries by what their groups let out, each sorted.
    by_outgoing: Vec<(Outgoing, Vec<u32>)>,
    /// Delegated blocks.
    blocks: Vec<(Range, Id<Interface>, Outgoing)>,
    /// Which of `by_outgoing` lead where.
    outlets: Ranges,
    /// Whether outgoing rules of anybody are not certain.
    pub doubtful: bool,
}

/// Ranges of addresses with what they belong to, by size, so that those that meet a range are found quickly.
#[derive(Debug, Default)]
struct Ranges {
    /// What meets everything, or may.
    always: Vec<u32>,
    /// By the logarithm of their size, sorted by their first address.
    by_size: BTreeMap<u32, Vec<(Range, u32)>>,
}

impl Ranges {
    fn put(&mut self, at: u32, peers: Option<&AddrSet>) {
        let Some(peers) = peers else { return self.always.push(at) };
        if peers.ranges().iter().any(|range| range.span() == u128::MAX) {
            return self.always.push(at);
        }
        for range in peers.ranges() {
            let size = range.span().checked_ilog2().map_or(0, |log| log + 1);
            self.by_size.entry(size).or_default().push((*range, at));
        }
    }

    fn sort(&mut self) {
        self.by_size.values_mut().for_each(|list| list.sort_unstable());
    }

    /// What meets a set, sorted.
    fn meeting(&self, set: &AddrSet) -> Vec<u32> {
        let mut out = self.always.clone();
        for (size, list) in &self.by_size {
            let longest = 1_u128.checked_shl(*size).unwrap_or(u128::MAX);
            for wanted in set.ranges() {
                let from = wanted.first.number().saturating_sub(longest);
                let first = list.partition_point(|(range, _)| range.first.number() < from);
                let rest = list.get(first..).unwrap_or(&[]).iter();
                let near = rest.take_while(|(range, _)| range.first <= wanted.last);
                out.extend(near.filter(|(range, _)| range.overlaps(*wanted)).map(|(_, at)| *at));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// Takers of packets by address.
#[derive(Debug, Default)]
pub struct Members {
    /// By single addresses, sorted.
    entries: Vec<(Addr, Id<Interface>)>,
    /// By delegated blocks.
    blocks: Vec<(Range, Id<Interface>)>,
}

/// One question.
pub struct Ask<'a> {
    pub network: &'a Network,
    pub pool: &'a Pool,
    pub filter: &'a Filter,
    /// The number of the filter, for what was computed of it before.
    pub filter_at: u32,
    /// Whether only what is certain counts.
    pub sure: bool,
    /// Which packets of whom are let in.
    pub gate: &'a Flows,
    pub members: &'a Members,
    pub destinations: &'a AddrSet,
    /// The places of those sets of outgoing rules that lead there.
    pub leading: &'a [u32],
    /// Only these senders, sorted.
    pub only: Option<&'a [Id<Interface>]>,
}

/// An answer: somebody gets through.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// With these packets.
    pub traffic: Vec<Traffic>,
    /// So many senders.
    pub senders: usize,
    /// So many takers.
    pub takers: usize,
    /// One of them.
    pub example: Option<Example>,
}

/// A packet that gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    pub sender: Id<Interface>,
    /// The address that the taker sees.
    pub seen: Addr,
    pub destination: Addr,
    pub traffic: Traffic,
}

/// What outgoing rules let through a filter, remembered.
pub struct Outlets<'a> {
    pub egress: &'a Egress,
    pub members: &'a dyn Fn(Id<crate::analyze::network::topology::Group>) -> AddrSet,
    known: HashMap<(Outgoing, u32, bool), Rc<Flows>>,
}

/// What outgoing rules let through a filter.
enum Outlet<'a> {
    /// All that they let out.
    Whole(&'a Flows),
    Part(Rc<Flows>),
}

impl Outlet<'_> {
    fn parts(&self) -> &[(Traffic, AddrSet)] {
        match self {
            Self::Whole(flows) => flows.parts(),
            Self::Part(flows) => flows.parts(),
        }
    }
}

impl<'a> Outlets<'a> {
    pub fn new(
        egress: &'a Egress,
        members: &'a dyn Fn(Id<crate::analyze::network::topology::Group>) -> AddrSet,
    ) -> Self {
        Self { egress, members, known: HashMap::new() }
    }

    fn get(&mut self, outgoing: Outgoing, filter: &Filter, at: u32, sure: bool) -> Outlet<'a> {
        let references = &filter.outgoing_references;
        if is_open(filter.destinations.side(sure))
            && let Some(flows) = self.egress.plain(outgoing, sure, references)
        {
            return Outlet::Whole(flows);
        }
        let (egress, members) = (self.egress, self.members);
        let made = || {
            let bounds = egress.bounds(outgoing, members, &filter.outgoing_references);
            let out = if sure { bounds.least } else { bounds.most };
            let through = filter.destinations.side(sure);
            Rc::new(if is_open(through) { out } else { out.intersection(through) })
        };
        Outlet::Part(self.known.entry((outgoing, at, sure)).or_insert_with(made).clone())
    }

    /// Why what a sender's rules let out is not certain.
    pub fn doubt(&self, sender: Id<Interface>, filter: &Filter) -> Option<crate::model::Cause> {
        let outgoing = self.egress.of(sender);
        self.egress.bounds(outgoing, self.members, &filter.outgoing_references).cause
    }
}

fn is_open(flows: &Flows) -> bool {
    matches!(flows.parts(), [(Traffic::ALL, peers)] if matches!(peers.ranges(), [all] if all.span() == u128::MAX))
}

impl Pool {
    pub fn new(
        network: &Network,
        parties: &Parties,
        egress: &Egress,
        classes: &[(u32, Sight)],
        v6: bool,
    ) -> Self {
        let mut entries = Vec::new();
        let mut blocks = Vec::new();
        for (class, sight) in classes {
            let Some(class) = parties.classes.get(*class as usize) else { continue };
            for sender in class.senders.iter().copied() {
                let outgoing = egress.of(sender);
                for seen in seen(network, sender, *sight) {
                    if seen.first.is_v6() != v6 {
                        continue;
                    }
                    if seen.span() == 0 {
                        entries.push(Entry { seen: seen.first, sender, outgoing });
                    } else {
                        blocks.push((seen, sender, outgoing));
                    }
                }
            }
        }
        entries.sort_unstable_by_key(|entry| (entry.seen, entry.sender));
        let mut by_outgoing: BTreeMap<Outgoing, Vec<u32>> = BTreeMap::new();
        for (at, entry) in (0_u32..).zip(&entries) {
            by_outgoing.entry(entry.outgoing).or_default().push(at);
        }
        let mut outlets = Ranges::default();
        // Few are asked one by one.
        let few = by_outgoing.len() <= FEW;
        for (at, outgoing) in (0_u32..).zip(by_outgoing.keys()) {
            let peers = if few { None } else { egress.peers(*outgoing) };
            outlets.put(at, peers.as_ref());
        }
        outlets.sort();
        let blocks_doubtful = blocks.iter().any(|(_, _, outgoing)| egress.is_doubtful(*outgoing));
        Self {
            doubtful: blocks_doubtful || by_outgoing.keys().any(|o| egress.is_doubtful(*o)),
            outlets,
            entries,
            by_outgoing: by_outgoing.into_iter().collect(),
            blocks,
        }
    }

    /// How many addresses there are, as a measure of what it occupies.
    pub fn len(&self) -> usize {
        self.entries.len() + self.blocks.len()
    }

    /// The places of those sets of outgoing rules that may let packets out to some destinations.
    pub fn leading(&self, destinations: &AddrSet) -> Vec<u32> {
        self.outlets.meeting(destinations)
    }

    /// Who is first.
    pub fn first(&self) -> Option<(Id<Interface>, Addr)> {
        let entry = self.entries.first().map(|entry| (entry.sender, entry.seen));
        entry.or_else(|| self.blocks.first().map(|(range, sender, _)| (*sender, range.first)))
    }

    /// The entries with an address in a range.
    fn within(&self, range: Range) -> &[Entry] {
        let first = self.entries.partition_point(|entry| entry.seen < range.first);
        let last = self.entries.partition_point(|entry| entry.seen <= range.last);
        self.entries.get(first..last).unwrap_or(&[])
    }

    /// Of some places, those with an address in a range: how many, and the first.
    fn among(&self, places: &[u32], range: Range) -> (usize, Option<&Entry>) {
        let at = |place: &u32| self.entries.get(*place as usize).map(|entry| entry.seen);
        let first = places.partition_point(|place| at(place) < Some(range.first));
        let last = places.partition_point(|place| at(place) <= Some(range.last));
        let entry = places.get(first).and_then(|place| self.entries.get(*place as usize));
        (last.saturating_sub(first), entry.filter(|_| first < last))
    }
}

/// The addresses that targets see of a sender.
fn seen(network: &Network, sender: Id<Interface>, sight: Sight) -> Vec<Range> {
    let addresses = &network.interfaces[sender].addresses;
    match sight {
        Sight::Own => addresses.iter().map(|address| address.range).collect(),
        Sight::Public => addresses
            .iter()
            .filter_map(|address| match address.public {
                Some(public) => Some(Range::one(public)),
                None => address.range.first.is_v6().then_some(address.range),
            })
            .collect(),
        Sight::Nat(nat, outside) => match &network.nats[nat].addresses {
            Attr::Known(list) => list
                .iter()
                .filter_map(|(private, public)| if outside { *public } else { Some(*private) })
                .map(Range::one)
                .collect(),
            Attr::Unknown(_) => Vec::new(),
        },
    }
}

/// The address of its own that a sender uses to be seen with an address.
pub fn own(network: &Network, sender: Id<Interface>, seen: Addr, to: Addr) -> Option<Addr> {
    let addresses = &network.interfaces[sender].addresses;
    let holds = addresses.iter().find(|a| a.range.contains(seen));
    let public = addresses.iter().find(|a| a.public == Some(seen));
    let family = || addresses.iter().find(|a| a.range.first.is_v6() == to.is_v6());
    match (holds, public) {
        (Some(_), _) => Some(seen),
        (_, Some(address)) => Some(address.range.first),
        _ => family().map(|address| address.range.first),
    }
}

impl Members {
    /// Takers by the addresses that packets for them bear.
    pub fn new(
        network: &Network,
        takers: impl Iterator<Item = Id<Interface>>,
        public: bool,
    ) -> Self {
        let mut out = Self::default();
        for taker in takers {
            for address in &network.interfaces[taker].addresses {
                let range = match address.public {
                    Some(public_addr) if public => Range::one(public_addr),
                    _ if public && !address.range.first.is_v6() => continue,
                    _ => address.range,
                };
                if range.span() == 0 {
                    out.entries.push((range.first, taker));
                } else {
                    out.blocks.push((range, taker));
                }
            }
        }
        out.entries.sort_unstable();
        out
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.blocks.is_empty()
    }

    /// The first one with an address in both sets.
    pub fn first(&self, peers: &AddrSet, destinations: &AddrSet) -> Option<Addr> {
        let in_both = |addr: &Addr| peers.contains(*addr) && destinations.contains(*addr);
        let few = self.entries.len() <= 8;
        let single = if few {
            self.entries.iter().map(|(addr, _)| *addr).find(in_both)
        } else {
            // Most often the first one will do.
            let first = self.entries.first().map(|(addr, _)| *addr).filter(in_both);
            first.or_else(|| {
                peers.intersection(destinations).ranges().iter().find_map(|range| {
                    let at = self.entries.partition_point(|(addr, _)| *addr < range.first);
                    let found = self.entries.get(at).map(|(addr, _)| *addr);
                    found.filter(|addr| range.contains(*addr))
                })
            })
        };
        single.or_else(|| {
            let both = peers.intersection(destinations);
            self.blocks.iter().find_map(|(range, _)| {
                both.ranges()
                    .iter()
                    .find(|part| part.overlaps(*range))
                    .map(|part| part.first.max(range.first))
            })
        })
    }

    /// How many takers have an address in a set.
    pub fn count(&self, set: &AddrSet) -> usize {
        let singles = self.entries.iter().filter(|(addr, _)| set.contains(*addr));
        let blocks = self
            .blocks
            .iter()
            .filter(|(range, _)| set.ranges().iter().any(|part| part.overlaps(*range)));
        let mut out: Vec<Id<Interface>> =
            singles.map(|(_, id)| *id).chain(blocks.map(|(_, id)| *id)).collect();
        out.sort_unstable();
        out.dedup();
        out.len()
    }
}

/// Who gets through, if anybody does.
pub fn ask(ask: &Ask<'_>, outlets: &mut Outlets<'_>) -> Option<Found> {
    let after = ask.filter.after.side(ask.sure);
    let narrowed;
    let gate = if is_open(after) {
        ask.gate
    } else {
        narrowed = ask.gate.intersection(after);
        &narrowed
    };
    let mut search = Search { ask, outlets, found: Found::default(), reached: Vec::new() };
    for (traffic, peers) in gate.parts() {
        search.part(*traffic, peers);
    }
    let mut found = search.found;
    found.example?;
    let reached = AddrSet::of(search.reached).intersection(ask.destinations);
    found.takers = ask.members.count(&reached);
    found.traffic = merged(found.traffic);
    Some(found)
}

/// Sorted and disjoint.
pub fn merged(mut traffic: Vec<Traffic>) -> Vec<Traffic> {
    traffic.sort_unstable();
    let mut out: Vec<Traffic> = Vec::new();
    for next in traffic {
        match out.last_mut() {
            Some(last) if next.first <= last.last.saturating_add(1) => {
                last.last = last.last.max(next.last);
            }
            _ => out.push(next),
        }
    }
    out
}

struct Search<'s, 'a, 'o> {
    ask: &'s Ask<'a>,
    outlets: &'s mut Outlets<'o>,
    found: Found,
    reached: Vec<Range>,
}

/// Up to so many senders are looked at one by one; more of them by what their groups let out.
const FEW: usize = 24;

impl Search<'_, '_, '_> {
    /// One interval of traffic with its peers.
    fn part(&mut self, traffic: Traffic, peers: &AddrSet) {
        let pool = self.ask.pool;
        let mut senders = 0;
        if let Some(only) = self.ask.only {
            let list = self.listed(only, peers);
            senders += self.each(traffic, &list);
        } else {
            let inside: Vec<&[Entry]> =
                peers.ranges().iter().map(|range| pool.within(*range)).collect();
            let count: usize = inside.iter().map(|list| list.len()).sum();
            let filtered =
                self.ask.filter.translated && !is_open(self.ask.filter.before.side(self.ask.sure));
            if filtered || count <= FEW.max(self.ask.leading.len()) {
                for list in inside {
                    senders += self.each(traffic, list);
                }
            } else {
                senders += self.by_outgoing(traffic, peers);
            }
        }
        for (range, sender, outgoing) in &pool.blocks {
            let wanted = self.ask.only.is_none_or(|only| only.binary_search(sender).is_ok());
            let part = peers.ranges().iter().find(|peers| peers.overlaps(*range));
            if let Some(part) = part.filter(|_| wanted) {
                let seen = part.first.max(range.first);
                let entry = Entry { seen, sender: *sender, outgoing: *outgoing };
                senders += self.each(traffic, &[entry]);
            }
        }
        self.found.senders = self.found.senders.max(senders);
    }

    /// The entries of some senders with an address in a set.
    fn listed(&self, only: &[Id<Interface>], peers: &AddrSet) -> Vec<Entry> {
        let ask = self.ask;
        let mut out = Vec::new();
        for sender in only {
            for range in seen(ask.network, *sender, Sight::Own) {
                let entries = ask.pool.within(range).iter();
                out.extend(entries.filter(|e| e.sender == *sender && peers.contains(e.seen)));
            }
        }
        out
    }

    /// What filters let on to where a sender's address is translated, of an interval of traffic.
    fn before(&self, entry: &Entry, traffic: Traffic) -> Option<Traffic> {
        let ask = self.ask;
        let before = ask.filter.before.side(ask.sure);
        if !ask.filter.translated || is_open(before) {
            return Some(traffic);
        }
        let own = own(ask.network, entry.sender, entry.seen, entry.seen)?;
        before
            .parts()
            .iter()
            .filter(|(_, peers)| peers.contains(own))
            .find_map(|(have, _)| have.intersection(traffic))
    }

    /// Senders one by one; how many of them get through.
    fn each(&mut self, traffic: Traffic, list: &[Entry]) -> usize {
        type Known = ((Outgoing, Traffic), Option<(Addr, Traffic)>);
        let mut known: Option<Known> = None;
        let mut count = 0;
        for entry in list {
            let Some(traffic) = self.before(entry, traffic) else { continue };
            let key = (entry.outgoing, traffic);
            let through = match known {
                Some((have, through)) if have == key => through,
                _ => self.through(entry.outgoing, traffic),
            };
            known = Some((key, through));
            if let Some(through) = through {
                count += 1;
                self.example(entry, through);
            }
        }
        count
    }

    /// Senders by what their groups let out; how many get through.
    fn by_outgoing(&mut self, traffic: Traffic, peers: &AddrSet) -> usize {
        let pool = self.ask.pool;
        let mut count = 0;
        for at in self.ask.leading {
            let Some((outgoing, places)) = pool.by_outgoing.get(*at as usize) else { continue };
            let (mut number, mut first) = (0, None);
            for range in peers.ranges() {
                let (more, entry) = pool.among(places, *range);
                number += more;
                first = first.or(entry);
            }
            if let Some(entry) = first
                && let Some(through) = self.through(*outgoing, traffic)
            {
                count += number;
                self.example(entry, through);
            }
        }
        count
    }

    fn example(&mut self, entry: &Entry, (destination, traffic): (Addr, Traffic)) {
        let example = Example { sender: entry.sender, seen: entry.seen, destination, traffic };
        // The least one, whatever order they come in.
        if self.found.example.is_none_or(|have| example < have) {
            self.found.example = Some(example);
        }
    }

    /// What outgoing rules let through to a taker, of an interval of traffic.
    fn through(&mut self, outgoing: Outgoing, traffic: Traffic) -> Option<(Addr, Traffic)> {
        let ask = self.ask;
        let flows = self.outlets.get(outgoing, ask.filter, ask.filter_at, ask.sure);
        let mut example = None;
        let from = flows.parts().partition_point(|(have, _)| have.last < traffic.first);
        for (have, peers) in flows.parts().get(from..).unwrap_or(&[]) {
            let Some(both) = have.intersection(traffic) else { break };
            let Some(taker) = ask.members.first(peers, ask.destinations) else { continue };
            if self.found.traffic.last() != Some(&both) {
                self.found.traffic.push(both);
            }
            if self.reached.last().is_none_or(|last| last.span() != u128::MAX) {
                self.reached.extend(peers.ranges());
            }
            example = example.or(Some((taker, both)));
        }
        example
    }
}
