//! The decision of AWS about one request, over all layers of policies.
//!
//! Source: AWS IAM User Guide, "Policy evaluation logic"
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>). Where that guide and
//! measurements on AWS differ, measurements win; ARCHITECTURE.md lists these places.

pub mod quirks;

use super::document::{Document, Effect, Layer, Statement};
use super::principal::{self, Match, Sessions};
use super::request::{CallerKind, Request};
use super::truth::{Algebra, Truth};
use crate::model::policy::without_resource;
use crate::model::{Attr, Cause, CauseKind};

/// The policies that bear on a request.
#[derive(Debug, Clone, Default)]
pub struct Layers<'d> {
    /// Those of the principal and its groups.
    pub identity: Vec<&'d Document>,
    /// Its boundary, if it has one.
    pub boundary: Option<Vec<&'d Document>>,
    /// The policies of the session, if any were passed.
    pub session: Option<Vec<&'d Document>>,
    /// The service control policies that bind it, level by level from the root down; none where none bind it.
    pub scp: Option<Vec<Vec<&'d Document>>>,
    /// The resource control policies over the resource, likewise.
    pub rcp: Option<Vec<Vec<&'d Document>>>,
    /// The policy of the resource, if it has one.
    pub resource: Option<&'d Document>,
    /// The policies of the VPC endpoint the request goes through.
    pub endpoint: Option<Vec<&'d Document>>,
    /// Whether S3 Block Public Access restricts the bucket, should its policy be public.
    pub public_blocked: Truth,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The request passes.
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
    /// It depends on what is not known.
    Unknown,
}

/// What one layer says.
#[derive(Debug, Clone)]
pub struct Said<V> {
    /// Whether a statement of it allows; of several levels, whether every level does.
    pub allows: V,
    /// Whether a statement of it denies.
    pub denies: V,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Outcome<V> {
    /// Whether it passes.
    pub allowed: V,
    /// Whether a statement denies it, or S3 Block Public Access.
    pub denied: V,
    /// What each layer says that is there.
    pub layers: Vec<(Layer, Said<V>)>,
    /// What is decided.
    pub decision: Decision,
}

/// Looks on while statements are weighed.
pub trait Observer {
    /// A statement applies to the request, or may.
    fn saw(
        &mut self,
        layer: Layer,
        document: &Document,
        statement: &Statement,
        by: Match,
        truth: Truth,
    );
}

/// Nobody looks on.
impl Observer for () {
    fn saw(&mut self, _: Layer, _: &Document, _: &Statement, _: Match, _: Truth) {}
}

/// Decides a request.
pub fn evaluate<A: Algebra, O: Observer>(
    request: &Request<'_>,
    layers: &Layers<'_>,
    algebra: &A,
    observer: &mut O,
) -> Outcome<A::Value> {
    Evaluation {
        request,
        algebra,
        observer,
        bounded: layers.boundary.is_some(),
        layers: Vec::new(),
    }
    .decide(layers)
}

/// What statements of a resource policy grant, by how they name the caller.
struct Granted<V> {
    account: V,
    role: V,
    direct: V,
}

struct Evaluation<'e, 'r, A: Algebra, O> {
    request: &'e Request<'r>,
    algebra: &'e A,
    observer: &'e mut O,
    bounded: bool,
    layers: Vec<(Layer, Said<A::Value>)>,
}

impl<A: Algebra, O: Observer> Evaluation<'_, '_, A, O> {
    fn decide(mut self, layers: &Layers<'_>) -> Outcome<A::Value> {
        let algebra = self.algebra;
        let caller = self.request.caller;
        let signed = caller.account.is_some();
        let root = caller.kind == CallerKind::Root;
        let identity = if signed && !root {
            self.layer(Layer::Identity, &layers.identity)
        } else {
            algebra.known(root)
        };
        let boundary = self.optional(Layer::Boundary, layers.boundary.as_deref(), true);
        // A session of GetFederationToken without a policy of its own has nothing.
        let without = caller.kind != CallerKind::FederatedUser;
        let session = self.optional(Layer::Session, layers.session.as_deref(), without);
        // Organization policies do not bind roles of services, nor service control policies whoever has no account.
        let bound = signed && !caller.service_linked;
        let scp = self.levels(Layer::Scp, layers.scp.as_deref().filter(|_| bound));
        let rcp = self.levels(Layer::Rcp, layers.rcp.as_deref().filter(|_| !caller.service_linked));
        let endpoint = self.optional(Layer::Endpoint, layers.endpoint.as_deref(), true);
        let granted = self.resource(layers.resource);

        let limits = algebra.and(boundary, session);
        let mine = algebra.and(identity, limits.clone());
        let same = self.same_account(&mine, &limits, &granted);
        let cross = self.cross_account(&mine, &granted);
        let by_policies = if signed { self.where_from(same, cross) } else { granted.direct };
        let guards = algebra.and(algebra.and(scp, rcp), endpoint);
        let passes = algebra.and(by_policies, guards);
        let mut denied = self.denied();
        if layers.public_blocked != Truth::No {
            let blocked = self.public_blocked(layers);
            denied = algebra.or(denied, algebra.and(passes.clone(), blocked));
        }
        let always = signed && self.request.action.text() == "sts:getcalleridentity";
        let allowed = if always {
            algebra.known(true)
        } else if quirks::impossible(self.request).is_some() {
            algebra.known(false)
        } else {
            algebra.and(passes, algebra.not(denied.clone()))
        };
        let decision = match (algebra.truth(&allowed), algebra.truth(&denied)) {
            (Truth::Yes, _) => Decision::Allowed,
            (Truth::Maybe, _) => Decision::Unknown,
            (Truth::No, Truth::Yes) => Decision::ExplicitlyDenied,
            (Truth::No, _) => Decision::ImplicitlyDenied,
        };
        Outcome { allowed, denied, layers: self.layers, decision }
    }

