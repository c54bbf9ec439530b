//! Steps onto roles by what services run with them.

use super::asking::{Objects, Requests};
use super::{Asked, Attempt, Becomes, Step, keep};
use crate::analyze::iam::document::Named;
use crate::analyze::iam::estate::{Principal, PrincipalId, PrincipalKind};
use crate::analyze::iam::request::{Action, Circumstances};
use crate::analyze::iam::truth::Truth;
use crate::model::Attr;

/// The service that hands out the credentials of identity pools.
const POOLS: &str = "cognito-identity.amazonaws.com";

impl<'a> Attempt<'a, '_> {
    /// A role that may be passed at all.
    fn passable(self, target: PrincipalId) -> Option<&'a Principal> {
        let role = self.world.estate.principal(target)?;
        let fits = role.kind == PrincipalKind::Role && role.account == self.principal.account;
        (fits && !role.is_protected()).then_some(role)
    }

    /// Whether the actor may pass a role to a service.
    fn pass(self, role: &Principal, service: &str) -> Asked {
        let circumstances = Circumstances::open().with_value("iam:PassedToService", service);
        let truth = self.world.may(self.subject, "iam:PassRole", &role.arn, &circumstances);
        Asked { action: "iam:PassRole", resource: role.arn.to_string(), truth }
    }

    pub(super) fn passed(
        self,
        target: PrincipalId,
        services: &'static [&'static str],
        profile: bool,
    ) -> Option<Step> {
        let role = self.passable(target)?;
        let ready = if profile { self.profile_ready(role) } else { Truth::Yes };
        let mut best: Option<Step> = None;
        for service in services {
            let trusts = self.world.trusts(target, service);
            if trusts == Truth::No {
                continue;
            }
            let pass = self.pass(role, service);
            let besides = pass.truth.and(trusts).and(ready);
            if besides == Truth::No {
                continue;
            }
            let objects = Objects { target: Some(role), ..Objects::default() };
            let Some(mut requests) = self.asked(objects) else { continue };
            requests.asks.push(pass);
            let becomes = Becomes::Principal(target);
            keep(&mut best, self.step(becomes, requests, besides, Some(service)));
        }
        best
    }

    pub(super) fn passed_to_pool(self, target: PrincipalId) -> Option<Step> {
        let role = self.passable(target)?;
        let trust = self.world.estate.document(role.trust?)?;
        let trusts = trust.statements.iter().filter_map(|s| s.principals.as_ref()).any(|p| {
            p.named.iter().any(|named| matches!(named, Named::Federated(name) if **name == *POOLS))
        });
        if !trusts && trust.doubt.is_none() {
            return None;
        }
        let pass = self.pass(role, POOLS);
        let objects = Objects { target: Some(role), ..Objects::default() };
        let mut requests = self.asked(objects)?;
        if pass.truth == Truth::No {
            return None;
        }
        // Which pool the trust policy names as audience, and whether the actor rules it, nobody can say here.
        let besides = pass.truth.and(Truth::Maybe);
        requests.asks.push(pass);
        Some(self.step(Becomes::Principal(target), requests, besides, Some(POOLS)))
    }

    /// Whether a role has an instance profile, or the actor can make one.
    fn profile_ready(self, role: &Principal) -> Truth {
        match &role.instance_profiles {
            Attr::Known(profiles) if !profiles.is_empty() => Truth::Yes,
            Attr::Known(_) => {
                let profile = format!("arn:aws:iam::{}:instance-profile/x7k2", role.account);
                let open = self.world.open();
                let may = |action: &str| {
                    Action::parse(action).map_or(Truth::No, |action| {
                        self.world.may_do(self.subject, &action, &profile, open)
                    })
                };
                may("iam:CreateInstanceProfile").and(may("iam:AddRoleToInstanceProfile"))
            }
            Attr::Unknown(_) => Truth::Maybe,
        }
    }

    pub(super) fn runs(
        self,
        target: PrincipalId,
        kind: &'static str,
        services: &'static [&'static str],
    ) -> Option<Step> {
        let Self { world, principal, method, .. } = self;
        let role = world.estate.principal(target)?;
        if role.kind != PrincipalKind::Role || role.account != principal.account {
            return None;
        }
        let opens = method.target_may.is_empty()
            || world.subject(target).is_some_and(|target| {
                world.may(target, method.target_may, "*", world.open()) != Truth::No
            });
        let becomes = Becomes::Principal(target);
        let mut best: Option<Step> = None;
        let workloads = world.workloads(&principal.account, kind);
        let own = workloads
            .iter()
            .filter(|w| w.role.known().and_then(Option::as_deref) == Some(&*role.arn));
        for workload in own {
            let objects =
                Objects { target: Some(role), workload: Some(workload), ..Objects::default() };
            let Some(mut requests) = self.asked(objects) else { continue };
            requests.seen &= opens;
            let via = Some(&*workload.arn);
            keep(&mut best, self.step(becomes.clone(), requests, Truth::Yes, via));
        }
        // Others may run with the role unseen: nobody listed them, or said with which role they run.
        if best.is_none() && world.may_run_unseen(&principal.account, kind) {
            if services.iter().all(|service| world.trusts(target, service) == Truth::No) {
                return None;
            }
            let objects = Objects { target: Some(role), unseen: true, ..Objects::default() };
            let requests = Requests { seen: false, ..self.asked(objects)? };
            return Some(self.step(becomes, requests, Truth::Yes, None));
        }
        best
    }
}
