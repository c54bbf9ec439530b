//! Identity pools of Cognito, which share one provider among all accounts.

use super::super::ask::{Asker, Attempt, Finding, Verb, chosen_by_caller, takes_wildcards};
use super::super::expand::{expand, is_wild};
use super::super::{Kind, Mistake, Severity};
use super::COGNITO;
use crate::analyze::iam::document::{ActionPattern, Effect, Statement};
use crate::analyze::iam::request::Caller;
use crate::analyze::iam::truth::Truth;
use crate::model::Cause;

const AUD: &str = "cognito-identity.amazonaws.com:aud";
const AMR: &str = "cognito-identity.amazonaws.com:amr";
const SUB: &str = "cognito-identity.amazonaws.com:sub";

/// A pool of somebody else's.
const FOREIGN_POOL: &str = "eu-west-1:00000000-0000-0000-0000-0000000000ee";

/// Asks with an identity of a foreign pool, and with a guest of the pool that is meant.
pub(super) fn asked(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) {
    let mut pools = vec![FOREIGN_POOL.to_owned()];
    for condition in statement.conditions.iter().filter(|c| c.key.eq_ignore_ascii_case(AUD)) {
        if takes_wildcards(condition) {
            let wild = condition.values().filter(|v| is_wild(v));
            let fills = ["00000000-0000-0000-0000-0000000000ee", FOREIGN_POOL];
            pools.extend(wild.flat_map(|v| expand(v, &fills)));
        }
    }
    let mut attempts = Vec::new();
    for amr in ["unauthenticated", "authenticated"] {
        for pool in &pools {
            let mut attempt = identity(amr).with(AUD, pool);
            asker.satisfy(&mut attempt, statement, chosen_by_caller);
            attempts.push(attempt.with(SUB, FOREIGN_POOL));
        }
        // A token without an audience, for conditions that demand one only if there is one.
        attempts.push(identity(amr).without(AUD));
    }
    if let Some((attempt, gets_in)) = asker.first_in(attempts, statement) {
        let finding = Finding {
            kind: Kind::CognitoOtherPool,
            severity: Severity::Critical,
            statement,
            principal: COGNITO,
            detail: "identities of any identity pool, in any account, may assume the role"
                .to_owned(),
            instead: format!("demand {AUD} with StringEquals and the id of the identity pool"),
        };
        out.push(asker.mistake(finding, &attempt, gets_in));
    }
    guest(asker, statement, out);
}

fn identity(amr: &str) -> Attempt {
    Attempt::new(Caller::federated(COGNITO), Verb::WebIdentity)
        .with("aws:FederatedProvider", COGNITO)
        .with(AMR, amr)
}

fn guest(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) {
    let mut attempt = identity("unauthenticated");
    asker.satisfy(&mut attempt, statement, |_| true);
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in == Truth::No {
        return;
    }
    let (real, doubt) = real_rights(asker);
    let finding = Finding {
        kind: Kind::CognitoUnauthenticated,
        severity: if real { Severity::High } else { Severity::Low },
        statement,
        principal: COGNITO,
        detail: if real {
            "guests, who sign in nowhere, get a role with rights beyond those of guests".to_owned()
        } else {
            "guests, who sign in nowhere, may assume the role".to_owned()
        },
        instead: format!(
            "demand {AMR} with ForAnyValue:StringLike and `authenticated`, or switch guests off in the pool"
        ),
    };
    let mut mistake = asker.mistake(finding, &attempt, gets_in);
    mistake.doubt = mistake.doubt.or(doubt);
    out.push(mistake);
}

/// Whether the role may do more than Cognito means for guests, which is to record events and keep their own data; and why
/// that is not certain, if it is not.
fn real_rights(asker: &Asker<'_>) -> (bool, Option<Cause>) {
    const GUESTS: [&str; 3] = ["cognito-identity", "cognito-sync", "mobileanalytics"];
    let harmless = |statement: &Statement| {
        statement.effect == Some(Effect::Deny)
            || !statement.actions.negated
                && statement.actions.patterns.iter().all(|pattern| match pattern {
                    ActionPattern::Nothing => true,
                    ActionPattern::Everything => false,
                    ActionPattern::Of(service, _) => GUESTS.contains(&&**service),
                })
    };
    let mut doubt: Option<Cause> = None;
    let documents = asker.role.policies.iter();
    for document in documents.filter_map(|policy| asker.trusts.estate.document(policy.document)) {
        doubt = doubt.or_else(|| document.doubt.clone());
        for statement in document.statements.iter().filter(|statement| !harmless(statement)) {
            match &statement.doubt {
                None => return (true, None),
                Some(cause) => doubt = doubt.or_else(|| Some(cause.clone())),
            }
        }
    }
    (doubt.is_some(), doubt)
}
