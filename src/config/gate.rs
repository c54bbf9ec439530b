//! The `gate` section: what the pre-deployment gate compares with, and what closes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::analyze::Environments;
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::gate::{Policy, Rules};
use crate::span::SourceFile;
use crate::yaml::Spanned;

/// What the pre-deployment gate compares with, and what closes it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Gate")]
pub(super) struct RawGate {
    /// The live inventory that plans and templates are laid over; none when left out.
    #[serde(default)]
    pub inventory: Option<String>,
    /// The file of findings that are known.
    #[serde(default)]
    pub baseline: Option<String>,
    /// What closes the gate, any of: `added:SEVERITY`, `any:SEVERITY`, `score-drop:POINTS`; `added:high` when left out.
    #[serde(default)]
    pub fail_on: Option<Vec<Spanned<String>>>,
    /// What becomes of findings that the change makes unknown: `fail:SEVERITY` (exit code 3), `warn`, `ignore`;
    /// `fail:critical` when left out.
    #[serde(default)]
    pub unknown: Option<Spanned<String>>,
    /// What becomes of an input that believes the world to be otherwise than the inventory shows it: `fail` (exit code
    /// 2), `warn`, `ignore`; `warn` when left out.
    #[serde(default)]
    pub stale: Option<Spanned<String>>,
    /// Whether crossed thresholds are told only.
    #[serde(default)]
    pub warn_only: bool,
    /// Whether waivers in comments of sources and in metadata of templates count for nothing.
    #[serde(default)]
    pub forbid_inline_waivers: bool,
    /// Other thresholds for the resources of declared environments.
    #[serde(default)]
    pub environments: Vec<RawGateEnvironment>,
}

/// Thresholds for the resources of one environment.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GateEnvironment")]
pub(super) struct RawGateEnvironment {
    /// Its name, as it is declared under `environments`.
    pub name: Spanned<String>,
    /// What closes the gate: `added:SEVERITY` or `any:SEVERITY`; as everywhere when left out.
    #[serde(default)]
    pub fail_on: Option<Vec<Spanned<String>>>,
    /// What becomes of findings that the change makes unknown; as everywhere when left out.
    #[serde(default)]
    pub unknown: Option<Spanned<String>>,
}

/// What the pre-deployment gate compares with, and what closes it.
#[derive(Debug, Clone, Default)]
pub struct GateConfig {
    /// The live inventory.
    pub inventory: Option<PathBuf>,
    /// The baseline file.
    pub baseline: Option<PathBuf>,
    /// Whether waivers beside what they accept count for nothing.
    pub forbid_inline_waivers: bool,
    /// The thresholds.
    pub policy: Policy,
}

pub(super) fn lower(
    file: &SourceFile,
    base: &Path,
    raw: RawGate,
    environments: &Environments,
    diagnostics: &mut Diagnostics,
) -> GateConfig {
    let default = Policy::default();
    let everywhere = rules(file, raw.fail_on, raw.unknown, &default.rules, diagnostics);
    let mut own = BTreeMap::new();
    let names: Vec<&str> = environments.list().iter().map(|one| one.name.as_str()).collect();
    for one in raw.environments {
        if !names.contains(&one.name.value.as_str()) {
            let message = format!("no environment `{}` is declared", one.name.value);
            let near = nearest(&one.name.value, names.iter().copied());
            let mut diagnostic = Diagnostic::error("config/gate-environment", message)
                .at(file, one.name.range.clone());
            if let Some(near) = near {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            diagnostics.push(diagnostic);
        }
        let rules = rules(file, one.fail_on, one.unknown, &everywhere, diagnostics);
        own.insert(one.name.value, rules);
    }
    let stale = raw.stale.and_then(|text| parsed(file, &text, diagnostics));
    GateConfig {
        inventory: raw.inventory.map(|path| base.join(path)),
        baseline: raw.baseline.map(|path| base.join(path)),
        forbid_inline_waivers: raw.forbid_inline_waivers,
        policy: Policy {
            rules: everywhere,
            environments: own,
            stale: stale.unwrap_or(default.stale),
            warn_only: raw.warn_only,
        },
    }
}

fn rules(
    file: &SourceFile,
    fail_on: Option<Vec<Spanned<String>>>,
    unknown: Option<Spanned<String>>,
    default: &Rules,
    diagnostics: &mut Diagnostics,
) -> Rules {
    let fail_on = fail_on.map(|list| {
        list.iter().filter_map(|text| parsed(file, text, diagnostics)).collect::<Vec<_>>()
    });
    let unknown = unknown.and_then(|text| parsed(file, &text, diagnostics));
    Rules {
        fail_on: fail_on.unwrap_or_else(|| default.fail_on.clone()),
        unknown: unknown.unwrap_or(default.unknown),
    }
}

fn parsed<T: FromStr<Err = String>>(
    file: &SourceFile,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    match text.value.parse() {
        Ok(value) => Some(value),
        Err(why) => {
            let diagnostic = Diagnostic::error("config/gate", why).at(file, text.range.clone());
            diagnostics.push(diagnostic);
            None
        }
    }
}
