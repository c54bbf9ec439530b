//! Answers of AWS Network Firewall.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Spec, Tags, no_fix};
use crate::collect::normal::network_firewall as normal;
use crate::model::network_firewall::{FirewallEndpoint, RuleGroup, RuleGroupReference};
use crate::net::Ports;

const FIREWALL: &str = "aws.network_firewall.firewall";
const POLICY: &str = "aws.network_firewall.policy";
const GROUP: &str = "aws.network_firewall.rule_group";

const DESCRIBE_FIREWALL: &str = "network-firewall:DescribeFirewall";
const DESCRIBE_POLICY: &str = "network-firewall:DescribeFirewallPolicy";
const DESCRIBE_GROUP: &str = "network-firewall:DescribeRuleGroup";
const ASKED: &str = "only what was asked for by name";

pub(super) const FORMS: &[Form] = &[
    Form::answer("Firewalls", "network-firewall:ListFirewalls", &[FIREWALL], firewalls)
        .arn("FirewallArn"),
    Form::answer("Firewall", DESCRIBE_FIREWALL, &[FIREWALL], firewall)
        .arn("FirewallArn")
        .has(&["FirewallArn"])
        .part(ASKED),
    Form::answer("FirewallPolicies", "network-firewall:ListFirewallPolicies", &[POLICY], policies)
        .arn("Arn"),
    Form::answer("FirewallPolicyResponse", DESCRIBE_POLICY, &[POLICY], policy)
        .arn("FirewallPolicyArn")
        .part(ASKED),
    // AWS WAF lists rule groups, too; their ARN is spelled otherwise.
    Form::answer("RuleGroups", "network-firewall:ListRuleGroups", &[GROUP], groups)
        .has(&["Arn^arn:"])
        .arn("Arn"),
    Form::answer("RuleGroupResponse", DESCRIBE_GROUP, &[GROUP], group)
        .arn("RuleGroupArn")
        .part(ASKED),
];

fn firewalls(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "Firewalls") {
        let (Some(arn), Some(name)) = (text(item, "FirewallArn"), text(item, "FirewallName"))
        else {
            continue;
        };
        scene.named_only(FIREWALL, &arn, Some(&arn), &name, DESCRIBE_FIREWALL);
    }
}

fn policies(scene: &mut Scene<'_>, answer: &Value) {
    named(scene, answer, "FirewallPolicies", POLICY, DESCRIBE_POLICY);
}

fn groups(scene: &mut Scene<'_>, answer: &Value) {
    named(scene, answer, "RuleGroups", GROUP, DESCRIBE_GROUP);
}

fn named(
    scene: &mut Scene<'_>,
    answer: &Value,
    member: &str,
    kind: &'static str,
    call: &'static str,
) {
    for item in list(answer, member) {
        let (Some(arn), Some(name)) = (text(item, "Arn"), text(item, "Name")) else { continue };
        // Groups that AWS manages belong to nobody's account.
        if !arn.contains(":aws-managed:") {
            scene.named_only(kind, &arn, Some(&arn), &name, call);
        }
    }
}

static FIREWALLS: Spec = Spec {
    kind: FIREWALL,
    id: "Firewall.FirewallArn",
    arn: "Firewall.FirewallArn",
    name: "Firewall.FirewallName",
    tags: Tags::Never,
    from: &[
        ("firewall_name", "Firewall.FirewallName"),
        ("firewall_policy_arn", "Firewall.FirewallPolicyArn"),
        ("vpc_id", "Firewall.VpcId"),
        ("transit_gateway_id", "Firewall.TransitGatewayId"),
        (
            "transit_gateway_attachment_id",
            "FirewallStatus.TransitGatewayAttachmentSyncState.AttachmentId",
        ),
        ("status", "FirewallStatus.Status"),
        ("configuration_sync_state", "FirewallStatus.ConfigurationSyncStateSummary"),
        ("subnet_ids", "Firewall.SubnetMappings[].SubnetId"),
        ("delete_protection", "Firewall.DeleteProtection"),
        ("subnet_change_protection", "Firewall.SubnetChangeProtection"),
        ("firewall_policy_change_protection", "Firewall.FirewallPolicyChangeProtection"),
    ],
    apart: &[],
    fix: endpoints,
};

