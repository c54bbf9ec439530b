mod services;

use serde_json::{Value, json};

use super::super::*;
use super::KINDS;
use crate::analyze::{Context, Environment, Environments};
use crate::ident::{AccountId, Region};
use crate::model::kinds::kind_named;
use crate::model::{Attr, Completeness, Coverage, CoverageEntry, Index, Resource, Scope};
use crate::net::Addr;

const A: &str = "111122223333";
const B: &str = "444455556666";

fn line(account: &str, kind: &str, id: &str, data: Value) -> Resource {
    let line = json!({
        "type": kind, "id": id, "account": account, "region": "eu-west-1", "data": data, "tags": {},
    });
    Resource::parse(&line.to_string()).unwrap_or_else(|why| panic!("{why}: {line}"))
}

/// Everything was read, but for these types in these accounts.
fn coverage(unread: &[(&str, &str)]) -> Coverage {
    let mut out = Coverage::default();
    for account in [A, B] {
        for kind in KINDS.iter().chain(&["aws.organizations.account"]) {
            let global = kind_named(kind).unwrap().scope != Scope::Regional;
            let denied = unread.contains(&(account, kind));
            out.add(CoverageEntry {
                source: "aws".to_owned(),
                account: AccountId::new(account).unwrap(),
                region: Region::new(if global { "global" } else { "eu-west-1" }).unwrap(),
                kind: (*kind).to_owned(),
                status: if denied { Completeness::Denied } else { Completeness::Complete },
                reason: None,
                count: 0,
            });
        }
    }
    out
}

fn network(resources: &[Resource], unread: &[(&str, &str)], declared: Vec<Environment>) -> Network {
    let index = Index::build(Vec::new(), coverage(unread), &crate::analyze::relations());
    let environments = Environments::new(declared);
    let context = Context::new(&index, &environments, jiff::Timestamp::UNIX_EPOCH);
    let network = Network::of(resources, &context);
    // The order of the input never shows.
    let turned = Network::of(resources.iter().rev(), &context);
    assert_eq!(shown(&network), shown(&turned));
    network
}

fn shown(net: &Network) -> String {
    let names: std::collections::BTreeMap<_, _> = net.names.iter().collect();
    let Network { vpcs, subnets, tables, acls, groups, group_sets, lists, .. } = net;
    let Network { interfaces, hosts, nats, peerings, transit_gateways, attachments, .. } = net;
    let Network { transit_tables, endpoints, balancers, target_groups, doors, .. } = net;
    format!(
        "{vpcs:?}{subnets:?}{tables:?}{acls:?}{groups:?}{group_sets:?}{lists:?}{interfaces:?}{hosts:?}{nats:?}\
        {peerings:?}{transit_gateways:?}{attachments:?}{transit_tables:?}{endpoints:?}{balancers:?}\
        {target_groups:?}{doors:?}{names:?}"
    )
}

fn plain(resources: &[Resource]) -> Network {
    network(resources, &[], Vec::new())
}

macro_rules! get {
    ($net:expr, $arena:ident, $node:ident, $name:expr) => {
        match $net.find($name) {
            Some(Node::$node(id)) => &$net.$arena[id],
            other => panic!("{}: {other:?}", $name),
        }
    };
}
use get;

fn vpc(account: &str, id: &str, cidr: &str) -> Resource {
    let blocks = json!([{"cidr_block": cidr, "state": "associated"}]);
    let data = json!({
        "owner_id": account, "cidr_block_associations": blocks, "ipv6_cidr_block_associations": [],
    });
    line(account, "aws.ec2.vpc", id, data)
}

fn subnet(speaker: &str, owner: &str, id: &str, vpc: &str, cidr: &str) -> Resource {
    let data = json!({
        "owner_id": owner, "vpc_id": vpc, "cidr_block": cidr, "ipv6_cidr_block_associations": [],
        "availability_zone": "eu-west-1a",
    });
    line(speaker, "aws.ec2.subnet", id, data)
}

fn table(id: &str, vpc: &str, main: bool, subnets: &Value, routes: Value) -> Resource {
    let data = json!({
        "owner_id": A, "vpc_id": vpc, "main": main, "associated_subnet_ids": subnets,
        "associated_gateway_ids": [], "routes": routes,
    });
    line(A, "aws.ec2.route_table", id, data)
}

