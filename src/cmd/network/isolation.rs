//! `network isolation`.

use super::super::{Failure, Outcome, output};
use super::load::{self, Loaded};
use super::path::Paths;
use super::{remedy, things};
use crate::analyze::network::breach::{self, Breach, Flow, Isolation};
use crate::analyze::network::packet::{Verdict, disagreement};
use crate::analyze::network::reach::Analysis;
use crate::analyze::network::topology::{Network, Node};
use crate::cli::NetworkIsolation;
use crate::diag::nearest;
use crate::exit::Exit;
use crate::report::network::{
    Answer, BreachRow, Cell, CellState, Document, Doubt, IsolationView, Level,
};

pub(super) fn run(args: &NetworkIsolation) -> Outcome {
    let loaded = load::network(&args.source)?;
    for wanted in [&args.from, &args.to].into_iter().flatten() {
        declared(&loaded, wanted)?;
    }
    let analysis = Analysis::new(&loaded.network);
    let found = breach::isolation(&analysis, &loaded.config.declared.flows);
    let mut view = view(&loaded, &found);
    let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|it| it == name);
    let rows = std::mem::take(&mut view.breaches);
    let mut rows: Vec<(&Breach, BreachRow)> = found
        .breaches
        .iter()
        .zip(rows)
        .filter(|(it, _)| is(&args.from, &it.from) && is(&args.to, &it.to))
        .collect();
    if args.remedy {
        remedy::breaches(&loaded, &analysis, &mut rows);
    }
    view.breaches = rows.into_iter().map(|(_, row)| row).collect();
    let exit = exit(&view, loaded.network.interfaces.is_empty());
    let title = loaded.config.title.clone();
    let document = Document::new(title, vec![loaded.inventory], Answer::Isolation(view));
    super::show(&document, &args.output)?;
    Ok(exit)
}

fn declared(loaded: &Loaded, wanted: &str) -> Result<(), Failure> {
    let names = || loaded.config.environments.list().iter().map(|e| e.name.as_str());
    if names().any(|name| name == wanted) {
        return Ok(());
    }
    let hint = nearest(wanted, names())
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let shown: String = wanted.chars().take(80).collect();
    Err(Failure::new(format!("no environment `{shown}` is declared{hint}")))
}

/// The exit code of an answer, and on standard error why it is not 0.
fn exit(view: &IsolationView, is_empty: bool) -> Exit {
    if view.environments.len() < 2 {
        output::note("incomplete: fewer than two environments are declared in portcullis.yaml");
        return Exit::Incomplete;
    }
    let through = view.breaches.iter().filter(|row| row.level == Level::Admitted);
    let certain = through.clone().filter(|row| row.cause.is_none()).count();
    let unknown = through.filter(|row| row.cause.is_some()).count();
    if certain > 0 {
        output::note(&format!(
            "violated: {certain} causes let packets through that nobody declared"
        ));
    }
    if unknown > 0 {
        output::note(&format!("incomplete: {unknown} causes may let packets through"));
    }
    if !view.doubts.is_empty() {
        output::note(&format!("incomplete: {} things were not read completely", view.doubts.len()));
    }
    match (unknown > 0 || !view.doubts.is_empty() || is_empty, certain) {
        (true, _) => Exit::Incomplete,
        (false, 0) => Exit::Holds,
        (false, _) => Exit::Violated,
    }
}

fn view(loaded: &Loaded, found: &Isolation) -> IsolationView {
    let environments: Vec<String> =
        loaded.config.environments.list().iter().map(|e| e.name.clone()).collect();
    let mut paths = Paths::new(&loaded.network, &loaded.names);
    let breaches: Vec<BreachRow> =
        found.breaches.iter().map(|one| row(loaded, &mut paths, one)).collect();
    IsolationView {
        matrix: matrix(loaded, &environments, &breaches, found),
        environments,
        breaches,
        doubts: doubts(loaded, found),
    }
}

