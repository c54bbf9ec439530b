//! Whose tokens of an OIDC provider get in.

use std::collections::BTreeSet;

use super::super::ask::{Attempt, Finding, is_positive, passes_if_absent, takes_wildcards};
use super::super::expand::{expand, is_wild, literal};
use super::super::issuers::{Claim, Form, Sharing};
use super::super::{Kind, Mistake, Severity};
use super::Token;
use crate::analyze::iam::truth::Truth;

/// How many made-up subjects are asked about at most.
const MOST: usize = 128;

/// A tenant nobody means.
const FOREIGN: &str = "evil";

/// Asks with a token of a foreign tenant, one without claims, one for another project, one of a pull request.
pub(super) fn asked(token: &Token<'_>, out: &mut Vec<Mistake>) {
    if let Some((attempt, gets_in)) = foreign(token) {
        out.push(foreign_got_in(token, &attempt, gets_in));
        return;
    }
    if let Some((attempt, gets_in)) = without_claims(token) {
        let finding = Finding {
            kind: Kind::AbsentClaimPasses,
            severity: severity(token.issuer.sharing),
            statement: token.statement,
            principal: token.provider,
            detail: format!(
                "the conditions on tokens of {} pass where the claim is absent",
                token.issuer.name
            ),
            instead: "use StringEquals or StringLike without ForAllValues and IfExists".to_owned(),
        };
        out.push(token.asker.mistake(finding, &attempt, gets_in));
        return;
    }
    if token.issuer.tenants.first().is_some_and(|sub| sub.forms.iter().any(|f| f.end.is_some()))
        && let Some(mistake) = other_project(token).or_else(|| pull_request(token))
    {
        out.push(mistake);
    }
}

fn severity(sharing: Sharing) -> Severity {
    match sharing {
        Sharing::Public => Severity::Critical,
        Sharing::Cluster => Severity::High,
        Sharing::Own => Severity::Low,
    }
}

/// The tenants that the values of a claim name in full, in lower case.
fn tenants(token: &Token<'_>, claim: &Claim) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for condition in token.conditions_anywhere(claim.name) {
        for value in condition.values() {
            let plain = if takes_wildcards(condition) { literal(value) } else { value };
            let whole = plain.len() == value.len();
            let closed = |form: &&Form| whole || form.end.is_some();
            let tenant = claim.forms.iter().filter(closed).find_map(|form| form.tenant(plain));
            out.extend(tenant.map(str::to_lowercase));
        }
    }
    out
}

/// Values of a claim that name a tenant nobody means, as the patterns of the document want them.
fn foreign_values(token: &Token<'_>, claim: &Claim) -> Vec<String> {
    let meant = tenants(token, claim);
    let mut out: Vec<String> = claim.forms.iter().map(|form| form.of(FOREIGN)).collect();
    for condition in token.conditions_anywhere(claim.name).filter(|c| takes_wildcards(c)) {
        for pattern in condition.values().filter(|v| is_wild(v)) {
            for form in claim.forms {
                let mut fills = fills(form);
                // The star may stand within the text in front of the tenant.
                let whole = form.of(FOREIGN);
                let begun = form.prefix.starts_with(literal(pattern));
                fills.extend(
                    whole.strip_prefix(literal(pattern)).filter(|_| begun).map(str::to_owned),
                );
                let fills: Vec<&str> = fills.iter().map(String::as_str).collect();
                out.extend(expand(pattern, &fills));
            }
        }
    }
    let foreign = |value: &String| {
        claim.tenant(value).is_some_and(|tenant| !meant.contains(&tenant.to_lowercase()))
    };
    let mut seen = BTreeSet::new();
    out.retain(|value| foreign(value) && seen.insert(value.clone()));
    out.truncate(MOST);
    out
}

/// What may stand for a star so that the whole becomes a value of the form.
fn fills(form: &Form) -> Vec<String> {
    let whole = form.of(FOREIGN);
    let own = whole.strip_prefix(form.prefix).unwrap_or(&whole).to_owned();
    let sibling = format!("-{own}");
    vec![
        format!("-{FOREIGN}"),
        FOREIGN.to_owned(),
        sibling,
        own,
        whole,
        form.rest.to_owned(),
        String::new(),
    ]
}

/// A token of a foreign tenant that gets in.
fn foreign(token: &Token<'_>) -> Option<(Attempt, Truth)> {
    let (sub, others) = token.issuer.tenants.split_first()?;
    let mut base = token.bearer();
    token.choose_freely(&mut base);
    for claim in others {
        let values = foreign_values(token, claim);
        let fallback = values.first().cloned();
        let key = token.key(claim.name);
        if token.conditions_anywhere(claim.name).next().is_some()
            && !token.asker.choose(&mut base, token.statement, &key, values)
        {
            base.set(&key, fallback);
        }
    }
    let key = token.key(sub.name);
    let attempts =
        foreign_values(token, sub).into_iter().map(|value| base.clone().with(&key, &value));
    token.asker.first_in(attempts, token.statement)
}

