//! What the search asks again and again, worked out once: who may nearly do what, who trusts which service.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::admin;
use super::method::{Ask, Gain, Method};
use crate::analyze::iam::document::{Document, Effect, Named};
use crate::analyze::iam::estate::{
    Estate, Principal, PrincipalId, PrincipalKind, Subject, Unread, Workload,
};
use crate::analyze::iam::evaluate::evaluate;
use crate::analyze::iam::request::{Action, Caller, Circumstances, Request};
use crate::analyze::iam::truth::{Plain, Truth};
use crate::model::Attr;

/// The estate with what the search needs at hand.
#[derive(Debug)]
pub struct World<'e> {
    /// What is looked at.
    pub estate: &'e Estate,
    /// The time of requests.
    pub now: Timestamp,
    /// Every principal as a caller, by id.
    subjects: Vec<Subject<'e>>,
    /// Whether it is an administrator by itself, by id.
    admins: Vec<Truth>,
    /// The actions that methods ask for, and of which a policy of the principal speaks, by id.
    powers: Vec<Powers>,
    actions: Vec<Action>,
    places: HashMap<&'static str, usize>,
    /// The roles that trust a service, or may, in order; by its name.
    trusting: BTreeMap<&'static str, Vec<(PrincipalId, Truth)>>,
    /// Roles and users by account.
    roles: BTreeMap<&'e str, Vec<PrincipalId>>,
    users: BTreeMap<&'e str, Vec<PrincipalId>>,
    /// Workloads by account and type.
    workloads: BTreeMap<&'static str, BTreeMap<&'e str, Vec<&'e Workload>>>,
    open: Circumstances,
}

/// A set of actions, as bits.
type Powers = [u64; 5];

