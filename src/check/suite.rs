//! All checks of a run.

use std::collections::BTreeMap;

use globset::Glob;
use rayon::prelude::*;

use super::{Check, builtin};
use crate::analyze::overview::Needs;
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::finding::Severity;
use crate::model::index::Relation;
use crate::span::SourceFile;

/// All checks of a run, by id.
#[derive(Debug, Default)]
pub struct Suite {
    checks: BTreeMap<String, Check>,
}

/// Which checks of a suite are wanted. Empty lists select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Patterns of ids to take, such as `iam-*`.
    pub include: Vec<String>,
    /// Patterns of ids to leave out.
    pub exclude: Vec<String>,
    /// The least severity.
    pub severity: Option<Severity>,
}

impl Suite {
    /// The checks that come with the tool, without those that are not wanted.
    pub fn builtin(diagnostics: &mut Diagnostics) -> Self {
        let files: Vec<_> =
            builtin::CHECKS.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
        let mut suite = Self::default();
        suite.read(&files, Check::read_built_in, diagnostics);
        suite
    }

    /// Adds checks from files. An id that is taken is an error unless the later check says `overrides: true`.
    pub fn add(&mut self, files: &[SourceFile], diagnostics: &mut Diagnostics) {
        self.read(files, Check::read, diagnostics);
    }

    fn read(
        &mut self,
        files: &[SourceFile],
        reader: fn(&SourceFile, &mut Diagnostics) -> Option<Check>,
        diagnostics: &mut Diagnostics,
    ) {
        let read: Vec<(Option<Check>, Diagnostics)> = files
            .par_iter()
            .map(|file| {
                let mut found = Diagnostics::default();
                (reader(file, &mut found), found)
            })
            .collect();
        for (check, found) in read {
            diagnostics.extend(found);
            if let Some(check) = check {
                self.insert(check, diagnostics);
            }
        }
    }

    /// Adds checks from files that are looked at by themselves: a check that overrides another is as good as any.
    pub fn add_replacing(&mut self, files: &[SourceFile], diagnostics: &mut Diagnostics) {
        for file in files {
            if let Some(check) = Check::read(file, diagnostics) {
                let check = Check { overrides: false, ..check };
                self.insert(check, diagnostics);
            }
        }
    }

    fn insert(&mut self, check: Check, diagnostics: &mut Diagnostics) {
        let taken = self.checks.get(&check.id);
        let problem = match taken {
            Some(first) if !check.overrides => Some(
                Diagnostic::error(
                    "check/duplicate-id",
                    format!("check `{}` exists already", check.id),
                )
                .label(format!("first read from {}", first.file.path))
                .help("choose another id, or replace it on purpose with `overrides: true`"),
            ),
            None if check.overrides => Some(
                Diagnostic::error(
                    "check/overrides-nothing",
                    format!("there is no check `{}` to override", check.id),
                )
                .help("remove `overrides`, or correct the id"),
            ),
            _ => None,
        };
        match problem {
            Some(problem) => {
                let at = check.file.text.find(&check.id).unwrap_or(0);
                diagnostics.push(problem.at(&check.file, at..at + check.id.len()));
            }
            None => {
                self.checks.insert(check.id.clone(), check);
            }
        }
    }

    /// Keeps only the checks that are wanted.
    ///
    /// # Errors
    /// When a pattern is none, or selects nothing.
    pub fn select(&mut self, selection: &Selection) -> Result<(), String> {
        let include = self.patterns(&selection.include)?;
        let exclude = self.patterns(&selection.exclude)?;
        self.checks.retain(|id, check| {
            (include.is_empty() || include.iter().any(|g| g.is_match(id)))
                && !exclude.iter().any(|g| g.is_match(id))
                && selection.severity.is_none_or(|least| check.severity >= least)
        });
        if self.checks.is_empty() { Err("no check is selected".to_owned()) } else { Ok(()) }
    }

    fn patterns(&self, texts: &[String]) -> Result<Vec<globset::GlobMatcher>, String> {
        let mut out = Vec::new();
        for text in texts {
            let glob = Glob::new(text)
                .map_err(|e| format!("`{text}` is no pattern: {e}"))?
                .compile_matcher();
            if !self.checks.keys().any(|id| glob.is_match(id)) {
                let near = nearest(text, self.checks.keys().map(String::as_str));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(format!("no check matches `{text}`{hint}"));
            }
            out.push(glob);
        }
        Ok(out)
    }

    /// All checks, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.checks.values()
    }

    /// The check of an id.
    pub fn get(&self, id: &str) -> Option<&Check> {
        self.checks.get(id)
    }

    /// How many checks there are.
    pub fn len(&self) -> usize {
        self.checks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }
}

impl Check {
    fn programs(&self) -> impl Iterator<Item = &crate::expr::Program> {
        self.when.iter().chain(std::iter::once(self.rule.program())).chain(self.message.programs())
    }

    /// The relations this check asks for.
    pub fn relations(&self) -> impl Iterator<Item = Relation> {
        self.programs().flat_map(|program| program.relations().iter().copied())
    }

    /// The attributes this check reads, by resource type.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.programs().flat_map(|program| program.fields().iter().copied())
    }

    /// Which looks at everything at once its facts rest on.
    pub fn needs(&self) -> Needs {
        Needs::of_fields(self.fields())
    }

    /// The resource types this check relates to.
    pub fn related_kinds(&self) -> impl Iterator<Item = &'static str> {
        self.programs().flat_map(|program| program.kinds().iter().map(|kind| kind.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_checks_are_the_same_without_their_cases() {
        let mut diagnostics = Diagnostics::default();
        let suite = Suite::builtin(&mut diagnostics);
        let mut whole = Suite::default();
        for (path, text) in builtin::CHECKS {
            whole.add(&[SourceFile::new(*path, *text)], &mut diagnostics);
        }
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(suite.len(), whole.len());
        for (ours, theirs) in suite.iter().zip(whole.iter()) {
            assert!(ours.cases.get().is_none(), "the cases of {} do not close its file", ours.id);
            assert!(!ours.cases().is_empty(), "{}", ours.id);
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        }
    }
}
