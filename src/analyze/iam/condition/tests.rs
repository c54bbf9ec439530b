use super::*;
use crate::analyze::iam::request::{Action, Caller, Circumstances, Given};
use crate::model::Attr;

fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
    let values = values.iter().map(|&v| v.to_owned()).collect();
    let source = policy::Condition {
        operator: Attr::Known(operator.to_owned()),
        key: Attr::Known(key.to_owned()),
        values: Attr::Known(values),
    };
    Condition::compile(&source, true)
}

fn holds(operator: &str, values: &[&str], given: &Given) -> Truth {
    let circumstances = Circumstances::open().with("x:y", given.clone());
    asked(&condition(operator, "X:Y", values), &circumstances)
}

fn asked(condition: &Condition, circumstances: &Circumstances) -> Truth {
    let caller = Caller::of_arn("arn:aws:iam::111122223333:user/ada").unwrap();
    let action = Action::parse("s3:GetObject").unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    condition.holds(&Request::new(&caller, &action, "arn:aws:s3:::b/k", circumstances, now))
}

fn given(values: &[&str]) -> Given {
    Given::Values(values.iter().map(|&v| v.to_owned()).collect())
}

#[test]
fn every_operator_compares_as_documented() {
    for (operator, own, value, expected) in [
        ("StringEquals", "a*", "a*", true),
        ("StringEquals", "a*", "ab", false),
        ("StringEqualsIgnoreCase", "AB", "ab", true),
        ("StringNotEquals", "a", "b", true),
        ("StringNotEquals", "a", "a", false),
        ("StringLike", "a*c?", "abbcd", true),
        ("StringLike", "${*}b", "*b", true),
        ("StringLike", "${*}b", "ab", false),
        ("StringNotLike", "a*", "abc", false),
        ("NumericLessThan", "10", "9.5", true),
        ("NumericEquals", "1.0", "1", true),
        ("NumericNotEquals", "1", "2", true),
        ("NumericGreaterThanEquals", "3", "3", true),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-02T00:00:00Z", true),
        ("DateLessThan", "2020-01-01", "1577836799", true),
        ("Bool", "TRUE", "true", true),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", true),
        ("IpAddress", "203.0.113.9", "203.0.113.9", true),
        ("IpAddress", "2001:db8::/32", "203.0.113.9", false),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", true),
        ("ArnLike", "arn:aws:sns:*:111122223333:*", "arn:aws:sns:eu-west-1:111122223333:t:s", true),
        ("ArnLike", "arn:aws:*:t", "arn:aws:sns:eu-west-1:111122223333:t", false),
        ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", true),
        ("ArnNotLike", "arn:aws:s3:::b", "no arn", false),
        ("ArnLike", "*", "no arn", false),
    ] {
        let found = holds(operator, &[own], &given(&[value]));
        assert_eq!(found, expected.into(), "{operator} {own} {value}");
    }
}

#[test]
fn keys_that_are_not_there() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringNotLike", true),
        ("NumericLessThan", false),
        ("NumericNotEquals", true),
        ("DateNotEquals", true),
        ("NotIpAddress", true),
        ("ArnNotLike", true),
        ("Bool", false),
        ("StringEqualsIfExists", true),
        ("BoolIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
    ] {
        assert_eq!(holds(operator, &["true"], &Given::Absent), expected.into(), "{operator}");
    }
    assert_eq!(holds("Null", &["true"], &Given::Absent), Truth::Yes);
    assert_eq!(holds("Null", &["false"], &Given::Absent), Truth::No);
    assert_eq!(holds("Null", &["false"], &given(&["x"])), Truth::Yes);
}

#[test]
fn sets_of_values() {
    for (operator, own, values, expected) in [
        ("ForAllValues:StringEquals", &["a", "b"][..], &["a", "b"][..], true),
        ("ForAllValues:StringEquals", &["a"], &["a", "b"], false),
        ("ForAllValues:StringNotEquals", &["c"], &["a", "b"], true),
        ("ForAnyValue:StringEquals", &["b"], &["a", "b"], true),
        ("ForAnyValue:StringNotEquals", &["a"], &["a", "b"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], &["a", "b"], false),
        ("ForAllValues:StringEquals", &["a"], &[], true),
        ("ForAnyValue:StringEquals", &["a"], &[], false),
        ("StringEquals", &["a"], &["a", "b"], false),
        ("ForAllValues:StringEqualsIfExists", &["a"], &["a"], true),
    ] {
        assert_eq!(
            holds(operator, own, &given(values)),
            expected.into(),
            "{operator} {own:?} {values:?}"
        );
    }
}

#[test]
fn what_is_not_known_stays_open() {
    assert_eq!(holds("StringEquals", &["a"], &Given::Unknown), Truth::Maybe);
    assert_eq!(holds("StringLikeIfExists", &["*"], &Given::Unknown), Truth::Yes);
    assert_eq!(holds("Null", &["true"], &Given::Unknown), Truth::Maybe);
    assert_eq!(holds("StringMatches", &["a"], &given(&["a"])), Truth::Maybe);
    assert_eq!(holds("NullIfExists", &["true"], &given(&["a"])), Truth::Maybe);
}

#[test]
fn variables_take_their_value_literally() {
    let open = Circumstances::open();
    let own = condition("StringEquals", "x:y", &["${aws:username}"]);
    assert_eq!(asked(&own, &open.clone().with_value("x:y", "ada")), Truth::Yes);
    assert_eq!(asked(&own, &open.clone().with_value("x:y", "eve")), Truth::No);
    let tag = condition("StringLike", "x:y", &["${aws:PrincipalTag/team}-*"]);
    assert_eq!(asked(&tag, &open.clone().with_value("x:y", "a-b")), Truth::Maybe);
    let star = open.clone().with_value("aws:PrincipalTag/team", "*").with_value("x:y", "a-b");
    assert_eq!(asked(&tag, &star), Truth::No);
    let missing =
        open.clone().with("aws:principaltag/team", Given::Absent).with_value("x:y", "a-b");
    assert_eq!(asked(&tag, &missing), Truth::No);
    let not = condition("StringNotEquals", "x:y", &["${aws:PrincipalTag/team}"]);
    assert_eq!(asked(&not, &missing), Truth::Yes);
    let default = condition("StringEquals", "x:y", &["${aws:PrincipalTag/team, 'none'}"]);
    assert_eq!(asked(&default, &missing.with_value("x:y", "none")), Truth::Yes);
}

#[test]
fn the_time_of_a_users_token_is_now_or_never() {
    let open = Circumstances::open();
    let before = condition("DateLessThan", "aws:TokenIssueTime", &["2020-01-01T00:00:00Z"]);
    assert_eq!(asked(&before, &open), Truth::No);
    let after = condition("DateGreaterThan", "aws:TokenIssueTime", &["2020-01-01T00:00:00Z"]);
    assert_eq!(asked(&after, &open), Truth::Maybe);
}
