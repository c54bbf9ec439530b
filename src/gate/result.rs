//! What a gate says. Every report of a gate is a function of this.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assess::WaiverUse;
use crate::clock::Time;
use crate::finding::{Finding, Outcome, Severity, Tally};
use crate::model::change::{Action, Reading};

/// What a change does to the findings of an inventory, and what follows from that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateReport {
    /// The clock of the run.
    pub at: Time,
    /// What wrote it, with its version.
    pub tool: String,
    /// The plan or template, as given.
    pub input: String,
    /// What the input is compared with, in words: the inventory, the state the plan knows, a baseline file, another plan.
    pub compared_with: String,
    /// How much of the input was understood.
    pub reading: Reading,
    /// How many things of the input have each action.
    pub actions: BTreeMap<Action, u64>,
    /// Every finding of either side, worst and newest first.
    pub findings: Vec<GateFinding>,
    /// How many evaluations had each outcome before and after, over all checks.
    pub tally_before: Tally,
    /// The same after.
    pub tally_after: Tally,
    /// Where the input believes the world to be otherwise than the inventory shows it, or says so itself.
    pub drift: Vec<Drift>,
    /// The scores of each framework before and after; empty when none was asked for.
    pub scores: Vec<ScoreChange>,
    /// Every waiver, and what became of it.
    pub waivers: Vec<WaiverUse>,
    /// Fingerprints of the baseline that nothing answers to any more.
    pub stale_baseline: Vec<String>,
    /// What else is to be said.
    pub notes: Vec<String>,
    /// What follows.
    pub decision: Decision,
}

/// What a change does to a finding.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It fails after the change and did not before.
    Added,
    /// Nobody can say any more, or yet.
    MadeUnknown,
    /// It fails before and after.
    Unchanged,
    /// Nobody can say before and after.
    StillUnknown,
    /// It fails after the change, and a waiver accepts it.
    Waived,
    /// It failed before and does not any more.
    Fixed,
}

impl Class {
    /// The words people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::MadeUnknown => "made unknown",
            Self::Unchanged => "unchanged",
            Self::StillUnknown => "still unknown",
            Self::Waived => "waived",
            Self::Fixed => "fixed",
        }
    }
}

/// A finding, and what the change does to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateFinding {
    /// What the change does to it.
    pub class: Class,
    /// The finding: as it is after the change, or before it when it is fixed.
    #[serde(flatten)]
    pub finding: Finding,
    /// What its subject's outcome was before; nothing when the subject is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Outcome>,
    /// The addresses of the things in the input that state its subject, that of the subject itself first; empty when the
    /// input does not name it, and the change reaches it from afar.
    pub addresses: Vec<String>,
    /// What happens to the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Where that stands in the given sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// A change of the sources that makes it pass; nothing unless it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// A place in the sources of an input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The file, relative to the folder of sources, with forward slashes.
    pub file: String,
    /// The first line of the block, from 1.
    pub line: u64,
    /// Its last line.
    pub end_line: u64,
}

/// A change of the sources that was tried and makes a finding go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// What to change, in one line.
    pub summary: String,
    /// `hcl`, `yaml` or `json`.
    pub language: String,
    /// The lines to write.
    pub text: String,
}

/// A difference between what the input believes and what is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// The address in the input.
    pub address: String,
    /// The attributes that differ; empty when the thing is gone.
    pub attributes: Vec<String>,
    /// Who says so, and what.
    pub words: String,
}

/// The score of a framework before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreChange {
    /// The framework.
    pub framework: String,
    /// Its title.
    pub title: String,
    /// The net score before; nothing when it is not rated.
    pub before: Option<f64>,
    /// The net score after.
    pub after: Option<f64>,
}

/// What follows from a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The exit code: 0 the gate is open, 1 closed by findings, 2 the input is wrong, 3 evidence is incomplete.
    pub exit_code: u8,
    /// Why it is not 0, or would not be were it not for warn-only mode; empty when the gate is open.
    pub reasons: Vec<Reason>,
    /// Whether thresholds only warn.
    pub warn_only: bool,
}

/// A threshold that was crossed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The threshold, as it is written: `added:high`, `score-drop:5`, `unknown:critical`.
    pub threshold: String,
    /// Why it was crossed, in words.
    pub words: String,
    /// The worst severity among what crossed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

impl GateReport {
    /// The findings of a class, in the order of the report.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &GateFinding> {
        self.findings.iter().filter(move |finding| finding.class == class)
    }

    /// How many findings of a class there are of each severity.
    pub fn count(&self, class: Class) -> BTreeMap<Severity, usize> {
        let mut counts = BTreeMap::new();
        for finding in self.of(class) {
            *counts.entry(finding.finding.severity).or_default() += 1;
        }
        counts
    }
}
