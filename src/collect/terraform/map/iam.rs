//! Users, groups, roles and instance profiles of IAM.
//!
//! Their ids are their names. What is attached to them or written into them, and who is in which group, is stated in
//! many ways; `iam_policy` has the other ones.

use super::Table;
use super::stating::{
    document, handle, later, leave_out, none, optional_document, part, silent, state, untold,
    wholes,
};
use crate::collect::predicted::Thing;
use crate::collect::predicted::principal::{
    GROUP, ROLE, ROW, USER, attached, by_name, free_slot, inline_policy, member, report_row, unused,
};
use crate::model::change::{Sketch, Whole};
use crate::model::{Tree, change::Draft};

pub(super) const PROFILE: &str = "aws.iam.instance_profile";
const KEY: &str = "aws.iam.access_key";
const DEVICE: &str = "aws.iam.mfa_device";

pub(super) const TABLE: Table = &[
    ("aws_iam_role", handle(&["name"], "arn:{partition}:iam::{account}:role{path}{name}"), role),
    (
        "aws_iam_service_linked_role",
        handle(
            &["name"],
            "arn:{partition}:iam::{account}:role/aws-service-role/{aws_service_name}/{name}",
        ),
        service_linked_role,
    ),
    ("aws_iam_user", handle(&["name"], "arn:{partition}:iam::{account}:user{path}{name}"), user),
    ("aws_iam_group", handle(&["name"], "arn:{partition}:iam::{account}:group{path}{name}"), group),
    (
        "aws_iam_instance_profile",
        handle(&["name"], "arn:{partition}:iam::{account}:instance-profile{path}{name}"),
        instance_profile,
    ),
    ("aws_iam_group_membership", handle(&["name"], ""), group_membership),
    ("aws_iam_user_group_membership", handle(&[], ""), user_group_membership),
    ("aws_iam_user_login_profile", handle(&["user"], ""), login_profile),
    ("aws_iam_access_key", handle(&["id"], ""), access_key),
    (
        "aws_iam_virtual_mfa_device",
        handle(&["arn"], "arn:{partition}:iam::{account}:mfa{path}{virtual_mfa_device_name}"),
        virtual_device,
    ),
];

fn role<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let draft = thing.draft(
        ROLE,
        "name",
        &[
            ("role_id", "unique_id"),
            ("permissions_boundary_arn", "permissions_boundary"),
            ("assume_role_policy_document", ""),
            ("inline_policies", ""),
            ("attached_policies", ""),
            ("attached_policy_arns", ""),
        ],
    );
    state(sketch, draft, |draft| {
        let trust = document(thing, "assume_role_policy");
        draft.fields.set("assume_role_policy_document", trust);
        let path = thing.or("path", Tree::text("/"));
        let linked = path.as_str().map(|path| Tree::Bool(path.starts_with("/aws-service-role/")));
        if let Some(linked) = linked {
            draft.fields.set("service_linked", linked);
        }
        draft.fields.set("path", path);
        draft.fields.set("max_session_duration", thing.or("max_session_duration", Tree::Int(3600)));
        inline_policies(thing, draft);
        attached_policies(thing, draft);
        unused(thing, draft);
        untold(
            thing,
            draft,
            &[
                ("last_used_date", Tree::Null),
                ("last_used_region", Tree::Null),
                ("instance_profile_arns", none()),
            ],
        );
    });
}

/// The blocks `inline_policy`. An empty one says that there are none.
fn inline_policies<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let blocks = thing.at("inline_policy");
    if let Tree::List(blocks) = &*blocks {
        let is_stated = |block: &&Tree<'a>| {
            let absent = |name: &str| {
                let value = block.member(name);
                value.is_null() || value.as_str() == Some("")
            };
            !(absent("name") && absent("policy"))
        };
        let policies = blocks.iter().filter(is_stated).map(|block| {
            let document = optional_document(&block.member("policy")).unwrap_or_else(later);
            inline_policy(block.member("name").into_owned(), document)
        });
        draft.fields.set("inline_policies", Tree::List(policies.collect()));
    } else if let Tree::Unknown(cause) = &*blocks {
        draft.fields.set("inline_policies", Tree::Unknown(cause.clone()));
    }
    silent(thing, draft, &[("inline_policy", "inline_policies", none())]);
}

fn attached_policies<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let arns = thing.at("managed_policy_arns");
    set_attached(draft, &arns);
    let none = none();
    silent(
        thing,
        draft,
        &[
            ("managed_policy_arns", "attached_policies", none.clone()),
            ("managed_policy_arns", "attached_policy_arns", none),
        ],
    );
}

