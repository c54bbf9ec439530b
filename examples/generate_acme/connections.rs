//! What joins networks, and the rules that opened more than was meant.

use serde_json::{Value, json};

use super::network::{Interface, Net, any, group, interface, route, rule, table};
use super::world::{
    At, DEVELOPMENT, MANAGEMENT, PRODUCTION, STAGING, World, ago, id, tags, untagged,
};

/// Joins the networks and plants what auditors find.
pub fn build(world: &mut World, nets: &[Net]) {
    let find = |account: &str, key: &str| {
        nets.iter().find(|net| net.at().account == account && net.plan.key == key).cloned()
    };
    let (Some(shared), Some(prod), Some(dr), Some(staging), Some(staging_dr), Some(sandbox)) = (
        find(MANAGEMENT, "core"),
        find(PRODUCTION, "main"),
        find(PRODUCTION, "dr"),
        find(STAGING, "main"),
        find(STAGING, "dr"),
        find(DEVELOPMENT, "sandbox"),
    ) else {
        return world.errors.push("a network is missing".to_owned());
    };
    prefix_lists(world, &[&shared, &prod, &staging, &sandbox]);
    transit(world, &shared, &[&shared, &prod, &staging]);
    offices(world, &shared, &staging);
    flat_transit(world, &sandbox);
    peerings(world, &prod, &dr, &staging, &sandbox);
    services(world, &shared, &prod);
    opened(world, &prod, &dr, &staging, &staging_dr, &sandbox);
    leftovers(world, &shared, &sandbox, &staging);
}

/// The id of a prefix list.
pub fn list_id(at: At, name: &str) -> String {
    id("pl", &format!("{}/{}/{name}", at.account, at.region))
}

fn prefix_lists(world: &mut World, nets: &[&Net]) {
    let mut put = |at: At, name: &str, owner: &str, entries: &[(&str, &str)]| {
        let entries: Vec<Value> = entries
            .iter()
            .map(|(cidr, about)| json!({"cidr": cidr, "description": about}))
            .collect();
        world.put(
            at,
            "aws.ec2.managed_prefix_list",
            &list_id(at, name),
            name,
            &if owner == "AWS" { untagged() } else { tags(at.env, "network", "internal", &[]) },
            json!({
                "prefix_list_name": name, "owner_id": owner, "address_family": "IPv4", "state": "create-complete",
                "max_entries": 20, "version": 3, "entries": entries,
            }),
        );
    };
    for net in nets {
        let at = net.at();
        put(
            at,
            "acme-offices",
            at.account,
            &[("198.51.100.0/26", "Dublin"), ("203.0.113.64/27", "Berlin")],
        );
        let s3 = [("3.5.64.0/21", ""), ("52.218.0.0/17", "")];
        put(at, &format!("com.amazonaws.{}.s3", at.region), "AWS", &s3);
    }
    // The one that somebody widened to get through a demonstration.
    if let Some(net) = nets.iter().find(|net| net.at().account == DEVELOPMENT) {
        let at = net.at();
        put(
            at,
            "demo-visitors",
            at.account,
            &[("198.51.100.0/26", "Dublin"), ("0.0.0.0/0", "temporary")],
        );
    }
}

fn attachment(net: &Net) -> String {
    id("tgw-attach", &net.vpc)
}

/// The networks of the offices, behind a VPN.
pub const OFFICES: &str = "192.168.0.0/16";

/// The VPN of the offices ends at the backbone, and its table leads to whoever asked for it: a site between environments.
fn offices(world: &mut World, shared: &Net, staging: &Net) {
    let at = shared.at();
    let (attachment_id, table) = (id("tgw-attach", "offices"), id("tgw-rtb", "offices"));
    let owned = tags("shared", "network", "internal", &[]);
    world.put(
        at,
        "aws.ec2.transit_gateway_attachment",
        &attachment_id,
        "offices",
        &owned,
        json!({
            "transit_gateway_id": id("tgw", "shared"), "transit_gateway_owner_id": at.account, "resource_type": "vpn",
            "resource_id": id("vpn", "offices"), "resource_owner_id": at.account, "state": "available",
            "association_route_table_id": table, "association_state": "associated", "creation_time": ago(500),
        }),
    );
    let mut data = table_data(&id("tgw", "shared"), shared, &[shared, staging]);
    if let Some(map) = data.as_object_mut() {
        map.insert(
            "associations".to_owned(),
            json!([{
                "transit_gateway_attachment_id": attachment_id, "resource_id": id("vpn", "offices"),
                "resource_type": "vpn", "state": "associated",
            }]),
        );
        map.insert("associated_attachment_ids".to_owned(), json!([attachment_id]));
    }
    world.put(at, "aws.ec2.transit_gateway_route_table", &table, "offices-routes", &owned, data);
}

