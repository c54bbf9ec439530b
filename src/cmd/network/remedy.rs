//! `--remedy`: the fewest changes that end what is found, tried on a copy of the network.

use super::exposure::Merged;
use super::load::Loaded;
use super::{find, reach};
use crate::analyze::network::breach::{Breach, Party};
use crate::analyze::network::packet::Start;
use crate::analyze::network::reach::Analysis;
use crate::analyze::network::remedy::{self, Kept, Outcome};
use crate::net::AddrSet;
use crate::report::network::{BreachRow, ExposureRow, RemedyView};

/// How many findings are worked on: each is analysed again many times.
const REMEDIES_MAX: usize = 25;
/// How many packets of declared flows have to stay.
const KEPT_MAX: usize = 20;

pub(super) fn exposures(
    loaded: &Loaded,
    analysis: &Analysis<'_>,
    outside: &AddrSet,
    rows: &mut [(Merged<'_>, ExposureRow)],
) {
    let keep = kept(loaded, analysis);
    for (at, (found, row)) in rows.iter_mut().enumerate() {
        row.remedy = Some(if at < REMEDIES_MAX {
            let of = |one| view(loaded, remedy::of_exposure(&loaded.network, one, outside, &keep));
            joined(found.all.iter().map(|one| of(*one)))
        } else {
            none(&format!("only the first {REMEDIES_MAX} rows are worked on; filter them"))
        });
    }
}

pub(super) fn breaches(
    loaded: &Loaded,
    analysis: &Analysis<'_>,
    rows: &mut [(&Breach, BreachRow)],
) {
    let keep = kept(loaded, analysis);
    let flows = &loaded.config.declared.flows;
    for (at, (breach, row)) in rows.iter_mut().enumerate() {
        row.remedy = Some(if at < REMEDIES_MAX {
            view(loaded, remedy::of_breach(&loaded.network, breach, flows, &keep))
        } else {
            none(&format!("only the first {REMEDIES_MAX} rows are worked on; filter them"))
        });
    }
}

/// What ends several exposures that stand in one row.
fn joined(parts: impl Iterator<Item = RemedyView>) -> RemedyView {
    let mut all = none("");
    (all.verified, all.why_none) = (true, None);
    for part in parts {
        if part.why_none.is_some() {
            return part;
        }
        all.verified &= part.verified;
        all.loses = all.loses.max(part.loses);
        for change in part.changes {
            if !all.changes.contains(&change) {
                all.changes.push(change);
            }
        }
    }
    all
}

fn none(why: &str) -> RemedyView {
    RemedyView { changes: Vec::new(), loses: 0, why_none: Some(why.to_owned()), verified: false }
}

fn view(loaded: &Loaded, outcome: Outcome) -> RemedyView {
    match outcome {
        Outcome::NoSmallRemedy(why) => none(why),
        Outcome::Found(remedies) => match remedies.into_iter().next() {
            None => none("none was found"),
            Some(first) => RemedyView {
                changes: first.changes.iter().map(|one| one.words(&loaded.network)).collect(),
                loses: first.loses as u64,
                why_none: None,
                verified: first.verified,
            },
        },
    }
}

/// A packet of each declared flow that gets through today: a remedy must not stop it.
fn kept(loaded: &Loaded, analysis: &Analysis<'_>) -> Vec<Kept> {
    let name = |party: &Party| match party {
        Party::Environment(name) | Party::Outside(name, _) => Some(name.clone()),
        Party::Internet => Some("internet".to_owned()),
        Party::Any => None,
    };
    let mut out = Vec::new();
    for flow in &loaded.config.declared.flows {
        let (Some(from), Some(to)) = (name(&flow.from), name(&flow.to)) else { continue };
        let ends = |text: &str| find::ends(loaded, analysis, text).ok();
        let (Some(from), Some(to)) = (ends(&from), ends(&to)) else { continue };
        let Ok(starts) = from.starts(analysis) else { continue };
        let (sources, destinations) = (from.sources(), to.destinations(analysis));
        let packet = |start: &Start| {
            let all = analysis.connections(*start, &sources, &destinations);
            all.iter()
                .filter(|it| it.doubt.is_none() && to.takes(it))
                .flat_map(|it| reach::narrowed(it, flow.passes()))
                .find_map(|it| reach::example(&it).map(|packet| (*start, packet)))
        };
        out.extend(starts.iter().take(KEPT_MAX).find_map(packet));
        if out.len() >= KEPT_MAX {
            break;
        }
    }
    out
}
