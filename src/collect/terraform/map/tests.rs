//! What mappers are tried with.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::TABLES;
use crate::collect::predicted::Thing;
use crate::ident::{AccountId, Region};
use crate::model::Tree;
use crate::model::attr::CauseKind;
use crate::model::change::{Part, Place, Sketch, Whole};
use crate::model::kinds::kind_named;
use crate::model::reflect::{Shape, Type};

/// A thing that does not exist yet, at the address `<type>.x`. `"?"` is what is left open.
pub(super) fn fresh(kind: &str, values: &Value) -> Thing<'static> {
    let mut thing = existing(kind, &format!("planned:{kind}.x"), values);
    thing.fresh = true;
    thing
}

/// A thing that exists.
pub(super) fn existing(kind: &str, id: &str, values: &Value) -> Thing<'static> {
    Thing {
        address: format!("{kind}.x").into(),
        kind: Cow::Owned(kind.to_owned()),
        values: opened(Tree::from(values)),
        id: Cow::Owned(id.to_owned()),
        arn: Some(Cow::Owned(format!("arn:aws:x:eu-west-1:111122223333:x/{id}"))),
        place: Place {
            account: AccountId::new("111122223333").unwrap(),
            region: Region::new("eu-west-1").unwrap(),
        },
        partition: "aws",
        fresh: false,
    }
}

