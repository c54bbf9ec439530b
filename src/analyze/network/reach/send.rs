//! Sets of packets through filters, translations and balancers, up to where they arrive.

use std::collections::HashMap;
use std::rc::Rc;

use super::cube::{Cube, Field, Head, Port};
use super::ways::Mode;
use super::{Analysis, Bounds, End, Flows, Origin, Passage, Rules, Way, firewall};
use crate::analyze::kleene::any;
use crate::analyze::network::packet::{Start, Touch};
use crate::analyze::network::topology::{
    Balancer, Door, Endpoint, GroupSet, Id, Interface, InterfaceKind, Nat, Node, Vpc,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::traffic::{ICMP, TCP, UDP};
use crate::net::{Addr, AddrSet, Traffic};

/// Balancers behind balancers.
const MOST_LEGS: usize = 4;

/// Packets on their way, filters already considered.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) cube: Cube,
    /// Where they leave from.
    pub(super) origin: Origin,
    /// The header with which they left, which the sender's groups look at.
    pub(super) left: Head,
    /// The interface whose groups look at them on the way out.
    pub(super) sender: Option<Id<Interface>>,
    /// The interfaces that count as their source for rules that refer to groups.
    pub(super) holders: Vec<Id<Interface>>,
    /// The translations with a memory that they went through, to be undone in reverse.
    pub(super) turns: Vec<Turn>,
    /// The endpoints of firewalls whose stateful rules saw them.
    pub(super) firewalls: Vec<Id<Endpoint>>,
    /// The VPC that they left by an egress-only gateway.
    pub(super) egress_only: Option<Id<Vpc>>,
    /// The first balancer they went through, and its listener.
    pub(super) balancer: Option<(Id<Balancer>, usize)>,
    /// The service they went through to a provider.
    pub(super) door: Option<Id<Door>>,
    pub(super) touches: Vec<Touch>,
    pub(super) legs: usize,
}

/// A translation with a memory.
#[derive(Clone)]
pub(super) struct Turn {
    pub(super) at: Holder,
    /// Where answers have to come to.
    pub(super) addr: Addr,
    /// The header before it, as it arrived.
    pub(super) before: Head,
    /// The header behind it.
    pub(super) after: Head,
    /// Whether the header keeps the client's address, although answers come here.
    pub(super) kept: bool,
    /// The VPC that packets left by an egress-only gateway before.
    pub(super) egress_only: Option<Id<Vpc>>,
}

/// What translates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A NAT gateway.
    Nat(Id<Nat>),
    /// A balancer's interface.
    Interface(Id<Interface>),
    /// The consumer's endpoint of a service: answers go back through it, by no route.
    Endpoint(Id<Interface>),
    /// A front door: whatever got in by it goes back by it.
    Door(Id<Door>),
}

/// Packets that arrived.
pub(super) struct Arrival {
    pub(super) flight: Flight,
    pub(super) end: End,
}

/// Sends sets of packets. It remembers ways and rules while it lives.
pub(super) struct Sender<'a, 'n> {
    pub(super) analysis: &'a Analysis<'n>,
    ways: HashMap<(Origin, AddrSet, Mode), Rc<Vec<Way>>>,
    rules: HashMap<(Id<GroupSet>, bool), Rc<Rules>>,
    pub(super) arrivals: Vec<Arrival>,
    /// Whether interfaces that forward, or may, send with the addresses of others, too.
    pub(super) for_others: bool,
    /// Whether public addresses of the inventory count as clients on the internet like any other: answers to them take
    /// the same routes, and telling them apart would cost a look at every VPC.
    pub(super) outward: bool,
}

impl<'a, 'n> Sender<'a, 'n> {
    pub(super) fn new(analysis: &'a Analysis<'n>) -> Self {
        Self {
            analysis,
            ways: HashMap::new(),
            rules: HashMap::new(),
            arrivals: Vec::new(),
            for_others: false,
            outward: false,
        }
    }

