//! The way back: which of the packets that arrived are answered.
//!
//! Answers take routes of their own. They have to come back to everything that keeps a memory (NAT gateways, balancers)
//! in reverse, and to show the addresses that the one who waits for them expects. Security groups let them pass.

use super::cube::{Cube, Field, Head};
use super::send::{Arrival, Flight, Holder, Sender, Turn};
use super::ways::Mode;
use super::{End, Origin, Passage};
use crate::analyze::network::packet::Start;
use crate::analyze::network::topology::{Id, Interface, Subnet, Vpc};
use crate::model::Attr;
use crate::net::AddrSet;

/// Who waits for answers, and where.
struct Waiting {
    vpc: Id<Vpc>,
    subnet: Option<Id<Subnet>>,
    /// The private addresses that answers have to go to.
    addresses: AddrSet,
    /// The header that is answered.
    head: Head,
}

impl Sender<'_, '_> {
    /// The packets of an arrival that are answered, some of them in doubt.
    pub(super) fn answers(&mut self, start: Start, arrival: &Arrival) -> Vec<Cube> {
        let network = self.analysis.network;
        let origin = match &arrival.end {
            End::Interface(id) => Some(Origin::Subnet(network.interfaces[*id].subnet)),
            End::Internet => Some(Origin::Internet),
            End::VpnGateway(vpc) => Some(Origin::VpnGateway(*vpc)),
            End::Attachment(id) => Some(Origin::Attachment(*id)),
            End::Service(_) => None,
            End::Vpc { .. } | End::Door(_) => return Vec::new(),
            End::Beyond(cause) => {
                let mut cube = arrival.flight.cube.clone();
                cube.doubt.add(cause);
                return vec![cube];
            }
        };
        let mut out = Vec::new();
        if let (Start::Interface(id), 0) = (start, arrival.flight.legs) {
            // They never left the machine, and neither do answers to its own addresses.
            for mate in network.machine(id) {
                let own = self.addresses_of(mate);
                out.extend(arrival.flight.cube.with(Field::Sources, &own));
            }
            return out;
        }
        for mut cube in arrival.flight.cube.by_answer() {
            cube.head = cube.answer_to(cube.head);
            let flight = Flight { cube, ..arrival.flight.clone() };
            match origin {
                Some(origin) => self.back(start, origin, flight, &mut out),
                None => self.serviced(start, flight, &mut out),
            }
        }
        out
    }

    /// Gateway endpoints answer into the VPC directly.
    fn serviced(&mut self, start: Start, flight: Flight, out: &mut Vec<Cube>) {
        let Some(waiting) = self.waiting(start, None) else { return };
        let vpc = waiting.vpc;
        self.deliver(start, flight, Some(vpc), None, None, out);
    }

    fn back(&mut self, start: Start, origin: Origin, mut flight: Flight, out: &mut Vec<Cube>) {
        let turn = flight.turns.pop();
        if let Some(Turn { at: Holder::Endpoint(_), .. }) = &turn {
            return self.again(start, flight, turn, out);
        }
        if let Some(Turn { at: Holder::Door(_), kept, .. }) = &turn {
            if let (true, Origin::Subnet(subnet)) = (*kept, origin) {
                let acl = self.analysis.network.subnets[subnet].acl.clone();
                let acl = Passage::Acl { acl, ingress: false };
                out.extend(self.pass(flight, &acl, true).into_iter().map(|it| it.cube));
            } else {
                out.push(flight.cube);
            }
            return;
        }
        if let (Some(turn), Origin::Subnet(subnet)) = (&turn, origin)
            && turn.kept
        {
            // The target answers the client, and the network takes the answer to the balancer all the same.
            let there = self.waiting(start, Some(turn)).and_then(|waiting| waiting.subnet);
            let flights = if there == Some(subnet) {
                vec![flight]
            } else {
                let acl = self.analysis.network.subnets[subnet].acl.clone();
                self.pass(flight, &Passage::Acl { acl, ingress: false }, true)
            };
            for flight in flights {
                self.deliver(start, flight, None, Some(subnet), Some(turn.clone()), out);
            }
            return;
        }
        let field = flight.cube.head.destination;
        let mode = if self.outward && start == Start::Internet && turn.is_none() {
            Mode::Outward
        } else {
            Mode::Answer(flight.egress_only)
        };
        let to = flight.cube.addresses(field);
        for way in self.ways(origin, &to, mode).iter() {
            let Some(mut cube) = flight.cube.with(field, &way.destinations) else { continue };
            cube.doubt.extend(way.doubt.as_ref());
            let mut flights = vec![Flight { cube, ..flight.clone() }];
            for passage in &way.passages {
                flights = flights.into_iter().flat_map(|it| self.pass(it, passage, true)).collect();
            }
            for flight in flights {
                match way.end {
                    End::Vpc { vpc, beside } => {
                        self.deliver(start, flight, Some(vpc), beside, turn.clone(), out);
                    }
                    End::Beyond(_) => out.push(flight.cube),
                    End::Internet if turn.is_none() && start == Start::Internet => {
                        out.extend(matching(flight.cube, Head::SENT));
                    }
                    End::VpnGateway(vpc) if turn.is_none() && start == Start::VpnGateway(vpc) => {
                        out.extend(matching(flight.cube, Head::SENT));
                    }
                    End::Attachment(id) if turn.is_none() && start == Start::Attachment(id) => {
                        out.extend(matching(flight.cube, Head::SENT));
                    }
                    _ => {}
                }
            }
        }
    }

