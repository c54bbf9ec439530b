//! What is granted and not used, and what is left of a principal's policies without it.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::Inventory;
use super::text::Style;
use crate::analyze::iam::usage::idle::{Idle, What};
use crate::analyze::iam::usage::reduce::{
    Because, Change, MANAGED_CHARACTERS_MAX, Proposal, Verdict,
};
use crate::clock;
use crate::report::terminal::paint::{Ink, Paint};
use crate::report::text::{clean, count, counted};

/// How many actions of one reason are listed in text.
const LISTED_MAX: usize = 12;

/// The version of both formats: raised when a field changes its meaning or goes away, not when one is added.
pub const VERSION: u64 = 1;

/// What nobody used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Portcullis answer about what is not used")]
pub struct Unused {
    /// The version of this format.
    pub portcullis_iam_unused: u64,
    /// What was asked.
    pub inventory: Inventory,
    /// Within how many days something must have been used.
    pub days: i64,
    /// What was not, by account and principal.
    pub unused: Vec<UnusedRow>,
}

/// Something that was not used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UnusedRow {
    /// The account.
    pub account: String,
    /// The user or role.
    pub principal: String,
    /// What kind of thing it is.
    pub what: What,
    /// The id of a key, the prefix of a service; absent where the principal says it.
    pub which: Option<String>,
    /// When it was last used; absent when never as far as is known.
    pub last_used: Option<String>,
    /// When it was made.
    pub made: Option<String>,
    /// Why nobody can say whether it was used; absent where it was not.
    pub unknown: Option<String>,
}

impl From<Idle> for UnusedRow {
    fn from(idle: Idle) -> Self {
        Self {
            account: idle.account,
            principal: idle.principal,
            what: idle.what,
            which: Some(idle.which).filter(|which| !which.is_empty()),
            last_used: idle.last.map(|time| time.to_string()),
            made: idle.made.map(|time| time.to_string()),
            unknown: idle.open.map(|cause| cause.to_string()),
        }
    }
}

/// The policy in place of those of a principal.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Portcullis proposal of a reduced policy")]
pub struct Reduced {
    /// The version of this format.
    pub portcullis_iam_reduce: u64,
    /// What was asked.
    pub inventory: Inventory,
    /// Whose policies.
    pub principal: String,
    /// Within how many days something must have been used.
    pub days: i64,
    /// When the use of services was found out.
    pub data_of: Option<String>,
    /// The policies it replaces.
    pub replaces: Vec<String>,
    /// The policy.
    pub policy: serde_json::Value,
    /// Its length, white space aside; a managed policy may have 6,144.
    pub characters: usize,
    /// Documented actions that statements allow now, resources and conditions aside.
    pub actions_before: usize,
    /// The same of the proposal.
    pub actions_after: usize,
    /// What became of every statement.
    pub statements: Vec<StatementRow>,
    /// What could not be read and must stay attached.
    pub unread: Vec<UnreadRow>,
}

/// What became of a statement.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StatementRow {
    /// The policy.
    pub policy: String,
    /// Its place there, from 0.
    pub statement: usize,
    /// Its own id.
    pub sid: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// The actions it speaks of.
    pub actions: Vec<String>,
    /// Whether those are exceptions.
    pub all_but: bool,
    /// Why.
    pub because: Vec<BecauseRow>,
}

/// Why a part of a statement stays or goes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BecauseRow {
    /// The actions.
    pub actions: Vec<String>,
    /// Whether they stay.
    pub stays: bool,
    /// The reason, as a stable word.
    pub reason: &'static str,
    /// The reason in words.
    pub words: String,
    /// Whether the data does not speak of it.
    pub not_covered: bool,
}

/// Something that could not be read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UnreadRow {
    /// What.
    pub policy: String,
    /// Why.
    pub cause: String,
}

/// The JSON Schema of what is not used.
pub fn unused_schema() -> serde_json::Value {
    schemars::schema_for!(Unused).to_value()
}

/// The JSON Schema of a proposal.
pub fn reduced_schema() -> serde_json::Value {
    schemars::schema_for!(Reduced).to_value()
}

/// The form of a proposal.
pub fn reduced(
    inventory: Inventory,
    principal: &str,
    days: i64,
    data_of: Option<String>,
    replaces: Vec<String>,
    proposal: Proposal,
) -> Reduced {
    Reduced {
        portcullis_iam_reduce: VERSION,
        inventory,
        principal: principal.to_owned(),
        days,
        data_of,
        replaces,
        policy: proposal.document,
        characters: proposal.characters,
        actions_before: proposal.actions.0,
        actions_after: proposal.actions.1,
        statements: proposal.changes.into_iter().map(statement).collect(),
        unread: proposal
            .unread
            .into_iter()
            .map(|(policy, cause)| UnreadRow { policy, cause: cause.to_string() })
            .collect(),
    }
}

fn statement(change: Change) -> StatementRow {
    StatementRow {
        policy: change.policy,
        statement: change.statement,
        sid: change.sid,
        verdict: change.verdict,
        actions: change.actions,
        all_but: change.all_but,
        because: change.because.into_iter().map(because).collect(),
    }
}

