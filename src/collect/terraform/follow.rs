//! Following references: from an expression in the configuration to the things it means.
//!
//! A plan tells of an expression only what it refers to, not what it does with it. A single reference is taken for the
//! value itself; several for the members of a list. Keys of instances that come from `each` or `count` are not told
//! either: an instance refers to the one of its own key where there is one, and to all otherwise.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::address::{Step, indexed, key_of, modules, split};
use super::format::{ConfigResource, Document, Module, ModuleCall};
use crate::model::tree::KeySeed;

/// How many modules, variables and outputs are followed one after the other.
const DEPTH_MAX: usize = 32;
/// How many things one expression may mean.
const TARGETS_MAX: usize = 4096;

/// A thing that is meant: its place among the changes, and the attribute, where that is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target<'a> {
    pub(super) change: usize,
    pub(super) attribute: Option<Cow<'a, str>>,
}

/// What an expression leads to.
#[derive(Debug, Default)]
pub(super) struct Followed<'a> {
    /// The things, without repetition.
    pub(super) targets: Vec<Target<'a>>,
    /// Whether the instance's own key chooses.
    pub(super) by_key: bool,
    /// Whether one of several is meant, and nobody can say which.
    pub(super) ambiguous: bool,
    /// What could not be followed.
    pub(super) open: Vec<String>,
    /// Whether a value that is written, or the default of a variable, is among what it is made of. Such a value is known
    /// when the plan is made: it cannot be why something is not.
    pub(super) constant: bool,
}

/// An expression of the configuration.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Expression<'a> {
    #[serde(borrow, default)]
    references: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    constant_value: Option<&'a RawValue>,
}

/// The instances of something: their keys, and what they are found by.
#[derive(Debug)]
struct Group<'a, T> {
    items: Vec<(Option<&'a str>, T)>,
    by_key: HashMap<&'a str, usize>,
}

impl<T> Default for Group<'_, T> {
    fn default() -> Self {
        Self { items: Vec::new(), by_key: HashMap::new() }
    }
}

impl<'a, T> Group<'a, T> {
    fn push(&mut self, key: Option<&'a str>, item: T) {
        if let Some(key) = key {
            self.by_key.insert(key, self.items.len());
        }
        self.items.push((key, item));
    }

    fn one(&self, key: &str) -> Option<&(Option<&'a str>, T)> {
        self.items.get(*self.by_key.get(key)?)
    }

    /// Which instances are meant: the one of the key that is written, the only one, the one of the asking instance's own
    /// key, or all of them.
    fn choose(
        &self,
        written: Option<&str>,
        own: Option<&str>,
        by_key: bool,
    ) -> &[(Option<&'a str>, T)] {
        if let Some(written) = written.filter(|key| *key != "*") {
            return self.one(written).map_or(&[], std::slice::from_ref);
        }
        if self.items.len() == 1 {
            return &self.items;
        }
        match own.filter(|_| by_key).and_then(|own| self.one(own)) {
            Some(one) => std::slice::from_ref(one),
            None => &self.items,
        }
    }
}

/// Module instance, whether data, type and name → the instances.
type Instances<'a> = HashMap<(&'a str, bool, &'a str, &'a str), Group<'a, usize>>;

/// Everything that references are followed through.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    document: &'a Document<'a>,
    /// The places of instances among the changes.
    instances: Instances<'a>,
    /// The instances of modules, by the address of the module instance that calls and the name of the call.
    calls: HashMap<(String, &'a str), Group<'a, ()>>,
    /// Blocks by the names of their modules, joined by dots.
    blocks: HashMap<(String, bool, &'a str, &'a str), &'a ConfigResource<'a>>,
}

