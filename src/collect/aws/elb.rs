//! Classic load balancers.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancing::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{list, list_of, must, number, sorted, time};
use super::failure::Failure;
use crate::collect::normal::classic_load_balancer_attributes;
use crate::model::attr::Attr;
use crate::model::elb::{BackendServer, HealthCheck, Listener, LoadBalancer, Policy};

/// How many names `DescribeTags` takes.
const TAGS_AT_ONCE: usize = 20;

pub(super) async fn load_balancers(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.elb().describe_load_balancers().page_size(400);
    pages!(cell, "elb:DescribeLoadBalancers", request, set_marker, next_marker, |page| {
        let mut waiting = page.load_balancer_descriptions.unwrap_or_default();
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(TAGS_AT_ONCE));
            some(&cell, waiting).await;
            waiting = rest;
        }
    })
}

/// Balancers whose tags fit one call.
async fn some(cell: &Cell, items: Vec<sdk::LoadBalancerDescription>) {
    let names = items.iter().filter_map(|item| item.load_balancer_name.clone()).collect();
    let request = cell.clients.elb().describe_tags().set_load_balancer_names(Some(names));
    let tags = cell.call("elb:DescribeTags", request.send()).await.map(|answer| {
        let list = answer.tag_descriptions.unwrap_or_default().into_iter();
        list.filter_map(|item| {
            let tags = item.tags.unwrap_or_default().into_iter();
            let tags = tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect();
            Some((item.load_balancer_name?, tags))
        })
        .collect::<BTreeMap<String, BTreeMap<String, String>>>()
    });
    for mut item in items {
        let Some(name) = item.load_balancer_name.take() else { continue };
        let tags = match &tags {
            Ok(tags) => Attr::Known(tags.get(&name).cloned().unwrap_or_default()),
            Err(failure) => failure.unknown(),
        };
        let mut data = balancer(item);
        attributes(cell, &name, &mut data).await;
        data.policies = policies(cell, &name).await;
        let arn = format!(
            "arn:{}:elasticloadbalancing:{}:{}:loadbalancer/{name}",
            crate::collect::normal::partition_of(&cell.region),
            cell.region,
            cell.account
        );
        cell.emit(cell.meta(name.clone(), Some(arn), Some(&name), tags), data).await;
    }
}

fn balancer(item: sdk::LoadBalancerDescription) -> LoadBalancer {
    LoadBalancer {
        dns_name: must(item.dns_name),
        scheme: must(item.scheme),
        vpc_id: item.vpc_id.into(),
        created_time: time(item.created_time),
        availability_zones: sorted(item.availability_zones),
        subnet_ids: sorted(item.subnets),
        security_group_ids: sorted(item.security_groups),
        instance_ids: sorted(Some(
            item.instances
                .unwrap_or_default()
                .into_iter()
                .filter_map(|instance| instance.instance_id)
                .collect(),
        )),
        listeners: list_of(item.listener_descriptions, |item| {
            let listener = item.listener?;
            Some(Listener {
                instance_protocol: listener
                    .instance_protocol
                    .unwrap_or_else(|| listener.protocol.clone())
                    .into(),
                protocol: listener.protocol.into(),
                load_balancer_port: i64::from(listener.load_balancer_port).into(),
                instance_port: must(Some(i64::from(listener.instance_port))),
                ssl_certificate_id: listener.ssl_certificate_id.into(),
                policy_names: item.policy_names.unwrap_or_default().into(),
                ..Listener::default()
            })
        }),
        backend_server_descriptions: list(item.backend_server_descriptions, |item| BackendServer {
            instance_port: must(item.instance_port.map(i64::from)),
            policy_names: item.policy_names.unwrap_or_default().into(),
        }),
        health_check: must(item.health_check.map(|check| HealthCheck {
            target: check.target.into(),
            interval: number(Some(check.interval)),
            timeout: number(Some(check.timeout)),
            unhealthy_threshold: number(Some(check.unhealthy_threshold)),
            healthy_threshold: number(Some(check.healthy_threshold)),
        })),
        ..LoadBalancer::default()
    }
}

