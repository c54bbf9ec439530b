//! Load balancers of both generations, their listeners and targets, and the certificates they show.

use serde_json::{Value, json};

use super::network::{Interface, Net, interface, scoped};
use super::world::{
    At, DEVELOPMENT, IRELAND, MANAGEMENT, PLACES, PRODUCTION, STAGING, World, ago, denied, hex16,
    id, over, tags, untagged,
};

/// Adds load balancers and certificates.
pub fn build(world: &mut World, nets: &[Net]) {
    certificates(world);
    policies(world);
    for net in nets {
        if net.at().account == MANAGEMENT && net.plan.key != "core" {
            continue;
        }
        shop(world, net);
    }
    if let Some(prod) = nets.iter().find(|n| n.at().account == PRODUCTION && n.plan.key == "main") {
        orders(world, prod);
        classic(world, prod, true);
    }
    if let Some(sandbox) = nets.iter().find(|n| n.plan.key == "sandbox") {
        classic(world, sandbox, false);
    }
}

fn domain(at: At) -> &'static str {
    match at.account {
        PRODUCTION => "shop.acme.example",
        STAGING => "shop.staging.acme.example",
        DEVELOPMENT => "demo.acme.example",
        _ => "tools.acme.example",
    }
}

fn certificate_arn(at: At, name: &str) -> String {
    let hex = hex16(&scoped(at, name));
    let (a, b) = hex.split_at(8);
    format!("arn:aws:acm:{}:{}:certificate/{a}-1111-4222-8333-{b}0000", at.region, at.account)
}

fn certificate(world: &mut World, at: At, name: &str, more: Value) {
    let arn = certificate_arn(at, name);
    let base = json!({
        "domain_name": name, "subject_alternative_names": [name], "status": "ISSUED", "certificate_type": "AMAZON_ISSUED",
        "subject": format!("CN={name}"), "issuer": "Amazon", "serial": hex16(&arn), "key_algorithm": "EC_prime256v1",
        "signature_algorithm": "SHA256WITHECDSA", "created_at": ago(160), "issued_at": ago(160), "not_before": ago(161),
        "not_after": ago(-230), "renewal_eligibility": "ELIGIBLE", "key_usages": ["DIGITAL_SIGNATURE"],
        "extended_key_usages": ["TLS_WEB_SERVER_AUTHENTICATION"],
        "certificate_transparency_logging_preference": "ENABLED", "export": "DISABLED",
        "domain_validation_options": [{"domain_name": name, "validation_method": "DNS", "validation_status": "SUCCESS"}],
    });
    let data = over(base, more);
    world.put(at, "aws.acm.certificate", &arn, name, &tags(at.env, "web", "public", &[]), data);
}

fn certificates(world: &mut World) {
    for at in PLACES {
        certificate(world, at, domain(at), json!({}));
    }
    let prod = At::new(PRODUCTION, IRELAND, "prod");
    certificate(
        world,
        prod,
        "partners.acme.example",
        json!({"not_after": ago(-12), "renewal_eligibility": "INELIGIBLE", "certificate_type": "IMPORTED", "imported_at": ago(353), "issuer": "Example Trust CA"}),
    );
    let staging = At::new(STAGING, IRELAND, "staging");
    certificate(
        world,
        staging,
        "old-shop.staging.acme.example",
        json!({
            "status": "EXPIRED", "not_after": ago(40), "renewal_status": "FAILED", "renewal_eligibility": "INELIGIBLE",
        }),
    );
    certificate(
        world,
        staging,
        "beta.acme.example",
        json!({
            "renewal_status": "PENDING_VALIDATION", "renewal_updated_at": ago(9), "not_after": ago(-44),
            "domain_validation_options": [{"domain_name": "beta.acme.example", "validation_method": "EMAIL", "validation_status": "PENDING_VALIDATION"}],
        }),
    );
    let dev = At::new(DEVELOPMENT, IRELAND, "dev");
    certificate(
        world,
        dev,
        "importer.dev.acme.example",
        json!({
            "certificate_type": "IMPORTED", "key_algorithm": "RSA_1024", "signature_algorithm": "SHA1WITHRSA",
            "imported_at": ago(600), "not_after": ago(-300), "renewal_eligibility": "INELIGIBLE",
        }),
    );
}

