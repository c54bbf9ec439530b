//! Connection sets that np-guard computes from dumps of the cloud resource collector: for every pair of endpoints exactly
//! which protocols, source ports and destination ports pass, and whether TCP's answers do.
//!
//! Upstream reads no route tables, and takes a subnet that gives out public addresses for one with a way to the internet.
//! So the routes are supplied here (each VPC with an internet gateway has one main table that leads to it), and so are
//! public addresses of interfaces in such subnets. What is compared about the internet is what rules let pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portcullis::analyze::network::packet::{Packet, Start};
use portcullis::analyze::network::reach::Connection;
use portcullis::analyze::network::topology::{Id, Interface, Network};
use portcullis::net::traffic::{ICMP, TCP, UDP};
use portcullis::net::{Addr, AddrSet, Ports, Traffic};
use serde_json::{Map, Value, json};

use super::dump::Dump;
use super::engine::{self, Engines};
use super::tally::{Outcome, Tally, judge};
use super::{folder, items, read, text};

const ACCOUNT: &str = "111122223333";

/// What passes: protocol, source ports and destination ports, and whether TCP's answers are blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    protocol: u8,
    source_ports: (u16, u16),
    ports: (u16, u16),
    answers_blocked: bool,
}

/// The sets of a pair; `None` is the internet.
type Pair = (Option<String>, Option<String>);

#[test]
fn connection_sets() {
    let Some(root) = folder("np-guard") else { return };
    let file = root.join("verdicts.json");
    let rows = if file.is_file() { read(&file) } else { return };
    let mut by_input: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for row in items(&rows["rows"]) {
        by_input.entry(text(row, "input")).or_default().push(row);
    }
    let mut tally = Tally::default();
    for (input, rows) in by_input {
        let file = root.join(input);
        if !file.is_file() {
            eprintln!("{input}: no such file, its rows are left out");
            continue;
        }
        compare(input, &rows, &load(&file).network(), &mut tally);
    }
    tally.print("input");
    tally.settle(&["tracer", "sets", "internet"]);
}

/// Compares all pairs of an input, those that are not listed included: nothing passes between them.
fn compare(input: &str, rows: &[&Value], network: &Network, tally: &mut Tally) {
    let engines = Engines::new(network);
    let mut expected: BTreeMap<Pair, Vec<(AddrSet, Set)>> = BTreeMap::new();
    for row in rows {
        let end = |key: &str| row[key].as_str().map(str::to_owned);
        let outside = [text(row, "src"), text(row, "dst")].into_iter().find_map(public);
        let sets = parse(text(row, "connections"), row["tcp_response_blocked"] == true);
        let of = expected.entry((end("src_eni"), end("dst_eni"))).or_default();
        of.extend(sets.into_iter().map(|set| (outside.clone().unwrap_or_default(), set)));
    }
    let named: BTreeSet<&String> =
        expected.keys().flat_map(|(from, to)| [from, to]).flatten().collect();
    for pair in expected.keys() {
        for id in [&pair.0, &pair.1].into_iter().flatten() {
            assert!(engine::interface(network, id).is_some(), "{input}: no interface {id}");
        }
    }
    let all: Vec<(Id<Interface>, String)> =
        network.interfaces.iter().map(|(id, it)| (id, it.name.to_string())).collect();
    assert!(named.len() <= all.len());
    let none = Vec::new();
    for (from, from_name) in &all {
        for (to, to_name) in all.iter().filter(|(to, _)| to != from) {
            if network.interfaces[*from].vpc != network.interfaces[*to].vpc {
                continue;
            }
            let key = (Some(from_name.clone()), Some(to_name.clone()));
            let want = expected.get(&key).unwrap_or(&none);
            let sets: Vec<Set> = want.iter().map(|(_, set)| *set).collect();
            let start = Start::Interface(*from);
            let (source, destination) =
                (engine::address(network, *from), engine::address(network, *to));
            probe(&engines, start, (source, destination), &sets, |outcome, what| {
                tally.add(input, "tracer", outcome, || format!("{from_name} → {to_name}: {what}"));
            });
            let found = exact(&engines.sets.pair(*from, *to), destination);
            let outcome = if found.as_ref().is_ok_and(|found| same(found, &sets)) {
                Outcome::Right
            } else {
                Outcome::Wrong
            };
            tally.add(input, "sets", outcome, || {
                format!("{from_name} → {to_name}: {sets:?} expected, and not {found:?}")
            });
        }
    }
    for (interface, name) in &all {
        internet(input, &engines, (*interface, name), &expected, tally);
    }
}

