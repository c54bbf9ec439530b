//! A generated organisation, handed out resource by resource so that it is never held as a whole.

use std::net::Ipv4Addr;

use portcullis::analyze::Environment;
use portcullis::ident::{AccountId, Region};
use portcullis::model::{
    Attr, Completeness, Coverage, CoverageEntry, Data, KINDS, Meta, Origin, Resource, Scope, ec2,
    tgw, vpc, vpc_edge,
};
use portcullis::net::{Ports, Prefix};

const REGION: &str = "eu-west-1";
const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "staging"];
/// VPCs that share a transit gateway.
const HUB: u64 = 50;
/// Groups of a VPC.
const GROUPS: u64 = 20;
/// Interfaces of a VPC.
const INTERFACES: u64 = 200;

/// xorshift64*: the same world every time.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn new(seed: u64, salt: u64) -> Self {
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (salt + 1).wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut out = Self(mixed | 1);
        out.below(2);
        out
    }
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What it is made of.
#[derive(Debug)]
pub struct World {
    interfaces: u64,
    vpcs: u64,
    /// Pairs of VPCs.
    peerings: Vec<(u64, u64)>,
}

impl World {
    pub fn new(interfaces: u64) -> Self {
        let vpcs = (interfaces / INTERFACES).max(3);
        let mut random = Random::new(7, 7);
        let mut peerings = Vec::new();
        while peerings.len() < usize::try_from(vpcs * 3 / 4).unwrap() {
            let (a, b) = (random.below(vpcs), random.below(vpcs));
            let pair = (a.min(b), a.max(b));
            if a != b && !peerings.contains(&pair) {
                peerings.push(pair);
            }
        }
        Self { interfaces, vpcs, peerings }
    }

    pub fn words(&self) -> String {
        let across = self.peerings.iter().filter(|(a, b)| env(*a) != env(*b)).count();
        format!(
            "{} interfaces, {} groups, {} VPCs, {} peerings, {across} of them across environments",
            self.interfaces,
            self.vpcs * GROUPS,
            self.vpcs,
            self.peerings.len()
        )
    }

    pub fn environments(&self) -> Vec<Environment> {
        let of = |at: usize| Environment {
            name: ENVIRONMENTS[at].to_owned(),
            vpcs: (0..self.vpcs).filter(|v| env(*v) == at).map(vpc_id).collect(),
            ..Environment::default()
        };
        (0..3).map(of).collect()
    }

    pub fn coverage() -> Coverage {
        let mut out = Coverage::default();
        for at in 0..3 {
            for kind in KINDS {
                let region = match kind.scope {
                    Scope::Regional => Region::new(REGION).unwrap(),
                    _ => Region::global(),
                };
                out.add(CoverageEntry {
                    source: "bench".to_owned(),
                    account: account(at),
                    region,
                    kind: kind.name.to_owned(),
                    status: Completeness::Complete,
                    reason: None,
                    count: 0,
                });
            }
        }
        out
    }

    /// Hands out everything.
    pub fn resources(&self, mut take: impl FnMut(&Resource)) {
        let mut give = |id: String, vpc: u64, mut data: Data| {
            data.settle();
            take(&resource(id, vpc, data));
        };
        for hub in 0..self.vpcs.div_ceil(HUB) {
            self.hub(hub, &mut give);
        }
        for (at, (a, b)) in self.peerings.iter().enumerate() {
            give(format!("pcx-{at:06x}"), *a, peering(*a, *b));
        }
        for v in 0..self.vpcs {
            self.network(v, &mut give);
            self.groups(v, &mut give);
        }
        for at in 0..self.interfaces {
            let v = at % self.vpcs;
            give(format!("eni-{at:08x}"), v, interface(v, at / self.vpcs));
        }
    }

