//! The network while it is put together, and what every part of that needs.

use std::collections::HashMap;

use super::interface::Finder;
use super::planned::StandIns;
use super::said::{Spot, Word, Words};
use crate::analyze::context::{Context, missing};
use crate::analyze::environment::Claim;
use crate::analyze::network::topology::{
    Attachment, Id, Interface, Network, Node, Place, PrefixList, RouteTable, Subnet,
    TransitGateway, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::{AddrSet, Prefix};

/// The network so far.
pub(super) struct Work<'a, 'c> {
    pub(super) net: Network,
    pub(super) context: &'a Context<'c>,
    pub(super) words: Words,
    /// What words were found to name, so that those of interfaces are looked up once.
    named: Vec<Option<Node>>,
    /// Places by the number of their first appearance.
    pub(super) spots: Vec<Id<Place>>,
    /// The prefixes of each VPC, as they are written.
    pub(super) blocks: Vec<Attr<Vec<Prefix>>>,
    /// The tags of each VPC, as far as environments go.
    pub(super) tagged: Vec<Result<Option<String>, Cause>>,
    /// What is listed and does not work (any more), or may not.
    pub(super) ended: HashMap<Box<str>, Attr<()>>,
    /// The kinds of gateways that do not exist yet: their ids do not tell.
    pub(super) planned: HashMap<Box<str>, super::vpc::Edge>,
    /// The prefixes of each prefix list, as they are written.
    pub(super) entries: Vec<Vec<Prefix>>,
    /// Attachments by gateway and id: both ends of a peering may have one id.
    pub(super) attachments: HashMap<(Id<TransitGateway>, Box<str>), Id<Attachment>>,
    /// The primary interfaces of instances.
    pub(super) primary: HashMap<Box<str>, Id<Interface>>,
    /// The primary address of an interface, where its instance tells.
    pub(super) primary_addrs: HashMap<Id<Interface>, crate::net::Addr>,
    /// Interfaces by VPC and address, once anything asked for them.
    pub(super) by_addr: HashMap<(Id<Vpc>, crate::net::Addr), Id<Interface>>,
    /// Interfaces by the allocation of their elastic address.
    pub(super) allocations: HashMap<Box<str>, Box<str>>,
    pub(super) finder: Finder,
    /// Addresses of interfaces that do not exist yet.
    pub(super) stand_ins: StandIns,
}

impl<'a, 'c> Work<'a, 'c> {
    /// Places alone, so far.
    pub(super) fn new(
        net: Network,
        context: &'a Context<'c>,
        words: Words,
        spots: Vec<Id<Place>>,
        allocations: HashMap<Box<str>, Box<str>>,
    ) -> Self {
        Self {
            net,
            context,
            named: vec![None; words.len()],
            words,
            spots,
            blocks: Vec::new(),
            tagged: Vec::new(),
            ended: HashMap::new(),
            planned: HashMap::new(),
            entries: Vec::new(),
            attachments: HashMap::new(),
            primary: HashMap::new(),
            primary_addrs: HashMap::new(),
            by_addr: HashMap::new(),
            allocations,
            finder: Finder::default(),
            stand_ins: StandIns::default(),
        }
    }
}

impl Work<'_, '_> {
    pub(super) fn spot(&self, spot: Spot) -> Id<Place> {
        #[expect(clippy::indexing_slicing, reason = "every spot was given a place before")]
        self.spots[spot.at()]
    }

    pub(super) fn find(&self, id: &str) -> Option<Node> {
        self.net.find(id)
    }

    /// What a word names.
    pub(super) fn find_word(&mut self, word: Word) -> Option<Node> {
        if let Some(Some(node)) = self.named.get(word.at()) {
            return Some(*node);
        }
        let found = self.find(self.words.text(word));
        if let Some(slot) = self.named.get_mut(word.at()) {
            *slot = found;
        }
        found
    }

    /// Why there may be more of a type in a place than is seen.
    pub(super) fn gap(&self, place: Id<Place>, kind: &'static str) -> Option<Cause> {
        self.net.gap(place, kind).cloned()
    }

    /// Why something that is referred to is not at hand.
    pub(super) fn absent(&self, id: &str, place: Id<Place>, kind: &'static str) -> Cause {
        match self.ended.get(id) {
            Some(Attr::Unknown(cause)) => cause.clone(),
            _ => self.gap(place, kind).unwrap_or_else(|| missing(id)),
        }
    }

    /// Gives a thing its names. The first of several things with one name keeps it.
    pub(super) fn name(&mut self, id: Box<str>, arn: Option<Box<str>>, node: Node) {
        for name in arn.into_iter().chain([id]) {
            self.net.names.entry(name).or_insert(node);
        }
    }

    pub(super) fn vpc_named(&self, id: &str) -> Option<Id<Vpc>> {
        match self.find(id) {
            Some(Node::Vpc(vpc)) => Some(vpc),
            _ => None,
        }
    }

    pub(super) fn subnet_named(&self, id: &str) -> Option<Id<Subnet>> {
        match self.find(id) {
            Some(Node::Subnet(subnet)) => Some(subnet),
            _ => None,
        }
    }

    pub(super) fn table_named(&self, id: &str) -> Option<Id<RouteTable>> {
        match self.find(id) {
            Some(Node::Table(table)) => Some(table),
            _ => None,
        }
    }

    pub(super) fn interface_named(&self, id: &str) -> Option<Id<Interface>> {
        match self.find(id) {
            Some(Node::Interface(interface)) => Some(interface),
            _ => None,
        }
    }

    /// A VPC, or one that stands in for what nobody listed: nothing is known of it.
    pub(super) fn vpc_or_placeholder(&mut self, id: &str, place: Id<Place>) -> Id<Vpc> {
        if let Some(vpc) = self.vpc_named(id) {
            return vpc;
        }
        let cause = missing(id);
        let environments = self.context.environments();
        let environment = match environments.of_vpc_id(id) {
            _ if environments.is_empty() => Attr::Known(None),
            Some(name) => Attr::Known(Some(name.into_boxed_str())),
            None => Attr::Unknown(cause.clone()),
        };
        let vpc = self.net.vpcs.push(Vpc {
            name: id.into(),
            place,
            environment,
            blocks: Attr::Unknown(cause.clone()),
            unannounced: AddrSet::default(),
            internet_gateway: Attr::Unknown(cause.clone()),
            egress_only_gateway: Attr::Unknown(cause.clone()),
            vpn_gateway: Attr::Unknown(cause.clone()),
            behind_vpn: None,
            edge_tables: Vec::new(),
            subnets: Vec::new(),
        });
        self.blocks.push(Attr::Unknown(cause.clone()));
        self.tagged.push(Err(cause));
        self.name(id.into(), None, Node::Vpc(vpc));
        vpc
    }

    pub(super) fn subnet_placeholder(
        &mut self,
        id: &str,
        vpc: Id<Vpc>,
        place: Id<Place>,
    ) -> Id<Subnet> {
        let cause = missing(id);
        let environment = self.environment(&Claim::default(), Some(vpc), place);
        let subnet = self.net.subnets.push(Subnet {
            name: id.into(),
            place,
            vpc,
            blocks: Attr::Unknown(cause.clone()),
            zone: Attr::Unknown(cause.clone()),
            table: Attr::Unknown(cause.clone()),
            acl: Attr::Unknown(cause.clone()),
            block: Attr::Unknown(cause),
            environment,
        });
        self.name(id.into(), None, Node::Subnet(subnet));
        self.net.vpcs[vpc].subnets.push(subnet);
        subnet
    }

    /// The environment of a thing.
    pub(super) fn environment(
        &self,
        claim: &Claim,
        vpc: Option<Id<Vpc>>,
        place: Id<Place>,
    ) -> Attr<Option<Box<str>>> {
        if self.context.environments().is_empty() {
            return Attr::Known(None);
        }
        let vpc = vpc.map(|vpc| {
            let tagged = self.tagged.get(vpc.at()).cloned();
            (&*self.net.vpcs[vpc].name, tagged.unwrap_or(Ok(None)))
        });
        let account = &self.net.places[place].account;
        match claim.decide(Ok(vpc), account, self.context) {
            Ok(name) => Attr::Known(name.map(String::into_boxed_str)),
            Err(cause) => Attr::Unknown(cause),
        }
    }

    /// A prefix list, or one that stands in for what nobody listed.
    pub(super) fn list(&mut self, id: &str, place: Id<Place>) -> Id<PrefixList> {
        if let Some(Node::List(list)) = self.find(id) {
            return list;
        }
        let cause = self.absent(id, place, super::LISTS);
        let list = PrefixList { name: id.into(), entries: AddrSet::default(), doubt: Some(cause) };
        let list = self.net.lists.push(list);
        self.entries.push(Vec::new());
        self.name(id.into(), None, Node::List(list));
        list
    }

    /// Puts lists into the order that their documentation promises.
    pub(super) fn close(mut self) -> Network {
        for (_, vpc) in self.net.vpcs.iter_mut() {
            vpc.edge_tables.sort_unstable();
            vpc.subnets.sort_unstable();
        }
        for (_, endpoint) in self.net.endpoints.iter_mut() {
            endpoint.interfaces.sort_unstable();
        }
        self.net
    }
}
