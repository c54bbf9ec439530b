//! Questions to a small estate.

use serde_json::{Value, json};

use super::difference::difference;
use super::{Inquiry, whom};
use crate::analyze::iam::ask::answer::Blocker;
use crate::analyze::iam::document::Layer;
use crate::analyze::iam::estate::{Builder, Estate, Unread};
use crate::analyze::iam::evaluate::Decision;
use crate::analyze::iam::request::Action;
use crate::analyze::iam::truth::Truth;
use crate::model::policy::PolicyDocument;
use crate::model::{Completeness, Coverage, CoverageEntry, Resource};

const ACCOUNT: &str = "111122223333";
const BUCKET: &str = "arn:aws:s3:::logs";

#[derive(Clone, Default)]
struct World(Vec<Resource>);

impl World {
    fn add(mut self, kind: &str, arn: &str, data: &Value) -> Self {
        let name = arn.rsplit(['/', ':']).next().unwrap();
        let line = json!({
            "type": kind, "id": name, "account": ACCOUNT, "region": "global", "arn": arn, "name": name,
            "tags": {}, "data": data,
        });
        self.0.push(Resource::parse(&line.to_string()).unwrap());
        self
    }

    fn user(self, name: &str, statements: &Value) -> Self {
        let data = json!({
            "path": "/", "group_names": [], "attached_policy_arns": [], "permissions_boundary_arn": null,
            "inline_policies": [{"policy_name": "own", "document": policy(statements)}],
        });
        self.add("aws.iam.user", &user(name), &data)
    }

    fn role(self, name: &str, trust: &Value, statements: &Value) -> Self {
        let data = json!({
            "path": "/", "attached_policy_arns": [], "permissions_boundary_arn": null,
            "assume_role_policy_document": policy(trust),
            "inline_policies": [{"policy_name": "own", "document": policy(statements)}],
        });
        self.add("aws.iam.role", &role(name), &data)
    }

    /// A bucket in an account that refuses nothing.
    fn bucket(self, statements: &Value) -> Self {
        let document = if statements.is_null() { Value::Null } else { policy(statements) };
        let data = json!({"policy_document": document, "public_access_block": null});
        let account = json!({
            "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false,
            "restrict_public_buckets": false,
        });
        self.add("aws.s3.bucket", BUCKET, &data).add(
            "aws.s3.account_public_access_block",
            &format!("arn:aws:s3::{ACCOUNT}:block"),
            &account,
        )
    }

    fn estate(&self) -> Estate {
        let mut builder = Builder::new();
        self.0.iter().for_each(|resource| builder.add(resource));
        builder.finish(&complete())
    }
}

/// Everything was read, and there is no organization.
fn complete() -> Coverage {
    let mut coverage = Coverage::default();
    for kind in crate::analyze::iam::estate::KINDS {
        coverage.add(CoverageEntry {
            source: "assumed".to_owned(),
            account: ACCOUNT.parse().unwrap(),
            region: "global".parse().unwrap(),
            kind: (*kind).to_owned(),
            status: Completeness::Complete,
            reason: None,
            count: 0,
        });
    }
    coverage
}

