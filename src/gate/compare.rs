//! What a change does to the findings of an inventory.
//!
//! A finding is the same one on both sides when its fingerprint is, or when the thing that is meant is: one that comes
//! in the place of another keeps its findings.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::baseline::Baseline;
use super::key::Key;
use super::overlay::Statement;
use super::result::{Class, GateFinding};
use crate::assess::{Assessment, Quiet};
use crate::finding::{Finding, Outcome, Subject, fingerprint};

/// One side, assessed.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The assessment.
    pub assessment: &'a Assessment,
    /// What no finding tells.
    pub quiet: &'a Quiet,
}

/// What ties the two sides together.
#[derive(Debug, Clone, Copy)]
pub struct Ties<'a> {
    /// What states each resource.
    pub origins: &'a BTreeMap<Key, Vec<Statement>>,
    /// The resource before in whose place one comes.
    pub successors: &'a BTreeMap<Key, Key>,
}

/// Two sides compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compared {
    /// Every finding of either side, worst and newest first.
    pub findings: Vec<GateFinding>,
    /// Fingerprints of the baseline that nothing answers to any more.
    pub stale_baseline: Vec<String>,
}

/// Compares two sides. Findings of the baseline count as ones that were there before.
pub fn compare(
    before: Side<'_>,
    after: Side<'_>,
    ties: Ties<'_>,
    baseline: Option<&Baseline>,
) -> Compared {
    let old = Old::of(before);
    let mut findings = Vec::new();
    // Findings before that one after is the same as.
    let mut met: HashSet<&str> = HashSet::new();
    let mut answered: HashSet<usize> = HashSet::new();
    // What nobody can say any more is not fixed.
    let mut open: HashSet<(&str, String)> = HashSet::new();
    for finding in &after.assessment.findings {
        let was = predecessor(&finding.subject, ties);
        let same = old.same(finding, was.as_ref());
        met.extend(same.map(|same| same.fingerprint.as_str()));
        let outcome = old.outcome(&finding.check, &finding.subject, was.as_ref());
        let (addresses, action) = stated(&finding.subject, ties.origins);
        let noted = baseline.and_then(|baseline| {
            baseline.matching(finding, ties.origins.get(&Key::of_subject(&finding.subject)?))
        });
        let noted = noted.or_else(|| baseline?.by_fingerprint(&finding.fingerprint));
        answered.extend(noted);
        if finding.outcome == Outcome::Unknown {
            let subject = was.as_ref().unwrap_or(&finding.subject);
            open.insert((&finding.check, place_of(subject)));
        }
        let class = match finding.outcome {
            Outcome::Waived => Class::Waived,
            Outcome::Unknown if outcome == Some(Outcome::Unknown) || noted.is_some() => {
                Class::StillUnknown
            }
            Outcome::Unknown => Class::MadeUnknown,
            _ if same.is_some_and(is_breach) || noted.is_some() => Class::Unchanged,
            _ => Class::Added,
        };
        findings.push(GateFinding {
            class,
            finding: finding.clone(),
            was: outcome,
            addresses,
            action,
            location: None,
            remedy: None,
        });
    }
    for finding in before.assessment.findings.iter().filter(|f| f.outcome == Outcome::Fail) {
        let lost = open.contains(&(finding.check.as_str(), place_of(&finding.subject)));
        if lost || met.contains(finding.fingerprint.as_str()) {
            continue;
        }
        let (addresses, action) = stated(&finding.subject, ties.origins);
        findings.push(GateFinding {
            class: Class::Fixed,
            finding: finding.clone(),
            was: Some(Outcome::Fail),
            addresses,
            action,
            location: None,
            remedy: None,
        });
    }
    findings.sort_by(|a, b| (a.class, a.finding.order()).cmp(&(b.class, b.finding.order())));
    let stale_baseline = baseline.map_or_else(Vec::new, |baseline| baseline.stale(&answered));
    Compared { findings, stale_baseline }
}

fn is_breach(finding: &Finding) -> bool {
    matches!(finding.outcome, Outcome::Fail | Outcome::Waived)
}

/// The findings before, by what they are looked up by.
struct Old<'a> {
    by_fingerprint: HashMap<&'a str, &'a Finding>,
    outcomes: HashMap<(&'a str, String), Outcome>,
    quiet: &'a Quiet,
}

impl<'a> Old<'a> {
    fn of(side: Side<'a>) -> Self {
        let mut by_fingerprint = HashMap::new();
        let mut outcomes: HashMap<(&str, String), Outcome> = HashMap::new();
        for finding in &side.assessment.findings {
            by_fingerprint.insert(finding.fingerprint.as_str(), finding);
            let of = (finding.check.as_str(), place_of(&finding.subject));
            // Several offenders: one that fails decides.
            let worst = outcomes.entry(of).or_insert(finding.outcome);
            *worst = (*worst).min(finding.outcome);
        }
        Self { by_fingerprint, outcomes, quiet: side.quiet }
    }

    /// The finding before that one after is.
    fn same(&self, finding: &Finding, was: Option<&Subject>) -> Option<&'a Finding> {
        let as_it_was = was.map(|was| {
            let offender =
                if finding.outcome == Outcome::Unknown { "unknown" } else { &finding.offender };
            fingerprint(&finding.check, was, offender)
        });
        let found = self.by_fingerprint.get(finding.fingerprint.as_str());
        found.or_else(|| self.by_fingerprint.get(as_it_was?.as_str())).copied()
    }

    /// What a check said of a resource before; nothing when that was not there.
    fn outcome(&self, check: &str, subject: &Subject, was: Option<&Subject>) -> Option<Outcome> {
        // What comes in the place of another is judged beside that.
        for subject in was.into_iter().chain([subject]) {
            let of = (check, place_of(subject));
            if let Some(outcome) = self.outcomes.get(&of) {
                return Some(*outcome);
            }
            if let Some(outcome) = self.quiet.outcome(check, subject) {
                return Some(outcome);
            }
        }
        None
    }
}

/// What in the place of which a subject comes.
fn predecessor(subject: &Subject, ties: Ties<'_>) -> Option<Subject> {
    let was = ties.successors.get(&Key::of_subject(subject)?)?;
    Some(Subject {
        kind: was.kind.to_owned(),
        account: was.account.clone(),
        region: was.region.clone(),
        id: was.id.clone(),
        arn: None,
        name: None,
        environment: None,
    })
}

fn place_of(subject: &Subject) -> String {
    format!("{} {} {} {}", subject.kind, subject.account, subject.region, subject.id)
}

/// What states a subject, and what happens to the first of it.
fn stated(
    subject: &Subject,
    origins: &BTreeMap<Key, Vec<Statement>>,
) -> (Vec<String>, Option<crate::model::change::Action>) {
    let statements = Key::of_subject(subject).and_then(|key| origins.get(&key));
    let list = statements.map_or(&[][..], Vec::as_slice);
    let addresses = list.iter().map(|statement| statement.address.to_string()).collect();
    (addresses, list.first().map(|statement| statement.action))
}
