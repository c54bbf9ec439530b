//! A small assessment, made by hand, and a large one, made by rule. Their numbers agree with one another, but nobody
//! computed them: reports show what they are given.
#![expect(clippy::too_many_lines, reason = "these functions are tables")]

use std::collections::BTreeMap;

use portcullis::assess::{
    Assessment, CheckResult, InventorySummary, ParamUse, Undetermined, WaiverUse,
};
use portcullis::clock::{self, Time};
use portcullis::finding::{Finding, Outcome, Severity, Subject, Tally, fingerprint};
use portcullis::ident::{AccountId, Region};
use portcullis::model::{Completeness, CoverageEntry};
use portcullis::posture::{
    Cap, ControlResult, ControlState, Evidence, EvidenceKind, FrameworkResult, Posture, Score,
    SectionResult,
};
use portcullis::report::{CheckText, Options, Report};
use serde_json::json;

pub const PORTS: &str = "ec2-security-group-no-public-admin-ports";
pub const ROOT: &str = "iam-root-mfa";
pub const IMDS: &str = "ec2-instance-imdsv2-required";
pub const PATCH: &str = "ssm-instance-patched";
pub const TLS: &str = "elbv2-listener-tls-policy-current";

fn number(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

/// All that a report is made from, owned.
pub struct Case {
    pub assessment: Assessment,
    pub posture: Posture,
    pub checks: Vec<CheckText>,
    pub options: Options,
}

impl Case {
    pub fn report(&self) -> Report<'_> {
        Report {
            assessment: &self.assessment,
            posture: &self.posture,
            checks: &self.checks,
            options: &self.options,
        }
    }
}

pub fn account(n: u64) -> AccountId {
    AccountId::new(&format!("{:012}", 111_111_111_111 * n)).unwrap()
}

pub fn region(code: &str) -> Region {
    Region::new(code).unwrap()
}

pub fn tally(pass: u64, fail: u64, unknown: u64, waived: u64) -> Tally {
    Tally { pass, waived, fail, unknown, not_applicable: 0 }
}

pub fn finding(
    check: &str,
    outcome: Outcome,
    severity: Severity,
    subject: Subject,
    offender: &str,
    message: &str,
) -> Finding {
    Finding {
        fingerprint: fingerprint(check, &subject, offender),
        check: check.to_owned(),
        outcome,
        severity,
        subject,
        offender: offender.to_owned(),
        message: message.to_owned(),
        witness: serde_json::Value::Null,
        cause: None,
        waiver: None,
    }
}

pub fn subject(kind: &str, account: AccountId, region: Region, id: &str) -> Subject {
    Subject {
        kind: kind.to_owned(),
        account,
        region,
        id: id.to_owned(),
        arn: None,
        name: None,
        environment: None,
    }
}

fn check(id: &str, title: &str, severity: Severity, kind: &str, tally: Tally) -> CheckResult {
    CheckResult {
        id: id.to_owned(),
        title: title.to_owned(),
        severity,
        kind: kind.to_owned(),
        tally,
        by_account: BTreeMap::from([(account(1), tally)]),
        params: BTreeMap::new(),
        undetermined: Vec::new(),
    }
}

fn text(id: &str, title: &str, severity: Severity) -> CheckText {
    CheckText {
        id: id.to_owned(),
        title: title.to_owned(),
        severity,
        why: "This check verifies that nothing of the kind is reachable.\n\nAn attacker scans the internet for \
              such ports within minutes, and tries `root` with known passwords:\n\n- from rented machines\n- at \
              no cost\n"
            .to_owned(),
        audit: Some(
            "List the rules, and look for `0.0.0.0/0` and `::/0`:\n\n```\naws ec2 describe-security-groups \
             --group-ids sg-0a1\n```\n"
                .to_owned(),
        ),
        console: Some("EC2 → Security groups → the group → Edit inbound rules: remove the rule.".to_owned()),
        cli: Some("aws ec2 revoke-security-group-ingress --group-id ID --protocol tcp --port 22 --cidr 0.0.0.0/0".to_owned()),
        terraform: Some("resource \"aws_vpc_security_group_ingress_rule\" \"ssh\" {\n  cidr_ipv4 = \"10.0.0.0/8\"\n}".to_owned()),
        controls: BTreeMap::from([
            ("cis-aws-5.0".to_owned(), vec!["5.3".to_owned()]),
            ("nist-800-53r5".to_owned(), vec!["AC-4".to_owned(), "SC-7".to_owned()]),
        ]),
    }
}

