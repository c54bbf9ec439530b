//! The floors of DESIGN §3 and ARCHITECTURE.md, held against every path in `src/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of each top module; rooms of floor 5 and modules of one floor do not see each other unless listed.
const FLOORS: &[(u8, &[&str])] = &[
    (0, &["clock", "diag", "digest", "ident", "net", "span"]),
    (1, &["model"]),
    (2, &["analyze", "expr"]),
    (3, &["attestation", "check", "finding", "framework", "standards", "waiver", "yaml"]),
    (4, &["assess", "gate", "posture"]),
    (5, &["collect", "report"]),
    (6, &["cli", "cmd", "config", "exit"]),
];

/// On these floors modules may use those that stand before them in the list; each pair is here with its reason.
const NEIGHBOURS: &[(&str, &str, &str)] = &[
    ("diag", "span", "a diagnostic points at a place"),
    ("attestation", "finding", "severities"),
    ("attestation", "yaml", "what people write"),
    ("check", "finding", "outcomes"),
    ("check", "standards", "the linter knows control ids"),
    ("check", "yaml", "what people write"),
    ("framework", "attestation", "controls rest on records"),
    ("framework", "finding", "severities"),
    ("framework", "waiver", "terms of waivers are parameters"),
    ("framework", "yaml", "what people write"),
    ("standards", "yaml", "what people write"),
    ("waiver", "attestation", "owner and approver differ by the same rule"),
    ("waiver", "finding", "what is waived"),
    ("waiver", "yaml", "what people write"),
    ("posture", "assess", "controls roll up outcomes"),
    ("gate", "assess", "it compares two assessments"),
    ("gate", "posture", "it compares their scores"),
];

/// Names that only one room may speak.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("aws_sdk_", &["src/collect/aws"]),
    ("aws_config::", &["src/collect/aws"]),
    ("cel::", &["src/expr"]),
    ("println!", &["src/cmd"]),
    ("SystemTime::now", &["src/clock.rs"]),
    ("Timestamp::now", &["src/clock.rs"]),
    ("async fn", &["src/collect/aws"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join("src"), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root()).unwrap().to_owned(), text)
        })
        .collect()
}

/// The lines of a file that are code: no comments, and nothing behind the tests that close a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line))
}

fn floors() -> BTreeMap<&'static str, u8> {
    FLOORS.iter().flat_map(|(floor, names)| names.iter().map(|name| (*name, *floor))).collect()
}

/// The top module a file belongs to.
fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix("src").ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// The top modules a line of code names behind `crate::`.
fn named(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in line.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or_default();
            out.extend(group.split(',').map(|one| word(one.trim())));
        } else {
            out.push(word(part));
        }
    }
    out
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn breaches(sources: &[(PathBuf, String)]) -> Vec<String> {
    let floors = floors();
    let mut out = Vec::new();
    for (path, text) in sources {
        let Some(module) = module_of(path) else { continue };
        if module == "main" || module == "lib" {
            continue;
        }
        let Some(&own) = floors.get(module.as_str()) else {
            out.push(format!("{}: `{module}` stands on no floor", path.display()));
            continue;
        };
        for (line, code) in code(text) {
            for used in named(code) {
                let Some(&other) = floors.get(used.as_str()) else { continue };
                let neighbours = NEIGHBOURS.iter().any(|(a, b, _)| *a == module && *b == used);
                // The front is where everything meets.
                let allowed = used == module || other < own || neighbours || own == 6;
                if !allowed {
                    out.push(format!(
                        "{}:{line}: `{module}` (floor {own}) uses `{used}` (floor {other})",
                        path.display()
                    ));
                }
            }
            for (name, homes) in ONLY_IN {
                if code.contains(name)
                    && !homes.iter().any(|home| {
                        path.starts_with(home) || path.to_string_lossy().starts_with(home)
                    })
                {
                    out.push(format!(
                        "{}:{line}: `{name}` outside {}",
                        path.display(),
                        homes.join(", ")
                    ));
                }
            }
        }
    }
    out
}

#[test]
fn modules_use_lower_floors_only() {
    let found = breaches(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_stands_on_a_floor_and_in_order() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let floors = floors();
    let order: Vec<u8> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(|name| *floors.get(name).unwrap_or_else(|| panic!("`{name}` stands on no floor")))
        .collect();
    assert!(order.is_sorted(), "lib.rs declares a module above one of a lower floor: {order:?}");
    assert_eq!(order.len(), floors.len(), "a floor names a module that lib.rs does not declare");
}

#[test]
fn a_breach_is_noticed() {
    let seeded = [
        ("src/model/x.rs", "use crate::assess::Plan;", "floor 1"),
        (
            "src/report/x.rs",
            "use crate::collect::plan;",
            "`report` (floor 5) uses `collect` (floor 5)",
        ),
        ("src/assess/x.rs", "use crate::{model, report};", "uses `report`"),
        ("src/report/x.rs", "println!();", "`println!` outside"),
        ("src/cmd/x.rs", "let c = cel::Env;", "`cel::` outside"),
    ];
    for (path, line, want) in seeded {
        let found = breaches(&[(PathBuf::from(path), line.to_owned())]);
        assert!(found.iter().any(|f| f.contains(want)), "{line}: {found:?}");
    }
    let quiet = [(
        PathBuf::from("src/assess/x.rs"),
        "// crate::report\nuse crate::model::Index;".to_owned(),
    )];
    assert!(breaches(&quiet).is_empty());
}

#[test]
fn files_know_their_room() {
    let long: Vec<_> = sources()
        .iter()
        .map(|(path, text)| (path.display().to_string(), text.lines().count()))
        .filter(|(_, lines)| *lines > 800)
        .collect();
    assert!(long.is_empty(), "over 800 lines: {long:?}");
}
