//! Transit gateways: routers between VPCs, VPNs and other gateways.

use super::paths::Isolation;
use crate::clock::Time;
use crate::net::Prefix;

model! {
    /// A transit gateway (`ec2:DescribeTransitGateways`).
    pub struct TransitGateway {
        /// The account that owns it; accounts it is shared with see it too.
        owner_id: String,
        /// The state.
        state: String = ["pending", "available", "modifying", "deleting", "deleted"],
        /// The description.
        description: Option<String>,
        /// When it was created.
        creation_time: Option<Time>,
        /// The BGP number of the AWS side.
        amazon_side_asn: Option<i64>,
        /// Its own prefixes, for Connect peers.
        transit_gateway_cidr_blocks: Vec<Prefix>,
        /// Whether attachments of other accounts are accepted without asking.
        auto_accept_shared_attachments: String = ["enable", "disable"],
        /// Whether new attachments use the default association table.
        default_route_table_association: String = ["enable", "disable"],
        /// The table that new attachments use.
        association_default_route_table_id: Option<String>,
        /// Whether new attachments propagate into the default propagation table.
        default_route_table_propagation: String = ["enable", "disable"],
        /// The table that new attachments propagate into.
        propagation_default_route_table_id: Option<String>,
        /// Whether VPN tunnels share load.
        vpn_ecmp_support: Option<String> = ["enable", "disable"],
        /// Whether public names resolve to private addresses across it.
        dns_support: Option<String> = ["enable", "disable"],
        /// Whether security groups may refer to groups of other attached VPCs.
        security_group_referencing_support: Option<String> = ["enable", "disable"],
        /// Whether it carries multicast.
        multicast_support: Option<String> = ["enable", "disable"],
        /// Whether traffic between attached VPCs must be encrypted, and how far that has come.
        encryption_support_state: Option<String>,
    }

    /// An attachment to a transit gateway (`ec2:DescribeTransitGatewayAttachments` and the calls by kind).
    pub struct TransitGatewayAttachment {
        /// The transit gateway.
        transit_gateway_id: String,
        /// The account that owns the gateway.
        transit_gateway_owner_id: Option<String>,
        /// The kind of what is attached, such as `vpc`, `vpn`, `peering`, `direct-connect-gateway` or `connect`.
        resource_type: String,
        /// The VPC, VPN connection, peer gateway, … that is attached.
        resource_id: Option<String>,
        /// The account that owns it.
        resource_owner_id: Option<String>,
        /// The state; only `available` carries traffic.
        state: String = [
            "initiating", "initiatingRequest", "pendingAcceptance", "rollingBack", "pending", "available", "modifying",
            "deleting", "deleted", "failed", "rejected", "rejecting", "failing"
        ],
        /// The route table by which packets from it are routed; absent when there is no way in.
        association_route_table_id: Option<String>,
        /// The state of that association.
        association_state: Option<String> = ["associating", "associated", "disassociating", "disassociated"],
        /// When it was created.
        creation_time: Option<Time>,
        /// What only VPC attachments have (`ec2:DescribeTransitGatewayVpcAttachments`).
        vpc: Option<TransitGatewayVpcAttachment>,
        /// What only peerings have (`ec2:DescribeTransitGatewayPeeringAttachments`).
        peering: Option<TransitGatewayPeering>,
        /// The attachment that carries a Connect attachment (`ec2:DescribeTransitGatewayConnects`).
        transport_transit_gateway_attachment_id: Option<String>,
    } facts {
        /// Whether it can exchange packets with attachments of another declared environment.
        crosses_environments: bool,
        /// The environments it can exchange packets with, its own included, sorted.
        environments: Vec<String>,
        /// Which environments meet over it without a declared flow.
        isolation: Isolation,
    }

    /// What only VPC attachments have.
    pub struct TransitGatewayVpcAttachment {
        /// The VPC.
        vpc_id: String,
        /// The subnets that hold its interfaces, one per zone; packets arriving are routed by their tables.
        subnet_ids: Vec<String>,
        /// Whether public names resolve to private addresses.
        dns_support: Option<String> = ["enable", "disable"],
        /// Whether security groups may refer to groups of other attached VPCs.
        security_group_referencing_support: Option<String> = ["enable", "disable"],
        /// Whether it carries IPv6.
        ipv6_support: Option<String> = ["enable", "disable"],
        /// Whether a flow stays in one zone, for appliances.
        appliance_mode_support: Option<String> = ["enable", "disable"],
    }

    /// What only peerings have.
    pub struct TransitGatewayPeering {
        /// The gateway that asked.
        requester: TransitGatewayPeer,
        /// The gateway that was asked.
        accepter: TransitGatewayPeer,
        /// The attachment on the accepter's side.
        accepter_transit_gateway_attachment_id: Option<String>,
        /// Whether routes are exchanged by themselves.
        dynamic_routing: Option<String> = ["enable", "disable"],
        /// The code of the peering's status.
        status_code: Option<String>,
    }

    /// One side of a peering.
    pub struct TransitGatewayPeer key [transit_gateway_id, core_network_id] {
        /// The transit gateway.
        transit_gateway_id: Option<String>,
        /// The core network of Cloud WAN.
        core_network_id: Option<String>,
        /// The account that owns it.
        owner_id: Option<String>,
        /// Its region.
        region: Option<String>,
    }

    /// A route table of a transit gateway (`ec2:DescribeTransitGatewayRouteTables` and what it holds).
    pub struct TransitGatewayRouteTable {
        /// The transit gateway.
        transit_gateway_id: String,
        /// The state.
        state: String = ["pending", "available", "deleting", "deleted"],
        /// Whether new attachments use it.
        default_association_route_table: bool,
        /// Whether new attachments propagate into it.
        default_propagation_route_table: bool,
        /// When it was created.
        creation_time: Option<Time>,
        /// Static and propagated routes in effect (`ec2:SearchTransitGatewayRoutes`); unknown when they were cut off.
        routes: Vec<TransitGatewayRoute>,
        /// The prefix lists routed by it (`ec2:GetTransitGatewayPrefixListReferences`).
        prefix_list_references: Vec<TransitGatewayPrefixListReference>,
        /// The attachments whose packets are routed by it (`ec2:GetTransitGatewayRouteTableAssociations`).
        associations: Vec<TransitGatewayTableLink>,
        /// The attachments whose routes enter it (`ec2:GetTransitGatewayRouteTablePropagations`).
        propagations: Vec<TransitGatewayTableLink>,
        /// The ids of the associated attachments.
        associated_attachment_ids: Vec<String>,
        /// The ids of the propagating attachments.
        propagating_attachment_ids: Vec<String>,
    } facts {
        /// Whether it joins attachments of more than one declared environment.
        crosses_environments: bool,
        /// The environments of the attachments it routes for and routes to, sorted.
        environments: Vec<String>,
    }

    /// A route of a transit gateway.
    pub struct TransitGatewayRoute key [destination_cidr_block, prefix_list_id, route_type] {
        /// The destination, IPv4 or IPv6.
        destination_cidr_block: Option<Prefix>,
        /// The prefix list the destination came from.
        prefix_list_id: Option<String>,
        /// How it came about; static wins over propagated.
        route_type: String = ["static", "propagated", "system"],
        /// `blackhole` drops, even where a shorter route would lead on.
        state: String = ["pending", "active", "blackhole", "deleting", "deleted"],
        /// The attachments it leads to; several share load.
        attachments: Vec<TransitGatewayRouteAttachment>,
        /// The announcement it was learned from.
        transit_gateway_route_table_announcement_id: Option<String>,
    }

    /// A target of a route.
    pub struct TransitGatewayRouteAttachment key [transit_gateway_attachment_id] {
        /// The attachment.
        transit_gateway_attachment_id: Option<String>,
        /// What is attached.
        resource_id: Option<String>,
        /// The kind of what is attached.
        resource_type: Option<String>,
    }

    /// A prefix list routed by a table.
    pub struct TransitGatewayPrefixListReference key [prefix_list_id] {
        /// The prefix list.
        prefix_list_id: String,
        /// The account that owns the list.
        prefix_list_owner_id: Option<String>,
        /// The state.
        state: Option<String> = ["pending", "available", "modifying", "deleting"],
        /// Whether its packets are dropped.
        blackhole: bool,
        /// The attachment it leads to.
        transit_gateway_attachment_id: Option<String>,
    }

    /// An attachment associated with, or propagating into, a table.
    pub struct TransitGatewayTableLink key [transit_gateway_attachment_id] {
        /// The attachment.
        transit_gateway_attachment_id: String,
        /// What is attached.
        resource_id: Option<String>,
        /// The kind of what is attached.
        resource_type: Option<String>,
        /// The state: `associated` and `enabled` are in effect.
        state: String,
    }
}