/// Two of the predefined policies in use.
fn policies(world: &mut World) {
    for at in PLACES {
        for (name, protocols, ciphers) in [
            (
                "ELBSecurityPolicy-TLS13-1-2-2021-06",
                vec!["TLSv1.2", "TLSv1.3"],
                vec![
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "ECDHE-ECDSA-AES128-GCM-SHA256",
                    "ECDHE-RSA-AES128-GCM-SHA256",
                    "ECDHE-ECDSA-AES128-SHA256",
                    "ECDHE-RSA-AES128-SHA256",
                    "ECDHE-ECDSA-AES256-GCM-SHA384",
                    "ECDHE-RSA-AES256-GCM-SHA384",
                    "ECDHE-ECDSA-AES256-SHA384",
                    "ECDHE-RSA-AES256-SHA384",
                ],
            ),
            (
                "ELBSecurityPolicy-2016-08",
                vec!["TLSv1", "TLSv1.1", "TLSv1.2"],
                vec![
                    "ECDHE-ECDSA-AES128-GCM-SHA256",
                    "ECDHE-RSA-AES128-GCM-SHA256",
                    "ECDHE-ECDSA-AES128-SHA256",
                    "ECDHE-RSA-AES128-SHA256",
                    "ECDHE-ECDSA-AES128-SHA",
                    "ECDHE-RSA-AES128-SHA",
                    "ECDHE-ECDSA-AES256-GCM-SHA384",
                    "ECDHE-RSA-AES256-GCM-SHA384",
                    "ECDHE-ECDSA-AES256-SHA384",
                    "ECDHE-RSA-AES256-SHA384",
                    "ECDHE-ECDSA-AES256-SHA",
                    "ECDHE-RSA-AES256-SHA",
                    "AES128-GCM-SHA256",
                    "AES128-SHA256",
                    "AES128-SHA",
                    "AES256-GCM-SHA384",
                    "AES256-SHA256",
                    "AES256-SHA",
                ],
            ),
        ] {
            world.put(
                at,
                "aws.elbv2.ssl_policy",
                name,
                name,
                &untagged(),
                json!({"ssl_protocols": protocols, "ciphers": ciphers, "supported_load_balancer_types": ["application", "network"]}),
            );
        }
    }
}

fn arn(at: At, what: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{}:{}:{what}", at.region, at.account)
}