fn set_attached<'a>(draft: &mut Draft<'a>, arns: &Tree<'a>) {
    let (policies, arns) = attached(arns);
    draft.fields.set("attached_policies", policies);
    draft.fields.set("attached_policy_arns", arns);
}

/// A role that a service makes for itself. What it may do is written by AWS and in no plan.
fn service_linked_role<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let draft = thing.draft(ROLE, "name", &[("role_id", "unique_id")]);
    state(sketch, draft, |draft| {
        let service = thing.at("aws_service_name");
        draft.fields.set("service_linked", Tree::Bool(true));
        let path = match &*service {
            Tree::Text(service) => Tree::text(format!("/aws-service-role/{service}/")),
            _ => thing.at("path").into_owned(),
        };
        draft.fields.set("path", path);
        let statement = Tree::Map(vec![
            ("Effect".into(), Tree::text("Allow")),
            ("Action".into(), Tree::text("sts:AssumeRole")),
            ("Principal".into(), Tree::Map(vec![("Service".into(), service.into_owned())])),
        ]);
        let document = Tree::Map(vec![
            ("Version".into(), Tree::text("2012-10-17")),
            ("Statement".into(), Tree::List(vec![statement])),
        ]);
        let document = crate::collect::predicted::shape::policy(&document);
        draft.fields.set("assume_role_policy_document", document);
        unused(thing, draft);
        untold(
            thing,
            draft,
            &[
                ("max_session_duration", Tree::Int(3600)),
                ("last_used_date", Tree::Null),
                ("last_used_region", Tree::Null),
                ("instance_profile_arns", none()),
                ("inline_policies", none()),
                ("attached_policies", later()),
                ("attached_policy_arns", later()),
                ("permissions_boundary_arn", Tree::Null),
            ],
        );
    });
}

fn user<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("user_id", "unique_id"), ("permissions_boundary_arn", "permissions_boundary")];
    state(sketch, thing.draft(USER, "name", from), |draft| {
        draft.fields.set("path", thing.or("path", Tree::text("/")));
        unused(thing, draft);
        untold(
            thing,
            draft,
            &[
                ("create_date", later()),
                ("password_last_used", Tree::Null),
                ("login_profile_exists", Tree::Bool(false)),
                ("group_names", none()),
                ("inline_policies", none()),
                ("attached_policies", none()),
                ("attached_policy_arns", none()),
                ("mfa_serial_numbers", none()),
                ("access_key_ids", none()),
            ],
        );
    });
    if thing.fresh {
        report_row(thing, sketch);
    }
}

fn group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("group_id", "unique_id")];
    state(sketch, thing.draft(GROUP, "name", from), |draft| {
        draft.fields.set("path", thing.or("path", Tree::text("/")));
        let of_no_one = [
            ("create_date", later()),
            ("user_names", none()),
            ("inline_policies", none()),
            ("attached_policies", none()),
            ("attached_policy_arns", none()),
        ];
        untold(thing, draft, &of_no_one);
    });
}

/// A profile names its role; the role's ARN has a path, which the role alone knows.
fn instance_profile<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let roles = match &*thing.at("role") {
        Tree::Null => thing.or("roles", none()),
        _ if thing.is_left_open("role") => none(),
        role => Tree::List(vec![role.clone()]),
    };
    let from = &[("instance_profile_id", "unique_id"), ("role_names", ""), ("role_arns", "")];
    state(sketch, thing.draft(PROFILE, "name", from), |draft| {
        draft.fields.set("path", thing.or("path", Tree::text("/")));
        if let Some(open) = roles.items().iter().find(|role| role.is_unknown()) {
            draft.fields.set("role_names", open.clone());
            draft.fields.set("role_arns", open.clone());
            return;
        }
        draft.fields.set("role_names", roles.clone());
        leave_out(draft, "role_arns");
        if roles.items().is_empty() {
            draft.fields.set("role_arns", none());
        }
    });
    let Some(arn) = &thing.arn else { return };
    for role in roles.items() {
        let whole = match role {
            Tree::Text(name) => Whole::Id(name.clone().into_owned()),
            Tree::Unknown(cause) => Whole::Unknown(cause.clone()),
            _ => continue,
        };
        let arn = Tree::Text(arn.clone());
        part(sketch, thing.element(ROLE, whole, "instance_profile_arns", arn));
    }
}

/// Who is in a group stands on the users and on the group.
fn group_membership<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    for user in wholes(thing, "users") {
        member(thing, sketch, user, thing.whole("group"));
    }
}

fn user_group_membership<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    for group in wholes(thing, "groups") {
        member(thing, sketch, thing.whole("user"), group);
    }
}

