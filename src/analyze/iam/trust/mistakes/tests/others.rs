use super::*;

const NONE: [&str; 0] = [];

#[test]
fn services() {
    let own = json!({"StringEquals": {"aws:SourceAccount": OWN}});
    assert_eq!(service("config.amazonaws.com", &json!({})), ["confused_deputy"]);
    assert_eq!(service("config.amazonaws.com", &own), NONE);
    assert_eq!(service("codebuild.amazonaws.com", &json!({})), ["service_source_unbound"]);
    assert_eq!(service("codebuild.amazonaws.com", &own), NONE);
    assert_eq!(service("ec2.amazonaws.com", &json!({})), NONE);
    assert_eq!(service("lambda.amazonaws.com", &json!({})), NONE);
    for (condition, expected) in [
        (json!({"StringEquals": {"aws:SourceOrgID": "o-own"}}), vec![]),
        (json!({"ArnLike": {"aws:SourceArn": format!("arn:aws:sns:*:{OWN}:*")}}), vec![]),
        (
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}),
            vec!["source_arn_without_account"],
        ),
        (json!({"ArnLike": {"aws:SourceArn": "*"}}), vec!["source_arn_without_account"]),
        (
            json!({"StringNotEquals": {"aws:SourceAccount": "123412341234"}}),
            vec!["confused_deputy"],
        ),
    ] {
        assert_eq!(service("sns.amazonaws.com", &condition), expected, "{condition}");
    }
    let bucket = json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::logs"}});
    assert_eq!(service("s3.amazonaws.com", &bucket), ["source_arn_without_account"]);
    let mut both = bucket;
    both["StringEquals"] = json!({"aws:SourceAccount": OWN});
    assert_eq!(service("s3.amazonaws.com", &both), NONE);
}

#[test]
fn pods() {
    let cluster = format!("arn:aws:eks:eu-west-1:{OWN}:cluster/shop");
    for (condition, expected) in [
        (json!({}), vec!["pod_identity_unbound"]),
        (json!({"StringEquals": {"aws:SourceAccount": OWN}}), vec!["pod_identity_unbound"]),
        (json!({"ArnEquals": {"aws:SourceArn": cluster}}), vec![]),
        (json!({"StringEquals": {"aws:RequestTag/kubernetes-namespace": "shop"}}), vec![]),
    ] {
        assert_eq!(service("pods.eks.amazonaws.com", &condition), expected, "{condition}");
    }
}

#[test]
fn roles_anywhere() {
    let anchor = format!("arn:aws:rolesanywhere:eu-west-1:{OWN}:trust-anchor/1");
    let name = "aws:PrincipalTag/x509Subject/CN";
    for (condition, expected) in [
        (json!({}), vec!["roles_anywhere_unbound"]),
        (json!({"StringLike": {name: "*"}}), vec!["roles_anywhere_unbound"]),
        (json!({"StringEquals": {name: "build-1"}}), vec![]),
        (json!({"ArnEquals": {"aws:SourceArn": anchor}}), vec![]),
    ] {
        assert_eq!(service("rolesanywhere.amazonaws.com", &condition), expected, "{condition}");
    }
}

#[test]
fn a_second_factor_that_can_be_left_out() {
    let root = format!("arn:aws:iam::{OWN}:root");
    for (operator, value, expected) in [
        ("Bool", "true", vec![]),
        ("BoolIfExists", "true", vec!["mfa_not_enforced"]),
        ("Null", "false", vec!["mfa_not_enforced"]),
    ] {
        let condition = json!({operator: {"aws:MultiFactorAuthPresent": value}});
        assert_eq!(assume(&root, &condition), expected, "{operator}");
    }
    let denied = |operator: &str| {
        let statements = json!([
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"},
            {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
             "Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}}},
        ]);
        World::new().role("r", &statements).kinds("r")
    };
    assert_eq!(denied("Bool"), ["mfa_not_enforced"]);
    assert_eq!(denied("BoolIfExists"), NONE);
    // Age tells as well, if it is there.
    assert_eq!(
        assume(&root, &json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})),
        NONE
    );
}

