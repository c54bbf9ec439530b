//! The analysis of privileges, held against what was measured on AWS, against other tools' cases, and against labs and
//! generated accounts whose escalations are known.
//!
//! The answers are read from `iam/` below the folder that `PORTCULLIS_ORACLES` names (default: `../shared/oracles` beside
//! the project); nothing of them is kept here. Each test prints what it asked and what came of it
//! (`cargo test iam:: -- --nocapture`), and fails on a wrong answer. Where there are no oracles a test says so and counts
//! as skipped.
//!
//! [`world`] makes inventories and asks them. [`random`] makes requests with their policies, which [`naive`] decides a second
//! time and [`properties`] changes.

#![expect(clippy::print_stderr, reason = "what came of questions is for people")]

mod asked;
mod documents;
mod labs;
mod measured;
mod naive;
mod planted;
mod properties;
mod random;
mod reach;
mod spy;
mod vulnerable;
mod world;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A folder of the oracles of privileges; says so where there is none.
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PORTCULLIS_ORACLES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles"),
        PathBuf::from,
    );
    let folder = root.join("iam").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no oracles at {} (set PORTCULLIS_ORACLES)", folder.display());
    None
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The members of a list; none when there is no list.
fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The time of all questions.
fn now() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}
