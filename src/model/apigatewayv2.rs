//! API Gateway, as far as it is a front door to private networks.

use crate::clock::Time;

model! {
    /// A VPC link of HTTP and WebSocket APIs: they reach private addresses through it (`apigateway:GET`, `GetVpcLinks`).
    pub struct VpcLink {
        /// The status.
        status: String = ["PENDING", "AVAILABLE", "DELETING", "FAILED", "INACTIVE"],
        /// Why it is in that status.
        status_message: Option<String>,
        /// The version.
        version: Option<String> = ["V2"],
        /// The subnets with its interfaces.
        subnet_ids: Vec<String>,
        /// The security groups of its interfaces.
        security_group_ids: Vec<String>,
        /// When it was created.
        created_date: Option<Time>,
    }
}
