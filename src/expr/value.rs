//! Values: what expressions compute, borrowed wherever they can be.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::clock::Time;
use crate::model::attr::UNKNOWN_KEY;
use crate::model::reflect::{Entries, Items, Reflect, Type, View};
use crate::model::{Cause, CauseKind};
use crate::net::{Ports, Prefix};

/// Why something is not known: borrowed from the model, or made on the way.
#[derive(Debug, Clone)]
pub enum Why<'a> {
    /// The cause of an attribute.
    Lent(&'a Cause),
    /// A cause found while evaluating.
    Made(Arc<Cause>),
}

impl Why<'_> {
    /// The cause.
    pub fn cause(&self) -> &Cause {
        match self {
            Self::Lent(cause) => cause,
            Self::Made(cause) => cause,
        }
    }

    /// Something in the expression cannot be computed.
    #[cold]
    pub(super) fn not_understood(detail: impl Into<String>) -> Self {
        Self::Made(Arc::new(Cause::new(CauseKind::NotUnderstood, detail)))
    }
}

impl From<Cause> for Why<'_> {
    fn from(cause: Cause) -> Self {
        Self::Made(Arc::new(cause))
    }
}

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause().fmt(f)
    }
}

/// Kleene's three truth values.
#[derive(Debug, Clone)]
pub enum Truth<'a> {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can say, and why.
    Unknown(Why<'a>),
}

impl Truth<'_> {
    /// Whether it certainly holds.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::True)
    }

    /// Whether it certainly does not hold.
    pub fn is_false(&self) -> bool {
        matches!(self, Self::False)
    }
}

impl std::ops::Not for Truth<'_> {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

impl From<bool> for Truth<'_> {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// A value of an expression.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Not known, and why.
    Unknown(Why<'a>),
    /// Known to be absent.
    Absent,
    /// true or false
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text of the model or of the program.
    Str(&'a str),
    /// Text made on the way.
    Text(Arc<str>),
    /// A moment.
    Time(Timestamp),
    /// A length of time.
    Duration(SignedDuration),
    /// A range of ports.
    Ports(Ports),
    /// An address prefix.
    Prefix(Prefix),
    /// A list of the model.
    Items(&'a dyn Items),
    /// A list made on the way.
    List(Arc<Listing<'a>>),
    /// A list of a parameter or of the program.
    Lent(&'a Listing<'a>),
    /// A map of the model.
    Entries(&'a dyn Entries),
    /// A map made on the way.
    Map(Arc<BTreeMap<String, Value<'a>>>),
    /// A struct or a resource.
    Struct(&'a dyn Reflect),
}

/// A list of which not everything may be certain.
#[derive(Debug, Clone, Default)]
pub struct Listing<'a> {
    /// What is, or may be, in it.
    pub items: Vec<Item<'a>>,
    /// Why there may be more than is seen.
    pub gap: Option<Why<'a>>,
}

/// One item of a list.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The item.
    pub value: Value<'a>,
    /// Why it is not certain that it belongs to the list; nothing when it is.
    pub doubt: Option<Why<'a>>,
}

impl<'a> Listing<'a> {
    /// The items that certainly belong to it.
    pub fn certain(&self) -> impl Iterator<Item = &Value<'a>> {
        self.items.iter().filter(|item| item.doubt.is_none()).map(|item| &item.value)
    }

    /// The items that may belong to it, and why that is not certain.
    pub fn possible(&self) -> impl Iterator<Item = (&Value<'a>, &Why<'a>)> {
        self.items.iter().filter_map(|item| item.doubt.as_ref().map(|why| (&item.value, why)))
    }

    /// Why it is not exactly known what belongs to it: the gap, or the first doubt.
    pub fn doubt(&self) -> Option<&Why<'a>> {
        self.gap.as_ref().or_else(|| self.items.iter().find_map(|item| item.doubt.as_ref()))
    }

    pub(super) fn of(values: impl IntoIterator<Item = Value<'a>>) -> Self {
        let items = values.into_iter().map(|value| Item { value, doubt: None }).collect();
        Self { items, gap: None }
    }
}

impl<'a> From<View<'a>> for Value<'a> {
    fn from(view: View<'a>) -> Self {
        match view {
            View::Unknown(cause) => Self::Unknown(Why::Lent(cause)),
            View::Absent => Self::Absent,
            View::Bool(v) => Self::Bool(v),
            View::Int(v) => Self::Int(v),
            View::Float(v) => Self::Float(v),
            View::Str(v) => Self::Str(v),
            View::Time(v) => Self::Time(v),
            View::Ports(v) => Self::Ports(v),
            View::Prefix(v) => Self::Prefix(*v),
            View::List(v) => Self::Items(v),
            View::Map(v) => Self::Entries(v),
            View::Struct(v) => Self::Struct(v),
        }
    }
}

impl<'a> From<Truth<'a>> for Value<'a> {
    fn from(truth: Truth<'a>) -> Self {
        match truth {
            Truth::True => Self::Bool(true),
            Truth::False => Self::Bool(false),
            Truth::Unknown(why) => Self::Unknown(why),
        }
    }
}