fn coverage(
    account: AccountId,
    code: &str,
    kind: &str,
    status: Completeness,
    reason: Option<&str>,
    count: u64,
) -> CoverageEntry {
    CoverageEntry {
        source: "aws".to_owned(),
        account,
        region: region(code),
        kind: kind.to_owned(),
        status,
        reason: reason.map(str::to_owned),
        count,
    }
}

/// Five checks over a handful of resources: every outcome, every control state, a lapsed waiver, a denied call.
pub fn acme() -> Case {
    let checks = vec![
        CheckResult {
            params: BTreeMap::from([(
                "admin_ports".to_owned(),
                ParamUse { value: json!([22, 3389, 5986]), origin: "overlay acme".to_owned() },
            )]),
            ..check(
                PORTS,
                "Security groups do not open administration ports to the internet",
                Severity::High,
                "aws.ec2.security_group",
                tally(27, 2, 0, 1),
            )
        },
        check(
            ROOT,
            "The root user signs in with multi-factor authentication",
            Severity::Critical,
            "aws.iam.account_summary",
            tally(1, 1, 0, 0),
        ),
        check(
            IMDS,
            "Instances answer metadata requests with session tokens only",
            Severity::Medium,
            "aws.ec2.instance",
            Tally { not_applicable: 3, ..tally(12, 0, 0, 0) },
        ),
        CheckResult {
            undetermined: vec![Undetermined {
                account: account(2),
                region: region("eu-west-1"),
                cause: "denied: aws.ssm.patch_state in 222222222222 eu-west-1: ssm:DescribeInstancePatchStates: \
                        AccessDeniedException"
                    .to_owned(),
            }],
            ..check(
                PATCH,
                "Managed instances miss no critical patch",
                Severity::Critical,
                "aws.ssm.patch_state",
                tally(9, 0, 2, 0),
            )
        },
        check(
            TLS,
            "Listeners negotiate current TLS versions only",
            Severity::Low,
            "aws.elbv2.listener",
            tally(4, 1, 0, 0),
        ),
    ];
    Case {
        assessment: Assessment {
            at: Time(clock::parse("2026-03-01T12:00:00Z").unwrap()),
            tool: "portcullis 0.1.0".to_owned(),
            inventory: InventorySummary {
                path: "examples/acme/inventory.jsonl.zst".to_owned(),
                sha256: "5a".repeat(32),
                created: Time(clock::parse("2026-03-01T11:40:00Z").unwrap()),
                scope: vec!["accounts: 111111111111, 222222222222".to_owned()],
                resources: 61,
                by_type: BTreeMap::from([
                    ("aws.ec2.instance".to_owned(), 15),
                    ("aws.ec2.security_group".to_owned(), 30),
                    ("aws.elbv2.listener".to_owned(), 5),
                    ("aws.ssm.patch_state".to_owned(), 9),
                    ("aws.iam.account_summary".to_owned(), 2),
                ]),
                accounts: vec![account(1), account(2)],
                regions: vec![region("eu-west-1")],
            },
            coverage: vec![
                coverage(
                    account(1),
                    "eu-west-1",
                    "aws.ec2.instance",
                    Completeness::Complete,
                    None,
                    15,
                ),
                coverage(
                    account(1),
                    "eu-west-1",
                    "aws.ec2.security_group",
                    Completeness::Complete,
                    None,
                    20,
                ),
                coverage(
                    account(1),
                    "eu-west-1",
                    "aws.ssm.patch_state",
                    Completeness::Complete,
                    None,
                    9,
                ),
                coverage(
                    account(1),
                    "global",
                    "aws.iam.account_summary",
                    Completeness::Complete,
                    None,
                    1,
                ),
                coverage(
                    account(2),
                    "eu-west-1",
                    "aws.ec2.security_group",
                    Completeness::Complete,
                    None,
                    10,
                ),
                coverage(
                    account(2),
                    "eu-west-1",
                    "aws.ssm.patch_state",
                    Completeness::Denied,
                    Some("ssm:DescribeInstancePatchStates: AccessDeniedException"),
                    0,
                ),
                coverage(
                    account(2),
                    "global",
                    "aws.iam.account_summary",
                    Completeness::Complete,
                    None,
                    1,
                ),
            ],
            findings: acme_findings(),
            checks,
            waivers: vec![
                waiver("jump-host-ssh", "2026-03-15", "in force", 1, None),
                waiver("legacy-vpn", "2026-01-31", "lapsed", 0, None),
                waiver(
                    "self-approved",
                    "2026-06-30",
                    "refused",
                    0,
                    Some("the owner approved it himself"),
                ),
                waiver("old-bucket", "2026-12-31", "in force", 0, None),
            ],
        },
        posture: acme_posture(),
        checks: vec![
            text(
                PORTS,
                "Security groups do not open administration ports to the internet",
                Severity::High,
            ),
            text(
                ROOT,
                "The root user signs in with multi-factor authentication",
                Severity::Critical,
            ),
        ],
        options: Options { title: Some("Acme".to_owned()), ..Options::default() },
    }
}

