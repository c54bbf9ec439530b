//! Templates of CloudFormation, of SAM, and those that the CDK synthesizes.
//!
//! A template is read with the place of everything in it ([`node`]), its loops are unrolled and SAM's types written out,
//! and its functions are evaluated as far as parameters, exports and accounts are known ([`functions`]): what hangs on
//! something unknown is unknown, with that as its cause. Each resource that has a place in the inventory gets there by
//! its mapper ([`map`]). What does not exist yet is named `planned:<Stack>.<LogicalId>`.

mod attributes;
mod changes;
mod foreach;
mod functions;
mod input;
mod map;
mod node;
mod resources;
mod sam;
pub mod source;
mod template;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

pub use self::input::{AssemblyStack, assembly, is_template, parameters};
use self::world::{Stack, World};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ident::{AccountId, Arn, Region};
use crate::model::change::{ChangeSet, Place, Reading, Sketch};
use crate::model::{Origin, Tree};
use crate::span::SourceFile;

/// How many stacks one reading may have, nested ones counted.
const STACKS_MAX: usize = 500;
/// How deep stacks may be nested.
const NESTED_MAX: usize = 10;

/// A stack to be read.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its template.
    pub file: SourceFile,
    /// Its name; the template's file without its ending where nobody says.
    pub name: Option<String>,
    /// The values of its parameters.
    pub parameters: BTreeMap<String, Tree<'static>>,
    /// The account it is deployed to.
    pub account: Option<AccountId>,
    /// The region it is deployed to.
    pub region: Option<Region>,
    /// The answers of `describe-change-set` and `describe-stack-resources` about it.
    pub state: Vec<Value>,
    /// The template it was deployed with before.
    pub previous: Option<SourceFile>,
}

impl Input {
    /// A template of which nothing else is known.
    pub fn new(file: SourceFile) -> Self {
        Self {
            file,
            name: None,
            parameters: BTreeMap::new(),
            account: None,
            region: None,
            state: Vec::new(),
            previous: None,
        }
    }
}

/// What the reader may use besides.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The account of stacks that do not say theirs.
    pub account: Option<AccountId>,
    /// The region of stacks that do not say theirs.
    pub region: Option<Region>,
    /// The values of exports by name, such as a live inventory has them.
    pub exports: BTreeMap<String, Tree<'static>>,
    /// Templates of nested stacks: by the address or the logical id of the resource that stands for them, or by the name
    /// of the file that their URL names.
    pub nested: BTreeMap<String, SourceFile>,
}

/// Where a resource is declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The template.
    pub file: Arc<str>,
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// Its `Metadata` as it is written.
    pub metadata: Tree<'static>,
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    /// What changes.
    pub changes: ChangeSet<'static>,
    /// Where each resource is declared, by its address.
    pub blocks: BTreeMap<Arc<str>, Block>,
}

/// Why templates cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// One of them is no template, or not understood; the diagnostics say where and why.
    #[error("{path} is no template of CloudFormation that can be read")]
    Template {
        /// The file.
        path: String,
        /// What is wrong with it.
        notes: Diagnostics,
    },
    /// What is said of a stack is not understood.
    #[error("what is said of the stack {name} is not understood: {why}")]
    State {
        /// The stack.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// There are too many.
    #[error("there are more than {STACKS_MAX} stacks; give fewer of them")]
    TooMany,
}

