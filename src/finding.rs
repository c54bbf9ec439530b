//! What is said about resources: outcomes, findings and their fingerprints.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ident::{AccountId, Region};
use crate::model::Resource;

/// How bad a broken check is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Hygiene.
    Low,
    /// Weakens a defence.
    Medium,
    /// Opens a way that an attacker is likely to use.
    High,
    /// Open to anyone, or ends in control of the account.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a check says of one resource.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something breaks the check.
    Fail,
    /// Nobody can say.
    Unknown,
    /// A fail under a valid waiver.
    Waived,
    /// The check says of itself that it does not apply.
    NotApplicable,
    /// Nothing breaks the check.
    Pass,
}

impl Outcome {
    /// The words people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
            Self::NotApplicable => "not applicable",
            Self::Pass => "pass",
        }
    }
}

/// How many resources had each outcome. One resource counts once per check, however many offenders it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Passing.
    pub pass: u64,
    /// Failing under a valid waiver.
    pub waived: u64,
    /// Failing.
    pub fail: u64,
    /// Undetermined, including one for each cell of the inventory that was not collected completely.
    pub unknown: u64,
    /// Not applicable; in no denominator.
    pub not_applicable: u64,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Waived => self.waived += 1,
            Outcome::Fail => self.fail += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
        }
    }

    /// The denominator: everything the check applies to.
    pub fn applicable(&self) -> u64 {
        self.pass + self.waived + self.fail + self.unknown
    }

    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            pass: self.pass + other.pass,
            waived: self.waived + other.waived,
            fail: self.fail + other.fail,
            unknown: self.unknown + other.unknown,
            not_applicable: self.not_applicable + other.not_applicable,
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The provider's id; `*` when the finding is about everything of the type in that place.
    pub id: String,
    /// The ARN, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The name people know it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The declared environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

impl Subject {
    /// A resource.
    pub fn of(resource: &Resource) -> Self {
        let meta = &resource.meta;
        Self {
            kind: resource.kind().name.to_owned(),
            account: meta.account.clone(),
            region: meta.region.clone(),
            id: meta.id.clone(),
            arn: meta.arn.clone(),
            name: meta.name.clone(),
            environment: meta.environment.known().cloned().flatten(),
        }
    }

    /// Everything of a type in a place.
    pub fn everything(kind: &str, account: &AccountId, region: &Region) -> Self {
        Self {
            kind: kind.to_owned(),
            account: account.clone(),
            region: region.clone(),
            id: "*".to_owned(),
            arn: None,
            name: None,
            environment: None,
        }
    }
}

/// A fail or an unknown, with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Stable across runs: see [`fingerprint`].
    pub fingerprint: String,
    /// The check.
    pub check: String,
    /// Fail, unknown or waived.
    pub outcome: Outcome,
    /// The severity in force, after overlays.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What identifies the offending part within the resource; empty when the whole resource offends.
    pub offender: String,
    /// What is wrong, in one line.
    pub message: String,
    /// The offending part and the facts it rests on, as the inventory holds them.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub witness: serde_json::Value,
    /// Why it is undetermined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The waiver that accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
}

impl Finding {
    /// The order of all output: worst first, then by check and subject.
    pub fn order(&self) -> impl Ord + '_ {
        let severity = std::cmp::Reverse(self.severity);
        (self.outcome, severity, &self.check, &self.subject, &self.offender, &self.fingerprint)
    }
}

/// What stays the same about a finding from run to run: check, resource and offender; no line numbers, no times.
pub fn fingerprint(check: &str, subject: &Subject, offender: &str) -> String {
    let mut hasher = Sha256::new();
    let parts = [
        check,
        &subject.kind,
        subject.account.as_str(),
        subject.region.as_str(),
        &subject.id,
        offender,
    ];
    for part in parts {
        // Lengths keep `a|b` apart from `ab|`.
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    crate::digest::hex(hasher.finalize().get(..16).unwrap_or_default())
}
