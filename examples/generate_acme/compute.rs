//! Servers: images, instances with their disks and interfaces, templates, keys, and what Systems Manager knows of them.

use serde_json::{Value, json};

use super::network::{Interface, Net, interface, scoped};
use super::world::{
    At, DEVELOPMENT, FRANKFURT, IRELAND, MANAGEMENT, PLACES, PRODUCTION, STAGING, World, ago,
    denied, hex16, hours_ago, id, over, pick, tags, untagged,
};

/// Adds images, settings, keys and servers.
pub fn build(world: &mut World, nets: &[Net]) {
    for at in PLACES {
        images(world, at);
        settings(world, at);
    }
    for net in nets {
        servers(world, net);
        templates(world, net);
    }
    specials(world, nets);
    keys(world);
    snapshots(world, nets);
}

/// The golden image of a place.
pub fn golden(at: At) -> String {
    id("ami", &format!("golden/{}/{}", at.account, at.region))
}

fn image(
    world: &mut World,
    at: At,
    key: &str,
    name: &str,
    owner: &str,
    age: i64,
    more: Value,
) -> String {
    let image = if key == "golden" {
        golden(at)
    } else {
        id("ami", &format!("{key}/{}/{}", at.account, at.region))
    };
    let foreign = owner != at.account;
    let base = json!({
        "owner_id": owner, "image_location": format!("{owner}/{name}"), "description": name, "state": "available",
        "public": false, "creation_date": ago(age), "deprecation_time": Value::Null, "platform_details": "Linux/UNIX",
        "architecture": "arm64", "image_type": "machine", "virtualization_type": "hvm", "root_device_type": "ebs",
        "root_device_name": "/dev/xvda", "ena_support": true, "boot_mode": "uefi", "imds_support": "v2.0",
        "block_device_mappings": [{
            "device_name": "/dev/xvda", "snapshot_id": id("snap", &format!("{key}/{age}")), "encrypted": true,
            "volume_size": 20, "volume_type": "gp3", "delete_on_termination": true,
        }],
        "deregistration_protection": "disabled", "image_allowed": true,
    });
    let mut data = over(base, more);
    if foreign && let Some(map) = data.as_object_mut() {
        // Only the owner can ask whom an image is shared with.
        for field in
            ["shared_account_ids", "shared_organization_arns", "shared_organizational_unit_arns"]
        {
            map.insert(field.to_owned(), json!({"$unknown": {"kind": "not_collected", "detail": "image of another account"}}));
        }
    }
    world.put(at, "aws.ec2.image", &image, name, &untagged(), data);
    image
}

fn images(world: &mut World, at: At) {
    image(world, at, "golden", "acme-al2023-2026.05.12", MANAGEMENT, 20, json!({}));
    if at.account == STAGING || at.account == PRODUCTION {
        image(
            world,
            at,
            "ubuntu",
            "acme-ubuntu-22.04-2026.01.10",
            MANAGEMENT,
            142,
            json!({"platform_details": "Ubuntu Pro"}),
        );
    }
    if at.account == DEVELOPMENT && at.region == IRELAND {
        let community =
            json!({"public": true, "image_location": "137112412989/community-lamp-stack"});
        image(world, at, "lamp", "community-lamp-stack-2022", "861100220033", 1290, community);
        let old = json!({"virtualization_type": "paravirtual", "architecture": "x86_64", "ena_support": false, "imds_support": Value::Null});
        image(world, at, "pv", "legacy-pv-2014", DEVELOPMENT, 4100, old);
        let open = json!({"public": true, "description": "Prototype with sample data"});
        image(world, at, "prototype", "reports-prototype-v2", DEVELOPMENT, 210, open);
    }
}

