//! VPCs and subnets, with the gateways, tables and filters that they use.

use std::collections::{BTreeMap, HashMap};

use super::read::{RawAcl, RawTable};
use super::said::{Fill, Said, Spot, fill, least, text};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{Acl, Block, Id, Node, Place, RouteTable, Subnet, Vpc};
use crate::model::change::is_planned;
use crate::model::vpc::{CidrBlockAssociation, Subnet as SubnetData, Vpc as VpcData};
use crate::model::vpc_edge::{
    GatewayAttachment, VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions,
};
use crate::model::{Attr, Cause, CauseKind};
use crate::net::addr::Range;
use crate::net::{AddrSet, Prefix};

/// A VPC as stated.
#[derive(Debug)]
pub(super) struct RawVpc {
    blocks: Attr<Vec<Prefix>>,
    unannounced: Vec<Prefix>,
    mode: Attr<Option<Block>>,
}

/// A subnet as stated.
#[derive(Debug)]
pub(super) struct RawSubnet {
    pub(super) vpc: Attr<Box<str>>,
    blocks: Attr<Vec<Prefix>>,
    zone: Attr<Box<str>>,
    mode: Attr<Option<Block>>,
}

impl Fill for RawVpc {
    fn fill(&mut self, other: Self) {
        fill(&mut self.blocks, other.blocks);
        fill(&mut self.mode, other.mode);
    }
}

impl Fill for RawSubnet {
    fn fill(&mut self, other: Self) {
        fill(&mut self.vpc, other.vpc);
        fill(&mut self.blocks, other.blocks);
        fill(&mut self.zone, other.zone);
        fill(&mut self.mode, other.mode);
    }
}

pub(super) fn vpc(vpc: &VpcData) -> RawVpc {
    let mut blocks = Vec::new();
    let mut unannounced = Vec::new();
    let doubt = associated(&vpc.cidr_block_associations, &mut blocks, &mut Vec::new())
        .or(associated(&vpc.ipv6_cidr_block_associations, &mut blocks, &mut unannounced));
    RawVpc {
        blocks: settled(blocks, doubt),
        unannounced,
        mode: mode(&vpc.internet_gateway_block_mode),
    }
}

pub(super) fn subnet(subnet: &SubnetData) -> RawSubnet {
    let mut blocks = Vec::new();
    let mut doubt = associated(&subnet.ipv6_cidr_block_associations, &mut blocks, &mut Vec::new());
    match subnet.cidr_block.get() {
        Ok(prefix) => blocks.extend(*prefix),
        Err(cause) => least(&mut doubt, cause.clone()),
    }
    RawSubnet {
        vpc: text(&subnet.vpc_id),
        blocks: settled(blocks, doubt),
        zone: text(&subnet.availability_zone),
        mode: mode(&subnet.internet_gateway_block_mode),
    }
}

fn settled(mut blocks: Vec<Prefix>, doubt: Option<Cause>) -> Attr<Vec<Prefix>> {
    blocks.sort_unstable();
    blocks.dedup();
    doubt.map_or(Attr::Known(blocks), Attr::Unknown)
}

/// Adds the prefixes in effect, those without a way to the internet to the second list as well.
fn associated(
    list: &Attr<Vec<CidrBlockAssociation>>,
    blocks: &mut Vec<Prefix>,
    unannounced: &mut Vec<Prefix>,
) -> Option<Cause> {
    let list = match list.get() {
        Ok(list) => list,
        Err(cause) => return Some(cause.clone()),
    };
    let mut doubt = None;
    for association in list {
        match (association.state.get(), association.cidr_block.get()) {
            (Ok(state), _) if state != "associated" => {}
            (Ok(_), Ok(prefix)) => {
                blocks.push(*prefix);
                let attribute = super::said::some(&association.ipv6_address_attribute);
                if attribute == Some("private") || is_unique_local(*prefix) {
                    unannounced.push(*prefix);
                }
            }
            (Err(cause), _) | (_, Err(cause)) => least(&mut doubt, cause.clone()),
        }
    }
    doubt
}

/// RFC 4193.
fn is_unique_local(prefix: Prefix) -> bool {
    prefix.is_v6() && Range::from(prefix).first.number() >> 121 == 0xfc >> 1
}

fn mode(attr: &Attr<Option<String>>) -> Attr<Option<Block>> {
    match attr.get().map(Option::as_deref) {
        Ok(None) => Attr::Known(None),
        Ok(Some(text)) => block(text).map(Some).into(),
        Err(cause) => Attr::Unknown(cause.clone()),
    }
}

