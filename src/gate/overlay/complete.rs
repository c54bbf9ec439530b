//! What a thing is by others that it names: the ARN of a profile's role, the VPC of subnets, the units above an account.
//!
//! An input states a name or an id; what AWS makes of it stands on the other thing, which the input states elsewhere or
//! the inventory shows.

use std::collections::BTreeSet;

use super::bench::Bench;
use crate::model::change::Place;
use crate::model::kinds::{Kind, kind_named};
use crate::model::{Cause, CauseKind, Tree};

const PROFILE: &str = "aws.iam.instance_profile";
const ROLE: &str = "aws.iam.role";
const SUBNET: &str = "aws.ec2.subnet";
const INSTANCE: &str = "aws.ec2.instance";
const INTERFACE: &str = "aws.ec2.network_interface";
const ACCOUNT: &str = "aws.organizations.account";
const UNIT: &str = "aws.organizations.unit";

/// Types that have a VPC because they have subnets.
const IN_SUBNETS: [&str; 3] = ["aws.eks.cluster", "aws.lambda.function", "aws.rds.db_instance"];

/// Types that stand in one subnet, and what they have from it.
const IN_SUBNET: [&str; 3] = [INSTANCE, INTERFACE, "aws.ec2.nat_gateway"];

/// Units nest five deep at most: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.
const DEPTH_MAX: usize = 8;

/// The types that have to be looked up to complete things of these.
pub(super) fn kinds(stated: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let needs = |of: &[&str], kind| of.iter().any(|one| stated.contains(one)).then_some(kind);
    let above = needs(&[ACCOUNT, UNIT], UNIT);
    let within = needs(&IN_SUBNETS, SUBNET).or(needs(&IN_SUBNET, SUBNET));
    needs(&[PROFILE], ROLE).into_iter().chain(within).chain(above).collect()
}

/// Completes what is on the bench.
pub(super) fn complete(bench: &mut Bench<'_, '_>) {
    for at in 0..bench.len() {
        let Some(item) = bench.item(at) else { continue };
        let place = item.place();
        let found = match item.kind.name {
            PROFILE => roles(bench, &item.fields, &place).map(|arns| vec![("role_arns", arns)]),
            kind if IN_SUBNETS.contains(&kind) => {
                vpc(bench, &item.fields, &place).map(|vpc| vec![("vpc_id", vpc)])
            }
            kind if IN_SUBNET.contains(&kind) => Some(place_in_subnet(bench, at)),
            ACCOUNT => above(bench, &item.fields, &place, "ou_path", &[]),
            UNIT => item.name().and_then(|name| {
                above(bench, &item.fields, &place, "path", &[Tree::text(name.to_owned())])
            }),
            _ => None,
        };
        if let Some(item) = bench.item_mut(at) {
            for (field, value) in found.into_iter().flatten() {
                item.fields.set(field, value);
            }
        }
    }
}

fn is_told(fields: &Tree<'_>, name: &str) -> bool {
    fields.entries().iter().any(|(key, value)| key == name && !value.is_unknown())
}

