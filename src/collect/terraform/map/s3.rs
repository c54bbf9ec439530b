//! Buckets of S3 and what is stated apart from them.
//!
//! Until version 3 of the provider a bucket states all of itself; since then each of its settings is a thing of its own,
//! and the bucket only repeats what it found. What is stated apart goes before.

use super::Table;
use super::stating::{
    document, handle, last, later, optional_document, part, renamed, silent, state, untold,
};
use crate::collect::predicted::Thing;
use crate::collect::predicted::acl::{Canned, grant};
use crate::model::attr::CauseKind;
use crate::model::change::{Draft, Sketch, Whole};
use crate::model::{Cause, Tree};

const BUCKET: &str = "aws.s3.bucket";
const ACCOUNT_BLOCK: &str = "aws.s3.account_public_access_block";

const REFUSALS: [&str; 4] =
    ["block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"];

pub(super) const TABLE: Table = &[
    ("aws_s3_bucket", handle(&["bucket"], "arn:{partition}:s3:::{bucket}"), bucket),
    ("aws_s3_bucket_acl", handle(&["bucket"], ""), bucket_acl),
    ("aws_s3_bucket_logging", handle(&["bucket"], ""), bucket_logging),
    ("aws_s3_bucket_ownership_controls", handle(&["bucket"], ""), ownership_controls),
    ("aws_s3_bucket_policy", handle(&["bucket"], ""), bucket_policy),
    ("aws_s3_bucket_public_access_block", handle(&["bucket"], ""), public_access_block),
    ("aws_s3_bucket_server_side_encryption_configuration", handle(&["bucket"], ""), encryption),
    ("aws_s3_bucket_versioning", handle(&["bucket"], ""), versioning),
    ("aws_s3_account_public_access_block", handle(&["account_id"], ""), account_block),
];

fn bucket<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("policy_document", ""),
        ("public_access_block", ""),
        ("bucket_region", ""),
        ("acl_grants", ""),
        ("object_ownership", ""),
        ("encryption", ""),
        ("versioning_status", ""),
        ("mfa_delete", ""),
        ("logging", ""),
    ];
    state(sketch, thing.draft(BUCKET, "bucket", from), |draft| {
        let region = Tree::text(thing.place.region.as_str().to_owned());
        draft.fields.set("bucket_region", region);
        // Versions since 4 repeat here what they found, and say nothing where there is none.
        if !thing.is_left_open("policy") {
            let policy = optional_document(&thing.at("policy")).unwrap_or_default();
            draft.fields.set("policy_document", policy);
        }
        silent(
            thing,
            draft,
            &[
                ("creation_date", "creation_date", later()),
                ("policy", "policy_document", Tree::Null),
            ],
        );
        list_and_refusals(thing, draft);
        settings(thing, draft);
        if draft.name.is_none() {
            draft.name = Some(draft.id.clone());
        }
    });
}

/// The access control list, and what AWS lets stand beside it.
///
/// New buckets enforce their owner and refuse all public access since April 2023. AWS does not make one with a list for
/// others under these defaults, so that a plan which states such a list means a bucket without them. Sources:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
fn list_and_refusals<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let stated = thing.at("acl");
    let granted = thing.at("grant");
    // Versions since 4 leave it open together with all other settings. Earlier ones know it, unless it is stated and hangs
    // on something that nobody knows.
    let open = ["grant", "logging", "versioning"].iter().any(|field| thing.is_left_open(field));
    let found = match &*stated {
        Tree::Unknown(cause) if !(open && thing.is_left_open("acl")) => Err(cause.clone()),
        Tree::Text(name) => Canned::named(name).ok_or_else(|| {
            Cause::new(CauseKind::NotUnderstood, format!("the access control list `{name}`"))
        }),
        _ => match &*granted {
            Tree::List(items) if !items.is_empty() => {
                draft.fields.set("acl_grants", grants(&granted, "permissions", ""));
                // Who grants something by name has lists that count; of the refusals nothing is said.
                return untold(
                    thing,
                    draft,
                    &[("object_ownership", later()), ("public_access_block", later())],
                );
            }
            Tree::Unknown(cause) if !thing.is_left_open("grant") => Err(cause.clone()),
            _ if thing.fresh => Ok(Canned::PRIVATE),
            _ => return,
        },
    };
    let grants = found.as_ref().map_or_else(|why| Tree::Unknown(why.clone()), |acl| acl.grants());
    draft.fields.set("acl_grants", grants);
    if !thing.fresh {
        return;
    }
    let (ownership, refused) = match found {
        Err(why) => (Tree::Unknown(why.clone()), Tree::Unknown(why)),
        Ok(acl) => (
            if acl.is_for_others() { Tree::Null } else { Tree::text("BucketOwnerEnforced") },
            if acl.is_public() { Tree::Null } else { refusals(|_| Tree::Bool(true)) },
        ),
    };
    draft.fields.set("object_ownership", ownership);
    draft.fields.set("public_access_block", refused);
}

