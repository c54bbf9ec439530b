//! Questions to both analyses.

use portcullis::analyze::network::packet::{Code, Packet, Start, Verdict};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::{Id, Interface, Network, Node};
use portcullis::analyze::network::trace::Tracer;
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
            // An address of several interfaces does not tell which one sends.
            let (found, _) = all.next()?;
            all.next().is_none().then_some(found)
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
    /// Whether it arrives and answers come back.
    pub connects: [Verdict; 2],
    /// Whether nothing but a missing listener is in the way.
    pub refused_at_listener: bool,
    /// The tracer's hops, for people.
    pub hops: String,
}

/// Both analyses of a network.
pub struct Engines<'n> {
    pub network: &'n Network,
    pub sets: Analysis<'n>,
    tracer: Tracer<'n>,
}

impl<'n> Engines<'n> {
    pub fn new(network: &'n Network) -> Self {
        Self { network, sets: Analysis::new(network), tracer: Tracer::new(network) }
    }

    /// Asks both.
    pub fn ask(&self, start: Start, packet: Packet) -> Asked {
        let (arrives, answered) = self.sets.verdict(start, packet);
        let trace = self.tracer.trace(start, packet);
        let connects = both(&arrives, &answered);
        let listeners = trace.blockers().all(|hop| hop.code == Some(Code::NoListener));
        let hops = trace.hops.iter().chain(&trace.reply_hops).map(|hop| {
            let word = match (&hop.verdict, hop.code) {
                (Verdict::Passes, _) => String::new(),
                (Verdict::Blocked, code) => format!(" BLOCKED {code:?}"),
                (Verdict::Unknown(cause), _) => format!(" UNKNOWN {cause:?}"),
            };
            format!("{:?} {} {}{word}", hop.step, hop.at, hop.by.as_deref().unwrap_or_default())
        });
        let hops = hops.collect::<Vec<_>>().join(" | ");
        Asked {
            refused_at_listener: trace.forward == Verdict::Blocked && listeners,
            arrives: [trace.forward, arrives],
            connects: [trace.reply, connects],
            hops,
        }
    }
}

fn both(arrives: &Verdict, answered: &Verdict) -> Verdict {
    match (arrives, answered) {
        (Verdict::Blocked, _) | (_, Verdict::Blocked) => Verdict::Blocked,
        (Verdict::Unknown(cause), _) | (_, Verdict::Unknown(cause)) => {
            Verdict::Unknown(cause.clone())
        }
        (Verdict::Passes, Verdict::Passes) => Verdict::Passes,
    }
}

impl Asked {
    /// Whether both say the same.
    pub fn agree(&self) -> bool {
        let same = |pair: &[Verdict; 2]| kind(&pair[0]) == kind(&pair[1]);
        same(&self.arrives) && same(&self.connects)
    }

    /// Whether the packet arrives.
    pub fn arrives(&self) -> &Verdict {
        &self.arrives[0]
    }

    /// Whether a connection comes about: the packet arrives, and its answer comes back.
    pub fn connects(&self) -> &Verdict {
        &self.connects[0]
    }

    /// All that was said, for people.
    pub fn said(&self) -> String {
        let words = |[tracer, sets]: &[Verdict; 2]| {
            if tracer == sets {
                format!("{tracer:?}")
            } else {
                format!("{tracer:?} (sets: {sets:?})")
            }
        };
        format!(
            "arrives {}, connects {}: {}",
            words(&self.arrives),
            words(&self.connects),
            self.hops
        )
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
