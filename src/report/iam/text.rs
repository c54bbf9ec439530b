//! Answers at a terminal: the decision first, then what it rests on.

mod change;
mod reach;

use std::fmt::Write as _;

use super::{Inventory, Question, Simulated, WhoCan};
use crate::analyze::iam::ask::answer::{Answer, Matched, PrincipalMatch};
use crate::analyze::iam::ask::who::Row;
use crate::analyze::iam::document::{Effect, Layer};
use crate::analyze::iam::evaluate::Decision;
use crate::analyze::iam::truth::{Need, Truth};
use crate::report::terminal::paint::{Ink, Paint};
use crate::report::text::{clean, count, counted};

pub use change::difference;
pub use reach::{outside, what};

/// How many rows or statements of one kind are listed.
const LISTED_MAX: usize = 200;

/// How the text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colour is wanted.
    pub color: bool,
}

/// The words for a decision.
pub fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ImplicitlyDenied => "denied, since nothing allows it",
        Decision::ExplicitlyDenied => "denied by a statement",
        Decision::Unknown => "unknown",
    }
}

/// The words for a layer.
pub fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "policies of the principal",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "policy of the session",
        Layer::Scp => "service control policies",
        Layer::Rcp => "resource control policies",
        Layer::Resource => "policy of the resource",
        Layer::Endpoint => "policy of the VPC endpoint",
    }
}

/// One request, decided.
pub fn simulated(answer: &Simulated, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    header(&answer.inventory, &answer.question, paint, &mut out);
    let one = &answer.answer;
    let _ = writeln!(out, "{}", paint.put(ink(one.decision), &headline(one)));
    let Answer { need, layers, matched, missing, .. } = one;
    if let Some(need) = need {
        heading(&mut out, paint, "Allowed exactly if");
        tree(need, 1, &mut out);
    }
    heading(&mut out, paint, "Layers");
    for one in layers {
        let _ = writeln!(
            out,
            "  {:<28}{}",
            layer(one.layer),
            paint.put(ink(one.decision), short(one.decision))
        );
    }
    if !matched.is_empty() {
        heading(&mut out, paint, "Statements that apply");
        // A policy that is attached at several levels of an organization is one policy.
        let mut once: Vec<&Matched> = Vec::new();
        for one in matched {
            if !once.contains(&one) {
                once.push(one);
            }
        }
        once.iter().take(LISTED_MAX).for_each(|one| statement(one, paint, &mut out));
        rest(once.len(), &mut out);
    }
    if !missing.is_empty() {
        heading(&mut out, paint, "Not in the inventory");
        for one in missing {
            let _ = writeln!(out, "  {}", clean(one));
        }
    }
    out
}

/// A decision with its reason in one line.
fn headline(answer: &Answer) -> String {
    let blockers: Vec<_> = answer.blocked_by.iter().map(|one| one.words()).collect();
    let blockers = blockers.join(" and ");
    match answer.decision {
        Decision::Allowed => "allowed".to_owned(),
        Decision::Unknown => format!("unknown; at best {}", decision(answer.possible)),
        Decision::ExplicitlyDenied if !blockers.is_empty() => {
            format!("denied: granted, but {blockers} denies it")
        }
        Decision::ExplicitlyDenied => {
            let deny = answer.layers.iter().filter(|one| one.decision == answer.decision);
            let deny: Vec<_> = deny.map(|one| layer(one.layer)).collect();
            format!("denied by a statement of the {}", deny.join(" and the "))
        }
        Decision::ImplicitlyDenied if !blockers.is_empty() => {
            format!("denied: granted, but {blockers} does not allow it")
        }
        Decision::ImplicitlyDenied => match answer.impossible {
            Some(why) => format!("denied, whatever policies say: {why}"),
            None if answer.lacking.is_empty() => "denied: nothing allows it".to_owned(),
            None => {
                let words: Vec<_> = answer.lacking.iter().map(|one| layer(*one)).collect();
                format!("denied: not allowed by the {}", words.join(" nor by the "))
            }
        },
    }
}

/// Who may do something.
pub fn who(answer: &WhoCan, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    header(&answer.inventory, &answer.question, paint, &mut out);
    let who = &answer.who;
    let sure = |rows: &[Row]| rows.iter().filter(|row| row.decision == Decision::Allowed).count();
    let all = who.principals.len() + who.denied;
    let _ = writeln!(
        out,
        "{} of {} may, {} more might; from outside {} may, {} more might",
        count(sure(&who.principals) as u64),
        counted(all as u64, "principal", "principals"),
        count((who.principals.len() - sure(&who.principals)) as u64),
        count(sure(&who.outside) as u64),
        count((who.outside.len() - sure(&who.outside)) as u64),
    );
    for (title, rows) in [("In the inventory", &who.principals), ("From outside", &who.outside)] {
        if rows.is_empty() {
            continue;
        }
        heading(&mut out, paint, title);
        // Whom no statement that was read allows it is told in one line.
        let (granted, others): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| row.decision == Decision::Allowed || !row.by.is_empty());
        granted.iter().take(LISTED_MAX).for_each(|row| one_of(row, paint, &mut out));
        rest(granted.len(), &mut out);
        if !others.is_empty() {
            let words = counted(others.len() as u64, "other might", "others might");
            let _ = writeln!(out, "  {words}, though nothing that was read allows it");
        }
    }
    if !who.missing.is_empty() {
        heading(&mut out, paint, "Not in the inventory, and might change the answer");
        for one in &who.missing {
            let _ = writeln!(out, "  {}", clean(one));
        }
    }
    out
}