fn block(text: &str) -> Result<Block, Cause> {
    match text {
        "off" => Ok(Block::Off),
        "block-ingress" => Ok(Block::Ingress),
        "block-bidirectional" => Ok(Block::Bidirectional),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(Cause::new(CauseKind::NotUnderstood, format!("block mode {shown}")))
        }
    }
}

/// A kind of gateway of which a VPC has one at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Internet,
    EgressOnly,
    Vpn,
}

impl Edge {
    fn kind(self) -> &'static str {
        match self {
            Self::Internet => "aws.ec2.internet_gateway",
            Self::EgressOnly => "aws.ec2.egress_only_internet_gateway",
            Self::Vpn => "aws.ec2.vpn_gateway",
        }
    }
}

/// What a gateway is attached to.
#[derive(Debug)]
pub(super) struct RawEdge {
    pub(super) edge: Edge,
    vpcs: Attr<Vec<Box<str>>>,
}

impl Fill for RawEdge {
    fn fill(&mut self, other: Self) {
        fill(&mut self.vpcs, other.vpcs);
    }
}

pub(super) fn edge(
    edge: Edge,
    attachments: &Attr<Vec<GatewayAttachment>>,
    ids: &Attr<Vec<String>>,
) -> RawEdge {
    let Ok(list) = attachments.get() else {
        return RawEdge { edge, vpcs: super::said::texts(ids) };
    };
    let mut vpcs = Vec::new();
    let mut doubt = None;
    for attachment in list {
        match (attachment.state.get(), attachment.vpc_id.get()) {
            (Ok(state), _) if state != "attached" && state != "available" => {}
            (Ok(_), Ok(vpc)) => vpcs.push(vpc.as_str().into()),
            (Err(cause), _) | (_, Err(cause)) => least(&mut doubt, cause.clone()),
        }
    }
    RawEdge { edge, vpcs: doubt.map_or(Attr::Known(vpcs), Attr::Unknown) }
}

/// What Block Public Access says, by place.
#[derive(Debug, Default)]
pub(super) struct PublicAccess {
    options: HashMap<Id<Place>, Result<Block, Cause>>,
    /// Exemptions by the id of the VPC or subnet.
    exempt: HashMap<Box<str>, Result<Exempt, Cause>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exempt {
    Bidirectional,
    Egress,
}

impl PublicAccess {
    pub(super) fn options(&mut self, place: Id<Place>, options: &VpcBlockPublicAccessOptions) {
        let mode = options.internet_gateway_block_mode.get().map_err(Clone::clone);
        let mut mode = mode.and_then(|text| block(text));
        if options.state.known().is_some_and(|state| state == "update-in-progress") {
            let why = "VPC Block Public Access is being changed";
            mode = Err(Cause::new(CauseKind::NotUnderstood, why));
        }
        self.options.insert(place, mode);
    }

    pub(super) fn exclusion(&mut self, exclusion: &VpcBlockPublicAccessExclusion) {
        let Ok(arn) = exclusion.resource_arn.get() else { return };
        let id: Box<str> = arn.rsplit('/').next().unwrap_or_default().into();
        let exempt = match exclusion.internet_gateway_exclusion_mode.get().map(String::as_str) {
            Ok("allow-bidirectional") => Ok(Exempt::Bidirectional),
            Ok("allow-egress") => Ok(Exempt::Egress),
            Ok(_) => Err(Cause::new(CauseKind::NotUnderstood, "the mode of an exclusion")),
            Err(cause) => Err(cause.clone()),
        };
        let exempt = match exclusion.state.get().map(String::as_str) {
            Ok("create-complete" | "update-complete") => exempt,
            Ok("create-failed" | "delete-complete" | "disable-complete") => return,
            Ok(_) => Err(Cause::new(
                CauseKind::NotUnderstood,
                format!("the exclusion of {id} is being changed"),
            )),
            Err(cause) => Err(cause.clone()),
        };
        self.exempt.insert(id, exempt);
    }

    /// The options with the exclusions decide where both were collected; else what AWS says of the subnet or its VPC.
    fn of(
        &self,
        subnet: &str,
        vpc: &str,
        place: Id<Place>,
        stated: &[&Attr<Option<Block>>],
        work: &Work<'_, '_>,
    ) -> Attr<Block> {
        let computed = self.computed(subnet, vpc, place, work);
        // A mode of the VPC that blocks may be softened for one of its subnets.
        let of_subnet = stated.first().and_then(|mode| *mode.known()?);
        let of_vpc = stated.get(1).and_then(|mode| *mode.known()?);
        let stated = || of_subnet.or(of_vpc.filter(|mode| *mode == Block::Off));
        match computed {
            Ok(block) => Attr::Known(block),
            Err(cause) => stated().map_or(Attr::Unknown(cause), Attr::Known),
        }
    }

