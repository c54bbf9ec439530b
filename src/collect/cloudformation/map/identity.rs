//! IAM, organizations and the identity center.

use super::restate::{each, items, map, moved, one};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

pub(super) const TABLE: &[Entry] = &[
    entry("AWS::IAM::Role", "aws.iam.role", "aws_iam_role")
        .named(&["RoleName"])
        .arn("arn:{partition}:iam::{account}:role{Path}{id}")
        .atts(&[("RoleId", Is::Later)])
        .from(&[
            ("name", "role_name"),
            ("assume_role_policy", "assume_role_policy_document"),
            ("inline_policy", "policies"),
        ])
        .more(role),
    entry("AWS::IAM::User", "aws.iam.user", "aws_iam_user")
        .named(&["UserName"])
        .arn("arn:{partition}:iam::{account}:user{Path}{id}")
        .from(&[("name", "user_name")])
        .more(user),
    entry("AWS::IAM::Group", "aws.iam.group", "aws_iam_group")
        .named(&["GroupName"])
        .arn("arn:{partition}:iam::{account}:group{Path}{id}")
        .from(&[("name", "group_name")])
        .more(group),
    entry("AWS::IAM::InstanceProfile", "aws.iam.instance_profile", "aws_iam_instance_profile")
        .named(&["InstanceProfileName"])
        .arn("arn:{partition}:iam::{account}:instance-profile{Path}{id}")
        .from(&[("name", "instance_profile_name")])
        .more(profile),
    entry("AWS::IAM::ManagedPolicy", "aws.iam.policy", "aws_iam_policy")
        .by_arn(&["ManagedPolicyName"], "arn:{partition}:iam::{account}:policy{Path}{id}")
        .atts(&[("PolicyArn", Is::Arn)])
        .from(&[("name", "managed_policy_name"), ("policy", "policy_document")])
        .more(managed_policy),
    entry("AWS::IAM::Policy", "", "aws_iam_role_policy").more(policy),
    entry("AWS::IAM::RolePolicy", "", "aws_iam_role_policy").from(&[
        ("role", "role_name"),
        ("name", "policy_name"),
        ("policy", "policy_document"),
    ]),
    entry("AWS::IAM::UserPolicy", "", "aws_iam_user_policy").from(&[
        ("user", "user_name"),
        ("name", "policy_name"),
        ("policy", "policy_document"),
    ]),
    entry("AWS::IAM::GroupPolicy", "", "aws_iam_group_policy").from(&[
        ("group", "group_name"),
        ("name", "policy_name"),
        ("policy", "policy_document"),
    ]),
    entry("AWS::IAM::UserToGroupAddition", "", "aws_iam_group_membership")
        .from(&[("group", "group_name")]),
    entry("AWS::IAM::AccessKey", "aws.iam.access_key", "aws_iam_access_key")
        .from(&[("user", "user_name")]),
    entry("AWS::IAM::OIDCProvider", "aws.iam.oidc_provider", "aws_iam_openid_connect_provider")
        .by_arn(&[], "arn:{partition}:iam::{account}:oidc-provider/{id}"),
    entry("AWS::IAM::SAMLProvider", "aws.iam.saml_provider", "aws_iam_saml_provider")
        .by_arn(&["Name"], "arn:{partition}:iam::{account}:saml-provider/{id}"),
    entry("AWS::IAM::ServiceLinkedRole", "aws.iam.role", "aws_iam_service_linked_role")
        .arn("arn:{partition}:iam::{account}:role/aws-service-role/{AWSServiceName}/{id}")
        .atts(&[("RoleName", Is::Id)])
        .from(&[("aws_service_name", "aws_service_name")]),
    entry("AWS::IAM::VirtualMFADevice", "aws.iam.mfa_device", "aws_iam_virtual_mfa_device")
        .by_arn(&["VirtualMfaDeviceName"], "arn:{partition}:iam::{account}:mfa{Path}{id}"),
    entry(
        "AWS::IAM::ServerCertificate",
        "aws.iam.server_certificate",
        "aws_iam_server_certificate",
    )
    .named(&["ServerCertificateName"])
    .arn("arn:{partition}:iam::{account}:server-certificate{Path}{id}")
    .from(&[("name", "server_certificate_name")]),
    entry(
        "AWS::Organizations::Organization",
        "aws.organizations.organization",
        "aws_organizations_organization",
    ),
    entry(
        "AWS::Organizations::OrganizationalUnit",
        "aws.organizations.unit",
        "aws_organizations_organizational_unit",
    ),
    entry("AWS::Organizations::Account", "aws.organizations.account", "aws_organizations_account")
        .from(&[("name", "account_name")])
        .more(account),
    entry("AWS::Organizations::Policy", "aws.organizations.policy", "aws_organizations_policy")
        .more(scp),
    entry("AWS::SSO::PermissionSet", "aws.sso.permission_set", "aws_ssoadmin_permission_set")
        .by_arn(&[], "arn:{partition}:sso:::permissionSet/{id}")
        .atts(&[("PermissionSetArn", Is::Arn)])
        .more(permission_set),
    entry("AWS::SSO::Assignment", "aws.sso.account_assignment", "aws_ssoadmin_account_assignment"),
    entry("AWS::IdentityStore::Group", "aws.identitystore.group", "aws_identitystore_group")
        .atts(&[("GroupId", Is::Id)]),
    entry("AWS::IdentityStore::GroupMembership", "", "aws_identitystore_group_membership")
        .from(&[("member_id", "member_id.user_id")]),
];

