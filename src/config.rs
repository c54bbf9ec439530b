//! `portcullis.yaml`: what is assessed, by what, and where the results go. Every setting can be given as a flag, too.
//!
//! The file is read into a raw form with spans and then lowered. Paths in it are relative to its folder.

mod accounts;
mod flows;
mod gate;
mod people;
mod principals;
mod raw;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::analyze::environment::{Environment, Environments};
use crate::analyze::iam::declared;
use crate::analyze::iam::trust::known::Known;
use crate::analyze::network::Declared;
use crate::check::Selection;
use crate::clock;
use crate::diag::{Diagnostic, Diagnostics};
use crate::finding::Severity;
use crate::ident::AccountId;
use crate::span::SourceFile;
use crate::yaml::{self, Spanned};

pub(crate) use flows::traffic;
pub use gate::GateConfig;
pub use people::PeopleConfig;
pub use raw::schema;
use raw::{RawConfig, RawEnvironment};

/// The file's name.
pub const FILE_NAME: &str = "portcullis.yaml";
/// The version of the format that this build reads.
const FORMAT_VERSION: u32 = 1;

/// What a run does.
#[derive(Debug, Clone)]
pub struct Config {
    /// The organisation or project, for the titles of reports.
    pub title: Option<String>,
    /// The snapshot to assess.
    pub inventory: Option<PathBuf>,
    /// Where AWS is asked.
    pub aws: AwsConfig,
    /// The declared environments.
    pub environments: Environments,
    /// The flows between them, and the named ranges outside.
    pub declared: Declared,
    /// The capabilities and duties of principals.
    pub principals: declared::Declared,
    /// Accounts of one's own and of partners.
    pub accounts: Known,
    /// The roster of people.
    pub people: Option<PeopleConfig>,
    /// Which checks run.
    pub selection: Selection,
    /// Folders of further checks.
    pub check_dirs: Vec<PathBuf>,
    /// Built-in ids or files of frameworks.
    pub frameworks: Vec<FrameworkRef>,
    /// Files of overlays.
    pub overlays: Vec<PathBuf>,
    /// Folders or files of attestations and exercise records.
    pub records: Vec<PathBuf>,
    /// Files of waivers.
    pub waivers: Vec<PathBuf>,
    /// Where reports go.
    pub outputs: Outputs,
    /// The clock of the run; now when absent.
    pub at: Option<Timestamp>,
    /// The least severity whose failure is a violation.
    pub fail_on: Severity,
    /// The share of evaluations that may be unknown, in percent.
    pub allow_unknown: f64,
    /// The least coverage of every framework by evidence, in percent.
    pub min_coverage: f64,
    /// What the pre-deployment gate compares with, and what closes it.
    pub gate: GateConfig,
}

/// A framework by its built-in id or its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameworkRef {
    /// A built-in one.
    Builtin(String),
    /// A file.
    File(PathBuf),
}

impl FrameworkRef {
    /// A text that looks like a path is one; everything else is a built-in id.
    pub fn new(text: &str, base: &Path) -> Self {
        let is_path = text.contains(['/', '\\'])
            || Path::new(text).extension().is_some_and(|e| e == "yaml" || e == "yml");
        if is_path { Self::File(base.join(text)) } else { Self::Builtin(text.to_owned()) }
    }
}

/// Where AWS is asked.
#[derive(Debug, Clone, Default)]
pub struct AwsConfig {
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// The regions; all enabled ones when empty.
    pub regions: Vec<String>,
    /// The organisation, when all its accounts are collected.
    pub organization: Option<OrganizationConfig>,
}

/// How the accounts of an organisation are collected.
#[derive(Debug, Clone, Default)]
pub struct OrganizationConfig {
    /// The role to assume in each.
    pub role: String,
    /// The external id its trust policy demands.
    pub external_id: Option<String>,
    /// Only these accounts; all when empty.
    pub include_accounts: Vec<String>,
    /// Not these.
    pub exclude_accounts: Vec<String>,
    /// Only accounts below these units; all when empty.
    pub include_units: Vec<String>,
    /// Not those below these.
    pub exclude_units: Vec<String>,
}

/// Where reports go.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// HTML.
    pub html: Option<PathBuf>,
    /// JSON.
    pub json: Option<PathBuf>,
    /// Markdown.
    pub markdown: Option<PathBuf>,
    /// CSV.
    pub csv: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: None,
            inventory: None,
            aws: AwsConfig::default(),
            environments: Environments::default(),
            declared: Declared::default(),
            principals: declared::Declared::default(),
            accounts: Known::default(),
            people: None,
            selection: Selection::default(),
            check_dirs: Vec::new(),
            frameworks: vec![
                FrameworkRef::Builtin("portcullis-baseline".to_owned()),
                FrameworkRef::Builtin("incident-response-readiness".to_owned()),
            ],
            overlays: Vec::new(),
            records: Vec::new(),
            waivers: Vec::new(),
            outputs: Outputs::default(),
            at: None,
            fail_on: Severity::High,
            allow_unknown: 0.0,
            min_coverage: 95.0,
            gate: GateConfig::default(),
        }
    }
}

