//! Route tables, their routes inline and apart, and who uses them.
//!
//! The local routes of a table are those of its VPC's prefixes. The provider lists none of them; whoever analyses a table
//! takes them from the VPC.

use super::Table;
use super::kit::{
    self, PART, account, below_planned, is_open, is_silent, items, later, map, prefix, word,
};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch, Whole};

const TABLE_KIND: &str = "aws.ec2.route_table";
const ARN: &str = "arn:{partition}:ec2:{region}:{account}:route-table/{id}";

pub(super) const TABLE: Table = &[
    ("aws_route_table", kit::ec2(ARN), route_table),
    (
        "aws_default_route_table",
        Handle { id: &["id", "default_route_table_id"], arn: ARN, made: &[] },
        default_route_table,
    ),
    ("aws_route", PART, route),
    ("aws_route_table_association", PART, association),
    ("aws_main_route_table_association", PART, main_association),
    ("aws_vpn_gateway_route_propagation", PART, propagation),
];

fn route_table<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = table(thing) else { return };
    if thing.fresh {
        kit::set(&mut draft, "main", Tree::Bool(false));
        kit::set(&mut draft, "associations", Tree::List(Vec::new()));
        kit::set(&mut draft, "associated_subnet_ids", Tree::List(Vec::new()));
        kit::set(&mut draft, "associated_gateway_ids", Tree::List(Vec::new()));
    }
    sketch.state(draft);
}

/// The table that a VPC came with, taken over by the configuration: its routes go, and those that are stated come.
fn default_route_table<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = table(thing) else { return };
    if let Ok(Some(id)) = thing.text("default_route_table_id")
        && thing.fresh
    {
        draft.arn = draft.arn.map(|arn| arn.replace(&draft.id, &id));
        draft.id = id;
    }
    sketch.state(draft);
}

fn table<'a>(thing: &Thing<'a>) -> Option<Draft<'a>> {
    const FROM: &[shape::From] = &[
        ("main", ""),
        ("associations", ""),
        ("associated_subnet_ids", ""),
        ("associated_gateway_ids", ""),
        ("routes", ""),
    ];
    let mut draft = kit::draft(thing, TABLE_KIND, "", FROM, &[])?;
    kit::fill(&mut draft, [("owner_id", account(thing))]);
    if thing.fresh && is_open(&thing.at("propagating_vgws")) {
        kit::set(&mut draft, "propagating_vgws", Tree::List(Vec::new()));
    }
    let blocks = thing.at("route");
    let routes = match &*blocks {
        open if is_open(open) && thing.fresh => Tree::List(Vec::new()),
        blocks => match items(blocks) {
            Ok(blocks) => Tree::List(blocks.iter().map(inline).collect()),
            Err(cause) => Tree::Unknown(cause),
        },
    };
    kit::set(&mut draft, "routes", routes);
    Some(draft)
}

fn inline<'a>(block: &Tree<'a>) -> Tree<'a> {
    if let Tree::Unknown(cause) = block {
        return Tree::Unknown(cause.clone());
    }
    one_route(block, ["cidr_block", "ipv6_cidr_block", "destination_prefix_list_id"])
}

fn route<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let names =
        ["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];
    let value = one_route(&thing.values, names);
    kit::element(thing, sketch, (TABLE_KIND, thing.whole("route_table_id"), "routes"), value);
}

/// The targets of a route: the field of the model, and the attribute of the provider.
const TARGETS: [(&str, &str); 12] = [
    ("nat_gateway_id", "nat_gateway_id"),
    ("transit_gateway_id", "transit_gateway_id"),
    ("vpc_peering_connection_id", "vpc_peering_connection_id"),
    ("network_interface_id", "network_interface_id"),
    ("instance_id", "instance_id"),
    ("egress_only_internet_gateway_id", "egress_only_gateway_id"),
    ("carrier_gateway_id", "carrier_gateway_id"),
    ("local_gateway_id", "local_gateway_id"),
    ("core_network_arn", "core_network_arn"),
    ("odb_network_arn", "odb_network_arn"),
    // The API has endpoints among the gateways.
    ("gateway_id", "vpc_endpoint_id"),
    ("gateway_id", "gateway_id"),
];

