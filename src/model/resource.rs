//! One thing in the inventory: an envelope that all share, and typed attributes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::attr::Attr;
use super::kinds::{Data, Kind, kind_named};
use super::reflect::{Field, Reflect, Shape, Type, Typed, View};
use crate::ident::{AccountId, Region};

/// Where the statement about a resource comes from.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Live API of AWS.
    #[default]
    Aws,
    /// JSON printed by the AWS CLI.
    AwsJson,
    /// A Terraform or OpenTofu plan or state.
    Terraform,
    /// A CloudFormation template.
    Cloudformation,
    /// Written by hand, as in the cases of checks.
    Case,
}

impl Origin {
    /// Whether it states what is to come: such a resource may name others that do not exist yet.
    pub fn is_predicted(self) -> bool {
        matches!(self, Self::Terraform | Self::Cloudformation | Self::Case)
    }

    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsJson => "aws_json",
            Self::Terraform => "terraform",
            Self::Cloudformation => "cloudformation",
            Self::Case => "case",
        }
    }
}

/// What all resources have.
#[derive(Debug, Clone, PartialEq)]
pub struct Meta {
    /// The provider's id, unique within type, account and region.
    pub id: String,
    /// The owning account.
    pub account: AccountId,
    /// The region, `global` for services without.
    pub region: Region,
    /// The ARN, where the type has one.
    pub arn: Option<String>,
    /// The name people know it by.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Attr<BTreeMap<String, String>>,
    /// The declared environment it belongs to; assigned when assessed.
    pub environment: Attr<Option<String>>,
    /// Where the statement comes from.
    pub origin: Origin,
}

/// One thing in the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The envelope.
    pub meta: Meta,
    /// The typed attributes.
    pub data: Data,
}

/// The envelope's fields, which expressions see on every resource before the type's own.
pub const ENVELOPE: &Shape = &Shape {
    name: "resource",
    doc: "What all resources have.",
    fields: &[
        field("type", "The resource type, such as `aws.ec2.vpc`.", String::ty),
        field("id", "The provider's id.", String::ty),
        field("account", "The owning account.", String::ty),
        field("region", "The region, `global` for services without.", String::ty),
        field("arn", "The ARN, where the type has one.", Option::<String>::ty),
        field("name", "The name people know it by.", Option::<String>::ty),
        field("tags", "Its tags.", BTreeMap::<String, String>::ty),
        field("environment", "The declared environment it belongs to.", Option::<String>::ty),
        field("origin", "Where the statement comes from.", String::ty),
    ],
    key: &["type", "account", "region", "id"],
};

const fn field(name: &'static str, doc: &'static str, ty: fn() -> Type) -> Field {
    Field { name, doc, ty, words: &[], fact: false }
}

impl Resource {
    /// The resource's type.
    pub fn kind(&self) -> &'static Kind {
        self.data.kind()
    }

    /// `type account region id`: unique in an inventory, and the order of all output.
    pub fn identity(&self) -> Identity<'_> {
        Identity {
            kind: self.kind().name,
            account: &self.meta.account,
            region: &self.meta.region,
            id: &self.meta.id,
        }
    }

    /// Whether the field in a slot is derived when the inventory is assessed: a fact, or the environment.
    pub fn is_derived(kind: &Kind, slot: usize) -> bool {
        match slot.checked_sub(ENVELOPE.fields.len()) {
            None => ENVELOPE.slot("environment") == Some(slot),
            Some(own) => kind.shape.fields.get(own).is_some_and(|field| field.fact),
        }
    }

    /// The slot and field of a name on a resource of a type: the envelope first, then the type's own.
    pub fn field_of(kind: &'static Kind, name: &str) -> Option<(usize, &'static Field)> {
        let envelope = ENVELOPE.fields.len();
        let (slot, shape) = if let Some(slot) = ENVELOPE.slot(name) {
            (slot, ENVELOPE.fields.get(slot))
        } else {
            let slot = kind.shape.slot(name)?;
            (envelope + slot, kind.shape.fields.get(slot))
        };
        shape.map(|field| (slot, field))
    }
}

/// What tells resources apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Identity<'a> {
    /// The type.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// The account.
    pub account: &'a AccountId,
    /// The region.
    pub region: &'a Region,
    /// The id.
    pub id: &'a str,
}

impl fmt::Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.kind, self.account, self.region, self.id)
    }
}

impl Reflect for Resource {
    fn ty(&self) -> Type {
        Type::Resource(self.kind())
    }

    fn slot(&self, index: usize) -> View<'_> {
        let meta = &self.meta;
        match index {
            0 => View::Str(self.kind().name),
            1 => View::Str(&meta.id),
            2 => View::Str(meta.account.as_str()),
            3 => View::Str(meta.region.as_str()),
            4 => meta.arn.view(),
            5 => meta.name.view(),
            6 => meta.tags.view(),
            7 => meta.environment.view(),
            8 => View::Str(meta.origin.word()),
            _ => self.data.reflect().slot(index - ENVELOPE.fields.len()),
        }
    }

    fn key(&self) -> String {
        self.identity().to_string()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// How a resource stands in files. `data` stays text until its type is known, so that nothing is parsed twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: String,
    account: AccountId,
    region: Region,
    #[serde(default)]
    arn: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    tags: Attr<BTreeMap<String, String>>,
    #[serde(default)]
    environment: Attr<Option<String>>,
    #[serde(default)]
    origin: Origin,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Resource {
    /// Parses one resource from its JSON.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let line: Line<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let kind = kind_named(&line.kind)
            .ok_or_else(|| format!("no resource type `{}` is known", line.kind))?;
        let data = (kind.parse)(line.data.get())
            .map_err(|e| format!("in `data` of {} {}: {e}", line.kind, line.id))?;
        let meta = Meta {
            id: line.id,
            account: line.account,
            region: line.region,
            arn: line.arn,
            name: line.name,
            tags: line.tags,
            environment: line.environment,
            origin: line.origin,
        };
        Ok(Self { meta, data })
    }
}

impl Resource {
    /// Parses one resource that is to be judged.
    ///
    /// # Errors
    /// What is wrong with it, in words. Cases of checks may state their own facts; an inventory that could would judge
    /// itself.
    pub fn parse_evidence(text: &str) -> Result<Self, String> {
        let resource = Self::parse(text)?;
        match resource.meta.origin {
            Origin::Case => Err("a resource of origin `case` is no evidence".to_owned()),
            _ => Ok(resource),
        }
    }
}

impl Serialize for Resource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let meta = &self.meta;
        let mut map = serializer.serialize_map(None)?;
        // The type comes first: readers select lines by it without parsing them.
        map.serialize_entry("type", self.kind().name)?;
        map.serialize_entry("id", &meta.id)?;
        map.serialize_entry("account", &meta.account)?;
        map.serialize_entry("region", &meta.region)?;
        if let Some(arn) = &meta.arn {
            map.serialize_entry("arn", arn)?;
        }
        if let Some(name) = &meta.name {
            map.serialize_entry("name", name)?;
        }
        if !meta.tags.is_not_collected() {
            map.serialize_entry("tags", &meta.tags)?;
        }
        if !meta.environment.is_not_collected() {
            map.serialize_entry("environment", &meta.environment)?;
        }
        map.serialize_entry("origin", &meta.origin)?;
        map.serialize_entry("data", &self.data)?;
        map.end()
    }
}
