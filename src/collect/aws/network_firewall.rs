//! Firewalls of AWS Network Firewall, their policies and rule groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_networkfirewall::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{list, map, sorted, sure_tags, word};
use super::failure::{Class, Failure};
use crate::collect::normal::network_firewall as normal;
use crate::model::attr::Attr;
use crate::model::network_firewall::{
    Firewall, FirewallEndpoint, FirewallPolicy, RuleGroup, RuleGroupReference,
};

const FIREWALL: &str = "aws.network_firewall.firewall";
const POLICY: &str = "aws.network_firewall.policy";
const GROUP: &str = "aws.network_firewall.rule_group";

/// Records what became of one thing of a list; one that is gone meanwhile is none.
fn note(cell: &Cell, kind: &'static str, result: Result<(), Failure>) {
    if let Err(failure) = result
        && failure.class != Class::Absent
    {
        cell.gap(kind, &failure);
    }
}

pub(super) async fn firewalls(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.networkfirewall().list_firewalls().max_results(100);
    pages!(cell, "networkfirewall:ListFirewalls", request, set_next_token, next_token, |page| {
        for arn in page.firewalls.unwrap_or_default().into_iter().filter_map(|f| f.firewall_arn) {
            note(&cell, FIREWALL, firewall(&cell, &arn).await);
        }
    })
}

async fn firewall(cell: &Cell, arn: &str) -> Result<(), Failure> {
    let request = cell.clients.networkfirewall().describe_firewall().firewall_arn(arn);
    let answer = cell.call("networkfirewall:DescribeFirewall", request.send()).await?;
    let Some(mut item) = answer.firewall else { return Ok(()) };
    let tags = Attr::Known(sure_tags!(item.tags.take()));
    let name = item.firewall_name.clone();
    let meta = cell.meta(arn.to_owned(), Some(arn.to_owned()), name.as_deref(), tags);
    cell.emit(meta, convert(item, answer.firewall_status)).await;
    Ok(())
}

fn convert(item: sdk::Firewall, status: Option<sdk::FirewallStatus>) -> Firewall {
    let subnets: Vec<String> = item.subnet_mappings.into_iter().map(|m| m.subnet_id).collect();
    let zones = status.as_ref().and_then(|s| s.sync_states.clone()).unwrap_or_default();
    let mut endpoints: BTreeMap<String, FirewallEndpoint> = BTreeMap::new();
    for (zone, state) in map(zones, |state| state) {
        let Some(attachment) = state.attachment else { continue };
        let Some(subnet) = attachment.subnet_id else { continue };
        let endpoint = FirewallEndpoint {
            availability_zone: Some(zone).into(),
            subnet_id: subnet.clone().into(),
            endpoint_id: attachment.endpoint_id.into(),
            status: word!(attachment.status),
        };
        endpoints.insert(subnet, endpoint);
    }
    // A subnet without an endpoint is one to be.
    for subnet in &subnets {
        endpoints.entry(subnet.clone()).or_insert_with(|| FirewallEndpoint {
            availability_zone: None.into(),
            subnet_id: subnet.clone().into(),
            endpoint_id: None.into(),
            status: None.into(),
        });
    }
    let ids = endpoints.values().filter_map(|e| e.endpoint_id.known().cloned().flatten());
    let ids = sorted(Some(ids.collect()));
    let transit = status.as_ref().and_then(|s| s.transit_gateway_attachment_sync_state.as_ref());
    Firewall {
        firewall_name: super::convert::must(item.firewall_name),
        firewall_policy_arn: item.firewall_policy_arn.into(),
        vpc_id: Some(item.vpc_id).filter(|id| !id.is_empty()).into(),
        transit_gateway_id: item.transit_gateway_id.into(),
        transit_gateway_attachment_id: transit.and_then(|t| t.attachment_id.clone()).into(),
        status: super::convert::must(status.as_ref().map(|s| s.status.as_str().to_owned())),
        configuration_sync_state: status
            .as_ref()
            .map(|s| s.configuration_sync_state_summary.as_str().to_owned())
            .into(),
        endpoints: endpoints.into_values().collect::<Vec<_>>().into(),
        endpoint_ids: ids,
        subnet_ids: sorted(Some(subnets)),
        delete_protection: item.delete_protection.into(),
        subnet_change_protection: item.subnet_change_protection.into(),
        firewall_policy_change_protection: item.firewall_policy_change_protection.into(),
    }
}

