//! What services put into networks, and the doors to them: databases, functions, clusters, VPN, firewalls, front doors.

use serde_json::{Value, json};

use super::compute::Host;
use super::network::{Interface, Net, group, interface, rule, scoped};
use super::world::{
    At, DEVELOPMENT, IRELAND, MANAGEMENT, PRODUCTION, STAGING, World, ago, document, hex16, id,
    over, statement, tags,
};

/// Adds databases, functions, clusters, and what leads to them from outside.
pub fn build(world: &mut World, nets: &[Net]) {
    let find = |account: &str, key: &str| {
        nets.iter().find(|net| net.at().account == account && net.plan.key == key)
    };
    let (Some(core), Some(prod), Some(staging), Some(sandbox)) = (
        find(MANAGEMENT, "core"),
        find(PRODUCTION, "main"),
        find(STAGING, "main"),
        find(DEVELOPMENT, "sandbox"),
    ) else {
        return world.errors.push("a network is missing".to_owned());
    };
    databases(world, prod, staging, sandbox);
    functions(world, prod);
    clusters(world, prod, staging, sandbox);
    people(world, core, staging);
    head_office(world, sandbox.at());
    firewall(world, core);
    front_doors(world, prod, staging, sandbox);
}

/// A database instance with its interface.
struct Database<'a> {
    net: &'a Net,
    name: &'a str,
    /// Where its interface may stand; it stands in the first.
    subnets: &'a [String],
    address: &'a str,
    public: Option<&'a str>,
    group: &'a str,
    more: Value,
}

fn databases(world: &mut World, prod: &Net, staging: &Net, sandbox: &Net) {
    // Marked public, and no route leads to it: the flag says less than the network.
    database(
        world,
        &Database {
            net: prod,
            name: "orders",
            subnets: &prod.db,
            address: "10.10.32.60",
            public: Some("34.250.10.60"),
            group: &prod.db_group,
            more: json!({"multi_az": true, "secondary_availability_zone": prod.at().zone(1)}),
        },
    );
    database(
        world,
        &Database {
            net: staging,
            name: "orders",
            subnets: &staging.db,
            address: "10.20.32.60",
            public: None,
            group: &staging.db_group,
            more: json!({}),
        },
    );
    // Made with a wizard, in the public subnets, behind a group that is open to everyone: it is what it says.
    let group = id("sg", &scoped(sandbox.at(), &format!("{}/sandbox-quick-db", sandbox.vpc)));
    database(
        world,
        &Database {
            net: sandbox,
            name: "reports",
            subnets: &sandbox.public,
            address: "10.30.0.60",
            public: Some("34.250.30.60"),
            group: &group,
            more: json!({
                "storage_encrypted": false, "kms_key_id": Value::Null, "deletion_protection": false,
                "iam_database_authentication_enabled": false, "auto_minor_version_upgrade": false,
                "backup_retention_period": 0, "engine_version": "12.17",
            }),
        },
    );
}

