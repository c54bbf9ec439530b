//! What somebody may do, and what those outside reach.

use std::fmt::Write as _;

use super::{LISTED_MAX, Style, header, heading, layer, place, rest, tree};
use crate::analyze::iam::ask::outside::{Outside, Reach};
use crate::analyze::iam::ask::what::{Grant, Limit};
use crate::analyze::iam::catalogue::Access;
use crate::analyze::iam::evaluate::Decision;
use crate::report::iam::{OutsideView, Question, WhatCan};
use crate::report::terminal::paint::{Ink, Paint, wrap};
use crate::report::text::{clean, count, counted};

/// What somebody may do.
pub fn what(answer: &WhatCan, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    header(&answer.inventory, &answer.question, paint, &mut out);
    let kinds: Vec<_> = answer
        .what
        .actions
        .iter()
        .map(|(access, n)| format!("{} {}", count(*n as u64), access_words(*access)))
        .collect();
    let all: usize = answer.what.actions.values().sum();
    let _ = writeln!(
        out,
        "{} it may take on some resource{}{}",
        counted(all as u64, "documented action", "documented actions"),
        if kinds.is_empty() { "" } else { ": " },
        kinds.join(", ")
    );
    for grant in answer.what.grants.iter().take(LISTED_MAX) {
        self::grant(grant, style, paint, &mut out);
    }
    rest(answer.what.grants.len(), &mut out);
    missing(&answer.what.missing, paint, &mut out);
    out
}

fn access_words(access: Access) -> &'static str {
    match access {
        Access::List => "list",
        Access::Read => "read",
        Access::Write => "write",
        Access::Permissions => "change permissions",
        Access::Tagging => "tag",
    }
}

fn grant(grant: &Grant, style: Style, paint: Paint, out: &mut String) {
    let mut title = clean(&grant.policy).into_owned();
    if let Some(version) = &grant.version {
        let _ = write!(title, " {}", clean(version));
    }
    let _ = write!(title, ", statement {}", grant.statement);
    if let Some(sid) = &grant.sid {
        let _ = write!(title, " ({})", clean(sid));
    }
    heading(out, paint, &title);
    let list = |patterns: &[String], all_but: bool| {
        let patterns: Vec<_> = patterns.iter().map(|one| clean(one)).collect();
        format!("{}{}", if all_but { "all but " } else { "" }, patterns.join(", "))
    };
    line("allows", &list(&grant.actions, grant.all_but_actions), style, out);
    line("on", &list(&grant.resources, grant.all_but_resources), style, out);
    let ink = if grant.allowed > 0 { Ink::Good } else { Ink::Muted };
    let words =
        format!("{} of {} actions pass", count(grant.allowed as u64), count(grant.tried as u64));
    let _ = writeln!(out, "  {:<10}{}", "effect", paint.put(ink, &words));
    for one in grant.conditional.iter().take(5) {
        line("depends", &examples(one.actions, &one.examples), style, out);
        tree(&one.need, 7, out);
    }
    if grant.conditional.len() > 5 {
        line(
            "depends",
            &format!("and {} more sets of conditions", grant.conditional.len() - 5),
            style,
            out,
        );
    }
    for one in grant.limited.iter().take(10) {
        let actions = examples(one.actions, &one.examples);
        line("but", &limit(&one.by, &actions), style, out);
    }
    if grant.limited.len() > 10 {
        line("but", &format!("{} more limits", grant.limited.len() - 10), style, out);
    }
}

fn limit(by: &Limit, actions: &str) -> String {
    match (&by.statement, by.layer) {
        (Some((policy, at)), Some(of)) => {
            let sid = by.sid.as_deref().map(|sid| format!(" ({})", clean(sid))).unwrap_or_default();
            // The name of a policy says enough; its ARN is long.
            let policy = policy.rsplit('/').next().unwrap_or(policy);
            format!("{}: {}, statement {at}{sid} denies {actions}", layer(of), clean(policy))
        }
        (_, Some(of)) => format!("{}: nothing allows {actions}", layer(of)),
        (_, None) => format!("no policy can allow {actions}"),
    }
}

fn examples(n: usize, examples: &[String]) -> String {
    let more = n.saturating_sub(examples.len());
    let listed = examples.join(", ");
    if more == 0 { listed } else { format!("{listed} and {} more", count(more as u64)) }
}

fn line(label: &str, words: &str, style: Style, out: &mut String) {
    for (at, part) in wrap(words, style.width.saturating_sub(12), 0).iter().enumerate() {
        let _ = writeln!(out, "  {:<10}{part}", if at == 0 { label } else { "" });
    }
}

/// What those outside reach.
pub fn outside(answer: &OutsideView, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    header(&answer.inventory, &Question::default(), paint, &mut out);
    for one in &answer.outside {
        let sure = one.reaches.iter().filter(|row| row.decision == Decision::Allowed);
        let sure: std::collections::BTreeSet<_> = sure.map(|row| &row.resource).collect();
        let all: std::collections::BTreeSet<_> =
            one.reaches.iter().map(|row| &row.resource).collect();
        let ink = if sure.is_empty() { Ink::Good } else { Ink::High };
        let words = format!(
            "{} reaches {} of {}, {} more on conditions",
            clean(&one.who),
            count(sure.len() as u64),
            counted(one.looked_at as u64, "resource or role", "resources and roles"),
            count((all.len() - sure.len()) as u64),
        );
        if !out.ends_with("\n\n") {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", paint.put(ink, &words));
        rows(one, style, paint, &mut out);
    }
    let mut unread: Vec<String> =
        answer.outside.iter().flat_map(|one| one.missing.iter().cloned()).collect();
    unread.sort();
    unread.dedup();
    missing(&unread, paint, &mut out);
    out
}

fn rows(one: &Outside, style: Style, paint: Paint, out: &mut String) {
    for row in one.reaches.iter().take(LISTED_MAX) {
        reach(row, style, paint, out);
    }
    rest(one.reaches.len(), out);
}

fn reach(row: &Reach, style: Style, paint: Paint, out: &mut String) {
    let (ink, sure) = match row.decision {
        Decision::Allowed => (Ink::High, "may  "),
        _ => (Ink::Unknown, "might"),
    };
    let _ = writeln!(
        out,
        "  {}  {}  {}",
        paint.put(ink, sure),
        clean(&row.resource),
        paint.put(Ink::Muted, &row.kind)
    );
    for part in wrap(&examples(row.actions, &row.examples), style.width.saturating_sub(9), 0) {
        let _ = writeln!(out, "         {part}");
    }
    for by in row.by.iter().take(3) {
        let _ = writeln!(out, "         by {}", place(by));
    }
    if let Some(need) = &row.need {
        out.push_str("         if\n");
        tree(need, 6, out);
    }
}

fn missing(list: &[String], paint: Paint, out: &mut String) {
    if list.is_empty() {
        return;
    }
    heading(out, paint, "Not in the inventory, and might change the answer");
    for one in list.iter().take(LISTED_MAX) {
        let _ = writeln!(out, "  {}", clean(one));
    }
    rest(list.len(), out);
}
