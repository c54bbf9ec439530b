//! What has a policy of its own: buckets, queues, topics, keys, secrets, repositories, functions.

use super::restate::{each, items, map, moved, one, open};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

pub(super) const TABLE: &[Entry] = &[
    entry("AWS::S3::Bucket", "aws.s3.bucket", "aws_s3_bucket")
        .named(&["BucketName"])
        .arn("arn:{partition}:s3:::{id}")
        .from(&[("bucket", "bucket_name"), ("acl", "access_control")])
        .more(bucket),
    entry("AWS::S3::BucketPolicy", "", "aws_s3_bucket_policy")
        .from(&[("policy", "policy_document")]),
    entry("AWS::SQS::Queue", "aws.sqs.queue", "aws_sqs_queue")
        .named(&["QueueName"])
        .arn("arn:{partition}:sqs:{region}:{account}:{id}")
        .refers(Is::Url)
        .atts(&[("QueueName", Is::Id), ("QueueUrl", Is::Url)])
        .from(&[("name", "queue_name")])
        .open(&["url"])
        .more(queue),
    entry("AWS::SQS::QueuePolicy", "", "aws_sqs_queue_policy").more(queue_policy),
    entry("AWS::SQS::QueueInlinePolicy", "", "aws_sqs_queue_policy")
        .from(&[("queue_url", "queue"), ("policy", "policy_document")]),
    entry("AWS::SNS::Topic", "aws.sns.topic", "aws_sns_topic")
        .named(&["TopicName"])
        .arn("arn:{partition}:sns:{region}:{account}:{id}")
        .refers(Is::Arn)
        .atts(&[("TopicName", Is::Id), ("TopicArn", Is::Arn)])
        .from(&[("name", "topic_name")]),
    entry("AWS::SNS::TopicPolicy", "", "aws_sns_topic_policy").more(topic_policy),
    entry("AWS::SNS::TopicInlinePolicy", "", "aws_sns_topic_policy")
        .from(&[("arn", "topic_arn"), ("policy", "policy_document")]),
    entry("AWS::KMS::Key", "aws.kms.key", "aws_kms_key")
        .arn("arn:{partition}:kms:{region}:{account}:key/{id}")
        .atts(&[("KeyId", Is::Id)])
        .from(&[
            ("policy", "key_policy"),
            ("is_enabled", "enabled"),
            ("customer_master_key_spec", "key_spec"),
        ])
        .more(key),
    entry("AWS::KMS::ReplicaKey", "aws.kms.key", "aws_kms_replica_key")
        .arn("arn:{partition}:kms:{region}:{account}:key/{id}")
        .atts(&[("KeyId", Is::Id)])
        .from(&[("policy", "key_policy")]),
    entry("AWS::SecretsManager::Secret", "aws.secretsmanager.secret", "aws_secretsmanager_secret")
        .named(&["Name"])
        .arn("arn:{partition}:secretsmanager:{region}:{account}:secret:{id}{made}")
        .refers(Is::Arn)
        .atts(&[("Id", Is::Arn)]),
    entry("AWS::SecretsManager::ResourcePolicy", "", "aws_secretsmanager_secret_policy")
        .from(&[("secret_arn", "secret_id"), ("policy", "resource_policy")]),
    entry("AWS::SecretsManager::RotationSchedule", "", "aws_secretsmanager_secret_rotation"),
    entry("AWS::ECR::Repository", "aws.ecr.repository", "aws_ecr_repository")
        .named(&["RepositoryName"])
        .arn("arn:{partition}:ecr:{region}:{account}:repository/{id}")
        .from(&[("name", "repository_name")])
        .open(&["repository_url"])
        .more(repository),
    entry("AWS::Lambda::Function", "aws.lambda.function", "aws_lambda_function")
        .named(&["FunctionName"])
        .arn("arn:{partition}:lambda:{region}:{account}:function:{id}")
        .from(&[("filename", "")])
        .more(function),
    entry("AWS::Lambda::Permission", "", "aws_lambda_permission").more(permission),
    entry("AWS::Lambda::Url", "", "aws_lambda_function_url").more(function_url),
];

fn bucket(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let block = values.member("public_access_block_configuration").into_owned();
    let settings = bucket_settings(thing, &values);
    let mut out = vec![("aws_s3_bucket", values)];
    out.extend(settings);
    if !block.is_null() {
        let mut part = match block {
            map @ Tree::Map(_) => map,
            other => {
                let of = || other.clone();
                map([
                    ("block_public_acls", of()),
                    ("ignore_public_acls", of()),
                    ("block_public_policy", of()),
                    ("restrict_public_buckets", of()),
                ])
            }
        };
        part.set("bucket", Tree::text(thing.id.clone().into_owned()));
        out.push(("aws_s3_bucket_public_access_block", part));
    }
    out
}

