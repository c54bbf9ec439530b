//! The borders of a VPC: gateways, endpoints, peerings, flow logs, and Block Public Access.

use super::paths::{Exposure, Isolation};
use super::policy::PolicyDocument;
use crate::clock::Time;
use crate::net::Prefix;

model! {
    /// An internet gateway (`ec2:DescribeInternetGateways`).
    pub struct InternetGateway {
        /// The account that owns it.
        owner_id: Option<String>,
        /// The VPCs it is attached to; at most one.
        attached_vpc_ids: Vec<String>,
        /// The attachments with their states.
        attachments: Vec<GatewayAttachment>,
    }

    /// The attachment of a gateway to a VPC.
    pub struct GatewayAttachment key [vpc_id] {
        /// The VPC.
        vpc_id: String,
        /// Whether it is in effect; internet gateways say `available` for it.
        state: String = ["attaching", "attached", "available", "detaching", "detached"],
    }

    /// An egress-only internet gateway: IPv6, outbound only (`ec2:DescribeEgressOnlyInternetGateways`).
    pub struct EgressOnlyInternetGateway {
        /// The VPCs it is attached to; at most one.
        attached_vpc_ids: Vec<String>,
        /// The attachments with their states.
        attachments: Vec<GatewayAttachment>,
    }

    /// A virtual private gateway (`ec2:DescribeVpnGateways`).
    pub struct VpnGateway {
        /// The state.
        state: String = ["pending", "available", "deleting", "deleted"],
        /// The BGP number of the AWS side.
        amazon_side_asn: Option<i64>,
        /// The VPCs it is attached to; at most one.
        attached_vpc_ids: Vec<String>,
        /// The attachments with their states.
        attachments: Vec<GatewayAttachment>,
    }

    /// A NAT gateway (`ec2:DescribeNatGateways`).
    pub struct NatGateway {
        /// The VPC.
        vpc_id: String,
        /// The subnet; absent for regional ones.
        subnet_id: Option<String>,
        /// The state; deleted ones linger in answers.
        state: String = ["pending", "failed", "available", "deleting", "deleted"],
        /// `public` leads to the internet, `private` to other networks.
        connectivity_type: String = ["public", "private"],
        /// `zonal` or `regional`.
        availability_mode: Option<String> = ["zonal", "regional"],
        /// The route table of a regional one.
        route_table_id: Option<String>,
        /// The addresses.
        nat_gateway_addresses: Vec<NatGatewayAddress>,
        /// Its interfaces.
        network_interface_ids: Vec<String>,
        /// When it was created.
        create_time: Option<Time>,
        /// When it was deleted.
        delete_time: Option<Time>,
        /// Why it failed.
        failure_code: Option<String>,
        /// Appliances that inspect its traffic, by ARN.
        attached_appliance_arns: Vec<String>,
    }

    /// An address of a NAT gateway.
    pub struct NatGatewayAddress key [private_ip, public_ip] {
        /// The public address.
        public_ip: Option<String>,
        /// The private address.
        private_ip: Option<String>,
        /// The allocation of the public address.
        allocation_id: Option<String>,
        /// The interface.
        network_interface_id: Option<String>,
        /// Whether it is the primary address.
        is_primary: Option<bool>,
        /// The state.
        status: Option<String>,
        /// The availability zone, for regional gateways.
        availability_zone: Option<String>,
    }

    /// A VPC peering connection (`ec2:DescribeVpcPeeringConnections`). Both sides may list the same one.
    pub struct VpcPeeringConnection {
        /// The state; only `active` carries traffic.
        status: String = [
            "initiating-request", "pending-acceptance", "active", "deleted", "rejected", "failed", "expired",
            "provisioning", "deleting"
        ],
        /// The state in EC2's words.
        status_message: Option<String>,
        /// When an unanswered request expires.
        expiration_time: Option<Time>,
        /// The VPC that asked.
        requester_vpc_id: String,
        /// The VPC that was asked.
        accepter_vpc_id: String,
        /// More about the VPC that asked.
        requester_vpc_info: PeeringVpcInfo,
        /// More about the VPC that was asked.
        accepter_vpc_info: PeeringVpcInfo,
    } facts {
        /// Whether the two VPCs belong to different declared environments.
        crosses_environments: bool,
        /// The environments it joins, sorted.
        environments: Vec<String>,
        /// Which environments meet over it without a declared flow.
        isolation: Isolation,
    }

    /// One side of a peering connection.
    pub struct PeeringVpcInfo key [owner_id, vpc_id] {
        /// The VPC.
        vpc_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Its region.
        region: Option<String>,
        /// Its IPv4 prefixes; known while the connection is active.
        cidr_blocks: Vec<Prefix>,
        /// Its IPv6 prefixes.
        ipv6_cidr_blocks: Vec<Prefix>,
        /// Whether public names resolve to private addresses for the other side.
        allow_dns_resolution_from_remote_vpc: Option<bool>,
    }

    /// A flow log (`ec2:DescribeFlowLogs`).
    pub struct FlowLog {
        /// The VPC, subnet, interface, transit gateway or attachment that is logged.
        resource_id: String,
        /// Whether it is on.
        flow_log_status: String,
        /// Which traffic is logged; absent for transit gateways, which log all.
        traffic_type: Option<String> = ["ACCEPT", "REJECT", "ALL"],
        /// Where records go.
        log_destination_type: String = ["cloud-watch-logs", "s3", "kinesis-data-firehose"],
        /// The ARN of the destination.
        log_destination: Option<String>,
        /// The CloudWatch log group.
        log_group_name: Option<String>,
        /// Whether delivery works; absent before the first try.
        deliver_logs_status: Option<String> = ["SUCCESS", "FAILED"],
        /// Why delivery fails: `Rate limited`, `Access error` or `Unknown error`.
        deliver_logs_error_message: Option<String>,
        /// The role that delivers.
        deliver_logs_permission_arn: Option<String>,
        /// The role that delivers to another account.
        deliver_cross_account_role: Option<String>,
        /// The fields of a record.
        log_format: Option<String>,
        /// The seconds a record may cover.
        max_aggregation_interval: Option<i64>,
        /// The format of files in S3.
        file_format: Option<String> = ["plain-text", "parquet"],
        /// Whether prefixes in S3 suit Hive.
        hive_compatible_partitions: Option<bool>,
        /// Whether files in S3 are parted by hour.
        per_hour_partition: Option<bool>,
        /// When it was created.
        creation_time: Option<Time>,
    }

    /// A VPC endpoint (`ec2:DescribeVpcEndpoints`).
    pub struct VpcEndpoint {
        /// The kind.
        vpc_endpoint_type: String = [
            "Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel"
        ],
        /// The VPC.
        vpc_id: String,
        /// The service it leads to, such as `com.amazonaws.eu-west-1.s3`.
        service_name: Option<String>,
        /// The region of the service, where it is another one.
        service_region: Option<String>,
        /// The service network of VPC Lattice.
        service_network_arn: Option<String>,
        /// The resource configuration of VPC Lattice.
        resource_configuration_arn: Option<String>,
        /// The state in lower camel case, such as `available` or `pendingAcceptance`.
        state: String,
        /// The account that owns it.
        owner_id: Option<String>,
        /// The policy on what may be asked through it; absent where its kind has none.
        policy_document: Option<PolicyDocument>,
        /// The route tables of a gateway endpoint.
        route_table_ids: Vec<String>,
        /// The subnets.
        subnet_ids: Vec<String>,
        /// The security groups of its interfaces.
        security_group_ids: Vec<String>,
        /// Its interfaces.
        network_interface_ids: Vec<String>,
        /// The address families.
        ip_address_type: Option<String> = ["ipv4", "dualstack", "ipv6"],
        /// Whether the service's public name resolves to it.
        private_dns_enabled: Option<bool>,
        /// The kind of DNS records made for it.
        dns_record_ip_type: Option<String>,
        /// Whether private DNS serves the resolver's inbound endpoint only.
        private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
        /// Its DNS names.
        dns_names: Vec<String>,
        /// Whether a service manages it.
        requester_managed: bool,
        /// When it was created.
        creation_timestamp: Option<Time>,
        /// The last error code.
        last_error_code: Option<String>,
    } facts {
        /// What reaches it from outside, every filter and route considered.
        exposure: Exposure,
    }

    /// An endpoint service this account offers (`ec2:DescribeVpcEndpointServiceConfigurations`).
    pub struct VpcEndpointService {
        /// The name consumers ask for.
        service_name: String,
        /// The kinds of endpoints that can lead to it.
        service_types: Vec<String>,
        /// The state.
        service_state: String = ["Pending", "Available", "Deleting", "Deleted", "Failed"],
        /// Whether each connection must be accepted.
        acceptance_required: bool,
        /// Whether the service manages the endpoints.
        manages_vpc_endpoints: Option<bool>,
        /// The principals that may connect; `*` is everyone (`ec2:DescribeVpcEndpointServicePermissions`).
        allowed_principals: Vec<String>,
        /// The connections (`ec2:DescribeVpcEndpointConnections`).
        connections: Vec<VpcEndpointConnection>,
        /// The network load balancers behind it.
        network_load_balancer_arns: Vec<String>,
        /// The gateway load balancers behind it.
        gateway_load_balancer_arns: Vec<String>,
        /// The address families.
        supported_ip_address_types: Vec<String>,
        /// The regions consumers may connect from.
        supported_regions: Vec<String>,
        /// Whether consumers in other regions can connect.
        remote_access_enabled: Option<bool>,
        /// The availability zones.
        availability_zones: Vec<String>,
        /// The private DNS name.
        private_dns_name: Option<String>,
        /// Whether the ownership of that name is proven.
        private_dns_name_verification_state: Option<String> = ["pendingVerification", "verified", "failed"],
        /// Who pays, where it is the service's owner.
        payer_responsibility: Option<String>,
    }

    /// A consumer's connection to an endpoint service.
    pub struct VpcEndpointConnection key [vpc_endpoint_id] {
        /// The endpoint.
        vpc_endpoint_id: String,
        /// The account that owns the endpoint.
        vpc_endpoint_owner: String,
        /// The region of the endpoint.
        vpc_endpoint_region: Option<String>,
        /// The state in lower camel case, such as `available` or `pendingAcceptance`.
        vpc_endpoint_state: String,
        /// When it was created.
        creation_timestamp: Option<Time>,
    }

    /// VPC Block Public Access of an account in a region (`ec2:DescribeVpcBlockPublicAccessOptions`).
    pub struct VpcBlockPublicAccessOptions {
        /// What internet gateways are kept from.
        internet_gateway_block_mode: String = ["off", "block-bidirectional", "block-ingress"],
        /// Whether the mode is in effect yet.
        state: String = ["default-state", "update-in-progress", "update-complete"],
        /// Why it is in that state.
        reason: Option<String>,
        /// Who set it.
        managed_by: Option<String> = ["account", "declarative-policy"],
        /// Whether exclusions are allowed.
        exclusions_allowed: Option<String> = ["allowed", "not-allowed"],
        /// When it was last changed.
        last_update_timestamp: Option<Time>,
    }

    /// A VPC or subnet exempt from Block Public Access (`ec2:DescribeVpcBlockPublicAccessExclusions`).
    pub struct VpcBlockPublicAccessExclusion {
        /// The ARN of the VPC or subnet.
        resource_arn: String,
        /// What it is exempt for.
        internet_gateway_exclusion_mode: String = ["allow-bidirectional", "allow-egress"],
        /// Whether it is in effect.
        state: String = [
            "create-in-progress", "create-complete", "create-failed", "update-in-progress", "update-complete",
            "update-failed", "delete-in-progress", "delete-complete", "disable-in-progress", "disable-complete"
        ],
        /// Why it is in that state.
        reason: Option<String>,
        /// When it was created.
        creation_timestamp: Option<Time>,
        /// When it was last changed.
        last_update_timestamp: Option<Time>,
        /// When it was deleted.
        deletion_timestamp: Option<Time>,
    }
}
