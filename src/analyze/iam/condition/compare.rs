//! How operators compare one value of a request with one of a policy.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use crate::analyze::iam::glob::{Glob, Literal};
use crate::analyze::iam::request::Request;
use crate::analyze::iam::truth::Truth;

/// An operator without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// Exact texts, with or without regard to case.
    Equals {
        negated: bool,
        fold: bool,
    },
    /// Texts with wildcards.
    Like {
        negated: bool,
    },
    /// ARNs with wildcards, part by part.
    Arn {
        negated: bool,
    },
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip {
        negated: bool,
    },
    Null,
}

/// How an ordered value stands to that of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The operator with a name in lower case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "stringequals" => Self::Equals { negated: false, fold: false },
            "stringnotequals" => Self::Equals { negated: true, fold: false },
            "stringequalsignorecase" => Self::Equals { negated: false, fold: true },
            "stringnotequalsignorecase" => Self::Equals { negated: true, fold: true },
            "stringlike" => Self::Like { negated: false },
            "stringnotlike" => Self::Like { negated: true },
            "arnequals" | "arnlike" => Self::Arn { negated: false },
            "arnnotequals" | "arnnotlike" => Self::Arn { negated: true },
            "bool" => Self::Bool,
            "binaryequals" => Self::Binary,
            "ipaddress" => Self::Ip { negated: false },
            "notipaddress" => Self::Ip { negated: true },
            "null" => Self::Null,
            _ => {
                if let Some(order) = name.strip_prefix("numeric") {
                    Self::Numeric(Order::named(order)?)
                } else {
                    Self::Date(Order::named(name.strip_prefix("date")?)?)
                }
            }
        })
    }

    /// Whether it holds where none of its values match.
    pub(super) fn negated(self) -> bool {
        match self {
            Self::Equals { negated, .. }
            | Self::Like { negated }
            | Self::Arn { negated }
            | Self::Ip { negated } => negated,
            Self::Numeric(order) | Self::Date(order) => order == Order::NotEqual,
            Self::Bool | Self::Binary | Self::Null => false,
        }
    }

    /// Whether its values may be patterns.
    pub(super) fn is_pattern(self) -> bool {
        matches!(self, Self::Like { negated: false } | Self::Arn { negated: false })
    }

    /// Whether a value of a request is of the kind the operator compares; others satisfy neither it nor its negation.
    pub(super) fn sensible(self, value: &str) -> bool {
        match self {
            Self::Arn { .. } => value.splitn(6, ':').count() == 6 && value.starts_with("arn:"),
            Self::Numeric(_) => number(value).is_some(),
            Self::Date(_) => time(value).is_some(),
            Self::Ip { .. } => value.trim().parse::<IpAddr>().is_ok(),
            Self::Bool => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            _ => true,
        }
    }

    /// Whether a value of a request matches one of the policy, negation aside.
    pub(super) fn matches(self, value: &str, pattern: &Glob, request: &Request<'_>) -> Truth {
        match self {
            Self::Like { .. } => return pattern.holds(value, request),
            Self::Arn { .. } => return pattern.holds_by_parts(value, request),
            _ => {}
        }
        // Only texts, ARNs and truths may hold variables.
        let own = match self {
            Self::Numeric(_) | Self::Date(_) | Self::Ip { .. } | Self::Binary => {
                match pattern.plain() {
                    Some(plain) => Literal::Is(plain.into()),
                    None => return Truth::No,
                }
            }
            _ => pattern.literal(request),
        };
        let own = match own {
            Literal::Is(text) => text,
            // AWS: what a variable without a value would have matched is not matched.
            Literal::Unresolved => return Truth::No,
            Literal::Unknown => return Truth::Maybe,
        };
        let matches = match self {
            Self::Equals { fold: true, .. } => own.to_lowercase() == value.to_lowercase(),
            Self::Equals { .. } => *own == *value,
            Self::Bool => own.eq_ignore_ascii_case(value),
            // Base64 of the same bytes differs in its padding at most.
            Self::Binary => own.trim_end_matches('=') == value.trim_end_matches('='),
            Self::Numeric(order) => {
                number(value).zip(number(&own)).is_some_and(|(a, b)| order.holds(a.partial_cmp(&b)))
            }
            Self::Date(order) => {
                time(value).zip(time(&own)).is_some_and(|(a, b)| order.holds(Some(a.cmp(&b))))
            }
            Self::Ip { .. } => in_range(value, &own),
            Self::Like { .. } | Self::Arn { .. } | Self::Null => false,
        };
        matches.into()
    }
}

impl Order {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "equals" => Self::Equal,
            "notequals" => Self::NotEqual,
            "lessthan" => Self::Less,
            "lessthanequals" => Self::LessOrEqual,
            "greaterthan" => Self::Greater,
            "greaterthanequals" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Whether it holds, negation aside: `NotEqual` asks for equality and is turned around by its caller.
    fn holds(self, found: Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Self::Equal | Self::NotEqual => found == Some(Equal),
            Self::Less => found == Some(Less),
            Self::LessOrEqual => matches!(found, Some(Less | Equal)),
            Self::Greater => found == Some(Greater),
            Self::GreaterOrEqual => matches!(found, Some(Greater | Equal)),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// ISO 8601 in the forms that the W3C profile allows, or seconds since the epoch.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Some(seconds) = number(text) {
        // Four digits are a year.
        if text.len() == 4 {
            return format!("{text}-01-01T00:00:00Z").parse().ok();
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time out of range is refused below"
        )]
        return Timestamp::from_millisecond((seconds * 1000.0) as i64).ok();
    }
    let date = match text.len() {
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => format!("{text}Z"),
    };
    date.parse().ok()
}

fn in_range(value: &str, range: &str) -> bool {
    let Ok(address) = value.trim().parse::<IpAddr>() else { return false };
    let range = range.trim();
    match range.parse::<IpNet>() {
        Ok(net) => net.contains(&address),
        Err(_) => range.parse::<IpAddr>().is_ok_and(|other| other == address),
    }
}
