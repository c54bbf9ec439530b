//! Things with policies of their own: keys of KMS, queues, topics, secrets, repositories.

use serde_json::json;

use super::Table;
use super::stating::{
    document, handle, last, later, optional_document, part, renamed, silent, state, untold,
};
use crate::collect::predicted::{Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch, Whole};

const KEY: &str = "aws.kms.key";
const QUEUE: &str = "aws.sqs.queue";
const TOPIC: &str = "aws.sns.topic";
const SECRET: &str = "aws.secretsmanager.secret";
const REPOSITORY: &str = "aws.ecr.repository";

const KEY_ARN: &str = "arn:{partition}:kms:{region}:{account}:key/{key_id}";

pub(super) const TABLE: Table = &[
    ("aws_kms_key", handle(&["key_id"], KEY_ARN), own_key),
    ("aws_kms_external_key", handle(&["key_id", "id"], KEY_ARN), external_key),
    ("aws_kms_replica_key", handle(&["key_id"], KEY_ARN), replica_key),
    ("aws_kms_replica_external_key", handle(&["key_id"], KEY_ARN), external_replica_key),
    ("aws_kms_key_policy", handle(&["key_id"], ""), key_policy),
    ("aws_sqs_queue", handle(&["name"], "arn:{partition}:sqs:{region}:{account}:{name}"), queue),
    ("aws_sqs_queue_policy", handle(&["queue_url"], ""), queue_policy),
    ("aws_sns_topic", handle(&["name"], "arn:{partition}:sns:{region}:{account}:{name}"), topic),
    ("aws_sns_topic_policy", handle(&["arn"], ""), topic_policy),
    (
        "aws_secretsmanager_secret",
        handle(&["name"], "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{arn}"),
        secret,
    ),
    ("aws_secretsmanager_secret_policy", handle(&[], ""), secret_policy),
    ("aws_secretsmanager_secret_rotation", handle(&[], ""), secret_rotation),
    (
        "aws_ecr_repository",
        handle(&["name"], "arn:{partition}:ecr:{region}:{account}:repository/{name}"),
        repository,
    ),
    ("aws_ecr_repository_policy", handle(&["repository"], ""), repository_policy),
];

/// The policy that a thing states itself; `silent` is what AWS makes of it when nobody states one.
fn own_policy<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, silent_means: Tree<'static>) {
    let found = thing.at("policy");
    let stated = if thing.is_left_open("policy") { None } else { optional_document(&found) };
    match stated {
        Some(policy) => draft.fields.set("policy_document", policy),
        None => untold(thing, draft, &[("policy_document", silent_means)]),
    }
}

// KMS

fn own_key<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    key(thing, sketch, "AWS_KMS", Tree::Bool(false));
}

fn external_key<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    key(thing, sketch, "EXTERNAL", Tree::Bool(false));
}

fn replica_key<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    key(thing, sketch, "AWS_KMS", Tree::Bool(true));
}

fn external_replica_key<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    key(thing, sketch, "EXTERNAL", Tree::Bool(true));
}

fn key<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    origin: &'static str,
    multi_region: Tree<'static>,
) {
    let from = &[("policy_document", ""), ("key_state", ""), ("creation_date", "")];
    state(sketch, thing.draft(KEY, "", from), |draft| {
        draft.fields.set("key_manager", Tree::text("CUSTOMER"));
        draft.fields.set("key_usage", thing.or("key_usage", Tree::text("ENCRYPT_DECRYPT")));
        let multi_region = match multi_region {
            Tree::Bool(true) => multi_region,
            _ => thing.or("multi_region", multi_region),
        };
        draft.fields.set("multi_region", multi_region);
        let stored =
            |path: &str| thing.text(path).is_ok_and(|id| id.is_some_and(|id| !id.is_empty()));
        let origin = match (stored("xks_key_id"), stored("custom_key_store_id")) {
            (true, _) => "EXTERNAL_KEY_STORE",
            (_, true) => "AWS_CLOUDHSM",
            _ => origin,
        };
        draft.fields.set("key_material_origin", Tree::text(origin));
        key_state(thing, draft, origin);
        untold(thing, draft, &[("creation_date", later())]);
        own_policy(thing, draft, root_decides(thing));
    });
}

/// Keys whose material comes from outside say themselves how they are; others are enabled or not.
fn key_state<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, origin: &str) {
    let told = thing.at("key_state");
    let enabled = thing.at(if origin == "EXTERNAL" { "enabled" } else { "is_enabled" });
    let state = match (&*told, &*enabled) {
        (Tree::Text(state), _) => Tree::Text(state.clone()),
        (_, Tree::Bool(false)) => Tree::text("Disabled"),
        (_, Tree::Unknown(cause)) if !thing.is_left_open("enabled") => Tree::Unknown(cause.clone()),
        (Tree::Unknown(_), _) => later(),
        _ => Tree::text("Enabled"),
    };
    draft.fields.set("key_state", state);
}

