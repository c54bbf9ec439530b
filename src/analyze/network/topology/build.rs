//! From resources to the topology.
//!
//! Resources stream by: of each only what paths need is kept ([`Builder::add`]), and what several accounts say about one
//! thing is settled when all have spoken ([`Builder::finish`]). Things are sorted by id before they are numbered, so
//! that the order of the input never shows.
//!
//! Nothing is guessed: an attribute that is not known leaves a doubt with its cause where packets would meet it, a
//! reference that leads out of the inventory does so too, and a VPC or subnet that only its interfaces tell of stands
//! there with everything unknown.

mod accelerator;
mod balancer;
mod door;
mod filter;
mod firewall;
mod host;
mod interface;
mod planned;
mod propagation;
mod read;
mod route;
mod said;
mod service;
mod transit;
mod vpc;
mod work;

use std::collections::{BTreeMap, HashMap};

use firewall::Firewalls;
use interface::RawInterface;
use read::{RawAcl, RawGroup, RawList, RawTable};
use said::{Envelope, Fill, Pile, Said, Spot, Spots, Words, some};
use vpc::{Edge, PublicAccess, RawEdge, RawSubnet, RawVpc};
use work::Work;

use super::{Id, Network, Place};
use crate::analyze::context::Context;
use crate::analyze::environment::Environments;
use crate::ident::Region;
use crate::model::kinds::kind_named;
use crate::model::{
    Data, Meta, Resource, Scope, apigatewayv2, cloudfront, eks, elb, elbv2, globalaccelerator,
    lambda, network_firewall, rds, remote_access, tgw, vpc_edge, vpc_lattice,
};
use crate::net::Addr;

/// The resource types that a topology is made of.
pub const KINDS: &[&str] = &[
    "aws.apigatewayv2.vpc_link",
    "aws.cloudfront.vpc_origin",
    "aws.ec2.address",
    "aws.ec2.client_vpn_endpoint",
    "aws.ec2.egress_only_internet_gateway",
    "aws.ec2.instance",
    "aws.ec2.instance_connect_endpoint",
    "aws.ec2.internet_gateway",
    "aws.ec2.managed_prefix_list",
    "aws.ec2.nat_gateway",
    "aws.ec2.network_acl",
    "aws.ec2.network_interface",
    "aws.ec2.route_table",
    "aws.ec2.security_group",
    "aws.ec2.subnet",
    "aws.ec2.transit_gateway",
    "aws.ec2.transit_gateway_attachment",
    "aws.ec2.transit_gateway_route_table",
    "aws.ec2.vpc",
    "aws.ec2.vpc_block_public_access_exclusion",
    "aws.ec2.vpc_block_public_access_options",
    "aws.ec2.vpc_endpoint",
    "aws.ec2.vpc_endpoint_service",
    "aws.ec2.vpc_peering_connection",
    "aws.ec2.vpn_connection",
    "aws.ec2.vpn_gateway",
    "aws.eks.cluster",
    "aws.elb.load_balancer",
    "aws.elbv2.listener",
    "aws.elbv2.listener_rule",
    "aws.elbv2.load_balancer",
    "aws.elbv2.target_group",
    "aws.globalaccelerator.accelerator",
    "aws.lambda.function",
    "aws.network_firewall.firewall",
    "aws.network_firewall.policy",
    "aws.network_firewall.rule_group",
    "aws.rds.db_instance",
    "aws.vpc_lattice.service",
];

const GROUPS: &str = "aws.ec2.security_group";
const INTERFACES: &str = "aws.ec2.network_interface";
const LISTS: &str = "aws.ec2.managed_prefix_list";
const TABLES: &str = "aws.ec2.route_table";
const TRANSIT_GATEWAYS: &str = "aws.ec2.transit_gateway";

/// Gathers what a topology is made of.
#[derive(Debug)]
pub struct Builder<'e> {
    environments: &'e Environments,
    words: Words,
    spots: Spots,
    /// Public addresses by interface and private address.
    publics: HashMap<(Box<str>, Addr), Addr>,
    /// Interfaces by the allocation of their elastic address.
    allocations: HashMap<Box<str>, Box<str>>,
    rules: balancer::Rules,
    piles: Piles,
}

