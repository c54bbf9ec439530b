//! How each type of the AWS provider gets into the model: one file per service, a line here.

mod balancer;
mod certificate;
mod classic;
mod database;
mod edge;
mod eks;
mod endpoint;
mod firewall;
mod front_door;
mod function;
mod gateway;
mod guarded;
mod iam;
mod iam_account;
mod iam_policy;
mod identity_center;
mod instance;
mod interface;
mod kit;
mod launch_template;
mod listener;
mod network_acl;
mod organizations;
mod remote_access;
mod route;
mod s3;
mod security_group;
mod settings;
mod target_group;
#[cfg(test)]
mod tests;
mod transit;
#[cfg(test)]
mod trial;
mod user_data;
mod volume;
mod vpc;
mod workload;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::collect::predicted::{Handle, Mapper, stating};

/// The mappers of one file: type of the provider, what names it before it exists, and the mapper.
pub(super) type Table = &'static [(&'static str, Handle, Mapper)];

const TABLES: &[Table] = &[
    balancer::TABLE,
    certificate::TABLE,
    classic::TABLE,
    database::TABLE,
    edge::TABLE,
    eks::TABLE,
    endpoint::TABLE,
    firewall::TABLE,
    front_door::TABLE,
    function::TABLE,
    gateway::TABLE,
    guarded::TABLE,
    iam::TABLE,
    iam_account::TABLE,
    iam_policy::TABLE,
    identity_center::TABLE,
    instance::TABLE,
    interface::TABLE,
    launch_template::TABLE,
    listener::TABLE,
    network_acl::TABLE,
    organizations::TABLE,
    remote_access::TABLE,
    route::TABLE,
    s3::TABLE,
    security_group::TABLE,
    settings::TABLE,
    target_group::TABLE,
    transit::TABLE,
    volume::TABLE,
    vpc::TABLE,
    workload::TABLE,
];

/// The entry of a type.
pub(in crate::collect) fn of(kind: &str) -> Option<&'static (&'static str, Handle, Mapper)> {
    static BY_TYPE: LazyLock<HashMap<&str, &(&str, Handle, Mapper)>> = LazyLock::new(|| {
        TABLES.iter().flat_map(|table| table.iter()).map(|entry| (entry.0, entry)).collect()
    });
    BY_TYPE.get(kind).copied()
}

/// Every entry.
#[cfg(test)]
fn all() -> impl Iterator<Item = &'static (&'static str, Handle, Mapper)> {
    TABLES.iter().flat_map(|table| table.iter())
}
