//! What tells the resources of two inventories apart, kept beside them.

use std::fmt;

use crate::finding::Subject;
use crate::ident::{AccountId, Region};
use crate::model::Resource;
use crate::model::change::{Draft, Place};
use crate::model::kinds::{Kind, kind_named};

/// Type, account, region and id, owned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The type.
    pub kind: &'static str,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The id.
    pub id: String,
}

impl Key {
    /// That of something of a type in a place.
    pub fn new(kind: &Kind, place: &Place, id: impl Into<String>) -> Self {
        let Place { account, region } = place.of(kind);
        Self { kind: kind.name, account, region, id: id.into() }
    }

    /// That of a resource.
    pub fn of(resource: &Resource) -> Self {
        let meta = &resource.meta;
        Self {
            kind: resource.kind().name,
            account: meta.account.clone(),
            region: meta.region.clone(),
            id: meta.id.clone(),
        }
    }

    /// That of a draft.
    pub fn of_draft(draft: &Draft<'_>) -> Self {
        Self::new(draft.kind, &draft.place, draft.id.clone())
    }

    /// That of what a finding is about; nothing for a type that this build does not know.
    pub fn of_subject(subject: &Subject) -> Option<Self> {
        Some(Self {
            kind: kind_named(&subject.kind)?.name,
            account: subject.account.clone(),
            region: subject.region.clone(),
            id: subject.id.clone(),
        })
    }

    /// The place.
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.kind, self.account, self.region, self.id)
    }
}
