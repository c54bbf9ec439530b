//! The attributes of an instance on one side of a plan, with what is not known yet followed, named or left unknown.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::eliminate::Fresh;
use super::follow::{Expression, Followed, Sources, Target, members};
use super::format::{ConfigResource, Document, ResourceChange};
use super::{document, map};
use crate::collect::predicted::Handle;
use crate::model::attr::CauseKind;
use crate::model::change::{PLANNED, Place, Relations};
use crate::model::tree::NOTHING;
use crate::model::{Cause, Tree};

/// How many references are followed one after the other.
const DEPTH_MAX: usize = 24;

/// Reads the attributes of instances.
#[derive(Debug)]
pub(super) struct Values<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) sources: Sources<'a>,
    places: Vec<Place>,
    partition: &'static str,
    fresh: Fresh<'a>,
    /// Attributes of things that were asked for: followed once.
    known: RefCell<HashMap<(usize, String), Tree<'a>>>,
    parsed: RefCell<HashMap<usize, Rc<Sides<'a>>>>,
    depth: Cell<usize>,
    pub(super) relations: RefCell<Relations>,
}

/// What a plan says of an instance after the change, as it stands there.
#[derive(Debug, Default)]
struct Sides<'a> {
    after: Tree<'a>,
    unknown: Tree<'a>,
    sensitive: Tree<'a>,
    expressions: Expressions<'a>,
}

/// The expressions of a block, each text until it is asked for.
type Expressions<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// Where in an instance something stands, for messages and statistics.
struct Spot<'s> {
    change: usize,
    attribute: &'s str,
}

impl<'a> Values<'a> {
    pub(super) fn new(
        document: &'a Document<'a>,
        sources: Sources<'a>,
        places: Vec<Place>,
        partition: &'static str,
    ) -> Self {
        Self {
            document,
            sources,
            places,
            partition,
            fresh: Fresh::of(document),
            known: RefCell::default(),
            parsed: RefCell::default(),
            depth: Cell::new(0),
            relations: RefCell::default(),
        }
    }

    fn change(&self, at: usize) -> Option<&'a ResourceChange<'a>> {
        self.document.resource_changes.as_deref()?.get(at)
    }

