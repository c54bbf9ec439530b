//! The pre-deployment gate: plans, templates, what they lead to, and what is said of it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures are printed, and what is skipped"
)]

mod as_plan;
mod cfn;
mod command;
mod parts;
mod plans;
mod planted;
mod same_world;
mod unknowns;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use portcullis::analyze::environment::Environments;
use portcullis::assess::{Inventory, InventorySummary, Plan, assess_in_memory};
use portcullis::check::Suite;
use portcullis::diag::Diagnostics;
use portcullis::finding::Outcome;
use portcullis::gate::overlay::World;
use portcullis::waiver::Waivers;

/// What checks said: by check and by what the caller calls the resource; what passed or does not apply is missing.
type Said = BTreeMap<(String, String), (Outcome, String)>;

/// Judges a world by the whole suite. `name` gives what to call a resource, by type, account, region and id.
fn said(world: World, name: impl Fn(&str, &str, &str, &str) -> Option<String>) -> Said {
    static SUITE: LazyLock<Suite> = LazyLock::new(|| Suite::builtin(&mut Diagnostics::default()));
    let (environments, waivers) = (Environments::default(), Waivers::default());
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let plan = Plan::defaults(&SUITE, &environments, &waivers, now).unwrap();
    let inventory = Inventory {
        summary: InventorySummary::default(),
        resources: world.resources,
        coverage: world.coverage,
        doubted: &BTreeMap::new(),
    };
    let (assessment, _) = assess_in_memory(&plan, inventory);
    let mut out = Said::new();
    for finding in &assessment.findings {
        let s = &finding.subject;
        let Some(who) = name(&s.kind, s.account.as_str(), s.region.as_str(), &s.id) else {
            continue;
        };
        let entry = out.entry((finding.check.clone(), who)).or_insert((
            finding.outcome,
            finding.cause.clone().unwrap_or_else(|| finding.message.clone()),
        ));
        // Fail stands before unknown in the order of outcomes.
        if finding.outcome < entry.0 {
            *entry = (finding.outcome, finding.message.clone());
        }
    }
    out
}

/// What stands at a path in the oracles; nothing, loudly, where they are not at hand.
fn oracle(path: &str) -> Option<PathBuf> {
    let root = std::env::var("PORTCULLIS_ORACLES").unwrap_or_else(|_| "../shared/oracles".into());
    let found = PathBuf::from(root).join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("SKIPPED: {} is not there; set PORTCULLIS_ORACLES", found.display());
    None
}

/// The files of a folder of the oracles, sorted.
fn oracle_files(folder: &str) -> Option<Vec<PathBuf>> {
    let entries = std::fs::read_dir(oracle(folder)?).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    Some(files)
}
