use serde_json::{Value, json};

use super::{A, get, group, interface, line, plain, subnet, vpc};
use crate::analyze::network::topology::*;
use crate::model::{Attr, Resource};
use crate::net::Traffic;

#[test]
fn firewalls_are_understood_as_far_as_five_tuples_go() {
    let endpoint = json!({
        "vpc_id": "vpc-1", "vpc_endpoint_type": "GatewayLoadBalancer", "state": "available",
        "subnet_ids": ["subnet-1"], "network_interface_ids": [],
    });
    let firewall = json!({
        "firewall_policy_arn": "policy", "vpc_id": "vpc-1", "endpoint_ids": ["vpce-fw"],
    });
    let policy = json!({
        "stateless_default_actions": ["aws:forward_to_sfe"], "stateful_default_actions": [],
        "stateful_rule_order": "DEFAULT_ACTION_ORDER", "tls_inspection_configuration_arn": null,
        "stateless_rule_groups": [{"rule_group_arn": "less", "priority": 10}],
        "stateful_rule_groups": [{"rule_group_arn": "full", "priority": null}],
        "ip_sets": {},
    });
    let stateless = |flags: Value| {
        json!({
            "priority": 5, "actions": ["aws:drop"], "sources": ["0.0.0.0/0"], "destinations": [],
            "source_ports": [], "destination_ports": [{"from": 22, "to": 22}], "protocols": [6], "tcp_flags": flags,
        })
    };
    let stateful = |action: &str, source: &str| {
        json!({
            "action": action, "protocol": "TCP", "source": source, "source_port": "ANY", "direction": "FORWARD",
            "destination": "$HOME_NET", "destination_port": "[443,8000:8080]", "options": ["sid:1"],
        })
    };
    let group = |id: &str, opaque: bool, less: Value| {
        line(
            A,
            "aws.network_firewall.rule_group",
            id,
            json!({
                "rule_group_name": id, "opaque": opaque, "opaque_reasons": ["a domain list"], "stateless_rules": less,
                "stateful_rules": [stateful("DROP", "ANY"), stateful("PASS", "!10.9.0.0/16")], "ip_sets": {}, "port_sets": {},
            }),
        )
    };
    let world = |opaque: bool, flags: Value| {
        let net = plain(&[
            vpc(A, "vpc-1", "10.0.0.0/16"),
            line(A, "aws.ec2.vpc_endpoint", "vpce-fw", endpoint.clone()),
            line(A, "aws.network_firewall.firewall", "fw", firewall.clone()),
            line(A, "aws.network_firewall.policy", "policy", policy.clone()),
            group("less", false, json!([stateless(flags)])),
            group("full", opaque, json!([])),
        ]);
        match &get!(net, endpoints, Endpoint, "vpce-fw").kind {
            EndpointKind::Firewall(firewall) => (**firewall).clone(),
            other => panic!("{other:?}"),
        }
    };
    let clear = world(false, json!([]));
    assert_eq!(clear.opaque, None);
    assert_eq!(clear.stateless[0].traffic, [Traffic::one(6, 22)]);
    assert_eq!(clear.stateless_default, Attr::Known(FirewallAction::Forward));
    // What passes comes first, and nothing else is dropped.
    assert_eq!(
        clear.stateful.iter().map(|r| r.action).collect::<Vec<_>>(),
        [FirewallAction::Pass, FirewallAction::Drop]
    );
    assert_eq!(clear.stateful[0].destinations.to_string(), "10.0.0.0/16");
    assert_eq!(clear.stateful[0].traffic.len(), 2);
    assert_eq!(clear.stateful_default, Attr::Known(FirewallAction::Pass));
    assert!(world(true, json!([])).opaque.is_some());
    let flagged = world(false, json!(["SYN/SYN,ACK"]));
    assert!(flagged.stateless.is_empty() && flagged.stateless_default.known().is_none());
}

