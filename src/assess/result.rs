//! What an assessment says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::finding::{Finding, Severity, Tally};
use crate::ident::{AccountId, Region};
use crate::model::CoverageEntry;

/// The outcomes of a suite over an inventory. Every report is a function of this and of the posture beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The clock of the run.
    pub at: Time,
    /// What wrote it, with its version.
    pub tool: String,
    /// What was assessed.
    pub inventory: InventorySummary,
    /// How completely everything was collected, by account, region and type.
    pub coverage: Vec<CoverageEntry>,
    /// Every selected check, by id, those that found nothing included.
    pub checks: Vec<CheckResult>,
    /// Every fail, unknown and waived fail, worst first.
    pub findings: Vec<Finding>,
    /// Every waiver, and what became of it.
    pub waivers: Vec<WaiverUse>,
}

/// What was assessed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventorySummary {
    /// Where it was read from, as given.
    pub path: String,
    /// The digest in its trailer.
    pub sha256: String,
    /// When its collection began.
    pub created: Time,
    /// What was asked for when it was collected.
    pub scope: Vec<String>,
    /// How many resources it holds.
    pub resources: u64,
    /// How many of each type.
    pub by_type: BTreeMap<String, u64>,
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// The regions, `global` left out.
    pub regions: Vec<Region>,
}

/// What one check says of the whole inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckResult {
    /// The check's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The severity in force, after overlays.
    pub severity: Severity,
    /// The resource type it judges.
    #[serde(rename = "resource")]
    pub kind: String,
    /// How many resources had each outcome.
    pub tally: Tally,
    /// The same for each account.
    pub by_account: BTreeMap<AccountId, Tally>,
    /// The parameters it ran with, and where each came from.
    pub params: BTreeMap<String, ParamUse>,
    /// The cells of the inventory in which it could conclude nothing.
    pub undetermined: Vec<Undetermined>,
}

/// A parameter's value, and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParamUse {
    /// The value.
    pub value: serde_json::Value,
    /// `default`, or the framework or overlay that set it, with the scope where it holds.
    pub origin: String,
}

/// A cell of the inventory in which a check could conclude nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undetermined {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// Why: the call and its error.
    pub cause: String,
}

/// A waiver, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverUse {
    /// The waiver's id.
    pub id: String,
    /// Its owner.
    pub owner: String,
    /// Who approved it.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// The checks it covers.
    pub checks: Vec<String>,
    /// The last day on which it holds.
    #[schemars(with = "String")]
    pub until: jiff::civil::Date,
    /// `in force`, `lapsed`, `not yet in force`, `refused`.
    pub state: String,
    /// How many findings it accepts; 0 for a waiver in force means that it is stale.
    pub matched: u64,
    /// What else is to be said, such as why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl WaiverUse {
    /// What became of a waiver that accepts `matched` findings.
    pub fn of(waiver: &crate::waiver::Waiver, matched: u64) -> Self {
        use crate::waiver::WaiverState;
        let note = match &waiver.state {
            WaiverState::Refused(why) => Some(why.clone()),
            WaiverState::InForce | WaiverState::Lapsed | WaiverState::NotYetInForce => None,
        };
        Self {
            id: waiver.id.clone(),
            owner: waiver.owner.clone(),
            approver: waiver.approved_by.clone(),
            reason: waiver.reason.clone(),
            checks: waiver.checks.clone(),
            until: waiver.until,
            state: waiver.state.words().to_owned(),
            matched,
            note,
        }
    }
}
