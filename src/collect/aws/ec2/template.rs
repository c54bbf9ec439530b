//! Launch templates with the versions that launches use: the default one and the newest.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types as sdk;

use super::super::cell::{Cell, pages};
use super::super::convert::{list, must, must_time, number, sorted, tags, time, word};
use super::super::failure::Failure;
use super::convert::{block_device, operated};
use crate::collect::normal;
use crate::model::attr::Attr;
use crate::model::ec2::{
    BlockDeviceMapping, LaunchTemplate, LaunchTemplateNetworkInterface, LaunchTemplateVersion,
    MetadataOptions,
};

/// Reads templates and adds the images they name. The versions of all templates come in one listing.
pub(super) async fn templates(cell: &Cell, images: &mut BTreeSet<String>) -> Result<(), Failure> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().describe_launch_templates().max_results(200);
    let listed =
        pages!(cell, "ec2:DescribeLaunchTemplates", request, set_next_token, next_token, |page| {
            found.extend(page.launch_templates.unwrap_or_default());
        });
    let ids: Vec<String> =
        found.iter().filter_map(|item| item.launch_template_id.clone()).collect();
    let mut versions =
        if found.is_empty() { Ok(BTreeMap::new()) } else { versions(cell, &ids).await };
    if let Ok(versions) = &versions {
        for version in versions.values().flatten() {
            if let Attr::Known(Some(id)) = &version.image_id
                && id.starts_with("ami-")
            {
                images.insert(id.clone());
            }
        }
    }
    for item in found {
        let Some(id) = item.launch_template_id else { continue };
        let meta = cell.ec2_meta(
            "aws.ec2.launch_template",
            id.clone(),
            None,
            item.launch_template_name.as_deref(),
            tags!(item.tags),
        );
        let data = LaunchTemplate {
            create_time: must_time(item.create_time),
            created_by: item.created_by.into(),
            default_version_number: must(item.default_version_number),
            latest_version_number: must(item.latest_version_number),
            versions: match &mut versions {
                Ok(versions) => must(versions.remove(&id)),
                Err(failure) => failure.unknown(),
            },
            operator_managed: operated(item.operator),
        };
        cell.emit(meta, data).await;
    }
    listed?;
    versions.map(|_| ())
}

type Versions = BTreeMap<String, Vec<LaunchTemplateVersion>>;

/// The versions of all templates, in one listing; those it leaves out are asked for by themselves.
async fn versions(cell: &Cell, ids: &[String]) -> Result<Versions, Failure> {
    let mut found = Versions::new();
    listed(cell, None, &mut found).await?;
    for id in ids {
        if !found.contains_key(id) {
            listed(cell, Some(id.clone()), &mut found).await?;
        }
    }
    for list in found.values_mut() {
        list.sort_by(|a, b| a.version_number.cmp(&b.version_number));
    }
    Ok(found)
}

async fn listed(cell: &Cell, id: Option<String>, found: &mut Versions) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_launch_template_versions().set_launch_template_id(id);
    let request = request.versions("$Latest").versions("$Default").max_results(200);
    pages!(
        cell,
        "ec2:DescribeLaunchTemplateVersions",
        request,
        set_next_token,
        next_token,
        |page| {
            for mut item in page.launch_template_versions.unwrap_or_default() {
                let Some(id) = item.launch_template_id.take() else { continue };
                let version = version(item);
                let list = found.entry(id).or_default();
                // The default version is often the newest, and then comes twice.
                if !list.iter().any(|have| have.version_number == version.version_number) {
                    list.push(version);
                }
            }
        }
    )
}

