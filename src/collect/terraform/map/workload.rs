//! What runs with a role: projects, stacks, jobs, notebooks, tasks, services, state machines.
//!
//! Definitions, scripts, arguments and environment variables are passed over.

use super::Table;
use super::stating::{handle, last, later, silent, state, untold};
use crate::collect::predicted::Thing;
use crate::model::Tree;
use crate::model::change::{Sketch, is_planned};

const PROJECT: &str = "aws.codebuild.project";
const STACK: &str = "aws.cloudformation.stack";
const JOB: &str = "aws.glue.job";
const DEV_ENDPOINT: &str = "aws.glue.dev_endpoint";
const NOTEBOOK: &str = "aws.sagemaker.notebook_instance";
const TASK: &str = "aws.ecs.task_definition";
const ECS_SERVICE: &str = "aws.ecs.service";
const APP: &str = "aws.apprunner.service";
const MACHINE: &str = "aws.states.state_machine";

pub(super) const TABLE: Table = &[
    (
        "aws_codebuild_project",
        handle(&["name"], "arn:{partition}:codebuild:{region}:{account}:project/{name}"),
        project,
    ),
    (
        "aws_cloudformation_stack",
        handle(&["name"], "arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{arn}"),
        stack,
    ),
    ("aws_glue_job", handle(&["name"], "arn:{partition}:glue:{region}:{account}:job/{name}"), job),
    (
        "aws_glue_dev_endpoint",
        handle(&["name"], "arn:{partition}:glue:{region}:{account}:devEndpoint/{name}"),
        dev_endpoint,
    ),
    (
        "aws_sagemaker_notebook_instance",
        handle(&["name"], "arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{name}"),
        notebook,
    ),
    (
        "aws_ecs_task_definition",
        handle(&[], "arn:{partition}:ecs:{region}:{account}:task-definition/{family}:{revision}"),
        task,
    ),
    ("aws_ecs_service", handle(&["name"], ""), ecs_service),
    (
        "aws_apprunner_service",
        handle(
            &["service_name"],
            "arn:{partition}:apprunner:{region}:{account}:service/{service_name}/{service_id}",
        ),
        app,
    ),
    (
        "aws_sfn_state_machine",
        handle(&["name"], "arn:{partition}:states:{region}:{account}:stateMachine:{name}"),
        machine,
    ),
];

fn project<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("batch_service_role", "build_batch_config.service_role"),
        ("source_type", "source.type"),
    ];
    state(sketch, thing.draft(PROJECT, "name", from), |draft| {
        let seen_by = thing.or("project_visibility", Tree::text("PRIVATE"));
        draft.fields.set("project_visibility", seen_by);
        untold(thing, draft, &[("created", later()), ("last_modified", later())]);
    });
}

fn stack<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("role_arn", "iam_role_arn")];
    state(sketch, thing.draft(STACK, "name", from), |draft| {
        // Before it exists, and in every version of the provider, its ARN is its id.
        if let (false, Tree::Text(id)) = (thing.fresh, &*thing.at("id")) {
            draft.arn = Some(id.clone().into_owned()).filter(|id| id.starts_with("arn:"));
        }
        untold(
            thing,
            draft,
            &[
                ("stack_status", Tree::text("CREATE_COMPLETE")),
                ("enable_termination_protection", Tree::Bool(false)),
                ("parent_id", Tree::Null),
                ("creation_time", later()),
            ],
        );
    });
}

fn job<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("role", "role_arn"), ("command_name", "")];
    state(sketch, thing.draft(JOB, "name", from), |draft| {
        let command = match &*thing.at("command.name") {
            Tree::Null => Tree::text("glueetl"),
            command => command.clone(),
        };
        draft.fields.set("command_name", command);
        untold(thing, draft, &[("created_on", later()), ("last_modified_on", later())]);
    });
}

fn dev_endpoint<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    state(sketch, thing.draft(DEV_ENDPOINT, "name", &[]), |draft| {
        silent(thing, draft, &[("status", "status", Tree::text("READY"))]);
        // Within a VPC it has no address on the internet.
        match &*thing.at("subnet_id") {
            Tree::Null => draft.fields.set("vpc_id", thing.or("vpc_id", Tree::Null)),
            _ => draft.fields.set("public_address", thing.or("public_address", Tree::Null)),
        }
        untold(thing, draft, &[("created_timestamp", later())]);
    });
}

