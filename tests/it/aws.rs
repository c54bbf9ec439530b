//! The AWS collector against a server, and against a server that refuses, throttles or keeps silent.

mod last_use;
mod network;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use portcullis::collect::aws::{self, Event, Options, Organization, Stop, Summary};
use portcullis::collect::plan::Plan;
use portcullis::collect::services::{COLLECTORS, every_call};
use portcullis::ident::{AccountId, Region};
use portcullis::model::Completeness;
use portcullis::model::kinds::Data;
use portcullis::model::resource::Resource;

use crate::moto::{Fault, Moto, Proxy};

/// What a run gave.
struct Collected {
    resources: Vec<Resource>,
    summary: Summary,
    events: Vec<Event>,
}

impl Collected {
    fn of(&self, kind: &str) -> Vec<&Resource> {
        self.resources.iter().filter(|resource| resource.kind().name == kind).collect()
    }

    fn ids(&self, kind: &str) -> BTreeSet<String> {
        self.of(kind).iter().map(|resource| resource.meta.id.clone()).collect()
    }

    fn one(&self, kind: &str, id: &str) -> &Resource {
        self.of(kind)
            .into_iter()
            .find(|resource| resource.meta.id == id)
            .unwrap_or_else(|| panic!("{kind} {id}"))
    }

    fn json(&self, kind: &str, id: &str) -> serde_json::Value {
        serde_json::to_value(self.one(kind, id)).unwrap()["data"].clone()
    }

    /// The status of a type, over all its places.
    fn status(&self, kind: &str) -> BTreeSet<Completeness> {
        let entries = self.summary.coverage.iter().filter(|entry| entry.kind == kind);
        entries.map(|entry| entry.status).collect()
    }
}

fn options(endpoint: String) -> Options {
    Options {
        endpoint: Some(endpoint),
        keys: Some(("test".to_owned(), "test".to_owned())),
        regions: vec![Region::new("us-east-1").unwrap()],
        attempts_max: Some(2),
        backoff: Duration::from_millis(5),
        ..Options::default()
    }
}

fn plan(prefixes: &[&str]) -> Plan {
    let mut plan = Plan::default();
    for kind in COLLECTORS.iter().flat_map(|collector| collector.produces) {
        if prefixes.iter().any(|prefix| kind.starts_with(prefix)) {
            plan.want(kind);
        }
    }
    plan
}

fn collect(options: &Options, plan: &Plan) -> Collected {
    let (mut resources, mut events) = (Vec::new(), Vec::new());
    let summary = aws::run_blocking(
        options,
        plan,
        &mut |resource| {
            resources.push(resource);
            Ok(())
        },
        &mut |event| events.push(event.clone()),
    )
    .unwrap();
    Collected { resources, summary, events }
}

