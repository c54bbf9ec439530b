//! `portcullis iam …`: questions about permissions.

mod cases;
mod load;
mod paths;
mod simulate;
mod usage;
mod what;
mod who;

use serde::Serialize;

use super::{Failure, Outcome, output};
use crate::analyze::iam::request::Action;
use crate::cli::{IamCommand, IamFormat, IamOutput};

pub(super) fn run(command: IamCommand) -> Outcome {
    match command {
        IamCommand::Simulate(args) => match &args.cases {
            Some(cases) => cases::run(cases, &args.output),
            None => simulate::run(&args),
        },
        IamCommand::WhoCan(args) => who::run(&args),
        IamCommand::Paths(args) => paths::run(&args),
        IamCommand::WhatCan(args) => what::run(&args),
        IamCommand::Outside(args) => what::outside(&args),
        IamCommand::Diff(args) => what::diff(&args),
        IamCommand::Unused(args) => usage::unused(&args),
        IamCommand::Reduce(args) => usage::reduce(&args),
    }
}

/// The action that was named.
fn action(text: &str) -> Result<Action, Failure> {
    Action::parse(text).ok_or_else(|| {
        Failure::new(format!(
            "--action: `{text}` is not one action; write service and name without wildcards, such as s3:GetObject"
        ))
    })
}

/// Writes an answer where and how it is wanted.
fn show<T: Serialize>(
    answer: &T,
    options: &IamOutput,
    text: impl FnOnce(bool) -> String,
) -> Result<(), Failure> {
    let bytes = match format(options)? {
        IamFormat::Text => text(options.out.is_none()).into_bytes(),
        IamFormat::Json => {
            let mut bytes = serde_json::to_vec_pretty(answer).map_err(Failure::new)?;
            bytes.push(b'\n');
            bytes
        }
    };
    match &options.out {
        Some(path) => {
            output::write_file(path, &bytes)?;
            output::note(&format!("wrote {}", path.display()));
            Ok(())
        }
        None if format(options)? == IamFormat::Text => {
            output::print(&String::from_utf8_lossy(&bytes))
        }
        None => output::print_raw(&bytes),
    }
}

/// The form that is asked for, or that a file's name asks for.
fn format(options: &IamOutput) -> Result<IamFormat, Failure> {
    if let Some(format) = options.format {
        return Ok(format);
    }
    let extension = options.out.as_deref().and_then(|path| path.extension()?.to_str());
    match extension {
        Some("json") => Ok(IamFormat::Json),
        Some("txt") | None => Ok(IamFormat::Text),
        Some(other) => {
            Err(Failure::new(format!("`.{other}` names no form; --format is one of text, json")))
        }
    }
}
