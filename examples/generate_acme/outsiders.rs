//! Whom accounts let in from outside: pipelines, suppliers, identity providers.

use serde_json::json;

use super::identity::{ADMIN, AUDIT, READ_ONLY, Role, arn, owned, role, trust};
use super::world::{
    At, DEVELOPMENT, MANAGEMENT, PRODUCTION, STAGING, World, ago, allow, document, unique, untagged,
};

/// What deploys: bound to one repository in tidy accounts.
pub(super) fn pipeline(world: &mut World, at: At) {
    let hub = arn(at, "oidc-provider/token.actions.githubusercontent.com");
    let dev = at.account == DEVELOPMENT;
    let subjects: &[&str] =
        if dev { &["repo:acme-*"] } else { &["repo:acme/shop:ref:refs/heads/main"] };
    let bound: [(&str, &str, &[&str]); 2] = [
        ("StringEquals", "token.actions.githubusercontent.com:aud", &["sts.amazonaws.com"]),
        ("StringLike", "token.actions.githubusercontent.com:sub", subjects),
    ];
    role(
        world,
        at,
        &Role {
            name: "acme-deploy",
            about: "Releases the shop",
            trust: vec![trust("Federated", &hub, &bound)],
            attached: &[&arn(at, "policy/acme-deploy")],
            ..Role::default()
        },
    );
    match at.account {
        MANAGEMENT => role(
            world,
            at,
            &Role {
                name: "security-tooling",
                trust: vec![trust("Service", "ec2.amazonaws.com", &[])],
                attached: &[AUDIT],
                ..Role::default()
            },
        ),
        STAGING => role(
            world,
            at,
            &Role {
                name: "pipeline-test",
                trust: vec![trust("Service", "codebuild.amazonaws.com", &[])],
                attached: &[&arn(at, "policy/pipeline-test")],
                used: Some(4),
                ..Role::default()
            },
        ),
        _ => {}
    }
}

/// Whom accounts let in from outside.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
pub(super) fn partners(world: &mut World, at: At) {
    let monitoring = "arn:aws:iam::314159265358:root";
    let agreed: [(&str, &str, &[&str]); 1] = [("StringEquals", "sts:ExternalId", &["acme-7f3a"])];
    match at.account {
        PRODUCTION => {
            role(
                world,
                at,
                &Role {
                    name: "monitoring-partner",
                    about: "Metrics for the monitoring partner",
                    trust: vec![trust("AWS", monitoring, &agreed)],
                    attached: &[READ_ONLY],
                    ..Role::default()
                },
            );
            // Developers debug in production with it.
            role(
                world,
                at,
                &Role {
                    name: "shop-debug",
                    trust: vec![trust("AWS", &format!("arn:aws:iam::{DEVELOPMENT}:root"), &[])],
                    attached: &[READ_ONLY],
                    used: Some(8),
                    hours: 4,
                    ..Role::default()
                },
            );
            role(
                world,
                at,
                &Role {
                    name: "nightly-reports",
                    trust: vec![trust("Service", "lambda.amazonaws.com", &[])],
                    used: Some(130),
                    ..Role::default()
                },
            );
        }
        STAGING => {
            role(
                world,
                at,
                &Role {
                    name: "payment-vendor",
                    trust: vec![trust("AWS", "arn:aws:iam::271828182845:root", &[])],
                    attached: &[READ_ONLY],
                    used: Some(2),
                    ..Role::default()
                },
            );
        }
        DEVELOPMENT => {
            let everything = document(&[allow(&["*"], &["*"])]);
            role(
                world,
                at,
                &Role {
                    name: "ops-anything",
                    trust: vec![trust("AWS", &format!("arn:aws:iam::{DEVELOPMENT}:root"), &[])],
                    attached: &[&arn(at, "policy/power-ops")],
                    inline: vec![("root-like", everything.clone())],
                    hours: 12,
                    ..Role::default()
                },
            );
            role(
                world,
                at,
                &Role {
                    name: "demo-anyone",
                    trust: vec![trust("*", "*", &[])],
                    attached: &[READ_ONLY],
                    used: None,
                    ..Role::default()
                },
            );
            role(
                world,
                at,
                &Role {
                    name: "key-lab",
                    trust: vec![trust("Service", "ec2.amazonaws.com", &[])],
                    attached: &[&arn(at, "policy/key-tinkering")],
                    used: Some(21),
                    ..Role::default()
                },
            );
            role(
                world,
                at,
                &Role {
                    name: "legacy-admin",
                    trust: vec![trust("Service", "ec2.amazonaws.com", &[])],
                    attached: &[ADMIN],
                    used: Some(300),
                    profile: true,
                    ..Role::default()
                },
            );
            role(
                world,
                at,
                &Role {
                    name: "terraform-local",
                    trust: vec![trust("AWS", &arn(at, "user/jonas.weber"), &[])],
                    inline: vec![("everything", everything)],
                    ..Role::default()
                },
            );
        }
        _ => {}
    }
}

pub(super) fn providers(world: &mut World, at: At) {
    if at.account != DEVELOPMENT {
        let arn = arn(at, "saml-provider/AWSSSO_acme_DO_NOT_DELETE");
        let data =
            json!({"valid_until": ago(-2900), "create_date": ago(820), "private_key_count": 0});
        world.put(
            at,
            "aws.iam.saml_provider",
            &arn,
            "AWSSSO_acme_DO_NOT_DELETE",
            &untagged(),
            data,
        );
    }
    if at.account == STAGING {
        let arn = arn(at, "saml-provider/old-directory");
        let data =
            json!({"valid_until": ago(75), "create_date": ago(1900), "private_key_count": 0});
        world.put(at, "aws.iam.saml_provider", &arn, "old-directory", &untagged(), data);
    }
    let arn_of = |name: &str| arn(at, &format!("oidc-provider/{name}"));
    let hub = "token.actions.githubusercontent.com";
    // Staging also signs in to a registry with its tokens.
    let audiences: &[&str] = if at.account == STAGING {
        &["sts.amazonaws.com", "registry.acme.example"]
    } else {
        &["sts.amazonaws.com"]
    };
    let data = json!({"url": hub, "client_ids": audiences, "thumbprints": ["6938fd4d98bab03faadb97b34396831e3780aea1"], "create_date": ago(700)});
    world.put(at, "aws.iam.oidc_provider", &arn_of(hub), hub, &owned(at), data);
    if at.account == DEVELOPMENT {
        let cluster = "oidc.dev.acme.example/cluster-trial";
        let data =
            json!({"url": cluster, "client_ids": [], "thumbprints": [], "create_date": ago(330)});
        world.put(
            at,
            "aws.iam.oidc_provider",
            &arn_of(cluster),
            "cluster-trial",
            &untagged(),
            data,
        );
    }
    let mut certificate = |name: &str, ends: i64| {
        let arn = arn(at, &format!("server-certificate/{name}"));
        let data = json!({"server_certificate_id": unique("ASCA", &arn), "path": "/", "expiration": ago(ends), "upload_date": ago(500)});
        world.put_as(
            at,
            "aws.iam.server_certificate",
            name,
            Some(arn.clone()),
            name,
            &untagged(),
            data,
        );
    };
    match at.account {
        DEVELOPMENT => certificate("demo-2023", 210),
        PRODUCTION => certificate("erp-internal", -400),
        _ => {}
    }
}
