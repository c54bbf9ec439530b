//! `check list|show|lint|test|new`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table};

use super::{Failure, Outcome, load, output};
use crate::check::{self, Check, Suite};
use crate::cli::{CheckCommand, CheckSelection};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::exit::Exit;
use crate::model::KINDS;
use crate::model::kinds::kind_named;
use crate::report::text::clean_lines;

pub(super) fn run(command: CheckCommand) -> Outcome {
    match command {
        CheckCommand::List { selection, json } => list(&selection, json),
        CheckCommand::Show { id, dirs } => show(&id, &dirs),
        CheckCommand::Lint { paths } => lint(&paths),
        CheckCommand::Test { paths, selection } => test(&paths, &selection),
        CheckCommand::New { id, resource, dir } => new(&id, &resource, &dir),
    }
}

fn list(selection: &CheckSelection, json: bool) -> Outcome {
    let suite = load::suite(&selection.into(), &selection.dirs)?;
    if json {
        let rows: Vec<_> = suite.iter().map(summary_json).collect();
        let text = serde_json::to_string_pretty(&rows).map_err(Failure::new)?;
        output::print_raw(format!("{text}\n").as_bytes())?;
        return Ok(Exit::Holds);
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(output::width()).unwrap_or(u16::MAX));
    table.set_header(["CHECK", "SEVERITY", "RESOURCE", "TITLE"]);
    for check in suite.iter() {
        table.add_row([
            check.id.as_str(),
            check.severity.word(),
            check.kind.name,
            check.title.as_str(),
        ]);
    }
    output::print(&format!("{table}\n\n{} checks\n", suite.len()))?;
    Ok(Exit::Holds)
}

fn summary_json(check: &Check) -> serde_json::Value {
    serde_json::json!({
        "id": check.id,
        "title": check.title,
        "severity": check.severity,
        "resource": check.kind.name,
        "controls": check.controls,
        "params": check.params.iter().map(|p| (p.name.clone(), p.default.clone())).collect::<std::collections::BTreeMap<_, _>>(),
        "cases": check.cases().len(),
        "file": check.file.path,
    })
}

fn show(id: &str, dirs: &[PathBuf]) -> Outcome {
    let suite = load::suite(&check::Selection::default(), dirs)?;
    let check = find(&suite, id)?;
    output::print(&describe(check))?;
    Ok(Exit::Holds)
}

pub(super) fn find<'s>(suite: &'s Suite, id: &str) -> Result<&'s Check, Failure> {
    suite.get(id).ok_or_else(|| {
        let near = nearest(id, suite.iter().map(|check| check.id.as_str()));
        let hint = near.map_or_else(
            || "`portcullis check list` lists them".to_owned(),
            |n| format!("did you mean `{n}`?"),
        );
        Failure::new(format!("no check `{id}`; {hint}"))
    })
}

/// Everything a check says, for people.
pub(super) fn describe(check: &Check) -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = String::new();
    let out = &mut text;
    let mut part = |title: &str, body: &str| {
        // Texts are cleaned one by one: cleaning the whole would take our own styles for an attack.
        let body = clean_lines(body.trim_end());
        if !body.is_empty() {
            let _ = writeln!(out, "\n{bold}{title}{bold:#}\n{}", indent(&body));
        }
    };
    part("Why", &check.why);
    part("Applies when", check.when_text.as_deref().unwrap_or_default());
    part(
        match &check.rule {
            check::Rule::Offenders(_) => "Offenders",
            check::Rule::Assert(_) => "Must hold",
        },
        &check.rule_text,
    );
    let params: Vec<_> = check
        .params
        .iter()
        .map(|p| format!("{} ({}) = {}\n  {}", p.name, p.ty, p.default, p.doc))
        .collect();
    part("Parameters", &params.join("\n"));
    part("How an auditor sees it", &check.audit);
    part("Remediation: console", &check.remediation.console);
    part("Remediation: AWS CLI", &check.remediation.cli);
    part("Remediation: Terraform", &check.remediation.terraform);
    let controls: Vec<_> =
        check.controls.iter().map(|(s, ids)| format!("{s}: {}", ids.join(", "))).collect();
    part("Controls", &controls.join("\n"));
    let cases: Vec<_> =
        check.cases().iter().map(|c| format!("{}: {}", c.expect.words(), c.name)).collect();
    part("Cases", &cases.join("\n"));
    let (title, path) = (clean_lines(&check.title), clean_lines(&check.file.path));
    let head = format!(
        "{bold}{}{bold:#}  {title}\n{path}\n{}, judged on {}\n",
        check.id, check.severity, check.kind.name
    );
    head + &text
}

