//! Questions drawn at random, and both answers to them.

use std::fmt::Write as _;

use portcullis::analyze::network::packet::{Packet, Start, Verdict};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::build::Builder;
use portcullis::analyze::network::topology::{Network, Node};
use portcullis::analyze::network::trace::{Trace, Tracer, trace};
use portcullis::analyze::{Context, Environments};
use portcullis::clock;
use portcullis::model::{Coverage, Index, Resource};
use portcullis::net::traffic::{ICMP, ICMPV6, TCP, UDP};

use super::random::{Draw, OUTSIDE, PORTS, World};

/// Where a packet starts, by name, so that it can be asked of a network whose ids changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    Interface(String),
    Internet,
    Site(String),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    pub from: From,
    pub packet: Packet,
}

/// The network of a world.
pub fn network(resources: &[Resource], coverage: Coverage) -> Network {
    let environments = Environments::default();
    let index = Index::build(Vec::new(), coverage, &portcullis::analyze::relations());
    let context = Context::new(&index, &environments, clock::parse("2026-11-25").unwrap());
    let mut builder = Builder::new(&environments);
    for resource in resources {
        builder.add(resource);
    }
    builder.finish(&context)
}

/// Draws a question about a world.
pub fn question(world: &World, draw: &mut Draw) -> Question {
    let (from, source) = match draw.below(10) {
        0..=5 => {
            let (name, addresses) = draw.pick(&world.interfaces);
            (From::Interface(name.clone()), draw.pick(addresses).clone())
        }
        9 if !world.sites.is_empty() => {
            (From::Site(draw.pick(&world.sites).clone()), "192.168.7.7".to_owned())
        }
        _ => (From::Internet, (*draw.pick(&OUTSIDE)).to_owned()),
    };
    let family = source.contains(':');
    let mut destination = draw.pick(&world.addresses).clone();
    for _ in 0..20 {
        if destination.contains(':') == family {
            break;
        }
        destination.clone_from(draw.pick(&world.addresses));
    }
    if destination.contains(':') != family {
        destination.clone_from(&source);
    }
    let (protocol, port) = match draw.below(10) {
        0 if family => (ICMPV6, 128 << 8),
        0 => (ICMP, 8 << 8),
        1 => (ICMP, 13 << 8),
        2 | 3 => (UDP, *draw.pick(&PORTS)),
        4 => (47, 0),
        _ => (TCP, *draw.pick(&PORTS)),
    };
    let source_port =
        if matches!(protocol, TCP | UDP) { *draw.pick(&[1024, 33000, 50000, 65535]) } else { 0 };
    Question {
        from,
        packet: Packet {
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
            protocol,
            source_port,
            port,
        },
    }
}

/// Where the question starts in a network.
pub fn start(network: &Network, from: &From) -> Option<Start> {
    match from {
        From::Internet => Some(Start::Internet),
        From::Interface(name) => match network.find(name)? {
            Node::Interface(id) => Some(Start::Interface(id)),
            _ => None,
        },
        From::Site(name) => match network.find(name)? {
            Node::Vpc(id) => Some(Start::VpnGateway(id)),
            Node::Attachment(id) => Some(Start::Attachment(id)),
            _ => None,
        },
    }
}

/// The answer: whether it gets there, and whether the reply comes back; causes are left out, since the two analyses
/// may meet another first.
pub type Answer = (char, char);

fn word(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Passes => 'y',
        Verdict::Blocked => 'n',
        Verdict::Unknown(_) => '?',
    }
}

pub fn answer(forward: &Verdict, reply: &Verdict) -> Answer {
    // Where nothing gets there, nobody asks for the reply.
    let there = word(forward);
    (there, if there == 'n' { '-' } else { word(reply) })
}

/// The answer of the tracer.
pub fn traced(tracer: &Tracer<'_>, network: &Network, question: &Question) -> Option<Answer> {
    Some(answered(&tracer.trace(start(network, &question.from)?, question.packet)))
}

/// The answer of a trace.
pub fn answered(trace: &Trace) -> Answer {
    answer(&trace.forward, &trace.reply)
}

/// The answer of the intervals.
pub fn computed(analysis: &Analysis<'_>, network: &Network, question: &Question) -> Option<Answer> {
    let (forward, reply) = analysis.verdict(start(network, &question.from)?, question.packet);
    Some(answer(&forward, &reply))
}

/// The best way of a packet and of its answer, for people who look into a dispute.
pub fn steps(network: &Network, question: &Question) -> String {
    let Some(start) = start(network, &question.from) else { return String::new() };
    let trace = trace(network, start, question.packet);
    let hops = trace.hops.iter().map(|hop| ("  ", hop));
    let back = trace.reply_hops.iter().map(|hop| ("  back ", hop));
    let mut out = String::new();
    for (lead, hop) in hops.chain(back) {
        let by = hop.by.as_deref().unwrap_or_default();
        let (step, at, verdict, code) = (hop.step, &hop.at, &hop.verdict, hop.code);
        writeln!(out, "{lead}{step:?} {at} {by} {verdict:?} {code:?}").unwrap();
    }
    out
}
