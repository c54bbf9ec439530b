//! Identity providers as principals: whose tokens get in.

mod audience;
mod cognito;
mod saml;
mod subject;

use super::Mistake;
use super::ask::{Asker, Attempt, Verb};
use super::issuers::{self, Issuer};
use crate::analyze::iam::condition::Condition;
use crate::analyze::iam::document::Statement;
use crate::analyze::iam::request::Caller;

/// The provider that AWS keeps for all accounts.
const COGNITO: &str = "cognito-identity.amazonaws.com";

/// A statement for an identity provider.
pub(super) fn asked(
    asker: &Asker<'_>,
    statement: &Statement,
    provider: &str,
    out: &mut Vec<Mistake>,
) {
    if provider.contains(":saml-provider/") {
        saml::asked(asker, statement, provider, out);
    } else if provider == COGNITO {
        cognito::asked(asker, statement, out);
    } else {
        let address = provider.split_once(":oidc-provider/").map_or(provider, |(_, rest)| rest);
        let token = Token { asker, statement, provider, address, issuer: issuers::of(address) };
        subject::asked(&token, out);
        audience::asked(&token, out);
    }
}

/// What is asked about tokens of one provider.
struct Token<'t> {
    asker: &'t Asker<'t>,
    statement: &'t Statement,
    /// As the policy names it.
    provider: &'t str,
    /// Its address, with which its claims begin.
    address: &'t str,
    issuer: &'static Issuer,
}

impl Token<'_> {
    /// The condition key of a claim.
    fn key(&self, claim: &str) -> String {
        format!("{}:{claim}", self.address)
    }

    /// The conditions of the statement on a claim.
    fn conditions<'s>(&'s self, claim: &str) -> impl Iterator<Item = &'s Condition> + use<'s> {
        let key = self.key(claim).to_ascii_lowercase();
        self.statement.conditions.iter().filter(move |c| *c.key_lower == *key)
    }

    /// All conditions of the document on a claim: those that deny hold patterns as well.
    fn conditions_anywhere<'s>(
        &'s self,
        claim: &str,
    ) -> impl Iterator<Item = &'s Condition> + use<'s> {
        let key = self.key(claim).to_ascii_lowercase();
        let all = self.asker.document.statements.iter().flat_map(|s| &s.conditions);
        all.filter(move |c| *c.key_lower == *key)
    }

    /// Somebody with a token, of whose claims nothing is said yet.
    fn bearer(&self) -> Attempt {
        Attempt::new(Caller::federated(self.provider), Verb::WebIdentity)
            .with("aws:FederatedProvider", self.provider)
    }

    /// Gives the claims that whoever gets a token chooses, and what belongs to the request, values that are accepted.
    fn choose_freely(&self, attempt: &mut Attempt) {
        let prefix = format!("{}:", self.address.to_ascii_lowercase());
        let chosen = self.issuer.chosen;
        self.asker.satisfy(attempt, self.statement, |key| match key.strip_prefix(&prefix) {
            Some(claim) => chosen.contains(&claim),
            None => super::ask::chosen_by_caller(key),
        });
    }
}
