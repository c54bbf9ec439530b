//! VPCs: their filters, routes, gateways and borders.

use super::restate::{each, items, map, moved, one, open};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

/// A type of EC2 by the noun of its ARNs.
macro_rules! ec2 {
    ($kind:literal, $model:literal, $terms:literal, $noun:literal) => {
        entry(concat!("AWS::EC2::", $kind), concat!("aws.ec2.", $model), $terms).arn(concat!(
            "arn:{partition}:ec2:{region}:{account}:",
            $noun,
            "/{id}"
        ))
    };
}

/// What only says something of other resources.
macro_rules! part {
    ($kind:literal, $terms:literal) => {
        entry(concat!("AWS::EC2::", $kind), "", $terms)
    };
}

macro_rules! tgw_attachment {
    ($kind:literal) => {
        ec2!(
            $kind,
            "transit_gateway_attachment",
            "aws_ec2_transit_gateway_vpc_attachment",
            "transit-gateway-attachment"
        )
        .more(vpc_attachment)
    };
}
pub(super) const TABLE: &[Entry] = &[
    ec2!("VPC", "vpc", "aws_vpc", "vpc")
        .atts(&[
            ("VpcId", Is::Id),
            ("CidrBlock", Is::Property("CidrBlock")),
            ("DefaultSecurityGroup", Is::Made("default_security_group_id")),
            ("DefaultNetworkAcl", Is::Made("default_network_acl_id")),
        ])
        .open(&["cidr_block", "dhcp_options_id"]),
    part!("VPCCidrBlock", "aws_vpc_ipv4_cidr_block_association").more(vpc_prefix),
    ec2!("Subnet", "subnet", "aws_subnet", "subnet")
        .atts(&[
            ("SubnetId", Is::Id),
            ("VpcId", Is::Property("VpcId")),
            ("CidrBlock", Is::Property("CidrBlock")),
            ("AvailabilityZone", Is::Property("AvailabilityZone")),
        ])
        .from(&[(
            "private_dns_hostname_type_on_launch",
            "private_dns_name_options_on_launch.hostname_type",
        )])
        .open(&[
            "availability_zone",
            "availability_zone_id",
            "private_dns_hostname_type_on_launch",
        ]),
    part!("SubnetCidrBlock", ""),
    ec2!("SecurityGroup", "security_group", "aws_security_group", "security-group")
        .atts(&[("GroupId", Is::Id), ("VpcId", Is::Property("VpcId"))])
        .more(security_group),
    part!("SecurityGroupIngress", "aws_security_group_rule").more(ingress_rule),
    part!("SecurityGroupEgress", "aws_security_group_rule").more(egress_rule),
    part!("SecurityGroupVpcAssociation", "aws_vpc_security_group_vpc_association")
        .from(&[("security_group_id", "group_id")]),
    ec2!("NetworkAcl", "network_acl", "aws_network_acl", "network-acl").open(&["subnet_ids"]),
    part!("NetworkAclEntry", "aws_network_acl_rule").from(&[
        ("from_port", "port_range.from"),
        ("to_port", "port_range.to"),
        ("icmp_type", "icmp.type"),
        ("icmp_code", "icmp.code"),
    ]),
    part!("SubnetNetworkAclAssociation", "aws_network_acl_association"),
    ec2!("RouteTable", "route_table", "aws_route_table", "route-table")
        .atts(&[("RouteTableId", Is::Id)]),
    part!("Route", "aws_route")
        .from(&[("egress_only_gateway_id", "egress_only_internet_gateway_id")]),
    part!("SubnetRouteTableAssociation", "aws_route_table_association"),
    part!("GatewayRouteTableAssociation", "aws_route_table_association"),
    part!("VPNGatewayRoutePropagation", "aws_vpn_gateway_route_propagation").more(propagation),
    ec2!("InternetGateway", "internet_gateway", "aws_internet_gateway", "internet-gateway")
        .atts(&[("InternetGatewayId", Is::Id)]),
    part!("VPCGatewayAttachment", "aws_internet_gateway_attachment").more(attachment),
    ec2!(
        "EgressOnlyInternetGateway",
        "egress_only_internet_gateway",
        "aws_egress_only_internet_gateway",
        "egress-only-internet-gateway"
    ),
    ec2!("NatGateway", "nat_gateway", "aws_nat_gateway", "natgateway")
        .atts(&[("NatGatewayId", Is::Id)])
        .from(&[("private_ip", "private_ip_address")])
        .open(&["private_ip", "public_ip", "network_interface_id", "association_id"]),
    ec2!("EIP", "address", "aws_eip", "elastic-ip")
        .refers(Is::Later)
        .atts(&[("AllocationId", Is::Id), ("PublicIp", Is::Later)])
        .from(&[("instance", "instance_id")])
        .open(&[
            "public_ip",
            "network_border_group",
            "public_ipv4_pool",
            "carrier_ip",
            "customer_owned_ip",
            "association_id",
            "private_ip",
            "domain",
        ]),
    part!("EIPAssociation", "aws_eip_association"),
    ec2!("FlowLog", "flow_log", "aws_flow_log", "vpc-flow-log")
        .from(&[("iam_role_arn", "deliver_logs_permission_arn")])
        .more(flow_log),
    ec2!("VPCEndpoint", "vpc_endpoint", "aws_vpc_endpoint", "vpc-endpoint")
        .from(&[("policy", "policy_document")])
        .open(&["network_interface_ids", "dns_entry", "security_group_ids", "ip_address_type"])
        .more(endpoint),
    ec2!(
        "VPCEndpointService",
        "vpc_endpoint_service",
        "aws_vpc_endpoint_service",
        "vpc-endpoint-service"
    )
    .open(&["service_name", "availability_zones", "private_dns_name"]),
    part!("VPCEndpointServicePermissions", "aws_vpc_endpoint_service_allowed_principal")
        .more(service_permissions),
    ec2!(
        "VPCPeeringConnection",
        "vpc_peering_connection",
        "aws_vpc_peering_connection",
        "vpc-peering-connection"
    )
    .more(peering),
    ec2!("PrefixList", "managed_prefix_list", "aws_ec2_managed_prefix_list", "prefix-list")
        .atts(&[("PrefixListId", Is::Id)])
        .from(&[("name", "prefix_list_name"), ("entry", "entries")]),
    ec2!("TransitGateway", "transit_gateway", "aws_ec2_transit_gateway", "transit-gateway").atts(
        &[
            ("AssociationDefaultRouteTableId", Is::Made("association_default_route_table_id")),
            ("PropagationDefaultRouteTableId", Is::Made("propagation_default_route_table_id")),
        ],
    ),
    tgw_attachment!("TransitGatewayAttachment"),
    tgw_attachment!("TransitGatewayVpcAttachment"),
    ec2!(
        "TransitGatewayPeeringAttachment",
        "transit_gateway_attachment",
        "aws_ec2_transit_gateway_peering_attachment",
        "transit-gateway-attachment"
    ),
    ec2!(
        "TransitGatewayRouteTable",
        "transit_gateway_route_table",
        "aws_ec2_transit_gateway_route_table",
        "transit-gateway-route-table"
    ),
    part!("TransitGatewayRoute", "aws_ec2_transit_gateway_route"),
    part!("TransitGatewayRouteTableAssociation", "aws_ec2_transit_gateway_route_table_association"),
    part!("TransitGatewayRouteTablePropagation", "aws_ec2_transit_gateway_route_table_propagation"),
    ec2!("VPNGateway", "vpn_gateway", "aws_vpn_gateway", "vpn-gateway")
        .atts(&[("VPNGatewayId", Is::Id)])
        .open(&["amazon_side_asn"]),
    ec2!("VPNConnection", "vpn_connection", "aws_vpn_connection", "vpn-connection")
        .atts(&[("VpnConnectionId", Is::Id)]),
    ec2!(
        "ClientVpnEndpoint",
        "client_vpn_endpoint",
        "aws_ec2_client_vpn_endpoint",
        "client-vpn-endpoint"
    ),
    ec2!(
        "InstanceConnectEndpoint",
        "instance_connect_endpoint",
        "aws_ec2_instance_connect_endpoint",
        "instance-connect-endpoint"
    )
    .open(&["security_group_ids", "vpc_id", "network_interface_ids", "dns_name"]),
    entry("AWS::EC2::VPCBlockPublicAccessOptions", "", "aws_vpc_block_public_access_options"),
    entry("AWS::EC2::VPCBlockPublicAccessExclusion", "", "aws_vpc_block_public_access_exclusion"),
];

