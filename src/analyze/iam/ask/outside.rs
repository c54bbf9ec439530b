//! What somebody from outside reaches: whatever policies of resources and trust policies of roles let in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::answer::{Answer, Matched};
use super::who::{ANY_ACCOUNT, somebody_in};
use super::{Inquiry, sample};
use crate::analyze::iam::document::{Document, Effect, Statement};
use crate::analyze::iam::estate::{PrincipalKind, Subject};
use crate::analyze::iam::evaluate::{self, Decision, Layers};
use crate::analyze::iam::request::{Action, Caller, Request};
use crate::analyze::iam::truth::{Need, Plain, Truth};
use crate::model::Attr;

/// How many actions are told by name.
const EXAMPLES: usize = 8;

/// Somebody outside, with a name for people.
#[derive(Debug, Clone)]
pub struct Outsider {
    /// What people call it.
    pub name: String,
    /// Who asks.
    pub caller: Caller,
}

/// What one outsider reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// Who.
    pub who: String,
    /// What it reaches.
    pub reaches: Vec<Reach>,
    /// How many resources and roles were looked at.
    pub looked_at: usize,
    /// What was not read and might change the answer.
    pub missing: Vec<String>,
}

/// A resource or role that somebody reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reach {
    /// Its ARN.
    pub resource: String,
    /// Its type.
    pub kind: String,
    /// [`Decision::Allowed`] or [`Decision::Unknown`].
    pub decision: Decision,
    /// What an unknown decision hangs on.
    #[serde(rename = "if")]
    pub need: Option<Need>,
    /// How many documented actions.
    pub actions: usize,
    /// Some of them.
    pub examples: Vec<String>,
    /// The statements that allow it.
    pub by: Vec<Matched>,
}

impl Inquiry<'_> {
    /// Anybody in an account that is not in the inventory.
    pub fn any_account(&self) -> Option<Outsider> {
        let caller = somebody_in(ANY_ACCOUNT)?;
        Some(Outsider { name: "anybody in any AWS account".to_owned(), caller })
    }

    /// Anybody in another account of the organization that accounts of the inventory are in.
    pub fn organization(&self) -> Option<Outsider> {
        let organization = self
            .estate
            .accounts
            .values()
            .find_map(|account| account.organization.known().cloned().flatten())?;
        let mut caller = somebody_in(ANY_ACCOUNT)?;
        caller.organization = Attr::Known(Some(organization.clone()));
        caller.organization_path = Attr::default();
        Some(Outsider { name: format!("anybody in another account of {organization}"), caller })
    }

    /// What somebody outside reaches.
    pub fn outside(&self, outsider: &Outsider) -> Outside {
        let subject = self.outsider(outsider.caller.clone());
        let mut out = Outside {
            who: outsider.name.clone(),
            reaches: Vec::new(),
            looked_at: 0,
            missing: Vec::new(),
        };
        let mut missing = BTreeSet::new();
        for (arn, guarded) in &self.estate.resources {
            match &guarded.policy {
                Attr::Known(None) => out.looked_at += 1,
                Attr::Known(Some(id)) => {
                    out.looked_at += 1;
                    if let Some(policy) = self.estate.document(*id) {
                        self.reached(&subject, arn, guarded.kind, policy, &mut out, &mut missing);
                    }
                }
                Attr::Unknown(cause) => {
                    missing.insert(format!("policy of {arn}: {cause}"));
                }
            }
        }
        for role in self.estate.principals.iter().filter(|p| p.kind == PrincipalKind::Role) {
            out.looked_at += 1;
            if let Some(trust) = role.trust.and_then(|id| self.estate.document(id)) {
                self.reached(&subject, &role.arn, "aws.iam.role", trust, &mut out, &mut missing);
            }
        }
        out.missing = missing.into_iter().collect();
        out
    }

    fn reached(
        &self,
        subject: &Subject<'_>,
        arn: &str,
        kind: &str,
        policy: &Document,
        out: &mut Outside,
        missing: &mut BTreeSet<String>,
    ) {
        if let Some(cause) = &policy.doubt {
            missing.insert(format!("policy of {arn}: {cause}"));
        }
        // One row for each set of reasons; certain ones first.
        let mut rows: BTreeMap<(Decision, Option<Need>), Reach> = BTreeMap::new();
        let mut seen: BTreeSet<Action> = BTreeSet::new();
        for statement in policy.statements.iter().filter(|one| one.effect != Some(Effect::Deny)) {
            for action in of_resource(statement, arn) {
                if !seen.insert(action.clone()) {
                    continue;
                }
                let Some(answer) = self.best_on(subject, statement, &action, arn) else {
                    seen.remove(&action);
                    continue;
                };
                missing.extend(answer.missing.iter().cloned());
                let key = (answer.decision, answer.need.clone());
                let row = rows.entry(key).or_insert_with(|| Reach {
                    resource: arn.to_owned(),
                    kind: kind.to_owned(),
                    decision: answer.decision,
                    need: answer.need.clone(),
                    actions: 0,
                    examples: Vec::new(),
                    by: Vec::new(),
                });
                row.actions += 1;
                if row.examples.len() < EXAMPLES {
                    row.examples.push(sample::named(&action));
                }
                for one in answer.matched {
                    let named = one.principal_match.is_some() && one.effect == Some(Effect::Allow);
                    if named && !row.by.contains(&one) {
                        row.by.push(one);
                    }
                }
            }
        }
        out.reaches.extend(rows.into_values());
    }

    /// The best answer over the resources of a statement; nothing where all of them are denied.
    fn best_on(
        &self,
        subject: &Subject<'_>,
        statement: &Statement,
        action: &Action,
        arn: &str,
    ) -> Option<Answer> {
        let mut resources = vec![arn.to_owned()];
        if let Some(list) = statement.resources.as_ref().filter(|list| !list.negated) {
            let own = list.patterns.iter().filter(|one| one.text.starts_with("arn:"));
            resources.extend(own.map(|one| sample::filled(&one.text, action, &subject.caller)));
        }
        let plain = |request: &Request<'_>, layers: &Layers<'_>| {
            evaluate::evaluate(request, layers, &Plain, &mut ()).allowed
        };
        let best = resources
            .into_iter()
            .filter(|resource| sample::fits(action, resource))
            .map(|resource| (self.with(subject, action, &resource, plain), resource))
            .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)))?;
        (best.0 != Truth::No).then(|| self.ask(subject, action, &best.1))
    }
}

/// The actions that a statement means and that are of the service of a resource.
pub(super) fn of_resource(statement: &Statement, arn: &str) -> Vec<Action> {
    let service = arn.split(':').nth(2).unwrap_or_default();
    // What is done to a role is asked of it by the token service.
    let trust = service == "iam";
    let of = |action: &Action| action.service() == if trust { "sts" } else { service };
    sample::actions(&statement.actions)
        .into_iter()
        .filter(of)
        .filter(|action| !trust || action.name().starts_with("assumerole"))
        .collect()
}
