//! All frameworks and overlays at hand, by id.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::raw::{RawFramework, RawOverlay};
use super::{ResolvedFramework, lower, resolve};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::SourceFile;
use crate::yaml::{self, Spanned};

/// Frameworks and overlays read from files, not yet put together.
#[derive(Debug, Default)]
pub struct Library {
    pub(super) frameworks: BTreeMap<String, Loaded<RawFramework>>,
    pub(super) overlays: BTreeMap<String, Loaded<RawOverlay>>,
}

/// A file's content beside the file, so that later mistakes can be shown where they stand.
#[derive(Debug)]
pub(super) struct Loaded<T> {
    pub(super) file: SourceFile,
    pub(super) raw: T,
}

/// What a file in a folder of frameworks begins with.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    framework: Option<IgnoredAny>,
    #[serde(default)]
    overlay: Option<IgnoredAny>,
    #[serde(default)]
    standards: Option<IgnoredAny>,
}

impl Library {
    /// Reads files, each a framework or an overlay.
    pub fn load(files: &[SourceFile], diagnostics: &mut Diagnostics) -> Self {
        let mut library = Self::default();
        for file in files {
            library.add(file, diagnostics);
        }
        library
    }

    fn add(&mut self, file: &SourceFile, diagnostics: &mut Diagnostics) {
        let Some(head) = yaml::read::<Head>(file, diagnostics) else { return };
        if head.standards.is_some() {
            // The ids of public standards lie beside the frameworks and are read by whoever holds ids against them.
            return;
        }
        match (head.framework.is_some(), head.overlay.is_some()) {
            (true, false) => {
                let Some(raw) = yaml::read::<RawFramework>(file, diagnostics) else { return };
                if self.fresh(file, &raw.version, &raw.framework, diagnostics) {
                    let id = raw.framework.value.clone();
                    self.frameworks.insert(id, Loaded { file: file.clone(), raw });
                }
            }
            (false, true) => {
                let Some(raw) = yaml::read::<RawOverlay>(file, diagnostics) else { return };
                if self.fresh(file, &raw.version, &raw.overlay, diagnostics) {
                    let id = raw.overlay.value.clone();
                    self.overlays.insert(id, Loaded { file: file.clone(), raw });
                }
            }
            _ => diagnostics.push(
                Diagnostic::error(
                    "framework/which",
                    "the file is neither a framework nor an overlay",
                )
                .at(file, 0..0)
                .help("begin with `version: 1` and either `framework: ID` or `overlay: ID`"),
            ),
        }
    }

    fn fresh(
        &self,
        file: &SourceFile,
        version: &Spanned<u32>,
        id: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let before = diagnostics.len();
        lower::format_version(file, version, diagnostics);
        lower::identifier(file, id, diagnostics);
        let other = self
            .frameworks
            .get(&id.value)
            .map(|l| &l.file)
            .or_else(|| self.overlays.get(&id.value).map(|l| &l.file));
        if let Some(other) = other {
            let message = format!("`{}` is the id of {} already", id.value, other.path);
            diagnostics.push(
                Diagnostic::error("framework/duplicate-id", message)
                    .at(file, id.range.clone())
                    .help("give one of them another id"),
            );
        }
        diagnostics.len() == before
    }

    /// Ids and titles of everything here, frameworks first, each `true` when it is a framework.
    pub fn list(&self) -> Vec<(&str, &str, bool)> {
        let frameworks =
            self.frameworks.iter().map(|(id, l)| (id.as_str(), l.raw.title.as_str(), true));
        let overlays = self.overlays.iter().map(|(id, l)| {
            (id.as_str(), l.raw.title.as_deref().unwrap_or(l.raw.extends.as_str()), false)
        });
        frameworks.chain(overlays).collect()
    }

    /// A framework by id, or the framework beneath the overlay of that id with all overlays between applied.
    pub fn resolve(&self, id: &str, diagnostics: &mut Diagnostics) -> Option<ResolvedFramework> {
        let chain = self.chain(id, diagnostics)?;
        resolve::resolve(chain.0, &chain.1, diagnostics)
    }

    /// The frameworks and overlays of a file, by its path.
    pub fn ids_in(&self, path: &str) -> Vec<&str> {
        let frameworks = self
            .frameworks
            .iter()
            .filter(|(_, l)| &*l.file.path == path)
            .map(|(id, _)| id.as_str());
        let overlays =
            self.overlays.iter().filter(|(_, l)| &*l.file.path == path).map(|(id, _)| id.as_str());
        frameworks.chain(overlays).collect()
    }

