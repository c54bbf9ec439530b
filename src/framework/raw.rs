//! The files of frameworks and overlays as people write them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::param::Tighten;
use super::{Assurance, Builtin, FrameworkKind, Tier};
use crate::attestation::ExerciseKind;
use crate::finding::Severity;
use crate::yaml::Spanned;

/// A framework: sections of controls, each with what evidences it, and the parameters an organisation may turn.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Portcullis framework")]
pub(super) struct RawFramework {
    /// The version of this file format: 1.
    pub(super) version: Spanned<u32>,
    /// The framework's id.
    pub(super) framework: Spanned<String>,
    /// The framework's own version, such as `1.0.0`.
    pub(super) release: Spanned<String>,
    /// Its title.
    pub(super) title: String,
    /// Whether it holds rules for the infrastructure or a readiness checklist.
    #[serde(default)]
    pub(super) kind: FrameworkKind,
    /// What it is for.
    #[serde(default)]
    pub(super) about: String,
    /// What an organisation may turn, by name.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, RawParameter>,
    /// The sections, in the order of reports.
    pub(super) sections: Vec<RawSection>,
}

/// A parameter that overlays may set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawParameter {
    /// `int`, `float`, `string`, `bool`, `list(T)` or `map(T)`.
    #[serde(rename = "type")]
    pub(super) kind: Spanned<String>,
    /// The value when no overlay sets it.
    pub(super) default: Spanned<Value>,
    /// The least number an overlay may set.
    #[serde(default)]
    pub(super) min: Option<f64>,
    /// The largest number an overlay may set.
    #[serde(default)]
    pub(super) max: Option<f64>,
    /// The direction in which it becomes stricter; the other direction needs a reason.
    #[serde(default)]
    pub(super) tighten: Option<Tighten>,
    /// Of texts that stand for a choice: every choice, loosest first.
    #[serde(default)]
    pub(super) levels: Vec<String>,
    /// What it means, with its unit.
    pub(super) doc: String,
}

/// A group of controls.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    /// Its id.
    pub(super) id: Spanned<String>,
    /// Its title; in an overlay's `add` it may be left out for a section that exists.
    #[serde(default)]
    pub(super) title: Option<String>,
    /// A factor on the weight of its controls; 1 unless given.
    #[serde(default)]
    pub(super) weight: Option<Spanned<f64>>,
    /// The controls, in the order of reports.
    pub(super) controls: Vec<RawControl>,
}

/// One control, or one item of a checklist.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawControl {
    /// Its id.
    pub(super) id: Spanned<String>,
    /// What holds when the control is met; of checklists, the question.
    pub(super) title: String,
    /// How bad it is when it does not hold.
    pub(super) severity: Severity,
    /// `core`, or `extended` for organisations that go further.
    #[serde(default)]
    pub(super) tier: Tier,
    /// How it is evidenced: from the inventory, from records, or from both.
    pub(super) assurance: Assurance,
    /// What the checks go through, in words.
    #[serde(default)]
    pub(super) population: String,
    /// Checks that must all pass.
    #[serde(default)]
    pub(super) checks: Vec<Spanned<String>>,
    /// Evidence that the tool itself computes.
    #[serde(default)]
    pub(super) builtin: Vec<Builtin>,
    /// Another framework's sections, whose critical controls must all hold.
    #[serde(default)]
    pub(super) posture: Option<RawImport>,
    /// What a person must attest.
    #[serde(default)]
    pub(super) attestation: Option<RawAttestationNeed>,
    /// Which exercises must have been held.
    #[serde(default)]
    pub(super) exercises: Vec<RawExerciseNeed>,
    /// Why the control, or the part of it that the evidence above does not reach, is evidenced by nothing yet.
    /// Counts as one thing unknown.
    #[serde(default)]
    pub(super) gap: Option<String>,
    /// The framework parameters that its evidence uses.
    #[serde(default)]
    pub(super) params: Vec<Spanned<String>>,
    /// Ids of other standards' controls, by standard.
    #[serde(default)]
    pub(super) maps: BTreeMap<String, Vec<String>>,
}

/// Evidence by the state of another framework.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImport {
    /// Its id.
    pub(super) framework: Spanned<String>,
    /// The sections that count; all when left out.
    #[serde(default)]
    pub(super) sections: Vec<String>,
    /// The coverage, in percent, under which the result is unknown; a number or a parameter's name.
    pub(super) coverage_min: RawNumber,
}

/// What a person must attest.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAttestationNeed {
    /// What the statement must cover, in words.
    pub(super) what: String,
    /// After how many days it lapses: a number, or the name of a parameter.
    pub(super) fresh_days: RawNumber,
    /// Whether the record must name a document with its digest.
    #[serde(default)]
    pub(super) document: bool,
}

/// An exercise that must have been held.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExerciseNeed {
    /// What it must show, in words.
    pub(super) what: String,
    /// The kinds of exercise, any of which will do.
    pub(super) kinds: Vec<ExerciseKind>,
    /// After how many days it lapses: a number, or the name of a parameter.
    pub(super) fresh_days: RawNumber,
    /// Whether its scope must name every account of the inventory.
    #[serde(default)]
    pub(super) every_account: bool,
    /// Whether the record must name a report with its digest.
    #[serde(default)]
    pub(super) report: bool,
}

