//! Templates as they are written: YAML or JSON, with the place of every value, and all functions in their long form.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::Tree;
use crate::span::SourceFile;
use crate::yaml;

/// A value of a template and where it stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Node {
    /// The bytes of the file; `0..0` where they are not known.
    pub(super) at: Range<usize>,
    /// What stands there.
    pub(super) value: Value,
}

/// What stands in a template.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// An entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// The bytes of the key.
    pub(super) at: Range<usize>,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { at: 0..0, value: Value::Text(text.into()) }
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self { at: 0..0, value: Value::List(items) }
    }

    pub(super) fn map(entries: Vec<(&str, Self)>) -> Self {
        let entry =
            |(key, node): (&str, Self)| Entry { key: key.to_owned(), at: node.at.clone(), node };
        Self { at: 0..0, value: Value::Map(entries.into_iter().map(entry).collect()) }
    }

    /// `{"Fn::GetAtt": [what, attribute]}`.
    pub(super) fn attribute(what: &str, attribute: &str) -> Self {
        Self::map(vec![("Fn::GetAtt", Self::list(vec![Self::text(what), Self::text(attribute)]))])
    }

    pub(super) fn reference(what: &str) -> Self {
        Self::map(vec![("Ref", Self::text(what))])
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(super) fn set(&mut self, key: &str, node: Self) {
        let Value::Map(entries) = &mut self.value else { return };
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => entry.node = node,
            None => entries.push(Entry { key: key.to_owned(), at: node.at.clone(), node }),
        }
    }

    /// The function and its argument, where this is a call of one.
    pub(super) fn function(&self) -> Option<(&str, &Self)> {
        match &self.value {
            Value::Map(entries) => match entries.as_slice() {
                [one] if is_function(&one.key) => Some((&one.key, &one.node)),
                _ => None,
            },
            _ => None,
        }
    }

    /// How many values there are in it.
    pub(super) fn size(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Self::size).sum(),
            Value::Map(entries) => entries.iter().map(|entry| entry.node.size()).sum(),
            _ => 0,
        }
    }

    /// As it is written, with functions as the maps that they are.
    pub(super) fn literal(&self) -> Tree<'static> {
        match &self.value {
            Value::Null => Tree::Null,
            Value::Bool(flag) => Tree::Bool(*flag),
            Value::Int(number) => Tree::Int(*number),
            Value::Float(number) => Tree::Float(*number),
            Value::Text(text) => Tree::text(text.clone()),
            Value::List(items) => Tree::List(items.iter().map(Self::literal).collect()),
            Value::Map(entries) => {
                let entry = |entry: &Entry| (entry.key.clone().into(), entry.node.literal());
                Tree::Map(entries.iter().map(entry).collect())
            }
        }
    }
}

fn is_function(key: &str) -> bool {
    key == "Ref" || key == "Condition" || key.starts_with("Fn::")
}

/// Reads a template.
pub(super) fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Node> {
    if file.text.len() > yaml::BYTES_MAX {
        // The reader of YAML says so in its words.
        return yaml::read::<Yaml>(file, diagnostics).map(|node| node.0);
    }
    let mut wrong = None;
    if file.text.trim_start().starts_with('{') {
        match serde_json::from_str::<Json>(&file.text) {
            Ok(Json(mut node)) => {
                place(file, &mut node);
                return Some(node);
            }
            Err(error) => wrong = Some(error),
        }
    }
    let mut found = Diagnostics::default();
    if let Some(Yaml(mut node)) = yaml::read::<Yaml>(file, &mut found) {
        spell(file, &mut node);
        return Some(node);
    }
    match wrong {
        // A map in braces with tags is YAML; everything else that begins so was meant as JSON.
        Some(error) if !file.text.contains(": !") => {
            let before: usize = file
                .text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let at = (before + error.column().saturating_sub(1)).min(file.text.len());
            diagnostics.push(
                Diagnostic::error("cloudformation/invalid", error.to_string()).at(file, at..at),
            );
        }
        _ => found.iter().for_each(|one| diagnostics.push(one.clone())),
    }
    None
}

