//! Looking up what a live inventory has of the things that an input names.

use std::collections::{BTreeSet, HashMap};

use crate::gate::key::Key;
use crate::model::change::Place;
use crate::model::kinds::Kind;
use crate::model::{Resource, Scope};

/// The resources of a live inventory, by what names them. Only types that an input speaks of are looked up.
#[derive(Debug, Default)]
pub(super) struct Live<'l> {
    pub(super) resources: &'l [Resource],
    by_id: HashMap<(&'static str, &'l str), Vec<usize>>,
    by_arn: HashMap<&'l str, usize>,
    by_kind: HashMap<&'static str, Vec<usize>>,
}

impl<'l> Live<'l> {
    pub(super) fn new(resources: &'l [Resource], kinds: &BTreeSet<&'static str>) -> Self {
        let mut live = Self { resources, ..Self::default() };
        for (at, resource) in resources.iter().enumerate() {
            let kind = resource.kind().name;
            if !kinds.contains(kind) {
                continue;
            }
            live.by_kind.entry(kind).or_default().push(at);
            live.by_id.entry((kind, &resource.meta.id)).or_default().push(at);
            if let Some(arn) = &resource.meta.arn {
                live.by_arn.insert(arn, at);
            }
        }
        live
    }

    /// The place of a resource in the list.
    pub(super) fn at(&self, key: &Key) -> Option<usize> {
        let list = self.by_id.get(&(key.kind, key.id.as_str()))?;
        list.iter().copied().find(|at| {
            self.resources
                .get(*at)
                .is_some_and(|r| r.meta.account == key.account && r.meta.region == key.region)
        })
    }

    /// The same by an id or ARN. Things of other places are found by their ARN, and by their id where only one has it:
    /// what is shared is listed by several accounts.
    pub(super) fn named(&self, kind: &Kind, place: &Place, name: &str) -> Option<usize> {
        let is_kind = |at: &usize| self.resources.get(*at).is_some_and(|r| r.kind() == kind);
        self.at(&Key::new(kind, place, name))
            .or_else(|| self.by_arn.get(name).copied().filter(is_kind))
    }

    /// All of a type in a place.
    pub(super) fn all(&self, kind: &'static Kind, place: &Place) -> impl Iterator<Item = usize> {
        let place = place.of(kind);
        let here = move |at: &usize| {
            self.resources.get(*at).is_some_and(|r| {
                kind.scope == Scope::Organization
                    || r.meta.account == place.account && r.meta.region == place.region
            })
        };
        self.by_kind.get(kind.name).into_iter().flatten().copied().filter(here)
    }
}
