//! What scores promise, held over arbitrary tallies; and the roll-up of frameworks with records.

use std::collections::BTreeMap;

use portcullis::assess::{Assessment, CheckResult, InventorySummary, Undetermined};
use portcullis::attestation::Records;
use portcullis::clock::{self, Time};
use portcullis::diag::Diagnostics;
use portcullis::finding::{Severity, Tally};
use portcullis::framework::{Library, ResolvedFramework};
use portcullis::model::{Completeness, CoverageEntry};
use portcullis::posture::{
    ControlState, FrameworkResult, Posture, Score, Weighed, roll_up, score, severity_weight,
};
use portcullis::span::SourceFile;
use proptest::prelude::*;

/// How far two sums of the same numbers in another order may differ.
const NEAR: f64 = 1e-5;

#[derive(Debug, Clone)]
struct Case {
    id: String,
    severity: Severity,
    tally: Tally,
}

fn tally() -> impl Strategy<Value = Tally> {
    let count = || prop_oneof![3 => Just(0_u64), 5 => 0_u64..7, 1 => 0_u64..2000];
    (count(), count(), count(), count(), count()).prop_map(
        |(pass, waived, fail, unknown, not_applicable)| Tally {
            pass,
            waived,
            fail,
            unknown,
            not_applicable,
        },
    )
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let severity = prop::sample::select(Severity::ALL.to_vec());
    prop::collection::vec((severity, tally()), 1..14).prop_map(|list| {
        let cases = list.into_iter().enumerate();
        cases.map(|(i, (severity, tally))| Case { id: format!("C-{i}"), severity, tally }).collect()
    })
}

fn scored(cases: &[Case]) -> Score {
    let weighed: Vec<_> = cases
        .iter()
        .map(|c| Weighed {
            id: &c.id,
            severity: c.severity,
            weight: severity_weight(c.severity),
            tally: c.tally,
            state: ControlState::Satisfied,
            open: false,
        })
        .collect();
    score(&weighed)
}

fn field(tally: &mut Tally, which: usize) -> &mut u64 {
    match which {
        0 => &mut tally.pass,
        1 => &mut tally.waived,
        2 => &mut tally.fail,
        _ => &mut tally.unknown,
    }
}
const PASS: usize = 0;
const WAIVED: usize = 1;
const FAIL: usize = 2;
const UNKNOWN: usize = 3;

/// The score after one evaluation of one control has changed its outcome, where there is one to change.
fn moved(cases: &[Case], at: usize, from: usize, to: usize) -> Option<Score> {
    let mut cases = cases.to_vec();
    let at = at % cases.len();
    let tally = &mut cases[at].tally;
    if *field(tally, from) == 0 {
        return None;
    }
    *field(tally, from) -= 1;
    *field(tally, to) += 1;
    Some(scored(&cases))
}

/// `after` is nowhere above `before`; no rating at all is below every rating.
fn not_above(after: &Score, before: &Score) -> bool {
    !after.rated
        || (before.rated && after.gross <= before.gross + NEAR && after.net <= before.net + NEAR)
}

