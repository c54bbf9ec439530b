//! What becomes of the world: the sketches of a plan or template put together, and laid over a live inventory where
//! there is one.
//!
//! Without an inventory both sides are what the input states. With one, the world before is what it shows, and the world
//! after is that, less what goes, with what comes: only what the input changes is changed, everything else stays as live
//! says. What the input believes and the inventory denies is [`Drift`].

mod bench;
mod complete;
mod edit;
mod interfaces;
mod live;
mod merge;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::key::Key;
use super::result::Drift;
use crate::ident::AccountId;
use crate::model::change::{Action, Change, ChangeSet, Draft, Place, Sketch};
use crate::model::kinds::{KINDS, Scope};
use crate::model::{
    Cause, CauseKind, Completeness, Coverage, CoverageEntry, Kind, Origin, Resource,
};

use bench::Bench;

/// What is to be assumed where the input says nothing.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Without a live inventory: whether the input states everything there is.
    pub alone: bool,
    /// The types that no input of its kind can state: whatever is assumed, nothing is known about them.
    pub unstatable: BTreeSet<&'static str>,
    /// The types that matter, and that a live inventory was read for; all when nothing is said.
    pub only: Option<BTreeSet<&'static str>>,
    /// The clock of the run: what is made has this age. Without it, ages of new things are unknown.
    pub now: Option<Timestamp>,
}

impl Options {
    fn matters(&self, kind: &Kind) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(kind.name))
    }
}

/// All resources of one side, and how completely they are known.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The resources.
    pub resources: Vec<Resource>,
    /// The coverage.
    pub coverage: Coverage,
}

/// The world before and after a change.
#[derive(Debug, Default)]
pub struct Predicted {
    /// As it is.
    pub before: World,
    /// As it will be.
    pub after: World,
    /// What states each resource, the statement of the resource itself first.
    pub origins: BTreeMap<Key, Vec<Statement>>,
    /// Things that are another resource after the change than before it: after, and before.
    pub successors: BTreeMap<Key, Key>,
    /// Resources of which nobody can say whether they will exist, and why.
    pub uncertain: BTreeMap<Key, Cause>,
    /// Where the input believes the world to be otherwise than the inventory shows it, or says so itself.
    pub drift: Vec<Drift>,
    /// Accounts that the input acts in and the inventory has nothing of.
    pub foreign: Vec<AccountId>,
    /// The types of which something differs between the two sides; nothing where nobody looked.
    pub differs: Option<BTreeSet<&'static str>>,
    /// What went wrong with statements, in words.
    pub notes: Vec<String>,
}

/// A statement about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its address.
    pub address: Arc<str>,
    /// The address it had before it was moved.
    pub previous: Option<Arc<str>>,
    /// What happens to it.
    pub action: Action,
}

/// Works out the world before and after a change.
pub fn predict(
    live: Option<(Vec<Resource>, Coverage)>,
    change: ChangeSet<'_>,
    options: &Options,
) -> Predicted {
    let ChangeSet { origin, before, after, changes, reading, drift, places, .. } = change;
    let open = interfaces::left_open(&after, &reading);
    let changes = Changes::of(changes, options.now);
    let mut out =
        Predicted { successors: changes.successors(&before, &after), ..Predicted::default() };
    for (address, attributes) in drift {
        out.drift.push(Drift {
            address: address.to_string(),
            attributes,
            words: "the input says that it was changed outside".to_owned(),
        });
    }
    match live {
        None => alone(origin, before, after, &changes, &places, options, &mut out),
        Some((resources, coverage)) => {
            let coverage = with_places(coverage, &resources, &places, origin, &mut out.foreign);
            merge::over(resources, coverage, (before, after), origin, &changes, options, &mut out);
        }
    }
    for kind in &options.unstatable {
        // What follows by itself once a thing exists is not absent because a plan says nothing of it.
        let words = format!("{kind} comes after a thing is made");
        let cause = Cause::new(CauseKind::KnownAfterApply, words);
        out.before.coverage.leave_open(kind, cause.clone());
        out.after.coverage.leave_open(kind, cause);
    }
    if let Some(cause) = open {
        out.before.coverage.leave_open(interfaces::KIND, cause.clone());
        out.after.coverage.leave_open(interfaces::KIND, cause);
    }
    out.drift.sort();
    out.drift.dedup();
    out.notes.sort();
    out.notes.dedup();
    out
}

/// The changes by their addresses.
struct Changes {
    by_address: HashMap<Arc<str>, Change>,
    now: Option<Timestamp>,
}

impl Changes {
    fn of(changes: Vec<Change>, now: Option<Timestamp>) -> Self {
        let by_address = changes.into_iter().map(|c| (c.address.clone(), c)).collect();
        Self { by_address, now }
    }

    /// When a thing is made, if it is by this change.
    fn born(&self, address: &str) -> Option<Timestamp> {
        self.now.filter(|_| matches!(self.action(address), Action::Create | Action::Replace))
    }

    fn action(&self, address: &str) -> Action {
        self.by_address.get(address).map_or(Action::NoOp, |change| change.action)
    }

    fn uncertain(&self, address: &str) -> Option<&Cause> {
        self.by_address.get(address)?.uncertain.as_ref()
    }

    fn statement(&self, address: &Arc<str>) -> Statement {
        let change = self.by_address.get(address);
        Statement {
            address: address.clone(),
            previous: change.and_then(|change| change.previous_address.clone()),
            action: change.map_or(Action::NoOp, |change| change.action),
        }
    }

    /// The address that a thing had on the side before.
    fn was(&self, address: &Arc<str>) -> Arc<str> {
        let change = self.by_address.get(address);
        change.and_then(|change| change.previous_address.clone()).unwrap_or_else(|| address.clone())
    }

