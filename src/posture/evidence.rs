//! What each control rests on, and what that comes to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::roll_up::section_score;
use super::{ControlState, Evidence, EvidenceKind, FrameworkResult};
use crate::assess::{Assessment, CheckResult};
use crate::attestation::{Judgement, Records, Standing, Subject};
use crate::finding::{Severity, Tally};
use crate::framework::{Builtin, Control, Import, ResolvedFramework};

/// Which half of a readiness item a piece of evidence belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Automatic,
    Documented,
    Exercised,
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) half: Half,
    pub(super) evidence: Evidence,
    /// Whether it is unknown how much is unknown.
    pub(super) open: bool,
}

/// Everything that evidence is drawn from.
pub(super) struct Sources<'a> {
    pub(super) assessment: &'a Assessment,
    pub(super) checks: BTreeMap<&'a str, &'a CheckResult>,
    pub(super) records: &'a Records,
    pub(super) at: Timestamp,
    pub(super) today: Date,
    /// Frameworks that are rolled up already.
    pub(super) done: Vec<FrameworkResult>,
}

const ONE_PASS: Tally = Tally { pass: 1, waived: 0, fail: 0, unknown: 0, not_applicable: 0 };
const ONE_WAIVED: Tally = Tally { pass: 0, waived: 1, fail: 0, unknown: 0, not_applicable: 0 };
const ONE_FAIL: Tally = Tally { pass: 0, waived: 0, fail: 1, unknown: 0, not_applicable: 0 };
const ONE_UNKNOWN: Tally = Tally { pass: 0, waived: 0, fail: 0, unknown: 1, not_applicable: 0 };
/// Half of it holds: one part of two.
const ONE_HALF: Tally = Tally { pass: 1, waived: 0, fail: 1, unknown: 0, not_applicable: 0 };
const NOT_APPLICABLE: Tally = Tally { pass: 0, waived: 0, fail: 0, unknown: 0, not_applicable: 1 };

