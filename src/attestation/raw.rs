//! Record files as people write them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Action, Answer, Attestation, Closure, Document, Exercise, ExerciseKind, Records};
use crate::span::SourceFile;
use crate::yaml::Spanned;

/// What people state and what they practised.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Portcullis records")]
pub(super) struct RawRecords {
    /// The version of this file format: 1.
    pub(super) version: Spanned<u32>,
    /// Dated statements.
    #[serde(default)]
    pub(super) attestations: Vec<RawAttestation>,
    /// Drills and tests.
    #[serde(default)]
    pub(super) exercises: Vec<RawExercise>,
    /// Real incidents; they count as exercises of kind `incident`.
    #[serde(default)]
    pub(super) incidents: Vec<RawIncident>,
}

/// A person's dated statement.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAttestation {
    /// Its id.
    pub(super) id: Spanned<String>,
    /// The controls and items it speaks of.
    pub(super) items: Vec<String>,
    /// What it says of them.
    pub(super) answer: Answer,
    /// The statement.
    pub(super) statement: String,
    /// Why, when the answer is `not-applicable`.
    #[serde(default)]
    pub(super) reason: Option<String>,
    /// Who states it.
    pub(super) owner: String,
    /// Who approved it; not the owner.
    pub(super) approved_by: String,
    /// When it was last reviewed.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) reviewed_on: Date,
    /// The last day on which it holds; the framework's limit unless given, and never later than that.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) expires_on: Option<Date>,
    /// The document it rests on.
    #[serde(default)]
    pub(super) document: Option<RawDocument>,
}

/// A document.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocument {
    /// Its title.
    #[serde(default)]
    pub(super) title: String,
    /// Its version.
    #[serde(default)]
    pub(super) version: Option<String>,
    /// Where it is; `file:` is relative to the record's folder and is compared with the digest.
    pub(super) uri: String,
    /// Its SHA-256 at that time, in hexadecimal.
    #[serde(default)]
    pub(super) sha256: Option<String>,
}

/// A drill or test.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExercise {
    /// Its id.
    pub(super) id: Spanned<String>,
    /// Its kind.
    pub(super) kind: ExerciseKind,
    /// The controls and items it speaks for.
    pub(super) items: Vec<String>,
    /// When it was held.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) held_on: Date,
    /// What was played, in words.
    #[serde(default)]
    #[expect(dead_code, reason = "people read it in the file; nothing is decided by it")]
    pub(super) scenario: Option<String>,
    /// What it took in.
    #[serde(default)]
    pub(super) scope: RawScope,
    /// Who took part, at least one.
    pub(super) participants: Vec<RawParticipant>,
    /// What it was to show, at least one.
    pub(super) objectives: Vec<RawObjective>,
    /// How many minutes each step took.
    #[serde(default)]
    #[expect(dead_code, reason = "people read it in the file; nothing is decided by it")]
    pub(super) timings_min: BTreeMap<String, f64>,
    /// What is to be done because of it.
    #[serde(default)]
    pub(super) findings: Vec<RawAction>,
    /// Its report.
    #[serde(default)]
    pub(super) report: Option<RawDocument>,
    /// Who approved the record.
    pub(super) approved_by: String,
}

/// What an exercise took in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScope {
    /// Accounts.
    #[serde(default)]
    pub(super) accounts: Vec<String>,
    /// APIs.
    #[serde(default)]
    #[expect(dead_code, reason = "people read it in the file; nothing is decided by it")]
    pub(super) apis: Vec<String>,
    /// Playbooks.
    #[serde(default)]
    #[expect(dead_code, reason = "people read it in the file; nothing is decided by it")]
    pub(super) playbooks: Vec<String>,
}

/// Who took part.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "people read it in the file; only the number is used")]
pub(super) struct RawParticipant {
    /// In which role.
    pub(super) role: String,
    /// Who.
    pub(super) person: String,
}

/// What an exercise was to show.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawObjective {
    /// Its id within the exercise.
    pub(super) id: String,
    /// In words.
    pub(super) text: String,
    /// Whether it showed that.
    pub(super) met: bool,
}

/// What is to be done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAction {
    /// Its id within the record.
    pub(super) id: String,
    /// How bad it is.
    #[serde(default)]
    #[expect(dead_code, reason = "people read it in the file; nothing is decided by it")]
    pub(super) severity: Option<crate::finding::Severity>,
    /// In words.
    #[expect(dead_code, reason = "people read it in the file; nothing is decided by it")]
    pub(super) text: String,
    /// Who does it.
    pub(super) owner: String,
    /// The last day on which it is in time.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) due: Date,
    /// Whether it is done.
    pub(super) status: ActionStatus,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ActionStatus {
    /// Not yet.
    Open,
    /// Done.
    Closed,
}

