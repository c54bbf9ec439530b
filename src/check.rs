//! Checks: declarative rules, one YAML file each.
//!
//! A file is read into a raw form with spans, then lowered to a valid [`Check`] whose expressions are typed programs.
//! Everything wrong with it is told at once. What is deliberately absent: selection by framework, waivers and counting
//! belong to the floors above.

mod builtin;
mod case;
mod evaluate;
mod lint;
mod lower;
mod raw;
mod suite;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::expr::{Program, Template};
use crate::finding::Severity;
use crate::model::Kind;
use crate::model::reflect::Type;
use crate::span::SourceFile;

pub use case::{Case, CaseReport};
pub use evaluate::{Offender, Setting, Verdict};
pub use lint::lint;
pub use raw::schema;
pub use suite::{Selection, Suite};

/// One declarative rule, ready to run.
#[derive(Debug)]
pub struct Check {
    /// Its id, equal to the file's name.
    pub id: String,
    /// The condition it wants, in one line.
    pub title: String,
    /// How bad it is when broken.
    pub severity: Severity,
    /// The resource type it judges.
    pub kind: &'static Kind,
    /// What an organisation may tune, in the order it was written.
    pub params: Vec<Param>,
    /// Where it applies; everywhere when absent.
    pub when: Option<Program>,
    /// The same as it was written.
    pub when_text: Option<String>,
    /// What breaks it.
    pub rule: Rule,
    /// The same as it was written.
    pub rule_text: String,
    /// What is said of each offender.
    pub message: Template,
    /// What is verified, and what an attacker does with it.
    pub why: String,
    /// How an auditor sees the same with the vendor's own tools.
    pub audit: String,
    /// How it is mended.
    pub remediation: Remediation,
    /// Ids of the controls it is evidence for, by standard.
    pub controls: BTreeMap<String, Vec<String>>,
    /// Its own test cases, once they were asked for.
    cases: OnceLock<Vec<Case>>,
    /// Whether it replaces a check of the same id on purpose.
    pub overrides: bool,
    /// The file it was read from.
    pub file: SourceFile,
}

/// What breaks a check.
#[derive(Debug)]
pub enum Rule {
    /// A list of offending parts; none means that it holds.
    Offenders(Program),
    /// A condition; false means that the resource itself offends.
    Assert(Program),
}

impl Rule {
    /// The expression.
    pub fn program(&self) -> &Program {
        match self {
            Self::Offenders(program) | Self::Assert(program) => program,
        }
    }
}

/// Something an organisation may tune.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name. A framework parameter of the same name sets it.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The value without any framework.
    pub default: serde_json::Value,
    /// What it means.
    pub doc: String,
}

/// How a failing check is mended, by the tool one prefers.
#[derive(Debug, Clone, Default)]
pub struct Remediation {
    /// In the web console.
    pub console: String,
    /// With the AWS CLI.
    pub cli: String,
    /// In Terraform.
    pub terraform: String,
}
