//! Small random networks as resources: every kind of gateway, filters that contradict each other, addresses that
//! overlap, leftovers that ended, and now and then something nobody knows. What is drawn depends on the seed alone.

use std::collections::BTreeMap;

use portcullis::model::{Completeness, Coverage, CoverageEntry, KINDS, Resource, Scope};
use serde_json::{Value, json};

pub const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
pub const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
/// Ports that rules and packets take from, so that they meet.
pub const PORTS: [u16; 7] = [22, 80, 443, 1024, 3306, 32768, 50000];
/// Addresses on the internet that rules and packets take from.
pub const OUTSIDE: [&str; 5] =
    ["67.160.71.197", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::8"];

/// A stream of numbers: SplitMix64.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
    /// In another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A drawn network.
#[derive(Debug, Clone)]
pub struct World {
    /// The resources as lines of a snapshot.
    pub lines: Vec<Value>,
    /// Addresses worth sending to or from: private and public ones, and some that nobody has.
    pub addresses: Vec<String>,
    /// The interfaces with their private addresses of both families.
    pub interfaces: Vec<(String, Vec<String>)>,
    /// The VPCs that have a virtual private gateway.
    pub sites: Vec<String>,
    /// Types of which a region was not read.
    pub unread: Vec<&'static str>,
}

impl World {
    pub fn resources(&self) -> Vec<Resource> {
        self.lines.iter().map(parsed).collect()
    }

    pub fn coverage(&self) -> Coverage {
        let mut out = Coverage::default();
        for account in ACCOUNTS {
            for kind in KINDS {
                let regions: &[&str] =
                    if kind.scope == Scope::Regional { &REGIONS } else { &["global"] };
                for region in regions {
                    let unread = self.unread.contains(&kind.name);
                    out.add(CoverageEntry {
                        source: "aws".to_owned(),
                        account: account.parse().unwrap(),
                        region: region.parse().unwrap(),
                        kind: kind.name.to_owned(),
                        status: if unread { Completeness::Denied } else { Completeness::Complete },
                        reason: unread.then(|| "denied by the test".to_owned()),
                        count: 0,
                    });
                }
            }
        }
        out
    }
}

pub fn parsed(line: &Value) -> Resource {
    Resource::parse(&line.to_string()).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Draws a network. With `doubts`, some things in it are unknown.
pub fn draw(seed: u64, doubts: bool) -> World {
    let mut maker = Maker::new(seed);
    maker.lists();
    let vpcs = 2 + maker.draw.below(3);
    for n in 0..vpcs {
        maker.vpc(n);
    }
    maker.peerings();
    if maker.draw.chance(60) {
        maker.transit();
    }
    maker.groups();
    for n in 0..vpcs {
        maker.gateways(n);
    }
    for n in 0..vpcs {
        maker.tables(n);
        maker.acls(n);
        maker.interfaces(n);
    }
    for n in 0..vpcs {
        maker.balancer(n);
    }
    maker.block_public_access();
    maker.finish(doubts)
}

#[derive(Debug, Clone)]
struct VpcPlan {
    id: String,
    account: &'static str,
    region: &'static str,
    /// `10.<net>`; its block is `10.<net>.0.0/16`.
    net: usize,
    v6: bool,
    subnets: Vec<SubnetPlan>,
    groups: Vec<String>,
    /// Targets a route may have: field and id.
    targets: Vec<(&'static str, String)>,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct SubnetPlan {
    id: String,
    number: usize,
    zone: String,
}

#[derive(Debug, Clone)]
struct Member {
    instance: String,
    addr: String,
}

struct Maker {
    draw: Draw,
    lines: Vec<Value>,
    addresses: Vec<String>,
    interfaces: Vec<(String, Vec<String>)>,
    sites: Vec<String>,
    vpcs: Vec<VpcPlan>,
    peered: Vec<(usize, usize, String)>,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Self {
            draw: Draw::new(seed),
            lines: Vec::new(),
            addresses: OUTSIDE.iter().map(|&a| a.to_owned()).collect(),
            interfaces: Vec::new(),
            sites: Vec::new(),
            vpcs: Vec::new(),
            peered: Vec::new(),
        }
    }

    fn add(&mut self, kind: &str, id: &str, place: (&str, &str), data: Value) {
        self.lines.push(json!({
            "type": kind, "id": id, "account": place.0, "region": place.1, "tags": {}, "data": data
        }));
    }

    fn place(&self, n: usize) -> (&'static str, &'static str) {
        (self.vpcs[n].account, self.vpcs[n].region)
    }

    fn lists(&mut self) {
        for account in ACCOUNTS {
            for region in REGIONS {
                let mut entries = vec!["67.160.0.0/12", "10.2.0.0/16", "10.1.0.0/25", "8.8.8.0/24"];
                let keep = 1 + self.draw.below(entries.len());
                self.draw.shuffle(&mut entries);
                let entries: Vec<_> = entries
                    .iter()
                    .take(keep)
                    .map(|c| json!({"cidr": c, "description": null}))
                    .collect();
                let id = format!("pl-{account}-{region}");
                self.add(
                    "aws.ec2.managed_prefix_list",
                    &id,
                    (account, region),
                    json!({
                        "prefix_list_name": id, "owner_id": account, "address_family": "IPv4",
                        "state": "create-complete", "entries": entries
                    }),
                );
            }
        }
    }

    fn vpc(&mut self, n: usize) {
        let account = ACCOUNTS[usize::from(self.draw.chance(25))];
        let region = REGIONS[usize::from(self.draw.chance(20))];
        // Now and then two VPCs have the same addresses.
        let net = if n > 0 && self.draw.chance(10) { 1 } else { n + 1 };
        let v6 = self.draw.chance(60);
        let id = format!("vpc-{n}");
        let block = |cidr: String| json!({"cidr_block": cidr, "state": "associated"});
        let mut block_v6 = block(format!("2600:{n}::/56"));
        block_v6["ipv6_address_attribute"] =
            json!(if self.draw.chance(8) { "private" } else { "public" });
        let blocks_v6 = if v6 { json!([block_v6]) } else { json!([]) };
        self.add(
            "aws.ec2.vpc",
            &id,
            (account, region),
            json!({
                "owner_id": account, "state": "available", "is_default": false,
                "cidr_block": format!("10.{net}.0.0/16"),
                "cidr_block_associations": [block(format!("10.{net}.0.0/16"))],
                "ipv6_cidr_block_associations": blocks_v6,
                "internet_gateway_block_mode": null
            }),
        );
        let mut plan = VpcPlan {
            id: id.clone(),
            account,
            region,
            net,
            v6,
            subnets: Vec::new(),
            groups: Vec::new(),
            targets: Vec::new(),
            members: Vec::new(),
        };
        for number in 0..2 + self.draw.below(2) {
            let subnet = format!("subnet-{n}-{number}");
            let zone = format!("{region}{}", ["a", "b"][self.draw.below(2)]);
            let v6 = if v6 {
                json!([{"cidr_block": format!("2600:{n}:0:{number}::/64"), "state": "associated"}])
            } else {
                json!([])
            };
            self.add("aws.ec2.subnet", &subnet, (account, region), json!({
                "vpc_id": id, "owner_id": account, "state": "available", "availability_zone": zone,
                "cidr_block": format!("10.{net}.{number}.0/24"), "ipv6_cidr_block_associations": v6,
                "map_public_ip_on_launch": false, "internet_gateway_block_mode": null
            }));
            plan.subnets.push(SubnetPlan { id: subnet, number, zone });
        }
        self.vpcs.push(plan);
    }

    fn peerings(&mut self) {
        for a in 0..self.vpcs.len() {
            for b in a + 1..self.vpcs.len() {
                if !self.draw.chance(45) {
                    continue;
                }
                let id = format!("pcx-{a}{b}");
                let status = if self.draw.chance(85) { "active" } else { "deleted" };
                let side = |plan: &VpcPlan, n: usize| {
                    json!({
                        "vpc_id": plan.id, "owner_id": plan.account, "region": plan.region,
                        "cidr_blocks": [format!("10.{}.0.0/16", plan.net)],
                        "ipv6_cidr_blocks": if plan.v6 { json!([format!("2600:{n}::/56")]) } else { json!([]) }
                    })
                };
                let data = json!({
                    "status": status, "requester_vpc_id": self.vpcs[a].id, "accepter_vpc_id": self.vpcs[b].id,
                    "requester_vpc_info": side(&self.vpcs[a], a), "accepter_vpc_info": side(&self.vpcs[b], b)
                });
                let place = self.place(a);
                self.add("aws.ec2.vpc_peering_connection", &id, place, data.clone());
                if self.place(b) != place {
                    let other = self.place(b);
                    self.add("aws.ec2.vpc_peering_connection", &id, other, data);
                }
                for n in [a, b] {
                    self.vpcs[n].targets.push(("vpc_peering_connection_id", id.clone()));
                }
                if status == "active" {
                    self.peered.push((a, b, id));
                }
            }
        }
    }

    /// A transit gateway in each region that has VPCs, joined by a peering.
    fn transit(&mut self) {
        let references = self.draw.chance(50);
        let both = REGIONS.iter().all(|r| self.vpcs.iter().any(|v| v.region == *r));
        for region in REGIONS {
            let members: Vec<usize> =
                (0..self.vpcs.len()).filter(|&n| self.vpcs[n].region == region).collect();
            if members.is_empty() {
                continue;
            }
            self.transit_in(region, &members, references, both);
        }
    }

    fn transit_in(
        &mut self,
        region: &'static str,
        members: &[usize],
        references: bool,
        both: bool,
    ) {
        let (tgw, place) = (format!("tgw-{region}"), (ACCOUNTS[0], region));
        let switch = |on: bool| if on { "enable" } else { "disable" };
        self.add("aws.ec2.transit_gateway", &tgw, place, json!({
            "owner_id": ACCOUNTS[0], "state": "available",
            "security_group_referencing_support": switch(references), "transit_gateway_cidr_blocks": []
        }));
        let tables = [format!("tgw-rtb-{region}-0"), format!("tgw-rtb-{region}-1")];
        let mut attachments = Vec::new();
        for &n in members {
            if self.draw.chance(80) {
                attachments.push(self.vpc_attachment(n, &tgw, &tables, region));
            }
        }
        if both {
            attachments.push(self.peering_attachment(&tgw, &tables, region));
        }
        if self.draw.chance(40) {
            attachments.push(self.site_attachment(&tgw, &tables, place));
        }
        for table in &tables {
            self.transit_table(table, &tgw, &attachments, place);
        }
    }

    fn vpc_attachment(
        &mut self,
        n: usize,
        tgw: &str,
        tables: &[String; 2],
        region: &'static str,
    ) -> Joined {
        let id = format!("tgw-attach-{n}");
        let state = if self.draw.chance(92) { "available" } else { "deleted" };
        let mut zones = BTreeMap::new();
        for subnet in self.vpcs[n].subnets.clone() {
            if self.draw.chance(75) {
                zones.insert(subnet.zone.clone(), subnet.id.clone());
            }
        }
        let table = self.draw.chance(90).then(|| self.draw.pick(tables).clone());
        let plan = &self.vpcs[n];
        let data = json!({
            "transit_gateway_id": tgw, "transit_gateway_owner_id": ACCOUNTS[0], "resource_type": "vpc",
            "resource_id": plan.id, "resource_owner_id": plan.account, "state": state,
            "association_route_table_id": table, "association_state": table.as_ref().map(|_| "associated"),
            "vpc": {
                "vpc_id": plan.id, "subnet_ids": zones.into_values().collect::<Vec<_>>(),
                "security_group_referencing_support": "enable", "appliance_mode_support": "disable"
            },
            "peering": null
        });
        let joined = Joined { id: id.clone(), table, propagates: true, live: state == "available" };
        self.vpcs[n].targets.push(("transit_gateway_id", tgw.to_owned()));
        self.add("aws.ec2.transit_gateway_attachment", &id, (ACCOUNTS[0], region), data);
        joined
    }

    fn peering_attachment(
        &mut self,
        tgw: &str,
        tables: &[String; 2],
        region: &'static str,
    ) -> Joined {
        let table = self.draw.pick(tables).clone();
        let peer = |region: &str| {
            json!({
                "transit_gateway_id": format!("tgw-{region}"), "core_network_id": null,
                "owner_id": ACCOUNTS[0], "region": region
            })
        };
        let other = if region == REGIONS[0] { REGIONS[1] } else { REGIONS[0] };
        self.add("aws.ec2.transit_gateway_attachment", "tgw-attach-peer", (ACCOUNTS[0], region), json!({
            "transit_gateway_id": tgw, "transit_gateway_owner_id": ACCOUNTS[0], "resource_type": "peering",
            "resource_id": format!("tgw-{other}"), "resource_owner_id": ACCOUNTS[0], "state": "available",
            "association_route_table_id": table, "association_state": "associated", "vpc": null,
            "peering": {
                "requester": peer(REGIONS[0]), "accepter": peer(REGIONS[1]),
                "accepter_transit_gateway_attachment_id": null, "status_code": "available"
            }
        }));
        Joined {
            id: "tgw-attach-peer".to_owned(),
            table: Some(table),
            propagates: false,
            live: true,
        }
    }

    /// A VPN connection that announces nobody knows what, or has its routes written down.
    fn site_attachment(
        &mut self,
        tgw: &str,
        tables: &[String; 2],
        place: (&str, &'static str),
    ) -> Joined {
        let (id, vpn) = (format!("tgw-attach-site-{}", place.1), format!("vpn-{}", place.1));
        let table = self.draw.chance(85).then(|| self.draw.pick(tables).clone());
        self.add("aws.ec2.transit_gateway_attachment", &id, place, json!({
            "transit_gateway_id": tgw, "transit_gateway_owner_id": ACCOUNTS[0], "resource_type": "vpn",
            "resource_id": vpn, "resource_owner_id": ACCOUNTS[0], "state": "available",
            "association_route_table_id": table, "association_state": table.as_ref().map(|_| "associated"),
            "vpc": null, "peering": null
        }));
        let written = self.draw.chance(25);
        self.add(
            "aws.ec2.vpn_connection",
            &vpn,
            place,
            json!({
                "vpn_gateway_id": null, "transit_gateway_id": tgw, "core_network_arn": null,
                "state": "available", "static_routes_only": written,
                "routes": [{"destination_cidr_block": "192.168.0.0/16", "state": "available"}]
            }),
        );
        self.sites.push(id.clone());
        Joined { id, table, propagates: true, live: true }
    }

    fn transit_table(&mut self, id: &str, tgw: &str, attachments: &[Joined], place: (&str, &str)) {
        let mut routes = Vec::new();
        let mut destinations: Vec<String> =
            self.vpcs.iter().map(|v| format!("10.{}.0.0/16", v.net)).collect();
        destinations
            .extend(["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/24", "10.2.1.0/24"].map(String::from));
        destinations.extend(["192.168.0.0/16", "2600:1::/56", "::/0"].map(String::from));
        destinations.sort();
        destinations.dedup();
        for destination in destinations {
            if !self.draw.chance(45) {
                continue;
            }
            let to = attachments.is_empty() || self.draw.chance(12);
            let (state, list) = if to {
                ("blackhole", json!([]))
            } else {
                let to = self.draw.pick(attachments);
                if !to.live {
                    continue;
                }
                (
                    "active",
                    json!([{"transit_gateway_attachment_id": to.id, "resource_id": null, "resource_type": null}]),
                )
            };
            routes.push(json!({
                "destination_cidr_block": destination, "prefix_list_id": null, "route_type": "static",
                "state": state, "attachments": list
            }));
        }
        let link = |id: &String, state: &str| {
            json!({
                "transit_gateway_attachment_id": id, "resource_id": null, "resource_type": null, "state": state
            })
        };
        let mut propagations = Vec::new();
        for attachment in attachments {
            if attachment.propagates && attachment.live && self.draw.chance(60) {
                propagations.push(attachment.id.clone());
            }
        }
        let associated: Vec<_> = attachments
            .iter()
            .filter(|a| a.live && a.table.as_deref() == Some(id))
            .map(|a| a.id.clone())
            .collect();
        self.add("aws.ec2.transit_gateway_route_table", id, place, json!({
            "transit_gateway_id": tgw, "state": "available", "routes": routes, "prefix_list_references": [],
            "associations": associated.iter().map(|a| link(a, "associated")).collect::<Vec<_>>(),
            "propagations": propagations.iter().map(|a| link(a, "enabled")).collect::<Vec<_>>(),
            "associated_attachment_ids": associated, "propagating_attachment_ids": propagations
        }));
    }

    fn groups(&mut self) {
        for n in 0..self.vpcs.len() {
            self.vpcs[n].groups = (0..3).map(|g| format!("sg-{n}-{g}")).collect();
        }
        for n in 0..self.vpcs.len() {
            for group in self.vpcs[n].groups.clone() {
                let ingress = (0..self.draw.below(4)).map(|_| self.rule(n)).collect::<Vec<_>>();
                let egress = if self.draw.chance(60) {
                    vec![
                        rule("-1", None, json!({"cidr": "0.0.0.0/0"})),
                        rule("-1", None, json!({"cidr": "::/0"})),
                    ]
                } else {
                    (0..self.draw.below(4)).map(|_| self.rule(n)).collect()
                };
                let place = self.place(n);
                self.add("aws.ec2.security_group", &group, place, json!({
                    "group_name": group, "description": null, "vpc_id": self.vpcs[n].id, "owner_id": place.0,
                    "ingress": ingress, "egress": egress
                }));
            }
        }
    }

    fn rule(&mut self, n: usize) -> Value {
        let (protocol, ports) = self.traffic();
        let peer = match self.draw.below(10) {
            0..=4 => json!({"cidr": self.prefix()}),
            5 => {
                json!({"prefix_list_id": format!("pl-{}-{}", self.vpcs[n].account, self.vpcs[n].region)})
            }
            6 | 7 => self.reference(n, n, None),
            _ => match self.peered.clone().iter().find(|(a, b, _)| *a == n || *b == n) {
                Some((a, b, id)) => {
                    let other = if *a == n { *b } else { *a };
                    self.reference(n, other, Some(id))
                }
                None => self.reference(n, n, None),
            },
        };
        rule(protocol, ports, peer)
    }

    fn reference(&mut self, from: usize, to: usize, peering: Option<&String>) -> Value {
        let group = self.draw.pick(&self.vpcs[to].groups).clone();
        let account = (self.vpcs[to].account != self.vpcs[from].account || peering.is_some())
            .then_some(self.vpcs[to].account);
        json!({
            "group_id": group, "group_account": account,
            "group_vpc_id": peering.map(|_| &self.vpcs[to].id), "peering_connection_id": peering
        })
    }

    /// A protocol with ports, or for ICMP a type and code.
    fn traffic(&mut self) -> (&'static str, Option<(i64, i64)>) {
        match self.draw.below(12) {
            0 | 1 => ("-1", None),
            2 => ("icmp", Some((8, -1))),
            3 => ("icmp", Some((-1, -1))),
            4 => ("icmpv6", None),
            5 => ("47", None),
            6 => ("tcp", Some((0, 65535))),
            7 => ("udp", Some((1024, 65535))),
            at => {
                let (a, b) = (*self.draw.pick(&PORTS), *self.draw.pick(&PORTS));
                (if at == 8 { "udp" } else { "tcp" }, Some((a.min(b).into(), a.max(b).into())))
            }
        }
    }

    fn prefix(&mut self) -> String {
        let net = 1 + self.draw.below(4);
        match self.draw.below(12) {
            0..=2 => "0.0.0.0/0".to_owned(),
            3 => "::/0".to_owned(),
            4 => format!("10.{net}.0.0/16"),
            5 => format!("10.{net}.{}.0/24", self.draw.below(3)),
            6 => format!("10.{net}.{}.{}/32", self.draw.below(3), 10 + self.draw.below(3)),
            7 => "10.0.0.0/8".to_owned(),
            8 => "67.160.71.197/32".to_owned(),
            9 => format!("2600:{}::/56", net - 1),
            10 => "0.0.0.0/1".to_owned(),
            _ => "8.8.0.0/16".to_owned(),
        }
    }

    fn gateways(&mut self, n: usize) {
        let (vpc, place) = (self.vpcs[n].id.clone(), self.place(n));
        let attached = |state: &str| json!([{"vpc_id": vpc, "state": state}]);
        let mut targets = Vec::new();
        if self.draw.chance(80) {
            let id = format!("igw-{n}");
            self.add("aws.ec2.internet_gateway", &id, place, json!({
                "owner_id": place.0, "attached_vpc_ids": [vpc], "attachments": attached("available")
            }));
            targets.extend([("gateway_id", id.clone()), ("gateway_id", id)]);
        }
        if self.draw.chance(40) {
            let id = format!("eigw-{n}");
            self.add(
                "aws.ec2.egress_only_internet_gateway",
                &id,
                place,
                json!({
                    "attached_vpc_ids": [vpc], "attachments": attached("attached")
                }),
            );
            targets.push(("egress_only_internet_gateway_id", id));
        }
        if self.draw.chance(25) {
            let id = format!("vgw-{n}");
            self.add("aws.ec2.vpn_gateway", &id, place, json!({
                "state": "available", "attached_vpc_ids": [vpc], "attachments": attached("attached")
            }));
            targets.push(("gateway_id", id));
            self.sites.push(vpc.clone());
        }
        if self.draw.chance(50) {
            targets.push(("nat_gateway_id", self.nat(n)));
        }
        self.vpcs[n].targets.extend(targets);
    }

    fn nat(&mut self, n: usize) -> String {
        let (id, eni, place) = (format!("nat-{n}"), format!("eni-nat-{n}"), self.place(n));
        let plan = self.vpcs[n].clone();
        let subnet = self.draw.pick(&plan.subnets).clone();
        let private = format!("10.{}.{}.200", plan.net, subnet.number);
        let public = format!("52.0.{n}.200");
        let state = if self.draw.chance(90) { "available" } else { "deleted" };
        self.add("aws.ec2.nat_gateway", &id, place, json!({
            "vpc_id": plan.id, "subnet_id": subnet.id, "state": state, "connectivity_type": "public",
            "availability_mode": null, "route_table_id": null, "network_interface_ids": [eni],
            "nat_gateway_addresses": [{
                "public_ip": public, "private_ip": private, "network_interface_id": eni, "is_primary": true,
                "status": "succeeded"
            }]
        }));
        if state == "available" {
            self.interface(
                n,
                &subnet,
                &Card {
                    id: eni,
                    addr: private,
                    public: Some(public),
                    v6: None,
                    groups: Vec::new(),
                    forwards: true,
                    interface_type: "nat_gateway",
                    description: format!("Interface for NAT Gateway {id}"),
                    instance: None,
                },
            );
        }
        id
    }

    fn tables(&mut self, n: usize) {
        let plan = self.vpcs[n].clone();
        let place = self.place(n);
        let mut rest: Vec<_> = plan.subnets.iter().map(|s| s.id.clone()).collect();
        let own = if self.draw.chance(60) { rest.pop() } else { None };
        for (number, subnets) in [(0, Vec::new()), (1, own.into_iter().collect::<Vec<_>>())] {
            if number == 1 && subnets.is_empty() {
                continue;
            }
            let mut routes = vec![route(
                &format!("10.{}.0.0/16", plan.net),
                ("gateway_id", "local".to_owned()),
                "active",
            )];
            if plan.v6 {
                routes.push(route(
                    &format!("2600:{n}::/56"),
                    ("gateway_id", "local".to_owned()),
                    "active",
                ));
            }
            let mut destinations = vec![
                "0.0.0.0/0".to_owned(),
                "::/0".to_owned(),
                "67.0.0.0/8".to_owned(),
                "0.0.0.0/1".to_owned(),
            ];
            for other in 0..self.vpcs.len() {
                destinations.push(format!("10.{}.0.0/16", self.vpcs[other].net));
                destinations.push(format!("10.{}.1.0/24", self.vpcs[other].net));
                destinations.push(format!("2600:{other}::/56"));
            }
            destinations.push(format!("pl-{}-{}", place.0, place.1));
            destinations.sort();
            destinations.dedup();
            for destination in destinations {
                // AWS takes no second route for a block of the VPC itself.
                let own = destination == format!("10.{}.0.0/16", plan.net)
                    || destination == format!("10.{}.1.0/24", plan.net)
                    || destination == format!("2600:{n}::/56");
                let often =
                    if destination == "0.0.0.0/0" || destination == "::/0" { 85 } else { 45 };
                if own || plan.targets.is_empty() || !self.draw.chance(often) {
                    continue;
                }
                let target = self.draw.pick(&plan.targets).clone();
                let v6 = destination.contains(':');
                let fits = match target.0 {
                    "egress_only_internet_gateway_id" => v6,
                    "nat_gateway_id" => !v6,
                    _ => true,
                };
                if fits {
                    let state = if self.draw.chance(93) { "active" } else { "blackhole" };
                    routes.push(route(&destination, target, state));
                }
            }
            self.draw.shuffle(&mut routes);
            let id = format!("rtb-{n}-{number}");
            let mut associations: Vec<_> =
                subnets.iter().map(|s| association(false, Some(s))).collect();
            if number == 0 {
                associations.push(association(true, None));
            }
            self.add("aws.ec2.route_table", &id, place, json!({
                "vpc_id": plan.id, "owner_id": place.0, "main": number == 0, "associations": associations,
                "associated_subnet_ids": subnets, "associated_gateway_ids": [], "propagating_vgws": [],
                "routes": routes
            }));
        }
    }

    fn acls(&mut self, n: usize) {
        let plan = self.vpcs[n].clone();
        let place = self.place(n);
        let mut rest: Vec<_> = plan.subnets.iter().map(|s| s.id.clone()).collect();
        let own: Vec<String> =
            if self.draw.chance(60) { rest.pop().into_iter().collect() } else { Vec::new() };
        for (id, is_default, subnets) in
            [(format!("acl-{n}-0"), true, rest), (format!("acl-{n}-1"), false, own)]
        {
            let mut entries = Vec::new();
            for egress in [false, true] {
                if is_default || self.draw.chance(30) {
                    entries.push(entry(egress, 100, "allow", ("-1", None), "0.0.0.0/0"));
                    entries.push(entry(egress, 101, "allow", ("-1", None), "::/0"));
                } else {
                    for number in 0..2 + self.draw.below(4) {
                        let action = if self.draw.chance(70) { "allow" } else { "deny" };
                        let (traffic, prefix) = (self.traffic(), self.prefix());
                        let number = i64::try_from(number * 10 + 10).unwrap();
                        entries.push(entry(
                            egress,
                            number,
                            action,
                            (number_of(traffic.0), traffic.1),
                            &prefix,
                        ));
                    }
                }
                entries.push(entry(egress, 32767, "deny", ("-1", None), "0.0.0.0/0"));
                entries.push(entry(egress, 32768, "deny", ("-1", None), "::/0"));
            }
            self.draw.shuffle(&mut entries);
            self.add(
                "aws.ec2.network_acl",
                &id,
                place,
                json!({
                    "vpc_id": plan.id, "owner_id": place.0, "is_default": is_default,
                    "associated_subnet_ids": subnets, "entries": entries
                }),
            );
        }
    }

    fn interfaces(&mut self, n: usize) {
        let plan = self.vpcs[n].clone();
        for subnet in &plan.subnets {
            for host in 0..=self.draw.below(3) {
                let eni = format!("eni-{n}-{}-{host}", subnet.number);
                let instance = format!("i-{n}-{}-{host}", subnet.number);
                let addr = format!("10.{}.{}.{}", plan.net, subnet.number, 10 + host);
                let public =
                    self.draw.chance(45).then(|| format!("52.0.{n}.{}", subnet.number * 8 + host));
                let v6 = (plan.v6 && self.draw.chance(70))
                    .then(|| format!("2600:{n}:0:{}::{}", subnet.number, 10 + host));
                let mut groups = vec![self.draw.pick(&plan.groups).clone()];
                if self.draw.chance(30) {
                    groups.push(self.draw.pick(&plan.groups).clone());
                }
                groups.sort();
                groups.dedup();
                self.vpcs[n]
                    .members
                    .push(Member { instance: instance.clone(), addr: addr.clone() });
                self.instance(n, subnet, &instance, &eni, &addr);
                self.interface(
                    n,
                    subnet,
                    &Card {
                        id: eni,
                        addr,
                        public,
                        v6,
                        groups,
                        forwards: false,
                        interface_type: "interface",
                        description: String::new(),
                        instance: Some(instance),
                    },
                );
            }
        }
    }

    fn instance(&mut self, n: usize, subnet: &SubnetPlan, id: &str, eni: &str, addr: &str) {
        let place = self.place(n);
        let vpc = self.vpcs[n].id.clone();
        self.add("aws.ec2.instance", id, place, json!({
            "state": "running", "vpc_id": vpc, "subnet_id": subnet.id, "private_ip_address": addr,
            "network_interface_ids": [eni], "source_dest_check": true
        }));
    }

    fn interface(&mut self, n: usize, subnet: &SubnetPlan, card: &Card) {
        let place = self.place(n);
        let association = card.public.as_ref().map(|ip| json!({
            "public_ip": ip, "ip_owner_id": "amazon", "carrier_ip": null, "customer_owned_ip": null
        }));
        let v6: Vec<_> = card.v6.iter().cloned().collect();
        self.addresses.push(card.addr.clone());
        self.addresses.extend(card.public.clone());
        self.addresses.extend(v6.clone());
        let attachment = card.instance.as_ref().map(|id| json!({
            "attachment_id": format!("attach-{}", card.id), "instance_id": id, "status": "attached", "device_index": 0
        }));
        let mut own = vec![card.addr.clone()];
        own.extend(v6.clone());
        self.interfaces.push((card.id.clone(), own));
        let vpc = self.vpcs[n].id.clone();
        let shut = card.instance.is_some() && self.draw.chance(4);
        self.add("aws.ec2.network_interface", &card.id, place, json!({
            "vpc_id": vpc, "subnet_id": subnet.id, "availability_zone": subnet.zone, "owner_id": place.0,
            "interface_type": card.interface_type, "status": "in-use", "description": card.description,
            "requester_id": if card.instance.is_some() { json!(null) } else { json!("amazon-elb") },
            "requester_managed": card.instance.is_none(), "operator_managed": false,
            "security_group_ids": card.groups, "source_dest_check": !card.forwards,
            "private_ip_address": card.addr,
            "private_ip_addresses": [{"private_ip_address": card.addr, "primary": true, "association": association}],
            "ipv6_addresses": v6, "ipv4_prefixes": [], "ipv6_prefixes": [], "association": association,
            "attachment": attachment, "instance_id": card.instance, "deny_all_igw_traffic": shut,
            "associated_subnet_ids": []
        }));
    }

    fn balancer(&mut self, n: usize) {
        let plan = self.vpcs[n].clone();
        if plan.members.is_empty() || !self.draw.chance(55) {
            return;
        }
        let network = self.draw.chance(60);
        let (kind, short) = if network { ("network", "net") } else { ("application", "app") };
        let place = self.place(n);
        let base = format!("arn:aws:elasticloadbalancing:{}:{}", place.1, place.0);
        let arn = format!("{base}:loadbalancer/{short}/lb{n}/00000000000000{n:02}");
        let internet = self.draw.chance(60);
        let groups: Vec<String> = if network && self.draw.chance(50) {
            Vec::new()
        } else {
            vec![self.draw.pick(&plan.groups).clone()]
        };
        let mut zones = BTreeMap::new();
        for subnet in &plan.subnets {
            zones.entry(subnet.zone.clone()).or_insert_with(|| subnet.clone());
        }
        let mut rows = Vec::new();
        for (at, subnet) in zones.values().enumerate() {
            rows.push(json!({"zone_name": subnet.zone, "subnet_id": subnet.id, "addresses": []}));
            let eni = format!("eni-lb-{n}-{at}");
            self.interface(
                n,
                subnet,
                &Card {
                    id: eni,
                    addr: format!("10.{}.{}.{}", plan.net, subnet.number, 150 + at),
                    public: internet.then(|| format!("52.1.{n}.{at}")),
                    v6: None,
                    groups: groups.clone(),
                    forwards: true,
                    interface_type: if network { "network_load_balancer" } else { "interface" },
                    description: format!("ELB {short}/lb{n}/00000000000000{n:02}"),
                    instance: None,
                },
            );
        }
        let cross = self.draw.chance(50);
        let subnets: Vec<_> = zones.values().map(|s| s.id.clone()).collect();
        self.add("aws.elbv2.load_balancer", &arn, place, json!({
            "load_balancer_type": kind, "scheme": if internet { "internet-facing" } else { "internal" },
            "vpc_id": plan.id, "state": "active", "ip_address_type": "ipv4", "availability_zones": rows,
            "subnet_ids": subnets, "security_group_ids": groups,
            "enforce_security_group_inbound_rules_on_private_link_traffic": null,
            "cross_zone_enabled": if network { cross } else { true }
        }));
        self.listener(&plan, n, &base, &arn, network);
    }

    fn listener(&mut self, plan: &VpcPlan, n: usize, base: &str, arn: &str, network: bool) {
        let place = self.place(n);
        let port = *self.draw.pick(&PORTS);
        let protocol = match (network, self.draw.below(4)) {
            (true, 0) => "UDP",
            (true, 1) => "TCP_UDP",
            (true, _) => "TCP",
            (false, _) => "HTTP",
        };
        let group = format!("{base}:targetgroup/tg{n}/00000000000000{n:02}");
        let listener = format!("{base}:listener/{n}");
        self.add("aws.elbv2.listener", &listener, place, json!({
            "load_balancer_arn": arn, "port": port, "protocol": protocol,
            "default_actions": [{"kind": "forward", "target_group_arns": [group]}], "target_group_arns": [group]
        }));
        let by_instance = self.draw.chance(50);
        let inside = *self.draw.pick(&PORTS);
        let mut targets = Vec::new();
        for _ in 0..=self.draw.below(3) {
            let member = self.draw.pick(&plan.members).clone();
            let id = if by_instance { member.instance } else { member.addr };
            if targets.iter().all(|t: &Value| t["target_id"] != json!(id)) {
                let state = *self.draw.pick(&["healthy", "healthy", "unhealthy", "unused"]);
                targets.push(json!({"target_id": id, "port": inside, "availability_zone": null, "state": state}));
            }
        }
        let ids: Vec<_> = targets.iter().map(|t| t["target_id"].clone()).collect();
        let keeps = self
            .draw
            .chance(30)
            .then(|| self.draw.chance(50))
            .filter(|_| network && protocol == "TCP");
        self.add("aws.elbv2.target_group", &group, place, json!({
            "target_type": if by_instance { "instance" } else { "ip" }, "protocol": protocol, "port": inside,
            "vpc_id": plan.id, "ip_address_type": "ipv4", "load_balancer_arns": [arn], "targets": targets,
            "target_ids": ids, "preserve_client_ip_enabled": keeps, "cross_zone_enabled": null
        }));
    }

    fn block_public_access(&mut self) {
        for account in ACCOUNTS {
            for region in REGIONS {
                let mode = match self.draw.below(10) {
                    0 => "block-bidirectional",
                    1 => "block-ingress",
                    _ => "off",
                };
                let id = format!("bpa-{account}-{region}");
                self.add(
                    "aws.ec2.vpc_block_public_access_options",
                    &id,
                    (account, region),
                    json!({
                        "internet_gateway_block_mode": mode, "state": "update-complete"
                    }),
                );
            }
        }
        for n in 0..self.vpcs.len() {
            if self.draw.chance(15) {
                let place = self.place(n);
                let (what, mode) = (
                    if self.draw.chance(50) {
                        format!("vpc/{}", self.vpcs[n].id)
                    } else {
                        format!("subnet/{}", self.vpcs[n].subnets[0].id)
                    },
                    *self.draw.pick(&["allow-bidirectional", "allow-egress"]),
                );
                self.add(
                    "aws.ec2.vpc_block_public_access_exclusion",
                    &format!("vpcbpa-exclude-{n}"),
                    place,
                    json!({
                        "resource_arn": format!("arn:aws:ec2:{}:{}:{what}", place.1, place.0),
                        "internet_gateway_exclusion_mode": mode, "state": "create-complete"
                    }),
                );
            }
        }
    }

    fn finish(mut self, doubts: bool) -> World {
        let mut unread = Vec::new();
        if doubts {
            for _ in 0..=self.draw.below(3) {
                self.forget();
            }
            if self.draw.chance(25) {
                let kind = *self.draw.pick(&[
                    "aws.ec2.managed_prefix_list",
                    "aws.ec2.security_group",
                    "aws.ec2.route_table",
                    "aws.ec2.network_acl",
                    "aws.ec2.internet_gateway",
                    "aws.ec2.vpc_peering_connection",
                    "aws.ec2.transit_gateway_route_table",
                    "aws.ec2.vpc_block_public_access_options",
                ]);
                let keep = self.draw.chance(50);
                self.lines.retain(|line| keep || line["type"] != kind);
                unread.push(kind);
            }
        }
        self.addresses
            .extend(["10.1.0.99", "10.9.0.1", "52.0.9.9", "2600:1:0:1::99"].map(String::from));
        if !self.sites.is_empty() {
            self.addresses.push("192.168.7.7".to_owned());
        }
        self.addresses.sort();
        self.addresses.dedup();
        let mut lines = std::mem::take(&mut self.lines);
        self.draw.shuffle(&mut lines);
        World {
            lines,
            addresses: self.addresses,
            interfaces: self.interfaces,
            sites: self.sites,
            unread,
        }
    }

    /// Hides one attribute somewhere.
    fn forget(&mut self) {
        let at = self.draw.below(self.lines.len());
        let Some(data) = self.lines[at]["data"].as_object_mut() else { return };
        let keys: Vec<String> = data.keys().cloned().collect();
        let key = &keys[self.draw.below(keys.len())];
        let unknown = json!({"$unknown": {"kind": "denied", "detail": "hidden by the test"}});
        match data.get_mut(key) {
            // Now and then only a field of an element.
            Some(Value::Array(items)) if !items.is_empty() && self.draw.chance(60) => {
                let item = self.draw.below(items.len());
                if let Some(object) = items[item].as_object_mut() {
                    let keys: Vec<String> = object.keys().cloned().collect();
                    object.insert(keys[self.draw.below(keys.len())].clone(), unknown);
                }
            }
            Some(value) => *value = unknown,
            None => {}
        }
    }
}

#[derive(Debug, Clone)]
struct Joined {
    id: String,
    table: Option<String>,
    propagates: bool,
    live: bool,
}

struct Card {
    id: String,
    addr: String,
    public: Option<String>,
    v6: Option<String>,
    groups: Vec<String>,
    forwards: bool,
    interface_type: &'static str,
    description: String,
    instance: Option<String>,
}

fn association(main: bool, subnet: Option<&String>) -> Value {
    json!({"main": main, "subnet_id": subnet, "gateway_id": null, "state": "associated"})
}

fn number_of(protocol: &'static str) -> &'static str {
    match protocol {
        "tcp" => "6",
        "udp" => "17",
        "icmp" => "1",
        "icmpv6" => "58",
        other => other,
    }
}

/// Ports, type and code as the model has them.
fn shape(protocol: &str, range: Option<(i64, i64)>) -> (Value, Value, Value) {
    let all = json!({"from": 0, "to": 65535});
    match (protocol, range) {
        ("icmp" | "1", Some((kind, code))) => {
            let value = |n: i64| if n < 0 { json!(null) } else { json!(n) };
            (all, value(kind), value(code))
        }
        (_, Some((from, to))) => (json!({"from": from, "to": to}), json!(null), json!(null)),
        _ => (all, json!(null), json!(null)),
    }
}

fn rule(protocol: &str, range: Option<(i64, i64)>, peer: Value) -> Value {
    let (ports, kind, code) = shape(protocol, range);
    let mut out = json!({
        "rule_id": null, "protocol": protocol, "ports": ports, "icmp_type": kind, "icmp_code": code, "cidr": null,
        "prefix_list_id": null, "group_id": null, "group_account": null, "group_vpc_id": null,
        "peering_connection_id": null, "description": null
    });
    for (key, value) in peer.as_object().unwrap() {
        out[key] = value.clone();
    }
    out
}

fn entry(
    egress: bool,
    number: i64,
    action: &str,
    traffic: (&str, Option<(i64, i64)>),
    prefix: &str,
) -> Value {
    let (ports, kind, code) = shape(traffic.0, traffic.1);
    json!({
        "egress": egress, "rule_number": number, "rule_action": action, "protocol": traffic.0, "ports": ports,
        "icmp_type": kind, "icmp_code": code, "cidr": prefix
    })
}

fn route(destination: &str, target: (&'static str, String), state: &str) -> Value {
    let mut out = json!({
        "destination_cidr_block": null, "destination_ipv6_cidr_block": null, "destination_prefix_list_id": null,
        "gateway_id": null, "nat_gateway_id": null, "transit_gateway_id": null, "vpc_peering_connection_id": null,
        "network_interface_id": null, "instance_id": null, "egress_only_internet_gateway_id": null,
        "carrier_gateway_id": null, "local_gateway_id": null, "core_network_arn": null, "odb_network_arn": null,
        "ip_address": null, "state": state,
        "origin": if target.1 == "local" { "CreateRouteTable" } else { "CreateRoute" }
    });
    let field = match destination {
        list if list.starts_with("pl-") => "destination_prefix_list_id",
        v6 if v6.contains(':') => "destination_ipv6_cidr_block",
        _ => "destination_cidr_block",
    };
    out[field] = json!(destination);
    out[target.0] = json!(target.1);
    out
}
