//! Networks: a VPC in each place, three tiers deep, with what filters and routes in it.

use serde_json::{Value, json};

use super::world::{At, Tags, World, ago, document, id, statement, tags, untagged};

/// How a VPC is built. What differs between places is a field; what all share is in the code.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about a network of its own")]
pub struct Plan {
    pub at: At,
    /// A part of names: `main`, `dr`, `sandbox`.
    pub key: &'static str,
    /// The second octet of `10.x.0.0/16`.
    pub octet: u8,
    pub zones: usize,
    pub owner: &'static str,
    pub class: &'static str,
    /// Public subnets hand out public addresses.
    pub auto_public: bool,
    /// The database tier can reach the internet through the NAT gateway.
    pub db_reaches_out: bool,
    /// Egress of application and database groups is held to the VPC.
    pub egress_held: bool,
    /// Flow log: `None` when there is none, otherwise how delivery fares.
    pub flow_log: Option<&'static str>,
    /// Services with an endpoint of their own.
    pub endpoints: &'static [&'static str],
    /// The policies of endpoints admit the company only.
    pub endpoints_held: bool,
    pub quarantine: bool,
    pub transit: bool,
}

/// What others build on.
#[derive(Debug, Clone)]
pub struct Net {
    pub plan: Plan,
    pub vpc: String,
    pub public: Vec<String>,
    pub app: Vec<String>,
    pub db: Vec<String>,
    pub balancer_group: String,
    pub app_group: String,
    pub db_group: String,
    pub app_table: String,
}

impl Net {
    pub fn at(&self) -> At {
        self.plan.at
    }

    /// `prod-main`.
    pub fn label(&self) -> String {
        label(&self.plan)
    }

    pub fn tags(&self, more: &[(&str, &str)]) -> Tags {
        tags(self.plan.at.env, self.plan.owner, self.plan.class, more)
    }

    pub fn cidr(&self) -> String {
        format!("10.{}.0.0/16", self.plan.octet)
    }
}

fn label(plan: &Plan) -> String {
    format!("{}-{}", plan.at.env, plan.key)
}

/// Names within a place that ids are made of.
pub fn scoped(at: At, name: &str) -> String {
    format!("{}/{}/{name}", at.account, at.region)
}

/// A rule of a security group.
pub fn rule(protocol: &str, from: u16, to: u16, peer: &str, description: &str) -> Value {
    let mut rule = json!({
        "rule_id": id("sgr", &format!("{protocol}{from}{to}{peer}{description}")),
        "protocol": protocol,
        "ports": {"from": from, "to": to},
        "description": if description.is_empty() { Value::Null } else { json!(description) },
    });
    let field = if peer.starts_with("pl-") {
        "prefix_list_id"
    } else if peer.starts_with("sg-") {
        "group_id"
    } else {
        "cidr"
    };
    if let Some(map) = rule.as_object_mut() {
        map.insert(field.to_owned(), json!(peer));
    }
    rule
}

/// A rule for everything.
pub fn any(peer: &str, description: &str) -> Value {
    rule("-1", 0, 65535, peer, description)
}

/// A security group; returns its id.
pub fn group(
    world: &mut World,
    net: &Net,
    name: &str,
    about: &str,
    more: &[(&str, &str)],
    ingress: &[Value],
    egress: &[Value],
) -> String {
    let at = net.at();
    let key = scoped(at, &format!("{}/{name}", net.vpc));
    let group = id("sg", &key);
    let tags = net.tags(more);
    let data = json!({
        "group_name": name, "description": about, "vpc_id": net.vpc, "owner_id": at.account,
        "ingress": ingress, "egress": egress,
    });
    world.put(at, "aws.ec2.security_group", &group, name, &tags, data);
    group
}

/// Builds a VPC with everything in it but servers and load balancers.
pub fn build(world: &mut World, plan: Plan) -> Net {
    let at = plan.at;
    let name = label(&plan);
    let vpc = id("vpc", &scoped(at, &name));
    let mut net = Net {
        plan,
        vpc: vpc.clone(),
        public: Vec::new(),
        app: Vec::new(),
        db: Vec::new(),
        balancer_group: String::new(),
        app_group: String::new(),
        db_group: String::new(),
        app_table: String::new(),
    };
    let cidr = net.cidr();
    world.put(
        at,
        "aws.ec2.vpc",
        &vpc,
        &name,
        &net.tags(&[("cost-centre", "4100")]),
        json!({
            "owner_id": at.account, "state": "available", "is_default": false, "cidr_block": cidr,
            "cidr_block_associations": [{"cidr_block": cidr, "state": "associated", "association_id": id("vpc-cidr-assoc", &name)}],
            "instance_tenancy": "default", "dhcp_options_id": id("dopt", at.account),
            "enable_dns_support": true, "enable_dns_hostnames": true, "internet_gateway_block_mode": "off",
        }),
    );
    subnets(world, &mut net);
    gateways(world, &mut net);
    filters(world, &mut net);
    flow_log(world, &net);
    endpoints(world, &net);
    net
}

