//! The organization: accounts, units, policies, and who administers services for it.

use super::Table;
use super::stating::{document, handle, later, name_or_planned, none, part, silent, state, untold};
use crate::collect::predicted::Thing;
use crate::model::Tree;
use crate::model::change::{Draft, Sketch, Whole};

const ORGANIZATION: &str = "aws.organizations.organization";
const ACCOUNT: &str = "aws.organizations.account";
const UNIT: &str = "aws.organizations.unit";
const POLICY: &str = "aws.organizations.policy";
const DELEGATED: &str = "aws.organizations.delegated_administrator";

pub(super) const TABLE: Table = &[
    (
        "aws_organizations_organization",
        handle(&["id"], "arn:{partition}:organizations::{account}:organization/{id}"),
        organization,
    ),
    (
        "aws_organizations_account",
        handle(&["id"], "arn:{partition}:organizations::{account}:account/{organization}/{id}"),
        account,
    ),
    (
        "aws_organizations_organizational_unit",
        handle(&["id"], "arn:{partition}:organizations::{account}:ou/{organization}/{id}"),
        unit,
    ),
    (
        "aws_organizations_policy",
        handle(
            &["id"],
            "arn:{partition}:organizations::{account}:policy/{organization}/{type}/{id}",
        ),
        policy,
    ),
    ("aws_organizations_policy_attachment", handle(&[], ""), attachment),
    ("aws_organizations_delegated_administrator", handle(&["account_id"], ""), delegated),
];

fn organization<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("organization_id", "id"),
        ("management_account_id", "master_account_id"),
        ("enabled_service_principals", "aws_service_access_principals"),
        ("root_id", ""),
    ];
    state(sketch, thing.draft(ORGANIZATION, "", from), |draft| {
        draft.fields.set("in_use", Tree::Bool(true));
        draft.fields.set("feature_set", thing.or("feature_set", Tree::text("ALL")));
        let manager = Tree::text(thing.place.account.as_str().to_owned());
        draft.fields.set("management_account_id", thing.or("master_account_id", manager));
        let root = match thing.at("roots").items().first() {
            Some(root) => root.member("id").into_owned(),
            None => later(),
        };
        draft.fields.set("root_id", root);
        for (field, path) in [
            ("enabled_policy_types", "enabled_policy_types"),
            ("enabled_service_principals", "aws_service_access_principals"),
        ] {
            let found = thing.or(path, none());
            if !found.has_unknown() {
                draft.fields.set(field, found);
            }
        }
    });
}

/// What stands above a unit or account is found once all units are known.
fn above<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>, path: &'static str) {
    untold(thing, draft, &[(path, later()), ("ancestor_ids", later())]);
}

fn account<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("ou_path", ""), ("ancestor_ids", ""), ("management", "")];
    state(sketch, thing.draft(ACCOUNT, "name", from), |draft| {
        silent(
            thing,
            draft,
            &[
                ("status", "status", Tree::text("ACTIVE")),
                ("state", "state", Tree::text("ACTIVE")),
                ("joined_method", "joined_method", Tree::text("CREATED")),
                ("joined_timestamp", "joined_timestamp", later()),
                ("parent_id", "parent_id", later()),
            ],
        );
        above(thing, draft, "ou_path");
        untold(thing, draft, &[("management", Tree::Bool(false))]);
    });
}

fn unit<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("path", ""), ("ancestor_ids", "")];
    state(sketch, thing.draft(UNIT, "name", from), |draft| above(thing, draft, "path"));
}

fn policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("kind", ""), ("document", ""), ("content", ""), ("target_ids", "")];
    state(sketch, thing.draft(POLICY, "name", from), |draft| {
        let kind = thing.or("type", Tree::text("SERVICE_CONTROL_POLICY"));
        // Only authorization policies are written in the language of IAM.
        let (text, words) = match &kind {
            Tree::Text(kind) if is_authorization(kind) => (document(thing, "content"), Tree::Null),
            Tree::Text(_) => (Tree::Null, thing.at("content").into_owned()),
            open @ Tree::Unknown(_) => (open.clone(), open.clone()),
            _ => (later(), later()),
        };
        draft.fields.set("kind", kind);
        draft.fields.set("document", text);
        draft.fields.set("content", words);
        draft.fields.set("aws_managed", Tree::Bool(false));
        untold(thing, draft, &[("target_ids", none())]);
    });
}

fn is_authorization(kind: &str) -> bool {
    matches!(kind, "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY")
}

fn attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let target = match &*thing.at("target_id") {
        Tree::Null => later(),
        target => target.clone(),
    };
    part(sketch, thing.element(POLICY, thing.whole("policy_id"), "target_ids", target));
}

/// An account may administer several services, each stated by itself.
fn delegated<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let account = match &*thing.at("account_id") {
        Tree::Text(id) => id.clone().into_owned(),
        _ => thing.id.clone().into_owned(),
    };
    let from = &[("service_principals", "")];
    state(sketch, thing.draft(DELEGATED, "name", from), |draft| {
        draft.id.clone_from(&account);
        untold(thing, draft, &[]);
        super::stating::leave_out(draft, "service_principals");
        silent(
            thing,
            draft,
            &[
                ("status", "status", Tree::text("ACTIVE")),
                ("delegation_enabled_date", "delegation_enabled_date", later()),
            ],
        );
    });
    let service = name_or_planned(thing, "service_principal");
    part(sketch, thing.element(DELEGATED, Whole::Id(account), "service_principals", service));
}