impl<'a> From<Listing<'a>> for Value<'a> {
    fn from(listing: Listing<'a>) -> Self {
        Self::List(Arc::new(listing))
    }
}

impl<'a> Value<'a> {
    /// Its truth; anything that is no boolean is unknown.
    pub fn truth(self) -> Truth<'a> {
        match self {
            Self::Bool(true) => Truth::True,
            Self::Bool(false) => Truth::False,
            Self::Unknown(why) => Truth::Unknown(why),
            _ => Truth::Unknown(Why::not_understood("no truth value")),
        }
    }

    /// Its items as a list.
    ///
    /// # Errors
    /// Why the list is not known at all.
    pub fn listing(&self) -> Result<Listing<'a>, Why<'a>> {
        match self {
            Self::Items(items) => Ok(Listing::of((0..items.len()).map(|i| items.item(i).into()))),
            Self::List(list) => Ok(Listing::clone(list)),
            Self::Lent(list) => Ok(Listing::clone(list)),
            Self::Absent => Ok(Listing::default()),
            Self::Unknown(why) => Err(why.clone()),
            _ => Err(Why::not_understood("no list")),
        }
    }

    /// Its text, when it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Why it is not known; nothing when it is.
    pub fn why(&self) -> Option<&Why<'a>> {
        match self {
            Self::Unknown(why) => Some(why),
            _ => None,
        }
    }

    /// A text of its own.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The same value without counting references: texts and lists are lent.
    pub(super) fn lend(&'a self) -> Self {
        match self {
            Self::Text(text) => Self::Str(text),
            Self::List(list) => Self::Lent(list),
            other => other.clone(),
        }
    }

    /// What identifies it, stable across runs: the key of a part, the text of anything else.
    pub fn key(&self) -> String {
        match self {
            Self::Struct(part) => part.key(),
            Self::Str(_) | Self::Text(_) => self.as_str().unwrap_or_default().to_owned(),
            other => other.json().to_string(),
        }
    }

    /// The value as JSON, for witnesses. What is not known is marked as in snapshots.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Unknown(why) => json!({ UNKNOWN_KEY: why.cause() }),
            Self::Absent => serde_json::Value::Null,
            Self::Bool(v) => json!(v),
            Self::Int(v) => json!(v),
            Self::Float(v) => json!(v),
            Self::Str(v) => json!(v),
            Self::Text(v) => json!(&**v),
            Self::Time(v) => json!(Time(*v)),
            Self::Duration(v) => json!(duration_text(*v)),
            Self::Ports(v) => json!(v),
            Self::Prefix(v) => json!(v),
            Self::Items(_) | Self::List(_) | Self::Lent(_) => {
                self.listing().map_or(serde_json::Value::Null, |l| listing_json(&l))
            }
            Self::Entries(map) => {
                let entries = map.entries().map(|(k, v)| (k.to_owned(), Value::from(v).json()));
                serde_json::Value::Object(entries.collect())
            }
            Self::Map(map) => {
                serde_json::Value::Object(map.iter().map(|(k, v)| (k.clone(), v.json())).collect())
            }
            Self::Struct(part) => part.json(),
        }
    }
}

