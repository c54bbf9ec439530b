//! What the inventory implies. A skeleton for the front; the analyses land next.
use crate::model::index::Relation;
use crate::model::{Index, Kind, Resource};
pub mod environment;
pub use environment::{Environment, Environments};
#[derive(Debug)]
pub struct Context<'a> {
    pub index: &'a Index,
}
impl<'a> Context<'a> {
    pub fn new(index: &'a Index, _e: &'a Environments, _now: jiff::Timestamp) -> Self {
        Self { index }
    }
}
pub fn derive(_r: &mut Resource, _c: &Context<'_>) {}
pub fn derive_all(_i: &mut Index, _e: &Environments, _now: jiff::Timestamp) {}
pub fn relations() -> Vec<Relation> {
    Vec::new()
}
pub fn kinds(_k: &Kind) -> &'static [&'static str] {
    &[]
}
