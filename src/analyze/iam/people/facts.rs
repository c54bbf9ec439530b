//! What the roster says on users, and signs that several people share one.

use jiff::SignedDuration;

use super::{JobRole, Owner, People, Person, Status};
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::iam::glob;
use crate::analyze::kleene::Doubt;
use crate::analyze::relations::Key;
use crate::clock::{self, Time};
use crate::model::iam::{AccessKey, User};
use crate::model::identitystore;
use crate::model::people::{RosterEntry, RosterExcess};
use crate::model::{Attr, Cause, CauseKind, Data, Meta};

/// A key counts as in use if it was used within this many days.
const IN_USE_DAYS: i64 = 30;

/// Derives the facts on a user of IAM.
pub fn user(user: &mut User, meta: &Meta, context: &Context<'_>, given: Given) {
    if given.lacks(&user.shared_signs) {
        user.shared_signs = shared(user, meta, context);
    }
    if given.lacks(&user.roster) {
        user.roster = roster(context, meta, name(meta), |entry, person, people| {
            entry.access = access(user, meta, context);
            if let Some(person) = person {
                entry.excess = excess(person, people, &Held::of_user(user, meta));
            }
        });
    }
}

/// Derives the facts on a user of Identity Center.
pub fn identity_center(
    user: &mut identitystore::User,
    meta: &Meta,
    context: &Context<'_>,
    given: Given,
) {
    if !given.lacks(&user.roster) {
        return;
    }
    let name = match user.user_name.get() {
        Ok(name) => name.clone(),
        Err(cause) => {
            user.roster = Attr::Unknown(cause.clone());
            return;
        }
    };
    user.roster = roster(context, meta, &name, |entry, person, people| {
        let assigned = assigned(meta, context);
        entry.access = assigned.clone().map(|list| {
            list.iter()
                .map(|a| format!("permission set {} in account {}", a.set, a.account))
                .collect()
        });
        if let Some(person) = person {
            entry.excess = match assigned {
                Attr::Known(list) => excess(person, people, &Held::of_assignments(&list)),
                Attr::Unknown(cause) => Attr::Unknown(cause),
            };
        }
    });
}

fn roster(
    context: &Context<'_>,
    meta: &Meta,
    name: &str,
    add: impl FnOnce(&mut RosterEntry, Option<&Person>, &People),
) -> Attr<Option<RosterEntry>> {
    let people = match context.people() {
        Err(cause) => return Attr::Unknown(cause),
        Ok(None) => return Attr::Known(None),
        Ok(Some(people)) => people,
    };
    let owner = people.owner(name, &meta.tags);
    let (kind, person) = match &owner {
        Owner::Person(person) => ("person", Some(*person)),
        Owner::Service => ("service", None),
        Owner::Nobody => ("unmatched", None),
        Owner::Several(list) => ("ambiguous", list.first().copied()),
        Owner::Open(cause) => return Attr::Unknown(cause.clone()),
    };
    let status = person.map(|person| person.status_at(context.now()));
    let left = person.and_then(|person| person.left).and_then(clock::start_of).map(Time);
    let left = left.filter(|_| status == Some(Status::Leaver));
    let mut entry = RosterEntry {
        kind: kind.to_owned().into(),
        person: Attr::Known(person.map(|person| person.id.clone())),
        status: Attr::Known(status.map(|status| status.word().to_owned())),
        left: Attr::Known(left),
        role: Attr::Known(person.and_then(|person| person.role.clone())),
        access: Attr::Known(Vec::new()),
        excess: Attr::Known(Vec::new()),
    };
    let only = matches!(owner, Owner::Person(_)).then_some(person).flatten();
    add(&mut entry, only, people);
    Attr::Known(Some(entry))
}

fn name(meta: &Meta) -> &str {
    meta.name.as_deref().unwrap_or(&meta.id)
}

