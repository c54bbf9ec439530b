//! Policies of IAM: managed ones, those written into users, groups and roles, and what is attached to whom.

use super::Table;
use super::stating::{
    by_arn, document, handle, later, name_or_planned, none, part, state, untold, wholes,
};
use crate::collect::predicted::Thing;
use crate::collect::predicted::principal::{
    GROUP, ROLE, USER, attached, attached_policy, by_name, inline_policy,
};
use crate::model::Tree;
use crate::model::change::{Sketch, Whole};

const POLICY: &str = "aws.iam.policy";

pub(super) const TABLE: Table = &[
    (
        "aws_iam_policy",
        handle(&["arn"], "arn:{partition}:iam::{account}:policy{path}{name}"),
        policy,
    ),
    ("aws_iam_role_policy", handle(&[], ""), role_policy),
    ("aws_iam_user_policy", handle(&[], ""), user_policy),
    ("aws_iam_group_policy", handle(&[], ""), group_policy),
    ("aws_iam_role_policy_attachment", handle(&[], ""), role_attachment),
    ("aws_iam_user_policy_attachment", handle(&[], ""), user_attachment),
    ("aws_iam_group_policy_attachment", handle(&[], ""), group_attachment),
    ("aws_iam_policy_attachment", handle(&[], ""), attachment),
    ("aws_iam_role_policy_attachments_exclusive", handle(&[], ""), role_attachments),
    ("aws_iam_user_policy_attachments_exclusive", handle(&[], ""), user_attachments),
    ("aws_iam_group_policy_attachments_exclusive", handle(&[], ""), group_attachments),
];

fn policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("policy_name", "name"), ("document", ""), ("versions", "")];
    state(sketch, thing.draft(POLICY, "name", from), |draft| {
        by_arn(draft);
        let document = document(thing, "policy");
        draft.fields.set("document", document.clone());
        draft.fields.set("path", thing.or("path", Tree::text("/")));
        draft.fields.set("aws_managed", Tree::Bool(false));
        untold(
            thing,
            draft,
            &[
                ("default_version_id", Tree::text("v1")),
                ("versions", none()),
                ("attachment_count", later()),
                ("permissions_boundary_usage_count", later()),
                ("is_attachable", Tree::Bool(true)),
                ("create_date", later()),
                ("update_date", later()),
            ],
        );
        if thing.fresh {
            let first = Tree::Map(vec![
                ("version_id".into(), Tree::text("v1")),
                ("is_default_version".into(), Tree::Bool(true)),
                ("create_date".into(), later()),
                ("document".into(), document),
            ]);
            draft.fields.set("versions", Tree::List(vec![first]));
        }
    });
}

fn role_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    inline(thing, sketch, ROLE, "role");
}

fn user_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    inline(thing, sketch, USER, "user");
}

fn group_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    inline(thing, sketch, GROUP, "group");
}

/// A policy written into a principal. A name that the provider will choose is the planned one: it tells apart what has
/// no name yet.
fn inline<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, kind: &'static str, path: &str) {
    let policy = inline_policy(name_or_planned(thing, "name"), document(thing, "policy"));
    part(sketch, thing.element(kind, by_name(thing.whole(path)), "inline_policies", policy));
}

fn role_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    attach(thing, sketch, ROLE, thing.whole("role"));
}

fn user_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    attach(thing, sketch, USER, thing.whole("user"));
}

fn group_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    attach(thing, sketch, GROUP, thing.whole("group"));
}

/// One policy for several users, groups and roles.
fn attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    for (kind, path) in [(USER, "users"), (ROLE, "roles"), (GROUP, "groups")] {
        for whole in wholes(thing, path) {
            attach(thing, sketch, kind, whole);
        }
    }
}

fn attach<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, kind: &'static str, whole: Whole) {
    let arn = match &*thing.at("policy_arn") {
        Tree::Null => later(),
        arn => arn.clone(),
    };
    let whole = by_name(whole);
    let policy = attached_policy(&arn);
    part(sketch, thing.element(kind, whole.clone(), "attached_policies", policy));
    part(sketch, thing.element(kind, whole, "attached_policy_arns", arn));
}

fn role_attachments<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    exclusive(thing, sketch, ROLE, "role_name");
}

fn user_attachments<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    exclusive(thing, sketch, USER, "user_name");
}

fn group_attachments<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    exclusive(thing, sketch, GROUP, "group_name");
}

/// The policies that are attached to a principal, all of them.
fn exclusive<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, kind: &'static str, path: &str) {
    let whole = by_name(thing.whole(path));
    let (policies, arns) = attached(&thing.or("policy_arns", none()));
    part(sketch, thing.value(kind, whole.clone(), "attached_policies", policies));
    part(sketch, thing.value(kind, whole, "attached_policy_arns", arns));
}
