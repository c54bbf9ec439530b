//! Ways that pass a role to managed services.

use super::super::method::{Ask, Gain, Method, On, Shape};
use super::shapes::{
    ANALYTICS_APPLICATION, AUTOMATION, BROWSER, DOCUMENT, GAME_BUILD, GLUE_JOB, GLUE_SESSION,
    GLUE_TRIGGER, INTERPRETER, NOTEBOOK, OBJECT, OMICS_RUN, PIPELINE, PROCESSING_JOB, PROJECT,
    RUNTIME, SCHEDULE, SERVERLESS_APPLICATION, STACK, STACK_SET, STATE_MACHINE, TRAINING_JOB,
    WORKLOAD_IDENTITY,
};
use super::{PLAIN, act, one, passed};

const AGENTCORE: Gain = passed(&["bedrock-agentcore.amazonaws.com"]);
const CLOUDFORMATION: Gain = passed(&["cloudformation.amazonaws.com"]);
const CODEBUILD: Gain = passed(&["codebuild.amazonaws.com"]);
const GLUE: Gain = passed(&["glue.amazonaws.com"]);
const SAGEMAKER: Gain = passed(&["sagemaker.amazonaws.com"]);

const EXISTING_PROJECT: On = existing("aws.codebuild.project", PROJECT);
const EXISTING_GLUE_JOB: On = existing("aws.glue.job", GLUE_JOB);

const fn existing(kind: &'static str, shape: Shape) -> On {
    On::Existing(kind, shape)
}

