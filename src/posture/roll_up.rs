//! From an assessment and records to controls, sections and frameworks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::evidence::{Piece, Sources};
use super::readiness::{self, Shares};
use super::score::{Weighed, score, severity_weight, total_weight};
use super::{
    ControlResult, ControlState, Evidence, EvidenceKind, FrameworkResult, Posture, Score,
    SectionResult,
};
use crate::assess::{Assessment, ParamUse};
use crate::attestation::Records;
use crate::clock;
use crate::finding::{Severity, Tally};
use crate::framework::{Control, FrameworkKind, ResolvedFramework, Section};

/// How many reasons a control's line names before it says how many more there are.
const REASONS_MAX: usize = 3;
/// What readiness must reach for an A+.
const READINESS_MIN: f64 = 80.0;

/// Where an organisation stands against its frameworks at a moment.
pub fn roll_up(
    assessment: &Assessment,
    frameworks: &[ResolvedFramework],
    records: &Records,
    at: Timestamp,
) -> Posture {
    let today = clock::today(at);
    let mut sources = Sources {
        assessment,
        checks: assessment.checks.iter().map(|c| (c.id.as_str(), c)).collect(),
        records,
        at,
        today,
        done: Vec::new(),
    };
    let known: BTreeSet<&str> =
        frameworks.iter().flat_map(|f| f.controls().map(|(_, c)| c.id.as_str())).collect();
    let mut refused: BTreeSet<String> = records.refusals(today, &known).into_iter().collect();
    for framework in in_order(frameworks) {
        for (_, control) in framework.controls() {
            refused.extend(sources.refusals(control));
            refused.extend(lapsed_scope(framework, control, today));
        }
        let result = one(&sources, framework);
        sources.done.push(result);
    }
    let mut results = sources.done;
    results.sort_by_key(|result| frameworks.iter().position(|f| f.id == result.id));
    honour(&mut results, frameworks);
    Posture { frameworks: results, refused_records: refused.into_iter().collect() }
}

/// Those that import others after those others; what imports in a circle comes last and finds nothing there.
fn in_order(frameworks: &[ResolvedFramework]) -> Vec<&ResolvedFramework> {
    let mut waiting: Vec<&ResolvedFramework> = frameworks.iter().collect();
    let mut out: Vec<&ResolvedFramework> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|framework| {
            framework
                .controls()
                .filter_map(|(_, c)| c.import.as_ref())
                .all(|i| !waiting.iter().any(|w| w.id == i.framework && w.id != framework.id))
        });
        out.push(waiting.remove(ready.unwrap_or(0)));
    }
    out
}

fn lapsed_scope(
    framework: &ResolvedFramework,
    control: &Control,
    today: jiff::civil::Date,
) -> Option<String> {
    let decision = control.out_of_scope.as_ref()?;
    let end = decision.review_by.filter(|end| today > *end)?;
    Some(format!(
        "{}/{}: the decision to leave it out lapsed on {end}, and it counts again: {}",
        framework.id, control.id, decision.words
    ))
}

fn one(sources: &Sources<'_>, framework: &ResolvedFramework) -> FrameworkResult {
    let mut controls = Vec::new();
    let mut shares = Vec::new();
    let mut weights = Vec::new();
    for section in &framework.sections {
        let mut share = Shares::default();
        for control in &section.controls {
            let (result, pieces) = judge(sources, framework, section, control);
            let weight = severity_weight(control.severity) * control.weight * section.weight;
            if result.state != ControlState::NotApplicable {
                share.add(weight, &pieces);
            }
            weights.push((weight, pieces.iter().any(|p| p.open)));
            controls.push(result);
        }
        shares.push(share);
    }
    let weighed = |section: Option<&str>| -> Vec<Weighed<'_>> {
        let all = controls.iter().zip(&weights);
        all.filter(|(c, _)| section.is_none_or(|id| c.section == id))
            .map(|(c, (w, open))| weigh(c, *w, *open))
            .collect()
    };
    let readiness = framework.kind == FrameworkKind::Readiness;
    let sections = framework.sections.iter().zip(&shares).map(|(section, share)| SectionResult {
        id: section.id.clone(),
        title: section.title.clone(),
        score: score(&weighed(Some(&section.id))),
        documented: share.documented().filter(|_| readiness),
        proved: share.proved().filter(|_| readiness),
    });
    let sections: Vec<SectionResult> = sections.collect();
    let all = weighed(None);
    let total = total_weight(&all);
    let lost: Vec<f64> = all.iter().map(|c| c.points_lost(total)).collect();
    let score = score(&all);
    for (control, lost) in controls.iter_mut().zip(lost) {
        control.weight = lost;
    }
    FrameworkResult {
        id: framework.id.clone(),
        title: framework.title.clone(),
        version: framework.version.clone(),
        score,
        sections,
        controls,
    }
}

fn weigh(control: &ControlResult, weight: f64, open: bool) -> Weighed<'_> {
    Weighed {
        id: &control.id,
        severity: control.severity,
        weight,
        tally: control.tally,
        state: control.state,
        open,
    }
}

/// The score over some sections of a framework that is rolled up, by severity alone.
pub(super) fn section_score(framework: &FrameworkResult, inside: &dyn Fn(&str) -> bool) -> Score {
    let controls = framework.controls.iter().filter(|c| inside(&c.section));
    let weighed: Vec<_> = controls.map(|c| weigh(c, severity_weight(c.severity), false)).collect();
    score(&weighed)
}

