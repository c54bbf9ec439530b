//! Peerings, flow logs, prefix lists and Block Public Access.

use super::Table;
use super::kit::{self, PART, account, ec2, is_open, is_silent, later, map, own, word};
use crate::collect::normal::ec2_arn;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Sketch, Whole};

const PEERING: &str = "aws.ec2.vpc_peering_connection";
const FLOW_LOG: &str = "aws.ec2.flow_log";
const PREFIX_LIST: &str = "aws.ec2.managed_prefix_list";
const OPTIONS: &str = "aws.ec2.vpc_block_public_access_options";
const EXCLUSION: &str = "aws.ec2.vpc_block_public_access_exclusion";

pub(super) const TABLE: Table = &[
    (
        "aws_vpc_peering_connection",
        ec2("arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{id}"),
        peering,
    ),
    ("aws_vpc_peering_connection_accepter", PART, peering_accepter),
    ("aws_vpc_peering_connection_options", PART, peering_options),
    ("aws_flow_log", ec2("arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}"), flow_log),
    (
        "aws_ec2_managed_prefix_list",
        ec2("arn:{partition}:ec2:{region}:{account}:prefix-list/{id}"),
        prefix_list,
    ),
    ("aws_ec2_managed_prefix_list_entry", PART, prefix_list_entry),
    (
        "aws_vpc_block_public_access_options",
        Handle { id: &["aws_account_id"], arn: "", made: &[] },
        block_options,
    ),
    (
        "aws_vpc_block_public_access_exclusion",
        ec2("arn:{partition}:ec2:{region}:{account}:vpc-block-public-access-exclusion/{id}"),
        block_exclusion,
    ),
];

fn peering<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("requester_vpc_id", "vpc_id"),
        ("accepter_vpc_id", "peer_vpc_id"),
        ("status", "accept_status"),
        ("requester_vpc_info", ""),
        ("accepter_vpc_info", ""),
    ];
    let after = ["expiration_time", "status_message"];
    let Some(mut draft) = kit::draft(thing, PEERING, "", FROM, &after) else { return };
    if thing.fresh {
        let status = match &*thing.at("auto_accept") {
            Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
            auto if auto.as_bool() == Some(true) => word("active"),
            _ => word("pending-acceptance"),
        };
        kit::fill(&mut draft, [("status", status)]);
    }
    let here = || own(thing.place.region.as_str());
    let peer_region = kit::or(&thing.at("peer_region"), here());
    let peer_owner = kit::or(&thing.at("peer_owner_id"), account(thing));
    let dns = |side: &str| {
        let path = format!("{side}.allow_remote_vpc_dns_resolution");
        kit::or(&thing.at(&path), Tree::Bool(false))
    };
    let side = |vpc: &str, owner: Tree<'a>, region: Tree<'a>, dns: Tree<'a>| {
        map([
            ("vpc_id", thing.at(vpc).into_owned()),
            ("owner_id", owner),
            ("region", region),
            ("allow_dns_resolution_from_remote_vpc", dns),
        ])
    };
    let requester = side("vpc_id", account(thing), here(), dns("requester"));
    let accepter = side("peer_vpc_id", peer_owner, peer_region, dns("accepter"));
    kit::set(&mut draft, "requester_vpc_info", requester);
    kit::set(&mut draft, "accepter_vpc_info", accepter);
    sketch.state(draft);
}

fn peering_accepter<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let whole = || thing.whole("vpc_peering_connection_id");
    let status = match &*thing.at("auto_accept") {
        auto if auto.as_bool() == Some(true) => word("active"),
        Tree::Unknown(cause) if !thing.is_left_open("auto_accept") => Tree::Unknown(cause.clone()),
        _ => return,
    };
    kit::value(thing, sketch, (PEERING, whole(), "status"), status);
    options_of(thing, sketch, &whole);
}

fn peering_options<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    options_of(thing, sketch, &|| thing.whole("vpc_peering_connection_id"));
}

fn options_of<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, whole: &dyn Fn() -> Whole) {
    for (side, field) in [
        ("requester", "requester_vpc_info.allow_dns_resolution_from_remote_vpc"),
        ("accepter", "accepter_vpc_info.allow_dns_resolution_from_remote_vpc"),
    ] {
        let value = thing.at(&format!("{side}.allow_remote_vpc_dns_resolution"));
        if !is_silent(&value) {
            kit::value(thing, sketch, (PEERING, whole(), field), value.clone().into_owned());
        }
    }
}

