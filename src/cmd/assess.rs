//! `assess`: judge a snapshot.

use std::path::{Path, PathBuf};

use super::{Failure, Outcome, load, output};
use crate::analyze::overview::Declared;
use crate::assess::{self, Assessment, Plan};
use crate::check::Suite;
use crate::cli::{self, Format, Judgement};
use crate::clock;
use crate::config::Config;
use crate::diag::Diagnostics;
use crate::exit::Exit;
use crate::finding::{Outcome as Said, Tally};
use crate::framework::{CheckSettings, ResolvedFramework};
use crate::posture::{self, Posture};
use crate::report::{self, CheckText, Options, Report};
use crate::waiver::{Terms, Waivers};

pub(super) fn run(args: cli::Assess) -> Outcome {
    let is_project =
        args.path.is_dir() || args.path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    let path = if is_project { Some(args.path.as_path()) } else { args.config.as_deref() };
    let config = load::config(path, &args.judgement)?;
    let snapshot = if is_project {
        config.inventory.clone().ok_or_else(|| {
            Failure::new(format!(
                "{}: the configuration names no `inventory` to assess",
                args.path.display()
            ))
        })?
    } else {
        args.path.clone()
    };
    // A file that is not there is told before anything else is read.
    load::open_snapshot(&snapshot)?;
    judge(&snapshot, &config, &args.judgement)
}

/// Judges a snapshot by a configuration, writes every report, and decides the exit code.
pub(super) fn judge(snapshot: &Path, config: &Config, judgement: &Judgement) -> Outcome {
    let mut config = config.clone();
    // A report that a person can open comes without being asked for, beside where they are.
    let asked = judgement.format.is_some_and(|format| format != Format::Text);
    if config.outputs.html.is_none() && !asked {
        config.outputs.html = Some(PathBuf::from("report.html"));
    }
    let run = Run::load(&config)?;
    let (assessment, posture) = run.assess(snapshot)?;
    let texts = check_texts(&run.suite, &assessment);
    let written = write_files(&config, &assessment, &posture, &texts)?;
    let options = Options {
        width: u16::try_from(output::width()).unwrap_or(u16::MAX),
        // Colours are stripped where they are not wanted when the text is printed.
        color: true,
        verbose: judgement.details,
        written,
        title: config.title.clone(),
        ..Options::default()
    };
    let report =
        Report { assessment: &assessment, posture: &posture, checks: &texts, options: &options };
    show(&report, judgement.format.unwrap_or_default())?;
    Ok(decide(&config, &assessment, &posture))
}

/// Everything but the inventory that a judgement rests on.
pub(super) struct Run<'c> {
    config: &'c Config,
    pub(super) suite: Suite,
    pub(super) frameworks: Vec<ResolvedFramework>,
    pub(super) records: crate::attestation::Records,
    waivers: Waivers,
    declared: Declared,
    pub(super) now: jiff::Timestamp,
}

impl<'c> Run<'c> {
    pub(super) fn load(config: &'c Config) -> Result<Self, Failure> {
        let now = config.at.unwrap_or_else(clock::now);
        let suite = load::suite(&config.selection, &config.check_dirs)?;
        let frameworks = load::frameworks(config)?;
        let records = load::records(config)?;
        let declared = load::declared(config)?;
        let mut diagnostics = Diagnostics::default();
        let files = load::yaml_files(&config.waivers, &mut diagnostics)?;
        let terms = frameworks
            .iter()
            .find_map(ResolvedFramework::waiver_terms)
            .unwrap_or_else(Terms::default);
        let waivers = Waivers::load(&files, terms, clock::today(now), &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(Failure::Files(diagnostics));
        }
        Ok(Self { config, suite, frameworks, records, waivers, declared, now })
    }

    pub(super) fn plan(&self) -> Result<Plan<'_>, Failure> {
        let settings = CheckSettings::of(&self.frameworks);
        let environments = &self.config.environments;
        Plan::of(&self.suite, &settings, environments, &self.waivers, self.now)
            .map(|plan| plan.with_declared(self.declared.clone()))
            .map_err(Failure::new)
    }

    fn assess(&self, snapshot: &Path) -> Result<(Assessment, Posture), Failure> {
        let plan = self.plan()?;
        let shown = snapshot.display().to_string();
        let open = || load::reader(snapshot);
        let assessment = assess::assess(&plan, &shown, open).map_err(Failure::new)?;
        let posture = posture::roll_up(&assessment, &self.frameworks, &self.records, self.now);
        Ok((assessment, posture))
    }
}

/// What the checks of an assessment say to people.
pub(super) fn check_texts(suite: &Suite, assessment: &Assessment) -> Vec<CheckText> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim_end().to_owned());
    assessment
        .checks
        .iter()
        .filter_map(|result| {
            let check = suite.get(&result.id)?;
            Some(CheckText {
                id: check.id.clone(),
                title: check.title.clone(),
                severity: result.severity,
                why: check.why.trim_end().to_owned(),
                audit: text(&check.audit),
                console: text(&check.remediation.console),
                cli: text(&check.remediation.cli),
                terraform: text(&check.remediation.terraform),
                controls: check.controls.clone(),
            })
        })
        .collect()
}

