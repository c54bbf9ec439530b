//! The way back.

use super::walk::{Arrival, End, Session, Walk};
use super::{Faults, Tracer};
use crate::analyze::kleene::any;
use crate::analyze::network::packet::{Code, Hop, Packet, Start, Step, Verdict};
use crate::analyze::network::topology::{Id, Interface};
use crate::model::Attr;

impl Tracer<'_> {
    /// Whether the answer comes back to who sent the packet, and its steps.
    pub(super) fn reply(
        &self,
        start: Start,
        packet: Packet,
        arrival: &Arrival,
    ) -> (Attr<bool>, Vec<Hop>) {
        if self.faults.has(Faults::NO_REPLY_CHECK) {
            return (Attr::Known(true), Vec::new());
        }
        let mut back = Vec::new();
        let mut walk = Walk::new(arrival.walk.packet.reply(), true);
        walk.sessions.clone_from(&arrival.walk.sessions);
        walk.firewalls.clone_from(&arrival.walk.firewalls);
        match &arrival.end {
            End::Interface(id) => self.answer_from(*id, walk, &mut back),
            End::Internet => self.internet(walk, &mut back),
            End::VpnGateway(vpc) => self.from_vpn(*vpc, walk, &mut back),
            End::Attachment(id) => self.transit(*id, walk, &mut back),
            End::Service(endpoint) => {
                let vpc = self.network.endpoints[*endpoint].vpc;
                walk.vpc = Some(vpc);
                self.local(walk, vpc, &mut back);
            }
            End::Beyond(cause) => {
                walk.doubt(Step::Source, "", cause);
                back.push(Arrival { walk, end: End::Beyond(cause.clone()) });
            }
            End::Lost => return (Attr::Known(false), Vec::new()),
        }
        // What comes back through a front door is translated there, out of sight.
        let by_door = arrival
            .walk
            .sessions
            .iter()
            .any(|session| matches!(session, Session::Door | Session::Sender { .. }));
        let expected = packet.reply();
        for arrival in &mut back {
            if !matches!(arrival.end, End::Lost | End::Beyond(_))
                && !is_home(start, expected, arrival)
                && (!by_door || arrival.end != End::Internet)
            {
                let hop = arrival.walk.note(Step::Destination, "", None, Verdict::Blocked);
                hop.code = Some(Code::ReplyElsewhere);
            }
        }
        let truth = any(back.iter().map(Arrival::truth));
        let best = back.into_iter().min_by_key(|arrival| match arrival.truth() {
            Attr::Known(true) => 0,
            Attr::Unknown(_) => 1,
            Attr::Known(false) => 2,
        });
        (truth, best.map(|arrival| arrival.walk.hops).unwrap_or_default())
    }

    fn answer_from(&self, id: Id<Interface>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let interface = &self.network.interfaces[id];
        walk.note(Step::Source, &interface.name, None, Verdict::Passes);
        match self.on_machine(id, walk.packet.destination) {
            Some(mate) if mate == id || walk.sessions.is_empty() => {
                return self.answer_at(walk, mate, out);
            }
            _ => {}
        }
        if let Some(Session::Balancer { interface: node, came, keeps: true }) =
            walk.sessions.last().cloned()
        {
            // The target answers the client, and the network takes the answer to the balancer all the same.
            walk.sessions.pop();
            let there = self.network.interfaces[node].subnet;
            walk.vpc = Some(interface.vpc);
            walk.subnet = Some(interface.subnet);
            if interface.subnet != there {
                self.acl_hop(&mut walk, interface.subnet, false);
                self.acl_hop(&mut walk, there, true);
            }
            return self.balance_back(walk, came, node, out);
        }
        self.back_from(interface.subnet, walk, out);
    }

    /// An answer at an interface: whoever translated the packet undoes it, everybody else is the receiver.
    pub(super) fn answer_at(&self, mut walk: Walk, id: Id<Interface>, out: &mut Vec<Arrival>) {
        let interface = &self.network.interfaces[id];
        match walk.sessions.last().cloned() {
            Some(Session::Nat { nat, client, own }) if own == walk.packet.destination => {
                walk.sessions.pop();
                walk.packet.destination = client;
                let packet = walk.packet;
                walk.note(Step::NatGateway, &self.network.nats[nat].name, None, Verdict::Passes)
                    .becomes = Some(packet);
                walk.foreign = false;
                walk.sent_from = None;
                self.leave(interface.subnet, walk, out);
            }
            Some(Session::Balancer { interface: node, came, keeps: false }) if node == id => {
                walk.sessions.pop();
                self.balance_back(walk, came, node, out);
            }
            Some(Session::Sender { interface: sender }) if sender == id => {
                walk.sessions.pop();
                walk.note(Step::FrontDoor, &interface.name, None, Verdict::Passes);
                out.push(Arrival { walk, end: End::Internet });
            }
            _ => {
                walk.note(Step::Destination, &interface.name, None, Verdict::Passes);
                out.push(Arrival { walk, end: End::Interface(id) });
            }
        }
    }
}

/// Whether an answer came where its packet started, and looks like one to it.
fn is_home(start: Start, expected: Packet, arrival: &Arrival) -> bool {
    let place = match (start, &arrival.end) {
        (Start::Interface(a), End::Interface(b)) => a == *b,
        (Start::Internet, End::Internet) => true,
        (Start::VpnGateway(a), End::VpnGateway(b)) => a == *b,
        (Start::Attachment(a), End::Attachment(b)) => a == *b,
        _ => false,
    };
    place && arrival.walk.packet == expected
}
