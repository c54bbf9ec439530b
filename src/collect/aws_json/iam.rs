//! Answers of IAM and STS.

mod complete;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Spec, Tags, no_fix};
use crate::collect::normal;
use crate::model::attr::CauseKind;
use crate::model::coverage::Completeness;
use crate::model::iam::ServiceLastAccessed;
use crate::model::iam_account::PasswordPolicy;

pub(super) use complete::complete;

const USER: &str = "aws.iam.user";
const ROLE: &str = "aws.iam.role";
const POLICY: &str = "aws.iam.policy";
const PROFILE: &str = "aws.iam.instance_profile";
const KEY: &str = "aws.iam.access_key";
const ROW: &str = "aws.iam.credential_report_row";
const DETAILS: &str = "iam:GetAccountAuthorizationDetails";
const ACCESSED: &str = "iam:GetServiceLastAccessedDetails";

pub(super) const FORMS: &[Form] = &[
    Form::list("UserDetailList", DETAILS, &USER_DETAIL),
    Form::list("GroupDetailList", DETAILS, &GROUP_DETAIL),
    Form::answer("RoleDetailList", DETAILS, &[ROLE], role_details).arn("Arn"),
    Form::list("Policies", DETAILS, &POLICY_DETAIL).has(&["PolicyVersionList"]),
    Form::list("Policies", "iam:ListPolicies", &POLICY_SUMMARY).has(&["DefaultVersionId"]),
    Form::list("Users", "iam:ListUsers", &USER_SUMMARY).has(&["UserId"]),
    Form::list("Roles", "iam:ListRoles", &ROLE_SUMMARY).has(&["RoleId"]),
    Form::list("Groups", "iam:ListGroups", &GROUP_SUMMARY).has(&["GroupId^AGPA", "Path"]),
    Form::later("User", "iam:GetUser", one_user).has(&["UserId"]),
    Form::later("Role", "iam:GetRole", one_role).has(&["RoleId"]),
    Form::later("Policy", "iam:GetPolicy", one_policy).has(&["DefaultVersionId"]),
    Form::later("PolicyVersion", "iam:GetPolicyVersion", policy_version).has(&["VersionId"]),
    Form::list("InstanceProfiles", "iam:ListInstanceProfiles", &INSTANCE_PROFILE)
        .has(&["InstanceProfileId"]),
    Form::later("ServicesLastAccessed", ACCESSED, last_accessed),
    Form::ignore("JobId"),
    Form::later("LoginProfile", "iam:GetLoginProfile", login_profile),
    Form::later("MFADevices", "iam:ListMFADevices", user_devices),
    Form::answer(
        "VirtualMFADevices",
        "iam:ListVirtualMFADevices",
        &["aws.iam.mfa_device"],
        virtual_devices,
    )
    .part("iam:ListVirtualMFADevices lists no hardware devices and passkeys"),
    Form::answer("AccessKeyMetadata", "iam:ListAccessKeys", &[KEY], access_keys),
    Form::later("AccessKeyLastUsed", "iam:GetAccessKeyLastUsed", key_last_used),
    Form::answer("SummaryMap", "iam:GetAccountSummary", &["aws.iam.account_summary"], summary),
    Form::later("EnabledFeatures", "iam:ListOrganizationsFeatures", features)
        .has(&["/OrganizationId"]),
    Form::answer(
        "PasswordPolicy",
        "iam:GetAccountPasswordPolicy",
        &["aws.iam.password_policy"],
        password_policy,
    ),
    Form::answer("ReportFormat", "iam:GetCredentialReport", &[ROW], credential_report)
        .has(&["/Content"]),
    Form::answer(
        "OpenIDConnectProviderList",
        "iam:ListOpenIDConnectProviders",
        &["aws.iam.oidc_provider"],
        oidc_providers,
    )
    .arn("Arn"),
    Form::later("ClientIDList", "iam:GetOpenIDConnectProvider", oidc_provider),
    Form::list("SAMLProviderList", "iam:ListSAMLProviders", &SAML_PROVIDER),
    Form::later("SAMLMetadataDocument", "iam:GetSAMLProvider", saml_provider),
    Form::list("ServerCertificateMetadataList", "iam:ListServerCertificates", &SERVER_CERTIFICATE),
    Form::answer("UserId", "sts:GetCallerIdentity", &["aws.sts.caller_identity"], caller)
        .has(&["/Account"]),
];

