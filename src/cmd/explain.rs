//! `explain`: a check, a control, or a finding.

use std::fmt::Write as _;

use super::{Failure, Outcome, check, framework, load, output, report};
use crate::check::Selection;
use crate::cli::Explain;
use crate::config::Config;
use crate::diag::nearest;
use crate::exit::Exit;
use crate::finding::Finding;
use crate::report::text;

pub(super) fn run(args: Explain) -> Outcome {
    let suite = load::suite(&Selection::default(), &args.dirs)?;
    if let Some(check) = suite.get(&args.id) {
        output::print(&check::describe(check))?;
        return Ok(Exit::Holds);
    }
    let frameworks = load::frameworks(&Config::default())?;
    for framework in &frameworks {
        if let Some(control) = framework.control(&args.id) {
            let mut shown = format!(
                "{} ({}, {})\n{}\n",
                control.id, framework.id, control.severity, control.title
            );
            for line in framework::evidence(control) {
                let _ = writeln!(shown, "  {line}");
            }
            for (standard, ids) in &control.maps {
                let _ = writeln!(shown, "  {standard}: {}", ids.join(", "));
            }
            output::print(&text::clean_lines(&shown))?;
            return Ok(Exit::Holds);
        }
    }
    let looks_like_fingerprint =
        args.id.len() >= 6 && args.id.bytes().all(|b| b.is_ascii_hexdigit());
    if looks_like_fingerprint {
        let document = report::read(&args.report)?;
        let found: Vec<&Finding> = document
            .assessment
            .findings
            .iter()
            .filter(|f| f.fingerprint.starts_with(&args.id))
            .collect();
        return match found.as_slice() {
            [] => {
                Err(Failure::new(format!("{} has no finding `{}`", args.report.display(), args.id)))
            }
            [finding] => {
                output::print(&describe(finding))?;
                if let Some(check) = suite.get(&finding.check) {
                    output::print(&format!("\n{}", check::describe(check)))?;
                }
                Ok(Exit::Holds)
            }
            many => Err(Failure::new(format!(
                "{} findings begin with `{}`; give more of it",
                many.len(),
                args.id
            ))),
        };
    }
    let checks = suite.iter().map(|check| check.id.as_str());
    let controls =
        frameworks.iter().flat_map(|f| f.controls().map(|(_, control)| control.id.as_str()));
    let near = nearest(&args.id, checks.chain(controls));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(Failure::new(format!(
        "`{}` is neither a check, a control nor a fingerprint{hint}",
        args.id
    )))
}

pub(super) fn describe(finding: &Finding) -> String {
    let subject = &finding.subject;
    let mut shown = format!(
        "{} ({}, {})\n{}\n  fingerprint: {}\n  resource: {} {} {} {}\n",
        finding.check,
        finding.severity,
        finding.outcome.words(),
        finding.message,
        finding.fingerprint,
        subject.kind,
        subject.account,
        subject.region,
        subject.id
    );
    let more = [
        ("name", subject.name.as_deref()),
        ("arn", subject.arn.as_deref()),
        ("environment", subject.environment.as_deref()),
        ("cause", finding.cause.as_deref()),
        ("waiver", finding.waiver.as_deref()),
    ];
    for (what, value) in more {
        if let Some(value) = value {
            let _ = writeln!(shown, "  {what}: {value}");
        }
    }
    if !finding.witness.is_null() {
        let witness = serde_json::to_string_pretty(&finding.witness).unwrap_or_default();
        let _ = writeln!(shown, "  witness: {}", witness.replace('\n', "\n  "));
    }
    text::clean_lines(&shown).into_owned()
}