/// What was said, by type.
#[derive(Debug, Default)]
struct Piles {
    options: Pile<vpc_edge::VpcBlockPublicAccessOptions>,
    exclusions: Pile<vpc_edge::VpcBlockPublicAccessExclusion>,
    vpcs: Pile<RawVpc>,
    subnets: Pile<RawSubnet>,
    edges: Pile<RawEdge>,
    tables: Pile<RawTable>,
    acls: Pile<RawAcl>,
    groups: Pile<RawGroup>,
    lists: Pile<RawList>,
    interfaces: Pile<RawInterface>,
    instances: Pile<host::RawInstance>,
    nats: Pile<vpc_edge::NatGateway>,
    peerings: Pile<vpc_edge::VpcPeeringConnection>,
    endpoints: Pile<vpc_edge::VpcEndpoint>,
    services: Pile<vpc_edge::VpcEndpointService>,
    transit_gateways: Pile<tgw::TransitGateway>,
    attachments: Pile<tgw::TransitGatewayAttachment>,
    transit_tables: Pile<tgw::TransitGatewayRouteTable>,
    balancers: Pile<elbv2::LoadBalancer>,
    listeners: Pile<balancer::RawListener>,
    target_groups: Pile<elbv2::TargetGroup>,
    classics: Pile<elb::LoadBalancer>,
    firewalls: Pile<network_firewall::Firewall>,
    policies: Pile<network_firewall::FirewallPolicy>,
    rule_groups: Pile<network_firewall::RuleGroup>,
    databases: Pile<rds::DbInstance>,
    functions: Pile<lambda::Function>,
    clusters: Pile<eks::Cluster>,
    client_vpns: Pile<remote_access::ClientVpnEndpoint>,
    connects: Pile<remote_access::InstanceConnectEndpoint>,
    vpns: Pile<remote_access::VpnConnection>,
    accelerators: Pile<globalaccelerator::Accelerator>,
    origins: Pile<cloudfront::VpcOrigin>,
    links: Pile<apigatewayv2::VpcLink>,
    lattice: Pile<vpc_lattice::Service>,
}

impl Fill for vpc_edge::VpcBlockPublicAccessOptions {}
impl Fill for vpc_edge::VpcBlockPublicAccessExclusion {}

impl Network {
    /// The topology of resources at hand.
    pub fn of<'r>(
        resources: impl IntoIterator<Item = &'r Resource>,
        context: &Context<'_>,
    ) -> Self {
        let mut builder = Builder::new(context.environments());
        resources.into_iter().for_each(|resource| builder.add(resource));
        builder.finish(context)
    }
}

impl<'e> Builder<'e> {
    /// Nothing yet. The environments must be those of the context that it is finished with.
    pub fn new(environments: &'e Environments) -> Self {
        Self {
            environments,
            words: Words::default(),
            spots: Spots::default(),
            publics: HashMap::new(),
            allocations: HashMap::new(),
            rules: balancer::Rules::default(),
            piles: Piles::default(),
        }
    }

    /// Takes what paths need of a resource. Types that are not in [`KINDS`] say nothing.
    pub fn add(&mut self, resource: &Resource) {
        let meta = &resource.meta;
        match &resource.data {
            Data::Ec2NetworkInterface(it) => {
                let raw = interface::read(it, &mut self.words);
                let said = self.said(meta, it.owner_id.known().map(String::as_str), raw);
                self.piles.interfaces.add(said);
            }
            Data::Ec2SecurityGroup(it) => {
                let raw = read::group(it, &mut self.words);
                let said = self.said(meta, it.owner_id.known().map(String::as_str), raw);
                self.piles.groups.add(said);
            }
            Data::Ec2RouteTable(it) => {
                let raw = read::table(it, &mut self.words);
                let said = self.said(meta, it.owner_id.known().map(String::as_str), raw);
                self.piles.tables.add(said);
            }
            Data::Ec2NetworkAcl(it) => {
                let said = self.said(meta, it.owner_id.known().map(String::as_str), read::acl(it));
                self.piles.acls.add(said);
            }
            Data::Ec2ManagedPrefixList(it) => {
                let said = self.said(meta, it.owner_id.known().map(String::as_str), read::list(it));
                self.piles.lists.add(said);
            }
            Data::Ec2Vpc(it) => {
                let said = self.said(meta, it.owner_id.known().map(String::as_str), vpc::vpc(it));
                self.piles.vpcs.add(said);
            }
            Data::Ec2Subnet(it) => {
                let said =
                    self.said(meta, it.owner_id.known().map(String::as_str), vpc::subnet(it));
                self.piles.subnets.add(said);
            }
            Data::Ec2Instance(it) => {
                let said = self.said(meta, None, host::instance(it));
                self.piles.instances.add(said);
            }
            Data::Ec2Address(it) => self.address(&meta.id, it),
            other => self.add_edge(meta, other),
        }
    }

