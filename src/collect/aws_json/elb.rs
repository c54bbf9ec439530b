//! Answers of Elastic Load Balancing, both generations.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::{Scene, text_map};
use super::store::{Place, Spec, Store, Tags, no_fix, tags_of};
use crate::collect::normal;
use crate::model::coverage::Completeness;
use crate::model::{elb, elbv2};

const LB: &str = "aws.elbv2.load_balancer";
const LISTENER: &str = "aws.elbv2.listener";
const RULE: &str = "aws.elbv2.listener_rule";
const GROUP: &str = "aws.elbv2.target_group";
const CLASSIC: &str = "aws.elb.load_balancer";

pub(super) const FORMS: &[Form] = &[
    Form::list("LoadBalancers", "elasticloadbalancing:DescribeLoadBalancers", &LOAD_BALANCER)
        .has(&["LoadBalancerArn"]),
    Form::list("Listeners", "elasticloadbalancing:DescribeListeners", &LISTENERS)
        .has(&["ListenerArn"]),
    Form::answer("Rules", "elasticloadbalancing:DescribeRules", &[RULE], rules).has(&["RuleArn"]),
    Form::list("TargetGroups", "elasticloadbalancing:DescribeTargetGroups", &TARGET_GROUP)
        .has(&["TargetGroupArn"]),
    Form::later(
        "TargetHealthDescriptions",
        "elasticloadbalancing:DescribeTargetHealth",
        target_health,
    ),
    // Load balancers, target groups and listeners answer alike; what it is about tells them apart.
    Form::later("Attributes", "elasticloadbalancing:DescribeLoadBalancerAttributes", attributes)
        .has(&["Key"]),
    Form::later("Certificates", "elasticloadbalancing:DescribeListenerCertificates", certificates)
        .has(&["CertificateArn"]),
    Form::answer(
        "SslPolicies",
        "elasticloadbalancing:DescribeSSLPolicies",
        &["aws.elbv2.ssl_policy"],
        ssl_policies,
    ),
    Form::later("TagDescriptions", "elasticloadbalancing:DescribeTags", tags),
    Form::answer(
        "LoadBalancerDescriptions",
        "elasticloadbalancing:DescribeLoadBalancers",
        &[CLASSIC],
        classic,
    ),
    Form::later(
        "LoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        classic_attributes,
    )
    .has(&["CrossZoneLoadBalancing", "AccessLog", "ConnectionDraining", "ConnectionSettings"]),
    Form::later(
        "PolicyDescriptions",
        "elasticloadbalancing:DescribeLoadBalancerPolicies",
        classic_policies,
    )
    .has(&["PolicyTypeName"]),
    // Lists of such answers that have no answer in them.
    Form::wrapper("LoadBalancerListeners"),
    Form::wrapper("LoadBalancerTargetHealth"),
    Form::wrapper("LoadBalancerAttributes"),
];

const TAGS: Tags = Tags::Apart("elasticloadbalancing:DescribeTags");
const LB_ATTRIBUTES: &str = "elasticloadbalancing:DescribeLoadBalancerAttributes";
const GROUP_ATTRIBUTES: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";

