//! Resources to ask about, where any resource will do: those of which the policies speak.
//!
//! A policy allows an action on some resource exactly if it allows it on one of its own patterns, as far as denials and
//! limits leave any of it; so names are made up that match the patterns of all policies, two at a time.

use std::collections::BTreeSet;

use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::{Document, Effect};
use crate::analyze::iam::estate::Principal;
use crate::analyze::iam::glob;
use crate::analyze::iam::request::Action;

/// What stands for a name that nobody has thought of.
pub(super) const FRESH: &str = "x7k2";
/// Regions to try where none is said: organizations often close most of them.
const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "eu-central-1", "us-west-2"];
/// Services whose resources are in no region.
const GLOBAL: [&str; 10] = [
    "account",
    "cloudfront",
    "iam",
    "networkmanager",
    "organizations",
    "route53",
    "s3",
    "shield",
    "sts",
    "waf",
];
/// Enough: policies with more patterns for one action repeat themselves.
const MOST: usize = 96;

/// ARNs on which an action may be allowed, and on which it is wanted.
pub(super) fn resources(
    principal: &Principal,
    action: &Action,
    documents: &[&Document],
    limits: &[&Document],
    wanted: &[String],
) -> BTreeSet<String> {
    let allowed = patterns(principal, action, documents, Some(Effect::Allow));
    let mut others = patterns(principal, action, documents, None);
    others.extend(patterns(principal, action, limits, None));
    let mut out = BTreeSet::new();
    let everything = [String::from("*")];
    let wanted = if wanted.is_empty() { &everything[..] } else { wanted };
    for want in wanted {
        for allow in &allowed {
            let Some(both) = meet(want, allow) else { continue };
            add(principal, action, &both, &mut out);
            for other in &others {
                if let Some(all) = meet(&both, other) {
                    add(principal, action, &all, &mut out);
                }
                if out.len() >= MOST {
                    return out;
                }
            }
        }
    }
    out
}

/// The patterns of resources in statements about an action; of exceptions their patterns, too, since what is excepted from
/// a denial is what it leaves.
fn patterns(
    principal: &Principal,
    action: &Action,
    documents: &[&Document],
    effect: Option<Effect>,
) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for document in documents {
        if document.doubt.is_some() {
            out.insert("*".to_owned());
        }
        for statement in &document.statements {
            let fits = effect.is_none() || statement.effect.is_none() || statement.effect == effect;
            if !fits || !statement.actions.include(action) {
                continue;
            }
            let Some(resources) = &statement.resources else { continue };
            if resources.negated {
                out.insert("*".to_owned());
            }
            if !resources.negated || effect.is_none() {
                out.extend(resources.patterns.iter().filter_map(|p| plain(principal, &p.text)));
            }
        }
    }
    out
}

/// A pattern with the one variable replaced that is certain; nothing if it holds others.
fn plain(principal: &Principal, text: &str) -> Option<String> {
    let replaced = text.replace("${aws:username}", &principal.name);
    (!replaced.contains("${")).then_some(replaced)
}

/// A pattern of texts that two patterns both match, as wide as is easily found; nothing if there is no such text.
///
/// ARNs meet part by part, since a `*` in their first parts ends at the colon.
fn meet(a: &str, b: &str) -> Option<String> {
    let (one, two): (Vec<_>, Vec<_>) = (a.splitn(6, ':').collect(), b.splitn(6, ':').collect());
    if one.len() < 6 || two.len() < 6 {
        return meet_texts(a, b);
    }
    let parts: Option<Vec<_>> = one.iter().zip(&two).map(|(x, y)| meet_texts(x, y)).collect();
    parts.map(|parts| parts.join(":"))
}

