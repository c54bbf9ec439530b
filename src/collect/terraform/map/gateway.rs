//! The gateways of a VPC, and elastic addresses.

use super::Table;
use super::instance::{primary_of, public_address};
use super::kit::{self, PART, account, ec2, is_open, is_silent, later, made, map, own, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch, Whole};

const INTERNET: &str = "aws.ec2.internet_gateway";
const EGRESS_ONLY: &str = "aws.ec2.egress_only_internet_gateway";
const VPN: &str = "aws.ec2.vpn_gateway";
const NAT: &str = "aws.ec2.nat_gateway";
const ADDRESS: &str = "aws.ec2.address";
const INTERFACE: &str = "aws.ec2.network_interface";

pub(super) const TABLE: Table = &[
    (
        "aws_internet_gateway",
        ec2("arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}"),
        internet_gateway,
    ),
    ("aws_internet_gateway_attachment", PART, internet_attachment),
    (
        "aws_egress_only_internet_gateway",
        ec2("arn:{partition}:ec2:{region}:{account}:egress-only-internet-gateway/{id}"),
        egress_only,
    ),
    ("aws_vpn_gateway", ec2("arn:{partition}:ec2:{region}:{account}:vpn-gateway/{id}"), vpn),
    ("aws_vpn_gateway_attachment", PART, vpn_attachment),
    (
        "aws_nat_gateway",
        Handle {
            id: &["id"],
            arn: "arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
            made: &["network_interface_id"],
        },
        nat,
    ),
    ("aws_nat_gateway_eip_association", PART, nat_address),
    (
        "aws_eip",
        Handle {
            id: &["id", "allocation_id"],
            arn: "arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}",
            made: &[],
        },
        address,
    ),
    ("aws_eip_association", PART, association),
];

fn internet_gateway<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = attached(thing, INTERNET, "available") else { return };
    kit::fill(&mut draft, [("owner_id", account(thing))]);
    sketch.state(draft);
}

fn egress_only<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    if let Some(draft) = attached(thing, EGRESS_ONLY, "attached") {
        sketch.state(draft);
    }
}

fn vpn<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = attached(thing, VPN, "attached") else { return };
    kit::set(&mut draft, "state", word("available"));
    sketch.state(draft);
}

/// A gateway with the VPC it says it is attached to.
fn attached<'a>(thing: &Thing<'a>, kind: &'static str, state: &'static str) -> Option<Draft<'a>> {
    const FROM: &[shape::From] = &[("attachments", ""), ("attached_vpc_ids", ""), ("state", "")];
    let mut draft = kit::draft(thing, kind, "", FROM, &[])?;
    let vpc = thing.at("vpc_id");
    let (ids, list) = match &*vpc {
        silent if is_silent(silent) => (Vec::new(), Vec::new()),
        vpc => (vec![vpc.clone()], vec![attachment(vpc, state)]),
    };
    kit::set(&mut draft, "attached_vpc_ids", Tree::List(ids));
    kit::set(&mut draft, "attachments", Tree::List(list));
    Some(draft)
}

fn attachment<'a>(vpc: &Tree<'a>, state: &'static str) -> Tree<'a> {
    map([("vpc_id", vpc.clone()), ("state", word(state))])
}

fn internet_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    attach(thing, sketch, (INTERNET, "internet_gateway_id"), "available");
}

fn vpn_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    attach(thing, sketch, (VPN, "vpn_gateway_id"), "attached");
}

fn attach<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    (kind, path): (&'static str, &str),
    state: &'static str,
) {
    let vpc = thing.at("vpc_id");
    let gateway = |field| (kind, thing.whole(path), field);
    kit::element(thing, sketch, gateway("attached_vpc_ids"), vpc.clone().into_owned());
    kit::element(thing, sketch, gateway("attachments"), attachment(&vpc, state));
}