fn acme_findings() -> Vec<Finding> {
    let ec2 = |id: &str| subject("aws.ec2.security_group", account(1), region("eu-west-1"), id);
    let mut findings = vec![
        finding(
            ROOT,
            Outcome::Fail,
            Severity::Critical,
            subject("aws.iam.account_summary", account(2), Region::global(), "222222222222"),
            "",
            "the root user has no MFA device",
        ),
        Finding {
            witness: json!({
                "rule": {"protocol": "tcp", "ports": "22", "source": "0.0.0.0/0"},
                "path": ["igw-0aa1", "rtb-0bb2", "subnet-0cc3", "eni-0dd4"],
                "listening": true
            }),
            ..finding(
                PORTS,
                Outcome::Fail,
                Severity::High,
                Subject {
                    name: Some("web".to_owned()),
                    environment: Some("prod".to_owned()),
                    arn: Some("arn:aws:ec2:eu-west-1:111111111111:security-group/sg-0a1".to_owned()),
                    ..ec2("sg-0a1")
                },
                "sgr-0a1-1",
                "22 open to 0.0.0.0/0",
            )
        },
        finding(
            PORTS,
            Outcome::Fail,
            Severity::High,
            Subject { environment: Some("dev".to_owned()), ..ec2("sg-0b2") },
            "sgr-0b2-7",
            "3389 open to ::/0",
        ),
        finding(
            TLS,
            Outcome::Fail,
            Severity::Low,
            subject("aws.elbv2.listener", account(1), region("eu-west-1"), "listener/app/web/50dc/f2f7"),
            "",
            "policy ELBSecurityPolicy-2016-08 admits TLS 1.0",
        ),
        Finding {
            cause: Some(
                "denied: aws.ssm.patch_state in 222222222222 eu-west-1: ssm:DescribeInstancePatchStates: \
                 AccessDeniedException"
                    .to_owned(),
            ),
            ..finding(
                PATCH,
                Outcome::Unknown,
                Severity::Critical,
                Subject::everything("aws.ssm.patch_state", &account(2), &region("eu-west-1")),
                "",
                "patch states were not collected",
            )
        },
        Finding {
            cause: Some("not understood: the platform `FreeBSD 14`".to_owned()),
            ..finding(
                PATCH,
                Outcome::Unknown,
                Severity::Critical,
                subject("aws.ssm.patch_state", account(1), region("eu-west-1"), "i-0f3"),
                "",
                "nobody can say which patches i-0f3 misses",
            )
        },
        Finding {
            waiver: Some("jump-host-ssh".to_owned()),
            ..finding(
                PORTS,
                Outcome::Waived,
                Severity::High,
                Subject { name: Some("jump".to_owned()), ..ec2("sg-0c3") },
                "sgr-0c3-1",
                "22 open to 203.0.113.0/24",
            )
        },
    ];
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings
}

