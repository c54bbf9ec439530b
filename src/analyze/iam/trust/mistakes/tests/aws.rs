use super::*;

const NONE: [&str; 0] = [];

#[test]
fn everybody() {
    let own = json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"}});
    for (condition, expected) in [
        (json!({}), vec!["wildcard_principal"]),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), vec!["wildcard_principal"]),
        (json!({"StringEquals": {"sts:ExternalId": "7f3c"}}), vec!["wildcard_principal"]),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "a"}}), vec!["wildcard_principal"]),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
            vec!["wildcard_principal"],
        ),
        (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), vec!["wildcard_principal"]),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}), vec!["negated_condition"]),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": "999900001111"}}),
            vec!["negated_condition"],
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-own"}}),
            vec!["absent_claim_passes"],
        ),
        (
            json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-own"}}),
            vec!["absent_claim_passes"],
        ),
        (own, vec!["organization_wide"]),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-other"}}), vec!["foreign_organization"]),
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"},
                   "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-own/r-1/ou-1/*"}}),
            vec![],
        ),
        (json!({"StringEquals": {"aws:PrincipalAccount": OWN}}), vec![]),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}), vec![]),
        (json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), vec![]),
    ] {
        assert_eq!(assume("*", &condition), expected, "{condition}");
    }
}

#[test]
fn a_statement_that_denies_counts() {
    let statements = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*",
         "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}},
    ]);
    assert_eq!(World::new().role("r", &statements).kinds("r"), NONE);
    // It denies those in another organization only: who is in none gets in.
    let statements = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-evil0evil0"}}},
    ]);
    assert_eq!(World::new().role("r", &statements).kinds("r"), ["wildcard_principal"]);
}

#[test]
fn everybody_with_a_token() {
    let everybody = json!("*");
    assert_eq!(
        kinds(&everybody, "sts:AssumeRoleWithWebIdentity", &json!({})),
        ["wildcard_principal"]
    );
    let bound = json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}});
    assert_eq!(kinds(&everybody, "sts:AssumeRoleWithWebIdentity", &bound), NONE);
}

#[test]
fn everybody_but_a_few() {
    let but = |effect: &str| {
        let other = format!("arn:aws:iam::{OWN}:root");
        let statements = json!([{
            "Effect": effect, "NotPrincipal": {"AWS": other}, "Action": "sts:AssumeRole"
        }]);
        World::new().role("r", &statements).of("r")
    };
    let allowed = but("Allow");
    assert_eq!(allowed[0].kind, Kind::NotPrincipal);
    assert_eq!(allowed[0].severity, Severity::Critical);
    let denied = but("Deny");
    assert_eq!((denied[0].kind, denied[0].severity), (Kind::NotPrincipal, Severity::Low));
}

#[test]
fn the_own_account_is_no_mistake() {
    for principal in [
        OWN.to_owned(),
        format!("arn:aws:iam::{OWN}:root"),
        format!("arn:aws:iam::{OWN}:user/ann"),
        format!("arn:aws:iam::{OWN}:role/other"),
    ] {
        assert_eq!(assume(&principal, &json!({})), NONE, "{principal}");
    }
}

#[test]
fn an_account_outside() {
    let root = format!("arn:aws:iam::{VENDOR}:root");
    let role = format!("arn:aws:iam::{VENDOR}:role/scanner");
    let secret = json!({"StringEquals": {"sts:ExternalId": "7f3c-91aa"}});
    assert_eq!(assume(&root, &secret), NONE);
    assert_eq!(assume(&role, &secret), NONE);
    assert_eq!(assume(VENDOR, &secret), NONE);
    assert_eq!(assume(&root, &json!({})), ["no_external_id", "whole_account"]);
    assert_eq!(assume(&role, &json!({})), ["no_external_id"]);
    for (condition, expected) in [
        (json!({"StringLike": {"sts:ExternalId": "*"}}), "no_external_id"),
        (json!({"StringLike": {"sts:ExternalId": "acme-*"}}), "no_external_id"),
        (json!({"StringEqualsIfExists": {"sts:ExternalId": "7f3c-91aa"}}), "no_external_id"),
        (json!({"StringNotEquals": {"sts:ExternalId": "7f3c-91aa"}}), "no_external_id"),
        (json!({"Null": {"sts:ExternalId": "false"}}), "no_external_id"),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), "no_external_id"),
        (json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), "no_external_id"),
        (json!({"StringEquals": {"sts:ExternalId": "12345"}}), "external_id_guessable"),
        (json!({"StringEquals": {"sts:ExternalId": OWN}}), "external_id_guessable"),
        (
            json!({"StringEquals": {"sts:ExternalId": ["7f3c-91aa", "test"]}}),
            "external_id_guessable",
        ),
    ] {
        assert_eq!(assume(&role, &condition), [expected], "{condition}");
    }
    // It fixes the role, not the customer the role acts for.
    let fixed = json!({"ArnEquals": {"aws:PrincipalArn": role}});
    assert_eq!(assume(&root, &fixed), ["no_external_id"]);
}

#[test]
fn an_account_nobody_knows() {
    let role = format!("arn:aws:iam::{UNKNOWN}:role/x");
    let secret = json!({"StringEquals": {"sts:ExternalId": "7f3c-91aa"}});
    assert_eq!(assume(&role, &secret), ["unknown_account"]);
    let statements = allow(&json!({"AWS": role}), "sts:AssumeRole", &secret);
    let mut world = World::new().role("r", &statements);
    let found = world.of("r");
    assert_eq!((found[0].account.as_deref(), found[0].owner.as_deref()), (Some(UNKNOWN), None));
    world.known.partners.insert(UNKNOWN.into(), partner(true));
    assert_eq!(world.kinds("r"), NONE);
    // One's own account needs neither.
    let statements = allow(&json!({"AWS": role}), "sts:AssumeRole", &json!({}));
    let mut world = World::new().role("r", &statements);
    assert_eq!(world.kinds("r"), ["no_external_id", "unknown_account"]);
    world.known.own.insert(UNKNOWN.into(), "old billing".into());
    assert_eq!(world.kinds("r"), NONE);
}

