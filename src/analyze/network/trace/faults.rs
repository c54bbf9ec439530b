//! Deliberate mistakes.

use std::ops::BitOr;

/// A set of mistakes that a tracer can be told to make. Each is one that real tools make; tests prove that the
/// comparison with the other analysis notices every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults(u32);

impl Faults {
    /// None.
    pub const NONE: Self = Self(0);
    /// Network ACLs let everything pass.
    pub const ACL_IGNORED: Self = Self(1);
    /// Rows of network ACLs are read from the last one.
    pub const ACL_REVERSED: Self = Self(1 << 1);
    /// Network ACLs look at packets coming in only.
    pub const ACL_OUT_IGNORED: Self = Self(1 << 2);
    /// Network ACLs also stand between interfaces of one subnet.
    pub const ACL_WITHIN_SUBNET: Self = Self(1 << 3);
    /// The shortest prefix decides.
    pub const SHORTEST_PREFIX: Self = Self(1 << 4);
    /// Nobody asks for the answer.
    pub const NO_REPLY_CHECK: Self = Self(1 << 5);
    /// Security groups let everything in.
    pub const GROUPS_IGNORED: Self = Self(1 << 6);
    /// A rule about a group matches anybody.
    pub const REFERENCE_ANYBODY: Self = Self(1 << 7);
    /// A rule about a group matches nobody.
    pub const REFERENCE_NOBODY: Self = Self(1 << 8);
    /// Private addresses are reached over the internet.
    pub const PRIVATE_OVER_INTERNET: Self = Self(1 << 9);
    /// Peerings are passed by packets from elsewhere.
    pub const PEERING_TRANSITIVE: Self = Self(1 << 10);
    /// Attachments send from any zone.
    pub const ANY_ZONE: Self = Self(1 << 11);
    /// Any table of a transit gateway routes what comes in.
    pub const ASSOCIATION_IGNORED: Self = Self(1 << 12);
    /// Balancers answer everywhere.
    pub const LISTENER_IGNORED: Self = Self(1 << 13);
    /// Balancers always keep the client's address.
    pub const CLIENT_ALWAYS_KEPT: Self = Self(1 << 14);
    /// Balancers never keep it.
    pub const CLIENT_NEVER_KEPT: Self = Self(1 << 15);
    /// Block Public Access does nothing.
    pub const BLOCK_IGNORED: Self = Self(1 << 16);
    /// Interfaces without a public address reach the internet through its gateway.
    pub const NO_ADDRESS_NEEDED: Self = Self(1 << 17);
    /// Network ACLs of attachments' subnets are left out.
    pub const TRANSIT_ACL_IGNORED: Self = Self(1 << 18);
    /// Blackholes let a shorter prefix decide.
    pub const BLACKHOLE_SKIPPED: Self = Self(1 << 19);
    /// Unhealthy targets are never served.
    pub const NO_FAIL_OPEN: Self = Self(1 << 20);
    /// Routes of transit gateways that attachments propagate do not count.
    pub const PROPAGATION_IGNORED: Self = Self(1 << 21);
    /// Propagated routes beat written ones of equal length.
    pub const ORIGIN_REVERSED: Self = Self(1 << 22);
    /// Security groups let everything out.
    pub const GROUPS_OUT_IGNORED: Self = Self(1 << 23);
    /// NAT gateways take what nobody asked for.
    pub const NAT_UNASKED: Self = Self(1 << 24);
    /// Clients may be their own targets.
    pub const HAIRPIN: Self = Self(1 << 25);
    /// Every node of a balancer serves every zone.
    pub const CROSS_ZONE: Self = Self(1 << 26);
    /// Egress-only gateways let everything in.
    pub const EGRESS_ONLY_OPEN: Self = Self(1 << 27);
    /// Rules about groups work across transit gateways without their support.
    pub const REFERENCE_OVER_TRANSIT: Self = Self(1 << 28);

    /// Each of them with its name.
    pub const ALL: [(&'static str, Self); 29] = [
        ("acl ignored", Self::ACL_IGNORED),
        ("acl reversed", Self::ACL_REVERSED),
        ("acl out ignored", Self::ACL_OUT_IGNORED),
        ("acl within subnet", Self::ACL_WITHIN_SUBNET),
        ("shortest prefix", Self::SHORTEST_PREFIX),
        ("no reply check", Self::NO_REPLY_CHECK),
        ("groups ignored", Self::GROUPS_IGNORED),
        ("reference anybody", Self::REFERENCE_ANYBODY),
        ("reference nobody", Self::REFERENCE_NOBODY),
        ("private over internet", Self::PRIVATE_OVER_INTERNET),
        ("peering transitive", Self::PEERING_TRANSITIVE),
        ("any zone", Self::ANY_ZONE),
        ("association ignored", Self::ASSOCIATION_IGNORED),
        ("listener ignored", Self::LISTENER_IGNORED),
        ("client always kept", Self::CLIENT_ALWAYS_KEPT),
        ("client never kept", Self::CLIENT_NEVER_KEPT),
        ("block ignored", Self::BLOCK_IGNORED),
        ("no address needed", Self::NO_ADDRESS_NEEDED),
        ("transit acl ignored", Self::TRANSIT_ACL_IGNORED),
        ("blackhole skipped", Self::BLACKHOLE_SKIPPED),
        ("no fail open", Self::NO_FAIL_OPEN),
        ("propagation ignored", Self::PROPAGATION_IGNORED),
        ("origin reversed", Self::ORIGIN_REVERSED),
        ("groups out ignored", Self::GROUPS_OUT_IGNORED),
        ("nat unasked", Self::NAT_UNASKED),
        ("hairpin", Self::HAIRPIN),
        ("cross zone", Self::CROSS_ZONE),
        ("egress only open", Self::EGRESS_ONLY_OPEN),
        ("reference over transit", Self::REFERENCE_OVER_TRANSIT),
    ];

    /// Whether a mistake is among them.
    pub(super) fn has(self, fault: Self) -> bool {
        self.0 & fault.0 != 0
    }
}

impl BitOr for Faults {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
