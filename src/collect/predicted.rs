//! What the readers of plans and templates share: things as a source states them, and the way from there into drafts of
//! the model.
//!
//! A reader turns its input into [`Thing`]s, with references followed and everything that cannot be known yet unknown.
//! A mapper knows one type of the source: it states drafts and parts in a [`Sketch`]. Mappers say what AWS itself adds
//! when such a thing is made (states, defaults, the default security group of a VPC), so that a thing that is planned
//! looks as it will when it is collected.

pub mod acl;
pub mod input;
pub mod principal;
pub mod shape;
pub mod stating;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::attr::CauseKind;
use crate::model::change::{Draft, Joint, Part, Place, Sketch, Whole};
use crate::model::kinds::{Kind, kind_named};
use crate::model::{Attr, Cause, Tree};

/// Types of which no plan or template states anything: reports, and who collected.
pub const UNSTATABLE: [&str; 6] = [
    "aws.iam.account_summary",
    "aws.iam.credential_report_row",
    "aws.ssm.inventory",
    "aws.ssm.managed_instance",
    "aws.ssm.patch_state",
    "aws.sts.caller_identity",
];

/// One thing of a plan or template, on one side of the change.
#[derive(Debug, Clone)]
pub struct Thing<'a> {
    /// Its address in the source.
    pub address: Arc<str>,
    /// Its type in the source, such as `aws_instance` or `AWS::EC2::Instance`.
    pub kind: Cow<'a, str>,
    /// Its attributes. Ids, ARNs and the like of things that do not exist yet stand here as the sources' handles say;
    /// see [`Handle`].
    ///
    /// In a Terraform plan an attribute that the provider or AWS decides is unknown with the cause *known after apply*
    /// and no detail ([`Thing::is_left_open`]); one that the configuration states, and that could not be followed, has
    /// the reason as its detail.
    pub values: Tree<'a>,
    /// The id it has in its source, or the planned one.
    pub id: Cow<'a, str>,
    /// Its ARN, known or planned; nothing where neither the source nor its handle tells.
    pub arn: Option<Cow<'a, str>>,
    /// Where it is.
    pub place: Place,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'static str,
    /// Whether it does not exist yet.
    pub fresh: bool,
}

/// How one type of a source gets into the model.
pub type Mapper = for<'t, 'a> fn(&'t Thing<'a>, &mut Sketch<'a>);

/// What names a thing of a type before it exists.
#[derive(Debug, Clone, Copy)]
pub struct Handle {
    /// The attributes of which the first that is known is the id; the planned address when none is. One with a name in
    /// braces at its beginning (`{vpc_id}/default_security_group_id`) is something that AWS made along with another
    /// thing, where that does not exist yet.
    pub id: &'static [&'static str],
    /// The ARN with `{partition}`, `{region}`, `{account}`, `{id}` and names of attributes in braces; empty for types
    /// without one. An attribute that is not known is replaced by the planned address; `{url-https://}` is one without
    /// what stands behind the dash at its beginning.
    pub arn: &'static str,
    /// Attributes that name things which AWS makes along with it (`default_security_group_id`); each is the planned
    /// address with the attribute behind a slash. `a=b` says that at first `a` is what `b` is.
    pub made: &'static [&'static str],
}

impl Handle {
    /// The attribute by which a thing is named that AWS makes along with this one; nothing for other attributes.
    pub fn made(&self, attribute: &str) -> Option<&'static str> {
        self.made.iter().find_map(|made| match made.split_once('=') {
            Some((name, same)) if name == attribute => Some(same),
            None if *made == attribute => Some(*made),
            _ => None,
        })
    }

    /// All attributes that name things which AWS makes along with it, and what each is named by.
    pub fn all_made(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.made.iter().map(|made| made.split_once('=').unwrap_or((made, made)))
    }
}

/// The resource that an id, ARN or name means. An empty one means none.
pub fn whole_of(tree: &Tree<'_>) -> Whole {
    meant(tree, "id")
}

fn meant(tree: &Tree<'_>, called: &str) -> Whole {
    match tree {
        Tree::Text(text) if !text.is_empty() => Whole::Id(text.clone().into_owned()),
        Tree::Unknown(cause) => Whole::Unknown(cause.clone()),
        _ => Whole::Unknown(Cause::new(CauseKind::NotUnderstood, format!("no `{called}`"))),
    }
}

