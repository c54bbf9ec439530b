//! Ways into a VPC for networks and people outside: VPN connections, Client VPN, Instance Connect.

use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{
    flag, list_of, must, must_prefix, must_word, number, optional_prefix, sorted, tags, text_time,
    time, word,
};
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::remote_access::{
    ClientVpnAuthorizationRule, ClientVpnEndpoint, ClientVpnRoute, ClientVpnTargetNetwork,
    InstanceConnectEndpoint, VpnConnection, VpnStaticRoute, VpnTunnel,
};

pub(super) async fn vpn_connections(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_vpn_connections();
    let answer = cell.call("ec2:DescribeVpnConnections", request.send()).await?;
    for mut item in answer.vpn_connections.unwrap_or_default() {
        let Some(id) = item.vpn_connection_id.take() else { continue };
        let tags = tags!(item.tags.take());
        let meta = cell.ec2_meta("aws.ec2.vpn_connection", id, None, None, tags);
        cell.emit(meta, vpn_connection(item)).await;
    }
    Ok(())
}

/// The configuration, which holds the keys of the tunnels, is dropped here.
fn vpn_connection(item: sdk::VpnConnection) -> VpnConnection {
    let options = item.options;
    let options = options.as_ref();
    let cidr = |of: fn(&sdk::VpnConnectionOptions) -> Option<&str>| {
        optional_prefix(options.and_then(of).filter(|text| !text.is_empty()))
    };
    let some = |text: Option<String>| Attr::Known(text.filter(|text| !text.is_empty()));
    VpnConnection {
        vpn_gateway_id: some(item.vpn_gateway_id),
        transit_gateway_id: some(item.transit_gateway_id),
        core_network_arn: some(item.core_network_arn),
        customer_gateway_id: some(item.customer_gateway_id),
        state: must_word!(item.state),
        static_routes_only: options.and_then(|o| o.static_routes_only).into(),
        routes: list_of(item.routes, |route| {
            Some(VpnStaticRoute {
                destination_cidr_block: must_prefix(route.destination_cidr_block.as_deref()),
                state: word!(route.state),
            })
        }),
        local_ipv4_network_cidr: cidr(|o| o.local_ipv4_network_cidr.as_deref()),
        remote_ipv4_network_cidr: cidr(|o| o.remote_ipv4_network_cidr.as_deref()),
        local_ipv6_network_cidr: cidr(|o| o.local_ipv6_network_cidr.as_deref()),
        remote_ipv6_network_cidr: cidr(|o| o.remote_ipv6_network_cidr.as_deref()),
        tunnels: list_of(item.vgw_telemetry, |tunnel| {
            Some(VpnTunnel {
                outside_ip_address: tunnel.outside_ip_address.into(),
                status: word!(tunnel.status),
                accepted_route_count: number(tunnel.accepted_route_count),
            })
        }),
    }
}

pub(super) async fn client_vpn_endpoints(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_client_vpn_endpoints().max_results(1000);
    let mut found = Vec::new();
    let operation = pages!(
        cell,
        "ec2:DescribeClientVpnEndpoints",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(page.client_vpn_endpoints.unwrap_or_default());
        }
    );
    for mut item in found {
        let Some(id) = item.client_vpn_endpoint_id.take() else { continue };
        let tags = tags!(item.tags.take());
        let kind = "aws.ec2.client_vpn_endpoint";
        let meta = cell.ec2_meta(kind, id.clone(), None, None, tags);
        let mut data = client_vpn_endpoint(item);
        match target_networks(&cell, &id).await {
            Ok((networks, subnets)) => {
                data.target_networks = networks.into();
                data.subnet_ids = sorted(Some(subnets));
            }
            Err(failure) => {
                data.target_networks = failure.unknown();
                data.subnet_ids = failure.unknown();
            }
        }
        data.authorization_rules = match authorization_rules(&cell, &id).await {
            Ok(rules) => rules.into(),
            Err(failure) => failure.unknown(),
        };
        data.routes = match routes(&cell, &id).await {
            Ok(routes) => routes.into(),
            Err(failure) => failure.unknown(),
        };
        cell.emit(meta, data).await;
    }
    operation
}

