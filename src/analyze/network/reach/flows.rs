//! Sets of traffic with peers.

use crate::net::{Addr, AddrSet, Traffic};

/// Which peers may exchange which traffic: sorted, disjoint intervals of protocols and ports, each with its peers.
/// Intervals without peers are left out, neighbours with the same peers are one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Flows(Vec<(Traffic, AddrSet)>);

impl Flows {
    /// Nothing.
    pub const NOTHING: Self = Self(Vec::new());

    /// All traffic with everyone.
    pub fn everything() -> Self {
        Self::of(Traffic::ALL, AddrSet::everything())
    }

    /// Some traffic with some peers.
    pub fn of(traffic: Traffic, peers: AddrSet) -> Self {
        if peers.is_empty() { Self::NOTHING } else { Self(vec![(traffic, peers)]) }
    }

    /// The intervals, sorted.
    pub fn parts(&self) -> &[(Traffic, AddrSet)] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a place of the traffic line with a peer is in it.
    pub fn contains(&self, at: u32, peer: Addr) -> bool {
        self.peers(at).is_some_and(|peers| peers.contains(peer))
    }

    /// The peers at a place of the traffic line.
    pub fn peers(&self, at: u32) -> Option<&AddrSet> {
        let index = self.0.partition_point(|(traffic, _)| traffic.last < at);
        self.0.get(index).filter(|(traffic, _)| traffic.first <= at).map(|(_, peers)| peers)
    }

    /// The union of any number of rectangles, in any order.
    pub fn union_of(rectangles: &[(Traffic, &AddrSet)]) -> Self {
        let mut cuts: Vec<u32> = Vec::with_capacity(rectangles.len() * 2);
        for (traffic, _) in rectangles {
            cuts.push(traffic.first);
            cuts.extend(traffic.last.checked_add(1));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut sorted: Vec<&(Traffic, &AddrSet)> = rectangles.iter().collect();
        sorted.sort_by_key(|(traffic, _)| traffic.first);
        let mut out = Self::NOTHING;
        let mut active: Vec<&(Traffic, &AddrSet)> = Vec::new();
        let mut next = sorted.into_iter().peekable();
        for (at, first) in cuts.iter().copied().enumerate() {
            let Some(last) = cuts.get(at + 1).map(|next| next - 1) else { break };
            active.retain(|(traffic, _)| traffic.last >= first);
            while let Some(rectangle) = next.next_if(|(traffic, _)| traffic.first <= first) {
                active.push(rectangle);
            }
            let peers = match active.as_slice() {
                [] => continue,
                [(_, peers)] => (*peers).clone(),
                many => AddrSet::of(many.iter().flat_map(|(_, peers)| peers.ranges()).copied()),
            };
            out.push(Traffic { first, last }, peers);
        }
        out
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
        self.zip(other, |a, b| match (a, b) {
            (Some(a), Some(b)) => a.union(b),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => AddrSet::EMPTY,
        })
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut out = Self::NOTHING;
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some((x, xs)), Some((y, ys))) = (a.peek(), b.peek()) {
            if let Some(traffic) = x.intersection(*y) {
                out.push(traffic, xs.intersection(ys));
            }
            if x.last < y.last {
                a.next();
            } else {
                b.next();
            }
        }
        out
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        self.zip(other, |a, b| match (a, b) {
            (Some(a), Some(b)) => a.minus(b),
            (Some(a), None) => a.clone(),
            _ => AddrSet::EMPTY,
        })
    }

    /// The part with some peers only.
    #[must_use]
    pub fn with_peers(&self, peers: &AddrSet) -> Self {
        let mut out = Self::NOTHING;
        for (traffic, have) in &self.0 {
            out.push(*traffic, have.intersection(peers));
        }
        out
    }

    /// The part of some traffic only.
    #[must_use]
    pub fn with_traffic(&self, traffic: Traffic) -> Self {
        let mut out = Self::NOTHING;
        for (have, peers) in &self.0 {
            if let Some(part) = have.intersection(traffic) {
                out.push(part, peers.clone());
            }
        }
        out
    }

    /// All peers of any traffic.
    pub fn all_peers(&self) -> AddrSet {
        AddrSet::of(self.0.iter().flat_map(|(_, peers)| peers.ranges()).copied())
    }

