//! What the template is filled with: words and numbers, ready to be set.

use serde::Serialize;

use super::super::Report;
use super::super::summary::{
    self, Related, STATES, Summary, applicable, attention, days_left, in_state, state_words,
};
use super::super::text::{clean, count, counted, not_rated, points, tally_line};
use super::controls::{self, CheckView, Crosswalk, FrameworkView};
use super::findings::{self, Row};
use super::places::{self, Gap, Matrix};
use crate::assess::ParamUse;
use crate::finding::{Outcome, Severity, Tally};
use crate::posture::{ControlState, FrameworkResult, Score};

/// The page.
#[derive(Serialize)]
pub(super) struct View {
    title: String,
    tool: String,
    at: String,
    empty: bool,
    cover: Vec<Fact>,
    headlines: Vec<Headline>,
    evaluations: Totals,
    severities: Vec<SeverityLine>,
    actions: Vec<Action>,
    matrix: Matrix,
    gaps: Vec<Gap>,
    gaps_more: usize,
    frameworks: Vec<FrameworkView>,
    findings_total: String,
    findings_listed: String,
    findings_more: String,
    rows: Vec<Row>,
    waivers: Vec<WaiverView>,
    refused: Vec<String>,
    causes: Vec<CauseView>,
    undetermined: String,
    checks: Vec<CheckView>,
    crosswalk: Vec<Crosswalk>,
    sha256: String,
    path: String,
    soon_days: i64,
}

/// A line of the cover.
#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
    code: bool,
}

/// A framework's score.
#[derive(Serialize)]
pub(super) struct Headline {
    id: String,
    title: String,
    version: String,
    readiness: bool,
    score: ScoreView,
    caps: Vec<CapView>,
}

/// A score, to be shown as numbers and as a bar.
#[derive(Serialize)]
pub(super) struct ScoreView {
    pub(super) rated: bool,
    pub(super) not_rated: String,
    pub(super) reason: String,
    pub(super) gross: String,
    pub(super) net: String,
    pub(super) best: String,
    pub(super) coverage: String,
    pub(super) grade: String,
    pub(super) grade_class: String,
    /// Widths of the bar, in percent.
    pub(super) solid: f64,
    pub(super) open: f64,
    /// Where the hardest cap stands.
    pub(super) cap: Option<f64>,
    pub(super) satisfied: String,
    pub(super) applicable: String,
    pub(super) failed: String,
    pub(super) undetermined: String,
    pub(super) gaps: String,
    pub(super) states: Vec<Segment>,
}

/// A part of a stacked bar, with its entry in the legend.
#[derive(Serialize)]
pub(super) struct Segment {
    pub(super) class: &'static str,
    pub(super) words: &'static str,
    pub(super) count: String,
    pub(super) x: f64,
    pub(super) width: f64,
}

#[derive(Serialize)]
struct CapView {
    limit: String,
    name: String,
    controls: Vec<String>,
}

/// The evaluations by outcome.
#[derive(Serialize)]
struct Totals {
    applicable: String,
    not_applicable: String,
    segments: Vec<Segment>,
}

#[derive(Serialize)]
struct SeverityLine {
    severity: &'static str,
    fail: String,
    unknown: String,
    waived: String,
}

/// A control that would gain something.
#[derive(Serialize)]
struct Action {
    id: String,
    title: String,
    severity: &'static str,
    state: &'static str,
    words: &'static str,
    result: String,
    gain: String,
}

#[derive(Serialize)]
struct WaiverView {
    id: String,
    owner: String,
    approver: String,
    reason: String,
    checks: Vec<String>,
    until: String,
    left: String,
    state: String,
    class: &'static str,
    attention: Option<String>,
    matched: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct CauseView {
    cause: String,
    resolve: Option<String>,
    evaluations: String,
    checks: Vec<String>,
    places: Vec<String>,
    places_more: usize,
}

/// A parameter in force.
#[derive(Serialize)]
pub(super) struct ParamView {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) origin: String,
}

impl View {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let assessment = report.assessment;
        let summary = Summary::of(report);
        let related = Related::of(report);
        let listed = report.options.listed_max.min(assessment.findings.len());
        let (gaps, gaps_more) = places::gaps(&assessment.coverage);
        Self {
            title: clean(report.options.title.as_deref().unwrap_or("Assessment")).into_owned(),
            tool: clean(&assessment.tool).into_owned(),
            at: assessment.at.to_string(),
            empty: assessment.inventory.resources == 0,
            cover: cover(report),
            headlines: report.posture.frameworks.iter().map(headline).collect(),
            evaluations: totals(&summary.evaluations),
            severities: severities(&summary),
            actions: actions(report),
            matrix: places::matrix(&assessment.coverage),
            gaps,
            gaps_more,
            frameworks: controls::frameworks(report, &related),
            findings_total: count(assessment.findings.len() as u64),
            findings_listed: count(listed as u64),
            findings_more: match assessment.findings.len() - listed {
                0 => String::new(),
                more => count(more as u64),
            },
            rows: findings::rows(report, &related, listed),
            waivers: assessment.waivers.iter().map(|w| waiver(report, w)).collect(),
            refused: report.posture.refused_records.iter().map(|r| clean(r).into_owned()).collect(),
            undetermined: count(summary.causes.iter().map(|cause| cause.evaluations).sum()),
            causes: summary.causes.iter().map(cause).collect(),
            checks: controls::checks(report, &related),
            crosswalk: controls::crosswalk(report),
            sha256: clean(&assessment.inventory.sha256).into_owned(),
            path: clean(&assessment.inventory.path).into_owned(),
            soon_days: report.options.soon_days,
        }
    }
}

