//! Load balancers of both generations, and certificates.

use super::restate::{each, items, keyed, map, moved, one, open};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

pub(super) const TABLE: &[Entry] = &[
    entry("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws.elbv2.load_balancer", "aws_lb")
        .by_arn(
            &["Name"],
            "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}{made}",
        )
        .atts(&[
            ("LoadBalancerArn", Is::Arn),
            ("DNSName", Is::Later),
            ("LoadBalancerName", Is::Property("Name")),
        ])
        .from(&[("load_balancer_type", "type")])
        .open(&[
            "security_groups",
            "subnets",
            "subnet_mapping",
            "ip_address_type",
            "dns_name",
            "vpc_id",
            "zone_id",
            "arn_suffix",
        ])
        .more(balancer),
    entry("AWS::ElasticLoadBalancingV2::Listener", "aws.elbv2.listener", "aws_lb_listener")
        .by_arn(&[], "arn:{partition}:elasticloadbalancing:{region}:{account}:listener/{id}")
        .atts(&[("ListenerArn", Is::Arn)])
        .open(&["ssl_policy"])
        .more(listener),
    entry("AWS::ElasticLoadBalancingV2::ListenerCertificate", "", "aws_lb_listener_certificate")
        .more(listener_certificates),
    entry(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "aws.elbv2.listener_rule",
        "aws_lb_listener_rule",
    )
    .by_arn(&[], "arn:{partition}:elasticloadbalancing:{region}:{account}:listener-rule/{id}")
    .atts(&[("RuleArn", Is::Arn)])
    .more(rule),
    entry(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "aws.elbv2.target_group",
        "aws_lb_target_group",
    )
    .by_arn(
        &["Name"],
        "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{id}{made}",
    )
    .atts(&[("TargetGroupArn", Is::Arn), ("TargetGroupName", Is::Property("Name"))])
    .more(target_group),
    entry("AWS::ElasticLoadBalancing::LoadBalancer", "aws.elb.load_balancer", "aws_elb")
        .named(&["LoadBalancerName"])
        .arn("arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}")
        .open(&[
            "security_groups",
            "instances",
            "dns_name",
            "availability_zones",
            "subnets",
            "source_security_group",
        ])
        .more(classic),
    entry("AWS::CertificateManager::Certificate", "aws.acm.certificate", "aws_acm_certificate")
        .by_arn(&[], "arn:{partition}:acm:{region}:{account}:certificate/{id}")
        .from(&[("certificate_authority_arn", "certificate_authority_arn")])
        .open(&["status", "not_after", "not_before", "domain_validation_options", "key_algorithm"]),
];

/// Attributes of balancers by the keys under which the API has them.
const ATTRIBUTES: [(&str, &str); 12] = [
    ("deletion_protection.enabled", "enable_deletion_protection"),
    ("idle_timeout.timeout_seconds", "idle_timeout"),
    ("routing.http.drop_invalid_header_fields.enabled", "drop_invalid_header_fields"),
    ("routing.http2.enabled", "enable_http2"),
    ("routing.http.desync_mitigation_mode", "desync_mitigation_mode"),
    ("routing.http.preserve_host_header.enabled", "preserve_host_header"),
    ("routing.http.xff_header_processing.mode", "xff_header_processing_mode"),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "enable_tls_version_and_cipher_suite_headers",
    ),
    ("waf.fail_open.enabled", "enable_waf_fail_open"),
    ("load_balancing.cross_zone.enabled", "enable_cross_zone_load_balancing"),
    ("client_keep_alive.seconds", "client_keep_alive"),
    ("zonal_shift.config.enabled", "enable_zonal_shift"),
];

