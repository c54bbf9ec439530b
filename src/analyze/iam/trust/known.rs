//! Whose an AWS account is: one's own, a partner's, a vendor's that is publicly known, or nobody's anybody vouched for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The list of vendors and its source.
const VENDORS: &str = include_str!("known_accounts.txt");

/// Owners by account.
static BY_ACCOUNT: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    VENDORS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect()
});

/// Accounts outside the inventory of which the organization says whose they are. Vendors that are publicly known need
/// not be declared.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Accounts of one's own that no organization lists.
    pub own: BTreeSet<Box<str>>,
    /// Accounts of suppliers somebody vouched for, with their names.
    pub partners: BTreeMap<Box<str>, Box<str>>,
}

impl Known {
    /// Who owns an account that is not one's own, by declaration or by the public list.
    pub fn owner(&self, account: &str) -> Option<&str> {
        self.partners.get(account).map(|name| &**name).or_else(|| vendor(account))
    }
}

/// The vendor that is publicly known to own an account.
pub fn vendor(account: &str) -> Option<&'static str> {
    BY_ACCOUNT.get(account).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_holds_accounts_only() {
        let ids: Vec<_> = VENDORS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_once(' ').unwrap().0)
            .collect();
        assert!(ids.iter().all(|id| crate::ident::AccountId::new(id).is_ok()));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.len() > 400);
    }

    #[test]
    fn what_is_declared_comes_before_the_list() {
        assert_eq!(vendor("464622532012"), Some("Datadog"));
        assert_eq!(vendor("111122223333"), None);
        let partners = [("464622532012".into(), "Metrics Ltd".into())].into();
        let known = Known { partners, ..Known::default() };
        assert_eq!(known.owner("464622532012"), Some("Metrics Ltd"));
        assert_eq!(Known::default().owner("464622532012"), Some("Datadog"));
    }
}
