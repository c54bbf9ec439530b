//! IAM policy documents as data: the grammar of the JSON policy language, normalised, and nothing of its evaluation.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>. A document that is not
//! understood in full says so in [`Statement::not_understood`]; readers must treat such a statement as unknown.

pub mod pattern;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::attr::{Attr, Cause, CauseKind};

/// Documents beyond this size are refused: AWS' own limits are below 50 kB for every kind of policy.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;

model! {
    /// An IAM policy document.
    pub struct PolicyDocument {
        /// Version of the policy language.
        version: Option<String>,
        /// The document's own id.
        policy_id: Option<String>,
        /// The statements, in order.
        statements: Vec<crate::model::Attr<Statement>>,
    }

    /// One statement of a policy document. A list that is empty is an element that is absent.
    pub struct Statement {
        /// The statement's own id.
        sid: Option<String>,
        /// What it does.
        effect: String = ["Allow", "Deny"],
        /// `Action`.
        actions: Vec<String>,
        /// `NotAction`.
        not_actions: Vec<String>,
        /// `Resource`.
        resources: Vec<String>,
        /// `NotResource`.
        not_resources: Vec<String>,
        /// `Principal`.
        principals: Vec<Principal>,
        /// `NotPrincipal`.
        not_principals: Vec<Principal>,
        /// `Condition`, one entry per operator and key.
        conditions: Vec<Condition>,
        /// Elements that were not understood.
        not_understood: Vec<String>,
    }

    /// Whom a statement speaks of.
    pub struct Principal {
        /// The kind: `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for everyone.
        kind: String = ["AWS", "Service", "Federated", "CanonicalUser", "*"],
        /// The ARN, account, service name, provider or `*`.
        value: String,
    }

    /// One operator over one key of a condition block.
    pub struct Condition {
        /// The operator with its modifiers, such as `ForAnyValue:StringLike`.
        operator: String,
        /// The condition key.
        key: String,
        /// The values, any of which satisfies most operators.
        values: Vec<String>,
    }
}

impl PolicyDocument {
    /// Parses a document as APIs return it: JSON, or JSON encoded for URLs as IAM does.
    ///
    /// A document that is no JSON object is unknown; so is a statement without a known effect.
    pub fn parse(text: &str) -> Attr<Self> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Attr::unknown(
                CauseKind::NotUnderstood,
                format!("policy document of {} bytes", text.len()),
            );
        }
        let decoded = if text.trim_start().starts_with('%') {
            percent_decode_str(text).decode_utf8_lossy()
        } else {
            text.into()
        };
        match serde_json::from_str::<Value>(&decoded) {
            Ok(value) => Self::from_json(&value),
            Err(error) => Attr::unknown(
                CauseKind::NotUnderstood,
                format!("policy document is no JSON: {error}"),
            ),
        }
    }

    /// Reads a document from its JSON tree.
    pub fn from_json(value: &Value) -> Attr<Self> {
        let Value::Object(map) = value else {
            return Attr::unknown(CauseKind::NotUnderstood, "policy document is no JSON object");
        };
        let statements = match map.get("Statement") {
            Some(Value::Array(list)) => Attr::Known(list.iter().map(statement).collect()),
            Some(one @ Value::Object(_)) => Attr::Known(vec![statement(one)]),
            // AWS stores no such document, so that nobody can say what it would do.
            None => {
                Attr::unknown(CauseKind::NotUnderstood, "a policy document without `Statement`")
            }
            Some(_) => {
                return Attr::unknown(
                    CauseKind::NotUnderstood,
                    "`Statement` is neither an object nor a list",
                );
            }
        };
        Attr::Known(Self {
            version: match map.get("Version") {
                None => Attr::Known(None),
                Some(Value::String(version)) => Attr::Known(Some(version.clone())),
                Some(_) => Attr::unknown(CauseKind::NotUnderstood, "`Version` is no text"),
            },
            policy_id: Attr::Known(text_of(map.get("Id"))),
            statements,
        })
    }
}

fn text_of(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

/// The elements of a statement.
const KNOWN: [&str; 9] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
];

fn statement(value: &Value) -> Attr<Statement> {
    let Value::Object(map) = value else {
        return Attr::unknown(CauseKind::NotUnderstood, "a statement is no object");
    };
    let mut strange: Vec<String> = Vec::new();
    let effect = match map.get("Effect").and_then(Value::as_str) {
        Some(effect @ ("Allow" | "Deny")) => Attr::Known(effect.to_owned()),
        _ => Attr::unknown(CauseKind::NotUnderstood, "`Effect` is neither Allow nor Deny"),
    };
    let mut list = |key: &str| strings(map.get(key), key, &mut strange);
    let (mut actions, mut not_actions) = (list("Action"), list("NotAction"));
    let (mut resources, mut not_resources) = (list("Resource"), list("NotResource"));
    // All but nothing is everything; as an empty list it would look like an element that is absent.
    let all_but_nothing =
        |key: &str| map.get(key).is_some_and(|v| v.as_array().is_some_and(Vec::is_empty));
    if all_but_nothing("NotAction") && !map.contains_key("Action") {
        actions = Attr::Known(vec!["*".to_owned()]);
    }
    if all_but_nothing("NotResource") && !map.contains_key("Resource") {
        resources = Attr::Known(vec!["*".to_owned()]);
    }
    if !map.contains_key("Action") && !map.contains_key("NotAction") {
        actions = not_understood("Action", &mut strange);
    }
    let mut whom = principals(map.get("Principal"), &mut strange);
    let mut whom_not = principals(map.get("NotPrincipal"), &mut strange);
    if map.contains_key("Action") && map.contains_key("NotAction") {
        contradict("Action", (&mut actions, &mut not_actions), &mut strange);
    }
    if map.contains_key("Resource") && map.contains_key("NotResource") {
        contradict("Resource", (&mut resources, &mut not_resources), &mut strange);
    }
    if map.contains_key("Principal") && map.contains_key("NotPrincipal") {
        contradict("Principal", (&mut whom, &mut whom_not), &mut strange);
    }
    let conditions = conditions(map.get("Condition"), &mut strange);
    strange.extend(map.keys().filter(|key| !KNOWN.contains(&key.as_str())).cloned());
    Attr::Known(Statement {
        sid: Attr::Known(text_of(map.get("Sid"))),
        effect,
        actions,
        not_actions,
        resources,
        not_resources,
        principals: whom,
        not_principals: whom_not,
        conditions,
        not_understood: Attr::Known(strange),
    })
}

