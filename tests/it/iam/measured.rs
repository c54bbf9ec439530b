//! What a permissions boundary does to each form of grant, as it was measured on AWS.

use portcullis::analyze::iam::ask::case::Case;
use portcullis::analyze::iam::evaluate::Decision;
use serde_json::Value;

use super::{folder, now, text};

#[test]
fn boundaries_as_measured_on_aws() {
    let Some(folder) = folder("benkehoe-boundary-measured") else { return };
    let file = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let (mut all, mut wrong) = (0, Vec::new());
    for line in file.lines().filter(|line| !line.trim().is_empty()) {
        let line: Value = serde_json::from_str(line).unwrap();
        let case = Case::read(&line).unwrap_or_else(|e| panic!("{}: {e}", line["id"]));
        let decision = case.answer(now()).decision;
        let expected = match text(&line["expect"], "decision") {
            "Allowed" => Decision::Allowed,
            "ImplicitlyDenied" => Decision::ImplicitlyDenied,
            "ExplicitlyDenied" => Decision::ExplicitlyDenied,
            other => panic!("{}: expects {other}", line["id"]),
        };
        all += 1;
        if decision != expected && line["disputed"].is_null() {
            wrong.push(format!("{}: {decision:?}, AWS says {expected:?}", case.id));
        }
    }
    eprintln!("measured on AWS: {} of {all} right", all - wrong.len());
    assert!(all > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
