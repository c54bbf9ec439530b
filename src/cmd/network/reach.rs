//! `network reach`.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::super::{Failure, Outcome, output};
use super::find::{self, Ends};
use super::load::{self, Loaded};
use super::path::Paths;
use super::things;
use crate::analyze::network::packet::{EPHEMERAL, Packet, Reply, Start, Verdict, disagreement};
use crate::analyze::network::reach::{Analysis, Connection, End};
use crate::analyze::network::topology::{Balancer, Door, Id};
use crate::analyze::network::trace::Trace;
use crate::cli::NetworkReach;
use crate::exit::Exit;
use crate::model::{Attr, Cause};
use crate::net::traffic::{TCP, UDP};
use crate::net::{Addr, AddrSet, Ports, Traffic};
use crate::report::network::{
    Answer, Document, Doubt, PathView, ReachRow, ReachView, ReplyState, State,
};

/// How many attempts are made to explain why nothing passes.
const ATTEMPTS_MAX: usize = 400;

pub(super) fn run(args: &NetworkReach) -> Outcome {
    let port = args.port.as_deref().map(find::port).transpose()?;
    let loaded = load::network(&args.source)?;
    let analysis = Analysis::new(&loaded.network);
    let from = find::ends(&loaded, &analysis, &args.from)?;
    let to = find::ends(&loaded, &analysis, &args.to)?;
    let view = view(&loaded, &analysis, (&from, &to), port.as_deref())?;
    let exit = exit(&view, from.is_set || to.is_set, loaded.network.interfaces.is_empty());
    let title = loaded.config.title.clone();
    let document = Document::new(title, vec![loaded.inventory], Answer::Reach(view));
    super::show(&document, &args.output)?;
    Ok(exit)
}

/// The exit code of an answer, and on standard error why it is not 0.
fn exit(view: &ReachView, is_set: bool, is_empty: bool) -> Exit {
    let unknown = view.rows.iter().filter(|row| row.cause.is_some()).count();
    let open = view.state == State::Unknown || (is_set && unknown > 0);
    if open {
        output::note("incomplete: nobody can say from this inventory");
    }
    if !view.doubts.is_empty() {
        output::note(&super::unread(view.doubts.len()));
    }
    if open || !view.doubts.is_empty() || is_empty { Exit::Incomplete } else { Exit::Holds }
}

fn view(
    loaded: &Loaded,
    analysis: &Analysis<'_>,
    (from, to): (&Ends, &Ends),
    port: Option<&[Traffic]>,
) -> Result<ReachView, Failure> {
    let starts = from.starts(analysis)?;
    let (sources, destinations) = (from.sources(), to.destinations(analysis));
    let found: Vec<Connection> = starts
        .par_iter()
        .flat_map_iter(|start| {
            let all = analysis.connections(*start, &sources, &destinations);
            all.into_iter().filter(|it| to.takes(it) && !is_itself(it))
        })
        .collect();
    let found: Vec<Connection> = match port {
        Some(ports) => found.iter().flat_map(|it| narrowed(it, ports)).collect(),
        None => found,
    };
    let mut paths = Paths::new(&loaded.network, &loaded.names);
    let mut rows: Vec<(Start, ReachRow)> = merged(&found)
        .into_iter()
        .map(|(key, one)| (key.start, row(loaded, &mut paths, &key, one)))
        .collect();
    rows.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)));
    let connects = |row: &&(Start, ReachRow)| {
        let answered = matches!(row.1.reply.state, ReplyState::Full | ReplyState::Partial);
        row.1.cause.is_none() && answered
    };
    let reaching: BTreeSet<Start> = rows.iter().filter(connects).map(|(start, _)| *start).collect();
    let unsure = |(_, row): &(Start, ReachRow)| {
        (row.cause.is_some() && row.reply.state != ReplyState::None)
            || row.reply.state == ReplyState::Unknown
    };
    let state = match (reaching.is_empty(), rows.iter().any(unsure)) {
        (false, _) => State::Passes,
        (true, true) => State::Unknown,
        (true, false) => State::Blocked,
    };
    let attempt = rows.is_empty().then(|| attempt(&paths, &starts, from, &destinations, port));
    Ok(ReachView {
        from: from.words.clone(),
        to: to.words.clone(),
        port: port.map(|ports| things::traffic(ports).join(", ")),
        state,
        starts: starts.len() as u64,
        reaching: reaching.len() as u64,
        rows: together(rows.into_iter().map(|(_, row)| row)),
        attempt: attempt.flatten(),
        doubts: doubts(analysis, from, to),
    })
}

