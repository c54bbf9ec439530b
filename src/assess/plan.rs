//! What is to be judged, and how.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::result::ParamUse;
use crate::analyze;
use crate::analyze::environment::Environments;
use crate::analyze::overview::{Declared, Needs};
use crate::check::{Check, Setting, Suite};
use crate::finding::Severity;
use crate::framework::{CheckSetting, CheckSettings, ParamSetting, Scope};
use crate::ident::AccountId;
use crate::model::index::Relation;
use crate::waiver::Waivers;

/// Everything an assessment depends on besides the inventory.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The checks with the values they run with.
    pub checks: Vec<Planned<'a>>,
    /// The declared environments.
    pub environments: &'a Environments,
    /// The declared flows between them, and ranges outside.
    pub declared: Declared,
    /// The exceptions.
    pub waivers: &'a Waivers,
    /// The clock of the run.
    pub now: Timestamp,
}

/// A check with the values it runs with.
#[derive(Debug)]
pub struct Planned<'a> {
    /// The check.
    pub check: &'a Check,
    /// The severity in force.
    pub severity: Severity,
    /// The values that hold where no scope says otherwise.
    pub setting: Setting,
    /// Those values, with where each came from.
    pub uses: BTreeMap<String, ParamUse>,
    /// Values for some accounts or environments; the last that fits holds.
    pub scoped: Vec<Scoped>,
}

/// Values that hold in some accounts or environments.
#[derive(Debug)]
pub struct Scoped {
    /// The accounts; all when empty.
    pub accounts: Vec<AccountId>,
    /// The environments; all when empty.
    pub environments: Vec<String>,
    /// The values.
    pub setting: Setting,
}

impl Planned<'_> {
    /// Whether some values hold in some environments only.
    pub fn depends_on_environment(&self) -> bool {
        self.scoped.iter().any(|scoped| !scoped.environments.is_empty())
    }

    /// The values that hold for a resource.
    pub fn setting_for(&self, account: &AccountId, environment: Option<&str>) -> &Setting {
        let fits = |scoped: &&Scoped| {
            (scoped.accounts.is_empty() || scoped.accounts.contains(account))
                && (scoped.environments.is_empty()
                    || environment
                        .is_some_and(|e| scoped.environments.iter().any(|have| have == e)))
        };
        self.scoped.iter().rev().find(fits).map_or(&self.setting, |scoped| &scoped.setting)
    }
}

impl Planned<'_> {
    fn apply(&mut self, setting: &CheckSetting) -> Result<(), String> {
        if let Some((severity, _)) = &setting.severity {
            self.severity = *severity;
        }
        let params = &setting.params;
        self.setting = self.check.setting(|name| params.get(name).map(|p| &p.everywhere.value))?;
        let mut scopes: Vec<&Scope> = Vec::new();
        for param in
            self.check.params.iter().filter_map(|p| params.get(&p.name).map(|set| (&p.name, set)))
        {
            let (name, set) = param;
            let origin = set.everywhere.origin.clone();
            self.uses
                .insert(name.clone(), ParamUse { value: set.everywhere.value.clone(), origin });
            for (scope, scoped) in &set.scoped {
                let origin = format!("{} ({})", scoped.origin, scope.words());
                let key = format!("{name} ({})", scope.words());
                self.uses.insert(key, ParamUse { value: scoped.value.clone(), origin });
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            }
        }
        self.scoped = self.by_scope(params, &scopes)?;
        Ok(())
    }

    /// One set of values for every combination of scopes that a place can lie in, the most specific last.
    fn by_scope(
        &self,
        params: &BTreeMap<String, ParamSetting>,
        scopes: &[&Scope],
    ) -> Result<Vec<Scoped>, String> {
        let mut accounts: Vec<Option<&AccountId>> = vec![None];
        accounts.extend(scopes.iter().flat_map(|s| &s.accounts).map(Some));
        let mut environments: Vec<Option<&String>> = vec![None];
        environments.extend(scopes.iter().flat_map(|s| &s.environments).map(Some));
        let mut out = Vec::new();
        for account in &accounts {
            for environment in &environments {
                if account.is_none() && environment.is_none() {
                    continue;
                }
                let value_of = |name: &str| {
                    let set = params.get(name)?;
                    let fits = |scope: &Scope| {
                        (scope.accounts.is_empty()
                            || account.is_some_and(|a| scope.accounts.contains(a)))
                            && (scope.environments.is_empty()
                                || environment.is_some_and(|e| scope.environments.contains(e)))
                    };
                    let holds = set.scoped.iter().rev().find(|(scope, _)| fits(scope));
                    Some(holds.map_or(&set.everywhere.value, |(_, scoped)| &scoped.value))
                };
                out.push(Scoped {
                    accounts: account.iter().map(|a| (*a).clone()).collect(),
                    environments: environment.iter().map(|e| (*e).clone()).collect(),
                    setting: self.check.setting(value_of)?,
                });
            }
        }
        Ok(out)
    }
}

