//! What is behind interfaces: instances and other hosts.

use std::collections::BTreeMap;

use super::interface::Made;
use super::said::{Fill, Said, least, some};
use super::work::Work;
use crate::analyze::network::topology::{Host, HostKind, Id, Interface, Node, Place};
use crate::model::ec2::Instance;
use crate::model::{Attr, Cause};
use crate::net::Addr;

/// An instance as stated.
#[derive(Debug)]
pub(super) struct RawInstance {
    running: Attr<bool>,
    interfaces: Attr<Vec<Box<str>>>,
    address: Option<Addr>,
    ended: bool,
}

impl Fill for RawInstance {}

pub(super) fn instance(instance: &Instance) -> RawInstance {
    let state = instance.state.get().map(String::as_str);
    RawInstance {
        running: match state {
            Ok(state) => Attr::Known(matches!(state, "running" | "pending")),
            Err(cause) => Attr::Unknown(cause.clone()),
        },
        interfaces: super::said::texts(&instance.network_interface_ids),
        address: some(&instance.private_ip_address).and_then(|text| text.parse().ok()),
        ended: matches!(state, Ok("terminated" | "shutting-down")),
    }
}

impl Work<'_, '_> {
    /// Adds instances, those included that only their interfaces tell of.
    pub(super) fn instances(&mut self, raw: Vec<Said<RawInstance>>, made: &[Made]) {
        let mut of: BTreeMap<Box<str>, Vec<&Made>> = BTreeMap::new();
        for interface in made {
            if let Some(word) = interface.instance {
                of.entry(self.words.text(word).into()).or_default().push(interface);
            }
        }
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let own = of.remove(&id).unwrap_or_default();
            if thing.ended && own.is_empty() {
                self.ended.insert(id, Attr::Known(()));
                continue;
            }
            let mut doubt = None;
            match &thing.interfaces {
                Attr::Known(ids) => {
                    for it in ids.iter().filter(|it| self.interface_named(it).is_none()) {
                        least(&mut doubt, self.absent(it, place, super::INTERFACES));
                    }
                }
                Attr::Unknown(cause) => {
                    doubt = self.gap(place, super::INTERFACES).map(|_| cause.clone());
                }
            }
            self.set_primary(&id, &own, thing.address);
            self.host(id, arn, place, HostKind::Instance, &own, doubt, thing.running);
        }
        for (id, own) in of {
            let Some(first) = own.first() else { continue };
            let place = self.net.interfaces[first.at].place;
            let cause = self.absent(&id, place, "aws.ec2.instance");
            self.set_primary(&id, &own, None);
            let (doubt, running) = (Some(cause.clone()), Attr::Unknown(cause));
            self.host(id, None, place, HostKind::Instance, &own, doubt, running);
        }
    }

    /// The interface with device index 0; where nobody tells, the one with the instance's address, or the only one.
    fn set_primary(&mut self, id: &str, own: &[&Made], address: Option<Addr>) {
        let has = |made: &&&Made| {
            let mut all = self.net.interfaces[made.at].addresses.iter();
            all.any(|it| Some(it.range.first) == address)
        };
        let by_address = || own.iter().find(has).filter(|_| address.is_some());
        let only = || own.first().filter(|_| own.len() == 1);
        let found = own.iter().find(|made| made.primary).or_else(by_address).or_else(only);
        if let Some(at) = found.map(|made| made.at) {
            self.primary.insert(id.into(), at);
            if let Some(address) = address {
                self.primary_addrs.insert(at, address);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a host")]
    pub(super) fn host(
        &mut self,
        id: Box<str>,
        arn: Option<Box<str>>,
        place: Id<Place>,
        kind: HostKind,
        own: &[&Made],
        doubt: Option<Cause>,
        running: Attr<bool>,
    ) -> Id<Host> {
        let mut interfaces: Vec<Id<Interface>> = own.iter().map(|made| made.at).collect();
        interfaces.sort_unstable();
        let host = self.net.hosts.push(Host {
            name: id.clone(),
            place,
            kind,
            interfaces: interfaces.clone(),
            doubt,
            running,
            port: None,
        });
        for interface in interfaces {
            // Functions share interfaces; the first has its name there.
            self.net.interfaces[interface].host.get_or_insert(host);
        }
        self.name(id, arn, Node::Host(host));
        host
    }
}
