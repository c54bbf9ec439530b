//! `collect`: an inventory into a snapshot.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::permissions::collection_plan;
use super::{Failure, Outcome, load, output};
use crate::check::Selection;
use crate::cli::{self, AwsSource, CheckSelection, CollectAws, CollectAwsJson, CollectSource};
use crate::clock::{self, Time};
use crate::collect::aws_json;
use crate::collect::plan::Plan;
use crate::config::{Config, OrganizationConfig};
use crate::exit::Exit;
use crate::ident::{AccountId, Region};
use crate::model::snapshot::Writer;
use crate::model::{CoverageEntry, Resource};

pub(super) fn run(args: cli::Collect) -> Outcome {
    match args.source {
        None => aws(&args.aws),
        Some(CollectSource::Aws(args)) => aws(&args),
        Some(CollectSource::AwsJson(args)) => dump(&args),
    }
}

fn aws(args: &CollectAws) -> Outcome {
    let config = match &args.config {
        None => Config::default(),
        Some(path) => load::read_config(path)?,
    };
    let mut plan = plan(&config, &args.selection)?;
    if args.last_accessed {
        plan.want_last_accessed();
    }
    live(&args.aws, &config, &plan, &args.out)
}

/// What the selected checks need. Without a selection everything is collected, for the questions of tomorrow.
fn plan(config: &Config, flags: &CheckSelection) -> Result<Plan, Failure> {
    let mut selection = config.selection.clone();
    selection.include.extend(flags.include.iter().cloned());
    selection.exclude.extend(flags.exclude.iter().cloned());
    selection.severity = flags.min_severity.or(selection.severity);
    let Selection { include, exclude, severity } = &selection;
    if include.is_empty() && exclude.is_empty() && severity.is_none() {
        return Ok(Plan::all());
    }
    let mut dirs = config.check_dirs.clone();
    dirs.extend(flags.dirs.iter().cloned());
    collection_plan(&load::suite(&selection, &dirs)?)
}

/// A snapshot in the making: a file beside the wanted one that takes its name only when it is whole.
pub(super) struct SnapshotFile {
    writer: Writer<BufWriter<File>>,
    part: PathBuf,
    path: PathBuf,
}

impl SnapshotFile {
    pub(super) fn create(path: &Path, created: Time, scope: Vec<String>) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        let failed = |error: io::Error| Failure::new(format!("{}: {error}", part.display()));
        let file = File::create(&part).map_err(failed)?;
        let writer = Writer::new(BufWriter::new(file), created, scope).map_err(failed)?;
        Ok(Self { writer, part, path: path.to_owned() })
    }

    pub(super) fn resource(&mut self, resource: &Resource) -> io::Result<()> {
        self.writer.resource(resource)
    }

    pub(super) fn finish<'e>(
        mut self,
        coverage: impl IntoIterator<Item = &'e CoverageEntry>,
    ) -> Result<(), Failure> {
        let mut entries = coverage.into_iter();
        let written = entries.try_for_each(|entry| self.writer.coverage(entry));
        let written = written
            .and_then(|()| self.writer.finish())
            .and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error))
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.part, &self.path));
        written.map_err(|error| {
            let _ = fs::remove_file(&self.part);
            Failure::new(format!("{}: {error}", self.path.display()))
        })
    }
}

/// The organisation as flags or the configuration have it, flags first.
fn organization(source: &AwsSource, config: &Config) -> Option<OrganizationConfig> {
    if !source.organization {
        return config.aws.organization.clone();
    }
    Some(OrganizationConfig {
        role: source.role.clone().unwrap_or_default(),
        external_id: source.external_id.clone(),
        include_accounts: source.include_account.clone(),
        exclude_accounts: source.exclude_account.clone(),
        include_units: source.include_ou.clone(),
        exclude_units: source.exclude_ou.clone(),
    })
}

/// Asks AWS and writes what it answers.
#[cfg(feature = "aws")]
pub(super) fn live(source: &AwsSource, config: &Config, plan: &Plan, out: &Path) -> Outcome {
    use crate::collect::aws::progress::Display;
    use crate::collect::aws::{dry_run, run_blocking};

    let options = options(source, config)?;
    if source.dry_run {
        let calls = dry_run(&options, plan);
        let mut text = String::new();
        for call in &calls {
            let name = format!("{}:{}", call.service, call.operation);
            let purpose = call.purpose.join(", ");
            text.push_str(&format!("{:<8} {name:<56} {:<28} {purpose}\n", call.place, call.times));
        }
        text.push_str(&format!("\n{} operations; nothing was called\n", calls.len()));
        output::print(&text)?;
        return Ok(Exit::Holds);
    }
    let scope = scope_words(&options);
    let mut file = SnapshotFile::create(out, Time(clock::now()), scope)?;
    let mut display = Display::stderr();
    let result =
        run_blocking(&options, plan, &mut |resource| file.resource(&resource), &mut |event| {
            display.event(event);
        });
    display.finish();
    let summary = match result {
        Ok(summary) => summary,
        Err(error) => {
            let _ = fs::remove_file(&file.part);
            return Err(Failure::new(error));
        }
    };
    file.finish(&summary.coverage)?;
    output::note(&format!(
        "{} resources of {} accounts in {} calls → {}",
        summary.resources,
        summary.accounts.len(),
        summary.calls_total(),
        out.display()
    ));
    if let Some(why) = &summary.stopped {
        output::note(&format!("ended early: {why}"));
    }
    Ok(completeness(&summary.coverage))
}

