//! Answers about permissions, as terminal text and as JSON; [`paths`] also as graphs and pages.

pub mod paths;
pub mod text;
pub mod usage;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::analyze::iam::ask::answer::Answer;
use crate::analyze::iam::ask::difference::Difference;
use crate::analyze::iam::ask::outside::Outside;
use crate::analyze::iam::ask::what::What;
use crate::analyze::iam::ask::who::Who;

/// An inventory that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// The file.
    pub path: String,
    /// When its collection began: an RFC 3339 time.
    pub created: String,
    /// How many users and roles it holds.
    pub principals: u64,
}

/// What was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// To do what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// With which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// One request, decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
    /// The question.
    pub question: Question,
    /// What was asked.
    pub inventory: Inventory,
}

/// Who may do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoCan {
    /// The answer.
    #[serde(flatten)]
    pub who: Who,
    /// The question.
    pub question: Question,
    /// What was asked.
    pub inventory: Inventory,
}

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatCan {
    /// The answer.
    #[serde(flatten)]
    pub what: What,
    /// The question.
    pub question: Question,
    /// What was asked.
    pub inventory: Inventory,
}

/// What those outside reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutsideView {
    /// One answer for each that was asked about.
    pub outside: Vec<Outside>,
    /// What was asked.
    pub inventory: Inventory,
}

/// Two inventories, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What changed.
    #[serde(flatten)]
    pub difference: Difference,
    /// The earlier inventory.
    pub before: Inventory,
    /// The later one.
    pub after: Inventory,
}
