//! What a change of policies grants and revokes.

use std::fmt::Write as _;

use super::{LISTED_MAX, Style, heading, rest};
use crate::analyze::iam::ask::difference::{Changed, Shift};
use crate::analyze::iam::truth::Truth;
use crate::report::iam::Compared;
use crate::report::terminal::paint::{Ink, Paint};
use crate::report::text::{clean, count, counted};

/// Two inventories, compared.
pub fn difference(answer: &Compared, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    for (title, inventory) in [("before", &answer.before), ("after", &answer.after)] {
        let line = format!(
            "{title:<8}{}, collected {}: {}",
            clean(&inventory.path),
            inventory.created,
            counted(inventory.principals, "principal", "principals")
        );
        let _ = writeln!(out, "{}", paint.put(Ink::Muted, &line));
    }
    let found = &answer.difference;
    let of = |more: fn(&Changed) -> bool| -> usize {
        found.changed.iter().filter(|one| more(one)).map(|one| one.principals.len()).sum()
    };
    let gained = of(|one| !one.gained.is_empty());
    let ink = if gained > 0 || !found.appeared.is_empty() { Ink::High } else { Ink::Good };
    let words = format!(
        "{} gained permissions, {} lost some; {} new, {} gone, {} unchanged",
        counted(gained as u64, "principal", "principals"),
        count(of(|one| !one.lost.is_empty()) as u64),
        count(found.appeared.len() as u64),
        count(found.gone.len() as u64),
        count(found.unchanged as u64)
    );
    let _ = writeln!(out, "\n{}", paint.put(ink, &words));
    for (title, list) in [("New", &found.appeared), ("Gone", &found.gone)] {
        if !list.is_empty() {
            heading(&mut out, paint, title);
            for one in list.iter().take(LISTED_MAX) {
                let _ = writeln!(out, "  {}", clean(one));
            }
            rest(list.len(), &mut out);
        }
    }
    for one in found.changed.iter().take(LISTED_MAX) {
        changed(one, paint, &mut out);
    }
    rest(found.changed.len(), &mut out);
    out
}

fn changed(one: &Changed, paint: Paint, out: &mut String) {
    let mut principals = one.principals.iter();
    let mut title = principals.next().map(|arn| clean(arn).into_owned()).unwrap_or_default();
    let more = principals.count();
    if more > 0 {
        let _ = write!(title, " and {more} more with the same policies");
    }
    heading(out, paint, &title);
    for (words, ink, list) in [("gained", Ink::High, &one.gained), ("lost  ", Ink::Good, &one.lost)]
    {
        for shift in list.iter().take(LISTED_MAX) {
            self::shift(shift, &paint.put(ink, words), out);
        }
        rest(list.len(), out);
    }
}

fn shift(shift: &Shift, label: &str, out: &mut String) {
    let _ = write!(out, "  {label}  {} on {}", clean(&shift.actions), clean(&shift.resources));
    if shift.of > 1 {
        let _ =
            write!(out, " ({} of {} actions)", count(shift.count as u64), count(shift.of as u64));
    }
    out.push('\n');
    let witness = &shift.witness;
    let _ = writeln!(
        out,
        "          e.g. {} on {}: {}, now {}",
        clean(&witness.action),
        clean(&witness.resource),
        words(witness.before),
        words(witness.after)
    );
}

fn words(truth: Truth) -> &'static str {
    match truth {
        Truth::No => "denied",
        Truth::Maybe => "on conditions",
        Truth::Yes => "allowed",
    }
}
