//! What can be typed. Definitions only; what happens is in `cmd`.

mod gate;
mod iam;
mod network;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use gate::{
    GateArgs, GateBaseline, GateBaselineCommand, GateCommand, GateDecision, GateExplain,
    GateFormat, GateInput, GateOutput, GateRun,
};
pub use iam::{
    IamArgs, IamCircumstances, IamCommand, IamDiff, IamExpect, IamFormat, IamMode, IamOutput,
    IamOutside, IamPaths, IamPathsFormat, IamReduce, IamSimulate, IamUnused, IamWhatCan, IamWhoCan,
};
pub use network::{
    NetworkArgs, NetworkCommand, NetworkDiff, NetworkExposure, NetworkFormat, NetworkIsolation,
    NetworkOutput, NetworkReach, NetworkSource,
};

use crate::finding::Severity;

/// Checks infrastructure against the rules your organisation wrote down.
///
/// Portcullis collects an inventory, judges it with a suite of declarative checks, and scores it against a policy
/// framework and an incident-response readiness checklist. What could not be looked at is reported as unknown and never
/// counts as a pass.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 the framework holds; 1 violated at or above --fail-on; 2 usage, configuration or input \
                  is wrong; 3 evidence is incomplete beyond what was allowed (3 outranks 1)."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Say more about what happens, on standard error; twice for even more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect and assess in one go.
    Scan(Scan),
    /// Collect an inventory into a snapshot.
    Collect(Collect),
    /// Assess a snapshot, or the project in a folder with a portcullis.yaml.
    Assess(Assess),
    /// Tell what a plan or template would do to the findings, before it is deployed.
    ///
    /// INPUT is what `terraform show -json` or `tofu show -json` prints of a plan, or a CloudFormation template. It is
    /// judged by the same checks as what is live: against what the input itself knows of the world before, or laid over
    /// a live inventory. Only what the change adds closes the gate.
    #[command(
        after_help = "Exit codes: 0 the gate is open; 1 closed by findings; 2 usage, configuration or the input is wrong; \
                      3 evidence is incomplete, or nothing was there to judge (2 outranks 3, and 3 outranks 1)."
    )]
    Gate(GateArgs),
    /// Render an earlier assessment (its JSON report) in other formats.
    Report(Report),
    /// List, show, verify and write checks.
    Check(CheckArgs),
    /// List and show policy frameworks.
    Framework(FrameworkArgs),
    /// Explain a check, a control, or a finding by its fingerprint.
    Explain(Explain),
    /// Look into a snapshot.
    Inventory(InventoryArgs),
    /// Follow paths: what is exposed, who reaches whom, whether environments are apart.
    Network(NetworkArgs),
    /// Ask about permissions: who may do what, and why.
    Iam(IamArgs),
    /// Print the least-privilege IAM policy that collecting for the selected checks needs.
    Permissions(Permissions),
    /// Print the JSON Schema of a format.
    Schema(SchemaArgs),
    /// Write a starter portcullis.yaml and overlay into a folder.
    Init(Init),
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the manual page, or write one page for every subcommand into a folder.
    Man(Man),
}

