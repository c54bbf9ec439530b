//! What a change of policies grants and revokes.
//!
//! Texts are compared only to find the statements that changed. What their change means is decided: every action and
//! resource that they name is asked for before and after, so that a grant which another statement makes as well, or which
//! a denial takes away, is no change.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;

use super::outside::of_resource;
use super::what::delegating;
use super::who::{ANY_ACCOUNT, named_in, somebody_in};
use super::{Inquiry, sample};
use crate::analyze::iam::document::{Actions, Document, Layer, Named, Statement};
use crate::analyze::iam::estate::{Estate, Subject};
use crate::analyze::iam::evaluate::{self, Layers};
use crate::analyze::iam::request::{Action, Caller, Request};
use crate::analyze::iam::truth::{Plain, Truth};

/// What changed between two estates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Principals that are new.
    pub appeared: Vec<String>,
    /// Principals that are gone.
    pub gone: Vec<String>,
    /// Whose permissions changed.
    pub changed: Vec<Changed>,
    /// How many principals may do what they might before.
    pub unchanged: usize,
}

/// Principals whose permissions changed in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Who; several have the same policies in both.
    pub principals: Vec<String>,
    /// What they may now.
    pub gained: Vec<Shift>,
    /// What they may no more.
    pub lost: Vec<Shift>,
}

/// A pattern of actions on a pattern of resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shift {
    /// The pattern of the actions, as the statement has it.
    pub actions: String,
    /// The pattern of the resources.
    pub resources: String,
    /// How many of the documented actions it means changed.
    pub count: usize,
    /// How many it means.
    pub of: usize,
    /// One request that shows it.
    pub witness: Witness,
}

/// A request that is decided in two ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// To do what.
    pub action: String,
    /// With which.
    pub resource: String,
    /// Whether it passed before.
    pub before: Truth,
    /// Whether it passes now.
    pub after: Truth,
}

/// Both sides of a comparison.
struct Sides<'s, 'e> {
    before: &'s Inquiry<'e>,
    after: &'s Inquiry<'e>,
}

/// Compares the permissions of two estates.
pub fn difference(before: &Inquiry<'_>, after: &Inquiry<'_>) -> Difference {
    let sides = Sides { before, after };
    let mut out = Difference::default();
    let arns = |estate: &Estate| -> BTreeSet<String> {
        estate.principals.iter().map(|p| p.arn.to_string()).collect()
    };
    let (old, new) = (arns(before.estate), arns(after.estate));
    out.appeared = new.difference(&old).cloned().collect();
    out.gone = old.difference(&new).cloned().collect();
    let both: Vec<&String> = old.intersection(&new).collect();
    let mut changes: BTreeMap<String, Shifts> = BTreeMap::new();
    let mut alike: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    for arn in &both {
        let Some((a, b)) = sides.subjects(arn) else { continue };
        if let Some(key) = Key::of(&a, &b) {
            alike.entry(key).or_default().push((*arn).clone());
        }
    }
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for members in alike.into_values() {
        let Some(first) = members.first().cloned() else { continue };
        if let Some((a, b)) = sides.subjects(&first) {
            sides.identities(&a, &b, changes.entry(first.clone()).or_default());
        }
        same.insert(first, members);
    }
    for (first, shifts) in changes {
        if !shifts.is_empty() {
            let principals = same.remove(&first).unwrap_or_else(|| vec![first]);
            out.changed.push(shifts.told(principals));
        }
    }
    let mut by_resources = BTreeMap::new();
    sides.resources(&both, &mut by_resources);
    for (name, shifts) in by_resources {
        let told = shifts.told(vec![name]);
        let alike = |one: &&mut Changed| one.gained == told.gained && one.lost == told.lost;
        match out.changed.iter_mut().find(alike) {
            Some(one) => one.principals.extend(told.principals),
            None => out.changed.push(told),
        }
    }
    let touched: BTreeSet<&String> = out
        .changed
        .iter()
        .flat_map(|one| &one.principals)
        .filter(|arn| new.contains(*arn))
        .collect();
    let touched = touched.len();
    out.unchanged = both.len().saturating_sub(touched);
    out
}

/// What makes principals alike: the statements that changed and those that stayed, and all that these may look at.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    account: String,
    before: Vec<(Layer, u64)>,
    after: Vec<(Layer, u64)>,
    who: Option<String>,
}

