//! What AWS takes away along with a thing.

use std::collections::BTreeSet;

use crate::gate::overlay::live::Live;
use crate::model::reflect::{Reflect, View};
use crate::model::{Resource, kinds::kind_named};

/// A type that goes with another: its field that names the other by id or ARN, and what else must hold.
struct Bond {
    whole: &'static str,
    kind: &'static str,
    field: &'static str,
    only: Only,
}

/// Of which of them it is true.
enum Only {
    All,
    /// Those with a flag.
    Flag(&'static str),
    /// Those with a text in a field.
    Text(&'static str, &'static str),
}

/// AWS deletes these itself; where it refuses as long as something is left, nothing is taken away here.
const BONDS: &[Bond] = &[
    bond("aws.ec2.vpc", "aws.ec2.security_group", "vpc_id", Only::Text("group_name", "default")),
    bond("aws.ec2.vpc", "aws.ec2.route_table", "vpc_id", Only::Flag("main")),
    bond("aws.ec2.vpc", "aws.ec2.network_acl", "vpc_id", Only::Flag("is_default")),
    bond("aws.elbv2.load_balancer", "aws.elbv2.listener", "load_balancer_arn", Only::All),
    bond("aws.elbv2.listener", "aws.elbv2.listener_rule", "listener_arn", Only::All),
    bond("aws.iam.user", "aws.iam.access_key", "user_name", Only::All),
];

const fn bond(whole: &'static str, kind: &'static str, field: &'static str, only: Only) -> Bond {
    Bond { whole, kind, field, only }
}

/// The types that go with some.
pub(super) fn kinds(of: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    let mut out = of.clone();
    for bond in BONDS {
        // The table goes from wholes to parts, so that once is enough.
        if out.contains(bond.whole) {
            out.insert(bond.kind);
        }
    }
    out
}

/// The live resources that go with one.
pub(super) fn goes_with(live: &Live<'_>, at: usize) -> Vec<usize> {
    let Some(whole) = live.resources.get(at) else { return Vec::new() };
    let mut out = Vec::new();
    for bond in BONDS.iter().filter(|bond| bond.whole == whole.kind().name) {
        let Some(kind) = kind_named(bond.kind) else { continue };
        let place = crate::gate::key::Key::of(whole).place();
        let found = live
            .all(kind, &place)
            .filter(|at| live.resources.get(*at).is_some_and(|part| belongs(part, whole, bond)));
        out.extend(found);
    }
    out
}

fn belongs(part: &Resource, whole: &Resource, bond: &Bond) -> bool {
    let view = |name: &str| {
        Resource::field_of(part.kind(), name).map_or(View::Absent, |(slot, _)| part.slot(slot))
    };
    let named = matches!(view(bond.field), View::Str(text)
        if text == whole.meta.id || whole.meta.arn.as_deref() == Some(text));
    named
        && match bond.only {
            Only::All => true,
            Only::Flag(name) => matches!(view(name), View::Bool(true)),
            Only::Text(name, wanted) => matches!(view(name), View::Str(text) if text == wanted),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bond_is_in_the_model() {
        for bond in BONDS {
            assert!(kind_named(bond.whole).is_some(), "{}", bond.whole);
            let kind = kind_named(bond.kind).unwrap();
            let mut fields = vec![bond.field];
            match bond.only {
                Only::All => {}
                Only::Flag(name) | Only::Text(name, _) => fields.push(name),
            }
            for field in fields {
                assert!(Resource::field_of(kind, field).is_some(), "{}.{field}", bond.kind);
            }
        }
    }
}
