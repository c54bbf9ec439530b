//! `iam unused` and `iam reduce`.

use std::path::Path;

use jiff::Timestamp;

use super::super::{Failure, Outcome, load, output};
use crate::analyze::iam::usage::Window;
use crate::analyze::iam::usage::holdings::{self, Holdings};
use crate::analyze::iam::usage::idle::{self, Gatherer};
use crate::analyze::iam::usage::reduce::{self, Terms, Uncovered};
use crate::cli::{IamReduce, IamUnused};
use crate::clock;
use crate::diag::nearest;
use crate::exit::Exit;
use crate::model::snapshot::Header;
use crate::report::iam::{Inventory, text, usage};

/// `iam unused`: what nobody used.
pub(super) fn unused(args: &IamUnused) -> Outcome {
    super::format(&args.output)?;
    let window = window(&args.inventory, args.days, args.at.as_deref())?;
    let path = load::snapshot_path(&args.inventory)?;
    let mut gatherer = Gatherer::default();
    let mut principals = 0;
    let wanted = |kind: &str| idle::KINDS.contains(&kind);
    let (header, coverage) = load::scan(&path, wanted, |resource| {
        let kind = resource.kind().name;
        principals += u64::from(matches!(kind, "aws.iam.role" | "aws.iam.user"));
        gatherer.add(&resource);
    })?;
    let gaps: Vec<String> = coverage
        .entries()
        .filter(|entry| idle::KINDS.contains(&entry.kind.as_str()))
        .filter_map(|entry| {
            let cause = coverage.gap(&entry.account, &entry.region, &entry.kind)?;
            Some(format!("{} in {}: {cause}", entry.kind, entry.account))
        })
        .collect();
    let answer = usage::Unused {
        portcullis_iam_unused: usage::VERSION,
        inventory: inventory(&path, &header, principals),
        days: window.days,
        unused: gatherer.finish(&window).into_iter().map(Into::into).collect(),
    };
    super::show(&answer, &args.output, |color| {
        usage::unused(&answer, text::Style { width: output::width(), color })
    })?;
    for gap in &gaps {
        output::note(&format!("incomplete: {gap}"));
    }
    let open = answer.unused.iter().any(|row| row.unknown.is_some());
    Ok(if open || !gaps.is_empty() || principals == 0 { Exit::Incomplete } else { Exit::Holds })
}

/// `iam reduce`: a policy without what nobody used.
pub(super) fn reduce(args: &IamReduce) -> Outcome {
    super::format(&args.output)?;
    let window = window(&args.inventory, args.days, args.at.as_deref())?;
    let path = load::snapshot_path(&args.inventory)?;
    let mut holdings = Holdings::of(&args.principal);
    let wanted = |kind: &str| holdings::KINDS.contains(&kind);
    let (header, _) = load::scan(&path, wanted, |resource| holdings.add(resource))?;
    let names = std::mem::take(&mut holdings.names);
    let inventory = inventory(&path, &header, names.len() as u64);
    let Some(held) = holdings.finish() else {
        let short = names.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn));
        let near = nearest(&args.principal, names.iter().map(String::as_str).chain(short));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let words = format!("{} holds no user or role `{}`{hint}", path.display(), args.principal);
        return Err(Failure::new(words));
    };
    if held.service_linked {
        let words =
            format!("{} belongs to a service, which alone can change its policies", held.arn);
        return Err(Failure::new(words));
    }
    let accessed = match &held.accessed {
        Ok(accessed) => accessed,
        Err(cause) => {
            output::note(&format!(
                "incomplete: when {} used which service is unknown ({cause}); nothing can be taken away",
                held.arn
            ));
            return Ok(Exit::Incomplete);
        }
    };
    let sources = held.sources();
    let terms = Terms {
        accessed,
        window,
        uncovered: if args.only_used { Uncovered::Drop } else { Uncovered::Keep },
        created: held.created,
    };
    let proposal = reduce::propose(&sources, &terms);
    let replaces = sources
        .iter()
        .filter(|source| !proposal.keeps(source.name))
        .map(|source| source.name.to_owned())
        .collect();
    let data_of = accessed.asked.map(usage::data_day);
    let answer = usage::reduced(inventory, &held.arn, window.days, data_of, replaces, proposal);
    super::show(&answer, &args.output, |color| {
        usage::proposal(&answer, text::Style { width: output::width(), color })
    })?;
    Ok(if answer.unread.is_empty() { Exit::Holds } else { Exit::Incomplete })
}

fn inventory(path: &Path, header: &Header, principals: u64) -> Inventory {
    Inventory { path: path.display().to_string(), created: header.created.to_string(), principals }
}

/// The window: `--at` outranks the clock of a configuration, and that the one of this machine.
fn window(path: &Path, days: u32, at: Option<&str>) -> Result<Window, Failure> {
    let is_project = path.is_dir() || path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    let now: Timestamp = match at {
        Some(at) => clock::parse(at)?,
        None if is_project => load::read_config(path)?.at.unwrap_or_else(clock::now),
        None => clock::now(),
    };
    Ok(Window { now, days: i64::from(days) })
}