fn strings(value: &serde_json::Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

const NETWORK_AND_IDENTITY: [&str; 3] = ["aws.ec2.", "aws.iam.", "aws.sts."];

#[test]
fn a_big_account_takes_few_calls_and_is_read_whole() {
    let moto = Moto::start();
    let seed = moto.seed("bulk");
    let proxy = Proxy::start(&moto, |_, _| None);
    let found = collect(&options(proxy.endpoint()), &plan(&NETWORK_AND_IDENTITY));

    let calls = proxy.operations();
    assert!(calls.len() <= 80, "{} calls: {:#?}", calls.len(), found.summary.calls);
    assert_eq!(found.summary.calls_total(), calls.len() as u64, "{:#?}", found.summary.calls);
    for (kind, key) in
        [("aws.ec2.security_group", "groups"), ("aws.ec2.vpc", "vpcs"), ("aws.iam.role", "roles")]
    {
        let missing: Vec<_> = strings(&seed[key]).difference(&found.ids(kind)).cloned().collect();
        assert_eq!(missing, Vec::<String>::new(), "{kind}");
    }
    assert_eq!(found.ids("aws.ec2.instance"), strings(&seed["instances"]));
    assert_eq!(found.of("aws.iam.role").len(), 200);
    // Besides the seed's, the default VPC and the default group of every VPC.
    assert_eq!(found.of("aws.ec2.vpc").len(), 51);
    assert_eq!(found.of("aws.ec2.security_group").len(), 551);
    let open = found.of("aws.ec2.security_group").into_iter().filter(|group| match &group.data {
        Data::Ec2SecurityGroup(group) => group.ingress.known().unwrap().iter().any(|rule| {
            rule.ports.known().unwrap().covers(22)
                && rule.cidr.known().unwrap().is_some_and(|cidr| cidr.length() == 0)
        }),
        _ => false,
    });
    assert_eq!(open.count(), 50);
    let counted: u64 = found.summary.coverage.iter().map(|entry| entry.count).sum();
    assert_eq!(counted, found.resources.len() as u64);
}

#[test]
fn one_denied_and_one_throttled_call_cost_their_own_types_only() {
    let moto = Moto::start();
    let seed = moto.seed("world");
    let proxy = Proxy::start(&moto, |operation, _| match operation {
        "DescribeSecurityGroups" => Some(Fault::Denied),
        "DescribeVolumes" => Some(Fault::Throttled),
        _ => None,
    });
    let plan = plan(&NETWORK_AND_IDENTITY);
    let whole = collect(&options(moto.endpoint()), &plan);
    let found = collect(&options(proxy.endpoint()), &plan);

    assert_eq!(found.status("aws.ec2.security_group"), BTreeSet::from([Completeness::Denied]));
    assert_eq!(found.status("aws.ec2.volume"), BTreeSet::from([Completeness::Failed]));
    let reason = |kind: &str| {
        let entry = found.summary.coverage.iter().find(|entry| entry.kind == kind).unwrap();
        entry.reason.clone().unwrap()
    };
    assert!(
        reason("aws.ec2.security_group")
            .contains("ec2:DescribeSecurityGroups: UnauthorizedOperation")
    );
    assert!(reason("aws.ec2.volume").contains("ec2:DescribeVolumes: RequestLimitExceeded"));
    assert_eq!(found.summary.throttles, 2, "as many attempts as were allowed");
    assert!(found.summary.coverage.iter().all(|entry| match entry.kind.as_str() {
        "aws.ec2.security_group" | "aws.ec2.volume" => entry.count == 0,
        _ => true,
    }));
    // Everything else is there as without the faults.
    let rest = |collected: &Collected| -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for resource in &collected.resources {
            let kind = resource.kind().name;
            if !matches!(kind, "aws.ec2.security_group" | "aws.ec2.volume") {
                *counts.entry(kind).or_default() += 1;
            }
        }
        counts
    };
    assert_eq!(rest(&found), rest(&whole));
    assert_eq!(
        found.ids("aws.ec2.instance"),
        BTreeSet::from([seed["instance"].as_str().unwrap().to_owned()])
    );
    let shown = found.events.iter().any(|event| match event {
        Event::Collected { collector: "vpc.security_groups", gaps, .. } => gaps.len() == 1,
        _ => false,
    });
    assert!(shown, "{:?}", found.events);
}

/// The same through the command line, down to the exit code: what could not be read is not passed.
#[test]
fn a_scan_without_evidence_is_no_success() {
    let moto = Moto::start();
    moto.seed("world");
    let proxy = Proxy::start(&moto, |operation, _| match operation {
        "DescribeSecurityGroups" => Some(Fault::Denied),
        "DescribeVolumes" => Some(Fault::Throttled),
        _ => None,
    });
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["scan", "--region", "us-east-1", "--json", "report.json"])
        .args([
            "--check",
            "ec2-security-group-no-public-admin-ports",
            "--check",
            "ec2-volume-encrypted",
        ])
        .args(["--check", "ec2-subnet-no-auto-public-ip"])
        .current_dir(folder.path())
        .env("AWS_ENDPOINT_URL", proxy.endpoint())
        .envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_MAX_ATTEMPTS", "2"),
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let text = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tally = |check: &str| {
        let checks = report["assessment"]["checks"].as_array().unwrap();
        let one = checks.iter().find(|one| one["id"] == check).unwrap();
        let count = |outcome: &str| one["tally"][outcome].as_u64().unwrap();
        assert!(!one["undetermined"].is_null(), "{one:#}");
        (count("pass"), count("fail"), count("unknown"))
    };
    for check in ["ec2-security-group-no-public-admin-ports", "ec2-volume-encrypted"] {
        let (pass, fail, unknown) = tally(check);
        assert_eq!((pass, fail), (0, 0), "{check}: {said}");
        assert!(unknown > 0, "{check}: {text}");
    }
    let (pass, fail, unknown) = tally("ec2-subnet-no-auto-public-ip");
    assert_eq!((pass + fail, unknown), (8, 0), "two subnets of the seed, six of the default VPC");
}