/// Compares what passes between an interface and addresses of the internet: one of each listed prefix, and one beyond.
fn internet(
    input: &str,
    engines: &Engines<'_>,
    (interface, name): (Id<Interface>, &str),
    expected: &BTreeMap<Pair, Vec<(AddrSet, Set)>>,
    tally: &mut Tally,
) {
    let network = engines.network;
    let none = Vec::new();
    let beyond: Addr = "8.8.8.8".parse().unwrap();
    let listed = expected.iter().filter(|((from, to), _)| from.is_none() || to.is_none());
    let mut peers: BTreeSet<Addr> =
        listed.flat_map(|(_, sets)| sets.iter().filter_map(|(set, _)| set.first())).collect();
    // "All ranges" begin with an address that nobody has.
    peers.retain(|addr| !AddrSet::of_prefix("0.0.0.0/8".parse().unwrap()).contains(*addr));
    peers.insert(beyond);
    for peer in peers {
        let here = |pair: &Pair| -> Vec<Set> {
            let sets = expected.get(pair).unwrap_or(&none).iter();
            sets.filter(|(peers, _)| peers.contains(peer)).map(|(_, set)| *set).collect()
        };
        let mut add = |outcome, what: String| {
            tally.add(input, "internet", outcome, || format!("{name} and {peer}: {what}"));
        };
        let own = &network.interfaces[interface].addresses[0];
        let out = here(&(Some(name.to_owned()), None));
        probe(engines, Start::Interface(interface), (own.range.first, peer), &out, &mut add);
        if let Some(public) = own.public {
            let into = here(&(None, Some(name.to_owned())));
            probe(engines, Start::Internet, (peer, public), &into, &mut add);
        }
    }
}

/// Asks for packets at and beside every edge of the expected sets.
fn probe(
    engines: &Engines<'_>,
    start: Start,
    (source, destination): (Addr, Addr),
    sets: &[Set],
    mut add: impl FnMut(Outcome, String),
) {
    let edges = |of: fn(&Set) -> (u16, u16)| -> BTreeSet<u16> {
        let mut all = BTreeSet::from([22, 443, 9080, 51_234]);
        for (from, to) in sets.iter().map(of) {
            all.extend([from.saturating_sub(1), from, to, to.saturating_add(1)]);
        }
        // Nobody sends from or to port 0; upstream's port ranges begin with 1.
        all.remove(&0);
        all
    };
    let (sources, ports) = (edges(|set| set.source_ports), edges(|set| set.ports));
    for protocol in [TCP, UDP, ICMP] {
        let pairs: Vec<(u16, u16)> = if protocol == ICMP {
            let mut kinds = BTreeSet::from([0, 8 << 8, 3 << 8 | 4]);
            for (from, to) in sets.iter().filter(|set| set.protocol == ICMP).map(|set| set.ports) {
                kinds.extend([from.saturating_sub(1), from, to, to.saturating_add(1)]);
            }
            kinds.into_iter().map(|kind| (0, kind)).collect()
        } else {
            sources.iter().flat_map(|s| ports.iter().map(|p| (*s, *p))).collect()
        };
        for (source_port, port) in pairs {
            let packet = Packet { source, destination, protocol, source_port, port };
            let asked = engines.ask(start, packet);
            let hit = sets.iter().find(|set| set.holds(packet));
            let mut outcome = judge(asked.arrives(), hit.is_some());
            if let (TCP, Some(set)) = (protocol, hit) {
                outcome = outcome.max(judge(asked.connects(), !set.answers_blocked));
            }
            if !asked.agree() {
                outcome = Outcome::Wrong;
            }
            add(outcome, format!("{packet:?}: {hit:?} expected, {}", asked.said()));
        }
    }
}

impl Set {
    fn holds(&self, packet: Packet) -> bool {
        let within = |(from, to): (u16, u16), port: u16| (from..=to).contains(&port);
        self.protocol == packet.protocol
            && within(self.ports, packet.port)
            && (packet.protocol == ICMP || within(self.source_ports, packet.source_port))
    }
}

