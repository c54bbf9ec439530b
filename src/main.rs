//! The command line tool; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis::cmd::run().into()
}
