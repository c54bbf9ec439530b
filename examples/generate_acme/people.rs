//! Users and groups: what is left of them beside the identity provider, and what the credentials report says.

use serde_json::{Value, json};

use super::identity::{READ_ONLY, SHELL, Services, accessed, arn, attached, inline, owned};
use super::world::{
    At, DEVELOPMENT, MANAGEMENT, PRODUCTION, STAGING, World, ago, allow, document, hours_ago,
    unique, untagged,
};

/// A user with what the credentials report says of it.
struct User<'a> {
    name: &'a str,
    groups: &'a [&'a str],
    /// Days since the password was used; none without a password.
    password: Option<i64>,
    mfa: bool,
    /// Age of the keys and days since they were used.
    keys: &'a [(i64, Option<i64>)],
    inline: Vec<(&'a str, Value)>,
    attached: &'a [&'a str],
    age: i64,
    services: Services<'a>,
}

impl Default for User<'_> {
    fn default() -> Self {
        Self {
            name: "",
            groups: &[],
            password: None,
            mfa: false,
            keys: &[],
            inline: vec![],
            attached: &[],
            age: 900,
            services: &[("ec2", Some(4)), ("iam", Some(4)), ("s3", Some(2))],
        }
    }
}

fn user(world: &mut World, at: At, user: &User<'_>) {
    let user_arn = arn(at, &format!("user/{}", user.name));
    let serial = arn(at, &format!("mfa/{}", user.name));
    let (policies, arns) = attached(user.attached);
    let keys: Vec<String> =
        (0..user.keys.len()).map(|n| unique("AKIA", &format!("{user_arn}/{n}"))).collect();
    world.put_as(
        at,
        "aws.iam.user",
        user.name,
        Some(user_arn.clone()),
        user.name,
        &owned(at),
        json!({
            "user_id": unique("AIDA", &user_arn), "path": "/", "create_date": ago(user.age),
            "password_last_used": user.password.map(ago), "login_profile_exists": user.password.is_some(),
            "group_names": user.groups, "inline_policies": inline(&user.inline), "attached_policies": policies,
            "attached_policy_arns": arns, "mfa_serial_numbers": if user.mfa { json!([serial]) } else { json!([]) },
            "access_key_ids": keys, "services_last_accessed": accessed(user.services),
            "services_last_accessed_date": hours_ago(3),
        }),
    );
    let mut row = json!({
        "user": user.name, "root": false, "generated_time": hours_ago(2), "user_creation_time": ago(user.age),
        "password_enabled": user.password.is_some(), "password_last_used": user.password.map(ago),
        "password_last_changed": user.password.map(|_| ago(user.age.min(300))), "mfa_active": user.mfa,
        "access_key_1_active": false, "access_key_2_active": false, "cert_1_active": false, "cert_2_active": false,
    });
    for (n, ((age, used), key)) in user.keys.iter().zip(&keys).enumerate() {
        if let Some(map) = row.as_object_mut() {
            let slot = n + 1;
            map.insert(format!("access_key_{slot}_active"), json!(true));
            map.insert(format!("access_key_{slot}_last_rotated"), json!(ago(*age)));
            map.insert(format!("access_key_{slot}_last_used_date"), json!(used.map(ago)));
            if used.is_some() {
                map.insert(format!("access_key_{slot}_last_used_region"), json!("eu-west-1"));
                map.insert(format!("access_key_{slot}_last_used_service"), json!("s3"));
            }
        }
        world.put_as(
            at,
            "aws.iam.access_key",
            key,
            None,
            "",
            &untagged(),
            json!({
                "user_name": user.name, "status": "Active", "create_date": ago(*age), "last_used_date": used.map(ago),
                "last_used_service": used.map(|_| "s3"), "last_used_region": used.map(|_| "eu-west-1"),
            }),
        );
    }
    world.put_as(
        at,
        "aws.iam.credential_report_row",
        user.name,
        Some(user_arn),
        user.name,
        &untagged(),
        row,
    );
    if user.mfa {
        device(world, at, &serial, user.name, "virtual");
    }
}

fn device(world: &mut World, at: At, serial: &str, name: &str, kind: &str) {
    let data =
        json!({"serial_number": serial, "user_name": name, "enable_date": ago(300), "kind": kind});
    let arn = serial.starts_with("arn:").then(|| serial.to_owned());
    world.put_as(at, "aws.iam.mfa_device", serial, arn, "", &untagged(), data);
}

