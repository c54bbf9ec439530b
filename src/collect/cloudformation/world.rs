//! The stacks of one reading, and what their names mean: parameters, conditions, resources, exports.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::changes::Known;
use super::map::{self, Is};
use super::node::Node;
use super::template::{Declared, Template};
use crate::model::attr::CauseKind;
use crate::model::change::{PLANNED, Place};
use crate::model::{Cause, Tree};
use crate::span::SourceFile;

/// How much evaluating may be done for one reading: the largest templates known take a twentieth of it.
const FUEL: u64 = 4_000_000;
/// How deep functions may follow each other.
const DEPTH_MAX: u32 = 256;

/// A stack: a template, and what is known of where it is deployed.
#[derive(Debug)]
pub(super) struct Stack {
    /// Its name behind those it is nested in: `web/Database`.
    pub(super) path: String,
    /// The name it has or will have; CloudFormation makes those of nested ones.
    pub(super) name: Tree<'static>,
    pub(super) file: SourceFile,
    pub(super) template: Template,
    /// The stack it is nested in, and the resource there.
    pub(super) parent: Option<(usize, String)>,
    pub(super) parameters: BTreeMap<String, Tree<'static>>,
    pub(super) place: Place,
    pub(super) account_known: bool,
    pub(super) region_known: bool,
    pub(super) partition: &'static str,
    /// What exists already.
    pub(super) known: Known,
    /// The stacks nested in it by the resources that stand for them.
    pub(super) children: BTreeMap<String, usize>,
}

impl Stack {
    pub(super) fn declared(&self, id: &str) -> Option<&Declared> {
        self.template.resources.iter().find(|one| one.id == id)
    }

    pub(super) fn address(&self, id: &str) -> String {
        format!("{}/{id}", self.path)
    }

    /// What stands for a resource that does not exist yet. No slashes, which would cut names in ARNs.
    pub(super) fn planned(&self, id: &str) -> String {
        format!("{PLANNED}{}.{id}", self.path.replace('/', "."))
    }
}

/// What names a resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    pub(super) fresh: bool,
    pub(super) id: String,
    pub(super) arn: Option<String>,
    /// What `Ref` gives; nothing where only AWS tells.
    pub(super) refers: Option<String>,
}

/// All stacks of one reading.
pub(super) struct World<'o> {
    pub(super) stacks: Vec<Stack>,
    pub(super) imports: &'o BTreeMap<String, Tree<'static>>,
    fuel: Cell<u64>,
    depth: Cell<u32>,
    named: RefCell<HashMap<(usize, String), Rc<Named>>>,
    naming: RefCell<HashSet<(usize, String)>>,
    conditions: RefCell<HashMap<(usize, String), Result<bool, Cause>>>,
    exports: RefCell<Option<Rc<BTreeMap<String, (usize, Node)>>>>,
    /// References that were followed to resources.
    pub(super) followed: Cell<u64>,
}

/// Why something could not be evaluated.
pub(super) fn unclear(why: impl Into<String>) -> Tree<'static> {
    Tree::unknown(CauseKind::NotUnderstood, why)
}

pub(super) fn later(what: impl Into<String>) -> Tree<'static> {
    Tree::unknown(CauseKind::KnownAfterApply, what)
}

impl<'o> World<'o> {
    pub(super) fn new(imports: &'o BTreeMap<String, Tree<'static>>) -> Self {
        Self {
            stacks: Vec::new(),
            imports,
            fuel: Cell::new(FUEL),
            depth: Cell::new(0),
            named: RefCell::default(),
            naming: RefCell::default(),
            conditions: RefCell::default(),
            exports: RefCell::default(),
            followed: Cell::new(0),
        }
    }

    /// Whether evaluation had to be given up.
    pub(super) fn is_spent(&self) -> bool {
        self.fuel.get() == 0
    }

