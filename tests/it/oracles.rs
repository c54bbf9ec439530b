//! The analyses of paths, held against networks with known answers: labs that were measured on AWS, the end-to-end tests
//! and rule facts of Batfish, and the connection sets of np-guard.
//!
//! The answers are read from `network/` below the folder that `PORTCULLIS_ORACLES` names (default: `../shared/oracles`
//! beside the project); nothing of them is kept here, and whatever folders are there are taken. Each test prints what it
//! asked and what came of it (`cargo test oracles -- --nocapture`), and fails on a wrong answer. Where there are no
//! oracles a test says so and counts as skipped.
//!
//! [`dump`] makes inventories of what the folders hold, with the assumptions that this takes; [`engine`] asks both
//! analyses, which have to agree; the rest reads questions and answers.

#![expect(clippy::print_stderr, reason = "what came of questions is for people")]

mod batfish;
mod dump;
mod engine;
mod facts;
mod labs;
mod np_guard;
mod pairs;
mod tally;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A folder of the oracles of networks; says so where there is none.
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PORTCULLIS_ORACLES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles"),
        PathBuf::from,
    );
    let folder = root.join("network").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no oracles at {} (set PORTCULLIS_ORACLES)", folder.display());
    None
}

/// The folders in a folder, sorted.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(parent)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    out.sort();
    out
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
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
