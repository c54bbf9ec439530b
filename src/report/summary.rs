//! What more than one report says, computed once: totals, groups, causes, deadlines and lookups.
//!
//! Scores are not among it: they come from the posture as they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{CheckText, Report};
use crate::assess::{CheckResult, WaiverUse};
use crate::clock;
use crate::finding::{Finding, Outcome, Severity, Tally};
use crate::ident::{AccountId, Region};
use crate::posture::{
    ControlResult, ControlState, EvidenceKind, FrameworkResult, Score, SectionResult,
};

/// The totals of an assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary<'a> {
    /// All evaluations: one for each check and resource it judged.
    pub evaluations: Tally,
    /// How many findings have each outcome and severity. A resource with two offenders has two findings.
    pub findings: BTreeMap<(Outcome, Severity), u64>,
    /// The checks with fails, worst first.
    pub failing: Vec<CheckGroup<'a>>,
    /// Why evaluations are undetermined, the cause of most first.
    pub causes: Vec<CauseGroup<'a>>,
    /// Waivers that somebody has to look at, most urgent first.
    pub waivers: Vec<(&'a WaiverUse, Attention)>,
}

/// A check that fails somewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckGroup<'a> {
    /// What it says of the whole inventory.
    pub check: &'a CheckResult,
    /// How many findings of it fail.
    pub findings: u64,
    /// The first of them, in the order of all output.
    pub first: Option<&'a Finding>,
}

/// One reason why evaluations are undetermined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseGroup<'a> {
    /// The reason, its account and region left out.
    pub cause: String,
    /// What would resolve it, where the reason tells.
    pub resolve: Option<String>,
    /// The checks concerned.
    pub checks: BTreeSet<&'a str>,
    /// Where.
    pub places: BTreeSet<(&'a AccountId, &'a Region)>,
    /// How many evaluations.
    pub evaluations: u64,
}

/// Why somebody has to look at a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attention {
    /// It was refused: what it says does not hold.
    Refused,
    /// It lapsed.
    Lapsed,
    /// It ends within the days the options name; this many are left.
    Soon(i64),
    /// It is in force and accepts nothing.
    Stale,
}

impl Attention {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Refused => "refused".to_owned(),
            Self::Lapsed => "lapsed".to_owned(),
            Self::Soon(0) => "lapses today".to_owned(),
            Self::Soon(1) => "lapses tomorrow".to_owned(),
            Self::Soon(days) => format!("lapses in {days} days"),
            Self::Stale => "accepts nothing".to_owned(),
        }
    }
}

impl<'a> Summary<'a> {
    /// Computes the totals.
    pub fn of(report: &Report<'a>) -> Self {
        let assessment = report.assessment;
        let mut findings = BTreeMap::new();
        let mut by_check: BTreeMap<&str, (u64, Option<&Finding>)> = BTreeMap::new();
        for finding in &assessment.findings {
            *findings.entry((finding.outcome, finding.severity)).or_insert(0) += 1;
            if finding.outcome == Outcome::Fail {
                let (n, first) = by_check.entry(&finding.check).or_default();
                *n += 1;
                first.get_or_insert(finding);
            }
        }
        let evaluations =
            assessment.checks.iter().fold(Tally::default(), |sum, check| sum.plus(check.tally));
        let mut failing: Vec<_> = assessment
            .checks
            .iter()
            .filter(|check| check.tally.fail > 0)
            .map(|check| {
                let (findings, first) =
                    by_check.get(check.id.as_str()).copied().unwrap_or_default();
                CheckGroup { check, findings, first }
            })
            .collect();
        failing.sort_by_key(|group| {
            (Reverse(group.check.severity), Reverse(group.check.tally.fail), &group.check.id)
        });
        Self { evaluations, findings, failing, causes: causes(report), waivers: waivers(report) }
    }

    /// How many findings have an outcome.
    pub fn findings_with(&self, outcome: Outcome) -> u64 {
        self.findings.iter().filter(|((o, _), _)| *o == outcome).map(|(_, n)| n).sum()
    }

    /// How many findings fail at a severity.
    pub fn fails(&self, severity: Severity) -> u64 {
        self.findings.get(&(Outcome::Fail, severity)).copied().unwrap_or_default()
    }
}

