//! What the template is filled with.

use serde::Serialize;

use super::super::{Ask, Becomes, Document, Paths, Principal, Quality, Row, Step, shown};
use crate::report::network::shown::{list, name, words};
use crate::report::text::{count, counted, cut};

/// How many rows a page holds, and how many of them with everything there is to say.
const ROWS_MAX: usize = 1_000;
const TOLD_MAX: usize = 300;
/// How many ways beside the path are told of one principal.
const USES_MAX: usize = 30;
const ADMINISTRATORS_MAX: usize = 200;
const DOUBTS_MAX: usize = 100;
/// How many characters fit into a drawing.
const NAME_MAX: usize = 19;
const PLACE_MAX: usize = 21;

#[derive(Default, Serialize)]
pub(super) struct View {
    tool: String,
    topic: String,
    verdict: String,
    source: String,
    figures: Vec<Figure>,
    bar: Vec<Part>,
    groups: Vec<Group>,
    ways: Vec<WayView>,
    ways_lead: String,
    ways_total: String,
    ways_more: Option<String>,
    hidden: Option<String>,
    administrators: Vec<AdministratorView>,
    administrators_total: String,
    administrators_more: Option<String>,
    doubts: Vec<DoubtView>,
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

/// A chapter of rows.
#[derive(Serialize)]
struct Group {
    id: &'static str,
    title: &'static str,
    lead: String,
    total: String,
    rows: Vec<RowView>,
    more: Option<String>,
}

#[derive(Serialize)]
struct RowView {
    open: bool,
    class: &'static str,
    badge: &'static str,
    title: String,
    /// Others of whom the same holds.
    also: Option<String>,
    place: String,
    line: String,
    result: String,
    stops: Vec<Stop>,
    steps: Vec<StepView>,
    uses: Vec<StepView>,
    uses_more: Option<String>,
    remedy_lead: Option<String>,
    remedy: Vec<String>,
    /// What stands in place of all this where a page would grow too long.
    left_out: Option<&'static str>,
}

/// A way that several principals share.
#[derive(Serialize)]
struct WayView {
    method: String,
    title: String,
    becomes: String,
    who: String,
    class: &'static str,
    badge: &'static str,
}

/// A principal on the way, and what it does next.
#[derive(Serialize)]
struct Stop {
    class: &'static str,
    icon: &'static str,
    label: String,
    name: String,
    place: String,
    full: Option<String>,
    method: Option<String>,
    title: Option<String>,
    by: Option<String>,
    sure: Option<&'static str>,
}

#[derive(Serialize)]
struct StepView {
    method: String,
    title: String,
    from: String,
    to: String,
    by: Option<String>,
    class: &'static str,
    badge: &'static str,
    needs: Option<String>,
    asks: Vec<AskView>,
}

#[derive(Serialize)]
struct AskView {
    action: String,
    resource: String,
    open: bool,
    by: String,
}

#[derive(Serialize)]
struct AdministratorView {
    title: String,
    place: String,
    class: &'static str,
    badge: &'static str,
}

#[derive(Serialize)]
struct DoubtView {
    at: String,
    cause: String,
}

/// The class of the style sheet and the word.
fn badge(sure: Quality) -> (&'static str, &'static str) {
    match sure {
        Quality::Certain => ("certain", "certain"),
        Quality::Conditional => ("unknown", "conditional"),
        Quality::Possible => ("routed", "possible"),
    }
}

impl View {
    pub(super) fn of(document: &Document) -> Self {
        let view = &document.answer;
        let mut out = Self {
            tool: name(&document.tool),
            topic: format!("Who becomes {}", shown::goal(view)),
            verdict: shown::summary(view),
            source: shown::source(document),
            ..Self::default()
        };
        if view.from.is_none() {
            out.numbers(view);
        }
        out.chapters(view);
        out.hidden = (!view.tells_possible && view.possible > 0).then(|| {
            format!(
                "{} only possible, since they need something the inventory does not show; --possible tells them.",
                counted(view.possible, "further path is", "further paths are"),
            )
        });
        out.rest(view);
        out
    }

    fn numbers(&mut self, view: &Paths) {
        let certain = view.administrators.iter().filter(|it| it.certain).count() as u64;
        let paths = view.certain + view.conditional + view.possible;
        let without = view.principals.saturating_sub(paths + certain);
        self.figures = vec![
            Figure {
                value: count(view.certain),
                name: if view.to.is_none() {
                    "become one for certain"
                } else {
                    "become it for certain"
                },
            },
            Figure { value: count(view.conditional), name: "if conditions hold" },
            Figure { value: count(view.possible), name: "possibly" },
            Figure { value: count(certain), name: "are administrators" },
            Figure { value: count(view.principals), name: "principals" },
        ];
        self.bar = bar(&[
            ("fail", view.certain, "certain"),
            ("unknown", view.conditional, "conditional"),
            ("medium", view.possible, "possible"),
            ("waived", certain, "administrators"),
            ("pass", without, "without a path"),
        ]);
    }

