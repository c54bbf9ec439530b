//! A check file as it is written.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::clock::Time;
use crate::finding::Severity;
use crate::yaml::Spanned;

/// One declarative rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Check")]
pub(super) struct RawCheck {
    /// The version of the format: 1.
    pub version: Spanned<u32>,
    /// Kebab-case `<service>-<resource>-<assertion>`, equal to the file's name.
    pub id: Spanned<String>,
    /// The condition it wants, in one line.
    pub title: Spanned<String>,
    /// How bad it is when broken.
    pub severity: Severity,
    /// The resource type it judges, such as `aws.ec2.security_group`.
    pub resource: Spanned<String>,
    /// What an organisation may tune.
    #[serde(default)]
    pub params: IndexMap<String, RawParam>,
    /// Where it applies (bool); where false, the outcome is *not applicable*. Never a predicate that turns failures
    /// into silence.
    #[serde(default)]
    pub when: Option<Spanned<String>>,
    /// The offending parts (list); none means pass. Exactly one of `offenders` and `assert` is given.
    #[serde(default)]
    pub offenders: Option<Spanned<String>>,
    /// The condition (bool); false means that the resource itself offends.
    #[serde(default)]
    pub assert: Option<Spanned<String>>,
    /// What is said of each offender, with `{{ expressions }}` over `offender`, `self` and `params`.
    pub message: Spanned<String>,
    /// What is verified, and what an attacker does with it.
    pub why: Spanned<String>,
    /// How an auditor sees the same with the vendor's own tools.
    pub audit: Spanned<String>,
    /// How it is mended.
    pub remediation: RawRemediation,
    /// Ids of the controls it is evidence for, by standard.
    #[serde(default)]
    pub controls: BTreeMap<String, Vec<Spanned<String>>>,
    /// Replaces the built-in check of the same id.
    #[serde(default)]
    pub overrides: bool,
    /// Its own test cases: at least one that passes and one that fails.
    #[serde(default)]
    pub cases: Vec<RawCase>,
}

/// Something an organisation may tune.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Param")]
pub(super) struct RawParam {
    /// `bool`, `int`, `float`, `string`, `time`, `prefix`, `list(…)`, `map(…)`.
    #[serde(rename = "type")]
    pub ty: Spanned<String>,
    /// The value without any framework.
    pub default: Spanned<Value>,
    /// What it means.
    pub doc: String,
}

/// How it is mended, by the tool one prefers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Remediation")]
pub(super) struct RawRemediation {
    /// In the web console.
    pub console: String,
    /// With the AWS CLI.
    pub cli: String,
    /// In Terraform.
    pub terraform: String,
}

/// One test case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Case")]
pub(super) struct RawCase {
    /// What it shows.
    pub name: Spanned<String>,
    /// The judged resource: envelope and attributes side by side; what is left out is unknown. Policy documents may be
    /// written as IAM writes them.
    pub given: Spanned<Value>,
    /// Other resources, each with its `type`.
    #[serde(default)]
    pub related: Vec<Spanned<Value>>,
    /// Resource types that were not collected; all others were, completely.
    #[serde(default)]
    pub gaps: Vec<Spanned<String>>,
    /// Parameters other than the defaults.
    #[serde(default)]
    pub params: BTreeMap<String, Spanned<Value>>,
    /// The clock; 2026-01-01T00:00:00Z when left out.
    #[serde(default)]
    pub at: Option<Time>,
    /// What must come out.
    pub expect: Expect,
}

/// What must come out of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The check holds.
    Pass,
    /// The check is broken.
    Fail,
    /// Nobody can say.
    Unknown,
    /// The check does not apply.
    NotApplicable,
}

/// The JSON Schema of check files.
pub fn schema() -> Value {
    schemars::schema_for!(RawCheck).to_value()
}