impl Config {
    /// Reads a configuration. `base` is the folder its paths are relative to.
    pub fn read(file: &SourceFile, base: &Path, diagnostics: &mut Diagnostics) -> Option<Self> {
        let raw: RawConfig = yaml::read(file, diagnostics)?;
        if raw.version.value != FORMAT_VERSION {
            let message = format!(
                "configuration format {} is not known; this build reads {FORMAT_VERSION}",
                raw.version.value
            );
            diagnostics
                .push(Diagnostic::error("config/version", message).at(file, raw.version.range));
            return None;
        }
        let before = diagnostics.has_errors();
        let config = lower(file, base, raw, diagnostics);
        (before || !diagnostics.has_errors()).then_some(config)
    }
}

fn lower(file: &SourceFile, base: &Path, raw: RawConfig, diagnostics: &mut Diagnostics) -> Config {
    let default = Config::default();
    let path = |text: String| base.join(text);
    let paths =
        |list: Vec<String>| list.into_iter().map(|text| base.join(text)).collect::<Vec<_>>();
    let checks = raw.checks.unwrap_or_default();
    let outputs = raw.outputs.unwrap_or_default();
    let at = raw.at.and_then(|at| match clock::parse(&at.value) {
        Ok(time) => Some(time),
        Err(message) => {
            diagnostics.push(Diagnostic::error("config/time", message).at(file, at.range));
            None
        }
    });
    let environments = environments(file, raw.environments, diagnostics);
    let declared = flows::lower(file, raw.flows, raw.outside, &environments, diagnostics);
    let principals = principals::lower(file, raw.capabilities, raw.duties, diagnostics);
    let accounts = accounts::lower(file, raw.own_accounts, raw.partners, diagnostics);
    let people = raw.people.map(|people| people::lower(file, base, people, diagnostics));
    let gate = raw.gate.unwrap_or_default();
    let gate = gate::lower(file, base, gate, &environments, diagnostics);
    let aws = raw.sources.and_then(|sources| sources.aws).unwrap_or_default();
    Config {
        title: raw.title,
        inventory: raw.inventory.map(path),
        aws: AwsConfig {
            profile: aws.profile,
            regions: aws.regions,
            organization: aws.organization.map(|o| OrganizationConfig {
                role: o.role,
                external_id: o.external_id,
                include_accounts: o.include_accounts,
                exclude_accounts: o.exclude_accounts,
                include_units: o.include_units,
                exclude_units: o.exclude_units,
            }),
        },
        environments,
        declared,
        principals,
        accounts,
        people,
        selection: Selection {
            include: checks.include,
            exclude: checks.exclude,
            severity: checks.min_severity,
        },
        check_dirs: paths(checks.dirs),
        frameworks: raw.frameworks.map_or(default.frameworks, |list| {
            list.iter().map(|text| FrameworkRef::new(text, base)).collect()
        }),
        overlays: paths(raw.overlays),
        records: paths(raw.attestations),
        waivers: paths(raw.waivers),
        outputs: Outputs {
            html: outputs.html.map(path),
            json: outputs.json.map(path),
            markdown: outputs.markdown.map(path),
            csv: outputs.csv.map(path),
        },
        at,
        fail_on: raw.fail_on.unwrap_or(default.fail_on),
        allow_unknown: percent(file, raw.allow_unknown, default.allow_unknown, diagnostics),
        min_coverage: percent(file, raw.min_coverage, default.min_coverage, diagnostics),
        gate,
    }
}

fn percent(
    file: &SourceFile,
    value: Option<Spanned<f64>>,
    default: f64,
    diagnostics: &mut Diagnostics,
) -> f64 {
    match value {
        None => default,
        Some(value) if (0.0..=100.0).contains(&value.value) => value.value,
        Some(value) => {
            let message = format!("{} is no percentage from 0 to 100", value.value);
            diagnostics.push(Diagnostic::error("config/percent", message).at(file, value.range));
            default
        }
    }
}

fn environments(
    file: &SourceFile,
    raw: Vec<RawEnvironment>,
    diagnostics: &mut Diagnostics,
) -> Environments {
    let mut list: Vec<Environment> = Vec::new();
    for one in raw {
        if list.iter().any(|have| have.name == one.name.value) {
            let message = format!("environment `{}` is declared twice", one.name.value);
            diagnostics.push(
                Diagnostic::error("config/environment", message).at(file, one.name.range.clone()),
            );
        }
        if one.accounts.is_empty()
            && one.vpcs.is_empty()
            && one.organizational_units.is_empty()
            && one.tags.is_empty()
            && one.resources.is_empty()
        {
            let message = format!("environment `{}` holds nothing", one.name.value);
            diagnostics.push(
                Diagnostic::error("config/environment", message)
                    .at(file, one.name.range.clone())
                    .help("give it accounts, vpcs, organizational_units, tags or resources"),
            );
        }
        let mut accounts = Vec::new();
        for account in one.accounts {
            match AccountId::new(&account.value) {
                Ok(account) => accounts.push(account),
                Err(error) => diagnostics.push(
                    Diagnostic::error("config/account", error.to_string()).at(file, account.range),
                ),
            }
        }
        list.push(Environment {
            name: one.name.value,
            accounts,
            vpcs: one.vpcs,
            organizational_units: one.organizational_units,
            tags: one.tags,
            resources: one.resources,
        });
    }
    Environments::new(list)
}
