//! `portcullis iam simulate|who-can|what-can|outside|diff`, as people run them.

use std::process::Command;

use serde_json::Value;

const ACME: &str = "examples/acme";
const SNAPSHOT: &str = "examples/acme/inventory.jsonl.zst";

fn iam(args: &[&str]) -> (String, String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .arg("iam")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap_or(-1),
    )
}

fn ask<'a>(principal: &'a str, action: &'a str, resource: &'a str) -> Vec<&'a str> {
    vec![
        "simulate",
        "--inventory",
        ACME,
        "--principal",
        principal,
        "--action",
        action,
        "--resource",
        resource,
    ]
}

const OPS: &str = "arn:aws:iam::567890123456:role/ops-anything";
const INSTANCE: &str = "arn:aws:ec2:eu-west-1:567890123456:instance/i-1";

#[test]
fn a_request_is_decided_and_the_exit_code_tells_whether_it_was_expected() {
    let mut args = ask(OPS, "ec2:RunInstances", INSTANCE);
    args.extend(["--format", "json"]);
    let (out, err, code) = iam(&args);
    assert_eq!(code, 0, "{err}");
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["decision"], "allowed");
    assert_eq!(value["layers"]["scp"]["decision"], "allowed");
    assert!(value["matched"].as_array().unwrap().iter().any(|one| one["layer"] == "identity"));
    let mut args =
        ask(OPS, "cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:567890123456:trail/t");
    args.extend(["--expect", "allowed"]);
    let (out, err, code) = iam(&args);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("denied: granted, but a service control policy denies it"), "{out}");
    assert!(err.contains("expected allowed"), "{err}");
    let mut args = ask(OPS, "s3:GetObject", "arn:aws:s3:::elsewhere/x");
    args.extend(["--expect", "allowed"]);
    let (out, err, code) = iam(&args);
    assert!(code == 3 && err.contains("the policy of arn:aws:s3:::elsewhere/x"), "{out}{err}");
    args.extend(["--resource-account", "567890123456", "--ignore-unread"]);
    let (out, err, code) = iam(&args);
    assert!(code == 0 && err.contains("taken for absent"), "{out}{err}");
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    for (args, words) in [
        (ask("ada", "s3:GetObject", "*"), "names no caller; write the ARN"),
        (ask(OPS, "s3:*", "*"), "is not one action"),
        (ask("arn:aws:iam::567890123456:role/ops-anythin", "s3:GetObject", "*"), "did you mean"),
        ([ask(OPS, "s3:GetObject", "*"), vec!["--context", "x"]].concat(), "is no `KEY=VALUE`"),
        ([ask(OPS, "s3:GetObject", "*"), vec!["--resource-account", "1"]].concat(), "12 digits"),
        (
            [ask(OPS, "s3:GetObject", "*"), vec!["--session-policy", "Cargo.toml"]].concat(),
            "no JSON",
        ),
        (vec!["simulate", "--cases", "nowhere.jsonl"], "nowhere.jsonl"),
        (
            vec!["what-can", "--inventory", ACME, "--principal", "anonymous"],
            "no policies of its own",
        ),
        (vec!["outside", "--inventory", ACME, "--from", "mars"], "`mars` names no caller"),
        (
            vec![
                "who-can",
                "--inventory",
                "nowhere",
                "--action",
                "s3:GetObject",
                "--resource",
                "*",
            ],
            "nowhere",
        ),
    ] {
        let (out, err, code) = iam(&args);
        assert!(code == 2 && err.contains(words), "{args:?}: {code}\n{out}{err}");
    }
}

#[test]
fn a_file_of_cases_is_answered_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (cases, results) = (folder.path().join("cases.jsonl"), folder.path().join("results.jsonl"));
    let good = r#"{"id":7,"mode":"Discovery","request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333","context":{}},"policies":{"identity":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}]}}"#;
    let lines = [good, "", "{", "[]", "\u{feff}", r#"{"id":"x","request":5}"#, good];
    std::fs::write(&cases, lines.join("\n")).unwrap();
    let args = ["simulate", "--cases", cases.to_str().unwrap(), "--out", results.to_str().unwrap()];
    let (out, err, code) = iam(&args);
    assert_eq!(code, 2, "{out}{err}");
    let text = std::fs::read_to_string(&results).unwrap();
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 6);
    assert_eq!((&answers[0]["id"], &answers[0]["decision"]), (&7.into(), &"unknown".into()));
    assert_eq!(answers[0]["possible"], "allowed");
    assert_eq!(answers[0]["if"]["condition"]["key"], "aws:MultiFactorAuthPresent");
    for wrong in &answers[1..5] {
        assert!(wrong["error"].is_string() && wrong["decision"].is_null(), "{wrong}");
    }
    assert_eq!((&answers[4]["id"], &answers[4]["line"]), (&"x".into(), &6.into()));
    std::fs::write(&cases, good).unwrap();
    assert_eq!(iam(&args).2, 0);
}

#[test]
fn the_example_tells_who_may_what() {
    let open = "arn:aws:iam::567890123456:role/demo-anyone";
    let (out, err, code) =
        iam(&["who-can", "--inventory", ACME, "--action", "sts:AssumeRole", "--resource", open]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("any AWS account  account, if its own account allows it"), "{out}");
    let (out, ..) = iam(&["what-can", "--inventory", ACME, "--principal", OPS]);
    assert!(out.contains("p-gu4rdra1l, statement 0 denies"), "{out}");
    let (out, ..) = iam(&["outside", "--inventory", ACME, "--from", "any-account"]);
    assert!(out.contains(open), "{out}");
    let provider =
        "federated:arn:aws:iam::345678901234:oidc-provider/token.actions.githubusercontent.com";
    let github = |sub: &str| {
        let sub = format!("token.actions.githubusercontent.com:sub={sub}");
        let (out, ..) = iam(&[
            "outside",
            "--inventory",
            ACME,
            "--from",
            provider,
            "--context",
            &sub,
            "--context",
            "token.actions.githubusercontent.com:aud=sts.amazonaws.com",
        ]);
        out.contains("may    arn:aws:iam::345678901234:role/acme-deploy")
    };
    assert!(github("repo:acme/shop:ref:refs/heads/main"));
    assert!(!github("repo:mallory/shop:ref:refs/heads/main"));
    let (out, err, code) = iam(&["diff", SNAPSHOT, SNAPSHOT]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("0 principals gained permissions, 0 lost some; 0 new, 0 gone"), "{out}");
}