    /// A transit gateway with a table for each environment. One attachment in twelve is propagated into a table of
    /// another environment as well, and one in twelve of the others is associated with it.
    fn hub(&self, hub: u64, give: &mut impl FnMut(String, u64, Data)) {
        let spokes = hub * HUB..((hub + 1) * HUB).min(self.vpcs);
        let id = format!("tgw-{hub:04x}");
        let first = hub * HUB;
        give(
            id.clone(),
            first,
            tgw::TransitGateway {
                owner_id: known(account(env(first)).to_string()),
                state: known("available".to_owned()),
                security_group_referencing_support: known(Some("disable".to_owned())),
                ..Default::default()
            }
            .into(),
        );
        let table = |at: usize| format!("tgw-rtb-{hub:04x}-{at}");
        let associated = |v: u64| if v % 12 == 5 { (env(v) + 1) % 3 } else { env(v) };
        for v in spokes.clone() {
            give(attachment_id(v), v, attachment(v, &id, &table(associated(v))));
        }
        for at in 0..3 {
            let link = |v: u64, state: &str| tgw::TransitGatewayTableLink {
                transit_gateway_attachment_id: known(attachment_id(v)),
                resource_id: known(Some(vpc_id(v))),
                resource_type: known(Some("vpc".to_owned())),
                state: known(state.to_owned()),
            };
            let propagates = |v: &u64| env(*v) == at || (v % 12 == 7 && (env(*v) + 2) % 3 == at);
            let associations: Vec<u64> = spokes.clone().filter(|v| associated(*v) == at).collect();
            let propagations: Vec<u64> = spokes.clone().filter(propagates).collect();
            let ids = |list: &[u64]| list.iter().copied().map(attachment_id).collect::<Vec<_>>();
            let routes = propagations.iter().map(|v| tgw::TransitGatewayRoute {
                destination_cidr_block: known(Some(block(*v))),
                route_type: known("propagated".to_owned()),
                state: known("active".to_owned()),
                prefix_list_id: known(None),
                attachments: known(vec![tgw::TransitGatewayRouteAttachment {
                    transit_gateway_attachment_id: known(Some(attachment_id(*v))),
                    resource_id: known(Some(vpc_id(*v))),
                    resource_type: known(Some("vpc".to_owned())),
                }]),
                ..Default::default()
            });
            let data = tgw::TransitGatewayRouteTable {
                transit_gateway_id: known(id.clone()),
                state: known("available".to_owned()),
                routes: known(routes.collect()),
                prefix_list_references: known(Vec::new()),
                associated_attachment_ids: known(ids(&associations)),
                propagating_attachment_ids: known(ids(&propagations)),
                associations: known(associations.iter().map(|v| link(*v, "associated")).collect()),
                propagations: known(propagations.iter().map(|v| link(*v, "enabled")).collect()),
                ..Default::default()
            };
            give(table(at), first, data.into());
        }
    }

    /// A VPC: public and private subnets in two zones, their tables, its ACL and gateways.
    fn network(&self, v: u64, give: &mut impl FnMut(String, u64, Data)) {
        let owner = || known(account(env(v)).to_string());
        let association = |cidr: Prefix| vpc::CidrBlockAssociation {
            cidr_block: known(cidr),
            state: known("associated".to_owned()),
            ..Default::default()
        };
        let mut data = vpc::Vpc {
            owner_id: owner(),
            state: known("available".to_owned()),
            is_default: known(false),
            cidr_block: known(block(v)),
            cidr_block_associations: known(vec![association(block(v))]),
            ipv6_cidr_block_associations: known(Vec::new()),
            internet_gateway_block_mode: known(Some("off".to_owned())),
            ..Default::default()
        };
        if has_v6(v) {
            data.ipv6_cidr_block_associations = known(vec![association(block6(v))]);
        }
        give(vpc_id(v), v, data.into());
        for s in 0..4 {
            give(subnet_id(v, s), v, subnet(v, s));
        }
        if is_public(v) {
            give(
                format!("igw-{v:06x}"),
                v,
                vpc_edge::InternetGateway {
                    owner_id: known(Some(account(env(v)).to_string())),
                    attached_vpc_ids: known(vec![vpc_id(v)]),
                    attachments: known(vec![vpc_edge::GatewayAttachment {
                        vpc_id: known(vpc_id(v)),
                        state: known("available".to_owned()),
                    }]),
                }
                .into(),
            );
            give(format!("nat-{v:06x}"), v, nat(v));
        }
        give(format!("acl-{v:06x}"), v, acl(v));
        for public in [false, true] {
            give(table_id(v, public), v, self.table(v, public));
        }
    }

