//! `Fn::ForEach`, which repeats a piece of a template before it is a template.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>.

use super::node::{Entry, Node, Value};
use crate::model::Tree;

const PREFIX: &str = "Fn::ForEach::";
/// How many values unrolling may make.
const VALUES_MAX: usize = 200_000;

/// Unrolls all loops of a template. Those over what is not known are left out and named.
pub(super) fn unroll(
    root: &mut Node,
    given: &dyn Fn(&str) -> Option<Tree<'static>>,
    left: &mut Vec<String>,
) {
    let mut room = VALUES_MAX;
    inside(root, given, left, &mut room);
}

fn inside(
    node: &mut Node,
    given: &dyn Fn(&str) -> Option<Tree<'static>>,
    left: &mut Vec<String>,
    room: &mut usize,
) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| inside(item, given, left, room)),
        Value::Map(entries) => {
            if entries.iter().any(|entry| entry.key.starts_with(PREFIX)) {
                let mut out: Vec<Entry> = Vec::new();
                for entry in std::mem::take(entries) {
                    if entry.key.starts_with(PREFIX) {
                        repeat(entry, given, &mut out, left, room);
                    } else {
                        out.push(entry);
                    }
                }
                *entries = out;
            }
            for entry in entries {
                inside(&mut entry.node, given, left, room);
            }
        }
        _ => {}
    }
}

fn repeat(
    entry: Entry,
    given: &dyn Fn(&str) -> Option<Tree<'static>>,
    out: &mut Vec<Entry>,
    left: &mut Vec<String>,
    room: &mut usize,
) {
    let [name, over, body] = entry.node.items() else {
        left.push(format!("{} is not understood", entry.key));
        return;
    };
    let (Some(name), Some(values)) = (name.as_str(), collection(over, given)) else {
        left.push(format!("{} goes over values that are not known", entry.key));
        return;
    };
    for value in values {
        for piece in body.entries() {
            let size = piece.node.size();
            if size > *room {
                left.push(format!("{} makes too much", entry.key));
                return;
            }
            *room -= size;
            let mut made = piece.clone();
            made.key = replaced(&made.key, name, &value);
            made.at = entry.at.clone();
            replace(&mut made.node, name, &value);
            if made.key.starts_with(PREFIX) {
                repeat(made, given, out, left, room);
            } else if !out.iter().any(|have| have.key == made.key) {
                out.push(made);
            }
        }
    }
}

fn collection(node: &Node, given: &dyn Fn(&str) -> Option<Tree<'static>>) -> Option<Vec<String>> {
    match node.function() {
        Some(("Ref", name)) => match given(name.as_str()?)? {
            Tree::Text(text) => Some(text.split(',').map(|part| part.trim().to_owned()).collect()),
            Tree::List(items) => items.iter().map(|item| Some(item.as_str()?.to_owned())).collect(),
            _ => None,
        },
        Some(_) => None,
        None => {
            let Value::List(items) = &node.value else { return None };
            let mut out = Vec::new();
            for item in items {
                match (&item.value, item.function()) {
                    (Value::Text(text), _) => out.push(text.clone()),
                    (Value::Int(number), _) => out.push(number.to_string()),
                    (_, Some(("Ref", _))) => out.extend(collection(item, given)?),
                    _ => return None,
                }
            }
            Some(out)
        }
    }
}

fn replace(node: &mut Node, name: &str, value: &str) {
    if let Some(("Ref", of)) = node.function()
        && of.as_str() == Some(name)
    {
        node.value = Value::Text(value.to_owned());
        return;
    }
    match &mut node.value {
        Value::Text(text) => *text = replaced(text, name, value),
        Value::List(items) => items.iter_mut().for_each(|item| replace(item, name, value)),
        Value::Map(entries) => {
            for entry in entries {
                entry.key = replaced(&entry.key, name, value);
                replace(&mut entry.node, name, value);
            }
        }
        _ => {}
    }
}

/// `${Name}` stands for the value, `&{Name}` for its letters and digits.
fn replaced(text: &str, name: &str, value: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{name}}}"), value).replace(&format!("&{{{name}}}"), &plain)
}
