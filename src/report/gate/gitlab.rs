//! GitLab's code quality report: what holds after the change. GitLab compares it with that of the target branch by
//! fingerprint, and shows what is new and what is gone.

use std::io::Write;

use serde::Serialize;

use super::GateView;
use super::shown::{self, Texts};
use crate::finding::Severity;
use crate::gate::{Class, GateFinding};
use crate::report::Error;
use crate::report::text::{clean, cut};

/// A description is cut after so many characters.
const DESCRIPTION_MAX: usize = 1_000;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
    end: u64,
}

/// Writes the report: a JSON array, waived findings left out.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let texts = Texts::of(view);
    let classes = shown::AFTER.into_iter().filter(|class| *class != Class::Waived);
    let issues: Vec<_> = classes
        .flat_map(|class| shown::sorted(view, class))
        .map(|gated| issue(view, &texts, gated))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn issue(view: &GateView<'_>, texts: &Texts<'_>, gated: &GateFinding) -> Issue {
    let finding = &gated.finding;
    let place = shown::place(view, gated);
    let (begin, end) = place.lines.unwrap_or((1, 1));
    let cause = match &finding.cause {
        Some(cause) => format!("; because {cause}"),
        None => String::new(),
    };
    let description = format!(
        "{} ({}): {}: {}{cause}",
        texts.title(&finding.check),
        gated.class.words(),
        shown::title_of(gated),
        finding.message,
    );
    Issue {
        description: cut(&clean(&description), DESCRIPTION_MAX).into_owned(),
        check_name: clean(&finding.check).into_owned(),
        fingerprint: finding.fingerprint.clone(),
        severity: match (gated.class, finding.severity) {
            // Nobody can say: it is to be looked at, and not counted among the worst.
            (Class::MadeUnknown | Class::StillUnknown, _) => "info",
            (_, Severity::Critical) => "blocker",
            (_, Severity::High) => "critical",
            (_, Severity::Medium) => "major",
            (_, Severity::Low) => "minor",
        },
        location: Location { path: clean(&place.file).into_owned(), lines: Lines { begin, end } },
    }
}
