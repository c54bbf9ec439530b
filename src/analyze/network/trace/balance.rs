//! At load balancers.
//!
//! Application and classic ones end connections: whoever reaches their listener has reached them, and what they open to
//! targets is another connection. Network ones hand packets on, and only a target can answer.

use super::filter::Other;
use super::walk::{Arrival, End, Session, Walk};
use super::{Faults, Tracer};
use crate::analyze::kleene::{any, both};
use crate::analyze::network::packet::{Code, Packet, Step, Touch, Verdict};
use crate::analyze::network::topology::{
    Balancer, BalancerKind, DoorKind, Endpoint, Id, Interface, LoadTarget, Node, Subnet,
    TargetGroup, TargetKind,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::Addr;

/// Balancers and services behind one another that are followed.
const MOST_LEGS: usize = 3;

impl Tracer<'_> {
    pub(super) fn balance(
        &self,
        id: Id<Balancer>,
        node: Id<Interface>,
        walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        let balancer = &self.network.balancers[id];
        let packet = walk.packet;
        let answers = |traffic: &[crate::net::Traffic]| {
            self.faults.has(Faults::LISTENER_IGNORED)
                || traffic.iter().any(|traffic| traffic.contains(packet.traffic()))
        };
        let found: Vec<_> =
            balancer.listeners.iter().filter(|listener| answers(&listener.traffic)).collect();
        if found.is_empty() {
            return match &balancer.listeners_doubt {
                Some(cause) => {
                    Self::perhaps(node, walk, (Step::Listener, &balancer.name), cause, out);
                }
                None => self.drop(walk, Step::Listener, &balancer.name, Code::NoListener, out),
            };
        }
        for listener in found {
            let mut walk = walk.clone();
            let verdict = match &listener.traffic_doubt {
                None => Verdict::Passes,
                Some(cause) => Verdict::Unknown(cause.clone()),
            };
            walk.note(Step::Listener, &listener.name, None, verdict)
                .touches
                .push(Touch::Node(Node::Balancer(id)));
            if balancer.kind != BalancerKind::Network {
                walk.note(Step::Destination, &balancer.name, None, Verdict::Passes);
                out.push(Arrival { walk, end: End::Interface(node) });
                continue;
            }
            if let Some(cause) = &listener.doubt {
                Self::perhaps(node, walk.clone(), (Step::Target, &listener.name), cause, out);
            }
            let served = listener.targets.iter().flat_map(|group| {
                let group = &self.network.target_groups[*group];
                group.targets.iter().map(move |target| (group, target))
            });
            let mut any_target = false;
            for (group, target) in served {
                any_target = true;
                self.hand_on(balancer, node, group, target, walk.clone(), out);
            }
            for group in &listener.targets {
                if let Some(cause) = &self.network.target_groups[*group].doubt {
                    Self::perhaps(node, walk.clone(), (Step::Target, &listener.name), cause, out);
                }
            }
            if !any_target {
                self.drop(walk, Step::Target, &listener.name, Code::NoTarget, out);
            }
        }
    }

    /// Somebody behind a balancer may answer whom nobody knows: by the balancer, whoever it is.
    pub(super) fn perhaps(
        node: Id<Interface>,
        mut walk: Walk,
        (step, at): (Step, &str),
        cause: &Cause,
        out: &mut Vec<Arrival>,
    ) {
        walk.doubt(step, at, cause);
        out.push(Arrival { walk, end: End::Interface(node) });
    }

    /// Whether a node of a balancer sends to a target.
    fn serves(
        &self,
        balancer: &Balancer,
        node: Id<Interface>,
        group: &TargetGroup,
        target: &LoadTarget,
    ) -> Attr<bool> {
        let reaches = |target: &LoadTarget| {
            both(target.used.clone(), || self.in_zone(balancer, node, group, target))
        };
        let healthier = group
            .targets
            .iter()
            .filter(|other| other.name != target.name || other.port != target.port);
        let healthier = any(healthier.map(|other| both(other.healthy.clone(), || reaches(other))));
        let alone = match healthier {
            _ if self.faults.has(Faults::NO_FAIL_OPEN) => Attr::Known(false),
            Attr::Known(found) => Attr::Known(!found),
            Attr::Unknown(cause) => Attr::Unknown(cause),
        };
        both(reaches(target), || any([target.healthy.clone(), alone]))
    }

    fn in_zone(
        &self,
        balancer: &Balancer,
        node: Id<Interface>,
        group: &TargetGroup,
        target: &LoadTarget,
    ) -> Attr<bool> {
        let crosses = match group.cross_zone.get() {
            _ if self.faults.has(Faults::CROSS_ZONE) => Attr::Known(true),
            Ok(Some(own)) => Attr::Known(*own),
            Ok(None) => balancer.cross_zone.clone(),
            Err(cause) => Attr::Unknown(cause.clone()),
        };
        let zone =
            |id: Id<Interface>| &self.network.subnets[self.network.interfaces[id].subnet].zone;
        let same = match target.interface {
            // Addresses outside are served from every zone.
            None => Attr::Known(true),
            Some(interface) => match (zone(node).get(), zone(interface).get()) {
                (Ok(a), Ok(b)) => Attr::Known(a == b),
                (Err(cause), _) | (_, Err(cause)) => Attr::Unknown(cause.clone()),
            },
        };
        any([crosses, same])
    }

    fn hand_on(
        &self,
        balancer: &Balancer,
        node: Id<Interface>,
        group: &TargetGroup,
        target: &LoadTarget,
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        match Verdict::of(self.serves(balancer, node, group, target)) {
            Verdict::Passes => walk.note(Step::Target, &target.name, None, Verdict::Passes),
            Verdict::Blocked => {
                return self.drop(walk, Step::Target, &target.name, Code::TargetNotServed, out);
            }
            Verdict::Unknown(cause) => {
                walk.note(Step::Target, &target.name, None, Verdict::Unknown(cause))
            }
        };
        if !group.protocols.contains(&walk.packet.protocol) {
            return self.drop(walk, Step::Target, &target.name, Code::NoTarget, out);
        }
        if group.kind == TargetKind::Function {
            out.push(Arrival { walk, end: End::Interface(node) });
            return;
        }
        let addresses = self.addresses_of(group, target, walk.packet.destination.is_v6());
        if addresses.is_empty() {
            let cause = Cause::new(
                CauseKind::NotCollected,
                format!("{}: the target's address", target.name),
            );
            return Self::perhaps(node, walk, (Step::Target, &target.name), &cause, out);
        }
        for addr in addresses {
            self.hand_to(node, group, target, addr, walk.clone(), out);
        }
    }

    /// Where a target takes packets; nothing if nobody knows.
    fn addresses_of(&self, group: &TargetGroup, target: &LoadTarget, v6: bool) -> Vec<Addr> {
        let Some(balancer) = target.balancer.filter(|_| group.kind == TargetKind::Balancer) else {
            return target.addr.into_iter().collect();
        };
        let nodes = self.network.balancers[balancer].interfaces.iter();
        nodes
            .filter_map(|node| {
                let addresses = self.network.interfaces[*node].addresses.iter();
                addresses.map(|address| address.range.first).find(|addr| addr.is_v6() == v6)
            })
            .collect()
    }

    fn hand_to(
        &self,
        node: Id<Interface>,
        group: &TargetGroup,
        target: &LoadTarget,
        addr: Addr,
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        let keeps = if self.faults.has(Faults::CLIENT_ALWAYS_KEPT) {
            Attr::Known(true)
        } else if self.faults.has(Faults::CLIENT_NEVER_KEPT) {
            Attr::Known(false)
        } else {
            group.keeps_client.clone()
        };
        match keeps {
            Attr::Known(keeps) => self.leg(node, target, (addr, keeps), walk, out),
            Attr::Unknown(cause) => {
                walk.doubt(Step::Target, &target.name, &cause);
                self.leg(node, target, (addr, true), walk.clone(), out);
                self.leg(node, target, (addr, false), walk, out);
            }
        }
    }

    /// From a node to a target.
    fn leg(
        &self,
        node: Id<Interface>,
        target: &LoadTarget,
        (addr, keeps): (Addr, bool),
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        let came = walk.packet;
        // The consumers of a service are never seen by its targets.
        let keeps = keeps && !matches!(walk.sessions.last(), Some(Session::Service { .. }));
        if walk.legs() >= MOST_LEGS {
            return self.drop(walk, Step::Target, &target.name, Code::NoTarget, out);
        }
        if keeps && came.source == addr && !self.faults.has(Faults::HAIRPIN) {
            // The target would answer itself.
            return self.drop(walk, Step::Target, &target.name, Code::Hairpin, out);
        }
        let interface = &self.network.interfaces[node];
        let source = if keeps { came.source } else { came.destination };
        walk.packet =
            Packet { source, destination: addr, port: target.port.unwrap_or(came.port), ..came };
        walk.sessions.push(Session::Balancer { interface: node, came, keeps });
        let packet = walk.packet;
        if let Some(hop) = walk.hops.last_mut() {
            hop.becomes = Some(packet);
        }
        // Rules of targets may refer to the balancer's groups, whosever address it sends with.
        walk.sender = Some(node);
        walk.references = Attr::Known(true);
        walk.foreign = false;
        walk.translated = false;
        walk.transited = false;
        walk.sent_from = None;
        walk.depth = 0;
        walk.vpc = Some(interface.vpc);
        walk.out = Some((node, packet, walk.hops.len()));
        self.leave(interface.subnet, walk, out);
    }

    /// Back at a balancer: the answer of a target becomes that of the balancer.
    pub(super) fn balance_back(
        &self,
        mut walk: Walk,
        came: Packet,
        node: Id<Interface>,
        out: &mut Vec<Arrival>,
    ) {
        let interface = &self.network.interfaces[node];
        let answer = came.reply();
        walk.packet = answer;
        walk.note(Step::Listener, &interface.name, None, Verdict::Passes).becomes = Some(answer);
        walk.foreign = false;
        walk.sent_from = None;
        walk.depth = 0;
        self.back_from(interface.subnet, walk, out);
    }

    /// An answer sets out from a subnet, or from a service straight to the endpoint that it was asked by.
    pub(super) fn back_from(&self, subnet: Id<Subnet>, mut walk: Walk, out: &mut Vec<Arrival>) {
        if walk.sessions.last() == Some(&Session::Door) {
            return self.back_by_door(subnet, walk, out);
        }
        let Some(Session::Service { interface, came }) = walk.sessions.last().cloned() else {
            return self.leave(subnet, walk, out);
        };
        walk.sessions.pop();
        let interface = &self.network.interfaces[interface];
        let answer = came.reply();
        walk.packet = answer;
        walk.note(Step::Endpoint, &interface.name, None, Verdict::Passes).becomes = Some(answer);
        self.leave(interface.subnet, walk, out);
    }

    /// Behind an interface endpoint: to the balancers of the service, if the inventory has it.
    pub(super) fn to_provider(
        &self,
        endpoint: Id<Endpoint>,
        at: Id<Interface>,
        walk: &Walk,
        out: &mut Vec<Arrival>,
    ) {
        if walk.legs() >= MOST_LEGS {
            return;
        }
        for (door, it) in self.network.doors.iter() {
            if it.kind != DoorKind::PrivateLink || !it.consumers.contains(&endpoint) {
                continue;
            }
            let mut walk = walk.clone();
            walk.sessions.push(Session::Service { interface: at, came: walk.packet });
            walk.forget_sender();
            walk.note(Step::FrontDoor, &it.name, None, Verdict::Passes)
                .touches
                .push(Touch::Node(Node::Door(door)));
            for balancer in &it.balancers {
                for node in &self.network.balancers[*balancer].interfaces {
                    self.provide(*balancer, *node, walk.clone(), out);
                }
            }
        }
    }

    /// From a service to a node of its balancer. Whether groups of the node look at it is a setting.
    fn provide(
        &self,
        balancer: Id<Balancer>,
        node: Id<Interface>,
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        let interface = &self.network.interfaces[node];
        let Some(addr) = interface.addresses.first().map(|address| address.range.first) else {
            return;
        };
        walk.packet.destination = addr;
        let packet = walk.packet;
        if let Some(hop) = walk.hops.last_mut() {
            hop.becomes = Some(packet);
        }
        walk.vpc = Some(interface.vpc);
        let filters = &self.network.balancers[balancer].groups_filter_private_link;
        if filters != &Attr::Known(false) {
            let mut walk = walk.clone();
            let other =
                Other { addr: packet.source, interface: None, references: Attr::Known(false) };
            self.group_hop(&mut walk, node, true, packet, &other, None);
            self.balance(balancer, node, walk, out);
        }
        match filters {
            Attr::Known(true) => {}
            Attr::Known(false) => self.balance(balancer, node, walk, out),
            Attr::Unknown(cause) => {
                walk.doubt(Step::SecurityGroupIn, &interface.name, cause);
                self.balance(balancer, node, walk, out);
            }
        }
    }
}
