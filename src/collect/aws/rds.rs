//! Database instances of RDS, and of what is built on it.

use std::sync::Arc;

use aws_sdk_rds::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{flag, must, number, sorted, tags, time};
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::rds::DbInstance;

pub(super) async fn db_instances(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.rds().describe_db_instances().max_records(100);
    pages!(cell, "rds:DescribeDBInstances", request, set_marker, marker, |page| {
        for mut item in page.db_instances.unwrap_or_default() {
            let Some(id) = item.db_instance_identifier.clone() else { continue };
            let tags = Attr::Known(tags!(item.tag_list.take()));
            let meta = cell.meta(id.clone(), item.db_instance_arn.take(), Some(&id), tags);
            cell.emit(meta, convert(item)).await;
        }
    })
}

fn convert(item: sdk::DbInstance) -> DbInstance {
    let groups = item.vpc_security_groups.unwrap_or_default().into_iter();
    // Only groups in effect filter.
    let groups = groups.filter(|group| group.status.as_deref().is_none_or(|s| s == "active"));
    let network = item.db_subnet_group;
    let network = network.as_ref();
    let endpoint = item.endpoint.as_ref();
    let subnets = network.and_then(|n| n.subnets.as_ref()).into_iter().flatten();
    DbInstance {
        db_instance_identifier: must(item.db_instance_identifier),
        dbi_resource_id: item.dbi_resource_id.into(),
        engine: must(item.engine),
        engine_version: item.engine_version.into(),
        db_instance_class: item.db_instance_class.into(),
        status: must(item.db_instance_status),
        publicly_accessible: flag(item.publicly_accessible),
        endpoint_address: endpoint.and_then(|e| e.address.clone()).into(),
        endpoint_port: number(endpoint.and_then(|e| e.port)),
        db_instance_port: number(item.db_instance_port),
        vpc_security_group_ids: sorted(Some(
            groups.filter_map(|group| group.vpc_security_group_id).collect(),
        )),
        db_subnet_group_name: network.and_then(|n| n.db_subnet_group_name.clone()).into(),
        vpc_id: network.and_then(|n| n.vpc_id.clone()).into(),
        subnet_ids: sorted(Some(subnets.filter_map(|s| s.subnet_identifier.clone()).collect())),
        availability_zone: item.availability_zone.into(),
        secondary_availability_zone: item.secondary_availability_zone.into(),
        multi_az: flag(item.multi_az),
        network_type: item.network_type.into(),
        storage_encrypted: flag(item.storage_encrypted),
        kms_key_id: item.kms_key_id.into(),
        db_cluster_identifier: item.db_cluster_identifier.into(),
        read_replica_source_db_instance_identifier: item
            .read_replica_source_db_instance_identifier
            .into(),
        iam_database_authentication_enabled: flag(item.iam_database_authentication_enabled),
        deletion_protection: flag(item.deletion_protection),
        auto_minor_version_upgrade: flag(item.auto_minor_version_upgrade),
        backup_retention_period: number(item.backup_retention_period),
        ca_certificate_identifier: item.ca_certificate_identifier.into(),
        instance_create_time: time(item.instance_create_time),
        ..DbInstance::default()
    }
}
