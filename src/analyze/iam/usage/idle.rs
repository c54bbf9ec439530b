//! Roles, users, passwords and keys that nobody used.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Accessed, Use, Window};
use crate::clock::Time;
use crate::model::{Attr, Cause, CauseKind, Data, Meta, Resource};

/// The resource types it is found in.
pub const KINDS: &[&str] =
    &["aws.iam.access_key", "aws.iam.credential_report_row", "aws.iam.role", "aws.iam.user"];

/// What kind of thing is idle.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A role that nobody assumed.
    Role,
    /// A user none of whose credentials was used.
    User,
    /// A password.
    Password,
    /// An access key in force.
    AccessKey,
    /// A service that a principal may use and does not.
    Service,
}

impl What {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Password => "password",
            Self::AccessKey => "access key",
            Self::Service => "service",
        }
    }
}

/// Something that was not used within the window, or of which that cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Idle {
    /// The account.
    pub account: String,
    /// The user or role.
    pub principal: String,
    /// What kind of thing it is.
    pub what: What,
    /// Which: the id of a key, the prefix of a service; empty where the principal says it.
    pub which: String,
    /// When it was last used; absent when never as far as is known.
    pub last: Option<Timestamp>,
    /// When it was made, where that is known.
    pub made: Option<Timestamp>,
    /// Why it cannot be said whether it is idle.
    pub open: Option<Cause>,
}

/// Gathers what was seen, in any order.
#[derive(Debug, Default)]
pub struct Gatherer {
    principals: BTreeMap<String, Seen>,
    keys: BTreeMap<(String, String), Vec<Key>>,
    rows: BTreeMap<(String, String), Row>,
}

#[derive(Debug)]
struct Seen {
    account: String,
    name: String,
    is_user: bool,
    /// Whether it belongs to a service: nobody can remove it.
    service_linked: bool,
    made: Attr<Time>,
    last: Attr<Option<Time>>,
    password: Attr<bool>,
    key_ids: Attr<Vec<String>>,
    accessed: Result<Accessed, Cause>,
}

#[derive(Debug)]
struct Key {
    id: String,
    status: Attr<String>,
    made: Attr<Time>,
    last: Attr<Option<Time>>,
}

#[derive(Debug)]
struct Row {
    password: Attr<Option<bool>>,
    password_last: Attr<Option<Time>>,
    password_set: Attr<Option<Time>>,
}

impl Gatherer {
    /// Takes what matters from a resource.
    pub fn add(&mut self, resource: &Resource) {
        let meta = &resource.meta;
        let account = meta.account.as_str().to_owned();
        match &resource.data {
            Data::IamRole(role) => {
                let seen = Seen {
                    is_user: false,
                    service_linked: role.service_linked.known() == Some(&true)
                        || role.path.known().is_some_and(|p| p.starts_with("/aws-service-role/")),
                    made: role.create_date.clone(),
                    last: role.last_used_date.clone(),
                    password: Attr::Known(false),
                    key_ids: Attr::Known(Vec::new()),
                    accessed: Accessed::read(
                        &role.services_last_accessed,
                        &role.services_last_accessed_date,
                    ),
                    name: name(meta),
                    account,
                };
                self.principals.insert(arn(meta), seen);
            }
            Data::IamUser(user) => {
                let seen = Seen {
                    is_user: true,
                    service_linked: false,
                    made: user.create_date.clone(),
                    last: user.password_last_used.clone(),
                    password: user.login_profile_exists.clone(),
                    key_ids: user.access_key_ids.clone(),
                    accessed: Accessed::read(
                        &user.services_last_accessed,
                        &user.services_last_accessed_date,
                    ),
                    name: name(meta),
                    account,
                };
                self.principals.insert(arn(meta), seen);
            }
            Data::IamAccessKey(key) => {
                let user = key.user_name.known().cloned().unwrap_or_default();
                self.keys.entry((account, user)).or_default().push(Key {
                    id: meta.id.clone(),
                    status: key.status.clone(),
                    made: key.create_date.clone(),
                    last: key.last_used_date.clone(),
                });
            }
            Data::IamCredentialReportRow(row) => {
                let user = row.user.known().cloned().unwrap_or_default();
                let seen = Row {
                    password: row.password_enabled.clone(),
                    password_last: row.password_last_used.clone(),
                    password_set: row.password_last_changed.clone(),
                };
                self.rows.insert((account, user), seen);
            }
            _ => {}
        }
    }

