//! `gate`: what a plan or template would do to the findings.

mod baseline;
mod input;
mod sources;
mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::input::Text;
use super::assess::{Run, check_texts};
use super::{Failure, Outcome, check, explain, load, output};
use crate::assess::{
    Assessment, Inventory, InventorySummary, Plan, Quiet, assess_both, assess_in_memory,
};
use crate::check::Selection;
use crate::cli::{
    CheckSelection, GateArgs, GateCommand, GateDecision, GateExplain, GateFormat, GateInput,
    GateOutput, GateRun, Judgement,
};
use crate::clock::{self, Time};
use crate::collect::terraform::source::Sources;
use crate::config::{Config, FILE_NAME};
use crate::exit::Exit;
use crate::finding::Tally;
use crate::framework::ResolvedFramework;
use crate::gate::{
    GateFinding, GateReport, Grounds, Policy, Predicted, ScoreChange, Side, Ties, World, compare,
    decide,
};
use crate::model::Cause;
use crate::model::change::Action;
use crate::posture::{self, Posture};
use crate::report::CheckText;
use crate::report::gate::{self as shown, Format, GateView, Options};
use crate::waiver::inline::Forbidden;

pub(super) fn run(args: GateArgs) -> Outcome {
    match args.command {
        Some(GateCommand::Explain(args)) => explain(&args),
        Some(GateCommand::Baseline(args)) => baseline::run(args.command),
        None => judge(&args.run),
    }
}

fn judge(args: &GateRun) -> Outcome {
    let config = configuration(&args.input)?;
    let policy = policy(&config, &args.decision)?;
    let root = args.output.source_root.as_deref();
    let judged = judgement(&args.input, root, &config, &policy)?;
    write(&judged, &args.output)?;
    let exit = match judged.report.decision.exit_code {
        0 => Exit::Holds,
        1 => Exit::Violated,
        2 => Exit::Usage,
        _ => Exit::Incomplete,
    };
    // What is printed for machines does not say why to whoever looks at the log.
    if args.output.format != GateFormat::Text {
        for reason in &judged.report.decision.reasons {
            output::note(&format!("{}: {}", reason.threshold, reason.words));
        }
    }
    Ok(exit)
}

/// The configuration here or at a path, with the flags over it.
fn configuration(args: &GateInput) -> Result<Config, Failure> {
    let CheckSelection { include, exclude, min_severity, dirs } = &args.selection;
    let judgement = Judgement {
        selection: CheckSelection {
            include: include.clone(),
            exclude: exclude.clone(),
            min_severity: *min_severity,
            dirs: dirs.clone(),
        },
        frameworks: args.frameworks.clone(),
        overlays: args.overlays.clone(),
        waivers: args.waivers.clone(),
        at: args.at.clone(),
        ..Judgement::default()
    };
    let here = Path::new(FILE_NAME);
    let path = args.config.as_deref().or_else(|| here.exists().then_some(here));
    let mut config = load::config(path, &judgement)?;
    if args.alone {
        config.gate.inventory = None;
    } else if args.inventory.is_some() {
        config.gate.inventory.clone_from(&args.inventory);
    }
    if args.baseline.is_some() {
        config.gate.baseline.clone_from(&args.baseline);
    }
    Ok(config)
}

fn policy(config: &Config, args: &GateDecision) -> Result<Policy, Failure> {
    let mut policy = config.gate.policy.clone();
    if let Some(name) = &args.environment {
        if !config.environments.list().iter().any(|have| have.name == *name) {
            let words = format!("no environment `{name}` is declared in the configuration");
            return Err(Failure::new(words));
        }
        if let Some(rules) = policy.environments.get(name) {
            policy.rules = rules.clone();
        }
        policy.environments.clear();
    }
    // What is typed holds everywhere.
    let mut all = policy.environments.values_mut().chain([&mut policy.rules]).collect::<Vec<_>>();
    for rules in &mut all {
        if !args.fail_on.is_empty() {
            rules.fail_on.clone_from(&args.fail_on);
        }
        rules.unknown = args.unknown.unwrap_or(rules.unknown);
    }
    policy.stale = args.stale.unwrap_or(policy.stale);
    policy.warn_only |= args.warn_only;
    Ok(policy)
}

/// A gate's report, with what is said about its checks.
struct Judged {
    report: GateReport,
    checks: Vec<CheckText>,
}

