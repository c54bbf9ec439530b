//! The two passes over a snapshot.
//!
//! The first keeps what others are judged beside and holds the file against its digest; what it keeps is judged where
//! it is. The second judges the rest, each resource in its own time, and drops it. Memory holds one batch and the kept
//! types, never an inventory.
//!
//! What is in memory already, as the two sides of a change are, is assessed in the same way without being read.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::judge::{Judge, Partial};
use super::plan::Plan;
use super::quiet::Quiet;
use super::result::{Assessment, InventorySummary};
use crate::analyze::{self, Context, Gathering, Needs, Overview};
use crate::ident::Region;
use crate::model::snapshot::{Entry, Header, Reader, SnapshotError};
use crate::model::{Cause, Coverage, Index, Resource};

/// Lines that are parsed and judged at a time: enough to keep all cores busy, little enough to bound memory.
const BATCH_LINES: usize = 8192;
/// Bytes after which a batch is full, whatever its lines.
const BATCH_BYTES: usize = 16 << 20;
/// Resources that one core takes at a time.
const CHUNK: usize = 64;

/// Why an inventory could not be assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The snapshot cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// It changed between the two passes.
    #[error("{0} changed while it was read; assess it again when nobody writes it")]
    Changed(String),
}

/// An inventory in memory.
#[derive(Debug)]
pub struct Inventory<'i> {
    /// What to call it, and when and how it was collected; counts are filled in.
    pub summary: InventorySummary,
    /// The resources. Those of origin `case` are no evidence and must not be here.
    pub resources: Vec<Resource>,
    /// The coverage.
    pub coverage: Coverage,
    /// Why nobody can say whether some resources will exist, by their identities in words: whatever passes or fails on
    /// them is unknown.
    pub doubted: &'i BTreeMap<String, Cause>,
}

/// Assesses a snapshot. `open` is called twice and must give the same content; `path` is for messages and reports.
///
/// # Errors
/// When the snapshot cannot be read. Nothing that was judged is reported then: a damaged file is no evidence.
pub fn assess<'r>(
    plan: &Plan<'_>,
    path: &str,
    open: impl Fn() -> Result<Reader<'r>, SnapshotError>,
) -> Result<Assessment, AssessError> {
    let first = first_pass(plan, path, open()?)?;
    let judge = Judge::new(plan, &first.index, &first.overview);
    let mut total = judge_at_hand(&judge, &first.index);
    let is_left = |kind: &str| judge.judges(kind) && !first.kept.contains(kind);
    if first.summary.by_type.keys().any(|kind| is_left(kind)) {
        let mut reader = open()?;
        second_pass(&judge, path, &mut reader, is_left, &mut total)?;
        if reader.digest() != Some(first.summary.sha256.as_str()) {
            return Err(AssessError::Changed(path.to_owned()));
        }
    }
    Ok(judge.finish(total, first.summary))
}

/// Assesses an inventory in memory, and tells what no finding does.
pub fn assess_in_memory(plan: &Plan<'_>, inventory: Inventory<'_>) -> (Assessment, Quiet) {
    let (assessment, quiet, _) = beside(plan, inventory, Overview::default());
    (assessment, quiet)
}

/// Assesses two inventories that differ in resources of some types only and have the same coverage. What a look at
/// everything at once finds on none of these types is found once.
pub fn assess_both(
    plan: &Plan<'_>,
    before: Inventory<'_>,
    after: Inventory<'_>,
    differs: &BTreeSet<&'static str>,
) -> [(Assessment, Quiet); 2] {
    let (assessment, quiet, mut overview) = beside(plan, before, Overview::default());
    let rests = |needs: Needs| !needs.rests_on(plan.environments).is_disjoint(differs);
    if rests(Needs { paths: true, ..Needs::default() }) {
        overview.paths = None;
    }
    if rests(Needs { privileges: true, ..Needs::default() }) {
        overview.privileges = None;
    }
    let (other, other_quiet, _) = beside(plan, after, overview);
    [(assessment, quiet), (other, other_quiet)]
}

/// Assesses an inventory of which something is found already.
fn beside(
    plan: &Plan<'_>,
    inventory: Inventory<'_>,
    found: Overview,
) -> (Assessment, Quiet, Overview) {
    let Inventory { mut summary, resources, coverage, doubted } = inventory;
    summary.resources = resources.len() as u64;
    for resource in &resources {
        match summary.by_type.get_mut(resource.kind().name) {
            Some(count) => *count += 1,
            None => {
                summary.by_type.insert(resource.kind().name.to_owned(), 1);
            }
        }
    }
    let kept = plan.kept_kinds();
    let have = Needs {
        paths: found.paths.is_some(),
        privileges: found.privileges.is_some(),
        escalations: found.privileges.is_some(),
    };
    let needs = plan.needs().without(have);
    let looked_at = needs.kinds();
    let mut gathering = Gathering::new(needs, plan.environments);
    for resource in resources.iter().filter(|r| looked_at.contains(r.kind().name)) {
        gathering.add(resource);
    }
    let (at_hand, others): (Vec<Resource>, Vec<Resource>) =
        resources.into_iter().partition(|resource| kept.contains(resource.kind().name));
    summary.accounts = coverage.accounts();
    summary.regions = regions(&coverage);
    let (index, overview) = look(plan, at_hand, coverage, gathering, found);
    let judge = Judge::new(plan, &index, &overview).doubting(doubted).noting();
    let mut total = judge_at_hand(&judge, &index);
    let mut left: Vec<Option<Resource>> = others
        .into_iter()
        .filter(|resource| judge.judges(resource.kind().name))
        .map(Some)
        .collect();
    let parts: Vec<Partial> = left
        .par_chunks_mut(CHUNK)
        .map(|resources| {
            let mut partial = judge.partial();
            for resource in resources.iter_mut().filter_map(Option::take) {
                judge.resource(resource, &mut partial);
            }
            partial
        })
        .collect();
    for part in parts {
        total.add(part);
    }
    let quiet = std::mem::take(&mut total.quiet);
    let assessment = judge.finish(total, summary);
    (assessment, quiet, overview)
}

