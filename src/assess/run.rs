//! The two passes over a snapshot.
//!
//! The first keeps what others are judged beside and holds the file against its digest; what it keeps is judged where
//! it is. The second judges the rest, each resource in its own time, and drops it. Memory holds one batch and the kept
//! types, never an inventory.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::judge::{Judge, Partial};
use super::plan::Plan;
use super::result::{Assessment, InventorySummary};
use crate::analyze::{self, Context, Gathering, Overview};
use crate::model::snapshot::{Entry, Header, Reader, SnapshotError};
use crate::model::{Coverage, Index, Origin, Resource};

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
    let mut total = judge.partial();
    let at_hand: Vec<Partial> = first
        .index
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
    for partial in at_hand {
        total.add(partial);
    }
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
    let mut index = Index::build(resources, coverage, &plan.relations());
    let overview =
        gathering.finish(&Context::new(&index, plan.environments, plan.now), &plan.declared);
    analyze::derive_all(&mut index, plan.environments, plan.now, &overview);
    Ok(FirstPass { index, overview, kept, summary })
}

fn summary(path: &str, reader: &Reader<'_>, coverage: &Coverage) -> InventorySummary {
    let Header { created, scope, .. } = reader.header().clone();
    let mut regions: Vec<_> = coverage
        .entries()
        .map(|e| &e.region)
        .filter(|region| !region.is_global())
        .cloned()
        .collect();
    regions.sort();
    regions.dedup();
    InventorySummary {
        path: path.to_owned(),
        sha256: reader.digest().unwrap_or_default().to_owned(),
        created,
        scope,
        resources: reader.by_type().values().sum(),
        by_type: reader.by_type().clone(),
        accounts: coverage.accounts(),
        regions,
    }
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
    let resource = Resource::parse(text).and_then(|resource| match resource.meta.origin {
        // Cases of checks may state their own facts; an inventory that could would judge itself.
        Origin::Case => Err("a resource of origin `case` is no evidence".to_owned()),
        _ => Ok(resource),
    });
    resource.map_err(|why| SnapshotError::Line { path: path.to_owned(), line, why })
}