/// Grants of a list; those of one grantee may be put together. `within` is where the grantee stands.
fn grants<'a>(list: &Tree<'a>, permissions: &str, within: &str) -> Tree<'a> {
    let one = |item: &Tree<'a>, permission: &Tree<'a>| {
        let member = |name: &str| item.at(&format!("{within}{name}")).into_owned();
        let empty = |tree: Tree<'a>| if tree.as_str() == Some("") { Tree::Null } else { tree };
        grant(member("type"), empty(member("id")), empty(member("uri")), permission.clone())
    };
    let each = |item: &Tree<'a>| match &*item.at(permissions) {
        Tree::List(permissions) => permissions.iter().map(|word| one(item, word)).collect(),
        word => vec![one(item, word)],
    };
    match list {
        Tree::List(items) => Tree::List(items.iter().flat_map(each).collect()),
        unknown => unknown.clone(),
    }
}

/// What versions before 4 state in the bucket, and later ones repeat.
fn settings<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let kept = match thing.at("versioning.enabled").as_bool() {
        Some(true) => Some(Tree::text("Enabled")),
        _ => None,
    };
    for (path, field, found, default) in [
        ("logging", "logging", logged(&thing.at("logging")), Tree::Null),
        (
            "server_side_encryption_configuration",
            "encryption",
            encrypted(&thing.at("server_side_encryption_configuration.rule")),
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
            sse_s3(),
        ),
        ("versioning", "versioning_status", kept, Tree::Null),
    ] {
        match (&*thing.at(path), found) {
            (Tree::Unknown(cause), _) if !thing.is_left_open(path) => {
                draft.fields.set(field, Tree::Unknown(cause.clone()));
            }
            (_, Some(found)) => draft.fields.set(field, found),
            (_, None) => untold(thing, draft, &[(field, default)]),
        }
    }
    untold(thing, draft, &[("mfa_delete", Tree::Null)]);
}

fn sse_s3<'a>() -> Tree<'a> {
    Tree::Map(vec![
        ("sse_algorithm".into(), Tree::text("AES256")),
        ("kms_master_key_id".into(), Tree::Null),
        ("bucket_key_enabled".into(), Tree::Bool(false)),
    ])
}

/// Where requests are written down, if something is stated.
fn logged<'a>(stated: &Tree<'a>) -> Option<Tree<'a>> {
    let bucket = stated.at("target_bucket").into_owned();
    let prefix = stated.at("target_prefix").into_owned();
    (!bucket.is_null() && !stated.is_unknown()).then(|| {
        Tree::Map(vec![("target_bucket".into(), bucket), ("target_prefix".into(), prefix)])
    })
}

/// How objects are encrypted, if a rule is stated.
fn encrypted<'a>(rule: &Tree<'a>) -> Option<Tree<'a>> {
    const DEFAULT: &str = "apply_server_side_encryption_by_default";
    let algorithm = rule.at(&format!("{DEFAULT}.sse_algorithm")).into_owned();
    let key = match rule.at(&format!("{DEFAULT}.kms_master_key_id")).into_owned() {
        Tree::Text(text) if text.is_empty() => Tree::Null,
        key => key,
    };
    let bucket_key = match rule.at("bucket_key_enabled").into_owned() {
        Tree::Null => Tree::Bool(false),
        stated => stated,
    };
    (!algorithm.is_null() && !rule.is_unknown()).then(|| {
        Tree::Map(vec![
            ("sse_algorithm".into(), algorithm),
            ("kms_master_key_id".into(), key),
            ("bucket_key_enabled".into(), bucket_key),
        ])
    })
}