static LOAD_BALANCER: Spec = Spec {
    kind: LB,
    id: "LoadBalancerArn",
    arn: "LoadBalancerArn",
    name: "LoadBalancerName",
    tags: TAGS,
    from: &[
        ("load_balancer_type", "Type"),
        ("state", "State.Code"),
        ("subnet_ids", "AvailabilityZones[].SubnetId"),
        ("security_group_ids", "SecurityGroups"),
        ("availability_zones.addresses", "LoadBalancerAddresses"),
        ("availability_zones.addresses.ipv6_address", "IPv6Address"),
    ],
    apart: &[
        ("deletion_protection_enabled", LB_ATTRIBUTES),
        ("access_logs_enabled", LB_ATTRIBUTES),
        ("access_logs_bucket", LB_ATTRIBUTES),
        ("access_logs_prefix", LB_ATTRIBUTES),
        ("connection_logs_enabled", LB_ATTRIBUTES),
        ("connection_logs_bucket", LB_ATTRIBUTES),
        ("cross_zone_enabled", LB_ATTRIBUTES),
        ("idle_timeout_seconds", LB_ATTRIBUTES),
        ("desync_mitigation_mode", LB_ATTRIBUTES),
        ("drop_invalid_header_fields_enabled", LB_ATTRIBUTES),
        ("http2_enabled", LB_ATTRIBUTES),
        ("preserve_host_header_enabled", LB_ATTRIBUTES),
        ("xff_header_processing_mode", LB_ATTRIBUTES),
        ("tls_version_and_cipher_suite_headers_enabled", LB_ATTRIBUTES),
        ("waf_fail_open_enabled", LB_ATTRIBUTES),
        ("attributes", LB_ATTRIBUTES),
    ],
    fix: no_fix,
};

static LISTENERS: Spec = Spec {
    kind: LISTENER,
    id: "ListenerArn",
    arn: "ListenerArn",
    name: "",
    tags: TAGS,
    from: &[
        ("certificate_arns", "=made by hand"),
        ("target_group_arns", "=made by hand"),
        ("default_actions", "=made by hand"),
        ("mutual_authentication_mode", "MutualAuthentication.Mode"),
        ("trust_store_arn", "MutualAuthentication.TrustStoreArn"),
        ("ignore_client_certificate_expiry", "MutualAuthentication.IgnoreClientCertificateExpiry"),
    ],
    apart: &[
        ("certificates", "elasticloadbalancing:DescribeListenerCertificates"),
        ("certificate_arns", "elasticloadbalancing:DescribeListenerCertificates"),
        ("attributes", "elasticloadbalancing:DescribeListenerAttributes"),
    ],
    fix: listener,
};

static RULES: Spec = Spec {
    kind: RULE,
    id: "RuleArn",
    arn: "RuleArn",
    name: "",
    tags: TAGS,
    from: &[
        ("listener_arn", "=made by hand"),
        ("actions", "=made by hand"),
        ("target_group_arns", "=made by hand"),
        ("conditions.http_header_name", "HttpHeaderConfig.HttpHeaderName"),
        ("conditions.values", "=made by hand"),
        ("conditions.regex_values", "=made by hand"),
        ("conditions.source_ips", "SourceIpConfig.Values"),
    ],
    apart: &[],
    fix: rule,
};

static TARGET_GROUP: Spec = Spec {
    kind: GROUP,
    id: "TargetGroupArn",
    arn: "TargetGroupArn",
    name: "TargetGroupName",
    tags: TAGS,
    from: &[("matcher", "Matcher.HttpCode|Matcher.GrpcCode")],
    apart: &[
        ("targets", "elasticloadbalancing:DescribeTargetHealth"),
        ("target_ids", "elasticloadbalancing:DescribeTargetHealth"),
        ("preserve_client_ip_enabled", GROUP_ATTRIBUTES),
        ("proxy_protocol_v2_enabled", GROUP_ATTRIBUTES),
        ("cross_zone_enabled", GROUP_ATTRIBUTES),
        ("deregistration_delay_timeout_seconds", GROUP_ATTRIBUTES),
        ("stickiness_enabled", GROUP_ATTRIBUTES),
        ("attributes", GROUP_ATTRIBUTES),
    ],
    fix: no_fix,
};