    /// What is idle, by account, principal and kind.
    pub fn finish(mut self, window: &Window) -> Vec<Idle> {
        let mut out = Vec::new();
        for (principal, seen) in &self.principals {
            let key = (seen.account.clone(), seen.name.clone());
            // A role may have the name of a user.
            let mut keys =
                if seen.is_user { self.keys.remove(&key).unwrap_or_default() } else { Vec::new() };
            keys.sort_by(|a, b| a.id.cmp(&b.id));
            let judge = Judge {
                principal,
                seen,
                keys: &keys,
                row: self.rows.get(&key).filter(|_| seen.is_user),
                window,
            };
            judge.all(&mut out);
        }
        out.sort();
        out
    }
}

struct Judge<'g> {
    principal: &'g str,
    seen: &'g Seen,
    keys: &'g [Key],
    row: Option<&'g Row>,
    window: &'g Window,
}

/// Whether something is idle: when it was last used and made, or that it is in use.
enum Verdict {
    InUse,
    Idle(Option<Timestamp>),
    Open(Cause),
}

impl Judge<'_> {
    fn all(&self, out: &mut Vec<Idle>) {
        if self.seen.service_linked {
            return;
        }
        let whole = if self.seen.is_user { self.user(out) } else { self.role() };
        let what = if self.seen.is_user { What::User } else { What::Role };
        let made = self.seen.made.known().map(|t| t.0);
        let is_in_use = matches!(whole, Verdict::InUse);
        self.push(out, what, "", made, whole);
        // Of what is idle as a whole every service is idle.
        if is_in_use {
            self.services(out);
        }
    }

    fn role(&self) -> Verdict {
        self.verdict(&self.seen.last, &self.seen.made.clone().map(Some))
    }

    /// A user is in use if one of its credentials is; those that are not are told one by one.
    fn user(&self, out: &mut Vec<Idle>) -> Verdict {
        let mut verdicts = Vec::new();
        let enabled = match (self.row.map(|row| &row.password), &self.seen.password) {
            (_, Attr::Known(has)) | (Some(Attr::Known(Some(has))), _) => Attr::Known(*has),
            (_, Attr::Unknown(cause)) => Attr::Unknown(cause.clone()),
        };
        match enabled {
            Attr::Known(false) => {}
            Attr::Unknown(cause) => verdicts.push(Verdict::Open(cause)),
            Attr::Known(true) => {
                let last = latest(&self.seen.last, self.row.map(|row| &row.password_last));
                let set = self.row.map(|row| row.password_set.clone()).unwrap_or_default();
                let made = if set.known().is_some_and(Option::is_some) {
                    set
                } else {
                    self.seen.made.clone().map(Some)
                };
                let verdict = self.verdict(&last, &made);
                self.push(out, What::Password, "", at(&made), copy(&verdict));
                verdicts.push(verdict);
            }
        }
        match &self.seen.key_ids {
            // The credentials report has a place for every key; without it there may be more.
            Attr::Unknown(cause) if self.row.is_none() => {
                verdicts.push(Verdict::Open(cause.clone()));
            }
            Attr::Known(ids) => {
                for id in ids.iter().filter(|id| self.keys.iter().all(|key| key.id != **id)) {
                    // Keys of a credentials report have no ids.
                    if self.keys.len() < ids.len() {
                        let cause = crate::analyze::context::missing(id);
                        verdicts.push(Verdict::Open(cause));
                    }
                }
            }
            Attr::Unknown(_) => {}
        }
        for key in self.keys {
            let verdict = match &key.status {
                Attr::Known(status) if status != "Active" => continue,
                Attr::Known(_) => self.verdict(&key.last, &key.made.clone().map(Some)),
                Attr::Unknown(cause) => Verdict::Open(cause.clone()),
            };
            let made = key.made.known().map(|t| t.0);
            self.push(out, What::AccessKey, &key.id, made, copy(&verdict));
            verdicts.push(verdict);
        }
        self.together(verdicts)
    }

    fn together(&self, verdicts: Vec<Verdict>) -> Verdict {
        let mut last = None;
        let mut open = None;
        for verdict in verdicts {
            match verdict {
                Verdict::InUse => return Verdict::InUse,
                Verdict::Idle(time) => last = last.max(time),
                Verdict::Open(cause) => {
                    open = Some(open.map_or(cause.clone(), |o: Cause| o.min(cause)));
                }
            }
        }
        match open {
            Some(cause) => Verdict::Open(cause),
            None if self.seen.made.known().is_some_and(|t| self.window.holds(t.0)) => {
                Verdict::InUse
            }
            None => Verdict::Idle(last),
        }
    }

    fn services(&self, out: &mut Vec<Idle>) {
        let made = self.seen.made.known().map(|t| t.0);
        if made.is_some_and(|made| self.window.holds(made)) {
            return;
        }
        // That nobody asked is no finding of its own; what was asked and not told is.
        let accessed = match &self.seen.accessed {
            Ok(accessed) => accessed,
            Err(cause) if cause.kind == CauseKind::NotCollected => return,
            Err(cause) => {
                return self.push(out, What::Service, "", None, Verdict::Open(cause.clone()));
            }
        };
        for service in accessed.services() {
            let verdict = match accessed.service(service, self.window) {
                Use::Unused(last) => Verdict::Idle(last),
                Use::Open(cause) => Verdict::Open(cause),
                Use::Used(_) | Use::NotCovered => continue,
            };
            self.push(out, What::Service, service, None, verdict);
        }
    }

    /// What was made within the window has had no time to be used.
    fn verdict(&self, last: &Attr<Option<Time>>, made: &Attr<Option<Time>>) -> Verdict {
        let young = made.known().copied().flatten().is_some_and(|t| self.window.holds(t.0));
        match Use::of(last, self.window) {
            Use::Used(_) => Verdict::InUse,
            _ if young => Verdict::InUse,
            Use::Open(cause) => Verdict::Open(cause),
            Use::Unused(last) => match made {
                Attr::Unknown(cause) => Verdict::Open(cause.clone()),
                Attr::Known(_) => Verdict::Idle(last),
            },
            Use::NotCovered => Verdict::InUse,
        }
    }

    fn push(
        &self,
        out: &mut Vec<Idle>,
        what: What,
        which: &str,
        made: Option<Timestamp>,
        verdict: Verdict,
    ) {
        let (last, open) = match verdict {
            Verdict::InUse => return,
            Verdict::Idle(last) => (last, None),
            Verdict::Open(cause) => (None, Some(cause)),
        };
        out.push(Idle {
            account: self.seen.account.clone(),
            principal: self.principal.to_owned(),
            what,
            which: which.to_owned(),
            last,
            made,
            open,
        });
    }
}

