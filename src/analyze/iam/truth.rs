//! Three-valued logic of permissions, plain or with the conditions that decide it.
//!
//! The evaluator is written once over [`Algebra`]: [`Plain`] answers in microseconds, [`Reasoned`] keeps what an answer
//! hangs on, as an and/or tree.

use serde::Serialize;

use super::condition::Condition;
use crate::model::Cause;

/// Whether something holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Certainly not.
    #[default]
    No,
    /// It depends on what is not known.
    Maybe,
    /// Certainly.
    Yes,
}

impl Truth {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Yes and no exchanged.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "named as its companions are")]
    pub fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// What an answer hangs on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// All of these must hold.
    All(Vec<Need>),
    /// One of these must hold.
    Any(Vec<Need>),
    /// This must not hold.
    Not(Box<Need>),
    /// A condition of a statement whose key is not known.
    Condition {
        /// The operator with its modifiers.
        operator: String,
        /// The condition key, as written.
        key: String,
        /// The values, as written.
        values: Vec<String>,
    },
    /// Something that nobody could read.
    Unknown(Cause),
}

/// How the evaluator combines what it finds.
pub trait Algebra {
    /// A three-valued answer.
    type Value: Clone + std::fmt::Debug;
    /// What is certain.
    fn known(&self, holds: bool) -> Self::Value;
    /// A condition that is neither true nor false, for a key that is not known.
    fn condition(&self, condition: &Condition) -> Self::Value;
    /// What could not be read.
    fn unknown(&self, cause: &Cause) -> Self::Value;
    /// Both hold.
    fn and(&self, a: Self::Value, b: Self::Value) -> Self::Value;
    /// Either holds.
    fn or(&self, a: Self::Value, b: Self::Value) -> Self::Value;
    /// Yes and no exchanged.
    fn not(&self, a: Self::Value) -> Self::Value;
    /// The plain answer.
    fn truth(&self, value: &Self::Value) -> Truth;

    /// A plain answer that hangs on a cause where it is open.
    fn of(&self, truth: Truth, cause: impl FnOnce() -> Cause) -> Self::Value {
        match truth {
            Truth::No => self.known(false),
            Truth::Yes => self.known(true),
            Truth::Maybe => self.unknown(&cause()),
        }
    }
}

/// Answers without reasons.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Algebra for Plain {
    type Value = Truth;

    fn known(&self, holds: bool) -> Truth {
        holds.into()
    }
    fn condition(&self, _: &Condition) -> Truth {
        Truth::Maybe
    }
    fn unknown(&self, _: &Cause) -> Truth {
        Truth::Maybe
    }
    fn and(&self, a: Truth, b: Truth) -> Truth {
        a.and(b)
    }
    fn or(&self, a: Truth, b: Truth) -> Truth {
        a.or(b)
    }
    fn not(&self, a: Truth) -> Truth {
        a.not()
    }
    fn truth(&self, value: &Truth) -> Truth {
        *value
    }
    fn of(&self, truth: Truth, _: impl FnOnce() -> Cause) -> Truth {
        truth
    }
}

/// An answer with what it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Certain.
    Known(bool),
    /// Open: it holds exactly if this does.
    If(Need),
}

/// Answers with reasons.
#[derive(Debug, Clone, Copy)]
pub struct Reasoned;

impl Algebra for Reasoned {
    type Value = Reason;

    fn known(&self, holds: bool) -> Reason {
        Reason::Known(holds)
    }
    fn condition(&self, condition: &Condition) -> Reason {
        Reason::If(condition.need())
    }
    fn unknown(&self, cause: &Cause) -> Reason {
        Reason::If(Need::Unknown(cause.clone()))
    }
    fn and(&self, a: Reason, b: Reason) -> Reason {
        match (a, b) {
            (Reason::Known(false), _) | (_, Reason::Known(false)) => Reason::Known(false),
            (Reason::Known(true), other) | (other, Reason::Known(true)) => other,
            (Reason::If(a), Reason::If(b)) => Reason::If(joined(a, b, true)),
        }
    }
    fn or(&self, a: Reason, b: Reason) -> Reason {
        match (a, b) {
            (Reason::Known(true), _) | (_, Reason::Known(true)) => Reason::Known(true),
            (Reason::Known(false), other) | (other, Reason::Known(false)) => other,
            (Reason::If(a), Reason::If(b)) => Reason::If(joined(a, b, false)),
        }
    }
    fn not(&self, a: Reason) -> Reason {
        match a {
            Reason::Known(holds) => Reason::Known(!holds),
            Reason::If(Need::Not(inner)) => Reason::If(*inner),
            Reason::If(need) => Reason::If(Need::Not(Box::new(need))),
        }
    }
    fn truth(&self, value: &Reason) -> Truth {
        match value {
            Reason::Known(holds) => (*holds).into(),
            Reason::If(_) => Truth::Maybe,
        }
    }
}

/// Two needs as one, flat and in order, so that the order of policies never shows.
fn joined(a: Need, b: Need, all: bool) -> Need {
    let mut parts = Vec::new();
    for need in [a, b] {
        match (need, all) {
            (Need::All(list), true) | (Need::Any(list), false) => parts.extend(list),
            (other, _) => parts.push(other),
        }
    }
    parts.sort();
    parts.dedup();
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    if all { Need::All(parts) } else { Need::Any(parts) }
}
