//! Where one side of the world is put together: drafts with the parts that belong to them, some of them over what is
//! live.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::Changes;
use super::edit;
use super::live::Live;
use crate::gate::key::Key;
use crate::model::change::{Draft, Joint, Part, Place, Whole};
use crate::model::kinds::Kind;
use crate::model::{Attr, Cause, CauseKind, Meta, Origin, Resource, Tree};

/// One side, while it is put together.
pub(super) struct Bench<'a, 'l> {
    origin: Origin,
    live: &'l Live<'l>,
    items: Vec<Item<'a>>,
    by_key: HashMap<Key, usize>,
    by_arn: HashMap<String, usize>,
    /// Places of live resources that are worked on here.
    opened: HashMap<usize, usize>,
    /// Places of live resources that are gone.
    gone: HashSet<usize>,
    /// Attributes that something may belong to of which nobody can say where it does.
    doubted: HashSet<(&'static str, Place, &'static str)>,
}

/// A resource that is being put together.
pub(super) struct Item<'a> {
    pub(super) kind: &'static Kind,
    meta: Meta,
    pub(super) fields: Tree<'a>,
    /// Whether it is new: nothing of it is live.
    pub(super) fresh: bool,
}

impl<'a, 'l> Bench<'a, 'l> {
    pub(super) fn new(origin: Origin, live: &'l Live<'l>) -> Self {
        Self {
            origin,
            live,
            items: Vec::new(),
            by_key: HashMap::new(),
            by_arn: HashMap::new(),
            opened: HashMap::new(),
            gone: HashSet::new(),
            doubted: HashSet::new(),
        }
    }

    /// Takes a draft for a resource of its own. Nothing is known of one that may not come to be.
    pub(super) fn fresh(&mut self, draft: Draft<'a>, changes: &Changes) -> usize {
        let key = Key::of_draft(&draft);
        let mut fields = draft.fields;
        if let Some(now) = changes.born(&draft.address) {
            edit::born(draft.kind.shape, &mut fields, now);
        }
        let mut tags = draft.tags;
        if let Some(cause) = changes.uncertain(&draft.address) {
            fields = edit::ghost(draft.kind.shape, cause);
            tags = Attr::Unknown(cause.clone());
        }
        let meta = Meta {
            id: draft.id,
            account: key.account.clone(),
            region: key.region.clone(),
            arn: draft.arn,
            name: draft.name,
            tags,
            environment: Attr::default(),
            origin: self.origin,
        };
        self.add(Item { kind: draft.kind, meta, fields, fresh: true }, key)
    }

    fn add(&mut self, item: Item<'a>, key: Key) -> usize {
        let at = self.items.len();
        if let Some(arn) = &item.meta.arn {
            self.by_arn.insert(arn.clone(), at);
        }
        self.by_key.insert(key, at);
        self.items.push(item);
        at
    }

