//! Application, network and gateway load balancers.

use std::collections::BTreeMap;

use super::paths::Exposure;
use crate::clock::Time;
use crate::net::Prefix;

model! {
    /// A load balancer (`elasticloadbalancing:DescribeLoadBalancers`). Attributes its kind does not have are absent.
    pub struct LoadBalancer {
        /// The kind.
        load_balancer_type: String = ["application", "network", "gateway"],
        /// `internet-facing` has public addresses; absent for gateway load balancers.
        scheme: Option<String> = ["internet-facing", "internal"],
        /// The DNS name.
        dns_name: Option<String>,
        /// The VPC.
        vpc_id: String,
        /// The state.
        state: String = ["active", "provisioning", "active_impaired", "failed"],
        /// When it was created.
        created_time: Option<Time>,
        /// The address families.
        ip_address_type: String = ["ipv4", "dualstack", "dualstack-without-public-ipv4"],
        /// The zones with their subnets and addresses.
        availability_zones: Vec<AvailabilityZone>,
        /// The subnets.
        subnet_ids: Vec<String>,
        /// The security groups; a network load balancer without any filters nothing.
        security_group_ids: Vec<String>,
        /// Whether its groups judge PrivateLink traffic too (network).
        enforce_security_group_inbound_rules_on_private_link_traffic: Option<String> = ["on", "off"],
        /// Whether it is protected from being deleted (`elasticloadbalancing:DescribeLoadBalancerAttributes`).
        deletion_protection_enabled: bool,
        /// Whether requests are logged; network load balancers log TLS only.
        access_logs_enabled: Option<bool>,
        /// The bucket of the log.
        access_logs_bucket: Option<String>,
        /// The prefix of the log in the bucket.
        access_logs_prefix: Option<String>,
        /// Whether connections are logged (application).
        connection_logs_enabled: Option<bool>,
        /// The bucket of the connection log.
        connection_logs_bucket: Option<String>,
        /// Whether every node serves the targets of all zones.
        cross_zone_enabled: Option<bool>,
        /// The seconds a connection may be idle (application).
        idle_timeout_seconds: Option<i64>,
        /// How requests that smell of desync attacks are treated (application).
        desync_mitigation_mode: Option<String> = ["monitor", "defensive", "strictest"],
        /// Whether header fields with invalid names are removed (application).
        drop_invalid_header_fields_enabled: Option<bool>,
        /// Whether HTTP/2 is offered (application).
        http2_enabled: Option<bool>,
        /// Whether the Host header reaches targets unchanged (application).
        preserve_host_header_enabled: Option<bool>,
        /// What happens to `X-Forwarded-For` (application).
        xff_header_processing_mode: Option<String> = ["append", "preserve", "remove"],
        /// Whether TLS version and cipher are told to targets in headers (application).
        tls_version_and_cipher_suite_headers_enabled: Option<bool>,
        /// Whether requests pass when AWS WAF cannot be asked (application).
        waf_fail_open_enabled: Option<bool>,
        /// All attributes by key.
        attributes: BTreeMap<String, String>,
    } facts {
        /// What reaches it from outside, every filter and route considered.
        exposure: Exposure,
    }

    /// A zone of a load balancer.
    pub struct AvailabilityZone key [subnet_id] {
        /// The zone.
        zone_name: Option<String>,
        /// The subnet.
        subnet_id: String,
        /// The Outpost.
        outpost_id: Option<String>,
        /// The fixed addresses in the zone (network).
        addresses: Vec<LoadBalancerAddress>,
    }

    /// A fixed address of a network load balancer.
    pub struct LoadBalancerAddress key [ip_address, private_ipv4_address, ipv6_address] {
        /// The public IPv4 address.
        ip_address: Option<String>,
        /// The allocation of the public address.
        allocation_id: Option<String>,
        /// The private IPv4 address.
        private_ipv4_address: Option<String>,
        /// The IPv6 address.
        ipv6_address: Option<String>,
    }

    /// A listener (`elasticloadbalancing:DescribeListeners`).
    pub struct Listener {
        /// The load balancer.
        load_balancer_arn: String,
        /// The port; absent for gateway load balancers.
        port: Option<i64>,
        /// The protocol; absent for gateway load balancers.
        protocol: Option<String> = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"],
        /// The name of the TLS policy; absent without TLS.
        ssl_policy: Option<String>,
        /// The certificates, the default one included (`elasticloadbalancing:DescribeListenerCertificates`).
        certificates: Vec<ListenerCertificate>,
        /// The ARNs of those certificates.
        certificate_arns: Vec<String>,
        /// What happens when no rule matches.
        default_actions: Vec<Action>,
        /// The target groups its default actions forward to.
        target_group_arns: Vec<String>,
        /// The ALPN policy (network, TLS).
        alpn_policy: Vec<String>,
        /// Whether client certificates are asked for.
        mutual_authentication_mode: Option<String> = ["off", "passthrough", "verify"],
        /// The trust store that client certificates are verified with.
        trust_store_arn: Option<String>,
        /// Whether expired client certificates pass.
        ignore_client_certificate_expiry: Option<bool>,
        /// All attributes by key (`elasticloadbalancing:DescribeListenerAttributes`).
        attributes: BTreeMap<String, String>,
    } facts {
        /// The TLS protocol versions it accepts, `SSLv3` and `TLSv1.0` to `TLSv1.3`, sorted; empty without TLS.
        tls_protocols: Vec<String>,
        /// The cipher suites it accepts that encrypt or authenticate too little: none, anonymous, export, RC2, RC4, DES,
        /// 3DES, IDEA, MD5. Missing forward secrecy is told apart.
        tls_weak_ciphers: Vec<String>,
        /// Whether every cipher suite it accepts has forward secrecy.
        forward_secrecy: bool,
    }

    /// A certificate of a listener.
    pub struct ListenerCertificate key [certificate_arn] {
        /// The ARN, in ACM or IAM.
        certificate_arn: String,
        /// Whether clients without SNI get it.
        is_default: bool,
    }

    /// What a listener or rule does with a request. Client secrets are never kept.
    pub struct Action key [kind, target_group_arns, redirect_protocol, redirect_port, redirect_host] {
        /// The kind.
        kind: String = [
            "forward", "redirect", "fixed-response", "authenticate-oidc", "authenticate-cognito", "jwt-validation"
        ],
        /// Its place among the actions.
        order: Option<i64>,
        /// The target groups of a forward.
        target_group_arns: Vec<String>,
        /// The shares of those target groups, by ARN.
        target_group_weights: BTreeMap<String, i64>,
        /// Whether a client stays with a target group.
        stickiness_enabled: Option<bool>,
        /// The protocol of a redirect, or `#{protocol}`.
        redirect_protocol: Option<String>,
        /// The port of a redirect, or `#{port}`.
        redirect_port: Option<String>,
        /// The host of a redirect, or `#{host}`.
        redirect_host: Option<String>,
        /// The path of a redirect.
        redirect_path: Option<String>,
        /// The status of a redirect.
        redirect_status_code: Option<String> = ["HTTP_301", "HTTP_302"],
        /// The status of a fixed response.
        fixed_response_status_code: Option<String>,
        /// The issuer of an OIDC or JWT provider, or the ARN of a Cognito user pool.
        authentication_issuer: Option<String>,
        /// What happens to requests without a session.
        on_unauthenticated_request: Option<String> = ["deny", "allow", "authenticate"],
    }

    /// A rule of a listener (`elasticloadbalancing:DescribeRules`).
    pub struct ListenerRule {
        /// The listener.
        listener_arn: String,
        /// Its number in the order, or `default`.
        priority: String,
        /// Whether it is the listener's default.
        is_default: bool,
        /// What requests it is for: all conditions have to hold.
        conditions: Vec<RuleCondition>,
        /// What it does.
        actions: Vec<Action>,
        /// The target groups its actions forward to.
        target_group_arns: Vec<String>,
    }

    /// A condition of a rule: any of its values suffices.
    pub struct RuleCondition key [field, http_header_name, values] {
        /// What is looked at.
        field: String = [
            "host-header", "path-pattern", "http-header", "query-string", "http-request-method", "source-ip"
        ],
        /// The name of the header, for `http-header`.
        http_header_name: Option<String>,
        /// The patterns, methods, or `key=value` pairs.
        values: Vec<String>,
        /// The regular expressions.
        regex_values: Vec<String>,
        /// The prefixes, for `source-ip`.
        source_ips: Vec<Prefix>,
    }

    /// A target group (`elasticloadbalancing:DescribeTargetGroups`).
    pub struct TargetGroup {
        /// What its targets are.
        target_type: String = ["instance", "ip", "lambda", "alb"],
        /// The protocol to targets; absent for Lambda.
        protocol: Option<String> = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"],
        /// The version of HTTP (application).
        protocol_version: Option<String>,
        /// The port of targets that name none; absent for Lambda.
        port: Option<i64>,
        /// The VPC; absent for Lambda.
        vpc_id: Option<String>,
        /// The address family.
        ip_address_type: Option<String> = ["ipv4", "ipv6"],
        /// The load balancers that use it.
        load_balancer_arns: Vec<String>,
        /// Whether targets are tried.
        health_check_enabled: Option<bool>,
        /// The protocol of a try.
        health_check_protocol: Option<String>,
        /// The port of a try, or `traffic-port`.
        health_check_port: Option<String>,
        /// The path of a try.
        health_check_path: Option<String>,
        /// The seconds between two tries.
        health_check_interval_seconds: Option<i64>,
        /// The seconds an answer may take.
        health_check_timeout_seconds: Option<i64>,
        /// How many successes make a target healthy.
        healthy_threshold_count: Option<i64>,
        /// How many failures make it unhealthy.
        unhealthy_threshold_count: Option<i64>,
        /// The HTTP or gRPC codes that count as success.
        matcher: Option<String>,
        /// The targets with their health (`elasticloadbalancing:DescribeTargetHealth`).
        targets: Vec<Target>,
        /// The ids of the targets: instances, addresses, functions or load balancers.
        target_ids: Vec<String>,
        /// Whether targets see the client's address (network; `elasticloadbalancing:DescribeTargetGroupAttributes`).
        preserve_client_ip_enabled: Option<bool>,
        /// Whether the client's address is told by proxy protocol 2 (network).
        proxy_protocol_v2_enabled: Option<bool>,
        /// Whether targets of all zones are served: `true`, `false` or `use_load_balancer_configuration`.
        cross_zone_enabled: Option<String> = ["true", "false", "use_load_balancer_configuration"],
        /// The seconds a leaving target has for requests under way.
        deregistration_delay_timeout_seconds: Option<i64>,
        /// Whether a client stays with a target.
        stickiness_enabled: Option<bool>,
        /// All attributes by key.
        attributes: BTreeMap<String, String>,
    }

    /// A target with its health.
    pub struct Target key [target_id, port] {
        /// The instance, address, function or load balancer.
        target_id: String,
        /// The port; absent for Lambda.
        port: Option<i64>,
        /// The zone, or `all`.
        availability_zone: Option<String>,
        /// The health.
        state: Option<String> = [
            "initial", "healthy", "unhealthy", "unhealthy.draining", "unused", "draining", "unavailable"
        ],
        /// Why it is not healthy, as a code.
        reason: Option<String>,
        /// The port of a try.
        health_check_port: Option<String>,
    }

    /// A predefined TLS policy (`elasticloadbalancing:DescribeSSLPolicies`).
    pub struct SslPolicy {
        /// The protocol versions it accepts, such as `TLSv1.2`.
        ssl_protocols: Vec<String>,
        /// The cipher suites it accepts, preferred ones first.
        ciphers: Vec<String>,
        /// The kinds of load balancers it is for.
        supported_load_balancer_types: Vec<String>,
    }
}