fn user(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

fn policy(statements: &Value) -> Value {
    let document =
        PolicyDocument::from_json(&json!({"Version": "2012-10-17", "Statement": statements}));
    serde_json::to_value(document).unwrap()
}

fn on(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

fn letting(principal: &Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": [BUCKET, format!("{BUCKET}/*")]})
}

fn trusting(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

fn action(text: &str) -> Action {
    Action::parse(text).unwrap()
}

/// Asks without the organization, which this world does not have.
fn inquiry(estate: &Estate) -> Inquiry<'_> {
    let mut inquiry = Inquiry::new(estate, "2026-01-01T00:00:00Z".parse().unwrap());
    inquiry.unread = Unread::Ignore;
    inquiry
}

#[test]
fn sessions_are_found_by_their_role() {
    let world =
        World::default().role("app", &json!([]), &on("Allow", "s3:*", "*")).bucket(&json!(null));
    let estate = world.estate();
    let ask = |who: &str| {
        inquiry(&estate).simulate(
            &whom::caller(who).unwrap(),
            &action("s3:GetObject"),
            &format!("{BUCKET}/x"),
        )
    };
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/s");
    assert_eq!(ask(&session).unwrap().decision, Decision::Allowed);
    assert_eq!(ask(&role("app")).unwrap().decision, Decision::Allowed);
    // All principals of the account are known, so a name that is not there is a mistake.
    let wrong = ask(&role("ap")).unwrap_err();
    assert!(wrong.contains("did you mean") && wrong.contains("role/app"), "{wrong}");
}

#[test]
fn what_is_not_read_is_named() {
    let world = World::default().user("ada", &on("Allow", "*", "*"));
    let estate = world.estate();
    let mut inquiry = inquiry(&estate);
    inquiry.unread = Unread::Doubt;
    let caller = whom::caller(&user("ada")).unwrap();
    let answer =
        inquiry.simulate(&caller, &action("s3:GetObject"), &format!("{BUCKET}/x")).unwrap();
    assert_eq!((answer.decision, answer.possible), (Decision::Unknown, Decision::Allowed));
    assert!(
        answer.missing.iter().any(|one| one.contains("the policy of arn:aws:s3:::logs/x")),
        "{:?}",
        answer.missing
    );
    // Somebody elsewhere may have any policies.
    let foreign = whom::caller("arn:aws:iam::999988887777:role/x").unwrap();
    let answer = inquiry.simulate(&foreign, &action("sts:AssumeRole"), &role("x")).unwrap();
    assert_eq!(answer.decision, Decision::Unknown);
    assert!(
        answer.missing.iter().any(|one| one.contains("policies of the principal")),
        "{:?}",
        answer.missing
    );
}

#[test]
fn everybody_who_may_is_found_inside_and_outside() {
    let named = json!({"AWS": ["999988887777", user("gone")], "Service": "logs.amazonaws.com"});
    let world = World::default()
        .user("ada", &on("Allow", "s3:GetObject", "*"))
        .user("bob", &json!([on("Allow", "s3:*", "*"), on("Deny", "s3:Get*", "*")]))
        .user(
            "eve",
            &json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]),
        )
        .bucket(&json!([letting(&named, "s3:GetObject")]));
    let estate = world.estate();
    let who = inquiry(&estate).who_can(&action("s3:GetObject"), &format!("{BUCKET}/x"));
    let inside: Vec<_> = who.principals.iter().map(|row| (&*row.principal, row.decision)).collect();
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    assert_eq!(
        inside,
        [
            (&*root, Decision::Allowed),
            (&*user("ada"), Decision::Allowed),
            (&*user("eve"), Decision::Unknown),
        ]
    );
    assert_eq!(who.denied, 1);
    let outside: Vec<_> = who.outside.iter().map(|row| &*row.principal).collect();
    assert_eq!(outside, ["account 999988887777", &user("gone"), "logs.amazonaws.com"]);
}

#[test]
fn what_somebody_may_do_is_told_with_its_limits() {
    let world = World::default().user(
        "ada",
        &json!([
            on("Allow", "sqs:*", "*"),
            on("Deny", "sqs:DeleteQueue", "*"),
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*",
             "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
        ]),
    );
    let estate = world.estate();
    let inquiry = inquiry(&estate);
    let caller = whom::caller(&user("ada")).unwrap();
    let what = inquiry.what_can(&inquiry.subject(&caller).unwrap());
    let [queues, topics] = what.grants.as_slice() else { panic!("{what:?}") };
    assert!(queues.tried > 10 && queues.allowed == queues.tried - 1, "{queues:?}");
    assert_eq!(queues.limited.len(), 1);
    assert_eq!(queues.limited[0].by.layer, Some(Layer::Identity));
    assert_eq!(queues.limited[0].examples, ["sqs:DeleteQueue"]);
    assert_eq!((topics.allowed, topics.conditional.len()), (0, 1));
}

#[test]
fn those_outside_reach_what_lets_them_in() {
    let world = World::default()
        .role("open", &trusting(&json!({"AWS": "*"})), &json!([]))
        .role("vendor", &json!([{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]), &json!([]))
        .bucket(&json!([letting(&json!("*"), "s3:Get*")]));
    let estate = world.estate();
    let mut inquiry = inquiry(&estate);
    let reached = |inquiry: &Inquiry<'_>,
                   who: super::outside::Outsider|
     -> Vec<(String, Decision)> {
        inquiry.outside(&who).reaches.into_iter().map(|row| (row.resource, row.decision)).collect()
    };
    let anyone = inquiry.any_account().unwrap();
    let open = [(BUCKET.to_owned(), Decision::Allowed), (role("open"), Decision::Allowed)];
    assert_eq!(reached(&inquiry, anyone), open);
    let vendor = || super::outside::Outsider {
        name: "vendor".to_owned(),
        caller: super::who::somebody_in("999988887777").unwrap(),
    };
    assert_eq!(reached(&inquiry, vendor())[2], (role("vendor"), Decision::Unknown));
    let id = crate::analyze::iam::request::Given::Values(vec!["y".to_owned()]);
    inquiry.circumstances.set("sts:ExternalId", id);
    assert_eq!(reached(&inquiry, vendor()).len(), 2);
}

#[test]
fn a_change_is_told_by_what_it_means() {
    let before = World::default()
        .user(
            "ada",
            &json!([on("Allow", "s3:GetObject", "arn:aws:s3:::logs/*"), on("Allow", "sqs:*", "*")]),
        )
        .user("bob", &on("Allow", "s3:GetObject", "*"))
        .user("gone", &json!([]))
        .bucket(&json!(null));
    let after = World::default()
        // The same said in other words, and one thing more.
        .user(
            "ada",
            &json!([
                on("Allow", "sqs:*", "*"),
                on("Allow", "s3:Get*", "arn:aws:s3:::logs/*"),
                on("Allow", "sqs:SendMessage", "*")
            ]),
        )
        // Another statement that takes away what the first gives.
        .user(
            "bob",
            &json!([on("Allow", "s3:GetObject", "*"), on("Deny", "s3:*", "arn:aws:s3:::logs/*")]),
        )
        .user("new", &json!([]))
        .bucket(&json!([letting(&json!("*"), "s3:GetObject")]));
    let (old, new) = (before.estate(), after.estate());
    let found = difference(&inquiry(&old), &inquiry(&new));
    assert_eq!((&found.appeared, &found.gone), (&vec![user("new")], &vec![user("gone")]));
    let of = |name: &str| found.changed.iter().find(|one| one.principals == [name]).unwrap();
    let ada = of(&user("ada"));
    assert!(ada.lost.is_empty() && ada.gained.len() == 1, "{ada:?}");
    // Of `s3:Get*` those on objects, but for the one that was allowed before.
    let [wider] = ada.gained.as_slice() else { panic!("{ada:?}") };
    assert!(wider.actions == "s3:get*" && wider.count + 1 == wider.of, "{ada:?}");
    let bob = of(&user("bob"));
    assert!(bob.gained.is_empty() && bob.lost.len() == 1, "{bob:?}");
    assert_eq!((bob.lost[0].witness.before, bob.lost[0].witness.after), (Truth::Yes, Truth::No));
    let anybody = of("anybody in any AWS account");
    assert_eq!(anybody.gained[0].witness.action, "s3:GetObject");
    // Nothing moved, whatever the order of statements.
    let same = difference(&inquiry(&new), &inquiry(&new));
    assert!(same.changed.is_empty() && same.unchanged == 3, "{same:?}");
}

#[test]
fn an_endpoint_is_a_layer_and_a_circumstance() {
    let world = World::default().user("ada", &on("Allow", "s3:*", "*")).bucket(&json!([{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    }]));
    let estate = world.estate();
    let ask = |id: &str, allowed: &str| {
        let mut inquiry = inquiry(&estate);
        let statement = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": allowed, "Resource": "*"}]});
        let policy = crate::analyze::iam::document::Document::compile(
            "e",
            None,
            &PolicyDocument::from_json(&statement),
        );
        inquiry.through_endpoint(id, Some(policy));
        inquiry
            .simulate(
                &whom::caller(&user("ada")).unwrap(),
                &action("s3:GetObject"),
                &format!("{BUCKET}/x"),
            )
            .unwrap()
    };
    assert_eq!(ask("vpce-1", "s3:*").decision, Decision::Allowed);
    assert_eq!(ask("vpce-2", "s3:*").decision, Decision::ExplicitlyDenied);
    assert_eq!(ask("vpce-1", "s3:Put*").blocked_by, [Blocker::Endpoint]);
}
