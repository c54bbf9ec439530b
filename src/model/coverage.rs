//! What was looked at, and how completely: the only ground on which absence may be concluded.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attr::{Cause, CauseKind};
use crate::ident::{AccountId, Region};

/// How completely one cell was collected.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Everything there is was read.
    Complete,
    /// The service or region is switched off, so that nothing can be there.
    Disabled,
    /// Some was read, and some is missing.
    Partial,
    /// The call was denied.
    Denied,
    /// The call failed, timed out or was throttled for good.
    Failed,
    /// Nobody asked.
    NotCollected,
}

impl Completeness {
    /// Whether absence may be concluded.
    pub fn is_conclusive(self) -> bool {
        matches!(self, Self::Complete | Self::Disabled)
    }

    /// The words people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Disabled => "disabled",
            Self::Partial => "partial",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::NotCollected => "not collected",
        }
    }
}

/// What was collected of one resource type in one account and region, by one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageEntry {
    /// `aws`, `aws_json`, `terraform` …
    pub source: String,
    /// The account.
    pub account: AccountId,
    /// The region; `global` for services without regions.
    pub region: Region,
    /// The resource type, such as `aws.ec2.vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How completely.
    pub status: Completeness,
    /// Why it is not complete: the call and its error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many resources were read.
    pub count: u64,
}

/// The coverage of an inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    cells: BTreeMap<(AccountId, Region, String), CoverageEntry>,
    /// The places that appear: they are asked for much more often than there are cells.
    places: BTreeMap<AccountId, BTreeSet<Region>>,
    /// Why a plan may bring more of a type than it states; see [`Coverage::leave_open`].
    open: BTreeMap<String, Cause>,
}

impl Coverage {
    /// Adds an entry. Where a cell has one already, the worse status stands and the counts add up: two sources that
    /// each saw a part did not see the whole unless both say so.
    pub fn add(&mut self, entry: CoverageEntry) {
        let key = (entry.account.clone(), entry.region.clone(), entry.kind.clone());
        let regions = self.places.entry(entry.account.clone()).or_default();
        if !regions.contains(&entry.region) {
            regions.insert(entry.region.clone());
        }
        match self.cells.get_mut(&key) {
            None => {
                self.cells.insert(key, entry);
            }
            Some(have) => {
                have.count += entry.count;
                if entry.status > have.status {
                    have.status = entry.status;
                    have.reason = entry.reason;
                }
            }
        }
    }

    /// All entries, by account, region and type.
    pub fn entries(&self) -> impl Iterator<Item = &CoverageEntry> {
        self.cells.values()
    }

    /// Says that a plan brings more of a type than it states: services make interfaces of their own for what is planned.
    /// Nothing is concluded then from the absence of relations to things that do not exist yet.
    pub fn leave_open(&mut self, kind: &str, cause: Cause) {
        self.open.insert(kind.to_owned(), cause);
    }

    /// Why a thing that does not exist yet may have more to do with a type than is stated. Nothing outside of the plan
    /// can name it, so that no cell matters.
    pub fn planned_gap(&self, kind: &str) -> Option<&Cause> {
        self.open.get(kind)
    }

    /// Whether there are no entries at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The entry of a cell.
    pub fn entry(
        &self,
        account: &AccountId,
        region: &Region,
        kind: &str,
    ) -> Option<&CoverageEntry> {
        // A borrowed tuple key would need a wrapper type; the two clones are reference counts.
        self.cells.get(&(account.clone(), region.clone(), kind.to_owned()))
    }

    /// Why absence may not be concluded for a cell; nothing when it may.
    pub fn gap(&self, account: &AccountId, region: &Region, kind: &str) -> Option<Cause> {
        match self.entry(account, region, kind) {
            None => {
                Some(Cause::new(CauseKind::NotCollected, format!("{kind} in {account} {region}")))
            }
            Some(entry) if entry.status.is_conclusive() => None,
            Some(entry) => Some(entry.cause()),
        }
    }

