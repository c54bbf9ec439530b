//! Parts of users, groups and roles of IAM that all sources state alike.

use super::Thing;
use super::stating::{last, later, none, part, renamed, state, untold};
use crate::model::Tree;
use crate::model::change::{Draft, Part, Sketch, Whole};
use crate::model::kinds::kind_named;

/// The types.
pub const USER: &str = "aws.iam.user";
/// Groups of users.
pub const GROUP: &str = "aws.iam.group";
/// Roles.
pub const ROLE: &str = "aws.iam.role";
/// Lines of the credentials report.
pub const ROW: &str = "aws.iam.credential_report_row";

/// Nobody has used yet what does not exist yet.
pub fn unused<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let fields = [("services_last_accessed", none()), ("services_last_accessed_date", Tree::Null)];
    untold(thing, draft, &fields);
}

/// A policy written into a principal, in the model's JSON.
pub fn inline_policy<'a>(name: Tree<'a>, document: Tree<'a>) -> Tree<'a> {
    Tree::Map(vec![("policy_name".into(), name), ("document".into(), document)])
}

/// Attached policies, and their ARNs. A list of ARNs of which one is unknown is unknown.
pub fn attached<'a>(arns: &Tree<'a>) -> (Tree<'a>, Tree<'a>) {
    match arns {
        Tree::List(items) => (
            Tree::List(items.iter().map(attached_policy).collect()),
            items.iter().find(|arn| arn.is_unknown()).unwrap_or(arns).clone(),
        ),
        other => (other.clone(), other.clone()),
    }
}

/// A managed policy that is attached, by its ARN, in the model's JSON.
pub fn attached_policy<'a>(arn: &Tree<'a>) -> Tree<'a> {
    let name = match arn {
        Tree::Text(text) => Tree::text(last(text).to_owned()),
        other => other.clone(),
    };
    Tree::Map(vec![("policy_arn".into(), arn.clone()), ("policy_name".into(), name)])
}

/// The line that a user will have in the credentials report.
pub fn report_row<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const NOT_YET: [&str; 14] = [
        "password_last_used",
        "password_last_changed",
        "password_next_rotation",
        "access_key_1_last_rotated",
        "access_key_1_last_used_date",
        "access_key_1_last_used_region",
        "access_key_1_last_used_service",
        "access_key_2_last_rotated",
        "access_key_2_last_used_date",
        "access_key_2_last_used_region",
        "access_key_2_last_used_service",
        "cert_1_last_rotated",
        "cert_2_last_rotated",
        "additional_credentials_info",
    ];
    const NOT: [&str; 7] = [
        "root",
        "password_enabled",
        "mfa_active",
        "access_key_1_active",
        "access_key_2_active",
        "cert_1_active",
        "cert_2_active",
    ];
    state(sketch, thing.implied(ROW, &*thing.id), |draft| {
        draft.arn = thing.arn.clone().map(std::borrow::Cow::into_owned);
        draft.name = Some(thing.id.clone().into_owned());
        draft.fields.set("user", Tree::text(thing.id.clone().into_owned()));
        draft.fields.set("generated_time", later());
        draft.fields.set("user_creation_time", later());
        for field in NOT_YET {
            draft.fields.set(field, Tree::Null);
        }
        for field in NOT {
            draft.fields.set(field, Tree::Bool(false));
        }
    });
}

/// A user in a group: it stands on both.
pub fn member<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, user: Whole, group: Whole) {
    let name = |whole: &Whole| match whole {
        Whole::Id(id) => Tree::text(last(id).to_owned()),
        Whole::OneOf(_) => later(),
        Whole::Unknown(cause) => Tree::Unknown(cause.clone()),
    };
    let (of_user, of_group) = (name(&group), name(&user));
    part(sketch, thing.element(USER, by_name(user), "group_names", of_user));
    part(sketch, thing.element(GROUP, by_name(group), "user_names", of_group));
}

/// Principals are known by their names; some texts name them by their ARN.
pub fn by_name(whole: Whole) -> Whole {
    renamed(whole, |id| last(id).to_owned())
}

/// The credentials report has room for two keys of a user.
pub fn free_slot(sketch: &Sketch<'_>, thing: &Thing<'_>, user: &Whole) -> &'static str {
    const SLOTS: [&str; 2] = ["access_key_1_active", "access_key_2_active"];
    let row = kind_named(ROW).map(|kind| kind.name);
    let taken = |part: &Part<'_>| {
        Some(part.kind.name) == row
            && part.field == SLOTS[0]
            && part.whole == *user
            && part.address != thing.address
    };
    if sketch.parts.iter().any(taken) { SLOTS[1] } else { SLOTS[0] }
}