/// A setting of a bucket that is stated apart; one that is demanded and not there is unknown.
fn setting<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    field: &'static str,
    value: Option<Tree<'a>>,
) {
    let value = value.unwrap_or_else(|| {
        Tree::unknown(CauseKind::NotUnderstood, format!("no `{field}` in {}", thing.address))
    });
    part(sketch, thing.value(BUCKET, of_bucket(thing), field, value));
}

fn bucket_acl<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = thing.at("access_control_policy.grant");
    let value = match (&*thing.at("acl"), &*policy) {
        (Tree::Text(name), _) => Canned::named(name).map(Canned::grants),
        // Of the two that may be stated the provider leaves the other open.
        (_, Tree::List(items)) if !items.is_empty() => {
            Some(grants(&policy, "permission", "grantee."))
        }
        (Tree::Unknown(cause), _) | (_, Tree::Unknown(cause)) => Some(Tree::Unknown(cause.clone())),
        _ => None,
    };
    setting(thing, sketch, "acl_grants", value);
}

fn ownership_controls<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let stated = thing.at("rule.object_ownership").into_owned();
    setting(thing, sketch, "object_ownership", Some(stated).filter(|tree| !tree.is_null()));
}

fn encryption<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    setting(thing, sketch, "encryption", encrypted(&thing.at("rule")));
}

fn versioning<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let status = match thing.at("versioning_configuration.status").into_owned() {
        // A bucket that never had versions.
        Tree::Text(word) if word == "Disabled" => Some(Tree::Null),
        Tree::Null => None,
        stated => Some(stated),
    };
    setting(thing, sketch, "versioning_status", status);
    let mfa = match thing.at("versioning_configuration.mfa_delete").into_owned() {
        Tree::Text(word) if word.is_empty() => Tree::Null,
        _ if thing.is_left_open("versioning_configuration.mfa_delete") => Tree::Null,
        stated => stated,
    };
    setting(thing, sketch, "mfa_delete", Some(mfa));
}

fn bucket_logging<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    setting(thing, sketch, "logging", logged(&thing.values));
}

fn refusals<'a>(f: impl Fn(&'static str) -> Tree<'a>) -> Tree<'a> {
    Tree::Map(REFUSALS.iter().map(|name| ((*name).into(), f(name))).collect())
}

/// The bucket that is meant, by its name or its ARN.
fn of_bucket(thing: &Thing<'_>) -> Whole {
    renamed(thing.whole("bucket"), |id| last(id).to_owned())
}

fn bucket_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = document(thing, "policy");
    part(sketch, thing.value(BUCKET, of_bucket(thing), "policy_document", policy));
}

fn public_access_block<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let block = refusals(|name| thing.or(name, Tree::Bool(false)));
    part(sketch, thing.value(BUCKET, of_bucket(thing), "public_access_block", block));
}