#[test]
fn a_denied_attribute_is_unknown_and_its_resource_stays() {
    let moto = Moto::start();
    let seed = moto.seed("world");
    let proxy = Proxy::start(&moto, |operation, _| {
        let denied = [
            "DescribeLoadBalancerAttributes",
            "GetManagedPrefixListEntries",
            "GenerateCredentialReport",
        ];
        denied.contains(&operation).then_some(Fault::Denied)
    });
    let found = collect(&options(proxy.endpoint()), &plan(&["aws."]));

    let balancer = found.json("aws.elbv2.load_balancer", seed["balancer"].as_str().unwrap());
    assert_eq!(balancer["access_logs_enabled"]["$unknown"]["kind"], "denied", "{balancer:#}");
    assert_eq!(found.status("aws.elbv2.load_balancer"), BTreeSet::from([Completeness::Complete]));
    let list = found.json("aws.ec2.managed_prefix_list", seed["prefix_list"].as_str().unwrap());
    assert_eq!(list["entries"]["$unknown"]["kind"], "denied", "{list:#}");
    let alice = found.json("aws.iam.user", "alice");
    assert_eq!(alice["login_profile_exists"]["$unknown"]["kind"], "denied", "{alice:#}");
    assert_eq!(alice["group_names"], serde_json::json!(["ops"]));
    for kind in ["aws.iam.access_key", "aws.iam.credential_report_row"] {
        assert_eq!(found.status(kind), BTreeSet::from([Completeness::Denied]), "{kind}");
    }
}

#[test]
fn values_arrive_as_they_were_made() {
    let moto = Moto::start();
    let seed = moto.seed("world");
    let id = |key: &str| seed[key].as_str().unwrap();
    let mut plan = plan(&["aws."]);
    plan.want_field("aws.ec2.instance", "user_data_secret_kinds");
    let found = collect(&options(moto.endpoint()), &plan);

    let vpc = found.one("aws.ec2.vpc", id("vpc"));
    assert_eq!(vpc.meta.name.as_deref(), Some("main"));
    assert_eq!(vpc.meta.tags.known().unwrap()["Owner"], "net");
    assert_eq!(
        vpc.meta.arn.as_deref(),
        Some(format!("arn:aws:ec2:us-east-1:123456789012:vpc/{}", id("vpc")).as_str())
    );
    let group = found.json("aws.ec2.security_group", id("group"));
    let rules = group["ingress"].as_array().unwrap();
    assert_eq!(rules.len(), 6, "one for each source: {group:#}");
    let of = |field: &str, value: &str| rules.iter().find(|rule| rule[field] == value).unwrap();
    assert_eq!(of("cidr", "128.0.0.0/1")["description"], "other half");
    assert_eq!(of("cidr", "::/0")["ports"], serde_json::json!({"from": 443, "to": 443}));
    assert_eq!(of("protocol", "-1")["group_id"], id("group"));
    assert_eq!(of("protocol", "icmp")["icmp_type"], 8);
    assert_eq!(
        of("prefix_list_id", id("prefix_list"))["ports"],
        serde_json::json!({"from": 22, "to": 22})
    );
    let list = found.json("aws.ec2.managed_prefix_list", id("prefix_list"));
    assert_eq!(list["entries"][0]["cidr"], "192.0.2.0/24");
    // The server does not know which snapshots may be restored by everyone and lists them all.
    let snapshot = found.json("aws.ec2.snapshot", id("public_snapshot"));
    assert_eq!(snapshot["public"], true);

    let instance = found.json("aws.ec2.instance", id("instance"));
    assert_eq!(instance["user_data_secret_kinds"], serde_json::json!(["password"]));
    assert_eq!(instance["user_data_sha256"].as_str().unwrap().len(), 64);
    let everything: String =
        found.resources.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
    assert!(!everything.contains(id("secret")), "user data itself is never kept");
    // The server writes `True` where the SDK wants `true`: an answer that is not understood is not an empty one.
    let template = found.json("aws.ec2.launch_template", id("template"));
    assert_eq!(template["latest_version_number"], 1);
    let why = &template["versions"]["$unknown"];
    assert_eq!(why["detail"], "ec2:DescribeLaunchTemplateVersions: answer not understood");

    let listener = found.json("aws.elbv2.listener", id("listener"));
    assert_eq!(listener["ssl_policy"], "ELBSecurityPolicy-TLS13-1-2-2021-06");
    let alice = found.json("aws.iam.user", "alice");
    assert_eq!(alice["login_profile_exists"], true, "{alice:#}");
    assert_eq!(alice["attached_policy_arns"], serde_json::json!([id("policy")]));
    let role = found.json("aws.iam.role", "deploy");
    assert_eq!(role["max_session_duration"], 7200);
    assert_eq!(
        role["inline_policies"][0]["document"]["statements"][0]["actions"],
        serde_json::json!(["*"])
    );
    assert_eq!(found.json("aws.iam.group", "ops")["user_names"], serde_json::json!(["alice"]));
    assert_eq!(found.of("aws.iam.access_key").len(), 1);
    assert_eq!(
        found.json("aws.iam.password_policy", "123456789012")["minimum_password_length"],
        16
    );
    assert_eq!(found.json("aws.iam.mfa_device", id("mfa"))["kind"], "virtual");
}

