//! Writing to the terminal.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};

use super::Failure;
use crate::cli::Colour;
use crate::diag::Diagnostics;

/// The width of text that goes into a file or pipe, and the least that anything is laid out for.
const WIDTH: usize = 100;
const WIDTH_MIN: usize = 60;
const WIDTH_MAX: usize = 160;

pub(super) fn choose_colour(colour: Colour) {
    match colour {
        // anstream looks at the terminal, NO_COLOR and CLICOLOR itself.
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::AlwaysAnsi,
        Colour::Never => ColorChoice::Never,
    }
    .write_global();
}

/// Writes to standard output, colours stripped where they are not wanted.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    finish(AutoStream::auto(io::stdout().lock()).write_all(text.as_bytes()))
}

/// Writes to standard output as it is.
pub(super) fn print_raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    finish(out.write_all(bytes).and_then(|()| out.flush()))
}

fn finish(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Ok(()) => Ok(()),
        // `portcullis … | head` is no mistake.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::ClosedPipe),
        Err(error) => Err(Failure::new(format!("standard output: {error}"))),
    }
}

/// The columns there are to write into.
pub(super) fn width() -> usize {
    let wide = io::stdout().is_terminal().then(terminal_columns).flatten();
    wide.unwrap_or(WIDTH).clamp(WIDTH_MIN, WIDTH_MAX)
}

fn terminal_columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// One error on standard error.
pub(super) fn error(words: &str) {
    let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let _ = writeln!(anstream::stderr(), "{bold}error:{bold:#} {}", printable(words));
}

/// One remark on standard error.
pub(super) fn note(words: &str) {
    let _ = writeln!(anstream::stderr(), "{}", printable(words));
}

/// Diagnostics on standard error, with a count at the end.
pub(super) fn diagnostics(list: &Diagnostics) {
    let _ = writeln!(anstream::stderr(), "{}\n", list.render(true));
    if list.len() > 1 {
        let _ = writeln!(anstream::stderr(), "{} problems", list.len());
    }
}

/// Messages carry names from outside; none of them may move the cursor.
fn printable(text: &str) -> String {
    crate::report::text::clean_lines(text).into_owned()
}

/// Writes a whole file, through a temporary one beside it: an interrupted run leaves the old file or the new one.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
        let _ = std::fs::remove_file(&part);
        failed(error)
    })
}
