//! Corners of the evaluation, each as one request with its policies.

use serde_json::{Value, json};

use crate::analyze::iam::ask::answer::{Answer, Blocker};
use crate::analyze::iam::ask::case::Case;
use crate::analyze::iam::evaluate::Decision::{self, *};

const USER: &str = "arn:aws:iam::111122223333:user/ada";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";
const OBJECT: &str = "arn:aws:s3:::b/k";

/// A strict request in the account of the caller; `policies` are those of the case.
fn asked(principal: &str, action: &str, resource: &str, context: Value, policies: Value) -> Answer {
    in_mode("Strict", principal, action, resource, context, policies)
}

fn in_mode(
    mode: &str,
    principal: &str,
    action: &str,
    resource: &str,
    context: Value,
    policies: Value,
) -> Answer {
    let case = json!({
        "id": "t", "mode": mode,
        "request": {
            "principal": principal, "action": action, "resource": resource,
            "resource_account": "111122223333", "context": context,
        },
        "policies": policies,
    });
    Case::read(&case).unwrap().answer("2026-01-01T00:00:00Z".parse().unwrap())
}

fn doc(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(action: &str) -> Value {
    doc(json!({"Effect": "Allow", "Action": action, "Resource": "*"}))
}

fn deny(action: &str) -> Value {
    doc(json!({"Effect": "Deny", "Action": action, "Resource": "*"}))
}

fn granting(principal: Value, action: &str) -> Value {
    doc(json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}))
}

fn with_condition(effect: &str, condition: Value) -> Value {
    doc(json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition},
    ]))
}

fn decision(principal: &str, action: &str, resource: &str, policies: Value) -> Decision {
    asked(principal, action, resource, json!({}), policies).decision
}

#[test]
fn a_policy_that_is_needed_and_missing_denies() {
    let only_identity = json!({"identity": [allow("*")]});
    // Neither a key nor a role is open to policies of principals alone.
    assert_eq!(decision(USER, "kms:Decrypt", KEY, only_identity.clone()), ImplicitlyDenied);
    assert_eq!(decision(USER, "sts:AssumeRole", ROLE, only_identity.clone()), ImplicitlyDenied);
    assert_eq!(decision(USER, "sts:TagSession", ROLE, only_identity.clone()), ImplicitlyDenied);
    assert_eq!(decision(USER, "s3:GetObject", OBJECT, only_identity), Allowed);
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    for (action, resource) in [("kms:Decrypt", KEY), ("sts:AssumeRole", ROLE)] {
        let delegating =
            json!({"identity": [allow("*")], "resource": granting(root.clone(), action)});
        assert_eq!(decision(USER, action, resource, delegating), Allowed);
        let alone = json!({"identity": [], "resource": granting(root.clone(), action)});
        let answer = asked(USER, action, resource, json!({}), alone);
        assert_eq!(answer.decision, ImplicitlyDenied);
        // Named itself, it needs nothing else.
        let named = json!({"identity": [], "resource": granting(json!({"AWS": USER}), action)});
        assert_eq!(decision(USER, action, resource, named), Allowed);
    }
}

#[test]
fn what_still_limits_a_grant_of_the_resource() {
    let narrow = allow("ec2:DescribeInstances");
    let by = |principal: Value, caller: &str, limit: &str| {
        let mut policies = json!({"identity": [], "resource": granting(principal, "s3:GetObject")});
        policies[limit] = if limit == "session" { narrow.clone() } else { json!([narrow]) };
        decision(caller, "s3:GetObject", OBJECT, policies)
    };
    for (principal, caller, boundary, session) in [
        (json!({"AWS": ROLE}), SESSION, ImplicitlyDenied, ImplicitlyDenied),
        (json!({"AWS": SESSION}), SESSION, Allowed, Allowed),
        (json!("*"), SESSION, Allowed, Allowed),
        (json!({"AWS": USER}), USER, Allowed, Allowed),
        (json!({"AWS": "111122223333"}), SESSION, ImplicitlyDenied, ImplicitlyDenied),
        (
            json!({"AWS": "arn:aws:iam::111122223333:user/fed"}),
            "arn:aws:sts::111122223333:federated-user/fed",
            ImplicitlyDenied,
            ImplicitlyDenied,
        ),
        (
            json!({"AWS": "arn:aws:sts::111122223333:federated-user/fed"}),
            "arn:aws:sts::111122223333:federated-user/fed",
            Allowed,
            Allowed,
        ),
    ] {
        assert_eq!(by(principal.clone(), caller, "boundary"), boundary, "{principal} boundary");
        assert_eq!(by(principal.clone(), caller, "session"), session, "{principal} session");
    }
    // The grant reaches the role by its name, whatever its path.
    let path = json!({"identity": [], "resource": granting(json!({"AWS": ROLE}), "s3:GetObject")});
    assert_eq!(decision(SESSION, "s3:GetObject", OBJECT, path), Allowed);
}

