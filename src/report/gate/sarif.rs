//! SARIF 2.1.0, for code scanning and whatever else reads it.
//!
//! An unknown is of kind `open` (evaluated, and not enough is known to say); what a waiver accepts carries a suppression;
//! what the change fixes is `absent`. Fingerprints hold no lines, so that moving code moves no result.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::GateView;
use super::shown::{self, Texts};
use crate::assess::WaiverUse;
use crate::finding::{Outcome, Severity};
use crate::gate::{Class, GateFinding};
use crate::report::text::{clean, clean_lines};
use crate::report::{CheckText, Error};
use crate::waiver::inline;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What of a path needs no escape in a URI.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Writes the report.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let texts = Texts::of(view);
    let findings: Vec<_> = shown::AFTER
        .into_iter()
        .chain([Class::Fixed])
        .flat_map(|class| shown::sorted(view, class))
        .collect();
    // One rule for each check that says something, under the worst severity it has here.
    let mut checks: BTreeMap<&str, Severity> = BTreeMap::new();
    for gated in &findings {
        let severity = checks.entry(&gated.finding.check).or_insert(gated.finding.severity);
        *severity = (*severity).max(gated.finding.severity);
    }
    let rules: Vec<_> =
        checks.iter().map(|(id, severity)| rule(id, *severity, texts.get(id))).collect();
    let index: BTreeMap<&str, usize> = checks.keys().enumerate().map(|(n, id)| (*id, n)).collect();
    let waivers: BTreeMap<&str, &WaiverUse> =
        view.report.waivers.iter().map(|waiver| (waiver.id.as_str(), waiver)).collect();
    let results: Vec<_> =
        findings.iter().map(|gated| result(view, &texts, &index, &waivers, gated)).collect();
    let (name, version) =
        view.report.tool.split_once(' ').unwrap_or((view.report.tool.as_str(), ""));
    let mut driver = json!({ "name": clean(name), "rules": rules });
    if let (Some(driver), false) = (driver.as_object_mut(), version.is_empty()) {
        driver.insert("version".to_owned(), json!(clean(version)));
    }
    let key = if view.options.key.is_empty() { "default" } else { &view.options.key };
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "automationDetails": { "id": format!("portcullis-gate/{}/", clean(key)) },
            "invocations": [invocation(view)],
            "artifacts": artifacts(view, &findings),
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number by which GitHub ranks alerts: over 9 is critical, from 7 high, from 4 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn rule(id: &str, severity: Severity, text: Option<&CheckText>) -> Value {
    let title = text.map_or(id, |text| text.title.as_str());
    let why = text.map_or(title, |text| text.why.trim());
    let mut help = vec![why.to_owned()];
    let ways = [
        ("In Terraform", text.and_then(|t| t.terraform.as_deref())),
        ("On the command line", text.and_then(|t| t.cli.as_deref())),
        ("In the console", text.and_then(|t| t.console.as_deref())),
    ];
    for (label, way) in ways {
        if let Some(way) = way {
            help.push(format!("{label}: {}", way.trim()));
        }
    }
    let help = help.join("\n\n");
    let mut tags = BTreeSet::from(["security".to_owned()]);
    if let Some(text) = text {
        for (standard, controls) in &text.controls {
            tags.extend(controls.iter().map(|control| format!("{standard}/{control}")));
        }
    }
    json!({
        "id": clean(id),
        "shortDescription": { "text": clean(title) },
        "fullDescription": { "text": clean_lines(why) },
        "help": { "text": clean_lines(&help), "markdown": clean_lines(&help) },
        "defaultConfiguration": { "level": level(severity) },
        "properties": {
            "security-severity": security_severity(severity),
            "precision": "high",
            "tags": tags.iter().map(|tag| clean(tag)).collect::<Vec<_>>(),
        },
    })
}

fn result(
    view: &GateView<'_>,
    texts: &Texts<'_>,
    index: &BTreeMap<&str, usize>,
    waivers: &BTreeMap<&str, &WaiverUse>,
    gated: &GateFinding,
) -> Value {
    let finding = &gated.finding;
    let unknown = finding.outcome == Outcome::Unknown;
    let (kind, level) = if unknown { ("open", "none") } else { ("fail", level(finding.severity)) };
    let mut result = json!({
        "ruleId": clean(&finding.check),
        "kind": kind,
        "level": level,
        "message": { "text": message(texts, gated) },
        "locations": [location(view, gated)],
        "partialFingerprints": {
            "portcullis/v1": clean(&finding.fingerprint),
            // The only one by which GitHub follows a result; it would count lines where this is missing.
            "primaryLocationLineHash": clean(&finding.fingerprint),
        },
        "baselineState": baseline_state(gated),
        "properties": {
            "class": gated.class.words(),
            "severity": finding.severity.word(),
            "resourceType": clean(&finding.subject.kind),
            "account": finding.subject.account.as_str(),
            "region": finding.subject.region.as_str(),
            "resource": clean(&finding.subject.id),
        },
    });
    let Some(members) = result.as_object_mut() else { return result };
    if let Some(at) = index.get(finding.check.as_str()) {
        members.insert("ruleIndex".to_owned(), json!(at));
    }
    if gated.class == Class::Waived {
        let waiver = finding.waiver.as_deref().and_then(|id| waivers.get(id).copied());
        members.insert("suppressions".to_owned(), json!([suppression(gated, waiver)]));
    }
    if let Some(flow) = code_flow(view, gated) {
        members.insert("codeFlows".to_owned(), json!([flow]));
    }
    if let Some(remedy) = &gated.remedy {
        // Not `fixes`: those demand the exact region that is replaced.
        let text = format!("{}\n{}", remedy.summary, remedy.text);
        if let Some(properties) = members.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("remedy".to_owned(), json!(clean_lines(&text)));
        }
    }
    result
}

