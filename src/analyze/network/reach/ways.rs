//! Where routes take packets.
//!
//! A walker carries a set of destinations from table to table and splits it at every route. It names filters and
//! translations on its way and evaluates none: those depend on sources, ports and protocols, which routes do not.

mod transit;

use super::{Analysis, End, Origin, Passage, Way};
use crate::analyze::kleene::{Doubt, both};
use crate::analyze::network::packet::Touch;
use crate::analyze::network::topology::{
    Block, Endpoint, EndpointKind, Id, Interface, Nat, Node, Peering, Route, RouteState,
    RouteTable, Subnet, Target, TransitTable, Vpc,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::AddrSet;

/// Tables that a packet may meet one after another; networks that send it in circles drop it long before.
const LONGEST: usize = 24;

/// A set of packets on its way.
#[derive(Clone)]
struct Walk {
    /// Where they go, as they say now.
    to: AddrSet,
    /// What they were addressed to, where that is one public address that was translated to `to`.
    addressed: Option<AddrSet>,
    /// Where they are: they leave by this VPC's tables.
    vpc: Id<Vpc>,
    /// The subnet they are sent from; nothing behind gateways.
    subnet: Option<Id<Subnet>>,
    /// The subnet whose interface sent them into this VPC's tables, which Block Public Access looks at.
    sender: Option<Id<Subnet>>,
    /// The zone they came from, for attachments to prefer.
    zone: Option<Box<str>>,
    /// Whether they came into this VPC from elsewhere, and nothing in it took them on as its own since.
    foreign: bool,
    /// Whether a NAT gateway sent them.
    translated: bool,
    passages: Vec<Passage>,
    references: Attr<bool>,
    doubt: Doubt,
    touches: Vec<Touch>,
    /// The tables of transit gateways that they met since they go to `to`, and the zone they had then.
    met: Vec<(Id<TransitTable>, Option<Box<str>>)>,
    depth: usize,
}

impl Walk {
    fn new(to: AddrSet, vpc: Id<Vpc>) -> Self {
        Self {
            to,
            addressed: None,
            vpc,
            subnet: None,
            sender: None,
            zone: None,
            foreign: false,
            translated: false,
            passages: Vec::new(),
            references: Attr::Known(true),
            doubt: Doubt::default(),
            touches: Vec::new(),
            met: Vec::new(),
            depth: 0,
        }
    }

    fn with(&self, to: AddrSet) -> Self {
        Self { to, ..self.clone() }
    }

    fn touching(mut self, touch: Touch) -> Self {
        self.touches.push(touch);
        self
    }

    fn passing(mut self, passage: Passage) -> Self {
        self.passages.push(passage);
        self
    }

    fn doubting(mut self, cause: &Cause) -> Self {
        self.doubt.add(cause);
        self
    }

    fn refer(&mut self, works: Attr<bool>) {
        let have = std::mem::replace(&mut self.references, Attr::Known(false));
        self.references = both(have, || works);
    }
}

/// What packets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// The first of a connection.
    Request,
    /// Answers: Block Public Access lets those in that were asked for, and so does the egress-only gateway of a VPC.
    Answer(Option<Id<Vpc>>),
    /// Answers to the internet as a whole, wherever addresses of it are.
    Outward,
}

/// Collects ways.
pub(super) struct Walker<'a, 'n> {
    analysis: &'a Analysis<'n>,
    mode: Mode,
    /// Whether to tell of packets whose public address nobody listed.
    hidden: bool,
    /// Whether the internet is one place, wherever its addresses are.
    whole: bool,
    out: Vec<Way>,
}

impl<'a, 'n> Walker<'a, 'n> {
    /// All ways from a place to some destinations.
    pub(super) fn ways(analysis: &'a Analysis<'n>, from: Origin, to: &AddrSet) -> Vec<Way> {
        Self { analysis, mode: Mode::Request, hidden: false, whole: false, out: Vec::new() }
            .all(from, to)
    }

