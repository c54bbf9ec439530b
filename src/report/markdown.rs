//! The report in a ticket or pull request.

use std::io::Write;

use super::{Error, Report};

/// Writes the report.
///
/// # Errors
/// When `out` fails.
pub fn write(_report: &Report<'_>, _out: &mut dyn Write) -> Result<(), Error> {
    Ok(())
}
