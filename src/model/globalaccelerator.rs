//! Accelerators of AWS Global Accelerator, a front door to endpoints that need no public address.

use crate::clock::Time;
use crate::net::Ports;

model! {
    /// An accelerator (`globalaccelerator:ListAccelerators`). Custom routing ones
    /// (`globalaccelerator:ListCustomRoutingAccelerators`) stand here with listeners that are not understood.
    pub struct Accelerator {
        /// The status.
        status: String = ["DEPLOYED", "IN_PROGRESS"],
        /// Whether it carries traffic.
        enabled: bool,
        /// The DNS name.
        dns_name: Option<String>,
        /// The DNS name with addresses of both families.
        dual_stack_dns_name: Option<String>,
        /// The address families.
        ip_address_type: Option<String> = ["IPV4", "DUAL_STACK"],
        /// Its addresses on the internet.
        ip_addresses: Vec<String>,
        /// Its listeners (`globalaccelerator:ListListeners`).
        listeners: Vec<AcceleratorListener>,
        /// The ids of all endpoints: ARNs of load balancers, allocations of addresses, instances.
        endpoint_ids: Vec<String>,
        /// When it was created.
        created_time: Option<Time>,
    }

    /// A listener of an accelerator.
    pub struct AcceleratorListener key [listener_arn] {
        /// The ARN.
        listener_arn: String,
        /// The protocol.
        protocol: String = ["TCP", "UDP"],
        /// The ports.
        port_ranges: Vec<Ports>,
        /// Whether a client stays with an endpoint.
        client_affinity: Option<String> = ["NONE", "SOURCE_IP"],
        /// Its endpoint groups, one per region (`globalaccelerator:ListEndpointGroups`).
        endpoint_groups: Vec<EndpointGroup>,
    }

    /// The endpoints of a listener in a region.
    pub struct EndpointGroup key [endpoint_group_arn] {
        /// The ARN.
        endpoint_group_arn: String,
        /// The region of its endpoints.
        endpoint_group_region: String,
        /// The share of the region's traffic that it gets.
        traffic_dial_percentage: Option<f64>,
        /// The endpoints.
        endpoints: Vec<AcceleratorEndpoint>,
        /// The ports that endpoints are reached at instead of the listener's.
        port_overrides: Vec<PortOverride>,
    }

    /// An endpoint of an accelerator.
    pub struct AcceleratorEndpoint key [endpoint_id] {
        /// The ARN of a load balancer, the allocation of an address, or an instance.
        endpoint_id: String,
        /// Its share; 0 gets nothing.
        weight: Option<i64>,
        /// Whether it sees the client's address.
        client_ip_preservation_enabled: bool,
        /// The health.
        health_state: Option<String> = ["INITIAL", "HEALTHY", "UNHEALTHY"],
    }

    /// Another port than the listener's.
    pub struct PortOverride key [listener_port] {
        /// The port of the listener.
        listener_port: i64,
        /// The port of the endpoint.
        endpoint_port: i64,
    }
}
