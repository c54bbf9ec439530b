//! An inventory written as the Terraform plan that would make it from nothing: every relation between its things is not
//! known yet, and told by the configuration only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// How the attributes of a type are written: the attribute, and where the inventory has it (below `data`, or an absolute
/// path that begins with `/`).
struct Form {
    kind: &'static str,
    provider: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    computed: &'static [&'static str],
}

const fn form(
    kind: &'static str,
    provider: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    computed: &'static [&'static str],
) -> Form {
    Form { kind, provider, attributes, computed }
}

/// The types that a plan can state and whose every attribute that matters is written here.
const FORMS: &[Form] = &[
    form(
        "aws.ec2.vpc",
        "aws_vpc",
        &[
            ("cidr_block", "cidr_block"),
            ("enable_dns_support", "enable_dns_support"),
            ("enable_dns_hostnames", "enable_dns_hostnames"),
            ("instance_tenancy", "instance_tenancy"),
        ],
        &[
            "default_security_group_id",
            "default_network_acl_id",
            "default_route_table_id",
            "main_route_table_id",
            "owner_id",
            "ipv6_cidr_block",
            "dhcp_options_id",
        ],
    ),
    form(
        "aws.ec2.subnet",
        "aws_subnet",
        &[
            ("vpc_id", "vpc_id"),
            ("cidr_block", "cidr_block"),
            ("availability_zone", "availability_zone"),
            ("map_public_ip_on_launch", "map_public_ip_on_launch"),
            ("assign_ipv6_address_on_creation", "assign_ipv6_address_on_creation"),
            ("ipv6_native", "ipv6_native"),
            ("enable_dns64", "enable_dns64"),
        ],
        &["owner_id", "availability_zone_id", "ipv6_cidr_block_association_id"],
    ),
    form(
        "aws.ec2.internet_gateway",
        "aws_internet_gateway",
        &[("vpc_id", "attached_vpc_ids.0")],
        &["owner_id"],
    ),
    form(
        "aws.ec2.address",
        "aws_eip",
        &[("domain", "domain")],
        &[
            "public_ip",
            "allocation_id",
            "association_id",
            "instance",
            "network_interface",
            "private_ip",
            "network_border_group",
            "public_ipv4_pool",
        ],
    ),
    form(
        "aws.ec2.nat_gateway",
        "aws_nat_gateway",
        &[
            ("subnet_id", "subnet_id"),
            ("connectivity_type", "connectivity_type"),
            ("allocation_id", "nat_gateway_addresses.0.allocation_id"),
        ],
        &["network_interface_id", "private_ip", "public_ip", "association_id"],
    ),
    form(
        "aws.ec2.flow_log",
        "aws_flow_log",
        &[
            ("vpc_id", "resource_id"),
            ("traffic_type", "traffic_type"),
            ("log_destination_type", "log_destination_type"),
            ("log_destination", "log_destination"),
            ("max_aggregation_interval", "max_aggregation_interval"),
        ],
        &[],
    ),
    form(
        "aws.ec2.instance",
        "aws_instance",
        &[
            ("ami", "image_id"),
            ("instance_type", "instance_type"),
            ("subnet_id", "subnet_id"),
            ("vpc_security_group_ids", "security_group_ids"),
            ("iam_instance_profile", "iam_instance_profile_arn#name"),
            ("source_dest_check", "source_dest_check"),
            ("ebs_optimized", "ebs_optimized"),
            ("key_name", "key_name"),
            ("associate_public_ip_address", "associate_public_ip_address#asked"),
            ("monitoring", "monitoring#enabled"),
            ("metadata_options", "metadata_options#block"),
            ("disable_api_termination", "disable_api_termination"),
            ("disable_api_stop", "disable_api_stop"),
        ],
        &[
            "primary_network_interface_id",
            "private_ip",
            "public_ip",
            "private_dns",
            "public_dns",
            "instance_state",
            "availability_zone",
            "root_block_device",
            "ebs_block_device",
            "associate_public_ip_address",
        ],
    ),
    form(
        "aws.iam.role",
        "aws_iam_role",
        &[
            ("name", "/id"),
            ("path", "path"),
            ("description", "description"),
            ("assume_role_policy", "assume_role_policy_document#policy"),
            ("max_session_duration", "max_session_duration"),
            ("permissions_boundary", "permissions_boundary_arn"),
        ],
        &["create_date", "unique_id", "inline_policy", "managed_policy_arns"],
    ),
    form(
        "aws.iam.user",
        "aws_iam_user",
        &[("name", "/id"), ("path", "path"), ("permissions_boundary", "permissions_boundary_arn")],
        &["unique_id"],
    ),
    form("aws.iam.group", "aws_iam_group", &[("name", "/id"), ("path", "path")], &["unique_id"]),
    form(
        "aws.iam.policy",
        "aws_iam_policy",
        &[
            ("name", "policy_name"),
            ("path", "path"),
            ("description", "description"),
            ("policy", "document#policy"),
        ],
        &["policy_id", "attachment_count"],
    ),
    form(
        "aws.iam.instance_profile",
        "aws_iam_instance_profile",
        &[("name", "/id"), ("path", "path"), ("role", "role_names.0")],
        &["create_date", "unique_id"],
    ),
    form(
        "aws.iam.oidc_provider",
        "aws_iam_openid_connect_provider",
        &[
            ("url", "url#https"),
            ("client_id_list", "client_ids"),
            ("thumbprint_list", "thumbprints"),
        ],
        &[],
    ),
    form(
        "aws.iam.password_policy",
        "aws_iam_account_password_policy",
        &[
            ("minimum_password_length", "minimum_password_length"),
            ("require_symbols", "require_symbols"),
            ("require_numbers", "require_numbers"),
            ("require_uppercase_characters", "require_uppercase_characters"),
            ("require_lowercase_characters", "require_lowercase_characters"),
            ("allow_users_to_change_password", "allow_users_to_change_password"),
            ("max_password_age", "max_password_age"),
            ("password_reuse_prevention", "password_reuse_prevention"),
        ],
        &["expire_passwords", "hard_expiry"],
    ),
    form(
        "aws.lambda.function",
        "aws_lambda_function",
        &[
            ("function_name", "/id"),
            ("role", "role"),
            ("runtime", "runtime"),
            ("handler", "handler"),
            ("package_type", "package_type"),
            ("architectures", "architectures"),
            ("layers", "layer_arns"),
            ("kms_key_arn", "kms_key_arn"),
            ("environment", "environment_variable_names#variables"),
        ],
        &["last_modified", "version", "qualified_arn"],
    ),
];