    /// Sends from a start; of an interface's own addresses only.
    pub(super) fn start(&mut self, start: Start, sources: &AddrSet, destinations: &AddrSet) {
        let network = self.analysis.network;
        let (origin, sender) = match start {
            Start::Interface(id) => (Origin::Subnet(network.interfaces[id].subnet), Some(id)),
            Start::Internet => (Origin::Internet, None),
            Start::VpnGateway(vpc) => (Origin::VpnGateway(vpc), None),
            Start::Attachment(id) => (Origin::Attachment(id), None),
        };
        let mut parts = vec![(sources.clone(), None)];
        if let Some(id) = sender {
            let it = &network.interfaces[id];
            let own = self.addresses_of(id);
            parts = vec![(sources.intersection(&own), None)];
            let doubt = match (&it.forwards, &it.doubt) {
                (Attr::Known(false), None) => None,
                (Attr::Known(false), Some(cause)) | (Attr::Unknown(cause), _) => Some(Some(cause)),
                (Attr::Known(true), _) => Some(None),
            };
            if let (true, Some(doubt)) = (self.for_others, doubt) {
                parts.push((sources.minus(&own), doubt));
            }
        }
        for (sources, doubt) in parts {
            for family in [AddrSet::v4(), AddrSet::v6()] {
                let mut cube =
                    Cube::new(sources.intersection(&family), destinations.intersection(&family));
                cube.doubt.extend(doubt);
                if cube.sources.is_empty() || cube.destinations.is_empty() {
                    continue;
                }
                let mut flight = Flight {
                    cube,
                    origin,
                    left: Head::SENT,
                    sender,
                    holders: sender.into_iter().collect(),
                    turns: Vec::new(),
                    firewalls: Vec::new(),
                    egress_only: None,
                    balancer: None,
                    door: None,
                    touches: Vec::new(),
                    legs: 0,
                };
                for mate in sender.into_iter().flat_map(|id| network.machine(id)) {
                    let has = self.addresses_of(mate);
                    if let Some(cube) = flight.cube.with(Field::Destinations, &has) {
                        // Within a machine: no filter is in between.
                        self.arrive(Flight { cube, ..flight.clone() }, mate);
                        flight.cube.destinations = flight.cube.destinations.minus(&has);
                    }
                }
                if !flight.cube.destinations.is_empty() {
                    self.fly(flight);
                }
            }
        }
    }

    /// The private addresses of an interface.
    pub(super) fn addresses_of(&self, id: Id<Interface>) -> AddrSet {
        self.analysis.network.interfaces[id].own()
    }

    pub(super) fn ways(&mut self, origin: Origin, to: &AddrSet, mode: Mode) -> Rc<Vec<Way>> {
        let analysis = self.analysis;
        let key = (origin, to.clone(), mode);
        Rc::clone(
            self.ways
                .entry(key)
                .or_insert_with(|| Rc::new(super::Walker::ways_in(analysis, origin, to, mode))),
        )
    }

    /// On from where they are, by all ways.
    pub(super) fn fly(&mut self, mut flight: Flight) {
        flight.legs += 1;
        if flight.legs > MOST_LEGS {
            return;
        }
        flight.left = flight.cube.head;
        let to = flight.cube.addresses(flight.cube.head.destination);
        for way in self.ways(flight.origin, &to, Mode::Request).iter() {
            let Some(mut cube) = flight.cube.with(flight.cube.head.destination, &way.destinations)
            else {
                continue;
            };
            cube.doubt.extend(way.doubt.as_ref());
            let mut next = Flight { cube, ..flight.clone() };
            next.touches.extend_from_slice(&way.touches);
            let mut flights = vec![next];
            for passage in &way.passages {
                flights =
                    flights.into_iter().flat_map(|it| self.pass(it, passage, false)).collect();
            }
            for flight in flights {
                self.land(flight, way);
            }
        }
    }

    /// At the end of a way.
    fn land(&mut self, flight: Flight, way: &Way) {
        let End::Vpc { vpc, beside } = way.end else {
            for flight in self.let_out(flight, None, &Attr::Known(false)) {
                self.arrivals.push(Arrival { flight, end: way.end.clone() });
            }
            return;
        };
        let network = self.analysis.network;
        let field = flight.cube.head.destination;
        let to = flight.cube.addresses(field);
        let mut nobody = to.clone();
        for (id, own) in self.analysis.owners(vpc, &to) {
            nobody = nobody.minus(&own);
            let Some(cube) = flight.cube.with(field, &own) else { continue };
            let flight = Flight { cube, ..flight.clone() };
            let subnet = network.interfaces[id].subnet;
            let flights = if beside == Some(subnet) {
                vec![flight]
            } else {
                let acl = network.subnets[subnet].acl.clone();
                self.pass(flight, &Passage::Acl { acl, ingress: true }, false)
            };
            let outward =
                if crosses_transit(way) { Attr::Known(false) } else { way.references.clone() };
            for flight in flights {
                for flight in self.let_out(flight, Some(id), &outward) {
                    self.receive(flight, id, &way.references);
                }
            }
        }
        if let Some(cause) = self.analysis.index.hazy(vpc)
            && let Some(mut cube) = flight.cube.with(field, &nobody)
        {
            cube.doubt.add(cause);
            let flight = Flight { cube, ..flight };
            for flight in self.let_out(flight, None, &Attr::Known(false)) {
                self.arrivals.push(Arrival { flight, end: End::Beyond(cause.clone()) });
            }
        }
    }