fn database(world: &mut World, what: &Database<'_>) {
    let at = what.net.at();
    let key = scoped(at, what.name);
    interface(
        world,
        what.net,
        &Interface {
            id: &id("eni", &format!("rds/{key}")),
            subnet: what.subnets.first().map_or("", String::as_str),
            address: what.address,
            public: what.public.map(|ip| (ip, "amazon-rds")),
            groups: &[what.group],
            about: "RDSNetworkInterface",
            requester: Some("amazon-rds"),
            ..Interface::default()
        },
    );
    let base = json!({
        "db_instance_identifier": what.name, "dbi_resource_id": format!("db-{}", hex16(&key).to_uppercase()),
        "engine": "postgres", "engine_version": "16.9", "db_instance_class": "db.r7g.large", "status": "available",
        "publicly_accessible": what.public.is_some(), "endpoint_port": 5432, "db_instance_port": 0,
        "endpoint_address": format!("{}.c{}.{}.rds.amazonaws.com", what.name, &hex16(&key), at.region),
        "vpc_security_group_ids": [what.group], "db_subnet_group_name": format!("{}-data", what.net.label()),
        "vpc_id": what.net.vpc, "subnet_ids": what.subnets, "availability_zone": at.zone(0), "multi_az": false,
        "network_type": "IPV4", "storage_encrypted": true,
        "kms_key_id": format!("arn:aws:kms:{}:{}:alias/aws/rds", at.region, at.account),
        "iam_database_authentication_enabled": true, "deletion_protection": true, "auto_minor_version_upgrade": true,
        "backup_retention_period": 14, "ca_certificate_identifier": "rds-ca-rsa2048-g1", "instance_create_time": ago(500),
    });
    let arn = format!("arn:aws:rds:{}:{}:db:{}", at.region, at.account, what.name);
    let data = over(base, what.more.clone());
    let owned = what.net.tags(&[("tier", "db")]);
    world.put_as(at, "aws.rds.db_instance", what.name, Some(arn), what.name, &owned, data);
}

fn function(world: &mut World, at: At, name: &str, owner: &str, more: Value) {
    let arn = format!("arn:aws:lambda:{}:{}:function:{name}", at.region, at.account);
    let base = json!({
        "function_name": name, "runtime": "python3.13", "package_type": "Zip", "handler": "main.handle",
        "role": format!("arn:aws:iam::{}:role/service/{name}", at.account), "architectures": ["arm64"],
        "last_modified": ago(30),
    });
    let labels = tags(at.env, owner, "internal", &[]);
    world.put_as(at, "aws.lambda.function", name, Some(arn), name, &labels, over(base, more));
}

/// One in a network, one with a door for signed requests, one with a door for everyone, one with neither.
fn functions(world: &mut World, prod: &Net) {
    let at = prod.at();
    let subnet = prod.app.first().cloned().unwrap_or_default();
    interface(
        world,
        prod,
        &Interface {
            id: &id("eni", "lambda/order-mail"),
            subnet: &subnet,
            address: "10.10.16.70",
            groups: &[&prod.app_group],
            kind: "lambda",
            about: "AWS Lambda VPC ENI-order-mail",
            requester: Some("amazon-aws"),
            ..Interface::default()
        },
    );
    let inside = json!({
        "vpc_id": prod.vpc, "subnet_ids": [subnet], "security_group_ids": [prod.app_group],
        "ipv6_allowed_for_dual_stack": false, "environment_variable_names": ["MAIL_HOST", "STAGE"],
    });
    function(world, at, "order-mail", "shop", inside);
    let url = |at: At, name: &str, auth: &str| {
        json!({"function_urls": [{
            "function_url": format!("https://{}.lambda-url.{}.on.aws/", hex16(name), at.region), "auth_type": auth,
            "function_arn": format!("arn:aws:lambda:{}:{}:function:{name}", at.region, at.account),
            "invoke_mode": "BUFFERED",
        }]})
    };
    let at = At::new(STAGING, IRELAND, "staging");
    function(world, at, "vendor-callback", "shop", url(at, "vendor-callback", "AWS_IAM"));
    let at = At::new(DEVELOPMENT, IRELAND, "dev");
    let everyone = statement(
        "Allow",
        &["lambda:InvokeFunctionUrl"],
        &[&format!("arn:aws:lambda:{}:{}:function:demo-webhook", at.region, at.account)],
        &[("*", "*")],
        &[("StringEquals", "lambda:FunctionUrlAuthType", &["NONE"])],
    );
    let open = over(
        url(at, "demo-webhook", "NONE"),
        json!({
            "runtime": "python3.8", "environment_variable_names": ["API_TOKEN"],
            "policy_document": document(&[everyone]),
        }),
    );
    function(world, at, "demo-webhook", "", open);
    let at = At::new(MANAGEMENT, IRELAND, "shared");
    function(world, at, "inventory-export", "platform", json!({}));
}