fn notebook<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("security_group_ids", "security_groups"),
        ("notebook_instance_lifecycle_config_name", "lifecycle_config_name"),
    ];
    state(sketch, thing.draft(NOTEBOOK, "name", from), |draft| {
        for name in ["direct_internet_access", "root_access"] {
            draft.fields.set(name, thing.or(name, Tree::text("Enabled")));
        }
        untold(
            thing,
            draft,
            &[("notebook_instance_status", Tree::text("InService")), ("creation_time", later())],
        );
    });
}

/// A revision is numbered when it is registered; its id is family and number.
fn task<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let name = thing.arn.as_deref().map(behind_slash);
    state(sketch, thing.draft(TASK, "", &[]), |draft| {
        if let Some(name) = name {
            draft.name = Some(name.to_owned());
            if !is_planned(name) && !name.contains(crate::model::change::PLANNED) {
                name.clone_into(&mut draft.id);
            }
        }
        let bridge = thing.or("network_mode", Tree::text("bridge"));
        draft.fields.set("network_mode", bridge);
        untold(thing, draft, &[("status", Tree::text("ACTIVE")), ("registered_at", later())]);
    });
}

/// What stands behind the first slash of an ARN.
fn behind_slash(arn: &str) -> &str {
    arn.split_once('/').map_or(arn, |(_, name)| name)
}

/// Names of services are unique in their cluster only, so that their id is `cluster/service`.
fn ecs_service<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let place = &thing.place;
    let arn = |what: &str, name: &str| {
        format!("arn:{}:ecs:{}:{}:{what}/{name}", thing.partition, place.region, place.account)
    };
    let cluster = match &*thing.at("cluster") {
        Tree::Null => Tree::text(arn("cluster", "default")),
        Tree::Text(name) if !name.starts_with("arn:") && !is_planned(name) => {
            Tree::text(arn("cluster", name))
        }
        cluster => cluster.clone(),
    };
    let task = match &*thing.at("task_definition") {
        Tree::Text(name)
            if !name.starts_with("arn:") && !is_planned(name) && name.contains(':') =>
        {
            Tree::text(arn("task-definition", name))
        }
        task => task.clone(),
    };
    let from = &[("cluster_arn", ""), ("task_definition", "")];
    state(sketch, thing.draft(ECS_SERVICE, "name", from), |draft| {
        if let Some(cluster) = cluster.as_str() {
            draft.id = format!("{}/{}", last(cluster), thing.id);
        }
        let id = thing.text("id").ok().flatten().filter(|id| id.starts_with("arn:"));
        draft.arn = id.filter(|_| !thing.fresh).or_else(|| Some(arn("service", &draft.id)));
        draft.fields.set("cluster_arn", cluster);
        draft.fields.set("task_definition", task);
        let commands = thing.or("enable_execute_command", Tree::Bool(false));
        draft.fields.set("enable_execute_command", commands);
        silent(thing, draft, &[("launch_type", "launch_type", Tree::text("EC2"))]);
        untold(thing, draft, &[("status", Tree::text("ACTIVE")), ("created_at", later())]);
    });
}

fn app<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("instance_role_arn", "instance_configuration.instance_role_arn"),
        ("access_role_arn", "source_configuration.authentication_configuration.access_role_arn"),
        ("is_publicly_accessible", ""),
    ];
    state(sketch, thing.draft(APP, "service_name", from), |draft| {
        // Blocks that are left out are decided by AWS: no role, and open to the internet.
        let ingress = "network_configuration.ingress_configuration.is_publicly_accessible";
        let block = thing.at("network_configuration");
        let public = if block.is_null() || thing.is_left_open("network_configuration") {
            Tree::Bool(true)
        } else {
            thing.or(ingress, Tree::Bool(true))
        };
        draft.fields.set("is_publicly_accessible", public);
        if thing.is_left_open("instance_configuration") {
            draft.fields.set("instance_role_arn", Tree::Null);
        }
        silent(thing, draft, &[("status", "status", Tree::text("RUNNING"))]);
        untold(thing, draft, &[("created_at", later())]);
    });
}

fn machine<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("machine_type", "type")];
    state(sketch, thing.draft(MACHINE, "name", from), |draft| {
        draft.fields.set("machine_type", thing.or("type", Tree::text("STANDARD")));
        let told = [
            ("status", "status", Tree::text("ACTIVE")),
            ("creation_date", "creation_date", later()),
        ];
        silent(thing, draft, &told);
    });
}
