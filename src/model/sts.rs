//! Who collected.

model! {
    /// The identity that collected (`sts:GetCallerIdentity`).
    pub struct CallerIdentity {
        /// The ARN of the user, role session or root that called.
        principal_arn: String,
    }
}
