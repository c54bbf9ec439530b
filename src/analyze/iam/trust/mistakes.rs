//! Mistakes in trust policies: whom a role lets in that it should not.
//!
//! Every mistake is an answer of the evaluator about a caller made up for the purpose: somebody in a foreign account, a
//! workflow of a foreign repository, a service that acts for somebody else, a token without a claim. Callers are told
//! from the policy itself, so that a pattern such as `repo:acme*` is met by `repo:acme-evil/…`. What stands in the policy
//! only chooses the words. The whole document is asked, so that a statement which denies counts; so do resource control
//! policies that were read, while those that were not are taken for absent.
//!
//! Sources: AWS IAM User Guide, "The confused deputy problem", "Identity-provider controls for shared OIDC providers" and
//! "How to use trust policies with IAM roles"; what attackers do with each: hackingthe.cloud, Datadog Security Labs.

mod ask;
mod aws;
mod cycles;
mod expand;
mod fact;
mod federated;
mod issuers;
mod kind;
mod service;
mod services;
mod session;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::known::Known;
use crate::analyze::iam::document::{Document, Effect, Named, Statement};
use crate::analyze::iam::estate::{Estate, Principal, PrincipalKind};
use crate::model::{Attr, Cause};
use ask::{Asker, Verbs};
use cycles::Cycles;

pub use kind::{Kind, Severity};

/// One way in that should not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub kind: Kind,
    /// Whom the statement names: an ARN, a service, a provider or `*`.
    pub principal: Box<str>,
    /// The account of that principal.
    pub account: Option<Box<str>>,
    /// The owner of that account, if somebody outside whom the public list or the organization knows.
    pub owner: Option<Box<str>>,
    /// The place of the statement in the trust policy, from 0.
    pub statement: u32,
    /// The statement's own id.
    pub sid: Option<Box<str>>,
    /// Who gets in.
    pub witness: Witness,
    /// How bad it is where nothing is known of what the role may do.
    pub severity: Severity,
    /// What is wrong, in a sentence.
    pub detail: String,
    /// What to write instead.
    pub instead: String,
    /// Why it is not certain, if it is not.
    pub doubt: Option<Cause>,
}

/// A caller made up to be refused, and what he brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who he is.
    pub caller: String,
    /// What he calls.
    pub action: &'static str,
    /// The condition keys he brings, and those he does not bring.
    pub claims: Vec<(Box<str>, Option<String>)>,
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} calls {}", self.caller, self.action)?;
        for (at, (key, value)) in self.claims.iter().enumerate() {
            f.write_str(if at == 0 { " with " } else { ", " })?;
            match value {
                Some(value) => write!(f, "{key}={value}")?,
                None => write!(f, "no {key}")?,
            }
        }
        Ok(())
    }
}

/// All trust policies of an estate, ready to be asked.
#[derive(Debug)]
pub struct Trusts<'e> {
    estate: &'e Estate,
    known: &'e Known,
    now: Timestamp,
    everything: Document,
    verbs: Verbs,
    cycles: Cycles,
    /// The owners outside that know an external id, by the id.
    external_ids: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// Why there may be trust policies that nobody read.
    unread: Option<Cause>,
}

/// The mistakes in the trust policy of one role; ask [`Trusts`] for more than one.
pub fn mistakes(
    estate: &Estate,
    role: &Principal,
    known: &Known,
    now: Timestamp,
) -> Attr<Vec<Mistake>> {
    Trusts::of(estate, known, now).mistakes(role)
}

impl<'e> Trusts<'e> {
    /// Prepares what the questions about all roles share.
    pub fn of(estate: &'e Estate, known: &'e Known, now: Timestamp) -> Self {
        let mut trusts = Self {
            estate,
            known,
            now,
            everything: Document::everything("everything a stranger may do at home"),
            verbs: Verbs::new(),
            cycles: Cycles::default(),
            external_ids: BTreeMap::new(),
            unread: None,
        };
        trusts.unread = trusts.why_unread();
        trusts.cycles = cycles::find(&trusts);
        trusts.external_ids = trusts.gather_external_ids();
        trusts
    }

