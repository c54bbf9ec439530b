//! From outcomes to controls, sections and scores. Every number in every report is computed here, once, and carries
//! its denominator.

mod result;

pub use result::{
    Cap, ControlResult, ControlState, Evidence, EvidenceKind, FrameworkResult, Posture, Score,
    SectionResult,
};