fn settings(world: &mut World, at: At) {
    // Development was set up by hand, and its second region was forgotten.
    let tidy = at.account != DEVELOPMENT;
    let strict = tidy || at.region == IRELAND;
    world.put(
        at,
        "aws.ec2.account_settings",
        at.account,
        "",
        &untagged(),
        json!({
            "ebs_encryption_by_default": strict, "ebs_sse_type": if strict { json!("sse-kms") } else { Value::Null },
            "ebs_default_kms_key_id": "alias/aws/ebs",
            "snapshot_block_public_access_state": if tidy { "block-all-sharing" } else { "unblocked" },
            "snapshot_block_public_access_managed_by": "account",
            "image_block_public_access_state": if strict && tidy { "block-new-sharing" } else { "unblocked" },
            "image_block_public_access_managed_by": "account", "serial_console_access_enabled": at.account == STAGING,
            "serial_console_access_managed_by": "account",
            "instance_metadata_defaults": if tidy {
                json!({"http_tokens": "required", "http_put_response_hop_limit": 2, "http_endpoint": "enabled"})
            } else { json!({}) },
            "instance_metadata_defaults_managed_by": "account",
            "http_tokens_enforced": if at.account == PRODUCTION { json!("enabled") } else { json!("disabled") },
            "allowed_images_state": if at.account == PRODUCTION { "enabled" } else { "disabled" },
            "allowed_image_providers": if at.account == PRODUCTION { json!([MANAGEMENT, "amazon"]) } else { json!([]) },
            "allowed_images_managed_by": "account", "vpc_encryption_control_mode": Value::Null,
            "default_vpc_id": if tidy { Value::Null } else { json!(id("vpc", &scoped(at, "default"))) },
        }),
    );
    world.put(
        at,
        "aws.ec2.vpc_block_public_access_options",
        at.account,
        "",
        &untagged(),
        json!({
            "internet_gateway_block_mode": if at.account == MANAGEMENT && at.region == FRANKFURT { "block-ingress" } else { "off" },
            "state": "update-complete", "managed_by": "account", "exclusions_allowed": "allowed",
            "last_update_timestamp": ago(400),
        }),
    );
    if at.account == MANAGEMENT && at.region == FRANKFURT {
        world.put(
            at,
            "aws.ec2.vpc_block_public_access_exclusion",
            &id("vpcbpa-exclude", "probe"),
            "probe",
            &tags("shared", "network", "internal", &[]),
            json!({
                "resource_arn": format!("arn:aws:ec2:{}:{}:subnet/{}", at.region, at.account, id("subnet", "probe")),
                "internet_gateway_exclusion_mode": "allow-egress", "state": "delete-complete",
                "creation_timestamp": ago(380), "deletion_timestamp": ago(360),
            }),
        );
    }
}

/// A server and what belongs to it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about a server of its own")]
pub struct Host<'a> {
    pub name: String,
    pub net: &'a Net,
    pub tier: &'a str,
    pub number: usize,
    pub owner: &'a str,
    pub image: String,
    pub os: (&'a str, &'a str),
    pub age: i64,
    pub groups: Vec<String>,
    pub public: Option<String>,
    pub managed: bool,
    /// Fields of the instance that differ.
    pub instance: Value,
    /// Fields of the patch state that differ; null for a host that was never scanned.
    pub patch: Value,
    /// Fields of the managed instance that differ.
    pub agent: Value,
    pub encrypted: bool,
    pub router: bool,
    pub tagged: bool,
}

impl<'a> Host<'a> {
    pub fn new(net: &'a Net, tier: &'a str, number: usize) -> Self {
        let name = format!("{}-{tier}-{:02}", net.label(), number + 1);
        let group = if tier == "db" { &net.db_group } else { &net.app_group };
        Self {
            net,
            tier,
            number,
            owner: net.plan.owner,
            image: golden(net.at()),
            os: ("Amazon Linux", "2023"),
            age: 12 + i64::try_from(pick(&name, 20)).unwrap_or_default(),
            name,
            groups: vec![group.clone()],
            public: None,
            managed: true,
            instance: json!({}),
            patch: json!({}),
            agent: json!({}),
            encrypted: true,
            router: false,
            tagged: true,
        }
    }

    pub fn id(&self) -> String {
        id("i", &scoped(self.net.at(), &self.name))
    }
}

/// The ordinary fleet.
fn servers(world: &mut World, net: &Net) {
    let (app, db) = match (net.at().env, net.plan.key) {
        ("prod", "main") => (9, 3),
        ("prod", _) => (3, 2),
        ("staging", "main") => (4, 2),
        ("staging", _) => (2, 1),
        ("dev", "sandbox") => (4, 1),
        ("dev", _) => (1, 0),
        _ => (3, 0),
    };
    for number in 0..app {
        put(world, &Host::new(net, "app", number));
    }
    for number in 0..db {
        put(world, &Host::new(net, "db", number));
    }
}