/// A plan, and which address states which resource: (type, account, region, id) → address.
pub struct AsPlan {
    pub plan: Value,
    pub addresses: BTreeMap<(String, String, String, String), String>,
}

/// What one address states.
struct Block {
    address: String,
    provider: &'static str,
    name: String,
    place: (String, String),
    values: Map<String, Value>,
    computed: Vec<&'static str>,
}

/// A reference that a value stands for.
fn reference(address: &str, attribute: &str) -> Value {
    json!({ "$ref": [address, attribute] })
}

/// Writes the things of types that plans can state, given as lines of a snapshot.
pub fn as_plan(resources: &[Value]) -> AsPlan {
    let mut writer = Writer::default();
    // What AWS made when the account was opened, and all within: no plan makes it.
    for resource in resources.iter().filter(|r| r["data"]["is_default"] == true) {
        if text(resource, "type") == "aws.ec2.vpc" {
            writer.left_out.insert(text(resource, "id"));
        }
    }
    for address in resources.iter().filter(|r| text(r, "type") == "aws.ec2.address") {
        writer.elastic.insert(text(&address["data"], "instance_id"));
    }
    for (at, resource) in resources.iter().enumerate() {
        writer.name(at, resource);
    }
    for (at, resource) in resources.iter().enumerate() {
        writer.block(at, resource);
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    /// Account, region (or `global`) and id → address and attribute.
    named: BTreeMap<String, (String, String)>,
    addresses: BTreeMap<(String, String, String, String), String>,
    blocks: Vec<Block>,
    left_out: BTreeSet<String>,
    /// The instances with elastic addresses.
    elastic: BTreeSet<String>,
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn at<'v>(resource: &'v Value, path: &str) -> &'v Value {
    if let Some(name) = path.strip_prefix('/') {
        return &resource[name];
    }
    let mut here = &resource["data"];
    for part in path.split('.') {
        here = match part.parse::<usize>() {
            Ok(at) => &here[at],
            Err(_) => &here[part],
        };
    }
    here
}

