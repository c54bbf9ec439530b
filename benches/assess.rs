//! Assessing 100,000 security groups and 100,000 instances with every check that applies, against merely reading the
//! same snapshot. Each phase runs in a process of its own, so that its peak memory is its own.
//!
//! `cargo bench --no-default-features --bench assess`; `ASSESS_GROUPS` and `ASSESS_INSTANCES` change the size.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "a benchmark: it may fail loudly, and says what it measured"
)]

mod measure;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use measure::{cpu_seconds, peak_mib};
use portcullis::analyze::Environments;
use portcullis::assess::{Assessment, Plan, assess};
use portcullis::check::Suite;
use portcullis::clock::{self, Time};
use portcullis::diag::Diagnostics;
use portcullis::finding::Tally;
use portcullis::ident::{AccountId, Region};
use portcullis::model::reflect::Typed;
use portcullis::model::snapshot::{Entry, Limits, Reader, Writer};
use portcullis::model::{
    Attr, Completeness, CoverageEntry, KINDS, Meta, Origin, Resource, ec2, ssm, vpc,
};
use portcullis::net::Ports;
use portcullis::posture::Posture;
use portcullis::report::{Format, Options, Report};
use portcullis::waiver::Waivers;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
const PHASE: &str = "PORTCULLIS_BENCH_PHASE";

fn main() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-assess.jsonl.zst");
    if let Ok(phase) = std::env::var(PHASE) {
        measure(&phase, &path);
        return;
    }
    // `cargo test --benches` runs this too: a small world is enough to see that it works.
    let quick = !std::env::args().any(|arg| arg == "--bench");
    let size = |name: &str| {
        let wanted = std::env::var(name).ok().and_then(|text| text.parse().ok());
        wanted.unwrap_or(if quick { 200 } else { 100_000 })
    };
    let (groups, instances) = (size("ASSESS_GROUPS"), size("ASSESS_INSTANCES"));
    generate(&path, groups, instances);
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!("{groups} security groups, {instances} instances, {bytes} bytes");
    for phase in ["read", "assess", "report"] {
        let status =
            Command::new(std::env::current_exe().unwrap()).env(PHASE, phase).status().unwrap();
        assert!(status.success(), "{phase}");
    }
}

fn measure(phase: &str, path: &Path) {
    let open = || Reader::new("bench", File::open(path).unwrap(), Limits::default());
    let start = Instant::now();
    let words = if phase == "read" {
        let mut reader = open().unwrap();
        let mut count = 0_u64;
        while let Some(entry) = reader.next_entry().unwrap() {
            if let Entry::Resource(text, _) = entry {
                Resource::parse(&text).unwrap();
                count += 1;
            }
        }
        format!("{count} resources")
    } else {
        let mut diagnostics = Diagnostics::default();
        let suite = Suite::builtin(&mut diagnostics);
        assert!(!diagnostics.has_errors());
        let (environments, waivers) = (Environments::default(), Waivers::default());
        let now = clock::parse("2026-01-01").unwrap();
        let plan = Plan::defaults(&suite, &environments, &waivers, now).unwrap();
        let mut assessment = assess(&plan, "bench", open).unwrap();
        if phase == "report" {
            // What a reader can be asked to open.
            assessment.findings.truncate(50_000);
            return report(&assessment);
        }
        let sum =
            assessment.checks.iter().fold(Tally::default(), |sum, check| sum.plus(check.tally));
        let count = sum.applicable() + sum.not_applicable;
        let seconds = start.elapsed().as_secs_f64();
        format!(
            "{count} evaluations ({:.2} million a second), {} findings",
            count as f64 / seconds / 1e6,
            assessment.findings.len()
        )
    };
    let wall = start.elapsed().as_secs_f64();
    println!(
        "{phase:>7}: {wall:6.2} s wall, {:6.2} s CPU, {:5} MiB peak; {words}",
        cpu_seconds(),
        peak_mib()
    );
}

/// Every report over 50,000 findings.
fn report(assessment: &Assessment) {
    let (posture, options) = (Posture::default(), Options::default());
    let report = Report { assessment, posture: &posture, checks: &[], options: &options };
    for format in Format::ALL {
        let start = Instant::now();
        let mut bytes = Vec::new();
        portcullis::report::write(&report, format, &mut bytes).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!(
            " report: {seconds:6.2} s, {:>10} bytes of {format} for {} findings",
            bytes.len(),
            assessment.findings.len()
        );
    }
}

/// xorshift64*: the same world every time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % n
    }
}

fn meta(id: String) -> Meta {
    Meta {
        id,
        account: AccountId::new(ACCOUNT).unwrap(),
        region: Region::new(REGION).unwrap(),
        arn: None,
        name: Some("bench".to_owned()),
        tags: Attr::Known(
            ["owner", "env", "data-class"].map(|key| (key.to_owned(), "bench".to_owned())).into(),
        ),
        environment: Attr::default(),
        origin: Origin::Aws,
    }
}

