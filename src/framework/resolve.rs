//! Putting overlays over a framework.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::library::Loaded;
use super::lower::{self, Context, unique};
use super::param::{Change, Parameter};
use super::raw::{
    Decision, RawCheckDecision, RawExtraEvidence, RawFramework, RawLoosening, RawOverlay, RawScope,
    RawSection, RawTailoring,
};
use super::{
    Assurance, CheckDecision, Control, FrameworkKind, OutOfScope, ParamSetting, ResolvedFramework,
    Scope, Scoped, Section,
};
use crate::attestation::is_same_person;
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::digest;
use crate::finding::Severity;
use crate::ident::AccountId;
use crate::span::SourceFile;
use crate::yaml::Spanned;

/// The framework with the overlays over it, innermost first; nothing when any of the files has errors.
pub(super) fn resolve(
    base: &Loaded<RawFramework>,
    overlays: &[&Loaded<RawOverlay>],
    diagnostics: &mut Diagnostics,
) -> Option<ResolvedFramework> {
    let mut found = Diagnostics::default();
    let parameters = lower::parameters(&base.file, &base.raw, &mut found);
    let mut values = BTreeMap::new();
    for (name, parameter) in &parameters {
        let everywhere =
            Scoped { value: parameter.default.clone(), origin: base.raw.framework.value.clone() };
        values.insert(name.clone(), ParamSetting { everywhere, scoped: Vec::new() });
    }
    for overlay in overlays {
        set_values(overlay, &parameters, &mut values, &mut found);
    }
    let mut context = Context { file: &base.file, values: &values, taken: BTreeSet::new() };
    let mut sections: Vec<Section> = Vec::new();
    for raw in &base.raw.sections {
        let section = context.section(raw, &mut found);
        if sections.iter().any(|other| other.id == section.id) {
            let message = format!("section `{}` exists already", section.id);
            found.push(
                Diagnostic::error("framework/duplicate-section", message)
                    .at(&base.file, raw.id.range.clone()),
            );
        }
        sections.push(section);
    }
    let mut resolved = ResolvedFramework {
        id: base.raw.framework.value.clone(),
        title: base.raw.title.clone(),
        version: base.raw.release.value.clone(),
        kind: base.raw.kind,
        about: base.raw.about.trim().to_owned(),
        sections,
        parameters,
        values: values.clone(),
        check_decisions: BTreeMap::new(),
        sources: vec![source(&base.file)],
    };
    for overlay in overlays {
        let taken = std::mem::take(&mut context.taken);
        context = Context { file: &overlay.file, values: &values, taken };
        let mut layer =
            Layer { overlay, context: &mut context, resolved: &mut resolved, found: &mut found };
        layer.apply();
    }
    name_version(&mut resolved, overlays);
    let failed = found.has_errors();
    diagnostics.extend(found);
    (!failed).then_some(resolved)
}

fn source(file: &SourceFile) -> (String, String) {
    (file.path.to_string(), digest::sha256(file.text.as_bytes()))
}

fn name_version(resolved: &mut ResolvedFramework, overlays: &[&Loaded<RawOverlay>]) {
    let names: Vec<_> = overlays
        .iter()
        .map(|o| format!("{} {}", o.raw.overlay.value, o.raw.release.value))
        .collect();
    if !names.is_empty() {
        resolved.version = format!("{} with {}", resolved.version, names.join(", "));
    }
}

