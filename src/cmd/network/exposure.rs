//! `network exposure`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Failure, Outcome, output};
use super::load::{self, Loaded};
use super::path::Paths;
use super::{find, remedy, things};
use crate::analyze::network::packet::{Reply, Touch, Verdict, disagreement};
use crate::analyze::network::reach::{Analysis, Entry, Exposure};
use crate::analyze::network::topology::{Id, Interface};
use crate::cli::NetworkExposure;
use crate::diag::nearest;
use crate::exit::Exit;
use crate::model::Cause;
use crate::net::{AddrSet, Traffic};
use crate::report::network::{Answer, Document, ExposureRow, ExposureView, ReplyState, Thing};

/// The types whose things are exposed, or let in to what is.
pub(super) const KINDS: &[&str] = &[
    "aws.apigatewayv2.vpc_link",
    "aws.cloudfront.vpc_origin",
    "aws.ec2.address",
    "aws.ec2.client_vpn_endpoint",
    "aws.ec2.instance_connect_endpoint",
    "aws.ec2.internet_gateway",
    "aws.ec2.network_interface",
    "aws.ec2.vpc_endpoint_service",
    "aws.eks.cluster",
    "aws.elb.load_balancer",
    "aws.elbv2.listener",
    "aws.elbv2.listener_rule",
    "aws.elbv2.load_balancer",
    "aws.elbv2.target_group",
    "aws.globalaccelerator.accelerator",
    "aws.vpc_lattice.service",
];

pub(super) fn run(args: &NetworkExposure) -> Outcome {
    let kinds = wanted_kinds(&args.kinds)?;
    let mut ports: Vec<Traffic> = Vec::new();
    for text in &args.ports {
        ports.extend(find::port(text)?);
    }
    let loaded = load::network(&args.source)?;
    let analysis = Analysis::new(&loaded.network);
    let (from, outside) = find::outside(&loaded, &args.from)?;
    let of = match &args.of {
        Some(text) => Some(find::ends(&loaded, &analysis, text)?),
        None => None,
    };
    // What things in the inventory send from public addresses of their own is no exposure to anybody outside.
    let outside = outside.minus(&loaded.own);
    let mut found = analysis.exposure(&outside);
    let interfaces = match &of {
        Some(ends) => {
            found.retain(|it| it.interface.is_some_and(|id| ends.interfaces.contains(&id)));
            ends.interfaces.len()
        }
        None => loaded.network.interfaces.len(),
    };
    let mut rows = rows(&loaded, &found, (&args.from, &outside));
    let (exposed, unknown) = counts(&rows);
    let mut filters = Vec::new();
    if !kinds.is_empty() {
        filters.push(kinds.join(" or "));
        rows.retain(|(_, row)| kinds.contains(&row.subject.kind));
    }
    if !ports.is_empty() {
        filters.push(
            args.ports.iter().map(|port| format!("port {port}")).collect::<Vec<_>>().join(" or "),
        );
        rows.retain(|(it, _)| {
            it.traffic
                .iter()
                .chain(&it.inside)
                .any(|traffic| ports.iter().any(|port| port.intersection(*traffic).is_some()))
        });
    }
    if args.remedy {
        remedy::exposures(&loaded, &analysis, &outside, &mut rows);
    }
    let view = ExposureView {
        from,
        filters,
        interfaces: interfaces as u64,
        exposed,
        unknown,
        rows: together(rows.into_iter().map(|(_, row)| row)),
        doubts: things::gaps(&analysis, KINDS),
    };
    let incomplete = incomplete(&view);
    let title = loaded.config.title.clone();
    let document = Document::new(title, vec![loaded.inventory], Answer::Exposure(view));
    super::show(&document, &args.output)?;
    Ok(incomplete)
}

/// The exit code of an answer, and on standard error why it is not 0.
fn incomplete(view: &ExposureView) -> Exit {
    let unknown = view.rows.iter().filter(|row| row.cause.is_some()).count();
    if unknown > 0 {
        output::note(&format!("incomplete: {unknown} of the paths listed are unknown"));
    }
    if !view.doubts.is_empty() {
        output::note(&super::unread(view.doubts.len()));
    }
    if unknown > 0 || !view.doubts.is_empty() || view.interfaces == 0 {
        Exit::Incomplete
    } else {
        Exit::Holds
    }
}

fn wanted_kinds(texts: &[String]) -> Result<Vec<String>, Failure> {
    let dashed = |kind: &str| kind.to_ascii_lowercase().replace(' ', "-");
    texts
        .iter()
        .map(|text| {
            let text = text.to_ascii_lowercase().replace(['_', ' '], "-");
            things::KINDS
                .iter()
                .find(|kind| dashed(kind) == text)
                .map(|kind| (*kind).to_owned())
                .ok_or_else(|| {
                    let all: Vec<String> = things::KINDS.iter().map(|kind| dashed(kind)).collect();
                    let hint = nearest(&text, all.iter().map(String::as_str))
                        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    let shown: String = text.chars().take(80).collect();
                    Failure::new(format!("no kind `{shown}`; there are {}{hint}", all.join(", ")))
                })
        })
        .collect()
}

