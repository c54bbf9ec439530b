//! Services of VPC Lattice, with who calls them and where they lead.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_vpclattice::operation::get_service::GetServiceOutput;
use aws_sdk_vpclattice::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{map, must, must_word, number, sorted, word};
use super::failure::{Class, Failure};
use crate::model::attr::Attr;
use crate::model::vpc_lattice::{
    LatticeListener, LatticeTarget, LatticeTargetGroup, Service, ServiceNetworkAssociation,
    ServiceNetworkVpcAssociation,
};

type Groups = BTreeMap<String, Vec<LatticeTargetGroup>>;
type Networks = BTreeMap<String, Attr<Vec<ServiceNetworkVpcAssociation>>>;

pub(super) async fn services(cell: Arc<Cell>) -> Result<(), Failure> {
    let mut found = Vec::new();
    let request = cell.clients.vpclattice().list_services().max_results(100);
    let operation =
        pages!(cell, "vpclattice:ListServices", request, set_next_token, next_token, |page| {
            found.extend(page.items.unwrap_or_default());
        });
    if found.is_empty() {
        return operation;
    }
    let groups = target_groups(&cell).await;
    let mut networks = Networks::new();
    for summary in found {
        let Some(id) = summary.id else { continue };
        if let Err(failure) = service(&cell, &id, &groups, &mut networks).await
            && failure.class != Class::Absent
        {
            cell.gap("aws.vpc_lattice.service", &failure);
        }
    }
    operation
}

async fn service(
    cell: &Cell,
    id: &str,
    groups: &Result<Groups, Failure>,
    networks: &mut Networks,
) -> Result<(), Failure> {
    let request = cell.clients.vpclattice().get_service().service_identifier(id);
    let item = cell.call("vpclattice:GetService", request.send()).await?;
    let tags = match &item.arn {
        None => Attr::default(),
        Some(arn) => {
            let request = cell.clients.vpclattice().list_tags_for_resource().resource_arn(arn);
            match cell.call("vpclattice:ListTagsForResource", request.send()).await {
                Ok(answer) => Attr::Known(map(answer.tags.unwrap_or_default(), |value| value)),
                Err(failure) => failure.unknown(),
            }
        }
    };
    let meta = cell.meta(id.to_owned(), item.arn.clone(), item.name.as_deref(), tags);
    let mut data = convert(item);
    data.target_groups = match groups {
        Ok(groups) => groups.get(id).cloned().unwrap_or_default().into(),
        Err(failure) => failure.unknown(),
    };
    data.listeners = listeners(cell, id).await;
    data.service_network_associations = associations(cell, id, networks).await;
    cell.emit(meta, data).await;
    Ok(())
}

fn convert(item: GetServiceOutput) -> Service {
    Service {
        status: must_word!(item.status),
        auth_type: must_word!(item.auth_type),
        dns_name: item.dns_entry.and_then(|entry| entry.domain_name).into(),
        custom_domain_name: item.custom_domain_name.into(),
        certificate_arn: item.certificate_arn.into(),
        ..Service::default()
    }
}

async fn listeners(cell: &Cell, id: &str) -> Attr<Vec<LatticeListener>> {
    let mut found = Vec::new();
    let request = cell.clients.vpclattice().list_listeners().service_identifier(id);
    let request = request.max_results(100);
    let operation =
        pages!(cell, "vpclattice:ListListeners", request, set_next_token, next_token, |page| {
            for item in page.items {
                found.push(LatticeListener {
                    listener_id: must(item.id),
                    protocol: must_word!(item.protocol),
                    port: must(item.port.map(i64::from)),
                });
            }
        });
    match operation {
        Ok(()) => Attr::Known(found),
        Err(failure) => failure.unknown(),
    }
}

