//! Scores from tallies: the one place where these numbers are computed.
//!
//! Undetermined controls gate exactly like failing ones. Otherwise taking a permission away from the collector would
//! raise a score.

use std::collections::BTreeMap;

use super::{Cap, ControlState, Score};
use crate::finding::{Severity, Tally};

/// Waivers may lift net over gross by this much.
const WAIVER_LIFT_MAX: f64 = 10.0;
/// Under this coverage, in percent, there is no score.
const RATED_COVERAGE_MIN: f64 = 50.0;
/// The most a score can be below a coverage, hardest first: (coverage in percent, limit).
const COVERAGE_LIMITS: [(f64, f64); 3] = [(75.0, 59.0), (90.0, 79.0), (95.0, 89.0)];
/// Grades by the least net score.
const GRADES: [(f64, &str); 6] =
    [(90.0, "A"), (80.0, "B"), (65.0, "C"), (50.0, "D"), (35.0, "E"), (0.0, "F")];
/// The grade of what is not rated.
const NO_GRADE: &str = "-";

/// What a score needs to know of one control.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its severity.
    pub severity: Severity,
    /// How much it counts: its severity's weight times the factors of overlays.
    pub weight: f64,
    /// Its evaluations; a control with none that apply is left out.
    pub tally: Tally,
    /// Its state, for the counts.
    pub state: ControlState,
    /// Whether it is unknown how much is unknown: a check that did not run, a place that was not collected. The tally
    /// then holds one unknown for what may be a thousand fails, so gross and net give no credit at all; otherwise
    /// hiding a bad account would raise the share of good resources.
    pub open: bool,
}

/// How much a severity counts.
pub fn severity_weight(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 10.0,
        Severity::High => 5.0,
        Severity::Medium => 2.0,
        Severity::Low => 1.0,
    }
}

/// The most a control can count while anything of it fails: a thousand good resources must not hide one bad one.
fn partial_limit(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 0.5,
        Severity::High => 0.7,
        Severity::Medium => 0.85,
        Severity::Low => 0.95,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Gross,
    Net,
    Best,
}

impl Weighed<'_> {
    fn applies(&self) -> bool {
        self.tally.applicable() > 0
    }

    /// The share of full marks, 0 to 1.
    fn quality(&self, mode: Mode) -> f64 {
        if self.open && mode != Mode::Best {
            return 0.0;
        }
        let tally = &self.tally;
        let good = match mode {
            Mode::Gross => tally.pass,
            Mode::Net => tally.pass + tally.waived,
            Mode::Best => tally.pass + tally.waived + tally.unknown,
        };
        let all = tally.applicable();
        let share = ratio(good, all);
        if good == all { share } else { share.min(partial_limit(self.severity)) }
    }

    fn gates(&self, mode: Mode) -> bool {
        let tally = &self.tally;
        tally.fail > 0
            || (mode == Mode::Gross && tally.waived > 0)
            || (mode != Mode::Best && tally.unknown > 0)
    }

    /// Points of net that full marks for this control would add, before caps, where all controls weigh `total`.
    pub fn points_lost(&self, total: f64) -> f64 {
        if !self.applies() || total <= 0.0 {
            return 0.0;
        }
        tidy(100.0 * self.weight * (1.0 - self.quality(Mode::Net)) / total)
    }
}