impl Writer {
    fn name(&mut self, at: usize, resource: &Value) {
        let kind = text(resource, "type");
        let id = text(resource, "id");
        let data = &resource["data"];
        let is_stopped = kind == "aws.ec2.instance" && data["state"] != "running";
        // An address of a balancer is stated by the balancer, which is not written here.
        let is_of_balancer = data["network_interface_owner_id"] == "amazon-elb";
        if data["aws_managed"] == true || is_stopped || is_of_balancer {
            return;
        }
        let within = ["vpc_id", "resource_id"].map(|name| text(data, name));
        let attached = data["attached_vpc_ids"][0].as_str().unwrap_or_default().to_owned();
        if within.iter().chain([&attached]).any(|vpc| self.left_out.contains(vpc)) {
            return;
        }
        let address = |provider: &str| format!("{provider}.r{at:04}");
        let own = match kind.as_str() {
            "aws.ec2.vpc" if data["is_default"] == true => return,
            // AWS wrote these, and no plan makes them.
            "aws.iam.policy" if data["aws_managed"] == true => return,
            // Interfaces that a service makes for itself are in no plan.
            "aws.lambda.function" if !data["vpc_id"].is_null() => return,
            "aws.ec2.security_group" if data["group_name"] == "default" => {
                address("aws_default_security_group")
            }
            "aws.ec2.security_group" => address("aws_security_group"),
            "aws.ec2.network_acl" if data["is_default"] == true => {
                address("aws_default_network_acl")
            }
            "aws.ec2.network_acl" => address("aws_network_acl"),
            "aws.ec2.route_table" if data["main"] == true => address("aws_default_route_table"),
            "aws.ec2.route_table" => address("aws_route_table"),
            other => match FORMS.iter().find(|form| form.kind == other) {
                Some(form) => address(form.provider),
                None => return,
            },
        };
        let key = (kind.clone(), text(resource, "account"), text(resource, "region"), id.clone());
        self.addresses.insert(key, own.clone());
        if kind.starts_with("aws.ec2.") {
            self.named.insert(id, (own, "id".to_owned()));
        } else if let Some(arn) = resource["arn"].as_str() {
            self.named.insert(arn.to_owned(), (own, "arn".to_owned()));
        }
    }

