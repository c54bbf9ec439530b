//! Any text as a template: nothing panics, everything ends, and what is stated fits the model.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::collect::cloudformation::{Input, Options, parameters, read};
use portcullis::span::SourceFile;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = parameters(text);
    let Ok(read) = read(&[Input::new(SourceFile::new("fuzzed.yaml", text))], &Options::default()) else { return };
    for draft in read.changes.after.drafts() {
        (draft.kind.from_tree)(draft.fields.clone()).expect("a draft fits its type");
    }
    for block in read.blocks.values() {
        assert!(block.first <= block.last);
    }
});
