//! Which entries of a network ACL let the internet in. Entries are tried by ascending number and the first match
//! decides, so lower-numbered refusals take away from what an entry lets in.

use super::blame::{Member, Verdicts};
use super::space::{Segment, Space, segments};
use crate::analyze::Given;
use crate::analyze::kleene::Doubt;
use crate::model::vpc::{NetworkAcl, NetworkAclEntry};
use crate::model::{Attr, Cause};
use crate::net::PrefixSet;

/// Derives the facts of a network ACL.
pub fn derive(acl: &mut NetworkAcl, given: Given) {
    let Attr::Known(entries) = &mut acl.entries else { return };
    let shadowed = super::shadow::shadowed(entries);
    for (entry, shadowed) in entries.iter_mut().zip(shadowed) {
        given.or(&mut entry.shadowed, || shadowed);
    }
    let open = from_internet(entries);
    for (entry, open) in entries.iter_mut().zip(open) {
        given.or(&mut entry.from_internet, || open);
    }
}

/// An entry of the incoming direction, or one that may be.
struct Entry {
    place: usize,
    number: Option<i64>,
    /// Nothing when the action is not known.
    allows: Option<bool>,
    incoming: bool,
    space: Result<Space, Cause>,
    cidr: Option<PrefixSet>,
    doubt: Doubt,
}

fn from_internet(entries: &[NetworkAclEntry]) -> Vec<Attr<bool>> {
    let incoming: Vec<Entry> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.egress != Attr::Known(true))
        .map(|(place, entry)| read(place, entry))
        .collect();
    let mut verdicts = Verdicts::new(entries.len());
    for segment in segments(incoming.iter().filter_map(|entry| entry.space.as_ref().ok())) {
        verdicts.judge(&members(&incoming, &segment));
    }
    verdicts.finish()
}

fn read(place: usize, entry: &NetworkAclEntry) -> Entry {
    let space = Space::of(&entry.protocol, &entry.ports, &entry.icmp_type, &entry.icmp_code);
    let mut doubt = Doubt::default();
    doubt.extend(entry.egress.get().err());
    doubt.extend(entry.rule_number.get().err());
    doubt.extend(entry.rule_action.get().err());
    doubt.extend(entry.cidr.get().err());
    doubt.extend(space.as_ref().err());
    Entry {
        place,
        number: entry.rule_number.known().copied(),
        allows: entry.rule_action.known().map(|action| action == "allow"),
        incoming: entry.egress == Attr::Known(false),
        space,
        cidr: entry.cidr.known().map(|prefix| PrefixSet::of([prefix])),
        doubt,
    }
}

impl Entry {
    /// Whether it speaks of a segment: for sure, and possibly.
    fn applies(&self, segment: &Segment) -> (bool, bool) {
        match &self.space {
            Ok(space) => (self.incoming && space.covers(segment), space.covers(segment)),
            Err(_) => (false, true),
        }
    }

    /// Whether it is tried before another: for sure, and possibly.
    fn precedes(&self, other: &Self) -> (bool, bool) {
        match (self.number, other.number) {
            (Some(a), Some(b)) => (a < b, a < b),
            _ => (false, self.place != other.place),
        }
    }

    fn least(&self) -> PrefixSet {
        self.cidr.clone().unwrap_or_default()
    }

    fn most(&self) -> PrefixSet {
        self.cidr.clone().unwrap_or_else(PrefixSet::everything)
    }
}

fn members(entries: &[Entry], segment: &Segment) -> Vec<Member> {
    let mut out = Vec::new();
    for entry in entries {
        let (surely, possibly) = entry.applies(segment);
        if !possibly || entry.allows == Some(false) {
            continue;
        }
        let mut doubt = entry.doubt.clone();
        let refused = Refused::before(entry, entries, segment, &mut doubt);
        let least = if surely && entry.allows == Some(true) {
            entry.least().minus(&refused.at_most)
        } else {
            PrefixSet::default()
        };
        out.push(Member {
            rule: entry.place,
            least,
            most: entry.most().minus(&refused.at_least),
            doubt,
        });
    }
    out
}

/// Whom the entries tried before another refuse.
#[derive(Default)]
struct Refused {
    at_least: PrefixSet,
    at_most: PrefixSet,
}

