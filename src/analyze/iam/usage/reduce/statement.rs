//! One statement, reduced.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::change::{Because, Change, Reason, Verdict};
use super::{Terms, Uncovered};
use crate::analyze::iam::catalogue;
use crate::analyze::iam::document::{ActionPattern, Actions};
use crate::analyze::iam::glob;
use crate::analyze::iam::request::Action;
use crate::analyze::iam::usage::Use;
use crate::model::policy::{self, Condition, Statement, pattern};
use crate::model::{Attr, Cause, CauseKind};

/// A statement as it will be, if anything of it is left, and what became of it.
///
/// # Errors
/// The cause, when the statement is not understood in full: it can neither be told nor judged then.
pub(super) fn reduce(
    policy: &str,
    at: usize,
    statement: &Statement,
    terms: &Terms<'_>,
) -> Result<(Option<Value>, Change), Cause> {
    let read = Read::of(statement)?;
    let (verdict, because, left) = if read.allows {
        judge(&read, terms)
    } else {
        (Verdict::Kept, vec![stays(&read, Reason::Denies)], None)
    };
    let text = match verdict {
        Verdict::Kept => Some(read.write(None)),
        Verdict::Narrowed => Some(read.write(left.as_deref())),
        Verdict::Dropped => None,
    };
    let change = Change {
        policy: policy.to_owned(),
        statement: at,
        sid: read.sid.clone(),
        verdict,
        actions: read.actions,
        all_but: read.all_but,
        because,
    };
    Ok((text, change))
}

fn stays(read: &Read<'_>, reason: Reason) -> Because {
    Because { actions: read.actions.clone(), stays: true, reason }
}

/// A statement that is understood in full.
struct Read<'a> {
    sid: Option<String>,
    allows: bool,
    actions: Vec<String>,
    all_but: bool,
    resources: &'a [String],
    resources_but: &'a [String],
    conditions: &'a [Condition],
}

impl<'a> Read<'a> {
    fn of(statement: &'a Statement) -> Result<Self, Cause> {
        let known =
            |attr: &'a Attr<Vec<String>>| attr.get().map(Vec::as_slice).map_err(Clone::clone);
        if let Some(element) = statement.not_understood.get().map_err(Clone::clone)?.first() {
            let what = format!("`{element}` of a policy statement");
            return Err(Cause::new(CauseKind::NotUnderstood, what));
        }
        let (actions, but) = (known(&statement.actions)?, known(&statement.not_actions)?);
        if !actions.is_empty() && !but.is_empty() {
            return Err(policy::both_of("Action"));
        }
        let (resources, resources_but) =
            (known(&statement.resources)?, known(&statement.not_resources)?);
        match (resources.is_empty(), resources_but.is_empty()) {
            (true, true) => return Err(policy::without_resource()),
            (false, false) => return Err(policy::both_of("Resource")),
            _ => {}
        }
        let all_but = actions.is_empty();
        Ok(Self {
            sid: statement.sid.get().map_err(Clone::clone)?.clone(),
            allows: statement.effect.get().map_err(Clone::clone)? == "Allow",
            actions: if all_but { but } else { actions }.to_vec(),
            all_but,
            resources,
            resources_but,
            conditions: statement.conditions.get().map_err(Clone::clone)?,
        })
    }

    /// As a policy has it, with other actions if there are.
    fn write(&self, actions: Option<&[String]>) -> Value {
        let mut out = Map::new();
        if let Some(sid) = &self.sid {
            out.insert("Sid".to_owned(), json!(sid));
        }
        out.insert("Effect".to_owned(), json!(if self.allows { "Allow" } else { "Deny" }));
        match actions {
            Some(actions) => out.insert("Action".to_owned(), json!(actions)),
            None if self.all_but => out.insert("NotAction".to_owned(), json!(self.actions)),
            None => out.insert("Action".to_owned(), json!(self.actions)),
        };
        if !self.resources.is_empty() {
            out.insert("Resource".to_owned(), json!(self.resources));
        } else if !self.resources_but.is_empty() {
            out.insert("NotResource".to_owned(), json!(self.resources_but));
        }
        let mut conditions: BTreeMap<&str, BTreeMap<&str, &[String]>> = BTreeMap::new();
        for condition in self.conditions {
            if let (Some(operator), Some(key), Some(values)) =
                (condition.operator.known(), condition.key.known(), condition.values.known())
            {
                conditions.entry(operator).or_default().insert(key, values);
            }
        }
        if !conditions.is_empty() {
            out.insert("Condition".to_owned(), json!(conditions));
        }
        Value::Object(out)
    }
}

/// What the judgement of single patterns gathers.
#[derive(Default)]
struct Gathered {
    left: Vec<String>,
    /// By whether they stay and why.
    because: BTreeMap<(bool, Reason), BTreeSet<String>>,
    took: bool,
}

impl Gathered {
    fn note(&mut self, action: String, stays: bool, reason: Reason) {
        if stays {
            if !self.left.contains(&action) {
                self.left.push(action.clone());
            }
        } else {
            self.took = true;
        }
        self.because.entry((stays, reason)).or_default().insert(action);
    }
}

