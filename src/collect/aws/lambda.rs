//! Functions of Lambda, with the doors to them.

use std::sync::Arc;

use aws_sdk_lambda::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{list, list_of, map, must, sorted, text_time, word};
use super::failure::{Class, Failure};
use crate::model::attr::{Attr, CauseKind};
use crate::model::lambda::{Function, FunctionUrl};
use crate::model::policy::PolicyDocument;

pub(super) async fn functions(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.lambda().list_functions().max_items(50);
    pages!(cell, "lambda:ListFunctions", request, set_marker, next_marker, |page| {
        for mut item in page.functions.unwrap_or_default() {
            let Some(name) = item.function_name.clone() else { continue };
            let arn = item.function_arn.take();
            let tags = match &arn {
                Some(arn) => tags(&cell, arn).await,
                None => Attr::default(),
            };
            let meta = cell.meta(name.clone(), arn, Some(&name), tags);
            let mut data = convert(item);
            data.function_urls = urls(&cell, &name).await;
            data.policy_document = policy(&cell, &name).await;
            cell.emit(meta, data).await;
        }
    })
}

async fn tags(cell: &Cell, arn: &str) -> Attr<std::collections::BTreeMap<String, String>> {
    let request = cell.clients.lambda().list_tags().resource(arn);
    match cell.call("lambda:ListTags", request.send()).await {
        Ok(answer) => Attr::Known(map(answer.tags.unwrap_or_default(), |value| value)),
        Err(failure) => failure.unknown(),
    }
}

async fn urls(cell: &Cell, name: &str) -> Attr<Vec<FunctionUrl>> {
    let mut found = Vec::new();
    let request = cell.clients.lambda().list_function_url_configs().function_name(name);
    let request = request.max_items(50);
    let operation =
        pages!(cell, "lambda:ListFunctionUrlConfigs", request, set_marker, next_marker, |page| {
            found.extend(page.function_url_configs.into_iter().map(url));
        });
    match operation {
        Ok(()) => Attr::Known(found),
        Err(failure) => failure.unknown(),
    }
}

fn url(item: sdk::FunctionUrlConfig) -> FunctionUrl {
    FunctionUrl {
        function_url: item.function_url.into(),
        function_arn: item.function_arn.into(),
        auth_type: item.auth_type.as_str().to_owned().into(),
        invoke_mode: word!(item.invoke_mode),
        cors_allow_origins: list(item.cors.and_then(|cors| cors.allow_origins), |origin| origin),
    }
}

/// Most functions have none, which is told by an error.
async fn policy(cell: &Cell, name: &str) -> Attr<Option<PolicyDocument>> {
    let request = cell.clients.lambda().get_policy().function_name(name);
    match cell.call("lambda:GetPolicy", request.send()).await {
        Ok(answer) => match answer.policy {
            Some(text) => PolicyDocument::parse(&text).map(Some),
            None => Attr::Known(None),
        },
        Err(failure) if failure.class == Class::Absent => Attr::Known(None),
        Err(failure) => failure.unknown(),
    }
}

fn convert(item: sdk::FunctionConfiguration) -> Function {
    let network = item.vpc_config.unwrap_or_else(|| sdk::VpcConfigResponse::builder().build());
    let vpc_id = network.vpc_id.filter(|id| !id.is_empty());
    Function {
        function_name: must(item.function_name),
        runtime: word!(item.runtime),
        package_type: word!(item.package_type),
        role: item.role.into(),
        handler: item.handler.filter(|text| !text.is_empty()).into(),
        architectures: list(item.architectures, |one| one.as_str().to_owned()),
        layer_arns: list_of(item.layers, |layer| layer.arn),
        last_modified: text_time(item.last_modified.as_deref()),
        vpc_id: vpc_id.into(),
        subnet_ids: sorted(network.subnet_ids),
        security_group_ids: sorted(network.security_group_ids),
        ipv6_allowed_for_dual_stack: network.ipv6_allowed_for_dual_stack.into(),
        environment_variable_names: variables(item.environment),
        kms_key_arn: item.kms_key_arn.into(),
        ..Function::default()
    }
}

/// Names are kept, values never.
fn variables(environment: Option<sdk::EnvironmentResponse>) -> Attr<Vec<String>> {
    let Some(environment) = environment else { return Attr::Known(Vec::new()) };
    // A function whose variables may not be decrypted has an error in their place.
    if let Some(code) = environment.error.and_then(|error| error.error_code) {
        return Attr::unknown(CauseKind::Denied, code);
    }
    sorted(environment.variables.map(|variables| variables.into_keys().collect()))
}
