//! What people write for a caller.

use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::request::Caller;

/// The caller that a text names: the ARN of a user, role, session, root user or identity provider, the number of an
/// account (its root user), `anonymous`, `service:NAME`, or `federated:PROVIDER`.
///
/// # Errors
/// What is wrong with the text, and what may stand there.
pub fn caller(text: &str) -> Result<Caller, String> {
    let text = text.trim();
    if text == "*" || text.eq_ignore_ascii_case("anonymous") {
        return Ok(Caller::anonymous());
    }
    if let Some(name) = text.strip_prefix("service:") {
        return named(name, "service").map(Caller::service);
    }
    if let Some(provider) = text.strip_prefix("federated:") {
        return named(provider, "federated").map(Caller::federated);
    }
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        let root = format!("arn:aws:iam::{text}:root");
        return Caller::of_arn(&root).ok_or_else(|| refused(text));
    }
    if let Some(arn) = ArnParts::parse(text)
        && arn.service == "iam"
        && (arn.resource.starts_with("oidc-provider/")
            || arn.resource.starts_with("saml-provider/"))
    {
        return Ok(Caller::federated(text));
    }
    // Only names of services look so.
    if !text.contains([':', '/', ' ', '*'])
        && (text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn"))
    {
        return Ok(Caller::service(text));
    }
    Caller::of_arn(text).ok_or_else(|| refused(text))
}

fn named<'t>(name: &'t str, what: &str) -> Result<&'t str, String> {
    if name.is_empty() { Err(format!("`{what}:` names nobody")) } else { Ok(name) }
}

fn refused(text: &str) -> String {
    format!(
        "`{text}` names no caller; write the ARN of a user, role, role session or account root, `anonymous`, \
         `service:ec2.amazonaws.com`, or `federated:PROVIDER`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::iam::request::CallerKind;

    #[test]
    fn every_spelling_of_a_caller() {
        for (text, kind) in [
            ("anonymous", CallerKind::Anonymous),
            ("service:ec2.amazonaws.com", CallerKind::Service),
            ("lambda.amazonaws.com", CallerKind::Service),
            ("federated:token.actions.githubusercontent.com", CallerKind::Federated),
            ("arn:aws:iam::111122223333:saml-provider/corp", CallerKind::Federated),
            ("111122223333", CallerKind::Root),
            ("arn:aws:iam::111122223333:root", CallerKind::Root),
            ("arn:aws:iam::111122223333:user/x/ada", CallerKind::User),
            ("arn:aws:iam::111122223333:role/r", CallerKind::Role),
            ("arn:aws:sts::111122223333:assumed-role/r/s", CallerKind::Role),
            ("arn:aws:sts::111122223333:federated-user/f", CallerKind::FederatedUser),
        ] {
            assert_eq!(caller(text).unwrap().kind, kind, "{text}");
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in
            ["", "ada", "service:", "federated:", "arn:aws:iam::111122223333:group/g", "arn:aws"]
        {
            assert!(caller(text).is_err(), "{text}");
        }
    }
}
