//! The subcommands, one file each. Only here do the rooms of the world meet, and only here is anything printed.

mod assess;
mod check;
mod collect;
mod explain;
mod framework;
mod gate;
mod generate;
mod iam;
mod init;
mod inventory;
mod load;
mod network;
mod output;
mod permissions;
mod report;
mod scan;

use std::fmt::Display;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::diag::Diagnostics;
use crate::exit::Exit;
use crate::model::snapshot::SnapshotError;

/// Why a command could not do what it was asked.
#[derive(Debug)]
enum Failure {
    /// Something is wrong with what was given, in words.
    Words(String),
    /// Something is wrong with files people wrote.
    Files(Diagnostics),
    /// Whoever reads our output has enough of it.
    ClosedPipe,
}

impl Failure {
    fn new(words: impl Display) -> Self {
        Self::Words(words.to_string())
    }
}

impl From<String> for Failure {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<SnapshotError> for Failure {
    fn from(why: SnapshotError) -> Self {
        Self::new(why)
    }
}

type Outcome = Result<Exit, Failure>;

/// Libraries whose warnings our own errors repeat in better words.
#[cfg(feature = "aws")]
const QUIET_AT_FIRST: &str = crate::collect::aws::QUIET;
#[cfg(not(feature = "aws"))]
const QUIET_AT_FIRST: &str = "";

/// Runs the tool on the arguments of the process.
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to stdout and mistakes to stderr, each with its own colour choice.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Holds };
        }
    };
    output::choose_colour(cli.color);
    let filter = match cli.verbose {
        0 => format!("warn{QUIET_AT_FIRST}"),
        1 => "portcullis=info,warn".to_owned(),
        _ => "portcullis=debug,info".to_owned(),
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
    match dispatch(cli.command) {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Holds,
        Err(Failure::Words(words)) => {
            output::error(&words);
            Exit::Usage
        }
        Err(Failure::Files(diagnostics)) => {
            output::diagnostics(&diagnostics);
            Exit::Usage
        }
    }
}

fn dispatch(command: Command) -> Outcome {
    match command {
        Command::Scan(args) => scan::run(args),
        Command::Collect(args) => collect::run(args),
        Command::Assess(args) => assess::run(args),
        Command::Gate(args) => gate::run(args),
        Command::Report(args) => report::run(args),
        Command::Check(args) => check::run(args.command),
        Command::Framework(args) => framework::run(args.command),
        Command::Explain(args) => explain::run(args),
        Command::Inventory(args) => inventory::run(args.command),
        Command::Network(args) => network::run(args.command),
        Command::Iam(args) => iam::run(args.command),
        Command::Permissions(args) => permissions::run(args),
        Command::Schema(args) => generate::schema(&args),
        Command::Init(args) => init::run(args),
        Command::Completions(args) => generate::completions(&args),
        Command::Man(args) => generate::man(&args),
    }
}