/// Actions of listeners and rules. Client secrets stay where they are.
fn actions(items: &[Value]) -> Vec<elbv2::Action> {
    items
        .iter()
        .map(|item| {
            let forward = item.get("ForwardConfig");
            let tuples = forward.map(|f| list(f, "TargetGroups")).unwrap_or_default();
            let mut arns: Vec<String> = tuples.iter().filter_map(|t| text(t, "TargetGroupArn")).collect();
            if arns.is_empty() {
                arns.extend(text(item, "TargetGroupArn"));
            }
            let weights: BTreeMap<String, i64> = tuples
                .iter()
                .filter_map(|t| Some((text(t, "TargetGroupArn")?, t.get("Weight")?.as_i64()?)))
                .collect();
            let flag = |path: &str| reshape::pick(item, path).and_then(|v| v.as_bool());
            elbv2::Action {
                kind: text(item, "Type").map_or_else(Default::default, Into::into),
                order: item.get("Order").and_then(Value::as_i64).into(),
                target_group_arns: arns.into(),
                target_group_weights: weights.into(),
                stickiness_enabled: flag("ForwardConfig.TargetGroupStickinessConfig.Enabled").into(),
                redirect_protocol: text(item, "RedirectConfig.Protocol").into(),
                redirect_port: text(item, "RedirectConfig.Port").into(),
                redirect_host: text(item, "RedirectConfig.Host").into(),
                redirect_path: text(item, "RedirectConfig.Path").into(),
                redirect_status_code: text(item, "RedirectConfig.StatusCode").into(),
                fixed_response_status_code: text(item, "FixedResponseConfig.StatusCode").into(),
                authentication_issuer: text(
                    item,
                    "AuthenticateOidcConfig.Issuer|AuthenticateCognitoConfig.UserPoolArn|JwtValidationConfig.Issuer",
                )
                .into(),
                on_unauthenticated_request: text(
                    item,
                    "AuthenticateOidcConfig.OnUnauthenticatedRequest|AuthenticateCognitoConfig.OnUnauthenticatedRequest",
                )
                .into(),
            }
        })
        .collect()
}

