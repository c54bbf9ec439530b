use serde_json::{Value, json};

use super::*;
use crate::analyze::facts::tests::meta;
use crate::analyze::iam::estate::{Builder, Estate};
use crate::model::kinds::kind_named;
use crate::model::{Coverage, Resource};

const ACCOUNT: &str = "111122223333";

fn now() -> Timestamp {
    clock::parse("2026-01-01").unwrap()
}

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn resource(kind: &str, arn: &str, data: Value) -> Resource {
    let mut meta = meta(arn);
    meta.arn = Some(arn.to_owned());
    meta.name = arn.rsplit('/').next().map(str::to_owned);
    Resource { meta, data: (kind_named(kind).unwrap().from_json)(data).unwrap() }
}

/// A principal with one inline policy.
fn principal(kind: &str, name: &str, statements: &Value) -> Resource {
    let policy = crate::model::policy::PolicyDocument::from_json(&document(statements));
    let trust = crate::model::policy::PolicyDocument::from_json(&document(&json!([])));
    let mut data = json!({
        "path": if name.starts_with("AWSServiceRole") { "/aws-service-role/x/" } else { "/" },
        "inline_policies": [{"policy_name": "p", "document": policy}],
        "attached_policy_arns": [], "permissions_boundary_arn": null,
    });
    let map = data.as_object_mut().unwrap();
    if kind == "user" {
        map.insert("group_names".into(), json!([]));
    } else {
        map.insert("assume_role_policy_document".into(), json!(trust));
    }
    resource(&format!("aws.iam.{kind}"), &arn(kind, name), data)
}

fn estate(resources: &[Resource]) -> Estate {
    let mut builder = Builder::new();
    for resource in resources {
        builder.add(resource);
    }
    builder.finish(&Coverage::default())
}

fn acts(actions: &[&str], on: &[&str]) -> Acts {
    let owned = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect();
    Acts { actions: owned(actions), on: owned(on) }
}

fn capability(only: &[&str], actions: &[&str], on: &[&str]) -> Capability {
    Capability {
        id: "c".into(),
        only: only.iter().map(|w| Who((*w).into())).collect(),
        may: acts(actions, on),
        except: Vec::new(),
        reason: String::new(),
    }
}

/// Who breaks a capability, and whether certainly, with the request that passes.
fn breakers(resources: &[Resource], capability: &Capability) -> Vec<(String, Truth, String)> {
    let estate = estate(resources);
    let declared = Declared { capabilities: vec![capability.clone()], duties: Vec::new() };
    let asker = Asker::new(&estate, &declared, now());
    estate
        .all()
        .filter_map(|(_, p)| {
            let found = capability.broken_by(p, &asker, &())?;
            let held = &found.holdings[0];
            Some((p.name.to_string(), found.truth, format!("{} on {}", held.action, held.resource)))
        })
        .collect()
}

fn names(found: &[(String, Truth, String)]) -> Vec<&str> {
    found.iter().map(|(name, _, _)| name.as_str()).collect()
}

#[test]
fn only_those_who_may() {
    let allow = |action: &str| json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]);
    let world = [
        principal("role", "deploy-shop", &allow("iam:*")),
        principal("role", "app", &allow("s3:*")),
        principal("role", "auditor", &allow("iam:List*")),
        principal("user", "anna", &allow("iam:CreateUser")),
        principal("role", "AWSServiceRoleForX", &allow("iam:*")),
        principal(
            "role",
            "denied",
            &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]),
        ),
    ];
    let found = breakers(&world, &capability(&["deploy-*"], &["iam:Create*", "iam:Put*"], &[]));
    assert_eq!(names(&found), ["anna"]);
    assert_eq!(found[0].1, Truth::Yes);
    assert!(found[0].2.starts_with("iam:CreateUser on arn:aws:iam::"), "{found:?}");
    let found = breakers(&world, &capability(&[], &["iam:*"], &[]));
    assert_eq!(names(&found), ["auditor", "deploy-shop", "anna"]);
}