/// The access keys of a user, and why there may be more.
fn keys<'c>(meta: &Meta, context: &Context<'c>) -> (Vec<(&'c str, &'c AccessKey)>, Doubt) {
    let found = context.find(Key::AccessKeyByUser, name(meta), &meta.account, &meta.region);
    let mut keys: Vec<_> = found
        .certain
        .into_iter()
        .filter(|r| r.meta.account == meta.account)
        .filter_map(|r| match &r.data {
            Data::IamAccessKey(key) => Some((r.meta.id.as_str(), &**key)),
            _ => None,
        })
        .collect();
    keys.sort_by_key(|(id, _)| *id);
    (keys, found.doubt)
}

/// How a user still gets in.
fn access(user: &User, meta: &Meta, context: &Context<'_>) -> Attr<Vec<String>> {
    let mut out = Vec::new();
    let (keys, mut doubt) = keys(meta, context);
    match &user.login_profile_exists {
        Attr::Known(true) => out.push("a password".to_owned()),
        Attr::Known(false) => {}
        Attr::Unknown(cause) => doubt.add(cause),
    }
    // A list that says there is none needs no keys to be read.
    if user.access_key_ids.known().is_some_and(Vec::is_empty) {
        doubt = Doubt::default();
        doubt.extend(user.login_profile_exists.get().err());
    }
    for (id, key) in keys {
        match &key.status {
            Attr::Known(status) if status == "Active" => out.push(format!("access key {id}")),
            Attr::Known(_) => {}
            Attr::Unknown(cause) => doubt.add(cause),
        }
    }
    doubt.or_known(out)
}

/// Signs that more than one person or program uses a user.
fn shared(user: &User, meta: &Meta, context: &Context<'_>) -> Attr<Vec<String>> {
    let (keys, mut doubt) = keys(meta, context);
    let recent = |time: &Time| {
        let back = SignedDuration::from_hours(IN_USE_DAYS * 24);
        context.now().checked_sub(back).is_ok_and(|start| time.0 >= start)
    };
    let mut in_use = Vec::new();
    for (id, key) in keys {
        match (&key.status, &key.last_used_date) {
            (Attr::Known(status), _) if status != "Active" => {}
            (_, Attr::Known(None)) => {}
            (Attr::Known(_), Attr::Known(Some(last))) => {
                if recent(last) {
                    in_use.push((id, key));
                }
            }
            (Attr::Unknown(cause), _) | (_, Attr::Unknown(cause)) => doubt.add(cause),
        }
    }
    let mut out = Vec::new();
    let password = match (&user.login_profile_exists, &user.password_last_used) {
        (Attr::Known(false), _) | (_, Attr::Known(None)) => false,
        (Attr::Known(true), Attr::Known(Some(last))) => recent(last),
        (Attr::Unknown(cause), _) | (_, Attr::Unknown(cause)) => {
            // Without a key in use the password alone says nothing.
            if !in_use.is_empty() {
                doubt.add(cause);
            }
            false
        }
    };
    if password && !in_use.is_empty() {
        out.push("its password and an access key are in use side by side".to_owned());
    }
    if in_use.len() > 1 {
        out.push("several access keys are in use side by side".to_owned());
        let mut regions: Vec<&str> =
            in_use.iter().filter_map(|(_, key)| key.last_used_region.known()?.as_deref()).collect();
        regions.sort_unstable();
        regions.dedup();
        if regions.len() > 1 {
            out.push(format!("its access keys are in use in {}", regions.join(" and ")));
        }
    }
    doubt.or_known(out)
}

#[derive(Debug, Clone)]
struct Assigned {
    set: String,
    account: String,
}

/// The permission sets that a user of Identity Center has, by itself and by its groups.
fn assigned(meta: &Meta, context: &Context<'_>) -> Attr<Vec<Assigned>> {
    let mut doubt = Doubt::default();
    let mut holders = vec![meta.id.clone()];
    let groups = context.find(Key::StoreGroupByMember, &meta.id, &meta.account, &meta.region);
    doubt.extend(groups.doubt.cause());
    holders.extend(groups.certain.iter().map(|group| group.meta.id.clone()));
    let mut out = Vec::new();
    for holder in &holders {
        let found = context.find(Key::AssignmentByPrincipal, holder, &meta.account, &meta.region);
        doubt.extend(found.doubt.cause());
        for resource in found.certain {
            let Data::SsoAccountAssignment(one) = &resource.data else { continue };
            let (set, account) = match (one.permission_set_arn.get(), one.account_id.get()) {
                (Ok(set), Ok(account)) => (set, account),
                (Err(cause), _) | (_, Err(cause)) => {
                    doubt.add(cause);
                    continue;
                }
            };
            let named = context.one(Key::PermissionSet, set, meta).ok();
            let name = named.and_then(|set| set.meta.name.clone()).unwrap_or_else(|| set.clone());
            out.push(Assigned { set: name, account: account.clone() });
        }
    }
    out.sort_by(|a, b| (&a.set, &a.account).cmp(&(&b.set, &b.account)));
    out.dedup_by(|a, b| a.set == b.set && a.account == b.account);
    match doubt.cause() {
        None => Attr::Known(out),
        Some(cause) => Attr::Unknown(cause.clone()),
    }
}

