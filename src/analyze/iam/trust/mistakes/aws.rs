//! Principals of AWS: everybody, accounts, users and roles.

use super::ask::{
    Asker, Attempt, Finding, STRANGE_ORGANIZATION, Verb, chosen_by_caller, is_positive,
    passes_if_absent, takes_wildcards, text_of,
};
use super::expand::{expand, is_wild};
use super::{EXTERNAL_ID, Kind, Mistake, Severity, account_of};
use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::{Named, Statement};
use crate::analyze::iam::request::Caller;
use crate::analyze::iam::truth::Truth;
use crate::model::{Attr, Cause};

/// External ids that somebody would try; the account and the name of the role come on top.
const GUESSES: [&str; 20] = [
    "0",
    "1",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567890",
    "abc",
    "abc123",
    "changeme",
    "default",
    "external-id",
    "external_id",
    "externalid",
    "ExternalId",
    "password",
    "prod",
    "secret",
    "test",
    "unique-id",
];

/// What to write against a confused deputy.
const INSTEAD: &str =
    "demand sts:ExternalId with StringEquals and the value that the third party made for you alone";

/// The keys that say where a signed caller belongs.
const BELONGING: [&str; 5] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
];

/// A statement for everybody, or for everybody but a few.
pub(super) fn everybody(
    asker: &Asker<'_>,
    statement: &Statement,
    negated: bool,
    out: &mut Vec<Mistake>,
) {
    if let Some((attempt, gets_in)) = asker.first_in(strangers(asker, statement), statement) {
        out.push(stranger_got_in(asker, statement, negated, &attempt, gets_in));
        return;
    }
    let organizations = values_of(statement, "aws:principalorgid");
    for organization in organizations {
        if is_wild(&organization) {
            continue;
        }
        let mut caller = asker.role_in(asker.stranger, "unnamed");
        caller.organization = Attr::Known(Some(organization.clone()));
        let path = format!("{organization}/r-evil/ou-evil-evil0000/");
        caller.organization_path = Attr::Known(Some(path));
        let mut attempt =
            Attempt::new(caller, Verb::Assume).with("aws:PrincipalOrgID", &organization);
        asker.satisfy(&mut attempt, statement, chosen_by_caller);
        let gets_in = asker.gets_in(&attempt, statement);
        if gets_in == Truth::No {
            continue;
        }
        organization_got_in(asker, statement, &organization, &attempt, gets_in, out);
    }
}

/// Somebody in a foreign account, in a foreign organization or in none, with or without what is secret.
fn strangers(asker: &Asker<'_>, statement: &Statement) -> Vec<Attempt> {
    let mut out = Vec::new();
    for secret in [false, true] {
        for organization in [Some(STRANGE_ORGANIZATION), None] {
            for caller in callers(asker, statement) {
                let mut caller = caller;
                caller.organization = Attr::Known(organization.map(str::to_owned));
                caller.organization_path = Attr::Known(
                    organization.map(|name| format!("{name}/r-evil/ou-evil-evil0000/")),
                );
                let mut attempt = Attempt::new(caller, Verb::Assume);
                if let Some(name) = organization {
                    organization_like(asker, &mut attempt, statement, name);
                }
                let may = |key: &str| chosen_by_caller(key) || secret && key == EXTERNAL_ID;
                asker.satisfy(&mut attempt, statement, may);
                out.push(attempt);
            }
        }
    }
    // Without a signature: whoever has a token of a provider that every account knows.
    let token = Caller::federated("cognito-identity.amazonaws.com");
    let mut attempt = Attempt::new(token, Verb::WebIdentity);
    asker.satisfy(&mut attempt, statement, chosen_by_caller);
    out.push(attempt);
    out
}

