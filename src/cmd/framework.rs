//! `framework list|show`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Failure, Outcome, load, output};
use crate::cli::FrameworkCommand;
use crate::config::{Config, FrameworkRef};
use crate::diag::Diagnostics;
use crate::exit::Exit;
use crate::framework::{Control, Library, ResolvedFramework};
use crate::report::text::clean_lines;
use crate::standards;

pub(super) fn run(command: FrameworkCommand) -> Outcome {
    match command {
        FrameworkCommand::List => list(),
        FrameworkCommand::Show { id, overlays } => show(&id, overlays),
    }
}

fn list() -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let library = Library::load(&standards::framework_files(), &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::Files(diagnostics));
    }
    let mut text = String::new();
    for (id, title, _) in library.list() {
        let resolved = library.resolve(id, &mut diagnostics);
        let count = resolved.map_or(0, |framework| framework.controls().count());
        let _ = writeln!(text, "{id:<32} {count:>4} controls  {title}");
    }
    output::print(&text)?;
    Ok(Exit::Holds)
}

fn show(id: &str, overlays: Vec<PathBuf>) -> Outcome {
    let frameworks = vec![FrameworkRef::new(id, Path::new(""))];
    let config = Config { frameworks, overlays, ..Config::default() };
    for framework in load::frameworks(&config)? {
        output::print(&embolden(&clean_lines(&describe(&framework))))?;
    }
    Ok(Exit::Holds)
}

/// Marks the headings, once nothing in the text can be taken for a terminal's control characters any more.
fn embolden(text: &str) -> String {
    let bold = anstyle::Style::new().bold();
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with(' ') || line.is_empty() {
            out.push_str(line);
        } else {
            let _ = write!(out, "{bold}{line}{bold:#}");
        }
        out.push('\n');
    }
    out
}

/// The framework as text: headings begin at the margin, everything else is indented.
fn describe(framework: &ResolvedFramework) -> String {
    let mut text = format!("{} {}\n  {}\n", framework.id, framework.version, framework.title);
    for section in &framework.sections {
        let _ = writeln!(text, "\n{}  {}", section.id, section.title);
        for control in &section.controls {
            let _ =
                writeln!(text, "  {:<14} {:<9} {}", control.id, control.severity, control.title);
            for line in evidence(control) {
                let _ = writeln!(text, "  {:<24} {line}", "");
            }
        }
    }
    let _ = writeln!(text, "\nParameters");
    for (name, value) in &framework.values {
        let _ =
            writeln!(text, "  {name} = {}  ({})", value.everywhere.value, value.everywhere.origin);
        for (scope, scoped) in &value.scoped {
            let _ = writeln!(text, "    {}: {}  ({})", scope.words(), scoped.value, scoped.origin);
        }
    }
    text
}

/// What a control rests on, a line each.
pub(super) fn evidence(control: &Control) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(out) = &control.out_of_scope {
        lines.push(format!("not in scope: {}", out.words));
    }
    if !control.checks.is_empty() {
        lines.push(format!("checks: {}", control.checks.join(", ")));
    }
    lines.extend(control.builtin.iter().map(|builtin| format!("built in: {}", builtin.word())));
    lines.extend(control.import.iter().map(|import| format!("result of: {}", import.framework)));
    lines.extend(
        control.attestation.iter().map(|need| {
            format!("attestation: {}, at most {} days old", need.what, need.fresh_days)
        }),
    );
    lines.extend(
        control
            .exercises
            .iter()
            .map(|need| format!("exercise: {}, at most {} days old", need.what, need.fresh_days)),
    );
    lines.extend(control.gap.iter().map(|reason| format!("gap: {reason}")));
    lines
}
