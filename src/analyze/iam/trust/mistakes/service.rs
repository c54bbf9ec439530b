//! Services of AWS as principals: for whom they may act.

use super::ask::{Asker, Attempt, Finding, Verb};
use super::aws::values_of;
use super::expand::{expand, is_wild};
use super::services::{Moved, moved, short};
use super::{Kind, Mistake, Severity};
use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::Statement;
use crate::analyze::iam::request::Caller;
use crate::analyze::iam::truth::Truth;

/// The organization of a foreign source.
const STRANGE_ORGANIZATION: &str = super::ask::STRANGE_ORGANIZATION;

/// A statement for a service.
pub(super) fn asked(asker: &Asker<'_>, statement: &Statement, name: &str, out: &mut Vec<Mistake>) {
    match short(name) {
        Some("rolesanywhere") => roles_anywhere(asker, statement, name, out),
        Some("pods.eks") => pods(asker, statement, name, out),
        _ => {
            if let Some(moved) = moved(name) {
                deputy(asker, statement, name, moved, out);
            }
        }
    }
}

/// The service on behalf of a foreign account, whose resources are named as patterns want it.
fn on_behalf(asker: &Asker<'_>, statement: &Statement, name: &str) -> Vec<Attempt> {
    let service = short(name).and_then(|n| n.split('.').next()).unwrap_or("evil");
    let account = asker.stranger;
    let partition = asker.partition();
    let mut arns = vec![format!("arn:{partition}:{service}:eu-west-1:{account}:evil")];
    let whole = [
        account.to_owned(),
        "evil".to_owned(),
        "eu-west-1".to_owned(),
        format!("{account}:evil"),
        format!("eu-west-1:{account}:evil"),
        format!("{service}:eu-west-1:{account}:evil"),
    ];
    let fills: Vec<&str> = whole.iter().map(String::as_str).collect();
    for pattern in values_of(statement, "aws:sourcearn") {
        let texts = if is_wild(&pattern) { expand(&pattern, &fills) } else { vec![pattern] };
        arns.extend(texts.into_iter().filter(|text| {
            ArnParts::parse(text).is_some_and(|arn| {
                arn.account == account || arn.account.is_empty() && !arn.resource.is_empty()
            })
        }));
    }
    let attempt = |arn: &String| {
        let attempt = Attempt::new(Caller::service(name), Verb::Assume)
            .with("aws:SourceAccount", account)
            .with("aws:SourceArn", arn)
            .with("aws:SourceOrgID", STRANGE_ORGANIZATION)
            .with("aws:SourceOrgPaths", &format!("{STRANGE_ORGANIZATION}/r-evil/ou-evil/"));
        // Some services send the account of their customer as external id.
        attempt.with("sts:ExternalId", account)
    };
    arns.iter().map(attempt).collect()
}

fn deputy(
    asker: &Asker<'_>,
    statement: &Statement,
    name: &str,
    moved: Moved,
    out: &mut Vec<Mistake>,
) {
    let attempts = on_behalf(asker, statement, name);
    let Some((attempt, gets_in)) = asker.first_in(attempts, statement) else { return };
    let by_name = !values_of(statement, "aws:sourcearn").is_empty();
    let (kind, severity, detail) = match moved {
        _ if by_name => (
            Kind::SourceArnWithoutAccount,
            Severity::Medium,
            format!("aws:SourceArn lets {name} act for the same name in somebody else's account"),
        ),
        Moved::ByAnybody => (
            Kind::ConfusedDeputy,
            Severity::High,
            format!("{name} may assume the role on behalf of any account"),
        ),
        Moved::ByItsAccount => (
            Kind::ServiceSourceUnbound,
            Severity::Low,
            format!("{name} may assume the role for whatever it is told to run"),
        ),
    };
    let finding = Finding {
        kind,
        severity,
        statement,
        principal: name,
        detail,
        instead: format!(
            "demand aws:SourceAccount with StringEquals and {}, and aws:SourceArn where the resource is \
             known",
            asker.role.account
        ),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}

/// Pods of another cluster, in another namespace.
fn pods(asker: &Asker<'_>, statement: &Statement, name: &str, out: &mut Vec<Mistake>) {
    let account = &*asker.role.account;
    let cluster = format!("arn:{}:eks:eu-west-1:{account}:cluster/evil", asker.partition());
    let attempt = Attempt::new(Caller::service(name), Verb::Assume)
        .with("aws:SourceAccount", account)
        .with("aws:SourceArn", &cluster)
        .with("aws:RequestTag/eks-cluster-arn", &cluster)
        .with("aws:RequestTag/eks-cluster-name", "evil")
        .with("aws:RequestTag/kubernetes-namespace", "evil")
        .with("aws:RequestTag/kubernetes-service-account", "evil");
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in == Truth::No {
        return;
    }
    let finding = Finding {
        kind: Kind::PodIdentityUnbound,
        severity: Severity::Medium,
        statement,
        principal: name,
        detail: "an association in any cluster hands the role to pods of any namespace".to_owned(),
        instead: "demand aws:SourceArn with the ARN of the cluster, or \
                  aws:RequestTag/kubernetes-namespace and aws:RequestTag/eks-cluster-name"
            .to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}

/// A certificate of another authority, for another name.
fn roles_anywhere(asker: &Asker<'_>, statement: &Statement, name: &str, out: &mut Vec<Mistake>) {
    let account = &*asker.role.account;
    let anchor = format!(
        "arn:{}:rolesanywhere:eu-west-1:{account}:trust-anchor/00000000-0000-0000-0000-0000000000ee",
        asker.partition()
    );
    let mut attempt = Attempt::new(Caller::service(name), Verb::Assume)
        .with("aws:SourceAccount", account)
        .with("aws:SourceArn", &anchor);
    // Where it is a matter of any name or any anchor, a foreign one gets in.
    for condition in &statement.conditions {
        if condition.key_lower.starts_with("aws:principaltag/x509") {
            let mut values = vec!["evil".to_owned()];
            values.extend(
                condition.values().filter(|v| is_wild(v)).flat_map(|v| expand(v, &["evil"])),
            );
            if !asker.choose(&mut attempt, statement, &condition.key, values) {
                attempt.set(&condition.key, Some("evil".to_owned()));
            }
        }
    }
    if !attempt.claims.keys().any(|key| key.starts_with("aws:PrincipalTag/")) {
        attempt.set("aws:PrincipalTag/x509Subject/CN", Some("evil".to_owned()));
    }
    let gets_in = asker.gets_in(&attempt, statement);
    if gets_in == Truth::No {
        return;
    }
    let finding = Finding {
        kind: Kind::RolesAnywhereUnbound,
        severity: Severity::High,
        statement,
        principal: name,
        detail: "any certificate of any trust anchor in the account gets the role".to_owned(),
        instead: "demand aws:SourceArn with the ARN of the trust anchor, and \
                  aws:PrincipalTag/x509Subject/CN with the name on the certificate"
            .to_owned(),
    };
    out.push(asker.mistake(finding, &attempt, gets_in));
}
