//! What people and machines read: the same assessment and posture, as terminal text, JSON, HTML, Markdown and CSV.
//!
//! Every report is a pure function of [`Report`]: no time is read, no terminal is asked, no file is opened. Numbers
//! that more than one report shows are computed once, in [`summary`]; scores are never computed here at all.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assess::Assessment;
use crate::finding::Severity;
use crate::posture::Posture;

pub mod csv;
pub mod gate;
pub mod html;
pub mod iam;
pub mod json;
pub mod markdown;
pub mod network;
pub mod summary;
pub mod terminal;
pub mod text;

/// What every report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Outcomes and findings.
    pub assessment: &'a Assessment,
    /// Controls and scores.
    pub posture: &'a Posture,
    /// What to say about each check, in any order; checks without a text are shown by id.
    pub checks: &'a [CheckText],
    /// How to show it.
    pub options: &'a Options,
}

/// What a report says about a check: the part of the check file that is written for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckText {
    /// The check's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its severity, after overlays.
    pub severity: Severity,
    /// What is verified, and what an attacker does with it.
    pub why: String,
    /// How an auditor sees the same thing with the vendor's own tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
    /// What to do, in the web console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// What to do, on the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
    /// What to do, in Terraform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// Controls of public standards, by standard.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub controls: BTreeMap<String, Vec<String>>,
}

/// How to show a report. Whatever depends on the surroundings (a terminal's width, colour) is decided by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The organisation or project, for titles.
    pub title: Option<String>,
    /// Columns of the terminal report; fewer than 80 count as 80.
    pub width: u16,
    /// Whether the terminal report carries colour; nothing is said by colour alone.
    pub color: bool,
    /// Whether the terminal report lists every finding.
    pub verbose: bool,
    /// Where the full reports were written, for the last lines of the terminal report.
    pub written: Vec<String>,
    /// A waiver that ends within so many days is about to lapse.
    pub soon_days: i64,
    /// How many findings HTML holds readable without scripts, and Markdown at all, worst first.
    pub listed_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            title: None,
            width: 100,
            color: false,
            verbose: false,
            written: Vec::new(),
            soon_days: 30,
            listed_max: 1_000,
        }
    }
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The receiving end failed.
    #[error("failed to write the report: {0}")]
    Io(#[from] io::Error),
    /// A value has no JSON form, or a JSON report cannot be read.
    #[error("failed to write or read the report as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A JSON report of another version.
    #[error("this is a report of version {found}; this build reads version {}", json::VERSION)]
    Version {
        /// What the file says.
        found: u64,
    },
    /// The page template is at fault.
    #[error("failed to fill the page template: {0}")]
    Template(#[from] tera::Error),
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// For machines: everything, versioned, with a schema.
    Json,
    /// For people and auditors: one offline file.
    Html,
    /// For tickets and pull requests.
    Markdown,
    /// Findings, for spreadsheets.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Json, Self::Html, Self::Markdown, Self::Csv];

    /// The name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
        }
    }

    /// The file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Terminal => "txt",
            Self::Json => "json",
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }

    /// The format that a file name's extension stands for.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "htm" => Some(Self::Html),
            "markdown" => Some(Self::Markdown),
            other => Self::ALL.into_iter().find(|format| format.extension() == other),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.word() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|format| format.word()).collect();
            format!("`{text}` is not a report format; there are {}", known.join(", "))
        })
    }
}

/// Writes a report in one of the formats.
///
/// # Errors
/// When `out` fails, or a value has no form in the format.
pub fn write(report: &Report<'_>, format: Format, out: &mut dyn Write) -> Result<(), Error> {
    match format {
        Format::Terminal => terminal::write(report, out),
        Format::Json => json::write(report, out),
        Format::Html => html::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Csv => csv::write(report, out),
    }
}
