//! Rules and routes in compact form, read from resources that are dropped afterwards.

use super::said::{Fill, Word, Words, fill, least, some, text, texts};
use crate::analyze::context::missing;
use crate::analyze::network::topology::{AclRule, Origin, RouteState};
use crate::model::vpc::{
    ManagedPrefixList, NetworkAcl, NetworkAclEntry, Route, RouteTable, SecurityGroup,
    SecurityGroupRule,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::traffic::{self, ICMP, ICMPV6, TCP, UDP};
use crate::net::{AddrSet, Ports, Prefix, Traffic};

/// A security group as stated.
#[derive(Debug)]
pub(super) struct RawGroup {
    pub(super) vpc: Attr<Option<Box<str>>>,
    pub(super) ingress: Attr<Vec<RawRule>>,
    pub(super) egress: Attr<Vec<RawRule>>,
}

/// A rule whose references are not resolved.
#[derive(Debug)]
pub(super) struct RawRule {
    pub(super) name: Option<Box<str>>,
    pub(super) traffic: Result<Traffic, Cause>,
    pub(super) peer: RawPeer,
}

/// Whom a rule speaks of, by id.
#[derive(Debug)]
pub(super) enum RawPeer {
    Addresses(Prefix),
    List(Word),
    Group { id: Word, account: Option<Word>, peering: Option<Word> },
    Unknown(Cause),
}

impl Fill for RawGroup {
    fn fill(&mut self, other: Self) {
        fill(&mut self.vpc, other.vpc);
        fill(&mut self.ingress, other.ingress);
        fill(&mut self.egress, other.egress);
    }
}

pub(super) fn group(group: &SecurityGroup, words: &mut Words) -> RawGroup {
    let mut rules = |rules: &Attr<Vec<SecurityGroupRule>>| match rules.get() {
        Ok(rules) => Attr::Known(rules.iter().map(|r| rule(r, words)).collect()),
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    RawGroup {
        ingress: rules(&group.ingress),
        egress: rules(&group.egress),
        vpc: group.vpc_id.clone().map(|id| id.map(String::into_boxed_str)),
    }
}

fn rule(rule: &SecurityGroupRule, words: &mut Words) -> RawRule {
    RawRule {
        name: some(&rule.rule_id).map(Into::into),
        traffic: traffic(&rule.protocol, &rule.ports, &rule.icmp_type, &rule.icmp_code),
        peer: peer(rule, words),
    }
}

/// A rule has exactly one of prefix, list and group, so that the one that is known decides.
fn peer(rule: &SecurityGroupRule, words: &mut Words) -> RawPeer {
    if let Attr::Known(Some(prefix)) = &rule.cidr {
        return RawPeer::Addresses(*prefix);
    }
    if let Some(id) = some(&rule.prefix_list_id) {
        return RawPeer::List(words.of(id));
    }
    if let Some(id) = some(&rule.group_id) {
        return RawPeer::Group {
            id: words.of(id),
            account: some(&rule.group_account).map(|text| words.of(text)),
            peering: some(&rule.peering_connection_id).map(|text| words.of(text)),
        };
    }
    let mut doubt = None;
    let causes =
        [rule.cidr.get().err(), rule.prefix_list_id.get().err(), rule.group_id.get().err()];
    for cause in causes.into_iter().flatten() {
        least(&mut doubt, cause.clone());
    }
    let nobody = || Cause::new(CauseKind::NotUnderstood, "a rule without source or destination");
    RawPeer::Unknown(doubt.unwrap_or_else(nobody))
}

/// The packets of a rule of a group or an entry of a network ACL.
///
/// # Errors
/// The cause, when a field that matters is unknown.
pub(super) fn traffic(
    protocol: &Attr<String>,
    ports: &Attr<Ports>,
    icmp_type: &Attr<Option<i64>>,
    icmp_code: &Attr<Option<i64>>,
) -> Result<Traffic, Cause> {
    let name = protocol.get().map_err(Clone::clone)?;
    let number =
        traffic::protocol(name).map_err(|why| Cause::new(CauseKind::NotUnderstood, why))?;
    Ok(match number {
        None => Traffic::ALL,
        Some(number @ (TCP | UDP)) => Traffic::new(number, *ports.get().map_err(Clone::clone)?),
        Some(number @ (ICMP | ICMPV6)) => Traffic::new(number, icmp(icmp_type, icmp_code)?),
        // Other protocols have no ports, and what AWS stores for them is ignored.
        Some(number) => Traffic::protocol(number),
    })
}

fn icmp(kind: &Attr<Option<i64>>, code: &Attr<Option<i64>>) -> Result<Ports, Cause> {
    let byte = |value: i64| u16::from(u8::try_from(value).unwrap_or(u8::MAX));
    // Minus one says "any", as absence does.
    let kind = kind.get().map_err(Clone::clone)?.filter(|kind| *kind >= 0);
    let Some(kind) = kind else { return Ok(Ports::ALL) };
    let high = byte(kind) << 8;
    let code = code.get().map_err(Clone::clone)?.filter(|code| *code >= 0);
    Ok(match code {
        Some(code) => Ports::new(high | byte(code), high | byte(code)),
        None => Ports::new(high, high | 0xff),
    })
}

/// A network ACL as stated; its rules need nothing else.
#[derive(Debug)]
pub(super) struct RawAcl {
    pub(super) vpc: Attr<Box<str>>,
    pub(super) is_default: Attr<bool>,
    pub(super) subnets: Attr<Vec<Box<str>>>,
    pub(super) ingress: Vec<AclRule>,
    pub(super) egress: Vec<AclRule>,
    pub(super) doubt: Option<Cause>,
}

impl Fill for RawAcl {
    fn fill(&mut self, other: Self) {
        fill(&mut self.vpc, other.vpc);
        fill(&mut self.is_default, other.is_default);
        fill(&mut self.subnets, other.subnets);
        if self.doubt.is_some() && other.doubt.is_none() {
            (self.ingress, self.egress, self.doubt) = (other.ingress, other.egress, None);
        }
    }
}

pub(super) fn acl(acl: &NetworkAcl) -> RawAcl {
    let mut out = RawAcl {
        vpc: text(&acl.vpc_id),
        is_default: acl.is_default.clone(),
        subnets: texts(&acl.associated_subnet_ids),
        ingress: Vec::new(),
        egress: Vec::new(),
        doubt: acl.entries.get().err().cloned(),
    };
    for entry in acl.entries.known().into_iter().flatten() {
        match (entry.egress.get(), entry.rule_number.get()) {
            (Ok(egress), Ok(number)) => {
                let rules = if *egress { &mut out.egress } else { &mut out.ingress };
                rules.push(entry_of(entry, *number));
            }
            // Without its direction or place in the order an entry may decide anything.
            (Err(cause), _) | (_, Err(cause)) => least(&mut out.doubt, cause.clone()),
        }
    }
    // Rows of both families may carry one number; the family then tells them apart.
    let order = |a: &AclRule, b: &AclRule| (a.number, &a.peers).cmp(&(b.number, &b.peers));
    out.ingress.sort_by(order);
    out.egress.sort_by(order);
    out
}

fn entry_of(entry: &NetworkAclEntry, number: i64) -> AclRule {
    let allow = match entry.rule_action.get().map(String::as_str) {
        Ok("allow") => Attr::Known(true),
        Ok("deny") => Attr::Known(false),
        Ok(_) => Attr::unknown(CauseKind::NotUnderstood, "the action of an entry"),
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    AclRule {
        number,
        allow,
        traffic: traffic(&entry.protocol, &entry.ports, &entry.icmp_type, &entry.icmp_code),
        peers: entry.cidr.clone().map(AddrSet::of_prefix),
    }
}

/// A prefix list as stated.
#[derive(Debug)]
pub(super) struct RawList {
    pub(super) entries: Vec<Prefix>,
    pub(super) doubt: Option<Cause>,
}

impl Fill for RawList {
    fn fill(&mut self, other: Self) {
        if self.doubt.is_some() && other.doubt.is_none() {
            *self = other;
        }
    }
}

pub(super) fn list(list: &ManagedPrefixList) -> RawList {
    let mut out = RawList { entries: Vec::new(), doubt: list.entries.get().err().cloned() };
    for entry in list.entries.known().into_iter().flatten() {
        match entry.cidr.get() {
            Ok(prefix) => out.entries.push(*prefix),
            Err(cause) => least(&mut out.doubt, cause.clone()),
        }
    }
    out.entries.sort_unstable();
    out.entries.dedup();
    out
}

/// A route table as stated.
#[derive(Debug)]
pub(super) struct RawTable {
    pub(super) vpc: Attr<Box<str>>,
    pub(super) main: Attr<bool>,
    pub(super) subnets: Attr<Vec<Box<str>>>,
    pub(super) gateways: Attr<Vec<Box<str>>>,
    pub(super) routes: Vec<RawRoute>,
    pub(super) doubt: Option<Cause>,
}

/// A route whose references are not resolved.
#[derive(Debug)]
pub(super) struct RawRoute {
    pub(super) destination: RawDestination,
    pub(super) target: RawTarget,
    pub(super) origin: Origin,
    pub(super) state: RouteState,
}

/// Where to.
#[derive(Debug)]
pub(super) enum RawDestination {
    Prefix(Prefix),
    List(Word),
    Unknown(Cause),
}

/// By way of what.
#[derive(Debug)]
pub(super) enum RawTarget {
    Gateway(Word),
    Nat(Word),
    TransitGateway(Word),
    Peering(Word),
    Interface(Word),
    Instance(Word),
    EgressOnly(Word),
    /// Something that is not analysed further.
    Other(&'static str, Word),
    Unknown(Cause),
}

impl Fill for RawTable {
    fn fill(&mut self, other: Self) {
        fill(&mut self.vpc, other.vpc);
        fill(&mut self.main, other.main);
        fill(&mut self.subnets, other.subnets);
        fill(&mut self.gateways, other.gateways);
        if self.doubt.is_some() && other.doubt.is_none() {
            (self.routes, self.doubt) = (other.routes, None);
        }
    }
}

pub(super) fn table(table: &RouteTable, words: &mut Words) -> RawTable {
    let mut out = RawTable {
        vpc: text(&table.vpc_id),
        main: table.main.clone(),
        subnets: texts(&table.associated_subnet_ids),
        gateways: texts(&table.associated_gateway_ids),
        routes: Vec::new(),
        doubt: table.routes.get().err().cloned(),
    };
    associations(table, &mut out);
    for route in table.routes.known().into_iter().flatten() {
        // A route that a route server filtered is not in effect.
        if route.state.known().is_some_and(|state| state == "filtered") {
            continue;
        }
        out.routes.push(raw_route(route, words));
    }
    out
}

/// Associations say more than the bare ids: whether they are in effect.
fn associations(table: &RouteTable, out: &mut RawTable) {
    let Ok(list) = table.associations.get() else { return };
    let (mut subnets, mut gateways) = (Vec::new(), Vec::new());
    let mut doubt = None;
    for association in list {
        if some(&association.state).is_some_and(|state| state != "associated") {
            continue;
        }
        if association.main == Attr::Known(true) {
            fill(&mut out.main, Attr::Known(true));
        }
        for (field, ids) in
            [(&association.subnet_id, &mut subnets), (&association.gateway_id, &mut gateways)]
        {
            match field.get() {
                Ok(Some(id)) => ids.push(id.as_str().into()),
                Ok(None) => {}
                Err(cause) => least(&mut doubt, cause.clone()),
            }
        }
    }
    if doubt.is_none() {
        (out.subnets, out.gateways) = (Attr::Known(subnets), Attr::Known(gateways));
    }
}

fn raw_route(route: &Route, words: &mut Words) -> RawRoute {
    let origin = match route.origin.known().map(String::as_str) {
        Some("EnableVgwRoutePropagation" | "Advertisement") => Origin::Propagated,
        _ => Origin::Static,
    };
    let state = match route.state.get().map(String::as_str) {
        Ok("active") => RouteState::Active,
        Ok("blackhole") => RouteState::Blackhole,
        Ok(other) => {
            let shown: String = other.chars().take(40).collect();
            RouteState::Unknown(Cause::new(CauseKind::NotUnderstood, format!("state {shown}")))
        }
        Err(cause) => RouteState::Unknown(cause.clone()),
    };
    RawRoute { destination: destination(route, words), target: target(route, words), origin, state }
}

/// A route has exactly one destination, so that the one that is known decides.
fn destination(route: &Route, words: &mut Words) -> RawDestination {
    let mut doubt = None;
    for prefix in [&route.destination_cidr_block, &route.destination_ipv6_cidr_block] {
        match prefix.get() {
            Ok(Some(prefix)) => return RawDestination::Prefix(*prefix),
            Ok(None) => {}
            Err(cause) => least(&mut doubt, cause.clone()),
        }
    }
    match route.destination_prefix_list_id.get() {
        Ok(Some(id)) => return RawDestination::List(words.of(id)),
        Ok(None) => {}
        Err(cause) => least(&mut doubt, cause.clone()),
    }
    RawDestination::Unknown(doubt.unwrap_or_else(|| missing("the destination of a route")))
}

/// A route has exactly one target, so that the one that is known decides.
fn target(route: &Route, words: &mut Words) -> RawTarget {
    type Make = fn(Word) -> RawTarget;
    // Of an instance the interface is named beside it, and says more.
    let fields: [(&Attr<Option<String>>, Make); 12] = [
        (&route.gateway_id, RawTarget::Gateway),
        (&route.nat_gateway_id, RawTarget::Nat),
        (&route.transit_gateway_id, RawTarget::TransitGateway),
        (&route.vpc_peering_connection_id, RawTarget::Peering),
        (&route.network_interface_id, RawTarget::Interface),
        (&route.instance_id, RawTarget::Instance),
        (&route.egress_only_internet_gateway_id, RawTarget::EgressOnly),
        (&route.carrier_gateway_id, |id| RawTarget::Other("carrier gateway", id)),
        (&route.local_gateway_id, |id| RawTarget::Other("local gateway", id)),
        (&route.core_network_arn, |id| RawTarget::Other("core network", id)),
        (&route.odb_network_arn, |id| RawTarget::Other("Oracle database network", id)),
        (&route.ip_address, |id| RawTarget::Other("next hop of a route server", id)),
    ];
    let mut doubt = None;
    for (field, make) in fields {
        match field.get() {
            Ok(Some(id)) => return make(words.of(id)),
            Ok(None) => {}
            Err(cause) => least(&mut doubt, cause.clone()),
        }
    }
    let none = || Cause::new(CauseKind::NotUnderstood, "a route without a target");
    RawTarget::Unknown(doubt.unwrap_or_else(none))
}