/// What one finds in every answer about users, groups and roles.
const fn entity(kind: &'static str, name: &'static str, from: &'static [reshape::From]) -> Spec {
    Spec { kind, id: name, arn: "Arn", name, tags: Tags::Inside, from, apart: &[], fix: no_fix }
}

static USER_DETAIL: Spec = Spec {
    apart: &[
        ("password_last_used", "iam:ListUsers"),
        ("login_profile_exists", "iam:GetLoginProfile"),
        ("mfa_serial_numbers", "iam:ListMFADevices"),
        ("access_key_ids", "iam:ListAccessKeys"),
        ("services_last_accessed", ACCESSED),
        ("services_last_accessed_date", ACCESSED),
    ],
    ..entity(
        USER,
        "UserName",
        &[
            ("group_names", "GroupList"),
            ("inline_policies", "UserPolicyList"),
            ("inline_policies.document", "PolicyDocument"),
            ("attached_policies", "AttachedManagedPolicies"),
            ("attached_policy_arns", "AttachedManagedPolicies[].PolicyArn"),
            ("permissions_boundary_arn", "PermissionsBoundary.PermissionsBoundaryArn"),
        ],
    )
};

static USER_SUMMARY: Spec = Spec {
    tags: Tags::Apart(DETAILS),
    apart: &[
        ("login_profile_exists", "iam:GetLoginProfile"),
        ("group_names", DETAILS),
        ("inline_policies", DETAILS),
        ("attached_policies", DETAILS),
        ("attached_policy_arns", DETAILS),
        ("permissions_boundary_arn", DETAILS),
        ("mfa_serial_numbers", "iam:ListMFADevices"),
        ("access_key_ids", "iam:ListAccessKeys"),
        ("services_last_accessed", ACCESSED),
        ("services_last_accessed_date", ACCESSED),
    ],
    ..entity(USER, "UserName", &[])
};

static GROUP_DETAIL: Spec = Spec {
    tags: Tags::Never,
    // Members stand on the users; they are gathered once all users are read.
    apart: &[("user_names", DETAILS)],
    ..entity(
        "aws.iam.group",
        "GroupName",
        &[
            ("inline_policies", "GroupPolicyList"),
            ("inline_policies.document", "PolicyDocument"),
            ("attached_policies", "AttachedManagedPolicies"),
            ("attached_policy_arns", "AttachedManagedPolicies[].PolicyArn"),
        ],
    )
};

static GROUP_SUMMARY: Spec = Spec {
    tags: Tags::Never,
    apart: &[
        ("user_names", DETAILS),
        ("inline_policies", DETAILS),
        ("attached_policies", DETAILS),
        ("attached_policy_arns", DETAILS),
    ],
    ..entity("aws.iam.group", "GroupName", &[])
};

static ROLE_DETAIL: Spec = Spec {
    apart: &[
        ("description", "iam:ListRoles"),
        ("max_session_duration", "iam:ListRoles"),
        ("services_last_accessed", ACCESSED),
        ("services_last_accessed_date", ACCESSED),
    ],
    fix: service_linked,
    ..entity(
        ROLE,
        "RoleName",
        &[
            ("last_used_date", "RoleLastUsed.LastUsedDate"),
            ("last_used_region", "RoleLastUsed.Region"),
            ("instance_profile_arns", "InstanceProfileList[].Arn"),
            ("inline_policies", "RolePolicyList"),
            ("inline_policies.document", "PolicyDocument"),
            ("attached_policies", "AttachedManagedPolicies"),
            ("attached_policy_arns", "AttachedManagedPolicies[].PolicyArn"),
            ("permissions_boundary_arn", "PermissionsBoundary.PermissionsBoundaryArn"),
        ],
    )
};

static ROLE_SUMMARY: Spec = Spec {
    tags: Tags::Apart(DETAILS),
    apart: &[
        ("last_used_date", DETAILS),
        ("last_used_region", DETAILS),
        ("instance_profile_arns", DETAILS),
        ("inline_policies", DETAILS),
        ("attached_policies", DETAILS),
        ("attached_policy_arns", DETAILS),
        ("permissions_boundary_arn", DETAILS),
        ("services_last_accessed", ACCESSED),
        ("services_last_accessed_date", ACCESSED),
    ],
    fix: service_linked,
    ..entity(ROLE, "RoleName", &[])
};

