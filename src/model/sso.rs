//! IAM Identity Center: who of the organization gets which permissions in which account.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// An instance of Identity Center (`sso:ListInstances`): one for the organization, and those of single accounts.
    pub struct Instance {
        /// Where its users and groups are kept, `d-…`.
        identity_store_id: String,
        /// The account it belongs to.
        owner_account_id: Option<String>,
        /// The state.
        status: Option<String> = ["CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "ACTIVE"],
        /// When it was created.
        created_date: Option<Time>,
    }

    /// A permission set, which becomes a role in every account it is assigned in (`sso:DescribePermissionSet`).
    pub struct PermissionSet {
        /// The ARN of its instance.
        instance_arn: Option<String>,
        /// The description.
        description: Option<String>,
        /// How long sessions last, such as `PT1H`.
        session_duration: Option<String>,
        /// When it was created.
        created_date: Option<Time>,
        /// The ARNs of the managed policies of AWS attached to it (`sso:ListManagedPoliciesInPermissionSet`).
        managed_policy_arns: Vec<String>,
        /// The customer managed policies of each account attached to it, by path and name
        /// (`sso:ListCustomerManagedPolicyReferencesInPermissionSet`).
        customer_managed_policies: Vec<String>,
        /// The policy written into it; absent without one (`sso:GetInlinePolicyForPermissionSet`).
        inline_policy: Option<PolicyDocument>,
        /// The ARN, or the path and name, of the policy that bounds it; absent without one
        /// (`sso:GetPermissionsBoundaryForPermissionSet`).
        permissions_boundary: Option<String>,
        /// The accounts it is provisioned in (`sso:ListAccountsForProvisionedPermissionSet`).
        provisioned_account_ids: Vec<String>,
    }

    /// A permission set given to a user or group in an account (`sso:ListAccountAssignments`).
    pub struct AccountAssignment {
        /// The account.
        account_id: String,
        /// The ARN of the permission set.
        permission_set_arn: String,
        /// Whom it is given to.
        principal_type: String = ["USER", "GROUP"],
        /// The id of the user or group in the identity store.
        principal_id: String,
    }
}