    /// A value with references in place of the ids of things that the plan makes.
    fn linked(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match self.named.get(text) {
                Some((address, attribute)) => reference(address, attribute),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.linked(item)).collect(),
            other => other.clone(),
        }
    }

    fn push(
        &mut self,
        resource: &Value,
        address: String,
        values: Map<String, Value>,
        computed: &[&'static str],
    ) {
        let (provider, name) = address.split_once('.').unwrap();
        let provider: &'static str = Box::leak(provider.to_owned().into_boxed_str());
        let mut computed = computed.to_vec();
        computed.extend(["id", "arn"]);
        let place = (text(resource, "account"), text(resource, "region"));
        let name = name.to_owned();
        self.blocks.push(Block { address, provider, name, place, values, computed });
    }

    fn block(&mut self, at: usize, resource: &Value) {
        let kind = text(resource, "type");
        let key = (
            kind.clone(),
            text(resource, "account"),
            text(resource, "region"),
            text(resource, "id"),
        );
        let Some(address) = self.addresses.get(&key).cloned() else { return };
        let mut values = Map::new();
        if let Some(tags) = resource["tags"].as_object() {
            values.insert("tags".into(), json!(tags));
            values.insert("tags_all".into(), json!(tags));
        }
        match kind.as_str() {
            "aws.ec2.security_group" => self.group(at, resource, address, values),
            "aws.ec2.network_acl" => self.acl(resource, address, values),
            "aws.ec2.route_table" => self.routes(at, resource, address, values),
            _ => {
                let form = FORMS.iter().find(|form| form.kind == kind).unwrap();
                let mut computed = form.computed.to_vec();
                for (attribute, path) in form.attributes {
                    match self.attribute(resource, path) {
                        Value::Null => computed.push(attribute),
                        value => drop(values.insert((*attribute).to_owned(), value)),
                    }
                }
                self.push(resource, address.clone(), values, &computed);
                self.attachments(at, resource, &kind, &address);
            }
        }
    }

    /// Nothing stands for an attribute that a resource leaves to its provider: it is among the computed ones then.
    fn attribute(&self, resource: &Value, path: &str) -> Value {
        let (path, how) = path.split_once('#').unwrap_or((path, ""));
        let value = at(resource, path);
        match how {
            "policy" => json!(policy(value).to_string()),
            "https" => json!(format!("https://{}", value.as_str().unwrap())),
            "variables" => {
                let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                let all: Map<String, Value> = names.map(|n| (n.to_owned(), json!("x"))).collect();
                if all.is_empty() { json!([]) } else { json!([{ "variables": all }]) }
            }
            "block" => json!([value]),
            "enabled" => json!(value == "enabled"),
            // What was asked for shows in what was given, since the inventory does not keep it.
            "asked" => {
                let has = !resource["data"]["public_ip_address"].is_null();
                if has && !self.elastic.contains(&text(resource, "id")) {
                    json!(true)
                } else {
                    json!(false)
                }
            }
            "name" => match value.as_str() {
                Some(arn) => match self.named.get(arn) {
                    Some((address, _)) => reference(address, "name"),
                    None => json!(arn.rsplit('/').next()),
                },
                None => Value::Null,
            },
            _ => self.linked(value),
        }
    }

    /// The addresses of a function, each as a resource of its own.
    fn function_urls(&mut self, at: usize, resource: &Value, address: &str) {
        let urls = resource["data"]["function_urls"].as_array().cloned().unwrap_or_default();
        for (n, url) in urls.iter().enumerate() {
            let mut values = Map::new();
            values.insert("function_name".into(), reference(address, "function_name"));
            values.insert("authorization_type".into(), url["auth_type"].clone());
            values.insert("invoke_mode".into(), url["invoke_mode"].clone());
            let own = format!("aws_lambda_function_url.r{at:04}_{n}");
            self.push(resource, own, values, &["function_url", "function_arn"]);
        }
    }

    /// Policies, memberships and profiles, each as a resource of its own.
    fn attachments(&mut self, at: usize, resource: &Value, kind: &str, address: &str) {
        let who = match kind {
            "aws.lambda.function" => return self.function_urls(at, resource, address),
            "aws.iam.role" => "role",
            "aws.iam.user" => "user",
            "aws.iam.group" => "group",
            "aws.ec2.flow_log" | "aws.ec2.vpc" => return self.more_of_vpc(at, resource, address),
            _ => return,
        };
        let data = resource["data"].clone();
        for (n, attached) in
            data["attached_policy_arns"].as_array().into_iter().flatten().enumerate()
        {
            let mut values = Map::new();
            values.insert(who.into(), reference(address, "name"));
            values.insert("policy_arn".into(), self.linked(attached));
            let own = format!("aws_iam_{who}_policy_attachment.r{at:04}_{n}");
            self.push(resource, own, values, &[]);
        }
        for (n, inline) in data["inline_policies"].as_array().into_iter().flatten().enumerate() {
            let mut values = Map::new();
            values.insert(who.into(), reference(address, "name"));
            values.insert("name".into(), inline["policy_name"].clone());
            values.insert("policy".into(), json!(policy(&inline["document"]).to_string()));
            self.push(resource, format!("aws_iam_{who}_policy.r{at:04}_{n}"), values, &[]);
        }
        if who == "user" && data["group_names"].as_array().is_some_and(|list| !list.is_empty()) {
            let mut values = Map::new();
            values.insert("user".into(), reference(address, "name"));
            values.insert("groups".into(), data["group_names"].clone());
            self.push(resource, format!("aws_iam_user_group_membership.r{at:04}"), values, &[]);
        }
        if who == "user" && data["login_profile_exists"] == true {
            let mut values = Map::new();
            values.insert("user".into(), reference(address, "name"));
            self.push(
                resource,
                format!("aws_iam_user_login_profile.r{at:04}"),
                values,
                &["password"],
            );
        }
    }

    fn more_of_vpc(&mut self, at: usize, resource: &Value, address: &str) {
        let more =
            resource["data"]["cidr_block_associations"].as_array().cloned().unwrap_or_default();
        for (n, one) in more.iter().enumerate().filter(|(_, one)| {
            one["cidr_block"] != resource["data"]["cidr_block"] && one["state"] == "associated"
        }) {
            let mut values = Map::new();
            values.insert("vpc_id".into(), reference(address, "id"));
            values.insert("cidr_block".into(), one["cidr_block"].clone());
            let own = format!("aws_vpc_ipv4_cidr_block_association.r{at:04}_{n}");
            self.push(resource, own, values, &[]);
        }
    }

    /// Groups are written in three spellings, turn by turn.
    fn group(
        &mut self,
        at: usize,
        resource: &Value,
        address: String,
        mut values: Map<String, Value>,
    ) {
        let data = resource["data"].clone();
        values.insert("vpc_id".into(), self.linked(&data["vpc_id"]));
        let is_default = address.starts_with("aws_default");
        if !is_default {
            values.insert("name".into(), data["group_name"].clone());
            values.insert("description".into(), data["description"].clone());
        }
        let spelling = if is_default { 0 } else { at % 3 };
        for direction in ["ingress", "egress"] {
            let rules = data[direction].as_array().cloned().unwrap_or_default();
            if spelling == 0 {
                let blocks: Vec<Value> = rules.iter().map(|rule| self.inline(rule)).collect();
                values.insert(direction.into(), json!(blocks));
                continue;
            }
            for (n, rule) in rules.iter().enumerate() {
                let (own, values) = if spelling == 1 {
                    let mut rule = self.inline(rule);
                    rule["security_group_id"] = reference(&address, "id");
                    rule["type"] = json!(direction);
                    let group = rule["security_groups"][0].clone();
                    rule.as_object_mut().unwrap().remove("security_groups");
                    if !group.is_null() {
                        rule["source_security_group_id"] = group;
                    }
                    (format!("aws_security_group_rule.r{at:04}_{direction}_{n}"), rule)
                } else {
                    let rule = self.separate(rule, &address);
                    let own = format!("aws_vpc_security_group_{direction}_rule.r{at:04}_{n}");
                    (own, rule)
                };
                self.push(
                    resource,
                    own,
                    values.as_object().unwrap().clone(),
                    &["security_group_rule_id"],
                );
            }
        }
        self.push(resource, address, values, &["owner_id"]);
    }

    fn inline(&self, rule: &Value) -> Value {
        let (from, to) = ports(rule);
        let cidr = rule["cidr"].as_str().unwrap_or_default();
        let list = |take: bool| if take && !cidr.is_empty() { json!([cidr]) } else { json!([]) };
        let group = self.linked(&rule["group_id"]);
        json!({
            "protocol": rule["protocol"], "from_port": from, "to_port": to,
            "cidr_blocks": list(!cidr.contains(':')), "ipv6_cidr_blocks": list(cidr.contains(':')),
            "prefix_list_ids": rule["prefix_list_id"].as_str().map_or(json!([]), |id| json!([id])),
            "security_groups": if group.is_null() { json!([]) } else { json!([group]) },
            "self": false, "description": rule["description"],
        })
    }

    fn separate(&self, rule: &Value, address: &str) -> Value {
        let (from, to) = ports(rule);
        let cidr = rule["cidr"].as_str().unwrap_or_default();
        let all = rule["protocol"] == "-1";
        let port = |n: i64| if all { Value::Null } else { json!(n) };
        json!({
            "security_group_id": reference(address, "id"), "ip_protocol": rule["protocol"],
            "from_port": port(from), "to_port": port(to),
            "cidr_ipv4": if cidr.is_empty() || cidr.contains(':') { Value::Null } else { json!(cidr) },
            "cidr_ipv6": if cidr.contains(':') { json!(cidr) } else { Value::Null },
            "prefix_list_id": self.linked(&rule["prefix_list_id"]),
            "referenced_security_group_id": self.linked(&rule["group_id"]),
            "description": rule["description"],
        })
    }

    fn acl(&mut self, resource: &Value, address: String, mut values: Map<String, Value>) {
        let data = resource["data"].clone();
        if address.starts_with("aws_default") {
            let vpc = self.linked(&data["vpc_id"]);
            let vpc = vpc["$ref"][0].as_str().unwrap_or_default().to_owned();
            values
                .insert("default_network_acl_id".into(), reference(&vpc, "default_network_acl_id"));
        } else {
            values.insert("vpc_id".into(), self.linked(&data["vpc_id"]));
        }
        values.insert("subnet_ids".into(), self.linked(&data["associated_subnet_ids"]));
        for (name, egress) in [("ingress", false), ("egress", true)] {
            let entries = data["entries"].as_array().cloned().unwrap_or_default();
            let own = entries.iter().filter(|entry| {
                entry["egress"] == egress && entry["rule_number"].as_i64() < Some(32767)
            });
            let blocks: Vec<Value> = own
                .map(|entry| {
                    let (from, to) = ports(entry);
                    let cidr = entry["cidr"].as_str().unwrap_or_default();
                    json!({
                        "rule_no": entry["rule_number"], "action": entry["rule_action"],
                        "protocol": entry["protocol"],
                        "from_port": if entry["protocol"] == "-1" { 0 } else { from },
                        "to_port": if entry["protocol"] == "-1" { 0 } else { to },
                        "icmp_type": entry["icmp_type"].as_i64().unwrap_or(0),
                        "icmp_code": entry["icmp_code"].as_i64().unwrap_or(0),
                        "cidr_block": if cidr.contains(':') { "" } else { cidr },
                        "ipv6_cidr_block": if cidr.contains(':') { cidr } else { "" },
                    })
                })
                .collect();
            values.insert(name.into(), json!(blocks));
        }
        self.push(resource, address, values, &["owner_id"]);
    }

    fn routes(
        &mut self,
        at: usize,
        resource: &Value,
        address: String,
        mut values: Map<String, Value>,
    ) {
        let data = resource["data"].clone();
        let main = address.starts_with("aws_default");
        if main {
            let vpc = self.linked(&data["vpc_id"]);
            let vpc = vpc["$ref"][0].as_str().unwrap_or_default().to_owned();
            values
                .insert("default_route_table_id".into(), reference(&vpc, "default_route_table_id"));
        } else {
            values.insert("vpc_id".into(), self.linked(&data["vpc_id"]));
        }
        let routes = data["routes"].as_array().cloned().unwrap_or_default();
        let own: Vec<&Value> = routes.iter().filter(|r| r["gateway_id"] != "local").collect();
        let route = |route: &Value| -> Map<String, Value> {
            let mut out = Map::new();
            for (name, from) in [
                ("gateway_id", "gateway_id"),
                ("nat_gateway_id", "nat_gateway_id"),
                ("transit_gateway_id", "transit_gateway_id"),
                ("vpc_peering_connection_id", "vpc_peering_connection_id"),
                ("network_interface_id", "network_interface_id"),
                ("egress_only_gateway_id", "egress_only_internet_gateway_id"),
            ] {
                out.insert(name.into(), self.linked(&route[from]));
            }
            out
        };
        let mut separate = Vec::new();
        if at.is_multiple_of(2) || main {
            let blocks: Vec<Value> = own
                .iter()
                .map(|one| {
                    let mut block = route(one);
                    block.insert("cidr_block".into(), one["destination_cidr_block"].clone());
                    block.insert(
                        "ipv6_cidr_block".into(),
                        one["destination_ipv6_cidr_block"].clone(),
                    );
                    block.insert(
                        "destination_prefix_list_id".into(),
                        one["destination_prefix_list_id"].clone(),
                    );
                    Value::Object(block)
                })
                .collect();
            values.insert("route".into(), json!(blocks));
        } else {
            for one in own {
                let mut block = route(one);
                block.insert("route_table_id".into(), reference(&address, "id"));
                for name in [
                    "destination_cidr_block",
                    "destination_ipv6_cidr_block",
                    "destination_prefix_list_id",
                ] {
                    block.insert(name.into(), one[name].clone());
                }
                separate.push(block);
            }
        }
        for (n, block) in separate.into_iter().enumerate() {
            self.push(resource, format!("aws_route.r{at:04}_{n}"), block, &["state", "origin"]);
        }
        let subnets = data["associated_subnet_ids"].as_array().cloned().unwrap_or_default();
        for (n, subnet) in subnets.iter().enumerate() {
            let mut block = Map::new();
            block.insert("route_table_id".into(), reference(&address, "id"));
            block.insert("subnet_id".into(), self.linked(subnet));
            self.push(resource, format!("aws_route_table_association.r{at:04}_{n}"), block, &[]);
        }
        self.push(resource, address, values, &["owner_id"]);
    }

    fn finish(self) -> AsPlan {
        let (mut changes, mut blocks) = (Vec::new(), Vec::new());
        let mut places = BTreeSet::new();
        for block in &self.blocks {
            let (account, region) = &block.place;
            let key = format!("aws.p{account}-{region}");
            places.insert((key.clone(), account.clone(), region.clone()));
            let (mut after, mut unknown) = (Map::new(), Map::new());
            let mut expressions = Map::new();
            for (name, value) in &block.values {
                let (known, mask, expression) = split(value);
                after.insert(name.clone(), known);
                if mask != json!(false) {
                    unknown.insert(name.clone(), mask);
                }
                expressions.insert(name.clone(), expression);
            }
            for name in block.computed.iter().filter(|name| !after.contains_key(**name)) {
                unknown.insert((*name).to_owned(), json!(true));
            }
            changes.push(json!({
                "address": block.address, "mode": "managed", "type": block.provider, "name": block.name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown,
                           "before_sensitive": false, "after_sensitive": {}},
            }));
            blocks.push(json!({
                "address": block.address, "mode": "managed", "type": block.provider, "name": block.name,
                "provider_config_key": key, "expressions": expressions, "schema_version": 0,
            }));
        }
        let providers: Map<String, Value> = places
            .into_iter()
            .map(|(key, account, region)| {
                let region = if region == "global" { "eu-west-1".to_owned() } else { region };
                let value = json!({"name": "aws", "alias": key.strip_prefix("aws."), "expressions": {
                    "region": {"constant_value": region},
                    "allowed_account_ids": {"constant_value": [account]},
                }});
                (key, value)
            })
            .collect();
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": changes,
            "configuration": {"provider_config": providers, "root_module": {"resources": blocks}},
            "complete": true, "errored": false, "applyable": true,
        });
        AsPlan { plan, addresses: self.addresses }
    }
}

