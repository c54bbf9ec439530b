//! Things of a network in words.

use std::collections::{BTreeMap, BTreeSet};

use super::load::Loaded;
use crate::analyze::network::packet::{Reply, Start};
use crate::analyze::network::reach::{self, Analysis, End};
use crate::analyze::network::topology::{
    Balancer, BalancerKind, Door, DoorKind, HostKind, Id, Interface, InterfaceKind, Network, Place,
    Vpc,
};
use crate::model::Attr;
use crate::net::{AddrSet, Traffic};
use crate::report::network::{Doubt, Entry, ReplyState, ReplyView, Thing};

/// The kinds of things that can be exposed.
pub(super) const KINDS: &[&str] = &[
    "instance",
    "database",
    "function",
    "cluster",
    "load balancer",
    "endpoint",
    "NAT gateway",
    "managed service",
    "interface",
    "transit gateway attachment",
    "access endpoint",
    "cluster API",
    "service",
];

/// What there is to say of an interface: the host or balancer that it belongs to, if it does.
pub(super) fn interface(loaded: &Loaded, id: Id<Interface>) -> Thing {
    let network = &loaded.network;
    let it = &network.interfaces[id];
    let mut thing = placed(network, it.place);
    thing.vpc = Some(network.vpcs[it.vpc].name.to_string());
    thing.environment = it.environment.known().and_then(Option::as_ref).map(ToString::to_string);
    let (kind, own) = match (it.host.map(|host| &network.hosts[host]), it.kind) {
        (Some(host), _) => {
            thing.note = match &host.running {
                Attr::Known(true) => None,
                Attr::Known(false) => Some("stopped: this holds as soon as it starts".to_owned()),
                Attr::Unknown(cause) => Some(format!("nobody can say whether it runs: {cause}")),
            };
            (host_kind(host.kind), host.name.to_string())
        }
        (None, InterfaceKind::Balancer(balancer)) => {
            ("load balancer", network.balancers[balancer].name.to_string())
        }
        (None, InterfaceKind::UnknownBalancer) => ("load balancer", it.name.to_string()),
        (None, InterfaceKind::Nat(nat)) => (
            "NAT gateway",
            nat.map_or_else(|| it.name.to_string(), |nat| network.nats[nat].name.to_string()),
        ),
        (None, InterfaceKind::Endpoint(endpoint)) => (
            "endpoint",
            endpoint.map_or_else(|| it.name.to_string(), |e| network.endpoints[e].name.to_string()),
        ),
        (None, InterfaceKind::Function) => ("function", it.name.to_string()),
        (None, InterfaceKind::TransitGateway) => {
            ("transit gateway attachment", it.name.to_string())
        }
        (None, InterfaceKind::Managed) => ("managed service", it.name.to_string()),
        (None, InterfaceKind::Ordinary | InterfaceKind::Appliance) => {
            ("interface", it.name.to_string())
        }
    };
    kind.clone_into(&mut thing.kind);
    thing.name = loaded.names.of(&own).or_else(|| loaded.names.of(&it.name)).map(str::to_owned);
    if own != *it.name {
        thing.interface = Some(it.name.to_string());
    }
    thing.id = own;
    thing
}

fn placed(network: &Network, place: Id<Place>) -> Thing {
    let place = &network.places[place];
    Thing {
        account: Some(place.account.to_string()),
        region: Some(place.region.to_string()),
        ..Thing::default()
    }
}

fn host_kind(kind: HostKind) -> &'static str {
    match kind {
        HostKind::Instance => "instance",
        HostKind::Database => "database",
        HostKind::Function => "function",
        HostKind::Cluster => "cluster",
        HostKind::Access => "access endpoint",
    }
}

/// What there is to say of a balancer.
pub(super) fn balancer(loaded: &Loaded, id: Id<Balancer>) -> Thing {
    let network = &loaded.network;
    let it = &network.balancers[id];
    Thing {
        kind: "load balancer".to_owned(),
        id: it.name.to_string(),
        name: loaded.names.of(&it.name).map(str::to_owned),
        vpc: Some(network.vpcs[it.vpc].name.to_string()),
        ..placed(network, it.place)
    }
}

