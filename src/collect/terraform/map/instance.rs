//! Instances, with the primary interface and the volumes that come with them.

use super::Table;
use super::kit::{self, account, is_open, is_silent, items, later, made, map, own, word};
use super::user_data::user_data;
use super::volume;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::change::{Draft, Sketch, Whole};
use crate::model::{Cause, Tree};

const INSTANCE: &str = "aws.ec2.instance";
const INTERFACE: &str = "aws.ec2.network_interface";
const ARN: &str = "arn:{partition}:ec2:{region}:{account}:instance/{id}";

pub(super) const TABLE: Table = &[
    (
        "aws_instance",
        Handle { id: &["id"], arn: ARN, made: &["primary_network_interface_id"] },
        instance,
    ),
    (
        "aws_spot_instance_request",
        Handle { id: &["spot_instance_id"], arn: ARN, made: &["primary_network_interface_id"] },
        instance,
    ),
];

const FROM: &[shape::From] = &[
    ("image_id", "ami"),
    ("state", "instance_state"),
    ("state_reason_code", ""),
    ("state_transition_reason", ""),
    ("private_ip_address", "private_ip"),
    ("public_ip_address", "public_ip"),
    ("private_dns_name", "private_dns"),
    ("public_dns_name", "public_dns"),
    ("placement_group_name", "placement_group"),
    ("security_group_ids", "vpc_security_group_ids"),
    ("network_interface_ids", ""),
    ("block_device_mappings", ""),
    ("volume_ids", ""),
    ("iam_instance_profile_arn", ""),
    ("iam_instance_profile_id", ""),
    ("monitoring", ""),
    ("enclave_enabled", "enclave_options.enabled"),
    ("hibernation_configured", "hibernation"),
    ("amd_sev_snp", "cpu_options.amd_sev_snp"),
    ("auto_recovery", "maintenance_options.auto_recovery"),
    (
        "capacity_reservation_id",
        "capacity_reservation_specification.capacity_reservation_target.capacity_reservation_id",
    ),
    ("user_data_sha256", ""),
    ("user_data_secret_kinds", ""),
    ("root_device_name", "root_block_device.device_name"),
];

/// What is known only once an instance runs, or is up to its image and type.
const AFTER: &[&str] = &[
    "state_transition_reason",
    "platform",
    "platform_details",
    "hypervisor",
    "boot_mode",
    "current_instance_boot_mode",
    "tpm_support",
    "vpc_id",
    "ena_support",
    "sriov_net_support",
    "iam_instance_profile_id",
    "product_codes",
    "reservation_id",
    "root_device_name",
    "license_configuration_arns",
];

fn instance<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = kit::draft(thing, INSTANCE, "", FROM, AFTER) else { return };
    if thing.fresh && is_silent(&thing.at("launch_template")) {
        defaults(thing, &mut draft);
    }
    if thing.fresh {
        kit::fill(
            &mut draft,
            [("state", word("running")), ("operator_managed", Tree::Bool(false))],
        );
        if is_open(&draft.fields.member("associate_public_ip_address")) {
            kit::set(&mut draft, "associate_public_ip_address", Tree::Null);
        }
    }
    let monitoring = kit::words(&thing.at("monitoring"), "enabled", "disabled");
    let monitoring = if thing.fresh { kit::or(&monitoring, word("disabled")) } else { monitoring };
    kit::set(&mut draft, "monitoring", monitoring);
    let profile = profile_arn(thing, &thing.at("iam_instance_profile"));
    kit::set(&mut draft, "iam_instance_profile_arn", profile);
    let [sha256, kinds] = user_data(&thing.at("user_data"), &thing.at("user_data_base64"));
    kit::set(&mut draft, "user_data_sha256", sha256);
    kit::set(&mut draft, "user_data_secret_kinds", kinds);
    metadata(thing, &mut draft);
    lifecycle(thing, &mut draft);
    volumes(thing, &mut draft, sketch);
    interfaces(thing, &mut draft, sketch);
    sketch.state(draft);
}

/// What holds where neither the configuration nor a launch template says anything.
///
/// Source: the parameters of `ec2:RunInstances`.
fn defaults(thing: &Thing<'_>, draft: &mut Draft<'_>) {
    kit::fill(
        draft,
        [
            ("disable_api_termination", Tree::Bool(false)),
            ("disable_api_stop", Tree::Bool(false)),
            ("instance_initiated_shutdown_behavior", word("stop")),
            ("source_dest_check", Tree::Bool(true)),
            ("hibernation_configured", Tree::Bool(false)),
            ("enclave_enabled", Tree::Bool(false)),
        ],
    );
    if is_silent(&thing.at("key_name")) {
        kit::set(draft, "key_name", Tree::Null);
    }
    for field in ["host_id", "placement_group_name", "outpost_arn", "capacity_reservation_id"] {
        if is_open(&draft.fields.member(field)) {
            kit::set(draft, field, Tree::Null);
        }
    }
    if thing.at("associate_public_ip_address").as_bool() == Some(false) {
        kit::set(draft, "public_ip_address", Tree::Null);
        kit::set(draft, "public_dns_name", Tree::Null);
    }
}

