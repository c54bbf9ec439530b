//! Addresses of both families on one number line, and sets of them as sorted, disjoint intervals.
//!
//! IPv4 stands where RFC 4291 §2.5.5.2 maps it (`::ffff:0:0/96`), so that one comparison serves both families. A prefix
//! of IPv6 never holds mapped addresses: `::/0` is everything but that block.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

use super::Prefix;

/// Where the mapped IPv4 space begins and ends.
const V4: Range = Range { first: Addr(0xffff_0000_0000), last: Addr(0xffff_ffff_ffff) };

/// An IPv4 or IPv6 address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Addr(u128);

impl Addr {
    /// Whether it is an IPv6 address.
    pub fn is_v6(self) -> bool {
        !V4.contains(self)
    }

    /// The address as the standard library has it.
    pub fn ip(self) -> IpAddr {
        match u32::try_from(self.0.wrapping_sub(V4.first.0)) {
            Ok(v4) if !self.is_v6() => IpAddr::V4(Ipv4Addr::from(v4)),
            _ => IpAddr::V6(Ipv6Addr::from(self.0)),
        }
    }

    /// The place on the number line.
    pub fn number(self) -> u128 {
        self.0
    }

    /// The address at a place of the number line.
    pub fn at(number: u128) -> Self {
        Self(number)
    }

    /// The address after this one, if there is one.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The address before this one, if there is one.
    pub fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

impl From<IpAddr> for Addr {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(v4) => Self(V4.first.0 + u128::from(u32::from(v4))),
            IpAddr::V6(v6) => Self(u128::from(v6)),
        }
    }
}

impl FromStr for Addr {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<IpAddr>().map(Self::from).map_err(|_| {
            let shown: String = text.chars().take(80).collect();
            format!("`{shown}` is no IP address")
        })
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

/// Addresses from one to another, both included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The first address.
    pub first: Addr,
    /// The last address, not before the first.
    pub last: Addr,
}

impl Range {
    /// A single address.
    pub fn one(addr: Addr) -> Self {
        Self { first: addr, last: addr }
    }

    /// Whether an address lies inside.
    pub fn contains(self, addr: Addr) -> bool {
        self.first <= addr && addr <= self.last
    }

    /// Whether two ranges share an address.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// How many addresses there are, less one so that all of them fit.
    pub fn span(self) -> u128 {
        self.last.0 - self.first.0
    }
}