#[test]
fn sessions_of_get_federation_token_have_nothing_of_their_own() {
    let session = "arn:aws:sts::111122223333:federated-user/fed";
    let full = json!({"identity": [allow("*")]});
    assert_eq!(decision(session, "s3:GetObject", OBJECT, full), ImplicitlyDenied);
    let passed = json!({"identity": [allow("*")], "session": allow("s3:*")});
    assert_eq!(decision(session, "s3:GetObject", OBJECT, passed), Allowed);
}

#[test]
fn across_accounts_both_sides_allow() {
    let other = "arn:aws:sts::999988887777:assumed-role/app/s1";
    for principal in [
        json!("*"),
        json!({"AWS": "999988887777"}),
        json!({"AWS": "arn:aws:iam::999988887777:role/app"}),
        json!({"AWS": other}),
    ] {
        let resource = granting(principal.clone(), "s3:GetObject");
        let both = json!({"identity": [allow("*")], "resource": resource});
        assert_eq!(decision(other, "s3:GetObject", OBJECT, both), Allowed, "{principal}");
        let one = json!({"identity": [], "resource": resource});
        let answer = asked(other, "s3:GetObject", OBJECT, json!({}), one);
        assert_eq!(answer.decision, ImplicitlyDenied, "{principal}");
        assert_eq!(answer.lacking.len(), 1, "{principal}");
        let limited = json!({
            "identity": [allow("*")], "resource": resource, "boundary": [allow("ec2:*")],
        });
        let answer = asked(other, "s3:GetObject", OBJECT, json!({}), limited);
        assert_eq!(answer.blocked_by, [Blocker::Boundary], "{principal}");
    }
    let only_identity = json!({"identity": [allow("*")]});
    assert_eq!(decision(other, "s3:GetObject", OBJECT, only_identity), ImplicitlyDenied);
}

#[test]
fn services_and_anonymous_callers_need_the_resource_alone() {
    let open = json!({"resource": granting(json!("*"), "*")});
    assert_eq!(decision("anonymous", "s3:GetObject", OBJECT, open.clone()), Allowed);
    // Most services refuse requests without a signature.
    assert_eq!(decision("anonymous", "kms:Decrypt", KEY, open.clone()), ImplicitlyDenied);
    assert_eq!(decision("anonymous", "sts:AssumeRole", ROLE, open), ImplicitlyDenied);
    let service = granting(json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole");
    let trust = json!({"resource": service, "scp": [{"policies": [deny("*")]}]});
    assert_eq!(
        decision("service:ec2.amazonaws.com", "sts:AssumeRole", ROLE, trust.clone()),
        Allowed
    );
    assert_eq!(
        decision("service:EC2.amazonaws.com", "sts:AssumeRole", ROLE, trust),
        ImplicitlyDenied
    );
}

#[test]
fn root_users_obey_organization_and_resource_alone() {
    let root = "arn:aws:iam::111122223333:root";
    assert_eq!(decision(root, "iam:CreateUser", "*", json!({"identity": []})), Allowed);
    let fenced = json!({"scp": [{"policies": [allow("*")]}, {"policies": [allow("ec2:*")]}]});
    let answer = asked(root, "iam:CreateUser", "*", json!({}), fenced);
    assert_eq!((answer.decision, answer.blocked_by), (ImplicitlyDenied, vec![Blocker::Scp]));
    let trust = json!({"resource": granting(json!("*"), "sts:AssumeRole")});
    let answer = asked(root, "sts:AssumeRole", ROLE, json!({}), trust);
    assert_eq!(answer.decision, ImplicitlyDenied);
    assert!(answer.impossible.is_some());
    assert_eq!(
        decision(
            root,
            "s3:GetObject",
            OBJECT,
            json!({"resource": doc(json!(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}))})
        ),
        ExplicitlyDenied
    );
}

