//! Answers about resources with policies of their own: S3, SQS, SNS, KMS, Secrets Manager, ECR.
//!
//! Lists only name most of them; policies are asked for one by one, and some of those answers do not say whose they are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Place, Spec, Store, Tags, no_fix};
use crate::collect::normal;
use crate::ident::Region;
use crate::model::coverage::Completeness;
use crate::model::reflect::Shape;
use crate::model::s3::{BucketEncryption, BucketLogging, Grant, PublicAccessBlock};

const BUCKET: &str = "aws.s3.bucket";
const ACCOUNT_BLOCK: &str = "aws.s3.account_public_access_block";
const QUEUE: &str = "aws.sqs.queue";
const TOPIC: &str = "aws.sns.topic";
const KEY: &str = "aws.kms.key";
const SECRET: &str = "aws.secretsmanager.secret";
const REPOSITORY: &str = "aws.ecr.repository";

const BUCKET_POLICY: &str = "s3:GetBucketPolicy";
const BUCKET_BLOCK: &str = "s3:GetPublicAccessBlock";
const BUCKET_ACL: &str = "s3:GetBucketAcl";
const BUCKET_OWNERSHIP: &str = "s3:GetBucketOwnershipControls";
const BUCKET_ENCRYPTION: &str = "s3:GetBucketEncryption";
const BUCKET_VERSIONING: &str = "s3:GetBucketVersioning";
const BUCKET_LOGGING: &str = "s3:GetBucketLogging";
const ACCOUNT_CALL: &str = "s3control:GetPublicAccessBlock";
const QUEUE_ATTRIBUTES: &str = "sqs:GetQueueAttributes";
const TOPIC_ATTRIBUTES: &str = "sns:GetTopicAttributes";
const DESCRIBE_KEY: &str = "kms:DescribeKey";
const KEY_POLICY: &str = "kms:GetKeyPolicy";
const SECRET_POLICY: &str = "secretsmanager:GetResourcePolicy";
const REPOSITORY_POLICY: &str = "ecr:GetRepositoryPolicy";

pub(super) const FORMS: &[Form] = &[
    Form::answer("Buckets", "s3:ListBuckets", &[BUCKET], buckets).has(&["CreationDate"]),
    Form::later("TagSet", "s3:GetBucketTagging", bucket_tags),
    Form::answer("PublicAccessBlockConfiguration", ACCOUNT_CALL, &[ACCOUNT_BLOCK], account_block)
        .has(&["/AccountId"]),
    Form::later("PublicAccessBlockConfiguration", BUCKET_BLOCK, public_access_block),
    Form::later("Grants", BUCKET_ACL, bucket_acl).has(&["Grantee", "/Owner"]),
    Form::later("OwnershipControls", BUCKET_OWNERSHIP, bucket_ownership),
    Form::later("ServerSideEncryptionConfiguration", BUCKET_ENCRYPTION, bucket_encryption),
    // Other settings have a status, too: the name of the file tells this one.
    Form::later("Status", BUCKET_VERSIONING, bucket_versioning).has(&["@versioning"]),
    Form::later("LoggingEnabled", BUCKET_LOGGING, bucket_logging),
    Form::answer("QueueUrls", "sqs:ListQueues", &[QUEUE], queues).has(&["="]),
    Form::later("Attributes", QUEUE_ATTRIBUTES, queue).has(&["QueueArn"]),
    Form::answer("Topics", "sns:ListTopics", &[TOPIC], topics).has(&["TopicArn"]).arn("TopicArn"),
    Form::later("Attributes", TOPIC_ATTRIBUTES, topic).has(&["TopicArn"]),
    Form::answer("Keys", "kms:ListKeys", &[KEY], keys).has(&["KeyArn"]).arn("KeyArn"),
    Form::answer("KeyMetadata", DESCRIBE_KEY, &[KEY], key)
        .arn("Arn")
        .part("keys that were asked for by id"),
    Form::later("Policy", KEY_POLICY, key_policy).has(&["/PolicyName"]),
    // Older versions of the CLI print the policy of a key in the same way: its file is named after the key.
    Form::later("Policy", BUCKET_POLICY, bucket_policy).has(&["="]),
    Form::list("SecretList", "secretsmanager:ListSecrets", &SECRETS).arn("ARN"),
    Form::later("ResourcePolicy", SECRET_POLICY, secret_policy),
    // A secret without a policy: only its name is left of the answer.
    Form::later("ARN", SECRET_POLICY, secret_policy).has(&[
        "^arn:aws:secretsmanager:",
        "^arn:aws-cn:secretsmanager:",
        "^arn:aws-us-gov:secretsmanager:",
    ]),
    Form::list("repositories", "ecr:DescribeRepositories", &REPOSITORIES)
        .has(&["registryId"])
        .arn("repositoryArn"),
    Form::later("policyText", REPOSITORY_POLICY, repository_policy),
];

