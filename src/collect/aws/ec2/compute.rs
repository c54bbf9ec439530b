//! Instances, the templates they are launched from, and the images of both.
//!
//! One collector, since an image belongs to the inventory when something uses it: nothing is asked twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use super::super::cell::{Cell, pages};
use super::super::convert::{
    flag, list, list_of, must, must_time, must_word, number, sorted, tags, text_time, time, word,
};
use super::super::failure::Failure;
use super::PAGE;
use super::convert::{block_device, groups, operated};
use super::template::templates;
use crate::collect::normal;
use crate::model::attr::Attr;
use crate::model::ec2::{
    BlockDeviceMapping, Image, Instance, InstanceBlockDevice, MetadataOptions,
};

const INSTANCE: &str = "aws.ec2.instance";
const TEMPLATE: &str = "aws.ec2.launch_template";
const IMAGE: &str = "aws.ec2.image";

/// How many values a filter takes (`DescribeImages`).
const FILTER_VALUES: usize = 200;

pub(in crate::collect::aws) async fn compute(cell: Arc<Cell>) -> Result<(), Failure> {
    let mut images = BTreeSet::new();
    let mut missed = None;
    if cell.plan.wants_any(&[INSTANCE, IMAGE])
        && let Err(failure) = instances(&cell, &mut images).await
    {
        cell.gap(INSTANCE, &failure);
        missed = Some(failure);
    }
    if cell.plan.wants_any(&[TEMPLATE, IMAGE])
        && let Err(failure) = templates(&cell, &mut images).await
    {
        cell.gap(TEMPLATE, &failure);
        missed = Some(failure);
    }
    if cell.wants(IMAGE) {
        match own_images(&cell, &mut images).await {
            Err(failure) => cell.gap(IMAGE, &failure),
            Ok(()) => {
                if let Err(failure) = used_images(&cell, &images).await {
                    cell.gap(IMAGE, &failure);
                } else if let Some(failure) = missed {
                    // Which images others lent to what was not read, nobody knows.
                    cell.gap(IMAGE, &failure);
                }
            }
        }
    }
    Ok(())
}

async fn instances(cell: &Cell, images: &mut BTreeSet<String>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_instances().max_results(PAGE);
    pages!(cell, "ec2:DescribeInstances", request, set_next_token, next_token, |page| {
        for reservation in page.reservations.unwrap_or_default() {
            let (id, owner) = (reservation.reservation_id, reservation.owner_id);
            let requester = reservation.requester_id;
            for mut item in reservation.instances.unwrap_or_default() {
                let Some(instance_id) = item.instance_id.take() else { continue };
                images.extend(item.image_id.clone());
                let tags = tags!(item.tags.take());
                let mut data = instance(item);
                data.reservation_id = id.clone().into();
                data.requester_id = requester.clone().into();
                attributes(cell, &instance_id, &mut data).await;
                let meta = cell.ec2_meta(INSTANCE, instance_id, owner.as_deref(), None, tags);
                cell.emit(meta, data).await;
            }
        }
    })
}