/// An id of a foreign organization that fits a pattern, if there is one.
fn organization_like(asker: &Asker<'_>, attempt: &mut Attempt, statement: &Statement, name: &str) {
    let patterns = wild_values(statement, "aws:principalorgid");
    let values = patterns.iter().flat_map(|text| expand(text, &["evil0evil0", name]));
    let values: Vec<String> = values.filter(|text| text.starts_with("o-")).collect();
    if !asker.choose(attempt, statement, "aws:PrincipalOrgID", values) {
        attempt.set("aws:PrincipalOrgID", Some(name.to_owned()));
    }
}

/// Roles in a foreign account, under names that patterns for ARNs accept.
fn callers(asker: &Asker<'_>, statement: &Statement) -> Vec<Caller> {
    let mut out = vec![asker.role_in(asker.stranger, "evil")];
    for pattern in wild_values(statement, "aws:principalarn") {
        let fills = ["evil", asker.stranger, "role/evil"];
        for text in expand(&pattern, &fills) {
            let Some(arn) = ArnParts::parse(&text) else { continue };
            if arn.account == asker.stranger
                && let Some(name) = arn.resource.strip_prefix("role/")
            {
                out.push(asker.role_in(asker.stranger, name));
            }
        }
    }
    out
}

fn stranger_got_in(
    asker: &Asker<'_>,
    statement: &Statement,
    negated: bool,
    attempt: &Attempt,
    gets_in: Truth,
) -> Mistake {
    let belongs: Vec<_> =
        statement.conditions.iter().filter(|c| BELONGING.contains(&&*c.key_lower)).collect();
    let (kind, detail) = if negated {
        let detail = "the statement allows everybody but the principals it lists";
        (Kind::NotPrincipal, detail.to_owned())
    } else if let Some(condition) = belongs.iter().find(|c| passes_if_absent(c)) {
        let detail = format!(
            "`{}` on {} passes for callers without that key",
            condition.written, condition.key
        );
        (Kind::AbsentClaimPasses, detail)
    } else if let Some(condition) = belongs.iter().find(|c| !is_positive(c)) {
        let detail = format!(
            "the statement allows everybody whom `{}` on {} does not exclude",
            condition.written, condition.key
        );
        (Kind::NegatedCondition, detail)
    } else {
        let detail = "the statement allows everybody, and no condition fixes the account, \
                      organization or principal";
        (Kind::WildcardPrincipal, detail.to_owned())
    };
    let secret = attempt
        .claims
        .iter()
        .any(|(key, value)| key.eq_ignore_ascii_case(EXTERNAL_ID) && value.is_some());
    let finding = Finding {
        kind,
        severity: if secret { Severity::High } else { Severity::Critical },
        statement,
        principal: "*",
        detail,
        instead: "name the roles or accounts that need the role in `Principal`, or demand \
                  aws:PrincipalOrgID with StringEquals"
            .to_owned(),
    };
    asker.mistake(finding, attempt, gets_in)
}

/// Everybody of an organization gets in: of one's own, of another, or, where nobody knows which is one's own, of either.
fn organization_got_in(
    asker: &Asker<'_>,
    statement: &Statement,
    organization: &str,
    attempt: &Attempt,
    gets_in: Truth,
    out: &mut Vec<Mistake>,
) {
    let account = asker.trusts.estate.accounts.get(&asker.role.account);
    let home = account.map_or(Attr::default(), |account| account.organization.clone());
    let foreign = Finding {
        kind: Kind::ForeignOrganization,
        severity: Severity::High,
        statement,
        principal: "*",
        detail: format!(
            "every principal of {organization}, which is not the organization of this account, may \
             assume the role"
        ),
        instead: "name the roles that need it in `Principal`".to_owned(),
    };
    let wide = Finding {
        kind: Kind::OrganizationWide,
        severity: Severity::Medium,
        statement,
        principal: "*",
        detail: format!("every principal in every account of {organization} may assume the role"),
        instead: "name accounts or roles in `Principal`, or demand the unit as well with \
                  aws:PrincipalOrgPaths"
            .to_owned(),
    };
    match home {
        Attr::Known(home) => {
            let own = home.as_deref() == Some(organization);
            out.push(asker.mistake(if own { wide } else { foreign }, attempt, gets_in));
        }
        Attr::Unknown(cause) => {
            for finding in [foreign, wide] {
                let mut mistake = asker.mistake(finding, attempt, gets_in);
                mistake.doubt.get_or_insert_with(|| cause.clone());
                out.push(mistake);
            }
        }
    }
}

