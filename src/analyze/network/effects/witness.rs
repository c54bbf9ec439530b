//! Witnesses: packets that the other implementation sends along before anybody is told of them.

use crate::analyze::network::packet::{Hop, Packet, Start, Verdict, disagreement};
use crate::analyze::network::reach::{Entry, Exposure};
use crate::analyze::network::topology::Network;
use crate::analyze::network::trace::{Trace, Tracer};
use crate::model::{Attr, Cause, CauseKind};

/// How many ways are kept: each is a dozen lines of text.
const WAYS_MAX: usize = 20_000;

/// Sends witnesses along, and keeps their ways while there are not too many.
pub(super) struct Witnesses<'n> {
    tracer: Tracer<'n>,
    left: usize,
}

/// What the tracer says of a witness.
pub(super) struct Replayed {
    /// Whether it gets there: certain if both implementations say so.
    pub(super) reachable: Attr<bool>,
    /// Its way.
    pub(super) path: Attr<Vec<String>>,
}

impl<'n> Witnesses<'n> {
    pub(super) fn new(network: &'n Network) -> Self {
        Self { tracer: Tracer::new(network), left: WAYS_MAX }
    }

    /// Replays an exposure, through the front door if it comes by one.
    pub(super) fn exposure(&mut self, found: &Exposure) -> Replayed {
        let (start, packet) = found.witness;
        let trace = match found.entry {
            Entry::Door(door) => self.tracer.by_door(door, packet),
            _ => self.tracer.trace(start, packet),
        };
        self.replayed(&trace, found.witness, found.doubt.as_ref())
    }

    /// Replays a packet of which is said that it gets there, or that it may.
    pub(super) fn replay(
        &mut self,
        (start, packet): (Start, Packet),
        doubt: Option<&Cause>,
    ) -> Replayed {
        let trace = self.tracer.trace(start, packet);
        self.replayed(&trace, (start, packet), doubt)
    }

    fn replayed(
        &mut self,
        trace: &Trace,
        (start, packet): (Start, Packet),
        doubt: Option<&Cause>,
    ) -> Replayed {
        let reachable = match (doubt, &trace.forward) {
            (Some(cause), _) | (None, Verdict::Unknown(cause)) => Attr::Unknown(cause.clone()),
            (None, Verdict::Passes) => Attr::Known(true),
            (None, Verdict::Blocked) => {
                let words = disagreement(start, packet);
                Attr::Unknown(Cause::new(CauseKind::NotUnderstood, words))
            }
        };
        Replayed { reachable, path: self.words(trace) }
    }

    /// The way of a packet that need not get anywhere.
    pub(super) fn way(&mut self, (start, packet): (Start, Packet)) -> Attr<Vec<String>> {
        let trace = self.tracer.trace(start, packet);
        self.words(&trace)
    }

    fn words(&mut self, trace: &Trace) -> Attr<Vec<String>> {
        let Some(left) = self.left.checked_sub(1) else {
            let words = format!("only {WAYS_MAX} ways are kept; `portcullis network` shows them");
            return Attr::Unknown(Cause::new(CauseKind::NotUnderstood, words));
        };
        self.left = left;
        let answer = trace.reply_hops.iter().map(|hop| format!("answer: {}", line(hop)));
        Attr::Known(trace.hops.iter().map(line).chain(answer).collect())
    }
}

/// A hop in a line: `security_group_in eni-1 by sg-1/sgr-2`.
fn line(hop: &Hop) -> String {
    let step = serde_json::to_value(hop.step);
    let step = step.ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
    let mut out = step.replace('_', " ");
    if !hop.at.is_empty() {
        out.push_str(&format!(" {}", hop.at));
    }
    if let Some(by) = &hop.by {
        out.push_str(&format!(" by {by}"));
    }
    if let Some(packet) = &hop.becomes {
        out.push_str(&format!(", then {packet}"));
    }
    match &hop.verdict {
        Verdict::Passes => {}
        Verdict::Blocked => out.push_str(": blocked"),
        Verdict::Unknown(cause) => out.push_str(&format!(": unknown ({cause})")),
    }
    out
}