    /// In the VPC of whoever waits.
    fn deliver(
        &mut self,
        start: Start,
        flight: Flight,
        vpc: Option<Id<Vpc>>,
        beside: Option<Id<Subnet>>,
        turn: Option<Turn>,
        out: &mut Vec<Cube>,
    ) {
        let Some(waiting) = self.waiting(start, turn.as_ref()) else { return };
        if vpc.is_some_and(|vpc| waiting.vpc != vpc) {
            return;
        }
        let kept = turn.as_ref().is_some_and(|turn| turn.kept);
        let field = flight.cube.head.destination;
        let cube = if kept {
            Some(flight.cube.clone())
        } else {
            if let (Start::Interface(id), None) = (start, &turn) {
                out.extend(self.unlisted(id, &flight.cube));
            }
            flight.cube.with(field, &waiting.addresses)
        };
        let Some(cube) = cube else { return };
        let flight = Flight { cube, ..flight };
        let flights = match waiting.subnet {
            Some(subnet) if beside != Some(subnet) => {
                let acl = self.analysis.network.subnets[subnet].acl.clone();
                self.pass(flight, &Passage::Acl { acl, ingress: true }, true)
            }
            _ => vec![flight],
        };
        for flight in flights {
            let Some(cube) = matching(flight.cube.clone(), waiting.head) else { continue };
            let flight = Flight { cube, ..flight };
            if turn.is_some() {
                self.again(start, flight, turn.clone(), out);
            } else {
                out.push(flight.cube);
            }
        }
    }

    /// The answers to addresses that nobody is known to have, where the sender may have more than are listed.
    fn unlisted(&self, sender: Id<Interface>, cube: &Cube) -> Option<Cube> {
        let interface = &self.analysis.network.interfaces[sender];
        let cause = interface.doubt.as_ref()?;
        let to = cube.addresses(cube.head.destination);
        let owned = self.analysis.owners(interface.vpc, &to);
        let owned = AddrSet::of(owned.iter().flat_map(|(_, own)| own.ranges()).copied());
        let mut cube = cube.with(cube.head.destination, &to.minus(&owned))?;
        cube.doubt.add(cause);
        Some(cube)
    }

    /// On from something with a memory, as the answer to what it got.
    fn again(&mut self, start: Start, mut flight: Flight, turn: Option<Turn>, out: &mut Vec<Cube>) {
        let Some(turn) = turn else { return };
        let network = self.analysis.network;
        let origin = match turn.at {
            Holder::Nat(nat) => Origin::Nat(nat),
            Holder::Interface(id) | Holder::Endpoint(id) => {
                Origin::Subnet(network.interfaces[id].subnet)
            }
            Holder::Door(_) => return,
        };
        flight.cube.head = flight.cube.answer_to(turn.before);
        flight.egress_only = turn.egress_only;
        self.back(start, origin, flight, out);
    }

    fn waiting(&self, start: Start, turn: Option<&Turn>) -> Option<Waiting> {
        let network = self.analysis.network;
        let Some(turn) = turn else {
            let Start::Interface(id) = start else { return None };
            let it = &network.interfaces[id];
            return Some(Waiting {
                vpc: it.vpc,
                subnet: Some(it.subnet),
                addresses: it.own(),
                head: Head::SENT,
            });
        };
        let (vpc, subnet) = match turn.at {
            Holder::Nat(id) => {
                let nat = &network.nats[id];
                let subnet = match nat.subnet {
                    Attr::Known(subnet) => subnet,
                    Attr::Unknown(_) => None,
                };
                (nat.vpc, subnet)
            }
            Holder::Door(_) => return None,
            Holder::Interface(id) | Holder::Endpoint(id) => {
                (network.interfaces[id].vpc, Some(network.interfaces[id].subnet))
            }
        };
        Some(Waiting { vpc, subnet, addresses: AddrSet::one(turn.addr), head: turn.after })
    }
}

/// The answers that show what the one who sent a header expects.
fn matching(cube: Cube, sent: Head) -> Option<Cube> {
    let head = cube.head;
    cube.same(head.source, sent.destination)?.same(head.destination, sent.source)
}
