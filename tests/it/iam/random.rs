//! Random requests with policies in every layer, over small alphabets so that much of it meets.
//!
//! They are written in the form that [`super::case`] reads, so that any other reader of that form can be asked too.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const HOME: &str = "111122223333";
const AWAY: &str = "444455556666";

const CALLERS: [&str; 10] = [
    "arn:aws:iam::111122223333:user/u1",
    "arn:aws:iam::111122223333:user/u1",
    "arn:aws:sts::111122223333:assumed-role/r/s",
    "arn:aws:sts::111122223333:assumed-role/r/s",
    "arn:aws:sts::444455556666:assumed-role/q/s",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:federated-user/u1",
    "ec2.amazonaws.com",
    "arn:aws:iam::111122223333:oidc-provider/idp.example",
    "anonymous",
];

/// Requests: an action, a resource, and the account it is in where the ARN does not say.
const ASKED: [(&str, &str, &str); 9] = [
    ("s3:GetObject", "arn:aws:s3:::b/k", HOME),
    ("s3:GetObject", "arn:aws:s3:::b/u1/x", HOME),
    ("s3:PutObject", "arn:aws:s3:::b/u1/x", AWAY),
    ("s3:ListAllMyBuckets", "*", HOME),
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/p/t", HOME),
    ("sts:AssumeRole", "arn:aws:iam::444455556666:role/t", AWAY),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1", HOME),
    ("ec2:RunInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/*", HOME),
    ("sts:GetCallerIdentity", "*", HOME),
];

const ACTIONS: [&str; 14] = [
    "*",
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?etObject",
    "s3:ListAllMyBuckets",
    "sts:AssumeRole",
    "sts:*",
    "kms:*",
    "*:Decrypt",
    "ec2:Run*",
    "s3:",
    "s3:Get Object",
];

