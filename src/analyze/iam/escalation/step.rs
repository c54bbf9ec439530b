//! One step of an escalation: whether an actor can use a method, and on whom.

mod asking;
mod own;
mod passing;

use asking::{Objects, Requests};

use super::method::{Actor, Gain, Method, UserNeeds};
use super::world::World;
use super::{admin, gain};
use crate::analyze::iam::document::Document;
use crate::analyze::iam::estate::{Principal, PrincipalId, PrincipalKind, Subject};
use crate::analyze::iam::truth::Truth;

/// How good a step is, best first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Every permission is certain, and everything it needs is in the inventory.
    Certain,
    /// A condition or something unread decides.
    Conditional,
    /// It needs something that the inventory does not show, such as a function that runs with the role.
    Possible,
}

impl Quality {
    /// The word that facts and answers have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Conditional => "conditional",
            Self::Possible => "possible",
        }
    }
}

/// What an actor becomes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// An administrator of its account, by policies of its own choice.
    Admin,
    /// More than it was, without becoming anybody else.
    Stronger,
    /// Another principal.
    Principal(PrincipalId),
    /// Something that the inventory does not show.
    Elsewhere,
}

/// A request that a step needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The action.
    pub action: &'static str,
    /// The resource.
    pub resource: String,
    /// Whether it is allowed.
    pub truth: Truth,
}

/// A step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The way.
    pub method: &'static Method,
    /// Who takes it.
    pub actor: PrincipalId,
    /// What it becomes.
    pub becomes: Becomes,
    /// What it needs.
    pub asks: Vec<Asked>,
    /// How good it is.
    pub quality: Quality,
    /// The service, workload, group or policy it goes by.
    pub via: Option<Box<str>>,
}

/// Whether an actor can be of use for a method at all, by a look at its policies only.
pub fn could(world: &World<'_>, actor: PrincipalId, method: &Method) -> bool {
    let Some(principal) = world.estate.principal(actor) else { return false };
    if principal.service_linked || !fits(principal.kind, method.gain) {
        return false;
    }
    let passes =
        !matches!(method.gain, Gain::Passed { .. }) || world.has_power(actor, "iam:PassRole");
    passes
        && method.asks.iter().all(|ask| {
            ask.acts()
                .iter()
                .any(|act| act.action == "sts:AssumeRole" || world.has_power(actor, act.action))
        })
}

fn fits(kind: PrincipalKind, gain: Gain) -> bool {
    match gain {
        Gain::Own(Actor::User) | Gain::OwnBoundary(Actor::User) | Gain::Group => {
            kind == PrincipalKind::User
        }
        Gain::Own(Actor::Role) | Gain::OwnBoundary(Actor::Role) => kind == PrincipalKind::Role,
        _ => true,
    }
}

/// An actor that tries a method.
#[derive(Debug, Clone, Copy)]
struct Attempt<'a, 'e> {
    world: &'a World<'e>,
    actor: PrincipalId,
    principal: &'a Principal,
    subject: &'a Subject<'e>,
    method: &'static Method,
}

impl<'a, 'e> Attempt<'a, 'e> {
    fn of(world: &'a World<'e>, actor: PrincipalId, method: &'static Method) -> Option<Self> {
        let (principal, subject) = (world.estate.principal(actor)?, world.subject(actor)?);
        Some(Self { world, actor, principal, subject, method })
    }

    /// The step that requests make, if this holds besides.
    fn step(self, becomes: Becomes, requests: Requests, besides: Truth, via: Option<&str>) -> Step {
        let Requests { truth, asks, seen } = requests;
        let quality = match (seen, truth.and(besides)) {
            (true, Truth::Yes) => Quality::Certain,
            (true, _) => Quality::Conditional,
            (false, _) => Quality::Possible,
        };
        let Self { method, actor, .. } = self;
        Step { method, actor, becomes, asks, quality, via: via.map(Into::into) }
    }
}

/// Keeps the better of two steps.
fn keep(best: &mut Option<Step>, found: Step) {
    let rank = |step: &Step| (step.quality, step.becomes.clone());
    if best.as_ref().is_none_or(|best| rank(&found) < rank(best)) {
        *best = Some(found);
    }
}

