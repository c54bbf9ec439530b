//! Answers of IAM Identity Center and its identity store.
//!
//! What a permission set holds is asked for part by part, in answers that do not name it: a `PermissionSetArn` beside
//! the answer, the manifest or the file's name does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Key, Place, Spec, Store, Tags, no_fix};
use crate::model::coverage::Completeness;

const INSTANCE: &str = "aws.sso.instance";
const SET: &str = "aws.sso.permission_set";
const ASSIGNMENT: &str = "aws.sso.account_assignment";
const USER: &str = "aws.identitystore.user";
const GROUP: &str = "aws.identitystore.group";

const DESCRIBE_SET: &str = "sso:DescribePermissionSet";
const MANAGED: &str = "sso:ListManagedPoliciesInPermissionSet";
const CUSTOMER: &str = "sso:ListCustomerManagedPolicyReferencesInPermissionSet";
const INLINE: &str = "sso:GetInlinePolicyForPermissionSet";
pub(super) const BOUNDARY: &str = "sso:GetPermissionsBoundaryForPermissionSet";
const ACCOUNTS: &str = "sso:ListAccountsForProvisionedPermissionSet";
const MEMBERS: &str = "identitystore:ListGroupMemberships";

pub(super) const FORMS: &[Form] = &[
    Form::list("Instances", "sso:ListInstances", &INSTANCES).has(&["IdentityStoreId"]),
    Form::answer("PermissionSets", "sso:ListPermissionSets", &[SET], set_names).has(&["="]),
    Form::answer("PermissionSet", DESCRIBE_SET, &[SET], set)
        .has(&["PermissionSetArn"])
        .part("permission sets that were asked for by ARN"),
    Form::later("AttachedManagedPolicies", MANAGED, managed),
    Form::later("CustomerManagedPolicyReferences", CUSTOMER, customer_managed),
    Form::later("InlinePolicy", INLINE, inline),
    Form::later("PermissionsBoundary", BOUNDARY, boundary),
    Form::later("AccountIds", ACCOUNTS, accounts).has(&["="]),
    Form::answer("AccountAssignments", "sso:ListAccountAssignments", &[ASSIGNMENT], assignments)
        .part("assignments were asked for account by account"),
    Form::list("Users", "identitystore:ListUsers", &USERS).has(&["IdentityStoreId"]),
    Form::list("Groups", "identitystore:ListGroups", &GROUPS).has(&["IdentityStoreId"]),
    Form::later("GroupMemberships", MEMBERS, memberships),
];

static INSTANCES: Spec = Spec {
    kind: INSTANCE,
    id: "InstanceArn",
    arn: "InstanceArn",
    name: "Name",
    tags: Tags::Apart("sso:ListTagsForResource"),
    from: &[],
    apart: &[],
    fix: no_fix,
};

static SETS: Spec = Spec {
    kind: SET,
    id: "PermissionSetArn",
    arn: "PermissionSetArn",
    name: "Name",
    tags: Tags::Apart("sso:ListTagsForResource"),
    from: &[],
    apart: &[
        ("instance_arn", DESCRIBE_SET),
        ("managed_policy_arns", MANAGED),
        ("customer_managed_policies", CUSTOMER),
        ("inline_policy", INLINE),
        ("permissions_boundary", BOUNDARY),
        ("provisioned_account_ids", ACCOUNTS),
    ],
    fix: no_fix,
};

fn set_names(scene: &mut Scene<'_>, answer: &Value) {
    for arn in list(answer, "PermissionSets").iter().filter_map(Value::as_str) {
        scene.named_only(SET, arn, Some(arn), behind_slash(arn), DESCRIBE_SET);
        let instance = instance_of(arn);
        if let Some(draft) = scene.part(SET, arn) {
            draft.set("instance_arn", json!(instance));
            // The parts have calls of their own.
            draft.apart.retain(|(field, _)| SETS.apart.iter().all(|(own, _)| own != field));
            draft.apart.extend(SETS.apart);
            draft.tags_apart = Some("sso:ListTagsForResource");
        }
    }
}

/// `arn:aws:sso:::permissionSet/ssoins-…/ps-…` names its instance.
fn instance_of(arn: &str) -> Option<String> {
    let (head, rest) = arn.split_once(":permissionSet/")?;
    let (instance, _) = rest.split_once('/')?;
    Some(format!("{head}:instance/{instance}"))
}

fn set(scene: &mut Scene<'_>, answer: &Value) {
    let Some(set) = answer.get("PermissionSet") else { return };
    let instance = text(set, "PermissionSetArn").and_then(|arn| instance_of(&arn));
    let name = text(set, "Name");
    if let Some(draft) = scene.put(&SETS, set) {
        draft.set("instance_arn", json!(instance));
        draft.name = name.or_else(|| draft.name.take());
    }
}

/// Sets an attribute of the permission set that an answer is about.
fn part(scene: &mut Scene<'_>, answer: &Value, field: &str, value: Value) {
    let Some(id) = scene.about(SET, answer, &["PermissionSetArn"]) else { return };
    let value = match super::cut_off(answer) {
        Some(why) => reshape::unknown(crate::model::attr::CauseKind::Failed, why),
        None => value,
    };
    if let Some(draft) = scene.part(SET, &id) {
        draft.set(field, value);
    }
}

