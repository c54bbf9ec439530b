//! The answers of Elastic Load Balancing as model values.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::super::convert::{list, must, must_word, number, prefixes, sorted, time, word};
use crate::model::attr::Attr;
use crate::model::elbv2::{
    Action, AvailabilityZone, Listener, ListenerCertificate, ListenerRule, LoadBalancer,
    LoadBalancerAddress, RuleCondition, Target, TargetGroup,
};

pub(super) fn balancer(item: sdk::LoadBalancer) -> LoadBalancer {
    let zones = item.availability_zones.unwrap_or_default();
    LoadBalancer {
        load_balancer_type: must_word!(item.r#type),
        scheme: word!(item.scheme),
        dns_name: item.dns_name.into(),
        vpc_id: must(item.vpc_id),
        state: must_word!(item.state.as_ref().and_then(|state| state.code.as_ref())),
        created_time: time(item.created_time),
        ip_address_type: must_word!(item.ip_address_type),
        subnet_ids: sorted(Some(zones.iter().filter_map(|zone| zone.subnet_id.clone()).collect())),
        availability_zones: list(Some(zones), |zone| AvailabilityZone {
            zone_name: zone.zone_name.into(),
            subnet_id: must(zone.subnet_id),
            outpost_id: zone.outpost_id.into(),
            addresses: list(zone.load_balancer_addresses, |address| LoadBalancerAddress {
                ip_address: address.ip_address.into(),
                allocation_id: address.allocation_id.into(),
                private_ipv4_address: address.private_ipv4_address.into(),
                ipv6_address: address.ipv6_address.into(),
            }),
        }),
        security_group_ids: sorted(item.security_groups),
        enforce_security_group_inbound_rules_on_private_link_traffic: item
            .enforce_security_group_inbound_rules_on_private_link_traffic
            .into(),
        ..LoadBalancer::default()
    }
}

pub(super) fn listener(item: sdk::Listener) -> Listener {
    let certificates = item.certificates.unwrap_or_default();
    let mutual = item.mutual_authentication;
    let actions: Vec<Action> =
        item.default_actions.unwrap_or_default().into_iter().map(action).collect();
    Listener {
        load_balancer_arn: must(item.load_balancer_arn),
        port: number(item.port),
        protocol: word!(item.protocol),
        ssl_policy: item.ssl_policy.into(),
        // The listing names the default certificate only, without saying so.
        certificate_arns: sorted(Some(
            certificates.iter().filter_map(|c| c.certificate_arn.clone()).collect(),
        )),
        certificates: list(Some(certificates), |item| ListenerCertificate {
            certificate_arn: must(item.certificate_arn),
            is_default: true.into(),
        }),
        target_group_arns: target_groups(&actions),
        default_actions: actions.into(),
        alpn_policy: item.alpn_policy.unwrap_or_default().into(),
        mutual_authentication_mode: mutual.as_ref().and_then(|m| m.mode.clone()).into(),
        trust_store_arn: mutual.as_ref().and_then(|m| m.trust_store_arn.clone()).into(),
        ignore_client_certificate_expiry: mutual
            .and_then(|m| m.ignore_client_certificate_expiry)
            .into(),
        ..Listener::default()
    }
}

fn target_groups(actions: &[Action]) -> Attr<Vec<String>> {
    let mut arns: Vec<String> = actions
        .iter()
        .filter_map(|action| action.target_group_arns.known())
        .flatten()
        .cloned()
        .collect();
    arns.sort_unstable();
    arns.dedup();
    Attr::Known(arns)
}

fn action(item: sdk::Action) -> Action {
    let forward = item.forward_config;
    let groups = forward.as_ref().map(sdk::ForwardActionConfig::target_groups).unwrap_or_default();
    let mut arns: Vec<String> =
        groups.iter().filter_map(|group| group.target_group_arn.clone()).collect();
    // A forward to one group may be written without its list.
    arns.extend(item.target_group_arn.filter(|arn| !arns.contains(arn)));
    let weights: BTreeMap<String, i64> = groups
        .iter()
        .filter_map(|group| Some((group.target_group_arn.clone()?, i64::from(group.weight?))))
        .collect();
    let sticky = forward
        .as_ref()
        .and_then(|f| f.target_group_stickiness_config.as_ref())
        .and_then(|s| s.enabled);
    let redirect = item.redirect_config;
    let redirect = redirect.as_ref();
    let (oidc, cognito, jwt) = (
        item.authenticate_oidc_config,
        item.authenticate_cognito_config,
        item.jwt_validation_config,
    );
    let unauthenticated = oidc
        .as_ref()
        .and_then(|c| c.on_unauthenticated_request.as_ref().map(|r| r.as_str().to_owned()))
        .or_else(|| {
            cognito.as_ref()?.on_unauthenticated_request.as_ref().map(|r| r.as_str().to_owned())
        });
    let issuer = oidc
        .and_then(|config| config.issuer)
        .or_else(|| cognito.and_then(|config| config.user_pool_arn))
        .or_else(|| jwt.and_then(|config| config.issuer));
    Action {
        kind: must_word!(item.r#type),
        order: number(item.order),
        target_group_arns: arns.into(),
        target_group_weights: weights.into(),
        stickiness_enabled: sticky.into(),
        redirect_protocol: redirect.and_then(|r| r.protocol.clone()).into(),
        redirect_port: redirect.and_then(|r| r.port.clone()).into(),
        redirect_host: redirect.and_then(|r| r.host.clone()).into(),
        redirect_path: redirect.and_then(|r| r.path.clone()).into(),
        redirect_status_code: word!(redirect.and_then(|r| r.status_code.as_ref())),
        fixed_response_status_code: item
            .fixed_response_config
            .and_then(|config| config.status_code)
            .into(),
        authentication_issuer: issuer.into(),
        on_unauthenticated_request: unauthenticated.into(),
    }
}

pub(super) fn rule(listener: &str, item: sdk::Rule) -> ListenerRule {
    let actions: Vec<Action> = item.actions.unwrap_or_default().into_iter().map(action).collect();
    ListenerRule {
        listener_arn: listener.to_owned().into(),
        priority: must(item.priority),
        is_default: must(item.is_default),
        conditions: list(item.conditions, condition),
        target_group_arns: target_groups(&actions),
        actions: actions.into(),
    }
}

fn condition(item: sdk::RuleCondition) -> RuleCondition {
    let header = item.http_header_config;
    // Values stand in the part for their kind; the older form stands beside it, for two kinds.
    let mut values = item.values.unwrap_or_default();
    let mut regexes = item.regex_values.unwrap_or_default();
    let mut add = |list: Option<Vec<String>>, into_regexes: bool| {
        let to = if into_regexes { &mut regexes } else { &mut values };
        for value in list.unwrap_or_default() {
            if !to.contains(&value) {
                to.push(value);
            }
        }
    };
    if let Some(config) = item.host_header_config {
        add(config.values, false);
        add(config.regex_values, true);
    }
    if let Some(config) = item.path_pattern_config {
        add(config.values, false);
        add(config.regex_values, true);
    }
    if let Some(config) = &header {
        add(config.values.clone(), false);
        add(config.regex_values.clone(), true);
    }
    if let Some(config) = item.http_request_method_config {
        add(config.values, false);
    }
    if let Some(config) = item.query_string_config {
        let pairs = config.values.unwrap_or_default().into_iter();
        let pairs = pairs.map(|pair| match (pair.key, pair.value.unwrap_or_default()) {
            (Some(key), value) => format!("{key}={value}"),
            (None, value) => value,
        });
        add(Some(pairs.collect()), false);
    }
    RuleCondition {
        field: must(item.field),
        http_header_name: header.and_then(|config| config.http_header_name).into(),
        values: values.into(),
        regex_values: regexes.into(),
        source_ips: prefixes(
            item.source_ip_config.and_then(|config| config.values).unwrap_or_default(),
        ),
    }
}

pub(super) fn target_group(item: sdk::TargetGroup) -> TargetGroup {
    TargetGroup {
        target_type: must_word!(item.target_type),
        protocol: word!(item.protocol),
        protocol_version: item.protocol_version.into(),
        port: number(item.port),
        vpc_id: item.vpc_id.into(),
        ip_address_type: word!(item.ip_address_type),
        load_balancer_arns: sorted(item.load_balancer_arns),
        health_check_enabled: item.health_check_enabled.into(),
        health_check_protocol: word!(item.health_check_protocol),
        health_check_port: item.health_check_port.into(),
        health_check_path: item.health_check_path.into(),
        health_check_interval_seconds: number(item.health_check_interval_seconds),
        health_check_timeout_seconds: number(item.health_check_timeout_seconds),
        healthy_threshold_count: number(item.healthy_threshold_count),
        unhealthy_threshold_count: number(item.unhealthy_threshold_count),
        matcher: item.matcher.and_then(|matcher| matcher.http_code.or(matcher.grpc_code)).into(),
        ..TargetGroup::default()
    }
}

pub(super) fn target(item: sdk::TargetHealthDescription) -> Target {
    let target = item.target;
    let health = item.target_health;
    Target {
        port: number(target.as_ref().and_then(|t| t.port)),
        availability_zone: target.as_ref().and_then(|t| t.availability_zone.clone()).into(),
        target_id: must(target.and_then(|t| t.id)),
        state: word!(health.as_ref().and_then(|h| h.state.as_ref())),
        reason: word!(health.as_ref().and_then(|h| h.reason.as_ref())),
        health_check_port: item.health_check_port.into(),
    }
}