fn ports(rule: &Value) -> (i64, i64) {
    let all = matches!(rule["protocol"].as_str(), Some("-1"));
    match (&rule["ports"]["from"], &rule["ports"]["to"]) {
        _ if all => (0, 0),
        _ if rule["protocol"].as_str().is_some_and(|p| p.starts_with("icmp")) => {
            (rule["icmp_type"].as_i64().unwrap_or(-1), rule["icmp_code"].as_i64().unwrap_or(-1))
        }
        (from, to) => (from.as_i64().unwrap_or(0), to.as_i64().unwrap_or(65535)),
    }
}

/// The known value, the mask of what is not, and the expression.
fn split(value: &Value) -> (Value, Value, Value) {
    if let Some(target) = value.get("$ref") {
        let (address, attribute) = (target[0].as_str().unwrap(), target[1].as_str().unwrap());
        let expression = json!({"references": [format!("{address}.{attribute}"), address]});
        return (Value::Null, json!(true), expression);
    }
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let parts: Vec<_> = items.iter().map(split).collect();
            let known: Vec<_> = parts.iter().map(|part| part.0.clone()).collect();
            let mask: Vec<_> = parts.iter().map(|part| part.1.clone()).collect();
            let is_block = items.iter().all(|item| item.get("$ref").is_none());
            let expression = if is_block {
                json!(parts.iter().map(|part| part.2.clone()).collect::<Vec<_>>())
            } else {
                let all = parts
                    .iter()
                    .flat_map(|part| part.2["references"].as_array().cloned().unwrap_or_default());
                json!({"references": all.collect::<Vec<_>>()})
            };
            (json!(known), json!(mask), expression)
        }
        Value::Object(map) => {
            let (mut known, mut mask, mut expressions) = (Map::new(), Map::new(), Map::new());
            for (name, value) in map {
                let (k, m, e) = split(value);
                known.insert(name.clone(), k);
                if m != json!(false) {
                    mask.insert(name.clone(), m);
                }
                expressions.insert(name.clone(), e);
            }
            (Value::Object(known), Value::Object(mask), Value::Object(expressions))
        }
        other => (other.clone(), json!(false), json!({"constant_value": other})),
    }
}