/// Judges an input, with the folder of its sources where there is one.
fn judgement(
    args: &GateInput,
    root: Option<&Path>,
    config: &Config,
    policy: &Policy,
) -> Result<Judged, Failure> {
    // What is wrong with the input is told before anything else is read.
    let text = Text::input(input::path(args)?)?;
    let base_text = args.merge_base.as_deref().map(Text::input).transpose()?;
    let run = Run::load(config)?;
    let plan = run.plan()?;
    let baseline = match &config.gate.baseline {
        Some(path) => Some(baseline::read(path)?),
        None => None,
    };
    let world = input::world(args, config, &plan, &text, base_text.as_ref())?;
    let input::Foreseen { predicted, reading, actions, incomplete, notes, over_live, blocks } =
        world;
    let sources = match root {
        Some(root) => sources::read(root, &predicted.origins, &blocks)?,
        None => Sources::default(),
    };
    let mut waivers = plan.waivers.clone();
    let forbidden = inline_waivers(config, &run);
    let today = clock::today(run.now);
    sources::waive(&sources, &predicted.origins, forbidden, today, &mut waivers);
    let plan = Plan { waivers: &waivers, ..plan };
    let sides = assess(&plan, predicted);
    let ties = Ties { origins: &sides.origins, successors: &sides.successors };
    let before = Side { assessment: &sides.before.0, quiet: &sides.before.1 };
    let after = Side { assessment: &sides.after.0, quiet: &sides.after.1 };
    let mut compared = compare(before, after, ties, baseline.as_ref());
    sources::place(&sources, &mut compared.findings);
    let scores = scores(&run, &sides);
    let foreign = sides.foreign.iter().filter(|_| !args.allow_foreign);
    let foreign: Vec<String> = foreign.map(ToString::to_string).collect();
    let grounds = Grounds {
        findings: &compared.findings,
        drift: &sides.drift,
        scores: &scores,
        reading: &reading,
        actions: &actions,
        incomplete: &incomplete,
        foreign: &foreign,
        judged: sides.before.1.len() + sides.after.1.len(),
        over_live,
        tally: tally(&sides.after.0),
    };
    let decision = decide(&grounds, policy);
    let mut notes = notes;
    notes.extend(sides.notes);
    notes.extend(sources.notes);
    let checks = check_texts(&run.suite, &sides.after.0);
    let report = GateReport {
        at: Time(run.now),
        tool: sides.after.0.tool.clone(),
        input: input::path(args)?.display().to_string(),
        compared_with: compared_with(args, config),
        reading,
        actions,
        tally_before: tally(&sides.before.0),
        tally_after: tally(&sides.after.0),
        findings: compared.findings,
        drift: sides.drift,
        scores,
        waivers: sides.after.0.waivers.clone(),
        stale_baseline: compared.stale_baseline,
        notes,
        decision,
    };
    Ok(Judged { report, checks })
}

/// Whether waivers may stand in the sources: neither the configuration nor a framework says no.
fn inline_waivers(config: &Config, run: &Run<'_>) -> Forbidden {
    let forbids = ResolvedFramework::forbids_inline_waivers;
    if config.gate.forbid_inline_waivers || run.frameworks.iter().any(forbids) {
        Forbidden::Yes
    } else {
        Forbidden::No
    }
}

/// Both sides, assessed.
struct Sides {
    before: (Assessment, Quiet),
    after: (Assessment, Quiet),
    origins: BTreeMap<crate::gate::Key, Vec<crate::gate::Statement>>,
    successors: BTreeMap<crate::gate::Key, crate::gate::Key>,
    drift: Vec<crate::gate::Drift>,
    foreign: Vec<crate::ident::AccountId>,
    notes: Vec<String>,
}

fn assess(plan: &Plan<'_>, predicted: Predicted) -> Sides {
    let Predicted { before, after, origins, successors, uncertain, drift, foreign, differs, notes } =
        predicted;
    let doubted: BTreeMap<String, Cause> =
        uncertain.into_iter().map(|(key, cause)| (key.to_string(), cause)).collect();
    let side = |world: World, path: &str| {
        let summary = InventorySummary {
            path: path.to_owned(),
            created: Time(plan.now),
            ..InventorySummary::default()
        };
        let World { resources, coverage } = world;
        Inventory { summary, resources, coverage, doubted: &doubted }
    };
    let (before, after) = (side(before, "before"), side(after, "after"));
    let [before, after] = match &differs {
        Some(differs) => assess_both(plan, before, after, differs),
        None => [assess_in_memory(plan, before), assess_in_memory(plan, after)],
    };
    Sides { before, after, origins, successors, drift, foreign, notes }
}

fn tally(assessment: &Assessment) -> Tally {
    assessment.checks.iter().fold(Tally::default(), |sum, check| sum.plus(check.tally))
}

fn scores(run: &Run<'_>, sides: &Sides) -> Vec<ScoreChange> {
    let roll = |assessment: &Assessment| -> Posture {
        posture::roll_up(assessment, &run.frameworks, &run.records, run.now)
    };
    let (before, after) = (roll(&sides.before.0), roll(&sides.after.0));
    let net = |score: &posture::Score| score.rated.then_some(score.net);
    let pairs = before.frameworks.iter().zip(&after.frameworks);
    pairs
        .map(|(before, after)| ScoreChange {
            framework: after.id.clone(),
            title: after.title.clone(),
            before: net(&before.score),
            after: net(&after.score),
        })
        .collect()
}

