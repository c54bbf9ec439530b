//! Through transit gateways.

use super::gateway::LONGEST;
use super::walk::{Arrival, End, Walk};
use super::{Faults, Tracer};
use crate::analyze::network::packet::{Code, Step, Touch, Verdict};
use crate::analyze::network::topology::{
    Attachment, AttachmentKind, Id, Learned, Node, Subnet, TransitGateway, TransitRoute,
    TransitTable, TransitTarget,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::Addr;

impl Tracer<'_> {
    /// From a VPC into a gateway, by the attachment that has a subnet in the sender's zone.
    pub(super) fn into_transit(&self, id: Id<TransitGateway>, walk: Walk, out: &mut Vec<Arrival>) {
        let gateway = &self.network.transit_gateways[id];
        let mine: Vec<_> = self
            .network
            .attachments
            .iter()
            .filter(|(_, attachment)| attachment.gateway == id && attachment.vpc() == walk.vpc)
            .collect();
        if mine.is_empty() {
            return match &gateway.doubt {
                Some(cause) => {
                    self.beyond(walk, Step::TransitAttachment, &gateway.name, cause, out);
                }
                None => {
                    self.drop(walk, Step::TransitAttachment, &gateway.name, Code::BadTarget, out);
                }
            };
        }
        for (id, attachment) in mine {
            let AttachmentKind::Vpc { subnets, group_references, .. } = &attachment.kind else {
                continue;
            };
            let mut walk = walk.clone();
            if !self.faults.has(Faults::REFERENCE_OVER_TRANSIT) {
                walk.refer(group_references.clone());
                walk.refer(gateway.group_references.clone());
            }
            match subnets.get() {
                Ok(subnets) => self.by_zone(id, subnets, &walk, out),
                Err(cause) => {
                    self.beyond(walk, Step::TransitAttachment, &attachment.name, cause, out);
                }
            }
        }
    }

    fn by_zone(
        &self,
        id: Id<Attachment>,
        subnets: &[Id<Subnet>],
        walk: &Walk,
        out: &mut Vec<Arrival>,
    ) {
        let name = &self.network.attachments[id].name;
        let here = walk.subnet.map(|subnet| &self.network.subnets[subnet].zone);
        let mut taken = false;
        for subnet in subnets {
            let mut walk = walk.clone();
            match (here.map(Attr::get), self.network.subnets[*subnet].zone.get()) {
                (Some(Ok(a)), Ok(b)) if a != b && !self.faults.has(Faults::ANY_ZONE) => continue,
                (Some(Err(cause)), _) | (_, Err(cause)) => {
                    walk.doubt(Step::TransitAttachment, name, &cause.clone());
                }
                _ => {}
            }
            taken = true;
            if !self.faults.has(Faults::TRANSIT_ACL_IGNORED) {
                self.acl_hop(&mut walk, *subnet, true);
            }
            walk.note(Step::TransitAttachment, name, None, Verdict::Passes)
                .touches
                .push(Touch::Node(Node::Attachment(id)));
            self.transit(id, walk, out);
        }
        if !taken {
            self.drop(
                walk.clone(),
                Step::TransitAttachment,
                name,
                Code::TgwAttachmentMissingInZone,
                out,
            );
        }
    }

    /// In a gateway, having come in through an attachment.
    pub(super) fn transit(&self, id: Id<Attachment>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let attachment = &self.network.attachments[id];
        walk.depth += 1;
        walk.transited = true;
        if walk.depth > LONGEST {
            return self.drop(
                walk,
                Step::TransitRoute,
                &attachment.name,
                Code::TgwRtbCannotRoute,
                out,
            );
        }
        if self.faults.has(Faults::ASSOCIATION_IGNORED) {
            // One table: several would be followed without end.
            let associated = attachment.association.known().copied().flatten();
            let of = |table: &&(Id<TransitTable>, _)| Some(table.0) != associated;
            let tables: Vec<_> = self
                .network
                .transit_tables
                .iter()
                .filter(|(_, table)| table.gateway == attachment.gateway)
                .collect();
            if let Some((table, _)) = tables.iter().find(of).or(tables.first()) {
                self.transit_table(*table, walk, out);
            }
            return;
        }
        match attachment.association.get() {
            Ok(Some(table)) => self.transit_table(*table, walk, out),
            Ok(None) => {
                let code = Code::TgwAttachmentNotAssociated;
                self.drop(walk, Step::TransitRoute, &attachment.name, code, out);
            }
            Err(cause) => self.beyond(walk, Step::TransitRoute, &attachment.name, cause, out),
        }
    }

    fn transit_table(&self, id: Id<TransitTable>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let table = &self.network.transit_tables[id];
        let met = (id, walk.packet.destination, walk.zone.clone());
        if walk.met.contains(&met) {
            // Round and round.
            return self.drop(walk, Step::TransitRoute, &table.name, Code::TgwRtbCannotRoute, out);
        }
        walk.met.push(met);
        if let Some(cause) = &table.doubt {
            self.beyond(walk.clone(), Step::TransitRoute, &table.name, cause, out);
            walk.doubt(Step::TransitRoute, &table.name, cause);
        }
        let to = walk.packet.destination;
        if let Some(learned) = &table.learned
            && !self.settled(table, learned, to)
        {
            self.beyond(walk.clone(), Step::TransitRoute, &table.name, &learned.cause, out);
            walk.doubt(Step::TransitRoute, &table.name, &learned.cause);
        }
        let short = self.faults.has(Faults::SHORTEST_PREFIX);
        let best = table
            .routes
            .iter()
            .enumerate()
            .filter(|(_, route)| {
                route.destination.contains(to) && route.destination.first.is_v6() == to.is_v6()
            })
            .filter(|(_, route)| {
                let lost = matches!(route.target, TransitTarget::Blackhole);
                let skipped = lost && self.faults.has(Faults::BLACKHOLE_SKIPPED);
                let unheard = route.rank > 1 && self.faults.has(Faults::PROPAGATION_IGNORED);
                !skipped && !unheard
            })
            .min_by_key(|(_, route)| {
                let span = route.destination.span();
                (if short { u128::MAX - span } else { span }, route.rank)
            });
        let Some((at, route)) = best else {
            return self.drop(walk, Step::TransitRoute, &table.name, Code::TgwRtbCannotRoute, out);
        };
        let touch = Touch::TransitRoute(id, at);
        let words = Some(self.describe(&touch));
        match &route.target {
            TransitTarget::Attachments(list) => {
                walk.note(Step::TransitRoute, &table.name, words, Verdict::Passes)
                    .touches
                    .push(touch);
                if list.is_empty() {
                    return self.drop(
                        walk,
                        Step::TransitRoute,
                        &table.name,
                        Code::TgwRtbCannotRoute,
                        out,
                    );
                }
                for attachment in list {
                    self.out_of_transit(*attachment, walk.clone(), out);
                }
            }
            TransitTarget::Blackhole => {
                self.drop(walk, Step::TransitRoute, &table.name, Code::TgwBlackhole, out);
            }
            TransitTarget::Unknown(cause) => {
                self.beyond(walk, Step::TransitRoute, &table.name, cause, out);
            }
        }
    }

    /// Whether no route that a site may have announced can decide about an address.
    fn settled(&self, table: &TransitTable, learned: &Learned, to: Addr) -> bool {
        let public = !to.is_v6() && self.lookup.is_internet(to);
        let of_family = |route: &&TransitRoute| route.destination.first.is_v6() == to.is_v6();
        let here = |route: &&TransitRoute| route.destination.contains(to);
        table.routes.iter().filter(of_family).filter(here).any(|route| match route.rank {
            0 | 1 => public || learned.blocks.covers(route.destination),
            2 => learned.blocks.covers(route.destination),
            _ => false,
        })
    }

    fn out_of_transit(&self, id: Id<Attachment>, mut walk: Walk, out: &mut Vec<Arrival>) {
        let attachment = &self.network.attachments[id];
        walk.note(Step::TransitAttachment, &attachment.name, None, Verdict::Passes)
            .touches
            .push(Touch::Node(Node::Attachment(id)));
        match &attachment.kind {
            AttachmentKind::Vpc { name, vpc: None, .. } => {
                let cause = Cause::new(
                    CauseKind::NotCollected,
                    format!("{name}: the VPC behind the attachment is not in the inventory"),
                );
                self.beyond(walk, Step::TransitAttachment, &attachment.name, &cause, out);
            }
            AttachmentKind::Vpc { vpc: Some(vpc), subnets, group_references, .. } => {
                if !self.faults.has(Faults::REFERENCE_OVER_TRANSIT) {
                    walk.refer(group_references.clone());
                    walk.refer(
                        self.network.transit_gateways[attachment.gateway].group_references.clone(),
                    );
                }
                walk.vpc = Some(*vpc);
                walk.foreign = true;
                walk.translated = false;
                walk.sent_from = None;
                match subnets.get() {
                    Ok(subnets) => self.into_vpc(&attachment.name, subnets, &walk, out),
                    Err(cause) => {
                        self.beyond(walk, Step::TransitAttachment, &attachment.name, cause, out);
                    }
                }
            }
            AttachmentKind::Peering(Some(other)) => {
                walk.references = Attr::Known(false);
                walk.zone = None;
                self.transit(*other, walk, out);
            }
            AttachmentKind::Peering(None) => {
                let cause = Cause::new(
                    CauseKind::NotCollected,
                    format!("{}: the gateway behind it is not in the inventory", attachment.name),
                );
                self.beyond(walk, Step::TransitAttachment, &attachment.name, &cause, out);
            }
            AttachmentKind::Site(_) => self.arrive_at(walk, End::Attachment(id), out),
            AttachmentKind::Beyond(cause) => {
                self.beyond(walk, Step::TransitAttachment, &attachment.name, cause, out);
            }
        }
    }

    /// Packets arrive in the zone they came from if the attachment has a subnet there, else in any.
    fn into_vpc(&self, name: &str, subnets: &[Id<Subnet>], walk: &Walk, out: &mut Vec<Arrival>) {
        let zone = |id: &Id<Subnet>| self.network.subnets[*id].zone.known();
        let same: Vec<_> = subnets
            .iter()
            .filter(|id| walk.zone.is_some() && zone(id) == walk.zone.as_ref())
            .collect();
        let chosen = if same.is_empty() { subnets.iter().collect() } else { same };
        if chosen.is_empty() {
            self.drop(
                walk.clone(),
                Step::TransitAttachment,
                name,
                Code::TgwAttachmentMissingInZone,
                out,
            );
        }
        for subnet in chosen {
            self.leave(*subnet, walk.clone(), out);
        }
    }
}
