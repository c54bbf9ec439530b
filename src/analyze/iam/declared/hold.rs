//! Whether a principal may do any of some actions on any of some resources, in effect.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Acts, Declared, Guise, Reached, candidates};
use crate::analyze::iam::ask::answer::{self, Answer};
use crate::analyze::iam::catalogue;
use crate::analyze::iam::document::{ActionPattern, Document, Effect, Layer, Statement};
use crate::analyze::iam::estate::{Estate, Principal, Subject, Unread};
use crate::analyze::iam::evaluate::evaluate;
use crate::analyze::iam::glob;
use crate::analyze::iam::principal::{self, Sessions};
use crate::analyze::iam::request::{Action, Circumstances, Request};
use crate::analyze::iam::truth::{Need, Plain, Truth};
use crate::model::Attr;

/// A request of a principal that passes, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Whether it passes: yes, or nobody can say.
    pub truth: Truth,
    /// The action, in the letters of AWS where they are known.
    pub action: String,
    /// The resource, with `*` where any name will do.
    pub resource: String,
    /// The statements that allow it, as `statement 0 (Sid) of ARN`.
    pub statements: Vec<String>,
    /// The steps of escalation before it; empty where the principal may by itself.
    pub through: Vec<String>,
    /// What an open answer hangs on.
    pub open: Vec<String>,
}

/// Asks the evaluator.
#[derive(Debug)]
pub struct Asker<'e> {
    estate: &'e Estate,
    /// The time of requests.
    pub now: Timestamp,
    everything: Document,
    circumstances: Circumstances,
    /// What patterns of actions mean, worked out once for each declaration.
    meant: HashMap<Vec<String>, Vec<Meant>>,
}

/// An action that a pattern means.
#[derive(Debug)]
struct Meant {
    action: Action,
    text: String,
    /// Whether it knows no resources; unknown for what AWS does not document.
    bare: Option<bool>,
}

impl<'e> Asker<'e> {
    /// Asks about the principals of an estate what is declared.
    pub fn new(estate: &'e Estate, declared: &Declared, now: Timestamp) -> Self {
        let duties = declared.duties.iter().flat_map(|duty| [&duty.first, &duty.second]);
        let acts = declared.capabilities.iter().map(|capability| &capability.may).chain(duties);
        Self {
            estate,
            now,
            everything: Document::everything("any policy it likes"),
            circumstances: Circumstances::open(),
            meant: acts.map(|acts| (acts.actions.clone(), meant(acts))).collect(),
        }
    }

    /// Whether a principal may by itself or by what it becomes; the surest way, the shortest among those.
    pub fn holds_in_effect(
        &self,
        principal: &Principal,
        acts: &Acts,
        reached: &dyn Reached,
    ) -> Option<Holding> {
        let subject = self.estate.subject(principal, Unread::Ignore);
        let mut best = self.holds(principal, &subject, acts);
        if best.as_ref().is_some_and(|b| b.truth == Truth::Yes) {
            return best;
        }
        for turn in reached.becomes(principal) {
            let found = match &turn.into {
                Guise::Unlimited => {
                    let identity = vec![&self.everything];
                    let subject = Subject { identity, ..subject.clone() };
                    self.holds(principal, &subject, acts)
                }
                Guise::Administrator(account) => self.administrator(account, acts),
                Guise::Principal(arn) => self
                    .estate
                    .find(arn)
                    .and_then(|id| self.estate.principal(id))
                    .filter(|other| other.arn != principal.arn)
                    .and_then(|other| {
                        let subject = self.estate.subject(other, Unread::Ignore);
                        self.holds(other, &subject, acts)
                    }),
            };
            let Some(mut found) = found else { continue };
            found.truth = found.truth.and(turn.truth);
            found.through = turn.steps;
            if best.as_ref().is_none_or(|b| found.truth > b.truth) {
                best = Some(found);
            }
            if best.as_ref().is_some_and(|b| b.truth == Truth::Yes) {
                break;
            }
        }
        best
    }

    /// Whether somebody with every policy may, in an account.
    fn administrator(&self, account: &str, acts: &Acts) -> Option<Holding> {
        let of_account = |p: &&Principal| *p.account == *account && !p.service_linked;
        let anybody = self.estate.principals.iter().find(of_account)?;
        let subject = self.estate.subject(anybody, Unread::Ignore);
        let subject = Subject { identity: vec![&self.everything], boundary: None, ..subject };
        self.holds(anybody, &subject, acts)
    }

