//! What the summary leaves out: every finding, every cause, every waiver, every failed control.

use super::super::summary::{days_left, in_state, state_words};
use super::super::text::{clean, count, counted, score_line, tally_line};
use super::Page;
use super::paint::Ink;
use crate::finding::Finding;
use crate::posture::{ControlState, FrameworkResult};

impl Page<'_> {
    pub(super) fn details(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        for framework in &self.report.posture.frameworks {
            lines.extend(self.controls(framework));
        }
        lines.extend(self.findings());
        lines.extend(self.causes());
        lines.extend(self.register());
        lines
    }

    fn heading(&self, text: &str) -> Vec<String> {
        vec![self.paint.put(Ink::Strong, text), "─".repeat(self.width.min(text.chars().count()))]
    }

    /// Every control that does not stand, with what it rests on.
    fn controls(&self, framework: &FrameworkResult) -> Vec<String> {
        let mut lines = self.heading(&format!("Controls of {}", clean(&framework.title)));
        lines.push(score_line(&framework.score));
        for cap in &framework.score.caps {
            let ids: Vec<_> = cap.controls.iter().map(|id| clean(id)).collect();
            lines.push(format!(
                "capped at {:.0}: {}: {}",
                cap.limit,
                clean(&cap.name),
                ids.join(", ")
            ));
        }
        let open = [
            ControlState::Failed,
            ControlState::Undetermined,
            ControlState::Gap,
            ControlState::Accepted,
            ControlState::NotApplicable,
        ];
        for state in open {
            if in_state(&framework.score, state) == 0 {
                continue;
            }
            lines.push(String::new());
            lines.push(self.paint.put(Ink::Strong, state_words(state)));
            for control in framework.controls.iter().filter(|control| control.state == state) {
                let severity = self
                    .paint
                    .put(Ink::severity(control.severity), &format!("{:<8}", control.severity));
                lines.push(format!(
                    "  {severity}  {}  {}",
                    clean(&control.id),
                    clean(&control.title)
                ));
                let reason = control.reason.as_deref().map(|r| format!("; {}", clean(r)));
                let reason = reason.unwrap_or_default();
                lines.push(format!("            {}{reason}", tally_line(&control.tally)));
            }
        }
        lines.push(String::new());
        lines
    }

    fn findings(&self) -> Vec<String> {
        let findings = &self.report.assessment.findings;
        let title = format!("All {}", counted(findings.len() as u64, "finding", "findings"));
        let mut lines = self.heading(&title);
        let mut above = None;
        for finding in findings {
            let group = (finding.outcome, finding.severity, &finding.check);
            if above != Some(group) {
                lines.push(String::new());
                lines.push(self.group_line(finding));
                above = Some(group);
            }
            lines.extend(finding_lines(finding));
        }
        lines.push(String::new());
        lines
    }

    fn group_line(&self, finding: &Finding) -> String {
        let words = match finding.outcome {
            crate::finding::Outcome::Fail => finding.severity.to_string(),
            outcome => format!("{} ({})", outcome.words(), finding.severity),
        };
        let ink = Ink::outcome(finding.outcome, finding.severity);
        let tally = self.related.result(&finding.check).map(|check| tally_line(&check.tally));
        format!(
            "{}  {}  {}  [{}]",
            self.paint.put(ink, &words),
            self.paint.put(Ink::Strong, &clean(&finding.check)),
            clean(self.related.title_of(&finding.check)),
            tally.unwrap_or_else(|| "no result".to_owned()),
        )
    }

    fn causes(&self) -> Vec<String> {
        let causes = &self.summary.causes;
        if causes.is_empty() {
            return Vec::new();
        }
        let mut lines = self.heading("Undetermined, by cause");
        for group in causes {
            let checks: Vec<_> = group.checks.iter().map(|id| clean(id)).collect();
            let places: Vec<_> = group
                .places
                .iter()
                .map(|(account, region)| format!("{account} {region}"))
                .collect();
            lines.push(format!("{} {}", count(group.evaluations), clean(&group.cause)));
            lines.push(format!("  in {}", places.join(", ")));
            lines.push(format!("  for {}", checks.join(", ")));
            if let Some(resolve) = &group.resolve {
                lines.push(format!("  → {}", clean(resolve)));
            }
        }
        lines.push(String::new());
        lines
    }

    fn register(&self) -> Vec<String> {
        let waivers = &self.report.assessment.waivers;
        if waivers.is_empty() {
            return Vec::new();
        }
        let mut lines = self.heading("Waivers");
        for waiver in waivers {
            let left = match days_left(&self.report, waiver) {
                days if days < 0 => format!("{} days ago", -days),
                days => format!("{days} days left"),
            };
            lines.push(format!(
                "{}  {}, until {} ({left}), {} accepted",
                clean(&waiver.id),
                clean(&waiver.state),
                waiver.until,
                counted(waiver.matched, "finding", "findings"),
            ));
            lines.push(format!(
                "  owner {}, approved by {}: {}",
                clean(&waiver.owner),
                clean(&waiver.approver),
                clean(&waiver.reason),
            ));
            if let Some(note) = &waiver.note {
                lines.push(format!("  {}", clean(note)));
            }
        }
        lines.push(String::new());
        for record in &self.report.posture.refused_records {
            lines.push(format!("refused: {}", clean(record)));
        }
        lines
    }
}

fn finding_lines(finding: &Finding) -> Vec<String> {
    let subject = &finding.subject;
    let name = match &subject.name {
        Some(name) if *name != subject.id => format!(" ({})", clean(name)),
        _ => String::new(),
    };
    let environment = match &subject.environment {
        Some(environment) => format!(" [{}]", clean(environment)),
        None => String::new(),
    };
    let id = if subject.id == "*" { format!("every {}", subject.kind) } else { subject.id.clone() };
    let mut lines = vec![
        format!("  {} {}  {}{name}{environment}", subject.account, subject.region, clean(&id)),
        format!("    {}", clean(&finding.message)),
    ];
    if let Some(cause) = &finding.cause {
        lines.push(format!("    because {}", clean(cause)));
    }
    if let Some(waiver) = &finding.waiver {
        lines.push(format!("    accepted by waiver {}", clean(waiver)));
    }
    lines
}