/// The load balancer of the shop: good in production, worse further away from it.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn shop(world: &mut World, net: &Net) {
    let at = net.at();
    let name = format!("{}-shop", net.label());
    let balancer = arn(at, &format!("loadbalancer/app/{name}/{}", hex16(&name)));
    let target = arn(at, &format!("targetgroup/{name}-web/{}", hex16(&format!("{name}-web"))));
    let (tidy, staging) = (at.account != DEVELOPMENT, at.account == STAGING);
    let unread = staging && net.plan.key == "dr";
    let zones = if tidy { net.public.len() } else { 1 };
    let mut groups = vec![net.balancer_group.as_str()];
    // Visitors of the sandbox get in by a port of their own.
    let visitors = id("sg", &scoped(at, &format!("{}/sandbox-demo", net.vpc)));
    let visited = net.plan.key == "sandbox";
    if visited {
        groups.push(&visitors);
    }
    let subnets: Vec<String> = net.public.iter().take(zones).cloned().collect();
    let attributes = if unread {
        let gone = || denied("elasticloadbalancing:DescribeLoadBalancerAttributes");
        json!({
            "deletion_protection_enabled": gone(), "access_logs_enabled": gone(), "access_logs_bucket": gone(),
            "desync_mitigation_mode": gone(), "drop_invalid_header_fields_enabled": gone(), "attributes": gone(),
        })
    } else {
        json!({
            "deletion_protection_enabled": tidy && !staging, "access_logs_enabled": tidy && !staging,
            "access_logs_bucket": if tidy && !staging { json!("acme-log-archive") } else { Value::Null },
            "access_logs_prefix": if tidy && !staging { json!(name) } else { Value::Null },
            "desync_mitigation_mode": if tidy { "defensive" } else { "monitor" },
            "drop_invalid_header_fields_enabled": tidy && !staging, "http2_enabled": true,
            "preserve_host_header_enabled": false, "xff_header_processing_mode": "append",
            "tls_version_and_cipher_suite_headers_enabled": false, "waf_fail_open_enabled": false,
            "connection_logs_enabled": false, "cross_zone_enabled": true, "idle_timeout_seconds": 60,
            "attributes": {"routing.http.desync_mitigation_mode": if tidy { "defensive" } else { "monitor" }},
        })
    };
    let places: Vec<Value> = subnets
        .iter()
        .enumerate()
        .map(|(zone, subnet)| json!({"zone_name": at.zone(zone), "subnet_id": subnet}))
        .collect();
    let base = json!({
        "load_balancer_type": "application", "scheme": "internet-facing",
        "dns_name": format!("{name}-1234567890.{}.elb.amazonaws.com", at.region), "vpc_id": net.vpc, "state": "active",
        "created_time": ago(500), "ip_address_type": "ipv4", "availability_zones": places, "subnet_ids": subnets,
        "security_group_ids": groups,
    });
    let labels = if tidy { net.tags(&[("tier", "public")]) } else { tags("dev", "", "", &[]) };
    world.put(at, "aws.elbv2.load_balancer", &balancer, &name, &labels, over(base, attributes));
    for (zone, subnet) in subnets.iter().enumerate() {
        interface(
            world,
            net,
            &Interface {
                id: &id("eni", &format!("{name}/{zone}")),
                subnet,
                zone,
                address: &format!("10.{}.{zone}.200", net.plan.octet),
                public: Some((&format!("34.24{zone}.{}.200", net.plan.octet), "amazon-elb")),
                groups: &groups,
                about: &format!("ELB app/{name}/{}", hex16(&name)),
                requester: Some("amazon-elb"),
                ..Interface::default()
            },
        );
    }
    let labels = net.tags(&[]);
    world.put(
        at,
        "aws.elbv2.target_group",
        &target,
        &format!("{name}-web"),
        &labels,
        target_data(net, &balancer, tidy),
    );
    let forward = json!({"kind": "forward", "order": 1, "target_group_arns": [target]});
    let redirect = json!({"kind": "redirect", "order": 1, "redirect_protocol": "HTTPS", "redirect_port": "443", "redirect_host": "#{host}", "redirect_path": "/#{path}", "redirect_status_code": "HTTP_301"});
    let policy = if staging && net.plan.key == "main" {
        "ELBSecurityPolicy-2016-08"
    } else {
        "ELBSecurityPolicy-TLS13-1-2-2021-06"
    };
    let certificate = if staging && net.plan.key == "main" {
        certificate_arn(at, "old-shop.staging.acme.example")
    } else {
        certificate_arn(at, domain(at))
    };
    let secure = listener(&balancer, 443, "HTTPS", &forward, Some((policy, &certificate)));
    put_listener(world, net, &name, 443, secure);
    let plain = listener(&balancer, 80, "HTTP", if tidy { &redirect } else { &forward }, None);
    put_listener(world, net, &name, 80, plain);
    if visited {
        let odd = listener(&balancer, 9090, "HTTP", &forward, None);
        put_listener(world, net, &name, 9090, odd);
    }
}