fn causes<'a>(report: &Report<'a>) -> Vec<CauseGroup<'a>> {
    // Keyed by check, place and resource: a cell without evidence is told both by its check and by a finding.
    let mut all: BTreeMap<String, BTreeSet<(&'a str, &'a AccountId, &'a Region, &'a str)>> =
        BTreeMap::new();
    for check in &report.assessment.checks {
        for cell in &check.undetermined {
            all.entry(placeless(&cell.cause, &cell.account, &cell.region)).or_default().insert((
                &check.id,
                &cell.account,
                &cell.region,
                "*",
            ));
        }
    }
    for finding in report.assessment.findings.iter().filter(|f| f.outcome == Outcome::Unknown) {
        let subject = &finding.subject;
        let cause = match &finding.cause {
            Some(cause) => placeless(cause, &subject.account, &subject.region),
            None => "no reason given".to_owned(),
        };
        all.entry(cause).or_default().insert((
            &finding.check,
            &subject.account,
            &subject.region,
            &subject.id,
        ));
    }
    let mut groups: Vec<_> = all
        .into_iter()
        .map(|(cause, evaluations)| CauseGroup {
            resolve: resolution(&cause),
            cause,
            checks: evaluations.iter().map(|(check, ..)| *check).collect(),
            places: evaluations.iter().map(|(_, account, region, _)| (*account, *region)).collect(),
            evaluations: evaluations.len() as u64,
        })
        .collect();
    groups.sort_by(|a, b| (b.evaluations, &a.cause).cmp(&(a.evaluations, &b.cause)));
    groups
}

/// The same call denied in forty places is one cause.
fn placeless(cause: &str, account: &AccountId, region: &Region) -> String {
    cause.replace(&format!(" in {account} {region}"), "")
}

/// What would resolve a cause, as far as its text tells.
pub fn resolution(cause: &str) -> Option<String> {
    let lower = cause.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["known after apply"]) {
        return Some("assess again after the apply".to_owned());
    }
    if has(&["denied", "unauthorized", "forbidden", "not authorized"]) {
        return Some(match permission(cause) {
            Some(action) => format!("allow `{action}` to the collecting role"),
            None => "allow the call to the collecting role (`portcullis permissions`)".to_owned(),
        });
    }
    if has(&["throttl", "rate exceeded", "timed out", "timeout", "connect"]) {
        return Some("collect again, with less concurrency if it persists".to_owned());
    }
    if has(&["not collected"]) {
        return Some(match kind(cause) {
            Some(kind) => format!("collect `{kind}`"),
            None => "collect what the check reads".to_owned(),
        });
    }
    None
}

/// The first `service:Action` in a text.
fn permission(text: &str) -> Option<&str> {
    words(text).find(|word| {
        word.split_once(':').is_some_and(|(service, action)| {
            let mut letters = action.chars();
            !service.is_empty()
                && service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && letters.next().is_some_and(|c| c.is_ascii_uppercase())
                && letters.all(|c| c.is_ascii_alphanumeric())
        })
    })
}

/// The first `source.service.thing` in a text.
fn kind(text: &str) -> Option<&str> {
    words(text).find(|word| {
        word.split('.').count() == 3
            && word.split('.').all(|part| {
                !part.is_empty()
                    && part
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            })
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '(' | ')' | ','))
        .map(|word| word.trim_end_matches([':', '.', ';']))
}

fn waivers<'a>(report: &Report<'a>) -> Vec<(&'a WaiverUse, Attention)> {
    let mut list: Vec<_> = report
        .assessment
        .waivers
        .iter()
        .filter_map(|waiver| attention(report, waiver).map(|why| (waiver, why)))
        .collect();
    list.sort_by(|(a, x), (b, y)| (x, a.until, &a.id).cmp(&(y, b.until, &b.id)));
    list
}

/// Whether and why somebody has to look at a waiver.
pub fn attention(report: &Report<'_>, waiver: &WaiverUse) -> Option<Attention> {
    match waiver.state.as_str() {
        "refused" => Some(Attention::Refused),
        "lapsed" => Some(Attention::Lapsed),
        "in force" => {
            let left = days_left(report, waiver);
            if left <= report.options.soon_days {
                Some(Attention::Soon(left.max(0)))
            } else {
                (waiver.matched == 0).then_some(Attention::Stale)
            }
        }
        _ => None,
    }
}

/// Days until a waiver lapses, negative after it did.
pub fn days_left(report: &Report<'_>, waiver: &WaiverUse) -> i64 {
    clock::days_between(clock::today(report.assessment.at.0), waiver.until)
}

