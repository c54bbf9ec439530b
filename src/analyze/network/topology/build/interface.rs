//! Network interfaces: what is kept of each while resources stream by, and what becomes of it.

use std::collections::HashMap;

use super::planned::Planned;
use super::said::{Fill, Said, Spot, Word, Words, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    Address, Balancer, Endpoint, Group, GroupSet, Id, Interface, InterfaceKind, Nat, Node, Place,
    Subnet, Vpc,
};
use crate::model::ec2::{NetworkInterface, NetworkInterfaceAssociation, PrivateIpAddress};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::Addr;
use crate::net::addr::Range;

/// An interface as stated.
#[derive(Debug)]
pub(super) struct RawInterface {
    pub(super) vpc: Attr<Word>,
    pub(super) subnet: Attr<Word>,
    groups: Attr<Box<[Word]>>,
    addresses: Vec<Address>,
    doubt: Option<Cause>,
    forwards: Attr<bool>,
    shut: Attr<bool>,
    pub(super) form: Form,
    pub(super) instance: Option<Word>,
    pub(super) primary: bool,
    /// Whether nobody could tell the public addresses.
    publics_unknown: bool,
    /// What it will have, while it does not exist.
    planned: Option<Planned>,
}

impl Fill for RawInterface {}

/// What its type, requester and description say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    Ordinary,
    /// What follows `ELB ` in the description.
    Balancer(Box<str>),
    /// The id in the description, if there is one.
    Nat(Option<Word>),
    Endpoint,
    /// The name of the function.
    Function(Option<Box<str>>),
    TransitGateway,
    Appliance,
    /// The name of the cluster.
    Cluster(Box<str>),
    Database,
    Managed,
    /// Its type is not known.
    Unknown(Cause),
}

