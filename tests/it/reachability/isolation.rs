//! Isolation of environments, against every single packet between every two interfaces of random networks.

use std::collections::BTreeSet;

use portcullis::analyze::network::breach::{Breach, Flow, Kind, Level, Party, isolation};
use portcullis::analyze::network::packet::{Packet, Start, Verdict};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::{Id, Interface, InterfaceKind, Network};
use portcullis::analyze::network::trace::Tracer;
use portcullis::model::Attr;
use portcullis::net::Traffic;
use portcullis::net::traffic::{ICMP, ICMPV6, TCP, UDP};
use rayon::prelude::*;

use super::ask::network;
use super::random::{PORTS, draw};

/// How interfaces are given to environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Vpc,
    /// So that VPCs and subnets are shared.
    Interface,
}

fn divide(network: &mut Network, by: By) {
    let names = ["blue", "green", "red"];
    for (id, interface) in network.interfaces.iter_mut() {
        // What belongs to one machine stays together.
        let own = interface.host.map_or(id.at(), Id::at);
        let at = if by == By::Vpc { interface.vpc.at() } else { own };
        interface.environment = Attr::Known(Some(names[at % 3].into()));
    }
}

fn environment(network: &Network, id: Id<Interface>) -> &str {
    network.interfaces[id].environment.known().unwrap().as_deref().unwrap()
}

/// Packets worth sending from one interface to another.
fn packets(network: &Network, from: Id<Interface>, to: Id<Interface>) -> Vec<Packet> {
    let mut out = Vec::new();
    for source in &network.interfaces[from].addresses {
        for target in &network.interfaces[to].addresses {
            for destination in [Some(target.range.first), target.public].into_iter().flatten() {
                let source = source.range.first;
                if source.is_v6() != destination.is_v6() {
                    continue;
                }
                let echo = if source.is_v6() { (ICMPV6, 128 << 8) } else { (ICMP, 8 << 8) };
                let ports = PORTS.iter().flat_map(|port| [(TCP, *port), (UDP, *port)]);
                for (protocol, port) in ports.chain([echo]) {
                    let source_port = if protocol == echo.0 { 0 } else { 50000 };
                    out.push(Packet { source, destination, protocol, source_port, port });
                }
            }
        }
    }
    out
}

fn shown(network: &Network, breach: &Breach) -> String {
    let at = network.name(breach.link);
    format!("{at} {breach:?}")
}

fn compare(seed: u64, by: By) -> (usize, usize, Vec<String>) {
    let world = draw(seed, false);
    let mut network = network(&world.resources(), world.coverage());
    divide(&mut network, by);
    let analysis = Analysis::new(&network);
    let found = isolation(&analysis, &[]);
    let tracer = Tracer::new(&network);
    let (mut passed, mut wrong) = (0, Vec::new());
    let mut told = BTreeSet::new();
    // What others' packets pass through begins nothing itself.
    let begins = |id: &Id<Interface>| {
        matches!(
            network.interfaces[*id].kind,
            InterfaceKind::Ordinary | InterfaceKind::Function | InterfaceKind::Managed
        )
    };
    for from in network.interfaces.ids().filter(begins) {
        for to in network.interfaces.ids().filter(|to| *to != from) {
            for packet in packets(&network, from, to) {
                let trace = tracer.trace(Start::Interface(from), packet);
                let Some(receiver) = trace.receiver else { continue };
                let (a, b) = (environment(&network, from), environment(&network, receiver));
                if trace.forward != Verdict::Passes || a == b {
                    continue;
                }
                passed += 1;
                let holds = |breach: &&Breach| {
                    *breach.from == *a
                        && *breach.to == *b
                        && breach.level == Level::Admitted
                        && breach.traffic.iter().any(|t| t.contains(packet.traffic()))
                };
                if !found.breaches.iter().any(|breach| holds(&breach)) && told.insert((a, b)) {
                    let hops: Vec<String> = trace
                        .hops
                        .iter()
                        .map(|hop| format!("{:?} {} {:?}", hop.step, hop.at, hop.by))
                        .collect();
                    wrong.push(format!("seed {seed} {by:?}: {a} → {b} {packet} missed: {hops:#?}"));
                }
            }
        }
    }
    for breach in found.breaches.iter().filter(|b| b.doubt.is_none()) {
        let Some((start, packet)) = breach.witness else { continue };
        let trace = tracer.trace(start, packet);
        if breach.level == Level::Admitted && trace.forward != Verdict::Passes {
            wrong.push(format!(
                "seed {seed} {by:?}: {packet} does not pass: {:?}, {}",
                trace.blockers().map(|hop| (hop.step, &hop.at, hop.code)).collect::<Vec<_>>(),
                shown(&network, breach)
            ));
        }
    }
    (passed, found.breaches.len(), wrong)
}

