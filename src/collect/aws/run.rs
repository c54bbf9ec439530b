//! The run: every collector in every account and region, and the coverage that follows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream::{self, FuturesUnordered};
use tokio::sync::mpsc;

use super::cell::{Cell, Gap, Ledger};
use super::failure::{Class, Failure};
use super::progress::Event;
use super::session::{Entered, Session, Target};
use super::stop::Stop;
use super::{CollectError, Options, RUNNERS};
use crate::collect::plan::Plan;
use crate::collect::services::Collector;
use crate::ident::{AccountId, Region};
use crate::model::coverage::{Completeness, CoverageEntry};
use crate::model::kinds::{Scope, kind_named};
use crate::model::resource::Resource;

/// How the collecting side speaks to the writing side.
pub(crate) enum Message {
    /// A resource of a cell.
    Resource(u64, Box<Resource>),
    /// A cell has ended.
    Ended(Ended),
    /// Coverage that no cell gives: accounts that could not be entered, regions that are switched off.
    Coverage(CoverageEntry),
    /// Something to show.
    Progress(Event),
}

/// A cell that has ended.
pub(crate) struct Ended {
    pub(crate) number: u64,
    pub(crate) collector: &'static Collector,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) gaps: BTreeMap<&'static str, Gap>,
}

impl Ended {
    /// The coverage of the types that are wanted, with the numbers of resources that were handed on.
    pub(crate) fn coverage(
        &self,
        plan: &Plan,
        counts: &BTreeMap<&'static str, u64>,
    ) -> Vec<CoverageEntry> {
        self.collector
            .produces
            .iter()
            .filter(|kind| plan.wants(kind))
            .map(|kind| {
                let count = counts.get(kind).copied().unwrap_or_default();
                let (status, reason) = match self.gaps.get(kind) {
                    None => (Completeness::Complete, None),
                    // Something was read before the end came.
                    Some(gap) if count > 0 => (Completeness::Partial, Some(gap.reason.clone())),
                    Some(gap) => (gap.status, Some(gap.reason.clone())),
                };
                entry(&self.account, &self.region, kind, status, reason, count)
            })
            .collect()
    }
}

fn entry(
    account: &AccountId,
    region: &Region,
    kind: &str,
    status: Completeness,
    reason: Option<String>,
    count: u64,
) -> CoverageEntry {
    CoverageEntry {
        source: "aws".to_owned(),
        account: account.clone(),
        region: region.clone(),
        kind: kind.to_owned(),
        status,
        reason,
        count,
    }
}

/// What every account of a run shares.
pub(crate) struct Run {
    pub(crate) session: Session,
    pub(crate) options: Options,
    pub(crate) plan: Arc<Plan>,
    pub(crate) stop: Stop,
    pub(crate) out: mpsc::Sender<Message>,
    pub(crate) cells: AtomicU64,
    /// The accounts of the run, which decide where an organization's resources are recorded.
    pub(crate) accounts: Vec<AccountId>,
}

/// Accounts that are under way at the same time.
const ACCOUNTS_AT_ONCE: usize = 16;

/// Collectors of an account that are under way at the same time.
const CELLS_AT_ONCE: usize = 32;

/// Finds the accounts and goes through them.
pub(crate) async fn direct(
    options: Options,
    plan: Arc<Plan>,
    session: Session,
    stop: Stop,
    out: mpsc::Sender<Message>,
) -> Result<(), CollectError> {
    let targets = session.targets(options.organization.as_ref()).await?;
    let accounts: Vec<AccountId> = targets.iter().map(|target| target.account.clone()).collect();
    let _ = out.send(Message::Progress(Event::Accounts { count: accounts.len() })).await;
    let run =
        Arc::new(Run { session, options, plan, stop, out, cells: AtomicU64::new(0), accounts });
    stream::iter(targets)
        .map(|target| {
            let run = Arc::clone(&run);
            // A task of its own, so that accounts are worked on by all processors.
            async move {
                let account = target.account.clone();
                let task = tokio::spawn(collect_account(Arc::clone(&run), target));
                if task.await.is_err() {
                    let failure = Failure::plain(
                        Class::Refused,
                        "collect",
                        "the program failed on this account",
                    );
                    run.refuse(&account, &[], &failure).await;
                }
            }
        })
        .buffer_unordered(ACCOUNTS_AT_ONCE)
        .collect::<()>()
        .await;
    Ok(())
}

