//! Findings with a packet to show them by.

use super::admit::{Key, Use};
use super::parties::Parties;
use super::through::Through;
use super::{Breach, Kind, Level, pool};
use crate::analyze::kleene::any;
use crate::analyze::network::packet::{EPHEMERAL, Packet, Reply, Start};
use crate::analyze::network::reach::{Analysis, Connection, End, Origin};
use crate::analyze::network::topology::{BalancerKind, Node};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::traffic::{ICMP, ICMPV6, TCP, UDP};
use crate::net::{Addr, AddrSet, Ports, Traffic};

/// The finding for a use of a joint.
pub fn breach(analysis: &Analysis<'_>, parties: &Parties, key: &Key, used: Use) -> Option<Breach> {
    let network = analysis.network();
    let example = used.found.example?;
    let own = pool::own(network, example.sender, example.seen, example.destination)?;
    let packet = packet(own, example.destination, example.traffic);
    let start = Start::Interface(example.sender);
    let subnet = network.interfaces[example.sender].subnet;
    let (origin, to) = (Origin::Subnet(subnet), AddrSet::one(example.destination));
    let ways = match key.kind {
        // What lies behind the internet was not asked for one by one.
        Kind::Public => analysis.ways_out(origin, &to),
        _ => analysis.ways(origin, &to),
    };
    let mut routes: Vec<_> = ways.into_iter().flat_map(|way| way.touches).collect();
    routes.sort_unstable();
    routes.dedup();
    let mut level = if used.admitted { Level::Admitted } else { Level::RoutedOnly };
    let mut doubt = used.doubt;
    let through = key.through.and_then(|at| parties.through.get(at as usize));
    // Where it is doubtful what is behind, nothing more can be said.
    if let Some(through) = through.filter(|it| it.doubt.is_none()) {
        (level, doubt) = second(analysis, parties, through, start, packet, doubt);
    }
    let reply = match level {
        Level::Admitted => reply(analysis, start, packet),
        Level::RoutedOnly => Reply::None,
    };
    Some(Breach {
        from: parties.name(key.from).into(),
        to: parties.name(key.to).into(),
        kind: key.kind,
        link: key.link,
        routes,
        rule: key.rule.clone(),
        traffic: used.found.traffic,
        level,
        reply,
        pairs: (used.found.senders, used.found.takers),
        witness: Some((start, packet)),
        doubt,
    })
}

/// Whether what stands for an environment hands a packet on to somebody there.
fn second(
    analysis: &Analysis<'_>,
    parties: &Parties,
    through: &Through,
    start: Start,
    packet: Packet,
    doubt: Option<Cause>,
) -> (Level, Option<Cause>) {
    let (sources, destinations) = (AddrSet::one(packet.source), AddrSet::one(packet.destination));
    let arrives = |connection: &&Connection| {
        connection.traffic.contains(packet.traffic())
            && matches!(connection.end, End::Interface(id) if parties.env(id) == through.env)
    };
    let all = analysis.connections(start, &sources, &destinations);
    let found: Vec<&Connection> = all.iter().filter(arrives).collect();
    if found.iter().any(|connection| connection.doubt.is_none()) {
        return (Level::Admitted, doubt);
    }
    let own = found.iter().filter_map(|connection| connection.doubt.as_ref()).min();
    if let Some(cause) = own {
        return (Level::Admitted, doubt.into_iter().chain([cause.clone()]).min());
    }
    if let Some(onward) = onward(analysis, parties, through) {
        return match onward {
            Attr::Known(true) => (Level::Admitted, doubt),
            Attr::Known(false) => (Level::RoutedOnly, doubt),
            Attr::Unknown(cause) => (Level::Admitted, doubt.into_iter().chain([cause]).min()),
        };
    }
    if through.keeps_client {
        let words = "targets may see the address of each client, and only one client was followed";
        let cause = Cause::new(CauseKind::NotUnderstood, words);
        return (Level::Admitted, doubt.into_iter().chain([cause]).min());
    }
    (Level::RoutedOnly, doubt)
}

