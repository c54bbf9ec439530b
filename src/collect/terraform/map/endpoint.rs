//! VPC endpoints with their interfaces and routes, and endpoint services.

use super::Table;
use super::kit::{
    self, PART, account, below, below_planned, ec2, is_open, is_silent, items, later, map, own,
    word,
};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch};

const ENDPOINT: &str = "aws.ec2.vpc_endpoint";
const SERVICE: &str = "aws.ec2.vpc_endpoint_service";

pub(super) const TABLE: Table = &[
    (
        "aws_vpc_endpoint",
        Handle {
            id: &["id"],
            arn: "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
            made: &["prefix_list_id"],
        },
        endpoint,
    ),
    ("aws_vpc_endpoint_route_table_association", PART, route_table),
    ("aws_vpc_endpoint_subnet_association", PART, subnet),
    ("aws_vpc_endpoint_security_group_association", PART, security_group),
    ("aws_vpc_endpoint_policy", PART, policy),
    ("aws_vpc_endpoint_private_dns", PART, private_dns),
    ("aws_vpc_endpoint_connection_accepter", PART, accepter),
    (
        "aws_vpc_endpoint_service",
        ec2("arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{id}"),
        service,
    ),
    ("aws_vpc_endpoint_service_allowed_principal", PART, allowed_principal),
    ("aws_vpc_endpoint_service_private_dns_verification", PART, verified),
];

fn endpoint<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("policy_document", "policy"),
        ("dns_record_ip_type", "dns_options.dns_record_ip_type"),
        (
            "private_dns_only_for_inbound_resolver_endpoint",
            "dns_options.private_dns_only_for_inbound_resolver_endpoint",
        ),
        ("dns_names", "dns_entry[].dns_name"),
    ];
    const AFTER: &[&str] = &["creation_timestamp", "dns_names"];
    let Some(mut draft) = kit::draft(thing, ENDPOINT, "", FROM, AFTER) else { return };
    kit::fill(&mut draft, [("owner_id", account(thing))]);
    if !thing.fresh {
        return sketch.state(draft);
    }
    kit::fill(&mut draft, [("vpc_endpoint_type", word("Gateway"))]);
    let kind = draft.fields.member("vpc_endpoint_type").as_str().map(str::to_owned);
    let own_interfaces = kind.as_deref() != Some("Gateway");
    let service = thing.at("service_name");
    let of_others = service.as_str().is_some_and(|name| name.starts_with("com.amazonaws.vpce."));
    // Whoever offers an own service may have to accept; services of AWS take everyone.
    let waits = of_others && thing.at("auto_accept").as_bool() != Some(true);
    let state = if waits { later() } else { word("available") };
    kit::fill(&mut draft, [("state", state), ("requester_managed", Tree::Bool(false))]);
    if is_silent(&thing.at("policy")) {
        let policy = match (&*service, of_others) {
            (Tree::Text(_), true) => Tree::Null,
            (Tree::Text(_), false) => full_access(),
            _ => later(),
        };
        kit::set(&mut draft, "policy_document", policy);
    }
    for field in ["route_table_ids", "subnet_ids", "network_interface_ids"] {
        if is_open(&draft.fields.member(field)) || draft.fields.member(field).is_null() {
            kit::set(&mut draft, field, Tree::List(Vec::new()));
        }
    }
    if !own_interfaces || kind.as_deref() == Some("GatewayLoadBalancer") {
        kit::fill(&mut draft, [("security_group_ids", Tree::List(Vec::new()))]);
    }
    kit::fill(
        &mut draft,
        [("private_dns_enabled", Tree::Bool(false)), ("ip_address_type", word("ipv4"))],
    );
    if own_interfaces {
        interfaces(thing, &mut draft, sketch);
    } else {
        kit::set(&mut draft, "dns_names", Tree::List(Vec::new()));
    }
    let tables = thing.at("route_table_ids");
    for table in items(&tables).unwrap_or_default() {
        route_to(thing, sketch, &table, &own(&*thing.id), &thing.at("prefix_list_id"));
    }
    sketch.state(draft);
}

/// The policy of an endpoint of AWS that is given none.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>.
fn full_access<'a>() -> Tree<'a> {
    const TEXT: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    shape::policy(&word(TEXT))
}

/// An interface in each subnet.
fn interfaces<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, sketch: &mut Sketch<'a>) {
    let subnets = thing.at("subnet_ids");
    let subnets = match &*subnets {
        open if is_open(open) => Vec::new(),
        subnets => match items(subnets) {
            Ok(subnets) => subnets,
            Err(cause) => {
                return kit::set(draft, "network_interface_ids", Tree::Unknown(cause));
            }
        },
    };
    let groups = draft.fields.member("security_group_ids").into_owned();
    let kind = draft.fields.member("vpc_endpoint_type").into_owned();
    let ids = subnets.iter().map(|subnet| match subnet.as_str() {
        Some(_) => interface(thing, (&thing.id, &kind), subnet, groups.clone(), sketch),
        None => subnet.clone(),
    });
    let ids = Tree::List(ids.collect());
    kit::set(draft, "network_interface_ids", ids);
}

