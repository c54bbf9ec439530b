//! What the border of a subnet lets in from outside and back.

use crate::analyze::network::packet::{EPHEMERAL, Reply, Touch};
use crate::analyze::network::reach::Bounds;
use crate::analyze::network::reach::cube::{answer_parts, ports_of};
use crate::model::Cause;
use crate::net::traffic::{ICMP, ICMPV6, TCP, UDP};
use crate::net::{AddrSet, Traffic};

/// What a subnet lets in from outside and back.
pub(super) struct Border {
    /// What its ACL lets in.
    pub(super) ingress: Bounds,
    /// Who gets answers, as routes go.
    pub(super) back: AddrSet,
    /// Why that is not certain.
    pub(super) back_doubt: Option<Cause>,
    /// What its ACL lets out.
    pub(super) egress: Bounds,
    /// The routes that answers take.
    pub(super) routes: Vec<Touch>,
}

impl Border {
    /// The parts of what got in by what is answered.
    pub(super) fn replies(
        &self,
        traffic: Traffic,
        clients: &AddrSet,
    ) -> Vec<(Traffic, AddrSet, Reply)> {
        let lost = clients.minus(&self.back);
        let back = clients.intersection(&self.back);
        let mut out = Vec::new();
        if !lost.is_empty() {
            out.push((traffic, lost, Reply::None));
        }
        if back.is_empty() {
            return out;
        }
        if let Some(cause) = &self.back_doubt {
            out.push((traffic, back, Reply::Unknown(cause.clone())));
            return out;
        }
        if let [(all, peers)] = self.egress.least.parts()
            && *all == Traffic::ALL
            && peers.includes(&back)
        {
            out.push((traffic, back, Reply::Full));
            return out;
        }
        let mut parts: Vec<(Traffic, AddrSet, Reply)> = Vec::new();
        for part in answer_parts(traffic) {
            for (clients, reply) in self.classes(part, &back) {
                let joined = parts.iter_mut().find(|(have, set, old)| {
                    have.last.checked_add(1) == Some(part.first) && *set == clients && *old == reply
                });
                match joined {
                    Some((have, ..)) => have.last = part.last,
                    None => parts.push((part, clients, reply)),
                }
            }
        }
        out.extend(parts);
        out
    }

    /// Clients by what of their answers the ACL lets out; the traffic is answered in one manner.
    fn classes(&self, traffic: Traffic, clients: &AddrSet) -> Vec<(AddrSet, Reply)> {
        let protocol = u8::try_from(traffic.first >> 16).unwrap_or(u8::MAX);
        let kind = (traffic.first & 0xffff) >> 8;
        let answer = match (protocol, kind) {
            (TCP | UDP, _) => Traffic::new(protocol, EPHEMERAL),
            (ICMP, 8) => Traffic::one(ICMP, 0),
            (ICMPV6, 128) => Traffic::one(ICMPV6, 129 << 8),
            _ => traffic,
        };
        let mut classes: Vec<(AddrSet, Vec<Traffic>, bool)> =
            vec![(clients.clone(), Vec::new(), false)];
        let doubtful = self.egress.doubtful();
        for (flows, doubt) in [(&self.egress.least, false), (&doubtful, true)] {
            for (part, peers) in flows.with_traffic(answer).parts() {
                let mut next = Vec::new();
                for (set, ports, unsure) in classes {
                    let (inside, outside) = (set.intersection(peers), set.minus(peers));
                    if !inside.is_empty() {
                        let mut ports = ports.clone();
                        if !doubt {
                            ports.push(*part);
                        }
                        next.push((inside, ports, unsure || doubt));
                    }
                    if !outside.is_empty() {
                        next.push((outside, ports, unsure));
                    }
                }
                classes = next;
            }
        }
        classes
            .into_iter()
            .map(|(set, parts, unsure)| {
                let whole = joined(&parts) == vec![answer];
                let reply = match (&self.egress.cause, parts.is_empty()) {
                    _ if whole => Reply::Full,
                    (Some(cause), _) if unsure => Reply::Unknown(cause.clone()),
                    (_, true) => Reply::None,
                    _ if matches!(protocol, TCP | UDP) => {
                        Reply::Partial(joined(&parts).into_iter().map(ports_of).collect())
                    }
                    // Some of what has no ports is answered: it is told apart by its own rules.
                    _ => Reply::Partial(Vec::new()),
                };
                (set, reply)
            })
            .collect()
    }
}

/// Sorted, neighbours joined.
pub(super) fn joined(parts: &[Traffic]) -> Vec<Traffic> {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<Traffic> = Vec::new();
    for part in sorted {
        match out.last_mut() {
            Some(last) if part.first <= last.last.saturating_add(1) => {
                last.last = last.last.max(part.last);
            }
            _ => out.push(part),
        }
    }
    out
}
