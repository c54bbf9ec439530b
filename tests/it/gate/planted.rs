//! Generated plans whose violations and unknowns are known (`gen_plan.py`).

use std::collections::BTreeMap;
use std::process::Command;

use portcullis::collect::terraform;
use portcullis::finding::Outcome;
use portcullis::gate::overlay::{Options, predict};
use serde_json::Value;

use super::{oracle, said};

/// What the generator plants, and the check that must find it.
const PLANTED: [(&str, &str); 5] = [
    ("sg_ssh_world", "ec2-security-group-no-public-admin-ports"),
    ("imds_v1", "ec2-instance-imdsv2-required"),
    ("public_ip", "ec2-instance-no-public-ip"),
    ("trust_star", "iam-role-trust-no-any-principal"),
    ("s3_public_acl", "s3-bucket-acl-not-public"),
];
/// What it hides, and the check that must say so.
const HIDDEN: [(&str, &str); 2] = [
    ("unknown_http_tokens", "ec2-instance-imdsv2-required"),
    ("unknown_acl", "s3-bucket-acl-not-public"),
];

/// A plan of so many resources, and what was planted in it.
fn generated(arguments: &[&str]) -> Option<(String, Value)> {
    let script = oracle("../tools/gen_plan.py")?;
    let output = Command::new("python3").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let truth = serde_json::from_slice(&output.stderr).unwrap();
    Some((String::from_utf8(output.stdout).unwrap(), truth))
}

fn count(text: &str) -> BTreeMap<(String, Outcome), u64> {
    let input = terraform::parse(text).unwrap();
    let set = terraform::read(&input, &terraform::Options::default()).unwrap();
    let predicted = predict(None, set, &Options::default());
    let stated: std::collections::BTreeSet<_> = predicted
        .origins
        .keys()
        .map(|key| (key.kind, key.account.to_string(), key.region.to_string(), key.id.clone()))
        .collect();
    let mut out = BTreeMap::new();
    let all = said(predicted.after, |kind, account, region, id| {
        let key = portcullis::model::kinds::kind_named(kind)?.name;
        let whole = (key, account.to_owned(), region.to_owned(), id.to_owned());
        stated.contains(&whole).then(|| id.to_owned())
    });
    for ((check, _), (outcome, _)) in all {
        *out.entry((check, outcome)).or_default() += 1;
    }
    out
}

#[test]
fn what_is_planted_is_found_and_what_is_hidden_is_unknown() {
    for arguments in [
        &["-n", "400", "--violations", "0.2"][..],
        &[
            "-n",
            "400",
            "--violations",
            "0.3",
            "--modules",
            "0.3",
            "--unknown",
            "0.2",
            "--seed",
            "7",
        ],
        &[
            "-n",
            "200",
            "--violations",
            "0.5",
            "--modules",
            "1",
            "--unknown",
            "0.5",
            "--indent",
            "1",
            "--no-prior",
        ],
    ] {
        let Some((plan, truth)) = generated(arguments) else { return };
        let found = count(&plan);
        println!("{arguments:?}: {truth}");
        for (planted, check) in PLANTED {
            let fails = found.get(&(check.to_owned(), Outcome::Fail)).copied().unwrap_or(0);
            assert_eq!(Some(fails), truth[planted].as_u64(), "{check} fails, {arguments:?}");
        }
        for (hidden, check) in HIDDEN {
            let open = found.get(&(check.to_owned(), Outcome::Unknown)).copied().unwrap_or(0);
            assert_eq!(Some(open), truth[hidden].as_u64(), "{check} unknown, {arguments:?}");
        }
    }
}