/// Where an expression stands.
#[derive(Debug, Clone)]
struct Here<'a> {
    /// The address of the module instance.
    address: Cow<'a, str>,
    /// The calls that lead to it, outermost first.
    calls: Vec<(&'a ModuleCall<'a>, &'a Module<'a>)>,
    /// The module.
    module: &'a Module<'a>,
    /// The key of the instance that asks, while it stands in its own module.
    key: Option<&'a str>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(document: &'a Document<'a>) -> Self {
        let mut instances: Instances<'a> = HashMap::new();
        let changes = document.resource_changes.as_deref().unwrap_or_default();
        for (at, change) in changes.iter().enumerate().filter(|(_, c)| c.deposed.is_none()) {
            let module = change.module_address.as_deref().unwrap_or_default();
            let is_data = change.mode.as_deref() == Some("data");
            let of = instances.entry((module, is_data, &change.kind, &change.name)).or_default();
            of.push(key_of(change.index), at);
        }
        let mut calls: HashMap<(String, &'a str), Group<'a, ()>> = HashMap::new();
        let mut seen = std::collections::HashSet::new();
        for change in changes {
            let Some(address) = change.module_address.as_deref() else { continue };
            if !seen.insert(address) {
                continue;
            }
            let steps = modules(address);
            for (depth, step) in steps.iter().enumerate() {
                let outer = joined(steps.get(..depth).unwrap_or_default());
                let of = calls.entry((outer, step.name)).or_default();
                let is_known = match step.key {
                    Some(key) => of.one(key).is_some(),
                    None => !of.items.is_empty(),
                };
                if !is_known {
                    of.push(step.key, ());
                }
            }
        }
        let mut blocks = HashMap::new();
        let mut path = Vec::new();
        list(&document.configuration.root_module, &mut path, &mut blocks);
        Self { document, instances, calls, blocks }
    }

    /// The block that an instance comes from.
    pub(super) fn block(&self, change: usize) -> Option<&'a ConfigResource<'a>> {
        let change = self.document.resource_changes.as_deref()?.get(change)?;
        let steps = modules(change.module_address.as_deref().unwrap_or_default());
        let path: Vec<&str> = steps.iter().map(|step| step.name).collect();
        let is_data = change.mode.as_deref() == Some("data");
        self.blocks.get(&(path.join("."), is_data, &*change.kind, &*change.name)).copied()
    }

    /// What an expression in the block of an instance means.
    pub(super) fn follow(&self, change: usize, expression: &Expression<'a>) -> Followed<'a> {
        let mut out = Followed::default();
        let Some(change) = self.document.resource_changes.as_deref().and_then(|c| c.get(change))
        else {
            return out;
        };
        let address = change.module_address.as_deref().unwrap_or_default();
        let Some(mut here) = self.module(address) else {
            out.open.push(format!("the sources of {address}"));
            return out;
        };
        here.key = key_of(change.index);
        self.expression(&here, expression, &[], 0, &mut out);
        out.targets.sort();
        out.targets.dedup();
        out.open.sort();
        out.open.dedup();
        out
    }

    /// A module instance by its address.
    fn module(&self, address: &'a str) -> Option<Here<'a>> {
        let root = &self.document.configuration.root_module;
        let mut here =
            Here { address: Cow::Borrowed(address), calls: Vec::new(), module: root, key: None };
        for step in modules(address) {
            let call = here.module.calls.get(step.name)?;
            here.calls.push((call, here.module));
            here.module = &call.module;
        }
        Some(here)
    }

    fn expression(
        &self,
        here: &Here<'a>,
        expression: &Expression<'a>,
        behind: &[&str],
        depth: usize,
        out: &mut Followed<'a>,
    ) {
        if expression.constant_value.is_some() {
            out.constant = true;
            return;
        }
        if depth > DEPTH_MAX || out.targets.len() > TARGETS_MAX {
            out.open.push("references nest too deep".to_owned());
            return;
        }
        let all = &expression.references;
        // A list of references names each thing again without its attribute.
        let is_prefix = |short: &str| {
            all.iter().any(|long| {
                long.len() > short.len()
                    && long.starts_with(short)
                    && matches!(long.as_bytes().get(short.len()), Some(b'.' | b'['))
            })
        };
        let mut by_key = false;
        let mut real: Vec<&str> = Vec::new();
        for reference in all.iter().filter(|reference| !is_prefix(reference)) {
            match split(reference).first() {
                Some(&("each" | "count" | "path" | "terraform" | "self")) => by_key = true,
                _ => real.push(reference),
            }
        }
        out.by_key |= by_key;
        if real.is_empty() {
            let words = if all.is_empty() {
                "a function of nothing that the plan tells".to_owned()
            } else {
                all.join(", ")
            };
            out.open.push(words);
        }
        for reference in real {
            let mut parts = split(reference);
            parts.extend(behind);
            self.reference(here, &parts, by_key, depth, out);
        }
    }

    fn reference(
        &self,
        here: &Here<'a>,
        parts: &[&str],
        by_key: bool,
        depth: usize,
        out: &mut Followed<'a>,
    ) {
        match parts {
            ["var", name, behind @ ..] => self.variable(here, name, behind, depth, out),
            ["module", call, output, behind @ ..] => {
                self.output(here, call, (output, behind), by_key, depth, out);
            }
            ["module", call] => out.open.push(format!("all of module.{call}")),
            ["local", ..] => out.open.push(parts.join(".")),
            ["data", kind, name, behind @ ..] => {
                self.object(here, true, (kind, name), behind, by_key, out);
            }
            [kind, name, behind @ ..] => {
                self.object(here, false, (kind, name), behind, by_key, out);
            }
            _ => out.open.push(parts.join(".")),
        }
    }

    fn variable(
        &self,
        here: &Here<'a>,
        name: &str,
        behind: &[&str],
        depth: usize,
        out: &mut Followed<'a>,
    ) {
        let name = indexed(name).0;
        let Some((call, outer)) = here.calls.last() else {
            out.constant = true;
            return;
        };
        let written = call.expressions.and_then(|all| member(all, name));
        let Some(expression) = written.and_then(|raw| serde_json::from_str(raw.get()).ok()) else {
            out.constant = true;
            return;
        };
        let expression: Expression<'a> = expression;
        let steps = modules(&here.address);
        let outer = Here {
            address: Cow::Owned(joined(steps.split_last().map_or(&[][..], |(_, up)| up))),
            calls: here.calls.split_last().map_or_else(Vec::new, |(_, up)| up.to_vec()),
            module: outer,
            // In the call, `each` and `count` speak of the module's own instance.
            key: None,
        };
        // Within objects that are passed whole, attributes follow names of members: only the last can be an attribute.
        let last = behind.last().copied();
        let behind: Vec<&str> = last.into_iter().collect();
        self.expression(&outer, &expression, &behind, depth + 1, out);
    }

    fn output(
        &self,
        here: &Here<'a>,
        call: &str,
        (output, behind): (&str, &[&str]),
        by_key: bool,
        depth: usize,
        out: &mut Followed<'a>,
    ) {
        let (name, key) = indexed(call);
        let Some(inner) = here.module.calls.get(name) else {
            out.open.push(format!("module.{name}"));
            return;
        };
        let written = inner.module.outputs.get(indexed(output).0).and_then(|o| o.expression);
        let Some(expression) = written.and_then(|raw| serde_json::from_str(raw.get()).ok()) else {
            out.open.push(format!("module.{name}.{output}"));
            return;
        };
        let expression: Expression<'a> = expression;
        // A module without any instance in the plan leads nowhere.
        let Some(instances) = self.calls.get(&(here.address.to_string(), name)) else {
            out.open.push(format!("module.{name}.{output}"));
            return;
        };
        let chosen = instances.choose(key, here.key, by_key);
        out.ambiguous |= chosen.len() > 1;
        for (key, ()) in chosen {
            let mut address = here.address.to_string();
            if !address.is_empty() {
                address.push('.');
            }
            address.push_str("module.");
            address.push_str(name);
            if let Some(key) = key {
                address.push_str(&format!("[{key}]"));
            }
            let mut calls = here.calls.clone();
            calls.push((inner, here.module));
            let there =
                Here { address: Cow::Owned(address), calls, module: &inner.module, key: None };
            self.expression(&there, &expression, behind, depth + 1, out);
        }
    }

    fn object(
        &self,
        here: &Here<'a>,
        is_data: bool,
        (kind, name): (&str, &str),
        behind: &[&str],
        by_key: bool,
        out: &mut Followed<'a>,
    ) {
        let (name, key) = indexed(name);
        let shown = || {
            let data = if is_data { "data." } else { "" };
            format!("{data}{kind}.{name}")
        };
        let Some(found) = self.instances.get(&(&*here.address, is_data, kind, name)) else {
            out.open.push(shown());
            return;
        };
        let chosen = found.choose(key, here.key, by_key);
        if chosen.is_empty() {
            out.open.push(format!("{}[{}]", shown(), key.unwrap_or_default()));
        }
        // `aws_subnet.a[*].id` means all; what is chosen by a key means one.
        out.ambiguous |= chosen.len() > 1 && by_key;
        let attribute = behind.first().map(|name| indexed(name).0);
        for (_, change) in chosen.iter().take(TARGETS_MAX) {
            let attribute = attribute.map(|name| Cow::Owned(name.to_owned()));
            out.targets.push(Target { change: *change, attribute });
        }
    }
}

fn joined(steps: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in steps {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str("module.");
        out.push_str(step.name);
        if let Some(key) = step.key {
            out.push_str(&format!("[{key}]"));
        }
    }
    out
}

fn list<'a>(
    module: &'a Module<'a>,
    path: &mut Vec<&'a str>,
    out: &mut HashMap<(String, bool, &'a str, &'a str), &'a ConfigResource<'a>>,
) {
    for block in &module.resources {
        let is_data = block.mode.as_deref() == Some("data");
        out.insert((path.join("."), is_data, &block.kind, &block.name), block);
    }
    for (name, call) in &module.calls {
        path.push(name);
        list(&call.module, path, out);
        path.pop();
    }
}

/// A member of an object that is still text.
pub(super) fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    members(object).ok()?.into_iter().find(|(have, _)| have == name).map(|(_, value)| value)
}

/// The members of an object, each still text.
pub(super) fn members(object: &RawValue) -> serde_json::Result<Vec<(Cow<'_, str>, &RawValue)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut out = Vec::new();
            while let Some(key) = map.next_key_seed(KeySeed)? {
                out.push((key, map.next_value()?));
            }
            Ok(out)
        }
    }
    serde_json::Deserializer::from_str(object.get()).deserialize_map(Members)
}
