//! Findings: the worst as rows that need no script, all of them as data for the script.

use std::fmt::Write as _;
use std::io::{self, Write};

use indexmap::IndexSet;
use serde::Serialize;
use serde_json::Value;

use super::super::summary::Related;
use super::super::text::{clean, cut};
use super::super::{Error, Report};
use crate::finding::{Finding, Outcome, Severity, Subject};

/// All witnesses together may take about so many bytes; beyond, each is cut to its share.
const WITNESSES_MAX: usize = 24 << 20;
/// No witness takes more bytes than this.
const WITNESS_MAX: usize = 4_096;
/// Every witness may take as many bytes as this.
const WITNESS_MIN: usize = 320;

/// A finding that is there without scripts.
#[derive(Serialize)]
pub(super) struct Row {
    fingerprint: String,
    severity: &'static str,
    outcome: &'static str,
    message: String,
    id: String,
    name: Option<String>,
    arn: Option<String>,
    kind: String,
    offender: String,
    check: String,
    title: String,
    account: String,
    region: String,
    environment: String,
    cause: Option<String>,
    waiver: Option<String>,
    witness: String,
}

/// The worst findings.
pub(super) fn rows(report: &Report<'_>, related: &Related<'_>, listed: usize) -> Vec<Row> {
    let findings = &report.assessment.findings;
    let max = witness_max(listed);
    findings.iter().take(listed).map(|finding| row(finding, related, max)).collect()
}

fn row(finding: &Finding, related: &Related<'_>, witness_max: usize) -> Row {
    let subject = &finding.subject;
    let own = |text: &String| clean(text).into_owned();
    Row {
        fingerprint: own(&finding.fingerprint),
        severity: finding.severity.word(),
        outcome: finding.outcome.words(),
        message: own(&finding.message),
        id: place_name(subject),
        name: subject.name.as_ref().filter(|name| **name != subject.id).map(own),
        arn: subject.arn.as_ref().map(own),
        kind: own(&subject.kind),
        offender: own(&finding.offender),
        check: own(&finding.check),
        title: clean(related.title_of(&finding.check)).into_owned(),
        account: subject.account.to_string(),
        region: subject.region.to_string(),
        environment: subject.environment.as_ref().map(own).unwrap_or_default(),
        cause: finding.cause.as_ref().map(own),
        waiver: finding.waiver.as_ref().map(own),
        witness: outline(&shown(&finding.witness, witness_max)),
    }
}

/// What a finding is about; those about everything of a type have no id of their own.
fn place_name(subject: &Subject) -> String {
    match subject.id.as_str() {
        "*" => format!("every {}", clean(&subject.kind)),
        id => clean(id).into_owned(),
    }
}

fn witness_max(findings: usize) -> usize {
    (WITNESSES_MAX / findings.max(1)).clamp(WITNESS_MIN, WITNESS_MAX)
}

/// A witness fit to be shown: its texts cleaned, and a text in its place when it is too long.
fn shown(witness: &Value, max: usize) -> Value {
    let cleaned = cleaned(witness);
    let text = cleaned.to_string();
    if text.len() <= max {
        return cleaned;
    }
    Value::String(format!("{} (cut; the JSON report has all of it)", cut(&text, max)))
}

fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(text).into_owned()),
        Value::Array(items) => items.iter().map(cleaned).collect(),
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (clean(name).into_owned(), cleaned(value))).collect(),
        ),
        other => other.clone(),
    }
}

/// A value in indented lines, `name: value`. The script does the same.
fn outline(value: &Value) -> String {
    let mut out = String::new();
    lines(value, 0, &mut out);
    out.trim_end().to_owned()
}

fn lines(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    let nested = |value: &Value| {
        value.as_array().is_some_and(|list| !list.is_empty())
            || value.as_object().is_some_and(|map| !map.is_empty())
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if nested(value) {
                    let _ = writeln!(out, "{pad}{name}:");
                    lines(value, depth + 1, out);
                } else {
                    let _ = writeln!(out, "{pad}{name}: {}", scalar(value));
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                if nested(item) {
                    let _ = writeln!(out, "{pad}-");
                    lines(item, depth + 1, out);
                } else {
                    let _ = writeln!(out, "{pad}- {}", scalar(item));
                }
            }
        }
        Value::Null => {}
        other => {
            let _ = writeln!(out, "{pad}{}", scalar(other));
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Names that repeat, by number.
#[derive(Default)]
struct Names<'a>(IndexSet<&'a str>);

impl<'a> Names<'a> {
    fn number(&mut self, name: &'a str) -> usize {
        self.0.insert_full(name).0
    }

    fn number_of(&mut self, name: Option<&'a str>) -> i64 {
        name.map_or(-1, |name| i64::try_from(self.number(name)).unwrap_or(-1))
    }

    fn list(&self) -> Vec<std::borrow::Cow<'a, str>> {
        self.0.iter().map(|name| clean(name)).collect()
    }
}