/// Sets an overlay's parameters.
fn set_values(
    overlay: &Loaded<RawOverlay>,
    parameters: &BTreeMap<String, Parameter>,
    values: &mut BTreeMap<String, ParamSetting>,
    found: &mut Diagnostics,
) {
    let id = &overlay.raw.overlay.value;
    let setter = Setter { file: &overlay.file, parameters, origin: format!("overlay {id}") };
    let before: BTreeMap<String, Value> = values
        .iter()
        .map(|(name, setting)| (name.clone(), setting.everywhere.value.clone()))
        .collect();
    for (name, scoped) in setter.all(&overlay.raw.set, &overlay.raw.loosen, &before, found) {
        if let Some(setting) = values.get_mut(&name) {
            setting.everywhere = scoped;
        }
    }
    let everywhere: BTreeMap<String, Value> = values
        .iter()
        .map(|(name, setting)| (name.clone(), setting.everywhere.value.clone()))
        .collect();
    for raw in &overlay.raw.scopes {
        let Some(scope) = scope(&overlay.file, raw, found) else { continue };
        let setter = Setter { origin: format!("overlay {id} for {}", scope.words()), ..setter };
        for (name, scoped) in setter.all(&raw.set, &raw.loosen, &everywhere, found) {
            if let Some(setting) = values.get_mut(&name) {
                setting.scoped.push((scope.clone(), scoped));
            }
        }
    }
}

fn scope(file: &SourceFile, raw: &RawScope, found: &mut Diagnostics) -> Option<Scope> {
    let mut accounts = Vec::new();
    for text in &raw.accounts {
        match AccountId::new(text) {
            Ok(account) => accounts.push(account),
            Err(error) => found.push(
                Diagnostic::error("framework/scope", error.to_string())
                    .at(file, text.range.clone())
                    .help("quote account ids, so that YAML keeps leading zeros"),
            ),
        }
    }
    let environments: Vec<String> = raw.environments.iter().map(|e| e.value.clone()).collect();
    if accounts.is_empty() && environments.is_empty() {
        if raw.accounts.is_empty() {
            let message = "a scope names neither accounts nor environments";
            found.push(
                Diagnostic::error("framework/scope", message)
                    .at(file, 0..0)
                    .help("what holds everywhere belongs under the overlay's own `set`"),
            );
        }
        return None;
    }
    accounts.sort();
    Some(Scope { accounts, environments })
}

struct Setter<'a> {
    file: &'a SourceFile,
    parameters: &'a BTreeMap<String, Parameter>,
    origin: String,
}

impl Setter<'_> {
    fn all(
        &self,
        set: &BTreeMap<String, Spanned<Value>>,
        loosen: &[RawLoosening],
        before: &BTreeMap<String, Value>,
        found: &mut Diagnostics,
    ) -> Vec<(String, Scoped)> {
        let mut out = Vec::new();
        for (name, value) in set {
            let Some(parameter) = self.parameter(name, value, found) else { continue };
            let old = before.get(name).unwrap_or(&parameter.default);
            if parameter.change(old, value) == Change::Loosens {
                let message = format!("this loosens `{name}` from {old} to {}", value.value);
                found.push(
                    Diagnostic::error("framework/loosens", message)
                        .at(self.file, value.range.clone())
                        .help("move it to `loosen:` with a reason, an owner and an approver"),
                );
                continue;
            }
            out.push((
                name.clone(),
                Scoped { value: value.value.clone(), origin: self.origin.clone() },
            ));
        }
        for raw in loosen {
            let name = &raw.parameter.value;
            if self.parameter(name, &raw.value, found).is_none() {
                continue;
            }
            two_people(self.file, &raw.owner, &raw.approved_by, found);
            said(self.file, &raw.reason, found);
            let origin = format!(
                "{}: {} (owner {}, approved by {})",
                self.origin,
                raw.reason.trim(),
                raw.owner.value,
                raw.approved_by.value
            );
            out.push((name.clone(), Scoped { value: raw.value.value.clone(), origin }));
        }
        out
    }

    fn parameter(
        &self,
        name: &str,
        value: &Spanned<Value>,
        found: &mut Diagnostics,
    ) -> Option<&Parameter> {
        let Some(parameter) = self.parameters.get(name) else {
            let diagnostic = Diagnostic::error(
                "framework/unknown-parameter",
                format!("the framework has no parameter `{name}`"),
            )
            .at(self.file, value.range.clone());
            found.push(match nearest(name, self.parameters.keys().map(String::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("`portcullis framework show` lists the parameters"),
            });
            return None;
        };
        if let Some(why) = parameter.refuses(value) {
            found.push(
                Diagnostic::error("framework/parameter-value", why)
                    .at(self.file, value.range.clone()),
            );
            return None;
        }
        Some(parameter)
    }
}