fn balancer(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let internal = match &*values.member("scheme") {
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        scheme => Tree::Bool(scheme.as_str() == Some("internal")),
    };
    values.set("internal", internal);
    if values.member("load_balancer_type").is_null() {
        values.set("load_balancer_type", Tree::text("application"));
    }
    let list = values.member("load_balancer_attributes").into_owned();
    for (key, name) in ATTRIBUTES {
        let value = keyed(&list, key);
        if !value.is_null() {
            values.set(name, value);
        }
    }
    for (block, prefix) in
        [("access_logs", "access_logs.s3"), ("connection_logs", "connection_logs.s3")]
    {
        let of = |name: &str| keyed(&list, &format!("{prefix}.{name}"));
        let logs =
            map([("enabled", of("enabled")), ("bucket", of("bucket")), ("prefix", of("prefix"))]);
        if logs.entries().iter().any(|(_, value)| !value.is_null()) {
            values.set(block, one(logs));
        }
    }
    let mappings = values.member("subnet_mappings").into_owned();
    if !mappings.is_null() {
        values.set("subnet_mapping", mappings);
    }
    vec![("aws_lb", values)]
}

/// Actions in blocks as the provider has them.
fn action(action: &Tree<'static>) -> Tree<'static> {
    let mut out = action.clone();
    for (config, block) in [
        ("redirect_config", "redirect"),
        ("fixed_response_config", "fixed_response"),
        ("authenticate_oidc_config", "authenticate_oidc"),
        ("authenticate_cognito_config", "authenticate_cognito"),
        ("jwt_validation_config", "jwt_validation"),
    ] {
        let value = one(out.member(config).into_owned());
        if !value.is_null() {
            out.set(block, value);
        }
    }
    let forward = out.member("forward_config").into_owned();
    if !forward.is_null() {
        let mut forward = forward;
        let groups = each(&forward.member("target_groups"), |group| {
            map([
                ("arn", group.member("target_group_arn").into_owned()),
                ("weight", group.member("weight").into_owned()),
            ])
        });
        if !forward.is_unknown() {
            forward.set("target_group", groups);
            let stickiness = forward.member("target_group_stickiness_config").into_owned();
            let stickiness = if stickiness.is_null() {
                Tree::Null
            } else {
                one(map([
                    ("enabled", stickiness.member("enabled").into_owned()),
                    ("duration", stickiness.member("duration_seconds").into_owned()),
                ]))
            };
            forward.set("stickiness", stickiness);
        }
        out.set("forward", one(forward));
    }
    out
}

fn listener(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let actions = each(&values.member("default_actions"), action);
    values.set("default_action", actions);
    let certificates = values.member("certificates").into_owned();
    let first = match &certificates {
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        list => list
            .items()
            .first()
            .map(|one| one.member("certificate_arn").into_owned())
            .unwrap_or_default(),
    };
    if !first.is_null() {
        values.set("certificate_arn", first);
    }
    let policy = values.member("alpn_policy").into_owned();
    if let Tree::List(list) = policy {
        values.set("alpn_policy", list.into_iter().next().unwrap_or_default());
    }
    let mutual = one(values.member("mutual_authentication").into_owned());
    if !mutual.is_null() {
        values.set("mutual_authentication", mutual);
    }
    // A policy is for listeners with TLS; the others have none.
    if matches!(
        values.member("protocol").as_str(),
        Some("HTTP" | "TCP" | "UDP" | "TCP_UDP" | "GENEVE")
    ) || values.member("protocol").is_null()
    {
        values.set("ssl_policy", Tree::Null);
    }
    vec![("aws_lb_listener", values)]
}

fn listener_certificates(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let listener = values.member("listener_arn").into_owned();
    let of = |one: Tree<'static>| {
        let arn = one.member("certificate_arn").into_owned();
        (
            "aws_lb_listener_certificate",
            map([("listener_arn", listener.clone()), ("certificate_arn", arn)]),
        )
    };
    items(&values.member("certificates")).into_iter().map(of).collect()
}

