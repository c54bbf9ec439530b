//! Resources with policies of their own, and what runs with a role.

use std::collections::HashMap;

use super::{Builder, account, arn};
use crate::analyze::context::missing;
use crate::analyze::iam::estate::{Estate, Workload};
use crate::analyze::kleene::any;
use crate::model::{Attr, Cause, CauseKind, Data, Meta};

const BUCKET: &str = "aws.s3.bucket";
const INSTANCE: &str = "aws.ec2.instance";
const TEMPLATE: &str = "aws.ec2.launch_template";
const ECS_SERVICE: &str = "aws.ecs.service";
const ECS_TASK: &str = "aws.ecs.task_definition";
const GLUE_JOB: &str = "aws.glue.job";

/// What is joined once everything was added.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Whether an account lets public policies of buckets count for itself only.
    account_blocks: HashMap<Box<str>, Attr<bool>>,
}

impl Builder {
    /// Takes what is guarded by a policy.
    pub(super) fn resource_with_policy(&mut self, meta: &Meta, data: &Data) {
        match data {
            Data::LambdaFunction(it) => {
                self.guarded(meta, "aws.lambda.function", &it.policy_document);
            }
            Data::S3Bucket(it) => {
                self.guarded(meta, BUCKET, &it.policy_document);
                let own = match &it.public_access_block {
                    Attr::Known(None) => Attr::Known(false),
                    Attr::Known(Some(block)) => block.restrict_public_buckets.clone(),
                    Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
                };
                if let Some(bucket) = self.estate.resources.get_mut(&arn(meta)) {
                    bucket.public_blocked = own;
                }
            }
            Data::S3AccountPublicAccessBlock(it) => {
                let block = it.restrict_public_buckets.clone();
                self.open.account_blocks.insert(account(meta), block);
            }
            Data::SqsQueue(it) => self.guarded(meta, "aws.sqs.queue", &it.policy_document),
            Data::SnsTopic(it) => self.guarded(meta, "aws.sns.topic", &it.policy_document),
            Data::KmsKey(it) => {
                self.guarded(meta, "aws.kms.key", &it.policy_document.clone().map(Some));
            }
            Data::SecretsmanagerSecret(it) => {
                self.guarded(meta, "aws.secretsmanager.secret", &it.policy_document);
            }
            Data::EcrRepository(it) => {
                self.guarded(meta, "aws.ecr.repository", &it.policy_document);
            }
            _ => {}
        }
    }

    /// Takes what runs with a role. Where the role stands elsewhere, what leads there is kept in its place until
    /// everything was added.
    pub(super) fn resource_with_role(&mut self, meta: &Meta, data: &Data) {
        match data {
            Data::LambdaFunction(it) => {
                self.workload(meta, "aws.lambda.function", it.role.clone());
            }
            Data::Ec2Instance(it) => {
                self.workload(meta, INSTANCE, it.iam_instance_profile_arn.clone());
            }
            Data::Ec2LaunchTemplate(it) => self.workload(meta, TEMPLATE, profile_of(it)),
            Data::CodebuildProject(it) => {
                self.workload(meta, "aws.codebuild.project", it.service_role.clone());
            }
            Data::CloudformationStack(it) => {
                self.workload(meta, "aws.cloudformation.stack", it.role_arn.clone());
            }
            Data::GlueJob(it) => self.workload(meta, GLUE_JOB, it.role.clone()),
            Data::GlueDevEndpoint(it) => {
                self.workload(meta, "aws.glue.dev_endpoint", it.role_arn.clone());
            }
            Data::SagemakerNotebookInstance(it) => {
                self.workload(meta, "aws.sagemaker.notebook_instance", it.role_arn.clone());
            }
            Data::EcsTaskDefinition(it) => {
                self.workload(meta, ECS_TASK, it.task_role_arn.clone());
            }
            // What runs in a service is out of reach unless commands may be run in it.
            Data::EcsService(it) if it.enable_execute_command.known() != Some(&Some(false)) => {
                self.workload(meta, ECS_SERVICE, it.task_definition.clone());
            }
            Data::ApprunnerService(it) => {
                self.workload(meta, "aws.apprunner.service", it.instance_role_arn.clone());
            }
            Data::StatesStateMachine(it) => {
                self.workload(meta, "aws.states.state_machine", it.role_arn.clone());
            }
            _ => {}
        }
    }

