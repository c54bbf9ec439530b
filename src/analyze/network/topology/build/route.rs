//! Route tables, and what routes lead to: NAT gateways, peerings, endpoints.

use std::collections::HashSet;

use super::firewall::Firewalls;
use super::interface::parse;
use super::read::{RawDestination, RawRoute, RawTable, RawTarget};
use super::said::{Fill, Said, Word, fill, least, some};
use super::vpc::Edge;
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    Endpoint, EndpointKind, Id, Nat, Node, Origin, Peering, Place, Route, RouteState, RouteTable,
    Target,
};
use crate::ident::Region;
use crate::model::change::is_planned;
use crate::model::vpc_edge::{NatGateway, PeeringVpcInfo, VpcEndpoint, VpcPeeringConnection};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet, Prefix};

impl Fill for NatGateway {}
impl Fill for VpcEndpoint {
    fn fill(&mut self, other: Self) {
        fill(&mut self.state, other.state);
        fill(&mut self.subnet_ids, other.subnet_ids);
        fill(&mut self.network_interface_ids, other.network_interface_ids);
    }
}
impl Fill for VpcPeeringConnection {
    fn fill(&mut self, other: Self) {
        fill(&mut self.status, other.status);
        fill(&mut self.requester_vpc_id, other.requester_vpc_id);
        fill(&mut self.accepter_vpc_id, other.accepter_vpc_id);
        for (own, other) in [
            (&mut self.requester_vpc_info, other.requester_vpc_info),
            (&mut self.accepter_vpc_info, other.accepter_vpc_info),
        ] {
            match (own, other) {
                (Attr::Known(own), Attr::Known(other)) => {
                    fill(&mut own.owner_id, other.owner_id);
                    fill(&mut own.region, other.region);
                    fill(&mut own.cidr_blocks, other.cidr_blocks);
                    fill(&mut own.ipv6_cidr_blocks, other.ipv6_cidr_blocks);
                }
                (own, other) => fill(own, other),
            }
        }
    }
}

const NATS: &str = "aws.ec2.nat_gateway";
const PEERINGS: &str = "aws.ec2.vpc_peering_connection";
const ENDPOINTS: &str = "aws.ec2.vpc_endpoint";

impl Work<'_, '_> {
    /// Whether something in a state is there. What is not is remembered, so that references to it are understood.
    pub(super) fn lives(&mut self, id: &str, state: &Attr<String>, good: &[&str]) -> bool {
        match state.get() {
            Ok(state) if good.contains(&state.as_str()) => true,
            Ok(_) => {
                self.ended.insert(id.into(), Attr::Known(()));
                false
            }
            Err(cause) => {
                self.ended.insert(id.into(), Attr::Unknown(cause.clone()));
                false
            }
        }
    }

    /// Tables, without their routes: these need everything else.
    pub(super) fn tables(&mut self, raw: &[Said<RawTable>]) {
        for said in raw {
            let place = self.spot(said.place);
            let vpc = match &said.thing.vpc {
                Attr::Known(vpc) => self.vpc_or_placeholder(vpc, place),
                Attr::Unknown(_) => {
                    self.vpc_or_placeholder(&format!("the VPC of {}", said.id), place)
                }
            };
            let table = self.net.tables.push(RouteTable {
                name: said.id.clone(),
                place,
                vpc,
                routes: Vec::new(),
                doubt: said.thing.doubt.clone(),
            });
            self.name(said.id.clone(), said.arn.clone(), Node::Table(table));
        }
    }

