//! Classic Load Balancers.

use super::Table;
use super::balancer::{interface, plain};
use super::instance::public_address;
use super::kit::{self, PART, is_open, is_silent, items, later, map, own, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch};

pub(super) const CLASSIC: &str = "aws.elb.load_balancer";

pub(super) const TABLE: Table = &[
    (
        "aws_elb",
        Handle {
            id: &["name", "id"],
            arn: "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{name}",
            made: &[],
        },
        classic,
    ),
    ("aws_elb_attachment", PART, attachment),
    ("aws_load_balancer_policy", PART, policy),
    ("aws_lb_ssl_negotiation_policy", PART, ssl_policy),
    ("aws_load_balancer_backend_server_policy", PART, backend_policy),
    ("aws_load_balancer_listener_policy", PART, listener_policy),
    ("aws_app_cookie_stickiness_policy", PART, app_cookie),
    ("aws_lb_cookie_stickiness_policy", PART, lb_cookie),
    ("aws_proxy_protocol_policy", PART, proxy_protocol),
];

fn classic<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("scheme", ""),
        ("subnet_ids", "subnets"),
        ("security_group_ids", "security_groups"),
        ("instance_ids", "instances"),
        ("listeners", ""),
        ("policies", ""),
        ("backend_server_descriptions", ""),
        ("cross_zone_load_balancing_enabled", "cross_zone_load_balancing"),
        ("access_log_enabled", ""),
        ("access_log_s3_bucket_name", "access_logs.bucket"),
        ("access_log_s3_bucket_prefix", "access_logs.bucket_prefix"),
        ("access_log_emit_interval", "access_logs.interval"),
        ("connection_draining_enabled", "connection_draining"),
        ("additional_attributes", ""),
    ];
    let after = ["created_time", "vpc_id"];
    let Some(mut draft) = kit::draft(thing, CLASSIC, "name", FROM, &after) else { return };
    let internal = match &*thing.at("internal") {
        open if is_open(open) || open.is_null() => Tree::Bool(false),
        internal => internal.clone(),
    };
    kit::set(&mut draft, "scheme", kit::words(&internal, "internal", "internet-facing"));
    let listeners = match items(&thing.at("listener")) {
        Ok(blocks) => Tree::List(blocks.iter().map(listener).collect()),
        Err(cause) => Tree::Unknown(cause),
    };
    kit::set(&mut draft, "listeners", listeners);
    let logs = thing.at("access_logs");
    let logged = match &*logs {
        Tree::Unknown(cause) if !is_open(&logs) => Tree::Unknown(cause.clone()),
        silent if is_silent(silent) => Tree::Bool(false),
        logs => kit::or(&logs.member("enabled"), Tree::Bool(true)),
    };
    kit::set(&mut draft, "access_log_enabled", logged);
    if thing.fresh {
        fresh(thing, &internal, &mut draft, sketch);
    }
    sketch.state(draft);
}

fn fresh<'a>(
    thing: &Thing<'a>,
    internal: &Tree<'a>,
    draft: &mut Draft<'a>,
    sketch: &mut Sketch<'a>,
) {
    kit::fill(
        draft,
        [
            ("cross_zone_load_balancing_enabled", Tree::Bool(true)),
            ("connection_draining_enabled", Tree::Bool(false)),
            ("idle_timeout", Tree::Int(60)),
            ("desync_mitigation_mode", word("defensive")),
        ],
    );
    if is_open(&thing.at("instances")) {
        kit::set(draft, "instance_ids", Tree::List(Vec::new()));
    }
    // Policies and what names them come as parts.
    kit::set(draft, "policies", Tree::List(Vec::new()));
    kit::set(draft, "backend_server_descriptions", Tree::List(Vec::new()));
    kit::set(draft, "additional_attributes", Tree::Map(Vec::new()));
    let key = draft.name.clone().unwrap_or_else(|| draft.id.clone());
    let groups = draft.fields.member("security_group_ids").into_owned();
    let public = match internal.as_bool() {
        Some(true) => Tree::Null,
        Some(false) => public_address(later(), word("amazon-elb"), Tree::Null),
        None => later(),
    };
    let subnets = thing.at("subnets");
    for subnet in items(&subnets).unwrap_or_default() {
        if subnet.as_str().is_some() {
            let whose = (key.as_str(), &word("interface"));
            interface(thing, &subnet, whose, groups.clone(), public.clone(), sketch);
        }
    }
}

