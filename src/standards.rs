//! The control ids of public standards: what checks and frameworks may refer to.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::SourceFile;
use crate::yaml::{self, Spanned};

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// The file of the built-in standards; everything else in its folder is a framework.
const FILE: &str = "policies/standards.yaml";

/// The built-in frameworks as files.
pub(crate) fn framework_files() -> Vec<SourceFile> {
    let frameworks = POLICIES.iter().filter(|(path, _)| *path != FILE);
    frameworks.map(|(path, text)| SourceFile::new(*path, *text)).collect()
}

/// Public standards by id.
#[derive(Debug)]
pub struct Standards {
    list: BTreeMap<String, Standard>,
}

/// One standard.
#[derive(Debug)]
pub struct Standard {
    /// Its title.
    pub title: String,
    ids: Vec<String>,
    pattern: Option<Regex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStandards {
    version: u32,
    standards: BTreeMap<String, RawStandard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStandard {
    title: String,
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    pattern: Option<Spanned<String>>,
}

impl Standards {
    /// The standards that come with the tool.
    pub fn builtin(diagnostics: &mut Diagnostics) -> Option<Self> {
        let (path, text) = POLICIES.iter().find(|(path, _)| *path == FILE)?;
        Self::read(&SourceFile::new(*path, *text), diagnostics)
    }

    fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Self> {
        let raw: RawStandards = yaml::read(file, diagnostics)?;
        if raw.version != 1 {
            let message = format!("standards format {} is not known", raw.version);
            diagnostics.push(Diagnostic::error("standards/version", message).at(file, 0..0));
            return None;
        }
        let mut list = BTreeMap::new();
        for (id, raw) in raw.standards {
            let pattern =
                match raw.pattern.map(|p| (Regex::new(&format!("^(?:{})$", p.value)), p.range)) {
                    None => None,
                    Some((Ok(pattern), _)) => Some(pattern),
                    Some((Err(error), range)) => {
                        diagnostics.push(
                            Diagnostic::error("standards/pattern", error.to_string())
                                .at(file, range),
                        );
                        continue;
                    }
                };
            list.insert(id, Standard { title: raw.title, ids: raw.ids, pattern });
        }
        Some(Self { list })
    }

    /// A standard by its id.
    pub fn get(&self, id: &str) -> Option<&Standard> {
        self.list.get(id)
    }

    /// All ids of standards.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.keys().map(String::as_str)
    }
}

impl Standard {
    /// Whether the standard has a control of that id.
    pub fn has(&self, id: &str) -> bool {
        self.ids.iter().any(|have| have == id)
            || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(id))
    }
}
