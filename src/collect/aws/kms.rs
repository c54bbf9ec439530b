//! Keys of KMS, with their policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_kms::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{must, must_word, time, word};
use super::failure::{Class, Failure};
use crate::model::attr::Attr;
use crate::model::kms::Key;
use crate::model::policy::PolicyDocument;

const KEY: &str = "aws.kms.key";

pub(super) async fn keys(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.kms().list_keys().limit(1000);
    pages!(cell, "kms:ListKeys", request, set_marker, next_marker, |page| {
        for item in page.keys.unwrap_or_default() {
            let Some(id) = item.key_id else { continue };
            if let Err(failure) = key(&cell, &id).await
                && failure.class != Class::Absent
            {
                cell.gap(KEY, &failure);
            }
        }
    })
}

async fn key(cell: &Cell, id: &str) -> Result<(), Failure> {
    let request = cell.clients.kms().describe_key().key_id(id);
    let Some(item) = cell.call("kms:DescribeKey", request.send()).await?.key_metadata else {
        return Ok(());
    };
    // Keys that AWS manages cannot be tagged.
    let tags = match item.key_manager {
        Some(sdk::KeyManagerType::Aws) => Attr::Known(BTreeMap::new()),
        _ => tags(cell, id).await,
    };
    let data = Key {
        key_manager: must_word!(item.key_manager),
        key_state: must_word!(item.key_state),
        key_usage: word!(item.key_usage),
        key_material_origin: word!(item.origin),
        multi_region: item.multi_region.into(),
        creation_date: time(item.creation_date),
        policy_document: policy(cell, id).await,
    };
    cell.emit(cell.meta(item.key_id, item.arn, None, tags), data).await;
    Ok(())
}

async fn policy(cell: &Cell, id: &str) -> Attr<PolicyDocument> {
    let request = cell.clients.kms().get_key_policy().key_id(id).policy_name("default");
    match cell.call("kms:GetKeyPolicy", request.send()).await {
        Ok(answer) => match answer.policy {
            Some(text) => PolicyDocument::parse(&text),
            None => must(None),
        },
        Err(failure) => failure.unknown(),
    }
}

async fn tags(cell: &Cell, id: &str) -> Attr<BTreeMap<String, String>> {
    // A key has 50 tags at most: they come in one page.
    let request = cell.clients.kms().list_resource_tags().key_id(id);
    match cell.call("kms:ListResourceTags", request.send()).await {
        Ok(answer) => Attr::Known(
            answer.tags.unwrap_or_default().into_iter().map(|t| (t.tag_key, t.tag_value)).collect(),
        ),
        Err(failure) => failure.unknown(),
    }
}
