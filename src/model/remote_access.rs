//! Ways into a VPC for networks and people outside: VPN connections, Client VPN, Instance Connect.

use crate::clock::Time;
use crate::net::Prefix;

model! {
    /// A site-to-site VPN connection (`ec2:DescribeVpnConnections`). Its configuration, which holds keys, is never kept.
    pub struct VpnConnection {
        /// The virtual private gateway; absent where it ends elsewhere.
        vpn_gateway_id: Option<String>,
        /// The transit gateway; absent where it ends elsewhere.
        transit_gateway_id: Option<String>,
        /// The core network of Cloud WAN; absent where it ends elsewhere.
        core_network_arn: Option<String>,
        /// The gateway on the other side.
        customer_gateway_id: Option<String>,
        /// The state; deleted ones linger in answers.
        state: String = ["pending", "available", "deleting", "deleted"],
        /// Whether routes are written down instead of learned by BGP.
        static_routes_only: Option<bool>,
        /// The prefixes on the other side that were written down.
        routes: Vec<VpnStaticRoute>,
        /// The prefix on the other side that may talk; absent for IPv6.
        local_ipv4_network_cidr: Option<Prefix>,
        /// The prefix on AWS' side that may talk; absent for IPv6.
        remote_ipv4_network_cidr: Option<Prefix>,
        /// The prefix on the other side that may talk; absent for IPv4.
        local_ipv6_network_cidr: Option<Prefix>,
        /// The prefix on AWS' side that may talk; absent for IPv4.
        remote_ipv6_network_cidr: Option<Prefix>,
        /// The tunnels with their standing.
        tunnels: Vec<VpnTunnel>,
    }

    /// A route of a VPN connection that was written down.
    pub struct VpnStaticRoute key [destination_cidr_block] {
        /// The prefix on the other side.
        destination_cidr_block: Prefix,
        /// Whether it is in effect.
        state: Option<String> = ["pending", "available", "deleting", "deleted"],
    }

    /// A tunnel of a VPN connection.
    pub struct VpnTunnel key [outside_ip_address] {
        /// The public address on AWS' side.
        outside_ip_address: Option<String>,
        /// Whether it is up.
        status: Option<String> = ["UP", "DOWN"],
        /// How many routes were learned over it.
        accepted_route_count: Option<i64>,
    }

    /// A Client VPN endpoint: people with a certificate or login enter a VPC (`ec2:DescribeClientVpnEndpoints`).
    pub struct ClientVpnEndpoint {
        /// The status.
        status: String = ["pending-associate", "available", "deleting", "deleted"],
        /// The prefix that clients get addresses of; the VPC sees those of the endpoint's interfaces instead.
        client_cidr_block: Option<Prefix>,
        /// The VPC; absent before a subnet is associated, and where it ends at a transit gateway.
        vpc_id: Option<String>,
        /// The security groups of its interfaces.
        security_group_ids: Vec<String>,
        /// Whether clients send only what its routes name.
        split_tunnel: bool,
        /// The protocol of the tunnel.
        transport_protocol: Option<String> = ["tcp", "udp"],
        /// The port of the tunnel.
        vpn_port: Option<i64>,
        /// How clients are known.
        authentication_types: Vec<String>,
        /// Whether connections are logged.
        connection_log_enabled: Option<bool>,
        /// The portal where clients fetch their configuration.
        self_service_portal_url: Option<String>,
        /// The subnets it is associated with (`ec2:DescribeClientVpnTargetNetworks`).
        target_networks: Vec<ClientVpnTargetNetwork>,
        /// The subnets of those associations that are in effect.
        subnet_ids: Vec<String>,
        /// Who may go where (`ec2:DescribeClientVpnAuthorizationRules`).
        authorization_rules: Vec<ClientVpnAuthorizationRule>,
        /// Where it sends what (`ec2:DescribeClientVpnRoutes`).
        routes: Vec<ClientVpnRoute>,
        /// When it was created.
        creation_time: Option<Time>,
    }

    /// A subnet that a Client VPN endpoint has an interface in.
    pub struct ClientVpnTargetNetwork key [subnet_id] {
        /// The association.
        association_id: Option<String>,
        /// The subnet.
        subnet_id: String,
        /// The VPC.
        vpc_id: Option<String>,
        /// Whether it is in effect.
        status: Option<String> = [
            "associating", "associated", "association-failed", "disassociating", "disassociated"
        ],
        /// The security groups.
        security_group_ids: Vec<String>,
    }

    /// A rule of a Client VPN endpoint on who may go where.
    pub struct ClientVpnAuthorizationRule key [destination_cidr, group_id] {
        /// The prefix that may be reached.
        destination_cidr: Prefix,
        /// The group of the directory or identity provider; absent for everyone.
        group_id: Option<String>,
        /// Whether every client may.
        access_all: bool,
        /// Whether it is in effect.
        status: Option<String> = ["authorizing", "active", "failed", "revoking"],
    }

    /// A route of a Client VPN endpoint.
    pub struct ClientVpnRoute key [destination_cidr, target_subnet_id] {
        /// The prefix.
        destination_cidr: Prefix,
        /// The associated subnet that the traffic enters.
        target_subnet_id: Option<String>,
        /// Whether it came with an association, as `associate`, or was written down, as `add-route`.
        route_origin: Option<String>,
        /// Whether it is in effect.
        status: Option<String> = ["creating", "active", "failed", "deleting"],
    }

    /// An EC2 Instance Connect endpoint: whom IAM allows opens connections to private addresses of the VPC
    /// (`ec2:DescribeInstanceConnectEndpoints`).
    pub struct InstanceConnectEndpoint {
        /// The account that owns it.
        owner_id: Option<String>,
        /// The state in lower case with dashes.
        state: String,
        /// The VPC.
        vpc_id: String,
        /// The subnet.
        subnet_id: String,
        /// Its interfaces.
        network_interface_ids: Vec<String>,
        /// The security groups of its interfaces.
        security_group_ids: Vec<String>,
        /// Whether targets see the client's address instead of the endpoint's.
        preserve_client_ip: bool,
        /// The address families.
        ip_address_type: Option<String> = ["ipv4", "dualstack", "ipv6"],
        /// When it was created.
        created_at: Option<Time>,
    }
}
