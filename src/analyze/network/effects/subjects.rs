//! Which resources a finding of the analysis speaks of, and what may be hidden from them.

use std::collections::{BTreeSet, HashMap};

use crate::analyze::kleene::Doubt;
use crate::analyze::network::effects::KINDS;
use crate::analyze::network::reach::{Entry, Exposure};
use crate::analyze::network::topology::{
    BalancerKind, DoorKind, HostKind, Id, Interface, InterfaceKind, Network, Place, TargetKind,
};
use crate::ident::Region;
use crate::model::change::is_planned;
use crate::model::kinds::kind_named;
use crate::model::{Attr, Cause, CauseKind, Scope};

const INTERFACES: &str = "aws.ec2.network_interface";

/// A resource by its type and the name that the network knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Subject<'n> {
    pub(super) kind: &'static str,
    pub(super) name: &'n str,
}

/// What there is to be exposed.
pub(super) struct Subjects<'n> {
    network: &'n Network,
    /// What each subject stands on.
    stands_on: HashMap<Subject<'n>, Basis>,
    /// The places that stand for a whole account.
    globals: HashMap<Id<Place>, Id<Place>>,
    /// Whether a load balancer's interface is seen, and not the balancer.
    hidden_balancer: bool,
    /// Whether there is a balancer that an endpoint service can stand on.
    network_balancer: bool,
    /// Places with an interface that may be one of an endpoint by which people come in.
    hidden_senders: BTreeSet<Id<Place>>,
    /// Whether packets can go from VPC to VPC at all.
    joined: bool,
    /// Why nobody can say where front doors lead, by their place and type.
    lost: HashMap<(Id<Place>, &'static str), Cause>,
}

#[derive(Debug, Clone, Default)]
struct Basis {
    place: Option<Id<Place>>,
    interfaces: Vec<Id<Interface>>,
    doubt: Option<Cause>,
    running: Option<Attr<bool>>,
}

