//! What passes for sure and what may pass.

use super::Flows;
use crate::model::Cause;

/// What passes for sure, and what may: unknown rules only enlarge the second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// What passes for sure.
    pub least: Flows,
    /// What may pass; it includes `least`.
    pub most: Flows,
    /// Why the two differ, if they do.
    pub cause: Option<Cause>,
}

impl Bounds {
    /// Nothing passes.
    pub const NOTHING: Self = Self { least: Flows::NOTHING, most: Flows::NOTHING, cause: None };

    /// Exactly this passes.
    pub fn certain(flows: Flows) -> Self {
        Self { least: flows.clone(), most: flows, cause: None }
    }

    /// Everything passes.
    pub fn everything() -> Self {
        Self::certain(Flows::everything())
    }

    /// Nobody knows what passes.
    pub fn unknown(cause: Cause) -> Self {
        Self { least: Flows::NOTHING, most: Flows::everything(), cause: Some(cause) }
    }

    /// What passes both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::joined(
            self.least.intersection(&other.least),
            self.most.intersection(&other.most),
            [&self.cause, &other.cause],
        )
    }

    /// What passes either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::joined(
            self.least.union(&other.least),
            self.most.union(&other.most),
            [&self.cause, &other.cause],
        )
    }

    /// What may pass but not for sure.
    pub fn doubtful(&self) -> Flows {
        if self.cause.is_none() { Flows::NOTHING } else { self.most.minus(&self.least) }
    }

    fn joined(least: Flows, most: Flows, causes: [&Option<Cause>; 2]) -> Self {
        let cause = if least == most { None } else { causes.into_iter().flatten().min().cloned() };
        Self { least, most, cause }
    }
}
