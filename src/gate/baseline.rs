//! Baseline files: findings that are known and block nothing.
//!
//! An entry is found again by its fingerprint, or by its check, the address of what states its subject, and its offending
//! part: what is renamed, moved into a module or replaced is the same finding as long as its address leads to it.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::overlay::Statement;
use super::result::{Class, GateFinding};
use crate::diag::{Diagnostic, Diagnostics};
use crate::finding::{Finding, Outcome};
use crate::span::SourceFile;
use crate::yaml::{self, Spanned};

/// The version of the format that this build reads and writes.
const FORMAT_VERSION: u32 = 1;

/// A baseline file as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Baseline")]
struct RawBaseline {
    /// The version of the format: 1.
    version: Spanned<u32>,
    /// The findings that are known, by check, address and fingerprint.
    #[serde(default)]
    findings: Vec<Spanned<Entry>>,
}

/// A finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BaselineFinding")]
pub struct Entry {
    /// The check.
    pub check: String,
    /// The address of what states its subject; nothing when no input does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The resource: type, account, region and id.
    pub subject: String,
    /// What identifies the offending part; nothing when the whole resource offends.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub offender: String,
    /// Whether nobody could say; it failed otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it was added.
    #[schemars(with = "String")]
    pub added: Date,
    /// Why it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The findings that are known.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
    by_fingerprint: HashMap<String, usize>,
    /// By check, address, type of the subject, and offender.
    by_address: HashMap<(String, String, String, String), usize>,
}

