//! A packet on its way.

use crate::analyze::kleene::both;
use crate::analyze::network::packet::{Code, Hop, Packet, Step, Touch, Verdict};
use crate::analyze::network::topology::{
    Attachment, Endpoint, Id, Interface, Nat, Subnet, TransitTable, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::Addr;

/// A packet, where it is, and what happened to it so far.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    pub packet: Packet,
    pub hops: Vec<Hop>,
    /// Whose it is, as long as nobody translated its source.
    pub sender: Option<Id<Interface>>,
    /// Whether rules about groups can still match.
    pub references: Attr<bool>,
    /// The VPC it is in.
    pub vpc: Option<Id<Vpc>>,
    /// The subnet it is in; nothing behind gateways.
    pub subnet: Option<Id<Subnet>>,
    /// The subnet that sent it into the tables of this VPC, which Block Public Access looks at.
    pub sent_from: Option<Id<Subnet>>,
    /// The zone it came from, which attachments prefer.
    pub zone: Option<Box<str>>,
    /// Whether it came into this VPC from elsewhere.
    pub foreign: bool,
    /// Whether a NAT gateway sent it.
    pub translated: bool,
    /// Whether it went through a transit gateway, beyond which only rules for packets coming in may refer to groups.
    pub transited: bool,
    /// Whether it is an answer: groups let it pass, and translations are undone.
    pub answer: bool,
    /// What the groups of its sender still have to say, once it is known who receives it: where the hop belongs.
    pub out: Option<(Id<Interface>, Packet, usize)>,
    /// What remembers it, the latest last.
    pub sessions: Vec<Session>,
    /// The endpoints of firewalls whose stateful rules saw it.
    pub firewalls: Vec<Id<Endpoint>>,
    /// The tables of transit gateways that it met, where it went to and which zone it had then.
    pub met: Vec<(Id<TransitTable>, Addr, Option<Box<str>>)>,
    pub depth: usize,
}

/// What a gateway remembers of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Session {
    /// A NAT gateway: the address it put in place of the client's.
    Nat { nat: Id<Nat>, client: Addr, own: Addr },
    /// An egress-only gateway of a VPC.
    EgressOnly(Id<Vpc>),
    /// A balancer that hands packets on: its interface, the packet as it came, and whether it kept the source.
    Balancer { interface: Id<Interface>, came: Packet, keeps: bool },
    /// An endpoint of a PrivateLink service: its interface, and the packet as it came. Answers go back to it by no route.
    Service { interface: Id<Interface>, came: Packet },
    /// A front door without interfaces of its own: answers go back to it by no route.
    Door,
    /// An interface of a front door, which takes answers for the client.
    Sender { interface: Id<Interface> },
}

/// Where a packet ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Interface(Id<Interface>),
    Internet,
    Service(Id<Endpoint>),
    VpnGateway(Id<Vpc>),
    Attachment(Id<Attachment>),
    /// Nobody can say how it goes on.
    Beyond(Cause),
    /// It is lost; the last hop says why.
    Lost,
}

#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub walk: Walk,
    pub end: End,
}

impl Arrival {
    /// Whether the packet got there: every hop let it pass, and there is an end.
    pub(super) fn truth(&self) -> Attr<bool> {
        let mut truth = match &self.end {
            End::Lost => Attr::Known(false),
            End::Beyond(cause) => Attr::Unknown(cause.clone()),
            _ => Attr::Known(true),
        };
        for hop in &self.walk.hops {
            truth = both(truth, || hop.verdict.truth());
        }
        truth
    }

    pub(super) fn receiver(&self) -> Option<Id<Interface>> {
        match self.end {
            End::Interface(id) => Some(id),
            _ => None,
        }
    }
}

impl Walk {
    pub(super) fn new(packet: Packet, answer: bool) -> Self {
        Self {
            packet,
            hops: Vec::new(),
            sender: None,
            references: Attr::Known(true),
            vpc: None,
            subnet: None,
            sent_from: None,
            zone: None,
            foreign: false,
            translated: false,
            transited: false,
            answer,
            out: None,
            sessions: Vec::new(),
            firewalls: Vec::new(),
            met: Vec::new(),
            depth: 0,
        }
    }

    /// Writes a step down.
    pub(super) fn note(
        &mut self,
        step: Step,
        at: &str,
        by: Option<String>,
        verdict: Verdict,
    ) -> &mut Hop {
        self.hops.push(Hop {
            step,
            at: at.to_owned(),
            by,
            verdict,
            code: None,
            becomes: None,
            touches: Vec::new(),
        });
        // Just pushed; the fallback only satisfies the type.
        let last = self.hops.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "pushed above")]
        &mut self.hops[last]
    }

    /// Writes down a step that nobody can judge.
    pub(super) fn doubt(&mut self, step: Step, at: &str, cause: &Cause) {
        self.note(step, at, None, Verdict::Unknown(cause.clone()));
    }

    /// The end of the way: why the packet is lost here.
    pub(super) fn lost(
        mut self,
        step: Step,
        at: &str,
        by: Option<String>,
        code: Code,
        touches: Vec<Touch>,
    ) -> Arrival {
        let hop = self.note(step, at, by, Verdict::Blocked);
        hop.code = Some(code);
        hop.touches = touches;
        Arrival { walk: self, end: End::Lost }
    }

    /// How many balancers and services handed it on.
    pub(super) fn legs(&self) -> usize {
        let leg = |it: &&Session| matches!(it, Session::Balancer { .. } | Session::Service { .. });
        self.sessions.iter().filter(leg).count()
    }

    /// Narrows whether rules about groups can match.
    pub(super) fn refer(&mut self, works: Attr<bool>) {
        let have = std::mem::replace(&mut self.references, Attr::Known(false));
        self.references = both(have, || works);
    }

    /// The source was translated or the packet left AWS' private networks: nobody knows the sender's groups any more.
    pub(super) fn forget_sender(&mut self) {
        self.sender = None;
        self.references = Attr::Known(false);
    }
}