/// Adds a server.
pub fn put(world: &mut World, host: &Host<'_>) {
    let net = host.net;
    let at = net.at();
    let subnets = match host.tier {
        "public" => &net.public,
        "db" => &net.db,
        _ => &net.app,
    };
    let zone = host.number % subnets.len().max(1);
    let subnet = subnets.get(zone).cloned().unwrap_or_default();
    let tier_octet = match host.tier {
        "public" => 0,
        "db" => 32,
        _ => 16,
    };
    let address = format!("10.{}.{}.{}", net.plan.octet, tier_octet + zone, 100 + host.number);
    let (instance, eni, volume) = (host.id(), id("eni", &host.id()), id("vol", &host.id()));
    let more = [("tier", host.tier), ("patch-group", "linux-weekly")];
    let tags = if host.tagged {
        tags(at.env, host.owner, net.plan.class, &more)
    } else {
        tags("", "", "", &[("created-by", "console")])
    };
    let groups: Vec<&str> = host.groups.iter().map(String::as_str).collect();
    let public = host.public.as_deref();
    interface(
        world,
        net,
        &Interface {
            id: &eni,
            subnet: &subnet,
            zone,
            address: &address,
            public: public.map(|ip| (ip, "amazon")),
            groups: &groups,
            instance: Some(&instance),
            source_dest_check: !host.router,
            ..Interface::default()
        },
    );
    world.put(
        at,
        "aws.ec2.volume",
        &volume,
        &host.name,
        &tags,
        json!({
            "availability_zone": at.zone(zone), "state": "in-use", "volume_type": "gp3", "size": 40, "iops": 3000,
            "throughput": 125, "encrypted": host.encrypted,
            "kms_key_id": if host.encrypted { json!(format!("arn:aws:kms:{}:{}:key/6f1a2b34-0000-4000-8000-{}", at.region, at.account, at.account)) } else { Value::Null },
            "create_time": ago(host.age), "multi_attach_enabled": false, "operator_managed": false,
            "attachments": [{"instance_id": instance, "device": "/dev/xvda", "state": "attached", "delete_on_termination": true, "attach_time": ago(host.age)}],
            "attached_instance_ids": [instance],
        }),
    );
    let data =
        over(instance_data(host, zone, &subnet, &address, &eni, &volume), host.instance.clone());
    world.put(at, "aws.ec2.instance", &instance, &host.name, &tags, data);
    if host.managed {
        systems_manager(world, host, &instance, &address);
    }
}

fn instance_data(
    host: &Host<'_>,
    zone: usize,
    subnet: &str,
    address: &str,
    eni: &str,
    volume: &str,
) -> Value {
    let net = host.net;
    let at = net.at();
    let profile = format!("arn:aws:iam::{}:instance-profile/{}-server", at.account, at.env);
    json!({
        "image_id": host.image, "instance_type": if host.tier == "db" { "r7g.large" } else { "m7g.large" },
        "state": "running", "launch_time": ago(host.age), "platform_details": "Linux/UNIX", "architecture": "arm64",
        "virtualization_type": "hvm", "hypervisor": "xen", "boot_mode": "uefi", "current_instance_boot_mode": "uefi",
        "vpc_id": net.vpc, "subnet_id": subnet, "availability_zone": at.zone(zone), "tenancy": "default",
        "private_ip_address": address, "public_ip_address": host.public, "security_group_ids": host.groups,
        "private_dns_name": format!("ip-{}.{}.compute.internal", address.replace('.', "-"), at.region),
        "network_interface_ids": [eni], "source_dest_check": !host.router, "ebs_optimized": true, "ena_support": true,
        "root_device_name": "/dev/xvda", "root_device_type": "ebs",
        "block_device_mappings": [{
            "device_name": "/dev/xvda", "volume_id": volume, "status": "attached", "delete_on_termination": true,
            "attach_time": ago(host.age),
        }],
        "volume_ids": [volume], "iam_instance_profile_arn": profile,
        "iam_instance_profile_id": super::world::unique("AIPA", &profile), "monitoring": "enabled",
        "metadata_options": {
            "http_tokens": "required", "http_endpoint": "enabled", "http_put_response_hop_limit": 1,
            "http_protocol_ipv6": "disabled", "instance_metadata_tags": "disabled", "state": "applied",
        },
        "disable_api_termination": host.tier == "db", "disable_api_stop": false,
        "instance_initiated_shutdown_behavior": "stop",
        "user_data_sha256": format!("{}{}{}{}", hex16(host.tier), hex16(at.env), hex16("a"), hex16("b")),
        "user_data_secret_kinds": [], "hibernation_configured": false, "enclave_enabled": false,
        "auto_recovery": "default", "reservation_id": id("r", &host.name), "operator_managed": false,
    })
}