impl<'n> Subjects<'n> {
    pub(super) fn of(network: &'n Network) -> Self {
        let mut stands_on = HashMap::new();
        for (id, it) in network.interfaces.iter() {
            let basis = Basis { place: Some(it.place), interfaces: vec![id], ..Basis::default() };
            stands_on.insert(Subject { kind: INTERFACES, name: &it.name }, basis);
        }
        for (_, host) in network.hosts.iter() {
            let Some(kind) = host_kind(host.kind) else { continue };
            let basis = Basis {
                place: Some(host.place),
                interfaces: host.interfaces.clone(),
                doubt: host.doubt.clone(),
                running: Some(host.running.clone()),
            };
            stands_on.insert(Subject { kind, name: &host.name }, basis);
        }
        for (_, balancer) in network.balancers.iter() {
            let mut doubt = Doubt::default();
            doubt.extend(balancer.doubt.as_ref());
            doubt.extend(balancer.listeners_doubt.as_ref());
            let basis = Basis {
                place: Some(balancer.place),
                interfaces: balancer.interfaces.clone(),
                doubt: doubt.cause().cloned(),
                running: None,
            };
            stands_on.insert(
                Subject { kind: balancer_kind(balancer.kind), name: &balancer.name },
                basis,
            );
        }
        for (_, endpoint) in network.endpoints.iter() {
            let basis = Basis { interfaces: endpoint.interfaces.clone(), ..Basis::default() };
            let subject = Subject { kind: "aws.ec2.vpc_endpoint", name: &endpoint.name };
            stands_on.insert(subject, basis);
        }
        let hidden = |kind: InterfaceKind| kind == InterfaceKind::UnknownBalancer;
        let hidden_balancer = network.interfaces.iter().any(|(_, it)| hidden(it.kind));
        Self {
            network,
            stands_on,
            globals: globals(network),
            hidden_balancer,
            network_balancer: network
                .balancers
                .iter()
                .any(|(_, it)| matches!(it.kind, BalancerKind::Network | BalancerKind::Gateway)),
            hidden_senders: hidden_senders(network),
            joined: !network.peerings.is_empty() || !network.transit_gateways.is_empty(),
            lost: lost_doors(network),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Subject<'n>> {
        self.stands_on.keys().copied()
    }

    /// Those that a finding is about.
    pub(super) fn of_exposure(&self, found: &Exposure) -> Vec<Subject<'n>> {
        let network = self.network;
        let mut out = Vec::new();
        if let Some(at) = found.interface {
            let interface = &network.interfaces[at];
            out.push(Subject { kind: INTERFACES, name: &interface.name });
            let host = interface.host.map(|host| &network.hosts[host]);
            if let Some(host) = host
                && let Some(kind) = host_kind(host.kind)
            {
                out.push(Subject { kind, name: &host.name });
            }
            match interface.kind {
                InterfaceKind::Balancer(balancer) => out.push(self.balancer(balancer)),
                InterfaceKind::Endpoint(Some(endpoint)) => out.push(Subject {
                    kind: "aws.ec2.vpc_endpoint",
                    name: &network.endpoints[endpoint].name,
                }),
                _ => {}
            }
        }
        match found.entry {
            Entry::Address(_) | Entry::VpnGateway(_) | Entry::Attachment(_) => {}
            Entry::Balancer(balancer, listener) => {
                out.push(self.balancer(balancer));
                if found.interface.is_none() {
                    out.extend(self.functions(balancer, listener));
                }
            }
            Entry::Door(door) => {
                let host = network.doors[door].host.map(|host| &network.hosts[host]);
                if let Some(host) = host
                    && let Some(kind) = host_kind(host.kind)
                {
                    out.push(Subject { kind, name: &host.name });
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn balancer(&self, at: Id<crate::analyze::network::topology::Balancer>) -> Subject<'n> {
        let balancer = &self.network.balancers[at];
        Subject { kind: balancer_kind(balancer.kind), name: &balancer.name }
    }

    /// The functions behind a listener, which have no interface for it.
    fn functions(
        &self,
        balancer: Id<crate::analyze::network::topology::Balancer>,
        listener: usize,
    ) -> Vec<Subject<'n>> {
        let network = self.network;
        let listener = network.balancers[balancer].listeners.get(listener);
        let groups = listener.into_iter().flat_map(|it| &it.targets);
        groups
            .map(|&at| &network.target_groups[at])
            .filter(|group| group.kind == TargetKind::Function)
            .flat_map(|group| &group.targets)
            .map(|target| Subject { kind: "aws.lambda.function", name: &target.name })
            .collect()
    }

    /// Why a subject may be exposed by what nobody sees.
    pub(super) fn doubt(&self, subject: &Subject<'n>) -> Option<Cause> {
        let basis = self.stands_on.get(subject)?;
        let mut doubt = Doubt::default();
        doubt.extend(basis.doubt.as_ref());
        if subject.kind == INTERFACES || basis.place.is_none() {
            basis.interfaces.iter().for_each(|at| doubt.extend(self.unseen(*at).as_ref()));
        } else if let Some(place) = basis.place {
            doubt.extend(self.network.gap_around(subject.name, place, INTERFACES));
            basis.interfaces.iter().for_each(|at| doubt.extend(self.unseen(*at).as_ref()));
        }
        doubt.cause().cloned()
    }

    /// Why something unseen may lead to an interface: a load balancer, or a front door.
    pub(super) fn unseen(&self, at: Id<Interface>) -> Option<Cause> {
        let network = self.network;
        let interface = &network.interfaces[at];
        if network.gaps.is_empty() && self.lost.is_empty() {
            return None;
        }
        let mut doubt = Doubt::default();
        let hidden_balancer =
            self.hidden_balancer || network.gap(interface.place, INTERFACES).is_some();
        let vpc = &network.vpcs[interface.vpc];
        let gateway = vpc.internet_gateway != Attr::Known(None);
        let places = [Some(interface.place), self.globals.get(&interface.place).copied()];
        for kind in LEADING_IN.iter().filter(|kind| kind.to.takes(interface.kind)) {
            let may = match kind.needs {
                Needs::Nothing => true,
                Needs::Gateway => gateway,
                Needs::Balancer => !network.balancers.is_empty(),
                Needs::NetworkBalancer => self.network_balancer || hidden_balancer,
                Needs::HiddenBalancer => hidden_balancer,
                // Nothing is in a VPC that does not exist yet but what its plan puts there.
                Needs::Sender if is_planned(&vpc.name) => continue,
                Needs::Sender => {
                    self.senders(interface.place)
                        .for_each(|place| doubt.extend(network.gap(place, kind.name)));
                    doubt.extend(self.lost.get(&(interface.place, kind.name)));
                    continue;
                }
            };
            for place in places.into_iter().flatten().filter(|_| may) {
                doubt.extend(network.gap_around(&interface.name, place, kind.name));
                doubt.extend(self.lost.get(&(place, kind.name)));
            }
        }
        doubt.cause().cloned()
    }

    /// Where the interface may be from which somebody unseen sends to things in a place: there, or anywhere if VPCs are
    /// joined, since it sends along the routes of its subnet.
    fn senders(&self, to: Id<Place>) -> impl Iterator<Item = Id<Place>> {
        let joined = self.joined || JOINS.iter().any(|kind| self.network.gap(to, kind).is_some());
        self.hidden_senders.iter().copied().filter(move |place| joined || *place == to)
    }

    /// Whether a subject answers only when it is started.
    pub(super) fn is_dormant(&self, subject: &Subject<'n>) -> Attr<bool> {
        match self.stands_on.get(subject).and_then(|basis| basis.running.as_ref()) {
            Some(running) => running.clone().map(|running| !running),
            None => Attr::Known(false),
        }
    }
}

/// What an unseen thing needs to lead to an interface.
enum Needs {
    Nothing,
    /// An internet gateway of the VPC.
    Gateway,
    /// A load balancer.
    Balancer,
    /// A load balancer that an endpoint service can stand on.
    NetworkBalancer,
    /// An interface of its own, that would be seen.
    HiddenBalancer,
    /// An interface of its own, that would be seen, if not for what it is.
    Sender,
}

/// What it can lead to, besides machines and managed services.
enum Takes {
    Machines,
    /// Load balancers as well.
    Balancers,
    /// Load balancers and functions as well.
    Targets,
    /// Whatever takes packets.
    Anything,
}

impl Takes {
    fn takes(&self, kind: InterfaceKind) -> bool {
        match kind {
            InterfaceKind::Ordinary | InterfaceKind::Managed => true,
            InterfaceKind::Balancer(_) | InterfaceKind::UnknownBalancer => {
                !matches!(self, Self::Machines)
            }
            InterfaceKind::Function => matches!(self, Self::Targets),
            InterfaceKind::Endpoint(_) => matches!(self, Self::Anything),
            InterfaceKind::Nat(_) | InterfaceKind::TransitGateway | InterfaceKind::Appliance => {
                false
            }
        }
    }
}

struct LeadingIn {
    name: &'static str,
    needs: Needs,
    to: Takes,
}

const fn leading(name: &'static str, needs: Needs, to: Takes) -> LeadingIn {
    LeadingIn { name, needs, to }
}

/// The types that lead into VPCs.
///
/// VPC links of REST APIs have no type of their own here: each makes an endpoint service in the account of its network
/// load balancer, which shows with a consumer that is somebody else's (source: `vpclink:create` of the API Gateway REST
/// API reference).
const LEADING_IN: &[LeadingIn] = &[
    leading("aws.elb.load_balancer", Needs::HiddenBalancer, Takes::Machines),
    leading("aws.elbv2.load_balancer", Needs::HiddenBalancer, Takes::Targets),
    leading("aws.elbv2.listener", Needs::Balancer, Takes::Targets),
    leading("aws.elbv2.listener_rule", Needs::Balancer, Takes::Targets),
    leading("aws.elbv2.target_group", Needs::Balancer, Takes::Targets),
    leading("aws.globalaccelerator.accelerator", Needs::Gateway, Takes::Balancers),
    leading("aws.cloudfront.vpc_origin", Needs::Gateway, Takes::Balancers),
    leading("aws.apigatewayv2.vpc_link", Needs::Nothing, Takes::Balancers),
    leading("aws.ec2.vpc_endpoint_service", Needs::NetworkBalancer, Takes::Balancers),
    leading("aws.vpc_lattice.service", Needs::Nothing, Takes::Targets),
    leading("aws.ec2.client_vpn_endpoint", Needs::Sender, Takes::Anything),
    leading("aws.ec2.instance_connect_endpoint", Needs::Sender, Takes::Anything),
];

/// The types that join VPCs.
const JOINS: &[&str] = &["aws.ec2.vpc_peering_connection", "aws.ec2.transit_gateway_attachment"];

/// Places with interfaces that nothing in the inventory owns, or that may have some. Those of which nobody was asked to
/// read anything are somebody else's.
fn hidden_senders(network: &Network) -> BTreeSet<Id<Place>> {
    let may_send = |kind| matches!(kind, InterfaceKind::Ordinary | InterfaceKind::Managed);
    let unowned = network.interfaces.iter().map(|(_, it)| it);
    let unowned = unowned.filter(|it| it.host.is_none() && may_send(it.kind)).map(|it| it.place);
    let unread = network.places.ids().filter(|place| network.gap(*place, INTERFACES).is_some());
    let asked = |place: &Id<Place>| {
        let regional =
            |kind: &&&str| kind_named(kind).is_some_and(|kind| kind.scope == Scope::Regional);
        KINDS.iter().filter(regional).any(|kind| match network.gap(*place, kind) {
            None => true,
            Some(cause) => cause.kind != CauseKind::NotCollected,
        })
    };
    let all: BTreeSet<Id<Place>> = unowned.chain(unread).collect();
    all.into_iter().filter(asked).collect()
}

/// Doors that are open to somebody and lead to nothing that is known.
fn lost_doors(network: &Network) -> HashMap<(Id<Place>, &'static str), Cause> {
    let mut out: HashMap<(Id<Place>, &'static str), Cause> = HashMap::new();
    for (_, door) in network.doors.iter() {
        let open = !door.clients.is_empty()
            || !door.foreign_consumers.is_empty()
            || door.clients_doubt.is_some();
        let known =
            !(door.balancers.is_empty() && door.interfaces.is_empty() && door.senders.is_empty());
        let Some(kind) = door_kind(door.kind).filter(|_| open && !known) else { continue };
        let host = door.host.and_then(|host| network.hosts[host].doubt.as_ref());
        let cause = match door.kind {
            // Its interfaces are known by subnet and group; while nobody uses it, AWS takes them away.
            DoorKind::ApiGateway if door.vpc.is_some() => network.gap(door.place, INTERFACES),
            _ => door.doubt.as_ref().or(host),
        };
        if let Some(cause) = cause {
            let have = out.entry((door.place, kind)).or_insert_with(|| cause.clone());
            *have = cause.clone().min(have.clone());
        }
    }
    // Listeners that nobody knows may lead to any target; where they stand is where their balancer does.
    for (_, balancer) in network.balancers.iter() {
        let listeners = balancer.listeners.iter();
        let groups = listeners.clone().flat_map(|listener| &listener.targets);
        let doubts = listeners
            .filter_map(|listener| listener.doubt.as_ref())
            .chain(groups.filter_map(|group| network.target_groups[*group].doubt.as_ref()))
            .chain(&balancer.listeners_doubt);
        for cause in doubts {
            let key = (balancer.place, "aws.elbv2.listener");
            let have = out.entry(key).or_insert_with(|| cause.clone());
            *have = cause.clone().min(have.clone());
        }
    }
    out
}

fn door_kind(kind: DoorKind) -> Option<&'static str> {
    Some(match kind {
        DoorKind::GlobalAccelerator => "aws.globalaccelerator.accelerator",
        DoorKind::CloudFront => "aws.cloudfront.vpc_origin",
        DoorKind::ApiGateway => "aws.apigatewayv2.vpc_link",
        DoorKind::PrivateLink => "aws.ec2.vpc_endpoint_service",
        DoorKind::Lattice => "aws.vpc_lattice.service",
        DoorKind::ClientVpn => "aws.ec2.client_vpn_endpoint",
        DoorKind::InstanceConnect => "aws.ec2.instance_connect_endpoint",
        DoorKind::ClusterApi => return None,
    })
}

/// The place of each account that stands for all of its regions.
fn globals(network: &Network) -> HashMap<Id<Place>, Id<Place>> {
    let global = Region::global();
    let by_account: HashMap<_, _> = network
        .places
        .iter()
        .filter(|(_, place)| place.region == global)
        .map(|(id, place)| (&place.account, id))
        .collect();
    let of = |(id, place): (Id<Place>, &Place)| Some((id, *by_account.get(&place.account)?));
    network.places.iter().filter_map(of).collect()
}

fn host_kind(kind: HostKind) -> Option<&'static str> {
    match kind {
        HostKind::Instance => Some("aws.ec2.instance"),
        HostKind::Database => Some("aws.rds.db_instance"),
        HostKind::Function => Some("aws.lambda.function"),
        HostKind::Cluster => Some("aws.eks.cluster"),
        HostKind::Access => None,
    }
}

fn balancer_kind(kind: BalancerKind) -> &'static str {
    match kind {
        BalancerKind::Classic => "aws.elb.load_balancer",
        _ => "aws.elbv2.load_balancer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::network::sample::Sample;
    use crate::analyze::network::topology::{Balancer, Door, Host};

    /// A VPC with an instance; the interface is returned.
    fn sample() -> (Sample, Id<Interface>) {
        let mut it = Sample::default();
        let vpc = it.vpc("vpc", &["10.0.0.0/16"]);
        let table = it.table(vpc, "rtb", &[]);
        let acl = it.acl("acl", Vec::new(), Vec::new());
        let subnet = it.subnet(vpc, "subnet", &["10.0.0.0/24"], table, acl);
        let at = it.interface(subnet, "eni", &["10.0.0.10"], &[]);
        let place = it.net.interfaces[at].place;
        let host = it.net.hosts.push(Host {
            name: "i".into(),
            place,
            kind: HostKind::Instance,
            interfaces: vec![at],
            doubt: None,
            running: true.into(),
            port: None,
        });
        it.net.interfaces[at].host = Some(host);
        (it, at)
    }

    fn balancer(it: &mut Sample, kind: BalancerKind, at: Id<Interface>) {
        let interface = &it.net.interfaces[at];
        let (place, vpc) = (interface.place, interface.vpc);
        let id = it.net.balancers.push(Balancer {
            name: "lb".into(),
            place,
            vpc,
            kind,
            internet_facing: false.into(),
            interfaces: vec![at],
            listeners: Vec::new(),
            listeners_doubt: None,
            cross_zone: false.into(),
            groups_filter_private_link: true.into(),
            doubt: None,
        });
        it.net.interfaces[at].kind = InterfaceKind::Balancer(id);
    }

    /// The types that are missed when they alone were not read.
    fn missed(it: &Sample, at: Id<Interface>) -> Vec<&'static str> {
        let mut net = it.net.clone();
        let place = net.interfaces[at].place;
        let mut out = Vec::new();
        for kind in LEADING_IN {
            net.gaps.clear();
            net.gaps.insert((place, kind.name), Cause::new(CauseKind::Denied, kind.name));
            let doubt = Subjects::of(&net).unseen(at);
            assert!(doubt.as_ref().is_none_or(|it| it.kind == CauseKind::Denied));
            out.extend(doubt.map(|_| kind.name));
        }
        out
    }