impl<'a> Thing<'a> {
    /// What stands at a path; see [`Tree::at`].
    pub fn at(&self, path: &str) -> Cow<'_, Tree<'a>> {
        self.values.at(path)
    }

    /// The text at a path, absent when there is none.
    ///
    /// # Errors
    /// Why it is unknown.
    pub fn text(&self, path: &str) -> Result<Option<String>, Cause> {
        match &*self.at(path) {
            Tree::Text(text) => Ok(Some(text.clone().into_owned())),
            Tree::Int(number) => Ok(Some(number.to_string())),
            Tree::Unknown(cause) => Err(cause.clone()),
            _ => Ok(None),
        }
    }

    /// Whether the provider or AWS decides what stands at a path.
    pub fn is_left_open(&self, path: &str) -> bool {
        matches!(&*self.at(path), Tree::Unknown(cause) if cause.kind == CauseKind::KnownAfterApply && cause.detail().is_none())
    }

    /// What stands at a path, or what AWS makes of it when nobody states it.
    pub fn or(&self, path: &str, default: Tree<'a>) -> Tree<'a> {
        let found = self.at(path);
        if found.is_null() || self.is_left_open(path) { default } else { found.into_owned() }
    }

    /// A resource of the model that this thing states: under its id and ARN, with its tags and its name, and with all
    /// fields of the type that are found under their own name, or under the path given here. `name` is the path of the
    /// name for types that have one besides the tag `Name`; the tag goes first where `name` is empty.
    pub fn draft(&self, kind: &'static str, name: &str, from: &[shape::From]) -> Option<Draft<'a>> {
        let kind = kind_named(kind)?;
        let tags = self.tags();
        let named = self.text(name).ok().flatten().filter(|_| !name.is_empty());
        let tag = tags.known().and_then(|tags| tags.get("Name").cloned());
        Some(Draft {
            place: self.place.of(kind),
            id: self.id.clone().into_owned(),
            arn: self.arn.clone().map(Cow::into_owned),
            name: named.or(tag).filter(|name| !name.is_empty()),
            tags,
            fields: shape::fields(kind.shape, &self.values, from),
            address: self.address.clone(),
            implied: false,
            kind,
        })
    }

    /// A resource that comes with this thing, such as the default security group of a VPC.
    pub fn implied(&self, kind: &'static str, id: impl Into<String>) -> Option<Draft<'a>> {
        let kind = kind_named(kind)?;
        Some(Draft {
            place: self.place.of(kind),
            id: id.into(),
            arn: None,
            name: None,
            tags: Attr::Known(BTreeMap::new()),
            fields: Tree::Map(Vec::new()),
            address: self.address.clone(),
            implied: true,
            kind,
        })
    }

    /// A part of a resource: an element of a list of it.
    pub fn element(
        &self,
        kind: &'static str,
        whole: Whole,
        field: &'static str,
        value: Tree<'a>,
    ) -> Option<Part<'a>> {
        self.piece(kind, whole, field, value, Joint::Element)
    }

    /// A part of a resource: an attribute of it.
    pub fn value(
        &self,
        kind: &'static str,
        whole: Whole,
        field: &'static str,
        value: Tree<'a>,
    ) -> Option<Part<'a>> {
        self.piece(kind, whole, field, value, Joint::Value)
    }

    fn piece(
        &self,
        kind: &'static str,
        whole: Whole,
        field: &'static str,
        value: Tree<'a>,
        joint: Joint,
    ) -> Option<Part<'a>> {
        let kind: &'static Kind = kind_named(kind)?;
        let place = self.place.of(kind);
        Some(Part { kind, whole, place, field, value, joint, address: self.address.clone() })
    }

    /// The resource that the id, ARN or name at a path means.
    pub fn whole(&self, path: &str) -> Whole {
        meant(&self.at(path), path)
    }

    /// Its tags: Terraform's `tags_all` or `tags`, CloudFormation's `Tags`.
    pub fn tags(&self) -> Attr<BTreeMap<String, String>> {
        let own = ["tags_all", "tags", "Tags"].iter().map(|name| self.values.member(name));
        let own: Vec<_> = own.filter(|tags| !tags.is_null()).collect();
        let Some(first) = own.iter().find(|tags| !tags.has_unknown()).or(own.first()) else {
            return Attr::Known(BTreeMap::new());
        };
        shape::tags(first)
    }
}
