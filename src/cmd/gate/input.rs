//! Reading what a gate judges: plans and templates by their content, and the live inventory beside them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{actions, template};
use crate::assess::Plan;
use crate::cli::GateInput;
use crate::cmd::{Failure, load};
use crate::collect::predicted::{UNSTATABLE, input};
use crate::collect::{cloudformation, terraform};
use crate::config::Config;
use crate::gate::{self, Key, Predicted, predict};
use crate::ident::{AccountId, Region};
use crate::model::change::{Action, ChangeSet, Reading};
use crate::model::{Coverage, Resource};

/// The plan or template that is named.
pub(super) fn path(args: &GateInput) -> Result<&Path, Failure> {
    args.input.as_deref().ok_or_else(|| Failure::new("name a plan or template to judge"))
}

/// The bytes of an input.
pub(super) struct Text {
    shown: String,
    bytes: Vec<u8>,
    /// The folder, where it is an assembly of the CDK.
    assembly: Option<PathBuf>,
}

impl Text {
    /// Reads what is judged: a file, standard input, or a folder that the CDK wrote.
    pub(super) fn input(path: &Path) -> Result<Self, Failure> {
        if !path.is_dir() {
            return Self::read(path);
        }
        if !path.join(template::MANIFEST).is_file() {
            let words =
                "a folder without a manifest.json: give a plan, a template, or the folder cdk.out";
            return Err(Failure::new(format!("{}: {words}", path.display())));
        }
        let shown = path.display().to_string();
        Ok(Self { shown, bytes: Vec::new(), assembly: Some(path.to_owned()) })
    }

    /// Reads a file, or standard input.
    pub(super) fn read(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let failed = |error: std::io::Error| Failure::new(format!("{shown}: {error}"));
        let mut bytes = Vec::new();
        let most = input::BYTES_MAX as u64 + 1;
        if path == Path::new("-") {
            std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(failed)?;
        } else {
            let file = std::fs::File::open(path).map_err(failed)?;
            let size = file.metadata().map_or(0, |meta| meta.len());
            bytes.reserve(usize::try_from(size.min(most)).unwrap_or_default());
            file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        }
        Ok(Self { shown, bytes, assembly: None })
    }

    pub(super) fn text(&self) -> Result<Cow<'_, str>, Failure> {
        input::text(&self.bytes).map_err(|why| self.wrong(&why))
    }

    fn wrong(&self, why: &dyn std::fmt::Display) -> Failure {
        Failure::new(format!("{}: {why}", self.shown))
    }
}

/// The two sides, and what else the input says.
pub(super) struct Foreseen {
    pub(super) predicted: Predicted,
    pub(super) reading: Reading,
    pub(super) actions: BTreeMap<Action, u64>,
    pub(super) incomplete: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) over_live: bool,
    /// Where a template declares each resource.
    pub(super) blocks: Blocks,
}

/// Where an input acts when it does not say.
struct Defaults {
    account: Option<AccountId>,
    region: Option<Region>,
}

/// Works out the two sides.
pub(super) fn world(
    args: &GateInput,
    config: &Config,
    plan: &Plan<'_>,
    text: &Text,
    base: Option<&Text>,
) -> Result<Foreseen, Failure> {
    // What no selected check and no analysis looks at can make no difference.
    let kinds = plan.collected_kinds();
    let read = |path: &Path| live(path, &kinds);
    let live = config.gate.inventory.as_deref().map(read).transpose()?;
    let defaults = defaults(args, live.as_ref().map(|(_, coverage)| coverage))?;
    let options = gate::Options {
        alone: args.alone,
        unstatable: UNSTATABLE.into_iter().collect(),
        only: Some(kinds.clone()),
        now: Some(plan.now),
    };
    with_changes(args, text, &defaults, |change, blocks| {
        let Some(base) = base else { return Ok(foresee(live, &options, change, None, blocks)) };
        // What the base leads to is the world before.
        with_changes(args, base, &defaults, |old, _| {
            Ok(foresee(live, &options, change, Some(old), blocks))
        })
    })
}

/// Where each resource of a template is declared; of plans, nothing.
pub(super) type Blocks = BTreeMap<Arc<str>, cloudformation::Block>;