/// Production keeps its API inside, staging shows it to the offices, development to everyone.
fn clusters(world: &mut World, prod: &Net, staging: &Net, sandbox: &Net) {
    let offices = json!(["198.51.100.0/26", "203.0.113.64/27"]);
    cluster(world, prod, "shop", "1.33", &json!({"endpoint_public_access": false}));
    let some = json!({"endpoint_public_access": true, "public_access_cidrs": offices});
    cluster(world, staging, "shop", "1.33", &some);
    let all = json!({
        "endpoint_public_access": true, "endpoint_private_access": false, "public_access_cidrs": ["0.0.0.0/0"],
        "enabled_log_types": [], "encryption_key_arn": Value::Null, "authentication_mode": "CONFIG_MAP",
    });
    cluster(world, sandbox, "playground", "1.27", &all);
}

fn cluster(world: &mut World, net: &Net, name: &str, version: &str, more: &Value) {
    let at = net.at();
    let cidr = net.cidr();
    let members = rule("tcp", 443, 443, &cidr, "nodes and pods");
    let own = group(
        world,
        net,
        &format!("eks-cluster-sg-{name}"),
        "Control plane and nodes of the cluster",
        &[],
        &[members],
        &[rule("tcp", 443, 443, &cidr, "nodes")],
    );
    for (zone, subnet) in net.app.iter().take(2).enumerate() {
        interface(
            world,
            net,
            &Interface {
                id: &id("eni", &format!("eks/{}/{zone}", net.vpc)),
                subnet,
                zone,
                address: &format!("10.{}.{}.80", net.plan.octet, 16 + zone),
                groups: &[&own],
                about: &format!("Amazon EKS {name}"),
                requester: Some("amazon-eks"),
                ..Interface::default()
            },
        );
    }
    let base = json!({
        "version": version, "platform_version": "eks.9", "status": "ACTIVE",
        "endpoint": format!("https://{}.gr7.{}.eks.amazonaws.com", hex16(&scoped(at, name)).to_uppercase(), at.region),
        "endpoint_private_access": true, "vpc_id": net.vpc,
        "subnet_ids": net.app.iter().take(2).collect::<Vec<_>>(), "cluster_security_group_id": own,
        "role_arn": format!("arn:aws:iam::{}:role/service/eks-{name}", at.account), "ip_family": "ipv4",
        "service_ipv4_cidr": "172.20.0.0/16", "enabled_log_types": ["api", "audit", "authenticator"],
        "encryption_key_arn": format!("arn:aws:kms:{}:{}:alias/eks", at.region, at.account), "authentication_mode": "API", "created_at": ago(300),
    });
    let arn = format!("arn:aws:eks:{}:{}:cluster/{name}", at.region, at.account);
    let data = over(base, more.clone());
    world.put_as(at, "aws.eks.cluster", name, Some(arn), name, &net.tags(&[]), data);
}