static ROLE_ALONE: Spec = Spec {
    apart: &[
        ("instance_profile_arns", DETAILS),
        ("inline_policies", DETAILS),
        ("attached_policies", DETAILS),
        ("attached_policy_arns", DETAILS),
        ("services_last_accessed", ACCESSED),
        ("services_last_accessed_date", ACCESSED),
    ],
    fix: service_linked,
    ..entity(
        ROLE,
        "RoleName",
        &[
            ("last_used_date", "RoleLastUsed.LastUsedDate"),
            ("last_used_region", "RoleLastUsed.Region"),
            ("permissions_boundary_arn", "PermissionsBoundary.PermissionsBoundaryArn"),
        ],
    )
};

static POLICY_DETAIL: Spec = Spec {
    tags: Tags::Apart("iam:ListPolicyTags"),
    name: "PolicyName",
    fix: managed_policy,
    ..entity(POLICY, "Arn", &[("versions", "PolicyVersionList"), ("document", "=made by hand")])
};

static POLICY_SUMMARY: Spec = Spec {
    tags: Tags::Apart("iam:GetPolicy"),
    name: "PolicyName",
    apart: &[("document", DETAILS), ("versions", DETAILS), ("description", "iam:GetPolicy")],
    fix: managed_policy,
    ..entity(POLICY, "Arn", &[])
};

static POLICY_ALONE: Spec = Spec {
    name: "PolicyName",
    apart: &[("document", DETAILS), ("versions", DETAILS)],
    fix: managed_policy,
    ..entity(POLICY, "Arn", &[])
};

static INSTANCE_PROFILE: Spec = Spec {
    tags: Tags::Inside,
    ..entity(
        PROFILE,
        "InstanceProfileName",
        &[("role_names", "Roles[].RoleName"), ("role_arns", "Roles[].Arn")],
    )
};

static SAML_PROVIDER: Spec = Spec {
    kind: "aws.iam.saml_provider",
    id: "Arn",
    arn: "Arn",
    name: "",
    tags: Tags::Apart("iam:GetSAMLProvider"),
    from: &[],
    apart: &[
        ("assertion_encryption_mode", "iam:GetSAMLProvider"),
        ("private_key_count", "iam:GetSAMLProvider"),
    ],
    fix: no_fix,
};

static SERVER_CERTIFICATE: Spec = Spec {
    tags: Tags::Apart("iam:GetServerCertificate"),
    ..entity("aws.iam.server_certificate", "ServerCertificateName", &[])
};

fn service_linked(item: &Value, fields: &mut Map<String, Value>) {
    if let Some(path) = text(item, "Path") {
        fields.insert("service_linked".to_owned(), json!(path.starts_with("/aws-service-role/")));
    }
}

fn managed_policy(item: &Value, fields: &mut Map<String, Value>) {
    let arn = text(item, "Arn").unwrap_or_default();
    let aws = arn.split(':').nth(4) == Some("aws");
    fields.insert("aws_managed".to_owned(), Value::Bool(aws));
    fields.remove("document");
    let default = list(item, "PolicyVersionList")
        .iter()
        .find(|version| version.get("IsDefaultVersion") == Some(&Value::Bool(true)));
    if let Some(document) = default.and_then(|version| version.get("Document")) {
        fields.insert("document".to_owned(), reshape::policy(document));
    }
}

fn role_details(scene: &mut Scene<'_>, answer: &Value) {
    let roles = list(answer, "RoleDetailList");
    for role in roles {
        scene.put(&ROLE_DETAIL, role);
        for profile in list(role, "InstanceProfileList") {
            // A profile holds one role: the one it is listed under, where the dump does not say.
            if list(profile, "Roles").is_empty() {
                let mut named = profile.clone();
                if let Some(map) = named.as_object_mut() {
                    let one = json!({ "RoleName": role.get("RoleName"), "Arn": role.get("Arn") });
                    map.insert("Roles".to_owned(), json!([one]));
                }
                scene.put(&INSTANCE_PROFILE, &named);
            } else {
                scene.put(&INSTANCE_PROFILE, profile);
            }
        }
    }
    let why = "iam:GetAccountAuthorizationDetails lists no profiles without a role";
    let place = scene.place.clone();
    scene.store.cover(PROFILE, &place, Completeness::Partial, Some(why.to_owned()), false);
}

