//! Target groups and what is registered in them.

use super::Table;
use super::kit::{self, PART, is_open, is_silent, items, later, map, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::attr::CauseKind;
use crate::model::change::{Draft, Sketch};

const GROUP: &str = "aws.elbv2.target_group";
const HANDLE: Handle = Handle {
    id: &["arn", "id"],
    arn: "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{id}",
    made: &[],
};

pub(super) const TABLE: Table = &[
    ("aws_lb_target_group", HANDLE, target_group),
    ("aws_alb_target_group", HANDLE, target_group),
    ("aws_lb_target_group_attachment", PART, attachment),
    ("aws_alb_target_group_attachment", PART, attachment),
    ("aws_autoscaling_attachment", PART, scaled),
    ("aws_autoscaling_traffic_source_attachment", PART, scaled_source),
    ("aws_autoscaling_group", PART, scaling_group),
];

fn target_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("load_balancer_arns", ""),
        ("targets", ""),
        ("target_ids", ""),
        ("attributes", ""),
        ("health_check_enabled", "health_check.enabled"),
        ("health_check_protocol", "health_check.protocol"),
        ("health_check_port", "health_check.port"),
        ("health_check_path", "health_check.path"),
        ("health_check_interval_seconds", "health_check.interval"),
        ("health_check_timeout_seconds", "health_check.timeout"),
        ("healthy_threshold_count", "health_check.healthy_threshold"),
        ("unhealthy_threshold_count", "health_check.unhealthy_threshold"),
        ("matcher", "health_check.matcher"),
        ("preserve_client_ip_enabled", "preserve_client_ip"),
        ("proxy_protocol_v2_enabled", "proxy_protocol_v2"),
        ("cross_zone_enabled", "load_balancing_cross_zone_enabled"),
        ("deregistration_delay_timeout_seconds", "deregistration_delay"),
        ("stickiness_enabled", "stickiness.enabled"),
    ];
    let Some(mut draft) = kit::draft(thing, GROUP, "name", FROM, &["attributes"]) else { return };
    if thing.fresh {
        fresh(thing, &mut draft);
    }
    sketch.state(draft);
}

fn fresh<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    kit::fill(draft, [("target_type", word("instance"))]);
    let lambda = draft.fields.member("target_type").as_str() == Some("lambda");
    if lambda {
        for absent in ["protocol", "protocol_version", "port", "vpc_id"] {
            if is_silent(&draft.fields.member(absent)) {
                kit::set(draft, absent, Tree::Null);
            }
        }
    }
    let protocol = draft.fields.member("protocol").into_owned();
    let http = matches!(protocol.as_str(), Some("HTTP" | "HTTPS"));
    if is_silent(&thing.at("protocol_version")) {
        let version = if http { word("HTTP1") } else { Tree::Null };
        kit::set(draft, "protocol_version", version);
    }
    kit::fill(draft, [("deregistration_delay_timeout_seconds", Tree::Int(300))]);
    kit::fill(draft, [("cross_zone_enabled", word("use_load_balancer_configuration"))]);
    if is_silent(&thing.at("ip_address_type")) {
        kit::set(draft, "ip_address_type", if lambda { Tree::Null } else { word("ipv4") });
    }
    let instances = draft.fields.member("target_type").as_str() == Some("instance");
    let network = !http && !lambda && !protocol.is_unknown();
    if !network {
        kit::set(draft, "preserve_client_ip_enabled", Tree::Null);
        kit::set(draft, "proxy_protocol_v2_enabled", Tree::Null);
    } else if is_silent(&thing.at("preserve_client_ip")) {
        // Source: `elasticloadbalancing:ModifyTargetGroupAttributes`.
        let always = matches!(protocol.as_str(), Some("UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC"));
        kit::set(draft, "preserve_client_ip_enabled", Tree::Bool(instances || always));
    }
    if is_silent(&thing.at("stickiness")) {
        kit::set(draft, "stickiness_enabled", Tree::Bool(false));
    }
    if is_silent(&thing.at("health_check")) {
        let on = if lambda { Tree::Bool(false) } else { Tree::Bool(true) };
        kit::set(draft, "health_check_enabled", on);
        kit::set(draft, "health_check_port", word("traffic-port"));
        for open in [
            "health_check_path",
            "health_check_interval_seconds",
            "health_check_timeout_seconds",
            "healthy_threshold_count",
            "unhealthy_threshold_count",
            "matcher",
        ] {
            kit::set(draft, open, later());
        }
        // Balancers of requests try with requests, others with connections.
        let tried = if http { word("HTTP") } else { word("TCP") };
        kit::set(
            draft,
            "health_check_protocol",
            if protocol.is_unknown() { later() } else { tried },
        );
    }
    // Listeners, rules and attachments tell of these.
    for list in ["load_balancer_arns", "targets", "target_ids"] {
        kit::set(draft, list, Tree::List(Vec::new()));
    }
}

fn attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let target = thing.at("target_id").into_owned();
    let zone = thing.at("availability_zone");
    // Without a port of its own a target has that of its group.
    let value = map([
        ("target_id", target.clone()),
        ("port", kit::or(&thing.at("port"), later())),
        ("availability_zone", kit::stated(&zone)),
        ("state", later()),
        ("reason", later()),
        ("health_check_port", later()),
    ]);
    let at = |field| (GROUP, thing.whole("target_group_arn"), field);
    kit::element(thing, sketch, at("targets"), value);
    kit::element(thing, sketch, at("target_ids"), target);
}

/// The instances of a group that scales join a target group, nobody knows which.
fn scaled<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    for path in ["lb_target_group_arn", "alb_target_group_arn"] {
        joins(thing, sketch, &thing.at(path), GROUP);
    }
    joins(thing, sketch, &thing.at("elb"), super::classic::CLASSIC);
}

fn scaled_source<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let id = thing.at("traffic_source.identifier");
    match thing.at("traffic_source.type").as_str() {
        Some("elbv2") => joins(thing, sketch, &id, GROUP),
        Some("elb") => joins(thing, sketch, &id, super::classic::CLASSIC),
        _ => {}
    }
}

fn scaling_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    for (path, kind) in [("target_group_arns", GROUP), ("load_balancers", super::classic::CLASSIC)]
    {
        let list = thing.at(path);
        if is_open(&list) {
            continue;
        }
        match items(&list) {
            Ok(names) => {
                for name in &names {
                    joins(thing, sketch, name, kind);
                }
            }
            Err(cause) => joins(thing, sketch, &Tree::Unknown(cause), kind),
        }
    }
}

fn joins<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, name: &Tree<'a>, kind: &'static str) {
    if is_silent(name) {
        return;
    }
    let words = format!("the instances of {}", thing.address);
    let unknown = || Tree::unknown(CauseKind::KnownAfterApply, words.clone());
    let fields: &[&str] =
        if kind == GROUP { &["targets", "target_ids"] } else { &["instance_ids"] };
    for field in fields {
        kit::element(thing, sketch, (kind, kit::whole_of(name), field), unknown());
    }
}
