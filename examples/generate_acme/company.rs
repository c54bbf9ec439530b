//! The example company: Acme Retail Europe runs a web shop in four AWS accounts and two regions.
//!
//! It is decent and flawed: production is looked after, staging grew corners, development was set up by hand. Every
//! check of the suite finds something that fails it and something that passes it, gaps in the evidence included. The
//! ids depend on names alone, so adding a thing changes nothing else.

mod balancers;
mod buckets;
mod compute;
mod connections;
mod identity;
mod network;
mod organization;
mod outsiders;
mod people;
mod services;
mod trust;
mod world;

use portcullis::clock::Time;
use portcullis::model::Completeness;
use portcullis::model::snapshot::Writer;

use network::{Net, Plan};
use world::{At, DEVELOPMENT, FRANKFURT, IRELAND, MANAGEMENT, PRODUCTION, STAGING, World};

/// Where the snapshot stands, below the project's root.
pub const PATH: &str = "examples/acme/inventory.jsonl.zst";

/// The snapshot.
///
/// # Errors
/// What of the company does not fit the model.
pub fn snapshot() -> Result<Vec<u8>, String> {
    let world = build();
    if !world.errors.is_empty() {
        return Err(world.errors.join("\n"));
    }
    let created = Time(world::now());
    let scope = vec!["4 accounts of acme in eu-west-1 and eu-central-1".to_owned()];
    let mut writer = Writer::new(Vec::new(), created, scope).map_err(|e| e.to_string())?;
    for resource in &world.resources {
        writer.resource(resource).map_err(|e| e.to_string())?;
    }
    for entry in &world.coverage {
        writer.coverage(entry).map_err(|e| e.to_string())?;
    }
    writer.finish().map_err(|e| e.to_string())
}

const ALL_ENDPOINTS: &[&str] = &["s3", "dynamodb", "sts", "ssm", "kms", "secretsmanager", "ec2"];

const BASE: Plan = Plan {
    at: At::new(PRODUCTION, IRELAND, "prod"),
    key: "main",
    octet: 10,
    zones: 3,
    owner: "shop",
    class: "confidential",
    auto_public: false,
    db_reaches_out: false,
    egress_held: true,
    flow_log: Some("SUCCESS"),
    endpoints: ALL_ENDPOINTS,
    endpoints_held: true,
    quarantine: true,
    transit: false,
};

/// The networks, from the best kept to the least.
const PLANS: [Plan; 7] = [
    BASE,
    Plan { at: At::new(PRODUCTION, FRANKFURT, "prod"), key: "dr", octet: 11, zones: 2, ..BASE },
    Plan {
        at: At::new(MANAGEMENT, IRELAND, "shared"),
        key: "core",
        octet: 0,
        zones: 2,
        owner: "platform",
        class: "internal",
        ..BASE
    },
    Plan {
        at: At::new(STAGING, IRELAND, "staging"),
        octet: 20,
        zones: 2,
        class: "internal",
        endpoints: &["s3", "sts", "ssm", "ec2"],
        endpoints_held: false,
        transit: true,
        ..BASE
    },
    Plan {
        at: At::new(STAGING, FRANKFURT, "staging"),
        key: "dr",
        octet: 21,
        zones: 2,
        class: "internal",
        flow_log: Some("FAILED"),
        endpoints: &["s3", "ssm"],
        endpoints_held: false,
        ..BASE
    },
    Plan {
        at: At::new(DEVELOPMENT, IRELAND, "dev"),
        key: "sandbox",
        octet: 30,
        zones: 2,
        owner: "developers",
        class: "internal",
        auto_public: true,
        db_reaches_out: true,
        egress_held: false,
        endpoints: &["s3"],
        endpoints_held: false,
        ..BASE
    },
    Plan {
        at: At::new(DEVELOPMENT, FRANKFURT, "dev"),
        key: "lab",
        octet: 31,
        zones: 1,
        owner: "",
        class: "internal",
        auto_public: true,
        egress_held: false,
        flow_log: None,
        endpoints: &[],
        quarantine: false,
        ..BASE
    },
];

fn build() -> World {
    let mut world = World::default();
    let nets: Vec<Net> = PLANS.iter().map(|plan| network::build(&mut world, *plan)).collect();
    network::default_vpc(&mut world, At::new(DEVELOPMENT, IRELAND, "dev"), true);
    network::default_vpc(&mut world, At::new(DEVELOPMENT, FRANKFURT, "dev"), false);
    connections::build(&mut world, &nets);
    compute::build(&mut world, &nets);
    balancers::build(&mut world, &nets);
    services::build(&mut world, &nets);
    buckets::build(&mut world);
    identity::build(&mut world);
    organization::build(&mut world);
    world.resources.sort_by(|a, b| a.identity().cmp(&b.identity()));
    let staging = At::new(STAGING, FRANKFURT, "staging");
    let production = At::new(PRODUCTION, FRANKFURT, "prod");
    let why =
        "ssm:GetInventory: AccessDeniedException: security-audit is not authorized to perform it";
    world.cover(&[
        (staging, "aws.ssm.inventory", Completeness::Denied, why),
        (
            production,
            "aws.ec2.snapshot",
            Completeness::Partial,
            "ec2:DescribeSnapshots: throttled after 2 of 3 pages",
        ),
    ]);
    world
}
