//! `iam-vulnerable`: an account in which most principals can escalate and some only look as if they could.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reach::Reach;
use super::world::World;
use super::{folder, items, read, text};

/// What the lab says of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Path,
    /// It can escalate, and tools miss it.
    Hidden,
    /// It cannot, and tools say so.
    Bait,
    Supporting,
}

#[test]
fn paths_are_found_and_baits_are_not() {
    let Some(folder) = folder("iam-vulnerable") else { return };
    let details = read(&folder.join("gaad-default.json"));
    let expected = read(&folder.join("expected.json"));
    let mut world = World::of_answers([("111111111111", &details)]);
    world.add_lab_resources(&read(&folder.join("resources.json")), &[("default", &details)]);
    let reach = Reach::of(world.estate());
    let mut counts: BTreeMap<(Class, &str), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (arn, label) in expected.as_object().unwrap() {
        let class = class(label);
        let id = reach.estate.find(arn).unwrap_or_else(|| panic!("no {arn}"));
        let becomes_admin = reach.to_admin(id).is_some() && !reach.is_admin(id);
        let uses: Vec<String> = reach
            .found
            .get(id)
            .map(|found| found.uses.iter().map(|step| reach.words(step)).collect())
            .unwrap_or_default();
        let what = match class {
            Class::Supporting => "not asked",
            _ if becomes_admin => "becomes an administrator",
            _ if !uses.is_empty() => "becomes more than it is",
            _ => "nothing to gain",
        };
        *counts.entry((class, what)).or_default() += 1;
        let right = match class {
            Class::Path if what == "nothing to gain" => {
                let idle = idle(&details, arn);
                eprintln!("iam-vulnerable {arn}: {}", idle.unwrap_or("NOT FOUND"));
                idle.is_some()
            }
            Class::Path | Class::Hidden => what != "nothing to gain",
            Class::Bait => what == "nothing to gain",
            Class::Supporting => true,
        };
        if !right {
            wrong.push(format!("{class:?} {arn}: {what}; can {uses:?}"));
        }
    }
    for ((class, what), count) in &counts {
        eprintln!("iam-vulnerable {class:?}: {count} {what}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why a principal that holds the action of a method gains nothing in this account, read off the answer itself. Its users
/// and roles stand alone: what they may write is on nobody that they can become.
fn idle(details: &Value, arn: &str) -> Option<&'static str> {
    let users = items(&details["UserDetailList"]);
    let roles = items(&details["RoleDetailList"]);
    let own = users.iter().chain(roles).find(|it| text(it, "Arn") == arn)?;
    let is_user = arn.contains(":user/");
    let inline = if is_user { &own["UserPolicyList"] } else { &own["RolePolicyList"] };
    if !items(inline).is_empty() || !items(&own["GroupList"]).is_empty() {
        return None;
    }
    let attached: Vec<&Value> = items(&own["AttachedManagedPolicies"])
        .iter()
        .map(|it| items(&details["Policies"]).iter().find(|p| p["Arn"] == it["PolicyArn"]).unwrap())
        .collect();
    // A trust in the account as a whole admits whom its own policies let, and none of these does.
    let trusted = roles.iter().any(|role| {
        let trust = role["AssumeRolePolicyDocument"].to_string();
        trust.contains("\"*\"") || trust.contains(arn)
    });
    if trusted {
        return None;
    }
    let [policy] = attached.as_slice() else {
        return attached.is_empty().then_some("it has no policy, and no role trusts it");
    };
    let [version] = items(&policy["PolicyVersionList"]) else { return None };
    match (version["Document"]["Statement"][0]["Action"].as_str()?, is_user) {
        ("iam:SetDefaultPolicyVersion", _) => Some("its policy has one version only"),
        ("iam:PutRolePolicy" | "iam:AttachRolePolicy", true) => {
            Some("it writes to roles, none of which trusts it")
        }
        (
            "iam:PutUserPolicy"
            | "iam:AttachUserPolicy"
            | "iam:PutGroupPolicy"
            | "iam:AttachGroupPolicy"
            | "iam:AddUserToGroup",
            false,
        ) => Some("it writes to users and groups, and is a role that gets at no user"),
        _ => None,
    }
}

fn class(label: &Value) -> Class {
    match label.as_str().unwrap() {
        "privesc-path" => Class::Path,
        "exploitable" => Class::Hidden,
        "not-exploitable" => Class::Bait,
        "supporting" => Class::Supporting,
        other => panic!("{other}"),
    }
}
