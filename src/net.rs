//! Arithmetic over ports and address prefixes. No meaning beyond the numbers, except what "public" is.

pub mod addr;
mod ports;
mod prefix;
mod prefix_set;
pub mod traffic;

pub use addr::{Addr, AddrSet};
pub use ports::Ports;
pub use prefix::Prefix;
pub use prefix_set::PrefixSet;
pub use traffic::Traffic;
