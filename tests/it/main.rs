//! All integration tests, in one binary: each further one would cost another large link.

mod aws_json;
mod expr;
mod layering;
mod policies;
mod posture;
mod report;
