//! One step of an escalation: whether an actor can use a method, and on whom.

mod asking;
mod own;

use asking::{Objects, Requests, asked};
use own::{empowering, join, older_version, with_mfa, without_deny};

use super::method::{Actor, Gain, Method, UserNeeds};
use super::world::World;
use super::{admin, gain};
use crate::analyze::iam::document::{Document, Named};
use crate::analyze::iam::estate::{Principal, PrincipalId, PrincipalKind, Subject};
use crate::analyze::iam::request::Circumstances;
use crate::analyze::iam::truth::Truth;
use crate::model::Attr;

/// How good a step is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Every permission is certain, and everything it needs is in the inventory.
    Certain,
    /// A condition or something unread decides.
    Conditional,
    /// It needs something that the inventory does not show, such as a function that runs with the role.
    Possible,
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

/// The step of a method that needs no other principal, if the actor can take one that leads anywhere.
pub fn alone(world: &World<'_>, actor: PrincipalId, method: &'static Method) -> Option<Step> {
    let principal = world.estate.principal(actor)?;
    let subject = world.subject(actor)?;
    match method.gain {
        Gain::Own(_) => {
            let Requests { truth, asks, seen } =
                asked(world, subject, principal, method, Objects::default())?;
            let (becomes, ceiling) = if_empowered(world, subject)?;
            Some(step(method, actor, becomes, asks, truth.and(ceiling), seen, None))
        }
        Gain::New => {
            let Requests { truth, asks, seen } =
                asked(world, subject, principal, method, Objects::default())?;
            Some(step(method, actor, Becomes::Admin, asks, truth, seen, None))
        }
        Gain::OwnVersion => older_version(world, actor, principal, subject, method),
        Gain::Group => join(world, actor, principal, subject, method),
        Gain::OwnBoundary(_) => {
            principal.boundary?;
            let Requests { truth, asks, seen } =
                asked(world, subject, principal, method, Objects::default())?;
            let unbounded = Subject { boundary: None, ..subject.clone() };
            let (becomes, more) = stronger(world, subject, &unbounded)?;
            Some(step(method, actor, becomes, asks, truth.and(more), seen, None))
        }
        Gain::OwnDeny => without_deny(world, actor, principal, subject, method),
        Gain::OwnMfa => with_mfa(world, actor, principal, subject, method),
        Gain::PermissionSet { assigned } => {
            // Identity Center is ruled from one account; what it makes there is an administrator anywhere.
            if assigned && !principal.path.starts_with("/aws-reserved/") {
                return None;
            }
            let Requests { truth, asks, .. } =
                asked(world, subject, principal, method, Objects::default())?;
            Some(step(method, actor, Becomes::Elsewhere, asks, truth, false, None))
        }
        Gain::Elsewhere => {
            let Requests { truth, asks, .. } =
                asked(world, subject, principal, method, Objects::default())?;
            Some(step(method, actor, Becomes::Elsewhere, asks, truth, false, None))
        }
        Gain::Role { empowered: true, .. } | Gain::User(UserNeeds::RoomForKeyEmpowered) => {
            empowering(world, actor, principal, method)
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
    let (principal, subject) = (world.estate.principal(actor)?, world.subject(actor)?);
    let other = world.estate.principal(target)?;
    let objects = Objects { target: Some(other), ..Objects::default() };
    match method.gain {
        Gain::User(needs) => {
            let ready = user_ready(other, needs);
            if ready == Truth::No || principal.account != other.account {
                return None;
            }
            let Requests { truth, asks, seen } = asked(world, subject, principal, method, objects)?;
            let becomes = if needs == UserNeeds::RoomForKeyEmpowered {
                if_empowered(world, world.subject(target)?)?.0
            } else {
                Becomes::Principal(target)
            };
            Some(step(method, actor, becomes, asks, truth.and(ready), seen, Some(&other.arn)))
        }
        Gain::Role { trusting, empowered, unbounded } => {
            if other.kind != PrincipalKind::Role
                || !trusting && (other.is_protected() || principal.account != other.account)
                || (empowered || unbounded) && other.is_protected()
            {
                return None;
            }
            let Requests { truth, asks, seen } = asked(world, subject, principal, method, objects)?;
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
            Some(step(method, actor, becomes, asks, truth.and(more), seen, Some(&other.arn)))
        }
        Gain::Passed { services, profile } => {
            passed(world, actor, principal, subject, method, target, services, profile)
        }
        Gain::PassedToPool => passed_to_pool(world, actor, principal, subject, method, target),
        Gain::Runs { kind, services, .. } => {
            runs(world, actor, principal, subject, method, target, kind, services)
        }
        _ => None,
    }
}

#[expect(clippy::too_many_arguments, reason = "one step has many parties")]
fn passed(
    world: &World<'_>,
    actor: PrincipalId,
    principal: &Principal,
    subject: &Subject<'_>,
    method: &'static Method,
    target: PrincipalId,
    services: &'static [&'static str],
    profile: bool,
) -> Option<Step> {
    let role = world.estate.principal(target)?;
    if role.kind != PrincipalKind::Role || role.is_protected() || role.account != principal.account
    {
        return None;
    }
    let ready = if profile { profile_ready(world, subject, role) } else { Truth::Yes };
    let mut best: Option<Step> = None;
    for service in services.iter().filter(|s| world.trusting(s).contains(&target)) {
        let circumstances = Circumstances::open().with_value("iam:PassedToService", service);
        let pass = world.may(subject, "iam:PassRole", &role.arn, &circumstances);
        let truth = pass.and(world.service_may(role, service)).and(ready);
        if truth == Truth::No {
            continue;
        }
        let objects = Objects { target: Some(role), ..Objects::default() };
        let Some(Requests { truth: other, mut asks, seen }) =
            asked(world, subject, principal, method, objects)
        else {
            continue;
        };
        asks.push(Asked { action: "iam:PassRole", resource: role.arn.to_string(), truth: pass });
        let found = step(
            method,
            actor,
            Becomes::Principal(target),
            asks,
            truth.and(other),
            seen,
            Some(service),
        );
        if best.as_ref().is_none_or(|best| found.quality < best.quality) {
            best = Some(found);
        }
    }
    best
}

/// The service that hands out the credentials of identity pools.
const POOLS: &str = "cognito-identity.amazonaws.com";

fn passed_to_pool(
    world: &World<'_>,
    actor: PrincipalId,
    principal: &Principal,
    subject: &Subject<'_>,
    method: &'static Method,
    target: PrincipalId,
) -> Option<Step> {
    let role = world.estate.principal(target)?;
    if role.kind != PrincipalKind::Role || role.is_protected() || role.account != principal.account
    {
        return None;
    }
    let trust = world.estate.document(role.trust?)?;
    let trusts = trust.statements.iter().filter_map(|s| s.principals.as_ref()).any(|p| {
        p.named.iter().any(|named| matches!(named, Named::Federated(name) if **name == *POOLS))
    });
    if !trusts && trust.doubt.is_none() {
        return None;
    }
    let circumstances = Circumstances::open().with_value("iam:PassedToService", POOLS);
    let pass = world.may(subject, "iam:PassRole", &role.arn, &circumstances);
    let objects = Objects { target: Some(role), ..Objects::default() };
    let Requests { truth, mut asks, seen } = asked(world, subject, principal, method, objects)?;
    if pass == Truth::No {
        return None;
    }
    asks.push(Asked { action: "iam:PassRole", resource: role.arn.to_string(), truth: pass });
    // Which pool the trust policy names as audience, and whether the actor rules it, nobody can say here.
    let truth = truth.and(pass).min(Truth::Maybe);
    Some(step(method, actor, Becomes::Principal(target), asks, truth, seen, Some(POOLS)))
}

/// Whether a role has an instance profile, or the actor can make one.
fn profile_ready(world: &World<'_>, subject: &Subject<'_>, role: &Principal) -> Truth {
    match &role.instance_profiles {
        Attr::Known(profiles) if !profiles.is_empty() => Truth::Yes,
        Attr::Known(_) => {
            let profile = format!("arn:aws:iam::{}:instance-profile/x7k2", role.account);
            let open = world.open();
            let may = |action: &str| {
                crate::analyze::iam::request::Action::parse(action)
                    .map_or(Truth::No, |action| world.may_do(subject, &action, &profile, open))
            };
            may("iam:CreateInstanceProfile").and(may("iam:AddRoleToInstanceProfile"))
        }
        Attr::Unknown(_) => Truth::Maybe,
    }
}

#[expect(clippy::too_many_arguments, reason = "one step has many parties")]
fn runs(
    world: &World<'_>,
    actor: PrincipalId,
    principal: &Principal,
    subject: &Subject<'_>,
    method: &'static Method,
    target: PrincipalId,
    kind: &'static str,
    services: &'static [&'static str],
) -> Option<Step> {
    let role = world.estate.principal(target)?;
    if role.kind != PrincipalKind::Role || role.account != principal.account {
        return None;
    }
    let opens = method.target_may.is_empty()
        || world.subject(target).is_some_and(|target| {
            world.may(target, method.target_may, "*", world.open()) != Truth::No
        });
    let mut best: Option<Step> = None;
    let workloads = world
        .workloads(&principal.account, kind)
        .iter()
        .filter(|w| w.role.known().and_then(Option::as_deref) == Some(&*role.arn));
    for workload in workloads {
        let objects =
            Objects { target: Some(role), workload: Some(workload), ..Objects::default() };
        let Some(Requests { truth, asks, seen }) =
            asked(world, subject, principal, method, objects)
        else {
            continue;
        };
        let via = Some(&*workload.arn);
        let becomes = Becomes::Principal(target);
        let found = step(method, actor, becomes, asks, truth, seen && opens, via);
        if best.as_ref().is_none_or(|best| found.quality < best.quality) {
            best = Some(found);
        }
    }
    // Others may run with the role unseen: nobody listed them, or said with which role they run.
    let unseen = !world.estate.has_seen(&principal.account, kind)
        || world.workloads(&principal.account, kind).iter().any(|w| w.role.known().is_none());
    if best.is_none() && unseen {
        let trusts = services.iter().any(|s| world.trusting(s).contains(&target));
        if !trusts {
            return None;
        }
        let objects = Objects { target: Some(role), unseen: true, ..Objects::default() };
        let Requests { truth, asks, .. } = asked(world, subject, principal, method, objects)?;
        return Some(step(method, actor, Becomes::Principal(target), asks, truth, false, None));
    }
    best
}

fn step(
    method: &'static Method,
    actor: PrincipalId,
    becomes: Becomes,
    asks: Vec<Asked>,
    truth: Truth,
    seen: bool,
    via: Option<&str>,
) -> Step {
    let quality = match (seen, truth) {
        (true, Truth::Yes) => Quality::Certain,
        (true, _) => Quality::Conditional,
        (false, _) => Quality::Possible,
    };
    Step { method, actor, becomes, asks, quality, via: via.map(Into::into) }
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
