//! Firewalls of AWS Network Firewall, as far as they are understood.

use super::Tracer;
use crate::analyze::network::packet::{Packet, Verdict};
use crate::analyze::network::topology::{Firewall, FirewallAction, FirewallRule};
use crate::model::Attr;

impl Tracer<'_> {
    /// What a firewall does with a packet. Stateful rules let answers to what they let pass back.
    pub(super) fn firewall(firewall: &Firewall, packet: Packet, answer: bool) -> Verdict {
        let first = |rules: &[FirewallRule]| {
            rules.iter().find(|rule| matches(rule, packet)).map(|rule| Attr::Known(rule.action))
        };
        let stateless =
            first(&firewall.stateless).unwrap_or_else(|| firewall.stateless_default.clone());
        let action = match stateless {
            Attr::Known(FirewallAction::Forward) if answer => return Verdict::Passes,
            Attr::Known(FirewallAction::Forward) => match &firewall.opaque {
                Some(cause) => return Verdict::Unknown(cause.clone()),
                None => {
                    first(&firewall.stateful).unwrap_or_else(|| firewall.stateful_default.clone())
                }
            },
            other => other,
        };
        match action {
            Attr::Known(FirewallAction::Drop) => Verdict::Blocked,
            Attr::Known(_) => Verdict::Passes,
            Attr::Unknown(cause) => Verdict::Unknown(cause),
        }
    }
}

fn matches(rule: &FirewallRule, packet: Packet) -> bool {
    rule.sources.contains(packet.source)
        && rule.destinations.contains(packet.destination)
        && (rule.source_ports.is_empty()
            || rule.source_ports.iter().any(|ports| ports.covers(i64::from(packet.source_port))))
        && rule.traffic.iter().any(|traffic| traffic.contains(packet.traffic()))
}
