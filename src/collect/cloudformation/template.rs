//! The sections of a template.

use std::ops::Range;

use super::foreach;
use super::node::{Entry, Node, Value};
use super::sam;
use crate::diag::{Diagnostic, Diagnostics};
use crate::model::Tree;
use crate::span::SourceFile;

/// A template, with loops unrolled and the types of SAM as those that they stand for.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) parameters: Vec<Entry>,
    pub(super) mappings: Node,
    pub(super) conditions: Vec<Entry>,
    pub(super) resources: Vec<Declared>,
    pub(super) outputs: Vec<Entry>,
    /// What makes it another template when it is deployed, besides what is done here.
    pub(super) macros: Vec<String>,
    /// Loops that could not be unrolled.
    pub(super) loops: Vec<String>,
}

/// A resource as it is declared.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) id: String,
    pub(super) kind: String,
    /// The bytes of the whole block.
    pub(super) at: Range<usize>,
    /// Everything about it: `Type`, `Properties`, `Condition` and so on.
    pub(super) node: Node,
}

impl Declared {
    pub(super) fn property(&self, name: &str) -> Option<&Node> {
        self.node.get("Properties")?.get(name)
    }
}

/// What SAM knows.
const SAM: &str = "AWS::Serverless-2016-10-31";
/// Transforms that add nothing but what is understood here, or nothing that matters.
const HARMLESS: [&str; 4] = [
    SAM,
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
];

/// Reads the sections of a template. `given` are the values of parameters, over which loops may go.
pub(super) fn read(
    file: &SourceFile,
    given: &dyn Fn(&str) -> Option<Tree<'static>>,
    notes: &mut Diagnostics,
) -> Option<Template> {
    let mut root = super::node::read(file, notes)?;
    let Some(resources) = root.get("Resources") else {
        let message = "there is no section `Resources`: this is no template of CloudFormation";
        notes.push(Diagnostic::error("cloudformation/no-template", message).at(file, 0..0));
        return None;
    };
    if !matches!(resources.value, Value::Map(_)) {
        let message = "`Resources` is no map";
        let at = resources.at.clone();
        notes.push(Diagnostic::error("cloudformation/no-template", message).at(file, at));
        return None;
    }
    let mut template = Template::default();
    let parameters = root.get("Parameters").cloned().unwrap_or_default();
    let value =
        |name: &str| given(name).or_else(|| Some(parameters.get(name)?.get("Default")?.literal()));
    foreach::unroll(&mut root, &value, &mut template.loops);
    let transforms = transforms(&root);
    if transforms.iter().any(|name| name == SAM) {
        sam::expand(&mut root);
    }
    template.macros = transforms.into_iter().filter(|name| !HARMLESS.contains(&&**name)).collect();
    template.parameters = parameters.entries().to_vec();
    template.mappings = root.get("Mappings").cloned().unwrap_or_default();
    template.conditions = section(&root, "Conditions");
    template.outputs = section(&root, "Outputs");
    let end = ends(file, &root);
    let resources = section(&root, "Resources");
    let starts: Vec<usize> = resources.iter().map(start).collect();
    for (at, entry) in resources.into_iter().enumerate() {
        if entry.key.starts_with("Fn::") {
            template.macros.push(entry.key);
            continue;
        }
        let kind = entry.node.get("Type").and_then(Node::as_str).unwrap_or_default().to_owned();
        let start = start(&entry);
        let next = starts.iter().skip(at + 1).copied().find(|next| *next > start);
        let at = block(file, start, next.unwrap_or(end), &entry.node);
        template.resources.push(Declared { id: entry.key, kind, at, node: entry.node });
    }
    Some(template)
}

fn section(root: &Node, name: &str) -> Vec<Entry> {
    root.get(name).map(|node| node.entries().to_vec()).unwrap_or_default()
}

fn transforms(root: &Node) -> Vec<String> {
    let mut out = Vec::new();
    match root.get("Transform") {
        Some(node) if node.as_str().is_some() => out.extend(node.as_str().map(str::to_owned)),
        Some(node) if !node.items().is_empty() => {
            for item in node.items() {
                let name = item.as_str().or_else(|| item.get("Name").and_then(Node::as_str));
                out.extend(name.map(str::to_owned));
            }
        }
        Some(node) => out.extend(node.get("Name").and_then(Node::as_str).map(str::to_owned)),
        None => {}
    }
    if root.get("Fn::Transform").is_some() {
        out.push("Fn::Transform".to_owned());
    }
    out
}

fn start(entry: &Entry) -> usize {
    if entry.at.start > 0 { entry.at.start } else { entry.node.at.start }
}

/// Where the section of resources ends: where the next one begins.
fn ends(file: &SourceFile, root: &Node) -> usize {
    let Some(own) = root.entries().iter().find(|entry| entry.key == "Resources") else {
        return file.text.len();
    };
    let from = start(own);
    let later = root.entries().iter().map(start).filter(|at| *at > from);
    later.min().unwrap_or(file.text.len())
}

/// The bytes of a block: up to the next one, without the empty lines and comments between.
fn block(file: &SourceFile, start: usize, next: usize, node: &Node) -> Range<usize> {
    // JSON says where values end.
    if file
        .text
        .get(node.at.clone())
        .is_some_and(|text| text.starts_with('{') && text.ends_with('}'))
    {
        return start..node.at.end;
    }
    let Some(text) = file.text.get(start..next) else { return start..start };
    let mut end = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let bare = line.trim();
        // What is left of the next block's line is its indentation only.
        if !bare.is_empty() && !bare.starts_with('#') {
            end = at;
        }
    }
    let kept = text.get(..end).unwrap_or_default().trim_end().len();
    start..start + kept
}
