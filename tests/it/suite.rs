//! The built-in checks: all of them are whole, their cases agree, and their cases would notice a wrong rule.

use std::collections::BTreeSet;
use std::path::Path;

use portcullis::check::{Check, Rule, Suite, lint};
use portcullis::diag::Diagnostics;
use portcullis::span::SourceFile;
use portcullis::standards::Standards;
use rayon::prelude::*;

/// The share of seeded faults that cases must notice, in per cent.
const NOTICED_PERCENT_MIN: usize = 95;

fn suite() -> Suite {
    let mut diagnostics = Diagnostics::default();
    let suite = Suite::builtin(&mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    suite
}

#[test]
fn every_file_is_a_check() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let ids: BTreeSet<String> = suite().iter().map(|check| check.id.clone()).collect();
    assert_eq!(ids, files);
    assert!(ids.len() >= 80, "only {} checks", ids.len());
}

#[test]
fn every_check_is_whole() {
    let mut diagnostics = Diagnostics::default();
    let standards = Standards::builtin(&mut diagnostics).unwrap();
    for check in suite().iter() {
        lint(check, &standards, &mut diagnostics);
    }
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
}

#[test]
fn every_case_agrees() {
    let wrong: Vec<String> = suite().iter().flat_map(disagreements).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn disagreements(check: &Check) -> Vec<String> {
    check
        .cases()
        .iter()
        .filter_map(|case| match check.run_case(case) {
            Ok(report) if report.agrees() => None,
            Ok(report) => Some(format!(
                "{}: {}: expected {}, got {}",
                check.id,
                report.name,
                report.expect.words(),
                report.outcome.words()
            )),
            Err(problem) => Some(format!("{}: {}: {problem}", check.id, case.name)),
        })
        .collect()
}

/// A check whose rule says the opposite must be noticed by its cases, and so must one that never or always fails.
#[test]
fn an_inverted_rule_is_noticed() {
    let missed: Vec<String> = suite()
        .iter()
        .flat_map(|check| {
            let inverted: Vec<(&str, String)> = match check.rule {
                Rule::Assert(_) => vec![("assert", format!("!({})", check.rule_text))],
                Rule::Offenders(_) => vec![
                    ("assert", "true".to_owned()),
                    ("assert", "false".to_owned()),
                    ("assert", format!("({}).size() > 0", check.rule_text)),
                ],
            };
            inverted.into_iter().filter_map(|(key, text)| {
                let mutant = with_rule(check, key, &text).expect("the inverted rule is valid");
                disagreements(&mutant).is_empty().then(|| format!("{}: {text}", check.id))
            })
        })
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A check that applies to exactly the wrong resources, or to all, must be noticed.
#[test]
fn a_wrong_scope_is_noticed() {
    let missed: Vec<String> = suite()
        .iter()
        .filter_map(|check| Some((check, check.when_text.as_deref()?)))
        .flat_map(|(check, when)| {
            let scopes = [format!("!({when})"), "true".to_owned()];
            scopes.into_iter().filter_map(|scope| {
                let mutant = with_scope(check, &scope).expect("the other scope is valid");
                disagreements(&mutant).is_empty().then(|| format!("{}: {scope}", check.id))
            })
        })
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Each operator of a rule exchanged for another, one at a time: most of these faults must be noticed.
#[test]
fn seeded_faults_are_noticed() {
    let suite = suite();
    let checks: Vec<&Check> = suite.iter().collect();
    let outcomes: Vec<(String, bool)> =
        checks.par_iter().flat_map_iter(|check| seeded(check)).collect();
    let noticed = outcomes.iter().filter(|(_, noticed)| *noticed).count();
    let missed: Vec<&str> =
        outcomes.iter().filter(|(_, noticed)| !noticed).map(|(what, _)| what.as_str()).collect();
    let percent = noticed * 100 / outcomes.len();
    println!("{noticed} of {} seeded faults noticed ({percent} %)", outcomes.len());
    println!("{}", missed.join("\n"));
    assert!(percent >= NOTICED_PERCENT_MIN, "{percent} % of seeded faults noticed");
}

/// Each fault that still makes a valid check, and whether a case notices it.
fn seeded(check: &Check) -> Vec<(String, bool)> {
    const EXCHANGES: [(&str, &str); 9] = [
        (" && ", " || "),
        (" || ", " && "),
        (" == ", " != "),
        (" != ", " == "),
        (" <= ", " > "),
        (" < ", " >= "),
        (" > ", " <= "),
        (".exists(", ".all("),
        ("!", ""),
    ];
    let key = match check.rule {
        Rule::Assert(_) => "assert",
        Rule::Offenders(_) => "offenders",
    };
    let text = one_line(&check.rule_text);
    let mut out = Vec::new();
    for (from, to) in EXCHANGES {
        for (at, _) in text.match_indices(from) {
            let (before, after) = (&text[..at], &text[at + from.len()..]);
            if from == "!" && after.starts_with('=') {
                continue;
            }
            let fault = format!("{before}{to}{after}");
            if let Some(mutant) = with_rule(check, key, &fault) {
                let around: String = text[at..].chars().take(60).collect();
                let what = format!("{}: `{from}` → `{to}` at `{around}`", check.id);
                out.push((what, !disagreements(&mutant).is_empty()));
            }
        }
    }
    out
}

/// The check with another condition for applying, if that is valid.
fn with_scope(check: &Check, scope: &str) -> Option<Check> {
    let text = &check.file.text;
    let start = text.find("\nwhen:").unwrap();
    let rule = rule_start(text);
    let mutant = format!("{}\nwhen: >-\n  {}{}", &text[..start], one_line(scope), &text[rule..]);
    Check::read(&SourceFile::new(&*check.file.path, mutant), &mut Diagnostics::default())
}

/// Where the line of the rule begins, the line break before it included.
fn rule_start(text: &str) -> usize {
    ["\noffenders:", "\nassert:"].iter().find_map(|key| text.find(key)).unwrap()
}

/// The check with another rule, if that is valid.
fn with_rule(check: &Check, key: &str, rule: &str) -> Option<Check> {
    let text = &check.file.text;
    let start = rule_start(text);
    let end = start + text[start..].find("\nmessage:").unwrap();
    // The message may speak of offenders that the other form does not have.
    let after = text[end + 1..].split_once('\n').unwrap().1;
    let message =
        if key == "assert" { "message: broken".to_owned() } else { message_of(text, end) };
    let mutant = format!("{}\n{key}: >-\n  {}\n{message}\n{after}", &text[..start], one_line(rule));
    let mut diagnostics = Diagnostics::default();
    Check::read(&SourceFile::new(&*check.file.path, mutant), &mut diagnostics)
}

fn message_of(text: &str, end: usize) -> String {
    text[end + 1..].lines().next().unwrap().to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
