//! Buckets of S3 and what is stated apart from them.
//!
//! Until version 3 of the provider a bucket states all of itself; since then each of its settings is a thing of its own,
//! and the bucket only repeats what it found. What is stated apart goes before.

use super::Table;
use super::stating::{
    document, handle, last, later, optional_document, part, renamed, silent, state,
};
use crate::collect::predicted::Thing;
use crate::model::Tree;
use crate::model::change::{Sketch, Whole};

const BUCKET: &str = "aws.s3.bucket";
const ACCOUNT_BLOCK: &str = "aws.s3.account_public_access_block";

const REFUSALS: [&str; 4] =
    ["block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"];

pub(super) const TABLE: Table = &[
    ("aws_s3_bucket", handle(&["bucket"], "arn:{partition}:s3:::{bucket}"), bucket),
    ("aws_s3_bucket_policy", handle(&["bucket"], ""), bucket_policy),
    ("aws_s3_bucket_public_access_block", handle(&["bucket"], ""), public_access_block),
    ("aws_s3_account_public_access_block", handle(&["account_id"], ""), account_block),
];

fn bucket<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("policy_document", ""), ("public_access_block", ""), ("bucket_region", "")];
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
                // New buckets refuse all public access since April 2023:
                // https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
                ("public_access_block", "public_access_block", refusals(|_| Tree::Bool(true))),
            ],
        );
        if draft.name.is_none() {
            draft.name = Some(draft.id.clone());
        }
    });
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
