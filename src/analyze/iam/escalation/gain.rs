//! Whether one caller can do something that another cannot.

use std::collections::BTreeSet;

use super::world::World;
use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::{ActionPattern, Document, Effect};
use crate::analyze::iam::estate::Subject;
use crate::analyze::iam::request::Action;
use crate::analyze::iam::truth::Truth;

/// The most requests that stand for what a caller can do. Where there are more, and none of these is a gain, nobody can
/// say.
const MOST: usize = 96;
/// The most resources of a statement that are asked about for one action.
const RESOURCES_MOST: usize = 16;

/// A request that stands for many.
pub type Sample = (Action, String);

/// Whether `after` can do something that `before` cannot.
pub fn more(world: &World<'_>, before: &Subject<'_>, after: &Subject<'_>) -> Truth {
    // What nobody could read may allow anything.
    let unread = after.identity.iter().any(|document| document.doubt.is_some());
    let samples = samples(&after.identity);
    let open = unread || samples.cut && !holds_all_of(before, after);
    let mut found = if open { Truth::Maybe } else { Truth::No };
    for sample in samples.list {
        found = found.or(gains(world, before, after, &sample));
        if found == Truth::Yes {
            break;
        }
    }
    found
}

/// Whether a caller has all policies of another, so that those beyond the samples are no gain.
fn holds_all_of(before: &Subject<'_>, after: &Subject<'_>) -> bool {
    before.boundary.is_none()
        && after.identity.iter().all(|own| before.identity.iter().any(|it| std::ptr::eq(*it, *own)))
}

/// Requests that stand for what policies allow.
#[derive(Debug, Default)]
pub struct Samples {
    /// The requests.
    pub list: Vec<Sample>,
    /// Whether the policies allow more than these stand for.
    pub cut: bool,
}

/// Whether a request passes for one caller and not for another.
pub fn gains(
    world: &World<'_>,
    before: &Subject<'_>,
    after: &Subject<'_>,
    sample: &Sample,
) -> Truth {
    let (action, resource) = sample;
    let may = |subject: &Subject<'_>| world.may_do(subject, action, resource, world.open());
    let lacks = may(before).not();
    if lacks == Truth::No { Truth::No } else { lacks.and(may(after)) }
}

/// Requests that stand for what policies allow: one for each pair of patterns of a statement, with fresh names where the
/// patterns have wildcards.
pub fn samples(documents: &[&Document]) -> Samples {
    let mut seen = BTreeSet::new();
    let mut out = Samples::default();
    let allows =
        documents.iter().flat_map(|d| &d.statements).filter(|s| s.effect == Some(Effect::Allow));
    for statement in allows {
        let actions: Vec<String> = if statement.actions.negated {
            EVERYWHERE.iter().map(|&a| a.to_owned()).collect()
        } else {
            statement.actions.patterns.iter().flat_map(concrete).collect()
        };
        for action in actions.iter().filter_map(|text| Action::parse(text)) {
            if !statement.actions.include(&action) {
                continue;
            }
            let texts: Vec<&str> = match &statement.resources {
                Some(list) if !list.negated => {
                    out.cut |= list.patterns.len() > RESOURCES_MOST;
                    list.patterns.iter().take(RESOURCES_MOST).map(|p| &*p.text).collect()
                }
                _ => vec!["*"],
            };
            for text in texts {
                let resource = instance(text, &action);
                if seen.insert((action.clone(), resource.clone())) {
                    if out.list.len() >= MOST {
                        out.cut = true;
                        return out;
                    }
                    out.list.push((action.clone(), resource));
                }
            }
        }
    }
    out
}

/// What stands for every action.
const EVERYWHERE: [&str; 10] = [
    "iam:AttachUserPolicy",
    "s3:GetObject",
    "ec2:RunInstances",
    "lambda:CreateFunction",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "dynamodb:GetItem",
    "rds:ModifyDBInstance",
    "sts:AssumeRole",
    "organizations:CreateAccount",
];

fn concrete(pattern: &ActionPattern) -> Vec<String> {
    match pattern {
        ActionPattern::Everything => EVERYWHERE.iter().map(|&a| a.to_owned()).collect(),
        ActionPattern::Nothing => Vec::new(),
        ActionPattern::Of(service, name) if service.contains(['*', '?']) => EVERYWHERE
            .iter()
            .map(|&a| a.to_owned())
            .chain([format!("{}:{}", fill(service), fill(name))])
            .collect(),
        ActionPattern::Of(service, name) => vec![format!("{service}:{}", fill(name))],
    }
}

fn fill(pattern: &str) -> String {
    pattern.replace('*', "x7k2").replace('?', "x")
}

/// A resource that a pattern means; `*` stays, since it alone means actions without resources too.
fn instance(pattern: &str, action: &Action) -> String {
    match ArnParts::parse(pattern) {
        Some(arn) if !arn.resource.contains("${") => {
            let part = |own: &str, or: &str| {
                if own == "*" { or.to_owned() } else { fill(own) }
            };
            format!(
                "arn:{}:{}:{}:{}:{}",
                part(arn.partition, "aws"),
                part(arn.service, action.service()),
                part(arn.region, "us-east-1"),
                part(arn.account, "111122223333"),
                fill(arn.resource)
            )
        }
        _ => "*".to_owned(),
    }
}