    #[test]
    fn what_leads_in_is_missed_where_it_may_be() {
        let (mut it, at) = sample();
        let always = ["aws.apigatewayv2.vpc_link", "aws.vpc_lattice.service"];
        let by_gateway = ["aws.globalaccelerator.accelerator", "aws.cloudfront.vpc_origin"];
        assert_eq!(missed(&it, at), [&by_gateway[..], &always[..]].concat());
        let vpc = it.net.interfaces[at].vpc;
        it.net.vpcs[vpc].internet_gateway = Attr::Known(None);
        assert_eq!(missed(&it, at), always);

        // An interface that nothing owns may be one that people come in by.
        let subnet = it.net.interfaces[at].subnet;
        let other = it.interface(subnet, "eni-2", &["10.0.0.11"], &[]);
        it.net.interfaces[other].kind = InterfaceKind::Managed;
        let people = ["aws.ec2.client_vpn_endpoint", "aws.ec2.instance_connect_endpoint"];
        assert_eq!(missed(&it, at), [&always[..], &people[..]].concat());
        it.net.interfaces[other].kind = InterfaceKind::Endpoint(None);
        assert_eq!(missed(&it, at), always);

        // Endpoint services, and VPC links of REST APIs with them, need a balancer to stand on.
        balancer(&mut it, BalancerKind::Network, other);
        for at in [at, other] {
            assert!(missed(&it, at).contains(&"aws.ec2.vpc_endpoint_service"));
            assert!(missed(&it, at).contains(&"aws.elbv2.target_group"));
        }
        balancer(&mut it, BalancerKind::Application, other);
        it.net.balancers.iter_mut().for_each(|(_, it)| it.kind = BalancerKind::Application);
        assert!(!missed(&it, at).contains(&"aws.ec2.vpc_endpoint_service"));
    }

