//! Roles that may assume themselves or each other: whoever stole a session renews it for ever, by turns.
//!
//! Only trust that names a role counts, in `Principal` or by aws:PrincipalArn. That the account as a whole is trusted is
//! no circle anybody drew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::ask::{Asker, Attempt, Finding, Verb};
use super::aws::values_of;
use super::{Kind, Mistake, Severity, Trusts, principals};
use crate::analyze::iam::document::{Effect, Named, Statement};
use crate::analyze::iam::estate::{Principal, PrincipalId, PrincipalKind};
use crate::analyze::iam::request::Caller;
use crate::analyze::iam::truth::Truth;

/// How many steps are walked for one role at most.
const STEPS_MAX: usize = 10_000;

/// Who may assume whom.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    /// By the role that is assumed: who may, by which statement, and how certainly.
    into: BTreeMap<PrincipalId, Vec<(PrincipalId, u32, Truth)>>,
    /// Roles whose trust policy nobody could read: anybody may assume them.
    open: BTreeSet<PrincipalId>,
}

/// Finds who may assume whom by name.
pub(super) fn find(trusts: &Trusts<'_>) -> Cycles {
    let mut out = Cycles::default();
    for (id, role) in trusts.estate.all() {
        if role.service_linked {
            continue;
        }
        let Some(document) = role.trust.and_then(|id| trusts.estate.document(id)) else { continue };
        if document.doubt.is_some() {
            out.open.insert(id);
        }
        let asker = Asker::new(trusts, role, document);
        for statement in &document.statements {
            if statement.effect != Some(Effect::Allow) {
                continue;
            }
            for caller in named_roles(trusts, statement) {
                let Some(principal) = trusts.estate.principal(caller) else { continue };
                let gets_in = assumes(&asker, principal, statement);
                if gets_in != Truth::No {
                    out.into.entry(id).or_default().push((caller, statement.index, gets_in));
                }
            }
        }
    }
    out
}

/// The roles of the inventory that a statement names.
fn named_roles(trusts: &Trusts<'_>, statement: &Statement) -> Vec<PrincipalId> {
    let by_principal = principals(statement).filter_map(|named| match named {
        Named::Arn(arn) => Some(arn.to_string()),
        _ => None,
    });
    let by_condition = values_of(statement, "aws:principalarn");
    let mut out: Vec<PrincipalId> =
        by_principal.chain(by_condition).filter_map(|arn| trusts.estate.find(&arn)).collect();
    out.retain(|id| trusts.estate.principal(*id).is_some_and(|p| p.kind == PrincipalKind::Role));
    out.sort();
    out.dedup();
    out
}

fn attempt(asker: &Asker<'_>, principal: &Principal, statement: &Statement) -> Attempt {
    let caller = Caller::of_arn(&principal.arn).unwrap_or_else(Caller::anonymous);
    let mut attempt = Attempt::new(caller, Verb::Assume);
    asker.satisfy(&mut attempt, statement, |key| !key.starts_with("aws:principal"));
    attempt
}

fn assumes(asker: &Asker<'_>, principal: &Principal, statement: &Statement) -> Truth {
    asker.gets_in_as(principal, &attempt(asker, principal, statement), statement)
}

impl Cycles {
    pub(super) fn mistakes(&self, asker: &Asker<'_>, out: &mut Vec<Mistake>) {
        let Some(own) = asker.trusts.estate.find(&asker.role.arn) else { return };
        for &(caller, index, gets_in) in self.into.get(&own).into_iter().flatten() {
            let Some(statement) = asker.document.statements.iter().find(|s| s.index == index)
            else {
                continue;
            };
            let Some(principal) = asker.trusts.estate.principal(caller) else { continue };
            let (kind, detail, gets_in) = if caller == own {
                let detail =
                    "the role may assume itself, so a stolen session never ends".to_owned();
                (Kind::SelfTrust, detail, gets_in)
            } else {
                let Some((way, truth)) = self.way(own, caller) else { continue };
                let names: Vec<&str> = way
                    .iter()
                    .filter_map(|id| asker.trusts.estate.principal(*id))
                    .map(|p| &*p.name)
                    .collect();
                let detail = format!(
                    "the roles {} assume each other in a circle, so a stolen session never ends",
                    names.join(" → ")
                );
                (Kind::RoleCycle, detail, gets_in.and(truth))
            };
            let finding = Finding {
                kind,
                severity: Severity::Medium,
                statement,
                principal: &principal.arn,
                detail,
                instead: "remove the role from its own circle: what it may do, it may do without assuming \
                          itself"
                    .to_owned(),
            };
            out.push(asker.mistake(finding, &attempt(asker, principal, statement), gets_in));
        }
    }

    /// The shortest way by which `from` comes to act as `to`, both included.
    fn way(&self, from: PrincipalId, to: PrincipalId) -> Option<(Vec<PrincipalId>, Truth)> {
        // From the end to the beginning: who may assume is kept by who is assumed.
        let mut next: BTreeMap<PrincipalId, (PrincipalId, Truth)> = BTreeMap::new();
        let mut queue = VecDeque::from([to]);
        let mut steps = 0;
        let mut unread = None;
        while let Some(at) = queue.pop_front() {
            if unread.is_none() && self.open.contains(&at) {
                unread = Some(at);
            }
            for &(caller, _, truth) in self.into.get(&at).into_iter().flatten() {
                steps += 1;
                if steps > STEPS_MAX {
                    return None;
                }
                if caller == to || next.contains_key(&caller) {
                    continue;
                }
                next.insert(caller, (at, truth));
                if caller == from {
                    return Some(walk(&next, from, to));
                }
                queue.push_back(caller);
            }
        }
        let (mut way, _) = walk(&next, unread?, to);
        way.insert(0, from);
        Some((way, Truth::Maybe))
    }
}

fn walk(
    next: &BTreeMap<PrincipalId, (PrincipalId, Truth)>,
    from: PrincipalId,
    to: PrincipalId,
) -> (Vec<PrincipalId>, Truth) {
    let mut way = vec![from];
    let mut truth = Truth::Yes;
    let mut at = from;
    while at != to {
        let Some(&(following, step)) = next.get(&at) else { break };
        truth = truth.and(step);
        way.push(following);
        at = following;
    }
    (way, truth)
}
