//! What a posture says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assess::ParamUse;
use crate::finding::{Severity, Tally};

/// Where an organisation stands against its frameworks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Posture {
    /// Each framework: the organisation's rules first, the incident-response readiness checklist beside them.
    pub frameworks: Vec<FrameworkResult>,
    /// Defects of attestations, exercises and overlays that were refused, in words.
    pub refused_records: Vec<String>,
}

/// Where an organisation stands against one framework.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrameworkResult {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its version, with the overlays applied to it.
    pub version: String,
    /// The score over all its controls.
    pub score: Score,
    /// The same, restricted to each section, in the framework's order.
    pub sections: Vec<SectionResult>,
    /// Every control, in the framework's order.
    pub controls: Vec<ControlResult>,
}

/// One section of a framework.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionResult {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The score over its controls.
    pub score: Score,
    /// Of readiness checklists: the share of the items' documented halves that are met, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documented: Option<f64>,
    /// Of readiness checklists: the share of the automatic and exercised halves that are met, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proved: Option<f64>,
}

/// A score with everything one must know to read it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Whether there is enough evidence for a number at all; without it the numbers below are not to be shown.
    pub rated: bool,
    /// Why it is not rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_rated_because: Option<String>,
    /// Waived fails count as fails, 0 to 100.
    pub gross: f64,
    /// Waived fails count as passes, at most ten points above gross.
    pub net: f64,
    /// As net, if everything undetermined turned out well.
    pub best: f64,
    /// The share of the evidence that is there, by weight, 0 to 100.
    pub coverage: f64,
    /// A to F, from net.
    pub grade: String,
    /// The limits in force on net, hardest first.
    pub caps: Vec<Cap>,
    /// How many controls stand in each state.
    pub states: BTreeMap<ControlState, u64>,
}

/// A named limit on a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Its name, such as `critical control failing or undetermined`.
    pub name: String,
    /// The most the score can be.
    pub limit: f64,
    /// The controls that cause it.
    pub controls: Vec<String>,
}

/// The state of a control.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ControlState {
    /// Something fails.
    Failed,
    /// Nothing fails, and something is undetermined.
    Undetermined,
    /// Nothing checks it: the framework marks it as a gap. Counts as undetermined.
    Gap,
    /// Fails are all under valid waivers.
    Accepted,
    /// Everything passes.
    Satisfied,
    /// There is nothing it applies to, or the overlay says so with a reason.
    NotApplicable,
}

/// One control of a framework.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlResult {
    /// Its id.
    pub id: String,
    /// Its title, or the question of a checklist.
    pub title: String,
    /// The section it belongs to.
    pub section: String,
    /// Its severity, after overlays.
    pub severity: Severity,
    /// Its state.
    pub state: ControlState,
    /// The evaluations it rests on.
    pub tally: Tally,
    /// Points lost against full marks, weighted: what fixing it would gain at most.
    pub weight: f64,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Why, where the state needs a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The parameters in force, and where each came from.
    pub params: BTreeMap<String, ParamUse>,
    /// Ids of other standards' controls, by standard.
    pub maps: BTreeMap<String, Vec<String>>,
}

/// What a piece of evidence is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A check over the inventory.
    Check,
    /// A person's dated statement.
    Attestation,
    /// A dated record of a drill or test.
    Exercise,
    /// Another framework's or section's result.
    Posture,
}

/// One piece of evidence under a control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// The check's id, or the record's; empty when there is no record.
    pub id: String,
    /// What it contributes.
    pub tally: Tally,
    /// In words: owner, approver and dates of a record, or why it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
