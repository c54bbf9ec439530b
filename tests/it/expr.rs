//! The expression language: what it refuses, what it computes, and that it agrees with `cel`.

mod diagnostics;
mod evaluation;
mod generate;
mod kleene;
mod oracle;

use jiff::Timestamp;
use portcullis::diag::Diagnostics;
use portcullis::expr::{self, Env, Offsets, Program, Scope, Source, Value, Want, parse_type};
use portcullis::model::kinds::kind_named;
use portcullis::model::reflect::Type;
use portcullis::model::{Coverage, CoverageEntry, Index, Resource};
use portcullis::span::SourceFile;
use serde_json::{Value as Json, json};

/// How many cases a property is tried with; `CASES` asks for more.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

pub(crate) fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// `self` of a type, with one parameter of each kind that the tests use.
pub(crate) fn env(kind: &str) -> Env {
    let param = |name: &str, ty: &str| (name.to_owned(), parse_type(ty).unwrap());
    Env {
        this: Some(Type::Resource(kind_named(kind).unwrap())),
        params: vec![
            param("admin_ports", "list(int)"),
            param("limit", "int"),
            param("owner", "string"),
        ],
        vars: Vec::new(),
    }
}

pub(crate) fn params() -> Vec<Value<'static>> {
    let read =
        |ty: &str, json: &Json| expr::value_from_json(&parse_type(ty).unwrap(), json).unwrap();
    vec![
        read("list(int)", &json!([22, 3389])),
        read("int", &json!(3)),
        read("string", &json!("ops")),
    ]
}

pub(crate) fn try_compile(text: &str, env: &Env, want: Want) -> (Option<Program>, Diagnostics) {
    let file = SourceFile::new("t", text);
    let source = Source::new(&file, text, Offsets::shifted(0));
    let mut diagnostics = Diagnostics::default();
    let program = expr::compile(&source, env, want, &mut diagnostics);
    assert_eq!(
        program.is_none(),
        diagnostics.has_errors(),
        "{text}: {}",
        diagnostics.render(false)
    );
    (program, diagnostics)
}

pub(crate) fn compile(text: &str, env: &Env, want: Want) -> Program {
    let (program, diagnostics) = try_compile(text, env, want);
    program.unwrap_or_else(|| panic!("{text}\n{}", diagnostics.render(false)))
}

pub(crate) fn resource(kind: &str, id: &str, data: &Json) -> Resource {
    let whole = json!({
        "type": kind, "id": id, "account": "111122223333", "region": "eu-west-1", "data": data,
        "tags": { "owner": "ops", "stage": "prod" }, "name": "web",
    });
    Resource::parse(&whole.to_string()).unwrap()
}

/// A security group with three rules, the last of which has attributes that are not known.
pub(crate) fn group() -> Resource {
    resource(
        "aws.ec2.security_group",
        "sg-1",
        &json!({
            "group_name": "web", "description": null, "vpc_id": "vpc-1", "owner_id": "111122223333",
            "ingress": [
                { "rule_id": "r1", "protocol": "tcp", "ports": { "from": 22, "to": 22 }, "cidr": "0.0.0.0/0",
                  "from_internet": true, "source": "0.0.0.0/0" },
                { "rule_id": "r2", "protocol": "tcp", "ports": { "from": 80, "to": 443 }, "cidr": "10.0.0.0/8",
                  "from_internet": false, "source": "10.0.0.0/8" },
                { "rule_id": "r3", "protocol": "udp", "ports": { "from": 53, "to": 53 }, "cidr": null,
                  "group_id": "sg-2" },
            ],
            "egress": [],
        }),
    )
}

pub(crate) fn index() -> Index {
    let log = |id: &str, data: &Json| resource("aws.ec2.flow_log", id, data);
    let resources = vec![
        log("fl-1", &json!({ "resource_id": "vpc-1" })),
        log("fl-2", &json!({ "resource_id": "vpc-2" })),
        log("fl-3", &json!({})),
        resource("aws.ec2.vpc", "vpc-1", &json!({ "is_default": false })),
    ];
    let cell = |kind: &str, status: &str| -> CoverageEntry {
        serde_json::from_value(json!({
            "source": "aws", "account": "111122223333", "region": "eu-west-1", "type": kind,
            "status": status, "count": 1,
        }))
        .unwrap()
    };
    let coverage: Coverage = [
        cell("aws.ec2.flow_log", "complete"),
        cell("aws.ec2.vpc", "complete"),
        cell("aws.ec2.subnet", "denied"),
    ]
    .into_iter()
    .collect();
    let text = "related('aws.ec2.flow_log', 'resource_id', self.id).size() \
        + related('aws.ec2.vpc', 'id', self.id).size() + related('aws.ec2.subnet', 'vpc_id', self.id).size()";
    let program = compile(text, &env("aws.ec2.security_group"), Want::Any);
    Index::build(resources, coverage, program.relations())
}

/// The value of an expression over [`group`], as text.
pub(crate) fn shown(text: &str, vars: &[(&str, Type, Value<'_>)]) -> String {
    let mut env = env("aws.ec2.security_group");
    env.vars = vars.iter().map(|(name, ty, _)| ((*name).to_owned(), ty.clone())).collect();
    let program = compile(text, &env, Want::Text);
    let (group, index, params) = (group(), index(), params());
    let values: Vec<_> = vars.iter().map(|(_, _, value)| value.clone()).collect();
    program.eval(&Scope::of(&group, &params, now(), &index).with_vars(&values)).to_string()
}
