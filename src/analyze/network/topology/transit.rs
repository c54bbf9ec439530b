//! Transit gateways.

use super::{Id, Place, Subnet, Vpc};
use crate::model::{Attr, Cause};
use crate::net::AddrSet;
use crate::net::addr::Range;

/// A transit gateway.
#[derive(Debug, Clone)]
pub struct TransitGateway {
    /// Its id.
    pub name: Box<str>,
    /// Its owner and region.
    pub place: Id<Place>,
    /// Whether rules may refer to security groups across it.
    pub group_references: Attr<bool>,
    /// Its available attachments, sorted by id.
    pub attachments: Vec<Id<Attachment>>,
    /// Why there may be more attachments than are seen.
    pub doubt: Option<Cause>,
}

/// An attachment that is available, as one gateway sees it. Both ends of a peering have their own.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its id.
    pub name: Box<str>,
    /// The gateway.
    pub gateway: Id<TransitGateway>,
    /// What is at the other end.
    pub kind: AttachmentKind,
    /// The table that routes what comes in through it; without one nothing does.
    pub association: Attr<Option<Id<TransitTable>>>,
}

/// What is at the other end of an attachment.
#[derive(Debug, Clone)]
pub enum AttachmentKind {
    /// A VPC.
    Vpc {
        /// Its id.
        name: Box<str>,
        /// The VPC, if it is in the inventory.
        vpc: Option<Id<Vpc>>,
        /// One subnet for each zone that may send; packets arrive through them.
        subnets: Attr<Vec<Id<Subnet>>>,
        /// Whether rules may refer to security groups across it.
        group_references: Attr<bool>,
    },
    /// Another transit gateway: the attachment at its end, if it is in the inventory.
    Peering(Option<Id<Attachment>>),
    /// A VPN connection, Direct Connect gateway, or Connect peer: a site.
    Site(Box<str>),
    /// Something whose further way is not analysed.
    Beyond(Cause),
}

impl Attachment {
    /// The VPC at the other end, if it is one of the inventory.
    pub fn vpc(&self) -> Option<Id<Vpc>> {
        match &self.kind {
            AttachmentKind::Vpc { vpc, .. } => *vpc,
            _ => None,
        }
    }
}

/// A route table of a transit gateway.
#[derive(Debug, Clone)]
pub struct TransitTable {
    /// Its id.
    pub name: Box<str>,
    /// The gateway.
    pub gateway: Id<TransitGateway>,
    /// Its routes in no order that means anything: the longest prefix decides, then the rank. Those that follow from
    /// propagation by VPC attachments are here whether AWS listed them or not.
    pub routes: Vec<TransitRoute>,
    /// Why there may be more routes than are listed, to anywhere: propagations that nobody listed, more than the API
    /// shows in one answer.
    pub doubt: Option<Cause>,
    /// What sites may have announced to it beside.
    pub learned: Option<Learned>,
}

/// Routes that sites (VPN, Direct Connect, Connect) announce by BGP and that nobody listed.
///
/// They may decide about any destination but two kinds, by what we take for granted of sites:
///
/// * They announce no part of a VPC's block. Where a listed route (static, prefix list, VPC) is to such a part or to a
///   whole block, it decides: of equal prefixes AWS takes it, and a longer one of a site there would be.
/// * They announce no part of the IPv4 internet, at most all of it. A static route or prefix list to public
///   destinations decides about these. Global IPv6 addresses say nothing of the kind: sites use them inside.
#[derive(Debug, Clone)]
pub struct Learned {
    /// Why nobody knows them.
    pub cause: Cause,
    /// The blocks of the VPCs that are attached to the gateway, or to one that it is peered with.
    pub blocks: AddrSet,
}

/// A route of a transit gateway.
#[derive(Debug, Clone)]
pub struct TransitRoute {
    /// The block, always a whole prefix.
    pub destination: Range,
    /// What people know the route by.
    pub label: Box<str>,
    /// Which of equal prefixes is taken, the least first: static, prefix list, VPC, Direct Connect, Connect, VPN,
    /// peering. Source: "Route evaluation order" in the AWS Transit Gateway guide.
    pub rank: u8,
    /// Where it leads.
    pub target: TransitTarget,
}

/// Where a route of a transit gateway leads.
#[derive(Debug, Clone)]
pub enum TransitTarget {
    /// To any of these attachments, usually one.
    Attachments(Vec<Id<Attachment>>),
    /// Nowhere.
    Blackhole,
    /// Nobody can say.
    Unknown(Cause),
}
