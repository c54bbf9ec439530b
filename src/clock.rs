//! The only place that reads the time. Everything else takes it as an argument.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// A moment, written as RFC 3339 with a zone.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub Timestamp);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

impl Time {
    /// A moment from seconds since 1970-01-01T00:00:00Z, as SDKs and JSON protocols give it; nothing outside the calendar.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(Self)
    }
}

/// The time of this machine, in UTC, cut to whole seconds so that reports stay readable.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Parses the time of a run: RFC 3339 with a zone, or a plain date, which means its first moment in UTC.
///
/// # Errors
/// When the text is neither.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    // jiff would read the date of a time without a zone, too, and silently drop the time.
    if text.len() == 10
        && let Ok(date) = text.parse::<Date>()
    {
        return start_of(date).ok_or_else(|| format!("`{text}` is outside the calendar"));
    }
    Err(format!(
        "`{text}` is neither a date (2026-03-01) nor a time with a zone (2026-03-01T12:00:00Z)"
    ))
}

/// The first moment of a date in UTC.
pub fn start_of(date: Date) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// Whether `now` lies after the whole of `date`: plain dates are UTC and inclusive.
pub fn is_past(date: Date, now: Timestamp) -> bool {
    today(now) > date
}

/// The UTC date of a moment.
pub fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

/// Whole days from `from` to `to`, negative when `to` is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    // Both ends are dates, so the span has no part smaller than a day and cannot overflow i64.
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts() {
        let day: Date = "2026-03-01".parse().unwrap();
        assert!(!is_past(day, parse("2026-03-01T23:59:59Z").unwrap()));
        assert!(is_past(day, parse("2026-03-02T00:00:00Z").unwrap()));
        assert_eq!(days_between(day, "2027-03-01".parse().unwrap()), 365);
    }

    #[test]
    fn a_time_without_zone_is_refused() {
        assert!(parse("2026-03-01T12:00:00").unwrap_err().contains("zone"));
        assert_eq!(parse("2026-03-01").unwrap(), parse("2026-03-01T00:00:00Z").unwrap());
    }
}
