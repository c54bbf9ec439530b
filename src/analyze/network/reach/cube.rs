//! Sets of packets on their way: every combination of source, destination, traffic and source port.
//!
//! A cube speaks of packets as they were sent. Translations do not change that: they change what the header shows now,
//! which is either what was sent or one fixed value. Filters look at the header and cut the cube.

use super::{Bounds, Flows};
use crate::analyze::kleene::Doubt;
use crate::model::Cause;
use crate::net::traffic::{ICMP, ICMPV6, Protocol, TCP, UDP};
use crate::net::{Addr, AddrSet, Ports, Traffic};

/// A set of packets.
#[derive(Debug, Clone)]
pub(super) struct Cube {
    pub(super) sources: AddrSet,
    pub(super) destinations: AddrSet,
    pub(super) traffic: Traffic,
    /// Source ports; they mean nothing for protocols without ports.
    pub(super) ports: Ports,
    pub(super) head: Head,
    pub(super) doubt: Doubt,
}

/// What the header shows now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) source: Field,
    pub(super) destination: Field,
    pub(super) port: Port,
    pub(super) source_port: Port,
}

/// An address of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The source as sent.
    Sources,
    /// The destination as sent.
    Destinations,
    /// What a translation put there.
    Fixed(Addr),
}

/// A port of the header, with its protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Port {
    /// The destination port as sent.
    Traffic,
    /// The source port as sent, of a protocol that has ports.
    Ports,
    /// The source port as sent, as the destination of an answer of this protocol.
    Back(Protocol),
    /// A place on the line of traffic.
    Fixed(u32),
}

impl Head {
    /// The header as sent.
    pub(super) const SENT: Self = Self {
        source: Field::Sources,
        destination: Field::Destinations,
        port: Port::Traffic,
        source_port: Port::Ports,
    };
}

impl Cube {
    /// All traffic between some addresses.
    pub(super) fn new(sources: AddrSet, destinations: AddrSet) -> Self {
        Self {
            sources,
            destinations,
            traffic: Traffic::ALL,
            ports: Ports::ALL,
            head: Head::SENT,
            doubt: Doubt::default(),
        }
    }

    /// The addresses that a field shows.
    pub(super) fn addresses(&self, field: Field) -> AddrSet {
        match field {
            Field::Sources => self.sources.clone(),
            Field::Destinations => self.destinations.clone(),
            Field::Fixed(addr) => AddrSet::one(addr),
        }
    }

    /// The packets whose field is in a set.
    pub(super) fn with(&self, field: Field, set: &AddrSet) -> Option<Self> {
        let cut = |have: &AddrSet| {
            let both = have.intersection(set);
            (!both.is_empty()).then_some(both)
        };
        match field {
            Field::Sources => Some(Self { sources: cut(&self.sources)?, ..self.clone() }),
            Field::Destinations => {
                Some(Self { destinations: cut(&self.destinations)?, ..self.clone() })
            }
            Field::Fixed(addr) => set.contains(addr).then(|| self.clone()),
        }
    }

    /// The packets for which two fields, one of them before and one behind translations, show the same.
    pub(super) fn same(&self, one: Field, other: Field) -> Option<Self> {
        match (one, other) {
            _ if one == other => Some(self.clone()),
            (Field::Fixed(_), Field::Fixed(_)) => None,
            (Field::Fixed(addr), field) | (field, Field::Fixed(addr)) => {
                self.with(field, &AddrSet::one(addr))
            }
            _ => None,
        }
    }

    /// The packets whose port is in some traffic.
    pub(super) fn at(&self, port: Port, traffic: Traffic) -> Option<Self> {
        match port {
            Port::Traffic => {
                Some(Self { traffic: self.traffic.intersection(traffic)?, ..self.clone() })
            }
            Port::Fixed(place) => traffic.contains(place).then(|| self.clone()),
            Port::Back(protocol) => {
                let both = Traffic::new(protocol, self.ports).intersection(traffic)?;
                Some(Self { ports: ports_of(both), ..self.clone() })
            }
            Port::Ports => Some(self.clone()),
        }
    }

