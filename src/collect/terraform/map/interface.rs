//! Network interfaces, and what they are attached to.

use super::Table;
use super::instance::{attach, attachment};
use super::kit::{self, PART, account, ec2, is_open, is_silent, items, later, map, own, word};
use crate::collect::predicted::{Thing, shape};
use crate::model::change::{Draft, Sketch};
use crate::model::{Cause, Tree};

const INTERFACE: &str = "aws.ec2.network_interface";
const INSTANCE: &str = "aws.ec2.instance";

pub(super) const TABLE: Table = &[
    (
        "aws_network_interface",
        ec2("arn:{partition}:ec2:{region}:{account}:network-interface/{id}"),
        network_interface,
    ),
    ("aws_network_interface_attachment", PART, attached),
    ("aws_network_interface_sg_attachment", PART, group),
];

fn network_interface<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("security_group_ids", "security_groups"),
        ("private_ip_address", "private_ip"),
        ("private_ip_addresses", ""),
        ("association", ""),
        ("attachment", ""),
        ("instance_id", ""),
        ("status", ""),
    ];
    const AFTER: &[&str] = &["vpc_id", "availability_zone", "mac_address", "public_dns_name"];
    let Some(mut draft) = kit::draft(thing, INTERFACE, "", FROM, AFTER) else { return };
    kit::fill(&mut draft, [("owner_id", account(thing)), ("interface_type", word("interface"))]);
    if thing.fresh {
        fresh(thing, &mut draft);
    }
    attachments(thing, &mut draft, sketch);
    sketch.state(draft);
}

fn fresh<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    kit::fill(
        draft,
        [
            ("source_dest_check", Tree::Bool(true)),
            ("requester_managed", Tree::Bool(false)),
            ("operator_managed", Tree::Bool(false)),
            ("status", word("available")),
        ],
    );
    // Only instances that are launched with an interface of their own get a public address by themselves.
    for absent in ["association", "attachment", "instance_id"] {
        kit::set(draft, absent, Tree::Null);
    }
    let addresses = addresses(thing).unwrap_or_else(Tree::Unknown);
    let first = match addresses.items() {
        [first, ..] => first.member("private_ip_address").into_owned(),
        [] => later(),
    };
    let private = kit::or(&draft.fields.member("private_ip_address"), first);
    kit::set(draft, "private_ip_address", private);
    kit::set(draft, "private_ip_addresses", addresses);
    let counted = ["ipv6_address_count", "ipv6_prefix_count", "ipv4_prefix_count"]
        .map(|count| !is_silent(&thing.at(count)) && thing.at(count).as_int() != Some(0));
    let lists = ["ipv6_addresses", "ipv6_prefixes", "ipv4_prefixes"];
    for (list, counted) in lists.into_iter().zip(counted) {
        if is_open(&draft.fields.member(list)) && !counted {
            // The subnet may give IPv6 addresses of its own accord.
            let none = if list == "ipv6_addresses" { later() } else { Tree::List(Vec::new()) };
            kit::set(draft, list, none);
        }
    }
}

/// The private addresses: those that are stated, or one that AWS chooses, and as many more as are asked for.
fn addresses<'a>(thing: &Thing<'a>) -> Result<Tree<'a>, Cause> {
    let one = |address: Tree<'a>, primary: bool| {
        map([
            ("private_ip_address", address),
            ("primary", Tree::Bool(primary)),
            ("private_dns_name", later()),
            ("association", Tree::Null),
        ])
    };
    let stated = ["private_ips", "private_ip_list"].map(|name| thing.at(name).into_owned());
    let mut list = match stated.iter().find(|list| !is_silent(list)) {
        Some(list) => items(list)?,
        None => vec![kit::or(&thing.at("private_ip"), later())],
    };
    let more = thing.at("private_ips_count").as_int().unwrap_or_default().clamp(0, 256);
    let have = i64::try_from(list.len()).unwrap_or(i64::MAX);
    list.extend((have..=more).map(|_| later()));
    let list = list.into_iter().enumerate().map(|(at, address)| one(address, at == 0));
    Ok(Tree::List(list.collect()))
}

/// The block that attaches it to an instance.
fn attachments<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, sketch: &mut Sketch<'a>) {
    let blocks = thing.at("attachment");
    let block = match &*blocks {
        silent if is_silent(silent) => return,
        Tree::Unknown(cause) => {
            for field in ["attachment", "instance_id", "status"] {
                kit::set(draft, field, Tree::Unknown(cause.clone()));
            }
            return;
        }
        block => block.clone(),
    };
    let instance = block.member("instance").into_owned();
    if is_silent(&instance) {
        return;
    }
    let index = block.member("device_index").into_owned();
    let mut made = attachment(thing, instance.clone(), index, Tree::Bool(false));
    made.set("attachment_id", kit::or(&block.member("attachment_id"), later()));
    kit::set(draft, "attachment", made);
    kit::set(draft, "instance_id", instance.clone());
    kit::set(draft, "status", word("in-use"));
    let at = (INSTANCE, kit::whole_of(&instance), "network_interface_ids");
    kit::element(thing, sketch, at, own(&*thing.id));
}

fn attached<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let (instance, interface) = (thing.at("instance_id"), thing.at("network_interface_id"));
    let index = thing.at("device_index").into_owned();
    // The attachment is of the instance that is named here, and no thing of its own.
    let mut named = thing.clone();
    if let Some(id) = instance.as_str() {
        named.id = id.to_owned().into();
        attach(&named, sketch, &interface, index, &Tree::Bool(false));
    } else {
        let at = |field| (INTERFACE, kit::whole_of(&interface), field);
        for field in ["attachment", "instance_id"] {
            kit::value(thing, sketch, at(field), instance.clone().into_owned());
        }
        kit::value(thing, sketch, at("status"), word("in-use"));
    }
    let at = (INSTANCE, kit::whole_of(&instance), "network_interface_ids");
    kit::element(thing, sketch, at, interface.into_owned());
}

fn group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let group = thing.at("security_group_id").into_owned();
    let interface = thing.at("network_interface_id");
    let at = (INTERFACE, kit::whole_of(&interface), "security_group_ids");
    kit::element(thing, sketch, at, group.clone());
    // Of an instance, they are those of its primary interface.
    let suffix = "/primary_network_interface_id";
    if let Some(instance) = interface.as_str().and_then(|id| id.strip_suffix(suffix)) {
        let whole = crate::model::change::Whole::Id(instance.to_owned());
        kit::element(thing, sketch, (INSTANCE, whole, "security_group_ids"), group);
    }
}