/// States the interface of an endpoint in a subnet, and gives its id.
fn interface<'a>(
    thing: &Thing<'a>,
    (endpoint, kind): (&str, &Tree<'a>),
    subnet: &Tree<'a>,
    groups: Tree<'a>,
    sketch: &mut Sketch<'a>,
) -> Tree<'a> {
    let id = below(endpoint, subnet.as_str().unwrap_or_default());
    let kind = match kind.as_str() {
        Some("GatewayLoadBalancer") => word("gateway_load_balancer_endpoint"),
        Some(_) => word("vpc_endpoint"),
        None => kind.clone(),
    };
    let mut fields = map([
        ("owner_id", account(thing)),
        ("vpc_id", thing.at("vpc_id").into_owned()),
        ("subnet_id", subnet.clone()),
        ("interface_type", kind),
        ("description", own(format!("VPC Endpoint Interface {endpoint}"))),
        ("status", word("in-use")),
        ("requester_managed", Tree::Bool(true)),
        ("source_dest_check", Tree::Bool(true)),
        ("security_group_ids", groups),
    ]);
    kit::bare_interface(&mut fields, &Tree::Null, Tree::Null);
    let draft = kit::implied(thing, "aws.ec2.network_interface", id.clone(), fields);
    if let Some(draft) = draft {
        sketch.state(draft);
    }
    own(id)
}

/// A gateway endpoint puts a route to its service into a table.
fn route_to<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    table: &Tree<'a>,
    endpoint: &Tree<'a>,
    list: &Tree<'a>,
) {
    let mut route = map([
        ("destination_prefix_list_id", list.clone()),
        ("gateway_id", endpoint.clone()),
        ("state", word("active")),
        ("origin", word("CreateRoute")),
    ]);
    for absent in [
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "nat_gateway_id",
        "transit_gateway_id",
        "vpc_peering_connection_id",
        "network_interface_id",
        "instance_id",
        "instance_owner_id",
        "egress_only_internet_gateway_id",
        "carrier_gateway_id",
        "local_gateway_id",
        "core_network_arn",
        "odb_network_arn",
        "ip_address",
    ] {
        route.set(absent, Tree::Null);
    }
    kit::element(thing, sketch, ("aws.ec2.route_table", kit::whole_of(table), "routes"), route);
}

fn route_table<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let endpoint = thing.at("vpc_endpoint_id").into_owned();
    let table = thing.at("route_table_id").into_owned();
    let at = (ENDPOINT, kit::whole_of(&endpoint), "route_table_ids");
    kit::element(thing, sketch, at, table.clone());
    // Of an endpoint that exists, nothing here tells the prefix list.
    if let Some(list) = below_planned(&endpoint, "prefix_list_id") {
        route_to(thing, sketch, &table, &endpoint, &own(list));
    }
}

fn subnet<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let endpoint = thing.at("vpc_endpoint_id").into_owned();
    let subnet = thing.at("subnet_id").into_owned();
    let at = |field| (ENDPOINT, kit::whole_of(&endpoint), field);
    kit::element(thing, sketch, at("subnet_ids"), subnet.clone());
    if let (true, Some(id), Some(_)) = (thing.fresh, endpoint.as_str(), subnet.as_str()) {
        let made = interface(thing, (id, &word("Interface")), &subnet, later(), sketch);
        kit::element(thing, sketch, at("network_interface_ids"), made);
    }
}

fn security_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let group = thing.at("security_group_id").into_owned();
    let at = (ENDPOINT, thing.whole("vpc_endpoint_id"), "security_group_ids");
    kit::element(thing, sketch, at, group);
}

fn policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let stated = thing.at("policy");
    let document = match &*stated {
        silent if is_silent(silent) => full_access(),
        stated => shape::policy(stated),
    };
    let at = (ENDPOINT, thing.whole("vpc_endpoint_id"), "policy_document");
    kit::value(thing, sketch, at, document);
}

fn private_dns<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let on = thing.at("private_dns_enabled").into_owned();
    kit::value(
        thing,
        sketch,
        (ENDPOINT, thing.whole("vpc_endpoint_id"), "private_dns_enabled"),
        on,
    );
}

fn accepter<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let at = (ENDPOINT, thing.whole("vpc_endpoint_id"), "state");
    kit::value(thing, sketch, at, word("available"));
}

fn service<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("service_types", "service_type"),
        ("service_state", "state"),
        ("private_dns_name_verification_state", "private_dns_name_configuration.state"),
        ("remote_access_enabled", ""),
    ];
    const AFTER: &[&str] = &["availability_zones", "payer_responsibility"];
    let Some(mut draft) = kit::draft(thing, SERVICE, "service_name", FROM, AFTER) else { return };
    if thing.fresh {
        let gateway = !is_silent(&thing.at("gateway_load_balancer_arns"));
        let kind = if gateway { word("GatewayLoadBalancer") } else { word("Interface") };
        kit::fill(
            &mut draft,
            [
                ("service_state", word("Available")),
                ("service_types", Tree::List(vec![kind])),
                ("allowed_principals", Tree::List(Vec::new())),
                ("connections", Tree::List(Vec::new())),
                ("supported_ip_address_types", Tree::List(vec![word("ipv4")])),
                ("supported_regions", Tree::List(vec![own(thing.place.region.as_str())])),
                ("manages_vpc_endpoints", Tree::Bool(false)),
            ],
        );
        if is_silent(&thing.at("private_dns_name")) {
            kit::set(&mut draft, "private_dns_name", Tree::Null);
            kit::set(&mut draft, "private_dns_name_verification_state", Tree::Null);
        }
    }
    sketch.state(draft);
}

fn allowed_principal<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let principal = thing.at("principal_arn").into_owned();
    let at = (SERVICE, thing.whole("vpc_endpoint_service_id"), "allowed_principals");
    kit::element(thing, sketch, at, principal);
}

fn verified<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let at = (SERVICE, thing.whole("service_id"), "private_dns_name_verification_state");
    kit::value(thing, sketch, at, word("verified"));
}
