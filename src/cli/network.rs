//! What can be typed behind `network`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `network`.
#[derive(Debug, Args)]
pub struct NetworkArgs {
    /// What to ask.
    #[command(subcommand)]
    pub command: NetworkCommand,
}

/// Questions about paths.
#[derive(Debug, Subcommand)]
pub enum NetworkCommand {
    /// List what is reachable from the internet, or from a declared range outside.
    ///
    /// Every interface is looked at: whether packets come in by its own addresses, a load balancer or a front door,
    /// through routes, network ACLs and security groups, and whether answers come back. What cannot be decided is listed
    /// as unknown, with the cause.
    #[command(
        after_help = "Exit codes: 0 everything is decided; 2 usage or input is wrong; 3 something is unknown."
    )]
    Exposure(NetworkExposure),
    /// Tell who reaches whom, over which path, or what blocks it.
    ///
    /// FROM and TO are an id, an ARN, a name, an IP address, an environment or range of portcullis.yaml, a VPC or subnet
    /// (any interface in it), `internet`, `internet:198.51.100.7`, or `any`.
    #[command(
        after_help = "Examples:\n  portcullis network reach internet i-0abc --port tcp/443\n  portcullis network \
                            reach any my-database --port tcp/5432\n  portcullis network reach development production\n\nExit \
                            codes: 0 it is decided, either way; 2 usage or input is wrong; 3 nobody can say."
    )]
    Reach(NetworkReach),
    /// Find the paths between declared environments that no flow declares.
    ///
    /// Environments and the flows between them are declared in portcullis.yaml. There is one row for each cause: the
    /// peering, attachment, endpoint, subnet or address that joins two environments, and the rule that lets packets in.
    #[command(
        after_help = "Exit codes: 0 the environments are apart; 1 packets get through; 2 usage or input is wrong; 3 \
                            something is unknown (3 outranks 1)."
    )]
    Isolation(NetworkIsolation),
    /// Compare exposure and isolation of two inventories.
    #[command(
        after_help = "Exit codes: 0 no path appeared; 1 one did; 2 usage or input is wrong; 3 something became unknown \
                            (3 outranks 1)."
    )]
    Diff(NetworkDiff),
}

/// How a network answer is shown.
#[derive(Debug, Clone, Default, Args)]
pub struct NetworkOutput {
    /// The form; that of the file's extension when left out, else text.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<NetworkFormat>,
    /// Write to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show every path hop by hop.
    #[arg(long, visible_alias = "path")]
    pub explain: bool,
    /// How many rows the text lists.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub rows: usize,
}

/// The forms of a network answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NetworkFormat {
    /// For people at a terminal.
    Text,
    /// For machines: everything, versioned, with a schema.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// A page with drawn paths.
    Html,
}

/// Which inventory is asked.
#[derive(Debug, Clone, Args)]
pub struct NetworkSource {
    /// A snapshot, a configuration file, or a folder with a portcullis.yaml.
    #[arg(default_value = ".")]
    pub inventory: PathBuf,
    /// A configuration file for a snapshot named directly.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// `network exposure`.
#[derive(Debug, Args)]
pub struct NetworkExposure {
    /// Which inventory.
    #[command(flatten)]
    pub source: NetworkSource,
    /// Who comes: `internet`, a range under `outside` in portcullis.yaml, or a prefix such as 198.51.100.0/24.
    #[arg(long, value_name = "NAME", default_value = "internet")]
    pub from: String,
    /// List only things of a kind, such as `instance`, `load-balancer`, `database`, `interface` (repeatable).
    #[arg(long = "type", value_name = "KIND")]
    pub kinds: Vec<String>,
    /// List only what is open on a port: `22`, `tcp/22`, `udp/53`, `tcp/8000-8999`, `icmp` (repeatable).
    #[arg(long = "port", value_name = "PORT")]
    pub ports: Vec<String>,
    /// List only one thing, by id, ARN, name, VPC, subnet or environment.
    #[arg(long, value_name = "THING")]
    pub of: Option<String>,
    /// Add the changes that would end each exposure.
    #[arg(long)]
    pub remedy: bool,
    /// How it is shown.
    #[command(flatten)]
    pub output: NetworkOutput,
}

/// `network reach`.
#[derive(Debug, Args)]
pub struct NetworkReach {
    /// Where packets start.
    pub from: String,
    /// Where they are to end.
    pub to: String,
    /// Which inventory.
    #[command(flatten)]
    pub source: NetworkSource,
    /// What is sent: `443`, `tcp/443`, `udp/53`, `icmp`; everything when left out.
    #[arg(long, value_name = "PORT")]
    pub port: Option<String>,
    /// How it is shown.
    #[command(flatten)]
    pub output: NetworkOutput,
}

/// `network isolation`.
#[derive(Debug, Args)]
pub struct NetworkIsolation {
    /// Which inventory.
    #[command(flatten)]
    pub source: NetworkSource,
    /// List only paths from this environment.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub from: Option<String>,
    /// List only paths to this environment.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub to: Option<String>,
    /// Add the changes that would end each breach.
    #[arg(long)]
    pub remedy: bool,
    /// How it is shown.
    #[command(flatten)]
    pub output: NetworkOutput,
}

/// `network diff`.
#[derive(Debug, Args)]
pub struct NetworkDiff {
    /// The earlier inventory.
    pub before: PathBuf,
    /// The later inventory.
    pub after: PathBuf,
    /// The configuration for both: a file, or a folder with a portcullis.yaml.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Who comes, where exposure is compared.
    #[arg(long, value_name = "NAME", default_value = "internet")]
    pub from: String,
    /// How it is shown.
    #[command(flatten)]
    pub output: NetworkOutput,
}