fn target_data(net: &Net, balancer: &str, encrypted: bool) -> Value {
    let targets: Vec<Value> = (0..2)
        .map(|n| {
            let host = super::compute::Host::new(net, "app", n);
            json!({"target_id": host.id(), "port": if encrypted { 8443 } else { 8080 }, "state": "healthy", "health_check_port": "traffic-port"})
        })
        .collect();
    let ids: Vec<&Value> = targets.iter().filter_map(|target| target.get("target_id")).collect();
    json!({
        "target_type": "instance", "protocol": if encrypted { "HTTPS" } else { "HTTP" }, "protocol_version": "HTTP1",
        "port": if encrypted { 8443 } else { 8080 }, "vpc_id": net.vpc, "ip_address_type": "ipv4",
        "load_balancer_arns": [balancer], "health_check_enabled": true, "health_check_protocol": "HTTPS",
        "health_check_port": "traffic-port", "health_check_path": "/healthz", "health_check_interval_seconds": 15,
        "health_check_timeout_seconds": 5, "healthy_threshold_count": 3, "unhealthy_threshold_count": 2, "matcher": "200",
        "targets": targets, "target_ids": ids, "deregistration_delay_timeout_seconds": 30, "stickiness_enabled": false,
    })
}

fn listener(
    balancer: &str,
    port: u16,
    protocol: &str,
    action: &Value,
    tls: Option<(&str, &str)>,
) -> Value {
    let certificates: Vec<Value> =
        tls.iter().map(|(_, arn)| json!({"certificate_arn": arn, "is_default": true})).collect();
    let arns: Vec<&str> = tls.iter().map(|(_, arn)| *arn).collect();
    json!({
        "load_balancer_arn": balancer, "port": port, "protocol": protocol, "ssl_policy": tls.map(|(policy, _)| policy),
        "certificates": certificates, "certificate_arns": arns, "default_actions": [action],
        "target_group_arns": action.get("target_group_arns").cloned().unwrap_or(json!([])),
        "mutual_authentication_mode": if tls.is_some() { json!("off") } else { Value::Null },
    })
}

fn put_listener(world: &mut World, net: &Net, name: &str, port: u16, data: Value) {
    let at = net.at();
    let kind = if name.ends_with("orders") { "net" } else { "app" };
    let tail = format!("{kind}/{name}/{}/{}", hex16(name), hex16(&format!("{name}/{port}")));
    let listener = arn(at, &format!("listener/{tail}"));
    let actions = data.get("default_actions").cloned().unwrap_or_default();
    let targets = data.get("target_group_arns").cloned().unwrap_or_default();
    world.put(at, "aws.elbv2.listener", &listener, "", &net.tags(&[]), data);
    if kind == "app" {
        let rule =
            arn(at, &format!("listener-rule/{tail}/{}", hex16(&format!("{name}/{port}/default"))));
        let data = json!({"listener_arn": listener, "priority": "default", "is_default": true, "actions": actions, "target_group_arns": targets});
        world.put(at, "aws.elbv2.listener_rule", &rule, "", &net.tags(&[]), data);
        if port == 443 {
            let rule = arn(
                at,
                &format!("listener-rule/{tail}/{}", hex16(&format!("{name}/{port}/admin"))),
            );
            let data = json!({
                "listener_arn": listener, "priority": "10", "is_default": false,
                "conditions": [{"field": "path-pattern", "values": ["/admin/*"]}],
                "actions": [{"kind": "fixed-response", "order": 1, "fixed_response_status_code": "403"}],
            });
            world.put(at, "aws.elbv2.listener_rule", &rule, "", &net.tags(&[]), data);
        }
    }
}