/// An ARN of a resource in a place.
pub(super) fn arn(place: &Place, service: &str, resource: &str) -> String {
    let partition = normal::partition_of(&place.region);
    format!("arn:{partition}:{service}:{}:{}:{resource}", place.region, place.account)
}

/// The last part of an ARN or address.
fn last(text: &str) -> &str {
    text.rsplit([':', '/']).next().unwrap_or(text)
}

// S3

static BUCKETS: Spec = Spec {
    kind: BUCKET,
    id: "Name",
    arn: "BucketArn",
    name: "Name",
    tags: Tags::Apart("s3:GetBucketTagging"),
    from: &[],
    apart: &[
        ("policy_document", BUCKET_POLICY),
        ("public_access_block", BUCKET_BLOCK),
        ("acl_grants", BUCKET_ACL),
        ("object_ownership", BUCKET_OWNERSHIP),
        ("encryption", BUCKET_ENCRYPTION),
        ("versioning_status", BUCKET_VERSIONING),
        ("mfa_delete", BUCKET_VERSIONING),
        ("logging", BUCKET_LOGGING),
    ],
    fix: no_fix,
};

fn buckets(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "Buckets") {
        let region = text(item, "BucketRegion").and_then(|region| Region::new(&region).ok());
        let partition = normal::partition_of(region.as_ref().unwrap_or(&scene.place.region));
        let Some(draft) = scene.put(&BUCKETS, item) else { continue };
        if let Some(name) = text(item, "Name") {
            draft.arn = draft.arn.take().or_else(|| Some(format!("arn:{partition}:s3:::{name}")));
        }
    }
}

fn bucket_tags(scene: &mut Scene<'_>, answer: &Value) {
    let tags = super::store::tags_of(answer);
    let Some(id) = scene.about(BUCKET, answer, &["Bucket"]) else { return };
    if let Some(draft) = scene.part(BUCKET, &id) {
        draft.tags = draft.tags.take().or(tags);
    }
}

fn bucket_policy(scene: &mut Scene<'_>, answer: &Value) {
    let Some(policy) = answer.get("Policy") else { return };
    let parsed = reshape::policy(policy);
    let named = list(&parsed, "statements")
        .iter()
        .flat_map(|statement| list(statement, "resources"))
        .find_map(|resource| {
            let (_, bucket) = resource.as_str()?.split_once(":s3:::")?;
            let name = bucket.split('/').next().unwrap_or(bucket);
            (!name.contains(['*', '?', '$'])).then(|| name.to_owned())
        });
    let told = text(answer, "Bucket").or(named);
    // This form is of a service without regions; the key may be in any.
    let key = scene.store.drafts.keys().find(|key| {
        key.kind == KEY
            && key.account == scene.place.account
            && super::scene::file_names(scene.file, &key.id)
    });
    if let (None, Some(key)) = (&told, key.cloned()) {
        if let Some(draft) = scene.store.drafts.get_mut(&key) {
            draft.set("policy_document", parsed);
        }
        return;
    }
    let Some(id) = told.or_else(|| scene.about(BUCKET, answer, &["Bucket"])) else { return };
    if let Some(draft) = scene.part(BUCKET, &id) {
        draft.set("policy_document", parsed);
    }
}

