//! Attributes of load balancers: maps of text, of which checks want a few as typed fields.

use std::collections::BTreeMap;

use crate::model::Attr;
use crate::model::attr::CauseKind;
use crate::model::{elb, elbv2};

type Map = BTreeMap<String, String>;

/// Fills what `elasticloadbalancing:DescribeLoadBalancerAttributes` (v2) says. Keys a kind does not have are absent.
pub fn load_balancer_attributes(out: &mut elbv2::LoadBalancer, map: Map) {
    out.deletion_protection_enabled = sure(flag(&map, "deletion_protection.enabled"));
    out.access_logs_enabled = flag(&map, "access_logs.s3.enabled");
    out.access_logs_bucket = text(&map, "access_logs.s3.bucket");
    out.access_logs_prefix = text(&map, "access_logs.s3.prefix");
    out.connection_logs_enabled = flag(&map, "connection_logs.s3.enabled");
    out.connection_logs_bucket = text(&map, "connection_logs.s3.bucket");
    out.cross_zone_enabled = flag(&map, "load_balancing.cross_zone.enabled");
    out.idle_timeout_seconds = number(&map, "idle_timeout.timeout_seconds");
    out.desync_mitigation_mode = text(&map, "routing.http.desync_mitigation_mode");
    out.drop_invalid_header_fields_enabled =
        flag(&map, "routing.http.drop_invalid_header_fields.enabled");
    out.http2_enabled = flag(&map, "routing.http2.enabled");
    out.preserve_host_header_enabled = flag(&map, "routing.http.preserve_host_header.enabled");
    out.xff_header_processing_mode = text(&map, "routing.http.xff_header_processing.mode");
    out.tls_version_and_cipher_suite_headers_enabled =
        flag(&map, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled");
    out.waf_fail_open_enabled = flag(&map, "waf.fail_open.enabled");
    out.attributes = map.into();
}

/// Fills what `elasticloadbalancing:DescribeTargetGroupAttributes` says.
pub fn target_group_attributes(out: &mut elbv2::TargetGroup, map: Map) {
    out.preserve_client_ip_enabled = flag(&map, "preserve_client_ip.enabled");
    out.proxy_protocol_v2_enabled = flag(&map, "proxy_protocol_v2.enabled");
    out.cross_zone_enabled = text(&map, "load_balancing.cross_zone.enabled");
    out.deregistration_delay_timeout_seconds = number(&map, "deregistration_delay.timeout_seconds");
    out.stickiness_enabled = flag(&map, "stickiness.enabled");
    out.attributes = map.into();
}

/// Fills what `elasticloadbalancing:DescribeListenerAttributes` says.
pub fn listener_attributes(out: &mut elbv2::Listener, map: Map) {
    out.attributes = map.into();
}

/// Fills what `elasticloadbalancing:DescribeLoadBalancerAttributes` (Classic) says, its structure written as the keys
/// `AccessLog.Enabled`, `ConnectionDraining.Timeout` …, its additional attributes under their own keys.
pub fn classic_load_balancer_attributes(out: &mut elb::LoadBalancer, map: &Map) {
    out.cross_zone_load_balancing_enabled = sure(flag(map, "CrossZoneLoadBalancing.Enabled"));
    out.access_log_enabled = sure(flag(map, "AccessLog.Enabled"));
    out.access_log_s3_bucket_name = text(map, "AccessLog.S3BucketName");
    out.access_log_s3_bucket_prefix = text(map, "AccessLog.S3BucketPrefix");
    out.access_log_emit_interval = number(map, "AccessLog.EmitInterval");
    out.connection_draining_enabled = sure(flag(map, "ConnectionDraining.Enabled"));
    out.connection_draining_timeout = number(map, "ConnectionDraining.Timeout");
    out.idle_timeout = number(map, "ConnectionSettings.IdleTimeout");
    out.desync_mitigation_mode = text(map, "elb.http.desyncmitigationmode");
    let own = |key: &str| {
        ["CrossZoneLoadBalancing.", "AccessLog.", "ConnectionDraining.", "ConnectionSettings."]
            .iter()
            .any(|prefix| key.starts_with(prefix))
    };
    let rest: Map =
        map.iter().filter(|(key, _)| !own(key)).map(|(k, v)| (k.clone(), v.clone())).collect();
    out.additional_attributes = rest.into();
}

fn text(map: &Map, key: &str) -> Attr<Option<String>> {
    Attr::Known(map.get(key).filter(|value| !value.is_empty()).cloned())
}

fn flag(map: &Map, key: &str) -> Attr<Option<bool>> {
    match map.get(key).map(|value| (value, value.to_ascii_lowercase())) {
        None => Attr::Known(None),
        Some((_, lower)) if lower == "true" => Attr::Known(Some(true)),
        Some((_, lower)) if lower == "false" => Attr::Known(Some(false)),
        Some((value, _)) => not_understood(key, value),
    }
}

fn number(map: &Map, key: &str) -> Attr<Option<i64>> {
    match map.get(key) {
        None => Attr::Known(None),
        Some(value) => match value.parse() {
            Ok(number) => Attr::Known(Some(number)),
            Err(_) => not_understood(key, value),
        },
    }
}

fn not_understood<T>(key: &str, value: &str) -> Attr<T> {
    let shown: String = value.chars().take(40).collect();
    Attr::unknown(CauseKind::NotUnderstood, format!("`{key}` is `{shown}`"))
}

/// A flag that every load balancer has: silence is no value.
fn sure(flag: Attr<Option<bool>>) -> Attr<bool> {
    match flag {
        Attr::Known(Some(value)) => Attr::Known(value),
        Attr::Known(None) => Attr::default(),
        Attr::Unknown(cause) => Attr::Unknown(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_without_the_key_has_no_value_and_silence_on_protection_is_unknown() {
        let mut out = elbv2::LoadBalancer::default();
        let map = Map::from([
            ("access_logs.s3.enabled".to_owned(), "true".to_owned()),
            ("waf.fail_open.enabled".to_owned(), "perhaps".to_owned()),
        ]);
        load_balancer_attributes(&mut out, map);
        assert_eq!(out.access_logs_enabled.known(), Some(&Some(true)));
        assert_eq!(out.http2_enabled.known(), Some(&None));
        assert!(out.waf_fail_open_enabled.known().is_none());
        assert!(out.deletion_protection_enabled.known().is_none());
    }
}
