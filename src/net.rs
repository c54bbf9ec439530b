//! Arithmetic over ports and address prefixes. No meaning beyond the numbers, except what "public" is.

mod ports;
mod prefix;
mod prefix_set;

pub use ports::Ports;
pub use prefix::Prefix;
pub use prefix_set::PrefixSet;