fn message(texts: &Texts<'_>, gated: &GateFinding) -> String {
    let finding = &gated.finding;
    let mut words = vec![format!(
        "{}: {}: {}",
        texts.title(&finding.check),
        shown::title_of(gated),
        finding.message
    )];
    if let Some(cause) = &finding.cause {
        words.push(format!("because {cause}"));
    }
    let whole = words.join("; ");
    // `[text](target)` would be a link, and braces hold the place of arguments.
    clean(&whole).replace("](", "] (").replace('{', "{{").replace('}', "}}")
}

fn baseline_state(gated: &GateFinding) -> &'static str {
    match gated.class {
        Class::Added | Class::MadeUnknown => "new",
        Class::Fixed => "absent",
        Class::Waived if shown::is_newly_waived(gated) => "new",
        Class::Unchanged | Class::StillUnknown | Class::Waived => "unchanged",
    }
}

fn location(view: &GateView<'_>, gated: &GateFinding) -> Value {
    let place = shown::place(view, gated);
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.file) } });
    if let Some(members) = physical.as_object_mut() {
        let (first, last) = place.lines.unwrap_or((1, 1));
        let (first, last) = (first.max(1), last.max(first).max(1));
        members.insert("region".to_owned(), json!({ "startLine": first, "endLine": last }));
    }
    let subject = &gated.finding.subject;
    let full = match gated.addresses.first() {
        Some(address) => address.clone(),
        None => subject.arn.clone().unwrap_or_else(|| subject.id.clone()),
    };
    let mut logical = vec![json!({ "fullyQualifiedName": clean(&full), "kind": "resource" })];
    for other in gated.addresses.iter().skip(1) {
        logical.push(json!({ "fullyQualifiedName": clean(other), "kind": "resource" }));
    }
    json!({ "physicalLocation": physical, "logicalLocations": logical })
}

/// The way somebody takes, a step a line: all at the place of the finding, since steps are not in the sources.
fn code_flow(view: &GateView<'_>, gated: &GateFinding) -> Option<Value> {
    let steps = shown::path(gated);
    if steps.is_empty() {
        return None;
    }
    let place = location(view, gated);
    let locations: Vec<_> = steps
        .iter()
        .take(100)
        .map(|step| {
            let mut at = place.clone();
            if let Some(members) = at.as_object_mut() {
                members.insert("message".to_owned(), json!({ "text": clean(step) }));
            }
            json!({ "location": at })
        })
        .collect();
    Some(json!({ "threadFlows": [{ "locations": locations }] }))
}

fn suppression(gated: &GateFinding, waiver: Option<&WaiverUse>) -> Value {
    let id = gated.finding.waiver.as_deref().unwrap_or_default();
    let kind = if inline::is_inline(id) { "inSource" } else { "external" };
    let justification = match waiver {
        Some(waiver) => format!(
            "{} (waiver {id}, owner {}, approved by {}, until {})",
            waiver.reason, waiver.owner, waiver.approver, waiver.until
        ),
        None => format!("waiver {id}"),
    };
    json!({ "kind": kind, "status": "accepted", "justification": clean_lines(&justification) })
}

fn invocation(view: &GateView<'_>) -> Value {
    let report = view.report;
    let decision = &report.decision;
    let note = |level: &str, text: &str| json!({ "level": level, "message": { "text": clean_lines(text) } });
    let mut notifications: Vec<_> = report.notes.iter().map(|text| note("note", text)).collect();
    for drift in &report.drift {
        notifications.push(note("warning", &format!("drift: {}: {}", drift.address, drift.words)));
    }
    for line in shown::coverage(view) {
        notifications.push(note("note", &line));
    }
    for reason in &decision.reasons {
        notifications.push(note("error", &format!("{}: {}", reason.threshold, reason.words)));
    }
    json!({
        // Whether the tool did its work, not whether the gate is open.
        "executionSuccessful": decision.exit_code <= 1,
        "exitCode": decision.exit_code,
        "exitCodeDescription": format!("gate {}", shown::verdict(decision)),
        "endTimeUtc": report.at.to_string(),
        "toolExecutionNotifications": notifications,
    })
}

fn artifacts(view: &GateView<'_>, findings: &[&GateFinding]) -> Vec<Value> {
    let mut files = BTreeSet::from([shown::input_file(view)]);
    files.extend(findings.iter().map(|gated| shown::place(view, gated).file));
    files.iter().map(|file| json!({ "location": { "uri": uri(file) } })).collect()
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    utf8_percent_encode(&clean(path), PATH).to_string()
}
