//! Answers of AWS Organizations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Spec, Store, Tags, no_fix};
use crate::model::attr::CauseKind;
use crate::model::coverage::Completeness;
use crate::model::policy::PolicyDocument;

const ORGANIZATION: &str = "aws.organizations.organization";
const ACCOUNT: &str = "aws.organizations.account";
const UNIT: &str = "aws.organizations.unit";
const POLICY: &str = "aws.organizations.policy";
const DELEGATED: &str = "aws.organizations.delegated_administrator";

pub(super) const FORMS: &[Form] = &[
    Form::answer(
        "Organization",
        "organizations:DescribeOrganization",
        &[ORGANIZATION],
        organization,
    )
    .has(&["MasterAccountId", "FeatureSet"]),
    Form::answer("Accounts", "organizations:ListAccounts", &[ACCOUNT], accounts)
        .has(&["JoinedMethod", "JoinedTimestamp"]),
    Form::answer(
        "OrganizationalUnits",
        "organizations:ListOrganizationalUnitsForParent",
        &[UNIT],
        units,
    ),
    Form::later("OrganizationalUnit", "organizations:DescribeOrganizationalUnit", unit),
    Form::answer("Roots", "organizations:ListRoots", &[], roots).has(&["PolicyTypes", "Arn"]),
    Form::later("Parents", "organizations:ListParents", parents).has(&["Type"]),
    Form::later("Children", "organizations:ListChildren", children).has(&["Type"]),
    Form::answer("Policies", "organizations:ListPolicies", &[POLICY], policies)
        .has(&["AwsManaged"]),
    Form::answer("Policy", "organizations:DescribePolicy", &[], policy).has(&["PolicySummary"]),
    Form::later("Targets", "organizations:ListTargetsForPolicy", targets).has(&["TargetId"]),
    Form::later(
        "EnabledServicePrincipals",
        "organizations:ListAWSServiceAccessForOrganization",
        service_principals,
    ),
    Form::answer(
        "DelegatedAdministrators",
        "organizations:ListDelegatedAdministrators",
        &[DELEGATED],
        administrators,
    ),
    Form::later(
        "DelegatedServices",
        "organizations:ListDelegatedServicesForAccount",
        delegated_services,
    ),
];

fn organization(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: ORGANIZATION,
        id: "Id",
        arn: "Arn",
        name: "",
        tags: Tags::Never,
        from: &[
            ("in_use", "InUse"),
            ("organization_id", "Id"),
            ("management_account_id", "MasterAccountId|ManagementAccountId"),
        ],
        apart: &[
            ("root_id", "organizations:ListRoots"),
            ("enabled_policy_types", "organizations:ListRoots"),
            ("enabled_service_principals", "organizations:ListAWSServiceAccessForOrganization"),
        ],
        fix: no_fix,
    };
    let mut organization = answer.get("Organization").cloned().unwrap_or_default();
    if let Some(map) = organization.as_object_mut() {
        map.insert("InUse".to_owned(), Value::Bool(true));
    }
    scene.put(&SPEC, &organization);
}

/// The account is in no organization: what the error `AWSOrganizationsNotInUseException` means.
pub(super) fn not_in_use(scene: &mut Scene<'_>) {
    let account = scene.place.account.as_str().to_owned();
    if let Some(draft) = scene.part(ORGANIZATION, &account) {
        draft.set("in_use", Value::Bool(false));
        for field in ["organization_id", "feature_set", "management_account_id", "root_id"] {
            draft.set(field, Value::Null);
        }
        draft.set("enabled_policy_types", json!([]));
        draft.set("enabled_service_principals", json!([]));
        draft.tags = Some(BTreeMap::new());
        draft.listed = true;
    }
    scene.cover(ORGANIZATION, Completeness::Complete, None);
}

fn the_organization(scene: &Scene<'_>) -> Option<String> {
    let found = scene
        .store
        .drafts
        .keys()
        .find(|key| key.kind == ORGANIZATION && key.account == scene.place.account);
    found.map(|key| key.id.clone())
}

fn accounts(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: ACCOUNT,
        id: "Id",
        arn: "Arn",
        name: "Name",
        tags: Tags::Apart("organizations:ListTagsForResource"),
        from: &[],
        apart: &[
            ("parent_id", "organizations:ListParents"),
            ("ou_path", "organizations:ListParents"),
            ("ancestor_ids", "organizations:ListParents"),
            ("management", "organizations:DescribeOrganization"),
        ],
        fix: no_fix,
    };
    let parent = text(answer, "ParentId");
    for item in list(answer, "Accounts") {
        scene.put(&SPEC, item);
        let Some(id) = text(item, "Id") else { continue };
        // Newer answers hold the way from the root: `o-…/r-…/ou-…/111122223333/`.
        let path = list(item, "Paths").iter().find_map(Value::as_str).map(str::to_owned);
        if let Some(path) = path {
            way(scene.store, &path);
        }
        if let Some(parent) = &parent {
            scene.store.parents.insert(id, parent.clone());
        }
    }
}

