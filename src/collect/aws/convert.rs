//! Small conversions from the SDK's types. Enums go through their text: the SDK's are open, and so are ours.

use std::collections::BTreeMap;

use aws_smithy_types::DateTime;

use crate::clock::Time;
use crate::collect::normal;
use crate::model::attr::{Attr, CauseKind};
use crate::net::Prefix;

/// A value that AWS always gives; an answer without it is not understood, which is not the same as absent.
pub(crate) fn must<T>(value: Option<T>) -> Attr<T> {
    match value {
        Some(value) => Attr::Known(value),
        None => Attr::unknown(CauseKind::NotUnderstood, "the answer lacks it"),
    }
}

/// A switch that AWS leaves out when it is off.
pub(crate) fn flag(value: Option<bool>) -> Attr<bool> {
    Attr::Known(value.unwrap_or(false))
}

/// A number that may be absent.
pub(crate) fn number(value: Option<i32>) -> Attr<Option<i64>> {
    Attr::Known(value.map(i64::from))
}

/// A moment of the SDK, cut to whole seconds.
pub(crate) fn moment(value: DateTime) -> Option<Time> {
    Time::from_seconds(value.secs())
}

/// A moment that AWS always gives.
pub(crate) fn must_time(value: Option<DateTime>) -> Attr<Time> {
    must(value.and_then(moment))
}

/// A moment that may be absent.
pub(crate) fn time(value: Option<DateTime>) -> Attr<Option<Time>> {
    match value {
        None => Attr::Known(None),
        Some(value) => match moment(value) {
            Some(time) => Attr::Known(Some(time)),
            None => Attr::unknown(CauseKind::NotUnderstood, "a time outside the calendar"),
        },
    }
}

/// A moment that is written as text and may be absent.
pub(crate) fn text_time(value: Option<&str>) -> Attr<Option<Time>> {
    match value.filter(|text| !text.is_empty()) {
        None => Attr::Known(None),
        Some(text) => match normal::time(text) {
            Some(time) => Attr::Known(Some(time)),
            None => Attr::unknown(CauseKind::NotUnderstood, "a time that cannot be read"),
        },
    }
}

/// A prefix.
pub(crate) fn prefix(text: &str) -> Attr<Prefix> {
    match text.parse() {
        Ok(prefix) => Attr::Known(prefix),
        Err(why) => Attr::unknown(CauseKind::NotUnderstood, why),
    }
}

/// A prefix that AWS always gives.
pub(crate) fn must_prefix(text: Option<&str>) -> Attr<Prefix> {
    text.map_or_else(|| must(None), prefix)
}

/// A prefix that may be absent.
pub(crate) fn optional_prefix(text: Option<&str>) -> Attr<Option<Prefix>> {
    text.map_or(Attr::Known(None), |text| prefix(text).map(Some))
}

/// Prefixes. One that cannot be read makes the list unknown: without it the world would look narrower.
pub(crate) fn prefixes<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Attr<Vec<Prefix>> {
    let mut list = Vec::new();
    for text in texts {
        match text.as_ref().parse() {
            Ok(prefix) => list.push(prefix),
            Err(why) => return Attr::unknown(CauseKind::NotUnderstood, why),
        }
    }
    Attr::Known(list)
}

/// A list that AWS leaves out when it is empty.
pub(crate) fn list<T, U>(values: Option<Vec<T>>, convert: impl FnMut(T) -> U) -> Attr<Vec<U>> {
    Attr::Known(values.unwrap_or_default().into_iter().map(convert).collect())
}

/// A list of parts, of which some may be empty shells.
pub(crate) fn list_of<T, U>(
    values: Option<Vec<T>>,
    convert: impl FnMut(T) -> Option<U>,
) -> Attr<Vec<U>> {
    Attr::Known(values.unwrap_or_default().into_iter().filter_map(convert).collect())
}

/// Texts, sorted: AWS promises no order for sets.
pub(crate) fn sorted(values: Option<Vec<String>>) -> Attr<Vec<String>> {
    let mut list = values.unwrap_or_default();
    list.sort_unstable();
    Attr::Known(list)
}

/// The text of an SDK enum that may be absent.
macro_rules! word {
    ($value:expr) => {
        $crate::model::attr::Attr::Known($value.as_ref().map(|value| value.as_str().to_owned()))
    };
}
pub(crate) use word;

/// The text of an SDK enum that AWS always gives.
macro_rules! must_word {
    ($value:expr) => {
        $crate::collect::aws::convert::must($value.as_ref().map(|value| value.as_str().to_owned()))
    };
}
pub(crate) use must_word;

/// The tags of any service: their types are alike, but not the same.
macro_rules! tags {
    ($tags:expr) => {
        $tags
            .unwrap_or_default()
            .into_iter()
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect::<std::collections::BTreeMap<String, String>>()
    };
}
pub(crate) use tags;

/// Tags whose key and value are always there, as in IAM.
macro_rules! sure_tags {
    ($tags:expr) => {
        $tags
            .unwrap_or_default()
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect::<std::collections::BTreeMap<String, String>>()
    };
}
pub(crate) use sure_tags;

/// A map without order, as a sorted one.
pub(crate) fn map<V, W>(
    values: impl IntoIterator<Item = (String, V)>,
    convert: impl Fn(V) -> W,
) -> BTreeMap<String, W> {
    values.into_iter().map(|(key, value)| (key, convert(value))).collect()
}
