//! Equality, order and arithmetic of values, three-valued.

use std::cmp::Ordering;

use super::program::{Arith, Compare};
use super::value::{Listing, Truth, Value, Why};
use crate::model::reflect::{Reflect, Type};

/// Whether two values are equal. Lists, maps and structs are compared part by part: one part that differs decides.
pub(super) fn equal<'a>(a: &Value<'a>, b: &Value<'a>) -> Truth<'a> {
    match (a, b) {
        (Value::Unknown(why), _) | (_, Value::Unknown(why)) => Truth::Unknown(why.clone()),
        (Value::Absent, Value::Absent) => Truth::True,
        (Value::Bool(a), Value::Bool(b)) => (a == b).into(),
        (Value::Int(a), Value::Int(b)) => (a == b).into(),
        (Value::Time(a), Value::Time(b)) => (a == b).into(),
        (Value::Duration(a), Value::Duration(b)) => (a == b).into(),
        (Value::Ports(a), Value::Ports(b)) => (a == b).into(),
        (Value::Prefix(a), Value::Prefix(b)) => (a == b).into(),
        (Value::Struct(a), Value::Struct(b)) => equal_parts(*a, *b),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            order(a, b).is_some_and(Ordering::is_eq).into()
        }
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => (a == b).into(),
            _ if is_list(a) && is_list(b) => equal_lists(a, b),
            _ => match (entries(a), entries(b)) {
                (Some(a), Some(b)) => equal_maps(&a, &b),
                _ => Truth::False,
            },
        },
    }
}

fn is_list(value: &Value<'_>) -> bool {
    matches!(value, Value::Items(_) | Value::List(_) | Value::Lent(_))
}

fn equal_parts<'a>(a: &'a dyn Reflect, b: &'a dyn Reflect) -> Truth<'a> {
    match (a.ty(), b.ty()) {
        // Resources are the same when their identities are: the rest may differ in what was collected.
        (Type::Resource(_), Type::Resource(_)) => (a.key() == b.key()).into(),
        (Type::Struct(x), Type::Struct(y)) if x == y => all_of(
            (0..x.fields.len()).map(|slot| equal(&a.slot(slot).into(), &b.slot(slot).into())),
        ),
        _ => Truth::False,
    }
}

fn equal_lists<'a>(a: &Value<'a>, b: &Value<'a>) -> Truth<'a> {
    let (a, b) = match (a.listing(), b.listing()) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(why), _) | (_, Err(why)) => return Truth::Unknown(why),
    };
    if let Some(why) = a.doubt().or_else(|| b.doubt()) {
        return Truth::Unknown(why.clone());
    }
    if a.items.len() != b.items.len() {
        return Truth::False;
    }
    all_of(a.items.iter().zip(&b.items).map(|(a, b)| equal(&a.value, &b.value)))
}

type Pairs<'a> = Vec<(String, Value<'a>)>;

fn entries<'a>(value: &Value<'a>) -> Option<Pairs<'a>> {
    match value {
        Value::Entries(map) => Some(map.entries().map(|(k, v)| (k.to_owned(), v.into())).collect()),
        Value::Map(map) => Some(map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()),
        _ => None,
    }
}

fn equal_maps<'a>(a: &Pairs<'a>, b: &Pairs<'a>) -> Truth<'a> {
    // Both come in the order of their keys.
    if a.len() != b.len() || a.iter().zip(b).any(|((k, _), (l, _))| k != l) {
        return Truth::False;
    }
    all_of(a.iter().zip(b).map(|((_, v), (_, w))| equal(v, w)))
}

fn all_of<'a>(truths: impl Iterator<Item = Truth<'a>>) -> Truth<'a> {
    let mut doubt = None;
    for truth in truths {
        match truth {
            Truth::True => {}
            Truth::False => return Truth::False,
            Truth::Unknown(why) => doubt = doubt.or(Some(why)),
        }
    }
    doubt.map_or(Truth::True, Truth::Unknown)
}

/// The order of two known values of a type that has one.
#[expect(clippy::cast_precision_loss, reason = "as CEL compares integers with floats")]
pub(super) fn order(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        _ => Some(a.as_str()?.cmp(b.as_str()?)),
    }
}