/// The interface for partners: a network load balancer that passes TLS through, with a plain port nobody closed.
fn orders(world: &mut World, net: &Net) {
    let at = net.at();
    let name = "prod-main-orders";
    let balancer = arn(at, &format!("loadbalancer/net/{name}/{}", hex16(name)));
    let group = id("sg", &scoped(at, &format!("{}/prod-main-partner-api", net.vpc)));
    let places: Vec<Value> = net.public.iter().enumerate().map(|(zone, subnet)| json!({"zone_name": at.zone(zone), "subnet_id": subnet, "addresses": [{"ip_address": format!("52.18.90.{}", 20 + zone), "allocation_id": id("eipalloc", &format!("orders/{zone}"))}]})).collect();
    world.put(
        at,
        "aws.elbv2.load_balancer",
        &balancer,
        name,
        &net.tags(&[("tier", "public")]),
        json!({
            "load_balancer_type": "network", "scheme": "internet-facing",
            "dns_name": format!("{name}-abcdef.elb.{}.amazonaws.com", at.region), "vpc_id": net.vpc, "state": "active",
            "created_time": ago(420), "ip_address_type": "ipv4", "availability_zones": places, "subnet_ids": net.public,
            "security_group_ids": [group], "enforce_security_group_inbound_rules_on_private_link_traffic": "on",
            "deletion_protection_enabled": true, "access_logs_enabled": false, "cross_zone_enabled": true,
            "attributes": {"deletion_protection.enabled": "true"},
        }),
    );
    for (zone, subnet) in net.public.iter().enumerate() {
        let address = format!("52.18.90.{}", 20 + zone);
        let eni = id("eni", &format!("{name}/{zone}"));
        interface(
            world,
            net,
            &Interface {
                id: &eni,
                subnet,
                zone,
                address: &format!("10.{}.{zone}.210", net.plan.octet),
                public: Some((&address, at.account)),
                groups: &[&group],
                kind: "network_load_balancer",
                about: &format!("ELB net/{name}/{}", hex16(name)),
                requester: Some("amazon-elb"),
                ..Interface::default()
            },
        );
        world.put(
            at,
            "aws.ec2.address",
            &id("eipalloc", &format!("orders/{zone}")),
            &format!("{name}-{zone}"),
            &net.tags(&[]),
            json!({
                "public_ip": address, "domain": "vpc", "association_id": id("eipassoc", &format!("orders/{zone}")),
                "network_interface_id": eni, "network_interface_owner_id": "amazon-elb",
                "private_ip_address": format!("10.{}.{zone}.210", net.plan.octet), "public_ipv4_pool": "amazon",
                "network_border_group": at.region,
            }),
        );
    }
    let target = arn(at, &format!("targetgroup/{name}/{}", hex16(&format!("{name}/tg"))));
    let mut data = target_data(net, &balancer, true);
    if let Some(map) = data.as_object_mut() {
        map.insert("protocol".to_owned(), json!("TCP"));
        map.insert("protocol_version".to_owned(), Value::Null);
        map.insert("preserve_client_ip_enabled".to_owned(), json!(true));
        map.insert("proxy_protocol_v2_enabled".to_owned(), json!(false));
        map.insert("cross_zone_enabled".to_owned(), json!("use_load_balancer_configuration"));
    }
    world.put(at, "aws.elbv2.target_group", &target, name, &net.tags(&[]), data);
    let forward = json!({"kind": "forward", "order": 1, "target_group_arns": [target]});
    put_listener(world, net, name, 443, listener(&balancer, 443, "TCP", &forward, None));
    put_listener(world, net, name, 8080, listener(&balancer, 8080, "TCP", &forward, None));
}

