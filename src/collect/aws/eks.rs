//! Clusters of EKS.

use std::sync::Arc;

use aws_sdk_eks::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{map, must_word, optional_prefix, prefixes, sorted, time, word};
use super::failure::{Class, Failure};
use crate::model::attr::Attr;
use crate::model::eks::Cluster;

pub(super) async fn clusters(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.eks().list_clusters().max_results(100);
    pages!(cell, "eks:ListClusters", request, set_next_token, next_token, |page| {
        for name in page.clusters.unwrap_or_default() {
            if let Err(failure) = cluster(&cell, &name).await
                && failure.class != Class::Absent
            {
                cell.gap("aws.eks.cluster", &failure);
            }
        }
    })
}

async fn cluster(cell: &Cell, name: &str) -> Result<(), Failure> {
    let request = cell.clients.eks().describe_cluster().name(name);
    let answer = cell.call("eks:DescribeCluster", request.send()).await?;
    let Some(mut item) = answer.cluster else { return Ok(()) };
    let tags = Attr::Known(map(item.tags.take().unwrap_or_default(), |value| value));
    let meta = cell.meta(name.to_owned(), item.arn.take(), Some(name), tags);
    cell.emit(meta, convert(item)).await;
    Ok(())
}

fn convert(item: sdk::Cluster) -> Cluster {
    let network = item.resources_vpc_config;
    let network = network.as_ref();
    let addresses = item.kubernetes_network_config.as_ref();
    let logs = item.logging.and_then(|logging| logging.cluster_logging).unwrap_or_default();
    let logs = logs.into_iter().filter(|setup| setup.enabled == Some(true));
    let logs = logs.flat_map(|setup| setup.types.unwrap_or_default());
    let mut keys = item.encryption_config.unwrap_or_default().into_iter();
    // Where a cluster is reached from is never guessed: one without an answer stays open.
    let told = |of: fn(&sdk::VpcConfigResponse) -> bool| super::convert::must(network.map(of));
    Cluster {
        version: item.version.into(),
        platform_version: item.platform_version.into(),
        status: must_word!(item.status),
        endpoint: item.endpoint.into(),
        endpoint_public_access: told(|n| n.endpoint_public_access),
        endpoint_private_access: told(|n| n.endpoint_private_access),
        public_access_cidrs: prefixes(
            network.and_then(|n| n.public_access_cidrs.as_ref()).into_iter().flatten(),
        ),
        vpc_id: network.and_then(|n| n.vpc_id.clone()).into(),
        subnet_ids: sorted(network.and_then(|n| n.subnet_ids.clone())),
        security_group_ids: sorted(network.and_then(|n| n.security_group_ids.clone())),
        cluster_security_group_id: network.and_then(|n| n.cluster_security_group_id.clone()).into(),
        role_arn: item.role_arn.into(),
        ip_family: word!(addresses.and_then(|a| a.ip_family.as_ref())),
        service_ipv4_cidr: optional_prefix(addresses.and_then(|a| a.service_ipv4_cidr.as_deref())),
        service_ipv6_cidr: optional_prefix(addresses.and_then(|a| a.service_ipv6_cidr.as_deref())),
        enabled_log_types: sorted(Some(logs.map(|kind| kind.as_str().to_owned()).collect())),
        encryption_key_arn: keys.find_map(|config| config.provider?.key_arn).into(),
        authentication_mode: word!(
            item.access_config.as_ref().and_then(|a| a.authentication_mode.as_ref())
        ),
        created_at: time(item.created_at),
        ..Cluster::default()
    }
}