/// Whether a balancer that ends connections gets through to a target of an environment; nothing for other things.
fn onward(analysis: &Analysis<'_>, parties: &Parties, through: &Through) -> Option<Attr<bool>> {
    let network = analysis.network();
    let Node::Balancer(id) = through.link else { return None };
    let balancer = &network.balancers[id];
    if balancer.kind == BalancerKind::Network {
        return None;
    }
    let groups = balancer.listeners.iter().flat_map(|listener| &listener.targets);
    let targets = groups.flat_map(|group| &network.target_groups[*group].targets);
    let ours = targets.filter(|target| {
        target.interface.is_some_and(|interface| parties.env(interface) == through.env)
    });
    let own = network.interfaces[through.interface].own();
    let start = Start::Interface(through.interface);
    let reached = ours.filter_map(|target| {
        let (to, port) = (target.addr?, target.port?);
        let at = Traffic::one(TCP, port).first;
        let all = analysis.connections(start, &own, &AddrSet::one(to));
        let fit = all.into_iter().filter(|it| it.traffic.contains(at));
        Some(any(fit.map(|it| match it.doubt {
            None => Attr::Known(true),
            Some(cause) => Attr::Unknown(cause),
        })))
    });
    Some(any(reached))
}

/// A packet of some traffic that people know, if there is one.
pub fn packet(source: Addr, destination: Addr, traffic: Traffic) -> Packet {
    const KNOWN: [(u8, u16); 5] = [(TCP, 443), (TCP, 22), (TCP, 80), (UDP, 53), (ICMP, 0x0800)];
    let echo = if source.is_v6() { (ICMPV6, 128 << 8) } else { (ICMP, 0x0800) };
    let at = KNOWN
        .into_iter()
        .filter(|(protocol, _)| *protocol != ICMP)
        .chain([echo])
        .map(|(protocol, port)| Traffic::one(protocol, port).first)
        .find(|at| traffic.contains(*at))
        .unwrap_or(traffic.first);
    let protocol = u8::try_from(at >> 16).unwrap_or(u8::MAX);
    let port = u16::try_from(at & 0xffff).unwrap_or_default();
    let source_port = if matches!(protocol, TCP | UDP) { 49152 } else { 0 };
    Packet { source, destination, protocol, source_port, port }
}

/// How much of the answers to a packet comes back, whatever port it is from.
fn reply(analysis: &Analysis<'_>, start: Start, packet: Packet) -> Reply {
    let (sources, destinations) = (AddrSet::one(packet.source), AddrSet::one(packet.destination));
    let all = analysis.connections(start, &sources, &destinations);
    let fit: Vec<&Connection> =
        all.iter().filter(|it| it.traffic.contains(packet.traffic())).collect();
    let mut answered: Vec<Ports> = Vec::new();
    let mut doubt = None;
    for connection in fit {
        match &connection.answered {
            Attr::Known(true) => answered.push(connection.source_ports),
            Attr::Known(false) => {}
            Attr::Unknown(cause) => doubt = doubt.into_iter().chain([cause.clone()]).min(),
        }
    }
    if !packet.has_ports() {
        return match (answered.is_empty(), doubt) {
            (false, _) => Reply::Full,
            (true, Some(cause)) => Reply::Unknown(cause),
            (true, None) => Reply::None,
        };
    }
    let answered = ports(answered);
    let full = |ports: &Ports| ports.from <= EPHEMERAL.from && ports.to == EPHEMERAL.to;
    match (answered.iter().any(full), doubt) {
        (true, _) => Reply::Full,
        (false, Some(cause)) => Reply::Unknown(cause),
        (false, None) if answered.is_empty() => Reply::None,
        (false, None) => Reply::Partial(answered),
    }
}

/// Sorted and disjoint.
fn ports(mut ports: Vec<Ports>) -> Vec<Ports> {
    ports.sort_unstable_by_key(|ports| (ports.from, ports.to));
    let mut out: Vec<Ports> = Vec::new();
    for next in ports {
        match out.last_mut() {
            Some(last) if next.from <= last.to.saturating_add(1) => last.to = last.to.max(next.to),
            _ => out.push(next),
        }
    }
    out
}
