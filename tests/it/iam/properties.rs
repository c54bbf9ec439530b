//! What holds of every request: the naive evaluator decides the same; an Allow takes nothing away and a Deny gives
//! nothing; order says nothing; less knowledge leads to no other certain answer.

use std::collections::BTreeMap;

use portcullis::analyze::iam::ask::answer::Answer;
use portcullis::analyze::iam::ask::case::Case;
use portcullis::analyze::iam::evaluate::Decision;
use portcullis::analyze::iam::truth::Need;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::naive::{self, Readings};
use super::now;
use super::random::{scene, scene_of, statement_of};

const SESSIONS: [&str; 2] =
    ["arn:aws:sts::111122223333:assumed-role/r/s", "arn:aws:sts::444455556666:assumed-role/q/s"];

/// Longer runs are asked for by `PROPTEST_CASES`.
fn config(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() }
}

fn answer(case: &Value) -> Answer {
    Case::read(case).unwrap_or_else(|e| panic!("{e}: {case}")).answer(now())
}

/// How good a decision is for the caller; what is open lies between.
fn rank(decision: Decision) -> u8 {
    match decision {
        Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => 0,
        Decision::Unknown => 1,
        Decision::Allowed => 2,
    }
}

fn naively(case: &Value, partly_excepted: bool) -> Decision {
    match naive::decide(case, Readings { partly_excepted }) {
        naive::Answer::Allowed => Decision::Allowed,
        naive::Answer::ImplicitlyDenied => Decision::ImplicitlyDenied,
        naive::Answer::ExplicitlyDenied => Decision::ExplicitlyDenied,
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn the_naive_evaluator_decides_the_same(case in scene()) {
        let [strict, lenient] = [false, true].map(|excepted| naively(&case, excepted));
        let mut open = case.clone();
        open["mode"] = "Discovery".into();
        if rank(strict) == rank(lenient) {
            prop_assert_eq!(answer(&case).decision, lenient, "{}", case);
        } else {
            // AWS may see it either way, however one asks.
            prop_assert_eq!(answer(&case).decision, Decision::Unknown, "{}", case);
            prop_assert_eq!(answer(&open).decision, Decision::Unknown, "{}", open);
        }
    }
}

/// Every document of a case, by its JSON pointer, with whether it says of whom it speaks.
fn documents(case: &Value) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    let policies = &case["policies"];
    for key in ["identity", "boundary", "endpoint"] {
        for at in 0..policies[key].as_array().map_or(0, Vec::len) {
            out.push((format!("/policies/{key}/{at}"), false));
        }
    }
    for key in ["session", "resource"] {
        if policies[key].is_object() {
            out.push((format!("/policies/{key}"), key == "resource"));
        }
    }
    for key in ["scp", "rcp"] {
        for (at, level) in policies[key].as_array().into_iter().flatten().enumerate() {
            for inner in 0..level["policies"].as_array().map_or(0, Vec::len) {
                out.push((format!("/policies/{key}/{at}/policies/{inner}"), false));
            }
        }
    }
    out
}

/// The case with one more statement in one of its documents, or in a new document of the principal.
fn with_statement(case: &Value, place: Index, plain: Value, naming: Value, first: bool) -> Value {
    let mut out = case.clone();
    let mut all = documents(case);
    all.push(("/policies/identity/-".to_owned(), false));
    let (path, named) = place.get(&all);
    let statement = if *named { naming } else { plain };
    if path.ends_with('-') {
        let new = json!({"Version": "2012-10-17", "Statement": statement});
        out["policies"]["identity"].as_array_mut().unwrap().push(new);
        return out;
    }
    let list = out.pointer_mut(&format!("{path}/Statement")).unwrap();
    if !list.is_array() {
        *list = json!([list.clone()]);
    }
    let list = list.as_array_mut().unwrap();
    list.insert(if first { 0 } else { list.len() }, statement);
    out
}

