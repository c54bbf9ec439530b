//! What a gate says, made by hand: every class, a path, a remedy, drift, waivers of both kinds; and the same with names
//! chosen by an attacker.
#![expect(clippy::too_many_lines, reason = "these functions are tables")]

use std::collections::BTreeMap;

use portcullis::assess::WaiverUse;
use portcullis::clock::{self, Time};
use portcullis::finding::{Finding, Outcome, Severity, Subject};
use portcullis::gate::{
    Class, Decision, Drift, GateFinding, GateReport, Location, Reason, Remedy, ScoreChange,
};
use portcullis::model::change::{Action, Reading, Relations};
use portcullis::report::CheckText;
use portcullis::report::gate::{GateView, Options};
use serde_json::json;

use crate::report::fixture::{HOSTILE, account, finding, region, subject, tally};

pub const EXPOSED: &str = "rds-db-instance-not-exposed";
pub const PORTS: &str = "ec2-security-group-no-public-admin-ports";
pub const IMDS: &str = "ec2-instance-imdsv2-required";
pub const ACL: &str = "s3-bucket-acl-not-public";

/// All that a report is made from, owned.
pub struct Case {
    pub report: GateReport,
    pub checks: Vec<CheckText>,
    pub options: Options,
}

impl Case {
    pub fn view(&self) -> GateView<'_> {
        GateView { report: &self.report, checks: &self.checks, options: &self.options }
    }
}

pub fn at() -> Time {
    Time(clock::parse("2026-06-01T12:00:00Z").unwrap())
}

fn check(id: &str, title: &str, severity: Severity) -> CheckText {
    CheckText {
        id: id.to_owned(),
        title: title.to_owned(),
        severity,
        why: "What is verified.\n\nAnd what an attacker does with `it`.".to_owned(),
        audit: None,
        console: None,
        cli: None,
        terraform: Some("Set `publicly_accessible = false`.".to_owned()),
        controls: BTreeMap::from([("fsbp".to_owned(), vec!["EC2.13".to_owned()])]),
    }
}

fn gated(class: Class, finding: Finding, addresses: &[&str], action: Action) -> GateFinding {
    GateFinding {
        class,
        finding,
        was: None,
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        action: (!addresses.is_empty()).then_some(action),
        location: None,
        remedy: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "findings may have none")]
fn at_line(file: &str, line: u64, end_line: u64) -> Option<Location> {
    Some(Location { file: file.to_owned(), line, end_line })
}

fn planned(kind: &str, address: &str, name: Option<&str>) -> Subject {
    Subject {
        name: name.map(str::to_owned),
        environment: Some("production".to_owned()),
        ..subject(kind, account(1), region("eu-west-1"), &format!("planned:{address}"))
    }
}

