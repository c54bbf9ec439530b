//! Networks that were measured on AWS: every host pinged and scanned every address, and the describe calls were dumped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portcullis::analyze::network::packet::{Packet, Reply, Start, Verdict};
use portcullis::analyze::network::reach::{Entry, Exposure};
use portcullis::analyze::network::topology::Network;
use portcullis::net::{Addr, AddrSet};
use serde_json::Value;

use super::dump::Dump;
use super::engine::{self, Asked, Engines};
use super::tally::{Outcome, Tally, judge};
use super::{folder, folders, items, name, read, text};

/// What probes of the machine on the internet are filed under, and the address it really had: rules name both.
pub const PROBE: (&str, &str) = ("8.8.8.8", "67.160.71.197");

/// A lab.
pub struct Lab {
    pub name: String,
    pub network: Network,
    pub rows: Vec<Row>,
}

/// A probe and what came of it.
#[derive(Debug, Clone)]
pub struct Row {
    pub class: String,
    /// Where it came from: an address of the lab, or nothing for the internet.
    pub source: Option<Addr>,
    pub destination: Addr,
    pub protocol: u8,
    pub port: u16,
    pub reachable: bool,
    pub shown: String,
}

pub fn labs(root: &Path) -> Vec<PathBuf> {
    folders(root).into_iter().filter(|lab| lab.join("verdicts.json").is_file()).collect()
}

impl Lab {
    pub fn read(folder: &Path) -> Self {
        let network = Dump::read(&folder.join("aws_configs")).network();
        let rows = items(&read(&folder.join("verdicts.json"))).iter().map(Row::read).collect();
        Self { name: name(folder), network, rows }
    }
}

impl Lab {
    /// Asks for every probe.
    fn settle(&self, tally: &mut Tally) {
        let engines = Engines::new(&self.network);
        for row in &self.rows {
            let asked = row.ask(&engines);
            let outcome = match &asked {
                Some(asked) if asked.agree() => row.judge(asked),
                _ => Outcome::Wrong,
            };
            tally.add(&self.name, &row.class, outcome, || {
                let said = asked.map_or("nobody has the source".to_owned(), |asked| asked.said());
                format!("{} observed {}, {said}", row.shown, row.reachable)
            });
        }
    }
}

impl Row {
    fn read(row: &Value) -> Self {
        let (protocol, port) = engine::traffic(row).unwrap_or_else(|| panic!("{row}"));
        let source = text(row, "src");
        Self {
            class: text(row, "class").to_owned(),
            source: (source != PROBE.0).then(|| source.parse().unwrap()),
            destination: text(row, "dst").parse().unwrap(),
            protocol,
            port,
            reachable: row["reachable"].as_bool().unwrap(),
            shown: format!(
                "{source} → {} {} {}: {}",
                text(row, "dst"),
                text(row, "proto"),
                port,
                text(row, "our_reading")
            ),
        }
    }

    /// What both analyses say; nothing when the sender is not in the network.
    pub fn ask(&self, engines: &Engines<'_>) -> Option<Asked> {
        let (start, source) = match self.source {
            None => (Start::Internet, PROBE.1.parse().unwrap()),
            Some(source) => {
                let found = engine::interface(engines.network, &source.to_string())?;
                (Start::Interface(found), source)
            }
        };
        let packet = engine::packet(source, self.destination, self.protocol, self.port);
        Some(engines.ask(start, packet))
    }

    /// What an answer is worth. What was observed decides; but where the far end is not in the dump, or does not listen,
    /// only that the network lets packets go there can be derived.
    fn judge(&self, asked: &Asked) -> Outcome {
        match self.class.as_str() {
            "far_end_unknown" | "service_not_listening" => judge(asked.arrives(), true),
            _ => judge(asked.connects(), self.reachable),
        }
    }
}