    fn chapters(&mut self, view: &Paths) {
        let goal = shown::goal(view);
        let mut told = 0;
        for (sure, id, title, lead) in [
            (
                Quality::Certain,
                "certain",
                "Certain",
                "Every permission is certain, and everything the path needs is in the inventory.",
            ),
            (
                Quality::Conditional,
                "conditional",
                "If conditions hold",
                "A condition, or something that was not read, decides.",
            ),
            (
                Quality::Possible,
                "possible",
                "Possible",
                "The path needs something that the inventory does not show.",
            ),
        ] {
            let rows: Vec<&Row> = view.rows.iter().filter(|row| row.sure == Some(sure)).collect();
            self.group(view, (id, title), lead.to_owned(), &rows, &mut told);
        }
        let rows: Vec<&Row> =
            view.rows.iter().filter(|row| row.sure.is_none() && !row.uses.is_empty()).collect();
        let lead = format!("These become more than they are, and not {goal}.");
        if view.from.is_some() {
            return self.group(view, ("stronger", "In other ways"), lead, &rows, &mut told);
        }
        self.ways_lead = lead;
        self.ways_total = count(rows.len() as u64);
        let ways = shown::ways(&rows);
        let more = ways.len().saturating_sub(ROWS_MAX);
        self.ways_more =
            (more > 0).then(|| format!("{} more are in the JSON answer.", count(more as u64)));
        self.ways = ways.iter().take(ROWS_MAX).map(way).collect();
    }

    fn group(
        &mut self,
        view: &Paths,
        (id, title): (&'static str, &'static str),
        lead: String,
        rows: &[&Row],
        told: &mut usize,
    ) {
        if rows.is_empty() {
            return;
        }
        let alike = shown::alike(view, rows);
        let more = alike.len().saturating_sub(ROWS_MAX);
        let first = self.groups.is_empty();
        let mut made = Vec::new();
        for one in alike.iter().take(ROWS_MAX) {
            let mut made_of = row(view, one.row, *told < TOLD_MAX);
            made_of.title = one.title();
            made_of.also = (!one.also.is_empty()).then(|| list(&one.also));
            *told += 1;
            made_of.open = first && made.is_empty();
            made.push(made_of);
        }
        self.groups.push(Group {
            id,
            title,
            lead,
            total: count(rows.len() as u64),
            rows: made,
            more: (more > 0)
                .then(|| format!("{} more are in the JSON answer.", count(more as u64))),
        });
    }