fn group(
    world: &mut World,
    at: At,
    name: &str,
    users: &[&str],
    policies: &[&str],
    inlined: &[(&str, Value)],
) {
    let arn = arn(at, &format!("group/{name}"));
    let (list, arns) = attached(policies);
    world.put_as(
        at,
        "aws.iam.group",
        name,
        Some(arn.clone()),
        name,
        &untagged(),
        json!({
            "group_id": unique("AGPA", &arn), "path": "/", "create_date": ago(1200), "user_names": users,
            "inline_policies": inline(inlined), "attached_policies": list, "attached_policy_arns": arns,
        }),
    );
}

/// People sign in through the identity provider. What users are left are for emergencies, for machines, or a mistake.
#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
pub(super) fn people(world: &mut World, at: At) {
    let everything = || document(&[allow(&["*"], &["*"])]);
    match at.account {
        MANAGEMENT => {
            user(
                world,
                at,
                &User {
                    name: "break-glass-1",
                    password: Some(38),
                    mfa: true,
                    groups: &["emergency"],
                    ..User::default()
                },
            );
            user(
                world,
                at,
                &User {
                    name: "break-glass-2",
                    password: Some(40),
                    mfa: true,
                    groups: &["emergency"],
                    ..User::default()
                },
            );
            group(world, at, "emergency", &["break-glass-1", "break-glass-2"], &[READ_ONLY], &[]);
        }
        PRODUCTION => {
            user(
                world,
                at,
                &User {
                    name: "erp-export",
                    keys: &[(61, Some(1))],
                    services: &[("ec2", None), ("iam", None), ("s3", Some(1))],
                    groups: &["machines"],
                    ..User::default()
                },
            );
            user(
                world,
                at,
                &User {
                    name: "tax-reports",
                    keys: &[(212, Some(3))],
                    groups: &["machines"],
                    ..User::default()
                },
            );
            group(world, at, "machines", &["erp-export", "tax-reports"], &[READ_ONLY], &[]);
        }
        STAGING => {
            user(
                world,
                at,
                &User {
                    name: "payment-vendor",
                    keys: &[(30, Some(2)), (290, Some(9))],
                    groups: &["vendors"],
                    ..User::default()
                },
            );
            // Meant to let a bot look after its own policies; so it does.
            let own = arn(at, "user/release-bot");
            user(
                world,
                at,
                &User {
                    name: "release-bot",
                    keys: &[(42, Some(1))],
                    groups: &["bots"],
                    ..User::default()
                },
            );
            let policies = ["iam:ListAttachedUserPolicies", "iam:AttachUserPolicy"];
            let own_policies = document(&[allow(&policies, &[&own])]);
            group(world, at, "bots", &["release-bot"], &[], &[("own-policies", own_policies)]);
            group(world, at, "vendors", &["payment-vendor"], &[READ_ONLY], &[]);
            group(world, at, "testers-2023", &[], &[], &[]);
        }
        _ => {
            let setup = User {
                name: "jonas.weber",
                password: Some(3),
                mfa: true,
                keys: &[(400, Some(120))],
                age: 400,
                groups: &["developers"],
                ..User::default()
            };
            user(world, at, &setup);
            user(
                world,
                at,
                &User {
                    name: "marta.silva",
                    password: Some(88),
                    mfa: false,
                    groups: &["developers"],
                    attached: &[READ_ONLY],
                    ..User::default()
                },
            );
            user(
                world,
                at,
                &User {
                    name: "testuser",
                    keys: &[(700, None)],
                    inline: vec![("everything", everything())],
                    ..User::default()
                },
            );
            group(
                world,
                at,
                "developers",
                &["jonas.weber", "marta.silva"],
                &[READ_ONLY, SHELL],
                &[],
            );
            group(world, at, "administrators", &[], &[], &[("all", everything())]);
        }
    }
    root(world, at);
}

fn root(world: &mut World, at: At) {
    let dev = at.account == DEVELOPMENT;
    let recent = at.account == STAGING;
    let row = json!({
        "user": "<root_account>", "root": true, "generated_time": hours_ago(2), "user_creation_time": ago(2400),
        "password_enabled": true, "password_last_used": if recent { json!(ago(17)) } else { json!(ago(410)) },
        "mfa_active": !dev, "access_key_1_active": dev,
        "access_key_1_last_rotated": if dev { json!(ago(1900)) } else { Value::Null }, "access_key_2_active": false,
        "cert_1_active": false, "cert_2_active": false,
    });
    world.put_as(
        at,
        "aws.iam.credential_report_row",
        "<root_account>",
        Some(arn(at, "root")),
        "<root_account>",
        &untagged(),
        row,
    );
    if recent {
        device(world, at, &arn(at, "mfa/root-account-mfa-device"), "<root_account>", "virtual");
    }
}
