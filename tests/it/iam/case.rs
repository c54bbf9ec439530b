//! Single requests with all their policies, as `cases.jsonl` of the oracles hold them.

use portcullis::analyze::iam::document::{Document, Layer};
use portcullis::analyze::iam::evaluate::{Decision, Layers, Outcome, evaluate};
use portcullis::analyze::iam::request::{Action, Caller, Circumstances, Given, Request};
use portcullis::analyze::iam::truth::{Plain, Truth};
use portcullis::model::policy::PolicyDocument;
use portcullis::model::{Attr, CauseKind};
use serde_json::Value;

use super::{items, now, text};

/// A request, its policies, and what AWS decides.
pub struct Case {
    pub id: String,
    caller: Caller,
    action: Action,
    resource: String,
    resource_account: Option<String>,
    circumstances: Circumstances,
    policies: Policies,
    pub expected: Decision,
    /// Why the answer is in dispute.
    pub disputed: Option<String>,
}

#[derive(Default)]
struct Policies {
    identity: Vec<Document>,
    boundary: Option<Vec<Document>>,
    session: Option<Vec<Document>>,
    scp: Option<Vec<Vec<Document>>>,
    rcp: Option<Vec<Vec<Document>>>,
    resource: Option<Document>,
    endpoint: Option<Vec<Document>>,
}

impl Case {
    pub fn read(line: &Value) -> Self {
        let request = &line["request"];
        let resource = text(request, "resource").to_owned();
        let mut circumstances = match text(line, "mode") {
            "Strict" => Circumstances::strict(),
            _ => Circumstances::open(),
        };
        for (key, value) in request["context"].as_object().into_iter().flatten() {
            let values = match value {
                Value::Array(list) => list.iter().map(word).collect(),
                one => vec![word(one)],
            };
            circumstances.set(key, Given::Values(values));
        }
        let principal = text(request, "principal");
        Self {
            id: text(line, "id").to_owned(),
            caller: caller(principal),
            action: Action::parse(text(request, "action"))
                .unwrap_or_else(|| panic!("{}: {}", line["id"], request["action"])),
            resource,
            resource_account: request["resource_account"].as_str().map(str::to_owned),
            circumstances,
            policies: Policies::read(&line["policies"]),
            expected: match text(&line["expect"], "decision") {
                "Allowed" => Decision::Allowed,
                "ImplicitlyDenied" => Decision::ImplicitlyDenied,
                "ExplicitlyDenied" => Decision::ExplicitlyDenied,
                other => panic!("{}: expects {other}", line["id"]),
            },
            disputed: line["disputed"].as_str().map(str::to_owned),
        }
    }

    pub fn outcome(&self) -> Outcome<Truth> {
        let mut request =
            Request::new(&self.caller, &self.action, &self.resource, &self.circumstances, now());
        if let Some(account) = &self.resource_account {
            request.resource_account = Attr::Known(Some(account.clone()));
        }
        evaluate(&request, &self.policies.layers(), &Plain, &mut ())
    }

    pub fn request(&self) -> String {
        format!("{} {} {}", self.caller.arn, self.action.text(), self.resource)
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn caller(principal: &str) -> Caller {
    if principal == "anonymous" || principal.is_empty() {
        return Caller::anonymous();
    }
    let mut caller = Caller::of_arn(principal).unwrap_or_else(|| {
        if principal.starts_with("arn:") {
            Caller::federated(principal)
        } else {
            Caller::service(principal)
        }
    });
    // A case says all there is to know.
    for open in [&mut caller.organization, &mut caller.organization_path] {
        if open.known().is_none() {
            *open = Attr::Known(None);
        }
    }
    if caller.tags.known().is_none() {
        caller.tags = Attr::Known(std::collections::BTreeMap::new());
    }
    caller
}

impl Policies {
    fn read(value: &Value) -> Self {
        let list = |key: &str| documents(&value[key], key);
        let some = |list: Vec<Document>| (!list.is_empty()).then_some(list);
        let one = |key: &str| (!value[key].is_null()).then(|| document(&value[key], key));
        let levels = |key: &str| {
            let levels = items(&value[key]).iter().map(|l| documents(&l["policies"], key));
            some_levels(levels.collect())
        };
        Self {
            identity: list("identity"),
            boundary: some(list("boundary")),
            session: one("session").map(|it| vec![it]),
            scp: levels("scp"),
            // AWS attaches a policy that allows everything at every level.
            rcp: levels("rcp").map(|levels| levels.into_iter().map(with_everything).collect()),
            resource: one("resource"),
            endpoint: some(list("endpoint")),
        }
    }

    fn layers(&self) -> Layers<'_> {
        fn all(list: &[Document]) -> Vec<&Document> {
            list.iter().collect()
        }
        fn levels(levels: Option<&Vec<Vec<Document>>>) -> Option<Vec<Vec<&Document>>> {
            levels.map(|levels| levels.iter().map(|l| all(l)).collect())
        }
        Layers {
            identity: all(&self.identity),
            boundary: self.boundary.as_deref().map(all),
            session: self.session.as_deref().map(all),
            scp: levels(self.scp.as_ref()),
            rcp: levels(self.rcp.as_ref()),
            resource: self.resource.as_ref(),
            endpoint: self.endpoint.as_deref().map(all),
            ..Layers::default()
        }
    }
}

fn some_levels(levels: Vec<Vec<Document>>) -> Option<Vec<Vec<Document>>> {
    (!levels.is_empty()).then_some(levels)
}

fn with_everything(mut level: Vec<Document>) -> Vec<Document> {
    level.push(Document::everything("RCPFullAWSAccess"));
    level
}

fn documents(value: &Value, name: &str) -> Vec<Document> {
    items(value).iter().map(|it| document(it, name)).collect()
}

/// Compiles a document that stands in JSON.
pub fn document(value: &Value, name: &str) -> Document {
    Document::compile(name, None, &PolicyDocument::from_json(value))
}

/// A file of cases.
pub fn cases(path: &std::path::Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Case::read(&serde_json::from_str(line).unwrap())).collect()
}

#[test]
fn the_reader_reads_every_layer() {
    let allow = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    ]});
    let granting = serde_json::json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
    ]});
    let level = serde_json::json!([{"orgIdentifier": "r-1", "policies": [allow]}]);
    let line = serde_json::json!({
        "id": "all", "mode": "Strict",
        "request": {
            "principal": "arn:aws:sts::111122223333:assumed-role/a/s", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333",
            "context": {"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ["a", "b"]},
        },
        "policies": {
            "identity": [allow], "boundary": [allow], "session": allow, "resource": granting,
            "scp": level, "rcp": level, "endpoint": [allow],
        },
        "expect": {"decision": "Allowed", "blocked_by": []}, "disputed": null,
    });
    let case = Case::read(&line);
    let outcome = case.outcome();
    let layers: Vec<Layer> = outcome.layers.iter().map(|(layer, _)| *layer).collect();
    assert_eq!(layers.len(), 7, "{layers:?}");
    assert_eq!(outcome.decision, case.expected);
    let cut = Document::unread("x", portcullis::model::Cause::new(CauseKind::Denied, "cut"));
    assert!(cut.doubt.is_some());
}
