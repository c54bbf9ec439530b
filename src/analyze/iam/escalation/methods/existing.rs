//! Ways over workloads that run with a role already.

use super::super::method::{Gain, Method, On, Shape};
use super::shapes::{
    APPLICATION, BROWSER, CLUSTER, CODESTAR_PROJECT, DEPLOYMENT_CONFIG, DEPLOYMENT_GROUP,
    DEV_ENDPOINT, DOCUMENT, FUNCTION, INSTANCE, INTERPRETER, JOB_DEFINITION, JOB_QUEUE,
    LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE, NOTEBOOK, NOTEBOOK_LIFECYCLE, PROJECT, RUNNER_SERVICE,
    RUNTIME, SCALING_GROUP, SERVICE, STACK, STATE_MACHINE, TASK,
};
use super::{PLAIN, one};

const INSTANCES: Gain = runs("aws.ec2.instance", INSTANCE, &["ec2.amazonaws.com"]);
const FUNCTIONS: Gain = runs("aws.lambda.function", FUNCTION, &["lambda.amazonaws.com"]);
const STACKS: Gain = runs("aws.cloudformation.stack", STACK, &["cloudformation.amazonaws.com"]);
const PROJECTS: Gain = runs("aws.codebuild.project", PROJECT, &["codebuild.amazonaws.com"]);
const NOTEBOOKS: Gain =
    runs("aws.sagemaker.notebook_instance", NOTEBOOK, &["sagemaker.amazonaws.com"]);
const AGENTCORE: &[&str] = &["bedrock-agentcore.amazonaws.com"];

