//! Functions of time. The clock is the run's, `now`.

use jiff::SignedDuration;

use super::Sort::{Duration, Int, String, Time};
use super::{Form, Function, Run, function as f, take};
use crate::clock;
use crate::expr::value::Value;

pub(super) static TIME: &[Function] = &[
    f!(
        "A number of days.",
        "now - days(90)",
        "days",
        None,
        &[Int],
        Duration,
        Run::Pure(|v| length(v, 86_400))
    ),
    f!(
        "A number of hours.",
        "hours(12)",
        "hours",
        None,
        &[Int],
        Duration,
        Run::Pure(|v| length(v, 3600))
    ),
    f!(
        "The whole days in a length of time.",
        "(now - self.x).days() > 90",
        "days",
        Some(Duration),
        &[],
        Int,
        Run::Pure(|v| Value::Int(take::duration(v, 0).as_secs() / 86_400))
    ),
    f!(
        "The whole hours in a length of time.",
        "(now - self.x).hours() > 12",
        "hours",
        Some(Duration),
        &[],
        Int,
        Run::Pure(|v| Value::Int(take::duration(v, 0).as_secs() / 3600))
    ),
    f!(
        "A moment: a date, or a time with a zone.",
        "timestamp('2026-03-01T12:00:00Z')",
        "timestamp",
        None,
        &[String],
        Time,
        Run::Pure(|v| clock::parse(take::text(v, 0)).map_or_else(take::failed, Value::Time))
    ),
    f!(
        "How long ago it was.",
        "self.created_at.age() > days(90)",
        "age",
        Some(Time),
        &[],
        Duration,
        Run::Form(Form::Age)
    ),
    f!(
        "The seconds since 1970.",
        "self.created_at.epoch()",
        "epoch",
        Some(Time),
        &[],
        Int,
        Run::Pure(|v| take::time(v, 0).map_or(Value::Absent, |t| Value::Int(t.as_second())))
    ),
];

fn length<'a>(v: &[Value<'a>], seconds: i64) -> Value<'a> {
    let count = take::int(v, 0);
    match count.checked_mul(seconds) {
        Some(total) => Value::Duration(SignedDuration::from_secs(total)),
        None => take::failed(format!("{count} is too long a time")),
    }
}
