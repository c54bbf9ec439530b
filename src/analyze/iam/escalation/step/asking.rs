//! What a method asks for, as requests to the evaluator.

use super::super::method::{self, Act, Ask, Carries, Gain, On, Shape};
use super::super::{admin, shape};
use super::{Asked, Attempt};
use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::Named;
use crate::analyze::iam::estate::{Estate, How, Principal, PrincipalKind, Workload};
use crate::analyze::iam::request::{Circumstances, Given};
use crate::analyze::iam::truth::Truth;
use crate::model::Attr;

/// What a step is tried on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Objects<'o> {
    pub target: Option<&'o Principal>,
    pub workload: Option<&'o Workload>,
    /// The workload is not in the inventory: any will do.
    pub unseen: bool,
    pub group: Option<&'o str>,
}

/// What a method asks for, as requests.
pub(super) struct Requests {
    pub truth: Truth,
    pub asks: Vec<Asked>,
    /// Whether everything it is about is in the inventory.
    pub seen: bool,
}

impl<'a> Attempt<'a, '_> {
    /// Whether everything the method asks for is allowed, and with which requests; nothing if something certainly is not.
    pub(super) fn asked(self, objects: Objects<'a>) -> Option<Requests> {
        let method = self.method;
        let mut out = Requests { truth: Truth::Yes, asks: Vec::new(), seen: !method.unseen };
        let asking = Asking { attempt: self, objects };
        let mut chosen: Vec<(Shape, String)> = Vec::new();
        for ask in method.asks {
            let best = ask.acts().iter().filter_map(|act| asking.one(act, &mut chosen)).max_by(
                |(a, seen_a), (b, seen_b)| {
                    (a.truth, seen_a).cmp(&(b.truth, seen_b)).then(b.action.cmp(a.action))
                },
            )?;
            out.truth = out.truth.and(best.0.truth);
            if out.truth == Truth::No {
                return None;
            }
            out.seen &= best.1;
            out.asks.push(best.0);
        }
        Some(out)
    }
}

struct Asking<'a, 'e> {
    attempt: Attempt<'a, 'e>,
    objects: Objects<'a>,
}

impl Asking<'_, '_> {
    /// One action on its resource, and whether that is in the inventory.
    fn one(&self, act: &Act, chosen: &mut Vec<(Shape, String)>) -> Option<(Asked, bool)> {
        let Attempt { world, principal: actor, subject, method, .. } = self.attempt;
        let target = self.objects.target;
        let on = |resource: &str, about: Option<&Principal>| {
            let circumstances = self.carried(act.action, about);
            Asked {
                action: act.action,
                resource: resource.to_owned(),
                truth: world.may(subject, act.action, resource, &circumstances),
            }
        };
        let best_of = |resources: &[String], about: Option<&Principal>| {
            resources
                .iter()
                .map(|resource| on(resource, about))
                .max_by(|a, b| a.truth.cmp(&b.truth).then(b.resource.cmp(&a.resource)))
        };
        let seen = |asked: Asked| Some((asked, true));
        match act.on {
            On::Star => seen(on("*", None)),
            On::Any(shape) => seen(on(&self.choose(shape, chosen), None)),
            On::Existing(kind, shape) => {
                let known: Vec<String> = world
                    .workloads(&actor.account, kind)
                    .iter()
                    .map(|w| w.arn.to_string())
                    .collect();
                match best_of(&known, None).filter(|best| best.truth != Truth::No) {
                    Some(best) => seen(best),
                    None if world.estate.has_seen(&actor.account, kind) => None,
                    None => Some((on(&self.choose(shape, chosen), None), false)),
                }
            }
            On::ActorUser if actor.kind != PrincipalKind::User => None,
            On::ActorRole if actor.kind != PrincipalKind::Role => None,
            On::ActorUser | On::ActorRole => seen(on(&actor.arn, Some(actor))),
            On::ActorPolicy => seen(best_of(&customer_policies(world.estate, actor), Some(actor))?),
            On::ActorGroup => seen(best_of(&groups_of(world.estate, actor), None)?),
            On::AdminGroup => seen(best_of(&self.admin_groups(), None)?),
            On::Target => match self.objects.group {
                Some(group) => seen(on(group, None)),
                None => seen(on(&target?.arn, target)),
            },
            On::TargetPolicy => seen(best_of(&customer_policies(world.estate, target?), target)?),
            On::TargetProvider => seen(best_of(&self.trusted_providers()?, None)?),
            On::Workload => match (self.objects.workload, method.gain) {
                (Some(workload), _) => seen(on(&workload.arn, None)),
                (None, Gain::Runs { shape, .. }) if self.objects.unseen => {
                    Some((on(&self.choose(shape, chosen), None), false))
                }
                _ => None,
            },
        }
    }

