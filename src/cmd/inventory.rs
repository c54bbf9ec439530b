//! `inventory show|query`.

use std::collections::BTreeSet;
use std::path::Path;

use comfy_table::{ContentArrangement, Table};
use jiff::Timestamp;

use super::{Failure, Outcome, load, output};
use crate::analyze::overview::Declared;
use crate::analyze::{self, Context, Environments, Gathering, Needs, Overview};
use crate::cli::InventoryCommand;
use crate::clock;
use crate::diag::{Diagnostics, nearest};
use crate::exit::Exit;
use crate::expr::{self, Env, Scope, Truth, Want};
use crate::model::kinds::kind_named;
use crate::model::reflect::Type;
use crate::model::snapshot::Entry;
use crate::model::{Coverage, Index, KINDS, Kind, Resource};
use crate::span::SourceFile;

pub(super) fn run(command: InventoryCommand) -> Outcome {
    match command {
        InventoryCommand::Show { snapshot, id: None } => overview(&snapshot),
        InventoryCommand::Show { snapshot, id: Some(id) } => one(&snapshot, &id),
        InventoryCommand::Query { snapshot, kind, expression, json, at } => {
            query(&snapshot, &kind, expression.as_deref(), json, at.as_deref())
        }
    }
}

fn overview(path: &Path) -> Outcome {
    let path = load::snapshot_path(path)?;
    let mut reader = load::open_snapshot(&path)?;
    let mut coverage = Coverage::default();
    while let Some(entry) = reader.next_entry().map_err(Failure::new)? {
        if let Entry::Coverage(entry) = entry {
            coverage.add(entry);
        }
    }
    let header = reader.header();
    let mut text = format!(
        "{}: written by {} from {}\n{}\n\n",
        path.display(),
        header.tool,
        header.created,
        header.scope.join(", ")
    );
    let mut table = table();
    table.set_header(["TYPE", "RESOURCES", "COVERAGE"]);
    let mut names: Vec<&str> = coverage.entries().map(|entry| entry.kind.as_str()).collect();
    names.extend(reader.by_type().keys().map(String::as_str));
    names.sort_unstable();
    names.dedup();
    for name in names {
        let count = reader.by_type().get(name).copied().unwrap_or(0);
        table.add_row([name.to_owned(), count.to_string(), coverage_words(&coverage, name)]);
    }
    text.push_str(&format!("{table}\n"));
    let gaps: Vec<_> = coverage.entries().filter(|entry| !entry.status.is_conclusive()).collect();
    if !gaps.is_empty() {
        text.push_str(&format!("\n{} places were not read completely:\n", gaps.len()));
        for gap in gaps {
            text.push_str(&format!("  {}\n", gap.cause()));
        }
    }
    output::print(&crate::report::text::clean_lines(&text))?;
    Ok(Exit::Holds)
}

fn coverage_words(coverage: &Coverage, kind: &str) -> String {
    let (mut good, mut all) = (0, 0);
    for entry in coverage.entries().filter(|entry| entry.kind == kind) {
        all += 1;
        good += usize::from(entry.status.is_conclusive());
    }
    if all == 0 { "none".to_owned() } else { format!("{good} of {all} places") }
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(output::width()).unwrap_or(u16::MAX));
    table
}

fn one(path: &Path, id: &str) -> Outcome {
    let path = load::snapshot_path(path)?;
    let mut found = Vec::new();
    load::each_resource(&path, None, |resource| {
        if resource.meta.id == id
            || resource.meta.arn.as_deref() == Some(id)
            || resource.meta.name.as_deref() == Some(id)
        {
            found.push(resource);
        }
        Ok(())
    })?;
    if found.is_empty() {
        let words = format!("{} holds no resource with the id, ARN or name `{id}`", path.display());
        return Err(Failure::new(words));
    }
    for resource in &found {
        let text = serde_json::to_string_pretty(resource).map_err(Failure::new)?;
        output::print_raw(format!("{text}\n").as_bytes())?;
    }
    Ok(Exit::Holds)
}

fn query(
    path: &Path,
    kind: &str,
    expression: Option<&str>,
    json: bool,
    at: Option<&str>,
) -> Outcome {
    let now = at.map_or_else(|| Ok(clock::now()), clock::parse)?;
    let Some(kind) = kind_named(kind) else {
        let near = nearest(kind, KINDS.iter().map(|kind| kind.name));
        let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        return Err(Failure::new(format!("no resource type `{kind}`{hint}")));
    };
    let path = load::snapshot_path(path)?;
    let file = SourceFile::new("expression", expression.unwrap_or("true"));
    let env = Env { this: Some(Type::Resource(kind)), params: Vec::new(), vars: Vec::new() };
    let mut diagnostics = Diagnostics::default();
    let Some(program) =
        expr::compile(&expr::Source::whole(&file), &env, Want::Bool, &mut diagnostics)
    else {
        return Err(Failure::Files(diagnostics));
    };
    let environments = Environments::default();
    let (index, overview) = index_for(&path, &program, kind, &environments, now)?;
    let context = Context::new(&index, &environments, now).with_overview(&overview);
    let (mut matched, mut unknown) = (0_u64, 0_u64);
    load::each_resource(&path, Some(kind), |mut resource| {
        analyze::derive(&mut resource, &context);
        let scope = Scope::of(&resource, &[], now, &index);
        match program.eval(&scope).truth() {
            Truth::True => {
                matched += 1;
                print_resource(&resource, json)?;
            }
            Truth::Unknown(why) => {
                unknown += 1;
                output::note(&format!("{}: unknown ({why})", resource.identity()));
            }
            Truth::False => {}
        }
        Ok(())
    })?;
    output::note(&format!("{matched} resources match, {unknown} cannot be decided"));
    Ok(if unknown == 0 { Exit::Holds } else { Exit::Incomplete })
}

fn index_for(
    path: &Path,
    program: &expr::Program,
    kind: &Kind,
    environments: &Environments,
    now: Timestamp,
) -> Result<(Index, Overview), Failure> {
    let needs = Needs::of_fields(program.fields().iter().copied());
    let looked_at = needs.kinds();
    let mut gathering = Gathering::new(needs, environments);
    let mut kept: BTreeSet<&'static str> = program.kinds().iter().map(|kind| kind.name).collect();
    kept.extend(program.relations().iter().map(|relation| relation.kind.name));
    let needed = analyze::needed(kept.iter().copied().chain([kind.name]), environments);
    kept.extend(needed);
    let mut relations = analyze::relations_to(&kept);
    relations.extend(program.relations().iter().copied());
    let mut resources = Vec::new();
    let wanted = |kind: &str| kept.contains(kind) || looked_at.contains(kind);
    let (_, coverage) = load::scan(path, wanted, |resource| {
        gathering.add(&resource);
        if kept.contains(resource.kind().name) {
            resources.push(resource);
        }
    })?;
    let mut index = Index::build(resources, coverage, &relations);
    let overview = gathering.finish(&Context::new(&index, environments, now), &Declared::default());
    analyze::derive_all(&mut index, environments, now, &overview);
    Ok((index, overview))
}

fn print_resource(resource: &Resource, json: bool) -> Result<(), Failure> {
    if json {
        let text = serde_json::to_string(resource).map_err(Failure::new)?;
        return output::print_raw(format!("{text}\n").as_bytes());
    }
    let meta = &resource.meta;
    let name = meta.name.as_deref().unwrap_or_default();
    let line = format!("{} {} {} {name}", meta.account, meta.region, meta.id);
    output::print(&format!("{}\n", crate::report::text::clean(&line)))
}
