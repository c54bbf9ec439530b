//! Words that all forms share.

use std::collections::BTreeMap;

use super::{
    Ask, Becomes, Document, Paths, Principal, Quality, Remedy, Removal, Row, Statement, Step,
    Untried,
};
use crate::report::network::shown::{name, short, with_more, words};
use crate::report::text::{count, counted};

impl Principal {
    /// What people know it by: `user ada`.
    pub(super) fn title(&self) -> String {
        format!("{} {}", name(&self.kind), name(&self.name))
    }

    /// Where it is.
    pub(super) fn place(&self) -> String {
        let parts = [self.environment.as_deref(), Some(self.account.as_str())];
        let parts: Vec<String> = parts.into_iter().flatten().map(name).collect();
        parts.join(" ")
    }
}

impl Becomes {
    /// For people.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Administrator => "administrator".to_owned(),
            Self::Stronger => "itself with more rights".to_owned(),
            Self::Principal(other) => other.title(),
            Self::Elsewhere => "something outside the inventory".to_owned(),
        }
    }
}

impl Step {
    /// What the step goes by, unless that is whom it leads to.
    pub(super) fn by(&self) -> Option<String> {
        let via = self.via.as_deref()?;
        let is_target = matches!(&self.becomes, Becomes::Principal(other) if other.arn == via);
        (!is_target).then(|| name(short(via)))
    }
}

impl Row {
    /// The whole path in a line: `iam-012 → role deploy → iam-005 → administrator`.
    pub(super) fn line(&self, view: &Paths) -> String {
        let parts: Vec<String> = self
            .path
            .iter()
            .map(|step| format!("{} → {}", name(&step.method), step.becomes.title()))
            .collect();
        let line = parts.join(" → ");
        let ends_at_administrator =
            self.path.last().is_some_and(|step| is_administrator(view, &step.becomes));
        if ends_at_administrator { format!("{line}, administrator") } else { line }
    }

    /// The steps beside the path: what else it can become more by.
    pub(super) fn others(&self) -> impl Iterator<Item = &Step> {
        let on_path = |step: &&Step| {
            self.path
                .first()
                .is_some_and(|first| first.method == step.method && first.becomes == step.becomes)
        };
        self.uses.iter().filter(move |step| !on_path(step))
    }
}

/// Rows that say the same of several principals.
pub(super) struct Alike<'r> {
    /// One of them.
    pub(super) row: &'r Row,
    /// The others.
    pub(super) also: Vec<String>,
}

impl Alike<'_> {
    /// Who.
    pub(super) fn title(&self) -> String {
        with_more(self.row.principal.title(), self.also.len())
    }
}

/// Rows with a path, those of one path to one goal told once. What has a remedy of its own stands alone.
pub(super) fn alike<'r>(view: &Paths, rows: &[&'r Row]) -> Vec<Alike<'r>> {
    let mut out: Vec<Alike<'r>> = Vec::new();
    let mut found: BTreeMap<(Option<Quality>, String), usize> = BTreeMap::new();
    for row in rows {
        let ends = row.path.iter().map(|step| match &step.becomes {
            Becomes::Principal(other) => format!("{} {}", step.method, other.arn),
            _ => format!("{} {}", step.method, row.principal.account),
        });
        let key = match (&row.remedy, view.from.is_some()) {
            (None, false) => ends.collect::<Vec<_>>().join("\n"),
            _ => row.principal.arn.clone(),
        };
        let at = *found.entry((row.sure, key)).or_insert(out.len());
        match out.get_mut(at) {
            Some(alike) => alike.also.push(row.principal.title()),
            None => out.push(Alike { row, also: Vec::new() }),
        }
    }
    out
}

/// Whether a path ends because somebody is an administrator, and not because it is whom one asked for.
pub(super) fn is_administrator(view: &Paths, becomes: &Becomes) -> bool {
    matches!(becomes, Becomes::Principal(other) if view.to.as_deref() != Some(other.arn.as_str()))
}

/// A way of becoming more that several principals share.
pub(super) struct Way<'r> {
    pub(super) method: &'r str,
    pub(super) title: &'r str,
    pub(super) becomes: String,
    pub(super) sure: Quality,
    /// Who has it.
    pub(super) principals: Vec<String>,
}

/// The ways of rows, each once, those of the most principals first.
pub(super) fn ways<'r>(rows: &[&'r Row]) -> Vec<Way<'r>> {
    let mut found: BTreeMap<(&str, String, Quality), Way<'r>> = BTreeMap::new();
    for row in rows {
        for step in &row.uses {
            let becomes = step.becomes.title();
            let way =
                found.entry((&step.method, becomes.clone(), step.sure)).or_insert_with(|| Way {
                    method: &step.method,
                    title: &step.title,
                    becomes,
                    sure: step.sure,
                    principals: Vec::new(),
                });
            way.principals.push(row.principal.title());
        }
    }
    let mut out: Vec<Way<'r>> = found.into_values().collect();
    out.sort_by_key(|way| (way.sure, usize::MAX - way.principals.len()));
    out
}