fn one_user(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(user) = answer.get("User") {
        only_if_listed(scene, USER, "UserName", user, &USER_SUMMARY);
    }
}

fn one_role(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(role) = answer.get("Role") {
        only_if_listed(scene, ROLE, "RoleName", role, &ROLE_ALONE);
    }
}

fn one_policy(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(policy) = answer.get("Policy") {
        only_if_listed(scene, POLICY, "Arn", policy, &POLICY_ALONE);
    }
}

/// A resource by itself adds to what a list has; by itself it is a part of an unknown whole.
fn only_if_listed(scene: &mut Scene<'_>, kind: &'static str, id: &str, item: &Value, spec: &Spec) {
    scene.put(spec, item);
    let _ = id;
    let place = scene.place.clone();
    let why = format!("only single ones were asked for, with {}", scene.call);
    scene.store.cover(kind, &place, Completeness::Partial, Some(why), false);
}

fn policy_version(scene: &mut Scene<'_>, answer: &Value) {
    let Some(version) = answer.get("PolicyVersion") else { return };
    let Some(id) = scene.about(POLICY, answer, &["PolicyArn", "Arn"]) else { return };
    let number = text(version, "VersionId").unwrap_or_default();
    let Some(draft) = scene.part(POLICY, &id) else { return };
    let default = version.get("IsDefaultVersion") == Some(&Value::Bool(true))
        || draft.text("default_version_id") == Some(&number);
    if let (true, Some(document)) = (default, version.get("Document")) {
        draft.set("document", reshape::policy(document));
    }
}

/// The answer names nobody: an `Arn` beside it, the manifest or the file's name does. Reports about groups and policies
/// are passed over.
fn last_accessed(scene: &mut Scene<'_>, answer: &Value) {
    let arn = text(answer, "Arn").or_else(|| scene.subject.clone());
    let found = match arn.as_deref().and_then(|arn| arn.split_once(":iam::")?.1.split_once(':')) {
        Some((_, rest)) => match rest.split_once('/') {
            Some(("user", path)) => {
                Some((USER, path.rsplit('/').next().unwrap_or(path).to_owned()))
            }
            Some(("role", path)) => {
                Some((ROLE, path.rsplit('/').next().unwrap_or(path).to_owned()))
            }
            _ => return,
        },
        None => match (scene.named(USER), scene.named(ROLE)) {
            (Some(user), None) => Some((USER, user)),
            (None, Some(role)) => Some((ROLE, role)),
            _ => None,
        },
    };
    let Some((kind, name)) = found else {
        return scene.note_no_subject();
    };
    let finished = text(answer, "JobStatus").as_deref() == Some("COMPLETED");
    let made = match super::cut_off(answer) {
        Some(why) => reshape::unknown(CauseKind::Failed, why),
        None if !finished => {
            reshape::unknown(CauseKind::Failed, "the report was not finished when it was read")
        }
        None => list(answer, "ServicesLastAccessed")
            .iter()
            .map(|item| {
                let plan = reshape::Plan { from: &[], skip: &[] };
                Value::Object(reshape::fields(ServiceLastAccessed::SHAPE, item, plan))
            })
            .collect(),
    };
    let date = time(answer.get("JobCompletionDate"));
    if let Some(draft) = scene.part(kind, &name) {
        match draft.fields.get_mut("services_last_accessed").and_then(Value::as_array_mut) {
            // Another page of the same report.
            Some(have) => have.extend(made.as_array().cloned().unwrap_or_default()),
            None => draft.set("services_last_accessed", made),
        }
        draft.set("services_last_accessed_date", date);
    }
}

fn login_profile(scene: &mut Scene<'_>, answer: &Value) {
    let name = answer.get("LoginProfile").and_then(|profile| text(profile, "UserName"));
    if let Some(draft) = name.and_then(|name| scene.part(USER, &name)) {
        draft.set("login_profile_exists", Value::Bool(true));
    }
}

