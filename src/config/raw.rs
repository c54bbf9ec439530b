//! `portcullis.yaml` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::finding::Severity;
use crate::yaml::Spanned;

/// What is assessed, by what, and where the results go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Config")]
pub(super) struct RawConfig {
    /// The version of the format: 1.
    pub version: Spanned<u32>,
    /// The organisation or project, for the titles of reports.
    #[serde(default)]
    pub title: Option<String>,
    /// The clock of every run: a date or an RFC 3339 time. Now when left out.
    #[serde(default)]
    pub at: Option<Spanned<String>>,
    /// The snapshot to assess.
    #[serde(default)]
    pub inventory: Option<String>,
    /// Where inventories are collected from.
    #[serde(default)]
    pub sources: Option<RawSources>,
    /// The environments that are kept apart, such as production and development.
    #[serde(default)]
    pub environments: Vec<RawEnvironment>,
    /// Named ranges of addresses outside of AWS, such as offices and partners. Reports tell what they reach.
    #[serde(default)]
    pub outside: Vec<RawOutside>,
    /// What may pass between environments, or in from outside. Everything else is a breach of isolation.
    #[serde(default)]
    pub flows: Vec<RawFlow>,
    /// Which checks run.
    #[serde(default)]
    pub checks: Option<RawChecks>,
    /// Built-in ids or files of frameworks; the baseline and the readiness checklist when left out.
    #[serde(default)]
    pub frameworks: Option<Vec<String>>,
    /// Files of overlays, applied in order.
    #[serde(default)]
    pub overlays: Vec<String>,
    /// Folders or files of attestations and exercise records.
    #[serde(default)]
    pub attestations: Vec<String>,
    /// Files of waivers.
    #[serde(default)]
    pub waivers: Vec<String>,
    /// Where reports are written.
    #[serde(default)]
    pub outputs: Option<RawOutputs>,
    /// The least severity whose failure makes the exit code 1; `high` when left out.
    #[serde(default)]
    pub fail_on: Option<Severity>,
    /// The share of evaluations that may be unknown before the exit code is 3, in percent; 0 when left out.
    #[serde(default)]
    pub allow_unknown: Option<Spanned<f64>>,
    /// The least coverage of every framework by evidence before the exit code is 3, in percent; 95 when left out.
    #[serde(default)]
    pub min_coverage: Option<Spanned<f64>>,
}

/// Where inventories are collected from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Sources")]
pub(super) struct RawSources {
    /// Live AWS.
    #[serde(default)]
    pub aws: Option<RawAws>,
}

/// Live AWS.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Aws")]
pub(super) struct RawAws {
    /// A profile of the AWS configuration files.
    #[serde(default)]
    pub profile: Option<String>,
    /// The regions; all enabled ones when left out.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Every account of the organisation.
    #[serde(default)]
    pub organization: Option<RawOrganization>,
}

/// Every account of the organisation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Organization")]
pub(super) struct RawOrganization {
    /// The role to assume in each account.
    pub role: String,
    /// The external id its trust policy demands.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Only these accounts.
    #[serde(default)]
    pub include_accounts: Vec<String>,
    /// Not these accounts.
    #[serde(default)]
    pub exclude_accounts: Vec<String>,
    /// Only accounts below these organizational units.
    #[serde(default)]
    pub include_units: Vec<String>,
    /// Not accounts below these organizational units.
    #[serde(default)]
    pub exclude_units: Vec<String>,
}

/// An environment: what any of its lines names belongs to it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Environment")]
pub(super) struct RawEnvironment {
    /// Its name.
    pub name: Spanned<String>,
    /// Account ids.
    #[serde(default)]
    pub accounts: Vec<Spanned<String>>,
    /// VPC ids.
    #[serde(default)]
    pub vpcs: Vec<String>,
    /// Organizational units, by id or path such as `Workloads/Production`.
    #[serde(default)]
    pub organizational_units: Vec<String>,
    /// Tags, any of which is enough to belong to it.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Single resources, by id or ARN.
    #[serde(default)]
    pub resources: Vec<String>,
}

/// A named range of addresses outside of AWS.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Outside")]
pub(super) struct RawOutside {
    /// Its name, which no environment may have.
    pub name: Spanned<String>,
    /// IPv4 and IPv6 prefixes, such as `198.51.100.0/24`.
    pub cidrs: Vec<Spanned<String>>,
}

/// Traffic that may pass from one party to another.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Flow")]
pub(super) struct RawFlow {
    /// Who may begin: an environment, a name under `outside`, `internet`, or `any`.
    pub from: Spanned<String>,
    /// Whom they may reach: an environment, a name under `outside`, `internet`, or `any`.
    pub to: Spanned<String>,
    /// With which packets: `tcp/443`, `tcp/8000-8999`, `udp/53`, `icmp`, a protocol's number, `all`.
    pub traffic: Vec<Spanned<String>>,
    /// The ids of things of which it has to pass one: a peering, a transit gateway, an attachment, an endpoint
    /// service, a load balancer. It may pass anything when left out.
    #[serde(default)]
    pub via: Vec<String>,
    /// Why it is there.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Which checks run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Checks")]
pub(super) struct RawChecks {
    /// Patterns of ids to take; all when left out.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of ids to leave out.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// The least severity.
    #[serde(default)]
    pub min_severity: Option<Severity>,
    /// Folders of further checks.
    #[serde(default)]
    pub dirs: Vec<String>,
}

/// Where reports are written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Outputs")]
pub(super) struct RawOutputs {
    /// One offline HTML file.
    #[serde(default)]
    pub html: Option<String>,
    /// JSON.
    #[serde(default)]
    pub json: Option<String>,
    /// Markdown.
    #[serde(default)]
    pub markdown: Option<String>,
    /// Findings as CSV.
    #[serde(default)]
    pub csv: Option<String>,
}

/// The JSON Schema of `portcullis.yaml`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RawConfig).to_value()
}
