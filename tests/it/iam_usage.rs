//! `portcullis iam unused` and `iam reduce` on an account of four principals, of which one used a part of what it may.

use std::path::Path;

use portcullis::report::iam::usage::{reduced_schema, unused_schema};
use serde_json::{Value, json};

use crate::binary::portcullis;

const ACCOUNT: &str = "111122223333";

fn document(statements: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn role(name: &str, last_used: Option<&str>, statements: &Value) -> Value {
    let trust = json!([{
        "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole",
    }]);
    let last_used = last_used
        .map_or_else(|| json!({}), |time| json!({ "LastUsedDate": time, "Region": "eu-west-1" }));
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{}", name.to_uppercase()),
        "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"), "CreateDate": "2024-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": document(&trust), "InstanceProfileList": [],
        "RolePolicyList": [{ "PolicyName": "own", "PolicyDocument": document(statements) }],
        "AttachedManagedPolicies": [], "Tags": [], "RoleLastUsed": last_used,
    })
}

fn accessed(name: &str, finished: bool) -> Value {
    let service = |namespace: &str, last: Option<&str>, actions: Value| {
        let mut out = json!({
            "ServiceName": namespace, "ServiceNamespace": namespace, "TotalAuthenticatedEntities": 1,
        });
        if let Some(last) = last {
            out["LastAuthenticated"] = json!(last);
        }
        if actions != json!(null) {
            out["TrackedActionsLastAccessed"] = actions;
        }
        out
    };
    let s3 = json!([
        { "ActionName": "CreateBucket", "LastAccessedTime": "2026-05-20T00:00:00Z" },
        { "ActionName": "DeleteBucket" },
    ]);
    json!({
        "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"), "IsTruncated": false,
        "JobStatus": if finished { "COMPLETED" } else { "IN_PROGRESS" }, "JobType": "ACTION_LEVEL",
        "JobCreationDate": "2026-05-31T00:00:00Z", "JobCompletionDate": "2026-05-31T00:00:05Z",
        "ServicesLastAccessed": [
            service("s3", Some("2026-05-20T00:00:00Z"), s3),
            service("sqs", Some("2026-05-21T00:00:00Z"), json!(null)),
            service("ec2", Some("2025-08-01T00:00:00Z"), json!(null)),
            service("kms", None, json!(null)),
        ],
    })
}

/// `app` used buckets and queues, and neither machines nor keys; `gone` was last assumed long ago, `never` never; of
/// `slow` the report was not finished.
fn inventory(folder: &Path) -> String {
    let app = json!([
        { "Sid": "Buckets", "Effect": "Allow", "Action": ["s3:CreateBucket", "s3:DeleteBucket"], "Resource": "*" },
        { "Effect": "Allow", "Action": ["sqs:SendMessage", "ec2:*"], "Resource": "*" },
        { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" },
        { "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*" },
        { "Effect": "Allow", "Action": "s3:*" },
    ]);
    let one = json!([{ "Effect": "Allow", "Action": "sqs:*", "Resource": "*" }]);
    let details = json!({
        "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [
            role("app", Some("2026-05-21T00:00:00Z"), &app),
            role("gone", Some("2025-09-01T00:00:00Z"), &one),
            role("never", None, &one),
            role("slow", Some("2026-05-21T00:00:00Z"), &one),
        ],
    });
    let global = folder.join(format!("dump/{ACCOUNT}/global"));
    std::fs::create_dir_all(&global).unwrap();
    std::fs::write(global.join("details.json"), details.to_string()).unwrap();
    let reports = json!([accessed("app", true), accessed("slow", false)]);
    std::fs::write(global.join("accessed.json"), reports.to_string()).unwrap();
    let out = folder.join("inventory.jsonl.zst").display().to_string();
    let dump = folder.join("dump").display().to_string();
    let (_, err, code) = portcullis(&["collect", "aws-json", &dump, "--out", &out]);
    assert!(Path::new(&out).exists(), "{code}: {err}");
    out
}

