//! In by front doors: ways from outside to things without a public address.

use super::cube::{Cube, Field, Head};
use super::exposure::Search;
use super::send::{Flight, Holder, Turn, placed};
use super::{Entry, Exposure, Origin};
use crate::analyze::network::packet::{Packet, Reply, Start, Touch};
use crate::analyze::network::topology::{Balancer, Door, DoorKind, Id, Interface, Node, PortMap};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::traffic::TCP;
use crate::net::{Addr, AddrSet, Traffic};

impl Search<'_, '_> {
    /// Everything by front doors and by balancers whose nodes nobody listed.
    pub(super) fn doors(&mut self, outside: &AddrSet) {
        let network = self.network();
        for (id, door) in network.doors.iter() {
            let clients = door.clients.intersection(outside);
            let foreign = !door.foreign_consumers.is_empty();
            if clients.is_empty() && !foreign && door.clients_doubt.is_none() {
                continue;
            }
            self.door(id, door, &clients, outside);
        }
        for (id, balancer) in network.balancers.iter() {
            if let Some(cause) = &balancer.doubt
                && balancer.internet_facing != Attr::Known(false)
            {
                for (at, listener) in balancer.listeners.iter().enumerate() {
                    for traffic in &listener.traffic {
                        let entry = Entry::Balancer(id, at);
                        self.vague(
                            entry,
                            *traffic,
                            outside.clone(),
                            Some(cause),
                            Node::Balancer(id),
                        );
                    }
                }
            }
        }
    }

    fn door(&mut self, id: Id<Door>, door: &Door, clients: &AddrSet, outside: &AddrSet) {
        let network = self.network();
        if door.kind == DoorKind::GlobalAccelerator
            && let Some(vpc) = door.vpc
            && network.vpcs[vpc].internet_gateway == Attr::Known(None)
        {
            return;
        }
        // Who comes is not known: anybody may.
        let (clients, who) = match &door.clients_doubt {
            Some(cause) if clients.is_empty() => (outside.clone(), Some(cause)),
            _ => (clients.clone(), None),
        };
        let whole = [PortMap { outside: Traffic::ALL, inside: None }];
        let ports: &[PortMap] = if door.ports.is_empty() { &whole } else { &door.ports };
        let targets = door.balancers.iter().flat_map(|balancer| {
            network.balancers[*balancer].interfaces.iter().map(|node| (Some(*balancer), *node))
        });
        let targets: Vec<(Option<Id<Balancer>>, Id<Interface>)> =
            targets.chain(door.interfaces.iter().map(|it| (None, *it))).collect();
        if targets.is_empty() {
            for sender in &door.senders {
                self.through(id, door, &clients, who, *sender);
            }
        }
        for map in ports {
            if targets.is_empty() || door.doubt.is_some() {
                let cause = door.doubt.as_ref().or(who);
                self.vague(Entry::Door(id), map.outside, clients.clone(), cause, Node::Door(id));
            }
            for (balancer, node) in &targets {
                self.by_door(id, door, *map, &clients, who, *balancer, *node);
            }
        }
    }

    /// Through a door to one interface.
    #[expect(clippy::too_many_arguments, reason = "a door, who comes, and one of its targets")]
    fn by_door(
        &mut self,
        id: Id<Door>,
        door: &Door,
        map: PortMap,
        clients: &AddrSet,
        who: Option<&Cause>,
        balancer: Option<Id<Balancer>>,
        node: Id<Interface>,
    ) {
        let network = self.network();
        let Some(addr) = network.interfaces[node].addresses.first().map(|it| it.range.first) else {
            return;
        };
        let nobody = AddrSet::one(addr);
        // Consumers of other accounts show no address here.
        let sources = if clients.is_empty() { nobody } else { clients.clone() };
        let mut cube = Cube::new(sources, AddrSet::one(addr));
        let Some(outside) = cube.traffic.intersection(map.outside) else { return };
        cube.traffic = outside;
        cube.doubt.extend(who);
        let before = cube.head;
        cube.head.port = placed(before.port, cube.protocol(), map.inside);
        let keeps = match &door.keeps_client {
            Attr::Known(keeps) => *keeps,
            Attr::Unknown(cause) => {
                cube.doubt.add(cause);
                true
            }
        };
        let mut flight = Flight {
            cube,
            origin: Origin::Internet,
            left: Head::SENT,
            sender: None,
            holders: Vec::new(),
            turns: Vec::new(),
            firewalls: Vec::new(),
            egress_only: None,
            balancer: None,
            door: Some(id),
            touches: vec![Touch::Node(Node::Door(id))],
            legs: 0,
        };
        flight.turns.push(Turn {
            at: Holder::Door(id),
            addr,
            before,
            after: flight.cube.head,
            kept: keeps,
            egress_only: None,
        });
        self.sender.arrivals.clear();
        if door.senders.is_empty() {
            self.unsent(flight, door, keeps, balancer, node);
        } else {
            for sender in &door.senders {
                self.sent(flight.clone(), *sender, node);
            }
        }
        let mut all = Vec::new();
        for arrival in std::mem::take(&mut self.sender.arrivals) {
            self.sender.split(Start::Internet, &arrival, &mut all);
        }
        let from = self.out.len();
        self.connections(all, addr);
        for exposure in self.out.iter_mut().skip(from) {
            exposure.entry = Entry::Door(id);
            if clients.is_empty() {
                exposure.clients = AddrSet::EMPTY;
            }
        }
    }