/// The route of an environment to the offices.
fn to_offices() -> Value {
    json!({
        "destination_cidr_block": OFFICES, "route_type": "static", "state": "active",
        "attachments": [{
            "transit_gateway_attachment_id": id("tgw-attach", "offices"), "resource_id": id("vpn", "offices"),
            "resource_type": "vpn",
        }],
    })
}

/// The gateway of the shared services: one table per environment.
fn transit(world: &mut World, shared: &Net, nets: &[&Net]) {
    let at = shared.at();
    let gateway = id("tgw", "shared");
    let owned = tags("shared", "network", "internal", &[]);
    gateway_of(world, at, &gateway, "acme-backbone", "disable", None);
    for net in nets {
        let data = attachment_data(&gateway, at, net, &table_of(net));
        world.put(
            at,
            "aws.ec2.transit_gateway_attachment",
            &attachment(net),
            &net.label(),
            &owned,
            data,
        );
    }
    for net in nets {
        let here = table_of(net);
        // Staging and the shared services reach each other; production has a table of its own that leads nowhere else.
        let reached: Vec<&Net> = match net.at().account {
            PRODUCTION => vec![*net],
            MANAGEMENT => nets.iter().copied().filter(|n| n.at().account == STAGING).collect(),
            _ => vec![shared],
        };
        let name = format!("{}-routes", net.at().env);
        let mut data = table_data(&gateway, net, &reached);
        if let Some(routes) = data.get_mut("routes").and_then(Value::as_array_mut)
            && net.at().account == STAGING
        {
            routes.push(to_offices());
        }
        world.put(at, "aws.ec2.transit_gateway_route_table", &here, &name, &owned, data);
    }
}

fn table_of(net: &Net) -> String {
    let name = if net.at().account == MANAGEMENT { "core" } else { net.at().env };
    id("tgw-rtb", name)
}

fn gateway_of(
    world: &mut World,
    at: At,
    id: &str,
    name: &str,
    automatic: &str,
    default: Option<&str>,
) {
    let used = if default.is_some() { "enable" } else { "disable" };
    world.put(
        at,
        "aws.ec2.transit_gateway",
        id,
        name,
        &tags(at.env, "network", "internal", &[]),
        json!({
            "owner_id": at.account, "state": "available", "description": "Routes between networks",
            "creation_time": ago(800), "amazon_side_asn": 64512, "auto_accept_shared_attachments": automatic,
            "default_route_table_association": used, "association_default_route_table_id": default,
            "default_route_table_propagation": used, "propagation_default_route_table_id": default,
            "vpn_ecmp_support": "enable", "dns_support": "enable", "security_group_referencing_support": "disable",
            "multicast_support": "disable",
        }),
    );
}

fn attachment_data(gateway: &str, owner: At, net: &Net, table: &str) -> Value {
    json!({
        "transit_gateway_id": gateway, "transit_gateway_owner_id": owner.account, "resource_type": "vpc",
        "resource_id": net.vpc, "resource_owner_id": net.at().account, "state": "available",
        "association_route_table_id": table, "association_state": "associated", "creation_time": ago(790),
        "vpc": {
            "vpc_id": net.vpc, "subnet_ids": net.app, "dns_support": "enable",
            "security_group_referencing_support": "disable", "ipv6_support": "disable",
            "appliance_mode_support": "disable",
        },
    })
}

