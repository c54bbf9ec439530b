//! Through NAT gateways.

use super::Tracer;
use super::walk::{Arrival, End, Session, Walk};
use crate::analyze::network::packet::{Code, Step, Touch, Verdict};
use crate::analyze::network::topology::{Id, Nat, Node};
use crate::model::{Cause, CauseKind};
use crate::net::traffic::{ICMP, TCP, UDP};

impl Tracer<'_> {
    pub(super) fn nat(&self, id: Id<Nat>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let nat = &self.network.nats[id];
        if walk.answer {
            return self.drop(walk, Step::NatGateway, &nat.name, Code::ReplyElsewhere, out);
        }
        let carried =
            matches!(walk.packet.protocol, TCP | UDP | ICMP) && !walk.packet.destination.is_v6();
        let subnet = match nat.subnet.get() {
            Ok(subnet) => *subnet,
            Err(cause) if carried => {
                return self.beyond(walk, Step::NatGateway, &nat.name, cause, out);
            }
            Err(_) => return self.drop(walk, Step::NatGateway, &nat.name, Code::NatProtocol, out),
        };
        if walk.vpc != Some(nat.vpc) {
            return self.drop(walk, Step::NatGateway, &nat.name, Code::BadTarget, out);
        }
        if let Some(subnet) = subnet {
            if walk.subnet == Some(subnet) {
                return self.drop(walk, Step::NatGateway, &nat.name, Code::NatOwnSubnet, out);
            }
            if walk.subnet != Some(subnet) {
                self.acl_hop(&mut walk, subnet, true);
            }
        }
        if !carried {
            return self.drop(walk, Step::NatGateway, &nat.name, Code::NatProtocol, out);
        }
        let own = match nat.addresses.get() {
            Ok(list) => match list.first() {
                Some((own, _)) => *own,
                None => return self.drop(walk, Step::NatGateway, &nat.name, Code::BadTarget, out),
            },
            Err(cause) => return self.nat_unseen(nat, cause, walk, out),
        };
        self.settle_out(&mut walk, None);
        walk.sessions.push(Session::Nat { nat: id, client: walk.packet.source, own });
        walk.packet.source = own;
        walk.forget_sender();
        let packet = walk.packet;
        let hop = walk.note(Step::NatGateway, &nat.name, None, Verdict::Passes);
        hop.becomes = Some(packet);
        hop.touches.push(Touch::Node(Node::Nat(id)));
        walk.foreign = false;
        walk.translated = true;
        walk.sent_from = None;
        match (subnet, nat.table.get()) {
            (Some(subnet), _) => self.leave(subnet, walk, out),
            (None, Ok(Some(table))) => {
                walk.subnet = None;
                self.table(*table, walk, out);
            }
            (None, Ok(None)) => {
                let cause = Cause::new(
                    CauseKind::NotUnderstood,
                    format!("{}: neither a subnet nor a route table", nat.name),
                );
                self.beyond(walk, Step::NatGateway, &nat.name, &cause, out);
            }
            (None, Err(cause)) => self.beyond(walk, Step::NatGateway, &nat.name, cause, out),
        }
    }

    /// Through a NAT gateway whose addresses are not known: lost if no route leads on, whatever the source is then.
    fn nat_unseen(&self, nat: &Nat, cause: &Cause, walk: Walk, out: &mut Vec<Arrival>) {
        let mut on = walk.clone();
        on.out = None;
        on.forget_sender();
        on.foreign = false;
        on.translated = true;
        on.sent_from = None;
        let mut ends = Vec::new();
        match (nat.subnet.get(), nat.table.get()) {
            (Ok(Some(subnet)), _) => self.leave(*subnet, on, &mut ends),
            (Ok(None), Ok(Some(table))) => {
                on.subnet = None;
                self.table(*table, on, &mut ends);
            }
            _ => {}
        }
        let dead_end = |arrival: &Arrival| {
            arrival.end == End::Lost
                && arrival.walk.hops.last().and_then(|hop| hop.code).is_some_and(Code::is_of_routes)
        };
        if !ends.is_empty() && ends.iter().all(dead_end) {
            return self.drop(walk, Step::NatGateway, &nat.name, Code::NoRouteToDestination, out);
        }
        self.beyond(walk, Step::NatGateway, &nat.name, cause, out);
    }
}
