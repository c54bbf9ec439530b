//! A small world that touches every fact.

use portcullis::analyze::{Environment, Environments};
use portcullis::clock;
use portcullis::ident::{AccountId, Region};
use portcullis::model::{Completeness, Coverage, CoverageEntry, KINDS, Meta, Resource, Scope};
use serde_json::{Value, json};

pub const ACCOUNT: &str = "111122223333";
pub const OTHER: &str = "444455556666";
pub const REGION: &str = "eu-west-1";

pub fn now() -> jiff::Timestamp {
    clock::parse("2026-11-25").unwrap()
}

pub fn meta(id: &str) -> Meta {
    parsed(&line("aws.ec2.security_group", id, json!({}))).meta
}

pub fn environments() -> Environments {
    let environment = |name: &str| Environment { name: name.to_owned(), ..Environment::default() };
    Environments::new(vec![
        Environment { vpcs: vec!["vpc-prod".to_owned()], ..environment("prod") },
        Environment { tags: [("env".to_owned(), "dev".to_owned())].into(), ..environment("dev") },
        Environment {
            organizational_units: vec!["Partners".to_owned()],
            ..environment("partners")
        },
    ])
}

/// Everything was read in both accounts.
pub fn entries() -> Vec<CoverageEntry> {
    let mut out = Vec::new();
    for account in [ACCOUNT, OTHER] {
        for kind in KINDS {
            let region = match kind.scope {
                Scope::Regional => Region::new(REGION).unwrap(),
                Scope::Global | Scope::Organization => Region::global(),
            };
            out.push(CoverageEntry {
                source: "aws".to_owned(),
                account: AccountId::new(account).unwrap(),
                region,
                kind: kind.name.to_owned(),
                status: Completeness::Complete,
                reason: None,
                count: 0,
            });
        }
    }
    out
}

pub fn coverage() -> Coverage {
    entries().into_iter().collect()
}

pub fn resources() -> Vec<Resource> {
    lines().iter().map(parsed).collect()
}

