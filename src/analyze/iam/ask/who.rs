//! Who may do something.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Inquiry;
use super::answer::{Answer, Matched};
use crate::analyze::iam::document::{Document, Effect, Named};
use crate::analyze::iam::estate::{PrincipalKind, Subject};
use crate::analyze::iam::evaluate::{self, Decision};
use crate::analyze::iam::request::{Action, Caller, CallerKind, Request};
use crate::analyze::iam::truth::{Need, Plain, Truth};
use crate::model::Attr;

/// Everybody who may do something, or might.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Who {
    /// Principals of the inventory, and the root users of its accounts.
    pub principals: Vec<Row>,
    /// Whom the policy of the resource lets in besides.
    pub outside: Vec<Row>,
    /// How many principals may certainly not.
    pub denied: usize,
    /// What was not read and might change the answer.
    pub missing: Vec<String>,
}

/// Somebody who may, or might.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The ARN, or what stands for one.
    pub principal: String,
    /// What kind of caller it is.
    pub kind: &'static str,
    /// [`Decision::Allowed`] or [`Decision::Unknown`].
    pub decision: Decision,
    /// What an unknown decision hangs on.
    #[serde(rename = "if")]
    pub need: Option<Need>,
    /// The statements that allow it.
    pub by: Vec<Matched>,
    /// What is taken for granted.
    pub assuming: Option<&'static str>,
}

/// A principal elsewhere acts only as far as its own account lets it.
const ASSUMED: &str = "its own account allows it";

/// An account that nobody has: stands for every account that no policy names.
pub const ANY_ACCOUNT: &str = "000000000000";

impl Inquiry<'_> {
    /// Everybody who may do something to a resource.
    pub fn who_can(&self, action: &Action, resource: &str) -> Who {
        let mut out =
            Who { principals: Vec::new(), outside: Vec::new(), denied: 0, missing: Vec::new() };
        let mut missing = BTreeSet::new();
        let roots: BTreeSet<&str> = self.estate.principals.iter().map(|p| &*p.account).collect();
        // A root user does whatever its account may; where it cannot, it is not counted either.
        let roots = roots
            .into_iter()
            .filter_map(|account| Caller::of_arn(&format!("arn:aws:iam::{account}:root")))
            .map(|caller| (self.outsider(caller), "root user"));
        let own = self.estate.principals.iter().map(|principal| {
            let kind = match (principal.kind, principal.service_linked) {
                (PrincipalKind::User, _) => "user",
                (PrincipalKind::Role, true) => "service-linked role",
                (PrincipalKind::Role, false) => "role",
            };
            (self.estate.subject(principal, self.unread), kind)
        });
        for (subject, kind) in roots.chain(own) {
            match self.row(&subject, kind, action, resource, &mut missing) {
                Some(row) => out.principals.push(row),
                None => out.denied += 1,
            }
        }
        out.principals.sort_by(|a, b| a.principal.cmp(&b.principal));
        for (caller, kind, label) in self.invited(action, resource) {
            let account = caller.account.is_some();
            let subject = self.outsider(caller);
            if let Some(mut row) = self.row(&subject, kind, action, resource, &mut missing) {
                row.assuming = account.then_some(ASSUMED);
                row.principal = label.unwrap_or(row.principal);
                out.outside.push(row);
            }
        }
        out.missing = missing.into_iter().collect();
        out
    }

    /// A principal that may, or might; nothing for those that certainly may not.
    fn row(
        &self,
        subject: &Subject<'_>,
        kind: &'static str,
        action: &Action,
        resource: &str,
        missing: &mut BTreeSet<String>,
    ) -> Option<Row> {
        let plain = |request: &Request<'_>, layers: &evaluate::Layers<'_>| {
            evaluate::evaluate(request, layers, &Plain, &mut ()).allowed
        };
        if self.with(subject, action, resource, plain) == Truth::No {
            return None;
        }
        let Answer { decision, need, matched, missing: unread, .. } =
            self.ask(subject, action, resource);
        missing.extend(unread);
        let by = matched.into_iter().filter(|one| one.effect == Some(Effect::Allow)).collect();
        let principal = match subject.caller.kind {
            CallerKind::Anonymous => "anybody, without credentials".to_owned(),
            _ => subject.caller.arn.to_string(),
        };
        Some(Row { principal, kind, decision, need, by, assuming: None })
    }

    /// Whom the policy of a resource names that is not in the inventory.
    fn invited(
        &self,
        action: &Action,
        resource: &str,
    ) -> Vec<(Caller, &'static str, Option<String>)> {
        let Some(policy) = self.estate.resource_policy(action, resource, self.unread) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for named in named_in(policy) {
            match &named {
                Named::Everybody => {
                    out.push((Caller::anonymous(), "anonymous", None));
                    let label = Some("any AWS account".to_owned());
                    out.extend(somebody_in(ANY_ACCOUNT).map(|caller| (caller, "account", label)));
                }
                Named::Account(account) => {
                    let here = self.estate.principals.iter().any(|p| p.account == *account);
                    if let (false, Some(caller)) = (here, somebody_in(account)) {
                        let label = Some(format!("account {account}"));
                        out.push((caller, "account", label));
                    }
                }
                Named::Arn(arn) => {
                    if let (None, Some(caller)) = (self.estate.find(arn), Caller::of_arn(arn)) {
                        out.push((caller, "principal elsewhere", Some(arn.to_string())));
                    }
                }
                Named::Service(name) => out.push((Caller::service(name), "service", None)),
                Named::Federated(name) => {
                    out.push((Caller::federated(name), "identity provider", None));
                }
                Named::Canonical(_) | Named::Deleted(_) => {}
            }
        }
        out
    }
}

/// Some role of an account, which stands for all its principals.
pub fn somebody_in(account: &str) -> Option<Caller> {
    let mut caller = Caller::of_arn(&format!("arn:aws:iam::{account}:role/any"))?;
    if account == ANY_ACCOUNT {
        caller.organization = Attr::Known(None);
        caller.organization_path = Attr::Known(None);
    }
    Some(caller)
}

/// Whom the statements of a policy that allow name, each once and in order; everybody for those that name all but some.
pub fn named_in(policy: &Document) -> Vec<Named> {
    let mut out: Vec<Named> = Vec::new();
    for statement in &policy.statements {
        if statement.effect == Some(Effect::Deny) {
            continue;
        }
        match &statement.principals {
            Some(principals) if principals.negated => out.push(Named::Everybody),
            Some(principals) => out.extend(principals.named.iter().cloned()),
            None => {}
        }
    }
    out.sort();
    out.dedup();
    out
}
