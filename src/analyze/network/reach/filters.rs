//! Rules of security groups and rows of network ACLs as sets.

use super::{Bounds, Flows};
use crate::analyze::kleene::Doubt;
use crate::analyze::network::topology::{Acl, AclRule, Group, GroupSet, Id, Network, Peer, Rule};
use crate::model::{Attr, Cause};
use crate::net::{AddrSet, Traffic};

/// What a network ACL lets pass in one direction.
///
/// Whatever no earlier row matches for sure is still undecided when a row is met. A packet is allowed for sure where
/// no row, nor the end of the list, may deny it.
pub fn acl(acl: &Acl, ingress: bool) -> Bounds {
    if let Some(cause) = &acl.doubt {
        return Bounds::unknown(cause.clone());
    }
    let rows = if ingress { &acl.ingress } else { &acl.egress };
    let (all, everyone) = (Traffic::ALL, AddrSet::everything());
    let mut rest = Flows::everything();
    let (mut allowed, mut denied) = (Vec::new(), Vec::new());
    let mut doubt = Doubt::default();
    for row in rows {
        if rest.is_empty() {
            break;
        }
        let traffic = *row.traffic.as_ref().unwrap_or(&all);
        let peers = row.peers.known().unwrap_or(&everyone);
        let hit = rest.with_traffic(traffic).with_peers(peers);
        if hit.is_empty() {
            continue;
        }
        for cause in causes(row) {
            doubt.add(cause);
        }
        if row.allow != Attr::Known(false) {
            allowed.push(hit.clone());
        }
        if row.allow != Attr::Known(true) {
            denied.push(hit.clone());
        }
        if row.traffic.is_ok() && row.peers.known().is_some() {
            rest = rest.minus(&hit);
        }
    }
    denied.push(rest);
    let most = union(&allowed);
    match doubt.cause() {
        None => Bounds::certain(most),
        Some(cause) => {
            let least = most.minus(&union(&denied));
            let cause = (least != most).then(|| cause.clone());
            Bounds { least, most, cause }
        }
    }
}

fn causes(row: &AclRule) -> Vec<&Cause> {
    let attrs = [row.allow.get().err(), row.traffic.as_ref().err(), row.peers.get().err()];
    attrs.into_iter().flatten().collect()
}

fn union(flows: &[Flows]) -> Flows {
    let parts: Vec<(Traffic, &AddrSet)> =
        flows.iter().flat_map(Flows::parts).map(|(traffic, peers)| (*traffic, peers)).collect();
    Flows::union_of(&parts)
}

/// The rules of a set of groups in one direction: what they say of addresses, and the groups they refer to.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What rules about addresses and prefix lists admit.
    pub addresses: Bounds,
    /// Rules about groups: the group, and which traffic.
    pub references: Vec<(Id<Group>, Result<Traffic, Cause>)>,
}

/// Compiles the rules of a set of groups.
pub fn rules(network: &Network, set: &GroupSet, ingress: bool) -> Rules {
    let everyone = AddrSet::everything();
    let mut sums = Sums { least: Vec::new(), most: Vec::new(), doubt: Doubt::default() };
    let mut references = Vec::new();
    sums.anything(&everyone, set.doubt.as_ref());
    for id in &set.groups {
        let group = &network.groups[*id];
        let (rules, doubt) = if ingress {
            (&group.ingress, &group.ingress_doubt)
        } else {
            (&group.egress, &group.egress_doubt)
        };
        sums.anything(&everyone, doubt.as_ref());
        for rule in rules {
            match &rule.peer {
                Peer::Group { group, .. } => references.push((*group, rule.traffic.clone())),
                _ => sums.rule(network, rule, &everyone),
            }
        }
    }
    let least = Flows::union_of(&sums.least);
    let addresses = match sums.doubt.cause() {
        None => Bounds::certain(least),
        Some(cause) => {
            let most = Flows::union_of(&sums.most);
            let cause = (least != most).then(|| cause.clone());
            Bounds { least, most, cause }
        }
    };
    Rules { addresses, references }
}

/// The rectangles of rules.
struct Sums<'a> {
    least: Vec<(Traffic, &'a AddrSet)>,
    most: Vec<(Traffic, &'a AddrSet)>,
    doubt: Doubt,
}

impl<'a> Sums<'a> {
    /// There may be any rule.
    fn anything(&mut self, everyone: &'a AddrSet, cause: Option<&Cause>) {
        if let Some(cause) = cause {
            self.doubt.add(cause);
            self.most.push((Traffic::ALL, everyone));
        }
    }

    fn rule(&mut self, network: &'a Network, rule: &'a Rule, everyone: &'a AddrSet) {
        let (known, doubt): (Option<&AddrSet>, _) = match &rule.peer {
            Peer::Addresses(set) => (Some(set), None),
            Peer::List(list) => {
                let list = &network.lists[*list];
                (Some(&list.entries), list.doubt.as_ref())
            }
            Peer::Group { .. } | Peer::Stale(_) => return,
            Peer::Unknown(cause) => (None, Some(cause)),
        };
        match &rule.traffic {
            Ok(traffic) => {
                if let Some(set) = known {
                    self.least.push((*traffic, set));
                    self.most.push((*traffic, set));
                }
                if let Some(cause) = doubt {
                    self.doubt.add(cause);
                    self.most.push((*traffic, everyone));
                }
            }
            Err(cause) => {
                self.doubt.add(cause);
                let peers = if doubt.is_some() { everyone } else { known.unwrap_or(everyone) };
                self.most.push((Traffic::ALL, peers));
            }
        }
    }
}