fn waiver(id: &str, until: &str, state: &str, matched: u64, note: Option<&str>) -> WaiverUse {
    WaiverUse {
        id: id.to_owned(),
        owner: "Ada Owner".to_owned(),
        approver: "Bo Approver".to_owned(),
        reason: "The jump host is replaced in the second quarter".to_owned(),
        checks: vec![PORTS.to_owned()],
        until: until.parse().unwrap(),
        state: state.to_owned(),
        matched,
        note: note.map(str::to_owned),
    }
}

pub fn score(
    gross: f64,
    net: f64,
    best: f64,
    coverage: f64,
    states: &[(ControlState, u64)],
) -> Score {
    let grade = match net {
        n if n >= 90.0 => "A",
        n if n >= 80.0 => "B",
        n if n >= 65.0 => "C",
        n if n >= 50.0 => "D",
        n if n >= 35.0 => "E",
        _ => "F",
    };
    Score {
        rated: true,
        not_rated_because: None,
        gross,
        net,
        best,
        coverage,
        grade: grade.to_owned(),
        caps: Vec::new(),
        states: states.iter().copied().collect(),
    }
}

fn unrated(reason: &str, states: &[(ControlState, u64)]) -> Score {
    Score {
        rated: false,
        not_rated_because: Some(reason.to_owned()),
        ..score(77.0, 77.0, 77.0, 77.0, states)
    }
}

pub fn control(
    id: &str,
    title: &str,
    section: &str,
    severity: Severity,
    state: ControlState,
) -> ControlResult {
    ControlResult {
        id: id.to_owned(),
        title: title.to_owned(),
        section: section.to_owned(),
        severity,
        state,
        tally: Tally::default(),
        weight: 0.0,
        evidence: Vec::new(),
        reason: None,
        params: BTreeMap::new(),
        maps: BTreeMap::new(),
    }
}

pub fn by_check(id: &str, tally: Tally) -> Evidence {
    Evidence { kind: EvidenceKind::Check, id: id.to_owned(), tally, note: None }
}

