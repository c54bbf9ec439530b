//! Waiver files as people write them.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::yaml::Spanned;

/// Dated exceptions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Portcullis waivers")]
pub(super) struct RawWaivers {
    /// The version of this file format: 1.
    pub(super) version: Spanned<u32>,
    /// The waivers.
    pub(super) waivers: Vec<RawWaiver>,
}

/// One dated exception.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWaiver {
    /// Its id.
    pub(super) id: Spanned<String>,
    /// Who answers for it.
    pub(super) owner: String,
    /// Who approved it; not the owner.
    pub(super) approved_by: String,
    /// Why.
    pub(super) reason: String,
    /// What limits the risk meanwhile, such as the ids of controls.
    #[serde(default)]
    pub(super) compensating: Vec<String>,
    /// Where the work on it is tracked.
    #[serde(default)]
    pub(super) ticket: Option<String>,
    /// The checks, as ids or patterns with `*` and `?`; not all of them.
    pub(super) checks: Vec<Spanned<String>>,
    /// The resources, as ids, ARNs or patterns of them; any when left out, except for critical findings.
    #[serde(default)]
    pub(super) resources: Vec<Spanned<String>>,
    /// The accounts; any when left out.
    #[serde(default)]
    pub(super) accounts: Vec<Spanned<String>>,
    /// The environments; any when left out.
    #[serde(default)]
    pub(super) environments: Vec<String>,
    /// The findings, by fingerprint; with them the waiver ends as soon as the finding becomes another.
    #[serde(default)]
    pub(super) fingerprints: Vec<String>,
    /// The first day.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) from: Date,
    /// The last day.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) until: Date,
}