/// A statement for an account as a whole.
pub(super) fn account(
    asker: &Asker<'_>,
    statement: &Statement,
    named: &Named,
    account: &str,
    out: &mut Vec<Mistake>,
) {
    if *account == *asker.role.account {
        return;
    }
    let own = asker.trusts.is_own(account);
    if !own {
        outside(asker, statement, named, account, out);
    }
    let attempt = third_party(asker, statement, asker.role_in(account, "unnamed"), account);
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in != Truth::No {
        let finding = Finding {
            kind: Kind::WholeAccount,
            severity: if own { Severity::Low } else { Severity::Medium },
            statement,
            principal: &text_of(named, asker.partition()),
            detail: format!(
                "{} decides alone which of its principals assume the role",
                titled(asker, account)
            ),
            instead: "name the one role that needs it in `Principal`".to_owned(),
        };
        out.push(asker.mistake(finding, &attempt, gets_in));
    }
}

/// A statement for one user, role or session.
pub(super) fn principal(
    asker: &Asker<'_>,
    statement: &Statement,
    named: &Named,
    account: &str,
    out: &mut Vec<Mistake>,
) {
    if *account != *asker.role.account && !asker.trusts.is_own(account) {
        outside(asker, statement, named, account, out);
    }
}

/// An account in words, with its declared name if it has one.
fn titled(asker: &Asker<'_>, account: &str) -> String {
    match asker.trusts.known.declared(account) {
        Some(name) => format!("account {account} ({name})"),
        None => format!("account {account}"),
    }
}

/// Somebody in an account outside: the confused deputy, and whether anybody knows whose it is.
fn outside(
    asker: &Asker<'_>,
    statement: &Statement,
    named: &Named,
    account: &str,
    out: &mut Vec<Mistake>,
) {
    let caller = match named {
        Named::Arn(arn) => Caller::of_arn(arn),
        _ => named_by_condition(asker, statement, account),
    };
    let caller = caller.unwrap_or_else(|| asker.role_in(account, "unnamed"));
    let principal = text_of(named, asker.partition());
    let before = out.len();
    if asker.trusts.known.needs_external_id(account) {
        external_id(asker, statement, &caller, account, &principal, out);
    }
    unknown_owner(asker, statement, &caller, account, &principal, out);
    // Without the list of the organization's accounts, it may be one of them.
    if let Some(cause) = strange(asker, account) {
        for mistake in out.iter_mut().skip(before) {
            mistake.doubt.get_or_insert_with(|| cause.clone());
        }
    }
}

/// The role of an account that a condition on the ARN asks for.
fn named_by_condition(asker: &Asker<'_>, statement: &Statement, account: &str) -> Option<Caller> {
    let texts = values_of(statement, "aws:principalarn");
    texts.iter().flat_map(|text| expand(text, &["unnamed", account])).find_map(|text| {
        let arn = ArnParts::parse(&text).filter(|arn| arn.account == account)?;
        Some(asker.role_in(account, arn.resource.strip_prefix("role/")?))
    })
}

/// Why an account that the inventory does not know may yet be one's own.
fn strange(asker: &Asker<'_>, account: &str) -> Option<Cause> {
    if asker.trusts.known.owner(account).is_some() {
        return None;
    }
    asker.trusts.estate.unlisted.clone()
}

