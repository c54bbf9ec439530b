//! Application, network and gateway load balancers, with the interfaces they get.

use super::Table;
use super::gateway::take_address;
use super::instance::public_address;
use super::kit::{self, account, is_open, is_silent, items, later, map, own, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::change::{Draft, PLANNED, Sketch};
use crate::model::{Cause, Tree};

const BALANCER: &str = "aws.elbv2.load_balancer";

const HANDLE: Handle = Handle {
    id: &["arn", "id"],
    arn: "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
    made: &[],
};

pub(super) const TABLE: Table =
    &[("aws_lb", HANDLE, load_balancer), ("aws_alb", HANDLE, load_balancer)];

/// An attribute of a balancer: the field, the key that AWS has for it, the path of the provider, the kinds of balancers
/// that have it by their first letter, and what holds where nobody says anything.
struct Attribute {
    field: &'static str,
    key: &'static str,
    path: &'static str,
    kinds: &'static str,
    default: Tree<'static>,
}

/// Source: `elasticloadbalancing:ModifyLoadBalancerAttributes`.
#[expect(clippy::too_many_lines, reason = "a table")]
fn attributes() -> Vec<Attribute> {
    let of = |field, key, path, kinds, default| Attribute { field, key, path, kinds, default };
    let (no, yes, none) = (Tree::Bool(false), Tree::Bool(true), Tree::Null);
    vec![
        of(
            "deletion_protection_enabled",
            "deletion_protection.enabled",
            "enable_deletion_protection",
            "ang",
            no.clone(),
        ),
        of(
            "access_logs_enabled",
            "access_logs.s3.enabled",
            "access_logs.enabled",
            "an",
            no.clone(),
        ),
        of("access_logs_bucket", "access_logs.s3.bucket", "access_logs.bucket", "an", none.clone()),
        of("access_logs_prefix", "access_logs.s3.prefix", "access_logs.prefix", "an", none.clone()),
        of(
            "connection_logs_enabled",
            "connection_logs.s3.enabled",
            "connection_logs.enabled",
            "a",
            no.clone(),
        ),
        of(
            "connection_logs_bucket",
            "connection_logs.s3.bucket",
            "connection_logs.bucket",
            "a",
            none,
        ),
        of(
            "cross_zone_enabled",
            "load_balancing.cross_zone.enabled",
            "enable_cross_zone_load_balancing",
            "ang",
            no.clone(),
        ),
        of(
            "idle_timeout_seconds",
            "idle_timeout.timeout_seconds",
            "idle_timeout",
            "a",
            Tree::Int(60),
        ),
        of(
            "desync_mitigation_mode",
            "routing.http.desync_mitigation_mode",
            "desync_mitigation_mode",
            "a",
            Tree::text("defensive"),
        ),
        of(
            "drop_invalid_header_fields_enabled",
            "routing.http.drop_invalid_header_fields.enabled",
            "drop_invalid_header_fields",
            "a",
            no.clone(),
        ),
        of("http2_enabled", "routing.http2.enabled", "enable_http2", "a", yes),
        of(
            "preserve_host_header_enabled",
            "routing.http.preserve_host_header.enabled",
            "preserve_host_header",
            "a",
            no.clone(),
        ),
        of(
            "xff_header_processing_mode",
            "routing.http.xff_header_processing.mode",
            "xff_header_processing_mode",
            "a",
            Tree::text("append"),
        ),
        of(
            "tls_version_and_cipher_suite_headers_enabled",
            "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
            "enable_tls_version_and_cipher_suite_headers",
            "a",
            no.clone(),
        ),
        of("waf_fail_open_enabled", "waf.fail_open.enabled", "enable_waf_fail_open", "a", no),
    ]
}

fn load_balancer<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("state", ""),
        ("scheme", ""),
        ("security_group_ids", "security_groups"),
        ("subnet_ids", ""),
        ("availability_zones", ""),
        ("deletion_protection_enabled", ""),
        ("attributes", ""),
    ];
    let after = ["created_time", "vpc_id"];
    let Some(mut draft) = kit::draft(thing, BALANCER, "name", FROM, &after) else { return };
    kit::fill(&mut draft, [("load_balancer_type", word("application")), ("state", word("active"))]);
    let kind = draft.fields.member("load_balancer_type").into_owned();
    let internal = match &*thing.at("internal") {
        open if is_open(open) || open.is_null() => Tree::Bool(false),
        internal => internal.clone(),
    };
    let scheme = match kind.as_str() {
        Some("gateway") => Tree::Null,
        _ => kit::words(&internal, "internal", "internet-facing"),
    };
    kit::set(&mut draft, "scheme", scheme);
    if thing.fresh {
        kit::fill(&mut draft, [("ip_address_type", word("ipv4"))]);
        let network = kind.as_str() == Some("network");
        if kind.as_str().is_some_and(|kind| kind != "application")
            && is_silent(&thing.at("security_groups"))
        {
            kit::set(&mut draft, "security_group_ids", Tree::List(Vec::new()));
        }
        let enforced = "enforce_security_group_inbound_rules_on_private_link_traffic";
        let on = if network { word("on") } else { Tree::Null };
        let stated = draft.fields.member(enforced).into_owned();
        kit::set(&mut draft, enforced, kit::or(&stated, on));
    }
    set_attributes(thing, &kind, &mut draft);
    let subnets = subnets(thing);
    zones(thing, &subnets, &mut draft);
    if let (true, Ok(subnets)) = (thing.fresh, &subnets) {
        interfaces(thing, &kind, &internal, subnets, &draft, sketch);
    }
    sketch.state(draft);
}

