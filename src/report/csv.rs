//! Findings for spreadsheets: RFC 4180, a header line, columns that only ever grow at the right.

use std::borrow::Cow;
use std::io::Write;

use super::summary::Related;
use super::text::clean;
use super::{Error, Report};
use crate::finding::Finding;

/// The columns, in their order.
pub const COLUMNS: [&str; 17] = [
    "fingerprint",
    "outcome",
    "severity",
    "check",
    "title",
    "type",
    "account",
    "region",
    "id",
    "name",
    "arn",
    "environment",
    "offender",
    "message",
    "cause",
    "waiver",
    "controls",
];

/// Writes all findings, worst first.
///
/// # Errors
/// When `out` fails.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let related = Related::of(report);
    record(out, COLUMNS.into_iter())?;
    for finding in &report.assessment.findings {
        let controls = related.controls_of(&finding.check).join(" ");
        record(out, row(finding, related.title_of(&finding.check), &controls).into_iter())?;
    }
    Ok(())
}

fn row<'a>(finding: &'a Finding, title: &'a str, controls: &'a str) -> [&'a str; COLUMNS.len()] {
    let subject = &finding.subject;
    [
        &finding.fingerprint,
        finding.outcome.words(),
        finding.severity.word(),
        &finding.check,
        title,
        &subject.kind,
        subject.account.as_str(),
        subject.region.as_str(),
        &subject.id,
        subject.name.as_deref().unwrap_or_default(),
        subject.arn.as_deref().unwrap_or_default(),
        subject.environment.as_deref().unwrap_or_default(),
        &finding.offender,
        &finding.message,
        finding.cause.as_deref().unwrap_or_default(),
        finding.waiver.as_deref().unwrap_or_default(),
        controls,
    ]
}

fn record<'a>(out: &mut dyn Write, fields: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        let field = neutral(field);
        if field.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")?;
    Ok(())
}

/// The text as a spreadsheet may have it: no control characters, and nothing that it would run as a formula.
fn neutral(field: &str) -> Cow<'_, str> {
    // Some programs skip spaces before they look for a formula, and take the full-width signs for the plain ones.
    let starts_formula = |c| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n')
            || matches!(c, '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    };
    let first = field.chars().find(|c| *c != ' ');
    match clean(field) {
        text if first.is_some_and(starts_formula) => Cow::Owned(format!("'{text}")),
        text => text,
    }
}
