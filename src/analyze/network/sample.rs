//! Small networks by hand, for tests.

use super::topology::{
    Acl, AclRule, Address, Block, Group, GroupSet, Id, Interface, InterfaceKind, Network, Node,
    Origin, Peer, Place, Route, RouteState, RouteTable, Rule, Subnet, Target, Vpc,
};
use crate::model::Attr;
use crate::net::traffic::{TCP, UDP};
use crate::net::{Addr, AddrSet, Ports, Prefix, Traffic};

pub fn addr(text: &str) -> Addr {
    text.parse().unwrap()
}

pub fn set(texts: &[&str]) -> AddrSet {
    let prefixes: Vec<Prefix> = texts.iter().map(|text| text.parse().unwrap()).collect();
    AddrSet::of_prefixes(&prefixes)
}

pub fn tcp(from: u16, to: u16) -> Traffic {
    Traffic::new(TCP, Ports::new(from, to))
}

pub fn udp(from: u16, to: u16) -> Traffic {
    Traffic::new(UDP, Ports::new(from, to))
}

/// A rule about addresses.
pub fn from(traffic: Traffic, peers: &[&str]) -> Rule {
    Rule { name: None, traffic: Ok(traffic), peer: Peer::Addresses(set(peers)) }
}

/// A rule about a group.
pub fn of_group(traffic: Traffic, group: Id<Group>) -> Rule {
    Rule { name: None, traffic: Ok(traffic), peer: Peer::Group { group, peering: None } }
}

/// A row of a network ACL.
pub fn row(number: i64, allow: bool, traffic: Traffic, peers: &[&str]) -> AclRule {
    AclRule { number, allow: allow.into(), traffic: Ok(traffic), peers: set(peers).into() }
}

/// A row that lets everything pass.
pub fn open_row() -> AclRule {
    row(100, true, Traffic::ALL, &["0.0.0.0/0", "::/0"])
}

/// A network under construction.
#[derive(Default)]
pub struct Sample {
    pub net: Network,
}

impl Sample {
    fn place(&mut self) -> Id<Place> {
        if let Some(id) = self.net.places.ids().next() {
            return id;
        }
        self.net.places.push(Place {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
        })
    }

    fn named<T>(&mut self, name: &str, id: Id<T>, node: fn(Id<T>) -> Node) -> Id<T> {
        self.net.names.insert(name.into(), node(id));
        id
    }

    /// A VPC with an internet gateway `igw` of its own.
    pub fn vpc(&mut self, name: &str, blocks: &[&str]) -> Id<Vpc> {
        let place = self.place();
        let id = self.net.vpcs.push(Vpc {
            name: name.into(),
            place,
            environment: Attr::Known(None),
            blocks: set(blocks).into(),
            unannounced: AddrSet::EMPTY,
            internet_gateway: Attr::Known(Some("igw".into())),
            egress_only_gateway: Attr::Known(None),
            vpn_gateway: Attr::Known(None),
            behind_vpn: None,
            edge_tables: Vec::new(),
            subnets: Vec::new(),
        });
        self.named(name, id, Node::Vpc)
    }

    /// A table with a `local` route for each block of its VPC.
    pub fn table(&mut self, vpc: Id<Vpc>, name: &str, routes: &[(&str, Target)]) -> Id<RouteTable> {
        let place = self.place();
        let blocks = self.net.vpcs[vpc].blocks.known().unwrap().prefixes();
        let local = blocks.into_iter().map(|block| (block, Target::Local));
        let others = routes.iter().map(|(to, target)| (to.parse().unwrap(), target.clone()));
        let routes = others
            .chain(local)
            .map(|(to, target): (Prefix, Target)| Route {
                destination: to.into(),
                label: to.to_string().into(),
                target,
                origin: Origin::Static,
                state: RouteState::Active,
            })
            .collect();
        let table = RouteTable { name: name.into(), place, vpc, routes, doubt: None };
        let id = self.net.tables.push(table);
        self.named(name, id, Node::Table)
    }

    pub fn acl(&mut self, name: &str, ingress: Vec<AclRule>, egress: Vec<AclRule>) -> Id<Acl> {
        let place = self.place();
        let id = self.net.acls.push(Acl { name: name.into(), place, ingress, egress, doubt: None });
        self.named(name, id, Node::Acl)
    }

    pub fn subnet(
        &mut self,
        vpc: Id<Vpc>,
        name: &str,
        blocks: &[&str],
        table: Id<RouteTable>,
        acl: Id<Acl>,
    ) -> Id<Subnet> {
        let place = self.place();
        let id = self.net.subnets.push(Subnet {
            name: name.into(),
            place,
            vpc,
            blocks: set(blocks).into(),
            zone: Attr::Known("a".into()),
            table: table.into(),
            acl: acl.into(),
            block: Block::Off.into(),
            environment: Attr::Known(None),
        });
        self.net.vpcs[vpc].subnets.push(id);
        self.named(name, id, Node::Subnet)
    }

    /// A group that lets everything out.
    pub fn group(&mut self, name: &str, ingress: Vec<Rule>) -> Id<Group> {
        let place = self.place();
        let id = self.net.groups.push(Group {
            name: name.into(),
            place,
            vpc: None,
            ingress,
            egress: vec![from(Traffic::ALL, &["0.0.0.0/0", "::/0"])],
            ingress_doubt: None,
            egress_doubt: None,
        });
        self.named(name, id, Node::Group)
    }

    /// An interface of an instance; the address may have a public one behind `=`.
    pub fn interface(
        &mut self,
        subnet: Id<Subnet>,
        name: &str,
        addresses: &[&str],
        groups: &[Id<Group>],
    ) -> Id<Interface> {
        let set = GroupSet { groups: groups.to_vec(), doubt: None };
        let have = self.net.group_sets.iter().find(|(_, it)| **it == set).map(|(id, _)| id);
        let set = have.unwrap_or_else(|| self.net.group_sets.push(set));
        let vpc = self.net.subnets[subnet].vpc;
        let place = self.place();
        let addresses = addresses
            .iter()
            .map(|text| {
                let (private, public) = match text.split_once('=') {
                    Some((private, public)) => (private, Some(addr(public))),
                    None => (*text, None),
                };
                Address { range: crate::net::addr::Range::one(addr(private)), public }
            })
            .collect();
        let id = self.net.interfaces.push(Interface {
            name: name.into(),
            place,
            vpc,
            subnet,
            groups: Some(set).into(),
            addresses,
            doubt: None,
            forwards: false.into(),
            shut: false.into(),
            kind: InterfaceKind::Ordinary,
            host: None,
            environment: Attr::Known(None),
        });
        self.named(name, id, Node::Interface)
    }
}
