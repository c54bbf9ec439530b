//! What groups let their members send, with members whose rules say the same put together.

use std::collections::HashMap;

use crate::analyze::network::reach::{Bounds, Flows};
use crate::analyze::network::topology::{Group, GroupSet, Id, Interface, Network, Peer, Rule};
use crate::model::{Attr, Cause};
use crate::net::{AddrSet, Traffic};

/// The place of a distinct set of outgoing rules in [`Egress::rules`].
pub type Outgoing = u32;

/// Every distinct set of outgoing rules.
#[derive(Debug, Default)]
pub struct Egress {
    /// What each set lets out, by destination.
    rules: Vec<Rules>,
    /// The set of each interface.
    of: Vec<Outgoing>,
}

/// What a set of rules lets out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Rules {
    /// By addresses, for sure.
    least: Flows,
    /// By addresses, perhaps.
    most: Flows,
    /// Why these two differ.
    cause: Option<Cause>,
    /// What references to groups add: traffic and the group.
    references: Vec<(Traffic, Id<Group>)>,
}

impl Egress {
    pub fn new(network: &Network) -> Self {
        let mut out = Self::default();
        let mut known: HashMap<Rules, Outgoing> = HashMap::new();
        let mut intern = |rules: Rules, list: &mut Vec<Rules>| {
            *known.entry(rules).or_insert_with_key(|rules| {
                list.push(rules.clone());
                u32::try_from(list.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let sets: Vec<Outgoing> = network
            .group_sets
            .iter()
            .map(|(_, set)| intern(of_set(network, set), &mut out.rules))
            .collect();
        let open = Rules {
            least: Flows::everything(),
            most: Flows::everything(),
            cause: None,
            references: Vec::new(),
        };
        for (_, interface) in network.interfaces.iter() {
            let rules = match &interface.groups {
                Attr::Known(Some(set)) => sets.get(set.at()).copied().unwrap_or(u32::MAX),
                Attr::Known(None) => intern(open.clone(), &mut out.rules),
                Attr::Unknown(cause) => {
                    let unknown =
                        Rules { least: Flows::NOTHING, cause: Some(cause.clone()), ..open.clone() };
                    intern(unknown, &mut out.rules)
                }
            };
            out.of.push(rules);
        }
        out
    }

    /// The set of an interface.
    pub fn of(&self, interface: Id<Interface>) -> Outgoing {
        self.of.get(interface.at()).copied().unwrap_or(u32::MAX)
    }

    /// Whether it is not certain what a set lets out.
    pub fn is_doubtful(&self, outgoing: Outgoing) -> bool {
        self.rules.get(outgoing as usize).is_none_or(|rules| rules.cause.is_some())
    }

    /// All that a set may let packets out to; nothing where that is not only a matter of addresses.
    pub fn peers(&self, outgoing: Outgoing) -> Option<AddrSet> {
        let rules = self.rules.get(outgoing as usize)?;
        let only = rules.cause.is_none() && rules.references.is_empty();
        only.then(|| rules.most.all_peers())
    }

    /// What a set lets out for sure, or may let out, where that is a matter of addresses only.
    pub fn plain(&self, outgoing: Outgoing, sure: bool, references: &Attr<bool>) -> Option<&Flows> {
        let rules = self.rules.get(outgoing as usize)?;
        let plain = rules.references.is_empty() || *references == Attr::Known(false);
        plain.then_some(if sure { &rules.least } else { &rules.most })
    }

    /// What a set lets out, by destination. References to groups count where the way supports them.
    pub fn bounds(
        &self,
        outgoing: Outgoing,
        members: &dyn Fn(Id<Group>) -> AddrSet,
        references: &Attr<bool>,
    ) -> Bounds {
        let Some(rules) = self.rules.get(outgoing as usize) else { return Bounds::NOTHING };
        let plain = Bounds {
            least: rules.least.clone(),
            most: rules.most.clone(),
            cause: rules.cause.clone(),
        };
        if rules.references.is_empty() || *references == Attr::Known(false) {
            return plain;
        }
        let named: Vec<(Traffic, AddrSet)> =
            rules.references.iter().map(|(traffic, group)| (*traffic, members(*group))).collect();
        let named: Vec<(Traffic, &AddrSet)> = named.iter().map(|(t, set)| (*t, set)).collect();
        let named = Flows::union_of(&named);
        let added = match references {
            Attr::Known(_) => Bounds::certain(named),
            Attr::Unknown(cause) => {
                Bounds { least: Flows::NOTHING, most: named, cause: Some(cause.clone()) }
            }
        };
        plain.union(&added)
    }
}

fn of_set(network: &Network, set: &GroupSet) -> Rules {
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    let mut references = Vec::new();
    let mut causes: Vec<Cause> = set.doubt.iter().cloned().collect();
    let everyone = AddrSet::everything();
    for group in &set.groups {
        let group = &network.groups[*group];
        causes.extend(group.egress_doubt.iter().cloned());
        for rule in &group.egress {
            if let (Ok(traffic), Peer::Group { group, .. }) = (&rule.traffic, &rule.peer) {
                references.push((*traffic, *group));
                continue;
            }
            let read = peers(network, rule);
            sure.extend(read.least);
            perhaps.extend(read.most);
            causes.extend(read.cause);
        }
    }
    references.sort_unstable();
    references.dedup();
    if set.doubt.is_some() || set.groups.iter().any(|g| network.groups[*g].egress_doubt.is_some()) {
        perhaps.push((Traffic::ALL, &everyone));
    }
    let least = Flows::union_of(&sure);
    let most =
        if perhaps.is_empty() { least.clone() } else { least.union(&Flows::union_of(&perhaps)) };
    Rules { least, most, cause: causes.into_iter().min(), references }
}

/// A rule by addresses: what it says for sure, and what it may say beyond that.
pub struct Read<'n> {
    pub least: Option<(Traffic, &'n AddrSet)>,
    pub most: Option<(Traffic, &'n AddrSet)>,
    pub cause: Option<Cause>,
}

/// Reads a rule that does not refer to a group; a reference is nothing.
pub fn peers<'n>(network: &'n Network, rule: &'n Rule) -> Read<'n> {
    static EVERYONE: std::sync::LazyLock<AddrSet> = std::sync::LazyLock::new(AddrSet::everything);
    let (addresses, doubt) = match &rule.peer {
        Peer::Addresses(set) => (Some(set), None),
        Peer::List(list) => {
            let list = &network.lists[*list];
            (Some(&list.entries), list.doubt.clone())
        }
        Peer::Unknown(cause) => (None, Some(cause.clone())),
        Peer::Group { .. } | Peer::Stale(_) => {
            return Read { least: None, most: None, cause: None };
        }
    };
    match (&rule.traffic, doubt) {
        (Ok(traffic), None) => {
            Read { least: addresses.map(|set| (*traffic, set)), most: None, cause: None }
        }
        (Ok(traffic), Some(cause)) => Read {
            least: addresses.map(|set| (*traffic, set)),
            most: Some((*traffic, &*EVERYONE)),
            cause: Some(cause),
        },
        (Err(cause), doubt) => {
            let set = if doubt.is_some() { &*EVERYONE } else { addresses.unwrap_or(&*EVERYONE) };
            let cause = doubt.into_iter().chain([cause.clone()]).min();
            Read { least: None, most: Some((Traffic::ALL, set)), cause }
        }
    }
}