#[test]
fn organization_policies_do_not_bind_roles_of_services() {
    let fenced = json!({
        "identity": [allow("*")], "scp": [{"policies": [deny("*")]}], "rcp": [{"policies": [deny("*")]}],
    });
    for own in [
        "arn:aws:iam::111122223333:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM",
        "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonSSM/s",
    ] {
        assert_eq!(decision(own, "s3:GetObject", OBJECT, fenced.clone()), Allowed, "{own}");
    }
    assert_eq!(decision(SESSION, "s3:GetObject", OBJECT, fenced), ExplicitlyDenied);
}

#[test]
fn every_level_of_an_organization_allows() {
    let levels = |levels: Value| json!({"identity": [allow("*")], "scp": levels});
    let full = json!({"policies": [allow("*")]});
    for (levels_of, expected) in [
        (json!(null), Allowed),
        (json!([]), Allowed),
        (json!([full, full]), Allowed),
        (json!([full, {"policies": []}]), ImplicitlyDenied),
        (json!([full, {"policies": [allow("ec2:*"), allow("s3:*")]}]), Allowed),
        (json!([full, {"policies": [allow("*"), deny("s3:Get*")]}]), ExplicitlyDenied),
    ] {
        let found = decision(USER, "s3:GetObject", OBJECT, levels(levels_of.clone()));
        assert_eq!(found, expected, "{levels_of}");
    }
    // Resource control policies always come with one that allows everything.
    let rcp = json!({"identity": [allow("*")], "rcp": [{"policies": []}]});
    assert_eq!(decision(USER, "s3:GetObject", OBJECT, rcp), Allowed);
}

#[test]
fn what_only_services_change() {
    let full = json!({"identity": [allow("*")]});
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM";
    let reserved =
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1";
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    for (action, resource, expected) in [
        ("iam:PassRole", linked, ImplicitlyDenied),
        ("iam:AttachRolePolicy", linked, ImplicitlyDenied),
        ("iam:GetRole", linked, Allowed),
        ("iam:UpdateAssumeRolePolicy", reserved, ImplicitlyDenied),
        ("iam:CreatePolicyVersion", managed, ImplicitlyDenied),
        ("iam:AttachRolePolicy", ROLE, Allowed),
    ] {
        assert_eq!(decision(USER, action, resource, full.clone()), expected, "{action} {resource}");
    }
    let read = json!({
        "request": {"principal": USER, "action": "iam:GetPolicy", "resource": managed},
        "policies": full, "id": "x", "mode": "Strict",
    });
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(Case::read(&read).unwrap().answer(now).decision, Allowed);
}

#[test]
fn callers_always_learn_who_they_are() {
    let denied = json!({"identity": [deny("*")]});
    assert_eq!(decision(USER, "sts:GetCallerIdentity", "*", denied), Allowed);
}

