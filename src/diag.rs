//! What is wrong with a file a person wrote: data first, text only when it is shown.
//!
//! Diagnostics are collected, never thrown: a reader of ten checks hears of all their mistakes at once.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use crate::span::{SourceFile, Span};

/// How much a diagnostic weighs: an error makes the file unusable, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Worth a look.
    Warning,
    /// The file cannot be used as it is.
    Error,
}

/// One thing that is wrong, where, and what to do.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Stable kebab-case code by area, such as `check/unknown-field`.
    pub code: &'static str,
    /// Error or warning.
    pub weight: Weight,
    /// What is wrong, without a full stop.
    pub message: String,
    /// Where, when a place is known.
    pub span: Option<Span>,
    /// What stands at the place, shown beneath the marked text.
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            weight: Weight::Error,
            message: message.into(),
            span: None,
            label: None,
            help: None,
        }
    }

    /// A warning without a place yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { weight: Weight::Warning, ..Self::error(code, message) }
    }

    /// Points at a place.
    #[must_use]
    pub fn at(mut self, file: &SourceFile, range: Range<usize>) -> Self {
        self.span = Some(Span { file: file.clone(), range });
        self
    }

    /// Says what stands at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// `path:line:column`, or nothing when the place is unknown.
    pub fn place(&self) -> Option<String> {
        let span = self.span.as_ref()?;
        let (line, column) = span.file.line_column(span.range.start);
        Some(format!("{}:{line}:{column}", span.file.path))
    }

    /// The text people see: message, excerpt with the place marked, and help.
    pub fn render(&self, colour: bool) -> String {
        let level = match self.weight {
            Weight::Error => Level::ERROR,
            Weight::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str()).id(self.code);
        let mut groups = Vec::new();
        if let Some(span) = &self.span {
            let end = span.file.text.len();
            let range = span.range.start.min(end)..span.range.end.min(end);
            let mark = AnnotationKind::Primary.span(range).label(self.label.as_deref());
            let snippet = Snippet::source(&*span.file.text).path(&*span.file.path).annotation(mark);
            groups.push(title.element(snippet));
        } else {
            groups.push(Group::with_title(title));
        }
        if let Some(help) = &self.help {
            groups.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&groups)
    }
}

/// The diagnostics of one reading, in the order they were found.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds all of another reading.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// Whether anything makes the input unusable.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.weight == Weight::Error)
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The text people see, one diagnostic after another.
    pub fn render(&self, colour: bool) -> String {
        let parts: Vec<_> = self.list.iter().map(|d| d.render(colour)).collect();
        parts.join("\n\n")
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

/// The candidate that is most likely meant by `text`, for "did you mean".
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(text, c), c))
        .filter(|(distance, c)| *distance <= 1 + text.len().max(c.len()) / 4)
        .min()
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_shown() {
        let file = SourceFile::new("checks/a.yaml", "id: a\nresource: aws.ec2.vpv\n");
        let shown = Diagnostic::error("check/unknown-type", "no resource type `aws.ec2.vpv`")
            .at(&file, 16..27)
            .label("not in the model")
            .help("did you mean `aws.ec2.vpc`?");
        assert_eq!(shown.place().unwrap(), "checks/a.yaml:2:11");
        let text = shown.render(false);
        assert!(text.contains("checks/a.yaml:2:11"), "{text}");
        assert!(text.contains("did you mean"), "{text}");
    }

    #[test]
    fn nearest_names_are_near() {
        assert_eq!(nearest("ingres", ["egress", "ingress"]), Some("ingress"));
        assert_eq!(nearest("owner", ["ingress"]), None);
    }
}