    fn rest(&mut self, view: &Paths) {
        let shown_ones = view.administrators.iter().take(ADMINISTRATORS_MAX);
        self.administrators = shown_ones
            .map(|one| {
                let (class, badge) =
                    if one.certain { ("certain", "certain") } else { ("unknown", "conditional") };
                AdministratorView {
                    title: one.principal.title(),
                    place: one.principal.place(),
                    class,
                    badge,
                }
            })
            .collect();
        self.administrators_total = count(view.administrators.len() as u64);
        let more = |all: usize, most: usize| {
            let more = all.saturating_sub(most);
            (more > 0).then(|| format!("{} more are in the JSON answer.", count(more as u64)))
        };
        self.administrators_more = more(view.administrators.len(), ADMINISTRATORS_MAX);
        let doubts = shown::more(view);
        self.doubts_total = doubts.len();
        self.doubts_more = more(doubts.len(), DOUBTS_MAX);
        let told = doubts.into_iter().take(DOUBTS_MAX);
        self.doubts = told.map(|(at, cause)| DoubtView { at, cause }).collect();
    }
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

fn row(view: &Paths, row: &Row, told: bool) -> RowView {
    let (class, word) = row.sure.map_or(("reaches", "stronger"), badge);
    let others: Vec<&Step> = row.others().collect();
    let line = if row.path.is_empty() {
        let ways: Vec<String> = others
            .iter()
            .take(4)
            .map(|step| format!("{} → {}", name(&step.method), step.becomes.title()))
            .collect();
        ways.join(", ")
    } else {
        row.line(view)
    };
    let result = match (row.path.len(), others.len()) {
        (0, n) => counted(n as u64, "way", "ways"),
        (n, _) => counted(n as u64, "step", "steps"),
    };
    let mut out = RowView {
        open: false,
        class,
        badge: word,
        title: row.principal.title(),
        also: None,
        place: row.principal.place(),
        line,
        result,
        stops: Vec::new(),
        steps: Vec::new(),
        uses: Vec::new(),
        uses_more: None,
        remedy_lead: row.remedy.as_ref().map(shown::remedy_lead),
        remedy: Vec::new(),
        left_out: None,
    };
    if !told {
        out.left_out = Some("Its steps are in the JSON answer; this page has too many to draw.");
        return out;
    }
    out.stops = stops(view, &row.path);
    out.steps = row.path.iter().map(step).collect();
    out.uses = others.iter().take(USES_MAX).map(|one| step(one)).collect();
    let more = others.len().saturating_sub(USES_MAX);
    out.uses_more =
        (more > 0).then(|| format!("{} more are in the JSON answer.", count(more as u64)));
    out.remedy = row.remedy.iter().flat_map(|it| &it.removals).map(shown::removal).collect();
    out
}

fn step(step: &Step) -> StepView {
    let (class, badge) = badge(step.sure);
    StepView {
        method: name(&step.method),
        title: words(&step.title),
        from: step.from.title(),
        to: step.becomes.title(),
        by: step.by(),
        class,
        badge,
        needs: step.needs.as_deref().filter(|_| step.sure != Quality::Certain).map(words),
        asks: step.asks.iter().map(ask).collect(),
    }
}

fn ask(ask: &Ask) -> AskView {
    AskView {
        action: name(&ask.action),
        resource: name(&ask.resource),
        open: !ask.certain,
        by: shown::by(ask),
    }
}

fn way(way: &shown::Way<'_>) -> WayView {
    let (class, badge) = badge(way.sure);
    WayView {
        method: name(way.method),
        title: words(way.title),
        becomes: way.becomes.clone(),
        who: list(&way.principals),
        class,
        badge,
    }
}

/// Who takes each step, and who is there at the end.
fn stops(view: &Paths, path: &[Step]) -> Vec<Stop> {
    let mut out: Vec<Stop> = Vec::new();
    for step in path {
        let mut stop = stop_of(&step.from, if out.is_empty() { "start" } else { class(step.sure) });
        stop.method = Some(name(&step.method));
        stop.title = Some(words(&step.title));
        stop.by = step.by();
        stop.sure = (step.sure != Quality::Certain).then(|| badge(step.sure).1);
        out.push(stop);
    }
    if let Some(last) = path.last() {
        out.push(match &last.becomes {
            Becomes::Principal(other) => Stop {
                title: shown::is_administrator(view, &last.becomes)
                    .then(|| "an administrator".to_owned()),
                ..stop_of(other, "blocked")
            },
            Becomes::Administrator => end("administrator", &last.from.account, "blocked"),
            Becomes::Stronger => end("more rights", &last.from.account, "start"),
            Becomes::Elsewhere => end("elsewhere", "outside the inventory", "start"),
        });
    }
    out
}

/// What the frame of a stop looks like.
fn class(sure: Quality) -> &'static str {
    match sure {
        Quality::Certain => "passes",
        Quality::Conditional | Quality::Possible => "unknown",
    }
}

fn stop_of(principal: &Principal, class: &'static str) -> Stop {
    let own = name(&principal.name);
    let place = principal.place();
    let long = own.chars().count() > NAME_MAX || place.chars().count() > PLACE_MAX;
    Stop {
        class,
        icon: if principal.kind == "user" { USER } else { ROLE },
        label: format!("{}, {place}", principal.title()),
        name: cut(&own, NAME_MAX).into_owned(),
        place: cut(&place, PLACE_MAX).into_owned(),
        full: long.then(|| format!("{own}, {place}")),
        method: None,
        title: None,
        by: None,
        sure: None,
    }
}

fn end(title: &str, place: &str, class: &'static str) -> Stop {
    let place = name(place);
    Stop {
        class,
        icon: CROWN,
        label: format!("{title}, {place}"),
        name: title.to_owned(),
        place: cut(&place, PLACE_MAX).into_owned(),
        full: None,
        method: None,
        title: None,
        by: None,
        sure: None,
    }
}

/// Strokes in a field of 22 by 22: a person, a badge, a key.
const USER: &str = "M11 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM3.500 19.500a7.500 6 0 0 1 15 0";
const ROLE: &str = "M4 3h14v16H4ZM11 6.500a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400ZM7 16a4 3 0 0 1 8 0";
const CROWN: &str = "M7.500 8.500a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM10.500 9.700 18.500 2.500M15.300 5.400l2.700 2.700M13 7.500l2 2";