impl<'e> World<'e> {
    /// Prepares an estate.
    pub fn new(estate: &'e Estate, methods: &[&'static Method], now: Timestamp) -> Self {
        let mut world = Self {
            estate,
            now,
            subjects: estate.all().map(|(_, p)| estate.subject(p, Unread::Ignore)).collect(),
            admins: Vec::new(),
            powers: Vec::new(),
            actions: Vec::new(),
            places: HashMap::new(),
            trusting: BTreeMap::new(),
            roles: BTreeMap::new(),
            users: BTreeMap::new(),
            workloads: BTreeMap::new(),
            open: Circumstances::open(),
        };
        world.name_actions(methods);
        world.admins = world.subjects.iter().map(|s| admin::in_effect(estate, s, now)).collect();
        world.powers = world.subjects.iter().map(|s| world.powers_of(s)).collect();
        for (id, principal) in estate.all() {
            let list = match principal.kind {
                PrincipalKind::Role => &mut world.roles,
                PrincipalKind::User => &mut world.users,
            };
            list.entry(&principal.account).or_default().push(id);
        }
        for workload in &estate.workloads {
            let of_kind = world.workloads.entry(workload.kind).or_default();
            of_kind.entry(&workload.account).or_default().push(workload);
        }
        world.find_trusting(methods);
        world
    }

    fn name_actions(&mut self, methods: &[&'static Method]) {
        let acts = methods.iter().flat_map(|m| m.asks).flat_map(Ask::acts);
        let of_targets = methods.iter().map(|m| m.target_may).filter(|action| !action.is_empty());
        let asked = acts.map(|act| act.action).chain(of_targets);
        for text in asked.chain(["iam:PassRole", "sts:AssumeRole"]) {
            if !self.places.contains_key(text)
                && let Some(action) = Action::parse(text)
            {
                self.places.insert(text, self.actions.len());
                self.actions.push(action);
            }
        }
    }

    fn powers_of(&self, subject: &Subject<'_>) -> Powers {
        let mut powers = Powers::default();
        for document in &subject.identity {
            for (at, action) in self.actions.iter().enumerate() {
                if speaks_of(document, action)
                    && let Some(word) = powers.get_mut(at / 64)
                {
                    *word |= 1 << (at % 64);
                }
            }
        }
        powers
    }

    fn find_trusting(&mut self, methods: &[&'static Method]) {
        let mut services: BTreeSet<&'static str> = BTreeSet::new();
        for method in methods {
            if let Gain::Passed { services: of, .. } | Gain::Runs { services: of, .. } = method.gain
            {
                services.extend(of);
            }
        }
        let mut trusting: BTreeMap<&'static str, Vec<(PrincipalId, Truth)>> = BTreeMap::new();
        for (id, role) in self.estate.all().filter(|(_, p)| p.kind == PrincipalKind::Role) {
            let Some(trust) = role.trust.and_then(|t| self.estate.document(t)) else { continue };
            for service in &services {
                if !names_service(trust, service) {
                    continue;
                }
                match self.service_may(role, service) {
                    Truth::No => {}
                    may => trusting.entry(service).or_default().push((id, may)),
                }
            }
        }
        self.trusting = trusting;
    }

    /// Whether a role lets a service in that acts for the role's own account.
    fn service_may(&self, role: &Principal, service: &str) -> Truth {
        let circumstances = Circumstances::open().with_value("aws:SourceAccount", &role.account);
        let caller = Caller::service(service);
        let Some(action) = self.action("sts:AssumeRole") else { return Truth::No };
        let mut request = Request::new(&caller, action, &role.arn, &circumstances, self.now);
        let subject = self.estate.stranger(caller.clone(), Unread::Ignore);
        let layers = self.estate.layers(&subject, &mut request, Unread::Ignore);
        evaluate(&request, &layers, &Plain, &mut ()).allowed
    }

    /// An action that methods ask for.
    pub fn action(&self, text: &str) -> Option<&Action> {
        self.actions.get(*self.places.get(text)?)
    }

    /// A principal as a caller.
    pub fn subject(&self, id: PrincipalId) -> Option<&Subject<'e>> {
        self.subjects.get(id.0 as usize)
    }

    /// Whether a principal is an administrator by itself.
    pub fn admin(&self, id: PrincipalId) -> Truth {
        self.admins.get(id.0 as usize).copied().unwrap_or(Truth::No)
    }

    /// Whether a policy of a principal speaks of an action at all: without, nothing allows it (same account), except
    /// that a trust policy names it.
    pub fn has_power(&self, id: PrincipalId, action: &str) -> bool {
        self.places.get(action).is_some_and(|at| {
            self.powers
                .get(id.0 as usize)
                .and_then(|powers| powers.get(at / 64))
                .is_some_and(|word| word & (1 << (at % 64)) != 0)
        })
    }

    /// The roles of an account.
    pub fn roles(&self, account: &str) -> &[PrincipalId] {
        self.roles.get(account).map_or(&[], Vec::as_slice)
    }

    /// The users of an account.
    pub fn users(&self, account: &str) -> &[PrincipalId] {
        self.users.get(account).map_or(&[], Vec::as_slice)
    }

    /// The roles that trust a service, or may, of all accounts.
    pub fn trusting(&self, service: &str) -> impl Iterator<Item = PrincipalId> + '_ {
        self.trusting.get(service).into_iter().flatten().map(|(id, _)| *id)
    }

    /// Whether a role lets a service in that acts for the role's own account.
    pub fn trusts(&self, role: PrincipalId, service: &str) -> Truth {
        let Some(trusting) = self.trusting.get(service) else { return Truth::No };
        let place = trusting.binary_search_by_key(&role, |(id, _)| *id);
        place.ok().and_then(|at| trusting.get(at)).map_or(Truth::No, |(_, truth)| *truth)
    }

    /// The workloads of a type in an account.
    pub fn workloads(&self, account: &str, kind: &'static str) -> &[&'e Workload] {
        self.workloads
            .get(kind)
            .and_then(|by_account| by_account.get(account))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether workloads of a type may run in an account with roles that nobody knows of.
    pub fn may_run_unseen(&self, account: &str, kind: &'static str) -> bool {
        !self.estate.has_seen(account, kind)
            || self.workloads(account, kind).iter().any(|w| w.role.known().is_none())
    }

    /// Whether a subject may do something with a resource.
    pub fn may(
        &self,
        subject: &Subject<'_>,
        action: &str,
        resource: &str,
        circumstances: &Circumstances,
    ) -> Truth {
        let Some(action) = self.action(action) else { return Truth::No };
        self.may_do(subject, action, resource, circumstances)
    }

    /// As [`Self::may`], for any action.
    pub fn may_do(
        &self,
        subject: &Subject<'_>,
        action: &Action,
        resource: &str,
        circumstances: &Circumstances,
    ) -> Truth {
        decide(self.estate, subject, action, resource, circumstances, self.now)
    }

    /// Circumstances of which nothing is known.
    pub fn open(&self) -> &Circumstances {
        &self.open
    }
}

/// Decides one request of a subject; what nobody collected of organizations is taken for absent.
pub fn decide(
    estate: &Estate,
    subject: &Subject<'_>,
    action: &Action,
    resource: &str,
    circumstances: &Circumstances,
    now: Timestamp,
) -> Truth {
    let mut request = Request::new(&subject.caller, action, resource, circumstances, now);
    if request.resource_account.known().is_none() && !resource.contains(":aws:policy/") {
        // Names without an account, as of buckets, are taken for the caller's own.
        request.resource_account =
            Attr::Known(subject.caller.account.as_deref().map(str::to_owned));
    }
    let layers = estate.layers(subject, &mut request, Unread::Ignore);
    evaluate(&request, &layers, &Plain, &mut ()).allowed
}

fn speaks_of(document: &Document, action: &Action) -> bool {
    document.doubt.is_some()
        || document
            .statements
            .iter()
            .any(|s| s.effect != Some(Effect::Deny) && s.actions.include(action))
}

fn names_service(trust: &Document, service: &str) -> bool {
    trust.doubt.is_some()
        || trust.statements.iter().filter_map(|s| s.principals.as_ref()).any(|principals| {
            principals.negated
                || principals.named.iter().any(|named| match named {
                    Named::Everybody => true,
                    Named::Service(name) => **name == *service,
                    _ => false,
                })
        })
}
