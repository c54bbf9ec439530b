//! What callers bring into the session: a second factor, tags, a source identity; and what a statement allows beyond.

use super::ask::{Asker, Attempt, Finding, Verb, is_positive, takes_wildcards, text_of};
use super::aws::stand_in;
use super::expand::expand;
use super::{Kind, Mistake, Severity, principals};
use crate::analyze::iam::document::{ActionPattern, Named, Statement};
use crate::analyze::iam::request::{Action, Caller, CallerKind, Circumstances, Request};
use crate::analyze::iam::truth::Truth;

const MFA: &str = "aws:MultiFactorAuthPresent";
const MFA_KEYS: [&str; 2] = ["aws:multifactorauthpresent", "aws:multifactorauthage"];

/// Asks about whatever is not a matter of who the caller is.
pub(super) fn asked(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) {
    literal_wildcards(asker, statement, out);
    let wide = wildcard_action(asker, statement, out);
    for named in principals(statement) {
        if matches!(named, Named::Account(_) | Named::Arn(_)) {
            second_factor(asker, statement, named, out);
            if !wide {
                tags(asker, statement, named, out);
                source_identity(asker, statement, named, out);
            }
        }
    }
}

/// Somebody for whom a statement is meant.
fn somebody(asker: &Asker<'_>, statement: &Statement) -> Option<(String, Caller)> {
    let named = principals(statement).next()?;
    let caller = match named {
        Named::Service(name) => Caller::service(name),
        Named::Federated(name) => Caller::federated(name),
        Named::Everybody => asker.role_in(&asker.role.account, "unnamed"),
        _ => stand_in(asker, named)?,
    };
    Some((text_of(named, asker.partition()), caller))
}