/// Databases, functions and clusters, as far as the server knows them.
#[test]
fn what_services_put_into_networks_arrives() {
    let moto = Moto::start();
    let seed = moto.seed("world");
    let group = serde_json::json!([seed["group"]]);
    let found = collect(&options(moto.endpoint()), &plan(&["aws."]));
    for kind in ["aws.rds.db_instance", "aws.lambda.function", "aws.eks.cluster"] {
        assert_eq!(found.status(kind), BTreeSet::from([Completeness::Complete]), "{kind}");
    }
    let database = found.one("aws.rds.db_instance", "orders");
    assert_eq!(database.meta.tags.known().unwrap()["Team"], "shop");
    let database = found.json("aws.rds.db_instance", "orders");
    assert_eq!(database["publicly_accessible"], true, "{database:#}");
    assert_eq!(database["vpc_security_group_ids"], group);
    assert_eq!(strings(&database["subnet_ids"]), strings(&seed["subnets"]));
    assert_eq!(database["endpoint_port"], 5432);

    let mail = found.json("aws.lambda.function", "mail");
    assert_eq!(mail["environment_variable_names"], serde_json::json!(["API_TOKEN", "STAGE"]));
    assert_eq!(mail["security_group_ids"], group);
    let principal = &mail["policy_document"]["statements"][0]["principals"][0];
    assert_eq!(principal["value"], "sns.amazonaws.com", "{mail:#}");
    let quiet = found.json("aws.lambda.function", "quiet");
    assert!(quiet["policy_document"].is_null(), "an error says that there is none: {quiet:#}");
    assert!(quiet["vpc_id"].is_null());
    let cluster = found.json("aws.eks.cluster", "shop");
    assert_eq!(cluster["public_access_cidrs"], serde_json::json!(["203.0.113.0/24"]));
    assert_eq!(cluster["endpoint_private_access"], false, "{cluster:#}");
    let secret = seed["secret"].as_str().unwrap();
    let everything: String =
        found.resources.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
    assert!(!everything.contains(secret), "values of variables are never kept");
    // What the server does not know is no empty list.
    for kind in ["aws.globalaccelerator.accelerator", "aws.cloudfront.vpc_origin"] {
        let status = found.status(kind);
        assert!(!status.contains(&Completeness::Disabled), "{kind}: {status:?}");
    }
}

