//! What outside addresses reach, of every interface at once.
//!
//! Most interfaces with public addresses lie behind an internet gateway and nothing else. What their subnet lets in and
//! back is worked out once for each (VPC, route table, ACL), what each security group admits from outside once for each
//! group, so that an interface costs the union of its groups and one intersection. Whatever lies behind edge tables,
//! firewalls, balancers or doors goes through the general engine.

mod border;

use std::collections::HashMap;

use border::{Border, joined};

use super::cube::ports_of;
use super::send::Sender;
use super::ways::Mode;
use super::{Analysis, Bounds, Connection, End, Entry, Exposure, Flows, Origin, Passage};
use crate::analyze::kleene::Doubt;
use crate::analyze::network::packet::{EPHEMERAL, Packet, Reply, Start, Touch};
use crate::analyze::network::topology::{
    Acl, Address, AttachmentKind, Block, Group, Id, Interface, InterfaceKind, Node, Peer,
    RouteTable, Subnet, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::addr::Range;
use crate::net::traffic::{ICMP, ICMPV6, TCP, UDP};
use crate::net::{Addr, AddrSet, Ports, Traffic};

/// What a group admits from outside: the bounds, and the rules for it.
struct Admitted {
    bounds: Bounds,
    rules: Vec<(usize, Traffic, AddrSet)>,
}

type Key = (Id<Vpc>, Option<Id<RouteTable>>, Option<Id<Acl>>);

/// The search over all interfaces.
pub(super) struct Search<'a, 'n> {
    analysis: &'a Analysis<'n>,
    /// The outside addresses that come over the internet.
    outside: AddrSet,
    borders: HashMap<Key, Option<Border>>,
    admitted: HashMap<Id<Group>, Admitted>,
    pub(super) sender: Sender<'a, 'n>,
    pub(super) out: Vec<Exposure>,
}

impl<'a, 'n> Search<'a, 'n> {
    pub(super) fn new(analysis: &'a Analysis<'n>, outside: &AddrSet) -> Self {
        let outside = outside.intersection(&analysis.index.internet);
        let mut sender = Sender::new(analysis);
        sender.outward = true;
        Self {
            analysis,
            outside,
            borders: HashMap::new(),
            admitted: HashMap::new(),
            sender,
            out: Vec::new(),
        }
    }

    pub(super) fn network(&self) -> &'n crate::analyze::network::topology::Network {
        self.analysis.network
    }

    /// Everything by public addresses.
    pub(super) fn addresses(&mut self) {
        let network = self.analysis.network;
        for (id, interface) in network.interfaces.iter() {
            if matches!(
                interface.kind,
                InterfaceKind::Nat(_)
                    | InterfaceKind::Function
                    | InterfaceKind::TransitGateway
                    | InterfaceKind::Appliance
            ) || network.vpcs[interface.vpc].internet_gateway == Attr::Known(None)
                || interface.shut == Attr::Known(true)
            {
                continue;
            }
            let mut seen_one = false;
            for address in &interface.addresses {
                let seen = match address.public {
                    Some(public) => Range::one(public),
                    None if self.analysis.index.global(network, interface.vpc, address.range) => {
                        address.range
                    }
                    None => continue,
                };
                seen_one |= address.public.is_some();
                self.address(id, *address, seen, None);
            }
            if let (Some(cause), false) = (&interface.doubt, seen_one)
                && let Some(address) = interface.addresses.first()
            {
                self.address(id, *address, Range::one(address.range.first), Some(cause));
            }
        }
    }

    /// Everything that leads to one interface, by the addresses of it and of what stands before it.
    pub(super) fn only(&mut self, interface: Id<Interface>, addresses: &AddrSet) {
        let outside = self.outside_of(self.analysis.network.interfaces[interface].vpc);
        let public = addresses.intersection(&self.analysis.index.internet);
        for range in public.ranges() {
            let all = self.sender.connect(Start::Internet, &outside, &AddrSet::of([*range]));
            self.connections(all, range.first);
        }
        self.out.retain(|it| it.interface == Some(interface));
        for found in &mut self.out {
            if let Entry::Address(_) = found.entry {
                found.routes.push(Touch::Node(Node::Interface(interface)));
            }
        }
    }

    /// Everything from sites, for outside addresses that the internet does not carry.
    pub(super) fn sites(&mut self, outside: &AddrSet) {
        if outside.is_empty() {
            return;
        }
        let network = self.analysis.network;
        let gateways = network
            .vpcs
            .iter()
            .filter(|(_, vpc)| vpc.vpn_gateway != Attr::Known(None))
            .map(|(id, _)| Start::VpnGateway(id));
        let attachments = network
            .attachments
            .iter()
            .filter(|(_, it)| matches!(it.kind, AttachmentKind::Site(_)))
            .map(|(id, _)| Start::Attachment(id));
        for start in gateways.chain(attachments).collect::<Vec<_>>() {
            let all = self.sender.connect(start, outside, &AddrSet::everything());
            self.connections(all, Addr::default());
        }
    }

    /// The outside addresses that may come into a VPC: all but its own global ones.
    fn outside_of(&self, vpc: Id<Vpc>) -> AddrSet {
        match &self.analysis.network.vpcs[vpc].blocks {
            Attr::Known(blocks) => self.outside.minus(blocks),
            Attr::Unknown(_) => self.outside.clone(),
        }
    }

    /// One address; with a cause, when it only may be public.
    fn address(&mut self, id: Id<Interface>, address: Address, seen: Range, doubt: Option<&Cause>) {
        let interface = &self.analysis.network.interfaces[id];
        let plain = matches!(
            interface.kind,
            InterfaceKind::Ordinary | InterfaceKind::Managed | InterfaceKind::Endpoint(_)
        );
        let plain = plain && interface.shut == Attr::Known(false);
        if plain && let Some(key) = self.border(interface.subnet) {
            self.direct(id, address, seen, key, doubt);
        } else if let Some(cause) = doubt {
            self.perhaps(id, address, cause);
        } else {
            let to = AddrSet::of([seen]);
            let outside = self.outside_of(interface.vpc);
            self.sender.arrivals.clear();
            let all = self.sender.connect(Start::Internet, &outside, &to);
            self.connections(all, seen.first);
        }
    }

    /// Something that may be reachable, nobody knows by what.
    fn perhaps(&mut self, id: Id<Interface>, address: Address, cause: &Cause) {
        let clients = self.outside.intersection(&AddrSet::v4());
        if clients.is_empty() {
            return;
        }
        let reply = Reply::Unknown(cause.clone());
        let destination = address.range.first;
        let witness = self.witness(Start::Internet, destination, Traffic::ALL, &clients, &reply);
        self.out.push(Exposure {
            interface: Some(id),
            entry: Entry::Address(destination),
            outside: Traffic::ALL,
            traffic: Traffic::ALL,
            clients,
            reply,
            doubt: Some(cause.clone()),
            rules: Vec::new(),
            routes: vec![Touch::Node(Node::Interface(id))],
            witness,
        });
    }

    /// The border of a subnet, if it is a plain one.
    fn border(&mut self, id: Id<Subnet>) -> Option<Key> {
        let network = self.analysis.network;
        let subnet = &network.subnets[id];
        let key = (subnet.vpc, subnet.table.known().copied(), subnet.acl.known().copied());
        let vpc = &network.vpcs[subnet.vpc];
        if subnet.block != Attr::Known(Block::Off)
            || vpc.internet_gateway.known().is_none()
            || !vpc.edge_tables.is_empty()
            || key.1.is_none()
        {
            return None;
        }
        if !self.borders.contains_key(&key) {
            let border = self.make_border(id, subnet.vpc);
            self.borders.insert(key, border);
        }
        self.borders.get(&key).is_some_and(Option::is_some).then_some(key)
    }

    fn make_border(&mut self, id: Id<Subnet>, vpc: Id<Vpc>) -> Option<Border> {
        let subnet = &self.analysis.network.subnets[id];
        let mut border = Border {
            ingress: self.acl(&subnet.acl, true),
            back: AddrSet::EMPTY,
            back_doubt: None,
            egress: self.acl(&subnet.acl, false),
            routes: Vec::new(),
        };
        let mut doubt = Doubt::default();
        let mut perhaps = AddrSet::EMPTY;
        let to = self.outside.clone();
        for way in self.sender.ways(Origin::Subnet(id), &to, Mode::Outward).iter() {
            let plain = match way.passages.as_slice() {
                [Passage::Acl { ingress: false, .. }, Passage::InternetGateway(own)] => {
                    *own == vpc && way.end == End::Internet
                }
                _ => false,
            };
            // Answers through NAT gateways are lost; those to other networks never come to the internet.
            let lost = way
                .passages
                .iter()
                .any(|it| matches!(it, Passage::Nat(_) | Passage::EgressOnlyGateway(_)))
                || matches!(
                    way.end,
                    End::Vpc { .. } | End::Service(_) | End::VpnGateway(_) | End::Attachment(_)
                );
            if lost {
                continue;
            }
            if !plain && !matches!(way.end, End::Beyond(_)) {
                return None;
            }
            match &way.doubt {
                None => border.back = border.back.union(&way.destinations),
                Some(cause) => {
                    doubt.add(cause);
                    perhaps = perhaps.union(&way.destinations);
                }
            }
            border.routes.extend_from_slice(&way.touches);
        }
        if !perhaps.minus(&border.back).is_empty() {
            border.back_doubt = doubt.cause().cloned();
            border.back = border.back.union(&perhaps);
        }
        // Nobody comes from the VPC's own global addresses; leaving them out would only make sets hard to read.
        let own = self.outside.minus(&self.outside_of(vpc));
        if border.back.overlaps(&AddrSet::v6()) {
            border.back = border.back.union(&own);
        }
        border.routes.sort_unstable();
        border.routes.dedup();
        Some(border)
    }

    fn acl(&self, acl: &Attr<Id<Acl>>, ingress: bool) -> Bounds {
        match acl {
            Attr::Known(acl) => self.analysis.acl(*acl, ingress).clone(),
            Attr::Unknown(cause) => Bounds::unknown(cause.clone()),
        }
    }

    /// What a group admits from outside.
    fn admit(&mut self, id: Id<Group>) {
        if self.admitted.contains_key(&id) {
            return;
        }
        let network = self.analysis.network;
        let group = &network.groups[id];
        let (mut least, mut most) = (Vec::new(), Vec::new());
        let mut doubt = Doubt::default();
        if let Some(cause) = &group.ingress_doubt {
            doubt.add(cause);
            most.push((None, Traffic::ALL, self.outside.clone()));
        }
        for (at, rule) in group.ingress.iter().enumerate() {
            let (known, unsure) = match &rule.peer {
                Peer::Addresses(set) => (Some(set), None),
                Peer::List(list) => {
                    let list = &network.lists[*list];
                    (Some(&list.entries), list.doubt.as_ref())
                }
                Peer::Group { .. } | Peer::Stale(_) => continue,
                Peer::Unknown(cause) => (None, Some(cause)),
            };
            let known = known.map(|set| set.intersection(&self.outside)).unwrap_or_default();
            let traffic = *rule.traffic.as_ref().unwrap_or(&Traffic::ALL);
            let unsure = unsure.or(rule.traffic.as_ref().err());
            if let Some(cause) = unsure {
                doubt.add(cause);
                most.push((Some(at), traffic, self.outside.clone()));
            }
            if rule.traffic.is_ok() && !known.is_empty() {
                least.push((Some(at), traffic, known));
            }
        }
        let union = |list: &[(Option<usize>, Traffic, AddrSet)]| {
            let parts: Vec<_> = list.iter().map(|(_, traffic, set)| (*traffic, set)).collect();
            Flows::union_of(&parts)
        };
        let certain = union(&least);
        let bounds = match doubt.cause() {
            None => Bounds::certain(certain),
            Some(cause) => {
                let most = union(&most).union(&certain);
                Bounds { least: certain, most, cause: Some(cause.clone()) }
            }
        };
        let rules = least
            .into_iter()
            .chain(most)
            .filter_map(|(at, traffic, set)| Some((at?, traffic, set)))
            .collect();
        self.admitted.insert(id, Admitted { bounds, rules });
    }

    fn direct(
        &mut self,
        id: Id<Interface>,
        address: Address,
        seen: Range,
        key: Key,
        unsure: Option<&Cause>,
    ) {
        let network = self.analysis.network;
        let interface = &network.interfaces[id];
        let mut groups: &[Id<Group>] = &[];
        let admitted = match &interface.groups {
            Attr::Known(None) => Bounds::everything(),
            Attr::Unknown(cause) => Bounds::unknown(cause.clone()),
            Attr::Known(Some(set)) => {
                let set = &network.group_sets[*set];
                groups = &set.groups;
                for group in groups {
                    self.admit(*group);
                }
                let mut sum = match &set.doubt {
                    Some(cause) => Bounds::unknown(cause.clone()),
                    None => Bounds::NOTHING,
                };
                for it in groups.iter().filter_map(|group| self.admitted.get(group)) {
                    if !it.bounds.most.is_empty() {
                        sum = sum.union(&it.bounds);
                    }
                }
                sum
            }
        };
        if admitted.most.is_empty() {
            return;
        }
        let Some(Some(border)) = self.borders.get(&key) else { return };
        let family = if seen.first.is_v6() { AddrSet::v6() } else { AddrSet::v4() };
        let clients = self.outside.intersection(&family);
        let passing = admitted.intersection(&border.ingress);
        let managed = matches!(interface.kind, InterfaceKind::Managed);
        let port = interface.host.filter(|_| managed).and_then(|host| network.hosts[host].port);
        let mut found = Vec::new();
        for (flows, doubt) in
            [(&passing.least, None), (&passing.doubtful(), passing.cause.as_ref())]
        {
            let flows = flows.with_peers(&clients);
            let flows = match port {
                Some(port) => flows.with_traffic(Traffic::one(TCP, port)),
                None => flows,
            };
            for (traffic, clients) in flows.parts() {
                for (traffic, clients, reply) in border.replies(*traffic, clients) {
                    let cause = [doubt, unsure].into_iter().flatten().min().cloned();
                    found.push((traffic, clients, reply, cause));
                }
            }
        }
        let mut routes = border.routes.clone();
        routes.push(Touch::Node(Node::Interface(id)));
        for (traffic, clients, reply, doubt) in found {
            let rules = self.rules(groups, traffic, &clients);
            let witness = self.witness(Start::Internet, seen.first, traffic, &clients, &reply);
            self.out.push(Exposure {
                interface: Some(id),
                entry: Entry::Address(address.public.unwrap_or(address.range.first)),
                outside: traffic,
                traffic,
                clients,
                reply,
                doubt,
                rules,
                routes: routes.clone(),
                witness,
            });
        }
    }

    /// The rules of groups that admit some of this.
    fn rules(&self, groups: &[Id<Group>], traffic: Traffic, clients: &AddrSet) -> Vec<Touch> {
        let mut out = Vec::new();
        for group in groups {
            let Some(it) = self.admitted.get(group) else { continue };
            for (at, have, set) in &it.rules {
                if have.intersection(traffic).is_some() && set.overlaps(clients) {
                    out.push(Touch::GroupRule(*group, true, *at));
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// A packet that gets in, and is answered if any is.
    fn witness(
        &self,
        start: Start,
        destination: Addr,
        traffic: Traffic,
        clients: &AddrSet,
        reply: &Reply,
    ) -> (Start, Packet) {
        let source = self.stranger(clients).or(clients.first());
        // Of everything, people understand TCP best.
        let shown = traffic.intersection(Traffic::protocol(TCP)).unwrap_or(traffic);
        let protocol = u8::try_from(shown.first >> 16).unwrap_or(u8::MAX);
        let has_ports = matches!(protocol, TCP | UDP);
        let port = if has_ports || matches!(protocol, ICMP | ICMPV6) {
            u16::try_from(shown.first & 0xffff).unwrap_or(u16::MAX)
        } else {
            0
        };
        let source_port = match reply {
            _ if !has_ports => 0,
            Reply::Partial(ports) => ports.first().map_or(EPHEMERAL.from, |it| it.from),
            _ => 40_000,
        };
        let packet =
            Packet { source: source.unwrap_or_default(), destination, protocol, source_port, port };
        (start, packet)
    }

    /// A client that is not one of the inventory's own addresses.
    fn stranger(&self, clients: &AddrSet) -> Option<Addr> {
        let own = self.analysis.index.all_public.ranges();
        for range in clients.ranges() {
            let mut addr = range.first;
            let from = own.partition_point(|it| it.last < addr);
            for it in own.iter().skip(from) {
                if !it.contains(addr) {
                    break;
                }
                addr = it.last.next()?;
            }
            if range.contains(addr) {
                return Some(addr);
            }
        }
        None
    }

    /// What the general engine found.
    pub(super) fn connections(&mut self, all: Vec<Connection>, entry: Addr) {
        let mut found: Vec<(Connection, Vec<Ports>, Attr<bool>)> = Vec::new();
        for it in all {
            let interface = match &it.end {
                End::Interface(_) => true,
                End::Beyond(_) => it.doubt.is_some(),
                _ => false,
            };
            if !interface {
                continue;
            }
            // What differs in source ports only is one exposure with a partial reply.
            let same = found.iter_mut().find(|(have, _, _)| {
                have.end == it.end
                    && have.sources == it.sources
                    && have.destinations == it.destinations
                    && have.traffic == it.traffic
                    && have.inside == it.inside
                    && have.doubt == it.doubt
                    && have.balancer == it.balancer
            });
            let answered: Vec<Ports> = match it.answered {
                Attr::Known(true) => vec![it.source_ports],
                _ => Vec::new(),
            };
            if let Some((_, ports, unsure)) = same {
                ports.extend(answered);
                if let Attr::Unknown(_) = it.answered {
                    unsure.clone_from(&it.answered);
                }
            } else {
                let unsure = it.answered.clone();
                found.push((it, answered, unsure));
            }
        }
        for (it, ports, unsure) in found {
            self.connection(it, ports, unsure, entry);
        }
    }

    fn connection(&mut self, it: Connection, ports: Vec<Ports>, unsure: Attr<bool>, entry: Addr) {
        let interface = match it.end {
            End::Interface(id) => Some(id),
            _ => None,
        };
        let reply = match (reply_of(ports), unsure) {
            (Reply::Full, _) => Reply::Full,
            (_, Attr::Unknown(cause)) => Reply::Unknown(cause),
            (reply, _) => reply,
        };
        let groups: Vec<Id<Group>> = interface
            .and_then(|id| self.analysis.network.interfaces[id].groups.known().copied().flatten())
            .map(|set| self.analysis.network.group_sets[set].groups.clone())
            .unwrap_or_default();
        for group in &groups {
            self.admit(*group);
        }
        let entry = match (it.balancer, it.start) {
            (Some((balancer, listener)), _) => Entry::Balancer(balancer, listener),
            (None, Start::VpnGateway(vpc)) => Entry::VpnGateway(vpc),
            (None, Start::Attachment(id)) => Entry::Attachment(id),
            _ => Entry::Address(entry),
        };
        let destination = it.destinations.first().unwrap_or_default();
        let witness = self.witness(it.start, destination, it.traffic, &it.sources, &reply);
        self.out.push(Exposure {
            interface,
            entry,
            outside: it.traffic,
            traffic: it.inside,
            rules: self.rules(&groups, it.inside, &it.sources),
            clients: it.sources,
            reply,
            doubt: it.doubt,
            routes: it.touches,
            witness,
        });
    }
}

/// The reply by the source ports that are answered.
fn reply_of(ports: Vec<Ports>) -> Reply {
    let lines: Vec<Traffic> = ports.into_iter().map(|ports| Traffic::new(TCP, ports)).collect();
    let answered: Vec<Ports> = joined(&lines)
        .into_iter()
        .filter_map(|part| part.intersection(Traffic::new(TCP, EPHEMERAL)))
        .map(ports_of)
        .collect();
    match answered.as_slice() {
        [] => Reply::None,
        [all] if *all == EPHEMERAL => Reply::Full,
        _ => Reply::Partial(answered),
    }
}
