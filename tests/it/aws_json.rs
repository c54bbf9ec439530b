//! Inventories from the JSON that the AWS CLI prints.

mod network;
mod privileges;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::collect::aws_json::{Limits, Options, Summary, collect};
use portcullis::model::attr::CauseKind;
use portcullis::model::{Completeness, Resource};

const ACCOUNT: &str = "111122223333";

fn read(dir: &Path, options: &Options) -> (Vec<Resource>, Summary) {
    let mut all = Vec::new();
    let summary = collect(dir, options, &mut |resource| all.push(resource)).unwrap();
    (all, summary)
}

/// Writes files into a new folder and reads it.
fn dump(files: &[(&str, &str)]) -> (Vec<Resource>, Summary) {
    dump_with(files, &Options::default())
}

fn dump_with(files: &[(&str, &str)], options: &Options) -> (Vec<Resource>, Summary) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    read(folder.path(), options)
}

fn data(resource: &Resource) -> serde_json::Value {
    serde_json::to_value(&resource.data).unwrap()
}

fn notes(summary: &Summary) -> Vec<String> {
    summary.notes.iter().map(|note| format!("{}: {}", note.code, note.message)).collect()
}

fn oracles() -> PathBuf {
    let root = std::env::var_os("PORTCULLIS_ORACLES").map(PathBuf::from);
    root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles"))
}

fn folders_named(root: &Path, name: &str, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n == name) {
                out.push(path);
            } else {
                folders_named(&path, name, out);
            }
        }
    }
    out.sort();
}

/// Everything that a resource does not know because it was not understood.
fn not_understood(resource: &Resource) -> Vec<String> {
    fn walk(value: &serde_json::Value, path: &str, out: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                if let Some(cause) = map.get("$unknown") {
                    if cause["kind"] == serde_json::json!(CauseKind::NotUnderstood) {
                        out.push(format!("{path}: {cause}"));
                    }
                    return;
                }
                map.iter().for_each(|(key, value)| walk(value, &format!("{path}.{key}"), out));
            }
            serde_json::Value::Array(items) => {
                for item in items {
                    walk(item, &format!("{path}[]"), out);
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(&data(resource), resource.kind().name, &mut out);
    out
}

/// Dumps of real networks and of IAM that others published: all are read without an error or a doubt.
#[test]
fn published_dumps_are_read() {
    let root = oracles();
    if !root.join("network").is_dir() {
        eprintln!("SKIPPED: no oracles at {} (set PORTCULLIS_ORACLES)", root.display());
        return;
    }
    let mut folders = Vec::new();
    folders_named(&root.join("network"), "aws_configs", &mut folders);
    let here = |account: Option<&str>, region: &str| Options {
        account: account.map(|a| a.parse().unwrap()),
        region: Some(region.parse().unwrap()),
        ..Options::default()
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut check = |folder: &Path, options: &Options| {
        let (resources, summary) = read(folder, options);
        for resource in &resources {
            *counts.entry(resource.kind().name).or_default() += 1;
            problems.extend(
                not_understood(resource).into_iter().map(|p| format!("{}: {p}", folder.display())),
            );
        }
        problems.extend(notes(&summary).into_iter().map(|n| format!("{}: {n}", folder.display())));
        if resources.is_empty() {
            problems.push(format!("{} holds nothing", folder.display()));
        }
    };
    for folder in &folders {
        // One of them names no account anywhere.
        let nameless = folder.ends_with("batfish/test/aws_configs");
        check(folder, &here(nameless.then_some(ACCOUNT), "us-east-2"));
    }
    let iam = tempfile::tempdir().unwrap();
    let mut details = Vec::new();
    for name in ["gaad-prod.json", "gaad-dev.json", "gaad-operations.json", "gaad-default.json"] {
        files_named(&root.join("iam"), name, &mut details);
    }
    // `example.json` mixes three accounts, so nothing tells which one it is from.
    for name in ["example-authz-details.json", "example_authz_v2.json"] {
        details.push(root.join("iam/cloudsplaining").join(name));
    }
    for (at, file) in details.iter().enumerate() {
        let folder = iam.path().join(at.to_string());
        fs::create_dir_all(&folder).unwrap();
        fs::copy(file, folder.join("gaad.json")).unwrap();
        check(&folder, &Options::default());
    }
    eprintln!("{} network dumps, {} of IAM: {counts:#?}", folders.len(), details.len());
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems[..problems.len().min(60)].join("\n")
    );
}

fn files_named(root: &Path, name: &str, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_named(&path, name, out);
        } else if path.file_name().is_some_and(|n| n == name) {
            out.push(path);
        }
    }
    out.sort();
}