/// A real incident.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIncident {
    /// Its id.
    pub(super) id: Spanned<String>,
    /// The controls and items it speaks for.
    #[serde(default)]
    pub(super) items: Vec<String>,
    /// When it began to be handled.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) opened: Date,
    /// When it was detected.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) detected: Option<Date>,
    /// When it was declared an incident.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) declared: Option<Date>,
    /// When it was contained.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) contained: Option<Date>,
    /// When it was closed.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) closed: Option<Date>,
    /// What caused it.
    #[serde(default)]
    pub(super) cause: Option<String>,
    /// What was learned.
    #[serde(default)]
    pub(super) lessons: Vec<String>,
    /// What is to be done because of it.
    #[serde(default)]
    pub(super) actions: Vec<RawAction>,
    /// Who approved the closure.
    #[serde(default)]
    pub(super) approved_by: Option<String>,
}

impl RawRecords {
    /// The ids of all records.
    pub(super) fn ids(&self) -> impl Iterator<Item = &Spanned<String>> {
        let attestations = self.attestations.iter().map(|r| &r.id);
        let exercises = self.exercises.iter().map(|r| &r.id);
        attestations.chain(exercises).chain(self.incidents.iter().map(|r| &r.id))
    }

    /// Adds the records.
    pub(super) fn lower(self, file: &SourceFile, records: &mut Records) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        records.attestations.extend(self.attestations.into_iter().map(|raw| Attestation {
            id: raw.id.value,
            items: raw.items,
            answer: raw.answer,
            statement: raw.statement.trim().to_owned(),
            reason: raw.reason.filter(|r| !r.trim().is_empty()),
            owner: raw.owner,
            approved_by: raw.approved_by,
            reviewed_on: raw.reviewed_on,
            expires_on: raw.expires_on,
            document: raw.document.map(|d| d.lower(folder)),
        }));
        records.exercises.extend(self.exercises.into_iter().map(|raw| raw.lower(folder)));
        records.exercises.extend(self.incidents.into_iter().map(RawIncident::lower));
    }
}

impl RawDocument {
    fn lower(self, folder: &str) -> Document {
        let path = self.uri.strip_prefix("file:").map(|path| {
            let absolute = path.starts_with('/') || folder.is_empty();
            if absolute { path.to_owned() } else { format!("{folder}/{path}") }
        });
        let title = match &self.version {
            Some(version) => format!("{} {version}", self.title).trim().to_owned(),
            None => self.title,
        };
        let sha256 = self.sha256.map(|hex| hex.trim_start_matches("sha256:").to_ascii_lowercase());
        Document { title, uri: self.uri, path, sha256 }
    }
}

impl RawExercise {
    fn lower(self, folder: &str) -> Exercise {
        let unmet =
            self.objectives.iter().filter(|o| !o.met).map(|o| format!("{}: {}", o.id, o.text));
        Exercise {
            id: self.id.value,
            kind: self.kind,
            items: self.items,
            held_on: self.held_on,
            accounts: self.scope.accounts,
            participants: self.participants.len(),
            objectives: self.objectives.len(),
            unmet: unmet.collect(),
            actions: self.findings.into_iter().map(RawAction::lower).collect(),
            report: self.report.map(|d| d.lower(folder)),
            approved_by: Some(self.approved_by),
            closure: None,
        }
    }
}

impl RawIncident {
    fn lower(self) -> Exercise {
        let has = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        let wanted = [
            ("when it was detected", self.detected.is_some()),
            ("when it was declared", self.declared.is_some()),
            ("when it was contained", self.contained.is_some()),
            ("its cause", has(&self.cause)),
            ("lessons", !self.lessons.is_empty()),
            ("who approved the closure", has(&self.approved_by)),
        ];
        let missing =
            wanted.into_iter().filter(|(_, there)| !there).map(|(what, _)| what).collect();
        Exercise {
            id: self.id.value,
            kind: ExerciseKind::Incident,
            items: self.items,
            held_on: self.closed.unwrap_or(self.opened),
            accounts: Vec::new(),
            // A real incident needs neither a list of players nor objectives: it was handled or it was not.
            participants: 1,
            objectives: 1,
            unmet: Vec::new(),
            actions: self.actions.into_iter().map(RawAction::lower).collect(),
            report: None,
            approved_by: self.approved_by,
            closure: Some(Closure { closed: self.closed.is_some(), missing }),
        }
    }
}

impl RawAction {
    fn lower(self) -> Action {
        Action {
            id: self.id,
            owner: self.owner,
            due: self.due,
            closed: self.status == ActionStatus::Closed,
        }
    }
}
