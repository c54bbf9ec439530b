//! Answers about paths in networks, as terminal text, JSON, a graph for Graphviz, and a page with drawn paths.
//!
//! The types here are the answers themselves, in words and numbers only: what asked is far away, so that each form can
//! be tried on answers made by hand. `docs/network-json.md` describes them as a format; [`schema`] is its JSON Schema.

pub mod dot;
pub mod html;
pub(in crate::report) mod shown;
pub mod text;

use std::io::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;

/// The version of the format: raised when a field changes its meaning or goes away, not when one is added.
pub const VERSION: u64 = 1;

/// An answer as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Portcullis network answer")]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The version of this format.
    pub portcullis_network: u64,
    /// What wrote it, with its version.
    pub tool: String,
    /// The organisation or project, if the configuration names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The inventories that were asked: one, or the earlier and the later one of a comparison.
    pub inventories: Vec<Inventory>,
    /// The answer.
    pub answer: Answer,
}

/// An inventory that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The file.
    pub path: String,
    /// When its collection began: an RFC 3339 time.
    pub created: String,
    /// How many network interfaces it holds.
    pub interfaces: u64,
}

/// An answer, by its question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What is reachable from outside.
    Exposure(ExposureView),
    /// Who reaches whom, and over which path.
    Reach(ReachView),
    /// Which environments meet.
    Isolation(IsolationView),
    /// What changed between two inventories.
    Diff(DiffView),
}

/// Whether something holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It passes.
    Passes,
    /// Nobody can say.
    Unknown,
    /// It is blocked.
    Blocked,
}

/// How much of the answers comes back.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReplyState {
    /// All of them.
    Full,
    /// Those to clients that send from some ports.
    Partial,
    /// None: packets get in, and no connection comes about.
    None,
    /// Nobody can say.
    Unknown,
}

/// The answers to packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyView {
    /// How much comes back.
    pub state: ReplyState,
    /// The source ports whose packets are answered, if it is some: `1024-32767`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<String>,
    /// Why nobody can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// A thing at an end of a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// What it is: `instance`, `load balancer`, `interface`, `internet`, …
    pub kind: String,
    /// Its id or ARN; the words for it where it has none.
    pub id: String,
    /// Its name, usually a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The interface that packets reach, if that is not the thing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// Its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<String>,
    /// Its declared environment, if it is known and there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What else there is to say: that an instance is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is reachable from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureView {
    /// From where: `the internet`, or the name of a declared range.
    pub from: String,
    /// What was left out of the rows, in words: `port tcp/22`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// How many interfaces were looked at. Filters do not change it, except those by thing.
    pub interfaces: u64,
    /// How many of them are exposed for certain.
    pub exposed: u64,
    /// How many may be.
    pub unknown: u64,
    /// The exposures, certain ones first.
    pub rows: Vec<ExposureRow>,
    /// Why there may be more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// An exposure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureRow {
    /// What is exposed.
    pub subject: Thing,
    /// Further interfaces of the same thing that are exposed in the same way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// How packets come in.
    pub entry: Entry,
    /// What clients send: `TCP 443`.
    pub traffic: Vec<String>,
    /// What arrives, where it differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<String>,
    /// Who may: prefixes, or words such as `any address` and `all of offices`.
    pub clients: Vec<String>,
    /// Whether answers come back.
    pub reply: ReplyView,
    /// Why it is not certain; nothing if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The rules that let it in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The path of a packet, if there was room for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathView>,
    /// What would end it, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<RemedyView>,
}

/// How packets come in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is: `address`, `load balancer`, `accelerator`, …
    pub kind: String,
    /// The address, ARN or id.
    pub id: String,
}

/// What would end an exposure or a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyView {
    /// The fewest changes that do; all of them are needed.
    pub changes: Vec<String>,
    /// How many other interfaces may lose something by them.
    pub loses: u64,
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_none: Option<String>,
    /// Whether the analysis, asked again with the changes made, finds it gone and all declared flows kept.
    pub verified: bool,
}

/// The path of one packet and of the answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathView {
    /// The packet in words: `198.51.100.7 → 203.0.113.10 TCP 443`.
    pub packet: String,
    /// Whether it gets there.
    pub forward: State,
    /// Whether it gets there and the answer comes back.
    pub state: State,
    /// The steps.
    pub hops: Vec<HopView>,
    /// The steps of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reply_hops: Vec<HopView>,
    /// What blocks it, in the order packets meet it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blockers: Vec<String>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HopView {
    /// What kind of step it is: `network_acl_in`.
    pub step: String,
    /// The same for people: `network ACL in`.
    pub words: String,
    /// The id of the thing it happens at.
    pub at: String,
    /// The thing's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The rule, route or setting that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What became of the packet.
    pub state: State,
    /// Why nobody can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Why it was blocked, as a word for machines: `ENI_SG_RULES_MISMATCH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why it was blocked, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The packet behind this step, when the step changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub becomes: Option<String>,
}

