//! Whether the principals of a statement are the caller, and how closely.
//!
//! Source of the classes: AWS IAM User Guide, "Policy evaluation logic"; that a grant to everybody is not limited by a
//! boundary was measured (github.com/benkehoe/permissions-boundary-test).

use super::arn::ArnParts;
use super::document::{Effect, Named, Principals};
use super::request::{Caller, CallerKind};
use super::truth::Truth;

/// How a statement of a resource policy names the caller, by what else has to allow then (same account).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// It names the account: that delegates to the policies of the principal.
    pub account: Truth,
    /// It names the role (or the user of a federated session): boundary and session policy still limit.
    pub role: Truth,
    /// It names the session, the user, the service, the provider, or everybody: nothing limits.
    pub direct: Truth,
}

impl Match {
    /// It does not name the caller.
    pub const NONE: Self = Self { account: Truth::No, role: Truth::No, direct: Truth::No };

    /// Whether it names the caller in any way.
    pub fn any(self) -> Truth {
        self.account.or(self.role).or(self.direct)
    }

    fn or(self, other: Self) -> Self {
        Self {
            account: self.account.or(other.account),
            role: self.role.or(other.role),
            direct: self.direct.or(other.direct),
        }
    }
}

/// Which sessions a role may ask with, where nobody said which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sessions {
    /// Any.
    Any,
    /// None that a statement names.
    Unnamed,
}

/// Whether a statement speaks of the caller. Statements without principals speak of everyone they are attached to.
pub fn named(
    principals: Option<&Principals>,
    effect: Option<Effect>,
    caller: &Caller,
    sessions: Sessions,
    bounded: bool,
) -> Match {
    let direct = |truth| Match { direct: truth, ..Match::NONE };
    let Some(principals) = principals else { return direct(Truth::Yes) };
    let found = principals
        .named
        .iter()
        .map(|one| matched(one, caller, sessions))
        .fold(Match::NONE, Match::or);
    if !principals.negated {
        return found;
    }
    if effect != Some(Effect::Deny) {
        return direct(found.any().not());
    }
    // AWS denies every principal with a boundary here, whatever the list says.
    direct(if bounded { Truth::Yes } else { excepted(&principals.named, caller, found).not() })
}

/// Whether `NotPrincipal` excepts the caller: it must name the account, the user or role, and the session, since AWS may
/// test each of them. The account alone excepts none of its principals; where it names some of these and not all, nobody
/// can say.
fn excepted(list: &[Named], caller: &Caller, found: Match) -> Truth {
    if list.contains(&Named::Everybody) {
        return Truth::Yes;
    }
    let own = match caller.kind {
        CallerKind::User => found.direct,
        CallerKind::Role | CallerKind::FederatedUser if caller.session_arn.is_some() => {
            found.role.and(found.direct)
        }
        CallerKind::Role | CallerKind::FederatedUser => found.role,
        CallerKind::Root | CallerKind::Service | CallerKind::Federated | CallerKind::Anonymous => {
            return found.any();
        }
    };
    let in_part = found.role.or(found.direct).min(Truth::Maybe);
    found.account.and(own).max(in_part)
}

fn matched(named: &Named, caller: &Caller, sessions: Sessions) -> Match {
    let direct = |truth: Truth| Match { direct: truth, ..Match::NONE };
    match named {
        Named::Everybody => direct(Truth::Yes),
        Named::Account(account) => {
            Match { account: (caller.account.as_ref() == Some(account)).into(), ..Match::NONE }
        }
        Named::Service(name) => {
            direct((caller.kind == CallerKind::Service && caller.arn == *name).into())
        }
        Named::Federated(provider) => {
            direct((caller.kind == CallerKind::Federated && caller.arn == *provider).into())
        }
        // The inventory knows no canonical ids, so any account may be meant.
        Named::Canonical(_) => {
            direct(if caller.account.is_some() { Truth::Maybe } else { Truth::No })
        }
        Named::Deleted(_) => Match::NONE,
        Named::Arn(arn) => by_arn(arn, caller, sessions),
    }
}

fn by_arn(named: &str, caller: &Caller, sessions: Sessions) -> Match {
    let direct = |truth: Truth| Match { direct: truth, ..Match::NONE };
    match caller.kind {
        CallerKind::User => direct((*caller.arn == *named).into()),
        CallerKind::Root => Match { account: (*caller.arn == *named).into(), ..Match::NONE },
        CallerKind::FederatedUser => Match {
            role: (*caller.arn == *named).into(),
            direct: (caller.session_arn.as_deref() == Some(named)).into(),
            ..Match::NONE
        },
        CallerKind::Role => {
            if caller.session_arn.as_deref() == Some(named) {
                return direct(Truth::Yes);
            }
            let (Some(own), Some(other)) = (ArnParts::parse(&caller.arn), ArnParts::parse(named))
            else {
                return Match::NONE;
            };
            if own.account != other.account || own.partition != other.partition {
                return Match::NONE;
            }
            let mut path = other.resource.split('/');
            match (other.service, path.next()) {
                // The name of a role is unique in its account, whatever its path.
                ("iam", Some("role")) => {
                    let same = name_of(own.resource) == name_of(other.resource);
                    Match { role: same.into(), ..Match::NONE }
                }
                // A session of the role, when nobody said which session asks.
                ("sts", Some("assumed-role")) if caller.session_arn.is_none() => {
                    let same =
                        sessions == Sessions::Any && path.next() == Some(name_of(own.resource));
                    direct(if same { Truth::Maybe } else { Truth::No })
                }
                _ => Match::NONE,
            }
        }
        CallerKind::Service | CallerKind::Federated | CallerKind::Anonymous => Match::NONE,
    }
}

fn name_of(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or_default()
}