fn indent(body: &str) -> String {
    body.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn lint(paths: &[PathBuf]) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let suite = read(paths, &mut diagnostics)?;
    let standards = load::standards()?;
    for check in suite.iter() {
        check::lint(check, &standards, &mut diagnostics);
    }
    if diagnostics.is_empty() {
        output::print(&format!("{} checks, nothing to complain about\n", suite.len()))?;
        return Ok(Exit::Holds);
    }
    Err(Failure::Files(diagnostics))
}

fn read(paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Result<Suite, Failure> {
    if paths.is_empty() {
        return Ok(Suite::builtin(diagnostics));
    }
    let files = load::yaml_files(paths, diagnostics)?;
    let mut suite = Suite::default();
    suite.add_replacing(&files, diagnostics);
    Ok(suite)
}

fn test(paths: &[PathBuf], selection: &CheckSelection) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let mut suite = read(paths, &mut diagnostics)?;
    if paths.is_empty() {
        let dirs = load::yaml_files(&selection.dirs, &mut diagnostics)?;
        suite.add(&dirs, &mut diagnostics);
    }
    if diagnostics.has_errors() {
        return Err(Failure::Files(diagnostics));
    }
    suite.select(&selection.into())?;
    let (mut ran, mut wrong) = (0, Diagnostics::default());
    for check in suite.iter() {
        for case in check.cases() {
            ran += 1;
            let diagnostic = |message: String| {
                Diagnostic::error("check/case", message).at(&check.file, case.range.clone())
            };
            match check.run_case(case) {
                Ok(report) if report.agrees() => {}
                Ok(report) => {
                    let message = format!(
                        "case of `{}` expects {} and gets {}",
                        check.id,
                        report.expect.words(),
                        report.outcome.words()
                    );
                    let diagnostic = diagnostic(message);
                    wrong.push(match report.detail {
                        Some(detail) => diagnostic.label(detail),
                        None => diagnostic,
                    });
                }
                Err(message) => wrong.push(diagnostic(message)),
            }
        }
    }
    let failed = wrong.len();
    if failed > 0 {
        output::diagnostics(&wrong);
    }
    output::print(&format!(
        "{} checks, {ran} cases: {} agree, {failed} do not\n",
        suite.len(),
        ran - failed
    ))?;
    Ok(if failed == 0 { Exit::Holds } else { Exit::Violated })
}

fn new(id: &str, resource: &str, dir: &Path) -> Outcome {
    if kind_named(resource).is_none() {
        let near = nearest(resource, KINDS.iter().map(|kind| kind.name));
        let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
        return Err(Failure::new(format!("no resource type `{resource}`{hint}")));
    }
    let path = dir.join(format!("{id}.yaml"));
    if path.exists() {
        return Err(Failure::new(format!("{} exists already", path.display())));
    }
    std::fs::create_dir_all(dir).map_err(|e| Failure::new(format!("{}: {e}", dir.display())))?;
    output::write_file(&path, scaffold(id, resource).as_bytes())?;
    output::print(&format!(
        "wrote {}\nNext: edit it, then `portcullis check lint {0}` and `portcullis check test {0}`\n",
        path.display()
    ))?;
    Ok(Exit::Holds)
}

fn scaffold(id: &str, resource: &str) -> String {
    format!(
        r#"version: 1
id: {id}
title: Say the condition that must hold, in one line
severity: medium
resource: {resource}
params: {{}}
# when: where it applies; false is reported as not applicable
# Either a condition that must hold …
assert: self.name.orValue('') != ''
# … or a list of offending parts: offenders: self.ingress.filter(r, r.from_internet)
message: "{{{{ self.id }}}} has no name"
why: |
  Say first what is verified, naming the capability. Then say what an attacker does with it when it is missing, so that
  whoever reads the finding knows why it is worth an hour of work.
audit: |
  The command of the vendor's own tools with which an auditor sees the same, and what to look for in its output.
remediation:
  console: Where to click.
  cli: The command that mends it.
  terraform: The attribute that mends it.
controls: {{}}
cases:
  - name: named
    given: {{ name: web }}
    expect: pass
  - name: nameless
    given: {{ name: "" }}
    expect: fail
"#
    )
}
