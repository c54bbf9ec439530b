//! VPCs and what filters and routes inside them.

mod convert;

use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use self::convert::{network_acl, route_table, security_group, subnet, vpc};
use super::cell::{Cell, pages};
use super::convert::{must, must_prefix, must_word, number, tags, word};
use super::ec2::PAGE;
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::vpc::{ManagedPrefixList, PrefixListEntry, SecurityGroupVpcAssociation};

const VPC: &str = "aws.ec2.vpc";

pub(super) async fn vpcs(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_vpcs().max_results(PAGE);
    pages!(cell, "ec2:DescribeVpcs", request, set_next_token, next_token, |page| {
        for mut item in page.vpcs.unwrap_or_default() {
            let Some(id) = item.vpc_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            let mut data = vpc(item);
            if cell.plan.wants_fields(VPC, &["enable_dns_support"]) {
                let answer = attribute(&cell, &id, sdk::VpcAttributeName::EnableDnsSupport).await;
                data.enable_dns_support = answer.map_or_else(|f| f.unknown(), must);
            }
            if cell.plan.wants_fields(VPC, &["enable_dns_hostnames"]) {
                let answer = attribute(&cell, &id, sdk::VpcAttributeName::EnableDnsHostnames).await;
                data.enable_dns_hostnames = answer.map_or_else(|f| f.unknown(), must);
            }
            if cell.plan.wants_fields(VPC, &["enable_network_address_usage_metrics"]) {
                let name = sdk::VpcAttributeName::EnableNetworkAddressUsageMetrics;
                let answer = attribute(&cell, &id, name).await;
                data.enable_network_address_usage_metrics =
                    answer.map_or_else(|f| f.unknown(), Attr::Known);
            }
            cell.emit(cell.ec2_meta(VPC, id, owner.as_deref(), None, tags), data).await;
        }
    })
}

async fn attribute(
    cell: &Cell,
    id: &str,
    name: sdk::VpcAttributeName,
) -> Result<Option<bool>, Failure> {
    let request = cell.clients.ec2().describe_vpc_attribute().vpc_id(id).attribute(name.clone());
    let answer = cell.call("ec2:DescribeVpcAttribute", request.send()).await?;
    let value = match name {
        sdk::VpcAttributeName::EnableDnsSupport => answer.enable_dns_support,
        sdk::VpcAttributeName::EnableDnsHostnames => answer.enable_dns_hostnames,
        _ => answer.enable_network_address_usage_metrics,
    };
    Ok(value.and_then(|value| value.value))
}

pub(super) async fn subnets(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_subnets().max_results(PAGE);
    pages!(cell, "ec2:DescribeSubnets", request, set_next_token, next_token, |page| {
        for mut item in page.subnets.unwrap_or_default() {
            let Some(id) = item.subnet_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            cell.emit(
                cell.ec2_meta("aws.ec2.subnet", id, owner.as_deref(), None, tags),
                subnet(item),
            )
            .await;
        }
    })
}

pub(super) async fn security_groups(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_security_groups().max_results(PAGE);
    pages!(cell, "ec2:DescribeSecurityGroups", request, set_next_token, next_token, |page| {
        for mut item in page.security_groups.unwrap_or_default() {
            let Some(id) = item.group_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            let name = item.group_name.clone();
            let kind = "aws.ec2.security_group";
            let meta = cell.ec2_meta(kind, id, owner.as_deref(), name.as_deref(), tags);
            cell.emit(meta, security_group(item)).await;
        }
    })
}

pub(super) async fn security_group_vpc_associations(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_security_group_vpc_associations().max_results(PAGE);
    pages!(
        cell,
        "ec2:DescribeSecurityGroupVpcAssociations",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.security_group_vpc_associations.unwrap_or_default() {
                let (Some(group), Some(vpc)) = (item.group_id.as_deref(), item.vpc_id.as_deref())
                else {
                    continue;
                };
                let meta = cell.meta(format!("{group}/{vpc}"), None, None, Attr::default());
                let data = SecurityGroupVpcAssociation {
                    group_id: must(item.group_id),
                    group_owner_id: item.group_owner_id.into(),
                    vpc_id: must(item.vpc_id),
                    vpc_owner_id: item.vpc_owner_id.into(),
                    state: must_word!(item.state),
                    state_reason: item.state_reason.into(),
                };
                cell.emit(meta, data).await;
            }
        }
    )
}

pub(super) async fn network_acls(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_network_acls().max_results(PAGE);
    pages!(cell, "ec2:DescribeNetworkAcls", request, set_next_token, next_token, |page| {
        for mut item in page.network_acls.unwrap_or_default() {
            let Some(id) = item.network_acl_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            let meta = cell.ec2_meta("aws.ec2.network_acl", id, owner.as_deref(), None, tags);
            cell.emit(meta, network_acl(item)).await;
        }
    })
}

pub(super) async fn route_tables(cell: Arc<Cell>) -> Result<(), Failure> {
    // The largest page of this listing is 100, unlike its neighbours'.
    let request = cell.clients.ec2().describe_route_tables().max_results(100);
    pages!(cell, "ec2:DescribeRouteTables", request, set_next_token, next_token, |page| {
        for mut item in page.route_tables.unwrap_or_default() {
            let Some(id) = item.route_table_id.take() else { continue };
            let (owner, tags) = (item.owner_id.clone(), tags!(item.tags.take()));
            let meta = cell.ec2_meta("aws.ec2.route_table", id, owner.as_deref(), None, tags);
            cell.emit(meta, route_table(item)).await;
        }
    })
}

pub(super) async fn managed_prefix_lists(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.ec2().describe_managed_prefix_lists().max_results(100);
    pages!(cell, "ec2:DescribeManagedPrefixLists", request, set_next_token, next_token, |page| {
        for mut item in page.prefix_lists.unwrap_or_default() {
            let Some(id) = item.prefix_list_id.take() else { continue };
            let entries = prefix_list_entries(&cell, &id).await;
            let name = item.prefix_list_name.clone();
            let tags = tags!(item.tags.take());
            let mut meta =
                cell.ec2_meta("aws.ec2.managed_prefix_list", id, None, name.as_deref(), tags);
            meta.arn = item.prefix_list_arn.take().or(meta.arn);
            let data = ManagedPrefixList {
                prefix_list_name: must(item.prefix_list_name),
                owner_id: must(item.owner_id),
                address_family: must(item.address_family),
                state: word!(item.state),
                max_entries: number(item.max_entries),
                version: item.version.into(),
                entries,
            };
            cell.emit(meta, data).await;
        }
    })
}

/// A list that could not be read in full is unknown: a part of it would look like a narrower list.
async fn prefix_list_entries(cell: &Cell, id: &str) -> Attr<Vec<PrefixListEntry>> {
    let mut entries = Vec::new();
    let request = cell.clients.ec2().get_managed_prefix_list_entries();
    let request = request.prefix_list_id(id).max_results(100);
    let read = pages!(
        cell,
        "ec2:GetManagedPrefixListEntries",
        request,
        set_next_token,
        next_token,
        |page| {
            for entry in page.entries.unwrap_or_default() {
                entries.push(PrefixListEntry {
                    cidr: must_prefix(entry.cidr.as_deref()),
                    description: entry.description.filter(|text| !text.is_empty()).into(),
                });
            }
        }
    );
    match read {
        Ok(()) => Attr::Known(entries),
        Err(failure) => failure.unknown(),
    }
}
