//! What effective permissions need besides IAM: resource policies, workloads, Identity Center, last-accessed data.

use portcullis::model::{Completeness, Resource};
use serde_json::{Value, json};

use super::{ACCOUNT, data, dump, notes};

fn find<'r>(all: &'r [Resource], kind: &str, id: &str) -> &'r Resource {
    all.iter().find(|r| r.kind().name == kind && r.meta.id == id).unwrap_or_else(|| {
        let have: Vec<_> = all.iter().map(|r| (r.kind().name, r.meta.id.as_str())).collect();
        panic!("no {kind} {id} among {have:?}")
    })
}

fn status(summary: &portcullis::collect::aws_json::Summary, kind: &str) -> Completeness {
    let entry = summary.coverage.entries().find(|entry| entry.kind == kind);
    entry.map_or(Completeness::NotCollected, |entry| entry.status)
}

/// A dump of an account: file names below `111122223333/`, and answers.
fn account(files: &[(&str, Value)]) -> (Vec<Resource>, portcullis::collect::aws_json::Summary) {
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|(path, answer)| {
            let text = match answer {
                Value::String(text) => text.clone(),
                answer => answer.to_string(),
            };
            (format!("{ACCOUNT}/{path}"), text)
        })
        .collect();
    let files: Vec<(&str, &str)> =
        texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    dump(&files)
}

fn text_policy(resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource,
    }]})
    .to_string()
}

fn error(code: &str, operation: &str) -> Value {
    json!(format!("\nAn error occurred ({code}) when calling the {operation} operation: none"))
}

