//! Assertions of SAML providers.

use super::super::ask::{Asker, Attempt, Finding, Verb, passes_if_absent};
use super::super::{Kind, Mistake, Severity};
use crate::analyze::iam::document::Statement;
use crate::analyze::iam::request::Caller;
use crate::analyze::iam::truth::Truth;

/// Asks with an assertion made for another application, and one that does not say for which.
pub(super) fn asked(
    asker: &Asker<'_>,
    statement: &Statement,
    provider: &str,
    out: &mut Vec<Mistake>,
) {
    let bearer = Attempt::new(Caller::federated(provider), Verb::Saml)
        .with("aws:FederatedProvider", provider);
    let finding = |kind, detail: &str| Finding {
        kind,
        severity: Severity::Low,
        statement,
        principal: provider,
        detail: detail.to_owned(),
        instead: "demand SAML:aud with StringEquals and https://signin.aws.amazon.com/saml, and \
                  SAML:iss or SAML:sub_type as your provider sends them"
            .to_owned(),
    };
    let mut attempt = bearer.clone().with("SAML:aud", "https://evil.example/saml");
    asker.satisfy(&mut attempt, statement, |_| true);
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in != Truth::No {
        let detail = "assertions that the provider made for another application get in";
        out.push(asker.mistake(finding(Kind::SamlAudienceMissing, detail), &attempt, gets_in));
        return;
    }
    for condition in statement.conditions.iter().filter(|c| passes_if_absent(c)) {
        if !condition.key_lower.starts_with("saml:") {
            continue;
        }
        let mut attempt = bearer.clone().without(&condition.key);
        asker.satisfy(&mut attempt, statement, |_| true);
        let gets_in = asker.gets_in(&attempt, statement);
        if gets_in != Truth::No {
            let detail = format!("an assertion without {} gets in", condition.key);
            let found = finding(Kind::AbsentClaimPasses, &detail);
            out.push(asker.mistake(found, &attempt, gets_in));
            return;
        }
    }
}
