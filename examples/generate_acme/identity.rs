//! Identities: users, groups, roles, policies, and what IAM reports of them.

use serde_json::{Value, json};

use super::world::{
    At, DEVELOPMENT, MANAGEMENT, PLACES, PRODUCTION, STAGING, Tags, World, ago, allow, document,
    hours_ago, statement, tags, unique, untagged,
};

/// Adds the identities of every account.
pub fn build(world: &mut World) {
    for at in PLACES.into_iter().step_by(2).map(At::global) {
        managed_policies(world, at);
        own_policies(world, at);
        people(world, at);
        roles(world, at);
        providers(world, at);
        account(world, at);
    }
}

pub(super) fn arn(at: At, resource: &str) -> String {
    format!("arn:aws:iam::{}:{resource}", at.account)
}

fn owned(at: At) -> Tags {
    tags(at.env, "platform", "internal", &[])
}

fn policy(world: &mut World, at: At, arn: &str, attached: i64, statements: &[Value]) {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let aws = arn.contains("::aws:");
    let document = document(statements);
    world.put(
        at,
        "aws.iam.policy",
        arn,
        name,
        &if aws { untagged() } else { owned(at) },
        json!({
            "policy_name": name, "policy_id": unique("ANPA", arn), "path": if arn.contains("/job-function/") { "/job-function/" } else { "/" },
            "aws_managed": aws, "default_version_id": "v3", "document": document,
            "versions": [{"version_id": "v3", "is_default_version": true, "create_date": ago(260), "document": document}],
            "attachment_count": attached, "permissions_boundary_usage_count": 0, "is_attachable": true,
            "create_date": ago(1500), "update_date": ago(260),
        }),
    );
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const AUDIT: &str = "arn:aws:iam::aws:policy/SecurityAudit";
const SUPPORT: &str = "arn:aws:iam::aws:policy/AWSSupportAccess";
const SERVER: &str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const SHELL: &str = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";

/// Policies of AWS that are attached, shortened to what tells them apart.
fn managed_policies(world: &mut World, at: At) {
    policy(world, at, ADMIN, 1, &[allow(&["*"], &["*"])]);
    policy(
        world,
        at,
        READ_ONLY,
        1,
        &[allow(&["ec2:Describe*", "iam:Get*", "iam:List*", "s3:Get*", "s3:List*"], &["*"])],
    );
    policy(
        world,
        at,
        AUDIT,
        1,
        &[allow(
            &["ec2:Describe*", "iam:GenerateCredentialReport", "iam:Get*", "iam:List*"],
            &["*"],
        )],
    );
    policy(world, at, SUPPORT, 1, &[allow(&["support:*"], &["*"])]);
    policy(
        world,
        at,
        SERVER,
        1,
        &[allow(
            &[
                "ssm:UpdateInstanceInformation",
                "ssmmessages:OpenDataChannel",
                "ec2messages:GetMessages",
            ],
            &["*"],
        )],
    );
    if at.account == DEVELOPMENT || at.account == STAGING {
        let attached = i64::from(at.account == DEVELOPMENT);
        policy(world, at, SHELL, attached, &[allow(&["cloudshell:*"], &["*"])]);
    }
}

fn own_policies(world: &mut World, at: At) {
    let buckets = format!("arn:aws:s3:::acme-{}-assets/*", at.env);
    policy(
        world,
        at,
        &arn(at, "policy/shop-application"),
        1,
        &[
            allow(&["s3:GetObject", "s3:PutObject"], &[&buckets]),
            allow(
                &["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
                &[&format!("arn:aws:sqs:*:{}:orders", at.account)],
            ),
            allow(
                &["secretsmanager:GetSecretValue"],
                &[&format!("arn:aws:secretsmanager:*:{}:secret:shop/*", at.account)],
            ),
        ],
    );
    let pass: (&str, &str, &[&str]) =
        ("StringEquals", "iam:PassedToService", &["ec2.amazonaws.com"]);
    policy(
        world,
        at,
        &arn(at, "policy/acme-deploy"),
        1,
        &[
            allow(
                &[
                    "ec2:CreateLaunchTemplateVersion",
                    "ec2:ModifyLaunchTemplate",
                    "autoscaling:StartInstanceRefresh",
                ],
                &["*"],
            ),
            statement(
                "Allow",
                &["iam:PassRole"],
                &[&arn(at, "role/shop-application")],
                &[],
                &[pass],
            ),
        ],
    );
    policy(
        world,
        at,
        &arn(at, "policy/incident-containment"),
        1,
        &[
            allow(
                &[
                    "ec2:ModifyInstanceAttribute",
                    "ec2:CreateSnapshot",
                    "ec2:CreateTags",
                    "ssm:SendCommand",
                ],
                &["*"],
            ),
            allow(&["iam:UpdateAccessKey", "iam:ListAccessKeys"], &[&arn(at, "user/*")]),
        ],
    );
    policy(
        world,
        at,
        &arn(at, "policy/billing-readers"),
        0,
        &[allow(&["ce:Get*", "cur:Describe*"], &["*"])],
    );
    match at.account {
        STAGING => {
            // Meant for the test of the pipeline: whoever has it can make themselves anything.
            policy(
                world,
                at,
                &arn(at, "policy/pipeline-test"),
                1,
                &[
                    allow(
                        &["iam:CreatePolicyVersion", "iam:AttachRolePolicy", "iam:PassRole"],
                        &["*"],
                    ),
                    allow(&["lambda:*"], &["*"]),
                ],
            );
        }
        DEVELOPMENT => {
            policy(world, at, &arn(at, "policy/power-ops"), 1, &[allow(&["*"], &["*"])]);
            policy(
                world,
                at,
                &arn(at, "policy/key-tinkering"),
                1,
                &[allow(&["kms:*", "sts:*"], &["*"])],
            );
        }
        _ => {}
    }
}

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

/// The services that policies allow, and the days since each was used.
pub(super) type Services<'a> = &'a [(&'a str, Option<i64>)];

/// What IAM says about the use of services. The actions of S3 are told one by one.
fn accessed(services: Services<'_>) -> Value {
    let one = |(name, used): &(&str, Option<i64>)| {
        let actions = (*name == "s3").then(|| {
            json!([
                {"action_name": "CreateBucket", "last_accessed_time": null, "last_accessed_region": null},
                {"action_name": "ListAllMyBuckets", "last_accessed_time": used.map(ago), "last_accessed_region": used.map(|_| "eu-west-1")},
            ])
        });
        json!({
            "service_namespace": name, "last_authenticated": used.map(ago),
            "last_authenticated_region": used.map(|_| "eu-west-1"), "tracked_actions_last_accessed": actions,
        })
    };
    services.iter().map(one).collect()
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

fn attached(arns: &[&str]) -> (Value, Value) {
    let list: Vec<Value> = arns
        .iter()
        .map(|arn| json!({"policy_arn": arn, "policy_name": arn.rsplit('/').next().unwrap_or_default()}))
        .collect();
    (json!(list), json!(arns))
}

fn inline(list: &[(&str, Value)]) -> Value {
    list.iter().map(|(name, document)| json!({"policy_name": name, "document": document})).collect()
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
fn people(world: &mut World, at: At) {
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

pub(super) struct Role<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) trust: Vec<Value>,
    pub(super) attached: &'a [&'a str],
    pub(super) inline: Vec<(&'a str, Value)>,
    pub(super) used: Option<i64>,
    pub(super) hours: i64,
    pub(super) about: &'a str,
    pub(super) profile: bool,
    pub(super) services: Services<'a>,
}

impl Default for Role<'_> {
    fn default() -> Self {
        Self {
            name: "",
            path: "/",
            trust: vec![],
            attached: &[],
            inline: vec![],
            used: Some(1),
            hours: 1,
            about: "",
            profile: false,
            services: &[("ec2", Some(1)), ("iam", Some(6)), ("s3", Some(2))],
        }
    }
}

pub(super) fn role(world: &mut World, at: At, role: &Role<'_>) {
    let full = format!("{}{}", role.path.trim_start_matches('/'), role.name);
    let role_arn = arn(at, &format!("role/{full}"));
    let (policies, arns) = attached(role.attached);
    let profile = arn(at, &format!("instance-profile/{}", role.name));
    let linked = role.path.starts_with("/aws-service-role/");
    world.put_as(
        at,
        "aws.iam.role",
        role.name,
        Some(role_arn.clone()),
        role.name,
        &if linked { untagged() } else { owned(at) },
        json!({
            "role_id": unique("AROA", &role_arn), "path": role.path, "create_date": ago(820),
            "description": if role.about.is_empty() { Value::Null } else { json!(role.about) },
            "assume_role_policy_document": document(&role.trust), "max_session_duration": role.hours * 3600,
            "last_used_date": role.used.map(ago), "last_used_region": role.used.map(|_| "eu-west-1"),
            "service_linked": linked, "inline_policies": inline(&role.inline), "attached_policies": policies,
            "attached_policy_arns": arns, "instance_profile_arns": if role.profile { json!([profile]) } else { json!([]) },
            "services_last_accessed": accessed(role.services), "services_last_accessed_date": hours_ago(3),
        }),
    );
    if role.profile {
        let data = json!({
            "instance_profile_id": unique("AIPA", &profile), "path": "/", "create_date": ago(820),
            "role_names": [role.name], "role_arns": [role_arn],
        });
        world.put_as(
            at,
            "aws.iam.instance_profile",
            role.name,
            Some(profile),
            role.name,
            &owned(at),
            data,
        );
    }
}

pub(super) fn trust(kind: &str, value: &str, conditions: &[(&str, &str, &[&str])]) -> Value {
    let action = if kind == "Federated" && value.contains("saml") {
        "sts:AssumeRoleWithSAML"
    } else if kind == "Federated" {
        "sts:AssumeRoleWithWebIdentity"
    } else {
        "sts:AssumeRole"
    };
    statement("Allow", &[action], &[], &[(kind, value)], conditions)
}

#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn roles(world: &mut World, at: At) {
    let security = format!("arn:aws:iam::{MANAGEMENT}:role/security-tooling");
    let saml = arn(at, "saml-provider/AWSSSO_acme_DO_NOT_DELETE");
    let sso = "/aws-reserved/sso.amazonaws.com/eu-west-1/";
    let signed_in: [(&str, &str, &[&str]); 1] =
        [("StringEquals", "SAML:aud", &["https://signin.aws.amazon.com/saml"])];
    let source: [(&str, &str, &[&str]); 1] = [("StringEquals", "aws:SourceAccount", &[at.account])];
    if at.account != DEVELOPMENT {
        for (name, policy, hours) in [
            ("AWSReservedSSO_AdministratorAccess_1f00ba4c", ADMIN, 1),
            ("AWSReservedSSO_ReadOnlyAccess_2f00ba4c", READ_ONLY, 8),
        ] {
            role(
                world,
                at,
                &Role {
                    name,
                    path: sso,
                    trust: vec![trust("Federated", &saml, &signed_in)],
                    attached: &[policy],
                    hours,
                    ..Role::default()
                },
            );
        }
        role(
            world,
            at,
            &Role {
                name: "incident-responder",
                about: "Containment and evidence, see the response plan",
                trust: vec![trust("AWS", &security, &[])],
                attached: &[AUDIT, &arn(at, "policy/incident-containment")],
                used: Some(26),
                ..Role::default()
            },
        );
        role(
            world,
            at,
            &Role {
                name: "security-audit",
                trust: vec![trust("AWS", &security, &[])],
                attached: &[AUDIT],
                ..Role::default()
            },
        );
        role(
            world,
            at,
            &Role {
                name: "support-cases",
                trust: vec![trust("Federated", &saml, &signed_in)],
                attached: &[SUPPORT],
                used: Some(12),
                ..Role::default()
            },
        );
        role(
            world,
            at,
            &Role {
                name: "break-glass",
                about: "Emergencies; alarmed",
                trust: vec![trust(
                    "AWS",
                    &format!("arn:aws:iam::{MANAGEMENT}:user/break-glass-1"),
                    &[],
                )],
                attached: &[READ_ONLY],
                used: Some(39),
                ..Role::default()
            },
        );
    }
    let server = format!("{}-server", at.env);
    role(
        world,
        at,
        &Role {
            name: &server,
            services: &[
                ("ec2messages", Some(1)),
                ("s3", Some(1)),
                ("secretsmanager", None),
                ("sqs", Some(1)),
                ("ssm", Some(1)),
                ("ssmmessages", Some(200)),
            ],
            trust: vec![trust("Service", "ec2.amazonaws.com", &[])],
            attached: &[SERVER, &arn(at, "policy/shop-application")],
            profile: true,
            ..Role::default()
        },
    );
    role(
        world,
        at,
        &Role {
            name: "flow-logs",
            trust: vec![trust(
                "Service",
                "vpc-flow-logs.amazonaws.com",
                if at.account == DEVELOPMENT { &[] } else { &source },
            )],
            used: Some(1),
            ..Role::default()
        },
    );
    role(
        world,
        at,
        &Role {
            name: "AWSServiceRoleForAutoScaling",
            path: "/aws-service-role/autoscaling.amazonaws.com/",
            trust: vec![trust("Service", "autoscaling.amazonaws.com", &[])],
            ..Role::default()
        },
    );
    role(
        world,
        at,
        &Role {
            name: "AWSServiceRoleForAmazonSSM",
            path: "/aws-service-role/ssm.amazonaws.com/",
            trust: vec![trust("Service", "ssm.amazonaws.com", &[])],
            ..Role::default()
        },
    );
    pipeline(world, at);
    partners(world, at);
    super::trust::roles(world, at);
}

/// What deploys: bound to one repository in tidy accounts.
fn pipeline(world: &mut World, at: At) {
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
fn partners(world: &mut World, at: At) {
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

fn providers(world: &mut World, at: At) {
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

/// What an account decides as a whole.
fn account(world: &mut World, at: At) {
    let count = |kind: &str| {
        let here = |r: &&portcullis::model::Resource| {
            r.kind().name == kind && r.meta.account.as_str() == at.account
        };
        world.resources.iter().filter(here).count()
    };
    let dev = at.account == DEVELOPMENT;
    let (users, groups, roles) =
        (count("aws.iam.user"), count("aws.iam.group"), count("aws.iam.role"));
    let (profiles, devices) = (count("aws.iam.instance_profile"), count("aws.iam.mfa_device"));
    let certificates = count("aws.iam.server_certificate");
    let providers = count("aws.iam.saml_provider") + count("aws.iam.oidc_provider");
    let policies = world
        .resources
        .iter()
        .filter(|r| {
            r.kind().name == "aws.iam.policy"
                && r.meta.account.as_str() == at.account
                && !r.meta.id.contains("::aws:")
        })
        .count();
    let mut data = json!({
        "account_mfa_enabled": !dev, "account_access_keys_present": dev, "account_password_present": true,
        "account_signing_certificates_present": false, "users": users, "groups": groups, "roles": roles,
        "policies": policies, "instance_profiles": profiles, "server_certificates": certificates, "providers": providers,
        "mfa_devices": devices, "mfa_devices_in_use": devices, "global_endpoint_token_version": 2,
        "entries": {"Users": users, "UsersQuota": 5000, "Roles": roles, "RolesQuota": 1000},
    });
    let central = at.account == MANAGEMENT;
    if let Some(map) = data.as_object_mut().filter(|_| central) {
        map.insert("root_credentials_management_enabled".to_owned(), json!(true));
        map.insert("root_sessions_enabled".to_owned(), json!(false));
    }
    world.put(at, "aws.iam.account_summary", at.account, "", &untagged(), data);
    let policy = if dev {
        json!({
            "exists": false, "minimum_password_length": 8, "require_symbols": false, "require_numbers": false,
            "require_uppercase_characters": false, "require_lowercase_characters": false,
            "allow_users_to_change_password": false, "expire_passwords": false,
        })
    } else {
        json!({
            "exists": true, "minimum_password_length": 16, "require_symbols": true, "require_numbers": true,
            "require_uppercase_characters": true, "require_lowercase_characters": true,
            "allow_users_to_change_password": true, "expire_passwords": false,
            "password_reuse_prevention": if at.account == STAGING { 5 } else { 24 }, "hard_expiry": false,
        })
    };
    world.put(at, "aws.iam.password_policy", at.account, "", &untagged(), policy);
    let caller = format!("arn:aws:sts::{}:assumed-role/security-audit/portcullis", at.account);
    world.put(
        at,
        "aws.sts.caller_identity",
        &caller,
        "",
        &untagged(),
        json!({"principal_arn": caller}),
    );
}