/// A third party with everything it would bring for its customer, but for the external id.
fn third_party(asker: &Asker<'_>, statement: &Statement, caller: Caller, account: &str) -> Attempt {
    let mut attempt = Attempt::new(caller, Verb::Assume);
    let estate = asker.trusts.estate;
    let home = estate.accounts.get(&asker.role.account);
    let home = home.and_then(|home| home.organization.known()).cloned().flatten();
    // Who is outside the organization does not become part of it.
    let outside = !asker.trusts.is_own(account);
    let may = |key: &str| {
        let organization = matches!(key, "aws:principalorgid" | "aws:principalorgpaths");
        key != EXTERNAL_ID
            && key != "aws:principalarn"
            && !(organization && outside && home.is_some())
    };
    asker.satisfy(&mut attempt, statement, may);
    attempt.without("sts:ExternalId")
}

fn external_id(
    asker: &Asker<'_>,
    statement: &Statement,
    caller: &Caller,
    account: &str,
    principal: &str,
    out: &mut Vec<Mistake>,
) {
    let whose = asker.trusts.known.owner(account).unwrap_or(account).to_owned();
    let without = third_party(asker, statement, caller.clone(), account);
    let mut attempts = vec![without.clone(), without.clone().with("sts:ExternalId", "evil")];
    for pattern in wild_values(statement, EXTERNAL_ID) {
        let ids = expand(&pattern, &["evil"]);
        attempts.extend(ids.iter().map(|id| without.clone().with("sts:ExternalId", id)));
    }
    if let Some((attempt, gets_in)) = asker.first_in(attempts, statement) {
        let written = !values_of(statement, EXTERNAL_ID).is_empty();
        let detail = if written {
            format!(
                "the condition on sts:ExternalId lets {whose} in without the one value made for you"
            )
        } else {
            format!(
                "{whose} may assume the role for any of its customers: no external id is demanded"
            )
        };
        let finding = Finding {
            kind: Kind::NoExternalId,
            severity: Severity::High,
            statement,
            principal,
            detail,
            instead: INSTEAD.to_owned(),
        };
        out.push(asker.mistake(finding, &attempt, gets_in));
        return;
    }
    let own = [&*asker.role.account, &*asker.role.name, account];
    let guesses = GUESSES.iter().copied().chain(own);
    let attempts = guesses.map(|id| without.clone().with("sts:ExternalId", id));
    if let Some((attempt, gets_in)) = asker.first_in(attempts, statement) {
        let finding = Finding {
            kind: Kind::ExternalIdGuessable,
            severity: Severity::Medium,
            statement,
            principal,
            detail: format!("the external id for {whose} can be guessed"),
            instead: INSTEAD.to_owned(),
        };
        out.push(asker.mistake(finding, &attempt, gets_in));
    }
    shared_id(asker, statement, &without, &whose, principal, out);
}

/// An external id that somebody else was given as well.
fn shared_id(
    asker: &Asker<'_>,
    statement: &Statement,
    without: &Attempt,
    whose: &str,
    principal: &str,
    out: &mut Vec<Mistake>,
) {
    for id in values_of(statement, EXTERNAL_ID) {
        let known_to = asker.trusts.external_ids.get(&*id);
        let others = known_to.into_iter().flatten().filter(|owner| ***owner != *whose);
        let others: Vec<&str> = others.map(|owner| &**owner).collect();
        // A policy that nobody read may hold it as well.
        let doubt = asker.trusts.unread.clone().filter(|_| others.is_empty());
        if others.is_empty() && doubt.is_none() {
            continue;
        }
        let attempt = without.clone().with("sts:ExternalId", &id);
        let gets_in = asker.gets_in(&attempt, statement);
        if gets_in == Truth::No {
            continue;
        }
        let detail = if doubt.is_some() {
            format!("nobody can say whether the external id for {whose} is known to others as well")
        } else {
            let others = others.join(", ");
            format!("the external id for {whose} is known to {others} as well")
        };
        let finding = Finding {
            kind: Kind::ExternalIdShared,
            severity: Severity::Medium,
            statement,
            principal,
            detail,
            instead: INSTEAD.to_owned(),
        };
        let mut mistake = asker.mistake(finding, &attempt, gets_in);
        mistake.doubt = mistake.doubt.or(doubt);
        out.push(mistake);
    }
}

