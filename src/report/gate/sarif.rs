//! SARIF 2.1.0, for code scanning.

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
