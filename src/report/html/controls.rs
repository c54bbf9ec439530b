//! Frameworks with their sections and controls, checks with their texts, and other standards' view of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::summary::{Related, controls_in, is_readiness, state_words};
use super::super::text::{clean, count, points, tally_line};
use super::super::{CheckText, Report};
use super::prose;
use super::view::{ParamView, ScoreView, Segment, params, score_view, state_class, tally_segments};
use crate::assess::CheckResult;
use crate::finding::Outcome;
use crate::posture::{ControlResult, Evidence, EvidenceKind, FrameworkResult, SectionResult};

/// A framework with all its controls.
#[derive(Serialize)]
pub(super) struct FrameworkView {
    id: String,
    title: String,
    version: String,
    readiness: bool,
    sections: Vec<SectionView>,
}

#[derive(Serialize)]
struct SectionView {
    id: String,
    title: String,
    score: ScoreView,
    documented: Option<Share>,
    proved: Option<Share>,
    items: String,
    controls: Vec<ControlView>,
}

/// A percentage and the width of its bar.
#[derive(Serialize)]
struct Share {
    points: String,
    width: f64,
}

#[derive(Serialize)]
struct ControlView {
    id: String,
    title: String,
    severity: &'static str,
    state: &'static str,
    words: &'static str,
    result: String,
    segments: Vec<Segment>,
    reason: Option<String>,
    evidence: Vec<EvidenceView>,
    params: Vec<ParamView>,
    maps: Vec<Mapped>,
    /// Whether there are findings to show.
    findings: bool,
}

#[derive(Serialize)]
struct EvidenceView {
    kind: &'static str,
    id: String,
    title: String,
    /// Whether the id is that of a check on this page.
    check: bool,
    result: String,
    note: Option<String>,
}

/// Ids of another standard.
#[derive(Serialize)]
struct Mapped {
    standard: String,
    ids: String,
}

/// A check with its text.
#[derive(Serialize)]
pub(super) struct CheckView {
    id: String,
    title: String,
    severity: &'static str,
    kind: String,
    result: String,
    not_applicable: Option<String>,
    segments: Vec<Segment>,
    class: &'static str,
    findings: bool,
    why: String,
    audit: String,
    remedies: Vec<Remedy>,
    controls: Vec<String>,
    maps: Vec<Mapped>,
    params: Vec<ParamView>,
}

#[derive(Serialize)]
struct Remedy {
    way: &'static str,
    html: String,
}

/// What the controls of another standard come to here.
#[derive(Serialize)]
pub(super) struct Crosswalk {
    standard: String,
    lines: Vec<CrosswalkLine>,
}

#[derive(Serialize)]
struct CrosswalkLine {
    id: String,
    controls: Vec<CrosswalkControl>,
}

#[derive(Serialize)]
struct CrosswalkControl {
    id: String,
    state: &'static str,
    words: &'static str,
}

/// All frameworks.
pub(super) fn frameworks(report: &Report<'_>, related: &Related<'_>) -> Vec<FrameworkView> {
    let view = |framework: &FrameworkResult| FrameworkView {
        id: clean(&framework.id).into_owned(),
        title: clean(&framework.title).into_owned(),
        version: clean(&framework.version).into_owned(),
        readiness: is_readiness(framework),
        sections: framework.sections.iter().map(|s| section(framework, s, related)).collect(),
    };
    report.posture.frameworks.iter().map(view).collect()
}

fn section(
    framework: &FrameworkResult,
    section: &SectionResult,
    related: &Related<'_>,
) -> SectionView {
    let share = |value: f64| Share { points: points(value), width: value.clamp(0.0, 100.0) };
    let controls: Vec<_> =
        controls_in(framework, section).map(|control| control_view(control, related)).collect();
    SectionView {
        id: clean(&section.id).into_owned(),
        title: clean(&section.title).into_owned(),
        score: score_view(&section.score),
        documented: section.documented.map(share),
        proved: section.proved.map(share),
        items: count(controls.len() as u64),
        controls,
    }
}

fn control_view(control: &ControlResult, related: &Related<'_>) -> ControlView {
    ControlView {
        id: clean(&control.id).into_owned(),
        title: clean(&control.title).into_owned(),
        severity: control.severity.word(),
        state: state_class(control.state),
        words: state_words(control.state),
        result: tally_line(&control.tally),
        segments: tally_segments(&control.tally),
        reason: control.reason.as_ref().map(|reason| clean(reason).into_owned()),
        evidence: control.evidence.iter().map(|e| evidence(e, related)).collect(),
        params: params(&control.params),
        maps: mapped(&control.maps),
        findings: control.evidence.iter().any(|e| {
            let t = &e.tally;
            e.kind == EvidenceKind::Check && t.fail + t.unknown + t.waived > 0
        }),
    }
}

