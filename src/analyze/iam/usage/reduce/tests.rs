use super::*;
use crate::analyze::iam::document::Effect;
use crate::analyze::iam::request::Action;
use crate::analyze::iam::usage::Use;
use crate::analyze::iam::usage::tests::{accessed, time, window};

fn policy(statements: &str) -> Attr<PolicyDocument> {
    PolicyDocument::parse(&format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#))
}

fn data() -> Accessed {
    accessed(&[
        (
            "s3",
            Some("2025-12-01"),
            &[
                ("CreateBucket", None),
                ("ListAllMyBuckets", Some("2025-12-01")),
                ("DeleteBucket", Some("2024-01-01")),
            ],
        ),
        ("sqs", Some("2025-12-20"), &[]),
        ("ec2", None, &[]),
        ("iam", Some("2025-12-20"), &[("ListRoles", Some("2025-12-20"))]),
    ])
}

fn proposed(statements: &str, uncovered: Uncovered) -> Proposal {
    let (document, accessed) = (policy(statements), data());
    let terms = Terms {
        accessed: &accessed,
        window: window(),
        uncovered,
        created: Some(time("2020-01-01")),
    };
    propose(&[Source { name: "p", document: &document }], &terms)
}

fn actions(proposal: &Proposal, at: usize) -> Vec<&str> {
    let list = proposal.document["Statement"][at]["Action"].as_array().unwrap();
    list.iter().map(|v| v.as_str().unwrap()).collect()
}

/// What a document allows by its statements, resources and conditions aside.
fn allows(document: &Document, text: &str) -> bool {
    let action = Action::parse(text).unwrap();
    document
        .statements
        .iter()
        .any(|s| s.effect == Some(Effect::Allow) && s.actions.include(&action))
}

#[test]
fn what_aws_does_not_store_is_left_alone() {
    for (odd, words) in [
        (r#"{"Effect":"Allow","Action":"s3:*"}"#, "neither `Resource` nor"),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","NotResource":"*"}"#,
            "`NotResource` of",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","NotAction":"ec2:*","Resource":"*"}"#,
            "`NotAction` of",
        ),
    ] {
        let proposal = proposed(odd, Uncovered::Keep);
        assert!(proposal.changes.is_empty(), "{odd}");
        let [(place, cause)] = proposal.unread.as_slice() else { panic!("{odd}") };
        assert_eq!(place, "statement 0 of p");
        assert!(cause.to_string().contains(words), "{cause}");
    }
}

#[test]
fn every_statement_is_accounted_for() {
    let proposal = proposed(
        r#"[{"Sid":"A","Effect":"Allow","Action":["s3:CreateBucket","s3:ListAllMyBuckets","s3:GetObject"],"Resource":"*"},
            {"Effect":"Allow","Action":"ec2:*","Resource":"*"},
            {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:*:q","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
            {"Effect":"Deny","Action":"ec2:*","Resource":"*"},
            {"Effect":"Allow","Action":"kms:Decrypt","NotResource":"arn:aws:kms:*:*:key/1"}]"#,
        Uncovered::Keep,
    );
    let verdicts: Vec<_> = proposal.changes.iter().map(|c| c.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Narrowed, Verdict::Dropped, Verdict::Kept, Verdict::Kept, Verdict::Kept]
    );
    assert_eq!(actions(&proposal, 0), ["s3:ListAllMyBuckets", "s3:GetObject"]);
    let kept = &proposal.document["Statement"];
    assert_eq!(kept[1]["Condition"]["Bool"]["aws:SecureTransport"], json!(["true"]));
    assert_eq!(kept[2]["Effect"], "Deny");
    assert_eq!(kept[3]["NotResource"], json!(["arn:aws:kms:*:*:key/1"]));
    let reasons = |at: usize| -> Vec<(&str, bool)> {
        proposal.changes[at].because.iter().map(|b| (b.reason.code(), b.stays)).collect()
    };
    assert_eq!(reasons(0), [("unused", false), ("used", true), ("action_not_watched", true)]);
    assert_eq!(reasons(1), [("unused", false)]);
    assert_eq!(reasons(4), [("service_not_covered", true)]);
}