/// The policy of a key that is made without one:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
fn root_decides(thing: &Thing<'_>) -> Tree<'static> {
    let root = format!("arn:{}:iam::{}:root", thing.partition, thing.place.account);
    shape::policy(&Tree::from(&json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": root },
            "Action": "kms:*",
            "Resource": "*",
        }],
    })))
}

fn key_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let whole = renamed(thing.whole("key_id"), |id| last(id).to_owned());
    let policy = document(thing, "policy");
    part(sketch, thing.value(KEY, whole, "policy_document", policy));
}

// SQS and SNS

fn queue<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("queue_url", "url"), ("policy_document", "")];
    state(sketch, thing.draft(QUEUE, "name", from), |draft| {
        // Before version 3.6 of the provider the id alone told the address.
        if thing.at("url").is_null() && !thing.fresh {
            let id = thing.at("id").into_owned();
            if id.as_str().is_some_and(|id| id.starts_with("https://")) {
                draft.fields.set("queue_url", id);
            }
        }
        own_policy(thing, draft, Tree::Null);
        no_key(thing, draft, "kms_master_key_id");
    });
}

/// Keys that the provider may leave to AWS, which takes none.
fn no_key<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, field: &'static str) {
    silent(thing, draft, &[(field, field, Tree::Null)]);
    if thing.at(field).is_null() {
        draft.fields.set(field, Tree::Null);
    }
}

/// Queues are known by their name, the last part of their address and ARN.
fn named(thing: &Thing<'_>, path: &str) -> Whole {
    renamed(thing.whole(path), |id| last(id).to_owned())
}

fn queue_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = document(thing, "policy");
    part(sketch, thing.value(QUEUE, named(thing, "queue_url"), "policy_document", policy));
}

fn topic<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("policy_document", "")];
    state(sketch, thing.draft(TOPIC, "name", from), |draft| {
        own_policy(thing, draft, owner_decides(thing, draft.arn.as_deref()));
        no_key(thing, draft, "kms_master_key_id");
    });
}

/// The policy of a topic that is made without one:
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>.
fn owner_decides(thing: &Thing<'_>, arn: Option<&str>) -> Tree<'static> {
    shape::policy(&Tree::from(&json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
                "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
            ],
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": thing.place.account.as_str() } },
        }],
    })))
}

fn topic_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = document(thing, "policy");
    part(sketch, thing.value(TOPIC, named(thing, "arn"), "policy_document", policy));
}

// Secrets Manager

fn secret<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("policy_document", ""), ("rotation_enabled", "")];
    state(sketch, thing.draft(SECRET, "name", from), |draft| {
        own_policy(thing, draft, Tree::Null);
        let rotates = thing.at("rotation_enabled").as_bool();
        match rotates {
            Some(rotates) => draft.fields.set("rotation_enabled", Tree::Bool(rotates)),
            None => untold(thing, draft, &[("rotation_enabled", Tree::Bool(false))]),
        }
        untold(
            thing,
            draft,
            &[
                ("owning_service", Tree::Null),
                ("created_date", later()),
                ("last_accessed_date", Tree::Null),
                ("last_changed_date", later()),
            ],
        );
    });
}

fn secret_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = document(thing, "policy");
    part(sketch, thing.value(SECRET, thing.whole("secret_arn"), "policy_document", policy));
}

fn secret_rotation<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let on = thing.or("rotation_enabled", Tree::Bool(true));
    part(sketch, thing.value(SECRET, thing.whole("secret_id"), "rotation_enabled", on));
}

// ECR

fn repository<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("repository_uri", "repository_url"), ("policy_document", "")];
    state(sketch, thing.draft(REPOSITORY, "name", from), |draft| {
        let tags = thing.or("image_tag_mutability", Tree::text("MUTABLE"));
        draft.fields.set("image_tag_mutability", tags);
        untold(thing, draft, &[("policy_document", Tree::Null), ("created_at", later())]);
    });
}

fn repository_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = document(thing, "policy");
    let whole = renamed(thing.whole("repository"), |id| match id.split_once(":repository/") {
        Some((_, name)) => name.to_owned(),
        None => id.to_owned(),
    });
    part(sketch, thing.value(REPOSITORY, whole, "policy_document", policy));
}