/// What a user holds that a role may allow.
#[derive(Debug, Default)]
struct Held {
    groups: Attr<Vec<String>>,
    policies: Attr<Vec<String>>,
    sets: Attr<Vec<String>>,
    accounts: Vec<String>,
}

impl Held {
    fn of_user(user: &User, meta: &Meta) -> Self {
        let inline = user.inline_policies.clone().map(|list| {
            list.into_iter().filter_map(|p| p.policy_name.known().cloned()).collect::<Vec<_>>()
        });
        let attached = user.attached_policy_arns.clone().map(|list| {
            let last = |arn: &String| arn.rsplit('/').next().unwrap_or(arn).to_owned();
            list.iter().map(last).collect::<Vec<_>>()
        });
        let policies = match (inline, attached) {
            (Attr::Known(mut a), Attr::Known(b)) => {
                a.extend(b);
                Attr::Known(a)
            }
            (Attr::Unknown(cause), _) | (_, Attr::Unknown(cause)) => Attr::Unknown(cause),
        };
        Self {
            groups: user.group_names.clone(),
            policies,
            sets: Attr::Known(Vec::new()),
            accounts: vec![meta.account.as_str().to_owned()],
        }
    }

    fn of_assignments(list: &[Assigned]) -> Self {
        Self {
            groups: Attr::Known(Vec::new()),
            policies: Attr::Known(Vec::new()),
            sets: Attr::Known(list.iter().map(|a| a.set.clone()).collect()),
            accounts: list.iter().map(|a| a.account.clone()).collect(),
        }
    }
}

fn excess(person: &Person, people: &People, held: &Held) -> Attr<Vec<RosterExcess>> {
    let mut out = Vec::new();
    let mut doubt = Doubt::default();
    let outside = |list: &[String], account: &String| !list.is_empty() && !list.contains(account);
    if !people.roles().is_empty() {
        let nothing = JobRole::default();
        let role = people.role(person.role.as_deref()).unwrap_or_else(|| {
            out.push(over("role", person.role.as_deref().unwrap_or("none")));
            &nothing
        });
        for (kind, held, allowed) in [
            ("group", &held.groups, &role.groups),
            ("policy", &held.policies, &role.policies),
            ("permission_set", &held.sets, &role.permission_sets),
        ] {
            match held.get() {
                Err(cause) => doubt.add(cause),
                Ok(list) => out.extend(
                    list.iter()
                        .filter(|name| !allowed.iter().any(|p| glob::matches(p, name)))
                        .map(|name| over(kind, name)),
                ),
            }
        }
        let accounts = held.accounts.iter().filter(|one| outside(&role.accounts, one));
        out.extend(accounts.map(|account| over("account", account)));
    }
    let accounts = held.accounts.iter().filter(|one| outside(&person.accounts, one));
    out.extend(accounts.map(|account| over("account", account)));
    out.sort_by(|a, b| (a.kind.known(), a.name.known()).cmp(&(b.kind.known(), b.name.known())));
    out.dedup();
    doubt.or_known(out)
}

fn over(kind: &str, name: &str) -> RosterExcess {
    RosterExcess { kind: kind.to_owned().into(), name: name.to_owned().into() }
}

/// That nobody looked at the roster.
pub fn not_looked_at() -> Cause {
    Cause::new(CauseKind::NotCollected, "the roster was not looked at")
}