fn route(to: &str, field: &str, target: &str) -> Value {
    let mut out = json!({"state": "active", "origin": "CreateRoute"});
    let key =
        if to.starts_with("pl-") { "destination_prefix_list_id" } else { "destination_cidr_block" };
    out[key] = to.into();
    if !to.starts_with("pl-") {
        out["destination_prefix_list_id"] = Value::Null;
    }
    out[field] = target.into();
    out
}

fn interface(account: &str, id: &str, subnet: &str, extra: Value) -> Resource {
    let mut data = json!({
        "owner_id": account, "vpc_id": "vpc-1", "subnet_id": subnet, "interface_type": "interface",
        "requester_managed": false, "description": null, "requester_id": null, "source_dest_check": true,
        "security_group_ids": ["sg-1"], "ipv6_addresses": [], "ipv4_prefixes": [], "ipv6_prefixes": [],
        "private_ip_address": "10.0.0.5", "association": null, "attachment": null, "instance_id": null,
        "private_ip_addresses": [
            {"private_ip_address": "10.0.0.5", "primary": true, "association": null}
        ],
    });
    data.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    line(account, "aws.ec2.network_interface", id, data)
}

fn group(account: &str, id: &str, ingress: Value) -> Resource {
    let data = json!({"owner_id": account, "vpc_id": "vpc-1", "ingress": ingress, "egress": []});
    line(account, "aws.ec2.security_group", id, data)
}

fn rule(protocol: &str, extra: Value) -> Value {
    let mut out = json!({
        "rule_id": null, "protocol": protocol, "ports": {"from": 22, "to": 22}, "icmp_type": null,
        "icmp_code": null, "cidr": null, "prefix_list_id": null, "group_id": null, "group_account": null,
        "peering_connection_id": null,
    });
    out.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    out
}

fn options(mode: &str) -> Resource {
    let data = json!({"internet_gateway_block_mode": mode, "state": "update-complete"});
    line(A, "aws.ec2.vpc_block_public_access_options", A, data)
}

#[test]
fn the_owner_of_what_is_shared_has_the_word() {
    // The participant sees the subnet and knows less about it.
    let mut partial = subnet(B, A, "subnet-1", "vpc-1", "10.9.0.0/24");
    let crate::model::Data::Ec2Subnet(data) = &mut partial.data else { panic!() };
    data.availability_zone = Attr::default();
    let net = plain(&[
        vpc(A, "vpc-1", "10.0.0.0/16"),
        partial,
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        table("rtb-1", "vpc-1", true, &json!([]), json!([])),
        group(B, "sg-1", json!([])),
        interface(B, "eni-1", "subnet-1", json!({})),
    ]);
    assert_eq!(net.subnets.len(), 1);
    let subnet = get!(net, subnets, Subnet, "subnet-1");
    assert_eq!(subnet.blocks.known().unwrap().to_string(), "10.0.0.0/24");
    assert_eq!(subnet.zone.known().unwrap().as_ref(), "eu-west-1a");
    assert_eq!(net.places[subnet.place].account.as_str(), A);
    let interface = get!(net, interfaces, Interface, "eni-1");
    assert_eq!(net.places[interface.place].account.as_str(), B);
    assert_eq!(net.vpcs[interface.vpc].subnets, [interface.subnet]);
}

#[test]
fn what_nobody_listed_stands_there_unknown() {
    let net = plain(&[interface(A, "eni-1", "subnet-1", json!({}))]);
    let interface = get!(net, interfaces, Interface, "eni-1");
    let vpc = get!(net, vpcs, Vpc, "vpc-1");
    assert!(vpc.blocks.known().is_none() && vpc.internet_gateway.known().is_none());
    assert!(net.subnets[interface.subnet].table.known().is_none());
    let set = interface.groups.known().unwrap().unwrap();
    assert!(net.group_sets[set].doubt.is_some());
}

