use super::*;

const NONE: [&str; 0] = [];
const GITHUB: &str = "token.actions.githubusercontent.com";
const EKS: &str = "oidc.eks.eu-west-1.amazonaws.com/id/ABC";

/// A role for tokens of a provider that knows one audience.
fn token(address: &str, condition: &Value) -> Vec<Mistake> {
    token_for(address, &["sts.amazonaws.com"], condition)
}

fn token_for(address: &str, audiences: &[&str], condition: &Value) -> Vec<Mistake> {
    let provider = json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/{address}")});
    let statements = allow(&provider, "sts:AssumeRoleWithWebIdentity", condition);
    World::new().provider(address, audiences).role("r", &statements).of("r")
}

fn words(found: &[Mistake]) -> Vec<&'static str> {
    found.iter().map(|m| m.kind.word()).collect()
}

fn like(address: &str, claim: &str, value: &str) -> Value {
    json!({"StringLike": {format!("{address}:{claim}"): value}})
}

/// The kinds of mistakes where the subject is to be like a pattern.
fn subject(address: &str, pattern: &str) -> Vec<&'static str> {
    let mut condition = like(address, "sub", pattern);
    condition["StringEquals"] = json!({format!("{address}:aud"): "sts.amazonaws.com"});
    words(&token(address, &condition))
}

#[test]
fn a_repository_of_somebody_else() {
    for pattern in [
        "*",
        "repo:*",
        "r*",
        "repo:acme*",
        "repo:acme-*",
        "repo:ac?e/app:*",
        "repo:*/app:*",
        "repo:acme*/app:ref:refs/heads/main",
        "*:ref:refs/heads/main",
        "*acme/app*",
        "repository_owner:acme*",
    ] {
        assert_eq!(subject(GITHUB, pattern), ["oidc_subject_too_wide"], "{pattern}");
    }
    for pattern in [
        "repo:acme/app:ref:refs/heads/main",
        "repo:acme/app:ref:refs/heads/*",
        "repo:acme/app:environment:prod",
        "repo:acme/app-?:environment:prod",
    ] {
        assert_eq!(subject(GITHUB, pattern), NONE, "{pattern}");
    }
    for pattern in
        ["repo:acme/*", "repo:acme/*:ref:refs/heads/main", "repo:acme/*:environment:prod"]
    {
        assert_eq!(subject(GITHUB, pattern), ["oidc_subject_whole_tenant"], "{pattern}");
    }
}

#[test]
fn the_attack_is_made_of_the_pattern() {
    let found = token(GITHUB, &like(GITHUB, "sub", "repo:acme*"));
    let witness = found[0].witness.to_string();
    assert!(witness.contains("repo:acme-evil/unnamed:ref:refs/heads/main"), "{witness}");
    assert_eq!(found[0].severity, Severity::Critical);
}

#[test]
fn no_subject() {
    let audience = json!({"StringEquals": {format!("{GITHUB}:aud"): "sts.amazonaws.com"}});
    assert_eq!(words(&token(GITHUB, &audience)), ["oidc_subject_missing"]);
    assert_eq!(words(&token(GITHUB, &json!({}))), ["oidc_subject_missing"]);
    let not = json!({"StringNotLike": {format!("{GITHUB}:sub"): "repo:acme/*"}});
    assert_eq!(words(&token(GITHUB, &not)), ["oidc_subject_missing"]);
    // What the attacker chooses in his own repository binds nothing.
    for (claim, value) in [("ref", "refs/heads/main"), ("environment", "prod")] {
        assert_eq!(words(&token(GITHUB, &like(GITHUB, claim, value))), ["oidc_subject_missing"]);
    }
    for (claim, value) in [
        ("repository", "acme/app"),
        ("repository_owner", "acme"),
        ("repository_id", "12345"),
        ("job_workflow_ref", "acme/flows/.github/workflows/deploy.yml@refs/heads/main"),
    ] {
        assert_eq!(words(&token(GITHUB, &like(GITHUB, claim, value))), NONE, "{claim}");
    }
    assert_eq!(
        words(&token(GITHUB, &like(GITHUB, "repository", "acme*"))),
        ["oidc_subject_too_wide"]
    );
}

#[test]
fn a_statement_that_denies_counts() {
    let provider = json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/{GITHUB}")});
    let of = |pattern: &str| {
        let statements = json!([
            {"Effect": "Allow", "Principal": provider, "Action": "sts:AssumeRoleWithWebIdentity"},
            {"Effect": "Deny", "Principal": "*", "Action": "*",
             "Condition": {"StringNotLike": {format!("{GITHUB}:sub"): pattern}}},
        ]);
        let world = World::new().provider(GITHUB, &["sts.amazonaws.com"]);
        words(&world.role("r", &statements).of("r"))
    };
    assert_eq!(of("repo:acme/app:ref:refs/heads/main"), NONE);
    assert_eq!(of("repo:acme*"), ["oidc_subject_missing"]);
}

