//! Topics of SNS.

use super::policy::PolicyDocument;

model! {
    /// A topic (`sns:ListTopics`, `sns:GetTopicAttributes`).
    pub struct Topic {
        /// Who may publish and subscribe besides what IAM policies of the account say; absent without any.
        policy_document: Option<PolicyDocument>,
        /// The key that encrypts its messages; absent without one.
        kms_master_key_id: Option<String>,
    }
}