/// What Terraform states of a bucket apart from it.
fn bucket_settings(thing: &Thing<'static>, values: &Tree<'static>) -> Restated {
    let stated = |path: &str| Some(values.at(path).into_owned()).filter(|tree| !tree.is_null());
    let own = || Tree::text(thing.id.clone().into_owned());
    let mut out = Vec::new();
    if let Some(rule) = stated("ownership_controls.rules") {
        let part = map([("bucket", own()), ("rule", rule)]);
        out.push(("aws_s3_bucket_ownership_controls", part));
    }
    if let Some(status) = stated("versioning_configuration.status") {
        let configuration = map([("status", status)]);
        let part = map([("bucket", own()), ("versioning_configuration", configuration)]);
        out.push(("aws_s3_bucket_versioning", part));
    }
    if let Some(logging) = stated("logging_configuration") {
        // A bucket that is not named is the bucket itself.
        let target = logging.member("destination_bucket_name").into_owned();
        let target = if target.is_null() { own() } else { target };
        let prefix = logging.member("log_file_prefix").into_owned();
        let part = map([("bucket", own()), ("target_bucket", target), ("target_prefix", prefix)]);
        out.push(("aws_s3_bucket_logging", part));
    }
    if let Some(rule) = stated("bucket_encryption.server_side_encryption_configuration") {
        let rule = each(&rule, |rule| {
            map([
                (
                    "apply_server_side_encryption_by_default",
                    rule.member("server_side_encryption_by_default").into_owned(),
                ),
                ("bucket_key_enabled", rule.member("bucket_key_enabled").into_owned()),
            ])
        });
        let part = map([("bucket", own()), ("rule", rule)]);
        out.push(("aws_s3_bucket_server_side_encryption_configuration", part));
    }
    out
}

fn queue(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    if thing.fresh {
        values.set("url", open());
    }
    vec![("aws_sqs_queue", values)]
}

fn queue_policy(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let policy = values.member("policy_document").into_owned();
    let of = |queue: Tree<'static>| {
        ("aws_sqs_queue_policy", map([("queue_url", queue), ("policy", policy.clone())]))
    };
    items(&values.member("queues")).into_iter().map(of).collect()
}

fn topic_policy(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let policy = values.member("policy_document").into_owned();
    let of = |topic: Tree<'static>| {
        ("aws_sns_topic_policy", map([("arn", topic), ("policy", policy.clone())]))
    };
    items(&values.member("topics")).into_iter().map(of).collect()
}

/// Without a policy, a key has the one that leaves it to IAM, and the provider's attribute is open.
fn key(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    if values.member("policy").is_null() && thing.fresh {
        let root = format!("arn:{}:iam::{}:root", thing.partition, thing.place.account);
        let statement = Tree::Map(vec![
            ("Sid".into(), Tree::text("Enable IAM User Permissions")),
            ("Effect".into(), Tree::text("Allow")),
            ("Principal".into(), Tree::Map(vec![("AWS".into(), Tree::text(root))])),
            ("Action".into(), Tree::text("kms:*")),
            ("Resource".into(), Tree::text("*")),
        ]);
        let policy = Tree::Map(vec![
            ("Version".into(), Tree::text("2012-10-17")),
            ("Statement".into(), Tree::List(vec![statement])),
        ]);
        values.set("policy", policy);
    }
    vec![("aws_kms_key", values)]
}

fn repository(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let policy = values.member("repository_policy_text").into_owned();
    let mut out = vec![("aws_ecr_repository", values)];
    if !policy.is_null() {
        let name = Tree::text(thing.id.clone().into_owned());
        out.push(("aws_ecr_repository_policy", map([("repository", name), ("policy", policy)])));
    }
    out
}

fn function(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    for block in ["vpc_config", "environment"] {
        let value = one(values.member(block).into_owned());
        if !value.is_null() {
            values.set(block, value);
        }
    }
    if values.member("package_type").is_null() {
        let image = !values.at("code.image_uri").is_null();
        values.set("package_type", Tree::text(if image { "Image" } else { "Zip" }));
    }
    if values.member("architectures").is_null() {
        values.set("architectures", Tree::List(vec![Tree::text("x86_64")]));
    }
    let layers = each(&values.member("layers"), Clone::clone);
    values.set("layers", layers);
    vec![("aws_lambda_function", values)]
}

fn permission(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    if values.member("statement_id").is_null() {
        values.set("statement_id", open());
    }
    vec![("aws_lambda_permission", values)]
}

fn function_url(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    moved(&mut values, "target_function_arn", "function_name");
    moved(&mut values, "auth_type", "authorization_type");
    let cors = one(values.member("cors").into_owned());
    values.set("cors", cors);
    values.set("function_url", open());
    values.set("function_arn", open());
    vec![("aws_lambda_function_url", values)]
}
