//! Policy documents that nobody should write: huge, deep, cut off, wrong, from the future. Each is a doubt that says why,
//! and none of them panics or looks like a document that allows or denies nothing.

use std::time::{Duration, Instant};

use portcullis::analyze::iam::document::{Document, Layer};
use portcullis::analyze::iam::evaluate::{Decision, Layers, Outcome, evaluate};
use portcullis::analyze::iam::request::{Action, Caller, Circumstances, Request};
use portcullis::analyze::iam::truth::{Algebra as _, Plain, Reasoned, Truth};
use portcullis::model::policy::PolicyDocument;
use portcullis::model::{Attr, CauseKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::now;
use super::random::{scene, statement_of};

const ROLE: &str = "arn:aws:sts::111122223333:assumed-role/r/s";

/// What a document says to one request, alone in one layer; other layers let everything pass.
fn alone(document: &Document, layer: Layer) -> Outcome<Truth> {
    let caller = Caller::of_arn(ROLE).unwrap();
    let action = Action::parse("s3:GetObject").unwrap();
    let circumstances = Circumstances::open();
    let mut request = Request::new(&caller, &action, "arn:aws:s3:::b/k", &circumstances, now());
    request.resource_account = Attr::Known(Some("111122223333".to_owned()));
    let everything = Document::everything("everything");
    let open = vec![&everything];
    let own = vec![document];
    let mut layers = Layers { identity: open, ..Layers::default() };
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
    let plain = evaluate(&request, &layers, &Plain, &mut ());
    let reasoned = evaluate(&request, &layers, &Reasoned, &mut ());
    assert_eq!(plain.allowed, Reasoned.truth(&reasoned.allowed), "with and without reasons");
    assert_eq!(plain.decision, reasoned.decision, "with and without reasons");
    plain
}

const LAYERS: [Layer; 7] = [
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
    Layer::Scp,
    Layer::Rcp,
    Layer::Resource,
    Layer::Endpoint,
];

fn compiled(text: &str) -> Document {
    Document::compile("odd", None, &PolicyDocument::parse(text))
}

/// A document of which nothing can be said, in every layer.
fn is_doubtful(document: &Document, words: &str) {
    for layer in LAYERS {
        let decision = alone(document, layer).decision;
        assert_eq!(decision, Decision::Unknown, "{words} in {layer:?}");
    }
    let said =
        document.doubt.iter().chain(document.statements.iter().filter_map(|s| s.doubt.as_ref()));
    let conditions = document.statements.iter().flat_map(|s| &s.conditions);
    let told = said.clone().all(|cause| cause.kind == CauseKind::NotUnderstood)
        && (said.count() > 0 || conditions.clone().any(|c| !c.understood()));
    assert!(told, "{words}: {document:?}");
}

#[test]
fn what_is_no_policy_is_a_doubt() {
    let deep = format!("{{\"Statement\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let inner = format!(
        "{{\"Statement\": {{\"Effect\": \"Allow\", \"Resource\": \"*\", \"Principal\": \"*\", \"Action\": {}1{}}}}}",
        "[".repeat(100),
        "]".repeat(100)
    );
    let nested = format!(
        "{{\"Statement\": {{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \"Principal\": \"*\", \
         \"Condition\": {}1{}}}}}",
        "{\"a\":".repeat(50),
        "}".repeat(50)
    );
    let huge = format!("{{\"Statement\": [], \"Id\": \"{}\"}}", "x".repeat(10 << 20));
    for (text, words) in [
        ("", "nothing"),
        ("null", "null"),
        ("[]", "a list"),
        ("\"*\"", "a text"),
        ("{\"Statement\": 7}", "a number for statements"),
        ("{\"Statement\": [[]]}", "a list for a statement"),
        (
            "{\"Statement\": {\"Resource\": \"*\", \"Principal\": \"*\"}}",
            "a statement that does nothing to nothing",
        ),
        ("\u{feff}{\"Statement\": []}", "a byte order mark"),
        ("%7B%22Statement%22", "a cut document, encoded for URLs"),
        (&deep, "100,000 levels"),
        (&inner, "100 levels within an action"),
        (&nested, "50 levels within a condition"),
        (&huge, "10 MB"),
    ] {
        is_doubtful(&compiled(text), words);
    }
}

#[test]
fn a_document_that_is_cut_anywhere_is_a_doubt() {
    let whole = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "é", "Effect": "Allow", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringLike": {"aws:username": ["a*", "\u{1f512}"]}}},
        {"Effect": "Deny", "NotAction": ["iam:*"], "Resource": ["arn:aws:s3:::b/${aws:username}"]},
    ]})
    .to_string();
    for at in whole.char_indices().map(|(at, _)| at) {
        assert!(PolicyDocument::parse(&whole[..at]).known().is_none(), "cut at {at}");
    }
    assert!(PolicyDocument::parse(&whole).known().is_some());
}

