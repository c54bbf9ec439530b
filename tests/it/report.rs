//! What every report shows of the same assessment, and that names chosen by an attacker stay names.

use portcullis::finding::Severity;
use portcullis::posture::Score;
use portcullis::report::{self, Format, json};

pub mod fixture;
pub mod page;

fn render(case: &fixture::Case, format: Format) -> String {
    let mut out = Vec::new();
    report::write(&case.report(), format, &mut out).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(out).unwrap()
}

#[test]
fn terminal_summary() {
    insta::assert_snapshot!(render(&fixture::acme(), Format::Terminal));
}

#[test]
fn terminal_details() {
    let mut case = fixture::acme();
    case.options.verbose = true;
    case.options.written = vec!["report.html".to_owned(), "report.json".to_owned()];
    insta::assert_snapshot!(render(&case, Format::Terminal));
}

#[test]
fn terminal_of_nothing() {
    insta::assert_snapshot!(render(&fixture::empty(), Format::Terminal));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render(&fixture::acme(), Format::Markdown));
}

#[test]
fn csv() {
    insta::assert_snapshot!(render(&fixture::acme(), Format::Csv));
}

#[test]
fn hostile_names() {
    let case = fixture::hostile();
    insta::assert_snapshot!("hostile_terminal", {
        let mut case = fixture::hostile();
        case.options.verbose = true;
        render(&case, Format::Terminal)
    });
    insta::assert_snapshot!("hostile_markdown", render(&case, Format::Markdown));
    insta::assert_snapshot!("hostile_csv", render(&case, Format::Csv));
}

/// Whatever steers a terminal, or the direction of reading, is in no report but the JSON one, which holds data.
#[test]
fn no_report_carries_control_characters() {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    let mut case = fixture::hostile();
    case.options.verbose = true;
    for format in [Format::Terminal, Format::Markdown, Format::Html, Format::Csv] {
        let text = render(&case, format);
        let at = text.chars().position(steers);
        assert_eq!(
            at,
            None,
            "{format}: {:?}",
            at.map(|at| text.chars().skip(at).take(40).collect::<String>())
        );
    }
}