/// Policies of resources and roles of what runs, as far as the server knows them.
#[test]
fn what_privileges_depend_on_arrives() {
    let moto = Moto::start();
    let seed = moto.seed("world");
    let found = collect(&options(moto.endpoint()), &plan(&["aws."]));
    for kind in [
        "aws.kms.key",
        "aws.sqs.queue",
        "aws.sns.topic",
        "aws.secretsmanager.secret",
        "aws.codebuild.project",
        "aws.cloudformation.stack",
    ] {
        assert_eq!(found.status(kind), BTreeSet::from([Completeness::Complete]), "{kind}");
    }
    let open = |kind: &str, id: &str| {
        let data = found.json(kind, id);
        let principal = &data["policy_document"]["statements"][0]["principals"][0]["value"];
        assert_eq!(principal, "*", "{kind}: {data:#}");
    };
    open("aws.sqs.queue", "jobs");
    open("aws.sns.topic", "alarms");
    open("aws.kms.key", seed["encryption_key"].as_str().unwrap());
    open("aws.secretsmanager.secret", "shown");
    let none = |kind: &str, id: &str, field: &str| {
        let data = found.json(kind, id);
        assert!(data[field].is_null(), "{kind}: {data:#}");
    };
    none("aws.sqs.queue", "quiet", "policy_document");
    none("aws.secretsmanager.secret", "hidden", "policy_document");
    for (kind, id) in [("aws.sqs.queue", "jobs"), ("aws.sns.topic", "alarms")] {
        assert_eq!(found.one(kind, id).meta.tags.known().unwrap()["Owner"], "web", "{kind}");
    }
    let role = "arn:aws:iam::123456789012:role/deploy";
    assert_eq!(found.json("aws.codebuild.project", "site")["service_role"], role);
    assert_eq!(found.json("aws.cloudformation.stack", "base")["role_arn"], role);
    let secret = seed["secret"].as_str().unwrap();
    let everything: String =
        found.resources.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
    assert!(!everything.contains(secret), "values are never kept");
}

