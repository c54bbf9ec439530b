//! Frameworks: an organisation's rules as sections of controls, each with what evidences it; and overlays, by which an
//! organisation fits a framework to itself.
//!
//! A framework's `parameters` reach checks by name: a control's `params` names framework parameters, and each of the
//! control's checks that declares a parameter of the same name receives the framework's value in place of its own
//! default. Values remember where they came from.
//!
//! Nothing is judged here; `posture` does that. Readiness checklists are frameworks of kind `readiness`: their items
//! are controls whose evidence falls into an automatic, a documented and an exercised half.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attestation::ExerciseKind;
use crate::finding::Severity;

mod library;
mod lower;
mod param;
mod raw;
mod resolve;
mod settings;

pub use library::Library;
pub use param::{ParamType, Parameter, Tighten};
pub use settings::{CheckSetting, CheckSettings, ParamSetting, Scope, Scoped};

/// The JSON Schema of framework files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(raw::RawFramework).to_value()
}

/// The JSON Schema of overlay files.
pub fn overlay_schema() -> serde_json::Value {
    schemars::schema_for!(raw::RawOverlay).to_value()
}

/// What a framework is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FrameworkKind {
    /// Rules for the infrastructure and its operation.
    #[default]
    Policy,
    /// A checklist of what must be ready before an incident.
    Readiness,
}

/// Who a control is for.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Everyone.
    #[default]
    Core,
    /// Organisations that go further.
    Extended,
}

/// How a control is evidenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// From the inventory alone.
    Auto,
    /// From the inventory and from records.
    Mixed,
    /// From records alone.
    Attest,
}

impl Assurance {
    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Mixed => "mixed",
            Self::Attest => "attest",
        }
    }
}

/// Evidence that the tool computes from the assessment and the records themselves.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Builtin {
    /// Every waiver is well formed and in force, or not yet in force.
    Waivers,
    /// Every cell of the inventory was collected completely, the accounts and regions of the parameters
    /// `scope_accounts` and `scope_regions` are there, and it is no older than `max_inventory_age_hours`.
    Coverage,
    /// No action of an exercise or incident is open past its due date.
    OverdueActions,
    /// Closed incidents carry a cause, lessons and who approved the closure.
    IncidentRecords,
}

impl Builtin {
    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waivers => "waivers",
            Self::Coverage => "coverage",
            Self::OverdueActions => "overdue-actions",
            Self::IncidentRecords => "incident-records",
        }
    }
}

/// A framework with its overlays applied: what is judged.
#[derive(Debug, Clone)]
pub struct ResolvedFramework {
    /// The framework's id.
    pub id: String,
    /// The title, the outermost overlay's where it gives one.
    pub title: String,
    /// The framework's version and those of the overlays, such as `1.0.0 with acme 3`.
    pub version: String,
    /// Rules or a checklist.
    pub kind: FrameworkKind,
    /// What it is for.
    pub about: String,
    /// The sections, in the order of reports.
    pub sections: Vec<Section>,
    /// The parameters' declarations.
    pub parameters: BTreeMap<String, Parameter>,
    /// The parameters' values, everywhere and in scopes.
    pub values: BTreeMap<String, ParamSetting>,
    /// Overlays' decisions on single checks.
    pub check_decisions: BTreeMap<String, CheckDecision>,
    /// The files it was read from, with the SHA-256 of each.
    pub sources: Vec<(String, String)>,
}

impl ResolvedFramework {
    /// All controls, in the order of reports, each with its section.
    pub fn controls(&self) -> impl Iterator<Item = (&Section, &Control)> {
        self.sections.iter().flat_map(|section| section.controls.iter().map(move |c| (section, c)))
    }

