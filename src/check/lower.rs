//! From a raw check to a valid one.

use std::sync::OnceLock;

use indexmap::IndexMap;

use super::case::{self, Case};
use super::raw::{RawCheck, RawParam};
use super::{Check, Param, Remediation, Rule};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::expr::{self, Env, Offsets, Program, Source, Template, Want};
use crate::model::kinds::kind_named;
use crate::model::reflect::Type;
use crate::model::{KINDS, Kind};
use crate::span::SourceFile;
use crate::yaml::{self, Spanned};

/// The version of the format that this build reads.
const FORMAT_VERSION: u32 = 1;

impl Check {
    /// Reads a check; everything wrong with it goes to `diagnostics`.
    pub fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Self> {
        let raw: RawCheck = yaml::read(file, diagnostics)?;
        lower_whole(file, raw, true, diagnostics)
    }

    /// Reads a check that comes with the tool. Its cases, half of its text, are left aside until they are asked for; a
    /// test holds that they can be read.
    pub(super) fn read_built_in(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some((head, _)) = file.text.split_once(CASES) else {
            return Self::read(file, diagnostics);
        };
        let raw: RawCheck = yaml::read(&SourceFile::new(file.path.clone(), head), diagnostics)?;
        lower_whole(file, raw, false, diagnostics)
    }

    /// Its own test cases.
    pub fn cases(&self) -> &[Case] {
        self.cases.get_or_init(|| {
            // A check without cases is told by the linter, whatever made it so.
            let whole = Self::read(&self.file, &mut Diagnostics::default());
            whole.and_then(|check| check.cases.into_inner()).unwrap_or_default()
        })
    }
}

/// What separates the cases, which close a file, from the rest.
const CASES: &str = "\ncases:\n";

fn lower_whole(
    file: &SourceFile,
    raw: RawCheck,
    with_cases: bool,
    diagnostics: &mut Diagnostics,
) -> Option<Check> {
    let mut found = Diagnostics::default();
    let check = lower(file, raw, with_cases, &mut found);
    let broken = found.has_errors();
    diagnostics.extend(found);
    check.filter(|_| !broken)
}

fn lower(
    file: &SourceFile,
    raw: RawCheck,
    with_cases: bool,
    diagnostics: &mut Diagnostics,
) -> Option<Check> {
    if raw.version.value != FORMAT_VERSION {
        let message = format!(
            "check format {} is not known; this build reads {FORMAT_VERSION}",
            raw.version.value
        );
        diagnostics
            .push(Diagnostic::error("check/version", message).at(file, raw.version.range.clone()));
    }
    check_id(file, &raw.id, diagnostics);
    let params = lower_params(file, &raw.params, diagnostics);
    let kind = kind_of(file, &raw.resource, diagnostics)?;
    let mut env = Env {
        this: Some(Type::Resource(kind)),
        params: params.iter().map(|p| (p.name.clone(), p.ty.clone())).collect(),
        vars: Vec::new(),
    };
    let when =
        raw.when.as_ref().and_then(|text| compile(file, text, &env, Want::Bool, diagnostics));
    let rule = lower_rule(file, &raw, &env, diagnostics);
    let offender = match &rule {
        Some(Rule::Offenders(program)) => match program.ty() {
            Type::List(of) => (**of).clone(),
            other => other.clone(),
        },
        // Without a rule the message can still be held against the resource itself.
        _ => Type::Resource(kind),
    };
    if rule.is_some() {
        env.vars.push(("offender".to_owned(), offender));
    }
    let message = rule
        .is_some()
        .then(|| Template::compile(&source(file, &raw.message), &env, diagnostics))
        .flatten();
    let cases = OnceLock::new();
    if with_cases {
        cases.get_or_init(|| lower_cases(file, kind, &params, raw.cases, diagnostics));
    }
    Some(Check {
        id: raw.id.value,
        title: raw.title.value,
        severity: raw.severity,
        kind,
        params,
        when,
        when_text: raw.when.map(|text| text.value),
        rule: rule?,
        rule_text: raw.offenders.or(raw.assert).map(|text| text.value).unwrap_or_default(),
        message: message?,
        why: raw.why.value,
        audit: raw.audit.value,
        remediation: Remediation {
            console: raw.remediation.console,
            cli: raw.remediation.cli,
            terraform: raw.remediation.terraform,
        },
        controls: raw
            .controls
            .into_iter()
            .map(|(standard, ids)| (standard, ids.into_iter().map(|id| id.value).collect()))
            .collect(),
        cases,
        overrides: raw.overrides,
        file: file.clone(),
    })
}

