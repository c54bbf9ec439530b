//! Which declared environments peerings and transit gateways join.

use std::collections::BTreeSet;

use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::environment;
use crate::analyze::kleene::Doubt;
use crate::analyze::relations::Key;
use crate::ident::AccountId;
use crate::model::tgw::{TransitGatewayAttachment, TransitGatewayRouteTable};
use crate::model::vpc_edge::{PeeringVpcInfo, VpcPeeringConnection};
use crate::model::{Attr, Cause, Data, Meta};

/// Environments found so far, and why there may be more.
#[derive(Debug, Clone, Default)]
struct Joined {
    names: BTreeSet<String>,
    doubt: Doubt,
}

impl Joined {
    fn add(&mut self, environment: Attr<Option<String>>) {
        match environment {
            Attr::Known(name) => self.names.extend(name),
            Attr::Unknown(cause) => self.doubt.add(&cause),
        }
    }

    fn merge(&mut self, other: Self) {
        self.names.extend(other.names);
        self.doubt.extend(other.doubt.cause());
    }

    fn list(&self) -> Attr<Vec<String>> {
        self.doubt.clone().or_known(self.names.iter().cloned().collect())
    }
}

/// Derives the facts of a peering connection.
pub fn peering(
    peering: &mut VpcPeeringConnection,
    meta: &Meta,
    context: &Context<'_>,
    given: Given,
) {
    let sides = [
        side(&peering.requester_vpc_id, &peering.requester_vpc_info, meta, context),
        side(&peering.accepter_vpc_id, &peering.accepter_vpc_info, meta, context),
    ];
    let crosses = match &sides {
        [Attr::Known(Some(a)), Attr::Known(Some(b))] => Attr::Known(a != b),
        // A VPC of no declared environment joins nothing to anything.
        [Attr::Known(None), _] | [_, Attr::Known(None)] => Attr::Known(false),
        [a, b] => {
            let mut doubt = Doubt::default();
            doubt.extend(a.get().err());
            doubt.extend(b.get().err());
            doubt.or_known(false)
        }
    };
    let mut joined = Joined::default();
    for side in sides {
        joined.add(side);
    }
    given.or(&mut peering.crosses_environments, || crosses);
    given.or(&mut peering.environments, || joined.list());
}

fn side(
    vpc: &Attr<String>,
    info: &Attr<PeeringVpcInfo>,
    meta: &Meta,
    context: &Context<'_>,
) -> Attr<Option<String>> {
    if context.environments().is_empty() {
        return Attr::Known(None);
    }
    match vpc.get() {
        Ok(id) => {
            let owner = info.known().and_then(|info| info.owner_id.known());
            let owner = owner.and_then(|text| AccountId::new(text).ok());
            environment::of_vpc(id, owner.as_ref(), meta, context)
        }
        Err(cause) => Attr::Unknown(cause.clone()),
    }
}

/// The environment of what is attached. Anything but a VPC belongs to one only if its id or tags say so.
pub fn environment_of_attachment(
    attachment: &TransitGatewayAttachment,
    meta: &Meta,
    context: &Context<'_>,
) -> Attr<Option<String>> {
    let owner = match attachment.resource_owner_id.known() {
        Some(Some(owner)) => AccountId::new(owner).ok(),
        _ => None,
    };
    match (attachment.resource_type.get(), attachment.resource_id.get()) {
        (Ok(kind), Ok(Some(vpc))) if kind == "vpc" => {
            environment::of_vpc(vpc, owner.as_ref(), meta, context)
        }
        (Ok(kind), Err(cause)) if kind == "vpc" => Attr::Unknown(cause.clone()),
        (Ok(_), _) => environment::by_tags(meta, context),
        (Err(cause), _) => Attr::Unknown(cause.clone()),
    }
}

