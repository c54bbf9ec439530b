//! Transit gateways: their attachments, route tables and routes.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{
    flag, list, must, must_word, optional_prefix, prefixes, sorted, tags, time, word,
};
use super::ec2::PAGE;
use super::failure::{Class, Failure};
use crate::model::attr::{Attr, CauseKind};
use crate::model::tgw::{
    TransitGateway, TransitGatewayAttachment, TransitGatewayPeer, TransitGatewayPeering,
    TransitGatewayPrefixListReference, TransitGatewayRoute, TransitGatewayRouteAttachment,
    TransitGatewayRouteTable, TransitGatewayTableLink, TransitGatewayVpcAttachment,
};

pub(super) async fn transit_gateways(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_transit_gateways().max_results(PAGE);
    pages!(cell, "ec2:DescribeTransitGateways", request, set_next_token, next_token, |page| {
        for mut item in page.transit_gateways.unwrap_or_default() {
            let Some(id) = item.transit_gateway_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            let mut meta =
                cell.ec2_meta("aws.ec2.transit_gateway", id, owner.as_deref(), None, tags);
            meta.arn = item.transit_gateway_arn.take().or(meta.arn);
            cell.emit(meta, gateway(item)).await;
        }
    })
}

fn gateway(item: sdk::TransitGateway) -> TransitGateway {
    let mut data = TransitGateway {
        owner_id: must(item.owner_id),
        state: must_word!(item.state),
        description: item.description.filter(|text| !text.is_empty()).into(),
        creation_time: time(item.creation_time),
        ..TransitGateway::default()
    };
    let Some(options) = item.options else { return data };
    data.amazon_side_asn = options.amazon_side_asn.into();
    data.transit_gateway_cidr_blocks =
        prefixes(options.transit_gateway_cidr_blocks.unwrap_or_default());
    data.auto_accept_shared_attachments = must_word!(options.auto_accept_shared_attachments);
    data.default_route_table_association = must_word!(options.default_route_table_association);
    data.association_default_route_table_id = options.association_default_route_table_id.into();
    data.default_route_table_propagation = must_word!(options.default_route_table_propagation);
    data.propagation_default_route_table_id = options.propagation_default_route_table_id.into();
    data.vpn_ecmp_support = word!(options.vpn_ecmp_support);
    data.dns_support = word!(options.dns_support);
    data.security_group_referencing_support = word!(options.security_group_referencing_support);
    data.multicast_support = word!(options.multicast_support);
    data.encryption_support_state = word!(
        options.encryption_support.as_ref().and_then(|support| support.encryption_state.as_ref())
    );
    data
}

/// What only the listing of one kind of attachment tells, by attachment.
type Details<T> = Result<BTreeMap<String, T>, Failure>;

pub(super) async fn attachments(cell: Arc<Cell>) -> Result<(), Failure> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().describe_transit_gateway_attachments().max_results(PAGE);
    let listed = pages!(
        cell,
        "ec2:DescribeTransitGatewayAttachments",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(page.transit_gateway_attachments.unwrap_or_default());
        }
    );
    // The other listings are only asked for the kinds that are there.
    let has = |kind: &str| {
        found.iter().any(|item| item.resource_type.as_ref().is_some_and(|t| t.as_str() == kind))
    };
    let mut vpcs = if has("vpc") { vpc_details(&cell).await } else { Ok(BTreeMap::new()) };
    let mut peerings =
        if has("peering") { peering_details(&cell).await } else { Ok(BTreeMap::new()) };
    let mut connects =
        if has("connect") { connect_details(&cell).await } else { Ok(BTreeMap::new()) };
    for mut item in found {
        let Some(id) = item.transit_gateway_attachment_id.take() else { continue };
        let tags = tags!(item.tags.take());
        let kind =
            item.resource_type.as_ref().map(|kind| kind.as_str().to_owned()).unwrap_or_default();
        let mut data = attachment(item);
        data.vpc = detail(&mut vpcs, kind == "vpc", &id);
        data.peering = detail(&mut peerings, kind == "peering", &id);
        data.transport_transit_gateway_attachment_id =
            detail(&mut connects, kind == "connect", &id);
        cell.emit(cell.ec2_meta("aws.ec2.transit_gateway_attachment", id, None, None, tags), data)
            .await;
    }
    listed
}

/// The detail of an attachment: absent for other kinds, unknown where the listing failed or the owner keeps it.
fn detail<T>(details: &mut Details<T>, applies: bool, id: &str) -> Attr<Option<T>> {
    if !applies {
        return Attr::Known(None);
    }
    match details {
        Err(failure) => failure.unknown(),
        Ok(details) => match details.remove(id) {
            Some(detail) => Attr::Known(Some(detail)),
            None => {
                Attr::unknown(CauseKind::NotCollected, "only the owner of the attached sees it")
            }
        },
    }
}

