//! Load balancers of all generations, with their listeners and targets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::interface::parse;
use super::said::{Fill, Said, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    Balancer, BalancerKind, Id, Interface, Listener, LoadTarget, Node, Place, TargetGroup,
    TargetKind, Vpc,
};
use crate::model::elb::LoadBalancer as ClassicData;
use crate::model::elbv2::{
    Listener as ListenerData, ListenerRule, LoadBalancer as BalancerData, Target as TargetData,
    TargetGroup as TargetGroupData,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::addr::Range;
use crate::net::traffic::{Protocol, TCP, UDP};
use crate::net::{Addr, Traffic};

impl Fill for BalancerData {}
impl Fill for ClassicData {}
impl Fill for TargetGroupData {}
impl Fill for RawListener {}

const LISTENERS: &str = "aws.elbv2.listener";
const RULES: &str = "aws.elbv2.listener_rule";
const TARGET_GROUPS: &str = "aws.elbv2.target_group";

/// A listener as stated.
#[derive(Debug)]
pub(super) struct RawListener {
    balancer: Attr<Box<str>>,
    traffic: (Vec<Traffic>, Option<Cause>),
    targets: Vec<Box<str>>,
    doubt: Option<Cause>,
}

/// Where the rules of listeners lead, by listener; and why some rules are of nobody knows which listener.
#[derive(Debug, Default)]
pub(super) struct Rules(BTreeMap<Box<str>, Targets>, Option<Cause>);

/// Target groups by ARN, and why there may be more.
type Targets = (BTreeSet<Box<str>>, Option<Cause>);

impl Rules {
    pub(super) fn add(&mut self, rule: &ListenerRule) {
        let listener = match rule.listener_arn.get() {
            Ok(listener) => listener,
            Err(cause) => return least(&mut self.1, cause.clone()),
        };
        let (targets, doubt) = self.0.entry(listener.as_str().into()).or_default();
        match rule.target_group_arns.get() {
            Ok(list) => targets.extend(list.iter().map(|arn| Box::from(arn.as_str()))),
            Err(cause) => least(doubt, cause.clone()),
        }
    }
}

pub(super) fn listener(listener: &ListenerData) -> RawListener {
    let mut targets = BTreeSet::new();
    let mut doubt = None;
    match listener.target_group_arns.get() {
        Ok(list) => targets.extend(list.iter().map(|arn| Box::from(arn.as_str()))),
        Err(cause) => least(&mut doubt, cause.clone()),
    }
    RawListener {
        balancer: super::said::text(&listener.load_balancer_arn),
        traffic: traffic(listener),
        targets: targets.into_iter().collect(),
        doubt,
    }
}

/// Where a listener answers, or all it may be and why that is not certain.
fn traffic(listener: &ListenerData) -> (Vec<Traffic>, Option<Cause>) {
    let anywhere =
        |cause: Cause| (vec![Traffic::protocol(TCP), Traffic::protocol(UDP)], Some(cause));
    let port = match listener.port.get() {
        Ok(Some(port)) => match port_of(*port) {
            Ok(port) => port,
            Err(cause) => return anywhere(cause),
        },
        // Gateway load balancers take whatever their endpoints are given.
        Ok(None) => return (vec![Traffic::ALL], None),
        Err(cause) => return anywhere(cause.clone()),
    };
    match listener.protocol.get() {
        Ok(Some(name)) => {
            (protocols(name).iter().map(|it| Traffic::one(*it, port)).collect(), None)
        }
        Ok(None) => (vec![Traffic::ALL], None),
        Err(cause) => (vec![Traffic::one(TCP, port), Traffic::one(UDP, port)], Some(cause.clone())),
    }
}

fn protocols(name: &str) -> &'static [Protocol] {
    match name {
        "UDP" | "QUIC" | "GENEVE" => &[UDP],
        "TCP_UDP" | "TCP_QUIC" => &[TCP, UDP],
        _ => &[TCP],
    }
}

/// A port that is a number of AWS' wide type.
pub(super) fn port_of(port: i64) -> Result<u16, Cause> {
    let wrong = |_| Cause::new(CauseKind::NotUnderstood, format!("port {port}"));
    u16::try_from(port).map_err(wrong)
}