    /// Buckets are as closed as their account.
    pub(super) fn finish_guarded(&mut self) {
        let unread = Attr::Unknown(Cause::new(
            CauseKind::NotCollected,
            "the public access block of the account is not in the inventory",
        ));
        for guarded in self.estate.resources.values_mut().filter(|g| g.kind == BUCKET) {
            let of_account = self.open.account_blocks.get(&guarded.account).unwrap_or(&unread);
            guarded.public_blocked = any([guarded.public_blocked.clone(), of_account.clone()]);
        }
    }

    /// Finds the roles that workloads name in other ways than by ARN.
    pub(super) fn finish_workloads(&mut self) {
        let mut workloads = std::mem::take(&mut self.estate.workloads);
        workloads.sort_by(|a, b| (&a.arn, a.kind).cmp(&(&b.arn, b.kind)));
        workloads.dedup();
        let tasks: HashMap<Box<str>, Attr<Option<String>>> = workloads
            .iter()
            .filter(|workload| workload.kind == ECS_TASK)
            .map(|workload| (workload.arn.clone(), workload.role.clone()))
            .collect();
        for workload in &mut workloads {
            let Attr::Known(Some(named)) = &workload.role else { continue };
            workload.role = match workload.kind {
                INSTANCE | TEMPLATE => self.estate.role_of_profile(workload, named),
                ECS_SERVICE => match tasks.get(named.as_str()) {
                    Some(role) => role.clone(),
                    None => Attr::Unknown(missing(named)),
                },
                GLUE_JOB if !named.starts_with("arn:") => self.estate.role_named(workload, named),
                _ => continue,
            };
        }
        self.estate.workloads = workloads;
    }
}

impl Estate {
    /// The role behind an instance profile, by its ARN or name.
    fn role_of_profile(&self, workload: &Workload, named: &str) -> Attr<Option<String>> {
        let found = self.instance_profiles.get(named).or_else(|| {
            let fits = |arn: &str| arn.rsplit_once('/').is_some_and(|(_, name)| name == named);
            let mut all = self.instance_profiles.iter();
            all.find(|(arn, p)| p.account == workload.account && fits(arn)).map(|(_, p)| p)
        });
        match found {
            Some(profile) => profile.roles.clone().map(|roles| roles.first().cloned()),
            None => Attr::Unknown(missing(named)),
        }
    }

    fn role_named(&self, workload: &Workload, named: &str) -> Attr<Option<String>> {
        let name = named.rsplit('/').next().unwrap_or(named);
        let found = self.roles_by_name.get(&(workload.account.clone(), name.into()));
        match found.and_then(|id| self.principal(*id)) {
            Some(role) => Attr::Known(Some(role.arn.to_string())),
            None => Attr::Unknown(missing(named)),
        }
    }
}

