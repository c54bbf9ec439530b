//! IAM: who there is, and what they may do.

use super::people::RosterEntry;
use super::policy::PolicyDocument;
use super::privileges::{DutyConflict, Escalation, HeldCapability, TrustMistake};
use crate::clock::Time;

model! {
    /// A user (`iam:GetAccountAuthorizationDetails`, `iam:ListUsers`).
    pub struct User {
        /// The unique id that survives renaming, `AIDA…`.
        user_id: String,
        /// The path.
        path: String,
        /// When it was created.
        create_date: Time,
        /// When it last signed in to the console; absent when never, or without a password (`iam:ListUsers`).
        password_last_used: Option<Time>,
        /// Whether it has a password for the console (`iam:GetLoginProfile`).
        login_profile_exists: bool,
        /// The groups it is in.
        group_names: Vec<String>,
        /// The policies written into it.
        inline_policies: Vec<InlinePolicy>,
        /// The managed policies attached to it.
        attached_policies: Vec<AttachedPolicy>,
        /// The ARNs of those policies.
        attached_policy_arns: Vec<String>,
        /// The ARN of the policy that bounds it.
        permissions_boundary_arn: Option<String>,
        /// The serial numbers of its MFA devices (`iam:ListMFADevices`).
        mfa_serial_numbers: Vec<String>,
        /// The ids of its access keys (`iam:ListAccessKeys`).
        access_key_ids: Vec<String>,
        /// The services its policies allow, and when it last used each (`iam:GetServiceLastAccessedDetails`).
        services_last_accessed: Vec<ServiceLastAccessed>,
        /// When that was found out.
        services_last_accessed_date: Option<Time>,
    } facts {
        /// Whether all its identity policies together, those of its groups included, nominally allow every action on
        /// every resource.
        admin: bool,
        /// Whether it can do all that makes an administrator, once boundary, organization and denials are considered.
        effective_admin: bool,
        /// Whether it is none and can become one, in however many steps.
        becomes_admin: bool,
        /// The shortest way to that, one sentence a step.
        admin_path: Vec<String>,
        /// The methods it can use to become more than it is, each with the best target.
        escalations: Vec<Escalation>,
        /// The declared capabilities that it has in effect without being named for them; absent where none is declared.
        capabilities: Option<Vec<HeldCapability>>,
        /// The declared pairs of duties that it can do both of; absent where none is declared.
        duty_conflicts: Option<Vec<DutyConflict>>,
        /// Whom the roster of people takes it for; absent where no roster is declared.
        roster: Option<RosterEntry>,
        /// Signs that several people or programs use it.
        shared_signs: Vec<String>,
    }

    /// A group of users (`iam:GetAccountAuthorizationDetails`).
    pub struct Group {
        /// The unique id that survives renaming, `AGPA…`.
        group_id: String,
        /// The path.
        path: String,
        /// When it was created.
        create_date: Time,
        /// The users in it.
        user_names: Vec<String>,
        /// The policies written into it.
        inline_policies: Vec<InlinePolicy>,
        /// The managed policies attached to it.
        attached_policies: Vec<AttachedPolicy>,
        /// The ARNs of those policies.
        attached_policy_arns: Vec<String>,
    } facts {
        /// Whether all its identity policies together nominally allow every action on every resource.
        admin: bool,
    }

    /// A role (`iam:GetAccountAuthorizationDetails`, `iam:GetRole`).
    pub struct Role {
        /// The unique id that survives renaming, `AROA…`.
        role_id: String,
        /// The path.
        path: String,
        /// When it was created.
        create_date: Time,
        /// The description.
        description: Option<String>,
        /// Who may assume it.
        assume_role_policy_document: PolicyDocument,
        /// The longest session in seconds.
        max_session_duration: i64,
        /// When it was last used; absent when never within the 400 days IAM keeps.
        last_used_date: Option<Time>,
        /// The region it was last used in.
        last_used_region: Option<String>,
        /// Whether it belongs to a service, by its path `/aws-service-role/`; its policies cannot be changed.
        service_linked: bool,
        /// Its instance profiles.
        instance_profile_arns: Vec<String>,
        /// The policies written into it.
        inline_policies: Vec<InlinePolicy>,
        /// The managed policies attached to it.
        attached_policies: Vec<AttachedPolicy>,
        /// The ARNs of those policies.
        attached_policy_arns: Vec<String>,
        /// The ARN of the policy that bounds it.
        permissions_boundary_arn: Option<String>,
        /// The services its policies allow, and when it last used each (`iam:GetServiceLastAccessedDetails`).
        services_last_accessed: Vec<ServiceLastAccessed>,
        /// When that was found out.
        services_last_accessed_date: Option<Time>,
    } facts {
        /// Whether all its identity policies together nominally allow every action on every resource.
        admin: bool,
        /// Whether it can do all that makes an administrator, once boundary, organization and denials are considered.
        effective_admin: bool,
        /// Whether it is none and can become one, in however many steps.
        becomes_admin: bool,
        /// The shortest way to that, one sentence a step.
        admin_path: Vec<String>,
        /// The methods it can use to become more than it is, each with the best target.
        escalations: Vec<Escalation>,
        /// The declared capabilities that it has in effect without being named for them; absent where none is declared.
        capabilities: Option<Vec<HeldCapability>>,
        /// The declared pairs of duties that it can do both of; absent where none is declared.
        duty_conflicts: Option<Vec<DutyConflict>>,
        /// Whom its trust policy lets in, one entry per principal and statement.
        trusts: Vec<TrustedPrincipal>,
        /// Whom its trust policy lets in that it should not, worst first, one entry per mistake and statement.
        trust_mistakes: Vec<TrustMistake>,
    }

    /// A service that a user or role may use, and when it last did. IAM looks back 400 days at most, less in regions
    /// that it began to watch later.
    pub struct ServiceLastAccessed key [service_namespace] {
        /// The service, as the first part of its actions: `s3`.
        service_namespace: String,
        /// When it was last asked for something, allowed or not; absent when never within the time IAM looks back.
        last_authenticated: Option<Time>,
        /// The region it was last asked in.
        last_authenticated_region: Option<String>,
        /// The actions of it that IAM watches one by one, and when each was last used; absent where the report tells of
        /// services only, or where the service has none that are watched.
        tracked_actions_last_accessed: Option<Vec<ActionLastAccessed>>,
    }

    /// A watched action of a service, and when it was last used. What reads and writes data, such as `s3:GetObject`,
    /// is not watched, nor is `iam:PassRole`.
    pub struct ActionLastAccessed key [action_name] {
        /// The action's name without its service: `CreateBucket`.
        action_name: String,
        /// When it was last used; absent when never within the time IAM looks back.
        last_accessed_time: Option<Time>,
        /// The region it was last used in.
        last_accessed_region: Option<String>,
    }

    /// A principal that a trust policy lets in.
    pub struct TrustedPrincipal key [kind, value] {
        /// What kind of principal it is.
        kind: String = ["aws", "service", "federated", "canonical", "any"],
        /// The ARN, account, service, provider or `*`.
        value: String,
        /// The account it belongs to.
        account: Option<String>,
        /// The name under which the configuration declares that account, as one's own or a partner's; absent where it
        /// does not.
        declared_as: Option<String>,
        /// Whether the statement has any condition.
        conditioned: bool,
        /// Whether a condition demands an external id.
        external_id_required: bool,
        /// Whether a condition names the source: account, ARN, organization, address, or the token's subject or
        /// audience.
        source_restricted: bool,
        /// Whether a condition pins the subject of an OIDC provider's token at least to one tenant, such as
        /// `repo:acme/*`; true for principals that bring no such token.
        subject_bound: bool,
        /// The declared environment of its account; absent without an account, or where none is declared.
        environment: Option<String>,
    }

    /// A policy written into a user, group or role.
    pub struct InlinePolicy key [policy_name] {
        /// The name.
        policy_name: String,
        /// What it says.
        document: PolicyDocument,
    }

    /// A managed policy attached to a user, group or role.
    pub struct AttachedPolicy key [policy_arn] {
        /// The ARN.
        policy_arn: String,
        /// The name.
        policy_name: String,
    }

    /// A managed policy: the customer's own, and those of AWS that are in use (`iam:GetAccountAuthorizationDetails`).
    pub struct Policy {
        /// The name.
        policy_name: String,
        /// The unique id, `ANPA…`.
        policy_id: Option<String>,
        /// The path.
        path: String,
        /// Whether AWS wrote it.
        aws_managed: bool,
        /// The description.
        description: Option<String>,
        /// The version in effect.
        default_version_id: String,
        /// What the version in effect says.
        document: PolicyDocument,
        /// The versions kept; who may set the default can bring each back.
        versions: Vec<PolicyVersion>,
        /// How many users, groups and roles have it attached.
        attachment_count: i64,
        /// How many users and roles are bounded by it.
        permissions_boundary_usage_count: i64,
        /// Whether it can be attached.
        is_attachable: bool,
        /// When it was created.
        create_date: Option<Time>,
        /// When its default version last changed.
        update_date: Option<Time>,
    } facts {
        /// Whether it alone nominally allows every action on every resource.
        admin: bool,
        /// How wide its statements are that allow something, as far as AWS documents actions.
        breadth: Vec<StatementBreadth>,
    }

    /// How wide a statement is that allows something.
    pub struct StatementBreadth key [statement] {
        /// Its place in the document, from 0.
        statement: i64,
        /// Its own id.
        sid: Option<String>,
        /// How wide its widest pattern is: actions by name, `s3:Get*`, `s3:*`, actions of services that it does not name,
        /// or everything.
        width: String = ["named", "pattern", "service", "services", "everything"],
        /// How many services it speaks of.
        services: i64,
        /// How many documented actions it allows.
        actions: i64,
        /// How many of them make, change or delete something.
        write_actions: i64,
        /// How many of them change who may do what.
        permission_actions: i64,
        /// Whether it is over every resource, or all but some.
        every_resource: bool,
        /// Whether it has any condition.
        conditioned: bool,
    }

    /// A version of a managed policy.
    pub struct PolicyVersion key [version_id] {
        /// The version, `v1` and up.
        version_id: String,
        /// Whether it is in effect.
        is_default_version: bool,
        /// When it was created.
        create_date: Option<Time>,
        /// What it says, where it was asked for.
        document: PolicyDocument,
    }

    /// An instance profile, which hands a role to instances (`iam:GetAccountAuthorizationDetails`,
    /// `iam:ListInstanceProfiles`).
    pub struct InstanceProfile {
        /// The unique id, `AIPA…`.
        instance_profile_id: String,
        /// The path.
        path: String,
        /// When it was created.
        create_date: Option<Time>,
        /// The roles; at most one.
        role_names: Vec<String>,
        /// The ARNs of the roles.
        role_arns: Vec<String>,
    }

    /// An access key of a user (`iam:ListAccessKeys`, `iam:GetAccessKeyLastUsed`). The secret is never seen.
    pub struct AccessKey {
        /// The user.
        user_name: String,
        /// Whether it works.
        status: String = ["Active", "Inactive", "Expired"],
        /// When it was created.
        create_date: Time,
        /// When it was last used; absent when never.
        last_used_date: Option<Time>,
        /// The service it was last used with.
        last_used_service: Option<String>,
        /// The region it was last used in.
        last_used_region: Option<String>,
    }
}
