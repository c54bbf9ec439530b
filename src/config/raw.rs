//! `portcullis.yaml` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::gate::RawGate;
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
    /// Accounts of one's own that neither the inventory holds nor its organization lists.
    #[serde(default)]
    pub own_accounts: Vec<RawOwnAccount>,
    /// Suppliers that roles may trust. Vendors that are publicly known need no vouching.
    #[serde(default)]
    pub partners: Vec<RawPartner>,
    /// The roster of people, and how users are matched to it.
    #[serde(default)]
    pub people: Option<RawPeople>,
    /// Who alone may do something in effect. Whoever else can is a finding.
    #[serde(default)]
    pub capabilities: Vec<RawCapability>,
    /// Pairs of duties that nobody may do both of.
    #[serde(default)]
    pub duties: Vec<RawDuty>,
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
    /// What the pre-deployment gate compares with, and what closes it.
    #[serde(default)]
    pub gate: Option<RawGate>,
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

/// An account of one's own that the inventory does not know.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OwnAccount")]
pub(super) struct RawOwnAccount {
    /// Its name.
    pub name: Spanned<String>,
    /// Its id.
    pub account: Spanned<String>,
}

/// A supplier that roles may trust.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Partner")]
pub(super) struct RawPartner {
    /// Its name.
    pub name: Spanned<String>,
    /// The ids of its accounts.
    pub accounts: Vec<Spanned<String>>,
    /// Whether roles must demand an external id of it; they must when left out. One that acts for a single customer needs
    /// none.
    #[serde(default = "demanded")]
    pub external_id: bool,
}

fn demanded() -> bool {
    true
}

/// The roster of people.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "People")]
pub(super) struct RawPeople {
    /// The file, CSV or JSON: one person a line, with `person` and `status`, and where wanted `role`, `user_names`,
    /// `email`, `accounts`, `starts` and `left`.
    pub roster: String,
    /// What makes a user a person's: `user_name` (its name is a user name or the id of the person), `email` (its name is
    /// the address), `tag:KEY` (the tag holds any of these). `user_name` and `email` when left out.
    #[serde(default, rename = "match")]
    pub match_by: Option<Vec<Spanned<String>>>,
    /// Patterns of user names that are no person's: programs, emergency access.
    #[serde(default)]
    pub services: Vec<String>,
    /// What people may hold, by their role. Nothing is said about that when left out.
    #[serde(default)]
    pub roles: Vec<RawJobRole>,
}

/// What people of a role may hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "JobRole")]
pub(super) struct RawJobRole {
    /// The role, as the roster writes it.
    pub role: Spanned<String>,
    /// Patterns of groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Patterns of names of policies attached to or written into the user itself.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Patterns of names of permission sets of Identity Center.
    #[serde(default)]
    pub permission_sets: Vec<String>,
    /// Accounts; all when left out.
    #[serde(default)]
    pub accounts: Vec<Spanned<String>>,
}

/// Who alone may do something in effect.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Capability")]
pub(super) struct RawCapability {
    /// Its name.
    pub id: Spanned<String>,
    /// Who may: patterns of names (`deploy-*`), of `role/path/name` or `user/path/name`, or of ARNs. Nobody when empty.
    pub only: Vec<Spanned<String>>,
    /// What: patterns of actions, such as `iam:Put*`.
    pub may: Vec<Spanned<String>>,
    /// With which resources: patterns of ARNs. Any when left out.
    #[serde(default)]
    pub on: Vec<Spanned<String>>,
    /// Who else may for a while.
    #[serde(default)]
    pub except: Vec<RawException>,
    /// Why it is there.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A pair of duties that nobody may do both of.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Duty")]
pub(super) struct RawDuty {
    /// Its name.
    pub id: Spanned<String>,
    /// Two lists of patterns of actions; any action of a list is that duty.
    pub both: Vec<Vec<Spanned<String>>>,
    /// With which resources: patterns of ARNs. Any when left out.
    #[serde(default)]
    pub on: Vec<Spanned<String>>,
    /// Who may do both for a while.
    #[serde(default)]
    pub except: Vec<RawException>,
    /// Why it is there.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Somebody for whom a declaration does not hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Exception")]
pub(super) struct RawException {
    /// Who, as under `only`.
    pub principal: Spanned<String>,
    /// Why.
    pub reason: Spanned<String>,
    /// The last day on which it stands, in UTC; for ever when left out.
    #[serde(default)]
    pub until: Option<Spanned<String>>,
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