/// How operators get in: a VPN for people in shared services, Instance Connect in staging.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn people(world: &mut World, core: &Net, staging: &Net) {
    let at = core.at();
    let subnet = core.app.first().cloned().unwrap_or_default();
    let out = [rule("tcp", 443, 443, &core.cidr(), "consoles within the network")];
    let own = group(world, core, "core-client-vpn", "Operators on the VPN", &[], &[], &out);
    interface(
        world,
        core,
        &Interface {
            id: &id("eni", "client-vpn"),
            subnet: &subnet,
            address: "10.0.16.90",
            groups: &[&own],
            about: "ClientVPN Endpoint resource",
            requester: Some("amazon-aws"),
            ..Interface::default()
        },
    );
    world.put(
        at,
        "aws.ec2.client_vpn_endpoint",
        &id("cvpn-endpoint", "operators"),
        "operators",
        &core.tags(&[]),
        json!({
            "status": "available", "client_cidr_block": "10.250.0.0/22", "vpc_id": core.vpc, "security_group_ids": [own],
            "split_tunnel": true, "transport_protocol": "udp", "vpn_port": 443,
            "authentication_types": ["federated-authentication"], "connection_log_enabled": true,
            "subnet_ids": [subnet], "creation_time": ago(410),
            "target_networks": [{
                "association_id": id("cvpn-assoc", "operators"), "subnet_id": subnet, "vpc_id": core.vpc,
                "status": "associated", "security_group_ids": [own],
            }],
            "authorization_rules": [{
                "destination_cidr": core.cidr(), "group_id": "operators", "access_all": false, "status": "active",
            }],
            "routes": [{
                "destination_cidr": core.cidr(), "target_subnet_id": subnet, "route_origin": "associate",
                "status": "active",
            }],
        }),
    );
    let at = staging.at();
    let subnet = staging.app.first().cloned().unwrap_or_default();
    let out = [rule("tcp", 22, 22, &staging.cidr(), "servers")];
    let own =
        group(world, staging, "staging-connect", "Endpoint of Instance Connect", &[], &[], &out);
    let eni = id("eni", "instance-connect");
    interface(
        world,
        staging,
        &Interface {
            id: &eni,
            subnet: &subnet,
            address: "10.20.16.90",
            groups: &[&own],
            kind: "ec2_instance_connect_endpoint",
            about: "EC2 Instance Connect Endpoint",
            requester: Some("amazon-aws"),
            ..Interface::default()
        },
    );
    world.put(
        at,
        "aws.ec2.instance_connect_endpoint",
        &id("eice", "staging"),
        "staging",
        &staging.tags(&[]),
        json!({
            "owner_id": at.account, "state": "create-complete", "vpc_id": staging.vpc, "subnet_id": subnet,
            "network_interface_ids": [eni], "security_group_ids": [own], "preserve_client_ip": false,
            "ip_address_type": "ipv4", "created_at": ago(200),
        }),
    );
}

/// A connection to an office that was given up: its gateway is attached to nothing, and nobody removed it.
fn head_office(world: &mut World, at: At) {
    world.put(
        at,
        "aws.ec2.vpn_connection",
        &id("vpn", "head-office"),
        "head-office",
        &tags("dev", "", "", &[]),
        json!({
            "vpn_gateway_id": id("vgw", "head-office"), "customer_gateway_id": id("cgw", "head-office"),
            "state": "available", "static_routes_only": true,
            "routes": [{"destination_cidr_block": "192.168.40.0/24", "state": "available"}],
            "local_ipv4_network_cidr": "0.0.0.0/0", "remote_ipv4_network_cidr": "0.0.0.0/0",
            "tunnels": [
                {"outside_ip_address": "52.208.77.10", "status": "DOWN", "accepted_route_count": 0},
                {"outside_ip_address": "52.208.77.11", "status": "DOWN", "accepted_route_count": 0},
            ],
        }),
    );
}

