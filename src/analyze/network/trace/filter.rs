//! Security groups and network ACLs, rule by rule.

use super::walk::Walk;
use super::{Faults, Tracer};
use crate::analyze::kleene::{Doubt, both};
use crate::analyze::network::packet::{Code, Packet, Step, Touch, Verdict};
use crate::analyze::network::topology::{
    Acl, AclRule, Group, GroupSet, Id, Interface, Peer, Rule, Subnet,
};
use crate::model::{Attr, Cause};
use crate::net::{Addr, Traffic};

/// Who is at the other end, as far as rules about groups care.
#[derive(Debug, Clone)]
pub(super) struct Other {
    pub addr: Addr,
    /// The interface, if the packet speaks for or to it by its private address.
    pub interface: Option<Id<Interface>>,
    pub references: Attr<bool>,
}

impl Tracer<'_> {
    /// What a set of groups says, and which rule said it.
    fn groups(
        &self,
        set: &GroupSet,
        ingress: bool,
        packet: Packet,
        other: &Other,
    ) -> (Attr<bool>, Option<Touch>) {
        let mut doubt = Doubt::default();
        doubt.extend(set.doubt.as_ref());
        for id in &set.groups {
            let group = &self.network.groups[*id];
            let (rules, more) = if ingress {
                (&group.ingress, &group.ingress_doubt)
            } else {
                (&group.egress, &group.egress_doubt)
            };
            doubt.extend(more.as_ref());
            for (at, rule) in rules.iter().enumerate() {
                match self.rule(rule, packet, other) {
                    Attr::Known(true) => {
                        return (Attr::Known(true), Some(Touch::GroupRule(*id, ingress, at)));
                    }
                    Attr::Known(false) => {}
                    Attr::Unknown(cause) => doubt.add(&cause),
                }
            }
        }
        (doubt.or_known(false), None)
    }

    fn rule(&self, rule: &Rule, packet: Packet, other: &Other) -> Attr<bool> {
        let traffic = covers(&rule.traffic, packet);
        both(traffic, || match &rule.peer {
            Peer::Addresses(set) => Attr::Known(set.contains(other.addr)),
            Peer::List(id) => {
                let list = &self.network.lists[*id];
                match (list.entries.contains(other.addr), &list.doubt) {
                    (true, _) => Attr::Known(true),
                    (false, None) => Attr::Known(false),
                    (false, Some(cause)) => Attr::Unknown(cause.clone()),
                }
            }
            Peer::Group { .. } if self.faults.has(Faults::REFERENCE_ANYBODY) => Attr::Known(true),
            Peer::Group { .. } if self.faults.has(Faults::REFERENCE_NOBODY) => Attr::Known(false),
            Peer::Group { group, .. } => self.member(*group, other),
            Peer::Stale(_) => Attr::Known(false),
            Peer::Unknown(cause) => Attr::Unknown(cause.clone()),
        })
    }

    /// Whether the other end carries a group.
    fn member(&self, group: Id<Group>, other: &Other) -> Attr<bool> {
        let Some(interface) = other.interface else { return Attr::Known(false) };
        let carries = match self.network.interfaces[interface].groups.get() {
            Err(cause) => Attr::Unknown(cause.clone()),
            Ok(None) => Attr::Known(false),
            Ok(Some(set)) => Attr::Known(self.network.group_sets[*set].groups.contains(&group)),
        };
        both(carries, || other.references.clone())
    }

    /// A hop for what the groups of an interface say.
    pub(super) fn group_hop(
        &self,
        walk: &mut Walk,
        interface: Id<Interface>,
        ingress: bool,
        packet: Packet,
        other: &Other,
        place: Option<usize>,
    ) {
        let set = match self.network.interfaces[interface].groups.get() {
            Ok(None) => return,
            Ok(Some(set)) => Ok(*set),
            Err(cause) => Err(cause.clone()),
        };
        let step = if ingress { Step::SecurityGroupIn } else { Step::SecurityGroupOut };
        let (verdict, touch) = match &set {
            _ if ingress && self.faults.has(Faults::GROUPS_IGNORED) => (Attr::Known(true), None),
            _ if !ingress && self.faults.has(Faults::GROUPS_OUT_IGNORED) => {
                (Attr::Known(true), None)
            }
            Err(cause) => (Attr::Unknown(cause.clone()), None),
            Ok(set) => self.groups(&self.network.group_sets[*set], ingress, packet, other),
        };
        let names = set.map(|set| {
            let groups = self.network.group_sets[set].groups.iter();
            groups.map(|id| &*self.network.groups[*id].name).collect::<Vec<_>>().join(", ")
        });
        let by = touch.as_ref().map(|touch| self.describe(touch));
        let at = names.unwrap_or_default();
        let hop = walk.note(step, &at, by, Verdict::of(verdict));
        if hop.verdict == Verdict::Blocked {
            hop.code = Some(Code::EniSgRulesMismatch);
        }
        hop.touches.extend(touch);
        if let Some(place) = place
            && let Some(hop) = walk.hops.pop()
        {
            walk.hops.insert(place.min(walk.hops.len()), hop);
        }
    }

    /// A hop at the border of a subnet.
    pub(super) fn acl_hop(&self, walk: &mut Walk, subnet: Id<Subnet>, ingress: bool) {
        if self.faults.has(Faults::ACL_IGNORED)
            || (!ingress && self.faults.has(Faults::ACL_OUT_IGNORED))
        {
            return;
        }
        let step = if ingress { Step::NetworkAclIn } else { Step::NetworkAclOut };
        let id = match self.network.subnets[subnet].acl.get() {
            Ok(id) => *id,
            Err(cause) => {
                return walk.doubt(step, &self.network.subnets[subnet].name, &cause.clone());
            }
        };
        let acl = &self.network.acls[id];
        let peer = if ingress { walk.packet.source } else { walk.packet.destination };
        let (verdict, at) = self.acl(acl, ingress, walk.packet, peer);
        let touch = at.map(|at| Touch::AclRule(id, ingress, at));
        let by = touch.as_ref().map(|touch| self.describe(touch));
        let hop = walk.note(step, &acl.name, by, Verdict::of(verdict));
        if hop.verdict == Verdict::Blocked {
            hop.code = Some(Code::SubnetAclRestriction);
        }
        hop.touches.extend(touch);
    }

    /// The first row that matches decides. A row that may match leaves the outcome open, unless all that may decide
    /// agree.
    fn acl(
        &self,
        acl: &Acl,
        ingress: bool,
        packet: Packet,
        peer: Addr,
    ) -> (Attr<bool>, Option<usize>) {
        if let Some(cause) = &acl.doubt {
            return (Attr::Unknown(cause.clone()), None);
        }
        let rows = if ingress { &acl.ingress } else { &acl.egress };
        let mut order: Vec<(usize, &AclRule)> = rows.iter().enumerate().collect();
        if self.faults.has(Faults::ACL_REVERSED) {
            order.reverse();
        }
        let (mut doubt, mut possible) = (Doubt::default(), Vec::new());
        for (at, row) in order {
            let peers = match row.peers.get() {
                Ok(set) => Attr::Known(set.contains(peer)),
                Err(cause) => Attr::Unknown(cause.clone()),
            };
            match both(covers(&row.traffic, packet), || peers) {
                Attr::Known(false) => {}
                Attr::Known(true) => {
                    possible.push(row.allow.clone());
                    return (agreed(possible, doubt), Some(at));
                }
                Attr::Unknown(cause) => {
                    doubt.add(&cause);
                    possible.push(row.allow.clone());
                }
            }
        }
        possible.push(Attr::Known(false));
        (agreed(possible, doubt), None)
    }

    /// A rule or route in words.
    pub fn describe(&self, touch: &Touch) -> String {
        match touch {
            Touch::GroupRule(id, ingress, at) => {
                let group = &self.network.groups[*id];
                let rules = if *ingress { &group.ingress } else { &group.egress };
                match rules.get(*at) {
                    Some(rule) => format!(
                        "{} {} {} {}",
                        rule.name.as_deref().unwrap_or(&group.name),
                        traffic_words(&rule.traffic),
                        if *ingress { "from" } else { "to" },
                        self.peer_words(&rule.peer)
                    ),
                    None => group.name.to_string(),
                }
            }
            Touch::AclRule(id, ingress, at) => {
                let acl = &self.network.acls[*id];
                let rows = if *ingress { &acl.ingress } else { &acl.egress };
                match rows.get(*at) {
                    Some(row) => format!(
                        "row {} {} {} {} {}",
                        row.number,
                        match row.allow {
                            Attr::Known(true) => "allows",
                            Attr::Known(false) => "denies",
                            Attr::Unknown(_) => "decides",
                        },
                        traffic_words(&row.traffic),
                        if *ingress { "from" } else { "to" },
                        row.peers
                            .known()
                            .map_or_else(|| "addresses not known".to_owned(), ToString::to_string)
                    ),
                    None => acl.name.to_string(),
                }
            }
            Touch::Route(id, at) => {
                let table = &self.network.tables[*id];
                table.routes.get(*at).map_or_else(
                    || table.name.to_string(),
                    |route| format!("{} → {}", route.label, self.target_words(&route.target)),
                )
            }
            Touch::TransitRoute(id, at) => {
                let table = &self.network.transit_tables[*id];
                table
                    .routes
                    .get(*at)
                    .map_or_else(|| table.name.to_string(), |route| route.label.to_string())
            }
            Touch::Node(node) => self.network.name(*node).to_owned(),
        }
    }

    fn peer_words(&self, peer: &Peer) -> String {
        match peer {
            Peer::Addresses(set) => set.to_string(),
            Peer::List(id) => self.network.lists[*id].name.to_string(),
            Peer::Group { group, .. } => self.network.groups[*group].name.to_string(),
            Peer::Stale(name) => format!("{name} (gone)"),
            Peer::Unknown(_) => "addresses not known".to_owned(),
        }
    }
}

fn covers(traffic: &Result<Traffic, Cause>, packet: Packet) -> Attr<bool> {
    match traffic {
        Ok(traffic) => Attr::Known(traffic.contains(packet.traffic())),
        Err(cause) => Attr::Unknown(cause.clone()),
    }
}

fn traffic_words(traffic: &Result<Traffic, Cause>) -> String {
    traffic.as_ref().map_or_else(|_| "traffic not known".to_owned(), ToString::to_string)
}

/// What all that may decide agree on.
fn agreed(possible: Vec<Attr<bool>>, mut doubt: Doubt) -> Attr<bool> {
    let mut known: Vec<bool> = Vec::new();
    for one in possible {
        match one {
            Attr::Known(allow) => known.push(allow),
            Attr::Unknown(cause) => {
                doubt.add(&cause);
                known.extend([true, false]);
            }
        }
    }
    known.dedup();
    match known.as_slice() {
        [all] => Attr::Known(*all),
        // Only doubt about which row decides lets them differ.
        _ => doubt.or_known(false),
    }
}
