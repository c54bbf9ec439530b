//! The comment on a pull request: the decision and what the change adds in the open, everything else folded away, and
//! never longer than a forge takes.

use std::fmt::Write as _;
use std::io::Write;

use super::GateView;
use super::shown::{self, Texts};
use crate::gate::{Class, GateFinding};
use crate::report::Error;
use crate::report::markdown::{code, escape};
use crate::report::text::{count, counted, cut};

/// GitHub takes 65,536 characters for a comment. Bytes are never fewer, whoever counts.
const COMMENT_MAX: usize = 65_536;
/// So much of that is kept for what must be said at the end.
const RESERVE: usize = 400;
/// So many rows of the table, which stands in the open.
const ROWS: usize = 15;
/// So many lines of any other list.
const LISTED: usize = 30;
/// Texts from outside are cut after so many characters.
const TEXT_MAX: usize = 400;

/// Writes the comment. Its first line is an anchor, by which a later run finds it and puts the new one in its place.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut text = format!("{}\n", anchor(&view.options.key));
    text.push_str(&page(view, COMMENT_MAX - text.len()));
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// The line by which the comment of a gate is found again: it depends on the key alone.
pub fn anchor(key: &str) -> String {
    let mut word = String::new();
    for c in key.chars().take(100) {
        // Two hyphens would end the comment.
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/') => word.push(c),
            _ if word.ends_with('-') => {}
            _ => word.push('-'),
        }
    }
    let word = word.trim_matches('-');
    format!("<!-- portcullis:gate:{} -->", if word.is_empty() { "default" } else { word })
}

/// A line, formatted. Writing to a string cannot fail.
macro_rules! line {
    ($page:expr) => { $page.push('\n') };
    ($page:expr, $($arg:tt)*) => {{ let _ = writeln!($page, $($arg)*); }};
}

/// The page without the anchor, at most so many bytes long.
pub(super) fn page(view: &GateView<'_>, max: usize) -> String {
    let texts = Texts::of(view);
    // What is bounded comes first; the findings get the rest, and are cut.
    let (head, tail) = (head(view), tail(view));
    let mut lists = Budget::new(max.saturating_sub(head.len() + tail.len() + RESERVE));
    table(view, &texts, &mut lists);
    for (class, title) in [(Class::Added, "Added"), (Class::MadeUnknown, "Made unknown")] {
        details(view, &texts, class, title, &mut lists);
    }
    brief(view, Class::Fixed, "Fixed", &mut lists);
    brief(view, Class::Waived, "Waived", &mut lists);
    let cut = match lists.lost {
        0 => String::new(),
        lost => format!(
            "**{} not shown here, for want of room: see the JSON or SARIF report.**\n\n",
            counted(lost as u64, "finding is", "findings are")
        ),
    };
    [head, lists.text, cut, tail].concat()
}

/// Text that takes blocks as long as there is room, and counts the findings of those it could not take.
struct Budget {
    text: String,
    room: usize,
    lost: usize,
}

impl Budget {
    fn new(room: usize) -> Self {
        Self { text: String::new(), room, lost: 0 }
    }

    fn has_room(&self, block: usize) -> bool {
        self.text.len() + block <= self.room
    }

    /// A list between a beginning and an end: both, or nothing, and as many items as there is room for.
    fn list(&mut self, begin: &str, items: impl Iterator<Item = String>, end: &str) {
        let mut items = items.peekable();
        let first = items.peek().map_or(0, String::len);
        if !self.has_room(begin.len() + first + end.len()) {
            self.lost += items.count();
            return;
        }
        self.text.push_str(begin);
        let mut full = false;
        for item in items {
            full = full || !self.has_room(item.len() + end.len());
            if full {
                self.lost += 1;
            } else {
                self.text.push_str(&item);
            }
        }
        self.text.push_str(end);
    }
}

fn head(view: &GateView<'_>) -> String {
    let report = view.report;
    let decision = &report.decision;
    let mut page = String::new();
    let key = match view.options.key.as_str() {
        "" => String::new(),
        key => format!(" · {}", escape(&cut(key, 80))),
    };
    line!(page, "## Gate {}{key}\n", shown::verdict(decision));
    line!(page, "{}", escape(&shown::summary(view)));
    let others = shown::others(view);
    if !others.is_empty() {
        line!(page, "Besides: {}.", escape(&others));
    }
    line!(page);
    for reason in decision.reasons.iter().take(LISTED) {
        let way = match shown::way_out(reason).as_str() {
            "" => String::new(),
            way => format!("<br>{}", ticks(way)),
        };
        line!(page, "- {} {}{way}", code(&reason.threshold), text(&reason.words));
    }
    if let more @ 1.. = decision.reasons.len().saturating_sub(LISTED) {
        line!(page, "- {more} more reasons");
    }
    if decision.warn_only && !decision.reasons.is_empty() {
        line!(page, "- thresholds only warn in this run");
    }
    if !decision.reasons.is_empty() {
        line!(page);
    }
    page
}

