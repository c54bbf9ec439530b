//! Firewalls of AWS Network Firewall, as far as addresses, ports and protocols decide.

use std::collections::{BTreeMap, HashMap};

use super::said::{Fill, Said, Spot, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{Firewall, FirewallAction, FirewallRule};
use crate::model::network_firewall::{
    Firewall as FirewallData, FirewallPolicy, RuleGroup, RuleGroupReference, StatefulRule,
    StatelessRule,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::traffic::{self, Protocol, TCP, UDP};
use crate::net::{AddrSet, Ports, Prefix, Traffic};

impl Fill for FirewallData {}
impl Fill for FirewallPolicy {}
impl Fill for RuleGroup {}

const POLICIES: &str = "aws.network_firewall.policy";
const RULE_GROUPS: &str = "aws.network_firewall.rule_group";

/// Everything about firewalls, by ARN and by endpoint.
#[derive(Debug, Default)]
pub(super) struct Firewalls {
    list: Vec<Said<FirewallData>>,
    by_endpoint: BTreeMap<Box<str>, usize>,
    policies: HashMap<Box<str>, FirewallPolicy>,
    groups: HashMap<Box<str>, RuleGroup>,
}

/// An endpoint by its id, with its place, its VPC and its subnet.
type FirewallEndpoint = (Box<str>, Spot, Box<str>, Option<Box<str>>);

impl Firewalls {
    pub(super) fn new(
        list: Vec<Said<FirewallData>>,
        policies: Vec<Said<FirewallPolicy>>,
        groups: Vec<Said<RuleGroup>>,
    ) -> Self {
        fn name<T>(said: Said<T>) -> (Box<str>, T) {
            (said.arn.unwrap_or(said.id), said.thing)
        }
        let mut by_endpoint = BTreeMap::new();
        for (at, said) in list.iter().enumerate() {
            for id in said.thing.endpoint_ids.known().into_iter().flatten() {
                by_endpoint.insert(id.as_str().into(), at);
            }
        }
        Self {
            list,
            by_endpoint,
            policies: policies.into_iter().map(name).collect(),
            groups: groups.into_iter().map(name).collect(),
        }
    }

    fn of(&self, endpoint: &str) -> Option<&Said<FirewallData>> {
        self.by_endpoint.get(endpoint).and_then(|at| self.list.get(*at))
    }

    /// All endpoints by id.
    pub(super) fn endpoints(&self) -> Vec<FirewallEndpoint> {
        let mut out = Vec::new();
        for (id, at) in &self.by_endpoint {
            let Some(said) = self.list.get(*at) else { continue };
            let vpc = match some(&said.thing.vpc_id) {
                Some(vpc) => vpc.into(),
                None => format!("the VPC of {id}").into(),
            };
            let mut endpoints = said.thing.endpoints.known().into_iter().flatten();
            let own = endpoints.find(|it| some(&it.endpoint_id) == Some(id));
            let subnet = own.and_then(|it| it.subnet_id.known());
            out.push((id.clone(), said.place, vpc, subnet.map(|subnet| subnet.as_str().into())));
        }
        out
    }
}

/// Address and port lists by name.
struct Variables<'a> {
    addresses: Vec<&'a BTreeMap<String, Vec<String>>>,
    ports: Option<&'a BTreeMap<String, Vec<String>>>,
    home: Result<AddrSet, Cause>,
}

impl Work<'_, '_> {
    /// The firewall that an endpoint belongs to.
    pub(super) fn firewall(&self, all: &Firewalls, endpoint: &str) -> Option<Firewall> {
        let said = all.of(endpoint)?;
        let name = said.arn.clone().unwrap_or_else(|| said.id.clone());
        let place = self.spot(said.place);
        let policy = said.thing.firewall_policy_arn.get().map_err(Clone::clone);
        let policy = policy.and_then(|arn| {
            let found = all.policies.get(arn.as_str());
            found.ok_or_else(|| self.absent(arn, place, POLICIES))
        });
        let policy = match policy {
            Ok(policy) => policy,
            Err(cause) => {
                return Some(Firewall {
                    name,
                    stateless: Vec::new(),
                    stateless_default: Attr::Unknown(cause.clone()),
                    stateful: Vec::new(),
                    stateful_default: Attr::Unknown(cause.clone()),
                    opaque: Some(cause),
                });
            }
        };
        let home = said.thing.vpc_id.known().and_then(Option::as_deref);
        let home = home.and_then(|vpc| self.vpc_named(vpc));
        let home = match home.map(|vpc| &self.net.vpcs[vpc].blocks) {
            Some(Attr::Known(blocks)) => Ok(blocks.clone()),
            Some(Attr::Unknown(cause)) => Err(cause.clone()),
            None => Err(missing(&format!("the VPC of {name}"))),
        };
        let group = |arn: &str| {
            let found = all.groups.get(arn);
            found.ok_or_else(|| self.absent(arn, place, RULE_GROUPS))
        };
        let (stateless, stateless_default) = stateless(policy, group);
        let (stateful, stateful_default, opaque) = stateful(policy, &home, group);
        Some(Firewall { name, stateless, stateless_default, stateful, stateful_default, opaque })
    }
}

/// The rule groups of a policy by priority.
fn ordered(list: &[RuleGroupReference]) -> Result<Vec<&RuleGroupReference>, Cause> {
    let mut out = Vec::new();
    for reference in list {
        let priority = reference.priority.get().map_err(Clone::clone)?;
        let arn = reference.rule_group_arn.get().map_err(Clone::clone)?;
        out.push((priority.unwrap_or(i64::MAX), arn, reference));
    }
    out.sort_by_key(|(priority, arn, _)| (*priority, *arn));
    Ok(out.into_iter().map(|(_, _, reference)| reference).collect())
}

/// Stateless rules up to the first that is not understood; behind that nothing is known of packets none has matched.
fn stateless<'g>(
    policy: &FirewallPolicy,
    group: impl Fn(&str) -> Result<&'g RuleGroup, Cause>,
) -> (Vec<FirewallRule>, Attr<FirewallAction>) {
    let mut out = Vec::new();
    let mut fill = || {
        let list = policy.stateless_rule_groups.get().map_err(Clone::clone)?;
        for reference in ordered(list)? {
            let group = group(reference.rule_group_arn.get().map_err(Clone::clone)?)?;
            let rules = group.stateless_rules.get().map_err(Clone::clone)?;
            let mut numbered = Vec::new();
            for rule in rules {
                numbered.push((*rule.priority.get().map_err(Clone::clone)?, rule));
            }
            numbered.sort_by_key(|(number, _)| *number);
            for (number, rule) in numbered {
                out.push(stateless_rule(number, rule)?);
            }
        }
        action(&policy.stateless_default_actions)
    };
    let default = fill().into();
    (out, default)
}

