//! Answers about what runs with a role: CodeBuild, CloudFormation, Glue, SageMaker, ECS, App Runner, Step Functions.
//!
//! Only the roles and what surrounds them are read. Templates, definitions, scripts, arguments and environment variables
//! are passed over.

use serde_json::{Value, json};

use super::forms::Form;
use super::guarded::arn;
use super::reshape::{list, text};
use super::scene::Scene;
use super::store::{Spec, Store, Tags, no_fix};
use crate::model::coverage::Completeness;

const PROJECT: &str = "aws.codebuild.project";
const STACK: &str = "aws.cloudformation.stack";
const JOB: &str = "aws.glue.job";
const DEV_ENDPOINT: &str = "aws.glue.dev_endpoint";
const NOTEBOOK: &str = "aws.sagemaker.notebook_instance";
const TASK: &str = "aws.ecs.task_definition";
const ECS_SERVICE: &str = "aws.ecs.service";
const APP: &str = "aws.apprunner.service";
const MACHINE: &str = "aws.states.state_machine";

const GET_PROJECTS: &str = "codebuild:BatchGetProjects";
const DESCRIBE_NOTEBOOK: &str = "sagemaker:DescribeNotebookInstance";
const DESCRIBE_TASK: &str = "ecs:DescribeTaskDefinition";
const LIST_CLUSTERS: &str = "ecs:ListClusters";
const LIST_SERVICES: &str = "ecs:ListServices";
const DESCRIBE_SERVICES: &str = "ecs:DescribeServices";
const DESCRIBE_APP: &str = "apprunner:DescribeService";
const DESCRIBE_MACHINE: &str = "states:DescribeStateMachine";

pub(super) const FORMS: &[Form] = &[
    Form::answer("projects", "codebuild:ListProjects", &[PROJECT], project_names).has(&["="]),
    Form::answer("projects", GET_PROJECTS, &[PROJECT], projects)
        .has(&["serviceRole"])
        .arn("arn")
        .part("projects that were asked for by name"),
    Form::list("Stacks", "cloudformation:DescribeStacks", &STACKS)
        .has(&["StackStatus"])
        .arn("StackId"),
    Form::answer("Jobs", "glue:GetJobs", &[JOB], jobs).has(&["Role"]),
    Form::answer("DevEndpoints", "glue:GetDevEndpoints", &[DEV_ENDPOINT], dev_endpoints),
    Form::list("NotebookInstances", "sagemaker:ListNotebookInstances", &NOTEBOOK_SUMMARY)
        .arn("NotebookInstanceArn"),
    Form::answer("NotebookInstanceArn", DESCRIBE_NOTEBOOK, &[NOTEBOOK], notebook)
        .has(&["/RoleArn"])
        .part("notebooks that were asked for by name"),
    Form::answer("taskDefinitionArns", "ecs:ListTaskDefinitions", &[TASK], task_names),
    Form::answer("taskDefinition", DESCRIBE_TASK, &[TASK], task)
        .has(&["taskDefinitionArn"])
        .arn("taskDefinitionArn")
        .part("task definitions that were asked for by name"),
    Form::later("clusterArns", LIST_CLUSTERS, clusters),
    Form::later("serviceArns", LIST_SERVICES, service_names),
    Form::answer("services", DESCRIBE_SERVICES, &[ECS_SERVICE], services)
        .has(&["serviceArn"])
        .arn("serviceArn")
        .part("services that were asked for by name"),
    Form::answer("ServiceSummaryList", "apprunner:ListServices", &[APP], app_names)
        .arn("ServiceArn"),
    Form::answer("Service", DESCRIBE_APP, &[APP], app)
        .has(&["ServiceArn"])
        .arn("ServiceArn")
        .part("services that were asked for by ARN"),
    Form::list("stateMachines", "states:ListStateMachines", &MACHINE_SUMMARY)
        .arn("stateMachineArn"),
    Form::answer("stateMachineArn", DESCRIBE_MACHINE, &[MACHINE], machine)
        .has(&["/roleArn"])
        .part("state machines that were asked for by ARN"),
];

// CodeBuild

static PROJECTS: Spec = Spec {
    kind: PROJECT,
    id: "name",
    arn: "arn",
    name: "name",
    tags: Tags::Inside,
    from: &[("batch_service_role", "buildBatchConfig.serviceRole"), ("source_type", "source.type")],
    apart: &[],
    fix: no_fix,
};

fn project_names(scene: &mut Scene<'_>, answer: &Value) {
    for name in list(answer, "projects").iter().filter_map(Value::as_str) {
        let arn = arn(&scene.place, "codebuild", &format!("project/{name}"));
        scene.named_only(PROJECT, name, Some(&arn), name, GET_PROJECTS);
    }
}

fn projects(scene: &mut Scene<'_>, answer: &Value) {
    scene.put_all(&PROJECTS, answer, "projects");
}