impl Refused {
    fn before(entry: &Entry, entries: &[Entry], segment: &Segment, doubt: &mut Doubt) -> Self {
        let mut earlier: Vec<_> = entries
            .iter()
            .filter(|other| other.precedes(entry).1 && other.applies(segment).1)
            .collect();
        earlier.sort_by_key(|other| other.number);
        let mut out = Self::default();
        // Packets that an earlier entry already admits cannot be refused any more: for sure, and possibly.
        let (mut admitted, mut maybe_admitted) = (PrefixSet::default(), PrefixSet::default());
        for other in earlier {
            let certain = other.applies(segment).0 && other.precedes(entry).0;
            doubt.extend(other.doubt.cause());
            if other.allows != Some(false) {
                if certain && other.allows == Some(true) {
                    admitted = admitted.union(&other.least().minus(&out.at_most));
                }
                maybe_admitted = maybe_admitted.union(&other.most());
            }
            if other.allows != Some(true) {
                if certain && other.allows == Some(false) {
                    out.at_least = out.at_least.union(&other.least().minus(&maybe_admitted));
                }
                out.at_most = out.at_most.union(&other.most().minus(&admitted));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Ports;

    fn entry(
        number: i64,
        action: &str,
        protocol: &str,
        ports: (u16, u16),
        cidr: &str,
    ) -> NetworkAclEntry {
        NetworkAclEntry {
            egress: false.into(),
            rule_number: number.into(),
            rule_action: action.to_owned().into(),
            protocol: protocol.to_owned().into(),
            ports: Ports::new(ports.0, ports.1).into(),
            cidr: cidr.parse::<crate::net::Prefix>().unwrap().into(),
            ..NetworkAclEntry::default()
        }
    }

    fn judged(entries: &[NetworkAclEntry]) -> Vec<Option<bool>> {
        from_internet(entries).iter().map(|v| v.known().copied()).collect()
    }

    #[test]
    fn an_earlier_refusal_takes_away_and_a_later_one_does_not() {
        let open = entry(100, "allow", "tcp", (22, 22), "0.0.0.0/0");
        let refuse = |number| entry(number, "deny", "-1", (0, 65535), "0.0.0.0/0");
        assert_eq!(judged(&[refuse(90), open.clone()]), [Some(false), Some(false)]);
        assert_eq!(judged(&[open.clone(), refuse(110)]), [Some(true), Some(false)]);
        let other_port = entry(90, "deny", "tcp", (23, 65535), "0.0.0.0/0");
        assert_eq!(judged(&[other_port, open.clone()]), [Some(false), Some(true)]);
        let half = entry(90, "deny", "tcp", (0, 65535), "0.0.0.0/1");
        assert_eq!(judged(&[half, open]), [Some(false), Some(true)]);
    }

    #[test]
    fn halves_are_blamed_together_and_v6_by_itself() {
        let pieces: Vec<_> = (0..4)
            .map(|i| entry(100 + i, "allow", "tcp", (22, 22), &format!("{}.0.0.0/10", 64 + i)))
            .collect();
        assert_eq!(judged(&pieces), [Some(true); 4]);
        assert_eq!(judged(&[entry(1, "allow", "-1", (0, 65535), "::/0")]), [Some(true)]);
        assert_eq!(judged(&[entry(1, "allow", "-1", (0, 65535), "10.0.0.0/8")]), [Some(false)]);
    }

    #[test]
    fn an_unknown_action_or_order_leaves_doubt_where_it_matters() {
        let open = entry(100, "allow", "tcp", (22, 22), "0.0.0.0/0");
        let mut doubtful = entry(90, "deny", "tcp", (22, 22), "0.0.0.0/0");
        doubtful.rule_action = Attr::default();
        assert_eq!(judged(&[doubtful, open.clone()]), [None, None]);
        let mut unordered = entry(90, "deny", "tcp", (22, 22), "10.0.0.0/8");
        unordered.rule_number = Attr::default();
        assert_eq!(judged(&[unordered, open]), [Some(false), Some(true)]);
    }

    #[test]
    fn what_leaves_is_not_let_in() {
        let mut out = entry(100, "allow", "-1", (0, 65535), "0.0.0.0/0");
        out.egress = true.into();
        assert_eq!(judged(&[out]), [Some(false)]);
    }
}
