//! Generated accounts whose escalations, trust mistakes and unused roles are known (`gen_aad.py`).
//!
//! The truth file says which roles *hold* the actions of a method; whether there is anybody to gain by it is read off the
//! generated answer a second way here. Without the generator, or `python3`, the tests say so and count as skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use portcullis::analyze::iam::escalation::Quality;
use portcullis::analyze::iam::estate::PrincipalKind;
use portcullis::analyze::iam::trust::known::Known;
use portcullis::analyze::iam::trust::mistakes::{Kind, Trusts};
use portcullis::analyze::iam::usage::Window;
use portcullis::analyze::iam::usage::idle::{Gatherer, What};
use serde_json::Value;

use super::reach::Reach;
use super::world::World;
use super::{items, now, read, text};

const ACCOUNT: &str = "111122223333";
const SIZE: u32 = 1000;
const SEEDS: [u32; 4] = [1, 2, 3, 7];

/// A generated account and what was planted in it.
pub struct Planted {
    pub details: Value,
    truth: Value,
}

impl Planted {
    pub fn generate(size: u32, seed: u32) -> Option<Self> {
        let root = std::env::var_os("PORTCULLIS_ORACLES").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles"),
            PathBuf::from,
        );
        let script = root.join("../tools/gen_aad.py");
        if !script.is_file() {
            eprintln!("SKIPPED: no {} (set PORTCULLIS_ORACLES)", script.display());
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let (out, truth) = (folder.path().join("aad.json"), folder.path().join("truth.json"));
        let run = Command::new("python3")
            .arg(&script)
            .args([&size.to_string(), out.to_str().unwrap(), "--seed", &seed.to_string()])
            .args(["--truth", truth.to_str().unwrap()])
            .output();
        let run = match run {
            Ok(run) => run,
            Err(error) => {
                eprintln!("SKIPPED: python3: {error}");
                return None;
            }
        };
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        Some(Self { details: read(&out), truth: read(&truth) })
    }

    fn rows(&self, key: &str) -> &[Value] {
        items(&self.truth[key])
    }

    /// Whether there is anything that a holder of the actions of a method gains, by what the answer says of the account.
    fn has_target(&self, actor: &str, method: &str) -> bool {
        let roles = items(&self.details["RoleDetailList"]);
        let own = roles.iter().find(|it| text(it, "Arn") == actor).unwrap();
        let trusting = |service: &str, profile: bool| {
            roles.iter().any(|role| {
                text(role, "Arn") != actor
                    && role["AssumeRolePolicyDocument"]
                        .to_string()
                        .contains(&format!("\"{service}.amazonaws.com\""))
                    && (!profile || !items(&role["InstanceProfileList"]).is_empty())
            })
        };
        match method {
            "iam-001" => items(&own["AttachedManagedPolicies"])
                .iter()
                .any(|it| text(it, "PolicyArn").contains(&format!(":{ACCOUNT}:"))),
            "iam-002" => !items(&self.details["UserDetailList"]).is_empty(),
            // A role writes to itself.
            "iam-005" | "iam-009" => true,
            "iam-012" => roles.len() > 1,
            "lambda-001" => trusting("lambda", false),
            "ec2-001" | "ssm-001" => trusting("ec2", true),
            "cloudformation-001" => trusting("cloudformation", false),
            "glue-003" => trusting("glue", false),
            "codebuild-001" => trusting("codebuild", false),
            other => panic!("no such method is planted: {other}"),
        }
    }
}

