//! Whom the trust policy of a role lets in, and how firmly its conditions hold that person or thing.
//!
//! A condition holds only where every value it accepts does, where its operator is positive, and where it fails when
//! the key is absent: negated operators, `…IfExists` and `ForAllValues:` all pass then.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

mod condition;
pub mod known;
pub mod mistakes;

use super::trust::condition::Held;
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::environment;
use crate::ident::{AccountId, Arn};
use crate::model::iam::{Role, TrustedPrincipal};
use crate::model::policy::{Principal, Statement};
use crate::model::{Attr, Cause};

/// Derives whom a role trusts.
pub(crate) fn derive(role: &mut Role, context: &Context<'_>, given: Given) {
    let document = role.assume_role_policy_document.get();
    let trusts = match document.and_then(|document| document.statements.get()) {
        Err(cause) => Attr::Unknown(cause.clone()),
        Ok(statements) => {
            let all = statements.iter().flat_map(|statement| match statement {
                Attr::Known(statement) => trusted_by(statement, context),
                Attr::Unknown(cause) => vec![unknown(cause)],
            });
            Attr::Known(all.collect())
        }
    };
    given.or(&mut role.trusts, || trusts);
}

/// Somebody of whom nothing is known, not even that they are let in.
fn unknown(cause: &Cause) -> TrustedPrincipal {
    TrustedPrincipal {
        kind: Attr::Unknown(cause.clone()),
        value: Attr::Unknown(cause.clone()),
        account: Attr::Unknown(cause.clone()),
        declared_as: Attr::Unknown(cause.clone()),
        conditioned: Attr::Unknown(cause.clone()),
        external_id_required: Attr::Unknown(cause.clone()),
        source_restricted: Attr::Unknown(cause.clone()),
        subject_bound: Attr::Unknown(cause.clone()),
        environment: Attr::Unknown(cause.clone()),
    }
}

fn trusted_by(statement: &Statement, context: &Context<'_>) -> Vec<TrustedPrincipal> {
    match statement.effect.get() {
        Ok(effect) if effect == "Allow" => {}
        Ok(_) => return Vec::new(),
        Err(cause) => return vec![unknown(cause)],
    }
    let (named, excepted) = match (statement.principals.get(), statement.not_principals.get()) {
        (Ok(named), Ok(excepted)) => (named, excepted),
        (Err(cause), _) | (_, Err(cause)) => return vec![unknown(cause)],
    };
    let held = Held::by(statement);
    if !excepted.is_empty() {
        // Everyone but a few is everyone.
        let any = Principal { kind: "*".to_owned().into(), value: "*".to_owned().into() };
        return vec![trusted(&any, statement, &held, context)];
    }
    named.iter().map(|principal| trusted(principal, statement, &held, context)).collect()
}

fn trusted(
    principal: &Principal,
    statement: &Statement,
    held: &Held<'_>,
    context: &Context<'_>,
) -> TrustedPrincipal {
    let (kind, value) = match (principal.kind.get(), principal.value.get()) {
        (Ok(kind), Ok(value)) => (kind.as_str(), value),
        (Err(cause), _) | (_, Err(cause)) => return unknown(cause),
    };
    let account = account_in(kind, value);
    let environment = match &account {
        Some(account) => environment::of_account(account, context),
        None => Attr::Known(None),
    };
    let declared_as = account.as_ref().map_or(Ok(None), |a| context.declared_account(a.as_str()));
    let word = match kind {
        "AWS" => "aws",
        "Service" => "service",
        "Federated" => "federated",
        "CanonicalUser" => "canonical",
        _ => "any",
    };
    TrustedPrincipal {
        kind: word.to_owned().into(),
        value: value.clone().into(),
        account: Attr::Known(account.map(|account| account.as_str().to_owned())),
        declared_as: match declared_as {
            Ok(name) => Attr::Known(name.map(str::to_owned)),
            Err(cause) => Attr::Unknown(cause),
        },
        conditioned: match statement.conditions.get() {
            Ok(list) => Attr::Known(!list.is_empty()),
            Err(cause) => Attr::Unknown(cause.clone()),
        },
        external_id_required: held.external_id(),
        source_restricted: held.source(),
        subject_bound: if word == "federated" { held.subject(value) } else { Attr::Known(true) },
        environment,
    }
}

/// The account of a principal; services and public identity providers have none.
fn account_in(kind: &str, value: &str) -> Option<AccountId> {
    match kind {
        "AWS" => AccountId::new(value).ok().or_else(|| Arn::new(value).ok()?.account()),
        "Federated" => Arn::new(value).ok()?.account(),
        _ => None,
    }
}