impl Work<'_, '_> {
    /// Balancers, without their interfaces and listeners.
    pub(super) fn balancers(&mut self, raw: &[Said<BalancerData>]) {
        for said in raw {
            let thing = &said.thing;
            let place = self.spot(said.place);
            let kind = match thing.load_balancer_type.known().map(String::as_str) {
                Some("network") => BalancerKind::Network,
                Some("gateway") => BalancerKind::Gateway,
                _ => BalancerKind::Application,
            };
            let cross_zone = match thing.cross_zone_enabled.get() {
                // Application load balancers always serve all zones.
                Ok(flag) => Attr::Known(flag.unwrap_or(kind == BalancerKind::Application)),
                Err(_) if kind == BalancerKind::Application => Attr::Known(true),
                Err(cause) => Attr::Unknown(cause.clone()),
            };
            let enforce = &thing.enforce_security_group_inbound_rules_on_private_link_traffic;
            let vpc = self.home_of(&thing.vpc_id, &said.id, place);
            let balancer = Balancer {
                name: said.arn.clone().unwrap_or_else(|| said.id.clone()),
                place,
                kind,
                vpc,
                internet_facing: flag(&thing.scheme, |scheme| scheme == Some("internet-facing")),
                interfaces: Vec::new(),
                doubt: None,
                listeners: Vec::new(),
                // What it does with packets is not known where its kind is not.
                listeners_doubt: thing.load_balancer_type.get().err().cloned(),
                cross_zone,
                groups_filter_private_link: flag(enforce, |text| text != Some("off")),
            };
            let arn = balancer.name.clone();
            let balancer = self.net.balancers.push(balancer);
            if let Some((_, key)) = arn.split_once("loadbalancer/") {
                self.announce(key, place, balancer);
            }
            self.name(said.id.clone(), Some(arn), Node::Balancer(balancer));
            if let Some(name) = &said.name {
                self.name(name.clone(), None, Node::Balancer(balancer));
            }
        }
    }

    fn announce(&mut self, key: &str, place: Id<Place>, balancer: Id<Balancer>) {
        let region = self.net.places[place].region.as_str();
        let key = (key.into(), region.into());
        self.finder.balancers.entry(key).or_default().push(balancer);
    }

    fn home_of(&mut self, vpc: &Attr<String>, id: &str, place: Id<Place>) -> Id<Vpc> {
        match vpc {
            Attr::Known(vpc) => self.vpc_or_placeholder(vpc, place),
            Attr::Unknown(_) => self.vpc_or_placeholder(&format!("the VPC of {id}"), place),
        }
    }

    pub(super) fn classics(&mut self, raw: &[Said<ClassicData>]) -> Vec<Id<Balancer>> {
        let mut out = Vec::new();
        for said in raw {
            let thing = &said.thing;
            let place = self.spot(said.place);
            let vpc = match thing.vpc_id.get() {
                Ok(Some(vpc)) => Attr::Known(vpc.clone()),
                Ok(None) => Attr::default(),
                Err(cause) => Attr::Unknown(cause.clone()),
            };
            let vpc = self.home_of(&vpc, &said.id, place);
            let balancer = self.net.balancers.push(Balancer {
                name: said.id.clone(),
                place,
                kind: BalancerKind::Classic,
                vpc,
                internet_facing: match thing.scheme.get() {
                    Ok(scheme) => Attr::Known(scheme == "internet-facing"),
                    Err(cause) => Attr::Unknown(cause.clone()),
                },
                interfaces: Vec::new(),
                doubt: None,
                listeners: Vec::new(),
                listeners_doubt: None,
                cross_zone: thing.cross_zone_load_balancing_enabled.clone(),
                groups_filter_private_link: Attr::Known(true),
            });
            let key = said.name.as_ref().unwrap_or(&said.id).clone();
            self.announce(&key, place, balancer);
            self.name(said.id.clone(), said.arn.clone(), Node::Balancer(balancer));
            out.push(balancer);
        }
        out
    }