fn table_data(gateway: &str, net: &Net, reached: &[&Net]) -> Value {
    let link = |other: &Net, state: &str| {
        json!({
            "transit_gateway_attachment_id": attachment(other), "resource_id": other.vpc, "resource_type": "vpc",
            "state": state,
        })
    };
    let routes: Vec<Value> = reached
        .iter()
        .map(|other| {
            json!({
                "destination_cidr_block": other.cidr(), "route_type": "propagated", "state": "active",
                "attachments": [{
                    "transit_gateway_attachment_id": attachment(other), "resource_id": other.vpc, "resource_type": "vpc",
                }],
            })
        })
        .collect();
    let propagations: Vec<Value> = reached.iter().map(|other| link(other, "enabled")).collect();
    let from: Vec<String> = reached.iter().map(|other| attachment(other)).collect();
    json!({
        "transit_gateway_id": gateway, "state": "available", "default_association_route_table": false,
        "default_propagation_route_table": false, "creation_time": ago(790), "routes": routes,
        "associations": [link(net, "associated")], "propagations": propagations,
        "associated_attachment_ids": [attachment(net)], "propagating_attachment_ids": from,
    })
}

/// A second gateway that developers set up with every default: it takes whoever comes, and one table joins all.
fn flat_transit(world: &mut World, sandbox: &Net) {
    let at = sandbox.at();
    let (gateway, table) = (id("tgw", "sandbox"), id("tgw-rtb", "sandbox"));
    gateway_of(world, at, &gateway, "sandbox-hub", "enable", Some(&table));
    let owned = tags("dev", "", "", &[]);
    let own = id("tgw-attach", "sandbox/dev");
    let guest = id("tgw-attach", "sandbox/staging");
    let guest_vpc = id("vpc", &format!("{STAGING}/eu-west-1/staging-main"));
    for (attachment, vpc, owner, subnets) in [
        (&own, &sandbox.vpc, DEVELOPMENT, sandbox.app.clone()),
        (&guest, &guest_vpc, STAGING, vec![]),
    ] {
        world.put(
            at,
            "aws.ec2.transit_gateway_attachment",
            attachment,
            "",
            &owned,
            json!({
                "transit_gateway_id": gateway, "transit_gateway_owner_id": at.account, "resource_type": "vpc",
                "resource_id": vpc, "resource_owner_id": owner, "state": "available",
                "association_route_table_id": table, "association_state": "associated", "creation_time": ago(140),
                "vpc": {"vpc_id": vpc, "subnet_ids": subnets, "dns_support": "enable"},
            }),
        );
    }
    let link = |attachment: &str, vpc: &str, state: &str| json!({"transit_gateway_attachment_id": attachment, "resource_id": vpc, "resource_type": "vpc", "state": state});
    let route_to = |cidr: &str, attachment: &str, vpc: &str| {
        json!({
            "destination_cidr_block": cidr, "route_type": "propagated", "state": "active",
            "attachments": [{"transit_gateway_attachment_id": attachment, "resource_id": vpc, "resource_type": "vpc"}],
        })
    };
    world.put(
        at,
        "aws.ec2.transit_gateway_route_table",
        &table,
        "",
        &owned,
        json!({
            "transit_gateway_id": gateway, "state": "available", "default_association_route_table": true,
            "default_propagation_route_table": true, "creation_time": ago(140),
            "routes": [route_to(&sandbox.cidr(), &own, &sandbox.vpc), route_to("10.20.0.0/16", &guest, &guest_vpc)],
            "associations": [link(&own, &sandbox.vpc, "associated"), link(&guest, &guest_vpc, "associated")],
            "propagations": [link(&own, &sandbox.vpc, "enabled"), link(&guest, &guest_vpc, "enabled")],
            "associated_attachment_ids": [own, guest], "propagating_attachment_ids": [own, guest],
        }),
    );
}

