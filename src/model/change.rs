//! What is to become of an inventory, as a plan or a template states it: two sketches of the same world, before and
//! after, and what lies between them.
//!
//! A [`Sketch`] holds [`Draft`]s of resources and [`Part`]s that are stated apart from the resource they end up in: a
//! rule of a security group, a policy attached to a role, a bucket's policy. All spellings of one thing lead to the same
//! draft. What a source does not state is missing from a draft; what it cannot know yet is unknown in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attr::{Attr, Cause};
use super::kinds::Kind;
use super::resource::{Identity, Origin};
use super::tree::Tree;
use crate::diag::Diagnostics;
use crate::ident::{AccountId, Region};

/// What begins the id of a thing that does not exist yet: `planned:aws_vpc.main`. AWS gives out no such ids, so that
/// nothing outside the plan or template can speak of one.
pub const PLANNED: &str = "planned:";

/// Whether an id or ARN is that of a thing that does not exist yet.
pub fn is_planned(id: &str) -> bool {
    id.starts_with(PLANNED) || id.starts_with("arn:") && id.contains(PLANNED)
}

/// An account and a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The region; resources of types without regions are put under `global` whatever it says.
    pub region: Region,
}

impl Place {
    /// Where a resource of a type is that is stated here.
    #[must_use]
    pub fn of(&self, kind: &Kind) -> Self {
        let region = match kind.scope {
            super::kinds::Scope::Regional => self.region.clone(),
            _ => Region::global(),
        };
        Self { account: self.account.clone(), region }
    }
}

/// A resource as far as it is stated.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft<'a> {
    /// Its type.
    pub kind: &'static Kind,
    /// Where it is.
    pub place: Place,
    /// The id it has in the inventory, or [`PLANNED`] with its address.
    pub id: String,
    /// Its ARN, where the type has one; for a thing that does not exist yet, the one it will have as far as that is known.
    pub arn: Option<String>,
    /// The name people know it by.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Attr<BTreeMap<String, String>>,
    /// The attributes that are stated, in the model's JSON: always a map.
    pub fields: Tree<'a>,
    /// What states it: the address of a [`Change`].
    pub address: Arc<str>,
    /// Whether it comes with another thing (the default security group of a VPC, the interface of an instance) and is not
    /// stated itself. A statement of the same resource goes before it.
    pub implied: bool,
}

/// Which resource a part belongs to.
#[derive(Debug, Clone, PartialEq)]
pub enum Whole {
    /// The one with this id or ARN.
    Id(String),
    /// One of these; nobody can say which.
    OneOf(Vec<String>),
    /// Any of its type.
    Unknown(Cause),
}

/// How a part gets into its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// As an element of a list.
    Element,
    /// As the attribute itself.
    Value,
}

/// A part of a resource that is stated apart from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'a> {
    /// The type of the resource it belongs to.
    pub kind: &'static Kind,
    /// The resource it belongs to.
    pub whole: Whole,
    /// Where that is looked for.
    pub place: Place,
    /// The attribute: a field of the type, or of a struct within it, separated by dots.
    pub field: &'static str,
    /// Its value, in the model's JSON.
    pub value: Tree<'a>,
    /// How it gets there.
    pub joint: Joint,
    /// What states it: the address of a [`Change`].
    pub address: Arc<str>,
}

/// What one side of a plan or template states.
#[derive(Debug, Clone, Default)]
pub struct Sketch<'a> {
    drafts: Vec<Draft<'a>>,
    by_identity: HashMap<(&'static str, Place, String), usize>,
    /// The parts, in the order they were stated.
    pub parts: Vec<Part<'a>>,
}

impl<'a> Sketch<'a> {
    /// States a resource. Where it is stated already, what is stated goes before what is implied, and the attributes of
    /// both are kept, those of the later statement first.
    pub fn state(&mut self, mut draft: Draft<'a>) {
        draft.place = draft.place.of(draft.kind);
        let key = (draft.kind.name, draft.place.clone(), draft.id.clone());
        let Some(have) = self.by_identity.get(&key).and_then(|&at| self.drafts.get_mut(at)) else {
            self.by_identity.insert(key, self.drafts.len());
            self.drafts.push(draft);
            return;
        };
        let later_counts = !draft.implied || have.implied;
        let (mut over, under) = if later_counts {
            let under = std::mem::replace(have, draft);
            (have.fields.clone(), under)
        } else {
            (have.fields.clone(), draft)
        };
        if let Tree::Map(entries) = under.fields {
            for (name, value) in entries {
                if over.member(&name).is_null() {
                    over.set(name, value);
                }
            }
        }
        have.fields = over;
        have.arn = have.arn.take().or(under.arn);
        have.name = have.name.take().or(under.name);
        if have.tags.is_not_collected() {
            have.tags = under.tags;
        }
    }

    /// States a part.
    pub fn part(&mut self, part: Part<'a>) {
        self.parts.push(part);
    }

