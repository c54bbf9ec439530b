//! What no finding tells: which resources there are, and which checks have nothing to do with them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::finding::{Outcome, Subject};
use crate::model::Resource;
use crate::model::resource::Identity;

/// The outcomes beside the findings of an assessment, kept as hashes: a resource takes a few bytes.
#[derive(Debug, Default)]
pub struct Quiet {
    seen: HashSet<u64>,
    not_applicable: HashSet<u64>,
}

impl Quiet {
    pub(super) fn saw(&mut self, resource: &Resource) {
        self.seen.insert(hash("", &resource.identity()));
    }

    pub(super) fn not_applicable(&mut self, check: &str, resource: &Resource) {
        self.not_applicable.insert(hash(check, &resource.identity()));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.seen.extend(other.seen);
        self.not_applicable.extend(other.not_applicable);
    }

    /// Whether a resource was judged.
    pub fn has(&self, subject: &Subject) -> bool {
        self.seen.contains(&hash("", &identity(subject)))
    }

    /// What a check says of a resource on which it found nothing; nothing when there is no such resource.
    pub fn outcome(&self, check: &str, subject: &Subject) -> Option<Outcome> {
        let identity = identity(subject);
        if !self.seen.contains(&hash("", &identity)) {
            None
        } else if self.not_applicable.contains(&hash(check, &identity)) {
            Some(Outcome::NotApplicable)
        } else {
            Some(Outcome::Pass)
        }
    }

    /// How many resources were judged.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

fn identity(subject: &Subject) -> Identity<'_> {
    Identity {
        kind: &subject.kind,
        account: &subject.account,
        region: &subject.region,
        id: &subject.id,
    }
}

fn hash(check: &str, identity: &Identity<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (check, identity).hash(&mut hasher);
    hasher.finish()
}