    /// The same for answers as well, and with those of packets that nobody knows the public address of.
    pub(super) fn ways_in(
        analysis: &'a Analysis<'n>,
        from: Origin,
        to: &AddrSet,
        mode: Mode,
    ) -> Vec<Way> {
        let (hidden, whole) = (mode != Mode::Outward, mode == Mode::Outward);
        Self { analysis, mode, hidden, whole, out: Vec::new() }.all(from, to)
    }

    /// The same for what begins, with the internet as one place.
    pub(super) fn ways_out(analysis: &'a Analysis<'n>, from: Origin, to: &AddrSet) -> Vec<Way> {
        Self { analysis, mode: Mode::Request, hidden: false, whole: true, out: Vec::new() }
            .all(from, to)
    }

    fn all(self, from: Origin, to: &AddrSet) -> Vec<Way> {
        let mut walker = self;
        let analysis = walker.analysis;
        let network = analysis.network;
        match from {
            Origin::Subnet(id) => {
                let subnet = &network.subnets[id];
                walker.leave(id, Walk::new(to.clone(), subnet.vpc));
            }
            Origin::Internet => {
                for vpc in network.vpcs.ids() {
                    let public = analysis.index.public_of(vpc);
                    if apart(public, to) {
                        continue;
                    }
                    let to = public.intersection(to);
                    walker.enter(Walk::new(to, vpc), vpc);
                }
            }
            Origin::Nat(id) => {
                let walk = Walk::new(to.clone(), network.nats[id].vpc);
                walker.behind_nat(id, walk);
            }
            Origin::VpnGateway(vpc) => walker.start_at_vpn(Walk::new(to.clone(), vpc), vpc),
            Origin::Attachment(id) => walker.start_at_attachment(id, to),
        }
        walker.out.sort_by(|a, b| {
            let key = |way: &Way| (way.destinations.first(), way.doubt.is_some());
            key(a).cmp(&key(b)).then_with(|| {
                (&a.destinations, &a.end, &a.passages).cmp(&(&b.destinations, &b.end, &b.passages))
            })
        });
        walker.out.dedup_by(|b, a| {
            a.destinations == b.destinations
                && a.end == b.end
                && a.passages == b.passages
                && a.references == b.references
                && a.doubt == b.doubt
        });
        walker.out
    }

    fn end(&mut self, walk: Walk, end: End) {
        if walk.to.is_empty() {
            return;
        }
        self.out.push(Way {
            destinations: walk.addressed.unwrap_or(walk.to),
            end,
            passages: walk.passages,
            references: walk.references,
            doubt: walk.doubt.cause().cloned(),
            touches: walk.touches,
        });
    }

    fn beyond(&mut self, walk: Walk, cause: &Cause) {
        let walk = walk.doubting(cause);
        self.end(walk, End::Beyond(cause.clone()));
    }

    /// Out of a subnet: to its own addresses without a filter, else by its ACL and table.
    fn leave(&mut self, id: Id<Subnet>, mut walk: Walk) {
        walk.depth += 1;
        if walk.depth > LONGEST || walk.to.is_empty() {
            return;
        }
        let subnet = &self.analysis.network.subnets[id];
        walk.vpc = subnet.vpc;
        walk.subnet = Some(id);
        walk.sender = walk.sender.or(Some(id));
        walk.zone = subnet.zone.known().cloned();
        match subnet.blocks.get() {
            Ok(own) => {
                let end = End::Vpc { vpc: subnet.vpc, beside: Some(id) };
                self.end(walk.with(walk.to.intersection(own)), end);
                walk.to = walk.to.minus(own);
            }
            Err(cause) => walk.doubt.add(cause),
        }
        let walk = walk.passing(Passage::Acl { acl: subnet.acl.clone(), ingress: false });
        self.table(&subnet.table, walk);
    }