/// The weight of all controls that apply.
pub fn total_weight(controls: &[Weighed<'_>]) -> f64 {
    controls.iter().filter(|c| c.applies()).map(|c| c.weight).sum()
}

/// The score of some controls. Neither their order nor their grouping matters.
pub fn score(controls: &[Weighed<'_>]) -> Score {
    let mut states = BTreeMap::new();
    for control in controls {
        *states.entry(control.state).or_insert(0) += 1;
    }
    let applying: Vec<Weighed<'_>> = controls.iter().filter(|c| c.applies()).copied().collect();
    let total = total_weight(&applying);
    if applying.is_empty() || total <= 0.0 {
        let because = Some("nothing was evaluated".to_owned());
        return Score {
            not_rated_because: because,
            grade: NO_GRADE.into(),
            states,
            ..Score::default()
        };
    }
    let known =
        |c: &Weighed<'_>| ratio(c.tally.pass + c.tally.waived + c.tally.fail, c.tally.applicable());
    let mean = |share: &dyn Fn(&Weighed<'_>) -> f64| {
        tidy(100.0 * applying.iter().map(|c| c.weight * share(c)).sum::<f64>() / total)
    };
    let coverage = mean(&known);
    let caps = caps(&applying, Mode::Net, coverage);
    let capped = |mode: Mode| {
        let limit =
            self::caps(&applying, mode, coverage).iter().map(|c| c.limit).fold(100.0, f64::min);
        mean(&|c| c.quality(mode)).min(limit)
    };
    if coverage < RATED_COVERAGE_MIN {
        let because = Some(format!("coverage is {coverage:.1} %, under {RATED_COVERAGE_MIN} %"));
        let grade = NO_GRADE.into();
        return Score {
            coverage,
            not_rated_because: because,
            grade,
            caps,
            states,
            ..Score::default()
        };
    }
    let (gross, net, best) = (capped(Mode::Gross), capped(Mode::Net), capped(Mode::Best));
    let (net, caps) = limit_lift(gross, net, caps, &applying);
    Score {
        rated: true,
        not_rated_because: None,
        gross,
        net,
        best,
        coverage,
        grade: grade(net).to_owned(),
        caps,
        states,
    }
}

/// Waivers may lift net only so far over gross.
fn limit_lift(
    gross: f64,
    net: f64,
    mut caps: Vec<Cap>,
    controls: &[Weighed<'_>],
) -> (f64, Vec<Cap>) {
    let limit = gross + WAIVER_LIFT_MAX;
    if net <= limit {
        return (net, caps);
    }
    let waived = controls.iter().filter(|c| c.tally.waived > 0).map(|c| c.id.to_owned());
    let name = format!("waivers lift at most {WAIVER_LIFT_MAX} points");
    caps.push(Cap { name, limit, controls: waived.collect() });
    caps.sort_by(|a, b| a.limit.total_cmp(&b.limit));
    (limit, caps)
}

/// The limits in force, hardest first.
fn caps(controls: &[Weighed<'_>], mode: Mode, coverage: f64) -> Vec<Cap> {
    let gating = |severity: Severity| -> Vec<String> {
        let gates = controls.iter().filter(|c| c.severity == severity && c.gates(mode));
        gates.map(|c| c.id.to_owned()).collect()
    };
    let mut caps = Vec::new();
    let critical = gating(Severity::Critical);
    match critical.len() {
        0 => {}
        1 | 2 => caps.push(cap("critical control failing or undetermined", 59.0, critical)),
        _ => caps.push(cap(
            "three or more critical controls failing or undetermined",
            34.0,
            critical,
        )),
    }
    let high = gating(Severity::High);
    if !high.is_empty() {
        caps.push(cap("high control failing or undetermined", 84.0, high));
    }
    let short = COVERAGE_LIMITS.iter().find(|(below, _)| mode != Mode::Best && coverage < *below);
    if let Some((below, limit)) = short {
        let unknown = controls.iter().filter(|c| c.tally.unknown > 0).map(|c| c.id.to_owned());
        caps.push(cap(&format!("coverage under {below} %"), *limit, unknown.collect()));
    }
    caps.sort_by(|a, b| a.limit.total_cmp(&b.limit));
    caps
}

fn cap(name: &str, limit: f64, controls: Vec<String>) -> Cap {
    Cap { name: name.to_owned(), limit, controls }
}

fn grade(net: f64) -> &'static str {
    GRADES.iter().find(|(least, _)| net >= *least).map_or("F", |(_, grade)| grade)
}

fn ratio(part: u64, all: u64) -> f64 {
    // Counts of resources stay far below 2^52, where f64 becomes inexact.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let (part, all) = (part as f64, all as f64);
    if all > 0.0 { part / all } else { 0.0 }
}

/// Cut to six decimals, so that the order of a sum cannot carry a score over a limit.
pub(super) fn tidy(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the scoring model: twenty controls, three of them critical and failing or undetermined.
    #[test]
    fn the_worked_example_comes_out() {
        use Severity::{Critical, High, Low, Medium};
        let data = [
            (Critical, [1, 0, 0, 0]),
            (Critical, [0, 0, 0, 1]),
            (High, [4, 0, 0, 0]),
            (Medium, [1, 0, 0, 0]),
            (Critical, [20, 0, 0, 0]),
            (High, [18, 0, 2, 0]),
            (Medium, [0, 0, 0, 0]),
            (Medium, [5, 0, 0, 0]),
            (Critical, [39, 0, 1, 0]),
            (Critical, [30, 0, 0, 10]),
            (High, [40, 0, 0, 0]),
            (High, [10, 2, 0, 0]),
            (Medium, [12, 0, 0, 0]),
            (Low, [30, 0, 10, 0]),
            (Critical, [15, 0, 0, 0]),
            (High, [15, 0, 0, 0]),
            (Medium, [6, 0, 0, 0]),
            (Critical, [3, 0, 0, 0]),
            (High, [0, 0, 0, 3]),
            (Medium, [2, 0, 0, 0]),
        ];
        let controls: Vec<Weighed<'_>> = data
            .iter()
            .map(|(severity, [pass, waived, fail, unknown])| Weighed {
                id: "c",
                severity: *severity,
                weight: severity_weight(*severity),
                tally: Tally {
                    pass: *pass,
                    waived: *waived,
                    fail: *fail,
                    unknown: *unknown,
                    not_applicable: 0,
                },
                state: ControlState::Satisfied,
                open: false,
            })
            .collect();
        let score = score(&controls);
        assert!(score.rated);
        assert_eq!((score.gross, score.net, score.best), (34.0, 34.0, 59.0));
        assert_eq!(format!("{:.1}", score.coverage), "84.2");
        assert_eq!(score.grade, "F");
        assert_eq!(format!("{}", score.caps.first().unwrap().limit), "34");
    }

    #[test]
    fn nothing_is_not_rated() {
        let score = score(&[]);
        assert!(!score.rated);
        assert_eq!(score.not_rated_because.unwrap(), "nothing was evaluated");
    }
}
