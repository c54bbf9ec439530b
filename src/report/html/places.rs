//! Where the evidence is complete and where it is not: account × region × service.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::text::{clean, count};
use crate::ident::{AccountId, Region};
use crate::model::{Completeness, CoverageEntry};

/// Beyond so many lines the matrix has one line for each account instead of one for each region.
const LINES_MAX: usize = 300;
/// So many gaps are listed.
const GAPS_MAX: usize = 500;

/// How completely each service was collected in each place.
#[derive(Serialize)]
pub(super) struct Matrix {
    services: Vec<String>,
    by_region: bool,
    lines: Vec<Line>,
    complete: String,
    cells: String,
    resources: String,
}

#[derive(Serialize)]
struct Line {
    account: String,
    region: String,
    cells: Vec<Cell>,
}

#[derive(Serialize, Default)]
struct Cell {
    /// `complete`, `partial`, `missing` or `none`.
    class: &'static str,
    /// The worst status among its types.
    words: &'static str,
    /// Types collected completely, of the types it stands for.
    complete: String,
    of: String,
    resources: String,
}

/// A type that was not collected completely somewhere.
#[derive(Serialize)]
pub(super) struct Gap {
    account: String,
    region: String,
    kind: String,
    status: &'static str,
    reason: String,
    count: String,
}

#[derive(Default)]
struct Sum {
    complete: u64,
    of: u64,
    resources: u64,
    worst: Option<Completeness>,
}

impl Sum {
    fn add(&mut self, entry: &CoverageEntry) {
        self.of += 1;
        self.complete += u64::from(entry.status.is_conclusive());
        self.resources += entry.count;
        self.worst = self.worst.max(Some(entry.status));
    }

    fn cell(&self) -> Cell {
        let Some(worst) = self.worst else { return Cell { class: "none", ..Cell::default() } };
        Cell {
            class: match worst {
                Completeness::Complete => "complete",
                Completeness::Disabled => "disabled",
                _ if self.complete > 0 || worst == Completeness::Partial => "partial",
                _ => "missing",
            },
            words: worst.words(),
            complete: count(self.complete),
            of: count(self.of),
            resources: count(self.resources),
        }
    }
}

/// Sums the coverage up.
pub(super) fn matrix(coverage: &[CoverageEntry]) -> Matrix {
    let places: BTreeSet<_> = coverage.iter().map(|e| (&e.account, &e.region)).collect();
    let by_region = places.len() <= LINES_MAX;
    let services: BTreeSet<_> = coverage.iter().map(service).collect();
    let mut sums: BTreeMap<(&AccountId, Option<&Region>), BTreeMap<&str, Sum>> = BTreeMap::new();
    let mut total = Sum::default();
    for entry in coverage {
        let place = (&entry.account, by_region.then_some(&entry.region));
        sums.entry(place).or_default().entry(service(entry)).or_default().add(entry);
        total.add(entry);
    }
    Matrix {
        lines: sums
            .iter()
            .map(|((account, region), line)| Line {
                account: account.to_string(),
                region: region.map(ToString::to_string).unwrap_or_default(),
                cells: services
                    .iter()
                    .map(|service| line.get(service).unwrap_or(&Sum::default()).cell())
                    .collect(),
            })
            .collect(),
        services: services.iter().map(|service| clean(service).into_owned()).collect(),
        by_region,
        complete: count(total.complete),
        cells: count(total.of),
        resources: count(total.resources),
    }
}

/// What was not collected completely, and how much more there is than is listed.
pub(super) fn gaps(coverage: &[CoverageEntry]) -> (Vec<Gap>, usize) {
    let gaps: Vec<_> = coverage.iter().filter(|entry| !entry.status.is_conclusive()).collect();
    let list = gaps.iter().take(GAPS_MAX).map(|entry| Gap {
        account: entry.account.to_string(),
        region: entry.region.to_string(),
        kind: clean(&entry.kind).into_owned(),
        status: entry.status.words(),
        reason: clean(entry.reason.as_deref().unwrap_or("no reason given")).into_owned(),
        count: count(entry.count),
    });
    (list.collect(), gaps.len().saturating_sub(GAPS_MAX))
}

/// `ec2` of `aws.ec2.vpc`.
fn service(entry: &CoverageEntry) -> &str {
    entry.kind.split('.').nth(1).unwrap_or(&entry.kind)
}
