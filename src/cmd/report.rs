//! `report`: an earlier assessment in other formats.

use std::fs;

use super::assess::{Render, show, write_report};
use super::{Failure, Outcome, output};
use crate::cli;
use crate::exit::Exit;
use crate::report::{self, Options};

pub(super) fn run(args: cli::Report) -> Outcome {
    let document = read(&args.path)?;
    let mut options = Options {
        width: u16::try_from(output::width()).unwrap_or(u16::MAX),
        color: true,
        verbose: args.details,
        ..Options::default()
    };
    let wanted: [(&Option<std::path::PathBuf>, Render); 3] = [
        (&args.html, report::html::write),
        (&args.markdown, report::markdown::write),
        (&args.csv, report::csv::write),
    ];
    for (path, render) in wanted {
        if let Some(path) = path {
            write_report(&document.report(&Options::default()), path, render)?;
            options.written.push(path.display().to_string());
        }
    }
    show(&document.report(&options), args.format)?;
    Ok(Exit::Holds)
}

/// A JSON report from a file.
pub(super) fn read(path: &std::path::Path) -> Result<report::json::Document, Failure> {
    let text =
        fs::read_to_string(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    report::json::read(&text).map_err(|e| Failure::new(format!("{}: {e}", path.display())))
}
