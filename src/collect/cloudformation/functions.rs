//! The functions of templates, evaluated with unknown values among the known ones.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::node::{Node, Value};
use super::world::{World, later, unclear};
use crate::collect::normal;
use crate::collect::predicted::shape::first_cause;
use crate::model::attr::CauseKind;
use crate::model::{Cause, Tree};
use crate::net::Prefix;

/// The longest text that functions may make.
const TEXT_MAX: usize = 1 << 20;

type Made = Option<Tree<'static>>;

/// A value as the text it becomes inside others.
pub(super) fn plain(value: &Tree<'_>) -> Option<String> {
    match value {
        Tree::Text(text) => Some(text.clone().into_owned()),
        Tree::Int(number) => Some(number.to_string()),
        Tree::Float(number) => Some(number.to_string()),
        Tree::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

impl World<'_> {
    /// A value; nothing for `AWS::NoValue`.
    pub(super) fn value(&self, at: usize, node: &Node) -> Made {
        let too_much = || Some(unclear("evaluating this takes too much"));
        self.deeper(|| self.evaluate(at, node), too_much)
    }

    /// A value that has to be there.
    fn argument(&self, at: usize, node: &Node) -> Tree<'static> {
        self.value(at, node).unwrap_or_default()
    }

    fn evaluate(&self, at: usize, node: &Node) -> Made {
        if let Some((function, argument)) = node.function()
            && function != "Condition"
        {
            return self.call(at, function, argument);
        }
        match &node.value {
            Value::Text(text) => Some(resolved(text)),
            Value::List(items) => {
                Some(Tree::List(items.iter().filter_map(|item| self.value(at, item)).collect()))
            }
            Value::Map(entries) => {
                let mut out = Vec::with_capacity(entries.len());
                for entry in entries {
                    if entry.key == "Fn::Transform" {
                        return Some(unclear("a macro (Fn::Transform)"));
                    }
                    if let Some(value) = self.value(at, &entry.node) {
                        out.push((entry.key.clone().into(), value));
                    }
                }
                Some(Tree::Map(out))
            }
            _ => Some(node.literal()),
        }
    }

    fn call(&self, at: usize, function: &str, argument: &Node) -> Made {
        let items = argument.items();
        Some(match (function, items) {
            ("Ref", _) => return self.reference(at, argument),
            ("Fn::GetAtt", _) => self.get_att(at, argument),
            ("Fn::If", [condition, yes, no]) => return self.choose(at, condition, yes, no),
            ("Fn::Sub", _) => self.substitute(at, argument),
            ("Fn::Join", [by, list]) => self.join(at, by, list),
            ("Fn::Select", [index, list]) => self.select(at, index, list),
            ("Fn::Split", [by, text]) => self.split(at, by, text),
            ("Fn::FindInMap", _) => self.find_in_map(at, items),
            ("Fn::ImportValue", _) => match self.argument(at, argument) {
                Tree::Text(name) => self.import(&name),
                Tree::Unknown(cause) => Tree::unknown(
                    cause.kind,
                    format!(
                        "an export whose name is not known: {}",
                        cause.detail().unwrap_or_default()
                    ),
                ),
                _ => unclear("the name of an export"),
            },
            ("Fn::Base64", _) => match self.argument(at, argument) {
                Tree::Unknown(cause) => Tree::Unknown(cause),
                value => match plain(&value) {
                    Some(text) => self.text(normal::encode_base64(text.as_bytes())),
                    None => unclear("Fn::Base64 of something that is no text"),
                },
            },
            ("Fn::Cidr", [block, count, rest @ ..]) => self.cidr(at, block, count, rest.first()),
            ("Fn::GetAZs", _) => later("the availability zones of the region"),
            ("Fn::Length", _) => match self.argument(at, argument) {
                Tree::List(items) => {
                    i64::try_from(items.len()).map_or_else(|_| unclear("a length"), Tree::Int)
                }
                Tree::Unknown(cause) => Tree::Unknown(cause),
                _ => unclear("Fn::Length of something that is no list"),
            },
            ("Fn::ToJsonString", _) => {
                let value = self.argument(at, argument);
                match first_cause(&value) {
                    // Documents keep what is known of them: the model reads them from trees as well.
                    Some(_) => value,
                    None => self.text(serde_json::to_string(&value).unwrap_or_default()),
                }
            }
            ("Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not", _) => {
                let node = Node::map(vec![(function, argument.clone())]);
                match self.truth(at, &node) {
                    Ok(flag) => Tree::Bool(flag),
                    Err(cause) => Tree::Unknown(cause),
                }
            }
            ("Fn::Portcullis::Unknown", _) => {
                later(argument.as_str().unwrap_or_default().to_owned())
            }
            (other, _) => unclear(format!("the function {other}")),
        })
    }

    /// A text that was made, where it is not too long.
    fn text(&self, text: String) -> Tree<'static> {
        let cost = u64::try_from(text.len() / 16).unwrap_or(u64::MAX);
        if text.len() > TEXT_MAX || self.spend(cost).is_none() {
            return unclear("evaluating this makes too long a text");
        }
        Tree::text(text)
    }

    fn reference(&self, at: usize, argument: &Node) -> Made {
        let Some(name) = argument.as_str() else { return Some(unclear("a reference")) };
        if name == "AWS::NoValue" {
            return None;
        }
        if let Some(value) = self.pseudo(at, name).or_else(|| self.parameter(at, name)) {
            return Some(value);
        }
        Some(self.resource(at, name))
    }

    /// What `Ref` gives for a resource.
    fn resource(&self, at: usize, name: &str) -> Tree<'static> {
        let Some(stack) = self.stacks.get(at) else { return Tree::Null };
        let Some(declared) = stack.declared(name) else {
            return unclear(format!("there is no {name} in {}", stack.path));
        };
        if let Some(nested) = stack.children.get(name).and_then(|child| self.stacks.get(*child)) {
            return match &nested.known.stack_id {
                Some(id) => Tree::text(id.clone()),
                None => Tree::text(stack.planned(name)),
            };
        }
        if declared.kind.starts_with("Custom::")
            || declared.kind == "AWS::CloudFormation::CustomResource"
        {
            return later(format!("what the custom resource {} gives", stack.address(name)));
        }
        match self.named(at, name) {
            Some(named) => match &named.refers {
                Some(text) => {
                    self.followed.set(self.followed.get() + 1);
                    Tree::text(text.clone())
                }
                None => later(format!("what {} is called", stack.address(name))),
            },
            None => unclear(format!("there is no {name} in {}", stack.path)),
        }
    }

    fn get_att(&self, at: usize, argument: &Node) -> Tree<'static> {
        let (name, attribute) = match argument.items() {
            [name, attribute] => {
                let attribute = self.argument(at, attribute);
                match (name.as_str(), attribute) {
                    (Some(name), Tree::Text(attribute)) => {
                        (name.to_owned(), attribute.into_owned())
                    }
                    (_, Tree::Unknown(cause)) => return Tree::Unknown(cause),
                    _ => return unclear("Fn::GetAtt"),
                }
            }
            _ => match argument.as_str().and_then(|text| text.split_once('.')) {
                Some((name, attribute)) => (name.to_owned(), attribute.to_owned()),
                None => return unclear("Fn::GetAtt"),
            },
        };
        self.attribute(at, &name, &attribute)
    }

    /// `${…}` within a text.
    fn substitute(&self, at: usize, argument: &Node) -> Tree<'static> {
        let (text, own) = match argument.items() {
            [text, own] => (text.as_str(), Some(own)),
            _ => (argument.as_str(), None),
        };
        let Some(text) = text else { return unclear("Fn::Sub") };
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                out.push_str("${");
                rest = after;
                continue;
            };
            rest = behind;
            if let Some(literal) = name.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let name = name.trim();
            let value = match own.and_then(|own| own.get(name)) {
                Some(node) => self.argument(at, node),
                None => match self.pseudo(at, name).or_else(|| self.parameter(at, name)) {
                    Some(value) => value,
                    None => match name.split_once('.') {
                        Some((name, attribute)) => self.attribute(at, name, attribute),
                        None => self.resource(at, name),
                    },
                },
            };
            match &value {
                Tree::Unknown(cause) => return Tree::Unknown(cause.clone()),
                Tree::List(items) => match items.iter().map(plain).collect::<Option<Vec<_>>>() {
                    Some(parts) => out.push_str(&parts.join(",")),
                    None => {
                        return first_cause(&value)
                            .map_or_else(|| unclear("Fn::Sub"), Tree::Unknown);
                    }
                },
                value => match plain(value) {
                    Some(text) => out.push_str(&text),
                    None => return unclear(format!("Fn::Sub: {name} is no text")),
                },
            }
            if out.len() > TEXT_MAX {
                break;
            }
        }
        out.push_str(rest);
        match resolved(&out) {
            Tree::Text(_) => self.text(out),
            other => other,
        }
    }

    fn join(&self, at: usize, by: &Node, list: &Node) -> Tree<'static> {
        let Some(by) = by.as_str() else { return unclear("Fn::Join") };
        match self.argument(at, list) {
            Tree::List(items) => {
                let mut parts = Vec::with_capacity(items.len());
                for item in &items {
                    match item {
                        Tree::Unknown(cause) => return Tree::Unknown(cause.clone()),
                        item => match plain(item) {
                            Some(text) => parts.push(text),
                            None => return unclear("Fn::Join of something that is no text"),
                        },
                    }
                }
                let length: usize = parts.iter().map(|part| part.len() + by.len()).sum();
                if length > TEXT_MAX {
                    return unclear("Fn::Join makes too long a text");
                }
                self.text(parts.join(by))
            }
            Tree::Unknown(cause) => Tree::Unknown(cause),
            _ => unclear("Fn::Join"),
        }
    }

    fn select(&self, at: usize, index: &Node, list: &Node) -> Tree<'static> {
        let index = match self.argument(at, index) {
            Tree::Unknown(cause) => return Tree::Unknown(cause),
            value => value.as_int().and_then(|index| usize::try_from(index).ok()),
        };
        match self.argument(at, list) {
            Tree::Unknown(cause) => Tree::Unknown(cause),
            Tree::List(items) => {
                let Some(index) = index else { return unclear("Fn::Select") };
                // An unknown element before may be absent, and what follows stands elsewhere then.
                let open = items.iter().take(index).find(|item| item.is_unknown());
                match open.or_else(|| items.get(index)) {
                    Some(value) => value.clone(),
                    None => unclear("Fn::Select beyond the end of its list"),
                }
            }
            _ => unclear("Fn::Select"),
        }
    }

    fn split(&self, at: usize, by: &Node, text: &Node) -> Tree<'static> {
        let (Some(by), text) = (by.as_str(), self.argument(at, text)) else {
            return unclear("Fn::Split");
        };
        match text {
            Tree::Unknown(cause) => Tree::Unknown(cause),
            Tree::Text(text) if !by.is_empty() => {
                Tree::List(text.split(by).map(|part| Tree::text(part.to_owned())).collect())
            }
            _ => unclear("Fn::Split"),
        }
    }

    fn find_in_map(&self, at: usize, items: &[Node]) -> Tree<'static> {
        let (Some(stack), [name, first, second, rest @ ..]) = (self.stacks.get(at), items) else {
            return unclear("Fn::FindInMap");
        };
        let keys = [name, first, second].map(|node| self.argument(at, node));
        let mut found: Vec<&Node> = vec![&stack.template.mappings];
        let mut open = None;
        for key in &keys {
            if let Tree::Unknown(cause) = key {
                open = open.or(Some(cause));
                let all = found.iter().flat_map(|node| node.entries()).map(|entry| &entry.node);
                found = all.collect();
            } else {
                let key = plain(key).unwrap_or_default();
                found = found.iter().filter_map(|node| node.get(&key)).collect();
            }
        }
        let default = rest.first().and_then(|node| node.get("DefaultValue"));
        match (open, found.as_slice()) {
            (None, [one]) => self.argument(at, one),
            (None, _) => match default {
                Some(node) => self.argument(at, node),
                None => unclear("Fn::FindInMap finds nothing"),
            },
            // Whatever the key is, it is the same.
            (Some(_), [one, rest @ ..])
                if default.is_none()
                    && rest.iter().all(|other| other.literal() == one.literal()) =>
            {
                self.argument(at, one)
            }
            (Some(cause), _) => Tree::Unknown(cause.clone()),
        }
    }

    fn choose(&self, at: usize, condition: &Node, yes: &Node, no: &Node) -> Made {
        let name = condition.as_str();
        let truth = match name {
            Some(name) => self.condition(at, name),
            None => self.truth(at, condition),
        };
        match truth {
            Ok(true) => self.value(at, yes),
            Ok(false) => self.value(at, no),
            Err(cause) => match (self.value(at, yes), self.value(at, no)) {
                (None, None) => None,
                (Some(yes), Some(no)) => Some(either(yes, no, &cause)),
                // There, or not.
                _ => Some(Tree::Unknown(cause)),
            },
        }
    }

    /// Whether what a condition says holds.
    pub(super) fn truth(&self, at: usize, node: &Node) -> Result<bool, Cause> {
        let too_much = || {
            Err(Cause::new(CauseKind::NotUnderstood, "evaluating this condition takes too much"))
        };
        self.deeper(|| self.judge(at, node), too_much)
    }

    fn judge(&self, at: usize, node: &Node) -> Result<bool, Cause> {
        let wrong = |what: &str| Err(Cause::new(CauseKind::NotUnderstood, what));
        match node.function() {
            Some(("Condition", name)) => match name.as_str() {
                Some(name) => self.condition(at, name),
                None => wrong("Condition"),
            },
            Some(("Fn::Not", argument)) => match argument.items() {
                [one] => self.truth(at, one).map(|flag| !flag),
                _ => wrong("Fn::Not"),
            },
            Some(("Fn::And", argument)) => self.all(at, argument, false),
            Some(("Fn::Or", argument)) => self.all(at, argument, true),
            Some(("Fn::Equals", argument)) => match argument.items() {
                [a, b] => equal(&self.argument(at, a), &self.argument(at, b)),
                _ => wrong("Fn::Equals"),
            },
            _ => match self.argument(at, node) {
                Tree::Unknown(cause) => Err(cause),
                value => value.as_bool().map_or_else(|| wrong("a condition"), Ok),
            },
        }
    }

    /// Whether one of several is as `decides`, by which alone the answer is that.
    fn all(&self, at: usize, argument: &Node, decides: bool) -> Result<bool, Cause> {
        let mut open = None;
        for item in argument.items() {
            match self.truth(at, item) {
                Ok(flag) if flag == decides => return Ok(decides),
                Ok(_) => {}
                Err(cause) => open = open.or(Some(cause)),
            }
        }
        open.map_or(Ok(!decides), Err)
    }

    fn cidr(&self, at: usize, block: &Node, count: &Node, bits: Option<&Node>) -> Tree<'static> {
        let block = self.argument(at, block);
        let count = self.argument(at, count);
        let bits = bits.map(|bits| self.argument(at, bits));
        let all = [Some(&block), Some(&count), bits.as_ref()];
        if let Some(cause) = all.into_iter().flatten().find_map(first_cause) {
            return Tree::Unknown(cause);
        }
        let prefix = block.as_str().and_then(|text| text.parse::<Prefix>().ok());
        let count = count.as_int().and_then(|count| u32::try_from(count).ok());
        let (Some(prefix), Some(count @ 1..=256)) = (prefix, count) else {
            return unclear("Fn::Cidr");
        };
        let width = if prefix.is_v6() { 128_u32 } else { 32 };
        let bits = match &bits {
            Some(bits) => bits.as_int().and_then(|bits| u32::try_from(bits).ok()),
            None => Some(8),
        };
        match bits.and_then(|bits| pieces(prefix, width, count, bits)) {
            Some(made) => Tree::List(made.into_iter().map(Tree::text).collect()),
            None => unclear("Fn::Cidr"),
        }
    }
}

