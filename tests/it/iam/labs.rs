//! The scenarios of `pathfinding-labs`: who starts reaches what the scenario is about, and administrators are told from
//! those that only look like some.

use std::collections::BTreeMap;
use std::path::Path;

use portcullis::analyze::iam::escalation::{Quality, admin};
use portcullis::analyze::iam::estate::{PrincipalId, Unread};
use portcullis::analyze::iam::request::Circumstances;
use portcullis::analyze::iam::truth::Truth;
use portcullis::yaml;
use serde_json::{Value, json};

use super::reach::Reach;
use super::world::{Guards, World, document, may};
use super::{folder, items, now, read, text};

/// The accounts of the labs, as their Terraform was converted.
const ACCOUNTS: [(&str, &str, &str); 4] = [
    ("prod", "222222222222", "{prod_account_id}"),
    ("dev", "333333333333", "{dev_account_id}"),
    ("operations", "444444444444", "{operations_account_id}"),
    ("attacker", "999999999999", "{attacker_account_id}"),
];

/// Scenarios that ask for something else than who reaches whom, with why.
const OUT_OF_SCOPE: &[(&str, &str)] = &[
    (
        "ctf.ai-chatbot-lambda-pivot",
        "begins by talking a chatbot into running commands: a fault of its program, which no policy shows",
    ),
    (
        "cross-account.ops-to-prod.one-hop.github-oidc-cross-account-pivot",
        "begins in a repository of GitHub; the trust policy's mistake is the tests' of trust",
    ),
];

