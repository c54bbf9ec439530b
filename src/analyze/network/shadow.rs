//! Entries of network ACLs that never decide: those with lower numbers take every packet that they speak of.

use super::space::{Segment, Space, segments};
use crate::analyze::kleene::Doubt;
use crate::model::vpc::NetworkAclEntry;
use crate::model::{Attr, Cause};
use crate::net::PrefixSet;

/// For each entry, whether others with lower numbers decide all its packets.
///
/// The refusals at the end, that every ACL has and nobody can remove, are never called shadowed.
pub fn shadowed(entries: &[NetworkAclEntry]) -> Vec<Attr<bool>> {
    /// The first of the numbers that AWS keeps for itself.
    const BUILT_IN: i64 = 32767;
    let read: Vec<Entry> = entries.iter().map(Entry::of).collect();
    let judge = |entry: &Entry| match entry.number {
        Ok(BUILT_IN..) => Attr::Known(false),
        _ => is_shadowed(entry, &read),
    };
    read.iter().map(judge).collect()
}

struct Entry {
    outgoing: Result<bool, Cause>,
    number: Result<i64, Cause>,
    space: Result<Space, Cause>,
    peers: Result<PrefixSet, Cause>,
    is_v6: Option<bool>,
}

impl Entry {
    fn of(entry: &NetworkAclEntry) -> Self {
        Self {
            outgoing: entry.egress.get().map_err(Clone::clone).copied(),
            number: entry.rule_number.get().map_err(Clone::clone).copied(),
            space: Space::of(&entry.protocol, &entry.ports, &entry.icmp_type, &entry.icmp_code),
            peers: entry.cidr.get().map_err(Clone::clone).map(|prefix| PrefixSet::of([prefix])),
            is_v6: entry.cidr.known().map(|prefix| prefix.is_v6()),
        }
    }
}

fn is_shadowed(entry: &Entry, all: &[Entry]) -> Attr<bool> {
    let (certain, possible, doubt) = earlier(entry, all);
    let (Ok(space), Ok(peers)) = (&entry.space, &entry.peers) else {
        let mut doubt = doubt;
        doubt.extend(entry.space.as_ref().err());
        doubt.extend(entry.peers.as_ref().err());
        return if possible.is_empty() { Attr::Known(false) } else { doubt.or_known(false) };
    };
    let cuts: Vec<Segment> = {
        let spaces = possible.iter().filter_map(|it| it.space.as_ref().ok());
        segments(spaces.chain([space]))
    };
    let own: Vec<&Segment> = cuts.iter().filter(|segment| space.covers(segment)).collect();
    let covered = |by: &[&Entry], whatever: bool| {
        own.iter().all(|segment| {
            let mut rest = peers.clone();
            for it in by {
                let speaks = it.space.as_ref().map_or(whatever, |it| it.covers(segment));
                match &it.peers {
                    _ if !speaks => {}
                    Ok(set) => rest = rest.minus(set),
                    Err(_) if whatever => return true,
                    Err(_) => {}
                }
            }
            rest.is_empty()
        })
    };
    if covered(&certain, false) {
        return Attr::Known(true);
    }
    if !covered(&possible, true) {
        return Attr::Known(false);
    }
    doubt.or_known(false)
}