fn systems_manager(world: &mut World, host: &Host<'_>, instance: &str, address: &str) {
    let at = host.net.at();
    let running =
        host.instance.get("state").and_then(Value::as_str).unwrap_or("running") == "running";
    let last = if running { hours_ago(1) } else { ago(40) };
    let agent = json!({
        "resource_type": "EC2Instance", "ping_status": if running { "Online" } else { "ConnectionLost" },
        "last_ping_date_time": last, "agent_version": "3.3.2299.0", "is_latest_version": true,
        "platform_type": "Linux", "platform_name": host.os.0, "platform_version": host.os.1,
        "computer_name": host.name, "ip_address": address, "source_type": "AWS::EC2::Instance", "source_id": instance,
        "association_status": "Success", "last_association_execution_date": hours_ago(9),
        "last_successful_association_execution_date": hours_ago(9), "association_status_counts": {"Success": 3},
    });
    let arn = Some(format!("arn:aws:ec2:{}:{}:instance/{instance}", at.region, at.account));
    let data = over(agent, host.agent.clone());
    world.put_as(at, "aws.ssm.managed_instance", instance, arn, &host.name, &untagged(), data);
    let patch = json!({
        "instance_id": instance, "patch_group": "linux-weekly", "baseline_id": "pb-0c10e65780EXAMPLE",
        "operation": "Scan", "operation_start_time": hours_ago(7), "operation_end_time": hours_ago(7),
        "reboot_option": "RebootIfNeeded", "installed_count": 212, "installed_other_count": 31,
        "installed_pending_reboot_count": 0, "installed_rejected_count": 0, "missing_count": 0, "failed_count": 0,
        "unreported_not_applicable_count": 0, "not_applicable_count": 480, "available_security_update_count": 0,
        "critical_non_compliant_count": 0, "security_non_compliant_count": 0, "other_non_compliant_count": 0,
    });
    // A host that nobody scanned has no patch state at all.
    if !host.patch.is_null() {
        let data = over(patch, host.patch.clone());
        world.put(at, "aws.ssm.patch_state", instance, "", &untagged(), data);
    }
    let denied_here = at.account == STAGING && at.region == FRANKFURT;
    if !denied_here {
        let old = pick(&host.name, 17) == 0;
        world.put(
            at,
            "aws.ssm.inventory",
            instance,
            &host.name,
            &untagged(),
            json!({
                "instance_id": instance, "capture_time": if old { ago(120) } else { hours_ago(11) },
                "instance_status": if running { "Active" } else { "Stopped" }, "agent_type": "amazon-ssm-agent",
                "agent_version": "3.3.2299.0", "platform_type": "Linux", "platform_name": host.os.0,
                "platform_version": host.os.1, "computer_name": host.name, "ip_address": address,
                "resource_type": "EC2Instance", "application_count": 420,
            }),
        );
    }
}

/// Servers with a history.
fn specials(world: &mut World, nets: &[Net]) {
    let find = |account: &str, key: &str| {
        nets.iter().find(|net| net.at().account == account && net.plan.key == key)
    };
    let (Some(shared), Some(prod), Some(staging), Some(staging_dr), Some(sandbox), Some(lab)) = (
        find(MANAGEMENT, "core"),
        find(PRODUCTION, "main"),
        find(STAGING, "main"),
        find(STAGING, "dr"),
        find(DEVELOPMENT, "sandbox"),
        find(DEVELOPMENT, "lab"),
    ) else {
        return world.errors.push("a network is missing".to_owned());
    };
    in_production(world, shared, prod);
    in_staging(world, staging, staging_dr);
    in_development(world, sandbox, lab);
}

