//! Accelerators of AWS Global Accelerator.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_globalaccelerator::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{flag, list, list_of, must, must_word, number, sorted, time, word};
use super::failure::Failure;
use crate::model::attr::{Attr, CauseKind};
use crate::model::globalaccelerator::{
    Accelerator, AcceleratorEndpoint, AcceleratorListener, EndpointGroup, PortOverride,
};
use crate::net::Ports;

pub(super) async fn accelerators(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.globalaccelerator().list_accelerators().max_results(100);
    pages!(
        cell,
        "globalaccelerator:ListAccelerators",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.accelerators.unwrap_or_default() {
                accelerator(&cell, item).await;
            }
        }
    )?;
    custom_routing(&cell).await
}

/// Custom routing accelerators map ports to instances of whole subnets. They are told of; where they lead is not read.
async fn custom_routing(cell: &Cell) -> Result<(), Failure> {
    let request = cell.clients.globalaccelerator().list_custom_routing_accelerators();
    let request = request.max_results(100);
    pages!(
        cell,
        "globalaccelerator:ListCustomRoutingAccelerators",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.accelerators.unwrap_or_default() {
                let Some(arn) = item.accelerator_arn else { continue };
                let tags = tags(cell, &arn).await;
                let meta = cell.meta(arn.clone(), Some(arn), item.name.as_deref(), tags);
                let unread = "where a custom routing accelerator leads";
                let data = Accelerator {
                    status: must_word!(item.status),
                    enabled: must(item.enabled),
                    dns_name: item.dns_name.into(),
                    dual_stack_dns_name: None.into(),
                    ip_address_type: word!(item.ip_address_type),
                    ip_addresses: addresses(item.ip_sets),
                    created_time: time(item.created_time),
                    listeners: Attr::unknown(CauseKind::NotUnderstood, unread),
                    endpoint_ids: Attr::unknown(CauseKind::NotUnderstood, unread),
                };
                cell.emit(meta, data).await;
            }
        }
    )
}

async fn tags(cell: &Cell, arn: &str) -> Attr<BTreeMap<String, String>> {
    let request = cell.clients.globalaccelerator().list_tags_for_resource().resource_arn(arn);
    match cell.call("globalaccelerator:ListTagsForResource", request.send()).await {
        Ok(answer) => {
            let tags = answer.tags.unwrap_or_default().into_iter();
            Attr::Known(tags.map(|tag| (tag.key, tag.value)).collect())
        }
        Err(failure) => failure.unknown(),
    }
}

fn addresses(sets: Option<Vec<sdk::IpSet>>) -> Attr<Vec<String>> {
    let sets = sets.unwrap_or_default().into_iter();
    sorted(Some(sets.flat_map(|set| set.ip_addresses.unwrap_or_default()).collect()))
}

async fn accelerator(cell: &Cell, mut item: sdk::Accelerator) {
    let Some(arn) = item.accelerator_arn.take() else { return };
    let tags = tags(cell, &arn).await;
    let meta = cell.meta(arn.clone(), Some(arn.clone()), item.name.as_deref(), tags);
    let mut data = convert(item);
    match listeners(cell, &arn).await {
        Ok(listeners) => {
            data.endpoint_ids = endpoint_ids(&listeners);
            data.listeners = listeners.into();
        }
        Err(failure) => {
            data.listeners = failure.unknown();
            data.endpoint_ids = failure.unknown();
        }
    }
    cell.emit(meta, data).await;
}

fn convert(item: sdk::Accelerator) -> Accelerator {
    Accelerator {
        status: must_word!(item.status),
        enabled: must(item.enabled),
        dns_name: item.dns_name.into(),
        dual_stack_dns_name: item.dual_stack_dns_name.into(),
        ip_address_type: word!(item.ip_address_type),
        ip_addresses: addresses(item.ip_sets),
        created_time: time(item.created_time),
        ..Accelerator::default()
    }
}

/// The endpoints of all listeners; unknown as soon as those of one are.
fn endpoint_ids(listeners: &[AcceleratorListener]) -> Attr<Vec<String>> {
    let mut ids = BTreeSet::new();
    for listener in listeners {
        match &listener.endpoint_groups {
            Attr::Unknown(cause) => return Attr::Unknown(cause.clone()),
            Attr::Known(groups) => {
                let endpoints = groups.iter().filter_map(|group| group.endpoints.known()).flatten();
                ids.extend(endpoints.filter_map(|endpoint| endpoint.endpoint_id.known().cloned()));
            }
        }
    }
    Attr::Known(ids.into_iter().collect())
}

async fn listeners(cell: &Cell, arn: &str) -> Result<Vec<AcceleratorListener>, Failure> {
    let mut found = Vec::new();
    let request = cell.clients.globalaccelerator().list_listeners().accelerator_arn(arn);
    let request = request.max_results(100);
    pages!(cell, "globalaccelerator:ListListeners", request, set_next_token, next_token, |page| {
        for item in page.listeners.unwrap_or_default() {
            let groups = match &item.listener_arn {
                Some(arn) => endpoint_groups(cell, arn).await,
                None => must(None),
            };
            found.push(AcceleratorListener {
                listener_arn: must(item.listener_arn),
                protocol: must_word!(item.protocol),
                port_ranges: ports(item.port_ranges),
                client_affinity: word!(item.client_affinity),
                endpoint_groups: groups,
            });
        }
    })?;
    Ok(found)
}

fn ports(all: Option<Vec<sdk::PortRange>>) -> Attr<Vec<Ports>> {
    let port = |number: Option<i32>| number.and_then(|number| u16::try_from(number).ok());
    let ranges = all.unwrap_or_default().into_iter();
    let made: Option<Vec<Ports>> = ranges
        .map(|range| Some(Ports::new(port(range.from_port)?, port(range.to_port)?)))
        .collect();
    match made {
        Some(ranges) => Attr::Known(ranges),
        None => Attr::unknown(CauseKind::NotUnderstood, "a range that is none of ports"),
    }
}

async fn endpoint_groups(cell: &Cell, arn: &str) -> Attr<Vec<EndpointGroup>> {
    let mut found = Vec::new();
    let request = cell.clients.globalaccelerator().list_endpoint_groups().listener_arn(arn);
    let request = request.max_results(100);
    let operation = pages!(
        cell,
        "globalaccelerator:ListEndpointGroups",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(page.endpoint_groups.unwrap_or_default().into_iter().map(endpoint_group));
        }
    );
    match operation {
        Ok(()) => Attr::Known(found),
        Err(failure) => failure.unknown(),
    }
}

fn endpoint_group(item: sdk::EndpointGroup) -> EndpointGroup {
    EndpointGroup {
        endpoint_group_arn: must(item.endpoint_group_arn),
        endpoint_group_region: must(item.endpoint_group_region),
        traffic_dial_percentage: item.traffic_dial_percentage.map(f64::from).into(),
        endpoints: list_of(item.endpoint_descriptions, |endpoint| {
            Some(AcceleratorEndpoint {
                endpoint_id: must(endpoint.endpoint_id),
                weight: number(endpoint.weight),
                client_ip_preservation_enabled: flag(endpoint.client_ip_preservation_enabled),
                health_state: word!(endpoint.health_state),
            })
        }),
        port_overrides: list(item.port_overrides, |over| PortOverride {
            listener_port: must(over.listener_port.map(i64::from)),
            endpoint_port: must(over.endpoint_port.map(i64::from)),
        }),
    }
}
