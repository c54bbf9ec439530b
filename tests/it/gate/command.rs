//! `portcullis gate` as pipelines meet it: exit codes, thresholds, baselines, merge bases, and a live inventory.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const ACME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acme/inventory.jsonl.zst");
/// Only what these tests are about.
const CHECKS: [&str; 4] = ["--check", "ec2-security-group-no-*", "--framework", "none"];

/// The exit code, and what was said on both outputs.
fn gate(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .arg("gate")
        .args(args)
        .current_dir(dir)
        .env("COLUMNS", "120")
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code().unwrap_or(-1), said)
}

fn group(cidr: &str) -> Value {
    json!({
        "name": "web", "description": "web", "vpc_id": "vpc-0a1b2c3d4e5f60718", "tags": {}, "tags_all": {},
        "ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": [cidr], "ipv6_cidr_blocks": [],
            "prefix_list_ids": [], "security_groups": [], "self": false, "description": "admin"}],
        "egress": [], "revoke_rules_on_delete": false,
    })
}

fn create(address: &str, kind: &str, after: &Value) -> Value {
    let name = address.rsplit('.').next().unwrap();
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {"id": true, "arn": true}},
    })
}

fn plan(changes: &[Value]) -> Value {
    json!({"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": changes,
           "planned_values": {"root_module": {}}, "configuration": {"root_module": {}}})
}

fn write(dir: &Path, name: &str, value: &Value) {
    fs::write(dir.join(name), value.to_string()).unwrap();
}

#[test]
fn input_that_is_wrong_or_shows_nothing_never_opens_the_gate() {
    let dir = tempfile::tempdir().unwrap();
    let open = create("aws_security_group.web", "aws_security_group", &group("10.1.2.0/24"));
    let good = plan(std::slice::from_ref(&open)).to_string();
    let with = |name: &str, value: Value| {
        let mut plan = plan(std::slice::from_ref(&open));
        plan[name] = value;
        plan.to_string()
    };
    let cases: Vec<(&str, String, i32)> = vec![
        ("empty", String::new(), 2),
        ("blank", "  \n".to_owned(), 2),
        ("truncated", good[..good.len() / 2].to_owned(), 2),
        ("foreign", r#"{"hello": 1}"#.to_owned(), 2),
        ("text", "hello: world\n".to_owned(), 2),
        ("major", with("format_version", json!("2.0")), 2),
        ("errored", with("errored", json!(true)), 2),
        ("incomplete", with("complete", json!(false)), 2),
        ("nothing", plan(&[]).to_string(), 3),
        (
            "unmapped",
            plan(&[create("aws_sagemaker_space.a", "aws_sagemaker_space", &json!({}))]).to_string(),
            3,
        ),
        ("good", good.clone(), 0),
    ];
    for (name, text, wanted) in cases {
        fs::write(dir.path().join("plan.json"), text).unwrap();
        for more in [&["--format", "none"][..], &["--format", "none", "--warn-only"]] {
            let args = [&["plan.json"], &CHECKS[..], more].concat();
            let (code, said) = gate(dir.path(), &args);
            assert_eq!(code, wanted, "{name} {more:?}: {said}");
        }
    }
    let (code, said) = gate(dir.path(), &["missing.json"]);
    assert_eq!(code, 2, "{said}");
    let (code, said) = gate(dir.path(), &["plan.json", "--fail-on", "high"]);
    assert!(code == 2 && said.contains("added:SEVERITY"), "{said}");
}

#[test]
fn what_is_added_closes_the_gate_and_thresholds_decide() {
    let dir = tempfile::tempdir().unwrap();
    let open = create("aws_security_group.web", "aws_security_group", &group("0.0.0.0/0"));
    write(dir.path(), "plan.json", &plan(&[open]));
    let with = |more: &[&str]| gate(dir.path(), &[&["plan.json"], &CHECKS[..], more].concat());
    let (code, said) = with(&[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("aws_security_group.web") && said.contains("0.0.0.0/0"), "{said}");
    assert_eq!(with(&["--warn-only"]).0, 0);
    assert_eq!(with(&["--fail-on", "any:critical"]).0, 1);
    assert_eq!(with(&["--fail-on", "score-drop:5"]).0, 0);
    // Everything that is written, and the finding explained from it.
    let (code, said) = with(&[
        "--json",
        "gate.json",
        "--sarif",
        "s",
        "--junit",
        "j",
        "--gitlab",
        "g",
        "--markdown",
        "m",
    ]);
    assert_eq!(code, 1, "{said}");
    let report: Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("gate.json")).unwrap()).unwrap();
    let finding = &report["gate"]["findings"][0];
    assert_eq!(finding["class"], "added");
    assert_eq!(finding["addresses"][0], "aws_security_group.web");
    let print = finding["fingerprint"].as_str().unwrap();
    let (code, said) = gate(dir.path(), &["explain", &print[..12]]);
    assert!(code == 0 && said.contains("create aws_security_group.web"), "{said}");
}

