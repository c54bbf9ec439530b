//! What a gate says, for every place where people and machines read it: a terminal, a pull request, code scanning, test
//! reports, annotations. Each report is a pure function of a [`GateView`].

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use super::{CheckText, Error};
use crate::gate::GateReport;

pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;
mod shown;
pub mod terminal;

/// What every report of a gate is made from.
#[derive(Debug, Clone, Copy)]
pub struct GateView<'a> {
    /// What the gate says.
    pub report: &'a GateReport,
    /// What to say about each check, in any order; checks without a text are shown by id.
    pub checks: &'a [CheckText],
    /// How to show it.
    pub options: &'a Options,
}

/// How to show it. Whatever depends on the surroundings is decided by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What tells this gate from others over the same pull request, such as the folder or the environment: it is part of
    /// the anchor of the comment, of SARIF's category, and of titles.
    pub key: String,
    /// Columns of the terminal report; fewer than 60 count as 60.
    pub width: u16,
    /// Whether the terminal report carries colour; nothing is said by colour alone.
    pub color: bool,
    /// Whether unchanged, still unknown and waived findings are listed as well.
    pub verbose: bool,
    /// What leads from the root of the repository to the folder that locations are relative to, with forward slashes;
    /// empty when they are the same.
    pub source_prefix: String,
    /// Where the other reports were written, for the last lines of the terminal report.
    pub written: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            key: String::new(),
            width: 100,
            color: false,
            verbose: false,
            source_prefix: String::new(),
            written: Vec::new(),
        }
    }
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// For machines: everything, versioned, with a schema.
    Json,
    /// For the comment of a pull request.
    Markdown,
    /// For code scanning.
    Sarif,
    /// For test reports.
    Junit,
    /// For GitLab's code quality widget.
    Gitlab,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// The summary of a step of a GitHub workflow.
    StepSummary,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Terminal,
        Self::Json,
        Self::Markdown,
        Self::Sarif,
        Self::Junit,
        Self::Gitlab,
        Self::Github,
        Self::StepSummary,
    ];

    /// The name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Gitlab => "gitlab",
            Self::Github => "github",
            Self::StepSummary => "step-summary",
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
            format!("`{text}` is not a format of the gate; there are {}", known.join(", "))
        })
    }
}

/// Writes a report in one of the formats.
///
/// # Errors
/// When `out` fails, or a value has no form in the format.
pub fn write(view: &GateView<'_>, format: Format, out: &mut dyn Write) -> Result<(), Error> {
    match format {
        Format::Terminal => terminal::write(view, out),
        Format::Json => json::write(view, out),
        Format::Markdown => markdown::write(view, out),
        Format::Sarif => sarif::write(view, out),
        Format::Junit => junit::write(view, out),
        Format::Gitlab => gitlab::write(view, out),
        Format::Github => github::write(view, out),
        Format::StepSummary => github::write_summary(view, out),
    }
}