fn user_devices(scene: &mut Scene<'_>, answer: &Value) {
    let devices = list(answer, "MFADevices");
    let name = devices.iter().find_map(|d| text(d, "UserName"));
    let Some(user) = name.or_else(|| scene.about(USER, answer, &["UserName"])) else { return };
    let serials: Vec<String> = devices.iter().filter_map(|d| text(d, "SerialNumber")).collect();
    for device in devices {
        device_of(scene, device, Some(&user));
    }
    if let Some(draft) = scene.part(USER, &user) {
        draft.set("mfa_serial_numbers", json!(serials));
    }
    let place = scene.place.clone();
    let why = "devices of single users only".to_owned();
    scene.store.cover("aws.iam.mfa_device", &place, Completeness::Partial, Some(why), false);
}

fn virtual_devices(scene: &mut Scene<'_>, answer: &Value) {
    for device in list(answer, "VirtualMFADevices") {
        let arn = text(device, "User.Arn").unwrap_or_default();
        let user = if arn.ends_with(":root") {
            Some("<root_account>".to_owned())
        } else {
            text(device, "User.UserName")
        };
        device_of(scene, device, user.as_deref());
    }
}

fn device_of(scene: &mut Scene<'_>, device: &Value, user: Option<&str>) {
    static SPEC: Spec = Spec {
        kind: "aws.iam.mfa_device",
        id: "SerialNumber",
        arn: "",
        name: "",
        tags: Tags::Apart("iam:ListMFADeviceTags"),
        from: &[("user_name", "=made by hand"), ("kind", "=made by hand")],
        apart: &[],
        fix: no_fix,
    };
    let Some(serial) = text(device, "SerialNumber") else { return };
    if let Some(draft) = scene.put(&SPEC, device) {
        draft.fields.insert("user_name".to_owned(), json!(user));
        draft.fields.insert("kind".to_owned(), json!(normal::mfa_kind(&serial)));
        draft.arn = serial.starts_with("arn:").then_some(serial);
    }
}

fn access_keys(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: KEY,
        id: "AccessKeyId",
        arn: "",
        name: "",
        tags: Tags::Never,
        from: &[],
        apart: &[
            ("last_used_date", "iam:GetAccessKeyLastUsed"),
            ("last_used_service", "iam:GetAccessKeyLastUsed"),
            ("last_used_region", "iam:GetAccessKeyLastUsed"),
        ],
        fix: no_fix,
    };
    let mut by_user: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in list(answer, "AccessKeyMetadata") {
        scene.put(&SPEC, item);
        if let (Some(user), Some(id)) = (text(item, "UserName"), text(item, "AccessKeyId")) {
            by_user.entry(user).or_default().push(id);
        }
    }
    for (user, ids) in by_user {
        if let Some(draft) = scene.part(USER, &user) {
            draft.set("access_key_ids", json!(ids));
        }
    }
}

/// The answer names the user, not the key: it is certain only for users with one key, or by the file's name.
fn key_last_used(scene: &mut Scene<'_>, answer: &Value) {
    let user = text(answer, "UserName").unwrap_or_default();
    let keys: Vec<String> = scene
        .store
        .drafts
        .iter()
        .filter(|(key, draft)| {
            key.kind == KEY
                && key.account == scene.place.account
                && draft.text("user_name") == Some(&user)
        })
        .map(|(key, _)| key.id.clone())
        .collect();
    let id = match keys.as_slice() {
        [one] => Some(one.clone()),
        _ => scene.about(KEY, answer, &["AccessKeyId"]),
    };
    let Some(draft) = id.and_then(|id| scene.part(KEY, &id)) else { return };
    let last = answer.get("AccessKeyLastUsed").cloned().unwrap_or_default();
    let date = match last.get("LastUsedDate") {
        Some(Value::String(date)) => normal::time(date).map_or(Value::Null, |time| json!(time)),
        Some(Value::Number(date)) => {
            date.as_f64().and_then(normal::time_from_epoch).map_or(Value::Null, |time| json!(time))
        }
        _ => Value::Null,
    };
    draft.set("last_used_date", date);
    let word = |key: &str| json!(text(&last, key).filter(|word| word != "N/A"));
    draft.set("last_used_service", word("ServiceName"));
    draft.set("last_used_region", word("Region"));
}

