//! Plans that others made: every one is read, and its relations are followed.

use portcullis::collect::predicted::input;
use portcullis::collect::terraform::{self, Options};
use portcullis::model::Tree;
use portcullis::model::attr::CauseKind;
use portcullis::model::change::Relations;

use super::oracle_files;

#[test]
fn every_plan_is_read_and_most_relations_are_followed() {
    let Some(files) = oracle_files("gate/plans") else { return };
    let mut sum = Relations::default();
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let text = input::text(&bytes).unwrap();
        let parsed = terraform::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let set = terraform::read(&parsed, &Options::default())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let reading = &set.reading;
        println!("{}: {}", path.file_name().unwrap().to_string_lossy(), reading.what);
        println!(
            "  mapped {:?}\n  unmapped {:?} foreign {:?}",
            reading.mapped, reading.unmapped, reading.foreign
        );
        println!(
            "  resolved {} ambiguous {} left {:?}",
            reading.relations.resolved, reading.relations.ambiguous, reading.relations.left
        );
        sum.resolved += reading.relations.resolved;
        sum.ambiguous += reading.relations.ambiguous;
        sum.left.extend(reading.relations.left.iter().cloned());
        for draft in set.before.drafts().iter().chain(set.after.drafts()) {
            let made = (draft.kind.from_tree)(draft.fields.clone());
            assert!(made.is_ok(), "{}: {}: {made:?}", path.display(), draft.address);
            let strange = not_understood(&draft.fields);
            assert!(strange.is_none(), "{}: {}: {strange:?}", path.display(), draft.address);
        }
    }
    let total = sum.resolved + sum.ambiguous + sum.left.len() as u64;
    println!(
        "{} files: of {total} relations {} resolved, {} ambiguous, {} left",
        files.len(),
        sum.resolved,
        sum.ambiguous,
        sum.left.len()
    );
    assert!(sum.resolved * 100 >= total * 82, "{} of {total}", sum.resolved);
}

/// An attribute of another type than its mapper expects.
fn not_understood(tree: &Tree<'_>) -> Option<String> {
    match tree {
        Tree::Unknown(cause) => (cause.kind == CauseKind::NotUnderstood).then(|| cause.to_string()),
        Tree::List(items) => items.iter().find_map(not_understood),
        Tree::Map(entries) => entries.iter().find_map(|(_, value)| not_understood(value)),
        _ => None,
    }
}