#[test]
fn an_account_of_ones_own_as_a_whole() {
    let root = format!("arn:aws:iam::{UNKNOWN}:root");
    let of = |condition: &Value| {
        let statements = allow(&json!({"AWS": root}), "sts:AssumeRole", condition);
        let mut world = World::new().role("r", &statements);
        world.known.own.insert(UNKNOWN.into(), "old billing".into());
        world.kinds("r")
    };
    assert_eq!(of(&json!({})), ["whole_account"]);
    let arn = format!("arn:aws:iam::{UNKNOWN}:role/deployer");
    assert_eq!(of(&json!({"ArnLike": {"aws:PrincipalArn": arn}})), NONE);
}

#[test]
fn an_external_id_for_two() {
    let secret = json!({"StringEquals": {"sts:ExternalId": "7f3c-91aa"}});
    let datadog = allow(&json!({"AWS": VENDOR}), "sts:AssumeRole", &secret);
    let rackspace = allow(&json!({"AWS": "507897595701"}), "sts:AssumeRole", &secret);
    let also_datadog = allow(&json!({"AWS": "865078226113"}), "sts:AssumeRole", &secret);
    let world = World::new().role("a", &datadog).role("b", &rackspace);
    assert_eq!(world.kinds("a"), ["external_id_shared"]);
    assert!(world.of("a")[0].detail.contains("Rackspace"));
    // Two accounts of one vendor.
    let world = World::new().role("a", &datadog).role("b", &also_datadog);
    assert_eq!(world.kinds("a"), NONE);
}

fn partner(external_id: bool) -> Partner {
    Partner { name: "Audit Ltd".into(), external_id }
}

#[test]
fn accounts_that_are_declared() {
    let open = allow(&json!({"AWS": UNKNOWN}), "sts:AssumeRole", &json!({}));
    let world = || World::new().role("r", &open);
    assert_eq!(world().kinds("r"), ["no_external_id", "unknown_account", "whole_account"]);
    let of_partner = |external_id| {
        let mut world = world();
        world.known.partners.insert(UNKNOWN.into(), partner(external_id));
        world
    };
    assert_eq!(of_partner(true).kinds("r"), ["no_external_id", "whole_account"]);
    assert!(of_partner(true).of("r")[0].detail.contains("Audit Ltd"));
    assert_eq!(of_partner(false).kinds("r"), ["whole_account"]);
    let mut own = world();
    own.known.own.insert(UNKNOWN.into(), "old billing".into());
    assert_eq!(own.kinds("r"), ["whole_account"]);
    assert!(own.of("r")[0].detail.starts_with(&format!("account {UNKNOWN} (old billing) decides")));
    // What the organization lists is one's own without being declared.
    let listed = json!({"status": "ACTIVE", "joined_method": "CREATED"});
    let listed = world().put("aws.organizations.account", UNKNOWN, listed);
    assert_eq!(listed.kinds("r"), ["whole_account"]);
}

#[test]
fn somebody_who_is_gone() {
    assert_eq!(assume("AROAEXAMPLE0123456789", &json!({})), ["deleted_principal"]);
    assert_eq!(assume("AIDAEXAMPLE0123456789", &json!({})), ["deleted_principal"]);
    assert_eq!(assume(&format!("arn:aws:iam::{OWN}:user/AIDAEXAMPLE0123456789"), &json!({})), NONE);
}

#[test]
fn without_the_list_of_accounts_it_may_be_ones_own() {
    let statements = allow(&json!({"AWS": UNKNOWN}), "sts:AssumeRole", &json!({}));
    let world = World::new().role("r", &statements);
    let mut builder = Builder::new();
    world.resources.iter().for_each(|resource| builder.add(resource));
    let mut estate = builder.finish(&Coverage::default());
    let cause = Cause::new(crate::model::CauseKind::Denied, "organizations:ListAccounts");
    estate.unlisted = Some(cause.clone());
    let role = estate.principal(estate.find(&format!("arn:aws:iam::{OWN}:role/r")).unwrap());
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let found = mistakes(&estate, role.unwrap(), &Known::default(), now);
    let of = |kind| found.known().unwrap().iter().find(|m| m.kind == kind).unwrap().doubt.clone();
    assert_eq!(of(Kind::NoExternalId), Some(cause.clone()));
    assert_eq!(of(Kind::UnknownAccount), Some(cause));
}

#[test]
fn nobody_knows_which_organization_is_ones_own() {
    let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"}});
    let statements = allow(&json!({"AWS": "*"}), "sts:AssumeRole", &condition);
    let mut builder = Builder::new();
    let world = World::new().role("r", &statements);
    world.resources.iter().for_each(|resource| builder.add(resource));
    let estate = builder.finish(&Coverage::default());
    let role = estate.principal(estate.find(&format!("arn:aws:iam::{OWN}:role/r")).unwrap());
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let found = mistakes(&estate, role.unwrap(), &Known::default(), now);
    let found = found.known().unwrap();
    let kinds: Vec<_> = found.iter().map(|m| m.kind).collect();
    assert_eq!(kinds, [Kind::ForeignOrganization, Kind::OrganizationWide]);
    assert!(found.iter().all(|m| m.doubt.is_some()));
}