fn vpc_prefix(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    if !values.member("cidr_block").is_null() || !values.member("ipv4_ipam_pool_id").is_null() {
        return vec![("aws_vpc_ipv4_cidr_block_association", values)];
    }
    moved(&mut values, "amazon_provided_ipv6_cidr_block", "assign_generated_ipv6_cidr_block");
    vec![("aws_vpc_ipv6_cidr_block_association", values)]
}

/// Outgoing rules are those that are stated, and AWS's own where none is.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>.
fn security_group(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let ingress = each(&values.member("security_group_ingress"), block);
    let egress = match &*values.member("security_group_egress") {
        Tree::List(items) if !items.is_empty() => each(&Tree::List(items.clone()), block),
        unknown @ Tree::Unknown(_) => unknown.clone(),
        one @ Tree::Map(_) => each(one, block),
        _ => Tree::List(vec![map([
            ("protocol", Tree::text("-1")),
            ("from_port", Tree::Int(0)),
            ("to_port", Tree::Int(0)),
            ("cidr_blocks", Tree::List(vec![Tree::text("0.0.0.0/0")])),
        ])]),
    };
    if !ingress.is_null() || thing.fresh {
        values.set("ingress", if ingress.is_null() { Tree::List(Vec::new()) } else { ingress });
    }
    values.set("egress", egress);
    let name = values.member("group_name").into_owned();
    values.set("name", if name.is_null() { open() } else { name });
    moved(&mut values, "group_description", "description");
    if values.member("vpc_id").is_null() {
        values.set("vpc_id", open());
    }
    vec![("aws_security_group", values)]
}