pub(super) static PASSED: &[Method] = &[
    Method {
        id: "bedrock-001",
        title: "makes a code interpreter with a role and runs code on it",
        asks: &[
            one("bedrock-agentcore:CreateCodeInterpreter", On::Star),
            one("bedrock-agentcore:StartCodeInterpreterSession", On::Any(INTERPRETER)),
            one("bedrock-agentcore:InvokeCodeInterpreter", On::Any(INTERPRETER)),
        ],
        gain: AGENTCORE,
        source: "pathfinding.cloud, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "prowler-agentcore-runtime",
        title: "makes an agent runtime with a role and runs commands on it",
        asks: &[
            one("bedrock-agentcore:CreateAgentRuntime", On::Star),
            one("bedrock-agentcore:CreateAgentRuntimeEndpoint", On::Any(RUNTIME)),
            one("bedrock-agentcore:CreateWorkloadIdentity", On::Any(WORKLOAD_IDENTITY)),
            one("bedrock-agentcore:InvokeAgentRuntimeCommand", On::Any(RUNTIME)),
        ],
        gain: AGENTCORE,
        source: "Prowler",
        ..PLAIN
    },
    Method {
        id: "prowler-agentcore-harness",
        title: "makes an agent harness with a role and runs commands on its runtime",
        asks: &[
            one("bedrock-agentcore:CreateHarness", On::Star),
            one("bedrock-agentcore:CreateAgentRuntime", On::Star),
            one("bedrock-agentcore:CreateAgentRuntimeEndpoint", On::Any(RUNTIME)),
            one("bedrock-agentcore:CreateWorkloadIdentity", On::Any(WORKLOAD_IDENTITY)),
            one("bedrock-agentcore:GetAgentRuntime", On::Any(RUNTIME)),
            one("bedrock-agentcore:InvokeAgentRuntimeCommand", On::Any(RUNTIME)),
        ],
        gain: AGENTCORE,
        source: "Prowler",
        ..PLAIN
    },
    Method {
        id: "prowler-agentcore-browser",
        title: "makes a browser with a role and drives it",
        asks: &[
            one("bedrock-agentcore:CreateBrowser", On::Star),
            one("bedrock-agentcore:StartBrowserSession", On::Any(BROWSER)),
            one("bedrock-agentcore:ConnectBrowserAutomationStream", On::Star),
        ],
        gain: AGENTCORE,
        source: "Prowler",
        ..PLAIN
    },
    Method {
        id: "braket-001",
        title: "runs a Braket job of its own with a role",
        asks: &[one("braket:CreateJob", On::Star)],
        gain: passed(&["braket.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "cloudformation-001",
        title: "makes a stack of its own with a role",
        asks: &[one("cloudformation:CreateStack", On::Any(STACK))],
        gain: CLOUDFORMATION,
        source: "pathfinding.cloud, Rhino 21, PMapper",
        ..PLAIN
    },
    Method {
        id: "cloudformation-003",
        title: "makes a stack set of its own with a role that assumes the role of the stacks",
        asks: &[
            one("cloudformation:CreateStackSet", On::Star),
            one("cloudformation:CreateStackInstances", On::Any(STACK_SET)),
        ],
        needs: "an administration role and a role of the stacks that it may assume",
        gain: CLOUDFORMATION,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "cloudformation-004",
        title: "changes a stack set with a role that assumes the role of the stacks",
        asks: &[one(
            "cloudformation:UpdateStackSet",
            existing("aws.cloudformation.stack_set", STACK_SET),
        )],
        needs: "a stack set with stacks; an administration role and a role of the stacks that it may assume",
        gain: CLOUDFORMATION,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "pmapper-cfn-update-pass",
        title: "changes a stack with another role",
        asks: &[one("cloudformation:UpdateStack", existing("aws.cloudformation.stack", STACK))],
        needs: "a stack",
        gain: CLOUDFORMATION,
        source: "PMapper",
        ..PLAIN
    },
    Method {
        id: "codebuild-001",
        title: "makes a build project with a role and starts a build",
        asks: &[
            one("codebuild:CreateProject", On::Any(PROJECT)),
            one("codebuild:StartBuild", On::Any(PROJECT)),
        ],
        gain: CODEBUILD,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "codebuild-004",
        title: "makes a build project with a role and starts a batch of builds",
        asks: &[
            one("codebuild:CreateProject", On::Any(PROJECT)),
            one("codebuild:StartBuildBatch", On::Any(PROJECT)),
        ],
        gain: CODEBUILD,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "pmapper-codebuild-update",
        title: "gives a build project another role and starts a build",
        asks: &[
            one("codebuild:UpdateProject", EXISTING_PROJECT),
            Ask::Any(&[
                act("codebuild:StartBuild", EXISTING_PROJECT),
                act("codebuild:StartBuildBatch", EXISTING_PROJECT),
            ]),
        ],
        needs: "a build project",
        gain: CODEBUILD,
        source: "PMapper",
        ..PLAIN
    },
    Method {
        id: "htc-codebuild-runner",
        title: "makes a build project with a role that a repository of its own starts",
        asks: &[
            one("codebuild:CreateProject", On::Any(PROJECT)),
            one("codebuild:CreateWebhook", On::Any(PROJECT)),
        ],
        gain: CODEBUILD,
        source: "HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "rhino-24",
        title: "makes a CodeStar project with its service role",
        asks: &[one("codestar:CreateProject", On::Star)],
        gain: passed(&["codestar.amazonaws.com"]),
        historic: true,
        source: "Rhino 24, Prowler",
        ..PLAIN
    },
    Method {
        id: "cognitoidentity-001",
        title: "has an identity pool hand out the credentials of a role",
        asks: &[one("cognito-identity:SetIdentityPoolRoles", On::Star)],
        needs: "a role that trusts an identity pool the actor can use",
        gain: Gain::PassedToPool,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "datapipeline-001",
        title: "runs commands of its own in a data pipeline with a role",
        asks: &[
            one("datapipeline:CreatePipeline", On::Star),
            one("datapipeline:PutPipelineDefinition", On::Any(PIPELINE)),
            one("datapipeline:ActivatePipeline", On::Any(PIPELINE)),
        ],
        needs: "an account that used Data Pipeline before it was closed to new customers",
        gain: passed(&["datapipeline.amazonaws.com", "elasticmapreduce.amazonaws.com"]),
        source: "pathfinding.cloud, Rhino 22",
        ..PLAIN
    },
    Method {
        id: "emrserverless-001",
        title: "runs a serverless EMR job of its own with a role",
        asks: &[
            one("emr-serverless:CreateApplication", On::Star),
            one("emr-serverless:StartJobRun", On::Any(SERVERLESS_APPLICATION)),
        ],
        gain: passed(&["emr-serverless.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "gamelift-001",
        title: "runs a game server build of its own on a fleet with a role",
        asks: &[
            one("gamelift:CreateBuild", On::Star),
            one("gamelift:CreateFleet", On::Star),
            one("gamelift:RequestUploadCredentials", On::Any(GAME_BUILD)),
        ],
        gain: passed(&["gamelift.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "glue-001",
        title: "makes a Glue development endpoint with a role and its own key",
        asks: &[one("glue:CreateDevEndpoint", On::Star)],
        gain: GLUE,
        source: "pathfinding.cloud, Rhino 19",
        ..PLAIN
    },
    Method {
        id: "glue-003",
        title: "makes a Glue job of its own with a role and starts it",
        asks: &[
            one("glue:CreateJob", On::Any(GLUE_JOB)),
            one("glue:StartJobRun", On::Any(GLUE_JOB)),
        ],
        gain: GLUE,
        source: "pathfinding.cloud, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "glue-004",
        title: "makes a Glue job of its own with a role and a trigger for it",
        asks: &[
            one("glue:CreateJob", On::Any(GLUE_JOB)),
            one("glue:CreateTrigger", On::Any(GLUE_TRIGGER)),
        ],
        gain: GLUE,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "glue-005",
        title: "gives a Glue job other code and another role and starts it",
        asks: &[
            one("glue:UpdateJob", EXISTING_GLUE_JOB),
            one("glue:StartJobRun", EXISTING_GLUE_JOB),
        ],
        needs: "a Glue job",
        gain: GLUE,
        source: "pathfinding.cloud, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "glue-006",
        title: "gives a Glue job other code and another role and makes a trigger for it",
        asks: &[
            one("glue:UpdateJob", EXISTING_GLUE_JOB),
            one("glue:CreateTrigger", On::Any(GLUE_TRIGGER)),
        ],
        needs: "a Glue job",
        gain: GLUE,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "glue-007",
        title: "opens an interactive Glue session with a role and runs code in it",
        asks: &[
            one("glue:CreateSession", On::Any(GLUE_SESSION)),
            one("glue:RunStatement", On::Any(GLUE_SESSION)),
        ],
        gain: GLUE,
        source: "pathfinding-labs, Prowler",
        ..PLAIN
    },
    Method {
        id: "kinesisanalytics-001",
        title: "runs an analytics application of its own with a role",
        asks: &[
            one("kinesisanalytics:CreateApplication", On::Star),
            one("kinesisanalytics:StartApplication", On::Any(ANALYTICS_APPLICATION)),
        ],
        gain: passed(&["kinesisanalytics.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "omics-001",
        title: "runs a HealthOmics workflow of its own with a role",
        asks: &[
            one("omics:CreateWorkflow", On::Star),
            one("omics:StartRun", On::Any(OMICS_RUN)),
            one("s3:GetObject", On::Any(OBJECT)),
        ],
        gain: passed(&["omics.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "sagemaker-001",
        title: "makes a notebook with a role",
        asks: &[one("sagemaker:CreateNotebookInstance", On::Any(NOTEBOOK))],
        needs: "a way onto the notebook: sagemaker:CreatePresignedNotebookInstanceUrl, or a lifecycle configuration",
        gain: SAGEMAKER,
        source: "pathfinding.cloud, Rhino 27, PMapper",
        ..PLAIN
    },
    Method {
        id: "sagemaker-002",
        title: "runs a training job of its own with a role",
        asks: &[one("sagemaker:CreateTrainingJob", On::Any(TRAINING_JOB))],
        needs: "a bucket or image with the actor's code that the role may read",
        gain: SAGEMAKER,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "sagemaker-003",
        title: "runs a processing job of its own with a role",
        asks: &[one("sagemaker:CreateProcessingJob", On::Any(PROCESSING_JOB))],
        needs: "a bucket or image with the actor's code that the role may read",
        gain: SAGEMAKER,
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "scheduler-001",
        title: "makes a schedule that calls AWS with a role",
        asks: &[one("scheduler:CreateSchedule", On::Any(SCHEDULE))],
        gain: passed(&["scheduler.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ssm-003",
        title: "writes an automation document and runs it with a role",
        asks: &[
            one("ssm:CreateDocument", On::Any(DOCUMENT)),
            one("ssm:StartAutomationExecution", On::Any(DOCUMENT)),
            one("ssm:StartAutomationExecution", On::Any(AUTOMATION)),
        ],
        gain: passed(&["ssm.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "stepfunctions-001",
        title: "makes a state machine that calls AWS with a role and starts it",
        asks: &[
            one("states:CreateStateMachine", On::Any(STATE_MACHINE)),
            one("states:StartExecution", On::Any(STATE_MACHINE)),
        ],
        gain: passed(&["states.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
];
