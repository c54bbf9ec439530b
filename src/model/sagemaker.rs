//! Notebooks of SageMaker.

use crate::clock::Time;

model! {
    /// A notebook instance (`sagemaker:ListNotebookInstances`, `sagemaker:DescribeNotebookInstance`).
    pub struct NotebookInstance {
        /// The state, such as `InService`.
        notebook_instance_status: String,
        /// The ARN of the role it runs with.
        role_arn: Option<String>,
        /// Whether it reaches the internet by an interface of SageMaker.
        direct_internet_access: Option<String> = ["Enabled", "Disabled"],
        /// Whether its users have root access.
        root_access: Option<String> = ["Enabled", "Disabled"],
        /// The subnet; absent outside a VPC.
        subnet_id: Option<String>,
        /// The security groups.
        security_group_ids: Vec<String>,
        /// The scripts that run when it starts.
        notebook_instance_lifecycle_config_name: Option<String>,
        /// When it was created.
        creation_time: Option<Time>,
    }
}