fn peerings(world: &mut World, prod: &Net, dr: &Net, staging: &Net, sandbox: &Net) {
    let side = |net: &Net| {
        json!({
            "vpc_id": net.vpc, "owner_id": net.at().account, "region": net.at().region, "cidr_blocks": [net.cidr()],
            "allow_dns_resolution_from_remote_vpc": false,
        })
    };
    let mut put = |at: At, name: &str, asks: Value, asked: Value, vpcs: (&str, &str)| -> String {
        let peering = id("pcx", name);
        let data = json!({
            "status": "active", "status_message": "Active", "requester_vpc_id": vpcs.0, "accepter_vpc_id": vpcs.1,
            "requester_vpc_info": asks, "accepter_vpc_info": asked,
        });
        world.put(
            at,
            "aws.ec2.vpc_peering_connection",
            &peering,
            name,
            &tags(at.env, "network", "internal", &[]),
            data,
        );
        peering
    };
    let recovery = put(prod.at(), "prod-to-dr", side(prod), side(dr), (&prod.vpc, &dr.vpc));
    put(dr.at(), "prod-to-dr", side(prod), side(dr), (&prod.vpc, &dr.vpc));
    let shortcut = put(
        staging.at(),
        "staging-to-sandbox",
        side(staging),
        side(sandbox),
        (&staging.vpc, &sandbox.vpc),
    );
    put(
        sandbox.at(),
        "staging-to-sandbox",
        side(staging),
        side(sandbox),
        (&staging.vpc, &sandbox.vpc),
    );
    // An agency that left two years ago.
    let agency = json!({
        "vpc_id": "vpc-0a11ce0ffee0a11ce", "owner_id": "999988887777", "region": "eu-west-1",
        "cidr_blocks": ["192.168.40.0/22"],
    });
    put(
        sandbox.at(),
        "agency-2023",
        agency,
        side(sandbox),
        ("vpc-0a11ce0ffee0a11ce", &sandbox.vpc),
    );
    // Narrow routes between the databases of production, a wide one between the others.
    let local = |net: &Net| route("destination_cidr_block", &net.cidr(), "gateway_id", "local");
    let to = |cidr: &str, target: &str| {
        route("destination_cidr_block", cidr, "vpc_peering_connection_id", target)
    };
    table(world, prod, "replication", &[], &[local(prod), to("10.11.32.0/24", &recovery)]);
    table(world, dr, "replication", &[], &[local(dr), to("10.10.32.0/24", &recovery)]);
    table(world, staging, "shortcut", &[], &[local(staging), to("10.30.0.0/16", &shortcut)]);
    let mut gone = to("192.168.0.0/16", &id("pcx", "head-office"));
    if let Some(map) = gone.as_object_mut() {
        map.insert("state".to_owned(), json!("blackhole"));
    }
    table(world, sandbox, "head-office", &[], &[local(sandbox), gone]);
}

fn services(world: &mut World, shared: &Net, prod: &Net) {
    let mut put = |net: &Net, name: &str, asks: bool, who: &[&str]| {
        let at = net.at();
        let service = id("vpce-svc", name);
        world.put(
            at,
            "aws.ec2.vpc_endpoint_service",
            &service,
            name,
            &net.tags(&[]),
            json!({
                "service_name": format!("com.amazonaws.vpce.{}.{service}", at.region), "service_types": ["Interface"],
                "service_state": "Available", "acceptance_required": asks, "manages_vpc_endpoints": false,
                "allowed_principals": who, "supported_ip_address_types": ["ipv4"], "supported_regions": [at.region],
                "remote_access_enabled": false, "availability_zones": [at.zone(0), at.zone(1)],
            }),
        );
    };
    put(
        shared,
        "package-mirror",
        true,
        &["arn:aws:iam::345678901234:root", "arn:aws:iam::456789012345:root"],
    );
    put(prod, "partner-orders", false, &["*"]);
}