impl Baseline {
    /// A baseline of entries, in order and without doubles.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort();
        entries.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        let mut baseline = Self { entries, ..Self::default() };
        for (at, entry) in baseline.entries.iter().enumerate() {
            baseline.by_fingerprint.insert(entry.fingerprint.clone(), at);
            if let Some(address) = &entry.address {
                let kind = entry.subject.split(' ').next().unwrap_or_default().to_owned();
                let key = (entry.check.clone(), address.clone(), kind, offender_of(entry));
                baseline.by_address.insert(key, at);
            }
        }
        baseline
    }

    /// Reads a file.
    pub fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Self> {
        let raw: RawBaseline = yaml::read(file, diagnostics)?;
        if raw.version.value != FORMAT_VERSION {
            let message = format!(
                "baseline format {} is not known; this build reads {FORMAT_VERSION}",
                raw.version.value
            );
            diagnostics
                .push(Diagnostic::error("baseline/version", message).at(file, raw.version.range));
            return None;
        }
        let before = diagnostics.has_errors();
        for entry in &raw.findings {
            let print = &entry.value.fingerprint;
            if print.len() != 32 || !print.bytes().all(|b| b.is_ascii_hexdigit()) {
                let message = format!("`{print}` is no fingerprint: 32 hexadecimal digits");
                diagnostics.push(
                    Diagnostic::error("baseline/fingerprint", message)
                        .at(file, entry.range.clone()),
                );
            }
        }
        if !before && diagnostics.has_errors() {
            return None;
        }
        Some(Self::new(raw.findings.into_iter().map(|entry| entry.value).collect()))
    }

    /// The file, as YAML: sorted, so that it differs only where its findings do.
    pub fn write(&self) -> String {
        #[derive(Serialize)]
        struct File<'f> {
            version: u32,
            findings: &'f [Entry],
        }
        let file = File { version: FORMAT_VERSION, findings: &self.entries };
        // JSON strings are YAML strings: nothing within a text can end it.
        let mut out = format!(
            "# Findings that are known and close no gate. `portcullis gate baseline update` keeps this file.\n\
             version: {}\nfindings:{}\n",
            file.version,
            if self.entries.is_empty() { " []" } else { "" }
        );
        for entry in file.findings {
            let value = serde_json::to_value(entry).unwrap_or_default();
            let fields = FIELDS.iter().filter_map(|name| Some((name, value.get(*name)?)));
            for (turn, (name, value)) in fields.enumerate() {
                let lead = if turn == 0 { "  - " } else { "    " };
                out.push_str(lead);
                out.push_str(name);
                out.push_str(": ");
                out.push_str(&value.to_string());
                out.push('\n');
            }
        }
        out
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn by_fingerprint(&self, fingerprint: &str) -> Option<usize> {
        self.by_fingerprint.get(fingerprint).copied()
    }

    /// The entry that a finding answers to.
    pub(super) fn matching(
        &self,
        finding: &Finding,
        statements: Option<&Vec<Statement>>,
    ) -> Option<usize> {
        if let Some(at) = self.by_fingerprint(&finding.fingerprint) {
            return Some(at);
        }
        let own = statements?.first()?;
        let offender = match finding.outcome {
            Outcome::Unknown => UNKNOWN.to_owned(),
            _ => finding.offender.clone(),
        };
        let mut addresses = vec![own.address.to_string()];
        addresses.extend(own.previous.as_ref().map(ToString::to_string));
        addresses.into_iter().find_map(|address| {
            let key =
                (finding.check.clone(), address, finding.subject.kind.clone(), offender.clone());
            self.by_address.get(&key).copied()
        })
    }

    /// The fingerprints of entries that were not met.
    pub(super) fn stale(&self, met: &HashSet<usize>) -> Vec<String> {
        let left = self.entries.iter().enumerate().filter(|(at, _)| !met.contains(at));
        left.map(|(_, entry)| entry.fingerprint.clone()).collect()
    }

    /// The baseline of all that a report finds now. Entries that are there keep their date and reason.
    #[must_use]
    pub fn updated(&self, findings: &[GateFinding], today: Date, reason: Option<&str>) -> Self {
        // What nobody collected is unknown with or without a change, and needs no entry.
        let known = |finding: &&GateFinding| {
            finding.finding.subject.id != "*"
                && matches!(
                    finding.class,
                    Class::Added | Class::MadeUnknown | Class::Unchanged | Class::StillUnknown
                )
        };
        let entries = findings.iter().filter(known).map(|one| {
            let mut entry = entry(one, today, reason);
            if let Some(have) = self.had(one).and_then(|at| self.entries.get(at)) {
                entry.added = have.added;
                entry.reason = have.reason.clone().or(entry.reason);
            }
            entry
        });
        Self::new(entries.collect())
    }

    /// Without the entries of some fingerprints.
    #[must_use]
    pub fn pruned(&self, stale: &[String]) -> Self {
        let left = self.entries.iter().filter(|entry| !stale.contains(&entry.fingerprint));
        Self::new(left.cloned().collect())
    }

    fn had(&self, one: &GateFinding) -> Option<usize> {
        if let Some(at) = self.by_fingerprint(&one.finding.fingerprint) {
            return Some(at);
        }
        let made = entry(one, Date::default(), None);
        let address = made.address.clone()?;
        let key =
            (made.check.clone(), address, one.finding.subject.kind.clone(), offender_of(&made));
        self.by_address.get(&key).copied()
    }
}

const FIELDS: &[&str] =
    &["check", "address", "subject", "offender", "unknown", "fingerprint", "added", "reason"];

/// The offender of entries that nobody could decide.
const UNKNOWN: &str = "\u{0}unknown";

fn offender_of(entry: &Entry) -> String {
    if entry.unknown { UNKNOWN.to_owned() } else { entry.offender.clone() }
}

fn entry(one: &GateFinding, today: Date, reason: Option<&str>) -> Entry {
    let finding = &one.finding;
    let subject = &finding.subject;
    Entry {
        check: finding.check.clone(),
        address: one.addresses.first().cloned(),
        subject: format!("{} {} {} {}", subject.kind, subject.account, subject.region, subject.id),
        offender: finding.offender.clone(),
        unknown: finding.outcome == Outcome::Unknown,
        fingerprint: finding.fingerprint.clone(),
        added: today,
        reason: reason.map(str::to_owned),
    }
}

/// The JSON Schema of baseline files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RawBaseline).to_value()
}

/// How many findings of each check there are, for people.
pub fn counts(baseline: &Baseline) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for entry in baseline.entries() {
        *counts.entry(entry.check.as_str()).or_default() += 1;
    }
    counts
}
