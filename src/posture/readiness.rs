//! Items of readiness checklists: an item is as good as its worst half, and a plan on paper that was never exercised
//! must be visible at a glance.

use super::evidence::{Half, Piece};
use super::score::tidy;
use crate::finding::Tally;

/// What one half, or the whole, of an item comes to, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    No,
    Unknown,
    Partly,
    ByWaiver,
    Yes,
    NotApplicable,
}

fn met(tally: &Tally) -> Met {
    if tally.fail > 0 && tally.pass == tally.fail && tally.applicable() == 2 {
        // Only records are met in half, and they say so by one part of two.
        return Met::Partly;
    }
    if tally.fail > 0 {
        Met::No
    } else if tally.unknown > 0 {
        Met::Unknown
    } else if tally.waived > 0 {
        Met::ByWaiver
    } else if tally.pass > 0 {
        Met::Yes
    } else {
        Met::NotApplicable
    }
}

/// The automatic half is judged as a whole: one failing resource among many leaves it unmet.
fn halves(pieces: &[Piece]) -> Vec<(Half, Met)> {
    let of = |half: Half| pieces.iter().filter(move |p| p.half == half);
    let mut out = Vec::new();
    if of(Half::Automatic).next().is_some() {
        let all = of(Half::Automatic).fold(Tally::default(), |sum, p| sum.plus(p.evidence.tally));
        // A tie of passes and fails among resources is no half-met record.
        let standing = if all.fail > 0 { Met::No } else { met(&all) };
        out.push((Half::Automatic, standing));
    }
    for half in [Half::Documented, Half::Exercised] {
        if let Some(worst) = of(half).map(|p| met(&p.evidence.tally)).min() {
            out.push((half, worst));
        }
    }
    out
}

/// The one evaluation that an item comes to.
pub(super) fn item(pieces: &[Piece]) -> Tally {
    let halves = halves(pieces);
    let worst = halves.iter().map(|(_, met)| *met).min().unwrap_or(Met::NotApplicable);
    let by_waiver = halves.iter().any(|(_, met)| *met == Met::ByWaiver);
    let mut tally = Tally::default();
    match worst {
        Met::No => tally.fail = 1,
        Met::Unknown => tally.unknown = 1,
        // One part of two; what holds by waiver only is no pass.
        Met::Partly if by_waiver => (tally.waived, tally.fail) = (1, 1),
        Met::Partly => (tally.pass, tally.fail) = (1, 1),
        Met::ByWaiver => tally.waived = 1,
        Met::Yes => tally.pass = 1,
        Met::NotApplicable => tally.not_applicable = 1,
    }
    tally
}

/// Sums for the two percentages of a section.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shares {
    documented: Share,
    proved: Share,
}

#[derive(Debug, Clone, Copy, Default)]
struct Share {
    met: f64,
    all: f64,
}

impl Share {
    fn add(&mut self, weight: f64, met: Met) {
        let credit = match met {
            Met::NotApplicable => return,
            Met::Yes => 1.0,
            Met::Partly => 0.5,
            Met::No | Met::Unknown | Met::ByWaiver => 0.0,
        };
        self.met += weight * credit;
        self.all += weight;
    }

    fn percent(self) -> Option<f64> {
        (self.all > 0.0).then(|| tidy(100.0 * self.met / self.all))
    }
}

impl Shares {
    /// Adds an item.
    pub(super) fn add(&mut self, weight: f64, pieces: &[Piece]) {
        for (half, met) in halves(pieces) {
            match half {
                Half::Documented => self.documented.add(weight, met),
                Half::Automatic | Half::Exercised => self.proved.add(weight, met),
            }
        }
    }

    /// The share of documented halves that are met, 0 to 100; nothing when there are none.
    pub(super) fn documented(self) -> Option<f64> {
        self.documented.percent()
    }

    /// The share of automatic and exercised halves that are met, 0 to 100; nothing when there are none.
    pub(super) fn proved(self) -> Option<f64> {
        self.proved.percent()
    }
}
