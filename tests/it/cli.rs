//! The binary as people meet it: help, errors and exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run_in(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(args)
        .current_dir(dir)
        .env_remove("NO_COLOR")
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

/// Standard error, standard output and exit code as one text; the temporary folder is named `$DIR`.
fn shown(dir: &Path, args: &[&str]) -> String {
    let output = run_in(dir, args);
    let text = format!(
        "$ portcullis {}\n{}{}[exit {}]\n",
        args.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code().unwrap_or(-1)
    );
    text.replace(&dir.display().to_string(), "$DIR")
}

const CHECK: &str = r#"version: 1
id: my-check
title: Something holds
severity: high
resource: aws.ec2.security_group
offenders: self.ingress.filter(r, r.from_internet)
message: "{{ offender.ports }} open to {{ offender.source }}"
why: This verifies that something holds; an attacker who finds that it does not walks in and takes what there is.
audit: aws ec2 describe-security-groups
remediation: { console: Click., cli: Type., terraform: Write. }
cases:
  - { name: closed, given: { ingress: [] }, expect: pass }
  - name: open
    given: { ingress: [{ protocol: "-1", ports: { from: 0, to: 65535 }, icmp_type: null, icmp_code: null, cidr: "0.0.0.0/0", prefix_list_id: null, group_id: null }] }
    expect: fail
"#;

#[test]
fn mistakes_in_checks_are_shown_all_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("my-check.yaml", CHECK);
    let good = shown(dir.path(), &["check", "lint", "my-check.yaml"]);
    assert!(good.contains("[exit 0]"), "{good}");
    let good = shown(dir.path(), &["check", "test", "my-check.yaml"]);
    assert!(good.contains("2 cases: 2 agree"), "{good}");

    let broken = CHECK
        .replace("r.from_internet)", "r.from_internett && r.protocol == 6)")
        .replace("offender.source", "offender.group_id + 'x'")
        .replace("severity: high\n", "severity: high\nserverity: low\n");
    write("my-check.yaml", &broken);
    let text = shown(dir.path(), &["check", "lint", "my-check.yaml"]);
    assert!(
        text.contains("unknown key `serverity`") && text.contains("did you mean `severity`"),
        "{text}"
    );
    write("my-check.yaml", &broken.replace("serverity: low\n", ""));
    let text = shown(dir.path(), &["check", "lint", "my-check.yaml"]);
    for want in ["from_internett", "did you mean `from_internet`", "my-check.yaml:6:", "[exit 2]"] {
        assert!(text.contains(want), "no `{want}` in:\n{text}");
    }
    insta::assert_snapshot!("broken_check", text);
}

#[test]
fn ids_clash_and_overrides_are_explicit() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("a.yaml"), CHECK).unwrap();
    fs::write(own.join("b.yaml"), CHECK).unwrap();
    let text = shown(dir.path(), &["check", "list", "--checks", "own"]);
    assert!(
        text.contains("check `my-check` exists already") && text.contains("[exit 2]"),
        "{text}"
    );
    fs::remove_file(own.join("b.yaml")).unwrap();
    let taken = CHECK.replace("id: my-check", "id: iam-root-mfa");
    fs::write(own.join("a.yaml"), &taken).unwrap();
    let text = shown(dir.path(), &["check", "list", "--checks", "own"]);
    assert!(text.contains("`iam-root-mfa` exists already"), "{text}");
    fs::write(own.join("a.yaml"), taken.replace("version: 1\n", "version: 1\noverrides: true\n"))
        .unwrap();
    let text = shown(dir.path(), &["check", "show", "iam-root-mfa", "--checks", "own"]);
    assert!(text.contains("Something holds") && text.contains("[exit 0]"), "{text}");
}

#[test]
fn wrong_usage_is_answered_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let mut all = String::new();
    for args in [
        &["asess"][..],
        &["assess", "nowhere"],
        &["assess", "."],
        &["check", "show", "iam-root-mfaa"],
        &["explain", "INF-SG-001"],
        &["inventory", "query", "x.jsonl.zst", "aws.ec2.instanc"],
        &["check", "list", "--check", "iam-rot-*"],
        &["check", "new", "x", "--resource", "aws.ec2.vpv"],
        &["assess", "x.zst", "--fail-on", "severe"],
        &["assess", "x.zst", "--at", "yesterday"],
    ] {
        let text = shown(dir.path(), args);
        assert!(text.contains("[exit 2]"), "{text}");
        all.push_str(&text);
        all.push('\n');
    }
    insta::assert_snapshot!("wrong_usage", all);
}

#[test]
fn a_configuration_is_held_to_its_format() {
    let dir = tempfile::tempdir().unwrap();
    let config = "version: 1\ninventry: x.zst\n";
    fs::write(dir.path().join("portcullis.yaml"), config).unwrap();
    let text = shown(dir.path(), &["assess", "."]);
    assert!(text.contains("did you mean `inventory`") && text.contains("[exit 2]"), "{text}");
    let config = "version: 1\nmin_coverage: 120\nenvironments: [{ name: a, accounts: [\"1\"] }, { name: a }]\n";
    fs::write(dir.path().join("portcullis.yaml"), config).unwrap();
    let text = shown(dir.path(), &["assess", "."]);
    for want in ["120", "account id", "declared twice", "holds nothing"] {
        assert!(text.contains(want), "no `{want}` in:\n{text}");
    }
}