/// Which checks run.
#[derive(Debug, Clone, Default, Args)]
pub struct CheckSelection {
    /// Take only checks whose id matches a pattern such as `iam-*` (repeatable).
    #[arg(long = "check", value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Leave out checks whose id matches a pattern (repeatable).
    #[arg(long = "skip", value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Leave out checks below a severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub min_severity: Option<Severity>,
    /// Add the checks of a folder (repeatable). An id that is taken is an error unless the file says `overrides: true`.
    #[arg(long = "checks", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

/// How outcomes are judged and shown.
#[derive(Debug, Clone, Default, Args)]
pub struct Judgement {
    /// Which checks run.
    #[command(flatten)]
    pub selection: CheckSelection,
    /// Judge against a framework: a built-in id or a file (repeatable). `none` judges by checks alone.
    #[arg(long = "framework", value_name = "ID|FILE")]
    pub frameworks: Vec<String>,
    /// Apply an organisation's overlay (repeatable, in order).
    #[arg(long = "overlay", value_name = "FILE")]
    pub overlays: Vec<PathBuf>,
    /// Read attestations and exercise records from a folder or file (repeatable).
    #[arg(long, value_name = "PATH")]
    pub attestations: Vec<PathBuf>,
    /// Read waivers from a file (repeatable).
    #[arg(long, value_name = "FILE")]
    pub waivers: Vec<PathBuf>,
    /// The clock of the run: a date or an RFC 3339 time; now when left out.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Exit 1 when something fails at or above this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<Severity>,
    /// Exit 3 when a larger share of evaluations than this is unknown, in percent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub allow_unknown: Option<f64>,
    /// Exit 3 when a framework's coverage by evidence is lower than this, in percent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_coverage: Option<f64>,
    /// Write the HTML report.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the JSON report.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the Markdown report.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the findings as CSV.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// List every finding on the terminal, not only the worst.
    #[arg(long)]
    pub details: bool,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// The JSON report.
    Json,
    /// Markdown.
    Markdown,
    /// Findings as CSV.
    Csv,
    /// The HTML report.
    Html,
    /// Nothing but errors.
    None,
}

/// Where AWS is asked.
#[derive(Debug, Clone, Default, Args)]
pub struct AwsSource {
    /// A profile of the AWS configuration files.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// A region to collect (repeatable); all enabled ones when left out.
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// Collect every account of the organisation; needs --role.
    #[arg(long, requires = "role")]
    pub organization: bool,
    /// The role to assume in each account.
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// The external id its trust policy demands.
    #[arg(long, value_name = "ID", requires = "role")]
    pub external_id: Option<String>,
    /// Take only these accounts of the organisation (repeatable).
    #[arg(long, value_name = "ACCOUNT")]
    pub include_account: Vec<String>,
    /// Leave out accounts of the organisation (repeatable).
    #[arg(long, value_name = "ACCOUNT")]
    pub exclude_account: Vec<String>,
    /// Take only accounts below these organizational units (repeatable).
    #[arg(long, value_name = "OU")]
    pub include_ou: Vec<String>,
    /// Leave out accounts below organizational units (repeatable).
    #[arg(long, value_name = "OU")]
    pub exclude_ou: Vec<String>,
    /// Calls under way at once, over all accounts and regions.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub concurrency: u16,
    /// End the collection after this many seconds; what is missing then is reported as failed.
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Print the calls that would be made, and make none.
    #[arg(long)]
    pub dry_run: bool,
}

/// `scan`.
#[derive(Debug, Args)]
pub struct Scan {
    /// Where AWS is asked.
    #[command(flatten)]
    pub aws: AwsSource,
    /// How outcomes are judged and shown.
    #[command(flatten)]
    pub judgement: Judgement,
    /// A configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Keep the snapshot here.
    #[arg(long, value_name = "FILE", default_value = "inventory.jsonl.zst")]
    pub out: PathBuf,
}

/// `collect`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Collect {
    /// Where the inventory comes from; live AWS when left out.
    #[command(subcommand)]
    pub source: Option<CollectSource>,
    /// Live AWS.
    #[command(flatten)]
    pub aws: CollectAws,
}

/// Where an inventory comes from.
#[derive(Debug, Subcommand)]
pub enum CollectSource {
    /// Ask AWS.
    Aws(CollectAws),
    /// Read a folder of JSON files that the AWS CLI printed.
    AwsJson(CollectAwsJson),
}

/// `collect aws`.
#[derive(Debug, Default, Args)]
pub struct CollectAws {
    /// Where AWS is asked.
    #[command(flatten)]
    pub aws: AwsSource,
    /// Collect only what these checks need.
    #[command(flatten)]
    pub selection: CheckSelection,
    /// Ask when each user and role last used each service: a report, and so two calls and more, for every one of them.
    #[arg(long)]
    pub last_accessed: bool,
    /// A configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Write the snapshot here.
    #[arg(long, value_name = "FILE", default_value = "inventory.jsonl.zst")]
    pub out: PathBuf,
}

/// `collect aws-json`.
#[derive(Debug, Args)]
pub struct CollectAwsJson {
    /// The folder.
    pub dir: PathBuf,
    /// The account of files whose folder or manifest names none.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// The region of files whose folder or manifest names none.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// When the files were printed: a date or an RFC 3339 time; the newest file's time when left out.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Write the snapshot here.
    #[arg(long, value_name = "FILE", default_value = "inventory.jsonl.zst")]
    pub out: PathBuf,
}

/// `assess`.
#[derive(Debug, Args)]
pub struct Assess {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// How outcomes are judged and shown.
    #[command(flatten)]
    pub judgement: Judgement,
    /// A configuration file for a snapshot named directly.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The JSON report of an assessment.
    pub path: PathBuf,
    /// Write the HTML report.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the Markdown report.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the findings as CSV.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    /// List every finding on the terminal, not only the worst.
    #[arg(long)]
    pub details: bool,
    /// Add the texts of the checks of a folder (repeatable).
    #[arg(long = "checks", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What to do with checks.
    #[command(subcommand)]
    pub command: CheckCommand,
}