/// Both are walked at once: a literal of one may be taken by a `*` of the other, and where both are at a `*` one is kept.
fn meet_texts(a: &str, b: &str) -> Option<String> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut seen = BTreeSet::new();
    let mut todo = vec![(0, 0, String::new())];
    while let Some((i, j, made)) = todo.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        let mut go = |i, j, c: Option<char>| {
            let mut made = made.clone();
            if c != Some('*') || !made.ends_with('*') {
                made.extend(c);
            }
            todo.push((i, j, made));
        };
        // What is pushed last is tried first.
        match (a.get(i).copied(), b.get(j).copied()) {
            (None, None) => return Some(made),
            (Some('*'), Some('*')) => {
                go(i, j + 1, Some('*'));
                go(i + 1, j, Some('*'));
            }
            (Some('*'), None) => go(i + 1, j, None),
            (None, Some('*')) => go(i, j + 1, None),
            (Some('*'), Some(c)) => {
                go(i + 1, j, None);
                go(i, j + 1, Some(c));
            }
            (Some(c), Some('*')) => {
                go(i, j + 1, None);
                go(i + 1, j, Some(c));
            }
            (Some(c), Some(d)) if c == d || d == '?' => go(i + 1, j + 1, Some(c)),
            (Some('?'), Some(d)) => go(i + 1, j + 1, Some(d)),
            _ => {}
        }
    }
    None
}

/// Names that match a pattern.
fn add(principal: &Principal, action: &Action, text: &str, out: &mut BTreeSet<String>) {
    let default = ArnParts::parse(&principal.arn).map_or("aws", |arn| arn.partition);
    let mut parts = text.splitn(6, ':').map(|part| (part != "*").then_some(part));
    let mut part = || parts.next().flatten();
    let all = text.bytes().all(|b| b == b'*');
    let first = part().filter(|_| !all).map_or_else(|| "arn".to_owned(), fresh);
    let partition = part().map_or_else(|| default.to_owned(), fresh);
    let service = part().map_or_else(|| action.service().to_owned(), fresh);
    let regions = regions(&service, part());
    let account = part().map_or_else(
        || if service == "s3" { String::new() } else { principal.account.to_string() },
        fresh,
    );
    let rest = part().map_or_else(|| FRESH.to_owned(), fresh);
    for region in regions {
        out.insert(format!("{first}:{partition}:{service}:{region}:{account}:{rest}"));
    }
}

/// The regions to try for a pattern of regions.
fn regions(service: &str, pattern: Option<&str>) -> Vec<String> {
    match pattern {
        None if GLOBAL.contains(&service) => vec![String::new()],
        None => REGIONS.map(str::to_owned).to_vec(),
        Some(text) if text.contains(['*', '?']) => {
            let open = REGIONS.iter().find(|known| glob::matches(text, known));
            vec![open.map_or_else(|| fresh(text), |known| (*known).to_owned())]
        }
        Some(text) => vec![text.to_owned()],
    }
}

/// A pattern with its wildcards replaced by something that nobody has thought of.
fn fresh(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.chars() {
        match c {
            '*' if out.ends_with(FRESH) => {}
            '*' => out.push_str(FRESH),
            '?' => out.push('x'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet() {
        for (a, b, want) in [
            ("*", "arn:aws:s3:::x", Some("arn:aws:s3:::x")),
            ("role/app-*", "role/*-dev", Some("role/app-*-dev")),
            (
                "arn:aws:iam::*:role/app-*",
                "arn:aws:iam::1:role/*",
                Some("arn:aws:iam::1:role/app-*"),
            ),
            ("arn:*:x", "arn:aws:?", Some("arn:aws:x")),
            ("a*b*c", "*x*", Some("a*b*x*c")),
            ("a*", "b*", None),
            ("ab", "a", None),
        ] {
            assert_eq!(meet(a, b).as_deref(), want, "{a} {b}");
            let back = meet(b, a);
            assert_eq!(back.is_some(), want.is_some(), "{b} {a}");
            let fits = |text: &str| glob::matches(a, text) && glob::matches(b, text);
            assert!(back.is_none_or(|text| fits(&fresh(&text))), "{b} {a}");
        }
    }
}