#[test]
fn a_baseline_survives_moves_and_order_and_tells_what_is_stale() {
    let dir = tempfile::tempdir().unwrap();
    let open = |address: &str| create(address, "aws_security_group", &group("0.0.0.0/0"));
    let closed = create("aws_security_group.b", "aws_security_group", &group("10.1.2.0/24"));
    write(dir.path(), "plan.json", &plan(&[open("aws_security_group.a"), closed.clone()]));
    let make =
        [&["baseline", "create", "plan.json", "--out", "b.yaml", "--reason", "known"], &CHECKS[..]];
    let (code, said) = gate(dir.path(), &make.concat());
    assert_eq!(code, 0, "{said}");
    let (code, said) = gate(dir.path(), &make.concat());
    assert!(code == 2 && said.contains("update"), "{said}");
    let mut moved = open("module.m.aws_security_group.renamed");
    moved["previous_address"] = json!("aws_security_group.a");
    write(dir.path(), "moved.json", &plan(&[closed.clone(), moved]));
    write(
        dir.path(),
        "more.json",
        &plan(&[open("aws_security_group.a"), open("aws_security_group.c")]),
    );
    write(dir.path(), "fixed.json", &plan(&[closed]));
    let with = |name: &str| {
        gate(
            dir.path(),
            &[&[name, "--baseline", "b.yaml", "--format", "json"], &CHECKS[..]].concat(),
        )
    };
    for name in ["plan.json", "moved.json"] {
        let (code, said) = with(name);
        assert_eq!(code, 0, "{name}: {said}");
    }
    assert_eq!(with("more.json").0, 1);
    let (code, said) = with("fixed.json");
    assert_eq!(code, 0, "{said}");
    let before = fs::read_to_string(dir.path().join("b.yaml")).unwrap();
    let entries = before.matches("  - check: ").count();
    assert!(entries > 0 && before.contains("reason: \"known\""), "{before}");
    let report: Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(report["gate"]["stale_baseline"].as_array().unwrap().len(), entries);
    let prune = [&["baseline", "prune", "fixed.json", "--baseline", "b.yaml"], &CHECKS[..]];
    assert_eq!(gate(dir.path(), &prune.concat()).0, 0);
    let after = fs::read_to_string(dir.path().join("b.yaml")).unwrap();
    assert!(after.contains("findings: []"), "{after}");
    let update = [&["baseline", "update", "more.json", "--baseline", "b.yaml"], &CHECKS[..]];
    assert_eq!(gate(dir.path(), &update.concat()).0, 0);
    assert_eq!(with("more.json").0, 0);
}

#[test]
fn the_merge_base_is_what_was_there_before() {
    let dir = tempfile::tempdir().unwrap();
    let open = |address: &str| create(address, "aws_security_group", &group("0.0.0.0/0"));
    write(dir.path(), "base.json", &plan(&[open("aws_security_group.a")]));
    write(dir.path(), "same.json", &plan(&[open("aws_security_group.a")]));
    write(
        dir.path(),
        "worse.json",
        &plan(&[open("aws_security_group.a"), open("aws_security_group.b")]),
    );
    for (name, wanted) in [("same.json", 0), ("worse.json", 1)] {
        let args = [&[name, "--merge-base", "base.json"], &CHECKS[..]].concat();
        let (code, said) = gate(dir.path(), &args);
        assert_eq!(code, wanted, "{name}: {said}");
    }
}