    pub(super) fn nats(&mut self, raw: Vec<Said<NatGateway>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            if !self.lives(&id, &thing.state, &["available"]) {
                continue;
            }
            let place = self.spot(place);
            let vpc = match &thing.vpc_id {
                Attr::Known(vpc) => self.vpc_or_placeholder(vpc, place),
                Attr::Unknown(_) => self.vpc_or_placeholder(&format!("the VPC of {id}"), place),
            };
            let nat = Nat {
                name: id.clone(),
                place,
                vpc,
                subnet: self.reference(
                    &thing.subnet_id,
                    place,
                    "aws.ec2.subnet",
                    Self::subnet_named,
                ),
                // Only a regional gateway, which has no subnet, has a table of its own.
                table: match &thing.subnet_id {
                    Attr::Known(Some(_)) => Attr::Known(None),
                    _ => self.reference(
                        &thing.route_table_id,
                        place,
                        super::TABLES,
                        Self::table_named,
                    ),
                },
                public: match thing.connectivity_type.get() {
                    Ok(kind) => Attr::Known(kind != "private"),
                    Err(cause) => Attr::Unknown(cause.clone()),
                },
                addresses: nat_addresses(&thing),
            };
            let nat = self.net.nats.push(nat);
            for interface in thing.network_interface_ids.known().into_iter().flatten() {
                self.finder.nats.insert(interface.as_str().into(), nat);
            }
            for address in thing.nat_gateway_addresses.known().into_iter().flatten() {
                if let Some(interface) = some(&address.network_interface_id) {
                    self.finder.nats.insert(interface.into(), nat);
                }
            }
            self.name(id, arn, Node::Nat(nat));
        }
    }

    fn reference<T>(
        &self,
        id: &Attr<Option<String>>,
        place: Id<Place>,
        kind: &'static str,
        find: impl Fn(&Self, &str) -> Option<Id<T>>,
    ) -> Attr<Option<Id<T>>> {
        match id.get() {
            Ok(None) => Attr::Known(None),
            Ok(Some(id)) => match find(self, id) {
                Some(found) => Attr::Known(Some(found)),
                None => Attr::Unknown(self.absent(id, place, kind)),
            },
            Err(cause) => Attr::Unknown(cause.clone()),
        }
    }

    pub(super) fn peerings(&mut self, raw: Vec<Said<VpcPeeringConnection>>) {
        for said in raw {
            let Said { id, arn, thing, .. } = said;
            if !self.lives(&id, &thing.status, &["active"]) {
                continue;
            }
            let infos = [&thing.requester_vpc_info, &thing.accepter_vpc_info];
            let ids = [&thing.requester_vpc_id, &thing.accepter_vpc_id];
            let [a, b] = [0, 1].map(|at: usize| {
                let info = infos.get(at).and_then(|info| info.known());
                let id = ids.get(at).and_then(|id| id.known());
                let id = id.or_else(|| info.and_then(|info| info.vpc_id.known()));
                self.side(id.map_or("", String::as_str), info)
            });
            let same_region = match (&a.region, &b.region) {
                (Some(a), Some(b)) => Attr::Known(a == b),
                _ => Attr::Unknown(missing(&format!("the region of a side of {id}"))),
            };
            let peering = self.net.peerings.push(Peering {
                name: id.clone(),
                sides: [(a.id, a.vpc), (b.id, b.vpc)],
                blocks: [a.blocks, b.blocks],
                same_region,
            });
            self.name(id, arn, Node::Peering(peering));
        }
    }

    fn side(&self, id: &str, info: Option<&PeeringVpcInfo>) -> Side {
        let vpc = self.vpc_named(id);
        let mut prefixes: Vec<Prefix> = Vec::new();
        for list in info.into_iter().flat_map(|info| [&info.cidr_blocks, &info.ipv6_cidr_blocks]) {
            prefixes.extend(list.known().into_iter().flatten());
        }
        let mut blocks = AddrSet::of_prefixes(&prefixes);
        if blocks.is_empty()
            && let Some(known) = vpc.and_then(|vpc| self.net.vpcs[vpc].blocks.known())
        {
            blocks = known.clone();
        }
        let stated = info.and_then(|info| some(&info.region)).and_then(|it| Region::new(it).ok());
        let own = || vpc.map(|vpc| self.net.places[self.net.vpcs[vpc].place].region.clone());
        Side { id: id.into(), vpc, blocks, region: stated.or_else(own) }
    }

    pub(super) fn endpoints(&mut self, raw: Vec<Said<VpcEndpoint>>, firewalls: &Firewalls) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            if !self.lives(&id, &thing.state, &["available", "Available"]) {
                continue;
            }
            let place = self.spot(place);
            let kind = match thing.vpc_endpoint_type.get().map(String::as_str) {
                Ok("Gateway") => EndpointKind::Gateway,
                Ok("Interface") => EndpointKind::Interface,
                Ok("GatewayLoadBalancer") => match self.firewall(firewalls, &id) {
                    Some(firewall) => EndpointKind::Firewall(Box::new(firewall)),
                    None => EndpointKind::Appliance,
                },
                Ok("Resource" | "ServiceNetwork") => EndpointKind::Resource,
                Ok(_) => {
                    let cause = Cause::new(CauseKind::NotUnderstood, format!("the kind of {id}"));
                    self.ended.insert(id, Attr::Unknown(cause));
                    continue;
                }
                Err(cause) => {
                    self.ended.insert(id, Attr::Unknown(cause.clone()));
                    continue;
                }
            };
            let vpc = match &thing.vpc_id {
                Attr::Known(vpc) => self.vpc_or_placeholder(vpc, place),
                Attr::Unknown(_) => self.vpc_or_placeholder(&format!("the VPC of {id}"), place),
            };
            let subnets = thing.subnet_ids.known().into_iter().flatten();
            let mut subnets: Vec<_> = subnets.filter_map(|id| self.subnet_named(id)).collect();
            subnets.sort_unstable();
            let service = some(&thing.service_name)
                .or(some(&thing.service_network_arn))
                .or(some(&thing.resource_configuration_arn));
            let endpoint = self.net.endpoints.push(Endpoint {
                name: id.clone(),
                place,
                vpc,
                kind,
                service: service.map(Into::into),
                subnets,
                interfaces: Vec::new(),
            });
            for interface in thing.network_interface_ids.known().into_iter().flatten() {
                self.finder.endpoints.insert(interface.as_str().into(), endpoint);
            }
            self.name(id, arn, Node::Endpoint(endpoint));
        }
        self.firewall_endpoints(firewalls);
    }

    /// Endpoints that only their firewall tells of.
    fn firewall_endpoints(&mut self, firewalls: &Firewalls) {
        for (id, place, vpc, subnet) in firewalls.endpoints() {
            if self.find(&id).is_some() || self.ended.contains_key(&id) {
                continue;
            }
            let Some(firewall) = self.firewall(firewalls, &id) else { continue };
            let place = self.spot(place);
            let subnets: Vec<_> =
                subnet.into_iter().filter_map(|subnet| self.subnet_named(&subnet)).collect();
            let own = subnets.first().map(|subnet| self.net.subnets[*subnet].vpc);
            let vpc = own.unwrap_or_else(|| self.vpc_or_placeholder(&vpc, place));
            let endpoint = self.net.endpoints.push(Endpoint {
                name: id.clone(),
                place,
                vpc,
                kind: EndpointKind::Firewall(Box::new(firewall)),
                service: None,
                subnets,
                interfaces: Vec::new(),
            });
            self.name(id, None, Node::Endpoint(endpoint));
        }
    }

    /// Fills the tables.
    pub(super) fn routes(&mut self, raw: Vec<Said<RawTable>>) {
        for said in raw {
            let Some(table) = self.table_named(&said.id) else { continue };
            let (place, vpc) = (self.net.tables[table].place, self.net.tables[table].vpc);
            let mut doubt = said.thing.doubt;
            let mut routes = Vec::with_capacity(said.thing.routes.len() + 1);
            let mut unread = Vec::new();
            for route in said.thing.routes {
                unread.extend(self.route(route, place, &mut routes, &mut doubt));
            }
            self.local_routes(vpc, &mut routes, &mut doubt);
            unread.into_iter().min_by(|a, b| a.label.cmp(&b.label)).into_iter().for_each(|it| {
                it.fill(&mut routes);
            });
            routes.sort_by(|a, b| {
                let key = |r: &Route| (r.destination, r.origin, r.label.clone());
                key(a).cmp(&key(b))
            });
            let table = &mut self.net.tables[table];
            (table.routes, table.doubt) = (routes, doubt);
        }
    }

    /// Adds a route; one by a prefix list once for each entry. Gives it back if its list was not read and belongs to a
    /// gateway endpoint.
    fn route(
        &mut self,
        raw: RawRoute,
        place: Id<Place>,
        routes: &mut Vec<Route>,
        doubt: &mut Option<Cause>,
    ) -> Option<ToService> {
        let target = self.target(&raw.target, &raw.destination, place);
        let RawRoute { destination, origin, state, .. } = raw;
        match destination {
            RawDestination::Unknown(cause) => {
                least(doubt, cause);
                None
            }
            RawDestination::Prefix(prefix) => {
                routes.push(Route {
                    destination: prefix.into(),
                    label: prefix.to_string().into_boxed_str(),
                    target,
                    origin,
                    state,
                });
                None
            }
            RawDestination::List(word) => {
                let id = self.words.text(word).to_owned();
                let list = self.list(&id, place);
                let unread = self.net.lists[list].doubt.clone();
                if let Some(cause) = &unread
                    && !matches!(target, Target::Service(_))
                {
                    least(doubt, cause.clone());
                }
                for prefix in self.entries.get(list.at()).into_iter().flatten() {
                    routes.push(Route {
                        destination: Range::from(*prefix),
                        label: id.as_str().into(),
                        target: target.clone(),
                        origin: Origin::PrefixList,
                        state: state.clone(),
                    });
                }
                let label = id.into_boxed_str();
                unread.filter(|_| matches!(target, Target::Service(_))).map(|cause| ToService {
                    label,
                    target,
                    cause,
                })
            }
        }
    }

    /// AWS lists local routes, and what was replaced in them; other sources leave them out.
    fn local_routes(
        &self,
        vpc: Id<super::super::Vpc>,
        routes: &mut Vec<Route>,
        doubt: &mut Option<Cause>,
    ) {
        match self.blocks.get(vpc.at()) {
            Some(Attr::Known(blocks)) => {
                let have: HashSet<Range> = routes.iter().map(|route| route.destination).collect();
                for prefix in blocks {
                    if have.contains(&Range::from(*prefix)) {
                        continue;
                    }
                    routes.push(Route {
                        destination: Range::from(*prefix),
                        label: prefix.to_string().into_boxed_str(),
                        target: Target::Local,
                        origin: Origin::Static,
                        state: RouteState::Active,
                    });
                }
            }
            Some(Attr::Unknown(cause)) if routes.iter().all(|r| r.target != Target::Local) => {
                least(doubt, cause.clone());
            }
            _ => {}
        }
    }

    fn target(&self, raw: &RawTarget, destination: &RawDestination, place: Id<Place>) -> Target {
        let beyond = |what: &str, word: Word| {
            let id = self.words.text(word);
            Target::Beyond(Cause::new(CauseKind::NotUnderstood, format!("{what} {id}")))
        };
        match raw {
            RawTarget::Gateway(word) => self.gateway(self.words.text(*word), destination, place),
            RawTarget::Nat(word) => self.resolved(self.words.text(*word), place, NATS),
            RawTarget::Peering(word) => self.resolved(self.words.text(*word), place, PEERINGS),
            RawTarget::TransitGateway(word) => {
                self.resolved(self.words.text(*word), place, super::TRANSIT_GATEWAYS)
            }
            RawTarget::Interface(word) => {
                self.resolved(self.words.text(*word), place, super::INTERFACES)
            }
            RawTarget::Instance(word) => {
                let id = self.words.text(*word);
                match self.primary.get(id) {
                    Some(interface) => Target::Interface(*interface),
                    None => Target::Beyond(self.absent(id, place, super::INTERFACES)),
                }
            }
            RawTarget::EgressOnly(word) => Target::EgressOnlyGateway(self.words.text(*word).into()),
            RawTarget::Other(what, word) => beyond(what, *word),
            RawTarget::Unknown(cause) => Target::Beyond(cause.clone()),
        }
    }

    fn gateway(&self, id: &str, destination: &RawDestination, place: Id<Place>) -> Target {
        if id == "local" {
            return Target::Local;
        }
        if is_planned(id) {
            return match self.planned.get(id) {
                Some(Edge::Internet) => Target::InternetGateway(id.into()),
                Some(Edge::Vpn) => Target::VpnGateway(id.into()),
                Some(Edge::EgressOnly) => Target::EgressOnlyGateway(id.into()),
                None => self.resolved(id, place, ENDPOINTS),
            };
        }
        match id.split_once('-').map(|(kind, _)| kind) {
            Some("igw") => Target::InternetGateway(id.into()),
            Some("vgw") => Target::VpnGateway(id.into()),
            Some("eigw") => Target::EgressOnlyGateway(id.into()),
            Some("vpce") => match (self.resolved(id, place, ENDPOINTS), destination) {
                // Whatever nobody listed: prefix lists lead to gateway endpoints, and nothing else does.
                (Target::Beyond(cause), _) => Target::Beyond(cause),
                (target, _) => target,
            },
            Some("nat") => self.resolved(id, place, NATS),
            Some("tgw") => self.resolved(id, place, super::TRANSIT_GATEWAYS),
            Some("pcx") => self.resolved(id, place, PEERINGS),
            Some("eni") => self.resolved(id, place, super::INTERFACES),
            _ => Target::Beyond(Cause::new(CauseKind::NotUnderstood, id)),
        }
    }

    fn resolved(&self, id: &str, place: Id<Place>, kind: &'static str) -> Target {
        match self.find(id) {
            Some(Node::Nat(nat)) => Target::Nat(nat),
            Some(Node::Peering(peering)) => Target::Peering(peering),
            Some(Node::TransitGateway(gateway)) => Target::TransitGateway(gateway),
            Some(Node::Interface(interface)) => Target::Interface(interface),
            Some(Node::Endpoint(endpoint)) => match self.net.endpoints[endpoint].kind {
                EndpointKind::Gateway => Target::Service(endpoint),
                _ => Target::Endpoint(endpoint),
            },
            _ => match (self.ended.get(id), self.gap(place, kind)) {
                (Some(Attr::Known(())), _) => Target::Gone(id.into()),
                // The owner of a table sees every NAT gateway and peering that it may name.
                (None, None) if kind == NATS || kind == PEERINGS => Target::Gone(id.into()),
                _ => Target::Beyond(self.absent(id, place, kind)),
            },
        }
    }
}