impl Sources<'_> {
    /// All evidence of a control, gaps included.
    pub(super) fn of(&self, framework: &ResolvedFramework, control: &Control) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for check in &control.checks {
            let evidence = self.check(framework, check);
            let complete =
                self.checks.get(check.as_str()).is_some_and(|c| c.undetermined.is_empty());
            let open = evidence.tally.unknown > 0 && !complete;
            pieces.push(Piece { half: Half::Automatic, evidence, open });
        }
        let mut automatic = |evidence: Evidence| {
            pieces.push(Piece { half: Half::Automatic, evidence, open: false });
        };
        for builtin in &control.builtin {
            automatic(self.builtin(framework, *builtin));
        }
        if let Some(import) = &control.import {
            automatic(self.import(import));
        }
        if let Some(why) = &control.gap {
            let note = Some(format!("nothing evidences this yet: {why}"));
            automatic(Evidence {
                kind: EvidenceKind::Check,
                id: String::new(),
                tally: ONE_UNKNOWN,
                note,
            });
        }
        if let Some(need) = &control.attestation {
            let judged =
                self.records.attested(self.subject(control, need.fresh_days), need.document);
            let evidence = recorded(EvidenceKind::Attestation, judged, &need.what);
            pieces.push(Piece { half: Half::Documented, evidence, open: false });
        }
        let accounts: Vec<&str> = self
            .assessment
            .inventory
            .accounts
            .iter()
            .map(crate::ident::AccountId::as_str)
            .collect();
        for need in &control.exercises {
            let subject = self.subject(control, need.fresh_days);
            let scope = need.every_account.then_some(accounts.as_slice());
            let judged = self.records.exercised(subject, &need.kinds, scope, need.report);
            let evidence = recorded(EvidenceKind::Exercise, judged, &need.what);
            pieces.push(Piece { half: Half::Exercised, evidence, open: false });
        }
        pieces
    }

    fn subject<'c>(&self, control: &'c Control, fresh_days: u32) -> Subject<'c> {
        let critical = control.severity == Severity::Critical;
        Subject { item: &control.id, critical, today: self.today, fresh_days }
    }

    /// Why attestations that name a control are refused for it: those that run longer than it allows, for instance.
    pub(super) fn refusals(&self, control: &Control) -> Vec<String> {
        let Some(need) = &control.attestation else { return Vec::new() };
        let subject = self.subject(control, need.fresh_days);
        let named = self.records.attestations.iter().filter(|a| a.items.contains(&control.id));
        named
            .filter_map(|a| {
                let why = self.records.refusal_of_attestation(a, Some(subject))?;
                Some(format!("{}: {why}", a.id))
            })
            .collect()
    }

    fn check(&self, framework: &ResolvedFramework, id: &str) -> Evidence {
        let decision = framework.check_decisions.get(id).filter(|d| d.disabled);
        let (tally, note) = match (decision, self.checks.get(id)) {
            (Some(decision), _) => (ONE_UNKNOWN, Some(format!("disabled by {}", decision.words))),
            (None, None) => (ONE_UNKNOWN, Some("the check was not part of this run".to_owned())),
            (None, Some(result)) => (result.tally, undetermined(result)),
        };
        Evidence { kind: EvidenceKind::Check, id: id.to_owned(), tally, note }
    }

    fn builtin(&self, framework: &ResolvedFramework, builtin: Builtin) -> Evidence {
        let (tally, note) = match builtin {
            Builtin::Waivers => self.waivers(),
            Builtin::Coverage => self.coverage(framework),
            Builtin::OverdueActions => self.overdue_actions(),
            Builtin::IncidentRecords => counted(self.records.incomplete_incidents(), "incomplete"),
        };
        let kind = EvidenceKind::Posture;
        Evidence { kind, id: format!("builtin:{}", builtin.word()), tally, note }
    }

    fn overdue_actions(&self) -> (Tally, Option<String>) {
        if self.records.exercises.is_empty() {
            return (ONE_FAIL, Some("no exercise or incident is on record".to_owned()));
        }
        match self.records.overdue_actions(self.today) {
            (0, _) => (ONE_PASS, Some("exercises and incidents left no actions".to_owned())),
            some => counted(some, "overdue"),
        }
    }

    fn waivers(&self) -> (Tally, Option<String>) {
        let all = &self.assessment.waivers;
        let bad: Vec<String> = all
            .iter()
            .filter(|w| w.state == "lapsed" || w.state == "refused")
            .map(|w| match &w.note {
                Some(note) => format!("{} {}: {note}", w.id, w.state),
                None => format!("{} {}", w.id, w.state),
            })
            .collect();
        counted((all.len() as u64, bad), "lapsed or refused")
    }

    fn coverage(&self, framework: &ResolvedFramework) -> (Tally, Option<String>) {
        let mut tally = Tally::default();
        let mut notes = Vec::new();
        let (complete, short): (Vec<_>, Vec<_>) =
            self.assessment.coverage.iter().partition(|entry| entry.status.is_conclusive());
        tally.pass += complete.len() as u64;
        tally.fail += short.len() as u64;
        if complete.is_empty() && short.is_empty() {
            tally.unknown += 1;
            notes.push("the inventory says nothing about its own coverage".to_owned());
        }
        if !short.is_empty() {
            let all = complete.len() + short.len();
            notes.push(format!("{} of {all} cells of the inventory are not complete", short.len()));
        }
        let inventory = &self.assessment.inventory;
        let have: BTreeSet<String> = inventory.accounts.iter().map(ToString::to_string).collect();
        named(framework, "scope_accounts", &have, &mut tally, &mut notes);
        let have: BTreeSet<String> = inventory.regions.iter().map(ToString::to_string).collect();
        named(framework, "scope_regions", &have, &mut tally, &mut notes);
        if let Some(most) =
            framework.value("max_inventory_age_hours").and_then(serde_json::Value::as_i64)
        {
            let seconds = self.at.as_second().saturating_sub(inventory.created.0.as_second());
            let hours = seconds / 3600;
            if hours > most {
                tally.fail += 1;
                notes.push(format!("the inventory is {hours} hours old, and {most} are allowed"));
            } else {
                tally.pass += 1;
            }
        }
        (tally, (!notes.is_empty()).then(|| notes.join("; ")))
    }

    fn import(&self, import: &Import) -> Evidence {
        let (tally, note) = self.imported(import);
        let id = if import.sections.is_empty() {
            import.framework.clone()
        } else {
            format!("{}: {}", import.framework, import.sections.join(" "))
        };
        Evidence { kind: EvidenceKind::Posture, id, tally, note: Some(note) }
    }

    fn imported(&self, import: &Import) -> (Tally, String) {
        let Some(framework) = self.done.iter().find(|f| f.id == import.framework) else {
            return (
                ONE_UNKNOWN,
                format!("framework {} is not part of this run", import.framework),
            );
        };
        let missing: Vec<&str> = import
            .sections
            .iter()
            .filter(|id| !framework.sections.iter().any(|s| s.id == **id))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            return (
                ONE_UNKNOWN,
                format!("{} has no section {}", framework.id, missing.join(", ")),
            );
        }
        let inside = |section: &str| {
            import.sections.is_empty() || import.sections.iter().any(|s| s == section)
        };
        let controls: Vec<_> = framework.controls.iter().filter(|c| inside(&c.section)).collect();
        let critical = |states: &[ControlState]| -> Vec<&str> {
            let picked = controls
                .iter()
                .filter(|c| c.severity == Severity::Critical && states.contains(&c.state));
            picked.map(|c| c.id.as_str()).collect()
        };
        let failed = critical(&[ControlState::Failed]);
        if !failed.is_empty() {
            return (ONE_FAIL, format!("critical controls fail: {}", failed.join(", ")));
        }
        let open = critical(&[ControlState::Undetermined, ControlState::Gap]);
        if !open.is_empty() {
            return (
                ONE_UNKNOWN,
                format!("critical controls are undetermined: {}", open.join(", ")),
            );
        }
        let coverage = section_score(framework, &inside).coverage;
        if coverage < import.coverage_min {
            let least = import.coverage_min;
            return (
                ONE_UNKNOWN,
                format!("coverage is {coverage:.1} %, and {least} % is the least"),
            );
        }
        let accepted = critical(&[ControlState::Accepted]);
        if !accepted.is_empty() {
            return (
                ONE_WAIVED,
                format!("critical controls hold by waiver only: {}", accepted.join(", ")),
            );
        }
        let held = critical(&[ControlState::Satisfied]);
        if held.is_empty() {
            return (ONE_UNKNOWN, "no critical control was evaluated".to_owned());
        }
        (ONE_PASS, format!("all {} critical controls hold", held.len()))
    }
}