    /// Through the groups of the sender, on the way to an interface or elsewhere.
    fn let_out(
        &mut self,
        flight: Flight,
        to: Option<Id<Interface>>,
        references: &Attr<bool>,
    ) -> Vec<Flight> {
        let Some(sender) = flight.sender else { return vec![flight] };
        let holders: Vec<Id<Interface>> = to.into_iter().collect();
        let bounds = self.groups(sender, false, &holders, references);
        // The sender's groups see the header with which the packets left.
        let now = flight.cube.head;
        let mut cube = flight.cube.clone();
        cube.head = flight.left;
        cube.through(&bounds, flight.left.destination)
            .into_iter()
            .map(|mut cube| {
                cube.head = now;
                Flight { cube, ..flight.clone() }
            })
            .collect()
    }

    /// What the groups of an interface let pass to or from others.
    fn groups(
        &mut self,
        interface: Id<Interface>,
        ingress: bool,
        others: &[Id<Interface>],
        references: &Attr<bool>,
    ) -> Bounds {
        let network = self.analysis.network;
        let set = match &network.interfaces[interface].groups {
            Attr::Known(Some(set)) => *set,
            Attr::Known(None) => return Bounds::everything(),
            Attr::Unknown(cause) => return Bounds::unknown(cause.clone()),
        };
        let analysis = self.analysis;
        let rules = Rc::clone(
            self.rules
                .entry((set, ingress))
                .or_insert_with(|| Rc::new(analysis.rules(set, ingress))),
        );
        let mut bounds = rules.addresses.clone();
        for (group, traffic) in &rules.references {
            let member = any(others.iter().map(|other| self.carries(*other, *group)));
            let matches = crate::analyze::kleene::both(member, || references.clone());
            let cause = match (&matches, traffic) {
                (Attr::Known(false), _) => continue,
                (Attr::Known(true), Ok(_)) => None,
                (_, Err(cause)) | (Attr::Unknown(cause), _) => Some(cause.clone()),
            };
            let most = Flows::of(*traffic.as_ref().unwrap_or(&Traffic::ALL), AddrSet::everything());
            let least = if cause.is_some() { Flows::NOTHING } else { most.clone() };
            bounds = bounds.union(&Bounds { least, most, cause });
        }
        bounds
    }

    /// Whether an interface carries a group.
    fn carries(&self, interface: Id<Interface>, group: Id<super::Group>) -> Attr<bool> {
        let network = self.analysis.network;
        match &network.interfaces[interface].groups {
            Attr::Known(None) => Attr::Known(false),
            Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
            Attr::Known(Some(set)) => {
                let set = &network.group_sets[*set];
                match &set.doubt {
                    _ if set.groups.contains(&group) => Attr::Known(true),
                    Some(cause) => Attr::Unknown(cause.clone()),
                    None => Attr::Known(false),
                }
            }
        }
    }

    /// At the interface that packets are for.
    pub(super) fn receive(&mut self, flight: Flight, id: Id<Interface>, references: &Attr<bool>) {
        let bounds = self.groups(id, true, &flight.holders, references);
        let field = flight.cube.head.source;
        for cube in flight.cube.through(&bounds, field) {
            self.take(Flight { cube, ..flight.clone() }, id);
        }
    }