fn two_people(
    file: &SourceFile,
    owner: &Spanned<String>,
    approver: &Spanned<String>,
    found: &mut Diagnostics,
) {
    for person in [owner, approver] {
        if person.trim().is_empty() {
            found.push(
                Diagnostic::error("framework/people", "a name is missing")
                    .at(file, person.range.clone()),
            );
        }
    }
    if is_same_person(owner, approver) {
        found.push(
            Diagnostic::error("framework/people", "the owner approves their own decision")
                .at(file, approver.range.clone())
                .help("another person must approve"),
        );
    }
}

fn said(file: &SourceFile, reason: &Spanned<String>, found: &mut Diagnostics) {
    if reason.trim().is_empty() {
        found.push(
            Diagnostic::error("framework/reason", "the reason is empty")
                .at(file, reason.range.clone()),
        );
    }
}

/// One overlay, being applied.
struct Layer<'a, 'c> {
    overlay: &'a Loaded<RawOverlay>,
    context: &'a mut Context<'c>,
    resolved: &'a mut ResolvedFramework,
    found: &'a mut Diagnostics,
}

impl Layer<'_, '_> {
    fn apply(&mut self) {
        let raw = &self.overlay.raw;
        if let Some(title) = &raw.title {
            self.resolved.title.clone_from(title);
        }
        for section in &raw.add {
            self.add(section);
        }
        for evidence in &raw.evidence {
            self.evidence(evidence);
        }
        for tailoring in &raw.tailor {
            self.tailor(tailoring);
        }
        for decision in &raw.checks {
            self.check(decision);
        }
        if let Some(tiers) = &raw.tiers {
            let words = format!("overlay {}: its tier is not selected", raw.overlay.value);
            for control in self.resolved.sections.iter_mut().flat_map(|s| &mut s.controls) {
                if !tiers.contains(&control.tier) && control.out_of_scope.is_none() {
                    control.out_of_scope =
                        Some(OutOfScope { words: words.clone(), review_by: None });
                }
            }
        }
        self.resolved.sources.push(source(&self.overlay.file));
    }

    fn name(&self) -> String {
        format!("overlay {}", self.overlay.raw.overlay.value)
    }

