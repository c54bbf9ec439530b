//! The borders of a VPC: gateways, endpoints, peerings, flow logs, and Block Public Access.

mod convert;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::convert::{
    attachments, block_exclusion, block_options, connection, endpoint, endpoint_service, flow_log,
    nat_gateway, peering, vpn_attachments,
};
use super::cell::{Cell, pages};
use super::convert::{must_word, sorted, tags};
use super::ec2::PAGE;
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::vpc_edge::{
    EgressOnlyInternetGateway, InternetGateway, VpcEndpointConnection, VpnGateway,
};

pub(super) async fn internet_gateways(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_internet_gateways().max_results(PAGE);
    pages!(cell, "ec2:DescribeInternetGateways", request, set_next_token, next_token, |page| {
        for item in page.internet_gateways.unwrap_or_default() {
            let Some(id) = item.internet_gateway_id else { continue };
            let kind = "aws.ec2.internet_gateway";
            let meta = cell.ec2_meta(kind, id, item.owner_id.as_deref(), None, tags!(item.tags));
            let (attached_vpc_ids, attachments) = attachments(item.attachments);
            let data =
                InternetGateway { owner_id: item.owner_id.into(), attached_vpc_ids, attachments };
            cell.emit(meta, data).await;
        }
    })
}

pub(super) async fn egress_only_internet_gateways(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_egress_only_internet_gateways().max_results(255);
    pages!(
        cell,
        "ec2:DescribeEgressOnlyInternetGateways",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.egress_only_internet_gateways.unwrap_or_default() {
                let Some(id) = item.egress_only_internet_gateway_id else { continue };
                let kind = "aws.ec2.egress_only_internet_gateway";
                let meta = cell.ec2_meta(kind, id, None, None, tags!(item.tags));
                let (attached_vpc_ids, attachments) = attachments(item.attachments);
                cell.emit(meta, EgressOnlyInternetGateway { attached_vpc_ids, attachments }).await;
            }
        }
    )
}

pub(super) async fn vpn_gateways(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_vpn_gateways();
    let answer = cell.call("ec2:DescribeVpnGateways", request.send()).await?;
    for item in answer.vpn_gateways.unwrap_or_default() {
        let Some(id) = item.vpn_gateway_id else { continue };
        let meta = cell.ec2_meta("aws.ec2.vpn_gateway", id, None, None, tags!(item.tags));
        let (attached_vpc_ids, attachments) = vpn_attachments(item.vpc_attachments);
        let data = VpnGateway {
            state: must_word!(item.state),
            amazon_side_asn: item.amazon_side_asn.into(),
            attached_vpc_ids,
            attachments,
        };
        cell.emit(meta, data).await;
    }
    Ok(())
}

pub(super) async fn nat_gateways(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_nat_gateways().max_results(PAGE);
    pages!(cell, "ec2:DescribeNatGateways", request, set_next_token, next_token, |page| {
        for mut item in page.nat_gateways.unwrap_or_default() {
            let Some(id) = item.nat_gateway_id.take() else { continue };
            let tags = tags!(item.tags.take());
            cell.emit(
                cell.ec2_meta("aws.ec2.nat_gateway", id, None, None, tags),
                nat_gateway(item),
            )
            .await;
        }
    })
}

pub(super) async fn peering_connections(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_vpc_peering_connections().max_results(PAGE);
    pages!(cell, "ec2:DescribeVpcPeeringConnections", request, set_next_token, next_token, |page| {
        for mut item in page.vpc_peering_connections.unwrap_or_default() {
            let Some(id) = item.vpc_peering_connection_id.take() else { continue };
            let tags = tags!(item.tags.take());
            let meta = cell.ec2_meta("aws.ec2.vpc_peering_connection", id, None, None, tags);
            cell.emit(meta, peering(item)).await;
        }
    })
}

pub(super) async fn flow_logs(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_flow_logs().max_results(PAGE);
    pages!(cell, "ec2:DescribeFlowLogs", request, set_next_token, next_token, |page| {
        for mut item in page.flow_logs.unwrap_or_default() {
            let Some(id) = item.flow_log_id.take() else { continue };
            let tags = tags!(item.tags.take());
            cell.emit(cell.ec2_meta("aws.ec2.flow_log", id, None, None, tags), flow_log(item))
                .await;
        }
    })
}

