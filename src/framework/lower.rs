//! From what people write to valid sections and controls.

use std::collections::{BTreeMap, BTreeSet};

use super::param::{ParamType, Parameter};
use super::raw::{
    RawAttestationNeed, RawControl, RawExerciseNeed, RawFramework, RawImport, RawNumber,
    RawParameter, RawSection,
};
use super::{Assurance, AttestationNeed, Control, ExerciseNeed, Import, ParamSetting, Section};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::SourceFile;
use crate::yaml::Spanned;

/// The version of the file formats.
const FORMAT: u32 = 1;
/// The longest identifier.
const ID_LENGTH_MAX: usize = 100;
/// How much a section or control may count against its severity's weight.
const WEIGHT_MAX: f64 = 10.0;

/// Holds the format's version.
pub(super) fn format_version(
    file: &SourceFile,
    version: &Spanned<u32>,
    diagnostics: &mut Diagnostics,
) {
    if version.value != FORMAT {
        let message = format!("format version {} is not known", version.value);
        let help = format!("this release reads version {FORMAT}");
        diagnostics.push(
            Diagnostic::error("framework/format-version", message)
                .at(file, version.range.clone())
                .help(help),
        );
    }
}

/// Holds that an id can stand in file names, URLs and reports.
pub(super) fn identifier(file: &SourceFile, id: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let fits = !id.is_empty()
        && id.len() <= ID_LENGTH_MAX
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if !fits {
        diagnostics.push(
            Diagnostic::error(
                "framework/id",
                "an id consists of letters, digits, `-`, `.` and `_`",
            )
            .at(file, id.range.clone())
            .help("begin with a letter or digit, and stay under 100 characters"),
        );
    }
}

/// The parameters of a framework.
pub(super) fn parameters(
    file: &SourceFile,
    raw: &RawFramework,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Parameter> {
    let lowered = raw.parameters.iter().filter_map(|(name, raw)| {
        parameter(file, name, raw, diagnostics).map(|parameter| (name.clone(), parameter))
    });
    lowered.collect()
}

fn parameter(
    file: &SourceFile,
    name: &str,
    raw: &RawParameter,
    diagnostics: &mut Diagnostics,
) -> Option<Parameter> {
    let Some(kind) = ParamType::parse(&raw.kind) else {
        diagnostics.push(
            Diagnostic::error(
                "framework/parameter-type",
                format!("`{}` is not a type", raw.kind.value),
            )
            .at(file, raw.kind.range.clone())
            .help("write int, float, string, bool, list(T) or map(T)"),
        );
        return None;
    };
    let parameter = Parameter {
        name: name.to_owned(),
        kind,
        default: raw.default.value.clone(),
        min: raw.min,
        max: raw.max,
        tighten: raw.tighten,
        levels: raw.levels.clone(),
        doc: raw.doc.trim().to_owned(),
    };
    if let Some(why) = parameter.refuses(&parameter.default) {
        diagnostics.push(
            Diagnostic::error("framework/parameter-value", why).at(file, raw.default.range.clone()),
        );
        return None;
    }
    Some(parameter)
}

/// What controls are lowered against.
pub(super) struct Context<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) values: &'a BTreeMap<String, ParamSetting>,
    /// The ids of controls that exist already.
    pub(super) taken: BTreeSet<String>,
}

