//! Committed files that are generated: stale ones fail. `UPDATE=1` rewrites them.

use std::fs;
use std::path::PathBuf;

use clap::ValueEnum;
use portcullis::cli::SchemaName;

fn compare(path: &str, wanted: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let path = path.display();
    assert!(
        found == wanted,
        "{path} is stale; `UPDATE=1 cargo test --test it generated` rewrites it"
    );
}

#[test]
fn schemas_are_current() {
    for name in SchemaName::value_variants() {
        let text = serde_json::to_string_pretty(&name.schema()).unwrap();
        let value = name.to_possible_value().unwrap();
        compare(&format!("schemas/{}.json", value.get_name()), &format!("{text}\n"));
    }
}

#[test]
fn the_documentation_of_expressions_is_current() {
    compare("docs/expressions.md", &portcullis::expr::markdown());
}

#[test]
fn the_documentation_of_escalation_is_current() {
    compare("docs/escalation.md", &portcullis::analyze::iam::escalation::methods::markdown());
}

#[test]
fn schemas_are_schemas() {
    for name in SchemaName::value_variants() {
        let schema = name.schema();
        jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{name:?}: {e}"));
    }
}