    /// Types at the borders of VPCs, of which there are few.
    fn add_edge(&mut self, meta: &Meta, data: &Data) {
        match data {
            Data::Ec2InternetGateway(it) => {
                let raw = vpc::edge(Edge::Internet, &it.attachments, &it.attached_vpc_ids);
                let said = self.said(meta, some(&it.owner_id), raw);
                self.piles.edges.add(said);
            }
            Data::Ec2EgressOnlyInternetGateway(it) => {
                let raw = vpc::edge(Edge::EgressOnly, &it.attachments, &it.attached_vpc_ids);
                let said = self.said(meta, None, raw);
                self.piles.edges.add(said);
            }
            Data::Ec2VpnGateway(it) => {
                if it.state.known().is_some_and(|state| state == "deleted") {
                    return;
                }
                let raw = vpc::edge(Edge::Vpn, &it.attachments, &it.attached_vpc_ids);
                let said = self.said(meta, None, raw);
                self.piles.edges.add(said);
            }
            Data::Ec2NatGateway(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.nats.add(said);
            }
            Data::Ec2VpcPeeringConnection(it) => {
                // The side that asked comes first, so that both orders of input say the same.
                let requester = it.requester_vpc_info.known().and_then(|it| it.owner_id.known());
                let requester = requester.cloned();
                let said = self.said(meta, requester.as_deref(), (**it).clone());
                self.piles.peerings.add(said);
            }
            Data::Ec2VpcEndpoint(it) => {
                let slim = vpc_edge::VpcEndpoint {
                    policy_document: crate::model::Attr::default(),
                    ..(**it).clone()
                };
                let said = self.said(meta, some(&it.owner_id), slim);
                self.piles.endpoints.add(said);
            }
            Data::Ec2VpcEndpointService(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.services.add(said);
            }
            Data::Ec2VpcBlockPublicAccessOptions(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.options.add(said);
            }
            Data::Ec2VpcBlockPublicAccessExclusion(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.exclusions.add(said);
            }
            other => self.add_forwarder(meta, other),
        }
    }

    /// Transit gateways and load balancers.
    fn add_forwarder(&mut self, meta: &Meta, data: &Data) {
        match data {
            Data::Ec2TransitGateway(it) => {
                let owner = it.owner_id.known().map(String::as_str);
                let said = self.said(meta, owner, (**it).clone());
                self.piles.transit_gateways.add(said);
            }
            Data::Ec2TransitGatewayAttachment(it) => {
                let raw = transit::attachment(it, meta.account.as_str());
                let said = self.said(meta, some(&it.transit_gateway_owner_id), raw);
                self.piles.attachments.add(said);
            }
            Data::Ec2TransitGatewayRouteTable(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.transit_tables.add(said);
            }
            Data::Elbv2LoadBalancer(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.balancers.add(said);
            }
            Data::Elbv2Listener(it) => {
                let said = self.said(meta, None, balancer::listener(it));
                self.piles.listeners.add(said);
            }
            Data::Elbv2ListenerRule(it) => self.rules.add(it),
            Data::Elbv2TargetGroup(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.target_groups.add(said);
            }
            Data::ElbLoadBalancer(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.classics.add(said);
            }
            other => self.add_service(meta, other),
        }
    }

    /// Hosts that are services, firewalls, and front doors.
    fn add_service(&mut self, meta: &Meta, data: &Data) {
        match data {
            Data::NetworkFirewallFirewall(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.firewalls.add(said);
            }
            Data::NetworkFirewallPolicy(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.policies.add(said);
            }
            Data::NetworkFirewallRuleGroup(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.rule_groups.add(said);
            }
            Data::RdsDbInstance(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.databases.add(said);
            }
            Data::LambdaFunction(it) => {
                let slim = lambda::Function {
                    policy_document: crate::model::Attr::default(),
                    ..(**it).clone()
                };
                let said = self.said(meta, None, slim);
                self.piles.functions.add(said);
            }
            Data::EksCluster(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.clusters.add(said);
            }
            Data::Ec2ClientVpnEndpoint(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.client_vpns.add(said);
            }
            Data::Ec2InstanceConnectEndpoint(it) => {
                let said = self.said(meta, some(&it.owner_id), (**it).clone());
                self.piles.connects.add(said);
            }
            Data::Ec2VpnConnection(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.vpns.add(said);
            }
            Data::GlobalacceleratorAccelerator(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.accelerators.add(said);
            }
            Data::CloudfrontVpcOrigin(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.origins.add(said);
            }
            Data::Apigatewayv2VpcLink(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.links.add(said);
            }
            Data::VpcLatticeService(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.piles.lattice.add(said);
            }
            _ => {}
        }
    }