/// Who reaches whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachView {
    /// From where, as it was understood.
    pub from: String,
    /// To where, as it was understood.
    pub to: String,
    /// The traffic that was asked about; all of it when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Whether anything passes and is answered.
    pub state: State,
    /// How many starts were tried, and how many of them reach something.
    pub starts: u64,
    /// How many of the starts reach something for certain.
    pub reaching: u64,
    /// What passes.
    pub rows: Vec<ReachRow>,
    /// Where nothing passes: an attempt, and what blocks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<PathView>,
    /// Why there may be more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// Packets that get from one thing to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachRow {
    /// Where they start.
    pub from: Thing,
    /// Further starts that reach the same in the same way, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Where they end.
    pub to: Thing,
    /// What is sent.
    pub traffic: Vec<String>,
    /// What arrives, where it differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<String>,
    /// Who sends: prefixes, where they do not follow from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The load balancer or service in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Entry>,
    /// Whether answers come back.
    pub reply: ReplyView,
    /// Why it is not certain; nothing if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The path of a packet, if there was room for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathView>,
}

/// Which environments meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IsolationView {
    /// The declared environments, in the order of the configuration.
    pub environments: Vec<String>,
    /// A row for each environment that packets come from, a cell for each that they get to.
    pub matrix: Vec<Vec<Cell>>,
    /// The paths that nobody declared, one for each cause.
    pub breaches: Vec<BreachRow>,
    /// Why there may be more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// What is known of one environment's way to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The worst there is.
    pub state: CellState,
    /// How many certain causes let packets through.
    pub breaches: u64,
    /// How many causes may.
    pub unknown: u64,
    /// How many joints are routed and closed by filters only.
    pub routed: u64,
    /// How many declared flows there are.
    pub declared: u64,
}

/// What is known of one environment's way to another, the worst first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CellState {
    /// Packets get through that nobody declared.
    Breached,
    /// Nobody can say.
    Unknown,
    /// Routes lead there, and only filters keep packets out.
    RoutedOnly,
    /// Nothing but declared flows.
    Declared,
    /// There is no path.
    Isolated,
    /// An environment and itself.
    Same,
}

/// A path between environments that nobody declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreachRow {
    /// The environment that packets come from.
    pub from: String,
    /// The environment that they get to.
    pub to: String,
    /// Whether packets get through, or are only routed.
    pub level: Level,
    /// By what: `peering`.
    pub kind: String,
    /// The thing that joins the two.
    pub link: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_name: Option<String>,
    /// The rule that admits packets, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The routes that lead over it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<String>,
    /// What gets through, or would be routed.
    pub traffic: Vec<String>,
    /// How many interfaces may send.
    pub senders: u64,
    /// How many interfaces receive.
    pub receivers: u64,
    /// Whether answers come back.
    pub reply: ReplyView,
    /// Why it is not certain; nothing if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The path of a packet, if there was room for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathView>,
    /// What would end it, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<RemedyView>,
}

/// How far packets get.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// To a target that takes them.
    Admitted,
    /// To the border of the targets.
    RoutedOnly,
}

/// Why there may be more than is seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// The thing or place it is about.
    pub at: String,
    /// Why.
    pub cause: String,
}

/// What changed between two inventories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiffView {
    /// From where exposure was looked at.
    pub from: String,
    /// The changes of exposure.
    pub exposure: Vec<Change>,
    /// The changes of isolation.
    pub isolation: Vec<Change>,
    /// How much of both is the same in both inventories.
    pub unchanged: u64,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// What it is about: an exposed thing, or the joint between two environments.
    pub subject: Thing,
    /// The path in words: `from the internet by 203.0.113.10`, `development → production by peering`.
    pub way: String,
    /// The traffic that appeared, vanished, or is not certain any more.
    pub traffic: Vec<String>,
    /// Who may, where it is about exposure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// Why it is not certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// How something changed, the worst first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is there now, and was not.
    Appeared,
    /// It may be there now; it was not, or that was certain.
    BecameUnknown,
    /// It is there for certain now, and may have been.
    BecameCertain,
    /// It is not there any more.
    Vanished,
}

/// How to show an answer at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; fewer than 80 count as 80.
    pub width: usize,
    /// Whether there is colour.
    pub color: bool,
    /// Whether paths are told hop by hop.
    pub explain: bool,
    /// How many rows are listed.
    pub rows_max: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 100, color: false, explain: false, rows_max: 200 }
    }
}

impl Document {
    /// An answer by this build.
    pub fn new(title: Option<String>, inventories: Vec<Inventory>, answer: Answer) -> Self {
        let tool = concat!("portcullis ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { portcullis_network: VERSION, tool, title, inventories, answer }
    }
}

/// Writes an answer as JSON, a line feed at its end.
///
/// # Errors
/// When `out` fails.
pub fn write_json(document: &Document, out: &mut dyn Write) -> Result<(), Error> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The JSON Schema of an answer.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