    fn table(&self, v: u64, public: bool) -> Data {
        let route = |to: Prefix| {
            let mut route = vpc::Route {
                state: known("active".to_owned()),
                origin: known("CreateRoute".to_owned()),
                ..Default::default()
            };
            if to.is_v6() {
                route.destination_ipv6_cidr_block = known(Some(to));
            } else {
                route.destination_cidr_block = known(Some(to));
            }
            route
        };
        let gateway = |to: Prefix, id: &str| vpc::Route {
            gateway_id: known(Some(id.to_owned())),
            ..route(to)
        };
        let mut routes = vec![gateway(block(v), "local")];
        if has_v6(v) {
            routes.push(gateway(block6(v), "local"));
        }
        if is_public(v) {
            let igw = format!("igw-{v:06x}");
            routes.push(if public {
                gateway(prefix("0.0.0.0/0"), &igw)
            } else {
                let nat_gateway_id = known(Some(format!("nat-{v:06x}")));
                vpc::Route { nat_gateway_id, ..route(prefix("0.0.0.0/0")) }
            });
            if has_v6(v) && public {
                routes.push(gateway(prefix("::/0"), &igw));
            }
        }
        let transit_gateway_id = known(Some(format!("tgw-{:04x}", v / HUB)));
        routes.push(vpc::Route { transit_gateway_id, ..route(prefix("10.0.0.0/8")) });
        for (at, (a, b)) in self.peerings.iter().enumerate() {
            if *a == v || *b == v {
                let other = if *a == v { *b } else { *a };
                let vpc_peering_connection_id = known(Some(format!("pcx-{at:06x}")));
                routes.push(vpc::Route { vpc_peering_connection_id, ..route(block(other)) });
            }
        }
        let subnets: Vec<String> =
            (0..4).filter(|s| (*s < 2) == public).map(|s| subnet_id(v, s)).collect();
        let association = |subnet: Option<String>| vpc::RouteTableAssociation {
            main: known(subnet.is_none()),
            subnet_id: known(subnet),
            gateway_id: known(None),
            state: known(Some("associated".to_owned())),
            route_table_association_id: known(None),
        };
        let mut associations: Vec<_> = subnets.iter().cloned().map(Some).map(association).collect();
        if !public {
            associations.push(association(None));
        }
        vpc::RouteTable {
            vpc_id: known(vpc_id(v)),
            owner_id: known(account(env(v)).to_string()),
            main: known(!public),
            associations: known(associations),
            associated_subnet_ids: known(subnets),
            associated_gateway_ids: known(Vec::new()),
            propagating_vgws: known(Vec::new()),
            routes: known(routes),
        }
        .into()
    }

    fn groups(&self, v: u64, give: &mut impl FnMut(String, u64, Data)) {
        for at in 0..GROUPS {
            let mut random = Random::new(v * GROUPS + at, 1);
            // Between one and fourteen rules, 7.5 on average.
            let count = 1 + random.below(14);
            let ingress = (0..count).map(|_| self.rule(v, &mut random)).collect();
            let egress = if random.one_in(5) {
                (0..2).map(|_| self.rule(v, &mut random)).collect()
            } else {
                let mut all = rule("-1", Ports::ALL);
                all.cidr = known(Some(prefix("0.0.0.0/0")));
                let mut all6 = rule("-1", Ports::ALL);
                all6.cidr = known(Some(prefix("::/0")));
                vec![all, all6]
            };
            let data = vpc::SecurityGroup {
                group_name: known(format!("group-{at}")),
                description: known(None),
                vpc_id: known(Some(vpc_id(v))),
                owner_id: known(account(env(v)).to_string()),
                ingress: known(ingress),
                egress: known(egress),
                ..Default::default()
            };
            give(group_id(v, at), v, data.into());
        }
    }