#[test]
fn not_principal_denies_all_but_whom_it_lists() {
    let but = |list: Value| {
        json!([
            {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": list}, "Action": "*", "Resource": "*"},
        ])
    };
    let all = json!([ROLE, SESSION, "arn:aws:iam::111122223333:root"]);
    let listed = json!({"identity": [], "resource": doc(but(all.clone()))});
    assert_eq!(decision(SESSION, "s3:GetObject", OBJECT, listed), Allowed);
    let stranger = json!({"identity": [allow("*")], "resource": doc(but(all.clone()))});
    assert_eq!(decision(USER, "s3:GetObject", OBJECT, stranger), ExplicitlyDenied);
    // Whoever has a boundary is denied, listed or not.
    let bounded = json!({"identity": [], "boundary": [allow("*")], "resource": doc(but(all))});
    let answer = asked(SESSION, "s3:GetObject", OBJECT, json!({}), bounded);
    assert_eq!(answer.decision, ExplicitlyDenied);
    // Listing a part of them is a doubt, since AWS may look at each.
    let part = json!({"identity": [], "resource": doc(but(json!([ROLE])))});
    for mode in ["Discovery", "Strict"] {
        let open = in_mode(mode, SESSION, "s3:GetObject", OBJECT, json!({}), part.clone());
        assert_eq!((open.decision, open.possible), (Unknown, Allowed), "{mode}");
    }
    // Nobody said which session asks: it may be the one that is listed, and is not when asked strictly.
    let session = json!({"identity": [], "resource": doc(but(json!([SESSION])))});
    let ask =
        |mode| in_mode(mode, ROLE, "s3:GetObject", OBJECT, json!({}), session.clone()).decision;
    assert_eq!(ask("Discovery"), Unknown);
    assert_eq!(ask("Strict"), ExplicitlyDenied);
}

#[test]
fn what_aws_does_not_store_is_open() {
    const EVERYTHING: [(&str, &str); 4] = [
        ("Action", "*"),
        ("Resource", "*"),
        ("NotAction", "ec2:*"),
        ("NotResource", "arn:aws:s3:::other"),
    ];
    let statement = |effect: &str, elements: &[&str]| {
        let mut out = json!({"Effect": effect});
        for (element, value) in EVERYTHING.iter().filter(|(name, _)| elements.contains(name)) {
            out[*element] = json!(value);
        }
        out
    };
    let both_principals = |effect: &str| {
        let mut out = statement(effect, &["Action", "Resource"]);
        out["Principal"] = json!({"AWS": USER});
        out["NotPrincipal"] = json!({"AWS": ROLE});
        doc(out)
    };
    for effect in ["Allow", "Deny"] {
        let mut named = statement(effect, &["Action", "Resource"]);
        named["Principal"] = json!({"AWS": ROLE});
        for (odd, words) in [
            (json!({"Version": "2012-10-17"}), "no statements"),
            (doc(statement(effect, &["Action"])), "no resources"),
            (
                doc(statement(effect, &["Action", "NotAction", "Resource"])),
                "actions and their opposite",
            ),
            (
                doc(statement(effect, &["Action", "Resource", "NotResource"])),
                "resources and their opposite",
            ),
            (doc(named), "principals in a policy of a user"),
        ] {
            for mode in ["Discovery", "Strict"] {
                let all = if effect == "Deny" {
                    vec![allow("*"), odd.clone()]
                } else {
                    vec![odd.clone()]
                };
                let policies = json!({ "identity": all });
                let found = in_mode(mode, USER, "s3:GetObject", OBJECT, json!({}), policies);
                assert_eq!(found.decision, Unknown, "{effect}: {words}, {mode}");
                let told = found.missing.iter().all(|text| text.contains("not understood"));
                assert!(told && !found.missing.is_empty(), "{:?}", found.missing);
            }
        }
        let all = if effect == "Deny" { vec![allow("*")] } else { Vec::new() };
        for (odd, words) in [
            (
                doc(statement(effect, &["Action", "Resource"])),
                "a resource policy that names nobody",
            ),
            (both_principals(effect), "principals and their opposite"),
        ] {
            let policies = json!({"identity": all, "resource": odd});
            assert_eq!(
                decision(USER, "s3:GetObject", OBJECT, policies),
                Unknown,
                "{effect}: {words}"
            );
        }
    }
    // Empty lists are stored, and mean nothing.
    let nothing = json!({"identity": [doc(json!([])), doc(json!({"Effect": "Allow", "Action": [], "Resource": "*"}))]});
    assert_eq!(decision(USER, "s3:GetObject", OBJECT, nothing), ImplicitlyDenied);
    // What a statement speaks of that does not bear on a request leaves no doubt about it.
    let elsewhere = json!({"identity": [doc(json!({"Effect": "Allow", "Action": "ec2:*"}))]});
    assert_eq!(decision(USER, "s3:GetObject", OBJECT, elsewhere), ImplicitlyDenied);
}

#[test]
fn public_access_is_blocked_for_everybody_elsewhere() {
    let with = |caller: &str, condition: Value| {
        let policy = doc(json!({
            "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": condition,
        }));
        let policies = json!({
            "identity": [allow("*")], "resource": policy, "block_public_access": true,
        });
        let context = json!({"aws:SourceIp": "192.0.2.1", "aws:SourceVpce": "vpce-1"});
        asked(caller, "s3:GetObject", OBJECT, context, policies)
    };
    let elsewhere = "arn:aws:iam::999988887777:user/eve";
    for caller in ["anonymous", elsewhere] {
        let answer = with(caller, json!({}));
        assert_eq!(answer.decision, ExplicitlyDenied, "{caller}");
        assert_eq!(answer.blocked_by, [Blocker::PublicAccessBlock], "{caller}");
    }
    assert_eq!(with(USER, json!({})).decision, Allowed);
    assert_eq!(with("service:logging.s3.amazonaws.com", json!({})).decision, Allowed);
    for (condition, public) in [
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), false),
        (json!({"StringLike": {"aws:SourceVpce": "vpce-*"}}), true),
        (json!({"IpAddress": {"aws:SourceIp": "192.0.0.0/8"}}), false),
        (json!({"IpAddress": {"aws:SourceIp": "128.0.0.0/1"}}), true),
        (json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}), true),
        (json!({"StringNotEquals": {"aws:SourceVpce": "vpce-2"}}), true),
    ] {
        let expected = if public { ExplicitlyDenied } else { Allowed };
        assert_eq!(with(elsewhere, condition.clone()).decision, expected, "{condition}");
    }
}