fn of<'r>(all: &'r [Resource], kind: &str) -> Vec<&'r Resource> {
    all.iter().filter(|r| r.kind().name == kind).collect()
}

fn status(summary: &Summary, kind: &str) -> Option<(Completeness, Option<String>)> {
    let entry = summary.coverage.entries().find(|e| e.kind == kind)?;
    Some((entry.status, entry.reason.clone()))
}

/// A small account, its answers made by calling an emulator of AWS.
#[test]
fn a_dump_of_an_account_becomes_its_inventory() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/aws_json");
    let (all, summary) = read(&folder, &Options::default());
    assert_eq!(notes(&summary), Vec::<String>::new());
    assert!(all.iter().all(|r| r.meta.account.as_str() == ACCOUNT));
    let ids: Vec<_> = all.iter().map(|r| r.identity().to_string()).collect();
    assert!(ids.is_sorted(), "resources come sorted");

    let vpc = of(&all, "aws.ec2.vpc")[0];
    assert_eq!(vpc.meta.name.as_deref(), Some("shop"));
    assert_eq!(vpc.meta.tags.known().unwrap()["env"], "prod");
    assert_eq!(data(vpc)["enable_dns_support"], true);
    assert_eq!(data(vpc)["enable_dns_hostnames"]["$unknown"]["detail"], "ec2:DescribeVpcAttribute");

    let web = of(&all, "aws.ec2.security_group");
    let web = web.iter().find(|r| data(r)["group_name"] == "web").unwrap();
    let ingress = data(web)["ingress"].clone();
    assert_eq!(ingress.as_array().unwrap().len(), 3, "one rule per source");
    assert!(
        ingress
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["rule_id"].as_str().unwrap().starts_with("sgr-"))
    );
    assert_eq!(ingress[0]["cidr"], "0.0.0.0/0");
    assert_eq!(ingress[0]["ports"], serde_json::json!({"from": 443, "to": 443}));

    let list = data(of(&all, "aws.ec2.managed_prefix_list")[0]);
    assert_eq!(
        list["entries"][0]["cidr"], "203.0.113.0/24",
        "entries found their list by the file's name"
    );

    let instance = data(of(&all, "aws.ec2.instance")[0]);
    assert_eq!(instance["user_data_secret_kinds"], serde_json::json!(["password"]));
    assert!(!instance.to_string().contains("Tr0ub4dor"), "user data is never kept");
    assert_eq!(instance["metadata_options"]["http_tokens"], "required");
    assert_eq!(instance["disable_api_stop"]["$unknown"]["kind"], "not_collected");

    let balancer = of(&all, "aws.elbv2.load_balancer")[0];
    assert_eq!(balancer.meta.tags.known().unwrap()["env"], "prod");
    assert_eq!(data(balancer)["deletion_protection_enabled"], false);
    assert_eq!(data(of(&all, "aws.elbv2.target_group")[0])["targets"][0]["port"], 80);
    assert_eq!(data(of(&all, "aws.elb.load_balancer")[0])["connection_draining_enabled"], false);

    let group = data(of(&all, "aws.iam.group")[0]);
    assert_eq!(group["user_names"], serde_json::json!(["ann"]));
    assert_eq!(
        group["inline_policies"][0]["document"]["statements"][0]["actions"],
        serde_json::json!(["*"])
    );
    let user = data(of(&all, "aws.iam.user")[0]);
    assert_eq!(user["login_profile_exists"], true);
    assert_eq!(user["mfa_serial_numbers"], serde_json::json!([]));
    let role = data(of(&all, "aws.iam.role")[0]);
    let trust = &role["assume_role_policy_document"]["statements"][0];
    assert_eq!(trust["conditions"][0]["key"], "sts:ExternalId");
    assert_eq!(
        of(&all, "aws.iam.access_key").len(),
        1,
        "the key with an id, not the report's twin"
    );
    assert_eq!(data(of(&all, "aws.iam.password_policy")[0])["minimum_password_length"], 14);

    for kind in
        ["aws.ec2.flow_log", "aws.ec2.transit_gateway", "aws.iam.role", "aws.iam.access_key"]
    {
        assert_eq!(status(&summary, kind).unwrap().0, Completeness::Complete, "{kind}");
    }
    assert_eq!(status(&summary, "aws.ec2.nat_gateway"), None, "nobody asked");
    assert_eq!(status(&summary, "aws.iam.instance_profile").unwrap().0, Completeness::Partial);
    assert!(all.iter().flat_map(not_understood).next().is_none());
}