#[test]
fn subnets_fall_back_to_the_main_table_where_all_tables_were_read() {
    let resources = [
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        subnet(A, A, "subnet-2", "vpc-1", "10.0.1.0/24"),
        table("rtb-main", "vpc-1", true, &json!([]), json!([])),
        table("rtb-own", "vpc-1", false, &json!(["subnet-2"]), json!([])),
    ];
    let used = |net: &Network, id: &str| {
        let table = get!(net, subnets, Subnet, id).table.known().copied();
        table.map(|table| net.tables[table].name.to_string())
    };
    let net = plain(&resources);
    assert_eq!(used(&net, "subnet-1").as_deref(), Some("rtb-main"));
    assert_eq!(used(&net, "subnet-2").as_deref(), Some("rtb-own"));
    let net = network(&resources, &[(A, "aws.ec2.route_table")], Vec::new());
    assert_eq!(used(&net, "subnet-1"), None);
    assert_eq!(used(&net, "subnet-2").as_deref(), Some("rtb-own"));
    // Without a local route in the list there is one all the same.
    let table = get!(net, tables, Table, "rtb-own");
    assert_eq!((&table.routes[0].target, &*table.routes[0].label), (&Target::Local, "10.0.0.0/16"));
}

#[test]
fn routes_lead_where_their_targets_are() {
    let nat = |id: &str, state: &str| {
        let data = json!({
            "vpc_id": "vpc-1", "subnet_id": "subnet-1", "state": state, "connectivity_type": "public",
            "route_table_id": null, "network_interface_ids": [],
            "nat_gateway_addresses": [{"private_ip": "10.0.0.9", "public_ip": "198.51.100.1"}],
        });
        line(A, "aws.ec2.nat_gateway", id, data)
    };
    let list =
        json!({"owner_id": A, "entries": [{"cidr": "172.16.0.0/12"}, {"cidr": "192.168.0.0/16"}]});
    let endpoint = json!({
        "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway", "state": "available", "subnet_ids": [],
        "network_interface_ids": [], "service_name": "com.amazonaws.eu-west-1.s3",
    });
    let resources = [
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        nat("nat-1", "available"),
        nat("nat-2", "deleted"),
        line(A, "aws.ec2.managed_prefix_list", "pl-1", list),
        line(A, "aws.ec2.vpc_endpoint", "vpce-1", endpoint),
        table(
            "rtb-1",
            "vpc-1",
            true,
            &json!([]),
            json!([
                route("10.1.0.0/16", "nat_gateway_id", "nat-1"),
                route("10.2.0.0/16", "nat_gateway_id", "nat-2"),
                route("10.3.0.0/16", "vpc_peering_connection_id", "pcx-gone"),
                route("10.4.0.0/16", "transit_gateway_id", "tgw-other"),
                route("10.5.0.0/16", "gateway_id", "igw-1"),
                route("10.6.0.0/16", "core_network_arn", "arn:aws:x"),
                route("pl-1", "gateway_id", "vgw-1"),
                route("pl-s3", "gateway_id", "vpce-1"),
            ]),
        ),
        table(
            "rtb-2",
            "vpc-1",
            false,
            &json!([]),
            json!([route("pl-unread", "gateway_id", "igw-1")]),
        ),
    ];
    let net = plain(&resources);
    let table = get!(net, tables, Table, "rtb-1");
    let target = |to: &str| {
        let to: crate::net::Prefix = to.parse().unwrap();
        let route = table.routes.iter().find(|route| route.destination == to.into());
        format!("{:?}", route.unwrap().target)
    };
    assert_eq!(target("10.1.0.0/16"), "Nat(#0)");
    assert_eq!(target("10.2.0.0/16"), "Gone(\"nat-2\")");
    assert_eq!(target("10.3.0.0/16"), "Gone(\"pcx-gone\")");
    assert!(target("10.4.0.0/16").starts_with("Beyond"));
    assert_eq!(target("10.5.0.0/16"), "InternetGateway(\"igw-1\")");
    assert!(target("10.6.0.0/16").contains("core network"));
    assert_eq!(target("192.168.0.0/16"), "VpnGateway(\"vgw-1\")");
    assert!(table.routes.iter().any(|r| r.origin == Origin::PrefixList && &*r.label == "pl-1"));
    // A service's list that was not read touches public addresses alone; any other list may touch all.
    assert_eq!(table.doubt, None);
    assert!(get!(net, tables, Table, "rtb-2").doubt.is_some());
    let unread = network(&resources, &[(A, "aws.ec2.vpc_peering_connection")], Vec::new());
    let routes = &get!(unread, tables, Table, "rtb-1").routes;
    assert!(routes.iter().any(
        |r| matches!(&r.target, Target::Beyond(c) if c.kind == crate::model::CauseKind::Denied)
    ));
}

