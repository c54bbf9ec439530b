//! Front doors: ways in that no public address of an interface shows.

use super::said::{Fill, Said, fill, least, some};
use super::service::Identity;
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    Balancer, Door, DoorKind, GroupSet, Host, Id, Node, Place, PortMap, Vpc,
};
use crate::model::apigatewayv2::VpcLink;
use crate::model::cloudfront::VpcOrigin;
use crate::model::eks::Cluster;
use crate::model::remote_access::{ClientVpnEndpoint, InstanceConnectEndpoint};
use crate::model::vpc_edge::VpcEndpointService;
use crate::model::{Attr, Cause};
use crate::net::traffic::{TCP, UDP};
use crate::net::{AddrSet, Ports, Traffic};

impl Fill for VpcEndpointService {
    fn fill(&mut self, other: Self) {
        fill(&mut self.connections, other.connections);
    }
}
impl Fill for VpcOrigin {}
impl Fill for VpcLink {}
impl Fill for ClientVpnEndpoint {}
impl Fill for InstanceConnectEndpoint {}

const BALANCERS: &str = "aws.elbv2.load_balancer";

/// Whether something works, where it may not be known.
pub(super) fn works(state: &Attr<String>, good: &[&str], doubt: &mut Option<Cause>) -> bool {
    match state.get() {
        Ok(state) => good.contains(&state.as_str()),
        Err(cause) => {
            least(doubt, cause.clone());
            true
        }
    }
}

impl Work<'_, '_> {
    pub(super) fn open(&mut self, door: Door, id: Box<str>, arn: Option<Box<str>>) -> Id<Door> {
        let door = self.net.doors.push(door);
        self.name(id, arn, Node::Door(door));
        door
    }

