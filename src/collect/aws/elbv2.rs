//! Application, network and gateway load balancers.

mod convert;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types as sdk;

use self::convert::{balancer, listener, rule, target, target_group};
use super::cell::{Cell, pages};
use super::convert::{sorted, tags};
use super::failure::Failure;
use crate::collect::normal::{
    listener_attributes, load_balancer_attributes, target_group_attributes,
};
use crate::model::attr::Attr;
use crate::model::elbv2::{ListenerCertificate, SslPolicy};

const BALANCER: &str = "aws.elbv2.load_balancer";
const LISTENER: &str = "aws.elbv2.listener";
const RULE: &str = "aws.elbv2.listener_rule";

/// The largest page of this service's listings.
const PAGE: i32 = 400;

/// How many ARNs `DescribeTags` takes.
const TAGS_AT_ONCE: usize = 20;

type Tags = BTreeMap<String, Attr<BTreeMap<String, String>>>;

pub(super) async fn load_balancers(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.elbv2().describe_load_balancers().page_size(PAGE);
    pages!(cell, "elbv2:DescribeLoadBalancers", request, set_marker, next_marker, |page| {
        let items = page.load_balancers.unwrap_or_default();
        let arns: Vec<String> =
            items.iter().filter_map(|item| item.load_balancer_arn.clone()).collect();
        let mut tags = if cell.wants(BALANCER) { tags(&cell, &arns).await } else { Tags::new() };
        for mut item in items {
            let Some(arn) = item.load_balancer_arn.take() else { continue };
            if cell.wants(BALANCER) {
                let name = item.load_balancer_name.take();
                let tags = tags.remove(&arn).unwrap_or_default();
                let meta = cell.meta(arn.clone(), Some(arn.clone()), name.as_deref(), tags);
                let mut data = balancer(item);
                attributes(&cell, &arn, &mut data).await;
                cell.emit(meta, data).await;
            }
            if cell.plan.wants_any(&[LISTENER, RULE])
                && let Err(failure) = listeners(&cell, &arn).await
            {
                cell.gap(LISTENER, &failure);
                cell.gap(RULE, &failure);
            }
        }
    })
}

async fn attributes(cell: &Cell, arn: &str, data: &mut crate::model::elbv2::LoadBalancer) {
    let request = cell.clients.elbv2().describe_load_balancer_attributes().load_balancer_arn(arn);
    match cell.call("elbv2:DescribeLoadBalancerAttributes", request.send()).await {
        Ok(answer) => {
            let list = answer.attributes.unwrap_or_default().into_iter();
            let map =
                list.filter_map(|item| Some((item.key?, item.value.unwrap_or_default()))).collect();
            load_balancer_attributes(data, map);
        }
        Err(failure) => {
            data.deletion_protection_enabled = failure.unknown();
            data.access_logs_enabled = failure.unknown();
            data.access_logs_bucket = failure.unknown();
            data.access_logs_prefix = failure.unknown();
            data.connection_logs_enabled = failure.unknown();
            data.connection_logs_bucket = failure.unknown();
            data.cross_zone_enabled = failure.unknown();
            data.idle_timeout_seconds = failure.unknown();
            data.desync_mitigation_mode = failure.unknown();
            data.drop_invalid_header_fields_enabled = failure.unknown();
            data.http2_enabled = failure.unknown();
            data.preserve_host_header_enabled = failure.unknown();
            data.xff_header_processing_mode = failure.unknown();
            data.tls_version_and_cipher_suite_headers_enabled = failure.unknown();
            data.waf_fail_open_enabled = failure.unknown();
            data.attributes = failure.unknown();
        }
    }
}