/// Sets fields of the bucket that an answer is about.
fn of_bucket<const N: usize>(
    scene: &mut Scene<'_>,
    answer: &Value,
    fields: [(&'static str, Value); N],
) {
    let Some(id) = scene.about(BUCKET, answer, &["Bucket"]) else { return };
    if let Some(draft) = scene.part(BUCKET, &id) {
        for (field, value) in fields {
            draft.set(field, value);
        }
    }
}

/// A struct of the model from the members of an answer.
fn made(shape: &Shape, answer: &Value, from: &[reshape::From]) -> Value {
    Value::Object(reshape::fields(shape, answer, reshape::Plan { from, skip: &[] }))
}

fn bucket_acl(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("grantee_type", "Grantee.Type"),
        ("grantee_id", "Grantee.ID"),
        ("grantee_uri", "Grantee.URI"),
    ];
    let grants = list(answer, "Grants").iter().map(|grant| made(Grant::SHAPE, grant, FROM));
    of_bucket(scene, answer, [("acl_grants", grants.collect())]);
}

fn bucket_ownership(scene: &mut Scene<'_>, answer: &Value) {
    let rules = answer.pointer("/OwnershipControls/Rules");
    let told = rules.and_then(|rules| text(rules.get(0)?, "ObjectOwnership"));
    of_bucket(scene, answer, [("object_ownership", json!(told))]);
}

fn bucket_encryption(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("sse_algorithm", "ApplyServerSideEncryptionByDefault.SSEAlgorithm"),
        ("kms_master_key_id", "ApplyServerSideEncryptionByDefault.KMSMasterKeyID"),
        ("bucket_key_enabled", "BucketKeyEnabled"),
    ];
    let rules = answer.pointer("/ServerSideEncryptionConfiguration/Rules");
    let rule = rules.and_then(|rules| rules.get(0));
    let encryption = rule.map_or(Value::Null, |rule| made(BucketEncryption::SHAPE, rule, FROM));
    of_bucket(scene, answer, [("encryption", encryption)]);
}

fn bucket_versioning(scene: &mut Scene<'_>, answer: &Value) {
    let told = |member| json!(text(answer, member));
    let fields = [("versioning_status", told("Status")), ("mfa_delete", told("MFADelete"))];
    of_bucket(scene, answer, fields);
}

fn bucket_logging(scene: &mut Scene<'_>, answer: &Value) {
    let Some(logging) = answer.get("LoggingEnabled") else { return };
    of_bucket(scene, answer, [("logging", made(BucketLogging::SHAPE, logging, &[]))]);
}

/// What a bucket refuses, or an account: both answers look alike, and the name of the file tells them apart.
fn public_access_block(scene: &mut Scene<'_>, answer: &Value) {
    if names_account(scene.file) && answer.get("Bucket").is_none() {
        account_block(scene, answer);
        return scene.cover(ACCOUNT_BLOCK, Completeness::Complete, None);
    }
    let Some(block) = answer.get("PublicAccessBlockConfiguration") else { return };
    let block = made(PublicAccessBlock::SHAPE, block, &[]);
    of_bucket(scene, answer, [("public_access_block", block)]);
}

fn names_account(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or_default();
    name.contains("s3control") || name.contains("account")
}

fn account_block(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: ACCOUNT_BLOCK,
        id: "Portcullis",
        arn: "",
        name: "",
        tags: Tags::Never,
        from: &[],
        apart: &[],
        fix: no_fix,
    };
    let mut block = answer.get("PublicAccessBlockConfiguration").cloned().unwrap_or_default();
    if let Some(map) = block.as_object_mut() {
        map.insert("Portcullis".to_owned(), json!(scene.place.account));
        scene.put(&SPEC, &block);
    }
}

