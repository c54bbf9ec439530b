//! GitHub's own: workflow commands, which it shows as annotations, and the summary of a step.

use std::io::Write;

use super::GateView;
use crate::report::Error;

/// Writes the workflow commands.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    super::json::write(view, out)
}

/// Writes the summary of the step, which goes to the end of the file named by `GITHUB_STEP_SUMMARY`.
///
/// # Errors
/// When `out` fails.
pub fn write_summary(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    super::markdown::write(view, out)
}