    fn table(&mut self, table: &Attr<Id<RouteTable>>, mut walk: Walk) {
        let id = match table.get() {
            Ok(id) => *id,
            Err(cause) => return self.beyond(walk, cause),
        };
        let table = &self.analysis.network.tables[id];
        if let Some(cause) = &table.doubt {
            self.beyond(walk.clone(), cause);
            walk.doubt.add(cause);
        }
        for (at, to) in self.analysis.compiled.table(self.analysis.network, id).split(&walk.to) {
            let Some(route) = table.routes.get(at) else { continue };
            let walk = walk.with(to).touching(Touch::Route(id, at));
            match &route.state {
                RouteState::Active => self.route(route, walk),
                RouteState::Blackhole => {}
                RouteState::Unknown(cause) => self.route(route, walk.doubting(cause)),
            }
        }
    }

    fn route(&mut self, route: &Route, walk: Walk) {
        match &route.target {
            Target::Local => self.local(walk),
            Target::InternetGateway(id) => self.internet_gateway(id, walk),
            Target::EgressOnlyGateway(id) => self.egress_only(id, walk),
            Target::Nat(id) => self.nat(*id, walk),
            Target::Peering(id) => self.peering(*id, walk),
            Target::TransitGateway(id) => self.transit_gateway(*id, walk),
            Target::VpnGateway(id) => self.vpn_gateway(id, walk),
            Target::Interface(id) => self.interface(*id, walk),
            Target::Endpoint(id) => self.endpoint(*id, walk),
            Target::Service(id) => {
                if !walk.foreign {
                    self.end(walk, End::Service(*id));
                }
            }
            Target::Gone(_) => {}
            Target::Beyond(cause) => self.beyond(walk, cause),
        }
    }

    fn local(&mut self, walk: Walk) {
        let end = End::Vpc { vpc: walk.vpc, beside: walk.subnet };
        self.end(walk, end);
    }

    /// Whether a gateway is the one attached to the VPC; adds the doubt.
    fn attached(attached: &Attr<Option<Box<str>>>, id: &str, walk: &mut Walk) -> bool {
        match attached.get() {
            Ok(have) => have.as_deref() == Some(id),
            Err(cause) => {
                walk.doubt.add(cause);
                true
            }
        }
    }

    /// Whether Block Public Access lets packets out; adds the doubt.
    fn unblocked(&self, walk: &mut Walk, begun_inside: bool) -> bool {
        let Some(subnet) = walk.sender else { return true };
        match self.analysis.network.subnets[subnet].block.get() {
            Ok(Block::Off) => true,
            Ok(Block::Ingress) => begun_inside,
            Ok(Block::Bidirectional) => false,
            Err(cause) => {
                walk.doubt.add(cause);
                true
            }
        }
    }

    fn internet_gateway(&mut self, id: &str, mut walk: Walk) {
        let vpc = walk.vpc;
        let translated = walk.translated;
        if !Self::attached(&self.analysis.network.vpcs[vpc].internet_gateway, id, &mut walk)
            || !self.unblocked(&mut walk, translated)
        {
            return;
        }
        if self.hidden
            && let Some(cause) = self.analysis.index.hazy(vpc)
        {
            let carried = walk.to.intersection(&self.analysis.index.internet);
            let hidden = walk.with(carried).passing(Passage::Hidden(vpc));
            self.beyond(hidden, cause);
        }
        self.internet(walk.passing(Passage::InternetGateway(vpc)));
    }

    fn egress_only(&mut self, id: &str, mut walk: Walk) {
        let vpc = walk.vpc;
        if !Self::attached(&self.analysis.network.vpcs[vpc].egress_only_gateway, id, &mut walk)
            || !self.unblocked(&mut walk, true)
        {
            return;
        }
        walk.to = walk.to.intersection(&AddrSet::v6());
        self.internet(walk.passing(Passage::EgressOnlyGateway(vpc)));
    }

    /// Over the internet: into VPCs of the inventory or to anybody else.
    fn internet(&mut self, mut walk: Walk) {
        walk.to = walk.to.intersection(&self.analysis.index.internet);
        walk.references = Attr::Known(false);
        walk.zone = None;
        let index = &self.analysis.index;
        if !self.whole && walk.to.overlaps(&index.all_public) {
            for vpc in self.analysis.network.vpcs.ids() {
                let public = index.public_of(vpc);
                if apart(public, &walk.to) {
                    continue;
                }
                let to = public.intersection(&walk.to);
                if !to.is_empty() {
                    self.enter(walk.with(to), vpc);
                }
            }
            walk.to = walk.to.minus(&index.all_public);
        }
        self.end(walk, End::Internet);
    }

