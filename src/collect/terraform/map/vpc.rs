//! VPCs and subnets, with what AWS makes along with a VPC: its default security group, its default network ACL and its
//! main route table.

use super::Table;
use super::kit::{self, PART, account, is_open, is_silent, later, made, map, own, word};
use super::network_acl::default_entries;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch};

const VPC: &str = "aws.ec2.vpc";
const SUBNET: &str = "aws.ec2.subnet";

const VPC_HANDLE: Handle = Handle {
    id: &["id"],
    arn: "arn:{partition}:ec2:{region}:{account}:vpc/{id}",
    made: &[
        "default_security_group_id",
        "default_network_acl_id",
        "default_route_table_id",
        "main_route_table_id=default_route_table_id",
    ],
};
const SUBNET_HANDLE: Handle = kit::ec2("arn:{partition}:ec2:{region}:{account}:subnet/{id}");

pub(super) const TABLE: Table = &[
    ("aws_vpc", VPC_HANDLE, vpc),
    ("aws_default_vpc", VPC_HANDLE, default_vpc),
    ("aws_vpc_ipv4_cidr_block_association", PART, ipv4_association),
    ("aws_vpc_ipv6_cidr_block_association", PART, ipv6_association),
    ("aws_vpc_dhcp_options_association", PART, dhcp_options),
    ("aws_vpc_encryption_control", PART, encryption_control),
    ("aws_subnet", SUBNET_HANDLE, subnet),
    ("aws_default_subnet", SUBNET_HANDLE, default_subnet),
];

fn vpc<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = vpc_draft(thing) else { return };
    if thing.fresh {
        let dns = [
            ("is_default", Tree::Bool(false)),
            ("enable_dns_support", Tree::Bool(true)),
            ("enable_dns_hostnames", Tree::Bool(false)),
            ("enable_network_address_usage_metrics", Tree::Bool(false)),
            ("instance_tenancy", word("default")),
        ];
        kit::fill(&mut draft, dns);
    }
    sketch.state(draft);
    with_vpc(thing, sketch);
}

/// The region's default VPC, taken over or made again.
fn default_vpc<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = vpc_draft(thing) else { return };
    kit::fill(&mut draft, [("instance_tenancy", word("default"))]);
    kit::set(&mut draft, "is_default", Tree::Bool(true));
    sketch.state(draft);
    with_vpc(thing, sketch);
}

fn vpc_draft<'a>(thing: &Thing<'a>) -> Option<Draft<'a>> {
    const FROM: &[shape::From] =
        &[("cidr_block_associations", ""), ("ipv6_cidr_block_associations", "")];
    let mut draft = kit::draft(thing, VPC, "", FROM, &["internet_gateway_block_mode"])?;
    kit::fill(&mut draft, [("owner_id", account(thing)), ("state", word("available"))]);
    // An existing VPC may have more prefixes than the one it was made with.
    if thing.fresh {
        let main = association(kit::prefix(&thing.at("cidr_block")), &[]);
        kit::set(&mut draft, "cidr_block_associations", Tree::List(vec![main]));
    }
    if let Some(list) = ipv6_of(thing) {
        kit::set(&mut draft, "ipv6_cidr_block_associations", list);
    }
    Some(draft)
}

/// The IPv6 prefixes that a VPC is made with; nothing where an existing one does not tell.
fn ipv6_of<'a>(thing: &Thing<'a>) -> Option<Tree<'a>> {
    let asked = thing.at("assign_generated_ipv6_cidr_block");
    let pool = thing.at("ipv6_ipam_pool_id");
    let block = thing.at("ipv6_cidr_block");
    let none = is_silent(&block);
    if none && asked.as_bool() != Some(true) && is_silent(&pool) {
        return match &*asked {
            Tree::Unknown(cause) if !is_open(&asked) => Some(Tree::Unknown(cause.clone())),
            _ if thing.fresh => Some(Tree::List(Vec::new())),
            _ => None,
        };
    }
    // Those of Amazon are announced; those of a pool may be private.
    let amazon = asked.as_bool() == Some(true);
    let attribute = if amazon { word("public") } else { later() };
    let source = if amazon { word("amazon") } else { later() };
    let prefix = if none { later() } else { kit::prefix(&block) };
    let one = association(prefix, &[("ip_source", source), ("ipv6_address_attribute", attribute)]);
    Some(Tree::List(vec![one]))
}

