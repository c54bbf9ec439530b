//! Connections: what arrives, and which of it is answered.

use super::cube::{Cube, Port};
use super::send::{Arrival, Sender};
use super::{Connection, End};
use crate::analyze::network::packet::{Packet, Start, Touch, Verdict};
use crate::model::{Attr, Cause};
use crate::net::{AddrSet, Traffic};

impl Sender<'_, '_> {
    /// Sends from a start and finds out about answers.
    pub(super) fn connect(
        &mut self,
        start: Start,
        sources: &AddrSet,
        destinations: &AddrSet,
    ) -> Vec<Connection> {
        self.start(start, sources, destinations);
        let mut out = Vec::new();
        for arrival in std::mem::take(&mut self.arrivals) {
            self.split(start, &arrival, &mut out);
        }
        tidy(out)
    }

    /// The parts of an arrival with the same answer.
    pub(super) fn split(&mut self, start: Start, arrival: &Arrival, out: &mut Vec<Connection>) {
        let forward = arrival.flight.cube.doubt.clone();
        let (mut sure, mut doubtful) = (Vec::new(), Vec::new());
        for part in self.answers(start, arrival) {
            // The doubt about the way there is told apart.
            if part.doubt.cause() == forward.cause() {
                sure.push(part);
            } else {
                doubtful.push(part);
            }
        }
        let mut rest = vec![arrival.flight.cube.clone()];
        let mut done: Vec<Cube> = Vec::new();
        for (parts, certain) in [(sure, true), (doubtful, false)] {
            for part in parts {
                for fresh in part.clone().minus_all(&done) {
                    let answered = match part.doubt.cause() {
                        Some(cause) if !certain => Attr::Unknown(cause.clone()),
                        _ => Attr::Known(true),
                    };
                    out.push(connection(start, arrival, &fresh, answered));
                }
                rest = rest.iter().flat_map(|cube| cube.minus(&part)).collect();
                done.push(part);
            }
        }
        for cube in rest {
            out.push(connection(start, arrival, &cube, Attr::Known(false)));
        }
    }
}

fn connection(start: Start, arrival: &Arrival, cube: &Cube, answered: Attr<bool>) -> Connection {
    let mut touches = arrival.flight.touches.clone();
    touches.sort_unstable();
    touches.dedup();
    Connection {
        start,
        end: arrival.end.clone(),
        sources: cube.sources.clone(),
        destinations: cube.destinations.clone(),
        traffic: cube.traffic,
        source_ports: cube.ports,
        inside: match arrival.flight.cube.head.port {
            Port::Fixed(place) => Traffic { first: place, last: place },
            _ => cube.traffic,
        },
        answered,
        doubt: arrival.flight.cube.doubt.cause().cloned(),
        balancer: arrival.flight.balancer,
        door: arrival.flight.door,
        touches,
    }
}

/// Sorted, and neighbours of one kind joined.
fn tidy(mut all: Vec<Connection>) -> Vec<Connection> {
    fn kind(
        it: &Connection,
    ) -> (&End, &AddrSet, &AddrSet, crate::net::Ports, Option<Cause>, Attr<bool>, &[Touch]) {
        (
            &it.end,
            &it.sources,
            &it.destinations,
            it.source_ports,
            it.doubt.clone(),
            it.answered.clone(),
            &it.touches,
        )
    }
    all.sort_by(|a, b| {
        kind(a).cmp(&kind(b)).then_with(|| (a.traffic, a.inside).cmp(&(b.traffic, b.inside)))
    });
    all.dedup();
    let mut out: Vec<Connection> = Vec::with_capacity(all.len());
    for next in all {
        if let Some(last) = out.last_mut()
            && kind(last) == kind(&next)
            && last.balancer == next.balancer
            && last.door == next.door
            && last.traffic == last.inside
            && next.traffic == next.inside
            && last.traffic.last.checked_add(1) == Some(next.traffic.first)
        {
            last.traffic.last = next.traffic.last;
            last.inside.last = next.inside.last;
            continue;
        }
        out.push(next);
    }
    out
}

impl Connection {
    /// Whether a packet is among those.
    pub fn contains(&self, packet: &Packet) -> bool {
        self.sources.contains(packet.source)
            && self.destinations.contains(packet.destination)
            && self.traffic.contains(packet.traffic())
            && (!packet.has_ports() || self.source_ports.covers(i64::from(packet.source_port)))
    }
}

/// What becomes of a packet, by all the connections of its start, and of the answers.
pub(super) fn verdict(all: &[Connection], packet: &Packet) -> (Verdict, Verdict) {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for it in all.iter().filter(|it| it.contains(packet)) {
        let arrives = match &it.doubt {
            None => Attr::Known(true),
            Some(cause) => Attr::Unknown(cause.clone()),
        };
        back.push(crate::analyze::kleene::both(arrives.clone(), || it.answered.clone()));
        there.push(arrives);
    }
    (
        Verdict::of(crate::analyze::kleene::any(there)),
        Verdict::of(crate::analyze::kleene::any(back)),
    )
}