impl Key {
    /// Nothing for principals whose policies say the same.
    fn of(a: &Subject<'_>, b: &Subject<'_>) -> Option<Self> {
        let mut personal = false;
        let mut sides = [a, b].map(|subject| {
            let mut list: Vec<(Layer, u64)> = documents(subject)
                .flat_map(|(layer, document)| document.statements.iter().map(move |s| (layer, s)))
                .map(|(layer, statement)| {
                    let text = words(statement);
                    personal |= text.contains("Variable(")
                        || text.contains("\"aws:principal")
                        || text.contains("\"aws:user");
                    (layer, hashed(&text))
                })
                .collect();
            list.push((Layer::Boundary, u64::from(subject.boundary.is_some())));
            list.push((Layer::Scp, u64::from(subject.scp.is_some())));
            list.sort();
            list
        });
        if sides[0] == sides[1] {
            return None;
        }
        let [before, after] = &mut sides;
        Some(Self {
            account: a.caller.account.as_deref().unwrap_or_default().to_owned(),
            before: std::mem::take(before),
            after: std::mem::take(after),
            who: personal.then(|| a.caller.arn.to_string()),
        })
    }
}

/// The documents of a principal, by layer.
fn documents<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (Layer, &'s Document)> {
    let of_identity = subject.identity.iter().map(|one| (Layer::Identity, *one));
    let of_boundary = subject.boundary.iter().flatten().map(|one| (Layer::Boundary, *one));
    let of_scp = subject.scp.iter().flatten().flatten().map(|one| (Layer::Scp, *one));
    of_identity.chain(of_boundary).chain(of_scp)
}

/// What a statement says, wherever it stands.
fn words(statement: &Statement) -> String {
    let mut bare = statement.clone();
    bare.index = 0;
    bare.sid = None;
    format!("{bare:?}")
}

fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The statements of one list that the other does not have.
fn only<'d>(
    own: &[(Layer, &'d Statement)],
    other: &[(Layer, &'d Statement)],
) -> Vec<&'d Statement> {
    let theirs: BTreeSet<(Layer, u64)> =
        other.iter().map(|(layer, one)| (*layer, hashed(&words(one)))).collect();
    own.iter()
        .filter(|(layer, one)| !theirs.contains(&(*layer, hashed(&words(one)))))
        .map(|(_, one)| *one)
        .collect()
}

fn changed<'d>(
    before: &[(Layer, &'d Statement)],
    after: &[(Layer, &'d Statement)],
) -> Vec<&'d Statement> {
    let mut out = only(before, after);
    out.extend(only(after, before));
    out
}

impl<'e> Sides<'_, 'e> {
    fn subjects(&self, arn: &str) -> Option<(Subject<'e>, Subject<'e>)> {
        let of = |inquiry: &Inquiry<'e>| {
            let principal = inquiry.estate.principal(inquiry.estate.find(arn)?)?;
            Some(inquiry.estate.subject(principal, inquiry.unread))
        };
        Some((of(self.before)?, of(self.after)?))
    }

    /// What the changed statements of a principal's own policies mean.
    fn identities(&self, a: &Subject<'_>, b: &Subject<'_>, out: &mut Shifts) {
        let list = |subject: &Subject<'_>| -> Vec<(Layer, Statement)> {
            documents(subject)
                .flat_map(|(layer, one)| one.statements.iter().map(move |s| (layer, s.clone())))
                .collect()
        };
        let (before, after) = (list(a), list(b));
        let before: Vec<_> = before.iter().map(|(layer, one)| (*layer, one)).collect();
        let after: Vec<_> = after.iter().map(|(layer, one)| (*layer, one)).collect();
        let mut statements = changed(&before, &after);
        if a.boundary.is_some() != b.boundary.is_some() || a.scp.is_some() != b.scp.is_some() {
            // What was limited and is not, or the other way round, is whatever is granted.
            statements.extend(before.iter().chain(&after).map(|(_, one)| *one));
        }
        let policies = [delegating(a), delegating(b)];
        for statement in statements {
            let texts = match &statement.resources {
                Some(list) if !list.negated => {
                    list.patterns.iter().map(|one| one.text.to_string()).collect()
                }
                _ => vec!["*".to_owned()],
            };
            for (pattern, actions) in patterns(&statement.actions) {
                for text in &texts {
                    let requests: Vec<(&Action, String)> = actions
                        .iter()
                        .filter_map(|action| Some((action, requested(text, action, &a.caller)?)))
                        .filter(|(action, resource)| sample::fits(action, resource))
                        .collect();
                    for (action, resource) in &requests {
                        let ask = |inquiry: &Inquiry<'_>, subject: &Subject<'_>, policy| {
                            inquiry.imagined(subject, action, resource, policy, decide)
                        };
                        let [of_a, of_b] = &policies;
                        let pair = (ask(self.before, a, of_a), ask(self.after, b, of_b));
                        out.add(&pattern, text, requests.len(), action, resource, pair);
                    }
                }
            }
        }
    }

    /// What changed statements in policies of resources and roles mean, to everybody.
    fn resources(&self, principals: &[&String], changes: &mut BTreeMap<String, Shifts>) {
        let (old, new) = (policies(self.before.estate), policies(self.after.estate));
        let arns: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        let mut inside: Option<Vec<(&str, Subject<'e>, Subject<'e>)>> = None;
        for arn in arns {
            let list = |side: &BTreeMap<&str, &'e Document>| -> Vec<(Layer, &'e Statement)> {
                let document = side.get(arn).copied();
                let statements = document.map(|one| one.statements.as_slice()).unwrap_or_default();
                statements.iter().map(|one| (Layer::Resource, one)).collect()
            };
            let statements = changed(&list(&old), &list(&new));
            if statements.is_empty() {
                continue;
            }
            let mut named: Vec<Named> = Vec::new();
            for document in [old.get(arn), new.get(arn)].into_iter().flatten() {
                named.extend(named_in(document));
            }
            named.sort();
            named.dedup();
            let strangers: Vec<(String, Caller)> =
                named.iter().filter_map(|one| self.stranger(one)).collect();
            // Of what is new or gone nobody needs to hear that those inside may, or may no more, use it.
            let both = self.before.estate.holds(arn) && self.after.estate.holds(arn);
            let inside = inside.get_or_insert_with(|| {
                let subjects = principals.iter().filter_map(|arn| {
                    let (a, b) = self.subjects(arn)?;
                    Some((arn.as_str(), a, b))
                });
                subjects.collect()
            });
            for statement in statements {
                for (pattern, mut actions) in patterns(&statement.actions) {
                    let here = of_resource(statement, arn);
                    actions.retain(|action| here.contains(action));
                    for action in &actions {
                        let change =
                            Change { statement, pattern: &pattern, of: actions.len(), action, arn };
                        for (name, a, b) in inside.iter().filter(|_| both) {
                            self.on_resource(&change, a, b, name, changes);
                        }
                        for (name, caller) in &strangers {
                            let a = self.before.outsider(caller.clone());
                            let b = self.after.outsider(caller.clone());
                            self.on_resource(&change, &a, &b, name, changes);
                        }
                    }
                }
            }
        }
    }

    fn on_resource(
        &self,
        change: &Change<'_>,
        a: &Subject<'_>,
        b: &Subject<'_>,
        name: &str,
        changes: &mut BTreeMap<String, Shifts>,
    ) {
        let mut resources = vec![change.arn.to_owned()];
        if let Some(list) = change.statement.resources.as_ref().filter(|list| !list.negated) {
            let own = list.patterns.iter().filter(|one| one.text.starts_with("arn:"));
            resources.extend(own.map(|one| sample::filled(&one.text, change.action, &a.caller)));
        }
        resources.retain(|resource| sample::fits(change.action, resource));
        resources.dedup();
        for resource in resources {
            let ask = |inquiry: &Inquiry<'_>, subject: &Subject<'_>| {
                if inquiry.estate.holds(change.arn) {
                    inquiry.with(subject, change.action, &resource, decide)
                } else {
                    Truth::No
                }
            };
            let pair = (ask(self.before, a), ask(self.after, b));
            if moved(pair) != Moved::Not {
                let shifts = changes.entry(name.to_owned()).or_default();
                shifts.add(change.pattern, &resource, change.of, change.action, &resource, pair);
            }
        }
    }

    /// Somebody whom a policy names and neither estate holds.
    fn stranger(&self, named: &Named) -> Option<(String, Caller)> {
        let known =
            |account: &str| self.after.estate.principals.iter().any(|p| *p.account == *account);
        match named {
            Named::Everybody => {
                Some(("anybody in any AWS account".to_owned(), somebody_in(ANY_ACCOUNT)?))
            }
            Named::Account(account) if !known(account) => {
                Some((format!("account {account}"), somebody_in(account)?))
            }
            Named::Arn(arn)
                if self.after.estate.find(arn).is_none()
                    && self.before.estate.find(arn).is_none() =>
            {
                Some((arn.to_string(), Caller::of_arn(arn)?))
            }
            Named::Service(name) => Some((name.to_string(), Caller::service(name))),
            Named::Federated(name) => Some((name.to_string(), Caller::federated(name))),
            _ => None,
        }
    }
}

