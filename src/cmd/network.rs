//! `network exposure|reach|isolation|diff`.
//!
//! The commands ask the analysis of whole sets what passes; every path that is shown is a packet that the tracer of
//! single packets followed. Where the two do not agree the answer is unknown, and says so.

mod diff;
mod exposure;
mod find;
mod isolation;
mod load;
mod path;
mod reach;
mod remedy;
mod things;

use super::{Failure, Outcome, output};
use crate::cli::{NetworkCommand, NetworkFormat, NetworkOutput};
use crate::report::network::{self as form, Document, Style};

/// How many paths one answer carries.
const PATHS_MAX: usize = 2_000;

pub(super) fn run(command: NetworkCommand) -> Outcome {
    let options = match &command {
        NetworkCommand::Exposure(args) => &args.output,
        NetworkCommand::Reach(args) => &args.output,
        NetworkCommand::Isolation(args) => &args.output,
        NetworkCommand::Diff(args) => &args.output,
    };
    // Nobody wants to wait for an answer that cannot be written.
    format(options)?;
    match command {
        NetworkCommand::Exposure(args) => exposure::run(&args),
        NetworkCommand::Reach(args) => reach::run(&args),
        NetworkCommand::Isolation(args) => isolation::run(&args),
        NetworkCommand::Diff(args) => diff::run(&args),
    }
}

/// That some of the inventory was not read.
fn unread(places: usize) -> String {
    let what = if places == 1 { "place was" } else { "places were" };
    format!("incomplete: {places} {what} not read completely")
}

/// Writes an answer where and how it is wanted.
fn show(document: &Document, options: &NetworkOutput) -> Result<(), Failure> {
    let format = format(options)?;
    let mut bytes = Vec::new();
    match format {
        NetworkFormat::Text => {
            let style = Style {
                width: output::width(),
                // Colours are stripped where they are not wanted when the text is printed.
                color: options.out.is_none(),
                explain: options.explain,
                rows_max: options.rows,
            };
            form::text::write(document, style, &mut bytes)
        }
        NetworkFormat::Json => form::write_json(document, &mut bytes),
        NetworkFormat::Dot => form::dot::write(document, &mut bytes),
        NetworkFormat::Html => form::html::write(document, &mut bytes),
    }
    .map_err(Failure::new)?;
    match &options.out {
        Some(path) => {
            output::write_file(path, &bytes)?;
            output::note(&format!("wrote {}", path.display()));
            Ok(())
        }
        None if format == NetworkFormat::Text => output::print(&String::from_utf8_lossy(&bytes)),
        None => output::print_raw(&bytes),
    }
}

/// The form that is asked for, or that a file's name asks for.
fn format(options: &NetworkOutput) -> Result<NetworkFormat, Failure> {
    if let Some(format) = options.format {
        return Ok(format);
    }
    let Some(path) = &options.out else { return Ok(NetworkFormat::Text) };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Ok(NetworkFormat::Json),
        Some("dot" | "gv") => Ok(NetworkFormat::Dot),
        Some("html" | "htm") => Ok(NetworkFormat::Html),
        Some("txt") | None => Ok(NetworkFormat::Text),
        Some(other) => Err(Failure::new(format!(
            "`.{other}` names no form; --format is one of text, json, dot, html"
        ))),
    }
}
