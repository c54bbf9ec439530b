//! What a permissions boundary does to each form of grant, as it was measured on AWS.

use super::case::cases;
use super::folder;

#[test]
fn boundaries_as_measured_on_aws() {
    let Some(folder) = folder("benkehoe-boundary-measured") else { return };
    let cases = cases(&folder.join("cases.jsonl"));
    assert!(!cases.is_empty());
    let mut wrong = Vec::new();
    for case in &cases {
        let outcome = case.outcome();
        if outcome.decision != case.expected && case.disputed.is_none() {
            wrong.push(format!(
                "{} ({}): {:?}, AWS says {:?}",
                case.id,
                case.request(),
                outcome.decision,
                case.expected
            ));
        }
    }
    eprintln!("measured on AWS: {} of {} right", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
