//! Right, wrong, unknown: what came of questions.

use std::collections::BTreeMap;

use portcullis::analyze::network::packet::Verdict;

/// What came of a question, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Right,
    Unknown,
    Wrong,
}

/// Counts by whatever tells questions apart, and what was wrong.
#[derive(Debug, Default)]
pub struct Tally {
    counts: BTreeMap<(String, String), [usize; 3]>,
    wrong: Vec<String>,
    unknown: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, of: &str, class: &str, outcome: Outcome, what: impl FnOnce() -> String) {
        let counts = self.counts.entry((of.to_owned(), class.to_owned())).or_default();
        counts[outcome as usize] += 1;
        match outcome {
            Outcome::Right => {}
            Outcome::Wrong => self.wrong.push(format!("{of} {class}: {}", what())),
            Outcome::Unknown => self.unknown.push(format!("{of} {class}: {}", what())),
        }
    }

    /// Prints a line for everything that was asked about.
    pub fn print(&self, title: &str) {
        let wide = self.counts.keys().map(|(of, _)| of.len()).max().unwrap_or_default();
        eprintln!(
            "{title:<wide$} {:<22} {:>6} {:>6} {:>6} {:>7}",
            "class", "rows", "right", "wrong", "unknown"
        );
        for ((of, class), [right, unknown, wrong]) in &self.counts {
            let rows = right + wrong + unknown;
            eprintln!("{of:<wide$} {class:<22} {rows:>6} {right:>6} {wrong:>6} {unknown:>7}");
        }
        for line in self.unknown.iter().take(40) {
            eprintln!("unknown: {line}");
        }
    }

    /// Fails when something is wrong, when nothing was asked, or when an answer is missing in a class that has to have
    /// all of them.
    pub fn settle(&self, exact: &[&str]) {
        let open: usize = self
            .counts
            .iter()
            .filter(|((_, class), _)| exact.contains(&class.as_str()))
            .map(|(_, [_, unknown, _])| unknown)
            .sum();
        assert!(!self.counts.is_empty(), "nothing was asked");
        assert!(
            self.wrong.is_empty() && open == 0,
            "{} wrong, {open} unknown that must be known:\n{}",
            self.wrong.len(),
            self.wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}

/// Holds a verdict against what is expected.
pub fn judge(verdict: &Verdict, expected: bool) -> Outcome {
    match verdict {
        Verdict::Unknown(_) => Outcome::Unknown,
        Verdict::Passes if expected => Outcome::Right,
        Verdict::Blocked if !expected => Outcome::Right,
        _ => Outcome::Wrong,
    }
}