fn listener<'a>(block: &Tree<'a>) -> Tree<'a> {
    if let Tree::Unknown(cause) = block {
        return Tree::Unknown(cause.clone());
    }
    let protocol = |name: &str| match &*block.member(name) {
        Tree::Text(text) => own(text.to_ascii_uppercase()),
        other => other.clone(),
    };
    let front = protocol("lb_protocol");
    // Listeners with TLS have a policy, AWS' default one where none is attached; that is told elsewhere.
    let names = match front.as_str() {
        Some("HTTP" | "TCP") => Tree::List(Vec::new()),
        _ => later(),
    };
    map([
        ("protocol", front),
        ("load_balancer_port", block.member("lb_port").into_owned()),
        ("instance_protocol", protocol("instance_protocol")),
        ("instance_port", block.member("instance_port").into_owned()),
        ("ssl_certificate_id", kit::stated(&block.member("ssl_certificate_id"))),
        ("policy_names", names),
    ])
}

fn attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let instance = thing.at("instance").into_owned();
    kit::element(thing, sketch, (CLASSIC, thing.whole("elb"), "instance_ids"), instance);
}

fn policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let kind = thing.at("policy_type_name").into_owned();
    let name = thing.at("policy_name").into_owned();
    stated(thing, sketch, "load_balancer_name", name, kind, &thing.at("policy_attribute"));
}

fn ssl_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let name = thing.at("name").into_owned();
    let kind = word("SSLNegotiationPolicyType");
    stated(thing, sketch, "load_balancer", name, kind, &thing.at("attribute"));
}

fn app_cookie<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let name = thing.at("name").into_owned();
    let kind = word("AppCookieStickinessPolicyType");
    stated(thing, sketch, "load_balancer", name, kind, &Tree::Null);
}

fn lb_cookie<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let name = thing.at("name").into_owned();
    stated(thing, sketch, "load_balancer", name, word("LBCookieStickinessPolicyType"), &Tree::Null);
}

/// The provider names it after what it does.
fn proxy_protocol<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let name = word("TFEnableProxyProtocol");
    let attribute =
        Tree::List(vec![map([("name", word("ProxyProtocol")), ("value", word("True"))])]);
    stated(thing, sketch, "load_balancer", name, word("ProxyProtocolPolicyType"), &attribute);
}

fn stated<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    balancer: &str,
    name: Tree<'a>,
    kind: Tree<'a>,
    attributes: &Tree<'a>,
) {
    let mut reference = Tree::Null;
    let attributes = match items(attributes) {
        Ok(list) => {
            let mut out = Tree::Map(Vec::new());
            for attribute in &list {
                let value = attribute.member("value").into_owned();
                match &*attribute.member("name") {
                    Tree::Text(name) if name == "Reference-Security-Policy" => {
                        reference = value.clone();
                        out.set(name.clone(), value);
                    }
                    // Keys of back ends are long, and nobody asks for them.
                    Tree::Text(name) if name == "PublicKey" => {}
                    Tree::Text(name) => out.set(name.clone(), plain(&value)),
                    _ => {}
                }
            }
            out
        }
        Err(cause) => Tree::Unknown(cause),
    };
    let value = map([
        ("policy_name", name),
        ("policy_type_name", kind),
        ("reference_security_policy", reference),
        ("attributes", attributes),
    ]);
    kit::element(thing, sketch, (CLASSIC, thing.whole(balancer), "policies"), value);
}

fn backend_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let value = map([
        ("instance_port", thing.at("instance_port").into_owned()),
        ("policy_names", kit::or(&thing.at("policy_names"), Tree::List(Vec::new()))),
    ]);
    let balancer = thing.whole("load_balancer_name");
    kit::element(thing, sketch, (CLASSIC, balancer, "backend_server_descriptions"), value);
}

/// Which policies a listener has stands within one element of a list: it stays unknown there, see [`listener`].
fn listener_policy(_: &Thing<'_>, _: &mut Sketch<'_>) {}
