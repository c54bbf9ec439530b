//! What is looked up again and again: who has an address, who carries a group, what filters and tables come to.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::intervals::Intervals;
use super::{Bounds, filters};
use crate::analyze::network::topology::{
    Acl, Attachment, Block, Group, Id, Interface, InterfaceKind, Network, RouteTable, Subnet,
    TransitGateway, TransitTable, Vpc,
};
use crate::model::{Attr, Cause};
use crate::net::addr::Range;
use crate::net::{Addr, AddrSet};

/// The addresses of a VPC with their interfaces.
type Owners = Vec<(Range, Id<Interface>)>;

/// The attachments of a transit gateway in a VPC.
type Attachments = HashMap<(Id<TransitGateway>, Id<Vpc>), Vec<Id<Attachment>>>;

/// Addresses and memberships.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What the internet carries packets to.
    pub(super) internet: AddrSet,
    /// The interface and the private address behind a public IPv4 address.
    pub(super) publics: BTreeMap<Addr, (Id<Interface>, Addr)>,
    /// What packets from the internet may be addressed to, of all VPCs.
    pub(super) all_public: AddrSet,
    public: Vec<AddrSet>,
    /// The same for subnets, where Block Public Access does anything.
    public_of_subnets: HashMap<Id<Subnet>, AddrSet>,
    /// The public addresses of NAT gateways, where Block Public Access does anything.
    public_of_nats: HashMap<Id<Vpc>, AddrSet>,
    /// Private addresses by VPC, sorted.
    owners: Vec<Owners>,
    members: Vec<Vec<Id<Interface>>>,
    attachments: Attachments,
    /// The public addresses of interfaces that internet gateways deliver nothing to, or may not.
    shut: HashMap<Id<Vpc>, Vec<(Id<Interface>, AddrSet)>>,
    /// The VPCs that may have addresses which are not seen.
    hazy: HashMap<Id<Vpc>, Cause>,
}

impl Index {
    pub(super) fn of(network: &Network) -> Self {
        let mut index = Self { internet: AddrSet::internet(), ..Self::default() };
        let mut public: Vec<Vec<Range>> = network.vpcs.iter().map(|_| Vec::new()).collect();
        let mut of_subnets: HashMap<Id<Subnet>, Vec<Range>> = network
            .subnets
            .iter()
            .filter(|(_, subnet)| subnet.block != Attr::Known(Block::Off))
            .map(|(id, _)| (id, Vec::new()))
            .collect();
        let mut of_nats: HashMap<Id<Vpc>, Vec<Range>> = HashMap::new();
        let v6 = AddrSet::v6().intersection(&index.internet);
        for ((_, vpc), public) in network.vpcs.iter().zip(&mut public) {
            if let Attr::Known(blocks) = &vpc.blocks {
                public.extend(blocks.minus(&vpc.unannounced).intersection(&v6).ranges());
            }
        }
        index.owners = network.vpcs.iter().map(|_| Vec::new()).collect();
        index.members = network.groups.iter().map(|_| Vec::new()).collect();
        for (id, interface) in network.interfaces.iter() {
            let mut shut: Vec<Range> = Vec::new();
            for address in &interface.addresses {
                if let Some(owners) = index.owners.get_mut(interface.vpc.at()) {
                    owners.push((address.range, id));
                }
                let seen = match address.public {
                    Some(addr) => {
                        index.publics.insert(addr, (id, address.range.first));
                        Range::one(addr)
                    }
                    None if index.global(network, interface.vpc, address.range) => address.range,
                    None => continue,
                };
                if let Some(public) = public.get_mut(interface.vpc.at()) {
                    public.push(seen);
                }
                if let Some(public) = of_subnets.get_mut(&interface.subnet) {
                    public.push(seen);
                    if let InterfaceKind::Nat(_) = interface.kind {
                        of_nats.entry(interface.vpc).or_default().push(seen);
                    }
                }
                if interface.shut != Attr::Known(false) {
                    shut.push(seen);
                }
            }
            if !shut.is_empty() {
                let list = index.shut.entry(interface.vpc).or_default();
                list.push((id, AddrSet::of(shut)));
            }
            let groups = interface.groups.known().copied().flatten();
            for group in groups.iter().flat_map(|set| &network.group_sets[*set].groups) {
                if let Some(members) = index.members.get_mut(group.at()) {
                    members.push(id);
                }
            }
        }
        index.owners.iter_mut().for_each(|owners| owners.sort_unstable());
        index.all_public = AddrSet::of(public.iter().flatten().copied());
        index.public = public.into_iter().map(AddrSet::of).collect();
        index.public_of_subnets =
            of_subnets.into_iter().map(|(id, ranges)| (id, AddrSet::of(ranges))).collect();
        index.public_of_nats =
            of_nats.into_iter().map(|(id, ranges)| (id, AddrSet::of(ranges))).collect();
        index.attach(network);
        index.doubt(network);
        index
    }