    /// Takes part in the work that may be done; nothing when there is none left.
    pub(super) fn spend(&self, amount: u64) -> Option<()> {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(amount));
        (left > amount).then_some(())
    }

    /// Goes one level deeper.
    pub(super) fn deeper<T>(&self, within: impl FnOnce() -> T, otherwise: impl FnOnce() -> T) -> T {
        if self.depth.get() >= DEPTH_MAX || self.spend(1).is_none() {
            return otherwise();
        }
        self.depth.set(self.depth.get() + 1);
        let out = within();
        self.depth.set(self.depth.get() - 1);
        out
    }

    /// The value of a parameter; nothing where there is none of the name.
    pub(super) fn parameter(&self, at: usize, name: &str) -> Option<Tree<'static>> {
        let stack = self.stacks.get(at)?;
        let node = &stack.template.parameters.iter().find(|entry| entry.key == name)?.node;
        let kind = node.get("Type").and_then(Node::as_str).unwrap_or("String");
        let no_echo = node.get("NoEcho").map(Node::literal).and_then(|flag| flag.as_bool());
        if no_echo == Some(true) {
            let why = format!("the parameter {name} is not to be shown");
            return Some(Tree::unknown(CauseKind::Redacted, why));
        }
        let stated = match &stack.parent {
            Some((parent, id)) => self.passed(*parent, id, name),
            None => stack.parameters.get(name).cloned(),
        };
        let value = stated
            .filter(|value| !value.is_null())
            .or_else(|| node.get("Default").map(Node::literal));
        let Some(value) = value else {
            let why = format!("the parameter {name} of {} has no value", stack.path);
            return Some(Tree::unknown(CauseKind::NotCollected, why));
        };
        if value.is_unknown() {
            return Some(value);
        }
        if kind.starts_with("AWS::SSM::Parameter::Value") {
            let which = value.as_str().unwrap_or_default();
            return Some(later(format!("the SSM parameter {which}")));
        }
        let list = kind == "CommaDelimitedList" || kind.starts_with("List<");
        Some(match (list, value) {
            (true, Tree::Text(text)) if text.trim().is_empty() => Tree::List(Vec::new()),
            (true, Tree::Text(text)) => {
                Tree::List(text.split(',').map(|part| Tree::text(part.trim().to_owned())).collect())
            }
            (true, one @ (Tree::Int(_) | Tree::Float(_))) => Tree::List(vec![one]),
            (_, value) => value,
        })
    }

    /// What a stack passes to one nested in it.
    fn passed(&self, parent: usize, id: &str, name: &str) -> Option<Tree<'static>> {
        let declared = self.stacks.get(parent)?.declared(id)?;
        let node = declared.property("Parameters")?.get(name)?;
        let value = self.value(parent, node)?;
        // Lists are passed as texts.
        match &value {
            Tree::List(items) => {
                let parts: Option<Vec<String>> =
                    items.iter().map(super::functions::plain).collect();
                match parts {
                    Some(parts) => Some(Tree::text(parts.join(","))),
                    None => {
                        crate::collect::predicted::shape::first_cause(&value).map(Tree::Unknown)
                    }
                }
            }
            _ => Some(value),
        }
    }

    /// Whether a condition holds.
    pub(super) fn condition(&self, at: usize, name: &str) -> Result<bool, Cause> {
        let key = (at, name.to_owned());
        if let Some(known) = self.conditions.borrow().get(&key) {
            return known.clone();
        }
        // Until it is known, a condition that hangs on itself is not.
        let itself =
            Cause::new(CauseKind::NotUnderstood, format!("the condition {name} hangs on itself"));
        self.conditions.borrow_mut().insert(key.clone(), Err(itself));
        let found = self
            .stacks
            .get(at)
            .and_then(|stack| stack.template.conditions.iter().find(|entry| entry.key == name));
        let truth = match found {
            Some(entry) => self.truth(at, &entry.node),
            None => {
                Err(Cause::new(CauseKind::NotUnderstood, format!("there is no condition {name}")))
            }
        };
        let truth = truth.map_err(|cause| named_cause(name, cause));
        self.conditions.borrow_mut().insert(key, truth.clone());
        truth
    }

    /// A pseudo parameter; nothing where there is none of the name. `AWS::NoValue` is none of them.
    pub(super) fn pseudo(&self, at: usize, name: &str) -> Option<Tree<'static>> {
        let stack = self.stacks.get(at)?;
        let not_said =
            |what: &str| Tree::unknown(CauseKind::NotCollected, format!("{what} was not given"));
        Some(match name {
            "AWS::AccountId" if stack.account_known => {
                Tree::text(stack.place.account.as_str().to_owned())
            }
            "AWS::AccountId" => not_said("the account"),
            "AWS::Region" if stack.region_known => Tree::text(stack.place.region.to_string()),
            "AWS::Region" => not_said("the region"),
            "AWS::Partition" => Tree::text(stack.partition),
            "AWS::URLSuffix" => Tree::text(suffix(stack.partition)),
            "AWS::StackName" => stack.name.clone(),
            "AWS::StackId" => match &stack.known.stack_id {
                Some(id) => Tree::text(id.clone()),
                None => later(format!("the id of the stack {}", stack.path)),
            },
            "AWS::NotificationARNs" => later("AWS::NotificationARNs"),
            _ => return None,
        })
    }

    /// What names a resource of a template.
    pub(super) fn named(&self, at: usize, id: &str) -> Option<Rc<Named>> {
        let key = (at, id.to_owned());
        if let Some(known) = self.named.borrow().get(&key) {
            return Some(Rc::clone(known));
        }
        let stack = self.stacks.get(at)?;
        let declared = stack.declared(id)?;
        // What hangs on itself has no name yet.
        if !self.naming.borrow_mut().insert(key.clone()) {
            return None;
        }
        let made = Rc::new(self.name(at, stack, declared));
        self.naming.borrow_mut().remove(&key);
        self.named.borrow_mut().insert(key, Rc::clone(&made));
        Some(made)
    }

    fn name(&self, at: usize, stack: &Stack, declared: &Declared) -> Named {
        let planned = stack.planned(&declared.id);
        let property = |name: &str| {
            let value = self.value(at, declared.property(name)?)?;
            super::functions::plain(&value).filter(|text| !text.is_empty())
        };
        let physical = stack.known.physical.get(&declared.id);
        let Some(entry) = map::of(&declared.kind) else {
            let id = physical.cloned().unwrap_or(planned);
            let arn = map::other_arn(&declared.kind).map(|(names, arn)| {
                let id = names.iter().find_map(|name| property(name)).unwrap_or_else(|| id.clone());
                fill(arn, stack, &id, &property)
            });
            let fresh = physical.is_none();
            return Named { fresh, refers: Some(id.clone()), id, arn };
        };
        let fresh = physical.is_none();
        let (id, arn) = if let Some(text) = physical {
            by_physical_with(entry, stack, text, &property)
        } else {
            let named = entry.names.iter().find_map(|name| property(name));
            let id = named.unwrap_or_else(|| planned.clone());
            let arn = (!entry.arn.is_empty()).then(|| fill(entry.arn, stack, &id, &property));
            match (entry.by_arn, arn) {
                (true, Some(arn)) => (arn.clone(), Some(arn)),
                (_, arn) => (id, arn),
            }
        };
        let refers = match (physical, entry.refers) {
            (Some(text), _) => Some(text.clone()),
            (None, Is::Arn) => arn.clone(),
            (None, Is::Url) => Some(format!(
                "https://sqs.{}.{}/{}/{id}",
                stack.place.region,
                suffix(stack.partition),
                stack.place.account
            )),
            (None, Is::Later) => None,
            (None, _) => Some(id.clone()),
        };
        Named { fresh, id, arn, refers }
    }

    /// The export of a name: given, or made by a stack of this reading.
    pub(super) fn import(&self, name: &str) -> Tree<'static> {
        if let Some(value) = self.imports.get(name) {
            return value.clone();
        }
        let exports = self.exports();
        match exports.get(name) {
            Some((at, node)) => self.value(*at, node).unwrap_or_default(),
            None => Tree::unknown(CauseKind::NotCollected, format!("the export {name}")),
        }
    }

    fn exports(&self) -> Rc<BTreeMap<String, (usize, Node)>> {
        if let Some(known) = self.exports.borrow().as_ref() {
            return Rc::clone(known);
        }
        let mut out = BTreeMap::new();
        for (at, stack) in self.stacks.iter().enumerate() {
            for output in &stack.template.outputs {
                let name = output.node.get("Export").and_then(|export| export.get("Name"));
                let name = name.and_then(|name| self.value(at, name));
                if let (Some(Tree::Text(name)), Some(value)) = (name, output.node.get("Value")) {
                    out.insert(name.into_owned(), (at, value.clone()));
                }
            }
        }
        let made = Rc::new(out);
        *self.exports.borrow_mut() = Some(Rc::clone(&made));
        made
    }
}