#[test]
fn resources_are_found_by_the_policies() {
    let on = |resource: &str| json!([{"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": resource}]);
    let world = [
        principal("role", "a", &on("arn:aws:s3:::backups/*")),
        principal("role", "b", &on("arn:aws:s3:::scratch/*")),
        principal("role", "c", &on("arn:aws:s3:::*-2025/x")),
        principal(
            "role",
            "d",
            &json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::backups/a/*"}]),
        ),
    ];
    let found =
        breakers(&world, &capability(&[], &["s3:DeleteObject"], &["arn:aws:s3:::backups*"]));
    assert_eq!(names(&found), ["a", "c", "d"], "{found:?}");
    assert_eq!(found[1].2, "s3:DeleteObject on arn:aws:s3:::backups*-2025/x");
    assert!(found[2].2.contains("backups/a/"), "{found:?}");
}

#[test]
fn conditions_and_what_was_not_read_stay_open() {
    let conditioned = json!([{"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]);
    let mut unread = principal("role", "unread", &json!([]));
    if let crate::model::Data::IamRole(role) = &mut unread.data {
        role.inline_policies = crate::model::Attr::default();
    }
    let found = breakers(
        &[principal("role", "a", &conditioned), unread],
        &capability(&[], &["iam:CreateUser"], &[]),
    );
    assert_eq!(names(&found), ["a", "unread"]);
    assert!(found.iter().all(|(_, truth, _)| *truth == Truth::Maybe));
}

#[test]
fn escalation_counts() {
    struct Climbs;
    impl Reached for Climbs {
        fn becomes(&self, principal: &Principal) -> Vec<Turn> {
            let turn = |guise, truth| Turn { into: guise, truth, steps: vec!["climbs".into()] };
            match &*principal.name {
                "a" => vec![turn(Guise::Principal(arn("role", "strong").into()), Truth::Yes)],
                "b" => vec![turn(Guise::Unlimited, Truth::Maybe)],
                _ => Vec::new(),
            }
        }
    }
    let nothing = json!([]);
    let world = [
        principal("role", "a", &nothing),
        principal("role", "b", &nothing),
        principal("role", "c", &nothing),
        principal(
            "role",
            "strong",
            &json!([{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]),
        ),
    ];
    let capability = capability(&["strong"], &["iam:CreateUser"], &[]);
    let estate = estate(&world);
    let declared = Declared { capabilities: vec![capability.clone()], duties: Vec::new() };
    let asker = Asker::new(&estate, &declared, now());
    let found: Vec<_> = estate
        .all()
        .filter_map(|(_, p)| Some((p.name.to_string(), capability.broken_by(p, &asker, &Climbs)?)))
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].0.as_str(), found[0].1.truth), ("a", Truth::Yes));
    assert_eq!(found[0].1.holdings[0].through, ["climbs"]);
    assert_eq!((found[1].0.as_str(), found[1].1.truth), ("b", Truth::Maybe));
}

#[test]
fn duties_and_exceptions() {
    let both = json!([{"Effect": "Allow", "Action": ["codepipeline:PutApprovalResult", "codepipeline:StartPipelineExecution"], "Resource": "*"}]);
    let one =
        json!([{"Effect": "Allow", "Action": "codepipeline:PutApprovalResult", "Resource": "*"}]);
    let estate = estate(&[principal("role", "both", &both), principal("role", "one", &one)]);
    let exception = |until: &str| Exception {
        who: Who("role/bo*".into()),
        reason: "migration".into(),
        until: Some(until.parse().unwrap()),
    };
    let mut duty = Duty {
        id: "d".into(),
        first: acts(&["codepipeline:PutApprovalResult"], &[]),
        second: acts(&["codepipeline:Start*"], &[]),
        except: Vec::new(),
        reason: String::new(),
    };
    let declared = Declared { capabilities: Vec::new(), duties: vec![duty.clone()] };
    let asker = Asker::new(&estate, &declared, now());
    let [both, one] = estate.principals.as_slice() else { panic!() };
    assert!(duty.broken_by(one, &asker, &()).is_none());
    let found = duty.broken_by(both, &asker, &()).unwrap();
    assert_eq!((found.truth, found.excepted, found.holdings.len()), (Truth::Yes, Excepted::No, 2));
    assert!(found.holdings[0].statements[0].starts_with("statement 0 of inline p"), "{found:?}");
    duty.except = vec![exception("2025-12-31")];
    assert!(matches!(duty.broken_by(both, &asker, &()).unwrap().excepted, Excepted::Lapsed(_)));
    duty.except.push(exception("2026-01-01"));
    assert!(matches!(duty.broken_by(both, &asker, &()).unwrap().excepted, Excepted::Yes(_)));
}