/// A question on 1 June 2026; of texts the first line is left out, which tells file and day.
fn ask(folder: &Path, args: &[&str]) -> (String, String, i32) {
    let inventory = inventory(folder);
    let fixed = ["--inventory", &inventory, "--at", "2026-06-01"];
    let (out, err, code) = portcullis(&[&["iam"], args, &fixed].concat());
    let out = match out.split_once('\n') {
        Some((first, rest)) if first.starts_with("Inventory ") => rest.trim_start().to_owned(),
        _ => out,
    };
    (out, err, code)
}

fn valid(schema: &Value, text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    value
}

#[test]
fn what_is_not_used_at_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (out, err, code) = ask(folder.path(), &["unused"]);
    insta::assert_snapshot!("iam_unused_text", out);
    assert_eq!(code, 3, "of some nobody can say: {err}");
}

#[test]
fn what_is_not_used_for_machines() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _, _) = ask(folder.path(), &["unused", "--format", "json"]);
    let value = valid(&unused_schema(), &out);
    let rows = value["unused"].as_array().unwrap();
    let row = |name: &str, what: &str, which: Option<&str>| {
        rows.iter().find(|row| {
            row["principal"].as_str().unwrap().ends_with(&format!("role/{name}"))
                && row["what"] == what
                && row["which"].as_str() == which
        })
    };
    assert_eq!(row("gone", "role", None).unwrap()["last_used"], "2025-09-01T00:00:00Z");
    assert_eq!(row("never", "role", None).unwrap()["last_used"], json!(null));
    assert!(row("app", "role", None).is_none());
    let unknown = row("slow", "service", None).unwrap()["unknown"].as_str().unwrap();
    assert!(unknown.contains("was not finished"), "{unknown}");
    assert_eq!(row("app", "service", Some("ec2")).unwrap()["unknown"], json!(null));
    assert!(row("app", "service", Some("kms")).is_some());
    assert!(row("app", "service", Some("sqs")).is_none(), "it is used");
    // A longer window holds what was used last autumn.
    let (out, _, _) = ask(folder.path(), &["unused", "--days", "350", "--format", "json"]);
    let value = valid(&unused_schema(), &out);
    let all = value["unused"].as_array().unwrap();
    assert!(all.iter().all(|row| row["which"] != "ec2" && row["principal"] != "gone"), "{out}");
    assert!(all.iter().any(|row| row["which"] == "kms"));
}

#[test]
fn a_reduced_policy_at_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (out, err, code) = ask(folder.path(), &["reduce", "app"]);
    insta::assert_snapshot!("iam_reduce_text", out);
    assert_eq!(code, 3, "a statement was not understood: {err}");
}

#[test]
fn a_reduced_policy_for_machines() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _, _) = ask(folder.path(), &["reduce", "app", "--format", "json"]);
    let value = valid(&reduced_schema(), &out);
    let verdicts: Vec<&str> = value["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["narrowed", "narrowed", "dropped", "kept"]);
    let actions = |at: usize| value["policy"]["Statement"][at]["Action"].clone();
    assert_eq!(actions(0), json!(["s3:CreateBucket"]));
    assert_eq!(actions(1), json!(["sqs:SendMessage"]));
    assert_eq!(
        value["unread"][0]["policy"],
        format!("statement 4 of inline own of arn:aws:iam::{ACCOUNT}:role/app")
    );
    // A policy of which a statement was not read has to stay.
    assert_eq!(value["replaces"], json!([]));
    assert!(value["actions_after"].as_u64() < value["actions_before"].as_u64());
}

#[test]
fn without_a_report_nothing_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["slow", "never"] {
        let (out, err, code) = ask(folder.path(), &["reduce", name, "--format", "json"]);
        assert_eq!((out.as_str(), code), ("", 3), "{err}");
        assert!(err.contains("nothing can be taken away"), "{err}");
    }
    let (_, err, code) = ask(folder.path(), &["reduce", "nevr"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `never`?"), "{err}");
}