/// A field that a check reads and nobody collects would make the check unknown for good.
#[test]
fn every_field_that_a_check_reads_is_asked_for() {
    let moto = Moto::start();
    moto.seed("world");
    let mut diagnostics = portcullis::diag::Diagnostics::default();
    let suite = portcullis::check::Suite::builtin(&mut diagnostics);
    let fields: BTreeSet<(&str, &str)> =
        suite.iter().flat_map(|check| check.fields().collect::<Vec<_>>()).collect();
    let mut plan = plan(&["aws."]);
    for (kind, field) in &fields {
        plan.want_field(kind, field);
    }
    let found = collect(&options(moto.endpoint()), &plan);
    let mut missing = BTreeSet::new();
    for (kind, field) in fields.iter().filter(|(kind, _)| kind.starts_with("aws.")) {
        let shape = portcullis::model::kinds::kind_named(kind).unwrap().shape;
        let Some(slot) = shape.slot(field) else { continue };
        if shape.fields[slot].fact {
            continue;
        }
        for resource in found.of(kind) {
            // A value left out of the file was never collected; null is absence.
            let data = serde_json::to_value(resource).unwrap()["data"].clone();
            if !data.as_object().unwrap().contains_key(*field) {
                missing.insert(format!("{kind}.{field}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn calls_are_those_that_were_announced() {
    let moto = Moto::start();
    moto.seed("world");
    let options = options(moto.endpoint());
    let plan = plan(&["aws."]);
    let announced: BTreeSet<String> = aws::dry_run(&options, &plan)
        .iter()
        .map(|call| format!("{}:{}", call.service, call.operation))
        .collect();
    let found = collect(&options, &plan);
    let made: BTreeSet<String> = found.summary.calls.keys().cloned().collect();
    let surprises: Vec<_> = made.difference(&announced).collect();
    assert_eq!(surprises, Vec::<&String>::new());
    assert!(made.len() > 60, "{made:?}");
}

#[test]
fn an_organization_is_collected_account_by_account() {
    let moto = Moto::start();
    let seed = moto.seed("organization");
    let accounts: Vec<&str> = seed["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account.as_str().unwrap())
        .collect();
    let closed = accounts[1].to_owned();
    let proxy = Proxy::start(&moto, move |operation, request| {
        (operation == "AssumeRole" && request.contains(&closed)).then_some(Fault::Denied)
    });
    let mut options = options(proxy.endpoint());
    options.organization =
        Some(Organization { role: "audit".to_owned(), ..Organization::default() });
    let plan = plan(&["aws.ec2.vpc", "aws.iam.role", "aws.organizations."]);
    let found = collect(&options, &plan);

    assert_eq!(found.summary.accounts.len(), 4);
    for account in [accounts[0], accounts[2]] {
        let vpc = found.one("aws.ec2.vpc", seed["vpcs"][account].as_str().unwrap());
        assert_eq!(vpc.meta.account.as_str(), account);
    }
    let denied: Vec<_> = found
        .summary
        .coverage
        .iter()
        .filter(|entry| entry.status == Completeness::Denied)
        .collect();
    assert!(denied.iter().all(|entry| entry.account.as_str() == accounts[1]), "{denied:#?}");
    let kinds: BTreeSet<_> = denied.iter().map(|entry| entry.kind.as_str()).collect();
    assert!(kinds.contains("aws.ec2.vpc") && kinds.contains("aws.iam.role"), "{kinds:?}");
    assert!(denied[0].reason.as_ref().unwrap().contains("sts:AssumeRole"), "{denied:#?}");
    // The organization's own resources are recorded once, under its management account.
    assert_eq!(found.of("aws.organizations.account").len(), 4);
    let first = found.json("aws.organizations.account", accounts[0]);
    assert_eq!(first["ou_path"], serde_json::json!(["production"]));
    assert_eq!(first["parent_id"], seed["unit"]);

    let mut named = options.clone();
    named.organization = Some(Organization {
        role: "audit".to_owned(),
        include_units: vec![seed["unit"].as_str().unwrap().to_owned()],
        ..Organization::default()
    });
    let found = collect(&named, &plan);
    assert_eq!(found.summary.accounts, [AccountId::new(accounts[0]).unwrap()]);
}

#[test]
fn a_run_that_is_ended_early_says_what_it_left() {
    let moto = Moto::start();
    let proxy =
        Proxy::start(&moto, |operation, _| (operation == "DescribeVpcs").then_some(Fault::Silent));
    let stop = Stop::default();
    let mut options = options(proxy.endpoint());
    options.stop = stop.clone();
    let mut resources = 0;
    let summary = aws::run_blocking(
        &options,
        &plan(&["aws.ec2.vpc", "aws.ec2.subnet"]),
        &mut |_| {
            resources += 1;
            Ok(())
        },
        &mut |event| {
            // The subnets came; the VPCs never do.
            if matches!(event, Event::Collected { collector: "vpc.subnets", .. }) {
                stop.now("interrupted");
            }
        },
    )
    .unwrap();
    assert_eq!(summary.stopped.as_deref(), Some("interrupted"));
    let status: BTreeMap<_, _> =
        summary.coverage.iter().map(|entry| (entry.kind.as_str(), entry.status)).collect();
    assert_eq!(status["aws.ec2.subnet"], Completeness::Complete);
    assert_eq!(status["aws.ec2.vpc"], Completeness::Failed);
    assert!(resources > 0);
}

#[test]
fn a_throttle_that_passes_costs_time_only() {
    let moto = Moto::start();
    let refusals = AtomicU32::new(3);
    let proxy = Proxy::start(&moto, move |operation, _| {
        let refused = operation == "DescribeSubnets"
            && refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        refused.then_some(Fault::Throttled)
    });
    let mut options = options(proxy.endpoint());
    options.attempts_max = Some(5);
    let found = collect(&options, &plan(&["aws.ec2.subnet"]));
    assert_eq!(found.status("aws.ec2.subnet"), BTreeSet::from([Completeness::Complete]));
    assert_eq!(found.of("aws.ec2.subnet").len(), 6);
    assert_eq!(found.summary.throttles, 3);
    assert_eq!(found.summary.calls["ec2:DescribeSubnets"], 4);
}

#[test]
fn regions_that_are_not_enabled_hold_nothing() {
    let moto = Moto::start();
    let mut options = options(moto.endpoint());
    options.regions.clear();
    let found = collect(&options, &plan(&["aws.ec2.vpc_endpoint"]));
    let by_status =
        |status| found.summary.coverage.iter().filter(|entry| entry.status == status).count();
    assert!(by_status(Completeness::Complete) >= 10, "{:#?}", found.summary.coverage);
    assert!(by_status(Completeness::Disabled) >= 1, "{:#?}", found.summary.coverage);
    let off = found.summary.coverage.iter().filter(|entry| entry.status == Completeness::Disabled);
    assert!(off.clone().all(|entry| entry.reason.as_deref().unwrap().contains("not enabled")));
}

#[test]
fn what_cannot_be_written_ends_the_run() {
    let moto = Moto::start();
    let mut refuse = |_: Resource| Err(std::io::Error::other("disk full"));
    let result = aws::run_blocking(
        &options(moto.endpoint()),
        &plan(&["aws.ec2."]),
        &mut refuse,
        &mut |_| {},
    );
    assert!(result.unwrap_err().to_string().contains("disk full"));
}

#[test]
fn wrong_keys_are_an_error_with_advice() {
    let moto = Moto::start();
    let proxy = Proxy::start(&moto, |operation, _| {
        (operation == "GetCallerIdentity").then_some(Fault::Denied)
    });
    let mut none = |_: Resource| Ok(());
    let result =
        aws::run_blocking(&options(proxy.endpoint()), &plan(&["aws.ec2."]), &mut none, &mut |_| {});
    assert!(result.unwrap_err().to_string().contains("aws sso login"));
}

/// Every call of the SDK in the source is named beside it, and stands in the table that `permissions` is made from.
#[test]
fn the_source_calls_nothing_that_the_table_lacks() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect/aws");
    let table: BTreeSet<String> = every_call().map(|call| spelled(call.operation)).collect();
    let mut seen = BTreeSet::new();
    for (path, text) in sources(&root) {
        for call in sdk_calls(&text) {
            assert!(
                table.contains(&spelled(&call)),
                "{}: `{call}` is not in src/collect/services.rs",
                path.display()
            );
            seen.insert(spelled(&call));
        }
    }
    let unused: Vec<_> = table.difference(&seen).collect();
    assert_eq!(unused, Vec::<&String>::new(), "in the table, but never called");
}

/// `ec2:DescribeVpcs` and `describe_vpcs` are the same operation.
fn spelled(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().replace('_', "").to_lowercase()
}

fn sources(folder: &std::path::Path) -> Vec<(std::path::PathBuf, String)> {
    let mut list = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list.extend(sources(&path));
        } else {
            list.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    list
}

/// The operations called on a client: `.ec2()`, `client.` or `ec2.` and the method behind it.
fn sdk_calls(text: &str) -> BTreeSet<String> {
    const CLIENTS: [&str; 25] = [
        ".account()",
        ".acm()",
        ".apigatewayv2()",
        ".cloudformation()",
        ".cloudfront()",
        ".codebuild()",
        ".ec2()",
        ".eks()",
        ".elb()",
        ".elbv2()",
        ".globalaccelerator()",
        ".iam()",
        ".kms()",
        ".lambda()",
        ".networkfirewall()",
        ".organizations()",
        ".rds()",
        ".secretsmanager()",
        ".sns()",
        ".sqs()",
        ".ssm()",
        ".sts()",
        ".vpclattice()",
        " client",
        " ec2",
    ];
    const VERBS: [&str; 24] = [
        "accept_",
        "add_",
        "associate_",
        "attach_",
        "batch_",
        "create_",
        "delete_",
        "describe_",
        "detach_",
        "disable_",
        "enable_",
        "generate_",
        "get_",
        "list_",
        "modify_",
        "put_",
        "register_",
        "remove_",
        "run_",
        "search_",
        "set_",
        "start_",
        "stop_",
        "update_",
    ];
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".");
    let mut calls = BTreeSet::new();
    for client in CLIENTS {
        for rest in text.split(&format!("{client}.")).skip(1) {
            let method: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            // `and_then` and the like are no calls of a service; those begin with a verb of AWS.
            if VERBS.iter().any(|verb| method.starts_with(verb)) {
                calls.insert(method);
            }
        }
    }
    calls
}
