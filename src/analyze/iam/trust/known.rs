//! Whose an AWS account is: one's own, a partner's, a vendor's that is publicly known, or nobody's anybody vouched for.

use std::collections::BTreeMap;
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
/// not be declared, nor accounts that the inventory holds or its organization lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Accounts of one's own that no organization lists, with their names.
    pub own: BTreeMap<Box<str>, Box<str>>,
    /// Accounts of suppliers somebody vouched for.
    pub partners: BTreeMap<Box<str>, Partner>,
}

/// A supplier somebody vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Its name.
    pub name: Box<str>,
    /// Whether roles must demand an external id of it. One that acts for a single customer needs none.
    pub external_id: bool,
}

impl Known {
    /// Who owns an account that is not one's own, by declaration or by the public list.
    pub fn owner(&self, account: &str) -> Option<&str> {
        self.partners.get(account).map(|partner| &*partner.name).or_else(|| vendor(account))
    }

    /// The name under which an account is declared, as one's own or a partner's.
    pub fn declared(&self, account: &str) -> Option<&str> {
        let own = self.own.get(account).map(|name| &**name);
        own.or_else(|| self.partners.get(account).map(|partner| &*partner.name))
    }

    /// Whether a role that an account may assume has to demand an external id; only a declared partner may do without.
    pub fn needs_external_id(&self, account: &str) -> bool {
        self.partners.get(account).is_none_or(|partner| partner.external_id)
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
        let metrics = Partner { name: "Metrics Ltd".into(), external_id: true };
        let partners = [("464622532012".into(), metrics)].into();
        let known = Known { partners, ..Known::default() };
        assert_eq!(known.owner("464622532012"), Some("Metrics Ltd"));
        assert_eq!(Known::default().owner("464622532012"), Some("Datadog"));
    }
}
