//! The small world: its facts, and what hiding any part of it does to them.

use portcullis::analyze::iam::effects::rests_on_privileges;
use portcullis::analyze::network::effects::rests_on_paths;
use portcullis::analyze::network::{Declared, topology::Network};
use portcullis::analyze::{self, facts::FACTS};
use portcullis::model::{Completeness, Coverage, CoverageEntry, Index};
use serde_json::{Value, json};

use super::world;

/// Derives everything and gives each resource as JSON.
fn derived(lines: &[Value], coverage: Vec<CoverageEntry>) -> Vec<Value> {
    let resources = lines.iter().map(world::parsed).collect();
    let coverage: Coverage = coverage.into_iter().collect();
    let mut index = Index::build(resources, coverage, &analyze::relations());
    let environments = world::environments();
    let context = analyze::Context::new(&index, &environments, world::now());
    let network = Network::of(index.resources(), &context);
    let effects = analyze::Effects::of(&network, &Declared::default());
    let overview = analyze::Overview {
        paths: Some(effects.into()),
        privileges: None,
        people: None,
        accounts: std::sync::Arc::default(),
    };
    analyze::derive_all(&mut index, &environments, world::now(), &overview);
    index.resources().iter().map(|resource| serde_json::to_value(resource).unwrap()).collect()
}

fn of<'a>(all: &'a [Value], id: &str) -> &'a Value {
    all.iter().find(|r| r["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn the_facts_of_the_small_world() {
    let all = derived(&world::lines(), world::entries());
    let data = |id: &str| &of(&all, id)["data"];
    assert_eq!(of(&all, "sg-web")["environment"], "prod");
    assert_eq!(of(&all, "vpc-dev")["environment"], "dev");
    assert_eq!(data("subnet-public")["internet_route"], true);
    assert_eq!(data("subnet-private")["internet_route"], false);
    assert_eq!(data("subnet-private")["route_table_id"], "rtb-main");
    assert_eq!(data("subnet-private")["network_acl_id"], "acl-default");
    assert_eq!(data("subnet-private")["shared_with_environments"], json!(["partners"]));
    assert_eq!(data("subnet-public")["shared_with_environments"], json!([]));
    assert_eq!(data("i-public")["public"], true);
    assert_eq!(data("i-private")["public"], false);
    assert_eq!(data("i-two")["public"], true);
    assert_eq!(data("eni-2")["public"], false);
    let open: Vec<_> = data("sg-web")["ingress"].as_array().unwrap().iter().collect();
    let from: Vec<_> = open.iter().map(|r| r["from_internet"].as_bool().unwrap()).collect();
    assert_eq!(from, [true, true, false, true, true, false, false]);
    assert_eq!(open[2]["source"], "prefix list pl-office");
    assert_eq!(open[6]["group_environment"], "dev");
    assert_eq!(data("sg-web")["egress"][0]["to_internet"], true);
    assert_eq!(
        (&data("sg-web")["in_use"], &data("sg-idle")["in_use"]),
        (&json!(true), &json!(false))
    );
    let entries = data("acl-public")["entries"].as_array().unwrap();
    let from: Vec<_> = entries.iter().map(|e| e["from_internet"].as_bool().unwrap()).collect();
    assert_eq!(from, [false, true, true, false, true]);
    assert_eq!(data("pcx-cross")["crosses_environments"], true);
    assert_eq!(data("pcx-cross")["environments"], json!(["dev", "prod"]));
    assert_eq!(data("pcx-within")["crosses_environments"], false);
    assert_eq!(data("att-dev")["crosses_environments"], true);
    assert_eq!(data("tgw-rtb-prod")["environments"], json!(["dev", "prod"]));
    assert_eq!(data("tgw-rtb-dev")["crosses_environments"], false);
    assert_eq!(data("AIDA1")["admin"], true);
    assert_eq!(data("AIDA2")["admin"], false);
    assert_eq!(data("AROA1")["admin"], true);
    let trusts = data("AROA1")["trusts"].as_array().unwrap();
    assert_eq!(trusts.len(), 2);
    assert_eq!(trusts[0]["external_id_required"], true);
    assert_eq!(trusts[0]["environment"], "partners");
    assert_eq!(data("listener-1")["tls_weak_ciphers"], json!(["RC4-MD5"]));
    assert_eq!(data("classic")["listeners"][0]["tls_protocols"][0], "TLSv1.0");
}

#[test]
fn nothing_is_unknown_where_all_was_collected() {
    let all = derived(&world::lines(), world::entries());
    for (kind, path, _) in FACTS {
        let of_kind: Vec<_> = all.iter().filter(|r| r["type"] == *kind).collect();
        let (head, _) = path.split_once('.').unwrap_or((path, ""));
        let elsewhere = of_kind.is_empty() && rests_on_paths(kind, head);
        // tests/it/acme.rs has a network, principals and a roster with all of them.
        if elsewhere || rests_on_privileges(kind, head) || *path == "roster" {
            continue;
        }
        assert!(!of_kind.is_empty(), "the world has no {kind}");
        for resource in of_kind {
            for fact in at(&resource["data"], path) {
                assert!(!fact.to_string().contains("$unknown"), "{kind} {path}: {fact}");
                assert!(
                    fact != &Value::Null
                        || *path == "ingress.group_environment"
                        || *path == "egress.group_environment",
                    "{kind} {path}"
                );
            }
        }
    }
}

/// All values at a path, through lists.
fn at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    match (&value[head], rest) {
        (Value::Array(list), Some(rest)) => list.iter().flat_map(|item| at(item, rest)).collect(),
        (found, Some(rest)) => at(found, rest),
        (found, None) => vec![found],
    }
}