// SQS and SNS

fn queues(scene: &mut Scene<'_>, answer: &Value) {
    for url in list(answer, "QueueUrls").iter().filter_map(Value::as_str) {
        let name = last(url);
        let arn = arn(&scene.place, "sqs", name);
        scene.named_only(QUEUE, name, Some(&arn), name, QUEUE_ATTRIBUTES);
        if let Some(draft) = scene.part(QUEUE, name) {
            draft.tags_apart = Some("sqs:ListQueueTags");
            draft.set("queue_url", json!(url));
        }
    }
}

fn queue(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(arn) = text(answer, "Attributes.QueueArn") {
        attributes(scene, QUEUE, &arn, answer);
    }
}

fn topics(scene: &mut Scene<'_>, answer: &Value) {
    for arn in list(answer, "Topics").iter().filter_map(|item| text(item, "TopicArn")) {
        scene.named_only(TOPIC, last(&arn), Some(&arn), last(&arn), TOPIC_ATTRIBUTES);
        if let Some(draft) = scene.part(TOPIC, last(&arn)) {
            draft.tags_apart = Some("sns:ListTagsForResource");
        }
    }
}

fn topic(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(arn) = text(answer, "Attributes.TopicArn") {
        attributes(scene, TOPIC, &arn, answer);
    }
}

/// Queues and topics tell policy and key in the same words, and leave out what there is not.
fn attributes(scene: &mut Scene<'_>, kind: &'static str, arn: &str, answer: &Value) {
    let Some(attributes) = answer.get("Attributes") else { return };
    let policy = attributes.get("Policy").filter(|policy| policy.as_str() != Some(""));
    let policy = policy.map_or(Value::Null, reshape::policy);
    let Some(draft) = scene.part(kind, last(arn)) else { return };
    draft.set("policy_document", policy);
    draft.set("kms_master_key_id", json!(text(attributes, "KmsMasterKeyId")));
}

// KMS

static KEYS: Spec = Spec {
    kind: KEY,
    id: "KeyId",
    arn: "Arn",
    name: "",
    tags: Tags::Apart("kms:ListResourceTags"),
    from: &[("key_material_origin", "Origin")],
    apart: &[("policy_document", KEY_POLICY)],
    fix: no_fix,
};

fn keys(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "Keys") {
        let Some(id) = text(item, "KeyId") else { continue };
        scene.named_only(KEY, &id, text(item, "KeyArn").as_deref(), &id, DESCRIBE_KEY);
        if let Some(draft) = scene.part(KEY, &id) {
            draft.tags_apart = Some("kms:ListResourceTags");
            draft.apart.retain(|(field, _)| *field != "policy_document");
            draft.apart.push(("policy_document", KEY_POLICY));
        }
    }
}

fn key(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(key) = answer.get("KeyMetadata") {
        scene.put(&KEYS, key);
    }
}

fn key_policy(scene: &mut Scene<'_>, answer: &Value) {
    let Some(policy) = answer.get("Policy") else { return };
    let Some(id) = scene.about(KEY, answer, &["KeyId"]) else { return };
    if let Some(draft) = scene.part(KEY, last(&id)) {
        draft.set("policy_document", reshape::policy(policy));
    }
}

// Secrets Manager

static SECRETS: Spec = Spec {
    kind: SECRET,
    id: "Name",
    arn: "ARN",
    name: "Name",
    tags: Tags::Inside,
    from: &[],
    apart: &[("policy_document", SECRET_POLICY)],
    fix: no_fix,
};

