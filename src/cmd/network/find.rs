//! What people name: ends of paths, ports, ranges outside.

use std::collections::BTreeSet;

use super::super::Failure;
use super::load::Loaded;
use crate::analyze::network::packet::Start;
use crate::analyze::network::reach::{Analysis, Connection, End};
use crate::analyze::network::topology::{
    AttachmentKind, Balancer, Door, Endpoint, Id, Interface, InterfaceKind, Node,
};
use crate::config;
use crate::diag::nearest;
use crate::model::Attr;
use crate::net::addr::Range;
use crate::net::traffic::{ICMP, TCP, UDP};
use crate::net::{Addr, AddrSet, Prefix, Traffic};

/// How many starts one question may have.
const STARTS_MAX: usize = 20_000;

/// An end of paths: where packets start, and where they are received.
#[derive(Default)]
pub(super) struct Ends {
    /// What it was understood as.
    pub words: String,
    /// Whether it stands for whatever is in something, so that there may be more than is seen.
    pub is_set: bool,
    /// Whether everything is meant.
    is_any: bool,
    /// Interfaces.
    pub interfaces: BTreeSet<Id<Interface>>,
    /// Addresses that no interface has.
    pub outside: AddrSet,
    /// Sites by name; those for `outside` are added to them.
    sites: BTreeSet<Start>,
    balancers: BTreeSet<Id<Balancer>>,
    doors: BTreeSet<Id<Door>>,
    services: BTreeSet<Id<Endpoint>>,
}

/// A port or protocol as people type it: a number alone is a TCP port.
pub(super) fn port(text: &str) -> Result<Vec<Traffic>, Failure> {
    let wrong = |why: String| {
        Failure::new(format!(
            "{why}; write a port as `443`, `tcp/443`, `udp/53`, `tcp/8000-8999`, `icmp`"
        ))
    };
    if text.chars().next().is_some_and(|c| c.is_ascii_digit()) {
        return config::traffic(&format!("tcp/{text}")).map_err(|_| {
            let shown: String = text.chars().take(80).collect();
            wrong(format!("`{shown}` is no port"))
        });
    }
    config::traffic(text).map_err(wrong)
}

