//! The pre-deployment gate: an assessment of what a change leads to, compared with one of what there was, and a
//! decision. Pure; reading inputs and writing reports is done elsewhere.

pub mod baseline;
pub mod compare;
pub mod decide;
pub mod key;
pub mod overlay;
pub mod result;

pub use baseline::Baseline;
pub use compare::{Compared, Side, Ties, compare};
pub use decide::{Grounds, Policy, Rules, StalePolicy, Threshold, UnknownPolicy, decide};
pub use key::Key;
pub use overlay::{Options, Predicted, Statement, World, predict};
pub use result::{
    Class, Decision, Drift, GateFinding, GateReport, Location, Reason, Remedy, ScoreChange,
};
