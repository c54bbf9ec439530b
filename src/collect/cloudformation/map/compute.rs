//! Instances, their interfaces, volumes and templates.

use super::restate::{each, items, map, moved, one, open};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

pub(super) const TABLE: &[Entry] = &[
    entry("AWS::EC2::Instance", "aws.ec2.instance", "aws_instance")
        .arn("arn:{partition}:ec2:{region}:{account}:instance/{id}")
        .atts(&[("InstanceId", Is::Id), ("AvailabilityZone", Is::Property("AvailabilityZone"))])
        .from(&[
            ("ami", "image_id"),
            ("user_data_base64", "user_data"),
            ("user_data", ""),
            ("placement_group", "placement_group_name"),
            ("enclave_options", "enclave_options"),
            ("hibernation", "hibernation_options.configured"),
        ])
        .more(instance),
    entry("AWS::EC2::NetworkInterface", "aws.ec2.network_interface", "aws_network_interface")
        .arn("arn:{partition}:ec2:{region}:{account}:network-interface/{id}")
        .from(&[("security_groups", "group_set")])
        .open(&[
            "security_groups",
            "private_ip",
            "private_ips",
            "mac_address",
            "private_dns_name",
            "ipv6_addresses",
            "outpost_arn",
            "ipv4_prefixes",
            "ipv6_prefixes",
            "private_ips_count",
        ])
        .more(interface),
    entry("AWS::EC2::NetworkInterfaceAttachment", "", "aws_network_interface_attachment"),
    entry("AWS::EC2::LaunchTemplate", "aws.ec2.launch_template", "aws_launch_template")
        .arn("arn:{partition}:ec2:{region}:{account}:launch-template/{id}")
        .atts(&[("LaunchTemplateId", Is::Id)])
        .more(launch_template),
    entry("AWS::EC2::Volume", "aws.ec2.volume", "aws_ebs_volume")
        .arn("arn:{partition}:ec2:{region}:{account}:volume/{id}")
        .atts(&[("VolumeId", Is::Id)])
        .from(&[("type", "volume_type")])
        .open(&["size", "snapshot_id", "encrypted", "kms_key_id", "iops", "throughput"]),
    entry("AWS::EC2::VolumeAttachment", "", "aws_volume_attachment")
        .from(&[("device_name", "device")]),
    entry("AWS::EC2::KeyPair", "aws.ec2.key_pair", "aws_key_pair")
        .arn("arn:{partition}:ec2:{region}:{account}:key-pair/{id}")
        .named(&["KeyName"])
        .open(&["fingerprint", "key_type"]),
];

/// What an instance does not state, its image, its subnet or EC2 decides.
const OPEN: &[&str] = &[
    "private_ip",
    "public_ip",
    "private_dns",
    "public_dns",
    "availability_zone",
    "ipv6_addresses",
    "host_id",
    "placement_group",
    "outpost_arn",
    "capacity_reservation_specification",
    "disable_api_termination",
    "disable_api_stop",
    "ebs_optimized",
    "root_block_device",
    "instance_initiated_shutdown_behavior",
    "tenancy",
    "associate_public_ip_address",
    "subnet_id",
    "vpc_security_group_ids",
    "key_name",
    "source_dest_check",
    "monitoring",
    "metadata_options",
    "instance_lifecycle",
    "spot_instance_request_id",
];

fn instance(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let groups = values.member("security_group_ids").into_owned();
    if groups.is_null() {
        // Groups of the default VPC by name; those of the template are known by their ids.
        let named = values.member("security_groups").into_owned();
        let all_planned = !named.items().is_empty()
            && named.items().iter().all(|name| {
                name.as_str().is_some_and(|name| {
                    name.starts_with("sg-") || crate::model::change::is_planned(name)
                })
            });
        if all_planned {
            values.set("vpc_security_group_ids", named);
        }
    }
    let user_data = values.member("user_data").into_owned();
    if !user_data.is_null() {
        values.set("user_data_base64", user_data);
        values.set("user_data", Tree::Null);
    }
    let template = values.member("launch_template").into_owned();
    if !template.is_null() {
        let id = template.member("launch_template_id").into_owned();
        let name = template.member("launch_template_name").into_owned();
        let version = template.member("version").into_owned();
        values.set("launch_template", one(map([("id", id), ("name", name), ("version", version)])));
    }
    devices(&mut values);
    interfaces(&mut values);
    if thing.fresh {
        for name in OPEN {
            if values.member(name).is_null() {
                values.set(*name, open());
            }
        }
        // The template behind it may bring user data of its own.
        if !template.is_null() && values.member("user_data_base64").is_null() {
            values.set("user_data_base64", open());
            values.set("user_data", open());
        }
    }
    vec![("aws_instance", values)]
}

