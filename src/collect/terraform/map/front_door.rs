//! Global Accelerator, VPC origins of CloudFront, VPC links of API Gateway, and VPC Lattice.
//!
//! What stands two lists deep (the endpoints of a listener of an accelerator, the targets of a group of a service) is
//! stated by things of their own, and stays unknown there.

use super::Table;
use super::kit::{self, PART, account, is_silent, items, later, map, own, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Sketch, Whole};
use crate::net::Ports;

const ACCELERATOR: &str = "aws.globalaccelerator.accelerator";
const ORIGIN: &str = "aws.cloudfront.vpc_origin";
const LINK: &str = "aws.apigatewayv2.vpc_link";
const SERVICE: &str = "aws.vpc_lattice.service";

const ACCELERATOR_HANDLE: Handle = Handle {
    id: &["arn", "id"],
    arn: "arn:{partition}:globalaccelerator::{account}:accelerator/{id}",
    made: &[],
};

pub(super) const TABLE: Table = &[
    ("aws_globalaccelerator_accelerator", ACCELERATOR_HANDLE, accelerator),
    ("aws_globalaccelerator_custom_routing_accelerator", ACCELERATOR_HANDLE, custom_routing),
    (
        "aws_globalaccelerator_listener",
        Handle { id: &["arn", "id"], arn: "{accelerator_arn}/listener/{id}", made: &[] },
        listener,
    ),
    (
        "aws_globalaccelerator_endpoint_group",
        Handle { id: &["arn", "id"], arn: "{listener_arn}/endpoint-group/{id}", made: &[] },
        endpoint_group,
    ),
    (
        "aws_cloudfront_vpc_origin",
        Handle {
            id: &["id"],
            arn: "arn:{partition}:cloudfront::{account}:vpcorigin/{id}",
            made: &[],
        },
        vpc_origin,
    ),
    ("aws_apigatewayv2_vpc_link", PART, vpc_link),
    (
        "aws_vpclattice_service",
        Handle {
            id: &["id"],
            arn: "arn:{partition}:vpc-lattice:{region}:{account}:service/{id}",
            made: &[],
        },
        lattice_service,
    ),
    ("aws_vpclattice_listener", PART, lattice_listener),
    ("aws_vpclattice_listener_rule", PART, lattice_rule),
    ("aws_vpclattice_service_network_service_association", PART, lattice_association),
];

fn accelerator<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    stated(thing, sketch, true);
}

fn custom_routing<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    stated(thing, sketch, false);
}

fn stated<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, standard: bool) {
    const FROM: &[shape::From] = &[
        ("status", ""),
        ("ip_addresses", "ip_sets[].ip_addresses"),
        ("listeners", ""),
        ("endpoint_ids", ""),
    ];
    let after = ["created_time", "ip_addresses"];
    let Some(mut draft) = kit::draft(thing, ACCELERATOR, "name", FROM, &after) else { return };
    kit::fill(&mut draft, [("status", word("DEPLOYED"))]);
    if thing.fresh {
        kit::fill(&mut draft, [("enabled", Tree::Bool(true)), ("ip_address_type", word("IPV4"))]);
        let none = || if standard { Tree::List(Vec::new()) } else { later() };
        kit::set(&mut draft, "listeners", none());
        kit::set(&mut draft, "endpoint_ids", none());
    }
    sketch.state(draft);
}

fn listener<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let ranges = match items(&thing.at("port_range")) {
        Ok(ranges) => Tree::List(ranges.iter().map(ports).collect()),
        Err(cause) => Tree::Unknown(cause),
    };
    let value = map([
        ("listener_arn", own(&*thing.id)),
        ("protocol", thing.at("protocol").into_owned()),
        ("port_ranges", ranges),
        ("client_affinity", kit::or(&thing.at("client_affinity"), word("NONE"))),
        ("endpoint_groups", later()),
    ]);
    kit::element(thing, sketch, (ACCELERATOR, thing.whole("accelerator_arn"), "listeners"), value);
}

fn ports<'a>(range: &Tree<'a>) -> Tree<'a> {
    let end = |name: &str| match &*range.member(name) {
        Tree::Unknown(cause) => Err(cause.clone()),
        value => Ok(value.as_int().and_then(|port| u16::try_from(port).ok()).unwrap_or_default()),
    };
    match (end("from_port"), end("to_port")) {
        (Ok(from), Ok(to)) => shape::owned(&Ports::new(from, to)),
        (Err(cause), _) | (_, Err(cause)) => Tree::Unknown(cause),
    }
}

fn endpoint_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let listener = thing.at("listener_arn");
    let whole = match listener.as_str().and_then(|arn| arn.split_once("/listener/")) {
        Some((accelerator, _)) => Whole::Id(accelerator.to_owned()),
        None => kit::whole_of(&match &*listener {
            Tree::Text(_) => later(),
            other => other.clone(),
        }),
    };
    let blocks = thing.at("endpoint_configuration");
    match items(&blocks) {
        Ok(blocks) => {
            for block in &blocks {
                let id = block.member("endpoint_id").into_owned();
                kit::element(thing, sketch, (ACCELERATOR, whole.clone(), "endpoint_ids"), id);
            }
        }
        Err(cause) if !kit::is_open(&blocks) => {
            kit::element(thing, sketch, (ACCELERATOR, whole, "endpoint_ids"), Tree::Unknown(cause));
        }
        Err(_) => {}
    }
}

