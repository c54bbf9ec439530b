//! Which route table and network ACL a subnet uses, and whether its packets find an internet gateway.

use super::peers::entries_of;
use crate::analyze::context::{Context, missing};
use crate::analyze::kleene::Doubt;
use crate::analyze::relations::Key;
use crate::ident::{AccountId, Region};
use crate::model::change::is_planned;
use crate::model::vpc::{Route, RouteTable};
use crate::model::{Attr, Cause, Data, Meta, Resource};
use crate::net::{Prefix, PrefixSet};

/// A subnet as other resources speak of it.
#[derive(Debug, Clone, Copy)]
pub struct Subnet<'a> {
    pub id: &'a str,
    pub vpc: Result<&'a str, &'a Cause>,
    pub account: &'a AccountId,
    pub region: &'a Region,
}

impl<'a> Subnet<'a> {
    /// A subnet that a resource names beside its VPC.
    pub fn named(id: &'a str, vpc: Result<&'a str, &'a Cause>, meta: &'a Meta) -> Self {
        Self { id, vpc, account: &meta.account, region: &meta.region }
    }

    /// What a subnet names itself, or else what its VPC holds ready for those that name nothing.
    fn own_or_default<'c>(
        self,
        own: Key,
        all: Key,
        context: &Context<'c>,
        is_default: fn(&Resource) -> Attr<bool>,
    ) -> Result<&'c Resource, Cause> {
        let found = context.find(own, self.id, self.account, self.region);
        if let Some(resource) = found.certain.first() {
            return Ok(resource);
        }
        if let Some(cause) = found.doubt.cause() {
            return Err(cause.clone());
        }
        let vpc = self.vpc.map_err(Clone::clone)?;
        let mut found = context.find(all, vpc, self.account, self.region);
        for resource in &found.certain {
            match is_default(resource) {
                Attr::Known(true) => return Ok(resource),
                Attr::Known(false) => {}
                Attr::Unknown(cause) => found.doubt.add(&cause),
            }
        }
        let none = || missing(&format!("what subnets of {vpc} use by default"));
        Err(found.doubt.cause().cloned().unwrap_or_else(none))
    }

    /// The route table in effect.
    pub fn route_table<'c>(self, context: &Context<'c>) -> Result<&'c Resource, Cause> {
        let main = |r: &Resource| match &r.data {
            Data::Ec2RouteTable(table) => table.main.clone(),
            _ => Attr::Known(false),
        };
        self.own_or_default(Key::RouteTableBySubnet, Key::RouteTableByVpc, context, main)
    }

    /// The network ACL in effect.
    pub fn network_acl<'c>(self, context: &Context<'c>) -> Result<&'c Resource, Cause> {
        let default = |r: &Resource| match &r.data {
            Data::Ec2NetworkAcl(acl) => acl.is_default.clone(),
            _ => Attr::Known(false),
        };
        self.own_or_default(Key::NetworkAclBySubnet, Key::NetworkAclByVpc, context, default)
    }

    /// Whether an active route leads to an internet gateway for destinations that make an internet.
    pub fn internet_route(self, context: &Context<'_>) -> Attr<bool> {
        match self.route_table(context) {
            Err(cause) => Attr::Unknown(cause),
            Ok(resource) => match &resource.data {
                Data::Ec2RouteTable(table) => leads_to_internet(table, &resource.meta, context),
                _ => Attr::Known(false),
            },
        }
    }
}

/// A destination that a table routes somewhere.
struct Way {
    /// Longer prefixes win, and among equal ones static routes win over prefix lists.
    rank: (u8, bool),
    to: PrefixSet,
    to_gateway: Attr<bool>,
}