/// A security group of the example, with its account and region.
fn acme_group() -> (String, String, String) {
    let text = zstd::decode_all(&fs::read(ACME).unwrap()[..]).unwrap();
    let text = String::from_utf8(text).unwrap();
    let mut lines = text.lines().filter(|l| l.starts_with(r#"{"type":"aws.ec2.security_group","#));
    let line: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (text("id"), text("account"), text("region"))
}

#[test]
fn a_rule_for_a_live_group_is_a_finding_of_that_group() {
    let dir = tempfile::tempdir().unwrap();
    let (id, account, region) = acme_group();
    let rule = json!({"type": "ingress", "from_port": 3389, "to_port": 3389, "protocol": "tcp", "description": "x",
        "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "self": false,
        "source_security_group_id": null, "security_group_id": id});
    let made = create("aws_security_group_rule.rdp", "aws_security_group_rule", &rule);
    write(dir.path(), "plan.json", &plan(std::slice::from_ref(&made)));
    let place = ["plan.json", "--inventory", ACME, "--account", &account, "--region", &region];
    let args = [&place[..], &CHECKS[..], &["--format", "json", "--at", "2026-06-01"]].concat();
    let (code, said) = gate(dir.path(), &args);
    assert_eq!(code, 1, "{said}");
    let text = &said[..=said.rfind('}').unwrap()];
    let report: Value = serde_json::from_str(text).unwrap();
    let findings = report["gate"]["findings"].as_array().unwrap();
    let added: Vec<&Value> = findings.iter().filter(|f| f["class"] == "added").collect();
    assert!(!added.is_empty());
    for finding in added {
        assert_eq!(finding["subject"]["id"], id.as_str(), "{finding}");
        assert_eq!(finding["addresses"][0], "aws_security_group_rule.rdp");
        assert_eq!(finding["subject"]["account"], account.as_str());
    }
    // The same plan for somebody else's account is no change to this inventory.
    let elsewhere =
        ["plan.json", "--inventory", ACME, "--account", "999988887777", "--region", &region];
    let (code, said) = gate(dir.path(), &[&elsewhere[..], &CHECKS[..]].concat());
    assert!(code == 2 && said.contains("999988887777"), "{said}");
    // What changes nothing is fine, whatever is wrong already.
    let mut same = made;
    same["change"]["actions"] = json!(["no-op"]);
    same["change"]["before"] = json!({"id": "sgrule-1", "type": "ingress", "from_port": 3389, "to_port": 3389,
        "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"], "security_group_id": id, "description": "x"});
    same["change"]["after"] = same["change"]["before"].clone();
    same["change"]["after_unknown"] = json!({});
    write(dir.path(), "plan.json", &plan(&[same]));
    let (code, said) = gate(dir.path(), &args);
    assert_eq!(code, 0, "{said}");
    let report: Value = serde_json::from_str(&said[..=said.rfind('}').unwrap()]).unwrap();
    // Live has no such rule, which the plan believes to be there.
    assert_eq!(report["gate"]["drift"][0]["address"], "aws_security_group_rule.rdp", "{said}");
    let (code, _) = gate(dir.path(), &[&args[..], &["--stale", "fail"]].concat());
    assert_eq!(code, 2);
}

#[test]
fn environments_have_thresholds_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let open = create("aws_security_group.web", "aws_security_group", &group("0.0.0.0/0"));
    write(dir.path(), "plan.json", &plan(&[open]));
    let config = |name: &str| {
        format!(
            "version: 1\nframeworks: []\nchecks: {{ include: [ec2-security-group-no-*] }}\n\
             environments:\n  - name: production\n    accounts: ['111122223333']\n\
             gate:\n  fail_on: ['added:high']\n  environments:\n    - name: {name}\n      fail_on: ['score-drop:50']\n"
        )
    };
    let write = |name: &str| fs::write(dir.path().join("portcullis.yaml"), config(name)).unwrap();
    write("production");
    let with = |account: &str, more: &[&str]| {
        let place = ["plan.json", "--account", account, "--region", "eu-west-1"];
        gate(dir.path(), &[&place[..], more].concat())
    };
    let (code, said) = with("111122223333", &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(with("444455556666", &[]).0, 1);
    assert_eq!(with("444455556666", &["--environment", "production"]).0, 0);
    let (code, said) = with("444455556666", &["--environment", "nowhere"]);
    assert!(code == 2 && said.contains("nowhere"), "{said}");
    write("producton");
    let (code, said) = with("111122223333", &[]);
    assert!(code == 2 && said.contains("did you mean `production`"), "{said}");
}
