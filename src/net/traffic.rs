//! Protocols and ports as one number line, and sets of them.
//!
//! A packet stands at `protocol << 16 | port`, where the port of ICMP is its type in the high byte and its code in the
//! low one, and protocols without ports fill their whole block. So "all protocols", "TCP" and "TCP 443" are intervals
//! alike.

use std::fmt;

use super::Ports;

/// An IANA protocol number.
pub type Protocol = u8;
/// ICMP.
pub const ICMP: Protocol = 1;
/// TCP.
pub const TCP: Protocol = 6;
/// UDP.
pub const UDP: Protocol = 17;
/// ICMP for IPv6.
pub const ICMPV6: Protocol = 58;

/// An interval of the number line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic {
    /// Where it begins.
    pub first: u32,
    /// Where it ends, included.
    pub last: u32,
}

impl Traffic {
    /// Every protocol and port.
    pub const ALL: Self = Self { first: 0, last: 0x00ff_ffff };

    /// The ports of a protocol.
    pub fn new(protocol: Protocol, ports: Ports) -> Self {
        let base = u32::from(protocol) << 16;
        Self { first: base | u32::from(ports.from), last: base | u32::from(ports.to) }
    }

    /// One port of a protocol.
    pub fn one(protocol: Protocol, port: u16) -> Self {
        Self::new(protocol, Ports::new(port, port))
    }

    /// Everything of a protocol.
    pub fn protocol(protocol: Protocol) -> Self {
        Self::new(protocol, Ports::ALL)
    }

    /// Whether it holds a place of the line.
    pub fn contains(self, at: u32) -> bool {
        self.first <= at && at <= self.last
    }

    /// What is in both.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }

    /// The parts by protocol, each with its ports; "all protocols" is one part without a protocol.
    pub fn parts(self) -> Vec<(Option<Protocol>, Ports)> {
        if self == Self::ALL {
            return vec![(None, Ports::ALL)];
        }
        let mut out = Vec::new();
        let mut first = self.first;
        loop {
            let block_end = first | 0xffff;
            let last = block_end.min(self.last);
            let protocol = u8::try_from(first >> 16).unwrap_or(u8::MAX);
            let port = |at: u32| u16::try_from(at & 0xffff).unwrap_or(u16::MAX);
            out.push((Some(protocol), Ports::new(port(first), port(last))));
            if last == self.last {
                return out;
            }
            first = last + 1;
        }
    }
}

impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (protocol, ports)) in self.parts().into_iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            match protocol {
                None => f.write_str("all traffic")?,
                Some(protocol) => write_part(f, protocol, ports)?,
            }
        }
        Ok(())
    }
}

fn write_part(f: &mut fmt::Formatter<'_>, protocol: Protocol, ports: Ports) -> fmt::Result {
    f.write_str(&name(protocol))?;
    if ports == Ports::ALL {
        return Ok(());
    }
    match protocol {
        ICMP | ICMPV6 => {
            let (kind, code) = (ports.from >> 8, ports.from & 0xff);
            match (ports.from == ports.to, ports.to >> 8 == kind) {
                (true, _) => write!(f, " type {kind} code {code}"),
                (false, true) => write!(f, " type {kind}"),
                _ => write!(f, " types {kind}-{}", ports.to >> 8),
            }
        }
        _ => write!(f, " {ports}"),
    }
}

/// What people call a protocol.
pub fn name(protocol: Protocol) -> String {
    match protocol {
        ICMP => "ICMP".to_owned(),
        TCP => "TCP".to_owned(),
        UDP => "UDP".to_owned(),
        ICMPV6 => "ICMPv6".to_owned(),
        other => format!("protocol {other}"),
    }
}

/// Reads a protocol as AWS writes it: a name, a number, `-1` or `all` for every one.
///
/// # Errors
/// When the text is neither.
pub fn protocol(text: &str) -> Result<Option<Protocol>, String> {
    match text.to_ascii_lowercase().as_str() {
        "-1" | "all" => Ok(None),
        "icmp" => Ok(Some(ICMP)),
        "tcp" => Ok(Some(TCP)),
        "udp" => Ok(Some(UDP)),
        "icmpv6" => Ok(Some(ICMPV6)),
        "gre" => Ok(Some(47)),
        "esp" => Ok(Some(50)),
        "ah" => Ok(Some(51)),
        other => other.parse().map(Some).map_err(|_| {
            let shown: String = other.chars().take(40).collect();
            format!("`{shown}` is no IP protocol")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_read_back_in_parts() {
        assert_eq!(Traffic::ALL.to_string(), "all traffic");
        assert_eq!(Traffic::one(TCP, 22).to_string(), "TCP 22");
        assert_eq!(Traffic::new(TCP, Ports::new(0, 1023)).to_string(), "TCP 0-1023");
        assert_eq!(Traffic::new(ICMP, Ports::new(0x800, 0x8ff)).to_string(), "ICMP type 8");
        let two = Traffic { first: (6 << 16) | 0xfde8, last: (7 << 16) | 0xffff };
        assert_eq!(two.to_string(), "TCP 65000-65535, protocol 7");
        assert!(Traffic::ALL.contains(Traffic::one(255, 65535).last));
    }

    #[test]
    fn protocols_are_read_as_aws_writes_them() {
        assert_eq!(protocol("-1"), Ok(None));
        assert_eq!(protocol("6"), Ok(Some(TCP)));
        assert_eq!(protocol("icmpv6"), Ok(Some(ICMPV6)));
        assert!(protocol("300").is_err() && protocol("quic").is_err());
    }
}
