//! AWS Network Firewall: firewalls on a path, their policies and rule groups.

use std::collections::BTreeMap;

use crate::net::{Ports, Prefix};

model! {
    /// A firewall (`network-firewall:ListFirewalls`, `network-firewall:DescribeFirewall`).
    pub struct Firewall {
        /// The name.
        firewall_name: String,
        /// The policy.
        firewall_policy_arn: String,
        /// The VPC; absent for one that stands in a transit gateway.
        vpc_id: Option<String>,
        /// The transit gateway; absent for one that stands in a VPC.
        transit_gateway_id: Option<String>,
        /// The attachment to that transit gateway.
        transit_gateway_attachment_id: Option<String>,
        /// Whether it is ready.
        status: String = ["PROVISIONING", "READY", "DELETING"],
        /// Whether its configuration is in force everywhere.
        configuration_sync_state: Option<String> = ["PENDING", "IN_SYNC", "CAPACITY_CONSTRAINED"],
        /// The endpoints that routes lead to, a zone each.
        endpoints: Vec<FirewallEndpoint>,
        /// The ids of those endpoints.
        endpoint_ids: Vec<String>,
        /// The subnets of those endpoints.
        subnet_ids: Vec<String>,
        /// Whether it is protected from being deleted.
        delete_protection: bool,
        /// Whether its subnets are protected from being changed.
        subnet_change_protection: bool,
        /// Whether its policy is protected from being exchanged.
        firewall_policy_change_protection: bool,
    }

    /// The endpoint of a firewall in a zone.
    pub struct FirewallEndpoint key [availability_zone, subnet_id] {
        /// The zone.
        availability_zone: Option<String>,
        /// The subnet.
        subnet_id: String,
        /// The VPC endpoint, as routes name it; absent before there is one.
        endpoint_id: Option<String>,
        /// Whether it works, such as `READY`.
        status: Option<String>,
    }

    /// A firewall policy (`network-firewall:ListFirewallPolicies`, `network-firewall:DescribeFirewallPolicy`).
    pub struct FirewallPolicy {
        /// The name.
        firewall_policy_name: String,
        /// What happens to packets that no stateless rule matches: `aws:pass`, `aws:drop`, `aws:forward_to_sfe`, or an
        /// own action's name.
        stateless_default_actions: Vec<String>,
        /// The same for fragments of UDP packets.
        stateless_fragment_default_actions: Vec<String>,
        /// What happens to packets that no stateful rule matches, with the strict order; empty otherwise.
        stateful_default_actions: Vec<String>,
        /// How stateful rules are ordered: by their actions, or as they stand.
        stateful_rule_order: Option<String> = ["DEFAULT_ACTION_ORDER", "STRICT_ORDER"],
        /// The stateless rule groups, lowest priority first.
        stateless_rule_groups: Vec<RuleGroupReference>,
        /// The stateful rule groups.
        stateful_rule_groups: Vec<RuleGroupReference>,
        /// The ARNs of all rule groups.
        rule_group_arns: Vec<String>,
        /// The TLS inspection that decrypts for the stateful rules.
        tls_inspection_configuration_arn: Option<String>,
        /// Address lists that override those of rule groups, such as `HOME_NET`.
        ip_sets: BTreeMap<String, Vec<String>>,
    }

    /// The use of a rule group by a policy.
    pub struct RuleGroupReference key [rule_group_arn] {
        /// The rule group; AWS' own have `aws-managed` in place of the account.
        rule_group_arn: String,
        /// Its place in the order; absent for stateful ones that are ordered by their actions.
        priority: Option<i64>,
        /// What is overridden in a managed group: `DROP_TO_ALERT`.
        override_action: Option<String>,
    }

    /// An own rule group (`network-firewall:ListRuleGroups`, `network-firewall:DescribeRuleGroup`).
    pub struct RuleGroup {
        /// The name.
        rule_group_name: String,
        /// The kind of its rules.
        kind: String = ["STATELESS", "STATEFUL", "STATEFUL_DOMAIN"],
        /// Whether it holds what is not evaluated here: Suricata text, domain lists, rules with options beyond `sid` and
        /// the like. What it does to a packet is unknown then.
        opaque: bool,
        /// Why it is opaque, in words.
        opaque_reasons: Vec<String>,
        /// Its stateless rules, lowest priority first; the first match decides.
        stateless_rules: Vec<StatelessRule>,
        /// Its stateful rules that name addresses and ports.
        stateful_rules: Vec<StatefulRule>,
        /// How stateful rules are ordered: by their actions, or as they stand.
        rule_order: Option<String> = ["DEFAULT_ACTION_ORDER", "STRICT_ORDER"],
        /// Its own address lists, by name without `$`.
        ip_sets: BTreeMap<String, Vec<String>>,
        /// Its own port lists, by name without `$`.
        port_sets: BTreeMap<String, Vec<String>>,
        /// The domains of a domain list.
        domains: Vec<String>,
        /// Whether those domains are allowed, denied, or the like.
        domain_action: Option<String>,
    }

    /// A stateless rule. It matches when every list has a match; an empty list matches everything.
    pub struct StatelessRule key [priority] {
        /// Its place in the order.
        priority: i64,
        /// `aws:pass`, `aws:drop`, `aws:forward_to_sfe`, and names of own actions.
        actions: Vec<String>,
        /// The sources.
        sources: Vec<Prefix>,
        /// The destinations.
        destinations: Vec<Prefix>,
        /// The source ports.
        source_ports: Vec<Ports>,
        /// The destination ports.
        destination_ports: Vec<Ports>,
        /// The numbers of the protocols.
        protocols: Vec<i64>,
        /// Conditions on TCP flags, as `SYN/SYN,ACK`: these set, out of those looked at.
        tcp_flags: Vec<String>,
    }

    /// A stateful rule on addresses and ports.
    pub struct StatefulRule key [action, protocol, source, source_port, direction, destination, destination_port] {
        /// What it does.
        action: String = ["PASS", "DROP", "ALERT", "REJECT"],
        /// The protocol, `IP` for all.
        protocol: String,
        /// A prefix, a list of them, a variable such as `$HOME_NET`, or `ANY`; `!` excludes.
        source: String,
        /// A port, a range, a list, a variable, or `ANY`.
        source_port: String,
        /// Whether it judges both directions.
        direction: String = ["FORWARD", "ANY"],
        /// As for the source.
        destination: String,
        /// As for the source port.
        destination_port: String,
        /// Options as Suricata has them, such as `sid:1`.
        options: Vec<String>,
    }
}
