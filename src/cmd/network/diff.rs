//! `network diff`: what became reachable between two inventories, what is not any more, and what nobody can tell now.
//!
//! Exposures are compared as sets of traffic and clients, so that a rule that was widened shows exactly what it added.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Outcome, load as files, output};
use super::load::{self, Loaded};
use super::path::Paths;
use super::{exposure, find, isolation, things};
use crate::analyze::network::breach;
use crate::analyze::network::reach::{self, Analysis};
use crate::cli::NetworkDiff;
use crate::exit::Exit;
use crate::net::{AddrSet, Traffic};
use crate::report::network::{
    Answer, BreachRow, Change, ChangeKind, DiffView, Document, Level, Thing,
};

pub(super) fn run(args: &NetworkDiff) -> Outcome {
    let config = match &args.config {
        Some(path) => files::read_config(path)?,
        None if args.after.is_dir() => files::read_config(&args.after)?,
        None => crate::config::Config::default(),
    };
    let open = |path| load::of_snapshot(&files::snapshot_path(path)?, config.clone());
    let (before, after) = (open(&args.before)?, open(&args.after)?);
    let (from, outside) = find::outside(&after, &args.from)?;
    let (old, new) = (Side::of(&before, &outside), Side::of(&after, &outside));
    let mut unchanged = 0;
    let view = DiffView {
        from,
        exposure: exposures(&after, &old, &new, &mut unchanged),
        isolation: isolations(&old, &new, &mut unchanged),
        unchanged,
    };
    let is_empty = before.network.interfaces.is_empty() || after.network.interfaces.is_empty();
    let exit = exit(&view, is_empty);
    let inventories = vec![before.inventory, after.inventory];
    let document = Document::new(config.title.clone(), inventories, Answer::Diff(view));
    super::show(&document, &args.output)?;
    Ok(exit)
}

const ROUTED_ONLY: &str = ", routed only";

fn is_new(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Appeared | ChangeKind::BecameCertain)
}

/// The exit code of an answer, and on standard error why it is not 0.
fn exit(view: &DiffView, is_empty: bool) -> Exit {
    let number = |kind| {
        view.exposure.iter().chain(&view.isolation).filter(|change| change.kind == kind).count()
    };
    // What is routed only lets nothing through yet.
    let routed = |change: &&Change| change.way.ends_with(ROUTED_ONLY);
    let harmless =
        view.isolation.iter().filter(routed).filter(|change| is_new(change.kind)).count();
    let appeared = number(ChangeKind::Appeared) + number(ChangeKind::BecameCertain) - harmless;
    let unknown = number(ChangeKind::BecameUnknown);
    if appeared > 0 {
        output::note(&format!("violated: {appeared} paths appeared"));
    }
    if unknown > 0 {
        output::note(&format!("incomplete: {unknown} paths became unknown"));
    }
    match (unknown > 0 || is_empty, appeared) {
        (true, _) => Exit::Incomplete,
        (false, 0) => Exit::Holds,
        (false, _) => Exit::Violated,
    }
}

/// Combinations of traffic and clients.
type Cubes = Vec<(Traffic, AddrSet)>;

/// What is exposed by one entry.
#[derive(Default)]
struct Exposed {
    subject: Thing,
    certain: Cubes,
    possible: Cubes,
    cause: Option<String>,
}

/// One of the two inventories.
struct Side {
    /// By thing, interface and way in. An address that changed is the same way in.
    exposed: BTreeMap<(String, String), Exposed>,
    breaches: BTreeMap<Vec<String>, (BreachRow, Cubes)>,
}

impl Side {
    fn of(loaded: &Loaded, outside: &AddrSet) -> Self {
        let analysis = Analysis::new(&loaded.network);
        let mut exposed: BTreeMap<(String, String), Exposed> = BTreeMap::new();
        for it in analysis.exposure(&outside.minus(&loaded.own)) {
            let subject = exposure::subject(loaded, &it);
            let way = match it.entry {
                reach::Entry::Address(addr) if addr.is_v6() => "its IPv6 address".to_owned(),
                reach::Entry::Address(_) => "its public address".to_owned(),
                other => {
                    let entry = things::entry(loaded, other);
                    format!("{} {}", entry.kind, entry.id)
                }
            };
            let at = subject.interface.clone().unwrap_or_else(|| subject.id.clone());
            let one = exposed.entry((at, way)).or_default();
            one.subject = subject;
            match &it.doubt {
                None => one.certain.push((it.outside, it.clients)),
                Some(cause) => {
                    one.cause.get_or_insert_with(|| cause.to_string());
                    one.possible.push((it.outside, it.clients));
                }
            }
        }
        let found = breach::isolation(&analysis, &loaded.config.declared.flows);
        let mut paths = Paths::new(&loaded.network, &loaded.names);
        let cubes = |it: &breach::Breach| {
            it.traffic.iter().map(|traffic| (*traffic, AddrSet::everything())).collect()
        };
        let rows =
            found.breaches.iter().map(|one| (isolation::row(loaded, &mut paths, one), cubes(one)));
        let breaches = rows.map(|row| (key(&row.0), row)).collect();
        Self { exposed, breaches }
    }
}

/// What makes two causes the same.
fn key(row: &BreachRow) -> Vec<String> {
    let level = match row.level {
        Level::Admitted => "admitted",
        Level::RoutedOnly => "routed",
    };
    let mut key = [&*row.from, &row.to, level, &row.kind, &row.link].map(str::to_owned).to_vec();
    key.extend(row.rule.clone());
    key
}

