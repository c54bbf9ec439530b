//! Networks made by hand, a line a thing, and what both analyses say about packets through them.

use std::cell::Cell;

use portcullis::analyze::network::packet::{Packet, Start};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::{
    Acl, AclRule, Address, Attachment, AttachmentKind, Balancer, BalancerKind, Block, Door,
    DoorKind, Endpoint, EndpointKind, Group, GroupSet, Id, Interface, InterfaceKind, Listener,
    LoadTarget, Nat, Network, Origin, Peer, Peering, Place, Route, RouteState, RouteTable, Rule,
    Subnet, Target, TargetGroup, TargetKind, TransitGateway, TransitRoute, TransitTable,
    TransitTarget, Vpc,
};
use portcullis::analyze::network::trace::{Faults, Tracer};
use portcullis::model::{Attr, Cause, CauseKind};
use portcullis::net::traffic::TCP;
use portcullis::net::{Addr, AddrSet, Ports, Prefix, Traffic};

use super::ask::{Answer, answer, answered};

thread_local! {
    /// Mistakes that the tracer makes on purpose, in this thread.
    pub static FAULTS: Cell<Faults> = const { Cell::new(Faults::NONE) };
}

/// A network that grows.
#[derive(Debug, Default)]
pub struct Sample {
    pub net: Network,
    count: usize,
}

pub fn addr(text: &str) -> Addr {
    text.parse().unwrap()
}

pub fn set(prefixes: &str) -> AddrSet {
    let all: Vec<Prefix> = prefixes.split_whitespace().map(|one| one.parse().unwrap()).collect();
    AddrSet::of_prefixes(&all)
}

pub fn tcp(port: u16) -> Traffic {
    Traffic::one(TCP, port)
}

pub fn cause() -> Cause {
    Cause::new(CauseKind::Denied, "by the test")
}

/// Rows of a network ACL: number, whether it allows, traffic, peers.
pub type Row<'a> = (i64, bool, Traffic, &'a str);

impl Sample {
    fn name(&mut self, kind: &str) -> Box<str> {
        self.count += 1;
        format!("{kind}-{}", self.count).into()
    }

    fn place(&mut self) -> Id<Place> {
        match self.net.places.ids().next() {
            Some(place) => place,
            None => self.net.places.push(Place {
                account: "111122223333".parse().unwrap(),
                region: "eu-west-1".parse().unwrap(),
            }),
        }
    }

    /// A VPC with an internet gateway attached.
    pub fn vpc(&mut self, blocks: &str) -> Id<Vpc> {
        let (place, name) = (self.place(), self.name("vpc"));
        let igw = format!("igw-{name}").into();
        self.net.vpcs.push(Vpc {
            name,
            place,
            environment: Attr::Known(None),
            blocks: Attr::Known(set(blocks)),
            unannounced: AddrSet::EMPTY,
            internet_gateway: Attr::Known(Some(igw)),
            egress_only_gateway: Attr::Known(None),
            vpn_gateway: Attr::Known(None),
            behind_vpn: None,
            edge_tables: Vec::new(),
            subnets: Vec::new(),
        })
    }

    pub fn igw(&self, vpc: Id<Vpc>) -> Target {
        Target::InternetGateway(
            self.net.vpcs[vpc].internet_gateway.known().unwrap().clone().unwrap(),
        )
    }

    pub fn table(&mut self, vpc: Id<Vpc>) -> Id<RouteTable> {
        let (place, name) = (self.place(), self.name("rtb"));
        let blocks = self.net.vpcs[vpc].blocks.known().unwrap().prefixes();
        let table = RouteTable { name, place, vpc, routes: Vec::new(), doubt: None };
        let id = self.net.tables.push(table);
        for block in blocks {
            self.route_in(id, &block.to_string(), Target::Local);
        }
        id
    }

    pub fn route_in(&mut self, table: Id<RouteTable>, to: &str, target: Target) -> &mut Route {
        let routes = &mut self.net.tables[table].routes;
        // Order means nothing: the newest stands first.
        routes.insert(
            0,
            Route {
                destination: to.parse::<Prefix>().unwrap().into(),
                label: to.into(),
                target,
                origin: Origin::Static,
                state: RouteState::Active,
            },
        );
        &mut routes[0]
    }

