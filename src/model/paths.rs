//! What the analysis of paths says on resources: what reaches them, and which environments meet.
//!
//! Everything here is a fact: derived by analysis, never collected.

use crate::net::{Ports, Prefix};

model! {
    /// What gets to a resource from outside, every filter and route on the way considered.
    pub struct Exposure {
        /// What the internet reaches.
        internet: Vec<ExposedTraffic>,
        /// What the ranges reach that the configuration names under `outside`.
        outside: Vec<ExposedTraffic>,
    }

    /// Packets that get to a resource from outside, over one entry.
    pub struct ExposedTraffic key [from, protocol, ports, family, address, entry_kind, entry_id] {
        /// `internet`, or the name of a declared range.
        from: String,
        /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, a run of numbers such as
        /// `18-57`, or `-1` for all.
        protocol: String,
        /// The ports at which the outside knocks; all of them for protocols without ports.
        ports: Ports,
        /// The ports at which the resource is met, where a load balancer or another front door maps them.
        inner_ports: Ports,
        /// The family of the addresses.
        family: String = ["ipv4", "ipv6"],
        /// The address at which the outside knocks; absent where a front door has none in the inventory.
        address: Option<String>,
        /// Who gets through, the first of them where there are many.
        sources: Vec<Prefix>,
        /// Whether more sources get through than are listed.
        sources_cut: bool,
        /// Whether most of the internet gets through: what is let in is worth a /8 of public space, or of global IPv6.
        broad: bool,
        /// Whether a flow of the configuration lets it in.
        declared: bool,
        /// By what the outside gets in.
        entry_kind: String = [
            "public_address", "load_balancer", "global_accelerator", "cloud_front", "api_gateway", "private_link",
            "lattice", "client_vpn", "instance_connect", "cluster_api", "function_url", "vpn", "transit_gateway", "other",
        ],
        /// The id of that: the interface, balancer or front door.
        entry_id: String,
        /// How much of the answers comes back: all, those to some ports of clients, or none, so that one packet gets in
        /// and no connection comes about.
        reply: String = ["full", "partial", "none"],
        /// Whether packets get there. It is never false, since what does not get through is not listed: unknown means
        /// that nobody can say.
        reachable: bool,
        /// Whether it answers as soon as it is started: the instance is stopped.
        dormant: bool,
        /// The rules of security groups and network ACLs that let the packets in, as `group/rule`.
        rule_ids: Vec<String>,
        /// The way of one such packet, hop by hop, as the tracer went it.
        path: Vec<String>,
    }

    /// Which declared environments meet at a resource without a declared flow.
    pub struct Isolation {
        /// One entry for each cause.
        breaches: Vec<IsolationBreach>,
    }

    /// A way from one environment to another that no declared flow covers.
    pub struct IsolationBreach key [from, to, kind, link_id, rule_id] {
        /// The environment that packets come from.
        from: String,
        /// The environment that they get to.
        to: String,
        /// By what.
        kind: String = [
            "shared_subnet", "same_vpc", "peering", "transit_gateway", "private_link", "load_balancer", "public",
            "site", "relay", "other",
        ],
        /// The thing that joins the two: the peering, the attachment, the subnet, the balancer.
        link_id: String,
        /// The security group whose rule admits the packets; absent when none does, and where none filters.
        group_id: Option<String>,
        /// That rule: its id, or its place in the group.
        rule_id: Option<String>,
        /// The packets, in words.
        traffic: Vec<String>,
        /// `admitted`: a target takes them; `routed_only`: only security groups or network ACLs keep them out.
        level: String = ["admitted", "routed_only"],
        /// How much of the answers comes back.
        reply: String = ["full", "partial", "none"],
        /// How many interfaces may send.
        senders: i64,
        /// How many may receive.
        receivers: i64,
        /// Whether it is so. It is never false: unknown means that nobody can say.
        reachable: bool,
        /// The way of one such packet, hop by hop, as the tracer went it.
        path: Vec<String>,
    }
}
