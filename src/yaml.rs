//! Reading YAML that a person wrote: spans, limits, and errors as diagnostics with an excerpt and a suggestion.
//!
//! Formats built on this use neither `flatten` nor `untagged` nor `tag`: serde buffers values there, and the places
//! of the values are lost with it.

use std::borrow::Cow;
use std::ops::{Deref, Range};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_saphyr::{DefaultMessageFormatter, Error, Location, MessageFormatter, Options};

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::{SourceFile, Span};

/// The longest file that is read. The largest framework shipped with the tool is a thirtieth of it.
pub const BYTES_MAX: usize = 4 * 1024 * 1024;
/// How deep values may nest.
const DEPTH_MAX: usize = 64;
/// How many values a file may hold.
const NODES_MAX: usize = 500_000;
/// How often anchors may be used: enough for people, too few for "billion laughs".
const ALIASES_MAX: usize = 1_000;

/// A value and the bytes of the file where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// The bytes of the file; `0..0` when the value was not written but assumed.
    pub range: Range<usize>,
}

impl<T> Spanned<T> {
    /// A value that stands nowhere, such as a default.
    pub fn assumed(value: T) -> Self {
        Self { value, range: 0..0 }
    }

    /// The value's place in its file.
    pub fn span(&self, file: &SourceFile) -> Span {
        Span { file: file.clone(), range: self.range.clone() }
    }

    /// Another value at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), range: self.range }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        let range = range_of(spanned.referenced).unwrap_or(0..0);
        Ok(Self { value: spanned.value, range })
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A file from its bytes, when it is short enough and text.
pub fn source(path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Option<SourceFile> {
    if bytes.len() > BYTES_MAX {
        diagnostics.push(too_long(path, bytes.len()));
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(SourceFile::new(path, text.strip_prefix('\u{feff}').unwrap_or(text))),
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("{path} is not text in UTF-8: byte {at} belongs to no character");
            diagnostics.push(Diagnostic::error("yaml/not-text", message));
            None
        }
    }
}

/// Reads one YAML document into `T`; tells what is wrong with it otherwise.
pub fn read<T: DeserializeOwned>(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<T> {
    if file.text.len() > BYTES_MAX {
        diagnostics.push(too_long(&file.path, file.text.len()));
        return None;
    }
    match serde_saphyr::from_str_with_options::<T>(&file.text, options()) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.push(explain(file, &error));
            None
        }
    }
}

fn too_long(path: &str, bytes: usize) -> Diagnostic {
    let message = format!("{path} has {bytes} bytes, more than the {BYTES_MAX} that are read");
    Diagnostic::error("yaml/too-long", message).help("split the file")
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_aliases: ALIASES_MAX,
            // More than one is refused in any case, with a better message.
            max_documents: 2,
            max_total_scalar_bytes: 2 * BYTES_MAX,
        },
        // `y`, `on` and `no` are texts, as in YAML 1.2.
        strict_booleans: true,
        with_snippet: false,
    }
}

/// The bytes a location speaks of, where they are known.
pub(crate) fn range_of(location: Location) -> Option<Range<usize>> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len().unwrap_or(0)).ok()?;
    Some(start..start.saturating_add(length))
}

fn explain(file: &SourceFile, error: &Error) -> Diagnostic {
    let (code, message, label, help) = words(error);
    let diagnostic = Diagnostic { label, help, ..Diagnostic::error(code, printable(&message)) };
    match error.location().and_then(range_of) {
        Some(range) => diagnostic.at(file, visible(&file.text, range)),
        None => diagnostic.at(file, 0..0),
    }
}