/// Conditions by their field.
fn condition(condition: &Tree<'static>) -> Tree<'static> {
    let field = condition.member("field").into_owned();
    let Some(field) = field.as_str() else {
        return crate::collect::predicted::shape::first_cause(&field)
            .map_or(Tree::Null, Tree::Unknown);
    };
    let block = field.replace('-', "_");
    let config = condition.member(&format!("{block}_config")).into_owned();
    let mut config = if config.is_null() {
        map([("values", condition.member("values").into_owned())])
    } else {
        config
    };
    if block == "query_string" {
        config = config.member("values").into_owned();
    } else {
        config = one(config);
    }
    Tree::Map(vec![(block.into(), config)])
}

fn rule(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let actions = each(&values.member("actions"), action);
    values.set("action", actions);
    let conditions = each(&values.member("conditions"), condition);
    values.set("condition", conditions);
    vec![("aws_lb_listener_rule", values)]
}

fn target_group(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    if values.member("target_type").is_null() {
        values.set("target_type", Tree::text("instance"));
    }
    let check = [
        ("health_check_enabled", "enabled"),
        ("healthy_threshold_count", "healthy_threshold"),
        ("health_check_interval_seconds", "interval"),
        ("health_check_path", "path"),
        ("health_check_port", "port"),
        ("health_check_protocol", "protocol"),
        ("health_check_timeout_seconds", "timeout"),
        ("unhealthy_threshold_count", "unhealthy_threshold"),
    ];
    let mut block = Tree::Map(Vec::new());
    for (from, to) in check {
        let value = values.member(from).into_owned();
        block.set(to, if value.is_null() { open() } else { value });
    }
    let matcher = values.at("matcher.http_code").into_owned();
    let matcher =
        if matcher.is_null() { values.at("matcher.grpc_code").into_owned() } else { matcher };
    block.set("matcher", if matcher.is_null() { open() } else { matcher });
    values.set("health_check", one(block));
    let list = values.member("target_group_attributes").into_owned();
    for (key, name) in [
        ("deregistration_delay.timeout_seconds", "deregistration_delay"),
        ("preserve_client_ip.enabled", "preserve_client_ip"),
        ("proxy_protocol_v2.enabled", "proxy_protocol_v2"),
        ("load_balancing.cross_zone.enabled", "load_balancing_cross_zone_enabled"),
    ] {
        let value = keyed(&list, key);
        if !value.is_null() {
            values.set(name, value);
        }
    }
    let sticky = keyed(&list, "stickiness.enabled");
    if !sticky.is_null() {
        values.set("stickiness", one(map([("enabled", sticky)])));
    }
    let arn = thing.arn.clone().unwrap_or_default().into_owned();
    let targets = items(&values.member("targets"));
    let mut out = vec![("aws_lb_target_group", values)];
    for target in targets {
        let attachment = map([
            ("target_group_arn", Tree::text(arn.clone())),
            ("target_id", target.member("id").into_owned()),
            ("port", target.member("port").into_owned()),
            ("availability_zone", target.member("availability_zone").into_owned()),
        ]);
        out.push(("aws_lb_target_group_attachment", attachment));
    }
    out
}

fn classic(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    moved(&mut values, "load_balancer_name", "name");
    let internal = match &*values.member("scheme") {
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        scheme => Tree::Bool(scheme.as_str() == Some("internal")),
    };
    values.set("internal", internal);
    let listeners = each(&values.member("listeners"), |one| {
        let mut out = one.clone();
        moved(&mut out, "load_balancer_port", "lb_port");
        moved(&mut out, "protocol", "lb_protocol");
        // Where nothing is said of the way to instances, it is that to the balancer.
        if out.member("instance_protocol").is_null() {
            moved(&mut out, "protocol", "instance_protocol");
        }
        out
    });
    values.set("listener", listeners);
    for (path, name) in [
        ("cross_zone", "cross_zone_load_balancing"),
        ("connection_draining_policy.enabled", "connection_draining"),
        ("connection_draining_policy.timeout", "connection_draining_timeout"),
        ("connection_settings.idle_timeout", "idle_timeout"),
    ] {
        moved(&mut values, path, name);
    }
    // Terraform has cross-zone balancing on by itself; the API has not.
    if values.member("cross_zone_load_balancing").is_null() {
        values.set("cross_zone_load_balancing", Tree::Bool(false));
    }
    let logs = values.member("access_logging_policy").into_owned();
    if !logs.is_null() {
        let of = |name: &str| logs.member(name).into_owned();
        let block = map([
            ("enabled", of("enabled")),
            ("bucket", of("s3_bucket_name")),
            ("bucket_prefix", of("s3_bucket_prefix")),
            ("interval", of("emit_interval")),
        ]);
        values.set("access_logs", one(block));
    }
    let check = one(values.member("health_check").into_owned());
    values.set("health_check", if check.is_null() { open() } else { check });
    vec![("aws_elb", values)]
}