/// The resource that stands for a pattern, for one action; nothing where the action knows no resources and the pattern is not
/// `*`, since nothing else means it.
fn requested(text: &str, action: &Action, caller: &Caller) -> Option<String> {
    match sample::resources(None, action, caller).as_slice() {
        [one] if one == "*" => (text == "*").then(|| text.to_owned()),
        _ => Some(sample::filled(text, action, caller)),
    }
}

struct Change<'c> {
    statement: &'c Statement,
    pattern: &'c str,
    of: usize,
    action: &'c Action,
    arn: &'c str,
}

fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Truth {
    evaluate::evaluate(request, layers, &Plain, &mut ()).allowed
}

/// The policies of resources and roles, by ARN.
fn policies(estate: &Estate) -> BTreeMap<&str, &Document> {
    let of_resources = estate
        .resources
        .iter()
        .filter_map(|(arn, one)| Some((&**arn, estate.document((*one.policy.known()?)?)?)));
    let of_roles = estate
        .principals
        .iter()
        .filter_map(|role| Some((&*role.arn, estate.document(role.trust?)?)));
    of_resources.chain(of_roles).collect()
}

/// The patterns of a statement with the actions that each means; of `NotAction` all together.
fn patterns(list: &Actions) -> Vec<(String, Vec<Action>)> {
    if list.negated {
        let but: Vec<_> = list.patterns.iter().map(sample::written).collect();
        return vec![(format!("all but {}", but.join(", ")), sample::actions(list))];
    }
    list.patterns
        .iter()
        .map(|pattern| {
            let one = Actions { negated: false, patterns: vec![pattern.clone()] };
            (sample::written(pattern), sample::actions(&one))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Not,
    Up,
    Down,
}

fn moved((before, after): (Truth, Truth)) -> Moved {
    match before.cmp(&after) {
        std::cmp::Ordering::Less => Moved::Up,
        std::cmp::Ordering::Equal => Moved::Not,
        std::cmp::Ordering::Greater => Moved::Down,
    }
}

#[derive(Debug, Default)]
struct Shifts {
    gained: BTreeMap<(String, String), Shift>,
    lost: BTreeMap<(String, String), Shift>,
    seen: BTreeSet<(Action, String)>,
}

impl Shifts {
    fn add(
        &mut self,
        pattern: &str,
        resources: &str,
        of: usize,
        action: &Action,
        resource: &str,
        pair: (Truth, Truth),
    ) {
        let list = match moved(pair) {
            Moved::Not => return,
            Moved::Up => &mut self.gained,
            Moved::Down => &mut self.lost,
        };
        // Several statements may mean the same request; it is told once.
        if !self.seen.insert((action.clone(), resource.to_owned())) {
            return;
        }
        let shift =
            list.entry((pattern.to_owned(), resources.to_owned())).or_insert_with(|| Shift {
                actions: pattern.to_owned(),
                resources: resources.to_owned(),
                count: 0,
                of,
                witness: Witness {
                    action: sample::named(action),
                    resource: resource.to_owned(),
                    before: pair.0,
                    after: pair.1,
                },
            });
        shift.count += 1;
    }

    fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }

    fn told(self, principals: Vec<String>) -> Changed {
        Changed {
            principals,
            gained: self.gained.into_values().collect(),
            lost: self.lost.into_values().collect(),
        }
    }
}