type Words = (&'static str, String, Option<String>, Option<String>);

fn words(error: &Error) -> Words {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => (
            "yaml/unknown-key",
            format!("unknown key `{field}`"),
            Some("not a key of this mapping".to_owned()),
            Some(suggestion("keys", field, expected)),
        ),
        Error::SerdeUnknownVariant { variant, expected, .. } => (
            "yaml/unknown-word",
            format!("unknown value `{variant}`"),
            None,
            Some(suggestion("values", variant, expected)),
        ),
        Error::SerdeMissingField { field, .. } => (
            "yaml/missing-key",
            format!("key `{field}` is missing"),
            Some("in this mapping".to_owned()),
            Some(format!("add `{field}:`")),
        ),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            ("yaml/wrong-type", format!("found {unexpected}, expected {expected}"), None, None)
        }
        Error::MultipleDocuments { .. } => (
            "yaml/several-documents",
            "the file holds more than one document".to_owned(),
            None,
            Some("write one document per file, without `---` between".to_owned()),
        ),
        Error::Eof { .. } => (
            "yaml/empty",
            "the file ends before its content begins or is complete".to_owned(),
            None,
            None,
        ),
        other => {
            ("yaml/invalid", DefaultMessageFormatter.format_message(other).into_owned(), None, None)
        }
    }
}

fn suggestion(what: &str, found: &str, expected: &[&'static str]) -> String {
    match nearest(found, expected.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known {what}: {}", expected.join(", ")),
    }
}

/// Control characters of the file must not reach a terminal by way of a message.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    out
}

/// The range, widened to the rest of the word when it is empty, and narrowed to its first line.
fn visible(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.find('\n').unwrap_or(rest.len());
    let length = if range.is_empty() {
        rest.find([' ', ':', '\n']).unwrap_or(rest.len())
    } else {
        range.end.saturating_sub(start)
    };
    start..start + length.min(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        name: Spanned<String>,
        #[serde(default)]
        size: Option<Spanned<u32>>,
        #[serde(default)]
        free: Spanned<serde_json::Value>,
    }

    fn fails(text: &str) -> Diagnostic {
        let file = SourceFile::new("a.yaml", text);
        let mut diagnostics = Diagnostics::default();
        assert!(read::<Raw>(&file, &mut diagnostics).is_none(), "{text}");
        diagnostics.iter().next().unwrap().clone()
    }

    #[test]
    fn values_keep_their_places() {
        let file =
            SourceFile::new("a.yaml", "# ü\nname: x\nfree: {b: y, c: [1, 2.5, no], d: true}\n");
        let raw: Raw = read(&file, &mut Diagnostics::default()).unwrap();
        assert_eq!(file.text.get(raw.name.range.clone()), Some("x"));
        let expected = serde_json::json!({"b": "y", "c": [1, 2.5, "no"], "d": true});
        assert_eq!(raw.free.value, expected);
        assert!(raw.size.is_none());
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let unknown = fails("name: x\nsizee: 3\n");
        assert_eq!(unknown.place().unwrap(), "a.yaml:2:1");
        assert_eq!(unknown.help.unwrap(), "did you mean `size`?");
        let missing = fails("size: 3\n");
        assert!(missing.message.contains("`name`"), "{missing:?}");
        let wrong = fails("name: x\nsize: three\n");
        assert_eq!(wrong.place().unwrap(), "a.yaml:2:7", "{wrong:?}");
        assert!(fails("name: x\nname: y\n").message.contains("uplicate"));
        assert_eq!(fails("name: x\n---\nname: y\n").code, "yaml/several-documents");
        assert_eq!(fails("").code, "yaml/empty");
        fails("name: [x\n");
    }

    #[test]
    fn bombs_are_refused() {
        let deep = format!("name: {}{}", "[".repeat(100_000), "]".repeat(100_000));
        fails(&deep);
        let mut laughs = "name: x\na0: &a0 [x, x]\n".to_owned();
        let level = |i: u32| format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1);
        laughs.extend((1..64).map(level));
        fails(&laughs);
        fails(&format!("free: {}", laughs.replace('\n', "\n  ")));
        let mut diagnostics = Diagnostics::default();
        assert!(source("b.yaml", &[0xff, 0xfe, 0x00], &mut diagnostics).is_none());
        assert!(source("b.yaml", &vec![b' '; BYTES_MAX + 1], &mut diagnostics).is_none());
        assert_eq!(diagnostics.len(), 2);
    }
}
