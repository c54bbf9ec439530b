//! The types of SAM, written out as those that they stand for.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>.

use super::node::{Entry, Node, Value};

/// What no template says: it is unknown wherever it stands.
const UNKNOWN: &str = "Fn::Portcullis::Unknown";
const TRUST: &str = "lambda.amazonaws.com";

/// Replaces the resources of a template that have types of SAM. What is made along with them has the logical ids that
/// SAM gives; events become permissions only.
pub(super) fn expand(root: &mut Node) {
    let globals = root.get("Globals").cloned().unwrap_or_default();
    let Value::Map(sections) = &mut root.value else { return };
    let Some(section) = sections.iter_mut().find(|entry| entry.key == "Resources") else { return };
    let Value::Map(resources) = &mut section.node.value else { return };
    let mut out: Vec<Entry> = Vec::with_capacity(resources.len());
    for mut entry in std::mem::take(resources) {
        let kind = entry.node.get("Type").and_then(Node::as_str).unwrap_or_default().to_owned();
        if let Some(short) = kind.strip_prefix("AWS::Serverless::") {
            let own =
                entry.node.get("Properties").cloned().unwrap_or_else(|| Node::map(Vec::new()));
            let properties = merged(own, globals.get(short));
            let mut made = Vec::new();
            match short {
                "Function" => function(&mut entry, &properties, &mut made),
                "StateMachine" => state_machine(&mut entry, &properties, &mut made),
                "SimpleTable" => {
                    retype(&mut entry, "AWS::DynamoDB::Table", pick(&properties, &["TableName"]));
                }
                "LayerVersion" => {
                    retype(
                        &mut entry,
                        "AWS::Lambda::LayerVersion",
                        pick(&properties, &["LayerName"]),
                    );
                }
                "Api" => {
                    retype(&mut entry, "AWS::ApiGateway::RestApi", pick(&properties, &["Name"]));
                }
                "HttpApi" => {
                    retype(&mut entry, "AWS::ApiGatewayV2::Api", pick(&properties, &["Name"]));
                }
                _ => {}
            }
            let condition = entry.node.get("Condition").cloned();
            let at = entry.at.clone();
            out.push(entry);
            for (id, kind, properties) in made {
                let mut node =
                    Node::map(vec![("Type", Node::text(kind)), ("Properties", properties)]);
                if let Some(condition) = &condition {
                    node.set("Condition", condition.clone());
                }
                node.at = at.clone();
                out.push(Entry { key: id, at: at.clone(), node });
            }
        } else {
            out.push(entry);
        }
    }
    *resources = out;
}