/// A rule as Terraform's blocks have it.
fn block(rule: &Tree<'static>) -> Tree<'static> {
    let of = |name: &str| rule.member(name).into_owned();
    let list = one(either(of("source_prefix_list_id"), of("destination_prefix_list_id")));
    map([
        ("protocol", of("ip_protocol")),
        ("from_port", of("from_port")),
        ("to_port", of("to_port")),
        ("cidr_blocks", one(of("cidr_ip"))),
        ("ipv6_cidr_blocks", one(of("cidr_ipv6"))),
        ("prefix_list_ids", list),
        ("security_groups", one(group(rule))),
        ("description", of("description")),
    ])
}

/// The group at the other end, behind its account where that is stated.
fn group(rule: &Tree<'static>) -> Tree<'static> {
    let of = |name: &str| rule.member(name).into_owned();
    let by_id = either(of("source_security_group_id"), of("destination_security_group_id"));
    let group = either(by_id, of("source_security_group_name"));
    match (&group, of("source_security_group_owner_id")) {
        (Tree::Text(id), Tree::Text(owner)) if !crate::model::change::is_planned(id) => {
            Tree::text(format!("{owner}/{id}"))
        }
        _ => group,
    }
}

fn either(a: Tree<'static>, b: Tree<'static>) -> Tree<'static> {
    if a.is_null() { b } else { a }
}

fn ingress_rule(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    rule(values, "ingress")
}

fn egress_rule(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    rule(values, "egress")
}

fn rule(values: Tree<'static>, direction: &'static str) -> Restated {
    let mut out = block(&values);
    let other = out.member("security_groups").items().first().cloned().unwrap_or_default();
    out.set("source_security_group_id", other);
    out.set("type", Tree::text(direction));
    let group =
        either(values.member("group_id").into_owned(), values.member("group_name").into_owned());
    out.set("security_group_id", group);
    vec![("aws_security_group_rule", out)]
}

fn propagation(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let gateway = values.member("vpn_gateway_id").into_owned();
    let of = |table: Tree<'static>| {
        let values = map([("route_table_id", table), ("vpn_gateway_id", gateway.clone())]);
        ("aws_vpn_gateway_route_propagation", values)
    };
    items(&values.member("route_table_ids")).into_iter().map(of).collect()
}

fn attachment(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let mut out = Vec::new();
    if !values.member("internet_gateway_id").is_null() {
        out.push(("aws_internet_gateway_attachment", values.clone()));
    }
    if !values.member("vpn_gateway_id").is_null() {
        out.push(("aws_vpn_gateway_attachment", values));
    }
    out
}

fn flow_log(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let name = match values.member("resource_type").as_str() {
        Some("Subnet") => "subnet_id",
        Some("NetworkInterface") => "eni_id",
        Some("TransitGateway") => "transit_gateway_id",
        Some("TransitGatewayAttachment") => "transit_gateway_attachment_id",
        _ => "vpc_id",
    };
    moved(&mut values, "resource_id", name);
    vec![("aws_flow_log", values)]
}

fn endpoint(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    if values.member("vpc_endpoint_type").is_null() {
        values.set("vpc_endpoint_type", Tree::text("Gateway"));
    }
    vec![("aws_vpc_endpoint", values)]
}

fn service_permissions(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let service = values.member("service_id").into_owned();
    let of = |principal: Tree<'static>| {
        let values =
            map([("vpc_endpoint_service_id", service.clone()), ("principal_arn", principal)]);
        ("aws_vpc_endpoint_service_allowed_principal", values)
    };
    items(&values.member("allowed_principals")).into_iter().map(of).collect()
}

/// CloudFormation accepts what is asked for within an account, and in others by a role there.
fn peering(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let other = !values.member("peer_owner_id").is_null();
    let accepted = !other || !values.member("peer_role_arn").is_null();
    values.set("auto_accept", if accepted { Tree::Bool(true) } else { open() });
    vec![("aws_vpc_peering_connection", values)]
}

fn vpc_attachment(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    for (path, name) in [
        ("options.dns_support", "dns_support"),
        ("options.ipv6_support", "ipv6_support"),
        ("options.appliance_mode_support", "appliance_mode_support"),
        ("options.security_group_referencing_support", "security_group_referencing_support"),
    ] {
        moved(&mut values, path, name);
    }
    vec![("aws_ec2_transit_gateway_vpc_attachment", values)]
}