fn attachment(item: sdk::TransitGatewayAttachment) -> TransitGatewayAttachment {
    let association = item.association;
    TransitGatewayAttachment {
        transit_gateway_id: must(item.transit_gateway_id),
        transit_gateway_owner_id: item.transit_gateway_owner_id.into(),
        resource_type: must_word!(item.resource_type),
        resource_id: item.resource_id.into(),
        resource_owner_id: item.resource_owner_id.into(),
        state: must_word!(item.state),
        association_route_table_id: association
            .as_ref()
            .and_then(|a| a.transit_gateway_route_table_id.clone())
            .into(),
        association_state: word!(association.as_ref().and_then(|a| a.state.as_ref())),
        creation_time: time(item.creation_time),
        ..TransitGatewayAttachment::default()
    }
}

async fn vpc_details(cell: &Cell) -> Details<TransitGatewayVpcAttachment> {
    let mut found = BTreeMap::new();
    let request = cell.clients.ec2().describe_transit_gateway_vpc_attachments().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeTransitGatewayVpcAttachments",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.transit_gateway_vpc_attachments.unwrap_or_default() {
                let Some(id) = item.transit_gateway_attachment_id else { continue };
                let options = item.options.as_ref();
                let data = TransitGatewayVpcAttachment {
                    vpc_id: must(item.vpc_id),
                    subnet_ids: sorted(item.subnet_ids),
                    dns_support: word!(options.and_then(|o| o.dns_support.as_ref())),
                    security_group_referencing_support: word!(
                        options.and_then(|o| o.security_group_referencing_support.as_ref())
                    ),
                    ipv6_support: word!(options.and_then(|o| o.ipv6_support.as_ref())),
                    appliance_mode_support: word!(
                        options.and_then(|o| o.appliance_mode_support.as_ref())
                    ),
                };
                found.insert(id, data);
            }
        }
    )?;
    Ok(found)
}

async fn peering_details(cell: &Cell) -> Details<TransitGatewayPeering> {
    let mut found = BTreeMap::new();
    let peer = |info: Option<sdk::PeeringTgwInfo>| {
        must(info.map(|info| TransitGatewayPeer {
            transit_gateway_id: info.transit_gateway_id.into(),
            core_network_id: info.core_network_id.into(),
            owner_id: info.owner_id.into(),
            region: info.region.into(),
        }))
    };
    let request =
        cell.clients.ec2().describe_transit_gateway_peering_attachments().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeTransitGatewayPeeringAttachments",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.transit_gateway_peering_attachments.unwrap_or_default() {
                let Some(id) = item.transit_gateway_attachment_id else { continue };
                let data = TransitGatewayPeering {
                    requester: peer(item.requester_tgw_info),
                    accepter: peer(item.accepter_tgw_info),
                    accepter_transit_gateway_attachment_id: item
                        .accepter_transit_gateway_attachment_id
                        .into(),
                    dynamic_routing: word!(
                        item.options.as_ref().and_then(|o| o.dynamic_routing.as_ref())
                    ),
                    status_code: item.status.and_then(|status| status.code).into(),
                };
                found.insert(id, data);
            }
        }
    )?;
    Ok(found)
}

async fn connect_details(cell: &Cell) -> Details<String> {
    let mut found = BTreeMap::new();
    let request = cell.clients.ec2().describe_transit_gateway_connects().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeTransitGatewayConnects",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.transit_gateway_connects.unwrap_or_default() {
                let (id, transport) = (
                    item.transit_gateway_attachment_id,
                    item.transport_transit_gateway_attachment_id,
                );
                found.extend(id.zip(transport));
            }
        }
    )?;
    Ok(found)
}

pub(super) async fn route_tables(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_transit_gateway_route_tables().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeTransitGatewayRouteTables",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.transit_gateway_route_tables.unwrap_or_default() {
                let Some(id) = item.transit_gateway_route_table_id else { continue };
                let kind = "aws.ec2.transit_gateway_route_table";
                let meta = cell.ec2_meta(kind, id.clone(), None, None, tags!(item.tags));
                let associations = associations(&cell, &id).await;
                let propagations = propagations(&cell, &id).await;
                let ids = |links: &Attr<Vec<TransitGatewayTableLink>>| {
                    links.clone().map(|links| {
                        let mut ids: Vec<String> = links
                            .iter()
                            .filter_map(|l| l.transit_gateway_attachment_id.known().cloned())
                            .collect();
                        ids.sort_unstable();
                        ids
                    })
                };
                let data = TransitGatewayRouteTable {
                    transit_gateway_id: must(item.transit_gateway_id),
                    state: must_word!(item.state),
                    default_association_route_table: flag(item.default_association_route_table),
                    default_propagation_route_table: flag(item.default_propagation_route_table),
                    creation_time: time(item.creation_time),
                    routes: routes(&cell, &id).await,
                    prefix_list_references: prefix_lists(&cell, &id).await,
                    associated_attachment_ids: ids(&associations),
                    propagating_attachment_ids: ids(&propagations),
                    associations,
                    propagations,
                    ..TransitGatewayRouteTable::default()
                };
                cell.emit(meta, data).await;
            }
        }
    )
}

