//! Out of subnets, by routes, through gateways, and into subnets again.

use super::filter::Other;
use super::walk::{Arrival, End, Session, Walk};
use super::{Faults, Tracer};
use crate::analyze::network::packet::{Code, Step, Touch, Verdict};
use crate::analyze::network::topology::{
    Block, EndpointKind, Id, Interface, InterfaceKind, Node, Peering, Route, RouteState,
    RouteTable, Subnet, Target, Vpc,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::Addr;

/// Tables that a packet may meet; one that is sent in circles is dropped long before.
pub(super) const LONGEST: usize = 24;

impl Tracer<'_> {
    pub(super) fn from_interface(&self, id: Id<Interface>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let interface = &self.network.interfaces[id];
        walk.note(Step::Source, &interface.name, None, Verdict::Passes);
        if !interface.has(walk.packet.source) {
            // Only an interface that forwards may send for others.
            let verdict = match (&interface.forwards, &interface.doubt) {
                (Attr::Known(false), None) => Verdict::Blocked,
                (Attr::Known(false), Some(cause)) | (Attr::Unknown(cause), _) => {
                    Verdict::Unknown(cause.clone())
                }
                (Attr::Known(true), _) => Verdict::Passes,
            };
            if verdict == Verdict::Blocked {
                out.push(walk.lost(
                    Step::Source,
                    &interface.name,
                    None,
                    Code::SourceDestCheck,
                    Vec::new(),
                ));
                return;
            }
            if let Verdict::Unknown(cause) = &verdict {
                return self.beyond(walk, Step::Source, &interface.name, cause, out);
            }
        }
        if let Some(mate) = self.on_machine(id, walk.packet.destination) {
            let name = &self.network.interfaces[mate].name;
            walk.note(Step::Destination, name, None, Verdict::Passes);
            out.push(Arrival { walk, end: End::Interface(mate) });
            return;
        }
        walk.sender = Some(id);
        walk.out = Some((id, walk.packet, walk.hops.len()));
        self.leave(interface.subnet, walk, out);
    }

    /// The interface of the machine behind an interface that has an address.
    pub(super) fn on_machine(&self, id: Id<Interface>, addr: Addr) -> Option<Id<Interface>> {
        self.network.machine(id).find(|mate| self.network.interfaces[*mate].has(addr))
    }

    /// What the sender's groups say, now that it is known who receives the packet, if an interface does.
    pub(super) fn settle_out(&self, walk: &mut Walk, receiver: Option<Id<Interface>>) {
        let Some((sender, packet, place)) = walk.out.take() else { return };
        let receiver = receiver.filter(|id| self.network.interfaces[*id].has(packet.destination));
        let other = Other {
            addr: packet.destination,
            interface: receiver,
            references: if walk.transited { Attr::Known(false) } else { walk.references.clone() },
        };
        self.group_hop(walk, sender, false, packet, &other, Some(place));
    }

    pub(super) fn arrive_at(&self, mut walk: Walk, end: End, out: &mut Vec<Arrival>) {
        self.settle_out(&mut walk, None);
        out.push(Arrival { walk, end });
    }

    fn gone(
        &self,
        mut walk: Walk,
        (step, at, by): (Step, &str, Option<String>),
        code: Code,
        touches: Vec<Touch>,
        out: &mut Vec<Arrival>,
    ) {
        self.settle_out(&mut walk, None);
        out.push(walk.lost(step, at, by, code, touches));
    }

    pub(super) fn drop(
        &self,
        walk: Walk,
        step: Step,
        at: &str,
        code: Code,
        out: &mut Vec<Arrival>,
    ) {
        self.gone(walk, (step, at, None), code, Vec::new(), out);
    }

    pub(super) fn beyond(
        &self,
        mut walk: Walk,
        step: Step,
        at: &str,
        cause: &Cause,
        out: &mut Vec<Arrival>,
    ) {
        self.settle_out(&mut walk, None);
        walk.doubt(step, at, cause);
        out.push(Arrival { walk, end: End::Beyond(cause.clone()) });
    }

    /// Out of a subnet: to a neighbour without a filter, else by its ACL and its table.
    pub(super) fn leave(&self, id: Id<Subnet>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let subnet = &self.network.subnets[id];
        walk.depth += 1;
        if walk.depth > LONGEST {
            return self.drop(walk, Step::Route, &subnet.name, Code::NoRouteToDestination, out);
        }
        walk.vpc = Some(subnet.vpc);
        walk.subnet = Some(id);
        walk.sent_from = walk.sent_from.or(Some(id));
        walk.zone = subnet.zone.known().cloned();
        match subnet.blocks.get() {
            Ok(blocks) if blocks.contains(walk.packet.destination) => {
                if self.faults.has(Faults::ACL_WITHIN_SUBNET) {
                    self.acl_hop(&mut walk, id, false);
                    self.acl_hop(&mut walk, id, true);
                }
                return self.local(walk, subnet.vpc, out);
            }
            Ok(_) => {}
            Err(cause) => walk.doubt(Step::Source, &subnet.name, &cause.clone()),
        }
        self.acl_hop(&mut walk, id, false);
        match subnet.table.get() {
            Ok(table) => self.table(*table, walk, out),
            Err(cause) => self.beyond(walk, Step::Route, &subnet.name, cause, out),
        }
    }

    /// The route that a table has for an address: the longest prefix, then the strongest origin.
    fn best(&self, table: &RouteTable, to: Addr) -> Option<usize> {
        let fits = |(_, route): &(usize, &Route)| {
            route.destination.contains(to)
                // `::/0` spans the place where IPv4 is mapped as well.
                && route.destination.first.is_v6() == to.is_v6()
                && !(self.faults.has(Faults::BLACKHOLE_SKIPPED)
                    && route.state == RouteState::Blackhole)
        };
        let rank = |route: &Route| {
            let span = route.destination.span();
            (
                if self.faults.has(Faults::SHORTEST_PREFIX) { u128::MAX - span } else { span },
                // Kinds of origin are few, so that their order can be turned.
                if self.faults.has(Faults::ORIGIN_REVERSED) {
                    u8::MAX - route.origin as u8
                } else {
                    route.origin as u8
                },
            )
        };
        let routes = table.routes.iter().enumerate();
        routes.filter(fits).min_by_key(|(_, route)| rank(route)).map(|(at, _)| at)
    }

    pub(super) fn table(&self, id: Id<RouteTable>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let table = &self.network.tables[id];
        if let Some(cause) = &table.doubt {
            self.beyond(walk.clone(), Step::Route, &table.name, cause, out);
            walk.doubt(Step::Route, &table.name, cause);
        }
        let found = self.best(table, walk.packet.destination);
        let Some((at, route)) = found.and_then(|at| table.routes.get(at).map(|route| (at, route)))
        else {
            return self.drop(walk, Step::Route, &table.name, Code::NoRouteToDestination, out);
        };
        let touch = Touch::Route(id, at);
        let words = Some(self.describe(&touch));
        let verdict = match &route.state {
            RouteState::Active => Verdict::Passes,
            RouteState::Blackhole => {
                let place = (Step::Route, &*table.name, words);
                return self.gone(walk, place, Code::BlackholeRoute, vec![touch], out);
            }
            RouteState::Unknown(cause) => Verdict::Unknown(cause.clone()),
        };
        walk.note(Step::Route, &table.name, words, verdict).touches.push(touch);
        self.route(&table.name, &route.target, walk, out);
    }

    fn route(&self, table: &str, target: &Target, walk: Walk, out: &mut Vec<Arrival>) {
        let Some(vpc) = walk.vpc else { return };
        match target {
            Target::Local => self.local(walk, vpc, out),
            Target::InternetGateway(id) => self.internet_gateway(id, walk, out),
            Target::EgressOnlyGateway(id) => self.egress_only(id, walk, out),
            Target::Nat(id) => self.nat(*id, walk, out),
            Target::Peering(id) => self.peering(*id, walk, out),
            Target::TransitGateway(id) => self.into_transit(*id, walk, out),
            Target::VpnGateway(id) => self.vpn_gateway(id, walk, out),
            Target::Interface(id) => self.appliance(*id, walk, out),
            Target::Endpoint(id) => self.endpoint(*id, walk, out),
            Target::Service(id) => {
                let name = &self.network.endpoints[*id].name;
                if walk.foreign {
                    return self.drop(walk, Step::Endpoint, name, Code::PeeringNotTransitive, out);
                }
                self.arrive_at(walk, End::Service(*id), out);
            }
            Target::Gone(name) => self.drop(walk, Step::Route, name, Code::BadTarget, out),
            Target::Beyond(cause) => self.beyond(walk, Step::Route, table, cause, out),
        }
    }

    pub(super) fn target_words(&self, target: &Target) -> String {
        match target {
            Target::Local => "local".to_owned(),
            Target::InternetGateway(id)
            | Target::EgressOnlyGateway(id)
            | Target::VpnGateway(id) => id.to_string(),
            Target::Nat(id) => self.network.nats[*id].name.to_string(),
            Target::Peering(id) => self.network.peerings[*id].name.to_string(),
            Target::TransitGateway(id) => self.network.transit_gateways[*id].name.to_string(),
            Target::Interface(id) => self.network.interfaces[*id].name.to_string(),
            Target::Endpoint(id) | Target::Service(id) => {
                self.network.endpoints[*id].name.to_string()
            }
            Target::Gone(name) => format!("{name} (gone)"),
            Target::Beyond(_) => "a target that is not analysed".to_owned(),
        }
    }

    /// To whoever has the address in a VPC.
    pub(super) fn local(&self, mut walk: Walk, vpc: Id<Vpc>, out: &mut Vec<Arrival>) {
        walk.vpc = Some(vpc);
        let Some((id, _)) = self.lookup.owner(vpc, walk.packet.destination) else {
            let name = &self.network.vpcs[vpc].name;
            return match self.lookup.hazy(vpc) {
                Some(cause) => self.beyond(walk, Step::Destination, name, cause, out),
                None => self.drop(walk, Step::Destination, name, Code::NoSuchDestination, out),
            };
        };
        self.deliver(walk, id, out);
    }

    /// Into the subnet of an interface and to it.
    pub(super) fn deliver(&self, mut walk: Walk, id: Id<Interface>, out: &mut Vec<Arrival>) {
        let interface = &self.network.interfaces[id];
        if walk.subnet != Some(interface.subnet) {
            self.acl_hop(&mut walk, interface.subnet, true);
        }
        walk.subnet = Some(interface.subnet);
        self.settle_out(&mut walk, Some(id));
        if walk.answer {
            return self.answer_at(walk, id, out);
        }
        let other = Other {
            addr: walk.packet.source,
            interface: walk.sender,
            references: walk.references.clone(),
        };
        let packet = walk.packet;
        match interface.kind {
            InterfaceKind::Nat(_) if self.faults.has(Faults::NAT_UNASKED) => {
                out.push(Arrival { walk, end: End::Interface(id) });
            }
            InterfaceKind::Nat(_) | InterfaceKind::TransitGateway | InterfaceKind::Appliance => {
                self.drop(walk, Step::Destination, &interface.name, Code::IngressNotAllowed, out);
            }
            InterfaceKind::Function => {
                self.drop(walk, Step::Destination, &interface.name, Code::SendsOnly, out);
            }
            InterfaceKind::Balancer(balancer) => {
                self.group_hop(&mut walk, id, true, packet, &other, None);
                self.balance(balancer, id, walk, out);
            }
            InterfaceKind::UnknownBalancer => {
                self.group_hop(&mut walk, id, true, packet, &other, None);
                let cause = Cause::new(
                    CauseKind::NotCollected,
                    format!(
                        "{}: the load balancer behind it is not in the inventory",
                        interface.name
                    ),
                );
                Self::perhaps(id, walk, (Step::Listener, &interface.name), &cause, out);
            }
            InterfaceKind::Ordinary | InterfaceKind::Endpoint(_) | InterfaceKind::Managed => {
                self.group_hop(&mut walk, id, true, packet, &other, None);
                if let InterfaceKind::Endpoint(Some(endpoint)) = interface.kind {
                    self.to_provider(endpoint, id, &walk, out);
                }
                walk.note(Step::Destination, &interface.name, None, Verdict::Passes);
                out.push(Arrival { walk, end: End::Interface(id) });
            }
        }
    }

    /// Whether a gateway is the one attached to the VPC.
    fn attached(have: &Attr<Option<Box<str>>>, id: &str) -> Verdict {
        match have.get() {
            Ok(Some(have)) if **have == *id => Verdict::Passes,
            Ok(_) => Verdict::Blocked,
            Err(cause) => Verdict::Unknown(cause.clone()),
        }
    }

    /// What Block Public Access does to packets that leave. True if they are lost.
    fn blocked(&self, walk: &mut Walk, begun_inside: bool) -> bool {
        let Some(subnet) = walk.sent_from else { return false };
        let subnet = &self.network.subnets[subnet];
        let verdict = match subnet.block.get() {
            _ if self.faults.has(Faults::BLOCK_IGNORED) => return false,
            Ok(Block::Off) => return false,
            Ok(Block::Ingress) if begun_inside => Verdict::Passes,
            Ok(_) => Verdict::Blocked,
            Err(cause) => Verdict::Unknown(cause.clone()),
        };
        let lost = verdict == Verdict::Blocked;
        if !lost {
            walk.note(Step::BlockPublicAccess, &subnet.name, None, verdict);
        }
        lost
    }

    fn internet_gateway(&self, id: &str, mut walk: Walk, out: &mut Vec<Arrival>) {
        let Some(vpc) = walk.vpc else { return };
        match Self::attached(&self.network.vpcs[vpc].internet_gateway, id) {
            Verdict::Blocked => {
                return self.drop(walk, Step::InternetGateway, id, Code::NoInternetGateway, out);
            }
            Verdict::Unknown(cause) => walk.doubt(Step::InternetGateway, id, &cause),
            Verdict::Passes => {}
        }
        let translated = walk.translated;
        if self.blocked(&mut walk, translated) {
            return self.drop(walk, Step::BlockPublicAccess, id, Code::BlockPublicAccess, out);
        }
        let to = walk.packet.destination;
        if !self.lookup.is_internet(to) && !self.faults.has(Faults::PRIVATE_OVER_INTERNET) {
            return self.drop(walk, Step::InternetGateway, id, Code::PrivateDestination, out);
        }
        let source = walk.packet.source;
        let owner = self.lookup.owner(vpc, source);
        let hazy = match owner {
            Some((interface, _)) => self.network.interfaces[interface].doubt.as_ref(),
            None => self.lookup.hazy(vpc),
        };
        let seen = match owner {
            Some(_) if self.network.vpcs[vpc].unannounced.contains(source) => None,
            Some(_) if source.is_v6() => Some(source),
            Some((_, public)) => public,
            None => None,
        };
        match seen {
            Some(addr) if self.lookup.is_internet(addr) => walk.packet.source = addr,
            _ if self.faults.has(Faults::NO_ADDRESS_NEEDED) => {}
            _ => match hazy {
                Some(cause) => return self.beyond(walk, Step::InternetGateway, id, cause, out),
                None => {
                    return self.drop(walk, Step::InternetGateway, id, Code::NoPublicAddress, out);
                }
            },
        }
        let packet = walk.packet;
        walk.note(Step::InternetGateway, id, None, Verdict::Passes).becomes =
            (packet.source != source).then_some(packet);
        self.internet(walk, out);
    }

    fn egress_only(&self, id: &str, mut walk: Walk, out: &mut Vec<Arrival>) {
        let Some(vpc) = walk.vpc else { return };
        match Self::attached(&self.network.vpcs[vpc].egress_only_gateway, id) {
            Verdict::Blocked => {
                return self.drop(walk, Step::EgressOnlyGateway, id, Code::BadTarget, out);
            }
            Verdict::Unknown(cause) => walk.doubt(Step::EgressOnlyGateway, id, &cause),
            Verdict::Passes => {}
        }
        if walk.answer {
            // It never saw the packet that this answers.
            return self.drop(walk, Step::EgressOnlyGateway, id, Code::ReplyElsewhere, out);
        }
        if self.blocked(&mut walk, true) {
            return self.drop(walk, Step::BlockPublicAccess, id, Code::BlockPublicAccess, out);
        }
        let (from, to) = (walk.packet.source, walk.packet.destination);
        if !to.is_v6() || !self.lookup.is_internet(to) {
            return self.drop(walk, Step::EgressOnlyGateway, id, Code::PrivateDestination, out);
        }
        let announced = !self.network.vpcs[vpc].unannounced.contains(from);
        if self.lookup.owner(vpc, from).is_none() || !announced || !self.lookup.is_internet(from) {
            return self.drop(walk, Step::EgressOnlyGateway, id, Code::NoPublicAddress, out);
        }
        walk.note(Step::EgressOnlyGateway, id, None, Verdict::Passes);
        walk.sessions.push(Session::EgressOnly(vpc));
        self.internet(walk, out);
    }

    /// Over the internet: into a VPC that has the address, or to anybody else.
    pub(super) fn internet(&self, mut walk: Walk, out: &mut Vec<Arrival>) {
        walk.forget_sender();
        let to = walk.packet.destination;
        if !self.lookup.is_internet(to) && !self.faults.has(Faults::PRIVATE_OVER_INTERNET) {
            return self.drop(walk, Step::Destination, "internet", Code::PrivateDestination, out);
        }
        if !to.is_v6() {
            return match self.lookup.public(to) {
                Some((interface, private)) => {
                    let vpc = self.network.interfaces[interface].vpc;
                    self.enter(vpc, Some((interface, private)), walk, out);
                }
                None => self.arrive_at(walk, End::Internet, out),
            };
        }
        // Where the blocks of a VPC are not known, its interfaces still tell of them.
        let of = |(id, vpc): &(Id<Vpc>, &Vpc)| {
            !vpc.unannounced.contains(to)
                && (vpc.blocks.known().is_some_and(|blocks| blocks.contains(to))
                    || self.lookup.owner(*id, to).is_some())
        };
        // A subnet whose VPC is not known may be of one whose blocks have its addresses as well.
        let found: Vec<_> = self.network.vpcs.iter().filter(of).collect();
        for (vpc, _) in &found {
            self.enter(*vpc, None, walk.clone(), out);
        }
        if found.is_empty() {
            self.arrive_at(walk, End::Internet, out);
        }
    }

    /// In by the internet gateway of a VPC; answers also by the egress-only one that the packet left by.
    fn enter(
        &self,
        id: Id<Vpc>,
        behind: Option<(Id<Interface>, Addr)>,
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        let vpc = &self.network.vpcs[id];
        walk.depth += 1;
        self.settle_out(&mut walk, None);
        let owner = behind.map(|(interface, _)| interface).or_else(|| {
            self.lookup.owner(id, walk.packet.destination).map(|(interface, _)| interface)
        });
        let open = self.faults.has(Faults::EGRESS_ONLY_OPEN)
            && vpc.egress_only_gateway.known().is_some_and(Option::is_some);
        let by_egress_only =
            open || (walk.answer && walk.sessions.contains(&Session::EgressOnly(id)));
        let gateway = match vpc.internet_gateway.get() {
            _ if by_egress_only => None,
            Ok(Some(gateway)) => Some(gateway.clone()),
            Ok(None) => {
                return self.drop(
                    walk,
                    Step::InternetGateway,
                    &vpc.name,
                    Code::NoInternetGateway,
                    out,
                );
            }
            Err(cause) => {
                walk.doubt(Step::InternetGateway, &vpc.name, &cause.clone());
                None
            }
        };
        if !by_egress_only && let Some(owner) = owner {
            let interface = &self.network.interfaces[owner];
            match &interface.shut {
                _ if walk.answer => {}
                Attr::Known(false) => {}
                Attr::Known(true) => {
                    let (step, code) = (Step::InternetGateway, Code::IngressNotAllowed);
                    return self.drop(walk, step, &interface.name, code, out);
                }
                Attr::Unknown(cause) => walk.doubt(Step::InternetGateway, &interface.name, cause),
            }
        }
        if self.blocked_inward(owner, by_egress_only, &mut walk) {
            return self.drop(
                walk,
                Step::BlockPublicAccess,
                &vpc.name,
                Code::BlockPublicAccess,
                out,
            );
        }
        let at = gateway.clone().unwrap_or_else(|| vpc.name.clone());
        if let Some((_, private)) = behind {
            walk.packet.destination = private;
        }
        let packet = walk.packet;
        let step = if by_egress_only { Step::EgressOnlyGateway } else { Step::InternetGateway };
        walk.note(step, &at, None, Verdict::Passes).becomes = behind.map(|_| packet);
        walk.vpc = Some(id);
        walk.subnet = None;
        walk.sent_from = None;
        walk.foreign = true;
        walk.translated = false;
        walk.zone = None;
        match vpc.edge(gateway.as_deref()) {
            Some(table) => self.edge_table(table, walk, out),
            None => self.local(walk, id, out),
        }
    }

    fn blocked_inward(
        &self,
        owner: Option<Id<Interface>>,
        by_egress_only: bool,
        walk: &mut Walk,
    ) -> bool {
        let Some(owner) = owner.filter(|_| !self.faults.has(Faults::BLOCK_IGNORED)) else {
            return false;
        };
        let interface = &self.network.interfaces[owner];
        let subnet = &self.network.subnets[interface.subnet];
        let begun_inside =
            by_egress_only || (walk.answer && matches!(interface.kind, InterfaceKind::Nat(_)));
        match subnet.block.get() {
            Ok(Block::Off) => false,
            Ok(Block::Ingress) if begun_inside => false,
            Ok(_) => true,
            Err(cause) => {
                walk.doubt(Step::BlockPublicAccess, &subnet.name, &cause.clone());
                false
            }
        }
    }

    /// By the table of a gateway: only local, interface and endpoint routes count there, and the VPC is behind it
    /// without one, too.
    fn edge_table(&self, id: Id<RouteTable>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let Some(vpc) = walk.vpc else { return };
        let table = &self.network.tables[id];
        if let Some(cause) = &table.doubt {
            self.beyond(walk.clone(), Step::Route, &table.name, cause, out);
            walk.doubt(Step::Route, &table.name, cause);
        }
        let found = self.best(table, walk.packet.destination);
        let Some((at, route)) = found.and_then(|at| table.routes.get(at).map(|route| (at, route)))
        else {
            return self.local(walk, vpc, out);
        };
        let touch = Touch::Route(id, at);
        let words = Some(self.describe(&touch));
        let verdict = match &route.state {
            RouteState::Active => Verdict::Passes,
            RouteState::Blackhole => {
                return self.gone(
                    walk,
                    (Step::Route, &table.name, words),
                    Code::BlackholeRoute,
                    vec![touch],
                    out,
                );
            }
            RouteState::Unknown(cause) => Verdict::Unknown(cause.clone()),
        };
        walk.note(Step::Route, &table.name, words, verdict).touches.push(touch);
        match &route.target {
            Target::Local | Target::Interface(_) | Target::Endpoint(_) | Target::Beyond(_) => {
                self.route(&table.name, &route.target, walk, out);
            }
            _ => self.drop(walk, Step::Route, &table.name, Code::BadTarget, out),
        }
    }

    fn peering(&self, id: Id<Peering>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let peering = &self.network.peerings[id];
        let here = walk.vpc.map(|vpc| &self.network.vpcs[vpc].name);
        let far = match &peering.sides {
            [one, two] if here == Some(&one.0) => two,
            [one, two] if here == Some(&two.0) => one,
            _ => return self.drop(walk, Step::Peering, &peering.name, Code::BadTarget, out),
        };
        if walk.foreign && !self.faults.has(Faults::PEERING_TRANSITIVE) {
            return self.drop(walk, Step::Peering, &peering.name, Code::PeeringNotTransitive, out);
        }
        let Some(vpc) = far.1 else {
            let cause = Cause::new(
                CauseKind::NotCollected,
                format!("{}: the VPC behind the peering is not in the inventory", far.0),
            );
            return self.beyond(walk, Step::Peering, &peering.name, &cause, out);
        };
        walk.note(Step::Peering, &peering.name, None, Verdict::Passes)
            .touches
            .push(Touch::Node(Node::Peering(id)));
        let onwards = self.network.vpcs[vpc].subnets.first();
        match self.network.vpcs[vpc].blocks.get() {
            Ok(blocks) if !blocks.contains(walk.packet.destination) => {
                if let (Some(subnet), true) = (onwards, self.faults.has(Faults::PEERING_TRANSITIVE))
                {
                    return self.leave(*subnet, walk, out);
                }
                return self.drop(walk, Step::Destination, &far.0, Code::PeeringNotTransitive, out);
            }
            Ok(_) => {}
            Err(cause) => walk.doubt(Step::Peering, &peering.name, &cause.clone()),
        }
        walk.refer(peering.same_region.clone());
        walk.foreign = true;
        walk.subnet = None;
        self.local(walk, vpc, out);
    }

    fn vpn_gateway(&self, id: &str, mut walk: Walk, out: &mut Vec<Arrival>) {
        let Some(vpc) = walk.vpc else { return };
        if walk.foreign {
            return self.drop(walk, Step::VpnGateway, id, Code::PeeringNotTransitive, out);
        }
        match Self::attached(&self.network.vpcs[vpc].vpn_gateway, id) {
            Verdict::Blocked => return self.drop(walk, Step::VpnGateway, id, Code::BadTarget, out),
            verdict => walk.note(Step::VpnGateway, id, None, verdict),
        };
        if let Some(behind) = &self.network.vpcs[vpc].behind_vpn
            && !behind.contains(walk.packet.destination)
        {
            walk.doubt(Step::VpnGateway, id, &elsewhere(id));
        }
        self.arrive_at(walk, End::VpnGateway(vpc), out);
    }

    pub(super) fn from_vpn(&self, id: Id<Vpc>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let vpc = &self.network.vpcs[id];
        walk.references = Attr::Known(false);
        walk.foreign = true;
        walk.vpc = Some(id);
        let gateway = match vpc.vpn_gateway.get() {
            Ok(Some(gateway)) => Some(gateway.clone()),
            Ok(None) => return self.drop(walk, Step::VpnGateway, &vpc.name, Code::BadTarget, out),
            Err(cause) => {
                walk.doubt(Step::VpnGateway, &vpc.name, &cause.clone());
                None
            }
        };
        match vpc.blocks.get() {
            Ok(blocks) if !blocks.contains(walk.packet.destination) => {
                return self.drop(
                    walk,
                    Step::VpnGateway,
                    &vpc.name,
                    Code::NoRouteToDestination,
                    out,
                );
            }
            Ok(_) => {}
            Err(cause) => walk.doubt(Step::VpnGateway, &vpc.name, &cause.clone()),
        }
        if let Some(gateway) = &gateway {
            walk.note(Step::VpnGateway, gateway, None, Verdict::Passes);
        }
        match vpc.edge(gateway.as_deref()) {
            Some(table) => self.edge_table(table, walk, out),
            None => self.local(walk, id, out),
        }
    }

    /// A route to an interface: as the destination itself, or as an appliance in between.
    fn appliance(&self, id: Id<Interface>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let interface = &self.network.interfaces[id];
        if interface.has(walk.packet.destination) {
            return if walk.vpc == Some(interface.vpc) {
                self.deliver(walk, id, out);
            } else {
                self.drop(walk, Step::Appliance, &interface.name, Code::BadTarget, out);
            };
        }
        if interface.forwards == Attr::Known(false) {
            return self.drop(walk, Step::Appliance, &interface.name, Code::SourceDestCheck, out);
        }
        if walk.subnet != Some(interface.subnet) {
            self.acl_hop(&mut walk, interface.subnet, true);
        }
        let cause = Cause::new(
            CauseKind::NotUnderstood,
            format!("{}: what the appliance does with packets is not known", interface.name),
        );
        self.beyond(walk, Step::Appliance, &interface.name, &cause, out);
    }

    /// Through the endpoint of a firewall or appliance, and on by its subnet's table.
    fn endpoint(
        &self,
        id: Id<crate::analyze::network::topology::Endpoint>,
        mut walk: Walk,
        out: &mut Vec<Arrival>,
    ) {
        let endpoint = &self.network.endpoints[id];
        self.settle_out(&mut walk, None);
        walk.references = Attr::Known(false);
        let Some(subnet) = endpoint.subnets.first().copied() else {
            let cause =
                Cause::new(CauseKind::NotCollected, format!("{}: its subnet", endpoint.name));
            return self.beyond(walk, Step::Endpoint, &endpoint.name, &cause, out);
        };
        if walk.subnet != Some(subnet) {
            self.acl_hop(&mut walk, subnet, true);
        }
        if let EndpointKind::Firewall(firewall) = &endpoint.kind {
            let verdict = Self::firewall(id, firewall, &mut walk);
            let hop = walk.note(Step::Firewall, &endpoint.name, None, verdict);
            if hop.verdict == Verdict::Blocked {
                hop.code = Some(Code::FirewallRule);
            }
            hop.touches.push(Touch::Node(Node::Endpoint(id)));
        } else {
            let cause = Cause::new(
                CauseKind::NotUnderstood,
                format!("{}: what the appliance behind it lets pass is not known", endpoint.name),
            );
            walk.doubt(Step::Appliance, &endpoint.name, &cause);
        }
        self.leave(subnet, walk, out);
    }
}

/// Why a virtual private gateway may have a route that none of its VPN connections has.
fn elsewhere(gateway: &str) -> Cause {
    Cause::new(CauseKind::NotCollected, format!("{gateway}: routes of Direct Connect"))
}