#[test]
fn pull_requests() {
    let found = |pattern| token(GITHUB, &like(GITHUB, "sub", pattern));
    let written = found("repo:acme/app:pull_request");
    assert_eq!((written[0].kind, written[0].severity), (Kind::OidcPullRequest, Severity::Medium));
    let by_star = found("repo:acme/app:*");
    assert_eq!((by_star[0].kind, by_star[0].severity), (Kind::OidcPullRequest, Severity::Low));
    assert!(found("repo:acme/app:ref:*").is_empty());
}

#[test]
fn a_claim_that_is_demanded_if_it_is_there() {
    let sub = format!("{GITHUB}:sub");
    for operator in ["ForAllValues:StringEquals", "StringEqualsIfExists", "ForAllValues:StringLike"]
    {
        let condition = json!({operator: {sub.clone(): "repo:acme/app:ref:refs/heads/main"}});
        assert_eq!(words(&token(GITHUB, &condition)), ["absent_claim_passes"], "{operator}");
    }
    let condition = json!({"ForAnyValue:StringEquals": {sub: "repo:acme/app:ref:refs/heads/main"}});
    assert_eq!(words(&token(GITHUB, &condition)), NONE);
}

#[test]
fn a_star_that_is_plain_text() {
    let condition = json!({"StringEquals": {format!("{GITHUB}:sub"): "repo:acme/*"}});
    assert_eq!(words(&token(GITHUB, &condition)), ["wildcard_taken_literally"]);
    assert_eq!(
        words(&token(GITHUB, &like(GITHUB, "sub", "repo:acme/app:ref:refs/heads/v*"))),
        NONE
    );
}

#[test]
fn other_shared_issuers() {
    for (issuer, good, bad) in [
        ("gitlab.com", "project_path:acme/app:ref_type:branch:ref:main", "project_path:acme*"),
        (
            "app.terraform.io",
            "organization:acme:project:a:workspace:b:run_phase:*",
            "organization:acme*",
        ),
        (
            "agent.buildkite.com",
            "organization:acme:pipeline:app:*",
            "organization:*:pipeline:app:*",
        ),
        ("scalr.io", "account:acme:environment:prod:workspace:a", "account:*"),
    ] {
        assert_eq!(subject(issuer, good), NONE, "{good}");
        assert_eq!(subject(issuer, bad), ["oidc_subject_too_wide"], "{bad}");
        assert_eq!(words(&token(issuer, &json!({}))), ["oidc_subject_missing"], "{issuer}");
    }
    assert_eq!(subject("gitlab.com", "project_path:acme/*"), ["oidc_subject_whole_tenant"]);
    assert_eq!(subject("app.terraform.io", "organization:acme:*"), ["oidc_subject_whole_tenant"]);
}

#[test]
fn an_application_of_somebody_else() {
    let of = |condition: &Value| {
        let google = json!({"Federated": "accounts.google.com"});
        kinds(&google, "sts:AssumeRoleWithWebIdentity", condition)
    };
    assert_eq!(of(&json!({})), ["oidc_subject_missing"]);
    assert_eq!(of(&json!({"StringEquals": {"accounts.google.com:aud": "1.apps"}})), NONE);
    assert_eq!(of(&json!({"StringEquals": {"accounts.google.com:sub": "1234"}})), NONE);
}

#[test]
fn the_own_provider_is_shared_with_nobody() {
    let found = token("acme.eu.auth0.com", &json!({}));
    assert_eq!((found[0].kind, found[0].severity), (Kind::OidcSubjectMissing, Severity::Low));
    assert_eq!(subject("acme.eu.auth0.com", "client-1"), NONE);
    // Some other claim of the provider's own decides.
    assert_eq!(
        words(&token("acme.eu.auth0.com", &like("acme.eu.auth0.com", "groups", "ops"))),
        NONE
    );
}