/// A firewall that is set up, and on no path yet.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn firewall(world: &mut World, core: &Net) {
    let at = core.at();
    let arn = |what: &str| format!("arn:aws:network-firewall:{}:{}:{what}", at.region, at.account);
    let owned = core.tags(&[]);
    let subnet = core.public.first().cloned().unwrap_or_default();
    let endpoint = id("vpce", "core-inspection");
    let eni = id("eni", &endpoint);
    interface(
        world,
        core,
        &Interface {
            id: &eni,
            subnet: &subnet,
            address: "10.0.0.95",
            kind: "gateway_load_balancer_endpoint",
            about: &format!("VPC Endpoint Interface {endpoint}"),
            requester: Some("amazon-aws"),
            ..Interface::default()
        },
    );
    world.put(
        at,
        "aws.ec2.vpc_endpoint",
        &endpoint,
        "core-inspection",
        &owned,
        json!({
            "vpc_endpoint_type": "GatewayLoadBalancer", "vpc_id": core.vpc, "state": "available",
            "service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-0f1e2d3c4b5a69788", "owner_id": at.account,
            "subnet_ids": [subnet], "network_interface_ids": [eni], "requester_managed": true,
            "creation_timestamp": ago(25),
        }),
    );
    let (stateless, stateful, domains) = (
        arn("stateless-rulegroup/core-first"),
        arn("stateful-rulegroup/core-flows"),
        arn("stateful-rulegroup/core-domains"),
    );
    world.put(
        at,
        "aws.network_firewall.firewall",
        &arn("firewall/core-inspection"),
        "core-inspection",
        &owned,
        json!({
            "firewall_name": "core-inspection", "firewall_policy_arn": arn("firewall-policy/core"), "vpc_id": core.vpc,
            "status": "READY", "configuration_sync_state": "IN_SYNC", "endpoint_ids": [endpoint], "subnet_ids": [subnet],
            "endpoints": [{
                "availability_zone": at.zone(0), "subnet_id": subnet, "endpoint_id": endpoint, "status": "READY",
            }],
            "delete_protection": true, "subnet_change_protection": true, "firewall_policy_change_protection": false,
        }),
    );
    world.put(
        at,
        "aws.network_firewall.policy",
        &arn("firewall-policy/core"),
        "core",
        &owned,
        json!({
            "firewall_policy_name": "core", "stateless_default_actions": ["aws:forward_to_sfe"],
            "stateless_fragment_default_actions": ["aws:drop"], "stateful_default_actions": ["aws:drop_strict"],
            "stateful_rule_order": "STRICT_ORDER",
            "stateless_rule_groups": [{"rule_group_arn": stateless, "priority": 10}],
            "stateful_rule_groups": [
                {"rule_group_arn": stateful, "priority": 10}, {"rule_group_arn": domains, "priority": 20},
            ],
            "rule_group_arns": [domains, stateful, stateless],
        }),
    );
    let mut put = |arn: &str, name: &str, more: Value| {
        let data = over(json!({"rule_group_name": name, "opaque": false}), more);
        world.put(at, "aws.network_firewall.rule_group", arn, name, &owned, data);
    };
    put(
        &stateless,
        "core-first",
        json!({"kind": "STATELESS", "stateless_rules": [{
            "priority": 1, "actions": ["aws:drop"], "sources": ["0.0.0.0/0"], "protocols": [6],
            "destination_ports": [{"from": 23, "to": 23}, {"from": 445, "to": 445}],
        }]}),
    );
    put(
        &stateful,
        "core-flows",
        json!({"kind": "STATEFUL", "rule_order": "STRICT_ORDER", "ip_sets": {"HOME_NET": ["10.0.0.0/16"]},
        "stateful_rules": [{
            "action": "PASS", "protocol": "TCP", "source": "$HOME_NET", "source_port": "ANY", "direction": "FORWARD",
            "destination": "10.20.0.0/16", "destination_port": "443", "options": ["sid:1"],
        }]}),
    );
    put(
        &domains,
        "core-domains",
        json!({
            "kind": "STATEFUL", "opaque": true, "opaque_reasons": ["a list of domains"], "rule_order": "STRICT_ORDER",
            "domains": [".acme.example", ".amazonaws.com"], "domain_action": "ALLOWLIST",
        }),
    );
}