/// One evaluation for each name that a list parameter demands.
fn named(
    framework: &ResolvedFramework,
    parameter: &str,
    have: &BTreeSet<String>,
    tally: &mut Tally,
    notes: &mut Vec<String>,
) {
    let wanted = framework.value(parameter).and_then(serde_json::Value::as_array);
    for name in wanted.into_iter().flatten().filter_map(serde_json::Value::as_str) {
        if have.contains(name) {
            tally.pass += 1;
        } else {
            tally.fail += 1;
            notes.push(format!("{name} of {parameter} is not in the inventory"));
        }
    }
}

fn undetermined(result: &CheckResult) -> Option<String> {
    let first = result.undetermined.first()?;
    let more = match result.undetermined.len() {
        1 => String::new(),
        n => format!(", and {} more places", n - 1),
    };
    Some(format!("{} {}: {}{more}", first.account, first.region, first.cause))
}

/// So many in all, and those that are not as they should be.
fn counted((all, bad): (u64, Vec<String>), what: &str) -> (Tally, Option<String>) {
    let fail = bad.len() as u64;
    let tally = Tally { pass: all.saturating_sub(fail), fail, ..Tally::default() };
    let note = if bad.is_empty() {
        (all == 0).then(|| "there are none".to_owned())
    } else {
        Some(format!("{fail} of {all} {what}: {}", bad.join("; ")))
    };
    (tally, note)
}

fn recorded(kind: EvidenceKind, judged: Judgement, what: &str) -> Evidence {
    let tally = match judged.standing {
        Standing::Met => ONE_PASS,
        Standing::Partly => ONE_HALF,
        Standing::Unmet => ONE_FAIL,
        Standing::Unknown => ONE_UNKNOWN,
        Standing::NotApplicable => NOT_APPLICABLE,
    };
    let note = Some(format!("{what}: {}", judged.note));
    Evidence { kind, id: judged.record, tally, note }
}
