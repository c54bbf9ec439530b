//! GitHub's own: workflow commands, which it shows as annotations, and the summary of a step.

use std::io::Write;

use super::GateView;
use super::shown::{self, Texts};
use crate::gate::{Class, GateFinding};
use crate::report::Error;
use crate::report::text::{clean, count, cut};

/// GitHub shows so many annotations of each kind for a step, and says nothing of those it leaves out.
const EACH_MAX: usize = 10;
/// A message is cut after so many characters.
const MESSAGE_MAX: usize = 1_000;
/// GitHub takes 1 MiB for the summary of a step, and drops one that is longer.
const SUMMARY_MAX: usize = 1_000_000;

/// The kinds of annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// Writes the workflow commands: an error for what closes the gate, a warning for what else the change adds or makes
/// unknown, a notice for what it fixes. The last of each kind says how many there are beside the ten that GitHub shows.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let texts = Texts::of(view);
    let mut lists: [(Kind, Vec<String>); 3] =
        [Kind::Error, Kind::Warning, Kind::Notice].map(|kind| (kind, Vec::new()));
    for (kind, list) in &mut lists {
        list.extend(decision(view, *kind));
    }
    for class in
        [Class::Added, Class::MadeUnknown, Class::Unchanged, Class::StillUnknown, Class::Fixed]
    {
        for gated in shown::sorted(view, class) {
            let Some(kind) = kind(view, gated) else { continue };
            for (_, list) in lists.iter_mut().filter(|(of, _)| *of == kind) {
                list.push(annotation(view, &texts, kind, gated));
            }
        }
    }
    for (kind, list) in lists {
        let whole = list.len() <= EACH_MAX;
        let shown = if whole { list.len() } else { EACH_MAX - 1 };
        for line in list.iter().take(shown) {
            writeln!(out, "{line}")?;
        }
        if !whole {
            let more = count((list.len() - shown) as u64);
            let message =
                format!("{more} more of this kind are in the full report: GitHub shows ten");
            writeln!(out, "{}", command(kind, &[("title", "Gate".to_owned())], &message))?;
        }
    }
    Ok(())
}

/// Writes the summary of the step, which goes to the end of the file named by `GITHUB_STEP_SUMMARY`.
///
/// # Errors
/// When `out` fails.
pub fn write_summary(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    out.write_all(super::markdown::page(view, SUMMARY_MAX).as_bytes())?;
    Ok(())
}

/// What a finding is shown as; nothing for what was there before and closes nothing.
fn kind(view: &GateView<'_>, gated: &GateFinding) -> Option<Kind> {
    let decision = &view.report.decision;
    if gated.class != Class::Fixed && shown::closes(decision, gated) {
        return Some(if decision.warn_only { Kind::Warning } else { Kind::Error });
    }
    match gated.class {
        Class::Added | Class::MadeUnknown => Some(Kind::Warning),
        Class::Fixed => Some(Kind::Notice),
        Class::Unchanged | Class::StillUnknown | Class::Waived => None,
    }
}

/// The decision, under the kind that fits it: it must be seen even when no finding is to blame.
fn decision(view: &GateView<'_>, kind: Kind) -> Option<String> {
    let decision = &view.report.decision;
    let of = match (decision.exit_code, decision.reasons.is_empty()) {
        (0, true) => Kind::Notice,
        (0, false) => Kind::Warning,
        _ => Kind::Error,
    };
    if of != kind {
        return None;
    }
    let reasons: Vec<_> =
        decision.reasons.iter().map(|r| format!("{}: {}", r.threshold, r.words)).collect();
    let message = [vec![shown::summary(view)], reasons].concat().join("\n");
    let title = format!("Gate {}", shown::verdict(decision));
    Some(command(kind, &[("title", title)], &message))
}

fn annotation(view: &GateView<'_>, texts: &Texts<'_>, kind: Kind, gated: &GateFinding) -> String {
    let finding = &gated.finding;
    let mut properties = Vec::new();
    if let Some(place) = shown::source(view, gated) {
        properties.push(("file", place.file));
        if let Some((first, last)) = place.lines {
            properties.push(("line", first.to_string()));
            properties.push(("endLine", last.max(first).to_string()));
        }
    }
    let title = format!(
        "{} ({}, {})",
        cut(texts.title(&finding.check), 160),
        finding.severity,
        gated.class.words()
    );
    properties.push(("title", title));
    let mut message = format!("{}: {}", shown::title_of(gated), finding.message);
    if let Some(cause) = &finding.cause {
        message.push_str("; because ");
        message.push_str(cause);
    }
    let there: Vec<_> =
        shown::path(gated).into_iter().filter(|step| !step.starts_with("answer: ")).collect();
    if !there.is_empty() {
        message.push_str("\nby way of ");
        message.push_str(&there.join(" → "));
    }
    command(kind, &properties, &format!("{}\n{}", cut(&message, MESSAGE_MAX), finding.check))
}

/// `::error file=…,line=…::message`. Line feeds are ours: those of names are gone before.
fn command(kind: Kind, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<_> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(&clean(value))))
        .collect();
    let message: Vec<_> = message.split('\n').map(|line| data(&clean(line))).collect();
    format!("::{} {}::{}", kind.word(), properties.join(","), message.join("%0A"))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_a_command() {
        let line = command(Kind::Error, &[("file", "a,line=1::x\n::set-env".to_owned())], "100 %");
        assert_eq!(line, "::error file=a%2Cline=1%3A%3Ax %3A%3Aset-env::100 %25");
        assert_eq!(data("50%\r\n::warning::"), "50%25%0D%0A::warning::");
    }
}