/// Doors that need no public address behind them.
fn front_doors(world: &mut World, prod: &Net, staging: &Net, sandbox: &Net) {
    let at = prod.at();
    let name = format!("{}-shop", prod.label());
    let balancer = format!(
        "arn:aws:elasticloadbalancing:{}:{}:loadbalancer/app/{name}/{}",
        at.region,
        at.account,
        hex16(&name)
    );
    let arn = format!("arn:aws:globalaccelerator::{}:accelerator/3c1e7a52-shop", at.account);
    let listener = format!("{arn}/listener/5f1d");
    world.put(
        at.global(),
        "aws.globalaccelerator.accelerator",
        &arn,
        "shop",
        &prod.tags(&[]),
        json!({
            "status": "DEPLOYED", "enabled": true, "dns_name": "a3c1e7a52.awsglobalaccelerator.com",
            "ip_address_type": "IPV4", "ip_addresses": ["75.2.60.5", "99.83.190.51"], "endpoint_ids": [balancer],
            "created_time": ago(180),
            "listeners": [{
                "listener_arn": listener, "protocol": "TCP", "port_ranges": [{"from": 443, "to": 443}],
                "client_affinity": "NONE",
                "endpoint_groups": [{
                    "endpoint_group_arn": format!("{listener}/endpoint-group/9a"), "endpoint_group_region": at.region,
                    "traffic_dial_percentage": 100.0,
                    "endpoints": [{
                        "endpoint_id": balancer, "weight": 128, "client_ip_preservation_enabled": true,
                        "health_state": "HEALTHY",
                    }],
                }],
            }],
        }),
    );
    // Leads to a server whose group admits the load balancer alone.
    let server = Host::new(prod, "app", 0).id();
    let origin = format!("vo_{}", hex16("erp"));
    world.put_as(
        at.global(),
        "aws.cloudfront.vpc_origin",
        &origin,
        Some(format!("arn:aws:cloudfront::{}:vpcorigin/{origin}", at.account)),
        "catalogue",
        &prod.tags(&[]),
        json!({
            "status": "Deployed", "http_port": 80, "https_port": 8443, "origin_protocol_policy": "https-only",
            "endpoint_arn": format!("arn:aws:ec2:{}:{}:instance/{server}", at.region, at.account),
            "origin_ssl_protocols": ["TLSv1.2"], "created_time": ago(60),
        }),
    );
    lattice(world, prod, "payments", "AWS_IAM", &server, &[&prod.balancer_group]);
    let demo = Host::new(sandbox, "app", 0).id();
    lattice(world, sandbox, "demo", "NONE", &demo, &[]);
    let link = hex16("vpc-link").chars().take(6).collect::<String>();
    world.put_as(
        staging.at(),
        "aws.apigatewayv2.vpc_link",
        &link,
        None,
        "staging-api",
        &staging.tags(&[]),
        json!({
            "status": "AVAILABLE", "version": "V2", "subnet_ids": staging.app, "created_date": ago(120),
            "security_group_ids": [staging.app_group],
        }),
    );
}

/// A service of VPC Lattice, called from and answered in one network.
fn lattice(world: &mut World, net: &Net, name: &str, auth: &str, server: &str, groups: &[&String]) {
    let at = net.at();
    let key = |prefix: &str| id(prefix, &scoped(at, name));
    let service = key("svc");
    let arn = |what: String| format!("arn:aws:vpc-lattice:{}:{}:{what}", at.region, at.account);
    let network = key("sn");
    world.put_as(
        at,
        "aws.vpc_lattice.service",
        &service,
        Some(arn(format!("service/{service}"))),
        name,
        &net.tags(&[]),
        json!({
            "status": "ACTIVE", "auth_type": auth, "dns_name": format!("{name}-{}.7d67968.vpc-lattice-svcs.{}.on.aws", hex16(&service), at.region),
            "listeners": [{"listener_id": key("listener"), "protocol": "HTTPS", "port": 443}],
            "target_groups": [{
                "target_group_id": key("tg"), "target_type": "INSTANCE", "protocol": "HTTPS", "port": 8443,
                "vpc_id": net.vpc, "targets": [{"target_id": server, "port": 8443, "status": "HEALTHY"}],
            }],
            "service_network_associations": [{
                "service_network_id": network, "service_network_arn": arn(format!("servicenetwork/{network}")),
                "status": "ACTIVE",
                "vpc_associations": [{"vpc_id": net.vpc, "status": "ACTIVE", "security_group_ids": groups}],
            }],
        }),
    );
}
