//! VPCs and what filters and routes inside them.

use super::paths::Isolation;
use crate::net::{Ports, Prefix};

model! {
    /// A virtual network (`ec2:DescribeVpcs`).
    pub struct Vpc {
        /// The account that owns it; participants of a shared VPC see it too.
        owner_id: String,
        /// The state.
        state: String = ["pending", "available", "deleting"],
        /// Whether it is the region's default VPC.
        is_default: bool,
        /// The primary IPv4 prefix.
        cidr_block: Prefix,
        /// All IPv4 prefixes, the primary one included.
        cidr_block_associations: Vec<CidrBlockAssociation>,
        /// All IPv6 prefixes.
        ipv6_cidr_block_associations: Vec<CidrBlockAssociation>,
        /// The tenancy of instances launched in it.
        instance_tenancy: String = ["default", "dedicated", "host"],
        /// The DHCP options, or `default`.
        dhcp_options_id: Option<String>,
        /// Whether the Amazon resolver answers in it (`ec2:DescribeVpcAttribute`).
        enable_dns_support: bool,
        /// Whether instances with public addresses get public names (`ec2:DescribeVpcAttribute`).
        enable_dns_hostnames: bool,
        /// Whether network address usage is measured (`ec2:DescribeVpcAttribute`).
        enable_network_address_usage_metrics: Option<bool>,
        /// What VPC Block Public Access does here, exclusions considered by AWS.
        internet_gateway_block_mode: Option<String> = ["off", "block-bidirectional", "block-ingress"],
        /// Whether traffic must be encrypted: `monitor` or `enforce`; absent without an encryption control.
        encryption_control_mode: Option<String> = ["monitor", "enforce"],
        /// The state of that control.
        encryption_control_state: Option<String>,
    } facts {
        /// Which environments meet in it: packets of others that get to its interfaces without a declared flow.
        isolation: Isolation,
    }

    /// A prefix of a VPC or subnet.
    pub struct CidrBlockAssociation key [cidr_block] {
        /// The prefix.
        cidr_block: Prefix,
        /// Whether it is in effect.
        state: String = ["associating", "associated", "disassociating", "disassociated", "failing", "failed"],
        /// The association.
        association_id: Option<String>,
        /// Where an IPv6 prefix comes from: `amazon`, `byoip` or `none`.
        ip_source: Option<String>,
        /// Whether an IPv6 prefix is announced on the internet: `public` or `private`.
        ipv6_address_attribute: Option<String> = ["public", "private"],
        /// The pool an IPv6 prefix comes from.
        ipv6_pool: Option<String>,
        /// The group of zones that announces an IPv6 prefix.
        network_border_group: Option<String>,
    }

    /// A subnet (`ec2:DescribeSubnets`).
    pub struct Subnet {
        /// The VPC.
        vpc_id: String,
        /// The account that owns it; participants of a shared subnet see it too.
        owner_id: String,
        /// The state.
        state: String = ["pending", "available", "unavailable", "failed", "failed-insufficient-capacity"],
        /// The availability zone.
        availability_zone: String,
        /// The id of the zone, the same place in every account.
        availability_zone_id: Option<String>,
        /// The IPv4 prefix; absent when it has IPv6 only.
        cidr_block: Option<Prefix>,
        /// The IPv6 prefixes.
        ipv6_cidr_block_associations: Vec<CidrBlockAssociation>,
        /// How many private IPv4 addresses are free.
        available_ip_address_count: Option<i64>,
        /// Whether it is the zone's default subnet.
        default_for_az: bool,
        /// Whether instances launched in it get a public IPv4 address.
        map_public_ip_on_launch: bool,
        /// Whether instances launched in it get a customer-owned address.
        map_customer_owned_ip_on_launch: Option<bool>,
        /// Whether interfaces created in it get an IPv6 address.
        assign_ipv6_address_on_creation: bool,
        /// Whether it has IPv6 only.
        ipv6_native: bool,
        /// Whether names without IPv6 addresses resolve to NAT64 ones.
        enable_dns64: Option<bool>,
        /// How instances are named: `ip-name` or `resource-name`.
        hostname_type: Option<String> = ["ip-name", "resource-name"],
        /// Its Outpost.
        outpost_arn: Option<String>,
        /// What VPC Block Public Access does here, exclusions considered by AWS.
        internet_gateway_block_mode: Option<String> = ["off", "block-bidirectional", "block-ingress"],
    } facts {
        /// The route table in effect: its own, or the VPC's main one.
        route_table_id: Option<String>,
        /// The network ACL in effect.
        network_acl_id: Option<String>,
        /// Whether an active route leads to an internet gateway for destinations like 0.0.0.0/0 or ::/0.
        internet_route: bool,
        /// The environments, besides its own, of accounts that have interfaces in it.
        shared_with_environments: Vec<String>,
    }

    /// A security group (`ec2:DescribeSecurityGroups`).
    pub struct SecurityGroup {
        /// The name, unique in its VPC; `default` for the one every VPC has.
        group_name: String,
        /// The description.
        description: Option<String>,
        /// The VPC.
        vpc_id: Option<String>,
        /// The account that owns it.
        owner_id: String,
        /// The rules for traffic coming in, one per single source.
        ingress: Vec<SecurityGroupRule>,
        /// The rules for traffic going out, one per single destination.
        egress: Vec<SecurityGroupRule>,
    } facts {
        /// Whether a network interface carries it.
        in_use: bool,
        /// Which environments meet by its rules without a declared flow.
        isolation: Isolation,
    }

    /// A rule of a security group with exactly one source (ingress) or destination (egress).
    pub struct SecurityGroupRule key [protocol, ports, icmp_type, icmp_code, cidr, prefix_list_id, group_id] {
        /// The rule's id (`ec2:DescribeSecurityGroupRules`).
        rule_id: Option<String>,
        /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all.
        protocol: String,
        /// The destination ports; all of them for `-1` and for protocols without ports.
        ports: Ports,
        /// The ICMP type; absent for any type and for other protocols.
        icmp_type: Option<i64>,
        /// The ICMP code; absent for any code and for other protocols.
        icmp_code: Option<i64>,
        /// The prefix, IPv4 or IPv6.
        cidr: Option<Prefix>,
        /// The prefix list.
        prefix_list_id: Option<String>,
        /// The security group whose members' private addresses are meant.
        group_id: Option<String>,
        /// The account of that group, where it is another one.
        group_account: Option<String>,
        /// The VPC of that group, where it is another one.
        group_vpc_id: Option<String>,
        /// The peering connection that leads to that group.
        peering_connection_id: Option<String>,
        /// The description.
        description: Option<String>,
    } facts {
        /// Ingress: over all rules of the group together, a port of this rule is open to public address space worth a
        /// /8, and the rule holds a substantial part of that itself.
        from_internet: bool,
        /// Egress: over all rules of the group together, a port of this rule reaches public address space worth a /8,
        /// and the rule holds a substantial part of that itself.
        to_internet: bool,
        /// The source or destination in words: a prefix, a prefix list, a group.
        source: String,
        /// The declared environment of the group it refers to; absent without a group, or where none is declared.
        group_environment: Option<String>,
        /// Ingress: whether by this rule something reaches an interface from the internet, addresses, routes and network
        /// ACLs considered.
        exposes: bool,
    }

    /// The use of a security group in a VPC other than its own (`ec2:DescribeSecurityGroupVpcAssociations`).
    pub struct SecurityGroupVpcAssociation {
        /// The security group.
        group_id: String,
        /// The account that owns the group.
        group_owner_id: Option<String>,
        /// The VPC it may be used in.
        vpc_id: String,
        /// The account that owns the VPC.
        vpc_owner_id: Option<String>,
        /// Whether it is in effect.
        state: String = [
            "associating", "associated", "association-failed", "disassociating", "disassociated",
            "disassociation-failed"
        ],
        /// Why it is in that state.
        state_reason: Option<String>,
    }

    /// A network ACL (`ec2:DescribeNetworkAcls`).
    pub struct NetworkAcl {
        /// The VPC.
        vpc_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Whether subnets without an own one use it.
        is_default: bool,
        /// The subnets it filters at their border.
        associated_subnet_ids: Vec<String>,
        /// The entries of both directions, by direction and ascending number; the first match decides.
        entries: Vec<NetworkAclEntry>,
    }

    /// An entry of a network ACL.
    pub struct NetworkAclEntry key [egress, rule_action, protocol, ports, icmp_type, icmp_code, cidr] {
        /// Whether it judges traffic leaving the subnet.
        egress: bool,
        /// Its place in the order; 32767 and 32768 are the built-in refusals at the end.
        rule_number: i64,
        /// What it does.
        rule_action: String = ["allow", "deny"],
        /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all, as in security groups.
        protocol: String,
        /// The destination ports; all of them for `-1` and for protocols without ports.
        ports: Ports,
        /// The ICMP type; absent for any type and for other protocols.
        icmp_type: Option<i64>,
        /// The ICMP code; absent for any code and for other protocols.
        icmp_code: Option<i64>,
        /// The prefix, IPv4 or IPv6: the source coming in, the destination going out.
        cidr: Prefix,
    } facts {
        /// Whether this entry lets internet sources in, lower-numbered refusals considered.
        from_internet: bool,
        /// Whether entries with lower numbers decide every packet that it speaks of, so that it never does.
        shadowed: bool,
    }

    /// A route table (`ec2:DescribeRouteTables`).
    pub struct RouteTable {
        /// The VPC.
        vpc_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Whether subnets without an own one use it.
        main: bool,
        /// What uses it.
        associations: Vec<RouteTableAssociation>,
        /// The subnets that use it explicitly.
        associated_subnet_ids: Vec<String>,
        /// The internet and virtual private gateways that route arriving packets by it.
        associated_gateway_ids: Vec<String>,
        /// The virtual private gateways whose learned routes enter it.
        propagating_vgws: Vec<String>,
        /// The routes; the longest matching prefix decides.
        routes: Vec<Route>,
    }

    /// The use of a route table.
    pub struct RouteTableAssociation key [main, subnet_id, gateway_id] {
        /// The association.
        route_table_association_id: Option<String>,
        /// Whether it makes the table the VPC's main one.
        main: bool,
        /// The subnet.
        subnet_id: Option<String>,
        /// The internet or virtual private gateway (edge association).
        gateway_id: Option<String>,
        /// Whether it is in effect.
        state: Option<String> = ["associating", "associated", "disassociating", "disassociated", "failed"],
    }

    /// A route of a VPC route table: one destination, one target.
    pub struct Route key [destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id] {
        /// The IPv4 destination.
        destination_cidr_block: Option<Prefix>,
        /// The IPv6 destination.
        destination_ipv6_cidr_block: Option<Prefix>,
        /// The destination as a prefix list, one route per entry.
        destination_prefix_list_id: Option<String>,
        /// `local`, an internet gateway, a virtual private gateway or a VPC endpoint (`vpce-…`).
        gateway_id: Option<String>,
        /// The NAT gateway.
        nat_gateway_id: Option<String>,
        /// The transit gateway.
        transit_gateway_id: Option<String>,
        /// The peering connection.
        vpc_peering_connection_id: Option<String>,
        /// The network interface.
        network_interface_id: Option<String>,
        /// The instance of that interface.
        instance_id: Option<String>,
        /// The owner of that instance.
        instance_owner_id: Option<String>,
        /// The egress-only internet gateway.
        egress_only_internet_gateway_id: Option<String>,
        /// The carrier gateway.
        carrier_gateway_id: Option<String>,
        /// The local gateway of an Outpost.
        local_gateway_id: Option<String>,
        /// The core network of Cloud WAN.
        core_network_arn: Option<String>,
        /// The network of Oracle Database@AWS.
        odb_network_arn: Option<String>,
        /// The next hop announced by a route server.
        ip_address: Option<String>,
        /// `blackhole` when the target is gone: it drops, even where a shorter route would lead on.
        state: String = ["active", "blackhole", "filtered"],
        /// How it came about.
        origin: String = ["CreateRouteTable", "CreateRoute", "EnableVgwRoutePropagation", "Advertisement"],
    }

    /// A prefix list, own, shared or of AWS (`ec2:DescribeManagedPrefixLists`, `ec2:GetManagedPrefixListEntries`).
    pub struct ManagedPrefixList {
        /// The name.
        prefix_list_name: String,
        /// The account that owns it, or `AWS`.
        owner_id: String,
        /// `IPv4` or `IPv6`.
        address_family: String = ["IPv4", "IPv6"],
        /// The state.
        state: Option<String>,
        /// How many entries it counts as wherever it is referred to.
        max_entries: Option<i64>,
        /// The version.
        version: Option<i64>,
        /// The entries; a list that could not be read is unknown, not empty.
        entries: Vec<PrefixListEntry>,
    }

    /// An entry of a prefix list.
    pub struct PrefixListEntry key [cidr] {
        /// The prefix.
        cidr: Prefix,
        /// The description.
        description: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reflect::Reflect as _;

    const GROUP: &str = r#"{
        "group_name": "web", "description": null, "vpc_id": "vpc-1",
        "ingress": [{
            "protocol": "tcp", "ports": {"from": 443, "to": 443}, "cidr": "0.0.0.0/0", "group_id": null,
            "description": "world"
        }],
        "egress": {"$unknown": {"kind": "denied", "detail": "ec2:DescribeSecurityGroups"}}
    }"#;

    #[test]
    fn a_security_group_round_trips() {
        let group: SecurityGroup = serde_json::from_str(GROUP).unwrap();
        assert_eq!(group.description.known(), Some(&None));
        assert!(group.owner_id.is_not_collected());
        assert!(group.egress.known().is_none());
        let text = serde_json::to_string(&group).unwrap();
        assert_eq!(serde_json::from_str::<SecurityGroup>(&text).unwrap(), group);
    }

    #[test]
    fn fields_nobody_knows_are_refused() {
        let error =
            serde_json::from_str::<SecurityGroup>(r#"{"ingres": []}"#).unwrap_err().to_string();
        assert!(error.contains("unknown field `ingres`"), "{error}");
        assert!(serde_json::from_str::<SecurityGroup>(r#"{"ingress": [{"port": 22}]}"#).is_err());
    }

    #[test]
    fn a_rule_is_the_same_whatever_it_is_called() {
        let mut rule =
            SecurityGroupRule { protocol: "tcp".to_owned().into(), ..SecurityGroupRule::default() };
        let key = rule.key();
        rule.description = Some("renamed".to_owned()).into();
        rule.rule_id = Some("sgr-1".to_owned()).into();
        assert_eq!(rule.key(), key);
        rule.protocol = "udp".to_owned().into();
        assert_ne!(rule.key(), key);
    }
}
