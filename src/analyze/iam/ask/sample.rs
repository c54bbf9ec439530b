//! Concrete requests that stand for what patterns mean: a decision is asked of requests only, so patterns are tried with
//! the documented actions they mean and with a resource made from theirs.

use std::collections::BTreeSet;

use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::catalogue;
use crate::analyze::iam::document::{ActionPattern, Actions, Resources};
use crate::analyze::iam::request::{Action, Caller};

/// What stands for a wildcard.
const FILLER: &str = "sample";

/// The actions that a statement means: the documented ones, and for a pattern that means none of these one made from it.
pub fn actions(list: &Actions) -> Vec<Action> {
    let mut out = BTreeSet::new();
    if list.negated {
        let others = catalogue::all().filter_map(catalogue::Known::action);
        out.extend(others.filter(|action| list.include(action)));
    } else {
        for pattern in &list.patterns {
            let known = catalogue::matching(pattern);
            if known.is_empty() {
                let text = written(pattern).replace('*', FILLER).replace('?', "x");
                out.extend(Action::parse(&text));
            } else {
                out.extend(known.into_iter().filter_map(catalogue::Known::action));
            }
        }
    }
    out.into_iter().collect()
}

/// A pattern as people write it, in the letters of AWS where it names one documented action.
pub fn written(pattern: &ActionPattern) -> String {
    match pattern {
        ActionPattern::Everything => "*".to_owned(),
        ActionPattern::Nothing => "nothing".to_owned(),
        ActionPattern::Of(service, name) => {
            let text = format!("{service}:{name}");
            let known = Action::parse(&text).and_then(|action| catalogue::find(&action));
            known.map_or(text, catalogue::Known::text)
        }
    }
}

/// An action in the letters of AWS.
pub fn named(action: &Action) -> String {
    catalogue::find(action).map_or_else(|| action.text().to_owned(), catalogue::Known::text)
}

/// Whether an action can be taken on a resource at all: those on objects are not taken on buckets, nor the other way round.
pub fn fits(action: &Action, resource: &str) -> bool {
    const OF_OBJECTS: [&str; 3] =
        ["abortmultipartupload", "bypassgovernanceretention", "listmultipartuploadparts"];
    let Some(arn) = ArnParts::parse(resource) else { return true };
    if action.service() != "s3" || arn.service != "s3" || !arn.account.is_empty() {
        return true;
    }
    let name = action.name();
    let of_others = name.contains("bucket") || name.contains("accesspoint");
    let of_object = name.contains("object") && !of_others || OF_OBJECTS.contains(&name);
    of_object == arn.resource.contains('/')
}

/// Resources that a statement means, for one action: `*` for actions that know no resources; none where the action cannot be
/// taken on any of them.
pub fn resources(list: Option<&Resources>, action: &Action, caller: &Caller) -> Vec<String> {
    if catalogue::find(action).is_some_and(|known| known.bare) {
        return vec!["*".to_owned()];
    }
    let any = || vec![anything(action, caller)];
    match list {
        Some(list) if !list.negated => {
            let mut out: Vec<String> =
                list.patterns.iter().map(|one| filled(&one.text, action, caller)).collect();
            out.retain(|resource| fits(action, resource));
            out.sort();
            out.dedup();
            out
        }
        _ => any(),
    }
}

/// A resource that a pattern means.
pub fn filled(pattern: &str, action: &Action, caller: &Caller) -> String {
    if pattern.bytes().all(|b| b == b'*') {
        return anything(action, caller);
    }
    let account = caller.account.as_deref().unwrap_or("111122223333");
    let mut parts: Vec<String> = pattern.splitn(6, ':').map(str::to_owned).collect();
    while parts.len() < 6 {
        parts.push("*".to_owned());
    }
    for (at, part) in parts.iter_mut().enumerate() {
        let instead = match at {
            0 => "arn",
            1 => "aws",
            2 => action.service(),
            // Which region is asked decides conditions; a made-up one would decide them wrongly.
            3 => "",
            4 if action.service() == "s3" => "",
            4 => account,
            _ => FILLER,
        };
        if at == 5 {
            *part = variables(part, caller).replace('*', FILLER).replace('?', "x");
        } else if part.as_str() == "*" {
            instead.clone_into(part);
        } else {
            *part = part.replace('*', instead).replace('?', "x");
        }
    }
    parts.join(":")
}

/// Some resource of the service of an action, in the account of the caller.
fn anything(action: &Action, caller: &Caller) -> String {
    let account = caller.account.as_deref().unwrap_or("111122223333");
    let name = action.name();
    match action.service() {
        "s3" => {
            let bucket = format!("arn:aws:s3:::{FILLER}");
            if fits(action, &bucket) { bucket } else { format!("{bucket}/{FILLER}") }
        }
        "kms" => format!("arn:aws:kms::{account}:key/{FILLER}"),
        "iam" | "sts" => {
            let kind = ["user", "group", "policy"].into_iter().find(|kind| name.contains(kind));
            // Most that speak of policies speak of those of roles.
            let kind = if name.contains("role") { "role" } else { kind.unwrap_or("role") };
            format!("arn:aws:iam::{account}:{kind}/{FILLER}")
        }
        service => format!("arn:aws:{service}::{account}:{FILLER}"),
    }
}

/// Variables of a pattern, replaced by what is known of the caller.
fn variables(text: &str, caller: &Caller) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, further)) = after.split_once('}') else { break };
        out.push_str(before);
        let key = inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
        let tag = key.strip_prefix("aws:principaltag/");
        let tag = tag.and_then(|tag| {
            let tags = caller.tags.known()?;
            tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag)).map(|(_, value)| &**value)
        });
        out.push_str(match key.as_str() {
            "aws:username" => caller.arn.rsplit('/').next().unwrap_or(FILLER),
            "aws:principalaccount" => caller.account.as_deref().unwrap_or(FILLER),
            "aws:userid" => caller.unique_id.as_deref().unwrap_or(FILLER),
            "*" | "?" | "$" => inside,
            _ => tag.unwrap_or(FILLER),
        });
        rest = further;
    }
    out.push_str(rest);
    out
}

/// Whether a resource is one that was made up here.
pub fn is_made_up(resource: &str) -> bool {
    ArnParts::parse(resource).is_some_and(|arn| arn.resource.contains(FILLER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_resources_they_mean() {
        let caller = Caller::of_arn("arn:aws:iam::111122223333:user/ada").unwrap();
        for (action, pattern, expected) in [
            ("s3:GetObject", "*", "arn:aws:s3:::sample/sample"),
            ("s3:GetObject", "arn:aws:s3:::b/*/x?", "arn:aws:s3:::b/sample/xx"),
            ("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ada/sample"),
            ("sqs:SendMessage", "arn:aws:sqs:*:*:q", "arn:aws:sqs::111122223333:q"),
            ("sqs:SendMessage", "arn:aws:sqs", "arn:aws:sqs::111122223333:sample"),
        ] {
            let action = Action::parse(action).unwrap();
            assert_eq!(filled(pattern, &action, &caller), expected);
        }
    }
}
