//! Who belongs to which environment, who sends, who takes packets, and which senders routes treat alike.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::through::{self, Through};
use crate::analyze::network::topology::{
    Acl, Block, Id, Interface, InterfaceKind, Network, Node, RouteTable, Subnet, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::AddrSet;

/// The place of an environment in [`Parties::names`].
pub type Env = u16;
/// Of things that belong to no declared environment.
pub const NONE: Env = u16::MAX;
/// Of things whose environment is not known. All those that are known are less.
pub const UNKNOWN: Env = u16::MAX - 1;

/// Senders of one environment that routes treat alike.
#[derive(Debug)]
pub struct Class {
    /// One of their subnets.
    pub subnet: Id<Subnet>,
    /// Their environment.
    pub env: Env,
    /// Their interfaces, sorted.
    pub senders: Vec<Id<Interface>>,
}

/// Who takes packets for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taker {
    /// The interface.
    pub interface: Id<Interface>,
    /// The environment.
    pub env: Env,
    /// How it stands for an environment that is not its own: a place in [`Parties::through`].
    pub through: Option<u32>,
}

/// Who is on which side.
#[derive(Debug)]
pub struct Parties {
    /// The names of the environments that have interfaces, sorted.
    pub names: Vec<Box<str>>,
    /// The environment of each interface.
    envs: Vec<Env>,
    /// Senders; those of one subnet follow each other.
    pub classes: Vec<Class>,
    /// Who takes packets in each VPC, sorted.
    takers: Vec<Vec<Taker>>,
    /// Interfaces that stand for other environments.
    pub through: Vec<Through>,
    /// The environments of each VPC's takers, sorted.
    pub present: Vec<Vec<Env>>,
    /// VPCs, subnets and interfaces whose environment is not known.
    pub doubts: BTreeMap<Node, Cause>,
}

/// What routes may tell senders apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Alike {
    /// Ordinary subnets of a VPC, by what is the same for them.
    Same(Id<Vpc>, Id<RouteTable>, Id<Acl>, Box<str>, Block),
    /// A subnet that something distinguishes.
    Own(Id<Subnet>),
}

impl Parties {
    pub fn new(network: &Network) -> Self {
        let names = names(network);
        let mut doubts = BTreeMap::new();
        let place: HashMap<&str, Env> =
            (0..NONE - 1).zip(&names).map(|(at, name)| (name.as_ref(), at)).collect();
        let mut envs = Vec::with_capacity(network.interfaces.len());
        let mut takers = vec![Vec::new(); network.vpcs.len()];
        for (id, interface) in network.interfaces.iter() {
            let env = match &interface.environment {
                Attr::Known(None) => NONE,
                Attr::Known(Some(name)) => place.get(name.as_ref()).copied().unwrap_or(NONE),
                Attr::Unknown(cause) => {
                    let (node, cause) = blamed(network, id, cause);
                    doubts.insert(node, cause);
                    UNKNOWN
                }
            };
            envs.push(env);
            if env < UNKNOWN
                && takes(interface)
                && let Some(list) = takers.get_mut(interface.vpc.at())
            {
                list.push(Taker { interface: id, env, through: None });
            }
        }
        let env = |id: Id<Interface>| envs.get(id.at()).copied().unwrap_or(NONE);
        let through = through::through(network, env);
        for (at, it) in (0_u32..).zip(&through) {
            if let Some(list) = takers.get_mut(network.interfaces[it.interface].vpc.at()) {
                list.push(Taker { interface: it.interface, env: it.env, through: Some(at) });
            }
        }
        for list in &mut takers {
            list.sort_unstable();
        }
        let mut parties =
            Self { names, envs, classes: Vec::new(), takers, through, present: Vec::new(), doubts };
        parties.present = parties
            .takers
            .iter()
            .map(|list| {
                let mut present: Vec<Env> = list.iter().map(|taker| taker.env).collect();
                present.sort_unstable();
                present.dedup();
                present
            })
            .collect();
        parties.classify(network);
        parties
    }

    /// The environment of an interface; at least [`NONE`] less one if it has none that is known.
    pub fn env(&self, interface: Id<Interface>) -> Env {
        self.envs.get(interface.at()).copied().unwrap_or(NONE)
    }

    /// The name of an environment.
    pub fn name(&self, env: Env) -> &str {
        self.names.get(usize::from(env)).map_or("", AsRef::as_ref)
    }

    /// Whether a taker belongs to the environment that it takes packets for.
    pub fn is_itself(&self, taker: Taker) -> bool {
        let through = taker.through.and_then(|at| self.through.get(at as usize));
        through.is_none_or(|through| through.is_own)
    }

    /// Who takes packets in a VPC.
    pub fn takers(&self, vpc: Id<Vpc>) -> &[Taker] {
        self.takers.get(vpc.at()).map_or(&[], Vec::as_slice)
    }

    /// The environments of a VPC's takers.
    pub fn present(&self, vpc: Id<Vpc>) -> &[Env] {
        self.present.get(vpc.at()).map_or(&[], Vec::as_slice)
    }

