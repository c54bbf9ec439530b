//! The policy that is left of a principal's policies when what nobody used is taken away.
//!
//! Every statement is accounted for: kept, narrowed or dropped, and why. Only what the data covers is taken away; what
//! it does not speak of stays and is told, unless it is asked to go as well, and then that is told. Statements that deny
//! stay, since they only take away. Resources and conditions stay as they are: the data says nothing about them.

mod change;
mod statement;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

pub use change::{Because, Change, Reason, Verdict};

use super::{Accessed, Window};
use crate::analyze::iam::catalogue;
use crate::analyze::iam::document::Document;
use crate::model::policy::{PolicyDocument, Statement};
use crate::model::{Attr, Cause, CauseKind};

/// The versions of the policy language.
const NEW: &str = "2012-10-17";
const OLD: &str = "2008-10-17";

/// The characters a managed policy may have, white space aside
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
pub const MANAGED_CHARACTERS_MAX: usize = 6_144;

/// What becomes of permissions that the data does not speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uncovered {
    /// They stay.
    #[default]
    Keep,
    /// They go, and every one of them is told.
    Drop,
}

/// A policy of the principal.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Where it stands: the ARN of a managed policy, or `inline NAME of ARN`.
    pub name: &'a str,
    /// What it says.
    pub document: &'a Attr<PolicyDocument>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What is known about use.
    pub accessed: &'a Accessed,
    /// Within which time something must have been used.
    pub window: Window,
    /// What becomes of what the data does not speak of.
    pub uncovered: Uncovered,
    /// When the principal was made, where that is known.
    pub created: Option<Timestamp>,
}

/// A policy in place of all those of a principal.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The document.
    pub document: Value,
    /// Its length in characters, white space aside.
    pub characters: usize,
    /// What became of every statement, in the order of policies and statements.
    pub changes: Vec<Change>,
    /// Policies, or statements of them, that nobody could read: they are not in the document, and must stay attached.
    pub unread: Vec<(String, Cause)>,
    /// How many documented actions statements allow before and after, resources and conditions aside.
    pub actions: (usize, usize),
}

impl Proposal {
    /// Whether a policy must stay attached, since it or a statement of it could not be read.
    pub fn keeps(&self, policy: &str) -> bool {
        self.unread.iter().any(|(place, _)| {
            place.strip_suffix(policy).is_some_and(|rest| rest.is_empty() || rest.ends_with(" of "))
        })
    }
}

/// Proposes a policy.
pub fn propose(sources: &[Source<'_>], terms: &Terms<'_>) -> Proposal {
    let mut statements = Vec::new();
    let mut changes = Vec::new();
    let mut unread = Vec::new();
    let version =
        if sources.is_empty() || sources.iter().any(|s| is_new(s.document)) { NEW } else { OLD };
    for source in sources {
        let list = match source.document.get().and_then(|d| d.statements.get()) {
            Ok(list) => list,
            Err(cause) => {
                unread.push((source.name.to_owned(), cause.clone()));
                continue;
            }
        };
        if version == NEW && !is_new(source.document) && has_variables(list) {
            let what = "it is in the older language, where `${` is plain text";
            unread.push((source.name.to_owned(), Cause::new(CauseKind::NotUnderstood, what)));
            continue;
        }
        for (at, statement) in list.iter().enumerate() {
            let statement = match statement {
                Attr::Known(statement) => statement,
                Attr::Unknown(cause) => {
                    unread.push((format!("statement {at} of {}", source.name), cause.clone()));
                    continue;
                }
            };
            match statement::reduce(source.name, at, statement, terms) {
                Ok((text, change)) => {
                    statements.extend(text);
                    changes.push(change);
                }
                Err(cause) => unread.push((format!("statement {at} of {}", source.name), cause)),
            }
        }
    }
    unique_sids(&mut statements);
    let document = json!({"Version": version, "Statement": statements});
    let characters = document.to_string().chars().filter(|c| !c.is_whitespace()).count();
    let after = allowed(&[Source { name: "", document: &PolicyDocument::from_json(&document) }]);
    Proposal { document, characters, changes, unread, actions: (allowed(sources), after) }
}

fn has_variables(statements: &[Attr<Statement>]) -> bool {
    statements
        .iter()
        .any(|statement| serde_json::to_string(statement).is_ok_and(|text| text.contains("${")))
}

/// Whether a document is in the version of the language that knows variables; unknown counts as that.
fn is_new(document: &Attr<PolicyDocument>) -> bool {
    let version = document.known().and_then(|d| d.version.known());
    version.is_none_or(|version| version.as_deref() == Some(NEW))
}

/// The ids of statements must differ within a document.
fn unique_sids(statements: &mut [Value]) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for statement in statements {
        let Some(Value::String(sid)) = statement.get_mut("Sid") else { continue };
        let mut number = 1;
        let first = sid.clone();
        while !seen.insert(sid.clone()) {
            number += 1;
            *sid = format!("{first}{number}");
        }
    }
}

/// How many documented actions the statements of policies allow.
fn allowed(sources: &[Source<'_>]) -> usize {
    use crate::analyze::iam::document::Effect;
    let documents: Vec<Document> =
        sources.iter().map(|s| Document::compile(s.name, None, s.document)).collect();
    let statements: Vec<_> = documents
        .iter()
        .flat_map(|d| &d.statements)
        .filter(|s| s.effect == Some(Effect::Allow))
        .collect();
    catalogue::all()
        .filter_map(catalogue::Known::action)
        .filter(|action| statements.iter().any(|s| s.actions.include(action)))
        .count()
}

#[cfg(test)]
mod tests;
