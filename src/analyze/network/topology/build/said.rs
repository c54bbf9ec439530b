//! What was said about things, before it is settled who says best.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analyze::environment::Claim;
use crate::analyze::network::topology::Place;
use crate::ident::{AccountId, Region};
use crate::model::{Attr, Cause, Meta};

/// A text that repeats often, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Word(u32);

impl Word {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// The texts of words.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Words {
    pub(super) fn of(&mut self, text: &str) -> Word {
        if let Some(&number) = self.numbers.get(text) {
            return Word(number);
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let shared: Arc<str> = Arc::from(text);
        self.texts.push(shared.clone());
        self.numbers.insert(shared, number);
        Word(number)
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn text(&self, word: Word) -> &str {
        self.texts.get(word.at()).map_or("", |text| text)
    }
}

/// A place by the number of its first appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Spot(u32);

impl Spot {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// The places that appeared.
#[derive(Debug, Default)]
pub(super) struct Spots {
    numbers: HashMap<Place, u32>,
    pub(super) list: Vec<Place>,
    /// The one asked for last: resources come place by place.
    last: u32,
}

impl Spots {
    pub(super) fn of(&mut self, account: &AccountId, region: &Region) -> Spot {
        let last = self.list.get(self.last as usize);
        if last.is_some_and(|last| last.account == *account && last.region == *region) {
            return Spot(self.last);
        }
        let place = Place { account: account.clone(), region: region.clone() };
        if let Some(&number) = self.numbers.get(&place) {
            self.last = number;
            return Spot(number);
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.last = number;
        self.list.push(place.clone());
        self.numbers.insert(place, number);
        Spot(number)
    }

    pub(super) fn place(&self, spot: Spot) -> Option<&Place> {
        self.list.get(spot.at())
    }
}

/// What one account says about a thing.
#[derive(Debug)]
pub(super) struct Said<T> {
    pub(super) id: Box<str>,
    pub(super) arn: Option<Box<str>>,
    pub(super) name: Option<Box<str>>,
    /// Where the thing belongs: its owner's account if that is known.
    pub(super) place: Spot,
    /// Who says so.
    pub(super) speaker: Spot,
    pub(super) claim: Claim,
    pub(super) thing: T,
}

impl<T> Said<T> {
    /// Whether the owner says so.
    pub(super) fn by_owner(&self) -> bool {
        self.place == self.speaker
    }
}

/// All that was said about things of a kind.
#[derive(Debug)]
pub(super) struct Pile<T>(Vec<Said<T>>);

impl<T> Default for Pile<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Things that several accounts may list.
pub(super) trait Fill {
    /// Takes from another account's statement what this one does not know. The owner's comes first.
    fn fill(&mut self, _other: Self)
    where
        Self: Sized,
    {
    }

    /// What tells things with one id apart, if anything does.
    fn key(&self) -> Option<&str> {
        None
    }
}

/// Takes another's value where there is none.
pub(super) fn fill<T>(own: &mut Attr<T>, other: Attr<T>) {
    if own.known().is_none() && other.known().is_some() {
        *own = other;
    }
}

impl<T: Fill> Pile<T> {
    pub(super) fn add(&mut self, said: Said<T>) {
        self.0.push(said);
    }

    /// One statement for each id, sorted by it: the owner's if there is one, filled with what only others know.
    pub(super) fn settled(mut self, spots: &Spots) -> Vec<Said<T>> {
        self.sort(spots);
        let mut out: Vec<Said<T>> = Vec::with_capacity(self.0.len());
        for said in self.0 {
            match out.last_mut() {
                Some(last) if last.id == said.id && last.thing.key() == said.thing.key() => {
                    last.thing.fill(said.thing);
                }
                _ => out.push(said),
            }
        }
        out
    }

    /// All statements, sorted by id and place: for ids that say nothing outside their place.
    pub(super) fn sorted(mut self, spots: &Spots) -> Vec<Said<T>> {
        self.sort(spots);
        self.0
    }

    fn sort(&mut self, spots: &Spots) {
        self.0.sort_by(|a, b| {
            let order = |s: &Said<T>| (!s.by_owner(), spots.place(s.speaker).cloned());
            let names = (&a.id, a.thing.key()).cmp(&(&b.id, b.thing.key()));
            names.then_with(|| order(a).cmp(&order(b)))
        });
    }
}

/// Who speaks, and of whose thing.
pub(super) struct Envelope {
    pub(super) place: Spot,
    pub(super) speaker: Spot,
}

impl Envelope {
    pub(super) fn of(meta: &Meta, owner: Option<&str>, spots: &mut Spots) -> Self {
        let speaker = spots.of(&meta.account, &meta.region);
        let place = match owner.and_then(|owner| AccountId::new(owner).ok()) {
            Some(owner) if owner != meta.account => spots.of(&owner, &meta.region),
            _ => speaker,
        };
        Self { place, speaker }
    }
}

/// A text that may be absent, as one that is known or not.
pub(super) fn text(attr: &Attr<String>) -> Attr<Box<str>> {
    attr.get().map(|text| text.as_str().into()).map_err(Clone::clone).into()
}

/// A list of texts.
pub(super) fn texts(attr: &Attr<Vec<String>>) -> Attr<Vec<Box<str>>> {
    attr.get()
        .map(|list| list.iter().map(|text| text.as_str().into()).collect())
        .map_err(Clone::clone)
        .into()
}

/// The text of an attribute that may be absent, if it is known and there.
pub(super) fn some(attr: &Attr<Option<String>>) -> Option<&str> {
    attr.known().and_then(Option::as_deref)
}

/// The least of causes, so that order never shows.
pub(super) fn least(doubt: &mut Option<Cause>, cause: Cause) {
    if doubt.as_ref().is_none_or(|have| cause < *have) {
        *doubt = Some(cause);
    }
}
