//! What an assessment makes of an inventory that says less than it seems to.

use std::collections::BTreeMap;

use portcullis::analyze::Environments;
use portcullis::assess::{Assessment, Plan, assess};
use portcullis::check::Suite;
use portcullis::clock::{self, Time};
use portcullis::diag::Diagnostics;
use portcullis::finding::Outcome;
use portcullis::ident::{AccountId, Region};
use portcullis::model::iam_account::AccountSummary;
use portcullis::model::snapshot::{Entry, Limits, Reader, Writer};
use portcullis::model::{Attr, Completeness, CoverageEntry, Data, Meta, Origin, Resource, vpc};
use portcullis::waiver::Waivers;

fn resource(account: &str, region: &str, data: impl Into<Data>) -> Resource {
    Resource {
        meta: Meta {
            id: "it".to_owned(),
            account: AccountId::new(account).unwrap(),
            region: Region::new(region).unwrap(),
            arn: None,
            name: None,
            tags: Attr::Known([].into()),
            environment: Attr::default(),
            origin: Origin::Aws,
        },
        data: data.into(),
    }
}

fn complete(account: &str, region: &str, kind: &str) -> CoverageEntry {
    CoverageEntry {
        source: "aws".to_owned(),
        account: AccountId::new(account).unwrap(),
        region: Region::new(region).unwrap(),
        kind: kind.to_owned(),
        status: Completeness::Complete,
        reason: None,
        count: 0,
    }
}