    fn said<T>(&mut self, meta: &Meta, owner: Option<&str>, thing: T) -> Said<T> {
        let Envelope { place, speaker } = Envelope::of(meta, owner, &mut self.spots);
        Said {
            id: meta.id.as_str().into(),
            arn: meta.arn.as_deref().map(Into::into),
            name: meta.name.as_deref().map(Into::into),
            place,
            speaker,
            claim: self.environments.claim(meta),
            thing,
        }
    }

    /// Elastic addresses tell where interfaces do not.
    fn address(&mut self, id: &str, address: &crate::model::ec2::Address) {
        let interface = some(&address.network_interface_id);
        if let Some(interface) = interface {
            self.allocations.insert(id.into(), interface.into());
        }
        let private = some(&address.private_ip_address).and_then(|text| text.parse().ok());
        let public = address.public_ip.known().and_then(|text| text.parse().ok());
        if let (Some(interface), Some(private), Some(public)) = (interface, private, public) {
            self.publics.insert((interface.into(), private), public);
        }
    }

    /// Settles what was said and resolves every reference. The context gives the coverage and the environments of
    /// accounts; its index need not hold anything else.
    pub fn finish(self, context: &Context<'_>) -> Network {
        let Self { words, mut spots, publics, allocations, rules, mut piles, .. } = self;
        let mut net = Network::default();
        let places = places(&mut net, &mut spots, context);
        let mut work = Work::new(net, context, words, places, allocations);
        let Ground { tables, groups, interfaces } = ground(&mut work, &mut piles, &spots);
        work.nats(piles.nats.settled(&spots));
        work.peerings(piles.peerings.settled(&spots));
        let firewalls = Firewalls::new(
            piles.firewalls.settled(&spots),
            piles.policies.settled(&spots),
            piles.rule_groups.settled(&spots),
        );
        work.endpoints(piles.endpoints.settled(&spots), &firewalls);
        let attachments = piles.attachments.settled(&spots);
        let transit_tables = piles.transit_tables.settled(&spots);
        let gateways = piles.transit_gateways.settled(&spots);
        work.transit_gateways(gateways, &attachments, &transit_tables);
        work.transit_tables(&transit_tables);
        work.attachments(&attachments, &transit_tables);

        let balancers = piles.balancers.settled(&spots);
        let classics = piles.classics.sorted(&spots);
        work.balancers(&balancers);
        let classic_ids = work.classics(&classics);
        let made = work.interfaces(interfaces, &publics);
        work.instances(piles.instances.settled(&spots), &made);
        work.databases(piles.databases.settled(&spots), &made);
        work.functions(piles.functions.settled(&spots), &made);
        work.balancer_doubts(&balancers, &classics, &classic_ids);
        work.target_groups(piles.target_groups.settled(&spots));
        work.listeners(piles.listeners.settled(&spots), rules);
        work.classic_listeners(&classics, &classic_ids);

        work.unlisted(&groups, &tables);
        work.routes(tables);
        work.rules(groups);
        let vpns = piles.vpns.settled(&spots);
        work.behind_vpn(&vpns);
        let vpns = propagation::static_routes(vpns);
        work.transit_routes(transit_tables, &attachments, &vpns);
        let clusters = piles.clusters.sorted(&spots);
        let hosts = work.clusters(&clusters, &made);
        work.cluster_apis(clusters, hosts);
        work.private_link(piles.services.settled(&spots));
        work.origins(piles.origins.settled(&spots));
        work.links(piles.links.settled(&spots));
        work.client_vpns(piles.client_vpns.settled(&spots));
        work.instance_connect(piles.connects.settled(&spots));
        work.accelerators(piles.accelerators.settled(&spots));
        work.lattice(piles.lattice.settled(&spots));
        work.close()
    }
}

/// What is resolved when everything else is there.
struct Ground {
    tables: Vec<Said<RawTable>>,
    groups: Vec<Said<RawGroup>>,
    interfaces: Vec<Said<RawInterface>>,
}

