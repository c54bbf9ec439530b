//! VPC Lattice: services that reach across VPCs without routes between them.

model! {
    /// A service (`vpc-lattice:ListServices`, `vpc-lattice:GetService`).
    pub struct Service {
        /// The status.
        status: String = [
            "ACTIVE", "CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "CREATE_FAILED", "DELETE_FAILED"
        ],
        /// Whether callers are judged by policies.
        auth_type: String = ["NONE", "AWS_IAM"],
        /// The DNS name.
        dns_name: Option<String>,
        /// The own domain name.
        custom_domain_name: Option<String>,
        /// The certificate of that name.
        certificate_arn: Option<String>,
        /// Its listeners (`vpc-lattice:ListListeners`).
        listeners: Vec<LatticeListener>,
        /// The target groups that its rules lead to (`vpc-lattice:ListTargetGroups`).
        target_groups: Vec<LatticeTargetGroup>,
        /// The service networks it is offered in (`vpc-lattice:ListServiceNetworkServiceAssociations`).
        service_network_associations: Vec<ServiceNetworkAssociation>,
    }

    /// A listener of a service.
    pub struct LatticeListener key [listener_id] {
        /// The id.
        listener_id: String,
        /// The protocol.
        protocol: String = ["HTTP", "HTTPS", "TLS_PASSTHROUGH"],
        /// The port.
        port: i64,
    }

    /// A target group of a service.
    pub struct LatticeTargetGroup key [target_group_id] {
        /// The id.
        target_group_id: String,
        /// What its targets are.
        target_type: String = ["IP", "LAMBDA", "INSTANCE", "ALB"],
        /// The protocol to targets; absent for Lambda.
        protocol: Option<String> = ["HTTP", "HTTPS", "TCP"],
        /// The port of targets that name none; absent for Lambda.
        port: Option<i64>,
        /// The VPC; absent for Lambda.
        vpc_id: Option<String>,
        /// The targets (`vpc-lattice:ListTargets`).
        targets: Vec<LatticeTarget>,
    }

    /// A target of a service.
    pub struct LatticeTarget key [target_id, port] {
        /// The instance, address, function or load balancer.
        target_id: String,
        /// The port; absent for Lambda.
        port: Option<i64>,
        /// The health.
        status: Option<String> = ["DRAINING", "UNAVAILABLE", "HEALTHY", "UNHEALTHY", "INITIAL", "UNUSED"],
    }

    /// A service network that a service is offered in.
    pub struct ServiceNetworkAssociation key [service_network_id] {
        /// The service network.
        service_network_id: String,
        /// Its ARN; another account's may be shared.
        service_network_arn: Option<String>,
        /// Whether it is in effect.
        status: Option<String> = [
            "CREATE_IN_PROGRESS", "ACTIVE", "DELETE_IN_PROGRESS", "CREATE_FAILED", "DELETE_FAILED"
        ],
        /// The VPCs that call through it (`vpc-lattice:ListServiceNetworkVpcAssociations`). Those of other accounts are
        /// listed where the network belongs to this account.
        vpc_associations: Vec<ServiceNetworkVpcAssociation>,
    }

    /// A VPC whose callers use a service network.
    pub struct ServiceNetworkVpcAssociation key [vpc_id] {
        /// The VPC.
        vpc_id: String,
        /// Whether it is in effect.
        status: Option<String> = [
            "CREATE_IN_PROGRESS", "ACTIVE", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "CREATE_FAILED",
            "DELETE_FAILED", "UPDATE_FAILED"
        ],
        /// The security groups that say which callers may enter; none lets every caller of the VPC in
        /// (`vpc-lattice:GetServiceNetworkVpcAssociation`).
        security_group_ids: Vec<String>,
    }
}