    /// The resources that come in the place of others: stated by one address, in the same order.
    fn successors(&self, before: &Sketch<'_>, after: &Sketch<'_>) -> BTreeMap<Key, Key> {
        let mut old: HashMap<(Arc<str>, &str), Vec<&Draft<'_>>> = HashMap::new();
        for draft in before.drafts() {
            old.entry((draft.address.clone(), draft.kind.name)).or_default().push(draft);
        }
        let mut taken: HashMap<(Arc<str>, &str), usize> = HashMap::new();
        let mut out = BTreeMap::new();
        for draft in after.drafts() {
            let mut at = (draft.address.clone(), draft.kind.name);
            if !old.contains_key(&at) {
                at.0 = self.was(&draft.address);
            }
            let Some(list) = old.get(&at) else { continue };
            let turn = taken.entry(at).or_default();
            if let Some(was) = list.get(*turn) {
                let (now, was) = (Key::of_draft(draft), Key::of_draft(was));
                if now != was {
                    out.insert(now, was);
                }
            }
            *turn += 1;
        }
        out
    }
}

/// Both sides from what the input states.
fn alone(
    origin: Origin,
    before: Sketch<'_>,
    after: Sketch<'_>,
    changes: &Changes,
    places: &[Place],
    options: &Options,
    out: &mut Predicted,
) {
    let mut all: BTreeSet<Place> = places.iter().cloned().collect();
    let empty = live::Live::default();
    let mut side = |sketch: Sketch<'_>, out: &mut Predicted| {
        let mut bench = Bench::new(origin, &empty);
        let (mut drafts, mut parts) = sketch.into_pieces();
        drafts.retain(|draft| options.matters(draft.kind));
        parts.retain(|part| options.matters(part.kind));
        all.extend(drafts.iter().map(|draft| draft.place.clone()));
        for draft in drafts {
            out.state(&draft, changes);
            bench.fresh(draft, changes);
        }
        bench.join(parts, changes, |keys, address| out.part(keys, address, changes));
        bench.finish(&mut out.notes)
    };
    // The side that is to be judged names the things; what it does not state any more comes after.
    let resources_after = side(after, out);
    let resources_before = side(before, out);
    let coverage = stated_coverage(&all, origin, options);
    out.before = World { resources: resources_before, coverage: coverage.clone() };
    out.after = World { resources: resources_after, coverage };
}

/// What an input covers where it stands alone.
fn stated_coverage(places: &BTreeSet<Place>, origin: Origin, options: &Options) -> Coverage {
    let mut coverage = Coverage::default();
    let kinds = KINDS.iter().filter(|kind| !options.unstatable.contains(kind.name));
    for kind in kinds {
        let mut own: Vec<Place> = places.iter().map(|place| place.of(kind)).collect();
        own.dedup();
        for place in own.iter().filter(|place| is_cell(kind, place)) {
            if coverage.entry(&place.account, &place.region, kind.name).is_none() {
                coverage.add(entry(kind, place, origin, options.alone));
            }
        }
    }
    coverage
}

fn is_cell(kind: &Kind, place: &Place) -> bool {
    (kind.scope == Scope::Regional) != place.region.is_global()
}

fn entry(kind: &Kind, place: &Place, origin: Origin, complete: bool) -> CoverageEntry {
    let (status, reason) = if complete {
        (Completeness::Complete, None)
    } else {
        let words = "what the input manages is known, and nothing else";
        (Completeness::Partial, Some(words.to_owned()))
    };
    CoverageEntry {
        source: origin.word().to_owned(),
        account: place.account.clone(),
        region: place.region.clone(),
        kind: kind.name.to_owned(),
        status,
        reason,
        count: 0,
    }
}

/// The coverage of an inventory, with the places that it says nothing of and a change acts in.
fn with_places(
    mut coverage: Coverage,
    resources: &[Resource],
    places: &[Place],
    origin: Origin,
    foreign: &mut Vec<AccountId>,
) -> Coverage {
    let accounts = coverage.accounts();
    let known = |account: &AccountId| {
        accounts.contains(account) || resources.iter().any(|r| r.meta.account == *account)
    };
    let mut new = Vec::new();
    for place in places {
        let covered: BTreeSet<_> = coverage
            .entries()
            .filter(|entry| entry.account == place.account)
            .map(|entry| entry.region.clone())
            .collect();
        for kind in KINDS {
            let cell = place.of(kind);
            if is_cell(kind, &cell) && !covered.contains(&cell.region) {
                new.push(entry(kind, &cell, origin, false));
            }
        }
        if !known(&place.account) && !foreign.contains(&place.account) {
            foreign.push(place.account.clone());
        }
    }
    new.dedup();
    for entry in new {
        if coverage.entry(&entry.account, &entry.region, &entry.kind).is_none() {
            coverage.add(entry);
        }
    }
    foreign.sort();
    coverage
}

impl Predicted {
    /// Notes what states a resource.
    fn state(&mut self, draft: &Draft<'_>, changes: &Changes) {
        let key = Key::of_draft(draft);
        if let Some(cause) = changes.uncertain(&draft.address) {
            self.uncertain.insert(key.clone(), cause.clone());
        }
        let list = self.origins.entry(key).or_default();
        if list.iter().any(|have| have.address == draft.address) {
            return;
        }
        let statement = changes.statement(&draft.address);
        // What a thing states of itself goes before what others imply.
        if draft.implied { list.push(statement) } else { list.insert(0, statement) }
    }

    /// Notes what states a part of resources.
    fn part(&mut self, keys: &[Key], address: &Arc<str>, changes: &Changes) {
        for key in keys {
            let list = self.origins.entry(key.clone()).or_default();
            if !list.iter().any(|have| have.address == *address) {
                list.push(changes.statement(address));
            }
        }
    }
}
