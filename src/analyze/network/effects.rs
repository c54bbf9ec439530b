//! What the analysis of paths found, by resource, in the form that facts have.
//!
//! The analysis runs once over the whole network. What it found is kept here, small, while resources are derived and
//! judged one after the other; the network itself is gone by then.

mod compact;
mod derive;
mod isolation;
mod subjects;
mod witness;

use std::collections::HashMap;

pub(crate) use derive::derive;
use witness::Witnesses;

use super::breach::{self, Flow};
use super::reach::Analysis;
use super::topology::Network;
use super::{Declared, topology};
use crate::model::Attr;
use crate::model::paths::{Exposure, Isolation};

/// The resource types that must be looked at before anything can be said about paths.
pub const KINDS: &[&str] = topology::build::KINDS;

/// What was found on resources of the network.
#[derive(Debug, Default)]
pub struct Effects {
    /// By type, then by the name that the network has for the resource.
    exposures: HashMap<&'static str, HashMap<Box<str>, Found<Exposure>>>,
    isolations: HashMap<&'static str, HashMap<Box<str>, Found<Isolation>>>,
    /// Whether the incoming rules of a group expose something, in their order.
    rules: HashMap<Box<str>, Vec<Attr<bool>>>,
    /// The flows that the configuration declares.
    flows: Vec<Flow>,
}

/// What was found on one resource: nothing on most.
type Found<T> = Option<Box<T>>;

impl Effects {
    /// Analyses a network.
    pub fn of(network: &Network, declared: &Declared) -> Self {
        let analysis = Analysis::new(network);
        let mut witnesses = Witnesses::new(network);
        let mut effects = Self { flows: declared.flows.clone(), ..Self::default() };
        compact::exposures(&analysis, declared, &mut witnesses, &mut effects);
        let found = breach::isolation(&analysis, &declared.flows);
        isolation::isolation(&analysis, &found, &mut witnesses, &mut effects);
        effects
    }
}

/// Whether a fact rests on paths, by the name of its type or part and its own.
pub fn rests_on_paths(of: &str, field: &str) -> bool {
    matches!((of, field), (_, "exposure" | "isolation") | ("SecurityGroupRule", "exposes"))
}