/// The ARNs of the roles that a profile names.
fn roles(bench: &Bench<'_, '_>, fields: &Tree<'_>, place: &Place) -> Option<Tree<'static>> {
    let names = fields.member("role_names");
    if is_told(fields, "role_arns") || names.has_unknown() {
        return None;
    }
    let role = kind_named(ROLE)?;
    let mut arns = Vec::new();
    for name in names.items().iter().filter_map(Tree::as_str) {
        let Some(arn) = bench.arn_of(role, place, name) else {
            let why = format!("no role {name} is known");
            return Some(Tree::Unknown(Cause::new(CauseKind::NotCollected, why)));
        };
        arns.push(Tree::text(arn));
    }
    Some(Tree::List(arns))
}

/// The VPC of the first subnet that is known; all are in one.
fn vpc(bench: &Bench<'_, '_>, fields: &Tree<'_>, place: &Place) -> Option<Tree<'static>> {
    if is_told(fields, "vpc_id") {
        return None;
    }
    let subnet = kind_named(SUBNET)?;
    let subnets = fields.member("subnet_ids");
    let mut ids = subnets.items().iter().filter_map(Tree::as_str);
    ids.find_map(|id| bench.field_of(subnet, place, id, "vpc_id").filter(|vpc| !vpc.is_unknown()))
}

/// What a thing has from the subnet it stands in: the VPC, the zone, and whether a new one gets a public address.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html>.
fn place_in_subnet(bench: &Bench<'_, '_>, at: usize) -> Vec<(&'static str, Tree<'static>)> {
    let mut out = Vec::new();
    let (Some(item), Some(subnet)) = (bench.item(at), kind_named(SUBNET)) else { return out };
    let place = item.place();
    let id = item.fields.member("subnet_id").as_str().map(str::to_owned);
    let of_subnet = |field| bench.field_of(subnet, &place, id.as_deref()?, field);
    for field in ["vpc_id", "availability_zone"] {
        let is_wanted = item.kind.shape.slot(field).is_some() && !is_told(&item.fields, field);
        if let Some(value) = of_subnet(field).filter(|value| is_wanted && !value.is_null()) {
            out.push((field, value));
        }
    }
    if !item.fresh {
        return out;
    }
    let is_left = |field| item.fields.member(field).is_unknown();
    let without_ipv6 = of_subnet("ipv6_cidr_block_associations")
        .is_some_and(|blocks| matches!(blocks, Tree::List(list) if list.is_empty()));
    if is_left("ipv6_addresses") && without_ipv6 {
        out.push(("ipv6_addresses", Tree::List(Vec::new())));
    }
    // An address that nobody asked for or refused is for the subnet to give.
    let gives = of_subnet("map_public_ip_on_launch").and_then(|value| value.as_bool());
    match (item.kind.name, gives) {
        (INSTANCE, Some(gives)) => {
            let asked = item.fields.member("associate_public_ip_address").as_bool();
            if asked.is_none() && gives && is_left("public_ip_address") {
                out.push(("associate_public_ip_address", Tree::Bool(true)));
            }
            if !asked.unwrap_or(gives) {
                let fields = ["public_ip_address", "public_dns_name"];
                out.extend(fields.into_iter().filter(|f| is_left(f)).map(|f| (f, Tree::Null)));
            }
        }
        // Interfaces that are made by themselves get none from their subnet; those of instances do.
        (INTERFACE, Some(gives)) if is_left("association") && is_of_instance(item) => {
            let public = if gives { given() } else { Tree::Null };
            out.extend(
                associated(&item.fields, &public).map(|list| ("private_ip_addresses", list)),
            );
            out.push(("association", public));
        }
        _ => {}
    }
    out
}

/// Whether an interface comes with an instance.
fn is_of_instance(item: &super::bench::Item<'_>) -> bool {
    item.fields.at("attachment.instance_id").as_str().is_some()
}

/// A public address that a subnet gives.
fn given() -> Tree<'static> {
    let later = || Tree::Unknown(CauseKind::KnownAfterApply.into());
    let mut association = Tree::Map(Vec::new());
    for field in ["public_ip", "association_id", "public_dns_name"] {
        association.set(field, later());
    }
    association.set("ip_owner_id", Tree::text("amazon"));
    for field in ["allocation_id", "carrier_ip", "customer_owned_ip"] {
        association.set(field, Tree::Null);
    }
    association
}

/// The private addresses of an interface, with a public one for those of which it is open whether they have one.
fn associated(fields: &Tree<'_>, public: &Tree<'static>) -> Option<Tree<'static>> {
    let Tree::List(mut list) = fields.member("private_ip_addresses").into_owned().into_owned()
    else {
        return None;
    };
    for address in list.iter_mut().filter(|address| address.member("association").is_unknown()) {
        address.set("association", public.clone());
    }
    Some(Tree::List(list))
}

/// The units above, as far as each is known, under the names that accounts and units have for them. `own` is what ends
/// the path: a unit's own name.
fn above(
    bench: &Bench<'_, '_>,
    fields: &Tree<'_>,
    place: &Place,
    path: &'static str,
    own: &[Tree<'static>],
) -> Option<Vec<(&'static str, Tree<'static>)>> {
    let unit: &Kind = kind_named(UNIT)?;
    let mut parent = fields.member("parent_id").as_str()?.to_owned();
    let mut ids = Vec::new();
    let mut names = Vec::new();
    while !parent.starts_with("r-") {
        if ids.len() > DEPTH_MAX {
            return None;
        }
        let name = bench.name_of(unit, place, &parent)?;
        let next = bench.field_of(unit, place, &parent, "parent_id")?.as_str()?.to_owned();
        names.push(Tree::text(name));
        ids.push(Tree::text(std::mem::replace(&mut parent, next)));
    }
    ids.push(Tree::text(parent));
    ids.reverse();
    names.reverse();
    names.extend_from_slice(own);
    Some(vec![(path, Tree::List(names)), ("ancestor_ids", Tree::List(ids))])
}