/// Learns the parents along a path.
fn way(store: &mut Store, path: &str) {
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && !part.starts_with("o-")).collect();
    for (parent, child) in parts.iter().zip(parts.iter().skip(1)) {
        store.parents.insert((*child).to_owned(), (*parent).to_owned());
    }
}

static UNIT_SPEC: Spec = Spec {
    kind: UNIT,
    id: "Id",
    arn: "Arn",
    name: "Name",
    tags: Tags::Apart("organizations:ListTagsForResource"),
    from: &[],
    apart: &[
        ("parent_id", "organizations:ListParents"),
        ("path", "organizations:ListParents"),
        ("ancestor_ids", "organizations:ListParents"),
    ],
    fix: no_fix,
};

fn units(scene: &mut Scene<'_>, answer: &Value) {
    let parent = text(answer, "ParentId").or_else(|| scene.subject.clone());
    for item in list(answer, "OrganizationalUnits") {
        scene.put(&UNIT_SPEC, item);
        if let (Some(id), Some(parent)) = (text(item, "Id"), &parent) {
            scene.store.parents.insert(id, parent.clone());
        }
        if let Some(path) = text(item, "Path") {
            way(scene.store, &path);
        }
    }
}

fn unit(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(item) = answer.get("OrganizationalUnit") {
        scene.put(&UNIT_SPEC, item);
        if let Some(path) = text(item, "Path") {
            way(scene.store, &path);
        }
        let place = scene.place.clone();
        let why = "only single units were asked for".to_owned();
        scene.store.cover(UNIT, &place, Completeness::Partial, Some(why), false);
    }
}

/// Roots are no resources of their own: they complete the organization.
fn roots(scene: &mut Scene<'_>, answer: &Value) {
    let Some(root) = list(answer, "Roots").first() else { return };
    let arn = text(root, "Arn").unwrap_or_default();
    // `arn:aws:organizations::…:root/o-…/r-…`
    let id = arn.split('/').nth(1).map(str::to_owned).or_else(|| the_organization(scene));
    let types: Vec<String> = list(root, "PolicyTypes")
        .iter()
        .filter(|t| text(t, "Status").as_deref() == Some("ENABLED"))
        .filter_map(|t| text(t, "Type"))
        .collect();
    let root_id = text(root, "Id");
    if let Some(draft) = id.and_then(|id| scene.part(ORGANIZATION, &id)) {
        draft.set("root_id", json!(root_id));
        draft.set("enabled_policy_types", json!(types));
    }
}

fn parents(scene: &mut Scene<'_>, answer: &Value) {
    let child = text(answer, "ChildId").or_else(|| scene.subject.clone());
    let child = child.or_else(|| scene.about(ACCOUNT, answer, &["AccountId"]));
    let parent = list(answer, "Parents").iter().find_map(|p| text(p, "Id"));
    if let (Some(child), Some(parent)) = (child, parent) {
        scene.store.parents.insert(child, parent);
    }
}

fn children(scene: &mut Scene<'_>, answer: &Value) {
    let Some(parent) = scene.about(UNIT, answer, &["ParentId"]) else { return };
    for child in list(answer, "Children").iter().filter_map(|c| text(c, "Id")) {
        scene.store.parents.insert(child, parent.clone());
    }
}

static POLICY_SPEC: Spec = Spec {
    kind: POLICY,
    id: "Id",
    arn: "Arn",
    name: "Name",
    tags: Tags::Apart("organizations:ListTagsForResource"),
    from: &[("kind", "Type")],
    apart: &[
        ("document", "organizations:DescribePolicy"),
        ("content", "organizations:DescribePolicy"),
        ("target_ids", "organizations:ListTargetsForPolicy"),
    ],
    fix: no_fix,
};

fn policies(scene: &mut Scene<'_>, answer: &Value) {
    scene.put_all(&POLICY_SPEC, answer, "Policies");
}