fn acme_posture() -> Posture {
    use ControlState::{Accepted, Failed, Gap, NotApplicable, Satisfied, Undetermined};
    let controls = vec![
        ControlResult {
            tally: tally(1, 1, 0, 0),
            weight: 5.0,
            evidence: vec![by_check(ROOT, tally(1, 1, 0, 0))],
            maps: BTreeMap::from([(
                "cis-aws-5.0".to_owned(),
                vec!["1.4".to_owned(), "1.5".to_owned()],
            )]),
            ..control(
                "ACC-02",
                "The root user signs in with strong multi-factor authentication",
                "ACC",
                Severity::Critical,
                Failed,
            )
        },
        ControlResult {
            reason: Some("no provider data is collected for it yet".to_owned()),
            weight: 5.0,
            ..control(
                "ACC-09",
                "A trail records management events in all regions",
                "ACC",
                Severity::High,
                Gap,
            )
        },
        ControlResult {
            tally: tally(27, 2, 0, 1),
            weight: 2.0,
            evidence: vec![by_check(PORTS, tally(27, 2, 0, 1))],
            params: BTreeMap::from([(
                "admin_ports".to_owned(),
                ParamUse { value: json!([22, 3389, 5986]), origin: "overlay acme".to_owned() },
            )]),
            maps: BTreeMap::from([
                ("cis-aws-5.0".to_owned(), vec!["5.3".to_owned()]),
                ("nist-800-53r5".to_owned(), vec!["AC-4".to_owned(), "SC-7".to_owned()]),
            ]),
            ..control(
                "INF-SG-01",
                "Administration ports are closed to the internet",
                "INF",
                Severity::High,
                Failed,
            )
        },
        ControlResult {
            tally: tally(9, 0, 2, 0),
            weight: 5.0,
            evidence: vec![by_check(PATCH, tally(9, 0, 2, 0))],
            ..control(
                "INF-PAT-01",
                "Servers miss no critical patch",
                "INF",
                Severity::Critical,
                Undetermined,
            )
        },
        ControlResult {
            tally: tally(12, 0, 0, 0),
            evidence: vec![
                by_check(IMDS, tally(12, 0, 0, 0)),
                Evidence {
                    kind: EvidenceKind::Attestation,
                    id: "hardening-standard".to_owned(),
                    tally: tally(1, 0, 0, 0),
                    note: Some(
                        "owner Ada Owner, approved by Bo Approver on 2025-11-03, lapses 2026-11-03"
                            .to_owned(),
                    ),
                },
            ],
            ..control(
                "INF-PAT-05",
                "Instances follow the hardening standard",
                "INF",
                Severity::Medium,
                Satisfied,
            )
        },
        ControlResult {
            tally: tally(3, 0, 0, 1),
            ..control(
                "INF-SG-04",
                "Jump hosts admit known addresses only",
                "INF",
                Severity::Low,
                Accepted,
            )
        },
        ControlResult {
            reason: Some("overlay acme: there is no VPN".to_owned()),
            ..control(
                "INF-VPC-09",
                "VPN connections use current ciphers",
                "INF",
                Severity::Low,
                NotApplicable,
            )
        },
    ];
    let all = [
        (Failed, 2),
        (Undetermined, 1),
        (Gap, 1),
        (Accepted, 1),
        (Satisfied, 1),
        (NotApplicable, 1),
    ];
    let baseline = FrameworkResult {
        id: "baseline".to_owned(),
        title: "Organisation baseline".to_owned(),
        version: "2026.1 + acme".to_owned(),
        score: Score {
            caps: vec![
                Cap {
                    name: "critical control failing or undetermined".to_owned(),
                    limit: 59.0,
                    controls: vec!["ACC-02".to_owned(), "INF-PAT-01".to_owned()],
                },
                Cap {
                    name: "high control failing or undetermined".to_owned(),
                    limit: 84.0,
                    controls: vec!["ACC-09".to_owned(), "INF-SG-01".to_owned()],
                },
            ],
            ..score(31.2, 34.9, 59.0, 84.2, &all)
        },
        sections: vec![
            SectionResult {
                id: "ACC".to_owned(),
                title: "Account security".to_owned(),
                score: unrated("coverage 33 % is below 50 %", &[(Failed, 1), (Gap, 1)]),
                documented: None,
                proved: None,
            },
            SectionResult {
                id: "INF".to_owned(),
                title: "Infrastructure".to_owned(),
                score: score(
                    48.0,
                    51.5,
                    84.0,
                    95.1,
                    &[
                        (Failed, 1),
                        (Undetermined, 1),
                        (Accepted, 1),
                        (Satisfied, 1),
                        (NotApplicable, 1),
                    ],
                ),
                documented: None,
                proved: None,
            },
        ],
        controls,
    };
    Posture {
        frameworks: vec![baseline, readiness()],
        refused_records: vec![
            "attestations/ir-plan.yaml: the document's digest does not match".to_owned(),
        ],
    }
}

fn readiness() -> FrameworkResult {
    use ControlState::{Failed, Satisfied, Undetermined};
    let record = |kind, id: &str, tally, note: &str| Evidence {
        kind,
        id: id.to_owned(),
        tally,
        note: Some(note.to_owned()),
    };
    FrameworkResult {
        id: "ir-readiness".to_owned(),
        title: "Incident-response readiness".to_owned(),
        version: "2026.1".to_owned(),
        score: score(40.0, 40.0, 75.0, 60.0, &[(Satisfied, 1), (Failed, 1), (Undetermined, 1)]),
        sections: vec![
            SectionResult {
                id: "GV".to_owned(),
                title: "Govern".to_owned(),
                score: score(66.0, 66.0, 66.0, 100.0, &[(Satisfied, 1), (Failed, 1)]),
                documented: Some(50.0),
                proved: None,
            },
            SectionResult {
                id: "RS".to_owned(),
                title: "Respond".to_owned(),
                score: unrated("nothing was evaluated", &[(Undetermined, 1)]),
                documented: Some(0.0),
                proved: Some(33.4),
            },
        ],
        controls: vec![
            ControlResult {
                tally: tally(1, 0, 0, 0),
                evidence: vec![record(
                    EvidenceKind::Attestation,
                    "ir-policy",
                    tally(1, 0, 0, 0),
                    "owner Ada Owner, lapses 2026-09-30",
                )],
                ..control(
                    "IR-GV-01",
                    "Is there a written and approved response policy?",
                    "GV",
                    Severity::High,
                    Satisfied,
                )
            },
            ControlResult {
                tally: tally(0, 1, 0, 0),
                weight: 2.0,
                evidence: vec![record(
                    EvidenceKind::Exercise,
                    "",
                    tally(0, 1, 0, 0),
                    "no record of the last 180 days",
                )],
                ..control(
                    "IR-GV-02",
                    "Are response roles filled today?",
                    "GV",
                    Severity::Medium,
                    Failed,
                )
            },
            control(
                "IR-RS-01",
                "Can responders isolate an instance?",
                "RS",
                Severity::High,
                Undetermined,
            ),
        ],
    }
}

