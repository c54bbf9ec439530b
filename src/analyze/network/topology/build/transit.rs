//! Transit gateways with their attachments and tables.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::said::{Fill, Said, fill, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    Attachment, AttachmentKind, Id, Node, Place, TransitGateway, TransitTable,
};
use crate::model::tgw::{
    TransitGateway as GatewayData, TransitGatewayAttachment, TransitGatewayRouteTable,
};
use crate::model::{Attr, Cause, CauseKind};

impl Fill for GatewayData {
    fn fill(&mut self, other: Self) {
        fill(&mut self.state, other.state);
        fill(
            &mut self.security_group_referencing_support,
            other.security_group_referencing_support,
        );
    }
}

impl Fill for TransitGatewayAttachment {
    /// Both ends of a peering may have one id.
    fn key(&self) -> Option<&str> {
        self.transit_gateway_id.known().map(String::as_str)
    }

    fn fill(&mut self, other: Self) {
        fill(&mut self.state, other.state);
        fill(&mut self.resource_type, other.resource_type);
        fill(&mut self.resource_id, other.resource_id);
        fill(&mut self.association_route_table_id, other.association_route_table_id);
        if !matches!(self.vpc, Attr::Known(Some(_))) && matches!(other.vpc, Attr::Known(Some(_))) {
            self.vpc = other.vpc;
        }
        if !matches!(self.peering, Attr::Known(Some(_)))
            && matches!(other.peering, Attr::Known(Some(_)))
        {
            self.peering = other.peering;
        }
    }
}

impl Fill for TransitGatewayRouteTable {
    fn fill(&mut self, other: Self) {
        fill(&mut self.routes, other.routes);
        fill(&mut self.prefix_list_references, other.prefix_list_references);
        fill(&mut self.associations, other.associations);
        fill(&mut self.propagations, other.propagations);
    }
}

const ATTACHMENTS: &str = "aws.ec2.transit_gateway_attachment";
const TABLES: &str = "aws.ec2.transit_gateway_route_table";

/// An account that shares a gateway sees its attachments, and never how they are routed.
pub(super) fn attachment(
    attachment: &TransitGatewayAttachment,
    speaker: &str,
) -> TransitGatewayAttachment {
    let mut out = attachment.clone();
    let owner = some(&attachment.transit_gateway_owner_id);
    if owner.is_some_and(|owner| owner != speaker)
        && out.association_route_table_id == Attr::Known(None)
    {
        out.association_route_table_id =
            Attr::unknown(CauseKind::NotCollected, "only the owner of a gateway sees associations");
    }
    out
}