/// Whether the routes to internet gateways, less what more specific routes lead elsewhere, make an internet.
fn leads_to_internet(table: &RouteTable, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let routes = match table.routes.get() {
        Ok(routes) => routes,
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    let mut ways = Vec::new();
    // Routes whose destination is not known: may they lead to a gateway, may they lead away from one?
    let (mut to_gateway, mut elsewhere) = (Doubt::default(), Doubt::default());
    for route in routes {
        let gateway = to_internet_gateway(route, meta, context);
        let (destinations, doubt) = destinations(route, meta, context);
        if let Some(cause) = doubt.cause() {
            if gateway != Attr::Known(false) {
                to_gateway.add(cause);
            }
            if gateway != Attr::Known(true) && !is_service_list(route) {
                elsewhere.add(cause);
            }
        }
        ways.extend(destinations.into_iter().map(|(prefix, is_static)| Way {
            rank: (prefix.length(), is_static),
            to: PrefixSet::of([&prefix]),
            to_gateway: gateway.clone(),
        }));
    }
    let reached = |certain: bool| {
        let mut all = PrefixSet::default();
        for way in ways.iter().filter(|w| holds(&w.to_gateway, certain)) {
            let mut own = way.to.clone();
            let beats = |w: &&Way| w.rank > way.rank && !holds(&w.to_gateway, !certain);
            for better in ways.iter().filter(beats) {
                own = own.minus(&better.to);
            }
            all = all.union(&own);
        }
        all
    };
    let (least, most) = (reached(true), reached(false));
    let surely = least.is_internet() && elsewhere.cause().is_none();
    if surely {
        return Attr::Known(true);
    }
    if !most.is_internet() && to_gateway.cause().is_none() {
        return Attr::Known(false);
    }
    let mut doubt = to_gateway;
    doubt.extend(elsewhere.cause());
    for way in &ways {
        doubt.extend(way.to_gateway.get().err());
    }
    doubt.or_known(false)
}

/// Whether a verdict holds: for sure, or at least possibly.
fn holds(verdict: &Attr<bool>, surely: bool) -> bool {
    match verdict {
        Attr::Known(value) => *value,
        Attr::Unknown(_) => !surely,
    }
}

fn to_internet_gateway(route: &Route, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let gateway = match route.gateway_id.get() {
        // The id of what does not exist yet does not tell what it is.
        Ok(Some(id)) if is_planned(id) => {
            let found = context.find(Key::InternetGateway, id, &meta.account, &meta.region);
            match (found.certain.is_empty(), found.doubt.cause()) {
                (true, Some(cause)) => return Attr::Unknown(cause.clone()),
                (none, _) => !none,
            }
        }
        Ok(Some(id)) => id.starts_with("igw-"),
        Ok(None) => false,
        Err(_) if another_target(route) => false,
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    if !gateway {
        return Attr::Known(false);
    }
    crate::analyze::kleene::test(&route.state, |state| state == "active")
}

/// A route has one target: where another is known, it is no gateway.
fn another_target(route: &Route) -> bool {
    [
        &route.nat_gateway_id,
        &route.transit_gateway_id,
        &route.vpc_peering_connection_id,
        &route.network_interface_id,
        &route.instance_id,
        &route.egress_only_internet_gateway_id,
        &route.carrier_gateway_id,
        &route.local_gateway_id,
        &route.core_network_arn,
    ]
    .iter()
    .any(|target| matches!(target, Attr::Known(Some(_))))
}

/// Gateway endpoints are routed by lists of one service's addresses, which never cover the internet.
fn is_service_list(route: &Route) -> bool {
    match (&route.gateway_id, &route.destination_prefix_list_id) {
        // The list of an endpoint that does not exist yet is named after it.
        (Attr::Known(Some(id)), Attr::Known(Some(list))) => {
            id.starts_with("vpce-") || is_planned(id) && list.starts_with(id.as_str())
        }
        _ => false,
    }
}

/// The destinations of a route, each with whether it is static. A route has exactly one, so the one known decides.
fn destinations(route: &Route, meta: &Meta, context: &Context<'_>) -> (Vec<(Prefix, bool)>, Doubt) {
    let mut doubt = Doubt::default();
    for prefix in [&route.destination_cidr_block, &route.destination_ipv6_cidr_block] {
        match prefix {
            Attr::Known(Some(prefix)) => return (vec![(*prefix, true)], Doubt::default()),
            Attr::Known(None) => {}
            Attr::Unknown(cause) => doubt.add(cause),
        }
    }
    match route.destination_prefix_list_id.get() {
        Ok(Some(id)) => {
            let (entries, doubt) = entries_of(id, &meta.account, &meta.region, context);
            (entries.into_iter().map(|prefix| (prefix, false)).collect(), doubt)
        }
        Ok(None) => (Vec::new(), doubt),
        Err(cause) => {
            doubt.add(cause);
            (Vec::new(), doubt)
        }
    }
}
