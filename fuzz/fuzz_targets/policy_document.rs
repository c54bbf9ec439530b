//! Any text as a policy document, in every layer: nothing panics, an answer with reasons is the answer without, a document
//! that could not be read leaves the answer open, and one more denial never allows anything.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::analyze::iam::document::{Document, Layer};
use portcullis::analyze::iam::evaluate::{Layers, Outcome, evaluate};
use portcullis::analyze::iam::request::{Action, Caller, Circumstances, Request};
use portcullis::analyze::iam::truth::{Algebra, Plain, Reasoned, Truth};
use portcullis::model::Attr;
use portcullis::model::policy::PolicyDocument;

const LAYERS: [Layer; 7] = [
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
    Layer::Scp,
    Layer::Rcp,
    Layer::Resource,
    Layer::Endpoint,
];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = PolicyDocument::parse(text);
    let unread = parsed.known().is_none();
    let document = Document::compile("fuzzed", None, &parsed);
    assert!(!unread || document.doubt.is_some());
    let nothing = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    let nothing = Document::compile("nothing", None, &PolicyDocument::parse(nothing));
    for layer in LAYERS {
        for strict in [false, true] {
            let before = ask(&document, layer, strict, None);
            assert!(!unread || before.allowed == Truth::Maybe, "{layer:?}");
            let after = ask(&document, layer, strict, Some(&nothing));
            assert_eq!(after.allowed, Truth::No, "{layer:?}");
        }
    }
});

fn ask(document: &Document, layer: Layer, strict: bool, denial: Option<&Document>) -> Outcome<Truth> {
    let caller = Caller::of_arn("arn:aws:sts::111122223333:assumed-role/r/s").unwrap();
    let action = Action::parse("s3:GetObject").unwrap();
    let circumstances = if strict { Circumstances::strict() } else { Circumstances::open() };
    let circumstances = circumstances
        .with_value("aws:SourceIp", "192.0.2.7")
        .with_value("aws:PrincipalTag/team", "*")
        .with_value("s3:max-keys", "10");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let mut request = Request::new(&caller, &action, "arn:aws:s3:::b/k", &circumstances, now);
    request.resource_account = Attr::Known(Some("111122223333".to_owned()));
    let everything = Document::everything("everything");
    let own = vec![document];
    let mut layers = Layers { identity: vec![&everything], ..Layers::default() };
    match layer {
        Layer::Identity => layers.identity = own,
        Layer::Boundary => layers.boundary = Some(own),
        Layer::Session => layers.session = Some(own),
        Layer::Scp => layers.scp = Some(vec![own]),
        Layer::Rcp => layers.rcp = Some(vec![own]),
        Layer::Endpoint => layers.endpoint = Some(own),
        Layer::Resource => {
            layers.identity = Vec::new();
            layers.resource = Some(document);
        }
    }
    layers.identity.extend(denial);
    let plain = evaluate(&request, &layers, &Plain, &mut ());
    let reasoned = evaluate(&request, &layers, &Reasoned, &mut ());
    assert_eq!(plain.allowed, Reasoned.truth(&reasoned.allowed));
    assert_eq!(plain.decision, reasoned.decision);
    plain
}