    fn rule(&self, v: u64, random: &mut Random) -> vpc::SecurityGroupRule {
        const PORTS: [u16; 8] = [22, 80, 443, 3306, 5432, 6379, 8080, 9090];
        let port = PORTS[usize::try_from(random.below(8)).unwrap()];
        let ports = match random.below(12) {
            0 => Ports::new(port, port + 100),
            1 => Ports::ALL,
            _ => Ports::new(port, port),
        };
        let mut out = rule(if random.one_in(10) { "udp" } else { "tcp" }, ports);
        match random.below(40) {
            0 => out.cidr = known(Some(prefix("0.0.0.0/0"))),
            1 => out.cidr = known(Some(prefix("::/0"))),
            2 => out.cidr = known(Some(prefix("10.0.0.0/8"))),
            3..=9 => out.group_id = known(Some(group_id(v, random.below(GROUPS)))),
            10..=15 => out.cidr = known(Some(block(random.below(self.vpcs)))),
            16..=25 => {
                out.cidr =
                    known(Some(cidr(address(random.below(self.vpcs), random.below(4096)), 26)));
            }
            26..=30 => out.cidr = known(Some(cidr(public(random.below(1 << 20)), 24))),
            _ => {
                out.cidr =
                    known(Some(cidr(address(random.below(self.vpcs), random.below(4096)), 32)));
            }
        }
        out
    }
}

fn known<T>(value: T) -> Attr<T> {
    Attr::Known(value)
}

fn resource(id: String, v: u64, data: Data) -> Resource {
    let meta = Meta {
        id,
        account: account(env(v)),
        region: Region::new(REGION).unwrap(),
        arn: None,
        name: None,
        tags: known(std::collections::BTreeMap::new()),
        environment: Attr::default(),
        origin: Origin::Aws,
    };
    Resource { meta, data }
}

/// The environment of a VPC.
fn env(v: u64) -> usize {
    usize::try_from(v.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).unwrap() % 3
}

fn account(env: usize) -> AccountId {
    AccountId::new(["111122223333", "222233334444", "333344445555"][env]).unwrap()
}

fn vpc_id(v: u64) -> String {
    format!("vpc-{v:06x}")
}
fn subnet_id(v: u64, s: u64) -> String {
    format!("subnet-{v:06x}{s}")
}
fn table_id(v: u64, public: bool) -> String {
    format!("rtb-{v:06x}{}", u8::from(public))
}
fn group_id(v: u64, at: u64) -> String {
    format!("sg-{v:06x}{at:02x}")
}
fn attachment_id(v: u64) -> String {
    format!("tgw-attach-{v:06x}")
}

/// Two thirds of the VPCs have a way to the internet.
fn is_public(v: u64) -> bool {
    v % 3 != 1
}
fn has_v6(v: u64) -> bool {
    v.is_multiple_of(8)
}

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}
fn cidr(addr: Ipv4Addr, length: u8) -> Prefix {
    prefix(&format!("{addr}/{length}"))
}
/// An address of a VPC's block, a /20 of 10.0.0.0/8.
fn address(v: u64, at: u64) -> Ipv4Addr {
    Ipv4Addr::from(u32::try_from((10 << 24) + v * 4096 + at % 4096).unwrap())
}
fn public(at: u64) -> Ipv4Addr {
    Ipv4Addr::from(u32::try_from((52 << 24) + at).unwrap())
}
fn block(v: u64) -> Prefix {
    cidr(address(v, 0), 20)
}
fn block6(v: u64) -> Prefix {
    prefix(&format!("2a05:d018:{v:x}::/56"))
}