fn judge(
    sources: &Sources<'_>,
    framework: &ResolvedFramework,
    section: &Section,
    control: &Control,
) -> (ControlResult, Vec<Piece>) {
    let mut result = ControlResult {
        id: control.id.clone(),
        title: control.title.clone(),
        section: section.id.clone(),
        severity: control.severity,
        state: ControlState::NotApplicable,
        tally: Tally::default(),
        weight: 0.0,
        evidence: Vec::new(),
        reason: None,
        params: params(framework, control),
        maps: control.maps.clone(),
    };
    let decision = control.out_of_scope.as_ref();
    if let Some(decision) = decision.filter(|d| d.review_by.is_none_or(|end| sources.today <= end))
    {
        let end = decision.review_by.map(|end| format!(", until {end}")).unwrap_or_default();
        result.reason = Some(format!("left out by {}{end}", decision.words));
        return (result, Vec::new());
    }
    let pieces = sources.of(framework, control);
    result.tally = match framework.kind {
        FrameworkKind::Policy => {
            pieces.iter().fold(Tally::default(), |sum, p| sum.plus(p.evidence.tally))
        }
        FrameworkKind::Readiness => readiness::item(&pieces),
    };
    result.state = state(&result.tally, control.is_gap());
    result.evidence = pieces.iter().map(|p| p.evidence.clone()).collect();
    result.reason = reason(result.state, control, &result.evidence);
    (result, pieces)
}

fn state(tally: &Tally, gap: bool) -> ControlState {
    if tally.fail > 0 {
        ControlState::Failed
    } else if tally.unknown > 0 {
        if gap { ControlState::Gap } else { ControlState::Undetermined }
    } else if tally.applicable() == 0 {
        ControlState::NotApplicable
    } else if tally.waived > 0 {
        ControlState::Accepted
    } else {
        ControlState::Satisfied
    }
}

/// Why a control stands where it does.
fn reason(state: ControlState, control: &Control, evidence: &[Evidence]) -> Option<String> {
    let concerned = |wanted: fn(&Tally) -> u64| -> Vec<String> {
        let found = evidence.iter().filter(|e| wanted(&e.tally) > 0);
        found.map(|e| describe(e, wanted(&e.tally))).collect()
    };
    let (what, list) = match state {
        ControlState::Satisfied => return None,
        ControlState::Gap => return control.gap.clone(),
        ControlState::Failed => ("", concerned(|t| t.fail)),
        ControlState::Undetermined => ("undetermined: ", concerned(|t| t.unknown)),
        ControlState::Accepted => ("by waiver: ", concerned(|t| t.waived)),
        ControlState::NotApplicable => {
            return Some(
                evidence
                    .iter()
                    .find(|e| e.kind == EvidenceKind::Attestation && e.tally.not_applicable > 0)
                    .and_then(|e| e.note.clone())
                    .unwrap_or_else(|| {
                        "there is nothing it applies to, and collection is complete".to_owned()
                    }),
            );
        }
    };
    let shown = list.get(..REASONS_MAX.min(list.len())).unwrap_or_default().join("; ");
    let more = match list.len().saturating_sub(REASONS_MAX) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    Some(format!("{what}{shown}{more}"))
}

fn describe(evidence: &Evidence, count: u64) -> String {
    let all = evidence.tally.applicable();
    match (&evidence.note, evidence.id.is_empty() || all <= 2) {
        (Some(note), true) => note.clone(),
        _ => format!("{} ({count} of {all})", evidence.id),
    }
}

/// The parameters in force; those that differ in a scope once more with the scope in the name.
fn params(framework: &ResolvedFramework, control: &Control) -> BTreeMap<String, ParamUse> {
    let mut out = BTreeMap::new();
    for name in &control.params {
        let Some(setting) = framework.values.get(name) else { continue };
        let everywhere = &setting.everywhere;
        let used = ParamUse { value: everywhere.value.clone(), origin: everywhere.origin.clone() };
        out.insert(name.clone(), used);
        for (scope, scoped) in &setting.scoped {
            let used = ParamUse { value: scoped.value.clone(), origin: scoped.origin.clone() };
            out.insert(format!("{name} ({})", scope.words()), used);
        }
    }
    out
}

/// A becomes A+ where nothing limits it, everything is known, no critical control holds by waiver, and the organisation
/// is ready for incidents.
fn honour(results: &mut [FrameworkResult], frameworks: &[ResolvedFramework]) {
    let ready = frameworks
        .iter()
        .filter(|f| f.kind == FrameworkKind::Readiness)
        .filter_map(|f| results.iter().find(|r| r.id == f.id))
        .map(|r| r.score.rated && r.score.net >= READINESS_MIN)
        .reduce(|a, b| a && b)
        .unwrap_or(false);
    for result in results.iter_mut() {
        let waived =
            result.controls.iter().any(|c| c.severity == Severity::Critical && c.tally.waived > 0);
        let score = &mut result.score;
        if ready
            && !waived
            && score.grade == "A"
            && score.caps.is_empty()
            && score.coverage >= 100.0
        {
            "A+".clone_into(&mut score.grade);
        }
    }
}