pub(super) async fn endpoints(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_vpc_endpoints().max_results(PAGE);
    pages!(cell, "ec2:DescribeVpcEndpoints", request, set_next_token, next_token, |page| {
        for mut item in page.vpc_endpoints.unwrap_or_default() {
            let Some(id) = item.vpc_endpoint_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            let meta = cell.ec2_meta("aws.ec2.vpc_endpoint", id, owner.as_deref(), None, tags);
            cell.emit(meta, endpoint(item)).await;
        }
    })
}

/// The services this account offers, each with who may connect and who does.
pub(super) async fn endpoint_services(cell: Arc<Cell>) -> Result<(), Failure> {
    let mut found = Vec::new();
    let request =
        cell.clients.ec2().describe_vpc_endpoint_service_configurations().max_results(PAGE);
    let operation = pages!(
        cell,
        "ec2:DescribeVpcEndpointServiceConfigurations",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(page.service_configurations.unwrap_or_default());
        }
    );
    let mut connections =
        if found.is_empty() { Ok(BTreeMap::new()) } else { endpoint_connections(&cell).await };
    for mut item in found {
        let Some(id) = item.service_id.take() else { continue };
        let (name, tags) = (item.service_name.clone(), tags!(item.tags.take()));
        let kind = "aws.ec2.vpc_endpoint_service";
        let meta = cell.ec2_meta(kind, id.clone(), None, name.as_deref(), tags);
        let mut data = endpoint_service(item);
        data.allowed_principals = allowed_principals(&cell, &id).await;
        data.connections = match &mut connections {
            Ok(connections) => Attr::Known(connections.remove(&id).unwrap_or_default()),
            Err(failure) => failure.unknown(),
        };
        cell.emit(meta, data).await;
    }
    operation
}

/// The connections of all services at once, by service.
async fn endpoint_connections(
    cell: &Cell,
) -> Result<BTreeMap<String, Vec<VpcEndpointConnection>>, Failure> {
    let mut found: BTreeMap<String, Vec<VpcEndpointConnection>> = BTreeMap::new();
    let request = cell.clients.ec2().describe_vpc_endpoint_connections().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeVpcEndpointConnections",
        request,
        set_next_token,
        next_token,
        |page| {
            for mut item in page.vpc_endpoint_connections.unwrap_or_default() {
                let Some(service) = item.service_id.take() else { continue };
                found.entry(service).or_default().push(connection(item));
            }
        }
    )?;
    Ok(found)
}

async fn allowed_principals(cell: &Cell, id: &str) -> Attr<Vec<String>> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().describe_vpc_endpoint_service_permissions();
    let request = request.service_id(id).max_results(PAGE);
    let operation = pages!(
        cell,
        "ec2:DescribeVpcEndpointServicePermissions",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(
                page.allowed_principals.unwrap_or_default().into_iter().filter_map(|p| p.principal),
            );
        }
    );
    match operation {
        Ok(()) => sorted(Some(found)),
        Err(failure) => failure.unknown(),
    }
}

pub(super) async fn block_public_access_options(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_vpc_block_public_access_options();
    let answer = cell.call("ec2:DescribeVpcBlockPublicAccessOptions", request.send()).await?;
    if let Some(item) = answer.vpc_block_public_access_options {
        cell.emit(cell.single_meta(), block_options(item)).await;
    }
    Ok(())
}

pub(super) async fn block_public_access_exclusions(cell: Arc<Cell>) -> Result<(), Failure> {
    let request =
        cell.clients.ec2().describe_vpc_block_public_access_exclusions().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        request,
        set_next_token,
        next_token,
        |page| {
            for mut item in page.vpc_block_public_access_exclusions.unwrap_or_default() {
                let Some(id) = item.exclusion_id.take() else { continue };
                let tags = tags!(item.tags.take());
                let kind = "aws.ec2.vpc_block_public_access_exclusion";
                cell.emit(cell.ec2_meta(kind, id, None, None, tags), block_exclusion(item)).await;
            }
        }
    )
}