/// Whether two lists of sets hold the same: the plane of ports is cut at all edges, and every cell compared.
fn same(a: &[Set], b: &[Set]) -> bool {
    let cuts = |of: fn(&Set) -> (u16, u16)| -> Vec<u16> {
        let all = a.iter().chain(b).flat_map(|set| {
            let (from, to) = of(set);
            [Some(from), to.checked_add(1)]
        });
        all.flatten().chain([0, 1]).collect::<BTreeSet<u16>>().into_iter().collect()
    };
    let (sources, ports) = (cuts(|set| set.source_ports), cuts(|set| set.ports));
    let at = |sets: &[Set], packet: Packet| -> Option<bool> {
        let hit = sets.iter().find(|set| set.holds(packet))?;
        Some(hit.answers_blocked && packet.protocol == TCP)
    };
    let addr = Addr::at(0);
    [TCP, UDP, ICMP].into_iter().all(|protocol| {
        sources.iter().all(|source_port| {
            ports.iter().all(|port| {
                let (source_port, port) = (*source_port, *port);
                let packet =
                    Packet { source: addr, destination: addr, protocol, source_port, port };
                at(a, packet) == at(b, packet)
            })
        })
    })
}

/// The sets of connections to a private address; nothing when one of them is not certain.
fn exact(connections: &[Connection], destination: Addr) -> Result<Vec<Set>, String> {
    let mut out = Vec::new();
    for one in connections.iter().filter(|one| one.destinations.contains(destination)) {
        if let Some(cause) = &one.doubt {
            return Err(format!("{cause:?}"));
        }
        for protocol in [TCP, UDP, ICMP] {
            let Some(part) = one.traffic.intersection(Traffic::protocol(protocol)) else {
                continue;
            };
            let Ports { from, to } = one.source_ports;
            let low = |at: u32| u16::try_from(at & 0xffff).unwrap();
            let answers_blocked = match one.answered.known() {
                Some(answered) => !answered,
                None if protocol == TCP => return Err("answers are not known".to_owned()),
                None => false,
            };
            out.push(Set {
                protocol,
                source_ports: (from.max(1), to),
                // Nobody sends to port 0; of ICMP it is a type and code like others.
                ports: (low(part.first).max(u16::from(protocol != ICMP)), low(part.last)),
                answers_blocked,
            });
        }
    }
    Ok(out)
}

/// Reads `All Connections`, or parts such as `protocol: TCP src-ports: 1-9079,9081-65535 dst-ports: 80`.
fn parse(connections: &str, answers_blocked: bool) -> Vec<Set> {
    let whole = |protocol| Set {
        protocol,
        source_ports: (1, 65535),
        ports: (u16::from(protocol != ICMP), 65535),
        answers_blocked,
    };
    if connections == "All Connections" {
        return vec![whole(TCP), whole(UDP), whole(ICMP)];
    }
    let mut out = Vec::new();
    for part in connections.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let words: Vec<&str> = part.split_whitespace().collect();
        let after = |key: &str| {
            let at = words.iter().position(|word| *word == key);
            at.and_then(|at| words.get(at + 1)).copied()
        };
        let ranges = |key: &str| -> Vec<(u16, u16)> {
            let Some(list) = after(key) else { return vec![(1, 65535)] };
            let one = |range: &str| {
                let (from, to) = range.split_once('-').unwrap_or((range, range));
                (from.parse().unwrap(), to.parse().unwrap())
            };
            list.split(',').map(one).collect()
        };
        for word in after("protocol:").unwrap_or_else(|| panic!("{part}")).split(',') {
            let protocol = portcullis::net::traffic::protocol(word).unwrap().unwrap();
            if protocol == ICMP {
                let number = |key: &str| after(key).map(|number| number.parse::<u16>().unwrap());
                let ports = match (number("icmp-type:"), number("icmp-code:")) {
                    (None, _) => (0, 65535),
                    (Some(kind), None) => (kind << 8, kind << 8 | 255),
                    (Some(kind), Some(code)) => (kind << 8 | code, kind << 8 | code),
                };
                out.push(Set { ports, ..whole(protocol) });
                continue;
            }
            for source_ports in ranges("src-ports:") {
                for ports in ranges("dst-ports:") {
                    out.push(Set { source_ports, ports, ..whole(protocol) });
                }
            }
        }
    }
    out
}

/// The addresses of `Public Internet …`.
fn public(label: &str) -> Option<AddrSet> {
    let what = label.strip_prefix("Public Internet")?.trim();
    if what == "(all ranges)" {
        return Some(AddrSet::v4());
    }
    let prefixes = what.split(',').map(|cidr| cidr.trim().parse().unwrap());
    Some(AddrSet::of_prefixes(&prefixes.collect::<Vec<_>>()))
}