/// Says that this build cannot ask AWS.
#[cfg(not(feature = "aws"))]
pub(super) fn live(source: &AwsSource, config: &Config, _plan: &Plan, _out: &Path) -> Outcome {
    let _ = organization(source, config);
    Err(Failure::new(
        "this build has no AWS collector; build with default features, or use `collect aws-json`",
    ))
}

#[cfg(feature = "aws")]
fn options(source: &AwsSource, config: &Config) -> Result<crate::collect::aws::Options, Failure> {
    use crate::collect::aws::{Options, Organization};

    let regions = if source.regions.is_empty() { &config.aws.regions } else { &source.regions };
    let regions: Result<Vec<_>, _> = regions.iter().map(|text| Region::new(text)).collect();
    let accounts = |list: &[String]| {
        list.iter()
            .map(|text| AccountId::new(text))
            .collect::<Result<Vec<_>, _>>()
            .map_err(Failure::new)
    };
    let organization = match organization(source, config) {
        None => None,
        Some(one) => Some(Organization {
            role: one.role,
            external_id: one.external_id,
            include_accounts: accounts(&one.include_accounts)?,
            exclude_accounts: accounts(&one.exclude_accounts)?,
            include_units: one.include_units,
            exclude_units: one.exclude_units,
        }),
    };
    Ok(Options {
        profile: source.profile.clone().or_else(|| config.aws.profile.clone()),
        regions: regions.map_err(Failure::new)?,
        organization,
        calls_max: usize::from(source.concurrency),
        run_timeout: source.timeout.map(std::time::Duration::from_secs),
        interruptible: true,
        ..Options::default()
    })
}

#[cfg(feature = "aws")]
fn scope_words(options: &crate::collect::aws::Options) -> Vec<String> {
    let mut words = vec!["live AWS".to_owned()];
    if let Some(organization) = &options.organization {
        words.push(format!("the organization, by role {}", organization.role));
    }
    if !options.regions.is_empty() {
        let regions: Vec<_> = options.regions.iter().map(Region::as_str).collect();
        words.push(format!("regions {}", regions.join(" ")));
    }
    words
}

/// What is missing, on standard error, and the exit code that says so.
fn completeness<'e>(coverage: impl IntoIterator<Item = &'e CoverageEntry>) -> Exit {
    /// How many places are named.
    const SHOWN: usize = 20;
    let gaps: Vec<_> = coverage.into_iter().filter(|entry| !entry.status.is_conclusive()).collect();
    for gap in gaps.iter().take(SHOWN) {
        output::note(&format!("incomplete: {}", gap.cause()));
    }
    if gaps.len() > SHOWN {
        output::note(&format!("incomplete: {} more places", gaps.len() - SHOWN));
    }
    if gaps.is_empty() { Exit::Holds } else { Exit::Incomplete }
}

fn dump(args: &CollectAwsJson) -> Outcome {
    let at = match &args.at {
        Some(text) => clock::parse(text)?,
        None => newest_file(&args.dir)?,
    };
    let parse = |text: &Option<String>| {
        text.as_deref().map(AccountId::new).transpose().map_err(Failure::new)
    };
    let options = aws_json::Options {
        account: parse(&args.account)?,
        region: args.region.as_deref().map(Region::new).transpose().map_err(Failure::new)?,
        ..aws_json::Options::default()
    };
    let scope = vec![format!("AWS CLI output in {}", args.dir.display())];
    let mut file = SnapshotFile::create(&args.out, Time(at), scope)?;
    let mut failed = None;
    let mut count = 0_u64;
    let result = aws_json::collect(&args.dir, &options, &mut |resource| {
        count += 1;
        if failed.is_none() {
            failed = file.resource(&resource).err();
        }
    });
    let summary = match (result, failed) {
        (Ok(summary), None) => summary,
        (result, failed) => {
            let _ = fs::remove_file(&file.part);
            let words =
                failed.map(|e| e.to_string()).or_else(|| result.err().map(|e| e.to_string()));
            return Err(Failure::new(words.unwrap_or_default()));
        }
    };
    if !summary.notes.is_empty() {
        output::diagnostics(&summary.notes);
    }
    file.finish(summary.coverage.entries())?;
    output::note(&format!(
        "{count} resources of {} files → {}",
        summary.files.len(),
        args.out.display()
    ));
    if count == 0 {
        output::note("incomplete: nothing was recognised");
        return Ok(Exit::Incomplete);
    }
    let complete = completeness(summary.coverage.entries());
    if summary.notes.has_errors() {
        output::note("incomplete: files or resources were left out, as told above");
        return Ok(Exit::Incomplete);
    }
    Ok(complete)
}

/// When the newest file of a folder was written: an inventory is as old as that.
fn newest_file(dir: &Path) -> Result<jiff::Timestamp, Failure> {
    fn walk(dir: &Path, newest: &mut Option<std::time::SystemTime>) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_dir() {
                walk(&entry.path(), newest)?;
            } else if meta.is_file() {
                *newest = (*newest).max(meta.modified().ok());
            }
        }
        Ok(())
    }
    let mut newest = None;
    walk(dir, &mut newest).map_err(|e| Failure::new(format!("{}: {e}", dir.display())))?;
    let time = newest.and_then(|time| jiff::Timestamp::try_from(time).ok());
    Ok(time
        .and_then(|t| jiff::Timestamp::from_second(t.as_second()).ok())
        .unwrap_or_else(clock::now))
}
