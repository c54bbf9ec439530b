//! Resources to ask about where any resource of a shape will do.

use super::method::{Place, Shape};
use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::{Document, Effect};
use crate::analyze::iam::glob;
use crate::analyze::iam::request::Action;

/// What stands for a name that nobody has thought of.
const FRESH: &str = "x7k2";
/// Regions to try where none is said: organizations often close most of them.
const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "eu-central-1", "us-west-2"];
/// Enough: policies with more patterns for one action repeat themselves.
const MOST: usize = 64;

/// ARNs of a shape of which the policies speak in connection with some actions: so a permission for `function:dev-*` is
/// found by asking for `function:dev-x7k2`.
pub fn candidates(
    documents: &[&Document],
    actions: &[&Action],
    partition: &str,
    account: &str,
    shape: Shape,
) -> Vec<String> {
    let regions: &[&str] = if shape.place == Place::Regional { &REGIONS } else { &[""] };
    let make = |region: &str, resource: &str| {
        Shape { resource: "", ..shape }.pattern(partition, region, account) + resource
    };
    let mut out: Vec<String> = regions.iter().map(|r| make(r, &fresh(shape.resource))).collect();
    let allows = documents.iter().flat_map(|d| &d.statements).filter(|s| {
        s.effect != Some(Effect::Deny) && actions.iter().any(|action| s.actions.include(action))
    });
    let patterns = allows
        .filter_map(|s| s.resources.as_ref())
        .filter(|r| !r.negated)
        .flat_map(|r| &r.patterns);
    for pattern in patterns {
        let Some(arn) = ArnParts::parse(&pattern.text) else { continue };
        let resource = fresh(arn.resource);
        if arn.resource.contains("${") || !glob::matches(shape.resource, &resource) {
            continue;
        }
        for region in regions {
            let closed = !arn.region.contains(['*', '?']) && shape.place == Place::Regional;
            let made = make(if closed { arn.region } else { region }, &resource);
            if !out.contains(&made) {
                out.push(made);
            }
            if closed {
                break;
            }
        }
        if out.len() > MOST {
            break;
        }
    }
    out
}

/// A pattern with its wildcards replaced by something that nobody has thought of.
fn fresh(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.chars() {
        match c {
            '*' => out.push_str(FRESH),
            '?' => out.push('x'),
            c => out.push(c),
        }
    }
    out
}
