//! The kinds of mistakes and how bad they are.

/// How bad a mistake is where nothing is known of what the role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Hygiene.
    Low,
    /// Weakens a defence.
    Medium,
    /// Opens a way that an attacker is likely to use.
    High,
    /// Open to anyone.
    Critical,
}

impl Severity {
    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What is wrong with a statement of a trust policy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name in files and reports, which stays.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

kinds! {
    /// It names everybody, and somebody in any account gets in.
    WildcardPrincipal = "wildcard_principal",
    /// It names everybody but a few (`NotPrincipal`).
    NotPrincipal = "not_principal",
    /// It names everybody and only excludes some by a negated operator.
    NegatedCondition = "negated_condition",
    /// It demands a claim only if there is one (`ForAllValues`, `…IfExists`), and somebody without it gets in.
    AbsentClaimPasses = "absent_claim_passes",
    /// Every principal of the organization gets in.
    OrganizationWide = "organization_wide",
    /// Every principal of another organization gets in.
    ForeignOrganization = "foreign_organization",
    /// An account outside gets in without an external id.
    NoExternalId = "no_external_id",
    /// The external id can be guessed.
    ExternalIdGuessable = "external_id_guessable",
    /// Another party knows the external id as well.
    ExternalIdShared = "external_id_shared",
    /// An account outside gets in that nobody vouched for.
    UnknownAccount = "unknown_account",
    /// All principals of another account get in, not one of them.
    WholeAccount = "whole_account",
    /// It names a principal that was deleted.
    DeletedPrincipal = "deleted_principal",
    /// A service gets in on behalf of somebody else's account.
    ConfusedDeputy = "confused_deputy",
    /// A service that runs what its own account started gets in without saying for what.
    ServiceSourceUnbound = "service_source_unbound",
    /// The ARN of the source names no account, so that whoever gets that name next gets in.
    SourceArnWithoutAccount = "source_arn_without_account",
    /// Pods of any cluster get in.
    PodIdentityUnbound = "pod_identity_unbound",
    /// Any certificate of any trust anchor gets in.
    RolesAnywhereUnbound = "roles_anywhere_unbound",
    /// Tokens of an OIDC provider get in whoever they are for.
    OidcSubjectMissing = "oidc_subject_missing",
    /// The pattern for the subject lets foreign tenants in.
    OidcSubjectTooWide = "oidc_subject_too_wide",
    /// Every project of the tenant gets in.
    OidcSubjectWholeTenant = "oidc_subject_whole_tenant",
    /// Workflows that a pull request starts get in.
    OidcPullRequest = "oidc_pull_request",
    /// Tokens made for another application get in.
    OidcAudienceMissing = "oidc_audience_missing",
    /// Identities of any Cognito pool get in.
    CognitoOtherPool = "cognito_other_pool",
    /// Guests of the Cognito pool get in, to more than the rights of guests.
    CognitoUnauthenticated = "cognito_unauthenticated",
    /// Assertions made for another application get in.
    SamlAudienceMissing = "saml_audience_missing",
    /// A `*` stands where wildcards are plain text: nobody gets in that was meant.
    WildcardTakenLiterally = "wildcard_taken_literally",
    /// It allows more actions than a trust policy needs.
    WildcardAction = "wildcard_action",
    /// Callers may give the session any tag.
    TagSessionUnlimited = "tag_session_unlimited",
    /// Callers may name anybody as the source of the session.
    SourceIdentityUnlimited = "source_identity_unlimited",
    /// It speaks of MFA, and access keys without it get in.
    MfaNotEnforced = "mfa_not_enforced",
    /// The role may assume itself.
    SelfTrust = "self_trust",
    /// Roles may assume each other in a circle.
    RoleCycle = "role_cycle",
}
