//! EC2's answers as model values: what stands at the borders of a VPC.

use aws_sdk_ec2::types as sdk;

use super::super::convert::{
    flag, list, list_of, must, must_word, number, prefixes, sorted, time, word,
};
use crate::model::attr::Attr;
use crate::model::policy::PolicyDocument;
use crate::model::vpc_edge::{
    FlowLog, GatewayAttachment, NatGateway, NatGatewayAddress, PeeringVpcInfo,
    VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions, VpcEndpoint, VpcEndpointConnection,
    VpcEndpointService, VpcPeeringConnection,
};

type Attachments = (Attr<Vec<String>>, Attr<Vec<GatewayAttachment>>);

pub(super) fn attachments(items: Option<Vec<sdk::InternetGatewayAttachment>>) -> Attachments {
    let items = items.unwrap_or_default();
    let vpcs = sorted(Some(items.iter().filter_map(|item| item.vpc_id.clone()).collect()));
    let list = list(Some(items), |item| GatewayAttachment {
        vpc_id: must(item.vpc_id),
        state: must_word!(item.state),
    });
    (vpcs, list)
}

pub(super) fn vpn_attachments(items: Option<Vec<sdk::VpcAttachment>>) -> Attachments {
    let items = items.unwrap_or_default();
    // Detached ones linger in the answer.
    let there = |item: &&sdk::VpcAttachment| item.state != Some(sdk::AttachmentStatus::Detached);
    let vpcs =
        sorted(Some(items.iter().filter(there).filter_map(|item| item.vpc_id.clone()).collect()));
    let list = list(Some(items), |item| GatewayAttachment {
        vpc_id: must(item.vpc_id),
        state: must_word!(item.state),
    });
    (vpcs, list)
}

pub(super) fn nat_gateway(item: sdk::NatGateway) -> NatGateway {
    let addresses = item.nat_gateway_addresses.unwrap_or_default();
    NatGateway {
        vpc_id: must(item.vpc_id),
        subnet_id: item.subnet_id.into(),
        state: must_word!(item.state),
        connectivity_type: must_word!(item.connectivity_type),
        availability_mode: word!(item.availability_mode),
        route_table_id: item.route_table_id.into(),
        network_interface_ids: sorted(Some(
            addresses.iter().filter_map(|address| address.network_interface_id.clone()).collect(),
        )),
        nat_gateway_addresses: list(Some(addresses), |item| NatGatewayAddress {
            public_ip: item.public_ip.into(),
            private_ip: item.private_ip.into(),
            allocation_id: item.allocation_id.into(),
            network_interface_id: item.network_interface_id.into(),
            is_primary: item.is_primary.into(),
            status: word!(item.status),
            availability_zone: item.availability_zone.into(),
        }),
        create_time: time(item.create_time),
        delete_time: time(item.delete_time),
        failure_code: item.failure_code.into(),
        attached_appliance_arns: list_of(item.attached_appliances, |appliance| {
            appliance.appliance_arn
        }),
    }
}

pub(super) fn peering(item: sdk::VpcPeeringConnection) -> VpcPeeringConnection {
    let requester = item.requester_vpc_info.map(side);
    let accepter = item.accepter_vpc_info.map(side);
    let status = item.status;
    VpcPeeringConnection {
        status: must_word!(status.as_ref().and_then(|s| s.code.as_ref())),
        status_message: status.and_then(|s| s.message).into(),
        expiration_time: time(item.expiration_time),
        requester_vpc_id: requester.as_ref().map_or_else(|| must(None), |side| side.vpc_id.clone()),
        accepter_vpc_id: accepter.as_ref().map_or_else(|| must(None), |side| side.vpc_id.clone()),
        requester_vpc_info: must(requester),
        accepter_vpc_info: must(accepter),
        ..VpcPeeringConnection::default()
    }
}

fn side(item: sdk::VpcPeeringConnectionVpcInfo) -> PeeringVpcInfo {
    let mut blocks: Vec<String> = item
        .cidr_block_set
        .unwrap_or_default()
        .into_iter()
        .filter_map(|block| block.cidr_block)
        .collect();
    // The primary block stands by itself too, and alone where the list is left out.
    blocks.extend(item.cidr_block.filter(|block| !blocks.contains(block)));
    let v6 = item
        .ipv6_cidr_block_set
        .unwrap_or_default()
        .into_iter()
        .filter_map(|block| block.ipv6_cidr_block);
    PeeringVpcInfo {
        vpc_id: must(item.vpc_id),
        owner_id: must(item.owner_id),
        region: item.region.into(),
        cidr_blocks: prefixes(blocks),
        ipv6_cidr_blocks: prefixes(v6),
        allow_dns_resolution_from_remote_vpc: item
            .peering_options
            .and_then(|options| options.allow_dns_resolution_from_remote_vpc)
            .into(),
    }
}

