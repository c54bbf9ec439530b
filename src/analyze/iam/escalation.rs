//! Escalation: from what a principal may do to what it can become, in several steps.
//!
//! [`method`] and [`methods`] hold the known ways as data; [`world`] works out once what the search asks for; [`step`]
//! decides one step by asking the evaluator for each action on its own resource; [`search`] finds the ways to an
//! administrator and what each principal can use. Organization policies that nobody collected are taken for absent: they
//! could only make the answer milder, and reports say so.

pub mod admin;
pub mod gain;
pub mod method;
pub mod methods;
pub mod remedy;
pub mod search;
mod shape;
pub mod step;
pub mod world;

use jiff::Timestamp;

use super::estate::{Estate, PrincipalId};
use method::Method;
pub use search::{Cut, Found};
pub use step::{Asked, Becomes, Quality, Step};
use world::World;

/// What was found for every principal of an estate.
#[derive(Debug)]
pub struct Escalations {
    found: Vec<Found>,
}

impl Escalations {
    /// Searches an estate with all methods of services that still exist.
    pub fn of(estate: &Estate, now: Timestamp) -> Self {
        let methods: Vec<&'static Method> = methods::all().filter(|m| !m.historic).collect();
        Self::with(estate, &methods, now)
    }

    /// Searches an estate with some methods.
    pub fn with(estate: &Estate, methods: &[&'static Method], now: Timestamp) -> Self {
        let world = World::new(estate, methods, now);
        Self { found: search::search(&world, methods, None) }
    }

    /// Searches for the ways to one principal: [`Found::path`] leads to it, or to an administrator of its account.
    pub fn toward(estate: &Estate, goal: PrincipalId, now: Timestamp) -> Self {
        let methods: Vec<&'static Method> = methods::all().filter(|m| !m.historic).collect();
        let world = World::new(estate, &methods, now);
        Self { found: search::search(&world, &methods, Some(goal)) }
    }

    /// What was found for a principal.
    pub fn get(&self, id: PrincipalId) -> Option<&Found> {
        self.found.get(id.0 as usize)
    }
}