    /// The draft of a resource.
    pub fn draft(&self, kind: &Kind, place: &Place, id: &str) -> Option<&Draft<'a>> {
        let at = self.by_identity.get(&(kind.name, place.of(kind), id.to_owned()))?;
        self.drafts.get(*at)
    }

    /// All drafts, in the order they were stated first.
    pub fn drafts(&self) -> &[Draft<'a>] {
        &self.drafts
    }

    /// All drafts and parts, to be put together.
    pub fn into_pieces(self) -> (Vec<Draft<'a>>, Vec<Part<'a>>) {
        (self.drafts, self.parts)
    }
}

impl Draft<'_> {
    /// Type, account, region and id.
    pub fn identity(&self) -> Identity<'_> {
        Identity {
            kind: self.kind.name,
            account: &self.place.account,
            region: &self.place.region,
            id: &self.id,
        }
    }
}

/// What happens to one thing of a plan or template.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It stays, and changes.
    Update,
    /// It goes, and another comes in its place.
    Replace,
    /// It goes.
    Delete,
    /// It stays, and is no longer managed here.
    Forget,
    /// Nothing.
    NoOp,
}

impl Action {
    /// The word people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Forget => "forget",
            Self::NoOp => "no-op",
        }
    }
}

/// One thing of a plan or template, and what happens to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its address: `module.a["x"].aws_vpc.main[0]`, or the logical id of a template behind the path of its stacks.
    pub address: Arc<str>,
    /// The address it had before it was moved.
    pub previous_address: Option<Arc<str>>,
    /// Its type as the source calls it.
    pub kind: String,
    /// What happens to it.
    pub action: Action,
    /// Whether it is imported.
    pub imported: bool,
    /// Why nobody can say whether it will exist, such as a condition over an unknown parameter.
    pub uncertain: Option<Cause>,
}

/// How much of an input was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// What it is, such as `Terraform plan, format 1.2, by Terraform 1.9.8`.
    pub what: String,
    /// How many things there are of each type that has a place in the inventory.
    pub mapped: BTreeMap<String, u64>,
    /// How many there are of each type of the provider that has none; nothing is concluded about them.
    pub unmapped: BTreeMap<String, u64>,
    /// How many there are of other providers.
    pub foreign: BTreeMap<String, u64>,
    /// The relations (ids, ARNs and names of other things) that the source does not know yet.
    pub relations: Relations,
}

/// What became of relations that a source does not know yet but states in its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relations {
    /// Followed to the thing that is meant.
    pub resolved: u64,
    /// Followed to several, of which one is meant.
    pub ambiguous: u64,
    /// Left unknown, with the place of each and why.
    pub left: Vec<(String, String)>,
}

/// What a reader of plans or templates gives.
#[derive(Debug)]
pub struct ChangeSet<'a> {
    /// What kind of source it is.
    pub origin: Origin,
    /// The world it knows.
    pub before: Sketch<'a>,
    /// The world it leads to.
    pub after: Sketch<'a>,
    /// Everything it states, in its own order.
    pub changes: Vec<Change>,
    /// How much of it was understood.
    pub reading: Reading,
    /// Why it does not show the whole change: it failed while it was made, or is one of several steps.
    pub incomplete: Vec<String>,
    /// What it says has changed outside: the address, and the attributes.
    pub drift: Vec<(Arc<str>, Vec<String>)>,
    /// The accounts and regions in which it acts.
    pub places: Vec<Place>,
    /// What else is to be said.
    pub notes: Diagnostics,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::kind_named;

    fn draft(id: &str, implied: bool, fields: serde_json::Value) -> Draft<'static> {
        Draft {
            kind: kind_named("aws.ec2.security_group").unwrap(),
            place: Place {
                account: AccountId::new("111122223333").unwrap(),
                region: Region::new("eu-west-1").unwrap(),
            },
            id: id.to_owned(),
            arn: None,
            name: None,
            tags: Attr::default(),
            fields: Tree::from(&fields),
            address: "a".into(),
            implied,
        }
    }

    #[test]
    fn what_is_stated_goes_before_what_is_implied_in_any_order() {
        let implied = serde_json::json!({"group_name": "default", "description": "implied"});
        let stated = serde_json::json!({"description": "stated"});
        for turn in [false, true] {
            let mut both =
                vec![draft("sg", true, implied.clone()), draft("sg", false, stated.clone())];
            if turn {
                both.reverse();
            }
            let mut sketch = Sketch::default();
            for draft in both {
                sketch.state(draft);
            }
            let [one] = sketch.drafts() else { panic!("{:?}", sketch.drafts()) };
            assert_eq!(one.fields.at("description").as_str(), Some("stated"));
            assert_eq!(one.fields.at("group_name").as_str(), Some("default"));
            assert!(!one.implied);
        }
    }

    #[test]
    fn planned_ids_are_told() {
        assert!(is_planned("planned:aws_vpc.main"));
        assert!(is_planned("arn:aws:ec2:eu-west-1:111122223333:vpc/planned:aws_vpc.main"));
        assert!(!is_planned("vpc-1") && !is_planned("unplanned:x"));
    }
}
