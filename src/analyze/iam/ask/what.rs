//! What somebody may do, statement by statement.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::answer::{Answer, answer};
use super::{Inquiry, sample};
use crate::analyze::iam::catalogue::{self, Access};
use crate::analyze::iam::document::{Document, Effect, Layer, Statement};
use crate::analyze::iam::estate::Subject;
use crate::analyze::iam::evaluate::{self, Decision, Layers};
use crate::analyze::iam::request::{Action, CallerKind, Request};
use crate::analyze::iam::truth::{Need, Plain, Truth};
use crate::model::{Attr, policy};

/// How many examples are told.
const EXAMPLES: usize = 5;

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct What {
    /// The documented actions that it may take on some resource, by what they do.
    pub actions: BTreeMap<Access, usize>,
    /// The statements that allow it something.
    pub grants: Vec<Grant>,
    /// What was not read and might change the answer.
    pub missing: Vec<String>,
}

/// A statement that allows, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Where the document stands.
    pub policy: String,
    /// The version of a managed policy.
    pub version: Option<String>,
    /// The place of the statement in its document, from 0.
    pub statement: u32,
    /// Its own id.
    pub sid: Option<String>,
    /// The patterns of its actions.
    pub actions: Vec<String>,
    /// Whether it means all actions but those.
    pub all_but_actions: bool,
    /// The patterns of its resources.
    pub resources: Vec<String>,
    /// Whether it means all resources but those.
    pub all_but_resources: bool,
    /// How many actions were tried.
    pub tried: usize,
    /// How many of them pass.
    pub allowed: usize,
    /// Those that pass if something holds.
    pub conditional: Vec<Conditional>,
    /// Those that do not pass, by what limits them.
    pub limited: Vec<Limited>,
}

/// Actions that pass if something holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conditional {
    /// What has to hold.
    #[serde(rename = "if")]
    pub need: Need,
    /// How many.
    pub actions: usize,
    /// Some of them.
    pub examples: Vec<String>,
}

/// Actions that do not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limited {
    /// What limits them.
    pub by: Limit,
    /// How many.
    pub actions: usize,
    /// Some of them.
    pub examples: Vec<String>,
}

/// What limits a grant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Limit {
    /// The layer; absent where no policy can allow it.
    pub layer: Option<Layer>,
    /// The statement that denies, as policy and place; absent where a layer just does not allow.
    pub statement: Option<(String, u32)>,
    /// Its own id.
    pub sid: Option<String>,
}

impl Inquiry<'_> {
    /// What somebody may do. Resources that patterns leave open are made up: in the account of the caller, without a
    /// policy that denies, and with one that delegates to the account where one is needed.
    pub fn what_can(&self, subject: &Subject<'_>) -> What {
        let delegating = delegating(subject);
        let mut effective: BTreeSet<String> = BTreeSet::new();
        let mut missing = BTreeSet::new();
        let mut grants = Vec::new();
        for document in &subject.identity {
            if let Some(cause) = &document.doubt {
                missing.insert(format!("{}: {cause}", document.name));
            }
            for statement in &document.statements {
                if statement.effect == Some(Effect::Deny) {
                    continue;
                }
                let mut tally = Tally::default();
                for action in sample::actions(&statement.actions) {
                    let Some(found) = self.best(subject, statement, &action, &delegating) else {
                        continue;
                    };
                    if !matches!(found, Found::Denied(_)) {
                        effective.insert(action.text().to_owned());
                    }
                    tally.add(&action, found, &mut missing);
                }
                grants.push(tally.grant(document, statement));
            }
        }
        let mut actions = BTreeMap::new();
        for known in effective.iter().filter_map(|text| catalogue::find(&Action::parse(text)?)) {
            *actions.entry(known.access).or_default() += 1;
        }
        What { actions, grants, missing: missing.into_iter().collect() }
    }

    /// The best that comes of an action over the resources of a statement; nothing where it is taken on none of them.
    fn best(
        &self,
        subject: &Subject<'_>,
        statement: &Statement,
        action: &Action,
        delegating: &Document,
    ) -> Option<Found> {
        let mut best = None;
        let resources = sample::resources(statement.resources.as_ref(), action, &subject.caller);
        for resource in &resources {
            let found = self.imagined(subject, action, resource, delegating, |request, layers| {
                let plain = evaluate::evaluate(request, layers, &Plain, &mut ()).allowed;
                match plain {
                    Truth::Yes => Found::Allowed,
                    Truth::Maybe => match answer(request, layers) {
                        Answer { need: Some(need), missing, .. } => Found::If(need, missing),
                        _ => Found::Allowed,
                    },
                    Truth::No => Found::Denied(limit(&answer(request, layers))),
                }
            });
            match found {
                Found::Allowed => return Some(found),
                Found::If(..) => best = Some(found),
                Found::Denied(_) if best.is_none() => best = Some(found),
                Found::Denied(_) => {}
            }
        }
        best
    }

    /// A request for a resource that may be made up.
    pub(super) fn imagined<T>(
        &self,
        subject: &Subject<'_>,
        action: &Action,
        resource: &str,
        delegating: &Document,
        decide: impl FnOnce(&Request<'_>, &Layers<'_>) -> T,
    ) -> T {
        if !sample::is_made_up(resource) && resource != "*" || self.estate.holds(resource) {
            return self.with(subject, action, resource, decide);
        }
        let own = subject.caller.account.as_deref();
        let (request, mut layers) = self.prepared(subject, action, resource, own);
        layers.resource = matches!(action.service(), "kms" | "sts").then_some(delegating);
        decide(&request, &layers)
    }
}