#[test]
fn what_a_gateway_endpoint_takes_is_not_known_without_its_list() {
    let endpoint = json!({
        "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway", "state": "available", "subnet_ids": [],
        "network_interface_ids": [], "service_name": "com.amazonaws.eu-west-1.s3",
    });
    let service = route("pl-s3", "gateway_id", "vpce-1");
    let near = route("10.1.0.0/16", "nat_gateway_id", "nat-1");
    let default = route("0.0.0.0/0", "gateway_id", "igw-1");
    let net = plain(&[
        vpc(A, "vpc-1", "10.0.0.0/16"),
        line(A, "aws.ec2.vpc_endpoint", "vpce-1", endpoint),
        table("rtb-1", "vpc-1", true, &json!([]), json!([near, service])),
        table("rtb-2", "vpc-1", false, &json!([]), json!([default, service])),
    ]);
    let state = |table: &str, to: &str| {
        let to: Addr = to.parse().unwrap();
        let routes = &get!(net, tables, Table, table).routes;
        routes
            .iter()
            .filter(|it| it.destination.contains(to))
            .map(|it| it.state.clone())
            .collect::<Vec<_>>()
    };
    let active = vec![RouteState::Active];
    let none: Vec<RouteState> = Vec::new();
    assert!(matches!(state("rtb-1", "52.216.0.1")[..], [RouteState::Unknown(_)]));
    assert_eq!((state("rtb-1", "10.1.0.1"), state("rtb-1", "10.2.0.1")), (active.clone(), none));
    // With a default route they go somewhere, and the service is public as well.
    assert_eq!(state("rtb-2", "52.216.0.1"), active);
}

#[test]
fn rules_know_what_they_speak_of_or_say_why_not() {
    let resources = [
        vpc(A, "vpc-1", "10.0.0.0/16"),
        group(
            A,
            "sg-1",
            json!([
                rule("tcp", json!({"cidr": "10.0.0.0/8"})),
                rule("-1", json!({"group_id": "sg-1"})),
                rule("icmp", json!({"cidr": "0.0.0.0/0", "icmp_type": 8, "icmp_code": null})),
                rule("47", json!({"cidr": "0.0.0.0/0"})),
                rule("udp", json!({"group_id": "sg-gone"})),
                rule("tcp", json!({"group_id": "sg-other", "group_account": B})),
                rule("nonsense", json!({"prefix_list_id": "pl-x"})),
            ]),
        ),
    ];
    let of = |net: &Network| {
        let group = get!(net, groups, Group, "sg-1");
        let mut out: Vec<String> = group
            .ingress
            .iter()
            .map(|rule| {
                let traffic = rule.traffic.as_ref().map_or("?".to_owned(), ToString::to_string);
                let peer = format!("{:?}", rule.peer);
                format!("{traffic} {}", peer.split(['(', ' ']).next().unwrap())
            })
            .collect();
        out.sort();
        out
    };
    assert_eq!(
        of(&plain(&resources)),
        [
            "? List",
            "ICMP type 8 Addresses",
            "TCP 22 Addresses",
            "TCP 22 Stale",
            "UDP 22 Stale",
            "all traffic Group",
            "protocol 47 Addresses",
        ]
    );
    let unread = network(&resources, &[(B, "aws.ec2.security_group")], Vec::new());
    assert!(of(&unread).contains(&"TCP 22 Unknown".to_owned()));
    assert!(of(&unread).contains(&"UDP 22 Stale".to_owned()));
    assert!(plain(&resources).lists.iter().all(|(_, list)| list.doubt.is_some()));
}

