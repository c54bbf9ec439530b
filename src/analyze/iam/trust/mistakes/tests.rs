//! Both sides of every kind of mistake.

use serde_json::{Value, json};

use super::*;
use crate::analyze::facts::tests::meta;
use crate::analyze::iam::estate::Builder;
use crate::analyze::iam::trust::known::Partner;
use crate::model::policy::PolicyDocument;
use crate::model::{Coverage, KINDS, Resource};

mod aws;
mod federated;
mod others;

const OWN: &str = "111122223333";
const VENDOR: &str = "464622532012"; // Datadog
const UNKNOWN: &str = "777788889999";

/// An estate of one account with the roles of a test.
#[derive(Default)]
struct World {
    resources: Vec<Resource>,
    known: Known,
}

impl World {
    fn new() -> Self {
        Self::default()
    }

    fn put(mut self, kind: &str, arn: &str, data: Value) -> Self {
        let mut envelope = meta(arn);
        envelope.arn = Some(arn.to_owned());
        envelope.name = arn.rsplit('/').next().map(str::to_owned);
        let kind = KINDS.iter().find(|it| it.name == kind).unwrap();
        let data = (kind.from_json)(data).unwrap();
        self.resources.push(Resource { meta: envelope, data });
        self
    }

    fn role(self, name: &str, statements: &Value) -> Self {
        let arn = format!("arn:aws:iam::{OWN}:role/{name}");
        self.role_with(&arn, statements, &json!([]))
    }

    fn role_with(self, arn: &str, statements: &Value, inline: &Value) -> Self {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let document = serde_json::to_value(PolicyDocument::from_json(&document)).unwrap();
        let data = json!({
            "path": "/", "role_id": "AROA00000000000000000", "service_linked": false,
            "assume_role_policy_document": document,
            "inline_policies": inline, "attached_policy_arns": [], "permissions_boundary_arn": null,
            "instance_profile_arns": [], "last_used_date": null, "create_date": "2025-01-01T00:00:00Z",
        });
        self.put("aws.iam.role", arn, data)
    }

    fn provider(self, address: &str, audiences: &[&str]) -> Self {
        let arn = format!("arn:aws:iam::{OWN}:oidc-provider/{address}");
        self.put("aws.iam.oidc_provider", &arn, json!({"url": address, "client_ids": audiences}))
    }

    fn of(&self, name: &str) -> Vec<Mistake> {
        let mut builder = Builder::new();
        self.resources.iter().for_each(|resource| builder.add(resource));
        let mut estate = builder.finish(&Coverage::default());
        // The organization has this account alone.
        estate.unlisted = None;
        let own = estate.accounts.entry(OWN.into()).or_default();
        own.organization = Attr::Known(Some("o-own".to_owned()));
        own.organization_path = Attr::Known(Some("o-own/r-1/ou-1/".to_owned()));
        let id = estate.find(&format!("arn:aws:iam::{OWN}:role/{name}")).unwrap();
        let role = estate.principal(id).unwrap();
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let found = mistakes(&estate, role, &self.known, now);
        found.known().unwrap().clone()
    }

    fn kinds(&self, name: &str) -> Vec<&'static str> {
        let mut out: Vec<_> = self.of(name).iter().map(|m| m.kind.word()).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// One statement that allows.
fn allow(principal: &Value, action: &str, condition: &Value) -> Value {
    json!([{"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}])
}

fn kinds(principal: &Value, action: &str, condition: &Value) -> Vec<&'static str> {
    World::new().role("r", &allow(principal, action, condition)).kinds("r")
}

/// The kinds of mistakes of a statement for a principal of AWS.
fn assume(principal: &str, condition: &Value) -> Vec<&'static str> {
    kinds(&json!({"AWS": principal}), "sts:AssumeRole", condition)
}

fn service(name: &str, condition: &Value) -> Vec<&'static str> {
    kinds(&json!({"Service": name}), "sts:AssumeRole", condition)
}

#[test]
fn every_name_is_snake_case_and_stands_once() {
    let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