fn order(row: &ReachRow) -> impl Ord + use<'_> {
    (
        row.cause.is_some(),
        row.reply.state,
        row.from.name.as_deref().unwrap_or(&row.from.id),
        &row.from.id,
        row.to.name.as_deref().unwrap_or(&row.to.id),
        &row.to.id,
        &row.traffic,
    )
}

/// Starts that reach the same in the same way, as one row.
fn together(rows: impl Iterator<Item = ReachRow>) -> Vec<ReachRow> {
    let mut out: Vec<ReachRow> = Vec::new();
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let same = |have: &&usize| {
            out.get(**have).is_some_and(|have| {
                (&have.traffic, &have.inside, &have.sources, &have.via)
                    == (&row.traffic, &row.inside, &row.sources, &row.via)
                    && (&have.reply, &have.cause) == (&row.reply, &row.cause)
            })
        };
        let known = places.entry(row.to.id.clone()).or_default();
        if let Some(at) = known.iter().find(same).copied() {
            if let Some(have) = out.get_mut(at)
                && have.from.id != row.from.id
                && !have.also.contains(&row.from.id)
            {
                have.also.push(row.from.id);
            }
            continue;
        }
        known.push(out.len());
        out.push(row);
    }
    out
}

/// What a question about everything in something may have missed.
fn doubts(analysis: &Analysis<'_>, from: &Ends, to: &Ends) -> Vec<Doubt> {
    if from.is_set || to.is_set {
        return things::gaps(analysis, &["aws.ec2.network_interface"]);
    }
    Vec::new()
}

fn is_itself(it: &Connection) -> bool {
    matches!((it.start, &it.end), (Start::Interface(a), End::Interface(b)) if a == *b && it.balancer.is_none())
}

/// The part of a connection that some traffic takes, as sent or as received.
pub(super) fn narrowed(it: &Connection, ports: &[Traffic]) -> Vec<Connection> {
    let mut out = Vec::new();
    for port in ports {
        if let Some(traffic) = it.traffic.intersection(*port) {
            let inside = if it.inside == it.traffic { traffic } else { it.inside };
            out.push(Connection { traffic, inside, ..it.clone() });
        } else if it.inside != it.traffic && it.inside.intersection(*port).is_some() {
            out.push(it.clone());
        }
    }
    out
}

/// The balancer with its listener, and the service in between.
type Via = (Option<(Id<Balancer>, usize)>, Option<Id<Door>>);

/// What one row stands for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    start: Start,
    end: End,
    via: Via,
    doubt: Option<Cause>,
    reply: Reply,
    translated: bool,
}

/// Connections that differ in traffic only.
struct Merged<'c> {
    traffic: Vec<Traffic>,
    inside: Vec<Traffic>,
    sources: AddrSet,
    example: &'c Connection,
}