pub(super) fn doubts(loaded: &Loaded, found: &Isolation) -> Vec<Doubt> {
    let mut out: Vec<Doubt> = found
        .doubts
        .iter()
        .map(|(node, cause)| Doubt {
            at: node.map_or_else(
                || "the inventory".to_owned(),
                |node| loaded.network.name(node).to_owned(),
            ),
            cause: cause.to_string(),
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

/// The environment of a thing, where that is known.
fn environment(network: &Network, node: Node) -> Option<&str> {
    match node {
        Node::Vpc(id) => network.vpcs[id].environment.known()?.as_deref(),
        Node::Subnet(id) => network.subnets[id].environment.known()?.as_deref(),
        Node::Interface(id) => network.interfaces[id].environment.known()?.as_deref(),
        Node::Table(id) => network.vpcs[network.tables[id].vpc].environment.known()?.as_deref(),
        Node::Balancer(id) => {
            network.vpcs[network.balancers[id].vpc].environment.known()?.as_deref()
        }
        Node::Endpoint(id) => {
            network.vpcs[network.endpoints[id].vpc].environment.known()?.as_deref()
        }
        _ => None,
    }
}

fn matrix(
    loaded: &Loaded,
    environments: &[String],
    breaches: &[BreachRow],
    found: &Isolation,
) -> Vec<Vec<Cell>> {
    // A doubt about something of one environment concerns its paths only; any other one all of them.
    let doubted: Vec<Option<&str>> = found
        .doubts
        .iter()
        .map(|(node, _)| node.and_then(|node| environment(&loaded.network, node)))
        .collect();
    let flows = &loaded.config.declared.flows;
    environments
        .iter()
        .map(|from| {
            environments
                .iter()
                .map(|to| {
                    let is_open = doubted.iter().any(|it| match it {
                        Some(name) => name == from || name == to,
                        None => true,
                    });
                    cell(from, to, breaches, flows, is_open)
                })
                .collect()
        })
        .collect()
}

fn cell(from: &str, to: &str, breaches: &[BreachRow], flows: &[Flow], is_open: bool) -> Cell {
    let number = |level: Level, certain: bool| {
        let is = |row: &&BreachRow| {
            row.from == from && row.to == to && row.level == level && row.cause.is_none() == certain
        };
        breaches.iter().filter(is).count() as u64
    };
    let declares = |flow: &&Flow| flow.from.is_environment(from) && flow.to.is_environment(to);
    let mut cell = Cell {
        state: CellState::Same,
        breaches: number(Level::Admitted, true),
        unknown: number(Level::Admitted, false),
        routed: number(Level::RoutedOnly, true) + number(Level::RoutedOnly, false),
        declared: flows.iter().filter(declares).count() as u64,
    };
    cell.state = match &cell {
        _ if from == to => CellState::Same,
        Cell { breaches: 1.., .. } => CellState::Breached,
        Cell { unknown: 1.., .. } => CellState::Unknown,
        _ if is_open => CellState::Unknown,
        Cell { routed: 1.., .. } => CellState::RoutedOnly,
        Cell { declared: 1.., .. } => CellState::Declared,
        _ => CellState::Isolated,
    };
    cell
}

/// A breach in words; its witness is followed by the tracer before it is shown.
pub(super) fn row(loaded: &Loaded, paths: &mut Paths<'_>, it: &Breach) -> BreachRow {
    let link = loaded.network.name(it.link).to_owned();
    let level = match it.level {
        breach::Level::Admitted => Level::Admitted,
        breach::Level::RoutedOnly => Level::RoutedOnly,
    };
    let mut cause = it.doubt.as_ref().map(ToString::to_string);
    let mut path = None;
    if let Some((start, packet)) = it.witness {
        let trace = paths.follow(start, packet, None);
        if cause.is_none() && level == Level::Admitted && trace.forward != Verdict::Passes {
            cause = Some(disagreement(start, packet));
        }
        path = paths.shown(packet, &trace);
    }
    let words = |touch: &_| paths.tracer().describe(touch);
    BreachRow {
        from: it.from.to_string(),
        to: it.to.to_string(),
        level,
        kind: it.kind.words().to_owned(),
        link_name: loaded.names.of(&link).map(str::to_owned),
        link,
        rule: it.rule.as_ref().map(words),
        routes: it.routes.iter().map(words).collect(),
        traffic: things::traffic(&it.traffic),
        senders: it.pairs.0 as u64,
        receivers: it.pairs.1 as u64,
        reply: things::reply(&it.reply),
        cause,
        path,
        remedy: None,
    }
}
