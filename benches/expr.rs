//! Ten realistic expressions over generated security groups, our evaluator and `cel`'s.
//!
//! `items_count` is evaluations: the throughput column is evaluations per second on one core.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "benchmarks fail loudly, as tests do"
)]

use std::sync::Arc;

use cel::objects::{Key, Value as CelValue};
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::Timestamp;
use portcullis::diag::Diagnostics;
use portcullis::expr::{
    self, Env, Program, Scope, Source, Value, Want, parse_type, value_from_json,
};
use portcullis::model::kinds::kind_named;
use portcullis::model::reflect::Type;
use portcullis::model::{Index, Resource};
use portcullis::span::SourceFile;
use serde_json::{Value as Json, json};

fn main() {
    divan::main();
}

/// Expressions as checks write them, and what must be given.
const EXPRESSIONS: [(&str, Want); 10] = [
    (
        "self.ingress.filter(r, r.from_internet && params.admin_ports.exists(p, r.ports.covers(p)))",
        Want::List,
    ),
    (
        "self.ingress.exists(r, r.from_internet && r.ports.from <= 22 && r.ports.to >= 22)",
        Want::Bool,
    ),
    ("self.egress.filter(r, r.to_internet && r.protocol == '-1')", Want::List),
    ("self.group_name == 'default' && self.ingress.size() > 0", Want::Bool),
    ("self.in_use || self.group_name.startsWith('tmp-')", Want::Bool),
    ("has(self.description) && self.description != ''", Want::Bool),
    ("self.ingress.all(r, r.protocol in ['tcp', 'udp', 'icmp'])", Want::Bool),
    ("self.ingress.exists(r, has(r.group_id) && r.group_id == self.id)", Want::Bool),
    ("'owner' in self.tags && self.tags['owner'] != ''", Want::Bool),
    ("self.ingress.filter(r, r.ports.to - r.ports.from > 1000).size() > 2", Want::Bool),
];

const GROUPS: usize = 1000;

/// Groups with 3.5 incoming rules on average, one of them open now and then.
fn groups() -> Vec<Json> {
    let mut seed = 7_u64;
    let mut random = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let one = |at: usize, random: &mut dyn FnMut(u64) -> u64| {
        let count = 1 + random(6);
        let rule = |random: &mut dyn FnMut(u64) -> u64| {
            let port = [22, 80, 443, 5432, 8080][usize::try_from(random(5)).unwrap()];
            let mut rule = json!({
                "protocol": (["tcp", "tcp", "udp"][usize::try_from(random(3)).unwrap()]),
                "ports": { "from": port, "to": port + random(2) * 2000 },
                "cidr": format!("10.{}.0.0/16", random(200)), "source": "10.0.0.0/16",
                "from_internet": random(10) == 0, "to_internet": false, "description": null,
                "rule_id": format!("sgr-{}", random(1_000_000)),
                "icmp_type": null, "icmp_code": null, "prefix_list_id": null, "group_id": null,
                "group_account": null, "group_vpc_id": null, "peering_connection_id": null,
            });
            if random(4) == 0 {
                rule["group_id"] = json!(format!("sg-{}", random(1000)));
            }
            rule
        };
        json!({
            "group_name": format!("group-{at}"), "description": "a group of the benchmark", "vpc_id": "vpc-1",
            "owner_id": "111122223333", "in_use": random(3) > 0,
            "ingress": (0..count).map(|_| rule(random)).collect::<Vec<_>>(),
            "egress": [rule(random)],
        })
    };
    (0..GROUPS).map(|at| one(at, &mut random)).collect()
}

fn env() -> Env {
    Env {
        this: Some(Type::Resource(kind_named("aws.ec2.security_group").unwrap())),
        params: vec![("admin_ports".to_owned(), parse_type("list(int)").unwrap())],
        vars: Vec::new(),
    }
}

fn compile(text: &str, want: Want) -> Program {
    let file = SourceFile::new("bench", text);
    let mut diagnostics = Diagnostics::default();
    expr::compile(&Source::whole(&file), &env(), want, &mut diagnostics)
        .unwrap_or_else(|| panic!("{}", diagnostics.render(false)))
}

