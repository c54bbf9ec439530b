//! Any bytes as a Terraform plan or state: nothing panics, what was read fits the model, and laid over nothing it makes
//! resources of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::collect::predicted::input;
use portcullis::collect::terraform::{self, Options};
use portcullis::gate::overlay::{self, predict};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = input::text(data) else { return };
    let Ok(parsed) = terraform::parse(&text) else { return };
    let Ok(set) = terraform::read(&parsed, &Options::default()) else { return };
    for draft in set.before.drafts().iter().chain(set.after.drafts()) {
        assert!(!draft.id.is_empty(), "{}", draft.address);
        (draft.kind.from_tree)(draft.fields.clone()).expect("a draft fits its type");
    }
    let stated = set.after.drafts().len();
    let predicted = predict(None, set, &overlay::Options::default());
    assert!(predicted.after.resources.len() >= stated, "a stated resource is lost");
});
