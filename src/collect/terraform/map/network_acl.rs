//! Network ACLs and their entries, inline and apart.

use super::Table;
use super::kit::{self, PART, ec2, is_open, items, map, prefix, word};
use super::security_group::traffic;
use crate::collect::normal;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::change::{Draft, Sketch};
use crate::model::{Cause, Tree};

const ACL: &str = "aws.ec2.network_acl";
const ARN: &str = "arn:{partition}:ec2:{region}:{account}:network-acl/{id}";

pub(super) const TABLE: Table = &[
    ("aws_network_acl", ec2(ARN), network_acl),
    (
        "aws_default_network_acl",
        Handle { id: &["id", "default_network_acl_id"], arn: ARN, made: &[] },
        default_network_acl,
    ),
    ("aws_network_acl_rule", PART, rule),
    ("aws_network_acl_association", PART, association),
];

fn network_acl<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = acl(thing) else { return };
    kit::set(&mut draft, "is_default", Tree::Bool(false));
    sketch.state(draft);
}

/// The default ACL of a VPC, taken over by the configuration: its entries go, and those that are stated come.
fn default_network_acl<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = acl(thing) else { return };
    if let Ok(Some(id)) = thing.text("default_network_acl_id")
        && thing.fresh
    {
        draft.arn = draft.arn.map(|arn| arn.replace(&draft.id, &id));
        draft.id = id;
    }
    kit::set(&mut draft, "is_default", Tree::Bool(true));
    sketch.state(draft);
}

fn acl<'a>(thing: &Thing<'a>) -> Option<Draft<'a>> {
    const FROM: &[shape::From] =
        &[("associated_subnet_ids", "subnet_ids"), ("is_default", ""), ("entries", "")];
    let mut draft = kit::draft(thing, ACL, "", FROM, &[])?;
    kit::fill(&mut draft, [("owner_id", kit::account(thing))]);
    if thing.fresh && is_open(&thing.at("subnet_ids")) {
        kit::set(&mut draft, "associated_subnet_ids", Tree::List(Vec::new()));
    }
    let entries = entries(thing).unwrap_or_else(Tree::Unknown);
    kit::set(&mut draft, "entries", entries);
    Some(draft)
}

fn entries<'a>(thing: &Thing<'a>) -> Result<Tree<'a>, Cause> {
    let mut out: Vec<((bool, i64), Tree<'a>)> = Vec::new();
    for (field, egress) in [("ingress", false), ("egress", true)] {
        let blocks = thing.at(field);
        let blocks = match &*blocks {
            open if is_open(open) && thing.fresh => Vec::new(),
            blocks => items(blocks)?,
        };
        for block in &blocks {
            if let Tree::Unknown(cause) = block {
                return Err(cause.clone());
            }
            let number = block.member("rule_no").into_owned();
            let place = number.as_int().unwrap_or_default();
            let action = block.member("action").into_owned();
            out.push(((egress, place), entry(block, Tree::Bool(egress), number, action)));
        }
        out.push(((egress, LAST), refusal(egress)));
    }
    out.sort_by_key(|(place, _)| *place);
    Ok(Tree::List(out.into_iter().map(|(_, entry)| entry).collect()))
}

/// The number of the refusal at the end.
const LAST: i64 = 32767;

/// The entries of a new VPC's ACL: everything passes.
pub(super) fn default_entries<'a>() -> Tree<'a> {
    let of = |egress: bool| {
        let mut allow = refusal(egress);
        allow.set("rule_number", Tree::Int(100));
        allow.set("rule_action", word("allow"));
        [allow, refusal(egress)]
    };
    Tree::List([of(false), of(true)].into_iter().flatten().collect())
}

/// What AWS puts at the end of each direction.
fn refusal<'a>(egress: bool) -> Tree<'a> {
    map([
        ("egress", Tree::Bool(egress)),
        ("rule_number", Tree::Int(LAST)),
        ("rule_action", word("deny")),
        ("protocol", word("-1")),
        ("ports", shape::owned(&crate::net::Ports::ALL)),
        ("icmp_type", Tree::Null),
        ("icmp_code", Tree::Null),
        ("cidr", word("0.0.0.0/0")),
    ])
}

fn rule<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let number = thing.at("rule_number").into_owned();
    let action = thing.at("rule_action").into_owned();
    let egress = match &*thing.at("egress") {
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        egress => Tree::Bool(egress.as_bool() == Some(true)),
    };
    let value = entry(&thing.values, egress, number, action);
    kit::element(thing, sketch, (ACL, thing.whole("network_acl_id"), "entries"), value);
}

fn entry<'a>(block: &Tree<'a>, egress: Tree<'a>, number: Tree<'a>, action: Tree<'a>) -> Tree<'a> {
    let protocol = block.member("protocol");
    let word = match &*protocol {
        Tree::Int(number) => number.to_string(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let icmp = matches!(normal::protocol_name(&word).as_str(), "icmp" | "icmpv6");
    let (from, to) = if icmp { ("icmp_type", "icmp_code") } else { ("from_port", "to_port") };
    let [protocol, ports, icmp_type, icmp_code] =
        traffic(&protocol, &block.member(from), &block.member(to));
    let (v4, v6) = (block.member("cidr_block"), block.member("ipv6_cidr_block"));
    let cidr = if kit::is_silent(&v4) { &v6 } else { &v4 };
    map([
        ("egress", egress),
        ("rule_number", number),
        ("rule_action", lower(action)),
        ("protocol", protocol),
        ("ports", ports),
        ("icmp_type", icmp_type),
        ("icmp_code", icmp_code),
        ("cidr", if kit::is_silent(cidr) { kit::later() } else { prefix(cidr) }),
    ])
}

/// The provider takes actions in any case.
fn lower(action: Tree<'_>) -> Tree<'_> {
    match action {
        Tree::Text(text) => kit::own(text.to_ascii_lowercase()),
        Tree::Null => kit::later(),
        other => other,
    }
}

fn association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let subnet = thing.at("subnet_id").into_owned();
    let at = (ACL, thing.whole("network_acl_id"), "associated_subnet_ids");
    kit::element(thing, sketch, at, subnet);
}
