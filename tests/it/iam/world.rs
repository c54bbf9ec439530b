//! Inventories made of what oracles hold, and questions to them.

use std::collections::BTreeMap;

use portcullis::analyze::iam::document::Document;
use portcullis::analyze::iam::estate::{Builder, Estate, Unread};
use portcullis::analyze::iam::evaluate::{Outcome, evaluate};
use portcullis::analyze::iam::request::{Action, Circumstances, Request};
use portcullis::analyze::iam::truth::{Plain, Truth};
use portcullis::collect::aws_json::{Options, collect};
use portcullis::model::policy::PolicyDocument;
use portcullis::model::{Attr, Completeness, Coverage, CoverageEntry, KINDS, Resource, Scope};
use serde_json::{Value, json};

use super::now;

/// An inventory.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub resources: Vec<Resource>,
    pub coverage: Coverage,
}

impl World {
    /// Reads answers of the AWS CLI, each with the account it is from.
    pub fn of_answers<'v>(answers: impl IntoIterator<Item = (&'v str, &'v Value)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (at, (account, answer)) in answers.into_iter().enumerate() {
            let place = folder.path().join(account);
            std::fs::create_dir_all(&place).unwrap();
            std::fs::write(place.join(format!("answer-{at}.json")), answer.to_string()).unwrap();
        }
        let mut resources = Vec::new();
        let summary = collect(folder.path(), &Options::default(), &mut |it| resources.push(it))
            .unwrap_or_else(|e| panic!("{e}"));
        assert!(!resources.is_empty(), "answers hold nothing: {}", summary.notes.render(false));
        Self { resources, coverage: summary.coverage }
    }

    /// With one more resource. What `data` does not say is unknown.
    pub fn add(&mut self, kind: &str, account: &str, region: &str, id: &str, data: &Value) {
        let name = id.rsplit(['/', ':']).next().unwrap_or(id);
        let arn = id.starts_with("arn:").then_some(id);
        let line = json!({
            "type": kind, "id": id, "account": account, "region": region, "arn": arn, "name": name,
            "tags": {}, "data": data,
        });
        let resource = Resource::parse(&line.to_string()).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.resources.push(resource);
    }

    /// Counts a type as completely read in an account: all there is of it is here.
    pub fn complete(&mut self, kind: &str, account: &str, region: &str) {
        let scope = KINDS
            .iter()
            .find(|it| it.name == kind)
            .unwrap_or_else(|| panic!("no type {kind}"))
            .scope;
        let region = if scope == Scope::Regional { region } else { "global" };
        self.coverage.add(CoverageEntry {
            source: "assumed".to_owned(),
            account: account.parse().unwrap(),
            region: region.parse().unwrap(),
            kind: kind.to_owned(),
            status: Completeness::Complete,
            reason: None,
            count: 0,
        });
    }

    pub fn estate(&self) -> Estate {
        let mut builder = Builder::new();
        self.resources.iter().for_each(|resource| builder.add(resource));
        builder.finish(&self.coverage)
    }
}

/// Policies of resources that the model has no type for, by ARN, with the account.
pub type Guards = BTreeMap<String, (String, Document)>;

/// Whether a principal may do something; nothing if the estate does not hold it. Organizations and policies that are not there do not matter.
pub fn may(
    estate: &Estate,
    guards: &Guards,
    principal: &str,
    action: &str,
    resource: &str,
    circumstances: &Circumstances,
) -> Option<Outcome<Truth>> {
    let id = estate.find(principal)?;
    let subject = estate.subject(estate.principal(id).unwrap(), Unread::Ignore);
    let action = Action::parse(action).unwrap_or_else(|| panic!("action {action}"));
    let mut request = Request::new(&subject.caller, &action, resource, circumstances, now());
    let mut layers = estate.layers(&subject, &mut request, Unread::Ignore);
    let outer = resource.split_once('/').map_or(resource, |(outer, _)| outer);
    if let Some((account, document)) = guards.get(resource).or_else(|| guards.get(outer)) {
        request.resource_account = Attr::Known(Some(account.clone()));
        layers.resource = Some(document);
    }
    Some(evaluate(&request, &layers, &Plain, &mut ()))
}

/// Compiles a document that stands in JSON.
pub fn document(value: &Value, name: &str) -> Document {
    Document::compile(name, None, &PolicyDocument::from_json(value))
}

/// Types of Terraform with what stands for them here: the type, the ARN behind the account, and the role's field.
const TERRAFORM: [(&str, &str, &str, &str); 6] = [
    ("aws_lambda_function", "aws.lambda.function", "lambda:{r}:{a}:function:{n}", "role"),
    (
        "aws_codebuild_project",
        "aws.codebuild.project",
        "codebuild:{r}:{a}:project/{n}",
        "service_role",
    ),
    ("aws_glue_dev_endpoint", "aws.glue.dev_endpoint", "glue:{r}:{a}:devEndpoint/{n}", "role_arn"),
    ("aws_glue_job", "aws.glue.job", "glue:{r}:{a}:job/{n}", "role"),
    (
        "aws_sagemaker_notebook_instance",
        "aws.sagemaker.notebook_instance",
        "sagemaker:{r}:{a}:notebook-instance/{n}",
        "role_arn",
    ),
    ("aws_instance", "aws.ec2.instance", "ec2:{r}:{a}:instance/{n}", "iam_instance_profile_arn"),
];

const REGION: &str = "us-east-1";

impl World {
    /// With the resources of a lab, as they were read off its Terraform. Types of which it has some are complete; of all
    /// others nobody knows.
    pub fn add_lab_resources(&mut self, resources: &Value, details: &[(&str, &Value)]) {
        let roles = details.iter().flat_map(|(_, it)| super::items(&it["RoleDetailList"]));
        let profiles: BTreeMap<&str, &str> = roles
            .flat_map(|role| super::items(&role["InstanceProfileList"]))
            .map(|it| (super::text(it, "InstanceProfileName"), super::text(it, "Arn")))
            .collect();
        for resource in super::items(resources) {
            let (kind, account) = (super::text(resource, "type"), super::text(resource, "account"));
            let name = super::text(resource, "name");
            match kind {
                "aws_s3_bucket_policy" => {
                    let document = PolicyDocument::from_json(&resource["policy"]);
                    let data = json!({ "policy_document": document });
                    self.add("aws.s3.bucket", account, REGION, super::text(resource, "arn"), &data);
                }
                // What is kept is the role of the agent, which no container gets at.
                "aws_ecs_task_definition" => {
                    let arn = format!("arn:aws:ecs:{REGION}:{account}:task-definition/{name}:1");
                    let data = json!({ "execution_role_arn": resource["role"] });
                    self.add("aws.ecs.task_definition", account, REGION, &arn, &data);
                }
                _ => {
                    let (_, own, shape, field) = TERRAFORM
                        .iter()
                        .find(|(of, ..)| *of == kind)
                        .unwrap_or_else(|| panic!("no type for {kind}"));
                    let shape =
                        shape.replace("{r}", REGION).replace("{a}", account).replace("{n}", name);
                    let role = match super::text(resource, "role") {
                        profile if kind == "aws_instance" => {
                            profiles.get(profile).unwrap_or_else(|| panic!("no profile {profile}"))
                        }
                        role => role,
                    };
                    let data = json!({ *field: role });
                    self.add(own, account, REGION, &format!("arn:aws:{shape}"), &data);
                    self.complete(own, account, REGION);
                }
            }
        }
    }
}
