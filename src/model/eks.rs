//! Kubernetes clusters of EKS.

use super::paths::Exposure;
use crate::clock::Time;
use crate::net::Prefix;

model! {
    /// A cluster (`eks:ListClusters`, `eks:DescribeCluster`).
    pub struct Cluster {
        /// The version of Kubernetes.
        version: Option<String>,
        /// The version of EKS' platform.
        platform_version: Option<String>,
        /// The status.
        status: String = ["CREATING", "ACTIVE", "DELETING", "FAILED", "UPDATING", "PENDING"],
        /// The address of its API; absent before there is one.
        endpoint: Option<String>,
        /// Whether its API is reached from the internet.
        endpoint_public_access: bool,
        /// Whether its API is reached from its VPC.
        endpoint_private_access: bool,
        /// From where on the internet its API is reached; does not speak of the VPC.
        public_access_cidrs: Vec<Prefix>,
        /// The VPC.
        vpc_id: Option<String>,
        /// The subnets with the interfaces of its control plane.
        subnet_ids: Vec<String>,
        /// The security groups of those interfaces, besides its own.
        security_group_ids: Vec<String>,
        /// The security group that EKS made for control plane and nodes.
        cluster_security_group_id: Option<String>,
        /// The role of its control plane.
        role_arn: Option<String>,
        /// The address family of pods and services.
        ip_family: Option<String> = ["ipv4", "ipv6"],
        /// The IPv4 prefix of services.
        service_ipv4_cidr: Option<Prefix>,
        /// The IPv6 prefix of services.
        service_ipv6_cidr: Option<Prefix>,
        /// The logs of the control plane that are written.
        enabled_log_types: Vec<String>,
        /// The own key that its secrets are encrypted with; absent where AWS' own is used.
        encryption_key_arn: Option<String>,
        /// How callers are known: by its config map, by access entries of EKS, or both.
        authentication_mode: Option<String> = ["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"],
        /// When it was created.
        created_at: Option<Time>,
    } facts {
        /// What reaches it from outside, every filter and route considered: its API.
        exposure: Exposure,
    }
}
