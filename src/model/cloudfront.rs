//! CloudFront, as far as it is a front door to private networks.

use crate::clock::Time;

model! {
    /// A VPC origin: distributions reach a private load balancer or instance through it
    /// (`cloudfront:ListVpcOrigins`, `cloudfront:GetVpcOrigin`).
    pub struct VpcOrigin {
        /// The status, such as `Deployed`.
        status: String,
        /// The ARN of the load balancer or instance.
        endpoint_arn: String,
        /// The port for HTTP.
        http_port: i64,
        /// The port for HTTPS.
        https_port: i64,
        /// Which of both is spoken.
        origin_protocol_policy: String = ["http-only", "https-only", "match-viewer"],
        /// The TLS versions spoken with it.
        origin_ssl_protocols: Vec<String>,
        /// When it was created.
        created_time: Option<Time>,
    }
}
