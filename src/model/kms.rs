//! Keys of KMS.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// A key (`kms:ListKeys`, `kms:DescribeKey`). Grants are not read.
    pub struct Key {
        /// Who made it: the customer, or AWS for a service.
        key_manager: String = ["AWS", "CUSTOMER"],
        /// Whether it works.
        key_state: String = [
            "Creating", "Enabled", "Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion",
            "Unavailable", "Updating",
        ],
        /// What it is for, such as `ENCRYPT_DECRYPT`.
        key_usage: Option<String>,
        /// Where its material comes from.
        key_material_origin: Option<String>,
        /// Whether it has copies in other regions.
        multi_region: Option<bool>,
        /// When it was created.
        creation_date: Option<Time>,
        /// Who may use and manage it; IAM policies count only as far as it says so (`kms:GetKeyPolicy`).
        policy_document: PolicyDocument,
    }
}
