//! Things by number, with the number's type telling what it is of.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// The place of a thing in its arena.
pub struct Id<T> {
    at: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// The number itself, for dense side tables.
    pub fn at(self) -> usize {
        self.at as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.at.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.at)
    }
}

/// A list whose places are typed. Nothing is ever taken out, so that an id stays good.
#[derive(Debug, Clone)]
pub struct Arena<T>(Vec<T>);

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Arena<T> {
    /// Adds a thing. Beyond four thousand million there is no id left, and the last one stands for all.
    pub fn push(&mut self, thing: T) -> Id<T> {
        let at = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(thing);
        Id { at, of: PhantomData }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Id<T>, &T)> {
        self.ids().zip(&self.0)
    }

    /// All of them in order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Id<T>, &mut T)> {
        self.ids().zip(&mut self.0)
    }

    /// All ids in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<T>> + use<T> {
        let end = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        (0..end).map(|at| Id { at, of: PhantomData })
    }
}

impl<T> Index<Id<T>> for Arena<T> {
    type Output = T;
    #[expect(
        clippy::indexing_slicing,
        reason = "an id is given out by push, and nothing is ever removed"
    )]
    fn index(&self, id: Id<T>) -> &T {
        &self.0[id.at()]
    }
}

impl<T> IndexMut<Id<T>> for Arena<T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "an id is given out by push, and nothing is ever removed"
    )]
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.0[id.at()]
    }
}