/// The first prefixes of a size within another.
fn pieces(prefix: Prefix, width: u32, count: u32, bits: u32) -> Option<Vec<String>> {
    let length = width.checked_sub(bits)?;
    let room = length.checked_sub(u32::from(prefix.length()))?;
    if bits >= width || room < 32 && u64::from(count) > 1_u64 << room {
        return None;
    }
    let first: u128 = match prefix.net().network() {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    };
    (0..count)
        .map(|at| {
            let start = first.checked_add(u128::from(at) << bits)?;
            let ip = if width == 32 {
                IpAddr::V4(Ipv4Addr::from(u32::try_from(start).ok()?))
            } else {
                IpAddr::V6(Ipv6Addr::from(start))
            };
            Some(format!("{ip}/{length}"))
        })
        .collect()
}

/// What two values have in common; the rest is unknown.
pub(super) fn either(a: Tree<'static>, b: Tree<'static>, cause: &Cause) -> Tree<'static> {
    if a == b {
        return a;
    }
    match (a, b) {
        (Tree::Map(a), Tree::Map(mut b)) => {
            let mut out = Vec::with_capacity(a.len());
            for (key, value) in a {
                let other =
                    b.iter().position(|(name, _)| *name == key).map(|at| b.swap_remove(at).1);
                let made = match other {
                    Some(other) => either(value, other, cause),
                    None => Tree::Unknown(cause.clone()),
                };
                out.push((key, made));
            }
            b.sort_by(|a, b| a.0.cmp(&b.0));
            out.extend(b.into_iter().map(|(key, _)| (key, Tree::Unknown(cause.clone()))));
            Tree::Map(out)
        }
        (Tree::List(a), Tree::List(b)) if a.len() == b.len() => {
            Tree::List(a.into_iter().zip(b).map(|(a, b)| either(a, b, cause)).collect())
        }
        _ => Tree::Unknown(cause.clone()),
    }
}

/// Whether two values are the same; templates do not tell numbers and truth values from their texts.
fn equal(a: &Tree<'_>, b: &Tree<'_>) -> Result<bool, Cause> {
    match (plain(a), plain(b)) {
        (Some(a), Some(b)) => Ok(a == b),
        _ => match (first_cause(a), first_cause(b)) {
            (Some(cause), _) | (None, Some(cause)) => Err(cause),
            (None, None) => Ok(a == b),
        },
    }
}

/// A text, or unknown where it is to be looked up elsewhere when it is deployed.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>.
fn resolved(text: &str) -> Tree<'static> {
    let Some((_, what)) = text.split_once("{{resolve:") else { return Tree::text(text.to_owned()) };
    let what = what.split("}}").next().unwrap_or_default();
    let which: String = what.split(':').take(2).collect::<Vec<_>>().join(":");
    let kind =
        if what.starts_with("ssm:") { CauseKind::KnownAfterApply } else { CauseKind::Redacted };
    Tree::unknown(kind, format!("a dynamic reference ({which})"))
}
