//! The report for machines: everything. [`schema`] is its JSON Schema.

use std::io::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GateView;
use crate::gate::GateReport;
use crate::report::{CheckText, Error};

/// The version of the format: raised when a field changes its meaning or goes away, not when one is added.
pub const VERSION: u64 = 1;

/// A report of a gate as it stands in a file, from which every other can be made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Portcullis gate report")]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The version of this format.
    pub portcullis_gate: u64,
    /// What the gate says.
    pub gate: GateReport,
    /// What there is to say about each check.
    pub checks: Vec<CheckText>,
}

/// Writes the report, a line feed at its end.
///
/// # Errors
/// When `out` fails.
pub fn write(view: &GateView<'_>, out: &mut dyn Write) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Borrowed<'a> {
        portcullis_gate: u64,
        gate: &'a GateReport,
        checks: &'a [CheckText],
    }
    let document = Borrowed { portcullis_gate: VERSION, gate: view.report, checks: view.checks };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Reads a report back.
///
/// # Errors
/// When the text is not a report of a gate, or one of another version.
pub fn read(text: &str) -> Result<Document, Error> {
    #[derive(Deserialize)]
    struct Head {
        portcullis_gate: u64,
    }
    // The version first: what a newer version says cannot be judged by this one's fields.
    let Head { portcullis_gate: found } = serde_json::from_str(text)?;
    if found != VERSION {
        return Err(Error::Version { found });
    }
    Ok(serde_json::from_str(text)?)
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
