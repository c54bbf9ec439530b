//! What is known of IAM only once all answers are read: members of groups, which list of access keys counts, and
//! whether lists are whole.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{KEY, POLICY, PROFILE, ROLE, ROW, USER};
use crate::collect::aws_json::reshape;
use crate::collect::aws_json::store::{Draft, Key, Place, Store};
use crate::model::coverage::Completeness;

/// What follows once everything is read: members of groups, and which list of access keys counts.
pub(in crate::collect::aws_json) fn complete(store: &mut Store) {
    members(store);
    passwords(store);
    // Providers have no other name, and single answers of policies may leave theirs out.
    for (key, draft) in &mut store.drafts {
        if matches!(key.kind, POLICY | "aws.iam.saml_provider" | "aws.iam.oidc_provider") {
            let last = key.id.rsplit('/').next().unwrap_or_default();
            draft.name = draft.name.take().or_else(|| Some(last.to_owned()));
        }
    }
    let mut places: Vec<_> =
        [USER, ROW, KEY, POLICY].iter().flat_map(|kind| store.places_of(kind)).collect();
    places.sort_by(|a, b| a.account.cmp(&b.account));
    places.dedup_by(|a, b| a.account == b.account);
    for place in places {
        keys(store, &place);
        devices(store, &place);
        policies(store, &place);
        counted(store, &place);
    }
}

