//! What the inventory implies: pure functions that derive the facts on resources. They do no I/O and cannot fail: what
//! cannot be decided becomes an unknown with its cause.
//!
//! Facts come from what was collected, never from other facts, so that the order in which resources are derived does
//! not matter. Anything that is unknown, or not completely collected, makes a fact unknown unless the rest decides.

mod compute;
mod context;
pub mod environment;
pub mod facts;
pub mod iam;
mod kleene;
pub mod network;
pub mod overview;
mod patch;
mod relations;
mod tls;

use rayon::prelude::*;

use crate::model::{Data, Index, Origin, Resource};

pub use context::Context;
pub use environment::{Environment, Environments};
pub use network::effects::Effects;
pub use overview::{Gathering, Needs, Overview};
pub use relations::{kinds, needed, relations, relations_to};

/// Assigns the environment of a resource and derives all its facts.
///
/// Whatever a file says about facts is replaced, except in the cases of checks, where facts may be given.
pub fn derive(resource: &mut Resource, context: &Context<'_>) {
    let given = Given(resource.meta.origin == Origin::Case);
    if given.lacks(&resource.meta.environment) {
        resource.meta.environment = environment::of(resource, context);
    }
    let (meta, data) = (&resource.meta, &mut resource.data);
    network::effects::derive(meta, data, context, given);
    iam::effects::derive(meta, data, context, given);
    match data {
        Data::Ec2Instance(it) => {
            network::exposure::instance(it, meta, context, given);
            compute::derive(it, given);
        }
        Data::Ec2NetworkInterface(it) => network::exposure::interface(it, meta, context, given),
        Data::Ec2Subnet(it) => network::subnet::derive(it, meta, context, given),
        Data::Ec2SecurityGroup(it) => network::security_group::derive(it, meta, context, given),
        Data::Ec2NetworkAcl(it) => network::network_acl::derive(it, given),
        Data::Ec2VpcPeeringConnection(it) => network::isolation::peering(it, meta, context, given),
        Data::Ec2TransitGatewayAttachment(it) => {
            network::isolation::attachment(it, meta, context, given);
        }
        Data::Ec2TransitGatewayRouteTable(it) => {
            network::isolation::route_table(it, meta, context, given);
        }
        Data::ElbLoadBalancer(it) => tls::classic(it, given),
        Data::Elbv2Listener(it) => tls::listener(it, meta, context, given),
        Data::IamUser(it) => {
            iam::admin::user(it, meta, context, given);
            iam::people::facts::user(it, meta, context, given);
        }
        Data::IdentitystoreUser(it) => {
            iam::people::facts::identity_center(it, meta, context, given);
        }
        Data::IamGroup(it) => iam::admin::group(it, meta, context, given),
        Data::IamRole(it) => {
            iam::admin::role(it, meta, context, given);
            iam::trust::derive(it, context, given);
        }
        Data::IamPolicy(it) => {
            iam::admin::policy(it, given);
            iam::usage::breadth::policy(it, given);
        }
        Data::SsmManagedInstance(it) => patch::derive(it, given),
        _ => {}
    }
}

/// Assigns environments and derives facts on every resource at hand, so that checks can read them through relations.
/// Facts that rest on paths stay unknown unless these were analysed.
pub fn derive_all(
    index: &mut Index,
    environments: &Environments,
    now: jiff::Timestamp,
    overview: &Overview,
) {
    /// How many derived copies are held beside the originals at a time.
    const BATCH: usize = 4096;
    let mut start = 0;
    let mut accounts = Context::new(index, environments, now).into_accounts();
    while start < index.resources().len() {
        let context = Context::with(index, environments, now, accounts).with_overview(overview);
        let end = index.resources().len().min(start + BATCH);
        let originals = index.resources().get(start..end).unwrap_or_default();
        let batch: Vec<_> = originals
            .par_iter()
            .map(|original| {
                let mut resource = original.clone();
                derive(&mut resource, &context);
                resource
            })
            .collect();
        accounts = context.into_accounts();
        let places = index.resources_mut().iter_mut().skip(start);
        places.zip(batch).for_each(|(place, derived)| *place = derived);
        start += BATCH;
    }
    index.refresh();
}

/// Whether facts may have been given by the author of a check's case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given(bool);

impl Given {
    fn lacks<T>(self, fact: &crate::model::Attr<T>) -> bool {
        !self.0 || fact.known().is_none()
    }

    /// Sets a fact unless it was given.
    fn or<T>(
        self,
        fact: &mut crate::model::Attr<T>,
        derive: impl FnOnce() -> crate::model::Attr<T>,
    ) {
        if self.lacks(fact) {
            *fact = derive();
        }
    }
}