/// A password is a fact of its user, and of the user's line in the credentials report.
fn login_profile<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let user = by_name(thing.whole("user"));
    let yes = Tree::Bool(true);
    part(sketch, thing.value(USER, user.clone(), "login_profile_exists", yes.clone()));
    part(sketch, thing.value(ROW, user, "password_enabled", yes));
}

fn access_key<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let user = by_name(thing.whole("user"));
    let status = thing.or("status", Tree::text("Active"));
    state(sketch, thing.draft(KEY, "", &[("user_name", "user")]), |draft| {
        draft.fields.set("status", status.clone());
        untold(
            thing,
            draft,
            &[
                ("last_used_date", Tree::Null),
                ("last_used_service", Tree::Null),
                ("last_used_region", Tree::Null),
            ],
        );
    });
    let id = Tree::Text(thing.id.clone());
    part(sketch, thing.element(USER, user.clone(), "access_key_ids", id));
    let active = match &status {
        Tree::Text(status) => Tree::Bool(status == "Active"),
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        _ => later(),
    };
    let field = free_slot(sketch, thing, &user);
    part(sketch, thing.value(ROW, user, field, active));
}

fn virtual_device<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    state(sketch, thing.draft(DEVICE, "", &[("serial_number", "arn")]), |draft| {
        super::stating::by_arn(draft);
        draft.fields.set("kind", Tree::text("virtual"));
        if let Some(arn) = &draft.arn {
            draft.fields.set("serial_number", Tree::text(arn.clone()));
        }
        let unassigned =
            [("user_name", "user_name", Tree::Null), ("enable_date", "enable_date", Tree::Null)];
        silent(thing, draft, &unassigned);
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::trial::{OPEN, fields, one, parts, planned, standing};
    use super::*;

    const TRUST: &str = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;
    const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    fn role(more: Value) -> Value {
        let mut role = json!({
            "name": "worker", "path": "/team/", "assume_role_policy": TRUST, "max_session_duration": 3600,
            "arn": OPEN, "id": OPEN, "unique_id": OPEN, "create_date": OPEN, "managed_policy_arns": OPEN,
            "inline_policy": OPEN, "permissions_boundary": null, "tags": {"a": "b"}, "tags_all": {"a": "b"},
        });
        if let (Value::Object(role), Value::Object(more)) = (&mut role, more) {
            role.extend(more);
        }
        role
    }

    #[test]
    fn a_role_is_what_it_will_be_collected_as() {
        let sketch = planned(&[("aws_iam_role.r", role(json!({})))]);
        let made = one(&sketch, ROLE);
        assert_eq!(made.id, "worker");
        assert_eq!(made.arn.as_deref(), Some("arn:aws:iam::111122223333:role/team/worker"));
        assert_eq!(made.tags.known().unwrap()["a"], "b");
        let made = fields(made);
        assert_eq!(made["inline_policies"], json!([]));
        assert_eq!(made["attached_policy_arns"], json!([]));
        assert_eq!(made["instance_profile_arns"], json!([]));
        assert_eq!(made["service_linked"], json!(false));
        assert_eq!(made["last_used_date"], Value::Null);
        assert_eq!(made["permissions_boundary_arn"], Value::Null);
        assert!(made["create_date"]["$unknown"].is_object());
        let trust = &made["assume_role_policy_document"]["statements"][0];
        assert_eq!(trust["principals"][0]["value"], json!("ec2.amazonaws.com"));
    }

    #[test]
    fn a_role_that_stands_leaves_what_the_plan_does_not_tell() {
        let inline = json!([{"name": "", "policy": ""}]);
        let told = json!({
            "arn": "arn:aws:iam::111122223333:role/team/worker", "unique_id": "AROA1", "id": "worker",
            "create_date": "2024-01-01T00:00:00Z", "managed_policy_arns": [ADMIN], "inline_policy": inline,
        });
        let sketch = standing(&[("aws_iam_role.r", role(told))]);
        let made = fields(one(&sketch, ROLE));
        assert_eq!(made["attached_policies"][0]["policy_name"], json!("AdministratorAccess"));
        assert_eq!(made["attached_policy_arns"], json!([ADMIN]));
        assert_eq!(made["inline_policies"], json!([]));
        assert_eq!(made["role_id"], json!("AROA1"));
        for field in ["last_used_date", "instance_profile_arns", "services_last_accessed"] {
            assert_eq!(made.get(field), None, "{field}");
        }
    }

    #[test]
    fn inline_policies_and_attachments_come_in_many_spellings() {
        let policy = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let inline = json!([{"name": "own", "policy": policy}, {"name": "later", "policy": OPEN}]);
        let sketch = planned(&[
            (
                "aws_iam_role.r",
                role(json!({"inline_policy": inline, "managed_policy_arns": [ADMIN, OPEN]})),
            ),
            ("aws_iam_role_policy.p", json!({"name": OPEN, "policy": policy, "role": "worker"})),
            ("aws_iam_role_policy_attachment.a", json!({"role": "worker", "policy_arn": ADMIN})),
            (
                "aws_iam_policy_attachment.a",
                json!({"name": "x", "policy_arn": ADMIN, "roles": ["worker", "other"],
                "users": [OPEN], "groups": null}),
            ),
            (
                "aws_iam_role_policy_attachments_exclusive.a",
                json!({"role_name": "worker", "policy_arns": [ADMIN]}),
            ),
        ]);
        let made = fields(one(&sketch, ROLE));
        assert_eq!(
            made["inline_policies"][0]["document"]["statements"][0]["actions"],
            json!(["*"])
        );
        assert!(made["inline_policies"][1]["document"]["$unknown"].is_object());
        assert!(made["attached_policy_arns"]["$unknown"].is_object());
        let inline = parts(&sketch, ROLE, "inline_policies");
        assert_eq!(inline[0].0, "worker");
        assert_eq!(inline[0].1["policy_name"], json!("planned:aws_iam_role_policy.p"));
        let attached = parts(&sketch, ROLE, "attached_policy_arns");
        let whom: Vec<_> = attached.iter().map(|(whom, _)| &**whom).collect();
        assert_eq!(whom, ["worker", "worker", "other", "worker"]);
        assert_eq!(attached[3].1, json!([ADMIN]));
        let users = parts(&sketch, USER, "attached_policies");
        assert!(users[0].0.starts_with("Unknown"), "{users:?}");
    }

    #[test]
    fn a_user_brings_keys_passwords_and_its_line_in_the_report() {
        let user = json!({"name": "ann", "path": "/", "arn": OPEN, "unique_id": OPEN, "permissions_boundary": ADMIN});
        let key = |id: &str| json!({"user": "ann", "id": id, "status": null, "secret": OPEN, "create_date": OPEN});
        let sketch = planned(&[
            ("aws_iam_user.u", user),
            ("aws_iam_access_key.one", key(OPEN)),
            ("aws_iam_access_key.two", key(OPEN)),
            ("aws_iam_user_login_profile.p", json!({"user": "ann", "password": OPEN, "id": OPEN})),
            ("aws_iam_user_group_membership.m", json!({"user": "ann", "groups": ["ops", "dev"]})),
            ("aws_iam_group_membership.m", json!({"name": "m", "group": "ops", "users": ["bob"]})),
        ]);
        let made = fields(one(&sketch, USER));
        assert_eq!(made["permissions_boundary_arn"], json!(ADMIN));
        assert_eq!(made["login_profile_exists"], json!(false));
        assert_eq!(parts(&sketch, USER, "login_profile_exists"), [("ann".to_owned(), json!(true))]);
        assert_eq!(
            parts(&sketch, USER, "access_key_ids"),
            ["one", "two"]
                .map(|n| ("ann".to_owned(), json!(format!("planned:aws_iam_access_key.{n}"))))
        );
        let row = one(&sketch, ROW);
        assert!(row.implied && row.id == "ann");
        assert_eq!(fields(row)["mfa_active"], json!(false));
        for slot in ["access_key_1_active", "access_key_2_active", "password_enabled"] {
            assert_eq!(parts(&sketch, ROW, slot), [("ann".to_owned(), json!(true))], "{slot}");
        }
        let groups = parts(&sketch, USER, "group_names");
        assert_eq!(groups.len(), 3);
        assert!(groups.contains(&("bob".to_owned(), json!("ops"))), "{groups:?}");
        let members = parts(&sketch, GROUP, "user_names");
        assert!(members.contains(&("dev".to_owned(), json!("ann"))), "{members:?}");
        let keys = sketch.drafts().iter().filter(|draft| draft.kind.name == KEY);
        assert!(keys.map(fields).all(|key| key["status"] == json!("Active")));
    }

    #[test]
    fn a_profile_names_its_role() {
        let profile =
            json!({"name": "hosts", "path": "/", "role": "worker", "arn": OPEN, "unique_id": OPEN});
        let sketch = planned(&[("aws_iam_instance_profile.p", profile)]);
        let made = one(&sketch, PROFILE);
        assert_eq!(fields(made)["role_names"], json!(["worker"]));
        assert_eq!(fields(made).get("role_arns"), None);
        assert_eq!(
            parts(&sketch, ROLE, "instance_profile_arns"),
            [("worker".to_owned(), json!("arn:aws:iam::111122223333:instance-profile/hosts"))]
        );
    }
}