fn evidence(evidence: &Evidence, related: &Related<'_>) -> EvidenceView {
    let is_check = evidence.kind == EvidenceKind::Check;
    EvidenceView {
        kind: match evidence.kind {
            EvidenceKind::Check => "check",
            EvidenceKind::Attestation => "attestation",
            EvidenceKind::Exercise => "exercise",
            EvidenceKind::Posture => "posture",
        },
        id: if evidence.id.is_empty() {
            "no record".to_owned()
        } else {
            clean(&evidence.id).into_owned()
        },
        title: if is_check {
            clean(related.title_of(&evidence.id)).into_owned()
        } else {
            String::new()
        },
        check: is_check && related.result(&evidence.id).is_some(),
        result: tally_line(&evidence.tally),
        note: evidence.note.as_ref().map(|note| clean(note).into_owned()),
    }
}

fn mapped(maps: &BTreeMap<String, Vec<String>>) -> Vec<Mapped> {
    maps.iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(standard, ids)| Mapped {
            standard: clean(standard).into_owned(),
            ids: clean(&ids.join(", ")).into_owned(),
        })
        .collect()
}

/// All checks, those with fails first, then by severity.
pub(super) fn checks(report: &Report<'_>, related: &Related<'_>) -> Vec<CheckView> {
    let mut checks: Vec<&CheckResult> = report.assessment.checks.iter().collect();
    checks.sort_by_key(|check| {
        let t = &check.tally;
        let rank = match (t.fail, t.unknown) {
            (0, 0) => 2,
            (0, _) => 1,
            _ => 0,
        };
        (rank, std::cmp::Reverse(check.severity), &check.id)
    });
    checks.into_iter().map(|check| check_view(check, related)).collect()
}

fn check_view(check: &CheckResult, related: &Related<'_>) -> CheckView {
    let text = related.text(&check.id);
    let tally = &check.tally;
    CheckView {
        id: clean(&check.id).into_owned(),
        title: clean(&check.title).into_owned(),
        severity: check.severity.word(),
        kind: clean(&check.kind).into_owned(),
        result: tally_line(tally),
        not_applicable: (tally.not_applicable > 0 && tally.applicable() > 0)
            .then(|| count(tally.not_applicable)),
        segments: tally_segments(tally),
        class: match worst(check) {
            Outcome::Fail => "fail",
            Outcome::Unknown => "unknown",
            Outcome::Waived => "waived",
            Outcome::Pass => "pass",
            Outcome::NotApplicable => "none",
        },
        findings: tally.fail + tally.unknown + tally.waived > 0,
        why: text.map(|text| prose::html(&text.why)).unwrap_or_default(),
        audit: text.and_then(|text| text.audit.as_deref()).map(prose::html).unwrap_or_default(),
        remedies: text.map(remedies).unwrap_or_default(),
        controls: related.controls_of(&check.id).iter().map(|id| clean(id).into_owned()).collect(),
        maps: text.map(|text| mapped(&text.controls)).unwrap_or_default(),
        params: params(&check.params),
    }
}

fn worst(check: &CheckResult) -> Outcome {
    let t = &check.tally;
    [(Outcome::Fail, t.fail), (Outcome::Unknown, t.unknown), (Outcome::Waived, t.waived)]
        .into_iter()
        .chain([(Outcome::Pass, t.pass)])
        .find(|(_, n)| *n > 0)
        .map_or(Outcome::NotApplicable, |(outcome, _)| outcome)
}

fn remedies(text: &CheckText) -> Vec<Remedy> {
    let ways = [
        ("Console", text.console.as_deref().map(prose::html)),
        ("Command line", text.cli.as_deref().map(prose::code)),
        ("Terraform", text.terraform.as_deref().map(prose::code)),
    ];
    ways.into_iter().filter_map(|(way, html)| html.map(|html| Remedy { way, html })).collect()
}

/// Other standards' ids, with our controls that speak to them.
pub(super) fn crosswalk(report: &Report<'_>) -> Vec<Crosswalk> {
    let mut standards: BTreeMap<&str, BTreeMap<Natural<'_>, Vec<&ControlResult>>> = BTreeMap::new();
    for control in report.posture.frameworks.iter().flat_map(|framework| &framework.controls) {
        for (standard, ids) in &control.maps {
            for id in ids {
                let lines = standards.entry(standard).or_default();
                lines.entry(Natural::of(id)).or_default().push(control);
            }
        }
    }
    standards
        .into_iter()
        .map(|(standard, lines)| Crosswalk {
            standard: clean(standard).into_owned(),
            lines: lines
                .into_iter()
                .map(|(id, controls)| CrosswalkLine {
                    id: clean(id.text).into_owned(),
                    controls: controls
                        .into_iter()
                        .map(|control| CrosswalkControl {
                            id: clean(&control.id).into_owned(),
                            state: state_class(control.state),
                            words: state_words(control.state),
                        })
                        .collect(),
                })
                .collect(),
        })
        .collect()
}

/// An id in the order people expect: 1.2 before 1.10.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Natural<'a> {
    parts: Vec<(u64, &'a str)>,
    text: &'a str,
}

impl<'a> Natural<'a> {
    fn of(text: &'a str) -> Self {
        let parts = text
            .split(['.', '-', '(', ')', ' '])
            // A part that is no number sorts behind the numbers.
            .map(|part| part.parse().map_or((u64::MAX, part), |number| (number, "")))
            .collect();
        Self { parts, text }
    }
}