fn compared_with(args: &GateInput, config: &Config) -> String {
    let mut words = match (&args.merge_base, &config.gate.inventory) {
        (Some(base), Some(live)) => {
            format!("{} laid over {}", base.display(), live.display())
        }
        (Some(base), None) => format!("{}, the plan of the merge base", base.display()),
        (None, Some(live)) => format!("the live inventory {}", live.display()),
        (None, None) if args.alone => {
            "what the input knows of the world before, taken for all there is".to_owned()
        }
        (None, None) => "what the input knows of the world before".to_owned(),
    };
    if let Some(baseline) = &config.gate.baseline {
        words.push_str(&format!(", and the baseline {}", baseline.display()));
    }
    words
}

/// Writes every report that is asked for.
fn write(judged: &Judged, args: &GateOutput) -> Result<(), Failure> {
    let mut options = Options {
        key: args.key.clone(),
        verbose: args.details,
        source_prefix: args.source_prefix.clone(),
        ..Options::default()
    };
    let files: [(&Option<PathBuf>, Format); 5] = [
        (&args.markdown, Format::Markdown),
        (&args.sarif, Format::Sarif),
        (&args.junit, Format::Junit),
        (&args.gitlab, Format::Gitlab),
        (&args.json, Format::Json),
    ];
    let mut written = Vec::new();
    for (path, format) in files {
        if let Some(path) = path {
            output::write_file(path, &render(judged, format, &options)?)?;
            written.push(path.display().to_string());
        }
    }
    if let Some(path) = &args.step_summary {
        append(path, &render(judged, Format::StepSummary, &options)?)?;
    }
    let format = match args.format {
        GateFormat::Text => Format::Terminal,
        GateFormat::Json => Format::Json,
        GateFormat::Markdown => Format::Markdown,
        GateFormat::Sarif => Format::Sarif,
        GateFormat::Junit => Format::Junit,
        GateFormat::Gitlab => Format::Gitlab,
        GateFormat::Github => Format::Github,
        GateFormat::StepSummary => Format::StepSummary,
        GateFormat::None => return Ok(()),
    };
    options.width = u16::try_from(output::width()).unwrap_or(u16::MAX);
    // Colours are stripped where they are not wanted when the text is printed.
    options.color = format == Format::Terminal;
    options.written = written;
    let bytes = render(judged, format, &options)?;
    if format == Format::Terminal {
        return output::print(&String::from_utf8_lossy(&bytes));
    }
    output::print_raw(&bytes)
}

fn render(judged: &Judged, format: Format, options: &Options) -> Result<Vec<u8>, Failure> {
    let view = GateView { report: &judged.report, checks: &judged.checks, options };
    let mut bytes = Vec::new();
    shown::write(&view, format, &mut bytes).map_err(Failure::new)?;
    Ok(bytes)
}

fn append(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// How many things have each action.
fn actions<'c>(
    changes: impl IntoIterator<Item = &'c crate::model::change::Change>,
) -> BTreeMap<Action, u64> {
    let mut out = BTreeMap::new();
    for change in changes {
        *out.entry(change.action).or_default() += 1;
    }
    out
}

fn explain(args: &GateExplain) -> Outcome {
    let path = args.report.display();
    let text = std::fs::read_to_string(&args.report)
        .map_err(|error| Failure::new(format!("{path}: {error}")))?;
    let document =
        shown::json::read(&text).map_err(|error| Failure::new(format!("{path}: {error}")))?;
    let begins =
        |one: &&GateFinding| one.finding.fingerprint.starts_with(args.fingerprint.as_str());
    let found: Vec<&GateFinding> = document.gate.findings.iter().filter(begins).collect();
    let one = match found.as_slice() {
        [one] => *one,
        [] => {
            let words = format!("{path} has no finding `{}`", args.fingerprint);
            return Err(Failure::new(words));
        }
        many => {
            let words = format!(
                "{} findings begin with `{}`; give more of it",
                many.len(),
                args.fingerprint
            );
            return Err(Failure::new(words));
        }
    };
    output::print(&format!("{}: {}\n", one.class.words(), describe(one)))?;
    output::print(&explain::describe(&one.finding))?;
    let suite = load::suite(&Selection::default(), &args.dirs)?;
    if let Some(check) = suite.get(&one.finding.check) {
        output::print(&format!("\n{}", check::describe(check)))?;
    }
    Ok(Exit::Holds)
}

fn describe(one: &GateFinding) -> String {
    let mut words = if one.addresses.is_empty() {
        "reached from afar; the input does not name it".to_owned()
    } else {
        let action = one.action.map(Action::words).unwrap_or_default();
        format!("{action} {}", one.addresses.join(", "))
    };
    if let Some(was) = one.was {
        words.push_str(&format!("; it was {} before", was.words()));
    }
    if let Some(place) = &one.location {
        words.push_str(&format!("; {}:{}", place.file, place.line));
    }
    crate::report::text::clean_lines(&words).into_owned()
}

/// The day of a run.
fn today(config: &Config) -> jiff::civil::Date {
    clock::today(config.at.unwrap_or_else(clock::now))
}
