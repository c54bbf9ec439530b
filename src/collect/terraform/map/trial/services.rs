//! Data and workload services, the organization, and Identity Center.

use serde_json::{Value, json};

use super::{OPEN, fields, one, parts, planned, standing};

const ROLE: &str = "arn:aws:iam::111122223333:role/worker";
const POLICY: &str =
    r#"{"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*","Principal":"*"}]}"#;

fn unknown(value: &Value) -> bool {
    value.get("$unknown").is_some()
}

#[test]
fn silence_about_a_policy_is_what_the_service_makes_of_it() {
    let sketch = planned(&[
        (
            "aws_kms_key.k",
            json!({"policy": OPEN, "is_enabled": true, "arn": OPEN, "key_id": OPEN, "multi_region": OPEN}),
        ),
        (
            "aws_sns_topic.t",
            json!({"name": "alarms", "policy": OPEN, "arn": OPEN, "kms_master_key_id": null}),
        ),
        (
            "aws_sqs_queue.q",
            json!({"name": "jobs", "policy": OPEN, "arn": OPEN, "url": OPEN, "kms_master_key_id": ""}),
        ),
        (
            "aws_secretsmanager_secret.s",
            json!({"name": "db", "policy": OPEN, "arn": OPEN, "kms_key_id": null}),
        ),
        (
            "aws_ecr_repository.r",
            json!({"name": "team/app", "image_tag_mutability": "IMMUTABLE", "arn": OPEN}),
        ),
    ]);
    let key = one(&sketch, "aws.kms.key");
    assert_eq!(key.id, "planned:aws_kms_key.k");
    let key = fields(key);
    let statement = &key["policy_document"]["statements"][0];
    assert_eq!(statement["principals"][0]["value"], "arn:aws:iam::111122223333:root");
    assert_eq!((&key["key_state"], &key["multi_region"]), (&json!("Enabled"), &json!(false)));
    let topic = one(&sketch, "aws.sns.topic");
    assert_eq!(topic.arn.as_deref(), Some("arn:aws:sns:eu-west-1:111122223333:alarms"));
    let conditions = &fields(topic)["policy_document"]["statements"][0]["conditions"];
    assert_eq!(conditions[0]["values"], json!(["111122223333"]));
    let queue = fields(one(&sketch, "aws.sqs.queue"));
    assert_eq!(
        (&queue["policy_document"], &queue["kms_master_key_id"]),
        (&Value::Null, &Value::Null)
    );
    assert!(unknown(&queue["queue_url"]));
    let secret = one(&sketch, "aws.secretsmanager.secret");
    assert_eq!(secret.id, "db");
    assert!(secret.arn.as_deref().unwrap().contains(":secret:db-planned:"));
    assert_eq!(fields(secret)["rotation_enabled"], json!(false));
    assert_eq!(fields(one(&sketch, "aws.ecr.repository"))["policy_document"], Value::Null);
}

#[test]
fn policies_that_are_stated_apart_find_their_things() {
    let arn = "arn:aws:sns:eu-west-1:111122223333:alarms";
    let sketch = planned(&[
        ("aws_sns_topic_policy.p", json!({"arn": arn, "policy": POLICY})),
        (
            "aws_sqs_queue_policy.p",
            json!({"queue_url": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "policy": OPEN}),
        ),
        ("aws_ecr_repository_policy.p", json!({"repository": "team/app", "policy": POLICY})),
        (
            "aws_kms_key_policy.p",
            json!({"key_id": "planned:aws_kms_key.k[\"a/b\"]", "policy": POLICY}),
        ),
    ]);
    let of = |kind: &str| parts(&sketch, kind, "policy_document").remove(0);
    assert_eq!(of("aws.sns.topic").0, "alarms");
    assert_eq!(of("aws.sns.topic").1["statements"][0]["actions"], json!(["sqs:*"]));
    let (queue, document) = of("aws.sqs.queue");
    assert!(queue == "jobs" && unknown(&document));
    assert_eq!(of("aws.ecr.repository").0, "team/app");
    assert_eq!(of("aws.kms.key").0, "planned:aws_kms_key.k[\"a/b\"]");
}