/// Where a statement stands.
pub(super) fn statement(one: &Statement) -> String {
    let version = one.version.as_deref().map_or_else(String::new, |v| format!(" {}", name(v)));
    let sid = one.sid.as_deref().map_or_else(String::new, |sid| format!(" ({})", name(sid)));
    format!("{}{version}, statement {}{sid}", words(&one.policy), one.statement)
}

/// The statements behind a request, the first of them by name.
pub(super) fn by(ask: &Ask) -> String {
    match ask.by.as_slice() {
        [] => String::new(),
        [one] => statement(one),
        [one, rest @ ..] => {
            format!("{} and {}", statement(one), counted(rest.len() as u64, "other", "others"))
        }
    }
}

/// What would end it, in a line before the statements.
pub(super) fn remedy_lead(remedy: &Remedy) -> String {
    if remedy.removals.is_empty() {
        return "no small remedy: taking a few statements away leaves a path".to_owned();
    }
    "remedy, verified by searching again: take away".to_owned()
}

/// A statement to take away.
pub(super) fn removal(one: &Removal) -> String {
    let shared = match one.shared_by {
        0 => String::new(),
        n => format!("; {} it too", counted(n, "other principal loses", "other principals lose")),
    };
    format!("{}{shared}", statement(&one.statement))
}

/// Why there may be more: where, and why.
pub(super) fn more(view: &Paths) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> =
        view.doubts.iter().map(|one| (words(&one.at), words(&one.cause))).collect();
    let mut by_method: BTreeMap<&str, (&Untried, u64)> = BTreeMap::new();
    for one in &view.untried {
        by_method.entry(&one.method).or_insert((one, 0)).1 += 1;
    }
    for (method, (first, principals)) in by_method {
        let others = match principals - 1 {
            0 => String::new(),
            n => format!("; likewise for {}", counted(n, "other", "others")),
        };
        let cause = format!(
            "for {} tried on {} of {} principals, the strongest{others}",
            name(short(&first.principal)),
            count(first.tried),
            count(first.of)
        );
        out.push((name(method), cause));
    }
    out
}

/// Whom paths lead to.
pub(super) fn goal(view: &Paths) -> String {
    view.to.as_deref().map_or_else(|| "an administrator".to_owned(), |to| name(short(to)))
}

/// What it comes to.
pub(super) fn summary(view: &Paths) -> String {
    let goal = goal(view);
    if let Some(from) = &view.from {
        let from = name(short(from));
        if view.administrators.iter().any(|it| it.certain && it.principal.arn == *view_from(view)) {
            return format!("{from} is an administrator");
        }
        let sure = view.rows.iter().find_map(|row| row.sure);
        return match sure {
            Some(Quality::Certain) => format!("{from} can become {goal}"),
            Some(Quality::Conditional) => format!("{from} becomes {goal} if conditions hold"),
            Some(Quality::Possible) => {
                format!("{from} may become {goal}, by something the inventory does not show")
            }
            None if view.possible > 0 => {
                format!("{from} may become {goal}, by something the inventory does not show")
            }
            None => format!("{from} cannot become {goal}"),
        };
    }
    let verb = if view.certain == 1 { "becomes" } else { "become" };
    format!(
        "{} of {} {verb} {goal} for certain, {} if conditions hold, {} possibly",
        count(view.certain),
        counted(view.principals, "principal", "principals"),
        count(view.conditional),
        count(view.possible),
    )
}

fn view_from(view: &Paths) -> &str {
    view.from.as_deref().unwrap_or_default()
}

/// Who is an administrator by itself.
pub(super) fn administrators(view: &Paths) -> String {
    let certain = view.administrators.iter().filter(|it| it.certain).count() as u64;
    let perhaps = view.administrators.len() as u64 - certain;
    let is = if certain == 1 { "is an administrator" } else { "are administrators" };
    let more = if perhaps == 0 { String::new() } else { format!(", {} perhaps", count(perhaps)) };
    format!("{} {is} in effect{more}", count(certain))
}

/// The inventory behind an answer.
pub(super) fn source(document: &Document) -> String {
    let one = &document.inventory;
    format!(
        "{}, collected {}: {}",
        words(&one.path),
        name(&one.created),
        counted(one.principals, "principal", "principals"),
    )
}