fn copy(verdict: &Verdict) -> Verdict {
    match verdict {
        Verdict::InUse => Verdict::InUse,
        Verdict::Idle(last) => Verdict::Idle(*last),
        Verdict::Open(cause) => Verdict::Open(cause.clone()),
    }
}

fn at(time: &Attr<Option<Time>>) -> Option<Timestamp> {
    time.known().copied().flatten().map(|t| t.0)
}

/// The later of two statements about the last use: a use that anybody saw is one.
fn latest(a: &Attr<Option<Time>>, b: Option<&Attr<Option<Time>>>) -> Attr<Option<Time>> {
    match (a, b) {
        (Attr::Known(a), Some(Attr::Known(b))) => Attr::Known((*a).max(*b)),
        (Attr::Unknown(_), Some(known @ Attr::Known(_))) => known.clone(),
        _ => a.clone(),
    }
}

fn arn(meta: &Meta) -> String {
    meta.arn.as_deref().unwrap_or(&meta.id).to_owned()
}

fn name(meta: &Meta) -> String {
    meta.name.as_deref().unwrap_or(&meta.id).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::facts::tests::meta;
    use crate::analyze::iam::usage::tests::{time, window};
    use crate::model::iam::{AccessKey, Role, User};

    fn when(text: &str) -> Attr<Time> {
        Attr::Known(Time(time(text)))
    }

    fn resource(id: &str, data: Data) -> Resource {
        Resource { meta: meta(id), data }
    }

    fn found(resources: Vec<Resource>) -> Vec<(What, String, Option<Timestamp>, bool)> {
        let mut gatherer = Gatherer::default();
        for resource in &resources {
            gatherer.add(resource);
        }
        let idle = gatherer.finish(&window());
        idle.into_iter().map(|i| (i.what, i.which, i.last, i.open.is_some())).collect()
    }

    fn role(made: &str, last: Attr<Option<Time>>) -> Resource {
        let role = Role {
            create_date: when(made),
            last_used_date: last,
            service_linked: Attr::Known(false),
            path: Attr::Known("/".into()),
            ..Role::default()
        };
        resource("r", role.into())
    }

    #[test]
    fn roles() {
        assert_eq!(found(vec![role("2020-01-01", when("2025-12-01").map(Some))]), []);
        assert_eq!(found(vec![role("2025-12-01", Attr::Known(None))]), []);
        let old = found(vec![role("2020-01-01", Attr::Known(None))]);
        assert_eq!(old, [(What::Role, String::new(), None, false)]);
        assert!(found(vec![role("2020-01-01", Attr::default())])[0].3);
    }

    fn user(password: bool, keys: &[&str]) -> User {
        User {
            create_date: when("2020-01-01"),
            login_profile_exists: Attr::Known(password),
            password_last_used: Attr::Known(None),
            access_key_ids: Attr::Known(keys.iter().map(|k| (*k).to_owned()).collect()),
            ..User::default()
        }
    }

    fn key(id: &str, last: Option<&str>) -> Resource {
        let key = AccessKey {
            user_name: Attr::Known("u".into()),
            status: Attr::Known("Active".into()),
            create_date: when("2021-01-01"),
            last_used_date: Attr::Known(last.map(|t| Time(time(t)))),
            ..AccessKey::default()
        };
        resource(id, key.into())
    }

    #[test]
    fn users_and_their_credentials() {
        let idle = found(vec![
            resource("u", user(true, &["a", "b"]).into()),
            key("a", Some("2025-12-30")),
            key("b", Some("2022-01-01")),
        ]);
        let then = Some(time("2022-01-01"));
        assert_eq!(
            idle,
            [
                (What::Password, String::new(), None, false),
                (What::AccessKey, "b".into(), then, false)
            ]
        );
        let idle =
            found(vec![resource("u", user(false, &["b"]).into()), key("b", Some("2022-01-01"))]);
        assert_eq!(idle[0], (What::User, String::new(), then, false));
        let idle = found(vec![resource("u", user(false, &["b"]).into())]);
        assert_eq!(idle, [(What::User, String::new(), None, true)], "the key was not read");
        let idle = found(vec![resource("u", user(false, &[]).into())]);
        assert_eq!(idle, [(What::User, String::new(), None, false)], "nobody can use it at all");
    }
}
