//! EC2: what computes, and what an account decides for it.

mod compute;
mod convert;
mod template;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use self::convert::{address, network_interface, snapshot, volume};
use super::cell::{Cell, pages};
use super::convert::{flag, must, must_time, must_word, number, tags, word};
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::ec2::{KeyPair, MetadataOptions};
use crate::model::ec2_settings::AccountSettings;

pub(super) use self::compute::compute;

/// The largest page of most EC2 listings.
pub(super) const PAGE: i32 = 1000;

pub(super) async fn volumes(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_volumes().max_results(PAGE);
    pages!(cell, "ec2:DescribeVolumes", request, set_next_token, next_token, |page| {
        for mut item in page.volumes.unwrap_or_default() {
            let Some(id) = item.volume_id.take() else { continue };
            let tags = tags!(item.tags.take());
            let meta = cell.ec2_meta("aws.ec2.volume", id, None, None, tags);
            cell.emit(meta, volume(item)).await;
        }
    })
}

/// Own snapshots. Which of them are public is one more listing, not a call for each.
pub(super) async fn snapshots(cell: Arc<Cell>) -> Result<(), Failure> {
    let kind = "aws.ec2.snapshot";
    let public = public_snapshots(&cell).await;
    let shares = cell.plan.wants_fields(kind, &["shared_account_ids"]);
    let request = cell.clients.ec2().describe_snapshots().owner_ids("self").max_results(PAGE);
    pages!(cell, "ec2:DescribeSnapshots", request, set_next_token, next_token, |page| {
        for mut item in page.snapshots.unwrap_or_default() {
            let Some(id) = item.snapshot_id.take() else { continue };
            let tags = tags!(item.tags.take());
            let mut data = snapshot(item);
            data.public = match &public {
                Ok(ids) => Attr::Known(ids.contains(&id)),
                Err(failure) => failure.unknown(),
            };
            if shares {
                data.shared_account_ids = snapshot_shares(&cell, &id).await;
            }
            cell.emit(cell.ec2_meta(kind, id, None, None, tags), data).await;
        }
    })
}

async fn public_snapshots(cell: &Cell) -> Result<HashSet<String>, Failure> {
    let mut ids = HashSet::new();
    let request = cell.clients.ec2().describe_snapshots();
    let request = request.owner_ids("self").restorable_by_user_ids("all").max_results(PAGE);
    pages!(cell, "ec2:DescribeSnapshots", request, set_next_token, next_token, |page| {
        ids.extend(
            page.snapshots.unwrap_or_default().into_iter().filter_map(|item| item.snapshot_id),
        );
    })?;
    Ok(ids)
}

async fn snapshot_shares(cell: &Cell, id: &str) -> Attr<Vec<String>> {
    let request = cell.clients.ec2().describe_snapshot_attribute();
    let request =
        request.snapshot_id(id).attribute(sdk::SnapshotAttributeName::CreateVolumePermission);
    match cell.call("ec2:DescribeSnapshotAttribute", request.send()).await {
        Ok(answer) => {
            let permissions = answer.create_volume_permissions.unwrap_or_default();
            super::convert::sorted(Some(
                permissions.into_iter().filter_map(|p| p.user_id).collect(),
            ))
        }
        Err(failure) => failure.unknown(),
    }
}

pub(super) async fn network_interfaces(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_network_interfaces().max_results(PAGE);
    pages!(cell, "ec2:DescribeNetworkInterfaces", request, set_next_token, next_token, |page| {
        for mut item in page.network_interfaces.unwrap_or_default() {
            let Some(id) = item.network_interface_id.take() else { continue };
            let tags = tags!(item.tag_set.take());
            let owner = item.owner_id.clone();
            let meta = cell.ec2_meta("aws.ec2.network_interface", id, owner.as_deref(), None, tags);
            cell.emit(meta, network_interface(item)).await;
        }
    })
}

pub(super) async fn addresses(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_addresses();
    let answer = cell.call("ec2:DescribeAddresses", request.send()).await?;
    for mut item in answer.addresses.unwrap_or_default() {
        // Addresses of EC2-Classic had no allocation.
        let Some(id) = item.allocation_id.take().or_else(|| item.public_ip.clone()) else {
            continue;
        };
        let tags = tags!(item.tags.take());
        cell.emit(cell.ec2_meta("aws.ec2.address", id, None, None, tags), address(item)).await;
    }
    Ok(())
}

