//! What an organisation declares about its principals, and who breaks it in effect.
//!
//! A capability says who alone may do something; a duty names two sets of actions that nobody may do both of. Both are
//! asked of the evaluator ([`hold`]), and of what escalation leads to ([`Reached`]). The answer is three-valued, and
//! carries the request that passes, the statements that let it and the steps before it.

mod candidates;
pub(in crate::analyze) mod facts;
pub mod hold;

use jiff::Timestamp;
use jiff::civil::Date;

use super::document::ActionPattern;
use super::estate::Principal;
use super::glob;
use super::truth::Truth;
use crate::clock;

pub use hold::{Asker, Holding};

/// Everything that is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Who alone may do what.
    pub capabilities: Vec<Capability>,
    /// What nobody may do both of.
    pub duties: Vec<Duty>,
}

/// Actions on resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acts {
    /// Patterns of actions, as written.
    pub actions: Vec<String>,
    /// Patterns of resources, as written; any resource when empty.
    pub on: Vec<String>,
}

impl Acts {
    /// The patterns, ready to be matched.
    pub fn patterns(&self) -> Vec<ActionPattern> {
        self.actions.iter().map(|text| ActionPattern::compile(text)).collect()
    }
}

/// Who alone may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// Its name.
    pub id: String,
    /// Who may.
    pub only: Vec<Who>,
    /// What.
    pub may: Acts,
    /// Who else may for a while.
    pub except: Vec<Exception>,
    /// Why it is there.
    pub reason: String,
}

/// Two sets of actions that nobody may do both of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Its name.
    pub id: String,
    /// The one.
    pub first: Acts,
    /// The other.
    pub second: Acts,
    /// Who may for a while.
    pub except: Vec<Exception>,
    /// Why it is there.
    pub reason: String,
}

/// Somebody for whom a declaration does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Who.
    pub who: Who,
    /// Why.
    pub reason: String,
    /// The last day on which it stands; for ever when absent.
    pub until: Option<Date>,
}

/// What stands of the exceptions for a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excepted<'d> {
    /// There is none.
    No,
    /// One stands.
    Yes(&'d Exception),
    /// There was one, and its last day is over.
    Lapsed(&'d Exception),
}

/// The exception that counts for a principal: one that stands before one that lapsed.
pub fn excepted<'d>(list: &'d [Exception], principal: &Principal, now: Timestamp) -> Excepted<'d> {
    let mut out = Excepted::No;
    for one in list.iter().filter(|one| one.who.is(principal)) {
        if one.until.is_none_or(|until| !clock::is_past(until, now)) {
            return Excepted::Yes(one);
        }
        out = Excepted::Lapsed(one);
    }
    out
}

/// A pattern of principals: of their ARN where it holds a colon; of `role/path/name` or `user/path/name` where it holds a
/// slash; of the name otherwise. `*` and `?` stand for other characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who(pub String);

impl Who {
    /// Whether it means a principal.
    pub fn is(&self, principal: &Principal) -> bool {
        let pattern = self.0.as_str();
        if pattern.contains(':') {
            glob::matches(pattern, &principal.arn)
        } else if pattern.contains('/') {
            let resource = principal.arn.splitn(6, ':').nth(5).unwrap_or_default();
            glob::matches(pattern, resource)
        } else {
            glob::matches(pattern, &principal.name)
        }
    }
}

/// What escalation adds to what a principal may do by itself.
pub trait Reached: Sync {
    /// What it becomes, best first: each with the certainty of the way there and the steps in words.
    fn becomes(&self, principal: &Principal) -> Vec<Turn>;
}

/// Nobody becomes anybody.
impl Reached for () {
    fn becomes(&self, _: &Principal) -> Vec<Turn> {
        Vec::new()
    }
}

/// What a principal becomes in some steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// What.
    pub into: Guise,
    /// Whether the way there is certain.
    pub truth: Truth,
    /// The steps, one sentence each.
    pub steps: Vec<String>,
}

/// What a principal becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guise {
    /// Another principal, by its ARN.
    Principal(Box<str>),
    /// Itself with any policy it likes, within its boundary and organization.
    Unlimited,
    /// An administrator of an account, within its organization.
    Administrator(Box<str>),
}

/// Whether a principal does something it should not, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence<'d> {
    /// Whether it does: yes, or nobody can say.
    pub truth: Truth,
    /// The exception there is, or was.
    pub excepted: Excepted<'d>,
    /// The requests that pass: one for a capability, two for a duty.
    pub holdings: Vec<Holding>,
}

impl Capability {
    /// Whether a principal may and is not among those who may; nothing if it may not, or is.
    pub fn broken_by<'d>(
        &'d self,
        principal: &Principal,
        asker: &Asker<'_>,
        reached: &dyn Reached,
    ) -> Option<Offence<'d>> {
        if principal.service_linked || self.only.iter().any(|who| who.is(principal)) {
            return None;
        }
        let holding = asker.holds_in_effect(principal, &self.may, reached)?;
        let excepted = excepted(&self.except, principal, asker.now);
        Some(Offence { truth: holding.truth, excepted, holdings: vec![holding] })
    }
}

impl Duty {
    /// Whether a principal may do both; nothing if it may not.
    pub fn broken_by<'d>(
        &'d self,
        principal: &Principal,
        asker: &Asker<'_>,
        reached: &dyn Reached,
    ) -> Option<Offence<'d>> {
        if principal.service_linked {
            return None;
        }
        let first = asker.holds_in_effect(principal, &self.first, reached)?;
        let second = asker.holds_in_effect(principal, &self.second, reached)?;
        let excepted = excepted(&self.except, principal, asker.now);
        let truth = first.truth.and(second.truth);
        Some(Offence { truth, excepted, holdings: vec![first, second] })
    }
}

#[cfg(test)]
mod tests;