#[test]
fn a_function_keeps_names_of_variables_and_nothing_else_of_them() {
    let function = json!({
        "function_name": "f", "role": ROLE, "runtime": "python3.13", "handler": "a.b", "arn": OPEN, "last_modified": OPEN,
        "architectures": OPEN, "package_type": "Zip", "layers": null, "kms_key_arn": "",
        "environment": [{"variables": {"TOKEN": "s3cret", "URL": OPEN}}],
        "vpc_config": [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"], "vpc_id": OPEN}],
    });
    let sketch = planned(&[
        ("aws_lambda_function.f", function),
        (
            "aws_lambda_function_url.u",
            json!({"function_name": "f", "qualifier": "live", "authorization_type": "NONE", "invoke_mode": null,
                "function_url": OPEN, "cors": [{"allow_origins": ["*"]}]}),
        ),
        (
            "aws_lambda_permission.p",
            json!({"statement_id": OPEN, "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com",
                "function_name": "arn:aws:lambda:eu-west-1:111122223333:function:f", "source_arn": "arn:aws:events:x",
                "source_account": null, "qualifier": ""}),
        ),
    ]);
    let made = one(&sketch, "aws.lambda.function");
    let text = format!("{made:?}");
    assert!(!text.contains("s3cret"), "{text}");
    let made = fields(made);
    assert_eq!(made["environment_variable_names"], json!(["TOKEN", "URL"]));
    assert_eq!(made["architectures"], json!(["x86_64"]));
    assert_eq!(made["subnet_ids"], json!(["subnet-1"]));
    assert!(unknown(&made["vpc_id"]) && made["policy_document"].is_null());
    assert_eq!(made["ipv6_allowed_for_dual_stack"], json!(false));
    let (whole, url) = parts(&sketch, "aws.lambda.function", "function_urls").remove(0);
    assert_eq!((&*whole, &url["auth_type"]), ("f", &json!("NONE")));
    assert_eq!(url["function_arn"], "arn:aws:lambda:eu-west-1:111122223333:function:f:live");
    assert_eq!(url["cors_allow_origins"], json!(["*"]));
    let (whole, statement) =
        parts(&sketch, "aws.lambda.function", "policy_document.statements").remove(0);
    assert_eq!(whole, "f");
    assert_eq!(
        statement["principals"][0],
        json!({"kind": "Service", "value": "events.amazonaws.com"})
    );
    assert_eq!(statement["conditions"][0]["operator"], "ArnLike");
    let alone =
        planned(&[("aws_lambda_function.f", json!({"function_name": "f", "vpc_config": []}))]);
    assert_eq!(fields(one(&alone, "aws.lambda.function"))["vpc_id"], Value::Null);
}

#[test]
fn what_runs_with_a_role_says_which() {
    let sketch = planned(&[
        (
            "aws_ecs_task_definition.t",
            json!({"family": "web", "revision": OPEN, "arn": OPEN, "task_role_arn": ROLE,
                "container_definitions": "[{\"environment\":[{\"value\":\"s3cret\"}]}]"}),
        ),
        (
            "aws_ecs_service.s",
            json!({"name": "web", "cluster": "main", "task_definition": "web:3", "launch_type": OPEN,
                "enable_execute_command": null, "desired_count": 2}),
        ),
        (
            "aws_codebuild_project.p",
            json!({"name": "ci", "service_role": ROLE, "source": [{"type": "GITHUB"}], "arn": OPEN,
                "build_batch_config": []}),
        ),
        ("aws_glue_job.j", json!({"name": "etl", "role_arn": ROLE, "command": [{"name": null}]})),
        (
            "aws_sfn_state_machine.m",
            json!({"name": "flow", "role_arn": ROLE, "type": "EXPRESS", "status": OPEN, "definition": "s3cret"}),
        ),
        (
            "aws_apprunner_service.a",
            json!({"service_name": "app", "network_configuration": OPEN, "instance_configuration": OPEN,
                "status": OPEN, "arn": OPEN}),
        ),
        (
            "aws_cloudformation_stack.s",
            json!({"name": "base", "iam_role_arn": ROLE, "capabilities": ["CAPABILITY_IAM"], "id": OPEN}),
        ),
        (
            "aws_sagemaker_notebook_instance.n",
            json!({"name": "lab", "role_arn": ROLE, "direct_internet_access": "Enabled", "security_groups": OPEN}),
        ),
    ]);
    assert!(!format!("{:?}", sketch.drafts()).contains("s3cret"));
    let task = one(&sketch, "aws.ecs.task_definition");
    assert_eq!(task.id, "planned:aws_ecs_task_definition.t");
    assert_eq!(fields(task)["task_role_arn"], ROLE);
    let service = one(&sketch, "aws.ecs.service");
    assert_eq!(service.id, "main/web");
    assert_eq!(
        fields(service)["task_definition"],
        "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:3"
    );
    assert_eq!(fields(service)["enable_execute_command"], json!(false));
    assert_eq!(fields(one(&sketch, "aws.codebuild.project"))["batch_service_role"], Value::Null);
    assert_eq!(fields(one(&sketch, "aws.glue.job"))["command_name"], "glueetl");
    assert_eq!(fields(one(&sketch, "aws.states.state_machine"))["status"], "ACTIVE");
    let app = fields(one(&sketch, "aws.apprunner.service"));
    assert_eq!(
        (&app["is_publicly_accessible"], &app["instance_role_arn"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(fields(one(&sketch, "aws.cloudformation.stack"))["role_arn"], ROLE);
    assert_eq!(fields(one(&sketch, "aws.sagemaker.notebook_instance"))["root_access"], "Enabled");
    let told = json!({"family": "web", "revision": 3, "arn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:3", "id": "web"});
    let standing = standing(&[("aws_ecs_task_definition.t", told)]);
    assert_eq!(one(&standing, "aws.ecs.task_definition").id, "web:3");
}

#[test]
fn databases_and_clusters_have_the_defaults_of_aws() {
    let sketch = planned(&[
        (
            "aws_db_instance.d",
            json!({"identifier": "db", "engine": "postgres", "instance_class": "db.t4g.micro", "port": OPEN, "password": "s3cret",
                "publicly_accessible": false, "storage_encrypted": null, "multi_az": OPEN, "kms_key_id": OPEN,
                "vpc_security_group_ids": ["sg-1"], "db_subnet_group_name": "private", "arn": OPEN, "status": OPEN,
                "address": OPEN, "backup_retention_period": OPEN}),
        ),
        (
            "aws_eks_cluster.c",
            json!({"name": "k8s", "role_arn": ROLE, "arn": OPEN, "status": OPEN, "version": OPEN, "endpoint": OPEN,
                "kubernetes_network_config": OPEN, "access_config": OPEN, "encryption_config": [],
                "enabled_cluster_log_types": ["audit"],
                "vpc_config": [{"subnet_ids": ["subnet-1"], "endpoint_public_access": true, "endpoint_private_access": false,
                    "public_access_cidrs": OPEN, "security_group_ids": null, "vpc_id": OPEN, "cluster_security_group_id": OPEN}]}),
        ),
    ]);
    assert!(!format!("{:?}", sketch.drafts()).contains("s3cret"));
    let made = fields(one(&sketch, "aws.rds.db_instance"));
    for (field, want) in [
        ("endpoint_port", json!(5432)),
        ("storage_encrypted", json!(false)),
        ("multi_az", json!(false)),
        ("kms_key_id", Value::Null),
        ("status", json!("available")),
        ("db_subnet_group_name", json!("private")),
        ("deletion_protection", json!(false)),
    ] {
        assert_eq!(made[field], want, "{field}");
    }
    assert!(unknown(&made["endpoint_address"]) && unknown(&made["subnet_ids"]));
    let made = fields(one(&sketch, "aws.eks.cluster"));
    for (field, want) in [
        ("public_access_cidrs", json!(["0.0.0.0/0"])),
        ("endpoint_public_access", json!(true)),
        ("status", json!("ACTIVE")),
        ("ip_family", json!("ipv4")),
        ("authentication_mode", json!("CONFIG_MAP")),
        ("encryption_key_arn", Value::Null),
        ("enabled_log_types", json!(["audit"])),
    ] {
        assert_eq!(made[field], want, "{field}");
    }
    assert!(unknown(&made["vpc_id"]));
}

#[test]
fn the_account_has_one_of_each() {
    let sketch = planned(&[
        (
            "aws_iam_account_password_policy.p",
            json!({"minimum_password_length": 14, "max_password_age": 0, "password_reuse_prevention": OPEN,
                "require_symbols": true, "hard_expiry": OPEN, "expire_passwords": OPEN}),
        ),
        (
            "aws_account_alternate_contact.c",
            json!({"alternate_contact_type": "SECURITY", "name": "Sec", "title": "CISO", "phone_number": "+1",
                "email_address": "Sec@Example.org"}),
        ),
        (
            "aws_iam_openid_connect_provider.o",
            json!({"url": "https://token.actions.githubusercontent.com", "client_id_list": ["sts.amazonaws.com"],
                "thumbprint_list": OPEN, "arn": OPEN}),
        ),
    ]);
    let policy = one(&sketch, "aws.iam.password_policy");
    assert_eq!(policy.id, "111122223333");
    let policy = fields(policy);
    assert_eq!((&policy["exists"], &policy["expire_passwords"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&policy["max_password_age"], &policy["require_numbers"]),
        (&Value::Null, &json!(false))
    );
    assert!(one(&sketch, "aws.account.contacts").implied);
    let (account, contact) = parts(&sketch, "aws.account.contacts", "security").remove(0);
    assert_eq!(account, "111122223333");
    assert_eq!(
        (&contact["email_domain"], &contact["name_present"]),
        (&json!("example.org"), &json!(true))
    );
    let provider = one(&sketch, "aws.iam.oidc_provider");
    let arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    assert_eq!((&*provider.id, provider.arn.as_deref()), (arn, Some(arn)));
    assert_eq!(fields(provider)["url"], "token.actions.githubusercontent.com");
}

#[test]
fn organizations_and_permission_sets_are_put_together_from_parts() {
    let set = "arn:aws:sso:::permissionSet/ssoins-1/ps-1";
    let scp = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let sketch = planned(&[
        (
            "aws_organizations_policy.p",
            json!({"name": "deny", "content": scp, "type": "SERVICE_CONTROL_POLICY", "id": OPEN, "arn": OPEN}),
        ),
        ("aws_organizations_policy_attachment.a", json!({"policy_id": "p-1", "target_id": "ou-1"})),
        (
            "aws_organizations_delegated_administrator.d",
            json!({"account_id": "444455556666", "service_principal": "guardduty.amazonaws.com", "status": OPEN, "name": OPEN}),
        ),
        (
            "aws_ssoadmin_permission_set.s",
            json!({"name": "Admin", "instance_arn": "arn:aws:sso:::instance/ssoins-1", "session_duration": null, "arn": OPEN}),
        ),
        (
            "aws_ssoadmin_account_assignment.a",
            json!({"permission_set_arn": set, "target_id": "111122223333", "target_type": "AWS_ACCOUNT",
                "principal_id": "g-1", "principal_type": "GROUP"}),
        ),
        (
            "aws_ssoadmin_customer_managed_policy_attachment.c",
            json!({"permission_set_arn": set, "customer_managed_policy_reference": [{"name": "own", "path": "/a/"}]}),
        ),
        ("aws_identitystore_group_membership.m", json!({"group_id": "g-1", "member_id": "u-1"})),
    ]);
    let policy = fields(one(&sketch, "aws.organizations.policy"));
    assert_eq!(policy["document"]["statements"][0]["effect"], "Deny");
    assert_eq!((&policy["content"], &policy["target_ids"]), (&Value::Null, &json!([])));
    let targets = parts(&sketch, "aws.organizations.policy", "target_ids");
    assert_eq!(targets, [("p-1".to_owned(), json!("ou-1"))]);
    assert_eq!(one(&sketch, "aws.organizations.delegated_administrator").id, "444455556666");
    let made = one(&sketch, "aws.sso.permission_set");
    assert_eq!(made.id, "arn:aws:sso:::permissionSet/planned:aws_ssoadmin_permission_set.s");
    assert_eq!(fields(made)["session_duration"], "PT1H");
    assert_eq!(one(&sketch, "aws.sso.account_assignment").id, "111122223333/ps-1/g-1");
    let own = parts(&sketch, "aws.sso.permission_set", "customer_managed_policies");
    assert_eq!(own, [(set.to_owned(), json!("/a/own"))]);
    let members = parts(&sketch, "aws.identitystore.group", "member_user_ids");
    assert_eq!(members, [("g-1".to_owned(), json!("u-1"))]);
}
