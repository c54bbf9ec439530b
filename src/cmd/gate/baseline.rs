//! `gate baseline`: the file of findings that are known.

use std::path::Path;

use super::{configuration, judgement, policy, today};
use crate::cli::{GateBaseline, GateDecision, GateInput};
use crate::cmd::{Failure, Outcome, load, output};
use crate::config::Config;
use crate::diag::Diagnostics;
use crate::exit::Exit;
use crate::gate::{Baseline, GateReport};

pub(super) fn run(command: GateBaseline) -> Outcome {
    match command {
        GateBaseline::Create { input, out, reason } => {
            if out.exists() {
                let words = format!(
                    "{} is there already; `gate baseline update` brings it up to date",
                    out.display()
                );
                return Err(Failure::new(words));
            }
            let (config, report) = judged(&input)?;
            let made = Baseline::default();
            let made = made.updated(&report.findings, today(&config), reason.as_deref());
            write(&out, &made)
        }
        GateBaseline::Update { input, reason } => {
            let (config, report) = judged(&input)?;
            let path = named(&config)?;
            let have = read(path)?;
            write(path, &have.updated(&report.findings, today(&config), reason.as_deref()))
        }
        GateBaseline::Prune { input } => {
            let (config, report) = judged(&input)?;
            let path = named(&config)?;
            write(path, &read(path)?.pruned(&report.stale_baseline))
        }
    }
}

/// Judges an input, and refuses to make a baseline of one that is wrong or shows nothing.
fn judged(input: &GateInput) -> Result<(Config, GateReport), Failure> {
    let config = configuration(input)?;
    let mut policy = policy(&config, &GateDecision::default())?;
    policy.warn_only = true;
    let report = judgement(input, None, &config, &policy)?.report;
    if report.decision.exit_code == 0 {
        return Ok((config, report));
    }
    let reasons: Vec<&str> =
        report.decision.reasons.iter().map(|reason| reason.words.as_str()).collect();
    Err(Failure::new(format!("no baseline is made of this: {}", reasons.join("; "))))
}

fn named(config: &Config) -> Result<&Path, Failure> {
    let path = config.gate.baseline.as_deref();
    path.ok_or_else(|| Failure::new("name the file with --baseline"))
}

fn write(path: &Path, baseline: &Baseline) -> Outcome {
    output::write_file(path, baseline.write().as_bytes())?;
    output::note(&format!("{}: {} findings are known", path.display(), baseline.entries().len()));
    Ok(Exit::Holds)
}

/// Reads a baseline file.
pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
    let mut diagnostics = Diagnostics::default();
    let files = load::yaml_files(&[path.to_owned()], &mut diagnostics)?;
    let read = files.first().and_then(|file| Baseline::read(file, &mut diagnostics));
    match read {
        Some(baseline) if !diagnostics.has_errors() => Ok(baseline),
        _ => Err(Failure::Files(diagnostics)),
    }
}