    /// Whether S3 Block Public Access keeps the caller out: while the policy of a bucket is public, only services of AWS
    /// and the bucket's own account come in, whatever else the policy says.
    fn public_blocked(&self, layers: &Layers<'_>) -> A::Value {
        let algebra = self.algebra;
        let caller = self.request.caller;
        let public = match layers.resource {
            Some(policy) if self.request.action.service() == "s3" => quirks::is_public(policy),
            _ => Truth::No,
        };
        if public == Truth::No || caller.kind == CallerKind::Service {
            return algebra.known(false);
        }
        let own = match (&self.request.resource_account, &caller.account) {
            (_, None) => Truth::No,
            (Attr::Known(owner), account) => (owner.as_deref() == account.as_deref()).into(),
            (Attr::Unknown(_), _) => Truth::Maybe,
        };
        algebra.of(layers.public_blocked.and(public).and(own.not()), || {
            Cause::new(
                CauseKind::NotCollected,
                "whether S3 Block Public Access restricts the bucket",
            )
        })
    }

    /// Whether the caller may, if the resource is in its own account.
    fn same_account(
        &self,
        mine: &A::Value,
        limits: &A::Value,
        granted: &Granted<A::Value>,
    ) -> A::Value {
        let algebra = self.algebra;
        let mine = if self.policy_required() {
            algebra.and(mine.clone(), granted.account.clone())
        } else {
            mine.clone()
        };
        let role = algebra.and(granted.role.clone(), limits.clone());
        algebra.or(algebra.or(mine, role), granted.direct.clone())
    }

    /// Whether the caller may, if the resource is in another account.
    fn cross_account(&self, mine: &A::Value, granted: &Granted<A::Value>) -> A::Value {
        let algebra = self.algebra;
        let account = algebra.or(granted.account.clone(), granted.role.clone());
        algebra.and(mine.clone(), algebra.or(account, granted.direct.clone()))
    }

    /// One of two answers, by whether the resource is in the account of the caller.
    fn where_from(&self, same: A::Value, cross: A::Value) -> A::Value {
        let algebra = self.algebra;
        if self.request.resource == "*" {
            return same;
        }
        match &self.request.resource_account {
            // Policies and documents of AWS itself are open to everybody whose policies allow it.
            Attr::Known(Some(owner)) if owner == "aws" => same,
            Attr::Known(account)
                if account.as_deref() == self.request.caller.account.as_deref() =>
            {
                same
            }
            Attr::Known(_) => cross,
            // Only names of buckets say nothing of an account that may be another one; zones, images and documents without
            // an account are shared by other means than policies.
            Attr::Unknown(_) if !is_bucket(self.request.resource) => same,
            Attr::Unknown(_) => {
                let cause = Cause::new(
                    CauseKind::NotCollected,
                    format!("the account of {}", self.request.resource),
                );
                let either = algebra.or(same.clone(), cross.clone());
                let both = algebra.and(same, cross);
                algebra.or(both, algebra.and(either, algebra.unknown(&cause)))
            }
        }
    }

    /// Trust policies and key policies must allow; policies of principals alone never suffice.
    fn policy_required(&self) -> bool {
        let action = self.request.action;
        match action.service() {
            "sts" => {
                action.name().starts_with("assumerole")
                    || matches!(action.name(), "setsourceidentity" | "tagsession" | "setcontext")
                        && self.request.resource.contains(":role/")
            }
            "kms" => self.request.resource.contains(":key/"),
            _ => false,
        }
    }

    fn denied(&self) -> A::Value {
        let algebra = self.algebra;
        let none = algebra.known(false);
        self.layers.iter().fold(none, |all, (_, said)| algebra.or(all, said.denies.clone()))
    }

    /// What documents of a layer say together; keeps it, and returns whether they allow.
    fn layer(&mut self, layer: Layer, documents: &[&Document]) -> A::Value {
        let said = self.said(layer, documents);
        let allows = said.allows.clone();
        self.layers.push((layer, said));
        allows
    }

    fn optional(
        &mut self,
        layer: Layer,
        documents: Option<&[&Document]>,
        without: bool,
    ) -> A::Value {
        match documents {
            Some(documents) => self.layer(layer, documents),
            None => self.algebra.known(without),
        }
    }

