//! In by front doors that show no public address of the things behind them.

use super::walk::{Arrival, End, Session, Walk};
use super::{Trace, Tracer};
use crate::analyze::network::packet::{Code, Packet, Start, Step, Touch, Verdict};
use crate::analyze::network::topology::{Door, DoorKind, Id, Interface, InterfaceKind, Node};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::Addr;

impl Tracer<'_> {
    /// Follows a packet of a client through a front door; it is addressed to the private address of what the door leads
    /// to, with the port that the door translates to.
    pub fn by_door(&self, id: Id<Door>, packet: Packet) -> Trace {
        let door = &self.network.doors[id];
        let mut walk = Walk::new(packet, false);
        walk.note(Step::Source, "outside", None, Verdict::Passes);
        let verdict = match (&door.doubt, &door.clients_doubt) {
            (Some(cause), _) | (None, Some(cause)) => Verdict::Unknown(cause.clone()),
            (None, None) => Verdict::Passes,
        };
        walk.note(Step::FrontDoor, &door.name, None, verdict)
            .touches
            .push(Touch::Node(Node::Door(id)));
        self.gateway_of_accelerator(door, &mut walk);
        let mut out = Vec::new();
        match self.behind(door, packet.destination) {
            Some(node) => self.through(door, node, &walk, &mut out),
            // It leads to something without an interface in the inventory: the door is all there is to follow.
            None => out.push(Arrival { walk, end: End::Internet }),
        }
        let traces = out.iter().map(|arrival| match arrival.end {
            End::Internet => Self::at_door(arrival),
            _ => self.answered(Start::Internet, packet, arrival),
        });
        Self::chosen(traces.collect(), packet)
    }

    fn at_door(arrival: &Arrival) -> Trace {
        let verdict = Verdict::of(arrival.truth());
        Trace {
            forward: verdict.clone(),
            reply: verdict,
            hops: arrival.walk.hops.clone(),
            reply_hops: Vec::new(),
            receiver: None,
            delivered: arrival.walk.packet,
            others: Vec::new(),
        }
    }

    /// A global accelerator needs an internet gateway at the VPC, though no packet passes it.
    fn gateway_of_accelerator(&self, door: &Door, walk: &mut Walk) {
        let Some(vpc) = door.vpc.filter(|_| door.kind == DoorKind::GlobalAccelerator) else {
            return;
        };
        let vpc = &self.network.vpcs[vpc];
        match vpc.internet_gateway.get() {
            Ok(Some(_)) => {}
            Ok(None) => {
                walk.note(Step::InternetGateway, &vpc.name, None, Verdict::Blocked).code =
                    Some(Code::NoInternetGateway);
            }
            Err(cause) => walk.doubt(Step::InternetGateway, &vpc.name, cause),
        }
    }

    fn behind(&self, door: &Door, addr: Addr) -> Option<Id<Interface>> {
        let of_balancers =
            door.balancers.iter().flat_map(|id| &self.network.balancers[*id].interfaces);
        let mut all = of_balancers.chain(&door.interfaces).copied();
        all.find(|id| self.network.interfaces[*id].has(addr))
    }

    fn through(&self, door: &Door, node: Id<Interface>, walk: &Walk, out: &mut Vec<Arrival>) {
        if !door.senders.is_empty() {
            for sender in &door.senders {
                self.sent(*sender, node, walk.clone(), out);
            }
            return;
        }
        let interface = &self.network.interfaces[node];
        let mut walk = walk.clone();
        walk.forget_sender();
        walk.vpc = Some(interface.vpc);
        // Packets meet no network ACL on the way in.
        walk.subnet = Some(interface.subnet);
        walk.sessions.push(Session::Door);
        let keeps = match &door.keeps_client {
            Attr::Known(keeps) => *keeps,
            Attr::Unknown(cause) => {
                walk.doubt(Step::FrontDoor, &door.name, &cause.clone());
                true
            }
        };
        if keeps {
            return self.deliver(walk, node, out);
        }
        let skips = door.kind == DoorKind::PrivateLink
            && matches!(interface.kind, InterfaceKind::Balancer(id)
                if self.network.balancers[id].groups_filter_private_link == Attr::Known(false));
        if !skips && interface.groups != Attr::Known(None) {
            let cause = Cause::new(
                CauseKind::NotCollected,
                format!("{}: the addresses it sends from", door.name),
            );
            walk.doubt(Step::SecurityGroupIn, &interface.name, &cause);
        }
        if let InterfaceKind::Balancer(id) = interface.kind {
            self.balance(id, node, walk, out);
        } else {
            walk.note(Step::Destination, &interface.name, None, Verdict::Passes);
            out.push(Arrival { walk, end: End::Interface(node) });
        }
    }

    /// From an interface of the door, by the routes of its subnet; the answer comes back to it.
    fn sent(&self, sender: Id<Interface>, node: Id<Interface>, walk: Walk, out: &mut Vec<Arrival>) {
        let addr = |id: Id<Interface>, v6: bool| {
            let all = self.network.interfaces[id].addresses.iter();
            all.map(|address| address.range.first).find(|addr| addr.is_v6() == v6)
        };
        let both = |v6| Some((addr(sender, v6)?, addr(node, v6)?));
        let Some((source, destination)) = both(false).or_else(|| both(true)) else { return };
        let packet = Packet { source, destination, ..walk.packet };
        let mut on = Walk { packet, ..walk };
        on.sessions.push(Session::Sender { interface: sender });
        self.from_interface(sender, on, out);
    }

    /// An answer at what the door leads to: it goes back by no route, and network ACLs look at it on its way out.
    pub(super) fn back_by_door(
        &self,
        subnet: Id<crate::analyze::network::topology::Subnet>,
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        walk.sessions.pop();
        self.acl_hop(&mut walk, subnet, false);
        walk.note(Step::FrontDoor, "", None, Verdict::Passes);
        out.push(Arrival { walk, end: End::Internet });
    }
}
