//! All integration tests, in one binary: each further one would cost another large link.

mod expr;
mod posture;
mod report;
