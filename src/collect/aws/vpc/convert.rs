//! EC2's answers as model values: networks, rules and routes.

use aws_sdk_ec2::types as sdk;

use super::super::convert::{
    flag, list, list_of, must, must_prefix, must_word, number, optional_prefix, prefix, sorted,
    word,
};
use crate::collect::normal::{GroupRef, Permission, rules, traffic};
use crate::model::attr::Attr;
use crate::model::vpc::{
    CidrBlockAssociation, NetworkAcl, NetworkAclEntry, Route, RouteTable, RouteTableAssociation,
    SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};

pub(super) fn vpc(item: sdk::Vpc) -> Vpc {
    let control = item.encryption_control.as_ref();
    Vpc {
        owner_id: must(item.owner_id),
        state: must_word!(item.state),
        is_default: must(item.is_default),
        cidr_block: must_prefix(item.cidr_block.as_deref()),
        cidr_block_associations: list(item.cidr_block_association_set, |item| {
            let state = item.cidr_block_state;
            CidrBlockAssociation {
                cidr_block: must_prefix(item.cidr_block.as_deref()),
                state: must_word!(state.as_ref().and_then(|s| s.state.as_ref())),
                association_id: item.association_id.into(),
                ip_source: None.into(),
                ipv6_address_attribute: None.into(),
                ipv6_pool: None.into(),
                network_border_group: None.into(),
            }
        }),
        ipv6_cidr_block_associations: list(item.ipv6_cidr_block_association_set, |item| {
            let state = item.ipv6_cidr_block_state;
            CidrBlockAssociation {
                cidr_block: must_prefix(item.ipv6_cidr_block.as_deref()),
                state: must_word!(state.as_ref().and_then(|s| s.state.as_ref())),
                association_id: item.association_id.into(),
                ip_source: word!(item.ip_source),
                ipv6_address_attribute: word!(item.ipv6_address_attribute),
                ipv6_pool: item.ipv6_pool.into(),
                network_border_group: item.network_border_group.into(),
            }
        }),
        instance_tenancy: must_word!(item.instance_tenancy),
        dhcp_options_id: item.dhcp_options_id.into(),
        internet_gateway_block_mode: block_mode(item.block_public_access_states.as_ref()),
        encryption_control_mode: word!(control.and_then(|c| c.mode.as_ref())),
        encryption_control_state: word!(control.and_then(|c| c.state.as_ref())),
        ..Vpc::default()
    }
}

fn block_mode(states: Option<&sdk::BlockPublicAccessStates>) -> Attr<Option<String>> {
    word!(states.and_then(|states| states.internet_gateway_block_mode.as_ref()))
}

pub(super) fn subnet(item: sdk::Subnet) -> Subnet {
    Subnet {
        vpc_id: must(item.vpc_id),
        owner_id: must(item.owner_id),
        state: must_word!(item.state),
        availability_zone: must(item.availability_zone),
        availability_zone_id: item.availability_zone_id.into(),
        cidr_block: optional_prefix(item.cidr_block.as_deref().filter(|text| !text.is_empty())),
        ipv6_cidr_block_associations: list(item.ipv6_cidr_block_association_set, |item| {
            let state = item.ipv6_cidr_block_state;
            CidrBlockAssociation {
                cidr_block: must_prefix(item.ipv6_cidr_block.as_deref()),
                state: must_word!(state.as_ref().and_then(|s| s.state.as_ref())),
                association_id: item.association_id.into(),
                ip_source: word!(item.ip_source),
                ipv6_address_attribute: word!(item.ipv6_address_attribute),
                ipv6_pool: None.into(),
                network_border_group: None.into(),
            }
        }),
        available_ip_address_count: number(item.available_ip_address_count),
        default_for_az: flag(item.default_for_az),
        map_public_ip_on_launch: must(item.map_public_ip_on_launch),
        map_customer_owned_ip_on_launch: item.map_customer_owned_ip_on_launch.into(),
        assign_ipv6_address_on_creation: flag(item.assign_ipv6_address_on_creation),
        ipv6_native: flag(item.ipv6_native),
        enable_dns64: item.enable_dns64.into(),
        hostname_type: word!(
            item.private_dns_name_options_on_launch.as_ref().and_then(|o| o.hostname_type.as_ref())
        ),
        outpost_arn: item.outpost_arn.into(),
        internet_gateway_block_mode: block_mode(item.block_public_access_states.as_ref()),
        ..Subnet::default()
    }
}

pub(super) fn security_group(item: sdk::SecurityGroup) -> SecurityGroup {
    let owner = item.owner_id.clone().unwrap_or_default();
    SecurityGroup {
        group_name: must(item.group_name),
        description: item.description.into(),
        vpc_id: item.vpc_id.into(),
        ingress: group_rules(item.ip_permissions, &owner),
        egress: group_rules(item.ip_permissions_egress, &owner),
        owner_id: must(item.owner_id),
        ..SecurityGroup::default()
    }
}

fn group_rules(
    permissions: Option<Vec<sdk::IpPermission>>,
    owner: &str,
) -> Attr<Vec<SecurityGroupRule>> {
    let permissions = permissions.unwrap_or_default();
    Attr::Known(permissions.into_iter().flat_map(|item| rules(&permission(item), owner)).collect())
}

