//! State machines of Step Functions.

use crate::clock::Time;

model! {
    /// A state machine (`states:ListStateMachines`, `states:DescribeStateMachine`). Its definition is never kept.
    pub struct StateMachine {
        /// The kind.
        machine_type: Option<String> = ["STANDARD", "EXPRESS"],
        /// The state.
        status: Option<String> = ["ACTIVE", "DELETING"],
        /// The ARN of the role it runs with.
        role_arn: Option<String>,
        /// When it was created.
        creation_date: Option<Time>,
    }
}
