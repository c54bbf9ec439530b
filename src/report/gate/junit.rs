//! JUnit XML, for whatever shows test results: one case for each check and resource that the change makes fail or
//! unknown, and one for the decision itself, so that a report without findings is not a report without tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use super::GateView;
use super::shown::{self, Texts};
use crate::finding::Severity;
use crate::gate::{Class, GateFinding};
use crate::report::Error;
use crate::report::text::{clean, clean_lines};

/// What a case comes out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The change makes it fail.
    Failure,
    /// Nobody can say, and that closes the gate.
    Error,
    /// Nobody can say, or a waiver accepts it.
    Skipped,
    Passed,
}

struct Case {
    class: String,
    name: String,
    verdict: Verdict,
    message: String,
    kind: String,
    body: String,
}

/// Writes the report, in the form that Ant's schema asks for; Surefire's takes it as well.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut cases = vec![decision(view)];
    cases.extend(findings(view));
    let number = |verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let (failures, errors, skipped) =
        (number(Verdict::Failure), number(Verdict::Error), number(Verdict::Skipped));
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    let name = match view.options.key.as_str() {
        "" => "portcullis gate".to_owned(),
        key => format!("portcullis gate {key}"),
    };
    // The schema allows no zone.
    let at = view.report.at.to_string();
    let at = at.get(..19).unwrap_or(&at);
    let _ = writeln!(
        xml,
        "  <testsuite package=\"portcullis\" id=\"0\" name={} timestamp={} hostname=\"localhost\" tests=\"{}\" \
         failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\">",
        quoted(&name),
        quoted(at),
        cases.len(),
    );
    properties(view, &mut xml);
    for case in &cases {
        case.write(&mut xml);
    }
    xml.push_str("    <system-out>");
    xml.push_str(&escaped(&shown::coverage(view).join("\n")));
    xml.push_str("</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n");
    out.write_all(xml.as_bytes())?;
    Ok(())
}

fn properties(view: &GateView<'_>, xml: &mut String) {
    let report = view.report;
    xml.push_str("    <properties>\n");
    let pairs = [
        ("tool", report.tool.as_str()),
        ("input", &report.input),
        ("comparedWith", &report.compared_with),
        ("decision", shown::verdict(&report.decision)),
    ];
    for (name, value) in pairs {
        let _ = writeln!(xml, "      <property name=\"{name}\" value={}/>", quoted(value));
    }
    xml.push_str("    </properties>\n");
}

impl Case {
    fn write(&self, xml: &mut String) {
        let _ = write!(
            xml,
            "    <testcase classname={} name={} time=\"0\"",
            quoted(&self.class),
            quoted(&self.name)
        );
        let message = quoted(&self.message);
        let body = escaped(&self.body);
        let _ = match self.verdict {
            Verdict::Passed => writeln!(xml, "/>"),
            // Ant's schema knows no type for what is skipped.
            Verdict::Skipped => {
                writeln!(
                    xml,
                    ">\n      <skipped message={message}>{body}</skipped>\n    </testcase>"
                )
            }
            Verdict::Failure | Verdict::Error => {
                let element = if self.verdict == Verdict::Failure { "failure" } else { "error" };
                let kind = quoted(&self.kind);
                writeln!(
                    xml,
                    ">\n      <{element} message={message} type={kind}>{body}</{element}>\n    </testcase>"
                )
            }
        };
    }
}

/// The decision: in error when the input is wrong or evidence is missing, so that this never looks like success.
fn decision(view: &GateView<'_>) -> Case {
    let decision = &view.report.decision;
    let reasons: Vec<_> = decision
        .reasons
        .iter()
        .map(|reason| format!("{}: {}", reason.threshold, reason.words))
        .collect();
    Case {
        class: "portcullis.gate".to_owned(),
        name: "decision".to_owned(),
        verdict: match decision.exit_code {
            0 => Verdict::Passed,
            1 => Verdict::Failure,
            _ => Verdict::Error,
        },
        message: format!("gate {}: {}", shown::verdict(decision), shown::summary(view)),
        kind: "decision".to_owned(),
        body: reasons.join("\n"),
    }
}

/// A case for each check and resource, worst first; several offenders of one resource are one case.
fn findings(view: &GateView<'_>) -> Vec<Case> {
    let texts = Texts::of(view);
    let mut order = Vec::new();
    let mut cases: BTreeMap<(&str, String), Vec<&GateFinding>> = BTreeMap::new();
    for class in [Class::Added, Class::MadeUnknown, Class::Waived] {
        for gated in shown::sorted(view, class) {
            let subject = &gated.finding.subject;
            let name =
                format!("{} in {} {}", shown::title_of(gated), subject.account, subject.region);
            let key = (gated.finding.check.as_str(), name);
            let list = cases.entry(key.clone()).or_default();
            if list.is_empty() {
                order.push(key);
            }
            list.push(gated);
        }
    }
    let mut out = Vec::new();
    for key in order {
        let Some(list) = cases.get(&key) else { continue };
        let Some(first) = list.first() else { continue };
        let (check, name) = key;
        let verdict = list.iter().map(|gated| verdict(view, gated)).min();
        out.push(Case {
            class: check.to_owned(),
            name,
            verdict: verdict.unwrap_or(Verdict::Error),
            message: format!("{}: {}", texts.title(check), first.finding.message),
            kind: worst(list).word().to_owned(),
            body: list.iter().map(|gated| body(view, gated)).collect::<Vec<_>>().join("\n\n"),
        });
    }
    out
}

fn worst(list: &[&GateFinding]) -> Severity {
    list.iter().map(|gated| gated.finding.severity).max().unwrap_or(Severity::Low)
}

fn verdict(view: &GateView<'_>, gated: &GateFinding) -> Verdict {
    match gated.class {
        Class::Added => Verdict::Failure,
        Class::MadeUnknown if shown::closes(&view.report.decision, gated) => Verdict::Error,
        _ => Verdict::Skipped,
    }
}

fn body(view: &GateView<'_>, gated: &GateFinding) -> String {
    let finding = &gated.finding;
    let mut lines = vec![
        format!("{} ({}): {}", finding.severity, gated.class.words(), finding.message),
        shown::subject(gated),
    ];
    if let Some(place) = shown::source(view, gated) {
        lines.push(place.words());
    }
    if let Some(cause) = &finding.cause {
        lines.push(format!("because {cause}"));
    }
    if let Some(waiver) = &finding.waiver {
        lines.push(format!("accepted by waiver {waiver}"));
    }
    lines.extend(shown::path(gated).iter().map(|step| format!("→ {step}")));
    if let Some(remedy) = &gated.remedy {
        lines.push(format!("remedy, tried: {}", remedy.summary));
    }
    lines.push(format!("fingerprint {}", finding.fingerprint));
    lines.join("\n")
}

/// An attribute's value in its quotes, on one line.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(&clean(text)))
}

/// Text for XML 1.0, which has no form at all for some characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in clean_lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
