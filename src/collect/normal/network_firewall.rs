//! Rule groups of AWS Network Firewall: what of their rules can be evaluated, and what cannot.

use std::collections::BTreeSet;

use crate::model::Attr;
use crate::model::attr::CauseKind;
use crate::model::network_firewall::{RuleGroup, RuleGroupReference, StatefulRule, StatelessRule};
use crate::net::{Ports, Prefix};

/// What a rule group holds, from whichever answer.
#[derive(Debug, Default)]
pub struct Parts {
    /// Whether there is Suricata text.
    pub rules_string: bool,
    /// Whether there is a list of domains.
    pub domain_list: bool,
    /// Whether rules refer to prefix lists outside the group.
    pub reference_sets: bool,
    /// The stateless rules.
    pub stateless: Vec<Stateless>,
    /// The stateful rules.
    pub stateful: Vec<Stateful>,
}

/// A stateless rule as the API has it. A list with something that is not understood makes its attribute unknown.
#[derive(Debug, Default)]
pub struct Stateless {
    /// Its place in the order.
    pub priority: Option<i64>,
    /// What it does.
    pub actions: Vec<String>,
    /// Prefixes as text.
    pub sources: Vec<String>,
    /// Prefixes as text.
    pub destinations: Vec<String>,
    /// Ranges, nothing for one that makes no sense.
    pub source_ports: Vec<Option<Ports>>,
    /// Ranges, nothing for one that makes no sense.
    pub destination_ports: Vec<Option<Ports>>,
    /// Numbers of protocols.
    pub protocols: Vec<i64>,
    /// See [`flags`].
    pub tcp_flags: Vec<String>,
}

/// A stateful rule as the API has it.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the fields of the model's rule")]
pub struct Stateful {
    pub action: String,
    pub protocol: String,
    pub source: String,
    pub source_port: String,
    pub direction: String,
    pub destination: String,
    pub destination_port: String,
    /// Keywords with their settings.
    pub options: Vec<(String, Vec<String>)>,
}

/// Options of a stateful rule that say nothing about what it matches, nor about its place in the order.
const SILENT: [&str; 8] =
    ["sid", "msg", "rev", "gid", "classtype", "metadata", "reference", "noalert"];

/// Protocols that are told by the header of a packet.
const PLAIN: [&str; 4] = ["IP", "TCP", "UDP", "ICMP"];

/// Fills rules and verdict of a rule group.
pub fn fill(out: &mut RuleGroup, parts: Parts) {
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    let mut hold = |there: bool, what: &str| {
        if there {
            reasons.insert(what.to_owned());
        }
    };
    hold(parts.rules_string, "Suricata text");
    hold(parts.domain_list, "a list of domains");
    hold(parts.reference_sets, "references to prefix lists");
    for rule in &parts.stateful {
        for (keyword, _) in &rule.options {
            let silent = SILENT.contains(&keyword.to_ascii_lowercase().as_str());
            hold(!silent, &format!("the option `{keyword}`"));
        }
        let plain = PLAIN.contains(&rule.protocol.to_ascii_uppercase().as_str());
        hold(!plain, &format!("the protocol {}", rule.protocol));
    }
    out.opaque = (!reasons.is_empty()).into();
    out.opaque_reasons = reasons.into_iter().collect::<Vec<_>>().into();
    let mut stateless: Vec<(Option<i64>, StatelessRule)> =
        parts.stateless.into_iter().map(|rule| (rule.priority, stateless_rule(rule))).collect();
    stateless.sort_by_key(|(priority, _)| *priority);
    out.stateless_rules = stateless.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>().into();
    out.stateful_rules = parts.stateful.into_iter().map(stateful_rule).collect::<Vec<_>>().into();
}

fn stateless_rule(rule: Stateless) -> StatelessRule {
    StatelessRule {
        priority: rule.priority.map_or_else(Attr::default, Attr::Known),
        actions: rule.actions.into(),
        sources: prefixes(&rule.sources),
        destinations: prefixes(&rule.destinations),
        source_ports: ranges(rule.source_ports),
        destination_ports: ranges(rule.destination_ports),
        protocols: rule.protocols.into(),
        tcp_flags: rule.tcp_flags.into(),
    }
}