/// Whether a framework is a readiness checklist: its sections tell the documented from the proved.
pub fn is_readiness(framework: &FrameworkResult) -> bool {
    framework.sections.iter().any(|s| s.documented.is_some() || s.proved.is_some())
}

/// How many controls a score is about: all but those that do not apply.
pub fn applicable(score: &Score) -> u64 {
    let states = score.states.iter();
    states.filter(|(state, _)| **state != ControlState::NotApplicable).map(|(_, n)| n).sum()
}

/// How many controls of a score stand in a state.
pub fn in_state(score: &Score, state: ControlState) -> u64 {
    score.states.get(&state).copied().unwrap_or_default()
}

/// The words people read for a control's state.
pub fn state_words(state: ControlState) -> &'static str {
    match state {
        ControlState::Failed => "failed",
        ControlState::Undetermined => "undetermined",
        ControlState::Gap => "gap",
        ControlState::Accepted => "accepted",
        ControlState::Satisfied => "satisfied",
        ControlState::NotApplicable => "not applicable",
    }
}

/// All states, in the order reports show them.
pub const STATES: [ControlState; 6] = [
    ControlState::Satisfied,
    ControlState::Accepted,
    ControlState::Failed,
    ControlState::Undetermined,
    ControlState::Gap,
    ControlState::NotApplicable,
];

/// What belongs to a check: its result, its text, and the controls that rest on it.
#[derive(Debug, Clone)]
pub struct Related<'a> {
    results: BTreeMap<&'a str, &'a CheckResult>,
    texts: BTreeMap<&'a str, &'a CheckText>,
    controls: BTreeMap<&'a str, Vec<(&'a FrameworkResult, &'a ControlResult)>>,
}

impl<'a> Related<'a> {
    /// Prepares the lookups.
    pub fn of(report: &Report<'a>) -> Self {
        let mut controls: BTreeMap<_, Vec<(&FrameworkResult, &ControlResult)>> = BTreeMap::new();
        for framework in &report.posture.frameworks {
            for control in &framework.controls {
                for evidence in control.evidence.iter().filter(|e| e.kind == EvidenceKind::Check) {
                    let list = controls.entry(evidence.id.as_str()).or_default();
                    // A control may name a check twice, under two scopes.
                    if list.last().is_none_or(|(_, last)| !std::ptr::eq(*last, control)) {
                        list.push((framework, control));
                    }
                }
            }
        }
        Self {
            results: report.assessment.checks.iter().map(|c| (c.id.as_str(), c)).collect(),
            texts: report.checks.iter().map(|c| (c.id.as_str(), c)).collect(),
            controls,
        }
    }

    /// What a check says of the whole inventory.
    pub fn result(&self, check: &str) -> Option<&'a CheckResult> {
        self.results.get(check).copied()
    }

    /// What there is to say about a check.
    pub fn text(&self, check: &str) -> Option<&'a CheckText> {
        self.texts.get(check).copied()
    }

    /// A check's title, or nothing.
    pub fn title_of(&self, check: &str) -> &'a str {
        self.result(check)
            .map(|c| c.title.as_str())
            .or_else(|| self.text(check).map(|c| c.title.as_str()))
            .unwrap_or_default()
    }

    /// The controls that rest on a check, with their frameworks.
    pub fn controls(&self, check: &str) -> &[(&'a FrameworkResult, &'a ControlResult)] {
        self.controls.get(check).map_or(&[], Vec::as_slice)
    }

    /// The ids of the controls that rest on a check.
    pub fn controls_of(&self, check: &str) -> Vec<&'a str> {
        self.controls(check).iter().map(|(_, control)| control.id.as_str()).collect()
    }
}

/// A section's controls, in the framework's order.
pub fn controls_in<'a>(
    framework: &'a FrameworkResult,
    section: &'a SectionResult,
) -> impl Iterator<Item = &'a ControlResult> {
    framework.controls.iter().filter(|control| control.section == section.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_tells_what_resolves_it() {
        let denied = "denied: aws.ec2.vpc: ec2:DescribeVpcs: UnauthorizedOperation";
        assert_eq!(resolution(denied).unwrap(), "allow `ec2:DescribeVpcs` to the collecting role");
        assert_eq!(resolution("not collected: aws.ssm.patch").unwrap(), "collect `aws.ssm.patch`");
        assert!(resolution("failed: ThrottlingException").unwrap().starts_with("collect again"));
        assert_eq!(resolution("not understood: odd"), None);
    }
}