fn set_attributes<'a>(thing: &Thing<'a>, kind: &Tree<'a>, draft: &mut Draft<'a>) {
    let mut all: Vec<(std::borrow::Cow<'a, str>, Tree<'a>)> = Vec::new();
    for Attribute { field, key, path, kinds, default } in attributes() {
        let Some(letter) = kind.as_str().and_then(|kind| kind.get(..1)) else {
            let cause = shape::first_cause(kind).unwrap_or_default();
            kit::set(draft, field, Tree::Unknown(cause));
            continue;
        };
        if !kinds.contains(letter) {
            // Every kind has protection.
            kit::set(draft, field, Tree::Null);
            continue;
        }
        let head = path.split('.').next().unwrap_or_default();
        let mut value = kit::or(&thing.at(path), default);
        if letter == "a" && field == "cross_zone_enabled" {
            // Not to be switched off.
            value = Tree::Bool(true);
        }
        let told = thing.fresh || thing.values.entries().iter().any(|(name, _)| name == head);
        if told || letter == "a" && field == "cross_zone_enabled" {
            all.push((key.into(), plain(&value)));
            kit::set(draft, field, value);
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    // What the provider has no attribute for is in the list as well: of what exists it is not stated.
    if thing.fresh {
        kit::set(draft, "attributes", Tree::Map(all));
    }
}

/// A value as AWS writes those of attributes.
pub(super) fn plain<'a>(value: &Tree<'a>) -> Tree<'a> {
    match value {
        Tree::Bool(flag) => own(flag.to_string()),
        Tree::Int(number) => own(number.to_string()),
        Tree::Null => word(""),
        other => other.clone(),
    }
}

/// A subnet of a balancer with the fixed address it may have there.
struct Home<'a> {
    subnet: Tree<'a>,
    mapping: Tree<'a>,
}

/// The subnets, from either spelling.
fn subnets<'a>(thing: &Thing<'a>) -> Result<Vec<Home<'a>>, Cause> {
    let mappings = thing.at("subnet_mapping");
    let list = match &*mappings {
        silent if is_silent(silent) => Vec::new(),
        mappings => items(mappings)?,
    };
    if !list.is_empty() {
        let home = |mapping: Tree<'a>| match mapping.member("subnet_id").into_owned() {
            Tree::Null if mapping.is_unknown() => Home { subnet: mapping.clone(), mapping },
            subnet => Home { subnet, mapping },
        };
        return Ok(list.into_iter().map(home).collect());
    }
    let subnets = items(&thing.at("subnets"))?;
    Ok(subnets.into_iter().map(|subnet| Home { subnet, mapping: Tree::Null }).collect())
}

