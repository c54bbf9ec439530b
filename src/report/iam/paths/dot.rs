//! Paths as a graph for Graphviz: principals, and the steps between them.

use std::collections::BTreeSet;
use std::io::Write;

use super::{Becomes, Document, Principal, Quality, Step, shown};
use crate::report::Error;
use crate::report::network::dot::Graph;
use crate::report::network::shown::name;

/// How many steps become edges: Graphviz lays out no more in a sensible time.
const STEPS_MAX: usize = 2_000;

/// Writes an answer. Steps that several principals share are drawn once.
///
/// # Errors
/// When `out` fails.
pub fn write(document: &Document, out: &mut dyn Write) -> Result<(), Error> {
    let view = &document.answer;
    let mut graph = Graph::default();
    let mut drawn = BTreeSet::new();
    for row in &view.rows {
        // Of somebody who was asked about everything is told, of all others the path only.
        let others = row.uses.iter().filter(|_| view.from.is_some());
        for step in row.path.iter().chain(others) {
            let key = (step.from.arn.clone(), step.method.clone(), target(step));
            if drawn.contains(&key) {
                continue;
            }
            if drawn.len() >= STEPS_MAX {
                graph.left_out += 1;
                continue;
            }
            drawn.insert(key);
            edge(step, &mut graph);
        }
    }
    if let Some(to) = &view.to {
        graph.node(&format!("principal {to}"), &shown::goal(view), ADMINISTRATOR);
    }
    for administrator in view.administrators.iter().filter(|it| it.certain) {
        // Those whom nobody becomes would only fill the picture.
        if drawn.iter().any(|(_, _, to)| *to == administrator.principal.arn) {
            let node = principal(&administrator.principal, &mut graph);
            let all = graph.node("administrator", "administrator", ADMINISTRATOR);
            graph.edge(node, all, "is", ", style=dotted");
        }
    }
    out.write_all(graph.finish().as_bytes())?;
    Ok(())
}

const ADMINISTRATOR: &str = ", shape=ellipse, color=red, penwidth=2";

fn target(step: &Step) -> String {
    match &step.becomes {
        Becomes::Principal(other) => other.arn.clone(),
        Becomes::Administrator => "administrator".to_owned(),
        Becomes::Stronger => "stronger".to_owned(),
        Becomes::Elsewhere => "elsewhere".to_owned(),
    }
}

fn principal(one: &Principal, graph: &mut Graph) -> usize {
    let label = format!("{}\n{}", one.title(), one.place());
    graph.node(&format!("principal {}", one.arn), &label, "")
}

fn edge(step: &Step, graph: &mut Graph) {
    let from = principal(&step.from, graph);
    let to = match &step.becomes {
        Becomes::Principal(other) => principal(other, graph),
        Becomes::Administrator => graph.node("administrator", "administrator", ADMINISTRATOR),
        Becomes::Stronger => {
            graph.node(&format!("stronger {}", step.from.arn), "more rights", ", shape=plaintext")
        }
        Becomes::Elsewhere => {
            graph.node("elsewhere", "outside the inventory", ", shape=ellipse, style=dashed")
        }
    };
    let mut label = name(&step.method);
    if let Some(by) = step.by() {
        label.push_str("\nby ");
        label.push_str(&by);
    }
    let attributes = match step.sure {
        Quality::Certain => ", color=red",
        Quality::Conditional => ", color=purple, style=dashed",
        Quality::Possible => ", color=orange, style=dotted",
    };
    graph.edge(from, to, &label, attributes);
}
