//! What is granted and not used: idle principals and credentials, services nobody asks for, wide patterns, and the
//! policy that is left when what the data covers is taken away.
//!
//! Source of the data: `iam:GetServiceLastAccessedDetails`
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor.html>). It counts attempts, allowed
//! or not; it looks back 400 days at most; of single actions it watches some, and says nothing of the others.

pub mod breadth;
pub mod holdings;
pub mod idle;
pub mod reduce;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Time;
use crate::model::iam::{ActionLastAccessed, ServiceLastAccessed};
use crate::model::{Attr, Cause, CauseKind};

/// The time within which something must have been used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The time of the run.
    pub now: Timestamp,
    /// How many days back a use still counts.
    pub days: i64,
}

impl Window {
    /// Its first moment.
    pub fn start(&self) -> Timestamp {
        let back = SignedDuration::from_hours(self.days.saturating_mul(24));
        self.now.checked_sub(back).unwrap_or(Timestamp::MIN)
    }

    /// Whether a moment is in it.
    pub fn holds(&self, time: Timestamp) -> bool {
        time >= self.start()
    }
}

/// Whether something was used within a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// It was, at last at this time.
    Used(Timestamp),
    /// It was not; when it was used before that, if ever.
    Unused(Option<Timestamp>),
    /// The data does not speak of it.
    NotCovered,
    /// It cannot be said.
    Open(Cause),
}

impl Use {
    fn of(last: &Attr<Option<Time>>, window: &Window) -> Self {
        match last {
            Attr::Known(Some(time)) if window.holds(time.0) => Self::Used(time.0),
            Attr::Known(last) => Self::Unused(last.map(|time| time.0)),
            Attr::Unknown(cause) => Self::Open(cause.clone()),
        }
    }
}

/// What is known of the services that a principal used.
#[derive(Debug, Clone, Default)]
pub struct Accessed {
    /// When it was found out.
    pub asked: Option<Timestamp>,
    services: BTreeMap<Box<str>, Service>,
}

#[derive(Debug, Clone)]
struct Service {
    last: Attr<Option<Time>>,
    /// By name in lower case: the name as it is written, and the last use. Nothing where no action is watched.
    actions: Attr<BTreeMap<Box<str>, (Box<str>, Attr<Option<Time>>)>>,
}

impl Accessed {
    /// Reads what a user or role carries.
    ///
    /// # Errors
    /// The cause, when nobody could find it out.
    pub fn read(
        services: &Attr<Vec<ServiceLastAccessed>>,
        asked: &Attr<Option<Time>>,
    ) -> Result<Self, Cause> {
        let list = services.get().map_err(Clone::clone)?;
        let mut out =
            Self { asked: asked.known().copied().flatten().map(|t| t.0), ..Self::default() };
        for one in list {
            let name = one.service_namespace.get().map_err(Clone::clone)?;
            let actions = one.tracked_actions_last_accessed.clone().map(|list| {
                list.unwrap_or_default().iter().filter_map(action).collect::<BTreeMap<_, _>>()
            });
            let service = Service { last: one.last_authenticated.clone(), actions };
            out.services.insert(name.to_ascii_lowercase().into(), service);
        }
        Ok(out)
    }