/// Derives the facts of an attachment to a transit gateway.
pub fn attachment(
    attachment: &mut TransitGatewayAttachment,
    meta: &Meta,
    context: &Context<'_>,
    given: Given,
) {
    let joined = reach(attachment, meta, context);
    let own = &meta.environment;
    let crosses = match own.get() {
        Ok(Some(own)) if joined.names.iter().any(|name| name != own) => Attr::Known(true),
        Ok(Some(_)) => joined.doubt.clone().or_known(false),
        Ok(None) => Attr::Known(false),
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    given.or(&mut attachment.crosses_environments, || crosses);
    given.or(&mut attachment.environments, || joined.list());
}

/// The environments that an attachment can send to by its own table, or that can send to it by theirs.
fn reach(attachment: &TransitGatewayAttachment, meta: &Meta, context: &Context<'_>) -> Joined {
    let mut joined = Joined::default();
    if context.environments().is_empty() {
        return joined;
    }
    joined.add(meta.environment.clone());
    match attachment.state.get() {
        Ok(state) if state == "available" => {}
        Ok(_) => return joined,
        Err(cause) => {
            joined.doubt.add(cause);
            return joined;
        }
    }
    match attachment.association_route_table_id.get() {
        Ok(Some(table)) => match context.one(Key::TransitTable, table, meta) {
            Ok(resource) => {
                if let Data::Ec2TransitGatewayRouteTable(table) = &resource.data {
                    joined.merge(targets(table, &resource.meta, context));
                }
            }
            Err(cause) => joined.doubt.add(&cause),
        },
        Ok(None) => {}
        Err(cause) => joined.doubt.add(cause),
    }
    joined.merge(senders_to(attachment, meta, context));
    joined
}

/// The environments whose tables lead to an attachment.
fn senders_to(attachment: &TransitGatewayAttachment, meta: &Meta, context: &Context<'_>) -> Joined {
    let mut joined = Joined::default();
    let gateway = match attachment.transit_gateway_id.get() {
        Ok(gateway) => gateway,
        Err(cause) => {
            joined.doubt.add(cause);
            return joined;
        }
    };
    // The tables are listed by the gateway's owner only.
    let owner = match attachment.transit_gateway_owner_id.known() {
        Some(Some(owner)) => AccountId::new(owner).ok(),
        _ => None,
    };
    let owner = owner.as_ref().unwrap_or(&meta.account);
    let found = context.find(Key::TransitTableByGateway, gateway, owner, &meta.region);
    joined.doubt.extend(found.doubt.cause());
    for resource in found.certain {
        let Data::Ec2TransitGatewayRouteTable(table) = &resource.data else { continue };
        match leads_to(table, &meta.id) {
            Attr::Known(false) => {}
            Attr::Known(true) => joined.merge(senders(table, &resource.meta, context)),
            Attr::Unknown(cause) => joined.doubt.add(&cause),
        }
    }
    joined
}

/// Derives the facts of a transit gateway's route table.
pub fn route_table(
    table: &mut TransitGatewayRouteTable,
    meta: &Meta,
    context: &Context<'_>,
    given: Given,
) {
    let mut joined = Joined::default();
    if !context.environments().is_empty() {
        joined.merge(senders(table, meta, context));
        joined.merge(targets(table, meta, context));
    }
    let crosses = match joined.names.len() {
        0 | 1 => joined.doubt.clone().or_known(false),
        _ => Attr::Known(true),
    };
    given.or(&mut table.crosses_environments, || crosses);
    given.or(&mut table.environments, || joined.list());
}

/// An attachment as a table speaks of it.
struct Target<'a> {
    id: Result<Option<&'a str>, &'a Cause>,
    resource: Option<&'a str>,
    is_vpc: bool,
}

impl Target<'_> {
    fn environment(&self, meta: &Meta, context: &Context<'_>) -> Attr<Option<String>> {
        let id = match self.id {
            Ok(Some(id)) => id,
            Ok(None) => return Attr::Known(None),
            Err(cause) => return Attr::Unknown(cause.clone()),
        };
        match context.one(Key::Attachment, id, meta) {
            Ok(resource) => environment::of(resource, context),
            Err(cause) => match self.resource {
                Some(vpc) if self.is_vpc => environment::of_vpc(vpc, None, meta, context),
                _ => Attr::Unknown(cause),
            },
        }
    }
}

/// Where the active routes of a table lead, by attachment; nothing else matters of them.
fn routed(table: &TransitGatewayRouteTable) -> (Vec<Target<'_>>, Doubt) {
    let (mut out, mut doubt) = (Vec::new(), Doubt::default());
    match table.routes.get() {
        Err(cause) => doubt.add(cause),
        Ok(routes) => {
            for route in routes {
                match route.state.get() {
                    Ok(state) if state == "active" => {}
                    Ok(_) => continue,
                    Err(cause) => {
                        doubt.add(cause);
                        continue;
                    }
                }
                match route.attachments.get() {
                    Err(cause) => doubt.add(cause),
                    Ok(list) => out.extend(list.iter().map(|to| Target {
                        id: to.transit_gateway_attachment_id.get().map(Option::as_deref),
                        resource: to.resource_id.known().and_then(Option::as_deref),
                        is_vpc: matches!(&to.resource_type, Attr::Known(Some(t)) if t == "vpc"),
                    })),
                }
            }
        }
    }
    match table.prefix_list_references.get() {
        Err(cause) => doubt.add(cause),
        Ok(list) => {
            for to in list {
                doubt.extend(to.blackhole.get().err());
            }
            let passing = list.iter().filter(|to| to.blackhole == Attr::Known(false));
            out.extend(passing.map(|to| Target {
                id: to.transit_gateway_attachment_id.get().map(Option::as_deref),
                resource: None,
                is_vpc: false,
            }));
        }
    }
    (out, doubt)
}

fn targets(table: &TransitGatewayRouteTable, meta: &Meta, context: &Context<'_>) -> Joined {
    let (targets, doubt) = routed(table);
    let mut joined = Joined { doubt, ..Joined::default() };
    for target in targets {
        joined.add(target.environment(meta, context));
    }
    joined
}

fn leads_to(table: &TransitGatewayRouteTable, attachment: &str) -> Attr<bool> {
    let (targets, mut doubt) = routed(table);
    for target in targets {
        match target.id {
            Ok(Some(id)) if id == attachment => return Attr::Known(true),
            Ok(_) => {}
            Err(cause) => doubt.add(cause),
        }
    }
    doubt.or_known(false)
}

/// The environments of the attachments whose packets a table routes.
fn senders(table: &TransitGatewayRouteTable, meta: &Meta, context: &Context<'_>) -> Joined {
    let mut joined = Joined::default();
    let links = match table.associations.get() {
        Ok(links) => links,
        Err(cause) => {
            joined.doubt.add(cause);
            return joined;
        }
    };
    for link in links {
        match link.state.get() {
            Ok(state) if state == "associated" => {}
            Ok(_) => continue,
            Err(cause) => {
                joined.doubt.add(cause);
                continue;
            }
        }
        let target = Target {
            id: link.transit_gateway_attachment_id.get().map(|id| Some(id.as_str())),
            resource: link.resource_id.known().and_then(Option::as_deref),
            is_vpc: matches!(&link.resource_type, Attr::Known(Some(t)) if t == "vpc"),
        };
        joined.add(target.environment(meta, context));
    }
    joined
}