/// What is not understood of a statement that would decide leaves the decision open.
#[test]
fn elements_from_the_future_are_a_doubt() {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let with = |change: &dyn Fn(&mut Value)| {
        let mut statement = statement.clone();
        change(&mut statement);
        json!({"Version": "2012-10-17", "Statement": statement})
    };
    let operators = [
        "StringMatches",
        "StringEqualsIfExistsIfExists",
        "ForSome:StringEquals",
        "NullIfExists",
        "",
    ];
    for operator in operators {
        let document = with(&|s| s["Condition"] = json!({ operator: {"aws:username": "u"} }));
        let document = compiled(&document.to_string());
        for layer in LAYERS.into_iter().filter(|layer| *layer != Layer::Resource) {
            assert_eq!(alone(&document, layer).decision, Decision::Unknown, "{operator:?}");
        }
    }
    let elements: [(&str, Value); 7] = [
        ("Effect", json!("allow")),
        ("Effect", json!(["Allow"])),
        ("Action", json!({"s3": "*"})),
        ("Resource", json!([null])),
        ("Condition", json!([])),
        ("When", json!("later")),
        ("Principal", json!({"Robot": "*"})),
    ];
    for (element, value) in elements {
        let document = compiled(&with(&|s| s[element] = value.clone()).to_string());
        for layer in
            LAYERS.into_iter().filter(|layer| *layer != Layer::Resource || element == "Principal")
        {
            let decision = alone(&document, layer).decision;
            assert_eq!(decision, Decision::Unknown, "{element}: {value} in {layer:?}");
        }
    }
}

#[test]
fn a_language_from_the_future_is_a_doubt() {
    for version in [json!("2030-01-01"), json!(20_121_017), json!(""), json!(["2012-10-17"])] {
        let document = json!({"Version": version, "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"},
        ]});
        is_doubtful(&compiled(&document.to_string()), &document.to_string());
    }
}

/// Trees that came with an answer of AWS are not parsed again, and may be of any size.
#[test]
fn documents_of_ten_megabytes_are_evaluated_in_no_time() {
    let statement = |at: usize| json!({"Effect": "Allow", "Action": ["s3:Put*", "s3:List*"], "Resource": format!("arn:aws:s3:::b{at}/*")});
    let many: Vec<Value> = (0..100_000).map(statement).collect();
    let wide: Vec<String> = (0..400_000).map(|at| format!("arn:aws:s3:::bucket-{at}/*")).collect();
    let stars = format!("arn:aws:s3:::{}b", "*k".repeat(2_000));
    let allow = |resource: Value| json!([{"Effect": "Allow", "Action": "*", "Resource": resource}]);
    for (statements, words) in [
        (Value::Array(many), "100,000 statements"),
        (allow(json!(wide)), "400,000 resources"),
        (allow(json!(stars)), "2,000 stars"),
    ] {
        let tree = json!({"Version": "2012-10-17", "Statement": statements});
        let document = Document::compile("large", None, &PolicyDocument::from_json(&tree));
        let start = Instant::now();
        let decision = alone(&document, Layer::Identity).decision;
        assert_eq!(decision, Decision::ImplicitlyDenied, "{words}");
        assert!(start.elapsed() < Duration::from_secs(20), "{words}: {:?}", start.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes of a document are changed, doubled and left out: nothing panics, in no layer.
    #[test]
    fn spoilt_documents_never_panic(
        statements in prop::collection::vec(statement_of(true, prop_oneof![Just("Allow"), Just("Deny")].boxed()), 1..3),
        spoils in prop::collection::vec((any::<prop::sample::Index>(), 0..5_u8, any::<u8>()), 0..6),
    ) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let mut bytes = document.to_string().into_bytes();
        for (at, how, byte) in spoils {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                3 => bytes[at] = b"\"{}[]:,*?$"[usize::from(byte) % 10],
                _ => { let tail = bytes[at..].to_vec(); bytes.extend(tail); }
            }
            if bytes.is_empty() {
                break;
            }
        }
        let document = compiled(&String::from_utf8_lossy(&bytes));
        for layer in LAYERS {
            alone(&document, layer);
        }
    }

    /// With and without reasons, and told again, the answer is the same.
    #[test]
    fn answers_are_the_same_every_time(case in scene()) {
        use portcullis::analyze::iam::ask::case::Case;
        let read = Case::read(&case).unwrap();
        prop_assert_eq!(read.answer(now()), Case::read(&case).unwrap().answer(now()));
    }
}