fn check_id(file: &SourceFile, id: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let fits = !id.value.is_empty()
        && id.value.len() <= 100
        && id.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        diagnostics.push(
            Diagnostic::error(
                "check/id",
                "an id is made of lower-case letters, digits and hyphens",
            )
            .at(file, id.range.clone()),
        );
    }
}

fn kind_of(
    file: &SourceFile,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<&'static Kind> {
    let kind = kind_named(&name.value);
    if kind.is_none() {
        let mut diagnostic =
            Diagnostic::error("check/unknown-type", format!("no resource type `{}`", name.value))
                .at(file, name.range.clone());
        diagnostic = match nearest(&name.value, KINDS.iter().map(|kind| kind.name)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("`portcullis schema inventory` lists the types"),
        };
        diagnostics.push(diagnostic);
    }
    kind
}

fn lower_rule(
    file: &SourceFile,
    raw: &RawCheck,
    env: &Env,
    diagnostics: &mut Diagnostics,
) -> Option<Rule> {
    match (&raw.offenders, &raw.assert) {
        (Some(text), None) => {
            compile(file, text, env, Want::List, diagnostics).map(Rule::Offenders)
        }
        (None, Some(text)) => compile(file, text, env, Want::Bool, diagnostics).map(Rule::Assert),
        (Some(_), Some(both)) => {
            let message = "a check has either `offenders` or `assert`, not both";
            diagnostics
                .push(Diagnostic::error("check/two-rules", message).at(file, both.range.clone()));
            None
        }
        (None, None) => {
            let message =
                "a check needs `offenders` (a list of offending parts) or `assert` (a condition)";
            diagnostics
                .push(Diagnostic::error("check/no-rule", message).at(file, raw.id.range.clone()));
            None
        }
    }
}

/// The place of a text that YAML decoded, so that an expression's offsets point into the file.
fn source<'a>(file: &'a SourceFile, text: &'a Spanned<String>) -> Source<'a> {
    let raw = file.text.get(text.range.clone()).unwrap_or_default();
    Source::new(file, &text.value, Offsets::align(raw, text.range.start, &text.value))
}

fn compile(
    file: &SourceFile,
    text: &Spanned<String>,
    env: &Env,
    want: Want,
    diagnostics: &mut Diagnostics,
) -> Option<Program> {
    expr::compile(&source(file, text), env, want, diagnostics)
}

fn lower_params(
    file: &SourceFile,
    raw: &IndexMap<String, RawParam>,
    diagnostics: &mut Diagnostics,
) -> Vec<Param> {
    let mut params = Vec::new();
    for (name, param) in raw {
        let Some(ty) = expr::parse_type(&param.ty.value) else {
            let message = format!("no type `{}`", param.ty.value);
            let known = "types are bool, int, float, string, time, duration, prefix, ports, list(…) and map(…)";
            diagnostics.push(
                Diagnostic::error("check/param-type", message)
                    .at(file, param.ty.range.clone())
                    .help(known),
            );
            continue;
        };
        if let Err(why) = expr::value_from_json(&ty, &param.default.value) {
            let message = format!("the default of `{name}` is no {ty}: {why}");
            diagnostics.push(
                Diagnostic::error("check/param-default", message)
                    .at(file, param.default.range.clone()),
            );
        }
        params.push(Param {
            name: name.clone(),
            ty,
            default: param.default.value.clone(),
            doc: param.doc.clone(),
        });
    }
    params
}

fn lower_cases(
    file: &SourceFile,
    kind: &'static Kind,
    params: &[Param],
    raw: Vec<super::raw::RawCase>,
    diagnostics: &mut Diagnostics,
) -> Vec<Case> {
    raw.into_iter().filter_map(|case| case::lower(file, kind, params, case, diagnostics)).collect()
}