fn assessed(resources: &[Resource], coverage: &[CoverageEntry]) -> Assessment {
    let mut writer = Writer::new(Vec::new(), Time::default(), Vec::new()).unwrap();
    for resource in resources {
        writer.resource(resource).unwrap();
    }
    for entry in coverage {
        writer.coverage(entry).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let suite = Suite::builtin(&mut Diagnostics::default());
    let (environments, waivers) = (Environments::default(), Waivers::default());
    let now = clock::parse("2026-01-01").unwrap();
    let plan = Plan::defaults(&suite, &environments, &waivers, now).unwrap();
    let open = || Reader::new("test", bytes.as_slice(), Limits::default());
    assess(&plan, "test", open).unwrap()
}

/// Account and region of every place that a check could not look at.
fn undetermined(assessment: &Assessment, check: &str) -> Vec<String> {
    let result = assessment.checks.iter().find(|result| result.id == check).unwrap();
    result.undetermined.iter().map(|gap| format!("{} {}", gap.account, gap.region)).collect()
}

#[test]
fn a_place_without_coverage_is_not_complete() {
    let vpc = || vpc::Vpc { is_default: Attr::Known(false), ..vpc::Vpc::default() };
    let resources = [
        resource("111122223333", "eu-west-1", vpc()),
        resource("111122223333", "eu-west-2", vpc()),
        resource("444455556666", "eu-west-1", vpc()),
    ];
    let found = assessed(&resources, &[complete("111122223333", "eu-west-1", "aws.ec2.vpc")]);
    assert_eq!(
        undetermined(&found, "ec2-vpc-default-unused"),
        ["111122223333 eu-west-2", "444455556666 eu-west-1"]
    );
}

#[test]
fn what_is_always_there_cannot_be_missing() {
    let cover = [complete("111122223333", "global", "aws.iam.account_summary")];
    let found = assessed(&[], &cover);
    assert_eq!(undetermined(&found, "iam-root-mfa"), ["111122223333 global"]);
    let summary =
        AccountSummary { account_mfa_enabled: Attr::Known(true), ..AccountSummary::default() };
    let found = assessed(&[resource("111122223333", "global", summary)], &cover);
    assert_eq!(undetermined(&found, "iam-root-mfa"), [""; 0]);
}

/// The example company, as lines and coverage.
fn acme() -> (Vec<Resource>, Vec<CoverageEntry>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acme/inventory.jsonl.zst");
    let file = std::fs::File::open(path).unwrap();
    let mut reader = Reader::new(path, file, Limits::default()).unwrap();
    let (mut resources, mut coverage) = (Vec::new(), Vec::new());
    while let Some(entry) = reader.next_entry().unwrap() {
        match entry {
            Entry::Resource(text, _) => resources.push(Resource::parse(&text).unwrap()),
            Entry::Coverage(entry) => coverage.push(entry),
        }
    }
    (resources, coverage)
}

/// Who fails, and who is unknown, by check and subject.
fn said(assessment: &Assessment) -> BTreeMap<(&str, String), Outcome> {
    let mut out = BTreeMap::new();
    for finding in &assessment.findings {
        let subject = &finding.subject;
        let who = format!("{} {} {}", subject.account, subject.region, subject.id);
        out.insert((finding.check.as_str(), who), finding.outcome);
    }
    out
}

/// What is wrong about an assessment of which something was hidden.
fn wrong(before: &Assessment, after: &Assessment) -> Option<String> {
    let was = said(before);
    for (key, outcome) in &said(after) {
        let earlier = was.get(key);
        if *outcome != Outcome::Unknown && earlier != Some(&Outcome::Fail) {
            return Some(format!("{key:?} was {earlier:?}, is {outcome:?}"));
        }
    }
    for (old, new) in before.checks.iter().zip(&after.checks) {
        let (old_tally, new_tally) = (old.tally, new.tally);
        let grew = new_tally.pass > old_tally.pass
            || new_tally.fail > old_tally.fail
            || new_tally.not_applicable > old_tally.not_applicable
            || new_tally.unknown < old_tally.unknown;
        if grew {
            return Some(format!("{}: {old_tally:?} → {new_tally:?}", old.id));
        }
    }
    None
}

/// The resources without one attribute of one of them.
fn without(resources: &mut [Resource], at: usize, key: &str) {
    let mut line = serde_json::to_value(&resources[at]).unwrap();
    line["data"].as_object_mut().unwrap().remove(key);
    resources[at] = Resource::parse(&line.to_string()).unwrap();
}

#[test]
fn hiding_anything_moves_outcomes_only_to_unknown() {
    let (resources, coverage) = acme();
    let before = assessed(&resources, &coverage);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |n: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % n as u64).unwrap()
    };
    // More rounds than a daily run has time for find what is rare.
    let rounds = std::env::var("PORTCULLIS_ROUNDS").ok().and_then(|text| text.parse().ok());
    for round in 0..rounds.unwrap_or(12) {
        let mut hidden = resources.clone();
        let mut choices = Vec::new();
        for _ in 0..60 {
            let at = below(hidden.len());
            let line = serde_json::to_value(&hidden[at]).unwrap();
            let data = line["data"].as_object().unwrap();
            if data.is_empty() {
                continue;
            }
            let key = data.keys().nth(below(data.len())).unwrap().clone();
            without(&mut hidden, at, &key);
            choices.push((at, key));
        }
        let Some(found) = wrong(&before, &assessed(&hidden, &coverage)) else { continue };
        // What alone is enough is worth knowing.
        let alone: Vec<String> = choices
            .iter()
            .filter_map(|(at, key)| {
                let mut one = resources.clone();
                without(&mut one, *at, key);
                let found = wrong(&before, &assessed(&one, &coverage))?;
                Some(format!("{} {key}: {found}", resources[*at].identity()))
            })
            .collect();
        panic!("round {round}: {found}; alone: {alone:#?}");
    }
}

#[test]
fn hiding_a_place_moves_outcomes_only_to_unknown() {
    let (resources, coverage) = acme();
    let before = assessed(&resources, &coverage);
    let was = said(&before);
    for at in (0..coverage.len()).step_by(29) {
        let mut less = coverage.clone();
        less[at].status = Completeness::Denied;
        let after = assessed(&resources, &less);
        for (key, outcome) in &said(&after) {
            let fits = *outcome == Outcome::Unknown || was.get(key) == Some(&Outcome::Fail);
            assert!(fits, "{:?}: {key:?} is {outcome:?}", coverage[at]);
        }
        for (old, new) in before.checks.iter().zip(&after.checks) {
            let grew = new.tally.pass > old.tally.pass || new.tally.fail > old.tally.fail;
            assert!(!grew, "{:?}: {}: {:?} → {:?}", coverage[at], old.id, old.tally, new.tally);
        }
    }
}
