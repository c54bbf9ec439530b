//! The gate with the folder of its sources, as the command runs it: places, waivers beside blocks, and who forbids them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const CHECK: &str = "ec2-security-group-no-public-admin-ports";

/// A plan that makes a security group open to the world in the root module, and one in a module.
fn plan() -> Value {
    let group = |address: &str| {
        let rule = |port: u16, from: &str| {
            json!({"cidr_blocks": [from], "description": "x", "from_port": port, "to_port": port, "protocol": "tcp",
                   "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false})
        };
        let after = json!({"name": address, "description": "x", "vpc_id": "vpc-0a1b2c3d4e5f60718", "tags": {}, "tags_all": {},
                           "egress": [], "ingress": [rule(22, "0.0.0.0/0")], "revoke_rules_on_delete": false, "timeouts": null});
        let mut one = json!({
            "address": address, "mode": "managed", "type": "aws_security_group", "name": "open",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {"arn": true, "id": true},
                       "before_sensitive": false, "after_sensitive": {}},
        });
        if let Some((module, _)) = address.rsplit_once(".aws_security_group") {
            one["module_address"] = json!(module);
        }
        one
    };
    json!({
        "format_version": "1.2", "terraform_version": "1.9.8", "complete": true, "errored": false, "applyable": true,
        "planned_values": {"root_module": {}},
        "resource_changes": [group("aws_security_group.open"), group("module.net[\"a\"].aws_security_group.open")],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws",
                "expressions": {"region": {"constant_value": "eu-west-1"}}}},
            "root_module": {"module_calls": {"net": {"source": "../modules/net", "module": {"resources": [{
                "address": "aws_security_group.open", "mode": "managed", "type": "aws_security_group", "name": "open",
                "provider_config_key": "aws", "expressions": {}}]}}},
                "resources": [{"address": "aws_security_group.open", "mode": "managed", "type": "aws_security_group",
                "name": "open", "provider_config_key": "aws", "expressions": {}}]},
        },
    })
}

struct Gate {
    code: i32,
    report: Value,
    sarif: Value,
}

/// Runs the gate over a folder with these sources.
fn gate(main: &str, module: &str, config: Option<&str>) -> Gate {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("plan.json", &plan().to_string());
    put("prod/main.tf", &format!("{main}\nmodule \"net\" {{\n  source = \"../modules/net\"\n}}\n"));
    put("modules/net/sg.tf", module);
    if let Some(config) = config {
        put("portcullis.yaml", config);
    }
    let output = run(dir.path(), "plan.json");
    let read = |name: &str| -> Value {
        let text = fs::read_to_string(dir.path().join(name)).unwrap_or_else(|error| {
            panic!("{name}: {error}: {}", String::from_utf8_lossy(&output.stderr))
        });
        serde_json::from_str(&text).unwrap()
    };
    Gate {
        code: output.status.code().unwrap(),
        report: read("gate.json"),
        sarif: read("gate.sarif"),
    }
}

fn run(dir: &Path, input: &str) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["gate", input, "--account", "111122223333", "--region", "eu-west-1", "--alone"])
        .args(["--check", CHECK, "--framework", "none", "--at", "2026-06-01", "--format", "none"])
        .args(["--source-root", "prod", "--source-prefix", "prod"])
        .args(["--json", "gate.json", "--sarif", "gate.sarif"])
        .current_dir(dir)
        .output()
        .unwrap()
}

impl Gate {
    /// Address, class and place of each finding of the check.
    fn findings(&self) -> Vec<(String, String, String)> {
        let findings = self.report["gate"]["findings"].as_array().unwrap();
        let mut out: Vec<_> = findings
            .iter()
            .map(|one| {
                let place = &one["location"];
                (
                    one["addresses"][0].as_str().unwrap_or_default().to_owned(),
                    one["class"].as_str().unwrap().to_owned(),
                    format!("{}:{}", place["file"].as_str().unwrap_or_default(), place["line"]),
                )
            })
            .collect();
        out.sort();
        out
    }

    fn waiver(&self) -> (&str, &str) {
        let waiver = &self.report["gate"]["waivers"][0];
        (waiver["state"].as_str().unwrap(), waiver["note"].as_str().unwrap_or_default())
    }
}

const BLOCK: &str = "resource \"aws_security_group\" \"open\" {\n}\n";
const WAIVED: &str = "# portcullis:ignore ec2-security-group-no-public-admin-ports until=2026-06-20 reason=\"moves\" owner=a@x approved-by=b@x\nresource \"aws_security_group\" \"open\" {\n}\n";

