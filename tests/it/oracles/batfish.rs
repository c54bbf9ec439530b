//! Paths that Batfish's own tests assert over dumped networks.
//!
//! Whether a packet is delivered is asked as it stands. Whether routes get it there is asked of the same network with
//! security groups and network ACLs that let everything pass; a listener that is missing at the end counts as there.
//! Flows without a protocol are packets of protocol 0, as upstream has them.

use portcullis::analyze::network::packet::{Packet, Start, Verdict};
use portcullis::analyze::network::reach::Connection;
use portcullis::analyze::network::topology::{Network, Node};
use portcullis::net::{Addr, AddrSet};
use serde_json::Value;

use super::dump::Dump;
use super::engine::{self, Engines};
use super::tally::{Outcome, Tally, judge};
use super::{folder, items, read, text};

/// Where packets of the internet, and of a site, come from when a question does not say.
const SOMEWHERE: &str = "8.8.8.8";

/// A question about a network.
enum Question {
    /// What becomes of a packet.
    Packet(Start, Packet),
    /// Whether anything gets from one place to another.
    Anything(Start, Addr, Addr),
}

#[test]
fn end_to_end_tests() {
    let Some(root) = folder("batfish") else { return };
    let file = root.join("e2e-verdicts.json");
    let rows = if file.is_file() { read(&file) } else { return };
    let mut tally = Tally::default();
    for rig in rigs(&rows) {
        let configs = root.join(&rig).join("aws_configs");
        if !configs.is_dir() {
            eprintln!("{rig}: no such folder, its rows are left out");
            continue;
        }
        let dump = Dump::read(&configs);
        for row in items(&rows).iter().filter(|row| text(row, "rig") == rig) {
            let dump = standing_in(&dump, row);
            let classes = classes(row);
            let keys = ["delivered", "route_reaches_destination"];
            for (at, dump) in [dump.clone(), dump.without_filters()].into_iter().enumerate() {
                let by_routes = at == 1;
                let network = dump.network();
                let answer = answer(&network, row, by_routes);
                let expected = row[keys[at]].as_bool().unwrap();
                let (outcome, said) = match &answer {
                    // Sites that no dump describes send, too.
                    None => (Outcome::Unknown, "an end of it is not in the network"),
                    Some((_, false, said)) => (Outcome::Wrong, said.as_str()),
                    Some((verdict, true, said)) => (judge(verdict, expected), said.as_str()),
                };
                let class = if answer.is_none() { "not in the network" } else { classes[at] };
                tally.add(&rig, class, outcome, || {
                    format!("{} ({}): {said}", text(row, "test"), text(row, "why"))
                });
            }
        }
    }
    tally.print("rig");
    tally.settle(&["delivered", "routed"]);
}

/// What the analyses say to a row, whether they agree, and how they put it.
fn answer(network: &Network, row: &Value, by_routes: bool) -> Option<(Verdict, bool, String)> {
    let engines = Engines::new(network);
    match question(network, row)? {
        Question::Packet(start, packet) => {
            let asked = engines.ask(start, packet);
            let there_and_back = !by_routes && row["bidirectional_asserted"] == true;
            let verdict = match () {
                () if by_routes && asked.refused_at_listener => Verdict::Passes,
                () if there_and_back => asked.connects().clone(),
                () => asked.arrives().clone(),
            };
            Some((verdict, asked.agree(), asked.said()))
        }
        Question::Anything(start, source, destination) => {
            let found = anything(&engines, start, source, destination);
            Some((found.clone(), true, format!("{found:?}")))
        }
    }
}

fn rigs(rows: &Value) -> Vec<String> {
    let mut rigs: Vec<String> = items(rows).iter().map(|row| text(row, "rig").to_owned()).collect();
    rigs.sort();
    rigs.dedup();
    rigs
}

/// What the two questions of a row are filed under. Where upstream has no route beyond a virtual private gateway, AWS may
/// have one by Direct Connect, of which no dump tells: the answer may stay open.
fn classes(row: &Value) -> [&'static str; 2] {
    let last = items(&row["upstream_path"]).last().and_then(Value::as_str).unwrap_or_default();
    if text(row, "upstream_disposition") == "NO_ROUTE"
        && last.starts_with("vgw-")
        && !text(row, "src").starts_with("vgw-")
    {
        ["delivered beyond", "routed beyond"]
    } else {
        ["delivered", "routed"]
    }
}