const VPC: &str = r#"{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16", "State": "available"}"#;

fn vpcs(more: &str) -> String {
    format!(r#"{{"Vpcs": [{VPC}]{more}}}"#)
}

#[test]
fn the_place_of_a_file_is_found() {
    let place = |files: &[(&str, &str)]| {
        let (all, summary) = dump(files);
        let vpc = of(&all, "aws.ec2.vpc")
            .first()
            .map(|r| format!("{} {}", r.meta.account, r.meta.region));
        vpc.unwrap_or_else(|| notes(&summary).join("\n"))
    };
    let text = vpcs("");
    assert_eq!(place(&[("444455556666/eu-central-1/v.json", &text)]), "444455556666 eu-central-1");
    assert_eq!(
        place(&[("x/444455556666_eu-central-1_v.json", &text)]),
        "444455556666 eu-central-1"
    );
    assert!(place(&[("v.json", &text)]).contains("nothing says which region"));
    let zone = r#"{"Subnets": [{"SubnetId": "subnet-1", "OwnerId": "111122223333", "AvailabilityZone": "eu-west-3a"}]}"#;
    assert_eq!(
        place(&[("v.json", &text), ("s.json", zone)]),
        "111122223333 eu-west-3",
        "neighbours tell"
    );
    let manifest =
        "version: 1\nfiles:\n  - { path: '*.json', account: '777788889999', region: us-east-1 }\n";
    assert_eq!(
        place(&[("v.json", &text), ("portcullis-dump.yaml", manifest)]),
        "777788889999 us-east-1"
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("portcullis-dump.yaml"),
        "version: 1\nfiles: [{path: x, acount: '1'}]\n",
    )
    .unwrap();
    let error = collect(folder.path(), &Options::default(), &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("acount"), "{error}");
}

#[test]
fn what_is_cut_or_failed_is_never_complete() {
    let here = "111122223333/eu-west-1";
    let vpc_status = |name: &str, text: &str| {
        let (_, summary) = dump(&[(&format!("{here}/{name}"), text)]);
        status(&summary, "aws.ec2.vpc").map(|(status, reason)| (status, reason.unwrap_or_default()))
    };
    assert_eq!(vpc_status("v.json", &vpcs("")).unwrap().0, Completeness::Complete);
    let (cut, why) = vpc_status("v.json", &vpcs(r#", "NextToken": "abc""#)).unwrap();
    assert_eq!(cut, Completeness::Partial);
    assert!(why.contains("NextToken"), "{why}");
    let pages = format!("{}\n{}", vpcs(r#", "NextToken": "abc""#), vpcs(""));
    assert_eq!(
        vpc_status("v.json", &pages).unwrap().0,
        Completeness::Complete,
        "the last page decides"
    );
    let listeners = |more: &str| {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:l/1";
        format!(
            r#"{{"Listeners": [{{"ListenerArn": "{arn}", "LoadBalancerArn": "{arn}"}}]{more}}}"#
        )
    };
    let several = format!("{}\n{}", listeners(r#", "NextMarker": "abc""#), listeners(""));
    let (_, summary) = dump(&[("111122223333/eu-west-1/l.json", &several)]);
    let listed = status(&summary, "aws.elbv2.listener").unwrap().0;
    assert_eq!(listed, Completeness::Partial, "answers of two load balancers are no pages");
    let denied = "\nAn error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: You are not authorized\n";
    assert_eq!(vpc_status("v.json", denied).unwrap().0, Completeness::Denied);
    assert_eq!(
        vpc_status("v.json", r#"{"Vpcs": [{"VpcId": "vpc-"#).unwrap().0,
        Completeness::Failed
    );
    assert_eq!(vpc_status("describe-vpcs.json", "").unwrap().0, Completeness::Failed);
    assert_eq!(
        vpc_status("v.json", r#"{"Vpcs": [{"VpcId": "a", "VpcId": "b"}]}"#).unwrap().0,
        Completeness::Failed
    );
    assert_eq!(
        vpc_status("v.json", r#"{"Vpcs": [{"State": "available"}]}"#).unwrap().0,
        Completeness::Partial
    );
    let deep = format!(r#"{{"Vpcs": {}"#, "[".repeat(100_000));
    assert_eq!(vpc_status("v.json", &deep).unwrap().0, Completeness::Failed);
}

#[test]
fn errors_that_say_what_is() {
    let error = |code: &str, operation: &str, message: &str| {
        format!("\nAn error occurred ({code}) when calling the {operation} operation: {message}\n")
    };
    let (all, summary) = dump(&[
        (
            "111122223333/a.txt",
            &error(
                "NoSuchEntity",
                "GetAccountPasswordPolicy",
                "The Password Policy cannot be found.",
            ),
        ),
        (
            "111122223333/b.txt",
            &error(
                "AWSOrganizationsNotInUseException",
                "DescribeOrganization",
                "Your account is not a member",
            ),
        ),
        (
            "111122223333/security.txt",
            &error("ResourceNotFoundException", "GetAlternateContact", "No contact"),
        ),
        (
            "111122223333/c.txt",
            &error(
                "AccessDenied",
                "ListPolicies",
                "User: x is not authorized to perform: iam:ListPolicies",
            ),
        ),
        (
            "111122223333/eu-west-1/d.txt",
            &error("UnauthorizedOperation", "GetEbsEncryptionByDefault", "You are not authorized"),
        ),
    ]);
    let policy = data(of(&all, "aws.iam.password_policy")[0]);
    assert_eq!(
        (policy["exists"].clone(), policy["minimum_password_length"].clone()),
        (false.into(), 8.into())
    );
    assert_eq!(data(of(&all, "aws.organizations.organization")[0])["in_use"], false);
    let contacts = data(of(&all, "aws.account.contacts")[0]);
    assert!(contacts["security"].is_null());
    assert_eq!(contacts["billing"]["$unknown"]["kind"], "not_collected");
    assert_eq!(status(&summary, "aws.iam.policy").unwrap().0, Completeness::Denied);
    assert_eq!(status(&summary, "aws.organizations.policy"), None);
    let settings = data(of(&all, "aws.ec2.account_settings")[0]);
    assert_eq!(settings["ebs_encryption_by_default"]["$unknown"]["kind"], "denied");
    assert_eq!(settings["serial_console_access_enabled"]["$unknown"]["kind"], "not_collected");
}

#[test]
fn what_is_not_known_is_reported() {
    let (all, summary) = dump(&[
        ("111122223333/eu-west-1/x.json", r#"{"Gadgets": [{"Id": 1}]}"#),
        ("111122223333/eu-west-1/y.json", r#"[["vpc-1", "10.0.0.0/16"]]"#),
        ("111122223333/eu-west-1/empty.json", r#"{"Policies": []}"#),
        ("111122223333/eu-west-1/README.md", "# How this was made\n"),
        ("111122223333/eu-west-1/zones.json", r#"{"AvailabilityZones": []}"#),
    ]);
    assert!(all.is_empty() && summary.coverage.is_empty());
    let notes = notes(&summary);
    assert_eq!(notes.len(), 4, "{notes:#?}");
    assert!(notes.iter().any(|n| n.contains("Gadgets")));
    assert!(
        notes.iter().any(
            |n| n.starts_with("aws-json/ambiguous") && n.contains("organizations:ListPolicies")
        )
    );
    let (_, summary) = dump(&[("111122223333/iam-list-policies.json", r#"{"Policies": []}"#)]);
    assert_eq!(status(&summary, "aws.iam.policy").unwrap().0, Completeness::Complete);
}

#[test]
fn parts_find_their_whole() {
    let lb = |name: &str| {
        format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/{name}/1a2b")
    };
    let balancers = format!(
        r#"{{"LoadBalancers": [{{"LoadBalancerArn": "{}", "LoadBalancerName": "web", "Type": "application"}},
            {{"LoadBalancerArn": "{}", "LoadBalancerName": "web-internal", "Type": "application"}}]}}"#,
        lb("web"),
        lb("web-internal"),
    );
    let attributes = r#"{"Attributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]}"#;
    let wrapped = format!(
        r#"{{"All": [{{"LoadBalancerArn": "{}", "Attributes": [{{"Key": "deletion_protection.enabled", "Value": "false"}}]}}]}}"#,
        lb("web")
    );
    let (all, summary) = dump(&[
        ("111122223333/eu-west-1/lbs.json", &balancers),
        ("111122223333/eu-west-1/attributes.web-internal.json", attributes),
        ("111122223333/eu-west-1/wrapped.json", &wrapped),
        ("111122223333/eu-west-1/attributes.json", attributes),
        (
            "111122223333/eu-west-1/orphan.json",
            r#"{"SnapshotId": "snap-9", "CreateVolumePermissions": [{"Group": "all"}]}"#,
        ),
    ]);
    let found: Vec<_> = of(&all, "aws.elbv2.load_balancer")
        .iter()
        .map(|r| data(r)["deletion_protection_enabled"].clone())
        .collect();
    assert_eq!(
        found,
        [serde_json::json!(true), serde_json::json!(false)],
        "by id, then by wrapper"
    );
    let notes = notes(&summary);
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert!(notes[0].starts_with("aws-json/no-subject") && notes[1].starts_with("aws-json/orphan"));
    assert!(of(&all, "aws.ec2.snapshot").is_empty());
}

#[test]
fn an_organization_is_put_together() {
    let (all, _) = dump(&[
        (
            "111122223333/o.json",
            r#"{"Organization": {"Id": "o-1", "MasterAccountId": "111122223333", "FeatureSet": "ALL"}}"#,
        ),
        (
            "111122223333/r.json",
            r#"{"Roots": [{"Id": "r-1", "Arn": "arn:aws:organizations::111122223333:root/o-1/r-1",
                "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}]}"#,
        ),
        (
            "111122223333/u.json",
            r#"{"OrganizationalUnits": [{"Id": "ou-1-prod", "Name": "Production", "ParentId": "r-1"}], "ParentId": "r-1"}"#,
        ),
        (
            "111122223333/a.json",
            r#"{"Accounts": [{"Id": "444455556666", "Name": "shop", "JoinedMethod": "CREATED", "Status": "ACTIVE",
                "Paths": ["o-1/r-1/ou-1-prod/444455556666/"]}]}"#,
        ),
        (
            "111122223333/p.json",
            r#"{"Policy": {"PolicySummary": {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false, "Name": "deny"},
                "Content": "{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}}"#,
        ),
        (
            "111122223333/targets.p-1.json",
            r#"{"Targets": [{"TargetId": "ou-1-prod", "Type": "ORGANIZATIONAL_UNIT"}]}"#,
        ),
    ]);
    let account = data(of(&all, "aws.organizations.account")[0]);
    assert_eq!(account["ou_path"], serde_json::json!(["Production"]));
    assert_eq!(account["ancestor_ids"], serde_json::json!(["r-1", "ou-1-prod"]));
    assert_eq!(account["management"], false);
    let organization = data(of(&all, "aws.organizations.organization")[0]);
    assert_eq!(organization["enabled_policy_types"], serde_json::json!(["SERVICE_CONTROL_POLICY"]));
    let policy = data(of(&all, "aws.organizations.policy")[0]);
    assert_eq!(policy["document"]["statements"][0]["effect"], "Deny");
    assert_eq!(policy["target_ids"], serde_json::json!(["ou-1-prod"]));
}

#[test]
fn a_credentials_report_tells_of_passwords_and_keys() {
    let columns = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,\
        access_key_1_last_rotated";
    let row = "ann,arn:aws:iam::111122223333:user/ann,2024-01-01T00:00:00Z,true,no_information,false,true,\
        2024-02-01T00:00:00Z";
    let (all, summary) = dump(&[
        ("111122223333/report.csv", &format!("{columns}\n{row}\n")),
        (
            "111122223333/details.json",
            r#"{"UserDetailList": [{"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann"}]}"#,
        ),
    ]);
    assert_eq!(data(of(&all, "aws.iam.user")[0])["login_profile_exists"], true);
    let key = of(&all, "aws.iam.access_key")[0];
    assert_eq!(key.meta.id, "ann/access_key_1");
    assert_eq!(data(key)["create_date"], "2024-02-01T00:00:00Z");
    assert_eq!(status(&summary, "aws.iam.access_key").unwrap().0, Completeness::Complete);
    let row = data(of(&all, "aws.iam.credential_report_row")[0]);
    assert!(row.get("access_key_2_active").is_none(), "a column that is not there is unknown");
}

#[test]
fn limits_hold() {
    let small =
        Options { limits: Limits { file_bytes: 50, ..Limits::default() }, ..Options::default() };
    let long = format!("{{\"Vpcs\":[{}]}}", " ".repeat(100));
    let (_, summary) = dump_with(&[(&format!("{ACCOUNT}/eu-west-1/vpcs.json"), &long)], &small);
    assert!(notes(&summary)[0].contains("more than 50 bytes"), "{:?}", notes(&summary));
    let entry = summary.coverage.entries().next();
    assert!(entry.is_none_or(|e| e.status == Completeness::Failed));
}

fn standing(summary: &Summary, kind: &str) -> Option<Completeness> {
    summary.coverage.entries().find(|entry| entry.kind == kind).map(|entry| entry.status)
}

#[test]
fn an_empty_answer_is_no_account_without_settings() {
    let (all, summary) = dump(&[
        ("111122223333/eu-west-1/get-account-summary.json", "{}"),
        ("111122223333/eu-west-1/get-account-password-policy.json", "{}"),
        ("111122223333/eu-west-1/get-ebs-encryption-by-default.json", "{}"),
        ("444455556666/eu-west-1/get-instance-metadata-defaults.json", "{}"),
    ]);
    for kind in ["aws.iam.account_summary", "aws.iam.password_policy"] {
        assert_eq!(standing(&summary, kind), Some(Completeness::Partial), "{kind}");
    }
    let of = |account: &str| {
        let mut found = all.iter().filter(|r| r.meta.account.as_str() == account);
        data(found.next().unwrap())
    };
    let kind = "ec2:GetEbsEncryptionByDefault";
    assert_eq!(of(ACCOUNT)["ebs_encryption_by_default"]["$unknown"]["detail"], kind);
    assert!(of("444455556666")["instance_metadata_defaults"]["http_tokens"].is_null());
}

#[test]
fn a_filtered_list_of_policies_is_no_whole_one() {
    let user = r#"{"UserDetailList": [{"UserName": "ann", "UserId": "AIDA1", "Arn": "arn:aws:iam::111122223333:user/ann",
        "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]}],
        "GroupDetailList": [], "RoleDetailList": [], "Policies": []}"#;
    let (_, summary) = dump(&[("111122223333/get-account-authorization-details.json", user)]);
    assert_eq!(standing(&summary, "aws.iam.policy"), Some(Completeness::Partial));
    assert_eq!(standing(&summary, "aws.iam.role"), Some(Completeness::Complete));
    let counts = r#"{"SummaryMap": {"Users": 1, "Roles": 7, "Groups": 0, "Policies": 0}}"#;
    let (_, summary) = dump(&[
        ("111122223333/get-account-authorization-details.json", user),
        ("111122223333/get-account-summary.json", counts),
    ]);
    assert_eq!(standing(&summary, "aws.iam.role"), Some(Completeness::Partial));
    assert_eq!(standing(&summary, "aws.iam.group"), Some(Completeness::Complete));
}

#[test]
fn the_keys_of_one_user_are_not_all_keys() {
    for keys in [
        r#"{"AccessKeyMetadata": []}"#,
        r#"{"AccessKeyMetadata": [{"UserName": "ann", "AccessKeyId": "AKIA1", "Status": "Active"}]}"#,
    ] {
        let (_, summary) = dump(&[("111122223333/list-access-keys.json", keys)]);
        assert_eq!(standing(&summary, "aws.iam.access_key"), Some(Completeness::Partial), "{keys}");
    }
}

#[test]
fn hosts_without_a_patch_state_were_perhaps_not_asked_about() {
    let hosts = r#"{"InstanceInformationList": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]}"#;
    let states = |ids: &[&str]| {
        let list: Vec<_> = ids
            .iter()
            .map(|id| format!(r#"{{"InstanceId": "{id}", "MissingCount": 0}}"#))
            .collect();
        format!(r#"{{"InstancePatchStates": [{}]}}"#, list.join(","))
    };
    let of = |files: &[(&str, &str)]| standing(&dump(files).1, "aws.ssm.patch_state");
    let (hosts, some, all) = (
        ("111122223333/eu-west-1/describe-instance-information.json", hosts),
        states(&["i-1"]),
        states(&["i-1", "i-2"]),
    );
    let file = "111122223333/eu-west-1/describe-instance-patch-states.json";
    assert_eq!(of(&[hosts, (file, &some)]), Some(Completeness::Partial));
    assert_eq!(of(&[hosts, (file, &all)]), Some(Completeness::Complete));
    assert_eq!(of(&[(file, &all)]), Some(Completeness::Partial));
}
