//! Who reaches whom, computed with whole sets of addresses and ports.
//!
//! Packets are not tried one by one. [`Analysis::new`] compiles rules into [`Flows`] and route tables into disjoint
//! intervals once. [`Analysis::ways`] says where routes take packets, with the filters they meet and without evaluating
//! them; it depends on the subnet a packet leaves and on its destination only, so that a few ways serve many interfaces.
//! [`Analysis::pair`] and its like push sets through the filters of those ways, [`Analysis::exposure`] does the same for
//! every interface at once.
//!
//! Doubts are kept apart from certainties: what passes for sure and what may pass are separate sets, and unknown rules
//! only enlarge the second. It shares no code with the tracer of single packets, so that each checks the other.

mod answer;
mod balance;
mod bounds;
mod connect;
mod cube;
mod doors;
mod exposure;
mod filters;
mod firewall;
mod flows;
mod index;
mod intervals;
mod send;
mod ways;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub use bounds::Bounds;
use exposure::Search;
pub use filters::Rules;
pub use flows::Flows;
use index::{Compiled, Index};
use send::Sender;
use ways::Walker;

use super::packet::{Packet, Reply, Start, Touch, Verdict};
use super::topology::{
    Acl, Attachment, Balancer, Door, Endpoint, Group, GroupSet, Id, Interface, Nat, Network,
    Subnet, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet, Ports, Traffic};

/// The compiled network. Filters and tables are compiled when they are first asked for.
#[derive(Debug)]
pub struct Analysis<'n> {
    network: &'n Network,
    index: Index,
    compiled: Compiled,
    /// What gets anywhere from a start that was asked about.
    verdicts: Mutex<HashMap<Start, Arc<Vec<Connection>>>>,
}

/// Something reachable from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The interface that packets reach: behind balancers and doors the target's. Nothing when the thing has none in the
    /// inventory, and then the door says what it is.
    pub interface: Option<Id<Interface>>,
    /// How they come in.
    pub entry: Entry,
    /// What clients address.
    pub outside: Traffic,
    /// What arrives at the interface.
    pub traffic: Traffic,
    /// Who may.
    pub clients: AddrSet,
    /// Whether answers come back.
    pub reply: Reply,
    /// Why it is not certain; nothing if it is.
    pub doubt: Option<Cause>,
    /// The rules that let it in: of security groups, and rows of network ACLs.
    pub rules: Vec<Touch>,
    /// The routes and gateways it stands on.
    pub routes: Vec<Touch>,
    /// A packet to show it with.
    pub witness: (Start, Packet),
}

/// How packets from outside come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// By an address that is public itself.
    Address(Addr),
    /// By a load balancer with public addresses, and the place of its listener.
    Balancer(Id<Balancer>, usize),
    /// By a front door.
    Door(Id<Door>),
    /// From the site behind the virtual private gateway of a VPC.
    VpnGateway(Id<Vpc>),
    /// From the site behind an attachment of a transit gateway.
    Attachment(Id<Attachment>),
}

/// A set of packets that get from one place to another: every combination of source, destination, traffic and source
/// port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Where they start.
    pub start: Start,
    /// Where they end.
    pub end: End,
    /// What they say they are from.
    pub sources: AddrSet,
    /// What they are addressed to by whoever sends them.
    pub destinations: AddrSet,
    /// Protocol and destination ports as sent.
    pub traffic: Traffic,
    /// The source ports, for TCP and UDP.
    pub source_ports: Ports,
    /// Protocol and ports at the end, where a balancer or door changes them.
    pub inside: Traffic,
    /// Whether answers come back.
    pub answered: Attr<bool>,
    /// Why it is not certain that they arrive; nothing if it is.
    pub doubt: Option<Cause>,
    /// The first balancer they go through, and the place of its listener.
    pub balancer: Option<(Id<Balancer>, usize)>,
    /// The service they go through to its provider.
    pub door: Option<Id<Door>>,
    /// What they pass that a person could change: routes, peerings, attachments, gateways, balancers.
    pub touches: Vec<Touch>,
}

/// Where packets end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// In a VPC, by its `local` route. The network ACL of the destination's subnet is still to be passed, except by
    /// packets for the subnet `beside`, which come from there. (Of ways only.)
    Vpc {
        /// The VPC.
        vpc: Id<Vpc>,
        /// The subnet that packets come from inside the VPC.
        beside: Option<Id<Subnet>>,
    },
    /// At an interface.
    Interface(Id<Interface>),
    /// On the internet.
    Internet,
    /// At an AWS service, by a gateway endpoint.
    Service(Id<Endpoint>),
    /// At the site behind a virtual private gateway.
    VpnGateway(Id<Vpc>),
    /// At the site or network behind an attachment of a transit gateway.
    Attachment(Id<Attachment>),
    /// At the door of something else: a service behind an endpoint, a cluster's API.
    Door(Id<Door>),
    /// Nobody can say; anything may follow, with any source.
    Beyond(Cause),
}