fn subnets(world: &mut World, net: &mut Net) {
    let at = net.at();
    for (tier_at, tier) in ["public", "app", "db"].into_iter().enumerate() {
        for zone in 0..net.plan.zones {
            let subnet = id("subnet", &scoped(at, &format!("{}/{tier}/{zone}", net.vpc)));
            let third = tier_at * 16 + zone;
            world.put(
                at,
                "aws.ec2.subnet",
                &subnet,
                &format!("{}-{tier}-{}", net.label(), at.zone(zone)),
                &net.tags(&[("tier", tier)]),
                json!({
                    "vpc_id": net.vpc, "owner_id": at.account, "state": "available",
                    "availability_zone": at.zone(zone), "availability_zone_id": format!("euw-az{}", zone + 1),
                    "cidr_block": format!("10.{}.{third}.0/24", net.plan.octet),
                    "available_ip_address_count": 236 - 9 * zone, "default_for_az": false,
                    "map_public_ip_on_launch": tier == "public" && net.plan.auto_public,
                    "map_customer_owned_ip_on_launch": false, "assign_ipv6_address_on_creation": false,
                    "ipv6_native": false, "enable_dns64": false, "hostname_type": "ip-name",
                    "internet_gateway_block_mode": "off",
                }),
            );
            match tier {
                "public" => net.public.push(subnet),
                "app" => net.app.push(subnet),
                _ => net.db.push(subnet),
            }
        }
    }
}

fn gateways(world: &mut World, net: &mut Net) {
    let at = net.at();
    let igw = id("igw", &net.vpc);
    let tags = net.tags(&[]);
    world.put(
        at,
        "aws.ec2.internet_gateway",
        &igw,
        &net.label(),
        &tags,
        json!({
            "owner_id": at.account, "attached_vpc_ids": [net.vpc],
            "attachments": [{"vpc_id": net.vpc, "state": "available"}],
        }),
    );
    let nat = id("nat", &net.vpc);
    let eni = id("eni", &nat);
    let public_ip = format!("52.18.{}.10", net.plan.octet);
    let allocation = id("eipalloc", &nat);
    let subnet = net.public.first().cloned().unwrap_or_default();
    world.put(
        at,
        "aws.ec2.address",
        &allocation,
        &format!("{}-nat", net.label()),
        &tags,
        json!({
            "public_ip": public_ip, "domain": "vpc", "association_id": id("eipassoc", &nat),
            "network_interface_id": eni, "network_interface_owner_id": at.account,
            "private_ip_address": format!("10.{}.0.10", net.plan.octet), "public_ipv4_pool": "amazon",
            "network_border_group": at.region,
        }),
    );
    world.put(
        at,
        "aws.ec2.nat_gateway",
        &nat,
        &net.label(),
        &tags,
        json!({
            "vpc_id": net.vpc, "subnet_id": subnet, "state": "available", "connectivity_type": "public",
            "availability_mode": "zonal", "network_interface_ids": [eni], "create_time": ago(700),
            "nat_gateway_addresses": [{
                "public_ip": public_ip, "private_ip": format!("10.{}.0.10", net.plan.octet),
                "allocation_id": allocation, "network_interface_id": eni, "is_primary": true, "status": "succeeded",
            }],
        }),
    );
    interface(
        world,
        net,
        &Interface {
            id: &eni,
            subnet: &subnet,
            address: &format!("10.{}.0.10", net.plan.octet),
            public: Some((&public_ip, at.account)),
            groups: &[],
            kind: "nat_gateway",
            about: &format!("Interface for NAT Gateway {nat}"),
            requester: Some("amazon-nat"),
            ..Interface::default()
        },
    );
    tables(world, net, &igw, &nat);
}