pub(super) async fn key_pairs(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_key_pairs();
    let answer = cell.call("ec2:DescribeKeyPairs", request.send()).await?;
    for item in answer.key_pairs.unwrap_or_default() {
        let Some(id) = item.key_pair_id.clone().or_else(|| item.key_name.clone()) else { continue };
        let tags = tags!(item.tags);
        let meta = cell.ec2_meta("aws.ec2.key_pair", id, None, item.key_name.as_deref(), tags);
        let data = KeyPair {
            key_name: must(item.key_name),
            key_type: must_word!(item.key_type),
            key_fingerprint: item.key_fingerprint.into(),
            create_time: super::convert::time(item.create_time),
        };
        cell.emit(meta, data).await;
    }
    Ok(())
}

/// The settings of a region: a call each, and each may be denied by itself.
pub(super) async fn account_settings(cell: Arc<Cell>) -> Result<(), Failure> {
    let mut data = AccountSettings::default();
    let first = ebs_defaults(&cell, &mut data).await;
    public_sharing(&cell, &mut data).await;
    launch_defaults(&cell, &mut data).await;
    images_allowed(&cell, &mut data).await;
    vpc_defaults(&cell, &mut data).await;
    // When not one of the settings is known, it is the type that is missing.
    let nothing = data.snapshot_block_public_access_state.known().is_none()
        && data.image_block_public_access_state.known().is_none()
        && data.serial_console_access_enabled.known().is_none()
        && data.default_vpc_id.known().is_none();
    if let (Err(failure), true) = (first, nothing) {
        return Err(failure);
    }
    cell.emit(cell.single_meta(), data).await;
    Ok(())
}

async fn ebs_defaults(cell: &Cell, data: &mut AccountSettings) -> Result<(), Failure> {
    let ec2 = cell.clients.ec2();
    let answer = cell
        .call("ec2:GetEbsEncryptionByDefault", ec2.get_ebs_encryption_by_default().send())
        .await;
    let result = answer.as_ref().map(|_| ()).map_err(Clone::clone);
    match answer {
        Ok(answer) => {
            data.ebs_encryption_by_default = flag(answer.ebs_encryption_by_default);
            data.ebs_sse_type = word!(answer.sse_type);
        }
        Err(failure) => {
            data.ebs_encryption_by_default = failure.unknown();
            data.ebs_sse_type = failure.unknown();
        }
    }
    let answer =
        cell.call("ec2:GetEbsDefaultKmsKeyId", ec2.get_ebs_default_kms_key_id().send()).await;
    data.ebs_default_kms_key_id = match answer {
        Ok(answer) => answer.kms_key_id.into(),
        Err(failure) => failure.unknown(),
    };
    result
}

async fn public_sharing(cell: &Cell, data: &mut AccountSettings) {
    let ec2 = cell.clients.ec2();
    let request = ec2.get_snapshot_block_public_access_state();
    match cell.call("ec2:GetSnapshotBlockPublicAccessState", request.send()).await {
        Ok(answer) => {
            data.snapshot_block_public_access_state = must_word!(answer.state);
            data.snapshot_block_public_access_managed_by = word!(answer.managed_by);
        }
        Err(failure) => {
            data.snapshot_block_public_access_state = failure.unknown();
            data.snapshot_block_public_access_managed_by = failure.unknown();
        }
    }
    let request = ec2.get_image_block_public_access_state();
    match cell.call("ec2:GetImageBlockPublicAccessState", request.send()).await {
        Ok(answer) => {
            data.image_block_public_access_state = must(answer.image_block_public_access_state);
            data.image_block_public_access_managed_by = word!(answer.managed_by);
        }
        Err(failure) => {
            data.image_block_public_access_state = failure.unknown();
            data.image_block_public_access_managed_by = failure.unknown();
        }
    }
    let request = ec2.get_serial_console_access_status();
    match cell.call("ec2:GetSerialConsoleAccessStatus", request.send()).await {
        Ok(answer) => {
            data.serial_console_access_enabled = flag(answer.serial_console_access_enabled);
            data.serial_console_access_managed_by = word!(answer.managed_by);
        }
        Err(failure) => {
            data.serial_console_access_enabled = failure.unknown();
            data.serial_console_access_managed_by = failure.unknown();
        }
    }
}

