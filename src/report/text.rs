//! Text and numbers as all reports write them.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::finding::Tally;
use crate::posture::Score;

/// Text from outside, fit to be shown: whatever steers a terminal or turns the direction of reading is written out,
/// such as `\u{1b}`, so that a hostile name is seen for what it is; line breaks and tabs become spaces.
pub fn clean(text: &str) -> Cow<'_, str> {
    cleaned(text, false)
}

/// As [`clean`], but line breaks stay: for texts of several lines.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    cleaned(text, true)
}

fn cleaned(text: &str, keep_lines: bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hostile(c) && !(keep_lines && c == '\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' if keep_lines => out.push('\n'),
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_hostile(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters of both sets, line and paragraph separators, overrides and isolates of the reading direction,
/// and characters that cannot be seen but make two names differ.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// At most `max` characters, an ellipsis instead of what is cut.
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out: String = text.chars().take(max.saturating_sub(1)).collect();
    out.push('…');
    Cow::Owned(out)
}

/// A count with thin groups: `12,345`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count with its noun: `1 finding`, `2 findings`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A score or percentage, 0 to 100, in whole points. Rounded down: 89.9 is not 90, and 99.9 % is not everything.
pub fn points(value: f64) -> String {
    format!("{:.0}", (value.clamp(0.0, 100.0) + 1e-9).floor())
}

/// A score in one line: `net 34 … best 59, coverage 84 %, grade F`, or that and why it is not rated.
pub fn score_line(score: &Score) -> String {
    if !score.rated {
        return not_rated(score);
    }
    format!(
        "net {} … best {}, coverage {} %, grade {}",
        points(score.net),
        points(score.best),
        points(score.coverage),
        clean(&score.grade),
    )
}

/// That a score is not rated, and why.
pub fn not_rated(score: &Score) -> String {
    match &score.not_rated_because {
        Some(reason) => format!("not rated: {}", clean(reason)),
        None => "not rated".to_owned(),
    }
}

/// The parts of a tally that are not zero, with the denominator: `28 of 40 pass, 10 fail, 2 unknown`.
pub fn tally_line(tally: &Tally) -> String {
    let of = tally.applicable();
    if of == 0 {
        return match tally.not_applicable {
            0 => "nothing evaluated".to_owned(),
            n => format!("{} not applicable", count(n)),
        };
    }
    let mut line = format!("{} of {} pass", count(tally.pass), count(of));
    let rest = [(tally.fail, "fail"), (tally.unknown, "unknown"), (tally.waived, "waived")];
    for (n, word) in rest.into_iter().filter(|(n, _)| *n > 0) {
        let _ = write!(line, ", {} {word}", count(n));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        assert_eq!(clean("a\u{1b}[31mb\u{9b}c"), "a\\u{1b}[31mb\\u{9b}c");
        assert_eq!(clean("x\u{202e}gnp.exe"), "x\\u{202e}gnp.exe");
        assert_eq!(clean("two\nlines\tand tab"), "two lines and tab");
        assert_eq!(clean_lines("two\nlines\r"), "two\nlines ");
        assert!(matches!(clean("plain, Größe, 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_never_look_better_than_they_are() {
        assert_eq!(points(89.99), "89");
        assert_eq!(points(99.999), "99");
        assert_eq!(points(100.0), "100");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("größer", 6), "größer");
        assert_eq!(cut("größere", 6), "größe…");
    }
}
