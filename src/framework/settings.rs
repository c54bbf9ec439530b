//! What frameworks and overlays say about checks: which run, how severe they are, with which parameters where.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Control, ResolvedFramework};
use crate::finding::Severity;
use crate::ident::AccountId;

/// A parameter's value everywhere, and the values that replace it in some places.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamSetting {
    /// The value where no scope fits.
    pub everywhere: Scoped,
    /// The values of scopes; of several that fit, the last holds.
    pub scoped: Vec<(Scope, Scoped)>,
}

/// A value, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Scoped {
    /// The value.
    pub value: Value,
    /// The framework or overlay that set it, with the reason where it loosens.
    pub origin: String,
}

/// Where a value holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The accounts; any when empty.
    pub accounts: Vec<AccountId>,
    /// The environments; any when empty.
    pub environments: Vec<String>,
}

impl Scope {
    /// Whether a place lies inside. A resource whose environment is not known is in no environment's scope.
    pub fn holds(&self, account: &AccountId, environment: Option<&str>) -> bool {
        let account_fits = self.accounts.is_empty() || self.accounts.contains(account);
        let environment_fits = self.environments.is_empty()
            || environment.is_some_and(|name| self.environments.iter().any(|e| e == name));
        account_fits && environment_fits
    }

    /// In words: `accounts 111122223333, environments prod`.
    pub fn words(&self) -> String {
        let accounts: Vec<_> = self.accounts.iter().map(AccountId::as_str).collect();
        let mut parts = Vec::new();
        if !accounts.is_empty() {
            parts.push(format!("accounts {}", accounts.join(" ")));
        }
        if !self.environments.is_empty() {
            parts.push(format!("environments {}", self.environments.join(" ")));
        }
        parts.join(", ")
    }
}

impl ParamSetting {
    /// The value in a place.
    pub fn at(&self, account: &AccountId, environment: Option<&str>) -> &Scoped {
        let fitting = self.scoped.iter().rev().find(|(scope, _)| scope.holds(account, environment));
        fitting.map_or(&self.everywhere, |(_, scoped)| scoped)
    }

    /// Whether it is the same everywhere.
    pub fn is_uniform(&self) -> bool {
        self.scoped.is_empty()
    }

    /// Whether the value depends on the environment, so that where that is unknown the value is, too.
    pub fn depends_on_environment(&self) -> bool {
        self.scoped.iter().any(|(scope, _)| !scope.environments.is_empty())
    }
}

/// What the frameworks say about one check.
#[derive(Debug, Clone, Default)]
pub struct CheckSetting {
    /// The controls that rest on it, as `framework/control`, in order.
    pub controls: Vec<String>,
    /// Another severity, and who says so.
    pub severity: Option<(Severity, String)>,
    /// Why it is not to run.
    pub disabled: Option<String>,
    /// Values for its parameters of these names; parameters that it does not declare are to be ignored.
    pub params: BTreeMap<String, ParamSetting>,
}

impl CheckSetting {
    /// Whether all its parameters are the same everywhere.
    pub fn is_uniform(&self) -> bool {
        self.params.values().all(ParamSetting::is_uniform)
    }

    /// The parameters' values in a place.
    pub fn params_at(
        &self,
        account: &AccountId,
        environment: Option<&str>,
    ) -> impl Iterator<Item = (&str, &Scoped)> {
        self.params.iter().map(move |(name, p)| (name.as_str(), p.at(account, environment)))
    }
}

/// What the frameworks say about all checks.
#[derive(Debug, Clone, Default)]
pub struct CheckSettings {
    checks: BTreeMap<String, CheckSetting>,
}

impl CheckSettings {
    /// Gathers what several frameworks say. Where two set the same parameter or severity of a check, the first holds.
    pub fn of(frameworks: &[ResolvedFramework]) -> Self {
        let mut all = Self::default();
        for framework in frameworks {
            for (_, control) in framework.controls() {
                // A control out of scope still has its checks run: the findings are true, whoever answers for them.
                all.add(framework, control);
            }
            for (check, decision) in &framework.check_decisions {
                let setting = all.checks.entry(check.clone()).or_default();
                if let (None, Some(severity)) = (&setting.severity, decision.severity) {
                    setting.severity = Some((severity, decision.words.clone()));
                }
                if decision.disabled && setting.disabled.is_none() {
                    setting.disabled = Some(decision.words.clone());
                }
            }
        }
        all
    }

    fn add(&mut self, framework: &ResolvedFramework, control: &Control) {
        for check in &control.checks {
            let setting = self.checks.entry(check.clone()).or_default();
            setting.controls.push(format!("{}/{}", framework.id, control.id));
            for name in &control.params {
                if let Some(value) = framework.values.get(name) {
                    setting.params.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
    }

    /// What is said about a check; nothing when no control rests on it and no overlay speaks of it.
    pub fn get(&self, check: &str) -> Option<&CheckSetting> {
        self.checks.get(check)
    }

    /// Whether a control rests on the check and no overlay disables it.
    pub fn selects(&self, check: &str) -> bool {
        self.get(check).is_some_and(|s| s.disabled.is_none() && !s.controls.is_empty())
    }

    /// All checks that are spoken of, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &CheckSetting)> {
        self.checks.iter().map(|(id, setting)| (id.as_str(), setting))
    }
}