#[expect(clippy::too_many_lines, reason = "a line for each field")]
fn instance(item: sdk::Instance) -> Instance {
    let placement = item.placement;
    let placement = placement.as_ref();
    let mappings = item.block_device_mappings.unwrap_or_default();
    let volumes = mappings.iter().filter_map(|m| m.ebs.as_ref()?.volume_id.clone()).collect();
    let interfaces = item.network_interfaces.unwrap_or_default();
    let ipv6 = interfaces
        .iter()
        .flat_map(sdk::InstanceNetworkInterface::ipv6_addresses)
        .filter_map(|address| address.ipv6_address.clone())
        .collect();
    let text = |value: Option<String>| Attr::Known(value.filter(|text| !text.is_empty()));
    Instance {
        image_id: must(item.image_id),
        instance_type: must_word!(item.instance_type),
        state: must_word!(item.state.as_ref().and_then(|state| state.name.as_ref())),
        state_reason_code: item.state_reason.and_then(|reason| reason.code).into(),
        state_transition_reason: text(item.state_transition_reason),
        launch_time: must_time(item.launch_time),
        platform: word!(item.platform),
        platform_details: item.platform_details.into(),
        architecture: must_word!(item.architecture),
        virtualization_type: must_word!(item.virtualization_type),
        hypervisor: word!(item.hypervisor),
        boot_mode: word!(item.boot_mode),
        current_instance_boot_mode: word!(item.current_instance_boot_mode),
        tpm_support: item.tpm_support.into(),
        key_name: text(item.key_name),
        vpc_id: text(item.vpc_id),
        subnet_id: text(item.subnet_id),
        availability_zone: must(placement.and_then(|p| p.availability_zone.clone())),
        tenancy: must_word!(placement.and_then(|p| p.tenancy.as_ref())),
        host_id: placement.and_then(|p| p.host_id.clone()).into(),
        placement_group_name: text(placement.and_then(|p| p.group_name.clone())),
        private_ip_address: text(item.private_ip_address),
        public_ip_address: text(item.public_ip_address),
        ipv6_addresses: sorted(Some(ipv6)),
        associate_public_ip_address: None.into(),
        private_dns_name: text(item.private_dns_name),
        public_dns_name: text(item.public_dns_name),
        security_group_ids: groups(item.security_groups),
        network_interface_ids: sorted(Some(
            interfaces.into_iter().filter_map(|interface| interface.network_interface_id).collect(),
        )),
        source_dest_check: item.source_dest_check.into(),
        ebs_optimized: flag(item.ebs_optimized),
        ena_support: item.ena_support.into(),
        sriov_net_support: item.sriov_net_support.into(),
        root_device_name: text(item.root_device_name),
        root_device_type: must_word!(item.root_device_type),
        block_device_mappings: list(Some(mappings), device),
        volume_ids: sorted(Some(volumes)),
        iam_instance_profile_arn: item
            .iam_instance_profile
            .as_ref()
            .and_then(|p| p.arn.clone())
            .into(),
        iam_instance_profile_id: item.iam_instance_profile.and_then(|p| p.id).into(),
        instance_lifecycle: word!(item.instance_lifecycle),
        spot_instance_request_id: text(item.spot_instance_request_id),
        capacity_reservation_id: text(item.capacity_reservation_id),
        monitoring: must_word!(item.monitoring.and_then(|m| m.state)),
        metadata_options: must(item.metadata_options.as_ref().map(metadata)),
        hibernation_configured: flag(item.hibernation_options.and_then(|h| h.configured)),
        enclave_enabled: flag(item.enclave_options.and_then(|e| e.enabled)),
        amd_sev_snp: word!(item.cpu_options.and_then(|c| c.amd_sev_snp)),
        auto_recovery: word!(item.maintenance_options.and_then(|m| m.auto_recovery)),
        license_configuration_arns: list_of(item.licenses, |license| {
            license.license_configuration_arn
        }),
        product_codes: list_of(item.product_codes, |code| code.product_code_id),
        outpost_arn: item.outpost_arn.into(),
        operator_managed: operated(item.operator),
        ..Instance::default()
    }
}

fn device(item: sdk::InstanceBlockDeviceMapping) -> InstanceBlockDevice {
    let ebs = item.ebs;
    InstanceBlockDevice {
        device_name: must(item.device_name),
        volume_id: ebs.as_ref().and_then(|e| e.volume_id.clone()).into(),
        status: word!(ebs.as_ref().and_then(|e| e.status.as_ref())),
        delete_on_termination: ebs.as_ref().and_then(|e| e.delete_on_termination).into(),
        attach_time: time(ebs.and_then(|e| e.attach_time)),
        encrypted: None.into(),
        kms_key_id: None.into(),
    }
}