/// All routes of a table. A list that was cut is unknown, since what is missing may decide.
async fn routes(cell: &Cell, id: &str) -> Attr<Vec<TransitGatewayRoute>> {
    let mut found = Vec::new();
    let mut cut = false;
    let filter = sdk::Filter::builder().name("type").values("static").values("propagated").build();
    let request = cell.clients.ec2().search_transit_gateway_routes();
    let request = request.transit_gateway_route_table_id(id).filters(filter).max_results(1000);
    let read = pages!(
        cell,
        "ec2:SearchTransitGatewayRoutes",
        request,
        set_next_token,
        next_token,
        |page| {
            // Endpoints that know no pages say only that there is more.
            cut = page.additional_routes_available == Some(true);
            found.extend(page.routes.unwrap_or_default().into_iter().map(route));
        }
    );
    match read {
        Ok(()) if cut => {
            let operation = "ec2:SearchTransitGatewayRoutes";
            Failure::plain(Class::Limit, operation, "more routes than are given at once").unknown()
        }
        Ok(()) => Attr::Known(found),
        Err(failure) => failure.unknown(),
    }
}

fn route(item: sdk::TransitGatewayRoute) -> TransitGatewayRoute {
    TransitGatewayRoute {
        destination_cidr_block: optional_prefix(item.destination_cidr_block.as_deref()),
        prefix_list_id: item.prefix_list_id.into(),
        route_type: must_word!(item.r#type),
        state: must_word!(item.state),
        attachments: list(item.transit_gateway_attachments, |item| TransitGatewayRouteAttachment {
            transit_gateway_attachment_id: item.transit_gateway_attachment_id.into(),
            resource_id: item.resource_id.into(),
            resource_type: word!(item.resource_type),
        }),
        transit_gateway_route_table_announcement_id: item
            .transit_gateway_route_table_announcement_id
            .into(),
    }
}

async fn prefix_lists(cell: &Cell, id: &str) -> Attr<Vec<TransitGatewayPrefixListReference>> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().get_transit_gateway_prefix_list_references();
    let request = request.transit_gateway_route_table_id(id).max_results(PAGE);
    let read = pages!(
        cell,
        "ec2:GetTransitGatewayPrefixListReferences",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.transit_gateway_prefix_list_references.unwrap_or_default() {
                found.push(TransitGatewayPrefixListReference {
                    prefix_list_id: must(item.prefix_list_id),
                    prefix_list_owner_id: item.prefix_list_owner_id.into(),
                    state: word!(item.state),
                    blackhole: flag(item.blackhole),
                    transit_gateway_attachment_id: item
                        .transit_gateway_attachment
                        .and_then(|attachment| attachment.transit_gateway_attachment_id)
                        .into(),
                });
            }
        }
    );
    read.map_or_else(|failure| failure.unknown(), |()| Attr::Known(found))
}

/// An attachment that a table is joined to, as association or propagation: the SDK has a type for each.
macro_rules! link {
    ($item:expr) => {
        TransitGatewayTableLink {
            transit_gateway_attachment_id: must($item.transit_gateway_attachment_id),
            resource_id: $item.resource_id.into(),
            resource_type: word!($item.resource_type),
            state: must_word!($item.state),
        }
    };
}

async fn associations(cell: &Cell, id: &str) -> Attr<Vec<TransitGatewayTableLink>> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().get_transit_gateway_route_table_associations();
    let request = request.transit_gateway_route_table_id(id).max_results(PAGE);
    let read = pages!(
        cell,
        "ec2:GetTransitGatewayRouteTableAssociations",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.associations.unwrap_or_default() {
                // Some endpoints write an empty shell where there is no association.
                if item.transit_gateway_attachment_id.as_deref().is_none_or(str::is_empty) {
                    continue;
                }
                found.push(link!(item));
            }
        }
    );
    read.map_or_else(|failure| failure.unknown(), |()| Attr::Known(found))
}

async fn propagations(cell: &Cell, id: &str) -> Attr<Vec<TransitGatewayTableLink>> {
    let mut found = Vec::new();
    let request = cell.clients.ec2().get_transit_gateway_route_table_propagations();
    let request = request.transit_gateway_route_table_id(id).max_results(PAGE);
    let read = pages!(
        cell,
        "ec2:GetTransitGatewayRouteTablePropagations",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.transit_gateway_route_table_propagations.unwrap_or_default() {
                found.push(link!(item));
            }
        }
    );
    read.map_or_else(|failure| failure.unknown(), |()| Attr::Known(found))
}
