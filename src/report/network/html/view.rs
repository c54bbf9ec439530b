//! What the template is filled with.

use serde::Serialize;

use super::super::shown::{
    self, causes, exposure_summary, isolation_summary, list, name, reach_summary, short, words,
};
use super::super::{
    Answer, BreachRow, CellState, Change, ChangeKind, DiffView, Document, Doubt, ExposureRow,
    ExposureView, IsolationView, Level, PathView, ReachRow, ReachView, RemedyView, ReplyView,
};
use super::draw::Drawn;
use crate::report::text::{count, counted, cut};

/// How many rows a page holds, and how many of them with a drawn path.
const ROWS_MAX: usize = 1_000;
const DRAWN_MAX: usize = 300;
const TOO_MANY: &str = "Its path is in the JSON answer; this page has too many to draw.";
const NOT_FOLLOWED: &str =
    "No path is drawn: nothing in the inventory is behind it, or there are too many paths.";
/// How many doubts a page holds.
const DOUBTS_MAX: usize = 100;

#[derive(Default, Serialize)]
pub(super) struct View {
    title: String,
    tool: String,
    topic: String,
    verdict: String,
    sources: Vec<String>,
    filters: Vec<String>,
    figures: Vec<Figure>,
    bar: Vec<Part>,
    environments: Vec<String>,
    matrix: Vec<MatrixRow>,
    groups: Vec<Group>,
    attempt: Option<Drawn>,
    causes: Vec<CauseRow>,
    doubts: Vec<DoubtRow>,
    doubts_total: usize,
    doubts_more: Option<String>,
}

#[derive(Serialize)]
struct Figure {
    value: String,
    name: &'static str,
}

#[derive(Serialize)]
struct Part {
    class: &'static str,
    words: String,
    x: f64,
    width: f64,
}

#[derive(Serialize)]
struct MatrixRow {
    name: String,
    cells: Vec<CellView>,
}

#[derive(Serialize)]
struct CellView {
    class: &'static str,
    words: &'static str,
    note: Option<String>,
}

#[derive(Serialize)]
struct CauseRow {
    cause: String,
    count: String,
}

#[derive(Serialize)]
struct DoubtRow {
    at: String,
    cause: String,
}

/// A chapter of rows.
#[derive(Serialize)]
struct Group {
    id: &'static str,
    title: String,
    lead: Option<String>,
    total: String,
    rows: Vec<Row>,
    more: Option<String>,
}

#[derive(Default, Serialize)]
struct Row {
    id: Option<String>,
    open: bool,
    class: &'static str,
    badge: &'static str,
    title: String,
    kind: String,
    line: String,
    place: String,
    result: String,
    facts: Vec<Fact>,
    path: Option<Drawn>,
    /// What stands in place of a path.
    pathless: &'static str,
    remedy: Option<Remedy>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Remedy {
    lead: String,
    changes: Vec<String>,
}

impl View {
    pub(super) fn of(document: &Document) -> Self {
        let mut view = Self {
            title: name(document.title.as_deref().unwrap_or("Network")),
            tool: name(&document.tool),
            sources: shown::source_lines(document),
            ..Self::default()
        };
        match &document.answer {
            Answer::Exposure(it) => view.exposure(it),
            Answer::Reach(it) => view.reach(it),
            Answer::Isolation(it) => view.isolation(it),
            Answer::Diff(it) => view.diff(it),
        }
        view
    }

