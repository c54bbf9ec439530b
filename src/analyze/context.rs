//! What every derivation may look at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::environment::{self, Environments};
use super::iam::Privileges;
use super::iam::people::{self, People};
use super::kleene::Doubt;
use super::network::effects::Effects;
use super::overview::Overview;
use super::relations::Key;
use crate::ident::{AccountId, Region};
use crate::model::change::is_planned;
use crate::model::index::{Index, Within};
use crate::model::{Attr, Cause, CauseKind, Coverage, Meta, Resource, Scope};

/// The resources at hand, the declared environments, and the time of the run.
#[derive(Debug)]
pub struct Context<'a> {
    index: &'a Index,
    environments: &'a Environments,
    now: Timestamp,
    accounts: Accounts,
    overview: Option<&'a Overview>,
}

/// The environments of accounts, worked out once.
type Accounts = BTreeMap<AccountId, Attr<Option<String>>>;

/// What a relation found, and why there may be more.
pub(crate) struct Found<'a> {
    pub certain: Vec<&'a Resource>,
    pub doubt: Doubt,
}

impl<'a> Context<'a> {
    /// Prepares what derivations share; do it once per run, not per resource.
    pub fn new(index: &'a Index, environments: &'a Environments, now: Timestamp) -> Self {
        let mut context = Self::with(index, environments, now, Accounts::new());
        let mut accounts: BTreeSet<_> = index.coverage().accounts().into_iter().collect();
        accounts.extend(index.resources().iter().map(|r| r.meta.account.clone()));
        let assigned: Accounts = accounts
            .into_iter()
            .map(|account| {
                let environment = environment::of_account_anew(&account, &context);
                (account, environment)
            })
            .collect();
        context.accounts = assigned;
        context
    }

    /// As [`Self::new`], with what an earlier context worked out.
    pub(crate) fn with(
        index: &'a Index,
        environments: &'a Environments,
        now: Timestamp,
        accounts: Accounts,
    ) -> Self {
        Self { index, environments, now, accounts, overview: None }
    }

    /// With what was found by looking at everything at once.
    #[must_use]
    pub fn with_overview(mut self, overview: &'a Overview) -> Self {
        self.overview = Some(overview);
        self
    }

    /// What was found on paths; nothing if they were not analysed.
    pub(crate) fn effects(&self) -> Option<&'a Effects> {
        self.overview?.paths.as_deref()
    }

    /// What was found on privileges; nothing if they were not analysed.
    pub(crate) fn privileges(&self) -> Option<&'a Privileges> {
        self.overview?.privileges.as_deref()
    }

    /// The roster of people; nothing where none is declared.
    ///
    /// # Errors
    /// The cause, when nobody looked.
    pub(crate) fn people(&self) -> Result<Option<&'a People>, Cause> {
        match self.overview {
            Some(overview) => Ok(overview.people.as_deref()),
            None => Err(people::facts::not_looked_at()),
        }
    }

    /// The name under which an account outside is declared.
    ///
    /// # Errors
    /// The cause, when nobody looked.
    pub(crate) fn declared_account(&self, account: &str) -> Result<Option<&'a str>, Cause> {
        let nobody_looked =
            || Cause::new(CauseKind::NotCollected, "the declared accounts were not looked at");
        let overview = self.overview.ok_or_else(nobody_looked)?;
        Ok(overview.accounts.declared(account))
    }

    /// What was worked out about accounts, for the next context of the same run.
    pub(crate) fn into_accounts(self) -> Accounts {
        self.accounts
    }

    /// The time of the run.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The declared environments.
    pub fn environments(&self) -> &'a Environments {
        self.environments
    }

    /// The accounts that the inventory speaks of.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.accounts.keys()
    }

    /// The environment of an account, worked out once.
    pub(crate) fn environment_of(&self, account: &AccountId) -> Option<&Attr<Option<String>>> {
        self.accounts.get(account)
    }

    /// The coverage of the whole inventory.
    pub(crate) fn coverage(&self) -> &'a Coverage {
        self.index.coverage()
    }

    /// Why a type may hold more in a place than is seen.
    pub(crate) fn gap(&self, account: &AccountId, region: &Region, kind: &str) -> Option<Cause> {
        self.index.coverage().gap(account, region, kind)
    }

    /// The resources whose field has a value, wherever they are listed; only gaps of the one place raise doubt.
    ///
    /// Shared things are listed by several accounts, but the owner's list is the one that must be complete.
    pub(crate) fn find(
        &self,
        key: Key,
        value: &str,
        account: &AccountId,
        region: &Region,
    ) -> Found<'a> {
        let Some(relation) = key.relation().filter(|relation| self.index.announces(*relation))
        else {
            // What was not kept at hand must not look absent.
            let mut doubt = Doubt::default();
            doubt.add(&Cause::NOT_COLLECTED);
            return Found { certain: Vec::new(), doubt };
        };
        let mut found = self.index.related(relation, value, Within::Everywhere);
        // The owner's own statement comes first.
        found.certain.sort_by_key(|r| r.meta.account != *account);
        let mut doubt = Doubt::default();
        let place = match relation.kind.scope {
            Scope::Regional => region.clone(),
            Scope::Global | Scope::Organization => Region::global(),
        };
        let organization = relation.kind.scope == Scope::Organization;
        let here =
            |r: &Resource| organization || r.meta.account == *account && r.meta.region == place;
        for (_, cause) in found.possible.iter().filter(|(r, _)| here(r)) {
            doubt.add(cause);
        }
        let gap = if is_planned(value) {
            self.index.coverage().planned_gap(relation.kind.name).cloned()
        } else if organization {
            self.index.coverage().organization_gap(relation.kind.name)
        } else {
            self.gap(account, &place, relation.kind.name)
        };
        doubt.extend(gap.as_ref());
        Found { certain: found.certain, doubt }
    }

    /// The one resource with an id, or why it is not at hand.
    pub(crate) fn one(&self, key: Key, id: &str, meta: &Meta) -> Result<&'a Resource, Cause> {
        let found = self.find(key, id, &meta.account, &meta.region);
        match found.certain.first() {
            Some(resource) => Ok(resource),
            None => Err(found.doubt.cause().cloned().unwrap_or_else(|| missing(id))),
        }
    }
}

/// The cause of a reference that leads out of the inventory.
pub(crate) fn missing(id: &str) -> Cause {
    Cause::new(CauseKind::NotCollected, format!("{id} is not in the inventory"))
}
