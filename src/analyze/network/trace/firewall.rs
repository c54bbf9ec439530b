//! Firewalls of AWS Network Firewall, as far as they are understood.

use super::Tracer;
use super::walk::Walk;
use crate::analyze::network::packet::{Packet, Verdict};
use crate::analyze::network::topology::{Endpoint, Firewall, FirewallAction, FirewallRule, Id};
use crate::model::{Attr, Cause, CauseKind};

impl Tracer<'_> {
    /// What the firewall of an endpoint does with a packet. Stateful rules let answers to what they let pass back;
    /// answers to what they never saw they may drop.
    pub(super) fn firewall(id: Id<Endpoint>, firewall: &Firewall, walk: &mut Walk) -> Verdict {
        let packet = walk.packet;
        let first = |rules: &[FirewallRule]| {
            rules.iter().find(|rule| matches(rule, packet)).map(|rule| Attr::Known(rule.action))
        };
        let stateless =
            first(&firewall.stateless).unwrap_or_else(|| firewall.stateless_default.clone());
        let action = match stateless {
            Attr::Known(FirewallAction::Forward) if walk.answer => {
                return if walk.firewalls.contains(&id) {
                    Verdict::Passes
                } else {
                    Verdict::Unknown(Cause::new(
                        CauseKind::NotUnderstood,
                        format!("{}: it did not see what this answers", firewall.name),
                    ))
                };
            }
            Attr::Known(FirewallAction::Forward) => {
                walk.firewalls.push(id);
                match &firewall.opaque {
                    Some(cause) => return Verdict::Unknown(cause.clone()),
                    None => first(&firewall.stateful)
                        .unwrap_or_else(|| firewall.stateful_default.clone()),
                }
            }
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