/// A value of YAML, with tags and places.
struct Yaml(Node);
/// A value of JSON.
struct Json(Node);

impl From<Yaml> for Node {
    fn from(yaml: Yaml) -> Self {
        yaml.0
    }
}

impl From<Json> for Node {
    fn from(json: Json) -> Self {
        json.0
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let serde_saphyr::Tagged(spanned, tag) =
            serde_saphyr::Tagged::<serde_saphyr::Spanned<Bare<Self>>>::deserialize(deserializer)?;
        let at = yaml::range_of(spanned.defined).unwrap_or(0..0);
        let node = Node { at: at.clone(), value: spanned.value.0 };
        let Some(name) = tag.as_deref().and_then(|tag| tag.strip_prefix('!')) else {
            return Ok(Self(node));
        };
        let name = match name {
            "Ref" | "Condition" => name.to_owned(),
            other => format!("Fn::{other}"),
        };
        let entry = Entry { key: name, at: at.clone(), node };
        Ok(Self(Node { at, value: Value::Map(vec![entry]) }))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bare = Bare::<Self>::deserialize(deserializer)?;
        Ok(Self(Node { at: 0..0, value: bare.0 }))
    }
}

/// A value without its tag and place; those within have theirs, by way of `N`.
struct Bare<N>(Value, PhantomData<N>);

impl<'de, N: Deserialize<'de> + Into<Node> + Key<'de>> Deserialize<'de> for Bare<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(BareVisitor::<N>(PhantomData))?;
        Ok(Self(value, PhantomData))
    }
}

/// How keys are read: those of YAML have places.
trait Key<'de> {
    type Key: Deserialize<'de>;
    fn key(key: Self::Key) -> (String, Range<usize>);
}

impl Key<'_> for Yaml {
    type Key = serde_saphyr::Spanned<String>;
    fn key(key: Self::Key) -> (String, Range<usize>) {
        let at = yaml::range_of(key.referenced).unwrap_or(0..0);
        (key.value, at)
    }
}

impl Key<'_> for Json {
    type Key = String;
    fn key(key: String) -> (String, Range<usize>) {
        (key, 0..0)
    }
}

struct BareVisitor<N>(PhantomData<N>);

impl<'de, N: Deserialize<'de> + Into<Node> + Key<'de>> Visitor<'de> for BareVisitor<N> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<N>()? {
            items.push(item.into());
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<N::Key>()? {
            let (key, at) = N::key(key);
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice in one map")));
            }
            let node: Node = map.next_value::<N>()?.into();
            entries.push(Entry { key, at, node });
        }
        Ok(Value::Map(entries))
    }
}

/// Numbers as they are spelt: `1.30` is a version and `012345678901` an account, which as numbers would be others.
fn spell(file: &SourceFile, node: &mut Node) {
    let written = file.text.get(node.at.clone()).map(str::trim).filter(|text| !text.is_empty());
    let other = match (&node.value, written) {
        (Value::Int(number), Some(text)) => text != number.to_string(),
        (Value::Float(number), Some(text)) => text != number.to_string(),
        _ => false,
    };
    if let (true, Some(text)) = (other, written) {
        // What does not end where the number does (a comment, an anchor) is left as a number.
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
        if plain {
            node.value = Value::Text(text.to_owned());
        }
    }
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| spell(file, item)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| spell(file, &mut entry.node)),
        _ => {}
    }
}

