//! Requests that bring their own policies, one JSON object each.
//!
//! `{"id", "mode": "Strict"|"Discovery", "request": {"principal", "action", "resource", "resource_account", "context"},
//! "policies": {"identity", "boundary", "session", "resource", "scp", "rcp", "endpoint"}}`. Lists of documents may be
//! empty, single documents null: there is no such policy then. `scp` and `rcp` are lists of levels,
//! `{"orgIdentifier", "policies"}`, from the root down; `block_public_access` says that S3 restricts the bucket.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::answer::{Answer, answer};
use super::whom;
use crate::analyze::iam::document::Document;
use crate::analyze::iam::evaluate::Layers;
use crate::analyze::iam::request::{Action, Caller, Circumstances, Given, Request};
use crate::model::Attr;
use crate::model::policy::PolicyDocument;

/// A request with its policies.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name in the file.
    pub id: String,
    caller: Caller,
    action: Action,
    resource: String,
    resource_account: Option<String>,
    circumstances: Circumstances,
    identity: Vec<Document>,
    boundary: Option<Vec<Document>>,
    session: Option<Vec<Document>>,
    resource_policy: Option<Document>,
    scp: Option<Vec<Vec<Document>>>,
    rcp: Option<Vec<Vec<Document>>>,
    endpoint: Option<Vec<Document>>,
    public_blocked: bool,
}

/// The name of a case, if it has one.
fn id_of(value: &Value) -> Option<String> {
    match value.get("id")? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// What is wrong, with the place in the object.
    pub fn read(value: &Value) -> Result<Self, String> {
        let none = Map::new();
        let request = object(value, "request")?.ok_or("`request` is missing")?;
        let policies = object(value, "policies")?.unwrap_or(&none);
        let strict = match value.get("mode") {
            None | Some(Value::Null) => false,
            Some(Value::String(mode)) if mode.eq_ignore_ascii_case("strict") => true,
            Some(Value::String(mode))
                if mode.eq_ignore_ascii_case("discovery")
                    || mode.eq_ignore_ascii_case("possible") =>
            {
                false
            }
            Some(other) => return Err(format!("`mode` is {other}, neither Strict nor Discovery")),
        };
        let caller = whom::caller(text(request, "principal")?)
            .map_err(|why| format!("`request.principal`: {why}"))?;
        let action = text(request, "action")?;
        let action = Action::parse(action).ok_or_else(|| {
            format!("`request.action` is `{action}`, not one action such as `s3:GetObject`")
        })?;
        let alone = request.get("wildcard_only_action") == Some(&Value::Bool(true));
        let resource = if alone { "*" } else { text(request, "resource")? };
        let mut circumstances =
            if strict { Circumstances::strict() } else { Circumstances::open() };
        if let Some(context) = inner(request, "context")? {
            context_of(context, &mut circumstances)
                .map_err(|why| format!("`request.context`: {why}"))?;
        }
        let account = match request.get("resource_account") {
            None | Some(Value::Null) => None,
            Some(Value::String(account)) if account.is_empty() => None,
            Some(Value::String(account)) => Some(account.clone()),
            Some(other) => return Err(format!("`request.resource_account` is {other}, no text")),
        };
        Ok(Self {
            id: id_of(value).unwrap_or_default(),
            caller,
            action,
            resource: resource.to_owned(),
            resource_account: account,
            circumstances,
            identity: documents(policies, "identity")?,
            boundary: some(documents(policies, "boundary")?),
            session: some(documents(policies, "session")?),
            resource_policy: documents(policies, "resource")?.into_iter().next(),
            scp: levels(policies, "scp", false)?,
            rcp: levels(policies, "rcp", true)?,
            endpoint: some(documents(policies, "endpoint")?),
            public_blocked: policies.get("block_public_access") == Some(&Value::Bool(true)),
        })
    }

    /// Decides it.
    pub fn answer(&self, now: Timestamp) -> Answer {
        let mut request =
            Request::new(&self.caller, &self.action, &self.resource, &self.circumstances, now);
        if let Some(account) = &self.resource_account {
            request.resource_account = Attr::Known(Some(account.clone()));
        }
        let layers = Layers {
            identity: self.identity.iter().collect(),
            boundary: borrowed(self.boundary.as_deref()),
            session: borrowed(self.session.as_deref()),
            scp: self.scp.as_ref().map(|levels| borrowed_levels(levels)),
            rcp: self.rcp.as_ref().map(|levels| borrowed_levels(levels)),
            resource: self.resource_policy.as_ref(),
            endpoint: borrowed(self.endpoint.as_deref()),
            public_blocked: self.public_blocked.into(),
        };
        answer(&request, &layers)
    }
}

