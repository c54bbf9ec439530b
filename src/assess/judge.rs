//! Judging one resource after another, and adding up what was found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::plan::{Plan, Planned};
use super::quiet::Quiet;
use super::result::{Assessment, CheckResult, InventorySummary, Undetermined, WaiverUse};
use crate::analyze::{self, Context, Overview};
use crate::check::Verdict;
use crate::clock::Time;
use crate::finding::{Finding, Outcome, Subject, Tally, fingerprint};
use crate::ident::{AccountId, Region};
use crate::model::kinds::Scope;
use crate::model::{Cause, CauseKind, Completeness, Index, Kind, Resource};

/// Judges resources by a plan, beside the resources at hand.
#[derive(Debug)]
pub(super) struct Judge<'p> {
    plan: &'p Plan<'p>,
    index: &'p Index,
    context: Context<'p>,
    /// The places of each type's checks in the plan.
    by_kind: HashMap<&'static str, Vec<usize>>,
    /// Why some resources may not come to be, by their identities.
    doubted: Option<&'p BTreeMap<String, Cause>>,
    /// Whether to note what no finding tells.
    noting: bool,
}

/// What was found in a part of an inventory.
#[derive(Debug, Default)]
pub(super) struct Partial {
    /// By the check's place in the plan.
    tallies: Vec<BTreeMap<AccountId, Tally>>,
    findings: Vec<Finding>,
    /// How many findings each waiver accepts.
    waived: BTreeMap<String, u64>,
    /// The places in which each type was met.
    places: Places,
    /// What no finding tells, where that is wanted.
    pub(super) quiet: Quiet,
}

type Places = BTreeMap<&'static str, BTreeSet<(AccountId, Region)>>;

/// Types of which there is at least one wherever they can be listed: none at all is a reading that went wrong.
const ALWAYS_THERE: [&str; 6] = [
    "aws.account.contacts",
    "aws.ec2.account_settings",
    "aws.ec2.vpc_block_public_access_options",
    "aws.iam.account_summary",
    "aws.iam.credential_report_row",
    "aws.iam.password_policy",
];

impl Partial {
    pub(super) fn new(checks: usize) -> Self {
        Self { tallies: vec![BTreeMap::new(); checks], ..Self::default() }
    }