fn cover(report: &Report<'_>) -> Vec<Fact> {
    let assessment = report.assessment;
    let inventory = &assessment.inventory;
    let fact = |name, value: String| Fact { name, value, code: false };
    let code = |name, value: String| Fact { name, value, code: true };
    let scope = inventory.scope.iter().map(|s| clean(s)).collect::<Vec<_>>().join("; ");
    let mut facts = vec![
        fact("Assessed at", assessment.at.to_string()),
        fact("Evidence collected at", inventory.created.to_string()),
        fact(
            "Inventory",
            format!(
                "{} of {} in {} and {}",
                counted(inventory.resources, "resource", "resources"),
                counted(inventory.by_type.len() as u64, "type", "types"),
                counted(inventory.accounts.len() as u64, "account", "accounts"),
                counted(inventory.regions.len() as u64, "region", "regions"),
            ),
        ),
    ];
    if !scope.is_empty() {
        facts.push(fact("Scope asked for", scope));
    }
    for framework in &report.posture.frameworks {
        let text = format!("{} {}", clean(&framework.title), clean(&framework.version));
        facts.push(fact("Framework", text));
    }
    facts.push(fact("Checks", count(assessment.checks.len() as u64)));
    facts.push(fact("Made by", clean(&assessment.tool).into_owned()));
    facts.push(code("Snapshot", clean(&inventory.path).into_owned()));
    facts.push(code("SHA-256", clean(&inventory.sha256).into_owned()));
    facts
}

fn headline(framework: &FrameworkResult) -> Headline {
    Headline {
        id: clean(&framework.id).into_owned(),
        title: clean(&framework.title).into_owned(),
        version: clean(&framework.version).into_owned(),
        readiness: summary::is_readiness(framework),
        score: score_view(&framework.score),
        caps: framework
            .score
            .caps
            .iter()
            .map(|cap| CapView {
                limit: points(cap.limit),
                name: clean(&cap.name).into_owned(),
                controls: cap.controls.iter().map(|id| clean(id).into_owned()).collect(),
            })
            .collect(),
    }
}

/// A score ready to be shown. Of one that is not rated, no number leaves this function.
pub(super) fn score_view(score: &Score) -> ScoreView {
    let number = |value: f64| if score.rated { points(value) } else { String::new() };
    let width = |value: f64| if score.rated { value.clamp(0.0, 100.0) } else { 0.0 };
    let state = |state| count(in_state(score, state));
    let counts: Vec<_> = STATES
        .into_iter()
        .filter(|state| *state != ControlState::NotApplicable)
        .map(|state| {
            let n = in_state(score, state);
            let words =
                if state == ControlState::Gap && n != 1 { "gaps" } else { state_words(state) };
            (state_class(state), words, n)
        })
        .collect();
    ScoreView {
        rated: score.rated,
        not_rated: if score.rated { String::new() } else { not_rated(score) },
        reason: score
            .not_rated_because
            .as_deref()
            .map(|r| clean(r).into_owned())
            .unwrap_or_default(),
        gross: number(score.gross),
        net: number(score.net),
        best: number(score.best),
        coverage: number(score.coverage),
        grade: if score.rated { clean(&score.grade).into_owned() } else { String::new() },
        grade_class: score
            .grade
            .chars()
            .next()
            .filter(char::is_ascii_alphabetic)
            .map_or_else(String::new, |c| c.to_ascii_lowercase().to_string()),
        solid: width(score.net),
        open: (width(score.best) - width(score.net)).max(0.0),
        cap: score.caps.first().filter(|_| score.rated).map(|cap| cap.limit.clamp(0.0, 100.0)),
        satisfied: state(ControlState::Satisfied),
        applicable: count(applicable(score)),
        failed: state(ControlState::Failed),
        undetermined: state(ControlState::Undetermined),
        gaps: state(ControlState::Gap),
        states: segments(&counts),
    }
}

fn segments(counts: &[(&'static str, &'static str, u64)]) -> Vec<Segment> {
    let total: u64 = counts.iter().map(|(.., n)| n).sum();
    let mut before = 0;
    counts
        .iter()
        .filter(|(.., n)| *n > 0)
        .map(|(class, words, n)| {
            let x = percent(before, total);
            before += n;
            Segment { class, words, count: count(*n), x, width: percent(*n, total) }
        })
        .collect()
}

