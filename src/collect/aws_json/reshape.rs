//! From the provider's JSON to the model's, led by the model's shape.
//!
//! A field is looked for under its own name in any spelling (`kms_key_id`, `KmsKeyId`), or under the path that a
//! reader gives for it. What an answer leaves out is absent where the model knows absence, and unknown elsewhere; a
//! value of another type than the model's is unknown as *not understood*, and never spoils its neighbours.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

use crate::collect::normal;
use crate::model::Attr;
use crate::model::attr::{CauseKind, UNKNOWN_KEY};
use crate::model::policy::PolicyDocument;
use crate::model::reflect::{Shape, Type};
use crate::net::{Ports, Prefix};

/// A field and the path it has in the answer, where it is another one. Fields of nested structs are written with dots
/// (`block_device_mappings.volume_id`), their paths begin at the nested value.
pub(super) type From = (&'static str, &'static str);

/// How one struct is read.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    /// Paths of fields that have another name or place in the answer.
    pub(super) from: &'a [From],
    /// Fields of the top struct that this answer does not carry, and that stay as they are.
    pub(super) skip: &'a [(&'static str, &'static str)],
}

/// The fields of a struct from an answer's object.
pub(super) fn fields(shape: &Shape, value: &Value, plan: Plan<'_>) -> Map<String, Value> {
    object(shape, value, plan, "")
}

/// An unknown value in the model's JSON.
pub(super) fn unknown(kind: CauseKind, detail: impl Into<String>) -> Value {
    let cause = crate::model::Cause::new(kind, detail);
    json!({ UNKNOWN_KEY: cause })
}

/// Whether a model value is unknown.
pub(super) fn is_unknown(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.contains_key(UNKNOWN_KEY))
}

fn object(shape: &Shape, value: &Value, plan: Plan<'_>, prefix: &str) -> Map<String, Value> {
    let mut by_name: BTreeMap<String, &Value> = BTreeMap::new();
    for (key, member) in value.as_object().into_iter().flatten() {
        by_name.insert(plain(key), member);
    }
    let mut out = Map::new();
    for field in shape.fields.iter().filter(|field| !field.fact) {
        if prefix.is_empty() && plan.skip.iter().any(|(name, _)| *name == field.name) {
            continue;
        }
        let full = format!("{prefix}{}", field.name);
        let path = plan.from.iter().find(|(name, _)| *name == full).map(|(_, path)| *path);
        let found = match path {
            Some(path) => pick(value, path),
            None => by_name.get(&plain(field.name)).copied().cloned(),
        };
        let ty = (field.ty)();
        let made = match found.filter(|value| !value.is_null()) {
            Some(found) => convert(&ty, &found, plan, &full)
                .unwrap_or_else(|why| unknown(CauseKind::NotUnderstood, format!("{full}: {why}"))),
            None => match &ty {
                Type::Optional(_) => Value::Null,
                Type::List(_) => Value::Array(Vec::new()),
                Type::Map(_) => Value::Object(Map::new()),
                _ => continue,
            },
        };
        out.insert(field.name.to_owned(), made);
    }
    out
}

fn convert(ty: &Type, value: &Value, plan: Plan<'_>, full: &str) -> Result<Value, String> {
    match ty {
        Type::Optional(of) => match value {
            // EC2 prints empty texts for addresses and names that are not there.
            Value::String(text) if text.is_empty() => Ok(Value::Null),
            value => convert(of, value, plan, full),
        },
        Type::Bool => match value {
            Value::Bool(_) => Ok(value.clone()),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            Value::Number(number) if number.as_i64() == Some(0) => Ok(Value::Bool(false)),
            Value::Number(number) if number.as_i64() == Some(1) => Ok(Value::Bool(true)),
            // EC2 wraps attributes.
            Value::Object(map) if map.len() == 1 => match map.get("Value") {
                Some(inner) => convert(ty, inner, plan, full),
                None => Err(wrong("true or false", value)),
            },
            _ => Err(wrong("true or false", value)),
        },
        Type::Int => integer(value).ok_or_else(|| wrong("an integer", value)),
        Type::Float => {
            value.as_f64().map(|_| value.clone()).ok_or_else(|| wrong("a number", value))
        }
        Type::String => match value {
            Value::String(_) => Ok(value.clone()),
            Value::Number(number) => Ok(Value::String(number.to_string())),
            Value::Bool(flag) => Ok(Value::String(flag.to_string())),
            _ => Err(wrong("a text", value)),
        },
        Type::Time => {
            let time = match value {
                Value::String(text) => normal::time(text),
                Value::Number(number) => number.as_f64().and_then(normal::time_from_epoch),
                _ => None,
            };
            time.map(|time| json!(time)).ok_or_else(|| wrong("a time", value))
        }
        Type::Prefix => match value {
            Value::String(text) => text.parse::<Prefix>().map(|prefix| json!(prefix)),
            _ => Err(wrong("an address prefix", value)),
        },
        Type::List(of) => match value {
            Value::Array(items) => {
                let made: Result<Vec<_>, _> =
                    items.iter().map(|item| convert(of, item, plan, full)).collect();
                made.map(Value::Array)
            }
            Value::String(_) => convert(of, value, plan, full).map(|one| Value::Array(vec![one])),
            _ => Err(wrong("a list", value)),
        },
        Type::Map(of) => entries(of, value, plan, full),
        Type::Struct(shape) if std::ptr::eq(*shape, PolicyDocument::SHAPE) => Ok(policy(value)),
        Type::Struct(shape) => match value {
            Value::Object(_) => Ok(Value::Object(object(shape, value, plan, &format!("{full}.")))),
            _ => Err(wrong("an object", value)),
        },
        Type::Ports => {
            let end = |name: &str| {
                let number = value.get(name).or_else(|| value.get(plain(name)))?.as_i64()?;
                u16::try_from(number).ok()
            };
            match (end("FromPort"), end("ToPort")) {
                (Some(from), Some(to)) => Ok(json!(Ports::new(from, to))),
                _ => Err(wrong("a range of ports", value)),
            }
        }
        Type::Duration | Type::Resource(_) => Err("a type no answer has".to_owned()),
    }
}

