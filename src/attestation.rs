//! What people state and what they practised: attestations, exercises and incidents, dated, approved, and lapsing.
//!
//! A record that breaks the rules (its owner approved it, it is dated in the future, it runs longer than the framework
//! allows, it names a control that does not exist) is *refused*: it counts as nothing, and the reason is reported. A
//! record is never a reason to stop a run. Reading the documents that records name is not done here: the digests of
//! those files are an argument.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::SourceFile;
use crate::yaml;

mod judge;
mod raw;

pub use judge::{Judgement, Standing, Subject};

/// The JSON Schema of files with attestations, exercises and incidents.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(raw::RawRecords).to_value()
}

/// Whether two names are one person, however they are written.
pub fn is_same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// What an attestation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It holds.
    Yes,
    /// Part of it holds.
    Partial,
    /// It does not hold.
    No,
    /// It does not concern us; with a reason.
    NotApplicable,
}

/// The kinds of exercise.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ExerciseKind {
    /// Roles assumed in the accounts, as responders would.
    AccessDrill,
    /// An alert raised and acknowledged.
    AlertTest,
    /// An audit of APIs.
    ApiAudit,
    /// A security test of APIs.
    ApiTest,
    /// Emergency access used.
    BreakglassDrill,
    /// Notices or statements prepared against the clock.
    CommunicationRehearsal,
    /// A channel or contact tried: a mailbox, a reporting channel, an out-of-band call.
    ContactTest,
    /// A host, a credential, a store or a function isolated.
    ContainmentDrill,
    /// Detections provoked and observed.
    DetectionTest,
    /// People paged along the escalation path.
    EscalationTest,
    /// Evidence copied, hashed and verified.
    EvidenceDrill,
    /// A real incident.
    Incident,
    /// The integrity of logs verified on a sample.
    LogValidation,
    /// A penetration test.
    Pentest,
    /// A playbook walked through.
    PlaybookWalkthrough,
    /// A server rebuilt from a trusted image.
    RebuildDrill,
    /// Data restored from a backup and verified.
    RestoreTest,
    /// A technical simulation of an attack.
    Simulation,
    /// A discussion of a scenario.
    Tabletop,
    /// Investigation tools used.
    ToolDrill,
}

impl ExerciseKind {
    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::AccessDrill => "access-drill",
            Self::AlertTest => "alert-test",
            Self::ApiAudit => "api-audit",
            Self::ApiTest => "api-test",
            Self::BreakglassDrill => "breakglass-drill",
            Self::CommunicationRehearsal => "communication-rehearsal",
            Self::ContactTest => "contact-test",
            Self::ContainmentDrill => "containment-drill",
            Self::DetectionTest => "detection-test",
            Self::EscalationTest => "escalation-test",
            Self::EvidenceDrill => "evidence-drill",
            Self::Incident => "incident",
            Self::LogValidation => "log-validation",
            Self::Pentest => "pentest",
            Self::PlaybookWalkthrough => "playbook-walkthrough",
            Self::RebuildDrill => "rebuild-drill",
            Self::RestoreTest => "restore-test",
            Self::Simulation => "simulation",
            Self::Tabletop => "tabletop",
            Self::ToolDrill => "tool-drill",
        }
    }
}

/// A person's dated statement.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// Its id.
    pub id: String,
    /// The controls and items it speaks of.
    pub items: Vec<String>,
    /// What it says of them.
    pub answer: Answer,
    /// The statement.
    pub statement: String,
    /// Why, when the answer is that they do not apply.
    pub reason: Option<String>,
    /// Who states it.
    pub owner: String,
    /// Who approved it.
    pub approved_by: String,
    /// When it was last reviewed.
    pub reviewed_on: Date,
    /// The last day on which it holds, where it ends earlier than the framework lets it.
    pub expires_on: Option<Date>,
    /// The document it rests on.
    pub document: Option<Document>,
}

/// A document that a record rests on.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Where it is, as written.
    pub uri: String,
    /// The path of the file, when it is one: the record's folder joined with the URI.
    pub path: Option<String>,
    /// The SHA-256 it had when the record was made, in lower-case hexadecimal.
    pub sha256: Option<String>,
}

/// A dated record of a drill, a test or an incident.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: ExerciseKind,
    /// The controls and items it speaks for.
    pub items: Vec<String>,
    /// When it was held; of incidents, when it was closed, or opened while it is not.
    pub held_on: Date,
    /// The accounts it took in.
    pub accounts: Vec<String>,
    /// How many people took part.
    pub participants: usize,
    /// How many objectives it had.
    pub objectives: usize,
    /// The objectives that were not met.
    pub unmet: Vec<String>,
    /// What is to be done because of it.
    pub actions: Vec<Action>,
    /// Its report.
    pub report: Option<Document>,
    /// Who approved the record.
    pub approved_by: Option<String>,
    /// Of incidents: whether it is closed, and what the closed record lacks.
    pub closure: Option<Closure>,
}

/// Something to be done because of an exercise or incident.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its id within the record.
    pub id: String,
    /// Who does it.
    pub owner: String,
    /// The last day on which it is in time.
    pub due: Date,
    /// Whether it is done.
    pub closed: bool,
}

/// How an incident's record stands.
#[derive(Debug, Clone)]
pub struct Closure {
    /// Whether it is closed.
    pub closed: bool,
    /// What a closed record must have and this lacks.
    pub missing: Vec<&'static str>,
}

/// All records of an organisation.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The attestations, by id.
    pub attestations: Vec<Attestation>,
    /// The exercises and incidents, by id.
    pub exercises: Vec<Exercise>,
    /// The digest of each document, or why there is none.
    digests: BTreeMap<String, Result<String, String>>,
}

impl Records {
    /// Reads record files. Texts that are no records are diagnostics; records that break the rules are kept, and
    /// refused when they are judged.
    pub fn load(files: &[SourceFile], diagnostics: &mut Diagnostics) -> Self {
        let mut records = Self::default();
        let mut ids = BTreeSet::new();
        for file in files {
            let Some(raw) = yaml::read::<raw::RawRecords>(file, diagnostics) else { continue };
            if raw.version.value != 1 {
                let message = format!("format version {} is not known", raw.version.value);
                diagnostics.push(
                    Diagnostic::error("attestation/format-version", message)
                        .at(file, raw.version.range.clone())
                        .help("this release reads version 1"),
                );
                continue;
            }
            for id in raw.ids() {
                if !ids.insert(id.value.clone()) {
                    let message = format!("there is another record `{}`", id.value);
                    diagnostics.push(
                        Diagnostic::error("attestation/duplicate-id", message)
                            .at(file, id.range.clone()),
                    );
                }
            }
            raw.lower(file, &mut records);
        }
        records.attestations.sort_by(|a, b| a.id.cmp(&b.id));
        records.exercises.sort_by(|a, b| a.id.cmp(&b.id));
        records
    }

    /// The files that records name, for the caller to hash.
    pub fn documents(&self) -> BTreeSet<&str> {
        let documents = self.attestations.iter().filter_map(|a| a.document.as_ref());
        let reports = self.exercises.iter().filter_map(|e| e.report.as_ref());
        documents.chain(reports).filter_map(|d| d.path.as_deref()).collect()
    }

    /// With the SHA-256 of each of [`Self::documents`] in lower-case hexadecimal, or why it could not be read.
    #[must_use]
    pub fn with_digests(mut self, digests: BTreeMap<String, Result<String, String>>) -> Self {
        self.digests = digests;
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.attestations.is_empty() && self.exercises.is_empty()
    }
}
