//! Firewalls, as far as their rules are understood.

use super::cube::Cube;
use crate::analyze::network::topology::{
    Endpoint, EndpointKind, Firewall, FirewallAction, FirewallRule, Id, Network,
};
use crate::model::{Attr, Cause, CauseKind};

/// The packets that a firewall lets pass, each with whether its stateful rules saw it.
///
/// Stateless rules look at answers as at anything. Stateful ones let answers pass to what they saw and let pass; what
/// they never saw the beginning of they may drop.
pub(super) fn pass(
    network: &Network,
    id: Id<Endpoint>,
    cube: &Cube,
    answer: bool,
    saw: bool,
) -> Vec<(Cube, bool)> {
    let EndpointKind::Firewall(firewall) = &network.endpoints[id].kind else { return Vec::new() };
    let mut out = Vec::new();
    let parts = if answer { vec![cube.clone()] } else { cube.by_answer() };
    for part in parts {
        let default = &firewall.stateless_default;
        for (mut cube, action) in decided(&part, &firewall.stateless, default) {
            match action {
                FirewallAction::Pass => out.push((cube, false)),
                FirewallAction::Drop => {}
                FirewallAction::Forward if answer => {
                    if !saw {
                        cube.doubt.add(&Cause::new(
                            CauseKind::NotUnderstood,
                            format!("{}: it did not see what this answers", firewall.name),
                        ));
                    }
                    out.push((cube, true));
                }
                FirewallAction::Forward => {
                    let mut passed = Vec::new();
                    stateful(firewall, &cube, &mut passed);
                    out.extend(passed.into_iter().map(|cube| (cube, true)));
                }
            }
        }
    }
    out
}

fn stateful(firewall: &Firewall, cube: &Cube, out: &mut Vec<Cube>) {
    if let Some(cause) = &firewall.opaque {
        let mut cube = cube.clone();
        cube.doubt.add(cause);
        out.push(cube);
        return;
    }
    for (cube, action) in decided(cube, &firewall.stateful, &firewall.stateful_default) {
        if action == FirewallAction::Pass {
            out.push(cube);
        }
    }
}

/// The parts of a cube with what the first rule that matches does to them. An unknown default is every action in doubt.
fn decided(
    cube: &Cube,
    rules: &[FirewallRule],
    default: &Attr<FirewallAction>,
) -> Vec<(Cube, FirewallAction)> {
    let mut out = Vec::new();
    let mut rest = vec![cube.clone()];
    for rule in rules {
        let hits: Vec<Cube> = rest.iter().flat_map(|cube| matched(cube, rule)).collect();
        if hits.is_empty() {
            continue;
        }
        rest = rest.into_iter().flat_map(|cube| cube.minus_all(&hits)).collect();
        out.extend(hits.into_iter().map(|cube| (cube, rule.action)));
    }
    for mut cube in rest {
        match default {
            Attr::Known(action) => out.push((cube, *action)),
            Attr::Unknown(cause) => {
                cube.doubt.add(cause);
                out.push((cube, FirewallAction::Pass));
            }
        }
    }
    out
}

/// The disjoint parts of a cube that a rule matches.
fn matched(cube: &Cube, rule: &FirewallRule) -> Vec<Cube> {
    let Some(cube) = cube
        .with(cube.head.source, &rule.sources)
        .and_then(|cube| cube.with(cube.head.destination, &rule.destinations))
    else {
        return Vec::new();
    };
    let mut out: Vec<Cube> = Vec::new();
    for traffic in &rule.traffic {
        let Some(part) = cube.at(cube.head.port, *traffic) else { continue };
        let mut parts = Vec::new();
        if rule.source_ports.is_empty() {
            parts.push(part);
        } else {
            parts.extend(rule.source_ports.iter().filter_map(|ports| part.sent_from(*ports)));
        }
        for part in parts {
            let fresh = part.minus_all(&out);
            out.extend(fresh);
        }
    }
    out
}
