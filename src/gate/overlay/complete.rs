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
const ACCOUNT: &str = "aws.organizations.account";
const UNIT: &str = "aws.organizations.unit";

/// Types that have a VPC because they have subnets.
const IN_SUBNETS: [&str; 3] = ["aws.eks.cluster", "aws.lambda.function", "aws.rds.db_instance"];

/// Units nest five deep at most: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.
const DEPTH_MAX: usize = 8;

/// The types that have to be looked up to complete things of these.
pub(super) fn kinds(stated: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let needs = |of: &[&str], kind| of.iter().any(|one| stated.contains(one)).then_some(kind);
    let above = needs(&[ACCOUNT, UNIT], UNIT);
    needs(&[PROFILE], ROLE).into_iter().chain(needs(&IN_SUBNETS, SUBNET)).chain(above).collect()
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