/// Where a way starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// In a subnet, at one of its interfaces.
    Subnet(Id<Subnet>),
    /// On the internet.
    Internet,
    /// Behind the virtual private gateway of a VPC.
    VpnGateway(Id<Vpc>),
    /// Behind an attachment of a transit gateway.
    Attachment(Id<Attachment>),
    /// At a NAT gateway, translated.
    Nat(Id<Nat>),
}

/// Where routes take packets, and what they meet. Filters are named, not evaluated. Blocked ways are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What packets are addressed to. Public IPv4 addresses stand as such, also where `end` is in a VPC.
    pub destinations: AddrSet,
    /// Where they end.
    pub end: End,
    /// What they meet, in order.
    pub passages: Vec<Passage>,
    /// Whether rules that refer to security groups can match at the end.
    pub references: Attr<bool>,
    /// Why it is not certain that packets take this way; filters not considered.
    pub doubt: Option<Cause>,
    /// The routes, peerings and attachments it stands on.
    pub touches: Vec<Touch>,
}

/// What packets meet on a way: filters see the packet as translations before them left it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passage {
    /// A network ACL on the way into its subnet (by source) or out of it (by destination).
    Acl {
        /// The ACL.
        acl: Attr<Id<Acl>>,
        /// Into the subnet.
        ingress: bool,
    },
    /// A firewall.
    Firewall(Id<Endpoint>),
    /// A NAT gateway: TCP, UDP and ICMP go on with one of its addresses as source; answers only come back through it.
    Nat(Id<Nat>),
    /// Out by an internet gateway: IPv4 needs a public address of the source, and goes on with it. IPv6 goes on as it is.
    InternetGateway(Id<Vpc>),
    /// At an internet gateway, those for whose source no public address is listed while some are not known. (Not of
    /// [`Analysis::ways`].)
    Hidden(Id<Vpc>),
    /// Out by an egress-only internet gateway, IPv6 only: answers come back, nothing else does.
    EgressOnlyGateway(Id<Vpc>),
    /// In by an internet gateway: public IPv4 destinations become the private ones they belong to.
    Entry(Id<Vpc>),
}

impl<'n> Analysis<'n> {
    /// Compiles a network.
    pub fn new(network: &'n Network) -> Self {
        Self {
            network,
            index: Index::of(network),
            compiled: Compiled::of(network),
            verdicts: Mutex::default(),
        }
    }

