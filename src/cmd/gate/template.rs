//! What a gate reads of CloudFormation: templates with all that stands beside them, and assemblies of the CDK.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::input::Text;
use crate::cli::GateInput;
use crate::cmd::{Failure, output};
use crate::collect::cloudformation::{self, AssemblyStack, Input, Options, Read, ReadError};
use crate::ident::{AccountId, Region};
use crate::model::Tree;
use crate::span::SourceFile;

/// The file that makes a folder an assembly.
pub(super) const MANIFEST: &str = "manifest.json";
/// How deep assemblies may lie within each other.
const NESTED_MAX: usize = 8;

/// Reads a template.
pub(super) fn one(
    args: &GateInput,
    shown: &str,
    text: &str,
    account: Option<&AccountId>,
    region: Option<&Region>,
) -> Result<Read, Failure> {
    let mut input = Input::new(SourceFile::new(shown, text));
    input.name.clone_from(&args.stack);
    beside(args, &mut input)?;
    let previous = args.previous.as_deref().map(file).transpose()?;
    input.previous = previous;
    read(&[input], &options(args, account, region)?)
}

/// Reads an assembly of the CDK.
pub(super) fn assembly(
    args: &GateInput,
    dir: &Path,
    account: Option<&AccountId>,
    region: Option<&Region>,
) -> Result<Read, Failure> {
    let mut options = options(args, account, region)?;
    let mut inputs = Vec::new();
    stacks(dir, NESTED_MAX, &mut inputs, &mut options)?;
    for input in &mut inputs {
        beside(args, input)?;
    }
    if inputs.is_empty() {
        return Err(Failure::new(format!("{}: the assembly has no stack", dir.display())));
    }
    read(&inputs, &options)
}

fn stacks(
    dir: &Path,
    depth: usize,
    inputs: &mut Vec<Input>,
    options: &mut Options,
) -> Result<(), Failure> {
    let manifest = dir.join(MANIFEST);
    let text = Text::read(&manifest)?;
    let (stacks, folders) = cloudformation::assembly(&text.text()?)
        .map_err(|why| Failure::new(format!("{}: {why}", manifest.display())))?;
    let is_stack = |name: &str| stacks.iter().any(|stack| stack.file == name);
    let entries =
        std::fs::read_dir(dir).map_err(|e| Failure::new(format!("{}: {e}", dir.display())))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".template.json") && !is_stack(name))
        .collect();
    names.sort();
    for name in names {
        options.nested.insert(name.clone(), file(&dir.join(name))?);
    }
    for stack in stacks {
        let AssemblyStack { name, file: path, account, region } = stack;
        let mut input = Input::new(file(&dir.join(path))?);
        (input.name, input.account, input.region) = (Some(name), account, region);
        inputs.push(input);
    }
    for folder in folders.iter().filter(|_| depth > 0) {
        self::stacks(&dir.join(folder), depth - 1, inputs, options)?;
    }
    Ok(())
}

/// Parameters, and what AWS says of the stack.
fn beside(args: &GateInput, input: &mut Input) -> Result<(), Failure> {
    for path in &args.parameters {
        let text = Text::read(path)?;
        let values = cloudformation::parameters(&text.text()?)
            .map_err(|why| Failure::new(format!("{}: {why}", path.display())))?;
        input.parameters.extend(values);
    }
    for path in &args.stack_state {
        input.state.push(json(path)?);
    }
    Ok(())
}

fn options(
    args: &GateInput,
    account: Option<&AccountId>,
    region: Option<&Region>,
) -> Result<Options, Failure> {
    let mut exports = BTreeMap::new();
    for path in &args.exports {
        exports.extend(exported(&json(path)?).ok_or_else(|| {
            let words =
                "neither the answer of `aws cloudformation list-exports` nor a map of names";
            Failure::new(format!("{}: {words}", path.display()))
        })?);
    }
    let mut nested = BTreeMap::new();
    for named in &args.nested {
        let (name, path) = if let Some((name, path)) = named.split_once('=') {
            (name.to_owned(), PathBuf::from(path))
        } else {
            let path = PathBuf::from(named);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            (name.unwrap_or_default(), path)
        };
        nested.insert(name, file(&path)?);
    }
    Ok(Options { account: account.cloned(), region: region.cloned(), exports, nested })
}

/// Names and values of exports.
fn exported(value: &Value) -> Option<Vec<(String, Tree<'static>)>> {
    let Some(list) = value.get("Exports") else {
        let map = value.as_object()?.iter();
        let text = |value: &Value| value.as_str().map(str::to_owned).map(Tree::text);
        return map.map(|(name, value)| Some((name.clone(), text(value)?))).collect();
    };
    let exports = list.as_array()?.iter().map(|one| {
        let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((text("Name")?, Tree::text(text("Value")?)))
    });
    exports.collect()
}

fn file(path: &Path) -> Result<SourceFile, Failure> {
    let text = Text::read(path)?;
    Ok(SourceFile::new(path.display().to_string(), text.text()?.into_owned()))
}

fn json(path: &Path) -> Result<Value, Failure> {
    let text = Text::read(path)?;
    serde_json::from_str(&text.text()?)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn read(inputs: &[Input], options: &Options) -> Result<Read, Failure> {
    match cloudformation::read(inputs, options) {
        Ok(read) => Ok(read),
        Err(ReadError::Template { path, notes }) => {
            output::note(&format!("{path} is no template that can be read"));
            Err(Failure::Files(notes))
        }
        Err(why) => Err(Failure::new(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_come_as_an_answer_or_as_a_map() {
        for text in [r#"{"Exports": [{"Name": "a", "Value": "1"}]}"#, r#"{"a": "1"}"#] {
            let made = exported(&serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(made, [("a".to_owned(), Tree::text("1"))]);
        }
        assert!(exported(&serde_json::json!({"Exports": 3})).is_none());
    }
}