    fn exposure(&mut self, it: &ExposureView) {
        self.topic = format!("Exposure to {}", name(&it.from));
        self.verdict = exposure_summary(it);
        self.filters = it.filters.iter().map(|one| name(one)).collect();
        let neither = it.interfaces.saturating_sub(it.exposed + it.unknown);
        self.figures = vec![
            Figure { value: count(it.exposed), name: "interfaces exposed" },
            Figure { value: count(it.unknown), name: "unknown" },
            Figure { value: count(neither), name: "not exposed" },
            Figure { value: count(it.interfaces), name: "interfaces" },
        ];
        self.bar = bar(&[
            ("fail", it.exposed, "exposed"),
            ("unknown", it.unknown, "unknown"),
            ("pass", neither, "not exposed"),
        ]);
        let mut drawn = 0;
        for (id, title, certain) in
            [("exposed", "Exposed", true), ("perhaps", "Perhaps exposed", false)]
        {
            let rows: Vec<_> =
                it.rows.iter().filter(|row| row.cause.is_none() == certain).collect();
            self.group(id, title, None, &rows, |row| exposure_row(row, &mut drawn));
        }
        self.causes(it.rows.iter().map(|row| &row.cause));
        self.doubts(&it.doubts);
    }

    fn reach(&mut self, it: &ReachView) {
        self.topic = format!("From {} to {}", name(&it.from), name(&it.to));
        self.verdict = reach_summary(it);
        self.attempt = it.attempt.as_ref().map(Drawn::of);
        let mut drawn = 0;
        let rows: Vec<_> = it.rows.iter().collect();
        self.group("paths", "Paths", None, &rows, |row| reach_row(row, &mut drawn));
        self.causes(it.rows.iter().map(|row| &row.cause));
        self.doubts(&it.doubts);
    }

    fn isolation(&mut self, it: &IsolationView) {
        "Isolation of environments".clone_into(&mut self.topic);
        self.verdict = isolation_summary(it);
        if it.environments.len() < 2 {
            "Fewer than two environments are declared, so nothing is kept apart."
                .clone_into(&mut self.verdict);
        }
        self.environments = it.environments.iter().map(|one| headed(one)).collect();
        self.matrix = it
            .environments
            .iter()
            .zip(&it.matrix)
            .map(|(from, row)| MatrixRow {
                name: headed(from),
                cells: row.iter().map(cell).collect(),
            })
            .collect();
        let mut drawn = 0;
        for (id, title, lead, level) in [
            ("breaches", "Breaches", "Packets get through that no flow declares.", Level::Admitted),
            (
                "routed",
                "Routed only",
                "Only security groups or network ACLs keep packets out: one change away.",
                Level::RoutedOnly,
            ),
        ] {
            let rows: Vec<_> = it.breaches.iter().filter(|row| row.level == level).collect();
            self.group(id, title, Some(lead), &rows, |row| breach_row(row, &mut drawn));
        }
        self.causes(it.breaches.iter().map(|row| &row.cause));
        self.doubts(&it.doubts);
    }

    fn diff(&mut self, it: &DiffView) {
        "Changes between two inventories".clone_into(&mut self.topic);
        let all = || it.exposure.iter().chain(&it.isolation);
        let parts: Vec<String> = ChangeKind::ALL
            .into_iter()
            .map(|kind| {
                let n = all().filter(|change| change.kind == kind).count() as u64;
                format!("{} {}", count(n), kind.words())
            })
            .collect();
        self.verdict = format!("{}, {} unchanged", parts.join(", "), count(it.unchanged));
        let exposure: Vec<_> = it.exposure.iter().collect();
        self.group(
            "exposure",
            &format!("Exposure to {}", name(&it.from)),
            None,
            &exposure,
            change_row,
        );
        let isolation: Vec<_> = it.isolation.iter().collect();
        self.group("isolation", "Isolation", None, &isolation, change_row);
    }

    fn group<T>(
        &mut self,
        id: &'static str,
        title: &str,
        lead: Option<&str>,
        rows: &[&T],
        row: impl FnMut(&T) -> Row,
    ) {
        if rows.is_empty() {
            return;
        }
        let total = rows.len();
        let mut made: Vec<Row> = rows.iter().take(ROWS_MAX).copied().map(row).collect();
        if self.groups.is_empty()
            && let Some(first) = made.iter_mut().find(|row| row.path.is_some())
        {
            first.open = true;
        }
        self.groups.push(Group {
            id,
            title: title.to_owned(),
            lead: lead.map(str::to_owned),
            total: count(total as u64),
            rows: made,
            more: (total > ROWS_MAX).then(|| {
                format!("{} more are in the JSON answer.", count((total - ROWS_MAX) as u64))
            }),
        });
    }