#[test]
fn service_accounts() {
    for (pattern, expected) in [
        ("system:serviceaccount:shop:web", vec![]),
        ("system:serviceaccount:shop:*", vec!["oidc_subject_whole_tenant"]),
        ("system:serviceaccount:*", vec!["oidc_subject_too_wide"]),
        ("system:service*:web", vec!["oidc_subject_too_wide"]),
        ("system:serviceaccount:*:web", vec!["oidc_subject_too_wide"]),
        ("system:serviceaccount:shop*:web", vec!["oidc_subject_too_wide"]),
    ] {
        assert_eq!(subject(EKS, pattern), expected, "{pattern}");
    }
    let audience = json!({"StringEquals": {format!("{EKS}:aud"): "sts.amazonaws.com"}});
    let found = token(EKS, &audience);
    assert_eq!((found[0].kind, found[0].severity), (Kind::OidcSubjectMissing, Severity::High));
    let no_audience = token(EKS, &like(EKS, "sub", "system:serviceaccount:shop:web"));
    assert_eq!(words(&no_audience), ["oidc_audience_missing"]);
}

#[test]
fn audiences() {
    let sub = like(GITHUB, "sub", "repo:acme/app:ref:refs/heads/main");
    let mut both = sub.clone();
    both["StringEquals"] = json!({format!("{GITHUB}:aud"): "sts.amazonaws.com"});
    let many = ["sts.amazonaws.com", "https://github.com/acme"];
    assert_eq!(words(&token_for(GITHUB, &many, &sub)), ["oidc_audience_missing"]);
    assert_eq!(words(&token_for(GITHUB, &many, &both)), NONE);
    assert_eq!(words(&token_for(GITHUB, &["sts.amazonaws.com"], &sub)), NONE);
    let mut open = sub.clone();
    open["ForAllValues:StringEquals"] = json!({format!("{GITHUB}:aud"): "sts.amazonaws.com"});
    assert_eq!(words(&token(GITHUB, &open)), ["absent_claim_passes"]);
    // The provider is not in the inventory: nobody knows how many there are.
    let provider = json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/{GITHUB}")});
    let statements = allow(&provider, "sts:AssumeRoleWithWebIdentity", &sub);
    let found = World::new().role("r", &statements).of("r");
    assert_eq!(words(&found), ["oidc_audience_missing"]);
    assert!(found[0].doubt.is_some());
}

#[test]
fn identity_pools() {
    let of = |condition: &Value| {
        let cognito = json!({"Federated": "cognito-identity.amazonaws.com"});
        kinds(&cognito, "sts:AssumeRoleWithWebIdentity", condition)
    };
    let aud = "cognito-identity.amazonaws.com:aud";
    let amr = "cognito-identity.amazonaws.com:amr";
    let both = ["cognito_other_pool", "cognito_unauthenticated"];
    assert_eq!(of(&json!({})), both);
    assert_eq!(of(&json!({"ForAnyValue:StringLike": {amr: "unauthenticated"}})), both);
    assert_eq!(
        of(&json!({"ForAnyValue:StringLike": {amr: "authenticated"}})),
        ["cognito_other_pool"]
    );
    assert_eq!(
        of(
            &json!({"StringLike": {aud: "eu-west-1:*"}, "ForAnyValue:StringLike": {amr: "authenticated"}})
        ),
        ["cognito_other_pool"]
    );
    assert_eq!(of(&json!({"StringEquals": {aud: "eu-west-1:1"}})), ["cognito_unauthenticated"]);
    assert_eq!(
        of(
            &json!({"StringEquals": {aud: "eu-west-1:1"}, "ForAnyValue:StringLike": {amr: "authenticated"}})
        ),
        NONE
    );
}

#[test]
fn guests_with_real_rights() {
    let statements = allow(
        &json!({"Federated": "cognito-identity.amazonaws.com"}),
        "sts:AssumeRoleWithWebIdentity",
        &json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}}),
    );
    let of = |action: &str| {
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
        let document = serde_json::to_value(PolicyDocument::from_json(&document)).unwrap();
        let inline = json!([{"policy_name": "p", "document": document}]);
        let arn = format!("arn:aws:iam::{OWN}:role/r");
        World::new().role_with(&arn, &statements, &inline).of("r")[0].severity
    };
    assert_eq!(of("s3:GetObject"), Severity::High);
    assert_eq!(of("mobileanalytics:PutEvents"), Severity::Low);
}

#[test]
fn assertions() {
    let of = |condition: &Value| {
        let provider = json!({"Federated": format!("arn:aws:iam::{OWN}:saml-provider/idp")});
        kinds(&provider, "sts:AssumeRoleWithSAML", condition)
    };
    let endpoint = "https://signin.aws.amazon.com/saml";
    assert_eq!(of(&json!({})), ["saml_audience_missing"]);
    assert_eq!(of(&json!({"StringLike": {"SAML:aud": "*"}})), ["saml_audience_missing"]);
    assert_eq!(of(&json!({"StringEquals": {"SAML:aud": endpoint}})), NONE);
    assert_eq!(
        of(&json!({"StringEqualsIfExists": {"SAML:aud": endpoint}})),
        ["absent_claim_passes"]
    );
}