fn borrowed(list: Option<&[Document]>) -> Option<Vec<&Document>> {
    list.map(|list| list.iter().collect())
}

fn borrowed_levels(levels: &[Vec<Document>]) -> Vec<Vec<&Document>> {
    levels.iter().map(|level| level.iter().collect()).collect()
}

/// Says what an object of condition keys says: a text is one value, a list a key with several; null says that the
/// request does not carry the key.
///
/// # Errors
/// The key whose value is neither.
pub fn context_of(
    context: &Map<String, Value>,
    circumstances: &mut Circumstances,
) -> Result<(), String> {
    for (key, value) in context {
        let wrong = || format!("`{key}` is neither a text nor a list of texts");
        let given = match value {
            Value::Null => Given::Absent,
            Value::Array(list) => {
                let values: Option<Vec<String>> = list.iter().map(scalar).collect();
                Given::Several(values.ok_or_else(wrong)?)
            }
            one => Given::Values(vec![scalar(one).ok_or_else(wrong)?]),
        };
        circumstances.add(key, given);
    }
    Ok(())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn object<'v>(value: &'v Value, key: &str) -> Result<Option<&'v Map<String, Value>>, String> {
    match value {
        Value::Object(map) => inner(map, key),
        _ => Err("a case is a JSON object".to_owned()),
    }
}

fn inner<'v>(
    map: &'v Map<String, Value>,
    key: &str,
) -> Result<Option<&'v Map<String, Value>>, String> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(format!("`{key}` is no object")),
    }
}

fn text<'v>(request: &'v Map<String, Value>, key: &str) -> Result<&'v str, String> {
    match request.get(key) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(format!("`request.{key}` is no text")),
        None => Err(format!("`request.{key}` is missing")),
    }
}

/// The documents under a name: one, or a list of them; each bare, or as `{"name", "policy"}`.
fn documents(policies: &Map<String, Value>, key: &str) -> Result<Vec<Document>, String> {
    match policies.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(at, value)| document(value, &format!("{key}[{at}]")))
            .collect(),
        Some(one) => Ok(vec![document(one, key)?]),
    }
}

fn document(value: &Value, place: &str) -> Result<Document, String> {
    let (name, policy) = match (value.get("policy"), value.get("name")) {
        (Some(policy), name) if value.get("Statement").is_none() => {
            (name.and_then(Value::as_str).unwrap_or(place), policy)
        }
        _ => (place, value),
    };
    match PolicyDocument::from_json(policy) {
        Attr::Unknown(cause) => Err(format!("`policies.{place}`: {cause}")),
        known @ Attr::Known(_) => Ok(Document::compile(name, None, &known)),
    }
}

/// No list is no policy in force.
fn some(list: Vec<Document>) -> Option<Vec<Document>> {
    (!list.is_empty()).then_some(list)
}

fn levels(
    policies: &Map<String, Value>,
    key: &str,
    and_everything: bool,
) -> Result<Option<Vec<Vec<Document>>>, String> {
    let list = match policies.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) if list.is_empty() => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(format!("`policies.{key}` is no list of levels")),
    };
    let mut out = Vec::new();
    for (at, level) in list.iter().enumerate() {
        let place = format!("{key}[{at}]");
        let Some(own) = level.get("policies").and_then(Value::as_array) else {
            return Err(format!("`policies.{place}` is no object with a list `policies`"));
        };
        let mut documents: Vec<Document> = own
            .iter()
            .enumerate()
            .map(|(at, value)| document(value, &format!("{place}.policies[{at}]")))
            .collect::<Result<_, _>>()?;
        // AWS attaches it at every level, and nobody can detach it.
        if and_everything {
            documents.push(Document::everything("RCPFullAWSAccess"));
        }
        out.push(documents);
    }
    Ok(Some(out))
}