/// Reads an input: lists of the SDK's structs, with every owner the same placeholder.
fn load(file: &Path) -> Dump {
    let mut input = read(file);
    plain_ids(&mut input);
    let list = |key: &str| items(&input[key]).to_vec();
    let vpcs = list("vpcs");
    let region = vpcs.iter().map(|vpc| text(vpc, "Region")).find(|r| !r.is_empty()).unwrap();
    let gives: BTreeSet<&str> = items(&input["subnets"])
        .iter()
        .filter(|subnet| subnet["MapPublicIpOnLaunch"] == true)
        .map(|subnet| text(subnet, "SubnetId"))
        .collect();
    let (mut interfaces, mut supplied) = (Vec::new(), 0_u8);
    for instance in items(&input["instances"]) {
        for interface in items(&instance["NetworkInterfaces"]) {
            let mut one = interface.clone();
            one["Attachment"]["InstanceId"] = instance["InstanceId"].clone();
            one["AvailabilityZone"] = instance["Placement"]["AvailabilityZone"].clone();
            one["RequesterManaged"] = false.into();
            if one["Association"].is_null() && gives.contains(text(&one, "SubnetId")) {
                supplied += 1;
                let association =
                    json!({"PublicIp": format!("1.0.1.{supplied}"), "IpOwnerId": "amazon"});
                one["Association"] = association.clone();
                one["PrivateIpAddresses"][0]["Association"] = association;
            }
            interfaces.push(one);
        }
    }
    let tables = vpcs.iter().map(|vpc| route_table(vpc, &input)).collect::<Vec<_>>();
    let at = |name: &str| format!("{ACCOUNT}/{region}/{name}.json");
    let files = [
        ("instances", json!({"Reservations": [{"Instances": list("instances")}]})),
        ("interfaces", json!({"NetworkInterfaces": interfaces})),
        ("internet-gateways", json!({"InternetGateways": list("internet_gateways")})),
        ("acls", json!({"NetworkAcls": list("network_acls")})),
        ("groups", json!({"SecurityGroups": list("security_groups")})),
        ("subnets", json!({"Subnets": list("subnets")})),
        ("vpcs", json!({"Vpcs": vpcs})),
        ("tables", json!({"RouteTables": tables})),
    ];
    let files: Vec<(String, Value)> =
        files.into_iter().map(|(name, value)| (at(name), value)).collect();
    let files: Vec<(&str, Value)> =
        files.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
    Dump::of(&files)
}

/// The main table that is supplied to a VPC.
fn route_table(vpc: &Value, input: &Value) -> Value {
    let id = text(vpc, "VpcId");
    let route = |to: &str, gateway: &str| json!({"DestinationCidrBlock": to, "GatewayId": gateway, "Origin": "CreateRoute", "State": "active"});
    let mut routes = vec![route(text(vpc, "CidrBlock"), "local")];
    let gateway = items(&input["internet_gateways"])
        .iter()
        .find(|gateway| items(&gateway["Attachments"]).iter().any(|a| text(a, "VpcId") == id));
    routes.extend(gateway.map(|gateway| route("0.0.0.0/0", text(gateway, "InternetGatewayId"))));
    json!({
        "RouteTableId": format!("rtb-{id}"), "VpcId": id, "OwnerId": ACCOUNT, "PropagatingVgws": [], "Routes": routes,
        "Associations": [{"Main": true, "RouteTableAssociationId": format!("rtbassoc-{id}"), "AssociationState": {"State": "associated"}}],
    })
}

/// Owners were replaced by several placeholders for one account, and ids of gateways lost the letters that tell what they
/// are.
fn plain_ids(value: &mut Value) {
    match value {
        Value::Object(map) => rewrite(map),
        Value::Array(list) => list.iter_mut().for_each(plain_ids),
        _ => {}
    }
}

fn rewrite(map: &mut Map<String, Value>) {
    for (key, value) in map.iter_mut() {
        if matches!(key.as_str(), "OwnerId" | "UserId") && value.is_string() {
            *value = ACCOUNT.into();
        } else if let Some(id) = value.as_str().and_then(|id| id.strip_prefix("InternetGatewayId:"))
        {
            *value = format!("igw-{id}").into();
        } else {
            plain_ids(value);
        }
    }
}
