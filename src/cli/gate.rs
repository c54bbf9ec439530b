//! What can be typed behind `gate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::CheckSelection;
use crate::gate::{StalePolicy, Threshold, UnknownPolicy};

/// `gate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct GateArgs {
    /// Something else than judging an input.
    #[command(subcommand)]
    pub command: Option<GateCommand>,
    /// Judging an input.
    #[command(flatten)]
    pub run: GateRun,
}

/// What else there is.
#[derive(Debug, Subcommand)]
pub enum GateCommand {
    /// Explain a finding of an earlier gate by its fingerprint.
    Explain(GateExplain),
    /// Keep the file of findings that are known and close no gate.
    Baseline(GateBaselineCommand),
}

/// `gate INPUT`.
#[derive(Debug, Args)]
pub struct GateRun {
    /// What is judged.
    #[command(flatten)]
    pub input: GateInput,
    /// What closes the gate.
    #[command(flatten)]
    pub decision: GateDecision,
    /// What is written.
    #[command(flatten)]
    pub output: GateOutput,
}

/// What is judged, and what it is compared with.
#[derive(Debug, Args)]
pub struct GateInput {
    /// A plan as `terraform show -json` prints it, a CloudFormation template, or the folder `cdk.out`; `-` for standard
    /// input.
    #[arg(required = true)]
    pub input: Option<PathBuf>,
    /// Lay the change over a live inventory.
    #[arg(long, value_name = "SNAPSHOT", conflicts_with = "alone")]
    pub inventory: Option<PathBuf>,
    /// Take the input for everything there is: what it does not state is not there.
    #[arg(long)]
    pub alone: bool,
    /// The account of things that neither name it nor have a provider that does; that of the inventory when left out.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// The region of such things.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Values of a template's parameters (repeatable).
    #[arg(long, value_name = "FILE")]
    pub parameters: Vec<PathBuf>,
    /// The name of a template's stack; the file's name without its ending when left out.
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The template that the stack was deployed with before.
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// What AWS says of the stack: the JSON of `describe-change-set` or `describe-stack-resources` (repeatable).
    #[arg(long, value_name = "FILE")]
    pub stack_state: Vec<PathBuf>,
    /// The values of exports: the JSON of `list-exports`, or a map (repeatable).
    #[arg(long, value_name = "FILE")]
    pub exports: Vec<PathBuf>,
    /// The template of a nested stack, by its logical id or the name of its file (repeatable).
    #[arg(long, value_name = "[ID=]FILE")]
    pub nested: Vec<String>,
    /// Compare with what another plan leads to, such as that of the merge base.
    #[arg(long, value_name = "INPUT")]
    pub merge_base: Option<PathBuf>,
    /// Findings that are known and close no gate.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Allow a change in accounts of which the inventory has nothing.
    #[arg(long)]
    pub allow_foreign: bool,
    /// A configuration file, or a folder with a portcullis.yaml; the one here when left out.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Which checks run.
    #[command(flatten)]
    pub selection: CheckSelection,
    /// Judge against a framework: a built-in id or a file (repeatable). `none` judges by checks alone.
    #[arg(long = "framework", value_name = "ID|FILE")]
    pub frameworks: Vec<String>,
    /// Apply an organisation's overlay (repeatable, in order).
    #[arg(long = "overlay", value_name = "FILE")]
    pub overlays: Vec<PathBuf>,
    /// Read waivers from a file (repeatable).
    #[arg(long, value_name = "FILE")]
    pub waivers: Vec<PathBuf>,
    /// The clock of the run: a date or an RFC 3339 time; now when left out.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// What closes the gate.
#[derive(Debug, Default, Args)]
pub struct GateDecision {
    /// Exit 1 on `added:SEVERITY`, `any:SEVERITY` or `score-drop:POINTS` (repeatable); `added:high` when left out.
    #[arg(long, value_name = "THRESHOLD")]
    pub fail_on: Vec<Threshold>,
    /// What becomes of findings that the change makes unknown: `fail:SEVERITY` exits 3, `warn` and `ignore` do not.
    #[arg(long, value_name = "POLICY")]
    pub unknown: Option<UnknownPolicy>,
    /// What becomes of an input that believes the world to be otherwise than the inventory shows it: `fail` exits 2.
    #[arg(long, value_name = "POLICY")]
    pub stale: Option<StalePolicy>,
    /// Tell what would close the gate, and leave it open. Wrong input and nothing to judge still have their exit codes.
    #[arg(long)]
    pub warn_only: bool,
    /// Apply the thresholds of this environment to everything.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
}

/// What is written, and where.
#[derive(Debug, Default, Args)]
pub struct GateOutput {
    /// What goes to standard output.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = GateFormat::Text)]
    pub format: GateFormat,
    /// Write the comment of a pull request.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write SARIF for code scanning.
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Write a JUnit report.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a GitLab code quality report.
    #[arg(long, value_name = "FILE")]
    pub gitlab: Option<PathBuf>,
    /// Write everything as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Append the summary of a GitHub step to a file, such as $GITHUB_STEP_SUMMARY.
    #[arg(long, value_name = "FILE")]
    pub step_summary: Option<PathBuf>,
    /// The folder of sources in which findings are located: `.tf` files, or the template.
    #[arg(long, value_name = "DIR")]
    pub source_root: Option<PathBuf>,
    /// What leads from the root of the repository to that folder.
    #[arg(long, value_name = "PATH", default_value = "")]
    pub source_prefix: String,
    /// What tells this gate from others over the same pull request, such as the folder or the environment.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub key: String,
    /// List unchanged, still unknown and waived findings as well.
    #[arg(long)]
    pub details: bool,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum GateFormat {
    /// For people.
    #[default]
    Text,
    /// Everything as JSON.
    Json,
    /// For the comment of a pull request.
    Markdown,
    /// SARIF.
    Sarif,
    /// JUnit.
    Junit,
    /// GitLab code quality.
    Gitlab,
    /// Annotations of a GitHub workflow.
    Github,
    /// The summary of a GitHub step.
    StepSummary,
    /// Nothing but errors.
    None,
}

/// `gate explain`.
#[derive(Debug, Args)]
pub struct GateExplain {
    /// The fingerprint, or its first digits.
    pub fingerprint: String,
    /// The JSON report of the gate.
    #[arg(long, value_name = "FILE", default_value = "gate.json")]
    pub report: PathBuf,
    /// Add the checks of a folder (repeatable).
    #[arg(long = "checks", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

/// `gate baseline`.
#[derive(Debug, Args)]
pub struct GateBaselineCommand {
    /// What to do with the file.
    #[command(subcommand)]
    pub command: GateBaseline,
}

/// What can be done with a baseline file.
#[derive(Debug, Subcommand)]
pub enum GateBaseline {
    /// Write a baseline of everything that fails or is unknown after the change.
    Create {
        /// What is judged.
        #[command(flatten)]
        input: Box<GateInput>,
        /// The file; refused when it is there already.
        #[arg(long, value_name = "FILE", default_value = "portcullis-baseline.yaml")]
        out: PathBuf,
        /// Why these findings are accepted for now.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Bring the file named by --baseline up to date: new findings come, those that are gone go, the rest keeps its
    /// date and reason.
    Update {
        /// What is judged.
        #[command(flatten)]
        input: Box<GateInput>,
        /// Why the new findings are accepted for now.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Remove entries from the file named by --baseline that nothing answers to any more.
    Prune {
        /// What is judged.
        #[command(flatten)]
        input: Box<GateInput>,
    },
}