const RESOURCES: [&str; 18] = [
    "*",
    "*",
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::B/k",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'u1'}/x",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:*",
    "arn:aws:s3",
    "arn:*:s3:::*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:role/t",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:ec2:eu-*:*:instance/*",
    "arn:aws:*:*:444455556666:*",
];

fn principals() -> impl Strategy<Value = Value> {
    let one = select(vec![
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": HOME}),
        json!({"AWS": "arn:aws:iam::111122223333:root"}),
        json!({"AWS": AWAY}),
        json!({"AWS": "arn:aws:iam::444455556666:root"}),
        json!({"AWS": "arn:aws:iam::111122223333:user/u1"}),
        json!({"AWS": "arn:aws:iam::111122223333:role/r"}),
        json!({"AWS": "arn:aws:iam::444455556666:role/q"}),
        json!({"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"}),
        json!({"AWS": "arn:aws:sts::111122223333:assumed-role/r/other"}),
        json!({"AWS": "arn:aws:sts::111122223333:federated-user/u1"}),
        json!({"AWS": ["AIDAEXAMPLEEXAMPLE", "arn:aws:iam::111122223333:role/*"]}),
        json!({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}),
        json!({"Service": "EC2.amazonaws.com"}),
        json!({"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example"}),
        json!({"AWS": HOME, "Service": "ec2.amazonaws.com"}),
    ]);
    // What an exception must name: account, role and session.
    let several = proptest::sample::subsequence(
        vec![
            HOME,
            "arn:aws:iam::111122223333:user/u1",
            "arn:aws:iam::111122223333:role/r",
            "arn:aws:sts::111122223333:assumed-role/r/s",
            "arn:aws:sts::111122223333:federated-user/u1",
        ],
        1..=5,
    )
    .prop_map(|list| json!({ "AWS": list }));
    prop_oneof![3 => one, 1 => several]
}

/// The keys of contexts, with values that requests carry.
fn context() -> impl Strategy<Value = Value> {
    let key = |name: &'static str, values: Vec<Value>| {
        proptest::option::weighted(0.6, select(values)).prop_map(move |v| (name, v))
    };
    (
        key("aws:SourceIp", vec![json!("192.0.2.7"), json!("2001:db8::1"), json!("10.1.2.3")]),
        key("aws:MultiFactorAuthPresent", vec![json!("true"), json!("false")]),
        key("aws:TagKeys", vec![json!(["a"]), json!(["a", "b"]), json!(["c"]), json!([])]),
        key("s3:max-keys", vec![json!("5"), json!("10.0"), json!("many")]),
        key("aws:PrincipalTag/team", vec![json!("u1"), json!("*"), json!("red")]),
        key("aws:ResourceTag/team", vec![json!("u1"), json!("red")]),
        key("aws:SourceArn", vec![json!("arn:aws:sns:eu-west-1:111122223333:t"), json!("x")]),
        key("s3:TlsVersion", vec![json!("1.2"), json!("1.3")]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| {
            let all = [a, b, c, d, e, f, g, h];
            all.into_iter()
                .filter_map(|(k, v)| Some((k.to_owned(), v?)))
                .collect::<Map<_, _>>()
                .into()
        })
}

/// Operators with a key of their kind and values.
fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let texts = vec![
        json!("red"),
        json!("u1"),
        json!("*"),
        json!("u*"),
        json!("${aws:username}"),
        json!("${aws:PrincipalTag/team}"),
        json!(["red", "u1"]),
        json!(["a", "b"]),
        json!([]),
    ];
    let arns = vec![
        json!("arn:aws:iam::111122223333:role/*"),
        json!("arn:aws:iam::111122223333:*"),
        json!("arn:aws:*:*:111122223333:*"),
        json!("arn:aws:iam::111122223333:user/${aws:username}"),
        json!("arn:aws:*:user/${aws:username}"),
        json!("*"),
        json!("arn:aws:sns:eu-west-1:111122223333:t"),
    ];
    let of = |operators: Vec<&'static str>, keys: Vec<&'static str>, values: Vec<Value>| {
        (select(operators), select(keys), select(values)).boxed()
    };
    let strings = vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ];
    let text_keys = vec![
        "aws:PrincipalTag/team",
        "AWS:principaltag/TEAM",
        "aws:ResourceTag/team",
        "aws:username",
        "aws:TagKeys",
        "aws:PrincipalAccount",
        "aws:PrincipalType",
        "s3:TlsVersion",
    ];
    let arn_operators = vec!["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike"];
    let numbers = vec![
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ];
    let kinds = prop_oneof![
        5 => of(strings, text_keys, texts),
        2 => of(
            vec!["StringEquals", "StringLike", "StringNotEquals"],
            vec!["aws:TagKeys"],
            vec![json!("a"), json!(["a", "b"]), json!("c")],
        ),
        2 => of(arn_operators, vec!["aws:PrincipalArn", "aws:SourceArn"], arns),
        1 => of(numbers, vec!["s3:max-keys", "s3:TlsVersion"], vec![json!("5"), json!(10), json!(["1.2", "5.0"])]),
        1 => of(
            vec!["IpAddress", "NotIpAddress"],
            vec!["aws:SourceIp"],
            vec![json!("192.0.2.0/24"), json!("10.1.2.3"), json!(["2001:db8::/32", "10.0.0.0/8"])],
        ),
        1 => of(vec!["Bool"], vec!["aws:MultiFactorAuthPresent"], vec![json!("true"), json!(false), json!("TRUE")]),
        1 => of(
            vec!["DateLessThan", "DateGreaterThan", "DateNotEquals"],
            vec!["aws:CurrentTime"],
            vec![json!("2025-06-01T00:00:00Z"), json!("2026-06-01"), json!("1767225600")],
        ),
    ];
    let normal = (
        kinds,
        select(vec!["", "", "", "IfExists"]),
        select(vec!["", "", "ForAllValues:", "ForAnyValue:"]),
    )
        .prop_map(|((operator, key, values), exists, set)| {
            (format!("{set}{operator}{exists}"), key.to_owned(), values)
        });
    let null =
        (select(vec!["aws:TagKeys", "aws:MultiFactorAuthPresent", "aws:username"]), any::<bool>())
            .prop_map(|(key, value)| ("Null".to_owned(), key.to_owned(), json!(value)));
    prop_oneof![6 => normal, 1 => null]
}

/// A statement of a document; `named` where it says of whom it speaks.
fn statement(named: bool) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    statement_of(named, effect.boxed())
}

pub fn statement_of(
    named: bool,
    effect: proptest::strategy::BoxedStrategy<&'static str>,
) -> impl Strategy<Value = Value> {
    let list = |all: &'static [&'static str]| {
        proptest::collection::vec(select(all.to_vec()), 1..=3).prop_map(|list| {
            match list.as_slice() {
                [one] => json!(one),
                several => json!(several),
            }
        })
    };
    let action = (prop_oneof![5 => Just("Action"), 1 => Just("NotAction")], list(&ACTIONS));
    let resource = (prop_oneof![6 => Just("Resource"), 1 => Just("NotResource")], list(&RESOURCES));
    let conditions = prop_oneof![
        1 => Just(Vec::new()),
        2 => proptest::collection::vec(condition(), 1..=2),
    ];
    let whom = (prop_oneof![5 => Just("Principal"), 1 => Just("NotPrincipal")], principals());
    // A statement of a trust policy names no resource.
    let bare = any::<bool>();
    (effect, action, resource, conditions, whom, bare).prop_map(
        move |(effect, action, resource, conditions, whom, bare)| {
            let mut out = json!({ "Effect": effect });
            out[action.0] = action.1;
            if !(named && bare) {
                out[resource.0] = resource.1;
            }
            if named {
                out[whom.0] = whom.1;
            }
            for (operator, key, values) in conditions {
                out["Condition"][operator][key] = values;
            }
            out
        },
    )
}

fn document(named: bool) -> impl Strategy<Value = Value> {
    let version = prop_oneof![6 => Just(Some("2012-10-17")), 1 => Just(None)];
    (version, proptest::collection::vec(statement(named), 1..=3)).prop_map(
        |(version, statements)| {
            let mut out = json!({ "Statement": statements });
            if let Some(version) = version {
                out["Version"] = version.into();
            }
            out
        },
    )
}

/// A document that lets most things pass, so that other layers get to decide.
fn open_or_random(open: u32) -> impl Strategy<Value = Value> {
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    prop_oneof![open => Just(everything), 1 => document(false)]
}

/// A request with all its policies, everything about it known.
pub fn scene() -> impl Strategy<Value = Value> {
    scene_of(&CALLERS)
}

/// A request of one of these callers.
pub fn scene_of(callers: &'static [&'static str]) -> impl Strategy<Value = Value> {
    use proptest::collection::vec;
    use proptest::option::weighted;
    let level = vec(open_or_random(5), 1..=2)
        .prop_map(|list| json!({"orgIdentifier": "r-1", "policies": list}))
        .boxed();
    let policies = (
        vec(open_or_random(1), 1..=2),
        weighted(0.25, open_or_random(3)),
        weighted(0.25, open_or_random(3)),
        weighted(0.6, document(true)),
        weighted(0.2, vec(level.clone(), 1..=2)),
        weighted(0.2, vec(level, 1..=2)),
        weighted(0.08, open_or_random(3)),
    );
    (select(callers.to_vec()), select(ASKED.to_vec()), context(), policies).prop_map(
        |(caller, (action, resource, account), context, policies)| {
            let (identity, boundary, session, resource_policy, scp, rcp, endpoint) = policies;
            let signed = Signed::of(caller);
            json!({
                "id": "random", "mode": "Strict",
                "request": {
                    "principal": caller, "action": action, "resource": resource,
                    "resource_account": account, "context": context,
                },
                "policies": {
                    "identity": if signed == Signed::Principal { json!(identity) } else { json!([]) },
                    "boundary": match boundary {
                        Some(it) if signed == Signed::Principal => json!([it]),
                        _ => json!([]),
                    },
                    "session": match session {
                        Some(it) if caller.contains(":sts:") => it,
                        _ => Value::Null,
                    },
                    "resource": if resource == "*" { None } else { resource_policy },
                    "scp": if signed == Signed::No { None } else { scp },
                    "rcp": rcp,
                    "endpoint": endpoint.into_iter().collect::<Vec<_>>(),
                },
                "expect": {"decision": "Allowed", "blocked_by": []}, "disputed": null,
            })
        },
    )
}

#[derive(PartialEq)]
enum Signed {
    No,
    Root,
    Principal,
}

impl Signed {
    fn of(caller: &str) -> Self {
        match caller {
            root if root.ends_with(":root") => Self::Root,
            arn if arn.contains(":user/") || arn.starts_with("arn:aws:sts:") => Self::Principal,
            _ => Self::No,
        }
    }
}
