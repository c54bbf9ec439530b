//! What every report of a gate says in the same words.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::GateView;
use crate::finding::{Outcome, Severity, Subject};
use crate::gate::{Class, Decision, GateFinding, Reason, ScoreChange};
use crate::model::change::{Action, is_planned};
use crate::report::CheckText;
use crate::report::text::{count, counted, points};

/// The classes of findings that hold after the change, in the order people should read them.
pub(super) const AFTER: [Class; 5] =
    [Class::Added, Class::MadeUnknown, Class::Waived, Class::Unchanged, Class::StillUnknown];

/// The texts of checks, by id.
#[derive(Debug)]
pub(super) struct Texts<'a>(BTreeMap<&'a str, &'a CheckText>);

impl<'a> Texts<'a> {
    pub(super) fn of(view: &GateView<'a>) -> Self {
        Self(view.checks.iter().map(|text| (text.id.as_str(), text)).collect())
    }

    pub(super) fn get(&self, check: &str) -> Option<&'a CheckText> {
        self.0.get(check).copied()
    }

    /// The title of a check, or its id.
    pub(super) fn title<'b>(&self, check: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.get(check).map_or(check, |text| text.title.as_str())
    }
}

/// Whether a waiver accepts what was not there before: whoever reads about a change wants to know.
pub(super) fn is_newly_waived(gated: &GateFinding) -> bool {
    gated.class == Class::Waived && !matches!(gated.was, Some(Outcome::Fail | Outcome::Waived))
}

/// The findings of a class: worst first, those of one check together.
pub(super) fn sorted<'a>(view: &GateView<'a>, class: Class) -> Vec<&'a GateFinding> {
    let mut list: Vec<_> = view.report.of(class).collect();
    list.sort_by(|a, b| {
        let key = |f: &'a GateFinding| (Reverse(f.finding.severity), &f.finding.check);
        key(a).cmp(&key(b)).then_with(|| a.finding.order().cmp(&b.finding.order()))
    });
    list
}

/// The same, a group for each check.
pub(super) fn grouped<'a>(list: &[&'a GateFinding]) -> Vec<Vec<&'a GateFinding>> {
    list.chunk_by(|a, b| a.finding.check == b.finding.check).map(<[_]>::to_vec).collect()
}

/// `2 critical, 1 low`; nothing when there are none.
pub(super) fn severities(view: &GateView<'_>, class: Class) -> String {
    let counts = view.report.count(class);
    let words = counts.iter().rev().map(|(severity, n)| format!("{} {severity}", count(*n as u64)));
    words.collect::<Vec<_>>().join(", ")
}

/// How many findings of a class there are.
pub(super) fn total(view: &GateView<'_>, class: Class) -> u64 {
    view.report.of(class).count() as u64
}

/// The decision in one word or two.
pub(super) fn verdict(decision: &Decision) -> &'static str {
    match (decision.exit_code, decision.reasons.is_empty()) {
        (0, true) => "open",
        (0, false) => "open, with warnings",
        (1, _) => "closed",
        (2, _) => "closed: the input is wrong",
        (3, _) => "closed: evidence is incomplete",
        (_, _) => "closed: unknown decision",
    }
}

/// What the change does, in one sentence.
pub(super) fn summary(view: &GateView<'_>) -> String {
    let part = |class, verb: &str| match total(view, class) {
        0 => None,
        n => Some(match class {
            Class::Added => format!(
                "{verb} {} ({})",
                counted(n, "finding", "findings"),
                severities(view, class)
            ),
            Class::MadeUnknown => format!("{verb} {} unknown", count(n)),
            _ => format!("{verb} {}", count(n)),
        }),
    };
    let parts: Vec<_> =
        [(Class::Added, "adds"), (Class::MadeUnknown, "makes"), (Class::Fixed, "fixes")]
            .into_iter()
            .filter_map(|(class, verb)| part(class, verb))
            .collect();
    match parts.split_last() {
        None => "This change adds no finding, fixes none, and makes nothing unknown.".to_owned(),
        Some((last, [])) => format!("This change {last}."),
        Some((last, rest)) => format!("This change {} and {last}.", rest.join(", ")),
    }
}

/// What else there is and is not gated upon by itself: `12 unchanged, 3 still unknown`; nothing when there is nothing.
pub(super) fn others(view: &GateView<'_>) -> String {
    let parts: Vec<_> = [Class::Unchanged, Class::StillUnknown, Class::Waived]
        .into_iter()
        .filter_map(|class| match total(view, class) {
            0 => None,
            n => Some(format!("{} {} ({})", count(n), class.words(), severities(view, class))),
        })
        .collect();
    parts.join(", ")
}