/// The step of a method that needs no other principal, if the actor can take one that leads anywhere.
pub fn alone(world: &World<'_>, actor: PrincipalId, method: &'static Method) -> Option<Step> {
    let attempt = Attempt::of(world, actor, method)?;
    let Attempt { principal, subject, .. } = attempt;
    let asked = || attempt.asked(Objects::default());
    match method.gain {
        Gain::Own(_) => {
            let requests = asked()?;
            let (becomes, ceiling) = if_empowered(world, subject)?;
            Some(attempt.step(becomes, requests, ceiling, None))
        }
        Gain::New => Some(attempt.step(Becomes::Admin, asked()?, Truth::Yes, None)),
        Gain::OwnVersion => attempt.older_version(),
        Gain::Group => attempt.join(),
        Gain::OwnBoundary(_) => {
            principal.boundary?;
            let requests = asked()?;
            let unbounded = Subject { boundary: None, ..subject.clone() };
            let (becomes, more) = stronger(world, subject, &unbounded)?;
            Some(attempt.step(becomes, requests, more, None))
        }
        Gain::OwnDeny => attempt.without_deny(),
        Gain::OwnMfa => attempt.with_mfa(),
        // Identity Center is ruled from one account; what it makes there is an administrator anywhere.
        Gain::PermissionSet { assigned: true } if !principal.path.starts_with("/aws-reserved/") => {
            None
        }
        Gain::PermissionSet { .. } | Gain::Elsewhere => {
            let requests = Requests { seen: false, ..asked()? };
            Some(attempt.step(Becomes::Elsewhere, requests, Truth::Yes, None))
        }
        Gain::Role { empowered: true, .. } | Gain::User(UserNeeds::RoomForKeyEmpowered) => {
            attempt.empowering()
        }
        Gain::User(_)
        | Gain::Role { .. }
        | Gain::Passed { .. }
        | Gain::PassedToPool
        | Gain::Runs { .. }
        | Gain::Persistence => None,
    }
}

/// The step of a method onto another principal.
pub fn onto(
    world: &World<'_>,
    actor: PrincipalId,
    method: &'static Method,
    target: PrincipalId,
) -> Option<Step> {
    if actor == target {
        return None;
    }
    let attempt = Attempt::of(world, actor, method)?;
    let principal = attempt.principal;
    let other = world.estate.principal(target)?;
    let objects = Objects { target: Some(other), ..Objects::default() };
    match method.gain {
        Gain::User(needs) => {
            let ready = user_ready(other, needs);
            if ready == Truth::No || principal.account != other.account {
                return None;
            }
            let requests = attempt.asked(objects)?;
            let becomes = if needs == UserNeeds::RoomForKeyEmpowered {
                if_empowered(world, world.subject(target)?)?.0
            } else {
                Becomes::Principal(target)
            };
            Some(attempt.step(becomes, requests, ready, Some(&other.arn)))
        }
        Gain::Role { trusting, empowered, unbounded } => {
            if other.kind != PrincipalKind::Role
                || !trusting && (other.is_protected() || principal.account != other.account)
                || (empowered || unbounded) && other.is_protected()
            {
                return None;
            }
            let requests = attempt.asked(objects)?;
            let target_subject = world.subject(target)?;
            let (becomes, more) = if empowered {
                if_empowered(world, target_subject)?
            } else if unbounded {
                other.boundary?;
                let without = Subject { boundary: None, ..target_subject.clone() };
                stronger(world, target_subject, &without)?
            } else {
                (Becomes::Principal(target), Truth::Yes)
            };
            Some(attempt.step(becomes, requests, more, Some(&other.arn)))
        }
        Gain::Passed { services, profile } => attempt.passed(target, services, profile),
        Gain::PassedToPool => attempt.passed_to_pool(target),
        Gain::Runs { kind, services, .. } => attempt.runs(target, kind, services),
        _ => None,
    }
}

fn user_ready(user: &Principal, needs: UserNeeds) -> Truth {
    if user.kind != PrincipalKind::User {
        return Truth::No;
    }
    let keys = user.access_keys.known().map(Vec::len);
    let if_known = |known: Option<bool>| known.map_or(Truth::Maybe, Truth::from);
    match needs {
        UserNeeds::RoomForKey | UserNeeds::RoomForKeyEmpowered => if_known(keys.map(|n| n < 2)),
        UserNeeds::FullKeys => if_known(keys.map(|n| n >= 2)),
        UserNeeds::NoPassword => if_known(user.has_password.known().map(|has| !has)),
        UserNeeds::Password => {
            let has = if_known(user.has_password.known().copied());
            // A second factor still stands in the way; whether the actor gets at it nobody can say.
            let mfa = if_known(user.has_mfa.known().map(|has| !has));
            has.and(mfa.max(Truth::Maybe))
        }
    }
}

/// What a subject becomes if it may write its own policies.
fn if_empowered(world: &World<'_>, subject: &Subject<'_>) -> Option<(Becomes, Truth)> {
    let everything = Document::everything("a policy of the actor's choice");
    let admin = admin::if_empowered(world.estate, subject, &everything, world.now);
    if admin != Truth::No {
        return Some((Becomes::Admin, admin));
    }
    let mut empowered = subject.clone();
    empowered.identity.push(&everything);
    let more = gain::more(world, subject, &empowered);
    (more != Truth::No).then_some((Becomes::Stronger, more))
}

/// What a subject becomes by a change of its layers.
fn stronger(
    world: &World<'_>,
    before: &Subject<'_>,
    after: &Subject<'_>,
) -> Option<(Becomes, Truth)> {
    match admin::in_effect(world.estate, after, world.now) {
        Truth::No => {
            let more = gain::more(world, before, after);
            (more != Truth::No).then_some((Becomes::Stronger, more))
        }
        admin => Some((Becomes::Admin, admin)),
    }
}