/// A range outside: `internet`, a declared one, a prefix or an address.
pub(super) fn outside(loaded: &Loaded, text: &str) -> Result<(String, AddrSet), Failure> {
    if text == "internet" {
        return Ok(("the internet".to_owned(), AddrSet::internet()));
    }
    let declared = &loaded.config.declared.outside;
    if let Some(range) = declared.iter().find(|range| range.name == text) {
        return Ok((range.name.clone(), range.addresses.clone()));
    }
    let address = text.strip_prefix("internet:").unwrap_or(text);
    if let Ok(addr) = address.parse::<Addr>() {
        return Ok((addr.to_string(), AddrSet::one(addr)));
    }
    if let Ok(prefix) = address.parse::<Prefix>() {
        return Ok((prefix.to_string(), AddrSet::of_prefix(prefix)));
    }
    let names = declared.iter().map(|range| range.name.as_str()).chain(["internet"]);
    let hint =
        nearest(text, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(Failure::new(format!(
        "`{}` is no range outside: write `internet`, a name under `outside` in portcullis.yaml, or a prefix{hint}",
        short(text)
    )))
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

/// What a text means.
pub(super) fn ends(loaded: &Loaded, analysis: &Analysis<'_>, text: &str) -> Result<Ends, Failure> {
    let network = &loaded.network;
    if text == "any" {
        return Ok(any(loaded));
    }
    if text == "internet" {
        let (words, outside) = ("the internet".to_owned(), AddrSet::internet());
        return Ok(Ends { words, outside, ..Ends::default() });
    }
    if let Some(address) = text.strip_prefix("internet:") {
        let addr: Addr = address.parse().map_err(Failure::new)?;
        let words = format!("{addr} on the internet");
        return Ok(Ends { words, outside: AddrSet::one(addr), ..Ends::default() });
    }
    if let Ok(addr) = text.parse::<Addr>() {
        return Ok(address(analysis, addr));
    }
    if let Ok(prefix) = text.parse::<Prefix>() {
        return Ok(block(loaded, prefix));
    }
    if loaded.config.environments.list().iter().any(|e| e.name == text) {
        let inside = network
            .interfaces
            .iter()
            .filter(|(_, it)| it.environment.known().and_then(Option::as_deref) == Some(text));
        let interfaces = inside.map(|(id, _)| id).collect();
        let words = format!("environment {text}");
        return Ok(Ends { words, is_set: true, interfaces, ..Ends::default() });
    }
    if let Some(range) = loaded.config.declared.outside.iter().find(|range| range.name == text) {
        let (words, outside) = (range.name.clone(), range.addresses.clone());
        return Ok(Ends { words, outside, ..Ends::default() });
    }
    named(loaded, analysis, text)
}

fn any(loaded: &Loaded) -> Ends {
    Ends {
        words: "anything".to_owned(),
        is_set: true,
        is_any: true,
        interfaces: loaded.network.interfaces.ids().collect(),
        outside: AddrSet::everything(),
        ..Ends::default()
    }
}

/// An address: the interfaces that have it, or somebody outside.
fn address(analysis: &Analysis<'_>, addr: Addr) -> Ends {
    let network = analysis.network();
    let has = |range: Range, public: Option<Addr>| range.contains(addr) || public == Some(addr);
    let owners: BTreeSet<Id<Interface>> = network
        .interfaces
        .iter()
        .filter(|(_, it)| it.addresses.iter().any(|own| has(own.range, own.public)))
        .map(|(id, _)| id)
        .collect();
    if owners.is_empty() {
        let words = format!("{addr} (outside)");
        return Ends { words, outside: AddrSet::one(addr), ..Ends::default() };
    }
    Ends { words: addr.to_string(), interfaces: owners, ..Ends::default() }
}

/// A block: the interfaces with addresses in it, or somebody outside.
fn block(loaded: &Loaded, prefix: Prefix) -> Ends {
    let set = AddrSet::of_prefix(prefix);
    let inside = |range: Range| set.overlaps(&AddrSet::of([range]));
    let owners: BTreeSet<Id<Interface>> = loaded
        .network
        .interfaces
        .iter()
        .filter(|(_, it)| it.addresses.iter().any(|own| inside(own.range)))
        .map(|(id, _)| id)
        .collect();
    if owners.is_empty() {
        return Ends { words: format!("{prefix} (outside)"), outside: set, ..Ends::default() };
    }
    Ends { words: prefix.to_string(), is_set: true, interfaces: owners, ..Ends::default() }
}

/// Ids and ARNs before names.
fn named(loaded: &Loaded, analysis: &Analysis<'_>, text: &str) -> Result<Ends, Failure> {
    let network = &loaded.network;
    let mut ends = Ends { words: short(text), ..Ends::default() };
    if let Some(node) = network.find(text) {
        if let Some(name) = loaded.names.of(text).filter(|name| *name != text) {
            ends.words = format!("{} ({})", short(name), short(text));
        }
        ends.add(analysis, node);
        return ends.or_nothing(text);
    }
    let behind = network
        .vpcs
        .iter()
        .find(|(_, vpc)| vpc.vpn_gateway.known().and_then(Option::as_deref) == Some(text));
    if let Some((vpc, _)) = behind {
        ends.words = format!("the site behind {text}");
        ends.sites.insert(Start::VpnGateway(vpc));
        return Ok(ends);
    }
    let called = loaded.names.called(text);
    for node in called.iter().filter_map(|id| network.find(id)) {
        ends.add(analysis, node);
    }
    match called {
        [] => Err(unknown(loaded, text)),
        [one] => {
            ends.words = format!("{} ({})", short(text), short(one));
            ends.or_nothing(text)
        }
        several => {
            ends.words = format!("{} ({} things)", short(text), several.len());
            ends.or_nothing(text)
        }
    }
}

fn unknown(loaded: &Loaded, text: &str) -> Failure {
    /// How many names are compared for a hint.
    const COMPARED_MAX: usize = 50_000;
    let environments = loaded.config.environments.list().iter().map(|e| e.name.as_str());
    let outside = loaded.config.declared.outside.iter().map(|range| range.name.as_str());
    let mut names: Vec<&str> =
        loaded.network.names.keys().map(|name| &**name).take(COMPARED_MAX).collect();
    // A map has no order, and hints must not change between runs.
    names.sort_unstable();
    let names = environments
        .chain(outside)
        .chain(["internet", "any"])
        .chain(loaded.names.all().take(COMPARED_MAX))
        .chain(names);
    let hint = nearest(text, names)
        .map_or_else(String::new, |near| format!("; did you mean `{}`?", short(near)));
    Failure::new(format!(
        "{} holds nothing with the id, ARN or name `{}`{hint}\nIt has to be one of those, an IP address, an environment \
         or range of portcullis.yaml, `internet`, `internet:198.51.100.7`, or `any`",
        loaded.inventory.path,
        short(text)
    ))
}

impl Ends {
    fn or_nothing(self, text: &str) -> Result<Self, Failure> {
        let something = !(self.interfaces.is_empty()
            && self.sites.is_empty()
            && self.doors.is_empty()
            && self.services.is_empty()
            && self.balancers.is_empty());
        if something {
            return Ok(self);
        }
        let words = if self.is_set {
            format!("`{}` holds no network interface", short(text))
        } else {
            format!("`{}` neither sends nor receives packets", short(text))
        };
        Err(Failure::new(words))
    }

    fn add(&mut self, analysis: &Analysis<'_>, node: Node) {
        let network = analysis.network();
        let all = || network.interfaces.iter();
        match node {
            Node::Interface(id) => self.interfaces.extend([id]),
            Node::Host(id) => self.interfaces.extend(&network.hosts[id].interfaces),
            Node::Balancer(id) => {
                self.interfaces.extend(&network.balancers[id].interfaces);
                self.balancers.insert(id);
            }
            Node::Endpoint(id) => {
                self.interfaces.extend(&network.endpoints[id].interfaces);
                self.services.insert(id);
            }
            Node::Vpc(id) => {
                self.is_set = true;
                self.interfaces.extend(all().filter(|(_, it)| it.vpc == id).map(|(id, _)| id));
            }
            Node::Subnet(id) => {
                self.is_set = true;
                self.interfaces.extend(all().filter(|(_, it)| it.subnet == id).map(|(id, _)| id));
            }
            Node::Group(id) => {
                self.is_set = true;
                self.interfaces.extend(analysis.members(id));
            }
            Node::Nat(id) => {
                let own = |kind| matches!(kind, InterfaceKind::Nat(Some(nat)) if nat == id);
                self.interfaces.extend(all().filter(|(_, it)| own(it.kind)).map(|(id, _)| id));
            }
            Node::TargetGroup(id) => {
                let targets = &network.target_groups[id].targets;
                self.interfaces.extend(targets.iter().filter_map(|target| target.interface));
            }
            Node::Door(id) => {
                self.interfaces.extend(&network.doors[id].senders);
                self.doors.insert(id);
            }
            Node::Attachment(id) => match &network.attachments[id].kind {
                AttachmentKind::Vpc { vpc: Some(vpc), .. } => self.add(analysis, Node::Vpc(*vpc)),
                _ => self.sites.extend([Start::Attachment(id)]),
            },
            Node::Table(_)
            | Node::Acl(_)
            | Node::List(_)
            | Node::Peering(_)
            | Node::TransitGateway(_)
            | Node::TransitTable(_) => {}
        }
    }

    /// Everywhere packets start.
    pub(super) fn starts(&self, analysis: &Analysis<'_>) -> Result<Vec<Start>, Failure> {
        let network = analysis.network();
        let mut starts: BTreeSet<Start> =
            self.interfaces.iter().map(|id| Start::Interface(*id)).collect();
        starts.extend(&self.sites);
        let internet = AddrSet::internet();
        if self.outside.overlaps(&internet) {
            starts.insert(Start::Internet);
        }
        if !self.outside.minus(&internet).is_empty() {
            let gateways =
                network.vpcs.iter().filter(|(_, it)| it.vpn_gateway != Attr::Known(None));
            starts.extend(gateways.map(|(id, _)| Start::VpnGateway(id)));
            let sites = network.attachments.iter().filter(|(_, it)| {
                matches!(it.kind, AttachmentKind::Site(_) | AttachmentKind::Beyond(_))
            });
            starts.extend(sites.map(|(id, _)| Start::Attachment(id)));
        }
        if starts.len() > STARTS_MAX {
            return Err(Failure::new(format!(
                "{} stands for {} starts, more than the {STARTS_MAX} that are tried at once; name a VPC, a subnet or an \
                 environment instead",
                self.words,
                starts.len()
            )));
        }
        Ok(starts.into_iter().collect())
    }

    /// What starts that are no interfaces send from.
    pub(super) fn sources(&self) -> AddrSet {
        if self.outside.is_empty() { AddrSet::everything() } else { self.outside.clone() }
    }

    /// What has to be addressed to get there.
    pub(super) fn destinations(&self, analysis: &Analysis<'_>) -> AddrSet {
        if self.is_any || !self.sites.is_empty() || !self.services.is_empty() {
            return AddrSet::everything();
        }
        let of = |id: &Id<Interface>| analysis.addresses_of(*id).ranges().to_vec();
        let ranges: Vec<Range> = self.interfaces.iter().flat_map(of).collect();
        AddrSet::of(ranges.into_iter().chain(self.outside.ranges().iter().copied()))
    }

    /// Whether packets that got somewhere got here.
    pub(super) fn takes(&self, connection: &Connection) -> bool {
        let balancer = || connection.balancer.is_some_and(|(id, _)| self.balancers.contains(&id));
        match &connection.end {
            _ if self.is_any => true,
            End::Interface(id) => self.interfaces.contains(id) || balancer(),
            End::Internet => !self.outside.is_empty(),
            End::VpnGateway(vpc) => {
                !self.outside.is_empty() || self.sites.contains(&Start::VpnGateway(*vpc))
            }
            End::Attachment(id) => {
                !self.outside.is_empty() || self.sites.contains(&Start::Attachment(*id))
            }
            End::Door(id) => self.doors.contains(id),
            End::Service(id) => self.services.contains(id),
            End::Vpc { .. } => false,
            End::Beyond(_) => self.sites.is_empty() && self.services.is_empty(),
        }
    }
}

/// A port to try where none was asked for.
pub(super) fn tried() -> Traffic {
    Traffic::one(TCP, 443)
}

/// A place of some traffic that people know, if there is one.
pub(super) fn known(traffic: Traffic) -> u32 {
    const ECHO: u16 = 8 << 8;
    const KNOWN: [(u8, u16); 5] = [(TCP, 443), (TCP, 22), (TCP, 80), (UDP, 53), (ICMP, ECHO)];
    KNOWN
        .iter()
        .map(|(protocol, port)| Traffic::one(*protocol, *port).first)
        .find(|at| traffic.contains(*at))
        .unwrap_or(traffic.first)
}