/// The policy that hands a resource over to the policies of the caller's account.
pub(super) fn delegating(subject: &Subject<'_>) -> Document {
    let account = subject.caller.account.as_deref().unwrap_or_default();
    let root =
        policy::Principal { kind: "AWS".to_owned().into(), value: account.to_owned().into() };
    let statement = policy::Statement {
        sid: Attr::Known(None),
        effect: "Allow".to_owned().into(),
        actions: vec!["*".to_owned()].into(),
        not_actions: Vec::new().into(),
        resources: vec!["*".to_owned()].into(),
        not_resources: Vec::new().into(),
        principals: vec![root].into(),
        not_principals: Vec::new().into(),
        conditions: Vec::new().into(),
        not_understood: Vec::new().into(),
    };
    let document = policy::PolicyDocument {
        version: Attr::Known(None),
        policy_id: Attr::Known(None),
        statements: vec![Attr::Known(statement)].into(),
    };
    Document::compile("policy of a resource made up", None, &Attr::Known(document))
}

enum Found {
    Allowed,
    If(Need, Vec<String>),
    Denied(Limit),
}

/// What limits a request that does not pass.
fn limit(answer: &Answer) -> Limit {
    let denies = answer
        .matched
        .iter()
        .find(|one| one.effect == Some(Effect::Deny) && one.applies == Truth::Yes);
    if let Some(one) = denies {
        return Limit {
            layer: Some(one.layer),
            statement: Some((one.policy.clone(), one.statement)),
            sid: one.sid.clone(),
        };
    }
    let silent = answer
        .layers
        .iter()
        .find(|one| one.decision == Decision::ImplicitlyDenied && one.layer != Layer::Resource);
    let layer = if answer.impossible.is_some() { None } else { silent.map(|one| one.layer) };
    Limit { layer, statement: None, sid: None }
}

#[derive(Default)]
struct Tally {
    tried: usize,
    allowed: usize,
    conditional: BTreeMap<Need, (usize, Vec<String>)>,
    limited: BTreeMap<Limit, (usize, Vec<String>)>,
}

impl Tally {
    fn add(&mut self, action: &Action, found: Found, missing: &mut BTreeSet<String>) {
        self.tried += 1;
        let entry = match found {
            Found::Allowed => {
                self.allowed += 1;
                return;
            }
            Found::If(need, unread) => {
                missing.extend(unread);
                self.conditional.entry(need).or_default()
            }
            Found::Denied(limit) => self.limited.entry(limit).or_default(),
        };
        entry.0 += 1;
        if entry.1.len() < EXAMPLES {
            entry.1.push(sample::named(action));
        }
    }

    fn grant(self, document: &Document, statement: &Statement) -> Grant {
        let resources = statement.resources.as_ref();
        Grant {
            policy: document.name.to_string(),
            version: document.version.as_deref().map(str::to_owned),
            statement: statement.index,
            sid: statement.sid.as_deref().map(str::to_owned),
            actions: statement.actions.patterns.iter().map(sample::written).collect(),
            all_but_actions: statement.actions.negated,
            resources: resources
                .map(|list| list.patterns.iter().map(|one| one.text.to_string()).collect())
                .unwrap_or_default(),
            all_but_resources: resources.is_some_and(|list| list.negated),
            tried: self.tried,
            allowed: self.allowed,
            conditional: self
                .conditional
                .into_iter()
                .map(|(need, (actions, examples))| Conditional { need, actions, examples })
                .collect(),
            limited: self
                .limited
                .into_iter()
                .map(|(by, (actions, examples))| Limited { by, actions, examples })
                .collect(),
        }
    }
}

/// Whether somebody has policies of its own at all.
pub fn has_policies(kind: CallerKind) -> bool {
    matches!(kind, CallerKind::User | CallerKind::Role | CallerKind::FederatedUser)
}
