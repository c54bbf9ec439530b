//! Database instances of RDS, Aurora, DocumentDB and Neptune.

use super::Table;
use super::stating::{handle, later, leave_out, silent, state};
use crate::collect::predicted::Thing;
use crate::model::Tree;
use crate::model::change::{Draft, Sketch};

const DATABASE: &str = "aws.rds.db_instance";

const ARN: &str = "arn:{partition}:rds:{region}:{account}:db:{identifier}";

pub(super) const TABLE: Table = &[
    ("aws_db_instance", handle(&["identifier"], ARN), instance),
    ("aws_rds_cluster_instance", handle(&["identifier"], ARN), cluster_instance),
    ("aws_docdb_cluster_instance", handle(&["identifier"], ARN), cluster_instance),
    ("aws_neptune_cluster_instance", handle(&["identifier"], ARN), cluster_instance),
];

/// The port that an engine listens on when nobody says another:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>.
fn usual_port<'a>(engine: &Tree<'a>) -> Tree<'a> {
    let port = match engine {
        Tree::Text(engine) => match &**engine {
            "aurora-postgresql" | "postgres" => 5432,
            "aurora" | "aurora-mysql" | "mariadb" | "mysql" => 3306,
            "docdb" => 27017,
            "neptune" => 8182,
            engine if engine.starts_with("oracle") || engine.starts_with("custom-oracle") => 1521,
            engine if engine.starts_with("sqlserver") || engine.starts_with("custom-sqlserver") => {
                1433
            }
            engine if engine.starts_with("db2") => 50000,
            _ => return later(),
        },
        _ => return later(),
    };
    Tree::Int(port)
}

fn instance<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("db_instance_identifier", "identifier"),
        ("dbi_resource_id", "resource_id"),
        ("db_instance_class", "instance_class"),
        ("endpoint_address", "address"),
        ("endpoint_port", ""),
        ("db_instance_port", ""),
        ("vpc_id", ""),
        ("subnet_ids", ""),
        ("secondary_availability_zone", ""),
        ("ca_certificate_identifier", "ca_cert_identifier"),
        ("db_cluster_identifier", ""),
        ("read_replica_source_db_instance_identifier", "replicate_source_db"),
        ("instance_create_time", ""),
    ];
    state(sketch, thing.draft(DATABASE, "identifier", from), |draft| {
        common(thing, draft);
        let engine = thing.at("engine").into_owned();
        draft.fields.set("endpoint_port", thing.or("port", usual_port(&engine)));
        draft.fields.set("db_cluster_identifier", Tree::Null);
        for name in [
            "multi_az",
            "storage_encrypted",
            "iam_database_authentication_enabled",
            "deletion_protection",
        ] {
            inherited(thing, draft, name);
        }
        // Without a group of subnets it stands in the default VPC, in its own groups of subnets and rules.
        silent(
            thing,
            draft,
            &[
                ("db_subnet_group_name", "db_subnet_group_name", Tree::text("default")),
                ("kms_key_id", "kms_key_id", Tree::Null),
                ("backup_retention_period", "backup_retention_period", Tree::Int(0)),
            ],
        );
        // Encrypted without a key of one's own, it takes that of AWS, whose id no plan tells.
        let encrypted = draft.fields.member("storage_encrypted").as_bool();
        if thing.fresh && thing.is_left_open("kms_key_id") && encrypted != Some(false) {
            draft.fields.set("kms_key_id", later());
        }
        // A replica, and what is restored, take after what they come from.
        let copied = ["replicate_source_db", "snapshot_identifier", "restore_to_point_in_time"];
        if copied.iter().any(|path| !is_absent(&thing.at(path))) {
            for field in ["db_subnet_group_name", "backup_retention_period", "kms_key_id"] {
                if thing.is_left_open(field) {
                    draft.fields.set(field, later());
                }
            }
            if thing.is_left_open("port") && engine.is_unknown() {
                draft.fields.set("endpoint_port", later());
            }
        }
    });
}

fn is_absent(value: &Tree<'_>) -> bool {
    value.is_null() || value.as_str() == Some("") || matches!(value, Tree::List(l) if l.is_empty())
}

/// An attribute that is off unless it is stated, or taken over from the source of a copy.
fn inherited<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, name: &'static str) {
    let is_copy = ["replicate_source_db", "snapshot_identifier", "restore_to_point_in_time"]
        .iter()
        .any(|path| !is_absent(&thing.at(path)));
    let found = thing.at(name);
    let open = found.is_null() || thing.is_left_open(name);
    let taken_over = is_copy && matches!(name, "storage_encrypted");
    let value = match (open, taken_over) {
        (true, true) if thing.fresh => later(),
        _ => thing.or(name, Tree::Bool(false)),
    };
    draft.fields.set(name, value);
}

/// What instances with and without a cluster have in common.
fn common<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let public = thing.or("publicly_accessible", Tree::Bool(false));
    draft.fields.set("publicly_accessible", public);
    let upgrade = thing.or("auto_minor_version_upgrade", Tree::Bool(true));
    draft.fields.set("auto_minor_version_upgrade", upgrade);
    // Versions of the provider differ in which of the two is the one that runs.
    if let Tree::Text(actual) = &*thing.at("engine_version_actual") {
        draft.fields.set("engine_version", Tree::Text(actual.clone()));
    }
    silent(
        thing,
        draft,
        &[
            ("status", "status", Tree::text("available")),
            ("network_type", "network_type", Tree::text("IPV4")),
            ("engine_version", "engine_version", later()),
            ("availability_zone", "availability_zone", later()),
        ],
    );
    for field in ["vpc_id", "subnet_ids", "secondary_availability_zone", "instance_create_time"] {
        if thing.fresh {
            draft.fields.set(field, later());
        } else {
            leave_out(draft, field);
        }
    }
    draft.fields.set("db_instance_port", Tree::Int(0));
}

/// Security groups, encryption and the port are those of the cluster.
fn cluster_instance<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("db_instance_identifier", "identifier"),
        ("dbi_resource_id", "dbi_resource_id"),
        ("db_instance_class", "instance_class"),
        ("endpoint_address", "endpoint"),
        ("endpoint_port", ""),
        ("db_instance_port", ""),
        ("vpc_security_group_ids", ""),
        ("vpc_id", ""),
        ("subnet_ids", ""),
        ("secondary_availability_zone", ""),
        ("ca_certificate_identifier", "ca_cert_identifier"),
        ("db_cluster_identifier", "cluster_identifier"),
        ("deletion_protection", ""),
        ("backup_retention_period", ""),
        ("iam_database_authentication_enabled", ""),
        ("instance_create_time", ""),
    ];
    state(sketch, thing.draft(DATABASE, "identifier", from), |draft| {
        common(thing, draft);
        draft.fields.set("multi_az", Tree::Bool(false));
        draft.fields.set("read_replica_source_db_instance_identifier", Tree::Null);
        let engine = thing.at("engine").into_owned();
        draft.fields.set("endpoint_port", thing.or("port", usual_port(&engine)));
        for field in [
            "vpc_security_group_ids",
            "storage_encrypted",
            "iam_database_authentication_enabled",
            "deletion_protection",
            "backup_retention_period",
        ] {
            if thing.at(field).is_null() || thing.is_left_open(field) {
                if thing.fresh {
                    draft.fields.set(field, later());
                } else {
                    leave_out(draft, field);
                }
            }
        }
    });
}