fn merged(found: &[Connection]) -> BTreeMap<Key, Merged<'_>> {
    // Connections come in pieces by source port, which only says how much of the answers comes back.
    type Piece<'c> = (
        Start,
        &'c End,
        Option<(Id<Balancer>, usize)>,
        Option<Id<Door>>,
        Traffic,
        Traffic,
        Option<&'c Cause>,
    );
    let mut pieces: BTreeMap<Piece<'_>, Vec<&Connection>> = BTreeMap::new();
    for it in found {
        let piece =
            (it.start, &it.end, it.balancer, it.door, it.traffic, it.inside, it.doubt.as_ref());
        pieces.entry(piece).or_default().push(it);
    }
    let mut out: BTreeMap<Key, Merged<'_>> = BTreeMap::new();
    for ((start, end, balancer, door, traffic, inside, doubt), all) in pieces {
        let answered = all.iter().find(|it| it.answered == Attr::Known(true));
        let Some(example) = answered.or(all.first()) else { continue };
        let key = Key {
            start,
            end: end.clone(),
            via: (balancer, door),
            doubt: doubt.cloned(),
            reply: reply(traffic, &all),
            translated: traffic != inside,
        };
        let one = out.entry(key).or_insert_with(|| Merged {
            traffic: Vec::new(),
            inside: Vec::new(),
            sources: AddrSet::EMPTY,
            example,
        });
        one.traffic.push(traffic);
        if traffic != inside {
            one.inside.push(inside);
        }
        for it in all {
            one.sources = one.sources.union(&it.sources);
        }
    }
    without_shadowed(out)
}