fn flow_log<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("resource_id", ""),
        ("deliver_logs_permission_arn", "iam_role_arn"),
        ("file_format", "destination_options.file_format"),
        ("hive_compatible_partitions", "destination_options.hive_compatible_partitions"),
        ("per_hour_partition", "destination_options.per_hour_partition"),
    ];
    const RESOURCES: [&str; 6] = [
        "vpc_id",
        "subnet_id",
        "eni_id",
        "transit_gateway_id",
        "transit_gateway_attachment_id",
        "regional_nat_gateway_id",
    ];
    let Some(mut draft) = kit::draft(thing, FLOW_LOG, "", FROM, &["creation_time"]) else { return };
    let resources = RESOURCES.map(|name| thing.at(name).into_owned());
    let logged = resources.into_iter().find(|id| !is_silent(id)).unwrap_or_else(later);
    kit::set(&mut draft, "resource_id", logged);
    kit::fill(&mut draft, [("flow_log_status", word("ACTIVE"))]);
    if !thing.fresh {
        return sketch.state(draft);
    }
    kit::fill(&mut draft, [("log_destination_type", word("cloud-watch-logs"))]);
    kit::fill(&mut draft, [("max_aggregation_interval", Tree::Int(600))]);
    let destination = thing.at("log_destination");
    let group = match &*destination {
        Tree::Text(arn) if arn.contains(":logs:") => {
            let name = arn.split_once(":log-group:").map(|(_, name)| name.trim_end_matches(":*"));
            name.map_or(Tree::Null, |name| own(name.to_owned()))
        }
        Tree::Text(arn) if arn.contains("planned:") => later(),
        Tree::Unknown(cause) if !is_open(&destination) => Tree::Unknown(cause.clone()),
        _ => Tree::Null,
    };
    let to_logs = draft.fields.member("log_destination_type").as_str() == Some("cloud-watch-logs");
    let stated = thing.at("log_group_name");
    let group = kit::or(&stated, if to_logs { group } else { Tree::Null });
    kit::set(&mut draft, "log_group_name", group);
    if is_open(&destination) {
        kit::set(&mut draft, "log_destination", Tree::Null);
    }
    sketch.state(draft);
}

fn prefix_list<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] =
        &[("prefix_list_name", "name"), ("state", ""), ("entries", "entry")];
    let Some(mut draft) = kit::draft(thing, PREFIX_LIST, "", FROM, &[]) else { return };
    draft.name = draft.name.or_else(|| thing.text("name").ok().flatten());
    kit::fill(&mut draft, [("owner_id", account(thing)), ("state", word("create-complete"))]);
    if thing.fresh {
        if is_open(&thing.at("entry")) {
            kit::set(&mut draft, "entries", Tree::List(Vec::new()));
        }
        kit::fill(&mut draft, [("version", Tree::Int(1))]);
    }
    sketch.state(draft);
}

fn prefix_list_entry<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let value = map([
        ("cidr", kit::prefix(&thing.at("cidr"))),
        ("description", kit::stated(&thing.at("description"))),
    ]);
    kit::element(thing, sketch, (PREFIX_LIST, thing.whole("prefix_list_id"), "entries"), value);
}

fn block_options<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = kit::draft(thing, OPTIONS, "", &[], &["last_update_timestamp"]) else {
        return;
    };
    thing.place.account.as_str().clone_into(&mut draft.id);
    kit::fill(&mut draft, [("state", word("update-complete"))]);
    if thing.fresh {
        kit::fill(&mut draft, [("managed_by", word("account"))]);
        kit::set(&mut draft, "exclusions_allowed", word("allowed"));
        kit::set(&mut draft, "reason", later());
    }
    sketch.state(draft);
}

fn block_exclusion<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const AFTER: &[&str] = &["creation_timestamp", "last_update_timestamp", "reason"];
    let Some(mut draft) = kit::draft(thing, EXCLUSION, "", &[], AFTER) else { return };
    let arn_of = |path: &str, kind: &str| {
        let place = &thing.place;
        let id = thing.at(path);
        match &*id {
            Tree::Text(id) if !id.is_empty() => {
                ec2_arn(kind, &place.account, &place.region, id).map(own)
            }
            Tree::Unknown(cause) if !is_open(&id) => Some(Tree::Unknown(cause.clone())),
            _ => None,
        }
    };
    let arn = arn_of("vpc_id", "aws.ec2.vpc").or_else(|| arn_of("subnet_id", "aws.ec2.subnet"));
    if let Some(arn) = arn {
        kit::fill(&mut draft, [("resource_arn", arn)]);
    }
    kit::fill(&mut draft, [("state", word("create-complete"))]);
    sketch.state(draft);
}