    fn causes<'a>(&mut self, all: impl Iterator<Item = &'a Option<String>>) {
        self.causes = causes(all)
            .into_iter()
            .take(DOUBTS_MAX)
            .map(|(cause, n)| CauseRow { cause, count: count(n as u64) })
            .collect();
    }

    fn doubts(&mut self, all: &[Doubt]) {
        self.doubts_total = all.len();
        self.doubts = all
            .iter()
            .take(DOUBTS_MAX)
            .map(|one| DoubtRow { at: words(&one.at), cause: words(&one.cause) })
            .collect();
        let more = all.len().saturating_sub(DOUBTS_MAX);
        self.doubts_more =
            (more > 0).then(|| format!("{} more are in the JSON answer.", count(more as u64)));
    }
}

/// A name at the side of a table.
fn headed(text: &str) -> String {
    cut(&name(text), 32).into_owned()
}

fn bar(parts: &[(&'static str, u64, &'static str)]) -> Vec<Part> {
    let total: u64 = parts.iter().map(|(_, n, _)| n).sum();
    let mut x = 0.0;
    parts
        .iter()
        .filter(|(_, n, _)| *n > 0)
        .map(|(class, n, words)| {
            #[expect(clippy::cast_precision_loss, reason = "a width on a screen")]
            let width = 100.0 * *n as f64 / total.max(1) as f64;
            let part = Part { class, words: format!("{} {words}", count(*n)), x, width };
            x += width;
            part
        })
        .collect()
}

fn certainty(
    cause: Option<&String>,
    certain: (&'static str, &'static str),
) -> (&'static str, &'static str) {
    if cause.is_some() { ("unknown", "unknown") } else { certain }
}

fn draw(path: Option<&PathView>, drawn: &mut usize) -> Option<Drawn> {
    if *drawn >= DRAWN_MAX {
        return None;
    }
    *drawn += usize::from(path.is_some());
    path.map(Drawn::of)
}

fn remedy(remedy: Option<&RemedyView>) -> Option<Remedy> {
    remedy.map(|it| Remedy {
        lead: shown::remedy_lead(it),
        changes: it.changes.iter().map(|one| words(one)).collect(),
    })
}

fn facts(cause: Option<&String>, reply: &ReplyView, rules: &[String]) -> Vec<Fact> {
    let mut out = Vec::new();
    if let Some(cause) = cause {
        out.push(Fact { name: "Unknown because", value: words(cause) });
    }
    if let Some(cause) = &reply.cause {
        out.push(Fact { name: "Reply unknown because", value: words(cause) });
    }
    if !rules.is_empty() {
        out.push(Fact { name: "Let in by", value: list(rules) });
    }
    out
}

fn sent(traffic: &[String], inside: &[String]) -> String {
    if inside.is_empty() {
        list(traffic)
    } else {
        format!("{} → {}", list(traffic), list(inside))
    }
}

fn exposure_row(row: &ExposureRow, drawn: &mut usize) -> Row {
    let (class, badge) = certainty(row.cause.as_ref(), ("certain", "exposed"));
    let mut facts = facts(row.cause.as_ref(), &row.reply, &row.rules);
    if let Some(note) = &row.subject.note {
        facts.insert(0, Fact { name: "Note", value: words(note) });
    }
    if !row.also.is_empty() {
        facts.push(Fact { name: "And so are", value: list(&row.also) });
    }
    Row {
        class,
        badge,
        title: row.subject.title(),
        kind: name(&row.subject.kind),
        line: format!(
            "{} open to {} by {} {}",
            sent(&row.traffic, &row.inside),
            list(&row.clients),
            name(&row.entry.kind),
            name(short(&row.entry.id)),
        ),
        place: row.subject.place(),
        result: format!("reply {}", row.reply.words()),
        facts,
        pathless: if row.path.is_some() { TOO_MANY } else { NOT_FOLLOWED },
        path: draw(row.path.as_ref(), drawn),
        remedy: remedy(row.remedy.as_ref()),
        ..Row::default()
    }
}