/// The endpoints stand under their zones; a subnet without one is an endpoint to be.
fn endpoints(item: &Value, fields: &mut Map<String, Value>) {
    let states = item.get("FirewallStatus").and_then(|status| status.get("SyncStates"));
    let mut all: BTreeMap<String, FirewallEndpoint> = BTreeMap::new();
    for (zone, state) in states.and_then(Value::as_object).into_iter().flatten() {
        let Some(subnet) = text(state, "Attachment.SubnetId") else { continue };
        all.insert(
            subnet.clone(),
            FirewallEndpoint {
                availability_zone: Some(zone.clone()).into(),
                subnet_id: subnet.into(),
                endpoint_id: text(state, "Attachment.EndpointId").into(),
                status: text(state, "Attachment.Status").into(),
            },
        );
    }
    for subnet in list(item.get("Firewall").unwrap_or(&Value::Null), "SubnetMappings")
        .iter()
        .filter_map(|mapping| text(mapping, "SubnetId"))
    {
        all.entry(subnet.clone()).or_insert_with(|| FirewallEndpoint {
            availability_zone: None.into(),
            subnet_id: subnet.into(),
            endpoint_id: None.into(),
            status: None.into(),
        });
    }
    let mut ids: Vec<String> =
        all.values().filter_map(|e| e.endpoint_id.known().cloned().flatten()).collect();
    ids.sort_unstable();
    fields.insert("endpoint_ids".to_owned(), json!(ids));
    fields.insert("endpoints".to_owned(), json!(all.into_values().collect::<Vec<_>>()));
}

fn firewall(scene: &mut Scene<'_>, answer: &Value) {
    let tags = answer.get("Firewall").and_then(super::store::tags_of).unwrap_or_default();
    if let Some(draft) = scene.put(&FIREWALLS, answer) {
        draft.tags = Some(tags);
    }
}

static POLICIES: Spec = Spec {
    kind: POLICY,
    id: "FirewallPolicyResponse.FirewallPolicyArn",
    arn: "FirewallPolicyResponse.FirewallPolicyArn",
    name: "FirewallPolicyResponse.FirewallPolicyName",
    tags: Tags::Never,
    from: &[
        ("firewall_policy_name", "FirewallPolicyResponse.FirewallPolicyName"),
        ("stateless_default_actions", "FirewallPolicy.StatelessDefaultActions"),
        ("stateless_fragment_default_actions", "FirewallPolicy.StatelessFragmentDefaultActions"),
        ("stateful_default_actions", "FirewallPolicy.StatefulDefaultActions"),
        ("tls_inspection_configuration_arn", "FirewallPolicy.TLSInspectionConfigurationArn"),
        ("stateful_rule_order", "FirewallPolicy.StatefulEngineOptions.RuleOrder"),
    ],
    apart: &[],
    fix: references,
};

fn references(item: &Value, fields: &mut Map<String, Value>) {
    let nothing = Value::Null;
    let policy = item.get("FirewallPolicy").unwrap_or(&nothing);
    let of = |member: &str| -> Vec<RuleGroupReference> {
        list(policy, member)
            .iter()
            .map(|reference| RuleGroupReference {
                rule_group_arn: text(reference, "ResourceArn")
                    .map_or_else(Default::default, Into::into),
                priority: reshape::pick(reference, "Priority").and_then(|p| p.as_i64()).into(),
                override_action: text(reference, "Override.Action").into(),
            })
            .collect()
    };
    let stateless = normal::ordered(of("StatelessRuleGroupReferences"));
    let stateful = normal::ordered(of("StatefulRuleGroupReferences"));
    fields.insert("rule_group_arns".to_owned(), json!(normal::arns(&stateless, &stateful)));
    fields.insert("stateless_rule_groups".to_owned(), json!(stateless));
    fields.insert("stateful_rule_groups".to_owned(), json!(stateful));
    fields.insert("ip_sets".to_owned(), json!(sets(policy, "PolicyVariables", "RuleVariables")));
}

fn policy(scene: &mut Scene<'_>, answer: &Value) {
    let tags =
        answer.get("FirewallPolicyResponse").and_then(super::store::tags_of).unwrap_or_default();
    if let Some(draft) = scene.put(&POLICIES, answer) {
        draft.tags = Some(tags);
    }
}

static GROUPS: Spec = Spec {
    kind: GROUP,
    id: "RuleGroupResponse.RuleGroupArn",
    arn: "RuleGroupResponse.RuleGroupArn",
    name: "RuleGroupResponse.RuleGroupName",
    tags: Tags::Never,
    from: &[
        ("rule_group_name", "RuleGroupResponse.RuleGroupName"),
        ("kind", "RuleGroupResponse.Type"),
        ("rule_order", "RuleGroup.StatefulRuleOptions.RuleOrder"),
        ("domains", "RuleGroup.RulesSource.RulesSourceList.Targets"),
        ("domain_action", "RuleGroup.RulesSource.RulesSourceList.GeneratedRulesType"),
    ],
    apart: &[],
    fix: no_fix,
};

