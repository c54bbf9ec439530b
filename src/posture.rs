//! From outcomes to controls, sections and scores. Every number in every report is computed here, once, and carries
//! its denominator.
//!
//! Each piece of evidence under a control contributes a tally: a check the one of its assessment, a record one
//! evaluation, a gap one unknown. Policy controls add them up; items of readiness checklists are as good as their worst
//! half. Comparing two assessments is the work of `gate`.

mod evidence;
mod readiness;
mod result;
mod roll_up;
mod score;

pub use result::{
    Cap, ControlResult, ControlState, Evidence, EvidenceKind, FrameworkResult, Posture, Score,
    SectionResult,
};
pub use roll_up::roll_up;
pub use score::{Weighed, score, severity_weight};