/// Policies that are attached and that no answer lists: a list with `--scope Local` or a `--filter` is no whole one.
fn policies(store: &mut Store, place: &Place) {
    if !store.is_complete(POLICY, &place.account, &place.region) {
        return;
    }
    let listed = |arn: &str| {
        store.drafts.iter().any(|(key, draft)| {
            key.kind == POLICY && key.account == place.account && key.id == arn && draft.listed
        })
    };
    let attached = store.drafts.iter().filter(|(key, _)| {
        matches!(key.kind, USER | ROLE | "aws.iam.group") && key.account == place.account
    });
    let missing = attached
        .filter_map(|(_, draft)| draft.fields.get("attached_policy_arns")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .find(|arn| !listed(arn));
    if let Some(arn) = missing {
        let reason = format!("{arn} is attached, and no answer lists it");
        store.replace_cover(POLICY, place, Completeness::Partial, Some(reason));
    }
}

/// Lists that hold fewer than IAM's own counters say: an answer with a `--filter` shows the other lists empty.
fn counted(store: &mut Store, place: &Place) {
    const COUNTERS: [(&str, &str); 5] = [
        (USER, "Users"),
        ("aws.iam.group", "Groups"),
        (ROLE, "Roles"),
        (POLICY, "Policies"),
        (PROFILE, "InstanceProfiles"),
    ];
    let here = |kind: &str| {
        let account = place.account.clone();
        let kind = kind.to_owned();
        move |key: &Key| key.kind == kind && key.account == account
    };
    let summary = here("aws.iam.account_summary");
    let entries = store.drafts.iter().find(|(key, _)| summary(key));
    let Some(entries) = entries.and_then(|(_, draft)| draft.fields.get("entries")).cloned() else {
        return;
    };
    for (kind, counter) in COUNTERS {
        let Some(most) = entries.get(counter).and_then(Value::as_u64) else { continue };
        let of_kind = here(kind);
        // The counter of policies knows the customer's own only.
        let own = |draft: &Draft| draft.fields.get("aws_managed") != Some(&Value::Bool(true));
        let have = store.drafts.iter().filter(|(k, d)| of_kind(k) && d.listed && own(d)).count();
        if (have as u64) < most && store.is_complete(kind, &place.account, &place.region) {
            let reason = format!("{have} are listed, and iam:GetAccountSummary counts {most}");
            store.replace_cover(kind, place, Completeness::Partial, Some(reason));
        }
    }
}

/// The credentials report says who has a password, and a user that is not asked for one by one need not stay open.
fn passwords(store: &mut Store) {
    let rows: Vec<(Key, bool)> = store
        .drafts
        .iter()
        .filter(|(key, _)| key.kind == ROW)
        .filter_map(|(key, draft)| {
            let enabled = match draft.fields.get("password_enabled")? {
                Value::Null => false,
                value => value.as_bool()?,
            };
            Some((Key { kind: USER, ..key.clone() }, enabled))
        })
        .collect();
    for (key, enabled) in rows {
        if let Some(draft) = store.drafts.get_mut(&key) {
            draft.set("login_profile_exists", Value::Bool(enabled));
        }
    }
}

/// Devices are complete when every user was asked about theirs.
fn devices(store: &mut Store, place: &Place) {
    let mut users = store
        .drafts
        .iter()
        .filter(|(key, _)| key.kind == USER && key.account == place.account)
        .map(|(_, draft)| {
            draft.fields.get("mfa_serial_numbers").is_some_and(|v| !reshape::is_unknown(v))
        })
        .peekable();
    let any = users.peek().is_some();
    if any && users.all(|asked| asked) && store.is_complete(USER, &place.account, &place.region) {
        store.replace_cover("aws.iam.mfa_device", place, Completeness::Complete, None);
    }
}

fn members(store: &mut Store) {
    let mut by_group: BTreeMap<(crate::ident::AccountId, String), Vec<String>> = BTreeMap::new();
    for (key, draft) in store.drafts.iter().filter(|(key, _)| key.kind == USER) {
        let groups = draft.fields.get("group_names").and_then(Value::as_array);
        for group in groups.into_iter().flatten().filter_map(Value::as_str) {
            by_group
                .entry((key.account.clone(), group.to_owned()))
                .or_default()
                .push(key.id.clone());
        }
    }
    let groups: Vec<_> =
        store.drafts.keys().filter(|key| key.kind == "aws.iam.group").cloned().collect();
    for key in groups {
        // Users from a list without groups would make every group look empty.
        let told =
            store.drafts.iter().filter(|(k, _)| k.kind == USER && k.account == key.account).all(
                |(_, draft)| {
                    draft.fields.get("group_names").is_some_and(|v| !reshape::is_unknown(v))
                },
            );
        if !told || !store.is_complete(USER, &key.account, &key.region) {
            continue;
        }
        let names =
            by_group.get(&(key.account.clone(), key.id.clone())).cloned().unwrap_or_default();
        if let Some(draft) = store.drafts.get_mut(&key) {
            draft.set("user_names", json!(names));
        }
    }
}

/// The credentials report knows every user's keys, but not their ids. Keys with ids take the place of those without.
fn keys(store: &mut Store, place: &Place) {
    let mut listed: BTreeMap<String, usize> = BTreeMap::new();
    let here = |key: &Key| key.kind == KEY && key.account == place.account;
    for (_, draft) in store.drafts.iter().filter(|(key, _)| here(key) && !key.id.contains('/')) {
        *listed.entry(draft.text("user_name").unwrap_or_default().to_owned()).or_default() += 1;
    }
    let report = store.is_complete(ROW, &place.account, &place.region);
    let mut from_report: BTreeMap<String, usize> = BTreeMap::new();
    for (_, draft) in store.drafts.iter().filter(|(key, _)| here(key) && key.id.contains('/')) {
        *from_report.entry(draft.text("user_name").unwrap_or_default().to_owned()).or_default() +=
            1;
    }
    store.drafts.retain(|key, draft| {
        let user = draft.text("user_name").unwrap_or_default();
        let unnamed = here(key) && key.id.contains('/');
        !unnamed || !listed.contains_key(user)
    });
    let open = if report {
        // As many keys as the report knows; more is no contradiction, the report lists two at most.
        from_report
            .iter()
            .filter(|(user, n)| listed.get(*user).is_some_and(|have| have < *n))
            .count()
    } else {
        store
            .drafts
            .iter()
            .filter(|(key, draft)| {
                key.kind == USER
                    && key.account == place.account
                    && draft.fields.get("access_key_ids").is_none_or(reshape::is_unknown)
            })
            .count()
    };
    if report && open == 0 {
        store.replace_cover(KEY, place, Completeness::Complete, None);
    } else if open > 0 && (report || store.is_complete(KEY, &place.account, &place.region)) {
        let reason = format!("iam:ListAccessKeys: {open} users without an answer");
        store.replace_cover(KEY, place, Completeness::Partial, Some(reason));
    } else if !report
        && store.is_complete(KEY, &place.account, &place.region)
        && !store.is_complete(USER, &place.account, &place.region)
    {
        let reason = "iam:ListAccessKeys: the keys of single users only".to_owned();
        store.replace_cover(KEY, place, Completeness::Partial, Some(reason));
    }
}