/// What to do with checks.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// List the checks.
    List {
        /// Which checks.
        #[command(flatten)]
        selection: CheckSelection,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one check with everything it says.
    Show {
        /// Its id.
        id: String,
        /// Add the checks of a folder (repeatable).
        #[arg(long = "checks", value_name = "DIR")]
        dirs: Vec<PathBuf>,
    },
    /// Demand everything a check must have. Names all mistakes, not the first.
    Lint {
        /// Files or folders; the built-in checks when left out.
        paths: Vec<PathBuf>,
    },
    /// Run the cases that checks carry.
    Test {
        /// Files or folders; the built-in checks when left out.
        paths: Vec<PathBuf>,
        /// Which checks.
        #[command(flatten)]
        selection: CheckSelection,
    },
    /// Write a new check to start from.
    New {
        /// Its id, kebab-case.
        id: String,
        /// The resource type it judges.
        #[arg(long, value_name = "TYPE", default_value = "aws.ec2.security_group")]
        resource: String,
        /// The folder to write it into.
        #[arg(long, value_name = "DIR", default_value = "checks")]
        dir: PathBuf,
    },
}

/// `framework`.
#[derive(Debug, Args)]
pub struct FrameworkArgs {
    /// What to do with frameworks.
    #[command(subcommand)]
    pub command: FrameworkCommand,
}

/// What to do with frameworks.
#[derive(Debug, Subcommand)]
pub enum FrameworkCommand {
    /// List the built-in frameworks.
    List,
    /// Show a framework: its sections, controls and what each rests on.
    Show {
        /// A built-in id or a file.
        id: String,
        /// Apply an overlay (repeatable, in order).
        #[arg(long = "overlay", value_name = "FILE")]
        overlays: Vec<PathBuf>,
    },
}

/// `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A check's id, a control's id, or a finding's fingerprint.
    pub id: String,
    /// The JSON report in which a finding is looked up.
    #[arg(long, value_name = "FILE", default_value = "report.json")]
    pub report: PathBuf,
    /// Add the checks of a folder (repeatable).
    #[arg(long = "checks", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

/// `inventory`.
#[derive(Debug, Args)]
pub struct InventoryArgs {
    /// What to look at.
    #[command(subcommand)]
    pub command: InventoryCommand,
}

/// What to look at in a snapshot.
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// Show what a snapshot holds, or one of its resources.
    Show {
        /// The snapshot, or a folder with a portcullis.yaml.
        snapshot: PathBuf,
        /// The id or ARN of a resource; counts and coverage when left out.
        id: Option<String>,
    },
    /// List the resources of a type that satisfy an expression.
    Query {
        /// The snapshot, or a folder with a portcullis.yaml.
        snapshot: PathBuf,
        /// The resource type, such as `aws.ec2.instance`.
        #[arg(value_name = "TYPE")]
        kind: String,
        /// A CEL condition over `self`; all resources when left out.
        expression: Option<String>,
        /// As JSON lines.
        #[arg(long)]
        json: bool,
        /// The clock for `now`: a date or an RFC 3339 time.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
}

/// `permissions`.
#[derive(Debug, Args)]
pub struct Permissions {
    /// Which checks are to be served; all when nothing is selected.
    #[command(flatten)]
    pub selection: CheckSelection,
    /// The form.
    #[arg(long, value_enum, default_value_t = PolicyForm::Json, value_name = "FORM")]
    pub format: PolicyForm,
    /// Include what `collect --last-accessed` needs.
    #[arg(long)]
    pub last_accessed: bool,
    /// Include what an organisation-wide collection needs.
    #[arg(long)]
    pub organization: bool,
    /// The role that an organisation-wide collection assumes in each account.
    #[arg(long, value_name = "NAME", requires = "organization")]
    pub role: Option<String>,
}

/// The form of a printed policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyForm {
    /// An IAM policy document.
    Json,
    /// A Terraform resource.
    Terraform,
    /// A CloudFormation template.
    Cloudformation,
}

/// `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The format; the list of formats when left out.
    #[arg(value_enum)]
    pub format: Option<SchemaName>,
}

/// The formats that have a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// A check.
    Check,
    /// portcullis.yaml.
    Config,
    /// A policy framework.
    Framework,
    /// An organisation's overlay.
    Overlay,
    /// Attestations and exercise records.
    Records,
    /// Waivers.
    Waivers,
    /// A resource line of a snapshot.
    Inventory,
    /// portcullis-dump.yaml, which says where the files of a dump are from.
    Dump,
    /// The JSON report.
    Report,
    /// The JSON answers of `portcullis network`.
    Network,
    /// The JSON answer of `portcullis iam paths`.
    IamPaths,
    /// The JSON answer of `portcullis iam unused`.
    IamUnused,
    /// The JSON answer of `portcullis iam reduce`.
    IamReduce,
    /// The JSON report of `portcullis gate`.
    Gate,
    /// The baseline files of `portcullis gate`.
    Baseline,
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Replace files that exist.
    #[arg(long)]
    pub force: bool,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write one page for every subcommand into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

pub(crate) fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.word() == text)
        .ok_or_else(|| "one of critical, high, medium, low".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let value: f64 =
        text.trim_end_matches('%').parse().map_err(|_| "a number from 0 to 100".to_owned())?;
    if (0.0..=100.0).contains(&value) {
        Ok(value)
    } else {
        Err("a number from 0 to 100".to_owned())
    }
}
