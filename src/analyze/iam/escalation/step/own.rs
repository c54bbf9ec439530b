//! Steps by which an actor becomes more without becoming anybody else.

use super::super::method::Gain;
use super::asking::{Objects, Requests, customer_policies};
use super::{Asked, Attempt, Becomes, Quality, Step, keep, onto, stronger};
use crate::analyze::iam::document::Effect;
use crate::analyze::iam::estate::{How, PrincipalKind};
use crate::analyze::iam::request::{Circumstances, Given};
use crate::analyze::iam::truth::Truth;
use crate::model::Attr;

impl Attempt<'_, '_> {
    pub(super) fn older_version(self) -> Option<Step> {
        let Self { world, principal, subject, method, .. } = self;
        let mut best: Option<Step> = None;
        for arn in customer_policies(world.estate, principal) {
            let Some(managed) = world.estate.policies.get(arn.as_str()) else { continue };
            let action = method.asks.first().and_then(|ask| ask.acts().first())?.action;
            let truth = world.may(subject, action, &arn, world.open());
            if truth == Truth::No {
                continue;
            }
            let requests = |seen| Requests {
                truth,
                asks: vec![Asked { action, resource: arn.clone(), truth }],
                seen,
            };
            let found = match &managed.versions {
                Attr::Unknown(_) => {
                    Some(self.step(Becomes::Stronger, requests(false), Truth::Yes, Some(&arn)))
                }
                Attr::Known(versions) => versions.iter().find_map(|(_, id)| {
                    let document = world.estate.document(*id)?;
                    let mut other = subject.clone();
                    let current = world.estate.document(managed.document)?;
                    other.identity.retain(|d| !std::ptr::eq(*d, current));
                    other.identity.push(document);
                    let (becomes, more) = stronger(world, subject, &other)?;
                    let seen = document.doubt.is_none();
                    Some(self.step(becomes, requests(seen), more, Some(&arn)))
                }),
            };
            if let Some(found) = found {
                keep(&mut best, found);
            }
        }
        best
    }

    pub(super) fn join(self) -> Option<Step> {
        let Self { world, principal, subject, .. } = self;
        let mut best: Option<Step> = None;
        let names = principal.groups.known().map(Vec::as_slice).unwrap_or_default();
        let groups =
            world.estate.groups.iter().filter(|g| {
                g.account == principal.account && !names.iter().any(|n| **n == *g.name)
            });
        for group in groups {
            let objects = Objects { group: Some(&group.arn), ..Objects::default() };
            let Some(requests) = self.asked(objects) else { continue };
            let mut joined = subject.clone();
            joined
                .identity
                .extend(group.policies.iter().filter_map(|p| world.estate.document(p.document)));
            let Some((becomes, more)) = stronger(world, subject, &joined) else { continue };
            keep(&mut best, self.step(becomes, requests, more, Some(&group.arn)));
        }
        best
    }

    /// Takes one policy off that holds a denial.
    pub(super) fn without_deny(self) -> Option<Step> {
        let Self { world, principal, subject, .. } = self;
        let user = principal.kind == PrincipalKind::User;
        let mut best: Option<Step> = None;
        for policy in &principal.policies {
            let Some(document) = world.estate.document(policy.document) else { continue };
            if !document.statements.iter().any(|s| s.effect == Some(Effect::Deny)) {
                continue;
            }
            let group = policy.group.as_deref().and_then(|name| {
                world
                    .estate
                    .groups
                    .iter()
                    .find(|g| g.account == principal.account && *g.name == *name)
            });
            let (action, resource): (&'static str, &str) = match (&policy.how, group, user) {
                (How::Inline(_), Some(group), _) => ("iam:DeleteGroupPolicy", &group.arn),
                (How::Managed(_), Some(group), _) => ("iam:DetachGroupPolicy", &group.arn),
                (How::Inline(_), None, true) => ("iam:DeleteUserPolicy", &principal.arn),
                (How::Managed(_), None, true) => ("iam:DetachUserPolicy", &principal.arn),
                (How::Inline(_), None, false) => ("iam:DeleteRolePolicy", &principal.arn),
                (How::Managed(_), None, false) => ("iam:DetachRolePolicy", &principal.arn),
                (How::Unread, ..) => continue,
            };
            let circumstances = Circumstances::open().with(
                "iam:PolicyARN",
                match &policy.how {
                    How::Managed(arn) => Given::Values(vec![arn.to_string()]),
                    _ => Given::Absent,
                },
            );
            let truth = world.may(subject, action, resource, &circumstances);
            if truth == Truth::No {
                continue;
            }
            let mut without = subject.clone();
            without.identity.retain(|d| !std::ptr::eq(*d, document));
            let Some((becomes, more)) = stronger(world, subject, &without) else { continue };
            let asks = vec![Asked { action, resource: resource.to_owned(), truth }];
            let requests = Requests { truth, asks, seen: true };
            keep(&mut best, self.step(becomes, requests, more, Some(&document.name)));
        }
        best
    }

    /// Unlocks what is allowed with a second factor only: worth it where a policy asks for one.
    pub(super) fn with_mfa(self) -> Option<Step> {
        let Self { principal, subject, .. } = self;
        let asks_for_mfa =
            subject.identity.iter().flat_map(|d| &d.statements).any(|s| {
                s.conditions.iter().any(|c| c.key_lower.starts_with("aws:multifactorauth"))
            });
        if !asks_for_mfa || principal.kind != PrincipalKind::User {
            return None;
        }
        let requests = self.asked(Objects::default())?;
        Some(self.step(Becomes::Stronger, requests, Truth::Maybe, None))
    }

    /// The first principal that the actor can both change and act as.
    pub(super) fn empowering(self) -> Option<Step> {
        let Self { world, actor, principal, method, .. } = self;
        let targets = match method.gain {
            Gain::User(_) => world.users(&principal.account),
            _ => world.roles(&principal.account),
        };
        let mut best: Option<Step> = None;
        for target in targets {
            let Some(found) = onto(world, actor, method, *target) else { continue };
            keep(&mut best, found);
            if best
                .as_ref()
                .is_some_and(|b| b.quality == Quality::Certain && b.becomes == Becomes::Admin)
            {
                break;
            }
        }
        best
    }
}