    fn doubt(&mut self, network: &Network) {
        for (_, interface) in network.interfaces.iter() {
            if let Some(cause) = &interface.doubt {
                let have = self.hazy.entry(interface.vpc).or_insert_with(|| cause.clone());
                *have = cause.clone().min(have.clone());
            }
        }
        for (id, vpc) in network.vpcs.iter() {
            let kind = "aws.ec2.network_interface";
            if let Some(cause) = network.gap_around(&vpc.name, vpc.place, kind) {
                self.hazy.entry(id).or_insert_with(|| cause.clone());
            }
        }
    }

    /// Whether addresses of a VPC are global IPv6 ones that the internet has a way to.
    pub(super) fn global(&self, network: &Network, vpc: Id<Vpc>, range: Range) -> bool {
        let unannounced = &network.vpcs[vpc].unannounced;
        range.first.is_v6()
            && self.internet.covers(range)
            && (unannounced.is_empty() || !unannounced.overlaps(&AddrSet::of([range])))
    }

    fn attach(&mut self, network: &Network) {
        for (id, attachment) in network.attachments.iter() {
            if let Some(vpc) = attachment.vpc() {
                self.attachments.entry((attachment.gateway, vpc)).or_default().push(id);
            }
        }
    }

    /// What packets from the internet may be addressed to in a VPC: public IPv4 addresses, global IPv6 blocks.
    pub(super) fn public_of(&self, vpc: Id<Vpc>) -> &AddrSet {
        self.public.get(vpc.at()).unwrap_or(const { &AddrSet::EMPTY })
    }

    /// The public addresses in a subnet that Block Public Access may do something to.
    pub(super) fn public_of_subnet(&self, subnet: Id<Subnet>) -> &AddrSet {
        self.public_of_subnets.get(&subnet).unwrap_or(const { &AddrSet::EMPTY })
    }

    /// The public addresses of a VPC's NAT gateways that Block Public Access may do something to.
    pub(super) fn public_of_nats(&self, vpc: Id<Vpc>) -> &AddrSet {
        self.public_of_nats.get(&vpc).unwrap_or(const { &AddrSet::EMPTY })
    }

    /// The public addresses of interfaces that internet gateways deliver nothing to, or may not.
    pub(super) fn shut(&self, vpc: Id<Vpc>) -> &[(Id<Interface>, AddrSet)] {
        self.shut.get(&vpc).map_or(&[], Vec::as_slice)
    }

    /// Why a VPC may have addresses that are not seen.
    pub(super) fn hazy(&self, vpc: Id<Vpc>) -> Option<&Cause> {
        self.hazy.get(&vpc)
    }