fn in_production(world: &mut World, shared: &Net, prod: &Net) {
    // The image pipeline runs containers that need the metadata service one hop further.
    let mut builder = Host::new(shared, "app", 10);
    "shared-image-builder".clone_into(&mut builder.name);
    builder.owner = "platform";
    builder.instance = json!({"metadata_options": {
        "http_tokens": "required", "http_endpoint": "enabled", "http_put_response_hop_limit": 2,
        "http_protocol_ipv6": "disabled", "instance_metadata_tags": "disabled", "state": "applied",
    }});
    put(world, &builder);
    // The old ERP: too old to be patched weekly, and nobody dares to replace it.
    let mut erp = Host::new(prod, "app", 20);
    "prod-erp-01".clone_into(&mut erp.name);
    erp.owner = "finance";
    erp.image = id("ami", &format!("ubuntu/{}/{}", prod.at().account, prod.at().region));
    erp.os = ("Ubuntu", "20.04");
    erp.age = 410;
    erp.groups.push(id("sg", &scoped(prod.at(), &format!("{}/prod-main-legacy-erp", prod.vpc))));
    erp.instance = json!({"key_name": "erp-2024"});
    erp.patch = json!({
        "missing_count": 14, "critical_non_compliant_count": 2, "security_non_compliant_count": 9,
        "installed_pending_reboot_count": 3, "last_no_reboot_install_operation_time": ago(30),
    });
    erp.agent = json!({"is_latest_version": false, "agent_version": "3.2.815.0"});
    put(world, &erp);
    // A replica whose agent went silent.
    let mut replica = Host::new(prod, "db", 11);
    "prod-db-replica-02".clone_into(&mut replica.name);
    replica.agent = json!({"ping_status": "ConnectionLost", "last_ping_date_time": ago(6)});
    replica.patch = json!({"operation_start_time": ago(6), "operation_end_time": ago(6)});
    put(world, &replica);
    // What partners reach: its attributes could not be read.
    let mut partner = Host::new(prod, "app", 21);
    "prod-partner-api-01".clone_into(&mut partner.name);
    partner
        .groups
        .push(id("sg", &scoped(prod.at(), &format!("{}/prod-main-partner-api", prod.vpc))));
    partner.instance = json!({
        "user_data_sha256": denied("ec2:DescribeInstanceAttribute"),
        "user_data_secret_kinds": denied("ec2:DescribeInstanceAttribute"),
    });
    put(world, &partner);
}

fn in_staging(world: &mut World, staging: &Net, staging_dr: &Net) {
    let mut broker = Host::new(staging, "app", 20);
    "staging-broker-01".clone_into(&mut broker.name);
    broker.groups =
        vec![id("sg", &scoped(staging.at(), &format!("{}/staging-broker", staging.vpc)))];
    broker.image = id("ami", &format!("ubuntu/{}/{}", staging.at().account, staging.at().region));
    broker.os = ("Ubuntu", "22.04");
    broker.encrypted = false;
    broker.instance = json!({
        "user_data_secret_kinds": ["password"],
        "metadata_options": {
            "http_tokens": "optional", "http_endpoint": "enabled", "http_put_response_hop_limit": 1,
            "http_protocol_ipv6": "disabled", "instance_metadata_tags": "disabled", "state": "applied",
        },
    });
    broker.patch =
        json!({"failed_count": 1, "missing_count": 2, "security_non_compliant_count": 1});
    broker.agent = json!({"association_status": "Failed", "association_status_counts": {"Success": 2, "Failed": 1}});
    put(world, &broker);
    let mut vendor = Host::new(staging, "public", 21);
    "staging-payment-gateway".clone_into(&mut vendor.name);
    vendor.groups =
        vec![id("sg", &scoped(staging.at(), &format!("{}/staging-vendor-access", staging.vpc)))];
    vendor.public = Some("52.51.20.7".to_owned());
    put(world, &vendor);
    let mut generator = Host::new(staging, "db", 22);
    "staging-test-data".clone_into(&mut generator.name);
    generator.groups =
        vec![id("sg", &scoped(staging.at(), &format!("{}/staging-test-data", staging.vpc)))];
    // Set up by hand, and forgotten by whoever owns the patch schedule.
    generator.patch = Value::Null;
    put(world, &generator);
    for (number, (name, since)) in
        [("staging-load-test", 12), ("staging-migration", 95)].into_iter().enumerate()
    {
        let mut stopped = Host::new(staging, "app", 23 + number);
        name.clone_into(&mut stopped.name);
        let day = ago(since);
        let when = format!(
            "{} {}",
            day.get(..10).unwrap_or_default(),
            day.get(11..19).unwrap_or_default()
        );
        stopped.instance = json!({
            "state": "stopped", "state_reason_code": "Client.UserInitiatedShutdown",
            "state_transition_reason": format!("User initiated ({when} GMT)"),
        });
        stopped.age = since + 5;
        put(world, &stopped);
    }
    let mut agent = Host::new(staging_dr, "app", 20);
    "staging-dr-build-agent".clone_into(&mut agent.name);
    agent.groups = vec![id(
        "sg",
        &scoped(staging_dr.at(), &format!("{}/staging-dr-build-agents", staging_dr.vpc)),
    )];
    put(world, &agent);
}

