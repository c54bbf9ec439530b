//! All integration tests, in one binary: each further one would cost another large link.
mod posture;
mod report;