pub fn parsed(line: &Value) -> Resource {
    Resource::parse(&line.to_string()).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[expect(clippy::needless_pass_by_value, reason = "callers build the value in place")]
fn line(kind: &str, id: &str, data: Value) -> Value {
    let global = KINDS.iter().any(|k| k.name == kind && k.scope != Scope::Regional);
    let region = if global { Region::GLOBAL } else { REGION };
    json!({"type": kind, "id": id, "account": ACCOUNT, "region": region, "tags": {}, "data": data})
}

fn with(mut line: Value, key: &str, value: Value) -> Value {
    line[key] = value;
    line
}

/// The resources as JSON lines, without facts.
pub fn lines() -> Vec<Value> {
    [vpcs(), routing(), filters(), hosts(), crossings(), privileges(), front()].concat()
}

fn vpcs() -> Vec<Value> {
    let vpc = |id: &str| line("aws.ec2.vpc", id, json!({"owner_id": ACCOUNT}));
    let subnet = |id: &str| {
        line(
            "aws.ec2.subnet",
            id,
            json!({
                "vpc_id": "vpc-prod", "owner_id": ACCOUNT, "map_public_ip_on_launch": false
            }),
        )
    };
    let account = |id: &str, path: Value| {
        line("aws.organizations.account", id, json!({"ou_path": path, "ancestor_ids": ["r-1"]}))
    };
    vec![
        vpc("vpc-prod"),
        with(vpc("vpc-dev"), "tags", json!({"env": "dev"})),
        subnet("subnet-public"),
        subnet("subnet-private"),
        account(ACCOUNT, json!([])),
        account(OTHER, json!(["Partners", "Acme"])),
    ]
}

fn route(destination: (&str, &str), target: (&str, &str)) -> Value {
    let mut route = json!({
        "destination_cidr_block": null, "destination_ipv6_cidr_block": null,
        "destination_prefix_list_id": null, "gateway_id": null, "state": "active"
    });
    route[destination.0] = json!(destination.1);
    route[target.0] = json!(target.1);
    route
}

fn routing() -> Vec<Value> {
    let list = |id: &str, entries: Value| {
        line("aws.ec2.managed_prefix_list", id, json!({"owner_id": ACCOUNT, "entries": entries}))
    };
    vec![
        line(
            "aws.ec2.route_table",
            "rtb-public",
            json!({
                "vpc_id": "vpc-prod", "main": false, "associated_subnet_ids": ["subnet-public"],
                "routes": [
                    route(("destination_cidr_block", "10.0.0.0/16"), ("gateway_id", "local")),
                    route(("destination_cidr_block", "0.0.0.0/1"), ("gateway_id", "igw-1")),
                    route(("destination_prefix_list_id", "pl-upper"), ("gateway_id", "igw-1")),
                    route(("destination_prefix_list_id", "pl-unread"), ("gateway_id", "vpce-1")),
                ]
            }),
        ),
        line(
            "aws.ec2.route_table",
            "rtb-main",
            json!({
                "vpc_id": "vpc-prod", "main": true, "associated_subnet_ids": [],
                "routes": [
                    route(("destination_cidr_block", "0.0.0.0/0"), ("gateway_id", "igw-1")),
                    route(("destination_cidr_block", "0.0.0.0/1"), ("nat_gateway_id", "nat-1")),
                    route(("destination_cidr_block", "128.0.0.0/1"), ("nat_gateway_id", "nat-1")),
                ]
            }),
        ),
        list("pl-upper", json!([{"cidr": "128.0.0.0/1"}])),
        list("pl-world", json!([{"cidr": "0.0.0.0/0"}])),
        list("pl-office", json!([{"cidr": "192.0.2.0/24"}])),
        list("pl-unread", json!({"$unknown": {"kind": "denied"}})),
    ]
}

fn filters() -> Vec<Value> {
    let rule = |ports: (u16, u16), key: &str, value: &str| {
        let mut rule = json!({
            "protocol": "tcp", "ports": {"from": ports.0, "to": ports.1}, "cidr": null,
            "prefix_list_id": null, "group_id": null, "group_account": null, "group_vpc_id": null
        });
        rule[key] = json!(value);
        rule
    };
    let mut other = rule((5432, 5432), "group_id", "sg-dev");
    other["group_vpc_id"] = json!("vpc-dev");
    let entry = |number: i64, action: &str, cidr: &str| {
        json!({
            "egress": false, "rule_number": number, "rule_action": action, "protocol": "tcp",
            "ports": {"from": 22, "to": 22}, "cidr": cidr
        })
    };
    let acl = |id: &str, default: bool, subnets: Value| {
        line(
            "aws.ec2.network_acl",
            id,
            json!({
                "vpc_id": "vpc-prod", "is_default": default, "associated_subnet_ids": subnets,
                "entries": [
                    entry(90, "deny", "0.0.0.0/2"),
                    entry(100, "allow", "0.0.0.0/1"),
                    entry(110, "allow", "128.0.0.0/1"),
                    entry(120, "deny", "0.0.0.0/0"),
                    entry(130, "allow", "2000::/3"),
                ]
            }),
        )
    };
    vec![
        line(
            "aws.ec2.security_group",
            "sg-web",
            json!({
                "group_name": "web", "vpc_id": "vpc-prod", "owner_id": ACCOUNT,
                "ingress": [
                    rule((443, 443), "cidr", "0.0.0.0/1"),
                    rule((400, 500), "cidr", "128.0.0.0/1"),
                    rule((22, 22), "prefix_list_id", "pl-office"),
                    rule((80, 80), "cidr", "50.0.0.0/9"),
                    rule((80, 80), "cidr", "50.128.0.0/9"),
                    rule((80, 80), "cidr", "10.0.0.0/8"),
                    other,
                ],
                "egress": [rule((443, 443), "cidr", "::/0")]
            }),
        ),
        line(
            "aws.ec2.security_group",
            "sg-idle",
            json!({
                "vpc_id": "vpc-prod", "ingress": [], "egress": []
            }),
        ),
        acl("acl-public", false, json!(["subnet-public"])),
        acl("acl-default", true, json!([])),
    ]
}

fn hosts() -> Vec<Value> {
    let interface = |id: &str, subnet: &str, owner: &str, public: Value| {
        line(
            "aws.ec2.network_interface",
            id,
            json!({
                "vpc_id": "vpc-prod", "subnet_id": subnet, "owner_id": owner,
                "security_group_ids": ["sg-web"], "private_ip_addresses": [],
                "association": public, "ipv6_addresses": [], "ipv6_prefixes": []
            }),
        )
    };
    let association = json!({"public_ip": "198.51.100.9"});
    let instance = |id: &str, subnet: &str, ip: Value, interfaces: Value| {
        line(
            "aws.ec2.instance",
            id,
            json!({
                "state": "stopped", "vpc_id": "vpc-prod", "subnet_id": subnet, "public_ip_address": ip,
                "state_transition_reason": "User initiated (2025-06-25 08:00:00 GMT)",
                "associate_public_ip_address": null, "ipv6_addresses": [],
                "network_interface_ids": interfaces
            }),
        )
    };
    vec![
        interface("eni-1", "subnet-public", ACCOUNT, association.clone()),
        interface("eni-2", "subnet-private", ACCOUNT, association),
        interface("eni-3", "subnet-private", OTHER, Value::Null),
        instance("i-public", "subnet-public", json!("198.51.100.9"), json!(["eni-1"])),
        instance("i-private", "subnet-private", json!("198.51.100.8"), json!(["eni-2"])),
        instance("i-two", "subnet-private", Value::Null, json!(["eni-2", "eni-1"])),
        line(
            "aws.ssm.managed_instance",
            "i-public",
            json!({
                "platform_name": "Ubuntu", "platform_version": "22.04"
            }),
        ),
    ]
}

fn crossings() -> Vec<Value> {
    let peering = |id: &str, to: &str, owner: &str| {
        let side = |vpc: &str, owner: &str| json!({"vpc_id": vpc, "owner_id": owner});
        line(
            "aws.ec2.vpc_peering_connection",
            id,
            json!({
                "status": "active", "requester_vpc_id": "vpc-prod", "accepter_vpc_id": to,
                "requester_vpc_info": side("vpc-prod", ACCOUNT), "accepter_vpc_info": side(to, owner)
            }),
        )
    };
    let attachment = |id: &str, vpc: &str, table: Value| {
        line(
            "aws.ec2.transit_gateway_attachment",
            id,
            json!({
                "transit_gateway_id": "tgw-1", "transit_gateway_owner_id": ACCOUNT,
                "resource_type": "vpc", "resource_id": vpc, "resource_owner_id": ACCOUNT,
                "state": "available", "association_route_table_id": table
            }),
        )
    };
    let table = |id: &str, from: &str, to: &str, state: &str| {
        line(
            "aws.ec2.transit_gateway_route_table",
            id,
            json!({
                "transit_gateway_id": "tgw-1", "state": "available", "prefix_list_references": [],
                "routes": [{
                    "destination_cidr_block": "10.0.0.0/8", "state": state,
                    "attachments": [{
                        "transit_gateway_attachment_id": to, "resource_id": null, "resource_type": "vpc"
                    }]
                }],
                "associations": [{
                    "transit_gateway_attachment_id": from, "resource_id": null, "resource_type": "vpc",
                    "state": "associated"
                }]
            }),
        )
    };
    vec![
        peering("pcx-cross", "vpc-dev", ACCOUNT),
        peering("pcx-within", "vpc-prod", ACCOUNT),
        attachment("att-prod", "vpc-prod", json!("tgw-rtb-prod")),
        attachment("att-dev", "vpc-dev", json!("tgw-rtb-dev")),
        table("tgw-rtb-prod", "att-prod", "att-dev", "active"),
        table("tgw-rtb-dev", "att-dev", "att-prod", "blackhole"),
    ]
}

#[expect(clippy::needless_pass_by_value, reason = "callers build the values in place")]
fn statement(effect: &str, actions: Value, principals: Value, conditions: Value) -> Value {
    json!({
        "sid": null, "effect": effect, "actions": actions, "not_actions": [], "resources": ["*"],
        "not_resources": [], "principals": principals, "not_principals": [],
        "conditions": conditions, "not_understood": []
    })
}

fn privileges() -> Vec<Value> {
    let document = |statements: Value| json!({"version": "2012-10-17", "statements": statements});
    let nobody = || json!([]);
    let allow =
        |action: &str| document(json!([statement("Allow", json!([action]), nobody(), nobody())]));
    let inline = |action: &str| json!([{"policy_name": "own", "document": allow(action)}]);
    let arn = "arn:aws:iam::111122223333:policy/own";
    let policy = line("aws.iam.policy", "own", json!({"document": allow("iam:*")}));
    let group = line(
        "aws.iam.group",
        "AGPA1",
        json!({
            "inline_policies": inline("s3:*"), "attached_policy_arns": [arn]
        }),
    );
    let principal = |kind: &str, value: &str| json!([{"kind": kind, "value": value}]);
    let external = json!([{
        "operator": "StringEquals", "key": "sts:ExternalId", "values": ["a1"]
    }]);
    let assume = |who: Value, conditions: Value| {
        statement("Allow", json!(["sts:AssumeRole"]), who, conditions)
    };
    let trust = document(json!([
        assume(principal("AWS", "arn:aws:iam::444455556666:root"), external),
        assume(principal("Service", "ec2.amazonaws.com"), nobody()),
        statement("Deny", json!(["*"]), principal("*", "*"), nobody()),
    ]));
    let user = |id: &str, inline: Value, groups: Value| {
        line(
            "aws.iam.user",
            id,
            json!({
                "inline_policies": inline, "attached_policy_arns": [], "group_names": groups
            }),
        )
    };
    let but = json!({"policy_name": "but", "document": document(json!([
        with(statement("Allow", json!([]), nobody(), nobody()), "not_actions", json!(["iam:*"]))
    ]))});
    vec![
        with(policy, "arn", json!(arn)),
        with(group, "name", json!("operators")),
        user("AIDA1", json!([but]), json!(["operators"])),
        user("AIDA2", inline("ec2:*"), json!([])),
        line(
            "aws.iam.role",
            "AROA1",
            json!({
                "assume_role_policy_document": trust, "inline_policies": [],
                "attached_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]
            }),
        ),
    ]
}

fn front() -> Vec<Value> {
    vec![
        line(
            "aws.elbv2.ssl_policy",
            "own-policy",
            json!({
                "ssl_protocols": ["TLSv1.2"], "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256", "RC4-MD5"]
            }),
        ),
        line(
            "aws.elbv2.listener",
            "listener-1",
            json!({
                "protocol": "HTTPS", "ssl_policy": "own-policy"
            }),
        ),
        line("aws.elbv2.listener", "listener-2", json!({"protocol": "TCP", "ssl_policy": null})),
        line(
            "aws.elb.load_balancer",
            "classic",
            json!({
                "policies": [{
                    "policy_name": "p", "policy_type_name": "SSLNegotiationPolicyType",
                    "reference_security_policy": "ELBSecurityPolicy-2016-08", "attributes": {}
                }],
                "scheme": "internal", "vpc_id": "vpc-prod", "subnet_ids": [], "security_group_ids": [],
                "instance_ids": [], "cross_zone_load_balancing_enabled": false,
                "listeners": [{
                    "protocol": "SSL", "policy_names": ["p"], "load_balancer_port": 443, "instance_port": 80
                }]
            }),
        ),
    ]
}