/// Why a statement with an element and its opposite is in doubt: AWS stores none.
pub fn both_of(element: &str) -> Cause {
    Cause::new(
        CauseKind::NotUnderstood,
        format!("a statement with both `{element}` and `Not{element}`"),
    )
}

/// Why a statement of a policy that stands at no resource is in doubt: AWS stores none.
pub fn without_resource() -> Cause {
    Cause::new(CauseKind::NotUnderstood, "a statement with neither `Resource` nor `NotResource`")
}

/// Neither of two elements that exclude each other is known where both are there.
fn contradict<T>(
    element: &str,
    (these, but): (&mut Attr<T>, &mut Attr<T>),
    strange: &mut Vec<String>,
) {
    strange.push(format!("Not{element}"));
    *these = Attr::Unknown(both_of(element));
    *but = Attr::Unknown(both_of(element));
}

/// The texts of an element that is one text or a list of them.
fn strings(value: Option<&Value>, key: &str, strange: &mut Vec<String>) -> Attr<Vec<String>> {
    let mut out = Vec::new();
    match value {
        None => {}
        Some(Value::String(text)) => out.push(text.clone()),
        Some(Value::Array(list)) => {
            for item in list {
                match scalar(item) {
                    Some(text) => out.push(text),
                    None => return not_understood(key, strange),
                }
            }
        }
        Some(other) => match scalar(other) {
            Some(text) => out.push(text),
            None => return not_understood(key, strange),
        },
    }
    Attr::Known(out)
}

fn not_understood<T>(key: &str, strange: &mut Vec<String>) -> Attr<T> {
    strange.push(key.to_owned());
    Attr::Unknown(Cause::new(CauseKind::NotUnderstood, format!("`{key}` of a statement")))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn principals(value: Option<&Value>, strange: &mut Vec<String>) -> Attr<Vec<Principal>> {
    let principal =
        |kind: &str, value: String| Principal { kind: kind.to_owned().into(), value: value.into() };
    match value {
        None => Attr::Known(Vec::new()),
        Some(Value::String(text)) if text == "*" => Attr::Known(vec![principal("*", text.clone())]),
        // AWS keeps no such document, and other tools write it for `{"AWS": …}`.
        Some(Value::String(text)) => Attr::Known(vec![principal("AWS", text.clone())]),
        Some(Value::Object(map)) => {
            let mut out = Vec::new();
            for (kind, value) in map {
                let Attr::Known(values) = strings(Some(value), "Principal", strange) else {
                    return not_understood("Principal", strange);
                };
                if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
                    return not_understood("Principal", strange);
                }
                // `{"AWS": "*"}` means everyone, as `"*"` does.
                out.extend(values.into_iter().map(|v| match v.as_str() {
                    "*" if kind == "AWS" => principal("*", v),
                    _ => principal(kind, v),
                }));
            }
            Attr::Known(out)
        }
        Some(_) => not_understood("Principal", strange),
    }
}

fn conditions(value: Option<&Value>, strange: &mut Vec<String>) -> Attr<Vec<Condition>> {
    let mut out = Vec::new();
    match value {
        None => {}
        Some(Value::Object(operators)) => {
            for (operator, keys) in operators {
                let Value::Object(keys) = keys else { return not_understood("Condition", strange) };
                for (key, values) in keys {
                    let values = strings(Some(values), "Condition", strange);
                    out.push(Condition {
                        operator: operator.clone().into(),
                        key: key.clone().into(),
                        values,
                    });
                }
            }
        }
        Some(_) => return not_understood("Condition", strange),
    }
    Attr::Known(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Statement {
        let Attr::Known(document) = PolicyDocument::parse(text) else { panic!("unknown: {text}") };
        document.statements.known().unwrap()[0].known().unwrap().clone()
    }

    #[test]
    fn single_values_become_lists() {
        let s = only(
            r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":["a","b"],"Principal":{"AWS":"*"}}}"#,
        );
        assert_eq!(s.actions.known().unwrap(), &["s3:*"]);
        assert_eq!(s.resources.known().unwrap().len(), 2);
        assert_eq!(s.principals.known().unwrap()[0].kind.known().unwrap(), "*");
        assert!(s.not_understood.known().unwrap().is_empty());
    }

    #[test]
    fn url_encoding_is_undone() {
        let s = only(
            "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22a%3Ab%22%7D%5D%7D",
        );
        assert_eq!(s.effect.known().unwrap(), "Deny");
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        assert!(PolicyDocument::parse("not json").known().is_none());
        let s = only(r#"{"Statement":[{"Effect":"allow","Action":{"x":1},"Magic":1}]}"#);
        assert!(s.effect.known().is_none());
        assert!(s.actions.known().is_none());
        assert_eq!(s.not_understood.known().unwrap(), &["Action", "Magic"]);
    }
}