fn targets_of(actions: &[elbv2::Action]) -> Vec<String> {
    let mut all: Vec<String> =
        actions.iter().filter_map(|a| a.target_group_arns.known()).flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn listener(item: &Value, fields: &mut Map<String, Value>) {
    let actions = actions(list(item, "DefaultActions"));
    fields.insert("target_group_arns".to_owned(), json!(targets_of(&actions)));
    fields.insert("default_actions".to_owned(), json!(actions));
    // Only listeners with TLS have certificates, and only elasticloadbalancing:DescribeListenerCertificates lists all.
    let tls =
        matches!(text(item, "Protocol").as_deref(), Some("HTTPS" | "TLS" | "QUIC" | "TCP_QUIC"));
    if !tls && list(item, "Certificates").is_empty() {
        fields.insert("certificates".to_owned(), json!([]));
        fields.insert("certificate_arns".to_owned(), json!([]));
    }
}

fn rules(scene: &mut Scene<'_>, answer: &Value) {
    scene.put_all(&RULES, answer, "Rules");
}

fn rule(item: &Value, fields: &mut Map<String, Value>) {
    const CONFIGS: [&str; 4] =
        ["HostHeaderConfig", "PathPatternConfig", "HttpHeaderConfig", "HttpRequestMethodConfig"];
    let actions = actions(list(item, "Actions"));
    fields.insert("target_group_arns".to_owned(), json!(targets_of(&actions)));
    fields.insert("actions".to_owned(), json!(actions));
    if let Some(listener) = text(item, "RuleArn").and_then(|arn| listener_of(&arn)) {
        fields.insert("listener_arn".to_owned(), Value::String(listener));
    }
    let made = fields.get_mut("conditions").and_then(Value::as_array_mut);
    for (condition, source) in made.into_iter().flatten().zip(list(item, "Conditions")) {
        let Some(map) = condition.as_object_mut() else { continue };
        let from = |member: &str| -> Vec<String> {
            CONFIGS
                .iter()
                .filter_map(|config| source.get(config))
                .flat_map(|config| list(config, member))
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        };
        let mut values = from("Values");
        let pairs = source.get("QueryStringConfig").map(|c| list(c, "Values")).unwrap_or_default();
        values.extend(pairs.iter().map(|pair| match text(pair, "Key") {
            Some(key) => format!("{key}={}", text(pair, "Value").unwrap_or_default()),
            None => text(pair, "Value").unwrap_or_default(),
        }));
        if values.is_empty() {
            values = list(source, "Values")
                .iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect();
        }
        map.insert("values".to_owned(), json!(values));
        let mut regexes = from("RegexValues");
        regexes.extend(
            list(source, "RegexValues").iter().filter_map(|v| v.as_str().map(str::to_owned)),
        );
        regexes.dedup();
        map.insert("regex_values".to_owned(), json!(regexes));
    }
}

/// The listener of a rule: `…:listener-rule/app/web/1/2/3` belongs to `…:listener/app/web/1/2`.
fn listener_of(rule: &str) -> Option<String> {
    let (head, _) = rule.rsplit_once('/')?;
    head.contains(":listener-rule/").then(|| head.replacen(":listener-rule/", ":listener/", 1))
}

fn target_health(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(GROUP, answer, &["TargetGroupArn"]) else { return };
    let targets: Vec<elbv2::Target> = list(answer, "TargetHealthDescriptions")
        .iter()
        .map(|item| elbv2::Target {
            target_id: text(item, "Target.Id").map_or_else(Default::default, Into::into),
            port: reshape::pick(item, "Target.Port").and_then(|v| v.as_i64()).into(),
            availability_zone: text(item, "Target.AvailabilityZone").into(),
            state: text(item, "TargetHealth.State").into(),
            reason: text(item, "TargetHealth.Reason").into(),
            health_check_port: text(item, "HealthCheckPort").into(),
        })
        .collect();
    let mut ids: Vec<String> =
        targets.iter().filter_map(|t| t.target_id.known().cloned()).collect();
    ids.sort_unstable();
    ids.dedup();
    if let Some(draft) = scene.part(GROUP, &id) {
        draft.set("targets", json!(targets));
        draft.set("target_ids", json!(ids));
    }
}

fn attributes(scene: &mut Scene<'_>, answer: &Value) {
    const MEMBERS: [&str; 4] = ["LoadBalancerArn", "TargetGroupArn", "ListenerArn", "ResourceArn"];
    let map = text_map(answer.get("Attributes"));
    // The keys tell what it is about; the names of target groups' keys are no load balancer's.
    let kind = if map.contains_key("deregistration_delay.timeout_seconds")
        || map.contains_key("stickiness.enabled")
    {
        GROUP
    } else if map.keys().any(|key| key.starts_with("routing.http.") && key.contains("header_name"))
        || map.contains_key("tcp.idle_timeout.seconds")
    {
        LISTENER
    } else {
        LB
    };
    let Some(id) = scene.about(kind, answer, &MEMBERS) else { return };
    let kind = match id.split(':').nth(5) {
        Some(resource) if resource.starts_with("targetgroup/") => GROUP,
        Some(resource) if resource.starts_with("listener/") => LISTENER,
        _ => kind,
    };
    let Some(draft) = scene.part(kind, &id) else { return };
    match kind {
        GROUP => {
            let mut part = elbv2::TargetGroup::default();
            normal::target_group_attributes(&mut part, map);
            draft.set_all(&part);
        }
        LISTENER => {
            let mut part = elbv2::Listener::default();
            normal::listener_attributes(&mut part, map);
            draft.set_all(&part);
        }
        _ => {
            let mut part = elbv2::LoadBalancer::default();
            normal::load_balancer_attributes(&mut part, map);
            draft.set_all(&part);
        }
    }
}

fn certificates(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(LISTENER, answer, &["ListenerArn"]) else { return };
    let all: Vec<elbv2::ListenerCertificate> = list(answer, "Certificates")
        .iter()
        .map(|item| elbv2::ListenerCertificate {
            certificate_arn: text(item, "CertificateArn").map_or_else(Default::default, Into::into),
            is_default: item.get("IsDefault").and_then(Value::as_bool).unwrap_or_default().into(),
        })
        .collect();
    let mut arns: Vec<String> =
        all.iter().filter_map(|c| c.certificate_arn.known().cloned()).collect();
    arns.sort_unstable();
    arns.dedup();
    if let Some(draft) = scene.part(LISTENER, &id) {
        draft.set("certificates", json!(all));
        draft.set("certificate_arns", json!(arns));
    }
}

fn ssl_policies(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: "aws.elbv2.ssl_policy",
        id: "Name",
        arn: "",
        name: "Name",
        tags: Tags::Never,
        from: &[("ciphers", "Ciphers[].Name")],
        apart: &[],
        fix: no_fix,
    };
    for item in list(answer, "SslPolicies") {
        let mut item = item.clone();
        // Preferred ones first, whatever order they were printed in.
        if let Some(ciphers) = item.get_mut("Ciphers").and_then(Value::as_array_mut) {
            ciphers.sort_by_key(|c| c.get("Priority").and_then(Value::as_i64).unwrap_or(i64::MAX));
        }
        scene.put(&SPEC, &item);
    }
}

