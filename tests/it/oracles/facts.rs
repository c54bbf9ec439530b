//! Facts about single rules, from Batfish's unit tests: each is put into the smallest network that asks for it.
//!
//! An interface stands in one subnet, a peer that lets everything pass in another one of the same VPC; whatever addresses
//! the fact names, the subnets are around them. What is asked is whether the packet arrives; answers are not.

use portcullis::analyze::network::packet::{Packet, Start};
use portcullis::net::Addr;
use serde_json::{Value, json};

use super::dump::Dump;
use super::engine::{self, CLIENT_PORT, Engines};
use super::tally::{Outcome, Tally, judge};
use super::{folder, items, read, text};

const PLACE: &str = "111122223333/eu-west-1";
const OWNER: &str = "111122223333";
const OWN: &str = "10.200.1.10";
const PEER: &str = "10.201.1.10";

/// A small network.
struct World {
    /// The groups of the interface, as `DescribeSecurityGroups` prints them.
    groups: Vec<Value>,
    /// Rows of the ACL of its subnet.
    acl: Vec<Value>,
    /// Its address, and its public one.
    own: (String, Option<&'static str>),
    /// The peer's address.
    peer: String,
    /// A group that the peer carries besides.
    peer_group: Option<String>,
    prefix_lists: Value,
    source_dest_check: bool,
    /// The port that a network load balancer in the interface's place listens on.
    listener: Option<u16>,
}

/// What a fact comes down to.
struct Fact {
    world: World,
    inbound: bool,
    /// Addresses that the packet has other than those of the interfaces.
    source: Option<Addr>,
    destination: Option<Addr>,
}

#[test]
fn facts_about_rules() {
    let Some(root) = folder("batfish") else { return };
    let file = root.join("unit-verdicts.json");
    let rows = if file.is_file() { read(&file) } else { return };
    let (mut tally, mut left) = (Tally::default(), 0);
    for row in items(&rows) {
        let kind = text(row, "kind");
        let (Some(allowed), Some(fact)) = (row["allowed"].as_bool(), fact(row)) else {
            left += 1;
            continue;
        };
        let network = fact.world.dump().network();
        let engines = Engines::new(&network);
        let (start, packet) = fact.packet(&row["probe"]);
        let start = engine::interface(&network, start).unwrap();
        let asked = engines.ask(Start::Interface(start), packet);
        let mut outcome = judge(asked.arrives(), allowed);
        if !asked.agree() {
            outcome = Outcome::Wrong;
        }
        tally.add(kind, "rule", outcome, || {
            format!("{} ({}): {}", text(row, "upstream_test"), text(row, "why"), asked.said())
        });
    }
    tally.print("kind");
    eprintln!("{left} facts have no packet, or are told in words only");
    tally.settle(&["rule"]);
}

fn open() -> Value {
    let ranges = json!([{"CidrIp": "0.0.0.0/0"}]);
    json!([{"IpProtocol": "-1", "IpRanges": ranges, "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}])
}

fn group(id: &str, ingress: &Value, egress: &Value) -> Value {
    json!({
        "GroupId": id, "GroupName": id, "Description": "", "OwnerId": OWNER, "VpcId": "vpc-1", "Tags": [],
        "IpPermissions": ingress, "IpPermissionsEgress": egress,
    })
}

fn row(number: u16, egress: bool) -> Value {
    json!({"RuleNumber": number, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"})
}

impl World {
    fn new() -> Self {
        Self {
            groups: vec![group("sg-open", &open(), &open())],
            acl: vec![row(100, false), row(100, true)],
            own: (OWN.to_owned(), None),
            peer: PEER.to_owned(),
            peer_group: None,
            prefix_lists: json!([]),
            source_dest_check: true,
            listener: None,
        }
    }

    fn dump(&self) -> Dump {
        let mut files = self.ground();
        files.extend(self.filters());
        files.extend(self.balancer());
        let files: Vec<(String, Value)> = files
            .into_iter()
            .map(|(name, value)| (format!("{PLACE}/{name}.json"), value))
            .collect();
        let files: Vec<(&str, Value)> =
            files.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        Dump::of(&files)
    }

    /// The VPC, its subnets and routes.
    fn ground(&self) -> Vec<(&'static str, Value)> {
        let around = |addr: &str| format!("{}.0/24", addr.rsplit_once('.').unwrap().0);
        let blocks = [around(&self.own.0), around(&self.peer)];
        let associated: Vec<Value> = blocks
            .iter()
            .map(|cidr| json!({"CidrBlock": cidr, "AssociationId": cidr, "CidrBlockState": {"State": "associated"}}))
            .collect();
        let subnet = |id: &str, cidr: &str| {
            json!({
                "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": cidr, "AvailabilityZone": "eu-west-1a",
                "State": "available", "OwnerId": OWNER, "Ipv6CidrBlockAssociationSet": [],
                "MapPublicIpOnLaunch": false, "Tags": [],
            })
        };
        let subnets = [subnet("subnet-own", &blocks[0]), subnet("subnet-peer", &blocks[1])];
        let route = |to: &str, gateway: &str| {
            json!({
                "DestinationCidrBlock": to, "GatewayId": gateway, "Origin": "CreateRoute", "State": "active",
            })
        };
        let routes =
            [route(&blocks[0], "local"), route(&blocks[1], "local"), route("0.0.0.0/0", "igw-1")];
        let vpc = json!({
            "VpcId": "vpc-1", "CidrBlock": blocks[0], "OwnerId": OWNER, "State": "available", "Tags": [],
            "CidrBlockAssociationSet": associated,
        });
        let table = json!({
            "RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": OWNER, "PropagatingVgws": [],
            "Routes": routes, "Tags": [],
            "Associations": [{
                "Main": true, "RouteTableAssociationId": "rtbassoc-1", "RouteTableId": "rtb-1",
                "AssociationState": {"State": "associated"},
            }],
        });
        let gateway = json!({
            "InternetGatewayId": "igw-1", "OwnerId": OWNER, "Tags": [],
            "Attachments": [{"State": "available", "VpcId": "vpc-1"}],
        });
        vec![
            ("vpcs", json!({"Vpcs": [vpc]})),
            ("subnets", json!({"Subnets": subnets})),
            ("tables", json!({"RouteTables": [table]})),
            ("gateways", json!({"InternetGateways": [gateway]})),
            ("instances", json!({"Reservations": []})),
        ]
    }

    /// The interfaces, with what filters their packets.
    fn filters(&self) -> Vec<(&'static str, Value)> {
        let acl = |id: &str, subnet: &str, entries: &[Value]| {
            json!({
                "NetworkAclId": id, "VpcId": "vpc-1", "OwnerId": OWNER, "IsDefault": false, "Tags": [],
                "Associations": [{"NetworkAclAssociationId": id, "NetworkAclId": id, "SubnetId": subnet}],
                "Entries": entries,
            })
        };
        let open_acl = [row(100, false), row(100, true)];
        let acls =
            [acl("acl-own", "subnet-own", &self.acl), acl("acl-peer", "subnet-peer", &open_acl)];
        let own_groups: Vec<&str> =
            self.groups.iter().map(|group| text(group, "GroupId")).collect();
        let mut groups = self.groups.clone();
        let mut peer_groups = vec!["sg-peer"];
        groups.push(group("sg-peer", &open(), &open()));
        if let Some(id) = &self.peer_group {
            groups.push(group(id, &json!([]), &json!([])));
            peer_groups.push(id);
        }
        let own = match self.listener {
            None => self.interface("eni-own", "subnet-own", &self.own.0, &own_groups, self.own.1),
            Some(_) => self.balancer_interface(),
        };
        let peer = self.interface("eni-peer", "subnet-peer", &self.peer, &peer_groups, None);
        vec![
            ("acls", json!({"NetworkAcls": acls})),
            ("groups", json!({"SecurityGroups": groups})),
            ("interfaces", json!({"NetworkInterfaces": [own, peer]})),
            ("lists", json!({"PrefixLists": self.prefix_lists})),
        ]
    }

    fn interface(
        &self,
        id: &str,
        subnet: &str,
        addr: &str,
        groups: &[&str],
        public: Option<&str>,
    ) -> Value {
        let association = public.map(|ip| json!({"PublicIp": ip, "IpOwnerId": "amazon"}));
        let groups: Vec<Value> = groups.iter().map(|id| json!({"GroupId": id})).collect();
        json!({
            "NetworkInterfaceId": id, "SubnetId": subnet, "VpcId": "vpc-1", "OwnerId": OWNER, "InterfaceType": "interface",
            "Description": "", "AvailabilityZone": "eu-west-1a", "Status": "in-use", "RequesterManaged": false,
            "SourceDestCheck": self.source_dest_check || id == "eni-peer", "Groups": groups, "PrivateIpAddress": addr,
            "Ipv6Addresses": [], "TagSet": [], "Association": association,
            "PrivateIpAddresses": [{"PrivateIpAddress": addr, "Primary": true, "Association": association}],
        })
    }

    /// The interface of a network load balancer without groups.
    fn balancer_interface(&self) -> Value {
        let mut own = self.interface("eni-own", "subnet-own", &self.own.0, &[], None);
        own["InterfaceType"] = "network_load_balancer".into();
        own["Description"] = "ELB net/lb/0123456789abcdef".into();
        own["RequesterManaged"] = true.into();
        own
    }

    fn balancer(&self) -> Vec<(&'static str, Value)> {
        let Some(port) = self.listener else { return Vec::new() };
        let arn = |kind: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:{OWNER}:{kind}");
        let (lb, group) =
            (arn("loadbalancer/net/lb/0123456789abcdef"), arn("targetgroup/t/0123456789abcdef"));
        let listener = arn("listener/net/lb/0123456789abcdef/0123456789abcdef");
        vec![
            (
                "load-balancers",
                json!({"LoadBalancers": [{
                    "LoadBalancerArn": lb, "LoadBalancerName": "lb", "Type": "network", "Scheme": "internal", "VpcId": "vpc-1",
                    "State": {"Code": "active"}, "IpAddressType": "ipv4",
                    "AvailabilityZones": [{"ZoneName": "eu-west-1a", "SubnetId": "subnet-own", "LoadBalancerAddresses": []}],
                }]}),
            ),
            (
                "attributes",
                json!({"LoadBalancerAttributes": [{
                    "LoadBalancerArn": lb, "Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}],
                }]}),
            ),
            (
                "listeners",
                json!({"Listeners": [{
                    "ListenerArn": listener, "LoadBalancerArn": lb, "Port": port, "Protocol": "TCP",
                    "DefaultActions": [{"Type": "forward", "Order": 1, "TargetGroupArn": group}],
                }]}),
            ),
            (
                "target-groups",
                json!({"TargetGroups": [{
                    "TargetGroupArn": group, "TargetGroupName": "t", "Port": 8080, "Protocol": "TCP", "TargetType": "ip",
                    "VpcId": "vpc-1", "LoadBalancerArns": [lb],
                }]}),
            ),
            (
                "target-health",
                json!({"TargetHealth": [{
                    "TargetGroupArn": group,
                    "TargetHealthDescriptions": [{
                        "Target": {"Id": self.peer, "Port": 8080, "AvailabilityZone": "eu-west-1a"}, "TargetHealth": {"State": "healthy"},
                    }],
                }]}),
            ),
        ]
    }
}

impl Fact {
    /// Who sends, and what.
    fn packet(&self, probe: &Value) -> (&'static str, Packet) {
        let (own, peer): (Addr, Addr) =
            (self.world.own.0.parse().unwrap(), self.world.peer.parse().unwrap());
        let (from, source, destination) =
            if self.inbound { ("eni-peer", peer, own) } else { ("eni-own", own, peer) };
        let (source, destination) =
            (self.source.unwrap_or(source), self.destination.unwrap_or(destination));
        let (protocol, port) =
            engine::traffic(probe).unwrap_or((portcullis::net::traffic::TCP, 443));
        let mut packet = engine::packet(source, destination, protocol, port);
        if packet.has_ports() {
            let given = probe["src_port"].as_u64().and_then(|port| u16::try_from(port).ok());
            packet.source_port = given.unwrap_or(CLIENT_PORT);
        }
        (from, packet)
    }
}

/// Reads a fact; nothing when it is told in words that say nothing to a machine.
fn fact(row: &Value) -> Option<Fact> {
    let (given, probe) = (&row["given"], &row["probe"]);
    let mut world = World::new();
    let inbound = probe["direction"] != "egress";
    let addr = |key: &str| probe[key].as_str().map(str::to_owned);
    let (mut source, mut destination) = (None, None);
    world.peer = addr(if inbound { "src" } else { "dst" }).unwrap_or(world.peer);
    match text(row, "kind") {
        "sg" if given["IpPermissions"].is_array() => {
            let or_none = |key: &str| given.get(key).cloned().unwrap_or_else(|| json!([]));
            let rules = [or_none("IpPermissions"), or_none("IpPermissionsEgress")];
            world.groups = vec![group(text(given, "GroupId"), &rules[0], &rules[1])];
            world.prefix_lists = prefix_lists(given);
            for (id, members) in given["members"].as_object().into_iter().flatten() {
                let member = items(members).iter().any(|member| *member == world.peer.as_str());
                world.peer_group = member.then(|| id.clone());
            }
        }
        "sg per ENI" | "sg" => {
            let listed = given["enis"].as_object().map(|enis| {
                let own = enis.iter().find(|(eni, _)| eni.ends_with(text(probe, "dst")));
                vec![own.unwrap().1.clone()]
            });
            let rules = listed.or_else(|| given["eni groups"].as_array().cloned())?;
            world.groups = rules.iter().enumerate().map(|(at, rule)| worded(at, rule)).collect();
        }
        "anti-spoofing" => {
            text(given, "eni ip").clone_into(&mut world.own.0);
            world.source_dest_check = given["SourceDestCheck"].as_bool()?;
            source = Some(text(probe, "src").parse().ok()?);
            PEER.clone_into(&mut world.peer);
            return Some(Fact { world, inbound: false, source, destination });
        }
        "igw" => {
            let associated = items(&given["private ips with a public association"]);
            let own = text(probe, "src");
            let has = associated.iter().any(|addr| addr == own);
            world.own = (own.to_owned(), has.then_some("52.0.0.1"));
            PEER.clone_into(&mut world.peer);
            destination = Some("8.8.8.8".parse().unwrap());
            return Some(Fact { world, inbound: false, source, destination });
        }
        "nacl rule" => {
            world.acl = vec![given.clone()];
        }
        "nlb" => {
            let listener = items(&given["listeners"]).first()?.as_str()?;
            world.listener = Some(listener.strip_prefix("TCP ")?.parse().ok()?);
        }
        _ => return None,
    }
    Some(Fact { world, inbound, source, destination })
}

fn prefix_lists(given: &Value) -> Value {
    let lists = items(&given["PrefixLists"]).iter().map(|list| {
        let mut list = list.clone();
        list["PrefixListName"] = "com.amazonaws.eu-west-1.s3".into();
        list
    });
    lists.collect()
}

/// A group from words such as `sg-1: tcp 22 from 0.0.0.0/0`; without rules where they say something else.
fn worded(at: usize, rule: &Value) -> Value {
    let words = rule.as_str().unwrap();
    let words = words.split_once(": ").map_or(words, |(_, words)| words);
    let parts: Vec<&str> = words.split(' ').collect();
    let rules = match parts.as_slice() {
        [protocol, port, "from", cidr] if port.parse::<u16>().is_ok() => {
            let port: u16 = port.parse().unwrap();
            json!([{"IpProtocol": protocol, "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}])
        }
        _ => json!([]),
    };
    group(&format!("sg-{at}"), &rules, &json!([]))
}