async fn attributes(cell: &Cell, name: &str, data: &mut LoadBalancer) {
    let request = cell.clients.elb().describe_load_balancer_attributes().load_balancer_name(name);
    let answer = match cell.call("elb:DescribeLoadBalancerAttributes", request.send()).await {
        Ok(answer) => answer.load_balancer_attributes,
        Err(failure) => {
            data.cross_zone_load_balancing_enabled = failure.unknown();
            data.access_log_enabled = failure.unknown();
            data.access_log_s3_bucket_name = failure.unknown();
            data.access_log_s3_bucket_prefix = failure.unknown();
            data.access_log_emit_interval = failure.unknown();
            data.connection_draining_enabled = failure.unknown();
            data.connection_draining_timeout = failure.unknown();
            data.idle_timeout = failure.unknown();
            data.desync_mitigation_mode = failure.unknown();
            data.additional_attributes = failure.unknown();
            return;
        }
    };
    let mut map = BTreeMap::new();
    let mut put = |key: &str, value: Option<String>| {
        map.extend(value.map(|value| (key.to_owned(), value)));
    };
    if let Some(answer) = answer {
        let log = answer.access_log.as_ref();
        let draining = answer.connection_draining.as_ref();
        put(
            "CrossZoneLoadBalancing.Enabled",
            answer.cross_zone_load_balancing.map(|c| c.enabled.to_string()),
        );
        put("AccessLog.Enabled", log.map(|l| l.enabled.to_string()));
        put("AccessLog.S3BucketName", log.and_then(|l| l.s3_bucket_name.clone()));
        put("AccessLog.S3BucketPrefix", log.and_then(|l| l.s3_bucket_prefix.clone()));
        put("AccessLog.EmitInterval", log.and_then(|l| l.emit_interval).map(|n| n.to_string()));
        put("ConnectionDraining.Enabled", draining.map(|d| d.enabled.to_string()));
        put("ConnectionDraining.Timeout", draining.and_then(|d| d.timeout).map(|n| n.to_string()));
        put(
            "ConnectionSettings.IdleTimeout",
            answer.connection_settings.map(|s| s.idle_timeout.to_string()),
        );
        for item in answer.additional_attributes.unwrap_or_default() {
            if let Some(key) = item.key {
                put(&key, item.value);
            }
        }
    }
    classic_load_balancer_attributes(data, &map);
}

async fn policies(cell: &Cell, name: &str) -> Attr<Vec<Policy>> {
    let request = cell.clients.elb().describe_load_balancer_policies().load_balancer_name(name);
    match cell.call("elb:DescribeLoadBalancerPolicies", request.send()).await {
        Ok(answer) => list(answer.policy_descriptions, policy),
        Err(failure) => failure.unknown(),
    }
}

fn policy(item: sdk::PolicyDescription) -> Policy {
    let is_tls = item.policy_type_name.as_deref() == Some("SSLNegotiationPolicyType");
    let mut reference = None;
    let mut attributes = BTreeMap::new();
    for attribute in item.policy_attribute_descriptions.unwrap_or_default() {
        let (Some(key), Some(value)) = (attribute.attribute_name, attribute.attribute_value) else {
            continue;
        };
        match key.as_str() {
            "Reference-Security-Policy" => reference = Some(value),
            "PublicKey" => {}
            // A TLS policy lists every cipher there is, most of them with `false`.
            _ if is_tls && value.eq_ignore_ascii_case("false") => {}
            _ => {
                attributes.insert(key, value);
            }
        }
    }
    Policy {
        policy_name: must(item.policy_name),
        policy_type_name: must(item.policy_type_name),
        reference_security_policy: reference.into(),
        attributes: attributes.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tls_policy_keeps_what_is_in_use() {
        let attribute = |name: &str, value: &str| {
            sdk::PolicyAttributeDescription::builder()
                .attribute_name(name)
                .attribute_value(value)
                .build()
        };
        let item = sdk::PolicyDescription::builder()
            .policy_name("p")
            .policy_type_name("SSLNegotiationPolicyType")
            .policy_attribute_descriptions(attribute("Protocol-TLSv1.2", "true"))
            .policy_attribute_descriptions(attribute("Protocol-SSLv3", "false"))
            .policy_attribute_descriptions(attribute(
                "Reference-Security-Policy",
                "ELBSecurityPolicy-2016-08",
            ))
            .build();
        let policy = policy(item);
        assert_eq!(policy.attributes.known().unwrap().len(), 1);
        assert_eq!(
            policy.reference_security_policy,
            Attr::Known(Some("ELBSecurityPolicy-2016-08".to_owned()))
        );
    }
}