/// Reads templates into what they change, those that export to each other together.
///
/// # Errors
/// When one of them is no template.
pub fn read(inputs: &[Input], options: &Options) -> Result<Read, ReadError> {
    let mut notes = Diagnostics::default();
    let mut incomplete = Vec::new();
    let after = world(inputs, options, &mut notes, &mut incomplete, false)?;
    let mut set = ChangeSet {
        origin: Origin::Cloudformation,
        before: Sketch::default(),
        after: Sketch::default(),
        changes: Vec::new(),
        reading: Reading { what: what(&after), ..Reading::default() },
        incomplete,
        drift: Vec::new(),
        places: Vec::new(),
        notes,
    };
    resources::after(&after, &mut set);
    if inputs.iter().any(|input| input.previous.is_some()) {
        let (mut notes, mut incomplete) = (Diagnostics::default(), Vec::new());
        let before = world(inputs, options, &mut notes, &mut incomplete, true)?;
        resources::before(&before, &mut set);
        resources::stays(&before, &after, &mut set);
        resources::removed(&after, Some(&before), &mut set);
        let of = |why: String| format!("before the change: {why}");
        set.incomplete.extend(incomplete.into_iter().map(of));
    } else {
        resources::removed(&after, None, &mut set);
    }
    resources::existing(&after, &mut set);
    let mut places = BTreeSet::new();
    for stack in &after.stacks {
        if places.insert(stack.place.clone()) {
            set.places.push(stack.place.clone());
        }
    }
    note_places(&after, &mut set.notes);
    if after.is_spent() {
        set.incomplete
            .push("evaluating its functions takes too much; some of them are unknown".to_owned());
    }
    set.incomplete.dedup();
    Ok(Read { blocks: blocks(&after), changes: set })
}

fn what(world: &World<'_>) -> String {
    match world.stacks.as_slice() {
        [one] => format!("CloudFormation template {}", one.file.path),
        all => format!("{} CloudFormation templates", all.len()),
    }
}

fn note_places(world: &World<'_>, notes: &mut Diagnostics) {
    if world.stacks.iter().any(|stack| !stack.account_known) {
        let message = "the template does not tell which account it is for";
        let help = "name it with --account; until then its own account looks like another one";
        notes.push(Diagnostic::warning("cloudformation/account", message).help(help));
    }
    if world.stacks.iter().any(|stack| !stack.region_known) {
        let message = "the template does not tell which region it is for";
        notes.push(
            Diagnostic::warning("cloudformation/region", message).help("name it with --region"),
        );
    }
}

/// The stacks of one side of the change.
fn world<'o>(
    inputs: &[Input],
    options: &'o Options,
    notes: &mut Diagnostics,
    incomplete: &mut Vec<String>,
    previous: bool,
) -> Result<World<'o>, ReadError> {
    let mut world = World::new(&options.exports);
    for input in inputs {
        let name = input.name.clone().unwrap_or_else(|| stem(&input.file.path));
        let mut known = changes::read(&input.state)
            .map_err(|why| ReadError::State { name: name.clone(), why })?;
        incomplete.append(&mut known.incomplete);
        let name = input.name.clone().or_else(|| known.stack_name.clone()).unwrap_or(name);
        let file = match (previous, &input.previous) {
            (true, Some(file)) => file.clone(),
            // A stack without a template before has nothing there that could be evaluated.
            (true, None) => continue,
            (false, _) => input.file.clone(),
        };
        let mut parameters: BTreeMap<String, Tree<'static>> = known
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), Tree::text(value.clone())))
            .collect();
        parameters.extend(input.parameters.clone());
        let arn = known.stack_id.as_deref().and_then(|id| Arn::new(id).ok());
        let account = input
            .account
            .clone()
            .or_else(|| arn.as_ref().and_then(Arn::account))
            .or_else(|| options.account.clone());
        let region = input
            .region
            .clone()
            .or_else(|| arn.as_ref().and_then(Arn::region))
            .or_else(|| options.region.clone());
        if previous {
            // What exists has its ids before the change, whatever becomes of it.
            known.physical =
                known.before.iter().map(|(id, have)| (id.clone(), have.physical.clone())).collect();
        }
        let template = load(&file, &parameters, notes)?;
        let partition = region.as_ref().map_or("aws", crate::collect::normal::partition_of);
        world.stacks.push(Stack {
            name: Tree::text(name.clone()),
            path: name,
            file,
            template,
            parent: None,
            parameters,
            place: Place {
                account: account.clone().unwrap_or_else(AccountId::unknown),
                region: region.clone().unwrap_or_else(Region::unknown),
            },
            account_known: account.is_some(),
            region_known: region.is_some(),
            partition,
            known,
            children: BTreeMap::new(),
        });
    }
    nest(&mut world, options, notes, incomplete)?;
    for stack in &world.stacks {
        let of = |what: &String| {
            format!("{}: the macro {what} makes another template of it", stack.path)
        };
        incomplete.extend(stack.template.macros.iter().map(of));
        incomplete.extend(stack.template.loops.iter().map(|why| format!("{}: {why}", stack.path)));
    }
    Ok(world)
}

