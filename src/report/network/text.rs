//! Answers at a terminal: one line first, then a table, then what it rests on. Colour repeats what words say already.

use std::io::Write;

use super::shown::{
    self, LISTED_MAX, causes, exposure_summary, isolation_summary, list, name, reach_summary, words,
};
use super::{
    Answer, BreachRow, CellState, Change, ChangeKind, DiffView, Document, Doubt, ExposureRow,
    ExposureView, HopView, IsolationView, Level, PathView, ReachRow, ReachView, RemedyView,
    ReplyState, ReplyView, State, Style,
};
use crate::report::Error;
use crate::report::terminal::paint::{Ink, Paint, wrap};
use crate::report::terminal::table::{Align, Column, Table};
use crate::report::text::{clean, count, counted};

/// Columns of the words for steps.
const STEP: usize = 24;

/// Writes an answer.
///
/// # Errors
/// When `out` fails.
pub fn write(document: &Document, style: Style, out: &mut dyn Write) -> Result<(), Error> {
    let page = Page { style, paint: Paint::new(style.color), width: style.width.max(80) };
    let mut lines = page.header(document);
    match &document.answer {
        Answer::Exposure(view) => page.exposure(view, &mut lines),
        Answer::Reach(view) => page.reach(view, &mut lines),
        Answer::Isolation(view) => page.isolation(view, &mut lines),
        Answer::Diff(view) => page.diff(view, &mut lines),
    }
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

impl Page {
    fn header(&self, document: &Document) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(title) = &document.title {
            lines.push(self.paint.put(Ink::Strong, &name(title)));
        }
        for line in shown::source_lines(document) {
            lines.push(self.paint.put(Ink::Muted, &line));
        }
        lines.push(String::new());
        lines
    }

    fn heading(&self, words: &str, lines: &mut Vec<String>) {
        if lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(String::new());
        }
        lines.push(self.paint.put(Ink::Strong, words));
    }

    fn exposure(&self, view: &ExposureView, lines: &mut Vec<String>) {
        let ink = match (view.exposed, view.unknown) {
            (0, 0) => Ink::Good,
            (0, _) => Ink::Unknown,
            _ => Ink::High,
        };
        lines.push(self.paint.put(ink, &exposure_summary(view)));
        if !view.filters.is_empty() {
            let only = format!("Only {} is listed.", list(&view.filters));
            lines.push(self.paint.put(Ink::Muted, &only));
        }
        let shown = view.rows.iter().take(self.style.rows_max);
        if self.style.explain {
            for row in shown {
                self.exposure_block(row, lines);
            }
        } else if !view.rows.is_empty() {
            lines.push(String::new());
            let mut table = Table::new(vec![
                column("SURE", None),
                column("WHAT", Some(36)),
                column("KIND", None),
                column("OPEN", Some(34)),
                column("TO", Some(36)),
                column("BY", Some(60)),
                column("REPLY", Some(100)),
            ]);
            for row in shown {
                let (ink, sure) = sure(row.cause.as_ref());
                let by = if row.entry.kind == "address" { &row.entry.id } else { &row.entry.kind };
                table.row(
                    Some(ink),
                    vec![
                        sure.to_owned(),
                        row.subject.brief(),
                        name(&row.subject.kind),
                        opened(&row.traffic, &row.inside),
                        list(&row.clients),
                        name(by),
                        short_reply(&row.reply),
                    ],
                );
            }
            lines.extend(table.lines(self.width, self.paint));
            let remedies = view.rows.iter().any(|row| row.remedy.is_some());
            if remedies {
                self.heading("Remedies", lines);
                for row in view.rows.iter().take(self.style.rows_max) {
                    let Some(remedy) = &row.remedy else { continue };
                    lines.push(format!("{} {}", row.subject.title(), list(&row.traffic)));
                    self.remedy(remedy, lines);
                }
            }
        }
        self.rest(view.rows.len(), lines);
        self.unknowns(causes(view.rows.iter().map(|row| &row.cause)), lines);
        self.doubts(&view.doubts, lines);
        if !view.rows.is_empty() && !self.style.explain {
            lines.push(String::new());
            lines.push(self.paint.put(Ink::Muted, "--explain shows every path hop by hop."));
        }
    }

    fn exposure_block(&self, row: &ExposureRow, lines: &mut Vec<String>) {
        let (ink, sure) = sure(row.cause.as_ref());
        let title = format!("{} {}", name(&row.subject.kind), row.subject.title());
        lines.push(String::new());
        lines.push(format!("{}  {}", self.paint.put(Ink::Strong, &title), row.subject.place()));
        if let Some(note) = &row.subject.note {
            self.wrapped(&format!("  {}", words(note)), lines);
        }
        if !row.also.is_empty() {
            self.wrapped(&format!("  and so are {}", list(&row.also)), lines);
        }
        let open = format!(
            "  {} {} open to {} by {} {}, reply {}",
            self.paint.put(ink, sure),
            opened(&row.traffic, &row.inside),
            list(&row.clients),
            name(&row.entry.kind),
            name(shown::short(&row.entry.id)),
            row.reply.words(),
        );
        self.wrapped(&open, lines);
        self.because(row.cause.as_ref(), &row.reply, lines);
        if let Some(path) = &row.path {
            self.path(path, lines);
        }
        if let Some(remedy) = &row.remedy {
            self.remedy(remedy, lines);
        }
    }

    fn reach(&self, view: &ReachView, lines: &mut Vec<String>) {
        let ink = match view.state {
            State::Unknown => Ink::Unknown,
            State::Passes | State::Blocked => Ink::Strong,
        };
        self.wrapped(&self.paint.put(ink, &reach_summary(view)), lines);
        let shown = view.rows.iter().take(self.style.rows_max);
        if !view.rows.is_empty() {
            lines.push(String::new());
            let mut table = Table::new(vec![
                column("SURE", None),
                column("FROM", Some(36)),
                column("TO", Some(44)),
                column("WITH", Some(46)),
                column("VIA", Some(60)),
                column("REPLY", Some(100)),
            ]);
            for row in shown.clone() {
                let (ink, sure) = sure(row.cause.as_ref());
                let via = row.via.as_ref().map(|via| name(&via.kind));
                table.row(
                    Some(ink),
                    vec![
                        sure.to_owned(),
                        shown::with_more(start(row), row.also.len()),
                        row.to.brief(),
                        opened(&row.traffic, &row.inside),
                        via.unwrap_or_else(|| "direct".to_owned()),
                        short_reply(&row.reply),
                    ],
                );
            }
            lines.extend(table.lines(self.width, self.paint));
            self.rest(view.rows.len(), lines);
        }
        // One path answers the question; all of them on request.
        let paths = if self.style.explain { self.style.rows_max } else { 1 };
        for row in shown.filter(|row| row.path.is_some()).take(paths) {
            self.heading(&format!("Path from {} to {}", start(row), row.to.title()), lines);
            if let Some(path) = &row.path {
                self.path(path, lines);
            }
        }
        if let Some(path) = &view.attempt {
            self.heading("What blocks it", lines);
            self.path(path, lines);
        }
        self.unknowns(causes(view.rows.iter().map(|row| &row.cause)), lines);
        self.doubts(&view.doubts, lines);
    }

    fn isolation(&self, view: &IsolationView, lines: &mut Vec<String>) {
        if view.environments.len() < 2 {
            let words = "Fewer than two environments are declared, so nothing is kept apart. Declare \
                         them under `environments` in portcullis.yaml.";
            self.wrapped(words, lines);
            return;
        }
        self.wrapped(&self.paint.put(Ink::Strong, &isolation_summary(view)), lines);
        lines.push(String::new());
        lines.extend(self.matrix(view));
        for level in [Level::Admitted, Level::RoutedOnly] {
            let rows: Vec<_> = view.breaches.iter().filter(|row| row.level == level).collect();
            if rows.is_empty() {
                continue;
            }
            let heading = match level {
                Level::Admitted => "Packets get through, undeclared",
                Level::RoutedOnly => "Routed, and kept out by security groups or network ACLs only",
            };
            self.heading(heading, lines);
            for row in rows.iter().take(self.style.rows_max) {
                self.breach(row, lines);
            }
            self.rest(rows.len(), lines);
        }
        self.doubts(&view.doubts, lines);
    }

    fn matrix(&self, view: &IsolationView) -> Vec<String> {
        let names: Vec<String> = view
            .environments
            .iter()
            .map(|one| crate::report::text::cut(&name(one), 20).into())
            .collect();
        let cells: Vec<Vec<(CellState, String)>> = view
            .matrix
            .iter()
            .map(|row| row.iter().map(|cell| (cell.state, cell_words(cell))).collect())
            .collect();
        let first =
            names.iter().map(|n| n.chars().count()).max().unwrap_or(0).max("FROM \\ TO".len());
        let wide = |at: usize| {
            let column = cells.iter().filter_map(|row| row.get(at)).map(|(_, w)| w.chars().count());
            let title = names.get(at).map_or(0, |n| n.chars().count());
            column.chain([title]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..names.len()).map(wide).collect();
        let titles: Vec<String> =
            names.iter().zip(&widths).map(|(title, w)| format!("{title:<w$}")).collect();
        let head = format!("{:<first$}  {}", "FROM \\ TO", titles.join("  "));
        let mut lines = vec![self.paint.put(Ink::Muted, &head)];
        for (title, row) in names.iter().zip(&cells) {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|((state, words), w)| {
                    self.paint.put(cell_ink(*state), &format!("{words:<w$}"))
                })
                .collect();
            lines.push(format!("{title:<first$}  {}", cells.join("  ")));
        }
        lines
    }

    fn breach(&self, row: &BreachRow, lines: &mut Vec<String>) {
        let (ink, sure) = sure(row.cause.as_ref());
        let joint = match &row.link_name {
            Some(own) => format!("{} ({})", name(own), name(&row.link)),
            None => name(&row.link),
        };
        self.wrapped(
            &format!(
                "  {} {} → {} by {} {joint}: {}",
                self.paint.put(ink, sure),
                name(&row.from),
                name(&row.to),
                name(&row.kind),
                list(&row.traffic),
            ),
            lines,
        );
        let pairs = format!(
            "{} → {}",
            counted(row.senders, "sender", "senders"),
            counted(row.receivers, "receiver", "receivers")
        );
        let rule = row.rule.as_ref().map(|rule| format!("let in by {}; ", words(rule)));
        let reply = match row.level {
            Level::Admitted => format!("; reply {}", row.reply.words()),
            // Nothing gets there that could be answered.
            Level::RoutedOnly => String::new(),
        };
        self.wrapped(&format!("      {}{pairs}{reply}", rule.unwrap_or_default()), lines);
        if !row.routes.is_empty() {
            self.wrapped(&format!("      over {}", list(&row.routes)), lines);
        }
        self.because(row.cause.as_ref(), &row.reply, lines);
        if self.style.explain
            && let Some(path) = &row.path
        {
            self.path(path, lines);
        }
        if let Some(remedy) = &row.remedy {
            self.remedy(remedy, lines);
        }
    }

    fn diff(&self, view: &DiffView, lines: &mut Vec<String>) {
        let total = view.exposure.len() + view.isolation.len();
        if total == 0 {
            let words = format!(
                "Nothing changed: {} the same",
                counted(view.unchanged, "path is", "paths are")
            );
            lines.push(self.paint.put(Ink::Good, &words));
            return;
        }
        let all = || view.exposure.iter().chain(&view.isolation);
        let parts: Vec<String> = ChangeKind::ALL
            .into_iter()
            .map(|kind| {
                let n = all().filter(|change| change.kind == kind).count() as u64;
                format!("{} {}", count(n), kind.words())
            })
            .collect();
        let line = format!("{}, {} unchanged", parts.join(", "), count(view.unchanged));
        lines.push(self.paint.put(Ink::Strong, &line));
        for (heading, changes) in [
            (format!("Exposure to {}", name(&view.from)), &view.exposure),
            ("Isolation".to_owned(), &view.isolation),
        ] {
            if changes.is_empty() {
                continue;
            }
            self.heading(&heading, lines);
            for change in changes.iter().take(self.style.rows_max) {
                self.change(change, lines);
            }
            self.rest(changes.len(), lines);
        }
    }

    fn change(&self, change: &Change, lines: &mut Vec<String>) {
        let (ink, sign) = match change.kind {
            ChangeKind::Appeared => (Ink::High, "+"),
            ChangeKind::BecameUnknown => (Ink::Unknown, "?"),
            ChangeKind::BecameCertain => (Ink::Medium, "!"),
            ChangeKind::Vanished => (Ink::Good, "-"),
        };
        let clients = if change.clients.is_empty() {
            String::new()
        } else {
            format!(" to {}", list(&change.clients))
        };
        let line = format!(
            "  {} {} {} {}{clients}, {}",
            self.paint.put(ink, &format!("{sign} {}", change.kind.words())),
            name(&change.subject.kind),
            change.subject.title(),
            list(&change.traffic),
            words(&change.way),
        );
        self.wrapped(&line, lines);
        if let Some(cause) = &change.cause {
            self.wrapped(&format!("      because {}", words(cause)), lines);
        }
    }

    fn path(&self, path: &PathView, lines: &mut Vec<String>) {
        let end = match (path.forward, path.state) {
            (_, State::Passes) => "arrives and is answered",
            (State::Passes, State::Blocked) => "arrives, and the answer does not come back",
            (State::Passes, State::Unknown) => {
                "arrives; nobody can say whether the answer comes back"
            }
            (State::Unknown, _) | (_, State::Unknown) => "nobody can say whether it arrives",
            (State::Blocked, State::Blocked) => "is blocked",
        };
        lines.push(format!("  {} {end}", words(&path.packet)));
        for (at, hop) in path.hops.iter().enumerate() {
            self.hop(at + 1, hop, lines);
        }
        if !path.reply_hops.is_empty() {
            lines.push(self.paint.put(Ink::Muted, "      the answer"));
            for (at, hop) in path.reply_hops.iter().enumerate() {
                self.hop(path.hops.len() + at + 1, hop, lines);
            }
        }
        if let Some((first, more)) = path.blockers.split_first() {
            self.wrapped(&format!("      Blocked first by {}", words(first)), lines);
            for one in more {
                self.wrapped(&format!("      and by {}", words(one)), lines);
            }
        }
    }

    fn hop(&self, at: usize, hop: &HopView, lines: &mut Vec<String>) {
        let ink = match hop.state {
            State::Passes => Ink::Good,
            State::Unknown => Ink::Unknown,
            State::Blocked => Ink::High,
        };
        let mut tail = match &hop.name {
            Some(own) if *own != hop.at => {
                format!("{} ({})", name(own), name(shown::short(&hop.at)))
            }
            _ => name(shown::short(&hop.at)),
        };
        for (before, more) in
            [(", ", &hop.by), (", becomes ", &hop.becomes), (": ", &hop.why), (": ", &hop.cause)]
        {
            if let Some(more) = more {
                tail.push_str(if tail.is_empty() { "" } else { before });
                tail.push_str(&words(more));
            }
        }
        let sign = self.paint.put(ink, hop.state.sign());
        let line = format!("  {at:>3} {sign} {:<STEP$} {tail}", name(&hop.words));
        lines.extend(wrap(&line, self.width, 9 + STEP));
    }

    fn remedy(&self, remedy: &RemedyView, lines: &mut Vec<String>) {
        let ink = if remedy.verified { Ink::Good } else { Ink::Unknown };
        self.wrapped(&format!("      {}", self.paint.put(ink, &shown::remedy_lead(remedy))), lines);
        for change in remedy.changes.iter().take(4 * LISTED_MAX) {
            self.wrapped(&format!("        → {}", words(change)), lines);
        }
    }

    fn because(&self, cause: Option<&String>, reply: &ReplyView, lines: &mut Vec<String>) {
        if let Some(cause) = cause {
            self.wrapped(&format!("      unknown because {}", words(cause)), lines);
        }
        if let Some(cause) = &reply.cause {
            self.wrapped(&format!("      reply unknown because {}", words(cause)), lines);
        }
    }

    fn unknowns(&self, causes: Vec<(String, usize)>, lines: &mut Vec<String>) {
        if causes.is_empty() || self.style.explain {
            return;
        }
        self.heading("Unknown because", lines);
        for (cause, n) in causes.iter().take(2 * LISTED_MAX) {
            self.wrapped(&format!("  {n:>5} × {cause}"), lines);
        }
        if causes.len() > 2 * LISTED_MAX {
            lines.push(format!("        {} more causes", causes.len() - 2 * LISTED_MAX));
        }
    }

    fn doubts(&self, doubts: &[Doubt], lines: &mut Vec<String>) {
        if doubts.is_empty() {
            return;
        }
        self.heading("There may be more, because", lines);
        for doubt in doubts.iter().take(2 * LISTED_MAX) {
            self.wrapped(&format!("  {}: {}", words(&doubt.at), words(&doubt.cause)), lines);
        }
        if doubts.len() > 2 * LISTED_MAX {
            let more = (doubts.len() - 2 * LISTED_MAX) as u64;
            lines.push(format!("  {} more (--format json has all)", count(more)));
        }
    }

    fn rest(&self, rows: usize, lines: &mut Vec<String>) {
        let more = rows.saturating_sub(self.style.rows_max);
        if more > 0 {
            lines.push(self.paint.put(
                Ink::Muted,
                &format!("… and {} more; --rows lists more, --format json all", count(more as u64)),
            ));
        }
    }

    fn wrapped(&self, line: &str, lines: &mut Vec<String>) {
        let indent = line.chars().take_while(|c| *c == ' ').count() + 2;
        lines.extend(wrap(line, self.width, indent));
    }
}