fn reach_row(row: &ReachRow, drawn: &mut usize) -> Row {
    let (class, badge) = certainty(row.cause.as_ref(), ("reaches", "reaches"));
    let via = row.via.as_ref().map_or_else(String::new, |via| {
        format!(" by {} {}", name(&via.kind), name(short(&via.id)))
    });
    let from = if row.sources.is_empty() {
        String::new()
    } else {
        format!(" from {}", list(&row.sources))
    };
    Row {
        class,
        badge,
        title: format!(
            "{} → {}",
            shown::with_more(row.from.title(), row.also.len()),
            row.to.title()
        ),
        kind: name(&row.to.kind),
        line: format!("{}{from}{via}", sent(&row.traffic, &row.inside)),
        place: row.to.place(),
        result: format!("reply {}", row.reply.words()),
        facts: facts(row.cause.as_ref(), &row.reply, &[]),
        pathless: if row.path.is_some() { TOO_MANY } else { NOT_FOLLOWED },
        path: draw(row.path.as_ref(), drawn),
        ..Row::default()
    }
}

fn breach_row(row: &BreachRow, drawn: &mut usize) -> Row {
    let certain = match row.level {
        Level::Admitted => ("certain", "breached"),
        Level::RoutedOnly => ("routed", "routed only"),
    };
    let (class, badge) = certainty(row.cause.as_ref(), certain);
    let rules: Vec<String> = row.rule.iter().cloned().collect();
    let mut facts = facts(row.cause.as_ref(), &row.reply, &rules);
    if !row.routes.is_empty() {
        facts.push(Fact { name: "Over", value: list(&row.routes) });
    }
    let link = match &row.link_name {
        Some(own) => format!("{} ({})", name(own), name(short(&row.link))),
        None => name(short(&row.link)),
    };
    Row {
        class,
        badge,
        title: format!("{} → {}", name(&row.from), name(&row.to)),
        kind: format!("by {}", name(&row.kind)),
        line: format!("{} over {link}", list(&row.traffic)),
        place: format!(
            "{}, {}",
            counted(row.senders, "sender", "senders"),
            counted(row.receivers, "receiver", "receivers")
        ),
        result: match row.level {
            Level::Admitted => format!("reply {}", row.reply.words()),
            Level::RoutedOnly => String::new(),
        },
        facts,
        pathless: if row.path.is_some() { TOO_MANY } else { NOT_FOLLOWED },
        path: draw(row.path.as_ref(), drawn),
        remedy: remedy(row.remedy.as_ref()),
        ..Row::default()
    }
}

fn change_row(change: &Change) -> Row {
    let clients = if change.clients.is_empty() {
        String::new()
    } else {
        format!(" to {}", list(&change.clients))
    };
    Row {
        class: change.kind.class(),
        badge: change.kind.words(),
        title: change.subject.title(),
        kind: name(&change.subject.kind),
        line: format!("{}{clients}, {}", list(&change.traffic), words(&change.way)),
        place: change.subject.place(),
        facts: change
            .cause
            .iter()
            .map(|cause| Fact { name: "Unknown because", value: words(cause) })
            .collect(),
        ..Row::default()
    }
}

fn cell(cell: &super::super::Cell) -> CellView {
    let notes = [
        (cell.breaches, "get through"),
        (cell.unknown, "unknown"),
        (cell.routed, "routed"),
        (cell.declared, "declared"),
    ];
    let notes: Vec<String> = notes
        .iter()
        .filter(|(n, _)| *n > 0 && cell.state != CellState::Same)
        .map(|(n, words)| format!("{} {words}", count(*n)))
        .collect();
    CellView {
        class: cell.state.class(),
        words: cell.state.words(),
        note: (!notes.is_empty()).then(|| notes.join(", ")),
    }
}
