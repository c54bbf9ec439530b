//! A change laid over a live inventory.

mod cascade;
mod differ;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::bench::Bench;
use super::edit;
use super::live::Live;
use super::{Changes, Drift, Options, Predicted, World};
use crate::gate::key::Key;
use crate::model::change::{Action, Draft, Joint, Part, Sketch, Whole};
use crate::model::kinds::Scope;
use crate::model::{Coverage, Origin, Resource, Tree};

/// Works out both sides: what is live, and that with the change.
pub(super) fn over<'a>(
    resources: Vec<Resource>,
    coverage: Coverage,
    (before, after): (Sketch<'a>, Sketch<'a>),
    origin: Origin,
    changes: &Changes,
    options: &Options,
    out: &mut Predicted,
) {
    let pieces = |sketch: Sketch<'a>| {
        let (mut drafts, mut parts) = sketch.into_pieces();
        drafts.retain(|draft| options.matters(draft.kind));
        parts.retain(|part| options.matters(part.kind));
        (drafts, parts)
    };
    let (old_drafts, old_parts) = pieces(before);
    let (new_drafts, new_parts) = pieces(after);
    let drafts = old_drafts.iter().chain(&new_drafts).map(|draft| draft.kind.name);
    let parts = old_parts.iter().chain(&new_parts).map(|part| part.kind.name);
    let mut kinds: BTreeSet<&'static str> = drafts.chain(parts).collect();
    kinds.extend(cascade::kinds(&kinds));
    kinds.extend(super::complete::kinds(&kinds));
    let live = Live::new(&resources, &kinds);
    let mut merge = Merge {
        live: &live,
        coverage: &coverage,
        changes,
        was: Bench::new(origin, &live),
        will: Bench::new(origin, &live),
        drift: Vec::new(),
    };
    for draft in new_drafts.iter().chain(&old_drafts) {
        out.state(draft, changes);
    }
    merge.drafts(old_drafts, new_drafts);
    merge.parts(old_parts, new_parts, out);
    let Merge { was, will, drift, .. } = merge;
    let mut differs = will.kinds();
    differs.extend(was.kinds());
    out.differs = Some(differs);
    out.drift.extend(drift);
    let mut after: Vec<Resource> = Vec::with_capacity(resources.len());
    let untouched = resources.iter().enumerate().filter(|(at, _)| will.is_untouched(*at));
    after.extend(untouched.map(|(_, resource)| resource.clone()));
    after.extend(will.finish(&mut out.notes));
    let unseen = was.finish(&mut out.notes);
    let mut before = resources;
    before.extend(unseen);
    out.before = World { resources: before, coverage: coverage.clone() };
    out.after = World { resources: after, coverage };
}

struct Merge<'a, 'l> {
    live: &'l Live<'l>,
    coverage: &'l Coverage,
    changes: &'l Changes,
    /// What the input says that there is, and the inventory could not see.
    was: Bench<'a, 'l>,
    /// What comes of the change.
    will: Bench<'a, 'l>,
    drift: Vec<Drift>,
}