fn vpc_origin<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("status", ""),
        ("endpoint_arn", "vpc_origin_endpoint_config.arn"),
        ("http_port", "vpc_origin_endpoint_config.http_port"),
        ("https_port", "vpc_origin_endpoint_config.https_port"),
        ("origin_protocol_policy", "vpc_origin_endpoint_config.origin_protocol_policy"),
        ("origin_ssl_protocols", "vpc_origin_endpoint_config.origin_ssl_protocols.items"),
    ];
    let name = "vpc_origin_endpoint_config.name";
    let Some(mut draft) = kit::draft(thing, ORIGIN, name, FROM, &["created_time"]) else { return };
    kit::fill(&mut draft, [("status", word("Deployed"))]);
    sketch.state(draft);
}

fn vpc_link<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[("status", ""), ("version", "")];
    let Some(mut draft) = kit::draft(thing, LINK, "name", FROM, &["created_date"]) else { return };
    kit::fill(&mut draft, [("status", word("AVAILABLE")), ("version", word("V2"))]);
    // The model knows no ARN of links.
    draft.arn = None;
    if thing.fresh {
        for subnet in items(&thing.at("subnet_ids")).unwrap_or_default() {
            if let Some(id) = subnet.as_str() {
                link_interface(thing, kit::below(&thing.id, id), subnet.clone(), sketch);
            }
        }
    }
    sketch.state(draft);
}

fn link_interface<'a>(thing: &Thing<'a>, id: String, subnet: Tree<'a>, sketch: &mut Sketch<'a>) {
    let mut fields = map([
        ("owner_id", account(thing)),
        ("subnet_id", subnet),
        ("interface_type", word("api_gateway_managed")),
        ("description", Tree::Null),
        ("status", word("in-use")),
        ("requester_managed", Tree::Bool(true)),
        ("source_dest_check", Tree::Bool(true)),
        ("security_group_ids", thing.at("security_group_ids").into_owned()),
    ]);
    kit::bare_interface(&mut fields, &Tree::Null, Tree::Null);
    let draft = kit::implied(thing, "aws.ec2.network_interface", id, fields);
    if let Some(draft) = draft {
        sketch.state(draft);
    }
}

fn lattice_service<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("status", ""),
        ("dns_name", "dns_entry.domain_name"),
        ("listeners", ""),
        ("target_groups", ""),
        ("service_network_associations", ""),
    ];
    let Some(mut draft) = kit::draft(thing, SERVICE, "name", FROM, &[]) else { return };
    kit::fill(&mut draft, [("status", word("ACTIVE"))]);
    if thing.fresh {
        kit::fill(&mut draft, [("auth_type", word("NONE"))]);
        for list in ["listeners", "target_groups", "service_network_associations"] {
            kit::set(&mut draft, list, Tree::List(Vec::new()));
        }
    }
    sketch.state(draft);
}

/// The service that an identifier or ARN means.
fn service_of(thing: &Thing<'_>) -> Whole {
    for path in ["service_identifier", "service_arn"] {
        if !is_silent(&thing.at(path)) {
            return thing.whole(path);
        }
    }
    thing.whole("service_identifier")
}

fn lattice_listener<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let id = kit::or(&thing.at("listener_id"), own(&*thing.id));
    let port = match thing.at("protocol").as_str() {
        Some("HTTP") => Tree::Int(80),
        Some("HTTPS" | "TLS_PASSTHROUGH") => Tree::Int(443),
        _ => later(),
    };
    let value = map([
        ("listener_id", id),
        ("protocol", thing.at("protocol").into_owned()),
        ("port", kit::or(&thing.at("port"), port)),
    ]);
    kit::element(thing, sketch, (SERVICE, service_of(thing), "listeners"), value);
    lattice_groups(thing, sketch, &thing.at("default_action.forward"));
}

fn lattice_rule<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    lattice_groups(thing, sketch, &thing.at("action.forward"));
}

/// The target groups that a rule leads to; what they hold is stated by things of their own.
fn lattice_groups<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, forwards: &Tree<'a>) {
    let forwards = match forwards {
        silent if is_silent(silent) => return,
        forwards => items(forwards).unwrap_or_else(|cause| vec![Tree::Unknown(cause)]),
    };
    for forward in &forwards {
        let groups = match &*forward.member("target_groups") {
            silent if is_silent(silent) => Vec::new(),
            groups => items(groups).unwrap_or_else(|cause| vec![Tree::Unknown(cause)]),
        };
        for group in &groups {
            let value = map([
                ("target_group_id", group.member("target_group_identifier").into_owned()),
                ("target_type", later()),
                ("protocol", later()),
                ("port", later()),
                ("vpc_id", later()),
                ("targets", later()),
            ]);
            kit::element(thing, sketch, (SERVICE, service_of(thing), "target_groups"), value);
        }
    }
}

fn lattice_association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let network = thing.at("service_network_identifier").into_owned();
    let value = map([
        ("service_network_id", network),
        ("service_network_arn", later()),
        ("status", word("ACTIVE")),
        ("vpc_associations", later()),
    ]);
    let at = (SERVICE, service_of(thing), "service_network_associations");
    kit::element(thing, sketch, at, value);
}