fn tables(world: &mut World, net: &mut Net, igw: &str, nat: &str) {
    let local = route("destination_cidr_block", &net.cidr(), "gateway_id", "local");
    let out =
        |field: &str, target: &str| route("destination_cidr_block", "0.0.0.0/0", field, target);
    let mut app = vec![local.clone(), out("nat_gateway_id", nat)];
    if net.plan.transit {
        let gateway = id("tgw", "shared");
        for prefix in ["10.0.0.0/16", super::connections::OFFICES] {
            app.push(route("destination_cidr_block", prefix, "transit_gateway_id", &gateway));
        }
    }
    let mut db = vec![local.clone()];
    if net.plan.db_reaches_out {
        db.push(out("nat_gateway_id", nat));
    }
    let public = net.public.clone();
    table(world, net, "main", &[], std::slice::from_ref(&local));
    table(world, net, "public", &public, &[local, out("gateway_id", igw)]);
    let subnets = net.app.clone();
    net.app_table = table(world, net, "app", &subnets, &app);
    let subnets = net.db.clone();
    table(world, net, "db", &subnets, &db);
}

/// A route.
pub fn route(destination: &str, prefix: &str, field: &str, target: &str) -> Value {
    let origin = if target == "local" { "CreateRouteTable" } else { "CreateRoute" };
    let mut route = json!({"state": "active", "origin": origin});
    if let Some(map) = route.as_object_mut() {
        map.insert(destination.to_owned(), json!(prefix));
        map.insert(field.to_owned(), json!(target));
    }
    route
}

/// A route table; `main` is the one of subnets without their own. Returns its id.
pub fn table(
    world: &mut World,
    net: &Net,
    key: &str,
    subnets: &[String],
    routes: &[Value],
) -> String {
    let at = net.at();
    let table = id("rtb", &format!("{}/{key}", net.vpc));
    let main = key == "main";
    let mut associations: Vec<Value> = subnets
        .iter()
        .map(|subnet| json!({"main": false, "subnet_id": subnet, "state": "associated", "route_table_association_id": id("rtbassoc", subnet)}))
        .collect();
    if main {
        associations.push(json!({"main": true, "state": "associated", "route_table_association_id": id("rtbassoc", &net.vpc)}));
    }
    world.put(
        at,
        "aws.ec2.route_table",
        &table,
        &format!("{}-{key}", net.label()),
        &net.tags(&[]),
        json!({
            "vpc_id": net.vpc, "owner_id": at.account, "main": main, "associations": associations,
            "associated_subnet_ids": subnets, "routes": routes,
        }),
    );
    table
}

fn filters(world: &mut World, net: &mut Net) {
    let cidr = net.cidr();
    let at = net.at();
    let open = vec![any("0.0.0.0/0", "")];
    let held = |port: u16| vec![rule("tcp", port, port, &cidr, "services within the network")];
    // The group every VPC has: closed where somebody looked after it.
    let default_closed = at.env != "dev";
    let default = id("sg", &scoped(at, &format!("{}/default", net.vpc)));
    let (ingress, egress) =
        if default_closed { (vec![], vec![]) } else { (vec![any(&default, "")], open.clone()) };
    let tags = if default_closed { net.tags(&[]) } else { untagged() };
    world.put(
        at,
        "aws.ec2.security_group",
        &default,
        "default",
        &tags,
        json!({
            "group_name": "default", "description": "default VPC security group", "vpc_id": net.vpc,
            "owner_id": at.account, "ingress": ingress, "egress": egress,
        }),
    );
    net.balancer_group = group(
        world,
        net,
        &format!("{}-alb", net.label()),
        "Public load balancer of the shop",
        &[("tier", "public")],
        &[
            rule("tcp", 443, 443, "0.0.0.0/0", "customers"),
            rule("tcp", 80, 80, "0.0.0.0/0", "customers, redirected to HTTPS"),
        ],
        &held(8443),
    );
    let from_balancer = rule("tcp", 8443, 8443, &net.balancer_group, "from the load balancer");
    let egress = if net.plan.egress_held { held(443) } else { open.clone() };
    net.app_group = group(
        world,
        net,
        &format!("{}-app", net.label()),
        "Application servers of the shop",
        &[("tier", "app")],
        &[from_balancer, rule("tcp", 9100, 9100, "10.0.4.0/24", "metrics from shared services")],
        &egress,
    );
    let from_app = rule("tcp", 5432, 5432, &net.app_group, "PostgreSQL from the application");
    let egress = if net.plan.egress_held { vec![] } else { open };
    net.db_group = group(
        world,
        net,
        &format!("{}-db", net.label()),
        "Databases of the shop",
        &[("tier", "db")],
        &[from_app],
        &egress,
    );
    if net.plan.quarantine {
        let about = "Cuts a host off; attach it alone, see the containment runbook";
        group(world, net, &format!("{}-quarantine", net.label()), about, &[], &[], &[]);
    }
    acls(world, net);
}

