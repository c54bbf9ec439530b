//! Users and groups of Identity Center, by name and id only: addresses, telephone numbers and the like are not kept.

use super::people::RosterEntry;

model! {
    /// A user (`identitystore:ListUsers`).
    pub struct User {
        /// The store it is in, `d-…`.
        identity_store_id: String,
        /// The name it signs in with.
        user_name: String,
    } facts {
        /// Whom the roster of people takes it for; absent where no roster is declared.
        roster: Option<RosterEntry>,
    }

    /// A group (`identitystore:ListGroups`).
    pub struct Group {
        /// The store it is in, `d-…`.
        identity_store_id: String,
        /// The ids of the users in it (`identitystore:ListGroupMemberships`).
        member_user_ids: Vec<String>,
    }
}