    /// Why balancers may have more interfaces than are seen: any zone without one.
    pub(super) fn balancer_doubts(
        &mut self,
        raw: &[Said<BalancerData>],
        classics: &[Said<ClassicData>],
        ids: &[Id<Balancer>],
    ) {
        for said in raw {
            let Some(Node::Balancer(at)) = self.find(said.arn.as_ref().unwrap_or(&said.id)) else {
                continue;
            };
            self.balancer_doubt(at, &said.thing.subnet_ids);
        }
        for (said, at) in classics.iter().zip(ids) {
            self.balancer_doubt(*at, &said.thing.subnet_ids);
        }
    }

    fn balancer_doubt(&mut self, at: Id<Balancer>, subnets: &Attr<Vec<String>>) {
        let balancer = &self.net.balancers[at];
        let mut doubt = self.gap(balancer.place, super::INTERFACES);
        match subnets.get() {
            Ok(subnets) => {
                let have: Vec<_> = balancer
                    .interfaces
                    .iter()
                    .map(|it| &*self.net.subnets[self.net.interfaces[*it].subnet].name)
                    .collect();
                for subnet in subnets.iter().filter(|id| !have.contains(&id.as_str())) {
                    let what = format!("the interface of {} in {subnet}", balancer.name);
                    least(&mut doubt, missing(&what));
                }
            }
            Err(cause) => least(&mut doubt, cause.clone()),
        }
        self.net.balancers[at].doubt = doubt;
    }

    pub(super) fn listeners(&mut self, raw: Vec<Said<RawListener>>, mut rules: Rules) {
        let mut lost: HashMap<Id<Place>, Cause> = HashMap::new();
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let balancer = match thing.balancer.get() {
                Ok(arn) => match self.find(arn) {
                    Some(Node::Balancer(balancer)) => balancer,
                    _ => continue,
                },
                Err(cause) => {
                    lost.entry(place).or_insert_with(|| cause.clone());
                    continue;
                }
            };
            let (traffic, traffic_doubt) = thing.traffic;
            let name = arn.unwrap_or(id);
            let (mut arns, mut doubt) = rules.0.remove(&name).unwrap_or_default();
            if self.net.balancers[balancer].kind == BalancerKind::Application
                && let Some(gap) = self.gap(place, RULES).or_else(|| rules.1.clone())
            {
                least(&mut doubt, gap);
            }
            arns.extend(thing.targets);
            if let Some(cause) = thing.doubt {
                least(&mut doubt, cause);
            }
            let mut targets = Vec::new();
            for arn in arns {
                match self.find(&arn) {
                    Some(Node::TargetGroup(group)) => targets.push(group),
                    _ => least(&mut doubt, self.absent(&arn, place, TARGET_GROUPS)),
                }
            }
            let listener = Listener { name, traffic, traffic_doubt, targets, doubt };
            self.net.balancers[balancer].listeners.push(listener);
        }
        for at in self.net.balancers.ids() {
            let place = self.net.balancers[at].place;
            let gap = self.gap(place, LISTENERS).or_else(|| lost.get(&place).cloned());
            let balancer = &mut self.net.balancers[at];
            if balancer.kind != BalancerKind::Classic
                && let Some(gap) = gap
            {
                least(&mut balancer.listeners_doubt, gap);
            }
            balancer.listeners.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }

    /// Target groups, with their targets.
    pub(super) fn target_groups(&mut self, raw: Vec<Said<TargetGroupData>>) {
        if raw.iter().any(|said| said.thing.target_type.known().is_none_or(|t| t == "ip")) {
            self.number_addresses();
        }
        for said in raw {
            let Said { id, arn, name, thing, .. } = said;
            let kind = match thing.target_type.known().map(String::as_str) {
                Some("instance") => TargetKind::Instance,
                Some("lambda") => TargetKind::Function,
                Some("alb") => TargetKind::Balancer,
                _ => TargetKind::Ip,
            };
            let protocol = thing.protocol.known().and_then(Option::as_deref);
            let mut doubt = thing.targets.get().err().cloned();
            let causes = [thing.target_type.get().err(), thing.protocol.get().err()];
            for cause in causes.into_iter().flatten() {
                least(&mut doubt, cause.clone());
            }
            let vpc = some(&thing.vpc_id).and_then(|vpc| self.vpc_named(vpc));
            let targets = thing.targets.known().into_iter().flatten();
            let mut targets: Vec<LoadTarget> = targets
                .filter_map(|target| self.load_target(target, kind, vpc, &thing.port, &mut doubt))
                .collect();
            targets.sort_by(|a, b| (&a.name, a.port).cmp(&(&b.name, b.port)));
            let group = self.net.target_groups.push(TargetGroup {
                name: arn.clone().unwrap_or_else(|| id.clone()),
                kind,
                protocols: match kind {
                    TargetKind::Function => Vec::new(),
                    // Where it is not known, the group's doubt says so.
                    _ => protocol.map_or_else(|| vec![TCP, UDP], |name| protocols(name).to_vec()),
                },
                targets,
                doubt,
                keeps_client: keeps_client(&thing, kind),
                cross_zone: match thing.cross_zone_enabled.get().map(Option::as_deref) {
                    Ok(Some("true")) => Attr::Known(Some(true)),
                    Ok(Some("false")) => Attr::Known(Some(false)),
                    Ok(_) => Attr::Known(None),
                    Err(cause) => Attr::Unknown(cause.clone()),
                },
            });
            self.name(id, arn, Node::TargetGroup(group));
            if let Some(name) = name {
                self.name(name, None, Node::TargetGroup(group));
            }
        }
    }

    /// Notes interfaces by VPC and single address, once.
    pub(super) fn number_addresses(&mut self) {
        if !self.by_addr.is_empty() {
            return;
        }
        let mut out = HashMap::with_capacity(self.net.interfaces.len());
        for (id, interface) in self.net.interfaces.iter() {
            for address in &interface.addresses {
                if address.range == Range::one(address.range.first) {
                    out.entry((interface.vpc, address.range.first)).or_insert(id);
                }
            }
        }
        self.by_addr = out;
    }

    fn load_target(
        &self,
        target: &TargetData,
        kind: TargetKind,
        vpc: Option<Id<Vpc>>,
        port: &Attr<Option<i64>>,
        doubt: &mut Option<Cause>,
    ) -> Option<LoadTarget> {
        let name = match target.target_id.get() {
            Ok(id) => id.as_str(),
            Err(cause) => {
                least(doubt, cause.clone());
                return None;
            }
        };
        let own = target.port.known().copied().flatten();
        if let (None, Attr::Unknown(cause)) = (own, port) {
            least(doubt, cause.clone());
        }
        let port = own.or_else(|| port.known().copied().flatten());
        let (mut addr, mut interface, mut balancer) = (None, None, None);
        match kind {
            TargetKind::Instance => {
                interface = self.primary.get(name).copied();
                addr = interface.and_then(|it| self.primary_addr(it));
            }
            TargetKind::Ip => {
                addr = parse(name, doubt);
                let key = vpc.zip(addr);
                interface = key.and_then(|key| self.by_addr.get(&key).copied());
            }
            TargetKind::Balancer => {
                balancer = match self.find(name) {
                    Some(Node::Balancer(balancer)) => Some(balancer),
                    _ => None,
                };
            }
            TargetKind::Function => {}
        }
        let (healthy, used) = health(target);
        let port = port.and_then(|port| u16::try_from(port).ok());
        Some(LoadTarget { name: name.into(), addr, interface, balancer, port, healthy, used })
    }

    /// The first address of an interface, IPv4 before IPv6.
    fn primary_addr(&self, interface: Id<Interface>) -> Option<Addr> {
        let addresses = &self.net.interfaces[interface].addresses;
        let single = |v6: bool| {
            let mut firsts = addresses.iter().map(|it| it.range.first);
            firsts.find(|addr| addr.is_v6() == v6)
        };
        self.primary_addrs
            .get(&interface)
            .copied()
            .or_else(|| single(false))
            .or_else(|| single(true))
    }