/// Whether a statement allows actions that nobody needs in a trust policy.
fn wildcard_action(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) -> bool {
    let patterns = &statement.actions.patterns;
    let written = statement.actions.negated
        || patterns.iter().any(|pattern| match pattern {
            ActionPattern::Everything => true,
            ActionPattern::Of(_, name) => name.contains('*'),
            ActionPattern::Nothing => false,
        });
    if !written {
        return false;
    }
    let Some((principal, caller)) = somebody(asker, statement) else { return false };
    let attempts =
        [Verb::Needless, Verb::TagSession].map(|verb| asker.meant(caller.clone(), verb, statement));
    let Some((attempt, gets_in)) = asker.first_in(attempts, statement) else { return false };
    let finding = Finding {
        kind: Kind::WildcardAction,
        severity: Severity::Low,
        statement,
        principal: &principal,
        detail: "the statement allows every action of sts, tags and source identities included"
            .to_owned(),
        instead: "allow the one action that is meant, such as sts:AssumeRole".to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
    true
}

/// Whether a second factor that the policy speaks of can be left out.
fn second_factor(asker: &Asker<'_>, statement: &Statement, named: &Named, out: &mut Vec<Mistake>) {
    let speaks = |s: &Statement| s.conditions.iter().any(|c| MFA_KEYS.contains(&&*c.key_lower));
    let denies = asker
        .document
        .statements
        .iter()
        .any(|s| s.effect == Some(crate::analyze::iam::document::Effect::Deny) && speaks(s));
    if !speaks(statement) && !denies {
        return;
    }
    let Some(caller) = with_keys(asker, named) else { return };
    let attempt = |mfa: Option<&str>| {
        let mut attempt = Attempt::new(caller.clone(), Verb::Assume);
        attempt.set(MFA, mfa.map(str::to_owned));
        attempt.set("aws:MultiFactorAuthAge", None);
        asker.satisfy(&mut attempt, statement, |_| true);
        attempt
    };
    let Some((attempt, gets_in)) =
        asker.first_in([attempt(None), attempt(Some("false"))], statement)
    else {
        return;
    };
    let finding = Finding {
        kind: Kind::MfaNotEnforced,
        severity: Severity::Medium,
        statement,
        principal: &text_of(named, asker.partition()),
        detail: "the policy speaks of a second factor, but access keys without one get in"
            .to_owned(),
        instead:
            "allow with `Bool` and aws:MultiFactorAuthPresent=true, without IfExists; deny with \
                  BoolIfExists and false"
                .to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}

/// A user with access keys, for whom a statement is meant.
fn with_keys(asker: &Asker<'_>, named: &Named) -> Option<Caller> {
    match named {
        Named::Account(account) => {
            let arn = format!("arn:{}:iam::{account}:user/unnamed", asker.partition());
            Caller::of_arn(&arn)
        }
        Named::Arn(arn) => Caller::of_arn(arn).filter(|caller| caller.kind == CallerKind::User),
        _ => None,
    }
}

fn tags(asker: &Asker<'_>, statement: &Statement, named: &Named, out: &mut Vec<Mistake>) {
    let Some(caller) = stand_in(asker, named) else { return };
    let mut attempt = Attempt::new(caller, Verb::TagSession)
        .with("aws:RequestTag/evil", "evil")
        .with("aws:TagKeys", "evil");
    // Tags that are demanded come along; what counts is whether one more may.
    asker.satisfy(&mut attempt, statement, |_| true);
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in == Truth::No || limits(statement, "aws:requesttag/") {
        return;
    }
    let finding = Finding {
        kind: Kind::TagSessionUnlimited,
        severity: Severity::Low,
        statement,
        principal: &text_of(named, asker.partition()),
        detail: "callers may give the session any tag, and pass for whatever tags stand for"
            .to_owned(),
        instead: "list the keys with ForAllValues:StringEquals on aws:TagKeys, and values with \
                  aws:RequestTag/KEY"
            .to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}

fn source_identity(
    asker: &Asker<'_>,
    statement: &Statement,
    named: &Named,
    out: &mut Vec<Mistake>,
) {
    let Some(caller) = stand_in(asker, named) else { return };
    let mut attempt =
        Attempt::new(caller, Verb::SetSourceIdentity).with("sts:SourceIdentity", "evil");
    asker.satisfy(&mut attempt, statement, |_| true);
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in == Truth::No {
        return;
    }
    let finding = Finding {
        kind: Kind::SourceIdentityUnlimited,
        severity: Severity::Low,
        statement,
        principal: &text_of(named, asker.partition()),
        detail:
            "callers may name anybody as the source of the session, which then stands in the logs"
                .to_owned(),
        instead: "demand sts:SourceIdentity with ${aws:username} or the names that are meant"
            .to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}

/// Whether a statement demands something of keys that begin alike.
fn limits(statement: &Statement, prefix: &str) -> bool {
    statement.conditions.iter().any(|c| c.key_lower.starts_with(prefix) && is_positive(c))
}

/// A `*` under an operator that takes it for a star: what was meant does not get in, and the remedy that comes to mind
/// is to write a wider one.
fn literal_wildcards(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) {
    let Some((principal, caller)) = somebody(asker, statement) else { return };
    let Some(action) = Action::parse(Verb::Assume.name()) else { return };
    for condition in &statement.conditions {
        let operator = condition.written.to_ascii_lowercase();
        let exact = operator.contains("stringequals") && !takes_wildcards(condition);
        if !exact || !is_positive(condition) {
            continue;
        }
        let Some(value) = condition.values().find(|v| v.contains('*') && !v.contains("${")) else {
            continue;
        };
        let meant = expand(value, &["x"]).into_iter().next().unwrap_or_default();
        let circumstances = Circumstances::strict().with_value(&condition.key, &meant);
        let request =
            Request::new(&caller, &action, &asker.role.arn, &circumstances, asker.trusts.now);
        if condition.holds(&request) != Truth::No {
            continue;
        }
        let finding = Finding {
            kind: Kind::WildcardTakenLiterally,
            severity: Severity::Low,
            statement,
            principal: &principal,
            detail: format!(
                "`{}` takes the star in {value} for plain text: nobody that was meant gets in",
                condition.written
            ),
            instead:
                "use StringLike (ArnLike for ARNs), with a value that ends after the tenant's name"
                    .to_owned(),
        };
        let attempt = Attempt::new(caller.clone(), Verb::Assume).with(&condition.key, &meant);
        out.push(asker.mistake(finding, &attempt, Truth::Yes));
    }
}
