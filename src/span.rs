//! Texts that a person wrote, and places in them.

use std::ops::Range;
use std::sync::Arc;

/// A file a person wrote, kept so that diagnostics can show the line they speak of.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as the person would type it.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// A file with its text.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// A range of bytes in one file.
#[derive(Debug, Clone)]
pub struct Span {
    /// The file.
    pub file: SourceFile,
    /// The bytes.
    pub range: Range<usize>,
}

impl Span {
    /// The start of the file, for what is wrong with it as a whole.
    pub fn whole(file: &SourceFile) -> Self {
        Self { file: file.clone(), range: 0..0 }
    }
}
