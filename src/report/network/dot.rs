//! Answers as graphs for Graphviz: `dot -Tsvg`.
//!
//! Every text is quoted and escaped; nothing from outside becomes a keyword, an attribute or an HTML-like label.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use super::shown::{list, name, short, words};
use super::text::is_answered;
use super::{
    Answer, ChangeKind, DiffView, Document, ExposureView, HopView, IsolationView, Level, PathView,
    ReachView, State,
};
use crate::report::Error;

/// How many rows become edges: Graphviz lays out no more in a sensible time.
const ROWS_MAX: usize = 2_000;

/// Writes an answer.
///
/// # Errors
/// When `out` fails.
pub fn write(document: &Document, out: &mut dyn Write) -> Result<(), Error> {
    let mut graph = Graph::default();
    match &document.answer {
        Answer::Exposure(view) => exposure(view, &mut graph),
        Answer::Reach(view) => reach(view, &mut graph),
        Answer::Isolation(view) => isolation(view, &mut graph),
        Answer::Diff(view) => diff(view, &mut graph),
    }
    out.write_all(graph.finish().as_bytes())?;
    Ok(())
}

/// A graph as it comes to be.
#[derive(Default)]
pub(in crate::report) struct Graph {
    /// Numbers of nodes by what they stand for.
    numbers: BTreeMap<String, usize>,
    body: String,
    /// How many rows are not drawn.
    pub(in crate::report) left_out: usize,
}

impl Graph {
    /// The node for something; the first label stays.
    pub(in crate::report) fn node(&mut self, key: &str, label: &str, attributes: &str) -> usize {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let number = self.numbers.len();
        self.numbers.insert(key.to_owned(), number);
        let _ = writeln!(self.body, "  n{number} [label={}{attributes}];", quoted(label));
        number
    }

    pub(in crate::report) fn edge(
        &mut self,
        from: usize,
        to: usize,
        label: &str,
        attributes: &str,
    ) {
        let _ = writeln!(self.body, "  n{from} -> n{to} [label={}{attributes}];", quoted(label));
    }

    pub(in crate::report) fn finish(self) -> String {
        let mut out = String::from(
            "digraph portcullis {\n  rankdir=LR;\n  node [shape=box, style=rounded, \
             fontname=\"Helvetica\", fontsize=11];\n  edge [fontname=\"Helvetica\", fontsize=10];\n",
        );
        out.push_str(&self.body);
        if self.left_out > 0 {
            let words = format!("{} more are left out", self.left_out);
            let _ = writeln!(out, "  more [label={}, shape=note];", quoted(&words));
        }
        out.push_str("}\n");
        out
    }
}

/// A string of the DOT language. Backslashes are doubled: `\N`, `\G` and the like mean something in labels.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Entities are decoded in labels.
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

const UNKNOWN: &str = ", style=dashed, color=purple";

fn exposure(view: &ExposureView, graph: &mut Graph) {
    let outside = graph.node("outside", &name(&view.from), ", shape=ellipse");
    for row in view.rows.iter().take(ROWS_MAX) {
        let label = format!("{}\n{}", row.subject.title(), name(&row.subject.kind));
        let to = graph.node(&format!("thing {}", thing_key(&row.subject)), &label, "");
        let entry = format!("{}\n{}", name(&row.entry.kind), name(short(&row.entry.id)));
        let entry = graph.node(&format!("entry {} {}", row.entry.kind, row.entry.id), &entry, "");
        let attributes = match (&row.cause, is_answered(&row.reply)) {
            (Some(_), _) => UNKNOWN,
            (None, true) => ", color=red",
            (None, false) => ", color=red, style=dotted",
        };
        let label = format!("{}\nfrom {}", list(&row.traffic), list(&row.clients));
        graph.edge(outside, entry, &label, attributes);
        graph.edge(
            entry,
            to,
            &list(if row.inside.is_empty() { &row.traffic } else { &row.inside }),
            attributes,
        );
    }
    graph.left_out = view.rows.len().saturating_sub(ROWS_MAX);
}

fn thing_key(thing: &super::Thing) -> String {
    format!("{} {}", thing.id, thing.interface.as_deref().unwrap_or_default())
}