#[test]
fn buckets_have_policies_and_blocks() {
    let block = json!({"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": true, "IgnorePublicAcls": true,
        "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    }});
    let (all, summary) = account(&[
        (
            "global/buckets.json",
            json!({"Buckets": [
                {"Name": "open", "CreationDate": "2024-01-01T00:00:00Z", "BucketRegion": "eu-west-1"},
                {"Name": "shut", "CreationDate": "2024-01-01T00:00:00Z"},
                {"Name": "dark", "CreationDate": "2024-01-01T00:00:00Z"},
            ], "Owner": {"ID": "abc"}}),
        ),
        ("global/policy-1.json", json!({"Policy": text_policy("arn:aws:s3:::open/*")})),
        ("global/policy.shut.json", error("NoSuchBucketPolicy", "GetBucketPolicy")),
        ("global/block.shut.json", block.clone()),
        (
            "global/block.open.json",
            error("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock"),
        ),
        ("global/tags.open.json", json!({"TagSet": [{"Key": "env", "Value": "prod"}]})),
        ("global/s3control-get-public-access-block.json", block),
    ]);
    assert_eq!(notes(&summary), [""; 0]);
    let open = find(&all, "aws.s3.bucket", "open");
    assert_eq!(open.meta.arn.as_deref(), Some("arn:aws:s3:::open"));
    assert_eq!(open.meta.tags.known().unwrap()["env"], "prod");
    assert_eq!(data(open)["policy_document"]["statements"][0]["effect"], "Allow");
    assert_eq!(data(open)["public_access_block"], Value::Null);
    let shut = data(find(&all, "aws.s3.bucket", "shut"));
    assert_eq!(shut["policy_document"], Value::Null);
    assert_eq!(shut["public_access_block"]["restrict_public_buckets"], true);
    let dark = data(find(&all, "aws.s3.bucket", "dark"));
    assert_eq!(dark["policy_document"]["$unknown"]["detail"], "s3:GetBucketPolicy");
    assert_eq!(dark["public_access_block"]["$unknown"]["detail"], "s3:GetPublicAccessBlock");
    let own = data(find(&all, "aws.s3.account_public_access_block", ACCOUNT));
    assert_eq!(own["restrict_public_buckets"], true);
    assert_eq!(status(&summary, "aws.s3.bucket"), Completeness::Complete);
    assert_eq!(status(&summary, "aws.s3.account_public_access_block"), Completeness::Complete);
}

#[test]
fn buckets_tell_their_lists_and_settings() {
    let everyone = "http://acs.amazonaws.com/groups/global/AllUsers";
    let acl = json!({"Owner": {"ID": "abc"}, "Grants": [
        {"Grantee": {"ID": "abc", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "Group", "URI": everyone}, "Permission": "READ"},
    ]});
    let ownership = json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}});
    let encryption = json!({"ServerSideEncryptionConfiguration": {"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
        "BucketKeyEnabled": true,
    }]}});
    let logging = json!({"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "open/"}});
    let (all, summary) = account(&[
        (
            "global/buckets.json",
            json!({"Buckets": [
                {"Name": "open", "CreationDate": "2024-01-01T00:00:00Z"},
                {"Name": "bare", "CreationDate": "2024-01-01T00:00:00Z"},
                {"Name": "dark", "CreationDate": "2024-01-01T00:00:00Z"},
            ]}),
        ),
        ("global/acl.open.json", acl),
        ("global/get-bucket-ownership-controls.open.json", ownership),
        ("global/get-bucket-encryption.open.json", encryption),
        (
            "global/get-bucket-versioning.open.json",
            json!({"Status": "Enabled", "MFADelete": "Disabled"}),
        ),
        ("global/get-bucket-logging.open.json", logging),
        ("global/get-bucket-acl.bare.json", json!({"Owner": {"ID": "abc"}, "Grants": []})),
        (
            "global/get-bucket-ownership-controls.bare.json",
            error("OwnershipControlsNotFoundError", "GetBucketOwnershipControls"),
        ),
        (
            "global/get-bucket-encryption.bare.json",
            error("ServerSideEncryptionConfigurationNotFoundError", "GetBucketEncryption"),
        ),
        ("global/get-bucket-versioning.bare.json", json!("")),
        ("global/get-bucket-logging.bare.json", json!({})),
        ("global/get-bucket-acl.dark.json", error("AccessDenied", "GetBucketAcl")),
        // Grants of a key of KMS, and a status of something else.
        ("eu-west-1/grants.json", json!({"Grants": [{"KeyId": "k", "GrantId": "g"}]})),
        ("eu-west-1/something.json", json!({"Status": "Enabled"})),
    ]);
    let open = data(find(&all, "aws.s3.bucket", "open"));
    assert_eq!(open["acl_grants"][0]["grantee_id"], "abc");
    assert_eq!(open["acl_grants"][1]["grantee_uri"], everyone);
    assert_eq!(open["acl_grants"][1]["permission"], "READ");
    assert_eq!(open["object_ownership"], "ObjectWriter");
    assert_eq!(
        open["encryption"],
        json!({"sse_algorithm": "aws:kms", "kms_master_key_id": "k", "bucket_key_enabled": true})
    );
    assert_eq!(
        (&open["versioning_status"], &open["mfa_delete"]),
        (&json!("Enabled"), &json!("Disabled"))
    );
    assert_eq!(open["logging"]["target_bucket"], "logs");
    let bare = data(find(&all, "aws.s3.bucket", "bare"));
    assert_eq!(bare["acl_grants"], json!([]));
    for absent in ["object_ownership", "encryption", "versioning_status", "mfa_delete", "logging"] {
        assert_eq!(bare[absent], Value::Null, "{absent}");
    }
    let dark = data(find(&all, "aws.s3.bucket", "dark"));
    assert_eq!(dark["acl_grants"]["$unknown"]["kind"], "denied");
    assert_eq!(dark["versioning_status"]["$unknown"]["detail"], "s3:GetBucketVersioning");
    let told = notes(&summary).join(" ");
    assert!(told.contains("grants.json") && told.contains("something.json"), "{told}");
}

#[test]
fn an_account_without_a_block_blocks_nothing() {
    let (all, summary) = account(&[(
        "global/s3control.json",
        error("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock"),
    )]);
    let own = data(find(&all, "aws.s3.account_public_access_block", ACCOUNT));
    assert_eq!(own["restrict_public_buckets"], false);
    assert_eq!(status(&summary, "aws.s3.account_public_access_block"), Completeness::Complete);
}

#[test]
fn queues_topics_and_keys_have_policies() {
    let policy = text_policy("*");
    let here = "arn:aws";
    let (all, summary) = account(&[
        (
            "eu-west-1/queues.json",
            json!({"QueueUrls": [
                "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
                "https://sqs.eu-west-1.amazonaws.com/111122223333/dark",
            ]}),
        ),
        (
            "eu-west-1/queue.json",
            json!({"Attributes": {
                "QueueArn": format!("{here}:sqs:eu-west-1:111122223333:jobs"), "Policy": policy,
            }}),
        ),
        (
            "eu-west-1/topics.json",
            json!({"Topics": [{"TopicArn": format!("{here}:sns:eu-west-1:111122223333:alarms")}]}),
        ),
        (
            "eu-west-1/topic.json",
            json!({"Attributes": {
                "TopicArn": format!("{here}:sns:eu-west-1:111122223333:alarms"),
                "Policy": policy, "KmsMasterKeyId": "alias/aws/sns",
            }}),
        ),
        (
            "eu-west-1/keys.json",
            json!({"Keys": [{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
                "KeyArn": format!("{here}:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")}]}),
        ),
        (
            "eu-west-1/key.json",
            json!({"KeyMetadata": {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
                "Arn": format!("{here}:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
                "KeyManager": "CUSTOMER", "KeyState": "Enabled"}}),
        ),
        (
            "eu-west-1/key-policy.1234abcd-12ab-34cd-56ef-1234567890ab.json",
            json!({"Policy": policy}),
        ),
    ]);
    assert_eq!(notes(&summary), [""; 0]);
    let policy_of = |kind: &str, id: &str| data(find(&all, kind, id))["policy_document"].clone();
    let star = |policy: Value| policy["statements"][0]["principals"][0]["value"] == "*";
    assert!(star(policy_of("aws.sqs.queue", "jobs")));
    assert_eq!(
        find(&all, "aws.sqs.queue", "dark").meta.arn.as_deref(),
        Some("arn:aws:sqs:eu-west-1:111122223333:dark")
    );
    assert!(policy_of("aws.sqs.queue", "dark")["$unknown"].is_object());
    assert!(star(policy_of("aws.sns.topic", "alarms")));
    let key = data(find(&all, "aws.kms.key", "1234abcd-12ab-34cd-56ef-1234567890ab"));
    assert_eq!((&key["key_manager"], &key["key_state"]), (&json!("CUSTOMER"), &json!("Enabled")));
    assert!(star(key["policy_document"].clone()));
    for kind in ["aws.sqs.queue", "aws.sns.topic", "aws.kms.key"] {
        assert_eq!(status(&summary, kind), Completeness::Complete, "{kind}");
    }
}

#[test]
fn secrets_and_repositories_have_policies() {
    let policy = text_policy("*");
    let here = "arn:aws";
    let (all, summary) = account(&[
        (
            "eu-west-1/secrets.json",
            json!({"SecretList": [
                {"ARN": format!("{here}:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"), "Name": "db"},
                {"ARN": format!("{here}:secretsmanager:eu-west-1:111122223333:secret:api-AbCdEf"), "Name": "api"},
                {"ARN": format!("{here}:secretsmanager:eu-west-1:111122223333:secret:dark-AbCdEf"), "Name": "dark"},
            ]}),
        ),
        (
            "eu-west-1/secret-1.json",
            json!({"ARN": format!("{here}:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"), "Name": "db",
                "ResourcePolicy": policy}),
        ),
        (
            "eu-west-1/secret-2.json",
            json!({"ARN": format!("{here}:secretsmanager:eu-west-1:111122223333:secret:api-AbCdEf"), "Name": "api"}),
        ),
        (
            "eu-west-1/secret-3.json",
            json!({"ARN": format!("{here}:secretsmanager:eu-west-1:111122223333:secret:dark-AbCdEf"), "Name": "dark",
                "SecretString": "hunter2"}),
        ),
        (
            "eu-west-1/repositories.json",
            json!({"repositories": [
                {"repositoryArn": format!("{here}:ecr:eu-west-1:111122223333:repository/web"),
                    "registryId": "111122223333", "repositoryName": "web"},
                {"repositoryArn": format!("{here}:ecr:eu-west-1:111122223333:repository/api"),
                    "registryId": "111122223333", "repositoryName": "api"},
            ]}),
        ),
        (
            "eu-west-1/repository.json",
            json!({"registryId": "111122223333", "repositoryName": "web", "policyText": policy}),
        ),
        (
            "eu-west-1/repository.api.json",
            error("RepositoryPolicyNotFoundException", "GetRepositoryPolicy"),
        ),
    ]);
    assert_eq!(notes(&summary), [""; 0]);
    let policy_of = |kind: &str, id: &str| data(find(&all, kind, id))["policy_document"].clone();
    let star = |policy: Value| policy["statements"][0]["principals"][0]["value"] == "*";
    assert!(star(policy_of("aws.secretsmanager.secret", "db")));
    assert_eq!(policy_of("aws.secretsmanager.secret", "api"), Value::Null);
    assert!(policy_of("aws.secretsmanager.secret", "dark")["$unknown"].is_object());
    assert!(star(policy_of("aws.ecr.repository", "web")));
    assert_eq!(policy_of("aws.ecr.repository", "api"), Value::Null);
    for kind in ["aws.secretsmanager.secret", "aws.ecr.repository"] {
        assert_eq!(status(&summary, kind), Completeness::Complete, "{kind}");
    }
    let whole = format!("{all:?}");
    assert!(!whole.contains("hunter2"));
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

#[test]
fn builds_stacks_jobs_and_notebooks_name_their_roles() {
    let (all, summary) = account(&[
        ("eu-west-1/projects.json", json!({"projects": ["site", "dark"]})),
        (
            "eu-west-1/projects-2.json",
            json!({"projects": [{"name": "site", "arn": format!("arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/site"),
                "serviceRole": role("build"), "source": {"type": "GITHUB", "buildspec": "hunter2"},
                "environment": {"environmentVariables": [{"name": "A", "value": "hunter2"}]},
                "tags": [{"key": "env", "value": "prod"}]}], "projectsNotFound": []}),
        ),
        (
            "eu-west-1/stacks.json",
            json!({"Stacks": [{"StackId": format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/base/1"),
                "StackName": "base", "StackStatus": "UPDATE_COMPLETE", "RoleARN": role("deploy"),
                "Parameters": [{"ParameterKey": "P", "ParameterValue": "hunter2"}],
                "Outputs": [{"OutputKey": "P", "OutputValue": "hunter2"}]}]}),
        ),
        (
            "eu-west-1/jobs.json",
            json!({"Jobs": [{"Name": "etl", "Role": "glue", "Command": {"Name": "glueetl"},
                "DefaultArguments": {"--password": "hunter2"}}]}),
        ),
        (
            "eu-west-1/dev-endpoints.json",
            json!({"DevEndpoints": [{"EndpointName": "dev", "RoleArn": role("glue"), "Status": "READY"}]}),
        ),
        (
            "eu-west-1/notebooks.json",
            json!({"NotebookInstances": [{"NotebookInstanceName": "lab", "NotebookInstanceStatus": "InService",
                "NotebookInstanceArn": format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:notebook-instance/lab")}]}),
        ),
        (
            "eu-west-1/notebook.json",
            json!({"NotebookInstanceName": "lab", "NotebookInstanceStatus": "InService", "RoleArn": role("lab"),
                "NotebookInstanceArn": format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:notebook-instance/lab"),
                "DirectInternetAccess": "Enabled", "SecurityGroups": ["sg-1"]}),
        ),
    ]);
    assert_eq!(notes(&summary), [""; 0]);
    for (kind, id, field, wanted) in [
        ("aws.codebuild.project", "site", "service_role", role("build")),
        ("aws.cloudformation.stack", "base", "role_arn", role("deploy")),
        ("aws.glue.job", "etl", "role", "glue".to_owned()),
        ("aws.glue.dev_endpoint", "dev", "role_arn", role("glue")),
        ("aws.sagemaker.notebook_instance", "lab", "role_arn", role("lab")),
    ] {
        assert_eq!(data(find(&all, kind, id))[field], json!(wanted), "{kind}");
        assert_eq!(status(&summary, kind), Completeness::Complete, "{kind}");
    }
    let dark = data(find(&all, "aws.codebuild.project", "dark"));
    assert_eq!(dark["service_role"]["$unknown"]["detail"], "codebuild:BatchGetProjects");
    let project = find(&all, "aws.codebuild.project", "site");
    assert_eq!(project.meta.tags.known().unwrap()["env"], "prod");
    let arn = find(&all, "aws.glue.job", "etl").meta.arn.clone();
    assert_eq!(arn, Some(format!("arn:aws:glue:eu-west-1:{ACCOUNT}:job/etl")));
    assert!(!format!("{all:?}").contains("hunter2"));
}

#[test]
fn tasks_services_and_state_machines_name_their_roles() {
    let (all, summary) = account(&[
        (
            "eu-west-1/tasks.json",
            json!({"taskDefinitionArns": [format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:3")]}),
        ),
        (
            "eu-west-1/task.json",
            json!({"taskDefinition": {
                "taskDefinitionArn": format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:3"),
                "family": "web", "revision": 3, "taskRoleArn": role("task"),
                "containerDefinitions": [{"environment": [{"name": "A", "value": "hunter2"}]}]},
                "tags": [{"key": "env", "value": "prod"}]}),
        ),
        (
            "eu-west-1/clusters.json",
            json!({"clusterArns": [
                format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/main"),
                format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/idle"),
            ]}),
        ),
        (
            "eu-west-1/services.json",
            json!({"serviceArns": [format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/main/web")]}),
        ),
        ("eu-west-1/ecs-list-services.idle.json", json!({"serviceArns": []})),
        (
            "eu-west-1/service.json",
            json!({"services": [{"serviceArn": format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/main/web"),
                "serviceName": "web", "clusterArn": format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/main"),
                "taskDefinition": format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:3"),
                "enableExecuteCommand": true, "status": "ACTIVE"}], "failures": []}),
        ),
        (
            "eu-west-1/apps.json",
            json!({"ServiceSummaryList": [{"ServiceName": "shop", "Status": "RUNNING",
                "ServiceArn": format!("arn:aws:apprunner:eu-west-1:{ACCOUNT}:service/shop/1")}]}),
        ),
        (
            "eu-west-1/app.json",
            json!({"Service": {"ServiceName": "shop", "Status": "RUNNING",
                "ServiceArn": format!("arn:aws:apprunner:eu-west-1:{ACCOUNT}:service/shop/1"),
                "InstanceConfiguration": {"InstanceRoleArn": role("shop")},
                "SourceConfiguration": {"ImageRepository": {"ImageConfiguration":
                    {"RuntimeEnvironmentVariables": {"A": "hunter2"}}}}}}),
        ),
        (
            "eu-west-1/machines.json",
            json!({"stateMachines": [{"name": "flow", "type": "STANDARD",
                "stateMachineArn": format!("arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:flow")}]}),
        ),
        (
            "eu-west-1/machine.json",
            json!({"name": "flow", "type": "STANDARD", "status": "ACTIVE", "roleArn": role("flow"),
                "stateMachineArn": format!("arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:flow"),
                "definition": "hunter2"}),
        ),
    ]);
    assert_eq!(notes(&summary), [""; 0]);
    for (kind, id, field, wanted) in [
        ("aws.ecs.task_definition", "web:3", "task_role_arn", role("task")),
        ("aws.apprunner.service", "shop", "instance_role_arn", role("shop")),
        ("aws.states.state_machine", "flow", "role_arn", role("flow")),
    ] {
        assert_eq!(data(find(&all, kind, id))[field], json!(wanted), "{kind}");
        assert_eq!(status(&summary, kind), Completeness::Complete, "{kind}");
    }
    let service = data(find(&all, "aws.ecs.service", "main/web"));
    assert_eq!(service["enable_execute_command"], true);
    assert_eq!(status(&summary, "aws.ecs.service"), Completeness::Complete);
    assert!(!format!("{all:?}").contains("hunter2"));
}

#[test]
fn services_of_a_cluster_nobody_asked_are_missing() {
    let (_, summary) = account(&[
        (
            "eu-west-1/clusters.json",
            json!({"clusterArns": [
                format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/main"),
                format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/idle"),
            ]}),
        ),
        (
            "eu-west-1/services.json",
            json!({"serviceArns": [format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/main/web")]}),
        ),
    ]);
    assert_eq!(status(&summary, "aws.ecs.service"), Completeness::Partial);
}

const SET: &str = "arn:aws:sso:::permissionSet/ssoins-1/ps-admin";

fn identity_center() -> Vec<(&'static str, Value)> {
    vec![
        (
            "global/sso-instances.json",
            json!({"Instances": [{"InstanceArn": "arn:aws:sso:::instance/ssoins-1",
                "IdentityStoreId": "d-1", "OwnerAccountId": ACCOUNT, "Status": "ACTIVE"}]}),
        ),
        ("global/sets.json", json!({"PermissionSets": [SET]})),
        (
            "global/set.json",
            json!({"PermissionSet": {"Name": "Admin", "PermissionSetArn": SET, "SessionDuration": "PT1H"}}),
        ),
        (
            "global/managed.ps-admin.json",
            json!({"AttachedManagedPolicies": [{"Name": "AdministratorAccess",
                "Arn": "arn:aws:iam::aws:policy/AdministratorAccess"}]}),
        ),
        (
            "global/own.ps-admin.json",
            json!({"CustomerManagedPolicyReferences": [{"Name": "extra", "Path": "/team/"}]}),
        ),
        ("global/inline.ps-admin.json", json!({"InlinePolicy": ""})),
        (
            "global/boundary.ps-admin.json",
            error("ResourceNotFoundException", "GetPermissionsBoundaryForPermissionSet"),
        ),
        ("global/accounts.ps-admin.json", json!({"AccountIds": [ACCOUNT]})),
        (
            "global/users.json",
            json!({"Users": [{"UserName": "ann", "UserId": "u-1", "IdentityStoreId": "d-1",
                "Emails": [{"Value": "ann@example.com"}], "PhoneNumbers": [{"Value": "hunter2"}]}]}),
        ),
        (
            "global/groups.json",
            json!({"Groups": [{"GroupId": "g-1", "DisplayName": "ops", "IdentityStoreId": "d-1"}]}),
        ),
        (
            "global/members.json",
            json!({"GroupMemberships": [{"IdentityStoreId": "d-1", "GroupId": "g-1",
                "MemberId": {"UserId": "u-1"}}]}),
        ),
    ]
}

#[test]
fn identity_center_is_read() {
    let mut files = identity_center();
    files.push((
        "global/assignments.json",
        json!({"AccountAssignments": [{"AccountId": ACCOUNT, "PermissionSetArn": SET,
            "PrincipalType": "GROUP", "PrincipalId": "g-1"}]}),
    ));
    let (all, summary) = account(&files);
    assert_eq!(notes(&summary), [""; 0]);
    let set = find(&all, "aws.sso.permission_set", SET);
    assert_eq!(set.meta.name.as_deref(), Some("Admin"));
    let set = data(set);
    assert_eq!(set["managed_policy_arns"], json!(["arn:aws:iam::aws:policy/AdministratorAccess"]));
    assert_eq!(set["customer_managed_policies"], json!(["/team/extra"]));
    assert_eq!((&set["inline_policy"], &set["permissions_boundary"]), (&Value::Null, &Value::Null));
    assert_eq!(set["instance_arn"], "arn:aws:sso:::instance/ssoins-1");
    let id = format!("{ACCOUNT}/ps-admin/g-1");
    assert_eq!(data(find(&all, "aws.sso.account_assignment", &id))["principal_id"], "g-1");
    assert_eq!(data(find(&all, "aws.identitystore.user", "u-1"))["user_name"], "ann");
    assert_eq!(
        data(find(&all, "aws.identitystore.group", "g-1"))["member_user_ids"],
        json!(["u-1"])
    );
    let whole = format!("{all:?}");
    assert!(!whole.contains("example.com") && !whole.contains("hunter2"));
    for kind in ["aws.sso.permission_set", "aws.sso.account_assignment", "aws.identitystore.user"] {
        assert_eq!(status(&summary, kind), Completeness::Complete, "{kind}");
    }
    assert_eq!(status(&summary, "aws.iam.user"), Completeness::NotCollected);
}

#[test]
fn assignments_nobody_asked_for_are_missing() {
    let mut files = identity_center();
    files.push(("global/sso-list-account-assignments.json", json!({"AccountAssignments": []})));
    let (_, summary) = account(&files);
    assert_eq!(status(&summary, "aws.sso.account_assignment"), Completeness::Partial);
}

fn last_accessed(arn: Option<&str>, status: &str) -> Value {
    let mut answer = json!({"JobStatus": status, "JobType": "SERVICE_LEVEL",
        "JobCreationDate": "2026-01-01T00:00:00Z", "JobCompletionDate": "2026-01-01T00:00:05Z",
        "ServicesLastAccessed": [
            {"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "LastAuthenticated": "2025-12-24T08:00:00Z",
                "LastAuthenticatedRegion": "eu-west-1", "TotalAuthenticatedEntities": 1},
            {"ServiceName": "AWS KMS", "ServiceNamespace": "kms", "TotalAuthenticatedEntities": 0},
        ], "IsTruncated": false});
    if let Some(arn) = arn {
        answer["Arn"] = json!(arn);
    }
    answer
}

#[test]
fn services_last_accessed_are_told_by_arn_or_file() {
    let user = |name: &str| {
        json!({"UserName": name, "UserId": format!("AIDA{name}"), "Path": "/people/",
            "Arn": format!("arn:aws:iam::{ACCOUNT}:user/people/{name}"),
            "CreateDate": "2024-01-01T00:00:00Z"})
    };
    let (all, summary) = account(&[
        (
            "global/details.json",
            json!({"UserDetailList": [user("ann"), user("bob"), user("eve"), user("joe")],
                "GroupDetailList": [], "RoleDetailList": [], "Policies": []}),
        ),
        (
            "global/accessed.json",
            last_accessed(Some(&format!("arn:aws:iam::{ACCOUNT}:user/people/ann")), "COMPLETED"),
        ),
        ("global/accessed.bob.json", last_accessed(None, "COMPLETED")),
        ("global/accessed.joe.json", last_accessed(None, "IN_PROGRESS")),
        ("global/job.json", json!({"JobId": "1-2"})),
        (
            "global/policy.json",
            last_accessed(Some(&format!("arn:aws:iam::{ACCOUNT}:policy/p")), "COMPLETED"),
        ),
    ]);
    assert_eq!(notes(&summary), [""; 0]);
    for name in ["ann", "bob"] {
        let user = data(find(&all, "aws.iam.user", name));
        assert_eq!(user["services_last_accessed_date"], "2026-01-01T00:00:05Z");
        let services = &user["services_last_accessed"];
        assert_eq!(services[0]["service_namespace"], "s3");
        assert_eq!(services[0]["last_authenticated"], "2025-12-24T08:00:00Z");
        assert_eq!(services[1]["last_authenticated"], Value::Null);
    }
    let unknown = |name: &str| {
        data(find(&all, "aws.iam.user", name))["services_last_accessed"]["$unknown"].clone()
    };
    assert_eq!(unknown("eve")["detail"], "iam:GetServiceLastAccessedDetails");
    assert_eq!(unknown("joe")["kind"], "failed");
}
