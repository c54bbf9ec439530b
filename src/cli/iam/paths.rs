//! What can be typed behind `iam paths`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `iam paths`.
#[derive(Debug, Args)]
pub struct IamPaths {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// Tell of one user or role only, by ARN or name, and all ways in which it becomes more than it is.
    #[arg(long, value_name = "ARN")]
    pub from: Option<String>,
    /// Whom paths lead to: `admin`, or a user or role by ARN or name.
    #[arg(long, value_name = "ARN", default_value = "admin")]
    pub to: String,
    /// Tell also of what needs something that the inventory does not show.
    #[arg(long)]
    pub possible: bool,
    /// Say which statements to take away so that a principal has no path any more; of the first 25.
    #[arg(long)]
    pub remedy: bool,
    /// The clock of the question: a date or an RFC 3339 time; now when left out.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The form; that of the file's extension when left out, else text.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<IamPathsFormat>,
    /// Write to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show every path step by step.
    #[arg(long)]
    pub explain: bool,
    /// How many rows the text lists.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub rows: usize,
}

/// The forms of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IamPathsFormat {
    /// For people at a terminal.
    Text,
    /// For machines: everything, versioned, with a schema.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// A page with drawn paths.
    Html,
}
