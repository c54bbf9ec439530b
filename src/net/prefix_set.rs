//! Sets of addresses as sorted, disjoint intervals, built from prefixes.

use ipnet::IpNet;

use super::Prefix;

/// Public IPv4 space is what remains of 0.0.0.0/0 without these blocks.
///
/// Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates), and multicast 224.0.0.0/4 (RFC 5771).
const NOT_PUBLIC_V4: [(u32, u8); 15] = [
    (0x0000_0000, 8),  // 0.0.0.0/8 this network
    (0x0a00_0000, 8),  // 10.0.0.0/8 private
    (0x6440_0000, 10), // 100.64.0.0/10 shared
    (0x7f00_0000, 8),  // 127.0.0.0/8 loopback
    (0xa9fe_0000, 16), // 169.254.0.0/16 link local
    (0xac10_0000, 12), // 172.16.0.0/12 private
    (0xc000_0000, 24), // 192.0.0.0/24 protocol assignments
    (0xc000_0200, 24), // 192.0.2.0/24 documentation
    (0xc058_6300, 24), // 192.88.99.0/24 deprecated 6to4 relay
    (0xc0a8_0000, 16), // 192.168.0.0/16 private
    (0xc612_0000, 15), // 198.18.0.0/15 benchmarking
    (0xc633_6400, 24), // 198.51.100.0/24 documentation
    (0xcb00_7100, 24), // 203.0.113.0/24 documentation
    (0xe000_0000, 4),  // 224.0.0.0/4 multicast
    (0xf000_0000, 4),  // 240.0.0.0/4 reserved and broadcast
];

/// Global unicast IPv6, `2000::/3` (IANA IPv6 address space registry).
const PUBLIC_V6: (u128, u128) = (0x2000 << 112, (0x4000 << 112) - 1);

/// A set of IPv4 and IPv6 addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrefixSet {
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
}

impl PrefixSet {
    /// The union of prefixes.
    pub fn of<'a>(prefixes: impl IntoIterator<Item = &'a Prefix>) -> Self {
        let mut set = Self::default();
        for prefix in prefixes {
            match prefix.net() {
                IpNet::V4(net) => {
                    set.v4.push((
                        u128::from(u32::from(net.network())),
                        u128::from(u32::from(net.broadcast())),
                    ));
                }
                IpNet::V6(net) => {
                    set.v6.push((u128::from(net.network()), u128::from(net.broadcast())));
                }
            }
        }
        set.v4 = merged(set.v4);
        set.v6 = merged(set.v6);
        set
    }

    /// Whether there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address of the prefix is in the set.
    pub fn covers(&self, prefix: &Prefix) -> bool {
        let (list, want) = match prefix.net() {
            IpNet::V4(net) => (
                &self.v4,
                (u128::from(u32::from(net.network())), u128::from(u32::from(net.broadcast()))),
            ),
            IpNet::V6(net) => (&self.v6, (u128::from(net.network()), u128::from(net.broadcast()))),
        };
        list.iter().any(|have| have.0 <= want.0 && want.1 <= have.1)
    }

    /// Whether the two sets share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        let meet = |a: &[(u128, u128)], b: &[(u128, u128)]| {
            a.iter().any(|x| b.iter().any(|y| x.0 <= y.1 && y.0 <= x.1))
        };
        meet(&self.v4, &other.v4) || meet(&self.v6, &other.v6)
    }

    /// How many public IPv4 addresses it holds: those outside the special-purpose blocks.
    pub fn public_v4_count(&self) -> u64 {
        let all: u128 = self.v4.iter().map(|(a, b)| b - a + 1).sum();
        let special: u128 = NOT_PUBLIC_V4
            .iter()
            .map(|&(base, bits)| {
                let start = u128::from(base);
                let end = start + (1u128 << (32 - bits)) - 1;
                self.v4.iter().map(|&range| shared(range, (start, end))).sum::<u128>()
            })
            .sum();
        u64::try_from(all - special).unwrap_or(u64::MAX)
    }

    /// How much of global unicast IPv6 it holds, in units of /32, the usual allotment of a provider.
    pub fn public_v6_slash32_count(&self) -> u64 {
        let held: u128 = self.v6.iter().map(|&range| shared(range, PUBLIC_V6)).sum();
        u64::try_from(held >> 96).unwrap_or(u64::MAX)
    }

    /// Whether it holds enough of the public internet that an outsider can be expected to get an address in it:
    /// as much as a /8 of public IPv4 (2^24 addresses), or 1/256 of global unicast IPv6 (a /11).
    ///
    /// No allow list of one organisation is that wide, and it stays true for `0.0.0.0/0` cut into pieces.
    pub fn is_internet(&self) -> bool {
        self.is_internet_v4() || self.is_internet_v6()
    }

    /// As [`Self::is_internet`], for IPv4 alone.
    pub fn is_internet_v4(&self) -> bool {
        self.public_v4_count() >= 1 << 24
    }

    /// As [`Self::is_internet`], for IPv6 alone.
    pub fn is_internet_v6(&self) -> bool {
        self.public_v6_slash32_count() >= 1 << 21
    }

    /// Every address there is.
    pub fn everything() -> Self {
        Self { v4: vec![(0, u128::from(u32::MAX))], v6: vec![(0, u128::MAX)] }
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self { v4: without(&self.v4, &other.v4), v6: without(&self.v6, &other.v6) }
    }

    /// The union of two sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let join = |a: &[(u128, u128)], b: &[(u128, u128)]| merged([a, b].concat());
        Self { v4: join(&self.v4, &other.v4), v6: join(&self.v6, &other.v6) }
    }
}