/// A way to write a report.
pub(super) type Render = fn(&Report<'_>, &mut dyn std::io::Write) -> Result<(), report::Error>;

fn write_files(
    config: &Config,
    assessment: &Assessment,
    posture: &Posture,
    texts: &[CheckText],
) -> Result<Vec<String>, Failure> {
    let outputs = &config.outputs;
    let wanted: [(&Option<PathBuf>, Render); 4] = [
        (&outputs.html, report::html::write),
        (&outputs.json, report::json::write),
        (&outputs.markdown, report::markdown::write),
        (&outputs.csv, report::csv::write),
    ];
    let options = Options { title: config.title.clone(), ..Options::default() };
    let report = Report { assessment, posture, checks: texts, options: &options };
    let mut written = Vec::new();
    for (path, render) in wanted {
        if let Some(path) = path {
            write_report(&report, path, render)?;
            written.push(path.display().to_string());
        }
    }
    Ok(written)
}

/// Writes one report to a file.
pub(super) fn write_report(
    report: &Report<'_>,
    path: &Path,
    render: Render,
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    render(report, &mut bytes).map_err(Failure::new)?;
    output::write_file(path, &bytes)
}

/// Writes one report to standard output.
pub(super) fn show(report: &Report<'_>, format: Format) -> Result<(), Failure> {
    let render: Render = match format {
        Format::None => return Ok(()),
        Format::Text => report::terminal::write,
        Format::Json => report::json::write,
        Format::Markdown => report::markdown::write,
        Format::Csv => report::csv::write,
        Format::Html => report::html::write,
    };
    let mut bytes = Vec::new();
    render(report, &mut bytes).map_err(Failure::new)?;
    if format == Format::Text {
        return output::print(&String::from_utf8_lossy(&bytes));
    }
    output::print_raw(&bytes)
}

/// The exit code, and on standard error why it is not 0. Incomplete evidence outranks violations: whoever reads a 1
/// may trust that everything was looked at.
pub(super) fn decide(config: &Config, assessment: &Assessment, posture: &Posture) -> Exit {
    let incomplete = incompleteness(config, assessment, posture);
    let violations = assessment
        .findings
        .iter()
        .filter(|f| f.outcome == Said::Fail && f.severity >= config.fail_on)
        .count();
    let controls = posture
        .frameworks
        .iter()
        .flat_map(|framework| &framework.controls)
        .filter(|c| c.state == posture::ControlState::Failed && c.severity >= config.fail_on)
        .count();
    if violations + controls > 0 {
        output::note(&format!(
            "violated: {violations} findings and {controls} controls fail at severity {} or above",
            config.fail_on
        ));
    }
    for reason in &incomplete {
        output::note(&format!("incomplete: {reason}"));
    }
    match (incomplete.is_empty(), violations + controls) {
        (false, _) => Exit::Incomplete,
        (true, 1..) => Exit::Violated,
        (true, 0) => Exit::Holds,
    }
}

fn incompleteness(config: &Config, assessment: &Assessment, posture: &Posture) -> Vec<String> {
    /// How many controls are named.
    const SHOWN: usize = 12;
    let mut reasons = Vec::new();
    let sum = assessment.checks.iter().fold(Tally::default(), |sum, check| sum.plus(check.tally));
    if assessment.inventory.resources == 0 {
        reasons.push("the inventory is empty".to_owned());
    }
    if sum.applicable() == 0 {
        reasons.push("no check applied to anything".to_owned());
    }
    #[expect(clippy::cast_precision_loss, reason = "a percentage needs no more than 52 bits")]
    let unknown = 100.0 * sum.unknown as f64 / (sum.applicable().max(1)) as f64;
    if sum.unknown > 0 && unknown > config.allow_unknown {
        reasons.push(format!(
            "{} of {} evaluations are unknown ({unknown:.1} %, allowed {} %; --allow-unknown)",
            sum.unknown,
            sum.applicable(),
            config.allow_unknown
        ));
    }
    for framework in &posture.frameworks {
        let score = &framework.score;
        if score.coverage < config.min_coverage {
            reasons.push(format!(
                "{:.1} % of the evidence for {} is there ({} % wanted; --min-coverage)",
                score.coverage, framework.id, config.min_coverage
            ));
        }
    }
    // Where no unknown is allowed, a control that nothing decides is one, too: its checks may have been left out.
    let undecided: Vec<_> = posture
        .frameworks
        .iter()
        .flat_map(|framework| &framework.controls)
        .filter(|c| c.state == posture::ControlState::Undetermined && c.severity >= config.fail_on)
        .map(|control| control.id.as_str())
        .collect();
    if config.allow_unknown <= 0.0 && !undecided.is_empty() {
        reasons.push(format!(
            "{} controls of severity {} or above are undetermined: {}",
            undecided.len(),
            config.fail_on,
            undecided
                .get(..SHOWN)
                .map_or_else(|| undecided.join(", "), |first| format!("{}, …", first.join(", ")))
        ));
    }
    for refused in &posture.refused_records {
        reasons.push(format!("a record was refused: {refused}"));
    }
    reasons
}
