//! Systems Manager: managed hosts, their patches and their inventory.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ssm::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{map, moment, must_word, number, text_time, time, word};
use super::failure::Failure;
use crate::collect::normal::partition_of;
use crate::model::attr::Attr;
use crate::model::ssm::{Inventory, ManagedInstance, PatchState};

const PATCHES: &str = "aws.ssm.patch_state";

/// The largest page of these listings, and how many hosts a call for patch states takes.
const PAGE: i32 = 50;

/// Managed hosts, and the patch states of fifty at a time.
pub(super) async fn fleet(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ssm().describe_instance_information().max_results(PAGE);
    pages!(cell, "ssm:DescribeInstanceInformation", request, set_next_token, next_token, |page| {
        let items = page.instance_information_list.unwrap_or_default();
        let ids: Vec<String> = items.iter().filter_map(|item| item.instance_id.clone()).collect();
        for item in items {
            managed(&cell, item).await;
        }
        if cell.wants(PATCHES)
            && !ids.is_empty()
            && let Err(failure) = patches(&cell, ids).await
        {
            cell.gap(PATCHES, &failure);
        }
    })
}

async fn managed(cell: &Cell, item: sdk::InstanceInformation) {
    let Some(id) = item.instance_id else { return };
    // Hosts of EC2 have an instance's ARN, all others one of this service.
    let arn = if id.starts_with("mi-") {
        let (partition, region, account) =
            (partition_of(&cell.region), &cell.region, &cell.account);
        Some(format!("arn:{partition}:ssm:{region}:{account}:managed-instance/{id}"))
    } else {
        crate::collect::normal::ec2_arn("aws.ec2.instance", &cell.account, &cell.region, &id)
    };
    // The tags of EC2 hosts are those of the instance; asking for the others' is a call each.
    let meta =
        cell.meta(id, arn, item.computer_name.as_deref().or(item.name.as_deref()), Attr::default());
    let counts =
        item.association_overview.and_then(|o| o.instance_association_status_aggregated_count);
    let data = ManagedInstance {
        resource_type: must_word!(item.resource_type),
        ping_status: must_word!(item.ping_status),
        last_ping_date_time: time(item.last_ping_date_time),
        agent_version: item.agent_version.into(),
        is_latest_version: item.is_latest_version.into(),
        platform_type: word!(item.platform_type),
        platform_name: item.platform_name.into(),
        platform_version: item.platform_version.into(),
        computer_name: item.computer_name.into(),
        ip_address: item.ip_address.into(),
        activation_id: item.activation_id.into(),
        iam_role: item.iam_role.into(),
        registration_date: time(item.registration_date),
        source_type: word!(item.source_type),
        source_id: item.source_id.into(),
        association_status: item.association_status.into(),
        last_association_execution_date: time(item.last_association_execution_date),
        last_successful_association_execution_date: time(
            item.last_successful_association_execution_date,
        ),
        association_status_counts: Attr::Known(map(counts.unwrap_or_default(), i64::from)),
        ..ManagedInstance::default()
    };
    cell.emit(meta, data).await;
}

async fn patches(cell: &Cell, ids: Vec<String>) -> Result<(), Failure> {
    let request = cell.clients.ssm().describe_instance_patch_states();
    let request = request.set_instance_ids(Some(ids)).max_results(PAGE);
    pages!(cell, "ssm:DescribeInstancePatchStates", request, set_next_token, next_token, |page| {
        for item in page.instance_patch_states.unwrap_or_default() {
            let meta =
                cell.meta(item.instance_id.clone(), None, None, Attr::Known(BTreeMap::new()));
            cell.emit(meta, patch_state(item)).await;
        }
    })
}

fn patch_state(item: sdk::InstancePatchState) -> PatchState {
    PatchState {
        instance_id: item.instance_id.into(),
        patch_group: Some(item.patch_group).filter(|text| !text.is_empty()).into(),
        baseline_id: item.baseline_id.into(),
        snapshot_id: item.snapshot_id.into(),
        install_override_list: item.install_override_list.into(),
        operation: item.operation.as_str().to_owned().into(),
        operation_start_time: moment(item.operation_start_time).into(),
        operation_end_time: moment(item.operation_end_time).into(),
        last_no_reboot_install_operation_time: time(item.last_no_reboot_install_operation_time),
        reboot_option: word!(item.reboot_option),
        installed_count: number(Some(item.installed_count)),
        installed_other_count: number(Some(item.installed_other_count)),
        installed_pending_reboot_count: number(item.installed_pending_reboot_count),
        installed_rejected_count: number(item.installed_rejected_count),
        missing_count: number(Some(item.missing_count)),
        failed_count: number(Some(item.failed_count)),
        unreported_not_applicable_count: number(item.unreported_not_applicable_count),
        not_applicable_count: number(Some(item.not_applicable_count)),
        available_security_update_count: number(item.available_security_update_count),
        critical_non_compliant_count: number(item.critical_non_compliant_count),
        security_non_compliant_count: number(item.security_non_compliant_count),
        other_non_compliant_count: number(item.other_non_compliant_count),
    }
}

pub(super) async fn inventory(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ssm().get_inventory().max_results(PAGE);
    pages!(cell, "ssm:GetInventory", request, set_next_token, next_token, |page| {
        for entity in page.entities.unwrap_or_default() {
            let Some(id) = entity.id else { continue };
            let item = entity.data.unwrap_or_default().remove("AWS:InstanceInformation");
            let captured = item.as_ref().and_then(|item| item.capture_time.clone());
            let content = item.and_then(|item| item.content.into_iter().next());
            let Some(mut content) = content else { continue };
            let mut text =
                |key: &str| Attr::Known(content.remove(key).filter(|text| !text.is_empty()));
            let data = Inventory {
                instance_id: id.clone().into(),
                capture_time: text_time(captured.as_deref()),
                instance_status: text("InstanceStatus"),
                agent_type: text("AgentType"),
                agent_version: text("AgentVersion"),
                platform_type: text("PlatformType"),
                platform_name: text("PlatformName"),
                platform_version: text("PlatformVersion"),
                computer_name: text("ComputerName"),
                ip_address: text("IpAddress"),
                resource_type: text("ResourceType"),
                ..Inventory::default()
            };
            let name = data.computer_name.known().cloned().flatten();
            cell.emit(cell.meta(id, None, name.as_deref(), Attr::Known(BTreeMap::new())), data)
                .await;
        }
    })
}