/// What the change adds and makes unknown, in the open.
fn table(view: &GateView<'_>, texts: &Texts<'_>, page: &mut Budget) {
    let mut all = shown::sorted(view, Class::Added);
    all.extend(shown::sorted(view, Class::MadeUnknown));
    if all.is_empty() {
        return;
    }
    let rows = all.iter().take(ROWS).map(|gated| {
        let finding = &gated.finding;
        let outcome = match gated.class {
            Class::MadeUnknown => " (unknown)",
            _ => "",
        };
        let place = match shown::source(view, gated) {
            Some(place) => format!("<br>{}", code(&cut(&place.words(), 120))),
            None => String::new(),
        };
        format!(
            "| {}{outcome} | {}<br>{} | {}{place} |\n",
            finding.severity,
            escape(&cut(texts.title(&finding.check), 160)),
            text(&finding.message),
            code(&cut(&shown::title_of(gated), 160)),
        )
    });
    let more = match all.len().saturating_sub(ROWS) {
        0 => "\n".to_owned(),
        more => format!("\n{} more are below.\n\n", count(more as u64)),
    };
    let before = page.lost;
    page.list("| severity | what | where |\n| --- | --- | --- |\n", rows, &more);
    // Every row stands again among the details.
    page.lost = before;
}

fn details(view: &GateView<'_>, texts: &Texts<'_>, class: Class, title: &str, page: &mut Budget) {
    let all = shown::sorted(view, class);
    for group in shown::grouped(&all) {
        let Some(first) = group.first() else { continue };
        let check = &first.finding.check;
        let mut begin = String::new();
        line!(
            begin,
            "<details><summary>{title}: {}: {} ({})</summary>\n",
            first.finding.severity,
            escape(&cut(texts.title(check), 160)),
            count(group.len() as u64),
        );
        let mut end = String::new();
        if let Some(terraform) = texts.get(check).and_then(|text| text.terraform.as_deref()) {
            line!(end, "\nIn Terraform:\n\n{}", fenced("hcl", &cut(terraform.trim(), 1_500), ""));
        }
        line!(end, "\n{}\n\n</details>\n", code(check));
        page.list(&begin, group.iter().map(|gated| item(view, gated)), &end);
    }
}

/// A finding with what it rests on.
fn item(view: &GateView<'_>, gated: &GateFinding) -> String {
    let finding = &gated.finding;
    let mut page = String::new();
    let action = match gated.action {
        Some(action) => format!(" ({})", action.words()),
        None => String::new(),
    };
    let place = match shown::source(view, gated) {
        Some(place) => format!(" at {}", code(&cut(&place.words(), 160))),
        None => String::new(),
    };
    let title = code(&cut(&shown::title_of(gated), 200));
    line!(page, "- {title}{action}{place}: {}", text(&finding.message));
    if let Some(cause) = &finding.cause {
        line!(page, "  - because {}", text(cause));
    }
    for (label, words) in shown::said(gated) {
        line!(page, "  - {label} {}", text(words));
    }
    let steps = shown::path(gated);
    let there = steps.iter().filter(|step| !step.starts_with("answer: ")).take(LISTED);
    let there: Vec<_> = there.map(|step| text(step)).collect();
    if !there.is_empty() {
        line!(page, "  - by way of {}", there.join(" → "));
    }
    line!(page, "  - {}", escape(&cut(&shown::subject(gated), TEXT_MAX)));
    if let Some(was) = gated.was.filter(|was| *was != finding.outcome) {
        line!(page, "  - before the change: {}", was.words());
    }
    if let Some(remedy) = &gated.remedy {
        line!(page, "  - remedy, tried: {}", text(&remedy.summary));
        line!(page, "{}", fenced(&remedy.language, &cut(&remedy.text, 2_000), "    "));
    }
    line!(page, "  - fingerprint {}", code(&finding.fingerprint));
    page
}

fn brief(view: &GateView<'_>, class: Class, title: &str, page: &mut Budget) {
    let all = shown::sorted(view, class);
    if all.is_empty() {
        return;
    }
    let begin = format!("<details><summary>{title}: {}</summary>\n\n", count(all.len() as u64));
    let items = all.iter().map(|gated| {
        let finding = &gated.finding;
        let waiver = match &finding.waiver {
            Some(waiver) => format!("; waiver {}", code(&cut(waiver, 100))),
            None => String::new(),
        };
        format!(
            "- {} {}: {}{waiver} ({})\n",
            finding.severity,
            code(&cut(&shown::title_of(gated), 200)),
            text(&finding.message),
            code(&finding.check),
        )
    });
    page.list(&begin, items, "\n</details>\n\n");
}

