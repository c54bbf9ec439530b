//! The report at a terminal: one screen that says where one stands, worst first; every finding on request.
//!
//! Width and colour are arguments. Colour repeats what words and shapes say already, and nothing more.

use std::fmt::Write as _;
use std::io::Write;

use super::summary::{self, Related, STATES, Summary, applicable, in_state, state_words};
use super::text::{clean, count, counted, cut, points, score_line};
use super::{Error, Report};
use crate::finding::{Outcome, Severity};
use crate::posture::{ControlState, FrameworkResult, SectionResult};
use paint::{Ink, Paint};
use table::{Align, Column, Table};

mod details;
pub(super) mod paint;
pub(super) mod table;

/// A screen.
const LINES_MAX: usize = 40;
/// The caller prints a prompt and perhaps a warning below.
const LINES_KEPT_FREE: usize = 1;
/// Columns of the bar that shows a score.
const BAR: u32 = 16;

/// Writes the summary, and with [`Options::verbose`](super::Options::verbose) every finding behind it.
///
/// # Errors
/// When `out` fails.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let page = Page {
        report: *report,
        summary: Summary::of(report),
        related: Related::of(report),
        paint: Paint::new(report.options.color),
        width: usize::from(report.options.width.max(80)),
    };
    let mut lines = page.screen();
    if report.options.verbose {
        lines.extend(page.details());
    }
    lines.extend(page.footer());
    for line in lines {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Everything the parts of the report draw on.
struct Page<'a> {
    report: Report<'a>,
    summary: Summary<'a>,
    related: Related<'a>,
    paint: Paint,
    width: usize,
}

