//! Paths at a terminal: one line first, then a table, then each path step by step where that is wanted.

use std::io::Write;

use super::{Document, Paths, Quality, Row, Step, shown};
use crate::report::Error;
use crate::report::network::shown::{list, name, words};
use crate::report::terminal::paint::{Ink, Paint, wrap};
use crate::report::terminal::table::{Align, Column, Table};
use crate::report::text::{count, counted};

/// How many doubts are listed.
const DOUBTS_MAX: usize = 20;
/// How many steps beside the path are told of one principal.
const USES_MAX: usize = 40;

/// How to show an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; fewer than 80 count as 80.
    pub width: usize,
    /// Whether there is colour.
    pub color: bool,
    /// Whether paths are told step by step.
    pub explain: bool,
    /// How many rows are listed.
    pub rows_max: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 100, color: false, explain: false, rows_max: 200 }
    }
}

/// Writes an answer.
///
/// # Errors
/// When `out` fails.
pub fn write(document: &Document, style: Style, out: &mut dyn Write) -> Result<(), Error> {
    let page = Page { style, paint: Paint::new(style.color), width: style.width.max(80) };
    let mut lines = vec![page.paint.put(Ink::Muted, &shown::source(document)), String::new()];
    page.paths(&document.answer, &mut lines);
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    for line in lines {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

struct Page {
    style: Style,
    paint: Paint,
    width: usize,
}

fn ink(sure: Quality) -> Ink {
    match sure {
        Quality::Certain => Ink::High,
        Quality::Conditional => Ink::Unknown,
        Quality::Possible => Ink::Medium,
    }
}

impl Page {
    fn paths(&self, view: &Paths, lines: &mut Vec<String>) {
        let ink_of_all = match (view.certain, view.conditional + view.possible) {
            (0, 0) => Ink::Good,
            (0, _) => Ink::Unknown,
            _ => Ink::High,
        };
        self.wrapped(&self.paint.put(ink_of_all, &shown::summary(view)), 0, lines);
        if view.from.is_none() && !view.administrators.is_empty() {
            let line = format!("{}; of these no paths are told.", shown::administrators(view));
            lines.push(self.paint.put(Ink::Muted, &line));
        }
        let with_path: Vec<&Row> = view.rows.iter().filter(|row| row.sure.is_some()).collect();
        let without: Vec<&Row> =
            view.rows.iter().filter(|row| row.sure.is_none() && !row.uses.is_empty()).collect();
        if self.style.explain || view.from.is_some() {
            for row in with_path.iter().chain(&without).take(self.style.rows_max) {
                self.block(row, lines);
            }
            self.rest(view.rows.len(), lines);
        } else {
            self.table(view, &with_path, lines);
            self.remedies(&with_path, lines);
            self.stronger(&without, lines);
        }
        if !view.tells_possible && view.possible > 0 {
            let line = format!(
                "{} only possible; --possible tells them.",
                counted(view.possible, "path is", "paths are")
            );
            lines.push(String::new());
            lines.push(self.paint.put(Ink::Muted, &line));
        }
        self.doubts(view, lines);
        if !with_path.is_empty() && !self.style.explain && view.from.is_none() {
            lines.push(String::new());
            lines.push(self.paint.put(Ink::Muted, "--explain shows every path step by step."));
        }
    }

    fn table(&self, view: &Paths, rows: &[&Row], lines: &mut Vec<String>) {
        if rows.is_empty() {
            return;
        }
        lines.push(String::new());
        let column = |title, share| Column { title, align: Align::Left, share };
        let mut table = Table::new(vec![
            column("SURE", None),
            column("WHO", Some(36)),
            column("ACCOUNT", None),
            column("BY", Some(100)),
        ]);
        let alike = shown::alike(view, rows);
        for one in alike.iter().take(self.style.rows_max) {
            let row = one.row;
            let Some(sure) = row.sure else { continue };
            table.row(
                Some(ink(sure)),
                vec![
                    sure.word().to_owned(),
                    one.title(),
                    name(&row.principal.account),
                    row.line(view),
                ],
            );
        }
        lines.extend(table.lines(self.width, self.paint));
        self.rest(alike.len(), lines);
    }

    fn remedies(&self, rows: &[&Row], lines: &mut Vec<String>) {
        if rows.iter().all(|row| row.remedy.is_none()) {
            return;
        }
        self.heading("Remedies", lines);
        for row in rows.iter().take(self.style.rows_max).filter(|row| row.remedy.is_some()) {
            lines.push(row.principal.title());
            self.remedy(row, lines);
        }
    }

    /// Who becomes more than it is, and not whom paths lead to.
    fn stronger(&self, rows: &[&Row], lines: &mut Vec<String>) {
        if rows.is_empty() {
            return;
        }
        let others = counted(rows.len() as u64, "other becomes", "others become");
        self.heading(&format!("{others} more in these ways"), lines);
        for way in shown::ways(rows).iter().take(self.style.rows_max) {
            let line = format!(
                "{} {} → {}: {}",
                name(way.method),
                words(way.title),
                way.becomes,
                list(&way.principals),
            );
            self.wrapped(&line, 2, lines);
        }
    }

    fn block(&self, row: &Row, lines: &mut Vec<String>) {
        lines.push(String::new());
        let title = self.paint.put(Ink::Strong, &row.principal.title());
        let sure = row.sure.map_or_else(String::new, |sure| {
            let steps = counted(row.path.len() as u64, "step", "steps");
            format!("  {}, {steps}", self.paint.put(ink(sure), sure.word()))
        });
        lines.push(format!("{title}  {}{sure}", row.principal.place()));
        for (at, step) in row.path.iter().enumerate() {
            self.step(&format!("{}.", at + 1), step, lines);
        }
        self.remedy(row, lines);
        let others: Vec<&Step> = row.others().collect();
        if others.is_empty() {
            return;
        }
        let words =
            if row.path.is_empty() { "It becomes more by" } else { "It also becomes more by" };
        lines.push(self.paint.put(Ink::Muted, &format!("  {words}")));
        for step in others.iter().take(USES_MAX) {
            self.step("-", step, lines);
        }
        if others.len() > USES_MAX {
            let more = count((others.len() - USES_MAX) as u64);
            lines.push(format!("  {more} more; --format json has all."));
        }
    }

    fn step(&self, mark: &str, step: &Step, lines: &mut Vec<String>) {
        let by = step.by().map_or_else(String::new, |by| format!(", by {by}"));
        let line = format!(
            "{mark} {} {} → {}{by}  {}",
            self.paint.put(Ink::Strong, &name(&step.method)),
            words(&step.title),
            self.paint.put(Ink::Strong, &step.becomes.title()),
            self.paint.put(ink(step.sure), step.sure.word()),
        );
        self.wrapped(&line, 2, lines);
        for ask in &step.asks {
            let open = if ask.certain { "" } else { ", if conditions hold" };
            let line = format!("{} on {}{open}", name(&ask.action), name(&ask.resource));
            self.wrapped(&line, 6, lines);
            let by = shown::by(ask);
            if !by.is_empty() {
                self.wrapped(&self.paint.put(Ink::Muted, &format!("by {by}")), 8, lines);
            }
        }
        if step.sure == Quality::Possible
            && let Some(needs) = &step.needs
        {
            self.wrapped(&format!("needs {}", words(needs)), 6, lines);
        }
    }

    fn remedy(&self, row: &Row, lines: &mut Vec<String>) {
        let Some(remedy) = &row.remedy else { return };
        let ink = if remedy.removals.is_empty() { Ink::Unknown } else { Ink::Good };
        self.wrapped(&self.paint.put(ink, &shown::remedy_lead(remedy)), 2, lines);
        for one in &remedy.removals {
            self.wrapped(&shown::removal(one), 6, lines);
        }
    }

    fn doubts(&self, view: &Paths, lines: &mut Vec<String>) {
        let more = shown::more(view);
        if more.is_empty() {
            return;
        }
        self.heading("There may be more", lines);
        for (at, cause) in more.iter().take(DOUBTS_MAX) {
            self.wrapped(&format!("{at}: {cause}"), 2, lines);
        }
        if more.len() > DOUBTS_MAX {
            let more = count((more.len() - DOUBTS_MAX) as u64);
            lines.push(format!("  {more} more; --format json has all."));
        }
    }

    fn rest(&self, all: usize, lines: &mut Vec<String>) {
        if all > self.style.rows_max {
            let more = count((all - self.style.rows_max) as u64);
            let line = format!("{more} more; --rows lists more, --format json has all.");
            lines.push(self.paint.put(Ink::Muted, &line));
        }
    }

    fn heading(&self, words: &str, lines: &mut Vec<String>) {
        if lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(String::new());
        }
        lines.push(self.paint.put(Ink::Strong, words));
    }

    fn wrapped(&self, line: &str, indent: usize, lines: &mut Vec<String>) {
        let hang = if indent == 0 { 0 } else { indent + 2 };
        lines.extend(wrap(&format!("{}{line}", " ".repeat(indent)), self.width, hang));
    }
}