    fn computed(
        &self,
        subnet: &str,
        vpc: &str,
        place: Id<Place>,
        work: &Work<'_, '_>,
    ) -> Result<Block, Cause> {
        const OPTIONS: &str = "aws.ec2.vpc_block_public_access_options";
        const EXCLUSIONS: &str = "aws.ec2.vpc_block_public_access_exclusion";
        let missing = || missing("VPC Block Public Access");
        let mode = match self.options.get(&place) {
            Some(mode) => mode.clone()?,
            None => return Err(work.gap(place, OPTIONS).unwrap_or_else(missing)),
        };
        if mode == Block::Off {
            return Ok(mode);
        }
        let exempt = [subnet, vpc].into_iter().filter_map(|id| self.exempt.get(id));
        let exempt: Vec<Exempt> = exempt.cloned().collect::<Result<_, _>>()?;
        if exempt.contains(&Exempt::Bidirectional) {
            return Ok(Block::Off);
        }
        if let Some(gap) = work.gap(place, EXCLUSIONS) {
            return Err(gap);
        }
        // Out is all that ingress blocking lets through anyway.
        Ok(if exempt.contains(&Exempt::Egress) { Block::Ingress } else { mode })
    }
}

/// Who uses what explicitly, and what stands by for the others.
struct Uses<T> {
    by_subnet: HashMap<Box<str>, Id<T>>,
    by_vpc: HashMap<Box<str>, Id<T>>,
    /// Why others in a place may be used by a subnet.
    doubts: HashMap<Id<Place>, Cause>,
    kind: &'static str,
    what: &'static str,
}

impl<T> Uses<T> {
    fn new(kind: &'static str, what: &'static str) -> Self {
        let (by_subnet, by_vpc, doubts) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { by_subnet, by_vpc, doubts, kind, what }
    }

    fn add(
        &mut self,
        id: Id<T>,
        place: Id<Place>,
        vpc: &Attr<Box<str>>,
        default: &Attr<bool>,
        subnets: &Attr<Vec<Box<str>>>,
    ) {
        let mut doubt = self.doubts.remove(&place);
        match subnets.get() {
            Ok(list) => self.by_subnet.extend(list.iter().map(|subnet| (subnet.clone(), id))),
            Err(cause) => least(&mut doubt, cause.clone()),
        }
        match (default.get(), vpc.get()) {
            (Ok(true), Ok(vpc)) => {
                self.by_vpc.entry(vpc.clone()).or_insert(id);
            }
            (Ok(false), _) => {}
            (Err(cause), _) | (_, Err(cause)) => least(&mut doubt, cause.clone()),
        }
        if let Some(doubt) = doubt {
            self.doubts.insert(place, doubt);
        }
    }

    fn of(&self, subnet: &str, vpc: &str, place: Id<Place>, work: &Work<'_, '_>) -> Attr<Id<T>> {
        if let Some(id) = self.by_subnet.get(subnet) {
            return Attr::Known(*id);
        }
        let gap = work.gap(place, self.kind);
        if let Some(cause) = gap.or_else(|| self.doubts.get(&place).cloned()) {
            return Attr::Unknown(cause);
        }
        match self.by_vpc.get(vpc) {
            Some(id) => Attr::Known(*id),
            None => Attr::Unknown(missing(&format!("{} of {subnet}", self.what))),
        }
    }
}

impl Work<'_, '_> {
    pub(super) fn vpcs(&mut self, raw: Vec<Said<RawVpc>>, edges: &[Said<RawEdge>]) -> Modes {
        let mut modes = Modes::default();
        let planned = edges.iter().filter(|said| is_planned(&said.id));
        self.planned.extend(planned.map(|said| (said.id.clone(), said.thing.edge)));
        let edges = Edges::new(edges, self);
        for Said { id, arn, place, claim, thing, .. } in raw {
            let place = self.spot(place);
            let environment = self.environment(&claim, None, place);
            let gateway = |edge| edges.of(edge, &id, place, self);
            let vpc = Vpc {
                name: id.clone(),
                place,
                environment,
                blocks: thing.blocks.clone().map(|list| AddrSet::of_prefixes(&list)),
                unannounced: AddrSet::of_prefixes(&thing.unannounced),
                internet_gateway: gateway(Edge::Internet),
                egress_only_gateway: gateway(Edge::EgressOnly),
                vpn_gateway: gateway(Edge::Vpn),
                behind_vpn: None,
                edge_tables: Vec::new(),
                subnets: Vec::new(),
            };
            let vpc = self.net.vpcs.push(vpc);
            self.blocks.push(thing.blocks);
            self.tagged.push(claim.tagged);
            modes.0.insert(vpc, thing.mode);
            self.name(id, arn, Node::Vpc(vpc));
        }
        modes
    }