#[test]
fn every_packet_between_environments_is_in_a_breach_and_every_witness_passes() {
    let seeds: u64 =
        std::env::var("PORTCULLIS_NETWORKS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let all: Vec<(usize, usize, Vec<String>)> = (0..seeds)
        .into_par_iter()
        .flat_map_iter(|seed| [By::Vpc, By::Interface].map(|by| compare(seed, by)))
        .collect();
    let passed: usize = all.iter().map(|one| one.0).sum();
    let breaches: usize = all.iter().map(|one| one.1).sum();
    let wrong: Vec<&String> = all.iter().flat_map(|one| &one.2).collect();
    eprintln!("{passed} packets between environments, {breaches} breaches, {} wrong", wrong.len());
    assert!(passed > 1000 && breaches > 100, "{passed} packets, {breaches} breaches");
    let some: Vec<String> = wrong.iter().take(6).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), some.join("\n"));
}

#[test]
fn what_is_declared_is_no_breach() {
    let mut declared_any = 0;
    for seed in 0..20 {
        let world = draw(seed, false);
        let mut network = network(&world.resources(), world.coverage());
        divide(&mut network, By::Vpc);
        let analysis = Analysis::new(&network);
        let before = isolation(&analysis, &[]);
        let flow = |from: Party, to: Party, traffic: Vec<Traffic>, via: Vec<String>| Flow {
            from,
            to,
            traffic,
            via,
            reason: "test".to_owned(),
        };
        let everything = flow(Party::Any, Party::Any, Vec::new(), Vec::new());
        assert!(isolation(&analysis, &[everything]).breaches.is_empty(), "seed {seed}");
        let (blue, green) =
            (Party::Environment("blue".to_owned()), Party::Environment("green".to_owned()));
        let https = vec![Traffic::one(TCP, 443)];
        let after = isolation(&analysis, &[flow(blue.clone(), green.clone(), https, Vec::new())]);
        for breach in &after.breaches {
            let admitted = breach.level == Level::Admitted;
            let concerned = *breach.from == *"blue" && *breach.to == *"green";
            if concerned && admitted {
                let has = breach.traffic.iter().any(|t| t.contains(Traffic::one(TCP, 443).first));
                assert!(!has, "seed {seed}: {}", shown(&network, breach));
            }
        }
        let other = |list: &[Breach]| {
            list.iter().filter(|b| !(*b.from == *"blue" && *b.to == *"green")).count()
        };
        assert_eq!(other(&before.breaches), other(&after.breaches), "seed {seed}");
        // Only over the peering that is named.
        let over = |b: &&Breach| b.kind == Kind::Peering && b.level == Level::Admitted;
        if let Some(breach) = before.breaches.iter().find(over) {
            let party = |name: &str| Party::Environment(name.to_owned());
            let of = |via: &str| {
                let flow =
                    flow(party(&breach.from), party(&breach.to), Vec::new(), vec![via.to_owned()]);
                let all = isolation(&analysis, &[flow]).breaches;
                all.iter().filter(|b| b.link == breach.link && b.from == breach.from).count()
            };
            assert_eq!(of(network.name(breach.link)), 0, "seed {seed}");
            assert!(of("pcx-of-nobody") > 0, "seed {seed}");
            declared_any += 1;
        }
    }
    assert!(declared_any > 0);
}
