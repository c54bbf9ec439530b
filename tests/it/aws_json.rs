//! Inventories from the JSON that the AWS CLI prints.

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
                items.iter().for_each(|item| walk(item, &format!("{path}[]"), out));
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