    pub(super) fn item(&self, at: usize) -> Option<&Item<'a>> {
        self.items.get(at)
    }

    pub(super) fn item_mut(&mut self, at: usize) -> Option<&mut Item<'a>> {
        self.items.get_mut(at)
    }

    /// How many items are on the bench, those that were taken away included.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The item of an id or ARN, or else the live resource.
    fn seen(
        &self,
        kind: &Kind,
        place: &Place,
        name: &str,
    ) -> Option<Result<&Item<'a>, &'l Resource>> {
        if let Some(at) = self.at_hand(kind, place, name) {
            return self.items.get(at).map(Ok);
        }
        let at = self.live.named(kind, place, name).filter(|at| !self.gone.contains(at))?;
        self.live.resources.get(at).map(Err)
    }

    /// The ARN of a resource on this side.
    pub(super) fn arn_of(&self, kind: &Kind, place: &Place, name: &str) -> Option<String> {
        let meta = self.seen(kind, place, name)?.map_or_else(|live| &live.meta, |item| &item.meta);
        meta.arn.clone()
    }

    /// The name of a resource on this side.
    pub(super) fn name_of(&self, kind: &Kind, place: &Place, name: &str) -> Option<String> {
        let meta = self.seen(kind, place, name)?.map_or_else(|live| &live.meta, |item| &item.meta);
        meta.name.clone()
    }

    /// An attribute of a resource on this side.
    pub(super) fn field_of(
        &self,
        kind: &Kind,
        place: &Place,
        name: &str,
        field: &str,
    ) -> Option<Tree<'static>> {
        match self.seen(kind, place, name)? {
            Ok(item) => Some(item.fields.member(field).into_owned().into_owned()),
            Err(live) => serde_json::to_value(&live.data).ok()?.get(field).map(Tree::from),
        }
    }

    /// Opens a live resource to be changed.
    pub(super) fn open(&mut self, at: usize) -> Option<usize> {
        if let Some(item) = self.opened.get(&at) {
            return Some(*item);
        }
        if self.gone.contains(&at) {
            return None;
        }
        let resource = self.live.resources.get(at)?;
        let json = serde_json::to_value(&resource.data).unwrap_or_default();
        let item = Item {
            kind: resource.kind(),
            meta: resource.meta.clone(),
            fields: Tree::from(&json),
            fresh: false,
        };
        let item = self.add(item, Key::of(resource));
        self.opened.insert(at, item);
        Some(item)
    }

    /// Takes a live resource away.
    pub(super) fn remove(&mut self, at: usize) {
        self.gone.insert(at);
        let Some(item) = self.opened.remove(&at) else { return };
        if let Some(key) = self.key_of(item) {
            self.by_key.remove(&key);
        }
        if let Some(arn) = self.items.get(item).and_then(|item| item.meta.arn.as_ref()) {
            self.by_arn.remove(arn);
        }
    }

    /// Whether a live resource is gone.
    pub(super) fn is_gone(&self, at: usize) -> bool {
        self.gone.contains(&at)
    }

    /// What is on the bench already by an id or ARN.
    pub(super) fn at_hand(&self, kind: &Kind, place: &Place, name: &str) -> Option<usize> {
        let is_kind = |at: &usize| self.items.get(*at).is_some_and(|item| item.kind == kind);
        let by_key = self.by_key.get(&Key::new(kind, place, name)).copied();
        by_key.or_else(|| self.by_arn.get(name).copied().filter(is_kind))
    }

    /// The resource of an id or ARN, a live one opened for it.
    pub(super) fn find(&mut self, kind: &Kind, place: &Place, name: &str) -> Option<usize> {
        if let Some(at) = self.at_hand(kind, place, name) {
            return Some(at);
        }
        let at = self.live.named(kind, place, name)?;
        self.open(at)
    }

    /// A resource that is stated nowhere, of which parts are.
    fn stub(&mut self, kind: &'static Kind, place: &Place, name: &str) -> usize {
        let key = Key::new(kind, place, name);
        let meta = Meta {
            id: name.to_owned(),
            account: key.account.clone(),
            region: key.region.clone(),
            arn: name.starts_with("arn:").then(|| name.to_owned()),
            name: None,
            tags: Attr::default(),
            environment: Attr::default(),
            origin: self.origin,
        };
        self.add(Item { kind, meta, fields: Tree::Map(Vec::new()), fresh: true }, key)
    }

    /// Joins parts to the resources they belong to, or to stubs of these, and tells the keys of what each names. Those of
    /// which nobody can say where they belong come first: where an attribute is stated for a resource, no other
    /// statement can mean the same one.
    pub(super) fn join(
        &mut self,
        parts: Vec<Part<'a>>,
        changes: &Changes,
        mut tell: impl FnMut(&[Key], &Arc<str>),
    ) {
        let (certain, open): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| matches!(part.whole, Whole::Id(_)));
        for part in open.into_iter().chain(certain) {
            let address = part.address.clone();
            let keys = self.join_one(part, changes);
            tell(&keys, &address);
        }
    }

    fn join_one(&mut self, part: Part<'a>, changes: &Changes) -> Vec<Key> {
        let uncertain = changes.uncertain(&part.address).cloned();
        match part.whole {
            Whole::Id(ref name) => {
                let found = self.find(part.kind, &part.place, name);
                let at = found.unwrap_or_else(|| self.stub(part.kind, &part.place, name));
                match uncertain {
                    Some(cause) => self.doubt(at, &part, &cause),
                    None => self.put(at, part),
                }
                self.key_of(at).into_iter().collect()
            }
            Whole::OneOf(ref names) => {
                let words = format!("{} belongs to one of {}", part.address, names.len());
                let cause =
                    uncertain.clone().unwrap_or(Cause::new(CauseKind::KnownAfterApply, words));
                let mut keys = Vec::new();
                for name in names {
                    let found = self.find(part.kind, &part.place, name);
                    let at = found.unwrap_or_else(|| self.stub(part.kind, &part.place, name));
                    self.doubt(at, &part, &cause);
                    keys.extend(self.key_of(at));
                }
                keys.extend(self.whichever(part, uncertain.as_ref()));
                keys
            }
            Whole::Unknown(ref cause) => {
                self.doubt_all(&part, cause);
                self.whichever(part, uncertain.as_ref()).into_iter().collect()
            }
        }
    }

    /// What a part belongs to, whichever it is: of this stand-in only the part is known, so that what is wrong with the
    /// part is said though nobody can say of which resource.
    fn whichever(&mut self, part: Part<'a>, uncertain: Option<&Cause>) -> Option<Key> {
        // No planned id: what stands in for something that may exist can be named elsewhere.
        let name = format!("whichever:{}", part.address);
        let at = self.at_hand(part.kind, &part.place, &name);
        let at = at.unwrap_or_else(|| self.stub(part.kind, &part.place, &name));
        match uncertain {
            Some(cause) => self.doubt(at, &part, cause),
            None => self.put(at, part),
        }
        self.key_of(at)
    }

    /// A part that may belong to anything of its type in its place.
    fn doubt_all(&mut self, part: &Part<'a>, cause: &Cause) {
        let place = part.place.of(part.kind);
        if !self.doubted.insert((part.kind.name, place.clone(), part.field)) {
            return;
        }
        let live: Vec<usize> = self.live.all(part.kind, &part.place).collect();
        for at in live {
            self.open(at);
        }
        let here: Vec<usize> = (0..self.items.len())
            .filter(|at| {
                self.items.get(*at).is_some_and(|item| {
                    item.kind == part.kind
                        && item.meta.account == place.account
                        && item.meta.region == place.region
                })
            })
            .filter(|at| self.key_of(*at).is_some_and(|key| self.by_key.contains_key(&key)))
            .collect();
        for at in here {
            self.doubt(at, part, cause);
        }
    }

    fn put(&mut self, at: usize, part: Part<'a>) {
        let origin = self.origin;
        let Some(item) = self.items.get_mut(at) else { return };
        let shape = edit::element_shape(item.kind.shape, part.field);
        if part.value.has_unknown() {
            item.meta.origin = origin;
        }
        let Some(slot) = edit::slot(&mut item.fields, part.field) else { return };
        match part.joint {
            Joint::Value => *slot = part.value,
            Joint::Element => edit::append(slot, shape, part.value),
        }
    }

    /// What the resource would have of a part is unknown.
    fn doubt(&mut self, at: usize, part: &Part<'_>, cause: &Cause) {
        let origin = self.origin;
        let Some(item) = self.items.get_mut(at) else { return };
        let shape = edit::element_shape(item.kind.shape, part.field);
        item.meta.origin = origin;
        let Some(slot) = edit::slot(&mut item.fields, part.field) else { return };
        match part.joint {
            Joint::Value => *slot = Tree::Unknown(cause.clone()),
            Joint::Element => edit::haunt(slot, shape, cause),
        }
    }

    /// Takes a part out of a resource.
    pub(super) fn take(&mut self, at: usize, part: &Part<'_>) {
        let origin = self.origin;
        let Some(item) = self.items.get_mut(at) else { return };
        let shape = item.kind.shape;
        let element = edit::element_shape(shape, part.field);
        // Of what is absent as a whole there is no part.
        if part.field.rsplit_once('.').is_some_and(|(whole, _)| item.fields.at(whole).is_null()) {
            return;
        }
        let Some(slot) = edit::slot(&mut item.fields, part.field) else { return };
        match part.joint {
            Joint::Element => {
                edit::remove(slot, element, &part.value);
            }
            Joint::Value => {
                *slot = edit::nothing(shape, part.field, &part.address);
                if slot.is_unknown() {
                    item.meta.origin = origin;
                }
            }
        }
    }

    /// Marks a resource as one of which the input leaves something unknown.
    pub(super) fn mark(&mut self, at: usize) {
        let origin = self.origin;
        if let Some(item) = self.items.get_mut(at) {
            item.meta.origin = origin;
        }
    }

    /// Over a resource: name, ARN and tags as an input states them.
    pub(super) fn rename(&mut self, at: usize, draft: &Draft<'_>) {
        let Some(item) = self.items.get_mut(at) else { return };
        if draft.name.is_some() {
            item.meta.name.clone_from(&draft.name);
        }
        if !draft.tags.is_not_collected() {
            item.meta.tags.clone_from(&draft.tags);
        }
    }

    pub(super) fn key_of(&self, at: usize) -> Option<Key> {
        let item = self.items.get(at)?;
        let place = Place { account: item.meta.account.clone(), region: item.meta.region.clone() };
        Some(Key::new(item.kind, &place, item.meta.id.clone()))
    }

    /// The types of all that is not as live says.
    pub(super) fn kinds(&self) -> BTreeSet<&'static str> {
        let gone = self.gone.iter().filter_map(|at| self.live.resources.get(*at));
        let gone = gone.map(|resource| resource.kind().name);
        self.items.iter().map(|item| item.kind.name).chain(gone).collect()
    }

    /// Which live resources stay as they are.
    pub(super) fn is_untouched(&self, at: usize) -> bool {
        !self.gone.contains(&at) && !self.opened.contains_key(&at)
    }

    /// Everything that was put together, in the order it was.
    pub(super) fn finish(mut self, notes: &mut Vec<String>) -> Vec<Resource> {
        super::complete::complete(&mut self);
        let Self { items, by_key, .. } = self;
        let mut kept = vec![false; items.len()];
        for at in by_key.into_values() {
            if let Some(kept) = kept.get_mut(at) {
                *kept = true;
            }
        }
        let list = items.into_iter().zip(kept).filter(|(_, kept)| *kept);
        list.filter_map(|(item, _)| item.finish(notes)).collect()
    }
}

impl Item<'_> {
    /// Where it is.
    pub(super) fn place(&self) -> Place {
        Place { account: self.meta.account.clone(), region: self.meta.region.clone() }
    }

    /// The name people know it by.
    pub(super) fn name(&self) -> Option<&str> {
        self.meta.name.as_deref()
    }

    fn finish(self, notes: &mut Vec<String>) -> Option<Resource> {
        let Self { kind, meta, mut fields, .. } = self;
        edit::fit(kind.shape, &mut fields);
        let made = (kind.from_tree)(fields).or_else(|why| {
            // Every field of the model may be unknown, so that this is one of which nothing is known.
            let told = format!("{} {}: {why}; nothing is concluded about it", kind.name, meta.id);
            notes.push(told);
            let cause = Cause::new(CauseKind::NotUnderstood, why.to_string());
            (kind.from_tree)(edit::ghost(kind.shape, &cause))
        });
        made.ok().map(|data| Resource { meta, data })
    }
}