/// `a < b` and so on.
pub(super) fn compare<'a>(how: Compare, a: &Value<'a>, b: &Value<'a>) -> Truth<'a> {
    if let Some(why) = a.why().or_else(|| b.why()) {
        return Truth::Unknown(why.clone());
    }
    match order(a, b) {
        Some(order) => how.holds(order).into(),
        // NaN is in no order with anything.
        None if matches!(
            (a, b),
            (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_))
        ) =>
        {
            Truth::False
        }
        None => Truth::Unknown(Why::not_understood("comparison with something absent")),
    }
}

/// Arithmetic; what has no result is unknown.
pub(super) fn arith<'a>(how: Arith, a: &Value<'a>, b: &Value<'a>) -> Value<'a> {
    if let Some(why) = a.why().or_else(|| b.why()) {
        return Value::Unknown(why.clone());
    }
    let result = match (a, b) {
        (Value::Int(a), Value::Int(b)) => return ints(how, *a, *b),
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(match how {
            Arith::Add => a + b,
            Arith::Subtract => a - b,
            Arith::Multiply => a * b,
            Arith::Divide => a / b,
            Arith::Remainder => a % b,
        })),
        (Value::Time(a), Value::Time(b)) => Some(Value::Duration(a.duration_since(*b))),
        (Value::Time(t), Value::Duration(d)) => match how {
            Arith::Subtract => t.checked_sub(*d).ok().map(Value::Time),
            _ => t.checked_add(*d).ok().map(Value::Time),
        },
        (Value::Duration(d), Value::Time(t)) => t.checked_add(*d).ok().map(Value::Time),
        (Value::Duration(a), Value::Duration(b)) => match how {
            Arith::Subtract => a.checked_sub(*b).map(Value::Duration),
            _ => a.checked_add(*b).map(Value::Duration),
        },
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => return concat(&[a, b]),
            _ => None,
        },
    };
    result.unwrap_or_else(|| Value::Unknown(Why::not_understood("a time beyond the calendar")))
}

/// The longest text that an expression makes, and the longest list: doubling is quickly written.
const SIZE_MAX: usize = 1 << 20;

/// Texts one behind the other.
pub(super) fn concat<'a>(parts: &[&str]) -> Value<'a> {
    if parts.iter().map(|part| part.len()).sum::<usize>() > SIZE_MAX {
        return Value::Unknown(Why::not_understood(format!(
            "a text of more than {SIZE_MAX} bytes"
        )));
    }
    Value::text(parts.concat())
}

fn ints<'a>(how: Arith, a: i64, b: i64) -> Value<'a> {
    let (result, sign) = match how {
        Arith::Add => (a.checked_add(b), "+"),
        Arith::Subtract => (a.checked_sub(b), "-"),
        Arith::Multiply => (a.checked_mul(b), "*"),
        Arith::Divide => (a.checked_div(b), "/"),
        Arith::Remainder => (a.checked_rem(b), "%"),
    };
    match result {
        Some(result) => Value::Int(result),
        None if b == 0 => Value::Unknown(Why::not_understood(format!("{a} {sign} 0"))),
        None => Value::Unknown(Why::not_understood(format!("{a} {sign} {b} overflows"))),
    }
}

/// Two lists, one behind the other.
pub(super) fn join<'a>(a: &Value<'a>, b: &Value<'a>) -> Value<'a> {
    match (a.listing(), b.listing()) {
        (Ok(a), Ok(b)) if a.items.len() + b.items.len() > SIZE_MAX => {
            Value::Unknown(Why::not_understood(format!("a list of more than {SIZE_MAX} items")))
        }
        (Ok(mut a), Ok(b)) => {
            a.items.extend(b.items);
            a.gap = a.gap.or(b.gap);
            a.into()
        }
        // What is known of one of them is still in the whole.
        (Ok(list), Err(why)) | (Err(why), Ok(list)) => {
            Listing { gap: list.gap.clone().or(Some(why)), items: list.items }.into()
        }
        (Err(why), Err(_)) => Value::Unknown(why),
    }
}

/// The size of a list against a number, from what the size can be at least and at most.
pub(super) fn count_compare(
    how: Compare,
    least: i64,
    most: i64,
    number: i64,
    doubt: Option<Why<'_>>,
) -> Truth<'_> {
    let (low, high) = (how.holds(least.cmp(&number)), how.holds(most.cmp(&number)));
    let decided = match how {
        Compare::Equal => least == most || number < least || number > most,
        _ => low == high,
    };
    match doubt {
        Some(why) if !decided => Truth::Unknown(why),
        _ => low.into(),
    }
}