/// A share in percent with two decimals, for drawing only: no number that anybody reads.
fn percent(part: u64, whole: u64) -> f64 {
    let basis_points = u128::from(part) * 10_000 / u128::from(whole.max(1));
    f64::from(u32::try_from(basis_points).unwrap_or(10_000)) / 100.0
}

fn totals(tally: &Tally) -> Totals {
    Totals {
        applicable: count(tally.applicable()),
        not_applicable: count(tally.not_applicable),
        segments: tally_segments(tally),
    }
}

/// The bar of a tally.
pub(super) fn tally_segments(tally: &Tally) -> Vec<Segment> {
    segments(&[
        ("pass", "pass", tally.pass),
        ("waived", "waived", tally.waived),
        ("fail", "fail", tally.fail),
        ("unknown", "unknown", tally.unknown),
    ])
}

fn severities(summary: &Summary<'_>) -> Vec<SeverityLine> {
    let of = |outcome, severity| {
        count(summary.findings.get(&(outcome, severity)).copied().unwrap_or_default())
    };
    Severity::ALL
        .into_iter()
        .map(|severity| SeverityLine {
            severity: severity.word(),
            fail: of(Outcome::Fail, severity),
            unknown: of(Outcome::Unknown, severity),
            waived: of(Outcome::Waived, severity),
        })
        .collect()
}

/// The ten controls whose repair gains most, over all frameworks.
fn actions(report: &Report<'_>) -> Vec<Action> {
    let mut list: Vec<_> = report
        .posture
        .frameworks
        .iter()
        .flat_map(|framework| &framework.controls)
        .filter(|control| control.weight > 0.0)
        .collect();
    list.sort_by(|a, b| {
        let gain = b.weight.total_cmp(&a.weight);
        gain.then(b.severity.cmp(&a.severity)).then_with(|| a.id.cmp(&b.id))
    });
    list.into_iter()
        .take(10)
        .map(|control| Action {
            id: clean(&control.id).into_owned(),
            title: clean(&control.title).into_owned(),
            severity: control.severity.word(),
            state: state_class(control.state),
            words: state_words(control.state),
            result: tally_line(&control.tally),
            gain: format!("{:.1}", control.weight),
        })
        .collect()
}

fn waiver(report: &Report<'_>, waiver: &crate::assess::WaiverUse) -> WaiverView {
    let left = days_left(report, waiver);
    WaiverView {
        id: clean(&waiver.id).into_owned(),
        owner: clean(&waiver.owner).into_owned(),
        approver: clean(&waiver.approver).into_owned(),
        reason: clean(&waiver.reason).into_owned(),
        checks: waiver.checks.iter().map(|id| clean(id).into_owned()).collect(),
        until: waiver.until.to_string(),
        left: if left < 0 {
            format!("{} ago", counted(left.unsigned_abs(), "day", "days"))
        } else {
            format!("{} left", counted(left.unsigned_abs(), "day", "days"))
        },
        state: clean(&waiver.state).into_owned(),
        class: match waiver.state.as_str() {
            "in force" => "accepted",
            "refused" => "failed",
            _ => "gap",
        },
        attention: attention(report, waiver).map(summary::Attention::words),
        matched: count(waiver.matched),
        note: waiver.note.as_ref().map(|note| clean(note).into_owned()),
    }
}

fn cause(group: &summary::CauseGroup<'_>) -> CauseView {
    const PLACES_MAX: usize = 40;
    let places = group.places.iter().take(PLACES_MAX);
    CauseView {
        cause: clean(&group.cause).into_owned(),
        resolve: group.resolve.as_ref().map(|text| clean(text).replace('`', "")),
        evaluations: count(group.evaluations),
        checks: group.checks.iter().map(|id| clean(id).into_owned()).collect(),
        places: places.map(|(account, region)| format!("{account} {region}")).collect(),
        places_more: group.places.len().saturating_sub(PLACES_MAX),
    }
}

/// The class that gives a state its colour.
pub(super) fn state_class(state: ControlState) -> &'static str {
    match state {
        ControlState::Failed => "failed",
        ControlState::Undetermined => "undetermined",
        ControlState::Gap => "gap",
        ControlState::Accepted => "accepted",
        ControlState::Satisfied => "satisfied",
        ControlState::NotApplicable => "none",
    }
}

/// Parameters with their values as JSON and their origins.
pub(super) fn params<'a>(
    params: impl IntoIterator<Item = (&'a String, &'a ParamUse)>,
) -> Vec<ParamView> {
    params
        .into_iter()
        .map(|(name, param)| ParamView {
            name: clean(name).into_owned(),
            value: clean(&param.value.to_string()).into_owned(),
            origin: clean(&param.origin).into_owned(),
        })
        .collect()
}