    /// The packets whose source port is in a range; all of protocols without ports. The cube is of one protocol.
    pub(super) fn sent_from(&self, ports: Ports) -> Option<Self> {
        if !has_ports(self.protocol()) {
            return Some(self.clone());
        }
        match self.head.source_port {
            Port::Ports => {
                let (from, to) = (self.ports.from.max(ports.from), self.ports.to.min(ports.to));
                (from <= to).then(|| Self { ports: Ports { from, to }, ..self.clone() })
            }
            Port::Traffic => self.at(Port::Traffic, Traffic::new(self.protocol(), ports)),
            Port::Fixed(place) => {
                let port = i64::from(place & 0xffff);
                ports.covers(port).then(|| self.clone())
            }
            Port::Back(_) => Some(self.clone()),
        }
    }

    /// The protocol that the header shows, of a cube of one protocol.
    pub(super) fn protocol(&self) -> Protocol {
        let place = match self.head.port {
            Port::Fixed(place) => place,
            Port::Back(protocol) => return protocol,
            Port::Traffic | Port::Ports => self.traffic.first,
        };
        u8::try_from(place >> 16).unwrap_or(u8::MAX)
    }

    /// The packets that a filter lets pass.
    pub(super) fn through(&self, bounds: &Bounds, peer: Field) -> Vec<Self> {
        let mut out = Vec::new();
        self.cut(&bounds.least, peer, None, &mut out);
        if let Some(cause) = &bounds.cause {
            self.cut(&bounds.doubtful(), peer, Some(cause), &mut out);
        }
        out
    }

    fn cut(&self, flows: &Flows, peer: Field, doubt: Option<&Cause>, out: &mut Vec<Self>) {
        for (traffic, peers) in flows.parts() {
            if let Some(part) = self.at(self.head.port, *traffic)
                && let Some(mut part) = part.with(peer, peers)
            {
                part.doubt.extend(doubt);
                out.push(part);
            }
        }
    }

    /// The packets that are not in another cube.
    pub(super) fn minus(&self, other: &Self) -> Vec<Self> {
        let sources = self.sources.intersection(&other.sources);
        let destinations = self.destinations.intersection(&other.destinations);
        let traffic = self.traffic.intersection(other.traffic);
        let (from, to) = (self.ports.from.max(other.ports.from), self.ports.to.min(other.ports.to));
        let Some(traffic) = traffic else { return vec![self.clone()] };
        if sources.is_empty() || destinations.is_empty() || from > to {
            return vec![self.clone()];
        }
        let mut out = Vec::new();
        let mut rest = self.clone();
        let apart = rest.sources.minus(&sources);
        if !apart.is_empty() {
            out.push(Self { sources: apart, ..rest.clone() });
        }
        rest.sources = sources;
        let apart = rest.destinations.minus(&destinations);
        if !apart.is_empty() {
            out.push(Self { destinations: apart, ..rest.clone() });
        }
        rest.destinations = destinations;
        if rest.traffic.first < traffic.first {
            let apart = Traffic { first: rest.traffic.first, last: traffic.first - 1 };
            out.push(Self { traffic: apart, ..rest.clone() });
        }
        if traffic.last < rest.traffic.last {
            let apart = Traffic { first: traffic.last + 1, last: rest.traffic.last };
            out.push(Self { traffic: apart, ..rest.clone() });
        }
        rest.traffic = traffic;
        if rest.ports.from < from {
            let apart = Ports { from: rest.ports.from, to: from - 1 };
            out.push(Self { ports: apart, ..rest.clone() });
        }
        if to < rest.ports.to {
            out.push(Self { ports: Ports { from: to + 1, to: rest.ports.to }, ..rest.clone() });
        }
        out
    }

    /// The packets that are in none of some cubes.
    pub(super) fn minus_all<'a>(self, others: impl IntoIterator<Item = &'a Self>) -> Vec<Self> {
        let mut rest = vec![self];
        for other in others {
            rest = rest.iter().flat_map(|cube| cube.minus(other)).collect();
        }
        rest
    }

    /// Parts that are each answered in one manner; whole protocols as far as that goes.
    pub(super) fn by_answer(&self) -> Vec<Self> {
        if !matches!(self.head.port, Port::Traffic) {
            return vec![self.clone()];
        }
        answer_parts(self.traffic)
            .into_iter()
            .map(|traffic| Self { traffic, ..self.clone() })
            .collect()
    }

    /// The header of answers to a header, for a cube from [`Self::by_answer`].
    pub(super) fn answer_to(&self, head: Head) -> Head {
        let place = match head.port {
            Port::Fixed(place) => place,
            Port::Traffic | Port::Ports | Port::Back(_) => self.traffic.first,
        };
        let protocol = u8::try_from(place >> 16).unwrap_or(u8::MAX);
        let kind = (place & 0xffff) >> 8;
        let (port, source_port) = match (protocol, kind) {
            (TCP | UDP, _) => (
                match head.source_port {
                    Port::Fixed(place) => Port::Fixed(place),
                    _ => Port::Back(protocol),
                },
                head.port,
            ),
            (ICMP, 8) => (Port::Fixed(u32::from(ICMP) << 16), head.source_port),
            (ICMPV6, 128) => (Port::Fixed(u32::from(ICMPV6) << 16 | 129 << 8), head.source_port),
            _ => (head.port, head.source_port),
        };
        Head { source: head.destination, destination: head.source, port, source_port }
    }
}