fn findings() -> Vec<GateFinding> {
    let database = "module.data.aws_db_instance.main";
    let group = "aws_security_group.admin[\"office\"]";
    let mut out = Vec::new();
    let mut exposed = finding(
        EXPOSED,
        Outcome::Fail,
        Severity::Critical,
        planned("aws.rds.db_instance", database, Some("orders")),
        "internet|5432",
        "the internet reaches the database by public_address, let in by aws_security_group_rule.db",
    );
    exposed.witness = json!({
        "path": [
            "source internet",
            "internet gateway igw-0ec93375536c84c2d, then 1.0.0.0 → 10.30.0.60 TCP 5432",
            "network acl in acl-0d2940e4b5f8afc43 by row 100 allows all traffic from 0.0.0.0/0",
            "security group in planned:aws_security_group.db TCP 5432 from 0.0.0.0/0",
            "destination planned:module.data.aws_db_instance.main",
            "answer: route rtb-0a9cb30f15639e2cd by 0.0.0.0/0 → igw-0ec93375536c84c2d",
        ],
    });
    out.push(GateFinding {
        location: at_line("modules/data/main.tf", 14, 41),
        remedy: Some(Remedy {
            summary: "let only the application's group in".to_owned(),
            language: "hcl".to_owned(),
            text: "resource \"aws_security_group_rule\" \"db\" {\n  source_security_group_id = aws_security_group.app.id\n}".to_owned(),
        }),
        ..gated(Class::Added, exposed, &[database, "aws_security_group_rule.db"], Action::Create)
    });
    for (offender, ports) in [("22", "22 (tcp)"), ("3389", "3389 (tcp)")] {
        let ports = finding(
            PORTS,
            Outcome::Fail,
            Severity::High,
            Subject {
                name: Some("admin".to_owned()),
                ..subject("aws.ec2.security_group", account(1), region("eu-west-1"), "sg-0a1")
            },
            offender,
            &format!("administration ports within {ports} are open to 0.0.0.0/0"),
        );
        out.push(GateFinding {
            was: Some(Outcome::Pass),
            location: at_line("main.tf", 7, 19),
            ..gated(Class::Added, ports, &[group], Action::Update)
        });
    }
    let afar = finding(
        IMDS,
        Outcome::Fail,
        Severity::Medium,
        subject("aws.ec2.instance", account(2), region("eu-central-1"), "i-0f1"),
        "",
        "the instance answers IMDSv1",
    );
    out.push(GateFinding {
        was: Some(Outcome::Pass),
        ..gated(Class::Added, afar, &[], Action::NoOp)
    });
    let mut acl = finding(
        ACL,
        Outcome::Unknown,
        Severity::High,
        planned("aws.s3.bucket", "aws_s3_bucket.logs", None),
        "",
        "undetermined: Buckets are not public by their ACL",
    );
    acl.cause = Some("known after apply: acl".to_owned());
    out.push(GateFinding {
        location: at_line("buckets.tf.json", 3, 3),
        ..gated(Class::MadeUnknown, acl, &["aws_s3_bucket.logs"], Action::Create)
    });
    let one = |class, outcome, severity, id: &str, message: &str| {
        let finding = finding(
            PORTS,
            outcome,
            severity,
            subject("aws.ec2.security_group", account(1), region("eu-west-1"), id),
            "22",
            message,
        );
        GateFinding {
            was: Some(Outcome::Fail),
            ..gated(class, finding, &[&format!("aws_security_group.{id}")], Action::NoOp)
        }
    };
    let message = "administration ports within 22 (tcp) are open to ::/0";
    out.push(one(Class::Unchanged, Outcome::Fail, Severity::High, "sg-0b1", message));
    let mut unknown =
        one(Class::StillUnknown, Outcome::Unknown, Severity::Low, "sg-0b2", "undetermined");
    unknown.finding.cause = Some("denied: ec2:DescribeSecurityGroups: AccessDenied".to_owned());
    unknown.was = Some(Outcome::Unknown);
    out.push(unknown);
    for (id, waiver) in [("sg-0b3", "W-7"), ("sg-0b4", "inline:main.tf:21")] {
        let mut waived = one(Class::Waived, Outcome::Waived, Severity::High, id, message);
        waived.finding.waiver = Some(waiver.to_owned());
        waived.was = (id == "sg-0b3").then_some(Outcome::Waived);
        waived.location = at_line("main.tf", 22, 30);
        out.push(waived);
    }
    let mut fixed = one(Class::Fixed, Outcome::Fail, Severity::High, "sg-0b5", message);
    fixed.action = Some(Action::Delete);
    out.push(fixed);
    out
}

fn waiver(id: &str, state: &str, matched: u64, note: Option<&str>) -> WaiverUse {
    WaiverUse {
        id: id.to_owned(),
        owner: "ana@acme.example".to_owned(),
        approver: "li@acme.example".to_owned(),
        reason: "moves to the new network in Q3".to_owned(),
        checks: vec![PORTS.to_owned()],
        until: "2026-07-31".parse().unwrap(),
        state: state.to_owned(),
        matched,
        note: note.map(str::to_owned),
    }
}