fn policy(scene: &mut Scene<'_>, answer: &Value) {
    let Some(policy) = answer.get("Policy") else { return };
    let Some(summary) = policy.get("PolicySummary") else { return };
    let kind = text(summary, "Type").unwrap_or_default();
    let content = text(policy, "Content").unwrap_or_default();
    if let Some(draft) = scene.put(&POLICY_SPEC, summary) {
        // Only authorization policies are written in the IAM policy language.
        if matches!(kind.as_str(), "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY") {
            draft.set("document", reshape::attr(&PolicyDocument::parse(&content)));
            draft.set("content", Value::Null);
        } else {
            draft.set("document", Value::Null);
            draft.set("content", json!(content));
        }
    }
    let place = scene.place.clone();
    let why = "only single policies were asked for, with organizations:DescribePolicy".to_owned();
    scene.store.cover(POLICY, &place, Completeness::Partial, Some(why), false);
}

fn targets(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(POLICY, answer, &["PolicyId"]) else { return };
    let targets: Vec<String> =
        list(answer, "Targets").iter().filter_map(|t| text(t, "TargetId")).collect();
    let cut = super::cut_off(answer);
    if let Some(draft) = scene.part(POLICY, &id) {
        match cut {
            Some(why) => draft.set("target_ids", reshape::unknown(CauseKind::Failed, why)),
            None => draft.set("target_ids", json!(targets)),
        }
    }
}

fn service_principals(scene: &mut Scene<'_>, answer: &Value) {
    let names: Vec<String> = list(answer, "EnabledServicePrincipals")
        .iter()
        .filter_map(|p| text(p, "ServicePrincipal"))
        .collect();
    if let Some(draft) = the_organization(scene).and_then(|id| scene.part(ORGANIZATION, &id)) {
        draft.set("enabled_service_principals", json!(names));
    }
}

fn administrators(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec = Spec {
        kind: DELEGATED,
        id: "Id",
        arn: "Arn",
        name: "Name",
        tags: Tags::Never,
        from: &[("account_id", "Id")],
        apart: &[("service_principals", "organizations:ListDelegatedServicesForAccount")],
        fix: no_fix,
    };
    scene.put_all(&SPEC, answer, "DelegatedAdministrators");
}

fn delegated_services(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(DELEGATED, answer, &["AccountId"]) else { return };
    let names: Vec<String> = list(answer, "DelegatedServices")
        .iter()
        .filter_map(|s| text(s, "ServicePrincipal"))
        .collect();
    if let Some(draft) = scene.part(DELEGATED, &id) {
        draft.set("service_principals", json!(names));
    }
}

/// Where accounts and units stand: the ways up from each, by names and ids.
pub(super) fn complete(store: &mut Store) {
    let parents = std::mem::take(&mut store.parents);
    let names: BTreeMap<String, String> = store
        .drafts
        .iter()
        .filter(|(key, _)| key.kind == UNIT)
        .map(|(key, draft)| (key.id.clone(), draft.name.clone().unwrap_or_else(|| key.id.clone())))
        .collect();
    let managers: Vec<String> = store
        .drafts
        .iter()
        .filter(|(key, _)| key.kind == ORGANIZATION)
        .filter_map(|(_, draft)| draft.text("management_account_id").map(str::to_owned))
        .collect();
    for (key, draft) in &mut store.drafts {
        if key.kind == ACCOUNT && !managers.is_empty() {
            draft.set("management", Value::Bool(managers.contains(&key.id)));
        }
        if key.kind != ACCOUNT && key.kind != UNIT {
            continue;
        }
        let Some(parent) = parents.get(&key.id) else { continue };
        draft.set("parent_id", json!(parent));
        let Some(ancestors) = ancestors(&key.id, &parents) else { continue };
        let mut path: Vec<String> = ancestors
            .iter()
            .filter(|id| id.starts_with("ou-"))
            .map(|id| names.get(id).unwrap_or(id).clone())
            .collect();
        draft.set("ancestor_ids", json!(ancestors));
        if key.kind == UNIT {
            path.push(names.get(&key.id).unwrap_or(&key.id).clone());
            draft.set("path", json!(path));
        } else {
            draft.set("ou_path", json!(path));
        }
    }
    store.parents = parents;
}

/// The ids above a thing, outermost first; nothing when the way does not lead to a root.
fn ancestors(id: &str, parents: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut at = id;
    while let Some(parent) = parents.get(at) {
        out.push(parent.clone());
        // Organizations allows five levels; anything longer goes round in circles.
        if out.len() > 16 {
            return None;
        }
        at = parent;
    }
    out.reverse();
    out.first().is_some_and(|first| first.starts_with("r-")).then_some(out)
}
