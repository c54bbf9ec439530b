//! From resources to the topology.
//!
//! Resources stream by: of each only what paths need is kept ([`Builder::add`]), and what several accounts say about one
//! thing is settled when all have spoken ([`Builder::finish`]). Things are sorted by id before they are numbered, so
//! that the order of the input never shows.
//!
//! Nothing is guessed: an attribute that is not known leaves a doubt with its cause where packets would meet it, a
//! reference that leads out of the inventory does so too, and a VPC or subnet that only its interfaces tell of stands
//! there with everything unknown.

mod balancer;
mod door;
mod filter;
mod host;
mod interface;
mod read;
mod route;
mod said;
mod transit;
mod vpc;
mod work;

use std::collections::{BTreeMap, HashMap};

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
use crate::model::{Data, Meta, Resource, Scope, elb, elbv2, tgw, vpc_edge};
use crate::net::Addr;

/// The resource types that a topology is made of.
pub const KINDS: &[&str] = &[
    "aws.ec2.address",
    "aws.ec2.egress_only_internet_gateway",
    "aws.ec2.instance",
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
    "aws.ec2.vpn_gateway",
    "aws.elb.load_balancer",
    "aws.elbv2.listener",
    "aws.elbv2.listener_rule",
    "aws.elbv2.load_balancer",
    "aws.elbv2.target_group",
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
    rules: balancer::Rules,
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
            rules: balancer::Rules::default(),
            options: Pile::default(),
            exclusions: Pile::default(),
            vpcs: Pile::default(),
            subnets: Pile::default(),
            edges: Pile::default(),
            tables: Pile::default(),
            acls: Pile::default(),
            groups: Pile::default(),
            lists: Pile::default(),
            interfaces: Pile::default(),
            instances: Pile::default(),
            nats: Pile::default(),
            peerings: Pile::default(),
            endpoints: Pile::default(),
            services: Pile::default(),
            transit_gateways: Pile::default(),
            attachments: Pile::default(),
            transit_tables: Pile::default(),
            balancers: Pile::default(),
            listeners: Pile::default(),
            target_groups: Pile::default(),
            classics: Pile::default(),
        }
    }

    /// Takes what paths need of a resource. Types that are not in [`KINDS`] say nothing.
    pub fn add(&mut self, resource: &Resource) {
        let meta = &resource.meta;
        match &resource.data {
            Data::Ec2NetworkInterface(it) => {
                let raw = interface::read(it, &mut self.words);
                let said = self.said(meta, it.owner_id.known().map(String::as_str), raw);
                self.interfaces.add(said);
            }
            Data::Ec2SecurityGroup(it) => {
                let raw = read::group(it, &mut self.words);
                let said = self.said(meta, it.owner_id.known().map(String::as_str), raw);
                self.groups.add(said);
            }
            Data::Ec2RouteTable(it) => {
                let raw = read::table(it, &mut self.words);
                let said = self.said(meta, it.owner_id.known().map(String::as_str), raw);
                self.tables.add(said);
            }
            Data::Ec2NetworkAcl(it) => {
                let said = self.said(meta, it.owner_id.known().map(String::as_str), read::acl(it));
                self.acls.add(said);
            }
            Data::Ec2ManagedPrefixList(it) => {
                let said = self.said(meta, it.owner_id.known().map(String::as_str), read::list(it));
                self.lists.add(said);
            }
            Data::Ec2Vpc(it) => {
                let said = self.said(meta, it.owner_id.known().map(String::as_str), vpc::vpc(it));
                self.vpcs.add(said);
            }
            Data::Ec2Subnet(it) => {
                let said =
                    self.said(meta, it.owner_id.known().map(String::as_str), vpc::subnet(it));
                self.subnets.add(said);
            }
            Data::Ec2Instance(it) => {
                let said = self.said(meta, None, host::instance(it));
                self.instances.add(said);
            }
            Data::Ec2Address(it) => self.address(it),
            other => self.add_edge(meta, other),
        }
    }

    /// Types at the borders of VPCs, of which there are few.
    fn add_edge(&mut self, meta: &Meta, data: &Data) {
        match data {
            Data::Ec2InternetGateway(it) => {
                let raw = vpc::edge(Edge::Internet, &it.attachments, &it.attached_vpc_ids);
                let said = self.said(meta, some(&it.owner_id), raw);
                self.edges.add(said);
            }
            Data::Ec2EgressOnlyInternetGateway(it) => {
                let raw = vpc::edge(Edge::EgressOnly, &it.attachments, &it.attached_vpc_ids);
                let said = self.said(meta, None, raw);
                self.edges.add(said);
            }
            Data::Ec2VpnGateway(it) => {
                if it.state.known().is_some_and(|state| state == "deleted") {
                    return;
                }
                let raw = vpc::edge(Edge::Vpn, &it.attachments, &it.attached_vpc_ids);
                let said = self.said(meta, None, raw);
                self.edges.add(said);
            }
            Data::Ec2NatGateway(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.nats.add(said);
            }
            Data::Ec2VpcPeeringConnection(it) => {
                // The side that asked comes first, so that both orders of input say the same.
                let requester = it.requester_vpc_info.known().and_then(|it| it.owner_id.known());
                let requester = requester.cloned();
                let said = self.said(meta, requester.as_deref(), (**it).clone());
                self.peerings.add(said);
            }
            Data::Ec2VpcEndpoint(it) => {
                let slim = vpc_edge::VpcEndpoint {
                    policy_document: crate::model::Attr::default(),
                    ..(**it).clone()
                };
                let said = self.said(meta, some(&it.owner_id), slim);
                self.endpoints.add(said);
            }
            Data::Ec2VpcEndpointService(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.services.add(said);
            }
            Data::Ec2VpcBlockPublicAccessOptions(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.options.add(said);
            }
            Data::Ec2VpcBlockPublicAccessExclusion(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.exclusions.add(said);
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
                self.transit_gateways.add(said);
            }
            Data::Ec2TransitGatewayAttachment(it) => {
                let raw = transit::attachment(it, meta.account.as_str());
                let said = self.said(meta, some(&it.transit_gateway_owner_id), raw);
                self.attachments.add(said);
            }
            Data::Ec2TransitGatewayRouteTable(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.transit_tables.add(said);
            }
            Data::Elbv2LoadBalancer(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.balancers.add(said);
            }
            Data::Elbv2Listener(it) => {
                let said = self.said(meta, None, balancer::listener(it));
                self.listeners.add(said);
            }
            Data::Elbv2ListenerRule(it) => self.rules.add(it),
            Data::Elbv2TargetGroup(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.target_groups.add(said);
            }
            Data::ElbLoadBalancer(it) => {
                let said = self.said(meta, None, (**it).clone());
                self.classics.add(said);
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
    fn address(&mut self, address: &crate::model::ec2::Address) {
        let interface = some(&address.network_interface_id);
        let private = some(&address.private_ip_address).and_then(|text| text.parse().ok());
        let public = address.public_ip.known().and_then(|text| text.parse().ok());
        if let (Some(interface), Some(private), Some(public)) = (interface, private, public) {
            self.publics.insert((interface.into(), private), public);
        }
    }

    /// Settles what was said and resolves every reference. The context gives the coverage and the environments of
    /// accounts; its index need not hold anything else.
    pub fn finish(self, context: &Context<'_>) -> Network {
        let Self { words, mut spots, .. } = self;
        let mut net = Network::default();
        let places = places(&mut net, &mut spots, context);
        let mut work = Work {
            net,
            context,
            words,
            spots: places,
            blocks: Vec::new(),
            tagged: Vec::new(),
            ended: HashMap::new(),
            entries: Vec::new(),
            attachments: HashMap::new(),
            primary: HashMap::new(),
            primary_addrs: HashMap::new(),
            finder: interface::Finder::default(),
        };
        let tables = self.tables.settled(&spots);
        let interfaces = self.interfaces.settled(&spots);
        let subnets = self.subnets.settled(&spots);
        let modes = work.vpcs(self.vpcs.settled(&spots), &self.edges.settled(&spots));
        work.vpcs_of_parts(parts(&subnets, &tables, &interfaces, &work.words));

        let mut access = PublicAccess::default();
        for said in self.options.sorted(&spots) {
            access.options(work.spot(said.place), &said.thing);
        }
        for said in self.exclusions.sorted(&spots) {
            access.exclusion(&said.thing);
        }
        let mut acls = self.acls.settled(&spots);
        work.lists(self.lists.settled(&spots));
        work.tables(&tables);
        work.acls(&mut acls);
        work.subnets(subnets, &tables, &acls, &access, &modes);
        let groups = self.groups.settled(&spots);
        work.groups(&groups);

        work.nats(self.nats.settled(&spots));
        work.peerings(self.peerings.settled(&spots));
        work.endpoints(self.endpoints.settled(&spots));
        let attachments = self.attachments.settled(&spots);
        let transit_tables = self.transit_tables.settled(&spots);
        work.transit_gateways(self.transit_gateways.settled(&spots), &attachments, &transit_tables);
        work.transit_tables(&transit_tables);
        work.attachments(&attachments, &transit_tables);

        let balancers = self.balancers.settled(&spots);
        let classics = self.classics.sorted(&spots);
        work.balancers(&balancers);
        let classic_ids = work.classics(&classics);
        let made = work.interfaces(interfaces, &self.publics);
        work.instances(self.instances.settled(&spots), &made);
        work.balancer_doubts(&balancers, &classics, &classic_ids);
        work.target_groups(self.target_groups.settled(&spots));
        work.listeners(self.listeners.settled(&spots), self.rules);
        work.classic_listeners(&classics, &classic_ids);

        work.routes(tables);
        work.rules(groups);
        work.transit_routes(transit_tables, &attachments);
        work.private_link(self.services.settled(&spots));
        work.close()
    }
}

/// Numbers the places, those that only the coverage tells of included, and notes what they may hide.
fn places(net: &mut Network, spots: &mut Spots, context: &Context<'_>) -> Vec<Id<Place>> {
    let coverage = context.coverage();
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
