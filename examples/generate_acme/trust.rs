//! Roles that whoever looks for mistakes in trust policies should see: those of production are sound, those of staging
//! and development are what one finds.

use super::identity::{Role, arn, role, trust};
use super::world::{At, DEVELOPMENT, PRODUCTION, STAGING, World, allow, document, statement};

const COGNITO: &str = "cognito-identity.amazonaws.com";
const PODS: &str = "pods.eks.amazonaws.com";
const GITHUB: &str = "oidc-provider/token.actions.githubusercontent.com";
const SUB: &str = "token.actions.githubusercontent.com:sub";

/// A condition: operator, key, values.
type Condition<'c> = (&'c str, &'c str, &'c [&'c str]);

/// A role with one statement and nothing special about it.
fn simple(world: &mut World, at: At, name: &str, about: &str, trust: serde_json::Value) {
    role(world, at, &Role { name, about, trust: vec![trust], ..Role::default() });
}

pub(super) fn roles(world: &mut World, at: At) {
    match at.account {
        PRODUCTION => production(world, at),
        STAGING => staging(world, at),
        DEVELOPMENT => development(world, at),
        _ => {}
    }
}

fn production(world: &mut World, at: At) {
    let users: [Condition<'_>; 2] = [
        ("StringEquals", "cognito-identity.amazonaws.com:aud", &["eu-west-1:1f0a7c52"]),
        ("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", &["authenticated"]),
    ];
    let orders = document(&[allow(&["dynamodb:Query"], &["*"])]);
    role(
        world,
        at,
        &Role {
            name: "shop-mobile",
            about: "Customers who signed in to the app",
            trust: vec![trust("Federated", COGNITO, &users)],
            inline: vec![("orders", orders)],
            ..Role::default()
        },
    );
    let cluster = format!("arn:aws:eks:eu-west-1:{}:cluster/shop", at.account);
    let shop: [Condition<'_>; 1] = [("ArnEquals", "aws:SourceArn", &[&cluster])];
    simple(world, at, "shop-pods", "Pods of the shop", pods(&shop));
    let anchor = format!("arn:aws:rolesanywhere:eu-west-1:{}:trust-anchor/1f0a7c52", at.account);
    let machine: [Condition<'_>; 2] = [
        ("ArnEquals", "aws:SourceArn", &[&anchor]),
        ("StringEquals", "aws:PrincipalTag/x509Subject/CN", &["backup.acme.example"]),
    ];
    let agent = trust("Service", "rolesanywhere.amazonaws.com", &machine);
    simple(world, at, "backup-agent", "Takes backups from the data centre", agent);
    let factor: [Condition<'_>; 1] = [("Bool", "aws:MultiFactorAuthPresent", &["true"])];
    let people = trust("AWS", &arn(at, "root"), &factor);
    simple(world, at, "billing-reader", "Reads invoices", people);
}

fn staging(world: &mut World, at: At) {
    let any: [Condition<'_>; 1] = [("StringLike", SUB, &["repo:acme/*"])];
    let preview = trust("Federated", &arn(at, GITHUB), &any);
    simple(world, at, "preview-deploy", "Previews of whatever repository", preview);
    let directory = trust("Federated", &arn(at, "saml-provider/old-directory"), &[]);
    simple(world, at, "directory-login", "Sign-in before Identity Center", directory);
    simple(world, at, "tools-pods", "Pods of some tool", pods(&[]));
    let (test, promote) = (arn(at, "role/release-test"), arn(at, "role/release-promote"));
    simple(world, at, "release-test", "Tests a release", trust("AWS", &promote, &[]));
    simple(world, at, "release-promote", "Promotes a release", trust("AWS", &test, &[]));
}

fn development(world: &mut World, at: At) {
    let guests: [Condition<'_>; 1] =
        [("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", &["unauthenticated"])];
    let everything = document(&[allow(&["dynamodb:*"], &["*"])]);
    role(
        world,
        at,
        &Role {
            name: "mobile-trial",
            about: "Made by a wizard",
            trust: vec![trust("Federated", COGNITO, &guests)],
            inline: vec![("tables", everything)],
            ..Role::default()
        },
    );
    let servers = trust("Service", "rolesanywhere.amazonaws.com", &[]);
    simple(world, at, "lab-servers", "Machines in the lab", servers);
    let word: [Condition<'_>; 1] = [("StringEquals", "sts:ExternalId", &["12345"])];
    let partner = trust("AWS", "arn:aws:iam::314159265358:role/collector", &word);
    simple(world, at, "log-analytics", "Trial with the monitoring partner", partner);
    simple(world, at, "jonas-tools", "", trust("AWS", "AIDAQX4TMPLT7ACME0001", &[]));
    let maybe: [Condition<'_>; 1] = [("BoolIfExists", "aws:MultiFactorAuthPresent", &["true"])];
    simple(world, at, "ops-console", "", trust("AWS", &arn(at, "root"), &maybe));
    let root = arn(at, "root");
    let anything = statement("Allow", &["sts:*"], &[], &[("AWS", &root)], &[]);
    simple(world, at, "sandbox-runner", "", anything);
    let star: [Condition<'_>; 1] = [("StringEquals", SUB, &["repo:acme/docs:*"])];
    let docs = trust("Federated", &arn(at, GITHUB), &star);
    simple(world, at, "docs-publisher", "Publishes the handbook", docs);
}

/// Trust in pods, whose sessions carry tags.
fn pods(conditions: &[Condition<'_>]) -> serde_json::Value {
    let actions = ["sts:AssumeRole", "sts:TagSession"];
    statement("Allow", &actions, &[], &[("Service", PODS)], conditions)
}