    fn count(&mut self, at: usize, account: &AccountId, outcome: Outcome) {
        let Some(by_account) = self.tallies.get_mut(at) else { return };
        match by_account.get_mut(account) {
            Some(tally) => tally.count(outcome),
            None => by_account.entry(account.clone()).or_default().count(outcome),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (mine, theirs) in self.tallies.iter_mut().zip(other.tallies) {
            for (account, tally) in theirs {
                let sum = mine.entry(account).or_default();
                *sum = sum.plus(tally);
            }
        }
        self.findings.extend(other.findings);
        for (id, count) in other.waived {
            *self.waived.entry(id).or_default() += count;
        }
        for (kind, places) in other.places {
            self.places.entry(kind).or_default().extend(places);
        }
        self.quiet.add(other.quiet);
    }
}

impl<'p> Judge<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, index: &'p Index, overview: &'p Overview) -> Self {
        let mut by_kind: HashMap<&'static str, Vec<usize>> = HashMap::new();
        for (at, planned) in plan.checks.iter().enumerate() {
            by_kind.entry(planned.check.kind.name).or_default().push(at);
        }
        let context = Context::new(index, plan.environments, plan.now).with_overview(overview);
        Self { plan, index, context, by_kind, doubted: None, noting: false }
    }

    /// With resources of which nobody can say whether they will exist.
    pub(super) fn doubting(mut self, doubted: &'p BTreeMap<String, Cause>) -> Self {
        self.doubted = (!doubted.is_empty()).then_some(doubted);
        self
    }

    /// Noting what no finding tells.
    pub(super) fn noting(mut self) -> Self {
        self.noting = true;
        self
    }

    /// Whether some check judges a type.
    pub(super) fn judges(&self, kind: &str) -> bool {
        self.by_kind.contains_key(kind)
    }

    /// Room for what is found.
    pub(super) fn partial(&self) -> Partial {
        Partial::new(self.plan.checks.len())
    }

    /// Derives the facts of a resource and judges it by every check of its type.
    pub(super) fn resource(&self, mut resource: Resource, partial: &mut Partial) {
        analyze::derive(&mut resource, &self.context);
        self.derived(&resource, partial);
    }

    /// Judges a resource whose facts are derived by every check of its type.
    pub(super) fn derived(&self, resource: &Resource, partial: &mut Partial) {
        let Some(places) = self.by_kind.get(resource.kind().name) else { return };
        let place = (resource.meta.account.clone(), resource.meta.region.clone());
        partial.places.entry(resource.kind().name).or_default().insert(place);
        if self.noting {
            partial.quiet.saw(resource);
        }
        let environment = resource.meta.environment.known().cloned().flatten();
        let doubt = self.doubted.and_then(|list| list.get(&resource.identity().to_string()));
        for &at in places {
            let Some(planned) = self.plan.checks.get(at) else { continue };
            let mut verdict = self.verdict(planned, resource, environment.as_deref());
            if let Some(cause) = doubt
                && matches!(verdict.outcome, Outcome::Pass | Outcome::Fail)
            {
                verdict = Verdict::unknown(format!("it may not come to be ({cause})"));
            }
            let outcome = match verdict.outcome {
                Outcome::Fail => self.failed(planned, resource, verdict, partial),
                Outcome::Unknown => {
                    partial.findings.push(unknown(planned, Subject::of(resource), verdict.cause));
                    Outcome::Unknown
                }
                other => other,
            };
            if self.noting && outcome == Outcome::NotApplicable {
                partial.quiet.not_applicable(&planned.check.id, resource);
            }
            partial.count(at, &resource.meta.account, outcome);
        }
    }

    fn verdict(
        &self,
        planned: &Planned<'_>,
        resource: &Resource,
        environment: Option<&str>,
    ) -> Verdict {
        if planned.depends_on_environment()
            && let Err(cause) = resource.meta.environment.get()
        {
            let cause = format!("its environment decides the parameters and is unknown ({cause})");
            return Verdict::unknown(cause);
        }
        let setting = planned.setting_for(&resource.meta.account, environment);
        planned.check.evaluate(resource, setting, self.plan.now, self.index)
    }

    /// Tells every offender, and whether waivers accept them all.
    fn failed(
        &self,
        planned: &Planned<'_>,
        resource: &Resource,
        verdict: Verdict,
        partial: &mut Partial,
    ) -> Outcome {
        let check = planned.check;
        let mut all_waived = true;
        for offender in verdict.offenders {
            let subject = Subject::of(resource);
            let fingerprint = fingerprint(&check.id, &subject, &offender.key);
            let waiver =
                self.plan.waivers.accepts(&check.id, planned.severity, &subject, &fingerprint);
            let waiver = waiver.map(|w| w.id.clone());
            match &waiver {
                Some(id) => *partial.waived.entry(id.clone()).or_default() += 1,
                None => all_waived = false,
            }
            partial.findings.push(Finding {
                fingerprint,
                check: check.id.clone(),
                outcome: if waiver.is_some() { Outcome::Waived } else { Outcome::Fail },
                severity: planned.severity,
                subject,
                offender: offender.key,
                message: offender.message,
                witness: offender.witness,
                cause: None,
                waiver,
            });
        }
        if all_waived { Outcome::Waived } else { Outcome::Fail }
    }

    /// Adds what could not be looked at, sorts, and sums up.
    pub(super) fn finish(&self, mut total: Partial, inventory: InventorySummary) -> Assessment {
        let mut checks = Vec::with_capacity(self.plan.checks.len());
        for (at, planned) in self.plan.checks.iter().enumerate() {
            let undetermined = self.gaps(planned.check.kind, &total.places);
            for gap in &undetermined {
                total.count(at, &gap.account, Outcome::Unknown);
                let subject =
                    Subject::everything(planned.check.kind.name, &gap.account, &gap.region);
                total.findings.push(unknown(planned, subject, Some(gap.cause.clone())));
            }
            let by_account = total.tallies.get(at).cloned().unwrap_or_default();
            checks.push(CheckResult {
                id: planned.check.id.clone(),
                title: planned.check.title.clone(),
                severity: planned.severity,
                kind: planned.check.kind.name.to_owned(),
                tally: by_account.values().fold(Tally::default(), |sum, tally| sum.plus(*tally)),
                by_account,
                params: planned.uses.clone(),
                undetermined,
            });
        }
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        total.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        Assessment {
            at: Time(self.plan.now),
            tool: concat!("portcullis ", env!("CARGO_PKG_VERSION")).to_owned(),
            inventory,
            coverage: self.index.coverage().entries().cloned().collect(),
            checks,
            findings: total.findings,
            waivers: self
                .plan
                .waivers
                .iter()
                .map(|waiver| {
                    WaiverUse::of(waiver, total.waived.get(&waiver.id).copied().unwrap_or(0))
                })
                .collect(),
        }
    }

    /// The cells in which a type may hold more than was seen. An inventory without any coverage is one cell of its own;
    /// a place that only resources speak of is one that nobody covered.
    fn gaps(&self, kind: &'static Kind, places: &Places) -> Vec<Undetermined> {
        let coverage = self.index.coverage();
        let gap = |account: &AccountId, region: &Region, cause: Option<Cause>| {
            cause.map(|cause| Undetermined {
                account: account.clone(),
                region: region.clone(),
                cause: cause.to_string(),
            })
        };
        let global = Region::global();
        let mut accounts = coverage.accounts();
        if kind.scope == Scope::Organization {
            let cause = coverage.organization_gap(kind.name);
            let account = accounts.into_iter().next().or_else(nobody);
            return account.and_then(|account| gap(&account, &global, cause)).into_iter().collect();
        }
        let met = places.get(kind.name);
        accounts.extend(met.into_iter().flatten().map(|(account, _)| account.clone()));
        accounts.sort();
        accounts.dedup();
        if accounts.is_empty() {
            accounts.extend(nobody());
        }
        let mut out = Vec::new();
        for account in &accounts {
            let mut regions = match kind.scope {
                Scope::Regional => coverage.regions(account),
                _ => vec![global.clone()],
            };
            let here = met.into_iter().flatten().filter(|(of, _)| of == account);
            regions.extend(here.map(|(_, region)| region.clone()));
            if regions.is_empty() {
                regions.push(global.clone());
            }
            regions.sort();
            regions.dedup();
            out.extend(regions.iter().filter_map(|region| {
                let lost = || self.lost(kind, account, region, met);
                let cause = coverage.gap(account, region, kind.name).or_else(lost);
                gap(account, region, cause)
            }));
        }
        out
    }

    /// Why a cell that claims to be complete is none: it lacks what is always there.
    fn lost(
        &self,
        kind: &Kind,
        account: &AccountId,
        region: &Region,
        met: Option<&BTreeSet<(AccountId, Region)>>,
    ) -> Option<Cause> {
        let entry = self.index.coverage().entry(account, region, kind.name)?;
        let missing = ALWAYS_THERE.contains(&kind.name)
            && entry.status == Completeness::Complete
            && !met.is_some_and(|met| met.contains(&(account.clone(), region.clone())));
        missing.then(|| {
            let what = format!("{} in {account} {region}: there always is one", kind.name);
            Cause::new(CauseKind::NotCollected, what)
        })
    }
}

/// Nobody was asked about anything: the account of nobody stands for all of them.
fn nobody() -> Option<AccountId> {
    AccountId::new("000000000000").ok()
}

fn unknown(planned: &Planned<'_>, subject: Subject, cause: Option<String>) -> Finding {
    let check = planned.check;
    Finding {
        fingerprint: fingerprint(&check.id, &subject, "unknown"),
        check: check.id.clone(),
        outcome: Outcome::Unknown,
        severity: planned.severity,
        subject,
        offender: String::new(),
        message: format!("undetermined: {}", check.title),
        witness: serde_json::Value::Null,
        cause,
        waiver: None,
    }
}