/// What there is to say of a front door by itself.
pub(super) fn door(loaded: &Loaded, id: Id<Door>) -> Thing {
    let network = &loaded.network;
    let it = &network.doors[id];
    let kind = if it.kind == DoorKind::ClusterApi { "cluster API" } else { "service" };
    Thing {
        kind: kind.to_owned(),
        id: it.name.to_string(),
        name: loaded.names.of(&it.name).map(str::to_owned),
        vpc: it.vpc.map(|vpc| network.vpcs[vpc].name.to_string()),
        ..placed(network, it.place)
    }
}

fn gateway(loaded: &Loaded, vpc: Id<Vpc>) -> Thing {
    let vpc = &loaded.network.vpcs[vpc];
    let id = vpc.vpn_gateway.known().and_then(Option::as_deref).unwrap_or(&vpc.name);
    Thing {
        kind: "site".to_owned(),
        id: format!("site behind {id}"),
        vpc: Some(vpc.name.to_string()),
        ..placed(&loaded.network, vpc.place)
    }
}

/// Where packets start.
pub(super) fn start(loaded: &Loaded, start: Start) -> Thing {
    match start {
        Start::Interface(id) => interface(loaded, id),
        Start::Internet => internet(),
        Start::VpnGateway(vpc) => gateway(loaded, vpc),
        Start::Attachment(id) => {
            named("site", format!("site behind {}", loaded.network.attachments[id].name))
        }
    }
}

/// Where packets end.
pub(super) fn end(loaded: &Loaded, end: &End) -> Thing {
    let network = &loaded.network;
    match end {
        End::Interface(id) => interface(loaded, *id),
        End::Internet => internet(),
        End::Service(id) => named("service", network.endpoints[*id].name.to_string()),
        End::VpnGateway(vpc) => gateway(loaded, *vpc),
        End::Attachment(id) => {
            named("site", format!("site behind {}", network.attachments[*id].name))
        }
        End::Door(id) => door(loaded, *id),
        End::Vpc { vpc, .. } => named("VPC", network.vpcs[*vpc].name.to_string()),
        End::Beyond(_) => named("unknown", "beyond what is analysed".to_owned()),
    }
}

fn internet() -> Thing {
    named("internet", "internet".to_owned())
}

fn named(kind: &str, id: String) -> Thing {
    Thing { kind: kind.to_owned(), id, ..Thing::default() }
}

/// How packets come in.
pub(super) fn entry(loaded: &Loaded, entry: reach::Entry) -> Entry {
    let network = &loaded.network;
    let (kind, id) = match entry {
        reach::Entry::Address(addr) => ("address", addr.to_string()),
        reach::Entry::Balancer(id, _) => {
            let it = &network.balancers[id];
            (balancer_words(it.kind), it.name.to_string())
        }
        reach::Entry::Door(id) => {
            let it = &network.doors[id];
            (door_words(it.kind), it.name.to_string())
        }
        reach::Entry::VpnGateway(vpc) => ("site", gateway(loaded, vpc).id),
        reach::Entry::Attachment(id) => {
            ("site", format!("site behind {}", network.attachments[id].name))
        }
    };
    Entry { kind: kind.to_owned(), id }
}

/// A balancer or service in between.
pub(super) fn via(
    loaded: &Loaded,
    balancer: Option<(Id<Balancer>, usize)>,
    door: Option<Id<Door>>,
) -> Option<Entry> {
    let entry = match (balancer, door) {
        (_, Some(door)) => reach::Entry::Door(door),
        (Some((id, listener)), None) => reach::Entry::Balancer(id, listener),
        (None, None) => return None,
    };
    Some(self::entry(loaded, entry))
}

fn balancer_words(kind: BalancerKind) -> &'static str {
    match kind {
        BalancerKind::Application => "application load balancer",
        BalancerKind::Network => "network load balancer",
        BalancerKind::Classic => "classic load balancer",
        BalancerKind::Gateway => "gateway load balancer",
    }
}

