//! Words that all forms share. What comes from outside passes [`name`] before it is shown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{
    CellState, ChangeKind, Document, ExposureView, IsolationView, ReachView, RemedyView,
    ReplyState, ReplyView, State, Thing,
};
use crate::report::text::{clean, count, counted, cut};

/// How much of a name is shown; names come from outside, and may be as long as they like.
pub(super) const NAME_MAX: usize = 96;
/// How much of a sentence with such names is shown.
pub(super) const WORDS_MAX: usize = 320;
/// How many prefixes, rules and the like are told one by one.
pub(super) const LISTED_MAX: usize = 6;

/// A name from outside.
pub(in crate::report) fn name(text: &str) -> String {
    within(text, NAME_MAX)
}

/// Words with names from outside in them.
pub(in crate::report) fn words(text: &str) -> String {
    within(text, WORDS_MAX)
}

fn within(text: &str, max: usize) -> String {
    // Cut first: what is written out may be many times longer.
    let short = cut(text, max);
    match clean(&short) {
        Cow::Borrowed(_) => short.into_owned(),
        Cow::Owned(long) => cut(&long, max).into_owned(),
    }
}

/// The first of several, and how many more there are.
pub(in crate::report) fn list(all: &[String]) -> String {
    let mut shown: Vec<String> = all.iter().take(LISTED_MAX).map(|one| name(one)).collect();
    if all.len() > LISTED_MAX {
        shown.push(format!("{} more", count((all.len() - LISTED_MAX) as u64)));
    }
    shown.join(", ")
}

impl Thing {
    /// What people know it by.
    pub(super) fn title(&self) -> String {
        match &self.name {
            Some(own) if *own != self.id => format!("{} ({})", name(own), name(short(&self.id))),
            _ => name(short(&self.id)),
        }
    }

    /// The same where there is little room: the name alone, where there is one.
    pub(super) fn brief(&self) -> String {
        name(self.name.as_deref().unwrap_or_else(|| short(&self.id)))
    }

    /// Where it is.
    pub(super) fn place(&self) -> String {
        let parts = [&self.environment, &self.account, &self.region, &self.vpc];
        let parts: Vec<String> = parts.into_iter().flatten().map(|part| name(part)).collect();
        parts.join(" ")
    }
}

/// The part of an ARN that tells things apart.
pub(in crate::report) fn short(id: &str) -> &str {
    if !id.starts_with("arn:") {
        return id;
    }
    id.splitn(6, ':').last().unwrap_or(id)
}

impl ReplyView {
    /// In a word or two.
    pub(in crate::report) fn words(&self) -> String {
        match self.state {
            ReplyState::Full => "full".to_owned(),
            ReplyState::Partial => format!("partial: from ports {}", list(&self.ports)),
            ReplyState::None => "none, inbound only".to_owned(),
            ReplyState::Unknown => "unknown".to_owned(),
        }
    }
}

impl State {
    /// A sign beside words.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Passes => "✓",
            Self::Unknown => "?",
            Self::Blocked => "✗",
        }
    }

    /// A class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }
}

impl CellState {
    /// For people.
    pub(in crate::report) fn words(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::Unknown => "unknown",
            Self::RoutedOnly => "routed only",
            Self::Declared => "declared",
            Self::Isolated => "isolated",
            Self::Same => "–",
        }
    }

    /// A class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::Unknown => "unknown",
            Self::RoutedOnly => "routed",
            Self::Declared => "declared",
            Self::Isolated => "isolated",
            Self::Same => "same",
        }
    }
}

impl ChangeKind {
    /// All, the worst first.
    pub(super) const ALL: [Self; 4] =
        [Self::Appeared, Self::BecameUnknown, Self::BecameCertain, Self::Vanished];

    /// For people.
    pub(in crate::report) fn words(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::BecameUnknown => "became unknown",
            Self::BecameCertain => "became certain",
            Self::Vanished => "vanished",
        }
    }

    /// A class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Appeared => "fail",
            Self::BecameUnknown => "unknown",
            Self::BecameCertain => "high",
            Self::Vanished => "pass",
        }
    }
}

