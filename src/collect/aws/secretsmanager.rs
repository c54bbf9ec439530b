//! Secrets of Secrets Manager, with their policies. Their values are never asked for.

use std::sync::Arc;

use aws_sdk_secretsmanager::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{tags, time};
use super::failure::{Class, Failure};
use crate::model::attr::Attr;
use crate::model::policy::PolicyDocument;
use crate::model::secretsmanager::Secret;

pub(super) async fn secrets(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.secretsmanager().list_secrets().max_results(100);
    pages!(cell, "secretsmanager:ListSecrets", request, set_next_token, next_token, |page| {
        for item in page.secret_list.unwrap_or_default() {
            secret(&cell, item).await;
        }
    })
}

async fn secret(cell: &Cell, mut item: sdk::SecretListEntry) {
    let Some(name) = item.name.take() else { return };
    let arn = item.arn.take();
    let policy_document = match &arn {
        Some(arn) => match policy(cell, arn).await {
            Some(policy) => policy,
            None => return,
        },
        None => Attr::default(),
    };
    let data = Secret {
        kms_key_id: item.kms_key_id.into(),
        rotation_enabled: item.rotation_enabled.into(),
        owning_service: item.owning_service.filter(|name| !name.is_empty()).into(),
        created_date: time(item.created_date),
        last_accessed_date: time(item.last_accessed_date),
        last_changed_date: time(item.last_changed_date),
        policy_document,
    };
    let meta = cell.meta(name.clone(), arn, Some(&name), Attr::Known(tags!(item.tags)));
    cell.emit(meta, data).await;
}

/// The policy of a secret; nothing when it was deleted since it was listed.
async fn policy(cell: &Cell, arn: &str) -> Option<Attr<Option<PolicyDocument>>> {
    let request = cell.clients.secretsmanager().get_resource_policy().secret_id(arn);
    Some(match cell.call("secretsmanager:GetResourcePolicy", request.send()).await {
        Ok(answer) => match answer.resource_policy.filter(|text| !text.is_empty()) {
            Some(text) => PolicyDocument::parse(&text).map(Some),
            None => Attr::Known(None),
        },
        Err(failure) if failure.class == Class::Absent => return None,
        Err(failure) => failure.unknown(),
    })
}