    /// Behind the groups of the interface that packets are for.
    pub(super) fn take(&mut self, mut flight: Flight, id: Id<Interface>) {
        match self.analysis.network.interfaces[id].kind {
            InterfaceKind::Ordinary | InterfaceKind::Managed | InterfaceKind::Endpoint(None) => {}
            InterfaceKind::Endpoint(Some(endpoint)) => {
                self.serve(&flight, id, endpoint);
            }
            InterfaceKind::Balancer(balancer) => return self.balance(&flight, id, balancer),
            InterfaceKind::UnknownBalancer => flight.cube.doubt.add(&Cause::new(
                CauseKind::NotCollected,
                format!(
                    "{}: where the load balancer answers",
                    self.analysis.network.interfaces[id].name
                ),
            )),
            InterfaceKind::Nat(_)
            | InterfaceKind::Function
            | InterfaceKind::TransitGateway
            | InterfaceKind::Appliance => return,
        }
        self.arrive(flight, id);
    }

    pub(super) fn arrive(&mut self, flight: Flight, id: Id<Interface>) {
        self.arrivals.push(Arrival { flight, end: End::Interface(id) });
    }

    /// Through what a way meets; of answers the header is that of the answer.
    pub(super) fn pass(&mut self, flight: Flight, passage: &Passage, answer: bool) -> Vec<Flight> {
        match passage {
            Passage::Acl { acl, ingress } => {
                let head = flight.cube.head;
                let peer = if *ingress { head.source } else { head.destination };
                let cubes = match acl {
                    Attr::Known(acl) => {
                        flight.cube.through(self.analysis.acl(*acl, *ingress), peer)
                    }
                    Attr::Unknown(cause) => {
                        flight.cube.through(&Bounds::unknown(cause.clone()), peer)
                    }
                };
                cubes.into_iter().map(|cube| Flight { cube, ..flight.clone() }).collect()
            }
            Passage::Firewall(id) => {
                let saw = flight.firewalls.contains(id);
                firewall::pass(self.analysis.network, *id, &flight.cube, answer, saw)
                    .into_iter()
                    .map(|(cube, sees)| {
                        let mut next = Flight { cube, ..flight.clone() };
                        if sees && !answer {
                            next.firewalls.push(*id);
                        }
                        next
                    })
                    .collect()
            }
            Passage::Nat(_) | Passage::EgressOnlyGateway(_) if answer => Vec::new(),
            Passage::Nat(id) => self.translate(&flight, *id),
            Passage::InternetGateway(vpc) => self.out(&flight, *vpc).0,
            Passage::Hidden(vpc) => {
                let shown = self.out(&flight, *vpc).1;
                let field = flight.cube.head.source;
                let hidden = flight.cube.addresses(field).minus(&shown);
                let cube = flight.cube.with(field, &hidden);
                cube.map(|cube| Flight { cube, ..flight }).into_iter().collect()
            }
            Passage::EgressOnlyGateway(vpc) => {
                let field = flight.cube.head.source;
                let owners = self.analysis.owners(*vpc, &flight.cube.addresses(field));
                let unannounced = &self.analysis.network.vpcs[*vpc].unannounced;
                let global = AddrSet::of(owners.iter().flat_map(|(_, own)| own.ranges()).copied())
                    .minus(unannounced)
                    .intersection(&AddrSet::v6())
                    .intersection(&self.analysis.index.internet);
                flight
                    .cube
                    .with(field, &global)
                    .map(|cube| Flight { cube, egress_only: Some(*vpc), ..flight.clone() })
                    .into_iter()
                    .collect()
            }
            Passage::Entry(vpc) => self.entry(&flight, *vpc),
        }
    }

    /// Through a NAT gateway: on from one of its addresses.
    fn translate(&mut self, flight: &Flight, id: Id<Nat>) -> Vec<Flight> {
        let network = self.analysis.network;
        let Some(v4) = flight.cube.with(flight.cube.head.source, &AddrSet::v4()) else {
            return Vec::new();
        };
        let served: Vec<Cube> = [ICMP, TCP, UDP]
            .into_iter()
            .filter_map(|protocol| v4.at(v4.head.port, Traffic::protocol(protocol)))
            .collect();
        let addresses = match network.nats[id].addresses.get() {
            Ok(addresses) => addresses,
            // What they show behind it is not known, so neither is what becomes of them.
            Err(cause) => {
                for mut cube in served {
                    cube.doubt.add(cause);
                    let flight = Flight { cube, ..flight.clone() };
                    for flight in self.let_out(flight, None, &Attr::Known(false)) {
                        self.arrivals.push(Arrival { flight, end: End::Beyond(cause.clone()) });
                    }
                }
                return Vec::new();
            }
        };
        let mut out = Vec::new();
        for cube in served {
            for (addr, _) in addresses {
                let mut next = Flight { cube: cube.clone(), ..flight.clone() };
                let before = next.cube.head;
                next.cube.head.source = Field::Fixed(*addr);
                next.holders.clear();
                next.turns.push(Turn {
                    at: Holder::Nat(id),
                    addr: *addr,
                    before,
                    after: next.cube.head,
                    kept: false,
                    egress_only: next.egress_only.take(),
                });
                out.push(next);
            }
        }
        out
    }