/// Nothing was collected: no resources, no scores.
pub fn empty() -> Case {
    let mut case = acme();
    let assessment = &mut case.assessment;
    assessment.inventory.resources = 0;
    assessment.inventory.by_type.clear();
    assessment.inventory.accounts.clear();
    assessment.inventory.regions.clear();
    assessment.coverage.clear();
    assessment.checks.clear();
    assessment.findings.clear();
    assessment.waivers.clear();
    case.posture.refused_records.clear();
    for framework in &mut case.posture.frameworks {
        framework.score = unrated("nothing was evaluated", &[(ControlState::Undetermined, 3)]);
        framework.sections.clear();
        framework.controls.clear();
    }
    case
}

/// Names as an attacker would choose them.
pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "</script><!--<img src=x onerror=alert(2)>",
    "\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}2J",
    "=cmd|' /C calc'!A0",
    "a|b`c`[x](javascript:alert(3))*d*_e_#f",
    "invoice\u{202e}fdp.exe\u{2066}",
    "line\u{2028}two\r\nthree\ttab",
    "{{ config }}{% raw %}&amp;\"quoted\" 'single'",
];

/// Every text that comes from outside is one of [`HOSTILE`].
pub fn hostile() -> Case {
    let mut case = acme();
    let name = |i: usize| HOSTILE[i % HOSTILE.len()].to_owned();
    let assessment = &mut case.assessment;
    assessment.inventory.path = name(0);
    assessment.inventory.scope = vec![name(1)];
    assessment.findings = HOSTILE
        .iter()
        .enumerate()
        .map(|(i, text)| Finding {
            witness: json!({ *text: [text, {"deep": text}] }),
            cause: Some(name(i + 1)),
            waiver: Some(name(i + 2)),
            ..finding(
                PORTS,
                Outcome::Fail,
                Severity::High,
                Subject {
                    arn: Some(name(i)),
                    name: Some(name(i)),
                    environment: Some(name(i + 3)),
                    ..subject("aws.ec2.security_group", account(1), region("eu-west-1"), text)
                },
                text,
                text,
            )
        })
        .collect();
    for (i, waiver) in assessment.waivers.iter_mut().enumerate() {
        waiver.id = name(i);
        waiver.owner = name(i + 1);
        waiver.reason = name(i + 2);
    }
    for entry in &mut assessment.coverage {
        entry.reason = entry.reason.as_ref().map(|_| name(1));
    }
    for (i, check) in case.checks.iter_mut().enumerate() {
        check.why = name(i);
        check.audit = Some(HOSTILE.join("\n\n"));
    }
    case.posture.refused_records = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    case.options.title = Some(name(0));
    case
}