fn single(kind: &'static str, from: &'static [reshape::From]) -> Spec {
    Spec {
        kind,
        id: "Portcullis",
        arn: "",
        name: "",
        tags: Tags::Never,
        from,
        apart: &[],
        fix: no_fix,
    }
}

/// Reads what there is once per account; its id is the account's.
fn once(scene: &mut Scene<'_>, spec: &Spec, value: &Value) {
    let mut value = value.clone();
    if let Some(map) = value.as_object_mut() {
        map.insert("Portcullis".to_owned(), json!(scene.place.account));
        scene.put(spec, &value);
    }
}

fn summary(scene: &mut Scene<'_>, answer: &Value) {
    let mut spec = single("aws.iam.account_summary", &[]);
    spec.apart = &[
        ("root_credentials_management_enabled", "iam:ListOrganizationsFeatures"),
        ("root_sessions_enabled", "iam:ListOrganizationsFeatures"),
        ("entries", "iam:GetAccountSummary"),
    ];
    let map = answer.get("SummaryMap").cloned().unwrap_or_default();
    once(scene, &spec, &map);
    let account = scene.place.account.as_str().to_owned();
    if let Some(draft) = scene.part("aws.iam.account_summary", &account) {
        draft.set("entries", map);
    }
}

fn features(scene: &mut Scene<'_>, answer: &Value) {
    let account = scene.place.account.as_str().to_owned();
    let on = |name: &str| list(answer, "EnabledFeatures").iter().any(|f| f.as_str() == Some(name));
    if let Some(draft) = scene.part("aws.iam.account_summary", &account) {
        draft.set("root_credentials_management_enabled", json!(on("RootCredentialsManagement")));
        draft.set("root_sessions_enabled", json!(on("RootSessions")));
    }
}

fn password_policy(scene: &mut Scene<'_>, answer: &Value) {
    let spec = single("aws.iam.password_policy", &[("exists", "Exists")]);
    let mut policy = answer.get("PasswordPolicy").cloned().unwrap_or_default();
    if let Some(map) = policy.as_object_mut() {
        map.insert("Exists".to_owned(), Value::Bool(true));
    }
    once(scene, &spec, &policy);
}

/// The account has no password policy of its own: what the error `NoSuchEntity` means.
pub(super) fn no_password_policy(scene: &mut Scene<'_>) {
    let spec = single("aws.iam.password_policy", &[]);
    let policy: PasswordPolicy = normal::default_password_policy();
    let account = scene.place.account.as_str().to_owned();
    once(scene, &spec, &json!({}));
    if let Some(draft) = scene.part("aws.iam.password_policy", &account)
        && let Ok(Value::Object(map)) = serde_json::to_value(&policy)
    {
        draft.fields.extend(map);
    }
    scene.cover("aws.iam.password_policy", Completeness::Complete, None);
}

/// The user has no password: what the error `NoSuchEntity` means.
pub(super) fn no_login_profile(scene: &mut Scene<'_>, user: &str) {
    if let Some(draft) = scene.part(USER, user) {
        draft.set("login_profile_exists", Value::Bool(false));
    }
}

fn credential_report(scene: &mut Scene<'_>, answer: &Value) {
    let content = text(answer, "Content").unwrap_or_default();
    let generated = match answer.get("GeneratedTime") {
        Some(Value::String(text)) => normal::time(text),
        Some(Value::Number(number)) => number.as_f64().and_then(normal::time_from_epoch),
        _ => None,
    };
    let decoded = if content.starts_with("user,arn,") {
        Some(content)
    } else {
        normal::decode_base64(&content).and_then(|bytes| String::from_utf8(bytes).ok())
    };
    if let Some(csv) = decoded {
        report(scene, &csv, generated);
    } else {
        let reason = "the report is not Base64".to_owned();
        scene.cover(ROW, Completeness::Failed, Some(reason));
    }
}