fn version(item: sdk::LaunchTemplateVersion) -> LaunchTemplateVersion {
    let Some(data) = item.launch_template_data else {
        return LaunchTemplateVersion {
            version_number: must(item.version_number),
            ..Default::default()
        };
    };
    let profile = data.iam_instance_profile;
    let user_data = normal::user_data(data.user_data.as_deref().unwrap_or_default());
    let mut resource_types: Vec<String> = data
        .tag_specifications
        .unwrap_or_default()
        .into_iter()
        .filter_map(|spec| spec.resource_type.map(|kind| kind.as_str().to_owned()))
        .collect();
    resource_types.dedup();
    LaunchTemplateVersion {
        version_number: must(item.version_number),
        default_version: must(item.default_version),
        version_description: item.version_description.into(),
        create_time: time(item.create_time),
        created_by: item.created_by.into(),
        image_id: data.image_id.into(),
        instance_type: word!(data.instance_type),
        key_name: data.key_name.into(),
        iam_instance_profile_arn: profile.as_ref().and_then(|p| p.arn.clone()).into(),
        iam_instance_profile_name: profile.and_then(|p| p.name).into(),
        security_group_ids: sorted(data.security_group_ids),
        security_group_names: sorted(data.security_groups),
        network_interfaces: list(data.network_interfaces, interface),
        block_device_mappings: list(data.block_device_mappings, mapping),
        metadata_options: data.metadata_options.as_ref().map(metadata).into(),
        ebs_optimized: data.ebs_optimized.into(),
        monitoring_enabled: data.monitoring.and_then(|m| m.enabled).into(),
        disable_api_termination: data.disable_api_termination.into(),
        disable_api_stop: data.disable_api_stop.into(),
        instance_initiated_shutdown_behavior: word!(data.instance_initiated_shutdown_behavior),
        tenancy: word!(data.placement.and_then(|p| p.tenancy)),
        market_type: word!(data.instance_market_options.and_then(|m| m.market_type)),
        enclave_enabled: data.enclave_options.and_then(|e| e.enabled).into(),
        hibernation_configured: data.hibernation_options.and_then(|h| h.configured).into(),
        user_data_sha256: user_data.sha256,
        user_data_secret_kinds: user_data.secret_kinds,
        tag_specification_resource_types: sorted(Some(resource_types)),
    }
}

fn interface(
    item: sdk::LaunchTemplateInstanceNetworkInterfaceSpecification,
) -> LaunchTemplateNetworkInterface {
    LaunchTemplateNetworkInterface {
        device_index: number(item.device_index),
        network_card_index: number(item.network_card_index),
        associate_public_ip_address: item.associate_public_ip_address.into(),
        associate_carrier_ip_address: item.associate_carrier_ip_address.into(),
        security_group_ids: sorted(item.groups),
        subnet_id: item.subnet_id.into(),
        network_interface_id: item.network_interface_id.into(),
        interface_type: item.interface_type.into(),
        ipv6_address_count: number(item.ipv6_address_count),
        ipv6_addresses: super::super::convert::list_of(item.ipv6_addresses, |item| {
            item.ipv6_address
        }),
        private_ip_address: item.private_ip_address.into(),
        delete_on_termination: item.delete_on_termination.into(),
    }
}

fn mapping(item: sdk::LaunchTemplateBlockDeviceMapping) -> BlockDeviceMapping {
    block_device!(item)
}

fn metadata(item: &sdk::LaunchTemplateInstanceMetadataOptions) -> MetadataOptions {
    MetadataOptions {
        http_tokens: word!(item.http_tokens),
        http_endpoint: word!(item.http_endpoint),
        http_put_response_hop_limit: number(item.http_put_response_hop_limit),
        http_protocol_ipv6: word!(item.http_protocol_ipv6),
        instance_metadata_tags: word!(item.instance_metadata_tags),
        state: word!(item.state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_keeps_no_user_data() {
        let metadata = sdk::LaunchTemplateInstanceMetadataOptions::builder()
            .http_tokens(sdk::LaunchTemplateHttpTokensState::Required)
            .build();
        // "export DB_PASSWORD=correct-horse-battery"
        let user_data = "ZXhwb3J0IERCX1BBU1NXT1JEPWNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==";
        let data = sdk::ResponseLaunchTemplateData::builder()
            .image_id("ami-1")
            .metadata_options(metadata)
            .user_data(user_data)
            .build();
        let item = sdk::LaunchTemplateVersion::builder()
            .version_number(3)
            .launch_template_data(data)
            .build();
        let version = version(item);
        let options = version.metadata_options.known().unwrap().clone().unwrap();
        assert_eq!(options.http_tokens, Attr::Known(Some("required".to_owned())));
        assert_eq!(options.http_endpoint, Attr::Known(None));
        assert_eq!(version.user_data_secret_kinds, Attr::Known(vec!["password".to_owned()]));
        assert!(!format!("{version:?}").contains("correct-horse"));
    }
}
