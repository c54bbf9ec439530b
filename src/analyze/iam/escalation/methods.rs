//! The table of the known ways of escalation.
//!
//! Which resources an action takes is from AWS's Service Authorization Reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>);
//! which actions make a method, from the catalogues each row names.

mod compute;
mod existing;
mod identity;
mod markdown;
mod other;
mod passed;
mod shapes;

use super::method::{Act, Ask, Gain, Method, On};
pub use markdown::markdown;

/// All of them, in no particular order.
pub fn all() -> impl Iterator<Item = &'static Method> {
    TABLES.iter().copied().flatten()
}

/// The one of this id.
pub fn named(id: &str) -> Option<&'static Method> {
    all().find(|method| method.id == id)
}

static TABLES: [&[Method]; 7] = [
    identity::OWN,
    identity::OTHERS,
    compute::PASSED,
    passed::PASSED,
    existing::RUNS,
    existing::HISTORIC,
    other::OTHER,
];

/// What most methods have in common.
const PLAIN: Method = Method {
    id: "",
    title: "",
    asks: &[],
    needs: "",
    unseen: false,
    target_may: "",
    gain: Gain::Elsewhere,
    historic: false,
    source: "",
};

/// This action on this resource.
const fn one(action: &'static str, on: On) -> Ask {
    Ask::One(act(action, on))
}

const fn act(action: &'static str, on: On) -> Act {
    Act { action, on }
}

/// A role that one of these services assumes.
const fn passed(services: &'static [&'static str]) -> Gain {
    Gain::Passed { services, profile: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::iam::request::Action;

    #[test]
    fn ids_are_unique_and_found() {
        let mut ids: Vec<&str> = all().map(|method| method.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!((count, ids.len()), (121, 121));
        assert!(ids.iter().all(|id| named(id).is_some_and(|method| method.id == *id)));
        assert!(named("iam-999").is_none());
    }

    #[test]
    fn actions_are_actions_and_rows_are_whole() {
        for method in all() {
            assert!(!method.asks.is_empty(), "{}", method.id);
            assert!(!method.title.is_empty() && !method.source.is_empty(), "{}", method.id);
            assert!(!method.unseen || !method.needs.is_empty(), "{}", method.id);
            for act in method.asks.iter().flat_map(Ask::acts) {
                assert!(Action::parse(act.action).is_some(), "{}: {}", method.id, act.action);
                assert_ne!(act.action, "iam:PassRole", "{}: implied by what it gains", method.id);
                if act.on == On::Workload {
                    assert!(matches!(method.gain, Gain::Runs { .. }), "{}", method.id);
                }
            }
        }
    }
}