fn three<'a>(address: &'a str, class: &'a str, place: &'a str) -> (String, String, String) {
    (address.to_owned(), class.to_owned(), place.to_owned())
}

#[test]
fn findings_stand_where_their_blocks_do() {
    let gate = gate(BLOCK, BLOCK, None);
    assert_eq!(gate.code, 1, "{:#}", gate.report["gate"]["decision"]);
    assert_eq!(
        gate.findings(),
        [
            three("aws_security_group.open", "added", "main.tf:1"),
            three("module.net[\"a\"].aws_security_group.open", "added", "../modules/net/sg.tf:1"),
        ]
    );
    let results = gate.sarif["runs"][0]["results"].as_array().unwrap();
    let uris: Vec<_> = results
        .iter()
        .map(|one| {
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()
        })
        .collect();
    assert!(uris.contains(&"prod/main.tf") && uris.contains(&"modules/net/sg.tf"), "{uris:?}");
}

#[test]
fn a_comment_waives_what_its_block_states_and_nothing_else() {
    let gate = gate(BLOCK, WAIVED, None);
    assert_eq!(
        gate.findings(),
        [
            three("aws_security_group.open", "added", "main.tf:1"),
            three("module.net[\"a\"].aws_security_group.open", "waived", "../modules/net/sg.tf:2"),
        ]
    );
    assert_eq!(gate.code, 1);
    assert_eq!(gate.waiver(), ("in force", ""));
    let results = gate.sarif["runs"][0]["results"].as_array().unwrap();
    let kinds: Vec<_> =
        results.iter().filter_map(|one| one["suppressions"][0]["kind"].as_str()).collect();
    assert_eq!(kinds, ["inSource"]);
    let both = self::gate(WAIVED, WAIVED, None);
    assert_eq!(both.code, 0, "{:#}", both.report["gate"]["decision"]);
}

#[test]
fn a_comment_that_breaks_the_rules_waives_nothing_and_is_told() {
    for (comment, why) in [
        (WAIVED.replace("until=2026-06-20 ", ""), "no end"),
        (WAIVED.replace("reason=\"moves\" ", ""), "reason"),
        (WAIVED.replace("approved-by=b@x", "approved-by=a@x"), "their own"),
        (WAIVED.replace("until=2026-06-20", "until=2028-06-20"), "is the most"),
    ] {
        let gate = gate(BLOCK, &comment, None);
        let (state, note) = gate.waiver();
        assert_eq!(state, "refused", "{comment}");
        assert!(note.contains(why), "{note}");
        assert!(gate.findings().iter().all(|(_, class, _)| class == "added"), "{comment}");
    }
    let lapsed = gate(BLOCK, &WAIVED.replace("until=2026-06-20", "until=2026-05-31"), None);
    assert_eq!(lapsed.waiver(), ("lapsed", ""));
    assert!(lapsed.findings().iter().all(|(_, class, _)| class == "added"));
}

#[test]
fn an_organisation_may_forbid_them() {
    let config = "version: 1\ngate:\n  forbid_inline_waivers: true\n";
    let gate = gate(WAIVED, WAIVED, Some(config));
    assert_eq!(gate.code, 1);
    assert_eq!(gate.waiver(), ("refused", "inline waivers are forbidden here"));
}

const TEMPLATE: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Open:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: open
      VpcId: vpc-0a1b2c3d4e5f60718
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: x }
  Waived:
    Type: AWS::EC2::SecurityGroup
    Metadata:
      Portcullis:
        Ignore:
          - Check: ec2-security-group-no-public-admin-ports
            Until: "2026-06-20"
            Reason: moves
            Owner: a@x
            ApprovedBy: b@x
    Properties:
      GroupDescription: open
      VpcId: vpc-0a1b2c3d4e5f60718
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: x }
"#;

#[test]
fn templates_have_places_and_waivers_in_their_metadata() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("prod")).unwrap();
    fs::write(dir.path().join("prod/site.yaml"), TEMPLATE).unwrap();
    let output = run(dir.path(), "prod/site.yaml");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let text = fs::read_to_string(dir.path().join("gate.json")).unwrap();
    let gate = Gate { code: 1, report: serde_json::from_str(&text).unwrap(), sarif: Value::Null };
    let found = gate.findings();
    let brief: Vec<_> =
        found.iter().map(|(_, class, place)| (class.as_str(), place.as_str())).collect();
    assert_eq!(brief, [("added", "site.yaml:3"), ("waived", "site.yaml:10")], "{found:?}");
    assert!(found[0].0.ends_with("Open") && found[1].0.ends_with("Waived"), "{found:?}");
    assert_eq!(gate.waiver(), ("in force", ""));
}