/// Policies written into a principal, as the provider's blocks have them.
fn written(policies: &Tree<'static>) -> Tree<'static> {
    each(policies, |one| {
        map([
            ("name", one.member("policy_name").into_owned()),
            ("policy", one.member("policy_document").into_owned()),
        ])
    })
}

fn role(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let policies = written(&values.member("policies"));
    values.set("inline_policy", if policies.is_null() { Tree::List(Vec::new()) } else { policies });
    if values.member("managed_policy_arns").is_null() {
        values.set("managed_policy_arns", Tree::List(Vec::new()));
    }
    vec![("aws_iam_role", values)]
}

/// What a user or group has, besides itself: policies written into it, and managed ones.
fn with_policies(
    thing: &Thing<'static>,
    values: &Tree<'static>,
    who: &'static str,
    kinds: [&'static str; 2],
) -> Restated {
    let [inline, attached] = kinds;
    let name = || Tree::text(thing.id.clone().into_owned());
    let mut out = Vec::new();
    for one in items(&written(&values.member("policies"))) {
        let mut policy =
            if one.is_unknown() { map([("name", one.clone()), ("policy", one)]) } else { one };
        policy.set(who, name());
        out.push((inline, policy));
    }
    for arn in items(&values.member("managed_policy_arns")) {
        out.push((attached, map([(who, name()), ("policy_arn", arn)])));
    }
    out
}

fn user(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let name = || Tree::text(thing.id.clone().into_owned());
    let parts = with_policies(
        thing,
        &values,
        "user",
        ["aws_iam_user_policy", "aws_iam_user_policy_attachment"],
    );
    let groups = values.member("groups").into_owned();
    let password = values.member("login_profile").into_owned();
    let mut out = vec![("aws_iam_user", values)];
    out.extend(parts);
    if !groups.is_null() {
        out.push(("aws_iam_user_group_membership", map([("user", name()), ("groups", groups)])));
    }
    if !password.is_null() {
        out.push(("aws_iam_user_login_profile", map([("user", name())])));
    }
    out
}

fn group(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let parts = with_policies(
        thing,
        &values,
        "group",
        ["aws_iam_group_policy", "aws_iam_group_policy_attachment"],
    );
    let mut out = vec![("aws_iam_group", values)];
    out.extend(parts);
    out
}

/// CloudFormation names a list of roles, of which there is at most one.
fn profile(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let role = match &*values.member("roles") {
        Tree::List(items) => items.first().cloned().unwrap_or_default(),
        other => other.clone(),
    };
    values.set("role", role);
    values.set("roles", Tree::Null);
    vec![("aws_iam_instance_profile", values)]
}

fn managed_policy(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let arn = thing.arn.clone().unwrap_or_default().into_owned();
    let mut attachment = map([("policy_arn", Tree::text(arn))]);
    let mut any = false;
    for name in ["users", "groups", "roles"] {
        let who = values.member(name).into_owned();
        any |= !who.is_null();
        attachment.set(name, who);
    }
    let mut out = vec![("aws_iam_policy", values)];
    if any {
        out.push(("aws_iam_policy_attachment", attachment));
    }
    out
}

/// One policy that is written into several users, groups and roles.
fn policy(_: &Thing<'static>, values: Tree<'static>) -> Restated {
    let mut out = Vec::new();
    for (list, who, kind) in [
        ("roles", "role", "aws_iam_role_policy"),
        ("users", "user", "aws_iam_user_policy"),
        ("groups", "group", "aws_iam_group_policy"),
    ] {
        for one in items(&values.member(list)) {
            let written = map([
                (who, one),
                ("name", values.member("policy_name").into_owned()),
                ("policy", values.member("policy_document").into_owned()),
            ]);
            out.push((kind, written));
        }
    }
    out
}

fn account(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let parent = values.member("parent_ids").items().first().cloned().unwrap_or_default();
    values.set("parent_id", parent);
    vec![("aws_organizations_account", values)]
}

fn scp(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let targets = items(&values.member("target_ids"));
    let mut out = vec![("aws_organizations_policy", values)];
    for target in targets {
        let id = Tree::text(thing.id.clone().into_owned());
        out.push((
            "aws_organizations_policy_attachment",
            map([("policy_id", id), ("target_id", target)]),
        ));
    }
    out
}

fn permission_set(thing: &Thing<'static>, values: Tree<'static>) -> Restated {
    let arn = || Tree::text(thing.arn.clone().unwrap_or_default().into_owned());
    let instance = values.member("instance_arn").into_owned();
    let mut out = Vec::new();
    for policy in items(&values.member("managed_policies")) {
        let part = map([
            ("instance_arn", instance.clone()),
            ("permission_set_arn", arn()),
            ("managed_policy_arn", policy),
        ]);
        out.push(("aws_ssoadmin_managed_policy_attachment", part));
    }
    for reference in items(&values.member("customer_managed_policy_references")) {
        let part = map([
            ("instance_arn", instance.clone()),
            ("permission_set_arn", arn()),
            ("customer_managed_policy_reference", one(reference)),
        ]);
        out.push(("aws_ssoadmin_customer_managed_policy_attachment", part));
    }
    let inline = values.member("inline_policy").into_owned();
    if !inline.is_null() {
        let part = map([
            ("instance_arn", instance.clone()),
            ("permission_set_arn", arn()),
            ("inline_policy", inline),
        ]);
        out.push(("aws_ssoadmin_permission_set_inline_policy", part));
    }
    let boundary = one(values.member("permissions_boundary").into_owned());
    if !boundary.is_null() {
        let part = map([
            ("instance_arn", instance),
            ("permission_set_arn", arn()),
            ("permissions_boundary", boundary),
        ]);
        out.push(("aws_ssoadmin_permissions_boundary_attachment", part));
    }
    let mut values = values;
    moved(&mut values, "relay_state_type", "relay_state");
    out.insert(0, ("aws_ssoadmin_permission_set", values));
    out
}