fn statements(effect: &'static str) -> impl Strategy<Value = (Value, Value)> {
    (statement_of(false, Just(effect).boxed()), statement_of(true, Just(effect).boxed()))
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn an_allow_takes_nothing_away(
        case in scene(), place in any::<Index>(), (plain, naming) in statements("Allow"), first in any::<bool>(),
    ) {
        let more = with_statement(&case, place, plain, naming, first);
        let (before, after) = (answer(&case).decision, answer(&more).decision);
        prop_assert!(rank(after) >= rank(before), "{before:?} became {after:?}:\n{case}\n{more}");
    }

    #[test]
    fn a_deny_gives_nothing(
        case in scene(), place in any::<Index>(), (plain, naming) in statements("Deny"), first in any::<bool>(),
    ) {
        let more = with_statement(&case, place, plain, naming, first);
        let (before, after) = (answer(&case).decision, answer(&more).decision);
        prop_assert!(rank(after) <= rank(before), "{before:?} became {after:?}:\n{case}\n{more}");
    }

    #[test]
    fn order_says_nothing(case in opened(), seed in any::<u64>()) {
        let mut turned = case.clone();
        let mut seed = seed;
        shuffle(&mut turned["policies"], &mut seed);
        let (before, after) = (answer(&case), answer(&turned));
        prop_assert_eq!(before.decision, after.decision, "{}\n{}", &case, &turned);
        prop_assert_eq!(sorted(before.need.as_ref()), sorted(after.need.as_ref()), "{}\n{}", &case, &turned);
        prop_assert_eq!(&before.blocked_by, &after.blocked_by, "{}\n{}", &case, &turned);
        prop_assert_eq!(before.layers, after.layers, "{}\n{}", &case, &turned);
    }

    #[test]
    fn an_unknown_key_leads_to_no_other_answer(case in scene(), keep in any::<u8>(), also_absent in any::<bool>()) {
        let before = answer(&case).decision;
        let mut open = case.clone();
        if also_absent {
            open["mode"] = "Discovery".into();
        }
        let signed = open["request"]["principal"].as_str().is_some_and(|who| who.starts_with("arn:"));
        let context = open["request"]["context"].as_object_mut().unwrap();
        let keys: Vec<String> = context.keys().cloned().collect();
        for (at, key) in keys.iter().enumerate() {
            // Which kinds of callers have none of these is known of every request.
            let tagless = !signed && key.starts_with("aws:PrincipalTag/");
            let known = tagless || ["aws:SourceArn", "aws:MultiFactorAuthPresent"].contains(&key.as_str());
            if keep >> at & 1 == 0 && also_absent && !known {
                context.remove(key);
            }
        }
        let after = answer(&open).decision;
        prop_assert!(after == Decision::Unknown || rank(after) == rank(before), "{before:?} became {after:?}: {open}");
        if rank(after) == 0 {
            // What is certainly denied may yet hang on circumstances in how it is denied.
            prop_assert!(before == after || after == Decision::ImplicitlyDenied, "{before:?}, {after:?}: {open}");
        }
    }

    #[test]
    fn an_unread_document_leads_to_no_other_answer(case in scene(), place in any::<Index>(), how in 0..4_usize) {
        let all = documents(&case);
        if all.is_empty() {
            return Ok(());
        }
        let before = answer(&case).decision;
        let mut unread = case.clone();
        let (path, _) = place.get(&all);
        let document = unread.pointer_mut(path).unwrap();
        match how {
            0 => *document = json!({"Statement": ["?"]}),
            1 => *document = json!({"Statement": [7]}),
            _ => {
                let list = &mut document["Statement"];
                if !list.is_array() {
                    *list = json!([list.clone()]);
                }
                let key = ["Effect", "Action"][how - 2];
                list[0][key] = json!({"?": 1});
            }
        }
        // What stands in place of an element replaces it.
        if how == 3 {
            let list = unread.pointer_mut(&format!("{path}/Statement")).unwrap();
            list[0].as_object_mut().unwrap().remove("NotAction");
        }
        let after = answer(&unread).decision;
        prop_assert!(after == Decision::Unknown || rank(after) == rank(before), "{before:?} became {after:?}: {unread}");
    }

    #[test]
    fn an_account_that_is_not_known_leads_to_no_other_answer(case in scene()) {
        let mut open = case.clone();
        open["request"]["resource_account"] = Value::Null;
        let (before, after) = (answer(&case).decision, answer(&open).decision);
        // ARNs tell the account, but those of buckets.
        prop_assert!(after == Decision::Unknown || rank(after) == rank(before), "{before:?} became {after:?}: {case}");
    }

    #[test]
    fn a_role_without_a_session_stands_for_all_its_sessions(case in scene_of(&SESSIONS)) {
        let principal = case["request"]["principal"].as_str().unwrap();
        let mut open = case.clone();
        // In strict cases the ARN of a role means the role itself.
        open["mode"] = "Discovery".into();
        let role = principal.replace(":sts:", ":iam:").replace("assumed-role/", "role/");
        open["request"]["principal"] = role.strip_suffix("/s").unwrap().into();
        let (before, after) = (answer(&case).decision, answer(&open).decision);
        prop_assert!(after == Decision::Unknown || rank(after) == rank(before), "{before:?} became {after:?}: {case}");
    }
}