fn rule(random: &mut Random) -> vpc::SecurityGroupRule {
    let port = [22, 80, 443, 3306, 5432, 8080][random.below(6) as usize];
    let cidr = match random.below(40) {
        0 if port == 443 => "0.0.0.0/0".to_owned(),
        1 if port == 22 => "::/0".to_owned(),
        n => format!("10.{}.{}.0/24", n, random.below(256)),
    };
    vpc::SecurityGroupRule {
        rule_id: Attr::Known(None),
        protocol: Attr::Known("tcp".to_owned()),
        ports: Attr::Known(Ports::new(port, port)),
        icmp_type: Attr::Known(None),
        icmp_code: Attr::Known(None),
        cidr: Attr::Known(Some(cidr.parse().unwrap())),
        prefix_list_id: Attr::Known(None),
        group_id: Attr::Known(None),
        group_account: Attr::Known(None),
        group_vpc_id: Attr::Known(None),
        peering_connection_id: Attr::Known(None),
        description: Attr::Known(Some("from the office".to_owned())),
        ..Default::default()
    }
}

fn moment(text: &str) -> Time {
    Time(clock::parse(text).unwrap())
}

/// An instance with its interface and its agent. One in fifty is careless.
fn machine(at: u64, group: u64, careless: bool) -> [Resource; 3] {
    let (id, group) = (format!("i-{at:08x}"), format!("sg-{group:08x}"));
    let tokens = if careless { "optional" } else { "required" };
    let mut instance = ec2::Instance {
        image_id: Attr::Known(format!("ami-{}", at % 50)),
        instance_type: Attr::Known("m7g.large".to_owned()),
        state: Attr::Known("running".to_owned()),
        launch_time: Attr::Known(moment("2025-12-20")),
        virtualization_type: Attr::Known("hvm".to_owned()),
        iam_instance_profile_arn: Attr::Known(Some(
            "arn:aws:iam::111122223333:instance-profile/app".to_owned(),
        )),
        metadata_options: Attr::Known(ec2::MetadataOptions {
            http_tokens: Attr::Known(Some(tokens.to_owned())),
            http_endpoint: Attr::Known(Some("enabled".to_owned())),
            http_put_response_hop_limit: Attr::Known(Some(1)),
            ..Default::default()
        }),
        vpc_id: Attr::Known(Some(format!("vpc-{}", at % 500))),
        subnet_id: Attr::Known(Some(format!("subnet-{}", at % 2000))),
        security_group_ids: Attr::Known(vec![group.clone()]),
        ..Default::default()
    };
    instance.settle();
    let mut interface = ec2::NetworkInterface {
        security_group_ids: Attr::Known(vec![group]),
        source_dest_check: Attr::Known(true),
        status: Attr::Known("in-use".to_owned()),
        ..Default::default()
    };
    interface.settle();
    let mut agent = ssm::ManagedInstance {
        resource_type: Attr::Known("EC2Instance".to_owned()),
        ping_status: Attr::Known("Online".to_owned()),
        last_ping_date_time: Attr::Known(Some(moment("2025-12-31"))),
        platform_type: Attr::Known(Some("Linux".to_owned())),
        platform_name: Attr::Known(Some("Amazon Linux".to_owned())),
        platform_version: Attr::Known(Some("2023".to_owned())),
        is_latest_version: Attr::Known(Some(true)),
        association_status: Attr::Known(Some("Success".to_owned())),
        ..Default::default()
    };
    agent.settle();
    [
        Resource { meta: meta(id.clone()), data: instance.into() },
        Resource { meta: meta(format!("eni-{at:08x}")), data: interface.into() },
        Resource { meta: meta(id), data: agent.into() },
    ]
}

fn generate(path: &Path, groups: u64, instances: u64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let out = BufWriter::new(File::create(path).unwrap());
    let mut writer = Writer::new(out, Time::default(), vec!["bench".to_owned()]).unwrap();
    for at in 0..groups {
        let count = 1 + random.below(6);
        let group = vpc::SecurityGroup {
            group_name: Attr::Known(format!("group-{at}")),
            description: Attr::Known(Some("bench".to_owned())),
            vpc_id: Attr::Known(Some(format!("vpc-{}", at % 500))),
            owner_id: Attr::Known(ACCOUNT.to_owned()),
            ingress: Attr::Known((0..count).map(|_| rule(&mut random)).collect()),
            egress: Attr::Known(vec![rule(&mut random)]),
            ..Default::default()
        };
        writer
            .resource(&Resource { meta: meta(format!("sg-{at:08x}")), data: group.into() })
            .unwrap();
    }
    for at in 0..50 {
        let mut image = ec2::Image {
            owner_id: Attr::Known(ACCOUNT.to_owned()),
            state: Attr::Known("available".to_owned()),
            public: Attr::Known(false),
            creation_date: Attr::Known(Some(moment("2025-12-01"))),
            ..Default::default()
        };
        image.settle();
        writer.resource(&Resource { meta: meta(format!("ami-{at}")), data: image.into() }).unwrap();
    }
    for at in 0..instances {
        for resource in machine(at, random.below(groups.max(1)), random.below(50) == 0) {
            writer.resource(&resource).unwrap();
        }
    }
    for kind in KINDS {
        let region = match kind.scope {
            portcullis::model::Scope::Regional => Region::new(REGION).unwrap(),
            _ => Region::global(),
        };
        let entry = CoverageEntry {
            source: "bench".to_owned(),
            account: AccountId::new(ACCOUNT).unwrap(),
            region,
            kind: kind.name.to_owned(),
            status: Completeness::Complete,
            reason: None,
            count: 0,
        };
        writer.coverage(&entry).unwrap();
    }
    writer.finish().unwrap();
}
