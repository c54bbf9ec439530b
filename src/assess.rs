//! Judging an inventory: (inventory, suite, parameters, waivers, now) → outcomes. Pure and deterministic.

mod result;

pub use result::{Assessment, CheckResult, InventorySummary, ParamUse, Undetermined, WaiverUse};