fn entry(
    egress: bool,
    number: i64,
    action: &str,
    protocol: &str,
    from: u16,
    to: u16,
    cidr: &str,
) -> Value {
    json!({
        "egress": egress, "rule_number": number, "rule_action": action, "protocol": protocol,
        "ports": {"from": from, "to": to}, "cidr": cidr,
    })
}

fn acls(world: &mut World, net: &Net) {
    let at = net.at();
    let cidr = net.cidr();
    let last = |egress| entry(egress, 32767, "deny", "-1", 0, 65535, "0.0.0.0/0");
    let everything = |egress| entry(egress, 100, "allow", "-1", 0, 65535, "0.0.0.0/0");
    let no_admin = |number, port| entry(false, number, "deny", "tcp", port, port, "0.0.0.0/0");
    let mut put = |key: &str, default: bool, subnets: &[String], entries: Vec<Value>| {
        let acl = id("acl", &format!("{}/{key}", net.vpc));
        world.put(
            at,
            "aws.ec2.network_acl",
            &acl,
            &format!("{}-{key}", net.label()),
            &net.tags(&[]),
            json!({
                "vpc_id": net.vpc, "owner_id": at.account, "is_default": default,
                "associated_subnet_ids": subnets, "entries": entries,
            }),
        );
    };
    let inner: Vec<String> = net.app.clone();
    let guarded = vec![
        no_admin(50, 22),
        no_admin(51, 3389),
        no_admin(52, 5985),
        no_admin(53, 5986),
        everything(false),
        last(false),
        everything(true),
        last(true),
    ];
    let database = vec![
        entry(false, 100, "allow", "tcp", 5432, 5432, &cidr),
        entry(false, 110, "allow", "tcp", 1024, 65535, &cidr),
        last(false),
        entry(true, 100, "allow", "tcp", 1024, 65535, &cidr),
        entry(true, 110, "allow", "tcp", 443, 443, &cidr),
        last(true),
    ];
    let open = vec![everything(false), last(false), everything(true), last(true)];
    // Development never replaced the list that comes with a VPC.
    if at.env == "dev" {
        let all: Vec<String> = net.public.iter().chain(&net.app).chain(&net.db).cloned().collect();
        put("default", true, &all, open);
    } else {
        put("default", true, &[], vec![last(false), last(true)]);
        let outer: Vec<String> = net.public.iter().cloned().chain(inner).collect();
        put("edge", false, &outer, guarded);
        put("data", false, &net.db, database);
    }
    if net.plan.key == "main" && at.env == "staging" {
        // Left over from a migration.
        let late = no_admin(200, 3389);
        put("migration-2024", false, &[], vec![everything(false), late, last(false), last(true)]);
    }
}

fn flow_log(world: &mut World, net: &Net) {
    let Some(status) = net.plan.flow_log else { return };
    let at = net.at();
    let log = id("fl", &net.vpc);
    world.put(
        at,
        "aws.ec2.flow_log",
        &log,
        &net.label(),
        &net.tags(&[]),
        json!({
            "resource_id": net.vpc, "flow_log_status": "ACTIVE", "traffic_type": "ALL", "log_destination_type": "s3",
            "log_destination": "arn:aws:s3:::acme-log-archive/flow-logs/",
            "deliver_logs_status": status,
            "deliver_logs_error_message": if status == "FAILED" { json!("Access error") } else { Value::Null },
            "log_format": "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}",
            "max_aggregation_interval": 60, "file_format": "parquet", "hive_compatible_partitions": true,
            "per_hour_partition": true, "creation_time": ago(640),
        }),
    );
}