    /// The control of an id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls().map(|(_, control)| control).find(|control| control.id == id)
    }

    /// The value of a parameter outside all scopes.
    pub fn value(&self, parameter: &str) -> Option<&serde_json::Value> {
        self.values.get(parameter).map(|setting| &setting.everywhere.value)
    }

    /// Whether waivers beside what they accept count for nothing: the parameter `inline_waivers`, set to false.
    pub fn forbids_inline_waivers(&self) -> bool {
        self.value("inline_waivers").and_then(serde_json::Value::as_bool) == Some(false)
    }

    /// How long waivers may run, in days by severity: the parameter `waiver_max_days`, where the framework has it.
    pub fn waiver_terms(&self) -> Option<crate::waiver::Terms> {
        let days = self.value("waiver_max_days")?;
        let of = |severity: Severity| days.get(severity.word()).and_then(serde_json::Value::as_i64);
        let standard = crate::waiver::Terms::default();
        Some(crate::waiver::Terms {
            critical: of(Severity::Critical).unwrap_or(standard.critical),
            high: of(Severity::High).unwrap_or(standard.high),
            medium: of(Severity::Medium).unwrap_or(standard.medium),
            low: of(Severity::Low).unwrap_or(standard.low),
        })
    }
}

/// A group of controls.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// A factor on the weight of its controls.
    pub weight: f64,
    /// Its controls, in the order of reports.
    pub controls: Vec<Control>,
}

/// One control, or one item of a checklist.
#[derive(Debug, Clone)]
pub struct Control {
    /// Its id.
    pub id: String,
    /// Its title, or the question.
    pub title: String,
    /// Its severity, after overlays.
    pub severity: Severity,
    /// Whom it is for.
    pub tier: Tier,
    /// How it is evidenced.
    pub assurance: Assurance,
    /// What its checks go through, in words.
    pub population: String,
    /// A factor on the weight of its severity.
    pub weight: f64,
    /// Checks that must all pass, each once.
    pub checks: Vec<String>,
    /// Evidence that the tool computes.
    pub builtin: Vec<Builtin>,
    /// Another framework's state.
    pub import: Option<Import>,
    /// What a person must attest.
    pub attestation: Option<AttestationNeed>,
    /// Exercises that must have been held.
    pub exercises: Vec<ExerciseNeed>,
    /// What nothing evidences yet, and why.
    pub gap: Option<String>,
    /// The framework parameters that its evidence uses.
    pub params: Vec<String>,
    /// Ids of other standards' controls, by standard.
    pub maps: BTreeMap<String, Vec<String>>,
    /// Why it does not apply, where an overlay says so.
    pub out_of_scope: Option<OutOfScope>,
    /// What overlays changed about it, in words.
    pub tailored: Vec<String>,
}

impl Control {
    /// Whether only a gap stands under it.
    pub fn is_gap(&self) -> bool {
        self.gap.is_some()
            && self.checks.is_empty()
            && self.builtin.is_empty()
            && self.import.is_none()
            && self.attestation.is_none()
            && self.exercises.is_empty()
    }
}

/// A decision that a control does not apply.
#[derive(Debug, Clone)]
pub struct OutOfScope {
    /// The reason, with the overlay and the people.
    pub words: String,
    /// The last day on which the decision holds; without one it holds as long as the overlay says so.
    pub review_by: Option<jiff::civil::Date>,
}

/// Evidence by the state of another framework's critical controls.
#[derive(Debug, Clone)]
pub struct Import {
    /// The framework.
    pub framework: String,
    /// The sections that count; all when empty.
    pub sections: Vec<String>,
    /// The coverage, in percent, under which the result is unknown.
    pub coverage_min: f64,
}

/// What a person must attest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationNeed {
    /// What the statement must cover.
    pub what: String,
    /// After how many days it lapses.
    pub fresh_days: u32,
    /// Whether the record must name a document with its digest.
    pub document: bool,
}

/// An exercise that must have been held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExerciseNeed {
    /// What it must show.
    pub what: String,
    /// The kinds of which any will do.
    pub kinds: Vec<ExerciseKind>,
    /// After how many days it lapses.
    pub fresh_days: u32,
    /// Whether its scope must name every account of the inventory.
    pub every_account: bool,
    /// Whether the record must name a report with its digest.
    pub report: bool,
}

/// An overlay's decision on one check.
#[derive(Debug, Clone)]
pub struct CheckDecision {
    /// Another severity.
    pub severity: Option<Severity>,
    /// Whether it is not to run.
    pub disabled: bool,
    /// Why, with the overlay and the people.
    pub words: String,
}
