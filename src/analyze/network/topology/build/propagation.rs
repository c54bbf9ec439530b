//! The routes of transit gateways: those listed, those to prefix lists, and those that follow from propagation.

use std::collections::{HashMap, HashSet};

use super::said::{Fill, Said, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    Attachment, AttachmentKind, Id, Learned, Node, Place, TransitGateway, TransitRoute,
    TransitTarget,
};
use crate::model::remote_access::VpnConnection;
use crate::model::tgw::{
    TransitGatewayAttachment, TransitGatewayPrefixListReference, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayTableLink,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::addr::Range;
use crate::net::{AddrSet, Prefix};

impl Fill for VpnConnection {}

const VPNS: &str = "aws.ec2.vpn_connection";
const ATTACHMENTS: &str = "aws.ec2.transit_gateway_attachment";

impl Work<'_, '_> {
    /// Fills the tables.
    pub(super) fn transit_routes(
        &mut self,
        raw: Vec<Said<TransitGatewayRouteTable>>,
        attachments: &[Said<TransitGatewayAttachment>],
        vpns: &StaticRoutes,
    ) {
        let without_v6: HashSet<&str> = attachments
            .iter()
            .filter(|said| {
                let vpc = said.thing.vpc.known().and_then(Option::as_ref);
                vpc.is_some_and(|vpc| some(&vpc.ipv6_support) == Some("disable"))
            })
            .map(|said| &*said.id)
            .collect();
        for said in raw {
            let Some(Node::TransitTable(table)) = self.find(&said.id) else { continue };
            let gateway = self.net.transit_tables[table].gateway;
            let place = self.net.transit_gateways[gateway].place;
            let mut fill = Filling {
                gateway,
                place,
                routes: Vec::new(),
                doubt: None,
                gap: None,
                learned: None,
            };
            self.listed(&said.thing, &mut fill);
            self.references(&said.thing, &mut fill);
            self.propagated(&said.thing, &without_v6, vpns, &mut fill);
            fill.routes.sort_by(|a, b| {
                let key = |r: &TransitRoute| (r.destination, r.rank, r.label.clone());
                key(a).cmp(&key(b))
            });
            fill.routes.dedup_by(|b, a| {
                let targets = (&a.target, &b.target);
                let same = matches!(targets, (TransitTarget::Attachments(a), TransitTarget::Attachments(b)) if a == b);
                same && (a.destination, a.rank, &a.label) == (b.destination, b.rank, &b.label)
            });
            let blocks = self.blocks_at(gateway);
            let learned = fill.learned.map(|cause| Learned { cause, blocks });
            let table = &mut self.net.transit_tables[table];
            (table.routes, table.doubt, table.learned) = (fill.routes, fill.doubt, learned);
        }
    }

    /// The known blocks of the VPCs attached to a gateway, or to one that it is peered with.
    fn blocks_at(&self, gateway: Id<TransitGateway>) -> AddrSet {
        let attachments = |gateway: Id<TransitGateway>| {
            let ids = self.net.transit_gateways[gateway].attachments.iter();
            ids.map(|id| &self.net.attachments[*id])
        };
        let peers = attachments(gateway).filter_map(|attachment| match attachment.kind {
            AttachmentKind::Peering(Some(other)) => Some(self.net.attachments[other].gateway),
            _ => None,
        });
        let all = std::iter::once(gateway).chain(peers).flat_map(attachments);
        let blocks = all.filter_map(|attachment| self.blocks.get(attachment.vpc()?.at())?.known());
        AddrSet::of_prefixes(blocks.flatten())
    }

    fn listed(&self, table: &TransitGatewayRouteTable, fill: &mut Filling) {
        let routes = match table.routes.get() {
            Ok(routes) => routes,
            Err(cause) => return least(&mut fill.doubt, cause.clone()),
        };
        for route in routes {
            let prefix = match route.destination_cidr_block.get() {
                Ok(Some(prefix)) => *prefix,
                // A prefix list as such: its entries come by the references.
                Ok(None) => continue,
                Err(cause) => {
                    let propagated = route.route_type.known().is_some_and(|it| it == "propagated");
                    let doubt = if propagated { &mut fill.gap } else { &mut fill.doubt };
                    least(doubt, cause.clone());
                    continue;
                }
            };
            let Some(target) = self.transit_target(route, fill) else { continue };
            let list = some(&route.prefix_list_id);
            fill.routes.push(TransitRoute {
                destination: prefix.into(),
                label: list.map_or_else(|| prefix.to_string().into(), Into::into),
                rank: rank(route),
                target,
            });
        }
    }

    fn transit_target(&self, route: &TransitGatewayRoute, fill: &Filling) -> Option<TransitTarget> {
        match route.state.get().map(String::as_str) {
            Ok("active") => {}
            Ok("blackhole") => return Some(TransitTarget::Blackhole),
            Ok(_) => return None,
            Err(cause) => return Some(TransitTarget::Unknown(cause.clone())),
        }
        let list = match route.attachments.get() {
            Ok(list) => list,
            Err(cause) => return Some(TransitTarget::Unknown(cause.clone())),
        };
        let mut found = Vec::new();
        for attachment in list {
            match attachment.transit_gateway_attachment_id.get() {
                Ok(Some(id)) => match self.attachments.get(&(fill.gateway, id.as_str().into())) {
                    Some(at) => found.push(*at),
                    None => return Some(TransitTarget::Unknown(self.no_attachment(id, fill))),
                },
                Ok(None) => {}
                Err(cause) => return Some(TransitTarget::Unknown(cause.clone())),
            }
        }
        found.sort_unstable();
        if found.is_empty() {
            return Some(TransitTarget::Unknown(missing("the attachment of a route")));
        }
        Some(TransitTarget::Attachments(found))
    }

    fn no_attachment(&self, id: &str, fill: &Filling) -> Cause {
        self.absent(id, fill.place, ATTACHMENTS)
    }

    /// Routes to prefix lists. AWS lists their entries among the routes as well.
    fn references(&mut self, table: &TransitGatewayRouteTable, fill: &mut Filling) {
        let references = match table.prefix_list_references.get() {
            Ok(list) => list,
            Err(cause) => {
                // Routes that were searched hold them already.
                if table.routes.known().is_none() {
                    least(&mut fill.doubt, cause.clone());
                }
                return;
            }
        };
        let mut references: Vec<_> = references.iter().collect();
        references.sort_by(|a, b| a.prefix_list_id.cmp(&b.prefix_list_id));
        for reference in references {
            let state = reference.state.known().and_then(Option::as_deref);
            if matches!(state, Some("deleting")) {
                continue;
            }
            match reference.prefix_list_id.get() {
                Ok(id) => self.reference_to(id, reference, fill),
                Err(cause) => least(&mut fill.doubt, cause.clone()),
            }
        }
    }

    fn reference_to(
        &mut self,
        id: &str,
        reference: &TransitGatewayPrefixListReference,
        fill: &mut Filling,
    ) {
        if fill.routes.iter().any(|route| &*route.label == id) {
            return;
        }
        let list = self.list(id, fill.place);
        if let Some(cause) = self.net.lists[list].doubt.clone() {
            least(&mut fill.doubt, cause);
        }
        let target =
            match (reference.blackhole.get(), some(&reference.transit_gateway_attachment_id)) {
                (Ok(true), _) => TransitTarget::Blackhole,
                (_, Some(id)) => match self.attachments.get(&(fill.gateway, id.into())) {
                    Some(at) => TransitTarget::Attachments(vec![*at]),
                    None => TransitTarget::Unknown(self.no_attachment(id, fill)),
                },
                (Err(cause), None) => TransitTarget::Unknown(cause.clone()),
                (Ok(false), None) => {
                    TransitTarget::Unknown(missing("the attachment of a prefix list"))
                }
            };
        let have: HashSet<Range> =
            fill.routes.iter().filter(|r| r.rank <= 1).map(|r| r.destination).collect();
        for prefix in self.entries.get(list.at()).into_iter().flatten() {
            if !have.contains(&Range::from(*prefix)) {
                fill.routes.push(TransitRoute {
                    destination: Range::from(*prefix),
                    label: id.into(),
                    rank: 1,
                    target: target.clone(),
                });
            }
        }
    }

    /// What attachments propagate: VPCs their blocks, whether listed or not; of all others only what is listed is known.
    fn propagated(
        &self,
        table: &TransitGatewayRouteTable,
        without_v6: &HashSet<&str>,
        vpns: &StaticRoutes,
        fill: &mut Filling,
    ) {
        let listed = fill.routes.iter().filter(|route| route.rank > 1);
        let listed = listed.filter_map(|route| match &route.target {
            TransitTarget::Attachments(list) => Some(list.clone()),
            _ => None,
        });
        let listed: HashSet<Id<Attachment>> = listed.flatten().collect();
        // AWS lists all or nothing of what is propagated; whoever says that some of it is missing left out any of it.
        let whole = !listed.is_empty() && fill.gap.is_none();
        let links = match table.propagations.get() {
            Ok(links) => links,
            Err(cause) => {
                if !whole {
                    least(&mut fill.doubt, fill.gap.clone().unwrap_or_else(|| cause.clone()));
                }
                return;
            }
        };
        for link in links {
            match enabled(link) {
                Ok(None) => {}
                Ok(Some(id)) => match self.attachments.get(&(fill.gateway, id.into())) {
                    Some(at) if whole && (listed.contains(at) || self.is_site(*at)) => {}
                    Some(at) => self.implied(*at, without_v6.contains(id), vpns, fill),
                    None if matches!(self.ended.get(id), Some(Attr::Known(()))) => {}
                    None => {
                        let cause = self.no_attachment(id, fill);
                        least(&mut fill.doubt, cause);
                    }
                },
                Err(cause) => least(&mut fill.doubt, cause),
            }
        }
    }

    fn is_site(&self, attachment: Id<Attachment>) -> bool {
        matches!(self.net.attachments[attachment].kind, AttachmentKind::Site(_))
    }

    fn implied(
        &self,
        attachment: Id<Attachment>,
        v4_only: bool,
        vpns: &StaticRoutes,
        fill: &mut Filling,
    ) {
        let name = &self.net.attachments[attachment].name;
        let unlisted = || {
            let what = format!("the routes that {name} propagates");
            Cause::new(CauseKind::NotCollected, what)
        };
        let vpc = match &self.net.attachments[attachment].kind {
            AttachmentKind::Vpc { vpc, .. } => vpc,
            AttachmentKind::Site(site) if vpns.contains_key(site) => {
                for prefix in vpns.get(site).into_iter().flatten() {
                    fill.routes.push(propagated_route(*prefix, attachment, 5));
                }
                return;
            }
            AttachmentKind::Site(_) => return least(&mut fill.learned, unlisted()),
            _ => return least(&mut fill.doubt, unlisted()),
        };
        match vpc.and_then(|vpc| self.blocks.get(vpc.at())) {
            Some(Attr::Known(blocks)) => {
                for prefix in blocks.iter().filter(|prefix| !(v4_only && prefix.is_v6())) {
                    fill.routes.push(propagated_route(*prefix, attachment, 2));
                }
            }
            Some(Attr::Unknown(cause)) => least(&mut fill.doubt, cause.clone()),
            None => least(&mut fill.doubt, unlisted()),
        }
    }
}

fn propagated_route(prefix: Prefix, attachment: Id<Attachment>, rank: u8) -> TransitRoute {
    TransitRoute {
        destination: prefix.into(),
        label: prefix.to_string().into_boxed_str(),
        rank,
        target: TransitTarget::Attachments(vec![attachment]),
    }
}

/// The id of an attachment whose propagation is on.
fn enabled(link: &TransitGatewayTableLink) -> Result<Option<&str>, Cause> {
    let state = link.state.get().map_err(Clone::clone)?;
    if state != "enabled" {
        return Ok(None);
    }
    link.transit_gateway_attachment_id.get().map(|id| Some(id.as_str())).map_err(Clone::clone)
}

fn rank(route: &TransitGatewayRoute) -> u8 {
    if route.route_type.known().is_none_or(|kind| kind != "propagated") {
        return u8::from(some(&route.prefix_list_id).is_some());
    }
    let first = route.attachments.known().and_then(|list| list.first());
    match first.and_then(|it| some(&it.resource_type)) {
        Some("direct-connect-gateway") => 3,
        Some("connect") => 4,
        Some("vpn" | "vpn-concentrator") => 5,
        Some("peering" | "tgw-peering") => 6,
        _ => 2,
    }
}

/// The prefixes behind VPN connections that know them by writing alone.
pub(super) type StaticRoutes = HashMap<Box<str>, Vec<Prefix>>;

/// Those of connections all of whose routes are known.
pub(super) fn static_routes(raw: Vec<Said<VpnConnection>>) -> StaticRoutes {
    let known = raw.into_iter().filter_map(|said| Some((written(&said.thing)?, said.id)));
    known.map(|(prefixes, id)| (id, prefixes)).collect()
}

/// The routes of a connection, if all of them were written down and are known.
fn written(vpn: &VpnConnection) -> Option<Vec<Prefix>> {
    if vpn.static_routes_only != Attr::Known(Some(true)) {
        return None;
    }
    let routes = vpn.routes.known()?.iter();
    let active = routes.filter(|it| some(&it.state).is_none_or(|s| s == "available"));
    active.map(|route| route.destination_cidr_block.known().copied()).collect()
}

impl Work<'_, '_> {
    /// What is behind virtual private gateways all of whose connections have their routes written down.
    pub(super) fn behind_vpn(&mut self, raw: &[Said<VpnConnection>]) {
        let mut all: HashMap<&str, Option<Vec<Prefix>>> = HashMap::new();
        for said in raw {
            let vpn = &said.thing;
            if matches!(vpn.state.known().map(String::as_str), Some("deleting" | "deleted")) {
                continue;
            }
            match vpn.vpn_gateway_id.get() {
                Ok(None) => {}
                Ok(Some(gateway)) => {
                    let have = all.entry(gateway).or_insert_with(|| Some(Vec::new()));
                    *have = have.take().zip(written(vpn)).map(|(have, more)| [have, more].concat());
                }
                // It may be a connection of any of them.
                Err(_) => return,
            }
        }
        let vpcs: Vec<_> = self.net.vpcs.ids().collect();
        for vpc in vpcs {
            let found = &self.net.vpcs[vpc];
            let gateway = found.vpn_gateway.known().and_then(Option::as_deref);
            let prefixes = gateway.and_then(|gateway| all.get(gateway).cloned().flatten());
            if self.gap(found.place, VPNS).is_none() {
                self.net.vpcs[vpc].behind_vpn =
                    prefixes.map(|prefixes| AddrSet::of_prefixes(&prefixes));
            }
        }
    }
}

/// A table while its routes are put together.
struct Filling {
    gateway: Id<TransitGateway>,
    place: Id<Place>,
    routes: Vec<TransitRoute>,
    doubt: Option<Cause>,
    /// Why the list lacks routes that are propagated.
    gap: Option<Cause>,
    /// Why sites may have announced more.
    learned: Option<Cause>,
}