fn reach(view: &ReachView, graph: &mut Graph) {
    let single = match (view.rows.as_slice(), &view.attempt) {
        ([row], _) => row.path.as_ref(),
        ([], attempt) => attempt.as_ref(),
        _ => None,
    };
    if let Some(path) = single {
        return chain(path, graph);
    }
    for row in view.rows.iter().take(ROWS_MAX) {
        let from = graph.node(&format!("thing {}", thing_key(&row.from)), &row.from.title(), "");
        let to = graph.node(&format!("thing {}", thing_key(&row.to)), &row.to.title(), "");
        let attributes = if row.cause.is_some() { UNKNOWN } else { "" };
        match &row.via {
            Some(via) => {
                let label = format!("{}\n{}", name(&via.kind), name(short(&via.id)));
                let middle = graph.node(&format!("entry {}", via.id), &label, "");
                graph.edge(from, middle, &list(&row.traffic), attributes);
                graph.edge(middle, to, &list(&row.inside), attributes);
            }
            None => graph.edge(from, to, &list(&row.traffic), attributes),
        }
    }
    graph.left_out = view.rows.len().saturating_sub(ROWS_MAX);
}

/// The hops of a path in a row, and those of the answer in another.
fn chain(path: &PathView, graph: &mut Graph) {
    let mut last = None;
    for (direction, hops) in [("", &path.hops), ("answer ", &path.reply_hops)] {
        for (at, hop) in hops.iter().enumerate() {
            let key = format!("hop {direction}{at}");
            let node = graph.node(&key, &hop_label(hop), hop_attributes(hop.state));
            if let Some(last) = last {
                let style = if direction.is_empty() { "" } else { ", style=dashed" };
                graph.edge(last, node, "", style);
            }
            last = Some(node);
        }
    }
}

fn hop_label(hop: &HopView) -> String {
    let mut label = format!("{}\n{}", name(&hop.words), name(short(&hop.at)));
    for more in [&hop.by, &hop.becomes, &hop.why, &hop.cause].into_iter().flatten() {
        label.push('\n');
        label.push_str(&words(more));
    }
    label
}

fn hop_attributes(state: State) -> &'static str {
    match state {
        State::Passes => ", color=darkgreen",
        State::Unknown => ", color=purple, style=\"rounded,dashed\"",
        State::Blocked => ", color=red, penwidth=2",
    }
}

fn isolation(view: &IsolationView, graph: &mut Graph) {
    for one in &view.environments {
        graph.node(&format!("environment {one}"), &name(one), ", shape=ellipse");
    }
    for row in view.breaches.iter().take(ROWS_MAX) {
        let from = graph.node(&format!("environment {}", row.from), &name(&row.from), "");
        let to = graph.node(&format!("environment {}", row.to), &name(&row.to), "");
        let label =
            format!("{} {}\n{}", name(&row.kind), name(short(&row.link)), list(&row.traffic));
        let attributes = match (&row.cause, row.level) {
            (Some(_), _) => UNKNOWN,
            (None, Level::Admitted) => ", color=red",
            (None, Level::RoutedOnly) => ", color=orange, style=dotted",
        };
        graph.edge(from, to, &label, attributes);
    }
    graph.left_out = view.breaches.len().saturating_sub(ROWS_MAX);
}

fn diff(view: &DiffView, graph: &mut Graph) {
    let all: Vec<_> = view.exposure.iter().chain(&view.isolation).collect();
    for (at, change) in all.iter().take(ROWS_MAX).enumerate() {
        let way = graph.node(&format!("way {at}"), &words(&change.way), ", shape=plaintext");
        let title = change.subject.title();
        let to = graph.node(&format!("thing {}", thing_key(&change.subject)), &title, "");
        let color = match change.kind {
            ChangeKind::Appeared => ", color=red",
            ChangeKind::BecameUnknown => UNKNOWN,
            ChangeKind::BecameCertain => ", color=orange",
            ChangeKind::Vanished => ", color=darkgreen, style=dotted",
        };
        let label = format!("{}\n{}", change.kind.words(), list(&change.traffic));
        graph.edge(way, to, &label, color);
    }
    graph.left_out = all.len().saturating_sub(ROWS_MAX);
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_ends_a_string_early() {
        assert_eq!(quoted("a\"b"), r#""a\"b""#);
        assert_eq!(quoted("a\\"), r#""a\\""#);
        assert_eq!(quoted("\\\" ];"), r#""\\\" ];""#);
        assert_eq!(quoted("<b>&lt;"), r#""<b>&amp;lt;""#);
    }
}