#[test]
fn actions_and_sessions() {
    let root = json!({"AWS": format!("arn:aws:iam::{OWN}:root")});
    let of = |action: Value, condition: Value| {
        let statements = json!([{
            "Effect": "Allow", "Principal": root, "Action": action, "Condition": condition
        }]);
        World::new().role("r", &statements).kinds("r")
    };
    assert_eq!(of(json!("sts:*"), json!({})), ["wildcard_action"]);
    assert_eq!(of(json!("*"), json!({})), ["wildcard_action"]);
    assert_eq!(of(json!("sts:AssumeRole*"), json!({})), NONE);
    let tag = json!(["sts:AssumeRole", "sts:TagSession"]);
    assert_eq!(of(tag.clone(), json!({})), ["tag_session_unlimited"]);
    let keys = json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}});
    assert_eq!(of(tag.clone(), keys), NONE);
    assert_eq!(of(tag, json!({"StringEquals": {"aws:RequestTag/team": "a"}})), NONE);
    let source = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
    assert_eq!(of(source.clone(), json!({})), ["source_identity_unlimited"]);
    let names = json!({"StringEquals": {"sts:SourceIdentity": ["ann", "bob"]}});
    assert_eq!(of(source, names), NONE);
    // Services tag the sessions they start.
    let statements = json!([{"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "shop"}}}]);
    assert_eq!(World::new().role("r", &statements).kinds("r"), NONE);
}

#[test]
fn circles() {
    let arn = |name: &str| format!("arn:aws:iam::{OWN}:role/{name}");
    let by = |name: &str| allow(&json!({"AWS": arn(name)}), "sts:AssumeRole", &json!({}));
    let world = World::new().role("a", &by("a"));
    assert_eq!(world.kinds("a"), ["self_trust"]);
    let world = World::new()
        .role("a", &by("c"))
        .role("b", &by("a"))
        .role("c", &by("b"))
        .role("d", &by("c"));
    for name in ["a", "b", "c"] {
        assert_eq!(world.kinds(name), ["role_cycle"], "{name}");
    }
    assert_eq!(world.kinds("d"), NONE);
    assert!(world.of("a")[0].detail.contains("a → b → c"), "{}", world.of("a")[0].detail);
    // By the condition, which is how roles commonly come to trust themselves.
    let root = json!({"AWS": format!("arn:aws:iam::{OWN}:root")});
    let condition = json!({"ArnLike": {"aws:PrincipalArn": arn("a")}});
    let statements = allow(&root, "sts:AssumeRole", &condition);
    let may = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn("a")}});
    let may = serde_json::to_value(PolicyDocument::from_json(&may)).unwrap();
    let inline = json!([{"policy_name": "p", "document": may}]);
    assert_eq!(World::new().role_with(&arn("a"), &statements, &inline).kinds("a"), ["self_trust"]);
    // Without the permission nothing comes of it.
    assert_eq!(World::new().role("a", &statements).kinds("a"), NONE);
}

#[test]
fn roles_of_services_are_not_asked() {
    let arn = format!("arn:aws:iam::{OWN}:role/aws-service-role/config.amazonaws.com/r");
    let statements =
        allow(&json!({"Service": "config.amazonaws.com"}), "sts:AssumeRole", &json!({}));
    assert_eq!(World::new().role_with(&arn, &statements, &json!([])).resources.len(), 1);
    let mut world = World::new().role_with(&arn, &statements, &json!([]));
    let Some(resource) = world.resources.first_mut() else { panic!() };
    let crate::model::Data::IamRole(role) = &mut resource.data else { panic!() };
    role.service_linked = Attr::Known(true);
    let mut builder = Builder::new();
    world.resources.iter().for_each(|resource| builder.add(resource));
    let estate = builder.finish(&Coverage::default());
    let role = estate.principal(estate.find(&arn).unwrap()).unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(mistakes(&estate, role, &Known::default(), now), Attr::Known(Vec::new()));
}

#[test]
fn what_is_not_understood_is_doubted() {
    let condition = json!({"StringMatches": {"aws:PrincipalOrgID": "o-own"}});
    let statements = allow(&json!({"AWS": "*"}), "sts:AssumeRole", &condition);
    let found = World::new().role("r", &statements).of("r");
    assert_eq!(found[0].kind, Kind::WildcardPrincipal);
    assert!(found.iter().all(|mistake| mistake.doubt.is_some()));
}

/// A role whose trust policy nobody could read may belong to a circle, and may hold the external id of another.
#[test]
fn a_policy_that_nobody_read_is_doubted() {
    let arn = |name: &str| format!("arn:aws:iam::{OWN}:role/{name}");
    let by = allow(&json!({"AWS": arn("b")}), "sts:AssumeRole", &json!({}));
    let secret = json!({"StringEquals": {"sts:ExternalId": "7f3c-91aa"}});
    let datadog = allow(&json!({"AWS": VENDOR}), "sts:AssumeRole", &secret);
    let sound = World::new().role("a", &by).role("v", &datadog);
    assert_eq!(sound.kinds("v"), NONE);
    let world = sound.put("aws.iam.role", &arn("b"), json!({"path": "/", "service_linked": false}));
    for (name, kind) in [("a", Kind::RoleCycle), ("v", Kind::ExternalIdShared)] {
        let found = world.of(name);
        assert_eq!(found.iter().map(|m| m.kind).collect::<Vec<_>>(), [kind]);
        assert!(found[0].doubt.is_some());
    }
}