/// `3 to create, 1 to replace`.
pub(super) fn actions(view: &GateView<'_>) -> String {
    let words =
        view.report.actions.iter().filter(|(_, n)| **n > 0).map(|(action, n)| match action {
            Action::NoOp => format!("{} unchanged", count(*n)),
            action => format!("{} to {}", count(*n), action.words()),
        });
    let words: Vec<_> = words.collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// What names a finding's subject best: its address in the input, or else its name or id.
pub(super) fn title_of(finding: &GateFinding) -> Cow<'_, str> {
    match finding.addresses.first() {
        Some(address) => Cow::Borrowed(address),
        None => Cow::Owned(own_name(&finding.finding.subject)),
    }
}

fn own_name(subject: &Subject) -> String {
    if subject.id == "*" {
        return format!("every {}", subject.kind);
    }
    match &subject.name {
        Some(name) if is_planned(&subject.id) => name.clone(),
        Some(name) if *name != subject.id => format!("{} ({name})", subject.id),
        _ => subject.id.clone(),
    }
}

/// What a subject is and where: `aws.ec2.instance i-0a1 (web) in 111122223333 eu-west-1, production`.
pub(super) fn subject(finding: &GateFinding) -> String {
    let subject = &finding.finding.subject;
    let place = format!("in {} {}", subject.account, subject.region);
    let environment = match &subject.environment {
        Some(environment) => format!(", {environment}"),
        None => String::new(),
    };
    let name = match (&subject.name, subject.id.as_str()) {
        (_, "*") => return format!("every {} {place}{environment}", subject.kind),
        (Some(name), id) if is_planned(id) => format!(" {name}, new,"),
        (None, id) if is_planned(id) => ", new,".to_owned(),
        _ => format!(" {}", own_name(subject)),
    };
    let afar = if finding.addresses.is_empty() {
        "; the input does not name it: the change reaches it from elsewhere"
    } else {
        ""
    };
    format!("{}{name} {place}{environment}{afar}", subject.kind)
}

/// The steps by which somebody gets there, when the witness is a path.
pub(super) fn path(finding: &GateFinding) -> Vec<&str> {
    let steps = finding.finding.witness.get("path").and_then(serde_json::Value::as_array);
    steps.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

/// What an attacker does, and what to write instead, where the witness says so in words.
pub(super) fn said(finding: &GateFinding) -> Vec<(&'static str, &str)> {
    let word = |key| finding.finding.witness.get(key).and_then(serde_json::Value::as_str);
    [("witness", "because"), ("instead", "instead")]
        .into_iter()
        .filter_map(|(key, label)| Some((label, word(key)?)))
        // Most messages carry the witness already.
        .filter(|(_, text)| !finding.finding.message.contains(text))
        .collect()
}

/// A place in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    /// The first and last line; nothing when only the file is known.
    pub(super) lines: Option<(u64, u64)>,
}

impl Place {
    /// `main.tf:12`, or the file alone.
    pub(super) fn words(&self) -> String {
        match self.lines {
            Some((first, _)) => format!("{}:{first}", self.file),
            None => self.file.clone(),
        }
    }
}

/// Where a finding's subject stands in the sources, when that is known.
pub(super) fn source(view: &GateView<'_>, finding: &GateFinding) -> Option<Place> {
    let location = finding.location.as_ref()?;
    let file = within(&view.options.source_prefix, &location.file);
    Some(Place { file, lines: Some((location.line, location.end_line)) })
}