/// Everything that findings point at.
#[derive(Default)]
struct Tables<'a> {
    checks: Names<'a>,
    kinds: Names<'a>,
    accounts: Names<'a>,
    regions: Names<'a>,
    environments: Names<'a>,
    causes: Names<'a>,
    waivers: Names<'a>,
}

/// Writes all findings as JSON that may stand inside a `script` element: an object with the tables of names, then
/// `findings`, an array for each, in the order the script names its fields.
pub(super) fn write_data(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let related = Related::of(report);
    let findings = &report.assessment.findings;
    let mut tables = Tables::default();
    let numbers: Vec<_> = findings
        .iter()
        .map(|finding| {
            let subject = &finding.subject;
            (
                tables.checks.number(&finding.check),
                tables.kinds.number(&subject.kind),
                tables.accounts.number(subject.account.as_str()),
                tables.regions.number(subject.region.as_str()),
                tables.environments.number_of(subject.environment.as_deref()),
                tables.causes.number_of(finding.cause.as_deref()),
                tables.waivers.number_of(finding.waiver.as_deref()),
            )
        })
        .collect();
    let out = &mut InScript(out);
    write_tables(out, &tables, &related)?;
    out.write_all(b"\"findings\":[")?;
    let max = witness_max(findings.len());
    for (i, (finding, numbers)) in findings.iter().zip(numbers).enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        let subject = &finding.subject;
        let name = subject.name.as_deref().filter(|name| *name != subject.id);
        let texts = (
            clean(&subject.id),
            clean(name.unwrap_or_default()),
            clean(subject.arn.as_deref().unwrap_or_default()),
            clean(&finding.offender),
            clean(&finding.message),
            clean(&finding.fingerprint),
        );
        let head = (place(finding.outcome), severity(finding.severity));
        serde_json::to_writer(&mut *out, &(head, numbers, texts, shown(&finding.witness, max)))?;
    }
    out.write_all(b"\n]}")?;
    Ok(())
}

fn write_tables(
    out: &mut InScript<'_>,
    tables: &Tables<'_>,
    related: &Related<'_>,
) -> Result<(), Error> {
    let mut sections: IndexSet<(&str, &str)> = IndexSet::new();
    let checks: Vec<_> = tables
        .checks
        .0
        .iter()
        .map(|id| {
            let mut of_check = Vec::new();
            for (framework, control) in related.controls(id) {
                let title = framework.sections.iter().find(|s| s.id == control.section);
                let title = title.map_or("", |section| section.title.as_str());
                let number = sections.insert_full((&control.section, title)).0;
                if !of_check.contains(&number) {
                    of_check.push(number);
                }
            }
            let controls = related.controls_of(id);
            let controls: Vec<_> = controls.iter().map(|control| clean(control)).collect();
            (clean(id), clean(related.title_of(id)), of_check, controls)
        })
        .collect();
    let sections: Vec<_> = sections.iter().map(|(id, title)| (clean(id), clean(title))).collect();
    out.write_all(b"{")?;
    let mut field = |name: &str, value: &Value| -> Result<(), Error> {
        write!(out, "\"{name}\":{value},")?;
        Ok(())
    };
    field("outcomes", &OUTCOMES.map(Outcome::words).as_slice().into())?;
    field("severities", &Severity::ALL.map(Severity::word).as_slice().into())?;
    field("sections", &serde_json::to_value(sections)?)?;
    field("checks", &serde_json::to_value(checks)?)?;
    field("kinds", &serde_json::to_value(tables.kinds.list())?)?;
    field("accounts", &serde_json::to_value(tables.accounts.list())?)?;
    field("regions", &serde_json::to_value(tables.regions.list())?)?;
    field("environments", &serde_json::to_value(tables.environments.list())?)?;
    field("causes", &serde_json::to_value(tables.causes.list())?)?;
    field("waivers", &serde_json::to_value(tables.waivers.list())?)?;
    Ok(())
}

const OUTCOMES: [Outcome; 3] = [Outcome::Fail, Outcome::Unknown, Outcome::Waived];

fn place(outcome: Outcome) -> usize {
    OUTCOMES.iter().position(|o| *o == outcome).unwrap_or_default()
}

fn severity(severity: Severity) -> usize {
    Severity::ALL.iter().position(|s| *s == severity).unwrap_or_default()
}

/// Makes JSON safe inside a `script` element: no tag, comment or entity can begin in it. These characters occur in
/// JSON only inside strings, where the escape means the same.
struct InScript<'a>(&'a mut dyn Write);

impl Write for InScript<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|b| matches!(b, b'<' | b'>' | b'&')) {
            let (before, behind) = rest.split_at(at);
            self.0.write_all(before)?;
            if let Some((special, after)) = behind.split_first() {
                write!(self.0, "\\u{special:04x}")?;
                rest = after;
            }
        }
        self.0.write_all(rest)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