/// What is in the first and not in the second.
fn minus(first: &Cubes, second: &Cubes) -> Cubes {
    let mut rest = first.clone();
    for (traffic, clients) in second {
        let mut next = Cubes::new();
        for (own, from) in rest {
            let Some(shared) = own.intersection(*traffic) else {
                next.push((own, from));
                continue;
            };
            if own.first < shared.first {
                next.push((Traffic { first: own.first, last: shared.first - 1 }, from.clone()));
            }
            if shared.last < own.last {
                next.push((Traffic { first: shared.last + 1, last: own.last }, from.clone()));
            }
            let left = from.minus(clients);
            if !left.is_empty() {
                next.push((shared, left));
            }
        }
        rest = next;
    }
    rest
}

fn both(first: &Cubes, second: &Cubes) -> Cubes {
    minus(first, &minus(first, second))
}

fn exposures(after: &Loaded, old: &Side, new: &Side, unchanged: &mut u64) -> Vec<Change> {
    let nothing = Exposed::default();
    let keys: BTreeSet<&(String, String)> = old.exposed.keys().chain(new.exposed.keys()).collect();
    let mut out = Vec::new();
    for key in keys {
        let (a, b) =
            (old.exposed.get(key).unwrap_or(&nothing), new.exposed.get(key).unwrap_or(&nothing));
        let all = |side: &Exposed| -> Cubes {
            side.certain.iter().chain(&side.possible).cloned().collect()
        };
        let (all_a, all_b) = (all(a), all(b));
        let unsure_a = minus(&a.possible, &a.certain);
        let unsure_b = minus(&b.possible, &b.certain);
        let mut unknown = minus(&unsure_b, &all_a);
        unknown.extend(both(&unsure_b, &a.certain));
        let kinds = [
            (ChangeKind::Appeared, minus(&b.certain, &all_a), b),
            (ChangeKind::BecameUnknown, unknown, b),
            (ChangeKind::BecameCertain, both(&b.certain, &unsure_a), b),
            (ChangeKind::Vanished, minus(&all_a, &all_b), a),
        ];
        let before = out.len();
        for (kind, cubes, side) in kinds {
            let mut by_clients: BTreeMap<AddrSet, Vec<Traffic>> = BTreeMap::new();
            for (traffic, clients) in cubes {
                by_clients.entry(clients).or_default().push(traffic);
            }
            out.extend(by_clients.into_iter().map(|(clients, traffic)| Change {
                kind,
                subject: side.subject.clone(),
                way: format!("by {}", key.1),
                traffic: things::traffic(&traffic),
                clients: things::clients(after, &clients),
                cause: (kind == ChangeKind::BecameUnknown).then(|| side.cause.clone()).flatten(),
            }));
        }
        *unchanged += u64::from(out.len() == before);
    }
    out.sort_by(|a, b| (a.kind, &a.subject.id, &a.way).cmp(&(b.kind, &b.subject.id, &b.way)));
    out
}

fn isolations(old: &Side, new: &Side, unchanged: &mut u64) -> Vec<Change> {
    let keys: BTreeSet<&Vec<String>> = old.breaches.keys().chain(new.breaches.keys()).collect();
    let mut out = Vec::new();
    for key in keys {
        let (a, b) = (old.breaches.get(key), new.breaches.get(key));
        let nothing = Cubes::new();
        let of = |row: Option<&(BreachRow, Cubes)>| -> (bool, Cubes) {
            let certain = row.is_some_and(|(row, _)| row.cause.is_none());
            (certain, row.map_or_else(|| nothing.clone(), |(_, cubes)| cubes.clone()))
        };
        let ((sure_a, all_a), (sure_b, all_b)) = (of(a), of(b));
        let more = if sure_b { ChangeKind::Appeared } else { ChangeKind::BecameUnknown };
        let shared = match (sure_a, sure_b) {
            (true, false) => Some((ChangeKind::BecameUnknown, both(&all_b, &all_a))),
            (false, true) => Some((ChangeKind::BecameCertain, both(&all_b, &all_a))),
            _ => None,
        };
        let changes =
            [(more, minus(&all_b, &all_a)), (ChangeKind::Vanished, minus(&all_a, &all_b))];
        let before = out.len();
        for (kind, cubes) in changes.into_iter().chain(shared) {
            let side = if kind == ChangeKind::Vanished { a.or(b) } else { b.or(a) };
            if let (Some((row, _)), false) = (side, cubes.is_empty()) {
                out.push(joint(kind, row, &cubes));
            }
        }
        *unchanged += u64::from(out.len() == before);
    }
    out.sort_by(|a, b| (a.kind, &a.way, &a.subject.id).cmp(&(b.kind, &b.way, &b.subject.id)));
    out
}

/// A change at a joint of two environments.
fn joint(kind: ChangeKind, row: &BreachRow, cubes: &Cubes) -> Change {
    let level = match row.level {
        Level::Admitted => "",
        Level::RoutedOnly => ROUTED_ONLY,
    };
    let rule = row.rule.as_ref().map_or_else(String::new, |rule| format!(", let in by {rule}"));
    let traffic: Vec<Traffic> = cubes.iter().map(|(traffic, _)| *traffic).collect();
    Change {
        kind,
        subject: Thing {
            kind: row.kind.clone(),
            id: row.link.clone(),
            name: row.link_name.clone(),
            ..Thing::default()
        },
        way: format!("{} → {}{rule}{level}", row.from, row.to),
        traffic: things::traffic(&traffic),
        clients: Vec::new(),
        cause: row.cause.clone(),
    }
}