/// What an answer hangs on, with the values of conditions in one order: they are told as they were written.
fn sorted(need: Option<&Need>) -> Value {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(list) => {
                list.iter_mut().for_each(sort);
                list.sort_by_key(ToString::to_string);
                list.dedup();
            }
            Value::Object(map) => map.values_mut().for_each(sort),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(need).unwrap();
    sort(&mut value);
    value
}

/// Cases in which some keys are not known.
fn opened() -> impl Strategy<Value = Value> {
    (scene(), any::<bool>()).prop_map(|(mut case, open)| {
        if open {
            case["mode"] = "Discovery".into();
            case["request"]["context"] = json!({});
        }
        case
    })
}

/// All lists in another order but the levels of organizations, whose order is no list's.
fn shuffle(value: &mut Value, seed: &mut u64) {
    match value {
        Value::Array(list) => {
            for at in (1..list.len()).rev() {
                *seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let other = usize::try_from(*seed >> 33).unwrap() % (at + 1);
                list.swap(at, other);
            }
            for it in list {
                shuffle(it, seed);
            }
        }
        Value::Object(map) => {
            for it in map.values_mut() {
                shuffle(it, seed);
            }
        }
        _ => {}
    }
}

/// The requests that are drawn come out in every way, so that the properties say something.
#[test]
fn random_requests_come_out_in_every_way() {
    let mut runner = TestRunner::deterministic();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..2000 {
        let case = scene().new_tree(&mut runner).unwrap().current();
        *counts.entry(format!("strict {:?}", answer(&case).decision)).or_default() += 1;
        let mut open = case.clone();
        open["mode"] = "Discovery".into();
        open["request"]["context"] = json!({});
        *counts.entry(format!("open {:?}", answer(&open).decision)).or_default() += 1;
    }
    eprintln!("2000 random requests: {counts:?}");
    for way in [
        "strict Allowed",
        "strict ImplicitlyDenied",
        "strict ExplicitlyDenied",
        "open Unknown",
        "open Allowed",
    ] {
        assert!(counts.get(way).is_some_and(|n| *n > 60), "{way}: {counts:?}");
    }
}

/// Operators for texts with every modifier, over a key of no, one and several values.
#[test]
fn every_text_operator_with_every_modifier() {
    let operators = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"];
    let carried =
        [json!(null), json!([]), json!("a"), json!(["a"]), json!(["a", "b"]), json!(["c", "b"])];
    let values = [json!("a"), json!(["a", "b"]), json!("*"), json!([])];
    let mut allowed = 0;
    for operator in operators {
        for (set, exists) in ["", "ForAllValues:", "ForAnyValue:"]
            .map(|s| [(s, ""), (s, "IfExists")])
            .into_iter()
            .flatten()
        {
            for (carried, values) in carried.iter().flat_map(|c| values.iter().map(move |v| (c, v)))
            {
                let mut context = json!({});
                if !carried.is_null() {
                    context["aws:TagKeys"] = carried.clone();
                }
                let operator = format!("{set}{operator}{exists}");
                let case = json!({
                    "id": operator, "mode": "Strict",
                    "request": {
                        "principal": "arn:aws:iam::111122223333:user/u1", "action": "s3:GetObject",
                        "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context": context,
                    },
                    "policies": {"identity": [{"Version": "2012-10-17", "Statement": {
                        "Effect": "Allow", "Action": "*", "Resource": "*",
                        "Condition": {operator: {"aws:TagKeys": values}},
                    }}], "boundary": [], "session": null, "resource": null, "scp": null, "rcp": null, "endpoint": []},
                });
                let found = answer(&case).decision;
                assert_eq!(found, naively(&case, true), "{case}");
                allowed += usize::from(found == Decision::Allowed);
            }
        }
    }
    assert!((150..450).contains(&allowed), "{allowed} of 576");
}