/// As many findings as an organisation has on its first day: `n` over sixty checks, twelve accounts, four regions.
pub fn bulk(n: usize) -> Case {
    use ControlState::{Accepted, Failed, Gap, NotApplicable, Satisfied, Undetermined};
    let mut case = acme();
    let severities =
        [Severity::Critical, Severity::High, Severity::High, Severity::Medium, Severity::Low];
    let kinds = [
        ("aws.ec2.security_group", "sg"),
        ("aws.ec2.instance", "i"),
        ("aws.iam.role", "role"),
        ("aws.elbv2.listener", "listener"),
        ("aws.ssm.patch_state", "mi"),
    ];
    let subjects = ["Security groups", "Instances", "Roles", "Listeners", "Managed instances"];
    let demands = [
        "do not open administration ports to the internet",
        "carry the tags that name owner, environment and data class",
        "are used within ninety days",
        "allow no way to gain more privileges than they were given",
        "follow the current configuration standard",
        "belong to one environment only",
        "miss no patch that was published more than thirty days ago",
        "are reached through approved paths only",
        "encrypt what they store",
        "refuse requests without session tokens",
        "are described in the inventory with an owner",
        "send their logs to the archive",
    ];
    let regions = ["eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2"];
    let environments = ["prod", "staging", "dev"];
    let checks: Vec<_> = (0..60)
        .map(|i| {
            let (kind, prefix) = kinds[i % kinds.len()];
            let title = format!("{} {}", subjects[i % subjects.len()], demands[i / 5]);
            let id =
                format!("{prefix}-{}", demands[i / 5].replace([' ', ','], "-").replace("--", "-"));
            let severity = severities[i % severities.len()];
            check(&id, &title, severity, kind, Tally::default())
        })
        .collect();
    let mut findings = Vec::with_capacity(n);
    let mut checks = checks;
    for i in 0..n {
        // A fixed walk that visits everything unevenly.
        let walk = i.wrapping_mul(2_654_435_761) >> 7;
        let c = (walk % 60).min(walk / 7 % 60);
        let (kind, prefix) = kinds[c % kinds.len()];
        let outcome = match walk % 23 {
            0 | 1 => Outcome::Unknown,
            2 => Outcome::Waived,
            _ => Outcome::Fail,
        };
        let id = format!("{prefix}-{:017x}", 0x00a1_b2c3_d4e5_u64 ^ (i as u64) << 4);
        let place = (account(1 + (walk % 8) as u64), region(regions[walk / 3 % 4]));
        let arn = format!("arn:aws:ec2:{}:{}:security-group/{id}", place.1, place.0);
        let subject = Subject {
            arn: Some(arn),
            name: (i % 3 != 0)
                .then(|| format!("payments-{}-{}", ["api", "worker", "batch"][i % 3], i % 97)),
            environment: (i % 11 != 0).then(|| environments[walk / 5 % 3].to_owned()),
            ..subject(kind, place.0, place.1, &id)
        };
        let check = &mut checks[c];
        check.tally.count(outcome);
        findings.push(Finding {
            witness: json!({
                "rule": {"protocol": "tcp", "ports": [22, 22], "source": "0.0.0.0/0", "id": format!("sgr-{i:08x}")},
                "path": ["igw-0aa1", "rtb-0bb2", format!("subnet-{:05x}", i % 5000), format!("eni-{i:08x}")],
            }),
            cause: (outcome == Outcome::Unknown)
                .then(|| "denied: ssm:DescribeInstancePatchStates: AccessDeniedException".to_owned()),
            waiver: (outcome == Outcome::Waived).then(|| "jump-host-ssh".to_owned()),
            ..finding(
                &check.id,
                outcome,
                check.severity,
                subject,
                &format!("sgr-{i:08x}"),
                &format!("port {} is open to 0.0.0.0/0 through igw-0aa1", [22, 3389, 5432][i % 3]),
            )
        });
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    for (i, check) in checks.iter_mut().enumerate() {
        check.tally.pass = (check.tally.fail + 3) * (i as u64 % 7);
        check.tally.not_applicable = i as u64 % 4 * 10;
    }
    case.checks = checks.iter().map(|c| text(&c.id, &c.title, c.severity)).collect();
    let services = ["ec2", "iam", "elb", "elbv2", "ssm", "acm", "account", "organizations"];
    case.assessment.coverage = (1..=8)
        .flat_map(|a| regions.iter().map(move |r| (a, *r)))
        .enumerate()
        .flat_map(|(i, (a, r))| {
            services.iter().enumerate().flat_map(move |(j, service)| {
                (0..3).map(move |k| {
                    let (status, reason) = match (i * 8 + j) % 37 {
                        5 if k == 0 => {
                            (Completeness::Denied, Some("ec2:DescribeVpcs: UnauthorizedOperation"))
                        }
                        9 => (
                            Completeness::Failed,
                            Some("ssm:DescribeInstancePatchStates: ThrottlingException"),
                        ),
                        20 => (Completeness::Disabled, Some("the region is not enabled")),
                        _ => (Completeness::Complete, None),
                    };
                    coverage(
                        account(a),
                        r,
                        &format!("aws.{service}.thing_{k}"),
                        status,
                        reason,
                        17 * (k + 1),
                    )
                })
            })
        })
        .collect();
    case.assessment.inventory.resources = 48_211;
    case.assessment.inventory.accounts = (1..=8).map(account).collect();
    case.assessment.inventory.regions = regions.iter().map(|r| region(r)).collect();
    case.assessment.findings = findings;

    let names = [
        ("GOV", "Governance of the framework itself"),
        ("ACC", "Account security"),
        ("SWS", "Software security"),
        ("EMP", "Employee access"),
        ("DAT", "Data security"),
        ("INF-PAT", "Infrastructure: patched servers"),
        ("INF-SG", "Infrastructure: security groups"),
        ("INF-VPC", "Infrastructure: VPC isolation"),
        ("INF-RBAC", "Infrastructure: role-based access control"),
        ("API", "API security"),
    ];
    let states = [
        Failed,
        Satisfied,
        Undetermined,
        Satisfied,
        Gap,
        Failed,
        Accepted,
        Satisfied,
        NotApplicable,
        Satisfied,
    ];
    let baseline = &mut case.posture.frameworks[0];
    baseline.controls.clear();
    baseline.sections.clear();
    for (s, (id, title)) in names.into_iter().enumerate() {
        let mut counts = BTreeMap::new();
        for c in 0..5 + s {
            let state = states[(s * 3 + c) % states.len()];
            *counts.entry(state).or_insert(0) += 1;
            let check = &checks[(s * 6 + c) % 60];
            baseline.controls.push(ControlResult {
                tally: check.tally,
                weight: if state == Failed { 1.0 + number(c) * 1.3 } else { 0.0 },
                evidence: vec![by_check(&check.id, check.tally)],
                maps: BTreeMap::from([
                    ("cis-aws-5.0".to_owned(), vec![format!("{}.{}", s + 1, c + 1)]),
                    ("nist-800-53r5".to_owned(), vec!["AC-6".to_owned(), format!("SC-{}", c + 1)]),
                ]),
                ..control(&format!("{id}-{:02}", c + 1), &check.title, id, check.severity, state)
            });
        }
        let counts: Vec<_> = counts.into_iter().collect();
        let net = 20.0 + 7.3 * number(s);
        baseline.sections.push(SectionResult {
            id: id.to_owned(),
            title: title.to_owned(),
            score: if s == 2 {
                unrated("coverage 41 % is below 50 %", &counts)
            } else {
                score(net, net + 2.0, net + 13.0, 82.0 + number(s), &counts)
            },
            documented: None,
            proved: None,
        });
    }
    let mut all = BTreeMap::new();
    for control in &baseline.controls {
        *all.entry(control.state).or_insert(0) += 1;
    }
    baseline.score.states = all;
    case.posture.frameworks[1].sections = [
        ("GV", "Govern"),
        ("ID", "Identify"),
        ("PR", "Protect"),
        ("DE", "Detect"),
        ("RS", "Respond"),
        ("RC", "Recover"),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, (id, title))| SectionResult {
        id: id.to_owned(),
        title: title.to_owned(),
        score: score(
            30.0 + 9.0 * number(i),
            30.0 + 9.0 * number(i),
            60.0 + 5.0 * number(i),
            71.0,
            &[(Satisfied, i as u64), (Failed, 2), (Undetermined, 1)],
        ),
        documented: Some(20.0 + 13.0 * number(i)),
        proved: (i > 0).then_some(11.0 * number(i)),
    })
    .collect();
    case.assessment.checks = checks;
    case
}