/// Other answers name a secret in the same way, and more beside it: they are passed over.
fn secret_policy(scene: &mut Scene<'_>, answer: &Value) {
    const MEMBERS: [&str; 3] = ["ARN", "Name", "ResourcePolicy"];
    let only_these =
        answer.as_object().is_some_and(|map| map.keys().all(|key| MEMBERS.contains(&key.as_str())));
    let Some(name) = text(answer, "Name").filter(|_| only_these) else { return };
    let policy = answer.get("ResourcePolicy").map_or(Value::Null, reshape::policy);
    if let Some(draft) = scene.part(SECRET, &name) {
        draft.set("policy_document", policy);
    }
}

// ECR

static REPOSITORIES: Spec = Spec {
    kind: REPOSITORY,
    id: "repositoryName",
    arn: "repositoryArn",
    name: "repositoryName",
    tags: Tags::Apart("ecr:ListTagsForResource"),
    from: &[],
    apart: &[("policy_document", REPOSITORY_POLICY)],
    fix: no_fix,
};

fn repository_policy(scene: &mut Scene<'_>, answer: &Value) {
    let Some(policy) = answer.get("policyText") else { return };
    let Some(id) = scene.about(REPOSITORY, answer, &["repositoryName"]) else { return };
    if let Some(draft) = scene.part(REPOSITORY, &id) {
        draft.set("policy_document", reshape::policy(policy));
    }
}

/// Errors that say that there is nothing: the type and its attribute that are absent, and the call.
pub(super) fn absent(
    code: &str,
    operation: &str,
) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match (code, operation) {
        ("NoSuchBucketPolicy", "GetBucketPolicy") => (BUCKET, "policy_document", BUCKET_POLICY),
        ("NoSuchTagSet", "GetBucketTagging") => (BUCKET, "tags", "s3:GetBucketTagging"),
        ("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock") => {
            (BUCKET, "public_access_block", BUCKET_BLOCK)
        }
        ("OwnershipControlsNotFoundError", "GetBucketOwnershipControls") => {
            (BUCKET, "object_ownership", BUCKET_OWNERSHIP)
        }
        ("ServerSideEncryptionConfigurationNotFoundError", "GetBucketEncryption") => {
            (BUCKET, "encryption", BUCKET_ENCRYPTION)
        }
        ("RepositoryPolicyNotFoundException", "GetRepositoryPolicy") => {
            (REPOSITORY, "policy_document", REPOSITORY_POLICY)
        }
        ("ResourceNotFoundException", "GetPermissionsBoundaryForPermissionSet") => {
            ("aws.sso.permission_set", "permissions_boundary", super::identity_center::BOUNDARY)
        }
        _ => return None,
    })
}

/// The attributes that are absent where the CLI prints nothing at all for a call.
pub(super) fn silent(call: &str) -> &'static [(&'static str, &'static str, &'static str)] {
    match call {
        BUCKET_VERSIONING => &[
            (BUCKET, "versioning_status", BUCKET_VERSIONING),
            (BUCKET, "mfa_delete", BUCKET_VERSIONING),
        ],
        BUCKET_LOGGING => &[(BUCKET, "logging", BUCKET_LOGGING)],
        _ => &[],
    }
}

/// Sets what errors told to be absent: the names of the files say of what.
pub(super) fn complete(store: &mut Store) {
    for (place, file, (kind, field, call)) in std::mem::take(&mut store.absent) {
        let mut scene = super::scene(store, &place, &file, None, call);
        if call == BUCKET_BLOCK && names_account(&file) {
            let nothing = json!({
                "BlockPublicAcls": false,
                "IgnorePublicAcls": false,
                "BlockPublicPolicy": false,
                "RestrictPublicBuckets": false,
            });
            account_block(&mut scene, &json!({ "PublicAccessBlockConfiguration": nothing }));
            scene.cover(ACCOUNT_BLOCK, Completeness::Complete, None);
            continue;
        }
        if let Some(id) = scene.about(kind, &Value::Null, &[])
            && let Some(draft) = scene.part(kind, &id)
        {
            match field {
                "tags" => draft.tags = draft.tags.take().or_else(|| Some(BTreeMap::new())),
                field => draft.set(field, Value::Null),
            }
        }
    }
}
