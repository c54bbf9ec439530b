//! Answers of services that put interfaces into other people's subnets: RDS, Lambda, EKS.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Spec, Store, Tags};
use crate::model::attr::CauseKind;
use crate::model::lambda::FunctionUrl;

const DATABASE: &str = "aws.rds.db_instance";
const FUNCTION: &str = "aws.lambda.function";
const CLUSTER: &str = "aws.eks.cluster";

const DESCRIBE_CLUSTER: &str = "eks:DescribeCluster";
const URLS: &str = "lambda:ListFunctionUrlConfigs";
const POLICY: &str = "lambda:GetPolicy";

pub(super) const FORMS: &[Form] = &[
    Form::list("DBInstances", "rds:DescribeDBInstances", &DB_INSTANCE).arn("DBInstanceArn"),
    Form::list("Functions", "lambda:ListFunctions", &FUNCTIONS)
        .has(&["FunctionArn"])
        .arn("FunctionArn"),
    Form::later("FunctionUrlConfigs", URLS, function_urls).arn("FunctionArn"),
    // Services share the name: this one prints the text of the policy, and its revision beside it.
    Form::later("Policy", POLICY, function_policy).has(&["/RevisionId"]),
    Form::answer("clusters", "eks:ListClusters", &[CLUSTER], clusters).has(&["="]),
    Form::answer("cluster", DESCRIBE_CLUSTER, &[CLUSTER], cluster)
        .has(&["resourcesVpcConfig"])
        .arn("arn")
        .part("clusters that were asked for by name"),
];

static DB_INSTANCE: Spec = Spec {
    kind: DATABASE,
    id: "DBInstanceIdentifier",
    arn: "DBInstanceArn",
    name: "DBInstanceIdentifier",
    tags: Tags::Apart("rds:ListTagsForResource"),
    from: &[
        ("status", "DBInstanceStatus"),
        ("endpoint_address", "Endpoint.Address"),
        ("endpoint_port", "Endpoint.Port"),
        ("db_subnet_group_name", "DBSubnetGroup.DBSubnetGroupName"),
        ("vpc_id", "DBSubnetGroup.VpcId"),
        ("subnet_ids", "DBSubnetGroup.Subnets[].SubnetIdentifier"),
    ],
    apart: &[],
    fix: active_groups,
};

/// Only groups in effect filter.
fn active_groups(item: &Value, fields: &mut Map<String, Value>) {
    let mut ids: Vec<String> = list(item, "VpcSecurityGroups")
        .iter()
        .filter(|group| text(group, "Status").is_none_or(|status| status == "active"))
        .filter_map(|group| text(group, "VpcSecurityGroupId"))
        .collect();
    ids.sort_unstable();
    fields.insert("vpc_security_group_ids".to_owned(), json!(ids));
}

static FUNCTIONS: Spec = Spec {
    kind: FUNCTION,
    id: "FunctionName",
    arn: "FunctionArn",
    name: "FunctionName",
    tags: Tags::Apart("lambda:ListTags"),
    from: &[
        ("layer_arns", "Layers[].Arn"),
        ("vpc_id", "VpcConfig.VpcId"),
        ("subnet_ids", "VpcConfig.SubnetIds"),
        ("security_group_ids", "VpcConfig.SecurityGroupIds"),
        ("ipv6_allowed_for_dual_stack", "VpcConfig.Ipv6AllowedForDualStack"),
        ("kms_key_arn", "KMSKeyArn"),
    ],
    apart: &[("function_urls", URLS), ("policy_document", POLICY)],
    fix: variable_names,
};

/// Names of environment variables are kept, their values never.
fn variable_names(item: &Value, fields: &mut Map<String, Value>) {
    let field = "environment_variable_names".to_owned();
    let environment = item.get("Environment");
    // A function whose variables may not be decrypted has an error in their place.
    if let Some(code) = environment.and_then(|e| text(e, "Error.ErrorCode")) {
        fields.insert(field, reshape::unknown(CauseKind::Denied, code));
        return;
    }
    let names: Vec<&String> = environment
        .and_then(|e| e.get("Variables"))
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
        .collect();
    fields.insert(field, json!(names));
}

/// The name of a function in the ARN of itself, a version or an alias.
fn function_of(arn: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(5);
    (parts.next() == Some("function")).then(|| parts.next().map(str::to_owned)).flatten()
}

