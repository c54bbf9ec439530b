//! Colours of the terminal report.

use anstyle::{AnsiColor, Style};

use crate::finding::{Outcome, Severity};

/// What a text is, to be told by colour as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Ink {
    Strong,
    Muted,
    Critical,
    High,
    Medium,
    Low,
    Unknown,
    Good,
}

impl Ink {
    pub(in crate::report) fn severity(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
        }
    }

    pub(in crate::report) fn outcome(outcome: Outcome, severity: Severity) -> Self {
        match outcome {
            Outcome::Fail => Self::severity(severity),
            Outcome::Unknown => Self::Unknown,
            Outcome::Pass => Self::Good,
            Outcome::Waived | Outcome::NotApplicable => Self::Muted,
        }
    }

    pub(in crate::report) fn grade(grade: &str) -> Self {
        match grade.chars().next() {
            Some('A' | 'B') => Self::Good,
            Some('C' | 'D') => Self::Medium,
            _ => Self::High,
        }
    }

    fn style(self) -> Style {
        let of = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Self::Strong => Style::new().bold(),
            Self::Muted => Style::new().dimmed(),
            Self::Critical => of(AnsiColor::Red).bold(),
            Self::High => of(AnsiColor::Red),
            Self::Medium => of(AnsiColor::Yellow),
            Self::Low => of(AnsiColor::Blue),
            Self::Unknown => of(AnsiColor::Magenta),
            Self::Good => of(AnsiColor::Green),
        }
    }
}

/// Applies inks, or nothing where there is no colour.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Paint {
    color: bool,
}

impl Paint {
    pub(in crate::report) fn new(color: bool) -> Self {
        Self { color }
    }

    pub(in crate::report) fn put(self, ink: Ink, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let style = ink.style();
        format!("{style}{text}{style:#}")
    }
}

/// The words of a line in lines of at most so many columns, all but the first indented. Colours take no room.
pub(in crate::report) fn wrap(line: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    // Runs of spaces stay as they are: they align what stands at the beginning.
    for word in line.split_inclusive(' ') {
        let room = columns(word.trim_end());
        if used + room > width && !current.trim().is_empty() {
            lines.push(std::mem::replace(&mut current, " ".repeat(indent)));
            used = indent;
        }
        current.push_str(word);
        used += columns(word);
    }
    lines.push(current);
    lines
}

fn columns(text: &str) -> usize {
    let mut n = 0;
    let mut escape = false;
    for c in text.chars() {
        match (escape, c) {
            (false, '\u{1b}') => escape = true,
            (true, 'm') => escape = false,
            (true, _) => {}
            (false, _) => n += 1,
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            wrap("Total  one, two, three", 14, 7),
            ["Total  one, ", "       two, ", "       three"]
        );
        let red = Paint::new(true).put(Ink::High, "one,");
        assert_eq!(wrap(&format!("Total  {red} two"), 15, 7).len(), 1);
    }
}