fn rule(protocol: &str, ports: Ports) -> vpc::SecurityGroupRule {
    vpc::SecurityGroupRule {
        protocol: known(protocol.to_owned()),
        ports: known(ports),
        icmp_type: known(None),
        icmp_code: known(None),
        cidr: known(None),
        prefix_list_id: known(None),
        group_id: known(None),
        group_account: known(None),
        group_vpc_id: known(None),
        peering_connection_id: known(None),
        ..Default::default()
    }
}

fn peering(a: u64, b: u64) -> Data {
    let side = |v: u64| vpc_edge::PeeringVpcInfo {
        vpc_id: known(vpc_id(v)),
        owner_id: known(account(env(v)).to_string()),
        region: known(Some(REGION.to_owned())),
        cidr_blocks: known(vec![block(v)]),
        ipv6_cidr_blocks: known(if has_v6(v) { vec![block6(v)] } else { Vec::new() }),
        ..Default::default()
    };
    vpc_edge::VpcPeeringConnection {
        status: known("active".to_owned()),
        requester_vpc_id: known(vpc_id(a)),
        accepter_vpc_id: known(vpc_id(b)),
        requester_vpc_info: known(side(a)),
        accepter_vpc_info: known(side(b)),
        ..Default::default()
    }
    .into()
}

fn attachment(v: u64, gateway: &str, table: &str) -> Data {
    tgw::TransitGatewayAttachment {
        transit_gateway_id: known(gateway.to_owned()),
        resource_type: known("vpc".to_owned()),
        resource_id: known(Some(vpc_id(v))),
        resource_owner_id: known(Some(account(env(v)).to_string())),
        state: known("available".to_owned()),
        association_route_table_id: known(Some(table.to_owned())),
        association_state: known(Some("associated".to_owned())),
        vpc: known(Some(tgw::TransitGatewayVpcAttachment {
            vpc_id: known(vpc_id(v)),
            subnet_ids: known(vec![subnet_id(v, 2), subnet_id(v, 3)]),
            security_group_referencing_support: known(Some("enable".to_owned())),
            ..Default::default()
        })),
        peering: known(None),
        ..Default::default()
    }
    .into()
}

fn subnet(v: u64, s: u64) -> Data {
    let mut data = vpc::Subnet {
        vpc_id: known(vpc_id(v)),
        owner_id: known(account(env(v)).to_string()),
        state: known("available".to_owned()),
        availability_zone: known(format!(
            "{REGION}{}",
            if s.is_multiple_of(2) { "a" } else { "b" }
        )),
        cidr_block: known(Some(cidr(address(v, s * 1024), 22))),
        ipv6_cidr_block_associations: known(Vec::new()),
        internet_gateway_block_mode: known(Some("off".to_owned())),
        ..Default::default()
    };
    if has_v6(v) {
        data.ipv6_cidr_block_associations = known(vec![vpc::CidrBlockAssociation {
            cidr_block: known(prefix(&format!("2a05:d018:{v:x}:{s}::/64"))),
            state: known("associated".to_owned()),
            ..Default::default()
        }]);
    }
    data.into()
}

fn nat(v: u64) -> Data {
    vpc_edge::NatGateway {
        vpc_id: known(vpc_id(v)),
        subnet_id: known(Some(subnet_id(v, 0))),
        state: known("available".to_owned()),
        connectivity_type: known("public".to_owned()),
        availability_mode: known(Some("zonal".to_owned())),
        nat_gateway_addresses: known(vec![vpc_edge::NatGatewayAddress {
            public_ip: known(Some(public((1 << 20) + v).to_string())),
            private_ip: known(Some(address(v, 1020).to_string())),
            is_primary: known(Some(true)),
            status: known(Some("succeeded".to_owned())),
            ..Default::default()
        }]),
        ..Default::default()
    }
    .into()
}