/// Gives the sections of a template in JSON and what stands in them their places.
fn place(file: &SourceFile, node: &mut Node) {
    type Sections<'a> = std::collections::BTreeMap<String, &'a RawValue>;
    let base = file.text.as_ptr() as usize;
    let range = |raw: &RawValue| {
        let start = (raw.get().as_ptr() as usize).saturating_sub(base);
        start..start + raw.get().len()
    };
    let Value::Map(sections) = &mut node.value else { return };
    let Ok(raws) = serde_json::from_str::<Sections<'_>>(&file.text) else { return };
    for section in sections {
        let Some(raw) = raws.get(&section.key) else { continue };
        section.node.at = range(raw);
        let Value::Map(entries) = &mut section.node.value else { continue };
        let Ok(inner) = serde_json::from_str::<Sections<'_>>(raw.get()) else { continue };
        for entry in entries {
            let Some(raw) = inner.get(&entry.key) else { continue };
            let at = range(raw);
            entry.at = at.start..at.start;
            entry.node.at = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tree(text: &str) -> serde_json::Value {
        let mut diagnostics = Diagnostics::default();
        let node = read(&SourceFile::new("t.yaml", text), &mut diagnostics);
        let node = node.unwrap_or_else(|| panic!("{:?}", diagnostics.iter().next()));
        serde_json::to_value(node.literal()).unwrap()
    }

    fn fails(text: &str) -> String {
        let mut diagnostics = Diagnostics::default();
        assert!(read(&SourceFile::new("t.yaml", text), &mut diagnostics).is_none(), "{text}");
        let first = diagnostics.iter().next().unwrap();
        format!("{} {}", first.place().unwrap_or_default(), first.message)
    }

    #[test]
    fn short_forms_become_long_ones_and_numbers_keep_their_spelling() {
        let made = tree(
            "a: !Ref X\nb: !GetAtt X.Arn\nc: !Sub '${X}-y'\nd: !If [C, !Ref Y, !Ref AWS::NoValue]\n\
             e: !Select\n  - 0\n  - !GetAZs ''\nf: !Condition C\ng: [1.30, 012345678901, 12, 0.5, true]\n\
             h: &h 007\ni: *h\nj: 1_000 # thousand\nk: !Join\n  - ','\n  - [!Ref A, b]\nl: \"12\"\nm: !ToJsonString {a: 1}\n",
        );
        assert_eq!(
            made,
            json!({
                "a": {"Ref": "X"}, "b": {"Fn::GetAtt": "X.Arn"}, "c": {"Fn::Sub": "${X}-y"},
                "d": {"Fn::If": ["C", {"Ref": "Y"}, {"Ref": "AWS::NoValue"}]},
                "e": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "f": {"Condition": "C"},
                "g": ["1.30", "012345678901", 12, 0.5, true], "h": "007", "i": "007", "j": "1_000",
                "k": {"Fn::Join": [",", [{"Ref": "A"}, "b"]]}, "l": "12",
                "m": {"Fn::ToJsonString": {"a": 1}},
            })
        );
    }

    #[test]
    fn places_are_known_in_both_languages() {
        for text in [
            "Resources:\n  A:\n    Type: T\n  B:\n    Type: T\n    X: [\n      1]\n",
            "{\"Resources\": {\n  \"A\": {\"Type\": \"T\"},\n  \"B\": {\n    \"Type\": \"T\",\n    \"X\": [1]}}}",
        ] {
            let file = SourceFile::new("t", text);
            let node = read(&file, &mut Diagnostics::default()).unwrap();
            let entry = &node.get("Resources").unwrap().entries()[1];
            let start = if entry.at.is_empty() { entry.node.at.start } else { entry.at.start };
            let lines = file.line_column(start).0..file.line_column(entry.node.at.end).0;
            assert!(lines.start == 4 || lines.start == 3, "{lines:?} {text}");
            assert!(lines.end >= 5, "{lines:?} {text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert!(fails("a: 1\nb: 2\na: 3\n").starts_with("t.yaml:3:1"));
        assert!(fails("{\"a\": 1,\n \"a\": 2}").contains("t.yaml:2:"));
        assert!(fails("{\"a\": [1,\n 2}").starts_with("t.yaml:2:"));
        fails(&format!("a: {}{}", "[".repeat(100_000), "]".repeat(100_000)));
        fails(&format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
        let mut laughs = "a0: &a0 [x, x]\n".to_owned();
        laughs.extend((1..64).map(|i: u32| format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1)));
        fails(&laughs);
    }
}
