//! Launch templates.

use super::Table;
use super::kit::{self, ec2, is_open, is_silent, items, later, map};
use super::user_data::user_data;
use crate::collect::predicted::{Thing, shape};
use crate::model::Tree;
use crate::model::change::Sketch;
use crate::model::ec2::LaunchTemplateVersion;

const TEMPLATE: &str = "aws.ec2.launch_template";

pub(super) const TABLE: Table = &[(
    "aws_launch_template",
    ec2("arn:{partition}:ec2:{region}:{account}:launch-template/{id}"),
    launch_template,
)];

fn launch_template<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("default_version_number", "default_version"),
        ("latest_version_number", "latest_version"),
        ("versions", ""),
    ];
    let after = ["create_time", "created_by"];
    let Some(mut draft) = kit::draft(thing, TEMPLATE, "name", FROM, &after) else { return };
    if thing.fresh {
        kit::fill(
            &mut draft,
            [
                ("default_version_number", Tree::Int(1)),
                ("latest_version_number", Tree::Int(1)),
                ("operator_managed", Tree::Bool(false)),
            ],
        );
    }
    let latest = draft.fields.member("latest_version_number").into_owned();
    let moves = thing.at("update_default_version").as_bool() == Some(true);
    let default = if moves {
        latest.clone()
    } else {
        draft.fields.member("default_version_number").into_owned()
    };
    let newest_is_default = match (&latest, &default) {
        (Tree::Int(latest), Tree::Int(default)) => Tree::Bool(latest == default),
        _ if moves => Tree::Bool(true),
        // A new version comes, and the default one stays.
        (_, Tree::Int(_)) => Tree::Bool(false),
        _ => later(),
    };
    let newest = version(thing, latest, newest_is_default.clone());
    let mut versions = vec![newest];
    if newest_is_default != Tree::Bool(true) {
        // What the default version holds is told nowhere.
        let mut other = Tree::Map(Vec::new());
        for field in LaunchTemplateVersion::SHAPE.fields.iter().filter(|field| !field.fact) {
            other.set(field.name, later());
        }
        other.set("version_number", default.clone());
        other.set("default_version", Tree::Bool(true));
        versions.insert(0, other);
    }
    kit::set(&mut draft, "default_version_number", default);
    kit::set(&mut draft, "versions", Tree::List(versions));
    sketch.state(draft);
}

fn version<'a>(thing: &Thing<'a>, number: Tree<'a>, default: Tree<'a>) -> Tree<'a> {
    const FROM: &[shape::From] = &[
        ("version_number", ""),
        ("default_version", ""),
        ("version_description", "description"),
        ("iam_instance_profile_arn", ""),
        ("iam_instance_profile_name", "iam_instance_profile.name"),
        ("security_group_ids", "vpc_security_group_ids"),
        ("security_group_names", ""),
        ("network_interfaces.security_group_ids", "security_groups"),
        ("block_device_mappings.snapshot_id", "ebs.snapshot_id"),
        ("block_device_mappings.encrypted", "ebs.encrypted"),
        ("block_device_mappings.kms_key_id", "ebs.kms_key_id"),
        ("block_device_mappings.volume_size", "ebs.volume_size"),
        ("block_device_mappings.volume_type", "ebs.volume_type"),
        ("block_device_mappings.iops", "ebs.iops"),
        ("block_device_mappings.throughput", "ebs.throughput"),
        ("block_device_mappings.delete_on_termination", "ebs.delete_on_termination"),
        ("monitoring_enabled", "monitoring.enabled"),
        ("tenancy", "placement.tenancy"),
        ("market_type", "instance_market_options.market_type"),
        ("enclave_enabled", "enclave_options.enabled"),
        ("hibernation_configured", "hibernation_options.configured"),
        ("tag_specification_resource_types", "tag_specifications[].resource_type"),
        ("create_time", ""),
        ("created_by", ""),
        ("metadata_options", ""),
        ("user_data_sha256", ""),
        ("user_data_secret_kinds", ""),
    ];
    let mut out = shape::fields(LaunchTemplateVersion::SHAPE, &thing.values, FROM);
    out.set("version_number", number);
    out.set("default_version", default);
    // Names of groups are for default VPCs, and the attribute of that name holds ids at times.
    let names = kit::or(&thing.at("security_group_names"), Tree::List(Vec::new()));
    out.set("security_group_names", names);
    let profile = match &*thing.at("iam_instance_profile.arn") {
        Tree::Text(arn) if !arn.is_empty() => Tree::Text(arn.clone()),
        Tree::Unknown(cause) if !is_open(&thing.at("iam_instance_profile.arn")) => {
            Tree::Unknown(cause.clone())
        }
        _ => Tree::Null,
    };
    out.set("iam_instance_profile_arn", profile);
    let [sha256, kinds] = user_data(&Tree::Null, &thing.at("user_data"));
    out.set("user_data_sha256", sha256);
    out.set("user_data_secret_kinds", kinds);
    out.set("metadata_options", metadata(thing));
    for time in ["create_time", "created_by"] {
        out.set(time, later());
    }
    // What is left open is left to whoever launches.
    if let Tree::Map(fields) = &mut out {
        for (name, value) in fields {
            let time = matches!(&**name, "create_time" | "created_by");
            if is_open(value) && !time && !matches!(&**name, "version_number" | "default_version") {
                *value = Tree::Null;
            }
        }
    }
    out
}

/// The options, absent where the block is. Parts that are not stated are left to account and image.
fn metadata<'a>(thing: &Thing<'a>) -> Tree<'a> {
    let block = thing.at("metadata_options");
    let Ok(blocks) = items(&block) else {
        return if is_open(&block) { Tree::Null } else { block.into_owned() };
    };
    let Some(block) = blocks.first() else { return Tree::Null };
    let of = |name: &str| kit::stated(&block.member(name));
    let options = map([
        ("http_tokens", of("http_tokens")),
        ("http_endpoint", of("http_endpoint")),
        ("http_put_response_hop_limit", of("http_put_response_hop_limit")),
        ("http_protocol_ipv6", of("http_protocol_ipv6")),
        ("instance_metadata_tags", of("instance_metadata_tags")),
        ("state", Tree::Null),
    ]);
    if is_silent(block) { Tree::Null } else { options }
}