/// Four of five VPCs have ACLs that let everything pass; the others refuse something now and then.
fn acl(v: u64) -> Data {
    let mut random = Random::new(v, 3);
    let entry = |number: i64, egress: bool, action: &str, cidr: Prefix, ports: Ports| {
        vpc::NetworkAclEntry {
            egress: known(egress),
            rule_number: known(number),
            rule_action: known(action.to_owned()),
            protocol: known(if ports == Ports::ALL { "-1" } else { "tcp" }.to_owned()),
            ports: known(ports),
            icmp_type: known(None),
            icmp_code: known(None),
            cidr: known(cidr),
            ..Default::default()
        }
    };
    let mut entries = Vec::new();
    if v % 5 == 3 {
        for number in 1..6 {
            let from = block(random.below(v + 1));
            let port = if random.one_in(2) { 22 } else { 5432 };
            entries.push(entry(number * 10, number % 2 == 0, "deny", from, Ports::new(port, port)));
        }
    }
    for egress in [false, true] {
        for all in ["0.0.0.0/0", "::/0"] {
            let number = if all == "::/0" { 101 } else { 100 };
            entries.push(entry(number, egress, "allow", prefix(all), Ports::ALL));
        }
    }
    entries
        .sort_by_key(|entry| (entry.egress.known().copied(), entry.rule_number.known().copied()));
    vpc::NetworkAcl {
        vpc_id: known(vpc_id(v)),
        owner_id: known(account(env(v)).to_string()),
        is_default: known(true),
        associated_subnet_ids: known((0..4).map(|s| subnet_id(v, s)).collect()),
        entries: known(entries),
    }
    .into()
}

/// The n-th interface of a VPC, with one to four of its groups; one in eight of public subnets has a public address.
fn interface(v: u64, n: u64) -> Data {
    let mut random = Random::new(v * 100_000 + n, 2);
    let s = n % 4;
    let addr = address(v, s * 1024 + 4 + n / 4).to_string();
    let count = 1 + random.below(4);
    let mut groups: Vec<String> = (0..count).map(|_| group_id(v, random.below(GROUPS))).collect();
    groups.sort_unstable();
    groups.dedup();
    let association =
        (is_public(v) && s < 2 && random.one_in(8)).then(|| ec2::NetworkInterfaceAssociation {
            public_ip: known(Some(public((1 << 21) + v * INTERFACES * 4 + n).to_string())),
            ..Default::default()
        });
    let v6 =
        if has_v6(v) { vec![format!("2a05:d018:{v:x}:{s}::{:x}", n + 16)] } else { Vec::new() };
    ec2::NetworkInterface {
        vpc_id: known(vpc_id(v)),
        subnet_id: known(subnet_id(v, s)),
        availability_zone: known(format!(
            "{REGION}{}",
            if s.is_multiple_of(2) { "a" } else { "b" }
        )),
        owner_id: known(account(env(v)).to_string()),
        interface_type: known("interface".to_owned()),
        status: known("in-use".to_owned()),
        description: known(None),
        requester_id: known(None),
        requester_managed: known(false),
        security_group_ids: known(groups),
        source_dest_check: known(true),
        private_ip_address: known(Some(addr.clone())),
        private_ip_addresses: known(vec![ec2::PrivateIpAddress {
            private_ip_address: known(addr),
            primary: known(true),
            association: known(association.clone()),
            ..Default::default()
        }]),
        ipv6_addresses: known(v6),
        ipv4_prefixes: known(Vec::new()),
        ipv6_prefixes: known(Vec::new()),
        association: known(association),
        attachment: known(None),
        instance_id: known(None),
        ..Default::default()
    }
    .into()
}
