//! What the roster of people says on users.
//!
//! Everything here is a fact: derived by analysis, never collected.

use crate::clock::Time;

model! {
    /// Whom the roster takes a user for.
    pub struct RosterEntry {
        /// A `person` of the roster; a `service` that the configuration names, which is no person; `unmatched` where nobody
        /// has the user, and `ambiguous` where several have.
        kind: String = ["person", "service", "unmatched", "ambiguous"],
        /// The person, as the roster names it; of several the first.
        person: Option<String>,
        /// What the person is on the day of the run.
        status: Option<String> = ["active", "joiner", "absent", "leaver"],
        /// The last day of a leaver, where the roster says it.
        left: Option<Time>,
        /// The person's role.
        role: Option<String>,
        /// How the user still gets in: a password, access keys in force, permission sets.
        access: Vec<String>,
        /// What the user holds beyond what the person's role allows; empty where the configuration declares no roles.
        excess: Vec<RosterExcess>,
    }

    /// Something that a user holds and the role of its person does not allow.
    pub struct RosterExcess key [kind, name] {
        /// What it is; a `role` that the configuration does not declare allows nothing.
        kind: String = ["group", "policy", "permission_set", "account", "role"],
        /// Its name.
        name: String,
    }
}