/// How many interfaces are exposed for certain, and how many may be.
fn counts(rows: &[(Merged<'_>, ExposureRow)]) -> (u64, u64) {
    let of = |certain: bool| -> BTreeSet<Id<Interface>> {
        rows.iter()
            .filter(|(_, row)| row.cause.is_none() == certain)
            .filter_map(|(it, _)| it.first.interface)
            .collect()
    };
    let (certain, perhaps) = (of(true), of(false));
    (certain.len() as u64, perhaps.difference(&certain).count() as u64)
}

/// Exposures that differ in traffic only.
pub(super) struct Merged<'e> {
    pub first: &'e Exposure,
    pub all: Vec<&'e Exposure>,
    pub traffic: Vec<Traffic>,
    pub inside: Vec<Traffic>,
    rules: BTreeSet<Touch>,
}

type Key<'e> =
    (Option<Id<Interface>>, (u8, Entry), bool, &'e AddrSet, &'e Reply, Option<&'e Cause>);

fn merged(found: &[Exposure]) -> Vec<Merged<'_>> {
    let mut out: BTreeMap<Key<'_>, Merged<'_>> = BTreeMap::new();
    for it in found {
        // Listeners of one balancer stand in one row.
        let entry = match it.entry {
            Entry::Balancer(id, _) => (1, Entry::Balancer(id, 0)),
            other => (0, other),
        };
        let same = it.outside == it.traffic;
        let key = (it.interface, entry, same, &it.clients, &it.reply, it.doubt.as_ref());
        let one = out.entry(key).or_insert_with(|| Merged {
            first: it,
            all: Vec::new(),
            traffic: Vec::new(),
            inside: Vec::new(),
            rules: BTreeSet::new(),
        });
        one.all.push(it);
        one.traffic.push(it.outside);
        if !same {
            one.inside.push(it.traffic);
        }
        one.rules.extend(it.rules.iter().cloned());
    }
    out.into_values().collect()
}

/// The rows of an answer, certain ones first; each witness is followed by the tracer before it is shown.
fn rows<'e>(
    loaded: &Loaded,
    found: &'e [Exposure],
    (from, outside): (&str, &AddrSet),
) -> Vec<(Merged<'e>, ExposureRow)> {
    let mut paths = Paths::new(&loaded.network, &loaded.names);
    let mut rows: Vec<(Merged<'e>, ExposureRow)> = merged(found)
        .into_iter()
        .map(|one| {
            let mut row = row(loaded, &mut paths, &one);
            // Whoever asks about a range wants to see where it is not all of it.
            if from != "internet" && one.first.clients.includes(outside) {
                row.clients = vec![format!("all of {from}")];
            }
            (one, row)
        })
        .collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    rows
}

/// Certain ones first, and those that packets reach directly.
fn order<'a>((merged, row): &'a (Merged<'_>, ExposureRow)) -> impl Ord + use<'a> {
    let thing = &row.subject;
    let entry = match merged.first.entry {
        Entry::Address(_) => 0,
        Entry::Balancer(..) => 1,
        Entry::Door(_) => 2,
        Entry::VpnGateway(_) | Entry::Attachment(_) => 3,
    };
    let name = thing.name.as_deref().unwrap_or(&thing.id);
    let place = (name, &thing.id, &thing.interface, &row.entry, &row.traffic);
    (row.cause.is_some(), row.reply.state, entry, &thing.kind, place)
}

fn row(loaded: &Loaded, paths: &mut Paths<'_>, one: &Merged<'_>) -> ExposureRow {
    let it = one.first;
    let (start, packet) = it.witness;
    let trace = paths.follow_exposure(it);
    // A door that has nothing in the inventory behind it leads nowhere that a packet could be followed to.
    let followed = it.interface.is_some() || trace.forward == Verdict::Passes;
    let disagrees = followed && it.doubt.is_none() && trace.forward != Verdict::Passes;
    let cause = match &it.doubt {
        Some(cause) => Some(cause.to_string()),
        None if disagrees => Some(disagreement(start, packet)),
        None => None,
    };
    let mut reply = things::reply(&it.reply);
    if followed && it.reply == Reply::Full && trace.reply == Verdict::Blocked && !disagrees {
        reply.state = ReplyState::Unknown;
        reply.cause = Some(disagreement(start, packet));
    }
    let inside = things::traffic(&one.inside);
    ExposureRow {
        subject: subject(loaded, it),
        also: Vec::new(),
        entry: things::entry(loaded, it.entry),
        traffic: things::traffic(&one.traffic),
        inside,
        clients: things::clients(loaded, &it.clients),
        reply,
        cause,
        rules: one.rules.iter().map(|touch| paths.tracer().describe(touch)).collect(),
        path: if followed { paths.shown(packet, &trace) } else { None },
        remedy: None,
    }
}

/// Interfaces of one thing that are exposed in the same way, as one row.
fn together(rows: impl Iterator<Item = ExposureRow>) -> Vec<ExposureRow> {
    let mut out: Vec<ExposureRow> = Vec::new();
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let same = |have: &&usize| {
            out.get(**have).is_some_and(|have| {
                (&have.entry, &have.traffic, &have.inside, &have.clients)
                    == (&row.entry, &row.traffic, &row.inside, &row.clients)
                    && (&have.reply, &have.cause) == (&row.reply, &row.cause)
                    && have.remedy == row.remedy
                    && row.subject.interface.is_some()
            })
        };
        let known = places.entry(row.subject.id.clone()).or_default();
        if let Some(at) = known.iter().find(same).copied() {
            if let Some(have) = out.get_mut(at) {
                have.also.extend(row.subject.interface);
            }
            continue;
        }
        known.push(out.len());
        out.push(row);
    }
    out
}

/// What is exposed.
pub(super) fn subject(loaded: &Loaded, it: &Exposure) -> Thing {
    match (it.interface, it.entry) {
        (Some(id), _) => things::interface(loaded, id),
        (None, Entry::Balancer(id, _)) => things::balancer(loaded, id),
        (None, Entry::Door(id)) => things::door(loaded, id),
        (None, Entry::Address(_) | Entry::VpnGateway(_) | Entry::Attachment(_)) => Thing::default(),
    }
}
