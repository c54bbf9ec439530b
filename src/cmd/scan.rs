//! stub
use super::Outcome;
pub(super) fn run(_args: crate::cli::Scan) -> Outcome {
    Err(super::Failure::new("x"))
}
