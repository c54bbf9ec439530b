//! What the analysis of privileges says on principals.
//!
//! Everything here is a fact: derived by analysis, never collected.

use crate::clock::Time;

model! {
    /// A way in which a principal becomes more than it is.
    pub struct Escalation key [method] {
        /// The id of the method, as in `docs/escalation.md`.
        method: String,
        /// What the principal does.
        title: String,
        /// What it becomes: `admin`, `stronger` by policies of its own, `elsewhere` where the inventory ends, or the ARN
        /// of a principal.
        becomes: String,
        /// Whether all of it is certain, hangs on a condition or on something unread, or needs something that the
        /// inventory does not show.
        quality: String = ["certain", "conditional", "possible"],
        /// Whether the principal can go it. It is never false, since what it cannot go is not listed: unknown means that
        /// conditions, or what nobody read, decide.
        holds: bool,
        /// The service, workload, group or policy it goes by.
        via: Option<String>,
        /// The permissions it uses, as `action on resource`.
        uses: Vec<String>,
    }

    /// A declared capability that a principal has without being named for it.
    pub struct HeldCapability key [id] {
        /// The name of the capability.
        id: String,
        /// Whether it has it. It is never false: unknown means that nobody can say.
        holds: bool,
        /// Whether an exception stands for it.
        excepted: bool,
        /// Why there is, or was, an exception.
        exception_reason: Option<String>,
        /// The last day of an exception that lapsed.
        exception_lapsed: Option<Time>,
        /// A request that passes, as `action on resource`.
        request: String,
        /// The statements that allow it.
        statements: Vec<String>,
        /// The steps of escalation before it; empty where the principal has it by itself.
        through: Vec<String>,
        /// What an open answer hangs on.
        hangs_on: Vec<String>,
    }

    /// Two duties that a principal can do both of.
    pub struct DutyConflict key [id] {
        /// The name of the pair.
        id: String,
        /// Whether it can. It is never false: unknown means that nobody can say.
        holds: bool,
        /// Whether an exception stands for it.
        excepted: bool,
        /// Why there is, or was, an exception.
        exception_reason: Option<String>,
        /// The last day of an exception that lapsed.
        exception_lapsed: Option<Time>,
        /// A request of the first duty that passes, as `action on resource`.
        first: String,
        /// A request of the second duty that passes.
        second: String,
        /// The statements that allow them.
        statements: Vec<String>,
        /// The steps of escalation before them.
        through: Vec<String>,
        /// What an open answer hangs on.
        hangs_on: Vec<String>,
    }

    /// A way into a role that should not be there.
    pub struct TrustMistake key [kind, principal] {
        /// What is wrong with the statement.
        kind: String = [
            "wildcard_principal",
            "not_principal",
            "negated_condition",
            "absent_claim_passes",
            "organization_wide",
            "foreign_organization",
            "no_external_id",
            "external_id_guessable",
            "external_id_shared",
            "unknown_account",
            "whole_account",
            "deleted_principal",
            "confused_deputy",
            "service_source_unbound",
            "source_arn_without_account",
            "pod_identity_unbound",
            "roles_anywhere_unbound",
            "oidc_subject_missing",
            "oidc_subject_too_wide",
            "oidc_subject_whole_tenant",
            "oidc_pull_request",
            "oidc_audience_missing",
            "cognito_other_pool",
            "cognito_unauthenticated",
            "saml_audience_missing",
            "wildcard_taken_literally",
            "wildcard_action",
            "tag_session_unlimited",
            "source_identity_unlimited",
            "mfa_not_enforced",
            "self_trust",
            "role_cycle",
        ],
        /// Whom the statement names: an ARN, a service, a provider, an id, or `*`.
        principal: String,
        /// The account of that principal.
        account: Option<String>,
        /// Who owns that account, where it is outside and its owner is known.
        owner: Option<String>,
        /// The place of the statement in the trust policy, from 0.
        statement: i64,
        /// The statement's own id.
        sid: Option<String>,
        /// How bad it is where nothing is known of what the role may do.
        severity: String = ["low", "medium", "high", "critical"],
        /// What is wrong, in a sentence.
        detail: String,
        /// A caller who should be refused and gets in, with the claims it brings.
        witness: String,
        /// What to write instead.
        instead: String,
        /// Whether that caller gets in. It is never false: unknown means that nobody can say.
        holds: bool,
    }
}
