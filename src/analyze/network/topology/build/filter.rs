//! Security groups, network ACLs and prefix lists.

use std::collections::BTreeMap;

use super::read::{RawAcl, RawDestination, RawGroup, RawList, RawPeer, RawRule, RawTable};
use super::said::{Said, Spot, Word};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{Acl, Group, Id, Node, Peer, Place, PrefixList, Rule};
use crate::ident::AccountId;
use crate::model::{Attr, Cause};
use crate::net::AddrSet;
use crate::net::addr::Range;

impl Work<'_, '_> {
    pub(super) fn lists(&mut self, raw: Vec<Said<RawList>>) {
        for Said { id, arn, thing, .. } in raw {
            let entries = AddrSet::of_prefixes(&thing.entries);
            let list = PrefixList { name: id.clone(), entries, doubt: thing.doubt };
            let list = self.net.lists.push(list);
            self.entries.push(thing.entries);
            self.name(id, arn, Node::List(list));
        }
    }

    pub(super) fn acls(&mut self, raw: &mut [Said<RawAcl>]) {
        for said in raw {
            let place = self.spot(said.place);
            let acl = self.net.acls.push(Acl {
                name: said.id.clone(),
                place,
                ingress: std::mem::take(&mut said.thing.ingress),
                egress: std::mem::take(&mut said.thing.egress),
                doubt: said.thing.doubt.take(),
            });
            self.name(said.id.clone(), said.arn.clone(), Node::Acl(acl));
        }
    }

    /// Groups, without their rules: these refer to other groups.
    pub(super) fn groups(&mut self, raw: &[Said<RawGroup>]) {
        for said in raw {
            let place = self.spot(said.place);
            let vpc = said.thing.vpc.known().and_then(Option::as_deref);
            let group = self.net.groups.push(Group {
                name: said.id.clone(),
                place,
                vpc: vpc.and_then(|vpc| self.vpc_named(vpc)),
                ingress: Vec::new(),
                egress: Vec::new(),
                ingress_doubt: None,
                egress_doubt: None,
            });
            self.name(said.id.clone(), said.arn.clone(), Node::Group(group));
        }
    }

    /// Fills the groups.
    pub(super) fn rules(&mut self, raw: Vec<Said<RawGroup>>) {
        for said in raw {
            let Some(Node::Group(group)) = self.find(&said.id) else { continue };
            let place = self.net.groups[group].place;
            let (ingress, ingress_doubt) = self.direction(said.thing.ingress, place);
            let (egress, egress_doubt) = self.direction(said.thing.egress, place);
            let group = &mut self.net.groups[group];
            (group.ingress, group.ingress_doubt) = (ingress, ingress_doubt);
            (group.egress, group.egress_doubt) = (egress, egress_doubt);
        }
    }

    fn direction(
        &mut self,
        raw: Attr<Vec<RawRule>>,
        place: Id<Place>,
    ) -> (Vec<Rule>, Option<Cause>) {
        match raw {
            Attr::Unknown(cause) => (Vec::new(), Some(cause)),
            Attr::Known(rules) => {
                let resolved = rules.into_iter().map(|RawRule { name, traffic, peer }| Rule {
                    name,
                    traffic,
                    peer: self.peer(peer, place),
                });
                let mut rules: Vec<Rule> = resolved.collect();
                rules.sort_by(|a, b| {
                    let key = |rule: &Rule| (rule.traffic.clone(), rule.name.clone());
                    let peers = || self.order(&a.peer).cmp(&self.order(&b.peer));
                    key(a).cmp(&key(b)).then_with(peers)
                });
                (rules, None)
            }
        }
    }

    /// Where a peer stands among others, whatever the order of the input was.
    fn order<'p>(&'p self, peer: &'p Peer) -> (u8, &'p [Range], &'p str) {
        match peer {
            Peer::Addresses(set) => (0, set.ranges(), ""),
            Peer::List(list) => (1, &[], &self.net.lists[*list].name),
            Peer::Group { group, .. } => (2, &[], &self.net.groups[*group].name),
            Peer::Stale(id) => (3, &[], id),
            Peer::Unknown(cause) => (4, &[], cause.detail().unwrap_or_default()),
        }
    }

    /// Lists that are referred to and that nobody listed, in the order of their ids.
    pub(super) fn unlisted(&mut self, groups: &[Said<RawGroup>], tables: &[Said<RawTable>]) {
        let mut wanted = BTreeMap::new();
        for said in groups {
            let directions = [&said.thing.ingress, &said.thing.egress];
            for rule in directions.into_iter().filter_map(|rules| rules.known()).flatten() {
                if let RawPeer::List(word) = rule.peer {
                    wanted.entry(self.words.text(word)).or_insert(said.place);
                }
            }
        }
        for said in tables {
            for route in &said.thing.routes {
                if let RawDestination::List(word) = route.destination {
                    wanted.entry(self.words.text(word)).or_insert(said.place);
                }
            }
        }
        let wanted: Vec<(String, Spot)> =
            wanted.into_iter().map(|(id, place)| (id.to_owned(), place)).collect();
        for (id, place) in wanted {
            let place = self.spot(place);
            self.list(&id, place);
        }
    }

    fn peer(&mut self, raw: RawPeer, place: Id<Place>) -> Peer {
        match raw {
            RawPeer::Addresses(prefix) => Peer::Addresses(AddrSet::of_prefix(prefix)),
            RawPeer::Unknown(cause) => Peer::Unknown(cause),
            RawPeer::List(word) => {
                let id = self.words.text(word).to_owned();
                Peer::List(self.list(&id, place))
            }
            RawPeer::Group { id, account, peering } => self.group_peer(id, account, peering, place),
        }
    }

    fn group_peer(
        &self,
        group: Word,
        account: Option<Word>,
        peering: Option<Word>,
        place: Id<Place>,
    ) -> Peer {
        const PEERINGS: &str = "aws.ec2.vpc_peering_connection";
        let id = self.words.text(group);
        let peering = match peering.map(|word| self.words.text(word)) {
            None => None,
            Some(name) => match self.find(name) {
                Some(Node::Peering(peering)) => Some(peering),
                _ => {
                    return match (self.ended.get(name), self.gap(place, PEERINGS)) {
                        (Some(Attr::Known(())), _) | (None, None) => Peer::Stale(id.into()),
                        _ => Peer::Unknown(self.absent(name, place, PEERINGS)),
                    };
                }
            },
        };
        if let Some(group) = self.group_named(id) {
            return Peer::Group { group, peering };
        }
        let owner = account.map(|word| AccountId::new(self.words.text(word)));
        let gap = match owner {
            None => self.gap(place, super::GROUPS),
            Some(Ok(owner)) => {
                let region = &self.net.places[place].region;
                self.context.gap(&owner, region, super::GROUPS)
            }
            Some(Err(_)) => Some(missing(id)),
        };
        gap.map_or_else(|| Peer::Stale(id.into()), Peer::Unknown)
    }
}