    /// For each environment, all addresses but those of VPCs that hold nobody else.
    pub fn elsewhere(&self, network: &Network) -> Vec<AddrSet> {
        let blocks = |wanted: &dyn Fn(Id<Vpc>) -> bool| {
            AddrSet::of(network.vpcs.iter().filter(|(id, _)| wanted(*id)).flat_map(|(_, vpc)| {
                vpc.blocks.known().map_or(&[][..], AddrSet::ranges).iter().copied()
            }))
        };
        (0..NONE)
            .zip(&self.names)
            .map(|(env, _)| {
                let foreign = |id| self.present(id).iter().any(|other| *other != env);
                // Blocks may overlap, and those of some VPCs may not be known.
                let own = blocks(&|id| !foreign(id)).minus(&blocks(&foreign));
                let lost = network
                    .vpcs
                    .iter()
                    .any(|(id, vpc)| foreign(id) && vpc.blocks.known().is_none());
                if lost { AddrSet::everything() } else { AddrSet::everything().minus(&own) }
            })
            .collect()
    }

    fn classify(&mut self, network: &Network) {
        let special = special(network);
        let mixed = self.mixed(network);
        let mut found: BTreeMap<(Alike, Env), Vec<Id<Interface>>> = BTreeMap::new();
        for (id, interface) in network.interfaces.iter() {
            let env = self.env(id);
            if env >= UNKNOWN || !sends(interface) {
                continue;
            }
            let alike = alike(network, interface.subnet, &special, &mixed);
            found.entry((alike, env)).or_default().push(id);
        }
        for ((_, env), senders) in found {
            let Some(first) = senders.first() else { continue };
            let subnet = network.interfaces[*first].subnet;
            self.classes.push(Class { subnet, env, senders });
        }
    }

    /// The VPCs where environments meet, so that subnets matter one by one.
    fn mixed(&self, network: &Network) -> HashSet<Id<Vpc>> {
        let mut seen: HashMap<Id<Vpc>, Env> = HashMap::new();
        let mut out = HashSet::new();
        for (id, interface) in network.interfaces.iter() {
            let env = self.env(id);
            if *seen.entry(interface.vpc).or_insert(env) != env {
                out.insert(interface.vpc);
            }
        }
        let foreign = self.through.iter().filter(|it| !it.is_own);
        out.extend(foreign.map(|it| network.interfaces[it.interface].vpc));
        out
    }
}

fn names(network: &Network) -> Vec<Box<str>> {
    let mut names = BTreeSet::new();
    for (_, interface) in network.interfaces.iter() {
        if let Attr::Known(Some(name)) = &interface.environment
            && !names.contains(name)
        {
            names.insert(name.clone());
        }
    }
    names.into_iter().take(usize::from(UNKNOWN)).collect()
}

/// The widest thing that an interface has its unknown environment from.
fn blamed(network: &Network, id: Id<Interface>, cause: &Cause) -> (Node, Cause) {
    let interface = &network.interfaces[id];
    let vpc = &network.vpcs[interface.vpc].environment;
    let subnet = &network.subnets[interface.subnet].environment;
    match (vpc, subnet) {
        (Attr::Unknown(cause), _) => (Node::Vpc(interface.vpc), cause.clone()),
        (_, Attr::Unknown(cause)) => (Node::Subnet(interface.subnet), cause.clone()),
        _ => (Node::Interface(id), cause.clone()),
    }
}

/// Whether connections may begin at an interface. Balancers only hand on what others began.
fn sends(interface: &Interface) -> bool {
    matches!(
        interface.kind,
        InterfaceKind::Ordinary | InterfaceKind::Function | InterfaceKind::Managed
    )
}

/// Whether connections may end at an interface.
fn takes(interface: &Interface) -> bool {
    !matches!(
        interface.kind,
        InterfaceKind::Nat(_)
            | InterfaceKind::Function
            | InterfaceKind::TransitGateway
            | InterfaceKind::Appliance
            // They hand on what they take, and are here by what they lead to.
            | InterfaceKind::Balancer(_)
    )
}

/// Subnets that routes or filters treat unlike others: those of attachments, NAT gateways and endpoints.
fn special(network: &Network) -> HashSet<Id<Subnet>> {
    use crate::analyze::network::topology::AttachmentKind;
    let mut out = HashSet::new();
    for (_, attachment) in network.attachments.iter() {
        if let AttachmentKind::Vpc { subnets: Attr::Known(subnets), .. } = &attachment.kind {
            out.extend(subnets.iter().copied());
        }
    }
    for (_, nat) in network.nats.iter() {
        out.extend(nat.subnet.known().copied().flatten());
    }
    for (_, endpoint) in network.endpoints.iter() {
        out.extend(endpoint.subnets.iter().copied());
    }
    out
}

fn alike(
    network: &Network,
    id: Id<Subnet>,
    special: &HashSet<Id<Subnet>>,
    mixed: &HashSet<Id<Vpc>>,
) -> Alike {
    let subnet = &network.subnets[id];
    if special.contains(&id) || mixed.contains(&subnet.vpc) {
        return Alike::Own(id);
    }
    match (&subnet.table, &subnet.acl, &subnet.zone, &subnet.block) {
        (Attr::Known(table), Attr::Known(acl), Attr::Known(zone), Attr::Known(block)) => {
            Alike::Same(subnet.vpc, *table, *acl, zone.clone(), *block)
        }
        _ => Alike::Own(id),
    }
}
