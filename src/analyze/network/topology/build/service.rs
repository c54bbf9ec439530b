//! Hosts that are services: databases, functions, clusters, and endpoints that send into a VPC for people.
//!
//! Their interfaces are found by what AWS writes beside them: an id, a name in the description, or the subnets and
//! groups that they share. Where that does not single them out, it is a doubt.

use std::collections::BTreeSet;

use super::interface::{Form, Made};
use super::said::{Fill, Said, least, some};
use super::work::Work;
use crate::analyze::context::missing;
use crate::analyze::network::topology::{
    GroupSet, Host, HostKind, Id, Interface, InterfaceKind, Node, Place, Subnet,
};
use crate::model::eks::Cluster;
use crate::model::lambda::Function;
use crate::model::rds::DbInstance;
use crate::model::{Attr, Cause, CauseKind};

impl Fill for DbInstance {}
impl Fill for Function {}
impl Fill for Cluster {}

impl Work<'_, '_> {
    /// Databases. Which of several interfaces in the same subnets with the same groups is whose, AWS does not say.
    pub(super) fn databases(&mut self, raw: Vec<Said<DbInstance>>, made: &[Made]) {
        let made: Vec<&Made> = made.iter().filter(|it| it.form == Form::Database).collect();
        let candidates: Vec<Vec<usize>> =
            raw.iter().map(|said| self.database_interfaces(said, &made)).collect();
        let mut wanted = vec![0_usize; made.len()];
        for at in candidates.iter().flatten() {
            if let Some(count) = wanted.get_mut(*at) {
                *count += 1;
            }
        }
        for (said, own) in raw.into_iter().zip(candidates) {
            let Said { id, arn, name, place, thing, .. } = said;
            if matches!(thing.vpc_id, Attr::Known(None)) {
                continue;
            }
            let place = self.spot(place);
            let alone = own.iter().all(|at| wanted.get(*at) == Some(&1));
            let mut doubt = self.gap(place, super::INTERFACES);
            if own.is_empty() {
                least(&mut doubt, missing(&format!("the interface of {id}")));
            } else if !alone {
                let why = format!("which of several interfaces is that of {id}");
                least(&mut doubt, Cause::new(CauseKind::NotUnderstood, why));
            }
            let own: Vec<&Made> = own.iter().filter_map(|at| made.get(*at).copied()).collect();
            let own = if alone { own.as_slice() } else { &[] };
            let running = running(&thing.status, &["stopped", "stopping", "failed", "deleting"]);
            let host = self.host(id, arn, place, HostKind::Database, own, doubt, running);
            let port = thing.endpoint_port.known().copied().flatten();
            let port = port.or(thing.db_instance_port.known().copied().flatten());
            self.net.hosts[host].port =
                port.filter(|port| *port > 0).and_then(|port| u16::try_from(port).ok());
            for name in name.into_iter().chain(some(&thing.dbi_resource_id).map(Into::into)) {
                self.name(name, None, Node::Host(host));
            }
        }
    }

    /// The interfaces that may be a database's, by their place in the list.
    fn database_interfaces(&mut self, said: &Said<DbInstance>, made: &[&Made]) -> Vec<usize> {
        let thing = &said.thing;
        let place = self.spot(said.place);
        let (Some(subnets), Some(groups)) =
            (thing.subnet_ids.known(), thing.vpc_security_group_ids.known())
        else {
            return Vec::new();
        };
        let subnets = self.subnets_named(subnets);
        let groups = self.set_of(groups.iter().map(String::as_str), place);
        let mut out = Vec::new();
        for (at, it) in made.iter().enumerate() {
            let interface = &self.net.interfaces[it.at];
            if interface.place == place
                && subnets.contains(&interface.subnet)
                && interface.groups == Attr::Known(Some(groups))
            {
                out.push(at);
            }
        }
        // A public database's interface has a public address, and only that one's has.
        if let Attr::Known(public) = thing.publicly_accessible {
            let has = |at: &usize| {
                let interface = made.get(*at).map(|it| &self.net.interfaces[it.at]);
                interface.is_some_and(|it| it.addresses.iter().any(|a| a.public.is_some()))
            };
            out.retain(|at| has(at) == public);
        }
        out
    }

    pub(super) fn subnets_named(&self, ids: &[String]) -> BTreeSet<Id<Subnet>> {
        ids.iter().filter_map(|id| self.subnet_named(id)).collect()
    }

    /// Functions share interfaces: one for all that have the same subnets and groups.
    pub(super) fn functions(&mut self, raw: Vec<Said<Function>>, made: &[Made]) {
        let made = made.iter().filter(|it| matches!(it.form, Form::Function(_)));
        let made: Vec<&Made> = made.collect();
        for said in raw {
            let Said { id, arn, name, place, thing, .. } = said;
            match thing.vpc_id.get() {
                Ok(Some(vpc)) if !vpc.is_empty() => {}
                Ok(_) => continue,
                Err(_) => {}
            }
            let place = self.spot(place);
            let mut doubt = self.gap(place, super::INTERFACES);
            let own = match (thing.subnet_ids.get(), thing.security_group_ids.get()) {
                (Ok(subnets), Ok(groups)) => {
                    let groups = self.set_of(groups.iter().map(String::as_str), place);
                    self.function_interfaces(&id, subnets, groups, &made, &mut doubt)
                }
                (Err(cause), _) | (_, Err(cause)) => {
                    least(&mut doubt, cause.clone());
                    Vec::new()
                }
            };
            let running = Attr::Known(true);
            let host = self.host(id, arn, place, HostKind::Function, &own, doubt, running);
            if let Some(name) = name {
                self.name(name, None, Node::Host(host));
            }
        }
    }