#[test]
fn the_summary_fits_a_screen() {
    let mut case = fixture::bulk(2_000);
    case.options.written = vec!["report.html".to_owned()];
    let text = render(&case, Format::Terminal);
    assert!(text.lines().count() <= 40, "{} lines:\n{text}", text.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    insta::assert_snapshot!("terminal_large", text);
    for width in [80, 200] {
        case.options.width = width;
        for line in render(&case, Format::Terminal).lines() {
            assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let mut case = fixture::acme();
    case.options.verbose = true;
    let plain = render(&case, Format::Terminal);
    case.options.color = true;
    let colored = render(&case, Format::Terminal);
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
}

/// A score without enough evidence has no numbers anywhere that people look.
#[test]
fn what_is_not_rated_shows_no_number() {
    let mut case = fixture::acme();
    for framework in &mut case.posture.frameworks {
        let hide = |score: &mut Score| {
            score.rated = false;
            score.not_rated_because = Some("there is too little evidence".to_owned());
            (score.gross, score.net, score.best, score.coverage) = (71.0, 73.0, 79.0, 67.0);
            score.grade = "QQ".to_owned();
            score.caps.clear();
        };
        hide(&mut framework.score);
        framework.sections.iter_mut().for_each(|section| hide(&mut section.score));
    }
    for format in [Format::Terminal, Format::Markdown, Format::Html] {
        let text = render(&case, format);
        let (body, _) = text.split_once("id=\"method\"").unwrap_or((&text, ""));
        assert!(body.contains("ot rated"), "{format}");
        assert!(body.contains("there is too little evidence"), "{format}");
        for number in ["QQ", ">71<", ">73<", ">79<", ">67<", ">67 %", " 73 ", " 79 ", " 67 "] {
            assert!(!body.contains(number), "{format} shows {number}");
        }
    }
}

#[test]
fn json_is_valid_against_its_schema_and_reads_back() {
    let schema = jsonschema::validator_for(&json::schema()).unwrap();
    for case in [fixture::acme(), fixture::empty(), fixture::hostile()] {
        let text = render(&case, Format::Json);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");

        let document = json::read(&text).unwrap();
        let mut again = Vec::new();
        json::write(&document.report(&case.options), &mut again).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), text);
    }
}

#[test]
fn json_of_another_version_is_refused() {
    let text = render(&fixture::empty(), Format::Json);
    let newer = text.replace("\"portcullis_report\": 1", "\"portcullis_report\": 2");
    let error = json::read(&newer).unwrap_err().to_string();
    assert_eq!(error, "this is a report of version 2; this build reads version 1");
    assert!(json::read("{}").is_err());
    assert!(json::read("\u{0}").is_err());
}

#[test]
fn spreadsheets_run_nothing() {
    for line in render(&fixture::hostile(), Format::Csv).lines() {
        for field in line.split(',') {
            let field = field.trim_start_matches('"').trim_start();
            assert!(!field.starts_with(['=', '+', '-', '@']), "{field}");
        }
    }
}

/// Reports depend on their input alone, and not on the order in which somebody listed the check texts.
#[test]
fn the_same_input_gives_the_same_bytes() {
    let (one, mut two) = (fixture::acme(), fixture::acme());
    two.checks.reverse();
    for format in [Format::Terminal, Format::Markdown, Format::Html, Format::Csv] {
        assert_eq!(render(&one, format), render(&one, format), "{format}");
        assert_eq!(render(&one, format), render(&two, format), "{format}");
    }
}

#[test]
fn pages_are_well_formed() {
    for case in [fixture::acme(), fixture::empty(), fixture::hostile(), fixture::bulk(300)] {
        page::check(&render(&case, Format::Html));
    }
}

#[test]
fn pages_ask_nothing_of_the_network() {
    let text = render(&fixture::hostile(), Format::Html);
    let (markup, _) = text.split_once("<script type=\"application/json\"").unwrap();
    for word in ["src=", "@import", "url(", "http://", "https://", "<link", "<iframe", "<base"] {
        // Hostile names hold some of these words, escaped: they stand between quotes or entities there.
        let found = markup.match_indices(word).find(|(at, _)| {
            !markup[..*at].ends_with("&lt;img ") && !markup[..*at].ends_with("&lt;")
        });
        assert_eq!(found, None, "{word}");
    }
    assert!(
        text.contains("default-src &#x27;none&#x27;")
            || text.contains("default-src &#39;none&#39;")
    );
}

#[test]
fn the_data_block_cannot_end_early() {
    let text = render(&fixture::hostile(), Format::Html);
    let (_, data) = text.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
    let value: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(value["findings"].as_array().unwrap().len(), fixture::HOSTILE.len());
    assert_eq!(value["findings"][0][2][0], fixture::HOSTILE[0]);
}

/// Beyond the rows that need no script the page says how many more there are, and holds them all as data.
#[test]
fn large_pages_stay_small() {
    let case = fixture::bulk(3_000);
    let text = render(&case, Format::Html);
    assert_eq!(text.matches("<tr id=\"finding-").count(), 1_000);
    assert!(text.contains("2,000 more are in this file's data"));
    let small = render(&fixture::bulk(2_000), Format::Html);
    let each = (text.len() - small.len()) / 1_000;
    assert!(each < 1_000, "{each} bytes for each finding");
}

#[test]
fn severities_are_words_everywhere() {
    let case = fixture::bulk(300);
    for format in [Format::Terminal, Format::Markdown, Format::Html, Format::Csv] {
        let text = render(&case, format);
        for severity in Severity::ALL {
            assert!(text.contains(severity.word()), "{format} lacks {severity}");
        }
    }
}
