//! Whatever of a plan is not known yet: outcomes move to unknown or stay, over plans that others made.

use std::collections::BTreeMap;

use portcullis::collect::predicted::input;
use portcullis::collect::terraform;
use portcullis::finding::Outcome;
use portcullis::gate::overlay::{Options, predict};
use serde_json::{Value, json};

use super::{Said, oracle_files, said};

/// Ways to leaves of the values after the change: a member's name, or a place in a list.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
}

fn leaves(value: &Value, path: &mut Vec<Step>, out: &mut Vec<Vec<Step>>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                path.push(Step::Member(name.clone()));
                leaves(value, path, out);
                path.pop();
            }
        }
        Value::Array(items) => {
            // Lists may be unknown as a whole, too.
            out.push(path.clone());
            for (at, value) in items.iter().enumerate() {
                path.push(Step::Item(at));
                leaves(value, path, out);
                path.pop();
            }
        }
        _ => out.push(path.clone()),
    }
}

/// Makes what stands at a path null, and says that it is unknown.
fn hide(value: &mut Value, mask: &mut Value, path: &[Step]) {
    match path {
        [] => {
            *value = Value::Null;
            *mask = json!(true);
        }
        [Step::Member(name), rest @ ..] => {
            if !mask.is_object() {
                *mask = json!({});
            }
            let mask = mask.as_object_mut().unwrap().entry(name.clone()).or_insert(json!(false));
            hide(&mut value[name], mask, rest);
        }
        [Step::Item(at), rest @ ..] => {
            let len = value.as_array().map_or(0, Vec::len);
            if !mask.is_array() {
                *mask = json!(vec![false; len]);
            }
            let masks = mask.as_array_mut().unwrap();
            while masks.len() < len {
                masks.push(json!(false));
            }
            hide(&mut value[*at], &mut masks[*at], rest);
        }
    }
}

/// The block of a change, in the configuration of its module.
fn block<'p>(plan: &'p mut Value, change: &Value) -> Option<&'p mut Value> {
    let mut module = &mut plan["configuration"]["root_module"];
    let address = change["module_address"].as_str().unwrap_or_default().to_owned();
    let names = address.split("module.").filter(|part| !part.is_empty());
    for part in names {
        let name = part.trim_end_matches('.').split('[').next().unwrap().to_owned();
        module = &mut module["module_calls"][&name]["module"];
    }
    module["resources"]
        .as_array_mut()?
        .iter_mut()
        .find(|block| block["type"] == change["type"] && block["name"] == change["name"])
}

fn judged(plan: &Value) -> Said {
    let text = plan.to_string();
    let input = terraform::parse(&text).unwrap();
    let set = terraform::read(&input, &terraform::Options::default()).unwrap();
    let predicted = predict(None, set, &Options::default());
    let names: BTreeMap<_, _> = predicted
        .origins
        .iter()
        .filter_map(|(key, from)| {
            let place = (key.kind, key.account.as_str(), key.region.as_str(), key.id.as_str());
            Some((place, format!("{} {}", key.kind, from.first()?.address)))
        })
        .collect();
    said(predicted.after, |kind, account, region, id| {
        names.get(&(kind, account, region, id)).cloned()
    })
}

#[test]
fn hiding_an_attribute_moves_outcomes_to_unknown_only() {
    let Some(files) = oracle_files("gate/plans") else { return };
    let rounds: usize =
        std::env::var("PORTCULLIS_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let (mut tried, mut moved) = (0, 0);
    let mut wrong = Vec::new();
    // A small generator of our own: the same places every time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap()
    };
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let plan: Value = serde_json::from_str(&input::text(&bytes).unwrap()).unwrap();
        let whole = judged(&plan);
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let of_aws: Vec<usize> = (0..changes.len())
            .filter(|at| {
                let change = &changes[*at];
                change["mode"] != "data"
                    && change["type"].as_str().is_some_and(|kind| kind.starts_with("aws_"))
                    && change["change"]["after"].is_object()
            })
            .collect();
        for _ in 0..rounds.min(of_aws.len() * 20) {
            let at = of_aws[next(of_aws.len())];
            let mut all = Vec::new();
            leaves(&changes[at]["change"]["after"], &mut Vec::new(), &mut all);
            let Some(path_in) = all.get(next(all.len())).cloned() else { continue };
            let Some(Step::Member(attribute)) = path_in.first().cloned() else { continue };
            let mut hidden = plan.clone();
            let body = &mut hidden["resource_changes"][at]["change"];
            let mut after = body["after"].take();
            let mut mask = body["after_unknown"].take();
            if !mask.is_object() {
                mask = json!({});
            }
            hide(&mut after, &mut mask, &path_in);
            body["after"] = after;
            body["after_unknown"] = mask;
            // What the configuration states, and no one can follow: were it left out, a default would be known.
            let Some(block) = block(&mut hidden, &changes[at]) else { continue };
            block["expressions"][&attribute] = json!({"references": ["random_id.hidden.hex"]});
            tried += 1;
            let partly = judged(&hidden);
            let keys: std::collections::BTreeSet<_> = whole.keys().chain(partly.keys()).collect();
            let ok = (Outcome::Pass, String::new());
            for key in keys {
                let (a, b) = (whole.get(key).unwrap_or(&ok), partly.get(key).unwrap_or(&ok));
                if a.0 == b.0 {
                    continue;
                }
                if b.0 == Outcome::Unknown {
                    moved += 1;
                } else {
                    wrong.push(format!(
                        "{}: {} {path_in:?}: {key:?} was {a:?}, is {b:?}",
                        path.file_name().unwrap().to_string_lossy(),
                        changes[at]["address"],
                    ));
                }
            }
        }
    }
    tell(tried, moved, &wrong);
}

fn tell(tried: usize, moved: usize, wrong: &[String]) {
    println!("{tried} attributes hidden, {moved} outcomes moved to unknown, {} wrong", wrong.len());
    for one in wrong {
        println!("  {one}");
    }
    assert!(moved > 0, "hiding changed nothing: the test sees nothing");
    assert!(wrong.is_empty(), "{} wrong, such as {:?}", wrong.len(), wrong.first());
}