impl Work<'_, '_> {
    pub(super) fn transit_gateways(
        &mut self,
        raw: Vec<Said<GatewayData>>,
        attachments: &[Said<TransitGatewayAttachment>],
        tables: &[Said<TransitGatewayRouteTable>],
    ) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            if !self.lives(&id, &thing.state, &["available", "modifying"]) {
                continue;
            }
            let place = self.spot(place);
            let references = match thing.security_group_referencing_support.get() {
                Ok(support) => Attr::Known(support.as_deref() == Some("enable")),
                Err(cause) => Attr::Unknown(cause.clone()),
            };
            let doubt = self.gap(place, ATTACHMENTS);
            self.transit_gateway(id, arn, place, references, doubt);
        }
        // A gateway that only its parts tell of.
        let of_attachments = attachments
            .iter()
            .filter_map(|said| Some((said.thing.transit_gateway_id.known()?, said.place)));
        let of_tables = tables
            .iter()
            .filter_map(|said| Some((said.thing.transit_gateway_id.known()?, said.place)));
        let mut parts = BTreeMap::new();
        for (id, place) in of_attachments.chain(of_tables) {
            parts.entry(id.as_str()).or_insert(place);
        }
        for (id, place) in parts {
            if self.find(id).is_none() && !self.ended.contains_key(id) {
                let cause = missing(id);
                let place = self.spot(place);
                let unknown = Attr::Unknown(cause.clone());
                self.transit_gateway(id.into(), None, place, unknown, Some(cause));
            }
        }
    }

    fn transit_gateway(
        &mut self,
        id: Box<str>,
        arn: Option<Box<str>>,
        place: Id<Place>,
        group_references: Attr<bool>,
        doubt: Option<Cause>,
    ) {
        let gateway = self.net.transit_gateways.push(TransitGateway {
            name: id.clone(),
            place,
            group_references,
            attachments: Vec::new(),
            doubt,
        });
        self.name(id, arn, Node::TransitGateway(gateway));
    }

    /// Tables, without their routes: these need the attachments, and those need the tables.
    pub(super) fn transit_tables(&mut self, raw: &[Said<TransitGatewayRouteTable>]) {
        for said in raw {
            if !self.lives(&said.id, &said.thing.state, &["available", "pending"]) {
                continue;
            }
            let gateway = said.thing.transit_gateway_id.known();
            let Some(Node::TransitGateway(gateway)) = gateway.and_then(|id| self.find(id)) else {
                continue;
            };
            let (routes, doubt, learned) = (Vec::new(), None, None);
            let table = TransitTable { name: said.id.clone(), gateway, routes, doubt, learned };
            let table = self.net.transit_tables.push(table);
            self.name(said.id.clone(), said.arn.clone(), Node::TransitTable(table));
        }
    }

    pub(super) fn attachments(
        &mut self,
        raw: &[Said<TransitGatewayAttachment>],
        tables: &[Said<TransitGatewayRouteTable>],
    ) {
        let links = Links::new(tables, self);
        for said in raw {
            let gateway = said.thing.transit_gateway_id.known();
            let Some(Node::TransitGateway(gateway)) = gateway.and_then(|id| self.find(id)) else {
                continue;
            };
            match said.thing.state.get().map(String::as_str) {
                Ok("available" | "modifying") => {}
                Ok(_) => {
                    self.ended.insert(said.id.clone(), Attr::Known(()));
                    continue;
                }
                Err(cause) => {
                    self.ended.insert(said.id.clone(), Attr::Unknown(cause.clone()));
                    least(&mut self.net.transit_gateways[gateway].doubt, cause.clone());
                    continue;
                }
            }
            if self.attachments.contains_key(&(gateway, said.id.clone())) {
                continue;
            }
            let kind = self.attachment_kind(said);
            let association = self.association(said, gateway, &links);
            let name = said.id.clone();
            let attachment = Attachment { name, gateway, kind, association };
            let attachment = self.net.attachments.push(attachment);
            self.net.transit_gateways[gateway].attachments.push(attachment);
            self.attachments.insert((gateway, said.id.clone()), attachment);
            self.name(said.id.clone(), said.arn.clone(), Node::Attachment(attachment));
        }
        self.join_peerings(raw);
    }

    fn attachment_kind(&self, said: &Said<TransitGatewayAttachment>) -> AttachmentKind {
        let thing = &said.thing;
        let kind = match thing.resource_type.get() {
            Ok(kind) => kind.as_str(),
            Err(cause) => return AttachmentKind::Beyond(cause.clone()),
        };
        match kind {
            "vpc" => self.vpc_attachment(said),
            // The other end is found when all ends are there.
            "peering" | "tgw-peering" => AttachmentKind::Peering(None),
            "vpn" | "direct-connect-gateway" | "connect" | "vpn-concentrator" => {
                AttachmentKind::Site(some(&thing.resource_id).unwrap_or(&said.id).into())
            }
            other => {
                let shown: String = other.chars().take(40).collect();
                let what = format!("attachment {} of kind {shown}", said.id);
                AttachmentKind::Beyond(Cause::new(CauseKind::NotUnderstood, what))
            }
        }
    }

    fn vpc_attachment(&self, said: &Said<TransitGatewayAttachment>) -> AttachmentKind {
        let details = match said.thing.vpc.get() {
            Ok(Some(vpc)) => Ok(vpc),
            Ok(None) => Err(missing(&format!("what {} has of its VPC", said.id))),
            Err(cause) => Err(cause.clone()),
        };
        let id = details.as_ref().ok().and_then(|vpc| vpc.vpc_id.known());
        let Some(name) = some(&said.thing.resource_id).or(id.map(String::as_str)) else {
            let cause = said.thing.resource_id.get().err().cloned();
            return AttachmentKind::Beyond(cause.unwrap_or_else(|| missing(&said.id)));
        };
        let subnets = details.as_ref().map_err(Clone::clone).and_then(|vpc| {
            let ids = vpc.subnet_ids.get().map_err(Clone::clone)?;
            let found = ids.iter().map(|id| self.subnet_named(id).ok_or_else(|| missing(id)));
            let mut found = found.collect::<Result<Vec<_>, _>>()?;
            found.sort_unstable();
            Ok(found)
        });
        let references = details.and_then(|vpc| {
            let support = vpc.security_group_referencing_support.get().map_err(Clone::clone)?;
            Ok(support.as_deref() != Some("disable"))
        });
        AttachmentKind::Vpc {
            name: name.into(),
            vpc: self.vpc_named(name),
            subnets: subnets.into(),
            group_references: references.into(),
        }
    }

    fn association(
        &self,
        said: &Said<TransitGatewayAttachment>,
        gateway: Id<TransitGateway>,
        links: &Links,
    ) -> Attr<Option<Id<TransitTable>>> {
        if let Some(table) = links.associated.get(&(gateway, said.id.clone())) {
            return Attr::Known(Some(*table));
        }
        let place = self.net.transit_gateways[gateway].place;
        let in_effect = match some(&said.thing.association_state) {
            Some(state) => state == "associated",
            None => true,
        };
        match said.thing.association_route_table_id.get() {
            Ok(Some(id)) if in_effect => match self.find(id) {
                Some(Node::TransitTable(table)) => Attr::Known(Some(table)),
                _ => Attr::Unknown(self.absent(id, place, TABLES)),
            },
            Ok(_) => Attr::Known(None),
            Err(cause) => {
                // Where every table tells its associations, one that none tells is none.
                let gap = self.gap(place, TABLES).or_else(|| links.doubts.get(&gateway).cloned());
                if gap.is_none() && links.complete.contains(&gateway) {
                    Attr::Known(None)
                } else {
                    Attr::Unknown(cause.clone())
                }
            }
        }
    }

    /// Finds the other ends of peerings.
    fn join_peerings(&mut self, raw: &[Said<TransitGatewayAttachment>]) {
        let mut ends = Vec::new();
        for said in raw {
            let kind = said.thing.resource_type.known().map(String::as_str);
            if !matches!(kind, Some("peering" | "tgw-peering")) {
                continue;
            }
            let local = said.thing.transit_gateway_id.known();
            let peering = said.thing.peering.known().and_then(Option::as_ref);
            let accepter = peering.and_then(|it| some(&it.accepter_transit_gateway_attachment_id));
            let sides = peering.map(|it| (it.requester.known(), it.accepter.known()));
            let sides = sides.map_or([None, None], |(a, b)| [a, b]);
            let named = sides.into_iter().flatten().filter_map(|s| some(&s.transit_gateway_id));
            let remote = named.into_iter().find(|id| local.is_none_or(|own| own != id));
            let remote = remote.or(some(&said.thing.resource_id));
            let gateway = |id: &str| match self.find(id) {
                Some(Node::TransitGateway(gateway)) => Some(gateway),
                _ => None,
            };
            let (Some(own), Some(other)) =
                (local.and_then(|id| gateway(id)), remote.and_then(gateway))
            else {
                continue;
            };
            if let Some(&at) = self.attachments.get(&(own, said.id.clone())) {
                ends.push((at, own, other, said.id.clone(), accepter.map(Box::<str>::from)));
            }
        }
        for (at, own, other, id, accepter) in &ends {
            let partner = ends.iter().find(|(_, their_own, their_other, their_id, theirs)| {
                their_own == other
                    && their_other == own
                    && (their_id == id
                        || accepter.as_ref() == Some(their_id)
                        || theirs.as_ref() == Some(id))
            });
            if let Some((partner, ..)) = partner {
                self.net.attachments[*at].kind = AttachmentKind::Peering(Some(*partner));
            }
        }
    }
}

/// Associations as tables tell them.
#[derive(Default)]
struct Links {
    associated: HashMap<(Id<TransitGateway>, Box<str>), Id<TransitTable>>,
    /// Gateways with a table that tells its associations.
    complete: HashSet<Id<TransitGateway>>,
    doubts: HashMap<Id<TransitGateway>, Cause>,
}

impl Links {
    fn new(tables: &[Said<TransitGatewayRouteTable>], work: &Work<'_, '_>) -> Self {
        let mut out = Self::default();
        for said in tables {
            let Some(Node::TransitTable(table)) = work.find(&said.id) else { continue };
            let gateway = work.net.transit_tables[table].gateway;
            match said.thing.associations.get() {
                Ok(links) => {
                    out.complete.insert(gateway);
                    for link in links {
                        let state = link.state.known().map(String::as_str);
                        let id = link.transit_gateway_attachment_id.known();
                        if let (Some("associated"), Some(id)) = (state, id) {
                            out.associated.insert((gateway, id.as_str().into()), table);
                        }
                    }
                }
                Err(cause) => {
                    let have = out.doubts.entry(gateway).or_insert_with(|| cause.clone());
                    if cause < have {
                        *have = cause.clone();
                    }
                }
            }
        }
        out
    }
}