fn nat<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] =
        &[("nat_gateway_addresses", ""), ("network_interface_ids", ""), ("state", "")];
    const AFTER: &[&str] = &["create_time", "vpc_id", "route_table_id"];
    let Some(mut draft) = kit::draft(thing, NAT, "", FROM, AFTER) else { return };
    kit::set(&mut draft, "state", word("available"));
    kit::fill(&mut draft, [("connectivity_type", word("public"))]);
    if thing.fresh {
        kit::fill(&mut draft, [("availability_mode", word("zonal"))]);
    }
    let private = draft.fields.member("connectivity_type").as_str() == Some("private");
    let regional = draft.fields.member("availability_mode").as_str() == Some("regional");
    if thing.fresh && !regional {
        kit::set(&mut draft, "route_table_id", Tree::Null);
    }
    if let Some(interface) = made(thing, "network_interface_id").filter(|_| !regional) {
        let one = nat_entry(thing, private, &interface);
        let others = more_addresses(thing, &interface);
        kit::set(&mut draft, "network_interface_ids", Tree::List(vec![own(&*interface)]));
        let list = match others {
            Ok(others) => Tree::List(std::iter::once(one).chain(others).collect()),
            Err(cause) => Tree::Unknown(cause),
        };
        kit::set(&mut draft, "nat_gateway_addresses", list);
        nat_interface(thing, private, interface, sketch);
    } else if thing.fresh {
        kit::set(&mut draft, "nat_gateway_addresses", later());
        kit::set(&mut draft, "network_interface_ids", later());
    }
    sketch.state(draft);
}

fn nat_entry<'a>(thing: &Thing<'a>, private: bool, interface: &str) -> Tree<'a> {
    let public = kit::or(&thing.at("public_ip"), later());
    map([
        ("public_ip", if private { Tree::Null } else { public }),
        ("private_ip", kit::or(&thing.at("private_ip"), later())),
        ("allocation_id", kit::stated(&thing.at("allocation_id"))),
        ("network_interface_id", own(interface)),
        ("is_primary", Tree::Bool(true)),
        ("status", word("succeeded")),
        ("availability_zone", Tree::Null),
    ])
}

/// The further addresses of a public gateway.
fn more_addresses<'a>(
    thing: &Thing<'a>,
    interface: &str,
) -> Result<Vec<Tree<'a>>, crate::model::Cause> {
    let ids = thing.at("secondary_allocation_ids");
    if is_open(&ids) {
        return Ok(Vec::new());
    }
    let one = |id: &Tree<'a>| {
        map([
            ("public_ip", later()),
            ("private_ip", later()),
            ("allocation_id", id.clone()),
            ("network_interface_id", own(interface)),
            ("is_primary", Tree::Bool(false)),
            ("status", word("succeeded")),
            ("availability_zone", Tree::Null),
        ])
    };
    Ok(kit::items(&ids)?.iter().map(one).collect())
}

/// The interface of a NAT gateway, and the address it holds.
fn nat_interface<'a>(thing: &Thing<'a>, private: bool, id: String, sketch: &mut Sketch<'a>) {
    let allocation = thing.at("allocation_id").into_owned();
    let mut fields = map([
        ("owner_id", account(thing)),
        ("interface_type", word("nat_gateway")),
        ("description", own(format!("Interface for NAT Gateway {}", thing.id))),
        ("status", word("in-use")),
        ("requester_managed", Tree::Bool(true)),
        ("source_dest_check", Tree::Bool(false)),
        ("security_group_ids", Tree::List(Vec::new())),
        ("subnet_id", thing.at("subnet_id").into_owned()),
    ]);
    if thing.fresh {
        let public = if private {
            Tree::Null
        } else {
            public_address(later(), account(thing), allocation.clone())
        };
        kit::bare_interface(&mut fields, &thing.at("private_ip"), public);
    }
    let interface = kit::implied(thing, INTERFACE, id.clone(), fields);
    if let Some(interface) = interface {
        sketch.state(interface);
    }
    if thing.fresh && !is_silent(&allocation) {
        take_address(thing, sketch, &allocation, &own(id));
    }
}

/// Says of an elastic address that an interface holds it.
pub(super) fn take_address<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    allocation: &Tree<'a>,
    interface: &Tree<'a>,
) {
    let at = |field| (ADDRESS, kit::whole_of(allocation), field);
    kit::value(thing, sketch, at("association_id"), later());
    kit::value(thing, sketch, at("network_interface_id"), interface.clone());
    kit::value(thing, sketch, at("network_interface_owner_id"), account(thing));
    kit::value(thing, sketch, at("private_ip_address"), later());
}

