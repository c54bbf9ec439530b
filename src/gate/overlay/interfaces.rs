//! Interfaces that services make for themselves. A plan states a database and the subnets it stands in, not the
//! interfaces it gets there.

use std::collections::BTreeSet;

use crate::model::change::{Reading, Sketch};
use crate::model::{Cause, CauseKind, Tree};

/// The type.
pub(super) const KIND: &str = "aws.ec2.network_interface";

/// What the network itself is made of: it names subnets, and puts nothing into them but what its mappers state.
const FABRIC: &[&str] = &[
    "aws.ec2.flow_log",
    "aws.ec2.internet_gateway",
    "aws.ec2.network_acl",
    KIND,
    "aws.ec2.route_table",
    "aws.ec2.security_group",
    "aws.ec2.subnet",
    "aws.ec2.vpc",
];

/// Services of which nothing stands in a VPC, as types of Terraform (behind `aws_`) and of templates (behind `AWS::`)
/// begin. Everything else may.
const WITHOUT: &[&str] = &[
    "acm_",
    "api_gateway_",
    "apigateway::",
    "appautoscaling_",
    "applicationautoscaling::",
    "athena_",
    "athena::",
    "autoscaling_policy",
    "autoscaling::scalingpolicy",
    "backup_",
    "backup::",
    "budgets_",
    "budgets::",
    "certificatemanager::",
    "cloudfront_",
    "cloudfront::",
    "cloudtrail",
    "cloudtrail::",
    "cloudwatch_",
    "cloudwatch::",
    "cognito_",
    "cognito::",
    "config_",
    "config::",
    "db_parameter_group",
    "db_subnet_group",
    "dynamodb_",
    "dynamodb::",
    "ebs_",
    "ecr_",
    "ecr::",
    "ecs_cluster",
    "ecs::cluster",
    "events::",
    "glacier_",
    "glue_catalog",
    "guardduty_",
    "guardduty::",
    "iam_",
    "iam::",
    "key_pair",
    "kinesis_stream",
    "kms_",
    "kms::",
    "lambda_alias",
    "lambda_event_source_mapping",
    "lambda_permission",
    "lambda::permission",
    "logs::",
    "organizations_",
    "organizations::",
    "rds::dbparametergroup",
    "rds::dbsubnetgroup",
    "route53_",
    "route53::",
    "s3_",
    "s3::",
    "scheduler_",
    "secretsmanager_",
    "secretsmanager::",
    "ses_",
    "sfn_",
    "sns_",
    "sns::",
    "sqs_",
    "sqs::",
    "ssm_",
    "ssm::",
    "wafv2_",
    "wafv2::",
];

/// Why there may be more interfaces of things that are to come than are stated; nothing when all are.
pub(super) fn left_open(after: &Sketch<'_>, reading: &Reading) -> Option<Cause> {
    let strange: Vec<&str> =
        reading.unmapped.keys().map(String::as_str).filter(|kind| !is_without(kind)).collect();
    if !strange.is_empty() {
        let words = format!("interfaces that may come with {}", strange.join(", "));
        return Some(Cause::new(CauseKind::KnownAfterApply, words));
    }
    let stated: BTreeSet<&str> = after
        .drafts()
        .iter()
        .filter(|draft| draft.kind.name == KIND)
        .map(|draft| &*draft.address)
        .collect();
    let found = after.drafts().iter().find(|draft| {
        !FABRIC.contains(&draft.kind.name)
            && !stated.contains(&*draft.address)
            && draft.fields.entries().iter().any(|(name, value)| {
                name.contains("subnet") && !value.is_null() && !is_empty(value)
            })
    })?;
    let words = format!("interfaces that come with {}", found.address);
    Some(Cause::new(CauseKind::KnownAfterApply, words))
}

fn is_empty(tree: &Tree<'_>) -> bool {
    matches!(tree, Tree::List(items) if items.is_empty())
}

fn is_without(kind: &str) -> bool {
    let plain = kind.to_ascii_lowercase();
    let rest = plain.strip_prefix("aws_").or_else(|| plain.strip_prefix("aws::"));
    rest.is_some_and(|rest| WITHOUT.iter().any(|begin| rest.starts_with(begin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_type_leaves_interfaces_open_and_a_known_one_does_not() {
        let mut reading = Reading::default();
        reading.unmapped.insert("aws_cloudwatch_log_group".to_owned(), 1);
        reading.unmapped.insert("AWS::Logs::LogGroup".to_owned(), 1);
        assert_eq!(left_open(&Sketch::default(), &reading), None);
        reading.unmapped.insert("aws_mq_broker".to_owned(), 1);
        let cause = left_open(&Sketch::default(), &reading).unwrap();
        assert!(cause.to_string().contains("aws_mq_broker"), "{cause}");
    }
}
