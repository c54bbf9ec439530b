//! What can be typed behind `iam`.

mod paths;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub use paths::{IamPaths, IamPathsFormat};

/// `iam`.
#[derive(Debug, Args)]
pub struct IamArgs {
    /// What to ask.
    #[command(subcommand)]
    pub command: IamCommand,
}

/// Questions about permissions.
#[derive(Debug, Subcommand)]
pub enum IamCommand {
    /// Decide one request, or a file of requests that bring their own policies.
    ///
    /// Every layer counts: policies of the principal and its groups, its boundary, the session's policy, organization
    /// policies over both accounts, the policy of the resource and that of the VPC endpoint. What nobody can know is
    /// unknown, with what it hangs on.
    #[command(
        after_help = "Examples:\n  portcullis iam simulate --inventory inv.jsonl.zst --principal \
                            arn:aws:iam::111122223333:user/ada --action s3:GetObject --resource arn:aws:s3:::logs/x\n  \
                            portcullis iam simulate --cases cases.jsonl --out results.jsonl\n\nExit codes: 0 it is \
                            decided, or depends on the circumstances alone; 1 it is not what --expect says; 2 usage or \
                            input is wrong; 3 nobody can say, since the inventory lacks something."
    )]
    Simulate(IamSimulate),
    /// List everybody who may do something to a resource, from inside the inventory and from outside of it.
    #[command(
        after_help = "Example:\n  portcullis iam who-can --inventory inv.jsonl.zst --action sts:AssumeRole --resource \
                            arn:aws:iam::111122223333:role/deploy\n\nExit codes: 0 the list is complete; 2 usage or input \
                            is wrong; 3 something was not read that might change it."
    )]
    WhoCan(IamWhoCan),
    /// Follow the ways in which users and roles become administrators, or one another, in several steps.
    ///
    /// Each known way of escalation (docs/escalation.md) is asked of the evaluator: every action on its own resource, over
    /// all policies of a principal together, under its boundary and the policies of its organization. Of all paths of a
    /// principal the shortest of the surest is told.
    #[command(
        after_help = "Examples:\n  portcullis iam paths --inventory inv.jsonl.zst\n  portcullis iam paths --from ada \
                            --possible\n  portcullis iam paths --to arn:aws:iam::111122223333:role/deploy --out \
                            paths.html\n\nExit codes: 0 nobody has a path; 1 somebody has one for certain; 2 usage or input \
                            is wrong; 3 something was not read that might add one, or a condition decides about all there are."
    )]
    Paths(IamPaths),
    /// List what somebody may do, statement by statement, and what limits each.
    ///
    /// Every documented action that a statement means is decided. Resources that a pattern leaves open are taken to be
    /// some in the principal's own account, without a policy that denies.
    #[command(
        after_help = "Example:\n  portcullis iam what-can --inventory inv.jsonl.zst --principal \
                            arn:aws:iam::111122223333:role/deploy\n\nExit codes: 0 everything was read; 2 usage or input is \
                            wrong; 3 something was not read that might change the answer."
    )]
    WhatCan(IamWhatCan),
    /// List what policies of resources and trust policies let in from outside.
    ///
    /// Without --from: anybody without credentials, anybody in any AWS account, and anybody in another account of the
    /// organization.
    #[command(
        after_help = "Examples:\n  portcullis iam outside --inventory inv.jsonl.zst\n  portcullis iam outside --from \
                            314159265358 --context sts:ExternalId=x\n  portcullis iam outside --from \
                            federated:arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com \
                            --context token.actions.githubusercontent.com:sub=repo:other/repo:ref:refs/heads/main\n\nExit \
                            codes: 0 everything was read; 2 usage or input is wrong; 3 something was not read that might \
                            change the answer."
    )]
    Outside(IamOutside),
    /// Compare two inventories: who gained permissions, who lost some.
    ///
    /// Statements that changed are not compared as texts: every action and resource that they name is decided before and
    /// after, and each change is shown with a request.
    #[command(
        after_help = "Exit codes: 0 nobody gained anything; 1 somebody did, or is new; 2 usage or input is wrong; 3 an \
                            inventory holds no principals."
    )]
    Diff(IamDiff),
    /// List roles, users, passwords, keys and services of principals that nobody used.
    #[command(
        after_help = "Example:\n  portcullis iam unused --inventory inv.jsonl.zst --days 90\n\nExit codes: 0 the list \
                            is complete; 2 usage or input is wrong; 3 of something nobody can say whether it was used."
    )]
    Unused(IamUnused),
    /// Propose a policy for a user or role without what it did not use, with every difference and its reason.
    ///
    /// Only what the data covers is taken away: services that IAM watched and nobody asked, and single actions that it
    /// watches. What it does not speak of stays and is told, or goes with --only-used and is told. Resources and
    /// conditions stay as they are.
    #[command(
        after_help = "Example:\n  portcullis iam reduce arn:aws:iam::111122223333:role/deploy --inventory \
                            inv.jsonl.zst\n\nExit codes: 0 the proposal is complete; 2 usage or input is wrong; 3 \
                            the use of services is unknown, or a policy could not be read."
    )]
    Reduce(IamReduce),
}