    /// The services it speaks of, sorted.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(|name| &**name)
    }

    /// Whether a service, by its prefix in lower case, was used.
    pub fn service(&self, prefix: &str, window: &Window) -> Use {
        match self.services.get(prefix) {
            None => Use::NotCovered,
            Some(service) => self.fresh(Use::of(&service.last, window), window),
        }
    }

    /// Whether an action was used: service and name in lower case.
    pub fn action(&self, prefix: &str, name: &str, window: &Window) -> Use {
        match self.services.get(prefix).map(|service| &service.actions) {
            None => Use::NotCovered,
            Some(Attr::Unknown(cause)) => Use::Open(cause.clone()),
            Some(Attr::Known(actions)) => match actions.get(name) {
                None => Use::NotCovered,
                Some((_, last)) => self.fresh(Use::of(last, window), window),
            },
        }
    }

    /// The actions of a service that are watched one by one, as they are written.
    pub fn watched(&self, prefix: &str) -> Vec<&str> {
        match self.services.get(prefix).map(|service| &service.actions) {
            Some(Attr::Known(actions)) => actions.values().map(|(name, _)| &**name).collect(),
            _ => Vec::new(),
        }
    }

    /// Data from before the window says nothing about it.
    fn fresh(&self, found: Use, window: &Window) -> Use {
        match (&found, self.asked) {
            (Use::Unused(_), Some(asked)) if !window.holds(asked) => {
                let day = crate::clock::today(asked);
                let what = format!("the data about the use of services is from {day}");
                Use::Open(Cause::new(CauseKind::NotCollected, what))
            }
            _ => found,
        }
    }
}

type Watched = (Box<str>, (Box<str>, Attr<Option<Time>>));

fn action(one: &ActionLastAccessed) -> Option<Watched> {
    let name = one.action_name.known()?;
    let lower = name.to_ascii_lowercase().into();
    Some((lower, (name.as_str().into(), one.last_accessed_time.clone())))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn time(text: &str) -> Timestamp {
        crate::clock::parse(text).unwrap()
    }

    pub(crate) fn window() -> Window {
        Window { now: time("2026-01-01"), days: 90 }
    }

    /// Services with their last use, and their watched actions with theirs.
    pub(crate) fn accessed(services: &[(&str, Option<&str>, &[(&str, Option<&str>)])]) -> Accessed {
        let at = |text: Option<&str>| Attr::Known(text.map(|text| Time(time(text))));
        let list = services.iter().map(|(name, last, actions)| ServiceLastAccessed {
            service_namespace: Attr::Known((*name).to_owned()),
            last_authenticated: at(*last),
            tracked_actions_last_accessed: Attr::Known((!actions.is_empty()).then(|| {
                let actions = actions.iter().map(|(name, last)| ActionLastAccessed {
                    action_name: Attr::Known((*name).to_owned()),
                    last_accessed_time: at(*last),
                    ..ActionLastAccessed::default()
                });
                actions.collect()
            })),
            ..ServiceLastAccessed::default()
        });
        let asked = Attr::Known(Some(Time(time("2025-12-31"))));
        Accessed::read(&Attr::Known(list.collect()), &asked).unwrap()
    }

    #[test]
    fn use_is_told_from_what_nobody_watched() {
        let data = accessed(&[
            (
                "s3",
                Some("2025-12-01"),
                &[("CreateBucket", None), ("ListBuckets", Some("2025-12-01"))],
            ),
            ("sqs", Some("2025-03-01"), &[]),
            ("sns", None, &[]),
        ]);
        let window = window();
        assert_eq!(data.service("s3", &window), Use::Used(time("2025-12-01")));
        assert_eq!(data.service("sqs", &window), Use::Unused(Some(time("2025-03-01"))));
        assert_eq!(data.service("sns", &window), Use::Unused(None));
        assert_eq!(data.service("ec2", &window), Use::NotCovered);
        assert_eq!(data.action("s3", "createbucket", &window), Use::Unused(None));
        assert_eq!(data.action("s3", "getobject", &window), Use::NotCovered);
        assert!(matches!(data.action("s3", "listbuckets", &window), Use::Used(_)));
    }

    #[test]
    fn old_data_proves_no_disuse() {
        let mut data = accessed(&[("sns", None, &[]), ("s3", Some("2025-12-01"), &[])]);
        data.asked = Some(time("2025-06-01"));
        assert!(matches!(data.service("sns", &window()), Use::Open(_)));
        assert!(matches!(data.service("s3", &window()), Use::Used(_)));
    }

    #[test]
    fn what_was_not_asked_is_an_error() {
        assert!(Accessed::read(&Attr::default(), &Attr::default()).is_err());
    }
}