fn column(title: &'static str, share: Option<u16>) -> Column {
    Column { title, align: Align::Left, share }
}

fn sure(cause: Option<&String>) -> (Ink, &'static str) {
    match cause {
        None => (Ink::High, "certain"),
        Some(_) => (Ink::Unknown, "unknown"),
    }
}

fn opened(traffic: &[String], inside: &[String]) -> String {
    if inside.is_empty() {
        return list(traffic);
    }
    format!("{} → {}", list(traffic), list(inside))
}

fn start(row: &ReachRow) -> String {
    if row.sources.is_empty() {
        return row.from.brief();
    }
    // The internet and sites are their addresses.
    list(&row.sources)
}

fn short_reply(reply: &ReplyView) -> String {
    match reply.state {
        ReplyState::Full => "full",
        ReplyState::Partial => "partial",
        ReplyState::None => "none",
        ReplyState::Unknown => "unknown",
    }
    .to_owned()
}

fn cell_words(cell: &super::Cell) -> String {
    match cell.state {
        CellState::Breached => format!("breached ({})", count(cell.breaches)),
        CellState::RoutedOnly => format!("routed only ({})", count(cell.routed)),
        other => clean(other.words()).into_owned(),
    }
}

fn cell_ink(state: CellState) -> Ink {
    match state {
        CellState::Breached => Ink::High,
        CellState::Unknown => Ink::Unknown,
        CellState::RoutedOnly => Ink::Medium,
        CellState::Declared => Ink::Low,
        CellState::Isolated => Ink::Good,
        CellState::Same => Ink::Muted,
    }
}

/// Whether the answer to somebody is more than certain: used by the other forms too.
pub(super) fn is_answered(reply: &ReplyView) -> bool {
    matches!(reply.state, ReplyState::Full | ReplyState::Partial)
}
