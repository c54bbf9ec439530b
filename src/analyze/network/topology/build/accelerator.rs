//! Doors whose clients come by AWS' own network: accelerators, and services of VPC Lattice.

use std::collections::{BTreeMap, HashMap};

use super::balancer::port_of;
use super::door::{ranges, works};
use super::interface::parse;
use super::said::{Fill, Said, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{Door, DoorKind, Id, Node, Place, PortMap, Vpc};
use crate::model::globalaccelerator::{
    Accelerator, AcceleratorEndpoint, AcceleratorListener, EndpointGroup,
};
use crate::model::vpc_lattice::{LatticeTargetGroup, Service};
use crate::model::{Attr, Cause};
use crate::net::traffic::TCP;
use crate::net::{AddrSet, Traffic};

impl Fill for Accelerator {}
impl Fill for Service {}

impl Work<'_, '_> {
    /// Accelerators: a door for each endpoint group of each listener, and for each way its endpoints see clients.
    pub(super) fn accelerators(&mut self, raw: Vec<Said<Accelerator>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            if thing.enabled == Attr::Known(false) {
                continue;
            }
            let mut doubt = thing.enabled.get().err().cloned();
            let name = arn.unwrap_or(id);
            match thing.listeners.get() {
                Ok(listeners) => {
                    for listener in listeners {
                        self.accelerated(&name, place, listener, doubt.as_ref());
                    }
                }
                Err(cause) => {
                    least(&mut doubt, cause.clone());
                    let mut out = Door::to_nowhere(&name, place, DoorKind::GlobalAccelerator);
                    out.doubt = doubt;
                    self.open(out, name, None);
                }
            }
        }
    }

    fn accelerated(
        &mut self,
        accelerator: &str,
        place: Id<Place>,
        listener: &AcceleratorListener,
        doubt: Option<&Cause>,
    ) {
        let mut doubt = doubt.cloned();
        let name = listener.listener_arn.known().map_or(accelerator, String::as_str);
        let groups = listener.endpoint_groups.get().unwrap_or_else(|cause| {
            least(&mut doubt, cause.clone());
            const { &Vec::new() }
        });
        if groups.is_empty() && doubt.is_some() {
            let mut out = Door::to_nowhere(name, place, DoorKind::GlobalAccelerator);
            out.doubt.clone_from(&doubt);
            self.open(out, name.into(), Some(accelerator.into()));
        }
        for group in groups {
            let mut doubt = doubt.clone();
            let ports = port_maps(listener, group, &mut doubt);
            // Endpoints that see clients in one way and stand in one VPC make a door.
            let mut doors: BTreeMap<(Option<Id<Vpc>>, Attr<bool>), Door> = BTreeMap::new();
            let endpoints = group.endpoints.get().unwrap_or_else(|cause| {
                least(&mut doubt, cause.clone());
                const { &Vec::new() }
            });
            for endpoint in endpoints.iter().filter(|it| it.weight != Attr::Known(Some(0))) {
                self.endpoint(endpoint, name, place, &mut doors);
            }
            if doors.is_empty() && doubt.is_some() {
                let out = Door::to_nowhere(name, place, DoorKind::GlobalAccelerator);
                doors.insert((None, Attr::Known(false)), out);
            }
            for (_, mut out) in doors {
                out.ports.clone_from(&ports);
                if let Some(cause) = &doubt {
                    least(&mut out.doubt, cause.clone());
                }
                out.balancers.sort_unstable();
                out.interfaces.sort_unstable();
                self.open(out, name.into(), Some(accelerator.into()));
            }
        }
    }

    fn endpoint(
        &self,
        endpoint: &AcceleratorEndpoint,
        name: &str,
        place: Id<Place>,
        doors: &mut BTreeMap<(Option<Id<Vpc>>, Attr<bool>), Door>,
    ) {
        let mut out = Door::to_nowhere(name, place, DoorKind::GlobalAccelerator);
        match endpoint.endpoint_id.get() {
            Ok(id) => self.lead(id, &mut out),
            Err(cause) => least(&mut out.doubt, cause.clone()),
        }
        out.keeps_client = endpoint.client_ip_preservation_enabled.clone();
        let key = (out.vpc, out.keeps_client.clone());
        match doors.get_mut(&key) {
            None => {
                doors.insert(key, out);
            }
            Some(have) => {
                have.balancers.extend(out.balancers);
                have.interfaces.extend(out.interfaces);
                if let Some(cause) = out.doubt {
                    least(&mut have.doubt, cause);
                }
            }
        }
    }

    /// Services of VPC Lattice: a door for each target group with a network behind it.
    pub(super) fn lattice(&mut self, raw: Vec<Said<Service>>) {
        if !raw.is_empty() {
            self.number_addresses();
        }
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let mut base = Door::to_nowhere(&id, self.spot(place), DoorKind::Lattice);
            if !works(&thing.status, &["ACTIVE"], &mut base.doubt) {
                continue;
            }
            self.callers(&thing, &mut base);
            let mut outside = Vec::new();
            match thing.listeners.get() {
                Ok(listeners) => {
                    for listener in listeners {
                        let number = listener.port.get().map_err(Clone::clone);
                        match number.and_then(|number| port_of(*number)) {
                            Ok(port) => outside.push(Traffic::one(TCP, port)),
                            Err(cause) => least(&mut base.doubt, cause),
                        }
                    }
                }
                Err(cause) => least(&mut base.doubt, cause.clone()),
            }
            outside.sort_unstable();
            let groups = thing.target_groups.get().unwrap_or_else(|cause| {
                least(&mut base.doubt, cause.clone());
                const { &Vec::new() }
            });
            if groups.is_empty() {
                self.open(base, id, arn);
                continue;
            }
            for group in groups {
                for out in self.lattice_doors(group, &base, &outside) {
                    self.open(out, id.clone(), arn.clone());
                }
            }
        }
    }

    /// Who may call: what stands in the VPCs of the service networks.
    fn callers(&self, service: &Service, door: &mut Door) {
        door.clients = AddrSet::default();
        let networks = match service.service_network_associations.get() {
            Ok(networks) => networks,
            Err(cause) => return door.clients_doubt = Some(cause.clone()),
        };
        let active = |status: &Attr<Option<String>>| some(status).is_none_or(|it| it == "ACTIVE");
        for network in networks.iter().filter(|it| active(&it.status)) {
            let vpcs = match network.vpc_associations.get() {
                Ok(vpcs) => vpcs,
                Err(cause) => {
                    least(&mut door.clients_doubt, cause.clone());
                    continue;
                }
            };
            for association in vpcs.iter().filter(|it| active(&it.status)) {
                let vpc = association.vpc_id.known().and_then(|id| self.vpc_named(id));
                match vpc.map(|vpc| &self.net.vpcs[vpc].blocks) {
                    Some(Attr::Known(blocks)) => door.clients = door.clients.union(blocks),
                    Some(Attr::Unknown(cause)) => least(&mut door.clients_doubt, cause.clone()),
                    None => least(&mut door.clients_doubt, missing("a VPC of a service network")),
                }
            }
        }
    }

    /// The doors to a group: one for each port of its targets.
    fn lattice_doors(
        &self,
        group: &LatticeTargetGroup,
        base: &Door,
        outside: &[Traffic],
    ) -> Vec<Door> {
        let kind = group.target_type.known().map(String::as_str);
        if kind == Some("LAMBDA") {
            return Vec::new();
        }
        let mut base = base.clone();
        base.vpc = some(&group.vpc_id).and_then(|vpc| self.vpc_named(vpc));
        let targets = group.targets.get().unwrap_or_else(|cause| {
            least(&mut base.doubt, cause.clone());
            const { &Vec::new() }
        });
        let mut doors: HashMap<Option<u16>, Door> = HashMap::new();
        for target in targets {
            let number = target.port.known().copied().flatten();
            let number = number.or(group.port.known().copied().flatten());
            let inside = number.and_then(|number| u16::try_from(number).ok());
            let out = doors.entry(inside).or_insert_with(|| base.clone());
            match (kind, target.target_id.get()) {
                (_, Err(cause)) => least(&mut out.doubt, cause.clone()),
                (Some("IP"), Ok(id)) => {
                    let addr = parse(id, &mut out.doubt);
                    let key = base.vpc.zip(addr);
                    match key.and_then(|key| self.by_addr.get(&key)) {
                        Some(interface) => out.interfaces.push(*interface),
                        None => least(&mut out.doubt, missing(id)),
                    }
                }
                (_, Ok(id)) => match self.find(id) {
                    Some(Node::Balancer(balancer)) => out.balancers.push(balancer),
                    _ => self.lead(id, out),
                },
            }
        }
        if doors.is_empty() && base.doubt.is_some() {
            doors.insert(None, base);
        }
        let mut doors: Vec<_> = doors.into_iter().collect();
        doors.sort_by_key(|(inside, _)| *inside);
        let doors = doors.into_iter().map(|(inside, mut out)| {
            out.ports = outside.iter().map(|it| PortMap { outside: *it, inside }).collect();
            out.balancers.sort_unstable();
            out.interfaces.sort_unstable();
            out
        });
        doors.collect()
    }
}