fn in_development(world: &mut World, sandbox: &Net, lab: &Net) {
    let place = sandbox.at();
    let own = |key: &str| id("ami", &format!("{key}/{}/{}", place.account, place.region));
    let group = |name: &str| id("sg", &scoped(place, &format!("{}/{name}", sandbox.vpc)));
    let lax = json!({
        "http_tokens": "optional", "http_endpoint": "enabled", "http_put_response_hop_limit": 2,
        "http_protocol_ipv6": "disabled", "instance_metadata_tags": "disabled", "state": "applied",
    });
    let mut demo = Host::new(sandbox, "public", 20);
    "demo-shop".clone_into(&mut demo.name);
    demo.image = own("lamp");
    demo.os = ("CentOS", "7");
    demo.groups = vec![group("sandbox-demo")];
    demo.public = Some("54.77.30.11".to_owned());
    demo.age = 320;
    demo.tagged = false;
    demo.encrypted = false;
    demo.managed = false;
    demo.instance = json!({
        "metadata_options": lax, "key_name": "developers", "iam_instance_profile_arn": Value::Null,
        "iam_instance_profile_id": Value::Null, "user_data_secret_kinds": ["aws_access_key", "password"],
    });
    put(world, &demo);
    let mut quick = Host::new(sandbox, "public", 21);
    "quick-db".clone_into(&mut quick.name);
    quick.groups = vec![group("sandbox-quick-db")];
    quick.public = Some("54.77.30.12".to_owned());
    quick.os = ("CentOS Linux", "7");
    quick.patch = json!({"missing_count": 61, "critical_non_compliant_count": 7, "security_non_compliant_count": 40, "operation_end_time": ago(55), "operation_start_time": ago(55)});
    quick.tagged = false;
    // It was given the first role that worked.
    let profile = format!("arn:aws:iam::{}:instance-profile/legacy-admin", place.account);
    quick.instance = json!({
        "iam_instance_profile_arn": profile,
        "iam_instance_profile_id": super::world::unique("AIPA", &profile),
    });
    put(world, &quick);
    // A public address in a subnet whose way out is the NAT gateway: packets get in, answers do not get back.
    let mut hook = Host::new(sandbox, "app", 24);
    "sandbox-webhook".clone_into(&mut hook.name);
    hook.groups = vec![group("sandbox-demo")];
    hook.public = Some("54.77.30.13".to_owned());
    put(world, &hook);
    let mut legacy = Host::new(sandbox, "app", 22);
    "legacy-importer".clone_into(&mut legacy.name);
    legacy.image = own("pv");
    legacy.managed = false;
    legacy.age = 900;
    legacy.instance = json!({"virtualization_type": "paravirtual", "architecture": "x86_64", "instance_type": "m1.small", "ena_support": false, "metadata_options": lax});
    put(world, &legacy);
    let mut router = Host::new(sandbox, "public", 23);
    "sandbox-nat-instance".clone_into(&mut router.name);
    router.router = true;
    put(world, &router);
    let mut trial = Host::new(lab, "app", 20);
    "lab-search-trial".clone_into(&mut trial.name);
    trial.encrypted = false;
    put(world, &trial);
}