fn one_of(row: &Row, paint: Paint, out: &mut String) {
    let sure = if row.decision == Decision::Allowed { "may  " } else { "might" };
    let _ = write!(
        out,
        "  {}  {}  {}",
        paint.put(ink(row.decision), sure),
        clean(&row.principal),
        paint.put(Ink::Muted, row.kind)
    );
    if let Some(assuming) = row.assuming {
        let _ = write!(out, "{}", paint.put(Ink::Muted, &format!(", if {assuming}")));
    }
    out.push('\n');
    for one in row.by.iter().take(3) {
        let _ = writeln!(out, "         by {}", place(one));
    }
    if row.by.len() > 3 {
        let _ = writeln!(out, "         and {} more statements", row.by.len() - 3);
    }
    if let Some(need) = &row.need {
        out.push_str("         if\n");
        tree(need, 6, out);
    }
}

pub(super) fn header(inventory: &Inventory, question: &Question, paint: Paint, out: &mut String) {
    let line = format!(
        "{}, collected {}: {}",
        clean(&inventory.path),
        inventory.created,
        counted(inventory.principals, "principal", "principals")
    );
    let _ = writeln!(out, "{}", paint.put(Ink::Muted, &line));
    let asked = [&question.principal, &question.action, &question.resource];
    let asked: Vec<_> = asked.into_iter().flatten().map(|text| clean(text)).collect();
    if !asked.is_empty() {
        let _ = writeln!(out, "{}", paint.put(Ink::Strong, &asked.join("  ")));
    }
    out.push('\n');
}

fn heading(out: &mut String, paint: Paint, words: &str) {
    let _ = writeln!(out, "\n{}", paint.put(Ink::Strong, words));
}

fn rest(all: usize, out: &mut String) {
    if all > LISTED_MAX {
        let _ =
            writeln!(out, "  and {} more; --format json has all", count((all - LISTED_MAX) as u64));
    }
}

fn ink(decision: Decision) -> Ink {
    match decision {
        Decision::Allowed => Ink::Good,
        Decision::ImplicitlyDenied => Ink::Medium,
        Decision::ExplicitlyDenied => Ink::High,
        Decision::Unknown => Ink::Unknown,
    }
}

fn short(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allow",
        Decision::ImplicitlyDenied => "do not allow",
        Decision::ExplicitlyDenied => "deny",
        Decision::Unknown => "unknown",
    }
}

fn statement(one: &Matched, paint: Paint, out: &mut String) {
    let effect = match one.effect {
        Some(Effect::Allow) => paint.put(Ink::Good, "Allow"),
        Some(Effect::Deny) => paint.put(Ink::High, "Deny "),
        None => paint.put(Ink::Unknown, "?    "),
    };
    let sure = if one.applies == Truth::Yes { "" } else { ", if its conditions hold" };
    let _ = writeln!(out, "  {effect}  {}{sure}", place(one));
}

/// Where a statement stands, and how it names the caller.
pub(super) fn place(one: &Matched) -> String {
    let mut out = clean(&one.policy).into_owned();
    if let Some(version) = &one.version {
        let _ = write!(out, " {}", clean(version));
    }
    let _ = write!(out, ", statement {}", one.statement);
    if let Some(sid) = &one.sid {
        let _ = write!(out, " ({})", clean(sid));
    }
    let named = match one.principal_match {
        None => "",
        Some(PrincipalMatch::Exact) => ", names it",
        Some(PrincipalMatch::Account) => ", names its account",
        Some(PrincipalMatch::Session) => ", names its session",
        Some(PrincipalMatch::Star) => ", names everybody",
    };
    out.push_str(named);
    out
}

/// What an answer hangs on, one condition a line.
pub(super) fn tree(need: &Need, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    match need {
        Need::All(list) | Need::Any(list) => {
            // What was not read may allow and may deny; it is told once.
            let twice = |need: &Need| matches!(need, Need::Not(inner) if list.len() > 1 && is_unread(inner));
            let listed: Vec<&Need> = list.iter().filter(|need| !twice(need)).collect();
            if let [only] = listed.as_slice() {
                return tree(only, depth, out);
            }
            let words = if matches!(need, Need::All(_)) { "all of" } else { "one of" };
            let _ = writeln!(out, "{pad}{words}");
            for need in listed {
                tree(need, depth + 1, out);
            }
        }
        Need::Not(inner) => match &**inner {
            Need::All(_) | Need::Any(_) | Need::Not(_) => {
                let _ = writeln!(out, "{pad}not");
                tree(inner, depth + 1, out);
            }
            one => {
                let _ = writeln!(out, "{pad}not {}", leaf(one));
            }
        },
        one => {
            let _ = writeln!(out, "{pad}{}", leaf(one));
        }
    }
}

/// Whether nothing but unread things decide.
fn is_unread(need: &Need) -> bool {
    match need {
        Need::All(list) | Need::Any(list) => list.iter().all(is_unread),
        Need::Not(inner) => is_unread(inner),
        Need::Unknown(_) => true,
        Need::Condition { .. } => false,
    }
}

fn leaf(need: &Need) -> String {
    match need {
        Need::Condition { operator, key, values } => {
            let values: Vec<_> = values.iter().map(|value| clean(value)).collect();
            format!("{} {} {}", clean(key), clean(operator), values.join(" | "))
        }
        Need::Unknown(cause) => format!("[{}]", clean(&cause.to_string())),
        Need::All(_) | Need::Any(_) | Need::Not(_) => String::new(),
    }
}
