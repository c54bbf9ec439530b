//! EC2's answers as model values: disks, addresses and interfaces.

use aws_sdk_ec2::types as sdk;

use super::super::convert::{
    flag, list, list_of, moment, must, must_time, must_word, number, prefixes, sorted, time, word,
};
use super::created;
use crate::model::attr::Attr;
use crate::model::ec2::{
    Address, NetworkInterface, NetworkInterfaceAssociation, NetworkInterfaceAttachment,
    PrivateIpAddress, Snapshot, Volume, VolumeAttachment,
};

/// Whether a service provider manages a thing.
pub(super) fn operated(operator: Option<sdk::OperatorResponse>) -> Attr<bool> {
    flag(operator.and_then(|operator| operator.managed))
}

pub(super) fn volume(item: sdk::Volume) -> Volume {
    let attachments = item.attachments.unwrap_or_default();
    Volume {
        availability_zone: must(item.availability_zone),
        state: must_word!(item.state),
        volume_type: must_word!(item.volume_type),
        size: must(item.size.map(i64::from)),
        iops: number(item.iops),
        throughput: number(item.throughput),
        encrypted: must(item.encrypted),
        kms_key_id: item.kms_key_id.into(),
        sse_type: word!(item.sse_type),
        snapshot_id: item.snapshot_id.filter(|id| !id.is_empty()).into(),
        source_volume_id: item.source_volume_id.into(),
        create_time: created(item.create_time),
        multi_attach_enabled: item.multi_attach_enabled.into(),
        attached_instance_ids: sorted(Some(
            attachments.iter().filter_map(|a| a.instance_id.clone()).collect(),
        )),
        attachments: list(Some(attachments), |item| VolumeAttachment {
            instance_id: item.instance_id.into(),
            associated_resource: item.associated_resource.into(),
            instance_owning_service: item.instance_owning_service.into(),
            device: item.device.into(),
            state: word!(item.state),
            delete_on_termination: item.delete_on_termination.into(),
            attach_time: time(item.attach_time),
        }),
        outpost_arn: item.outpost_arn.into(),
        operator_managed: operated(item.operator),
    }
}

pub(super) fn snapshot(item: sdk::Snapshot) -> Snapshot {
    Snapshot {
        volume_id: item.volume_id.into(),
        volume_size: must(item.volume_size.map(i64::from)),
        state: must_word!(item.state),
        start_time: must_time(item.start_time),
        completion_time: time(item.completion_time),
        description: item.description.filter(|text| !text.is_empty()).into(),
        owner_id: must(item.owner_id),
        encrypted: must(item.encrypted),
        kms_key_id: item.kms_key_id.into(),
        sse_type: word!(item.sse_type),
        storage_tier: word!(item.storage_tier),
        restore_expiry_time: time(item.restore_expiry_time),
        outpost_arn: item.outpost_arn.into(),
        ..Snapshot::default()
    }
}

pub(super) fn address(item: sdk::Address) -> Address {
    let text = |value: Option<String>| Attr::Known(value.filter(|text| !text.is_empty()));
    Address {
        public_ip: must(item.public_ip),
        domain: must_word!(item.domain),
        association_id: text(item.association_id),
        instance_id: text(item.instance_id),
        network_interface_id: text(item.network_interface_id),
        network_interface_owner_id: text(item.network_interface_owner_id),
        private_ip_address: text(item.private_ip_address),
        public_ipv4_pool: text(item.public_ipv4_pool),
        network_border_group: text(item.network_border_group),
        carrier_ip: text(item.carrier_ip),
        customer_owned_ip: text(item.customer_owned_ip),
        service_managed: word!(item.service_managed),
    }
}