/// What is left of the first generation: one looked after, one not.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn classic(world: &mut World, net: &Net, tidy: bool) {
    let at = net.at();
    let name = if tidy { "prod-erp" } else { "demo-web" };
    let zones = if tidy { 2 } else { 1 };
    let policy =
        if tidy { "ELBSecurityPolicy-TLS-1-2-2017-01" } else { "ELBSecurityPolicy-2016-08" };
    let certificate = if tidy {
        certificate_arn(at, domain(at))
    } else {
        format!("arn:aws:iam::{}:server-certificate/demo-2023", at.account)
    };
    let mut listeners = vec![json!({
        "protocol": "HTTPS", "load_balancer_port": 443, "instance_protocol": if tidy { "HTTPS" } else { "HTTP" },
        "instance_port": if tidy { 8443 } else { 8080 }, "ssl_certificate_id": certificate, "policy_names": [policy],
    })];
    if !tidy {
        for port in [80, 8081] {
            listeners.push(json!({"protocol": "HTTP", "load_balancer_port": port, "instance_protocol": "HTTP", "instance_port": 8080}));
        }
    }
    let ciphers: &[&str] = if tidy {
        &[
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
        ]
    } else {
        &["ECDHE-RSA-AES128-SHA", "AES128-SHA", "AES256-SHA", "ECDHE-RSA-AES128-GCM-SHA256"]
    };
    let mut attributes = serde_json::Map::new();
    for cipher in ciphers {
        attributes.insert((*cipher).to_owned(), json!("true"));
    }
    for protocol in if tidy {
        &["Protocol-TLSv1.2"][..]
    } else {
        &["Protocol-TLSv1", "Protocol-TLSv1.1", "Protocol-TLSv1.2"]
    } {
        attributes.insert((*protocol).to_owned(), json!("true"));
    }
    attributes.insert("Reference-Security-Policy".to_owned(), json!(policy));
    attributes.insert("Server-Defined-Cipher-Order".to_owned(), json!("true"));
    let subnets: Vec<&String> = net.public.iter().take(zones).collect();
    let visitors = id("sg", &scoped(at, &format!("{}/sandbox-demo", net.vpc)));
    let groups = if tidy {
        vec![net.balancer_group.as_str()]
    } else {
        vec![&*net.balancer_group, &*visitors]
    };
    for (zone, subnet) in subnets.iter().enumerate() {
        let public = format!("34.250.{}.{}", net.plan.octet, 220 + zone);
        interface(
            world,
            net,
            &Interface {
                id: &id("eni", &format!("{name}/{zone}")),
                subnet,
                zone,
                address: &format!("10.{}.{zone}.220", net.plan.octet),
                public: (!tidy).then_some((public.as_str(), "amazon-elb")),
                groups: &groups,
                about: &format!("ELB {name}"),
                requester: Some("amazon-elb"),
                ..Interface::default()
            },
        );
    }
    let availability: Vec<String> = (0..zones).map(|zone| at.zone(zone)).collect();
    let host = super::compute::Host::new(net, "app", 0);
    world.put_as(
        at,
        "aws.elb.load_balancer",
        name,
        Some(arn(at, &format!("loadbalancer/{name}"))),
        name,
        &net.tags(&[]),
        json!({
            "dns_name": format!("{name}-998877.{}.elb.amazonaws.com", at.region),
            "scheme": if tidy { "internal" } else { "internet-facing" }, "vpc_id": net.vpc, "created_time": ago(1400),
            "availability_zones": availability, "subnet_ids": subnets, "security_group_ids": groups,
            "instance_ids": [host.id()], "listeners": listeners,
            "policies": [{
                "policy_name": policy, "policy_type_name": "SSLNegotiationPolicyType", "reference_security_policy": policy,
                "attributes": attributes,
            }],
            "health_check": {"target": "TCP:8443", "interval": 30, "timeout": 5, "unhealthy_threshold": 2, "healthy_threshold": 10},
            "cross_zone_load_balancing_enabled": true, "access_log_enabled": tidy,
            "access_log_s3_bucket_name": if tidy { json!("acme-log-archive") } else { Value::Null },
            "access_log_emit_interval": if tidy { json!(60) } else { Value::Null },
            "connection_draining_enabled": tidy, "connection_draining_timeout": if tidy { json!(300) } else { Value::Null },
            "idle_timeout": 60, "desync_mitigation_mode": if tidy { "defensive" } else { "monitor" },
            "additional_attributes": {"elb.http.desyncmitigationmode": if tidy { "defensive" } else { "monitor" }},
        }),
    );
}