    /// Services that others reach by PrivateLink.
    pub(super) fn private_link(&mut self, raw: Vec<Said<VpcEndpointService>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let mut out = Door::to_nowhere(&id, place, DoorKind::PrivateLink);
            out.clients = AddrSet::default();
            for list in [&thing.network_load_balancer_arns, &thing.gateway_load_balancer_arns] {
                match list.get() {
                    Err(cause) => least(&mut out.doubt, cause.clone()),
                    Ok(arns) => {
                        for arn in arns {
                            match self.find(arn) {
                                Some(Node::Balancer(balancer)) => out.balancers.push(balancer),
                                _ => least(&mut out.doubt, self.absent(arn, place, BALANCERS)),
                            }
                        }
                    }
                }
            }
            out.balancers.sort_unstable();
            out.clients_doubt = thing.connections.get().err().cloned();
            for connection in thing.connections.known().into_iter().flatten() {
                match connection.vpc_endpoint_state.get().map(String::as_str) {
                    Ok("available" | "Available") => {}
                    Ok(_) => continue,
                    Err(cause) => least(&mut out.clients_doubt, cause.clone()),
                }
                let endpoint = connection.vpc_endpoint_id.known().and_then(|id| self.find(id));
                match (endpoint, connection.vpc_endpoint_owner.get()) {
                    (Some(Node::Endpoint(endpoint)), _) => out.consumers.push(endpoint),
                    (_, Ok(owner)) => out.foreign_consumers.push(owner.as_str().into()),
                    (_, Err(cause)) => least(&mut out.clients_doubt, cause.clone()),
                }
            }
            out.consumers.sort_unstable();
            out.foreign_consumers.sort_unstable();
            out.foreign_consumers.dedup();
            out.vpc = out.balancers.first().map(|at| self.net.balancers[*at].vpc);
            out.ports = self.ports_of(&out.balancers);
            let service = thing.service_name.known().map(|name| name.as_str().into());
            let at = self.open(out, id, arn);
            if let Some(service) = service {
                self.name(service, None, Node::Door(at));
            }
        }
    }

    /// Where balancers answer.
    fn ports_of(&self, balancers: &[Id<Balancer>]) -> Vec<PortMap> {
        let listeners = balancers.iter().flat_map(|at| &self.net.balancers[*at].listeners);
        let all = listeners.flat_map(|listener| &listener.traffic);
        let mut out: Vec<_> = all.map(|it| PortMap { outside: *it, inside: None }).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// VPC origins of CloudFront. Its interfaces are made by the service and not told of.
    pub(super) fn origins(&mut self, raw: Vec<Said<VpcOrigin>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let mut out = Door::to_nowhere(&id, self.spot(place), DoorKind::CloudFront);
            if !works(&thing.status, &["Deployed", "Deploying"], &mut out.doubt) {
                continue;
            }
            match thing.endpoint_arn.get() {
                Ok(arn) => self.lead(arn, &mut out),
                Err(cause) => least(&mut out.doubt, cause.clone()),
            }
            out.groups = Attr::Unknown(missing(&format!("the interfaces of {id}")));
            out.ports = origin_ports(&thing, &mut out.doubt);
            self.open(out, id, arn);
        }
    }

    /// Leads a door to a load balancer, an instance, an interface or an address by id or ARN.
    pub(super) fn lead(&self, target: &str, door: &mut Door) {
        let instance = target.rsplit('/').next().unwrap_or(target);
        let interface = self.primary.get(instance).copied().or_else(|| {
            let interface = self.allocations.get(target).map_or(target, |interface| interface);
            self.interface_named(interface)
        });
        let vpc = match (self.find(target), interface) {
            (Some(Node::Balancer(balancer)), _) => {
                door.balancers.push(balancer);
                Some(self.net.balancers[balancer].vpc)
            }
            (_, Some(interface)) => {
                door.interfaces.push(interface);
                Some(self.net.interfaces[interface].vpc)
            }
            _ => {
                least(&mut door.doubt, missing(target));
                None
            }
        };
        door.vpc = door.vpc.or(vpc);
    }

    /// VPC links of API Gateway. What their integrations lead to is not told of by them.
    pub(super) fn links(&mut self, raw: Vec<Said<VpcLink>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let mut out = Door::to_nowhere(&id, place, DoorKind::ApiGateway);
            if !works(&thing.status, &["AVAILABLE"], &mut out.doubt) {
                continue;
            }
            least(&mut out.doubt, missing(&format!("what {id} leads to")));
            out.ports = vec![PortMap { outside: Traffic::one(TCP, 443), inside: None }];
            out.groups = self.groups_of(&thing.security_group_ids, place);
            if let (Ok(subnets), Attr::Known(Some(groups))) = (thing.subnet_ids.get(), &out.groups)
            {
                for subnet in subnets {
                    out.senders.extend(self.managed_in(subnet, *groups));
                }
                out.vpc = self.vpc_of(subnets);
            }
            out.senders.sort_unstable();
            self.open(out, id, arn);
        }
    }

    fn vpc_of(&self, subnets: &[String]) -> Option<Id<Vpc>> {
        self.subnets_named(subnets).first().map(|subnet| self.net.subnets[*subnet].vpc)
    }

    fn groups_of(
        &mut self,
        ids: &Attr<Vec<String>>,
        place: Id<Place>,
    ) -> Attr<Option<Id<GroupSet>>> {
        match ids.get() {
            Ok(ids) => Attr::Known(Some(self.set_of(ids.iter().map(String::as_str), place))),
            Err(cause) => Attr::Unknown(cause.clone()),
        }
    }

    pub(super) fn client_vpns(&mut self, raw: Vec<Said<ClientVpnEndpoint>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let mut out = Door::to_nowhere(&id, place, DoorKind::ClientVpn);
            if !works(&thing.status, &["available"], &mut out.doubt) {
                continue;
            }
            out.groups = self.groups_of(&thing.security_group_ids, place);
            let protocol = match some(&thing.transport_protocol) {
                Some("tcp") => TCP,
                _ => UDP,
            };
            let port = thing.vpn_port.known().copied().flatten();
            let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or(443);
            out.ports = vec![PortMap { outside: Traffic::one(protocol, port), inside: None }];
            out.destinations = authorized(&thing, &mut out.doubt);
            out.vpc = match thing.vpc_id.known().and_then(Option::as_deref) {
                Some(vpc) => self.vpc_named(vpc),
                None => thing.subnet_ids.known().and_then(|subnets| self.vpc_of(subnets)),
            };
            if let Attr::Known(Some(groups)) = out.groups {
                let identity = Identity { id: &id, place };
                let (host, senders) = self.access(&identity, None, &thing.subnet_ids, groups);
                (out.host, out.senders) = (Some(host), senders);
            }
            self.open(out, id, arn);
        }
    }

    pub(super) fn instance_connect(&mut self, raw: Vec<Said<InstanceConnectEndpoint>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let mut out = Door::to_nowhere(&id, place, DoorKind::InstanceConnect);
            let good = ["create-complete", "update-complete", "update-in-progress"];
            if !works(&thing.state, &good, &mut out.doubt) {
                continue;
            }
            // Source: the limitations of EC2 Instance Connect endpoints in the EC2 user guide.
            let ports = [22, 3389].map(|port| Traffic::one(TCP, port));
            out.ports = ports.map(|outside| PortMap { outside, inside: None }).to_vec();
            out.keeps_client = thing.preserve_client_ip.clone();
            out.vpc = thing.vpc_id.known().and_then(|vpc| self.vpc_named(vpc));
            out.groups = self.groups_of(&thing.security_group_ids, place);
            if let Attr::Known(Some(groups)) = out.groups {
                let identity = Identity { id: &id, place };
                let subnet = thing.subnet_id.clone().map(|subnet| vec![subnet]);
                let named = Some(&thing.network_interface_ids);
                let (host, senders) = self.access(&identity, named, &subnet, groups);
                (out.host, out.senders) = (Some(host), senders);
            }
            self.open(out, id, arn);
        }
    }

    /// The APIs of clusters that answer on the internet.
    pub(super) fn cluster_apis(&mut self, raw: Vec<Said<Cluster>>, hosts: Vec<Id<Host>>) {
        for (said, host) in raw.into_iter().zip(hosts) {
            let thing = said.thing;
            let mut out = Door::to_nowhere(&said.id, self.spot(said.place), DoorKind::ClusterApi);
            out.host = Some(host);
            out.ports = vec![PortMap { outside: Traffic::one(TCP, 443), inside: None }];
            out.clients = AddrSet::default();
            match (thing.endpoint_public_access.get(), thing.public_access_cidrs.get()) {
                (Ok(false), _) => continue,
                (Ok(true), Ok(cidrs)) => out.clients = AddrSet::of_prefixes(cidrs),
                (Ok(true), Err(cause)) | (Err(cause), _) => {
                    out.clients_doubt = Some(cause.clone());
                }
            }
            // The host has the names.
            self.net.doors.push(out);
        }
    }
}

