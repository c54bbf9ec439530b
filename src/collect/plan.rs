//! What a run wants to know, and the calls that follow from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::services::{
    ASSUME_ROLE, COLLECTORS, Call, Collector, LAST_USE, ORGANIZATION, REGIONS, RUN, Times, UNITS,
    When,
};
use crate::model::kinds::{KINDS, Scope, kind_named};

/// The resource types that are wanted, each with the fields that are wanted by name.
///
/// Everything a collector gets by its ordinary calls comes with the type. Fields are named because some of them cost a
/// call per resource, which is only made for a reason: see [`When::Fields`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    types: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Plan {
    /// Every resource type of AWS, without the fields that cost a call per resource.
    pub fn all() -> Self {
        let mut plan = Self::default();
        for kind in KINDS {
            plan.want(kind.name);
        }
        plan
    }

    /// Wants a type. Types of other sources than AWS are no business of this plan and are passed over; so are names that
    /// are no types, which checks cannot refer to.
    pub fn want(&mut self, kind: &str) {
        if kind.starts_with("aws.")
            && let Some(kind) = kind_named(kind)
        {
            self.types.entry(kind.name).or_default();
        }
    }

    /// Wants a field of a type, and with it the type.
    pub fn want_field(&mut self, kind: &str, field: &str) {
        self.want(kind);
        if let Some(fields) = self.types.get_mut(kind) {
            fields.insert(field.to_owned());
        }
    }

    /// Wants to know when users and roles last used each service.
    pub fn want_last_accessed(&mut self) {
        for kind in ["aws.iam.user", "aws.iam.role"] {
            for field in LAST_USE {
                self.want_field(kind, field);
            }
        }
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The types that are wanted, sorted.
    pub fn types(&self) -> impl Iterator<Item = &'static str> {
        self.types.keys().copied()
    }

    /// Whether a type is wanted.
    pub fn wants(&self, kind: &str) -> bool {
        self.types.contains_key(kind)
    }

    /// Whether one of the types is wanted.
    pub fn wants_any(&self, kinds: &[&str]) -> bool {
        kinds.iter().any(|kind| self.wants(kind))
    }

    /// Whether one of the fields of a type is wanted by name.
    pub fn wants_fields(&self, kind: &str, fields: &[&str]) -> bool {
        self.types.get(kind).is_some_and(|have| fields.iter().any(|field| have.contains(*field)))
    }

    /// The collectors that have to run.
    pub fn collectors(&self, scope: Scope) -> impl Iterator<Item = &'static Collector> {
        COLLECTORS.iter().filter(move |c| c.scope == scope && self.wants_any(c.produces))
    }

    /// Whether a call is made.
    pub fn makes(&self, call: &Call) -> bool {
        match call.when {
            When::Always => true,
            When::Types(types) => self.wants_any(types),
            When::Fields(of, fields) => self.wants_fields(of, fields),
        }
    }
}

/// What of the world around its accounts a run looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// The accounts of the organization are listed and a role is assumed in each.
    pub organization: bool,
    /// Accounts are included or excluded by organizational unit.
    pub units: bool,
    /// The regions were named, so that they need not be listed.
    pub named_regions: bool,
}

/// A call that a run would make.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PlannedCall {
    /// Where: `run`, `account` or `region`.
    pub place: &'static str,
    /// The service as the SDK names it.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The IAM action that allows it.
    pub action: String,
    /// How often, in words.
    pub times: String,
    /// What it is for: the resource types, or what the run needs it for.
    pub purpose: Vec<&'static str>,
}

/// Every call that a plan leads to, sorted by place and operation.
pub fn calls(plan: &Plan, reach: Reach) -> Vec<PlannedCall> {
    let mut list = Vec::new();
    let mut run = |calls: &'static [Call], place: &'static str, purpose: &'static str| {
        list.extend(calls.iter().map(|call| planned(call, place, vec![purpose])));
    };
    run(RUN, "account", "who collects");
    if !reach.named_regions {
        run(REGIONS, "account", "the enabled regions");
    }
    if reach.organization {
        run(ORGANIZATION, "run", "the accounts of the organization");
        run(std::slice::from_ref(&ASSUME_ROLE), "run", "the credentials for each account");
        if reach.units {
            run(UNITS, "run", "the accounts of organizational units");
        }
    }
    for (scope, place) in [(Scope::Global, "account"), (Scope::Regional, "region")] {
        for collector in plan.collectors(scope) {
            let wanted: Vec<_> =
                collector.produces.iter().copied().filter(|kind| plan.wants(kind)).collect();
            for call in collector.calls.iter().filter(|call| plan.makes(call)) {
                let purpose = match call.when {
                    When::Always => wanted.clone(),
                    When::Types(types) => {
                        wanted.iter().copied().filter(|kind| types.contains(kind)).collect()
                    }
                    When::Fields(of, _) => vec![of],
                };
                list.push(planned(call, place, purpose));
            }
        }
    }
    list.sort();
    merged(list)
}

fn planned(call: &Call, place: &'static str, purpose: Vec<&'static str>) -> PlannedCall {
    let times = match call.times {
        Times::Once => "once".to_owned(),
        Times::Pages => "once a page".to_owned(),
        Times::Each(what) => format!("once for each {what}"),
        Times::Batch(size, what) => format!("once for {size} {what}"),
    };
    PlannedCall {
        place,
        service: call.service,
        operation: call.operation,
        action: call.action(),
        times,
        purpose,
    }
}

/// Joins the purposes of the same call in the same place: the run makes `GetCallerIdentity` for both its own sake and
/// the inventory's, once.
fn merged(list: Vec<PlannedCall>) -> Vec<PlannedCall> {
    let mut out: Vec<PlannedCall> = Vec::with_capacity(list.len());
    for call in list {
        match out.last_mut() {
            Some(before)
                if (before.place, before.service, before.operation, &before.times)
                    == (call.place, call.service, call.operation, &call.times) =>
            {
                before.purpose.extend(call.purpose);
                before.purpose.dedup();
            }
            _ => out.push(call),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_is_called() {
        let mut plan = Plan::default();
        plan.want("aws.ec2.vpc");
        plan.want("host.system");
        let reach = Reach { named_regions: true, ..Reach::default() };
        let names: Vec<_> = calls(&plan, reach).into_iter().map(|call| call.action).collect();
        assert_eq!(names, ["sts:GetCallerIdentity", "ec2:DescribeVpcs"]);
    }

    #[test]
    fn dear_calls_need_a_reason() {
        let mut plan = Plan::all();
        let has = |plan: &Plan| {
            calls(plan, Reach::default()).iter().any(|c| c.operation == "DescribeInstanceAttribute")
        };
        assert!(!has(&plan));
        plan.want_field("aws.ec2.instance", "user_data_secret_kinds");
        assert!(has(&plan));
    }

    #[test]
    fn last_use_is_asked_for_by_name() {
        let mut plan = Plan::all();
        let has = |plan: &Plan| {
            let calls = calls(plan, Reach::default());
            calls.iter().any(|c| c.action == "iam:GenerateServiceLastAccessedDetails")
        };
        assert!(!has(&plan));
        plan.want_last_accessed();
        assert!(has(&plan));
    }

    #[test]
    fn images_need_the_instances_that_use_them() {
        let mut plan = Plan::default();
        plan.want("aws.ec2.image");
        assert!(
            calls(&plan, Reach::default()).iter().any(|call| call.operation == "DescribeInstances")
        );
    }
}