    fn error(&mut self, code: &'static str, message: String, at: &Spanned<String>, help: &str) {
        let diagnostic = Diagnostic::error(code, message).at(&self.overlay.file, at.range.clone());
        self.found.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn add(&mut self, raw: &RawSection) {
        let mut section = self.context.section(raw, self.found);
        let note = format!("{}: added", self.name());
        for control in &mut section.controls {
            control.tailored.push(note.clone());
        }
        match self.resolved.sections.iter_mut().find(|s| s.id == section.id) {
            Some(existing) => existing.controls.append(&mut section.controls),
            None => self.resolved.sections.push(section),
        }
    }

    fn control(&mut self, id: &Spanned<String>) -> Option<&mut Control> {
        let known = self.resolved.control(id).is_some();
        if !known {
            let near = nearest(id, self.resolved.controls().map(|(_, c)| c.id.as_str()));
            let help = near.map_or_else(
                || "`portcullis framework show` lists the controls".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.error(
                "framework/unknown-control",
                format!("there is no control `{}`", id.value),
                id,
                &help,
            );
            return None;
        }
        self.resolved.sections.iter_mut().flat_map(|s| &mut s.controls).find(|c| c.id == id.value)
    }

    fn evidence(&mut self, raw: &RawExtraEvidence) {
        let attestation =
            raw.attestation.as_ref().and_then(|a| self.context.attestation(a, self.found));
        let exercises = self.context.exercises(&raw.exercises, self.found);
        let recorded = attestation.is_some() || !exercises.is_empty();
        let nothing = !recorded && raw.checks.is_empty();
        let note = format!("{}: further evidence", self.name());
        let Some(control) = self.control(&raw.control) else { return };
        let twice = attestation.is_some() && control.attestation.is_some();
        for check in unique(&raw.checks) {
            if !control.checks.contains(&check) {
                control.checks.push(check);
            }
        }
        if attestation.is_some() {
            control.attestation = attestation;
        }
        control.exercises.extend(exercises);
        if raw.closes_gap && !nothing {
            control.gap = None;
        }
        if recorded && control.assurance == Assurance::Auto {
            control.assurance = Assurance::Mixed;
        }
        control.tailored.push(note);
        if nothing {
            let help = "name checks, an attestation or exercises";
            self.error(
                "framework/evidence",
                "nothing is added here".to_owned(),
                &raw.control,
                help,
            );
        }
        if twice {
            let message = format!("`{}` has an attestation already", raw.control.value);
            self.error("framework/evidence", message, &raw.control, "");
        }
    }

    fn tailor(&mut self, raw: &RawTailoring) {
        let weight = raw.weight.as_ref().map(|w| self.context.weight(w, self.found));
        let people = self.tailoring_people(raw);
        let readiness = self.resolved.kind == FrameworkKind::Readiness;
        let name = self.name();
        let Some(control) = self.control(&raw.control) else { return };
        let mut loosens = false;
        if let Some(severity) = raw.severity {
            loosens |= severity < control.severity;
            control
                .tailored
                .push(format!("{name}: severity {} instead of {}", severity, control.severity));
            control.severity = severity;
        }
        if let Some(weight) = weight {
            loosens |= weight < control.weight;
            control.tailored.push(format!("{name}: weight {weight}"));
            control.weight = weight;
        }
        let leaves_out = raw.decision == Some(Decision::NotInScope);
        let forbidden = leaves_out && readiness && control.severity == Severity::Critical;
        if leaves_out {
            let words = format!("{name}: {}", people.as_deref().unwrap_or("no reason given"));
            control.out_of_scope = Some(OutOfScope { words, review_by: raw.review_by });
        } else if raw.decision == Some(Decision::InScope) {
            control.out_of_scope = None;
        }
        if (loosens || leaves_out) && people.is_none() {
            let message =
                "a decision that makes the framework less strict needs reason, owner and approver";
            let help = "add `reason`, `owner` and `approved_by`, who is not the owner";
            self.error("framework/people", message.to_owned(), &raw.control, help);
        }
        if leaves_out && raw.review_by.is_none() {
            let message = "a control that is left out needs a date on which that is reviewed";
            self.error(
                "framework/people",
                message.to_owned(),
                &raw.control,
                "add `review_by: DATE`",
            );
        }
        if forbidden {
            let message =
                format!("`{}` is critical to readiness and cannot be left out", raw.control.value);
            self.error("framework/critical-left-out", message, &raw.control, "");
        }
    }

    /// Reason, owner and approver in words, when all are given and the last two differ.
    fn tailoring_people(&mut self, raw: &RawTailoring) -> Option<String> {
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let reason = given(&raw.reason)?;
        let owner = given(&raw.owner)?;
        let approver = given(&raw.approved_by)?;
        if is_same_person(&owner, &approver) {
            self.error(
                "framework/people",
                "the owner approves their own decision".to_owned(),
                &raw.control,
                "another person must approve",
            );
        }
        Some(format!("{reason} (owner {owner}, approved by {approver})"))
    }

    fn check(&mut self, raw: &RawCheckDecision) {
        two_people(&self.overlay.file, &raw.owner, &raw.approved_by, self.found);
        said(&self.overlay.file, &raw.reason, self.found);
        if raw.severity.is_none() && !raw.disabled {
            let help = "write `severity:` or `disabled: true`";
            self.error(
                "framework/check-decision",
                "nothing is decided here".to_owned(),
                &raw.check,
                help,
            );
        }
        let words = format!(
            "{}: {} (owner {}, approved by {})",
            self.name(),
            raw.reason.trim(),
            raw.owner.value,
            raw.approved_by.value
        );
        let decision = CheckDecision { severity: raw.severity, disabled: raw.disabled, words };
        self.resolved.check_decisions.insert(raw.check.value.clone(), decision);
    }
}
