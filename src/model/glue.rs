//! What runs in Glue.

use crate::clock::Time;

model! {
    /// A job (`glue:GetJobs`). Its script and arguments are never kept.
    pub struct Job {
        /// The name or ARN of the role it runs with.
        role: Option<String>,
        /// What it runs, such as `glueetl` or `pythonshell`.
        command_name: Option<String>,
        /// When it was created.
        created_on: Option<Time>,
        /// When it was last changed.
        last_modified_on: Option<Time>,
    }

    /// An endpoint for developing jobs, which one logs in to (`glue:GetDevEndpoints`).
    pub struct DevEndpoint {
        /// The ARN of the role it runs with.
        role_arn: Option<String>,
        /// The state, such as `READY`.
        status: Option<String>,
        /// Its address on the internet; absent within a VPC.
        public_address: Option<String>,
        /// The VPC; absent outside one.
        vpc_id: Option<String>,
        /// The subnet.
        subnet_id: Option<String>,
        /// The security groups.
        security_group_ids: Vec<String>,
        /// When it was created.
        created_timestamp: Option<Time>,
    }
}
