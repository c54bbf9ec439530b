//! Secrets of Secrets Manager: that they are there, never what they are.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// A secret (`secretsmanager:ListSecrets`). Its value is never asked for.
    pub struct Secret {
        /// The key that encrypts it; absent for the one of the service.
        kms_key_id: Option<String>,
        /// Whether it is changed by itself.
        rotation_enabled: Option<bool>,
        /// The service that made it; absent for secrets of the customer.
        owning_service: Option<String>,
        /// When it was created.
        created_date: Option<Time>,
        /// The day it was last read; absent when never.
        last_accessed_date: Option<Time>,
        /// When its value last changed.
        last_changed_date: Option<Time>,
        /// Who may read it besides what IAM policies of the account say; absent without any
        /// (`secretsmanager:GetResourcePolicy`).
        policy_document: Option<PolicyDocument>,
    }
}