/// A prefix in effect.
fn association<'a>(prefix: Tree<'a>, more: &[(&'static str, Tree<'a>)]) -> Tree<'a> {
    let mut out = map([
        ("cidr_block", prefix),
        ("state", word("associated")),
        ("ip_source", Tree::Null),
        ("ipv6_address_attribute", Tree::Null),
        ("ipv6_pool", Tree::Null),
        ("network_border_group", Tree::Null),
    ]);
    for (name, value) in more {
        out.set(*name, value.clone());
    }
    out
}

/// What AWS makes along with a VPC.
fn with_vpc<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let vpc = || own(&*thing.id);
    // The tables and groups of a default VPC were there before, with whatever rules they have.
    let bare = thing.fresh && &*thing.kind == "aws_vpc";
    if let Some(id) = made(thing, "default_security_group_id") {
        let mut fields =
            map([("group_name", word("default")), ("vpc_id", vpc()), ("owner_id", account(thing))]);
        if bare {
            fields.set("description", word("default VPC security group"));
            fields.set("ingress", Tree::List(vec![any_rule("group_id", own(&*id))]));
            fields.set("egress", Tree::List(vec![any_rule("cidr", word("0.0.0.0/0"))]));
        }
        let draft = kit::implied(thing, "aws.ec2.security_group", id, fields);
        if let Some(mut draft) = draft {
            draft.name = Some("default".to_owned());
            sketch.state(draft);
        }
    }
    if let Some(id) = made(thing, "default_network_acl_id") {
        let mut fields = map([
            ("vpc_id", vpc()),
            ("owner_id", account(thing)),
            ("is_default", Tree::Bool(true)),
        ]);
        if bare {
            fields.set("associated_subnet_ids", Tree::List(Vec::new()));
            fields.set("entries", default_entries());
        }
        let draft = kit::implied(thing, "aws.ec2.network_acl", id, fields);
        if let Some(draft) = draft {
            sketch.state(draft);
        }
    }
    main_table(thing, sketch, bare);
}

/// The table of subnets without an own one.
fn main_table<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, bare: bool) {
    let attribute = if thing.fresh { "default_route_table_id" } else { "main_route_table_id" };
    let Some(id) = made(thing, attribute) else { return };
    let mut fields = map([
        ("vpc_id", own(&*thing.id)),
        ("owner_id", account(thing)),
        ("main", Tree::Bool(true)),
    ]);
    if bare {
        let association = map([
            ("route_table_association_id", later()),
            ("main", Tree::Bool(true)),
            ("subnet_id", Tree::Null),
            ("gateway_id", Tree::Null),
            ("state", word("associated")),
        ]);
        fields.set("associations", Tree::List(vec![association]));
        for empty in ["associated_subnet_ids", "associated_gateway_ids", "propagating_vgws"] {
            fields.set(empty, Tree::List(Vec::new()));
        }
        let local = super::route::local(kit::prefix(&thing.at("cidr_block")));
        fields.set("routes", Tree::List(vec![local]));
    }
    let draft = kit::implied(thing, "aws.ec2.route_table", id, fields);
    if let Some(draft) = draft {
        sketch.state(draft);
    }
}

/// A rule of a default group: everything, with one other end.
fn any_rule<'a>(end: &'static str, value: Tree<'a>) -> Tree<'a> {
    let mut out = map([
        ("rule_id", later()),
        ("protocol", word("-1")),
        ("ports", shape::owned(&crate::net::Ports::ALL)),
    ]);
    for absent in [
        "icmp_type",
        "icmp_code",
        "cidr",
        "prefix_list_id",
        "group_id",
        "group_account",
        "group_vpc_id",
        "peering_connection_id",
        "description",
    ] {
        out.set(absent, Tree::Null);
    }
    out.set(end, value);
    out
}

fn ipv4_association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let mut value = association(kit::prefix(&thing.at("cidr_block")), &[]);
    value.set("association_id", thing.at("id").into_owned());
    let at = (VPC, thing.whole("vpc_id"), "cidr_block_associations");
    kit::element(thing, sketch, at, value);
}