fn load(
    file: &SourceFile,
    parameters: &BTreeMap<String, Tree<'static>>,
    notes: &mut Diagnostics,
) -> Result<template::Template, ReadError> {
    let mut wrong = Diagnostics::default();
    match template::read(file, &|name| parameters.get(name).cloned(), &mut wrong) {
        Some(template) => {
            wrong.iter().for_each(|note| notes.push(note.clone()));
            Ok(template)
        }
        None => Err(ReadError::Template { path: file.path.to_string(), notes: wrong }),
    }
}

/// Adds the stacks that are nested in others, as far as their templates were given.
fn nest(
    world: &mut World<'_>,
    options: &Options,
    notes: &mut Diagnostics,
    incomplete: &mut Vec<String>,
) -> Result<(), ReadError> {
    let mut at = 0;
    while at < world.stacks.len() {
        if world.stacks.len() > STACKS_MAX {
            return Err(ReadError::TooMany);
        }
        let mut nested = Vec::new();
        if let Some(stack) = world.stacks.get(at) {
            let kind = |kind: &str| {
                matches!(kind, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
            };
            for declared in stack.template.resources.iter().filter(|one| kind(&one.kind)) {
                let address = stack.address(&declared.id);
                let deep = address.matches('/').count() > NESTED_MAX;
                let keys = [
                    Some(address.clone()),
                    Some(declared.id.clone()),
                    input::template_file(declared),
                ];
                let file = keys.into_iter().flatten().find_map(|key| options.nested.get(&key));
                match file {
                    Some(file) if !deep => {
                        nested.push((declared.id.clone(), address, file.clone()));
                    }
                    _ => incomplete
                        .push(format!("the template of the nested stack {address} was not given")),
                }
            }
        }
        for (id, address, file) in nested {
            let template = load(&file, &BTreeMap::new(), notes)?;
            let child = world.stacks.len();
            let Some(stack) = world.stacks.get_mut(at) else { continue };
            stack.children.insert(id.clone(), child);
            let stack = Stack {
                name: world::later(format!("the name of the nested stack {address}")),
                path: address,
                file,
                template,
                parent: Some((at, id)),
                parameters: BTreeMap::new(),
                place: stack.place.clone(),
                account_known: stack.account_known,
                region_known: stack.region_known,
                partition: stack.partition,
                known: changes::Known::default(),
                children: BTreeMap::new(),
            };
            world.stacks.push(stack);
        }
        at += 1;
    }
    Ok(())
}

/// The name of a file without folders and endings, as far as a stack can have it.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.split('.').next().unwrap_or(name);
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "stack".to_owned() } else { name.to_owned() }
}

fn blocks(world: &World<'_>) -> BTreeMap<Arc<str>, Block> {
    let mut out = BTreeMap::new();
    for stack in &world.stacks {
        for declared in &stack.template.resources {
            let block = Block {
                file: stack.file.path.clone(),
                first: stack.file.line_column(declared.at.start).0,
                last: stack.file.line_column(declared.at.end).0,
                metadata: declared
                    .node
                    .get("Metadata")
                    .map(node::Node::literal)
                    .unwrap_or_default(),
            };
            out.insert(Arc::from(stack.address(&declared.id)), block);
        }
    }
    out
}

#[cfg(test)]
mod tests;
