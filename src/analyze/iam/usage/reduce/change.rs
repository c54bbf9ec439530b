//! What became of statements, and why.

use std::fmt;

use jiff::Timestamp;

use crate::clock;
use crate::model::Cause;

/// What became of a statement.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It stays as it is.
    Kept,
    /// It allows fewer actions.
    Narrowed,
    /// It goes.
    Dropped,
}

impl Verdict {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Narrowed => "narrowed",
            Self::Dropped => "dropped",
        }
    }
}

/// A statement and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The policy it stands in.
    pub policy: String,
    /// Its place there, from 0.
    pub statement: usize,
    /// Its own id.
    pub sid: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// The actions it speaks of, as written; with `all but` where they are the exceptions.
    pub actions: Vec<String>,
    /// Whether those are exceptions.
    pub all_but: bool,
    /// Why, pattern by pattern.
    pub because: Vec<Because>,
}

/// Why a part of a statement stays or goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// The actions this is about, as they are or were allowed: `s3:*`, `s3:GetObject`.
    pub actions: Vec<String>,
    /// Whether they stay.
    pub stays: bool,
    /// Why.
    pub reason: Reason,
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It denies: it only takes away.
    Denies,
    /// The service or action was used within the window, at last then.
    Used(Timestamp),
    /// It was not used within the window; when before, if ever.
    Unused(Option<Timestamp>),
    /// The data does not speak of the service.
    ServiceNotCovered,
    /// The service was used, at last then; single actions of it are not watched.
    ActionsNotWatched(Timestamp),
    /// The service was used; this action of it is not among those that are watched.
    ActionNotWatched(Timestamp),
    /// The principal is too young for its disuse to say anything.
    Young(Timestamp),
    /// It cannot be said whether it was used.
    Open(Cause),
    /// A pattern becomes a list: actions it also means that AWS does not document, or will add, are not on it.
    NotDocumented,
    /// It matches no action at all.
    Nothing,
}

impl Reason {
    /// Whether it is about something the data does not speak of.
    pub fn is_uncovered(&self) -> bool {
        matches!(
            self,
            Self::ServiceNotCovered
                | Self::ActionsNotWatched(_)
                | Self::ActionNotWatched(_)
                | Self::Open(_)
                | Self::Young(_)
                | Self::NotDocumented
        )
    }

    /// A stable word for JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denies => "denies",
            Self::Used(_) => "used",
            Self::Unused(_) => "unused",
            Self::ServiceNotCovered => "service_not_covered",
            Self::ActionsNotWatched(_) => "actions_not_watched",
            Self::ActionNotWatched(_) => "action_not_watched",
            Self::Young(_) => "young",
            Self::Open(_) => "open",
            Self::NotDocumented => "not_documented",
            Self::Nothing => "matches_nothing",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |time: &Timestamp| clock::today(*time);
        match self {
            Self::Denies => f.write_str("it denies, and so only takes away"),
            Self::Used(at) => write!(f, "last used on {}", day(at)),
            Self::Unused(None) => f.write_str("never used as far as IAM looks back"),
            Self::Unused(Some(at)) => write!(f, "last used on {}, before the window", day(at)),
            Self::ServiceNotCovered => f.write_str("the data does not speak of the service"),
            Self::ActionsNotWatched(at) => {
                write!(
                    f,
                    "the service was last used on {}; IAM watches no single action of it",
                    day(at)
                )
            }
            Self::ActionNotWatched(at) => {
                write!(
                    f,
                    "the service was last used on {}; IAM does not watch this action",
                    day(at)
                )
            }
            Self::Young(at) => {
                write!(f, "the principal was made on {}, within the window", day(at))
            }
            Self::Open(cause) => write!(f, "nobody can say whether it was used: {cause}"),
            Self::NotDocumented => {
                f.write_str("the pattern also means what AWS does not document, or will add")
            }
            Self::Nothing => f.write_str("it matches no action"),
        }
    }
}