fn origin_ports(origin: &VpcOrigin, doubt: &mut Option<Cause>) -> Vec<PortMap> {
    let mut read = |port: &Attr<i64>| match port.get() {
        Ok(port) => u16::try_from(*port).ok(),
        Err(cause) => {
            least(doubt, cause.clone());
            None
        }
    };
    let (http, https) = (read(&origin.http_port), read(&origin.https_port));
    let (on_80, on_443) = match origin.origin_protocol_policy.get().map(String::as_str) {
        Ok("http-only") => (http, http),
        Ok("https-only") => (https, https),
        Ok(_) => (http, https),
        Err(cause) => {
            least(doubt, cause.clone());
            (http, https)
        }
    };
    let maps = [(80, on_80), (443, on_443)].into_iter().filter_map(|(outside, inside)| {
        let outside = Traffic::one(TCP, outside);
        inside.map(|inside| PortMap { outside, inside: Some(inside) })
    });
    maps.collect()
}

/// Where a client may go: both a rule and a route must say so. Which client, a directory says.
fn authorized(endpoint: &ClientVpnEndpoint, doubt: &mut Option<Cause>) -> AddrSet {
    let mut allowed = AddrSet::default();
    match endpoint.authorization_rules.get() {
        Ok(rules) => {
            for rule in rules.iter().filter(|rule| some(&rule.status).is_none_or(|s| s == "active"))
            {
                match rule.destination_cidr.get() {
                    Ok(prefix) => allowed = allowed.union(&AddrSet::of_prefix(*prefix)),
                    Err(cause) => least(doubt, cause.clone()),
                }
            }
        }
        Err(cause) => least(doubt, cause.clone()),
    }
    let mut routed = AddrSet::default();
    match endpoint.routes.get() {
        Ok(list) => {
            for route in
                list.iter().filter(|route| some(&route.status).is_none_or(|s| s == "active"))
            {
                match route.destination_cidr.get() {
                    Ok(prefix) => routed = routed.union(&AddrSet::of_prefix(*prefix)),
                    Err(cause) => least(doubt, cause.clone()),
                }
            }
            allowed.intersection(&routed)
        }
        Err(cause) => {
            least(doubt, cause.clone());
            allowed
        }
    }
}

/// All ports of a protocol by its name.
pub(super) fn ranges(protocol: &str, list: &[Ports]) -> Vec<Traffic> {
    let protocol = if protocol == "UDP" { UDP } else { TCP };
    list.iter().map(|ports| Traffic::new(protocol, *ports)).collect()
}