pub(super) fn network_interface(item: sdk::NetworkInterface) -> NetworkInterface {
    let tracking = item.connection_tracking_configuration;
    let instance_id =
        item.attachment.as_ref().and_then(|attachment| attachment.instance_id.clone());
    NetworkInterface {
        vpc_id: must(item.vpc_id),
        subnet_id: must(item.subnet_id),
        availability_zone: must(item.availability_zone),
        owner_id: must(item.owner_id),
        interface_type: must_word!(item.interface_type),
        status: must_word!(item.status),
        description: item.description.filter(|text| !text.is_empty()).into(),
        requester_id: item.requester_id.into(),
        requester_managed: flag(item.requester_managed),
        operator_managed: operated(item.operator),
        security_group_ids: groups(item.groups),
        source_dest_check: must(item.source_dest_check),
        private_ip_address: item.private_ip_address.into(),
        private_ip_addresses: list(item.private_ip_addresses, |item| PrivateIpAddress {
            private_ip_address: must(item.private_ip_address),
            primary: flag(item.primary),
            private_dns_name: item.private_dns_name.into(),
            association: item.association.map(association).into(),
        }),
        ipv6_addresses: list_of(item.ipv6_addresses, |item| item.ipv6_address),
        ipv4_prefixes: prefixes(
            item.ipv4_prefixes.unwrap_or_default().into_iter().filter_map(|p| p.ipv4_prefix),
        ),
        ipv6_prefixes: prefixes(
            item.ipv6_prefixes.unwrap_or_default().into_iter().filter_map(|p| p.ipv6_prefix),
        ),
        association: item.association.map(association).into(),
        attachment: item.attachment.map(attachment).into(),
        instance_id: instance_id.into(),
        private_dns_name: item.private_dns_name.into(),
        public_dns_name: item.public_dns_name.into(),
        mac_address: item.mac_address.into(),
        deny_all_igw_traffic: item.deny_all_igw_traffic.into(),
        ipv6_native: item.ipv6_native.into(),
        tcp_established_timeout: number(tracking.as_ref().and_then(|t| t.tcp_established_timeout)),
        udp_timeout: number(tracking.as_ref().and_then(|t| t.udp_timeout)),
        udp_stream_timeout: number(tracking.as_ref().and_then(|t| t.udp_stream_timeout)),
        outpost_arn: item.outpost_arn.into(),
        associated_subnet_ids: sorted(item.associated_subnets),
        ..NetworkInterface::default()
    }
}

fn association(item: sdk::NetworkInterfaceAssociation) -> NetworkInterfaceAssociation {
    NetworkInterfaceAssociation {
        public_ip: item.public_ip.into(),
        ip_owner_id: item.ip_owner_id.into(),
        allocation_id: item.allocation_id.into(),
        association_id: item.association_id.into(),
        public_dns_name: item.public_dns_name.filter(|text| !text.is_empty()).into(),
        carrier_ip: item.carrier_ip.into(),
        customer_owned_ip: item.customer_owned_ip.into(),
    }
}

fn attachment(item: sdk::NetworkInterfaceAttachment) -> NetworkInterfaceAttachment {
    NetworkInterfaceAttachment {
        attachment_id: item.attachment_id.into(),
        instance_id: item.instance_id.into(),
        instance_owner_id: item.instance_owner_id.into(),
        status: word!(item.status),
        device_index: number(item.device_index),
        network_card_index: number(item.network_card_index),
        delete_on_termination: item.delete_on_termination.into(),
        attach_time: item.attach_time.and_then(moment).into(),
    }
}

/// The ids of security groups, sorted.
pub(super) fn groups(groups: Option<Vec<sdk::GroupIdentifier>>) -> Attr<Vec<String>> {
    sorted(Some(
        groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id).collect(),
    ))
}

/// A disk of an image or a launch template: the SDK has a type for each, with the same fields.
macro_rules! block_device {
    ($item:expr) => {{
        let item = $item;
        let ebs = item.ebs;
        let ebs = ebs.as_ref();
        BlockDeviceMapping {
            device_name: must(item.device_name),
            virtual_name: item.virtual_name.into(),
            no_device: item.no_device.map(|_| true).into(),
            snapshot_id: ebs.and_then(|e| e.snapshot_id.clone()).into(),
            encrypted: ebs.and_then(|e| e.encrypted).into(),
            kms_key_id: ebs.and_then(|e| e.kms_key_id.clone()).into(),
            volume_size: number(ebs.and_then(|e| e.volume_size)),
            volume_type: word!(ebs.and_then(|e| e.volume_type.as_ref())),
            iops: number(ebs.and_then(|e| e.iops)),
            throughput: number(ebs.and_then(|e| e.throughput)),
            delete_on_termination: ebs.and_then(|e| e.delete_on_termination).into(),
        }
    }};
}
pub(super) use block_device;
