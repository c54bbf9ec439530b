//! Routes as disjoint intervals: which one a destination takes, without searching prefixes.

use crate::net::addr::Range;
use crate::net::{Addr, AddrSet};

/// Sorted, disjoint intervals of addresses, each with the place of the route that it takes.
#[derive(Debug, Clone, Default)]
pub struct Intervals(Vec<(Range, usize)>);

impl Intervals {
    /// No route.
    pub const NONE: Self = Self(Vec::new());

    /// Compiles prefixes with their rank, the least of which wins between equal prefixes; then the first.
    ///
    /// A prefix of IPv6 never holds mapped IPv4 addresses, and prefixes either nest or are apart.
    pub fn of(routes: impl IntoIterator<Item = (Range, u8)>) -> Self {
        let v4 = AddrSet::v4();
        let mut four = Vec::new();
        let mut six = Vec::new();
        for (at, (range, rank)) in routes.into_iter().enumerate() {
            if v4.covers(range) {
                four.push((range, rank, at));
            } else {
                six.push((range, rank, at));
            }
        }
        let mut out = flat(four);
        if !six.is_empty() {
            let v6 = AddrSet::v6();
            for (range, at) in flat(six) {
                out.extend(
                    AddrSet::of([range]).intersection(&v6).ranges().iter().map(|r| (*r, at)),
                );
            }
            out.sort_unstable();
        }
        Self(out)
    }

    /// The parts of a set of destinations, each with the place of the route it takes; nothing where there is none.
    pub fn split(&self, to: &AddrSet) -> Vec<(usize, AddrSet)> {
        let mut parts: Vec<(usize, Range)> = Vec::new();
        for range in to.ranges() {
            let from = self.0.partition_point(|(have, _)| have.last < range.first);
            for (have, at) in self.0.iter().skip(from) {
                if have.first > range.last {
                    break;
                }
                let (first, last) = (have.first.max(range.first), have.last.min(range.last));
                parts.push((*at, Range { first, last }));
            }
        }
        parts.sort_unstable();
        parts
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|chunk| {
                let at = chunk.first()?.0;
                Some((at, AddrSet::of(chunk.iter().map(|(_, range)| *range))))
            })
            .collect()
    }

    /// The route that one address takes.
    #[cfg(test)]
    pub fn find(&self, addr: Addr) -> Option<usize> {
        let at = self.0.partition_point(|(range, _)| range.last < addr);
        self.0.get(at).filter(|(range, _)| range.contains(addr)).map(|(_, route)| *route)
    }
}

/// Nested ranges, laid flat: the innermost one shows.
fn flat(mut routes: Vec<(Range, u8, usize)>) -> Vec<(Range, usize)> {
    routes.sort_unstable_by(|a, b| {
        (a.0.first, std::cmp::Reverse(a.0.last), a.1, a.2).cmp(&(
            b.0.first,
            std::cmp::Reverse(b.0.last),
            b.1,
            b.2,
        ))
    });
    routes.dedup_by(|later, earlier| later.0 == earlier.0);
    let mut flat = Flat::default();
    for (range, _, at) in routes {
        flat.close_before(Some(range.first));
        flat.cover_until(range.first.previous());
        flat.open.push((range, at));
        flat.next = Some(range.first);
    }
    flat.close_before(None);
    flat.out
}

/// The sweep over nested ranges.
#[derive(Default)]
struct Flat {
    out: Vec<(Range, usize)>,
    open: Vec<(Range, usize)>,
    /// The first address that is not decided yet.
    next: Option<Addr>,
}

impl Flat {
    /// Ends the open ranges that do not reach an address, or all of them.
    fn close_before(&mut self, first: Option<Addr>) {
        while let Some((range, _)) = self.open.last().copied()
            && first.is_none_or(|first| range.last < first)
        {
            self.cover_until(Some(range.last));
            self.next = range.last.next();
            self.open.pop();
        }
    }

    /// Gives everything up to an address to the innermost open range.
    fn cover_until(&mut self, last: Option<Addr>) {
        if let (Some((_, at)), Some(first), Some(last)) = (self.open.last(), self.next, last)
            && first <= last
        {
            self.out.push((Range { first, last }, *at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Prefix;

    fn prefix(text: &str) -> Range {
        text.parse::<Prefix>().unwrap().into()
    }

    #[test]
    fn the_longest_prefix_shows() {
        let routes = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "::/0", "fd00::/8"];
        for turn in 0..routes.len() {
            let mut order: Vec<usize> = (0..routes.len()).collect();
            order.rotate_left(turn);
            let map = Intervals::of(order.iter().map(|at| (prefix(routes[*at]), 0)));
            let find = |addr: &str| map.find(addr.parse().unwrap()).map(|at| routes[order[at]]);
            assert_eq!(find("10.1.2.3"), Some("10.1.2.0/24"));
            assert_eq!(find("10.1.3.3"), Some("10.1.0.0/16"));
            assert_eq!(find("10.2.3.3"), Some("10.0.0.0/8"));
            assert_eq!(find("192.0.2.1"), Some("0.0.0.0/0"));
            assert_eq!(find("2001:db8::1"), Some("::/0"));
            assert_eq!(find("fd00::1"), Some("fd00::/8"));
        }
    }

    #[test]
    fn the_families_do_not_mix_and_rank_decides() {
        let map = Intervals::of([(prefix("::/0"), 0)]);
        assert_eq!(map.find("192.0.2.1".parse().unwrap()), None);
        let map = Intervals::of([(prefix("10.0.0.0/8"), 2), (prefix("10.0.0.0/8"), 0)]);
        assert_eq!(map.find("10.0.0.1".parse().unwrap()), Some(1));
    }

    #[test]
    fn sets_are_split_by_route() {
        let map = Intervals::of([(prefix("10.0.0.0/8"), 0), (prefix("10.1.0.0/16"), 0)]);
        let parts = map.split(&AddrSet::of([prefix("10.0.0.0/8"), prefix("11.0.0.0/8")]));
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].1.union(&parts[1].1), AddrSet::of([prefix("10.0.0.0/8")]));
        assert_eq!(parts[1].1, AddrSet::of([prefix("10.1.0.0/16")]));
    }

    /// Against a scan for the longest prefix, over random nested prefixes of one octet.
    #[test]
    fn agrees_with_a_scan() {
        let mut seed = 11_u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        for _ in 0..200 {
            let routes: Vec<(Range, u8)> = (0..=random(9))
                .map(|_| {
                    let length = 24 + random(9);
                    let host = random(256) >> (32 - length) << (32 - length);
                    (prefix(&format!("10.0.0.{host}/{length}")), u8::try_from(random(3)).unwrap())
                })
                .collect();
            let map = Intervals::of(routes.clone());
            for host in 0..=255 {
                let addr: Addr = format!("10.0.0.{host}").parse().unwrap();
                let best = routes
                    .iter()
                    .enumerate()
                    .filter(|(_, (range, _))| range.contains(addr))
                    .min_by_key(|(at, (range, rank))| (range.span(), *rank, *at))
                    .map(|(at, _)| at);
                assert_eq!(map.find(addr), best);
            }
        }
    }
}
