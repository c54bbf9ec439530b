//! What a gate says in each format: as people see it, valid against the schemas of others, and safe from the names in it.

#![expect(clippy::print_stderr, reason = "what is skipped is told")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use portcullis::finding::Outcome;
use portcullis::gate::Class;
use portcullis::report::gate::{self, Format, json};
use serde_json::Value;

mod fixture;

fn render(case: &fixture::Case, format: Format) -> String {
    let mut out = Vec::new();
    gate::write(&case.view(), format, &mut out).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(out).unwrap()
}

/// A schema that somebody else publishes, from the folder that `PORTCULLIS_SCHEMAS` names (default:
/// `../shared/schemas` beside the project); says so where there is none.
fn foreign_schema(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PORTCULLIS_SCHEMAS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: no schema at {} (set PORTCULLIS_SCHEMAS)", path.display());
    None
}

#[test]
fn terminal() {
    insta::assert_snapshot!("gate_terminal", render(&fixture::rich(), Format::Terminal));
    insta::assert_snapshot!("gate_terminal_nothing", render(&fixture::nothing(), Format::Terminal));
    insta::assert_snapshot!("gate_terminal_broken", render(&fixture::broken(), Format::Terminal));
    let mut case = fixture::rich();
    case.options.verbose = true;
    case.options.written = vec!["gate.sarif".to_owned()];
    case.options.width = 72;
    insta::assert_snapshot!("gate_terminal_verbose", render(&case, Format::Terminal));
    insta::assert_snapshot!("gate_terminal_hostile", render(&fixture::hostile(), Format::Terminal));
}