    /// Every named framework with the overlays at hand that extend it. Overlays over one framework form a chain; two
    /// ends of one are an error, since neither would know what the other asks for.
    pub fn resolve_all(
        &self,
        named: &[String],
        diagnostics: &mut Diagnostics,
    ) -> Vec<ResolvedFramework> {
        let extended: Vec<&str> =
            self.overlays.values().map(|l| l.raw.extends.value.as_str()).collect();
        let ends: Vec<&String> =
            self.overlays.keys().filter(|id| !extended.contains(&id.as_str())).collect();
        let mut used: Vec<&str> = Vec::new();
        let mut out = Vec::new();
        for id in named {
            let over: Vec<&String> =
                ends.iter().copied().filter(|end| *end == id || self.is_beneath(id, end)).collect();
            if let [_, second, ..] = over.as_slice()
                && let Some(overlay) = self.overlays.get(*second)
            {
                let message = format!("two overlays change `{id}`, and neither extends the other");
                diagnostics.push(
                    Diagnostic::error("framework/two-overlays", message)
                        .at(&overlay.file, overlay.raw.extends.range.clone())
                        .help(format!("let one of {} extend the other", words(&over))),
                );
                continue;
            }
            let top = over.first().map_or(id, |top| *top);
            used.push(top);
            out.extend(self.resolve(top, diagnostics));
        }
        for (id, overlay) in &self.overlays {
            let in_use = used.iter().any(|top| *top == id || self.is_beneath(id, top));
            if !in_use && !diagnostics.has_errors() {
                let message = format!("overlay `{id}` changes no framework of this run");
                diagnostics.push(
                    Diagnostic::error("framework/unused-overlay", message)
                        .at(&overlay.file, overlay.raw.extends.range.clone())
                        .help(format!("this run has {}", named.join(", "))),
                );
            }
        }
        out
    }

    /// Whether following `extends` from an overlay comes by an id.
    fn is_beneath(&self, id: &str, overlay: &str) -> bool {
        let mut at = overlay;
        // No chain is longer than there are overlays, unless it is a circle, which `resolve` tells.
        for _ in 0..=self.overlays.len() {
            match self.overlays.get(at) {
                Some(next) if next.raw.extends.value == id => return true,
                Some(next) => at = &next.raw.extends.value,
                None => return false,
            }
        }
        false
    }

    /// The framework beneath an id, and the overlays over it, innermost first.
    fn chain(
        &self,
        id: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<(&Loaded<RawFramework>, Vec<&Loaded<RawOverlay>>)> {
        let mut overlays: Vec<&Loaded<RawOverlay>> = Vec::new();
        let mut at = id;
        loop {
            if let Some(framework) = self.frameworks.get(at) {
                overlays.reverse();
                return Some((framework, overlays));
            }
            let Some(overlay) = self.overlays.get(at) else {
                diagnostics.push(self.nothing_named(at, overlays.last().copied()));
                return None;
            };
            if let Some(start) = overlays.iter().position(|seen| seen.raw.overlay.value == at) {
                let cycle = overlays.get(start..).unwrap_or_default();
                diagnostics.push(cycle_error(cycle, at));
                return None;
            }
            overlays.push(overlay);
            at = &overlay.raw.extends.value;
        }
    }

    fn nothing_named(&self, id: &str, from: Option<&Loaded<RawOverlay>>) -> Diagnostic {
        let known: Vec<&str> =
            self.frameworks.keys().chain(self.overlays.keys()).map(String::as_str).collect();
        let message = format!("there is no framework or overlay `{id}`");
        let diagnostic = Diagnostic::error("framework/unknown-id", message);
        let diagnostic = match nearest(id, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("known: {}", known.join(", "))),
        };
        match from {
            Some(overlay) => diagnostic.at(&overlay.file, overlay.raw.extends.range.clone()),
            None => diagnostic,
        }
    }
}

fn words(ids: &[&String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn cycle_error(cycle: &[&Loaded<RawOverlay>], back_to: &str) -> Diagnostic {
    let mut names: Vec<&str> = cycle.iter().map(|l| l.raw.overlay.value.as_str()).collect();
    names.push(back_to);
    let message = format!("overlays extend each other in a circle: {}", names.join(" → "));
    let diagnostic = Diagnostic::error("framework/extends-cycle", message)
        .help("let one of them extend a framework");
    match cycle.last() {
        Some(last) => {
            diagnostic.at(&last.file, last.raw.extends.range.clone()).label("closes the circle")
        }
        None => diagnostic,
    }
}