/// A change that does a little of everything.
pub fn rich() -> Case {
    let report = GateReport {
        at: at(),
        tool: "portcullis 0.1.0".to_owned(),
        input: "infra/plan.json".to_owned(),
        compared_with: "the inventory live.jsonl.zst of 2026-06-01T06:00:00Z".to_owned(),
        reading: Reading {
            what: "Terraform plan, format 1.2, by Terraform 1.9.8".to_owned(),
            mapped: BTreeMap::from([
                ("aws_db_instance".to_owned(), 1),
                ("aws_security_group".to_owned(), 6),
                ("aws_s3_bucket".to_owned(), 1),
            ]),
            unmapped: BTreeMap::from([
                ("aws_cloudwatch_log_group".to_owned(), 3),
                ("aws_appautoscaling_target".to_owned(), 1),
            ]),
            foreign: BTreeMap::from([("random_id".to_owned(), 2)]),
            relations: Relations {
                resolved: 1_204,
                ambiguous: 2,
                left: vec![(
                    "aws_instance.x[\"a\"].subnet_id".to_owned(),
                    "the value comes from a local".to_owned(),
                )],
            },
        },
        actions: BTreeMap::from([
            (Action::Create, 3),
            (Action::Update, 1),
            (Action::Delete, 1),
            (Action::NoOp, 4),
        ]),
        findings: findings(),
        tally_before: tally(1_000, 3, 1, 1),
        tally_after: tally(1_001, 6, 2, 2),
        drift: vec![
            Drift {
                address: group_of_drift(),
                attributes: vec!["ingress".to_owned(), "tags.owner".to_owned()],
                words: "the inventory differs from what the plan was made against".to_owned(),
            },
            Drift {
                address: "aws_eip.old".to_owned(),
                attributes: Vec::new(),
                words: "it is gone from the inventory".to_owned(),
            },
        ],
        scores: vec![
            ScoreChange {
                framework: "acme".to_owned(),
                title: "Acme baseline".to_owned(),
                before: Some(61.4),
                after: Some(58.2),
            },
            ScoreChange {
                framework: "ir".to_owned(),
                title: "Incident response readiness".to_owned(),
                before: None,
                after: None,
            },
        ],
        waivers: vec![
            waiver("W-7", "in force", 1, None),
            waiver("W-8", "lapsed", 0, None),
            waiver("W-9", "in force", 0, None),
            waiver("inline:main.tf:21", "in force", 1, None),
            waiver("inline:main.tf:50", "refused", 0, Some("`reason=` is missing")),
        ],
        stale_baseline: vec!["0123456789abcdef0123456789abcdef".to_owned()],
        notes: vec![
            "format 1.9 is newer than what this release knows; unknown fields are ignored"
                .to_owned(),
        ],
        decision: Decision {
            exit_code: 1,
            reasons: vec![
                Reason {
                    threshold: "added:high".to_owned(),
                    words: "3 findings are added at or above high".to_owned(),
                    severity: Some(Severity::Critical),
                },
                Reason {
                    threshold: "unknown:high".to_owned(),
                    words: "1 outcome is unknown at or above high".to_owned(),
                    severity: Some(Severity::High),
                },
                Reason {
                    threshold: "score-drop:2".to_owned(),
                    words: "Acme baseline falls by 3.2".to_owned(),
                    severity: None,
                },
            ],
            warn_only: false,
        },
    };
    let checks = vec![
        check(
            PORTS,
            "Security groups do not open administration ports to the internet",
            Severity::High,
        ),
        check(EXPOSED, "The internet does not reach databases", Severity::Critical),
        check(IMDS, "Instances demand IMDSv2", Severity::Medium),
        check(ACL, "Buckets are not public by their ACL", Severity::High),
    ];
    Case {
        report,
        checks,
        options: Options {
            key: "infra/prod".to_owned(),
            source_prefix: "infra".to_owned(),
            ..Options::default()
        },
    }
}

fn group_of_drift() -> String {
    "aws_security_group.admin[\"office\"]".to_owned()
}

