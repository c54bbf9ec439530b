//! How wide the patterns of a statement are: which services they mean and how many documented actions.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyze::Given;
use crate::analyze::iam::catalogue::{self, Access, Known};
use crate::analyze::iam::document::{ActionPattern, Actions, Document, Effect, Statement};
use crate::model::Attr;
use crate::model::iam::{Policy, StatementBreadth};

/// How wide the widest pattern of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Width {
    /// Nothing but named actions.
    Named,
    /// The actions of a service that begin, end or read alike: `s3:Get*`.
    Pattern,
    /// Every action of a service: `s3:*`.
    Service,
    /// Actions of services that are not named: `*:Get*`, or all but some.
    Services,
    /// Every action of every service.
    Everything,
}

impl Width {
    /// The word in facts and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Pattern => "pattern",
            Self::Service => "service",
            Self::Services => "services",
            Self::Everything => "everything",
        }
    }

    fn of(pattern: &ActionPattern) -> Self {
        let is_wild = |text: &str| text.contains(['*', '?']);
        match pattern {
            ActionPattern::Everything => Self::Everything,
            ActionPattern::Of(service, _) if is_wild(service) => Self::Services,
            ActionPattern::Of(_, name) if name.bytes().all(|b| b == b'*') => Self::Service,
            ActionPattern::Of(_, name) if is_wild(name) => Self::Pattern,
            ActionPattern::Of(..) | ActionPattern::Nothing => Self::Named,
        }
    }
}

/// What the actions of a statement mean, as far as AWS documents actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breadth {
    /// How wide its widest pattern is.
    pub width: Width,
    /// The services it speaks of, sorted; those it names without a documented action are among them.
    pub services: BTreeSet<Box<str>>,
    /// How many documented actions it means.
    pub actions: usize,
    /// How many of them do what.
    pub by_access: BTreeMap<Access, usize>,
}

/// Measures the actions of a statement.
pub fn measure(actions: &Actions) -> Breadth {
    let mut means: BTreeMap<(&str, &str), &Known> = BTreeMap::new();
    for pattern in &actions.patterns {
        for known in catalogue::matching(pattern) {
            means.insert((known.service, known.name), known);
        }
    }
    if actions.negated {
        let excluded = std::mem::take(&mut means);
        for known in catalogue::all() {
            if !excluded.contains_key(&(known.service, known.name)) {
                means.insert((known.service, known.name), known);
            }
        }
    }
    let mut services: BTreeSet<Box<str>> =
        means.keys().map(|(service, _)| (*service).into()).collect();
    let mut by_access = BTreeMap::new();
    for known in means.values() {
        *by_access.entry(known.access).or_default() += 1;
    }
    let width = if actions.negated {
        if actions.patterns.is_empty() { Width::Everything } else { Width::Services }
    } else {
        for pattern in &actions.patterns {
            if let ActionPattern::Of(service, _) = pattern
                && !service.contains(['*', '?'])
            {
                services.insert(service.clone());
            }
        }
        actions.patterns.iter().map(Width::of).max().unwrap_or(Width::Named)
    };
    Breadth { width, services, actions: means.len(), by_access }
}

/// Derives the breadth of the statements of a managed policy.
pub(crate) fn policy(policy: &mut Policy, given: Given) {
    let document = &policy.document;
    given.or(&mut policy.breadth, || match document {
        Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
        Attr::Known(_) => {
            let compiled = Document::compile("", None, document);
            match compiled.doubt {
                Some(cause) => Attr::Unknown(cause),
                None => Attr::Known(compiled.statements.iter().filter_map(statement).collect()),
            }
        }
    });
}

/// The breadth of a statement that allows something, or may.
fn statement(statement: &Statement) -> Option<StatementBreadth> {
    if statement.effect == Some(Effect::Deny) {
        return None;
    }
    let measured = measure(&statement.actions);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let of = |access| number(measured.by_access.get(&access).copied().unwrap_or_default());
    let every = statement.resources.as_ref().is_some_and(|resources| {
        resources.negated || resources.patterns.iter().any(|p| p.text.bytes().all(|b| b == b'*'))
    });
    Some(StatementBreadth {
        statement: Attr::Known(i64::from(statement.index)),
        sid: Attr::Known(statement.sid.as_deref().map(str::to_owned)),
        width: open(statement, measured.width.word().to_owned()),
        services: open(statement, number(measured.services.len())),
        actions: open(statement, number(measured.actions)),
        write_actions: open(statement, of(Access::Write)),
        permission_actions: open(statement, of(Access::Permissions)),
        every_resource: open(statement, every),
        conditioned: open(statement, !statement.conditions.is_empty()),
    })
}

/// What is said of a statement, if all of it is understood.
fn open<T>(statement: &Statement, value: T) -> Attr<T> {
    match &statement.doubt {
        Some(cause) => Attr::Unknown(cause.clone()),
        None => Attr::Known(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(negated: bool, patterns: &[&str]) -> Breadth {
        let patterns = patterns.iter().map(|text| ActionPattern::compile(text)).collect();
        measure(&Actions { negated, patterns })
    }

    #[test]
    fn widths_and_numbers() {
        let all = catalogue::all().count();
        let iam = catalogue::actions_of("iam").len();
        for (negated, patterns, width, actions, services) in [
            (false, &["*"][..], Width::Everything, all, catalogue::services().count()),
            (true, &[], Width::Everything, all, catalogue::services().count()),
            (true, &["iam:*"], Width::Services, all - iam, catalogue::services().count() - 1),
            (false, &["IAM:*", "iam:PassRole"], Width::Service, iam, 1),
            (false, &["s3:GetObject", "s3:GetObject"], Width::Named, 1, 1),
            (false, &["nosuch:Thing"], Width::Named, 0, 1),
            (false, &["*:PassRole"], Width::Services, 1, 1),
            (false, &["iam"], Width::Named, 0, 0),
        ] {
            let got = measured(negated, patterns);
            assert_eq!(
                (got.width, got.actions, got.services.len()),
                (width, actions, services),
                "{negated} {patterns:?}"
            );
        }
        let got = measured(false, &["s3:Get*"]);
        assert_eq!(got.width, Width::Pattern);
        assert!(got.actions > 20 && got.actions < catalogue::actions_of("s3").len());
        assert_eq!(got.by_access.values().sum::<usize>(), got.actions);
    }
}
