//! From what the analyses found to facts by resource.

use std::collections::{BTreeMap, HashMap};

use super::Effects;
use super::subjects::{Subject, Subjects};
use super::witness::{Replayed, Witnesses};
use crate::analyze::kleene::Doubt;
use crate::analyze::network::Declared;
use crate::analyze::network::packet::{Reply, Touch};
use crate::analyze::network::reach::{self, Analysis, Entry};
use crate::analyze::network::topology::{DoorKind, Id, Interface, InterfaceKind, Network};
use crate::model::paths::{ExposedTraffic, Exposure};
use crate::model::{Attr, Cause};
use crate::net::traffic::{ICMP, ICMPV6, Protocol, TCP, UDP};
use crate::net::{AddrSet, Ports, PrefixSet, Traffic};

/// What the internet is called where it stands beside declared ranges.
pub(super) const INTERNET: &str = "internet";
/// How many sources an entry lists.
const SOURCES_MAX: usize = 16;
/// How many rules an entry lists.
const RULES_MAX: usize = 32;
/// How many entries a resource has for one place outside; those behind them are left out, and nobody can say of them.
const ENTRIES_MAX: usize = 256;

/// What each subject is exposed to, while it is gathered.
type Gathered<'n> = BTreeMap<Subject<'n>, Exposed>;

#[derive(Debug, Default)]
struct Exposed {
    internet: Vec<ExposedTraffic>,
    outside: Vec<ExposedTraffic>,
}

/// Fills what is exposed.
pub(super) fn exposures(
    analysis: &Analysis<'_>,
    declared: &Declared,
    witnesses: &mut Witnesses<'_>,
    effects: &mut Effects,
) {
    let network = analysis.network();
    let subjects = Subjects::of(network);
    let mut gathered: Gathered<'_> = subjects.all().map(|it| (it, Exposed::default())).collect();
    let mut rules = Rules::of(network);
    let internet = (INTERNET, AddrSet::internet());
    let outside = declared.outside.iter().map(|it| (it.name.as_str(), it.addresses.clone()));
    for (from, addresses) in std::iter::once(internet).chain(outside) {
        for found in analysis.exposure(&addresses) {
            let replayed = witnesses.exposure(&found);
            if from == INTERNET {
                rules.see(&found, &replayed.reachable);
            }
            let concerned = subjects.of_exposure(&found);
            let entries = Entries { network, from, found: &found, replayed };
            let entries = entries.lower();
            for subject in concerned {
                let exposed = gathered.entry(subject).or_default();
                let list =
                    if from == INTERNET { &mut exposed.internet } else { &mut exposed.outside };
                list.extend(entries.iter().cloned());
            }
        }
    }
    for (subject, mut exposed) in gathered {
        let doubt = subjects.doubt(&subject);
        let dormant = subjects.is_dormant(&subject);
        for list in [&mut exposed.internet, &mut exposed.outside] {
            finish(list, doubt.as_ref(), &dormant);
        }
        effects.expose(subject.kind, subject.name, exposed);
    }
    rules.finish(analysis, &subjects, effects);
}

impl Effects {
    fn expose(&mut self, kind: &'static str, name: &str, exposed: Exposed) {
        let something = !(exposed.internet.is_empty() && exposed.outside.is_empty());
        let exposure = something.then(|| {
            Box::new(Exposure {
                internet: exposed.internet.into(),
                outside: exposed.outside.into(),
            })
        });
        self.exposures.entry(kind).or_default().insert(name.into(), exposure);
    }
}

/// Puts entries into order, cuts what is too much, and says why there may be more.
fn finish(list: &mut Vec<ExposedTraffic>, doubt: Option<&Cause>, dormant: &Attr<bool>) {
    for entry in &mut *list {
        entry.dormant = dormant.clone();
    }
    list.dedup();
    let mut further = Doubt::default();
    further.extend(doubt);
    if list.len() > ENTRIES_MAX {
        list.truncate(ENTRIES_MAX);
        let words = format!("more than {ENTRIES_MAX} ways in; the others are left out");
        further.add(&Cause::new(crate::model::CauseKind::NotUnderstood, words));
    }
    if let Some(cause) = further.cause() {
        list.push(nobody_can_say(cause));
    }
}

/// An entry that may be anything.
pub(super) fn nobody_can_say(cause: &Cause) -> ExposedTraffic {
    fn unknown<T>(cause: &Cause) -> Attr<T> {
        Attr::Unknown(cause.clone())
    }
    ExposedTraffic {
        from: unknown(cause),
        protocol: unknown(cause),
        ports: unknown(cause),
        inner_ports: unknown(cause),
        family: unknown(cause),
        address: unknown(cause),
        sources: unknown(cause),
        sources_cut: unknown(cause),
        broad: unknown(cause),
        declared: unknown(cause),
        entry_kind: unknown(cause),
        entry_id: unknown(cause),
        reply: unknown(cause),
        reachable: unknown(cause),
        dormant: unknown(cause),
        rule_ids: unknown(cause),
        path: unknown(cause),
    }
}