fn permission(item: sdk::IpPermission) -> Permission {
    let v4 = item
        .ip_ranges
        .unwrap_or_default()
        .into_iter()
        .map(|range| (range.cidr_ip, range.description));
    let v6 = item
        .ipv6_ranges
        .unwrap_or_default()
        .into_iter()
        .map(|range| (range.cidr_ipv6, range.description));
    let lists = item.prefix_list_ids.unwrap_or_default().into_iter();
    Permission {
        protocol: item.ip_protocol.unwrap_or_default(),
        from_port: item.from_port.map(i64::from),
        to_port: item.to_port.map(i64::from),
        // A range without its prefix is not understood, which the empty text leads to.
        prefixes: v4
            .chain(v6)
            .map(|(cidr, description)| (cidr.unwrap_or_default(), description))
            .collect(),
        prefix_lists: lists
            .map(|list| (list.prefix_list_id.unwrap_or_default(), list.description))
            .collect(),
        groups: item
            .user_id_group_pairs
            .unwrap_or_default()
            .into_iter()
            .map(|pair| GroupRef {
                group_id: pair.group_id,
                account: pair.user_id,
                vpc_id: pair.vpc_id,
                peering_connection_id: pair.vpc_peering_connection_id,
                description: pair.description,
            })
            .collect(),
    }
}

pub(super) fn network_acl(item: sdk::NetworkAcl) -> NetworkAcl {
    let mut entries = item.entries.unwrap_or_default();
    entries.sort_by_key(|entry| (entry.egress, entry.rule_number));
    NetworkAcl {
        vpc_id: must(item.vpc_id),
        owner_id: must(item.owner_id),
        is_default: must(item.is_default),
        associated_subnet_ids: sorted(Some(
            item.associations.unwrap_or_default().into_iter().filter_map(|a| a.subnet_id).collect(),
        )),
        entries: list(Some(entries), acl_entry),
    }
}

fn acl_entry(item: sdk::NetworkAclEntry) -> NetworkAclEntry {
    let protocol = item.protocol.as_deref().unwrap_or_default();
    let numbers = match (&item.icmp_type_code, &item.port_range) {
        (Some(icmp), _) if matches!(protocol, "1" | "58" | "icmp" | "icmpv6") => {
            (icmp.r#type, icmp.code)
        }
        (_, Some(range)) => (range.from, range.to),
        _ => (None, None),
    };
    let traffic = traffic(protocol, numbers.0.map(i64::from), numbers.1.map(i64::from));
    NetworkAclEntry {
        egress: must(item.egress),
        rule_number: must(item.rule_number.map(i64::from)),
        rule_action: must_word!(item.rule_action),
        protocol: traffic.protocol.into(),
        ports: traffic.ports.into(),
        icmp_type: traffic.icmp_type.into(),
        icmp_code: traffic.icmp_code.into(),
        cidr: item
            .cidr_block
            .or(item.ipv6_cidr_block)
            .map_or_else(|| must(None), |text| prefix(&text)),
        ..NetworkAclEntry::default()
    }
}

pub(super) fn route_table(item: sdk::RouteTable) -> RouteTable {
    let associations = item.associations.unwrap_or_default();
    RouteTable {
        vpc_id: must(item.vpc_id),
        owner_id: must(item.owner_id),
        main: associations.iter().any(|a| a.main == Some(true)).into(),
        associated_subnet_ids: sorted(Some(
            associations.iter().filter_map(|a| a.subnet_id.clone()).collect(),
        )),
        associated_gateway_ids: sorted(Some(
            associations.iter().filter_map(|a| a.gateway_id.clone()).collect(),
        )),
        associations: list(Some(associations), |item| RouteTableAssociation {
            route_table_association_id: item.route_table_association_id.into(),
            main: flag(item.main),
            subnet_id: item.subnet_id.into(),
            gateway_id: item.gateway_id.into(),
            state: word!(item.association_state.as_ref().and_then(|s| s.state.as_ref())),
        }),
        propagating_vgws: list_of(item.propagating_vgws, |vgw| vgw.gateway_id),
        routes: list(item.routes, route),
    }
}

fn route(item: sdk::Route) -> Route {
    Route {
        destination_cidr_block: optional_prefix(item.destination_cidr_block.as_deref()),
        destination_ipv6_cidr_block: optional_prefix(item.destination_ipv6_cidr_block.as_deref()),
        destination_prefix_list_id: item.destination_prefix_list_id.into(),
        gateway_id: item.gateway_id.into(),
        nat_gateway_id: item.nat_gateway_id.into(),
        transit_gateway_id: item.transit_gateway_id.into(),
        vpc_peering_connection_id: item.vpc_peering_connection_id.into(),
        network_interface_id: item.network_interface_id.into(),
        instance_id: item.instance_id.into(),
        instance_owner_id: item.instance_owner_id.into(),
        egress_only_internet_gateway_id: item.egress_only_internet_gateway_id.into(),
        carrier_gateway_id: item.carrier_gateway_id.into(),
        local_gateway_id: item.local_gateway_id.into(),
        core_network_arn: item.core_network_arn.into(),
        odb_network_arn: item.odb_network_arn.into(),
        ip_address: item.ip_address.into(),
        state: must_word!(item.state),
        origin: must_word!(item.origin),
    }
}
