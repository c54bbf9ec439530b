//! The report at a terminal: one screen that says where one stands, worst first; every finding on request.

use std::io::Write;

use super::{Error, Report};

/// Writes the summary, and with [`Options::verbose`](super::Options::verbose) every finding behind it.
///
/// # Errors
/// When `out` fails.
pub fn write(_report: &Report<'_>, _out: &mut dyn Write) -> Result<(), Error> {
    Ok(())
}
