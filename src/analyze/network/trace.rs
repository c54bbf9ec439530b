//! One packet and the answer to it, followed hop by hop.
//!
//! The tracer does what the network does, step by step and without cleverness: it scans routes for the longest prefix,
//! rules for the first or any match, and writes down what decided. It serves as the witness that people see, and as the
//! check on the analysis by intervals, with which it shares the topology only.
//!
//! Filters that block do not end a trace, so that everything in the way is found; where there is no way on, it ends.
//! Where there are several ways (targets of a balancer, zones of an attachment) each is followed, and one that works is
//! enough.

mod balance;
mod door;
mod faults;
mod filter;
mod firewall;
mod gateway;
mod lookup;
mod nat;
mod reply;
mod transit;
mod walk;

pub use faults::Faults;
use lookup::Lookup;
use walk::{Arrival, Walk};

use super::packet::{Code, Hop, Packet, Start, Step, Verdict};
use super::topology::{Id, Interface, Network};
use crate::analyze::kleene::{any, both};
use crate::model::Attr;

/// What became of a packet and of the answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Whether the packet gets there.
    pub forward: Verdict,
    /// Whether it gets there and the answer comes back, to this very source port.
    pub reply: Verdict,
    /// The steps of the best way.
    pub hops: Vec<Hop>,
    /// The steps of the answer.
    pub reply_hops: Vec<Hop>,
    /// The interface that receives it.
    pub receiver: Option<Id<Interface>>,
    /// The packet as it arrives.
    pub delivered: Packet,
    /// Other ways that were followed, worse ones last.
    pub others: Vec<Trace>,
}

impl Trace {
    /// Whether a connection comes about.
    pub fn verdict(&self) -> &Verdict {
        &self.reply
    }

    /// Everything that blocks, in the order packets meet it, the answer's way last.
    pub fn blockers(&self) -> impl Iterator<Item = &Hop> {
        self.hops.iter().chain(&self.reply_hops).filter(|hop| hop.verdict == Verdict::Blocked)
    }
}

/// Follows a packet. To follow many through one network, keep a [`Tracer`].
pub fn trace(network: &Network, start: Start, packet: Packet) -> Trace {
    Tracer::new(network).trace(start, packet)
}

/// Follows packets through a network.
#[derive(Debug)]
pub struct Tracer<'n> {
    network: &'n Network,
    lookup: Lookup,
    faults: Faults,
}

impl<'n> Tracer<'n> {
    /// Prepares lookups of addresses.
    pub fn new(network: &'n Network) -> Self {
        Self { network, lookup: Lookup::of(network), faults: Faults::NONE }
    }

    /// Makes deliberate mistakes, so that tests can prove that they would be noticed.
    #[doc(hidden)]
    #[must_use]
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Follows a packet and the answer to it.
    pub fn trace(&self, start: Start, packet: Packet) -> Trace {
        let arrivals = self.forward(start, packet);
        let traces: Vec<Trace> =
            arrivals.iter().map(|arrival| self.answered(start, packet, arrival)).collect();
        Self::chosen(traces, packet)
    }

    /// The best of several ways with the verdict over all; nothing is a way that does not exist.
    fn chosen(mut traces: Vec<Trace>, packet: Packet) -> Trace {
        let forward = Verdict::of(any(traces.iter().map(|trace| trace.forward.truth())));
        let reply = Verdict::of(any(traces.iter().map(|trace| trace.reply.truth())));
        traces.sort_by_key(|trace| {
            let rank = |verdict: &Verdict| match verdict {
                Verdict::Passes => 0,
                Verdict::Unknown(_) => 1,
                Verdict::Blocked => 2,
            };
            // Of blocked ways the one that gets farthest explains most.
            (
                rank(&trace.reply),
                rank(&trace.forward),
                trace.blockers().count(),
                usize::MAX - trace.hops.len(),
            )
        });
        let mut traces = traces.into_iter();
        match traces.next() {
            Some(best) => Trace { forward, reply, others: traces.collect(), ..best },
            None => Trace {
                forward: Verdict::Blocked,
                reply: Verdict::Blocked,
                hops: vec![Hop {
                    step: Step::Source,
                    at: String::new(),
                    by: None,
                    verdict: Verdict::Blocked,
                    code: Some(Code::NoRouteToDestination),
                    becomes: None,
                    touches: Vec::new(),
                }],
                reply_hops: Vec::new(),
                receiver: None,
                delivered: packet,
                others: Vec::new(),
            },
        }
    }

    fn answered(&self, start: Start, packet: Packet, arrival: &Arrival) -> Trace {
        let forward = arrival.truth();
        let (back, reply_hops) = if forward == Attr::Known(false) {
            (Attr::Known(false), Vec::new())
        } else {
            self.reply(start, packet, arrival)
        };
        Trace {
            forward: Verdict::of(forward.clone()),
            reply: Verdict::of(both(forward, || back)),
            hops: arrival.walk.hops.clone(),
            reply_hops,
            receiver: arrival.receiver(),
            delivered: arrival.walk.packet,
            others: Vec::new(),
        }
    }

    fn forward(&self, start: Start, packet: Packet) -> Vec<Arrival> {
        let mut out = Vec::new();
        let mut walk = Walk::new(packet, false);
        match start {
            Start::Interface(id) => self.from_interface(id, walk, &mut out),
            Start::Internet => {
                walk.note(Step::Source, "internet", None, Verdict::Passes);
                self.internet(walk, &mut out);
                // From the internet to the internet is nothing that this network carries.
                for arrival in &mut out {
                    if arrival.end == walk::End::Internet {
                        arrival.end = walk::End::Lost;
                        let hop = arrival.walk.note(
                            Step::Destination,
                            "internet",
                            None,
                            Verdict::Blocked,
                        );
                        hop.code = Some(Code::NoSuchDestination);
                    }
                }
            }
            Start::VpnGateway(vpc) => self.from_vpn(vpc, walk, &mut out),
            Start::Attachment(id) => {
                walk.note(Step::Source, &self.network.attachments[id].name, None, Verdict::Passes);
                self.transit(id, walk, &mut out);
            }
        }
        out
    }
}
