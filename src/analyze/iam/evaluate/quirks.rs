//! What no policy can allow, and what counts as public.

use crate::analyze::iam::document::{Document, Effect, Named, Statement};
use crate::analyze::iam::request::{CallerKind, Request};
use crate::analyze::iam::truth::Truth;

/// Services that take requests without a signature, where a policy lets everybody in. All others refuse them before any
/// policy is looked at.
const UNSIGNED: [&str; 8] =
    ["es", "execute-api", "lambda", "mediastore", "s3", "s3-object-lambda", "sns", "sqs"];

/// What changes a role's rights, trust or life.
const CHANGES_ROLE: [&str; 12] = [
    "attachrolepolicy",
    "deleterole",
    "deleterolepermissionsboundary",
    "deleterolepolicy",
    "detachrolepolicy",
    "passrole",
    "putrolepermissionsboundary",
    "putrolepolicy",
    "tagrole",
    "untagrole",
    "updateassumerolepolicy",
    "updaterole",
];

/// What changes a managed policy.
const CHANGES_POLICY: [&str; 6] = [
    "createpolicyversion",
    "deletepolicy",
    "deletepolicyversion",
    "setdefaultpolicyversion",
    "tagpolicy",
    "untagpolicy",
];

/// Why a request never passes, whatever policies say.
///
/// Roles of services and of Identity Center are changed by these alone, and policies of AWS by AWS
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html>); root users cannot assume roles.
pub fn impossible(request: &Request<'_>) -> Option<&'static str> {
    let action = request.action;
    match request.caller.kind {
        CallerKind::Anonymous => {
            let refused = !UNSIGNED.contains(&action.service())
                || action.service() == "lambda"
                    && action.name() != "invokefunctionurl"
                    && action.name() != "invokefunction";
            if refused {
                return Some("the service takes no request without a signature");
            }
        }
        CallerKind::Root if action.text() == "sts:assumerole" => {
            return Some("a root user cannot assume a role");
        }
        _ => {}
    }
    if action.service() != "iam" {
        return None;
    }
    if CHANGES_ROLE.contains(&action.name()) {
        if request.resource.contains(":role/aws-service-role/") {
            return Some("only its service changes a service-linked role, and nobody passes it");
        }
        if request.resource.contains(":role/aws-reserved/") {
            return Some("only Identity Center changes its roles, and nobody passes them");
        }
    }
    (CHANGES_POLICY.contains(&action.name()) && request.resource.contains(":iam::aws:policy/"))
        .then_some("only AWS changes its managed policies")
}

/// Keys that fix who may come, if a condition demands a value of them without wildcards
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, "The meaning of public").
const FIXING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Whether S3 Block Public Access counts the policy of a bucket as public.
pub fn is_public(policy: &Document) -> Truth {
    let doubt = if policy.doubt.is_some() { Truth::Maybe } else { Truth::No };
    policy.statements.iter().map(opens).fold(doubt, Truth::or)
}

fn opens(statement: &Statement) -> Truth {
    let everybody = match &statement.principals {
        Some(principals) => principals.negated || principals.named.contains(&Named::Everybody),
        None => false,
    };
    if !everybody || statement.effect == Some(Effect::Deny) {
        return Truth::No;
    }
    if statement.conditions.iter().any(fixes) {
        return Truth::No;
    }
    if statement.doubt.is_some() || statement.effect.is_none() { Truth::Maybe } else { Truth::Yes }
}

fn fixes(condition: &super::super::condition::Condition) -> bool {
    let operator = condition.written.to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let mut values = condition.values().peekable();
    if values.peek().is_none() {
        return false;
    }
    match operator {
        "ipaddress" => &*condition.key_lower == "aws:sourceip" && values.all(is_narrow),
        "stringequals" | "stringequalsignorecase" => FIXING.contains(&&*condition.key_lower),
        "stringlike" | "arnlike" | "arnequals" => {
            // The name of an access point may be a pattern, as long as its account is not.
            let at_account = &*condition.key_lower == "s3:dataaccesspointarn";
            FIXING.contains(&&*condition.key_lower)
                && values.all(|value| {
                    let fixed = if at_account {
                        value.splitn(6, ':').take(5).collect::<Vec<_>>().join(":")
                    } else {
                        value.to_owned()
                    };
                    !fixed.contains(['*', '?'])
                })
        }
        _ => false,
    }
}

/// Ranges beyond these sizes count as everybody.
fn is_narrow(range: &str) -> bool {
    match range.parse::<ipnet::IpNet>() {
        Ok(ipnet::IpNet::V4(net)) => net.prefix_len() >= 8,
        Ok(ipnet::IpNet::V6(net)) => net.prefix_len() >= 32,
        Err(_) => range.parse::<std::net::IpAddr>().is_ok(),
    }
}