fn metadata(item: &sdk::InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        http_tokens: word!(item.http_tokens),
        http_endpoint: word!(item.http_endpoint),
        http_put_response_hop_limit: number(item.http_put_response_hop_limit),
        http_protocol_ipv6: word!(item.http_protocol_ipv6),
        instance_metadata_tags: word!(item.instance_metadata_tags),
        state: word!(item.state),
    }
}

/// What only a call for each instance and attribute tells, as far as it is wanted.
async fn attributes(cell: &Cell, id: &str, data: &mut Instance) {
    if cell.plan.wants_fields(INSTANCE, &["user_data_sha256", "user_data_secret_kinds"]) {
        match attribute(cell, id, sdk::InstanceAttributeName::UserData).await {
            Ok(answer) => {
                let text = answer.user_data.and_then(|value| value.value);
                let kept = normal::user_data(text.as_deref().unwrap_or_default());
                data.user_data_sha256 = kept.sha256;
                data.user_data_secret_kinds = kept.secret_kinds;
            }
            Err(failure) => {
                data.user_data_sha256 = failure.unknown();
                data.user_data_secret_kinds = failure.unknown();
            }
        }
    }
    if cell.plan.wants_fields(INSTANCE, &["disable_api_termination"]) {
        let answer = attribute(cell, id, sdk::InstanceAttributeName::DisableApiTermination).await;
        data.disable_api_termination = match answer {
            Ok(answer) => must(answer.disable_api_termination.and_then(|value| value.value)),
            Err(failure) => failure.unknown(),
        };
    }
    if cell.plan.wants_fields(INSTANCE, &["disable_api_stop"]) {
        let answer = attribute(cell, id, sdk::InstanceAttributeName::DisableApiStop).await;
        data.disable_api_stop = match answer {
            Ok(answer) => must(answer.disable_api_stop.and_then(|value| value.value)),
            Err(failure) => failure.unknown(),
        };
    }
    if cell.plan.wants_fields(INSTANCE, &["instance_initiated_shutdown_behavior"]) {
        let answer =
            attribute(cell, id, sdk::InstanceAttributeName::InstanceInitiatedShutdownBehavior)
                .await;
        data.instance_initiated_shutdown_behavior = match answer {
            Ok(answer) => {
                must(answer.instance_initiated_shutdown_behavior.and_then(|value| value.value))
            }
            Err(failure) => failure.unknown(),
        };
    }
}

type AttributeAnswer =
    aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput;

async fn attribute(
    cell: &Cell,
    id: &str,
    name: sdk::InstanceAttributeName,
) -> Result<AttributeAnswer, Failure> {
    let request = cell.clients.ec2().describe_instance_attribute().instance_id(id).attribute(name);
    cell.call("ec2:DescribeInstanceAttribute", request.send()).await
}

/// The account's own images, disabled and deprecated ones included.
async fn own_images(cell: &Cell, used: &mut BTreeSet<String>) -> Result<(), Failure> {
    let fields =
        ["shared_account_ids", "shared_organization_arns", "shared_organizational_unit_arns"];
    let shares = cell.plan.wants_fields(IMAGE, &fields);
    let request = cell.clients.ec2().describe_images().owners("self");
    let request = request.include_deprecated(true).include_disabled(true).max_results(PAGE);
    pages!(cell, "ec2:DescribeImages", request, set_next_token, next_token, |page| {
        for item in page.images.unwrap_or_default() {
            let Some(id) = item.image_id.clone() else { continue };
            used.remove(&id);
            let mut data = None;
            if shares {
                data = Some(image_shares(cell, &id).await);
            }
            emit_image(cell, id, item, data).await;
        }
    })
}

