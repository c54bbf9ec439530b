//! Resources kept at hand so that others can be judged beside them: "the flow logs of this VPC".
//!
//! Only the types and fields that checks and analyses relate to are kept; everything else streams past. A relation
//! knows where it may be blind: resources whose field is unknown may belong to anything, and a cell that was not
//! collected completely may hold more than is seen.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::attr::Cause;
use super::change::is_planned;
use super::coverage::Coverage;
use super::kinds::{Kind, Scope, kind_named};
use super::reflect::{Reflect, View};
use super::resource::Resource;
use crate::ident::{AccountId, Region};

/// A field by which resources of a type are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The type.
    pub kind: &'static Kind,
    /// The field's slot on the whole resource, envelope first.
    pub slot: usize,
}

impl PartialEq for Relation {
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.slot == other.slot
    }
}

/// Where to look for related resources.
#[derive(Debug, Clone, Copy)]
pub enum Within<'a> {
    /// The account and region of a resource; a global type is looked up in the account, and from a global resource
    /// all regions of the account are seen.
    Place(&'a AccountId, &'a Region),
    /// The whole inventory.
    Everywhere,
}

/// What a relation found.
#[derive(Debug, Default)]
pub struct Related<'a> {
    /// Those that match.
    pub certain: Vec<&'a Resource>,
    /// Those that may match: their field is unknown.
    pub possible: Vec<(&'a Resource, &'a Cause)>,
    /// Why there may be more than is seen.
    pub gap: Option<Cause>,
}

/// Resources at hand, and the coverage of the whole inventory.
#[derive(Debug, Default)]
pub struct Index {
    resources: Vec<Resource>,
    coverage: Coverage,
    by_kind: HashMap<&'static str, Vec<usize>>,
    by_value: HashMap<(&'static str, usize), FieldIndex>,
    /// Why a type may hold more anywhere than is seen, found once: it looks at every cell.
    gap_anywhere: HashMap<&'static str, Option<Cause>>,
}

#[derive(Debug, Default)]
struct FieldIndex {
    /// Hash of the value → places; the value is compared again when it is looked up.
    places: HashMap<u64, Vec<usize>>,
    unknown: Vec<usize>,
}

impl Index {
    /// Indexes resources by the relations that will be asked for.
    pub fn build(resources: Vec<Resource>, coverage: Coverage, relations: &[Relation]) -> Self {
        let mut index = Self { resources, coverage, ..Self::default() };
        for (at, resource) in index.resources.iter().enumerate() {
            index.by_kind.entry(resource.kind().name).or_default().push(at);
        }
        for relation in relations {
            index.add_relation(*relation);
            if !index.gap_anywhere.contains_key(relation.kind.name) {
                let gap = index.gap_in(relation.kind, &index.coverage.accounts());
                index.gap_anywhere.insert(relation.kind.name, gap);
            }
        }
        index
    }

    /// Reads the fields of all relations again, after facts were derived or environments assigned.
    pub fn refresh(&mut self) {
        let relations: Vec<_> = self.by_value.keys().copied().collect();
        for (name, slot) in relations {
            // Only facts and the environment can have changed.
            if let Some(kind) = kind_named(name)
                && Resource::is_derived(kind, slot)
            {
                self.add_relation(Relation { kind, slot });
            }
        }
    }

