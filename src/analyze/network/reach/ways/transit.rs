//! Through transit gateways.

use super::{LONGEST, Walk, Walker};
use crate::analyze::network::packet::Touch;
use crate::analyze::network::reach::{End, Passage};
use crate::analyze::network::topology::{
    Attachment, AttachmentKind, Id, Node, Subnet, TransitGateway, TransitTable, TransitTarget,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::AddrSet;

impl Walker<'_, '_> {
    pub(super) fn transit_gateway(&mut self, id: Id<TransitGateway>, walk: Walk) {
        let network = self.analysis.network;
        let gateway = &network.transit_gateways[id];
        let attachments = self.analysis.index.attachments_of(id, walk.vpc);
        if attachments.is_empty()
            && let Some(cause) = &gateway.doubt
        {
            return self.beyond(walk, cause);
        }
        for attachment in attachments {
            let AttachmentKind::Vpc { subnets, group_references, .. } =
                &network.attachments[*attachment].kind
            else {
                continue;
            };
            let mut walk = walk.clone().touching(Touch::Node(Node::Attachment(*attachment)));
            walk.refer(group_references.clone());
            walk.refer(gateway.group_references.clone());
            match subnets.get() {
                Ok(subnets) => self.attach(*attachment, subnets, walk),
                Err(cause) => self.beyond(walk, cause),
            }
        }
    }

    /// A subnet sends through the attachment's subnet of its own zone only. That one's ACL looks at what comes in.
    fn attach(&mut self, id: Id<Attachment>, subnets: &[Id<Subnet>], walk: Walk) {
        let network = self.analysis.network;
        let zone = walk.subnet.map(|subnet| &network.subnets[subnet].zone);
        for subnet in subnets {
            let there = &network.subnets[*subnet].zone;
            let mut walk = walk.clone();
            match (zone.map(Attr::get), there.get()) {
                (Some(Ok(here)), Ok(there)) if here != there => continue,
                (Some(Ok(_)) | None, Ok(_)) => {}
                (Some(Err(cause)), _) | (_, Err(cause)) => walk.doubt.add(cause),
            }
            let acl = network.subnets[*subnet].acl.clone();
            self.transit(id, walk.passing(Passage::Acl { acl, ingress: true }));
        }
    }

    pub(super) fn start_at_attachment(&mut self, id: Id<Attachment>, to: &AddrSet) {
        // Which VPC the walk starts from does not matter before it arrives in one.
        let Some(vpc) = self.analysis.network.vpcs.ids().next() else { return };
        let mut walk = Walk::new(to.clone(), vpc);
        walk.references = Attr::Known(false);
        self.transit(id, walk);
    }

    /// At the transit gateway, having come in through an attachment.
    fn transit(&mut self, id: Id<Attachment>, mut walk: Walk) {
        walk.depth += 1;
        if walk.depth > LONGEST {
            return;
        }
        match self.analysis.network.attachments[id].association.get() {
            Ok(Some(table)) => self.transit_table(*table, walk),
            Ok(None) => {}
            Err(cause) => self.beyond(walk, cause),
        }
    }

    fn transit_table(&mut self, id: Id<TransitTable>, mut walk: Walk) {
        let table = &self.analysis.network.transit_tables[id];
        let met = (id, walk.zone.clone());
        if walk.met.contains(&met) {
            // Round and round.
            return;
        }
        walk.met.push(met);
        if let Some(cause) = &table.doubt {
            self.beyond(walk.clone(), cause);
            walk.doubt.add(cause);
        }
        let Some(learned) = &table.learned else { return self.transit_routes(id, walk) };
        let open = self.analysis.compiled.transit_open(self.analysis.network, id);
        let settled = walk.to.minus(open);
        let open = walk.with(walk.to.intersection(open));
        if !open.to.is_empty() {
            self.beyond(open.clone(), &learned.cause);
            self.transit_routes(id, open.doubting(&learned.cause));
        }
        self.transit_routes(id, walk.with(settled));
    }

    /// By the routes that a table lists.
    fn transit_routes(&mut self, id: Id<TransitTable>, walk: Walk) {
        let table = &self.analysis.network.transit_tables[id];
        for (at, to) in
            self.analysis.compiled.transit_table(self.analysis.network, id).split(&walk.to)
        {
            let Some(route) = table.routes.get(at) else { continue };
            let walk = walk.with(to).touching(Touch::TransitRoute(id, at));
            match &route.target {
                TransitTarget::Attachments(attachments) => {
                    for attachment in attachments {
                        self.arrive(*attachment, walk.clone());
                    }
                }
                TransitTarget::Blackhole => {}
                TransitTarget::Unknown(cause) => self.beyond(walk, cause),
            }
        }
    }

    /// Out of a transit gateway by an attachment.
    fn arrive(&mut self, id: Id<Attachment>, walk: Walk) {
        let network = self.analysis.network;
        let attachment = &network.attachments[id];
        let mut walk = walk.touching(Touch::Node(Node::Attachment(id)));
        match &attachment.kind {
            AttachmentKind::Vpc { name, vpc, subnets, group_references } => {
                let Some(vpc) = *vpc else {
                    let cause = Cause::new(
                        CauseKind::NotCollected,
                        format!("{name}: the VPC behind the attachment is not in the inventory"),
                    );
                    return self.beyond(walk, &cause);
                };
                walk.refer(group_references.clone());
                walk.refer(network.transit_gateways[attachment.gateway].group_references.clone());
                walk.vpc = vpc;
                walk.foreign = true;
                walk.translated = false;
                walk.sender = None;
                match subnets.get() {
                    Ok(subnets) => {
                        for subnet in self.arrivals(subnets, walk.zone.as_deref()) {
                            self.leave(subnet, walk.clone());
                        }
                    }
                    Err(cause) => self.beyond(walk, cause),
                }
            }
            AttachmentKind::Peering(Some(other)) => {
                walk.references = Attr::Known(false);
                walk.zone = None;
                self.transit(*other, walk);
            }
            AttachmentKind::Peering(None) => {
                let cause = Cause::new(
                    CauseKind::NotCollected,
                    format!("{}: the gateway behind it is not in the inventory", attachment.name),
                );
                self.beyond(walk, &cause);
            }
            AttachmentKind::Site(_) => self.end(walk, End::Attachment(id)),
            AttachmentKind::Beyond(cause) => self.beyond(walk, cause),
        }
    }

    /// The subnets through which packets may arrive: that of the zone they come from, else any.
    fn arrivals(&self, subnets: &[Id<Subnet>], zone: Option<&str>) -> Vec<Id<Subnet>> {
        let subnet = |id: &Id<Subnet>| &self.analysis.network.subnets[*id].zone;
        let same: Vec<Id<Subnet>> = subnets
            .iter()
            .filter(|id| zone.is_some() && subnet(id).known().map(|z| &**z) == zone)
            .copied()
            .collect();
        if same.is_empty() { subnets.to_vec() } else { same }
    }
}