type Made = Vec<(String, &'static str, Node)>;

/// The properties of a resource, over those that all of its type have.
fn merged(mut own: Node, globals: Option<&Node>) -> Node {
    let Some(globals) = globals else { return own };
    if !matches!(own.value, Value::Map(_)) || own.function().is_some() {
        return own;
    }
    for entry in globals.entries() {
        let joined = match own.get(&entry.key).map(|node| (&node.value, &entry.node.value)) {
            Some((Value::Map(_), Value::Map(_))) => {
                let inner = own.get(&entry.key).cloned().unwrap_or_default();
                merged(inner, Some(&entry.node))
            }
            Some((Value::List(mine), Value::List(all))) => {
                Node::list(all.iter().chain(mine).cloned().collect())
            }
            Some(_) => continue,
            None => entry.node.clone(),
        };
        own.set(&entry.key, joined);
    }
    own
}

fn retype(entry: &mut Entry, kind: &str, properties: Node) {
    entry.node.set("Type", Node::text(kind));
    entry.node.set("Properties", properties);
}

fn pick(properties: &Node, names: &[&str]) -> Node {
    let mut out = Node::map(Vec::new());
    for name in names {
        if let Some(node) = properties.get(name) {
            out.set(name, node.clone());
        }
    }
    out
}

/// SAM writes tags as a map.
fn tags(properties: &Node, out: &mut Node) {
    let Some(tags) = properties.get("Tags") else { return };
    if tags.entries().is_empty() || tags.function().is_some() {
        out.set("Tags", tags.clone());
        return;
    }
    let tag = |entry: &Entry| {
        Node::map(vec![("Key", Node::text(entry.key.clone())), ("Value", entry.node.clone())])
    };
    out.set("Tags", Node::list(tags.entries().iter().map(tag).collect()));
}

fn function(entry: &mut Entry, properties: &Node, made: &mut Made) {
    let id = entry.key.clone();
    let mut own = pick(
        properties,
        &[
            "FunctionName",
            "Runtime",
            "Handler",
            "Role",
            "VpcConfig",
            "Environment",
            "Layers",
            "MemorySize",
            "Timeout",
            "PackageType",
            "KmsKeyArn",
            "Description",
            "Architectures",
            "ReservedConcurrentExecutions",
            "EphemeralStorage",
        ],
    );
    tags(properties, &mut own);
    if properties.get("Role").is_none() {
        let role = format!("{id}Role");
        own.set("Role", Node::attribute(&role, "Arn"));
        made.push((role, "AWS::IAM::Role", function_role(&id, properties)));
    }
    for event in properties.get("Events").map(Node::entries).unwrap_or_default() {
        if let Some(permission) = permission(&id, &event.node) {
            made.push((
                format!("{id}{}Permission", event.key),
                "AWS::Lambda::Permission",
                permission,
            ));
        }
    }
    if let Some(url) = properties.get("FunctionUrlConfig") {
        let mut config = pick(url, &["AuthType", "Cors", "InvokeMode"]);
        config.set("TargetFunctionArn", Node::reference(&id));
        made.push((format!("{id}Url"), "AWS::Lambda::Url", config));
        if url.get("AuthType").and_then(Node::as_str) == Some("NONE") {
            let open = Node::map(vec![
                ("Action", Node::text("lambda:InvokeFunctionUrl")),
                ("FunctionName", Node::reference(&id)),
                ("FunctionUrlAuthType", Node::text("NONE")),
                ("Principal", Node::text("*")),
            ]);
            made.push((format!("{id}UrlPublicPermissions"), "AWS::Lambda::Permission", open));
        }
    }
    retype(entry, "AWS::Lambda::Function", own);
}

/// The role that SAM makes for a function.
fn function_role(id: &str, properties: &Node) -> Node {
    let mut managed = vec![managed_policy("service-role/AWSLambdaBasicExecutionRole")];
    if properties.get("VpcConfig").is_some() {
        managed.push(managed_policy("service-role/AWSLambdaVPCAccessExecutionRole"));
    }
    if properties.get("Tracing").and_then(Node::as_str) == Some("Active") {
        managed.push(managed_policy("AWSXRayDaemonWriteAccess"));
    }
    for event in properties.get("Events").map(Node::entries).unwrap_or_default() {
        let name = match event.node.get("Type").and_then(Node::as_str) {
            Some("SQS") => "service-role/AWSLambdaSQSQueueExecutionRole",
            Some("Kinesis") => "service-role/AWSLambdaKinesisExecutionRole",
            Some("DynamoDB") => "service-role/AWSLambdaDynamoDBExecutionRole",
            _ => continue,
        };
        let policy = managed_policy(name);
        if !managed.contains(&policy) {
            managed.push(policy);
        }
    }
    role(id, TRUST, properties, managed)
}

fn state_machine(entry: &mut Entry, properties: &Node, made: &mut Made) {
    let id = entry.key.clone();
    let mut own = pick(properties, &["Role", "LoggingConfiguration", "TracingConfiguration"]);
    for (name, target) in
        [("Name", "StateMachineName"), ("Type", "StateMachineType"), ("Role", "RoleArn")]
    {
        if let Some(node) = properties.get(name) {
            own.set(target, node.clone());
        }
    }
    tags(properties, &mut own);
    if properties.get("Role").is_none() {
        let role_id = format!("{id}Role");
        own.set("RoleArn", Node::attribute(&role_id, "Arn"));
        made.push((
            role_id,
            "AWS::IAM::Role",
            role(&id, "states.amazonaws.com", properties, Vec::new()),
        ));
    }
    retype(entry, "AWS::StepFunctions::StateMachine", own);
}

/// A role with what the property `Policies` says: names and ARNs of managed policies, documents, and templates of SAM.
fn role(id: &str, service: &str, properties: &Node, mut managed: Vec<Node>) -> Node {
    let mut written = Vec::new();
    let policies = match properties.get("Policies") {
        Some(one) if !one.items().is_empty() => one.items().to_vec(),
        Some(one) if !matches!(one.value, Value::List(_) | Value::Null) => vec![one.clone()],
        _ => Vec::new(),
    };
    for (at, policy) in policies.iter().enumerate() {
        let document = if let Some(name) = policy.as_str() {
            managed.push(if name.contains(':') { policy.clone() } else { managed_policy(name) });
            continue;
        } else if policy.function().is_some() {
            managed.push(policy.clone());
            continue;
        } else if policy.get("Statement").is_some() {
            policy.clone()
        } else {
            let name = policy.entries().first().map(|entry| entry.key.as_str()).unwrap_or_default();
            let why = format!("the policy template {name} of SAM");
            Node::map(vec![("Statement", Node::map(vec![(UNKNOWN, Node::text(why))]))])
        };
        written.push(Node::map(vec![
            ("PolicyName", Node::text(format!("{id}RolePolicy{at}"))),
            ("PolicyDocument", document),
        ]));
    }
    let statement = Node::map(vec![
        ("Effect", Node::text("Allow")),
        ("Action", Node::list(vec![Node::text("sts:AssumeRole")])),
        ("Principal", Node::map(vec![("Service", Node::list(vec![Node::text(service)]))])),
    ]);
    let trust = Node::map(vec![
        ("Version", Node::text("2012-10-17")),
        ("Statement", Node::list(vec![statement])),
    ]);
    let mut role = pick(properties, &["PermissionsBoundary"]);
    if let Some(path) = properties.get("RolePath") {
        role.set("Path", path.clone());
    }
    let own_trust = properties.get("AssumeRolePolicyDocument").cloned();
    role.set("AssumeRolePolicyDocument", own_trust.unwrap_or(trust));
    role.set("ManagedPolicyArns", Node::list(managed));
    role.set("Policies", Node::list(written));
    tags(properties, &mut role);
    role
}

fn managed_policy(name: &str) -> Node {
    let text = format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}");
    Node::map(vec![("Fn::Sub", Node::text(text))])
}