/// The target groups of all services, by service. Those that no service uses are passed over.
async fn target_groups(cell: &Cell) -> Result<Groups, Failure> {
    let mut groups = Groups::new();
    let request = cell.clients.vpclattice().list_target_groups().max_results(100);
    pages!(cell, "vpclattice:ListTargetGroups", request, set_next_token, next_token, |page| {
        for item in page.items.unwrap_or_default() {
            let services = item.service_arns.clone().unwrap_or_default();
            if services.is_empty() {
                continue;
            }
            let group = target_group(cell, item).await;
            for arn in services {
                let id = arn.rsplit('/').next().unwrap_or_default().to_owned();
                groups.entry(id).or_default().push(group.clone());
            }
        }
    })?;
    Ok(groups)
}

async fn target_group(cell: &Cell, item: sdk::TargetGroupSummary) -> LatticeTargetGroup {
    let mut found = Vec::new();
    let request = cell.clients.vpclattice().list_targets();
    let request = request.set_target_group_identifier(item.id.clone()).max_results(100);
    let operation =
        pages!(cell, "vpclattice:ListTargets", request, set_next_token, next_token, |page| {
            for target in page.items {
                found.push(LatticeTarget {
                    target_id: must(target.id),
                    port: number(target.port),
                    status: word!(target.status),
                });
            }
        });
    LatticeTargetGroup {
        target_group_id: must(item.id),
        target_type: must_word!(item.r#type),
        protocol: word!(item.protocol),
        port: number(item.port),
        vpc_id: item.vpc_identifier.into(),
        targets: match operation {
            Ok(()) => Attr::Known(found),
            Err(failure) => failure.unknown(),
        },
    }
}

async fn associations(
    cell: &Cell,
    id: &str,
    networks: &mut Networks,
) -> Attr<Vec<ServiceNetworkAssociation>> {
    let mut found = Vec::new();
    let request = cell.clients.vpclattice().list_service_network_service_associations();
    let request = request.service_identifier(id).max_results(100);
    let operation = pages!(
        cell,
        "vpclattice:ListServiceNetworkServiceAssociations",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(page.items);
        }
    );
    if let Err(failure) = operation {
        return failure.unknown();
    }
    let mut out = Vec::new();
    for item in found {
        let vpcs = match &item.service_network_id {
            None => must(None),
            // Several services may be offered in one network.
            Some(network) => {
                if !networks.contains_key(network) {
                    networks.insert(network.clone(), vpc_associations(cell, network).await);
                }
                networks.get(network).cloned().unwrap_or_default()
            }
        };
        out.push(ServiceNetworkAssociation {
            service_network_id: must(item.service_network_id),
            service_network_arn: item.service_network_arn.into(),
            status: word!(item.status),
            vpc_associations: vpcs,
        });
    }
    Attr::Known(out)
}

async fn vpc_associations(cell: &Cell, network: &str) -> Attr<Vec<ServiceNetworkVpcAssociation>> {
    let mut found = Vec::new();
    let request = cell.clients.vpclattice().list_service_network_vpc_associations();
    let request = request.service_network_identifier(network).max_results(100);
    let operation = pages!(
        cell,
        "vpclattice:ListServiceNetworkVpcAssociations",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.items {
                let groups = groups_of(cell, item.id.as_deref()).await;
                found.push(ServiceNetworkVpcAssociation {
                    vpc_id: must(item.vpc_id),
                    status: word!(item.status),
                    security_group_ids: groups,
                });
            }
        }
    );
    match operation {
        Ok(()) => Attr::Known(found),
        Err(failure) => failure.unknown(),
    }
}

async fn groups_of(cell: &Cell, id: Option<&str>) -> Attr<Vec<String>> {
    let Some(id) = id else { return must(None) };
    let request = cell.clients.vpclattice().get_service_network_vpc_association();
    let request = request.service_network_vpc_association_identifier(id);
    match cell.call("vpclattice:GetServiceNetworkVpcAssociation", request.send()).await {
        Ok(answer) => sorted(answer.security_group_ids),
        Err(failure) => failure.unknown(),
    }
}