fn door_words(kind: DoorKind) -> &'static str {
    match kind {
        DoorKind::GlobalAccelerator => "Global Accelerator",
        DoorKind::CloudFront => "CloudFront VPC origin",
        DoorKind::ApiGateway => "API Gateway VPC link",
        DoorKind::PrivateLink => "PrivateLink service",
        DoorKind::Lattice => "VPC Lattice service",
        DoorKind::ClientVpn => "Client VPN",
        DoorKind::InstanceConnect => "Instance Connect endpoint",
        DoorKind::ClusterApi => "cluster API",
    }
}

/// How much of the answers comes back.
pub(super) fn reply(reply: &Reply) -> ReplyView {
    let (state, ports, cause) = match reply {
        Reply::Full => (ReplyState::Full, Vec::new(), None),
        Reply::Partial(ports) => {
            (ReplyState::Partial, ports.iter().map(ToString::to_string).collect(), None)
        }
        Reply::None => (ReplyState::None, Vec::new(), None),
        Reply::Unknown(cause) => (ReplyState::Unknown, Vec::new(), Some(cause.to_string())),
    };
    ReplyView { state, ports, cause }
}

/// Addresses in words. Whether those of the inventory itself are among them makes no difference to "any".
pub(super) fn clients(loaded: &Loaded, set: &AddrSet) -> Vec<String> {
    /// How many prefixes an answer carries.
    const PREFIXES_MAX: usize = 64;
    let (v4, v6) = (AddrSet::v4(), AddrSet::v6());
    let internet = AddrSet::internet().minus(&loaded.own);
    let mut rest = set.clone();
    let mut out = Vec::new();
    if rest.includes(&internet) {
        return vec!["any address".to_owned()];
    }
    for (family, words) in [(v4, "any IPv4 address"), (v6, "any IPv6 address")] {
        let public = internet.intersection(&family);
        if rest.includes(&public) {
            out.push(words.to_owned());
            rest = rest.minus(&family);
        }
    }
    let prefixes = rest.prefixes();
    out.extend(prefixes.iter().take(PREFIXES_MAX).map(ToString::to_string));
    if prefixes.len() > PREFIXES_MAX {
        out.push(format!("{} more prefixes", prefixes.len() - PREFIXES_MAX));
    }
    out
}

/// Intervals of traffic in words: sorted, joined where they touch.
pub(super) fn traffic(all: &[Traffic]) -> Vec<String> {
    joined(all).iter().map(ToString::to_string).collect()
}

/// Intervals sorted, joined where they touch.
pub(super) fn joined(all: &[Traffic]) -> Vec<Traffic> {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<Traffic> = Vec::new();
    for one in sorted {
        match out.last_mut() {
            Some(last) if one.first <= last.last.saturating_add(1) => {
                last.last = last.last.max(one.last);
            }
            _ => out.push(one),
        }
    }
    out
}

/// Why there may be more things of some types than are seen, by place.
pub(super) fn gaps(analysis: &Analysis<'_>, kinds: &[&str]) -> Vec<Doubt> {
    let network = analysis.network();
    let mut by_place: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    #[expect(clippy::iter_over_hash_type, reason = "everything goes into sorted maps")]
    for ((place, kind), cause) in &network.gaps {
        if !kinds.contains(kind) {
            continue;
        }
        let place = &network.places[*place];
        let at = format!("{} {}", place.account, place.region);
        // The detail of what was not asked for repeats what and where.
        let repeats = cause.detail().is_some_and(|detail| detail == format!("{kind} in {at}"));
        let cause = if repeats { cause.kind.words().to_owned() } else { cause.to_string() };
        by_place.entry((at, cause)).or_default().insert(kind);
    }
    by_place
        .into_iter()
        .map(|((at, cause), kinds)| {
            let kinds: Vec<&str> = kinds.into_iter().collect();
            Doubt { at, cause: format!("{cause}: {}", kinds.join(", ")) }
        })
        .collect()
}