/// Everything that is bounded by itself: drift, scores, coverage, waivers, notes.
fn tail(view: &GateView<'_>) -> String {
    let report = view.report;
    let mut page = String::new();
    let drift = report.drift.iter().map(|drift| {
        let attributes: Vec<_> =
            drift.attributes.iter().take(8).map(|name| code(&cut(name, 80))).collect();
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            format!(" ({})", attributes.join(", "))
        };
        format!("{}{attributes}: {}", code(&cut(&drift.address, 160)), text(&drift.words))
    });
    let title = "The world is otherwise than the input believes";
    folded(&mut page, title, report.drift.len(), drift);
    let scores = report
        .scores
        .iter()
        .map(|score| format!("{}: {}", text(&score.title), escape(&shown::score_words(score))));
    // Scores are few, and what people ask for first: in the open.
    for score in scores.take(LISTED) {
        line!(page, "- {score}");
    }
    if !report.scores.is_empty() {
        line!(page);
    }
    let to_see = report
        .waivers
        .iter()
        .filter(|waiver| waiver.state != "in force" || waiver.matched == 0)
        .map(|waiver| {
            let state = match waiver.state.as_str() {
                "in force" => "accepts nothing any more",
                state => state,
            };
            let note = match &waiver.note {
                Some(note) => format!(": {}", text(note)),
                None => String::new(),
            };
            format!(
                "waiver {} of {}, until {}: {}{note}",
                code(&cut(&waiver.id, 100)),
                escape(&cut(&waiver.owner, 100)),
                waiver.until,
                escape(state),
            )
        });
    let stale = report.stale_baseline.iter().map(|fingerprint| {
        format!("baseline: nothing answers to {} any more", code(&cut(fingerprint, 80)))
    });
    let notes = report.notes.iter().map(|note| text(note));
    let all: Vec<_> = to_see.chain(stale).chain(notes).collect();
    folded(&mut page, "To look at", all.len(), all.into_iter());
    reading(view, &mut page);
    page
}

fn folded(page: &mut String, title: &str, total: usize, items: impl Iterator<Item = String>) {
    if total == 0 {
        return;
    }
    line!(page, "<details><summary>{title}: {}</summary>\n", count(total as u64));
    for item in items.take(LISTED) {
        line!(page, "- {item}");
    }
    if let more @ 1.. = total.saturating_sub(LISTED) {
        line!(page, "- {} more", count(more as u64));
    }
    line!(page, "\n</details>\n");
}

fn reading(view: &GateView<'_>, page: &mut String) {
    let report = view.report;
    line!(page, "<details><summary>What was read</summary>\n");
    line!(page, "- {} ({})", code(&cut(&report.input, 200)), text(&report.reading.what));
    line!(page, "- compared with {}", text(&report.compared_with));
    line!(page, "- {}", escape(&shown::actions(view)));
    for line in shown::coverage(view) {
        line!(page, "- {}", escape(&cut(&line, 2 * TEXT_MAX)));
    }
    for (place, why) in report.reading.relations.left.iter().take(10) {
        line!(page, "  - {}: {}", code(&cut(place, 160)), text(why));
    }
    line!(page, "\n</details>\n");
    line!(page, "<sub>{} · {}</sub>", escape(&cut(&report.tool, 80)), report.at);
}

/// A text from outside.
fn text(words: &str) -> String {
    escape(&cut(words.trim(), TEXT_MAX))
}

/// Our own words, with code between backticks.
fn ticks(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(n, part)| if n % 2 == 1 { code(part) } else { escape(part) }).collect()
}

/// A block of code that its content cannot end.
fn fenced(language: &str, body: &str, indent: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    let language: String = language.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut out = format!("{indent}{fence}{language}\n");
    for line in crate::report::text::clean_lines(body).lines() {
        let _ = writeln!(out, "{indent}{line}");
    }
    out.push_str(indent);
    out.push_str(&fence);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchor_cannot_be_left() {
        assert_eq!(anchor(""), "<!-- portcullis:gate:default -->");
        assert_eq!(anchor("infra/prod"), "<!-- portcullis:gate:infra/prod -->");
        assert_eq!(anchor("a --> <b>"), "<!-- portcullis:gate:a-b -->");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_it() {
        assert_eq!(fenced("hcl", "a\n````", "  "), "  `````hcl\n  a\n  ````\n  `````");
    }
}