/// A thing and how many others there are beside it.
pub(in crate::report) fn with_more(title: String, more: usize) -> String {
    if more == 0 { title } else { format!("{title} and {} more", count(more as u64)) }
}

/// What would end something, in a line before the changes.
pub(super) fn remedy_lead(remedy: &RemedyView) -> String {
    if let Some(why) = &remedy.why_none {
        return format!("no small remedy: {}", words(why));
    }
    let verified = if remedy.verified { "verified by analysing again" } else { "not verified" };
    let loses = match remedy.loses {
        0 => "nothing else loses anything".to_owned(),
        n => format!("{} may lose something", counted(n, "other interface", "other interfaces")),
    };
    format!("remedy, {verified}; {loses}")
}

/// What an exposure comes to.
pub(super) fn exposure_summary(view: &ExposureView) -> String {
    format!(
        "{} of {} exposed to {}, {} more unknown",
        count(view.exposed),
        counted(view.interfaces, "interface", "interfaces"),
        name(&view.from),
        count(view.unknown),
    )
}

/// What a question about reach comes to.
pub(super) fn reach_summary(view: &ReachView) -> String {
    let what = view.port.as_ref().map_or_else(|| "anything".to_owned(), |port| name(port));
    let (from, to) = (name(&view.from), name(&view.to));
    let tail = if view.starts > 1 {
        format!(" ({} of {} starts for certain)", count(view.reaching), count(view.starts))
    } else {
        String::new()
    };
    let line = match view.state {
        State::Passes if view.port.is_some() => format!("{from} reaches {to} with {what}{tail}"),
        State::Passes => format!("{from} reaches {to}{tail}"),
        State::Unknown => format!("Unknown whether {from} reaches {to} with {what}{tail}"),
        State::Blocked if !view.rows.is_empty() => {
            format!("{from} gets packets to {to} with {what}, and no answer comes back{tail}")
        }
        State::Blocked => format!("{from} does not reach {to} with {what}"),
    };
    // It begins a sentence; names of things keep their case.
    for (small, large) in
        [("the ", "The "), ("environment ", "Environment "), ("anything ", "Anything ")]
    {
        if let Some(rest) = line.strip_prefix(small) {
            return format!("{large}{rest}");
        }
    }
    line
}

/// What isolation comes to.
pub(super) fn isolation_summary(view: &IsolationView) -> String {
    let cells = || view.matrix.iter().flatten();
    let pairs = cells().filter(|cell| cell.state != CellState::Same).count() as u64;
    let number = |state| cells().filter(|cell| cell.state == state).count() as u64;
    format!(
        "{} of {} breached, {} unknown, {} routed only, {} declared, {} isolated",
        count(number(CellState::Breached)),
        counted(pairs, "ordered pair of environments", "ordered pairs of environments"),
        count(number(CellState::Unknown)),
        count(number(CellState::RoutedOnly)),
        count(number(CellState::Declared)),
        count(number(CellState::Isolated)),
    )
}

/// Causes with how often each is named, the most frequent first.
pub(super) fn causes<'a>(all: impl Iterator<Item = &'a Option<String>>) -> Vec<(String, usize)> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for cause in all.flatten() {
        *found.entry(cause.as_str()).or_default() += 1;
    }
    let mut sorted: Vec<(String, usize)> =
        found.into_iter().map(|(cause, n)| (words(cause), n)).collect();
    sorted.sort_by_key(|(_, n)| usize::MAX - n);
    sorted
}

/// The inventories behind an answer.
pub(super) fn source_lines(document: &Document) -> Vec<String> {
    document
        .inventories
        .iter()
        .map(|one| {
            format!(
                "{}, collected {}: {}",
                words(&one.path),
                name(&one.created),
                counted(one.interfaces, "interface", "interfaces"),
            )
        })
        .collect()
}