/// Who may call a function by an event; nothing for those that the function fetches itself.
fn permission(id: &str, event: &Node) -> Option<Node> {
    let properties = event.get("Properties");
    let (service, source) = match event.get("Type").and_then(Node::as_str)? {
        "Api" | "HttpApi" => ("apigateway.amazonaws.com", None),
        "S3" => ("s3.amazonaws.com", None),
        "SNS" => ("sns.amazonaws.com", properties.and_then(|all| all.get("Topic")).cloned()),
        "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => ("events.amazonaws.com", None),
        "CloudWatchLogs" => ("logs.amazonaws.com", None),
        "Cognito" => ("cognito-idp.amazonaws.com", None),
        "IoTRule" => ("iot.amazonaws.com", None),
        "AlexaSkill" => ("alexa-appkit.amazon.com", None),
        _ => return None,
    };
    let unknown = || Node::map(vec![(UNKNOWN, Node::text("the source of an event of SAM"))]);
    let mut out = Node::map(vec![
        ("Action", Node::text("lambda:InvokeFunction")),
        ("FunctionName", Node::reference(id)),
        ("Principal", Node::text(service)),
    ]);
    if service != "alexa-appkit.amazon.com" {
        out.set("SourceArn", source.unwrap_or_else(unknown));
    }
    if service == "s3.amazonaws.com" {
        out.set("SourceAccount", Node::reference("AWS::AccountId"));
    }
    Some(out)
}
