//! GitLab's code quality report.

use std::io::Write;

use super::GateView;
use crate::report::Error;

/// Writes the report.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    super::json::write(view, out)
}
