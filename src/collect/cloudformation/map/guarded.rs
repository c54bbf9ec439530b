//! What has a policy of its own: buckets, queues, topics, keys, secrets, repositories, functions.

use super::restate::{each, items, map, moved, one, open};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

pub(super) const TABLE: &[Entry] = &[
    entry("AWS::S3::Bucket", "aws.s3.bucket", "aws_s3_bucket")
        .named(&["BucketName"])
        .arn("arn:{partition}:s3:::{id}")
        .from(&[("bucket", "bucket_name")])
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
    entry("AWS::SQS::QueueInlinePolicy", "", "aws_sqs_queue_policy").more(queue_inline_policy),
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

/// What a bucket states of itself is stated apart in the provider's terms. What hangs on something unknown stays with
/// the bucket, whose mapper knows such things.
fn bucket(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let name = || Tree::text(thing.id.clone().into_owned());
    let mut parts = Vec::new();
    let mut apart = |kind, part: Tree<'static>| {
        let mut part = part;
        part.set("bucket", name());
        parts.push((kind, part));
    };
    match values.member("public_access_block_configuration").into_owned() {
        Tree::Null => {}
        block @ Tree::Map(_) => apart("aws_s3_bucket_public_access_block", block),
        other => {
            let each = [
                "block_public_acls",
                "ignore_public_acls",
                "block_public_policy",
                "restrict_public_buckets",
            ];
            let block = each.map(|name| (name.into(), other.clone()));
            apart("aws_s3_bucket_public_access_block", Tree::Map(block.to_vec()));
        }
    }
    let ownership = values.at("ownership_controls.rules").into_owned();
    if !ownership.is_null() {
        apart("aws_s3_bucket_ownership_controls", map([("rule", ownership)]));
    }
    let rules = values.at("bucket_encryption.server_side_encryption_configuration").into_owned();
    match rules {
        Tree::List(rules) => {
            let rule = rules.into_iter().next().unwrap_or_default();
            let default = one(rule.member("server_side_encryption_by_default").into_owned());
            let rule = map([
                ("apply_server_side_encryption_by_default", default),
                ("bucket_key_enabled", rule.member("bucket_key_enabled").into_owned()),
            ]);
            let kind = "aws_s3_bucket_server_side_encryption_configuration";
            apart(kind, map([("rule", one(rule))]));
        }
        Tree::Null => {}
        other => values.set("server_side_encryption_configuration", other),
    }
    match values.member("versioning_configuration").into_owned() {
        Tree::Null => {}
        block @ Tree::Map(_) => {
            apart("aws_s3_bucket_versioning", map([("versioning_configuration", one(block))]));
        }
        other => values.set("versioning", other),
    }
    match values.member("logging_configuration").into_owned() {
        Tree::Null => {}
        block @ Tree::Map(_) => {
            // Without a bucket to write to, it is the bucket itself.
            let target = block.member("destination_bucket_name").into_owned();
            let target = if target.is_null() { name() } else { target };
            let prefix = block.member("log_file_prefix").into_owned();
            apart(
                "aws_s3_bucket_logging",
                map([("target_bucket", target), ("target_prefix", prefix)]),
            );
        }
        other => values.set("logging", other),
    }
    let list = values.member("access_control").into_owned();
    if let Tree::Text(word) = &list {
        values.set("acl", Tree::text(super::restate::snake(word).replace('_', "-")));
    } else if !list.is_null() {
        values.set("acl", list);
    }
    let mut out = vec![("aws_s3_bucket", values)];
    out.extend(parts);
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
        ("aws_sqs_queue_policy", map([("queue_url", by_name(queue)), ("policy", policy.clone())]))
    };
    items(&values.member("queues")).into_iter().map(of).collect()
}

fn queue_inline_policy(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let queue = by_name(values.member("queue").into_owned());
    let policy = values.member("policy_document").into_owned();
    vec![("aws_sqs_queue_policy", map([("queue_url", queue), ("policy", policy)]))]
}

/// The name in a queue's address, which for one that does not exist yet is its planned id.
fn by_name(queue: Tree<'static>) -> Tree<'static> {
    match queue {
        Tree::Text(url) => Tree::text(url.rsplit('/').next().unwrap_or(&url).to_owned()),
        other => other,
    }
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