/// The metadata service. Whether it demands a token is for the account's defaults and the image to say where the
/// configuration does not; the same goes for how far a token travels.
fn metadata<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let options = draft.fields.member("metadata_options").into_owned();
    if !thing.fresh || !matches!(options, Tree::Map(_)) && !is_silent(&options) {
        return;
    }
    let template = !is_silent(&thing.at("launch_template"));
    let tokens = kit::or(&options.member("http_tokens"), later());
    let told = |name: &str, default: Tree<'a>| {
        kit::or(&options.member(name), if template { later() } else { default })
    };
    let hops = match tokens.as_str() {
        Some("optional") => Tree::Int(1),
        _ => later(),
    };
    let made = map([
        ("http_endpoint", told("http_endpoint", word("enabled"))),
        ("http_put_response_hop_limit", told("http_put_response_hop_limit", hops)),
        ("http_protocol_ipv6", told("http_protocol_ipv6", word("disabled"))),
        ("instance_metadata_tags", told("instance_metadata_tags", word("disabled"))),
        ("http_tokens", tokens),
        ("state", word("applied")),
    ]);
    kit::set(draft, "metadata_options", made);
}

fn lifecycle<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    if &*thing.kind == "aws_spot_instance_request" {
        kit::set(draft, "instance_lifecycle", word("spot"));
        return;
    }
    if !thing.fresh {
        return;
    }
    let market = thing.at("instance_market_options.market_type");
    let template = !is_silent(&thing.at("launch_template"));
    let kind = match &*market {
        silent if is_silent(silent) && template => later(),
        silent if is_silent(silent) => Tree::Null,
        stated => stated.clone(),
    };
    kit::set(draft, "instance_lifecycle", kind.clone());
    if kind.is_null() {
        kit::set(draft, "spot_instance_request_id", Tree::Null);
    }
}

/// The ARN of an instance profile of a name, as far as its path is `/`.
pub(super) fn profile_arn<'a>(thing: &Thing<'a>, name: &Tree<'a>) -> Tree<'a> {
    match name {
        Tree::Text(name) if name.is_empty() => Tree::Null,
        Tree::Text(name) if name.starts_with("arn:") => Tree::Text(name.clone()),
        Tree::Text(name) => {
            let (partition, account) = (thing.partition, &thing.place.account);
            own(format!("arn:{partition}:iam::{account}:instance-profile/{name}"))
        }
        open if is_open(open) && is_silent(&thing.at("launch_template")) => Tree::Null,
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        _ => Tree::Null,
    }
}

/// The volumes that come with an instance: the root one, and those of the configuration.
fn volumes<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, sketch: &mut Sketch<'a>) {
    let root = match items(&thing.at("root_block_device")) {
        Ok(blocks) if !blocks.is_empty() => blocks,
        // Every instance has one; an instance store is rare enough to be left to the image.
        _ if thing.fresh => vec![Tree::Map(Vec::new())],
        _ => Vec::new(),
    };
    let blocks = thing.at("ebs_block_device");
    let more = match items(&blocks) {
        Ok(blocks) => Ok(blocks),
        // The provider leaves it open where nothing is stated, for what the image brings.
        Err(_) if is_open(&blocks) => Ok(Vec::new()),
        Err(cause) => Err(cause),
    };
    let mut mappings = Vec::new();
    let mut ids = Vec::new();
    let all = root.iter().map(|block| ("root_block_device", block));
    let more_known = more.as_deref().unwrap_or_default();
    for (what, block) in all.chain(more_known.iter().map(|block| ("ebs_block_device", block))) {
        let Some((id, mapping)) = volume::of_instance(thing, what, block, sketch) else { continue };
        ids.push(id);
        mappings.push(mapping);
    }
    let [mappings, ids] = match more.err() {
        None => [Tree::List(mappings), Tree::List(ids)],
        Some(cause) => [Tree::Unknown(cause.clone()), Tree::Unknown(cause)],
    };
    // Of one that exists, volumes that others attach are in neither block.
    if thing.fresh {
        kit::set(draft, "block_device_mappings", mappings);
        kit::set(draft, "volume_ids", ids);
        kit::fill(draft, [("root_device_type", later())]);
    }
}

/// The primary interface, which comes with the instance unless the configuration brings one.
fn interfaces<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, sketch: &mut Sketch<'a>) {
    let given = given_interfaces(thing);
    match given {
        Err(cause) => {
            kit::set(draft, "network_interface_ids", Tree::Unknown(cause.clone()));
            if thing.fresh {
                kit::set(draft, "security_group_ids", Tree::Unknown(cause));
            }
        }
        Ok(given) if !given.is_empty() => {
            if thing.fresh {
                let ids = given.iter().map(|(_, id, _)| id.clone()).collect();
                kit::set(draft, "network_interface_ids", Tree::List(ids));
                // They are those of the interface.
                kit::set(draft, "security_group_ids", later());
                kit::set(draft, "subnet_id", later());
            }
            for (index, id, block) in given {
                attach(thing, sketch, &id, index, &block.member("delete_on_termination"));
            }
        }
        Ok(_) => implied_interface(thing, draft, sketch),
    }
}