/// The ports of a listener, each with the one its endpoints are reached at.
fn port_maps(
    listener: &AcceleratorListener,
    group: &EndpointGroup,
    doubt: &mut Option<Cause>,
) -> Vec<PortMap> {
    let protocol = listener.protocol.get().map_or("TCP", String::as_str);
    if let Err(cause) = listener.protocol.get() {
        least(doubt, cause.clone());
    }
    let list = match listener.port_ranges.get() {
        Ok(list) => ranges(protocol, list),
        Err(cause) => {
            least(doubt, cause.clone());
            Vec::new()
        }
    };
    let mut overridden: BTreeMap<u32, u16> = BTreeMap::new();
    match group.port_overrides.get() {
        Err(cause) => least(doubt, cause.clone()),
        Ok(overrides) => {
            for it in overrides {
                let read = |attr: &Attr<i64>| {
                    attr.get().map_err(Clone::clone).and_then(|number| port_of(*number))
                };
                match (read(&it.listener_port), read(&it.endpoint_port)) {
                    (Ok(outside), Ok(inside)) => {
                        let base = list.first().map_or(0, |traffic| traffic.first & !0xffff);
                        overridden.insert(base | u32::from(outside), inside);
                    }
                    (Err(cause), _) | (_, Err(cause)) => least(doubt, cause),
                }
            }
        }
    }
    let mut out = Vec::new();
    for traffic in list {
        let mut first = traffic.first;
        for (&at, &inside) in overridden.range(traffic.first..=traffic.last) {
            if first < at {
                out.push(PortMap { outside: Traffic { first, last: at - 1 }, inside: None });
            }
            out.push(PortMap { outside: Traffic { first: at, last: at }, inside: Some(inside) });
            first = at + 1;
        }
        if first <= traffic.last {
            out.push(PortMap { outside: Traffic { first, last: traffic.last }, inside: None });
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}
