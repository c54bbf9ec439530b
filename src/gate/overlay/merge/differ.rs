//! What an input believes of a thing, held against what is live.

use serde_json::Value;

use super::edit;
use crate::model::attr::UNKNOWN_KEY;
use crate::model::change::{Draft, Joint, Part};
use crate::model::{Resource, Tree};

/// Attributes that come and go by themselves.
const RESTLESS: &[&str] = &["state", "status", "lifecycle_state"];

/// The attributes that are known on both sides and differ.
pub(super) fn attributes(believed: &Draft<'_>, live: &Resource) -> Vec<String> {
    let mut fields = believed.fields.clone();
    edit::fit(believed.kind.shape, &mut fields);
    // The model's own reading makes spellings of one value the same.
    let Ok(believed) = (believed.kind.from_tree)(fields) else { return Vec::new() };
    let (believed, live) = (json(&believed), json(&live.data));
    let (Some(believed), Some(live)) = (believed.as_object(), live.as_object()) else {
        return Vec::new();
    };
    let differs = |(name, value): &(&String, &Value)| {
        !RESTLESS.contains(&name.as_str())
            && live.get(name.as_str()).is_some_and(|live| is_other(value, live))
    };
    let mut names: Vec<String> =
        believed.iter().filter(differs).map(|(name, _)| name.clone()).collect();
    names.sort();
    names
}

/// Whether a live resource is certainly without a part.
pub(super) fn lacks(part: &Part<'_>, live: &Resource) -> bool {
    let json = json(&live.data);
    let tree = Tree::from(&json);
    let found = tree.at(part.field);
    let shape = edit::element_shape(part.kind.shape, part.field);
    match part.joint {
        Joint::Element => {
            // A list that is missing from the inventory was not collected.
            !found.is_null() && edit::holds(&found, shape, &part.value) == Some(false)
        }
        Joint::Value => {
            let value = serde_json::to_value(&part.value).unwrap_or_default();
            let have = serde_json::to_value(&*found).unwrap_or_default();
            let known = part.field.split('.').next().is_some_and(|first| json.get(first).is_some());
            known && is_other(&value, &have)
        }
    }
}

fn json<T: serde::Serialize>(data: &T) -> Value {
    serde_json::to_value(data).unwrap_or_default()
}

fn is_unknown(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.contains_key(UNKNOWN_KEY))
}

/// Whether two values differ in something that both know. The order of lists means nothing here.
fn is_other(believed: &Value, live: &Value) -> bool {
    if is_unknown(believed) || is_unknown(live) {
        return false;
    }
    match (believed, live) {
        (Value::Object(a), Value::Object(b)) => {
            a.iter().any(|(key, value)| b.get(key).is_some_and(|live| is_other(value, live)))
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.iter().chain(b).any(is_unknown) {
                return false;
            }
            let mut left: Vec<&Value> = b.iter().collect();
            let all = a.iter().all(|item| {
                let found = left.iter().position(|live| !is_other(item, live));
                found.map(|at| left.swap_remove(at)).is_some()
            });
            !all || !left.is_empty()
        }
        (a, b) => a != b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_both_know_differs() {
        assert!(!is_other(&json!({"a": 1, "c": 2}), &json!({"a": 1, "b": 2})));
        assert!(is_other(&json!({"a": 1}), &json!({"a": 2})));
        assert!(!is_other(&json!([{"a": 1}, {"a": 2}]), &json!([{"a": 2}, {"a": 1, "x": 0}])));
        assert!(is_other(&json!([{"a": 1}]), &json!([{"a": 1}, {"a": 2}])));
        assert!(!is_other(&json!({"$unknown": {"kind": "denied"}}), &json!(3)));
    }
}
