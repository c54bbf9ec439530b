//! The search: who becomes an administrator in how few steps, and what each principal can do with which method.
//!
//! It goes backwards from administrators, one ring after the other, first over steps that are certain, then over those
//! that hang on conditions, last over those that need what the inventory does not show. Each principal is reached once, so
//! the work grows with principals and methods and not with pairs.

use std::collections::{BTreeMap, VecDeque};

use super::method::{Gain, Method, UserNeeds};
use super::step::{self, Becomes, Quality, Step};
use super::world::World;
use super::{gain, shape};
use crate::analyze::iam::document::Named;
use crate::analyze::iam::estate::{PrincipalId, PrincipalKind};
use crate::analyze::iam::glob;
use crate::analyze::iam::truth::Truth;

/// The most targets that are tried for one principal and method. Where none of these is gained for certain, what lies
/// beyond is told ([`Cut`]).
const TARGETS_MOST: usize = 256;

/// A method of which not every target was tried.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// The method.
    pub method: &'static Method,
    /// How many principals were tried.
    pub tried: usize,
    /// How many there are.
    pub of: usize,
}

/// What was found for one principal.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Whether it is an administrator by itself.
    pub admin: Option<Truth>,
    /// The steps that make it one, in order; none if it is one or cannot become one.
    pub path: Vec<Step>,
    /// How good that way is: as its worst step, and no better than what is known of the administrator at its end.
    pub quality: Option<Quality>,
    /// For each method it can use to become more than it is, the best step.
    pub uses: Vec<Step>,
    /// The methods by which there may be a better step than is told, or one at all.
    pub cut: Vec<Cut>,
}

/// Searches from every principal, for the ways to an administrator or to one principal.
pub fn search(
    world: &World<'_>,
    methods: &[&'static Method],
    goal: Option<PrincipalId>,
) -> Vec<Found> {
    let mut search = Search { goal, ..Search::new(world, methods) };
    search.rings();
    search.finish()
}

/// The roles by whom their trust policies name.
#[derive(Default)]
struct TrustIndex {
    named: BTreeMap<PrincipalId, Vec<PrincipalId>>,
    accounts: BTreeMap<Box<str>, Vec<PrincipalId>>,
    /// Everybody, or nobody can say whom.
    open: Vec<PrincipalId>,
}

impl TrustIndex {
    /// The roles that name a principal itself, or everybody, in order.
    fn named_or_open(&self, principal: PrincipalId) -> Vec<PrincipalId> {
        let mut out = self.open.clone();
        out.extend(self.named.get(&principal).into_iter().flatten());
        out.sort_unstable();
        out
    }

    fn of(world: &World<'_>) -> Self {
        let mut index = Self::default();
        let estate = world.estate;
        for (id, _) in estate.all() {
            let Some(trusted) = Trusted::by(world, id) else { continue };
            for account in trusted.accounts {
                index.accounts.entry(account.into()).or_default().push(id);
            }
            for principal in trusted.named {
                index.named.entry(principal).or_default().push(id);
            }
            if trusted.open {
                index.open.push(id);
            }
        }
        index
    }
}

/// Whom a trust policy names.
#[derive(Default)]
struct Trusted<'e> {
    /// Whether it names everybody, or nobody can say whom.
    open: bool,
    accounts: Vec<&'e str>,
    named: Vec<PrincipalId>,
}

impl<'e> Trusted<'e> {
    /// What the trust policy of a role says; nothing for users.
    fn by(world: &World<'e>, role: PrincipalId) -> Option<Self> {
        let estate = world.estate;
        let trust = estate.document(estate.principal(role)?.trust?)?;
        let mut out = Self { open: trust.doubt.is_some(), ..Self::default() };
        for principals in trust.statements.iter().filter_map(|s| s.principals.as_ref()) {
            out.open |= principals.negated;
            for named in &principals.named {
                match named {
                    Named::Everybody => out.open = true,
                    Named::Account(account) => out.accounts.push(account),
                    Named::Arn(arn) => out.named.extend(estate.find(arn)),
                    _ => {}
                }
            }
        }
        Some(out)
    }
}