    /// Whether a subject may, by its policies and those of resources.
    fn holds(&self, principal: &Principal, subject: &Subject<'_>, acts: &Acts) -> Option<Holding> {
        let mut best: Option<(Truth, &Meant, String)> = None;
        let meant = self.meant.get(&acts.actions).map_or(&[][..], Vec::as_slice);
        let mut consider = |one, resource: String| {
            let truth = self.decide(subject, one, &resource);
            if truth > best.as_ref().map_or(Truth::No, |(t, _, _)| *t) {
                best = Some((truth, one, resource));
            }
            truth == Truth::Yes
        };
        'found: for one in meant {
            if speaks(&subject.identity, &one.action) {
                for resource in Self::resources(principal, subject, one, acts) {
                    if consider(one, resource) {
                        break 'found;
                    }
                }
            }
            for resource in self.granting(subject, one, acts) {
                if consider(one, resource) {
                    break 'found;
                }
            }
        }
        let (truth, one, resource) = best?;
        Some(self.told(subject, one, resource, truth))
    }

    /// The resources that the policies of a subject may allow an action on.
    fn resources(
        principal: &Principal,
        subject: &Subject<'_>,
        one: &Meant,
        acts: &Acts,
    ) -> Vec<String> {
        let mut out = Vec::new();
        if one.bare != Some(false) && (acts.on.is_empty() || acts.on.iter().any(|on| on == "*")) {
            out.push("*".to_owned());
        }
        if one.bare != Some(true) {
            let mut limits: Vec<&Document> = subject.boundary.iter().flatten().copied().collect();
            limits.extend(subject.scp.iter().flatten().flatten());
            let made =
                candidates::resources(principal, &one.action, &subject.identity, &limits, &acts.on);
            out.extend(made);
        }
        out
    }

    /// The resources whose own policy may name a subject for an action.
    fn granting(&self, subject: &Subject<'_>, one: &Meant, acts: &Acts) -> Vec<String> {
        let is_wanted =
            |arn: &str| acts.on.is_empty() || acts.on.iter().any(|p| glob::matches(p, arn));
        let names = |document: &Document| {
            let named = |s: &Statement| {
                let (whom, caller) = (s.principals.as_ref(), &subject.caller);
                principal::named(whom, s.effect, caller, Sessions::Any, false).any()
            };
            document.doubt.is_some()
                || document.statements.iter().any(|s| {
                    s.effect != Some(Effect::Deny)
                        && s.actions.include(&one.action)
                        && named(s) != Truth::No
                })
        };
        if one.action.service() == "sts" {
            let roles = self.estate.principals.iter().filter(|p| p.arn != subject.caller.arn);
            let naming = roles.filter(|role| {
                is_wanted(&role.arn)
                    && role.trust.and_then(|id| self.estate.document(id)).is_some_and(names)
            });
            return naming.map(|role| role.arn.to_string()).collect();
        }
        let service = |arn: &str| arn.split(':').nth(2).is_some_and(|s| s == one.action.service());
        self.estate
            .resources
            .iter()
            .filter(|(arn, guarded)| {
                let policy = guarded.policy.known().copied().flatten();
                service(arn)
                    && is_wanted(arn)
                    && policy.and_then(|id| self.estate.document(id)).is_some_and(names)
            })
            .map(|(arn, _)| arn.to_string())
            .collect()
    }

    fn request<'r>(
        &'r self,
        subject: &'r Subject<'_>,
        action: &'r Action,
        resource: &'r str,
    ) -> Request<'r> {
        let mut request =
            Request::new(&subject.caller, action, resource, &self.circumstances, self.now);
        if request.resource_account.known().is_none() && !resource.contains(":aws:policy/") {
            // Names without an account, as of buckets, are taken for the caller's own.
            request.resource_account =
                Attr::Known(subject.caller.account.as_deref().map(str::to_owned));
        }
        request
    }

    fn decide(&self, subject: &Subject<'_>, one: &Meant, resource: &str) -> Truth {
        let mut request = self.request(subject, &one.action, resource);
        let layers = self.estate.layers(subject, &mut request, Unread::Ignore);
        evaluate(&request, &layers, &Plain, &mut ()).allowed
    }

    fn told(&self, subject: &Subject<'_>, one: &Meant, resource: String, truth: Truth) -> Holding {
        let mut request = self.request(subject, &one.action, &resource);
        let layers = self.estate.layers(subject, &mut request, Unread::Ignore);
        let answer = answer::answer(&request, &layers);
        let statements = statements(&answer);
        let open = if truth == Truth::Yes { Vec::new() } else { open(&answer) };
        // A name that was made up stands for any.
        let resource = resource.replace(candidates::FRESH, "*");
        let (action, through) = (one.text.clone(), Vec::new());
        Holding { truth, action, resource, statements, through, open }
    }
}

/// The actions that patterns mean: documented ones, and those they name.
fn meant(acts: &Acts) -> Vec<Meant> {
    let mut out: Vec<Meant> = Vec::new();
    for (pattern, written) in acts.patterns().iter().zip(&acts.actions) {
        let known = catalogue::matching(pattern);
        if known.is_empty()
            && let ActionPattern::Of(..) = pattern
            && let Some(action) = Action::parse(written)
        {
            out.push(Meant { action, text: written.clone(), bare: None });
        }
        out.extend(known.into_iter().filter_map(|one| {
            Some(Meant { action: one.action()?, text: one.text(), bare: Some(one.bare) })
        }));
    }
    out.sort_by(|a, b| a.action.cmp(&b.action));
    out.dedup_by(|a, b| a.action == b.action);
    out
}

/// Whether a policy may allow an action.
fn speaks(documents: &[&Document], action: &Action) -> bool {
    documents.iter().any(|document| {
        document.doubt.is_some()
            || document
                .statements
                .iter()
                .any(|s| s.effect != Some(Effect::Deny) && s.actions.include(action))
    })
}

fn statements(answer: &Answer) -> Vec<String> {
    let allows = answer.matched.iter().filter(|m| {
        m.effect != Some(Effect::Deny) && matches!(m.layer, Layer::Identity | Layer::Resource)
    });
    allows
        .map(|m| match &m.sid {
            Some(sid) => format!("statement {} ({sid}) of {}", m.statement, m.policy),
            None => format!("statement {} of {}", m.statement, m.policy),
        })
        .collect()
}

/// What an open answer hangs on, in words.
fn open(answer: &Answer) -> Vec<String> {
    fn walk(need: &Need, out: &mut Vec<String>) {
        match need {
            Need::All(list) | Need::Any(list) => list.iter().for_each(|one| walk(one, out)),
            Need::Not(inner) => walk(inner, out),
            Need::Condition { operator, key, values } => {
                out.push(format!("{operator} {key} [{}]", values.join(", ")));
            }
            Need::Unknown(cause) => out.push(cause.to_string()),
        }
    }
    let mut out = Vec::new();
    if let Some(need) = &answer.need {
        walk(need, &mut out);
    }
    out.sort();
    out.dedup();
    out
}
