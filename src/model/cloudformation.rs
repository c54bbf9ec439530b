//! Stacks of CloudFormation.

use crate::clock::Time;

model! {
    /// A stack (`cloudformation:DescribeStacks`). Templates, parameters and outputs are never kept.
    pub struct Stack {
        /// The state, such as `UPDATE_COMPLETE`.
        stack_status: String,
        /// The ARN of the role it works with; absent where it works as whoever calls.
        role_arn: Option<String>,
        /// What its template may make, such as `CAPABILITY_NAMED_IAM`.
        capabilities: Vec<String>,
        /// Whether it refuses to be deleted.
        enable_termination_protection: Option<bool>,
        /// The ARN of the stack it is part of.
        parent_id: Option<String>,
        /// When it was created.
        creation_time: Option<Time>,
    }
}
