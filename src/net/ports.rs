//! Ranges of ports.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An inclusive range of TCP or UDP ports; for ICMP the whole range, since it has none.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Ports {
    /// First port.
    pub from: u16,
    /// Last port, not below `from`.
    pub to: u16,
}

impl Ports {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// A range; the ends are swapped when they come the wrong way round.
    pub fn new(from: u16, to: u16) -> Self {
        Self { from: from.min(to), to: from.max(to) }
    }

    /// Whether a port lies inside; numbers that are no ports never do.
    pub fn covers(self, port: i64) -> bool {
        (i64::from(self.from)..=i64::from(self.to)).contains(&port)
    }

    /// Whether two ranges share a port.
    pub fn overlaps(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// How many ports there are in it.
    pub fn count(self) -> i64 {
        i64::from(self.to) - i64::from(self.from) + 1
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            f.write_str("all ports")
        } else if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}
