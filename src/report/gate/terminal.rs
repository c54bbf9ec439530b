//! The report for a person at a terminal: what the change does, worst first, and what follows; the rest as counts.

use std::io::Write;

use super::GateView;
use super::shown::{self, Texts};
use crate::gate::{Class, GateFinding};
use crate::report::Error;
use crate::report::terminal::paint::{Ink, Paint, wrap};
use crate::report::text::{clean, count, counted, cut};

/// So many findings of a class are listed, and so many other lines of a kind, unless everything was asked for.
const LISTED: usize = 40;
/// So many steps of a path.
const STEPS: usize = 24;

/// Writes the report.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let page = Page {
        view,
        texts: Texts::of(view),
        paint: Paint::new(view.options.color),
        width: usize::from(view.options.width.max(60)),
    };
    let parts = [
        page.head(),
        page.class(Class::Added, "Added by this change"),
        page.class(Class::MadeUnknown, "Made unknown by this change"),
        page.newly_waived(),
        page.fixed(),
        page.rest(),
        page.drift(),
        page.facts(),
        page.waivers(),
        page.notes(),
        page.decision(),
    ];
    let mut lines = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(part);
    }
    for line in lines {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

struct Page<'a> {
    view: &'a GateView<'a>,
    texts: Texts<'a>,
    paint: Paint,
    width: usize,
}