fn templates(world: &mut World, net: &Net) {
    let at = net.at();
    let template = id("lt", &net.vpc);
    let tidy = at.account != DEVELOPMENT;
    let metadata = if tidy {
        json!({"http_tokens": "required", "http_endpoint": "enabled", "http_put_response_hop_limit": 1})
    } else {
        json!({"http_tokens": "optional", "http_endpoint": "enabled"})
    };
    let version = |number: i64, default: bool| {
        json!({
            "version_number": number, "default_version": default, "version_description": "weekly image",
            "create_time": ago(20), "created_by": format!("arn:aws:sts::{}:assumed-role/acme-deploy/pipeline", at.account),
            "image_id": golden(at), "instance_type": "m7g.large",
            "iam_instance_profile_name": format!("{}-server", at.env),
            "network_interfaces": [{
                "device_index": 0, "associate_public_ip_address": if tidy { json!(false) } else { json!(true) },
                "security_group_ids": [net.app_group], "delete_on_termination": true,
            }],
            "block_device_mappings": [{
                "device_name": "/dev/xvda", "encrypted": if tidy { json!(true) } else { Value::Null }, "volume_size": 40,
                "volume_type": "gp3", "delete_on_termination": true,
            }],
            "metadata_options": metadata, "monitoring_enabled": true, "disable_api_termination": false,
            "user_data_sha256": format!("{}{}{}{}", hex16("app"), hex16(at.env), hex16("a"), hex16("b")),
            "tag_specification_resource_types": ["instance", "volume"],
        })
    };
    world.put(
        at,
        "aws.ec2.launch_template",
        &template,
        &format!("{}-app", net.label()),
        &net.tags(&[]),
        json!({
            "create_time": ago(420), "created_by": format!("arn:aws:sts::{}:assumed-role/acme-deploy/pipeline", at.account),
            "default_version_number": 7, "latest_version_number": 8, "operator_managed": false,
            "versions": [version(7, true), version(8, false)],
        }),
    );
}

fn keys(world: &mut World) {
    for (account, env, name, owner) in [
        (PRODUCTION, "prod", "erp-2024", "finance"),
        (DEVELOPMENT, "dev", "developers", ""),
        (DEVELOPMENT, "dev", "intern-2023", ""),
    ] {
        let at = At::new(account, IRELAND, env);
        world.put(
            at,
            "aws.ec2.key_pair",
            &id("key", name),
            name,
            &tags(env, owner, "", &[]),
            json!({"key_name": name, "key_type": "ed25519", "key_fingerprint": format!("{}=", hex16(name)), "create_time": ago(700)}),
        );
    }
}

fn snapshots(world: &mut World, nets: &[Net]) {
    for net in nets {
        let at = net.at();
        for day in 0..4 {
            let snapshot = id("snap", &format!("{}/{day}", net.vpc));
            snapshot_of(
                world,
                at,
                &snapshot,
                &format!("{}-db-{day}", net.label()),
                1 + day * 7,
                true,
                &json!(false),
            );
        }
    }
    let dev = At::new(DEVELOPMENT, IRELAND, "dev");
    snapshot_of(
        world,
        dev,
        &id("snap", "reports-prototype"),
        "reports-prototype",
        210,
        false,
        &json!(true),
    );
    let staging = At::new(STAGING, IRELAND, "staging");
    snapshot_of(
        world,
        staging,
        &id("snap", "before-migration"),
        "before-migration",
        300,
        false,
        &json!(false),
    );
    let unread = denied("ec2:DescribeSnapshotAttribute");
    snapshot_of(world, staging, &id("snap", "vendor-copy"), "vendor-copy", 44, true, &unread);
}

fn snapshot_of(
    world: &mut World,
    at: At,
    snapshot: &str,
    name: &str,
    age: i64,
    encrypted: bool,
    public: &Value,
) {
    let shared = if public.is_boolean() { json!([]) } else { public.clone() };
    world.put(
        at,
        "aws.ec2.snapshot",
        snapshot,
        name,
        &tags(at.env, "platform", "confidential", &[]),
        json!({
            "volume_id": id("vol", name), "volume_size": 40, "state": "completed", "start_time": ago(age),
            "completion_time": ago(age), "description": "Created by the backup plan", "owner_id": at.account,
            "encrypted": encrypted, "kms_key_id": if encrypted { json!(format!("arn:aws:kms:{}:{}:alias/aws/ebs", at.region, at.account)) } else { Value::Null },
            "storage_tier": "standard", "public": public, "shared_account_ids": shared,
        }),
    );
}