fn tags(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "TagDescriptions") {
        let tags = tags_of(item).unwrap_or_default();
        let (kind, id) = match (text(item, "ResourceArn"), text(item, "LoadBalancerName")) {
            (Some(arn), _) => {
                let resource = arn.split(':').nth(5).unwrap_or_default();
                let kind = match resource.split('/').next().unwrap_or_default() {
                    "loadbalancer" => LB,
                    "targetgroup" => GROUP,
                    "listener" => LISTENER,
                    "listener-rule" => RULE,
                    _ => continue,
                };
                (kind, arn)
            }
            (None, Some(name)) => (CLASSIC, name),
            (None, None) => continue,
        };
        if let Some(draft) = scene.part(kind, &id) {
            draft.tags = draft.tags.take().or(Some(tags));
        }
    }
}

fn classic(scene: &mut Scene<'_>, answer: &Value) {
    const ATTRIBUTES: &str = "elasticloadbalancing:DescribeLoadBalancerAttributes";
    static SPEC: Spec = Spec {
        kind: CLASSIC,
        id: "LoadBalancerName",
        arn: "",
        name: "LoadBalancerName",
        tags: TAGS,
        from: &[
            ("dns_name", "DNSName"),
            ("vpc_id", "VPCId"),
            ("subnet_ids", "Subnets"),
            ("security_group_ids", "SecurityGroups"),
            ("instance_ids", "Instances[].InstanceId"),
            ("listeners", "ListenerDescriptions"),
            ("listeners.protocol", "Listener.Protocol"),
            ("listeners.load_balancer_port", "Listener.LoadBalancerPort"),
            ("listeners.instance_protocol", "Listener.InstanceProtocol"),
            ("listeners.instance_port", "Listener.InstancePort"),
            ("listeners.ssl_certificate_id", "Listener.SSLCertificateId"),
        ],
        apart: &[
            ("policies", "elasticloadbalancing:DescribeLoadBalancerPolicies"),
            ("cross_zone_load_balancing_enabled", ATTRIBUTES),
            ("access_log_enabled", ATTRIBUTES),
            ("access_log_s3_bucket_name", ATTRIBUTES),
            ("access_log_s3_bucket_prefix", ATTRIBUTES),
            ("access_log_emit_interval", ATTRIBUTES),
            ("connection_draining_enabled", ATTRIBUTES),
            ("connection_draining_timeout", ATTRIBUTES),
            ("idle_timeout", ATTRIBUTES),
            ("desync_mitigation_mode", ATTRIBUTES),
            ("additional_attributes", ATTRIBUTES),
        ],
        fix: no_fix,
    };
    let partition = normal::partition_of(&scene.place.region);
    let (region, account) = (scene.place.region.clone(), scene.place.account.clone());
    for item in list(answer, "LoadBalancerDescriptions") {
        if let Some(draft) = scene.put(&SPEC, item) {
            let name = text(item, "LoadBalancerName").unwrap_or_default();
            draft.arn = Some(format!(
                "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{name}"
            ));
        }
    }
}

