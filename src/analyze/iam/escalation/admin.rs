//! Who is an administrator in effect.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::world::decide;
use crate::analyze::iam::document::Document;
use crate::analyze::iam::estate::{Estate, Subject};
use crate::analyze::iam::request::{Action, Circumstances};
use crate::analyze::iam::truth::Truth;

/// What an administrator can do: rule over the rights of others, and reach data and machines of every sort. Guardrails
/// that keep administrators from a few things, such as switching off the trail, leave them what they are.
const POWERS: [(&str, &str); 20] = [
    ("iam:AttachUserPolicy", "arn:aws:iam::{account}:user/x7k2"),
    ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/x7k2"),
    ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::{account}:role/x7k2"),
    ("iam:CreatePolicyVersion", "arn:aws:iam::{account}:policy/x7k2"),
    ("iam:CreateAccessKey", "arn:aws:iam::{account}:user/x7k2"),
    ("iam:PassRole", "arn:aws:iam::{account}:role/x7k2"),
    ("ec2:RunInstances", "arn:aws:ec2:{region}:{account}:instance/x7k2"),
    ("ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:{region}:{account}:security-group/sg-x7k2"),
    ("s3:GetObject", "arn:aws:s3:::x7k2/x7k2"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::x7k2"),
    ("lambda:CreateFunction", "arn:aws:lambda:{region}:{account}:function:x7k2"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:{region}:{account}:table/x7k2"),
    ("rds:ModifyDBInstance", "arn:aws:rds:{region}:{account}:db:x7k2"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:x7k2"),
    ("ssm:SendCommand", "arn:aws:ec2:{region}:{account}:instance/x7k2"),
    ("sqs:ReceiveMessage", "arn:aws:sqs:{region}:{account}:x7k2"),
    ("sns:Publish", "arn:aws:sns:{region}:{account}:x7k2"),
    ("logs:GetLogEvents", "arn:aws:logs:{region}:{account}:log-group:x7k2:log-stream:x7k2"),
    ("ecs:RunTask", "arn:aws:ecs:{region}:{account}:task-definition/x7k2:1"),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:{region}:{account}:stack/x7k2/x7k2"),
];

/// One of these will do: organizations often close the others.
const REGIONS: [&str; 6] =
    ["us-east-1", "eu-west-1", "eu-central-1", "us-west-2", "ap-southeast-2", "ap-northeast-1"];

static ACTIONS: LazyLock<Vec<(Action, &'static str)>> = LazyLock::new(|| {
    POWERS
        .iter()
        .filter_map(|(action, resource)| Some((Action::parse(action)?, *resource)))
        .collect()
});

/// Whether a caller can do all that makes an administrator: policies, boundary and organization together.
pub fn in_effect(estate: &Estate, subject: &Subject<'_>, now: Timestamp) -> Truth {
    let account = subject.caller.account.as_deref().unwrap_or_default();
    let mut all = Truth::Yes;
    for (action, resource) in ACTIONS.iter() {
        let resource = resource.replace("{account}", account);
        let mut one = Truth::No;
        for region in REGIONS {
            let resource = resource.replace("{region}", region);
            let circumstances = Circumstances::open().with_value("aws:RequestedRegion", region);
            one = one.or(decide(estate, subject, action, &resource, &circumstances, now));
            if one == Truth::Yes {
                break;
            }
        }
        all = all.and(one);
        if all == Truth::No {
            break;
        }
    }
    all
}

/// Whether a caller would be an administrator if it could write its own policies: what its boundary, its organization and
/// the denials in its other policies leave.
pub fn if_empowered(
    estate: &Estate,
    subject: &Subject<'_>,
    everything: &Document,
    now: Timestamp,
) -> Truth {
    let mut empowered = subject.clone();
    empowered.identity.push(everything);
    in_effect(estate, &empowered, now)
}