#[test]
fn block_public_access_goes_by_subnet_and_exclusion() {
    let exclusion = |of: &str, mode: &str, state: &str| {
        let data = json!({
            "resource_arn": format!("arn:aws:ec2:eu-west-1:{A}:{of}"), "state": state,
            "internet_gateway_exclusion_mode": mode,
        });
        line(A, "aws.ec2.vpc_block_public_access_exclusion", &format!("vpcbpa-{of}"), data)
    };
    let mut world = vec![
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        subnet(A, A, "subnet-2", "vpc-1", "10.0.1.0/24"),
        options("block-bidirectional"),
        exclusion("subnet/subnet-1", "allow-egress", "create-complete"),
        exclusion("subnet/subnet-2", "allow-bidirectional", "delete-complete"),
    ];
    let of = |net: &Network, id: &str| get!(net, subnets, Subnet, id).block.known().copied();
    let net = plain(&world);
    assert_eq!(of(&net, "subnet-1"), Some(Block::Ingress));
    assert_eq!(of(&net, "subnet-2"), Some(Block::Bidirectional));
    let unread = [(A, "aws.ec2.vpc_block_public_access_exclusion")];
    assert_eq!(of(&network(&world, &unread, Vec::new()), "subnet-2"), None);
    world.push(exclusion("vpc/vpc-1", "allow-bidirectional", "update-complete"));
    assert_eq!(of(&plain(&world), "subnet-2"), Some(Block::Off));
    world.retain(|it| it.kind().name != "aws.ec2.vpc_block_public_access_options");
    assert_eq!(of(&plain(&world), "subnet-1"), None);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one world, told from its attachments to its tables")]
fn transit_tables_hold_what_vpcs_propagate_and_doubt_what_others_do() {
    let attachment = |speaker: &str, id: &str, kind: &str, resource: &str, table: Value| {
        let details = json!({
            "vpc_id": resource, "subnet_ids": ["subnet-1"], "ipv6_support": "disable",
            "security_group_referencing_support": null,
        });
        let data = json!({
            "transit_gateway_id": "tgw-1", "transit_gateway_owner_id": A, "resource_type": kind,
            "resource_id": resource, "state": "available", "association_route_table_id": table,
            "association_state": null, "vpc": if kind == "vpc" { details } else { Value::Null }, "peering": null,
        });
        line(speaker, "aws.ec2.transit_gateway_attachment", id, data)
    };
    let gateway =
        json!({"owner_id": A, "state": "available", "security_group_referencing_support": null});
    let tgw_table = |propagations: &[&str]| {
        let links: Vec<Value> = propagations
            .iter()
            .map(|id| json!({"transit_gateway_attachment_id": id, "state": "enabled"}))
            .collect();
        let data = json!({
            "transit_gateway_id": "tgw-1", "state": "available", "prefix_list_references": [],
            "routes": [{
                "destination_cidr_block": "10.0.0.0/8", "state": "blackhole", "route_type": "static",
                "prefix_list_id": null, "attachments": [],
            }],
            "associations": [{"transit_gateway_attachment_id": "att-1", "state": "associated"}],
            "propagations": links,
        });
        line(A, "aws.ec2.transit_gateway_route_table", "tgw-rtb-1", data)
    };
    let mut world = vec![
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        line(A, "aws.ec2.transit_gateway", "tgw-1", gateway),
        attachment(A, "att-1", "vpc", "vpc-1", json!("tgw-rtb-1")),
        attachment(A, "att-vpn", "vpn", "vpn-1", Value::Null),
        attachment(B, "att-b", "vpc", "vpc-b", Value::Null),
        tgw_table(&["att-1"]),
    ];
    let net = plain(&world);
    let table = get!(net, transit_tables, TransitTable, "tgw-rtb-1");
    assert_eq!(table.doubt, None);
    let shown: Vec<_> = table.routes.iter().map(|r| (&*r.label, r.rank)).collect();
    assert_eq!(shown, [("10.0.0.0/16", 2), ("10.0.0.0/8", 0)]);
    let of = |id| get!(net, attachments, Attachment, id);
    assert!(matches!(of("att-1").association, Attr::Known(Some(_))));
    assert_eq!(of("att-vpn").association, Attr::Known(None));
    // A participant's null says nothing, but every table was read and none has it.
    assert_eq!(of("att-b").association, Attr::Known(None));
    assert!(
        matches!(&of("att-1").kind, AttachmentKind::Vpc { subnets: Attr::Known(list), .. } if list.len() == 1)
    );
    assert_eq!(of("att-b").vpc(), None);
    world.pop();
    world.push(tgw_table(&["att-1", "att-vpn"]));
    let unread = network(&world, &[(A, "aws.ec2.transit_gateway_route_table")], Vec::new());
    assert!(get!(unread, transit_tables, TransitTable, "tgw-rtb-1").learned.is_some());
    assert!(get!(unread, attachments, Attachment, "att-b").association.known().is_none());
    let net = plain(&world);
    let table = get!(net, transit_tables, TransitTable, "tgw-rtb-1");
    assert_eq!(table.doubt, None, "what a site announces is a doubt of its own");
    let learned = table.learned.as_ref().unwrap();
    assert_eq!(learned.blocks.to_string(), "10.0.0.0/16");
    let vpn = json!({
        "transit_gateway_id": "tgw-1", "state": "available", "static_routes_only": true,
        "routes": [{"destination_cidr_block": "192.168.0.0/16", "state": "available"}],
    });
    world.push(line(A, "aws.ec2.vpn_connection", "vpn-1", vpn));
    let net = plain(&world);
    let table = get!(net, transit_tables, TransitTable, "tgw-rtb-1");
    assert!(table.doubt.is_none() && table.learned.is_none());
    assert!(table.routes.iter().any(|r| r.rank == 5));
}

#[test]
fn both_ends_of_a_peering_of_gateways_are_told_apart() {
    let gateway = |account: &str, id: &str| {
        line(
            account,
            "aws.ec2.transit_gateway",
            id,
            json!({"owner_id": account, "state": "available"}),
        )
    };
    let end = |account: &str, own: &str, other: &str| {
        let data = json!({
            "transit_gateway_id": own, "transit_gateway_owner_id": account, "resource_type": "peering",
            "resource_id": other, "state": "available", "association_route_table_id": null, "peering": null,
        });
        line(account, "aws.ec2.transit_gateway_attachment", "att-p", data)
    };
    let net = plain(&[
        gateway(A, "tgw-a"),
        gateway(B, "tgw-b"),
        end(A, "tgw-a", "tgw-b"),
        end(B, "tgw-b", "tgw-a"),
    ]);
    let kinds: Vec<_> = net.attachments.iter().map(|(_, it)| format!("{:?}", it.kind)).collect();
    assert_eq!(kinds, ["Peering(Some(#1))", "Peering(Some(#0))"]);
}

#[test]
fn interfaces_are_what_their_makers_say() {
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/front/0123456789abcdef";
    let data = json!({
        "load_balancer_type": "network", "scheme": "internet-facing", "vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-9"],
        "security_group_ids": [], "cross_zone_enabled": false,
        "enforce_security_group_inbound_rules_on_private_link_traffic": null,
    });
    let made = |id: &str, kind: &str, description: &str, groups: Value| {
        interface(
            A,
            id,
            "subnet-1",
            json!({
                "interface_type": kind, "description": description, "requester_managed": true,
                "security_group_ids": groups,
            }),
        )
    };
    let carrier = json!({
        "private_ip_addresses": [{
            "private_ip_address": "10.0.0.6", "primary": true,
            "association": {"public_ip": null, "carrier_ip": "203.0.113.7"},
        }],
        "ipv6_addresses": ["2001:db8::5"], "ipv4_prefixes": ["10.0.0.16/28"],
    });
    let net = plain(&[
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        group(A, "sg-1", json!([])),
        line(A, "aws.elbv2.load_balancer", balancer, data),
        made("eni-1", "network_load_balancer", "ELB net/front/0123456789abcdef", json!([])),
        made("eni-2", "interface", "ELB app/other/0123456789abcdef", json!(["sg-1"])),
        made(
            "eni-3",
            "lambda",
            "AWS Lambda VPC ENI-f-01234567-89ab-cdef-0123-456789abcdef",
            json!(["sg-1"]),
        ),
        made("eni-4", "interface", "RDSNetworkInterface", json!(["sg-1"])),
        made(
            "eni-5",
            "interface",
            "arn:aws:ecs:eu-west-1:111122223333:attachment/x",
            json!(["sg-1"]),
        ),
        interface(A, "eni-6", "subnet-1", json!({"security_group_ids": []})),
        interface(A, "eni-7", "subnet-1", carrier),
    ]);
    let of = |id| get!(net, interfaces, Interface, id);
    assert!(matches!(of("eni-1").kind, InterfaceKind::Balancer(_)));
    assert_eq!(of("eni-1").groups, Attr::Known(None));
    assert_eq!(of("eni-2").kind, InterfaceKind::UnknownBalancer);
    assert_eq!(of("eni-3").kind, InterfaceKind::Function);
    assert_eq!(of("eni-4").kind, InterfaceKind::Managed);
    assert_eq!(of("eni-5").kind, InterfaceKind::Ordinary);
    // No groups let nothing pass.
    let set = of("eni-6").groups.known().unwrap().unwrap();
    assert!(net.group_sets[set].groups.is_empty() && net.group_sets[set].doubt.is_none());
    let addresses = &of("eni-7").addresses;
    assert!(addresses.len() == 3 && addresses.iter().all(|it| it.public.is_none()));
    // The second zone has no interface that anybody saw.
    let balancer = get!(net, balancers, Balancer, balancer);
    assert!(balancer.interfaces.len() == 1 && balancer.doubt.is_some());
}