fn classic_attributes(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(CLASSIC, answer, &["LoadBalancerName"]) else { return };
    let map = text_map(answer.get("LoadBalancerAttributes"));
    let mut part = elb::LoadBalancer::default();
    normal::classic_load_balancer_attributes(&mut part, &map);
    if let Some(draft) = scene.part(CLASSIC, &id) {
        draft.set_all(&part);
    }
}

/// Without a load balancer the call lists AWS' sample policies, which belong to none.
fn classic_policies(scene: &mut Scene<'_>, answer: &Value) {
    let items = list(answer, "PolicyDescriptions");
    let sample = items
        .iter()
        .any(|p| text(p, "PolicyName").is_some_and(|n| n == "ELBSample-ELBDefaultCipherPolicy"));
    if sample {
        return;
    }
    let Some(id) = scene.about(CLASSIC, answer, &["LoadBalancerName"]) else { return };
    let policies: Vec<elb::Policy> = items
        .iter()
        .map(|item| {
            let mut attributes = text_map(item.get("PolicyAttributeDescriptions"));
            attributes.remove("PublicKey");
            elb::Policy {
                policy_name: text(item, "PolicyName").map_or_else(Default::default, Into::into),
                policy_type_name: text(item, "PolicyTypeName")
                    .map_or_else(Default::default, Into::into),
                reference_security_policy: attributes
                    .get("Reference-Security-Policy")
                    .cloned()
                    .into(),
                attributes: attributes.into(),
            }
        })
        .collect();
    if let Some(draft) = scene.part(CLASSIC, &id) {
        draft.set("policies", json!(policies));
    }
}

/// Listeners and rules are asked for one by one: a list is whole when every load balancer, or listener, has an answer.
pub(super) fn complete(store: &mut Store) {
    for place in store.places_of(LB) {
        per_subject(
            store,
            &place,
            LB,
            LISTENER,
            "load_balancer_arn",
            "elasticloadbalancing:DescribeListeners",
        );
    }
    for place in store.places_of(LISTENER) {
        per_subject(
            store,
            &place,
            LISTENER,
            RULE,
            "listener_arn",
            "elasticloadbalancing:DescribeRules",
        );
    }
}

fn per_subject(
    store: &mut Store,
    place: &Place,
    of: &'static str,
    what: &'static str,
    field: &str,
    call: &str,
) {
    let within = |account: &crate::ident::AccountId, region: &crate::ident::Region| {
        *account == place.account && *region == place.region
    };
    let here = |kind: &'static str| {
        store.drafts.iter().filter(move |(k, _)| k.kind == kind && within(&k.account, &k.region))
    };
    let asked: std::collections::BTreeSet<&str> =
        here(what).filter_map(|(_, draft)| draft.text(field)).collect();
    let subjects: Vec<&str> = here(of)
        // Only listeners for HTTP have rules worth a list; others have their default alone.
        .filter(|(_, d)| of == LB || matches!(d.text("protocol"), Some("HTTP" | "HTTPS")))
        .map(|(k, _)| k.id.as_str())
        .collect();
    let open = subjects.iter().filter(|id| !asked.contains(*id)).count();
    let any = !asked.is_empty();
    if open == 0 && store.is_complete(of, &place.account, &place.region) {
        store.cover(what, place, Completeness::Complete, None, true);
    } else if open > 0 && any {
        // An empty answer does not say whose it is, so it cannot be told from one that was never asked for.
        let reason = format!("{call}: {open} of {} without an answer", subjects.len());
        store.cover(what, place, Completeness::Partial, Some(reason), true);
    }
}
