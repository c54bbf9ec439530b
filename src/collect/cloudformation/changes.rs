//! What exists of a stack already, and what a change set does with it: the answers of
//! `aws cloudformation describe-change-set` and `describe-stack-resources` (or `list-stack-resources`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::model::change::Action;

/// What is known of a stack that exists.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The ARN of the stack.
    pub(super) stack_id: Option<String>,
    /// The name of the stack.
    pub(super) stack_name: Option<String>,
    /// Whether anything was told; a stack of which nothing is known is taken for a new one.
    pub(super) told: bool,
    /// Whether a change set says which resources change.
    pub(super) has_changes: bool,
    /// The ids of what exists and stays.
    pub(super) physical: BTreeMap<String, String>,
    /// All that exists: type and id.
    pub(super) before: BTreeMap<String, Existing>,
    /// What the change set does.
    pub(super) actions: BTreeMap<String, Action>,
    /// The parameters of the change set.
    pub(super) parameters: BTreeMap<String, String>,
    /// Why the answers do not show the whole change.
    pub(super) incomplete: Vec<String>,
}

/// A resource that exists.
#[derive(Debug, Clone, Default)]
pub(super) struct Existing {
    pub(super) kind: String,
    pub(super) physical: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeSet {
    stack_id: Option<String>,
    stack_name: Option<String>,
    status: Option<String>,
    status_reason: Option<String>,
    next_token: Option<String>,
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "ParameterKey")]
    key: Option<String>,
    #[serde(rename = "ParameterValue")]
    value: Option<String>,
    #[serde(rename = "ResolvedValue")]
    resolved_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    resource_change: Option<ResourceChange>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceChange {
    action: Option<String>,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    resource_type: Option<String>,
    replacement: Option<String>,
    policy_action: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resources {
    #[serde(alias = "StackResourceSummaries")]
    stack_resources: Vec<StackResource>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StackResource {
    stack_id: Option<String>,
    stack_name: Option<String>,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    resource_type: Option<String>,
    resource_status: Option<String>,
}

/// Reads the answers about one stack.
///
/// # Errors
/// When one is neither of them.
pub(super) fn read(answers: &[Value]) -> Result<Known, String> {
    let mut known = Known::default();
    for answer in answers {
        if answer.get("StackResources").or_else(|| answer.get("StackResourceSummaries")).is_some() {
            let all = Resources::deserialize(answer).map_err(|error| error.to_string())?;
            resources(&mut known, all);
        } else if answer.get("Changes").is_some() {
            let all = ChangeSet::deserialize(answer).map_err(|error| error.to_string())?;
            change_set(&mut known, all);
        } else {
            return Err("neither an answer of describe-change-set nor of describe-stack-resources"
                .to_owned());
        }
        known.told = true;
    }
    // What is replaced or goes has no id afterwards.
    for (id, action) in &known.actions {
        if matches!(action, Action::Replace | Action::Delete) {
            known.physical.remove(id);
        }
    }
    Ok(known)
}

fn exists(known: &mut Known, id: &str, kind: Option<String>, physical: Option<String>) {
    let Some(physical) = physical.filter(|text| !text.is_empty()) else { return };
    known.physical.insert(id.to_owned(), physical.clone());
    let have = known.before.entry(id.to_owned()).or_default();
    have.physical = physical;
    have.kind = kind.unwrap_or_else(|| std::mem::take(&mut have.kind));
}

fn resources(known: &mut Known, all: Resources) {
    if all.next_token.is_some() {
        known.incomplete.push("the list of the stack's resources is cut off".to_owned());
    }
    for one in all.stack_resources {
        known.stack_id = known.stack_id.take().or(one.stack_id);
        known.stack_name = known.stack_name.take().or(one.stack_name);
        // What was deleted, or failed to be made, is listed for a while.
        let gone = matches!(
            one.resource_status.as_deref(),
            Some("DELETE_COMPLETE" | "CREATE_FAILED" | "DELETE_SKIPPED")
        );
        if !gone {
            exists(known, &one.logical_resource_id, one.resource_type, one.physical_resource_id);
        }
    }
}

fn change_set(known: &mut Known, all: ChangeSet) {
    known.has_changes = true;
    known.stack_id = known.stack_id.take().or(all.stack_id);
    known.stack_name = known.stack_name.take().or(all.stack_name);
    if all.next_token.is_some() {
        known.incomplete.push("the change set is cut off (`NextToken`)".to_owned());
    }
    match all.status.as_deref() {
        None | Some("CREATE_COMPLETE") => {}
        Some(status) => {
            let reason = all.status_reason.unwrap_or_default();
            known.incomplete.push(
                format!("the change set is in the state {status} {reason}").trim().to_owned(),
            );
        }
    }
    for parameter in all.parameters {
        let value = parameter.resolved_value.or(parameter.value);
        // What is not to be shown comes as asterisks.
        let value = value.filter(|value| value != "****");
        if let (Some(key), Some(value)) = (parameter.key, value) {
            known.parameters.insert(key, value);
        }
    }
    for change in all.changes.into_iter().filter_map(|change| change.resource_change) {
        let replaced = change.replacement.as_deref() == Some("True");
        let action = match change.action.as_deref() {
            Some("Add") => Action::Create,
            Some("Modify" | "SyncWithActual") if replaced => Action::Replace,
            Some("Modify" | "Dynamic" | "SyncWithActual") => Action::Update,
            Some("Import") => Action::NoOp,
            Some("Remove") if change.policy_action.as_deref() == Some("Retain") => Action::Forget,
            Some("Remove") => Action::Delete,
            other => {
                let what = other.unwrap_or("nothing");
                let id = &change.logical_resource_id;
                known
                    .incomplete
                    .push(format!("the change set does something unknown with {id}: {what}"));
                continue;
            }
        };
        if change.replacement.as_deref() == Some("Conditional") && action == Action::Update {
            let id = &change.logical_resource_id;
            known.incomplete.push(format!("the change set does not say whether {id} is replaced"));
        }
        let id = change.logical_resource_id;
        exists(known, &id, change.resource_type, change.physical_resource_id);
        known.actions.insert(id, action);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_set_tells_what_becomes_of_what_exists() {
        let resources = json!({"StackResources": [
            {"StackName": "web", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1",
             "LogicalResourceId": "A", "PhysicalResourceId": "sg-1", "ResourceType": "AWS::EC2::SecurityGroup",
             "ResourceStatus": "CREATE_COMPLETE"},
            {"LogicalResourceId": "B", "PhysicalResourceId": "sg-2", "ResourceType": "AWS::EC2::SecurityGroup"},
            {"LogicalResourceId": "Old", "PhysicalResourceId": "sg-9", "ResourceStatus": "DELETE_COMPLETE"},
        ]});
        let changes = json!({"StackName": "web", "Status": "CREATE_COMPLETE",
            "Parameters": [{"ParameterKey": "P", "ParameterValue": "v"}, {"ParameterKey": "S", "ParameterValue": "****"}],
            "Changes": [
            {"ResourceChange": {"Action": "Modify", "LogicalResourceId": "B", "PhysicalResourceId": "sg-2", "Replacement": "True"}},
            {"ResourceChange": {"Action": "Add", "LogicalResourceId": "C"}},
        ]});
        let known = read(&[resources, changes]).unwrap();
        assert_eq!(known.physical.keys().collect::<Vec<_>>(), ["A"]);
        assert_eq!(known.before.keys().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(known.actions["B"], Action::Replace);
        assert_eq!(known.actions["C"], Action::Create);
        assert_eq!(known.parameters.len(), 1);
        assert!(known.incomplete.is_empty());
        assert!(read(&[json!({"Stacks": []})]).is_err());
    }
}
