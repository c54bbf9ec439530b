//! Changes, and networks with them.

use crate::analyze::network::topology::{
    Acl, AclRule, Attachment, AttachmentKind, Group, GroupSet, Id, Interface, InterfaceKind,
    Network, Node, Peer, Peering, Route, RouteTable, Target, TransitRoute, TransitTable,
    TransitTarget,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet, Traffic};

/// A change to one thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// A rule of a security group admits fewer: its group, whether it is for packets coming in, its place, and what is
    /// left of its addresses and traffic.
    NarrowRule(Id<Group>, bool, usize, AddrSet, Traffic),
    /// A rule of a security group goes.
    RemoveRule(Id<Group>, bool, usize),
    /// A public address of an interface goes.
    RemovePublicAddress(Id<Interface>, Addr),
    /// A network ACL gets a row before all others that denies packets coming in.
    DenyRow(Id<Acl>, Traffic, AddrSet),
    /// A route goes.
    RemoveRoute(Id<RouteTable>, usize),
    /// A route of a transit gateway goes, propagated ones with their propagation.
    RemoveTransitRoute(Id<TransitTable>, usize),
    /// A peering goes.
    RemovePeering(Id<Peering>),
    /// An attachment of a transit gateway goes.
    RemoveAttachment(Id<Attachment>),
}

/// A place that no packet goes to: the unspecified address of IPv6.
fn nowhere() -> Range {
    Range::one(Addr::at(0))
}

impl Change {
    /// Makes the change.
    pub fn apply(&self, network: &mut Network) {
        match self {
            Self::NarrowRule(group, ingress, at, addresses, traffic) => {
                let group = &mut network.groups[*group];
                let rules = if *ingress { &mut group.ingress } else { &mut group.egress };
                if let Some(rule) = rules.get_mut(*at) {
                    rule.peer = Peer::Addresses(addresses.clone());
                    rule.traffic = Ok(*traffic);
                }
            }
            Self::RemoveRule(group, ingress, at) => {
                let group = &mut network.groups[*group];
                let rules = if *ingress { &mut group.ingress } else { &mut group.egress };
                if let Some(rule) = rules.get_mut(*at) {
                    rule.peer = Peer::Stale("removed".into());
                }
            }
            Self::RemovePublicAddress(interface, addr) => {
                for address in &mut network.interfaces[*interface].addresses {
                    if address.public == Some(*addr) {
                        address.public = None;
                    }
                }
            }
            Self::DenyRow(acl, traffic, peers) => {
                let rows = &mut network.acls[*acl].ingress;
                let number = rows.first().map_or(1, |row| row.number - 1);
                let row = AclRule {
                    number,
                    allow: Attr::Known(false),
                    traffic: Ok(*traffic),
                    peers: Attr::Known(peers.clone()),
                };
                rows.insert(0, row);
            }
            Self::RemoveRoute(table, at) => {
                if let Some(route) = network.tables[*table].routes.get_mut(*at) {
                    remove_route(route);
                }
            }
            Self::RemoveTransitRoute(table, at) => {
                if let Some(route) = network.transit_tables[*table].routes.get_mut(*at) {
                    remove_transit_route(route);
                }
            }
            Self::RemovePeering(id) => {
                // Routes to it stay, and lose what they send there.
                for side in &mut network.peerings[*id].sides {
                    *side = ("".into(), None);
                }
            }
            Self::RemoveAttachment(id) => detach(network, *id),
        }
    }

    /// How many interfaces beside one lose something, at most.
    pub fn loses(&self, network: &Network, beside: Option<Id<Interface>>) -> usize {
        let count = |test: &dyn Fn(Id<Interface>) -> bool| {
            network
                .interfaces
                .iter()
                .filter(|(id, it)| {
                    Some(*id) != beside
                        && !matches!(it.kind, InterfaceKind::TransitGateway)
                        && test(*id)
                })
                .count()
        };
        match self {
            Self::NarrowRule(group, ..) | Self::RemoveRule(group, ..) => {
                let carrying: Vec<Id<GroupSet>> = network
                    .group_sets
                    .iter()
                    .filter(|(_, set)| set.groups.contains(group))
                    .map(|(id, _)| id)
                    .collect();
                count(&|id| {
                    let set = network.interfaces[id].groups.known().copied().flatten();
                    set.is_some_and(|set| carrying.binary_search(&set).is_ok())
                })
            }
            Self::RemovePublicAddress(..) => 0,
            Self::DenyRow(acl, ..) => {
                count(&|id| network.subnets[network.interfaces[id].subnet].acl == Attr::Known(*acl))
            }
            Self::RemoveRoute(table, _) => count(&|id| {
                network.subnets[network.interfaces[id].subnet].table == Attr::Known(*table)
            }),
            Self::RemovePeering(id) => {
                let sides = &network.peerings[*id].sides;
                count(&|id| sides.iter().any(|(_, vpc)| *vpc == Some(network.interfaces[id].vpc)))
            }
            Self::RemoveAttachment(id) => {
                let vpc = network.attachments[*id].vpc();
                count(&|id| vpc == Some(network.interfaces[id].vpc))
            }
            Self::RemoveTransitRoute(table, at) => {
                let table = &network.transit_tables[*table];
                let targets = table.routes.get(*at).map(|route| &route.target);
                let Some(TransitTarget::Attachments(list)) = targets else { return 0 };
                let vpcs: Vec<_> =
                    list.iter().filter_map(|id| network.attachments[*id].vpc()).collect();
                count(&|id| vpcs.contains(&network.interfaces[id].vpc))
            }
        }
    }

