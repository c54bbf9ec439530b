//! Which VPCs of the measured labs reached which, over all probes between them.

use std::collections::BTreeMap;

use portcullis::analyze::network::packet::Verdict;
use portcullis::analyze::network::topology::Network;
use portcullis::net::Addr;

use super::engine::Engines;
use super::labs::{Lab, labs};
use super::tally::{Outcome, Tally};
use super::{folder, items, read, text};

/// How many probes came through and how many did not.
type Counts = [u64; 2];

#[test]
fn pairs_of_vpcs() {
    let Some(root) = folder("lab-validation") else { return };
    let file = root.join("vpc-pairs.json");
    let expected = if file.is_file() { read(&file) } else { return };
    let mut tally = Tally::default();
    for folder in labs(&root) {
        let lab = Lab::read(&folder);
        let counted = count(&lab);
        for pair in items(&expected[&lab.name]) {
            let public = text(pair, "address") != "private";
            let key = (vpc_in(text(pair, "src")), vpc_in(text(pair, "dst")), public);
            let (want, lower) = (
                [
                    pair["observed_reachable"].as_u64().unwrap(),
                    pair["observed_blocked"].as_u64().unwrap(),
                ],
                counted.get(&key).copied().unwrap_or_default(),
            );
            // Probes whose answer is not known are counted on neither side.
            let outcome = if lower == want {
                Outcome::Right
            } else if lower[0] <= want[0] && lower[1] <= want[1] {
                Outcome::Unknown
            } else {
                Outcome::Wrong
            };
            let class = if want[0] == 0 { "isolated" } else { "connected" };
            tally
                .add(&lab.name, class, outcome, || format!("{key:?}: {want:?}, and not {lower:?}"));
        }
    }
    tally.print("lab");
    tally.settle(&["isolated", "connected"]);
}

/// The id in a label such as `prod vpc-0c2b2d87d7d1d8f5e 10.2.0.0/16`.
fn vpc_in(label: &str) -> String {
    let id = label.rsplit(' ').find(|word| word.starts_with("vpc-"));
    id.unwrap_or(label).to_owned()
}

fn count(lab: &Lab) -> BTreeMap<(String, String, bool), Counts> {
    let engines = Engines::new(&lab.network);
    let mut out: BTreeMap<(String, String, bool), Counts> = BTreeMap::new();
    for row in &lab.rows {
        let source = match row.source {
            None => Some("INTERNET".to_owned()),
            Some(addr) => vpc_of(&lab.network, addr).map(|(vpc, _)| vpc),
        };
        let Some((destination, public)) = vpc_of(&lab.network, row.destination) else { continue };
        let Some(source) = source.filter(|source| *source != destination) else { continue };
        let counts = out.entry((source, destination, public)).or_default();
        match row.ask(&engines).map(|asked| asked.connects().clone()) {
            Some(Verdict::Passes) => counts[0] += 1,
            Some(Verdict::Blocked) => counts[1] += 1,
            Some(Verdict::Unknown(_)) | None => {}
        }
    }
    out
}

/// The VPC of an address, and whether it is the public one of its interface.
fn vpc_of(network: &Network, addr: Addr) -> Option<(String, bool)> {
    network.interfaces.iter().find_map(|(_, interface)| {
        let found = interface.addresses.iter().find_map(|address| {
            if address.range.contains(addr) {
                Some(false)
            } else {
                (address.public == Some(addr)).then_some(true)
            }
        });
        Some((network.vpcs[interface.vpc].name.to_string(), found?))
    })
}
