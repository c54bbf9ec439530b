//! Things of one environment that stand for another: load balancers with targets there, and endpoints of its services.

use std::collections::BTreeSet;

use super::Kind;
use super::parties::{Env, UNKNOWN};
use crate::analyze::network::topology::{
    Balancer, BalancerKind, DoorKind, Id, Interface, Listener, Network, Node,
};
use crate::model::Cause;
use crate::net::Traffic;

/// An interface that stands for an environment other than its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// The interface.
    pub interface: Id<Interface>,
    /// The environment that it leads to.
    pub env: Env,
    /// By what.
    pub kind: Kind,
    /// The balancer or endpoint.
    pub link: Node,
    /// Where it answers for that environment.
    pub traffic: Vec<Traffic>,
    /// Whether the environment is its own.
    pub is_own: bool,
    /// Why it may lead there although nobody knows.
    pub doubt: Option<Cause>,
    /// Whether targets may see the client's address, so that what holds for one sender need not for another.
    pub keeps_client: bool,
}

/// Balancers behind balancers that are followed.
const DEEPEST: usize = 3;

/// All of them.
pub fn through(network: &Network, env: impl Fn(Id<Interface>) -> Env) -> Vec<Through> {
    let mut out = Vec::new();
    for (id, balancer) in network.balancers.iter() {
        let (targets, keeps) = served(network, id, &env, DEEPEST);
        let keeps_client = keeps && balancer.kind == BalancerKind::Network;
        for interface in &balancer.interfaces {
            out.extend(doubtful(network, *interface, balancer, Node::Balancer(id), &env));
            let (node, own) = (Node::Balancer(id), env(*interface));
            let mut targets = targets.clone();
            if balancer.kind != BalancerKind::Network {
                // It ends connections itself, and opens its own to targets.
                targets.extend(traffic(&balancer.listeners).map(|traffic| (own, traffic)));
            }
            let found = of(*interface, Kind::LoadBalancer, node, &targets, own, true);
            out.extend(found.map(|it| Through { keeps_client, ..it }));
        }
    }
    for (_, door) in network.doors.iter().filter(|(_, door)| door.kind == DoorKind::PrivateLink) {
        let mut targets = Vec::new();
        for id in &door.balancers {
            let (more, _) = served(network, *id, &env, DEEPEST);
            targets.extend(more);
            // The balancer belongs to somebody as well.
            let balancer = &network.balancers[*id];
            for owner in balancer.interfaces.iter().map(|id| env(*id)) {
                targets.extend(traffic(&balancer.listeners).map(|traffic| (owner, traffic)));
            }
        }
        for interface in &door.interfaces {
            let ports = door.ports.iter().map(|port| (env(*interface), port.outside));
            targets.extend(ports);
        }
        for endpoint in &door.consumers {
            for interface in &network.endpoints[*endpoint].interfaces {
                let link = Node::Endpoint(*endpoint);
                // Clients are never seen behind it.
                let own = env(*interface);
                out.extend(of(*interface, Kind::PrivateLink, link, &targets, own, false));
            }
        }
    }
    out
}

fn of(
    interface: Id<Interface>,
    kind: Kind,
    link: Node,
    targets: &[(Env, Traffic)],
    own: Env,
    itself: bool,
) -> impl Iterator<Item = Through> {
    let envs: BTreeSet<Env> = targets
        .iter()
        .map(|(env, _)| *env)
        .filter(|env| *env < UNKNOWN && (itself || *env != own))
        .collect();
    envs.into_iter().map(move |env| {
        let mine = targets.iter().filter(|(to, _)| *to == env);
        let traffic = super::pool::merged(mine.map(|(_, traffic)| *traffic).collect());
        Through {
            interface,
            env,
            kind,
            link,
            traffic,
            is_own: env == own,
            doubt: None,
            keeps_client: false,
        }
    })
}

/// A balancer with listeners or targets that nobody knows may lead to those of its own environment.
fn doubtful(
    network: &Network,
    interface: Id<Interface>,
    balancer: &Balancer,
    link: Node,
    env: &impl Fn(Id<Interface>) -> Env,
) -> Option<Through> {
    let groups = |listener: &Listener| {
        let groups = listener.targets.iter().map(|group| &network.target_groups[*group]);
        groups.filter_map(|group| group.doubt.clone()).min()
    };
    let mut traffic = Vec::new();
    let mut doubt: Vec<Cause> = balancer.listeners_doubt.iter().cloned().collect();
    if !doubt.is_empty() {
        traffic.push(Traffic::ALL);
    }
    for listener in &balancer.listeners {
        let causes = listener.doubt.clone().into_iter().chain(listener.traffic_doubt.clone());
        if let Some(cause) = causes.chain(groups(listener)).min() {
            traffic.extend(&listener.traffic);
            doubt.push(cause);
        }
    }
    let (own, traffic) = (env(interface), super::pool::merged(traffic));
    Some(Through {
        interface,
        env: own,
        kind: Kind::LoadBalancer,
        link,
        traffic,
        is_own: true,
        doubt: Some(doubt.into_iter().min()?),
        keeps_client: false,
    })
    .filter(|it| it.env < UNKNOWN)
}

fn traffic(listeners: &[Listener]) -> impl Iterator<Item = Traffic> + '_ {
    listeners.iter().flat_map(|listener| listener.traffic.iter().copied())
}

/// The environments of a balancer's targets, with the traffic of the listeners that lead there; and whether any target
/// may see clients.
fn served(
    network: &Network,
    id: Id<Balancer>,
    env: &impl Fn(Id<Interface>) -> Env,
    depth: usize,
) -> (Vec<(Env, Traffic)>, bool) {
    let mut out = Vec::new();
    let mut keeps = false;
    if depth == 0 {
        return (out, keeps);
    }
    for listener in &network.balancers[id].listeners {
        for group in &listener.targets {
            let group = &network.target_groups[*group];
            keeps |= group.keeps_client.known() != Some(&false);
            for target in &group.targets {
                let mut envs: Vec<Env> = target.interface.map(env).into_iter().collect();
                if let Some(behind) = target.balancer {
                    let own = network.balancers[behind].interfaces.iter().map(|id| env(*id));
                    envs.extend(own);
                    let (more, _) = served(network, behind, env, depth - 1);
                    envs.extend(more.into_iter().map(|(env, _)| env));
                }
                for env in envs {
                    out.extend(listener.traffic.iter().map(|traffic| (env, *traffic)));
                }
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    (out, keeps)
}