fn integer(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            #[expect(clippy::cast_possible_truncation, reason = "checked: no fraction, small")]
            (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
        })?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Some(Value::Number(Number::from(number)))
}

/// A map from an object, or from AWS' lists of `Key` and `Value`.
fn entries(of: &Type, value: &Value, plan: Plan<'_>, full: &str) -> Result<Value, String> {
    let mut out = BTreeMap::new();
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                out.insert(key.clone(), convert(of, member, plan, full)?);
            }
        }
        Value::Array(items) => {
            for item in items {
                let key = item.get("Key").or_else(|| item.get("key")).and_then(Value::as_str);
                let Some(key) = key else { return Err(wrong("a list of keys and values", value)) };
                let member = item.get("Value").or_else(|| item.get("value"));
                let made = match member.filter(|member| !member.is_null()) {
                    Some(member) => convert(of, member, plan, full)?,
                    None => Value::String(String::new()),
                };
                out.insert(key.to_owned(), made);
            }
        }
        _ => return Err(wrong("a map", value)),
    }
    Ok(Value::Object(out.into_iter().collect()))
}

/// A policy document from its text or tree, as the model writes it.
pub(super) fn policy(value: &Value) -> Value {
    let parsed = match value {
        Value::String(text) => PolicyDocument::parse(text),
        other => PolicyDocument::from_json(other),
    };
    attr(&parsed)
}

/// A model attribute as JSON.
pub(super) fn attr<T: serde::Serialize>(attr: &Attr<T>) -> Value {
    serde_json::to_value(attr).unwrap_or_default()
}

/// What stands at a path: members separated by dots, `[]` for each item of a list, `|` between alternatives of which
/// the first that is there counts, and `=text` for a constant.
pub(super) fn pick(value: &Value, path: &str) -> Option<Value> {
    if let Some(constant) = path.strip_prefix('=') {
        return Some(Value::String(constant.to_owned()));
    }
    path.split('|').find_map(|path| walk(value, path).filter(|found| !found.is_null()))
}

fn walk(value: &Value, path: &str) -> Option<Value> {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let onward = |value: &Value| match rest {
        Some(rest) => walk(value, rest),
        None => Some(value.clone()),
    };
    let Some(list) = head.strip_suffix("[]") else { return onward(value.get(head)?) };
    let mut out = Vec::new();
    for item in value.get(list)?.as_array()? {
        match onward(item) {
            // Lists within lists become one.
            Some(Value::Array(inner)) => out.extend(inner),
            Some(Value::Null) | None => {}
            Some(one) => out.push(one),
        }
    }
    Some(Value::Array(out))
}

/// The text at a path.
pub(super) fn text(value: &Value, path: &str) -> Option<String> {
    match pick(value, path)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The list at a path; empty when there is none.
pub(super) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A name without what its spelling adds.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_' && *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

fn wrong(wanted: &str, found: &Value) -> String {
    let mut shown = found.to_string();
    if let Some((at, _)) = shown.char_indices().nth(60) {
        shown.truncate(at);
        shown.push('…');
    }
    format!("{wanted} was expected, and `{shown}` is there")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::kind_named;

    #[test]
    fn paths_lead_through_lists_and_alternatives() {
        let value = json!({"A": [{"B": ["x", "y"]}, {"B": ["z"]}, {}], "C": {"D": 1}, "E": null});
        assert_eq!(pick(&value, "A[].B").unwrap(), json!(["x", "y", "z"]));
        assert_eq!(pick(&value, "E|C.D").unwrap(), json!(1));
        assert_eq!(pick(&value, "=vpc").unwrap(), json!("vpc"));
        assert_eq!(pick(&value, "X.Y"), None);
    }

    #[test]
    fn what_does_not_fit_is_unknown_and_alone() {
        let shape = kind_named("aws.ec2.volume").unwrap().shape;
        let answer = json!({"Size": "eight", "Encrypted": true, "CreateTime": 1_588_109_923, "KmsKeyId": ""});
        let out = fields(shape, &answer, Plan { from: &[], skip: &[("sse_type", "x")] });
        assert!(is_unknown(&out["size"]));
        assert_eq!(out["encrypted"], json!(true));
        assert_eq!(out["create_time"], json!("2020-04-28T21:38:43Z"));
        assert_eq!(out["kms_key_id"], Value::Null);
        assert_eq!(out["attachments"], json!([]));
        assert!(!out.contains_key("sse_type") && !out.contains_key("state"));
    }
}