fn anything(engines: &Engines<'_>, start: Start, source: Addr, destination: Addr) -> Verdict {
    let found = engines.sets.connections(start, &AddrSet::one(source), &AddrSet::one(destination));
    let verdict = |connection: &Connection| match &connection.doubt {
        None => Verdict::Passes,
        Some(cause) => Verdict::Unknown(cause.clone()),
    };
    found.iter().map(verdict).min().unwrap_or(Verdict::Blocked)
}

/// Reads a question: an instance, a subnet, a virtual private gateway or the internet sends. Nothing where an end of it is
/// not in the network.
fn question(network: &Network, row: &Value) -> Option<Question> {
    let from = text(row, "src");
    let gateway = network
        .vpcs
        .iter()
        .find(|(_, vpc)| vpc.vpn_gateway.known().and_then(Option::as_deref) == Some(from));
    let start = if from == "internet" {
        Start::Internet
    } else if let Some((vpc, _)) = gateway {
        Start::VpnGateway(vpc)
    } else if let Some(Node::Subnet(subnet)) = network.find(from) {
        let source: Addr = text(row, "src_ip").parse().unwrap();
        let mut all = network.interfaces.iter().filter(|(_, it)| {
            it.subnet == subnet && it.addresses.iter().any(|a| a.range.contains(source))
        });
        Start::Interface(all.next()?.0)
    } else {
        let own = row["src_ip"].as_str().and_then(|addr| engine::interface(network, addr));
        Start::Interface(own.or_else(|| engine::interface(network, from))?)
    };
    let source = match (row["src_ip"].as_str(), start) {
        (Some(addr), _) => addr.parse().unwrap(),
        (None, Start::Interface(id)) => engine::address(network, id),
        (None, _) => SOMEWHERE.parse().unwrap(),
    };
    let to = text(row, "dst_ip");
    let destination = match to.parse() {
        Ok(addr) => addr,
        Err(_) => engine::address(network, engine::interface(network, to.rsplit(' ').next()?)?),
    };
    let word = text(row, "proto");
    if word.starts_with("some ") {
        return Some(Question::Anything(start, source, destination));
    }
    let (protocol, port) = engine::traffic(row).unwrap_or_else(|| {
        // `any (…)` is protocol 0; others carry their number.
        let digits: String =
            word.split(|c: char| !c.is_ascii_digit()).find(|d| !d.is_empty()).unwrap().to_owned();
        (digits.parse().unwrap(), 0)
    });
    Some(Question::Packet(start, engine::packet(source, destination, protocol, port)))
}

/// Where a question has a subnet send from an address that nobody has: the same network with an interface that has it.
/// It is a copy of another one of the subnet, without a public address.
fn standing_in(dump: &Dump, row: &Value) -> Dump {
    let (subnet, source) = (text(row, "src"), text(row, "src_ip"));
    if !subnet.starts_with("subnet-") {
        return dump.clone();
    }
    let mut out = dump.clone();
    let model = dump.resources.iter().find_map(|resource| {
        let line = serde_json::to_value(resource).unwrap();
        let here =
            line["type"] == "aws.ec2.network_interface" && line["data"]["subnet_id"] == subnet;
        here.then_some(line)
    });
    let mut line = model.unwrap_or_else(|| panic!("nothing is in {subnet}"));
    line["id"] = "eni-0stand1n".into();
    let mut addr = line["data"]["private_ip_addresses"][0].clone();
    addr["private_ip_address"] = source.into();
    addr["association"] = Value::Null;
    line["data"]["private_ip_address"] = source.into();
    line["data"]["private_ip_addresses"] = Value::Array(vec![addr]);
    for key in ["association", "attachment", "instance_id"] {
        line["data"][key] = Value::Null;
    }
    out.resources.push(portcullis::model::Resource::parse(&line.to_string()).unwrap());
    out
}