/// A route of a gateway endpoint whose prefix list was not read. Such lists hold public addresses of one service of AWS
/// and nobody else's.
struct ToService {
    label: Box<str>,
    target: Target,
    cause: Cause,
}

impl ToService {
    /// Public addresses without another route may be the service's. Those with one are said to go there: the endpoint
    /// takes packets as well, and keeps what it takes from whoever is not the service.
    fn fill(self, routes: &mut Vec<Route>) {
        let routed = AddrSet::of(routes.iter().map(|route| route.destination));
        for prefix in AddrSet::internet().minus(&routed).prefixes() {
            routes.push(Route {
                destination: Range::from(prefix),
                label: self.label.clone(),
                target: self.target.clone(),
                origin: Origin::PrefixList,
                state: RouteState::Unknown(self.cause.clone()),
            });
        }
    }
}

struct Side {
    id: Box<str>,
    vpc: Option<Id<super::super::Vpc>>,
    blocks: AddrSet,
    region: Option<Region>,
}

fn nat_addresses(nat: &NatGateway) -> Attr<Vec<(Addr, Option<Addr>)>> {
    let list = match nat.nat_gateway_addresses.get() {
        Ok(list) => list,
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    let mut doubt = None;
    let mut out = Vec::new();
    for address in list {
        let mut read = |attr: &Attr<Option<String>>| match attr.get() {
            Ok(text) => text.as_deref().and_then(|text| parse(text, &mut doubt)),
            Err(cause) => {
                least(&mut doubt, cause.clone());
                None
            }
        };
        let (private, public) = (read(&address.private_ip), read(&address.public_ip));
        // Regional gateways show public addresses alone.
        out.extend(private.or(public).map(|private| (private, public)));
    }
    out.sort_unstable();
    doubt.map_or(Attr::Known(out), Attr::Unknown)
}