#[test]
fn overlays_in_a_circle_are_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.yaml"), "version: 1\noverlay: a\nrelease: \"1\"\nextends: b\n")
        .unwrap();
    fs::write(dir.path().join("b.yaml"), "version: 1\noverlay: b\nrelease: \"1\"\nextends: a\n")
        .unwrap();
    let text = shown(
        dir.path(),
        &["framework", "show", "a", "--overlay", "a.yaml", "--overlay", "b.yaml"],
    );
    assert!(text.contains("circle") && text.contains("[exit 2]"), "{text}");
}

#[test]
fn an_empty_inventory_is_no_success() {
    use portcullis::clock::Time;
    use portcullis::model::snapshot::Writer;
    let dir = tempfile::tempdir().unwrap();
    let bytes = Writer::new(Vec::new(), Time::default(), Vec::new()).unwrap().finish().unwrap();
    fs::write(dir.path().join("empty.jsonl.zst"), bytes).unwrap();
    let text = shown(dir.path(), &["assess", "empty.jsonl.zst", "--format", "text"]);
    assert!(text.contains("[exit 3]"), "{text}");
    assert!(text.contains("not rated"), "{text}");
    let text = shown(dir.path(), &["assess", "empty.jsonl.zst", "--framework", "none"]);
    assert!(text.contains("[exit 3]"), "{text}");
}

#[test]
fn what_init_writes_can_be_read_and_new_checks_pass() {
    let dir = tempfile::tempdir().unwrap();
    let text = shown(dir.path(), &["init"]);
    assert!(text.contains("[exit 0]"), "{text}");
    assert!(shown(dir.path(), &["init"]).contains("exists already"));
    let overlay = shown(
        dir.path(),
        &["framework", "show", "portcullis-baseline", "--overlay", "overlay.yaml"],
    );
    assert!(overlay.contains("[exit 0]"), "{overlay}");
    assert!(shown(dir.path(), &["check", "new", "my-own"]).contains("[exit 0]"));
    for command in ["lint", "test"] {
        let text = shown(dir.path(), &["check", command, "checks/my-own.yaml"]);
        assert!(text.contains("[exit 0]"), "{text}");
    }
}

#[test]
fn help_fits_and_every_command_has_it() {
    let dir = tempfile::tempdir().unwrap();
    for command in [
        "scan",
        "collect",
        "assess",
        "report",
        "check",
        "framework",
        "explain",
        "inventory",
        "network",
        "iam",
        "permissions",
        "schema",
        "init",
        "completions",
        "man",
    ] {
        let text = shown(dir.path(), &[command, "--help"]);
        assert!(text.contains("[exit 0]") && text.contains("Usage:"), "{text}");
        let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(wide.is_empty(), "{command}: {wide:?}");
    }
    for args in [
        &["check", "show", "iam-root-mfa"][..],
        &["explain", "iam-root-mfa"],
        &["explain", "INF-SG-01"],
    ] {
        let text = shown(dir.path(), args);
        assert!(text.contains("[exit 0]") && !text.contains("u{1b}"), "{text}");
    }
    assert!(shown(dir.path(), &["completions", "bash"]).contains("complete"));
    assert!(shown(dir.path(), &["man"]).contains(".TH"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let acme = acme.to_str().unwrap();
    let (json, html) = (dir.path().join("a.json"), dir.path().join("a.html"));
    let run = || {
        let (json, html) = (json.to_str().unwrap(), html.to_str().unwrap());
        let output = run_in(dir.path(), &["assess", acme, "--json", json, "--html", html]);
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        (output.stdout, fs::read(json).unwrap(), fs::read(html).unwrap())
    };
    let first = run();
    assert!(first == run(), "two runs differ");
    // Rendering the stored report again gives the page that the run wrote.
    let again = dir.path().join("again.html");
    run_in(
        dir.path(),
        &["report", "a.json", "--html", again.to_str().unwrap(), "--format", "none"],
    );
    let titled = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().count();
    assert_eq!(titled(&fs::read(again).unwrap()), titled(&first.2));
}

#[test]
fn the_order_of_resources_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/inventory.jsonl.zst");
    let text = String::from_utf8(zstd::decode_all(fs::File::open(acme).unwrap()).unwrap()).unwrap();
    let rewritten = |name: &str, reverse: bool| {
        let mut resources: Vec<&str> =
            text.lines().filter(|l| l.starts_with("{\"type\"")).collect();
        if reverse {
            resources.reverse();
        }
        let coverage = text.lines().filter(|l| l.starts_with("{\"coverage\""));
        let mut writer = portcullis::model::snapshot::Writer::new(
            Vec::new(),
            portcullis::clock::Time::default(),
            Vec::new(),
        )
        .unwrap();
        for line in resources {
            writer.resource(&portcullis::model::Resource::parse(line).unwrap()).unwrap();
        }
        for line in coverage {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            writer.coverage(&serde_json::from_value(line["coverage"].clone()).unwrap()).unwrap();
        }
        fs::write(dir.path().join(name), writer.finish().unwrap()).unwrap();
        let output =
            run_in(dir.path(), &["assess", name, "--at", "2026-06-01", "--format", "json"]);
        let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["assessment"]["inventory"] = serde_json::Value::Null;
        report
    };
    assert!(rewritten("forward.zst", false) == rewritten("backward.zst", true));
}