    /// The mistakes in the trust policy of a role, worst first; unknown where the policy could not be read in full.
    /// Roles of services have none: AWS writes their policies.
    pub fn mistakes(&self, role: &Principal) -> Attr<Vec<Mistake>> {
        if role.kind != PrincipalKind::Role || role.service_linked {
            return Attr::Known(Vec::new());
        }
        let Some(document) = role.trust.and_then(|id| self.estate.document(id)) else {
            return Attr::Unknown(Cause::NOT_COLLECTED);
        };
        if let Some(cause) = &document.doubt {
            return Attr::Unknown(cause.clone());
        }
        let asker = Asker::new(self, role, document);
        let mut found = Vec::new();
        for statement in &document.statements {
            if let Some(cause) = statement.doubt.as_ref().filter(|_| statement.effect.is_none()) {
                return Attr::Unknown(cause.clone());
            }
            statement_mistakes(&asker, statement, &mut found);
        }
        self.cycles.mistakes(&asker, &mut found);
        found.sort_by(|a, b| {
            let key = |m: &Mistake| (std::cmp::Reverse(m.severity), m.statement, m.kind);
            key(a).cmp(&key(b)).then_with(|| a.principal.cmp(&b.principal))
        });
        found.dedup_by(|a, b| {
            (a.kind, a.statement, &a.principal) == (b.kind, b.statement, &b.principal)
        });
        Attr::Known(found)
    }

    /// Whether an account belongs to oneself.
    fn is_own(&self, account: &str) -> bool {
        self.estate.accounts.contains_key(account) || self.known.own.contains_key(account)
    }

    fn why_unread(&self) -> Option<Cause> {
        let roles = self.estate.all().filter_map(|(_, role)| role.trust);
        let doubts = roles.filter_map(|id| self.estate.document(id)?.doubt.clone());
        doubts.chain(self.estate.gaps.get("aws.iam.role").cloned()).min()
    }

    /// Which external ids are given to whom.
    fn gather_external_ids(&self) -> BTreeMap<Box<str>, BTreeSet<Box<str>>> {
        let mut out: BTreeMap<Box<str>, BTreeSet<Box<str>>> = BTreeMap::new();
        for (_, role) in self.estate.all() {
            let Some(document) = role.trust.and_then(|id| self.estate.document(id)) else {
                continue;
            };
            for statement in &document.statements {
                let owners = principals(statement).filter_map(|named| {
                    let account = account_of(named)?;
                    let outside = !self.is_own(account) && *role.account != *account;
                    outside.then(|| self.known.owner(account).unwrap_or(account))
                });
                let owners: Vec<&str> = owners.collect();
                if owners.is_empty() {
                    continue;
                }
                let ids = statement.conditions.iter().filter(|c| &*c.key_lower == EXTERNAL_ID);
                for id in ids.flat_map(super::super::condition::Condition::values) {
                    let known_to = out.entry(id.into()).or_default();
                    known_to.extend(owners.iter().map(|&owner| owner.into()));
                }
            }
        }
        out
    }
}

/// The key of the external id, in lower case.
const EXTERNAL_ID: &str = "sts:externalid";

fn statement_mistakes(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) {
    let negated = statement.principals.as_ref().is_some_and(|list| list.negated);
    if statement.effect != Some(Effect::Allow) {
        if negated {
            aws::denied_but(asker, statement, out);
        }
        return;
    }
    if negated {
        aws::everybody(asker, statement, true, out);
    } else {
        for named in principals(statement) {
            match named {
                Named::Everybody => aws::everybody(asker, statement, false, out),
                Named::Account(account) => aws::account(asker, statement, named, account, out),
                Named::Arn(_) => {
                    if let Some(account) = account_of(named) {
                        aws::principal(asker, statement, named, account, out);
                    }
                }
                Named::Service(name) => service::asked(asker, statement, name, out),
                Named::Federated(name) => federated::asked(asker, statement, name, out),
                Named::Deleted(id) => aws::deleted(asker, statement, id, out),
                Named::Canonical(_) => {}
            }
        }
    }
    session::asked(asker, statement, out);
}

/// Whom a statement names, exceptions aside.
fn principals(statement: &Statement) -> impl Iterator<Item = &Named> {
    statement.principals.iter().filter(|list| !list.negated).flat_map(|list| &list.named)
}

/// The account of somebody named.
fn account_of(named: &Named) -> Option<&str> {
    match named {
        Named::Account(account) => Some(account),
        Named::Arn(arn) => crate::analyze::iam::arn::ArnParts::parse(arn).map(|arn| arn.account),
        _ => None,
    }
}