/// Rules that opened more than was meant.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn opened(world: &mut World, prod: &Net, dr: &Net, staging: &Net, staging_dr: &Net, sandbox: &Net) {
    let offices = list_id(prod.at(), "acme-offices");
    group(
        world,
        prod,
        "prod-main-operations",
        "Operators on the office network",
        &[],
        &[rule("tcp", 443, 443, &offices, "offices")],
        &[],
    );
    let partner = [rule("tcp", 8443, 8443, "0.0.0.0/0", "partners of the order interface")];
    group(world, prod, "prod-main-partner-api", "Order interface for partners", &[], &partner, &[]);
    let wide = [rule("tcp", 8080, 8080, "10.0.0.0/8", "everything inside")];
    group(world, prod, "prod-main-legacy-erp", "Interface of the old ERP", &[], &wide, &[]);
    // Points at a group that was deleted.
    let gone = id("sg", "deleted-replica");
    group(
        world,
        dr,
        "dr-replica",
        "Replica of the order database",
        &[],
        &[rule("tcp", 5432, 5432, &gone, "from the old replica")],
        &[],
    );
    // The whole internet in two halves, so that no rule says 0.0.0.0/0.
    let halves = [
        rule("tcp", 22, 22, "0.0.0.0/1", "vendor support, ticket 2231"),
        rule("tcp", 22, 22, "128.0.0.0/1", "vendor support, ticket 2231"),
    ];
    group(
        world,
        staging,
        "staging-vendor-access",
        "Access of the payment vendor",
        &[],
        &halves,
        &[],
    );
    let span = [rule("tcp", 1024, 65535, "10.20.0.0/16", "dynamic ports of the message broker")];
    group(
        world,
        staging,
        "staging-broker",
        "Message broker",
        &[("tier", "app")],
        &span,
        &[rule("tcp", 443, 443, "10.20.0.0/16", "")],
    );
    let mut foreign = rule("tcp", 5432, 5432, &sandbox.app_group, "test data generator");
    if let Some(map) = foreign.as_object_mut() {
        map.insert("group_account".to_owned(), json!(DEVELOPMENT));
        map.insert("group_vpc_id".to_owned(), json!(sandbox.vpc));
        map.insert("peering_connection_id".to_owned(), json!(id("pcx", "staging-to-sandbox")));
    }
    group(world, staging, "staging-test-data", "Test data from the sandbox", &[], &[foreign], &[]);
    // A port range around SSH, over IPv6.
    let range = [rule("tcp", 20, 30, "::/0", "")];
    group(world, staging_dr, "staging-dr-build-agents", "Build agents", &[], &range, &[]);
    // Every protocol, from a prefix list that holds 0.0.0.0/0.
    let visitors = list_id(sandbox.at(), "demo-visitors");
    group(
        world,
        sandbox,
        "sandbox-demo",
        "Demonstrations for visitors",
        &[],
        &[any(&visitors, "visitors")],
        &[any("0.0.0.0/0", "")],
    );
    let database =
        [rule("tcp", 5432, 5432, "0.0.0.0/0", ""), rule("tcp", 9200, 9200, "0.0.0.0/0", "")];
    group(
        world,
        sandbox,
        "sandbox-quick-db",
        "launch-wizard-7 created 2025-11-03",
        &[],
        &database,
        &[any("0.0.0.0/0", "")],
    );
    let unused = [rule("tcp", 8888, 8888, "10.30.0.0/16", "notebooks")];
    group(
        world,
        sandbox,
        "sandbox-notebooks",
        "Notebooks of the data team",
        &[],
        &unused,
        &[any("0.0.0.0/0", "")],
    );
}

/// Things without a use, and a subnet that is shared with the wrong neighbours.
fn leftovers(world: &mut World, shared: &Net, sandbox: &Net, staging: &Net) {
    let at = sandbox.at();
    let nobody = tags("dev", "", "", &[]);
    world.put(
        at,
        "aws.ec2.internet_gateway",
        &id("igw", "leftover"),
        "",
        &nobody,
        json!({"owner_id": at.account}),
    );
    world.put(
        at,
        "aws.ec2.egress_only_internet_gateway",
        &id("eigw", "sandbox"),
        "",
        &nobody,
        json!({"attached_vpc_ids": [sandbox.vpc], "attachments": [{"vpc_id": sandbox.vpc, "state": "attached"}]}),
    );
    world.put(
        at,
        "aws.ec2.vpn_gateway",
        &id("vgw", "head-office"),
        "head-office",
        &nobody,
        json!({"state": "available", "amazon_side_asn": 64620}),
    );
    for number in 0..2 {
        let data = json!({
            "public_ip": format!("54.77.12.{}", 40 + number), "domain": "vpc", "public_ipv4_pool": "amazon",
            "network_border_group": at.region,
        });
        world.put(
            at,
            "aws.ec2.address",
            &id("eipalloc", &format!("leftover/{number}")),
            "",
            &nobody,
            data,
        );
    }
    world.put(
        staging.at(),
        "aws.ec2.security_group_vpc_association",
        &format!("{}/{}", staging.app_group, id("vpc", "456789012345/eu-west-1/staging-tools")),
        "",
        &untagged(),
        json!({
            "group_id": staging.app_group, "group_owner_id": STAGING,
            "vpc_id": id("vpc", "456789012345/eu-west-1/staging-tools"), "vpc_owner_id": STAGING, "state": "disassociated",
        }),
    );
    // Development runs its build servers in a subnet that shared services lent to it.
    let lent = shared.app.get(1).cloned().unwrap_or_default();
    interface(
        world,
        shared,
        &Interface {
            id: &id("eni", "lent"),
            subnet: &lent,
            zone: 1,
            address: "10.0.17.77",
            groups: &[&shared.app_group],
            about: "build server of the sandbox",
            owner: Some(DEVELOPMENT),
            ..Interface::default()
        },
    );
}