#[test]
fn doors_lead_to_what_stands_behind_them() {
    let accelerator = json!({
        "enabled": true, "listeners": [{
            "listener_arn": "ga/listener", "protocol": "TCP", "port_ranges": [{"from": 80, "to": 82}],
            "endpoint_groups": [{
                "port_overrides": [{"listener_port": 81, "endpoint_port": 8081}],
                "endpoints": [
                    {"endpoint_id": "i-1", "weight": 128, "client_ip_preservation_enabled": true},
                    {"endpoint_id": "i-2", "weight": 0, "client_ip_preservation_enabled": true},
                ],
            }],
        }],
    });
    let global = |kind: &str, id: &str, data: Value| {
        let line = json!({"type": kind, "id": id, "account": A, "region": "global", "data": data});
        Resource::parse(&line.to_string()).unwrap()
    };
    let origin = json!({
        "status": "Deployed", "endpoint_arn": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
        "http_port": 80, "https_port": 8443, "origin_protocol_policy": "https-only",
    });
    let cluster = json!({
        "status": "ACTIVE", "endpoint_public_access": true, "public_access_cidrs": ["203.0.113.0/24"],
    });
    let mut cluster = line(A, "aws.eks.cluster", "blue", cluster);
    cluster.meta.name = Some("blue".to_owned());
    let net = plain(&[
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        interface(A, "eni-1", "subnet-1", json!({"instance_id": "i-1"})),
        interface(
            A,
            "eni-2",
            "subnet-1",
            json!({"description": "Amazon EKS blue", "requester_managed": true}),
        ),
        global("aws.globalaccelerator.accelerator", "ga", accelerator),
        global("aws.cloudfront.vpc_origin", "vo-1", origin),
        cluster,
    ]);
    let ga = get!(net, doors, Door, "ga");
    let ports: Vec<_> = ga.ports.iter().map(|it| (it.outside.to_string(), it.inside)).collect();
    assert_eq!(
        ports,
        [("TCP 80".into(), None), ("TCP 81".into(), Some(8081)), ("TCP 82".into(), None)]
    );
    assert_eq!((ga.interfaces.len(), ga.vpc.is_some(), &ga.doubt), (1, true, &None));
    assert_eq!(ga.keeps_client, Attr::Known(true));
    let origin = get!(net, doors, Door, "vo-1");
    assert!(origin.interfaces.len() == 1 && origin.ports.iter().all(|it| it.inside == Some(8443)));
    let api = net.doors.iter().find(|(_, it)| it.kind == DoorKind::ClusterApi).unwrap().1;
    assert_eq!(api.clients.to_string(), "203.0.113.0/24");
    let host = get!(net, hosts, Host, "blue");
    assert!(host.interfaces.len() == 1 && host.port == Some(443));
}

#[test]
fn databases_have_interfaces_where_only_one_can_be_theirs() {
    let database = |id: &str, public: bool| {
        line(
            A,
            "aws.rds.db_instance",
            id,
            json!({
                "status": "available", "publicly_accessible": public, "endpoint_port": 5432, "vpc_id": "vpc-1",
                "subnet_ids": ["subnet-1"], "vpc_security_group_ids": ["sg-1"], "dbi_resource_id": null,
                "db_instance_port": 0,
            }),
        )
    };
    let node = |id: &str| {
        interface(
            A,
            id,
            "subnet-1",
            json!({"requester_id": "amazon-rds", "requester_managed": true}),
        )
    };
    let mut world = vec![
        vpc(A, "vpc-1", "10.0.0.0/16"),
        subnet(A, A, "subnet-1", "vpc-1", "10.0.0.0/24"),
        group(A, "sg-1", json!([])),
        database("db-1", false),
        database("db-public", true),
        node("eni-1"),
    ];
    let net = plain(&world);
    let one = get!(net, hosts, Host, "db-1");
    assert_eq!((one.interfaces.len(), &one.doubt, one.port), (1, &None, Some(5432)));
    let public = get!(net, hosts, Host, "db-public");
    assert!(public.interfaces.is_empty() && public.doubt.is_some());
    world.push(database("db-2", false));
    world.push(node("eni-2"));
    let net = plain(&world);
    let one = get!(net, hosts, Host, "db-1");
    assert!(one.interfaces.is_empty() && one.doubt.is_some());
}
