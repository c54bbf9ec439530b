//! Classic load balancers.

use std::collections::BTreeMap;

use super::paths::Exposure;
use crate::clock::Time;

model! {
    /// A Classic Load Balancer (`elasticloadbalancing:DescribeLoadBalancers`).
    pub struct LoadBalancer {
        /// The DNS name.
        dns_name: String,
        /// `internet-facing` has public addresses.
        scheme: String = ["internet-facing", "internal"],
        /// The VPC; absent for EC2-Classic.
        vpc_id: Option<String>,
        /// When it was created.
        created_time: Option<Time>,
        /// The availability zones.
        availability_zones: Vec<String>,
        /// The subnets.
        subnet_ids: Vec<String>,
        /// The security groups.
        security_group_ids: Vec<String>,
        /// The registered instances.
        instance_ids: Vec<String>,
        /// The listeners.
        listeners: Vec<Listener>,
        /// The policies that listeners and back ends name (`elasticloadbalancing:DescribeLoadBalancerPolicies`).
        policies: Vec<Policy>,
        /// The policies of back-end ports.
        backend_server_descriptions: Vec<BackendServer>,
        /// How instances are tried.
        health_check: HealthCheck,
        /// Whether every node serves the instances of all zones
        /// (`elasticloadbalancing:DescribeLoadBalancerAttributes`).
        cross_zone_load_balancing_enabled: bool,
        /// Whether requests are logged.
        access_log_enabled: bool,
        /// The bucket of the log.
        access_log_s3_bucket_name: Option<String>,
        /// The prefix of the log in the bucket.
        access_log_s3_bucket_prefix: Option<String>,
        /// The minutes between two log files.
        access_log_emit_interval: Option<i64>,
        /// Whether requests under way finish when an instance leaves.
        connection_draining_enabled: bool,
        /// The seconds they have for it.
        connection_draining_timeout: Option<i64>,
        /// The seconds a connection may be idle.
        idle_timeout: Option<i64>,
        /// How requests that smell of desync attacks are treated.
        desync_mitigation_mode: Option<String> = ["monitor", "defensive", "strictest"],
        /// Other attributes by key.
        additional_attributes: BTreeMap<String, String>,
    } facts {
        /// What reaches it from outside, every filter and route considered.
        exposure: Exposure,
    }

    /// A listener of a Classic Load Balancer.
    pub struct Listener key [protocol, load_balancer_port] {
        /// The protocol clients speak.
        protocol: String = ["HTTP", "HTTPS", "TCP", "SSL"],
        /// The port clients use.
        load_balancer_port: i64,
        /// The protocol instances speak.
        instance_protocol: String = ["HTTP", "HTTPS", "TCP", "SSL"],
        /// The port of the instances.
        instance_port: i64,
        /// The ARN of the certificate, in ACM or IAM.
        ssl_certificate_id: Option<String>,
        /// The names of its policies.
        policy_names: Vec<String>,
    } facts {
        /// The TLS protocol versions it accepts, `SSLv3` and `TLSv1.0` to `TLSv1.3`, sorted; empty without TLS.
        tls_protocols: Vec<String>,
        /// The cipher suites it accepts that encrypt or authenticate too little: none, anonymous, export, RC2, RC4, DES,
        /// 3DES, IDEA, MD5. Missing forward secrecy is told apart.
        tls_weak_ciphers: Vec<String>,
        /// Whether every cipher suite it accepts has forward secrecy.
        forward_secrecy: bool,
    }

    /// A policy of a Classic Load Balancer.
    pub struct Policy key [policy_name] {
        /// The name.
        policy_name: String,
        /// The type, such as `SSLNegotiationPolicyType`, `LBCookieStickinessPolicyType` or `ProxyProtocolPolicyType`.
        policy_type_name: String,
        /// The predefined policy that a TLS policy refers to (`Reference-Security-Policy`).
        reference_security_policy: Option<String>,
        /// The attributes by name; of a TLS policy, `true` for every protocol, cipher and option in use. Public keys
        /// are left out.
        attributes: BTreeMap<String, String>,
    }

    /// The policies of a back-end port.
    pub struct BackendServer key [instance_port] {
        /// The port.
        instance_port: i64,
        /// The names of its policies, such as back-end authentication or proxy protocol.
        policy_names: Vec<String>,
    }

    /// How instances are tried.
    pub struct HealthCheck {
        /// `protocol:port` with a path for HTTP and HTTPS.
        target: String,
        /// The seconds between two tries.
        interval: Option<i64>,
        /// The seconds an answer may take.
        timeout: Option<i64>,
        /// How many failures make an instance unhealthy.
        unhealthy_threshold: Option<i64>,
        /// How many successes make it healthy.
        healthy_threshold: Option<i64>,
    }
}