    /// The attributes before the change.
    ///
    /// # Errors
    /// When they are not what they should be.
    pub(super) fn before(&self, at: usize) -> Result<Tree<'a>, String> {
        let Some(body) = self.change(at).map(|change| &change.change) else {
            return Ok(Tree::Null);
        };
        let values = parse(body.before, "before")?;
        Ok(hidden(values, &parse(body.before_sensitive, "before_sensitive")?))
    }

    /// The attributes after the change.
    ///
    /// # Errors
    /// When they are not what they should be.
    pub(super) fn after(&self, at: usize) -> Result<Tree<'a>, String> {
        let sides = self.sides(at)?;
        if sides.after.is_null() && sides.unknown.is_null() {
            return Ok(Tree::Null);
        }
        let mut out = Vec::with_capacity(sides.after.entries().len());
        for (name, value) in sides.after.entries() {
            let merged = self.merge(at, name, &sides, value);
            out.push((name.clone(), merged));
        }
        for (name, mask) in sides.unknown.entries() {
            let is_open = !matches!(mask, Tree::Bool(false)) && mask_says_anything(mask);
            if is_open && !out.iter().any(|(have, _)| have == name) {
                out.push((name.clone(), self.merge(at, name, &sides, NOTHING)));
            }
        }
        Ok(Tree::Map(out))
    }

    fn merge(&self, at: usize, name: &str, sides: &Sides<'a>, value: &Tree<'a>) -> Tree<'a> {
        let mask = sides.unknown.member(name);
        let sensitive = sides.sensitive.member(name);
        if matches!(&*sensitive, Tree::Bool(true)) && !value.is_null() {
            return Tree::Unknown(CauseKind::Redacted.into());
        }
        if !mask_says_anything(&mask) {
            return hidden(value.clone(), &sensitive);
        }
        let expression = written(&sides.expressions, name);
        let spot = Spot { change: at, attribute: name };
        let merged = self.fill(&spot, value, &mask, expression.as_ref());
        hidden(merged, &sensitive)
    }

    /// Puts what is not known yet in its places.
    fn fill(
        &self,
        spot: &Spot<'_>,
        value: &Tree<'a>,
        mask: &Tree<'_>,
        expression: Option<&Tree<'a>>,
    ) -> Tree<'a> {
        match mask {
            Tree::Bool(true) => self.open(spot, expression),
            Tree::List(masks) if mask_says_anything(mask) => {
                let items = value.items();
                if let Some(expression) = expression.filter(|e| is_expression(e)) {
                    let open = masks.iter().filter(|mask| matches!(mask, Tree::Bool(true))).count();
                    if open > 0 && masks.iter().all(|mask| matches!(mask, Tree::Bool(_))) {
                        return self.members(spot, items, masks, open, expression);
                    }
                }
                let filled = (0..masks.len().max(items.len())).map(|i| {
                    let value = items.get(i).unwrap_or(NOTHING);
                    let mask = masks.get(i).unwrap_or(NOTHING);
                    self.fill(spot, value, mask, block(expression, i, masks.len(), value))
                });
                Tree::List(filled.collect())
            }
            Tree::Map(masks) if mask_says_anything(mask) => {
                let mut out: Vec<_> = Vec::new();
                for (name, value) in value.entries() {
                    let mask =
                        masks.iter().find(|(key, _)| key == name).map_or(NOTHING, |(_, m)| m);
                    let inner = Spot { change: spot.change, attribute: name };
                    let within = within(expression, name);
                    out.push((name.clone(), self.fill(&inner, value, mask, within)));
                }
                for (name, mask) in masks {
                    let is_new = !out.iter().any(|(have, _)| have == name);
                    if is_new && mask_says_anything(mask) {
                        let inner = Spot { change: spot.change, attribute: name };
                        let within = within(expression, name);
                        let filled = self.fill(&inner, NOTHING, mask, within);
                        out.push((Cow::Owned(name.clone().into_owned()), filled));
                    }
                }
                Tree::Map(out)
            }
            _ => value.clone(),
        }
    }

    /// A list of which some members are not known yet: each is one of the things that the list refers to.
    fn members(
        &self,
        spot: &Spot<'_>,
        items: &[Tree<'a>],
        masks: &[Tree<'_>],
        open: usize,
        expression: &Tree<'a>,
    ) -> Tree<'a> {
        let mut found = match self.open(spot, Some(expression)) {
            Tree::List(found) if found.len() == open => found,
            // Fewer or more things than members: which is which cannot be told.
            Tree::List(found) => {
                let words = format!("{open} of {} things", found.len());
                vec![Tree::unknown(CauseKind::KnownAfterApply, words); open]
            }
            one => vec![one; open],
        }
        .into_iter();
        let filled = (0..masks.len().max(items.len())).map(|at| {
            let is_open = matches!(masks.get(at), Some(Tree::Bool(true)));
            let known = || items.get(at).cloned().unwrap_or_default();
            if is_open { found.next().unwrap_or_default() } else { known() }
        });
        Tree::List(filled.collect())
    }

    /// A value that is not known yet: what its expression refers to, where that can be told.
    fn open(&self, spot: &Spot<'_>, expression: Option<&Tree<'a>>) -> Tree<'a> {
        let Some(expression) = expression else {
            return Tree::Unknown(CauseKind::KnownAfterApply.into());
        };
        let Ok(read) = Expression::deserialize(expression.clone()) else {
            return Tree::unknown(CauseKind::NotUnderstood, "its expression");
        };
        if self.depth.get() > DEPTH_MAX {
            return Tree::unknown(CauseKind::NotUnderstood, "references nest too deep");
        }
        self.depth.set(self.depth.get() + 1);
        let followed = self.sources.follow(spot.change, &read);
        let made = self.value(spot, &followed);
        self.depth.set(self.depth.get() - 1);
        let is_left_open = matches!(&made, Tree::Unknown(cause) if cause.detail().is_none());
        if self.depth.get() == 0 && is_relation(spot.attribute) && !is_left_open {
            self.count(spot, &followed, &made);
        }
        made
    }

    /// The value that references lead to.
    fn value(&self, spot: &Spot<'_>, followed: &Followed<'a>) -> Tree<'a> {
        let later = |words: String| Tree::unknown(CauseKind::KnownAfterApply, words);
        if !followed.open.is_empty() {
            let hidden = followed.open.iter().all(|words| words.starts_with("local."));
            let only = if hidden && followed.targets.is_empty() {
                self.fresh.only(self.document, spot.attribute, spot.change, followed.by_key)
            } else {
                None
            };
            return match only {
                Some(change) => self.attribute(&Target { change, attribute: None }, spot.attribute),
                None => later(followed.open.join(", ")),
            };
        }
        match followed.targets.as_slice() {
            // What is written is known. Unknown all the same, it is null, and the provider decides.
            [] if followed.constant => Tree::Unknown(CauseKind::KnownAfterApply.into()),
            [] => later("what the plan does not tell".to_owned()),
            // Members that are written beside references do not show in a list that is unknown as a whole.
            many if followed.constant && is_plural(spot.attribute) => {
                later(format!("{} and what is written beside", self.shown(many)))
            }
            [one] => self.attribute(one, spot.attribute),
            many if followed.ambiguous && !is_plural(spot.attribute) => {
                later(format!("one of {}", self.shown(many)))
            }
            many if is_plural(spot.attribute) => {
                let values = many.iter().map(|target| self.attribute(target, spot.attribute));
                let mut list = Vec::new();
                for value in values {
                    match value {
                        Tree::List(items) => list.extend(items),
                        one => list.push(one),
                    }
                }
                Tree::List(list)
            }
            many => later(format!("made of {}", self.shown(many))),
        }
    }

    fn shown(&self, targets: &[Target<'a>]) -> String {
        const SHOWN: usize = 6;
        let names = targets.iter().take(SHOWN).filter_map(|target| {
            let address = &self.change(target.change)?.address;
            Some(match &target.attribute {
                Some(attribute) => format!("{address}.{attribute}"),
                None => address.to_string(),
            })
        });
        let mut words: Vec<String> = names.collect();
        if targets.len() > SHOWN {
            words.push("…".to_owned());
        }
        words.join(", ")
    }

    /// The attribute of a thing that is meant; where the plan does not tell which, the one that such a relation has.
    fn attribute(&self, target: &Target<'a>, asked_by: &str) -> Tree<'a> {
        let name = target.attribute.as_deref().unwrap_or_else(|| usual(asked_by));
        let key = (target.change, name.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let made = self.attribute_of(target.change, name);
        self.known.borrow_mut().insert(key, made.clone());
        made
    }

    fn attribute_of(&self, at: usize, name: &str) -> Tree<'a> {
        let Some(change) = self.change(at) else { return Tree::Null };
        if change.mode.as_deref() == Some("data")
            && &*change.kind == "aws_iam_policy_document"
            && matches!(name, "json" | "minified_json" | "id")
        {
            return self.policy(at, name);
        }
        let Ok(sides) = self.sides(at) else {
            return Tree::unknown(CauseKind::NotUnderstood, change.address.to_string());
        };
        let value = sides.after.member(name);
        let mask = sides.unknown.member(name);
        if !value.is_null() && !mask_says_anything(&mask) {
            return self.merge(at, name, &sides, &value);
        }
        if is_provider_aws(change) {
            let handle = map::of(&change.kind).map(|(_, handle, _)| handle);
            match name {
                "id" => return Tree::Text(self.id(at).into()),
                "arn" => {
                    return match self.arn(at) {
                        Some(arn) => Tree::Text(arn.into()),
                        None => Tree::Text(self.nameless(at).into()),
                    };
                }
                _ if let Some(made) = handle.and_then(|handle| handle.made(name)) => {
                    return Tree::text(format!("{PLANNED}{}/{made}", change.address));
                }
                _ if handle.is_some_and(|handle| handle.id.contains(&name))
                    && matches!(&*mask, Tree::Bool(true))
                    && !sides.expressions.iter().any(|(have, _)| have == name) =>
                {
                    return Tree::text(format!("{PLANNED}{}", change.address));
                }
                _ => {}
            }
        }
        match self.merge(at, name, &sides, &value) {
            Tree::Unknown(cause) if cause.detail().is_none() => {
                Tree::Unknown(Cause::new(cause.kind, format!("{}.{name}", change.address)))
            }
            Tree::Null if mask.is_null() && value.is_null() => {
                Tree::unknown(CauseKind::KnownAfterApply, format!("{}.{name}", change.address))
            }
            made => made,
        }
    }

    /// The document of a data source that is read when the plan is applied: its blocks are told, its text is not.
    fn policy(&self, at: usize, name: &str) -> Tree<'a> {
        let depth = self.depth.get();
        if depth > DEPTH_MAX {
            return Tree::unknown(CauseKind::NotUnderstood, "references nest too deep");
        }
        self.depth.set(depth + 1);
        let values = self.after(at).unwrap_or_default();
        self.depth.set(depth);
        match values.member(name).into_owned() {
            text @ Tree::Text(_) => text,
            _ => document::of(&values),
        }
    }

    /// The id of an instance after the change: as the plan says, or as it is named before it exists.
    pub(super) fn id(&self, at: usize) -> String {
        let Some(change) = self.change(at) else { return String::new() };
        let Ok(sides) = self.sides(at) else { return format!("{PLANNED}{}", change.address) };
        let handle = map::of(&change.kind).map(|(_, handle, _)| handle);
        for name in handle.map_or(&["id"][..], |handle| handle.id) {
            let text = match name.strip_prefix('{').and_then(|name| name.split_once('}')) {
                // What exists has parts with ids of their own.
                Some((whole, part)) => self
                    .told(at, whole, &sides)
                    .filter(|id| id.starts_with(PLANNED))
                    .map(|id| id + part),
                None => self.told(at, name, &sides),
            };
            if let Some(text) = text {
                return text;
            }
        }
        if let Some(arn) = handle.filter(|handle| handle.id.contains(&"arn")) {
            return self.expand(at, arn, &sides);
        }
        format!("{PLANNED}{}", change.address)
    }

    /// A text that the plan tells, or that its references lead to.
    fn told(&self, at: usize, name: &str, sides: &Sides<'a>) -> Option<String> {
        let value = sides.after.member(name);
        if let Tree::Text(text) = &*value {
            return Some(text.clone().into_owned()).filter(|text| !text.is_empty());
        }
        let is_open = matches!(&*sides.unknown.member(name), Tree::Bool(true));
        let expression = written(&sides.expressions, name).filter(|_| is_open)?;
        // Asked for a name only: the relation itself is counted where its attribute is read.
        self.depth.set(self.depth.get() + 1);
        let made = self.open(&Spot { change: at, attribute: name }, Some(&expression));
        self.depth.set(self.depth.get() - 1);
        match made {
            Tree::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    /// The ARN of an instance after the change; nothing for types without one.
    pub(super) fn arn(&self, at: usize) -> Option<String> {
        let change = self.change(at)?;
        let sides = self.sides(at).ok()?;
        if let Tree::Text(text) = &*sides.after.member("arn") {
            return Some(text.clone().into_owned());
        }
        let (_, handle, _) = map::of(&change.kind)?;
        (!handle.arn.is_empty()).then(|| self.expand(at, handle, &sides))
    }

    /// What stands for the ARN of a thing of a type that has no place in the inventory.
    fn nameless(&self, at: usize) -> String {
        let address = self.change(at).map_or("", |change| &change.address);
        let (account, region) = self
            .places
            .get(at)
            .map_or(("", ""), |place| (place.account.as_str(), place.region.as_str()));
        format!("arn:{}:planned:{region}:{account}:{PLANNED}{address}", self.partition)
    }

    /// Fills the template of an ARN.
    fn expand(&self, at: usize, handle: &Handle, sides: &Sides<'a>) -> String {
        let address = self.change(at).map_or("", |change| &change.address);
        let planned = format!("{PLANNED}{address}");
        let mut out = String::with_capacity(handle.arn.len() + planned.len());
        let mut rest = handle.arn;
        while let Some((text, more)) = rest.split_once('{') {
            let (name, after) = more.split_once('}').unwrap_or((more, ""));
            out.push_str(text);
            match name {
                "partition" => out.push_str(self.partition),
                "region" => out.push_str(self.places.get(at).map_or("", |p| p.region.as_str())),
                "account" => out.push_str(self.places.get(at).map_or("", |p| p.account.as_str())),
                "id" if !handle.id.contains(&"arn") => out.push_str(&self.id(at)),
                "id" => out.push_str(&planned),
                name => {
                    let (name, cut) = name.split_once('-').unwrap_or((name, ""));
                    match self.told(at, name, sides) {
                        Some(text) => out.push_str(text.strip_prefix(cut).unwrap_or(&text)),
                        None => out.push_str(&planned),
                    }
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn sides(&self, at: usize) -> Result<Rc<Sides<'a>>, String> {
        if let Some(have) = self.parsed.borrow().get(&at) {
            return Ok(have.clone());
        }
        let Some(change) = self.change(at) else { return Ok(Rc::default()) };
        let body = &change.change;
        let unknown = parse(body.after_unknown, "after_unknown")?;
        let expressions = if mask_says_anything(&unknown) {
            let block: Option<&ConfigResource<'a>> = self.sources.block(at);
            match block.and_then(|block| block.expressions) {
                Some(raw) => members(raw).map_err(|error| format!("`expressions`: {error}"))?,
                None => Vec::new(),
            }
        } else {
            Vec::new()
        };
        let sides = Rc::new(Sides {
            after: parse(body.after, "after")?,
            unknown,
            sensitive: parse(body.after_sensitive, "after_sensitive")?,
            expressions,
        });
        self.parsed.borrow_mut().insert(at, sides.clone());
        Ok(sides)
    }

    /// Forgets what was parsed of an instance that is done.
    pub(super) fn done(&self, at: usize) {
        self.parsed.borrow_mut().remove(&at);
    }

    fn count(&self, spot: &Spot<'_>, followed: &Followed<'a>, made: &Tree<'a>) {
        let mut relations = self.relations.borrow_mut();
        let cause = match made {
            Tree::Unknown(cause) => cause.clone(),
            Tree::List(items) => match items.iter().find(|item| item.is_unknown()) {
                Some(Tree::Unknown(cause)) => cause.clone(),
                _ => return relations.resolved += 1,
            },
            _ => return relations.resolved += 1,
        };
        if followed.ambiguous && followed.open.is_empty() && followed.targets.len() > 1 {
            relations.ambiguous += 1;
            return;
        }
        let address = self.change(spot.change).map_or("", |change| &change.address);
        relations.left.push((format!("{address}.{}", spot.attribute), cause.to_string()));
    }
}

/// Whether the AWS provider states it, of whatever registry.
pub(super) fn is_provider_aws(change: &ResourceChange<'_>) -> bool {
    is_aws(change.provider_name.as_deref(), &change.kind)
}

/// Whether a provider is that of AWS; without a name the type tells.
pub(super) fn is_aws(provider: Option<&str>, kind: &str) -> bool {
    match provider {
        Some(name) => name.rsplit('/').next() == Some("aws"),
        None => kind.starts_with("aws_"),
    }
}

fn parse<'a>(raw: Option<&'a RawValue>, what: &str) -> Result<Tree<'a>, String> {
    raw.map_or(Ok(Tree::Null), |raw| {
        serde_json::from_str(raw.get()).map_err(|error| format!("`{what}`: {error}"))
    })
}

/// Whether a mask says that anything is unknown or sensitive.
fn mask_says_anything(mask: &Tree<'_>) -> bool {
    match mask {
        Tree::Bool(flag) => *flag,
        Tree::List(items) => items.iter().any(mask_says_anything),
        Tree::Map(entries) => entries.iter().any(|(_, mask)| mask_says_anything(mask)),
        _ => false,
    }
}

/// A value without what is marked as sensitive.
fn hidden<'a>(value: Tree<'a>, mask: &Tree<'_>) -> Tree<'a> {
    match (value, mask) {
        (Tree::Null, _) => Tree::Null,
        (_, Tree::Bool(true)) => Tree::Unknown(CauseKind::Redacted.into()),
        (Tree::List(items), Tree::List(masks)) if mask_says_anything(mask) => {
            let mask_of = |i: usize| masks.get(i).unwrap_or(NOTHING);
            Tree::List(items.into_iter().enumerate().map(|(i, v)| hidden(v, mask_of(i))).collect())
        }
        (Tree::Map(entries), Tree::Map(masks)) if mask_says_anything(mask) => {
            let mask_of = |name: &str| {
                masks.iter().find(|(key, _)| key == name).map_or(NOTHING, |(_, mask)| mask)
            };
            let entries = entries.into_iter().map(|(key, value)| {
                let value = hidden(value, mask_of(&key));
                (key, value)
            });
            Tree::Map(entries.collect())
        }
        (value, _) => value,
    }
}

/// The expression or blocks of an attribute of a block.
fn written<'a>(expressions: &Expressions<'a>, name: &str) -> Option<Tree<'a>> {
    let (_, raw) = expressions.iter().find(|(have, _)| have == name)?;
    serde_json::from_str(raw.get()).ok()
}

/// The expression or blocks of a member of a block.
fn expression_of<'t, 'a>(expressions: &'t Tree<'a>, name: &str) -> Option<&'t Tree<'a>> {
    expressions.entries().iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Whether a part of the configuration is an expression, and no block.
fn is_expression(tree: &Tree<'_>) -> bool {
    matches!(tree, Tree::Map(entries)
        if entries.iter().all(|(key, _)| matches!(&**key, "references" | "constant_value")))
}

/// The expression of a member of a block. An expression for the whole is one for its members.
fn within<'t, 'a>(expression: Option<&'t Tree<'a>>, name: &str) -> Option<&'t Tree<'a>> {
    let expression = expression?;
    if is_expression(expression) { Some(expression) } else { expression_of(expression, name) }
}

/// The block of an item. Blocks of sets are told in another order than their items: the one whose constants fit.
fn block<'t, 'a>(
    expression: Option<&'t Tree<'a>>,
    at: usize,
    of: usize,
    value: &Tree<'a>,
) -> Option<&'t Tree<'a>> {
    let expression = expression?;
    let blocks = match expression {
        Tree::List(blocks) => blocks,
        other => return Some(other),
    };
    let fitting: Vec<_> = blocks.iter().filter(|block| fits(block, value)).collect();
    match fitting.as_slice() {
        [one] => Some(one),
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Some(first),
        _ if blocks.len() == of => blocks.get(at),
        _ => None,
    }
}

/// Whether the constants of a block are those of a value.
fn fits(block: &Tree<'_>, value: &Tree<'_>) -> bool {
    block.entries().iter().all(|(name, expression)| {
        let constant = expression.member("constant_value");
        let have = value.member(name);
        constant.is_null() || have.is_null() || *constant == *have
    })
}

/// Whether an attribute names other things.
fn is_relation(name: &str) -> bool {
    const NAMES: [&str; 18] = [
        "role",
        "bucket",
        "user",
        "group",
        "users",
        "groups",
        "roles",
        "subnets",
        "security_groups",
        "instance",
        "key_name",
        "iam_instance_profile",
        "policy",
        "cluster",
        "function_name",
        "load_balancer",
        "db_subnet_group_name",
        "topic",
    ];
    is_plural(name) || name.ends_with("_id") || name.ends_with("arn") || NAMES.contains(&name)
}

/// Whether an attribute holds a list of other things.
fn is_plural(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "users",
        "groups",
        "roles",
        "subnets",
        "security_groups",
        "instances",
        "layers",
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "resources",
        "identifiers",
        "target_groups",
    ];
    name.ends_with("_ids") || name.ends_with("_arns") || NAMES.contains(&name)
}

/// The attribute that a relation of a name usually takes: old plans tell the thing only.
fn usual(asked_by: &str) -> &'static str {
    match asked_by {
        "role"
        | "user"
        | "group"
        | "users"
        | "groups"
        | "roles"
        | "iam_instance_profile"
        | "function_name" => "name",
        "policy" | "policy_document" | "assume_role_policy" => "json",
        "key_name" => "key_name",
        "cluster" => "id",
        name if name.ends_with("arn") || name.ends_with("arns") => "arn",
        "kms_key_id" | "kms_master_key_id" => "arn",
        "availability_zone" => "availability_zone",
        "db_subnet_group_name" => "name",
        _ => "id",
    }
}
