//! The example company: its snapshot is what its generator writes, and it shows what every check finds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::model::reflect::Reflect as _;
use portcullis::model::snapshot::{Entry, Limits, Reader};
use portcullis::model::{Completeness, Resource};
use serde_json::Value;

#[path = "../../examples/generate_acme/company.rs"]
mod company;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn entries(bytes: &[u8]) -> Vec<String> {
    let mut reader = Reader::new("acme", bytes, Limits::default()).unwrap();
    let mut out = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        out.push(match entry {
            Entry::Resource(text, _) => text,
            Entry::Coverage(entry) => serde_json::to_string(&entry).unwrap(),
        });
    }
    out
}

/// Set `UPDATE=1` to write it anew after the model or the company changed.
#[test]
fn the_snapshot_is_what_the_generator_writes() {
    let path = root().join(company::PATH);
    let made = company::snapshot().unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let there = std::fs::read(&path).unwrap();
    // The first difference says more than two digests.
    let (made_lines, there_lines) = (entries(&made), entries(&there));
    for (a, b) in made_lines.iter().zip(&there_lines) {
        assert_eq!(a, b, "stale: run this test with UPDATE=1");
    }
    assert!(made == there, "stale: run this test with UPDATE=1");
    assert!(there.len() < 1 << 20, "{} bytes", there.len());
}

/// Nothing is left open by accident: a field is known, or says why not.
#[test]
fn every_attribute_is_known_or_says_why_not() {
    let made = company::snapshot().unwrap();
    let mut resources = 0;
    let mut gaps = Vec::new();
    let mut open = Vec::new();
    let mut reader = Reader::new("acme", made.as_slice(), Limits::default()).unwrap();
    while let Some(entry) = reader.next_entry().unwrap() {
        match entry {
            Entry::Coverage(cell) if !cell.status.is_conclusive() => gaps.push(cell),
            Entry::Coverage(_) => {}
            Entry::Resource(text, _) => {
                resources += 1;
                let resource = Resource::parse(&text).unwrap();
                let data: Value = serde_json::to_value(&resource.data).unwrap();
                for field in resource.kind().shape.fields.iter().filter(|f| !f.fact) {
                    if data.get(field.name).is_none() {
                        open.push(format!("{}: {}", resource.key(), field.name));
                    }
                }
            }
        }
    }
    assert!(open.is_empty(), "{} open:\n{}", open.len(), open[..open.len().min(40)].join("\n"));
    assert!(resources >= 500, "{resources} resources");
    assert_eq!(gaps.len(), 2);
    assert!(gaps.iter().any(|cell| cell.status == Completeness::Denied));
}

/// An organization is one resource, so what is asked of it has one answer.
const ONE_ANSWER: [(&str, &str); 6] = [
    ("organizations-all-features", "pass"),
    ("organizations-delegated-administrators", "pass"),
    ("organizations-forensic-account-present", "pass"),
    ("organizations-organization-member", "pass"),
    ("organizations-region-deny", "fail"),
    ("organizations-required-denies", "fail"),
];

fn assessed() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("report.html");
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["assess", "examples/acme", "--format", "json", "--html"])
        .arg(&html)
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "flawed, and with gaps in the evidence: {errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {errors}"))
}

#[test]
fn every_check_finds_something_good_and_something_bad() {
    let report = assessed();
    let mut odd = Vec::new();
    let mut known: BTreeMap<&str, &str> = ONE_ANSWER.into_iter().collect();
    let checks = report["assessment"]["checks"].as_array().unwrap();
    assert!(checks.len() >= 145);
    for check in checks {
        let id = check["id"].as_str().unwrap();
        let count = |word: &str| check["tally"][word].as_u64().unwrap();
        let (pass, fail) = (count("pass"), count("fail") + count("waived"));
        match known.remove(id) {
            Some(answer) => assert!(count(answer) == 1, "{id}: {answer} was expected"),
            None if pass > 0 && fail > 0 => {}
            None => odd.push(format!("{id}: {pass} pass, {fail} fail")),
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    assert!(known.is_empty(), "no such checks: {known:?}");

    let waivers = report["assessment"]["waivers"].as_array().unwrap();
    let state = |id: &str| {
        let waiver = waivers.iter().find(|w| w["id"] == id).unwrap();
        (waiver["state"].as_str().unwrap(), waiver["matched"].as_u64().unwrap())
    };
    assert_eq!(state("ACME-W-001"), ("in force", 6));
    assert_eq!(state("ACME-W-004"), ("lapsed", 0));
    assert_eq!(state("ACME-W-005"), ("in force", 0), "stale: what it accepts is gone");
    assert_eq!(report["posture"]["refused_records"], serde_json::json!([]));
}

/// Documents are compared with their digests, so each must still be what its record says.
#[test]
fn records_name_documents_that_are_there_unaltered() {
    let acme = root().join("examples/acme");
    let mut seen = 0;
    for folder in ["attestations", "exercises"] {
        for entry in std::fs::read_dir(acme.join(folder)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for pair in lines.windows(2) {
                let Some(path) = pair[0].strip_prefix("uri: file:../") else { continue };
                let path: PathBuf = acme.join(path);
                let bytes =
                    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let digest = pair[1].strip_prefix("sha256: ").unwrap();
                assert_eq!(portcullis::digest::sha256(&bytes), digest, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen} documents");
}

/// Accounts that the configuration declares reach the facts about trust: without it, nobody vouched for the partner.
#[test]
fn declared_partners_are_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = root().join("examples/acme/inventory.jsonl.zst");
    let broken = |declared: &str| -> BTreeMap<String, usize> {
        let config = format!(
            "version: 1\nat: 2026-06-01\ninventory: {}\n\
             checks: {{ include: [iam-role-trust-known-accounts, iam-role-trust-unknown-vendor, iam-role-trust-external-id] }}\n{declared}",
            inventory.display()
        );
        std::fs::write(folder.path().join("portcullis.yaml"), config).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(["assess", &folder.path().display().to_string(), "--format", "json"])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {errors}"));
        let checks = report["assessment"]["checks"].as_array().unwrap();
        let fails = |check: &Value| {
            let count = check["tally"]["fail"].as_u64().unwrap();
            (check["id"].as_str().unwrap().to_owned(), usize::try_from(count).unwrap())
        };
        checks.iter().map(fails).collect()
    };
    let without = broken("");
    let partner = "partners: [{ name: Nordlicht, accounts: [\"314159265358\"] }]\n";
    let with = broken(partner);
    for id in ["iam-role-trust-known-accounts", "iam-role-trust-unknown-vendor"] {
        assert!(with[id] < without[id], "{id}: {with:?}, {without:?}");
    }
    let id = "iam-role-trust-external-id";
    assert_eq!(with[id], without[id], "a partner must still be asked for an external id");
}
