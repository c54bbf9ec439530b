//! The report for machines. `docs/report-json.md` describes it; [`schema`] is its JSON Schema.

use std::io::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CheckText, Error, Options, Report};
use crate::assess::Assessment;
use crate::posture::Posture;

/// The version of the format: raised when a field changes its meaning or goes away, not when one is added.
pub const VERSION: u64 = 1;

/// A report as it stands in a file, from which every other report can be made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Portcullis report")]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The version of this format.
    pub portcullis_report: u64,
    /// Outcomes of checks, and findings.
    pub assessment: Assessment,
    /// Controls and scores of the frameworks.
    pub posture: Posture,
    /// What there is to say about each check.
    pub checks: Vec<CheckText>,
}

impl Document {
    /// The same report, to be shown in another way.
    pub fn report<'a>(&'a self, options: &'a Options) -> Report<'a> {
        Report {
            assessment: &self.assessment,
            posture: &self.posture,
            checks: &self.checks,
            options,
        }
    }
}

/// Writes the report, a line feed at its end.
///
/// # Errors
/// When `out` fails.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Borrowed<'a> {
        portcullis_report: u64,
        assessment: &'a Assessment,
        posture: &'a Posture,
        checks: &'a [CheckText],
    }
    let document = Borrowed {
        portcullis_report: VERSION,
        assessment: report.assessment,
        posture: report.posture,
        checks: report.checks,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Reads a report back.
///
/// # Errors
/// When the text is not a report, or one of another version.
pub fn read(text: &str) -> Result<Document, Error> {
    #[derive(Deserialize)]
    struct Head {
        portcullis_report: u64,
    }
    // The version first: what a newer version says cannot be judged by this one's fields.
    let Head { portcullis_report: found } = serde_json::from_str(text)?;
    if found != VERSION {
        return Err(Error::Version { found });
    }
    Ok(serde_json::from_str(text)?)
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