    /// In by the internet gateway of a VPC.
    fn enter(&mut self, mut walk: Walk, id: Id<Vpc>) {
        walk.depth += 1;
        if walk.depth > LONGEST || walk.to.is_empty() {
            return;
        }
        let vpc = &self.analysis.network.vpcs[id];
        let egress_only = self.mode == Mode::Answer(Some(id));
        let gateway = match vpc.internet_gateway.get() {
            _ if egress_only => None,
            Ok(Some(gateway)) => Some(gateway),
            Ok(None) => return,
            Err(cause) => {
                walk.doubt.add(cause);
                None
            }
        };
        walk.met.clear();
        walk.vpc = id;
        walk.subnet = None;
        walk.sender = None;
        walk.references = Attr::Known(false);
        walk.foreign = true;
        walk.translated = false;
        let walk = walk.passing(Passage::Entry(id));
        let edge = vpc.edge(gateway.map(|it| &**it));
        for (walk, block) in self.by_block(id, walk) {
            match block {
                Attr::Known(Block::Ingress) if egress_only => self.entered(edge, walk),
                // Of other answers only those that a NAT gateway asked for.
                Attr::Known(Block::Ingress) if self.mode != Mode::Request => {
                    let asked = self.analysis.index.public_of_nats(id).intersection(&walk.to);
                    self.entered(edge, walk.with(asked));
                }
                Attr::Known(Block::Off) => self.entered(edge, walk),
                Attr::Known(_) => {}
                Attr::Unknown(cause) => self.entered(edge, walk.doubting(&cause)),
            }
        }
    }

    /// The parts of a VPC's public addresses with the same Block Public Access; a shut interface is like one in a subnet
    /// that blocks ingress.
    fn by_block(&self, id: Id<Vpc>, walk: Walk) -> Vec<(Walk, Attr<Block>)> {
        let network = self.analysis.network;
        let mut rest = walk.to.clone();
        let mut out = Vec::new();
        for (interface, addresses) in self.analysis.index.shut(id) {
            let part = rest.intersection(addresses);
            if part.is_empty() {
                continue;
            }
            rest = rest.minus(&part);
            let interface = &network.interfaces[*interface];
            let block = match (&network.subnets[interface.subnet].block, &interface.shut) {
                (Attr::Known(Block::Bidirectional), _) => Attr::Known(Block::Bidirectional),
                (_, Attr::Known(true)) if self.mode == Mode::Request => Attr::Known(Block::Ingress),
                (Attr::Known(Block::Off), Attr::Unknown(cause)) if self.mode == Mode::Request => {
                    Attr::Unknown(cause.clone())
                }
                (block, _) => block.clone(),
            };
            out.push((walk.with(part), block));
        }
        for subnet in &network.vpcs[id].subnets {
            let block = &network.subnets[*subnet].block;
            if *block == Attr::Known(Block::Off) {
                continue;
            }
            let part = rest.intersection(self.analysis.index.public_of_subnet(*subnet));
            if !part.is_empty() {
                rest = rest.minus(&part);
                out.push((walk.with(part), block.clone()));
            }
        }
        if !rest.is_empty() {
            out.push((walk.with(rest), Attr::Known(Block::Off)));
        }
        out
    }

    /// Behind the internet gateway, by its edge table if it has one.
    fn entered(&mut self, edge: Option<Id<RouteTable>>, walk: Walk) {
        let Some(table) = edge else { return self.local(walk) };
        let v6 = walk.to.intersection(&AddrSet::v6());
        self.by_edge_table(table, walk.with(v6));
        for range in walk.to.intersection(&AddrSet::v4()).ranges() {
            let publics = self.analysis.index.publics.range(range.first..=range.last);
            for (public, (_, private)) in publics {
                let mut walk = walk.with(AddrSet::one(*private));
                walk.addressed = Some(AddrSet::one(*public));
                self.by_edge_table(table, walk);
            }
        }
    }