impl Context<'_> {
    /// A section with its controls; those that cannot be used are left out.
    pub(super) fn section(&mut self, raw: &RawSection, diagnostics: &mut Diagnostics) -> Section {
        identifier(self.file, &raw.id, diagnostics);
        let weight = raw.weight.as_ref().map_or(1.0, |w| self.weight(w, diagnostics));
        let controls =
            raw.controls.iter().filter_map(|raw| self.control(raw, diagnostics)).collect();
        let title = raw.title.clone().unwrap_or_else(|| raw.id.value.clone());
        Section { id: raw.id.value.clone(), title, weight, controls }
    }

    /// A factor on a weight.
    pub(super) fn weight(&self, raw: &Spanned<f64>, diagnostics: &mut Diagnostics) -> f64 {
        if raw.value > 0.0 && raw.value <= WEIGHT_MAX {
            return raw.value;
        }
        let message =
            format!("a weight lies above 0 and up to {WEIGHT_MAX}, and {} does not", raw.value);
        diagnostics.push(
            Diagnostic::error("framework/weight", message)
                .at(self.file, raw.range.clone())
                .help("to leave a control out, write `decision: not-in-scope` with a reason"),
        );
        1.0
    }

    fn control(&mut self, raw: &RawControl, diagnostics: &mut Diagnostics) -> Option<Control> {
        identifier(self.file, &raw.id, diagnostics);
        if !self.taken.insert(raw.id.value.clone()) {
            let message = format!("control `{}` exists already", raw.id.value);
            diagnostics.push(
                Diagnostic::error("framework/duplicate-control", message)
                    .at(self.file, raw.id.range.clone()),
            );
            return None;
        }
        let control = Control {
            id: raw.id.value.clone(),
            title: raw.title.trim().to_owned(),
            severity: raw.severity,
            tier: raw.tier,
            assurance: raw.assurance,
            population: raw.population.clone(),
            weight: 1.0,
            checks: unique(&raw.checks),
            builtin: raw.builtin.clone(),
            import: raw.posture.as_ref().and_then(|raw| self.import(raw, diagnostics)),
            attestation: raw
                .attestation
                .as_ref()
                .and_then(|raw| self.attestation(raw, diagnostics)),
            exercises: self.exercises(&raw.exercises, diagnostics),
            gap: raw.gap.as_ref().map(|why| why.trim().to_owned()),
            params: self.params(&raw.params, diagnostics),
            maps: raw.maps.clone(),
            out_of_scope: None,
            tailored: Vec::new(),
        };
        self.hold_evidence(raw, &control, diagnostics);
        Some(control)
    }

    /// A control must rest on something, and say truly on what.
    fn hold_evidence(&self, raw: &RawControl, control: &Control, diagnostics: &mut Diagnostics) {
        let automatic =
            !control.checks.is_empty() || !control.builtin.is_empty() || raw.posture.is_some();
        let recorded = raw.attestation.is_some() || !raw.exercises.is_empty();
        let problem = match control.assurance {
            _ if !automatic && !recorded && control.gap.is_none() => Some((
                "nothing evidences the control",
                "name checks or records, or write `gap:` with the reason",
            )),
            Assurance::Auto if recorded => {
                Some(("an `auto` control rests on records", "write `assurance: mixed` or `attest`"))
            }
            Assurance::Attest if automatic => {
                Some(("an `attest` control rests on checks", "write `assurance: mixed`"))
            }
            _ => None,
        };
        if let Some((message, help)) = problem {
            diagnostics.push(
                Diagnostic::error("framework/evidence", message)
                    .at(self.file, raw.id.range.clone())
                    .help(help),
            );
        }
    }

    fn params(&self, raw: &[Spanned<String>], diagnostics: &mut Diagnostics) -> Vec<String> {
        for name in raw {
            if !self.values.contains_key(&name.value) {
                diagnostics.push(self.no_parameter(name));
            }
        }
        unique(raw)
    }

    fn no_parameter(&self, name: &Spanned<String>) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            "framework/unknown-parameter",
            format!("there is no parameter `{}`", name.value),
        )
        .at(self.file, name.range.clone());
        match nearest(name, self.values.keys().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("declare it under the framework's `parameters`"),
        }
    }

    fn import(&self, raw: &RawImport, diagnostics: &mut Diagnostics) -> Option<Import> {
        let coverage_min = f64::from(self.number(&raw.coverage_min, diagnostics)?);
        Some(Import {
            framework: raw.framework.value.clone(),
            sections: raw.sections.clone(),
            coverage_min,
        })
    }

    /// What a person must attest.
    pub(super) fn attestation(
        &self,
        raw: &RawAttestationNeed,
        diagnostics: &mut Diagnostics,
    ) -> Option<AttestationNeed> {
        let fresh_days = self.number(&raw.fresh_days, diagnostics)?;
        Some(AttestationNeed {
            what: raw.what.trim().to_owned(),
            fresh_days,
            document: raw.document,
        })
    }

    /// The exercises that must have been held.
    pub(super) fn exercises(
        &self,
        raw: &[RawExerciseNeed],
        diagnostics: &mut Diagnostics,
    ) -> Vec<ExerciseNeed> {
        let mut needs = Vec::new();
        for raw in raw {
            if raw.kinds.is_empty() {
                let message = format!("no kind of exercise can meet `{}`", raw.what);
                diagnostics
                    .push(Diagnostic::error("framework/evidence", message).at(self.file, 0..0));
            }
            let Some(fresh_days) = self.number(&raw.fresh_days, diagnostics) else { continue };
            needs.push(ExerciseNeed {
                what: raw.what.trim().to_owned(),
                kinds: raw.kinds.clone(),
                fresh_days,
                every_account: raw.every_account,
                report: raw.report,
            });
        }
        needs
    }

    fn number(&self, raw: &RawNumber, diagnostics: &mut Diagnostics) -> Option<u32> {
        let name = match raw {
            RawNumber::Literal(number) => return Some(*number),
            RawNumber::Param(name) => name,
        };
        let Some(setting) = self.values.get(&name.value) else {
            diagnostics.push(self.no_parameter(name));
            return None;
        };
        let number = setting.everywhere.value.as_u64().and_then(|n| u32::try_from(n).ok());
        if number.is_none() {
            let message =
                format!("parameter `{}` is no whole number of days or percent", name.value);
            diagnostics.push(
                Diagnostic::error("framework/parameter-value", message)
                    .at(self.file, name.range.clone()),
            );
        }
        number
    }
}

/// Each once, in order: a check named twice counts once.
pub(super) fn unique(names: &[Spanned<String>]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.iter().filter(|n| seen.insert(n.value.as_str())).map(|n| n.value.clone()).collect()
}