fn endpoints(world: &mut World, net: &Net) {
    let at = net.at();
    let cidr = net.cidr();
    let tables = vec![net.app_table.clone(), id("rtb", &format!("{}/db", net.vpc))];
    let interfaces: Vec<&&str> =
        net.plan.endpoints.iter().filter(|s| !matches!(**s, "s3" | "dynamodb")).collect();
    let group = if interfaces.is_empty() {
        String::new()
    } else {
        let ingress = [rule("tcp", 443, 443, &cidr, "callers within the network")];
        group(
            world,
            net,
            &format!("{}-endpoints", net.label()),
            "Endpoints of AWS services",
            &[],
            &ingress,
            &[],
        )
    };
    for (number, service) in net.plan.endpoints.iter().enumerate() {
        let endpoint = id("vpce", &format!("{}/{service}", net.vpc));
        let gateway = matches!(*service, "s3" | "dynamodb");
        let held: &[(&str, &str, &[&str])] =
            &[("StringEquals", "aws:PrincipalOrgID", &["o-a1cme9x0zq"])];
        let conditions = if net.plan.endpoints_held { held } else { &[] };
        let policy = document(&[statement("Allow", &["*"], &["*"], &[("*", "*")], conditions)]);
        let subnets: &[String] = if gateway { &[] } else { &net.app };
        let enis: Vec<String> =
            (0..subnets.len()).map(|z| id("eni", &format!("{endpoint}/{z}"))).collect();
        world.put(
            at,
            "aws.ec2.vpc_endpoint",
            &endpoint,
            &format!("{}-{service}", net.label()),
            &net.tags(&[]),
            json!({
                "vpc_endpoint_type": if gateway { "Gateway" } else { "Interface" }, "vpc_id": net.vpc,
                "service_name": format!("com.amazonaws.{}.{service}", at.region), "state": "available",
                "owner_id": at.account, "policy_document": policy,
                "route_table_ids": if gateway { tables.clone() } else { vec![] }, "subnet_ids": subnets,
                "security_group_ids": if gateway { json!([]) } else { json!([group]) },
                "network_interface_ids": enis, "ip_address_type": "ipv4", "private_dns_enabled": !gateway,
                "requester_managed": false, "creation_timestamp": ago(600),
            }),
        );
        for (zone, (eni, subnet)) in enis.iter().zip(subnets).enumerate() {
            interface(
                world,
                net,
                &Interface {
                    id: eni,
                    subnet,
                    zone,
                    address: &format!("10.{}.{}.{}", net.plan.octet, 16 + zone, 20 + number),
                    groups: &[&group],
                    kind: "vpc_endpoint",
                    about: &format!("VPC Endpoint Interface {endpoint}"),
                    requester: Some("727180483921"),
                    ..Interface::default()
                },
            );
        }
    }
}

/// An interface.
#[derive(Debug, Clone)]
pub struct Interface<'a> {
    pub id: &'a str,
    pub subnet: &'a str,
    pub zone: usize,
    pub address: &'a str,
    /// A public address and who owns it.
    pub public: Option<(&'a str, &'a str)>,
    pub groups: &'a [&'a str],
    pub kind: &'a str,
    pub about: &'a str,
    pub requester: Option<&'a str>,
    pub instance: Option<&'a str>,
    pub source_dest_check: bool,
    /// The account that owns it, where that is another one.
    pub owner: Option<&'a str>,
}

impl Default for Interface<'_> {
    fn default() -> Self {
        Self {
            id: "",
            subnet: "",
            zone: 0,
            address: "",
            public: None,
            groups: &[],
            kind: "interface",
            about: "",
            requester: None,
            instance: None,
            source_dest_check: true,
            owner: None,
        }
    }
}

/// Adds an interface to a network.
pub fn interface(world: &mut World, net: &Net, what: &Interface<'_>) {
    let at = net.at();
    let association = what.public.map(|(ip, owner)| json!({"public_ip": ip, "ip_owner_id": owner}));
    let name = format!("ip-{}", what.address.replace('.', "-"));
    world.put(
        at,
        "aws.ec2.network_interface",
        what.id,
        "",
        &net.tags(&[]),
        json!({
            "vpc_id": net.vpc, "subnet_id": what.subnet, "availability_zone": at.zone(what.zone),
            "owner_id": what.owner.unwrap_or(at.account), "interface_type": what.kind, "status": "in-use",
            "description": what.about, "requester_id": what.requester,
            "requester_managed": what.requester.is_some(), "operator_managed": false,
            "security_group_ids": what.groups, "source_dest_check": what.source_dest_check && what.kind != "nat_gateway",
            "private_ip_address": what.address,
            "private_ip_addresses": [{
                "private_ip_address": what.address, "primary": true,
                "private_dns_name": format!("{name}.{}.compute.internal", at.region), "association": association,
            }],
            "association": association,
            "attachment": {
                "attachment_id": id("eni-attach", what.id), "instance_id": what.instance,
                "instance_owner_id": what.requester.unwrap_or(at.account), "status": "attached", "device_index": 0,
                "network_card_index": 0, "delete_on_termination": true, "attach_time": ago(90),
            },
            "instance_id": what.instance, "private_dns_name": format!("{name}.{}.compute.internal", at.region),
            "deny_all_igw_traffic": false, "ipv6_native": false,
        }),
    );
}