#[test]
fn targets_see_clients_by_kind_and_protocol() {
    let instance = |id: &str, state: &str, eni: &str| {
        line(
            A,
            "aws.ec2.instance",
            id,
            json!({
                "state": state, "network_interface_ids": [eni], "private_ip_address": "10.0.0.7",
            }),
        )
    };
    let target_group = |id: &str, kind: &str, protocol: &str, keep: Value, target: &str| {
        line(
            A,
            "aws.elbv2.target_group",
            id,
            json!({
                "target_type": kind, "protocol": protocol, "port": 8080, "vpc_id": "vpc-1",
                "preserve_client_ip_enabled": keep, "cross_zone_enabled": null,
                "targets": [{"target_id": target, "port": null, "state": "unhealthy"}],
            }),
        )
    };
    let addresses = json!({
        "instance_id": "i-1", "attachment": {"device_index": 0},
        "private_ip_addresses": [
            {"private_ip_address": "10.0.0.6", "primary": false, "association": null},
            {"private_ip_address": "10.0.0.7", "primary": true, "association": null},
        ],
    });
    let net = plain(&[
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        group(A, "sg-1", json!([])),
        instance("i-1", "stopped", "eni-1"),
        interface(A, "eni-1", "subnet-1", addresses),
        target_group("tg-1", "instance", "TCP", Value::Null, "i-1"),
        target_group("tg-2", "ip", "TCP", Value::Null, "10.0.0.6"),
        target_group("tg-3", "ip", "UDP", json!(false), "10.0.9.9"),
        target_group("tg-4", "instance", "TLS", json!(false), "i-gone"),
    ]);
    let of = |id| {
        let group = get!(net, target_groups, TargetGroup, id);
        (group.keeps_client.known().copied(), &group.targets[0])
    };
    let addr = |text: &str| Some(text.parse::<Addr>().unwrap());
    assert_eq!((of("tg-1").0, of("tg-1").1.addr), (Some(true), addr("10.0.0.7")));
    assert_eq!(of("tg-1").1.port, Some(8080));
    assert_eq!((of("tg-2").0, of("tg-2").1.addr), (Some(false), addr("10.0.0.6")));
    assert!(of("tg-2").1.interface.is_some());
    assert_eq!(of("tg-3").0, Some(true));
    assert!(of("tg-3").1.interface.is_none() && of("tg-3").1.addr.is_some());
    assert_eq!((of("tg-4").0, of("tg-4").1.interface), (Some(false), None));
    assert_eq!(get!(net, hosts, Host, "i-1").running, Attr::Known(false));
}

