//! What a relation must mean when its expression cannot be followed.
//!
//! Plans do not tell what locals are made of. But an id that is not known yet can only be that of something that does not
//! exist yet: where the plan makes one thing of the type that is meant, and reads nothing later that could give another,
//! it is that one.

use std::collections::HashMap;

use super::address::key_of;
use super::format::Document;

/// The types that an attribute of a name means.
const MEANT: &[(&str, &[&str])] = &[
    ("allocation_id", &["aws_eip"]),
    ("autoscaling_group_name", &["aws_autoscaling_group"]),
    ("certificate_arn", &["aws_acm_certificate", "aws_iam_server_certificate"]),
    ("db_subnet_group_name", &["aws_db_subnet_group"]),
    ("group", &["aws_iam_group"]),
    ("iam_instance_profile", &["aws_iam_instance_profile"]),
    ("instance_id", &["aws_instance"]),
    ("internet_gateway_id", &["aws_internet_gateway"]),
    ("key_name", &["aws_key_pair"]),
    ("kms_key_id", &["aws_kms_key", "aws_kms_alias", "aws_kms_replica_key"]),
    ("kms_key_arn", &["aws_kms_key", "aws_kms_replica_key"]),
    ("load_balancer_arn", &["aws_lb", "aws_alb"]),
    ("nat_gateway_id", &["aws_nat_gateway"]),
    ("network_acl_id", &["aws_network_acl", "aws_default_network_acl"]),
    ("network_interface_id", &["aws_network_interface"]),
    ("policy_arn", &["aws_iam_policy"]),
    ("role", &["aws_iam_role"]),
    ("role_arn", &["aws_iam_role"]),
    ("route_table_id", &["aws_route_table", "aws_default_route_table", "aws_vpc"]),
    ("security_group_id", &["aws_security_group", "aws_default_security_group", "aws_vpc"]),
    ("security_groups", &["aws_security_group", "aws_default_security_group", "aws_vpc"]),
    ("subnet_id", &["aws_subnet", "aws_default_subnet"]),
    ("subnets", &["aws_subnet", "aws_default_subnet"]),
    ("target_group_arn", &["aws_lb_target_group", "aws_alb_target_group"]),
    ("topic_arn", &["aws_sns_topic"]),
    ("transit_gateway_id", &["aws_ec2_transit_gateway"]),
    ("user", &["aws_iam_user"]),
    ("vpc_id", &["aws_vpc", "aws_default_vpc"]),
];

/// What a plan makes that did not exist before.
#[derive(Debug, Default)]
pub(super) struct Fresh<'a> {
    by_type: HashMap<&'a str, Vec<usize>>,
    /// Whether something is read when the plan is applied that may name anything.
    reads_later: bool,
}

impl<'a> Fresh<'a> {
    pub(super) fn of(document: &'a Document<'a>) -> Self {
        let mut fresh = Self::default();
        let changes = document.resource_changes.as_deref().unwrap_or_default();
        for (at, change) in changes.iter().enumerate() {
            let does = |word: &str| change.change.actions.iter().any(|action| action == word);
            if change.mode.as_deref() == Some("data") {
                fresh.reads_later |= does("read") && &*change.kind != "aws_iam_policy_document";
            } else if does("create") {
                fresh.by_type.entry(&change.kind).or_default().push(at);
            }
        }
        fresh
    }

    /// The one thing that an attribute of an instance can mean; nothing when there are several, or none.
    ///
    /// `by_key`: whether the expression chooses by the instance's own key, so that of the instances of one block the one
    /// of the same key is meant.
    pub(super) fn only(
        &self,
        document: &Document<'_>,
        attribute: &str,
        asking: usize,
        by_key: bool,
    ) -> Option<usize> {
        if self.reads_later {
            return None;
        }
        let name = if attribute.ends_with("role_arn") { "role_arn" } else { attribute };
        let (_, types) = MEANT.iter().find(|(have, _)| *have == name)?;
        let candidates: Vec<usize> = types
            .iter()
            .filter_map(|kind| self.by_type.get(kind))
            .flatten()
            .copied()
            .filter(|at| *at != asking)
            .collect();
        let changes = document.resource_changes.as_deref()?;
        // A VPC comes with a group and a route table of its own, which the others are told from by their type only.
        let is_usual = |at: &usize| {
            changes.get(*at).is_some_and(|c| &*c.kind == *types.first().unwrap_or(&""))
        };
        match candidates.as_slice() {
            [one] if is_usual(one) => Some(*one),
            [] | [_] => None,
            many if by_key => {
                let asking = changes.get(asking)?;
                let key = key_of(asking.index)?;
                let block = |at: &usize| {
                    let change = changes.get(*at)?;
                    Some((change.module_address.as_deref(), &*change.kind, &*change.name))
                };
                let first = block(many.first()?)?;
                let is_one_block = many.iter().all(|at| block(at) == Some(first))
                    && first.0 == asking.module_address.as_deref();
                let of_key =
                    |at: &&usize| changes.get(**at).is_some_and(|c| key_of(c.index) == Some(key));
                many.iter().find(of_key).copied().filter(|_| is_one_block)
            }
            _ => None,
        }
    }
}