/// A number, or the name of the parameter that holds it.
#[derive(Debug, Clone)]
pub(super) enum RawNumber {
    /// The number.
    Literal(u32),
    /// The parameter's name.
    Param(Spanned<String>),
}

impl<'de> Deserialize<'de> for RawNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read as text with its place, so that a misspelt parameter can be pointed at.
        let text = Spanned::<String>::deserialize(deserializer)?;
        Ok(text.value.parse().map_or_else(|_| Self::Param(text.clone()), Self::Literal))
    }
}

impl JsonSchema for RawNumber {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NumberOrParameter".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["integer", "string"]})
    }
}

/// An organisation's layer over a framework or over another overlay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Portcullis overlay")]
pub(super) struct RawOverlay {
    /// The version of this file format: 1.
    pub(super) version: Spanned<u32>,
    /// The overlay's id.
    pub(super) overlay: Spanned<String>,
    /// The overlay's own version.
    pub(super) release: Spanned<String>,
    /// The framework or overlay beneath.
    pub(super) extends: Spanned<String>,
    /// Its title, in place of the framework's.
    #[serde(default)]
    pub(super) title: Option<String>,
    /// Parameters set to the same or a stricter value, by name.
    #[serde(default)]
    pub(super) set: BTreeMap<String, Spanned<Value>>,
    /// Parameters set to a less strict value, with the reason.
    #[serde(default)]
    pub(super) loosen: Vec<RawLoosening>,
    /// Parameters for some accounts or environments only; of several that fit, the last holds.
    #[serde(default)]
    pub(super) scopes: Vec<RawScope>,
    /// Which tiers apply; all when left out.
    #[serde(default)]
    pub(super) tiers: Option<Vec<Tier>>,
    /// Decisions on single controls.
    #[serde(default)]
    pub(super) tailor: Vec<RawTailoring>,
    /// Decisions on single checks.
    #[serde(default)]
    pub(super) checks: Vec<RawCheckDecision>,
    /// Further evidence for controls, such as an attestation where no check exists.
    #[serde(default)]
    pub(super) evidence: Vec<RawExtraEvidence>,
    /// Further controls, in sections of the framework or new ones.
    #[serde(default)]
    pub(super) add: Vec<RawSection>,
}

/// A parameter set to a less strict value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLoosening {
    /// The parameter.
    pub(super) parameter: Spanned<String>,
    /// Its value.
    pub(super) value: Spanned<Value>,
    /// Why.
    pub(super) reason: Spanned<String>,
    /// Who answers for it.
    pub(super) owner: Spanned<String>,
    /// Who approved it; not the owner.
    pub(super) approved_by: Spanned<String>,
}

/// Parameters for some accounts or environments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScope {
    /// The accounts; any when left out.
    #[serde(default)]
    pub(super) accounts: Vec<Spanned<String>>,
    /// The environments; any when left out.
    #[serde(default)]
    pub(super) environments: Vec<Spanned<String>>,
    /// Parameters set to the same or a stricter value, by name.
    #[serde(default)]
    pub(super) set: BTreeMap<String, Spanned<Value>>,
    /// Parameters set to a less strict value, with the reason.
    #[serde(default)]
    pub(super) loosen: Vec<RawLoosening>,
}

/// A decision on one control.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTailoring {
    /// The control.
    pub(super) control: Spanned<String>,
    /// Whether it applies at all.
    #[serde(default)]
    pub(super) decision: Option<Decision>,
    /// Another severity.
    #[serde(default)]
    pub(super) severity: Option<Severity>,
    /// A factor on its weight.
    #[serde(default)]
    pub(super) weight: Option<Spanned<f64>>,
    /// Why; required when the control is left out or counts for less.
    #[serde(default)]
    pub(super) reason: Option<String>,
    /// Who answers for the decision.
    #[serde(default)]
    pub(super) owner: Option<String>,
    /// Who approved it; not the owner.
    #[serde(default)]
    pub(super) approved_by: Option<String>,
    /// The last day on which a decision to leave the control out holds.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) review_by: Option<jiff::civil::Date>,
}

/// Whether a control applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Decision {
    /// It does not concern this organisation.
    NotInScope,
    /// It does, whatever an overlay beneath says.
    InScope,
}

/// A decision on one check.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCheckDecision {
    /// The check.
    pub(super) check: Spanned<String>,
    /// Another severity.
    #[serde(default)]
    pub(super) severity: Option<Severity>,
    /// Whether it is not to run. Controls that rest on it become undetermined.
    #[serde(default)]
    pub(super) disabled: bool,
    /// Why.
    pub(super) reason: Spanned<String>,
    /// Who answers for the decision.
    pub(super) owner: Spanned<String>,
    /// Who approved it; not the owner.
    pub(super) approved_by: Spanned<String>,
}

/// Further evidence for a control.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExtraEvidence {
    /// The control.
    pub(super) control: Spanned<String>,
    /// Further checks.
    #[serde(default)]
    pub(super) checks: Vec<Spanned<String>>,
    /// What a person must attest.
    #[serde(default)]
    pub(super) attestation: Option<RawAttestationNeed>,
    /// Further exercises.
    #[serde(default)]
    pub(super) exercises: Vec<RawExerciseNeed>,
    /// Whether this evidence reaches all that the framework calls a gap, so that the gap is closed.
    #[serde(default)]
    pub(super) closes_gap: bool,
}
