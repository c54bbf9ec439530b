//! A path as drawings.

use serde::Serialize;

use super::super::shown::{name, short, words};
use super::super::{HopView, PathView, State};
use crate::report::text::cut;

/// How many characters of an id and of a step's words fit into a drawing.
const AT_MAX: usize = 21;
const STEP_MAX: usize = 20;

/// A path, to be drawn.
#[derive(Serialize)]
pub(super) struct Drawn {
    packet: String,
    end: &'static str,
    hops: Vec<Hop>,
    reply_hops: Vec<Hop>,
    blockers: Vec<String>,
}

#[derive(Serialize)]
struct Hop {
    class: &'static str,
    label: String,
    icon: &'static str,
    mark: &'static str,
    words: String,
    at: String,
    name: Option<String>,
    by: Option<String>,
    becomes: Option<String>,
    why: Option<String>,
    cause: Option<String>,
}

impl Drawn {
    pub(super) fn of(path: &PathView) -> Self {
        Self {
            packet: words(&path.packet),
            end: match (path.forward, path.state) {
                (_, State::Passes) => "arrives and is answered",
                (State::Passes, State::Blocked) => "arrives; the answer does not come back",
                (State::Passes, State::Unknown) => "arrives; the answer is unknown",
                (State::Blocked, State::Blocked) => "is blocked",
                _ => "cannot be decided",
            },
            hops: path.hops.iter().map(hop).collect(),
            reply_hops: path.reply_hops.iter().map(hop).collect(),
            blockers: path.blockers.iter().map(|one| words(one)).collect(),
        }
    }
}

fn hop(hop: &HopView) -> Hop {
    let at = name(short(&hop.at));
    let step = name(&hop.words);
    let outcome = match hop.state {
        State::Passes => "passes",
        State::Unknown => "unknown",
        State::Blocked => "blocked",
    };
    // What does not fit into the drawing stands below it.
    let own = hop.name.as_ref().filter(|own| **own != hop.at).map(|own| name(own));
    let long = (at.chars().count() > AT_MAX).then(|| at.clone());
    Hop {
        class: hop.state.class(),
        label: format!("{step} {at}: {outcome}"),
        icon: icon(&hop.step),
        mark: match hop.state {
            State::Passes => "M-3 0.2-1 2.4 3.2-2.4",
            State::Blocked => "M-2.6-2.6 2.6 2.6M2.6-2.6-2.6 2.6",
            State::Unknown => "M-2-1.8a2 2 0 1 1 2.9 1.8q-.9.4-.9 1.3M0 3.6v.1",
        },
        words: cut(&step, STEP_MAX).into_owned(),
        at: cut(&at, AT_MAX).into_owned(),
        name: own.or(long),
        by: hop.by.as_ref().map(|text| words(text)),
        becomes: hop.becomes.as_ref().map(|text| words(text)),
        why: hop.why.as_ref().map(|text| words(text)),
        cause: hop.cause.as_ref().map(|text| words(text)),
    }
}

/// Strokes in a field of 22 by 22.
fn icon(step: &str) -> &'static str {
    match step {
        "security_group_in" | "security_group_out" | "block_public_access" => {
            "M11 2 18.5 5v5.5c0 4.6-3 7.9-7.5 9.5-4.500-1.600-7.500-4.900-7.500-9.500V5Z"
        }
        "network_acl_in" | "network_acl_out" => "M3 5h16M3 11h16M3 17h10M16 15l4 4M20 15l-4 4",
        "route" | "transit_route" => {
            "M11 20V3M11 5h7l2.500 2.500L18 10h-7M11 11H4l-2 2.200L4 15.500h7"
        }
        "internet_gateway" | "egress_only_gateway" => {
            "M11 2a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM2 11h18M11 2c5 5 5 13 0 18M11 2c-5 5-5 13 0 18"
        }
        "nat_gateway" => "M3 7h14M13 3l4 4-4 4M19 15H5M9 11l-4 4 4 4",
        "vpn_gateway" => "M5 10h12v9H5ZM8 10V7a3 3 0 0 1 6 0v3M11 13.500v2",
        "peering" => "M8 6a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM14 6a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z",
        "transit_attachment" => "M11 8a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM11 2v6M11 14v6M2 11h6M14 11h6",
        "firewall" | "appliance" => {
            "M2 4h18v14H2ZM2 8.700h18M2 13.300h18M9 4v4.700M14 8.700v4.600M8 13.300V18"
        }
        "listener" | "target" => {
            "M3 11h6M9 11l8-6.500M9 11h8M9 11l8 6.500M17 4.500h2M17 11h2M17 17.500h2"
        }
        "endpoint" | "front_door" => "M5 20V3h12v17M2 20h18M13.500 11.500v.500",
        _ => "M3 4h16v11H3ZM8 19h6M11 15v4",
    }
}