#[test]
fn hiding_any_attribute_moves_facts_to_unknown_only() {
    let lines = world::lines();
    let before = derived(&lines, world::entries());
    let mut tried = 0;
    for place in 0..lines.len() {
        let mut paths = vec!["/tags".to_owned()];
        attributes(&lines[place]["data"], "/data", &mut paths);
        for path in paths {
            let mut hidden = lines.clone();
            *hidden[place].pointer_mut(&path).unwrap() = json!({"$unknown": {"kind": "failed"}});
            if portcullis::model::Resource::parse(&hidden[place].to_string()).is_err() {
                continue; // a key of a map or an item of a list, which have no unknown of their own
            }
            tried += 1;
            let after = derived(&hidden, world::entries());
            let what = format!("without {} {path}", lines[place]["id"]);
            facts_are_kept(&before, &after, &what);
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn hiding_any_cell_moves_facts_to_unknown_only() {
    let lines = world::lines();
    let before = derived(&lines, world::entries());
    for place in 0..world::entries().len() {
        let mut entries = world::entries();
        entries[place].status = Completeness::Denied;
        let kind = entries[place].kind.clone();
        let after = derived(&lines, entries);
        facts_are_kept(&before, &after, &format!("with {kind} denied"));
    }
}

#[test]
fn order_of_the_inventory_does_not_matter() {
    let mut lines = world::lines();
    let mut before = derived(&lines, world::entries());
    lines.reverse();
    let mut after = derived(&lines, world::entries());
    let key = |r: &Value| format!("{} {}", r["type"], r["id"]);
    before.sort_by_key(key);
    after.sort_by_key(key);
    assert_eq!(before, after);
}

/// Where attributes stand, as JSON pointers.
fn attributes(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| *key != "$unknown") {
                let path = format!("{path}/{key}");
                out.push(path.clone());
                attributes(value, &path, out);
            }
        }
        Value::Array(list) => {
            for (at, item) in list.iter().enumerate() {
                out.push(format!("{path}/{at}"));
                attributes(item, &format!("{path}/{at}"), out);
            }
        }
        _ => {}
    }
}

fn facts_are_kept(before: &[Value], after: &[Value], what: &str) {
    for (before, after) in before.iter().zip(after) {
        let id = &before["id"];
        assert!(kept(&before["environment"], &after["environment"]), "{what}: environment of {id}");
        for (kind, path, _) in FACTS.iter().filter(|(kind, _, _)| before["type"] == *kind) {
            let (head, _) = path.split_once('.').unwrap_or((path, ""));
            if path.contains('.') && !after["data"][head].is_array() {
                continue; // the list that carried the fact is itself unknown
            }
            let (old, new) = (at(&before["data"], path), at(&after["data"], path));
            assert_eq!(old.len(), new.len(), "{what}");
            for (old, new) in old.into_iter().zip(new) {
                assert!(kept(old, new), "{what}: {kind} {id} {path} was {old}, is {new}");
            }
        }
    }
}

/// Whether a value is the same, or unknown where it is not.
fn kept(before: &Value, after: &Value) -> bool {
    let unknown = |v: &Value| v.get("$unknown").is_some();
    match (before, after) {
        (_, after) if unknown(after) => true,
        (Value::Object(old), Value::Object(new)) => {
            old.iter().all(|(key, old)| new.get(key).is_none_or(|new| kept(old, new)))
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            old.iter().zip(new).all(|(old, new)| kept(old, new))
        }
        // An element that nobody knows stands for those that could not be read; what else is there was there before.
        (Value::Array(old), Value::Array(new)) => {
            let doubtful = |v: &Value| v.to_string().contains("$unknown") || *v == json!({});
            new.iter().any(doubtful)
                && new.iter().all(|new| doubtful(new) || old.iter().any(|old| kept(old, new)))
        }
        (old, new) => old == new,
    }
}
