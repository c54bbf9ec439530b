//! The report for a ticket or a pull request: the summary in the open, findings folded away, nothing longer than such
//! places take.

use std::fmt::Write as _;
use std::io::Write;

use super::summary::{
    Attention, Related, STATES, Summary, applicable, in_state, is_readiness, state_words,
};
use super::text::{clean, count, counted, cut, points, score_line, tally_line};
use super::{Error, Report};
use crate::finding::{Finding, Outcome, Severity};
use crate::posture::{ControlState, FrameworkResult, SectionResult};

/// What GitHub takes for a comment is 65,536 characters; findings stop before that.
const LENGTH_MAX: usize = 60_000;
/// So many findings of one check are listed.
const FINDINGS_EACH: usize = 20;

/// Writes the report.
///
/// # Errors
/// When `out` fails.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let summary = Summary::of(report);
    let mut page = String::new();
    heading(report, &mut page);
    for framework in &report.posture.frameworks {
        headline(framework, &mut page);
    }
    totals(&summary, &mut page);
    failing(&summary, &mut page);
    sections(report, &mut page);
    undetermined(&summary, &mut page);
    waivers(report, &summary, &mut page);
    findings(report, &mut page);
    out.write_all(page.as_bytes())?;
    Ok(())
}

/// A line, formatted. Writing to a string cannot fail.
macro_rules! line {
    ($page:expr) => { $page.push('\n') };
    ($page:expr, $($arg:tt)*) => {{ let _ = writeln!($page, $($arg)*); }};
}

fn heading(report: &Report<'_>, page: &mut String) {
    let assessment = report.assessment;
    let inventory = &assessment.inventory;
    let title = report.options.title.as_deref().unwrap_or("Assessment");
    line!(page, "# {}\n", escape(title));
    line!(
        page,
        "{} of {} in {} and {}, assessed at {} by {}.\n",
        counted(inventory.resources, "resource", "resources"),
        code(&inventory.path),
        counted(inventory.accounts.len() as u64, "account", "accounts"),
        counted(inventory.regions.len() as u64, "region", "regions"),
        assessment.at,
        escape(&assessment.tool),
    );
    if inventory.resources == 0 {
        line!(
            page,
            "**The inventory is empty: nothing was assessed, and nothing is concluded.**\n"
        );
    }
}

fn headline(framework: &FrameworkResult, page: &mut String) {
    let score = &framework.score;
    line!(page, "## {} {}\n", escape(&framework.title), escape(&framework.version));
    line!(page, "**{}**\n", escape(&score_line(score)));
    let states: Vec<_> = STATES
        .into_iter()
        .filter(|state| *state != ControlState::Satisfied && in_state(score, *state) > 0)
        .map(|state| format!(", {} {}", count(in_state(score, state)), state_words(state)))
        .collect();
    let satisfied = count(in_state(score, ControlState::Satisfied));
    line!(
        page,
        "{satisfied} of {} controls satisfied{}.\n",
        count(applicable(score)),
        states.concat()
    );
    for cap in &score.caps {
        let shown: Vec<_> = cap.controls.iter().take(12).map(|id| escape(id)).collect();
        let more = match cap.controls.len() - shown.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let list = if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) };
        line!(page, "- capped at {}: {}{list}{more}", points(cap.limit), escape(&cap.name));
    }
    if !score.caps.is_empty() {
        line!(page);
    }
}

fn totals(summary: &Summary<'_>, page: &mut String) {
    line!(page, "## Outcomes\n");
    line!(
        page,
        "{}: {}{}.\n",
        counted(summary.evaluations.applicable(), "evaluation", "evaluations"),
        tally_line(&summary.evaluations),
        match summary.evaluations.not_applicable {
            0 => String::new(),
            n => format!("; {} more not applicable", count(n)),
        },
    );
    line!(page, "| findings | fail | unknown | waived |");
    line!(page, "| --- | ---: | ---: | ---: |");
    for severity in Severity::ALL {
        let of = |outcome| {
            count(summary.findings.get(&(outcome, severity)).copied().unwrap_or_default())
        };
        line!(
            page,
            "| {severity} | {} | {} | {} |",
            of(Outcome::Fail),
            of(Outcome::Unknown),
            of(Outcome::Waived)
        );
    }
    line!(page);
}