fn listing_json(listing: &Listing<'_>) -> serde_json::Value {
    let mut list: Vec<_> = listing.certain().map(Value::json).collect();
    list.extend(
        listing.possible().map(|(v, why)| json!({ "$possible": v.json(), "why": why.cause() })),
    );
    list.extend(listing.gap.as_ref().map(|why| json!({ UNKNOWN_KEY: why.cause() })));
    serde_json::Value::Array(list)
}

/// The text people read, as in messages. It is not escaped: whoever prints it does that for their output.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(why) => write!(f, "(unknown: {why})"),
            Self::Absent => f.write_str("none"),
            Self::Bool(v) => v.fmt(f),
            Self::Int(v) => v.fmt(f),
            Self::Float(v) => v.fmt(f),
            Self::Str(v) => f.write_str(v),
            Self::Text(v) => f.write_str(v),
            Self::Time(v) => v.fmt(f),
            Self::Duration(v) => f.write_str(&duration_text(*v)),
            Self::Ports(v) => v.fmt(f),
            Self::Prefix(v) => v.fmt(f),
            Self::Items(_) | Self::List(_) | Self::Lent(_) => match self.listing() {
                Ok(listing) => show_listing(&listing, f),
                Err(why) => write!(f, "(unknown: {why})"),
            },
            Self::Entries(map) => show_entries(map.entries().map(|(k, v)| (k, v.into())), f),
            Self::Map(map) => show_entries(map.iter().map(|(k, v)| (k.as_str(), v.clone())), f),
            Self::Struct(part) => match part.ty() {
                // The envelope's second slot is the id.
                Type::Resource(_) => Value::from(part.slot(1)).fmt(f),
                _ => f.write_str(&part.key()),
            },
        }
    }
}

fn show_listing(listing: &Listing<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut parts: Vec<String> = listing.certain().map(ToString::to_string).collect();
    parts.extend(listing.possible().map(|(v, why)| format!("{v} (possibly: {why})")));
    parts.extend(listing.gap.as_ref().map(|why| format!("(unknown: {why})")));
    f.write_str(if parts.is_empty() { "none" } else { "" })?;
    f.write_str(&parts.join(", "))
}

fn show_entries<'v, 'a: 'v>(
    entries: impl Iterator<Item = (&'v str, Value<'a>)>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let parts: Vec<String> = entries.map(|(k, v)| format!("{k}={v}")).collect();
    f.write_str(if parts.is_empty() { "none" } else { "" })?;
    f.write_str(&parts.join(", "))
}

/// `90d`, `1d12h`, `45s`: the largest units first, nothing for zero parts.
pub(super) fn duration_text(duration: SignedDuration) -> String {
    let mut out = String::new();
    if duration.is_negative() {
        out.push('-');
    }
    let total = duration.as_secs().unsigned_abs();
    let parts = [
        (total / 86_400, 'd'),
        (total / 3600 % 24, 'h'),
        (total / 60 % 60, 'm'),
        (total % 60, 's'),
    ];
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{count}{unit}");
    }
    if total == 0 { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_small() {
        assert!(size_of::<Value<'_>>() <= 24, "{}", size_of::<Value<'_>>());
        assert!(size_of::<Truth<'_>>() <= 16, "{}", size_of::<Truth<'_>>());
    }

    #[test]
    fn durations_are_read_at_a_glance() {
        assert_eq!(duration_text(SignedDuration::from_hours(36)), "1d12h");
        assert_eq!(duration_text(SignedDuration::from_secs(-90)), "-1m30s");
        assert_eq!(duration_text(SignedDuration::ZERO), "0s");
    }
}
