//! Kubernetes clusters of EKS.

use super::Table;
use super::stating::{handle, later, none, silent, state, untold};
use crate::collect::predicted::Thing;
use crate::model::Tree;
use crate::model::change::Sketch;

const CLUSTER: &str = "aws.eks.cluster";

pub(super) const TABLE: Table = &[(
    "aws_eks_cluster",
    handle(&["name"], "arn:{partition}:eks:{region}:{account}:cluster/{name}"),
    cluster,
)];

fn cluster<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("endpoint_public_access", "vpc_config.endpoint_public_access"),
        ("endpoint_private_access", "vpc_config.endpoint_private_access"),
        ("public_access_cidrs", "vpc_config.public_access_cidrs"),
        ("vpc_id", "vpc_config.vpc_id"),
        ("subnet_ids", "vpc_config.subnet_ids"),
        ("security_group_ids", "vpc_config.security_group_ids"),
        ("cluster_security_group_id", "vpc_config.cluster_security_group_id"),
        ("ip_family", "kubernetes_network_config.ip_family"),
        ("service_ipv4_cidr", "kubernetes_network_config.service_ipv4_cidr"),
        ("service_ipv6_cidr", "kubernetes_network_config.service_ipv6_cidr"),
        ("authentication_mode", "access_config.authentication_mode"),
        ("enabled_log_types", "enabled_cluster_log_types"),
        ("encryption_key_arn", "encryption_config.provider.key_arn"),
    ];
    state(sketch, thing.draft(CLUSTER, "name", from), |draft| {
        let public = thing.or("vpc_config.endpoint_public_access", Tree::Bool(true));
        let private = thing.or("vpc_config.endpoint_private_access", Tree::Bool(false));
        let from_anywhere = match &public {
            Tree::Bool(true) => Tree::List(vec![Tree::text("0.0.0.0/0")]),
            Tree::Bool(false) => none(),
            open => open.clone(),
        };
        let cidrs = thing.at("vpc_config.public_access_cidrs");
        let silent_cidrs = matches!(&*cidrs, Tree::List(list) if list.is_empty());
        if thing.fresh
            && (cidrs.is_null()
                || silent_cidrs
                || thing.is_left_open("vpc_config.public_access_cidrs"))
        {
            draft.fields.set("public_access_cidrs", from_anywhere);
        }
        draft.fields.set("endpoint_public_access", public);
        draft.fields.set("endpoint_private_access", private);
        // Blocks that are left out as a whole are what AWS makes of them.
        let mut left = vec![
            ("status", "status", Tree::text("ACTIVE")),
            ("version", "version", later()),
            ("platform_version", "platform_version", later()),
            ("created_at", "created_at", later()),
        ];
        if thing.is_left_open("kubernetes_network_config")
            || thing.at("kubernetes_network_config").is_null()
        {
            left.push(("kubernetes_network_config", "ip_family", Tree::text("ipv4")));
            left.push(("kubernetes_network_config", "service_ipv4_cidr", later()));
            left.push(("kubernetes_network_config", "service_ipv6_cidr", Tree::Null));
        }
        silent(thing, draft, &left);
        let mode = thing.at("access_config.authentication_mode");
        if mode.is_null() || thing.is_left_open("access_config.authentication_mode") {
            untold(thing, draft, &[("authentication_mode", Tree::text("CONFIG_MAP"))]);
        }
    });
}
