//! The organization: accounts, units, and the policies over them.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// The organization an account belongs to (`organizations:DescribeOrganization`).
    pub struct Organization {
        /// Whether there is one; the other fields are absent without.
        in_use: bool,
        /// The id, `o-…`.
        organization_id: Option<String>,
        /// Whether it governs or pays only.
        feature_set: Option<String> = ["ALL", "CONSOLIDATED_BILLING"],
        /// The account that manages it.
        management_account_id: Option<String>,
        /// The id of its root, `r-…` (`organizations:ListRoots`).
        root_id: Option<String>,
        /// The kinds of policies in force (`organizations:ListRoots`).
        enabled_policy_types: Vec<String>,
        /// The services that may act in all accounts (`organizations:ListAWSServiceAccessForOrganization`).
        enabled_service_principals: Vec<String>,
    }

    /// An account of the organization (`organizations:ListAccounts`). Its e-mail address is not kept.
    pub struct Account {
        /// The state, in the older vocabulary.
        status: String = ["ACTIVE", "SUSPENDED", "PENDING_CLOSURE"],
        /// The state, in the newer vocabulary.
        state: Option<String> = ["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"],
        /// How it came to the organization.
        joined_method: String = ["INVITED", "CREATED"],
        /// When it came.
        joined_timestamp: Option<Time>,
        /// The unit or root it is in (`organizations:ListParents`).
        parent_id: String,
        /// The names of the units above it, outermost first; empty directly under the root.
        ou_path: Vec<String>,
        /// The ids of the root and the units above it, outermost first.
        ancestor_ids: Vec<String>,
        /// Whether it manages the organization; service control policies do not bind it.
        management: bool,
    }

    /// An organizational unit (`organizations:ListOrganizationalUnitsForParent`).
    pub struct Unit {
        /// The unit or root it is in.
        parent_id: String,
        /// The names of the units down to it, itself included, outermost first.
        path: Vec<String>,
        /// The ids of the root and the units above it, outermost first.
        ancestor_ids: Vec<String>,
    }

    /// A policy of the organization (`organizations:DescribePolicy`).
    pub struct Policy {
        /// The kind, such as `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
        kind: String,
        /// Whether AWS wrote it.
        aws_managed: bool,
        /// The description.
        description: Option<String>,
        /// What it says, where its kind is written in the IAM policy language.
        document: Option<PolicyDocument>,
        /// The text of other kinds, as JSON.
        content: Option<String>,
        /// The root, units and accounts it is attached to (`organizations:ListTargetsForPolicy`).
        target_ids: Vec<String>,
    }

    /// An account that administers services for the organization (`organizations:ListDelegatedAdministrators`).
    pub struct DelegatedAdministrator {
        /// The account.
        account_id: String,
        /// The state of the account.
        status: Option<String> = ["ACTIVE", "SUSPENDED", "PENDING_CLOSURE"],
        /// Since when it administers.
        delegation_enabled_date: Option<Time>,
        /// The services it administers (`organizations:ListDelegatedServicesForAccount`).
        service_principals: Vec<String>,
    }
}
