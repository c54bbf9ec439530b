//! Protocols and ports as one axis that can be cut where rules begin and end.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::model::{Attr, Cause};
use crate::net::Ports;

/// The packets a rule speaks of, whoever sends them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// The protocol; nothing for all of them.
    protocol: Option<Cow<'static, str>>,
    /// The ports; for ICMP the type in the high byte and the code in the low one.
    ports: Ports,
}

/// A piece of the axis that every rule covers whole or not at all. No protocol stands for those nobody names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    protocol: Option<Cow<'static, str>>,
    port: u16,
}

impl Space {
    /// Reads the space of a security-group rule or a network ACL's entry.
    ///
    /// # Errors
    /// The cause, when a field that matters is unknown.
    pub fn of(
        protocol: &Attr<String>,
        ports: &Attr<Ports>,
        icmp_type: &Attr<Option<i64>>,
        icmp_code: &Attr<Option<i64>>,
    ) -> Result<Self, Cause> {
        let protocol = normal(protocol.get().map_err(Clone::clone)?);
        let ports = match protocol.as_deref() {
            Some("tcp" | "udp") => *ports.get().map_err(Clone::clone)?,
            Some("icmp" | "icmpv6") => icmp(icmp_type, icmp_code)?,
            // Other protocols have no ports, and what AWS stores for them is ignored.
            _ => Ports::ALL,
        };
        Ok(Self { protocol, ports })
    }

    /// Whether a segment lies in it.
    pub fn covers(&self, segment: &Segment) -> bool {
        (self.protocol.is_none() || self.protocol == segment.protocol)
            && self.ports.covers(i64::from(segment.port))
    }
}

/// Cuts the axis wherever one of the spaces begins or ends.
pub fn segments<'a>(spaces: impl Iterator<Item = &'a Space>) -> Vec<Segment> {
    let spaces: Vec<_> = spaces.collect();
    let mut protocols: BTreeSet<Option<Cow<'static, str>>> = BTreeSet::from([None]);
    protocols.extend(spaces.iter().map(|space| space.protocol.clone()));
    let mut out = Vec::new();
    for protocol in protocols {
        let mut starts = BTreeSet::from([0]);
        for space in spaces.iter().filter(|s| s.protocol.is_none() || s.protocol == protocol) {
            starts.insert(space.ports.from);
            starts.extend(space.ports.to.checked_add(1));
        }
        out.extend(starts.into_iter().map(|port| Segment { protocol: protocol.clone(), port }));
    }
    out
}

/// One spelling per protocol; nothing for all of them.
fn normal(protocol: &str) -> Option<Cow<'static, str>> {
    match protocol.to_ascii_lowercase().as_str() {
        "-1" | "all" => None,
        "6" | "tcp" => Some("tcp".into()),
        "17" | "udp" => Some("udp".into()),
        "1" | "icmp" => Some("icmp".into()),
        "58" | "icmpv6" => Some("icmpv6".into()),
        other => Some(other.to_owned().into()),
    }
}

fn icmp(kind: &Attr<Option<i64>>, code: &Attr<Option<i64>>) -> Result<Ports, Cause> {
    let byte = |value: i64| u16::try_from(value & 0xff).unwrap_or_default();
    let Some(kind) = *kind.get().map_err(Clone::clone)? else { return Ok(Ports::ALL) };
    let high = byte(kind) << 8;
    Ok(match *code.get().map_err(Clone::clone)? {
        Some(code) => Ports::new(high | byte(code), high | byte(code)),
        None => Ports::new(high, high | 0xff),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(protocol: &str, from: u16, to: u16) -> Space {
        let none = Attr::Known(None);
        Space::of(&protocol.to_owned().into(), &Ports::new(from, to).into(), &none, &none).unwrap()
    }

    #[test]
    fn every_boundary_begins_a_segment() {
        let list = [space("tcp", 22, 80), space("6", 80, 443), space("-1", 5, 5)];
        let cut = segments(list.iter());
        let tcp: Vec<_> =
            cut.iter().filter(|s| s.protocol.as_deref() == Some("tcp")).map(|s| s.port).collect();
        assert_eq!(tcp, [0, 22, 80, 81, 444]);
        assert!(cut.iter().any(|s| s.protocol.is_none()));
    }

    #[test]
    fn all_protocols_cover_each_whatever_ports_they_store() {
        let all = space("-1", 5, 5);
        assert!(segments([space("tcp", 22, 22)].iter()).iter().all(|s| all.covers(s)));
    }

    #[test]
    fn icmp_types_and_codes_are_told_apart() {
        let of = |kind, code| {
            Space::of(
                &"icmp".to_owned().into(),
                &Ports::ALL.into(),
                &Attr::Known(kind),
                &Attr::Known(code),
            )
            .unwrap()
        };
        assert_eq!(of(None, None).ports, Ports::ALL);
        assert_eq!(of(Some(8), None).ports, Ports::new(0x0800, 0x08ff));
        assert_eq!(of(Some(3), Some(4)).ports, Ports::new(0x0304, 0x0304));
    }
}