fn opened(tree: Tree<'static>) -> Tree<'static> {
    match tree {
        Tree::Text(text) if text == "?" => Tree::Unknown(CauseKind::KnownAfterApply.into()),
        Tree::List(items) => Tree::List(items.into_iter().map(opened).collect()),
        Tree::Map(entries) => {
            Tree::Map(entries.into_iter().map(|(key, value)| (key, opened(value))).collect())
        }
        other => other,
    }
}

/// What the mappers of these things state.
pub(super) fn sketch(things: &[Thing<'static>]) -> Sketch<'static> {
    let mut sketch = Sketch::default();
    for thing in things {
        let (_, _, mapper) = super::of(&thing.kind).unwrap();
        mapper(thing, &mut sketch);
    }
    check(&sketch);
    sketch
}

/// The fields of the resource of a type and an id, as JSON.
pub(super) fn fields(sketch: &Sketch<'_>, kind: &str, id: &str) -> Value {
    let draft = sketch.drafts().iter().find(|d| d.kind.name == kind && d.id == id);
    let draft = draft.unwrap_or_else(|| panic!("no {kind} {id} in {:#?}", sketch.drafts()));
    serde_json::to_value(&draft.fields).unwrap()
}

/// The parts of the resource of a type and an id: fields and values.
pub(super) fn parts(sketch: &Sketch<'_>, kind: &str, id: &str) -> Vec<(&'static str, Value)> {
    let own = |part: &&Part<'_>| part.kind.name == kind && part.whole == Whole::Id(id.to_owned());
    sketch
        .parts
        .iter()
        .filter(own)
        .map(|part| (part.field, serde_json::to_value(&part.value).unwrap()))
        .collect()
}

/// Everything that is stated has the shape of the model.
fn check(sketch: &Sketch<'_>) {
    for draft in sketch.drafts() {
        if let Err(why) = (draft.kind.from_tree)(draft.fields.clone()) {
            panic!("{} {}: {why}: {:#?}", draft.kind.name, draft.id, draft.fields);
        }
    }
    for part in &sketch.parts {
        let mut names: Vec<&str> = part.field.split('.').collect();
        let last = names.pop().unwrap();
        let mut shape: &Shape = part.kind.shape;
        for name in &names {
            let ty = ty_of(shape, name);
            let Type::Struct(inner) = within(ty) else { panic!("{} is no struct", part.field) };
            shape = inner;
        }
        let listed = matches!(within(ty_of(shape, last)), Type::List(_) | Type::Map(_));
        let element = part.joint == crate::model::change::Joint::Element;
        assert!(listed || !element, "{} is no list", part.field);
        let mut value = if element && !part.value.is_unknown() {
            Tree::List(vec![part.value.clone()])
        } else {
            part.value.clone()
        };
        for name in std::iter::once(last).chain(names.into_iter().rev()) {
            value = Tree::Map(vec![(Cow::Owned(name.to_owned()), value)]);
        }
        if let Err(why) = (part.kind.from_tree)(value) {
            panic!("{} of {}: {why}: {:#?}", part.field, part.kind.name, part.value);
        }
    }
}

fn ty_of(shape: &Shape, name: &str) -> Type {
    let field = shape.fields.iter().find(|field| field.name == name && !field.fact);
    (field.unwrap_or_else(|| panic!("no field {name}")).ty)()
}

fn within(ty: Type) -> Type {
    match ty {
        Type::Optional(of) => (*of).clone(),
        other => other,
    }
}

#[test]
fn every_mapper_takes_whatever_comes() {
    let sources = names();
    let why = json!({"$unknown": {"kind": "known_after_apply", "detail": "var.x"}});
    for (kind, handle, mapper) in TABLES.iter().flat_map(|table| table.iter()) {
        let quoted = format!("\"{kind}\"");
        let own = sources.iter().find(|(source, _)| source.contains(&quoted));
        let names = own.map(|(_, names)| names).unwrap();
        let mut shapes =
            vec![json!({}), json!("?"), why.clone(), json!([]), json!("text"), json!(null)];
        // Attributes that are left open, not followed, or of a wrong type.
        let wrong = [
            json!("x"),
            json!(7),
            json!(true),
            json!([{}]),
            json!(["x", null]),
            json!({"a": "b"}),
            json!([why]),
        ];
        for value in [json!("?"), why.clone()].into_iter().chain(wrong) {
            let map = names.iter().map(|name| (name.clone(), value.clone())).collect();
            shapes.push(Value::Object(map));
        }
        for values in shapes {
            for thing in [fresh(kind, &values), existing(kind, "x-1", &values)] {
                let mut sketch = Sketch::default();
                mapper(&thing, &mut sketch);
                check(&sketch);
            }
        }
        assert!(
            handle.arn.is_empty()
                || handle.arn.starts_with("arn:{partition}:")
                || handle.arn.contains("_arn}/"),
            "{kind}"
        );
    }
}

/// The sources of the mappers, each with the names that it asks for: those it writes, and those of the fields of the
/// types it writes.
fn names() -> Vec<(String, Vec<String>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/collect/terraform/map");
    let mut out = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|ext| ext != "rs") || path.ends_with("tests.rs") {
            continue;
        }
        let source = std::fs::read_to_string(path).unwrap();
        let texts = source.split('"').skip(1).step_by(2);
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit();
        let words = texts.clone().flat_map(|text| text.split(['.', '[', ']']));
        let words = words.filter(|name| !name.is_empty() && name.bytes().all(plain));
        let mut names: Vec<String> = words.map(str::to_owned).collect();
        for kind in texts.filter_map(kind_named) {
            names.extend(kind.shape.fields.iter().map(|field| field.name.to_owned()));
        }
        names.sort_unstable();
        names.dedup();
        out.push((source, names));
    }
    out
}

#[test]
fn types_stand_once() {
    let mut names: Vec<&str> =
        TABLES.iter().flat_map(|table| table.iter()).map(|(name, _, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(names.windows(2).find(|pair| pair[0] == pair[1]), None);
    assert!(kind_named("aws.ec2.vpc").is_some());
}

#[test]
fn a_group_has_a_rule_for_each_single_source() {
    let block = json!({"protocol": "6", "from_port": 22, "to_port": 22, "description": "",
        "cidr_blocks": ["10.0.0.0/8", {"$unknown": {"kind": "known_after_apply", "detail": "var.x"}}],
        "ipv6_cidr_blocks": ["::/0"], "prefix_list_ids": ["pl-1"],
        "security_groups": ["sg-2", "999900001111/sg-3"], "self": true});
    let values = json!({"name": "web", "vpc_id": "vpc-1", "ingress": [block], "egress": "?"});
    let mut things = vec![fresh("aws_security_group", &values)];
    let group = "planned:aws_security_group.x";
    things.push(fresh(
        "aws_security_group_rule",
        &json!({"type": "egress", "protocol": "all", "from_port": 0, "to_port": 0, "self": false,
            "cidr_blocks": ["0.0.0.0/0"], "source_security_group_id": "?", "security_group_id": group}),
    ));
    things.push(fresh(
        "aws_vpc_security_group_ingress_rule",
        &json!({"ip_protocol": "icmp", "from_port": 8, "to_port": -1, "security_group_id": group,
            "cidr_ipv4": {"$unknown": {"kind": "known_after_apply", "detail": "aws_vpc.v.cidr_block"}}}),
    ));
    let sketch = sketch(&things);
    let made = fields(&sketch, "aws.ec2.security_group", group);
    let ingress = made["ingress"].as_array().unwrap();
    let ends: Vec<&Value> = ingress
        .iter()
        .map(|r| ["cidr", "prefix_list_id", "group_id"].map(|f| &r[f]))
        .map(|ends| ends.into_iter().find(|end| !end.is_null()).unwrap())
        .collect();
    assert_eq!(ends.len(), 7);
    assert_eq!(ends[0], "10.0.0.0/8");
    assert!(ends[1]["$unknown"].is_object());
    assert_eq!(ends[2..], ["::/0", "pl-1", "sg-2", "sg-3", group]);
    assert_eq!(ingress[5]["group_account"], "999900001111");
    assert_eq!(ingress[0]["ports"], json!({"from": 22, "to": 22}));
    assert_eq!(ingress[0]["protocol"], "tcp");
    assert_eq!(made["egress"], json!([]));
    assert_eq!(made["owner_id"], "111122223333");
    let parts = parts(&sketch, "aws.ec2.security_group", group);
    let [("egress", all), ("ingress", echo)] = parts.as_slice() else { panic!("{parts:#?}") };
    assert_eq!((&all["protocol"], &all["cidr"]), (&json!("-1"), &json!("0.0.0.0/0")));
    assert_eq!((&echo["icmp_type"], &echo["icmp_code"]), (&json!(8), &Value::Null));
    assert!(echo["cidr"]["$unknown"].is_object() && echo["group_id"].is_null());
}

#[test]
fn a_new_vpc_brings_its_defaults_and_they_can_be_taken_over() {
    let vpc = "planned:aws_vpc.x";
    let things = [
        fresh(
            "aws_vpc",
            &json!({"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": "?", "ipv6_cidr_block": null,
                "assign_generated_ipv6_cidr_block": null, "dhcp_options_id": "?", "tags": {"Name": "main"}}),
        ),
        fresh(
            "aws_default_security_group",
            &json!({"vpc_id": vpc, "ingress": [], "egress": [], "id": "?"}),
        ),
        fresh(
            "aws_default_network_acl",
            &json!({"default_network_acl_id": "planned:aws_vpc.x/default_network_acl_id", "egress": [],
                "ingress": [{"action": "deny", "rule_no": 5, "protocol": "tcp", "from_port": 22, "to_port": 22,
                    "cidr_block": "0.0.0.0/0", "ipv6_cidr_block": "", "icmp_code": null, "icmp_type": null}]}),
        ),
        fresh(
            "aws_main_route_table_association",
            &json!({"vpc_id": vpc, "route_table_id": "planned:aws_route_table.x"}),
        ),
    ];
    let sketch = sketch(&things);
    let made = fields(&sketch, "aws.ec2.vpc", vpc);
    assert_eq!(made["is_default"], false);
    assert_eq!(made["enable_dns_hostnames"], false);
    assert_eq!(made["cidr_block_associations"][0]["cidr_block"], "10.0.0.0/16");
    assert_eq!(made["ipv6_cidr_block_associations"], json!([]));
    assert!(made["dhcp_options_id"]["$unknown"].is_object());
    let group =
        fields(&sketch, "aws.ec2.security_group", &format!("{vpc}/default_security_group_id"));
    assert_eq!(
        (&group["group_name"], &group["ingress"], &group["egress"]),
        (&json!("default"), &json!([]), &json!([]))
    );
    let acl = fields(&sketch, "aws.ec2.network_acl", &format!("{vpc}/default_network_acl_id"));
    let numbers: Vec<_> = acl["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["rule_number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [5, 32767, 32767]);
    let former = format!("{vpc}/default_route_table_id");
    let table = fields(&sketch, "aws.ec2.route_table", &former);
    assert_eq!(table["routes"][0]["gateway_id"], "local");
    assert_eq!(parts(&sketch, "aws.ec2.route_table", &former), [("main", json!(false))]);
}

#[test]
fn an_instance_brings_its_interface_and_volumes() {
    let values = json!({"ami": "ami-1", "instance_type": "t3.micro", "associate_public_ip_address": false,
        "vpc_security_group_ids": ["sg-1"], "subnet_id": "subnet-1", "iam_instance_profile": "app",
        "metadata_options": [{"http_tokens": "required", "http_endpoint": "?"}], "monitoring": null,
        "root_block_device": "?", "user_data": "0123456789abcdef0123456789abcdef01234567",
        "ebs_block_device": [{"device_name": "/dev/sdb", "encrypted": true, "volume_size": 5, "volume_type": "gp3"}],
        "source_dest_check": true, "private_ip": "?", "ipv6_addresses": "?", "launch_template": []});
    let sketch = sketch(&[fresh("aws_instance", &values)]);
    let id = "planned:aws_instance.x";
    let made = fields(&sketch, "aws.ec2.instance", id);
    assert_eq!(made["state"], "running");
    assert_eq!(made["monitoring"], "disabled");
    assert_eq!(made["public_ip_address"], Value::Null);
    assert_eq!(made["metadata_options"]["http_tokens"], "required");
    assert_eq!(made["iam_instance_profile_arn"], "arn:aws:iam::111122223333:instance-profile/app");
    assert!(made["user_data_sha256"]["$unknown"].is_object());
    assert!(made["launch_time"]["$unknown"].is_object() || made.get("launch_time").is_none());
    assert_eq!(made["volume_ids"].as_array().unwrap().len(), 2);
    let interface =
        fields(&sketch, "aws.ec2.network_interface", &format!("{id}/primary_network_interface_id"));
    assert_eq!(interface["security_group_ids"], json!(["sg-1"]));
    assert_eq!(interface["association"], Value::Null);
    assert_eq!(interface["attachment"]["device_index"], 0);
    let root = fields(&sketch, "aws.ec2.volume", &format!("{id}/root_block_device"));
    assert!(root["encrypted"]["$unknown"].is_object());
    let more = fields(&sketch, "aws.ec2.volume", &format!("{id}/ebs_block_device//dev/sdb"));
    assert_eq!((&more["encrypted"], &more["size"]), (&json!(true), &json!(5)));
}

#[test]
fn what_exists_is_not_said_to_have_what_the_provider_does_not_tell() {
    let values = json!({"id": "i-1", "ami": "ami-1", "instance_state": "stopped", "user_data": null,
        "user_data_base64": null, "primary_network_interface_id": "eni-1", "vpc_security_group_ids": ["sg-1"]});
    let sketch = sketch(&[existing("aws_instance", "i-1", &values)]);
    let made = fields(&sketch, "aws.ec2.instance", "i-1");
    for field in
        ["product_codes", "requester_id", "vpc_id", "key_name", "volume_ids", "public_ip_address"]
    {
        assert!(made.get(field).is_none(), "{field}: {made:#}");
    }
    assert_eq!(made["state"], "stopped");
    let interface = fields(&sketch, "aws.ec2.network_interface", "eni-1");
    assert_eq!(interface["security_group_ids"], json!(["sg-1"]));
    assert!(interface.get("attachment").is_none());
}

#[test]
fn a_route_has_the_target_that_is_stated() {
    let values = json!({"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0",
        "destination_ipv6_cidr_block": null, "destination_prefix_list_id": null, "gateway_id": "igw-1",
        "nat_gateway_id": "?", "network_interface_id": "?", "instance_id": "?", "instance_owner_id": "?",
        "egress_only_gateway_id": "?", "vpc_endpoint_id": null, "state": "?", "origin": "?"});
    let sketch = sketch(&[fresh("aws_route", &values)]);
    let parts = parts(&sketch, "aws.ec2.route_table", "rtb-1");
    let [("routes", route)] = parts.as_slice() else { panic!("{parts:#?}") };
    assert_eq!((&route["gateway_id"], &route["state"]), (&json!("igw-1"), &json!("active")));
    assert!(route["nat_gateway_id"].is_null() && route["instance_id"].is_null());
}
