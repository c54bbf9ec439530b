//! Where an expression stands in its file, so that every diagnostic points at the right bytes.

use std::ops::Range;

use crate::diag::Diagnostic;
use crate::span::SourceFile;

/// How byte offsets of a decoded text map to byte offsets of the file it was read from.
///
/// YAML strips indentation and folds lines, so that a text is made of runs that were moved by different amounts.
#[derive(Debug, Clone)]
pub struct Offsets {
    /// Pairs of an offset in the text and its offset in the file, where a new run begins; sorted.
    runs: Vec<(usize, usize)>,
}

impl Offsets {
    /// A text that stands in the file as it is, from a byte on.
    pub fn shifted(start: usize) -> Self {
        Self { runs: vec![(0, start)] }
    }

    /// Runs given as pairs of (offset in the text, offset in the file), in order.
    pub fn runs(runs: Vec<(usize, usize)>) -> Self {
        Self { runs }
    }

    /// Finds a decoded scalar within its raw form: `raw` are the bytes of the file from `start` on that hold it, with
    /// whatever quotes, block header, indentation and line breaks YAML allows.
    pub fn align(raw: &str, start: usize, text: &str) -> Self {
        let mut runs: Vec<(usize, usize)> = vec![(0, start)];
        let mut rest = raw.char_indices().peekable();
        if raw.trim_start().starts_with(['|', '>']) {
            // The block's header line is no part of the text.
            while rest.next_if(|&(_, c)| c != '\n').is_some() {}
        }
        for (at, wanted) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            while rest.next_if(|&(_, c)| c != wanted).is_some() {}
            let Some((found, _)) = rest.next() else { break };
            let moved = start + found;
            match runs.last() {
                Some(&(from, to)) if moved.checked_sub(to) == at.checked_sub(from) => {}
                _ => runs.push((at, moved)),
            }
        }
        Self { runs }
    }

    /// The offset in the file.
    pub fn in_file(&self, offset: usize) -> usize {
        let run = self.runs.iter().rev().find(|(from, _)| *from <= offset);
        run.map_or(offset, |(from, to)| to + (offset - from))
    }
}

/// A text to compile, and where it stands.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// The file.
    pub file: &'a SourceFile,
    /// The text.
    pub text: &'a str,
    /// How its offsets map to the file's.
    pub offsets: Offsets,
    /// Where `text` begins within the text that `offsets` speaks of.
    skipped: usize,
}

impl<'a> Source<'a> {
    /// A text with its place.
    pub fn new(file: &'a SourceFile, text: &'a str, offsets: Offsets) -> Self {
        Self { file, text, offsets, skipped: 0 }
    }

    /// A whole file, as given on a command line.
    pub fn whole(file: &'a SourceFile) -> Self {
        Self::new(file, &file.text, Offsets::shifted(0))
    }

    /// A part of the text.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let skipped = self.skipped + range.start;
        Self { file: self.file, text, offsets: self.offsets.clone(), skipped }
    }

    /// An error at a range of the text.
    pub(super) fn error(
        &self,
        code: &'static str,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let start = self.offsets.in_file(self.skipped + range.start);
        // The last byte is mapped, not the end: the end may already belong to the next run.
        let last = range.end.max(range.start + 1) - 1;
        let end = self.offsets.in_file(self.skipped + last) + 1;
        let end = if range.is_empty() { start } else { end.max(start) };
        Diagnostic::error(code, message).at(self.file, start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_scalars_map_back() {
        let raw = "|\n    self.a &&\n    self.b\n";
        let text = "self.a &&\nself.b\n";
        let offsets = Offsets::align(raw, 100, text);
        assert_eq!(offsets.in_file(0), 100 + raw.find("self.a").unwrap());
        let b = text.find("self.b").unwrap();
        assert_eq!(offsets.in_file(b + 5), 100 + raw.rfind('b').unwrap());
    }

    #[test]
    fn quotes_and_folds_map_back() {
        let raw = ">-\n  a ==\n  'x'\n";
        let offsets = Offsets::align(raw, 0, "a == 'x'");
        assert_eq!(offsets.in_file(5), raw.find('\'').unwrap());
        let offsets = Offsets::align("\"a == b\"", 7, "a == b");
        assert_eq!(offsets.in_file(0), 8);
    }
}