    /// A route in a subnet's table.
    pub fn route(&mut self, subnet: Id<Subnet>, to: &str, target: Target) -> &mut Route {
        let table = *self.net.subnets[subnet].table.known().unwrap();
        self.route_in(table, to, target)
    }

    pub fn acl(&mut self, ingress: &[Row<'_>], egress: &[Row<'_>]) -> Id<Acl> {
        let (place, name) = (self.place(), self.name("acl"));
        let rows = |rows: &[Row<'_>]| {
            rows.iter()
                .map(|(number, allow, traffic, peers)| AclRule {
                    number: *number,
                    allow: Attr::Known(*allow),
                    traffic: Ok(*traffic),
                    peers: Attr::Known(set(peers)),
                })
                .collect()
        };
        let acl = Acl { name, place, ingress: rows(ingress), egress: rows(egress), doubt: None };
        self.net.acls.push(acl)
    }

    /// A subnet with a table and an ACL of its own, which lets everything pass.
    pub fn subnet(&mut self, vpc: Id<Vpc>, blocks: &str, zone: &str) -> Id<Subnet> {
        let (place, name) = (self.place(), self.name("subnet"));
        let table = self.table(vpc);
        let open: &[Row<'_>] = &[(100, true, Traffic::ALL, "0.0.0.0/0 ::/0")];
        let acl = self.acl(open, open);
        let id = self.net.subnets.push(Subnet {
            name,
            place,
            vpc,
            blocks: Attr::Known(set(blocks)),
            zone: Attr::Known(zone.into()),
            table: Attr::Known(table),
            acl: Attr::Known(acl),
            block: Attr::Known(Block::Off),
            environment: Attr::Known(None),
        });
        self.net.vpcs[vpc].subnets.push(id);
        id
    }

    pub fn rows(&mut self, subnet: Id<Subnet>, ingress: &[Row<'_>], egress: &[Row<'_>]) {
        let acl = self.acl(ingress, egress);
        self.net.subnets[subnet].acl = Attr::Known(acl);
    }

    /// A group that lets everything out and nothing in.
    pub fn group(&mut self) -> Id<Group> {
        let (place, name) = (self.place(), self.name("sg"));
        let egress = vec![rule(Traffic::ALL, Peer::Addresses(AddrSet::everything()))];
        self.net.groups.push(Group {
            name,
            place,
            vpc: None,
            ingress: Vec::new(),
            egress,
            ingress_doubt: None,
            egress_doubt: None,
        })
    }

    /// A group that lets something in from somewhere.
    pub fn open(&mut self, traffic: Traffic, from: &str) -> Id<Group> {
        let id = self.group();
        self.let_in(id, traffic, Peer::Addresses(set(from)));
        id
    }

    pub fn let_in(&mut self, group: Id<Group>, traffic: Traffic, peer: Peer) {
        self.net.groups[group].ingress.push(rule(traffic, peer));
    }

    /// An interface of an instance; its groups as one union, or none that filter.
    pub fn host(&mut self, subnet: Id<Subnet>, addr: &str, groups: &[Id<Group>]) -> Id<Interface> {
        let set = GroupSet { groups: groups.to_vec(), doubt: None };
        let groups = (!groups.is_empty()).then(|| self.net.group_sets.push(set));
        let (place, name) = (self.place(), self.name("eni"));
        self.net.interfaces.push(Interface {
            name,
            place,
            vpc: self.net.subnets[subnet].vpc,
            subnet,
            groups: Attr::Known(groups),
            addresses: addr.split_whitespace().map(private).collect(),
            doubt: None,
            forwards: Attr::Known(false),
            shut: Attr::Known(false),
            kind: InterfaceKind::Ordinary,
            host: None,
            environment: Attr::Known(None),
        })
    }

    pub fn publish(&mut self, interface: Id<Interface>, public: &str) {
        self.net.interfaces[interface].addresses[0].public = Some(addr(public));
    }

    /// A NAT gateway; public if it has a public address.
    pub fn nat(&mut self, subnet: Id<Subnet>, own: &str, public: Option<&str>) -> Id<Nat> {
        let interface = self.host(subnet, own, &[]);
        if let Some(public) = public {
            self.publish(interface, public);
        }
        let (place, name) = (self.place(), self.name("nat"));
        let nat = self.net.nats.push(Nat {
            name,
            place,
            vpc: self.net.subnets[subnet].vpc,
            subnet: Attr::Known(Some(subnet)),
            table: Attr::Known(None),
            public: Attr::Known(public.is_some()),
            addresses: Attr::Known(vec![(addr(own), public.map(addr))]),
        });
        self.net.interfaces[interface].kind = InterfaceKind::Nat(Some(nat));
        nat
    }

    pub fn peering(&mut self, one: Id<Vpc>, other: Id<Vpc>) -> Id<Peering> {
        let name = self.name("pcx");
        let side = |vpc: Id<Vpc>| (self.net.vpcs[vpc].name.clone(), Some(vpc));
        let blocks = |vpc: Id<Vpc>| self.net.vpcs[vpc].blocks.known().unwrap().clone();
        let sides = [side(one), side(other)];
        let blocks = [blocks(one), blocks(other)];
        self.net.peerings.push(Peering { name, sides, blocks, same_region: Attr::Known(true) })
    }

    pub fn transit(&mut self) -> (Id<TransitGateway>, Id<TransitTable>) {
        let (place, name) = (self.place(), self.name("tgw"));
        let gateway = self.net.transit_gateways.push(TransitGateway {
            name,
            place,
            group_references: Attr::Known(false),
            attachments: Vec::new(),
            doubt: None,
        });
        let name = self.name("tgw-rtb");
        let table = TransitTable { name, gateway, routes: Vec::new(), doubt: None, learned: None };
        (gateway, self.net.transit_tables.push(table))
    }

    /// Attaches a VPC through subnets, one a zone; its blocks are propagated into the table, which routes what comes in.
    pub fn attach(
        &mut self,
        (gateway, table): (Id<TransitGateway>, Id<TransitTable>),
        subnets: &[Id<Subnet>],
    ) -> Id<Attachment> {
        let vpc = self.net.subnets[subnets[0]].vpc;
        let blocks = self.net.vpcs[vpc].blocks.known().unwrap().prefixes();
        let attachment = Attachment {
            name: self.name("tgw-attach"),
            gateway,
            kind: AttachmentKind::Vpc {
                name: self.net.vpcs[vpc].name.clone(),
                vpc: Some(vpc),
                subnets: Attr::Known(subnets.to_vec()),
                group_references: Attr::Known(true),
            },
            association: Attr::Known(Some(table)),
        };
        let id = self.net.attachments.push(attachment);
        self.net.transit_gateways[gateway].attachments.push(id);
        for block in blocks {
            self.transit_route(table, &block.to_string(), 2, TransitTarget::Attachments(vec![id]));
        }
        id
    }

    pub fn transit_route(
        &mut self,
        table: Id<TransitTable>,
        to: &str,
        rank: u8,
        target: TransitTarget,
    ) {
        let destination = to.parse::<Prefix>().unwrap().into();
        let route = TransitRoute { destination, label: to.into(), rank, target };
        self.net.transit_tables[table].routes.insert(0, route);
    }

    pub fn endpoint(&mut self, subnet: Id<Subnet>, kind: EndpointKind) -> Id<Endpoint> {
        let (place, name) = (self.place(), self.name("vpce"));
        let vpc = self.net.subnets[subnet].vpc;
        self.net.endpoints.push(Endpoint {
            name,
            place,
            vpc,
            kind,
            service: None,
            subnets: vec![subnet],
            interfaces: Vec::new(),
        })
    }

    /// A balancer that answers on TCP 80, with a node in each subnet at the address, and its target group.
    /// Offers a balancer to the VPC of an endpoint.
    pub fn private_link(&mut self, provider: Id<Vpc>, balancer: Id<Balancer>, to: Id<Endpoint>) {
        let place = self.net.vpcs[provider].place;
        let mut door = Door::to_nowhere("vpce-svc-1", place, DoorKind::PrivateLink);
        door.clients = AddrSet::EMPTY;
        door.vpc = Some(provider);
        door.balancers.push(balancer);
        door.consumers.push(to);
        self.net.doors.push(door);
    }

    pub fn balancer(
        &mut self,
        kind: BalancerKind,
        nodes: &[(Id<Subnet>, &str)],
        groups: &[Id<Group>],
    ) -> (Id<Balancer>, Id<TargetGroup>) {
        let (place, name) = (self.place(), self.name("lb"));
        let group = self.net.target_groups.push(TargetGroup {
            name: format!("targets-of-{name}").into(),
            kind: TargetKind::Instance,
            protocols: vec![TCP],
            targets: Vec::new(),
            doubt: None,
            keeps_client: Attr::Known(kind == BalancerKind::Network),
            cross_zone: Attr::Known(None),
        });
        let interfaces: Vec<_> =
            nodes.iter().map(|(subnet, addr)| self.host(*subnet, addr, groups)).collect();
        let id = self.net.balancers.push(Balancer {
            name,
            place,
            kind,
            vpc: self.net.subnets[nodes[0].0].vpc,
            internet_facing: Attr::Known(true),
            interfaces: interfaces.clone(),
            doubt: None,
            listeners: vec![Listener {
                traffic_doubt: None,
                name: "listener".into(),
                traffic: vec![tcp(80)],
                targets: vec![group],
                doubt: None,
            }],
            listeners_doubt: None,
            cross_zone: Attr::Known(false),
            groups_filter_private_link: Attr::Known(true),
        });
        for interface in interfaces {
            self.net.interfaces[interface].kind = InterfaceKind::Balancer(id);
        }
        (id, group)
    }

    /// Registers an interface as a target, at a port.
    pub fn target(&mut self, group: Id<TargetGroup>, interface: Id<Interface>, port: u16) {
        let target = LoadTarget {
            name: self.net.interfaces[interface].name.clone(),
            addr: Some(self.net.interfaces[interface].addresses[0].range.first),
            interface: Some(interface),
            balancer: None,
            port: Some(port),
            healthy: Attr::Known(true),
            used: Attr::Known(true),
        };
        self.net.target_groups[group].targets.push(target);
    }

    /// What both analyses say of a packet, in which they have to agree.
    pub fn say(&self, start: Start, packet: Packet) -> Answer {
        let trace = Tracer::new(&self.net).with_faults(FAULTS.get()).trace(start, packet);
        let (forward, reply) = Analysis::new(&self.net).verdict(start, packet);
        let (traced, computed) = (answered(&trace), answer(&forward, &reply));
        assert_eq!(traced, computed, "traced, computed: {packet}: {:#?}", trace.hops);
        traced
    }

    /// The same of TCP from an interface's first address.
    pub fn tcp(&self, from: Id<Interface>, to: &str, port: u16) -> Answer {
        let own = self.net.interfaces[from].addresses.iter().map(|it| it.range.first);
        let source = own.into_iter().find(|own| own.is_v6() == addr(to).is_v6()).unwrap();
        self.say(Start::Interface(from), packet(source, to, TCP, port))
    }

    /// The same of TCP from the internet.
    pub fn from_internet(&self, to: &str, port: u16) -> Answer {
        let source = if addr(to).is_v6() { "2606:4700::1111" } else { "8.8.8.8" };
        self.say(Start::Internet, packet(addr(source), to, TCP, port))
    }
}

fn private(text: &str) -> Address {
    Address { range: portcullis::net::addr::Range::one(addr(text)), public: None }
}

pub fn rule(traffic: Traffic, peer: Peer) -> Rule {
    Rule { name: None, traffic: Ok(traffic), peer }
}

pub fn packet(source: Addr, to: &str, protocol: u8, port: u16) -> Packet {
    let source_port = if protocol == TCP { 40_000 } else { 0 };
    Packet { source, destination: addr(to), protocol, source_port, port }
}

/// The ports that clients in these samples never send from.
pub const LOW: Ports = Ports { from: 0, to: 1023 };