    fn by_edge_table(&mut self, id: Id<RouteTable>, mut walk: Walk) {
        let table = &self.analysis.network.tables[id];
        if let Some(cause) = &table.doubt {
            self.beyond(walk.clone(), cause);
            walk.doubt.add(cause);
        }
        let mut rest = walk.to.clone();
        for (at, to) in self.analysis.compiled.table(self.analysis.network, id).split(&walk.to) {
            let Some(route) = table.routes.get(at) else { continue };
            rest = rest.minus(&to);
            let walk = walk.with(to).touching(Touch::Route(id, at));
            let walk = match &route.state {
                RouteState::Active => walk,
                RouteState::Blackhole => continue,
                RouteState::Unknown(cause) => walk.doubting(cause),
            };
            match &route.target {
                Target::Local => self.local(walk),
                Target::Interface(id) => self.interface(*id, walk),
                Target::Endpoint(id) => self.endpoint(*id, walk),
                Target::Beyond(cause) => self.beyond(walk, cause),
                _ => {}
            }
        }
        self.local(walk.with(rest));
    }

    fn nat(&mut self, id: Id<Nat>, walk: Walk) {
        let nat = &self.analysis.network.nats[id];
        let subnet = match nat.subnet.get() {
            Ok(subnet) => *subnet,
            Err(cause) => return self.beyond(walk.passing(Passage::Nat(id)), cause),
        };
        if nat.vpc != walk.vpc {
            return;
        }
        let mut walk = walk.touching(Touch::Node(Node::Nat(id)));
        walk.references = Attr::Known(false);
        if let Some(subnet) = subnet {
            if walk.subnet == Some(subnet) {
                return;
            }
            walk = self.inward(subnet, walk);
        }
        self.behind_nat(id, walk.passing(Passage::Nat(id)));
    }

    /// From a NAT gateway on, translated.
    fn behind_nat(&mut self, id: Id<Nat>, mut walk: Walk) {
        let nat = &self.analysis.network.nats[id];
        let subnet = match nat.subnet.get() {
            Ok(subnet) => *subnet,
            Err(cause) => return self.beyond(walk, cause),
        };
        walk.translated = true;
        walk.foreign = false;
        walk.sender = None;
        match (subnet, nat.table.get()) {
            (Some(subnet), _) => self.leave(subnet, walk),
            (None, Ok(Some(table))) => {
                walk.subnet = None;
                self.table(&Attr::Known(*table), walk);
            }
            (None, Ok(None)) => {
                let cause = Cause::new(
                    CauseKind::NotUnderstood,
                    format!("{}: neither a subnet nor a route table", nat.name),
                );
                self.beyond(walk, &cause);
            }
            (None, Err(cause)) => self.beyond(walk, cause),
        }
    }

    /// Into a subnet on the way, by its ACL unless the packet is there.
    fn inward(&self, subnet: Id<Subnet>, walk: Walk) -> Walk {
        if walk.subnet == Some(subnet) {
            return walk;
        }
        let acl = self.analysis.network.subnets[subnet].acl.clone();
        walk.passing(Passage::Acl { acl, ingress: true })
    }

    fn peering(&mut self, id: Id<Peering>, walk: Walk) {
        let network = self.analysis.network;
        let peering = &network.peerings[id];
        let own = &network.vpcs[walk.vpc].name;
        let [one, two] = &peering.sides;
        let far = if one.1 == Some(walk.vpc) || one.0 == *own {
            two
        } else if two.1 == Some(walk.vpc) || two.0 == *own {
            one
        } else {
            return;
        };
        if walk.foreign {
            return;
        }
        let mut walk = walk.touching(Touch::Node(Node::Peering(id)));
        let Some(vpc) = far.1 else {
            let cause = Cause::new(
                CauseKind::NotCollected,
                format!("{}: the VPC behind the peering is not in the inventory", far.0),
            );
            return self.beyond(walk, &cause);
        };
        match network.vpcs[vpc].blocks.get() {
            Ok(blocks) => walk.to = walk.to.intersection(blocks),
            Err(cause) => walk.doubt.add(cause),
        }
        walk.refer(peering.same_region.clone());
        self.end(walk, End::Vpc { vpc, beside: None });
    }

