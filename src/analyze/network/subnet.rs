//! Facts about subnets.

use std::collections::BTreeSet;

use super::routing;
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::environment;
use crate::analyze::kleene::Doubt;
use crate::analyze::relations::Key;
use crate::ident::AccountId;
use crate::model::change::is_planned;
use crate::model::vpc::Subnet;
use crate::model::{Attr, Data, Meta};

/// Derives the facts of a subnet.
pub fn derive(subnet: &mut Subnet, meta: &Meta, context: &Context<'_>, given: Given) {
    // A participant's statement about a shared subnet leans on what the owner's account lists.
    let owner = subnet.owner_id.known().and_then(|id| AccountId::new(id).ok());
    let vpc = subnet.vpc_id.clone();
    let place = routing::Subnet {
        id: &meta.id,
        vpc: vpc.get().map(String::as_str),
        account: owner.as_ref().unwrap_or(&meta.account),
        region: &meta.region,
    };
    given.or(&mut subnet.route_table_id, || {
        place.route_table(context).map(|table| Some(table.meta.id.clone())).into()
    });
    given.or(&mut subnet.network_acl_id, || {
        place.network_acl(context).map(|acl| Some(acl.meta.id.clone())).into()
    });
    given.or(&mut subnet.internet_route, || place.internet_route(context));
    given.or(&mut subnet.shared_with_environments, || shared_with(meta, context));
}

/// The environments of other accounts that have interfaces in the subnet. Any account may have some, so all must be
/// collected in the region before the list is final.
fn shared_with(meta: &Meta, context: &Context<'_>) -> Attr<Vec<String>> {
    if context.environments().is_empty() {
        return Attr::Known(Vec::new());
    }
    let own = match meta.environment.get() {
        Ok(own) => own,
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    let found = context.find(Key::InterfaceBySubnet, &meta.id, &meta.account, &meta.region);
    let mut doubt = Doubt::default();
    // Nobody but the plan has anything in a subnet that does not exist yet.
    for account in context.accounts().filter(|_| !is_planned(&meta.id)) {
        doubt.extend(context.gap(account, &meta.region, "aws.ec2.network_interface").as_ref());
    }
    doubt.extend(found.doubt.cause());
    let mut names = BTreeSet::new();
    for resource in &found.certain {
        let Data::Ec2NetworkInterface(interface) = &resource.data else { continue };
        let owner = match interface.owner_id.get() {
            Ok(owner) => AccountId::new(owner).ok(),
            Err(cause) => {
                doubt.add(cause);
                None
            }
        };
        let Some(owner) = owner.filter(|owner| *owner != meta.account) else { continue };
        match environment::of_account(&owner, context) {
            Attr::Known(name) => names.extend(name.filter(|name| Some(name) != own.as_ref())),
            Attr::Unknown(cause) => doubt.add(&cause),
        }
    }
    doubt.or_known(names.into_iter().collect())
}
