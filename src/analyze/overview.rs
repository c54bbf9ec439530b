//! What only a look at everything at once can say: the paths of the network, and what privileges lead to.
//!
//! Both are worked out once, from resources that stream by, and kept small while resources are derived and judged one
//! after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::Context;
use super::environment::Environments;
use super::iam::people::People;
use super::iam::trust::known::Known;
use super::iam::{self, Privileges, declared, estate};
use super::network::effects::{self, Effects};
use super::network::topology;
use super::network::{self};
use crate::model::Resource;

/// What was found by looking at everything at once; what nobody asked for is missing.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// What the analysis of paths found.
    pub paths: Option<Arc<Effects>>,
    /// What the analysis of privileges found.
    pub privileges: Option<Arc<Privileges>>,
    /// The roster of people, where one is declared.
    pub people: Option<Arc<People>>,
    /// Whose accounts outside are, as far as that is declared.
    pub accounts: Arc<Known>,
}

/// What an organisation declares about its network and its principals.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Flows and ranges.
    pub network: network::Declared,
    /// Capabilities and duties.
    pub principals: declared::Declared,
    /// The roster of people.
    pub people: Option<Arc<People>>,
    /// Accounts of one's own and of partners.
    pub accounts: Arc<Known>,
}

/// Which of the analyses are needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// That of paths.
    pub paths: bool,
    /// That of privileges.
    pub privileges: bool,
    /// Of that of privileges also what they lead to in several steps, which costs the most.
    pub escalations: bool,
}

impl Needs {
    /// What fields rest on, given by the name of their type or part and their own.
    pub fn of_fields<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let mut needs = Self::default();
        for (of, field) in fields {
            needs.paths |= effects::rests_on_paths(of, field);
            needs.privileges |= iam::effects::rests_on_privileges(of, field);
            needs.escalations |= iam::effects::rests_on_escalations(of, field);
        }
        needs
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            paths: self.paths || other.paths,
            privileges: self.privileges || other.privileges,
            escalations: self.escalations || other.escalations,
        }
    }

    /// Those that the other lacks.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            paths: self.paths && !other.paths,
            privileges: self.privileges && !other.privileges,
            escalations: self.escalations && !other.escalations,
        }
    }

    /// The resource types on which what is found depends, those that environments are assigned by included.
    pub fn rests_on(self, environments: &Environments) -> BTreeSet<&'static str> {
        let mut kinds = self.kinds();
        kinds.extend(super::needed(self.kinds(), environments));
        kinds
    }

    /// The resource types that must be looked at.
    pub fn kinds(self) -> BTreeSet<&'static str> {
        let mut kinds = BTreeSet::new();
        if self.paths {
            kinds.extend(effects::KINDS);
        }
        if self.privileges {
            kinds.extend(estate::KINDS);
        }
        kinds
    }
}

/// Gathers what the analyses need from resources that stream by.
#[derive(Debug)]
pub struct Gathering<'e> {
    network: Option<topology::build::Builder<'e>>,
    estate: Option<estate::Builder>,
    escalations: bool,
}

impl<'e> Gathering<'e> {
    /// Nothing yet.
    pub fn new(needs: Needs, environments: &'e Environments) -> Self {
        Self {
            network: needs.paths.then(|| topology::build::Builder::new(environments)),
            estate: needs.privileges.then(estate::Builder::new),
            escalations: needs.escalations,
        }
    }

    /// Takes what matters from a resource.
    pub fn add(&mut self, resource: &Resource) {
        if let Some(network) = &mut self.network {
            network.add(resource);
        }
        if let Some(estate) = &mut self.estate {
            estate.add(resource);
        }
    }

    /// Analyses what was gathered.
    pub fn finish(self, context: &Context<'_>, declared: &Declared) -> Overview {
        Overview {
            paths: self
                .network
                .map(|network| Effects::of(&network.finish(context), &declared.network).into()),
            privileges: self.estate.map(|estate| {
                let estate = estate.finish(context.coverage());
                let (principals, accounts) = (&declared.principals, &declared.accounts);
                let now = context.now();
                if self.escalations {
                    Privileges::of(&estate, principals, accounts, now).into()
                } else {
                    Privileges::of_trusts(&estate, accounts, now).into()
                }
            }),
            people: declared.people.clone(),
            accounts: Arc::clone(&declared.accounts),
        }
    }
}