    fn add_relation(&mut self, relation: Relation) {
        let mut field = FieldIndex::default();
        for &at in self.by_kind.get(relation.kind.name).map_or(&[][..], Vec::as_slice) {
            let Some(resource) = self.resources.get(at) else { continue };
            match resource.slot(relation.slot) {
                View::Str(text) => field.add(text, at),
                View::Unknown(_) => field.unknown.push(at),
                View::List(items) => {
                    for i in 0..items.len() {
                        match items.item(i) {
                            View::Str(text) => field.add(text, at),
                            View::Unknown(_) => field.unknown.push(at),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        field.unknown.dedup();
        self.by_value.insert((relation.kind.name, relation.slot), field);
    }

    /// The coverage of the whole inventory.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// All resources of a type that are at hand.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Resource> {
        self.by_kind.get(kind).into_iter().flatten().filter_map(|&at| self.resources.get(at))
    }

    /// Every resource at hand, to derive facts on.
    pub fn resources_mut(&mut self) -> &mut [Resource] {
        &mut self.resources
    }

    /// Every resource at hand.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources of a type in a place, with the gap that may hide more.
    pub fn all(&self, kind: &'static Kind, within: Within<'_>) -> Related<'_> {
        let certain = self.of_kind(kind.name).filter(|r| is_within(r, kind, within)).collect();
        Related { certain, possible: Vec::new(), gap: self.gap(kind, within) }
    }

    /// Whether the index was built to be asked for a relation.
    pub fn announces(&self, relation: Relation) -> bool {
        self.by_value.contains_key(&(relation.kind.name, relation.slot))
    }

    /// The resources whose field has, or contains, a value.
    pub fn related(&self, relation: Relation, value: &str, within: Within<'_>) -> Related<'_> {
        // Nothing outside of a plan can name what does not exist yet: neither what was not collected, nor what was and
        // does not tell.
        let planned = is_planned(value);
        let gap = if planned {
            self.coverage.planned_gap(relation.kind.name).cloned()
        } else {
            self.gap(relation.kind, within)
        };
        let mut found = Related { gap, ..Related::default() };
        let Some(field) = self.by_value.get(&(relation.kind.name, relation.slot)) else {
            // A relation nobody announced is a fault of the caller; it must not look like absence.
            found.gap = Some(Cause::NOT_COLLECTED);
            return found;
        };
        let places = field.places.get(&hash(value)).map_or(&[][..], Vec::as_slice);
        for resource in places.iter().filter_map(|&at| self.resources.get(at)) {
            if is_within(resource, relation.kind, within)
                && holds(resource.slot(relation.slot), value)
            {
                found.certain.push(resource);
            }
        }
        for resource in field.unknown.iter().filter_map(|&at| self.resources.get(at)) {
            if !is_within(resource, relation.kind, within)
                || planned && !resource.meta.origin.is_predicted()
                || holds(resource.slot(relation.slot), value)
            {
                continue;
            }
            if let Some(cause) = first_cause(resource.slot(relation.slot)) {
                found.possible.push((resource, cause));
            }
        }
        found
    }

    /// Why a type may hold more in a place than is seen.
    fn gap(&self, kind: &Kind, within: Within<'_>) -> Option<Cause> {
        let coverage = &self.coverage;
        match (within, kind.scope) {
            (_, Scope::Organization) => coverage.organization_gap(kind.name),
            (Within::Place(account, _), Scope::Global) => {
                coverage.gap(account, &Region::global(), kind.name)
            }
            (Within::Place(account, region), Scope::Regional) if !region.is_global() => {
                coverage.gap(account, region, kind.name)
            }
            (Within::Place(account, _), Scope::Regional) => {
                self.gap_in(kind, std::slice::from_ref(account))
            }
            (Within::Everywhere, _) => match self.gap_anywhere.get(kind.name) {
                Some(gap) => gap.clone(),
                None => self.gap_in(kind, &coverage.accounts()),
            },
        }
    }

    fn gap_in(&self, kind: &Kind, accounts: &[AccountId]) -> Option<Cause> {
        let coverage = &self.coverage;
        let gap_of = |account: &AccountId| match kind.scope {
            Scope::Organization => coverage.organization_gap(kind.name),
            Scope::Global => coverage.gap(account, &Region::global(), kind.name),
            Scope::Regional => {
                let regions = coverage.regions(account);
                if regions.is_empty() {
                    return Some(Cause::NOT_COLLECTED);
                }
                regions.iter().find_map(|region| coverage.gap(account, region, kind.name))
            }
        };
        if accounts.is_empty() {
            Some(Cause::NOT_COLLECTED)
        } else {
            accounts.iter().find_map(gap_of)
        }
    }
}

impl FieldIndex {
    fn add(&mut self, value: &str, at: usize) {
        let places = self.places.entry(hash(value)).or_default();
        // A list may hold a value twice; the resource still relates once.
        if places.last() != Some(&at) {
            places.push(at);
        }
    }
}

fn hash(value: &str) -> u64 {
    // Fixed keys: an index is built from trusted-size input and must not differ between runs.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn is_within(resource: &Resource, kind: &Kind, within: Within<'_>) -> bool {
    match within {
        Within::Everywhere => true,
        Within::Place(account, region) => {
            kind.scope == Scope::Organization
                || resource.meta.account == *account
                    && (kind.scope == Scope::Global
                        || region.is_global()
                        || resource.meta.region == *region)
        }
    }
}

fn holds(view: View<'_>, value: &str) -> bool {
    match view {
        View::Str(text) => text == value,
        View::List(items) => {
            (0..items.len()).any(|i| matches!(items.item(i), View::Str(text) if text == value))
        }
        _ => false,
    }
}

fn first_cause(view: View<'_>) -> Option<&Cause> {
    match view {
        View::Unknown(cause) => Some(cause),
        View::List(items) => (0..items.len()).find_map(|i| match items.item(i) {
            View::Unknown(cause) => Some(cause),
            _ => None,
        }),
        _ => None,
    }
}