fn stateful_rule(rule: Stateful) -> StatefulRule {
    let options = rule.options.into_iter().map(|(keyword, settings)| match settings.as_slice() {
        [] => keyword,
        some => format!("{keyword}:{}", some.join(",")),
    });
    StatefulRule {
        action: rule.action.into(),
        protocol: rule.protocol.into(),
        source: rule.source.into(),
        source_port: rule.source_port.into(),
        direction: rule.direction.into(),
        destination: rule.destination.into(),
        destination_port: rule.destination_port.into(),
        options: options.collect::<Vec<_>>().into(),
    }
}

fn prefixes(texts: &[String]) -> Attr<Vec<Prefix>> {
    let mut out = Vec::new();
    for text in texts {
        match text.parse() {
            Ok(prefix) => out.push(prefix),
            Err(why) => return Attr::unknown(CauseKind::NotUnderstood, format!("{text}: {why}")),
        }
    }
    out.into()
}

fn ranges(all: Vec<Option<Ports>>) -> Attr<Vec<Ports>> {
    match all.into_iter().collect::<Option<Vec<_>>>() {
        Some(all) => all.into(),
        None => Attr::unknown(CauseKind::NotUnderstood, "a range that is none of ports"),
    }
}

/// A range of ports; nothing when an end is no port.
pub fn ports(from: i64, to: i64) -> Option<Ports> {
    Some(Ports::new(u16::try_from(from).ok()?, u16::try_from(to).ok()?))
}

/// A condition on TCP flags in words: these set, out of those looked at; without a mask all are looked at.
pub fn flags(set: &[&str], masks: &[&str]) -> String {
    let masks = if masks.is_empty() { "ALL".to_owned() } else { masks.join(",") };
    format!("{}/{masks}", set.join(","))
}

/// References in the order in which they are asked: by priority, those without one by ARN.
pub fn ordered(mut all: Vec<RuleGroupReference>) -> Vec<RuleGroupReference> {
    all.sort_by_cached_key(|reference| {
        let priority = reference.priority.known().copied().flatten();
        (priority, reference.rule_group_arn.known().cloned())
    });
    all
}

/// The ARNs of all references, sorted.
pub fn arns(stateless: &[RuleGroupReference], stateful: &[RuleGroupReference]) -> Vec<String> {
    let all = stateless.iter().chain(stateful);
    let set: BTreeSet<String> =
        all.filter_map(|reference| reference.rule_group_arn.known().cloned()).collect();
    set.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_evaluated_is_opaque() {
        let rule = |protocol: &str, keyword: &str| Stateful {
            protocol: protocol.to_owned(),
            options: vec![(keyword.to_owned(), vec!["1".to_owned()])],
            ..Stateful::default()
        };
        let judge = |parts: Parts| {
            let mut group = RuleGroup::default();
            fill(&mut group, parts);
            group.opaque_reasons.known().unwrap().join("; ")
        };
        assert_eq!(judge(Parts { stateful: vec![rule("TCP", "sid")], ..Parts::default() }), "");
        assert_eq!(
            judge(Parts { stateful: vec![rule("TLS", "content")], ..Parts::default() }),
            "the option `content`; the protocol TLS"
        );
        assert_eq!(judge(Parts { rules_string: true, ..Parts::default() }), "Suricata text");
    }

    #[test]
    fn a_rule_with_a_strange_prefix_matches_nobody_knows_what() {
        let mut group = RuleGroup::default();
        let rule = Stateless { sources: vec!["10.0.0.0/40".to_owned()], ..Stateless::default() };
        fill(&mut group, Parts { stateless: vec![rule], ..Parts::default() });
        assert!(group.stateless_rules.known().unwrap()[0].sources.known().is_none());
    }
}
