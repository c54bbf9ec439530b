//! Ways that pass a role to instances, containers and functions.

use super::super::method::{Ask, Gain, Method, On};
use super::shapes::{
    CLUSTER, COMPONENT, EKS_CLUSTER, FUNCTION, IMAGE, IMAGE_RECIPE, INFRASTRUCTURE, INSTANCE,
    JOB_DEFINITION, JOB_QUEUE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE, RUNNER_SERVICE,
    SCALING_GROUP, SERVICE, SPOT_REQUEST, TASK_DEFINITION,
};
use super::{PLAIN, act, one, passed};

/// A role in an instance profile.
const PROFILE: Gain = Gain::Passed { services: &["ec2.amazonaws.com"], profile: true };
const TASKS: Gain = passed(&["ecs-tasks.amazonaws.com"]);
const LAMBDA: Gain = passed(&["lambda.amazonaws.com"]);

pub(super) static PASSED: &[Method] = &[
    Method {
        id: "ec2-001",
        title: "starts an instance with a role and its own user data",
        asks: &[one("ec2:RunInstances", On::Any(INSTANCE))],
        needs: "a role with an instance profile",
        gain: PROFILE,
        source: "pathfinding.cloud, Rhino 3, PMapper",
        ..PLAIN
    },
    Method {
        id: "ec2-003",
        title: "requests a spot instance with a role and its own user data",
        asks: &[one("ec2:RequestSpotInstances", On::Any(SPOT_REQUEST))],
        needs: "a role with an instance profile",
        gain: PROFILE,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "pmapper-ec2-associate",
        title: "gives an instance it has a foothold on another role",
        asks: &[Ask::Any(&[
            act("ec2:AssociateIamInstanceProfile", On::Existing("aws.ec2.instance", INSTANCE)),
            act(
                "ec2:ReplaceIamInstanceProfileAssociation",
                On::Existing("aws.ec2.instance", INSTANCE),
            ),
        ])],
        needs: "a role with an instance profile; a foothold on a running instance, or ec2:RunInstances",
        unseen: true,
        gain: PROFILE,
        source: "PMapper; the replacement is ours",
        ..PLAIN
    },
    Method {
        id: "htc-asg-lc",
        title: "scales a group out of a launch configuration with a role",
        asks: &[
            one("autoscaling:CreateLaunchConfiguration", On::Any(LAUNCH_CONFIGURATION)),
            Ask::Any(&[
                act("autoscaling:CreateAutoScalingGroup", On::Any(SCALING_GROUP)),
                act("autoscaling:UpdateAutoScalingGroup", On::Any(SCALING_GROUP)),
            ]),
        ],
        needs: "a role with an instance profile; the service-linked role of Auto Scaling, or iam:CreateServiceLinkedRole",
        gain: PROFILE,
        source: "HackingTheCloud, Prowler, PMapper",
        ..PLAIN
    },
    Method {
        id: "htc-asg-lt",
        title: "scales a group out of a launch template with a role",
        asks: &[
            one("ec2:CreateLaunchTemplate", On::Any(LAUNCH_TEMPLATE)),
            Ask::Any(&[
                act("autoscaling:CreateAutoScalingGroup", On::Any(SCALING_GROUP)),
                act("autoscaling:UpdateAutoScalingGroup", On::Any(SCALING_GROUP)),
            ]),
        ],
        needs: "a role with an instance profile; the service-linked role of Auto Scaling, or iam:CreateServiceLinkedRole",
        gain: PROFILE,
        source: "HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "imagebuilder-001",
        title: "builds an image with steps of its own on an instance with a role",
        asks: &[
            one("imagebuilder:CreateComponent", On::Any(COMPONENT)),
            one("imagebuilder:CreateImageRecipe", On::Any(IMAGE_RECIPE)),
            one("imagebuilder:CreateInfrastructureConfiguration", On::Any(INFRASTRUCTURE)),
            one("imagebuilder:CreateImage", On::Any(IMAGE)),
        ],
        needs: "a role with an instance profile",
        gain: PROFILE,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "emr-001",
        title: "runs steps of its own on a cluster whose instances have a role",
        asks: &[one("elasticmapreduce:RunJobFlow", On::Star)],
        needs: "a role with an instance profile; a second role that trusts elasticmapreduce.amazonaws.com and may be passed too",
        gain: PROFILE,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-001",
        title: "runs a service of its own with a role on a new cluster",
        asks: &[
            one("ecs:CreateCluster", On::Any(CLUSTER)),
            one("ecs:RegisterTaskDefinition", On::Any(TASK_DEFINITION)),
            one("ecs:CreateService", On::Any(SERVICE)),
        ],
        gain: TASKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-002",
        title: "runs a task of its own with a role on a new cluster",
        asks: &[
            one("ecs:CreateCluster", On::Any(CLUSTER)),
            one("ecs:RegisterTaskDefinition", On::Any(TASK_DEFINITION)),
            one("ecs:RunTask", On::Any(TASK_DEFINITION)),
        ],
        gain: TASKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-003",
        title: "runs a service of its own with a role on a cluster",
        asks: &[
            one("ecs:RegisterTaskDefinition", On::Any(TASK_DEFINITION)),
            one("ecs:CreateService", On::Any(SERVICE)),
        ],
        needs: "a cluster",
        gain: TASKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-004",
        title: "runs a task of its own with a role on a cluster",
        asks: &[
            one("ecs:RegisterTaskDefinition", On::Any(TASK_DEFINITION)),
            one("ecs:RunTask", On::Any(TASK_DEFINITION)),
        ],
        needs: "a cluster",
        gain: TASKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-005",
        title: "starts a task of its own with a role on an instance of a cluster",
        asks: &[
            one("ecs:RegisterTaskDefinition", On::Any(TASK_DEFINITION)),
            one("ecs:StartTask", On::Any(TASK_DEFINITION)),
        ],
        needs: "a cluster with a container instance",
        gain: TASKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "ecs-007",
        title: "starts a task with another role on a host of its own that it registers",
        asks: &[
            one("ecs:StartTask", On::Existing("aws.ecs.task_definition", TASK_DEFINITION)),
            one("ecs:RegisterContainerInstance", On::Any(CLUSTER)),
        ],
        needs: "a cluster, a task definition, a host under the actor's control",
        gain: TASKS,
        source: "pathfinding-labs, Prowler, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "ecs-008",
        title: "runs a task with another role and command than its definition says",
        asks: &[one("ecs:RunTask", On::Existing("aws.ecs.task_definition", TASK_DEFINITION))],
        needs: "a task definition and a cluster",
        gain: TASKS,
        source: "pathfinding-labs, Prowler, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "ecs-009",
        title: "starts a task with another role and command than its definition says on an instance of a cluster",
        asks: &[one("ecs:StartTask", On::Existing("aws.ecs.task_definition", TASK_DEFINITION))],
        needs: "a task definition and a cluster with a container instance",
        gain: TASKS,
        source: "pathfinding-labs, Prowler",
        ..PLAIN
    },
    Method {
        id: "batch-001",
        title: "defines and submits a batch job with a role",
        asks: &[
            one("batch:RegisterJobDefinition", On::Any(JOB_DEFINITION)),
            one("batch:SubmitJob", On::Any(JOB_DEFINITION)),
            one("batch:SubmitJob", On::Existing("aws.batch.job_queue", JOB_QUEUE)),
        ],
        needs: "a job queue",
        gain: TASKS,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "apprunner-001",
        title: "makes an App Runner service of its own with a role",
        asks: &[one("apprunner:CreateService", On::Any(RUNNER_SERVICE))],
        needs: "the service-linked role of App Runner, or iam:CreateServiceLinkedRole",
        gain: passed(&["tasks.apprunner.amazonaws.com"]),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "lambda-001",
        title: "makes a function with a role and calls it",
        asks: &[
            one("lambda:CreateFunction", On::Any(FUNCTION)),
            one("lambda:InvokeFunction", On::Any(FUNCTION)),
        ],
        gain: LAMBDA,
        source: "pathfinding.cloud, Rhino 15, PMapper",
        ..PLAIN
    },
    Method {
        id: "lambda-002",
        title: "makes a function with a role and has a queue or stream call it",
        asks: &[
            one("lambda:CreateFunction", On::Any(FUNCTION)),
            one("lambda:CreateEventSourceMapping", On::Star),
        ],
        needs: "a queue or stream that the role may read and something writes to",
        gain: LAMBDA,
        source: "pathfinding.cloud, Rhino 17",
        ..PLAIN
    },
    Method {
        id: "lambda-006",
        title: "makes a function with a role and lets another account call it",
        asks: &[
            one("lambda:CreateFunction", On::Any(FUNCTION)),
            one("lambda:AddPermission", On::Any(FUNCTION)),
        ],
        gain: LAMBDA,
        source: "pathfinding.cloud, Rhino 16",
        ..PLAIN
    },
    Method {
        id: "pmapper-lambda-reconf",
        title: "gives a function other code and another role",
        asks: &[
            one("lambda:UpdateFunctionCode", On::Existing("aws.lambda.function", FUNCTION)),
            one(
                "lambda:UpdateFunctionConfiguration",
                On::Existing("aws.lambda.function", FUNCTION),
            ),
        ],
        needs: "a function that something calls",
        gain: LAMBDA,
        source: "PMapper",
        ..PLAIN
    },
    Method {
        id: "ours-eks-podidentity",
        title: "gives a pod it controls a role",
        asks: &[one("eks:CreatePodIdentityAssociation", On::Any(EKS_CLUSTER))],
        needs: "a pod under the actor's control",
        unseen: true,
        gain: passed(&["pods.eks.amazonaws.com"]),
        source: "ours",
        ..PLAIN
    },
];