#[test]
fn terminal_lines_fit() {
    for width in [60, 80, 100, 200] {
        let mut case = fixture::rich();
        case.options.width = width;
        case.options.verbose = true;
        for line in render(&case, Format::Terminal).lines() {
            // A single word may be longer than a line: addresses are not cut.
            let words = line.trim_start().contains(' ');
            let n = line.chars().count();
            assert!(n <= usize::from(width) || !words, "{width}: {n}: {line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let mut case = fixture::rich();
    case.options.verbose = true;
    let plain = render(&case, Format::Terminal);
    case.options.color = true;
    let colored = render(&case, Format::Terminal);
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
}

#[test]
fn markdown() {
    insta::assert_snapshot!("gate_markdown", render(&fixture::rich(), Format::Markdown));
    insta::assert_snapshot!("gate_markdown_nothing", render(&fixture::nothing(), Format::Markdown));
    insta::assert_snapshot!("gate_markdown_hostile", render(&fixture::hostile(), Format::Markdown));
}

/// What a forge would make something of stands nowhere outside our own markup.
#[test]
fn names_are_no_markdown() {
    for format in [Format::Markdown, Format::StepSummary] {
        let text = render(&fixture::hostile(), format);
        let mut fence: Option<String> = None;
        let mut outside = String::new();
        for line in text.lines() {
            let bare = line.trim_start();
            if let Some(open) = &fence {
                if bare == open {
                    fence = None;
                }
                continue;
            }
            if bare.starts_with("```") {
                fence = Some(bare.chars().take_while(|c| *c == '`').collect());
                continue;
            }
            outside.push_str(line);
            let line = &line.replace("\\](", "");
            for word in ["<script", "<img", "<h1", "@octocat", "://", "www.", "](", "`"] {
                assert!(!line.contains(word), "{format}: {word}: {line}");
            }
            if line.starts_with('|') {
                assert_eq!(line.matches('|').count(), 4, "{line}");
            }
        }
        assert_eq!(fence, None);
        let count = |tag: &str| outside.matches(tag).count();
        assert_eq!(count("<details>"), count("</details>"));
        assert_eq!(count("<code>"), count("</code>"));
    }
}

#[test]
fn comments_have_one_anchor_that_only_the_key_changes() {
    let mut case = fixture::rich();
    let first =
        |case: &fixture::Case| render(case, Format::Markdown).lines().next().unwrap().to_owned();
    assert_eq!(first(&case), "<!-- portcullis:gate:infra/prod -->");
    case.report.findings.clear();
    assert_eq!(first(&case), "<!-- portcullis:gate:infra/prod -->");
    // Others may stand in blocks of code, never at the beginning: that is where a comment is known by.
    let hostile = first(&fixture::hostile());
    assert_eq!(hostile.matches("<!--").count(), 1);
    assert!(hostile.ends_with(" -->") && hostile.matches("--").count() == 2, "{hostile}");
    assert!(!render(&case, Format::StepSummary).contains("<!-- portcullis"));
}

#[test]
fn comments_are_cut_with_a_word_about_it() {
    for n in [0, 15, 16, 60, 5_000] {
        let case = fixture::bulk(n);
        let text = render(&case, Format::Markdown);
        assert!(text.len() <= 65_536, "{n}: {}", text.len());
        let shown = text.matches("  - fingerprint ").count();
        if shown < n {
            let lost = portcullis::report::text::count((n - shown) as u64);
            assert!(
                text.contains(&format!("**{lost} findings are not shown here")),
                "{n}, {shown}"
            );
        }
        assert!(n < 5_000 || shown > 40, "{shown}");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        // What matters more than any finding is there in any case.
        assert!(text.contains("What was read") && text.contains("added:high"));
    }
    assert!(render(&fixture::bulk(20_000), Format::StepSummary).len() <= 1_000_000);
    let hostile = render(&fixture::hostile(), Format::Markdown);
    assert!(hostile.len() <= 65_536);
}

#[test]
fn sarif() {
    insta::assert_snapshot!("gate_sarif", render(&fixture::rich(), Format::Sarif));
}

#[test]
fn sarif_is_valid() {
    let Some(path) = foreign_schema("sarif/sarif-schema-2.1.0.json") else { return };
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(!schema.is_valid(&serde_json::json!({"version": "2.1.0"})));
    for case in [fixture::rich(), fixture::nothing(), fixture::broken(), fixture::hostile()] {
        let value: Value = serde_json::from_str(&render(&case, Format::Sarif)).unwrap();
        let errors: Vec<_> =
            schema.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// What the schema does not hold: each finding once, its state, its kind, its fingerprint without lines.
#[test]
fn sarif_says_what_becomes_of_each_finding() {
    let case = fixture::rich();
    let of = |case: &fixture::Case| -> Vec<Value> {
        let value: Value = serde_json::from_str(&render(case, Format::Sarif)).unwrap();
        value["runs"][0]["results"].as_array().unwrap().clone()
    };
    let results = of(&case);
    assert_eq!(results.len(), case.report.findings.len());
    for gated in &case.report.findings {
        let finding = &gated.finding;
        let result = results
            .iter()
            .find(|result| result["partialFingerprints"]["portcullis/v1"] == *finding.fingerprint)
            .unwrap();
        let state = match gated.class {
            Class::Added | Class::MadeUnknown => "new",
            Class::Fixed => "absent",
            Class::Waived if gated.was.is_none() => "new",
            _ => "unchanged",
        };
        assert_eq!(result["baselineState"], state);
        assert_eq!(result["suppressions"].is_array(), gated.class == Class::Waived);
        let kind = if finding.outcome == Outcome::Unknown { "open" } else { "fail" };
        assert_eq!(result["kind"], kind);
        // SARIF demands it of everything that is no fail.
        assert_eq!(result["level"] == "none", kind != "fail");
        let location = &result["locations"][0];
        if let Some(address) = gated.addresses.first() {
            assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], **address);
        }
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        match &gated.location {
            Some(place) => assert_eq!(uri, format!("infra/{}", place.file)),
            None => assert_eq!(uri, "infra/plan.json"),
        }
    }
    let mut moved = fixture::rich();
    for gated in &mut moved.report.findings {
        if let Some(place) = &mut gated.location {
            place.line += 100;
            place.end_line += 100;
        }
    }
    let prints = |results: &[Value]| -> Vec<Value> {
        results.iter().map(|result| result["partialFingerprints"].clone()).collect()
    };
    assert_eq!(prints(&of(&moved)), prints(&results));
}

#[test]
fn junit() {
    insta::assert_snapshot!("gate_junit", render(&fixture::rich(), Format::Junit));
    insta::assert_snapshot!("gate_junit_broken", render(&fixture::broken(), Format::Junit));
}

/// Structure and numbers as the schemas of Ant and Surefire ask for them.
#[test]
fn junit_is_well_formed_and_its_numbers_agree() {
    let cases = [
        fixture::rich(),
        fixture::nothing(),
        fixture::broken(),
        fixture::hostile(),
        fixture::bulk(300),
    ];
    for case in cases {
        let text = render(&case, Format::Junit);
        let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap();
        crate::report::page::check(&format!("<!doctype html>{body}"));
        let open = |tag: &str| text.matches(&format!("<{tag} ")).count();
        let said = |name: &str| -> usize {
            let (_, rest) = text.split_once(&format!(" {name}=\"")).unwrap();
            rest.split('"').next().unwrap().parse().unwrap()
        };
        assert_eq!(open("testcase"), said("tests"));
        assert_eq!(open("failure"), said("failures"));
        assert_eq!(open("error"), said("errors"));
        assert_eq!(open("skipped"), said("skipped"));
        assert!(said("tests") > 0);
        let closed = case.report.decision.exit_code != 0;
        assert_eq!(closed, said("failures") + said("errors") > 0);
        let allowed = |c: char| c >= ' ' || c == '\n';
        assert!(text.chars().all(allowed));
    }
}

#[test]
fn gitlab() {
    insta::assert_snapshot!("gate_gitlab", render(&fixture::rich(), Format::Gitlab));
    for case in [fixture::rich(), fixture::hostile(), fixture::nothing()] {
        let value: Value = serde_json::from_str(&render(&case, Format::Gitlab)).unwrap();
        let mut prints = BTreeSet::new();
        for issue in value.as_array().unwrap() {
            for key in ["description", "check_name", "fingerprint"] {
                assert!(!issue[key].as_str().unwrap().is_empty(), "{issue}");
            }
            let severity = issue["severity"].as_str().unwrap();
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with('/') && !path.starts_with("./"), "{path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            // Two of the same fingerprint are one to GitLab.
            assert!(prints.insert(issue["fingerprint"].as_str().unwrap().to_owned()), "{issue}");
        }
    }
}

#[test]
fn github() {
    insta::assert_snapshot!("gate_github", render(&fixture::rich(), Format::Github));
    insta::assert_snapshot!("gate_github_hostile", render(&fixture::hostile(), Format::Github));
    for case in [fixture::rich(), fixture::nothing(), fixture::hostile(), fixture::bulk(50)] {
        let text = render(&case, Format::Github);
        for line in text.lines() {
            let kinds = ["::error ", "::warning ", "::notice "];
            assert!(kinds.iter().any(|kind| line.starts_with(kind)), "{line}");
        }
        for kind in ["::error ", "::warning ", "::notice "] {
            assert!(text.lines().filter(|line| line.starts_with(kind)).count() <= 10);
        }
    }
    let many = render(&fixture::bulk(50), Format::Github);
    // The decision and eight findings stand there, so forty-two do not.
    assert!(many.contains("::error title=Gate::42 more of this kind"), "{many}");
}

#[test]
fn warnings_do_not_look_like_errors() {
    let mut case = fixture::rich();
    case.report.decision.warn_only = true;
    case.report.decision.exit_code = 0;
    let text = render(&case, Format::Github);
    assert!(!text.contains("::error "), "{text}");
    assert!(text.contains("::warning "));
}

#[test]
fn json_is_valid_against_its_schema_and_reads_back() {
    let schema = jsonschema::validator_for(&json::schema()).unwrap();
    for case in [fixture::rich(), fixture::nothing(), fixture::hostile()] {
        let text = render(&case, Format::Json);
        let value: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let document = json::read(&text).unwrap();
        assert_eq!(document.gate, case.report);
        assert_eq!(document.checks, case.checks);
        let mut more = value.clone();
        more["gate"]["findings"] = serde_json::json!([{"class": "added"}]);
        assert!(!schema.is_valid(&more));
    }
    let newer = render(&fixture::nothing(), Format::Json)
        .replace("\"portcullis_gate\": 1", "\"portcullis_gate\": 2");
    assert!(json::read(&newer).unwrap_err().to_string().contains("version 2"));
    assert!(json::read("{}").is_err());
}

/// Whatever steers a terminal, or the direction of reading, is in no report but the JSON one, which holds data.
#[test]
fn no_report_carries_control_characters() {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut case = fixture::hostile();
    case.options.verbose = true;
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Json) {
        let text = render(&case, format);
        assert_eq!(text.find(steers).map(|at| &text[at..]), None, "{format}");
    }
}

/// Reports depend on their input alone, and not on the order in which findings or texts were listed.
#[test]
fn the_same_input_gives_the_same_bytes() {
    let (one, mut two) = (fixture::rich(), fixture::rich());
    two.checks.reverse();
    two.report.findings.reverse();
    for format in Format::ALL {
        assert_eq!(render(&one, format), render(&one, format), "{format}");
        if format != Format::Json {
            assert_eq!(render(&one, format), render(&two, format), "{format}");
        }
    }
}
