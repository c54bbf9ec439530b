//! Which resources a finding of the analysis speaks of, and what may be hidden from them.

use std::collections::HashMap;

use crate::analyze::kleene::Doubt;
use crate::analyze::network::reach::{Entry, Exposure};
use crate::analyze::network::topology::{
    BalancerKind, HostKind, Id, Interface, InterfaceKind, Network, Place, TargetKind,
};
use crate::ident::Region;
use crate::model::{Attr, Cause};

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
        Self { network, stands_on, globals: globals(network), hidden_balancer }
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
            doubt.extend(self.network.gap(place, INTERFACES));
            basis.interfaces.iter().for_each(|at| doubt.extend(self.unseen(*at).as_ref()));
        }
        doubt.cause().cloned()
    }

    /// Why something unseen may lead to an interface: a load balancer, or a front door.
    pub(super) fn unseen(&self, at: Id<Interface>) -> Option<Cause> {
        let network = self.network;
        let interface = &network.interfaces[at];
        let mut doubt = Doubt::default();
        if !matches!(interface.kind, InterfaceKind::Ordinary | InterfaceKind::Managed) {
            return None;
        }
        let hidden_balancer =
            self.hidden_balancer || network.gap(interface.place, INTERFACES).is_some();
        let vpc = &network.vpcs[interface.vpc];
        let gateway = vpc.internet_gateway != Attr::Known(None);
        let places = [Some(interface.place), self.globals.get(&interface.place).copied()];
        for place in places.into_iter().flatten() {
            for kind in LEADING_IN {
                let may = match kind.needs {
                    Needs::Nothing => true,
                    Needs::Gateway => gateway,
                    Needs::Balancer => !network.balancers.is_empty(),
                    Needs::HiddenBalancer => hidden_balancer,
                };
                if may {
                    doubt.extend(network.gap(place, kind.name));
                }
            }
        }
        doubt.cause().cloned()
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
    /// An interface of its own, that would be seen.
    HiddenBalancer,
}

struct LeadingIn {
    name: &'static str,
    needs: Needs,
}

/// The types that lead into VPCs.
const LEADING_IN: &[LeadingIn] = &[
    LeadingIn { name: "aws.elb.load_balancer", needs: Needs::HiddenBalancer },
    LeadingIn { name: "aws.elbv2.load_balancer", needs: Needs::HiddenBalancer },
    LeadingIn { name: "aws.elbv2.listener", needs: Needs::Balancer },
    LeadingIn { name: "aws.elbv2.listener_rule", needs: Needs::Balancer },
    LeadingIn { name: "aws.elbv2.target_group", needs: Needs::Balancer },
    LeadingIn { name: "aws.globalaccelerator.accelerator", needs: Needs::Gateway },
    LeadingIn { name: "aws.cloudfront.vpc_origin", needs: Needs::Gateway },
    LeadingIn { name: "aws.apigatewayv2.vpc_link", needs: Needs::Nothing },
];

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