#[test]
fn environments_are_declared_by_vpc_tags_and_accounts() {
    let mut tagged = vpc(A, "vpc-1", "10.0.0.0/16");
    tagged.meta.tags = Attr::Known([("env".to_owned(), "prod".to_owned())].into());
    let declared = vec![
        Environment {
            name: "prod".into(),
            tags: [("env".to_owned(), "prod".to_owned())].into(),
            ..Environment::default()
        },
        Environment {
            name: "dev".into(),
            accounts: vec![AccountId::new(B).unwrap()],
            resources: vec!["eni-2".into()],
            ..Environment::default()
        },
    ];
    let resources = [
        tagged,
        vpc(B, "vpc-2", "10.1.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        interface(B, "eni-1", "subnet-1", json!({})),
        interface(A, "eni-2", "subnet-1", json!({})),
    ];
    let net = network(&resources, &[], declared);
    let text =
        |it: &Attr<Option<Box<str>>>| it.known().unwrap().as_deref().unwrap_or("-").to_owned();
    assert_eq!(text(&get!(net, vpcs, Vpc, "vpc-1").environment), "prod");
    assert_eq!(text(&get!(net, vpcs, Vpc, "vpc-2").environment), "dev");
    // The VPC's tags come before the account of the participant.
    assert_eq!(text(&get!(net, interfaces, Interface, "eni-1").environment), "prod");
    assert_eq!(text(&get!(net, interfaces, Interface, "eni-2").environment), "dev");
}