#[test]
fn actions_without_resources_are_allowed_on_a_star_alone() {
    let on = |element: &str, value: &str| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:ListAllMyBuckets"});
        statement[element] = json!(value);
        decision(USER, "s3:ListAllMyBuckets", "*", json!({"identity": [doc(statement)]}))
    };
    assert_eq!(on("Resource", "*"), Allowed);
    assert_eq!(on("Resource", "arn:aws:s3:::*"), ImplicitlyDenied);
    assert_eq!(on("NotResource", "arn:aws:s3:::secret"), Allowed);
}

#[test]
fn patterns_of_resources() {
    let on = |pattern: &str, resource: &str| {
        let policy = doc(json!({"Effect": "Allow", "Action": "s3:*", "Resource": pattern}));
        decision(USER, "s3:GetObject", resource, json!({"identity": [policy]}))
    };
    for (pattern, resource, expected) in [
        ("arn:aws:s3:::b/*/c", "arn:aws:s3:::b/1/2/c", Allowed),
        ("arn:aws:s3:::corp*", "arn:aws:s3:::corp-evil/x", Allowed),
        ("arn:aws:s3:::B/k", OBJECT, ImplicitlyDenied),
        ("arn:aws:s3:::b/?", OBJECT, Allowed),
        ("arn:*:s3:::b/k", OBJECT, Allowed),
        ("arn:aws:s3", OBJECT, Allowed),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/ada", Allowed),
        ("arn:aws:s3:::b/${aws:PrincipalTag/none}", OBJECT, ImplicitlyDenied),
        ("arn:aws:s3:::b/${aws:PrincipalTag/none, 'k'}", OBJECT, Allowed),
        ("arn:aws:s3:::b/${*}", OBJECT, ImplicitlyDenied),
    ] {
        assert_eq!(on(pattern, resource), expected, "{pattern} {resource}");
    }
    // The older language knows no variables.
    let old = json!({"identity": [{"Statement": {
        "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}",
    }}]});
    assert_eq!(decision(USER, "s3:GetObject", "arn:aws:s3:::b/ada", old), ImplicitlyDenied);
}

#[test]
fn patterns_of_actions() {
    for (element, action, expected) in [
        ("Action", "S3:getobject", Allowed),
        ("Action", "s3:Get*", Allowed),
        ("Action", "s3:GetObjec?", Allowed),
        ("Action", "s3:GetObjec??", ImplicitlyDenied),
        ("Action", "s3:", ImplicitlyDenied),
        ("Action", "s3:GetObject, s3:PutObject", ImplicitlyDenied),
        ("NotAction", "s3:", Allowed),
        ("NotAction", "s3:Get*", ImplicitlyDenied),
        ("NotAction", "ec2:*", Allowed),
    ] {
        let mut statement = json!({"Effect": "Allow", "Resource": "*"});
        statement[element] = json!(action);
        let found = decision(USER, "s3:GetObject", OBJECT, json!({"identity": [doc(statement)]}));
        assert_eq!(found, expected, "{element} {action}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_other_evaluators_get_wrong() {
    let with = |effect: &str, condition: Value, context: Value| {
        let policy = with_condition(effect, condition);
        asked(USER, "s3:GetObject", OBJECT, context, json!({"identity": [policy]})).decision
    };
    let denied = |condition: Value, context: Value| with("Deny", condition, context);
    for (condition, context, expected) in [
        (
            json!({"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}),
            json!({"aws:SourceIp": "192.0.2.9"}),
            ExplicitlyDenied,
        ),
        (
            json!({"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}),
            json!({"aws:SourceIp": "198.51.100.9"}),
            Allowed,
        ),
        (
            json!({"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}),
            json!({}),
            ExplicitlyDenied,
        ),
        (
            json!({"NumericEqualsIfExists": {"s3:max-keys": "10"}}),
            json!({"s3:max-keys": "10"}),
            ExplicitlyDenied,
        ),
        (
            json!({"DateGreaterThanIfExists": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}}),
            json!({}),
            ExplicitlyDenied,
        ),
        (json!({"StringNotLike": {"aws:Referer": "https://a/*"}}), json!({}), ExplicitlyDenied),
        (
            json!({"StringEquals": {"x:owner": "${aws:username}"}}),
            json!({"x:owner": "ada"}),
            ExplicitlyDenied,
        ),
        (
            json!({"StringNotEqualsIfExists": {"aws:ResourceOrgID": "o-1"}}),
            json!({}),
            ExplicitlyDenied,
        ),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}), json!({}), Allowed),
        (
            json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            json!({}),
            ExplicitlyDenied,
        ),
        (json!({"Null": {"aws:MultiFactorAuthPresent": "true"}}), json!({}), ExplicitlyDenied),
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}), json!({}), ExplicitlyDenied),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}), json!({}), Allowed),
        (json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}), json!({}), Allowed),
        (
            json!({"StringEquals": {"aws:TagKeys": "a"}}),
            json!({"aws:TagKeys": ["a", "b"]}),
            Allowed,
        ),
        (json!({"StringNotEquals": {"x:k": ["a", "b"]}}), json!({"x:k": "b"}), Allowed),
        (json!({"StringNotEquals": {"x:k": "${x:absent}"}}), json!({"x:k": "b"}), ExplicitlyDenied),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "a"}}),
            json!({"aws:principaltag/team": "a"}),
            ExplicitlyDenied,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "a"}}),
            json!({"aws:PrincipalTag/Team": "a", "aws:PrincipalTag/team": "b"}),
            Allowed,
        ),
        (json!({"Bool": {"aws:SecureTransport": "false"}}), json!({}), Allowed),
        (json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}), json!({}), ExplicitlyDenied),
        (
            json!({"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::b"}}),
            json!({"aws:SourceArn": "no arn"}),
            Allowed,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            json!({"aws:SourceIp": "2001:db8::1"}),
            ExplicitlyDenied,
        ),
        (json!({"StringEquals": {"aws:PrincipalArn": ROLE}}), json!({}), Allowed),
    ] {
        assert_eq!(denied(condition.clone(), context.clone()), expected, "{condition} {context}");
    }
}