impl Page<'_> {
    /// The summary. What has a fixed length comes first in the reckoning; the two tables share what is left.
    fn screen(&self) -> Vec<String> {
        let mut head = self.header();
        for framework in &self.report.posture.frameworks {
            head.extend(self.framework(framework));
        }
        head.extend(self.counts());
        let undetermined = self.undetermined(3);
        let mut tail = self.waivers();
        tail.extend(self.refused());

        let fixed = head.len() + undetermined.len() + tail.len() + self.footer().len();
        let spare = LINES_MAX.saturating_sub(LINES_KEPT_FREE + fixed);
        let sections = self.sections().len();
        // A table costs a title line, a header line and a blank one.
        let worst_rows = spare.saturating_sub(3 + sections + 3).clamp(6, 10);
        let worst = self.worst(worst_rows);
        let section_rows = spare.saturating_sub(worst.len() + 3).max(3);

        let mut lines = head;
        lines.extend(worst);
        lines.extend(self.section_table(section_rows));
        lines.extend(undetermined);
        lines.extend(tail);
        lines
    }

    fn header(&self) -> Vec<String> {
        let assessment = self.report.assessment;
        let inventory = &assessment.inventory;
        let title = match &self.report.options.title {
            Some(title) => format!("{}  ", self.paint.put(Ink::Strong, &clean(title))),
            None => String::new(),
        };
        let first = format!("{title}{} at {}", clean(&assessment.tool), assessment.at);
        let second = format!(
            "{}: {}, {}, {}, {}",
            clean(&inventory.path),
            counted(inventory.resources, "resource", "resources"),
            counted(inventory.accounts.len() as u64, "account", "accounts"),
            counted(inventory.regions.len() as u64, "region", "regions"),
            counted(assessment.checks.len() as u64, "check", "checks"),
        );
        let mut lines = vec![first, self.paint.put(Ink::Muted, &cut(&second, self.width))];
        if inventory.resources == 0 {
            let warning = "The inventory is empty: nothing was assessed, and nothing is concluded.";
            lines.push(self.paint.put(Ink::Critical, warning));
        }
        lines.push(String::new());
        lines
    }

    /// A headline: the score, a bar and the states behind it, and why it is not higher.
    fn framework(&self, framework: &FrameworkResult) -> Vec<String> {
        let score = &framework.score;
        let name = format!("{} {}", clean(&framework.title), clean(&framework.version));
        let line = score_line(score);
        let ink = if score.rated { Ink::grade(&score.grade) } else { Ink::Unknown };
        let room = self.width.saturating_sub(line.chars().count() + 2);
        let mut lines = if room < 26 {
            let line = cut(&line, self.width.saturating_sub(2));
            vec![
                self.paint.put(Ink::Strong, &cut(&name, self.width)),
                format!("  {}", self.paint.put(ink, &line)),
            ]
        } else {
            let name = cut(&name, room);
            let gap = " ".repeat(room - name.chars().count() + 2);
            vec![format!(
                "{}{gap}{}",
                self.paint.put(Ink::Strong, &name),
                self.paint.put(ink, &line)
            )]
        };

        let states: Vec<_> = STATES
            .into_iter()
            .filter(|state| *state != ControlState::Satisfied && in_state(score, *state) > 0)
            .map(|state| {
                let words = match state {
                    ControlState::NotApplicable => "n/a",
                    state => state_words(state),
                };
                format!("{} {words}", count(in_state(score, state)))
            })
            .collect();
        let satisfied = format!(
            "{} of {} satisfied",
            count(in_state(score, ControlState::Satisfied)),
            count(applicable(score)),
        );
        let states = [vec![satisfied], states].concat().join(", ");
        let bar = if score.rated { bar(score.net, score.best, BAR) + "  " } else { String::new() };
        lines.push(format!("  {bar}{}", cut(&states, self.width.saturating_sub(BAR as usize + 4))));

        if let Some(cap) = score.caps.first() {
            let more = match score.caps.len() - 1 {
                0 => String::new(),
                n => format!("; {} more", counted(n as u64, "cap", "caps")),
            };
            let controls = cap.controls.iter().take(4).map(|id| clean(id)).collect::<Vec<_>>();
            let rest = cap.controls.len().saturating_sub(controls.len());
            let mut names = controls.join(", ");
            if rest > 0 {
                names = format!("{names}, +{rest}");
            }
            let names = if names.is_empty() { names } else { format!(" ({names})") };
            let line =
                format!("  capped at {}: {}{names}{more}", points(cap.limit), clean(&cap.name));
            lines.push(cut(&line, self.width).into_owned());
        }
        if summary::is_readiness(framework) {
            lines.push(cut(&readiness_line(framework), self.width).into_owned());
        }
        lines.push(String::new());
        lines
    }

    fn counts(&self) -> Vec<String> {
        let t = &self.summary.evaluations;
        let mut evaluations = format!("{} pass, {} fail", count(t.pass), count(t.fail));
        for (n, word) in [(t.unknown, "unknown"), (t.waived, "waived")] {
            let _ = write!(evaluations, ", {} {word}", count(n));
        }
        if t.not_applicable > 0 {
            let _ = write!(evaluations, "; {} not applicable", count(t.not_applicable));
        }
        let severities: Vec<_> = Severity::ALL
            .into_iter()
            .map(|severity| {
                let n = self.summary.fails(severity);
                let text = format!("{} {severity}", count(n));
                if n == 0 { text } else { self.paint.put(Ink::severity(severity), &text) }
            })
            .collect();
        let evaluations =
            format!("Evaluations  {} applicable: {evaluations}", count(t.applicable()));
        let findings = format!(
            "Findings     {} fail: {}; {} unknown, {} waived",
            count(self.summary.findings_with(Outcome::Fail)),
            severities.join(", "),
            count(self.summary.findings_with(Outcome::Unknown)),
            count(self.summary.findings_with(Outcome::Waived)),
        );
        let mut lines = paint::wrap(&evaluations, self.width, 13);
        lines.extend(paint::wrap(&findings, self.width, 13));
        lines.push(String::new());
        lines
    }

    fn worst(&self, rows: usize) -> Vec<String> {
        let failing = &self.summary.failing;
        if failing.is_empty() {
            let line = match self.summary.evaluations.applicable() {
                0 => "No check was evaluated.",
                _ => "No check fails.",
            };
            return vec![line.to_owned(), String::new()];
        }
        let title = match failing.len().saturating_sub(rows) {
            0 => "Failing checks, worst first".to_owned(),
            more => format!("Failing checks, worst first ({more} more not shown)"),
        };
        let mut table = Table::new(vec![
            Column { title: "severity", align: Align::Left, share: None },
            Column { title: "fail of", align: Align::Right, share: None },
            Column { title: "check", align: Align::Left, share: Some(62) },
            Column { title: "title", align: Align::Left, share: Some(100) },
        ]);
        for group in failing.iter().take(rows) {
            let check = group.check;
            table.row(
                Some(Ink::severity(check.severity)),
                vec![
                    check.severity.to_string(),
                    format!("{} of {}", count(check.tally.fail), count(check.tally.applicable())),
                    clean(&check.id).into_owned(),
                    clean(&check.title).into_owned(),
                ],
            );
        }
        self.titled(&title, &table)
    }

    /// The sections of the frameworks that are not readiness checklists: those have their own line.
    fn sections(&self) -> Vec<&SectionResult> {
        let frameworks = &self.report.posture.frameworks;
        frameworks.iter().filter(|f| !summary::is_readiness(f)).flat_map(|f| &f.sections).collect()
    }

    fn section_table(&self, rows: usize) -> Vec<String> {
        let sections = self.sections();
        if sections.is_empty() {
            return Vec::new();
        }
        let title = match sections.len().saturating_sub(rows) {
            0 => "Sections".to_owned(),
            more => format!("Sections, the worst {rows} ({more} more not shown)"),
        };
        let sections = worst_of(sections, rows);
        let mut table = Table::new(vec![
            Column { title: "section", align: Align::Left, share: Some(100) },
            Column { title: "satisfied", align: Align::Right, share: None },
            Column { title: "failed", align: Align::Right, share: None },
            Column { title: "undetermined", align: Align::Right, share: None },
            Column { title: "net … best", align: Align::Left, share: None },
            Column { title: "coverage", align: Align::Right, share: None },
            Column { title: "grade", align: Align::Left, share: None },
        ]);
        for section in sections {
            let score = &section.score;
            let open =
                in_state(score, ControlState::Undetermined) + in_state(score, ControlState::Gap);
            let mut cells = vec![
                format!("{} {}", clean(&section.id), clean(&section.title)),
                format!(
                    "{} of {}",
                    count(in_state(score, ControlState::Satisfied)),
                    count(applicable(score))
                ),
                count(in_state(score, ControlState::Failed)),
                count(open),
            ];
            if score.rated {
                cells.push(format!("{:>3} … {:>3}", points(score.net), points(score.best)));
                cells.push(format!("{} %", points(score.coverage)));
                cells.push(clean(&score.grade).into_owned());
            } else {
                cells.extend(["not rated".to_owned(), "–".to_owned(), "–".to_owned()]);
            }
            table.row(None, cells);
        }
        self.titled(&title, &table)
    }

    fn undetermined(&self, rows: usize) -> Vec<String> {
        let causes = &self.summary.causes;
        if causes.is_empty() {
            return Vec::new();
        }
        let total: u64 = causes.iter().map(|cause| cause.evaluations).sum();
        let title = match causes.len().saturating_sub(rows) {
            0 => format!("Undetermined: {}", counted(total, "evaluation", "evaluations")),
            more => format!(
                "Undetermined: {} ({} not shown)",
                counted(total, "evaluation", "evaluations"),
                counted(more as u64, "further cause", "further causes"),
            ),
        };
        let mut lines = vec![self.paint.put(Ink::Strong, &title)];
        for group in causes.iter().take(rows) {
            let what = group.resolve.as_deref().unwrap_or("see the full report");
            let numbers = format!(
                "{:>5} in {}: ",
                count(group.evaluations),
                counted(group.checks.len() as u64, "check", "checks")
            );
            let line = format!("{numbers}{} → {what}", clean(&group.cause));
            // What to do matters more than the end of a long error.
            let line = if line.chars().count() + 2 > self.width {
                let room = self.width.saturating_sub(numbers.len() + what.chars().count() + 5);
                format!("{numbers}{} → {what}", cut(&clean(&group.cause), room.max(12)))
            } else {
                line
            };
            lines.push(format!("  {}", cut(&line, self.width.saturating_sub(2))));
        }
        lines.push(String::new());
        lines
    }

    fn waivers(&self) -> Vec<String> {
        let list = &self.summary.waivers;
        let Some((first, why)) = list.first() else { return Vec::new() };
        let name = format!("{} {} ({})", clean(&first.id), why.words(), clean(&first.owner));
        let more = match list.len() - 1 {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        let total = self.report.assessment.waivers.len() as u64;
        let line = format!(
            "Waivers: {} of {} to look at: {name}{more}",
            count(list.len() as u64),
            count(total)
        );
        vec![self.paint.put(Ink::Medium, &cut(&line, self.width))]
    }

    fn refused(&self) -> Vec<String> {
        let list = &self.report.posture.refused_records;
        let Some(first) = list.first() else { return Vec::new() };
        let n = counted(list.len() as u64, "record", "records");
        let line = format!("Refused: {n}, such as: {}", clean(first));
        vec![self.paint.put(Ink::Medium, &cut(&line, self.width))]
    }

    fn footer(&self) -> Vec<String> {
        let written = &self.report.options.written;
        if written.is_empty() {
            return Vec::new();
        }
        let names: Vec<_> = written.iter().map(|name| clean(name)).collect();
        vec![format!("Full report: {}", names.join(", "))]
    }

    fn titled(&self, title: &str, table: &Table) -> Vec<String> {
        let mut lines = vec![self.paint.put(Ink::Strong, title)];
        lines.extend(table.lines(self.width, self.paint));
        lines.push(String::new());
        lines
    }
}