impl<'a> Merge<'a, '_> {
    fn drafts(&mut self, old: Vec<Draft<'a>>, new: Vec<Draft<'a>>) {
        let mut old_by_key: HashMap<Key, Draft<'a>> =
            old.into_iter().map(|draft| (Key::of_draft(&draft), draft)).collect();
        let mut fresh = Vec::new();
        let mut stays: Vec<(Draft<'a>, Option<Draft<'a>>)> = Vec::new();
        for draft in new {
            let before = old_by_key.remove(&Key::of_draft(&draft));
            stays.push((draft, before));
        }
        let mut gone: Vec<Draft<'a>> = old_by_key.into_values().collect();
        gone.sort_by(|a, b| Key::of_draft(a).cmp(&Key::of_draft(b)));
        // What goes makes room first: what comes may have its name.
        for draft in gone {
            self.goes(draft);
        }
        for (draft, before) in stays {
            let at = self.live.named(draft.kind, &draft.place, &draft.id);
            let at = at.or_else(|| {
                let arn = draft.arn.as_deref()?;
                self.live.named(draft.kind, &draft.place, arn)
            });
            let action = self.changes.action(&draft.address);
            match (before, at.filter(|at| !self.will.is_gone(*at))) {
                (Some(before), Some(at)) => {
                    self.check(&before, at);
                    if action == Action::Replace {
                        self.leaves(at);
                        fresh.push(draft);
                    } else if self.changes.uncertain(&draft.address).is_some() {
                        self.will.remove(at);
                        fresh.push(draft);
                    } else {
                        self.change(&before, draft, at);
                    }
                }
                (Some(before), None) => {
                    let seen = self.is_seen(&before);
                    if seen && !before.implied {
                        self.is_gone(&before);
                    }
                    if !seen {
                        self.was.fresh(before, self.changes);
                    }
                    if !seen || !matches!(action, Action::NoOp | Action::Forget) {
                        fresh.push(draft);
                    }
                }
                (None, Some(at)) if self.changes.uncertain(&draft.address).is_some() => {
                    self.will.remove(at);
                    fresh.push(draft);
                }
                (None, Some(at)) => self.over(draft, at),
                (None, None) => fresh.push(draft),
            }
        }
        for draft in fresh {
            self.will.fresh(draft, self.changes);
        }
    }

    /// Something that is no longer stated.
    fn goes(&mut self, draft: Draft<'a>) {
        let at = self
            .live
            .named(draft.kind, &draft.place, &draft.id)
            .or_else(|| self.live.named(draft.kind, &draft.place, draft.arn.as_deref()?));
        let forgotten = self.changes.action(&draft.address) == Action::Forget;
        let uncertain = self.changes.uncertain(&draft.address).is_some();
        match at {
            Some(at) => {
                self.check(&draft, at);
                if uncertain {
                    self.will.remove(at);
                    self.will.fresh(draft, self.changes);
                } else if !forgotten {
                    self.leaves(at);
                }
            }
            None if self.is_seen(&draft) => {
                if !draft.implied {
                    self.is_gone(&draft);
                }
            }
            None => {
                if forgotten || uncertain {
                    self.will.fresh(draft.clone(), self.changes);
                }
                self.was.fresh(draft, self.changes);
            }
        }
    }

    /// A live resource goes, with what AWS takes away along with it.
    fn leaves(&mut self, at: usize) {
        let mut todo = vec![at];
        while let Some(at) = todo.pop() {
            if self.will.is_gone(at) {
                continue;
            }
            self.will.remove(at);
            todo.extend(cascade::goes_with(self.live, at));
        }
    }

    /// Changes what differs between the two statements, and nothing else.
    fn change(&mut self, before: &Draft<'a>, after: Draft<'a>, at: usize) {
        let Tree::Map(fields) = &after.fields else { return };
        let changed: Vec<usize> = fields
            .iter()
            .enumerate()
            .filter(|(_, (name, value))| *before.fields.member(name) != *value)
            .map(|(at, _)| at)
            .collect();
        let renamed = before.name != after.name || before.tags != after.tags;
        if changed.is_empty() && !renamed {
            return;
        }
        let Some(item) = self.will.open(at) else { return };
        if renamed {
            self.will.rename(item, &after);
        }
        let shape = after.kind.shape;
        let Tree::Map(fields) = after.fields else { return };
        for (place, (name, value)) in fields.into_iter().enumerate() {
            let Some(field) = shape.fields.iter().find(|field| field.name == name) else {
                continue;
            };
            if changed.binary_search(&place).is_err() {
                continue;
            }
            if value.has_unknown() {
                self.will.mark(item);
            }
            let Some(item) = self.will.item_mut(item) else { continue };
            let Some(slot) = edit::slot(&mut item.fields, field.name) else { continue };
            let old = before.fields.member(&name);
            *slot = edit::changed(edit::element_shape(shape, field.name), slot, &old, value);
        }
    }

    /// States a resource over one that is live under its name.
    fn over(&mut self, draft: Draft<'a>, at: usize) {
        let Some(item) = self.will.open(at) else { return };
        self.will.mark(item);
        self.will.rename(item, &draft);
        let shape = draft.kind.shape;
        let Some(item) = self.will.item_mut(item) else { return };
        let Tree::Map(fields) = draft.fields else { return };
        for (name, value) in fields {
            if let Some(field) = shape.fields.iter().find(|field| field.name == name)
                && let Some(slot) = edit::slot(&mut item.fields, field.name)
            {
                *slot = value;
            }
        }
    }

    fn parts(&mut self, old: Vec<Part<'a>>, new: Vec<Part<'a>>, out: &mut Predicted) {
        let mut before: HashMap<PartKey, Part<'a>> = HashMap::new();
        for part in old {
            before.insert(PartKey::of(&part), part);
        }
        let mut joins = Vec::new();
        let mut stated: Vec<(Arc<str>, Vec<Key>)> = Vec::new();
        for part in new {
            let had = before.remove(&PartKey::of(&part));
            let Some(had) = had else {
                joins.push(part);
                continue;
            };
            let stays = had.value == part.value;
            let keys = self.stays(had, &part);
            if let Some(keys) = &keys {
                stated.push((part.address.clone(), keys.clone()));
            }
            if !stays || keys.is_none() {
                joins.push(part);
            }
        }
        let mut gone: Vec<(PartKey, Part<'a>)> = before.into_iter().collect();
        gone.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, part) in gone {
            let keys = self.vanishes(part.clone());
            stated.push((part.address.clone(), keys));
        }
        for (address, keys) in stated {
            out.part(&keys, &address, self.changes);
        }
        let changes = self.changes;
        self.will.join(joins, changes, |keys, address| out.part(keys, address, changes));
    }

    /// A part of both sides: live knows it, or lacks it. Nothing when it has to be joined to something that is new.
    fn stays(&mut self, had: Part<'a>, part: &Part<'a>) -> Option<Vec<Key>> {
        let Whole::Id(name) = &part.whole else {
            // Live shows to which of them it belongs.
            return Some(Vec::new());
        };
        if let Some(at) = self.will.at_hand(part.kind, &part.place, name)
            && self.will.item(at).is_some_and(|item| item.fresh)
        {
            if self.was.at_hand(part.kind, &part.place, name).is_some() {
                self.was.join(vec![had], self.changes, |_, _| {});
            }
            return None;
        }
        let Some(at) = self.live.named(part.kind, &part.place, name) else {
            if self.is_seen_part(part) {
                self.lost(&had, "the resource it belongs to is not in the inventory");
                return Some(Vec::new());
            }
            self.was.join(vec![had], self.changes, |_, _| {});
            return None;
        };
        self.check_part(&had, at);
        let key = self.live.resources.get(at).map(Key::of);
        Some(key.into_iter().collect())
    }

    /// A part that is stated no more.
    fn vanishes(&mut self, part: Part<'a>) -> Vec<Key> {
        let Whole::Id(name) = &part.whole else { return Vec::new() };
        let forgotten = self.changes.action(&part.address) == Action::Forget;
        let Some(at) = self.live.named(part.kind, &part.place, name) else {
            if !self.is_seen_part(&part) {
                if forgotten {
                    self.will.join(vec![part.clone()], self.changes, |_, _| {});
                }
                self.was.join(vec![part], self.changes, |_, _| {});
            }
            return Vec::new();
        };
        self.check_part(&part, at);
        if !forgotten && let Some(item) = self.will.open(at) {
            self.will.take(item, &part);
        }
        self.live.resources.get(at).map(Key::of).into_iter().collect()
    }

    /// Whether the inventory would show a thing if it were there.
    fn is_seen(&self, draft: &Draft<'_>) -> bool {
        self.covers(&Key::of_draft(draft), draft.kind.scope)
    }

    fn is_seen_part(&self, part: &Part<'_>) -> bool {
        self.covers(&Key::new(part.kind, &part.place, ""), part.kind.scope)
    }

    fn covers(&self, key: &Key, scope: Scope) -> bool {
        match scope {
            Scope::Organization => self.coverage.organization_gap(key.kind).is_none(),
            _ => self.coverage.gap(&key.account, &key.region, key.kind).is_none(),
        }
    }

    fn is_gone(&mut self, draft: &Draft<'_>) {
        let words = format!("the inventory has no {}", Key::of_draft(draft));
        self.drift.push(Drift {
            address: draft.address.to_string(),
            attributes: Vec::new(),
            words,
        });
    }

    fn lost(&mut self, part: &Part<'_>, words: &str) {
        self.drift.push(Drift {
            address: part.address.to_string(),
            attributes: vec![part.field.to_owned()],
            words: words.to_owned(),
        });
    }

    /// Tells where the inventory shows a thing otherwise than the input believes it to be.
    fn check(&mut self, believed: &Draft<'_>, at: usize) {
        if believed.implied {
            return;
        }
        let Some(resource) = self.live.resources.get(at) else { return };
        let attributes = differ::attributes(believed, resource);
        if !attributes.is_empty() {
            let words = format!("{} differs in the inventory", Key::of(resource));
            self.drift.push(Drift { address: believed.address.to_string(), attributes, words });
        }
    }

    fn check_part(&mut self, part: &Part<'_>, at: usize) {
        let Some(resource) = self.live.resources.get(at) else { return };
        if differ::lacks(part, resource) {
            let words = format!("{} in the inventory is without it", Key::of(resource));
            self.lost(part, &words);
        }
    }
}

/// What makes two parts of the two sides the same one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct PartKey {
    kind: &'static str,
    place: crate::model::change::Place,
    whole: String,
    field: &'static str,
    element: String,
}

impl PartKey {
    fn of(part: &Part<'_>) -> Self {
        let element = match part.joint {
            Joint::Value => String::new(),
            Joint::Element => {
                let shape = edit::element_shape(part.kind.shape, part.field);
                // One that is not known in all its key is told by what states it.
                edit::element_key(shape, &part.value).unwrap_or_else(|| part.address.to_string())
            }
        };
        let whole = match &part.whole {
            Whole::Id(id) => id.clone(),
            // The same statement, with what is not known of it.
            Whole::OneOf(_) | Whole::Unknown(_) => format!("? {}", part.address),
        };
        Self {
            kind: part.kind.name,
            place: part.place.of(part.kind),
            whole,
            field: part.field,
            element,
        }
    }
}