fn account_block<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    state(sketch, thing.draft(ACCOUNT_BLOCK, "", &[]), |draft| {
        draft.id = super::stating::in_account(thing, &mut draft.place, "account_id");
        draft.tags = crate::model::Attr::Known(std::collections::BTreeMap::new());
        for name in REFUSALS {
            draft.fields.set(name, thing.or(name, Tree::Bool(false)));
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{existing, fields, fresh, parts, sketch};
    use super::BUCKET;

    fn made(values: &Value) -> Value {
        fields(&sketch(&[fresh("aws_s3_bucket", values)]), BUCKET, "planned:aws_s3_bucket.x")
    }

    #[test]
    fn a_public_list_means_a_bucket_that_may_have_one() {
        let earlier =
            |acl: &str| json!({"acl": acl, "versioning": [{"enabled": true}], "logging": []});
        let open = made(&earlier("public-read"));
        assert!(open["acl_grants"][1]["grantee_uri"].as_str().unwrap().ends_with("/AllUsers"));
        assert_eq!(open["object_ownership"], Value::Null);
        assert_eq!(open["public_access_block"], Value::Null);
        assert_eq!(open["versioning_status"], "Enabled");
        assert_eq!(open["logging"], Value::Null);
        let shut = made(&earlier("private"));
        assert_eq!(shut["acl_grants"].as_array().unwrap().len(), 1);
        assert_eq!(shut["object_ownership"], "BucketOwnerEnforced");
        assert_eq!(shut["public_access_block"]["ignore_public_acls"], true);
        // Such a version knows its list, unless nobody could say what is stated.
        let unknown = made(&earlier("?"));
        for field in ["acl_grants", "object_ownership", "public_access_block"] {
            assert_eq!(unknown[field]["$unknown"]["kind"], "known_after_apply", "{field}");
        }
        assert_eq!(made(&earlier("publicly"))["acl_grants"]["$unknown"]["kind"], "not_understood");
    }

    #[test]
    fn a_bucket_of_which_nothing_is_said_has_the_defaults() {
        let bucket = made(&json!({"acl": "?", "grant": "?", "versioning": "?", "logging": "?",
            "server_side_encryption_configuration": "?", "policy": "?"}));
        assert_eq!(bucket["acl_grants"].as_array().unwrap().len(), 1);
        assert_eq!(bucket["public_access_block"]["restrict_public_buckets"], true);
        assert_eq!(bucket["encryption"]["sse_algorithm"], "AES256");
        for absent in ["versioning_status", "mfa_delete", "logging", "policy_document"] {
            assert_eq!(bucket[absent], Value::Null, "{absent}");
        }
        let there = existing(
            "aws_s3_bucket",
            "b",
            &json!({"acl": null, "versioning": [{"enabled": false}],
            "grant": [{"id": "me", "permissions": ["READ", "WRITE"], "type": "CanonicalUser", "uri": ""}],
            "server_side_encryption_configuration": [{"rule": [{
                "apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": ""}],
                "bucket_key_enabled": false}]}],
            "logging": [{"target_bucket": "logs", "target_prefix": "b/"}]}),
        );
        let there = fields(&sketch(&[there]), BUCKET, "b");
        assert_eq!(there["acl_grants"].as_array().unwrap().len(), 2);
        assert_eq!(
            there["acl_grants"][1],
            json!({"grantee_type": "CanonicalUser", "grantee_id": "me",
            "grantee_uri": null, "permission": "WRITE"})
        );
        assert_eq!(there["encryption"]["sse_algorithm"], "aws:kms");
        assert_eq!(there["logging"]["target_bucket"], "logs");
        assert!(
            there.get("public_access_block").is_none() && there.get("versioning_status").is_none()
        );
    }

    #[test]
    fn settings_that_are_stated_apart_are_parts() {
        let told = |kind: &str, mut values: Value| {
            values["bucket"] = json!("b");
            parts(&sketch(&[fresh(kind, &values)]), BUCKET, "b")
        };
        let acl = told(
            "aws_s3_bucket_acl",
            json!({"acl": "authenticated-read", "access_control_policy": "?"}),
        );
        assert_eq!(acl[0].0, "acl_grants");
        assert!(acl[0].1[1]["grantee_uri"].as_str().unwrap().ends_with("/AuthenticatedUsers"));
        let grant =
            json!({"grantee": [{"id": "", "type": "Group", "uri": "u"}], "permission": "READ"});
        let acl = told(
            "aws_s3_bucket_acl",
            json!({"acl": "?", "access_control_policy": [{"grant": [grant]}]}),
        );
        assert_eq!(
            acl[0].1,
            json!([{"grantee_type": "Group", "grantee_id": null, "grantee_uri": "u", "permission": "READ"}])
        );
        let owner = told(
            "aws_s3_bucket_ownership_controls",
            json!({"rule": [{"object_ownership": "ObjectWriter"}]}),
        );
        assert_eq!(owner, [("object_ownership", json!("ObjectWriter"))]);
        let kept = told(
            "aws_s3_bucket_versioning",
            json!({"versioning_configuration": [{"status": "Disabled", "mfa_delete": "?"}]}),
        );
        assert_eq!(kept, [("versioning_status", Value::Null), ("mfa_delete", Value::Null)]);
        let logging =
            told("aws_s3_bucket_logging", json!({"target_bucket": "logs", "target_prefix": "b/"}));
        assert_eq!(logging[0].1["target_prefix"], "b/");
        let rule = json!({"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}]});
        let encrypted =
            told("aws_s3_bucket_server_side_encryption_configuration", json!({"rule": [rule]}));
        assert_eq!(
            encrypted[0].1,
            json!({"sse_algorithm": "aws:kms", "kms_master_key_id": "k", "bucket_key_enabled": false})
        );
        let nothing = told("aws_s3_bucket_versioning", json!({}));
        assert_eq!(nothing[0].1["$unknown"]["kind"], "not_understood");
    }
}
