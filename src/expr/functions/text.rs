//! Functions of texts and numbers.

use super::Sort::{Bool, Float, Int, List, String, T};
use super::{Form, Function, Run, function as f, take};
use crate::expr::ops;
use crate::expr::value::{Listing, Value};
use crate::model::policy::pattern;

pub(super) static TEXT: &[Function] = &[
    f!(
        "Whether it begins with a text.",
        "self.name.startsWith('prod-')",
        "startsWith",
        Some(String),
        &[String],
        Bool,
        Run::Pure(|v| Value::Bool(take::text(v, 0).starts_with(take::text(v, 1))))
    ),
    f!(
        "Whether it ends with a text.",
        "self.id.endsWith('-tmp')",
        "endsWith",
        Some(String),
        &[String],
        Bool,
        Run::Pure(|v| Value::Bool(take::text(v, 0).ends_with(take::text(v, 1))))
    ),
    f!(
        "Whether a text occurs in it.",
        "self.id.contains('test')",
        "contains",
        Some(String),
        &[String],
        Bool,
        Run::Pure(|v| Value::Bool(take::text(v, 0).contains(take::text(v, 1))))
    ),
    f!(
        "Whether a pattern matches all of it: `*` stands for any characters, `?` for one.",
        "self.id.glob('i-0*')",
        "glob",
        Some(String),
        &[String],
        Bool,
        Run::Pure(|v| Value::Bool(pattern::matches(take::text(v, 1), take::text(v, 0))))
    ),
    f!(
        "Whether a regular expression, written as a literal, matches some part of it.",
        "self.id.matches('^i-[0-9a-f]+$')",
        "matches",
        Some(String),
        &[String],
        Bool,
        Run::Form(Form::Matches)
    ),
    f!(
        "With ASCII letters in lower case.",
        "self.id.lowerAscii()",
        "lowerAscii",
        Some(String),
        &[],
        String,
        Run::Pure(|v| Value::text(take::text(v, 0).to_ascii_lowercase()))
    ),
    f!(
        "With ASCII letters in upper case.",
        "self.id.upperAscii()",
        "upperAscii",
        Some(String),
        &[],
        String,
        Run::Pure(|v| Value::text(take::text(v, 0).to_ascii_uppercase()))
    ),
    f!(
        "Without white space at its ends.",
        "self.id.trim()",
        "trim",
        Some(String),
        &[],
        String,
        Run::Pure(|v| Value::text(take::text(v, 0).trim()))
    ),
    f!(
        "With every occurrence of a text replaced.",
        "self.id.replace('-', '_')",
        "replace",
        Some(String),
        &[String, String],
        String,
        Run::Pure(replace)
    ),
    f!(
        "Its parts between separators.",
        "self.id.split('-')",
        "split",
        Some(String),
        &[String],
        List(&String),
        Run::Pure(split)
    ),
    f!(
        "The texts of a list, one behind the other.",
        "['a', 'b'].join()",
        "join",
        Some(List(&String)),
        &[],
        String,
        Run::Pure(|v| join(v, ""))
    ),
    f!(
        "The texts of a list with a separator between.",
        "['a', 'b'].join(', ')",
        "join",
        Some(List(&String)),
        &[String],
        String,
        Run::Pure(|v| join(v, take::text(v, 1)))
    ),
    f!(
        "How many characters it has.",
        "self.id.size()",
        "size",
        Some(String),
        &[],
        Int,
        Run::Pure(characters)
    ),
    f!(
        "How many characters a text has.",
        "size(self.id)",
        "size",
        None,
        &[String],
        Int,
        Run::Pure(characters)
    ),
    f!(
        "The value as text.",
        "string(42)",
        "string",
        None,
        &[T],
        String,
        Run::Pure(|v| v.first().map_or(Value::Absent, |v| Value::text(v.to_string())))
    ),
];