const fn runs(kind: &'static str, shape: Shape, services: &'static [&'static str]) -> Gain {
    Gain::Runs { kind, shape, services }
}

pub(super) static RUNS: &[Method] = &[
    Method {
        id: "pmapper-asg-existing-lc",
        title: "scales a group out of a launch configuration that names a role",
        asks: &[one("autoscaling:CreateAutoScalingGroup", On::Any(SCALING_GROUP))],
        needs: "a launch configuration with an instance profile, and a way onto the instances it starts",
        unseen: true,
        gain: runs(
            "aws.autoscaling.launch_configuration",
            LAUNCH_CONFIGURATION,
            &["ec2.amazonaws.com"],
        ),
        source: "PMapper",
        ..PLAIN
    },
    Method {
        id: "apprunner-002",
        title: "gives an App Runner service other code",
        asks: &[one("apprunner:UpdateService", On::Workload)],
        needs: "a service with an instance role",
        gain: runs("aws.apprunner.service", RUNNER_SERVICE, &["tasks.apprunner.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "batch-002",
        title: "submits a batch job with a command of its own",
        asks: &[
            one("batch:SubmitJob", On::Workload),
            one("batch:SubmitJob", On::Existing("aws.batch.job_queue", JOB_QUEUE)),
        ],
        needs: "a job definition with a role",
        gain: runs("aws.batch.job_definition", JOB_DEFINITION, &["ecs-tasks.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "bedrock-002",
        title: "runs code on a code interpreter",
        asks: &[
            one("bedrock-agentcore:StartCodeInterpreterSession", On::Workload),
            one("bedrock-agentcore:InvokeCodeInterpreter", On::Workload),
        ],
        needs: "a code interpreter with a role",
        gain: runs("aws.bedrock_agentcore.code_interpreter", INTERPRETER, AGENTCORE),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "prowler-agentcore-invoke",
        title: "runs commands on an agent runtime",
        asks: &[one("bedrock-agentcore:InvokeAgentRuntimeCommand", On::Workload)],
        needs: "a runtime with a role",
        gain: runs("aws.bedrock_agentcore.runtime", RUNTIME, AGENTCORE),
        source: "Prowler",
        ..PLAIN
    },
    Method {
        id: "prowler-agentcore-browser-existing",
        title: "drives a browser",
        asks: &[
            one("bedrock-agentcore:StartBrowserSession", On::Workload),
            one("bedrock-agentcore:ConnectBrowserAutomationStream", On::Star),
        ],
        needs: "a custom browser with a role",
        gain: runs("aws.bedrock_agentcore.browser", BROWSER, AGENTCORE),
        source: "Prowler",
        ..PLAIN
    },
    Method {
        id: "cloudformation-002",
        title: "changes a stack that has a role",
        asks: &[one("cloudformation:UpdateStack", On::Workload)],
        needs: "a stack with a service role",
        gain: STACKS,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "cloudformation-005",
        title: "changes a stack that has a role by a change set",
        asks: &[
            one("cloudformation:CreateChangeSet", On::Workload),
            one("cloudformation:ExecuteChangeSet", On::Workload),
        ],
        needs: "a stack with a service role",
        gain: STACKS,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "codebuild-002",
        title: "starts a build with build steps of its own",
        asks: &[one("codebuild:StartBuild", On::Workload)],
        needs: "a build project with a role",
        gain: PROJECTS,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "codebuild-003",
        title: "starts a batch of builds with build steps of its own",
        asks: &[one("codebuild:StartBuildBatch", On::Workload)],
        needs: "a build project with a role that is set up for batches",
        gain: PROJECTS,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "codedeploy-001",
        title: "deploys code of its own to instances",
        asks: &[
            one("codedeploy:CreateDeployment", On::Workload),
            one("codedeploy:RegisterApplicationRevision", On::Any(APPLICATION)),
            one("codedeploy:GetDeploymentConfig", On::Any(DEPLOYMENT_CONFIG)),
        ],
        needs: "a deployment group of instances with a role",
        gain: runs("aws.codedeploy.deployment_group", DEPLOYMENT_GROUP, &["ec2.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ec2-002",
        title: "rewrites the user data of an instance and starts it again",
        asks: &[
            one("ec2:ModifyInstanceAttribute", On::Workload),
            one("ec2:StopInstances", On::Workload),
            one("ec2:StartInstances", On::Workload),
        ],
        needs: "an instance with a role",
        gain: INSTANCES,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ec2-004",
        title: "gives a launch template user data of its own",
        asks: &[
            one("ec2:CreateLaunchTemplateVersion", On::Workload),
            one("ec2:ModifyLaunchTemplate", On::Workload),
        ],
        needs: "a launch template with a role from which instances are started",
        gain: runs("aws.ec2.launch_template", LAUNCH_TEMPLATE, &["ec2.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ec2instanceconnect-003",
        title: "puts a key of its own on an instance",
        asks: &[
            one("ec2-instance-connect:SendSSHPublicKey", On::Workload),
            one("ec2:DescribeInstances", On::Star),
        ],
        needs: "an instance with a role whose port 22 the actor reaches",
        unseen: true,
        gain: INSTANCES,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-006",
        title: "runs commands in a task",
        asks: &[
            one("ecs:ExecuteCommand", On::Any(TASK)),
            one("ecs:ExecuteCommand", On::Any(CLUSTER)),
            one("ecs:DescribeTasks", On::Any(TASK)),
        ],
        needs: "a service with a task role that lets commands be run in its tasks",
        target_may: "ssmmessages:CreateControlChannel",
        gain: runs("aws.ecs.service", SERVICE, &["ecs-tasks.amazonaws.com"]),
        source: "pathfinding-labs, Prowler, Cloudsplaining",
        ..PLAIN
    },
    Method {
        id: "glue-002",
        title: "puts a key of its own on a Glue development endpoint",
        asks: &[one("glue:UpdateDevEndpoint", On::Workload)],
        needs: "a development endpoint with a role",
        gain: runs("aws.glue.dev_endpoint", DEV_ENDPOINT, &["glue.amazonaws.com"]),
        source: "pathfinding.cloud, Rhino 20",
        ..PLAIN
    },
    Method {
        id: "lambda-003",
        title: "gives a function other code",
        asks: &[one("lambda:UpdateFunctionCode", On::Workload)],
        needs: "a function with a role that something calls",
        gain: FUNCTIONS,
        source: "pathfinding.cloud, Rhino 18, PMapper",
        ..PLAIN
    },
    Method {
        id: "lambda-004",
        title: "gives a function other code and calls it",
        asks: &[
            one("lambda:UpdateFunctionCode", On::Workload),
            one("lambda:InvokeFunction", On::Workload),
        ],
        needs: "a function with a role",
        gain: FUNCTIONS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "lambda-005",
        title: "gives a function other code and lets another account call it",
        asks: &[
            one("lambda:UpdateFunctionCode", On::Workload),
            one("lambda:AddPermission", On::Workload),
        ],
        needs: "a function with a role",
        gain: FUNCTIONS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "rhino-26",
        title: "adds a layer or environment to a function that runs code of its own",
        asks: &[one("lambda:UpdateFunctionConfiguration", On::Workload)],
        needs: "a function with a role that something calls",
        gain: FUNCTIONS,
        source: "Rhino 26, HackingTheCloud, Prowler",
        ..PLAIN
    },
    Method {
        id: "sagemaker-004",
        title: "opens a notebook",
        asks: &[one("sagemaker:CreatePresignedNotebookInstanceUrl", On::Workload)],
        needs: "a notebook in service",
        gain: NOTEBOOKS,
        source: "pathfinding.cloud, Rhino 28",
        ..PLAIN
    },
    Method {
        id: "sagemaker-005",
        title: "gives a notebook a start script of its own and starts it again",
        asks: &[
            one("sagemaker:CreateNotebookInstanceLifecycleConfig", On::Any(NOTEBOOK_LIFECYCLE)),
            one("sagemaker:StopNotebookInstance", On::Workload),
            one("sagemaker:UpdateNotebookInstance", On::Workload),
            one("sagemaker:StartNotebookInstance", On::Workload),
        ],
        needs: "a notebook",
        gain: NOTEBOOKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ssm-001",
        title: "opens a session on an instance",
        asks: &[one("ssm:StartSession", On::Workload), one("ssm:StartSession", On::Any(DOCUMENT))],
        needs: "an instance that Systems Manager manages",
        target_may: "ssmmessages:CreateControlChannel",
        gain: INSTANCES,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "ssm-002",
        title: "runs commands on an instance",
        asks: &[one("ssm:SendCommand", On::Workload), one("ssm:SendCommand", On::Any(DOCUMENT))],
        needs: "an instance that Systems Manager manages",
        target_may: "ssmmessages:CreateControlChannel",
        gain: INSTANCES,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "stepfunctions-002",
        title: "gives a state machine other steps and starts it",
        asks: &[
            one("states:UpdateStateMachine", On::Workload),
            one("states:StartExecution", On::Workload),
        ],
        needs: "a state machine with a role",
        gain: runs("aws.states.state_machine", STATE_MACHINE, &["states.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
];

/// Over the roles of CodeStar, which AWS closed in 2024.
pub(super) static HISTORIC: &[Method] = &[
    Method {
        id: "rhino-23",
        title: "makes a CodeStar project from a template, which makes it an administrator",
        asks: &[one("codestar:CreateProjectFromTemplate", On::Star)],
        gain: Gain::Elsewhere,
        historic: true,
        source: "Rhino 23",
        ..PLAIN
    },
    Method {
        id: "rhino-25",
        title: "makes a CodeStar project and joins its team",
        asks: &[
            one("codestar:CreateProject", On::Star),
            one("codestar:AssociateTeamMember", On::Any(CODESTAR_PROJECT)),
        ],
        gain: Gain::Elsewhere,
        historic: true,
        source: "Rhino 25",
        ..PLAIN
    },
];