fn nat_address<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let gateway = thing.at("nat_gateway_id").into_owned();
    let allocation = thing.at("allocation_id").into_owned();
    let interface = kit::below_planned(&gateway, "network_interface_id").map_or_else(later, own);
    let value = map([
        ("public_ip", later()),
        ("private_ip", later()),
        ("allocation_id", allocation.clone()),
        ("network_interface_id", interface.clone()),
        ("is_primary", Tree::Bool(false)),
        ("status", word("succeeded")),
        ("availability_zone", Tree::Null),
    ]);
    kit::element(thing, sketch, (NAT, kit::whole_of(&gateway), "nat_gateway_addresses"), value);
    take_address(thing, sketch, &allocation, &interface);
}

fn address<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("instance_id", "instance"),
        ("network_interface_id", "network_interface"),
        ("private_ip_address", "private_ip"),
        ("network_interface_owner_id", ""),
    ];
    let Some(mut draft) = kit::draft(thing, ADDRESS, "", FROM, &[]) else { return };
    kit::fill(&mut draft, [("domain", word("vpc"))]);
    if thing.fresh {
        if is_silent(&draft.fields.member("public_ipv4_pool")) {
            kit::set(&mut draft, "public_ipv4_pool", word("amazon"));
        }
        for field in ["carrier_ip", "customer_owned_ip", "service_managed"] {
            kit::set(&mut draft, field, Tree::Null);
        }
        let (instance, interface) = (thing.at("instance"), thing.at("network_interface"));
        let used = !is_silent(&instance) || !is_silent(&interface);
        for field in ["association_id", "instance_id", "network_interface_id", "private_ip_address"]
        {
            let have = draft.fields.member(field).into_owned();
            kit::set(&mut draft, field, kit::or(&have, if used { later() } else { Tree::Null }));
        }
        if is_silent(&instance) {
            kit::set(&mut draft, "instance_id", Tree::Null);
        }
        if let (Some(Whole::Id(id)), true) = (primary_of(&instance), is_silent(&interface)) {
            kit::set(&mut draft, "network_interface_id", own(id));
        }
        let owner = if used { account(thing) } else { Tree::Null };
        kit::set(&mut draft, "network_interface_owner_id", owner);
        if used {
            stand_for(thing, sketch, own(&*thing.id), (&instance, &interface));
        }
    }
    sketch.state(draft);
}

/// Says of an interface, and of the instance it is the primary one of, that a public address stands for it.
fn stand_for<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    allocation: Tree<'a>,
    (instance, interface): (&Tree<'a>, &Tree<'a>),
) {
    let public = kit::or(&thing.at("public_ip"), later());
    if !is_silent(instance) {
        let at = ("aws.ec2.instance", kit::whole_of(instance), "public_ip_address");
        kit::value(thing, sketch, at, public.clone());
    }
    let whole = match interface {
        silent if is_silent(silent) => primary_of(instance),
        interface => Some(kit::whole_of(interface)),
    };
    if let Some(whole) = whole {
        let value = public_address(public, account(thing), allocation);
        kit::value(thing, sketch, (INTERFACE, whole, "association"), value);
    }
}

fn association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let allocation = thing.at("allocation_id").into_owned();
    let instance = thing.at("instance_id").into_owned();
    let interface = thing.at("network_interface_id").into_owned();
    let primary = match primary_of(&instance) {
        Some(Whole::Id(id)) if is_silent(&interface) => own(id),
        _ => kit::or(&interface, later()),
    };
    let at = |field| (ADDRESS, kit::whole_of(&allocation), field);
    let id = kit::or(&thing.at("id"), later());
    kit::value(thing, sketch, at("association_id"), id);
    kit::value(thing, sketch, at("instance_id"), kit::stated(&instance));
    kit::value(thing, sketch, at("network_interface_id"), primary);
    kit::value(thing, sketch, at("network_interface_owner_id"), account(thing));
    let private = kit::or(&thing.at("private_ip_address"), later());
    kit::value(thing, sketch, at("private_ip_address"), private);
    stand_for(thing, sketch, allocation.clone(), (&instance, &interface));
}