    fn function_interfaces<'m>(
        &self,
        id: &str,
        subnets: &[String],
        groups: Id<GroupSet>,
        made: &[&'m Made],
        doubt: &mut Option<Cause>,
    ) -> Vec<&'m Made> {
        let own: Vec<&Made> = made
            .iter()
            .copied()
            .filter(|it| {
                let interface = &self.net.interfaces[it.at];
                let subnet = &*self.net.subnets[interface.subnet].name;
                subnets.iter().any(|id| id == subnet)
                    && interface.groups == Attr::Known(Some(groups))
            })
            .collect();
        for subnet in subnets {
            let here =
                |it: &&Made| *self.net.subnets[self.net.interfaces[it.at].subnet].name == **subnet;
            if !own.iter().any(here) {
                least(doubt, missing(&format!("the interface of {id} in {subnet}")));
            }
        }
        own
    }

    pub(super) fn clusters(&mut self, raw: &[Said<Cluster>], made: &[Made]) -> Vec<Id<Host>> {
        let mut out = Vec::new();
        for said in raw {
            let place = self.spot(said.place);
            let name = said.name.as_ref().unwrap_or(&said.id);
            let own: Vec<&Made> = made
                .iter()
                .filter(|it| matches!(&it.form, Form::Cluster(of) if of == name))
                .filter(|it| self.net.interfaces[it.at].place == place)
                .collect();
            let mut doubt = self.gap(place, super::INTERFACES);
            if own.is_empty() {
                least(&mut doubt, missing(&format!("the interfaces of {name}")));
            }
            let running = running(&said.thing.status, &["FAILED", "DELETING"]);
            let (id, arn) = (said.id.clone(), said.arn.clone());
            let host = self.host(id, arn, place, HostKind::Cluster, &own, doubt, running);
            self.net.hosts[host].port = Some(443);
            out.push(host);
        }
        out
    }

    /// Something that sends into a VPC for people, by its interfaces or, where these are not named, by their subnets
    /// and groups.
    pub(super) fn access(
        &mut self,
        said: &Identity<'_>,
        named: Option<&Attr<Vec<String>>>,
        subnets: &Attr<Vec<String>>,
        groups: Id<GroupSet>,
    ) -> (Id<Host>, Vec<Id<Interface>>) {
        let mut doubt = self.gap(said.place, super::INTERFACES);
        let mut own: Vec<Id<Interface>> = Vec::new();
        match (named.map(Attr::get), subnets.get()) {
            (Some(Ok(ids)), _) => {
                for id in ids {
                    match self.interface_named(id) {
                        Some(interface) => own.push(interface),
                        None => least(&mut doubt, self.absent(id, said.place, super::INTERFACES)),
                    }
                }
            }
            (_, Ok(ids)) => {
                for subnet in ids {
                    let found = self.managed_in(subnet, groups);
                    if found.is_empty() {
                        let what = format!("the interface of {} in {subnet}", said.id);
                        least(&mut doubt, missing(&what));
                    }
                    own.extend(found);
                }
            }
            (_, Err(cause)) => least(&mut doubt, cause.clone()),
        }
        own.sort_unstable();
        let host = self.net.hosts.push(Host {
            name: said.id.into(),
            place: said.place,
            kind: HostKind::Access,
            interfaces: own.clone(),
            doubt,
            running: Attr::Known(true),
            port: None,
        });
        for &interface in &own {
            self.net.interfaces[interface].host = Some(host);
        }
        (host, own)
    }

    /// Interfaces of services without a host, in a subnet, with exactly these groups.
    pub(super) fn managed_in(&self, subnet: &str, groups: Id<GroupSet>) -> Vec<Id<Interface>> {
        let Some(subnet) = self.subnet_named(subnet) else { return Vec::new() };
        let all = self.net.interfaces.iter();
        all.filter(|(_, it)| {
            it.subnet == subnet
                && it.kind == InterfaceKind::Managed
                && it.host.is_none()
                && it.groups == Attr::Known(Some(groups))
        })
        .map(|(id, _)| id)
        .collect()
    }
}

/// A thing by its id and place.
pub(super) struct Identity<'a> {
    pub(super) id: &'a str,
    pub(super) place: Id<Place>,
}

fn running(status: &Attr<String>, ended: &[&str]) -> Attr<bool> {
    match status.get() {
        Ok(status) => Attr::Known(!ended.contains(&status.as_str())),
        Err(cause) => Attr::Unknown(cause.clone()),
    }
}
