//! The report as one offline page.

use std::io::Write;

use super::{Error, Report};

/// Writes the page.
///
/// # Errors
/// When `out` fails.
pub fn write(_report: &Report<'_>, _out: &mut dyn Write) -> Result<(), Error> {
    Ok(())
}