fn foreign_got_in(token: &Token<'_>, attempt: &Attempt, gets_in: Truth) -> Mistake {
    let bound =
        token.issuer.tenants.iter().any(|claim| token.conditions(claim.name).any(is_positive));
    let sharing = token.issuer.sharing;
    let name = token.issuer.name;
    let who = match sharing {
        Sharing::Public => "anybody who has an account there",
        Sharing::Cluster => "every pod of the cluster",
        Sharing::Own => "every user and client it knows",
    };
    let (kind, detail) = if bound {
        let value = attempt.claims.get(&*token.key("sub")).cloned().flatten().unwrap_or_default();
        let detail =
            format!("the pattern for tokens of {name} also fits {value}, which is somebody else's");
        (Kind::OidcSubjectTooWide, detail)
    } else {
        let detail =
            format!("tokens of {name} get in whoever they are for: {who} assumes the role");
        (Kind::OidcSubjectMissing, detail)
    };
    let finding = Finding {
        kind,
        severity: severity(sharing),
        statement: token.statement,
        principal: token.provider,
        detail,
        instead: format!(
            "demand {} with StringEquals and a value such as {}",
            token.key("sub"),
            token.issuer.example
        ),
    };
    token.asker.mistake(finding, attempt, gets_in)
}

/// A token without the claims that the conditions speak of.
fn without_claims(token: &Token<'_>) -> Option<(Attempt, Truth)> {
    let mut attempt = token.bearer();
    let mut holes = false;
    for claim in token.issuer.tenants {
        if token.conditions(claim.name).next().is_some() {
            holes |= token.conditions(claim.name).any(passes_if_absent);
            attempt = attempt.without(&token.key(claim.name));
        }
    }
    token.choose_freely(&mut attempt);
    let gets_in = if holes { token.asker.gets_in(&attempt, token.statement) } else { Truth::No };
    (gets_in != Truth::No).then_some((attempt, gets_in))
}

/// Values of the subject that patterns make of some fillings.
fn subjects(token: &Token<'_>, fills: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for condition in token.conditions("sub") {
        for value in condition.values() {
            if takes_wildcards(condition) && is_wild(value) {
                out.extend(expand(value, fills));
            } else {
                out.push(value.to_owned());
            }
        }
    }
    out
}

/// A token with a subject, and all else as it is meant.
fn with_subject(token: &Token<'_>, subject: &str) -> Attempt {
    let mut attempt = token.bearer().with(&token.key("sub"), subject);
    token.asker.satisfy(&mut attempt, token.statement, |_| true);
    attempt
}

/// Another project of the tenant that is meant.
fn other_project(token: &Token<'_>) -> Option<Mistake> {
    let sub = token.issuer.tenants.first()?;
    let mut values: Vec<String> = Vec::new();
    let rests: Vec<&str> = sub.forms.iter().map(|form| form.rest).collect();
    let mut fills = vec!["unnamed", "x"];
    fills.extend(&rests);
    let unnamed = |value: &String| {
        sub.forms.iter().any(|form| {
            let rest = form.tenant(value).and_then(|tenant| {
                let end = form.end?;
                value.strip_prefix(form.prefix)?.strip_prefix(tenant)?.strip_prefix(end)
            });
            // The project is the part up to the name that nobody uses.
            let front = form.rest.split("unnamed").next().unwrap_or_default();
            rest.and_then(|rest| rest.strip_prefix(front))
                .is_some_and(|rest| rest.starts_with("unnamed"))
        })
    };
    values.extend(subjects(token, &fills).into_iter().filter(unnamed));
    values.truncate(MOST);
    let attempts = values.iter().map(|value| with_subject(token, value));
    let (attempt, gets_in) = token.asker.first_in(attempts, token.statement)?;
    let what = match token.issuer.sharing {
        Sharing::Cluster => "every service account of the namespace",
        _ => "every project of the organization",
    };
    let finding = Finding {
        kind: Kind::OidcSubjectWholeTenant,
        severity: Severity::Medium,
        statement: token.statement,
        principal: token.provider,
        detail: format!("{what} at {} may assume the role", token.issuer.name),
        instead: format!("name the one that needs it: {}", token.issuer.example),
    };
    Some(token.asker.mistake(finding, &attempt, gets_in))
}

/// A workflow that a pull request starts.
fn pull_request(token: &Token<'_>) -> Option<Mistake> {
    const SUBJECT: &str = ":pull_request";
    if !token.issuer.name.starts_with("GitHub Actions") {
        return None;
    }
    let written = token.conditions("sub").any(|c| c.values().any(|v| v.ends_with(SUBJECT)));
    let mut values = subjects(token, &["pull_request", SUBJECT, "x"]);
    // `repo:OWNER/REPOSITORY:pull_request` and nothing between.
    let is_one = |value: &String| {
        let repository = value.strip_prefix("repo:").and_then(|rest| rest.strip_suffix(SUBJECT));
        repository.is_some_and(|name| !name.contains(':'))
    };
    values.retain(is_one);
    let attempts = values.iter().map(|value| with_subject(token, value));
    let (attempt, gets_in) = token.asker.first_in(attempts, token.statement)?;
    let finding = Finding {
        kind: Kind::OidcPullRequest,
        severity: if written { Severity::Medium } else { Severity::Low },
        statement: token.statement,
        principal: token.provider,
        detail: "workflows that a pull request starts may assume the role before anybody reviewed it"
            .to_owned(),
        instead: "name a branch (`:ref:refs/heads/main`) or a protected environment (`:environment:NAME`)"
            .to_owned(),
    };
    Some(token.asker.mistake(finding, &attempt, gets_in))
}
