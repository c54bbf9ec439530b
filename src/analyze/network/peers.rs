//! Whom a rule or route speaks of: addresses that are certain, and whether there may be more.

use crate::analyze::context::{Context, missing};
use crate::analyze::kleene::Doubt;
use crate::analyze::relations::Key;
use crate::ident::{AccountId, Region};
use crate::model::{Attr, Cause, Data};
use crate::net::{Prefix, PrefixSet};

/// Addresses, and the reason why any other may belong to them, too.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    /// Those that belong for sure.
    pub certain: PrefixSet,
    /// Why there may be more.
    pub doubt: Doubt,
}

impl Peers {
    /// Exactly one prefix.
    pub fn exactly(prefix: &Prefix) -> Self {
        Self { certain: PrefixSet::of([prefix]), doubt: Doubt::default() }
    }

    /// Nobody can say.
    pub fn unknown(cause: &Cause) -> Self {
        let mut doubt = Doubt::default();
        doubt.add(cause);
        Self { certain: PrefixSet::default(), doubt }
    }

    /// The widest the set may be.
    pub fn at_most(&self) -> PrefixSet {
        match self.doubt.cause() {
            Some(_) => PrefixSet::everything(),
            None => self.certain.clone(),
        }
    }
}

/// The entries of a prefix list, with what is not known about them.
pub fn entries_of(
    id: &str,
    account: &AccountId,
    region: &Region,
    context: &Context<'_>,
) -> (Vec<Prefix>, Doubt) {
    let mut doubt = Doubt::default();
    let found = context.find(Key::PrefixList, id, account, region);
    let lists: Vec<_> = found
        .certain
        .iter()
        .filter_map(|r| match &r.data {
            Data::Ec2ManagedPrefixList(list) => Some(list),
            _ => None,
        })
        .collect();
    let Some(list) = lists.iter().find(|l| l.entries.known().is_some()).or(lists.first()) else {
        doubt.add(found.doubt.cause().unwrap_or(&missing(&format!("prefix list {id}"))));
        return (Vec::new(), doubt);
    };
    let mut prefixes = Vec::new();
    match list.entries.get() {
        Err(cause) => doubt.add(cause),
        Ok(entries) => {
            for entry in entries {
                match &entry.cidr {
                    Attr::Known(prefix) => prefixes.push(*prefix),
                    Attr::Unknown(cause) => doubt.add(cause),
                }
            }
        }
    }
    (prefixes, doubt)
}