fn group(scene: &mut Scene<'_>, answer: &Value) {
    let tags = answer.get("RuleGroupResponse").and_then(super::store::tags_of).unwrap_or_default();
    let nothing = Value::Null;
    let group = answer.get("RuleGroup").unwrap_or(&nothing);
    let source = group.get("RulesSource").unwrap_or(&nothing);
    let stateless = source.get("StatelessRulesAndCustomActions").unwrap_or(&nothing);
    let parts = normal::Parts {
        rules_string: text(source, "RulesString").is_some(),
        domain_list: source.get("RulesSourceList").is_some_and(|list| !list.is_null()),
        reference_sets: group
            .get("ReferenceSets")
            .and_then(|sets| sets.get("IPSetReferences"))
            .and_then(Value::as_object)
            .is_some_and(|sets| !sets.is_empty()),
        stateless: list(stateless, "StatelessRules").iter().map(stateless_rule).collect(),
        stateful: list(source, "StatefulRules").iter().map(stateful_rule).collect(),
    };
    let mut part = RuleGroup {
        ip_sets: sets(group, "RuleVariables", "IPSets").into(),
        port_sets: sets(group, "RuleVariables", "PortSets").into(),
        ..RuleGroup::default()
    };
    normal::fill(&mut part, parts);
    if let Some(draft) = scene.put(&GROUPS, answer) {
        for field in ["stateless_rules", "stateful_rules", "ip_sets", "port_sets", "opaque_reasons"]
        {
            draft.fields.remove(field);
        }
        draft.set_all(&part);
        draft.tags = Some(tags);
    }
}

fn stateless_rule(item: &Value) -> normal::Stateless {
    let texts = |path: &str| -> Vec<String> {
        let found = reshape::pick(item, path);
        let all = found.as_ref().and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let ports = |member: &str| -> Vec<Option<Ports>> {
        let found = reshape::pick(item, &format!("RuleDefinition.MatchAttributes.{member}"));
        let all = found.as_ref().and_then(Value::as_array).into_iter().flatten();
        all.map(|range| {
            let end = |name: &str| range.get(name).and_then(Value::as_i64);
            normal::ports(end("FromPort")?, end("ToPort")?)
        })
        .collect()
    };
    let flags = reshape::pick(item, "RuleDefinition.MatchAttributes.TCPFlags");
    normal::Stateless {
        priority: reshape::pick(item, "Priority").and_then(|p| p.as_i64()),
        actions: texts("RuleDefinition.Actions"),
        sources: texts("RuleDefinition.MatchAttributes.Sources[].AddressDefinition"),
        destinations: texts("RuleDefinition.MatchAttributes.Destinations[].AddressDefinition"),
        source_ports: ports("SourcePorts"),
        destination_ports: ports("DestinationPorts"),
        protocols: reshape::pick(item, "RuleDefinition.MatchAttributes.Protocols")
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect(),
        tcp_flags: flags
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|flag| {
                let words = |member: &str| -> Vec<&str> {
                    list(flag, member).iter().filter_map(Value::as_str).collect()
                };
                normal::flags(&words("Flags"), &words("Masks"))
            })
            .collect(),
    }
}

fn stateful_rule(item: &Value) -> normal::Stateful {
    let word = |path: &str| text(item, path).unwrap_or_default();
    normal::Stateful {
        action: word("Action"),
        protocol: word("Header.Protocol"),
        source: word("Header.Source"),
        source_port: word("Header.SourcePort"),
        direction: word("Header.Direction"),
        destination: word("Header.Destination"),
        destination_port: word("Header.DestinationPort"),
        options: list(item, "RuleOptions")
            .iter()
            .map(|option| {
                let settings = list(option, "Settings").iter().filter_map(Value::as_str);
                (text(option, "Keyword").unwrap_or_default(), settings.map(str::to_owned).collect())
            })
            .collect(),
    }
}

/// The lists of names under a member, such as `{"HOME_NET": {"Definition": ["10.0.0.0/8"]}}`.
fn sets(value: &Value, outer: &str, inner: &str) -> BTreeMap<String, Vec<String>> {
    let map = value.get(outer).and_then(|v| v.get(inner)).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(name, set)| {
            let all = list(set, "Definition").iter();
            (name.clone(), all.filter_map(|v| v.as_str().map(str::to_owned)).collect())
        })
        .collect()
}