fn client_vpn_endpoint(item: sdk::ClientVpnEndpoint) -> ClientVpnEndpoint {
    ClientVpnEndpoint {
        status: must_word!(item.status.as_ref().and_then(|s| s.code.as_ref())),
        client_cidr_block: optional_prefix(
            item.client_cidr_block.as_deref().filter(|text| !text.is_empty()),
        ),
        vpc_id: item.vpc_id.into(),
        security_group_ids: sorted(item.security_group_ids),
        split_tunnel: flag(item.split_tunnel),
        transport_protocol: word!(item.transport_protocol),
        vpn_port: number(item.vpn_port),
        authentication_types: list_of(item.authentication_options, |option| {
            option.r#type.map(|kind| kind.as_str().to_owned())
        }),
        connection_log_enabled: item.connection_log_options.and_then(|o| o.enabled).into(),
        self_service_portal_url: item.self_service_portal_url.into(),
        creation_time: text_time(item.creation_time.as_deref()),
        ..ClientVpnEndpoint::default()
    }
}

/// The associations of an endpoint, and the subnets of those in effect.
async fn target_networks(
    cell: &Cell,
    id: &str,
) -> Result<(Vec<ClientVpnTargetNetwork>, Vec<String>), Failure> {
    let (mut found, mut subnets) = (Vec::new(), Vec::new());
    let request = cell.clients.ec2().describe_client_vpn_target_networks();
    let request = request.client_vpn_endpoint_id(id).max_results(1000);
    pages!(
        cell,
        "ec2:DescribeClientVpnTargetNetworks",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.client_vpn_target_networks.unwrap_or_default() {
                let code = item.status.as_ref().and_then(|status| status.code.as_ref());
                if code == Some(&sdk::AssociationStatusCode::Associated) {
                    subnets.extend(item.target_network_id.clone());
                }
                found.push(ClientVpnTargetNetwork {
                    association_id: item.association_id.into(),
                    subnet_id: must(item.target_network_id),
                    vpc_id: item.vpc_id.into(),
                    status: word!(code),
                    security_group_ids: sorted(item.security_groups),
                });
            }
        }
    )?;
    Ok((found, subnets))
}

async fn authorization_rules(
    cell: &Cell,
    id: &str,
) -> Result<Vec<ClientVpnAuthorizationRule>, Failure> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().describe_client_vpn_authorization_rules();
    let request = request.client_vpn_endpoint_id(id).max_results(1000);
    pages!(
        cell,
        "ec2:DescribeClientVpnAuthorizationRules",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.authorization_rules.unwrap_or_default() {
                found.push(ClientVpnAuthorizationRule {
                    destination_cidr: must_prefix(item.destination_cidr.as_deref()),
                    group_id: item.group_id.filter(|id| !id.is_empty()).into(),
                    access_all: flag(item.access_all),
                    status: word!(item.status.as_ref().and_then(|s| s.code.as_ref())),
                });
            }
        }
    )?;
    Ok(found)
}

async fn routes(cell: &Cell, id: &str) -> Result<Vec<ClientVpnRoute>, Failure> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().describe_client_vpn_routes();
    let request = request.client_vpn_endpoint_id(id).max_results(1000);
    pages!(cell, "ec2:DescribeClientVpnRoutes", request, set_next_token, next_token, |page| {
        for item in page.routes.unwrap_or_default() {
            found.push(ClientVpnRoute {
                destination_cidr: must_prefix(item.destination_cidr.as_deref()),
                target_subnet_id: item.target_subnet.into(),
                route_origin: item.origin.into(),
                status: word!(item.status.as_ref().and_then(|s| s.code.as_ref())),
            });
        }
    })?;
    Ok(found)
}

pub(super) async fn instance_connect_endpoints(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_instance_connect_endpoints().max_results(50);
    pages!(
        cell,
        "ec2:DescribeInstanceConnectEndpoints",
        request,
        set_next_token,
        next_token,
        |page| {
            for mut item in page.instance_connect_endpoints.unwrap_or_default() {
                let Some(id) = item.instance_connect_endpoint_id.take() else { continue };
                let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
                let kind = "aws.ec2.instance_connect_endpoint";
                let meta = cell.ec2_meta(kind, id, owner.as_deref(), None, tags);
                cell.emit(meta, instance_connect_endpoint(item)).await;
            }
        }
    )
}

fn instance_connect_endpoint(item: sdk::Ec2InstanceConnectEndpoint) -> InstanceConnectEndpoint {
    InstanceConnectEndpoint {
        owner_id: item.owner_id.into(),
        state: must_word!(item.state),
        vpc_id: must(item.vpc_id),
        subnet_id: must(item.subnet_id),
        network_interface_ids: sorted(item.network_interface_ids),
        security_group_ids: sorted(item.security_group_ids),
        preserve_client_ip: flag(item.preserve_client_ip),
        ip_address_type: word!(item.ip_address_type),
        created_at: time(item.created_at),
    }
}