    /// Out by an internet gateway: IPv4 with the public address of its source. With the sources that have one.
    fn out(&self, flight: &Flight, vpc: Id<Vpc>) -> (Vec<Flight>, AddrSet) {
        let network = self.analysis.network;
        let internet = &self.analysis.index.internet;
        let field = flight.cube.head.source;
        let sources = flight.cube.addresses(field);
        let mut out = Vec::new();
        let mut shown = AddrSet::EMPTY;
        if let Field::Fixed(addr) = field
            && let Some(turn) = flight.turns.last()
            && let Holder::Nat(nat) = turn.at
            && turn.addr == addr
            && network.nats[nat].vpc == vpc
        {
            let all = network.nats[nat].addresses.known().into_iter().flatten();
            let seen = all.filter(|(own, _)| *own == addr).find_map(|(_, seen)| *seen);
            if let Some(seen) = seen.filter(|seen| internet.contains(*seen)) {
                return (vec![showing(flight, flight.cube.clone(), seen)], sources);
            }
        }
        for (id, _) in self.analysis.owners(vpc, &sources) {
            for address in &network.interfaces[id].addresses {
                let own = AddrSet::of([address.range]);
                let Some(cube) = flight.cube.with(field, &own) else { continue };
                match address.public {
                    Some(seen) if internet.contains(seen) => {
                        out.push(showing(flight, cube, seen));
                    }
                    None if self.analysis.index.global(network, vpc, address.range) => {
                        let mut next = Flight { cube, ..flight.clone() };
                        next.holders.clear();
                        out.push(next);
                    }
                    // Where the inventory knows all of an interface's addresses, there is no other to show.
                    _ if network.interfaces[id].doubt.is_none() => {}
                    _ => continue,
                }
                shown = shown.union(&own);
            }
        }
        (out, shown)
    }

    /// In by an internet gateway: public IPv4 destinations become private.
    fn entry(&self, flight: &Flight, vpc: Id<Vpc>) -> Vec<Flight> {
        let network = self.analysis.network;
        let field = flight.cube.head.destination;
        let mut out = Vec::new();
        if let Some(cube) = flight.cube.with(field, &AddrSet::v6()) {
            out.push(Flight { cube, ..flight.clone() });
        }
        for range in flight.cube.addresses(field).intersection(&AddrSet::v4()).ranges() {
            for (public, (id, private)) in
                self.analysis.index.publics.range(range.first..=range.last)
            {
                if network.interfaces[*id].vpc == vpc
                    && let Some(mut cube) = flight.cube.with(field, &AddrSet::one(*public))
                {
                    cube.head.destination = Field::Fixed(*private);
                    out.push(Flight { cube, ..flight.clone() });
                }
            }
        }
        out
    }

    /// A node for touches.
    pub(super) fn touch(flight: &mut Flight, node: Node) {
        flight.touches.push(Touch::Node(node));
    }
}

/// A flight whose source was translated.
fn showing(flight: &Flight, cube: Cube, seen: Addr) -> Flight {
    let mut next = Flight { cube, ..flight.clone() };
    next.cube.head.source = Field::Fixed(seen);
    next.holders.clear();
    next
}

/// Whether a way leads through a transit gateway.
fn crosses_transit(way: &Way) -> bool {
    way.touches.iter().any(|touch| matches!(touch, Touch::TransitRoute(..)))
}

/// The place of a port behind a balancer: the one it is changed to, or as it was.
pub(super) fn placed(port: Port, protocol: u8, to: Option<u16>) -> Port {
    to.map_or(port, |to| Port::Fixed(Traffic::one(protocol, to).first))
}