/// One finding of the analysis on its way to entries.
struct Entries<'a> {
    network: &'a Network,
    from: &'a str,
    found: &'a reach::Exposure,
    replayed: Replayed,
}

impl Entries<'_> {
    fn lower(&self) -> Vec<ExposedTraffic> {
        let Self { network, found, .. } = self;
        let prefixes = found.clients.prefixes();
        let destination = found.witness.1.destination;
        let (entry_kind, entry_id) = self.entry();
        let template = ExposedTraffic {
            from: self.from.to_owned().into(),
            family: if destination.is_v6() { "ipv6" } else { "ipv4" }.to_owned().into(),
            address: match found.entry {
                Entry::Address(address) => Some(address.to_string()),
                Entry::Balancer(..) | Entry::VpnGateway(_) | Entry::Attachment(_) => {
                    Some(destination.to_string())
                }
                Entry::Door(_) => None,
            }
            .into(),
            broad: PrefixSet::of(&prefixes).is_internet().into(),
            sources_cut: (prefixes.len() > SOURCES_MAX).into(),
            sources: prefixes.into_iter().take(SOURCES_MAX).collect::<Vec<_>>().into(),
            entry_kind: entry_kind.to_owned().into(),
            entry_id: entry_id.to_owned().into(),
            reply: reply(&found.reply),
            reachable: self.replayed.reachable.clone(),
            rule_ids: rule_ids(network, &found.rules).into(),
            path: self.replayed.path.clone(),
            ..ExposedTraffic::default()
        };
        let inner = parts(found.traffic);
        let outer = parts(found.outside);
        let same = inner.len() == outer.len();
        let mut out = Vec::new();
        for (at, (protocol, ports)) in outer.into_iter().enumerate() {
            let met = if same { inner.get(at) } else { inner.first() };
            out.push(ExposedTraffic {
                protocol: protocol.into(),
                ports: ports.into(),
                inner_ports: met.map_or(ports, |(_, ports)| *ports).into(),
                ..template.clone()
            });
        }
        out
    }

    fn entry(&self) -> (&'static str, &str) {
        let network = self.network;
        match self.found.entry {
            Entry::Balancer(balancer, _) => ("load_balancer", &network.balancers[balancer].name),
            Entry::Door(door) => {
                let door = &network.doors[door];
                (door_kind(door.kind), &door.name)
            }
            Entry::VpnGateway(vpc) => ("vpn", &network.vpcs[vpc].name),
            Entry::Attachment(at) => ("transit_gateway", &network.attachments[at].name),
            Entry::Address(_) => match self.found.interface {
                None => ("other", ""),
                Some(at) => {
                    let interface = &network.interfaces[at];
                    let is_balancer = matches!(
                        interface.kind,
                        InterfaceKind::Balancer(_) | InterfaceKind::UnknownBalancer
                    );
                    let kind = if is_balancer { "load_balancer" } else { "public_address" };
                    (kind, &interface.name)
                }
            },
        }
    }
}

fn door_kind(kind: DoorKind) -> &'static str {
    match kind {
        DoorKind::GlobalAccelerator => "global_accelerator",
        DoorKind::CloudFront => "cloud_front",
        DoorKind::ApiGateway => "api_gateway",
        DoorKind::PrivateLink => "private_link",
        DoorKind::Lattice => "lattice",
        DoorKind::ClientVpn => "client_vpn",
        DoorKind::InstanceConnect => "instance_connect",
        DoorKind::ClusterApi => "cluster_api",
    }
}

/// How much of the answers comes back, in a word.
pub(super) fn reply(reply: &Reply) -> Attr<String> {
    match reply {
        Reply::Full => Attr::Known("full".to_owned()),
        Reply::Partial(_) => Attr::Known("partial".to_owned()),
        Reply::None => Attr::Known("none".to_owned()),
        Reply::Unknown(cause) => Attr::Unknown(cause.clone()),
    }
}

fn rule_ids(network: &Network, rules: &[Touch]) -> Vec<String> {
    let mut out: Vec<String> =
        rules.iter().filter_map(|touch| rule_id(network, touch)).take(RULES_MAX).collect();
    out.dedup();
    out
}