    /// VPCs that only their parts tell of.
    pub(super) fn vpcs_of_parts(&mut self, parts: BTreeMap<Box<str>, Spot>) {
        for (id, place) in parts {
            let place = self.spot(place);
            self.vpc_or_placeholder(&id, place);
        }
    }

    pub(super) fn subnets(
        &mut self,
        raw: Vec<Said<RawSubnet>>,
        tables: &[Said<RawTable>],
        acls: &[Said<RawAcl>],
        access: &PublicAccess,
        modes: &Modes,
    ) {
        let (table_uses, acl_uses) = (self.table_uses(tables), self.acl_uses(acls));
        for Said { id, arn, place, claim, thing, .. } in raw {
            let place = self.spot(place);
            let vpc = match &thing.vpc {
                Attr::Known(vpc) => self.vpc_or_placeholder(vpc, place),
                Attr::Unknown(_) => self.vpc_or_placeholder(&format!("the VPC of {id}"), place),
            };
            let vpc_id = self.net.vpcs[vpc].name.clone();
            // Block Public Access goes by the owner of the subnet; its VPC has the same one.
            let none = Attr::Known(None);
            let stated = [&thing.mode, modes.0.get(&vpc).unwrap_or(&none)];
            let subnet = Subnet {
                name: id.clone(),
                place,
                vpc,
                blocks: thing.blocks.map(|list| AddrSet::of_prefixes(&list)),
                zone: thing.zone,
                table: table_uses.of(&id, &vpc_id, place, self),
                acl: acl_uses.of(&id, &vpc_id, place, self),
                block: access.of(&id, &vpc_id, place, &stated, self),
                environment: self.environment(&claim, Some(vpc), place),
            };
            let subnet = self.net.subnets.push(subnet);
            self.net.vpcs[vpc].subnets.push(subnet);
            self.name(id, arn, Node::Subnet(subnet));
        }
    }

    fn table_uses(&mut self, tables: &[Said<RawTable>]) -> Uses<RouteTable> {
        let mut uses = Uses::new("aws.ec2.route_table", "the main route table");
        for said in tables {
            if let Some(table) = self.table_named(&said.id) {
                let raw = &said.thing;
                let place = self.spot(said.place);
                uses.add(table, place, &raw.vpc, &raw.main, &raw.subnets);
                let vpc = self.net.tables[table].vpc;
                for gateway in raw.gateways.known().into_iter().flatten() {
                    self.net.vpcs[vpc].edge_tables.push((gateway.clone(), table));
                }
            }
        }
        uses
    }

    fn acl_uses(&self, acls: &[Said<RawAcl>]) -> Uses<Acl> {
        let mut uses = Uses::new("aws.ec2.network_acl", "the default network ACL");
        for said in acls {
            if let Some(Node::Acl(acl)) = self.find(&said.id) {
                let raw = &said.thing;
                let place = self.spot(said.place);
                uses.add(acl, place, &raw.vpc, &raw.is_default, &raw.subnets);
            }
        }
        uses
    }
}

/// What AWS says of Block Public Access at VPCs.
#[derive(Debug, Default)]
pub(super) struct Modes(HashMap<Id<Vpc>, Attr<Option<Block>>>);

/// Gateways by VPC.
struct Edges {
    by_vpc: HashMap<(&'static str, Box<str>), Box<str>>,
    doubts: HashMap<(&'static str, Id<Place>), Cause>,
}

impl Edges {
    fn new(list: &[Said<RawEdge>], work: &Work<'_, '_>) -> Self {
        let mut out = Self { by_vpc: HashMap::new(), doubts: HashMap::new() };
        for said in list {
            let kind = said.thing.edge.kind();
            match said.thing.vpcs.get() {
                Ok(vpcs) => {
                    for vpc in vpcs {
                        out.by_vpc.entry((kind, vpc.clone())).or_insert_with(|| said.id.clone());
                    }
                }
                Err(cause) => {
                    let place = work.spot(said.place);
                    let have = out.doubts.entry((kind, place)).or_insert_with(|| cause.clone());
                    if cause < have {
                        *have = cause.clone();
                    }
                }
            }
        }
        out
    }

    fn of(
        &self,
        edge: Edge,
        vpc: &str,
        place: Id<Place>,
        work: &Work<'_, '_>,
    ) -> Attr<Option<Box<str>>> {
        let kind = edge.kind();
        if let Some(id) = self.by_vpc.get(&(kind, vpc.into())) {
            return Attr::Known(Some(id.clone()));
        }
        let doubt = work.gap(place, kind).or_else(|| self.doubts.get(&(kind, place)).cloned());
        doubt.map_or(Attr::Known(None), Attr::Unknown)
    }
}
