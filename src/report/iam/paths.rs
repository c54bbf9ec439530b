//! Who can become whom, as terminal text, JSON, a graph for Graphviz, and a page with drawn paths.
//!
//! The types here are the answer itself, in words and numbers only, so that each form can be tried on answers made by
//! hand. `docs/iam-json.md` describes them as a format; [`schema`] is its JSON Schema.

pub mod dot;
pub mod html;
mod shown;
pub mod text;

use std::io::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Inventory;
pub use crate::analyze::iam::escalation::Quality;
use crate::report::Error;

/// The version of the format: raised when a field changes its meaning or goes away, not when one is added.
pub const VERSION: u64 = 1;

/// An answer as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Portcullis answer about paths of privileges")]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The version of this format.
    pub portcullis_iam_paths: u64,
    /// What wrote it, with its version.
    pub tool: String,
    /// What was asked.
    pub inventory: Inventory,
    /// The answer.
    pub answer: Paths,
}

/// Who can become whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// Whom it was asked about, by ARN; everybody when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whom paths lead to, by ARN; an administrator when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The users and roles that were looked at.
    pub principals: u64,
    /// Who is an administrator of its account in effect, or may be. Of these no paths are told.
    pub administrators: Vec<Administrator>,
    /// How many others have a path that is certain.
    pub certain: u64,
    /// How many others have a path on which a condition, or something that was not read, decides.
    pub conditional: u64,
    /// How many others have a path that needs something the inventory does not show.
    pub possible: u64,
    /// Whether rows and steps that are only possible are told.
    pub tells_possible: bool,
    /// Who has a path, certain ones first, and who becomes more than it is in other ways.
    pub rows: Vec<Row>,
    /// Why there may be more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// Of which methods not every target was tried for whom: beside what `uses` says there may be more, or better. Paths
    /// are not concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untried: Vec<Untried>,
}

/// An administrator in effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Administrator {
    /// Who.
    pub principal: Principal,
    /// Whether it certainly is one.
    pub certain: bool,
}

/// A user or role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    /// The ARN.
    pub arn: String,
    /// `user` or `role`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The account.
    pub account: String,
    /// Its declared environment, if it is known and there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// What one principal can become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Who.
    pub principal: Principal,
    /// How sure the path is, as its least sure step; absent without a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<Quality>,
    /// The shortest of the surest paths; empty where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Step>,
    /// For each method it can become more by than it is, the best step. Those of the path are among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Step>,
    /// What would end every path, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The id of the method: `iam-012`. `docs/escalation.md` describes them all.
    pub method: String,
    /// What the actor does.
    pub title: String,
    /// Who takes the step.
    pub from: Principal,
    /// What it becomes.
    pub becomes: Becomes,
    /// What the step goes by: a service, a workload, a group, a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// How sure it is.
    pub sure: Quality,
    /// What must be so besides, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// What must be allowed.
    pub asks: Vec<Ask>,
}

/// What a step leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// An administrator of its account, by policies of its own choice.
    Administrator,
    /// More than it was, without becoming anybody else.
    Stronger,
    /// Another principal.
    Principal(Principal),
    /// Something that the inventory does not show.
    Elsewhere,
}

/// A request that a step needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Whether it is certainly allowed; otherwise it may be.
    pub certain: bool,
    /// The statements that allow it, or may.
    pub by: Vec<Statement>,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Where it stands: the ARN of a managed policy, `inline NAME of ARN`, or the ARN of what the policy guards.
    pub policy: String,
    /// The version, of a managed policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its place in the document, from 0.
    pub statement: u32,
    /// Its own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// What would end every path of a principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// The statements to take away; all of them are needed, and the search finds no path without them. Empty where a few
    /// statements do not do.
    pub removals: Vec<Removal>,
}

/// A statement to take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Which.
    pub statement: Statement,
    /// How many other principals lose it too.
    pub shared_by: u64,
}

/// A method of which not every target was tried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Untried {
    /// The id of the method.
    pub method: String,
    /// Who would use it, by ARN.
    pub principal: String,
    /// On how many principals it was tried: the strongest.
    pub tried: u64,
    /// How many there are.
    pub of: u64,
}

/// Why there may be more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// What was not read.
    pub at: String,
    /// Why.
    pub cause: String,
}

impl Document {
    /// An answer by this build.
    pub fn new(inventory: Inventory, answer: Paths) -> Self {
        let tool = concat!("portcullis ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { portcullis_iam_paths: VERSION, tool, inventory, answer }
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