// CloudFormation

static STACKS: Spec = Spec {
    kind: STACK,
    id: "StackName",
    arn: "StackId",
    name: "StackName",
    tags: Tags::Inside,
    from: &[],
    apart: &[],
    fix: no_fix,
};

// Glue

static JOBS: Spec = Spec {
    kind: JOB,
    id: "Name",
    arn: "",
    name: "Name",
    tags: Tags::Apart("glue:GetTags"),
    from: &[("command_name", "Command.Name")],
    apart: &[],
    fix: no_fix,
};

static DEV_ENDPOINTS: Spec = Spec {
    kind: DEV_ENDPOINT,
    id: "EndpointName",
    arn: "",
    name: "EndpointName",
    tags: Tags::Apart("glue:GetTags"),
    from: &[],
    apart: &[],
    fix: no_fix,
};

fn jobs(scene: &mut Scene<'_>, answer: &Value) {
    put_glue(scene, &JOBS, answer, "Jobs", "job");
}

fn dev_endpoints(scene: &mut Scene<'_>, answer: &Value) {
    put_glue(scene, &DEV_ENDPOINTS, answer, "DevEndpoints", "devEndpoint");
}

/// Glue prints no ARNs.
fn put_glue(scene: &mut Scene<'_>, spec: &Spec, answer: &Value, key: &str, noun: &str) {
    for item in list(answer, key) {
        let Some(name) = text(item, spec.id) else { continue };
        let arn = arn(&scene.place, "glue", &format!("{noun}/{name}"));
        if let Some(draft) = scene.put(spec, item) {
            draft.arn = Some(arn);
        }
    }
}

// SageMaker

static NOTEBOOK_SUMMARY: Spec = Spec {
    apart: &[
        ("role_arn", DESCRIBE_NOTEBOOK),
        ("direct_internet_access", DESCRIBE_NOTEBOOK),
        ("root_access", DESCRIBE_NOTEBOOK),
        ("subnet_id", DESCRIBE_NOTEBOOK),
        ("security_group_ids", DESCRIBE_NOTEBOOK),
    ],
    ..NOTEBOOK_WHOLE
};

const NOTEBOOK_WHOLE: Spec = Spec {
    kind: NOTEBOOK,
    id: "NotebookInstanceName",
    arn: "NotebookInstanceArn",
    name: "NotebookInstanceName",
    tags: Tags::Apart("sagemaker:ListTags"),
    from: &[("security_group_ids", "SecurityGroups")],
    apart: &[],
    fix: no_fix,
};

fn notebook(scene: &mut Scene<'_>, answer: &Value) {
    scene.put(&NOTEBOOK_WHOLE, answer);
}

// ECS

static TASKS: Spec = Spec {
    kind: TASK,
    id: "Portcullis",
    arn: "taskDefinitionArn",
    name: "Portcullis",
    tags: Tags::Apart("ecs:ListTagsForResource"),
    from: &[],
    apart: &[],
    fix: no_fix,
};

fn task_names(scene: &mut Scene<'_>, answer: &Value) {
    for arn in list(answer, "taskDefinitionArns").iter().filter_map(Value::as_str) {
        let id = behind_slash(arn);
        scene.named_only(TASK, id, Some(arn), id, DESCRIBE_TASK);
    }
}

/// Tags stand beside the definition, where they were asked for.
fn task(scene: &mut Scene<'_>, answer: &Value) {
    let mut task = answer.get("taskDefinition").cloned().unwrap_or_default();
    let id = text(&task, "taskDefinitionArn").map(|arn| behind_slash(&arn).to_owned());
    if let (Some(map), Some(id)) = (task.as_object_mut(), id) {
        map.insert("Portcullis".to_owned(), json!(id));
        let tags = super::store::tags_of(answer);
        if let Some(draft) = scene.put(&TASKS, &task) {
            draft.tags = draft.tags.take().or(tags);
        }
    }
}

static SERVICES: Spec = Spec {
    kind: ECS_SERVICE,
    id: "Portcullis",
    arn: "serviceArn",
    name: "serviceName",
    tags: Tags::Apart("ecs:ListTagsForResource"),
    from: &[],
    apart: &[],
    fix: no_fix,
};

/// The names of services are unique in their cluster only, so that their id is `cluster/service`.
fn service_id(arn: &str, cluster: Option<&str>) -> String {
    let rest = arn.split_once(":service/").map_or(arn, |(_, rest)| rest);
    match cluster.filter(|_| !rest.contains('/')) {
        Some(cluster) => format!("{}/{rest}", behind_slash(cluster)),
        None => rest.to_owned(),
    }
}

