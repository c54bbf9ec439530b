//! What follows from a comparison: thresholds, and the exit code.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::result::{Class, Decision, Drift, GateFinding, Reason, ScoreChange};
use crate::finding::{Severity, Tally};
use crate::model::change::{Action, Reading};

/// What closes the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// A finding of this severity or above that the change adds.
    Added(Severity),
    /// One that is there after the change, whoever is to blame.
    Any(Severity),
    /// The net score of a framework is lower by so many points or more.
    ScoreDrop(f64),
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(severity) => write!(f, "added:{severity}"),
            Self::Any(severity) => write!(f, "any:{severity}"),
            Self::ScoreDrop(points) => write!(f, "score-drop:{points}"),
        }
    }
}

impl FromStr for Threshold {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "added:SEVERITY, any:SEVERITY or score-drop:POINTS";
        let (name, value) =
            text.split_once(':').ok_or_else(|| format!("`{text}` is none of {FORMS}"))?;
        match name {
            "added" => severity(value).map(Self::Added),
            "any" => severity(value).map(Self::Any),
            "score-drop" => match value.parse::<f64>() {
                Ok(points) if points > 0.0 && points <= 100.0 => Ok(Self::ScoreDrop(points)),
                _ => Err(format!("`{value}` is no number of points above 0 up to 100")),
            },
            _ => Err(format!("`{text}` is none of {FORMS}")),
        }
    }
}

/// What becomes of findings that the change makes unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownPolicy {
    /// From this severity on the evidence is incomplete.
    Fail(Severity),
    /// They are told.
    Warn,
    /// They count for nothing.
    Ignore,
}

impl FromStr for UnknownPolicy {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "warn" => Ok(Self::Warn),
            None if text == "ignore" => Ok(Self::Ignore),
            None if text == "fail" => Ok(Self::Fail(Severity::Low)),
            Some(("fail", value)) => severity(value).map(Self::Fail),
            _ => Err(format!("`{text}` is none of fail:SEVERITY, warn or ignore")),
        }
    }
}

/// What becomes of an input that believes the world to be otherwise than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StalePolicy {
    /// It is no base for a decision.
    Fail,
    /// It is told.
    Warn,
    /// It counts for nothing.
    Ignore,
}

impl FromStr for StalePolicy {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fail" => Ok(Self::Fail),
            "warn" => Ok(Self::Warn),
            "ignore" => Ok(Self::Ignore),
            _ => Err(format!("`{text}` is none of fail, warn or ignore")),
        }
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.word() == text)
        .ok_or_else(|| format!("`{text}` is none of critical, high, medium, low"))
}

/// The thresholds that hold for some subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Any of which closes the gate.
    pub fail_on: Vec<Threshold>,
    /// What becomes of what is made unknown.
    pub unknown: UnknownPolicy,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            fail_on: vec![Threshold::Added(Severity::High)],
            unknown: UnknownPolicy::Fail(Severity::Critical),
        }
    }
}

/// How a gate decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The thresholds where no environment has its own.
    pub rules: Rules,
    /// Those of environments.
    pub environments: BTreeMap<String, Rules>,
    /// What becomes of a stale input.
    pub stale: StalePolicy,
    /// Whether crossed thresholds are told only.
    pub warn_only: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            environments: BTreeMap::new(),
            stale: StalePolicy::Warn,
            warn_only: false,
        }
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The findings of both sides.
    pub findings: &'a [GateFinding],
    /// Where input and inventory disagree.
    pub drift: &'a [Drift],
    /// The scores.
    pub scores: &'a [ScoreChange],
    /// How much of the input was understood.
    pub reading: &'a Reading,
    /// How many things of it have each action.
    pub actions: &'a BTreeMap<Action, u64>,
    /// Why it does not show the whole change.
    pub incomplete: &'a [String],
    /// The accounts that it acts in and the inventory has nothing of, unless that is allowed.
    pub foreign: &'a [String],
    /// How many resources were judged, on both sides together.
    pub judged: usize,
    /// Whether there is a live inventory.
    pub over_live: bool,
    /// The outcomes after.
    pub tally: Tally,
}

/// Decides. What is wrong with the input goes before incomplete evidence, and that before findings: whoever reads a 1
/// may trust that everything was looked at.
pub fn decide(grounds: &Grounds<'_>, policy: &Policy) -> Decision {
    let mut wrong = wrong_input(grounds, policy);
    let empty = nothing_judged(grounds);
    let unknown = unknowns(grounds.findings, policy);
    let crossed = crossed(grounds, policy);
    let exit_code = match () {
        () if !wrong.is_empty() => 2,
        () if !empty.is_empty() => 3,
        () if policy.warn_only => 0,
        () if !unknown.is_empty() => 3,
        () if !crossed.is_empty() => 1,
        () => 0,
    };
    wrong.extend(empty);
    wrong.extend(crossed);
    wrong.extend(unknown);
    Decision { exit_code, reasons: wrong, warn_only: policy.warn_only }
}

fn reason(threshold: &str, words: String, severity: Option<Severity>) -> Reason {
    Reason { threshold: threshold.to_owned(), words, severity }
}