fn managed(scene: &mut Scene<'_>, answer: &Value) {
    let mut arns: Vec<String> =
        list(answer, "AttachedManagedPolicies").iter().filter_map(|p| text(p, "Arn")).collect();
    arns.sort_unstable();
    part(scene, answer, "managed_policy_arns", json!(arns));
}

/// The path and name of a policy that each account has of its own.
fn reference(value: &Value) -> Option<String> {
    let path = text(value, "Path").unwrap_or_else(|| "/".to_owned());
    Some(format!("{path}{}", text(value, "Name")?))
}

fn customer_managed(scene: &mut Scene<'_>, answer: &Value) {
    let items = list(answer, "CustomerManagedPolicyReferences");
    let mut names: Vec<String> = items.iter().filter_map(reference).collect();
    names.sort_unstable();
    part(scene, answer, "customer_managed_policies", json!(names));
}

fn inline(scene: &mut Scene<'_>, answer: &Value) {
    let policy = answer.get("InlinePolicy").filter(|policy| policy.as_str() != Some(""));
    part(scene, answer, "inline_policy", policy.map_or(Value::Null, reshape::policy));
}

fn boundary(scene: &mut Scene<'_>, answer: &Value) {
    let boundary = answer.get("PermissionsBoundary").cloned().unwrap_or_default();
    let own = boundary.get("CustomerManagedPolicyReference").and_then(reference);
    let found = text(&boundary, "ManagedPolicyArn").or(own);
    part(scene, answer, "permissions_boundary", json!(found));
}

fn accounts(scene: &mut Scene<'_>, answer: &Value) {
    let mut ids: Vec<&str> = list(answer, "AccountIds").iter().filter_map(Value::as_str).collect();
    ids.sort_unstable();
    let value = json!(ids);
    part(scene, answer, "provisioned_account_ids", value);
}

static ASSIGNMENTS: Spec = Spec {
    kind: ASSIGNMENT,
    id: "Portcullis",
    arn: "",
    name: "",
    tags: Tags::Never,
    from: &[],
    apart: &[],
    fix: no_fix,
};

fn assignments(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "AccountAssignments") {
        let word = |key: &str| text(item, key).unwrap_or_default();
        let set = word("PermissionSetArn");
        let id = format!("{}/{}/{}", word("AccountId"), behind_slash(&set), word("PrincipalId"));
        let mut item = item.clone();
        if let Some(map) = item.as_object_mut() {
            map.insert("Portcullis".to_owned(), json!(id));
        }
        scene.put(&ASSIGNMENTS, &item);
    }
}

static USERS: Spec = Spec {
    kind: USER,
    id: "UserId",
    arn: "",
    name: "UserName",
    tags: Tags::Never,
    from: &[],
    apart: &[],
    fix: no_fix,
};

static GROUPS: Spec = Spec {
    kind: GROUP,
    id: "GroupId",
    arn: "",
    name: "DisplayName",
    tags: Tags::Never,
    from: &[],
    apart: &[("member_user_ids", MEMBERS)],
    fix: no_fix,
};

fn memberships(scene: &mut Scene<'_>, answer: &Value) {
    let items = list(answer, "GroupMemberships");
    let inside = items.iter().find_map(|item| text(item, "GroupId"));
    let Some(id) = inside.or_else(|| scene.about(GROUP, answer, &["GroupId"])) else { return };
    let mut users: Vec<String> =
        items.iter().filter_map(|item| text(item, "MemberId.UserId")).collect();
    users.sort_unstable();
    let value = match super::cut_off(answer) {
        Some(why) => reshape::unknown(crate::model::attr::CauseKind::Failed, why),
        None => json!(users),
    };
    if let Some(draft) = scene.part(GROUP, &id) {
        draft.set("member_user_ids", value);
    }
}

/// Assignments are complete when every permission set is listed and has one at least in every account that it is
/// provisioned in: it is provisioned where it is assigned.
pub(super) fn complete(store: &mut Store) {
    for place in store.places_of(SET) {
        if !store.is_complete(SET, &place.account, &place.region) {
            continue;
        }
        let Some(mut missing) = provisioned(store, &place) else { continue };
        for (_, draft) in here(store, ASSIGNMENT, &place) {
            let account = draft.text("account_id").unwrap_or_default().to_owned();
            let set = draft.text("permission_set_arn").unwrap_or_default().to_owned();
            missing.remove(&(set, account));
        }
        if missing.is_empty() {
            store.replace_cover(ASSIGNMENT, &place, Completeness::Complete, None);
        }
    }
}

fn here<'s>(
    store: &'s Store,
    kind: &'static str,
    place: &Place,
) -> impl Iterator<Item = (&'s Key, &'s super::store::Draft)> {
    let account = place.account.clone();
    store.drafts.iter().filter(move |(key, _)| key.kind == kind && key.account == account)
}

/// Every permission set with every account it is provisioned in; nothing where that is not known of one.
fn provisioned(store: &Store, place: &Place) -> Option<BTreeSet<(String, String)>> {
    let mut out = BTreeSet::new();
    for (key, draft) in here(store, SET, place) {
        for account in draft.fields.get("provisioned_account_ids")?.as_array()? {
            out.insert((key.id.clone(), account.as_str()?.to_owned()));
        }
    }
    Some(out)
}

fn behind_slash(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