/// The images of others that instances and templates use. A filter, unlike a list of ids, forgives those that are gone.
async fn used_images(cell: &Cell, used: &BTreeSet<String>) -> Result<(), Failure> {
    let ids: Vec<String> = used.iter().cloned().collect();
    for chunk in ids.chunks(FILTER_VALUES) {
        let filter =
            sdk::Filter::builder().name("image-id").set_values(Some(chunk.to_vec())).build();
        let request = cell.clients.ec2().describe_images().filters(filter);
        let request = request.include_deprecated(true).include_disabled(true).max_results(PAGE);
        pages!(cell, "ec2:DescribeImages", request, set_next_token, next_token, |page| {
            for item in page.images.unwrap_or_default() {
                let Some(id) = item.image_id.clone() else { continue };
                emit_image(cell, id, item, None).await;
            }
        })?;
    }
    Ok(())
}

type Permissions = Result<Vec<sdk::LaunchPermission>, Failure>;

async fn image_shares(cell: &Cell, id: &str) -> Permissions {
    let request = cell.clients.ec2().describe_image_attribute();
    let request = request.image_id(id).attribute(sdk::ImageAttributeName::LaunchPermission);
    let answer = cell.call("ec2:DescribeImageAttribute", request.send()).await?;
    Ok(answer.launch_permissions.unwrap_or_default())
}

async fn emit_image(
    cell: &Cell,
    id: String,
    mut item: sdk::Image,
    permissions: Option<Permissions>,
) {
    let (name, tags) = (item.name.take(), tags!(item.tags.take()));
    let owner = item.owner_id.clone();
    let mut data = image(item);
    match permissions {
        None => {}
        Some(Ok(list)) => {
            let of = |part: fn(&sdk::LaunchPermission) -> Option<&String>| {
                sorted(Some(list.iter().filter_map(part).cloned().collect()))
            };
            data.shared_account_ids = of(|p| p.user_id.as_ref());
            data.shared_organization_arns = of(|p| p.organization_arn.as_ref());
            data.shared_organizational_unit_arns = of(|p| p.organizational_unit_arn.as_ref());
        }
        Some(Err(failure)) => {
            data.shared_account_ids = failure.unknown();
            data.shared_organization_arns = failure.unknown();
            data.shared_organizational_unit_arns = failure.unknown();
        }
    }
    cell.emit(cell.ec2_meta(IMAGE, id, owner.as_deref(), name.as_deref(), tags), data).await;
}

fn image(item: sdk::Image) -> Image {
    Image {
        owner_id: must(item.owner_id),
        image_owner_alias: item.image_owner_alias.into(),
        image_location: item.image_location.into(),
        description: item.description.filter(|text| !text.is_empty()).into(),
        state: must_word!(item.state),
        public: must(item.public),
        creation_date: text_time(item.creation_date.as_deref()),
        deprecation_time: text_time(item.deprecation_time.as_deref()),
        last_launched_time: text_time(item.last_launched_time.as_deref()),
        platform: word!(item.platform),
        platform_details: item.platform_details.into(),
        architecture: must_word!(item.architecture),
        image_type: must_word!(item.image_type),
        virtualization_type: must_word!(item.virtualization_type),
        root_device_type: must_word!(item.root_device_type),
        root_device_name: item.root_device_name.into(),
        block_device_mappings: list(item.block_device_mappings, mapping),
        ena_support: item.ena_support.into(),
        sriov_net_support: item.sriov_net_support.into(),
        boot_mode: word!(item.boot_mode),
        tpm_support: word!(item.tpm_support),
        imds_support: word!(item.imds_support),
        source_instance_id: item.source_instance_id.into(),
        source_image_id: item.source_image_id.into(),
        source_image_region: item.source_image_region.into(),
        deregistration_protection: item.deregistration_protection.into(),
        image_allowed: item.image_allowed.into(),
        product_codes: list_of(item.product_codes, |code| code.product_code_id),
        ..Image::default()
    }
}

fn mapping(item: sdk::BlockDeviceMapping) -> BlockDeviceMapping {
    block_device!(item)
}