/// Mappings of devices: the one that images have their root on, and others.
fn devices(values: &mut Tree<'static>) {
    let mappings = values.member("block_device_mappings").into_owned();
    if mappings.is_unknown() {
        values.set("root_block_device", mappings.clone());
        values.set("ebs_block_device", mappings);
        return;
    }
    let (mut root, mut others) = (Vec::new(), Vec::new());
    for mapping in items(&mappings) {
        if mapping.is_unknown() {
            others.push(mapping);
            continue;
        }
        if mapping.member("ebs").is_null() {
            continue;
        }
        let mut block = mapping.member("ebs").into_owned();
        let device = mapping.member("device_name").into_owned();
        // The names that images of Amazon Linux, Ubuntu, Debian and Windows give their root device.
        let is_root = matches!(device.as_str(), Some("/dev/xvda" | "/dev/sda1"));
        if !block.is_unknown() {
            block.set("device_name", device);
        }
        if is_root { root.push(block) } else { others.push(block) }
    }
    if !root.is_empty() {
        values.set("root_block_device", Tree::List(root));
    }
    if !others.is_empty() {
        values.set("ebs_block_device", Tree::List(others));
    }
}

/// Interfaces within an instance: those that are made with it state what the instance would, others are attached.
fn interfaces(values: &mut Tree<'static>) {
    let list = values.member("network_interfaces").into_owned();
    if list.is_null() {
        return;
    }
    if list.is_unknown() {
        for name in ["network_interface", "vpc_security_group_ids", "subnet_id"] {
            values.set(name, list.clone());
        }
        return;
    }
    let mut given = Vec::new();
    for interface in items(&list) {
        let id = interface.member("network_interface_id").into_owned();
        if !id.is_null() || interface.is_unknown() {
            given.push(interface);
            continue;
        }
        if interface.member("device_index").as_int().unwrap_or_default() != 0 {
            continue;
        }
        for (from, to) in [
            ("subnet_id", "subnet_id"),
            ("group_set", "vpc_security_group_ids"),
            ("associate_public_ip_address", "associate_public_ip_address"),
            ("private_ip_address", "private_ip"),
        ] {
            let value = interface.member(from).into_owned();
            if !value.is_null() {
                values.set(to, value);
            }
        }
    }
    if !given.is_empty() {
        values.set("network_interface", Tree::List(given));
    }
}

fn interface(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let address = values.member("private_ip_address").into_owned();
    if !address.is_null() {
        values.set("private_ip", address.clone());
        values.set("private_ips", Tree::List(vec![address]));
    }
    moved(&mut values, "source_dest_check", "source_dest_check");
    if values.member("source_dest_check").is_null() {
        values.set("source_dest_check", Tree::Bool(true));
    }
    vec![("aws_network_interface", values)]
}

/// The data of a template stands on its own level in Terraform.
fn launch_template(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let data = values.member("launch_template_data").into_owned();
    let mut out = match data {
        map @ Tree::Map(_) => map,
        Tree::Unknown(cause) => Tree::Unknown(cause),
        _ => Tree::Map(Vec::new()),
    };
    if out.is_unknown() {
        return vec![("aws_launch_template", out)];
    }
    moved(&mut out, "security_group_ids", "vpc_security_group_ids");
    moved(&mut out, "security_groups", "security_group_names");
    let interfaces = each(&out.member("network_interfaces"), |interface| {
        let mut interface = interface.clone();
        moved(&mut interface, "groups", "security_groups");
        interface
    });
    if !interfaces.is_null() {
        out.set("network_interfaces", interfaces);
    }
    for block in [
        "iam_instance_profile",
        "metadata_options",
        "monitoring",
        "placement",
        "instance_market_options",
        "enclave_options",
        "hibernation_options",
    ] {
        let value = one(out.member(block).into_owned());
        if !value.is_null() {
            out.set(block, value);
        }
    }
    for (name, path) in
        [("name", "launch_template_name"), ("description", "version_description"), ("tags", "tags")]
    {
        let value = values.member(path).into_owned();
        let value = if name == "name" && value.is_null() { open() } else { value };
        out.set(name, value);
    }
    out.set("default_version", Tree::Int(1));
    out.set("latest_version", Tree::Int(1));
    vec![("aws_launch_template", out)]
}
