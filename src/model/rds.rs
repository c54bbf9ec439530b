//! Relational databases: RDS, and the instances of Aurora, DocumentDB and Neptune clusters.

use super::paths::Exposure;
use crate::clock::Time;

model! {
    /// A database instance (`rds:DescribeDBInstances`, which also lists those of Aurora, DocumentDB and Neptune).
    pub struct DbInstance {
        /// The identifier.
        db_instance_identifier: String,
        /// The id that its interfaces and logs go by, such as `db-ABC`.
        dbi_resource_id: Option<String>,
        /// The engine, such as `postgres` or `aurora-mysql`.
        engine: String,
        /// The version of the engine.
        engine_version: Option<String>,
        /// The instance class.
        db_instance_class: Option<String>,
        /// The status in RDS' words, such as `available` or `stopped`.
        status: String,
        /// Whether its public name leads to a public address. Whether anybody gets there is for routes and filters.
        publicly_accessible: bool,
        /// The name clients connect to; absent before there is one.
        endpoint_address: Option<String>,
        /// The port clients connect to; absent before there is one.
        endpoint_port: Option<i64>,
        /// The port it was made with; 0 where the endpoint says it.
        db_instance_port: Option<i64>,
        /// The security groups in effect.
        vpc_security_group_ids: Vec<String>,
        /// The subnet group; absent outside a VPC.
        db_subnet_group_name: Option<String>,
        /// The VPC; absent outside one.
        vpc_id: Option<String>,
        /// The subnets that its interface may stand in, and moves to in a failover.
        subnet_ids: Vec<String>,
        /// The zone it is in now.
        availability_zone: Option<String>,
        /// The zone of its standby.
        secondary_availability_zone: Option<String>,
        /// Whether it has a standby in another zone.
        multi_az: bool,
        /// The address families.
        network_type: Option<String> = ["IPV4", "DUAL"],
        /// Whether its storage is encrypted.
        storage_encrypted: bool,
        /// The key of that encryption.
        kms_key_id: Option<String>,
        /// The cluster it belongs to.
        db_cluster_identifier: Option<String>,
        /// The instance it is a read replica of.
        read_replica_source_db_instance_identifier: Option<String>,
        /// Whether IAM may vouch for users.
        iam_database_authentication_enabled: bool,
        /// Whether it is protected from being deleted.
        deletion_protection: bool,
        /// Whether minor versions are installed by themselves.
        auto_minor_version_upgrade: bool,
        /// How many days automatic backups are kept; 0 turns them off.
        backup_retention_period: Option<i64>,
        /// The authority that its certificate comes from.
        ca_certificate_identifier: Option<String>,
        /// When it was created; absent while it is being made.
        instance_create_time: Option<Time>,
    } facts {
        /// What reaches it from outside, every filter and route considered, by its interface.
        exposure: Exposure,
    }
}