    fn vpn_gateway(&mut self, id: &str, mut walk: Walk) {
        let vpc = walk.vpc;
        let attached = &self.analysis.network.vpcs[vpc].vpn_gateway;
        if walk.foreign || !Self::attached(attached, id, &mut walk) {
            return;
        }
        if let Some(behind) = &self.analysis.network.vpcs[vpc].behind_vpn {
            let rest = walk.to.minus(behind);
            let cause =
                Cause::new(CauseKind::NotCollected, format!("{id}: routes of Direct Connect"));
            self.end(Walk { to: rest, ..walk.clone() }.doubting(&cause), End::VpnGateway(vpc));
            walk.to = walk.to.intersection(behind);
        }
        self.end(walk, End::VpnGateway(vpc));
    }

    fn start_at_vpn(&mut self, mut walk: Walk, id: Id<Vpc>) {
        let vpc = &self.analysis.network.vpcs[id];
        walk.references = Attr::Known(false);
        walk.foreign = true;
        let gateway = match vpc.vpn_gateway.get() {
            Ok(Some(gateway)) => Some(gateway),
            Ok(None) => return,
            Err(cause) => {
                walk.doubt.add(cause);
                None
            }
        };
        match vpc.blocks.get() {
            Ok(blocks) => walk.to = walk.to.intersection(blocks),
            Err(cause) => walk.doubt.add(cause),
        }
        match vpc.edge(gateway.map(|it| &**it)) {
            Some(table) => self.by_edge_table(table, walk),
            None => self.local(walk),
        }
    }

    /// To an interface as an appliance; or as the destination itself.
    fn interface(&mut self, id: Id<Interface>, walk: Walk) {
        let interface = &self.analysis.network.interfaces[id];
        let walk = walk.touching(Touch::Node(Node::Interface(id)));
        let own = interface.own();
        if interface.vpc == walk.vpc {
            self.local(walk.with(walk.to.intersection(&own)));
        }
        if interface.forwards == Attr::Known(false) {
            return;
        }
        let rest = walk.to.minus(&own);
        let cause = Cause::new(
            CauseKind::NotUnderstood,
            format!("{}: what the appliance does with packets is not known", interface.name),
        );
        self.beyond(self.inward(interface.subnet, walk.with(rest)), &cause);
    }

    /// Through the endpoint of a firewall or appliance, and on by its subnet's table.
    fn endpoint(&mut self, id: Id<Endpoint>, walk: Walk) {
        let endpoint = &self.analysis.network.endpoints[id];
        let mut walk = walk.touching(Touch::Node(Node::Endpoint(id)));
        walk.references = Attr::Known(false);
        let Some(subnet) = endpoint.subnets.first().copied() else {
            let cause =
                Cause::new(CauseKind::NotCollected, format!("{}: its subnet", endpoint.name));
            return self.beyond(walk, &cause);
        };
        let mut walk = self.inward(subnet, walk);
        match &endpoint.kind {
            EndpointKind::Firewall(_) => walk.passages.push(Passage::Firewall(id)),
            _ => walk.doubt.add(&Cause::new(
                CauseKind::NotUnderstood,
                format!("{}: what the appliance behind it lets pass is not known", endpoint.name),
            )),
        }
        self.leave(subnet, walk);
    }
}

/// Whether a set and a small other one share nothing, without a walk over the first.
fn apart(set: &AddrSet, small: &AddrSet) -> bool {
    let have = set.ranges();
    small.ranges().len() < 8
        && small.ranges().iter().all(|range| {
            let at = have.partition_point(|it| it.last < range.first);
            have.get(at).is_none_or(|it| range.last < it.first)
        })
}
