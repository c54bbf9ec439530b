//! What runs in ECS.

use crate::clock::Time;

model! {
    /// A task definition (`ecs:ListTaskDefinitions`, `ecs:DescribeTaskDefinition`). Container definitions, which hold
    /// environment variables, are never kept.
    pub struct TaskDefinition {
        /// The name all its revisions share.
        family: String,
        /// The revision.
        revision: i64,
        /// Whether tasks can be started from it.
        status: Option<String> = ["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"],
        /// The ARN of the role that containers act as; absent without one.
        task_role_arn: Option<String>,
        /// The ARN of the role that the agent fetches images and secrets with; absent without one.
        execution_role_arn: Option<String>,
        /// How containers are networked.
        network_mode: Option<String> = ["awsvpc", "bridge", "host", "none"],
        /// Where its tasks can run, such as `FARGATE`.
        requires_compatibilities: Vec<String>,
        /// When it was registered.
        registered_at: Option<Time>,
    }

    /// A service, which keeps tasks running (`ecs:ListServices`, `ecs:DescribeServices`).
    pub struct Service {
        /// The ARN of its cluster.
        cluster_arn: Option<String>,
        /// The ARN of the task definition its tasks are started from.
        task_definition: Option<String>,
        /// Whether commands can be run in its containers (`ecs:ExecuteCommand`).
        enable_execute_command: Option<bool>,
        /// How many tasks there should be.
        desired_count: Option<i64>,
        /// Where its tasks run.
        launch_type: Option<String> = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"],
        /// The state.
        status: Option<String>,
        /// When it was created.
        created_at: Option<Time>,
    }
}