#[test]
fn blockers_are_named_where_something_is_granted() {
    let blockers =
        |policies: Value| asked(USER, "s3:GetObject", OBJECT, json!({}), policies).blocked_by;
    let scp = json!([{"policies": [deny("s3:*")]}]);
    assert_eq!(
        blockers(json!({"identity": [allow("*")], "scp": scp, "boundary": [allow("ec2:*")]})),
        [Blocker::Scp, Blocker::Boundary]
    );
    // Nothing is granted, so nothing blocks.
    assert!(blockers(json!({"identity": [], "scp": scp})).is_empty());
    assert!(blockers(json!({"identity": [allow("*"), deny("s3:*")], "scp": scp})).is_empty());
    let by_user = granting(json!({"AWS": USER}), "s3:*");
    assert_eq!(
        blockers(json!({"identity": [deny("s3:*")], "resource": by_user})),
        [Blocker::Identity]
    );
    let refusing =
        doc(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}));
    assert_eq!(
        blockers(json!({"identity": [allow("*")], "resource": refusing})),
        [Blocker::Resource]
    );
    assert_eq!(
        blockers(json!({"identity": [allow("*")], "endpoint": [allow("ec2:*")]})),
        [Blocker::Endpoint]
    );
}

#[test]
fn what_is_open_says_what_it_hangs_on() {
    let policy = with_condition("Deny", json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}));
    let ask = |mode: &str, context: Value| {
        in_mode(mode, USER, "s3:GetObject", OBJECT, context, json!({"identity": [policy]}))
    };
    let open = ask("Discovery", json!({}));
    assert_eq!((open.decision, open.possible), (Unknown, Allowed));
    assert!(open.missing.is_empty());
    assert_eq!(
        serde_json::to_value(&open.need).unwrap(),
        json!({"not": {"condition": {"operator": "NotIpAddress", "key": "aws:SourceIp", "values": ["192.0.2.0/24"]}}}),
    );
    assert_eq!(ask("Strict", json!({})).decision, ExplicitlyDenied);
    let outside = ask("Discovery", json!({"aws:SourceIp": "198.51.100.1"}));
    assert_eq!((outside.decision, outside.possible), (ExplicitlyDenied, ExplicitlyDenied));
    let nothing =
        in_mode("Discovery", USER, "s3:GetObject", OBJECT, json!({}), json!({"identity": []}));
    assert_eq!((nothing.decision, nothing.possible), (ImplicitlyDenied, ImplicitlyDenied));
}