    #[test]
    fn a_door_that_leads_nobody_knows_where_may_lead_here() {
        let (mut it, at) = sample();
        let place = it.net.interfaces[at].place;
        let cause = Cause::new(CauseKind::NotUnderstood, "custom routing");
        let mut door = Door::to_nowhere("ga", place, DoorKind::GlobalAccelerator);
        door.doubt = Some(cause.clone());
        let door = it.net.doors.push(door);
        assert_eq!(Subjects::of(&it.net).unseen(at), Some(cause));
        it.net.doors[door].interfaces.push(at);
        assert_eq!(Subjects::of(&it.net).unseen(at), None);
    }

    #[test]
    fn people_come_from_other_places_only_where_vpcs_are_joined() {
        let (mut it, at) = sample();
        let here = it.net.interfaces[at].place;
        let mut place = it.net.places[here].clone();
        place.account = "444455556666".parse().unwrap();
        let there = it.net.places.push(place);
        let of_people = "aws.ec2.client_vpn_endpoint";
        for kind in [of_people, INTERFACES] {
            it.net.gaps.insert((there, kind), Cause::new(CauseKind::Denied, kind));
        }
        assert_eq!(Subjects::of(&it.net).unseen(at), None);
        it.net.gaps.insert((here, JOINS[0]), Cause::new(CauseKind::Denied, JOINS[0]));
        let doubt = Subjects::of(&it.net).unseen(at);
        assert_eq!(doubt, Some(Cause::new(CauseKind::Denied, of_people)));
    }
}
