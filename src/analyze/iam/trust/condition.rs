//! What the conditions of a trust statement hold a principal to.

use crate::analyze::kleene::{Doubt, any};
use crate::ident::AccountId;
use crate::model::policy::{Condition, Statement};
use crate::model::{Attr, Cause};
use crate::net::{Prefix, PrefixSet};

/// The conditions of a statement; all of them must be met.
#[derive(Debug)]
pub struct Held<'a> {
    conditions: Result<&'a [Condition], &'a Cause>,
}

/// A value that a condition accepts, and whether `*` and `?` in it stand for others.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    text: &'a str,
    wild: bool,
}

impl<'a> Value<'a> {
    /// The text before the first wildcard.
    fn literal(self) -> &'a str {
        if !self.wild {
            return self.text;
        }
        self.text.split(['*', '?']).next().unwrap_or_default()
    }

    /// Whether it stands for one text only.
    fn is_one(self) -> bool {
        self.literal().len() == self.text.len()
    }
}

impl<'a> Held<'a> {
    /// Reads the conditions of a statement.
    pub fn by(statement: &'a Statement) -> Self {
        Self { conditions: statement.conditions.get().map(Vec::as_slice) }
    }

    /// Whether an external id is demanded.
    pub fn external_id(&self) -> Attr<bool> {
        self.holds(|key, value| {
            key == "sts:externalid" && value.text.chars().any(|c| c != '*' && c != '?')
        })
    }

    /// Whether the source is named: its account, ARN, organization, network or address, or what a token says.
    pub fn source(&self) -> Attr<bool> {
        self.holds(|key, value| match key {
            "aws:sourceaccount" | "aws:principalaccount" => {
                value.is_one() && AccountId::new(value.text).is_ok()
            }
            "aws:sourcearn" | "aws:principalarn" => names_arn(value),
            "aws:sourceorgid" | "aws:principalorgid" => {
                value.is_one() && value.text.starts_with("o-")
            }
            "aws:sourceorgpaths" | "aws:principalorgpaths" => {
                value.literal().starts_with("o-") && value.literal().contains('/')
            }
            "aws:sourcevpc" | "aws:sourcevpce" => value.is_one() && value.text.starts_with("vpc"),
            "aws:sourceip" | "aws:vpcsourceip" => is_narrow(value.text),
            "saml:aud" | "saml:iss" | "saml:sub" => value.is_one(),
            _ if key.ends_with(":sub") => tenant_of(value),
            _ => [":aud", ":app_id", ":repository", ":job_workflow_ref"]
                .iter()
                .any(|end| key.ends_with(end) && !value.literal().is_empty()),
        })
    }

    /// Whether the token of an identity provider is bound to a subject, at least to one tenant of a shared provider.
    pub fn subject(&self, provider: &str) -> Attr<bool> {
        if provider.contains(":saml-provider/") {
            return Attr::Known(true);
        }
        // The providers that IAM knows by name issue tokens to whole applications: there the audience is what binds.
        let by_audience = !provider.contains(":oidc-provider/");
        self.holds(|key, value| {
            let bound = [":repository", ":job_workflow_ref"].iter().any(|end| key.ends_with(end));
            (key.ends_with(":sub") && tenant_of(value))
                || (bound && value.literal().contains('/'))
                || (by_audience
                    && (key.ends_with(":aud") || key.ends_with(":app_id"))
                    && value.is_one())
        })
    }