impl From<Prefix> for Range {
    fn from(prefix: Prefix) -> Self {
        match prefix.net() {
            IpNet::V4(net) => Self {
                first: IpAddr::V4(net.network()).into(),
                last: IpAddr::V4(net.broadcast()).into(),
            },
            IpNet::V6(net) => Self {
                first: IpAddr::V6(net.network()).into(),
                last: IpAddr::V6(net.broadcast()).into(),
            },
        }
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// A set of addresses: sorted intervals that neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddrSet(Vec<Range>);

impl AddrSet {
    /// No address.
    pub const EMPTY: Self = Self(Vec::new());

    /// Every address of both families.
    pub fn everything() -> Self {
        Self(vec![Range { first: Addr(0), last: Addr(u128::MAX) }])
    }

    /// Every IPv4 address.
    pub fn v4() -> Self {
        Self(vec![V4])
    }

    /// Every IPv6 address.
    pub fn v6() -> Self {
        Self::everything().minus(&Self::v4())
    }

    /// What the internet carries packets to: IPv4 without private, shared, local and multicast blocks, and global IPv6
    /// (`2000::/3`). Blocks for documentation and the like are in it: gateways do not treat them apart.
    pub fn internet() -> Self {
        const LOCAL_V4: [(u32, u8); 9] = [
            (0x0000_0000, 8),
            (0x0a00_0000, 8),
            (0x6440_0000, 10),
            (0x7f00_0000, 8),
            (0xa9fe_0000, 16),
            (0xac10_0000, 12),
            (0xc0a8_0000, 16),
            (0xe000_0000, 4),
            (0xf000_0000, 4),
        ];
        let local = LOCAL_V4.map(|(base, length)| {
            let first = V4.first.0 + u128::from(base);
            Range { first: Addr(first), last: Addr(first + (1 << (32 - length)) - 1) }
        });
        let global = Range { first: Addr(0x2000 << 112), last: Addr((0x4000 << 112) - 1) };
        Self::v4().minus(&Self::of(local)).union(&Self::of([global]))
    }

    /// A single address.
    pub fn one(addr: Addr) -> Self {
        Self(vec![Range::one(addr)])
    }

    /// One prefix. `::/0` and its like lack the block where IPv4 is mapped.
    pub fn of_prefix(prefix: Prefix) -> Self {
        let set = Self(vec![prefix.into()]);
        if prefix.is_v6() { set.minus(&Self::v4()) } else { set }
    }

    /// The union of ranges in any order.
    pub fn of(ranges: impl IntoIterator<Item = Range>) -> Self {
        let mut ranges: Vec<Range> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut out: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match out.last_mut() {
                Some(last) if last.last.next().is_none_or(|next| range.first <= next) => {
                    last.last = last.last.max(range.last);
                }
                _ => out.push(range),
            }
        }
        Self(out)
    }

    /// The union of prefixes.
    pub fn of_prefixes<'a>(prefixes: impl IntoIterator<Item = &'a Prefix>) -> Self {
        let mut ranges = Vec::new();
        for prefix in prefixes {
            ranges.extend(Self::of_prefix(*prefix).0);
        }
        Self::of(ranges)
    }

    /// The intervals, sorted.
    pub fn ranges(&self) -> &[Range] {
        &self.0
    }

    /// Whether there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The least address.
    pub fn first(&self) -> Option<Addr> {
        self.0.first().map(|range| range.first)
    }

    /// Whether an address is in it.
    pub fn contains(&self, addr: Addr) -> bool {
        let at = self.0.partition_point(|range| range.last < addr);
        self.0.get(at).is_some_and(|range| range.first <= addr)
    }

    /// Whether every address of a range is in it.
    pub fn covers(&self, range: Range) -> bool {
        let at = self.0.partition_point(|have| have.last < range.first);
        self.0.get(at).is_some_and(|have| have.first <= range.first && range.last <= have.last)
    }

    /// Whether another set lies wholly in this one.
    pub fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|range| self.covers(*range))
    }

    /// Whether two sets share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            if x.overlaps(**y) {
                return true;
            }
            if x.last < y.last {
                a.next()
            } else {
                b.next()
            };
        }
        false
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let (first, last) = (x.first.max(y.first), x.last.min(y.last));
            if first <= last {
                out.push(Range { first, last });
            }
            if x.last < y.last {
                a.next()
            } else {
                b.next()
            };
        }
        Self(out)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        Self::of(self.0.iter().chain(&other.0).copied())
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        let mut cuts = other.0.iter().peekable();
        for range in &self.0 {
            let mut first = Some(range.first);
            while let Some(cut) = cuts.peek() {
                let Some(start) = first else { break };
                if cut.last < start {
                    cuts.next();
                    continue;
                }
                if cut.first > range.last {
                    break;
                }
                if let Some(end) = cut.first.previous()
                    && start <= end
                {
                    out.push(Range { first: start, last: end });
                }
                first = cut.last.next();
                if cut.last > range.last {
                    first = None;
                    break;
                }
                cuts.next();
            }
            if let Some(start) = first
                && start <= range.last
            {
                out.push(Range { first: start, last: range.last });
            }
        }
        Self(out)
    }

    /// The set as prefixes, IPv4 before IPv6, fewest first.
    pub fn prefixes(&self) -> Vec<Prefix> {
        let mut out = Vec::new();
        for v6 in [false, true] {
            let family = if v6 { Self::v6() } else { Self::v4() };
            let mut part = self.intersection(&family);
            let around = [V4.first.previous(), V4.last.next()];
            if v6 && around.into_iter().flatten().all(|addr| part.contains(addr)) {
                // No prefix of IPv6 holds mapped addresses, so the gap need not be written.
                part = part.union(&Self::v4());
            }
            for range in part.0 {
                out.extend(subnets(range));
            }
        }
        out
    }
}

