//! `iam simulate --cases`.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::super::{Failure, Outcome, output};
use crate::analyze::iam::ask::answer::Answer;
use crate::analyze::iam::ask::case::Case;
use crate::cli::IamOutput;
use crate::clock;
use crate::exit::Exit;

/// The longest line that is read.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// A line of the results.
#[derive(Serialize)]
struct Line<'a> {
    /// As it stands in the case.
    id: Value,
    /// The line of the case in its file, from 1.
    #[serde(rename = "line")]
    at: u64,
    #[serde(flatten)]
    answer: Option<&'a Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Decides every case of a file. One that cannot be read is an error in its line of the results, and the exit code says so.
pub(super) fn run(path: &Path, options: &IamOutput) -> Outcome {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mut file = BufReader::new(std::fs::File::open(path).map_err(failed)?);
    let now = clock::now();
    let (mut out, mut bytes) = (Vec::new(), Vec::new());
    let (mut line, mut cases, mut wrong) = (0u64, 0u64, 0u64);
    loop {
        bytes.clear();
        let read =
            file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes).map_err(failed)?;
        if read == 0 {
            break;
        }
        line += 1;
        if read as u64 == LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
            return Err(Failure::new(format!(
                "{}: line {line} has more than {LINE_BYTES_MAX} bytes; a case is one line",
                path.display()
            )));
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        cases += 1;
        let (id, case) = read_case(&bytes);
        let answered = case.map(|case| case.answer(now));
        let one = match &answered {
            Ok(answer) => Line { id, at: line, answer: Some(answer), error: None },
            Err(why) => {
                wrong += 1;
                output::note(&format!("{}: line {line}: {why}", path.display()));
                Line { id, at: line, answer: None, error: Some(why) }
            }
        };
        serde_json::to_writer(&mut out, &one).map_err(Failure::new)?;
        out.push(b'\n');
    }
    if cases == 0 {
        return Err(Failure::new(format!("{}: holds no case", path.display())));
    }
    match &options.out {
        Some(to) => {
            output::write_file(to, &out)?;
            output::note(&format!("{cases} cases, {wrong} of them unreadable: {}", to.display()));
        }
        None => output::print_raw(&out)?,
    }
    Ok(if wrong > 0 { Exit::Usage } else { Exit::Holds })
}

fn read_case(bytes: &[u8]) -> (Value, Result<Case, String>) {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => {
            let case = Case::read(&value);
            (value.get("id").cloned().unwrap_or_default(), case)
        }
        Err(error) => (Value::Null, Err(format!("no JSON: {error}"))),
    }
}