struct Search<'w, 'e> {
    world: &'w World<'e>,
    trust: TrustIndex,
    /// Who could use a method, by a look at its policies; by method.
    actors: Vec<(&'static Method, Vec<PrincipalId>)>,
    /// Who could assume roles, by account.
    assuming: BTreeMap<Box<str>, Vec<PrincipalId>>,
    /// Steps that need no other principal, by principal.
    alone: BTreeMap<PrincipalId, Vec<Step>>,
    /// The next step toward an administrator, by principal.
    next: Vec<Option<Step>>,
    /// In which ring a principal was reached, if it was.
    ring: Vec<Option<Quality>>,
    /// Steps to reached principals that are not good enough yet.
    later: Vec<Step>,
    /// Whom all ways lead to; administrators if it is nobody.
    goal: Option<PrincipalId>,
}

impl<'w, 'e> Search<'w, 'e> {
    fn new(world: &'w World<'e>, methods: &[&'static Method]) -> Self {
        let mut actors = Vec::new();
        let mut alone: BTreeMap<PrincipalId, Vec<Step>> = BTreeMap::new();
        for method in methods {
            let able: Vec<PrincipalId> = world
                .estate
                .all()
                .map(|(id, _)| id)
                .filter(|id| world.admin(*id) != Truth::Yes && step::could(world, *id, method))
                .collect();
            for actor in &able {
                if let Some(found) = step::alone(world, *actor, method) {
                    alone.entry(*actor).or_default().push(found);
                }
            }
            actors.push((*method, able));
        }
        let mut assuming: BTreeMap<Box<str>, Vec<PrincipalId>> = BTreeMap::new();
        for (id, principal) in world.estate.all() {
            if !principal.service_linked && world.has_power(id, "sts:AssumeRole") {
                assuming.entry(principal.account.clone()).or_default().push(id);
            }
        }
        let count = world.estate.principals.len();
        Self {
            world,
            trust: TrustIndex::of(world),
            actors,
            assuming,
            alone,
            next: vec![None; count],
            ring: vec![None; count],
            later: Vec::new(),
            goal: None,
        }
    }

    /// Whether a principal is one that ways lead to.
    fn is_goal(&self, id: PrincipalId, quality: Quality) -> bool {
        let admin = self.world.admin(id);
        self.goal == Some(id)
            || (admin == Truth::Yes || admin == Truth::Maybe && quality >= Quality::Conditional)
                && self.is_enough(id)
    }

    /// Whether it is enough to become an administrator of a principal's account: one gets at every principal there.
    fn is_enough(&self, of: PrincipalId) -> bool {
        let account = |id| self.world.estate.principal(id).map(|p| &p.account);
        self.goal.is_none_or(|goal| account(goal) == account(of))
    }

    fn ring_of(&self, id: PrincipalId) -> Option<Quality> {
        self.ring.get(id.0 as usize).copied().flatten()
    }

    fn is_reached(&self, id: PrincipalId) -> bool {
        self.ring_of(id).is_some()
    }

    fn reach(
        &mut self,
        id: PrincipalId,
        step: Option<Step>,
        ring: Quality,
        queue: &mut VecDeque<PrincipalId>,
    ) {
        if self.is_reached(id) {
            return;
        }
        if let (Some(place), Some(next)) =
            (self.ring.get_mut(id.0 as usize), self.next.get_mut(id.0 as usize))
        {
            *place = Some(ring);
            *next = step;
            queue.push_back(id);
        }
    }

    fn rings(&mut self) {
        for quality in [Quality::Certain, Quality::Conditional, Quality::Possible] {
            let mut queue = VecDeque::new();
            for (id, _) in self.world.estate.all() {
                if self.is_goal(id, quality) {
                    self.reach(id, None, quality, &mut queue);
                }
            }
            let direct: Vec<Step> = self
                .alone
                .values()
                .filter_map(|steps| {
                    steps
                        .iter()
                        .filter(|s| s.becomes == Becomes::Admin && s.quality <= quality)
                        .filter(|s| self.is_enough(s.actor))
                        .min_by_key(|s| s.quality)
                })
                .cloned()
                .collect();
            for step in direct {
                self.reach(step.actor, Some(step), quality, &mut queue);
            }
            let (now, later): (Vec<Step>, Vec<Step>) =
                std::mem::take(&mut self.later).into_iter().partition(|s| s.quality <= quality);
            self.later = later;
            for step in now {
                self.reach(step.actor, Some(step), quality, &mut queue);
            }
            while let Some(target) = queue.pop_front() {
                for step in self.steps_onto(target) {
                    if step.quality <= quality {
                        self.reach(step.actor, Some(step), quality, &mut queue);
                    } else {
                        self.later.push(step);
                    }
                }
            }
        }
    }

    /// The steps onto a principal, of those that were not reached before.
    fn steps_onto(&self, target: PrincipalId) -> Vec<Step> {
        let Some(principal) = self.world.estate.principal(target) else { return Vec::new() };
        let mut best: BTreeMap<PrincipalId, Step> = BTreeMap::new();
        for (method, able) in &self.actors {
            if !is_onto(method.gain, principal.kind) {
                continue;
            }
            let assumes = matches!(
                method.gain,
                Gain::Role { trusting: true, empowered: false, unbounded: false }
            );
            let named;
            let actors: &[PrincipalId] = if assumes {
                named = self.trusted(target);
                &named
            } else {
                able
            };
            for actor in actors {
                if self.is_reached(*actor) {
                    continue;
                }
                if let Some(found) = step::onto(self.world, *actor, method, target)
                    && best.get(actor).is_none_or(|have| found.quality < have.quality)
                {
                    best.insert(*actor, found);
                }
            }
        }
        best.into_values().collect()
    }

    /// Who may assume a role, by a look at its trust policy and theirs.
    fn trusted(&self, role: PrincipalId) -> Vec<PrincipalId> {
        let Some(trusted) = Trusted::by(self.world, role) else { return Vec::new() };
        if trusted.open {
            // In its own account, whom a trust policy names needs no policy; everybody is named.
            return self.world.estate.all().map(|(id, _)| id).collect();
        }
        let mut out = trusted.named;
        for account in trusted.accounts {
            out.extend(self.assuming.get(account).into_iter().flatten());
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn finish(mut self) -> Vec<Found> {
        let strength = self.strength();
        let mut out: Vec<Found> = (0..self.next.len())
            .map(|at| {
                let id = PrincipalId(u32::try_from(at).unwrap_or(u32::MAX));
                let path = self.path(id);
                let quality = self.ring_of(id).filter(|_| !path.is_empty());
                Found { admin: Some(self.world.admin(id)), path, quality, ..Found::default() }
            })
            .collect();
        for (actor, steps) in std::mem::take(&mut self.alone) {
            if let Some(found) = out.get_mut(actor.0 as usize) {
                found.uses.extend(steps);
            }
        }
        for (method, able) in &self.actors {
            if !is_onto(method.gain, PrincipalKind::User)
                && !is_onto(method.gain, PrincipalKind::Role)
            {
                continue;
            }
            for actor in able {
                let (Some((step, cut)), Some(found)) =
                    (self.best(*actor, method, &strength), out.get_mut(actor.0 as usize))
                else {
                    continue;
                };
                found.uses.extend(step);
                found.cut.extend(cut);
            }
        }
        for found in &mut out {
            found.uses.sort_by(|a, b| (a.quality, a.method.id).cmp(&(b.quality, b.method.id)));
        }
        out
    }

    /// The best step of a method for an actor, and what was not tried if that may be better. Targets that lead to an
    /// administrator are tried first, then the strongest.
    fn best(
        &self,
        actor: PrincipalId,
        method: &'static Method,
        strength: &[usize],
    ) -> Option<(Option<Step>, Option<Cut>)> {
        let mut targets = self.targets(actor, method)?;
        let rank = |id: &PrincipalId| {
            let at = id.0 as usize;
            let strong = strength.get(at).copied().unwrap_or(0);
            (
                self.world.admin(*id) != Truth::Yes,
                !self.is_reached(*id),
                std::cmp::Reverse(strong),
                id.0,
            )
        };
        targets.sort_by_key(rank);
        targets.dedup();
        let subject = self.world.subject(actor)?;
        let mut best: Option<Step> = None;
        for target in targets.iter().copied().take(TARGETS_MOST) {
            let Some(mut found) = step::onto(self.world, actor, method, target) else { continue };
            if best.as_ref().is_some_and(|best| best.quality <= found.quality) {
                continue;
            }
            let worth = if found.becomes == Becomes::Principal(target) {
                gain::more(self.world, subject, self.world.subject(target)?)
            } else {
                Truth::Yes
            };
            if worth == Truth::No {
                continue;
            }
            if worth == Truth::Maybe {
                found.quality = found.quality.max(Quality::Conditional);
            }
            let done = found.quality == Quality::Certain;
            if best.as_ref().is_none_or(|best| found.quality < best.quality) {
                best = Some(found);
            }
            if done {
                return Some((best, None));
            }
        }
        let of = targets.len();
        let cut = (of > TARGETS_MOST).then_some(Cut { method, tried: TARGETS_MOST, of });
        Some((best, cut))
    }

    /// Whom a method may lead an actor to. Where there are many, only those of which the actor's policies speak.
    fn targets(&self, actor: PrincipalId, method: &'static Method) -> Option<Vec<PrincipalId>> {
        let principal = self.world.estate.principal(actor)?;
        let account = &principal.account;
        let trusting = |services: &[&str]| -> Vec<PrincipalId> {
            let here = |id: &PrincipalId| {
                self.world.estate.principal(*id).is_some_and(|p| p.account == *account)
            };
            services.iter().flat_map(|s| self.world.trusting(s)).filter(here).collect()
        };
        let mut targets: Vec<PrincipalId> = match method.gain {
            Gain::User(_) => self.world.users(account).to_vec(),
            Gain::Passed { services, .. } => trusting(services),
            Gain::Runs { kind, services, .. } => {
                let workloads = self.world.workloads(account, kind);
                let mut roles = if self.world.may_run_unseen(account, kind) {
                    trusting(services)
                } else {
                    Vec::new()
                };
                let named = workloads.iter().filter_map(|w| w.role.known()?.as_deref());
                roles.extend(named.filter_map(|arn| self.world.estate.find(arn)));
                roles
            }
            Gain::Role { trusting: true, .. } => self.assumable(actor),
            _ => self.world.roles(account).to_vec(),
        };
        targets.retain(|id| *id != actor);
        if targets.len() > TARGETS_MOST {
            self.narrow(actor, method, &mut targets);
        }
        Some(targets)
    }

    /// Leaves out whom no policy of an actor speaks of in connection with an action that the method takes on its target.
    fn narrow(&self, actor: PrincipalId, method: &Method, targets: &mut Vec<PrincipalId>) {
        let Some(subject) = self.world.subject(actor) else { return };
        let estate = self.world.estate;
        for action in method.on_target() {
            // Whom a trust policy names may assume the role without a policy of its own.
            let free = if action == "sts:AssumeRole" {
                self.trust.named_or_open(actor)
            } else {
                Vec::new()
            };
            let Some(action) = self.world.action(action) else { continue };
            let Some(patterns) = shape::patterns(&subject.identity, action) else { continue };
            targets.retain(|id| {
                free.binary_search(id).is_ok()
                    || estate.principal(*id).is_some_and(|target| {
                        patterns.iter().any(|pattern| glob::matches(pattern, &target.arn))
                    })
            });
        }
    }

    /// The roles that name a principal or its account in their trust policies.
    fn assumable(&self, actor: PrincipalId) -> Vec<PrincipalId> {
        let Some(principal) = self.world.estate.principal(actor) else { return Vec::new() };
        let mut out = self.trust.named_or_open(actor);
        if self.world.has_power(actor, "sts:AssumeRole") {
            out.extend(self.trust.accounts.get(&principal.account).into_iter().flatten());
        }
        out
    }

    /// How much principals can do, roughly: only the order in which targets are tried depends on it.
    fn strength(&self) -> Vec<usize> {
        self.world
            .estate
            .all()
            .map(|(id, _)| {
                self.world.subject(id).map_or(0, |s| gain::samples(&s.identity).list.len())
            })
            .collect()
    }

    fn path(&self, from: PrincipalId) -> Vec<Step> {
        let mut out = Vec::new();
        let mut at = from;
        while let Some(Some(step)) = self.next.get(at.0 as usize) {
            out.push(step.clone());
            match step.becomes {
                Becomes::Principal(id) if out.len() <= self.next.len() => at = id,
                _ => break,
            }
        }
        out
    }
}

/// Whether a method makes its actor a principal of this kind.
fn is_onto(gain: Gain, kind: PrincipalKind) -> bool {
    match gain {
        Gain::User(UserNeeds::RoomForKeyEmpowered) | Gain::Role { empowered: true, .. } => false,
        Gain::User(_) => kind == PrincipalKind::User,
        Gain::Role { .. } | Gain::Passed { .. } | Gain::PassedToPool | Gain::Runs { .. } => {
            kind == PrincipalKind::Role
        }
        _ => false,
    }
}
