//! Identities: users, groups, roles, policies, and what IAM reports of them.

use serde_json::{Value, json};

use super::world::{
    At, DEVELOPMENT, MANAGEMENT, PLACES, STAGING, Tags, World, ago, allow, document, hours_ago,
    statement, tags, unique, untagged,
};

/// Adds the identities of every account.
pub fn build(world: &mut World) {
    for at in PLACES.into_iter().step_by(2).map(At::global) {
        managed_policies(world, at);
        own_policies(world, at);
        super::people::people(world, at);
        roles(world, at);
        super::outsiders::providers(world, at);
        account(world, at);
    }
}

pub(super) fn arn(at: At, resource: &str) -> String {
    format!("arn:aws:iam::{}:{resource}", at.account)
}

pub(super) fn owned(at: At) -> Tags {
    tags(at.env, "platform", "internal", &[])
}

pub(super) fn policy(world: &mut World, at: At, arn: &str, attached: i64, statements: &[Value]) {
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

pub(super) const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
pub(super) const AUDIT: &str = "arn:aws:iam::aws:policy/SecurityAudit";
pub(super) const SUPPORT: &str = "arn:aws:iam::aws:policy/AWSSupportAccess";
pub(super) const SERVER: &str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
pub(super) const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
pub(super) const SHELL: &str = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";

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

/// The services that policies allow, and the days since each was used.
pub(super) type Services<'a> = &'a [(&'a str, Option<i64>)];

/// What IAM says about the use of services. The actions of S3 are told one by one.
pub(super) fn accessed(services: Services<'_>) -> Value {
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

pub(super) fn attached(arns: &[&str]) -> (Value, Value) {
    let list: Vec<Value> = arns
        .iter()
        .map(|arn| json!({"policy_arn": arn, "policy_name": arn.rsplit('/').next().unwrap_or_default()}))
        .collect();
    (json!(list), json!(arns))
}

pub(super) fn inline(list: &[(&str, Value)]) -> Value {
    list.iter().map(|(name, document)| json!({"policy_name": name, "document": document})).collect()
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
    super::outsiders::pipeline(world, at);
    super::outsiders::partners(world, at);
    super::trust::roles(world, at);
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
