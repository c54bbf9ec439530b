//! All integration tests, in one binary: each further one would cost another large link.

mod expr;
mod policies;
mod posture;
mod report;