/// A change that does nothing to any finding.
pub fn nothing() -> Case {
    let mut case = rich();
    let report = &mut case.report;
    report.findings.clear();
    report.drift.clear();
    report.scores.clear();
    report.waivers.clear();
    report.stale_baseline.clear();
    report.notes.clear();
    report.actions = BTreeMap::from([(Action::NoOp, 4)]);
    report.decision = Decision { exit_code: 0, reasons: Vec::new(), warn_only: false };
    case.options = Options::default();
    case
}

/// An input about which nothing can be concluded.
pub fn broken() -> Case {
    let mut case = nothing();
    case.report.decision = Decision {
        exit_code: 3,
        reasons: vec![Reason {
            threshold: "incomplete".to_owned(),
            words: "the plan says it is only a part of the change".to_owned(),
            severity: None,
        }],
        warn_only: false,
    };
    case
}

/// Names that end cells, fences, commands, comments and mentions.
pub const MARKUP: [&str; 6] = [
    "aws_x.y[\"| a | b |\"]",
    "``` ```` --> <!-- portcullis:gate:other -->",
    "@octocat #12 https://evil.example www.evil.example",
    "</details></summary><h1>",
    "::error file=x::y\n::set-output name=a::b",
    "%0A%25]]>&lt;&#x202e;",
];

/// Every text that comes from outside is one of [`HOSTILE`] or [`MARKUP`].
pub fn hostile() -> Case {
    let mut case = rich();
    let texts: Vec<String> = HOSTILE.iter().chain(&MARKUP).map(|text| (*text).to_owned()).collect();
    let mut n = 0;
    let mut next = || {
        n += 1;
        texts[n % texts.len()].clone()
    };
    let report = &mut case.report;
    report.input = next();
    report.compared_with = next();
    report.reading.what = next();
    report.reading.unmapped = texts.iter().map(|text| (text.clone(), 1)).collect();
    report.reading.relations.left = texts.iter().map(|text| (text.clone(), next())).collect();
    let pattern = report.findings.clone();
    report.findings = pattern
        .iter()
        .cycle()
        .take(texts.len().max(pattern.len()))
        .enumerate()
        .map(|(n, have)| {
            let mut gated = have.clone();
            let finding = &mut gated.finding;
            (finding.message, finding.offender) = (next(), format!("{n}{}", next()));
            finding.subject.id = next();
            finding.subject.name = Some(next());
            finding.subject.environment = Some(next());
            finding.witness =
                json!({"path": [next(), next()], "instead": next(), "witness": next()});
            finding.cause = finding.cause.as_ref().map(|_| next());
            finding.waiver = finding.waiver.as_ref().map(|_| next());
            finding.fingerprint = portcullis::finding::fingerprint(
                &finding.check,
                &finding.subject,
                &finding.offender,
            );
            gated.addresses = vec![next(), next()];
            gated.location = at_line(&next(), 3, 5);
            gated.remedy =
                Some(Remedy { summary: next(), language: next(), text: texts.join("\n") });
            gated
        })
        .collect();
    report.drift = texts
        .iter()
        .map(|text| Drift { address: text.clone(), attributes: vec![next()], words: next() })
        .collect();
    for score in &mut report.scores {
        score.title = next();
    }
    for waiver in &mut report.waivers {
        (waiver.id, waiver.owner, waiver.reason) = (next(), next(), next());
        waiver.note = Some(next());
    }
    report.stale_baseline.clone_from(&texts);
    report.notes.clone_from(&texts);
    for reason in &mut report.decision.reasons {
        reason.words = next();
    }
    for check in &mut case.checks {
        (check.title, check.why) = (next(), texts.join("\n\n"));
        check.terraform = Some(next());
    }
    case.options.key = next();
    case
}

/// So many added findings, each with a long path.
pub fn bulk(n: usize) -> Case {
    let mut case = rich();
    let first = case.report.findings[0].clone();
    case.report.findings = (0..n)
        .map(|i| {
            let mut gated = first.clone();
            let address = format!("module.data[\"{i}\"].aws_db_instance.main");
            gated.finding.subject.id = format!("planned:{address}");
            gated.finding.fingerprint = format!("{i:032x}");
            gated.addresses = vec![address];
            gated
        })
        .collect();
    case
}