    /// Whether a condition demands of a key what a predicate accepts, for all its values.
    fn holds(&self, accepts: impl Fn(&str, Value<'_>) -> bool) -> Attr<bool> {
        match self.conditions {
            Err(cause) => Attr::Unknown(cause.clone()),
            Ok(list) => any(list.iter().map(|condition| demands(condition, &accepts))),
        }
    }
}

fn demands(condition: &Condition, accepts: &impl Fn(&str, Value<'_>) -> bool) -> Attr<bool> {
    let wild = match condition.operator.get() {
        Ok(operator) => match is_wild(operator) {
            Some(wild) => wild,
            None => return Attr::Known(false),
        },
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    match (condition.key.get(), condition.values.get()) {
        (Ok(key), Ok(values)) => {
            let key = key.to_ascii_lowercase();
            let all = values.iter().all(|text| accepts(&key, Value { text, wild }));
            Attr::Known(!values.is_empty() && all)
        }
        (key, values) => {
            let mut doubt = Doubt::default();
            doubt.extend(key.err());
            doubt.extend(values.err());
            doubt.or_known(false)
        }
    }
}

/// Whether an operator reads wildcards, if it is one that can hold somebody to something.
fn is_wild(operator: &str) -> Option<bool> {
    let operator = operator.to_ascii_lowercase();
    match operator.strip_prefix("foranyvalue:").unwrap_or(&operator) {
        "stringequals" | "stringequalsignorecase" | "ipaddress" => Some(false),
        "stringlike" | "arnlike" | "arnequals" => Some(true),
        _ => None,
    }
}

/// Whether an ARN pattern names an account, or a resource where ARNs carry no account.
fn names_arn(value: Value<'_>) -> bool {
    let parts: Vec<&str> = value.text.splitn(6, ':').collect();
    match parts.as_slice() {
        [_, _, _, _, account, _] if AccountId::new(account).is_ok() => true,
        // Buckets: their names are unique in all accounts.
        [_, _, _, _, "", resource] => !resource.starts_with(['*', '?']) && !resource.is_empty(),
        _ => false,
    }
}

fn is_narrow(text: &str) -> bool {
    text.parse::<Prefix>().is_ok_and(|prefix| !PrefixSet::of([&prefix]).is_internet())
}

/// Whether the pattern of a subject is closed after the name of the tenant. `repo:acme*` also lets `acme-evil` in.
///
/// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html> and the
/// subject claims that GitHub, GitLab, HCP Terraform and Amazon EKS document.
fn tenant_of(value: Value<'_>) -> bool {
    const TENANTS: [(&str, char); 4] = [
        ("repo:", '/'),
        ("project_path:", '/'),
        ("organization:", ':'),
        ("system:serviceaccount:", ':'),
    ];
    let literal = value.literal();
    if value.is_one() {
        return !literal.is_empty();
    }
    for (prefix, end) in TENANTS {
        if let Some(rest) = literal.strip_prefix(prefix) {
            return rest.find(end).is_some_and(|at| at > 0);
        }
        if prefix.starts_with(literal) {
            return false;
        }
    }
    literal.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy::PolicyDocument;

    fn statement(condition: &str) -> Statement {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{condition}}}}}"#
        );
        let Attr::Known(document) = PolicyDocument::parse(&text) else { panic!("{text}") };
        document.statements.known().unwrap()[0].known().unwrap().clone()
    }

    #[test]
    fn an_external_id_counts_only_if_it_is_demanded() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"sts:ExternalId":"a1"}}"#, true),
            (r#"{"StringLike":{"STS:externalid":["a1","b*"]}}"#, true),
            (r#"{"StringLike":{"sts:ExternalId":"*"}}"#, false),
            (r#"{"StringLike":{"sts:ExternalId":["a1","*"]}}"#, false),
            (r#"{"StringEqualsIfExists":{"sts:ExternalId":"a1"}}"#, false),
            (r#"{"ForAllValues:StringEquals":{"sts:ExternalId":"a1"}}"#, false),
            (r#"{"StringNotEquals":{"sts:ExternalId":"a1"}}"#, false),
            (r#"{"Null":{"sts:ExternalId":"false"}}"#, false),
            (r#"{"StringEquals":{"sts:ExternalId":[]}}"#, false),
            ("{}", false),
        ] {
            let statement = statement(condition);
            assert_eq!(Held::by(&statement).external_id(), Attr::Known(expected), "{condition}");
        }
    }

    #[test]
    fn a_source_counts_only_if_its_value_does() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, true),
            (r#"{"StringLike":{"aws:SourceAccount":"*"}}"#, false),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}"#, true),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:topic"}}"#, false),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"}}"#, true),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#, false),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, true),
            (r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#, false),
            (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}"#, true),
            (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, false),
            (r#"{"IpAddress":{"aws:SourceIp":["0.0.0.0/0"]}}"#, false),
            (r#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}"#, true),
            (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, false),
        ] {
            let statement = statement(condition);
            assert_eq!(Held::by(&statement).source(), Attr::Known(expected), "{condition}");
        }
    }

    #[test]
    fn a_subject_must_be_closed_after_its_tenant() {
        let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        let of = |value: &str| {
            let key = "token.actions.githubusercontent.com:sub";
            let condition = format!(r#"{{"StringLike":{{"{key}":"{value}"}}}}"#);
            Held::by(&statement(&condition)).subject(github) == Attr::Known(true)
        };
        for good in [
            "repo:acme/app:ref:refs/heads/main",
            "repo:acme/*",
            "system:serviceaccount:shop:*",
            "organization:acme:*",
        ] {
            assert!(of(good), "{good}");
        }
        for bad in ["*", "repo:*", "repo:acme*", "r*", "system:serviceaccount:*", "repo:/*"] {
            assert!(!of(bad), "{bad}");
        }
        let audience =
            r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#;
        assert_eq!(Held::by(&statement(audience)).subject(github), Attr::Known(false));
        let cognito = r#"{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:1"}}"#;
        let provider = "cognito-identity.amazonaws.com";
        assert_eq!(Held::by(&statement(cognito)).subject(provider), Attr::Known(true));
    }
}
