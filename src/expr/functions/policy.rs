//! Predicates of IAM policy statements.

use super::Sort::{Bool, Statement, String};
use super::{Function, Run, function as f, take};
use crate::expr::value::{Truth, Value, Why};
use crate::model::policy::{self, pattern};
use crate::model::reflect::View;

pub(super) static POLICY: &[Function] = &[
    f!(
        "Whether its `Action`, or all but its `NotAction`, covers every action that a text can mean, which may itself \
        hold `*` and `?`. Letter case does not matter.",
        "s.covers_action('iam:PassRole')",
        "covers_action",
        Some(Statement),
        &[String],
        Bool,
        Run::Pure(|v| covers(v, "actions", "not_actions", true))
    ),
    f!(
        "Whether its `Resource`, or all but its `NotResource`, covers every resource that a text can mean, which may \
        itself hold `*` and `?`.",
        "s.covers_resource('*')",
        "covers_resource",
        Some(Statement),
        &[String],
        Bool,
        Run::Pure(|v| covers(v, "resources", "not_resources", false))
    ),
];

fn covers<'a>(v: &[Value<'a>], positive: &str, negative: &str, fold_case: bool) -> Value<'a> {
    let Some(Value::Struct(statement)) = v.first() else { return take::failed("no statement") };
    let wanted = fold(take::text(v, 1), fold_case);
    let slot = |name| policy::Statement::SHAPE.slot(name).map(|slot| statement.slot(slot));
    // What certainly names nobody stands at no resource, and must say which it means.
    let names_nobody = || {
        ["principals", "not_principals"]
            .into_iter()
            .all(|name| slot(name).is_some_and(|list| matches!(is_empty(list), Truth::True)))
    };
    let (Some(positive), Some(negative)) = (slot(positive), slot(negative)) else {
        return take::failed("no statement");
    };
    // An element that is absent is an empty list; a statement has one of the two, and AWS stores no other.
    match (is_empty(positive), is_empty(negative)) {
        (Truth::False, Truth::False) => {
            return Value::Unknown(Why::not_understood(
                "a statement with an element and its opposite",
            ));
        }
        (Truth::True, Truth::True) if !fold_case && names_nobody() => {
            return Value::Unknown(policy::without_resource().into());
        }
        _ => {}
    }
    let inside = any(positive, |own| {
        let own = fold(own, fold_case);
        undecided(&own, |own| pattern::contains(own, &wanted))
    });
    let excluded = any(negative, |own| {
        let own = fold(own, fold_case);
        undecided(&own, |own| Some(pattern::overlaps(own, &wanted)))
    });
    let outside = match is_empty(negative) {
        Truth::True => Truth::False,
        Truth::False => !excluded,
        unknown @ Truth::Unknown(_) => {
            if excluded.is_true() {
                Truth::False
            } else {
                unknown
            }
        }
    };
    match (inside, outside) {
        (Truth::True, _) | (_, Truth::True) => Value::Bool(true),
        (Truth::False, Truth::False) => Value::Bool(false),
        (Truth::Unknown(why), _) | (_, Truth::Unknown(why)) => Value::Unknown(why),
    }
}

fn fold(text: &str, fold_case: bool) -> std::borrow::Cow<'_, str> {
    if fold_case && text.bytes().any(|b| b.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

/// What a pattern says whose policy variables, such as `${aws:username}`, are known only when a request is made: it
/// can be ruled out by what they could stand for at most, and never be affirmed.
fn undecided(own: &str, judge: impl Fn(&str) -> Option<bool>) -> Option<bool> {
    if !own.contains("${") {
        return judge(own);
    }
    let mut widest = std::string::String::new();
    let mut rest = own;
    while let Some((before, after)) = rest.split_once("${") {
        widest.push_str(before);
        widest.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    widest.push_str(rest);
    judge(&widest).filter(|holds| !holds)
}

fn is_empty(list: View<'_>) -> Truth<'_> {
    match list {
        View::List(items) => items.is_empty().into(),
        View::Unknown(cause) => Truth::Unknown(Why::Lent(cause)),
        _ => Truth::True,
    }
}

/// Whether some text of a list certainly has a property.
fn any(list: View<'_>, judge: impl Fn(&str) -> Option<bool>) -> Truth<'_> {
    let items = match list {
        View::List(items) => items,
        View::Unknown(cause) => return Truth::Unknown(Why::Lent(cause)),
        _ => return Truth::False,
    };
    let mut doubt = None;
    for at in 0..items.len() {
        match items.item(at) {
            View::Str(text) => match judge(text) {
                Some(true) => return Truth::True,
                Some(false) => {}
                None => {
                    doubt.get_or_insert_with(|| {
                        Why::not_understood(format!("the pattern {text:?}"))
                    });
                }
            },
            View::Unknown(cause) => {
                doubt.get_or_insert(Why::Lent(cause));
            }
            _ => {}
        }
    }
    doubt.map_or(Truth::False, Truth::Unknown)
}
