//! What the analysis of privileges says on principals.
//!
//! Everything here is a fact: derived by analysis, never collected.

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
}