fn action(actions: &Attr<Vec<String>>) -> Result<FirewallAction, Cause> {
    let actions = actions.get().map_err(Clone::clone)?;
    let found = actions.iter().find_map(|action| match action.as_str() {
        "aws:pass" => Some(FirewallAction::Pass),
        "aws:drop" => Some(FirewallAction::Drop),
        "aws:forward_to_sfe" => Some(FirewallAction::Forward),
        _ => None,
    });
    found.ok_or_else(|| not_understood("the action of a stateless rule"))
}

fn stateless_rule(number: i64, rule: &StatelessRule) -> Result<FirewallRule, Cause> {
    if !rule.tcp_flags.get().map_err(Clone::clone)?.is_empty() {
        return Err(not_understood("a stateless rule that looks at TCP flags"));
    }
    let addresses = |list: &Attr<Vec<Prefix>>| {
        let list = list.get().map_err(Clone::clone)?;
        Ok::<_, Cause>(if list.is_empty() {
            AddrSet::everything()
        } else {
            AddrSet::of_prefixes(list)
        })
    };
    let ports = rule.destination_ports.get().map_err(Clone::clone)?;
    let mut protocols = Vec::new();
    for number in rule.protocols.get().map_err(Clone::clone)? {
        let wrong = |_| not_understood("the protocol of a stateless rule");
        protocols.push(Protocol::try_from(*number).map_err(wrong)?);
    }
    let source_ports = rule.source_ports.get().map_err(Clone::clone)?.clone();
    Ok(FirewallRule {
        number,
        sources: addresses(&rule.sources)?,
        destinations: addresses(&rule.destinations)?,
        traffic: packets(&protocols, ports, !source_ports.is_empty()),
        source_ports,
        action: action(&rule.actions)?,
    })
}

/// Packets of protocols with destination ports. Conditions on ports are met by TCP and UDP only.
fn packets(protocols: &[Protocol], ports: &[Ports], on_ports: bool) -> Vec<Traffic> {
    let any_port = ports.is_empty() || ports.contains(&Ports::ALL);
    if protocols.is_empty() && any_port && !on_ports {
        return vec![Traffic::ALL];
    }
    let with_ports = [TCP, UDP];
    let protocols = if protocols.is_empty() { &with_ports } else { protocols };
    let mut out = Vec::new();
    for &protocol in protocols {
        if any_port || !matches!(protocol, TCP | UDP) {
            out.push(Traffic::protocol(protocol));
        } else {
            out.extend(ports.iter().map(|ports| Traffic::new(protocol, *ports)));
        }
    }
    out.sort_unstable();
    out
}