/// What was expected and what came.
#[derive(Default)]
struct Tally {
    right: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, what: &'static str, right: bool, words: impl FnOnce() -> String) {
        if right {
            *self.right.entry(what).or_default() += 1;
        } else {
            self.wrong.push(format!("{what}: {}", words()));
        }
    }

    fn settle(&self, seed: u32) {
        let all: Vec<String> = self.right.iter().map(|(what, n)| format!("{n} {what}")).collect();
        eprintln!(
            "gen_aad {SIZE} seed {seed}: right {}; {} wrong",
            all.join(", "),
            self.wrong.len()
        );
        assert!(!self.right.is_empty() && self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

#[test]
fn planted_escalations_are_found_and_cancelled_ones_are_not() {
    for seed in SEEDS {
        let Some(planted) = Planted::generate(SIZE, seed) else { return };
        let world = World::of_answers([(ACCOUNT, &planted.details)]);
        let reach = Reach::of(world.estate());
        let quality = |row: &Value| -> Option<Quality> {
            let id = reach.estate.find(text(row, "principal")).unwrap();
            let found = reach.found.get(id)?;
            let steps = found.uses.iter().chain(&found.path).filter(|step| step.actor == id);
            steps.filter(|step| step.method.id == text(row, "method")).map(|it| it.quality).min()
        };
        let words = |row: &Value| {
            let id = reach.estate.find(text(row, "principal")).unwrap();
            let found = reach.found.get(id).unwrap();
            let uses: Vec<String> = found.uses.iter().map(|step| reach.words(step)).collect();
            format!("{row} can {uses:?}")
        };
        let mut tally = Tally::default();
        for (key, class) in [("privesc", "planted"), ("split", "split over policies")] {
            for row in planted.rows(key) {
                let found = quality(row);
                if planted.has_target(text(row, "principal"), text(row, "method")) {
                    // What the answer leaves open: it lists neither the keys of users nor instances.
                    let (class, expected) = match text(row, "method") {
                        "iam-002" => ("planted, conditional", Quality::Conditional),
                        "ssm-001" => ("planted, possible", Quality::Possible),
                        _ => (class, Quality::Certain),
                    };
                    tally.add(class, found == Some(expected), || words(row));
                } else {
                    tally.add("held without a target", found.is_none(), || words(row));
                }
            }
        }
        for (key, class) in [("denied", "denied"), ("bounded", "bounded")] {
            for row in planted.rows(key) {
                tally.add(class, quality(row).is_none(), || words(row));
            }
        }
        tally.settle(seed);
    }
}

#[test]
fn planted_trust_mistakes_are_found_and_nothing_else() {
    const KINDS: [(&str, Kind); 6] = [
        ("cross-account-no-external-id", Kind::NoExternalId),
        ("github-oidc-no-sub", Kind::OidcSubjectMissing),
        ("github-oidc-org-prefix-wildcard-and-no-aud", Kind::OidcSubjectTooWide),
        ("saml-no-aud", Kind::SamlAudienceMissing),
        ("cognito-unauth-no-aud", Kind::CognitoOtherPool),
        ("wildcard-principal", Kind::WildcardPrincipal),
    ];
    for seed in SEEDS {
        let Some(planted) = Planted::generate(SIZE, seed) else { return };
        let estate = World::of_answers([(ACCOUNT, &planted.details)]).estate();
        let known = Known::default();
        let trusts = Trusts::of(&estate, &known, now());
        let mut tally = Tally::default();
        let mut others: BTreeMap<&str, usize> = BTreeMap::new();
        let rows: BTreeMap<&str, &str> = planted
            .rows("trust")
            .iter()
            .map(|row| (text(row, "role"), text(row, "mistake")))
            .collect();
        for (_, role) in estate.all().filter(|(_, it)| it.kind == PrincipalKind::Role) {
            let mistakes = trusts.mistakes(role);
            let found: BTreeSet<Kind> =
                mistakes.known().unwrap().iter().map(|mistake| mistake.kind).collect();
            let planted_kind =
                rows.get(&*role.arn).map(|row| KINDS.iter().find(|(of, _)| of == row).unwrap().1);
            for kind in &found {
                *others.entry(kind.word()).or_default() += 1;
            }
            let words = || format!("{}: {found:?}", role.arn);
            if let Some(kind) = planted_kind {
                tally.add(kind.word(), found.contains(&kind), words);
            } else {
                let none = KINDS.iter().all(|(_, kind)| !found.contains(kind));
                tally.add("without a planted one", none, words);
            }
        }
        eprintln!("all kinds: {others:?}");
        tally.settle(seed);
    }
}

#[test]
fn planted_unused_roles_are_found_and_nothing_else() {
    let window = Window { now: now(), days: 90 };
    for seed in SEEDS {
        let Some(planted) = Planted::generate(SIZE, seed) else { return };
        let world = World::of_answers([(ACCOUNT, &planted.details)]);
        let mut gatherer = Gatherer::default();
        world.resources.iter().for_each(|resource| gatherer.add(resource));
        let idle: BTreeMap<String, bool> = gatherer
            .finish(&window)
            .into_iter()
            .filter(|it| it.what == What::Role)
            .map(|it| (it.principal, it.open.is_none()))
            .collect();
        let rows: BTreeSet<&str> =
            planted.rows("unused").iter().map(|row| text(row, "role")).collect();
        let mut tally = Tally::default();
        for role in items(&planted.details["RoleDetailList"]) {
            let arn = text(role, "Arn");
            let made: jiff::Timestamp = text(role, "CreateDate").parse().unwrap();
            let found = idle.get(arn) == Some(&true);
            match rows.contains(arn) {
                // Nobody can have left unused for the whole window what is younger than that. The generator lets some be
                // used before they were made.
                true if window.holds(made) => {
                    tally.add("younger than the window", !found, || arn.to_owned());
                }
                true => tally.add("unused", found, || format!("{role}")),
                false => tally.add("in use", !found, || format!("{role}")),
            }
        }
        tally.settle(seed);
    }
}