fn judge(read: &Read<'_>, terms: &Terms<'_>) -> (Verdict, Vec<Because>, Option<Vec<String>>) {
    if let Some(created) = terms.created.filter(|time| terms.window.holds(*time)) {
        return (Verdict::Kept, vec![stays(read, Reason::Young(created))], None);
    }
    let mut gathered = Gathered::default();
    if read.all_but {
        all_but(&read.actions, terms, &mut gathered);
    } else {
        for text in &read.actions {
            match ActionPattern::compile(text) {
                ActionPattern::Nothing => gathered.note(text.clone(), false, Reason::Nothing),
                ActionPattern::Everything => over_services("*", "*", terms, &mut gathered),
                ActionPattern::Of(service, name) if service.contains(['*', '?']) => {
                    over_services(&service, &name, terms, &mut gathered);
                }
                ActionPattern::Of(service, _) => one(&service, text, terms, &mut gathered),
            }
        }
    }
    let because = gathered.because.into_iter().map(|((stays, reason), actions)| Because {
        actions: actions.into_iter().collect(),
        stays,
        reason,
    });
    let because = because.collect();
    if !gathered.took {
        (Verdict::Kept, because, None)
    } else if gathered.left.is_empty() {
        (Verdict::Dropped, because, None)
    } else {
        (Verdict::Narrowed, because, Some(gathered.left))
    }
}

/// The services that exist as far as anybody told.
fn services<'t>(terms: &'t Terms<'_>) -> BTreeSet<&'t str> {
    let mut services: BTreeSet<&str> = terms.accessed.services().collect();
    for service in catalogue::services() {
        services.insert(service);
    }
    services
}

/// A pattern without a service of its own, service by service.
fn over_services(service: &str, name: &str, terms: &Terms<'_>, gathered: &mut Gathered) {
    for prefix in services(terms).into_iter().filter(|prefix| glob::matches(service, prefix)) {
        let pattern = ActionPattern::compile(&format!("{prefix}:{name}"));
        let is_all = name.bytes().all(|b| b == b'*');
        if is_all || !catalogue::matching(&pattern).is_empty() {
            one(prefix, &format!("{prefix}:{}", if is_all { "*" } else { name }), terms, gathered);
        }
    }
}

/// Everything but some patterns, service by service.
fn all_but(exceptions: &[String], terms: &Terms<'_>, gathered: &mut Gathered) {
    let lower: Vec<String> = exceptions.iter().map(|text| text.to_ascii_lowercase()).collect();
    let patterns = exceptions.iter().map(|text| ActionPattern::compile(text)).collect();
    let rest = Actions { negated: true, patterns };
    for prefix in services(terms) {
        let whole = format!("{prefix}:*");
        if lower.iter().any(|text| pattern::contains(text, &whole) == Some(true)) {
            continue;
        }
        if lower.iter().any(|text| pattern::overlaps(text, &whole)) {
            for known in catalogue::actions_of(prefix) {
                if known.action().is_some_and(|action| rest.include(&action)) {
                    one(prefix, &known.text(), terms, gathered);
                }
            }
        } else {
            one(prefix, &whole, terms, gathered);
        }
    }
}

/// A pattern of one service.
fn one(service: &str, text: &str, terms: &Terms<'_>, gathered: &mut Gathered) {
    let keep_uncovered = terms.uncovered == Uncovered::Keep;
    let at = match terms.accessed.service(service, &terms.window) {
        Use::Used(at) => at,
        Use::Unused(last) => return gathered.note(text.to_owned(), false, Reason::Unused(last)),
        Use::NotCovered => {
            return gathered.note(text.to_owned(), keep_uncovered, Reason::ServiceNotCovered);
        }
        Use::Open(cause) => {
            return gathered.note(text.to_owned(), keep_uncovered, Reason::Open(cause));
        }
    };
    let watched = terms.accessed.watched(service);
    if watched.is_empty() {
        // The whole service is known to be used; nothing tells its actions apart.
        return gathered.note(text.to_owned(), true, Reason::ActionsNotWatched(at));
    }
    let names = meant(service, text, &watched);
    let verdicts: Vec<(String, bool, Reason)> =
        names.into_iter().map(|name| verdict(service, name, at, terms)).collect();
    if verdicts.iter().all(|(_, stays, _)| *stays) {
        // Nothing of it goes, so it may stay as it is written.
        let all_used = verdicts.iter().all(|(_, _, reason)| matches!(reason, Reason::Used(_)));
        let reason = if all_used { Reason::Used(at) } else { Reason::ActionNotWatched(at) };
        return gathered.note(text.to_owned(), true, reason);
    }
    for (action, stays, reason) in verdicts {
        gathered.note(action, stays, reason);
    }
    if text.contains(['*', '?']) {
        gathered.note(text.to_owned(), false, Reason::NotDocumented);
    }
}

fn verdict(
    service: &str,
    name: String,
    at: jiff::Timestamp,
    terms: &Terms<'_>,
) -> (String, bool, Reason) {
    let keep_uncovered = terms.uncovered == Uncovered::Keep;
    let action = format!("{service}:{name}");
    match terms.accessed.action(service, &name.to_ascii_lowercase(), &terms.window) {
        Use::Used(at) => (action, true, Reason::Used(at)),
        Use::Unused(last) => (action, false, Reason::Unused(last)),
        Use::NotCovered => (action, keep_uncovered, Reason::ActionNotWatched(at)),
        Use::Open(cause) => (action, keep_uncovered, Reason::Open(cause)),
    }
}

/// The names of the actions that a pattern means: documented ones, watched ones, and the one it may name.
fn meant(service: &str, text: &str, watched: &[&str]) -> Vec<String> {
    let pattern = ActionPattern::compile(text);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for known in catalogue::matching(&pattern) {
        names.insert(known.name.to_ascii_lowercase(), known.name.to_owned());
    }
    for name in watched {
        let is_meant = Action::parse(&format!("{service}:{name}"))
            .is_some_and(|action| pattern.matches(&action));
        if is_meant {
            names.entry(name.to_ascii_lowercase()).or_insert_with(|| (*name).to_owned());
        }
    }
    if names.is_empty()
        && let Some((_, name)) = text.split_once(':')
    {
        names.insert(name.to_ascii_lowercase(), name.to_owned());
    }
    names.into_values().collect()
}