    /// A classic load balancer has no target groups; each of its listeners is given one.
    pub(super) fn classic_listeners(&mut self, raw: &[Said<ClassicData>], ids: &[Id<Balancer>]) {
        for (said, at) in raw.iter().zip(ids) {
            let listeners = match said.thing.listeners.get() {
                Ok(listeners) => listeners,
                Err(cause) => {
                    self.net.balancers[*at].listeners_doubt = Some(cause.clone());
                    continue;
                }
            };
            for listener in listeners {
                let outside = listener.load_balancer_port.get().map_err(Clone::clone);
                let outside = match outside.and_then(|port| port_of(*port)) {
                    Ok(port) => port,
                    Err(cause) => {
                        least(&mut self.net.balancers[*at].listeners_doubt, cause);
                        continue;
                    }
                };
                let inside = listener.instance_port.get().map_err(Clone::clone);
                let inside = inside.and_then(|port| port_of(*port));
                let name: Box<str> = format!("{}/TCP:{outside}", said.id).into();
                let group = self.classic_targets(name.clone(), &said.thing, inside);
                let listener = Listener {
                    name,
                    traffic: vec![Traffic::one(TCP, outside)],
                    traffic_doubt: None,
                    targets: vec![group],
                    doubt: None,
                };
                self.net.balancers[*at].listeners.push(listener);
            }
            self.net.balancers[*at].listeners.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }

    fn classic_targets(
        &mut self,
        name: Box<str>,
        balancer: &ClassicData,
        port: Result<u16, Cause>,
    ) -> Id<TargetGroup> {
        let mut doubt = balancer.instance_ids.get().err().cloned();
        if let Err(cause) = &port {
            least(&mut doubt, cause.clone());
        }
        let mut ids: Vec<_> = balancer.instance_ids.known().into_iter().flatten().collect();
        ids.sort_unstable();
        let targets = ids.into_iter().map(|id| {
            let interface = self.primary.get(id.as_str()).copied();
            LoadTarget {
                name: id.as_str().into(),
                addr: interface.and_then(|it| self.primary_addr(it)),
                interface,
                balancer: None,
                port: port.as_ref().ok().copied(),
                healthy: Attr::default(),
                used: Attr::Known(true),
            }
        });
        let group = TargetGroup {
            name,
            kind: TargetKind::Instance,
            protocols: vec![TCP],
            targets: targets.collect(),
            doubt,
            keeps_client: Attr::Known(false),
            cross_zone: Attr::Known(None),
        };
        self.net.target_groups.push(group)
    }
}

fn flag(attr: &Attr<Option<String>>, test: impl FnOnce(Option<&str>) -> bool) -> Attr<bool> {
    match attr.get() {
        Ok(value) => Attr::Known(test(value.as_deref())),
        Err(cause) => Attr::Unknown(cause.clone()),
    }
}

/// Whether health checks succeed, and whether the target is served at all.
fn health(target: &TargetData) -> (Attr<bool>, Attr<bool>) {
    match target.state.get().map(Option::as_deref) {
        // Without health checks every target counts as healthy.
        Ok(Some("healthy" | "unavailable")) => (Attr::Known(true), Attr::Known(true)),
        Ok(Some("initial" | "unhealthy" | "unhealthy.draining")) => {
            (Attr::Known(false), Attr::Known(true))
        }
        // A target that leaves gets no new connections.
        Ok(Some("unused" | "draining")) => (Attr::Known(false), Attr::Known(false)),
        Ok(_) => (Attr::default(), Attr::default()),
        Err(cause) => (Attr::Unknown(cause.clone()), Attr::Unknown(cause.clone())),
    }
}

/// Source: "Client IP preservation" in the guide to network load balancers.
fn keeps_client(group: &TargetGroupData, kind: TargetKind) -> Attr<bool> {
    if kind == TargetKind::Function {
        return Attr::Known(false);
    }
    let protocol = match group.protocol.get() {
        Ok(protocol) => protocol.as_deref().unwrap_or_default(),
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    match (protocol, group.preserve_client_ip_enabled.get()) {
        ("HTTP" | "HTTPS", _) => Attr::Known(false),
        // Not to be switched off.
        ("UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC" | "GENEVE", _) => Attr::Known(true),
        (_, _) if kind == TargetKind::Balancer => Attr::Known(true),
        (_, Ok(Some(flag))) => Attr::Known(*flag),
        (_, Ok(None)) => Attr::Known(kind == TargetKind::Instance),
        (_, Err(cause)) => Attr::Unknown(cause.clone()),
    }
}