/// The id of a rule behind that of its group or ACL.
pub(super) fn rule_id(network: &Network, touch: &Touch) -> Option<String> {
    let direction = |incoming| if incoming { "in" } else { "out" };
    match *touch {
        Touch::GroupRule(group, incoming, at) => {
            let group = &network.groups[group];
            let rules = if incoming { &group.ingress } else { &group.egress };
            let named = rules.get(at).and_then(|rule| rule.name.as_deref());
            Some(match named {
                Some(name) => format!("{}/{name}", group.name),
                None => format!("{}/{}/{at}", group.name, direction(incoming)),
            })
        }
        Touch::AclRule(acl, incoming, at) => {
            let acl = &network.acls[acl];
            let rules = if incoming { &acl.ingress } else { &acl.egress };
            let number = rules.get(at)?.number;
            Some(format!("{}/{}/{number}", acl.name, direction(incoming)))
        }
        _ => None,
    }
}

/// The parts by protocol that people tell apart: TCP, UDP and both ICMPs alone, a run of others as one.
fn parts(traffic: Traffic) -> Vec<(String, Ports)> {
    const TOLD_APART: [(Protocol, &str); 4] =
        [(ICMP, "icmp"), (TCP, "tcp"), (UDP, "udp"), (ICMPV6, "icmpv6")];
    if traffic == Traffic::ALL {
        return vec![("-1".to_owned(), Ports::ALL)];
    }
    let mut out: Vec<(String, Ports)> = Vec::new();
    let mut others: Option<(Protocol, Protocol)> = None;
    let close = |others: &mut Option<(Protocol, Protocol)>, out: &mut Vec<_>| {
        if let Some((first, last)) = others.take() {
            let name = if first == last { first.to_string() } else { format!("{first}-{last}") };
            out.push((name, Ports::ALL));
        }
    };
    for (protocol, ports) in traffic.parts() {
        let Some(protocol) = protocol else { continue };
        match TOLD_APART.iter().find(|(number, _)| *number == protocol) {
            Some((_, name)) => {
                close(&mut others, &mut out);
                out.push(((*name).to_owned(), ports));
            }
            None => others = Some((others.map_or(protocol, |(first, _)| first), protocol)),
        }
    }
    close(&mut others, &mut out);
    out
}

/// Whether the incoming rules of groups expose something.
struct Rules<'n> {
    network: &'n Network,
    by_group: Vec<Vec<Attr<bool>>>,
}

impl<'n> Rules<'n> {
    fn of(network: &'n Network) -> Self {
        let none = |(_, group): (_, &crate::analyze::network::topology::Group)| {
            vec![Attr::Known(false); group.ingress.len()]
        };
        Self { network, by_group: network.groups.iter().map(none).collect() }
    }

    fn see(&mut self, found: &reach::Exposure, reachable: &Attr<bool>) {
        for touch in &found.rules {
            let Touch::GroupRule(group, true, at) = *touch else { continue };
            let place = self.by_group.get_mut(group.at()).and_then(|rules| rules.get_mut(at));
            if let Some(have) = place
                && *have != Attr::Known(true)
            {
                match (&*have, reachable) {
                    (Attr::Unknown(a), Attr::Unknown(b)) if a <= b => {}
                    _ => *have = reachable.clone(),
                }
            }
        }
    }

    /// What exposes nothing that is seen may expose what is not.
    fn finish(self, analysis: &Analysis<'_>, subjects: &Subjects<'n>, effects: &mut Effects) {
        let mut known: HashMap<Id<Interface>, Option<Cause>> = HashMap::new();
        for ((id, group), mut rules) in self.network.groups.iter().zip(self.by_group) {
            let mut doubt = Doubt::default();
            let kind = "aws.ec2.network_interface";
            doubt.extend(self.network.gap_around(&group.name, group.place, kind));
            for &member in analysis.members(id) {
                let cause = known.entry(member).or_insert_with(|| subjects.unseen(member));
                doubt.extend(cause.as_ref());
            }
            if let Some(cause) = doubt.cause() {
                for rule in rules.iter_mut().filter(|rule| **rule == Attr::Known(false)) {
                    *rule = Attr::Unknown(cause.clone());
                }
            }
            effects.rules.insert(group.name.clone(), rules);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_that_people_know_stand_alone() {
        let all_but_ssh = Traffic { first: Traffic::one(TCP, 23).first, last: Traffic::ALL.last };
        let names: Vec<String> = parts(all_but_ssh).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["tcp", "7-16", "udp", "18-57", "icmpv6", "59-255"]);
        assert_eq!(parts(Traffic::ALL).len(), 1);
        let (name, ports) = parts(Traffic::one(TCP, 443)).remove(0);
        assert_eq!((name.as_str(), ports), ("tcp", Ports::new(443, 443)));
        assert_eq!(parts(Traffic::protocol(47))[0].0, "47");
    }
}