    /// How drastic it is: of remedies that cost others the same the mildest comes first.
    pub fn weight(&self) -> u8 {
        match self {
            Self::NarrowRule(..) => 0,
            Self::RemoveRule(..) => 1,
            Self::DenyRow(..) => 2,
            Self::RemovePublicAddress(..) => 3,
            Self::RemoveTransitRoute(..) => 4,
            Self::RemoveRoute(..) => 5,
            Self::RemoveAttachment(..) => 6,
            Self::RemovePeering(..) => 7,
        }
    }

    /// The thing to change.
    pub fn at(&self) -> Node {
        match self {
            Self::NarrowRule(id, ..) | Self::RemoveRule(id, ..) => Node::Group(*id),
            Self::RemovePublicAddress(id, _) => Node::Interface(*id),
            Self::DenyRow(id, ..) => Node::Acl(*id),
            Self::RemoveRoute(id, _) => Node::Table(*id),
            Self::RemoveTransitRoute(id, _) => Node::TransitTable(*id),
            Self::RemovePeering(id) => Node::Peering(*id),
            Self::RemoveAttachment(id) => Node::Attachment(*id),
        }
    }

    /// What to do, for people; of the network as it was.
    pub fn words(&self, network: &Network) -> String {
        let name = network.name(self.at());
        match self {
            Self::NarrowRule(group, ingress, at, addresses, traffic) => {
                let what = rule_words(network, *group, *ingress, *at);
                let (preposition, _) = direction(*ingress);
                format!("narrow {what} of {name} to {traffic} {preposition} {addresses}")
            }
            Self::RemoveRule(group, ingress, at) => {
                format!("remove {} of {name}", rule_words(network, *group, *ingress, *at))
            }
            Self::RemovePublicAddress(_, addr) => {
                format!("remove the public address {addr} of {name}")
            }
            Self::DenyRow(_, traffic, peers) => {
                format!("put a first inbound row into {name} that denies {traffic} from {peers}")
            }
            Self::RemoveRoute(id, at) => {
                let label = network.tables[*id].routes.get(*at).map_or("", |route| &route.label);
                format!("remove the route to {label} from {name}")
            }
            Self::RemoveTransitRoute(id, at) => {
                let routes = &network.transit_tables[*id].routes;
                let label = routes.get(*at).map_or("", |route| &route.label);
                format!("remove the route to {label} from {name}")
            }
            Self::RemovePeering(_) => format!("delete the peering {name}"),
            Self::RemoveAttachment(_) => format!("delete the attachment {name}"),
        }
    }
}

fn direction(ingress: bool) -> (&'static str, &'static str) {
    if ingress { ("from", "inbound") } else { ("to", "outbound") }
}

fn rule_words(network: &Network, group: Id<Group>, ingress: bool, at: usize) -> String {
    let group = &network.groups[group];
    let (preposition, way) = direction(ingress);
    let rules = if ingress { &group.ingress } else { &group.egress };
    let Some(rule) = rules.get(at) else { return format!("an {way} rule") };
    let traffic =
        rule.traffic.as_ref().map_or_else(|_| "unknown traffic".to_owned(), ToString::to_string);
    let peer = match &rule.peer {
        Peer::Addresses(set) => set.to_string(),
        Peer::List(list) => network.lists[*list].name.to_string(),
        Peer::Group { group, .. } => network.groups[*group].name.to_string(),
        Peer::Stale(name) => name.to_string(),
        Peer::Unknown(_) => "unknown peers".to_owned(),
    };
    match &rule.name {
        Some(id) => format!("the {way} rule {id} ({traffic} {preposition} {peer})"),
        None => format!("the {way} rule {traffic} {preposition} {peer}"),
    }
}

fn remove_route(route: &mut Route) {
    route.destination = nowhere();
    route.target = Target::Gone("removed".into());
}

fn remove_transit_route(route: &mut TransitRoute) {
    route.destination = nowhere();
    route.target = TransitTarget::Blackhole;
}

fn detach(network: &mut Network, id: Id<Attachment>) {
    for (_, table) in network.transit_tables.iter_mut() {
        for route in &mut table.routes {
            if let TransitTarget::Attachments(list) = &mut route.target {
                list.retain(|attachment| *attachment != id);
                if list.is_empty() {
                    remove_transit_route(route);
                }
            }
        }
    }
    let attachment = &mut network.attachments[id];
    let gateway = attachment.gateway;
    attachment.association = Attr::Known(None);
    attachment.kind = AttachmentKind::Beyond(Cause::new(CauseKind::NotCollected, "removed"));
    network.transit_gateways[gateway].attachments.retain(|attachment| *attachment != id);
}