fn clusters(scene: &mut Scene<'_>, answer: &Value) {
    let names: Vec<Value> =
        list(answer, "clusterArns").iter().filter_map(Value::as_str).map(Value::from).collect();
    let made = match super::cut_off(answer) {
        Some(why) => super::reshape::unknown(crate::model::attr::CauseKind::Failed, why),
        None => Value::Array(names),
    };
    let place = scene.place.clone();
    scene.store.stash(LIST_CLUSTERS, &place, String::new(), made);
}

/// The services of one cluster; an empty list is told by the name of its file.
fn service_names(scene: &mut Scene<'_>, answer: &Value) {
    let arns: Vec<&str> = list(answer, "serviceArns").iter().filter_map(Value::as_str).collect();
    let beside = text(answer, "clusterArn").or_else(|| scene.subject.clone());
    let cluster = arns
        .iter()
        .find_map(|arn| arn.split_once(":service/")?.1.split_once('/'))
        .map(|(cluster, _)| cluster.to_owned())
        .or_else(|| beside.as_deref().map(|arn| behind_slash(arn).to_owned()));
    for arn in &arns {
        let id = service_id(arn, cluster.as_deref());
        scene.named_only(ECS_SERVICE, &id, Some(arn), behind_slash(arn), DESCRIBE_SERVICES);
    }
    let place = scene.place.clone();
    let whole = super::cut_off(answer).is_none();
    match cluster {
        Some(cluster) if whole => {
            scene.store.stash(LIST_SERVICES, &place, cluster, Value::Array(Vec::new()));
        }
        // Which cluster has none is found by the name of the file, once all clusters are known.
        None if whole => {
            let file = scene.file.to_owned();
            scene.store.stash(LIST_SERVICES, &place, String::new(), json!([file]));
        }
        _ => {}
    }
    let why = "ecs:ListServices: the services of single clusters".to_owned();
    scene.store.cover(ECS_SERVICE, &place, Completeness::Partial, Some(why), false);
}

fn services(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "services") {
        let Some(arn) = text(item, "serviceArn") else { continue };
        let mut item = item.clone();
        let id = service_id(&arn, text(&item, "clusterArn").as_deref());
        if let Some(map) = item.as_object_mut() {
            map.insert("Portcullis".to_owned(), json!(id));
        }
        scene.put(&SERVICES, &item);
    }
}

/// Services are complete when every cluster was asked for its own.
pub(super) fn complete(store: &mut Store) {
    let mut places = store.places_of(TASK);
    places.extend(store.places_of(ECS_SERVICE));
    for place in places {
        let Some(probe) = Store::key(ECS_SERVICE, &place, "") else { continue };
        let Some(Value::Array(clusters)) = store.stashed(&probe, LIST_CLUSTERS, "") else {
            continue;
        };
        let files = store.stashed(&probe, LIST_SERVICES, "").unwrap_or_default();
        let by_file = |name: &str| {
            let files = files.as_array().into_iter().flatten().filter_map(Value::as_str);
            files.into_iter().any(|file| super::scene::file_names(file, name))
        };
        let asked = |cluster: &Value| {
            let name = behind_slash(cluster.as_str().unwrap_or_default());
            store.stashed(&probe, LIST_SERVICES, name).is_some() || by_file(name)
        };
        if clusters.iter().all(asked) {
            store.replace_cover(ECS_SERVICE, &place, Completeness::Complete, None);
        }
    }
}

// App Runner

static APPS: Spec = Spec {
    kind: APP,
    id: "ServiceName",
    arn: "ServiceArn",
    name: "ServiceName",
    tags: Tags::Apart("apprunner:ListTagsForResource"),
    from: &[
        ("instance_role_arn", "InstanceConfiguration.InstanceRoleArn"),
        ("access_role_arn", "SourceConfiguration.AuthenticationConfiguration.AccessRoleArn"),
        (
            "is_publicly_accessible",
            "NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",
        ),
    ],
    apart: &[],
    fix: no_fix,
};

fn app_names(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "ServiceSummaryList") {
        let Some(name) = text(item, "ServiceName") else { continue };
        let arn = text(item, "ServiceArn");
        scene.named_only(APP, &name, arn.as_deref(), &name, DESCRIBE_APP);
    }
}

fn app(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(service) = answer.get("Service") {
        scene.put(&APPS, service);
    }
}

// Step Functions

const MACHINE_WHOLE: Spec = Spec {
    kind: MACHINE,
    id: "name",
    arn: "stateMachineArn",
    name: "name",
    tags: Tags::Apart("states:ListTagsForResource"),
    from: &[("machine_type", "type")],
    apart: &[],
    fix: no_fix,
};

static MACHINE_SUMMARY: Spec = Spec {
    apart: &[("role_arn", DESCRIBE_MACHINE), ("status", DESCRIBE_MACHINE)],
    ..MACHINE_WHOLE
};

fn machine(scene: &mut Scene<'_>, answer: &Value) {
    scene.put(&MACHINE_WHOLE, answer);
}

fn behind_slash(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