fn failing(summary: &Summary<'_>, page: &mut String) {
    const ROWS: usize = 15;
    if summary.failing.is_empty() {
        return;
    }
    line!(page, "## Failing checks, worst first\n");
    line!(page, "| severity | fail | check |");
    line!(page, "| --- | ---: | --- |");
    for group in summary.failing.iter().take(ROWS) {
        let check = group.check;
        line!(
            page,
            "| {} | {} of {} | {}<br>{} |",
            check.severity,
            count(check.tally.fail),
            count(check.tally.applicable()),
            escape(&check.title),
            code(&check.id),
        );
    }
    if let more @ 1.. = summary.failing.len().saturating_sub(ROWS) {
        line!(page, "\n{more} more are in the full report.");
    }
    line!(page);
}

fn sections(report: &Report<'_>, page: &mut String) {
    line!(page, "## Sections\n");
    line!(page, "| section | satisfied | failed | undetermined | net … best | coverage |");
    line!(page, "| --- | ---: | ---: | ---: | --- | ---: |");
    for framework in &report.posture.frameworks {
        let readiness = is_readiness(framework);
        for section in &framework.sections {
            section_row(section, readiness, page);
        }
    }
    line!(page);
}

fn section_row(section: &SectionResult, readiness: bool, page: &mut String) {
    let score = &section.score;
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| points(v) + " %");
    let halves = if readiness {
        let (documented, proved) = (share(section.documented), share(section.proved));
        format!("<br>documented {documented}, proved {proved}")
    } else {
        String::new()
    };
    let (result, coverage) = if score.rated {
        (
            format!(
                "{} … {}, grade {}",
                points(score.net),
                points(score.best),
                escape(&score.grade)
            ),
            points(score.coverage) + " %",
        )
    } else {
        (escape(&super::text::not_rated(score)), "–".to_owned())
    };
    line!(
        page,
        "| {} {}{halves} | {} of {} | {} | {} | {result} | {coverage} |",
        escape(&section.id),
        escape(&section.title),
        count(in_state(score, ControlState::Satisfied)),
        count(applicable(score)),
        count(in_state(score, ControlState::Failed)),
        count(in_state(score, ControlState::Undetermined) + in_state(score, ControlState::Gap)),
    );
}

fn undetermined(summary: &Summary<'_>, page: &mut String) {
    const ROWS: usize = 20;
    if summary.causes.is_empty() {
        return;
    }
    let total = summary.causes.iter().map(|cause| cause.evaluations).sum();
    line!(page, "## Undetermined: {}\n", counted(total, "evaluation", "evaluations"));
    for group in summary.causes.iter().take(ROWS) {
        line!(
            page,
            "- {} in {}, {}: {}{}",
            count(group.evaluations),
            counted(group.checks.len() as u64, "check", "checks"),
            counted(group.places.len() as u64, "place", "places"),
            escape(&cut(&group.cause, 300)),
            match &group.resolve {
                Some(resolve) => format!(" → {}", escape(&resolve.replace('`', ""))),
                None => String::new(),
            },
        );
    }
    if let more @ 1.. = summary.causes.len().saturating_sub(ROWS) {
        line!(page, "- {}", counted(more as u64, "further cause", "further causes"));
    }
    line!(page);
}

fn waivers(report: &Report<'_>, summary: &Summary<'_>, page: &mut String) {
    const ROWS: usize = 20;
    let refused = &report.posture.refused_records;
    if summary.waivers.is_empty() && refused.is_empty() {
        return;
    }
    line!(page, "## To look at\n");
    for (waiver, attention) in summary.waivers.iter().take(ROWS) {
        let note = match (&waiver.note, attention) {
            (Some(note), Attention::Refused) => format!(": {}", escape(&cut(note, 300))),
            _ => String::new(),
        };
        line!(
            page,
            "- waiver {} of {}, until {}: {}{note}",
            code(&waiver.id),
            escape(&waiver.owner),
            waiver.until,
            attention.words(),
        );
    }
    for record in refused.iter().take(ROWS) {
        line!(page, "- refused: {}", escape(&cut(record, 300)));
    }
    let more = summary.waivers.len().saturating_sub(ROWS) + refused.len().saturating_sub(ROWS);
    if more > 0 {
        line!(page, "- and {more} more");
    }
    line!(page);
}

