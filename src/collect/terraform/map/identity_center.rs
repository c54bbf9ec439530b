//! IAM Identity Center and its identity store.

use super::Table;
use super::stating::{
    by_arn, closed, handle, last, later, none, optional_document, part, silent, state, untold,
};
use crate::collect::predicted::Thing;
use crate::model::Tree;
use crate::model::change::Sketch;

const SET: &str = "aws.sso.permission_set";
const ASSIGNMENT: &str = "aws.sso.account_assignment";
const USER: &str = "aws.identitystore.user";
const GROUP: &str = "aws.identitystore.group";

pub(super) const TABLE: Table = &[
    (
        "aws_ssoadmin_permission_set",
        handle(&["arn"], "arn:{partition}:sso:::permissionSet/{id}"),
        permission_set,
    ),
    ("aws_ssoadmin_managed_policy_attachment", handle(&[], ""), managed_policy),
    ("aws_ssoadmin_managed_policy_attachments_exclusive", handle(&[], ""), managed_policies),
    ("aws_ssoadmin_customer_managed_policy_attachment", handle(&[], ""), customer_policy),
    ("aws_ssoadmin_permission_set_inline_policy", handle(&[], ""), inline_policy),
    ("aws_ssoadmin_permissions_boundary_attachment", handle(&[], ""), boundary),
    ("aws_ssoadmin_account_assignment", handle(&[], ""), assignment),
    ("aws_identitystore_user", handle(&["user_id"], ""), user),
    ("aws_identitystore_group", handle(&["group_id"], ""), group),
    ("aws_identitystore_group_membership", handle(&[], ""), membership),
];

fn permission_set<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("inline_policy", ""), ("permissions_boundary", "")];
    state(sketch, thing.draft(SET, "name", from), |draft| {
        by_arn(draft);
        let duration = thing.or("session_duration", Tree::text("PT1H"));
        draft.fields.set("session_duration", duration);
        silent(thing, draft, &[("created_date", "created_date", later())]);
        untold(
            thing,
            draft,
            &[
                ("managed_policy_arns", none()),
                ("customer_managed_policies", none()),
                ("inline_policy", Tree::Null),
                ("permissions_boundary", Tree::Null),
                ("provisioned_account_ids", none()),
            ],
        );
    });
}

fn managed_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let arn = stated(thing, "managed_policy_arn");
    let whole = thing.whole("permission_set_arn");
    part(sketch, thing.element(SET, whole, "managed_policy_arns", arn));
}

fn managed_policies<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let arns = closed(thing.or("managed_policy_arns", none()));
    let whole = thing.whole("permission_set_arn");
    part(sketch, thing.value(SET, whole, "managed_policy_arns", arns));
}

fn customer_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let name = reference(&thing.at("customer_managed_policy_reference")).unwrap_or_else(later);
    let whole = thing.whole("permission_set_arn");
    part(sketch, thing.element(SET, whole, "customer_managed_policies", name));
}

/// The path and name of a policy that each account has of its own.
fn reference<'a>(block: &Tree<'a>) -> Option<Tree<'a>> {
    let (path, name) = (block.member("path"), block.member("name"));
    match (&*path, &*name) {
        (Tree::Null, Tree::Text(name)) => Some(Tree::text(format!("/{name}"))),
        (Tree::Text(path), Tree::Text(name)) => Some(Tree::text(format!("{path}{name}"))),
        (_, Tree::Unknown(cause)) | (Tree::Unknown(cause), _) => Some(Tree::Unknown(cause.clone())),
        _ => None,
    }
}

fn inline_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let policy = optional_document(&thing.at("inline_policy")).unwrap_or_default();
    let whole = thing.whole("permission_set_arn");
    part(sketch, thing.value(SET, whole, "inline_policy", policy));
}

fn boundary<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let block = thing.at("permissions_boundary");
    let bound = match &*block.member("managed_policy_arn") {
        Tree::Text(arn) if !arn.is_empty() => Tree::Text(arn.clone()),
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        _ => reference(&block.member("customer_managed_policy_reference")).unwrap_or_else(later),
    };
    let whole = thing.whole("permission_set_arn");
    part(sketch, thing.value(SET, whole, "permissions_boundary", bound));
}

/// An assignment is known by its account, permission set and principal, as a collection from AWS names it.
fn assignment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    if thing.text("target_type").is_ok_and(|kind| kind.is_some_and(|kind| kind != "AWS_ACCOUNT")) {
        return;
    }
    let from = &[("account_id", "target_id")];
    let draft = thing.draft(ASSIGNMENT, "", from);
    state(sketch, draft, |draft| {
        let word = |path: &str| thing.text(path).ok().flatten();
        if let (Some(account), Some(set), Some(principal)) =
            (word("target_id"), word("permission_set_arn"), word("principal_id"))
        {
            draft.id = format!("{account}/{}/{principal}", last(&set));
        }
    });
    let account = stated(thing, "target_id");
    let whole = thing.whole("permission_set_arn");
    part(sketch, thing.element(SET, whole, "provisioned_account_ids", account));
}

fn user<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    state(sketch, thing.draft(USER, "user_name", &[]), |_| {});
}

fn group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    state(sketch, thing.draft(GROUP, "display_name", &[]), |draft| {
        untold(thing, draft, &[("member_user_ids", none())]);
    });
}

fn membership<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let user = stated(thing, "member_id");
    part(sketch, thing.element(GROUP, thing.whole("group_id"), "member_user_ids", user));
}

fn stated<'a>(thing: &Thing<'a>, path: &str) -> Tree<'a> {
    match &*thing.at(path) {
        Tree::Null => later(),
        found => found.clone(),
    }
}