fn unknown_owner(
    asker: &Asker<'_>,
    statement: &Statement,
    caller: &Caller,
    account: &str,
    principal: &str,
    out: &mut Vec<Mistake>,
) {
    if asker.trusts.known.owner(account).is_some() {
        return;
    }
    let mut attempt = third_party(asker, statement, caller.clone(), account);
    attempt.claims.retain(|key, _| !key.eq_ignore_ascii_case(EXTERNAL_ID));
    asker.satisfy(&mut attempt, statement, |key| key == EXTERNAL_ID);
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in == Truth::No {
        return;
    }
    let finding = Finding {
        kind: Kind::UnknownAccount,
        severity: Severity::Medium,
        statement,
        principal,
        detail: format!(
            "account {account} is none of one's own and none of a vendor anybody knows, and may assume \
             the role"
        ),
        instead: "find out whose account it is; declare it as a partner's or remove the statement"
            .to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}

/// A statement that names somebody who is gone.
pub(super) fn deleted(asker: &Asker<'_>, statement: &Statement, id: &str, out: &mut Vec<Mistake>) {
    // Unique ids begin with `A`, three letters for the kind, and hold capitals and digits only.
    let unique = id.len() >= 16
        && id.starts_with('A')
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !unique {
        return;
    }
    let finding = Finding {
        kind: Kind::DeletedPrincipal,
        severity: Severity::Low,
        statement,
        principal: id,
        detail: format!("the principal with the id {id} was deleted; its name is free for anybody"),
        instead: "remove it, and do not write its ARN again unless it is yours again".to_owned(),
    };
    let attempt = Attempt::new(Caller::anonymous(), Verb::Assume);
    out.push(asker.mistake(finding, &attempt, Truth::Yes));
}

/// A statement that denies everybody but a few: AWS tests account, role and session one by one, so it denies more than it
/// says.
pub(super) fn denied_but(asker: &Asker<'_>, statement: &Statement, out: &mut Vec<Mistake>) {
    let listed = statement.principals.iter().flat_map(|list| &list.named);
    let first = listed.map(|named| text_of(named, asker.partition())).next().unwrap_or_default();
    let finding = Finding {
        kind: Kind::NotPrincipal,
        severity: Severity::Low,
        statement,
        principal: &first,
        detail:
            "`NotPrincipal` also denies sessions of those it lists, and everybody with a boundary"
                .to_owned(),
        instead: "deny with `Principal: *` and a condition ArnNotLike on aws:PrincipalArn"
            .to_owned(),
    };
    let attempt = Attempt::new(asker.role_in(asker.stranger, "evil"), Verb::Assume);
    out.push(asker.mistake(finding, &attempt, Truth::Yes));
}

/// The values that conditions demand of a key, given in lower case.
pub(super) fn values_of(statement: &Statement, key: &str) -> Vec<String> {
    let own = statement.conditions.iter().filter(|c| *c.key_lower == *key && is_positive(c));
    own.flat_map(|c| c.values().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The patterns that conditions demand of a key.
fn wild_values(statement: &Statement, key: &str) -> Vec<String> {
    let own = statement.conditions.iter().filter(|c| *c.key_lower == *key && takes_wildcards(c));
    own.flat_map(|c| c.values().filter(|v| is_wild(v)).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Whom to ask as, for somebody named: himself, or anybody of the account.
pub(super) fn stand_in(asker: &Asker<'_>, named: &Named) -> Option<Caller> {
    match named {
        Named::Arn(arn) => Caller::of_arn(arn),
        Named::Account(_) => Some(asker.role_in(account_of(named)?, "unnamed")),
        _ => None,
    }
}