fn zones<'a>(thing: &Thing<'a>, homes: &Result<Vec<Home<'a>>, Cause>, draft: &mut Draft<'a>) {
    let homes = match homes {
        Ok(homes) => homes,
        Err(cause) => {
            kit::set(draft, "subnet_ids", Tree::Unknown(cause.clone()));
            return kit::set(draft, "availability_zones", Tree::Unknown(cause.clone()));
        }
    };
    let ids = homes.iter().map(|home| home.subnet.clone()).collect();
    kit::set(draft, "subnet_ids", Tree::List(ids));
    if !thing.fresh {
        return;
    }
    let zone = |home: &Home<'a>| {
        let allocation = home.mapping.member("allocation_id").into_owned();
        let private = home.mapping.member("private_ipv4_address").into_owned();
        let address = map([
            ("ip_address", if is_silent(&allocation) { Tree::Null } else { later() }),
            ("allocation_id", kit::stated(&allocation)),
            ("private_ipv4_address", kit::stated(&private)),
            ("ipv6_address", kit::stated(&home.mapping.member("ipv6_address"))),
        ]);
        let fixed = !is_silent(&allocation) || !is_silent(&private);
        map([
            ("zone_name", later()),
            ("subnet_id", home.subnet.clone()),
            ("outpost_id", Tree::Null),
            ("addresses", Tree::List(if fixed { vec![address] } else { Vec::new() })),
        ])
    };
    kit::set(draft, "availability_zones", Tree::List(homes.iter().map(zone).collect()));
}

/// An interface in each subnet. Its description is what tells whose it is.
fn interfaces<'a>(
    thing: &Thing<'a>,
    kind: &Tree<'a>,
    internal: &Tree<'a>,
    homes: &[Home<'a>],
    draft: &Draft<'a>,
    sketch: &mut Sketch<'a>,
) {
    let arn = draft.arn.as_deref().unwrap_or(&draft.id);
    let key = arn.split_once("loadbalancer/").map_or(arn, |(_, key)| key).to_owned();
    let kind = match kind.as_str() {
        Some("network") => word("network_load_balancer"),
        Some("gateway") => word("gateway_load_balancer"),
        Some(_) => word("interface"),
        None => kind.clone(),
    };
    let private = internal.as_bool() == Some(true)
        || kind.as_str() == Some("gateway_load_balancer")
        || draft.fields.member("ip_address_type").as_str() == Some("dualstack-without-public-ipv4");
    let groups = draft.fields.member("security_group_ids").into_owned();
    for home in homes.iter().filter(|home| home.subnet.as_str().is_some()) {
        let allocation = home.mapping.member("allocation_id").into_owned();
        let public = match (private, internal.as_bool(), is_silent(&allocation)) {
            (true, _, _) => Tree::Null,
            (_, None, _) => later(),
            (_, _, true) => public_address(later(), word("amazon"), Tree::Null),
            _ => public_address(later(), account(thing), allocation.clone()),
        };
        let id = interface(thing, &home.subnet, (&key, &kind), groups.clone(), public, sketch);
        if !is_silent(&allocation) {
            take_address(thing, sketch, &allocation, &own(id));
        }
    }
}

/// States the interface of a balancer in a subnet, and gives its id.
pub(super) fn interface<'a>(
    thing: &Thing<'a>,
    subnet: &Tree<'a>,
    (key, kind): (&str, &Tree<'a>),
    groups: Tree<'a>,
    public: Tree<'a>,
    sketch: &mut Sketch<'a>,
) -> String {
    let id = format!("{PLANNED}{}/{}", thing.address, subnet.as_str().unwrap_or_default());
    let mut fields = map([
        ("owner_id", account(thing)),
        ("subnet_id", subnet.clone()),
        ("interface_type", kind.clone()),
        ("description", own(format!("ELB {key}"))),
        ("requester_id", word("amazon-elb")),
        ("status", word("in-use")),
        ("requester_managed", Tree::Bool(true)),
        ("source_dest_check", Tree::Bool(true)),
        ("security_group_ids", groups),
    ]);
    kit::bare_interface(&mut fields, &Tree::Null, public);
    let draft = kit::implied(thing, "aws.ec2.network_interface", id.clone(), fields);
    if let Some(draft) = draft {
        sketch.state(draft);
    }
    id
}
