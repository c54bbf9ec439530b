//! Buckets: the archive of logs, what the shop serves, a copy of it that nobody looks after, and one made by hand.

use serde_json::{Value, json};

use super::world::{
    At, DEVELOPMENT, IRELAND, MANAGEMENT, PRODUCTION, STAGING, World, ago, document, hex16, over,
    statement, tags, untagged,
};

/// Adds the buckets, and what each account refuses for all of its own.
pub fn build(world: &mut World) {
    let management = At::new(MANAGEMENT, IRELAND, "shared");
    let production = At::new(PRODUCTION, IRELAND, "prod");
    let staging = At::new(STAGING, IRELAND, "staging");
    let development = At::new(DEVELOPMENT, IRELAND, "dev");
    for (at, refuses) in [(management, true), (production, true), (development, false)] {
        let id = at.account;
        world.put(
            at.global(),
            "aws.s3.account_public_access_block",
            id,
            id,
            &untagged(),
            refusals(refuses),
        );
    }
    let everyone = "http://acs.amazonaws.com/groups/global/AllUsers";
    let logs = |prefix: &str| json!({"target_bucket": "acme-log-archive", "target_prefix": prefix});
    bucket(world, management, "acme-log-archive", json!({}));
    let readers = statement(
        "Allow",
        &["s3:GetObject"],
        &["arn:aws:s3:::acme-prod-assets/*"],
        &[("AWS", &format!("arn:aws:iam::{PRODUCTION}:root"))],
        &[],
    );
    let key = format!("arn:aws:kms:{IRELAND}:{PRODUCTION}:alias/aws/s3");
    bucket(
        world,
        production,
        "acme-prod-assets",
        json!({
            "policy_document": document(&[readers]), "logging": logs("acme-prod-assets/"),
            "encryption": {"sse_algorithm": "aws:kms", "kms_master_key_id": key, "bucket_key_enabled": true},
        }),
    );
    // Made before April 2023, when nothing was refused; lists for others are gone since, and versions were given up.
    bucket(
        world,
        staging,
        "acme-staging-assets",
        json!({
            "public_access_block": Value::Null, "object_ownership": "BucketOwnerPreferred",
            "versioning_status": "Suspended", "logging": logs("acme-staging-assets/"),
        }),
    );
    // Everybody drops files here, and everybody may fetch them.
    let fetch = statement(
        "Allow",
        &["s3:GetObject"],
        &["arn:aws:s3:::acme-sandbox-drop/*"],
        &[("*", "*")],
        &[],
    );
    bucket(
        world,
        development,
        "acme-sandbox-drop",
        json!({
            "creation_date": ago(2100), "policy_document": document(&[fetch]), "public_access_block": Value::Null,
            "object_ownership": Value::Null, "encryption": Value::Null, "versioning_status": Value::Null,
            "acl_grants": [owner(DEVELOPMENT), {
                "grantee_type": "Group", "grantee_id": Value::Null, "grantee_uri": everyone, "permission": "READ",
            }],
        }),
    );
}

fn refusals(all: bool) -> Value {
    json!({
        "block_public_acls": all, "ignore_public_acls": all, "block_public_policy": all,
        "restrict_public_buckets": all,
    })
}

/// What the owner is granted; canonical ids have 64 hexadecimal digits.
fn owner(account: &str) -> Value {
    json!({
        "grantee_type": "CanonicalUser", "grantee_id": hex16(account).repeat(4), "grantee_uri": Value::Null,
        "permission": "FULL_CONTROL",
    })
}

/// A bucket as they are made today, and what is different about it.
fn bucket(world: &mut World, at: At, name: &str, more: Value) {
    let base = json!({
        "creation_date": ago(400), "bucket_region": at.region, "policy_document": Value::Null,
        "public_access_block": refusals(true), "acl_grants": [owner(at.account)],
        "object_ownership": "BucketOwnerEnforced",
        "encryption": {"sse_algorithm": "AES256", "kms_master_key_id": Value::Null, "bucket_key_enabled": false},
        "versioning_status": "Enabled", "mfa_delete": Value::Null, "logging": Value::Null,
    });
    let arn = format!("arn:aws:s3:::{name}");
    let labels = tags(at.env, "platform", "internal", &[]);
    world.put_as(at.global(), "aws.s3.bucket", name, Some(arn), name, &labels, over(base, more));
}
