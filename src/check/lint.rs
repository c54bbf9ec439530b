//! What a check must have beyond being valid.

use std::path::Path;

use super::Check;
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::finding::Outcome;
use crate::standards::Standards;

/// The shortest texts that can explain anything.
const WHY_CHARS_MIN: usize = 80;

/// Demands what makes a check worth trusting: its id is its file's name, it has a passing and a failing case, its texts
/// explain, and the controls it names exist.
pub fn lint(check: &Check, standards: &Standards, diagnostics: &mut Diagnostics) {
    let file = &check.file;
    let stem = Path::new(&*file.path)
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let place = |text: &str| {
        let at = file.text.find(text).unwrap_or(0);
        at..at + text.len().min(file.text.len())
    };
    if stem != check.id {
        let message = format!("the id `{}` differs from the file's name `{stem}`", check.id);
        diagnostics
            .push(Diagnostic::error("check/id-file-name", message).at(file, place(&check.id)));
    }
    for (outcome, what) in [(Outcome::Pass, "passing"), (Outcome::Fail, "failing")] {
        if !check.cases().iter().any(|case| case.expect == outcome) {
            let message = format!("there is no {what} case");
            diagnostics.push(
                Diagnostic::error("check/cases", message)
                    .at(file, place("cases:"))
                    .help("a check without both a passing and a failing case proves nothing"),
            );
        }
    }
    if check.why.trim().chars().count() < WHY_CHARS_MIN {
        let message = "`why` must say what is verified and what an attacker does with it";
        diagnostics.push(Diagnostic::error("check/why", message).at(file, place("why:")));
    }
    let texts = [
        ("title", &check.title),
        ("audit", &check.audit),
        ("console", &check.remediation.console),
        ("cli", &check.remediation.cli),
        ("terraform", &check.remediation.terraform),
    ];
    for (key, text) in texts {
        if text.trim().is_empty() {
            let message = format!("`{key}` is empty");
            diagnostics.push(
                Diagnostic::error("check/empty-text", message).at(file, place(&format!("{key}:"))),
            );
        }
    }
    lint_controls(check, standards, diagnostics, place);
}

fn lint_controls(
    check: &Check,
    standards: &Standards,
    diagnostics: &mut Diagnostics,
    place: impl Fn(&str) -> std::ops::Range<usize>,
) {
    let file = &check.file;
    for (standard, ids) in &check.controls {
        let Some(known) = standards.get(standard) else {
            let names: Vec<&str> = standards.names().collect();
            let help = match nearest(standard, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known: {}", names.join(", ")),
            };
            let message = format!("no standard `{standard}` is known");
            diagnostics.push(
                Diagnostic::error("check/unknown-standard", message)
                    .at(file, place(standard))
                    .help(help),
            );
            continue;
        };
        for id in ids.iter().filter(|id| !known.has(id)) {
            let message = format!("`{standard}` has no control `{id}`");
            diagnostics
                .push(Diagnostic::error("check/unknown-control", message).at(file, place(id)));
        }
    }
}
