//! Snapshots: an inventory on disk.
//!
//! A snapshot is JSON lines, compressed with zstd (plain lines are read too): a header, a resource a line, coverage
//! lines, and a trailer with counts and the SHA-256 of everything before it, so that a cut or altered file is noticed.
//! Readers and writers stream; limits hold for everything that comes from outside.

mod read;
mod write;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Time;

pub use read::{Entry, Limits, Reader};
pub use write::Writer;

/// The version of the format that this build writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub portcullis_snapshot: u32,
    /// What wrote it, with its version.
    pub tool: String,
    /// When collection began.
    pub created: Time,
    /// What was asked for, in words: sources, accounts, regions.
    #[serde(default)]
    pub scope: Vec<String>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trailer {
    /// How many resource lines there are.
    pub resources: u64,
    /// How many of each type.
    pub by_type: BTreeMap<String, u64>,
    /// How many coverage lines there are.
    pub coverage: u64,
    /// SHA-256 of all bytes before this line, uncompressed, in hexadecimal.
    pub sha256: String,
}

/// What is wrong with a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{path} is not a snapshot: {why}")]
    Foreign {
        /// The file.
        path: String,
        /// What it looks like.
        why: String,
    },
    /// A later version wrote it.
    #[error(
        "{path} has snapshot format {found}, and this build reads up to {FORMAT_VERSION}; use a newer portcullis, or collect again"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its version.
        found: u32,
    },
    /// It ends too early.
    #[error(
        "{path} ends after line {line} without its trailer: it was cut, or its collection did not finish; collect again"
    )]
    Truncated {
        /// The file.
        path: String,
        /// The last line there is.
        line: u64,
    },
    /// Its content is not what was written.
    #[error("{path}: line {line}: {why}")]
    Altered {
        /// The file.
        path: String,
        /// Where.
        line: u64,
        /// What does not fit.
        why: String,
    },
    /// A line cannot be read.
    #[error("{path}: line {line}: {why}")]
    Line {
        /// The file.
        path: String,
        /// Where.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}