pub(super) fn flow_log(item: sdk::FlowLog) -> FlowLog {
    let options = item.destination_options;
    FlowLog {
        resource_id: must(item.resource_id),
        flow_log_status: must(item.flow_log_status),
        traffic_type: word!(item.traffic_type),
        // Flow logs from before there was a choice go to CloudWatch.
        log_destination_type: Attr::Known(
            item.log_destination_type
                .map_or_else(|| "cloud-watch-logs".to_owned(), |kind| kind.as_str().to_owned()),
        ),
        log_destination: item.log_destination.into(),
        log_group_name: item.log_group_name.into(),
        deliver_logs_status: item.deliver_logs_status.into(),
        deliver_logs_error_message: item.deliver_logs_error_message.into(),
        deliver_logs_permission_arn: item.deliver_logs_permission_arn.into(),
        deliver_cross_account_role: item.deliver_cross_account_role.into(),
        log_format: item.log_format.into(),
        max_aggregation_interval: number(item.max_aggregation_interval),
        file_format: word!(options.as_ref().and_then(|o| o.file_format.as_ref())),
        hive_compatible_partitions: options
            .as_ref()
            .and_then(|o| o.hive_compatible_partitions)
            .into(),
        per_hour_partition: options.and_then(|o| o.per_hour_partition).into(),
        creation_time: time(item.creation_time),
    }
}

pub(super) fn endpoint(item: sdk::VpcEndpoint) -> VpcEndpoint {
    let dns = item.dns_options;
    VpcEndpoint {
        vpc_endpoint_type: must_word!(item.vpc_endpoint_type),
        vpc_id: must(item.vpc_id),
        service_name: item.service_name.into(),
        service_region: item.service_region.into(),
        service_network_arn: item.service_network_arn.into(),
        resource_configuration_arn: item.resource_configuration_arn.into(),
        state: must(item.state.map(|state| lower_camel(state.as_str()))),
        owner_id: item.owner_id.into(),
        policy_document: match item.policy_document.filter(|text| !text.is_empty()) {
            None => Attr::Known(None),
            Some(text) => PolicyDocument::parse(&text).map(Some),
        },
        route_table_ids: sorted(item.route_table_ids),
        subnet_ids: sorted(item.subnet_ids),
        security_group_ids: sorted(Some(
            item.groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|group| group.group_id)
                .collect(),
        )),
        network_interface_ids: sorted(item.network_interface_ids),
        ip_address_type: word!(item.ip_address_type),
        private_dns_enabled: item.private_dns_enabled.into(),
        dns_record_ip_type: word!(dns.as_ref().and_then(|d| d.dns_record_ip_type.as_ref())),
        private_dns_only_for_inbound_resolver_endpoint: dns
            .and_then(|d| d.private_dns_only_for_inbound_resolver_endpoint)
            .into(),
        dns_names: list_of(item.dns_entries, |entry| entry.dns_name),
        requester_managed: flag(item.requester_managed),
        creation_timestamp: time(item.creation_timestamp),
        last_error_code: item.last_error.and_then(|error| error.code).into(),
        ..VpcEndpoint::default()
    }
}

/// The SDK and the wire disagree on the first letter of this state.
fn lower_camel(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

pub(super) fn endpoint_service(item: sdk::ServiceConfiguration) -> VpcEndpointService {
    VpcEndpointService {
        service_name: must(item.service_name),
        service_types: list_of(item.service_type, |kind| {
            kind.service_type.map(|kind| kind.as_str().to_owned())
        }),
        service_state: must_word!(item.service_state),
        acceptance_required: must(item.acceptance_required),
        manages_vpc_endpoints: item.manages_vpc_endpoints.into(),
        network_load_balancer_arns: sorted(item.network_load_balancer_arns),
        gateway_load_balancer_arns: sorted(item.gateway_load_balancer_arns),
        supported_ip_address_types: list(item.supported_ip_address_types, |kind| {
            kind.as_str().to_owned()
        }),
        supported_regions: list_of(item.supported_regions, |region| region.region),
        remote_access_enabled: item.remote_access_enabled.into(),
        availability_zones: sorted(item.availability_zones),
        private_dns_name: item.private_dns_name.into(),
        private_dns_name_verification_state: word!(
            item.private_dns_name_configuration.as_ref().and_then(|c| c.state.as_ref())
        ),
        payer_responsibility: word!(item.payer_responsibility),
        ..VpcEndpointService::default()
    }
}

pub(super) fn connection(item: sdk::VpcEndpointConnection) -> VpcEndpointConnection {
    VpcEndpointConnection {
        vpc_endpoint_id: must(item.vpc_endpoint_id),
        vpc_endpoint_owner: must(item.vpc_endpoint_owner),
        vpc_endpoint_region: item.vpc_endpoint_region.into(),
        vpc_endpoint_state: must(item.vpc_endpoint_state.map(|state| lower_camel(state.as_str()))),
        creation_timestamp: time(item.creation_timestamp),
    }
}

pub(super) fn block_options(item: sdk::VpcBlockPublicAccessOptions) -> VpcBlockPublicAccessOptions {
    VpcBlockPublicAccessOptions {
        internet_gateway_block_mode: must_word!(item.internet_gateway_block_mode),
        state: must_word!(item.state),
        reason: item.reason.into(),
        managed_by: word!(item.managed_by),
        exclusions_allowed: word!(item.exclusions_allowed),
        last_update_timestamp: time(item.last_update_timestamp),
    }
}

pub(super) fn block_exclusion(
    item: sdk::VpcBlockPublicAccessExclusion,
) -> VpcBlockPublicAccessExclusion {
    VpcBlockPublicAccessExclusion {
        resource_arn: must(item.resource_arn),
        internet_gateway_exclusion_mode: must_word!(item.internet_gateway_exclusion_mode),
        state: must_word!(item.state),
        reason: item.reason.into(),
        creation_timestamp: time(item.creation_timestamp),
        last_update_timestamp: time(item.last_update_timestamp),
        deletion_timestamp: time(item.deletion_timestamp),
    }
}