fn function_urls(scene: &mut Scene<'_>, answer: &Value) {
    let items = list(answer, "FunctionUrlConfigs");
    let inside = items.iter().find_map(|item| function_of(&text(item, "FunctionArn")?));
    let Some(id) = inside.or_else(|| scene.about(FUNCTION, answer, &["FunctionName"])) else {
        return;
    };
    let made = match super::cut_off(answer) {
        Some(why) => reshape::unknown(CauseKind::Failed, why),
        None => items
            .iter()
            .map(|item| {
                let plan = reshape::Plan {
                    from: &[("cors_allow_origins", "Cors.AllowOrigins")],
                    skip: &[],
                };
                Value::Object(reshape::fields(FunctionUrl::SHAPE, item, plan))
            })
            .collect(),
    };
    if let Some(draft) = scene.part(FUNCTION, &id) {
        draft.set("function_urls", made);
    }
}

fn function_policy(scene: &mut Scene<'_>, answer: &Value) {
    let Some(policy) = answer.get("Policy") else { return };
    let parsed = reshape::policy(policy);
    let inside = list(&parsed, "statements")
        .iter()
        .flat_map(|statement| list(statement, "resources"))
        .find_map(|resource| function_of(resource.as_str()?));
    let Some(id) = inside.or_else(|| scene.about(FUNCTION, answer, &["FunctionName"])) else {
        return;
    };
    if let Some(draft) = scene.part(FUNCTION, &id) {
        draft.set("policy_document", parsed);
    }
}

/// Functions without a policy are told by an error, which names none of them: the name of the file does.
pub(super) fn complete(store: &mut Store) {
    for (place, file) in std::mem::take(&mut store.without_policy) {
        let mut scene = super::scene(store, &place, &file, None, POLICY);
        if let Some(id) = scene.about(FUNCTION, &Value::Null, &[])
            && let Some(draft) = scene.part(FUNCTION, &id)
        {
            draft.set("policy_document", Value::Null);
        }
    }
}

static CLUSTERS: Spec = Spec {
    kind: CLUSTER,
    id: "name",
    arn: "arn",
    name: "name",
    tags: Tags::Never,
    from: &[
        ("endpoint_public_access", "resourcesVpcConfig.endpointPublicAccess"),
        ("endpoint_private_access", "resourcesVpcConfig.endpointPrivateAccess"),
        ("public_access_cidrs", "resourcesVpcConfig.publicAccessCidrs"),
        ("vpc_id", "resourcesVpcConfig.vpcId"),
        ("subnet_ids", "resourcesVpcConfig.subnetIds"),
        ("security_group_ids", "resourcesVpcConfig.securityGroupIds"),
        ("cluster_security_group_id", "resourcesVpcConfig.clusterSecurityGroupId"),
        ("ip_family", "kubernetesNetworkConfig.ipFamily"),
        ("service_ipv4_cidr", "kubernetesNetworkConfig.serviceIpv4Cidr"),
        ("service_ipv6_cidr", "kubernetesNetworkConfig.serviceIpv6Cidr"),
        ("authentication_mode", "accessConfig.authenticationMode"),
    ],
    apart: &[],
    fix: keys_and_logs,
};

fn keys_and_logs(item: &Value, fields: &mut Map<String, Value>) {
    let key = list(item, "encryptionConfig").iter().find_map(|c| text(c, "provider.keyArn"));
    fields.insert("encryption_key_arn".to_owned(), json!(key));
    let logging = item.get("logging").map(|l| list(l, "clusterLogging")).unwrap_or_default();
    let mut on: Vec<String> = logging
        .iter()
        .filter(|setup| setup.get("enabled") == Some(&Value::Bool(true)))
        .flat_map(|setup| list(setup, "types"))
        .filter_map(|kind| kind.as_str().map(str::to_owned))
        .collect();
    on.sort_unstable();
    on.dedup();
    fields.insert("enabled_log_types".to_owned(), json!(on));
}

fn clusters(scene: &mut Scene<'_>, answer: &Value) {
    for name in list(answer, "clusters").iter().filter_map(Value::as_str) {
        scene.named_only(CLUSTER, name, None, name, DESCRIBE_CLUSTER);
    }
}

fn cluster(scene: &mut Scene<'_>, answer: &Value) {
    let Some(cluster) = answer.get("cluster") else { return };
    let tags = plain_tags(cluster);
    if let Some(draft) = scene.put(&CLUSTERS, cluster) {
        draft.tags = Some(tags);
    }
}

/// Tags as a map, which newer services print.
pub(super) fn plain_tags(item: &Value) -> BTreeMap<String, String> {
    let map = item.get("tags").or_else(|| item.get("Tags")).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}