/// The listeners of a balancer, and the rules of each.
async fn listeners(cell: &Cell, balancer: &str) -> Result<(), Failure> {
    let request =
        cell.clients.elbv2().describe_listeners().load_balancer_arn(balancer).page_size(PAGE);
    pages!(cell, "elbv2:DescribeListeners", request, set_marker, next_marker, |page| {
        let items = page.listeners.unwrap_or_default();
        let arns: Vec<String> = items.iter().filter_map(|item| item.listener_arn.clone()).collect();
        let mut tags = if cell.wants(LISTENER) { tags(cell, &arns).await } else { Tags::new() };
        for mut item in items {
            let Some(arn) = item.listener_arn.take() else { continue };
            if cell.wants(LISTENER) {
                let meta = cell.meta(
                    arn.clone(),
                    Some(arn.clone()),
                    None,
                    tags.remove(&arn).unwrap_or_default(),
                );
                let has_tls = item.certificates.as_ref().is_some_and(|list| !list.is_empty());
                let mut data = listener(item);
                if has_tls {
                    data.certificates = certificates(cell, &arn).await;
                    data.certificate_arns = data.certificates.clone().map(|list| {
                        list.iter()
                            .filter_map(|item| item.certificate_arn.known().cloned())
                            .collect()
                    });
                }
                if cell.plan.wants_fields(LISTENER, &["attributes"]) {
                    listener_details(cell, &arn, &mut data).await;
                }
                cell.emit(meta, data).await;
            }
            if cell.wants(RULE)
                && let Err(failure) = rules(cell, &arn).await
            {
                cell.gap(RULE, &failure);
            }
        }
    })
}

async fn listener_details(cell: &Cell, arn: &str, data: &mut crate::model::elbv2::Listener) {
    let request = cell.clients.elbv2().describe_listener_attributes().listener_arn(arn);
    match cell.call("elbv2:DescribeListenerAttributes", request.send()).await {
        Ok(answer) => {
            let list = answer.attributes.unwrap_or_default().into_iter();
            let map =
                list.filter_map(|item| Some((item.key?, item.value.unwrap_or_default()))).collect();
            listener_attributes(data, map);
        }
        Err(failure) => data.attributes = failure.unknown(),
    }
}

async fn certificates(cell: &Cell, arn: &str) -> Attr<Vec<ListenerCertificate>> {
    let mut found: Vec<(String, bool)> = Vec::new();
    let request =
        cell.clients.elbv2().describe_listener_certificates().listener_arn(arn).page_size(PAGE);
    let read = pages!(
        cell,
        "elbv2:DescribeListenerCertificates",
        request,
        set_marker,
        next_marker,
        |page| {
            for item in page.certificates.unwrap_or_default() {
                let Some(arn) = item.certificate_arn else { continue };
                // The default certificate comes a second time where it is in the list for SNI as well.
                match found.iter_mut().find(|(have, _)| *have == arn) {
                    Some((_, is_default)) => *is_default |= item.is_default == Some(true),
                    None => found.push((arn, item.is_default == Some(true))),
                }
            }
        }
    );
    match read {
        Ok(()) => Attr::Known(
            found
                .into_iter()
                .map(|(arn, is_default)| ListenerCertificate {
                    certificate_arn: arn.into(),
                    is_default: is_default.into(),
                })
                .collect(),
        ),
        Err(failure) => failure.unknown(),
    }
}

async fn rules(cell: &Cell, listener: &str) -> Result<(), Failure> {
    let request = cell.clients.elbv2().describe_rules().listener_arn(listener).page_size(PAGE);
    pages!(cell, "elbv2:DescribeRules", request, set_marker, next_marker, |page| {
        let items = page.rules.unwrap_or_default();
        let arns: Vec<String> = items.iter().filter_map(|item| item.rule_arn.clone()).collect();
        let mut tags = tags(cell, &arns).await;
        for mut item in items {
            let Some(arn) = item.rule_arn.take() else { continue };
            let meta = cell.meta(
                arn.clone(),
                Some(arn.clone()),
                None,
                tags.remove(&arn).unwrap_or_default(),
            );
            cell.emit(meta, rule(listener, item)).await;
        }
    })
}