/// The entries that are tried before another: for sure, and possibly, and why that is not the same.
fn earlier<'a>(entry: &Entry, all: &'a [Entry]) -> (Vec<&'a Entry>, Vec<&'a Entry>, Doubt) {
    let (mut certain, mut possible, mut doubt) = (Vec::new(), Vec::new(), Doubt::default());
    doubt.extend(entry.number.as_ref().err());
    doubt.extend(entry.outgoing.as_ref().err());
    for other in all {
        let before = match (&other.number, &entry.number) {
            (Ok(a), Ok(b)) => Some(a < b),
            _ => None,
        };
        let alike = match (&other.outgoing, &entry.outgoing) {
            (Ok(a), Ok(b)) => Some(a == b),
            _ => None,
        };
        let family = match (other.is_v6, entry.is_v6) {
            (Some(a), Some(b)) => Some(a == b),
            _ => None,
        };
        let is_self = std::ptr::eq(other, entry);
        if is_self || [before, alike, family].contains(&Some(false)) {
            continue;
        }
        possible.push(other);
        let known = [before, alike, family] == [Some(true); 3];
        if known && other.space.is_ok() && other.peers.is_ok() {
            certain.push(other);
        } else {
            for cause in [other.number.as_ref().err(), other.outgoing.as_ref().err()] {
                doubt.extend(cause);
            }
            doubt.extend(other.space.as_ref().err());
            doubt.extend(other.peers.as_ref().err());
        }
    }
    (certain, possible, doubt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Ports, Prefix};

    fn entry(number: i64, protocol: &str, ports: (u16, u16), cidr: &str) -> NetworkAclEntry {
        NetworkAclEntry {
            egress: false.into(),
            rule_number: number.into(),
            rule_action: "allow".to_owned().into(),
            protocol: protocol.to_owned().into(),
            ports: Ports::new(ports.0, ports.1).into(),
            cidr: cidr.parse::<Prefix>().unwrap().into(),
            ..NetworkAclEntry::default()
        }
    }

    fn judged(entries: &[NetworkAclEntry]) -> Vec<Option<bool>> {
        shadowed(entries).iter().map(|v| v.known().copied()).collect()
    }

    #[test]
    fn a_wider_entry_before_it_shadows_one() {
        let wide = entry(100, "-1", (0, 65535), "10.0.0.0/8");
        let narrow = entry(200, "tcp", (22, 22), "10.1.0.0/16");
        assert_eq!(judged(&[wide.clone(), narrow.clone()]), [Some(false), Some(true)]);
        let later = entry(300, "-1", (0, 65535), "10.0.0.0/8");
        assert_eq!(judged(&[narrow.clone(), later]), [Some(false), Some(false)]);
        let mut out = wide;
        out.egress = true.into();
        assert_eq!(judged(&[out, narrow]), [Some(false), Some(false)]);
    }

    #[test]
    fn several_entries_shadow_one_together() {
        let halves = [
            entry(10, "tcp", (0, 30), "10.0.0.0/9"),
            entry(20, "tcp", (20, 80), "10.128.0.0/9"),
            entry(30, "tcp", (22, 25), "10.0.0.0/8"),
            entry(40, "tcp", (22, 31), "10.0.0.0/8"),
        ];
        assert_eq!(judged(&halves), [Some(false), Some(false), Some(true), Some(false)]);
    }

    #[test]
    fn families_protocols_and_the_built_in_entries_stand_apart() {
        let list = [
            entry(10, "-1", (0, 65535), "0.0.0.0/0"),
            entry(20, "tcp", (22, 22), "::/0"),
            entry(32767, "-1", (0, 65535), "0.0.0.0/0"),
        ];
        assert_eq!(judged(&list), [Some(false), Some(false), Some(false)]);
        let list =
            [entry(10, "tcp", (0, 65535), "0.0.0.0/0"), entry(20, "-1", (0, 65535), "10.0.0.0/8")];
        assert_eq!(judged(&list), [Some(false), Some(false)]);
    }

    #[test]
    fn what_is_not_known_leaves_doubt_where_it_matters() {
        let narrow = entry(200, "tcp", (22, 22), "10.1.0.0/16");
        let mut wide = entry(100, "-1", (0, 65535), "10.0.0.0/8");
        wide.cidr = Attr::default();
        assert_eq!(judged(&[wide.clone(), narrow.clone()])[1], None);
        wide.protocol = "udp".to_owned().into();
        assert_eq!(judged(&[wide.clone(), narrow.clone()])[1], Some(false));
        let sure = entry(50, "-1", (0, 65535), "10.0.0.0/8");
        assert_eq!(judged(&[wide, narrow, sure])[1], Some(true));
    }
}