    /// Every level must allow.
    fn levels(&mut self, layer: Layer, levels: Option<&[Vec<&Document>]>) -> A::Value {
        let algebra = self.algebra;
        let Some(levels) = levels else { return algebra.known(true) };
        let mut all = Said { allows: algebra.known(true), denies: algebra.known(false) };
        for level in levels {
            let said = self.said(layer, level);
            all.allows = algebra.and(all.allows, said.allows);
            all.denies = algebra.or(all.denies, said.denies);
        }
        let allows = all.allows.clone();
        self.layers.push((layer, all));
        allows
    }

    fn said(&mut self, layer: Layer, documents: &[&Document]) -> Said<A::Value> {
        let algebra = self.algebra;
        let mut said = Said { allows: algebra.known(false), denies: algebra.known(false) };
        for document in documents {
            self.each(layer, document, |effect, _, applies| match effect {
                Effect::Allow => said.allows = algebra.or(said.allows.clone(), applies),
                Effect::Deny => said.denies = algebra.or(said.denies.clone(), applies),
            });
        }
        said
    }

    fn resource(&mut self, document: Option<&Document>) -> Granted<A::Value> {
        let algebra = self.algebra;
        let no = || algebra.known(false);
        let mut granted = Granted { account: no(), role: no(), direct: no() };
        let Some(document) = document else { return granted };
        let mut said = Said { allows: no(), denies: no() };
        self.each(Layer::Resource, document, |effect, by, applies| {
            let of = |truth: Truth| {
                let named = algebra.of(truth, || {
                    Cause::new(
                        CauseKind::NotCollected,
                        "whom a statement of the resource policy names",
                    )
                });
                algebra.and(applies.clone(), named)
            };
            match effect {
                Effect::Allow => {
                    granted.account = algebra.or(granted.account.clone(), of(by.account));
                    granted.role = algebra.or(granted.role.clone(), of(by.role));
                    granted.direct = algebra.or(granted.direct.clone(), of(by.direct));
                    said.allows = algebra.or(said.allows.clone(), of(by.any()));
                }
                Effect::Deny => said.denies = algebra.or(said.denies.clone(), of(by.any())),
            }
        });
        self.layers.push((Layer::Resource, said));
        granted
    }

    /// Every statement that applies or may, with its effect.
    fn each(
        &mut self,
        layer: Layer,
        document: &Document,
        mut then: impl FnMut(Effect, Match, A::Value),
    ) {
        const EITHER: [Effect; 2] = [Effect::Allow, Effect::Deny];
        const ANYBODY: Match = Match { account: Truth::Yes, role: Truth::Yes, direct: Truth::Yes };
        let algebra = self.algebra;
        // Who asks strictly and does not speak of a session means none that anybody named.
        let sessions =
            if self.request.circumstances.is_strict() { Sessions::Unnamed } else { Sessions::Any };
        if let Some(cause) = &document.doubt {
            for effect in EITHER {
                then(effect, ANYBODY, algebra.unknown(cause));
            }
        }
        for statement in &document.statements {
            let covered = statement.covers(self.request, layer);
            if covered == Truth::No {
                continue;
            }
            let by = principal::named(
                statement.principals.as_ref(),
                statement.effect,
                self.request.caller,
                sessions,
                self.bounded,
            );
            let misplaced = misplaced(layer, statement);
            let by = if misplaced.is_some() { ANYBODY } else { by };
            if by.any() == Truth::No {
                continue;
            }
            let mut applies = algebra.of(covered, || match statement.resources {
                None => without_resource(),
                Some(_) => {
                    Cause::new(CauseKind::NotCollected, "the value of a variable in a resource")
                }
            });
            for condition in &statement.conditions {
                let holds = match condition.holds(self.request) {
                    Truth::Yes => continue,
                    Truth::No => algebra.known(false),
                    Truth::Maybe => algebra.condition(condition),
                };
                applies = algebra.and(applies, holds);
            }
            for cause in statement.doubt.iter().chain(&misplaced) {
                applies = algebra.and(applies, algebra.unknown(cause));
            }
            let truth = algebra.truth(&applies);
            if truth == Truth::No {
                continue;
            }
            self.observer.saw(layer, document, statement, by, truth);
            match statement.effect {
                Some(effect) => then(effect, by, applies),
                None => EITHER.iter().for_each(|&effect| then(effect, by, applies.clone())),
            }
        }
    }
}

/// What a statement says of principals that it must not say where it stands, or fails to say: AWS stores no such policy, so
/// that nobody can say what it would do.
fn misplaced(layer: Layer, statement: &Statement) -> Option<Cause> {
    let what = match (layer, &statement.principals) {
        (Layer::Resource, None) => "a statement of a resource policy without `Principal`",
        (Layer::Identity | Layer::Boundary | Layer::Session | Layer::Scp, Some(_)) => {
            "`Principal` in a policy that stands at principals"
        }
        _ => return None,
    };
    Some(Cause::new(CauseKind::NotUnderstood, what))
}

fn is_bucket(resource: &str) -> bool {
    super::arn::ArnParts::parse(resource).is_none_or(|arn| arn.service == "s3")
}

#[cfg(test)]
mod tests;