fn wrong_input(grounds: &Grounds<'_>, policy: &Policy) -> Vec<Reason> {
    let mut out: Vec<Reason> = grounds
        .incomplete
        .iter()
        .map(|words| {
            reason("input", format!("the input does not show the whole change: {words}"), None)
        })
        .collect();
    if !grounds.foreign.is_empty() {
        let words = format!(
            "it acts in {}, of which the inventory has nothing: a change to another organisation's world, or an inventory \
             that does not cover it (--allow-foreign)",
            grounds.foreign.join(", ")
        );
        out.push(reason("foreign", words, None));
    }
    if policy.stale == StalePolicy::Fail && !grounds.drift.is_empty() {
        let words = format!(
            "{} things are otherwise than the input believes; make it again",
            grounds.drift.len()
        );
        out.push(reason("stale", words, None));
    }
    out
}

fn nothing_judged(grounds: &Grounds<'_>) -> Vec<Reason> {
    let things: u64 = grounds.actions.values().sum();
    let changing: u64 = grounds
        .actions
        .iter()
        .filter(|(action, _)| !matches!(action, Action::NoOp | Action::Forget))
        .map(|(_, count)| count)
        .sum();
    let words = if things == 0 {
        "the input states nothing at all"
    } else if grounds.reading.mapped.is_empty() && (!grounds.over_live || changing > 0) {
        "nothing that the input states has a place in the inventory"
    } else if grounds.judged == 0 {
        "no check applied to anything"
    } else {
        return Vec::new();
    };
    vec![reason("empty", words.to_owned(), None)]
}

impl Policy {
    fn rules_for(&self, finding: &GateFinding) -> &Rules {
        let environment = finding.finding.subject.environment.as_ref();
        environment.and_then(|name| self.environments.get(name)).unwrap_or(&self.rules)
    }
}

/// Those that the change makes unknown, where that is not allowed.
fn unknowns(findings: &[GateFinding], policy: &Policy) -> Vec<Reason> {
    let mut crossed: BTreeMap<Severity, Vec<&GateFinding>> = BTreeMap::new();
    for one in findings.iter().filter(|one| one.class == Class::MadeUnknown) {
        if let UnknownPolicy::Fail(least) = policy.rules_for(one).unknown
            && one.finding.severity >= least
        {
            crossed.entry(least).or_default().push(one);
        }
    }
    crossed
        .into_iter()
        .map(|(least, list)| {
            let worst = list.iter().map(|one| one.finding.severity).max();
            let words =
                format!("{} that nobody can decide any more{}", count(list.len()), first(&list));
            reason(&format!("unknown:{least}"), words, worst)
        })
        .collect()
}

fn crossed(grounds: &Grounds<'_>, policy: &Policy) -> Vec<Reason> {
    let mut by_threshold: BTreeMap<String, Vec<&GateFinding>> = BTreeMap::new();
    for one in grounds.findings {
        for threshold in &policy.rules_for(one).fail_on {
            let crossed = match threshold {
                Threshold::Added(least) => {
                    one.class == Class::Added && one.finding.severity >= *least
                }
                Threshold::Any(least) => {
                    matches!(one.class, Class::Added | Class::Unchanged)
                        && one.finding.severity >= *least
                }
                Threshold::ScoreDrop(_) => false,
            };
            if crossed {
                by_threshold.entry(threshold.to_string()).or_default().push(one);
            }
        }
    }
    let mut out: Vec<Reason> = by_threshold
        .into_iter()
        .map(|(threshold, list)| {
            let worst = list.iter().map(|one| one.finding.severity).max();
            let words = if threshold.starts_with("added") {
                format!("the change adds {}{}", count(list.len()), first(&list))
            } else {
                format!("{} after the change{}", count(list.len()), first(&list))
            };
            reason(&threshold, words, worst)
        })
        .collect();
    for threshold in &policy.rules.fail_on {
        let Threshold::ScoreDrop(points) = threshold else { continue };
        for score in grounds.scores {
            let drop = match (score.before, score.after) {
                (Some(before), Some(after)) => before - after,
                // A framework that is rated no more has lost everything there was to see.
                (Some(_), None) => 100.0,
                _ => continue,
            };
            if drop >= *points {
                let words = format!("{} drops by {drop:.1} points", score.framework);
                out.push(reason(&threshold.to_string(), words, None));
            }
        }
    }
    out
}

fn count(number: usize) -> String {
    if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") }
}

fn first(list: &[&GateFinding]) -> String {
    let worst = list.iter().max_by_key(|one| one.finding.severity);
    worst.map_or_else(String::new, |one| {
        let at = one.addresses.first().unwrap_or(&one.finding.subject.id);
        format!(", such as {} on {at}", one.finding.check)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_as_they_are_written() {
        for text in ["added:high", "any:critical", "score-drop:5", "score-drop:2.5"] {
            assert_eq!(text.parse::<Threshold>().unwrap().to_string(), text);
        }
        for text in ["high", "added:bad", "score-drop:0", "score-drop:x", "drop:5", "any:"] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
        assert_eq!("fail:critical".parse(), Ok(UnknownPolicy::Fail(Severity::Critical)));
        assert!("fail:nothing".parse::<UnknownPolicy>().is_err());
        assert!("never".parse::<StalePolicy>().is_err());
    }
}
