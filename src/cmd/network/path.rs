//! Traces in words.

use super::load::Names;
use crate::analyze::network::packet::{Code, Hop, Packet, Start, Step, Verdict};
use crate::analyze::network::reach::{Entry, Exposure};
use crate::analyze::network::topology::{Id, Interface, Network};
use crate::analyze::network::trace::{Trace, Tracer};
use crate::net::AddrSet;
use crate::report::network::{HopView, PathView, State};

/// Follows packets for people.
pub(super) struct Paths<'n> {
    network: &'n Network,
    tracer: Tracer<'n>,
    names: &'n Names,
    left: usize,
}

impl<'n> Paths<'n> {
    pub(super) fn new(network: &'n Network, names: &'n Names) -> Self {
        Self { network, tracer: Tracer::new(network), names, left: super::PATHS_MAX }
    }

    /// The tracer itself.
    pub(super) fn tracer(&self) -> &Tracer<'n> {
        &self.tracer
    }

    /// The private addresses of a start that has some.
    pub(super) fn addresses(&self, start: Start) -> Option<AddrSet> {
        let Start::Interface(id) = start else { return None };
        Some(self.network.interfaces[id].own())
    }

    /// Follows a packet, by the way that ends at an interface if that is wanted.
    pub(super) fn follow(
        &self,
        start: Start,
        packet: Packet,
        receiver: Option<Id<Interface>>,
    ) -> Trace {
        Self::ending_at(receiver, self.tracer.trace(start, packet))
    }

    /// Follows the packet that shows an exposure, through the front door if it comes by one.
    pub(super) fn follow_exposure(&self, found: &Exposure) -> Trace {
        let (start, packet) = found.witness;
        match found.entry {
            Entry::Door(door) => {
                Self::ending_at(found.interface, self.tracer.by_door(door, packet))
            }
            _ => self.follow(start, packet, found.interface),
        }
    }

    fn ending_at(receiver: Option<Id<Interface>>, mut trace: Trace) -> Trace {
        if receiver.is_none() || trace.receiver == receiver {
            return trace;
        }
        let others = std::mem::take(&mut trace.others);
        match others.into_iter().find(|other| other.receiver == receiver) {
            // The verdicts of a way are its own, not those of all ways together.
            Some(other) => other,
            None => trace,
        }
    }

    /// A trace in words, while there is room.
    pub(super) fn shown(&mut self, packet: Packet, trace: &Trace) -> Option<PathView> {
        self.left = self.left.checked_sub(1)?;
        Some(self.view(packet, trace))
    }

    /// A trace in words.
    pub(super) fn view(&self, packet: Packet, trace: &Trace) -> PathView {
        let hops = |hops: &[Hop]| hops.iter().map(|hop| self.hop(hop)).collect();
        let blockers = trace
            .blockers()
            .map(|hop| {
                let view = self.hop(hop);
                let at = if view.at.is_empty() { String::new() } else { format!(" {}", view.at) };
                let by = view.by.map_or_else(String::new, |by| format!(" ({by})"));
                let why = view.why.map_or_else(String::new, |why| format!(": {why}"));
                format!("{}{at}{by}{why}", view.words)
            })
            .collect();
        PathView {
            packet: packet.to_string(),
            forward: state(&trace.forward),
            state: state(&trace.reply),
            hops: hops(&trace.hops),
            reply_hops: hops(&trace.reply_hops),
            blockers,
        }
    }

    fn hop(&self, hop: &Hop) -> HopView {
        let cause = match &hop.verdict {
            Verdict::Unknown(cause) => Some(cause.to_string()),
            _ => None,
        };
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
        let code = hop.code.and_then(|code| serde_json::to_value(code).ok()).and_then(word);
        HopView {
            step: serde_json::to_value(hop.step).ok().and_then(word).unwrap_or_default(),
            words: step_words(hop.step).to_owned(),
            at: hop.at.clone(),
            name: self.names.of(&hop.at).map(str::to_owned),
            by: hop.by.clone(),
            state: state(&hop.verdict),
            cause,
            code,
            why: hop.code.map(|code| code_words(code).to_owned()),
            becomes: hop.becomes.map(|packet| packet.to_string()),
        }
    }
}

/// A verdict without its cause.
pub(super) fn state(verdict: &Verdict) -> State {
    match verdict {
        Verdict::Passes => State::Passes,
        Verdict::Blocked => State::Blocked,
        Verdict::Unknown(_) => State::Unknown,
    }
}

fn step_words(step: Step) -> &'static str {
    match step {
        Step::Source => "source",
        Step::SecurityGroupOut => "security group out",
        Step::NetworkAclOut => "network ACL out",
        Step::Route => "route",
        Step::BlockPublicAccess => "Block Public Access",
        Step::InternetGateway => "internet gateway",
        Step::EgressOnlyGateway => "egress-only gateway",
        Step::NatGateway => "NAT gateway",
        Step::VpnGateway => "VPN gateway",
        Step::Peering => "peering",
        Step::TransitAttachment => "transit attachment",
        Step::TransitRoute => "transit route",
        Step::Firewall => "firewall",
        Step::Appliance => "appliance",
        Step::Endpoint => "endpoint",
        Step::FrontDoor => "front door",
        Step::NetworkAclIn => "network ACL in",
        Step::SecurityGroupIn => "security group in",
        Step::Listener => "listener",
        Step::Target => "target",
        Step::Destination => "destination",
    }
}

fn code_words(code: Code) -> &'static str {
    match code {
        Code::EniSgRulesMismatch => "no rule of the security groups allows it",
        Code::SubnetAclRestriction => "the network ACL denies it",
        Code::NoRouteToDestination => "no route leads there",
        Code::BlackholeRoute => "the best route is a blackhole",
        Code::BadTarget => "the route's target does not take it",
        Code::NoPublicAddress => "the sender has no public address",
        Code::PrivateDestination => {
            "the internet does not carry private addresses, and nothing with a public one leads there"
        }
        Code::NoInternetGateway => "no internet gateway is attached to the VPC",
        Code::BlockPublicAccess => "VPC Block Public Access stops it",
        Code::IngressNotAllowed => "nothing comes in this way that was not asked for",
        Code::PeeringNotTransitive => "a peering leads to addresses of the peered VPC only",
        Code::TgwAttachmentMissingInZone => "the transit gateway has no attachment in this zone",
        Code::TgwAttachmentNotAssociated => "the attachment has no route table",
        Code::TgwRtbCannotRoute => "the transit gateway's table has no route",
        Code::TgwBlackhole => "the transit gateway's best route is a blackhole",
        Code::NatProtocol => "NAT gateways pass TCP, UDP and ICMP only",
        Code::NatOwnSubnet => "a NAT gateway does not serve its own subnet",
        Code::NoListener => "nothing listens there",
        Code::NoTarget => "the listener has no target that is served",
        Code::Hairpin => "a target cannot reach itself through a balancer that keeps its address",
        Code::TargetNotServed => "the target is not served",
        Code::SourceDestCheck => "the source/destination check drops it",
        Code::NoSuchDestination => "no interface has this address",
        Code::SendsOnly => "it only sends",
        Code::FirewallRule => "a rule of the firewall drops it",
        Code::ReplyElsewhere => "the answer leaves by another way and is lost",
    }
}