#[test]
fn measured_labs() {
    let Some(root) = folder("lab-validation") else { return };
    let mut tally = Tally::default();
    for folder in labs(&root) {
        Lab::read(&folder).settle(&mut tally);
    }
    tally.print("lab");
    tally.settle(&["config"]);
}

#[test]
fn measured_labs_backwards() {
    let Some(root) = folder("lab-validation") else { return };
    let mut tally = Tally::default();
    for folder in labs(&root) {
        let network = Dump::read_backwards(&folder.join("aws_configs")).network();
        Lab { network, ..Lab::read(&folder) }.settle(&mut tally);
    }
    tally.settle(&["config"]);
}

/// What the machine on the internet reached and what not, by probes and by what is reported as exposed.
#[test]
fn exposure_to_the_internet() {
    let Some(root) = folder("lab-validation") else { return };
    let file = root.join("internet-exposure.json");
    let expected = if file.is_file() { read(&file) } else { return };
    let mut tally = Tally::default();
    for folder in labs(&root) {
        let lab = Lab::read(&folder);
        let engines = Engines::new(&lab.network);
        let exposed = exposed(&engines);
        for (key, reachable) in [("reachable", true), ("blocked", false)] {
            for probe in items(&expected[&lab.name][key]) {
                let (addr, what) = probe.as_str().unwrap().split_once(' ').unwrap();
                let destination: Addr = addr.parse().unwrap();
                let (protocol, port) = match what.split_once('/') {
                    Some((word, port)) => (
                        portcullis::net::traffic::protocol(word).unwrap().unwrap(),
                        port.parse().unwrap(),
                    ),
                    None => (portcullis::net::traffic::ICMP, 8 << 8),
                };
                let packet = engine::packet(PROBE.1.parse().unwrap(), destination, protocol, port);
                let asked = engines.ask(Start::Internet, packet);
                let row = judge(asked.connects(), reachable);
                tally.add(&lab.name, "probe", row, || format!("{probe} {}", asked.said()));
                let at = packet.traffic();
                let hit = exposed
                    .get(&destination)
                    .into_iter()
                    .flatten()
                    .find(|it| it.clients.contains(packet.source) && it.outside.contains(at));
                let verdict = verdict(hit, packet);
                tally.add(&lab.name, "exposure", judge(&verdict, reachable), || {
                    format!("{probe}: {hit:?}")
                });
            }
        }
    }
    tally.print("lab");
    tally.settle(&["probe", "exposure"]);
}

/// What a report says about a packet and its answer.
fn verdict(hit: Option<&Exposure>, packet: Packet) -> Verdict {
    let Some(hit) = hit else { return Verdict::Blocked };
    if let Some(cause) = &hit.doubt {
        return Verdict::Unknown(cause.clone());
    }
    let back = match &hit.reply {
        Reply::Full => true,
        Reply::None => false,
        Reply::Partial(ports) => ports.iter().any(|p| p.covers(packet.source_port.into())),
        Reply::Unknown(cause) => return Verdict::Unknown(cause.clone()),
    };
    if back { Verdict::Passes } else { Verdict::Blocked }
}

/// What is reported as exposed, by the public address that it is exposed at.
fn exposed(engines: &Engines<'_>) -> BTreeMap<Addr, Vec<Exposure>> {
    let mut out: BTreeMap<Addr, Vec<Exposure>> = BTreeMap::new();
    for one in engines.sets.exposure(&AddrSet::everything()) {
        let addrs = match one.entry {
            Entry::Address(addr) => vec![addr],
            Entry::Balancer(balancer, _) => {
                let network = engines.network;
                let interfaces = network.balancers[balancer].interfaces.iter();
                let all = interfaces.flat_map(|id| &network.interfaces[*id].addresses);
                all.filter_map(|address| address.public).collect()
            }
            Entry::Door(_) | Entry::VpnGateway(_) | Entry::Attachment(_) => Vec::new(),
        };
        for addr in addrs {
            out.entry(addr).or_default().push(one.clone());
        }
    }
    out
}
