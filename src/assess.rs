//! Judging an inventory: (inventory, suite, parameters, waivers, now) → outcomes. Pure and deterministic.
//!
//! What is deliberately absent: controls and scores (they belong to `posture`), files and the network, and any way of
//! leaving something out: what was not collected is an outcome too.

mod judge;
mod plan;
mod quiet;
mod result;
mod run;

pub use plan::{Plan, Planned, Scoped};
pub use quiet::Quiet;
pub use result::{Assessment, CheckResult, InventorySummary, ParamUse, Undetermined, WaiverUse};
pub use run::{AssessError, Inventory, assess, assess_both, assess_in_memory};