fn config(cases: u32) -> ProptestConfig {
    // What fails is shown; nothing is written into the source tree.
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn gross_net_and_best_are_in_order(cases in cases()) {
        let s = scored(&cases);
        prop_assert!(s.gross <= s.net + NEAR && s.net <= s.best + NEAR, "{s:?}");
        prop_assert!((0.0..=100.0).contains(&s.gross) && (0.0..=100.0).contains(&s.best));
        prop_assert!((0.0..=100.0).contains(&s.coverage));
        prop_assert!(s.net <= s.gross + 10.0 + NEAR);
        for cap in &s.caps {
            prop_assert!(!s.rated || s.net <= cap.limit + NEAR, "{s:?}");
        }
    }

    #[test]
    fn fixing_never_lowers(cases in cases(), at in 0_usize..14) {
        let before = scored(&cases);
        for from in [FAIL, UNKNOWN] {
            if let Some(after) = moved(&cases, at, from, PASS) {
                prop_assert!(not_above(&before, &after), "{before:?} {after:?}");
                if before.rated && after.rated && from == FAIL {
                    prop_assert!(after.best >= before.best - NEAR);
                }
            }
        }
    }

    #[test]
    fn losing_evidence_never_raises(cases in cases(), at in 0_usize..14) {
        let before = scored(&cases);
        for from in [PASS, FAIL, WAIVED] {
            if let Some(after) = moved(&cases, at, from, UNKNOWN) {
                prop_assert!(not_above(&after, &before), "{from}: {before:?} {after:?}");
                prop_assert!(after.coverage <= before.coverage, "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn a_waiver_leaves_gross_and_lapses_back(cases in cases(), at in 0_usize..14) {
        let before = scored(&cases);
        if let Some(waived) = moved(&cases, at, FAIL, WAIVED) {
            prop_assert!((waived.gross - before.gross).abs() < NEAR);
            prop_assert!((waived.coverage - before.coverage).abs() < NEAR);
            prop_assert!(waived.net >= before.net - NEAR);
        }
        // Once every waiver has lapsed, nothing is left between net and gross.
        let mut lapsed = cases.clone();
        for case in &mut lapsed {
            case.tally.fail += std::mem::take(&mut case.tally.waived);
        }
        let after = scored(&lapsed);
        prop_assert!((after.net - after.gross).abs() < NEAR);
        prop_assert!((after.gross - before.gross).abs() < NEAR);
    }

    #[test]
    fn order_does_not_matter(cases in cases(), seed in any::<u64>()) {
        let mut other = cases.clone();
        other.sort_by_key(|c| {
            let number: u64 = c.id[2..].parse().unwrap();
            (number.wrapping_add(1)).wrapping_mul(seed | 1)
        });
        let (a, b) = (scored(&cases), scored(&other));
        prop_assert_eq!(a.rated, b.rated);
        prop_assert!((a.net - b.net).abs() < NEAR && (a.gross - b.gross).abs() < NEAR);
        prop_assert!((a.coverage - b.coverage).abs() < NEAR);
        prop_assert_eq!(a.grade, b.grade);
    }

    #[test]
    fn more_good_resources_open_no_gate(cases in cases(), at in 0_usize..14, more in 1_u64..100_000) {
        let before = scored(&cases);
        let mut diluted = cases.clone();
        let at = at % cases.len();
        if diluted[at].tally.applicable() > 0 {
            diluted[at].tally.pass += more;
            let after = scored(&diluted);
            let controls = |s: &Score, what: &str| -> usize {
                s.caps.iter().filter(|c| c.name.contains(what)).map(|c| c.controls.len()).sum()
            };
            prop_assert_eq!(controls(&before, "critical"), controls(&after, "critical"));
            prop_assert_eq!(controls(&before, "high"), controls(&after, "high"));
        }
    }

}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn the_roll_up_hides_nothing(tallies in prop::collection::vec(tally(), 6), lost in 0_usize..6) {
        let frameworks = [framework(POLICY)];
        let at = "2026-03-01";
        let whole = posture(&assessment(&tallies), &frameworks, &Records::default(), at);
        // A check that is not in the run is undetermined, whatever it would have said.
        let mut fewer = assessment(&tallies);
        if tallies[lost].unknown == 0 {
            fewer.checks.remove(lost);
            let after = posture(&fewer, &frameworks, &Records::default(), at);
            prop_assert!(not_above(&after.frameworks[0].score, &whole.frameworks[0].score));
        }
        // An account that may not be looked at counts as one unknown, however much it would have said.
        let mut denied = assessment(&tallies);
        let check = &mut denied.checks[lost];
        check.tally = Tally { unknown: check.tally.unknown + 1, fail: 0, waived: 0, ..check.tally };
        check.undetermined.push(Undetermined {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            cause: "DescribeVpcs: AccessDenied".into(),
        });
        let after = posture(&denied, &frameworks, &Records::default(), at);
        prop_assert!(not_above(&after.frameworks[0].score, &whole.frameworks[0].score));
        // The same controls in one section make the same score.
        let regrouped = framework(&POLICY.replace("  - id: B\n    title: Second\n    controls:\n", ""));
        let other = posture(&assessment(&tallies), &[regrouped], &Records::default(), at);
        prop_assert_eq!(&other.frameworks[0].score, &whole.frameworks[0].score);
    }
}

#[test]
fn nothing_is_not_rated() {
    assert!(!scored(&[]).rated);
    let only_na = Tally { not_applicable: 5, ..Tally::default() };
    let s = scored(&[Case { id: "C-0".into(), severity: Severity::High, tally: only_na }]);
    assert!(!s.rated && s.gross == 0.0, "{s:?}");
}

const POLICY: &str = "\
version: 1
framework: base
release: '1'
title: Base
parameters:
  days: {type: int, default: 90, min: 1, max: 365, tighten: lower, doc: days}
sections:
  - id: A
    title: First
    controls:
      - {id: A-1, title: one, severity: critical, assurance: auto, checks: [c0, c0], params: [days]}
      - {id: A-2, title: two, severity: high, assurance: auto, checks: [c1, c2]}
  - id: B
    title: Second
    controls:
      - {id: B-1, title: three, severity: medium, assurance: auto, checks: [c3]}
      - {id: B-2, title: four, severity: low, assurance: auto, checks: [c4, c5]}
";

const READINESS: &str = "\
version: 1
framework: ready
release: '1'
title: Ready
kind: readiness
sections:
  - id: GV
    title: Govern
    controls:
      - id: R-1
        title: Is there a plan?
        severity: high
        assurance: attest
        attestation: {what: the plan, fresh_days: 365, document: true}
      - id: R-2
        title: Is it practised?
        severity: high
        assurance: mixed
        checks: [c0]
        attestation: {what: the method, fresh_days: 365}
        exercises: [{what: a drill, kinds: [tabletop, incident], fresh_days: 180}]
      - id: R-3
        title: Do the measures stand?
        severity: critical
        assurance: auto
        posture: {framework: base, sections: [A], coverage_min: 95}
      - id: R-4
        title: Are there detectors?
        severity: medium
        assurance: auto
        gap: no collector
";

fn framework(text: &str) -> ResolvedFramework {
    resolved(&[text], "").unwrap_or_else(|shown| panic!("{shown}"))
}

/// Resolves the last of some files, or the id where one is given.
fn resolved(texts: &[&str], id: &str) -> Result<ResolvedFramework, String> {
    let files: Vec<_> = texts.iter().map(|t| SourceFile::new("framework.yaml", *t)).collect();
    let mut diagnostics = Diagnostics::default();
    let library = Library::load(&files, &mut diagnostics);
    let last = texts.last().unwrap();
    let named =
        last.lines().find_map(|l| l.strip_prefix("overlay: ").or(l.strip_prefix("framework: ")));
    let id = if id.is_empty() { named.unwrap() } else { id };
    let resolved = library.resolve(id, &mut diagnostics);
    resolved.filter(|_| !diagnostics.has_errors()).ok_or_else(|| diagnostics.render(false))
}

fn assessment(tallies: &[Tally]) -> Assessment {
    let checks = tallies.iter().enumerate().map(|(i, tally)| CheckResult {
        id: format!("c{i}"),
        title: String::new(),
        severity: Severity::High,
        kind: "aws.ec2.vpc".into(),
        tally: *tally,
        by_account: BTreeMap::new(),
        params: BTreeMap::new(),
        undetermined: Vec::new(),
    });
    Assessment {
        at: Time::default(),
        tool: "test".into(),
        inventory: InventorySummary {
            accounts: vec!["111122223333".parse().unwrap()],
            ..InventorySummary::default()
        },
        coverage: Vec::new(),
        checks: checks.collect(),
        findings: Vec::new(),
        waivers: Vec::new(),
    }
}

fn posture(
    a: &Assessment,
    frameworks: &[ResolvedFramework],
    records: &Records,
    at: &str,
) -> Posture {
    roll_up(a, frameworks, records, clock::parse(at).unwrap())
}

fn pass(count: u64) -> Tally {
    Tally { pass: count, ..Tally::default() }
}

fn records(text: &str) -> Records {
    let mut diagnostics = Diagnostics::default();
    let records = Records::load(&[SourceFile::new("ir/records.yaml", text)], &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(false));
    let digest = "ab".repeat(32);
    let digests =
        records.documents().iter().map(|path| ((*path).to_owned(), Ok(digest.clone()))).collect();
    records.with_digests(digests)
}

fn state<'a>(framework: &'a FrameworkResult, id: &str) -> (ControlState, &'a str) {
    let control = framework.controls.iter().find(|c| c.id == id).unwrap();
    (control.state, control.reason.as_deref().unwrap_or(""))
}

fn attest(more: &str) -> String {
    let digest = "ab".repeat(32);
    format!(
        "version: 1\nattestations:\n  - id: ATT-1\n    items: [R-1]\n    answer: yes\n    statement: it stands\n    \
         owner: a@x\n    approved_by: b@x\n    reviewed_on: 2026-01-01\n    \
         document: {{title: plan, version: '4', uri: 'file:plan.md', sha256: {digest}}}\n{more}"
    )
}

#[test]
fn records_lapse_change_and_are_refused() {
    let all = [framework(POLICY), framework(READINESS)];
    let a = assessment(&[pass(3); 6]);
    let of = |records: &Records, at: &str| {
        let posture = posture(&a, &all, records, at);
        let (state, reason) = state(&posture.frameworks[1], "R-1");
        (state, reason.to_owned(), posture.refused_records)
    };
    let good = records(&attest(""));
    assert_eq!(of(&good, "2027-01-01").0, ControlState::Satisfied);
    let (lapsed, why, _) = of(&good, "2027-01-02");
    assert_eq!(lapsed, ControlState::Failed);
    assert!(why.contains("lapsed on 2027-01-01"), "{why}");

    let path = "ir/plan.md".to_owned();
    let changed = good.clone().with_digests([(path.clone(), Ok("cd".repeat(32)))].into());
    assert!(of(&changed, "2026-02-01").1.contains("changed after review"));
    let gone = good.clone().with_digests([(path, Err("no such file".into()))].into());
    let (gone, why, _) = of(&gone, "2026-02-01");
    assert_eq!((gone, why.contains("no such file")), (ControlState::Undetermined, true));

    for (from, to, refusal) in [
        ("approved_by: b@x", "approved_by: ' A@X'", "approves their own"),
        ("reviewed_on: 2026-01-01", "reviewed_on: 2026-06-01", "in the future"),
        (
            "reviewed_on: 2026-01-01",
            "reviewed_on: 2026-01-01\n    expires_on: 2027-02-01",
            "365 are allowed",
        ),
        ("items: [R-1]", "items: [R-1, R-9]", "`R-9` is not a control"),
    ] {
        let (_, _, refused) = of(&records(&attest("").replace(from, to)), "2026-02-01");
        assert!(refused.iter().any(|r| r.contains(refusal)), "{refusal}: {refused:?}");
    }
}

#[test]
fn an_item_is_as_good_as_its_worst_half() {
    let all = [framework(POLICY), framework(READINESS)];
    let text = attest("").replace("items: [R-1]", "items: [R-1, R-2]");
    let a = assessment(&[pass(3); 6]);
    let paper = posture(&a, &all, &records(&text), "2026-02-01");
    let ready = &paper.frameworks[1];
    assert_eq!(state(ready, "R-2").0, ControlState::Failed);
    assert!(state(ready, "R-2").1.contains("not exercised"), "{:?}", state(ready, "R-2"));
    let section = &ready.sections[0];
    assert_eq!(section.documented, Some(100.0));
    assert!(section.proved.unwrap() < 90.0, "{section:?}");

    let drill = |met: bool| {
        let exercise = format!(
            "exercises:\n  - {{id: EX-1, kind: tabletop, items: [R-2], held_on: 2026-01-20, approved_by: c@x, \
             participants: [{{role: lead, person: a@x}}], objectives: [{{id: O1, text: declare, met: {met}}}]}}\n"
        );
        records(&format!("{text}{exercise}"))
    };
    let done = posture(&a, &all, &drill(true), "2026-02-01");
    assert_eq!(state(&done.frameworks[1], "R-2").0, ControlState::Satisfied);
    let partly = posture(&a, &all, &drill(false), "2026-02-01");
    let control = partly.frameworks[1].controls.iter().find(|c| c.id == "R-2").unwrap();
    assert_eq!((control.tally.pass, control.tally.fail), (1, 1));

    let mut broken = a.clone();
    broken.checks[0].tally.fail = 1;
    let broken = posture(&broken, &all, &drill(true), "2026-02-01");
    let control = broken.frameworks[1].controls.iter().find(|c| c.id == "R-2").unwrap();
    assert_eq!((control.tally.pass, control.tally.fail), (0, 1));
}

#[test]
fn one_frameworks_state_is_evidence_in_another() {
    // The importing framework comes first on purpose.
    let all = [framework(READINESS), framework(POLICY)];
    let of = |tallies: &[Tally]| {
        let posture = posture(&assessment(tallies), &all, &Records::default(), "2026-02-01");
        assert_eq!(posture.frameworks[0].id, "ready");
        let (state, reason) = state(&posture.frameworks[0], "R-3");
        (state, reason.to_owned())
    };
    assert_eq!(of(&[pass(3); 6]).0, ControlState::Satisfied);
    let mut tallies = [pass(3); 6];
    tallies[0].fail = 1;
    assert!(of(&tallies).1.contains("A-1"));
    tallies[0] = Tally { unknown: 1, ..pass(3) };
    assert_eq!(of(&tallies).0, ControlState::Undetermined);
    tallies[0] = Tally { waived: 1, ..pass(3) };
    assert_eq!(of(&tallies).0, ControlState::Accepted);
    let alone = posture(&assessment(&tallies), &all[..1], &Records::default(), "2026-02-01");
    assert!(state(&alone.frameworks[0], "R-3").1.contains("not part of this run"));
}

#[test]
fn gaps_are_undetermined_and_named() {
    let posture = posture(
        &assessment(&[pass(3); 6]),
        &[framework(READINESS)],
        &Records::default(),
        "2026-02-01",
    );
    let ready = &posture.frameworks[0];
    assert_eq!(state(ready, "R-4"), (ControlState::Gap, "no collector"));
    assert_eq!(ready.score.states[&ControlState::Gap], 1);
    // A check that is named twice counts once.
    let policy = roll_up(
        &assessment(&[pass(3); 6]),
        &[framework(POLICY)],
        &Records::default(),
        clock::parse("2026-02-01").unwrap(),
    );
    assert_eq!(policy.frameworks[0].controls[0].tally.pass, 3);
    assert_eq!(policy.frameworks[0].score.grade, "A");
}

const OVERLAY: &str = "\
version: 1
overlay: acme
release: '3'
extends: base
set: {days: 30}
scopes:
  - {environments: [prod], set: {days: 7}}
tailor:
  - {control: B-1, decision: not-in-scope, reason: no such thing, owner: a@x, approved_by: b@x, review_by: 2026-06-30}
checks:
  - {check: c4, disabled: true, reason: noisy, owner: a@x, approved_by: b@x}
  - {check: c5, severity: low, reason: small, owner: a@x, approved_by: b@x}
evidence:
  - {control: A-2, attestation: {what: by hand, fresh_days: days}}
";

#[test]
fn overlays_fit_a_framework() {
    let acme = resolved(&[POLICY, OVERLAY], "").unwrap();
    assert_eq!(acme.version, "1 with acme 3");
    let settings = portcullis::framework::CheckSettings::of(std::slice::from_ref(&acme));
    let days = &settings.get("c0").unwrap().params["days"];
    let account = "111122223333".parse().unwrap();
    assert_eq!(days.at(&account, Some("dev")).value, 30);
    assert_eq!(days.at(&account, Some("prod")).value, 7);
    assert!(days.at(&account, Some("prod")).origin.contains("environments prod"));
    assert!(settings.selects("c0") && !settings.selects("c4") && !settings.selects("c9"));
    assert_eq!(settings.get("c5").unwrap().severity.as_ref().unwrap().0, Severity::Low);

    let a = assessment(&[pass(3); 6]);
    let now = posture(&a, std::slice::from_ref(&acme), &Records::default(), "2026-06-30");
    let result = &now.frameworks[0];
    assert_eq!(state(result, "B-1").0, ControlState::NotApplicable);
    assert!(state(result, "B-1").1.contains("no such thing"));
    assert_eq!(state(result, "B-2").0, ControlState::Undetermined);
    assert!(state(result, "B-2").1.contains("noisy"));
    assert_eq!(state(result, "A-2").0, ControlState::Failed);
    let later = posture(&a, &[acme], &Records::default(), "2026-07-01");
    assert_eq!(state(&later.frameworks[0], "B-1").0, ControlState::Satisfied);
    assert!(later.refused_records[0].contains("lapsed on 2026-06-30"));
}

#[test]
fn mistakes_in_overlays_are_shown() {
    let head = "version: 1\noverlay: acme\nrelease: '3'\nextends: base\n";
    for (body, shown) in [
        ("set: {days: 91}", "this loosens `days` from 90 to 91"),
        ("set: {dais: 9}", "did you mean `days`?"),
        ("set: {days: many}", "of type int"),
        (
            "loosen: [{parameter: days, value: 400, reason: r, owner: a, approved_by: b}]",
            "may not be over 365",
        ),
        (
            "loosen: [{parameter: days, value: 100, reason: r, owner: a, approved_by: A}]",
            "approves their own",
        ),
        ("tailor: [{control: A-11, severity: low}]", "did you mean `A-1`?"),
        ("tailor: [{control: A-1, severity: low}]", "needs reason, owner and approver"),
        ("tailor: [{control: A-1, weight: 0}]", "a weight lies above 0"),
        ("scopes: [{set: {days: 1}}]", "neither accounts nor environments"),
        ("scopes: [{accounts: ['12'], set: {days: 1}}]", "12 digits"),
        ("sett: {days: 1}", "did you mean `set`?"),
        ("evidence: [{control: A-1}]", "nothing is added"),
        (
            "add: [{id: A, controls: [{id: A-1, title: t, severity: low, assurance: auto, gap: g}]}]",
            "exists already",
        ),
    ] {
        let text = format!("{head}{body}\n");
        let found = resolved(&[POLICY, &text], "").unwrap_err();
        assert!(found.contains(shown), "{body}\n{found}");
        assert!(found.contains("framework.yaml:"), "{found}");
    }
    let loosened = format!(
        "{head}loosen: [{{parameter: days, value: 100, reason: r, owner: a, approved_by: b}}]\n"
    );
    assert_eq!(resolved(&[POLICY, &loosened], "").unwrap().value("days").unwrap(), 100);
}

#[test]
fn circles_and_strangers_are_named() {
    let one = "version: 1\noverlay: one\nrelease: '1'\nextends: two\n";
    let two = "version: 1\noverlay: two\nrelease: '1'\nextends: one\n";
    let found = resolved(&[one, two], "one").unwrap_err();
    assert!(found.contains("one → two → one"), "{found}");
    let own = "version: 1\noverlay: own\nrelease: '1'\nextends: own\n";
    assert!(resolved(&[own], "").unwrap_err().contains("own → own"));
    let lost = "version: 1\noverlay: lost\nrelease: '1'\nextends: bace\n";
    assert!(resolved(&[POLICY, lost], "").unwrap_err().contains("did you mean `base`?"));
    let twice = resolved(&[POLICY, POLICY], "").unwrap_err();
    assert!(twice.contains("is the id of"), "{twice}");
    assert!(resolved(&["version: 1\nfoo: 1\nframework: x\n"], "").is_err());
}

#[test]
fn the_inventorys_own_completeness_is_evidence() {
    let text = "version: 1\nframework: g\nrelease: '1'\ntitle: G\nparameters:\n  \
                max_inventory_age_hours: {type: int, default: 24, doc: hours}\n  \
                scope_accounts: {type: list(string), default: ['111122223333'], doc: accounts}\n\
                sections:\n  - id: G\n    title: G\n    controls:\n      \
                - {id: G-1, title: t, severity: high, assurance: auto, builtin: [coverage, waivers]}\n";
    let g = [framework(text)];
    let mut a = assessment(&[]);
    a.inventory.created = Time(clock::parse("2026-02-01").unwrap());
    a.coverage.push(CoverageEntry {
        source: "aws".into(),
        account: "111122223333".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        kind: "aws.ec2.vpc".into(),
        status: Completeness::Complete,
        reason: None,
        count: 3,
    });
    let state_at = |a: &Assessment, at: &str| {
        let posture = posture(a, &g, &Records::default(), at);
        state(&posture.frameworks[0], "G-1").0
    };
    assert_eq!(state_at(&a, "2026-02-01T23:00:00Z"), ControlState::Satisfied);
    assert_eq!(state_at(&a, "2026-02-03"), ControlState::Failed);
    a.coverage[0].status = Completeness::Denied;
    assert_eq!(state_at(&a, "2026-02-01T23:00:00Z"), ControlState::Failed);
    a.coverage.clear();
    assert_eq!(state_at(&a, "2026-02-01T23:00:00Z"), ControlState::Undetermined);
}
