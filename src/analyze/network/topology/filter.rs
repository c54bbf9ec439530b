//! What lets packets pass or not: security groups, network ACLs, prefix lists.

use super::{Id, Peering, Place, Vpc};
use crate::model::{Attr, Cause};
use crate::net::{AddrSet, Traffic};

/// A security group. It only allows.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Its VPC; unknown ids and groups of EC2-Classic have none.
    pub vpc: Option<Id<Vpc>>,
    /// What may come in.
    pub ingress: Vec<Rule>,
    /// What may go out.
    pub egress: Vec<Rule>,
    /// Why there may be more rules coming in than are listed.
    pub ingress_doubt: Option<Cause>,
    /// Why there may be more rules going out than are listed.
    pub egress_doubt: Option<Cause>,
}

/// A rule of a security group.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id, if it has one: `sgr-…`.
    pub name: Option<Box<str>>,
    /// Which packets; the cause when that is not known, and then it may be any.
    pub traffic: Result<Traffic, Cause>,
    /// Whose packets.
    pub peer: Peer,
}

/// Whom a rule of a security group speaks of.
#[derive(Debug, Clone)]
pub enum Peer {
    /// Addresses.
    Addresses(AddrSet),
    /// A prefix list; see its doubt.
    List(Id<PrefixList>),
    /// The private addresses of interfaces that carry a group. It never matches packets whose source was translated,
    /// nor any through a transit gateway that does not support references, nor across regions.
    Group {
        /// The group.
        group: Id<Group>,
        /// The peering that the rule names, if it names one.
        peering: Option<Id<Peering>>,
    },
    /// A group that is deleted, or a peering that is: it matches nothing. The id is kept to be named.
    Stale(Box<str>),
    /// Nobody can say.
    Unknown(Cause),
}

/// The security groups of an interface, as one union.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupSet {
    /// The groups, sorted.
    pub groups: Vec<Id<Group>>,
    /// Why there may be more, or why rules of one are not known: a group that is not in the inventory.
    pub doubt: Option<Cause>,
}

/// A network ACL. The first rule that matches decides; behind the last one everything is denied.
#[derive(Debug, Clone)]
pub struct Acl {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Rules for packets into the subnet, by ascending number.
    pub ingress: Vec<AclRule>,
    /// Rules for packets out of the subnet, by ascending number.
    pub egress: Vec<AclRule>,
    /// Why there may be more rules, at any place in the order.
    pub doubt: Option<Cause>,
}

/// A rule of a network ACL.
#[derive(Debug, Clone)]
pub struct AclRule {
    /// Its number.
    pub number: i64,
    /// Whether what matches passes.
    pub allow: Attr<bool>,
    /// Which packets; the cause when that is not known.
    pub traffic: Result<Traffic, Cause>,
    /// Whose packets: the source of packets coming in, the destination of those going out.
    pub peers: Attr<AddrSet>,
}

/// A prefix list.
#[derive(Debug, Clone)]
pub struct PrefixList {
    /// Its id.
    pub name: Box<str>,
    /// Its entries that are known.
    pub entries: AddrSet,
    /// Why there may be more.
    pub doubt: Option<Cause>,
}
