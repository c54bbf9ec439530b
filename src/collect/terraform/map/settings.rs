//! Images, key pairs, and what an account decides for EC2 in a region.

use super::Table;
use super::kit::{self, PART, is_open, is_silent, later, map, own, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Sketch, Whole};

const IMAGE: &str = "aws.ec2.image";
const KEY_PAIR: &str = "aws.ec2.key_pair";
const SETTINGS: &str = "aws.ec2.account_settings";

const IMAGE_HANDLE: Handle = kit::ec2("arn:{partition}:ec2:{region}::image/{id}");

pub(super) const TABLE: Table = &[
    ("aws_ami", IMAGE_HANDLE, image),
    ("aws_ami_copy", IMAGE_HANDLE, image),
    ("aws_ami_from_instance", IMAGE_HANDLE, image),
    ("aws_ami_launch_permission", PART, launch_permission),
    (
        "aws_key_pair",
        Handle {
            id: &["key_pair_id"],
            arn: "arn:{partition}:ec2:{region}:{account}:key-pair/{id}",
            made: &[],
        },
        key_pair,
    ),
    ("aws_ebs_encryption_by_default", PART, encryption_by_default),
    ("aws_ebs_default_kms_key", PART, default_key),
    ("aws_ebs_snapshot_block_public_access", PART, snapshot_block),
    ("aws_ec2_image_block_public_access", PART, image_block),
    ("aws_ec2_serial_console_access", PART, serial_console),
    ("aws_ec2_instance_metadata_defaults", PART, metadata_defaults),
    ("aws_ec2_allowed_images_settings", PART, allowed_images),
];

fn image<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("state", ""),
        ("block_device_mappings", "ebs_block_device"),
        ("source_image_id", "source_ami_id"),
        ("source_image_region", "source_ami_region"),
        ("platform_details", "platform_details"),
        ("imds_support", "imds_support"),
        ("product_codes", ""),
        ("shared_account_ids", ""),
        ("shared_organization_arns", ""),
        ("shared_organizational_unit_arns", ""),
    ];
    const AFTER: &[&str] =
        &["creation_date", "last_launched_time", "product_codes", "image_allowed"];
    let Some(mut draft) = kit::draft(thing, IMAGE, "name", FROM, AFTER) else { return };
    kit::fill(&mut draft, [("owner_id", kit::account(thing)), ("state", word("available"))]);
    if thing.fresh {
        kit::fill(&mut draft, [("public", Tree::Bool(false)), ("image_type", word("machine"))]);
        // Permissions come as parts.
        for list in
            ["shared_account_ids", "shared_organization_arns", "shared_organizational_unit_arns"]
        {
            kit::set(&mut draft, list, Tree::List(Vec::new()));
        }
    }
    sketch.state(draft);
}

fn launch_permission<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let whole = || thing.whole("image_id");
    for (path, field) in [
        ("account_id", "shared_account_ids"),
        ("organization_arn", "shared_organization_arns"),
        ("organizational_unit_arn", "shared_organizational_unit_arns"),
    ] {
        let value = thing.at(path);
        if !is_silent(&value) {
            kit::element(thing, sketch, (IMAGE, whole(), field), value.clone().into_owned());
        }
    }
    let group = thing.at("group");
    let public = match &*group {
        silent if is_silent(silent) => return,
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        group => Tree::Bool(group.as_str() == Some("all")),
    };
    kit::value(thing, sketch, (IMAGE, whole(), "public"), public);
}

fn key_pair<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[("key_fingerprint", "fingerprint")];
    let Some(mut draft) = kit::draft(thing, KEY_PAIR, "key_name", FROM, &["create_time"]) else {
        return;
    };
    let public = thing.at("public_key");
    let kind = match &*public {
        Tree::Text(key) if key.contains("ssh-ed25519") => word("ed25519"),
        Tree::Text(key) if key.contains("ssh-rsa") => word("rsa"),
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        _ => later(),
    };
    if thing.fresh {
        kit::fill(&mut draft, [("key_type", kind)]);
    }
    sketch.state(draft);
}

/// A setting of the account in the region.
fn setting<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, field: &'static str, value: Tree<'a>) {
    let whole = Whole::Id(thing.place.account.as_str().to_owned());
    kit::value(thing, sketch, (SETTINGS, whole, field), value);
}

fn encryption_by_default<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let on = kit::or(&thing.at("enabled"), Tree::Bool(true));
    setting(thing, sketch, "ebs_encryption_by_default", on);
}

fn default_key<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    setting(thing, sketch, "ebs_default_kms_key_id", thing.at("key_arn").into_owned());
}

fn snapshot_block<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let state = thing.at("state").into_owned();
    setting(thing, sketch, "snapshot_block_public_access_state", state);
}

fn image_block<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    setting(thing, sketch, "image_block_public_access_state", thing.at("state").into_owned());
}

fn serial_console<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let on = kit::or(&thing.at("enabled"), Tree::Bool(true));
    setting(thing, sketch, "serial_console_access_enabled", on);
}

fn metadata_defaults<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    // The words mean that there is no default.
    let of = |name: &str| {
        let stated = thing.at(name);
        match &*stated {
            silent if is_silent(silent) => Tree::Null,
            Tree::Text(text) if text == "no-preference" => Tree::Null,
            stated => stated.clone(),
        }
    };
    let hops = match &*thing.at("http_put_response_hop_limit") {
        open if is_open(open) => Tree::Null,
        Tree::Int(number) if *number < 1 => Tree::Null,
        hops => hops.clone(),
    };
    let value = map([
        ("http_tokens", of("http_tokens")),
        ("http_endpoint", of("http_endpoint")),
        ("http_put_response_hop_limit", hops),
        ("http_protocol_ipv6", Tree::Null),
        ("instance_metadata_tags", of("instance_metadata_tags")),
        ("state", Tree::Null),
    ]);
    setting(thing, sketch, "instance_metadata_defaults", value);
}

fn allowed_images<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    setting(thing, sketch, "allowed_images_state", thing.at("state").into_owned());
    let providers = thing.at("image_criterion[].image_providers").into_owned();
    let providers = if providers.is_null() { Tree::List(Vec::new()) } else { providers };
    setting(thing, sketch, "allowed_image_providers", providers);
    setting(thing, sketch, "allowed_images_managed_by", own("account"));
}