fn because(one: Because) -> BecauseRow {
    BecauseRow {
        stays: one.stays,
        reason: one.reason.code(),
        words: one.reason.to_string(),
        not_covered: one.reason.is_uncovered(),
        actions: one.actions,
    }
}

/// What nobody used, for a terminal.
pub fn unused(answer: &Unused, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    head(&answer.inventory, &mut out);
    let sure = answer.unused.iter().filter(|row| row.unknown.is_none()).count();
    let open = answer.unused.len() - sure;
    let _ = writeln!(
        out,
        "Not used for {}: {}{}",
        counted(u64::try_from(answer.days).unwrap_or_default(), "day", "days"),
        count(sure as u64),
        if open > 0 {
            format!("; nobody can say of {}", count(open as u64))
        } else {
            String::new()
        }
    );
    let mut last = "";
    for row in &answer.unused {
        if row.principal != last {
            let _ = writeln!(out, "\n{}", paint.put(Ink::Strong, &clean(&row.principal)));
            last = &row.principal;
        }
        let which = row.which.as_deref().map_or_else(String::new, |which| format!(" {which}"));
        let when = match (&row.unknown, &row.last_used) {
            (Some(cause), _) => format!("unknown: {cause}"),
            (None, Some(time)) => format!("last used on {}", day(time)),
            (None, None) => "never used".to_owned(),
        };
        let made =
            row.made.as_deref().map_or_else(String::new, |t| format!(", made on {}", day(t)));
        let _ = writeln!(out, "  {}{}: {}{made}", row.what.word(), clean(&which), clean(&when));
    }
    out
}

/// A proposal, for a terminal: the policy first, then every difference.
pub fn proposal(answer: &Reduced, style: Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    head(&answer.inventory, &mut out);
    let _ = writeln!(out, "Policies of {}", paint.put(Ink::Strong, &clean(&answer.principal)));
    let data = answer.data_of.as_deref().map_or("an unknown day", day);
    let _ = writeln!(
        out,
        "Used within {}, by data of {data}: {} of {} documented actions stay",
        counted(u64::try_from(answer.days).unwrap_or_default(), "day", "days"),
        count(answer.actions_after as u64),
        count(answer.actions_before as u64),
    );
    let _ = writeln!(out, "\n{}", paint.put(Ink::Strong, "Proposed policy"));
    let text = serde_json::to_string_pretty(&answer.policy).unwrap_or_default();
    let _ = writeln!(out, "{}", text.lines().map(clean).collect::<Vec<_>>().join("\n"));
    if answer.characters > MANAGED_CHARACTERS_MAX {
        let _ = writeln!(
            out,
            "It has {} characters and a managed policy may have {}: split it.",
            count(answer.characters as u64),
            count(MANAGED_CHARACTERS_MAX as u64)
        );
    }
    let replaces = if answer.replaces.is_empty() { "It replaces no policy" } else { "It replaces" };
    let _ = writeln!(out, "\n{}", paint.put(Ink::Strong, replaces));
    for policy in &answer.replaces {
        let _ = writeln!(out, "  {}", clean(policy));
    }
    let _ = writeln!(out, "\n{}", paint.put(Ink::Strong, "What became of each statement"));
    for row in &answer.statements {
        statement_text(row, paint, &mut out);
    }
    if !answer.unread.is_empty() {
        let _ =
            writeln!(out, "\n{}", paint.put(Ink::Strong, "Not read: this has to stay attached"));
        for row in &answer.unread {
            let _ = writeln!(out, "  {}: {}", clean(&row.policy), clean(&row.cause));
        }
    }
    out
}

fn statement_text(row: &StatementRow, paint: Paint, out: &mut String) {
    let sid = row.sid.as_deref().map_or_else(String::new, |sid| format!(" ({sid})"));
    let ink = match row.verdict {
        Verdict::Kept => Ink::Muted,
        Verdict::Narrowed => Ink::Unknown,
        Verdict::Dropped => Ink::Critical,
    };
    let _ = writeln!(
        out,
        "  {} statement {}{} of {}",
        paint.put(ink, row.verdict.word()),
        row.statement,
        clean(&sid),
        clean(&row.policy)
    );
    for one in &row.because {
        let more = one.actions.len().saturating_sub(LISTED_MAX);
        let mut actions: Vec<&str> =
            one.actions.iter().take(LISTED_MAX).map(String::as_str).collect();
        let more = format!("and {} more", count(more as u64));
        if one.actions.len() > LISTED_MAX {
            actions.push(&more);
        }
        let sign = if one.stays { "+" } else { "-" };
        let all_but = if row.all_but && row.verdict == Verdict::Kept { "all but " } else { "" };
        let _ = writeln!(
            out,
            "    {sign} {all_but}{}: {}",
            clean(&actions.join(", ")),
            clean(&one.words)
        );
    }
}

fn head(inventory: &Inventory, out: &mut String) {
    let _ = writeln!(
        out,
        "Inventory {} of {}, {}\n",
        clean(&inventory.path),
        clean(day(&inventory.created)),
        counted(inventory.principals, "user or role", "users and roles")
    );
}

/// The day of a time that is written out.
fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// The day on which data was gathered.
pub fn data_day(time: jiff::Timestamp) -> String {
    clock::today(time).to_string()
}