/// Reads the report itself, as `Content` or as a file of its own.
pub(super) fn report(scene: &mut Scene<'_>, csv: &str, generated: Option<crate::clock::Time>) {
    let rows = match normal::credential_report(csv, generated) {
        Ok(rows) => rows,
        Err(why) => {
            scene.store.note("aws-json/credential-report", format!("{}: {why}", scene.file));
            return scene.cover(ROW, Completeness::Failed, Some(why));
        }
    };
    for (arn, row) in rows {
        let Some(user) = row.user.known().cloned() else { continue };
        let keys = normal::access_keys(&row);
        if let Some(draft) = scene.part(ROW, &user) {
            draft.set_all(&row);
            draft.arn = Some(arn);
            draft.name = Some(user.clone());
            draft.tags = Some(BTreeMap::new());
            draft.listed = true;
        }
        for (id, key) in keys {
            if let Some(draft) = scene.part(KEY, &id) {
                draft.set_all(&key);
                draft.tags = Some(BTreeMap::new());
                draft.listed = true;
            }
        }
    }
    scene.cover(ROW, Completeness::Complete, None);
}

fn oidc_providers(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: "aws.iam.oidc_provider",
        id: "Arn",
        arn: "Arn",
        name: "",
        tags: Tags::Apart("iam:GetOpenIDConnectProvider"),
        from: &[],
        apart: &[
            ("url", "iam:GetOpenIDConnectProvider"),
            ("client_ids", "iam:GetOpenIDConnectProvider"),
            ("thumbprints", "iam:GetOpenIDConnectProvider"),
            ("create_date", "iam:GetOpenIDConnectProvider"),
        ],
        fix: no_fix,
    };
    for item in list(answer, "OpenIDConnectProviderList") {
        let url =
            text(item, "Arn").and_then(|arn| Some(arn.split_once(":oidc-provider/")?.1.to_owned()));
        if let Some(draft) = scene.put(&SPEC, item) {
            // The ARN ends in the issuer's address, so the list alone tells it.
            if let Some(url) = url {
                draft.name = Some(url.clone());
                draft.set("url", Value::String(url));
            }
        }
    }
}

fn oidc_provider(scene: &mut Scene<'_>, answer: &Value) {
    let kind = "aws.iam.oidc_provider";
    let url = text(answer, "Url").map(|url| url.trim_start_matches("https://").to_owned());
    let by_url = url.as_ref().map(|url| {
        let partition = normal::partition_of(&scene.place.region);
        format!("arn:{partition}:iam::{}:oidc-provider/{url}", scene.place.account)
    });
    let Some(id) = by_url.or_else(|| scene.about(kind, answer, &["Arn"])) else { return };
    let tags = super::store::tags_of(answer);
    let Some(draft) = scene.part(kind, &id) else { return };
    let strings = |key: &str| json!(list(answer, key));
    draft.set("client_ids", strings("ClientIDList"));
    draft.set("thumbprints", strings("ThumbprintList"));
    draft.set("create_date", time(answer.get("CreateDate")));
    draft.tags = draft.tags.take().or(Some(tags.unwrap_or_default()));
}

fn saml_provider(scene: &mut Scene<'_>, answer: &Value) {
    let kind = "aws.iam.saml_provider";
    let Some(id) = scene.about(kind, answer, &["Arn", "SAMLProviderArn"]) else { return };
    let tags = super::store::tags_of(answer).unwrap_or_default();
    let Some(draft) = scene.part(kind, &id) else { return };
    draft.set("valid_until", time(answer.get("ValidUntil")));
    draft.set("create_date", time(answer.get("CreateDate")));
    draft.set("assertion_encryption_mode", json!(text(answer, "AssertionEncryptionMode")));
    draft.set("private_key_count", json!(list(answer, "PrivateKeyList").len()));
    draft.tags = draft.tags.take().or(Some(tags));
}

fn time(value: Option<&Value>) -> Value {
    let time = match value {
        Some(Value::String(text)) => normal::time(text),
        Some(Value::Number(number)) => number.as_f64().and_then(normal::time_from_epoch),
        _ => None,
    };
    json!(time)
}

fn caller(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: "aws.sts.caller_identity",
        id: "Arn",
        arn: "Arn",
        name: "",
        tags: Tags::Never,
        from: &[("principal_arn", "Arn")],
        apart: &[],
        fix: no_fix,
    };
    scene.put(&SPEC, answer);
}