/// The instance profile of a launch template's default version, by ARN or name.
fn profile_of(template: &crate::model::ec2::LaunchTemplate) -> Attr<Option<String>> {
    let versions = match &template.versions {
        Attr::Known(versions) => versions,
        Attr::Unknown(cause) => return Attr::Unknown(cause.clone()),
    };
    let default = versions.iter().find(|v| v.default_version.known() == Some(&true));
    let Some(version) = default else {
        let why = "the default version of the launch template was not read";
        return Attr::Unknown(Cause::new(CauseKind::NotCollected, why));
    };
    match &version.iam_instance_profile_arn {
        Attr::Known(None) => version.iam_instance_profile_name.clone(),
        arn => arn.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::analyze::facts::tests::meta;
    use crate::analyze::iam::estate::{Builder, Estate};
    use crate::model::kinds::kind_named;
    use crate::model::{Attr, Coverage, Resource};

    const ROLE: &str = "arn:aws:iam::111122223333:role/team/worker";
    const PROFILE: &str = "arn:aws:iam::111122223333:instance-profile/team/hosts";
    const TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:3";

    fn estate(resources: &[(&str, &str, Value)]) -> Estate {
        let mut builder = Builder::new();
        for (kind, arn, data) in resources {
            let mut meta = meta(arn);
            meta.arn = Some((*arn).to_owned());
            meta.name = arn.rsplit('/').next().map(str::to_owned);
            let data = (kind_named(kind).unwrap().from_json)(data.clone()).unwrap();
            builder.add(&Resource { meta, data });
        }
        builder.finish(&Coverage::default())
    }

    /// The role of the only workload of a type.
    fn role(estate: &Estate, kind: &str) -> Attr<Option<String>> {
        let mut all = estate.workloads.iter().filter(|workload| workload.kind == kind);
        let one = all.next().unwrap_or_else(|| panic!("no {kind}"));
        assert!(all.next().is_none(), "more than one {kind}");
        one.role.clone()
    }

    #[test]
    fn roles_are_found_however_they_are_named() {
        let version = json!({"default_version": true, "version_number": 1,
            "iam_instance_profile_arn": null, "iam_instance_profile_name": "hosts"});
        let estate = estate(&[
            ("aws.iam.role", ROLE, json!({"path": "/team/"})),
            ("aws.iam.instance_profile", PROFILE, json!({"role_arns": [ROLE]})),
            (
                "aws.glue.job",
                "arn:aws:glue:eu-west-1:111122223333:job/etl",
                json!({"role": "worker"}),
            ),
            ("aws.ec2.launch_template", "lt-1", json!({"versions": [version]})),
            ("aws.ec2.instance", "i-1", json!({"iam_instance_profile_arn": PROFILE})),
            ("aws.ecs.task_definition", TASK, json!({"task_role_arn": ROLE})),
            (
                "aws.ecs.service",
                "on",
                json!({"task_definition": TASK, "enable_execute_command": true}),
            ),
            ("aws.cloudformation.stack", "own", json!({"role_arn": null})),
        ]);
        let kinds =
            ["aws.ec2.launch_template", "aws.ec2.instance", "aws.ecs.service", "aws.glue.job"];
        for kind in kinds {
            assert_eq!(role(&estate, kind), Attr::Known(Some(ROLE.to_owned())), "{kind}");
        }
        assert_eq!(role(&estate, "aws.cloudformation.stack"), Attr::Known(None));
    }

    #[test]
    fn what_is_not_read_is_not_known() {
        let estate = estate(&[
            ("aws.glue.job", "etl", json!({"role": "worker"})),
            ("aws.ec2.launch_template", "lt-1", json!({"versions": []})),
            ("aws.ec2.instance", "i-1", json!({"iam_instance_profile_arn": PROFILE})),
            ("aws.ecs.service", "on", json!({"task_definition": TASK})),
            ("aws.sagemaker.notebook_instance", "lab", json!({})),
        ]);
        assert_eq!(estate.workloads.len(), 5);
        assert!(estate.workloads.iter().all(|workload| workload.role.known().is_none()));
    }

    #[test]
    fn services_without_commands_are_out_of_reach() {
        let data = json!({"task_definition": TASK, "enable_execute_command": false});
        assert!(estate(&[("aws.ecs.service", "off", data)]).workloads.is_empty());
    }

    #[test]
    fn buckets_are_as_closed_as_their_account() {
        let block = |restrict: bool| json!({"restrict_public_buckets": restrict});
        let blocked = |own: Value, account: Option<Value>| {
            let mut all = vec![(
                "aws.s3.bucket",
                "arn:aws:s3:::open",
                json!({"policy_document": null, "public_access_block": own}),
            )];
            if let Some(account) = account {
                all.push(("aws.s3.account_public_access_block", "account", account));
            }
            let estate = estate(&all);
            estate.resources["arn:aws:s3:::open"].public_blocked.known().copied()
        };
        assert_eq!(blocked(json!(null), Some(block(false))), Some(false));
        assert_eq!(blocked(json!(null), Some(block(true))), Some(true));
        assert_eq!(blocked(block(true), None), Some(true));
        assert_eq!(blocked(json!(null), None), None, "nobody asked the account");
        assert_eq!(blocked(json!({}), Some(block(false))), None);
    }
}