/// The default VPC that nobody removed. `used` puts a server's interface into it.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
pub fn default_vpc(world: &mut World, at: At, used: bool) {
    let vpc = id("vpc", &scoped(at, "default"));
    let subnet = id("subnet", &scoped(at, "default/a"));
    let igw = id("igw", &vpc);
    let cidr = "172.31.0.0/16";
    world.put(
        at,
        "aws.ec2.vpc",
        &vpc,
        "",
        &untagged(),
        json!({
            "owner_id": at.account, "state": "available", "is_default": true, "cidr_block": cidr,
            "cidr_block_associations": [{"cidr_block": cidr, "state": "associated"}], "instance_tenancy": "default",
            "enable_dns_support": true, "enable_dns_hostnames": true, "internet_gateway_block_mode": "off",
        }),
    );
    world.put(
        at,
        "aws.ec2.subnet",
        &subnet,
        "",
        &untagged(),
        json!({
            "vpc_id": vpc, "owner_id": at.account, "state": "available", "availability_zone": at.zone(0),
            "cidr_block": "172.31.0.0/20", "available_ip_address_count": 4090, "default_for_az": true,
            "map_public_ip_on_launch": true, "map_customer_owned_ip_on_launch": false,
            "assign_ipv6_address_on_creation": false, "ipv6_native": false, "enable_dns64": false,
            "hostname_type": "ip-name", "internet_gateway_block_mode": "off",
        }),
    );
    world.put(
        at,
        "aws.ec2.internet_gateway",
        &igw,
        "",
        &untagged(),
        json!({"owner_id": at.account, "attached_vpc_ids": [vpc], "attachments": [{"vpc_id": vpc, "state": "available"}]}),
    );
    world.put(
        at,
        "aws.ec2.route_table",
        &id("rtb", &vpc),
        "",
        &untagged(),
        json!({
            "vpc_id": vpc, "owner_id": at.account, "main": true, "associations": [{"main": true, "state": "associated"}],
            "routes": [
                route("destination_cidr_block", cidr, "gateway_id", "local"),
                route("destination_cidr_block", "0.0.0.0/0", "gateway_id", &igw),
            ],
        }),
    );
    let everything = |egress| entry(egress, 100, "allow", "-1", 0, 65535, "0.0.0.0/0");
    let last = |egress| entry(egress, 32767, "deny", "-1", 0, 65535, "0.0.0.0/0");
    world.put(
        at,
        "aws.ec2.network_acl",
        &id("acl", &vpc),
        "",
        &untagged(),
        json!({
            "vpc_id": vpc, "owner_id": at.account, "is_default": true, "associated_subnet_ids": [subnet],
            "entries": [everything(false), last(false), everything(true), last(true)],
        }),
    );
    let default = id("sg", &vpc);
    world.put(
        at,
        "aws.ec2.security_group",
        &default,
        "default",
        &untagged(),
        json!({
            "group_name": "default", "description": "default VPC security group", "vpc_id": vpc, "owner_id": at.account,
            "ingress": [any(&default, "")], "egress": [any("0.0.0.0/0", "")],
        }),
    );
    if used {
        world.put(
            at,
            "aws.ec2.network_interface",
            &id("eni", &vpc),
            "",
            &untagged(),
            json!({
                "vpc_id": vpc, "subnet_id": subnet, "availability_zone": at.zone(0), "owner_id": at.account,
                "interface_type": "lambda", "status": "in-use",
                "description": "AWS Lambda VPC ENI-reports-prototype", "requester_id": "AROAEXAMPLE:lambda",
                "requester_managed": true, "operator_managed": false, "security_group_ids": [default],
                "source_dest_check": true, "private_ip_address": "172.31.4.20",
                "private_ip_addresses": [{"private_ip_address": "172.31.4.20", "primary": true}],
                "deny_all_igw_traffic": false, "ipv6_native": false,
            }),
        );
    }
}