    pub(super) fn attachments_of(
        &self,
        gateway: Id<TransitGateway>,
        vpc: Id<Vpc>,
    ) -> &[Id<Attachment>] {
        self.attachments.get(&(gateway, vpc)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn members(&self, group: Id<Group>) -> &[Id<Interface>] {
        self.members.get(group.at()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn owner(&self, vpc: Id<Vpc>, addr: Addr) -> Option<Id<Interface>> {
        let owners = self.owners.get(vpc.at())?;
        let at = owners.partition_point(|(range, _)| range.last < addr);
        owners.get(at).filter(|(range, _)| range.contains(addr)).map(|(_, id)| *id)
    }

    /// The interfaces of a VPC with addresses in a set, by address.
    pub(super) fn owners(&self, vpc: Id<Vpc>, to: &AddrSet) -> Vec<(Id<Interface>, AddrSet)> {
        let mut out: BTreeMap<Id<Interface>, Vec<Range>> = BTreeMap::new();
        let Some(owners) = self.owners.get(vpc.at()) else { return Vec::new() };
        for range in to.ranges() {
            let from = owners.partition_point(|(have, _)| have.last < range.first);
            for (have, id) in owners.iter().skip(from) {
                if have.first > range.last {
                    break;
                }
                let part =
                    Range { first: have.first.max(range.first), last: have.last.min(range.last) };
                out.entry(*id).or_default().push(part);
            }
        }
        out.into_iter().map(|(id, ranges)| (id, AddrSet::of(ranges))).collect()
    }
}

/// The weakest of the ranks of routes that follow from what people wrote into tables, and from blocks of VPCs.
const LIST_RANK: u8 = 1;
const VPC_RANK: u8 = 2;

/// Filters and tables, compiled when first asked for.
#[derive(Debug)]
pub(super) struct Compiled {
    acls: Vec<[OnceLock<Bounds>; 2]>,
    tables: Vec<OnceLock<Intervals>>,
    transit_tables: Vec<OnceLock<Intervals>>,
    transit_open: Vec<OnceLock<AddrSet>>,
}

impl Compiled {
    pub(super) fn of(network: &Network) -> Self {
        Self {
            acls: network.acls.iter().map(|_| Default::default()).collect(),
            tables: network.tables.iter().map(|_| OnceLock::new()).collect(),
            transit_tables: network.transit_tables.iter().map(|_| OnceLock::new()).collect(),
            transit_open: network.transit_tables.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    pub(super) fn acl(&self, network: &Network, id: Id<Acl>, ingress: bool) -> &Bounds {
        match self.acls.get(id.at()) {
            Some([out, into]) => {
                let cell = if ingress { into } else { out };
                cell.get_or_init(|| filters::acl(&network.acls[id], ingress))
            }
            None => const { &Bounds::NOTHING },
        }
    }

    pub(super) fn table(&self, network: &Network, id: Id<RouteTable>) -> &Intervals {
        let routes = || network.tables[id].routes.iter();
        let compile = || Intervals::of(routes().map(|it| (it.destination, it.origin as u8)));
        match self.tables.get(id.at()) {
            Some(cell) => cell.get_or_init(compile),
            None => const { &Intervals::NONE },
        }
    }

    pub(super) fn transit_table(&self, network: &Network, id: Id<TransitTable>) -> &Intervals {
        let routes = || network.transit_tables[id].routes.iter();
        let compile = || Intervals::of(routes().map(|it| (it.destination, it.rank)));
        match self.transit_tables.get(id.at()) {
            Some(cell) => cell.get_or_init(compile),
            None => const { &Intervals::NONE },
        }
    }

    /// The destinations about which routes may decide that sites announced to a table and nobody listed.
    pub(super) fn transit_open(&self, network: &Network, id: Id<TransitTable>) -> &AddrSet {
        match self.transit_open.get(id.at()) {
            Some(cell) => cell.get_or_init(|| open(&network.transit_tables[id])),
            None => const { &AddrSet::EMPTY },
        }
    }
}

fn open(table: &TransitTable) -> AddrSet {
    let Some(learned) = &table.learned else { return AddrSet::EMPTY };
    let of = |most: u8| table.routes.iter().filter(move |route| route.rank <= most);
    let inside = of(VPC_RANK).map(|it| it.destination).filter(|it| learned.blocks.covers(*it));
    // `::/0` spans the place where IPv4 is mapped as well.
    let written = of(LIST_RANK).map(|it| it.destination).filter(|it| !it.first.is_v6());
    let public = AddrSet::internet().intersection(&AddrSet::of(written));
    AddrSet::everything().minus(&AddrSet::of(inside)).minus(&public)
}
