//! What every report shows of the same assessment, and that names chosen by an attacker stay names.

use portcullis::report::{self, Format};

mod fixture;

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

/// Not a test of anything but size and time: `cargo test --test it fifty_thousand -- --ignored --nocapture`.
#[test]
#[ignore = "measures, and writes pages to look at"]
fn fifty_thousand() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, case) in [
        ("acme", fixture::acme()),
        ("hostile", fixture::hostile()),
        ("empty", fixture::empty()),
        ("bulk-300", fixture::bulk(300)),
        ("bulk-50000", fixture::bulk(50_000)),
    ] {
        for format in Format::ALL {
            let start = std::time::Instant::now();
            let text = render(&case, format);
            let path = dir.join(name).with_extension(format.extension());
            std::fs::write(&path, &text).unwrap();
            println!(
                "{:>10} bytes {:>6} ms  {}",
                text.len(),
                start.elapsed().as_millis(),
                path.display()
            );
        }
    }
}