impl Page<'_> {
    fn verdict(&self) -> String {
        let decision = &self.view.report.decision;
        let ink = match (decision.exit_code, decision.reasons.is_empty()) {
            (0, true) => Ink::Good,
            (0, false) => Ink::Medium,
            (1, _) => Ink::Critical,
            _ => Ink::Unknown,
        };
        self.paint.put(ink, &format!("Gate {}", shown::verdict(decision)))
    }

    fn head(&self) -> Vec<String> {
        let report = self.view.report;
        let mut lines = vec![match self.view.options.key.as_str() {
            "" => self.verdict(),
            key => format!("{}  {}", self.verdict(), clean(key)),
        }];
        let about = [
            ("input", format!("{} ({})", report.input, report.reading.what)),
            ("against", report.compared_with.clone()),
            ("does", shown::actions(self.view)),
            ("at", format!("{}, {}", report.at, report.tool)),
        ];
        for (label, text) in about {
            let line = format!("  {label:<9}{}", clean(&text));
            lines.extend(wrap(&self.muted(&line), self.width, 11));
        }
        lines.push(String::new());
        lines.extend(wrap(&shown::summary(self.view), self.width, 0));
        let others = shown::others(self.view);
        if !others.is_empty() {
            lines.extend(wrap(&format!("Besides: {others}."), self.width, 0));
        }
        lines
    }

    fn muted(&self, text: &str) -> String {
        self.paint.put(Ink::Muted, text)
    }

    fn heading(&self, text: &str) -> String {
        self.paint.put(Ink::Strong, text)
    }

    fn listed(&self) -> usize {
        if self.view.options.verbose { usize::MAX } else { LISTED }
    }

    /// The findings of a class, those of one check under its name.
    fn class(&self, class: Class, title: &str) -> Vec<String> {
        let all = shown::sorted(self.view, class);
        if all.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.heading(&format!("{title}: {}", count(all.len() as u64)))];
        let (listed, rest) = all.split_at(all.len().min(self.listed()));
        for group in shown::grouped(listed) {
            let Some(first) = group.first() else { continue };
            lines.push(String::new());
            lines.extend(self.check_lines(first));
            for finding in group {
                lines.extend(self.finding_lines(finding));
            }
        }
        if !rest.is_empty() {
            lines.push(String::new());
            let rest = count(rest.len() as u64);
            lines.push(self.muted(&format!("  {rest} more are in the full report (--details)")));
        }
        lines
    }

    fn check_lines(&self, first: &GateFinding) -> Vec<String> {
        let finding = &first.finding;
        let severity = finding.severity;
        let ink = Ink::outcome(finding.outcome, severity);
        let line = format!(
            "{}  {}  {}",
            self.paint.put(ink, severity.word()),
            clean(self.texts.title(&finding.check)),
            self.muted(&clean(&finding.check)),
        );
        wrap(&line, self.width, severity.word().len() + 2)
    }

    fn finding_lines(&self, gated: &GateFinding) -> Vec<String> {
        let finding = &gated.finding;
        let action = match gated.action {
            Some(action) => format!("  {}", action.words()),
            None => String::new(),
        };
        let place = match shown::source(self.view, gated) {
            Some(place) => format!("  {}", clean(&place.words())),
            None => String::new(),
        };
        let title = clean(&shown::title_of(gated)).into_owned();
        let line = format!("  {}{action}{}", self.heading(&title), self.muted(&place));
        let mut lines = wrap(&line, self.width, 4);
        if !gated.addresses.is_empty() {
            self.push(&mut lines, "", &shown::subject(gated));
        }
        self.push(&mut lines, "", &finding.message);
        if let Some(cause) = &finding.cause {
            self.push(&mut lines, "because ", cause);
        }
        if let Some(waiver) = &finding.waiver {
            self.push(&mut lines, "accepted by waiver ", waiver);
        }
        for (label, text) in shown::said(gated) {
            self.push(&mut lines, &format!("{label} "), text);
        }
        self.path(gated, &mut lines);
        if let [_, others @ ..] = gated.addresses.as_slice()
            && !others.is_empty()
        {
            self.push(&mut lines, "stated also by ", &some(others, 6));
        }
        if let Some(was) = gated.was
            && was != finding.outcome
        {
            self.push(&mut lines, "before the change: ", was.words());
        }
        if gated.addresses.is_empty() {
            self.push(&mut lines, "", &shown::subject(gated));
        }
        if let Some(remedy) = &gated.remedy {
            self.push(&mut lines, "remedy, tried: ", &remedy.summary);
            for line in remedy.text.lines().take(STEPS) {
                lines.push(format!("      {}", cut(&clean(line), self.width.saturating_sub(6))));
            }
        }
        lines.push(self.muted(&format!("    fingerprint {}", clean(&finding.fingerprint))));
        lines
    }

    /// A line of a finding, wrapped.
    fn push(&self, lines: &mut Vec<String>, label: &str, text: &str) {
        lines.extend(wrap(&format!("    {label}{}", clean(text)), self.width, 6));
    }

    fn path(&self, gated: &GateFinding, lines: &mut Vec<String>) {
        let steps = shown::path(gated);
        // The way back matters when it is what fails; for reading it doubles the length.
        let (there, back): (Vec<&str>, Vec<&str>) =
            steps.iter().partition(|step| !step.starts_with("answer: "));
        let mut room = STEPS;
        for (n, step) in there.iter().take(STEPS).enumerate() {
            let label = if n == 0 { "by way of " } else { "        → " };
            lines.extend(wrap(&format!("    {label}{}", clean(step)), self.width, 14));
            room -= 1;
        }
        if self.view.options.verbose {
            let back = back.iter().filter_map(|step| step.strip_prefix("answer: "));
            for step in back.take(room.max(1)) {
                lines.extend(wrap(&format!("        ← {}", clean(step)), self.width, 14));
            }
        } else if !back.is_empty() {
            lines.push(format!(
                "        ← {}",
                counted(back.len() as u64, "step", "steps") + " back"
            ));
        }
    }

    fn fixed(&self) -> Vec<String> {
        let all = shown::sorted(self.view, Class::Fixed);
        self.brief(&all, "Fixed by this change", Ink::Good)
    }

    fn newly_waived(&self) -> Vec<String> {
        let mut all = shown::sorted(self.view, Class::Waived);
        all.retain(|gated| shown::is_newly_waived(gated));
        self.brief(&all, "Added by this change, and accepted by a waiver", Ink::Medium)
    }

    fn brief(&self, all: &[&GateFinding], title: &str, ink: Ink) -> Vec<String> {
        if all.is_empty() {
            return Vec::new();
        }
        let title = format!("{title}: {}", count(all.len() as u64));
        let mut lines = vec![self.paint.put(ink, &title)];
        for gated in all.iter().take(self.listed()) {
            let finding = &gated.finding;
            let waiver = match &finding.waiver {
                Some(waiver) => format!(" (waiver {waiver})"),
                None => String::new(),
            };
            let line = format!(
                "  {:<8}  {}  {}: {}{}",
                finding.severity,
                clean(&shown::title_of(gated)),
                clean(&finding.check),
                clean(&finding.message),
                clean(&waiver),
            );
            lines.extend(wrap(&line, self.width, 12));
        }
        if let rest @ 1.. = all.len().saturating_sub(self.listed()) {
            lines.push(self.muted(&format!("  {} more", count(rest as u64))));
        }
        lines
    }

    /// What the change leaves as it was, when everything was asked for.
    fn rest(&self) -> Vec<String> {
        if !self.view.options.verbose {
            return Vec::new();
        }
        let classes = [
            (Class::Waived, "Waived"),
            (Class::Unchanged, "Unchanged"),
            (Class::StillUnknown, "Still unknown"),
        ];
        let mut lines = Vec::new();
        for (class, title) in classes {
            let mut all = shown::sorted(self.view, class);
            all.retain(|gated| !shown::is_newly_waived(gated));
            let part = self.brief(&all, title, Ink::Strong);
            if !part.is_empty() && !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(part);
        }
        lines
    }

    fn drift(&self) -> Vec<String> {
        let drift = &self.view.report.drift;
        if drift.is_empty() {
            return Vec::new();
        }
        let title = format!("The world is otherwise than the input believes: {}", drift.len());
        let mut lines = vec![self.paint.put(Ink::Medium, &title)];
        for one in drift.iter().take(self.listed()) {
            let attributes = match one.attributes.as_slice() {
                [] => String::new(),
                list => format!(" [{}]", some(list, 8)),
            };
            let line = format!("  {}{attributes}: {}", one.address, one.words);
            lines.extend(wrap(&clean(&line), self.width, 4));
        }
        if let rest @ 1.. = drift.len().saturating_sub(self.listed()) {
            lines.push(self.muted(&format!("  {} more", count(rest as u64))));
        }
        lines
    }

    /// Scores, evaluations, and how much of the input was understood.
    fn facts(&self) -> Vec<String> {
        let report = self.view.report;
        let mut lines = Vec::new();
        for score in &report.scores {
            let line = format!("Score        {}: {}", score.title, shown::score_words(score));
            lines.extend(wrap(&clean(&line), self.width, 13));
        }
        let (before, after) = (&report.tally_before, &report.tally_after);
        let line = format!(
            "Evaluations  {} before, {} after: {} → {} pass, {} → {} fail, {} → {} unknown, {} → {} waived",
            count(before.applicable()),
            count(after.applicable()),
            count(before.pass),
            count(after.pass),
            count(before.fail),
            count(after.fail),
            count(before.unknown),
            count(after.unknown),
            count(before.waived),
            count(after.waived),
        );
        lines.extend(wrap(&line, self.width, 13));
        for (n, line) in shown::coverage(self.view).into_iter().enumerate() {
            let label = if n == 0 { "Input" } else { "" };
            lines.extend(wrap(&clean(&format!("{label:<13}{line}")), self.width, 13));
        }
        let left = &report.reading.relations.left;
        let most = if self.view.options.verbose { usize::MAX } else { 3 };
        for (place, why) in left.iter().take(most) {
            lines.extend(wrap(
                &format!("{:<15}{}: {}", "", clean(place), clean(why)),
                self.width,
                17,
            ));
        }
        if let rest @ 1.. = left.len().saturating_sub(most) {
            lines.push(self.muted(&format!("{:<15}{} more (--details)", "", count(rest as u64))));
        }
        lines
    }

    fn waivers(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for waiver in &self.view.report.waivers {
            let stale = waiver.state == "in force" && waiver.matched == 0;
            if waiver.state == "in force" && !stale && !self.view.options.verbose {
                continue;
            }
            let state = if stale { "accepts nothing any more" } else { waiver.state.as_str() };
            let note = waiver.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            let line = format!(
                "Waiver {} of {}, until {}: {state}{note}",
                waiver.id, waiver.owner, waiver.until
            );
            lines.extend(wrap(&clean(&line), self.width, 7));
        }
        lines
    }

    fn notes(&self) -> Vec<String> {
        let report = self.view.report;
        let mut lines = Vec::new();
        if let stale @ 1.. = report.stale_baseline.len() {
            let line = format!(
                "Baseline: {} in it answer to nothing any more ({}); `portcullis gate baseline prune` removes them",
                counted(stale as u64, "finding", "findings"),
                some(&report.stale_baseline, 4),
            );
            lines.extend(wrap(&clean(&line), self.width, 2));
        }
        for note in report.notes.iter().take(self.listed()) {
            lines.extend(wrap(&format!("Note: {}", clean(note)), self.width, 6));
        }
        if let rest @ 1.. = report.notes.len().saturating_sub(self.listed()) {
            lines.push(self.muted(&format!("{} more notes", count(rest as u64))));
        }
        lines
    }

    fn decision(&self) -> Vec<String> {
        let decision = &self.view.report.decision;
        let mut lines = vec![format!("{} (exit code {})", self.verdict(), decision.exit_code)];
        for reason in &decision.reasons {
            let ink = match reason.severity {
                Some(severity) => Ink::severity(severity),
                None => Ink::Unknown,
            };
            let threshold = self.paint.put(ink, &clean(&reason.threshold));
            let line = format!("  {threshold}  {}", clean(&reason.words));
            lines.extend(wrap(&line, self.width, 4));
            let way = shown::way_out(reason);
            if !way.is_empty() {
                lines.extend(wrap(&format!("    {}", clean(&way)), self.width, 4));
            }
        }
        if decision.warn_only && !decision.reasons.is_empty() {
            lines.push("  Thresholds only warn in this run.".to_owned());
        }
        let written = &self.view.options.written;
        if !written.is_empty() {
            let names: Vec<_> = written.iter().map(|name| clean(name)).collect();
            lines.extend(wrap(&format!("Full report: {}", names.join(", ")), self.width, 2));
        }
        lines
    }
}

/// The first of a list, and how many more there are.
fn some(list: &[String], most: usize) -> String {
    let words: Vec<_> = list.iter().take(most).map(String::as_str).collect();
    match list.len().saturating_sub(most) {
        0 => words.join(", "),
        more => format!("{} and {} more", words.join(", "), count(more as u64)),
    }
}