/// Id and ARN of something that exists, by what CloudFormation calls its physical id: what `Ref` gives.
pub(super) fn by_physical(
    entry: &map::Entry,
    stack: &Stack,
    text: &str,
) -> (String, Option<String>) {
    by_physical_with(entry, stack, text, &|_| None)
}

fn by_physical_with(
    entry: &map::Entry,
    stack: &Stack,
    text: &str,
    property: &dyn Fn(&str) -> Option<String>,
) -> (String, Option<String>) {
    let last = || text.rsplit(['/', ':']).next().unwrap_or(text).to_owned();
    let is_arn = text.starts_with("arn:");
    let id =
        if is_arn && !entry.by_arn || entry.refers == Is::Url { last() } else { text.to_owned() };
    let arn = match (is_arn, entry.arn.is_empty()) {
        (true, _) => Some(text.to_owned()),
        (false, true) => None,
        (false, false) => Some(fill(entry.arn, stack, &id, property)),
    };
    match (entry.by_arn, arn) {
        (true, Some(arn)) => (arn.clone(), Some(arn)),
        (_, arn) => (id, arn),
    }
}

/// The domain of a partition's services.
fn suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        _ => "amazonaws.com",
    }
}

/// Why a condition is unknown, with its name before the reason.
fn named_cause(name: &str, cause: Cause) -> Cause {
    let kind = match cause.kind {
        // Whether the condition holds is no secret, and not what the provider decides.
        CauseKind::Redacted | CauseKind::KnownAfterApply => cause.kind,
        _ => CauseKind::NotCollected,
    };
    match cause.detail() {
        Some(detail) if detail.starts_with("the condition ") => cause,
        Some(detail) => Cause::new(kind, format!("the condition {name}: {detail}")),
        None => Cause::new(kind, format!("the condition {name}")),
    }
}

/// An ARN from its pattern: `{partition}`, `{region}`, `{account}`, `{id}`, `{planned}`, and names of properties.
fn fill(
    pattern: &str,
    stack: &Stack,
    id: &str,
    property: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(pattern.len() + 64);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        rest = behind;
        match name {
            "partition" => out.push_str(stack.partition),
            "region" => out.push_str(stack.place.region.as_str()),
            "account" => out.push_str(stack.place.account.as_str()),
            "id" => out.push_str(id),
            "Path" => out.push_str(&property("Path").unwrap_or_else(|| "/".to_owned())),
            // What AWS makes up when the thing is made: an ARN without it would name another thing.
            "made" => out.push_str(if id.starts_with(PLANNED) { "" } else { "-planned:" }),
            other => out.push_str(&property(other).unwrap_or_else(|| id.to_owned())),
        }
    }
    out.push_str(rest);
    out
}
