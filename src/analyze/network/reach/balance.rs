//! Through load balancers and PrivateLink services to targets.

use super::Origin;
use super::cube::{Cube, Field};
use super::send::{Flight, Holder, Sender, Turn, placed};
use crate::analyze::kleene::{any, both};
use crate::analyze::network::topology::{
    Balancer, BalancerKind, Door, DoorKind, Endpoint, Id, Interface, Listener, LoadTarget, Node,
    TargetGroup, TargetKind,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::{Addr, AddrSet};

impl Sender<'_, '_> {
    /// At an interface of a balancer, behind its groups.
    pub(super) fn balance(&mut self, flight: &Flight, at: Id<Interface>, id: Id<Balancer>) {
        let balancer = &self.analysis.network.balancers[id];
        let mut rest = vec![flight.cube.clone()];
        for (place, listener) in balancer.listeners.iter().enumerate() {
            for traffic in &listener.traffic {
                let Some(cube) = flight.cube.at(flight.cube.head.port, *traffic) else { continue };
                rest = rest.iter().flat_map(|it| it.minus(&cube)).collect();
                let mut next = Flight { cube, ..flight.clone() };
                next.cube.doubt.extend(listener.traffic_doubt.as_ref());
                next.balancer = next.balancer.or(Some((id, place)));
                Self::touch(&mut next, Node::Balancer(id));
                if balancer.kind != BalancerKind::Network {
                    // It ends connections: whoever reaches its listener has reached it.
                    self.arrive(next.clone(), at);
                }
                self.listen(&next, at, id, listener);
            }
        }
        if let Some(cause) = &balancer.listeners_doubt {
            for cube in rest {
                let mut next = Flight { cube, ..flight.clone() };
                next.cube.doubt.add(cause);
                self.arrive(next, at);
            }
        }
    }

    fn listen(&mut self, flight: &Flight, at: Id<Interface>, id: Id<Balancer>, it: &Listener) {
        for group in &it.targets {
            self.target_group(flight, at, id, *group);
        }
        if let Some(cause) = &it.doubt {
            let mut next = flight.clone();
            next.cube.doubt.add(cause);
            self.arrive(next, at);
        }
    }

    fn target_group(
        &mut self,
        flight: &Flight,
        at: Id<Interface>,
        id: Id<Balancer>,
        group: Id<TargetGroup>,
    ) {
        let network = self.analysis.network;
        let group = &network.target_groups[group];
        if let Some(cause) = &group.doubt {
            let mut next = flight.clone();
            next.cube.doubt.add(cause);
            self.arrive(next, at);
        }
        let near: Vec<(&LoadTarget, Attr<bool>)> = group
            .targets
            .iter()
            .map(|target| (target, both(target.used.clone(), || self.near(at, id, group, target))))
            .filter(|(_, near)| *near != Attr::Known(false))
            .collect();
        for (at_list, (target, near_it)) in near.iter().enumerate() {
            // When no health check succeeds anywhere else, even a target that fails is served.
            let others = near.iter().enumerate().filter(|(other, _)| *other != at_list);
            let someone =
                any(others.map(|(_, (other, near))| both(near.clone(), || other.healthy.clone())));
            let served = both(near_it.clone(), || any([target.healthy.clone(), not(&someone)]));
            let mut next = flight.clone();
            match served {
                Attr::Known(false) => continue,
                Attr::Known(true) => {}
                Attr::Unknown(cause) => next.cube.doubt.add(&cause),
            }
            self.target(next, at, id, group, target);
        }
    }

    /// Whether a node of a balancer serves a target: all of them across zones, else those of its own.
    fn near(
        &self,
        at: Id<Interface>,
        id: Id<Balancer>,
        group: &TargetGroup,
        target: &LoadTarget,
    ) -> Attr<bool> {
        let network = self.analysis.network;
        let across = match &group.cross_zone {
            Attr::Known(Some(across)) => Attr::Known(*across),
            Attr::Known(None) => network.balancers[id].cross_zone.clone(),
            Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
        };
        let Some(interface) = target.interface else { return Attr::Known(true) };
        let zone = |id: Id<Interface>| &network.subnets[network.interfaces[id].subnet].zone;
        let same = match (zone(at).get(), zone(interface).get()) {
            (Ok(one), Ok(other)) => Attr::Known(one == other),
            (Err(cause), _) | (_, Err(cause)) => Attr::Unknown(cause.clone()),
        };
        any([across, same])
    }

    fn target(
        &mut self,
        mut flight: Flight,
        at: Id<Interface>,
        id: Id<Balancer>,
        group: &TargetGroup,
        target: &LoadTarget,
    ) {
        let network = self.analysis.network;
        let hands_on = network.balancers[id].kind == BalancerKind::Network;
        if hands_on && !group.protocols.contains(&flight.cube.protocol()) {
            return;
        }
        match group.kind {
            TargetKind::Function => return self.arrive(flight, at),
            TargetKind::Balancer => {
                let nodes = target.balancer.map(|behind| &network.balancers[behind].interfaces);
                let wanted = Self::is_v6(&flight.cube);
                let addresses: Vec<Addr> = nodes
                    .into_iter()
                    .flatten()
                    .filter_map(|node| {
                        let addresses = network.interfaces[*node].addresses.iter();
                        let mut addresses = addresses.map(|address| address.range.first);
                        addresses.find(|addr| addr.is_v6() == wanted)
                    })
                    .collect();
                if addresses.is_empty() {
                    return self.unseen(flight, at, target);
                }
                for addr in addresses {
                    self.second(flight.clone(), at, id, group, addr, target.port);
                }
                return;
            }
            TargetKind::Instance | TargetKind::Ip => {}
        }
        if let Some(addr) = target.addr {
            self.second(flight, at, id, group, addr, target.port);
        } else {
            Self::touch(&mut flight, Node::Balancer(id));
            self.unseen(flight, at, target);
        }
    }

    fn unseen(&mut self, mut flight: Flight, at: Id<Interface>, target: &LoadTarget) {
        flight.cube.doubt.add(&Cause::new(
            CauseKind::NotCollected,
            format!("{}: the target is not in the inventory", target.name),
        ));
        self.arrive(flight, at);
    }

    /// Whether packets go to IPv6 addresses.
    fn is_v6(cube: &Cube) -> bool {
        cube.addresses(cube.head.destination).first().is_some_and(Addr::is_v6)
    }

    /// From a balancer's interface to a target.
    fn second(
        &mut self,
        mut flight: Flight,
        at: Id<Interface>,
        id: Id<Balancer>,
        group: &TargetGroup,
        addr: Addr,
        port: Option<u16>,
    ) {
        let network = self.analysis.network;
        let kind = network.balancers[id].kind;
        let own = network.interfaces[at]
            .addresses
            .iter()
            .map(|address| address.range.first)
            .find(|own| own.is_v6() == addr.is_v6());
        let Some(own) = own else { return };
        let spoken = flight.cube.protocol();
        let protocol = if group.protocols.contains(&spoken) {
            spoken
        } else if kind == BalancerKind::Network {
            return;
        } else {
            group.protocols.first().copied().unwrap_or(spoken)
        };
        let keeps = match (&group.keeps_client, kind) {
            // A service's consumers are never seen by the targets.
            _ if flight.door.is_some() => Attr::Known(false),
            (keeps, BalancerKind::Network) => keeps.clone(),
            _ => Attr::Known(false),
        };
        let client_family = flight
            .cube
            .addresses(flight.cube.head.source)
            .first()
            .is_some_and(|client| client.is_v6() != addr.is_v6());
        let before = flight.cube.head;
        let changed = if protocol == spoken {
            placed(before.port, protocol, port)
        } else {
            let listened = u16::try_from(flight.cube.traffic.first & 0xffff).ok();
            placed(before.port, protocol, port.or(listened))
        };
        flight.cube.head.destination = Field::Fixed(addr);
        flight.cube.head.port = changed;
        flight.origin = Origin::Subnet(network.interfaces[at].subnet);
        flight.sender = Some(at);
        let choices = match keeps {
            Attr::Known(keeps) => vec![(keeps && !client_family, None)],
            Attr::Unknown(cause) => vec![(true, Some(cause.clone())), (false, Some(cause))],
        };
        for (kept, doubt) in choices {
            let mut next = flight.clone();
            next.cube.doubt.extend(doubt.as_ref());
            if kept {
                // A client that is its own target would see its own address as source.
                let others = AddrSet::everything().minus(&AddrSet::one(addr));
                let Some(cube) = next.cube.with(next.cube.head.source, &others) else { continue };
                next.cube = cube;
            } else {
                next.cube.head.source = Field::Fixed(own);
            }
            // Rules of targets may refer to the balancer's groups, whosever address it sends with.
            next.holders = vec![at];
            next.turns.push(Turn {
                at: Holder::Interface(at),
                addr: own,
                before,
                after: next.cube.head,
                kept,
                egress_only: next.egress_only.take(),
            });
            self.fly(next);
        }
    }

    /// Behind an interface endpoint: to the balancers of the service, if the inventory has it.
    pub(super) fn serve(&mut self, flight: &Flight, at: Id<Interface>, endpoint: Id<Endpoint>) {
        let network = self.analysis.network;
        let services: Vec<(Id<Door>, &Door)> = network
            .doors
            .iter()
            .filter(|(_, door)| {
                door.kind == DoorKind::PrivateLink && door.consumers.contains(&endpoint)
            })
            .collect();
        for (id, door) in services {
            for balancer in &door.balancers {
                for node in &network.balancers[*balancer].interfaces {
                    self.provide(flight, at, id, *balancer, *node);
                }
            }
        }
    }

    fn provide(
        &mut self,
        flight: &Flight,
        at: Id<Interface>,
        door: Id<Door>,
        balancer: Id<Balancer>,
        node: Id<Interface>,
    ) {
        let network = self.analysis.network;
        let Some(addr) = network.interfaces[node].addresses.first().map(|it| it.range.first) else {
            return;
        };
        let mut next = flight.clone();
        let before = next.cube.head;
        next.cube.head.destination = Field::Fixed(addr);
        next.door = Some(door);
        next.legs += 1;
        next.turns.push(Turn {
            at: Holder::Endpoint(at),
            addr,
            before,
            after: next.cube.head,
            kept: false,
            egress_only: next.egress_only.take(),
        });
        Self::touch(&mut next, Node::Door(door));
        next.holders.clear();
        match &network.balancers[balancer].groups_filter_private_link {
            Attr::Known(false) => self.take(next, node),
            Attr::Known(true) => self.receive(next, node, &Attr::Known(false)),
            Attr::Unknown(cause) => {
                self.receive(next.clone(), node, &Attr::Known(false));
                next.cube.doubt.add(cause);
                self.take(next, node);
            }
        }
    }
}

fn not(truth: &Attr<bool>) -> Attr<bool> {
    truth.clone().map(|truth| !truth)
}