/// A path behind a prefix. A module beside the folder of sources (`../modules/net`) is beside the prefix.
fn within(prefix: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in prefix.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The same, or the input itself: for formats that demand a file.
pub(super) fn place(view: &GateView<'_>, finding: &GateFinding) -> Place {
    source(view, finding).unwrap_or_else(|| Place { file: input_file(view), lines: None })
}

/// The input as a path within the repository. One from outside (an absolute path, standard input) is given by its last
/// part, since these formats take relative paths alone.
pub(super) fn input_file(view: &GateView<'_>) -> String {
    let path = view.report.input.replace('\\', "/");
    let path = path.trim_start_matches("./");
    let outside = path.starts_with('/')
        || path.contains("..")
        || path.as_bytes().get(1).is_some_and(|byte| *byte == b':');
    let name = if outside { path.rsplit('/').next().unwrap_or_default() } else { path };
    match name {
        "" | "-" => "input".to_owned(),
        name => name.to_owned(),
    }
}

/// What would let the change through, as far as flags go, for one reason.
pub(super) fn way_out(reason: &Reason) -> String {
    let (class, level) = reason.threshold.split_once(':').unwrap_or((&reason.threshold, ""));
    let severity = Severity::ALL.into_iter().find(|severity| severity.word() == level);
    let worst = reason.severity.or(severity);
    let above = Severity::ALL.into_iter().rev().find(|severity| Some(*severity) > worst);
    match (class, above) {
        ("added" | "any", Some(above)) => format!(
            "`--fail-on {class}:{above}` would let it pass, and so would a waiver of each that is meant"
        ),
        ("added" | "any", None) => {
            "only a waiver of each that is meant, or `--warn-only`, would let it pass".to_owned()
        }
        ("unknown", Some(above)) => format!("`--unknown fail:{above}` would let it pass"),
        ("unknown", None) => "`--unknown warn` would let it pass".to_owned(),
        ("score-drop", _) => {
            "a larger `--fail-on score-drop:…`, or `--warn-only`, would let it pass".to_owned()
        }
        ("stale", _) => "make the input again, or take `--stale warn`".to_owned(),
        _ => String::new(),
    }
}

/// Whether a finding is among what closes the gate, or would without warn-only mode.
pub(super) fn closes(decision: &Decision, finding: &GateFinding) -> bool {
    decision.reasons.iter().any(|reason| {
        let Some((class, level)) = reason.threshold.split_once(':') else { return false };
        let Some(least) = Severity::ALL.into_iter().find(|s| s.word() == level) else {
            return false;
        };
        finding.finding.severity >= least && is_of(class, finding.class)
    })
}

fn is_of(word: &str, class: Class) -> bool {
    match word {
        "added" => class == Class::Added,
        "any" => matches!(class, Class::Added | Class::Unchanged),
        "unknown" => class == Class::MadeUnknown,
        _ => false,
    }
}

/// `61 → 58 (−3)`; a score that is not rated is said to be so.
pub(super) fn score_words(score: &ScoreChange) -> String {
    let one = |value: Option<f64>| value.map_or_else(|| "not rated".to_owned(), points);
    let change = match (score.before, score.after) {
        (Some(before), Some(after)) if (after - before).abs() >= 0.05 => {
            let sign = if after < before { "−" } else { "+" };
            format!(" ({sign}{:.1})", (after - before).abs())
        }
        (Some(_), Some(_)) => " (unchanged)".to_owned(),
        _ => String::new(),
    };
    format!("{} → {}{change}", one(score.before), one(score.after))
}

/// How much of the input was understood: a line each for what was mapped, what was not, and the relations.
pub(super) fn coverage(view: &GateView<'_>) -> Vec<String> {
    const LISTED: usize = 12;
    let reading = &view.report.reading;
    let sum = |map: &BTreeMap<String, u64>| map.values().sum::<u64>();
    let (mapped, unmapped, foreign) =
        (sum(&reading.mapped), sum(&reading.unmapped), sum(&reading.foreign));
    let mut lines = vec![format!(
        "{} of {} read into the inventory, of {}",
        count(mapped),
        counted(mapped + unmapped + foreign, "thing", "things"),
        counted(reading.mapped.len() as u64, "type", "types"),
    )];
    if unmapped > 0 {
        let mut types: Vec<_> = reading.unmapped.iter().collect();
        types.sort_by_key(|(name, n)| (Reverse(**n), *name));
        let rest = types.len().saturating_sub(LISTED);
        let mut words: Vec<_> =
            types.iter().take(LISTED).map(|(name, n)| format!("{name} ×{}", count(**n))).collect();
        if rest > 0 {
            words.push(format!("{} more types", count(rest as u64)));
        }
        lines.push(format!("nothing is concluded about {}: {}", count(unmapped), words.join(", ")));
    }
    if foreign > 0 {
        lines.push(format!("{} of other providers, which are not looked at", count(foreign)));
    }
    let relations = &reading.relations;
    if relations.resolved + relations.ambiguous > 0 || !relations.left.is_empty() {
        lines.push(format!(
            "relations not known yet: {} followed to the thing that is meant, {} to one of several, {} left unknown",
            count(relations.resolved),
            count(relations.ambiguous),
            count(relations.left.len() as u64),
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_beside_the_sources_are_beside_the_prefix() {
        assert_eq!(within("envs/prod", "../../modules/net/main.tf"), "modules/net/main.tf");
        assert_eq!(within("./infra/", "a.tf"), "infra/a.tf");
        assert_eq!(within("", "../a.tf"), "../a.tf");
    }

    #[test]
    fn the_way_out_names_the_next_severity() {
        let way = |threshold: &str, severity| {
            way_out(&Reason { threshold: threshold.to_owned(), words: String::new(), severity })
        };
        assert!(way("added:low", Some(Severity::Medium)).contains("`--fail-on added:high`"));
        assert!(way("any:high", Some(Severity::Critical)).contains("only a waiver"));
        assert!(way("unknown:high", Some(Severity::High)).contains("`--unknown fail:critical`"));
        assert!(way("unknown:high", Some(Severity::Critical)).contains("`--unknown warn`"));
        assert!(way("score-drop:5", None).contains("larger"));
        assert_eq!(way("empty", None), "");
    }
}
