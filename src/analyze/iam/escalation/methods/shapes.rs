//! What the ARNs of the resources of escalation look like.

use super::super::method::Shape;

pub(super) const USER: Shape = Shape::global("iam", "user/*");
pub(super) const ROLE: Shape = Shape::global("iam", "role/*");
pub(super) const MFA: Shape = Shape::global("iam", "mfa/*");
pub(super) const OIDC_PROVIDER: Shape = Shape::global("iam", "oidc-provider/*");

pub(super) const SSO_INSTANCE: Shape = Shape::bare("sso", "instance/*");
pub(super) const PERMISSION_SET: Shape = Shape::bare("sso", "permissionSet/*/*");
pub(super) const SSO_ACCOUNT: Shape = Shape::bare("sso", "account/*");

pub(super) const INSTANCE: Shape = Shape::regional("ec2", "instance/*");
pub(super) const SPOT_REQUEST: Shape = Shape::regional("ec2", "spot-instances-request/*");
pub(super) const LAUNCH_TEMPLATE: Shape = Shape::regional("ec2", "launch-template/*");
pub(super) const SCALING_GROUP: Shape =
    Shape::regional("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*");
pub(super) const LAUNCH_CONFIGURATION: Shape =
    Shape::regional("autoscaling", "launchConfiguration:*:launchConfigurationName/*");

pub(super) const CLUSTER: Shape = Shape::regional("ecs", "cluster/*");
pub(super) const SERVICE: Shape = Shape::regional("ecs", "service/*/*");
pub(super) const TASK: Shape = Shape::regional("ecs", "task/*/*");
pub(super) const TASK_DEFINITION: Shape = Shape::regional("ecs", "task-definition/*:*");

pub(super) const FUNCTION: Shape = Shape::regional("lambda", "function:*");

pub(super) const RUNNER_SERVICE: Shape = Shape::regional("apprunner", "service/*/*");
pub(super) const JOB_QUEUE: Shape = Shape::regional("batch", "job-queue/*");
pub(super) const JOB_DEFINITION: Shape = Shape::regional("batch", "job-definition/*");

pub(super) const INTERPRETER: Shape =
    Shape::regional("bedrock-agentcore", "code-interpreter-custom/*");
pub(super) const BROWSER: Shape = Shape::regional("bedrock-agentcore", "browser-custom/*");
pub(super) const RUNTIME: Shape = Shape::regional("bedrock-agentcore", "runtime/*");
pub(super) const WORKLOAD_IDENTITY: Shape =
    Shape::regional("bedrock-agentcore", "workload-identity-directory/*");

pub(super) const STACK: Shape = Shape::regional("cloudformation", "stack/*/*");
pub(super) const STACK_SET: Shape = Shape::regional("cloudformation", "stackset/*:*");

pub(super) const PROJECT: Shape = Shape::regional("codebuild", "project/*");
pub(super) const CODESTAR_PROJECT: Shape = Shape::regional("codestar", "project/*");

pub(super) const DEPLOYMENT_GROUP: Shape = Shape::regional("codedeploy", "deploymentgroup:*/*");
pub(super) const APPLICATION: Shape = Shape::regional("codedeploy", "application:*");
pub(super) const DEPLOYMENT_CONFIG: Shape = Shape::regional("codedeploy", "deploymentconfig:*");

pub(super) const PIPELINE: Shape = Shape::regional("datapipeline", "pipeline/*");
pub(super) const SERVERLESS_APPLICATION: Shape =
    Shape::regional("emr-serverless", "/applications/*");
pub(super) const GAME_BUILD: Shape = Shape::regional("gamelift", "build/*");

pub(super) const DEV_ENDPOINT: Shape = Shape::regional("glue", "devEndpoint/*");
pub(super) const GLUE_JOB: Shape = Shape::regional("glue", "job/*");
pub(super) const GLUE_TRIGGER: Shape = Shape::regional("glue", "trigger/*");
pub(super) const GLUE_SESSION: Shape = Shape::regional("glue", "session/*");

pub(super) const COMPONENT: Shape = Shape::regional("imagebuilder", "component/*/*/*");
pub(super) const IMAGE_RECIPE: Shape = Shape::regional("imagebuilder", "image-recipe/*/*");
pub(super) const INFRASTRUCTURE: Shape =
    Shape::regional("imagebuilder", "infrastructure-configuration/*");
pub(super) const IMAGE: Shape = Shape::regional("imagebuilder", "image/*/*/*");

pub(super) const ANALYTICS_APPLICATION: Shape =
    Shape::regional("kinesisanalytics", "application/*");
pub(super) const OMICS_RUN: Shape = Shape::regional("omics", "run/*");
pub(super) const OBJECT: Shape = Shape::bare("s3", "*/*");

pub(super) const NOTEBOOK: Shape = Shape::regional("sagemaker", "notebook-instance/*");
pub(super) const NOTEBOOK_LIFECYCLE: Shape =
    Shape::regional("sagemaker", "notebook-instance-lifecycle-config/*");
pub(super) const TRAINING_JOB: Shape = Shape::regional("sagemaker", "training-job/*");
pub(super) const PROCESSING_JOB: Shape = Shape::regional("sagemaker", "processing-job/*");

pub(super) const SCHEDULE: Shape = Shape::regional("scheduler", "schedule/*/*");
pub(super) const DOCUMENT: Shape = Shape::regional("ssm", "document/*");
pub(super) const AUTOMATION: Shape = Shape::regional("ssm", "automation-execution/*");
pub(super) const STATE_MACHINE: Shape = Shape::regional("states", "stateMachine:*");

pub(super) const HOSTED_ZONE: Shape = Shape::bare("route53", "hostedzone/*");
pub(super) const AUTHORITY: Shape = Shape::regional("acm-pca", "certificate-authority/*");
pub(super) const EKS_CLUSTER: Shape = Shape::regional("eks", "cluster/*");
pub(super) const ACCESS_ENTRY: Shape = Shape::regional("eks", "access-entry/*/*/*/*/*");
pub(super) const SECRET: Shape = Shape::regional("secretsmanager", "secret:*");
pub(super) const PARAMETER: Shape = Shape::regional("ssm", "parameter/*");
pub(super) const FEDERATED_USER: Shape = Shape::global("sts", "federated-user/*");
