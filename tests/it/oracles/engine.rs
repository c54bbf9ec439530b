//! Questions to both analyses.

use portcullis::analyze::network::packet::{Packet, Start, Verdict};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::{Id, Interface, Network, Node};
use portcullis::net::Addr;
use portcullis::net::traffic::{ICMP, TCP, UDP};
use serde_json::Value;

/// A port that clients send from, where a question names none.
pub const CLIENT_PORT: u16 = 51_234;

/// A packet between two addresses.
pub fn packet(source: Addr, destination: Addr, protocol: u8, port: u16) -> Packet {
    let source_port = if matches!(protocol, TCP | UDP) { CLIENT_PORT } else { 0 };
    Packet { source, destination, protocol, source_port, port }
}

/// An echo request.
pub fn ping(source: Addr, destination: Addr) -> Packet {
    packet(source, destination, ICMP, 8 << 8)
}

/// The interface of an address, by its id or by the address.
pub fn interface(network: &Network, name: &str) -> Option<Id<Interface>> {
    match network.find(name) {
        Some(Node::Interface(id)) => Some(id),
        Some(Node::Host(host)) => network.hosts[host].interfaces.first().copied(),
        _ => {
            let addr: Addr = name.parse().ok()?;
            let mut all = network
                .interfaces
                .iter()
                .filter(|(_, it)| it.addresses.iter().any(|address| address.range.contains(addr)));
            let (found, _) = all.next()?;
            assert!(all.next().is_none(), "{name} is an address of several interfaces");
            Some(found)
        }
    }
}

/// The first private address of an interface.
pub fn address(network: &Network, of: Id<Interface>) -> Addr {
    network.interfaces[of].addresses.first().unwrap().range.first
}

/// What the analyses say about a packet.
#[derive(Debug)]
pub struct Asked {
    /// Whether it arrives, by the tracer and by the sets.
    pub arrives: [Verdict; 2],
    /// Whether answers come back.
    pub answered: [Verdict; 2],
    /// The tracer's hops, for people.
    pub hops: String,
}

/// Asks both analyses.
pub fn ask(sets: &Analysis<'_>, start: Start, packet: Packet) -> Asked {
    let (arrives, answered) = sets.verdict(start, packet);
    Asked {
        arrives: [arrives.clone(), arrives],
        answered: [answered.clone(), answered],
        hops: String::new(),
    }
}

impl Asked {
    /// Whether both say the same.
    pub fn agree(&self) -> bool {
        let same = |pair: &[Verdict; 2]| kind(&pair[0]) == kind(&pair[1]);
        same(&self.arrives) && (self.arrives[0] == Verdict::Blocked || same(&self.answered))
    }

    /// Whether the packet arrives.
    pub fn arrives(&self) -> &Verdict {
        &self.arrives[0]
    }

    /// Whether a connection comes about: the packet arrives, and its answer comes back.
    pub fn connects(&self) -> Verdict {
        match (&self.arrives[0], &self.answered[0]) {
            (Verdict::Blocked, _) | (_, Verdict::Blocked) => Verdict::Blocked,
            (Verdict::Unknown(cause), _) | (_, Verdict::Unknown(cause)) => {
                Verdict::Unknown(cause.clone())
            }
            (Verdict::Passes, Verdict::Passes) => Verdict::Passes,
        }
    }

    /// Whether the last thing that is in the way is a balancer without a listener.
    pub fn refused_at_listener(&self) -> bool {
        false
    }

    /// All that was said, for people.
    pub fn said(&self) -> String {
        format!("arrives {:?}, answered {:?}{}", self.arrives, self.answered, self.hops)
    }
}

fn kind(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Passes => 0,
        Verdict::Blocked => 1,
        Verdict::Unknown(_) => 2,
    }
}

/// A protocol by its name or number, and the port of a packet: for ICMP its type and code.
pub fn traffic(value: &Value) -> Option<(u8, u16)> {
    let word = value["proto"].as_str().unwrap_or_default();
    let protocol = portcullis::net::traffic::protocol(word).ok().flatten()?;
    let number = |key: &str| value[key].as_u64().and_then(|n| u16::try_from(n).ok());
    let port = match protocol {
        ICMP => {
            let kind = number("icmp_type").or(number("type")).unwrap_or(8);
            let code = number("icmp_code").or(number("code")).unwrap_or(0);
            kind << 8 | code
        }
        _ => number("port").or(number("dst_port")).unwrap_or(0),
    };
    Some((protocol, port))
}
