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
/// More than the quotas of policies leave room for
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>): some 100 ARNs in each of 20 managed
/// policies, of which one action takes a part.
const MOST: usize = 1024;

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

/// Patterns of ARNs of which the policies speak in connection with an action; nothing if they may speak of any.
pub fn patterns(documents: &[&Document], action: &Action) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for document in documents {
        if document.doubt.is_some() {
            return None;
        }
        let about = document
            .statements
            .iter()
            .filter(|s| s.effect != Some(Effect::Deny) && s.actions.include(action));
        for statement in about {
            let resources = statement.resources.as_ref().filter(|list| !list.negated)?;
            for pattern in &resources.patterns {
                let wide = widest(&pattern.text);
                if wide.bytes().all(|b| b == b'*') {
                    return None;
                }
                out.push(wide);
            }
        }
    }
    Some(out)
}

/// A pattern of whole ARNs that matches at least what a pattern of a policy does: variables may stand for anything, and
/// what is missing is filled up.
fn widest(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    if pattern.split(':').count() < 6 {
        out.push('*');
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