/// A document of the model as IAM writes it.
fn policy(document: &Value) -> Value {
    let list = |value: &Value| value.as_array().filter(|list| !list.is_empty()).cloned();
    let principals = |value: &Value| -> Option<Value> {
        let all = list(value)?;
        if all.iter().any(|one| one["kind"] == "*") {
            return Some(json!("*"));
        }
        let mut by_kind: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for one in all {
            by_kind.entry(text(&one, "kind")).or_default().push(one["value"].clone());
        }
        Some(json!(by_kind))
    };
    let statements = document["statements"].as_array().cloned().unwrap_or_default();
    let statements: Vec<Value> = statements
        .iter()
        .map(|statement| {
            let mut out = Map::new();
            out.insert("Effect".into(), statement["effect"].clone());
            if let Some(sid) = statement["sid"].as_str() {
                out.insert("Sid".into(), json!(sid));
            }
            for (name, from) in [
                ("Action", "actions"),
                ("NotAction", "not_actions"),
                ("Resource", "resources"),
                ("NotResource", "not_resources"),
            ] {
                if let Some(list) = list(&statement[from]) {
                    out.insert(name.into(), json!(list));
                }
            }
            for (name, from) in [("Principal", "principals"), ("NotPrincipal", "not_principals")] {
                if let Some(value) = principals(&statement[from]) {
                    out.insert(name.into(), value);
                }
            }
            if let Some(conditions) = list(&statement["conditions"]) {
                let mut by_operator: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
                for one in conditions {
                    by_operator
                        .entry(text(&one, "operator"))
                        .or_default()
                        .insert(text(&one, "key"), one["values"].clone());
                }
                out.insert("Condition".into(), json!(by_operator));
            }
            Value::Object(out)
        })
        .collect();
    json!({"Version": document["version"], "Statement": statements})
}