pub(super) async fn target_groups(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.elbv2().describe_target_groups().page_size(PAGE);
    pages!(cell, "elbv2:DescribeTargetGroups", request, set_marker, next_marker, |page| {
        let items = page.target_groups.unwrap_or_default();
        let arns: Vec<String> =
            items.iter().filter_map(|item| item.target_group_arn.clone()).collect();
        let mut tags = tags(&cell, &arns).await;
        for mut item in items {
            let Some(arn) = item.target_group_arn.take() else { continue };
            let name = item.target_group_name.take();
            let tags = tags.remove(&arn).unwrap_or_default();
            let meta = cell.meta(arn.clone(), Some(arn.clone()), name.as_deref(), tags);
            let mut data = target_group(item);
            group_attributes(&cell, &arn, &mut data).await;
            health(&cell, &arn, &mut data).await;
            cell.emit(meta, data).await;
        }
    })
}

async fn group_attributes(cell: &Cell, arn: &str, data: &mut crate::model::elbv2::TargetGroup) {
    let request = cell.clients.elbv2().describe_target_group_attributes().target_group_arn(arn);
    match cell.call("elbv2:DescribeTargetGroupAttributes", request.send()).await {
        Ok(answer) => {
            let list = answer.attributes.unwrap_or_default().into_iter();
            let map =
                list.filter_map(|item| Some((item.key?, item.value.unwrap_or_default()))).collect();
            target_group_attributes(data, map);
        }
        Err(failure) => {
            data.preserve_client_ip_enabled = failure.unknown();
            data.proxy_protocol_v2_enabled = failure.unknown();
            data.cross_zone_enabled = failure.unknown();
            data.deregistration_delay_timeout_seconds = failure.unknown();
            data.stickiness_enabled = failure.unknown();
            data.attributes = failure.unknown();
        }
    }
}

async fn health(cell: &Cell, arn: &str, data: &mut crate::model::elbv2::TargetGroup) {
    let request = cell.clients.elbv2().describe_target_health().target_group_arn(arn);
    match cell.call("elbv2:DescribeTargetHealth", request.send()).await {
        Ok(answer) => {
            let items = answer.target_health_descriptions.unwrap_or_default();
            let ids = items.iter().filter_map(|item| item.target.as_ref()?.id.clone()).collect();
            data.target_ids = sorted(Some(ids));
            data.targets = Attr::Known(items.into_iter().map(target).collect());
        }
        Err(failure) => {
            data.target_ids = failure.unknown();
            data.targets = failure.unknown();
        }
    }
}

pub(super) async fn ssl_policies(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.elbv2().describe_ssl_policies().page_size(PAGE);
    pages!(cell, "elbv2:DescribeSSLPolicies", request, set_marker, next_marker, |page| {
        for item in page.ssl_policies.unwrap_or_default() {
            let Some(name) = item.name else { continue };
            let meta = cell.meta(name.clone(), None, Some(&name), Attr::Known(BTreeMap::new()));
            let mut ciphers: Vec<sdk::Cipher> = item.ciphers.unwrap_or_default();
            ciphers.sort_by_key(|cipher| cipher.priority);
            let data = SslPolicy {
                ssl_protocols: item.ssl_protocols.unwrap_or_default().into(),
                ciphers: Attr::Known(
                    ciphers.into_iter().filter_map(|cipher| cipher.name).collect(),
                ),
                supported_load_balancer_types: item
                    .supported_load_balancer_types
                    .unwrap_or_default()
                    .into(),
            };
            cell.emit(meta, data).await;
        }
    })
}

/// The tags of many things, twenty at a call.
async fn tags(cell: &Cell, arns: &[String]) -> Tags {
    let mut found = Tags::new();
    for chunk in arns.chunks(TAGS_AT_ONCE) {
        let request = cell.clients.elbv2().describe_tags().set_resource_arns(Some(chunk.to_vec()));
        match cell.call("elbv2:DescribeTags", request.send()).await {
            Ok(answer) => {
                for item in answer.tag_descriptions.unwrap_or_default() {
                    let Some(arn) = item.resource_arn else { continue };
                    found.insert(arn, Attr::Known(tags!(item.tags)));
                }
            }
            Err(failure) => found.extend(chunk.iter().map(|arn| (arn.clone(), failure.unknown()))),
        }
    }
    found
}
