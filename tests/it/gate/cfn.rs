//! Templates that others made: every one is read, and what it states fits the model.

use std::collections::BTreeMap;
use std::path::PathBuf;

use portcullis::collect::cloudformation::{self, Input, Options, Read};
use portcullis::gate::overlay::{self, predict};
use portcullis::model::attr::CauseKind;
use portcullis::model::{Data, Tree};
use portcullis::span::SourceFile;

use super::oracle_files;

fn input(path: &PathBuf) -> Input {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Input {
        // Files are named after repositories and folders, and stacks must differ.
        name: Some(name.split('.').next().unwrap().replace('_', "-")),
        ..Input::new(SourceFile::new(name, std::fs::read_to_string(path).unwrap()))
    }
}

/// What is not understood within a draft: a mapper's mistake, or a template's.
fn misfits(tree: &Tree<'_>, path: &str, out: &mut Vec<String>) {
    match tree {
        Tree::Unknown(cause) if cause.kind == CauseKind::NotUnderstood => {
            out.push(format!("{path}: {cause}"));
        }
        Tree::List(items) => items.iter().for_each(|item| misfits(item, path, out)),
        Tree::Map(entries) => {
            for (key, value) in entries {
                misfits(value, &format!("{path}.{key}"), out);
            }
        }
        _ => {}
    }
}

fn fits(read: &Read) -> Vec<String> {
    let mut out = Vec::new();
    for draft in read.changes.after.drafts() {
        let made: Result<Data, _> = (draft.kind.from_tree)(draft.fields.clone());
        assert!(made.is_ok(), "{} {}: {made:?}", draft.kind.name, draft.address);
        misfits(&draft.fields, &format!("{} ({})", draft.address, draft.kind.name), &mut out);
    }
    for part in &read.changes.after.parts {
        let what = format!("{} ({}.{})", part.address, part.kind.name, part.field);
        misfits(&part.value, &what, &mut out);
    }
    out
}

#[test]
fn every_template_is_read() {
    let Some(files) = oracle_files("gate/cfn") else { return };
    let mut unmapped: BTreeMap<String, u64> = BTreeMap::new();
    let (mut mapped, mut resolved, mut left, mut lines) = (0, 0, 0, 0);
    for path in &files {
        let read = cloudformation::read(&[input(path)], &Options::default());
        let read = read.unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        let reading = &read.changes.reading;
        println!("{}", reading.what);
        println!("  mapped {:?}", reading.mapped);
        println!("  unmapped {:?} foreign {:?}", reading.unmapped, reading.foreign);
        println!("  resolved {} left {:?}", reading.relations.resolved, reading.relations.left);
        println!("  incomplete {:?}", read.changes.incomplete);
        for misfit in fits(&read) {
            println!("  not understood: {misfit}");
        }
        for (kind, count) in &reading.unmapped {
            *unmapped.entry(kind.clone()).or_default() += count;
        }
        for change in &read.changes.changes {
            let block = &read.blocks[&change.address];
            assert!(block.first >= 1 && block.last > block.first, "{} {block:?}", change.address);
            lines += 1;
        }
        mapped += reading.mapped.values().sum::<u64>();
        resolved += reading.relations.resolved;
        left += reading.relations.left.len();
        let predicted = predict(None, read.changes, &overlay::Options::default());
        for note in predicted.notes {
            println!("  note: {note}");
        }
    }
    let others: u64 = unmapped.values().sum();
    println!("{} templates: {mapped} resources mapped, {others} not: {unmapped:#?}", files.len());
    println!("relations: {resolved} followed, {left} left; {lines} resources with their lines");
    assert!(files.len() > 50 && mapped > 200, "{mapped} of {} templates", files.len());
}

#[test]
fn templates_that_import_from_each_other_are_read_together() {
    let Some(files) = oracle_files("gate/cfn") else { return };
    let named = |name: &str| {
        files.iter().find(|path| path.to_string_lossy().contains(name)).map(|path| {
            let mut input = input(path);
            input.name = Some(name.rsplit("__").next().unwrap().to_owned());
            input
        })
    };
    let (Some(vpc), Some(mut bastion)) =
        (named("aws-cf-templates__vpc__vpc-2azs"), named("aws-cf-templates__vpc__vpc-ssh-bastion"))
    else {
        eprintln!("SKIPPED: the templates that import from each other are not there");
        return;
    };
    bastion.parameters.insert("ParentVPCStack".to_owned(), Tree::text("vpc-2azs"));
    let alone = cloudformation::read(&[bastion.clone()], &Options::default()).unwrap();
    let both = cloudformation::read(&[vpc, bastion], &Options::default()).unwrap();
    let left = |read: &Read| {
        let left = &read.changes.reading.relations.left;
        left.iter().filter(|(_, why)| why.contains("the export vpc-2azs-")).count()
    };
    assert!(left(&alone) > 0);
    assert_eq!(left(&both), 0, "{:?}", both.changes.reading.relations.left);
}