/// VPCs and subnets with what filters and routes in them, still without rules and routes.
fn ground(work: &mut Work<'_, '_>, piles: &mut Piles, spots: &Spots) -> Ground {
    fn settled<T: Fill>(pile: &mut Pile<T>, spots: &Spots) -> Vec<Said<T>> {
        std::mem::take(pile).settled(spots)
    }
    let tables = settled(&mut piles.tables, spots);
    let interfaces = settled(&mut piles.interfaces, spots);
    let mut subnets = settled(&mut piles.subnets, spots);
    vpcs_by_interfaces(&mut subnets, &interfaces, &work.words);
    let edges = settled(&mut piles.edges, spots);
    let modes = work.vpcs(settled(&mut piles.vpcs, spots), &edges);
    work.vpcs_of_parts(parts(&subnets, &tables, &interfaces, &work.words));

    let mut access = PublicAccess::default();
    for said in std::mem::take(&mut piles.options).sorted(spots) {
        access.options(work.spot(said.place), &said.thing);
    }
    for said in std::mem::take(&mut piles.exclusions).sorted(spots) {
        access.exclusion(&said.thing);
    }
    let mut acls = settled(&mut piles.acls, spots);
    work.lists(settled(&mut piles.lists, spots));
    work.tables(&tables);
    work.acls(&mut acls);
    work.subnets(subnets, &tables, &acls, &access, &modes);
    let groups = settled(&mut piles.groups, spots);
    work.groups(&groups);
    Ground { tables, groups, interfaces }
}

/// Numbers the places, those that only the coverage tells of included, and notes what they may hide.
fn places(net: &mut Network, spots: &mut Spots, context: &Context<'_>) -> Vec<Id<Place>> {
    let coverage = context.coverage();
    let open = |kind: &&'static str| Some((*kind, coverage.planned_gap(kind)?.clone()));
    net.planned_gaps = KINDS.iter().filter_map(open).collect();
    for account in coverage.accounts() {
        for region in coverage.regions(&account) {
            spots.of(&account, &region);
        }
        spots.of(&account, &Region::global());
    }
    let mut order: Vec<usize> = (0..spots.list.len()).collect();
    order.sort_by_key(|at| spots.list.get(*at));
    let mut out: Vec<Option<Id<Place>>> = vec![None; order.len()];
    for at in order {
        let Some(place) = spots.list.get(at) else { continue };
        let id = net.places.push(place.clone());
        if let Some(slot) = out.get_mut(at) {
            *slot = Some(id);
        }
        for &kind in KINDS {
            let regional = kind_named(kind).is_none_or(|kind| kind.scope == Scope::Regional);
            if regional == place.region.is_global() {
                continue;
            }
            if let Some(gap) = coverage.gap(&place.account, &place.region, kind) {
                net.gaps.insert((id, kind), gap);
            }
        }
    }
    out.into_iter().flatten().collect()
}

/// Interfaces tell the VPC of a subnet that does not.
fn vpcs_by_interfaces(
    subnets: &mut [Said<RawSubnet>],
    interfaces: &[Said<RawInterface>],
    words: &Words,
) {
    for subnet in subnets.iter_mut().filter(|said| said.thing.vpc.known().is_none()) {
        let found = interfaces.iter().find_map(|said| {
            let own = words.text(*said.thing.subnet.known()?);
            (own == &*subnet.id).then_some(words.text(*said.thing.vpc.known()?))
        });
        if let Some(vpc) = found {
            subnet.thing.vpc = crate::model::Attr::Known(vpc.into());
        }
    }
}

/// VPCs by what is in them, with the place of their owner as far as parts tell.
fn parts(
    subnets: &[Said<RawSubnet>],
    tables: &[Said<RawTable>],
    interfaces: &[Said<RawInterface>],
    words: &Words,
) -> BTreeMap<Box<str>, Spot> {
    let mut out = BTreeMap::new();
    let named = subnets.iter().map(|said| (&said.thing.vpc, said.place));
    let named = named.chain(tables.iter().map(|said| (&said.thing.vpc, said.place)));
    for (vpc, place) in named {
        if let Some(vpc) = vpc.known() {
            out.entry(vpc.clone()).or_insert(place);
        }
    }
    for said in interfaces {
        if let Some(vpc) = said.thing.vpc.known() {
            let vpc = words.text(*vpc);
            if !out.contains_key(vpc) {
                out.insert(vpc.into(), said.place);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
