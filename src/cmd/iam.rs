//! `portcullis iam …`: questions about permissions.

mod cases;

use super::{Failure, Outcome};
use crate::cli::IamCommand;

pub(super) fn run(command: IamCommand) -> Outcome {
    match command {
        IamCommand::Simulate(args) => match &args.cases {
            Some(cases) => cases::run(cases, &args.output),
            None => Err(Failure::new("not yet")),
        },
    }
}
