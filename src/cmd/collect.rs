//! stub
use super::Outcome;
pub(super) fn run(_args: crate::cli::Collect) -> Outcome {
    Err(super::Failure::new("x"))
}