async fn collect_account(run: Arc<Run>, target: Target) {
    let entering = run.session.enter(&target, run.options.organization.as_ref());
    let entered = tokio::select! {
        biased;
        reason = run.stop.wait() => Err(Failure::plain(Class::Cancelled, "sts:AssumeRole", reason)),
        entered = entering => entered,
    };
    let entered = match entered {
        Ok(entered) => entered,
        Err(failure) => {
            let regions = match run.options.regions.as_slice() {
                [] => run.session.default_regions(),
                named => named.to_vec(),
            };
            run.refuse(&target.account, &regions, &failure).await;
            return;
        }
    };
    let regions = run.regions(&entered).await;
    let mut work: Vec<(&'static Collector, Region)> =
        run.plan.collectors(Scope::Global).map(|collector| (collector, Region::global())).collect();
    for region in &regions {
        work.extend(
            run.plan.collectors(Scope::Regional).map(|collector| (collector, region.clone())),
        );
    }
    let started = Event::Account {
        account: entered.account.clone(),
        regions: regions.len(),
        collectors: work.len(),
    };
    let _ = run.out.send(Message::Progress(started)).await;
    let clients: BTreeMap<Region, _> = regions
        .iter()
        .chain(std::iter::once(&Region::global()))
        .map(|region| (region.clone(), run.session.clients(&entered, region)))
        .collect();
    let mut work = work.into_iter();
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < CELLS_AT_ONCE
            && let Some((collector, region)) = work.next()
        {
            let Some(clients) = clients.get(&region) else { continue };
            let cell = Cell {
                number: run.cells.fetch_add(1, Ordering::Relaxed),
                collector,
                account: entered.account.clone(),
                region,
                plan: Arc::clone(&run.plan),
                clients: Arc::clone(clients),
                stop: run.stop.clone(),
                out: run.out.clone(),
                resources_max: run.options.resources_max,
                ledger: Mutex::new(Ledger::default()),
                caller: entered.caller.clone(),
                accounts: run.accounts.clone(),
            };
            under_way.push(collect_cell(Arc::new(cell)));
        }
        if under_way.next().await.is_none() {
            return;
        }
    }
}

async fn collect_cell(cell: Arc<Cell>) {
    let runner =
        RUNNERS.iter().find(|(name, _)| *name == cell.collector.name).map(|(_, runner)| runner);
    let result = match runner {
        // A task of its own, so that a fault of ours in one collector does not take the others along.
        Some(runner) => match tokio::spawn(runner(Arc::clone(&cell))).await {
            Ok(result) => result,
            Err(_) => {
                Err(Failure::plain(Class::Refused, cell.collector.name, "the program failed here"))
            }
        },
        // A test holds both lists against one another.
        None => {
            Err(Failure::plain(Class::Refused, cell.collector.name, "there is no such collector"))
        }
    };
    let ended = Ended {
        number: cell.number,
        collector: cell.collector,
        account: cell.account.clone(),
        region: cell.region.clone(),
        gaps: cell.gaps(result),
    };
    let _ = cell.out.send(Message::Ended(ended)).await;
}

impl Run {
    /// The regions to go through. Those that are switched off are recorded; so is that they could not be listed.
    async fn regions(&self, entered: &Entered) -> Vec<Region> {
        if !self.options.regions.is_empty() {
            return self.options.regions.clone();
        }
        if self.plan.collectors(Scope::Regional).next().is_none() {
            return Vec::new();
        }
        let listing = self.session.regions(entered);
        let listed = tokio::select! {
            biased;
            reason = self.stop.wait() => Err(Failure::plain(Class::Cancelled, "ec2:DescribeRegions", reason)),
            listed = listing => listed,
        };
        match listed {
            Ok(list) => {
                let off = Failure::plain(
                    Class::Disabled,
                    "ec2:DescribeRegions",
                    "the region is not enabled",
                );
                for (region, _) in list.iter().filter(|(_, enabled)| !enabled) {
                    self.refuse_region(&entered.account, region, &off).await;
                }
                list.into_iter().filter(|(_, enabled)| *enabled).map(|(region, _)| region).collect()
            }
            Err(mut failure) => {
                // An account that may not use EC2 may still have things of other services.
                if failure.class == Class::Disabled {
                    failure.class = Class::Refused;
                }
                let home = self.session.home();
                for region in self.session.default_regions().iter().filter(|region| *region != home)
                {
                    self.refuse_region(&entered.account, region, &failure).await;
                }
                vec![home.clone()]
            }
        }
    }

    /// Records that nothing of an account could be read.
    async fn refuse(&self, account: &AccountId, regions: &[Region], failure: &Failure) {
        let event = Event::AccountRefused { account: account.clone(), reason: failure.to_string() };
        let _ = self.out.send(Message::Progress(event)).await;
        // The management account may be the one that cannot be entered: the members say that nothing of the organization
        // is theirs, and without a word of it here that would be the last one.
        for scope in [Scope::Global, Scope::Organization] {
            self.refuse_types(account, &Region::global(), scope, failure).await;
        }
        for region in regions {
            self.refuse_region(account, region, failure).await;
        }
    }

    async fn refuse_region(&self, account: &AccountId, region: &Region, failure: &Failure) {
        self.refuse_types(account, region, Scope::Regional, failure).await;
    }

    async fn refuse_types(
        &self,
        account: &AccountId,
        region: &Region,
        scope: Scope,
        failure: &Failure,
    ) {
        for kind in self.plan.types() {
            if kind_named(kind).is_some_and(|kind| kind.scope == scope) {
                let entry = entry(
                    account,
                    region,
                    kind,
                    failure.completeness(),
                    Some(failure.to_string()),
                    0,
                );
                let _ = self.out.send(Message::Coverage(entry)).await;
            }
        }
    }
}