#[test]
fn what_the_data_does_not_cover_goes_only_when_asked_and_is_told() {
    let text =
        r#"[{"Effect":"Allow","Action":["kms:Decrypt","s3:GetObject","sqs:*"],"Resource":"*"}]"#;
    assert_eq!(proposed(text, Uncovered::Keep).changes[0].verdict, Verdict::Kept);
    let strict = proposed(text, Uncovered::Drop);
    assert_eq!(actions(&strict, 0), ["sqs:*"], "the service was used as a whole");
    let told: Vec<_> = strict.changes[0].because.iter().filter(|b| !b.stays).collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|b| b.reason.is_uncovered()));
}

#[test]
fn a_wildcard_becomes_what_is_left_of_it() {
    let proposal =
        proposed(r#"[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]"#, Uncovered::Keep);
    let left = actions(&proposal, 0);
    assert!(left.contains(&"s3:GetObject") && left.contains(&"s3:ListAllMyBuckets"));
    assert!(!left.contains(&"s3:CreateBucket") && !left.contains(&"s3:DeleteBucket"));
    assert_eq!(left.len(), catalogue::actions_of("s3").len() - 2);
    assert!(proposal.changes[0].because.iter().any(|b| b.reason == Reason::NotDocumented));
}

#[test]
fn old_statements_lose_nothing_that_was_used_and_gain_nothing() {
    for text in [
        r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]"#,
        r#"[{"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"Resource":"*"}]"#,
        r#"[{"Effect":"Allow","Action":["*:List*","S3:create*","ec2:Run?nstances"],"Resource":"*"}]"#,
    ] {
        let before = Document::compile("x", None, &policy(text));
        for uncovered in [Uncovered::Keep, Uncovered::Drop] {
            let proposal = proposed(text, uncovered);
            let after = PolicyDocument::from_json(&proposal.document);
            let after = Document::compile("x", None, &after);
            let (data, window) = (data(), window());
            for known in catalogue::all() {
                let action = known.text();
                let (had, has) = (allows(&before, &action), allows(&after, &action));
                assert!(had || !has, "{text}: {action} was gained");
                let lower = known.name.to_ascii_lowercase();
                let gone = match (
                    data.service(known.service, &window),
                    data.action(known.service, &lower, &window),
                ) {
                    (Use::Unused(_), _) | (_, Use::Unused(_)) => true,
                    (Use::Used(_), Use::Used(_)) => false,
                    // Of a service without watched actions everything counts as used.
                    (Use::Used(_), _) if known.service == "sqs" => false,
                    _ => uncovered == Uncovered::Drop,
                };
                assert_eq!(has, had && !gone, "{text} {uncovered:?}: {action}");
            }
        }
    }
}

#[test]
fn the_young_and_the_unread_stay() {
    let (document, accessed) =
        (policy(r#"[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]"#), data());
    let unread = Attr::unknown(CauseKind::Denied, "iam:GetPolicyVersion");
    let sources =
        [Source { name: "p", document: &document }, Source { name: "q", document: &unread }];
    let terms = Terms {
        accessed: &accessed,
        window: window(),
        uncovered: Uncovered::Drop,
        created: Some(time("2025-12-20")),
    };
    let proposal = propose(&sources, &terms);
    assert_eq!(proposal.changes[0].verdict, Verdict::Kept);
    assert!(matches!(proposal.changes[0].because[0].reason, Reason::Young(_)));
    assert_eq!(proposal.unread[0].0, "q");
}

#[test]
fn what_cannot_be_told_is_not_told_wrongly() {
    let odd = r#"[{"Effect":"Allow","Action":"s3:*","Resource":"*","Magic":1},{"Sid":"A","Effect":"Deny","Action":"a:B","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"a:C","Resource":"*"}]"#;
    let proposal = proposed(odd, Uncovered::Keep);
    assert_eq!(proposal.unread.len(), 1);
    assert_eq!(proposal.document["Statement"][1]["Sid"], "A2");
}
