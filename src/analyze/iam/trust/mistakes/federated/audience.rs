//! For which application tokens of an OIDC provider were made.

use super::super::ask::{Attempt, Finding, passes_if_absent};
use super::super::issuers::Sharing;
use super::super::{Kind, Mistake, Severity};
use super::Token;
use crate::analyze::iam::truth::Truth;
use crate::model::{Attr, Cause, CauseKind};

/// Asks with tokens made for each application that the provider knows, and with one that does not say.
pub(super) fn asked(token: &Token<'_>, out: &mut Vec<Mistake>) {
    // Where the audience names the tenant, it was asked for already.
    if !token.issuer.chosen.contains(&"aud") {
        return;
    }
    let key = token.key("aud");
    if token.conditions("aud").any(passes_if_absent) {
        let attempt = meant(token, None);
        let gets_in = token.asker.gets_in(&attempt, token.statement);
        if gets_in != Truth::No {
            let detail = format!("a token without {key} gets in");
            out.push(mistake(token, Kind::AbsentClaimPasses, detail, &attempt, gets_in));
            return;
        }
    }
    let provider = token.asker.trusts.estate.providers.get(token.provider);
    let unread =
        Attr::unknown(CauseKind::NotCollected, format!("the audiences of {}", token.provider));
    let audiences = provider.map_or(&unread, |provider| &provider.audiences);
    match audiences {
        Attr::Known(list) => known(token, list, out),
        Attr::Unknown(cause) => unknown(token, cause, out),
    }
}

/// The token that is meant, but for its audience.
fn meant(token: &Token<'_>, audience: Option<&str>) -> Attempt {
    let mut attempt = token.bearer();
    attempt.set(&token.key("aud"), audience.map(str::to_owned));
    token.asker.satisfy(&mut attempt, token.statement, |_| true);
    if token.conditions("sub").next().is_none() {
        attempt.set(&token.key("sub"), Some("the subject that is meant".to_owned()));
    }
    attempt
}

fn known(token: &Token<'_>, list: &[String], out: &mut Vec<Mistake>) {
    let mut fits = Vec::new();
    for audience in list {
        let written = token.conditions("aud").any(|c| c.values().any(|v| v == audience));
        let attempt = meant(token, Some(audience));
        let gets_in = token.asker.gets_in(&attempt, token.statement);
        if gets_in != Truth::No && !written {
            fits.push((attempt, gets_in));
        }
    }
    // A cluster signs tokens for whatever its pods ask for, so the list alone is no bound there.
    let enough = if token.issuer.sharing == Sharing::Cluster { 1 } else { 2 };
    let Some((attempt, gets_in)) = fits.last() else { return };
    if list.len() < enough {
        return;
    }
    let detail =
        format!("the provider knows {} audiences, and tokens for any of them get in", list.len());
    out.push(mistake(token, Kind::OidcAudienceMissing, detail, attempt, *gets_in));
}

/// Nobody knows for whom the provider lets tokens be made.
fn unknown(token: &Token<'_>, cause: &Cause, out: &mut Vec<Mistake>) {
    let attempt = meant(token, Some("evil"));
    let gets_in = token.asker.gets_in(&attempt, token.statement);
    if gets_in == Truth::No {
        return;
    }
    let detail = "no condition on the audience, and the audiences of the provider are not known";
    let kind = Kind::OidcAudienceMissing;
    let mut found = mistake(token, kind, detail.to_owned(), &attempt, gets_in);
    if token.issuer.sharing != Sharing::Cluster {
        found.doubt = Some(cause.clone());
    }
    out.push(found);
}

fn mistake(
    token: &Token<'_>,
    kind: Kind,
    detail: String,
    attempt: &Attempt,
    gets_in: Truth,
) -> Mistake {
    let finding = Finding {
        kind,
        severity: Severity::Low,
        statement: token.statement,
        principal: token.provider,
        detail,
        instead: format!("demand {} with StringEquals and sts.amazonaws.com", token.key("aud")),
    };
    token.asker.mistake(finding, attempt, gets_in)
}