fn shared(a: (u128, u128), b: (u128, u128)) -> u128 {
    let (start, end) = (a.0.max(b.0), a.1.min(b.1));
    if start > end { 0 } else { end - start + 1 }
}

fn merged(mut list: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    list.sort_unstable();
    let mut out: Vec<(u128, u128)> = Vec::with_capacity(list.len());
    for (start, end) in list {
        match out.last_mut() {
            Some(open) if start <= open.1.saturating_add(1) => open.1 = open.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// `from` without `holes`; both sorted and disjoint.
fn without(from: &[(u128, u128)], holes: &[(u128, u128)]) -> Vec<(u128, u128)> {
    let mut out = Vec::new();
    for &(start, end) in from {
        let mut next = Some(start);
        for &(hole_start, hole_end) in holes.iter().filter(|h| h.0 <= end && start <= h.1) {
            let Some(at) = next else { break };
            if at < hole_start {
                out.push((at, hole_start - 1));
            }
            next = hole_end.checked_add(1).map(|after| after.max(at)).filter(|&at| at <= end);
        }
        if let Some(at) = next {
            out.push((at, end));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_is_gone() {
        let left = set(&["0.0.0.0/0", "::/0"]).minus(&set(&["0.0.0.0/1", "128.0.0.0/2", "::/0"]));
        assert_eq!(left, set(&["192.0.0.0/2"]));
        assert!(PrefixSet::everything().minus(&PrefixSet::everything()).is_empty());
        let holed = set(&["10.0.0.0/8"]).minus(&set(&["10.1.0.0/16", "10.3.0.0/16"]));
        assert!(holed.covers(&"10.2.0.0/16".parse().unwrap()));
        assert!(!holed.overlaps(&set(&["10.1.0.0/16", "10.3.0.0/16"])));
        assert_eq!(holed.union(&set(&["10.1.0.0/16", "10.3.0.0/16"])), set(&["10.0.0.0/8"]));
    }

    fn set(list: &[&str]) -> PrefixSet {
        let nets: Vec<Prefix> = list.iter().map(|p| p.parse().unwrap()).collect();
        PrefixSet::of(&nets)
    }

    #[test]
    fn the_internet_in_disguise() {
        for wide in [
            &["0.0.0.0/0"][..],
            &["::/0"],
            &["0.0.0.0/1", "128.0.0.0/1"],
            &["128.0.0.0/2"],
            &["2000::/3"],
        ] {
            assert!(set(wide).is_internet(), "{wide:?}");
        }
        for narrow in [&["10.0.0.0/8"][..], &["172.64.0.0/13"], &["fc00::/7"], &["2600::/16"], &[]]
        {
            assert!(!set(narrow).is_internet(), "{narrow:?}");
        }
    }

    #[test]
    fn halves_cover_the_whole() {
        assert!(set(&["0.0.0.0/1", "128.0.0.0/1"]).covers(&"0.0.0.0/0".parse().unwrap()));
        assert!(!set(&["0.0.0.0/1"]).covers(&"0.0.0.0/0".parse().unwrap()));
        assert_eq!(set(&["0.0.0.0/0"]).public_v4_count(), 3_702_258_432);
    }

    #[test]
    fn a_whole_v6_set_does_not_overflow() {
        let whole = set(&["::/0"]);
        assert!(whole.covers(&"2001:db8::/32".parse().unwrap()));
        assert!(whole.overlaps(&set(&["2001:db8::/32"])));
    }
}