/// What may pass is no news where the same passes for certain, and is answered.
fn without_shadowed(mut all: BTreeMap<Key, Merged<'_>>) -> BTreeMap<Key, Merged<'_>> {
    let mut certain: BTreeMap<(Start, End), Vec<Traffic>> = BTreeMap::new();
    for (key, one) in &all {
        if key.doubt.is_none() && key.reply == Reply::Full {
            certain.entry((key.start, key.end.clone())).or_default().extend(&one.traffic);
        }
    }
    let certain: BTreeMap<_, _> =
        certain.into_iter().map(|(key, list)| (key, things::joined(&list))).collect();
    all.retain(|key, one| {
        if key.doubt.is_none() && key.reply == Reply::Full {
            return true;
        }
        let Some(sure) = certain.get(&(key.start, key.end.clone())) else { return true };
        one.traffic.retain(|traffic| {
            !sure.iter().any(|have| have.first <= traffic.first && traffic.last <= have.last)
        });
        !one.traffic.is_empty()
    });
    all
}

/// How much of the answers comes back, by the source ports whose packets are answered.
fn reply(traffic: Traffic, all: &[&Connection]) -> Reply {
    let mut answered: Vec<Ports> = Vec::new();
    let mut doubt: Option<Cause> = None;
    for it in all {
        match &it.answered {
            Attr::Known(true) => answered.push(it.source_ports),
            Attr::Known(false) => {}
            Attr::Unknown(cause) => doubt = doubt.into_iter().chain([cause.clone()]).min(),
        }
    }
    answered.sort_unstable();
    let mut joined: Vec<Ports> = Vec::new();
    for ports in answered {
        match joined.last_mut() {
            Some(last) if u32::from(ports.from) <= u32::from(last.to) + 1 => {
                last.to = last.to.max(ports.to);
            }
            _ => joined.push(ports),
        }
    }
    let ported = matches!(traffic.first >> 16, 6 | 17);
    let whole = joined.iter().any(|it| it.from <= EPHEMERAL.from && it.to == EPHEMERAL.to);
    match (whole || (!ported && !joined.is_empty()), joined.is_empty(), doubt) {
        (true, ..) => Reply::Full,
        (false, _, Some(cause)) => Reply::Unknown(cause),
        (false, false, None) => Reply::Partial(joined),
        (false, true, None) => Reply::None,
    }
}

fn row(loaded: &Loaded, paths: &mut Paths<'_>, key: &Key, one: Merged<'_>) -> ReachRow {
    let packet = example(one.example);
    let receiver = match &key.end {
        End::Interface(id) => Some(*id),
        _ => None,
    };
    let mut cause = key.doubt.as_ref().map(ToString::to_string);
    let mut reply = things::reply(&key.reply);
    let mut path = None;
    if let Some(packet) = packet {
        let trace = paths.follow(key.start, packet, receiver);
        if cause.is_none() && trace.forward != Verdict::Passes {
            cause = Some(disagreement(key.start, packet));
        } else if key.reply == Reply::Full && trace.reply == Verdict::Blocked {
            reply.state = ReplyState::Unknown;
            reply.cause = Some(disagreement(key.start, packet));
        }
        path = paths.shown(packet, &trace);
    }
    if let (None, End::Beyond(beyond)) = (&cause, &key.end) {
        cause = Some(beyond.to_string());
    }
    let sources = match key.start {
        Start::Interface(_) => Vec::new(),
        _ => things::clients(loaded, &one.sources),
    };
    ReachRow {
        from: things::start(loaded, key.start),
        also: Vec::new(),
        to: things::end(loaded, &key.end),
        traffic: things::traffic(&one.traffic),
        inside: things::traffic(&one.inside),
        sources,
        via: things::via(loaded, key.via.0, key.via.1),
        reply,
        cause,
        path,
    }
}

/// A packet of a connection.
pub(super) fn example(it: &Connection) -> Option<Packet> {
    let destination = it.destinations.first()?;
    let source = source(&it.sources, destination)?;
    let ports = it.source_ports;
    let wanted = 49152_u16;
    let port = if ports.covers(i64::from(wanted)) { wanted } else { ports.from };
    Some(packet(source, destination, it.traffic, port))
}

/// An address to send from: one that everybody knows for an example if it is among them.
fn source(from: &AddrSet, destination: Addr) -> Option<Addr> {
    let examples = ["198.51.100.7", "2001:db8::7"].into_iter().filter_map(|text| text.parse().ok());
    let family = if destination.is_v6() { AddrSet::v6() } else { AddrSet::v4() };
    let fit = from.intersection(&family);
    examples.filter(|addr| fit.contains(*addr)).chain(fit.first()).next()
}

fn packet(source: Addr, destination: Addr, traffic: Traffic, source_port: u16) -> Packet {
    let at = find::known(traffic);
    let protocol = u8::try_from(at >> 16).unwrap_or(u8::MAX);
    let port = u16::try_from(at & 0xffff).unwrap_or_default();
    let source_port = if matches!(protocol, TCP | UDP) { source_port } else { 0 };
    Packet { source, destination, protocol, source_port, port }
}

/// The better the less: whether it is answered, whether it arrives, how much blocks it, how short it is.
type Rank = (bool, bool, usize, usize);

/// The attempt that gets farthest, where none gets there.
fn attempt(
    paths: &Paths<'_>,
    starts: &[Start],
    from: &Ends,
    destinations: &AddrSet,
    port: Option<&[Traffic]>,
) -> Option<PathView> {
    let traffic = port.and_then(|ports| ports.first().copied()).unwrap_or_else(find::tried);
    let mut best: Option<(Rank, Packet, Trace)> = None;
    let mut left = ATTEMPTS_MAX;
    for start in starts {
        for destination in destinations.ranges().iter().map(|range| range.first) {
            let own = paths.addresses(*start).unwrap_or_else(|| from.sources());
            let Some(source) = source(&own, destination) else { continue };
            left = left.saturating_sub(1);
            let packet = packet(source, destination, traffic, 49152);
            let trace = paths.tracer().trace(*start, packet);
            let rank = (
                trace.reply == Verdict::Blocked,
                trace.forward == Verdict::Blocked,
                trace.blockers().count(),
                usize::MAX - trace.hops.len(),
            );
            if best.as_ref().is_none_or(|(have, ..)| rank < *have) {
                best = Some((rank, packet, trace));
            }
            if left == 0 {
                break;
            }
        }
        if left == 0 {
            break;
        }
    }
    best.map(|(_, packet, trace)| paths.view(packet, &trace))
}
