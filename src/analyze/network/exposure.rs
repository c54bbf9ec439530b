//! Whether instances and interfaces have an address on the internet and a way to it. What filters in between is left to
//! the analysis of reachability.

use super::routing::Subnet;
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::kleene::{any, both, test};
use crate::analyze::relations::Key;
use crate::model::ec2::{Instance, NetworkInterface, NetworkInterfaceAssociation};
use crate::model::{Attr, CauseKind, Data, Meta};

/// Derives the facts of an instance.
pub fn instance(instance: &mut Instance, meta: &Meta, context: &Context<'_>, given: Given) {
    let public = || {
        let primary =
            both(has_address(instance, meta, context), || route_of(instance, meta, context));
        any([primary, by_further_interfaces(instance, meta, context)])
    };
    let public = given.lacks(&instance.public).then(public);
    if let Some(public) = public {
        instance.public = public;
    }
}

/// Derives the facts of an interface.
pub fn interface(
    interface: &mut NetworkInterface,
    meta: &Meta,
    context: &Context<'_>,
    given: Given,
) {
    if given.lacks(&interface.public) {
        interface.public = is_public(interface, meta, context);
    }
}

fn is_public(interface: &NetworkInterface, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let has_public_ip = |association: &Attr<Option<NetworkInterfaceAssociation>>| match association
    {
        Attr::Known(Some(association)) => test(&association.public_ip, Option::is_some),
        Attr::Known(None) => Attr::Known(false),
        Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
    };
    let by_secondary = match interface.private_ip_addresses.get() {
        Ok(list) => any(list.iter().map(|address| has_public_ip(&address.association))),
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    let address = any([
        has_public_ip(&interface.association),
        by_secondary,
        test(&interface.ipv6_addresses, |list| !list.is_empty()),
        test(&interface.ipv6_prefixes, |list| !list.is_empty()),
    ]);
    both(address, || match interface.subnet_id.get() {
        Ok(id) => {
            let vpc = interface.vpc_id.get().map(String::as_str);
            Subnet::named(id, vpc, meta).internet_route(context)
        }
        Err(cause) => Attr::Unknown(cause.clone()),
    })
}

/// Whether an instance has a public IPv4 or any IPv6 address on its primary interface.
fn has_address(instance: &Instance, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let asked = match instance.associate_public_ip_address.get() {
        Ok(Some(asked)) => Attr::Known(*asked),
        // A launch that does not say takes what the subnet gives, and then the address is not known before.
        Ok(None) => match &instance.public_ip_address {
            Attr::Unknown(cause) if cause.kind == CauseKind::KnownAfterApply => {
                subnet_gives_address(instance, meta, context)
            }
            _ => Attr::Known(false),
        },
        Err(cause) => Attr::Unknown(cause.clone()),
    };
    any([
        asked,
        test(&instance.public_ip_address, Option::is_some),
        test(&instance.ipv6_addresses, |list| !list.is_empty()),
    ])
}

fn subnet_gives_address(instance: &Instance, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let Attr::Known(Some(id)) = &instance.subnet_id else { return Attr::Known(false) };
    match context.one(Key::Subnet, id, meta) {
        Ok(resource) => match &resource.data {
            Data::Ec2Subnet(subnet) => subnet.map_public_ip_on_launch.clone(),
            _ => Attr::Known(false),
        },
        Err(cause) => Attr::Unknown(cause),
    }
}

fn route_of(instance: &Instance, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let subnet = match instance.subnet_id.get() {
        Ok(Some(id)) => id,
        Ok(None) => return Attr::Known(false),
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    let vpc = instance.vpc_id.get().map(|vpc| vpc.as_deref().unwrap_or_default());
    Subnet::named(subnet, vpc, meta).internet_route(context)
}

/// Whether an interface beyond the first is public: EC2 shows the addresses of the first one only.
fn by_further_interfaces(instance: &Instance, meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let ids = match instance.network_interface_ids.get() {
        Ok(ids) if ids.len() > 1 => ids,
        Ok(_) => return Attr::Known(false),
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    any(ids.iter().map(|id| match context.one(Key::Interface, id, meta) {
        Ok(resource) => match &resource.data {
            Data::Ec2NetworkInterface(interface) => is_public(interface, &resource.meta, context),
            _ => Attr::Known(false),
        },
        Err(cause) => Attr::Unknown(cause),
    }))
}