pub(super) static NUMBERS: &[Function] = &[
    f!(
        "The integer a text spells.",
        "int('42')",
        "int",
        None,
        &[String],
        Int,
        Run::Pure(parse_int)
    ),
    f!(
        "A float without its fraction.",
        "int(3.9)",
        "int",
        None,
        &[Float],
        Int,
        Run::Pure(truncate)
    ),
    f!(
        "The integer itself.",
        "int(3)",
        "int",
        None,
        &[Int],
        Int,
        Run::Pure(|v| Value::Int(take::int(v, 0)))
    ),
    f!("An integer as float.", "double(3)", "double", None, &[Int], Float, Run::Pure(float_of)),
    f!(
        "The float a text spells.",
        "double('1.5')",
        "double",
        None,
        &[String],
        Float,
        Run::Pure(parse_float)
    ),
    f!(
        "The float itself.",
        "double(1.5)",
        "double",
        None,
        &[Float],
        Float,
        Run::Pure(|v| Value::Float(take::float(v, 0)))
    ),
    f!(
        "The smaller of two.",
        "min(self.x, 3)",
        "min",
        None,
        &[T, T],
        T,
        Run::Pure(|v| pick(v, true))
    ),
    f!(
        "The larger of two.",
        "max(self.x, 3)",
        "max",
        None,
        &[T, T],
        T,
        Run::Pure(|v| pick(v, false))
    ),
];

fn characters<'a>(v: &[Value<'a>]) -> Value<'a> {
    Value::Int(i64::try_from(take::text(v, 0).chars().count()).unwrap_or(i64::MAX))
}

fn split<'a>(v: &[Value<'a>]) -> Value<'a> {
    let separator = take::text(v, 1);
    let text = take::text(v, 0);
    if separator.is_empty() {
        let mut buffer = [0; 4];
        let parts = text.chars().map(|c| Value::text(&*c.encode_utf8(&mut buffer)));
        return Listing::of(parts).into();
    }
    Listing::of(text.split(separator).map(Value::text)).into()
}

fn join<'a>(v: &[Value<'a>], separator: &str) -> Value<'a> {
    match take::list(v, 0) {
        Ok(parts) => {
            let mut texts: Vec<&str> = Vec::new();
            for part in parts.iter().filter_map(Value::as_str) {
                texts.extend([separator, part]);
            }
            ops::concat(texts.get(1..).unwrap_or_default())
        }
        Err(why) => Value::Unknown(why),
    }
}

fn replace<'a>(v: &[Value<'a>]) -> Value<'a> {
    let (text, old, new) = (take::text(v, 0), take::text(v, 1), take::text(v, 2));
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split(old) {
        parts.extend([new, part]);
    }
    // One less than the parts: nothing stands before the first.
    ops::concat(parts.get(1..).unwrap_or_default())
}

fn parse_int<'a>(v: &[Value<'a>]) -> Value<'a> {
    let text = take::text(v, 0);
    text.parse().map_or_else(|_| take::failed(format!("{text:?} is no integer")), Value::Int)
}

fn parse_float<'a>(v: &[Value<'a>]) -> Value<'a> {
    let text = take::text(v, 0);
    text.parse().map_or_else(|_| take::failed(format!("{text:?} is no number")), Value::Float)
}

#[expect(clippy::cast_precision_loss, reason = "as CEL converts")]
fn float_of<'a>(v: &[Value<'a>]) -> Value<'a> {
    Value::Float(take::int(v, 0) as f64)
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncate<'a>(v: &[Value<'a>]) -> Value<'a> {
    let float = take::float(v, 0);
    // 2^63 is the first float beyond the integers.
    if float.abs() < 9_223_372_036_854_775_808.0 {
        Value::Int(float as i64)
    } else {
        take::failed(format!("{float} is beyond integers"))
    }
}

fn pick<'a>(v: &[Value<'a>], smaller: bool) -> Value<'a> {
    let [a, b] = v else { return Value::Absent };
    match ops::order(a, b) {
        Some(order) if order.is_le() == smaller => a.clone(),
        Some(_) => b.clone(),
        None => take::failed("values without an order"),
    }
}