    /// One resource of a shape for all actions of the method that are about such a resource.
    fn choose(&self, shape: Shape, chosen: &mut Vec<(Shape, String)>) -> String {
        if let Some((_, resource)) = chosen.iter().find(|(own, _)| *own == shape) {
            return resource.clone();
        }
        let acts = self.attempt.method.asks.iter().filter_map(|ask| match ask {
            Ask::One(act) => Some(act),
            Ask::Any(_) => None,
        });
        let same: Vec<&'static str> = acts
            .filter(|act| match act.on {
                On::Any(own) | On::Existing(_, own) => own == shape,
                On::Workload => {
                    matches!(self.attempt.method.gain, Gain::Runs { shape: own, .. } if own == shape)
                }
                _ => false,
            })
            .map(|act| act.action)
            .collect();
        let anything = self.attempt.method.asks.iter().flat_map(Ask::acts).map(|act| act.action);
        let actions: Vec<_> = if same.is_empty() {
            anything.filter_map(|a| self.attempt.world.action(a)).collect()
        } else {
            same.iter().filter_map(|a| self.attempt.world.action(a)).collect()
        };
        let partition =
            ArnParts::parse(&self.attempt.principal.arn).map_or("aws", |arn| arn.partition);
        let account = &self.attempt.principal.account;
        let mut best = (Truth::No, String::new());
        for candidate in
            shape::candidates(&self.attempt.subject.identity, &actions, partition, account, shape)
        {
            let truth = same
                .iter()
                .map(|action| {
                    let circumstances = self.carried(action, None);
                    self.attempt.world.may(self.attempt.subject, action, &candidate, &circumstances)
                })
                .fold(Truth::Yes, Truth::and);
            if truth > best.0 || best.1.is_empty() {
                best = (truth, candidate);
            }
            if best.0 == Truth::Yes {
                break;
            }
        }
        chosen.push((shape, best.1.clone()));
        best.1
    }

    /// What requests carry: what an actor that wants the most would put into them.
    fn carried(&self, action: &str, about: Option<&Principal>) -> Circumstances {
        let mut circumstances = Circumstances::open();
        let partition =
            ArnParts::parse(&self.attempt.principal.arn).map_or("aws", |arn| arn.partition);
        for (key, value) in method::carried(action, self.attempt.method.gain) {
            let given = match (value, about) {
                (Carries::Arn(text), _) => {
                    Given::Values(vec![text.replace("{partition}", partition)])
                }
                (Carries::Nothing, _) | (Carries::Boundary, None) => Given::Absent,
                (Carries::Target, _) => match self.objects.target {
                    Some(target) => Given::Values(vec![target.arn.to_string()]),
                    None => Given::Unknown,
                },
                (Carries::Profile, _) => match self.objects.target.map(|t| &t.instance_profiles) {
                    Some(Attr::Known(profiles)) if !profiles.is_empty() => {
                        Given::Values(profiles.iter().take(1).map(ToString::to_string).collect())
                    }
                    _ => Given::Unknown,
                },
                (Carries::Boundary, Some(principal)) => {
                    match (&principal.boundary_arn, principal.boundary) {
                        (Some(arn), _) => Given::Values(vec![arn.to_string()]),
                        (None, None) => Given::Absent,
                        (None, Some(_)) => Given::Unknown,
                    }
                }
            };
            circumstances.set(key, given);
        }
        circumstances
    }

    fn admin_groups(&self) -> Vec<String> {
        let world = self.attempt.world;
        let account = &self.attempt.principal.account;
        let groups = world.estate.groups.iter().filter(|g| g.account == *account);
        groups
            .filter(|group| {
                let mut caller = self.attempt.subject.clone();
                caller.boundary = None;
                caller.identity = group
                    .policies
                    .iter()
                    .filter_map(|p| world.estate.document(p.document))
                    .collect();
                admin::in_effect(world.estate, &caller, world.now) != Truth::No
            })
            .map(|group| group.arn.to_string())
            .collect()
    }

    fn trusted_providers(&self) -> Option<Vec<String>> {
        let trust = self.attempt.world.estate.document(self.objects.target?.trust?)?;
        let named = trust.statements.iter().filter_map(|s| s.principals.as_ref());
        let providers = named.flat_map(|p| &p.named).filter_map(|named| match named {
            Named::Federated(provider) if provider.starts_with("arn:") => {
                Some(provider.to_string())
            }
            _ => None,
        });
        Some(providers.collect())
    }
}

/// The customer managed policies of a principal.
pub(super) fn customer_policies(estate: &Estate, principal: &Principal) -> Vec<String> {
    principal
        .policies
        .iter()
        .filter_map(|policy| match &policy.how {
            How::Managed(arn) => {
                let own =
                    estate.policies.get(arn).map_or(!arn.contains("::aws:"), |p| !p.aws_managed);
                own.then(|| arn.to_string())
            }
            _ => None,
        })
        .collect()
}

fn groups_of(estate: &Estate, principal: &Principal) -> Vec<String> {
    let names = principal.groups.known().map(Vec::as_slice).unwrap_or_default();
    estate
        .groups
        .iter()
        .filter(|g| g.account == principal.account && names.iter().any(|n| **n == *g.name))
        .map(|g| g.arn.to_string())
        .collect()
}