    /// The network that was compiled.
    pub fn network(&self) -> &'n Network {
        self.network
    }

    /// What is reachable from outside addresses, for every interface, sorted by interface, entry and traffic: over the
    /// internet, and by sites behind gateways as far as outside addresses are none of the internet.
    pub fn exposure(&self, outside: &AddrSet) -> Vec<Exposure> {
        let mut search = Search::new(self, outside);
        search.addresses();
        search.doors(outside);
        search.sites(&outside.minus(&self.index.internet));
        let mut out = search.out;
        out.sort_by(|a, b| {
            let key = |it: &Exposure| (it.interface, it.entry, it.outside, it.traffic);
            key(a).cmp(&key(b)).then_with(|| {
                (a.doubt.is_some(), &a.clients, &a.reply).cmp(&(
                    b.doubt.is_some(),
                    &b.clients,
                    &b.reply,
                ))
            })
        });
        // The nodes of a balancer lead to the same.
        out.dedup_by(|b, a| {
            matches!(a.entry, Entry::Balancer(..))
                && (a.interface, a.entry, a.outside, a.traffic)
                    == (b.interface, b.entry, b.outside, b.traffic)
                && (&a.clients, &a.reply, &a.doubt) == (&b.clients, &b.reply, &b.doubt)
        });
        out
    }

    /// What of one interface is reachable from outside addresses.
    pub fn exposure_of(&self, interface: Id<Interface>, outside: &AddrSet) -> Vec<Exposure> {
        let mut search = Search::new(self, outside);
        search.only(interface, &self.addresses_of(interface));
        search.doors(outside);
        search.sites(&outside.minus(&self.index.internet));
        let mut out = search.out;
        out.retain(|it| it.interface == Some(interface));
        out
    }

    /// What one interface can send another, over all their addresses, paths and balancers in between; exact. Without
    /// those balancers that hide who is behind them behind another balancer.
    pub fn pair(&self, from: Id<Interface>, to: Id<Interface>) -> Vec<Connection> {
        let destinations = self.addresses_of(to);
        let mut all =
            self.connections(Start::Interface(from), &AddrSet::everything(), &destinations);
        all.retain(|it| match &it.end {
            End::Interface(end) => *end == to,
            End::Beyond(_) => true,
            _ => false,
        });
        all
    }

    /// What clients may address to reach an interface: its addresses, and those of balancers and endpoints before it.
    pub fn addresses_of(&self, to: Id<Interface>) -> AddrSet {
        let network = self.network;
        let mut found = vec![to];
        let mut at = 0;
        while let Some(interface) = found.get(at).copied() {
            at += 1;
            let own = &network.interfaces[interface];
            let has = |addr: Option<Addr>| {
                addr.is_some_and(|addr| own.addresses.iter().any(|it| it.range.contains(addr)))
            };
            for (id, balancer) in network.balancers.iter() {
                let leads = balancer.listeners.iter().flat_map(|it| &it.targets).any(|group| {
                    network.target_groups[*group].targets.iter().any(|target| {
                        target.interface == Some(interface)
                            || has(target.addr)
                            || target.balancer.is_some_and(|behind| {
                                network.balancers[behind].interfaces.contains(&interface)
                            })
                    })
                });
                if !leads {
                    continue;
                }
                let consumers = network
                    .doors
                    .iter()
                    .filter(|(_, door)| door.balancers.contains(&id))
                    .flat_map(|(_, door)| &door.consumers)
                    .flat_map(|endpoint| &network.endpoints[*endpoint].interfaces);
                for before in balancer.interfaces.iter().chain(consumers) {
                    if !found.contains(before) {
                        found.push(*before);
                    }
                }
            }
        }
        AddrSet::of(
            found
                .iter()
                .flat_map(|id| &network.interfaces[*id].addresses)
                .flat_map(|it| [Some(it.range), it.public.map(Range::one)].into_iter().flatten()),
        )
    }

    /// Everything that gets from a start to some destinations, wherever that ends. Sites and the internet send from
    /// `sources`; of interfaces those are taken that they have.
    pub fn connections(
        &self,
        start: Start,
        sources: &AddrSet,
        destinations: &AddrSet,
    ) -> Vec<Connection> {
        Sender::new(self).connect(start, sources, destinations)
    }

    /// What becomes of one packet, and of the answers to it: whether it is in the sets. They are computed once for each
    /// start, for all destinations.
    pub fn verdict(&self, start: Start, packet: Packet) -> (Verdict, Verdict) {
        if let Start::Interface(id) = start {
            let mates = self.network.machine(id).collect::<Vec<_>>();
            let has = |addr| mates.iter().any(|mate| self.network.interfaces[*mate].has(addr));
            let own = self.network.interfaces[id].has(packet.source);
            let hidden = &self.network.interfaces[id].doubt;
            // One that forwards sends it whoever's it is.
            let may = !own && self.network.interfaces[id].forwards != Attr::Known(true);
            if let Some(cause) = hidden.as_ref().filter(|_| may) {
                // Nobody knows whether the address is one of its own.
                let unknown = || Verdict::Unknown(cause.clone());
                return (unknown(), unknown());
            }
            if own && has(packet.destination) {
                // Nothing stands between the interfaces of a machine.
                return (Verdict::Passes, Verdict::Passes);
            }
        }
        let known = self.verdicts.lock().ok().and_then(|all| all.get(&start).cloned());
        let all = known.unwrap_or_else(|| {
            let everyone = AddrSet::everything();
            let mut sender = Sender::new(self);
            sender.for_others = true;
            let all = Arc::new(sender.connect(start, &everyone, &everyone));
            if let Ok(mut have) = self.verdicts.lock() {
                have.insert(start, Arc::clone(&all));
            }
            all
        });
        connect::verdict(&all, &packet)
    }

    /// Where routes take packets from a place to some destinations, sorted by destination. Ways that end in a VPC end
    /// there for all of its addresses among the destinations, whether anything has them or not.
    pub fn ways(&self, from: Origin, to: &AddrSet) -> Vec<Way> {
        Walker::ways(self, from, to)
    }

    /// The same, but packets that go over the internet end there, those for addresses of the inventory as well.
    pub fn ways_out(&self, from: Origin, to: &AddrSet) -> Vec<Way> {
        Walker::ways_out(self, from, to)
    }

    /// What a network ACL lets into its subnet, by source, or out of it, by destination.
    pub fn acl(&self, acl: Id<Acl>, ingress: bool) -> &Bounds {
        self.compiled.acl(self.network, acl, ingress)
    }

    /// What the groups of an interface admit: into it by source, or out of it by destination.
    pub fn rules(&self, groups: Id<GroupSet>, ingress: bool) -> Rules {
        filters::rules(self.network, &self.network.group_sets[groups], ingress)
    }

    /// The interfaces that carry a group, sorted.
    pub fn members(&self, group: Id<Group>) -> &[Id<Interface>] {
        self.index.members(group)
    }

    /// The interface that has a private address in a VPC.
    pub fn owner(&self, vpc: Id<Vpc>, addr: Addr) -> Option<Id<Interface>> {
        self.index.owner(vpc, addr)
    }

    /// The interfaces of a VPC with addresses in a set, each with those it has.
    pub fn owners(&self, vpc: Id<Vpc>, to: &AddrSet) -> Vec<(Id<Interface>, AddrSet)> {
        self.index.owners(vpc, to)
    }

    /// The interface and the private address behind a public IPv4 address.
    pub fn behind(&self, public: Addr) -> Option<(Id<Interface>, Addr)> {
        self.index.publics.get(&public).copied()
    }
}

#[cfg(test)]
mod tests;