/// Judges what is kept at hand, where it is.
fn judge_at_hand(judge: &Judge<'_>, index: &Index) -> Partial {
    let parts: Vec<Partial> = index
        .resources()
        .par_chunks(CHUNK)
        .map(|resources| {
            let mut partial = judge.partial();
            for resource in resources {
                judge.derived(resource, &mut partial);
            }
            partial
        })
        .collect();
    let mut total = judge.partial();
    for part in parts {
        total.add(part);
    }
    total
}

/// Indexes what is kept at hand, looks at everything at once, and derives the facts.
fn look(
    plan: &Plan<'_>,
    at_hand: Vec<Resource>,
    coverage: Coverage,
    gathering: Gathering<'_>,
    found: Overview,
) -> (Index, Overview) {
    let mut index = Index::build(at_hand, coverage, &plan.relations());
    let mut overview =
        gathering.finish(&Context::new(&index, plan.environments, plan.now), &plan.declared);
    overview.paths = overview.paths.or(found.paths);
    overview.privileges = overview.privileges.or(found.privileges);
    analyze::derive_all(&mut index, plan.environments, plan.now, &overview);
    (index, overview)
}

fn second_pass(
    judge: &Judge<'_>,
    path: &str,
    reader: &mut Reader<'_>,
    is_left: impl Fn(&str) -> bool,
    total: &mut Partial,
) -> Result<(), SnapshotError> {
    loop {
        let (batch, ended) = next_batch(reader, &is_left)?;
        let parts: Vec<Result<Partial, SnapshotError>> = batch
            .par_chunks(CHUNK)
            .map(|lines| {
                let mut partial = judge.partial();
                for (text, line) in lines {
                    judge.resource(parse(path, text, *line)?, &mut partial);
                }
                Ok(partial)
            })
            .collect();
        for part in parts {
            total.add(part?);
        }
        if ended {
            return Ok(());
        }
    }
}

struct FirstPass {
    index: Index,
    overview: Overview,
    kept: BTreeSet<&'static str>,
    summary: InventorySummary,
}

fn first_pass(
    plan: &Plan<'_>,
    path: &str,
    mut reader: Reader<'_>,
) -> Result<FirstPass, SnapshotError> {
    let kept = plan.kept_kinds();
    // Network and privileges are made of many types of which nothing else is kept.
    let needs = plan.needs();
    let looked_at = needs.kinds();
    let mut gathering = Gathering::new(needs, plan.environments);
    let mut resources = Vec::new();
    let mut waiting: Vec<(String, u64)> = Vec::new();
    let mut take = |waiting: &mut Vec<(String, u64)>| -> Result<(), SnapshotError> {
        let parsed: Result<Vec<Resource>, _> =
            waiting.par_iter().map(|(text, line)| parse(path, text, *line)).collect();
        for resource in parsed? {
            gathering.add(&resource);
            if kept.contains(resource.kind().name) {
                resources.push(resource);
            }
        }
        waiting.clear();
        Ok(())
    };
    let wanted = |kind: &str| kept.contains(kind) || looked_at.contains(kind);
    let coverage = reader.scan(wanted, |text, line| {
        waiting.push((text, line));
        if waiting.len() >= BATCH_LINES { take(&mut waiting) } else { Ok(()) }
    })?;
    take(&mut waiting)?;
    let summary = summary(path, &reader, &coverage);
    let (index, overview) = look(plan, resources, coverage, gathering, Overview::default());
    Ok(FirstPass { index, overview, kept, summary })
}

fn summary(path: &str, reader: &Reader<'_>, coverage: &Coverage) -> InventorySummary {
    let Header { created, scope, .. } = reader.header().clone();
    InventorySummary {
        path: path.to_owned(),
        sha256: reader.digest().unwrap_or_default().to_owned(),
        created,
        scope,
        resources: reader.by_type().values().sum(),
        by_type: reader.by_type().clone(),
        accounts: coverage.accounts(),
        regions: regions(coverage),
    }
}

fn regions(coverage: &Coverage) -> Vec<Region> {
    let mut regions: Vec<_> = coverage
        .entries()
        .map(|e| &e.region)
        .filter(|region| !region.is_global())
        .cloned()
        .collect();
    regions.sort();
    regions.dedup();
    regions
}

/// The next lines that are left to judge, and whether they were the last.
fn next_batch(
    reader: &mut Reader<'_>,
    is_left: impl Fn(&str) -> bool,
) -> Result<(Vec<(String, u64)>, bool), SnapshotError> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while batch.len() < BATCH_LINES && bytes < BATCH_BYTES {
        match reader.next_entry()? {
            None => return Ok((batch, true)),
            Some(Entry::Resource(text, line)) if is_left(Entry::kind_of(&text)) => {
                bytes += text.len();
                batch.push((text, line));
            }
            Some(_) => {}
        }
    }
    Ok((batch, false))
}

fn parse(path: &str, text: &str, line: u64) -> Result<Resource, SnapshotError> {
    Resource::parse_evidence(text).map_err(|why| SnapshotError::Line {
        path: path.to_owned(),
        line,
        why,
    })
}