    /// Why absence may not be concluded for a type that one account holds for all; nothing when some account's reading
    /// of it was complete, or when all say that there is no organization. One account without an organization says
    /// nothing about that of another, which could not be read.
    pub fn organization_gap(&self, kind: &str) -> Option<Cause> {
        let mut gap = None;
        let mut disabled = false;
        for entry in self.cells.values().filter(|entry| entry.kind == kind) {
            match entry.status {
                Completeness::Complete => return None,
                Completeness::Disabled => disabled = true,
                _ => gap = Some(entry.cause()),
            }
        }
        gap.or_else(|| (!disabled).then(|| Cause::new(CauseKind::NotCollected, kind)))
    }

    /// The accounts that appear.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.places.keys().cloned().collect()
    }

    /// The regions that appear in an account, without `global`.
    pub fn regions(&self, account: &AccountId) -> Vec<Region> {
        let regions = self.places.get(account).into_iter().flatten();
        regions.filter(|region| !region.is_global()).cloned().collect()
    }
}

impl CoverageEntry {
    /// The reason of a gap, as a cause.
    pub fn cause(&self) -> Cause {
        let kind = match self.status {
            Completeness::Denied => CauseKind::Denied,
            // A plan that tells of a part did what it could.
            Completeness::Partial if ["terraform", "cloudformation"].contains(&&*self.source) => {
                CauseKind::NotCollected
            }
            Completeness::Failed | Completeness::Partial => CauseKind::Failed,
            _ => CauseKind::NotCollected,
        };
        let place = format!("{} in {} {}", self.kind, self.account, self.region);
        match &self.reason {
            Some(reason) => Cause::new(kind, format!("{place}: {reason}")),
            None => Cause::new(kind, place),
        }
    }
}

impl FromIterator<CoverageEntry> for Coverage {
    fn from_iter<T: IntoIterator<Item = CoverageEntry>>(entries: T) -> Self {
        let mut coverage = Self::default();
        entries.into_iter().for_each(|entry| coverage.add(entry));
        coverage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(status: Completeness) -> CoverageEntry {
        CoverageEntry {
            source: "aws".to_owned(),
            account: AccountId::new("111122223333").unwrap(),
            region: Region::new("eu-west-1").unwrap(),
            kind: "aws.ec2.vpc".to_owned(),
            status,
            reason: None,
            count: 1,
        }
    }

    #[test]
    fn the_worse_of_two_sources_stands() {
        let e = entry(Completeness::Complete);
        let coverage: Coverage = [e.clone(), entry(Completeness::Denied)].into_iter().collect();
        assert_eq!(coverage.gap(&e.account, &e.region, &e.kind).unwrap().kind, CauseKind::Denied);
        assert_eq!(coverage.entry(&e.account, &e.region, &e.kind).unwrap().count, 2);
    }

    #[test]
    fn one_account_without_an_organization_does_not_speak_for_another() {
        let of = |account: &str, status| CoverageEntry {
            account: AccountId::new(account).unwrap(),
            region: Region::global(),
            ..entry(status)
        };
        let gap = |list: &[CoverageEntry]| {
            list.iter().cloned().collect::<Coverage>().organization_gap("aws.ec2.vpc")
        };
        let (off, denied, all) = (
            of("111122223333", Completeness::Disabled),
            of("444455556666", Completeness::Denied),
            of("777788889999", Completeness::Complete),
        );
        assert_eq!(gap(&[off.clone(), denied.clone()]).unwrap().kind, CauseKind::Denied);
        assert!(gap(&[off.clone(), denied, all]).is_none());
        assert!(gap(&[off]).is_none());
        assert!(gap(&[]).is_some());
    }

    #[test]
    fn silence_is_a_gap() {
        let e = entry(Completeness::Complete);
        let gap = Coverage::default().gap(&e.account, &e.region, &e.kind).unwrap();
        assert_eq!(gap.kind, CauseKind::NotCollected);
    }
}