/// The worst so many sections, in the order they had.
fn worst_of(sections: Vec<&SectionResult>, rows: usize) -> Vec<&SectionResult> {
    let mut ranked: Vec<_> = sections.into_iter().enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| {
        (a.score.rated.cmp(&b.score.rated)).then(a.score.net.total_cmp(&b.score.net))
    });
    ranked.truncate(rows);
    ranked.sort_by_key(|(place, _)| *place);
    ranked.into_iter().map(|(_, section)| section).collect()
}

/// What of the checklist is documented and what is proved, by function.
fn readiness_line(framework: &FrameworkResult) -> String {
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), points);
    let functions: Vec<_> = framework
        .sections
        .iter()
        .map(|s| format!("{} {}/{}", clean(&s.id), share(s.documented), share(s.proved)))
        .collect();
    format!("  documented/proved %: {}", functions.join("  "))
}

/// A bar of so many columns: what is there, what could still be, and what is lost.
fn bar(net: f64, best: f64, columns: u32) -> String {
    let cells = |value: f64| {
        let value = value.clamp(0.0, 100.0) * f64::from(columns) / 100.0;
        (1..=columns).filter(|cell| f64::from(*cell) <= value + 1e-9).count()
    };
    let (solid, open) = (cells(net), cells(best.max(net)));
    let rest = usize::try_from(columns).unwrap_or(open).saturating_sub(open);
    format!("{}{}{}", "█".repeat(solid), "▒".repeat(open - solid), "·".repeat(rest))
}
