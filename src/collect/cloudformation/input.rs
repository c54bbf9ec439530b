//! What stands beside templates: files of parameters, and the assemblies that the CDK synthesizes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::node::{Node, Value as Written};
use super::template::Declared;
use crate::ident::{AccountId, Region};
use crate::model::Tree;

/// Whether a text looks like a template: it has the section of resources, and one of them has a type of AWS.
pub fn is_template(text: &str) -> bool {
    // Far into long templates there is nothing that the first part does not have.
    const LOOK: usize = 256 * 1024;
    let mut end = text.len().min(LOOK);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or_default();
    let is_section = |line: &str| {
        let line = line.trim_start_matches(['{', ' ', '\t', '"', '\'']);
        line.starts_with("Resources") || line.starts_with("AWSTemplateFormatVersion")
    };
    (head.lines().any(is_section) || head.contains("\"Resources\""))
        && (head.contains("AWS::") || head.contains("Custom::"))
}

/// The values of a file of parameters: `[{"ParameterKey": …, "ParameterValue": …}]` as the CLI takes it,
/// `{"Parameters": {…}}` as CodePipeline does, `["Key=Value"]` as `deploy` does, or a plain map.
///
/// # Errors
/// When it is none of these.
pub fn parameters(text: &str) -> Result<BTreeMap<String, Tree<'static>>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Pair {
        parameter_key: String,
        parameter_value: Option<Value>,
    }
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut out = BTreeMap::new();
    match value {
        Value::Array(items) => {
            for item in items {
                if let Value::String(text) = &item {
                    let (key, value) = text.split_once('=').ok_or("a text without `=`")?;
                    out.insert(key.to_owned(), Tree::text(value.to_owned()));
                    continue;
                }
                let pair = Pair::deserialize(item).map_err(|error| error.to_string())?;
                // Without a value the previous one is kept, which nobody here knows.
                if let Some(value) = pair.parameter_value {
                    out.insert(pair.parameter_key, Tree::from(&value));
                }
            }
        }
        Value::Object(map) => {
            let inner = match map.get("Parameters") {
                Some(Value::Object(inner)) => inner,
                _ => &map,
            };
            for (key, value) in inner {
                out.insert(key.clone(), Tree::from(value));
            }
        }
        _ => return Err("neither a list nor a map of parameters".to_owned()),
    }
    Ok(out)
}

/// A stack of an assembly.
#[derive(Debug, Clone, PartialEq)]
pub struct AssemblyStack {
    /// Its name.
    pub name: String,
    /// The file of its template, within the folder.
    pub file: String,
    /// The account it is for, where the assembly says.
    pub account: Option<AccountId>,
    /// The region it is for, where the assembly says.
    pub region: Option<Region>,
}

/// The stacks of an assembly (`cdk.out`), by its `manifest.json`, and the folders of assemblies within it.
///
/// # Errors
/// When it is no manifest of an assembly.
pub fn assembly(manifest: &str) -> Result<(Vec<AssemblyStack>, Vec<String>), String> {
    let value: Value = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
    let artifacts = value
        .get("artifacts")
        .and_then(Value::as_object)
        .ok_or("no `artifacts`: this is no manifest of a CDK assembly")?;
    let (mut stacks, mut folders) = (Vec::new(), Vec::new());
    for (id, artifact) in artifacts {
        let text = |path: &str| artifact.pointer(path).and_then(Value::as_str).map(str::to_owned);
        match text("/type").as_deref() {
            Some("aws:cloudformation:stack") => {
                let Some(file) = text("/properties/templateFile").filter(|file| is_inside(file))
                else {
                    return Err(format!("the stack {id} has no `templateFile` within the folder"));
                };
                let environment = text("/environment").unwrap_or_default();
                let place =
                    environment.strip_prefix("aws://").and_then(|rest| rest.split_once('/'));
                stacks.push(AssemblyStack {
                    name: text("/properties/stackName").unwrap_or_else(|| id.clone()),
                    file,
                    account: place.and_then(|(account, _)| AccountId::new(account).ok()),
                    region: place
                        .filter(|(_, region)| *region != "unknown-region")
                        .and_then(|(_, region)| Region::new(region).ok()),
                });
            }
            Some("cdk:cloud-assembly") => {
                let folder = text("/properties/directoryName").filter(|folder| is_inside(folder));
                folders.extend(folder);
            }
            _ => {}
        }
    }
    Ok((stacks, folders))
}

/// A manifest must not lead out of its folder.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['/', '\\'])
        && !path.contains("..")
        && !path.contains(':')
}

/// The file that the URL of a nested stack's template ends in, or that the CDK says it is.
pub(super) fn template_file(declared: &Declared) -> Option<String> {
    let asset = declared.node.get("Metadata").and_then(|metadata| metadata.get("aws:asset:path"));
    if let Some(path) = asset.and_then(Node::as_str) {
        return Some(path.to_owned());
    }
    let location = declared.property("TemplateURL").or_else(|| declared.property("Location"))?;
    let mut last = None;
    texts(location, &mut |text| {
        let file = text.rsplit('/').next().unwrap_or(text);
        if file.contains('.') && !file.contains("${") {
            last = Some(file.split('?').next().unwrap_or(file).to_owned());
        }
    });
    last
}

fn texts(node: &Node, found: &mut impl FnMut(&str)) {
    match &node.value {
        Written::Text(text) => found(text),
        Written::List(items) => items.iter().for_each(|item| texts(item, found)),
        Written::Map(entries) => entries.iter().for_each(|entry| texts(&entry.node, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_several_forms() {
        for text in [
            r#"[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true}]"#,
            r#"{"Parameters": {"A": "1"}}"#,
            r#"{"A": "1"}"#,
            r#"["A=1"]"#,
        ] {
            let made = parameters(text).unwrap();
            assert_eq!(made.len(), 1, "{text}");
            assert_eq!(made["A"], Tree::text("1"));
        }
        assert!(parameters("3").is_err());
        assert!(parameters(r#"[{"Key": "A"}]"#).is_err());
    }

    #[test]
    fn assemblies_name_their_stacks_and_stay_in_their_folder() {
        let manifest = |file: &str| {
            format!(
                r#"{{"version": "36.0.0", "artifacts": {{
                "Web.assets": {{"type": "cdk:asset-manifest"}},
                "Web": {{"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
                    "properties": {{"templateFile": "{file}", "stackName": "web-prod"}}}},
                "Stage": {{"type": "cdk:cloud-assembly", "properties": {{"directoryName": "assembly-Stage"}}}}}}}}"#
            )
        };
        let (stacks, folders) = assembly(&manifest("Web.template.json")).unwrap();
        assert_eq!(folders, ["assembly-Stage"]);
        assert_eq!(stacks[0].name, "web-prod");
        assert_eq!(stacks[0].region.as_ref().unwrap().as_str(), "eu-west-1");
        assert!(assembly(&manifest("../../etc/passwd")).is_err());
    }

    #[test]
    fn templates_are_told_from_other_files() {
        assert!(is_template("Resources:\n  A:\n    Type: AWS::SNS::Topic\n"));
        assert!(is_template(r#"{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}"#));
        assert!(!is_template("apiVersion: v1\nkind: Pod\n"));
    }
}
