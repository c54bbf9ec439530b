//! The answers of IAM as model values.

use aws_sdk_iam::types as sdk;

use super::super::convert::{list, moment, must, must_time, sorted, time};
use super::Known;
use crate::model::attr::{Attr, CauseKind};
use crate::model::iam::{AttachedPolicy, Group, InlinePolicy, Policy, PolicyVersion, Role, User};
use crate::model::policy::PolicyDocument;

pub(super) fn user(name: &str, item: sdk::UserDetail, known: &Known) -> User {
    let (attached_policies, attached_policy_arns) = attached(item.attached_managed_policies);
    User {
        user_id: must(item.user_id),
        path: must(item.path),
        create_date: must_time(item.create_date),
        password_last_used: match &known.logins {
            Ok(logins) => match logins.get(name) {
                Some(time) => Attr::Known(*time),
                None => Attr::unknown(
                    CauseKind::NotCollected,
                    "the user was created while users were listed",
                ),
            },
            Err(failure) => failure.unknown(),
        },
        login_profile_exists: match &known.passwords {
            Ok(passwords) => passwords.get(name).cloned().unwrap_or_else(|| {
                Attr::unknown(
                    CauseKind::NotCollected,
                    "the user is younger than the credentials report",
                )
            }),
            Err(failure) => failure.unknown(),
        },
        group_names: sorted(item.group_list),
        inline_policies: inline(item.user_policy_list),
        attached_policies,
        attached_policy_arns,
        permissions_boundary_arn: boundary(item.permissions_boundary),
        ..User::default()
    }
}

pub(super) fn group(item: sdk::GroupDetail, users: Option<Vec<String>>) -> Group {
    let (attached_policies, attached_policy_arns) = attached(item.attached_managed_policies);
    Group {
        group_id: must(item.group_id),
        path: must(item.path),
        create_date: must_time(item.create_date),
        user_names: sorted(users),
        inline_policies: inline(item.group_policy_list),
        attached_policies,
        attached_policy_arns,
        ..Group::default()
    }
}

pub(super) fn role(name: &str, item: sdk::RoleDetail, known: &Known) -> Role {
    let (attached_policies, attached_policy_arns) = attached(item.attached_managed_policies);
    let (description, max_session_duration) = match &known.extras {
        Ok(extras) => {
            if let Some((description, duration)) = extras.get(name) {
                (Attr::Known(description.clone()), must(*duration))
            } else {
                let why = "the role was created while roles were listed";
                let cause = CauseKind::NotCollected;
                (Attr::unknown(cause, why), Attr::unknown(cause, why))
            }
        }
        Err(failure) => (failure.unknown(), failure.unknown()),
    };
    let profiles = item.instance_profile_list.unwrap_or_default();
    let used = item.role_last_used;
    Role {
        role_id: must(item.role_id),
        create_date: must_time(item.create_date),
        description,
        assume_role_policy_document: document(item.assume_role_policy_document.as_deref()),
        max_session_duration,
        last_used_region: used.as_ref().and_then(|used| used.region.clone()).into(),
        last_used_date: time(used.and_then(|used| used.last_used_date)),
        service_linked: item
            .path
            .as_deref()
            .is_some_and(|path| path.starts_with("/aws-service-role/"))
            .into(),
        path: must(item.path),
        instance_profile_arns: sorted(Some(
            profiles.into_iter().map(|profile| profile.arn).collect(),
        )),
        inline_policies: inline(item.role_policy_list),
        attached_policies,
        attached_policy_arns,
        permissions_boundary_arn: boundary(item.permissions_boundary),
        ..Role::default()
    }
}

pub(super) fn policy(item: sdk::ManagedPolicyDetail, aws_managed: bool) -> Policy {
    let versions = item.policy_version_list.unwrap_or_default();
    let default = versions.iter().find(|version| version.is_default_version);
    let default_document = document(default.and_then(|version| version.document.as_deref()));
    Policy {
        policy_name: must(item.policy_name),
        policy_id: item.policy_id.into(),
        path: must(item.path),
        aws_managed: aws_managed.into(),
        description: item.description.filter(|text| !text.is_empty()).into(),
        default_version_id: must(item.default_version_id),
        versions: list(Some(versions), |version| PolicyVersion {
            version_id: must(version.version_id),
            is_default_version: version.is_default_version.into(),
            create_date: version.create_date.and_then(moment).into(),
            // Nobody in this account can bring back another version of a policy of AWS.
            document: if version.is_default_version {
                default_document.clone()
            } else if aws_managed {
                Attr::default()
            } else {
                document(version.document.as_deref())
            },
        }),
        document: default_document,
        attachment_count: must(item.attachment_count.map(i64::from)),
        permissions_boundary_usage_count: must(
            item.permissions_boundary_usage_count.map(i64::from),
        ),
        is_attachable: item.is_attachable.into(),
        create_date: time(item.create_date),
        update_date: time(item.update_date),
        ..Policy::default()
    }
}

fn document(text: Option<&str>) -> Attr<PolicyDocument> {
    match text {
        Some(text) => PolicyDocument::parse(text),
        None => must(None),
    }
}

fn inline(policies: Option<Vec<sdk::PolicyDetail>>) -> Attr<Vec<InlinePolicy>> {
    list(policies, |item| InlinePolicy {
        policy_name: must(item.policy_name),
        document: document(item.policy_document.as_deref()),
    })
}

type Attached = (Attr<Vec<AttachedPolicy>>, Attr<Vec<String>>);

fn attached(policies: Option<Vec<sdk::AttachedPolicy>>) -> Attached {
    let policies = policies.unwrap_or_default();
    let arns =
        sorted(Some(policies.iter().filter_map(|policy| policy.policy_arn.clone()).collect()));
    let list = list(Some(policies), |policy| AttachedPolicy {
        policy_arn: must(policy.policy_arn),
        policy_name: must(policy.policy_name),
    });
    (list, arns)
}

fn boundary(boundary: Option<sdk::AttachedPermissionsBoundary>) -> Attr<Option<String>> {
    Attr::Known(boundary.and_then(|boundary| boundary.permissions_boundary_arn))
}