type Stateful = (Vec<FirewallRule>, Attr<FirewallAction>, Option<Cause>);

/// Stateful rules in the order of their evaluation: as they stand, or passing ones before dropping ones.
/// Source: "Evaluation order for stateful rule groups" in the guide to AWS Network Firewall.
fn stateful<'g>(
    policy: &FirewallPolicy,
    home: &Result<AddrSet, Cause>,
    group: impl Fn(&str) -> Result<&'g RuleGroup, Cause>,
) -> Stateful {
    let mut opaque = None;
    let mut out = Vec::new();
    if let Ok(Some(_)) = policy.tls_inspection_configuration_arn.get() {
        least(&mut opaque, not_understood("rules that look into TLS"));
    }
    let strict = match policy.stateful_rule_order.get().map(Option::as_deref) {
        Ok(order) => order == Some("STRICT_ORDER"),
        Err(cause) => {
            least(&mut opaque, cause.clone());
            false
        }
    };
    let references = policy.stateful_rule_groups.get().map_err(Clone::clone);
    let references = references.and_then(|list| ordered(list)).unwrap_or_else(|cause| {
        least(&mut opaque, cause);
        Vec::new()
    });
    for reference in references {
        let arn = reference.rule_group_arn.get().map_err(Clone::clone);
        match arn.and_then(|arn| group(arn)) {
            Ok(group) => stateful_group(group, policy, home, &mut out, &mut opaque),
            Err(cause) => least(&mut opaque, cause),
        }
    }
    if !strict {
        out.sort_by_key(|rule| rule.action != FirewallAction::Pass);
    }
    for (at, rule) in out.iter_mut().enumerate() {
        rule.number = i64::try_from(at).unwrap_or(i64::MAX).saturating_add(1);
    }
    let default = if strict { strict_default(policy) } else { Attr::Known(FirewallAction::Pass) };
    (out, default, opaque)
}

