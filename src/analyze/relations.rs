//! Which other resources the facts of a type need at hand.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::Environments;
use crate::model::index::Relation;
use crate::model::kinds::kind_named;
use crate::model::{Kind, Resource};

macro_rules! keys {
    ($($(#[doc = $doc:literal])+ $name:ident = $kind:literal . $field:literal;)*) => {
        /// A field by which analyses look resources up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Key {
            $($(#[doc = $doc])+ $name,)*
        }

        const NAMES: &[(&str, &str)] = &[$(($kind, $field)),*];

        impl Key {
            fn place(self) -> usize {
                self as usize
            }
        }
    };
}

keys! {
    /// A prefix list by its id.
    PrefixList = "aws.ec2.managed_prefix_list"."id";
    /// An internet gateway by its id, where that does not tell what it is.
    InternetGateway = "aws.ec2.internet_gateway"."id";
    /// An interface by its id.
    Interface = "aws.ec2.network_interface"."id";
    /// The interfaces that carry a security group.
    InterfaceByGroup = "aws.ec2.network_interface"."security_group_ids";
    /// The interfaces in a subnet.
    InterfaceBySubnet = "aws.ec2.network_interface"."subnet_id";
    /// The route table that a subnet names.
    RouteTableBySubnet = "aws.ec2.route_table"."associated_subnet_ids";
    /// The route tables of a VPC.
    RouteTableByVpc = "aws.ec2.route_table"."vpc_id";
    /// The network ACL of a subnet.
    NetworkAclBySubnet = "aws.ec2.network_acl"."associated_subnet_ids";
    /// The network ACLs of a VPC.
    NetworkAclByVpc = "aws.ec2.network_acl"."vpc_id";
    /// A subnet by its id.
    Subnet = "aws.ec2.subnet"."id";
    /// A VPC by its id.
    Vpc = "aws.ec2.vpc"."id";
    /// An attachment by its id.
    Attachment = "aws.ec2.transit_gateway_attachment"."id";
    /// A route table of a transit gateway by its id.
    TransitTable = "aws.ec2.transit_gateway_route_table"."id";
    /// The route tables of a transit gateway.
    TransitTableByGateway = "aws.ec2.transit_gateway_route_table"."transit_gateway_id";
    /// A TLS policy by its name.
    SslPolicy = "aws.elbv2.ssl_policy"."id";
    /// The access keys of a user.
    AccessKeyByUser = "aws.iam.access_key"."user_name";
    /// A group by its name.
    GroupByName = "aws.iam.group"."name";
    /// A group whose id is its name.
    GroupById = "aws.iam.group"."id";
    /// A managed policy by its ARN.
    PolicyByArn = "aws.iam.policy"."arn";
    /// A managed policy whose id is its ARN.
    PolicyById = "aws.iam.policy"."id";
    /// The groups of Identity Center that a user of it is in.
    StoreGroupByMember = "aws.identitystore.group"."member_user_ids";
    /// The permission sets given to a user or group of Identity Center.
    AssignmentByPrincipal = "aws.sso.account_assignment"."principal_id";
    /// A permission set by its ARN.
    PermissionSet = "aws.sso.permission_set"."id";
    /// An account of the organization by its number.
    Account = "aws.organizations.account"."id";
}

static RELATIONS: LazyLock<Vec<Option<Relation>>> = LazyLock::new(|| {
    NAMES
        .iter()
        .map(|(kind, field)| {
            let kind = kind_named(kind)?;
            Resource::field_of(kind, field).map(|(slot, _)| Relation { kind, slot })
        })
        .collect()
});

impl Key {
    /// The relation in the model; a test holds that there is one.
    pub(crate) fn relation(self) -> Option<Relation> {
        RELATIONS.get(self.place()).copied().flatten()
    }
}

/// Every relation that derivations follow.
pub fn relations() -> Vec<Relation> {
    RELATIONS.iter().copied().flatten().collect()
}

/// The relations that derivations follow to these types. An index must be built with those to all that it keeps; what
/// leads to others is unknown.
pub fn relations_to(kinds: &BTreeSet<&str>) -> Vec<Relation> {
    relations().into_iter().filter(|relation| kinds.contains(relation.kind.name)).collect()
}

/// The types whose resources must be at hand so that facts can be derived on resources of some types, and on all that
/// is at hand for them.
pub fn needed(
    of: impl IntoIterator<Item = &'static str>,
    environments: &Environments,
) -> BTreeSet<&'static str> {
    /// What assigning environments needs.
    const ENVIRONMENT: [&str; 2] = ["aws.ec2.vpc", "aws.organizations.account"];
    let mut out = BTreeSet::new();
    let mut todo: Vec<&'static str> = of.into_iter().collect();
    if !environments.is_empty() {
        out.extend(ENVIRONMENT);
        todo.extend(ENVIRONMENT);
    }
    while let Some(name) = todo.pop() {
        for &further in kind_named(name).map_or(&[][..], kinds) {
            if out.insert(further) {
                todo.push(further);
            }
        }
    }
    out
}

/// The types whose resources must be at hand while resources of a type are derived, besides what environments need.
pub fn kinds(of: &Kind) -> &'static [&'static str] {
    const LISTS: &str = "aws.ec2.managed_prefix_list";
    const INTERFACES: &str = "aws.ec2.network_interface";
    const ROUTES: &str = "aws.ec2.route_table";
    const GATEWAYS: &str = "aws.ec2.internet_gateway";
    const TABLES: &str = "aws.ec2.transit_gateway_route_table";
    const ATTACHMENTS: &str = "aws.ec2.transit_gateway_attachment";
    match of.name {
        "aws.ec2.instance" => &[ROUTES, GATEWAYS, LISTS, INTERFACES, "aws.ec2.subnet"],
        INTERFACES => &[ROUTES, GATEWAYS, LISTS],
        "aws.ec2.subnet" => &[ROUTES, GATEWAYS, LISTS, INTERFACES, "aws.ec2.network_acl"],
        "aws.ec2.security_group" => &[LISTS, INTERFACES],
        "aws.ec2.vpc_peering_connection" => &["aws.ec2.vpc"],
        ATTACHMENTS | TABLES => &["aws.ec2.vpc", TABLES, ATTACHMENTS],
        "aws.elbv2.listener" => &["aws.elbv2.ssl_policy"],
        "aws.iam.user" => &["aws.iam.access_key", "aws.iam.group", "aws.iam.policy"],
        "aws.identitystore.user" => {
            &["aws.identitystore.group", "aws.sso.account_assignment", "aws.sso.permission_set"]
        }
        "aws.iam.group" | "aws.iam.role" => &["aws.iam.policy"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Environment;
    use crate::model::KINDS;

    #[test]
    fn every_relation_exists_and_is_needed_by_some_type() {
        assert_eq!(relations().len(), NAMES.len());
        let environments = Environments::new(vec![Environment::default()]);
        let needed = needed(KINDS.iter().map(|kind| kind.name), &environments);
        assert_eq!(relations_to(&needed).len(), NAMES.len());
        assert!(needed.iter().all(|name| kind_named(name).is_some()));
    }

    #[test]
    fn what_is_at_hand_has_what_it_needs() {
        let none = Environments::default();
        let of = |name| needed([name], &none).into_iter().collect::<Vec<_>>();
        assert_eq!(of("aws.iam.user"), ["aws.iam.access_key", "aws.iam.group", "aws.iam.policy"]);
        // An instance needs subnets, and those need their filters.
        assert!(of("aws.ec2.instance").contains(&"aws.ec2.network_acl"));
        assert!(of("aws.acm.certificate").is_empty());
    }
}
