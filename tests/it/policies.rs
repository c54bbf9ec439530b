//! The frameworks that come with the tool: whole, honest, and in step with the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use portcullis::diag::Diagnostics;
use portcullis::framework::{
    Assurance, CheckSettings, FrameworkKind, Library, ResolvedFramework, Tier,
};
use portcullis::span::SourceFile;
use portcullis::{attestation, framework, waiver, yaml};
use serde::Deserialize;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml_files(folder: &Path) -> Vec<SourceFile> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    paths.iter().map(|path| SourceFile::new(path.to_string_lossy().as_ref(), read(path))).collect()
}

fn shipped(id: &str) -> ResolvedFramework {
    let mut diagnostics = Diagnostics::default();
    let library = Library::load(&yaml_files(&root().join("policies")), &mut diagnostics);
    let resolved = library.resolve(id, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    resolved.unwrap()
}

fn both() -> [ResolvedFramework; 2] {
    [shipped("portcullis-baseline"), shipped("incident-response-readiness")]
}

/// What this test needs to know of a check file; the rest is the business of the checks' own tests.
fn checks() -> BTreeMap<String, serde_json::Value> {
    let mut diagnostics = Diagnostics::default();
    let files = yaml_files(&root().join("checks"));
    let read = |file: &SourceFile| yaml::read::<serde_json::Value>(file, &mut diagnostics).unwrap();
    files.iter().map(read).map(|check| (check["id"].as_str().unwrap().to_owned(), check)).collect()
}

#[test]
fn the_baseline_is_whole() {
    let baseline = shipped("portcullis-baseline");
    assert_eq!(baseline.kind, FrameworkKind::Policy);
    assert_eq!(baseline.controls().count(), 126);
    assert_eq!(baseline.controls().filter(|(_, c)| c.tier == Tier::Core).count(), 96);
    let sections: Vec<_> = baseline.sections.iter().map(|s| s.id.as_str()).collect();
    let wanted =
        ["GOV", "ACC", "SWS", "EMP", "DAT", "INF-PAT", "INF-SG", "INF-VPC", "INF-RBAC", "API"];
    assert_eq!(sections, wanted);
    // Every recommendation of the CIS benchmark is found under some control.
    let cis: BTreeSet<_> = baseline
        .controls()
        .flat_map(|(_, c)| c.maps.get("cis-aws-5.0").into_iter().flatten())
        .collect();
    assert_eq!(cis.len(), 63);
}

#[test]
fn the_checklist_is_whole() {
    let checklist = shipped("incident-response-readiness");
    assert_eq!(checklist.kind, FrameworkKind::Readiness);
    assert_eq!(checklist.controls().count(), 49);
    let sizes: Vec<_> =
        checklist.sections.iter().map(|s| (s.id.as_str(), s.controls.len())).collect();
    assert_eq!(sizes, [("GV", 6), ("ID", 9), ("PR", 12), ("DE", 8), ("RS", 8), ("RC", 6)]);
    for (_, item) in checklist.controls() {
        assert!(item.title.ends_with('?'), "{} is no question", item.id);
    }
    // The two sentences of the mission: documented beforehand, and practised as a standing exercise.
    assert!(checklist.control("IR-ID-06").unwrap().attestation.as_ref().unwrap().document);
    assert_eq!(checklist.control("IR-ID-09").unwrap().exercises.len(), 2);
    let import = checklist.control("IR-PR-12").unwrap().import.as_ref().unwrap();
    let baseline = shipped("portcullis-baseline");
    assert_eq!(import.framework, baseline.id);
    for section in &import.sections {
        assert!(baseline.sections.iter().any(|s| s.id == *section), "{section}");
    }
}

#[test]
fn titles_and_ids_are_fit_to_print() {
    for framework in both() {
        for (section, control) in framework.controls() {
            let id = &control.id;
            let prefix = match framework.kind {
                FrameworkKind::Policy => section.id.clone(),
                FrameworkKind::Readiness => format!("IR-{}", section.id),
            };
            assert!(id.starts_with(&prefix), "{id} in section {}", section.id);
            assert!(id.ends_with(|c: char| c.is_ascii_digit()), "{id}");
            assert!(
                control.title.len() > 15 && !control.title.ends_with('.'),
                "{id}: {}",
                control.title
            );
            assert!(!control.maps.is_empty(), "{id} is found from no standard");
            let recorded = control.attestation.is_some() || !control.exercises.is_empty();
            let automatic = !control.checks.is_empty()
                || !control.builtin.is_empty()
                || control.import.is_some();
            match control.assurance {
                Assurance::Auto => assert!(!recorded, "{id}"),
                Assurance::Attest => assert!(recorded && !automatic, "{id}"),
                Assurance::Mixed => assert!(recorded || control.gap.is_some(), "{id}"),
            }
        }
        for parameter in framework.parameters.values() {
            assert!(parameter.doc.ends_with('.'), "{}: {}", parameter.name, parameter.doc);
        }
    }
}

#[test]
fn controls_name_checks_that_exist() {
    let checks = checks();
    for framework in both() {
        for (_, control) in framework.controls() {
            for check in &control.checks {
                assert!(checks.contains_key(check), "{}: there is no check `{check}`", control.id);
            }
        }
    }
    // And every check serves some control: a finding that counts nowhere helps nobody.
    let settings = CheckSettings::of(&both());
    for check in checks.keys() {
        assert!(settings.selects(check), "no control rests on `{check}`");
    }
}

#[test]
fn parameters_reach_something_of_their_type() {
    let checks = checks();
    for framework in both() {
        let mut reached = BTreeSet::new();
        for (_, control) in framework.controls() {
            for name in &control.params {
                for check in &control.checks {
                    let Some(declared) = checks[check]["params"].get(name) else { continue };
                    let parameter = &framework.parameters[name];
                    assert_eq!(declared["type"], parameter.kind.to_string(), "{check}: {name}");
                    assert_eq!(declared["default"], parameter.default, "{check}: {name}");
                    reached.insert(name.clone());
                }
                // Days of records are read when the framework is put together, and built-in evidence reads its own.
                if control.attestation.is_some() || !control.exercises.is_empty() {
                    reached.insert(name.clone());
                }
                if !control.builtin.is_empty() || control.import.is_some() {
                    reached.insert(name.clone());
                }
            }
        }
        for name in framework.parameters.keys() {
            assert!(reached.contains(name), "{}: nothing uses `{name}`", framework.id);
        }
    }
    // A check's parameter that no framework sets cannot be turned by an organisation.
    let settings = CheckSettings::of(&both());
    for (id, check) in &checks {
        for name in check["params"].as_object().into_iter().flat_map(|p| p.keys()) {
            let setting = settings.get(id).unwrap();
            assert!(setting.params.contains_key(name), "{id}: `{name}` is set by no framework");
        }
    }
}

#[derive(Deserialize)]
struct Standards {
    standards: BTreeMap<String, Standard>,
}
#[derive(Deserialize)]
struct Standard {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    pattern: Option<String>,
}

#[test]
fn ids_of_standards_are_well_formed() {
    let text = std::fs::read_to_string(root().join("policies/standards.yaml")).unwrap();
    let mut diagnostics = Diagnostics::default();
    let all: Standards =
        yaml::read(&SourceFile::new("standards.yaml", text), &mut diagnostics).unwrap();
    for framework in both() {
        for (_, control) in framework.controls() {
            for (standard, ids) in &control.maps {
                let known = all.standards.get(standard);
                let known =
                    known.unwrap_or_else(|| panic!("{}: no standard `{standard}`", control.id));
                let pattern =
                    known.pattern.as_ref().map(|p| regex::Regex::new(&format!("^({p})$")).unwrap());
                for id in ids {
                    let fits =
                        known.ids.contains(id) || pattern.as_ref().is_some_and(|p| p.is_match(id));
                    assert!(fits, "{}: `{id}` is not an id of {standard}", control.id);
                }
            }
        }
    }
}

#[test]
fn files_fit_their_schemas() {
    let schema = jsonschema::validator_for(&framework::schema()).unwrap();
    for file in yaml_files(&root().join("policies")) {
        if file.path.ends_with("standards.yaml") {
            continue;
        }
        let value: serde_json::Value = yaml::read(&file, &mut Diagnostics::default()).unwrap();
        let errors: Vec<_> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.path);
        let mut wrong = value;
        wrong["sections"][0]["controls"][0]["titel"] = "x".into();
        assert!(!schema.is_valid(&wrong));
    }
    for schema in [framework::overlay_schema(), attestation::schema(), waiver::schema()] {
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(!validator.is_valid(&serde_json::json!({"version": 1, "waverz": []})));
        assert!(schema["description"].is_string() && schema["title"].is_string(), "{schema}");
    }
}