fn one_route<'a>(block: &Tree<'a>, [v4, v6, list]: [&str; 3]) -> Tree<'a> {
    let mut out = map([
        ("destination_cidr_block", prefix(&kit::stated(&block.member(v4)))),
        ("destination_ipv6_cidr_block", prefix(&kit::stated(&block.member(v6)))),
        ("destination_prefix_list_id", kit::stated(&block.member(list))),
        ("instance_owner_id", Tree::Null),
        ("ip_address", Tree::Null),
        ("state", kit::or(&block.member("state"), word("active"))),
        ("origin", kit::or(&block.member("origin"), word("CreateRoute"))),
    ]);
    let stated = |name: &str| !is_silent(&block.member(name));
    // Beside the target that is stated, the provider leaves the others open.
    let any = TARGETS.iter().any(|(_, attribute)| stated(attribute));
    for (field, attribute) in TARGETS {
        let value = block.member(attribute);
        if stated(attribute) || out.member(field).is_null() {
            let kept = if any { kit::stated(&value) } else { kit::or(&value, open(&value)) };
            out.set(field, kept);
        }
    }
    out
}

fn open<'a>(value: &Tree<'a>) -> Tree<'a> {
    if is_open(value) { later() } else { Tree::Null }
}

/// The route within the VPC.
pub(super) fn local(cidr: Tree<'_>) -> Tree<'_> {
    let mut out = one_route(
        &map([("cidr_block", cidr), ("gateway_id", word("local"))]),
        ["cidr_block", "ipv6_cidr_block", "destination_prefix_list_id"],
    );
    out.set("origin", word("CreateRouteTable"));
    out
}

fn association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let at = |field| (TABLE_KIND, thing.whole("route_table_id"), field);
    let (subnet, gateway) = (thing.at("subnet_id"), thing.at("gateway_id"));
    if !is_silent(&subnet) {
        kit::element(thing, sketch, at("associated_subnet_ids"), subnet.clone().into_owned());
    }
    if !is_silent(&gateway) {
        kit::element(thing, sketch, at("associated_gateway_ids"), gateway.clone().into_owned());
    }
    let value = map([
        ("route_table_association_id", thing.at("id").into_owned()),
        ("main", Tree::Bool(false)),
        ("subnet_id", kit::stated(&subnet)),
        ("gateway_id", kit::stated(&gateway)),
        ("state", word("associated")),
    ]);
    kit::element(thing, sketch, at("associations"), value);
}

/// Makes a table the main one, instead of the one the VPC came with.
fn main_association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let value = map([
        ("route_table_association_id", thing.at("id").into_owned()),
        ("main", Tree::Bool(true)),
        ("subnet_id", Tree::Null),
        ("gateway_id", Tree::Null),
        ("state", word("associated")),
    ]);
    let table = || thing.whole("route_table_id");
    kit::value(thing, sketch, (TABLE_KIND, table(), "main"), Tree::Bool(true));
    kit::element(thing, sketch, (TABLE_KIND, table(), "associations"), value);
    let former = below_planned(&thing.at("vpc_id"), "default_route_table_id")
        .or_else(|| thing.text("original_route_table_id").ok().flatten());
    if let Some(former) = former.filter(|id| !id.is_empty()) {
        kit::value(thing, sketch, (TABLE_KIND, Whole::Id(former), "main"), Tree::Bool(false));
    }
}

fn propagation<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let gateway = thing.at("vpn_gateway_id").into_owned();
    let at = (TABLE_KIND, thing.whole("route_table_id"), "propagating_vgws");
    kit::element(thing, sketch, at, gateway);
}