    /// Through a door into networks: wherever one of its interfaces may send.
    fn through(
        &mut self,
        id: Id<Door>,
        door: &Door,
        clients: &AddrSet,
        who: Option<&Cause>,
        sender: Id<Interface>,
    ) {
        let network = self.network();
        self.sender.arrivals.clear();
        for address in &network.interfaces[sender].addresses {
            let own = address.range.first;
            let family = if own.is_v6() { AddrSet::v6() } else { AddrSet::v4() };
            let mut cube = Cube::new(clients.clone(), door.destinations.intersection(&family));
            if cube.sources.is_empty() || cube.destinations.is_empty() {
                continue;
            }
            cube.doubt.extend(who);
            let before = cube.head;
            cube.head.source = Field::Fixed(own);
            let turn =
                |at, after| Turn { at, addr: own, before, after, kept: false, egress_only: None };
            let turns =
                vec![turn(Holder::Door(id), before), turn(Holder::Interface(sender), cube.head)];
            self.sender.fly(Flight {
                cube,
                origin: Origin::Subnet(network.interfaces[sender].subnet),
                left: Head::SENT,
                sender: Some(sender),
                holders: vec![sender],
                turns,
                firewalls: Vec::new(),
                egress_only: None,
                balancer: None,
                door: Some(id),
                touches: vec![Touch::Node(Node::Door(id))],
                legs: 0,
            });
        }
        let mut all = Vec::new();
        for arrival in std::mem::take(&mut self.sender.arrivals) {
            self.sender.split(Start::Internet, &arrival, &mut all);
        }
        let from = self.out.len();
        self.connections(all, Addr::default());
        for exposure in self.out.iter_mut().skip(from) {
            exposure.entry = Entry::Door(id);
        }
    }

    /// From one of the door's own interfaces, by the routes of its subnet.
    fn sent(&mut self, mut flight: Flight, sender: Id<Interface>, node: Id<Interface>) {
        let network = self.network();
        let family = |id: Id<Interface>, v6: bool| {
            let all = network.interfaces[id].addresses.iter();
            all.map(|it| it.range.first).find(|addr| addr.is_v6() == v6)
        };
        let pair =
            [false, true].into_iter().find_map(|v6| Some((family(sender, v6)?, family(node, v6)?)));
        let Some((own, addr)) = pair else { return };
        let before = flight.cube.head;
        flight.cube.head.source = Field::Fixed(own);
        flight.cube.head.destination = Field::Fixed(addr);
        flight.origin = Origin::Subnet(network.interfaces[sender].subnet);
        flight.sender = Some(sender);
        flight.holders = vec![sender];
        flight.turns.push(Turn {
            at: Holder::Interface(sender),
            addr: own,
            before,
            after: flight.cube.head,
            kept: false,
            egress_only: None,
        });
        self.sender.fly(flight);
    }

    /// Straight to the interface: the door has none of its own in the inventory.
    fn unsent(
        &mut self,
        mut flight: Flight,
        door: &Door,
        keeps: bool,
        balancer: Option<Id<Balancer>>,
        node: Id<Interface>,
    ) {
        let network = self.network();
        if keeps {
            // Groups look at the client; network ACLs at answers only.
            flight.cube.head.destination =
                flight.turns.last().map_or(Field::Destinations, |turn| Field::Fixed(turn.addr));
            return self.sender.receive(flight, node, &Attr::Known(false));
        }
        let skipped = door.kind == DoorKind::PrivateLink
            && balancer.is_some_and(|balancer| {
                network.balancers[balancer].groups_filter_private_link == Attr::Known(false)
            });
        let unfiltered = network.interfaces[node].groups == Attr::Known(None);
        if !skipped && !unfiltered {
            flight.cube.doubt.add(&Cause::new(
                CauseKind::NotCollected,
                format!("{}: the addresses it sends from", door.name),
            ));
        }
        self.sender.take(flight, node);
    }

    /// Something that is known to be open, or may be, without an interface behind it.
    fn vague(
        &mut self,
        entry: Entry,
        outside: Traffic,
        clients: AddrSet,
        doubt: Option<&Cause>,
        node: Node,
    ) {
        let source = clients.first().unwrap_or_default();
        let shown = outside.intersection(Traffic::protocol(TCP)).unwrap_or(outside);
        self.out.push(Exposure {
            interface: None,
            entry,
            outside,
            traffic: outside,
            clients,
            reply: doubt.map_or(Reply::Full, |cause| Reply::Unknown(cause.clone())),
            doubt: doubt.cloned(),
            rules: Vec::new(),
            routes: vec![Touch::Node(node)],
            witness: (
                Start::Internet,
                Packet {
                    source,
                    destination: source,
                    protocol: u8::try_from(shown.first >> 16).unwrap_or(u8::MAX),
                    source_port: 40_000,
                    port: u16::try_from(shown.first & 0xffff).unwrap_or(u16::MAX),
                },
            ),
        });
    }
}