/// The parts of traffic that are each answered in one manner.
pub(super) fn answer_parts(traffic: Traffic) -> Vec<Traffic> {
    /// Where the manner changes.
    const CUTS: [u32; 10] = [
        (ICMP as u32) << 16,
        (ICMP as u32) << 16 | 0x800,
        (ICMP as u32) << 16 | 0x900,
        (ICMP as u32 + 1) << 16,
        (TCP as u32) << 16,
        (TCP as u32 + 1) << 16,
        (UDP as u32) << 16,
        (UDP as u32 + 1) << 16,
        (ICMPV6 as u32) << 16 | 0x8000,
        (ICMPV6 as u32) << 16 | 0x8100,
    ];
    let mut out = Vec::new();
    let mut first = traffic.first;
    for cut in CUTS {
        if first < cut && cut <= traffic.last {
            out.push(Traffic { first, last: cut - 1 });
            first = cut;
        }
    }
    out.push(Traffic { first, last: traffic.last });
    out
}

/// Whether a protocol has ports.
pub(super) fn has_ports(protocol: Protocol) -> bool {
    matches!(protocol, TCP | UDP)
}

/// The ports of traffic of one protocol.
pub(super) fn ports_of(traffic: Traffic) -> Ports {
    let port = |place: u32| u16::try_from(place & 0xffff).unwrap_or(u16::MAX);
    Ports { from: port(traffic.first), to: port(traffic.last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube(sources: &[&str], ports: (u16, u16), traffic: Traffic) -> Cube {
        let set = |texts: &[&str]| {
            AddrSet::of_prefixes(&texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<_>>())
        };
        Cube {
            traffic,
            ports: Ports::new(ports.0, ports.1),
            ..Cube::new(set(sources), set(&["10.9.0.0/24"]))
        }
    }

    #[test]
    fn differences_are_disjoint_and_complete() {
        let tcp = |from, to| Traffic::new(TCP, Ports::new(from, to));
        let whole = cube(&["10.0.0.0/24"], (0, 65535), tcp(0, 1000));
        let hole = cube(&["10.0.0.0/25", "10.1.0.0/24"], (1024, 65535), tcp(100, 200));
        let rest = whole.minus(&hole);
        let has = |cube: &Cube, source: &str, port: u16, place: u16| {
            cube.sources.contains(source.parse().unwrap())
                && cube.ports.covers(i64::from(port))
                && cube.traffic.contains(Traffic::one(TCP, place).first)
        };
        for source in ["10.0.0.1", "10.0.0.200"] {
            for port in [0, 1023, 1024, 65535] {
                for place in [0, 99, 100, 200, 201, 1000] {
                    let times = rest.iter().filter(|c| has(c, source, port, place)).count();
                    assert_eq!(times == 1, !has(&hole, source, port, place), "{source} {port}");
                    assert!(times <= 1);
                }
            }
        }
    }

    #[test]
    fn everything_is_cut_where_answers_differ() {
        let all = cube(&["10.0.0.0/24"], (0, 65535), Traffic::ALL);
        let parts = all.by_answer();
        assert_eq!(parts.len(), 11);
        let echo = parts.iter().find(|c| c.traffic.first == (1 << 16 | 0x800)).unwrap();
        assert_eq!(echo.answer_to(Head::SENT).port, Port::Fixed(1 << 16));
        let tcp = parts.iter().find(|c| c.traffic.first == 6 << 16).unwrap();
        assert_eq!(tcp.answer_to(Head::SENT).port, Port::Back(TCP));
        assert_eq!(tcp.answer_to(Head::SENT).source_port, Port::Traffic);
    }
}
