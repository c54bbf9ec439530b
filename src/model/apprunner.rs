//! Services of App Runner.

use crate::clock::Time;

model! {
    /// A service (`apprunner:ListServices`, `apprunner:DescribeService`). Environment variables are never kept.
    pub struct Service {
        /// Its address.
        service_url: Option<String>,
        /// The state, such as `RUNNING`.
        status: String,
        /// The ARN of the role its code acts as; absent without one.
        instance_role_arn: Option<String>,
        /// The ARN of the role that images are fetched with; absent without one.
        access_role_arn: Option<String>,
        /// Whether it is reached from the internet.
        is_publicly_accessible: Option<bool>,
        /// When it was created.
        created_at: Option<Time>,
    }
}