fn strict_default(policy: &FirewallPolicy) -> Attr<FirewallAction> {
    let actions = match policy.stateful_default_actions.get() {
        Ok(actions) => actions,
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    let has = |name: &str| actions.iter().any(|action| action == name);
    if has("aws:drop_strict") {
        Attr::Known(FirewallAction::Drop)
    } else if actions.iter().any(|action| action.starts_with("aws:drop_established")) {
        // Handshakes pass and what follows does not: whether that is a connection depends on the protocol.
        Attr::Unknown(not_understood("the default action drops established connections"))
    } else {
        Attr::Known(FirewallAction::Pass)
    }
}

fn stateful_group(
    group: &RuleGroup,
    policy: &FirewallPolicy,
    home: &Result<AddrSet, Cause>,
    out: &mut Vec<FirewallRule>,
    opaque: &mut Option<Cause>,
) {
    match group.opaque.get() {
        Ok(false) => {}
        Ok(true) => {
            let reasons = group.opaque_reasons.known().map(|list| list.join(", "));
            let name = group.rule_group_name.known().map_or("a rule group", String::as_str);
            let why = format!("{name}: {}", reasons.unwrap_or_default());
            least(opaque, not_understood(&why));
        }
        Err(cause) => least(opaque, cause.clone()),
    }
    let rules = match group.stateful_rules.get() {
        Ok(rules) => rules,
        Err(cause) => return least(opaque, cause.clone()),
    };
    let addresses = [policy.ip_sets.known(), group.ip_sets.known()];
    let variables = Variables {
        addresses: addresses.into_iter().flatten().collect(),
        ports: group.port_sets.known(),
        home: home.clone(),
    };
    for rule in rules {
        match stateful_rule(rule, &variables) {
            Ok(rules) => out.extend(rules),
            Err(cause) => least(opaque, cause),
        }
    }
}

fn stateful_rule(
    rule: &StatefulRule,
    variables: &Variables<'_>,
) -> Result<Vec<FirewallRule>, Cause> {
    let action = match rule.action.get().map_err(Clone::clone)?.as_str() {
        "PASS" => FirewallAction::Pass,
        "DROP" | "REJECT" => FirewallAction::Drop,
        // It only writes a log.
        "ALERT" => return Ok(Vec::new()),
        _ => return Err(not_understood("the action of a stateful rule")),
    };
    let protocol = rule.protocol.get().map_err(Clone::clone)?;
    let protocols: Vec<Protocol> = match protocol.to_ascii_uppercase().as_str() {
        "IP" => Vec::new(),
        name @ ("TCP" | "UDP" | "ICMP") => {
            traffic::protocol(name).ok().flatten().into_iter().collect()
        }
        _ => return Err(not_understood("a stateful rule on a protocol of applications")),
    };
    let text = |attr: &Attr<String>| attr.get().cloned().map_err(Clone::clone);
    let from = variables.addresses(&text(&rule.source)?, 0)?;
    let to = variables.addresses(&text(&rule.destination)?, 0)?;
    let (from_ports, to_ports) = (
        variables.ports(&text(&rule.source_port)?)?,
        variables.ports(&text(&rule.destination_port)?)?,
    );
    let one = |sources: &AddrSet, destinations: &AddrSet, source: &[Ports], ports: &[Ports]| {
        FirewallRule {
            number: 0,
            sources: sources.clone(),
            destinations: destinations.clone(),
            source_ports: source.to_vec(),
            traffic: packets(&protocols, ports, !source.is_empty()),
            action,
        }
    };
    let mut out = vec![one(&from, &to, &from_ports, &to_ports)];
    if text(&rule.direction)? == "ANY" {
        out.push(one(&to, &from, &to_ports, &from_ports));
    }
    Ok(out)
}

impl Variables<'_> {
    /// A prefix, a list, a variable, `ANY`, each perhaps negated.
    fn addresses(&self, text: &str, depth: u8) -> Result<AddrSet, Cause> {
        let text = text.trim();
        // Lists within lists within variables end somewhere, unless somebody means harm.
        if depth > 8 {
            return Err(not_understood("addresses of a stateful rule"));
        }
        if let Some(rest) = text.strip_prefix('!') {
            return Ok(AddrSet::everything().minus(&self.addresses(rest, depth + 1)?));
        }
        if let Some(list) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return self.list(list.split(','), depth);
        }
        if let Some(name) = text.strip_prefix('$') {
            if let Some(list) = self.addresses.iter().find_map(|map| map.get(name)) {
                return self.list(list.iter().map(String::as_str), depth);
            }
            return match name {
                "HOME_NET" => self.home.clone(),
                "EXTERNAL_NET" => {
                    Ok(AddrSet::everything().minus(&self.addresses("$HOME_NET", depth + 1)?))
                }
                _ => Err(not_understood("a variable of a stateful rule")),
            };
        }
        if text.eq_ignore_ascii_case("any") {
            return Ok(AddrSet::everything());
        }
        let prefix: Prefix = text.parse().map_err(|why: String| not_understood(&why))?;
        Ok(prefix.into())
    }

    /// The union of what is named less what is excluded.
    fn list<'t>(&self, items: impl Iterator<Item = &'t str>, depth: u8) -> Result<AddrSet, Cause> {
        let (mut some, mut none) = (AddrSet::default(), AddrSet::default());
        let mut named = false;
        for item in items {
            if let Some(rest) = item.trim().strip_prefix('!') {
                none = none.union(&self.addresses(rest, depth + 1)?);
            } else {
                named = true;
                some = some.union(&self.addresses(item, depth + 1)?);
            }
        }
        Ok(if named { some } else { AddrSet::everything() }.minus(&none))
    }

    /// Ranges; none for any port.
    fn ports(&self, text: &str) -> Result<Vec<Ports>, Cause> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("any") {
            return Ok(Vec::new());
        }
        if let Some(name) = text.strip_prefix('$') {
            let list = self.ports.and_then(|map| map.get(name));
            let list = list.ok_or_else(|| not_understood("a variable of a stateful rule"))?;
            return list.iter().map(|text| range(text)).collect();
        }
        match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(list) => list.split(',').map(range).collect(),
            None => Ok(vec![range(text)?]),
        }
    }
}

/// `80`, `80:90`, `80:`, `:90`; excluded ones are not understood.
fn range(text: &str) -> Result<Ports, Cause> {
    let port = |text: &str, open: u16| match text {
        "" => Ok(open),
        text => text.parse().map_err(|_| not_understood("the ports of a stateful rule")),
    };
    let text = text.trim();
    match text.split_once(':') {
        Some((from, to)) => Ok(Ports::new(port(from, 0)?, port(to, u16::MAX)?)),
        None if text.is_empty() => Err(not_understood("the ports of a stateful rule")),
        None => port(text, 0).map(|port| Ports::new(port, port)),
    }
}

fn not_understood(what: &str) -> Cause {
    Cause::new(CauseKind::NotUnderstood, what)
}
