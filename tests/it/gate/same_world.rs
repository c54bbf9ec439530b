//! One architecture, three ways: collected, as the plan that makes it from nothing, and as a plan over it that changes
//! nothing. What is said of it must be the same; a plan may leave open what only time can tell, and never the reverse.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::collect::predicted::UNSTATABLE;
use portcullis::collect::{aws_json, terraform};
use portcullis::finding::Outcome;
use portcullis::gate::overlay::{Options, World, predict};
use portcullis::model::{Completeness, Coverage, CoverageEntry, KINDS, Resource, Scope};
use serde_json::Value;

use super::as_plan::{AsPlan, as_plan};
use super::{oracle, said};

fn lines(path: &str) -> Vec<Value> {
    let bytes = std::fs::read(path).unwrap();
    let text = zstd::decode_all(&bytes[..]).unwrap();
    let text = String::from_utf8(text).unwrap();
    let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|line| line.get("data").is_some()).collect()
}

fn key_of(line: &Value) -> (String, String, String, String) {
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (text("type"), text("account"), text("region"), text("id"))
}

/// Checks that judge what happens to things after they are made, or what the plan of this test does not write.
const OF_LATER: [(&str, &str); 6] = [
    ("ec2-flow-log-delivering", "whether records arrive"),
    ("ec2-instance-user-data-no-secrets", "the inventory holds no user data to write"),
    ("ec2-route-table-no-blackhole", "what a route leads to may go"),
    ("iam-role-services-used", "use"),
    ("iam-role-used", "use"),
    ("iam-user-services-used", "use"),
];

/// Everything was looked at, in every place.
fn whole(resources: &[Resource]) -> Coverage {
    let places: BTreeSet<_> =
        resources.iter().map(|r| (r.meta.account.clone(), r.meta.region.clone())).collect();
    let mut coverage = Coverage::default();
    for (account, region) in &places {
        for kind in KINDS {
            let fits = (kind.scope == Scope::Regional) != region.is_global()
                && !UNSTATABLE.contains(&kind.name);
            if fits {
                coverage.add(CoverageEntry {
                    source: "aws".to_owned(),
                    account: account.clone(),
                    region: region.clone(),
                    kind: kind.name.to_owned(),
                    status: Completeness::Complete,
                    reason: None,
                    count: 0,
                });
            }
        }
    }
    coverage
}

/// What a folder of answers of the AWS CLI holds.
fn dumped(dir: &std::path::Path) -> Vec<Value> {
    let mut out = Vec::new();
    let mut take = |resource: Resource| out.push(serde_json::to_value(&resource).unwrap());
    aws_json::collect(dir, &aws_json::Options::default(), &mut take).unwrap();
    out
}

/// What is collected of what a plan states. What the plan does not state is left out, but for interfaces and volumes
/// that come with what it states.
fn beside(
    all: &[Value],
    addresses: &BTreeMap<(String, String, String, String), String>,
) -> Vec<Resource> {
    let stated: BTreeSet<&str> = all
        .iter()
        .filter(|line| addresses.contains_key(&key_of(line)))
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    let comes_along = |line: &Value| {
        let data = &line["data"];
        let owner = [&data["attachment"]["instance_id"], &data["attachments"][0]["instance_id"]];
        owner.iter().any(|id| id.as_str().is_some_and(|id| stated.contains(id)))
            || all.iter().any(|nat| {
                nat["type"] == "aws.ec2.nat_gateway"
                    && nat["data"]["network_interface_ids"][0] == line["id"]
            })
    };
    all.iter()
        .filter(|line| addresses.contains_key(&key_of(line)) || comes_along(line))
        .map(|line| Resource::parse(&line.to_string()).unwrap())
        .collect()
}

/// Whether a plan says of an inventory what is said of it when it is collected. `open` is the share of findings, in
/// percent, that a plan may leave unknown.
fn compare(path: &str, all: &[Value], open_percent: usize) {
    let AsPlan { plan, addresses } = as_plan(all);
    let live = beside(all, &addresses);
    let coverage = whole(&live);
    let by_key = |kind: &str, account: &str, region: &str, id: &str| {
        let key = (kind.to_owned(), account.to_owned(), region.to_owned(), id.to_owned());
        addresses.get(&key).cloned()
    };
    let collected = said(World { resources: live.clone(), coverage: coverage.clone() }, by_key);

    let text = plan.to_string();
    let input = terraform::parse(&text).unwrap();
    let set = terraform::read(&input, &terraform::Options::default()).unwrap();
    assert!(set.reading.unmapped.is_empty(), "{:?}", set.reading.unmapped);
    assert!(set.reading.relations.left.is_empty(), "{:?}", set.reading.relations.left);
    let now = Some("2026-06-01T00:00:00Z".parse().unwrap());
    let options =
        Options { alone: true, unstatable: UNSTATABLE.into_iter().collect(), only: None, now };
    let predicted = predict(None, set, &options);
    let origins: BTreeMap<_, _> = predicted
        .origins
        .iter()
        .filter_map(|(key, from)| Some((key.clone(), from.first()?.address.to_string())))
        .collect();
    let by_origin = |kind: &str, account: &str, region: &str, id: &str| {
        let found = origins.iter().find(|(key, address)| {
            key.kind == kind
                && key.account.as_str() == account
                && key.region.as_str() == region
                && key.id == id
                && addresses.iter().any(|(mine, have)| mine.0 == kind && have == *address)
        });
        found.map(|(_, address)| address.clone())
    };
    let planned = said(predicted.after, by_origin);

    let (mut same, mut open, mut wrong) = (0, BTreeMap::<String, usize>::new(), Vec::new());
    let keys: BTreeSet<_> = collected.keys().chain(planned.keys()).collect();
    let ok = (Outcome::Pass, String::new());
    for key in keys.into_iter().filter(|key| OF_LATER.iter().all(|(check, _)| *check != key.0)) {
        let (a, b) = (collected.get(key).unwrap_or(&ok), planned.get(key).unwrap_or(&ok));
        match (a.0, b.0) {
            (x, y) if x == y => same += 1,
            (_, Outcome::Unknown) => {
                *open.entry(format!("{}: {}", key.0, b.1)).or_default() += 1;
            }
            _ => wrong.push(format!("{key:?}: collected {a:?}, planned {b:?}")),
        }
    }
    let opened: usize = open.values().sum();
    println!(
        "{path}: {} stated, {same} findings the same, {opened} left open, {} wrong",
        addresses.len(),
        wrong.len()
    );
    for (what, count) in &open {
        println!("  open {count:4} {what}");
    }
    for one in &wrong {
        println!("  wrong {one}");
    }
    assert!(wrong.is_empty(), "{} differ, such as {:?}", wrong.len(), wrong.first());
    assert!(opened * 100 <= (same + opened) * open_percent, "{opened} of {}", same + opened);
}

#[test]
fn the_example_is_the_same_collected_and_planned() {
    let path = "examples/acme/inventory.jsonl.zst";
    compare(path, &lines(path), 40);
}

#[test]
fn a_dump_is_the_same_collected_and_planned() {
    let dir = std::path::Path::new("tests/it/data/aws_json");
    compare("tests/it/data/aws_json", &dumped(dir), 60);
}

#[test]
fn generated_principals_are_the_same_collected_and_planned() {
    let Some(script) = oracle("../tools/gen_aad.py") else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("111122223333/global");
    std::fs::create_dir_all(&place).unwrap();
    let out = place.join("get-account-authorization-details.json");
    let run =
        std::process::Command::new("python3").arg(script).arg("60").arg(&out).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    compare("gen_aad 60", &dumped(folder.path()), 40);
}