    /// Appends behind what is there.
    fn push(&mut self, traffic: Traffic, peers: AddrSet) {
        if peers.is_empty() {
            return;
        }
        if let Some((last, have)) = self.0.last_mut()
            && last.last.checked_add(1) == Some(traffic.first)
            && *have == peers
        {
            last.last = traffic.last;
            return;
        }
        self.0.push((traffic, peers));
    }

    /// Joins interval by interval.
    fn zip(
        &self,
        other: &Self,
        join: impl Fn(Option<&AddrSet>, Option<&AddrSet>) -> AddrSet,
    ) -> Self {
        let mut out = Self::NOTHING;
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut first = 0;
        loop {
            while a.next_if(|(traffic, _)| traffic.last < first).is_some() {}
            while b.next_if(|(traffic, _)| traffic.last < first).is_some() {}
            let (x, y) = (a.peek(), b.peek());
            let begins = [x, y].into_iter().flatten().map(|(traffic, _)| traffic.first);
            let Some(begin) = begins.min() else { return out };
            first = first.max(begin);
            let mut last = u32::MAX;
            for (traffic, _) in [x, y].into_iter().flatten() {
                last =
                    last.min(if traffic.first > first { traffic.first - 1 } else { traffic.last });
            }
            out.push(Traffic { first, last }, join(held(x, first), held(y, first)));
            let Some(next) = last.checked_add(1) else { return out };
            first = next;
        }
    }
}

/// The peers of a part that has begun.
fn held<'a>(part: Option<&&'a (Traffic, AddrSet)>, first: u32) -> Option<&'a AddrSet> {
    part.filter(|(traffic, _)| traffic.first <= first).map(|(_, peers)| peers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::addr::Range;

    /// Sixteen places of traffic by sixteen addresses as bits.
    type Grid = [u16; 16];

    fn flows(grid: Grid) -> Flows {
        let sets: Vec<(Traffic, AddrSet)> = (0..16_u32)
            .zip(grid)
            .map(|(at, bits)| {
                let set = (0..16).filter(|i| bits >> i & 1 == 1).map(|i| Range::one(Addr::at(i)));
                (Traffic { first: at, last: at }, AddrSet::of(set))
            })
            .collect();
        let rectangles: Vec<_> = sets.iter().map(|(traffic, set)| (*traffic, set)).collect();
        Flows::union_of(&rectangles)
    }

    fn grids() -> Vec<Grid> {
        let mut seed = 7_u64;
        let mut random = move || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        (0..60)
            .map(|_| {
                let mut grid = [0; 16];
                let mut at = 0;
                while at < 16 {
                    let bits = if random() % 3 == 0 { 0 } else { random() & random() & 0xffff };
                    let bits = u16::try_from(bits).unwrap();
                    let run = usize::try_from(1 + random() % 5).unwrap();
                    for cell in grid.iter_mut().skip(at).take(run) {
                        *cell = bits;
                    }
                    at += usize::try_from(1 + random() % 5).unwrap();
                }
                grid
            })
            .collect()
    }

    #[test]
    fn algebra_agrees_with_a_grid() {
        let grids = grids();
        let join = |a: &Grid, b: &Grid, f: fn(u16, u16) -> u16| -> Grid {
            std::array::from_fn(|i| f(a[i], b[i]))
        };
        for a in &grids {
            for b in &grids {
                let (x, y) = (flows(*a), flows(*b));
                assert_eq!(x.union(&y), flows(join(a, b, |a, b| a | b)));
                assert_eq!(x.intersection(&y), flows(join(a, b, |a, b| a & b)));
                assert_eq!(x.minus(&y), flows(join(a, b, |a, b| a & !b)));
            }
            let x = flows(*a);
            for (at, bits) in (0..16).zip(a) {
                for i in 0..16 {
                    assert_eq!(x.contains(at, Addr::at(i)), bits >> i & 1 == 1);
                }
            }
        }
    }

    #[test]
    fn overlapping_rectangles_become_disjoint() {
        let (low, high) = (AddrSet::one(Addr::at(1)), AddrSet::one(Addr::at(2)));
        let flows = Flows::union_of(&[
            (Traffic { first: 10, last: 20 }, &low),
            (Traffic { first: 0, last: 15 }, &high),
            (Traffic { first: 16, last: Traffic::ALL.last }, &high),
        ]);
        let bounds: Vec<(u32, u32)> =
            flows.parts().iter().map(|(t, _)| (t.first, t.last)).collect();
        assert_eq!(bounds, [(0, 9), (10, 20), (21, Traffic::ALL.last)]);
    }
}
