//! Types as people write them, and values from what people write.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::value::{Listing, Value};
use crate::clock;
use crate::model::reflect::Type;
use crate::net::Ports;

/// The names of the types that need no other.
pub const SIMPLE_TYPES: [(&str, Type); 8] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("float", Type::Float),
    ("string", Type::String),
    ("time", Type::Time),
    ("duration", Type::Duration),
    ("ports", Type::Ports),
    ("prefix", Type::Prefix),
];

/// How deep types may nest.
const DEPTH_MAX: usize = 8;

/// The type of a text such as `list(int)`.
pub fn parse_type(text: &str) -> Option<Type> {
    parse(text.trim(), DEPTH_MAX)
}

fn parse(text: &str, depth_max: usize) -> Option<Type> {
    if let Some((_, ty)) = SIMPLE_TYPES.iter().find(|(name, _)| *name == text) {
        return Some(ty.clone());
    }
    let (outer, rest) = text.split_once('(')?;
    let of = Arc::new(parse(rest.strip_suffix(')')?.trim(), depth_max.checked_sub(1)?)?);
    match outer.trim() {
        "list" => Some(Type::List(of)),
        "map" => Some(Type::Map(of)),
        _ => None,
    }
}

/// The value that JSON, or what YAML gave, means for a type.
///
/// # Errors
/// What was expected, in words.
pub fn value_from_json(ty: &Type, json: &Json) -> Result<Value<'static>, String> {
    let wrong = || format!("expected {}, found {}", expected(ty), found(json));
    match (ty, json) {
        (Type::Bool, Json::Bool(v)) => Ok(Value::Bool(*v)),
        (Type::Int, Json::Number(n)) => n.as_i64().map(Value::Int).ok_or_else(wrong),
        (Type::Float, Json::Number(n)) => n.as_f64().map(Value::Float).ok_or_else(wrong),
        (Type::String, Json::String(v)) => Ok(Value::text(v.as_str())),
        (Type::Time, Json::String(v)) => clock::parse(v).map(Value::Time),
        (Type::Duration, Json::String(v)) => duration(v)
            .map(Value::Duration)
            .ok_or_else(|| format!("`{}` is no length of time such as `90d`", cut(v))),
        (Type::Ports, _) => ports(json).map(Value::Ports).ok_or_else(wrong),
        (Type::Prefix, Json::String(v)) => v.parse().map(Value::Prefix),
        (Type::List(of), Json::Array(items)) => {
            let items: Result<Vec<_>, _> = items
                .iter()
                .enumerate()
                .map(|(i, item)| {
                    value_from_json(of, item).map_err(|e| format!("item {}: {e}", i + 1))
                })
                .collect();
            Ok(Listing::of(items?).into())
        }
        (Type::Map(of), Json::Object(entries)) => {
            let mut map = BTreeMap::new();
            for (key, value) in entries {
                let value =
                    value_from_json(of, value).map_err(|e| format!("`{}`: {e}", cut(key)))?;
                map.insert(key.clone(), value);
            }
            Ok(Value::Map(Arc::new(map)))
        }
        (Type::Optional(_), Json::Null) => Ok(Value::Absent),
        (Type::Optional(of), _) => value_from_json(of, json),
        _ => Err(wrong()),
    }
}

fn expected(ty: &Type) -> String {
    match ty {
        Type::Time => "a time as text".to_owned(),
        Type::Duration => "a length of time such as `90d`".to_owned(),
        Type::Ports => "a port, or a range such as `8000-8999`".to_owned(),
        Type::Prefix => "an address prefix such as `10.0.0.0/8`".to_owned(),
        ty => ty.to_string(),
    }
}

fn found(json: &Json) -> String {
    match json {
        Json::Null => "nothing".to_owned(),
        Json::Bool(v) => format!("the bool {v}"),
        Json::Number(n) => format!("the number {n}"),
        Json::String(v) => format!("the text `{}`", cut(v)),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a map".to_owned(),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// `90d`, `1d12h`, `30m`.
fn duration(text: &str) -> Option<SignedDuration> {
    let mut total: i64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest.get(..end)?.parse().ok()?;
        let unit = rest.get(end..)?.chars().next()?;
        let seconds = match unit {
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(count.checked_mul(seconds)?)?;
        rest = rest.get(end + 1..)?;
    }
    (!text.trim().is_empty()).then(|| SignedDuration::from_secs(total))
}

fn ports(json: &Json) -> Option<Ports> {
    match json {
        Json::Number(n) => {
            let port = u16::try_from(n.as_u64()?).ok()?;
            Some(Ports::new(port, port))
        }
        Json::String(text) => {
            let (from, to) = text.split_once('-').unwrap_or((text, text));
            let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            (from <= to).then_some(Ports { from, to })
        }
        Json::Object(_) => {
            let ports: Ports = serde_json::from_value(json.clone()).ok()?;
            (ports.from <= ports.to).then_some(ports)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_read_as_they_are_shown() {
        for text in ["bool", "list(int)", "map(list(prefix))", "list(list(string))"] {
            assert_eq!(parse_type(text).unwrap().to_string(), text);
        }
        for text in ["", "list", "list(", "list()", "integer", "map(int", "optional(int)"] {
            assert!(parse_type(text).is_none(), "{text}");
        }
        assert!(parse_type(&"list(".repeat(100_000)).is_none());
    }

    #[test]
    fn values_are_read_by_type() {
        let of = |ty: &str, json| value_from_json(&parse_type(ty).unwrap(), &json);
        assert_eq!(of("list(int)", json!([22, 3389])).unwrap().json(), json!([22, 3389]));
        assert_eq!(of("duration", json!("1d12h")).unwrap().to_string(), "1d12h");
        assert_eq!(of("ports", json!("20-21")).unwrap().to_string(), "20-21");
        assert_eq!(of("prefix", json!("10.0.0.7/8")).unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(
            of("list(int)", json!([1, "x"])).unwrap_err(),
            "item 2: expected int, found the text `x`"
        );
        assert!(of("int", json!(1.5)).is_err());
        assert!(of("duration", json!("d")).is_err());
        assert!(of("ports", json!(70_000)).is_err());
    }
}
