//! All integration tests, in one binary: each further one would cost another large link.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests fail loudly, as tests do"
)]

mod acme;
mod analyze;
mod assess;
#[cfg(feature = "aws")]
mod aws;
mod aws_json;
mod binary;
mod ci;
mod cli;
mod expr;
mod gate;
mod gate_report;
mod gate_sources;
mod generated;
mod iam;
mod iam_methods;
mod iam_paths;
mod iam_usage;
mod layering;
#[cfg(feature = "aws")]
mod moto;
mod network;
mod oracles;
mod policies;
mod posture;
mod reachability;
mod report;
mod snapshot;
mod suite;