#[test]
fn administrators_are_told_from_those_that_look_like_some() {
    let Some(folder) = folder("pathfinding-labs") else { return };
    let folder = folder.join("tool-testing.test-effective-permissions-evaluation");
    let details = read(&folder.join("gaad-prod.json"));
    let estate = World::of_answers([("222222222222", &details)]).estate();
    let expected = read(&folder.join("expected.json"));
    let (mut right, mut wrong) = ([0, 0], Vec::new());
    for (arn, is_admin) in expected.as_object().unwrap() {
        let id = estate.find(arn).unwrap_or_else(|| panic!("no {arn}"));
        let subject = estate.subject(estate.principal(id).unwrap(), Unread::Ignore);
        let found = admin::in_effect(&estate, &subject, now());
        let is_admin = is_admin.as_bool().unwrap();
        if found == Truth::from(is_admin) {
            right[usize::from(is_admin)] += 1;
        } else {
            wrong.push(format!("{arn}: {found:?}"));
        }
    }
    let all = expected.as_object().unwrap().len();
    eprintln!(
        "administrators in effect: {} of {all} right, {} administrators and {} that are none",
        right[0] + right[1],
        right[1],
        right[0]
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names in the text of scenarios, and what the Terraform has in their place.
const NAMED_OTHERWISE: &[(&str, &str)] = &[
    ("user/pl-pathfinding-starting-user-dev", "role/pl-helpdesk"),
    ("user/pl-pathfinding-starting-user-prod", "user/pl-prod-erp-to-bucket-starting-user"),
    (
        "pl-exclusive-sensitive-data-bucket-222222222222",
        "pl-exclusive-sensitive-data-222222222222-abc123",
    ),
    ("iam-002-to-bucket-222222222222", "iam-002-to-bucket-222222222222-abc123"),
    ("iam-004-222222222222", "iam-004-222222222222-abc123"),
    ("iam-005-to-bucket-222222222222", "iam-005-to-bucket-222222222222-abc123"),
    // The first step is reading the second user's keys in an object of a bucket, which no inventory shows.
    ("user/pl-prod-8min-starting-user", "user/pl-prod-8min-compromised-user"),
];

#[test]
fn whoever_starts_reaches_the_target() {
    let Some(folder) = folder("pathfinding-labs") else { return };
    let mut counts: BTreeMap<Quality, usize> = BTreeMap::new();
    let (mut asked, mut lost) = (0, Vec::new());
    let mut entries: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries.iter().filter(|path| path.is_dir()) {
        let name = path.file_name().unwrap().to_string_lossy();
        if let Some((_, why)) = OUT_OF_SCOPE.iter().find(|(of, _)| *of == name) {
            eprintln!("out of scope  {name}: {why}");
            continue;
        }
        let scenario = Scenario::read(path);
        asked += 1;
        match scenario.walk() {
            Some((quality, way)) => {
                *counts.entry(quality).or_default() += 1;
                eprintln!("{:<13} {name}: {}", format!("{quality:?}"), way.join("; "));
            }
            None => lost.push(format!("{name}: {}", scenario.words())),
        }
    }
    eprintln!("pathfinding-labs: {} of {asked} found {counts:?}", asked - lost.len());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

enum Target {
    /// An administrator of an account.
    Admin(&'static str),
    Bucket(String),
}

struct Scenario {
    reach: Reach,
    start: String,
    target: Target,
}

impl Scenario {
    fn read(folder: &Path) -> Self {
        let mut details = Vec::new();
        for (name, account, _) in ACCOUNTS {
            let file = folder.join(format!("gaad-{name}.json"));
            if file.is_file() {
                details.push((account, repaired(&file, account)));
            }
        }
        // The account that a way ends in stands first in the table.
        let goal = details.first().unwrap().0;
        let details: Vec<(&str, &Value)> = details.iter().map(|(a, v)| (*a, v)).collect();
        let mut world = World::of_answers(details.iter().copied());
        world.add_lab_resources(&repaired(&folder.join("resources.json"), goal), &details);
        let closed = folder.file_name().unwrap().to_string_lossy().starts_with("end-of-life");
        let reach = Reach::with(world.estate(), closed);

        let map = yaml(&folder.join("attack_map.yaml"));
        let nodes = items(&map["attackMap"]["nodes"]);
        let node = |key: &str| {
            let found = nodes.iter().find(|node| !node[key].is_null() && node["arn"].is_string());
            found.map(|node| placed(text(node, "arn")))
        };
        let target = match node("isTarget") {
            Some(arn) if arn.starts_with("arn:aws:s3:::") => Target::Bucket(arn),
            _ => Target::Admin(goal),
        };
        Self { reach, start: node("access").unwrap(), target }
    }

    fn words(&self) -> String {
        let target = match &self.target {
            Target::Admin(account) => &format!("an administrator of {account}"),
            Target::Bucket(arn) => arn,
        };
        let mut out = format!("{} to {target}", self.start);
        for (id, principal) in self.reach.estate.all() {
            let Some(found) = self.reach.found.get(id) else { continue };
            let uses: Vec<String> = found.uses.iter().map(|s| self.reach.words(s)).collect();
            out.push_str(&format!("\n    {} admin {:?} can {uses:?}", principal.arn, found.admin));
        }
        out
    }

    fn walk(&self) -> Option<(Quality, Vec<String>)> {
        let reach = &self.reach;
        let start = reach.estate.find(&self.start)?;
        match &self.target {
            Target::Admin(account) if *reach.estate.principal(start)?.account == **account => {
                reach.to_admin(start).filter(|(_, way)| !way.is_empty())
            }
            Target::Admin(account) => {
                let there =
                    reach.everybody(start).into_iter().filter_map(|(id, (quality, mut way))| {
                        let own = &reach.estate.principal(id)?.account;
                        let (more, rest) = reach.to_admin(id).filter(|_| **own == **account)?;
                        way.extend(rest);
                        Some((quality.max(more), way))
                    });
                there.min_by_key(|(quality, way)| (*quality, way.len()))
            }
            Target::Bucket(bucket) => self.to_bucket(start, bucket),
        }
    }

    fn to_bucket(&self, start: PrincipalId, bucket: &str) -> Option<(Quality, Vec<String>)> {
        let estate = &self.reach.estate;
        let everybody = self.reach.everybody(start);
        let by_reading = everybody.iter().filter_map(|(id, (quality, way))| {
            let arn = &estate.principal(*id)?.arn;
            let object = format!("{bucket}/secret.txt");
            // Buckets without a policy belong to whoever asks: the labs have one in each account at most.
            let mut guards = Guards::new();
            if !estate.resources.contains_key(bucket) {
                let account = arn.split(':').nth(4)?.to_owned();
                let none = document(&json!({"Statement": []}), "none");
                guards.insert(bucket.to_owned(), (account, none));
            }
            let open = Circumstances::open();
            let outcome = may(estate, &guards, arn, "s3:GetObject", &object, &open)?;
            let (quality, mut way) = match outcome.allowed {
                Truth::Yes => (*quality, way.clone()),
                Truth::Maybe => ((*quality).max(Quality::Conditional), way.clone()),
                Truth::No => return None,
            };
            way.push(format!("{arn} reads"));
            Some((quality, way))
        });
        let by_power = everybody.iter().filter_map(|(id, (quality, way))| {
            let (own, words) = self.reach.empowers_itself(*id)?;
            let mut way = way.clone();
            way.push(words);
            Some(((*quality).max(own), way))
        });
        by_reading.chain(by_power).min_by_key(|(quality, way)| (*quality, way.len()))
    }
}

/// An ARN of a scenario with its placeholders filled in.
fn placed(arn: &str) -> String {
    let mut out = arn.replace("{account_id}", "222222222222").replace("{region}", "us-east-1");
    for (_, account, placeholder) in ACCOUNTS {
        out = out.replace(placeholder, account);
    }
    out = out.replace("{suffix}", "abc123").replace("{resource_suffix}", "abc123");
    for (name, own) in NAMED_OTHERWISE {
        if out.ends_with(name) {
            out = out.replace(name, own);
        }
    }
    out
}

/// A file with two traits of the conversion undone: the account that Terraform runs in, and ARNs by Terraform's types.
fn repaired(path: &Path, account: &str) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("111111111111", account).replace("arn:aws:instance:", "arn:aws:ec2:");
    serde_json::from_str(&text).unwrap()
}

fn yaml(path: &Path) -> Value {
    let mut diagnostics = portcullis::diag::Diagnostics::default();
    let bytes = std::fs::read(path).unwrap();
    let file = yaml::source(&path.to_string_lossy(), &bytes, &mut diagnostics).unwrap();
    yaml::read(&file, &mut diagnostics).unwrap_or_else(|| panic!("{}", diagnostics.render(false)))
}