/// Reads an input by its content, and hands on what it changes.
fn with_changes<T>(
    args: &GateInput,
    text: &Text,
    defaults: &Defaults,
    then: impl FnOnce(ChangeSet<'_>, Blocks) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (account, region) = (defaults.account.as_ref(), defaults.region.as_ref());
    if let Some(dir) = &text.assembly {
        let read = template::assembly(args, dir, account, region)?;
        return then(read.changes, read.blocks);
    }
    let decoded = text.text()?;
    if decoded.trim().is_empty() {
        return Err(text.wrong(&"the input is empty"));
    }
    if !terraform::is_terraform(&decoded) && cloudformation::is_template(&decoded) {
        let read = template::one(args, &text.shown, &decoded, account, region)?;
        return then(read.changes, read.blocks);
    }
    if !args.parameters.is_empty() {
        return Err(text.wrong(&"--parameters are for templates; a plan has its values already"));
    }
    let options = terraform::Options { account: account.cloned(), region: region.cloned() };
    let parsed = terraform::parse(&decoded).map_err(|why| {
        if decoded.trim_start().starts_with(['{', '[']) {
            text.wrong(&why)
        } else {
            text.wrong(&"neither a Terraform plan as JSON nor a CloudFormation template")
        }
    })?;
    let change = terraform::read(&parsed, &options).map_err(|why| text.wrong(&why))?;
    then(change, Blocks::new())
}

fn foresee(
    live: Option<(Vec<Resource>, Coverage)>,
    options: &gate::Options,
    change: ChangeSet<'_>,
    base: Option<ChangeSet<'_>>,
    blocks: Blocks,
) -> Foreseen {
    let over_live = live.is_some();
    let reading = change.reading.clone();
    let actions = actions(&change.changes);
    let mut incomplete = change.incomplete.clone();
    let mut notes: Vec<String> = change.notes.iter().map(told).collect();
    let predicted = match base {
        None => predict(live, change, options),
        Some(base) => {
            incomplete.extend(base.incomplete.iter().map(|why| format!("the merge base: {why}")));
            let old = predict(live.clone(), base, options);
            let new = predict(live, change, options);
            notes.extend(old.notes.iter().map(|note| format!("the merge base: {note}")));
            beside(old, new)
        }
    };
    Foreseen { predicted, reading, actions, incomplete, notes, over_live, blocks }
}

fn told(diagnostic: &crate::diag::Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// What one input leads to, beside what another does.
fn beside(old: Predicted, new: Predicted) -> Predicted {
    // A thing that was moved between the two has another planned id.
    let mut successors = BTreeMap::new();
    for (key, statements) in &new.origins {
        let Some(previous) = statements.first().and_then(|own| own.previous.clone()) else {
            continue;
        };
        let was = old.origins.iter().find(|(have, statements)| {
            have.kind == key.kind && statements.first().is_some_and(|own| own.address == previous)
        });
        if let Some((was, _)) = was.filter(|(was, _)| *was != key) {
            successors.insert(key.clone(), was.clone());
        }
    }
    let mut origins = new.origins;
    for (key, statements) in old.origins {
        origins.entry(key).or_insert(statements);
    }
    Predicted {
        before: old.after,
        after: new.after,
        origins,
        successors,
        uncertain: old.uncertain.into_iter().chain(new.uncertain).collect::<BTreeMap<Key, _>>(),
        drift: new.drift,
        foreign: new.foreign,
        // Both may have changed anything.
        differs: None,
        notes: new.notes,
    }
}

/// What is typed, or the only account and region of the inventory.
fn defaults(args: &GateInput, live: Option<&Coverage>) -> Result<Defaults, Failure> {
    let account = args.account.as_deref().map(AccountId::new).transpose();
    let region = args.region.as_deref().map(Region::new).transpose();
    let mut defaults =
        Defaults { account: account.map_err(Failure::new)?, region: region.map_err(Failure::new)? };
    let Some(coverage) = live else { return Ok(defaults) };
    if defaults.account.is_none()
        && let [only] = coverage.accounts().as_slice()
    {
        defaults.account = Some(only.clone());
    }
    if defaults.region.is_none()
        && let Some(account) = &defaults.account
        && let [only] = coverage.regions(account).as_slice()
    {
        defaults.region = Some(only.clone());
    }
    Ok(defaults)
}

/// The resources of a live inventory that matter here.
fn live(path: &Path, kinds: &BTreeSet<&'static str>) -> Result<(Vec<Resource>, Coverage), Failure> {
    /// Lines that are parsed at a time.
    const BATCH: usize = 8192;
    let mut resources = Vec::new();
    let mut waiting: Vec<(String, u64)> = Vec::new();
    let mut take = |waiting: &mut Vec<(String, u64)>| -> Result<(), Failure> {
        let parsed: Result<Vec<Resource>, Failure> = waiting
            .par_iter()
            .map(|(text, line)| {
                Resource::parse_evidence(text)
                    .map_err(|why| Failure::new(format!("{}: line {line}: {why}", path.display())))
            })
            .collect();
        resources.extend(parsed?);
        waiting.clear();
        Ok(())
    };
    let mut reader = load::open_snapshot(path)?;
    let coverage = reader.scan(
        |kind| kinds.contains(kind),
        |text, line| {
            waiting.push((text, line));
            if waiting.len() >= BATCH { take(&mut waiting) } else { Ok::<_, Failure>(()) }
        },
    )?;
    take(&mut waiting)?;
    Ok((resources, coverage))
}