type Given<'a> = (Tree<'a>, Tree<'a>, Tree<'a>);

/// The interfaces that the configuration brings: place on the instance, id, and the block.
fn given_interfaces<'a>(thing: &Thing<'a>) -> Result<Vec<Given<'a>>, Cause> {
    let mut out = Vec::new();
    for (name, primary) in [("network_interface", false), ("primary_network_interface", true)] {
        let blocks = thing.at(name);
        if is_open(&blocks) {
            continue;
        }
        for block in items(&blocks)? {
            let id = block.member("network_interface_id").into_owned();
            let index = match &*block.member("device_index") {
                Tree::Null if primary => Tree::Int(0),
                index => index.clone(),
            };
            // Of an instance that exists, the provider may tell of its own interface here.
            if !is_silent(&id) || thing.fresh && !id.is_null() {
                out.push((index, id, block));
            }
        }
    }
    Ok(out)
}

/// Attaches an interface to an instance.
pub(super) fn attach<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    interface: &Tree<'a>,
    index: Tree<'a>,
    with_instance: &Tree<'a>,
) {
    let whole = || kit::whole_of(interface);
    let instance = || own(&*thing.id);
    let attachment =
        attachment(thing, instance(), index, kit::or(with_instance, Tree::Bool(false)));
    kit::value(thing, sketch, (INTERFACE, whole(), "attachment"), attachment);
    kit::value(thing, sketch, (INTERFACE, whole(), "instance_id"), instance());
    kit::value(thing, sketch, (INTERFACE, whole(), "status"), word("in-use"));
}

/// An interface's attachment to an instance.
pub(super) fn attachment<'a>(
    thing: &Thing<'a>,
    instance: Tree<'a>,
    index: Tree<'a>,
    with_instance: Tree<'a>,
) -> Tree<'a> {
    map([
        ("attachment_id", later()),
        ("instance_id", instance),
        ("instance_owner_id", account(thing)),
        ("status", word("attached")),
        ("device_index", index),
        ("network_card_index", Tree::Int(0)),
        ("delete_on_termination", with_instance),
        ("attach_time", later()),
    ])
}

fn implied_interface<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, sketch: &mut Sketch<'a>) {
    let Some(id) = made(thing, "primary_network_interface_id") else { return };
    if thing.fresh {
        kit::set(draft, "network_interface_ids", Tree::List(vec![own(&*id)]));
    }
    let copy = |field: &str| draft.fields.member(field).into_owned();
    let mut fields = map([
        ("owner_id", account(thing)),
        ("interface_type", word("interface")),
        ("status", word("in-use")),
        ("requester_managed", Tree::Bool(false)),
        ("operator_managed", Tree::Bool(false)),
        ("instance_id", own(&*thing.id)),
    ]);
    for (field, value) in [
        ("subnet_id", copy("subnet_id")),
        ("availability_zone", copy("availability_zone")),
        ("security_group_ids", copy("security_group_ids")),
        ("source_dest_check", copy("source_dest_check")),
        ("ipv6_addresses", copy("ipv6_addresses")),
        ("private_ip_address", copy("private_ip_address")),
    ] {
        if !value.is_null() {
            fields.set(field, value);
        }
    }
    if thing.fresh {
        fresh_interface(thing, &mut fields);
    }
    let interface = kit::implied(thing, INTERFACE, id, fields);
    if let Some(interface) = interface {
        sketch.state(interface);
    }
}

fn fresh_interface<'a>(thing: &Thing<'a>, fields: &mut Tree<'a>) {
    let association = match thing.at("associate_public_ip_address").as_bool() {
        Some(false) => Tree::Null,
        Some(true) => public_address(later(), word("amazon"), Tree::Null),
        None => later(),
    };
    let private = fields.member("private_ip_address").into_owned();
    let attachment = attachment(thing, own(&*thing.id), Tree::Int(0), Tree::Bool(true));
    fields.set("attachment", attachment);
    fields.set("description", Tree::Null);
    kit::bare_interface(fields, &private, association);
}

/// A public address that stands for a private one.
pub(super) fn public_address<'a>(
    address: Tree<'a>,
    owner: Tree<'a>,
    allocation: Tree<'a>,
) -> Tree<'a> {
    map([
        ("public_ip", address),
        ("ip_owner_id", owner),
        ("allocation_id", allocation),
        ("association_id", later()),
        ("public_dns_name", later()),
        ("carrier_ip", Tree::Null),
        ("customer_owned_ip", Tree::Null),
    ])
}

/// The interface an instance has by itself, where the instance is planned.
pub(super) fn primary_of(instance: &Tree<'_>) -> Option<Whole> {
    kit::below_planned(instance, "primary_network_interface_id").map(Whole::Id)
}
