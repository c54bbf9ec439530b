//! Writes the snapshot of the example company: `cargo run --no-default-features --example generate_acme`.

#[path = "generate_acme/company.rs"]
mod company;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(company::PATH);
    let written = company::snapshot()
        .and_then(|bytes| std::fs::write(&path, bytes).map_err(|error| error.to_string()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            #[expect(clippy::print_stderr, reason = "this is where a person looks")]
            {
                eprintln!("{why}");
            }
            ExitCode::FAILURE
        }
    }
}