fn ipv6_association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let block = kit::prefix(&thing.at("ipv6_cidr_block"));
    let from_amazon = thing.at("assign_generated_ipv6_cidr_block").as_bool() == Some(true);
    let told = |path: &str| {
        let stated = thing.at(path).into_owned();
        match from_amazon {
            true if path == "ip_source" => kit::or(&stated, word("amazon")),
            true if path == "ipv6_address_attribute" => kit::or(&stated, word("public")),
            _ => kit::or(&stated, later()),
        }
    };
    let value = association(
        kit::or(&block, later()),
        &[
            ("association_id", thing.at("id").into_owned()),
            ("ip_source", told("ip_source")),
            ("ipv6_address_attribute", told("ipv6_address_attribute")),
            ("ipv6_pool", kit::stated(&thing.at("ipv6_pool"))),
        ],
    );
    let at = (VPC, thing.whole("vpc_id"), "ipv6_cidr_block_associations");
    kit::element(thing, sketch, at, value);
}

fn dhcp_options<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let options = thing.at("dhcp_options_id").into_owned();
    kit::value(thing, sketch, (VPC, thing.whole("vpc_id"), "dhcp_options_id"), options);
}

fn encryption_control<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let mode = thing.at("mode").into_owned();
    kit::value(thing, sketch, (VPC, thing.whole("vpc_id"), "encryption_control_mode"), mode);
    let state = kit::or(&thing.at("state"), word("available"));
    kit::value(thing, sketch, (VPC, thing.whole("vpc_id"), "encryption_control_state"), state);
}

fn subnet<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = subnet_draft(thing) else { return };
    if thing.fresh {
        let defaults = [
            ("default_for_az", Tree::Bool(false)),
            ("map_public_ip_on_launch", Tree::Bool(false)),
            ("map_customer_owned_ip_on_launch", Tree::Bool(false)),
            ("assign_ipv6_address_on_creation", Tree::Bool(false)),
            ("ipv6_native", Tree::Bool(false)),
            ("enable_dns64", Tree::Bool(false)),
        ];
        kit::fill(&mut draft, defaults);
    }
    sketch.state(draft);
}

/// A zone's default subnet, taken over or made again.
fn default_subnet<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = subnet_draft(thing) else { return };
    kit::set(&mut draft, "default_for_az", Tree::Bool(true));
    sketch.state(draft);
}

fn subnet_draft<'a>(thing: &Thing<'a>) -> Option<Draft<'a>> {
    const FROM: &[shape::From] = &[
        ("ipv6_cidr_block_associations", ""),
        ("hostname_type", "private_dns_hostname_type_on_launch"),
    ];
    const AFTER: &[&str] = &["available_ip_address_count", "internet_gateway_block_mode"];
    let mut draft = kit::draft(thing, SUBNET, "", FROM, AFTER)?;
    kit::fill(&mut draft, [("owner_id", account(thing)), ("state", word("available"))]);
    let native = thing.at("ipv6_native");
    if thing.fresh && is_open(&thing.at("private_dns_hostname_type_on_launch")) {
        let kind = words_of_native(&native);
        kit::set(&mut draft, "hostname_type", kind);
    }
    let block = thing.at("ipv6_cidr_block");
    let pool = thing.at("ipv6_ipam_pool_id");
    let list = if let Tree::Unknown(cause) = kit::prefix(&block)
        && !is_silent(&block)
    {
        // There may be one, or none.
        Tree::Unknown(cause)
    } else if !is_silent(&block) {
        let one = association(
            kit::prefix(&block),
            &[("association_id", thing.at("ipv6_cidr_block_association_id").into_owned())],
        );
        // An IPv6 prefix of a subnet has what its VPC's has.
        Tree::List(vec![subnet_prefix(one)])
    } else if !is_silent(&pool) {
        Tree::List(vec![subnet_prefix(association(later(), &[]))])
    } else {
        Tree::List(Vec::new())
    };
    if thing.fresh || !block.is_null() {
        kit::set(&mut draft, "ipv6_cidr_block_associations", list);
    }
    Some(draft)
}

/// Where the prefix of a subnet comes from is for its VPC to say.
fn subnet_prefix(mut association: Tree<'_>) -> Tree<'_> {
    for field in ["ip_source", "ipv6_address_attribute"] {
        association.set(field, later());
    }
    association
}

/// How instances are named where nobody says: after their address, and after themselves where there is IPv6 only.
fn words_of_native<'a>(native: &Tree<'a>) -> Tree<'a> {
    match native {
        Tree::Unknown(cause) if !is_open(native) => Tree::Unknown(cause.clone()),
        native if native.as_bool() == Some(true) => word("resource-name"),
        _ => word("ip-name"),
    }
}