impl From<Prefix> for AddrSet {
    fn from(prefix: Prefix) -> Self {
        Self::of_prefix(prefix)
    }
}

impl fmt::Display for AddrSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, prefix) in self.prefixes().iter().enumerate() {
            write!(f, "{}{prefix}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

fn subnets(range: Range) -> Vec<Prefix> {
    match (range.first.ip(), range.last.ip()) {
        (IpAddr::V4(first), IpAddr::V4(last)) => ipnet::Ipv4Subnets::new(first, last, 0)
            .map(|net| Prefix::from(IpNet::V4(net)))
            .collect(),
        (IpAddr::V6(first), IpAddr::V6(last)) => ipnet::Ipv6Subnets::new(first, last, 0)
            .map(|net| Prefix::from(IpNet::V6(net)))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> AddrSet {
        let prefixes: Vec<Prefix> = texts.iter().map(|t| t.parse().unwrap()).collect();
        AddrSet::of_prefixes(&prefixes)
    }

    #[test]
    fn the_families_never_mix() {
        let all6 = set(&["::/0"]);
        assert!(!all6.contains("192.0.2.1".parse().unwrap()));
        assert!(all6.contains("2001:db8::1".parse().unwrap()));
        assert_eq!(all6, AddrSet::v6());
        assert_eq!(all6.union(&AddrSet::v4()), AddrSet::everything());
        assert!(!AddrSet::v4().overlaps(&all6));
    }

    #[test]
    fn neighbours_merge_and_differences_split() {
        let whole = set(&["10.0.0.0/9", "10.128.0.0/9"]);
        assert_eq!(whole, set(&["10.0.0.0/8"]));
        let holed = whole.minus(&set(&["10.1.0.0/16", "10.3.0.0/16", "11.0.0.0/8"]));
        assert_eq!(holed.ranges().len(), 3);
        assert!(!holed.contains("10.3.4.5".parse().unwrap()));
        assert!(holed.contains("10.2.4.5".parse().unwrap()));
        assert_eq!(holed.union(&set(&["10.1.0.0/16", "10.3.0.0/16"])), whole);
        assert!(whole.includes(&holed) && !holed.includes(&whole));
    }

    #[test]
    fn sets_are_written_as_the_fewest_prefixes() {
        assert_eq!(
            set(&["10.0.0.0/9", "10.128.0.0/9", "::/1", "8000::/1"]).to_string(),
            "10.0.0.0/8, ::/0"
        );
        assert_eq!(set(&["0.0.0.0/0"]).to_string(), "0.0.0.0/0");
    }

    /// Against a model of sixteen addresses, every pair of subsets with up to three runs.
    #[test]
    fn algebra_agrees_with_a_bit_set() {
        let of = |bits: u16| {
            AddrSet::of((0..16).filter(|i| bits >> i & 1 == 1).map(|i| Range::one(Addr(i))))
        };
        for a in (0..=u16::MAX).step_by(251) {
            for b in (0..=u16::MAX).step_by(257) {
                assert_eq!(of(a).intersection(&of(b)), of(a & b));
                assert_eq!(of(a).union(&of(b)), of(a | b));
                assert_eq!(of(a).minus(&of(b)), of(a & !b));
                assert_eq!(of(a).overlaps(&of(b)), a & b != 0);
                assert_eq!(of(a).includes(&of(b)), b & !a == 0);
            }
        }
    }
}