async fn launch_defaults(cell: &Cell, data: &mut AccountSettings) {
    let request = cell.clients.ec2().get_instance_metadata_defaults();
    match cell.call("ec2:GetInstanceMetadataDefaults", request.send()).await {
        Ok(answer) => {
            // An account without defaults gets an empty answer: every part is absent then.
            let level = answer.account_level;
            let level = level.as_ref();
            data.instance_metadata_defaults = Attr::Known(MetadataOptions {
                http_tokens: word!(level.and_then(|l| l.http_tokens.as_ref())),
                http_endpoint: word!(level.and_then(|l| l.http_endpoint.as_ref())),
                http_put_response_hop_limit: number(
                    level.and_then(|l| l.http_put_response_hop_limit),
                ),
                instance_metadata_tags: word!(
                    level.and_then(|l| l.instance_metadata_tags.as_ref())
                ),
                http_protocol_ipv6: None.into(),
                state: None.into(),
            });
            data.instance_metadata_defaults_managed_by =
                word!(level.and_then(|l| l.managed_by.as_ref()));
            data.http_tokens_enforced = word!(level.and_then(|l| l.http_tokens_enforced.as_ref()));
        }
        Err(failure) => {
            data.instance_metadata_defaults = failure.unknown();
            data.instance_metadata_defaults_managed_by = failure.unknown();
            data.http_tokens_enforced = failure.unknown();
        }
    }
}

async fn images_allowed(cell: &Cell, data: &mut AccountSettings) {
    let request = cell.clients.ec2().get_allowed_images_settings();
    match cell.call("ec2:GetAllowedImagesSettings", request.send()).await {
        Ok(answer) => {
            let criteria = answer.image_criteria.unwrap_or_default();
            let mut providers: Vec<String> =
                criteria.into_iter().flat_map(|c| c.image_providers.unwrap_or_default()).collect();
            providers.sort_unstable();
            providers.dedup();
            data.allowed_images_state = must(answer.state);
            data.allowed_image_providers = providers.into();
            data.allowed_images_managed_by = word!(answer.managed_by);
        }
        Err(failure) => {
            data.allowed_images_state = failure.unknown();
            data.allowed_image_providers = failure.unknown();
            data.allowed_images_managed_by = failure.unknown();
        }
    }
}

async fn vpc_defaults(cell: &Cell, data: &mut AccountSettings) {
    let request = cell.clients.ec2().describe_account_attributes();
    let request = request.attribute_names(sdk::AccountAttributeName::DefaultVpc);
    data.default_vpc_id = match cell.call("ec2:DescribeAccountAttributes", request.send()).await {
        Ok(answer) => {
            let values: BTreeMap<String, Vec<String>> = answer
                .account_attributes
                .unwrap_or_default()
                .into_iter()
                .filter_map(|attribute| {
                    let values = attribute.attribute_values.unwrap_or_default();
                    let values =
                        values.into_iter().filter_map(|value| value.attribute_value).collect();
                    Some((attribute.attribute_name?, values))
                })
                .collect();
            let vpc = values.get("default-vpc").and_then(|list| list.first().cloned());
            // EC2 writes the word `none` where the region has no default VPC.
            Attr::Known(vpc.filter(|id| id != "none"))
        }
        Err(failure) => failure.unknown(),
    };
    if cell.plan.wants_fields("aws.ec2.account_settings", &["vpc_encryption_control_mode"]) {
        let request = cell.clients.ec2().describe_account_vpc_encryption_control();
        let answer = cell.call("ec2:DescribeAccountVpcEncryptionControl", request.send()).await;
        data.vpc_encryption_control_mode = match answer {
            Ok(answer) => {
                word!(answer.account_vpc_encryption_control.as_ref().and_then(|c| c.mode.as_ref()))
            }
            Err(failure) => failure.unknown(),
        };
    }
}

/// When something was created, where EC2 always says so.
pub(super) fn created(time: Option<aws_smithy_types::DateTime>) -> Attr<crate::clock::Time> {
    must_time(time)
}
