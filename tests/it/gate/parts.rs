//! What is stated apart from the thing it belongs to, over what is live: policies, passwords, permissions.

use portcullis::collect::terraform::{self, Options};
use portcullis::gate::overlay::{self, Predicted, World};
use portcullis::ident::{AccountId, Region};
use portcullis::model::Data;
use serde_json::{Value, json};

/// A plan of changes: address, action, values before and after.
fn plan(changes: &[(&str, &str, Value, Value)]) -> String {
    let change = |(address, action, before, after): &(&str, &str, Value, Value)| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": [action], "before": before, "after": after, "after_unknown": {}},
        })
    };
    let changes: Vec<_> = changes.iter().map(change).collect();
    json!({"format_version": "1.2", "resource_changes": changes}).to_string()
}

fn predict(text: &str, live: Option<World>) -> Predicted {
    let options = Options {
        account: Some(AccountId::new("111122223333").unwrap()),
        region: Some(Region::new("eu-west-1").unwrap()),
    };
    let input = terraform::parse(text).unwrap();
    let set = terraform::read(&input, &options).unwrap();
    let live = live.map(|world| (world.resources, world.coverage));
    overlay::predict(live, set, &overlay::Options { alone: true, ..overlay::Options::default() })
}

/// A resource, as JSON.
fn find(world: &World, kind: &str, id: &str) -> Value {
    let found = world.resources.iter().find(|r| r.kind().name == kind && r.meta.id == id);
    let data: &Data = &found.unwrap_or_else(|| panic!("no {kind} {id}")).data;
    serde_json::to_value(data).unwrap()
}

fn policy(action: &str) -> String {
    json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
}

const ARN: &str = "arn:aws:iam::111122223333";

fn things() -> Vec<(&'static str, Value)> {
    let trust = json!({"Statement": []}).to_string();
    vec![
        (
            "aws_iam_role.r",
            json!({"name": "worker", "path": "/team/", "assume_role_policy": trust, "arn": format!("{ARN}:role/team/worker")}),
        ),
        (
            "aws_iam_role_policy.p",
            json!({"name": "own", "role": "worker", "policy": policy("s3:GetObject")}),
        ),
        (
            "aws_iam_role_policy_attachment.a",
            json!({"role": "worker", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        ),
        (
            "aws_iam_instance_profile.p",
            json!({"name": "hosts", "path": "/", "role": "worker", "arn": format!("{ARN}:instance-profile/hosts")}),
        ),
        ("aws_iam_user.u", json!({"name": "ann", "path": "/", "arn": format!("{ARN}:user/ann")})),
        ("aws_iam_user_login_profile.l", json!({"user": "ann"})),
        ("aws_iam_access_key.k", json!({"user": "ann", "id": "AKIA1", "status": "Active"})),
        (
            "aws_lambda_function.f",
            json!({"function_name": "f", "arn": "arn:aws:lambda:eu-west-1:111122223333:function:f",
                "vpc_config": [{"subnet_ids": ["subnet-1"], "security_group_ids": []}]}),
        ),
        (
            "aws_subnet.s",
            json!({"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24",
                "arn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1"}),
        ),
    ]
}

fn live() -> World {
    let things = things();
    let made: Vec<_> =
        things.into_iter().map(|(at, values)| (at, "create", Value::Null, values)).collect();
    predict(&plan(&made), None).after
}

#[test]
fn parts_end_up_in_the_things_they_belong_to() {
    let live = live();
    let role = find(&live, "aws.iam.role", "worker");
    assert_eq!(role["inline_policies"][0]["policy_name"], "own");
    assert_eq!(role["attached_policy_arns"], json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]));
    assert_eq!(role["instance_profile_arns"], json!([format!("{ARN}:instance-profile/hosts")]));
    let profile = find(&live, "aws.iam.instance_profile", "hosts");
    assert_eq!(profile["role_arns"], json!([format!("{ARN}:role/team/worker")]));
    let user = find(&live, "aws.iam.user", "ann");
    assert_eq!(user["login_profile_exists"], json!(true));
    assert_eq!(user["access_key_ids"], json!(["AKIA1"]));
    let row = find(&live, "aws.iam.credential_report_row", "ann");
    assert_eq!(
        (&row["password_enabled"], &row["access_key_1_active"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(find(&live, "aws.lambda.function", "f")["vpc_id"], json!("vpc-1"));
}

#[test]
fn what_changes_goes_or_comes_apart_from_its_thing() {
    let wider = json!({"name": "own", "role": "worker", "policy": policy("s3:*")});
    let permission = json!({"statement_id": "s", "action": "lambda:InvokeFunction", "principal": "*", "function_name": "f"});
    let mut changes = Vec::new();
    for (address, values) in things() {
        changes.push(match address {
            "aws_iam_role_policy.p" => (address, "update", values, wider.clone()),
            "aws_iam_role_policy_attachment.a" | "aws_iam_user_login_profile.l" => {
                (address, "delete", values, Value::Null)
            }
            _ => (address, "no-op", values.clone(), values),
        });
    }
    changes.push(("aws_lambda_permission.p", "create", Value::Null, permission));
    let found = predict(&plan(&changes), Some(live()));
    let role = find(&found.after, "aws.iam.role", "worker");
    let [own] = role["inline_policies"].as_array().unwrap().as_slice() else { panic!("{role}") };
    assert_eq!(own["document"]["statements"][0]["actions"], json!(["s3:*"]));
    assert_eq!(role["attached_policy_arns"], json!([]));
    let before = find(&found.before, "aws.iam.role", "worker");
    let was = &before["inline_policies"][0]["document"]["statements"][0]["actions"];
    assert_eq!(was, &json!(["s3:GetObject"]));
    assert_eq!(find(&found.after, "aws.iam.user", "ann")["login_profile_exists"], json!(false));
    let row = find(&found.after, "aws.iam.credential_report_row", "ann");
    assert_eq!(row["password_enabled"], json!(false));
    let function = find(&found.after, "aws.lambda.function", "f");
    let statements = function["policy_document"]["statements"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["principals"][0]["kind"], json!("*"));
    assert_eq!(function["policy_document"]["version"], json!("2012-10-17"));
}
