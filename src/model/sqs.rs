//! Queues of SQS.

use super::policy::PolicyDocument;

model! {
    /// A queue (`sqs:ListQueues`, `sqs:GetQueueAttributes`).
    pub struct Queue {
        /// The address.
        queue_url: Option<String>,
        /// Who may send and receive besides what IAM policies of the account say; absent without any.
        policy_document: Option<PolicyDocument>,
        /// The key that encrypts its messages; absent where SQS has its own, or none.
        kms_master_key_id: Option<String>,
    }
}