pub(super) fn read(interface: &NetworkInterface, words: &mut Words) -> RawInterface {
    let word = |attr: &Attr<String>, words: &mut Words| match attr.get() {
        Ok(text) => Attr::Known(words.of(text)),
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    let groups = match interface.security_group_ids.get() {
        Ok(ids) => Attr::Known(ids.iter().map(|id| words.of(id)).collect()),
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    let attachment = interface.attachment.known().and_then(Option::as_ref);
    let instance = some(&interface.instance_id)
        .or_else(|| attachment.and_then(|attachment| some(&attachment.instance_id)));
    let mut out = RawInterface {
        vpc: word(&interface.vpc_id, words),
        subnet: word(&interface.subnet_id, words),
        groups,
        addresses: Vec::new(),
        doubt: None,
        forwards: interface.source_dest_check.clone().map(|check| !check),
        // AWS leaves it out where it is off.
        shut: interface.deny_all_igw_traffic.clone().map(Option::unwrap_or_default),
        form: form(interface, instance.is_some(), words),
        instance: instance.map(|id| words.of(id)),
        primary: attachment.is_some_and(|it| it.device_index == Attr::Known(Some(0))),
        publics_unknown: false,
        planned: Planned::of(interface),
    };
    addresses(interface, &mut out);
    out.addresses.sort_unstable();
    out.addresses.dedup();
    out.addresses.shrink_to_fit();
    out
}

fn form(interface: &NetworkInterface, on_instance: bool, words: &mut Words) -> Form {
    let description = some(&interface.description).unwrap_or_default();
    let kind = match interface.interface_type.get() {
        Ok(kind) => kind.as_str(),
        Err(_) if on_instance => "interface",
        Err(_) if description.starts_with("ELB ") => "load_balancer",
        Err(cause) => return Form::Unknown(cause.clone()),
    };
    match kind {
        "nat_gateway" | "natGateway" => {
            let id = description.rsplit(' ').next().filter(|text| text.starts_with("nat-"));
            Form::Nat(id.map(|id| words.of(id)))
        }
        "network_load_balancer" | "gateway_load_balancer" | "load_balancer" => {
            Form::Balancer(description.strip_prefix("ELB ").unwrap_or_default().into())
        }
        "vpc_endpoint" => Form::Endpoint,
        "gateway_load_balancer_endpoint" => Form::Appliance,
        "lambda" => Form::Function(function(description)),
        "transit_gateway" => Form::TransitGateway,
        "interface" | "efa" | "efa-only" | "trunk" | "branch" => ordinary(interface, on_instance),
        _ => Form::Managed,
    }
}

/// Interfaces of the plain type: those of instances and containers, and of services that use no type of their own.
fn ordinary(interface: &NetworkInterface, on_instance: bool) -> Form {
    let description = some(&interface.description).unwrap_or_default();
    let requester = some(&interface.requester_id).unwrap_or_default();
    if on_instance {
        return Form::Ordinary;
    }
    // What services make for themselves is told by its description alone.
    if let Err(cause) = interface.description.get()
        && interface.requester_managed != Attr::Known(false)
    {
        return Form::Unknown(cause.clone());
    }
    if let Some(rest) = description.strip_prefix("ELB ")
        && (requester == "amazon-elb" || interface.requester_managed != Attr::Known(false))
    {
        return Form::Balancer(rest.into());
    }
    if description.starts_with("AWS Lambda VPC ENI") {
        return Form::Function(function(description));
    }
    if let Some(name) = description.strip_prefix("Amazon EKS ") {
        return Form::Cluster(name.into());
    }
    if description == "RDSNetworkInterface" || requester == "amazon-rds" {
        return Form::Database;
    }
    // Containers listen where they like, though a service made their interface.
    let container = description.starts_with("arn:aws") && description.contains(":ecs:");
    if interface.requester_managed == Attr::Known(true) && !container {
        return Form::Managed;
    }
    Form::Ordinary
}

/// `AWS Lambda VPC ENI-<function>-<uuid>`.
fn function(description: &str) -> Option<Box<str>> {
    let rest = description.strip_prefix("AWS Lambda VPC ENI-")?;
    let end = rest.len().checked_sub(37)?;
    rest.get(..end).filter(|name| !name.is_empty()).map(Into::into)
}

fn addresses(interface: &NetworkInterface, out: &mut RawInterface) {
    match interface.private_ip_addresses.get() {
        Ok(list) => list.iter().for_each(|it| private(it, interface, out)),
        Err(cause) => {
            least(&mut out.doubt, cause.clone());
            if let Some(text) = some(&interface.private_ip_address) {
                let public = public(&interface.association, out);
                push(text, public, out);
            }
        }
    }
    match interface.ipv6_addresses.get() {
        Ok(list) => list.iter().for_each(|text| push(text, None, out)),
        Err(cause) => least(&mut out.doubt, cause.clone()),
    }
    for prefixes in [&interface.ipv4_prefixes, &interface.ipv6_prefixes] {
        match prefixes.get() {
            Ok(list) => {
                let ranges = list.iter().map(|prefix| Range::from(*prefix));
                out.addresses.extend(ranges.map(|range| Address { range, public: None }));
            }
            Err(cause) => least(&mut out.doubt, cause.clone()),
        }
    }
}

fn private(address: &PrivateIpAddress, interface: &NetworkInterface, out: &mut RawInterface) {
    let text = match address.private_ip_address.get() {
        Ok(text) => text,
        // Another address stands in for it.
        Err(_) if out.planned.is_some() => return,
        Err(cause) => return least(&mut out.doubt, cause.clone()),
    };
    let primary = some(&interface.private_ip_address) == Some(text.as_str())
        || address.primary == Attr::Known(true);
    // What stands at the interface itself is about the primary address.
    let public = match (&address.association, &interface.association) {
        (Attr::Unknown(_) | Attr::Known(None), Attr::Known(Some(_)))
        | (Attr::Unknown(_), Attr::Known(None))
            if primary =>
        {
            public(&interface.association, out)
        }
        (own, _) => public(own, out),
    };
    push(text, public, out);
}

/// The address of the internet. Carrier and customer-owned addresses are not: other gateways translate them.
fn public(
    association: &Attr<Option<NetworkInterfaceAssociation>>,
    out: &mut RawInterface,
) -> Option<Addr> {
    let ip = association.get().map(Option::as_ref);
    let ip = ip.and_then(|it| it.map_or(Ok(&None), |it| it.public_ip.get()));
    match ip {
        Ok(None) => None,
        Ok(Some(text)) => parse(text, &mut out.doubt),
        Err(cause) => {
            out.publics_unknown = true;
            least(&mut out.doubt, cause.clone());
            None
        }
    }
}

fn push(text: &str, public: Option<Addr>, out: &mut RawInterface) {
    if let Some(addr) = parse(text, &mut out.doubt) {
        out.addresses.push(Address { range: Range::one(addr), public });
    }
}

/// An address as AWS writes it; one that cannot be read is a doubt.
pub(super) fn parse(text: &str, doubt: &mut Option<Cause>) -> Option<Addr> {
    match text.parse() {
        Ok(addr) => Some(addr),
        Err(why) => {
            least(doubt, Cause::new(CauseKind::NotUnderstood, why));
            None
        }
    }
}

type KeyAndRegion = (Box<str>, Box<str>);

/// What lookups of interfaces need.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// Balancers by what follows `ELB ` in descriptions of their interfaces, with region.
    pub(super) balancers: HashMap<KeyAndRegion, Vec<Id<Balancer>>>,
    /// NAT gateways by their interfaces.
    pub(super) nats: HashMap<Box<str>, Id<Nat>>,
    /// Endpoints by their interfaces.
    pub(super) endpoints: HashMap<Box<str>, Id<Endpoint>>,
    sets: HashMap<GroupSet, Id<GroupSet>>,
}

impl Work<'_, '_> {
    /// Adds all interfaces, with the hosts behind them left open.
    pub(super) fn interfaces(
        &mut self,
        raw: Vec<Said<RawInterface>>,
        publics: &HashMap<(Box<str>, Addr), Addr>,
    ) -> Vec<Made> {
        let mut made = Vec::with_capacity(raw.len());
        self.net.names.reserve(raw.len());
        for said in raw {
            made.push(self.interface(said, publics));
        }
        made
    }

    fn interface(
        &mut self,
        said: Said<RawInterface>,
        publics: &HashMap<(Box<str>, Addr), Addr>,
    ) -> Made {
        let Said { id, arn, place, claim, thing: mut raw, .. } = said;
        let (vpc, subnet) = self.home(&id, &raw, place);
        if raw.publics_unknown {
            for address in &mut raw.addresses {
                let key = (id.clone(), address.range.first);
                address.public = address.public.or_else(|| publics.get(&key).copied());
            }
        }
        if raw.addresses.is_empty() && (raw.planned.is_some() || raw.doubt.is_some()) {
            self.stand_in(&mut raw, subnet);
        }
        let place = self.spot(place);
        let kind = self.kind(&id, &raw.form, place);
        let groups = self.group_set(&raw, place);
        let environment = self.environment(&claim, Some(vpc), place);
        let (forwards, shut) = (raw.forwards, raw.shut);
        let interface = Interface {
            name: id.clone(),
            place,
            vpc,
            subnet,
            groups,
            addresses: raw.addresses,
            doubt: raw.doubt,
            forwards,
            shut,
            kind,
            host: None,
            environment,
        };
        let at = self.net.interfaces.push(interface);
        match kind {
            InterfaceKind::Balancer(balancer) => self.net.balancers[balancer].interfaces.push(at),
            InterfaceKind::Endpoint(Some(endpoint)) => {
                self.net.endpoints[endpoint].interfaces.push(at);
            }
            InterfaceKind::Appliance => {
                if let Some(&endpoint) = self.finder.endpoints.get(&id) {
                    self.net.endpoints[endpoint].interfaces.push(at);
                }
            }
            _ => {}
        }
        self.name(id, arn, Node::Interface(at));
        Made { at, form: raw.form, instance: raw.instance, primary: raw.primary }
    }

    /// An interface none of whose addresses is known is somewhere in its subnet, and must not be passed over.
    fn stand_in(&mut self, raw: &mut RawInterface, id: Id<Subnet>) {
        let subnet = &self.net.subnets[id];
        let given = raw.planned.and_then(|planned| self.stand_ins.give(planned, id, subnet));
        if let Some(address) = given {
            raw.addresses.push(address);
            return;
        }
        raw.doubt.get_or_insert_with(|| CauseKind::KnownAfterApply.into());
        let blocks = subnet.blocks.known();
        if let Some(range) = blocks.and_then(|blocks| blocks.ranges().first()) {
            raw.addresses.push(Address { range: Range::one(range.first), public: None });
        }
    }

    /// The VPC and subnet, which stand in for themselves where nobody listed them.
    fn home(&mut self, id: &str, raw: &RawInterface, place: Spot) -> (Id<Vpc>, Id<Subnet>) {
        if let Attr::Known(word) = raw.subnet
            && let Some(Node::Subnet(subnet)) = self.find_word(word)
        {
            return (self.net.subnets[subnet].vpc, subnet);
        }
        let text = |word: &Attr<Word>, work: &Self| match word {
            Attr::Known(word) => work.words.text(*word).to_owned(),
            Attr::Unknown(_) => String::new(),
        };
        let (vpc, subnet) = (text(&raw.vpc, self), text(&raw.subnet, self));
        let place = self.spot(place);
        let vpc = if vpc.is_empty() { format!("the VPC of {id}") } else { vpc };
        let subnet = if subnet.is_empty() { format!("the subnet of {id}") } else { subnet };
        let vpc = self.vpc_or_placeholder(&vpc, place);
        (vpc, self.subnet_placeholder(&subnet, vpc, place))
    }

    fn kind(&self, id: &str, form: &Form, place: Id<Place>) -> InterfaceKind {
        match form {
            Form::Ordinary => InterfaceKind::Ordinary,
            // It may be that of a balancer; whatever it is, nobody knows what answers there.
            Form::Unknown(_) => InterfaceKind::UnknownBalancer,
            Form::Balancer(key) => {
                let region = self.net.places[place].region.as_str();
                let found = self.finder.balancers.get(&(key.clone(), region.into()));
                let own = found.and_then(|list| {
                    let here = |it: &&Id<_>| self.net.balancers[**it].place == place;
                    list.iter().find(here).or(list.first())
                });
                own.map_or(InterfaceKind::UnknownBalancer, |it| InterfaceKind::Balancer(*it))
            }
            Form::Nat(named) => {
                let named = named.and_then(|word| match self.find(self.words.text(word)) {
                    Some(Node::Nat(nat)) => Some(nat),
                    _ => None,
                });
                InterfaceKind::Nat(self.finder.nats.get(id).copied().or(named))
            }
            Form::Endpoint => InterfaceKind::Endpoint(self.finder.endpoints.get(id).copied()),
            Form::Function(_) => InterfaceKind::Function,
            Form::TransitGateway => InterfaceKind::TransitGateway,
            Form::Appliance => InterfaceKind::Appliance,
            Form::Cluster(_) | Form::Database | Form::Managed => {
                // Resource and service-network endpoints have interfaces of plain types.
                match self.finder.endpoints.get(id) {
                    Some(endpoint) => InterfaceKind::Endpoint(Some(*endpoint)),
                    None => InterfaceKind::Managed,
                }
            }
        }
    }

    fn group_set(&mut self, raw: &RawInterface, place: Id<Place>) -> Attr<Option<Id<GroupSet>>> {
        let words = match &raw.groups {
            Attr::Known(words) => words,
            Attr::Unknown(cause) => return Attr::Unknown(cause.clone()),
        };
        if words.is_empty() {
            match &raw.form {
                Form::Nat(_) | Form::Balancer(_) | Form::TransitGateway | Form::Appliance => {
                    return Attr::Known(None);
                }
                Form::Unknown(cause) => return Attr::Unknown(cause.clone()),
                // Anything else has groups; without any nothing passes.
                _ => {}
            }
        }
        Attr::Known(Some(self.set_of_words(words, place)))
    }

    fn set_of_words(&mut self, words: &[Word], place: Id<Place>) -> Id<GroupSet> {
        let mut set = GroupSet::default();
        for word in words {
            if let Some(Node::Group(group)) = self.find_word(*word) {
                set.groups.push(group);
            } else {
                let id = self.words.text(*word);
                self.put_group(&mut set, id, place);
            }
        }
        self.intern(set)
    }

    /// The set of groups by their ids.
    pub(super) fn set_of<'t>(
        &mut self,
        ids: impl Iterator<Item = &'t str>,
        place: Id<Place>,
    ) -> Id<GroupSet> {
        let mut set = GroupSet::default();
        for id in ids {
            self.put_group(&mut set, id, place);
        }
        self.intern(set)
    }

    fn put_group(&self, set: &mut GroupSet, id: &str, place: Id<Place>) {
        if let Some(group) = self.group_named(id) {
            set.groups.push(group);
        } else {
            let gap = self.gap(place, super::GROUPS);
            least(&mut set.doubt, gap.unwrap_or_else(|| missing(id)));
        }
    }

    fn intern(&mut self, mut set: GroupSet) -> Id<GroupSet> {
        set.groups.sort_unstable();
        set.groups.dedup();
        if let Some(&id) = self.finder.sets.get(&set) {
            return id;
        }
        let id = self.net.group_sets.push(set.clone());
        self.finder.sets.insert(set, id);
        id
    }

    pub(super) fn group_named(&self, id: &str) -> Option<Id<Group>> {
        match self.find(id) {
            Some(Node::Group(group)) => Some(group),
            _ => None,
        }
    }
}

/// An interface that was added, with what hosts are found by.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) at: Id<Interface>,
    pub(super) form: Form,
    pub(super) instance: Option<Word>,
    pub(super) primary: bool,
}