impl<'a> Plan<'a> {
    /// A plan of a whole suite with every parameter at its default.
    ///
    /// # Errors
    /// When a default does not have its parameter's type, which reading the check rules out.
    pub fn defaults(
        suite: &'a Suite,
        environments: &'a Environments,
        waivers: &'a Waivers,
        now: Timestamp,
    ) -> Result<Self, String> {
        let mut checks = Vec::new();
        for check in suite.iter() {
            let setting = check.setting(|_| None)?;
            let uses = check
                .params
                .iter()
                .map(|p| {
                    (
                        p.name.clone(),
                        ParamUse { value: p.default.clone(), origin: "default".to_owned() },
                    )
                })
                .collect();
            checks.push(Planned {
                check,
                severity: check.severity,
                setting,
                uses,
                scoped: Vec::new(),
            });
        }
        Ok(Self { checks, environments, declared: Declared::default(), waivers, now })
    }

    /// A plan with the severities and parameters that frameworks and overlays set. A framework parameter sets the
    /// parameters of its controls' checks that have the same name.
    ///
    /// # Errors
    /// When a value does not have the type of the check's parameter.
    pub fn of(
        suite: &'a Suite,
        settings: &CheckSettings,
        environments: &'a Environments,
        waivers: &'a Waivers,
        now: Timestamp,
    ) -> Result<Self, String> {
        let mut plan = Self::defaults(suite, environments, waivers, now)?;
        // A check that an overlay disables does not run; its controls say why they are undetermined.
        plan.checks.retain(|p| settings.get(&p.check.id).is_none_or(|s| s.disabled.is_none()));
        for planned in &mut plan.checks {
            if let Some(setting) = settings.get(&planned.check.id) {
                planned.apply(setting)?;
            }
        }
        Ok(plan)
    }

    /// With the flows and ranges that the configuration declares.
    #[must_use]
    pub fn with_declared(mut self, declared: Declared) -> Self {
        self.declared = declared;
        self
    }

    /// Which looks at everything at once the facts that checks read rest on.
    pub fn needs(&self) -> Needs {
        self.checks.iter().fold(Needs::default(), |needs, planned| needs.and(planned.check.needs()))
    }

    /// The relations that checks and analyses ask for.
    pub fn relations(&self) -> Vec<Relation> {
        let mut relations = analyze::relations_to(&self.kept_kinds());
        for relation in self.checks.iter().flat_map(|planned| planned.check.relations()) {
            if !relations.contains(&relation) {
                relations.push(relation);
            }
        }
        relations
    }

    /// The resource types that must be at hand while others are judged: those that are related to, and those that
    /// `all()` lists.
    pub fn kept_kinds(&self) -> BTreeSet<&'static str> {
        let mut kinds: BTreeSet<&'static str> =
            self.checks.iter().flat_map(|planned| planned.check.related_kinds()).collect();
        kinds.extend(self.checks.iter().flat_map(|p| p.check.relations()).map(|r| r.kind.name));
        let judged = self.checks.iter().map(|planned| planned.check.kind.name);
        let needed = analyze::needed(judged.chain(kinds.iter().copied()), self.environments);
        kinds.extend(needed);
        kinds
    }

    /// The resource types that must be collected for this plan.
    pub fn collected_kinds(&self) -> BTreeSet<&'static str> {
        let mut kinds = self.kept_kinds();
        kinds.extend(self.checks.iter().map(|planned| planned.check.kind.name));
        kinds.extend(self.needs().kinds());
        kinds
    }
}