fn resource(at: usize, data: &Json) -> Resource {
    let line = json!({
        "type": "aws.ec2.security_group", "id": format!("sg-{at}"), "account": "111122223333",
        "region": "eu-west-1", "data": data, "tags": { "owner": "ops" },
    });
    Resource::parse(&line.to_string()).unwrap()
}

/// What is asked of a value by an assessment.
fn consume(value: &Value<'_>) -> usize {
    match value {
        Value::Bool(holds) => usize::from(*holds),
        Value::List(list) => list.items.len(),
        _ => 0,
    }
}

fn run_ours(bencher: Bencher, expressions: &[(&str, Want)]) {
    let groups: Vec<Resource> =
        groups().iter().enumerate().map(|(at, data)| resource(at, data)).collect();
    let programs: Vec<Program> =
        expressions.iter().map(|(text, want)| compile(text, *want)).collect();
    let params = [value_from_json(&parse_type("list(int)").unwrap(), &json!([22, 3389])).unwrap()];
    let index = Index::default();
    let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    bencher.counter(ItemsCount::new(groups.len() * programs.len())).bench_local(|| {
        let mut sum = 0;
        for group in &groups {
            let scope = Scope::of(group, &params, now, &index);
            for program in &programs {
                sum += consume(&program.eval(&scope));
            }
        }
        sum
    });
}

/// All ten, group by group, as an assessment runs them.
#[divan::bench]
fn ours(bencher: Bencher) {
    run_ours(bencher, &EXPRESSIONS);
}

/// Each of the ten alone.
#[divan::bench(args = 0..10)]
fn ours_each(bencher: Bencher, at: usize) {
    run_ours(bencher, &EXPRESSIONS[at..=at]);
}

/// The same ten by `cel`'s evaluator, values converted beforehand.
#[divan::bench(sample_count = 10)]
fn cel(bencher: Bencher) {
    let environment = Arc::new(cel::Env::stdlib());
    // Ports are a map there; our call becomes the comparison it means.
    let programs: Vec<cel::Program> = EXPRESSIONS
        .iter()
        .map(|(text, _)| text.replace("r.ports.covers(p)", "r.ports.from <= p && p <= r.ports.to"))
        .map(|text| environment.compile(&text).unwrap())
        .collect();
    let groups: Vec<CelValue> = groups()
        .into_iter()
        .enumerate()
        .map(|(at, mut data)| {
            data["id"] = json!(format!("sg-{at}"));
            data["tags"] = json!({ "owner": "ops" });
            lend(&data)
        })
        .collect();
    let params = lend(&json!({ "admin_ports": [22, 3389] }));
    bencher.counter(ItemsCount::new(groups.len() * programs.len())).bench_local(|| {
        let mut sum = 0;
        for group in &groups {
            let mut context = cel::Context::with_env(environment.clone());
            context.add_variable_from_value("params", params.clone());
            context.add_variable_from_value("self", group.clone());
            for program in &programs {
                sum += match program.execute(&context) {
                    Ok(CelValue::Bool(holds)) => usize::from(holds),
                    Ok(CelValue::List(list)) => list.len(),
                    _ => 0,
                };
            }
        }
        sum
    });
}

fn lend(json: &Json) -> CelValue {
    match json {
        Json::Null => CelValue::Null,
        Json::Bool(v) => CelValue::Bool(*v),
        Json::Number(n) => CelValue::Int(n.as_i64().unwrap()),
        Json::String(v) => CelValue::String(Arc::new(v.clone())),
        Json::Array(items) => CelValue::List(Arc::new(items.iter().map(lend).collect())),
        Json::Object(entries) => {
            let entries = entries.iter().filter(|(_, v)| !v.is_null());
            let map: std::collections::HashMap<Key, CelValue> =
                entries.map(|(k, v)| (Key::String(Arc::new(k.clone())), lend(v))).collect();
            CelValue::Map(map.into())
        }
    }
}

/// From text to program.
#[divan::bench]
fn compile_ten(bencher: Bencher) {
    bencher.counter(ItemsCount::new(EXPRESSIONS.len())).bench_local(|| {
        EXPRESSIONS.iter().map(|(text, want)| compile(text, *want).fields().len()).sum::<usize>()
    });
}