/// Findings by check, folded; as many as the page may hold.
fn findings(report: &Report<'_>, page: &mut String) {
    let related = Related::of(report);
    let findings = &report.assessment.findings;
    if findings.is_empty() {
        return;
    }
    line!(page, "## Findings\n");
    let mut listed = 0;
    let mut rest = findings.as_slice();
    while let Some(first) = rest.first() {
        let same = |f: &Finding| f.check == first.check && f.outcome == first.outcome;
        let n = rest.iter().take_while(|finding| same(finding)).count();
        let (group, after) = rest.split_at(n);
        let shown = group.len().min(FINDINGS_EACH).min(report.options.listed_max - listed);
        let text = group_text(group, shown, related.title_of(&first.check));
        if shown == 0 || page.len() + text.len() > LENGTH_MAX {
            break;
        }
        page.push_str(&text);
        listed += shown;
        rest = after;
    }
    if listed < findings.len() {
        line!(
            page,
            "{} of {} are listed; the others are in the JSON, CSV and HTML reports.",
            count(listed as u64),
            counted(findings.len() as u64, "finding", "findings"),
        );
    }
}

fn group_text(group: &[Finding], shown: usize, title: &str) -> String {
    let mut text = String::new();
    let Some(first) = group.first() else { return text };
    let outcome = match first.outcome {
        Outcome::Fail => String::new(),
        outcome => format!(", {}", outcome.words()),
    };
    line!(
        text,
        "<details><summary>{}{outcome}: {} ({})</summary>\n",
        first.severity,
        escape(title),
        counted(group.len() as u64, "finding", "findings"),
    );
    for finding in group.iter().take(shown) {
        finding_line(finding, &mut text);
    }
    if let more @ 1.. = group.len() - shown {
        line!(text, "- and {} more", count(more as u64));
    }
    line!(text, "\n</details>\n");
    text
}

fn finding_line(finding: &Finding, text: &mut String) {
    let subject = &finding.subject;
    let name = match &subject.name {
        Some(name) if *name != subject.id => format!(" {}", escape(name)),
        _ => String::new(),
    };
    let environment = match &subject.environment {
        Some(environment) => format!(", {}", escape(environment)),
        None => String::new(),
    };
    let id = if subject.id == "*" { format!("every {}", subject.kind) } else { subject.id.clone() };
    let mut line = format!(
        "- {}{name} ({} {}{environment}): {}",
        code(&id),
        subject.account,
        subject.region,
        escape(&cut(&finding.message, 300)),
    );
    if let Some(cause) = &finding.cause {
        let _ = write!(line, "; because {}", escape(&cut(cause, 300)));
    }
    if let Some(waiver) = &finding.waiver {
        let _ = write!(line, "; waiver {}", code(waiver));
    }
    line!(text, "{line}");
}

/// An identifier as code. The element rather than backticks: inside a table a backtick does not shield a bar.
pub(in crate::report) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// Text from outside that stays text: no markup, HTML, table cell, link, mention or reference can come of it.
pub(in crate::report) fn escape(text: &str) -> String {
    let text = clean(text);
    // `http://` and `www.` would become links by themselves.
    let (scheme, www) = (text.contains("://"), text.to_ascii_lowercase().contains("www."));
    let mut out = String::with_capacity(text.len() + 8);
    for (i, c) in text.chars().enumerate() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A reference shields these in tables as well, where a backslash does not always.
            '|' => out.push_str("&#124;"),
            '`' => out.push_str("&#96;"),
            // Forges look for mentions after all markup is resolved: only something in between keeps them apart.
            '@' => out.push_str("@<!-- -->"),
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '#' => out.push_str("#<!-- -->"),
            ':' if scheme => out.push_str("&#58;"),
            '.' if www => out.push_str("&#46;"),
            '-' | '+' | '=' if i == 0 => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(escape("<b>|`x`"), "&lt;b&gt;&#124;&#96;x&#96;");
        assert_eq!(escape("[a](http://b) *c* _d_"), "\\[a\\](http&#58;//b) \\*c\\* \\_d\\_");
        assert_eq!(escape("@team #1"), "@<!-- -->team #<!-- -->1");
        assert_eq!(escape("- x"), "\\- x");
        assert_eq!(escape("sg-0a1, 10.0.0.0/8"), "sg-0a1, 10.0.0.0/8");
    }
}
