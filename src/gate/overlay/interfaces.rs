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
    "accessanalyzer::",
    "accessanalyzer_",
    "acm_",
    "alb_listener",
    "alb_target_group",
    "ami",
    "api_gateway_",
    "apigateway::",
    "appautoscaling_",
    "applicationautoscaling::",
    "athena::",
    "athena_",
    "autoscaling::launchconfiguration",
    "autoscaling::lifecyclehook",
    "autoscaling::scalingpolicy",
    "autoscaling_lifecycle_hook",
    "autoscaling_notification",
    "autoscaling_policy",
    "autoscaling_schedule",
    "backup::",
    "backup_",
    "budgets::",
    "budgets_",
    "caller_identity",
    "certificatemanager::",
    "cloudformation::custom",
    "cloudformation::wait",
    "cloudformation_",
    "cloudfront::",
    "cloudfront_",
    "cloudtrail",
    "cloudtrail::",
    "cloudwatch::",
    "cloudwatch_",
    "codecommit::",
    "codecommit_",
    "codedeploy::",
    "codedeploy_",
    "codepipeline",
    "codepipeline::",
    "cognito::",
    "cognito_",
    "config::",
    "config_",
    "customer_gateway",
    "db_option_group",
    "db_parameter_group",
    "db_subnet_group",
    "default_",
    "dynamodb::",
    "dynamodb_",
    "ebs_",
    "ec2::dhcpoptions",
    "ec2::eip",
    "ec2::internetgateway",
    "ec2::keypair",
    "ec2::route",
    "ec2::volume",
    "ec2::vpcdhcpoptionsassociation",
    "ec2::vpcgatewayattachment",
    "ecr::",
    "ecr_",
    "ecs::cluster",
    "ecs::taskdefinition",
    "ecs_cluster",
    "ecs_task_definition",
    "egress_only_internet_gateway",
    "eip",
    "elasticache_parameter_group",
    "elasticache_subnet_group",
    "events::",
    "glacier_",
    "glue_catalog",
    "guardduty::",
    "guardduty_",
    "iam::",
    "iam_",
    "identitystore_",
    "inspector",
    "internet_gateway",
    "key_pair",
    "kinesis_stream",
    "kms::",
    "kms_",
    "lambda::permission",
    "lambda_alias",
    "lambda_event_source_mapping",
    "lambda_permission",
    "launch_configuration",
    "lb_listener",
    "lb_target_group",
    "logs::",
    "macie2_",
    "main_route_table_association",
    "network_interface_",
    "organizations::",
    "organizations_",
    "placement_group",
    "rds::dbparametergroup",
    "rds::dbsubnetgroup",
    "rds::optiongroup",
    "route",
    "route53::",
    "route53_",
    "route_table",
    "s3::",
    "s3_",
    "scheduler_",
    "secretsmanager::",
    "secretsmanager_",
    "securityhub::",
    "securityhub_",
    "ses_",
    "sfn_",
    "sns::",
    "sns_",
    "sqs::",
    "sqs_",
    "ssm::",
    "ssm_",
    "sso::",
    "ssoadmin_",
    "volume_attachment",
    "vpc_dhcp_options",
    "vpc_ipv4_cidr_block_association",
    "vpc_ipv6_cidr_block_association",
    "wafv2::",
    "wafv2_",
];

/// Types that are understood and have no place in the inventory, of which instances come.
const MAKERS: &[&str] = &["aws_autoscaling_group"];

/// Why there may be more interfaces of things that are to come than are stated; nothing when all are.
pub(super) fn left_open(after: &Sketch<'_>, reading: &Reading) -> Option<Cause> {
    let strange: Vec<&str> =
        reading.unmapped.keys().map(String::as_str).filter(|kind| !is_without(kind)).collect();
    let makers = MAKERS.iter().filter(|kind| reading.mapped.contains_key(**kind));
    let strange: Vec<&str> = strange.into_iter().chain(makers.copied()).collect();
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