/// `iam what-can`.
#[derive(Debug, Args)]
pub struct IamWhatCan {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// Who: the ARN of a user, role or session.
    #[arg(long, value_name = "ARN")]
    pub principal: String,
    /// The circumstances.
    #[command(flatten)]
    pub circumstances: IamCircumstances,
    /// A policy passed with the session.
    #[arg(long, value_name = "FILE")]
    pub session_policy: Option<PathBuf>,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// `iam outside`.
#[derive(Debug, Args)]
pub struct IamOutside {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// Who: `anonymous`, `any-account`, `organization`, an account, an ARN, `service:NAME`, `federated:PROVIDER` (repeatable).
    #[arg(long, value_name = "WHO")]
    pub from: Vec<String>,
    /// The circumstances.
    #[command(flatten)]
    pub circumstances: IamCircumstances,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// `iam diff`.
#[derive(Debug, Args)]
pub struct IamDiff {
    /// The earlier inventory.
    pub before: PathBuf,
    /// The later inventory.
    pub after: PathBuf,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// `iam unused`.
#[derive(Debug, Args)]
pub struct IamUnused {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// How many days back a use still counts.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub days: u32,
    /// The time of the question: a date or an RFC 3339 time.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// `iam reduce`.
#[derive(Debug, Args)]
pub struct IamReduce {
    /// The user or role, by its ARN or name.
    #[arg(value_name = "ARN")]
    pub principal: String,
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// How many days back a use still counts.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub days: u32,
    /// Take away what the data does not speak of, too.
    #[arg(long)]
    pub only_used: bool,
    /// The time of the question: a date or an RFC 3339 time.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// `iam who-can`.
#[derive(Debug, Args)]
pub struct IamWhoCan {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// To do what, such as `s3:GetObject`.
    #[arg(long, value_name = "ACTION")]
    pub action: String,
    /// With which: an ARN, or `*` for actions that know no resources.
    #[arg(long, value_name = "ARN")]
    pub resource: String,
    /// The circumstances.
    #[command(flatten)]
    pub circumstances: IamCircumstances,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// `iam simulate`.
#[derive(Debug, Args)]
pub struct IamSimulate {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub inventory: PathBuf,
    /// Who asks: an ARN of a user, role, session or account root, `anonymous`, `service:NAME`, `federated:PROVIDER`.
    #[arg(long, value_name = "WHO", required_unless_present = "cases")]
    pub principal: Option<String>,
    /// To do what, such as `s3:GetObject`.
    #[arg(long, value_name = "ACTION", required_unless_present = "cases")]
    pub action: Option<String>,
    /// With which: an ARN, or `*` for actions that know no resources.
    #[arg(long, value_name = "ARN", required_unless_present = "cases")]
    pub resource: Option<String>,
    /// The circumstances.
    #[command(flatten)]
    pub circumstances: IamCircumstances,
    /// A policy passed with the session.
    #[arg(long, value_name = "FILE")]
    pub session_policy: Option<PathBuf>,
    /// Exit 1 if it is decided otherwise.
    #[arg(long, value_enum, value_name = "DECISION")]
    pub expect: Option<IamExpect>,
    /// Decide the requests of a file, one JSON object a line, each with its own policies.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["principal", "action", "resource", "session_policy", "expect"])]
    pub cases: Option<PathBuf>,
    /// How it is shown.
    #[command(flatten)]
    pub output: IamOutput,
}

/// Under which circumstances is asked.
#[derive(Debug, Clone, Default, Args)]
pub struct IamCircumstances {
    /// The account of the resource, where its ARN does not say.
    #[arg(long, value_name = "ID")]
    pub resource_account: Option<String>,
    /// A condition key and its value; the same key again makes a key of several values (repeatable).
    #[arg(long, value_name = "KEY=VALUE")]
    pub context: Vec<String>,
    /// Condition keys from a JSON object: a text, a list of texts, or null for a key that is absent.
    #[arg(long, value_name = "FILE")]
    pub context_json: Option<PathBuf>,
    /// The VPC endpoint the request goes through.
    #[arg(long, value_name = "ID")]
    pub vpce: Option<String>,
    /// What condition keys are that nobody spoke of.
    #[arg(long, value_enum, default_value_t = IamMode::Possible)]
    pub mode: IamMode,
    /// Take organization and resource policies that were not read for absent, instead of leaving the answer open.
    #[arg(long)]
    pub ignore_unread: bool,
}

/// What becomes of condition keys that nobody spoke of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum IamMode {
    /// They are absent.
    Strict,
    /// They may be anything.
    #[default]
    Possible,
}

/// What a decision is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IamExpect {
    /// It passes.
    Allowed,
    /// Nothing allows it.
    Implicit,
    /// A statement denies it.
    Explicit,
}

/// How an answer is shown.
#[derive(Debug, Clone, Default, Args)]
pub struct IamOutput {
    /// The form; JSON for a file that ends so, else text.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<IamFormat>,
    /// Write to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IamFormat {
    /// For people at a terminal.
    Text,
    /// For machines.
    Json,
}