pub(super) async fn policies(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.networkfirewall().list_firewall_policies().max_results(100);
    pages!(
        cell,
        "networkfirewall:ListFirewallPolicies",
        request,
        set_next_token,
        next_token,
        |page| {
            for arn in page.firewall_policies.unwrap_or_default().into_iter().filter_map(|p| p.arn)
            {
                note(&cell, POLICY, policy(&cell, &arn).await);
            }
        }
    )
}

async fn policy(cell: &Cell, arn: &str) -> Result<(), Failure> {
    let request =
        cell.clients.networkfirewall().describe_firewall_policy().firewall_policy_arn(arn);
    let answer = cell.call("networkfirewall:DescribeFirewallPolicy", request.send()).await?;
    let (Some(about), Some(item)) = (answer.firewall_policy_response, answer.firewall_policy)
    else {
        return Ok(());
    };
    let tags = Attr::Known(sure_tags!(about.tags));
    let name = about.firewall_policy_name;
    let meta = cell.meta(arn.to_owned(), Some(arn.to_owned()), Some(&name), tags);
    let stateless = normal::ordered(
        item.stateless_rule_group_references
            .unwrap_or_default()
            .into_iter()
            .map(|reference| RuleGroupReference {
                rule_group_arn: reference.resource_arn.into(),
                priority: Some(i64::from(reference.priority)).into(),
                override_action: None.into(),
            })
            .collect(),
    );
    let stateful = normal::ordered(
        item.stateful_rule_group_references
            .unwrap_or_default()
            .into_iter()
            .map(|reference| RuleGroupReference {
                rule_group_arn: reference.resource_arn.into(),
                priority: reference.priority.map(i64::from).into(),
                override_action: word!(reference.r#override.and_then(|o| o.action)),
            })
            .collect(),
    );
    let engine = item.stateful_engine_options;
    let variables = item.policy_variables.and_then(|v| v.rule_variables).unwrap_or_default();
    let data = FirewallPolicy {
        firewall_policy_name: name.into(),
        stateless_default_actions: item.stateless_default_actions.into(),
        stateless_fragment_default_actions: item.stateless_fragment_default_actions.into(),
        stateful_default_actions: list(item.stateful_default_actions, |action| action),
        stateful_rule_order: word!(engine.and_then(|engine| engine.rule_order)),
        rule_group_arns: normal::arns(&stateless, &stateful).into(),
        stateless_rule_groups: stateless.into(),
        stateful_rule_groups: stateful.into(),
        tls_inspection_configuration_arn: item.tls_inspection_configuration_arn.into(),
        ip_sets: map(variables, |set| set.definition).into(),
    };
    cell.emit(meta, data).await;
    Ok(())
}

/// Own groups only: those that AWS manages belong to nobody's account.
pub(super) async fn rule_groups(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.networkfirewall().list_rule_groups().max_results(100);
    pages!(cell, "networkfirewall:ListRuleGroups", request, set_next_token, next_token, |page| {
        for arn in page.rule_groups.unwrap_or_default().into_iter().filter_map(|group| group.arn) {
            note(&cell, GROUP, rule_group(&cell, &arn).await);
        }
    })
}

async fn rule_group(cell: &Cell, arn: &str) -> Result<(), Failure> {
    let request = cell.clients.networkfirewall().describe_rule_group().rule_group_arn(arn);
    let answer = cell.call("networkfirewall:DescribeRuleGroup", request.send()).await?;
    let Some(about) = answer.rule_group_response else { return Ok(()) };
    let tags = Attr::Known(sure_tags!(about.tags));
    let name = about.rule_group_name;
    let meta = cell.meta(arn.to_owned(), Some(arn.to_owned()), Some(&name), tags);
    let mut data = RuleGroup {
        rule_group_name: name.into(),
        kind: super::convert::must_word!(about.r#type),
        ..RuleGroup::default()
    };
    // An answer without the rules leaves them open.
    if let Some(group) = answer.rule_group {
        rules(&mut data, group);
    }
    cell.emit(meta, data).await;
    Ok(())
}

fn rules(out: &mut RuleGroup, group: sdk::RuleGroup) {
    let references = group.reference_sets.and_then(|sets| sets.ip_set_references);
    let variables = group.rule_variables.unwrap_or_else(|| sdk::RuleVariables::builder().build());
    out.ip_sets = map(variables.ip_sets.unwrap_or_default(), |set| set.definition).into();
    out.port_sets =
        map(variables.port_sets.unwrap_or_default(), |set| set.definition.unwrap_or_default())
            .into();
    out.rule_order = word!(group.stateful_rule_options.and_then(|options| options.rule_order));
    let Some(source) = group.rules_source else { return };
    let domain_list = source.rules_source_list.is_some();
    let (domains, action) = source.rules_source_list.map_or((Vec::new(), None), |list| {
        (list.targets, Some(list.generated_rules_type.as_str().to_owned()))
    });
    out.domains = domains.into();
    out.domain_action = action.into();
    let stateless = source.stateless_rules_and_custom_actions;
    let stateless = stateless.map_or_else(Vec::new, |both| both.stateless_rules);
    let parts = normal::Parts {
        rules_string: source.rules_string.is_some_and(|text| !text.is_empty()),
        domain_list,
        reference_sets: references.is_some_and(|sets| !sets.is_empty()),
        stateless: stateless.into_iter().map(stateless_rule).collect(),
        stateful: source
            .stateful_rules
            .unwrap_or_default()
            .into_iter()
            .map(stateful_rule)
            .collect(),
    };
    normal::fill(out, parts);
}

fn stateless_rule(item: sdk::StatelessRule) -> normal::Stateless {
    let mut out =
        normal::Stateless { priority: Some(i64::from(item.priority)), ..Default::default() };
    let Some(definition) = item.rule_definition else { return out };
    out.actions = definition.actions;
    let Some(matched) = definition.match_attributes else { return out };
    let texts = |all: Option<Vec<sdk::Address>>| -> Vec<String> {
        all.unwrap_or_default().into_iter().map(|address| address.address_definition).collect()
    };
    let ranges = |all: Option<Vec<sdk::PortRange>>| {
        let all = all.unwrap_or_default().into_iter();
        all.map(|range| normal::ports(range.from_port.into(), range.to_port.into())).collect()
    };
    out.sources = texts(matched.sources);
    out.destinations = texts(matched.destinations);
    out.source_ports = ranges(matched.source_ports);
    out.destination_ports = ranges(matched.destination_ports);
    out.protocols = matched.protocols.unwrap_or_default().into_iter().map(i64::from).collect();
    let flags = matched.tcp_flags.unwrap_or_default().into_iter().map(|field| {
        let words = |all: &[sdk::TcpFlag]| -> Vec<String> {
            all.iter().map(|flag| flag.as_str().to_owned()).collect()
        };
        let (set, masks) = (words(&field.flags), words(&field.masks.unwrap_or_default()));
        let plain = |all: &[String]| all.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        normal::flags(&[&plain(&set)], &masks.iter().map(String::as_str).collect::<Vec<_>>())
    });
    out.tcp_flags = flags.collect();
    out
}

fn stateful_rule(item: sdk::StatefulRule) -> normal::Stateful {
    let mut out =
        normal::Stateful { action: item.action.as_str().to_owned(), ..Default::default() };
    out.options = item
        .rule_options
        .into_iter()
        .map(|option| (option.keyword, option.settings.unwrap_or_default()))
        .collect();
    if let Some(header) = item.header {
        header.protocol.as_str().clone_into(&mut out.protocol);
        out.source = header.source;
        out.source_port = header.source_port;
        header.direction.as_str().clone_into(&mut out.direction);
        out.destination = header.destination;
        out.destination_port = header.destination_port;
    }
    out
}
